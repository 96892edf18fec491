/* Owns the slot clock of one path: when a frame is made and when it leaves. */
#ifndef WIRE_PACER_H
#define WIRE_PACER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/cadence.h"

/* As guard times are below half a slot, no more can wait. */
enum { PACER_WAITING_MAX = 2 };

/*
 * Its only inputs are cadence, clock and key; it cannot know what frames hold
 * or what arrives.  Frames wait in order; one leaves in each slot, at the
 * slot's moment or, where this process was kept from running, late within the
 * slot.  A slot that went by whole is lost: its frame leaves in the next, and
 * nothing is ever made up for.
 */
struct pacer {
	struct cadence cadence;
	uint8_t key[CADENCE_KEY_BYTES];
	uint64_t slot;	  /* the next one that a frame leaves in */
	uint64_t missed;  /* slots that were passed over */
	unsigned waiting; /* sealed frames */
	uint64_t moment_ns[PACER_WAITING_MAX]; /* of slot and the one after */
};

/* Begins with the slot after now_ns; key is copied. */
void pacer_init(struct pacer *pacer, struct cadence cadence,
    const uint8_t key[CADENCE_KEY_BYTES], uint64_t now_ns);
void pacer_wipe(struct pacer *pacer);

/* Passes over slots that are gone; before the questions below. */
void pacer_skip(struct pacer *pacer, uint64_t now_ns);
/* When a frame is to be made; UINT64_MAX: enough wait. */
uint64_t pacer_next_make_ns(const struct pacer *pacer);
/* When a frame is to leave; UINT64_MAX: none waits. */
uint64_t pacer_next_send_ns(const struct pacer *pacer);

/* A frame was made, or has left (or its moment passed unsent). */
void pacer_on_made(struct pacer *pacer);
void pacer_on_sent(struct pacer *pacer);

/* What is to be done now, of many paths' slots. */
enum deed { DEED_NONE, DEED_MAKE, DEED_SEND };

/*
 * make: whose frame is to be made first; send: whose is to leave first; NULL:
 * nobody's.  DEED_SEND comes early, so that its moment is awaited and nothing
 * else is begun that could last beyond it; a frame's making gives way to that,
 * though not past half of its own guard.
 */
enum deed pacer_choose(const struct pacer *make, const struct pacer *send,
    uint64_t now_ns);
/* When the answer changes, if it is DEED_NONE and nothing is done meanwhile. */
uint64_t pacer_next_deed_ns(const struct pacer *make, const struct pacer *send);
/* From when on the moment of send, whose frame waits, is awaited awake. */
uint64_t pacer_spin_from_ns(const struct pacer *send);

#endif
