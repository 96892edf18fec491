/* Owns when frames leave: a function of cadence, clock and its own key. */
#ifndef CORE_CADENCE_H
#define CORE_CADENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { CADENCE_KEY_BYTES = 32, CADENCE_TEXT_BYTES = 32 };

/* What the wire looks like, fixed in the line's terms. */
struct cadence {
	uint16_t frame_bytes;
	uint32_t slot_us;
};

/* Within limits.h: OK, else ERR_LIMIT. */
MUST_CHECK int cadence_check(struct cadence cadence);

/*
 * Reads "trickle", "talk", "desk", "bulk" or BYTES@MILLISECONDS (fractions
 * allowed, "1200@2.5"): OK, ERR_FORMAT, or ERR_LIMIT where it is out of bounds.
 */
MUST_CHECK int cadence_parse(struct cadence *cadence, const char *text);

/* The name where it has one, else BYTES@MILLISECONDS. */
void cadence_format(char text[CADENCE_TEXT_BYTES], struct cadence cadence);

uint64_t cadence_slot_ns(struct cadence cadence);

/* Whole slots in so many seconds. */
uint64_t cadence_slots(struct cadence cadence, uint64_t seconds);

/* The longer of a time in seconds and one in slots: most times of a line are
 * bounds on both.  doc/protocol.md, "Boot" and "Rekey". */
uint64_t cadence_longer_ns(struct cadence cadence, uint64_t seconds,
    uint64_t slots);

/* The slot that now_ns lies in: slots count from the clock's zero. */
uint64_t cadence_slot_at(struct cadence cadence, uint64_t now_ns);

/*
 * The moment of slot's frame, in the clock's nanoseconds: slot * L + U, U
 * uniform in [0, L) and a keyed hash of slot under key, which belongs to one
 * path and is used for nothing else.  doc/protocol.md, "Slot clock".
 */
uint64_t cadence_moment_ns(struct cadence cadence,
    const uint8_t key[CADENCE_KEY_BYTES], uint64_t slot);

/* How long before its moment a frame is filled and sealed. */
uint64_t cadence_guard_ns(struct cadence cadence);

#endif
