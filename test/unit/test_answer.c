#include "desk/answer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
assert_json(json_t *json, const char *want)
{
	char *text = json_dumps(json, JSON_COMPACT);

	assert_string_equal(text, want);
	free(text);
	json_decref(json);
}

static struct text
text_of(const char *text)
{
	return (struct text){ text, strlen(text) };
}

static void
answer_writes_a_message(void **state)
{
	struct message_view view = { .serial = 7,
		.sent_ms = 1000,
		.stored_ms = 2500,
		.precedence = 2,
		.mark = 1,
		.re = "us/3",
		.acknowledged_ms = 3000,
		.more = { .withdrawn_ms = 4000,
		    .replaced_by = "them/9",
		    .translations = 2,
		    .passed = 1,
		    .author = { "head", 4 },
		    .is_emergency = true,
		    .form = 3,
		    .points = 1,
		    .point = { { "us/p1" } } },
		.attachments = 1 };

	(void)state;
	view.id[0] = 0xab;
	view.subject = text_of("s");
	view.text = text_of("\xed\x95\x9c");
	view.attachment[0].name = text_of("a.pdf");
	view.attachment[0].type = text_of("application/pdf");
	view.attachment[0].bytes = 12;
	view.attachment[0].bytes_here = 5;
	assert_json(answer_message("oslo", &view),
	    "{\"line\":\"oslo\",\"from\":\"them\",\"serial\":7,"
	    "\"ref\":\"them/7\",\"id\":\"ab000000000000000000000000000000\","
	    "\"time_sent\":\"1970-01-01T00:00:01.000Z\","
	    "\"time_stored\":\"1970-01-01T00:00:02.500Z\","
	    "\"precedence\":\"immediate\",\"subject\":\"s\","
	    "\"text\":\"\xed\x95\x9c\",\"language\":null,"
	    "\"mark\":\"you only\",\"re\":\"us/3\",\"withdraws\":null,"
	    "\"attachments\":[{\"n\":1,\"name\":\"a.pdf\","
	    "\"type\":\"application/pdf\",\"bytes\":12,\"blake2b\":null,"
	    "\"bytes_here\":5}],\"receipts\":"
	    "{\"delivered\":null,\"read\":null,"
	    "\"acknowledged\":\"1970-01-01T00:00:03.000Z\"},"
	    "\"withdrawn_by\":null,\"drill\":false,\"arriving\":false,"
	    "\"progress\":{\"bytes_held\":0,\"bytes_total\":0},"
	    "\"withdrawn\":\"1970-01-01T00:00:04.000Z\","
	    "\"replaced_by\":\"them/9\",\"translations\":2,\"passed\":1,"
	    "\"author\":\"head\",\"emergency\":true,\"form\":3,"
	    "\"said\":[],\"form_note\":null,\"reading_is_told\":false,"
	    "\"points\":[\"us/p1\"]}");
}

static void
answer_names_the_unnumbered_by_id(void **state)
{
	struct reply reply = { .kind = REPLY_SENT };

	(void)state;
	memset(reply.sent.id, 0x5a, RECORD_ID_BYTES);
	assert_json(answer_sent("oslo", &reply, UINT64_MAX),
	    "{\"line\":\"oslo\",\"serial\":null,\"ref\":\"5a5a5a5a5a5a5a5a\","
	    "\"id\":\"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\",\"bytes\":0,"
	    "\"bytes_ahead\":0,\"arrives_in_ms\":null,\"watch\":\"unknown\","
	    "\"declined_until\":null}");
}

static void
answer_writes_a_line(void **state)
{
	struct line_view view = { .accept = 2,
		.outbox_messages = 2,
		.outbox_bytes = 100,
		.heard_wall_ms = 1000,
		.paths = 2 };
	json_t *line, *path;

	(void)state;
	view.name = text_of("oslo");
	view.report.state = LINE_UP;
	view.report.rtt_us = 12500;
	view.cadence = (struct cadence){ 1200, 2500 };
	view.path[1].tcp = view.path[1].relayed = true;
	view.path[1].endpoint = text_of("relay.example:7412");
	view.path[1].state = PATH_ONE_WAY;
	line = answer_line(&view);
	assert_string_equal(json_string_value(json_object_get(line, "state")),
	    "up");
	assert_true(json_is_null(json_object_get(line, "why")));
	assert_string_equal(json_string_value(json_object_get(line, "watch")),
	    "unknown");
	assert_true(json_real_value(json_object_get(line, "rtt_ms")) == 12.5);
	assert_true(
	    json_number_value(json_object_get(json_object_get(line, "cadence"),
		"slot_ms")) == 2.5);
	assert_int_equal(json_integer_value(
			     json_object_get(json_object_get(line, "outbox"),
				 "messages")),
	    2);
	assert_int_equal(json_array_size(json_object_get(line, "paths")), 2);
	path = json_array_get(json_object_get(line, "paths"), 1);
	assert_string_equal(json_string_value(json_object_get(path, "name")),
	    "tcp");
	assert_string_equal(json_string_value(json_object_get(path, "state")),
	    "one-way");
	assert_string_equal(json_string_value(json_object_get(path, "peer")),
	    "relay.example:7412");
	assert_true(json_is_true(json_object_get(path, "relay")));
	assert_true(json_is_null(json_object_get(path, "listen")));
	json_decref(line);
}

static void
answer_says_whose_move_it_is(void **state)
{
	static const struct {
		enum line_state state;
		enum line_why why;
		enum watch_state watch;
		const char *who; /* NULL: nobody's */
	} rows[] = {
		{ LINE_UP, WHY_NONE, WATCH_ON, NULL },
		{ LINE_UP, WHY_NONE, WATCH_UNKNOWN, NULL },
		{ LINE_BOOTING, WHY_NONE, WATCH_OFF, NULL },
		{ LINE_UP, WHY_NONE, WATCH_OFF, "them" },
		{ LINE_UP, WHY_NONE, WATCH_DECLINED, "them" },
		{ LINE_ONE_WAY, WHY_NONE, WATCH_ON, "either" },
		{ LINE_SILENT, WHY_PATH_OR_POST, WATCH_OFF, "either" },
		{ LINE_SILENT, WHY_GOODBYE, WATCH_ON, "them" },
		{ LINE_SILENT, WHY_SEALED, WATCH_ON, "them" },
		{ LINE_UNCONFIRMED, WHY_NONE, WATCH_UNKNOWN, "us" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct line_view view = { .missing = i,
			.missing_since_ms = i == 0 ? 0 : 1000 };
		json_t *line, *who;

		view.report.state = rows[i].state;
		view.report.why = rows[i].why;
		view.peer.watch = rows[i].watch;
		line = answer_line(&view);
		who = json_object_get(line, "who_acts");
		if (rows[i].who == NULL)
			assert_true(json_is_null(who));
		else
			assert_string_equal(json_string_value(who),
			    rows[i].who);
		assert_int_equal(json_integer_value(
				     json_object_get(json_object_get(line,
							 "missing"),
					 "records")),
		    i);
		json_decref(line);
	}
}

static void
answer_never_writes_what_is_not_utf8(void **state)
{
	struct event_view view = { .seq = 1 };

	(void)state;
	view.say = text_of("\xff");
	view.kind = text_of("line");
	assert_json(answer_event(&view),
	    "{\"seq\":1,\"time\":null,"
	    "\"line\":null,\"kind\":\"line\",\"what\":null,\"ref\":null,"
	    "\"say\":null}");
}

static void
answer_writes_the_ceremony(void **state)
{
	struct reply reply = { .kind = REPLY_CEREMONY };

	(void)state;
	reply.ceremony.file = (struct text){ "\0\1", 2 };
	reply.ceremony.words[0] = text_of("anchor");
	reply.ceremony.words[1] = text_of("velvet");
	reply.ceremony.word_count = 2;
	assert_json(answer_ceremony("oslo", &reply),
	    "{\"line\":\"oslo\","
	    "\"check_words\":[\"anchor\",\"velvet\"],\"file\":\"AAE=\","
	    "\"peer_name\":null,\"cadence\":null,\"accept\":\"text\","
	    "\"listen\":null}");
}

static void
answer_estimates_arrival(void **state)
{
	const struct cadence talk = { 1200, 100000 };
	const struct cadence none = { 0, 0 };

	(void)state;
	/* One frame, half a slot after its slot begins. */
	assert_int_equal(answer_arrives_ms(talk, 0), 150);
	/* About 1116 bytes of it a frame, ten frames a second. */
	assert_in_range(answer_arrives_ms(talk, 100000000), 8900000, 9100000);
	assert_true(answer_arrives_ms(none, 1) == UINT64_MAX);
	assert_true(answer_arrives_ms(talk, UINT64_MAX) == UINT64_MAX);
}

static void
answer_has_a_word_for_every_error(void **state)
{
	(void)state;
	for (int err = ERR_AGAIN; err < OK; err++) {
		assert_string_not_equal(answer_word(err), "failed");
		assert_in_range(answer_status(err), 400, 599);
	}
	assert_int_equal(answer_status(-1000), 500);
	assert_string_equal(answer_word(-1000), "failed");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_writes_a_message),
		cmocka_unit_test(answer_names_the_unnumbered_by_id),
		cmocka_unit_test(answer_writes_a_line),
		cmocka_unit_test(answer_says_whose_move_it_is),
		cmocka_unit_test(answer_never_writes_what_is_not_utf8),
		cmocka_unit_test(answer_writes_the_ceremony),
		cmocka_unit_test(answer_estimates_arrival),
		cmocka_unit_test(answer_has_a_word_for_every_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
