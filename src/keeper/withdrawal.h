/* Owns what becomes of a message that its sender takes back: it stays, marked as
 * withdrawn, and where the message that takes it back says something, as
 * replaced by that. */
#ifndef KEEPER_WITHDRAWAL_H
#define KEEPER_WITHDRAWAL_H

#include "base/err.h"
#include "keeper/post.h"

struct withdrawal {
	char
	    by[REQUEST_REF_BYTES]; /* the message that took it back; "": none */
	bool replaces;		   /* and says something instead */
	int64_t wall_ms; /* by its sender's clock, so that both sides say
				       the same */
};

/* Finds the first message of that side that takes back the side's message of that
 * id; none is OK. */
MUST_CHECK int withdrawal_find(struct keeper *keeper, uint32_t line,
    enum side side, const uint8_t id[RECORD_ID_BYTES],
    struct withdrawal *withdrawal);

/* Within a transaction: a message of that side is whole, and `by` its reference.
 * Where it takes another back, that is an event of the other. */
MUST_CHECK int withdrawal_note(struct keeper *keeper,
    const struct post_line *line, enum side side, const struct record *record,
    const char *by);

#endif
