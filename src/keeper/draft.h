/* Owns a message between a request for it and the journal: checked, copied, and
 * not promised to anybody yet. */
#ifndef KEEPER_DRAFT_H
#define KEEPER_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keeper/journal.h"
#include "keeper/phrase.h"
#include "keeper/post.h"

struct draft {
	struct keeper *keeper;
	struct post_line *line;
	const struct request *asked; /* until it is checked */
	uint32_t request;	     /* who is to be answered */
	struct journal_entry entry;
	char author[DELEGATE_TITLE_BYTES_MAX + 1]; /* may be appended later */
	struct journal_place place; /* once it is in the journal */
	struct upload *uploads[ATTACHMENTS_MAX];
	/* Normalised copies; freed with the draft. */
	struct phrase text;
	struct phrase subject;
	struct phrase names[ATTACHMENTS_MAX];
	char language[LANGUAGE_BYTES_MAX];
	/* Its attachments' types are still the request's. */
	bool is_bound;
};

/*
 * Checks the request (REQUEST_SEND, of a line that is open) and makes a draft of
 * it.  NULL: refused, and the request is answered.  Where draft->is_bound, the
 * draft is good only as long as the request is.
 */
struct draft *draft_new(struct keeper *keeper, struct post_line *line,
    const struct request *request);
/* Wipes and frees; NULL is fine.  Its uploads stay where they are. */
void draft_free(struct draft *draft);

/* Puts it into the journal and the diary, within a transaction of record.db. */
MUST_CHECK int draft_append(struct draft *draft);
/* It is durably there: its uploads belong to the message. */
void draft_release(struct draft *draft);

#endif
