"""Owns a recording: what the tap wrote down, and what was true meanwhile."""

import hashlib
import os

import numpy as np

PAYLOAD_BYTES = 1232
# As struct sighting of tap.c.
SIGHTING = np.dtype([
    ("stamp", "<u8"), ("bytes", "<u2"), ("payload_bytes", "<u2"),
    ("id", "<u2"), ("fragment", "<u2"), ("link", "u1"), ("ttl", "u1"),
    ("tos", "u1"), ("protocol", "u1"), ("port_from", "<u2"),
    ("port_to", "<u2"), ("payload", "u1", (PAYLOAD_BYTES,))])
SIDES = ("a", "b")
KINDS = ("silence", "a-text", "b-text", "a-file", "b-file")
BLOCKS_IN_CYCLE = 8
# A window is so many slots; what is said takes effect some slots after.
WINDOW_SLOTS = 15
LEAD_SLOTS = 10


class Recording:
    """One capture.  Stamps are of the clock that slots are counted by."""

    def __init__(self, name, facts, blocks, seen):
        self.name = name
        self.machine = facts["machine"]
        self.seed = int(facts["seed"])
        self.frame_bytes = int(facts["cadence"][0])
        self.slot_ns = int(round(float(facts["cadence"][1]) * 1e6))
        self.keys = facts["keys"]
        self.unseen = int(facts["unseen"])
        self.missed = facts["missed"]
        self.blocks = blocks
        self.seen = seen
        self.ns = [None, None]
        self.rows = [None, None]
        for side in range(2):
            self.rows[side] = np.flatnonzero(seen["link"] == side)
            self.ns[side] = seen["stamp"][self.rows[side]].astype(np.int64)


class Windows:
    """Stretches of recordings of equal length, none across two blocks."""

    def __init__(self, recordings):
        rows = []
        for r, recording in enumerate(recordings):
            length = WINDOW_SLOTS * recording.slot_ns
            for b, (kind, begin, end) in enumerate(recording.blocks):
                at = begin + LEAD_SLOTS * recording.slot_ns
                while at + length <= end:
                    rows.append((r, b, KINDS.index(kind), at))
                    at += length
        table = np.array(rows, dtype=np.int64)
        self.recording, self.block_of, self.kind, self.begin = table.T
        # Blocks and cycles are numbered through all recordings.
        self.block = self.recording * 1000 + self.block_of
        self.cycle = (self.recording * 1000
                      + self.block_of // BLOCKS_IN_CYCLE)

    def __len__(self):
        return len(self.begin)


def read_facts(path):
    facts = {"keys": {}, "missed": {}}
    with open(path, encoding="ascii") as file:
        for words in (line.split() for line in file):
            if words[0] == "key":
                facts["keys"].setdefault(words[1], bytes.fromhex(words[2]))
            elif words[0] == "missed":
                facts["missed"][words[1]] = int(words[2])
            elif len(words) > 1:
                facts[words[0]] = words[1:] if len(words) > 2 else words[1]
    return facts


def read_recording(folder, name):
    facts = read_facts(os.path.join(folder, name + ".facts"))
    offset = int(facts["offset"])
    blocks = []
    with open(os.path.join(folder, name + ".blocks"), encoding="ascii") as file:
        for kind, begin, end in (line.split() for line in file):
            blocks.append((kind, int(begin) - offset, int(end) - offset))
    seen = np.fromfile(os.path.join(folder, name + ".tap"), dtype=SIGHTING)
    seen["stamp"] = (seen["stamp"].astype(np.int64) - offset).astype(np.uint64)
    return Recording(name, facts, blocks, seen)


def read_folder(folder):
    names = sorted(f[:-len(".facts")] for f in os.listdir(folder)
                   if f.endswith(".facts"))
    return [read_recording(folder, name) for name in names]


def moment_ns(key, slot_ns, slot):
    """As cadence_moment_ns of src/core/cadence.c."""
    digest = hashlib.blake2b(int(slot).to_bytes(8, "little"), digest_size=16,
                             key=key).digest()
    return slot * slot_ns + int.from_bytes(digest[:8], "little") % slot_ns


def late_ns(recording, side):
    """By how much each frame of a side missed its moment; None: no key."""
    key = recording.keys.get(SIDES[side])
    if key is None:
        return None
    slot_ns = recording.slot_ns
    late = np.empty(len(recording.ns[side]), dtype=np.int64)
    for i, at in enumerate(recording.ns[side].tolist()):
        slot = at // slot_ns
        late[i] = at - moment_ns(key, slot_ns, slot)
        # The kernel stamps after the moment, always: else it is a frame of
        # the slot before that came late.
        if late[i] < 0:
            late[i] = at - moment_ns(key, slot_ns, slot - 1)
    return late
