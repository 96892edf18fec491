/* Owns the truth about a run: what was said, and what a post makes of it. */
#ifndef SIM_LEDGER_H
#define SIM_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limits.h"
#include "proc/request.h"
#include "sim/post.h"

enum ledger_sizes {
	SAID_FILES_MAX = 3,
	LEDGER_NONE = -1,
	SUBJECT_BYTES_ROOM = SUBJECT_BYTES_MAX + 1,
};

enum said_state {
	SAID_ASKED,    /* on its way into the post */
	SAID_ACCEPTED, /* the post has said so: it may never be lost */
	SAID_UNSURE, /* the post died before it answered: once or not at all */
	/* Cut off before the post knew what to send, or refused for good. */
	SAID_NEVER,
};

/* One message that a person wanted to send. */
struct said {
	unsigned post;
	enum said_state state;
	bool drill;
	uint8_t precedence;
	uint64_t seed; /* of its content */
	size_t subject_bytes;
	size_t text_bytes;
	size_t files;
	uint64_t file_bytes[SAID_FILES_MAX];
	uint8_t id[RECORD_ID_BYTES];
	uint64_t asked_ns;
	char point[REQUEST_REF_BYTES]; /* that it belongs to; "": none */
	bool acked; /* by a person at the other post, which has taken it */
};

struct ledger {
	struct said *said;
	size_t count;
	size_t cap;
};

/* What a post shows of one message. */
struct seen {
	long said; /* number in the ledger, or LEDGER_NONE */
	bool from_us;
	bool whole;	/* nothing is missing */
	bool unchanged; /* all that is there is as it was said */
	uint64_t serial;
	uint64_t n;
	uint8_t precedence;
	uint8_t id[RECORD_ID_BYTES];
	uint64_t told_seq; /* of the event that told of its arrival; 0: none */
	int64_t delivered_ms;
	int64_t acknowledged_ms;
	uint64_t bytes_left; /* ours: not yet held by the peer */
};

/* What a post has told its people, in its own words. */
struct told {
	uint64_t seq;
	char kind[16];
	char what[16];
	char ref[REQUEST_REF_BYTES];
};

/* How closely one looks: at what stands where; at the words and the attachments'
 * hashes too; at their bytes, and at what was told when. */
enum review_depth { REVIEW_PLACES, REVIEW_WORDS, REVIEW_BYTES };

/* All that a post shows, in its order. */
struct review {
	const struct ledger *ledger;
	enum review_depth depth;
	struct seen *seen;
	size_t count;
	size_t cap;
	struct told *told;
	size_t told_count;
	size_t told_cap;
	bool ended;
	bool failed;
};

void ledger_init(struct ledger *ledger);
void ledger_free(struct ledger *ledger);

/* Takes down what is about to be said: its number. */
long ledger_append(struct ledger *ledger, const struct said *said);
struct said *ledger_get(struct ledger *ledger, long number);

/* The subject of a message names it, so that it is known again anywhere. */
void ledger_subject(char subject[SUBJECT_BYTES_ROOM], long number,
    const struct said *said);
/* Which message has that subject: its number, or LEDGER_NONE. */
long ledger_find(const struct ledger *ledger, struct text subject);
uint64_t ledger_file_seed(const struct said *said, size_t file);

/* Reads all that a post (with its keeper running) shows, and compares it with
 * what was said as closely as asked: `unchanged` is true of what one does not look
 * at.  To be freed. */
void review_read(struct review *review, const struct ledger *ledger,
    struct post *post, enum review_depth depth);
void review_free(struct review *review);

/* How often a post has told of that. */
size_t review_count_told(const struct review *review, const char *kind,
    const char *what, const char *ref);
/* A reference to a message without a serial: the first digits of its id. */
void review_ref_of_id(char ref[REQUEST_REF_BYTES],
    const uint8_t id[RECORD_ID_BYTES]);

#endif
