#include "keeper/service.h"

#include "forge.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static struct twin_reply *
say(struct twin_side *side, const char *text)
{
	struct request request = twin_request(side, REQUEST_SERVICE_SAY);

	request.ask.service.text = twin_text(text);
	return twin_ask(side, &request);
}

static size_t
list(struct twin_side *side, uint64_t last)
{
	struct request request = twin_request(side, REQUEST_SERVICE_LIST);

	request.page.limit = TWIN_REPLIES_MAX - 1;
	request.ask.last.last = last;
	twin_ask(side, &request);
	assert_int_equal(side->replies[side->reply_count - 1].reply.kind,
	    REPLY_DONE);
	return side->reply_count - 1;
}

/* The words of every record of this kind, as the store has them. */
static size_t
stored(struct twin_side *side, const char *words)
{
	struct query q = store_query(&side->keeper->store, STMT_RECORD_NEXT);
	uint8_t text[SERVICE_TEXT_BYTES_MAX + 1];
	int64_t rows[64];
	size_t count = 0, found = 0, len;
	const void *data;

	(void)q;
	for (int64_t row = 1; row < 64; row++)
		rows[count++] = row;
	for (size_t i = 0; i < count; i++) {
		q = store_query(&side->keeper->store, STMT_RECORD_TEXT_PART);
		query_bind_int(&q, 1);
		query_bind_int(&q, SERVICE_TEXT_BYTES_MAX);
		query_bind_int(&q, rows[i]);
		if (query_next(&q)) {
			data = query_blob(&q, &len);
			if (len > 0 && len < sizeof(text)) {
				memcpy(text, data, len);
				text[len] = '\0';
				found += strcmp((const char *)text, words) == 0;
			}
		}
		assert_int_equal(query_end(&q), OK);
	}
	return found;
}

static void
look(struct twin *twin)
{
	const struct line_report report = { .state = LINE_UP };

	forge_report(&twin->side[0], report);
	forge_report(&twin->side[1], report);
	twin_run(twin);
}

static void
days_pass(struct twin *twin, int days)
{
	twin->now.wall_ms += days * DAY_MS;
	twin->now.now_ns += (uint64_t)(days * DAY_MS) * CLOCK_NS_PER_MS;
	look(twin);
}

static void
service_goes_both_ways_and_is_no_message(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_int_equal(say(a, "Do you see us?")->reply.kind, REPLY_VIEW);
	twin_run(twin);
	assert_int_equal(say(b, "We do.")->reply.kind, REPLY_VIEW);
	twin_run(twin);
	assert_int_equal(list(a, 0), 2);
	assert_int_equal(a->replies[0].reply.view.service.side, SIDE_US);
	assert_true(a->replies[0].reply.view.service.delivered);
	assert_int_equal(a->replies[1].reply.view.service.side, SIDE_THEM);
	assert_int_equal(a->replies[1].reply.view.service.text.len, 6);
	assert_int_equal(list(b, 0), 2);
	assert_int_equal(list(b, 1), 1);
	assert_int_equal(twin_read(a), 0);
	assert_int_equal(twin_read(b), 0);
	assert_int_equal(twin_send(a, "x", 0)->reply.sent.serial, 1);
	/* Events are kept for long: the words are in none. */
	assert_int_equal(forge_count(b, "service", "heard"), 1);
	for (size_t i = 0; i < b->event_count; i++)
		assert_null(strstr(b->events[i].say, "Do you see us?"));
}

static void
service_is_forgotten_at_both_ends_after_a_week(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	say(a, "gossip");
	twin_run(twin);
	days_pass(twin, SERVICE_DAYS - 1);
	assert_int_equal(list(a, 0) + list(b, 0), 2);
	assert_int_equal(stored(a, "gossip") + stored(b, "gossip"), 2);
	days_pass(twin, 2);
	assert_int_equal(list(a, 0) + list(b, 0), 0);
	assert_int_equal(stored(a, "gossip") + stored(b, "gossip"), 0);
	assert_int_equal(stored(a, "      ") + stored(b, "      "), 2);
	/* The journal goes on. */
	say(a, "news");
	twin_run(twin);
	assert_int_equal(list(b, 0), 1);
	assert_false(twin_has_event(b, "fault", "fault"));
}

static void
service_that_is_not_delivered_is_not_forgotten(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	a->mute = true;
	say(a, "gossip");
	twin_run(twin);
	days_pass(twin, SERVICE_DAYS + 1);
	assert_int_equal(list(a, 0), 1);
	a->mute = false;
	twin_reboot(twin);
	assert_int_equal(list(b, 0), 1);
	assert_int_equal(stored(b, "gossip"), 1);
	days_pass(twin, 1);
	assert_int_equal(list(a, 0), 0);
}

static void
service_keeps_so_much_and_no_more(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	for (int i = 0; i < SERVICE_KEPT_MAX + 5; i++) {
		assert_int_equal(say(a, "x")->reply.kind, REPLY_VIEW);
		forge_wait(twin, SERVICE_EVERY_MS);
	}
	forge_wait(twin, SERVICE_LOOK_MS);
	look(twin);
	for (int i = 0; i < 2; i++) {
		struct twin_side *side = i == 0 ? a : b;

		assert_int_equal(list(side, SERVICE_KEPT_MAX), 63);
		/* The first five are gone. */
		assert_int_equal(stored(side, " "), 5);
	}
}

static void
service_slows_who_types_faster_than_a_person(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	uint64_t end;

	for (int i = 0; i < SERVICE_BURST; i++)
		assert_int_equal(say(a, "x")->reply.kind, REPLY_VIEW);
	end = forge_line(a)->journal.end;
	assert_int_equal(say(a, "x")->reply.err, ERR_AGAIN);
	assert_int_equal(forge_line(a)->journal.end, end);
	forge_wait(twin, SERVICE_EVERY_MS);
	assert_int_equal(say(a, "x")->reply.kind, REPLY_VIEW);
	assert_int_equal(say(a, "x")->reply.err, ERR_AGAIN);
	/* Time that the wall clock makes up is none. */
	twin->now.wall_ms += DAY_MS;
	assert_int_equal(say(a, "x")->reply.err, ERR_AGAIN);
}

static void
service_refuses_what_is_no_small_talk(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	char text[SERVICE_TEXT_BYTES_MAX + 2];
	struct request request = twin_request(a, REQUEST_SERVICE_SAY);

	memset(text, 'x', sizeof(text));
	text[SERVICE_TEXT_BYTES_MAX + 1] = '\0';
	assert_int_equal(say(a, text)->reply.err, ERR_FORMAT);
	assert_int_equal(say(a, "")->reply.err, ERR_FORMAT);
	assert_int_equal(say(a, "\xff")->reply.err, ERR_FORMAT);
	request.ask.service.text = twin_text("x");
	request.line = twin_text("nobody");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	text[SERVICE_TEXT_BYTES_MAX] = '\0';
	assert_int_equal(say(a, text)->reply.kind, REPLY_VIEW);
	assert_int_equal(list(a, 0), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(service_goes_both_ways_and_is_no_message),
		FORGE_CLAIM(service_is_forgotten_at_both_ends_after_a_week),
		FORGE_CLAIM(service_that_is_not_delivered_is_not_forgotten),
		FORGE_CLAIM(service_keeps_so_much_and_no_more),
		FORGE_CLAIM(service_slows_who_types_faster_than_a_person),
		FORGE_CLAIM(service_refuses_what_is_no_small_talk),
	};

	return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}
