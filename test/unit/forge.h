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

/* What wire says of how the peer is heard. */
static inline void
forge_report(struct twin_side *side, struct line_report report)
{
	const struct line_event event = { .kind = LINE_EVENT_REPORT,
		.report = report };

	keeper_on_line_event(side->keeper, side->line, &event, side->twin->now);
}

/* What the peer says of itself. */
static inline void
forge_status(struct twin_side *side, struct status status)
{
	const struct line_event event = { .kind = LINE_EVENT_STATUS,
		.status = status };

	keeper_on_line_event(side->keeper, side->line, &event, side->twin->now);
}

/* Time goes by, and keepers do what is due. */
static inline void
forge_wait(struct twin *twin, uint64_t ms)
{
	const uint64_t until_ns = twin->now.now_ns + ms * CLOCK_NS_PER_MS;

	twin_run_until(twin, until_ns);
	twin->now.wall_ms +=
	    (int64_t)((until_ns - twin->now.now_ns) / CLOCK_NS_PER_MS);
	twin->now.now_ns = until_ns;
}

static inline const struct twin_event *
forge_last(const struct twin_side *side)
{
	assert_true(side->event_count > 0);
	return &side->events[side->event_count - 1];
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
