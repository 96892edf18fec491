#include "keeper/read.h"

#include "forge.h"

/* Sends so many messages, alternating sides, and lets them arrive. */
static void
talk(struct twin *twin, int count)
{
	for (int i = 0; i < count; i++) {
		twin_send(&twin->side[i % 2], "x", 0);
		twin_run(twin);
		twin->now.wall_ms += 1000;
	}
}

static struct request
everything(struct twin_side *side)
{
	struct request request = twin_request(side, REQUEST_READ);

	request.read.since_ms = INT64_MIN;
	return request;
}

/* Asks; the last reply says that it is done.  How many messages came. */
static size_t
ask(struct twin_side *side, struct request *request)
{
	const struct reply *last;

	twin_ask(side, request);
	assert_true(side->reply_count > 0);
	last = &side->replies[side->reply_count - 1].reply;
	assert_int_equal(last->kind, REPLY_DONE);
	assert_false(last->more);
	for (size_t i = 0; i + 1 < side->reply_count; i++) {
		assert_int_equal(side->replies[i].reply.kind, REPLY_MESSAGE);
		assert_true(side->replies[i].reply.more);
	}
	return side->reply_count - 1;
}

static const struct message_view *
view(struct twin_side *side, size_t i)
{
	return &side->replies[i].reply.message;
}

static void
refuse(struct twin_side *side, struct request *request, int err)
{
	struct twin_reply *reply = twin_ask(side, request);

	assert_int_equal(side->reply_count, 1);
	assert_int_equal(reply->reply.kind, REPLY_ERROR);
	assert_int_equal(reply->reply.err, err);
	assert_true(strlen(reply->say) > 10);
}

static void
read_shows_the_last_ones_in_order(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = everything(a);

	assert_int_equal(ask(a, &request), 0);
	talk(twin, 10);
	assert_int_equal(ask(a, &request), 10);
	for (size_t i = 0; i < 10; i++) {
		assert_int_equal(view(a, i)->from_us, i % 2 == 0);
		assert_int_equal(view(a, i)->serial, i / 2 + 1);
	}
	request.read.limit = 3;
	assert_int_equal(ask(a, &request), 3);
	assert_int_equal(view(a, 0)->serial, 4);
	assert_false(view(a, 0)->from_us);
	assert_int_equal(view(a, 2)->serial, 5);
	request.read.limit = 10;
	assert_int_equal(ask(a, &request), 10);
	request.read.limit = UINT32_MAX;
	assert_int_equal(ask(a, &request), 10);
	request.read.oldest = true;
	request.read.limit = 4;
	assert_int_equal(ask(a, &request), 4);
	assert_int_equal(view(a, 0)->serial, 1);
	assert_int_equal(view(a, 3)->serial, 2);
}

static void
read_cuts_what_is_too_much_for_one_reply(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = everything(a);
	const size_t at_once = READ_BYTES_MAX / TEXT_BYTES_MAX;
	char *text = calloc(1, TEXT_BYTES_MAX + 1);

	assert_non_null(text);
	memset(text, 'x', TEXT_BYTES_MAX);
	for (size_t i = 0; i < at_once + 1; i++)
		assert_int_equal(twin_send(a, text, 0)->reply.kind, REPLY_SENT);
	free(text);
	request.read.limit = 50;
	assert_int_equal(ask(a, &request), at_once);
	assert_true(a->replies[at_once].reply.cut);
	request.read.since_ref = twin_text("us/4");
	request.read.oldest = true;
	assert_int_equal(ask(a, &request), 1);
	assert_int_equal(view(a, 0)->serial, at_once + 1);
	assert_false(a->replies[1].reply.cut);
}

static void
read_goes_on_after_a_reference_or_a_time(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = everything(a);

	talk(twin, 6);
	request.read.since_ref = twin_text("them/2");
	assert_int_equal(ask(a, &request), 2);
	assert_true(view(a, 0)->from_us);
	assert_int_equal(view(a, 0)->serial, 3);
	request.read.since_ref = twin_text("them/3");
	assert_int_equal(ask(a, &request), 0);
	request.read.since_ref = twin_text("us/1");
	request.read.limit = 1;
	assert_int_equal(ask(a, &request), 1);
	assert_int_equal(view(a, 0)->serial, 3);
	request.read.oldest = true;
	assert_int_equal(ask(a, &request), 1);
	assert_int_equal(view(a, 0)->serial, 1);
	assert_false(view(a, 0)->from_us);
	request = everything(a);
	assert_int_equal(ask(a, &request), 6);
	request.read.since_ms = view(a, 4)->stored_ms;
	assert_int_equal(ask(a, &request), 2);
	request.read.since_ms = twin->now.wall_ms + 1000000;
	assert_int_equal(ask(a, &request), 0);
	request.read.since_ms = INT64_MAX;
	assert_int_equal(ask(a, &request), 0);
}

static void
read_shows_one_by_its_reference(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = everything(a);

	talk(twin, 4);
	request.ref = twin_text("them/2");
	assert_int_equal(ask(a, &request), 1);
	assert_int_equal(view(a, 0)->serial, 2);
	assert_false(view(a, 0)->from_us);
	request.ref = twin_text("them/3");
	refuse(a, &request, ERR_NOT_FOUND);
	request.ref = twin_text("them/");
	refuse(a, &request, ERR_NOT_FOUND);
}

static void
read_refuses_what_is_not_there(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = everything(a);
	struct request drill = twin_request(a, REQUEST_DRILL);
	char ref[REQUEST_REF_BYTES];

	request.line = twin_text("nobody");
	refuse(a, &request, ERR_NOT_FOUND);
	request.line = (struct text){ NULL, 0 };
	refuse(a, &request, ERR_NOT_FOUND);
	request = everything(a);
	request.read.since_ref = twin_text("us/1");
	refuse(a, &request, ERR_NOT_FOUND);
	request.read.since_ref = twin_text("yesterday");
	refuse(a, &request, ERR_NOT_FOUND);
	/* A drill is a record, but no message. */
	snprintf(ref, sizeof(ref), "%02x%02x%02x%02x%02x%02x%02x%02x",
	    twin_ask(a, &drill)->reply.sent.id[0],
	    a->replies[0].reply.sent.id[1], a->replies[0].reply.sent.id[2],
	    a->replies[0].reply.sent.id[3], a->replies[0].reply.sent.id[4],
	    a->replies[0].reply.sent.id[5], a->replies[0].reply.sent.id[6],
	    a->replies[0].reply.sent.id[7]);
	request = everything(a);
	request.ref = twin_text(ref);
	refuse(a, &request, ERR_NOT_FOUND);
}

static void
read_shows_what_answers_and_what_is_withdrawn(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = twin_request(b, REQUEST_SEND);

	talk(twin, 2);
	request.send.text = twin_text("not so");
	request.send.re = twin_text("them/1");
	request.send.withdraws = twin_text("us/1");
	assert_int_equal(twin_ask(b, &request)->reply.kind, REPLY_SENT);
	twin_run(twin);
	request = everything(a);
	assert_int_equal(ask(a, &request), 3);
	assert_string_equal(view(a, 2)->re, "us/1");
	assert_string_equal(view(a, 2)->withdraws, "them/1");
	assert_string_equal(view(a, 1)->withdrawn_by, "them/2");
	assert_string_equal(view(a, 0)->withdrawn_by, "");
	assert_string_equal(view(a, 0)->re, "");
	request = everything(b);
	assert_int_equal(ask(b, &request), 3);
	assert_string_equal(view(b, 2)->re, "them/1");
	assert_string_equal(view(b, 1)->withdrawn_by, "us/2");
}

/* Nobody withdraws what the other side has said. */
static void
read_takes_no_withdrawal_from_the_wrong_side(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = forge_record(RECORD_MESSAGE, 1);
	struct request request = everything(a);

	a->mute = true;
	memcpy(record.withdraws, twin_send(a, "x", 0)->reply.sent.id,
	    sizeof(record.withdraws));
	record.has_withdraws = true;
	record.serial = 1;
	forge_arrive(a, &record, 1);
	assert_int_equal(ask(a, &request), 2);
	assert_string_equal(view(a, 0)->withdrawn_by, "");
}

/* Half a message of the peer, with an attachment. */
static void
arrive_half(struct twin_side *to)
{
	struct record record = forge_record(RECORD_MESSAGE, 1);
	struct line_event event = { .kind = LINE_EVENT_DATA };
	uint8_t bytes[RECORD_HEAD_BYTES_MAX + 100000] = { 0 };
	struct writer w;

	record.serial = 1;
	record.subject = (struct record_text){ "on its way", 10 };
	record.text_bytes = 4;
	record.attachments = 1;
	record.attachment[0] = (struct record_attachment){ 200000, { "map", 3 },
		{ "image/png", 9 } };
	buf_write(&w, bytes, sizeof(bytes));
	record_encode_head(&w, &record);
	buf_put_bytes(&w, "text", 4);
	event.piece = (struct piece){ .class = CLASS_ROUTINE,
		.n = 1,
		.data = bytes,
		.len = w.len + 90000 };
	keeper_on_line_event(to->keeper, to->line, &event, to->twin->now);
	twin_run(to->twin);
}

static void
read_shows_last_what_is_arriving(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = everything(a);

	arrive_half(a);
	twin_send(a, "meanwhile", 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask(a, &request), 2);
		assert_false(view(a, 0)->arriving);
		assert_true(view(a, 1)->arriving);
		assert_int_equal(view(a, 1)->stored_ms, 0);
		assert_string_equal(a->replies[1].subject, "on its way");
		assert_int_equal(view(a, 1)->attachments, 1);
		assert_false(view(a, 1)->attachment[0].whole);
		assert_int_equal(view(a, 1)->attachment[0].bytes_here,
		    PIECE_PLAIN_BYTES);
		assert_true(view(a, 1)->bytes_held >= 90004);
		assert_true(view(a, 1)->bytes_held < view(a, 1)->bytes_total);
		twin_restart(a);
	}
}

static struct request
get(struct twin_side *side, const char *ref, uint32_t n, uint64_t offset)
{
	struct request request = twin_request(side, REQUEST_GET);

	request.ref = twin_text(ref);
	request.get.n = n;
	request.get.offset = offset;
	return request;
}

static void
get_refuses_what_is_still_arriving(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = get(a, "them/1", 1, 0);

	arrive_half(a);
	refuse(a, &request, ERR_AGAIN);
	request = get(a, "them/1", 2, 0);
	refuse(a, &request, ERR_NOT_FOUND);
	request = get(a, "them/1", 0, 0);
	refuse(a, &request, ERR_NOT_FOUND);
}

static void
get_gives_any_stretch(void **state)
{
	static const uint64_t offsets[] = { 0, 1, PIECE_PLAIN_BYTES - 1,
		PIECE_PLAIN_BYTES, 99999, 100000 };
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request;
	struct twin_reply *reply;
	uint64_t at;

	twin_send_file(a, "with text", 100000, "image/png");
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		request = get(a, "us/1", 1, offsets[i]);
		reply = twin_ask(a, &request);
		assert_int_equal(reply->reply.kind, REPLY_DATA);
		assert_int_equal(reply->reply.data.offset, offsets[i]);
		assert_int_equal(reply->reply.data.total, 100000);
		assert_int_equal(reply->file_len,
		    100000 - offsets[i] < PIECE_PLAIN_BYTES
			? 100000 - offsets[i]
			: PIECE_PLAIN_BYTES);
		for (size_t j = 0; j < reply->file_len; j++) {
			at = (offsets[i] + j) % PIECE_PLAIN_BYTES;
			assert_int_equal(reply->file[j],
			    (uint8_t)(at * 31 + 7));
		}
	}
	request = get(a, "us/1", 1, 100001);
	refuse(a, &request, ERR_SIZE);
	request = get(a, "us/1", 1, UINT64_MAX);
	refuse(a, &request, ERR_SIZE);
	request = get(a, "us/2", 1, 0);
	refuse(a, &request, ERR_NOT_FOUND);
	request = get(a, "us/1", 1, 0);
	request.line = twin_text("nobody");
	refuse(a, &request, ERR_NOT_FOUND);
}

/* The one attachment's file, by its name in the folder. */
static void
name_file(struct twin_side *side, char *path, size_t cap)
{
	struct query q = store_query(&side->keeper->store, STMT_ATTACHMENT_GET);
	size_t len;

	query_bind_int(&q, 1);
	query_bind_int(&q, 0);
	assert_true(query_next(&q));
	snprintf(path, cap, "%s/attachments/%s", side->folder,
	    query_text(&q, &len));
	assert_int_equal(query_end(&q), OK);
}

static void
get_says_that_a_file_is_damaged_or_gone(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = get(a, "us/1", 1, 0);
	char path[128];
	FILE *file;

	a->mute = true;
	twin_send_file(a, "", 1000, "image/png");
	name_file(a, path, sizeof(path));
	file = fopen(path, "r+");
	assert_non_null(file);
	assert_int_equal(fputc('x', file), 'x');
	assert_int_equal(fputc('y', file), 'y');
	assert_int_equal(fclose(file), 0);
	refuse(a, &request, ERR_IO);
	assert_non_null(strstr(a->replies[0].say, "damaged"));
	assert_int_equal(truncate(path, 10), 0);
	refuse(a, &request, ERR_IO);
	assert_int_equal(unlink(path), 0);
	refuse(a, &request, ERR_IO);
	/* The post lives on. */
	assert_false(keeper_has_failed(a->keeper));
	assert_int_equal(twin_send(a, "x", 0)->reply.kind, REPLY_SENT);
}

static void
read_still_shows_a_line_that_was_closed(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request close = twin_request(a, REQUEST_LINE_CLOSE);
	struct request request = everything(a);

	twin_send_file(a, "", 100, "image/png");
	talk(twin, 4);
	arrive_half(a);
	assert_int_equal(twin_ask(a, &close)->reply.kind, REPLY_DONE);
	for (int i = 0; i < 2; i++) {
		request = everything(a);
		assert_true(ask(a, &request) >= 5);
		assert_int_equal(view(a, 0)->serial, 1);
		request = get(a, "us/1", 1, 0);
		assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_DATA);
		twin_restart(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(read_shows_the_last_ones_in_order),
		FORGE_CLAIM(read_cuts_what_is_too_much_for_one_reply),
		FORGE_CLAIM(read_goes_on_after_a_reference_or_a_time),
		FORGE_CLAIM(read_shows_one_by_its_reference),
		FORGE_CLAIM(read_refuses_what_is_not_there),
		FORGE_CLAIM(read_shows_what_answers_and_what_is_withdrawn),
		FORGE_CLAIM(read_takes_no_withdrawal_from_the_wrong_side),
		FORGE_CLAIM(read_shows_last_what_is_arriving),
		FORGE_CLAIM(get_refuses_what_is_still_arriving),
		FORGE_CLAIM(get_gives_any_stretch),
		FORGE_CLAIM(get_says_that_a_file_is_damaged_or_gone),
		FORGE_CLAIM(read_still_shows_a_line_that_was_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
