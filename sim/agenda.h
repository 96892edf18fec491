/* Owns the truth about points: what people raised, where they said they stand, and
 * what of it a post shows. */
#ifndef SIM_AGENDA_H
#define SIM_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/record.h"
#include "sim/ledger.h"
#include "sim/post.h"

enum agenda_sizes {
	MOVE_NONE = -1,
	MOVE_TEXT_BYTES_MAX = 1500,
	/* A number before the words, so that it is known again anywhere. */
	MOVE_WORDS_BYTES = MOVE_TEXT_BYTES_MAX + 32,
};

/* One thing that a person did. */
struct move {
	unsigned post;
	enum said_state state;
	enum record_kind kind; /* point, standing, public or reading */
	uint8_t id[RECORD_ID_BYTES];
	uint8_t about[RECORD_ID_BYTES]; /* point or entry; zeros: none */
	enum standing standing;
	int64_t deadline_ms;
	uint64_t seed;
	size_t text_bytes;
};

struct agenda {
	struct move *move;
	size_t count;
	size_t cap;
};

/* One step of a point's history, or a reading, as a post shows it. */
struct step_seen {
	bool ours;
	long move;
	enum standing standing;
	int64_t deadline_ms;
	uint8_t about[RECORD_ID_BYTES];
};

/* A point, or an entry of what was said in public. */
struct matter_seen {
	bool is_public;
	bool ours; /* this side raised or entered it */
	uint64_t cursor;
	uint8_t id[RECORD_ID_BYTES];
	char ref[REQUEST_REF_BYTES];
	long move;
	bool delivered;
	/* Of each side, 0 the post's own: where it stands, or its reading. */
	enum standing standing[PLAN_POSTS];
	int64_t deadline_ms[PLAN_POSTS];
	long said[PLAN_POSTS]; /* the move that says so */
	/* Of an entry: the point's reference; of a point: messages. */
	char point[REQUEST_REF_BYTES];
	uint64_t messages;
	uint64_t message_sum; /* of their references, whatever their order */
};

/* All that a post shows of points. */
struct agenda_seen {
	struct matter_seen *matter;
	size_t count;
	size_t cap;
	struct step_seen *step;
	size_t steps;
	size_t steps_cap;
	bool ended;
	bool failed;
	size_t at; /* the matter that is read */
};

void agenda_free(struct agenda *agenda);
long agenda_append(struct agenda *agenda, const struct move *move);

/* The words of a move, which begin with its number; their length. */
size_t agenda_words(char words[MOVE_WORDS_BYTES], long number,
    const struct move *move);
/* Which move has those words, unchanged: its number, or MOVE_NONE. */
long agenda_find(const struct agenda *agenda, struct text words);

/* Reads all that a post (with its keeper running) shows.  To be freed. */
void agenda_read(struct agenda_seen *seen, const struct agenda *agenda,
    struct post *post);
void agenda_seen_free(struct agenda_seen *seen);

/* What the one post shows and the other does not, or otherwise, in words; NULL:
 * they show the same, each from its side. */
const char *agenda_find_difference(struct agenda_seen *a,
    struct agenda_seen *b);
/* What the post shows as its own that its people did not do, or not so; or have
 * done, and it does not show.  forgetful: it may have lost what they did. */
const char *agenda_find_forgery(const struct agenda *agenda, unsigned post,
    const struct agenda_seen *seen, bool forgetful);
/* Bytes of its own that its peer does not hold yet, and how many moves. */
uint64_t agenda_bytes_left(const struct agenda *agenda,
    const struct agenda_seen *seen, size_t *count);

#endif
