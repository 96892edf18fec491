/* Owns a peer who breaks the rules inside the seal: one who holds a post's real
 * keys, and says what it likes. */
#ifndef SIM_LIAR_H
#define SIM_LIAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"
#include "core/frame.h"
#include "sim/dice.h"

enum lie {
	LIE_COUNTER, /* of a frame: 0, far ahead, once more */
	LIE_NOISE,   /* any byte of the plaintext */
	LIE_LENGTH,  /* of a record: beyond the frame */
	LIE_UNKNOWN, /* types and kinds that nobody knows */
	LIE_ACK,     /* paths, counters and walks that are not there */
	LIE_HS,	     /* parts, attempts and their bytes */
	LIE_STATUS,  /* each of its fields */
	LIE_GOODBYE, /* and yet goes on */
	LIE_BOOT,    /* each field of a boot frame, continuity too */
	LIE_HAVE,    /* more, less, or other than it has */
	LIE_CHUNK,   /* streams, offsets, flags, lengths */
	LIE_RECORD,  /* the bytes of a record on its way */
	LIE_NOTES,   /* short notes, as many as there is room for */
	LIE_FLOOD,   /* many frames a slot */
	LIE_COUNT,
	/* What is said from there on outlasts who says it: it enters the other
	 * post's journals. */
	LIE_LASTING = LIE_HAVE,
};

enum liar_sizes {
	LIAR_KEYS_MAX = 4,
	LIAR_FLOOD_MAX = 12,
};

struct liar {
	struct dice dice;
	bool lasting;	   /* tells those lies, too */
	unsigned permille; /* of frames that lie */
	uint8_t boot_key[FRAME_KEY_BYTES];
	uint8_t key[LIAR_KEYS_MAX][FRAME_KEY_BYTES]; /* the latest is first */
	uint64_t flood_ctr;
	uint64_t told[LIE_COUNT];
};

/* "counter", ... */
const char *lie_name(enum lie lie);

void liar_init(struct liar *liar, uint64_t seed, bool lasting);
/* What its post has learned: a wire's boot key, a session's keys. */
void liar_learn_boot(struct liar *liar, const uint8_t key[FRAME_KEY_BYTES]);
void liar_learn_session(struct liar *liar, const uint8_t key[FRAME_KEY_BYTES]);

/* Says something else in a frame that its post is about to send, sealed well
 * again.  Returns how many frames it wants sent in its place: 1, or, in a flood,
 * more, each to be had by calling it again. */
unsigned liar_twist(struct liar *liar, uint8_t *frame, size_t frame_bytes);

#endif
