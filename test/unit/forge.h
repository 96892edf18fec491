/* Owns records as a peer could make them, whatever they say. */
#ifndef TEST_FORGE_H
#define TEST_FORGE_H

#include "keeper/post.h"
#include "twin.h"

static inline struct post_line *
forge_line(struct twin_side *side)
{
	struct post_line *line = post_find_line(side->keeper, side->line);

	assert_non_null(line);
	return line;
}

/* A record of a kind, with an id that follows from seed. */
static inline struct record
forge_record(enum record_kind kind, uint8_t seed)
{
	struct record record = { .kind = kind, .time_ms = 1795000000000 };

	memset(record.id, seed, sizeof(record.id));
	return record;
}

/* What was sent or read last. */
static inline void
forge_about(struct record *record, const uint8_t id[RECORD_ID_BYTES])
{
	record->has_re = true;
	memcpy(record->re, id, RECORD_ID_BYTES);
}

/* Hands the record in as the peer's next one of its class, and lets it sync. */
static inline void
forge_arrive(struct twin_side *to, struct record *record, uint64_t n)
{
	const enum record_class class =
	    record_class(record->kind, record->precedence);
	struct line_event event = { .kind = LINE_EVENT_DATA };
	uint8_t head[RECORD_HEAD_BYTES_MAX];
	struct writer w;

	record->after = forge_line(to)->inbox[class].last;
	buf_write(&w, head, sizeof(head));
	record_encode_head(&w, record);
	assert_true(buf_is_sound(&w));
	event.piece = (struct piece){ .class = class,
		.n = n,
		.data = head,
		.len = w.len,
		.fin = true };
	keeper_on_line_event(to->keeper, to->line, &event, to->twin->now);
	twin_run(to->twin);
}

static inline size_t
forge_count(const struct twin_side *side, const char *kind, const char *what)
{
	size_t count = 0;

	for (size_t i = 0; i < side->event_count; i++)
		count += strcmp(side->events[i].kind, kind) == 0 &&
		    strcmp(side->events[i].what, what) == 0;
	return count;
}

static inline int
forge_setup(void **state)
{
	*state = twin_new_line();
	return 0;
}

static inline int
forge_teardown(void **state)
{
	twin_free(*state);
	return 0;
}

#define FORGE_CLAIM(name) \
	cmocka_unit_test_setup_teardown(name, forge_setup, forge_teardown)

#endif
