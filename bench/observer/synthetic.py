"""Owns recordings that nobody made: what a sender by the law would leave."""

import numpy as np

from recording import KINDS, SIDES, SIGHTING, Recording, moment_ns

SLOT_NS = 20_000_000
FRAME_BYTES = 300
BLOCK_SLOTS = 100
REST_SLOTS = 25
# Behind its moment, as a kernel is: at least, and on average beyond.
LATE_NS = (3_000, 6_000)


def schedule(rng, cycles, begin):
    deeds = ["silence"] * 4 + list(KINDS[1:])
    blocks = []
    for _ in range(cycles):
        for deed in rng.permutation(deeds):
            blocks.append((str(deed), begin, begin + BLOCK_SLOTS * SLOT_NS))
            begin += (BLOCK_SLOTS + REST_SLOTS) * SLOT_NS
    return blocks


def make_recording(seed, cycles, frame_bytes=FRAME_BYTES):
    rng = np.random.default_rng(seed)
    keys = {side: rng.bytes(32) for side in SIDES}
    begin = 1_000_000 * SLOT_NS
    blocks = schedule(rng, cycles, begin)
    slots = range(begin // SLOT_NS, blocks[-1][2] // SLOT_NS + 1)
    seen = np.zeros(2 * len(slots), dtype=SIGHTING)
    for link, side in enumerate(SIDES):
        part = seen[link * len(slots):(link + 1) * len(slots)]
        late = LATE_NS[0] + rng.exponential(LATE_NS[1], len(slots))
        part["stamp"] = [moment_ns(keys[side], SLOT_NS, slot)
                         for slot in slots] + late.astype(np.uint64)
        part["link"] = link
    seen["payload_bytes"] = frame_bytes
    seen["bytes"] = frame_bytes + 28
    seen["ttl"], seen["protocol"], seen["fragment"] = 64, 17, 0x4000
    seen["payload"][:, :frame_bytes] = rng.integers(
        0, 256, (len(seen), frame_bytes), dtype=np.uint8)
    facts = {"machine": "idle", "seed": seed, "unseen": 0, "missed": {},
             "cadence": (frame_bytes, SLOT_NS / 1e6), "keys": keys}
    return Recording(f"synthetic-{seed}", facts, blocks, seen)
