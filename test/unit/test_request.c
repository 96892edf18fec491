/* What desk and keeper say to each other, as bytes. */
#include "proc/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "proc/field.h"

static uint8_t bytes[REQUEST_BYTES_MAX];

static struct text
text(const char *string)
{
	return (struct text){ string, strlen(string) };
}

/* A request that has every field. */
static struct request
full_request(enum request_kind kind)
{
	struct request request = { .kind = kind, .id = 77, .upload = 5 };

	request.line = text("bravo");
	request.ref = text("them/7");
	request.data = text("data");
	request.ceremony.cadence = (struct cadence){ 1200, 100000 };
	request.ceremony.accept = 2;
	request.way.listen = text("[::]:7411");
	request.way.endpoint = text("a.example:7411");
	request.way.path = 3;
	request.way.tcp = true;
	request.way.proxy = text("127.0.0.1:9050");
	request.way.ticket = text("quietline-ticket:a:1:AA");
	request.cadence = (struct cadence){ 256, 1000000 };
	request.roams = true;
	request.ceremony.file = text("file");
	request.ceremony.look = true;
	request.ceremony.by_hand = true;
	for (size_t i = 0; i < REQUEST_WORDS; i++)
		request.ceremony.words[i] = text("word");
	memset(request.send.id, 9, sizeof(request.send.id));
	request.send.subject = text("subject");
	request.send.text = text("text");
	request.send.language = text("ko");
	request.send.precedence = 3;
	request.send.mark = 4;
	request.send.re = text("us/1");
	request.send.withdraws = text("us/2");
	request.send.attachments = ATTACHMENTS_MAX;
	for (size_t i = 0; i < ATTACHMENTS_MAX; i++)
		request.send.attachment[i] =
		    (struct upload_use){ i, text("name"), text("type") };
	request.read.since_ref = text("us/3");
	request.read.since_ms = INT64_MIN;
	request.read.limit = 50;
	request.read.oldest = true;
	request.get.n = 2;
	request.get.offset = UINT64_MAX;
	request.events.after = 8;
	request.events.limit = 9;
	request.watch.state = WATCH_DECLINED;
	request.days = CALENDAR_DAYS_MAX;
	request.watch.until_ms = WATCH_UNTIL_MS_MAX;
	request.asker.has_token = true;
	memset(request.asker.token, 7, sizeof(request.asker.token));
	request.draft = DRAFT_NEW;
	request.emergency = true;
	request.name = text("name");
	request.n = UINT64_MAX;
	request.page.after = INT64_MAX;
	request.page.limit = 1;
	return request;
}

static size_t
encode_request(const struct request *request)
{
	struct writer w;

	buf_write(&w, bytes, sizeof(bytes));
	request_encode(&w, request);
	assert_true(buf_is_sound(&w));
	return w.len;
}

static void
assert_text(struct text found, const char *expected)
{
	assert_int_equal(found.len, strlen(expected));
	assert_memory_equal(found.data, expected, found.len);
}

static void
request_of_each_kind_comes_back(void **state)
{
	struct request request, back;
	size_t len;

	(void)state;
	for (int kind = 0; kind < REQUEST_COUNT; kind++) {
		request = full_request((enum request_kind)kind);
		len = encode_request(&request);
		assert_int_equal(request_decode(&back, bytes, len), OK);
		assert_int_equal(back.kind, kind);
		assert_int_equal(back.id, 77);
	}
}

static void
request_of_each_kind_says_who_asks(void **state)
{
	struct request request, back;

	(void)state;
	for (int kind = 0; kind < REQUEST_COUNT; kind++) {
		request = full_request((enum request_kind)kind);
		assert_int_equal(request_decode(&back, bytes,
				     encode_request(&request)),
		    OK);
		assert_true(back.asker.has_token);
		assert_false(back.asker.is_stranger);
		assert_memory_equal(back.asker.token, request.asker.token,
		    SESSION_TOKEN_BYTES);
		assert_true(back.draft == DRAFT_NEW);
		assert_true(back.emergency);
		request.asker = (struct asker){ .is_stranger = true };
		assert_int_equal(request_decode(&back, bytes,
				     encode_request(&request)),
		    OK);
		assert_true(back.asker.is_stranger);
		assert_false(back.asker.has_token);
	}
}

static void
request_by_a_table_comes_back_whole(void **state)
{
	struct request request = full_request(REQUEST_DELEGATE_SET), back;

	(void)state;
	request.ask.delegate.roles = 3;
	request.ask.delegate.name = text("A. Person");
	/* Not of its table: not carried. */
	request.ask.delegate.everywhere = true;
	assert_int_equal(request_decode(&back, bytes, encode_request(&request)),
	    OK);
	assert_text(back.name, "name");
	assert_int_equal(back.ask.delegate.roles, 3);
	assert_text(back.ask.delegate.name, "A. Person");
	assert_false(back.ask.delegate.everywhere);
	assert_int_equal(back.page.limit, 0);
}

static void
request_for_a_list_says_how_much(void **state)
{
	struct request request = { .kind = REQUEST_DELEGATE_LIST }, back;

	(void)state;
	assert_int_equal(request_decode(&back, bytes, encode_request(&request)),
	    ERR_FORMAT);
	request.page.limit = UINT32_MAX;
	request.page.after = INT64_MAX;
	assert_int_equal(request_decode(&back, bytes, encode_request(&request)),
	    OK);
	assert_true(back.page.limit == UINT32_MAX);
	assert_true(back.page.after == INT64_MAX);
	request.page.after++;
	assert_int_equal(request_decode(&back, bytes, encode_request(&request)),
	    ERR_FORMAT);
}

/* Whatever the tables let through fits between the rooms. */
static void
request_by_a_table_fits(void **state)
{
	enum { HEAD_BYTES = 4096 };
	const struct layout *layout;

	(void)state;
	for (int kind = 0; kind < REQUEST_COUNT; kind++) {
		layout = request_ask_layout((enum request_kind)kind);
		if (layout != NULL) {
			assert_in_range(layout->bytes, 1,
			    sizeof(union request_ask));
			assert_in_range(field_bytes_max(layout), 0,
			    REQUEST_BYTES_MAX - HEAD_BYTES);
		}
		layout = request_view_layout((enum request_kind)kind);
		if (layout != NULL) {
			assert_in_range(layout->bytes, 1,
			    sizeof(union reply_view));
			assert_in_range(field_bytes_max(layout), 1,
			    REQUEST_BYTES_MAX - HEAD_BYTES);
		}
	}
}

static void
request_unsays_no_watch_and_declines_until_a_time_that_can_be_shown(
    void **state)
{
	static const struct {
		enum watch_state state;
		int64_t until_ms;
		int rc;
	} rows[] = {
		{ WATCH_ON, 0, OK },
		{ WATCH_OFF, 0, OK },
		{ WATCH_DECLINED, 0, OK },
		{ WATCH_DECLINED, 1, OK },
		{ WATCH_DECLINED, WATCH_UNTIL_MS_MAX, OK },
		{ WATCH_DECLINED, WATCH_UNTIL_MS_MAX + 1, ERR_FORMAT },
		{ WATCH_DECLINED, -1, ERR_FORMAT },
		{ WATCH_ON, 1, ERR_FORMAT },
		{ WATCH_OFF, 1, ERR_FORMAT },
		{ WATCH_UNKNOWN, 0, ERR_FORMAT },
		{ (enum watch_state)4, 0, ERR_FORMAT },
	};
	struct request request = { .kind = REQUEST_WATCH }, back;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		request.watch.state = rows[i].state;
		request.watch.until_ms = rows[i].until_ms;
		assert_int_equal(request_decode(&back, bytes,
				     encode_request(&request)),
		    rows[i].rc);
	}
}

static void
request_about_a_path_comes_back_whole(void **state)
{
	struct request request = full_request(REQUEST_PATH_ADD), back;
	size_t len = encode_request(&request);

	(void)state;
	assert_int_equal(request_decode(&back, bytes, len), OK);
	assert_int_equal(back.way.path, 3);
	assert_text(back.way.listen, "[::]:7411");
	assert_text(back.way.endpoint, "a.example:7411");
	assert_true(back.way.tcp);
	assert_text(back.way.proxy, "127.0.0.1:9050");
	assert_text(back.way.ticket, "quietline-ticket:a:1:AA");
	assert_false(back.roams);
	request = full_request(REQUEST_CADENCE);
	len = encode_request(&request);
	assert_int_equal(request_decode(&back, bytes, len), OK);
	assert_int_equal(back.cadence.frame_bytes, 256);
	assert_int_equal(back.cadence.slot_us, 1000000);
	assert_null(back.way.endpoint.data);
	request = full_request(REQUEST_ROAMING);
	len = encode_request(&request);
	assert_int_equal(request_decode(&back, bytes, len), OK);
	assert_true(back.roams);
}

static void
request_to_send_comes_back_whole(void **state)
{
	struct request request = full_request(REQUEST_SEND), back;
	const size_t len = encode_request(&request);

	(void)state;
	assert_int_equal(request_decode(&back, bytes, len), OK);
	assert_text(back.line, "bravo");
	assert_memory_equal(back.send.id, request.send.id, RECORD_ID_BYTES);
	assert_text(back.send.subject, "subject");
	assert_text(back.send.text, "text");
	assert_text(back.send.withdraws, "us/2");
	assert_int_equal(back.send.mark, 4);
	assert_int_equal(back.send.attachments, ATTACHMENTS_MAX);
	assert_int_equal(back.send.attachment[63].upload, 63);
	assert_text(back.send.attachment[63].type, "type");
	/* What is not of its kind is not carried. */
	assert_null(back.ref.data);
	assert_int_equal(back.read.limit, 0);
}

static void
request_refuses_every_other_length(void **state)
{
	struct request request, back;
	size_t len;

	(void)state;
	for (int kind = 0; kind < REQUEST_COUNT; kind++) {
		request = full_request((enum request_kind)kind);
		len = encode_request(&request);
		for (size_t i = 0; i < len; i++)
			assert_int_equal(request_decode(&back, bytes, i),
			    ERR_FORMAT);
		bytes[len] = 0;
		assert_int_equal(request_decode(&back, bytes, len + 1),
		    ERR_FORMAT);
		assert_int_equal(back.id, 0);
	}
}

static void
request_refuses_what_is_over_a_limit(void **state)
{
	struct request request = full_request(REQUEST_UPLOAD_DATA), back;
	char *large = calloc(1, REQUEST_ATTACHMENT_PIECE_BYTES + 1);

	(void)state;
	request.data = (struct text){ large, REQUEST_ATTACHMENT_PIECE_BYTES };
	assert_int_equal(request_decode(&back, bytes, encode_request(&request)),
	    OK);
	request.data.len++;
	assert_int_equal(request_decode(&back, bytes, encode_request(&request)),
	    ERR_FORMAT);
	request = full_request(REQUEST_ACK);
	request.ref = (struct text){ large, REQUEST_REF_BYTES - 1 };
	assert_int_equal(request_decode(&back, bytes, encode_request(&request)),
	    OK);
	request.ref.len++;
	assert_int_equal(request_decode(&back, bytes, encode_request(&request)),
	    ERR_FORMAT);
	free(large);
	bytes[0] = REQUEST_COUNT;
	assert_int_equal(request_decode(&back, bytes, 5), ERR_FORMAT);
	bytes[0] = 255;
	assert_int_equal(request_decode(&back, bytes, 5), ERR_FORMAT);
}

/* A reply that has every field. */
static struct reply
full_reply(enum reply_kind kind)
{
	struct reply reply = { .kind = kind,
		.id = 78,
		.more = true,
		.err = ERR_DENIED };

	reply.say = text("no");
	reply.post.name = text("alfa");
	reply.post.state = POST_SEALED;
	reply.post.store = STORE_FULL;
	reply.line.name = text("bravo");
	reply.line.id = text("00ff");
	reply.line.report.state = LINE_ONE_WAY;
	reply.line.report.why = WHY_GOODBYE;
	reply.line.report.heard_ms_ago = UINT64_MAX;
	reply.line.report.was_post = true;
	reply.line.peer.journal_end = 4;
	reply.line.cadence = (struct cadence){ 256, 1000000 };
	reply.line.next_step = text("next");
	reply.line.outbox_bytes = 5;
	reply.line.paused = true;
	reply.line.roams = true;
	reply.path = (struct path_view){ .path = 2,
		.tcp = true,
		.relayed = true,
		.listen = text("[::]:7411"),
		.endpoint = text("relay.example:7412"),
		.state = PATH_ONE_WAY,
		.heard_wall_ms = -1,
		.rtt_us = 9 };
	reply.terms = (struct terms_view){ TERMS_AGREED, { 0, 0 },
		{ 256, 1000000 }, text("words") };
	reply.line.terms = reply.terms;
	reply.line.paths = LINE_PATHS_MAX;
	for (size_t i = 0; i < LINE_PATHS_MAX; i++)
		reply.line.path[i] = reply.path;
	reply.line.heard_wall_ms = -1;
	reply.line.our_watch = WATCH_OFF;
	reply.line.missing = 6;
	reply.ceremony.file = text("file");
	reply.ceremony.word_count = REQUEST_WORDS;
	for (size_t i = 0; i < REQUEST_WORDS; i++)
		reply.ceremony.words[i] = text("word");
	reply.upload.id = 3;
	reply.upload.bytes = 4;
	reply.sent.serial = 12;
	reply.sent.bytes_ahead = 13;
	reply.sent.cadence = (struct cadence){ 256, 1000000 };
	reply.message.from_us = true;
	reply.message.serial = 6;
	strcpy(reply.message.re, "them/18446744073709551615");
	reply.message.text = text("text");
	reply.message.attachments = ATTACHMENTS_MAX;
	for (size_t i = 0; i < ATTACHMENTS_MAX; i++)
		reply.message.attachment[i].bytes = i;
	reply.data.data = text("data");
	reply.data.total = 9;
	reply.event.seq = 10;
	reply.event.say = text("sentence");
	reply.day.date = 20000;
	reply.day.has_ours = true;
	reply.day.ours.seconds[DAY_UP] = DAY_SECONDS;
	reply.day.ours.date = 20000;
	reply.about = REQUEST_DELEGATE_SHOW;
	reply.cursor = 11;
	reply.view.delegate = (struct delegate_view){ .title = text("watch"),
		.roles = 4,
		.is_owner = true };
	return reply;
}

static size_t
encode_reply(const struct reply *reply)
{
	struct writer w;

	buf_write(&w, bytes, sizeof(bytes));
	reply_encode(&w, reply);
	assert_true(buf_is_sound(&w));
	return w.len;
}

static struct reply
pass(enum reply_kind kind)
{
	const struct reply reply = full_reply(kind);
	struct reply back;

	assert_int_equal(reply_decode(&back, bytes, encode_reply(&reply)), OK);
	assert_int_equal(back.kind, kind);
	assert_int_equal(back.id, 78);
	assert_true(back.more);
	return back;
}

static void
reply_of_each_kind_comes_back(void **state)
{
	struct reply back;

	(void)state;
	back = pass(REPLY_ERROR);
	assert_int_equal(back.err, ERR_DENIED);
	assert_text(back.say, "no");
	pass(REPLY_DONE);
	back = pass(REPLY_POST);
	assert_int_equal(back.post.state, POST_SEALED);
	back = pass(REPLY_LINE);
	assert_int_equal(back.line.report.heard_ms_ago, UINT64_MAX);
	assert_int_equal(back.line.report.why, WHY_GOODBYE);
	assert_int_equal(back.line.heard_wall_ms, -1);
	assert_text(back.line.next_step, "next");
	assert_null(back.line.fault.data);
	assert_true(back.line.roams);
	assert_int_equal(back.line.paths, LINE_PATHS_MAX);
	assert_text(back.line.path[3].endpoint, "relay.example:7412");
	assert_text(back.line.terms.say, "words");
	back = pass(REPLY_PATH);
	assert_int_equal(back.path.path, 2);
	assert_true(back.path.tcp && back.path.relayed);
	assert_text(back.path.listen, "[::]:7411");
	assert_null(back.path.proxy.data);
	assert_int_equal(back.path.state, PATH_ONE_WAY);
	assert_int_equal(back.path.heard_wall_ms, -1);
	assert_int_equal(back.path.rtt_us, 9);
	back = pass(REPLY_TERMS);
	assert_int_equal(back.terms.state, TERMS_AGREED);
	assert_int_equal(back.terms.ours.slot_us, 0);
	assert_int_equal(back.terms.theirs.slot_us, 1000000);
	back = pass(REPLY_CEREMONY);
	assert_int_equal(back.ceremony.word_count, REQUEST_WORDS);
	assert_text(back.ceremony.words[4], "word");
	back = pass(REPLY_UPLOAD);
	assert_int_equal(back.upload.bytes, 4);
	back = pass(REPLY_SENT);
	assert_int_equal(back.sent.bytes_ahead, 13);
	assert_int_equal(back.sent.cadence.frame_bytes, 256);
	assert_int_equal(back.sent.cadence.slot_us, 1000000);
	back = pass(REPLY_MESSAGE);
	assert_string_equal(back.message.re, "them/18446744073709551615");
	assert_int_equal(back.message.attachment[63].bytes, 63);
	back = pass(REPLY_DATA);
	assert_int_equal(back.data.total, 9);
	back = pass(REPLY_EVENT);
	assert_text(back.event.say, "sentence");
	back = pass(REPLY_VIEW);
	assert_int_equal(back.about, REQUEST_DELEGATE_SHOW);
	assert_int_equal(back.cursor, 11);
	assert_text(back.view.delegate.title, "watch");
	assert_true(back.view.delegate.is_owner);
	assert_null(back.view.delegate.name.data);
}

static void
reply_refuses_a_view_that_no_table_tells(void **state)
{
	struct reply reply = full_reply(REPLY_VIEW), back;
	const size_t len = encode_reply(&reply);
	/* Behind kind, id and more. */
	enum { ABOUT = 6 };

	(void)state;
	assert_int_equal(bytes[ABOUT], REQUEST_DELEGATE_SHOW);
	bytes[ABOUT] = REQUEST_STATUS;
	assert_int_equal(reply_decode(&back, bytes, len), ERR_FORMAT);
	bytes[ABOUT] = REQUEST_COUNT;
	assert_int_equal(reply_decode(&back, bytes, len), ERR_FORMAT);
}

static void
reply_refuses_every_other_length(void **state)
{
	struct reply reply, back;
	size_t len;

	(void)state;
	for (int kind = 0; kind < REPLY_COUNT; kind++) {
		reply = full_reply((enum reply_kind)kind);
		len = encode_reply(&reply);
		for (size_t i = 0; i < len; i++)
			assert_int_equal(reply_decode(&back, bytes, i),
			    ERR_FORMAT);
		bytes[len] = 0;
		assert_int_equal(reply_decode(&back, bytes, len + 1),
		    ERR_FORMAT);
	}
	bytes[0] = REPLY_COUNT;
	assert_int_equal(reply_decode(&back, bytes, 6), ERR_FORMAT);
}

static void
reply_withstands_each_bit_flipped(void **state)
{
	struct reply reply, back;
	size_t len;

	(void)state;
	for (int kind = 0; kind < REPLY_COUNT; kind++) {
		reply = full_reply((enum reply_kind)kind);
		len = encode_reply(&reply);
		for (size_t bit = 0; bit < len * 8; bit++) {
			bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
			(void)!reply_decode(&back, bytes, len);
			bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_of_each_kind_comes_back),
		cmocka_unit_test(
		    request_unsays_no_watch_and_declines_until_a_time_that_can_be_shown),
		cmocka_unit_test(request_of_each_kind_says_who_asks),
		cmocka_unit_test(request_by_a_table_comes_back_whole),
		cmocka_unit_test(request_for_a_list_says_how_much),
		cmocka_unit_test(request_by_a_table_fits),
		cmocka_unit_test(request_about_a_path_comes_back_whole),
		cmocka_unit_test(request_to_send_comes_back_whole),
		cmocka_unit_test(request_refuses_every_other_length),
		cmocka_unit_test(request_refuses_what_is_over_a_limit),
		cmocka_unit_test(reply_of_each_kind_comes_back),
		cmocka_unit_test(reply_refuses_a_view_that_no_table_tells),
		cmocka_unit_test(reply_refuses_every_other_length),
		cmocka_unit_test(reply_withstands_each_bit_flipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
