"""Owns what a classifier is shown of a window."""

import numpy as np

from recording import WINDOW_SLOTS, PAYLOAD_BYTES

RAW_LENGTH = WINDOW_SLOTS - 3
QUANTILES = (0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1)
# Periods at which machines do things, in nanoseconds.
PERIODS = (1_000, 10_000, 50_000, 100_000, 1_000_000, 4_000_000)
NEAR_NS = (50_000, 200_000, 500_000, 2_000_000)


class Sight:
    """What passed, by side: when, and all that a datagram shows beside."""

    def __init__(self, recording):
        self.slot_ns = recording.slot_ns
        self.ns = [ns.copy() for ns in recording.ns]
        seen = recording.seen
        self.shape = []
        for rows in recording.rows:
            part = seen[rows]
            self.shape.append(np.stack([
                part[name].astype(np.float64)
                for name in ("bytes", "ttl", "tos", "id", "fragment",
                             "protocol", "port_from", "port_to")], axis=1))

    def within(self, side, begin, end):
        low, high = np.searchsorted(self.ns[side], (begin, end))
        return slice(low, high)


def spread(values):
    """Where numbers lie; zeros where there are none."""
    if len(values) == 0:
        return [0.0] * (len(QUANTILES) + 2)
    return [*np.quantile(values, QUANTILES), values.mean(), values.std()]


def interval_features(at, slot_ns):
    gaps = np.diff(at) / slot_ns
    features = spread(gaps)
    if len(gaps) > 2 and gaps.std() > 0:
        centred = gaps - gaps.mean()
        features += [(centred ** 3).mean() / gaps.std() ** 3,
                     (centred[1:] * centred[:-1]).mean() / gaps.var()]
    else:
        features += [0.0, 0.0]
    return features + [float((gaps < share).sum()) for share in
                       (0.001, 0.01, 0.1)]


def phase_features(at, slot_ns):
    phase = (at % slot_ns) / slot_ns
    in_slot = np.bincount(at // slot_ns - at[0] // slot_ns) if len(at) else \
        np.zeros(1)
    features = spread(phase)
    features += list(np.histogram(phase, 8, (0, 1))[0])
    features += [float((phase < share).sum()) for share in (0.005, 0.02, 0.05)]
    features += [float((in_slot == 0).sum()), float((in_slot > 1).sum())]
    for period in PERIODS:
        turn = (at % period) * (2 * np.pi / period)
        features += [np.cos(turn).mean(), np.sin(turn).mean()] \
            if len(at) else [0.0, 0.0]
    return features


def answer_features(at, other):
    """How soon after a frame of the other side one of this side leaves."""
    if len(at) == 0 or len(other) == 0:
        return [0.0] * (len(NEAR_NS) + 2)
    before = np.searchsorted(other, at) - 1
    known = before >= 0
    gaps = at[known] - other[before[known]]
    if len(gaps) == 0:
        return [0.0] * (len(NEAR_NS) + 2)
    return [float((gaps < near).sum()) for near in NEAR_NS] + \
        [gaps.min() / 1e6, gaps.mean() / 1e6]


def window_features(sight, begin, end):
    parts = [sight.within(side, begin, end) for side in range(2)]
    features = []
    for side in range(2):
        at = sight.ns[side][parts[side]]
        shape = sight.shape[side][parts[side]]
        features.append(float(len(at)))
        features += interval_features(at, sight.slot_ns)
        features += phase_features(at, sight.slot_ns)
        features += answer_features(at, sight.ns[1 - side][parts[1 - side]])
        if len(at):
            features += [*shape.min(axis=0), *shape.max(axis=0),
                         shape[:, 0].sum()]
        else:
            features += [0.0] * (2 * sight.shape[side].shape[1] + 1)
    return features


def raw_sequence(sight, begin, end):
    """The intervals themselves, in order, on a logarithmic scale."""
    row = []
    for side in range(2):
        at = sight.ns[side][sight.within(side, begin, end)]
        gaps = np.log(np.maximum(np.diff(at), 1) / sight.slot_ns)
        gaps = gaps[:RAW_LENGTH]
        row += [*gaps, *[0.0] * (RAW_LENGTH - len(gaps))]
    return row


def each_window(sights, windows, extract):
    length = WINDOW_SLOTS * sights[0].slot_ns
    return np.array([extract(sights[r], begin, begin + length)
                     for r, begin in zip(windows.recording, windows.begin)])


def bit_shares(recordings, sights, windows):
    """For each bit of a payload, in how many of a window's frames it is set."""
    length = WINDOW_SLOTS * recordings[0].slot_ns
    size = min(recordings[0].frame_bytes, PAYLOAD_BYTES)
    table = np.zeros((len(windows), 2 * 8 * size), dtype=np.float32)
    for w, (r, begin) in enumerate(zip(windows.recording, windows.begin)):
        for side in range(2):
            rows = recordings[r].rows[side][
                sights[r].within(side, begin, begin + length)]
            if len(rows) == 0:
                continue
            bits = np.unpackbits(
                recordings[r].seen["payload"][rows, :size], axis=1)
            table[w, side * 8 * size:(side + 1) * 8 * size] = bits.mean(axis=0)
    return table


def late_features(late, sights, windows):
    """What a thief of the slot key sees: by how much moments were missed."""
    length = WINDOW_SLOTS * sights[0].slot_ns
    table = []
    for r, begin in zip(windows.recording, windows.begin):
        row = []
        for side in range(2):
            part = late[r][side][
                sights[r].within(side, begin, begin + length)] / 1e3
            row += spread(part) + spread(np.log(np.maximum(part, 0.1)))
        table.append(row)
    return np.array(table)
