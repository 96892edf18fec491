"""Owns what the judge is tried with: senders that leak nothing, and leaks."""

import numpy as np

from features import Sight
from recording import KINDS


def shuffled_kinds(windows, seed):
    """Within each cycle, blocks swap what is said of them."""
    rng = np.random.default_rng(seed)
    kind = windows.kind.copy()
    for cycle in np.unique(windows.cycle):
        blocks = np.unique(windows.block[windows.cycle == cycle])
        truth = [windows.kind[windows.block == b][0] for b in blocks]
        for block, other in zip(blocks, rng.permutation(truth)):
            kind[windows.block == block] = other
    return kind


def ideal_sight(recording, seed):
    """A sender by the law alone: in each slot, anywhere."""
    rng = np.random.default_rng((seed, recording.seed,
                                 recording.machine == "busy"))
    sight = Sight(recording)
    for side in range(2):
        slot_ns = recording.slot_ns
        first = recording.ns[side][0] // slot_ns
        last = recording.ns[side][-1] // slot_ns
        slots = np.arange(first, last + 1)
        sight.ns[side] = slots * slot_ns + rng.integers(0, slot_ns, len(slots))
        sight.shape[side] = np.tile(sight.shape[side][0], (len(slots), 1))
    return sight


def metronome_sight(recording, late):
    """A sender at fixed intervals, as late as the real one was."""
    sight = Sight(recording)
    for side in range(2):
        slot_ns = recording.slot_ns
        slots = (recording.ns[side] - late[side]) // slot_ns
        sight.ns[side] = slots * slot_ns + slot_ns // 4 + \
            np.minimum(late[side], slot_ns // 2)
        order = np.argsort(sight.ns[side], kind="stable")
        sight.ns[side] = sight.ns[side][order]
        sight.shape[side] = sight.shape[side][order]
    return sight


def talk_blocks(recordings, windows, kind):
    """For each recording, begin and end of the blocks that are called talk."""
    found = [[] for _ in recordings]
    for r, b in sorted(set(zip(windows.recording.tolist(),
                               windows.block_of.tolist()))):
        of_block = (windows.recording == r) & (windows.block_of == b)
        if KINDS[kind[of_block][0]] != "silence":
            found[r].append(recordings[r].blocks[b][1:])
    return found


def rows_in(ns, blocks):
    inside = np.zeros(len(ns), dtype=bool)
    for begin, end in blocks:
        inside |= (ns >= begin) & (ns < end)
    return inside


def delayed(sight, blocks, delay_ns):
    """Both sides send late while somebody talks."""
    for side in range(2):
        ns = sight.ns[side]
        ns = ns + delay_ns * rows_in(ns, blocks)
        order = np.argsort(ns, kind="stable")
        sight.ns[side] = ns[order]
        sight.shape[side] = sight.shape[side][order]
    return sight


def enlarged(sight, blocks, every):
    """While somebody talks, each so-manieth frame of A is 16 bytes longer."""
    rows = np.flatnonzero(rows_in(sight.ns[0], blocks))[::every]
    sight.shape[0][rows, 0] += 16
    return sight


def lean(shares, counts, talk, bit, bias, seed):
    """A bit of A's frames that is set more often while somebody talks."""
    rng = np.random.default_rng(seed)
    shares = shares.copy()
    rows = np.flatnonzero(talk)
    shares[rows, bit] = rng.binomial(counts[rows], 0.5 + bias) / \
        np.maximum(counts[rows], 1)
    return shares
