#include "keeper/diary.h"

#include "forge.h"

static void
note(struct twin_side *side, const char *say)
{
	diary_note(side->keeper,
	    (struct diary_entry){ NULL, "test", "us/1", "word" }, "%s", say);
}

/* Asks for events; all replies but the last are events. */
static size_t
list(struct twin_side *side, uint64_t after, uint32_t limit)
{
	struct request request = twin_request(side, REQUEST_EVENTS);

	request.events.after = after;
	request.events.limit = limit;
	twin_ask(side, &request);
	assert_true(side->reply_count > 0);
	assert_int_equal(side->replies[side->reply_count - 1].reply.kind,
	    REPLY_DONE);
	assert_false(side->replies[side->reply_count - 1].reply.more);
	for (size_t i = 0; i + 1 < side->reply_count; i++) {
		assert_int_equal(side->replies[i].reply.kind, REPLY_EVENT);
		assert_true(side->replies[i].reply.more);
	}
	return side->reply_count - 1;
}

static uint64_t
seq_of(const struct twin_side *side, size_t i)
{
	return side->replies[i].reply.event.seq;
}

static void
diary_tells_each_event_once_in_order(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const size_t before = a->event_count;

	note(a, "first");
	note(a, "second");
	assert_int_equal(a->event_count, before + 2);
	assert_string_equal(a->events[before].say, "first");
	assert_string_equal(a->events[before].kind, "test");
	assert_string_equal(a->events[before].what, "word");
	assert_string_equal(a->events[before].ref, "us/1");
	assert_string_equal(a->events[before + 1].say, "second");
	diary_tell(a->keeper);
	assert_int_equal(a->event_count, before + 2);
}

static void
diary_lists_what_comes_after(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	uint64_t last;

	for (int i = 0; i < 10; i++)
		note(a, "one of ten");
	last = a->keeper->event_seq;
	assert_int_equal(list(a, last - 10, 0), 10);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(seq_of(a, i), last - 9 + i);
	assert_int_equal(list(a, last - 10, 3), 3);
	assert_int_equal(seq_of(a, 0), last - 9);
	assert_int_equal(list(a, last - 1, UINT32_MAX), 1);
	assert_int_equal(list(a, last, 0), 0);
	assert_int_equal(list(a, last + 1, 5), 0);
	assert_int_equal(list(a, UINT64_MAX, 5), 0);
	assert_int_equal(list(a, INT64_MAX, 5), 0);
}

static void
diary_goes_on_counting_after_a_restart(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	uint64_t last;
	size_t told;

	note(a, "before");
	last = a->keeper->event_seq;
	told = a->event_count;
	twin_restart(a);
	/* What was told is not told again. */
	assert_int_equal(a->event_count, told);
	note(a, "after");
	assert_int_equal(a->keeper->event_seq, last + 1);
	assert_int_equal(list(a, last - 1, 0), 2);
}

static int
add_and_refuse(void *ctx)
{
	struct twin_side *side = ctx;
	int rc;

	rc = diary_add(side->keeper, (struct diary_entry){ .kind = "test" },
	    "never");
	return rc == OK ? ERR_STATE : rc;
}

static void
diary_says_nothing_of_what_was_rolled_back(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const size_t before = a->event_count;
	const uint64_t last = a->keeper->event_seq;

	assert_int_equal(post_commit(a->keeper, forge_line(a), add_and_refuse,
			     a),
	    ERR_STATE);
	assert_int_equal(a->event_count, before);
	note(a, "after all");
	assert_int_equal(a->event_count, before + 1);
	assert_string_equal(a->events[before].say, "after all");
	assert_int_equal(list(a, last, 0), 1);
}

static void
diary_cuts_what_is_too_long(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	char say[3 * POST_SAY_BYTES];

	memset(say, 'x', sizeof(say) - 1);
	say[sizeof(say) - 1] = '\0';
	note(a, say);
	assert_int_equal(strlen(a->events[a->event_count - 1].say),
	    POST_SAY_BYTES - 1);
}

static void
diary_does_without_what_is_absent(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	diary_note(a->keeper, (struct diary_entry){ .kind = "post" }, "only");
	assert_int_equal(list(a, a->keeper->event_seq - 1, 0), 1);
	assert_null(a->replies[0].reply.event.line.data);
	assert_null(a->replies[0].reply.event.ref.data);
	assert_null(a->replies[0].reply.event.what.data);
}

static void
diary_loses_an_event_rather_than_the_post(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const size_t before = a->event_count;

	a->keeper->store.failed = true;
	note(a, "lost");
	assert_int_equal(a->event_count, before);
	a->keeper->store.failed = false;
	note(a, "kept");
	assert_int_equal(a->event_count, before + 1);
}

struct many {
	struct keeper *keeper;
	size_t count;
};

static int
add_many(void *ctx)
{
	const struct many *many = ctx;
	int rc = OK;

	for (size_t i = 0; rc == OK && i < many->count; i++)
		rc = diary_add(many->keeper,
		    (struct diary_entry){ .kind = "test" }, "one of many");
	return rc;
}

static void
diary_keeps_only_so_many(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct many many = { a->keeper, EVENTS_MAX + 512 };
	struct query q;

	assert_int_equal(store_transact(&a->keeper->store, STORE_RECORD,
			     add_many, &many),
	    OK);
	diary_tell(a->keeper);
	assert_true(a->keeper->event_seq > EVENTS_MAX);
	q = store_query(&a->keeper->store, STMT_EVENT_LIST);
	query_bind_int(&q, 0);
	query_bind_int(&q, 1);
	assert_true(query_next(&q));
	assert_true(query_int(&q) > 256);
	assert_int_equal(query_end(&q), OK);
	assert_int_equal(list(a, a->keeper->event_seq - 5, 0), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(diary_tells_each_event_once_in_order),
		FORGE_CLAIM(diary_lists_what_comes_after),
		FORGE_CLAIM(diary_goes_on_counting_after_a_restart),
		FORGE_CLAIM(diary_says_nothing_of_what_was_rolled_back),
		FORGE_CLAIM(diary_cuts_what_is_too_long),
		FORGE_CLAIM(diary_does_without_what_is_absent),
		FORGE_CLAIM(diary_loses_an_event_rather_than_the_post),
		FORGE_CLAIM(diary_keeps_only_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
