/* Owns pacts: what is proposed to the other side of a line, and binds it only while
 * both agree. */
#ifndef KEEPER_PACT_H
#define KEEPER_PACT_H

#include "base/err.h"
#include "core/record.h"
#include "keeper/arrival.h"
#include "keeper/post.h"
#include "keeper/waiting.h"
#include "proc/say_form.h"

/*
 * A side proposes with a record (RECORD_PACT), and either says of it what it
 * thinks (RECORD_CONSENT).  What has become of a pact depends on the set of those
 * alone, not on when which side heard of which: whatever crossed, both come to
 * the same.  A "no" of either side outlasts every "yes": nobody is held to what
 * was taken back before the other had agreed.
 */

/* What a side has said of a pact: a bit for each verdict. */
#define PACT_SAID(verdict) (1u << (verdict))

/* What has become of it, by all that its proposer and the other side said. */
enum pact_state pact_judge(unsigned proposer, unsigned other);

struct pact {
	int64_t row; /* of its record; 0: none */
	enum side side;
	uint8_t id[RECORD_ID_BYTES];
	enum pact_kind kind;
	uint32_t number;    /* of a form */
	uint32_t discloses; /* a bit for each enum disclosed */
	enum pact_state state;
	int64_t time_ms; /* by the clock of who said it; 0: nobody did */
	int64_t answered_ms;
	int64_t ended_ms;
};

/*
 * Within a transaction of record.db: what follows from a record of either side,
 * which stands in its journal as `row`.  One that is no pact, or is about none, is
 * kept and told, and nothing follows from it.
 */
MUST_CHECK int pact_apply(struct keeper *keeper, struct post_line *line,
    enum side side, const struct record *record, struct record_text text,
    int64_t row);
/* The same of one that arrived. */
MUST_CHECK int pact_take(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival);

/* Within a transaction: says it for this side, as a record. */
MUST_CHECK int pact_propose(struct keeper *keeper, struct post_line *line,
    struct record *record, struct record_text text);
MUST_CHECK int pact_consent(struct keeper *keeper, struct post_line *line,
    const struct pact *pact, enum pact_verdict verdict);

/* Reads what the store has; ERR_NOT_FOUND: none. */
MUST_CHECK int pact_find_form(struct keeper *keeper, uint32_t line,
    uint32_t number, struct pact *pact);
/* The first form of a number after that one. */
MUST_CHECK int pact_next_form(struct keeper *keeper, uint32_t line,
    uint32_t number, struct pact *pact);
/* The first one after that row, of a kind and in a state. */
MUST_CHECK int pact_next(struct keeper *keeper, uint32_t line,
    enum pact_kind kind, enum pact_state state, int64_t row, struct pact *pact);
/* The number that the next form of this side has; 0: there are no more. */
MUST_CHECK int pact_next_number(struct keeper *keeper,
    const struct post_line *line, uint32_t *number);

/* What the line discloses, by its pacts; called at load too. */
MUST_CHECK int pact_load(struct keeper *keeper, struct post_line *line);

/* Proposals of theirs that wait for an answer (keeper/waiting.h). */
MUST_CHECK int pact_waiting(struct keeper *keeper, struct waiting_list *list);

#endif
