/* Two keepers and what passes between them. */
#include "keeper/keeper.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "twin.h"

static int
setup(void **state)
{
	*state = twin_new_line();
	return 0;
}

static int
teardown(void **state)
{
	twin_free(*state);
	return 0;
}

static const struct message_view *
message(struct twin_side *side, size_t i)
{
	assert_int_equal(side->replies[i].reply.kind, REPLY_MESSAGE);
	return &side->replies[i].reply.message;
}

static void
keeper_passes_a_message_and_its_receipt(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct twin_reply *reply = twin_send(a, "안녕하십니까", 0);

	assert_int_equal(reply->reply.kind, REPLY_SENT);
	assert_int_equal(reply->reply.sent.serial, 1);
	twin_run(twin);
	assert_int_equal(twin_read(b), 1);
	assert_int_equal(message(b, 0)->serial, 1);
	assert_false(message(b, 0)->from_us);
	assert_memory_equal(b->replies[0].file, "안녕하십니까",
	    strlen("안녕하십니까"));
	assert_true(twin_has_event(b, "message", "arrived"));
	assert_true(twin_has_event(a, "receipt", "delivered"));
	assert_int_equal(twin_read(a), 1);
	assert_true(message(a, 0)->delivered_ms > 0);
	assert_int_equal(message(a, 0)->acknowledged_ms, 0);
	assert_int_equal(message(a, 0)->bytes_held, message(a, 0)->bytes_total);
}

static void
keeper_numbers_both_sides_apart(void **state)
{
	struct twin *twin = *state;

	for (uint64_t i = 1; i <= 40; i++) {
		struct twin_side *side = &twin->side[i % 2];
		struct twin_reply *reply =
		    twin_send(side, "x", (uint8_t)(i % 4));

		assert_int_equal(reply->reply.kind, REPLY_SENT);
		assert_int_equal(reply->reply.sent.serial, (i + 1) / 2);
		if (i % 7 == 0)
			twin_run(twin);
	}
	twin_run(twin);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(twin_read(&twin->side[i]), 40);
		for (size_t j = 0; j < 40; j++)
			assert_false(message(&twin->side[i], j)->arriving);
	}
}

static void
keeper_acknowledges_for_a_person(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = twin_request(b, REQUEST_ACK);

	twin_send(a, "please acknowledge", 3);
	twin_run(twin);
	request.ref = twin_text("them/1");
	assert_int_equal(twin_ask(b, &request)->reply.kind, REPLY_DONE);
	twin_run(twin);
	assert_true(twin_has_event(a, "receipt", "acknowledged"));
	assert_int_equal(twin_read(a), 1);
	assert_true(message(a, 0)->acknowledged_ms > 0);
	/* Once more changes nothing. */
	assert_int_equal(twin_ask(b, &request)->reply.kind, REPLY_DONE);
	request.ref = twin_text("us/1");
	assert_int_equal(twin_ask(b, &request)->reply.err, ERR_NOT_FOUND);
	request.ref = twin_text("them/2");
	assert_int_equal(twin_ask(b, &request)->reply.err, ERR_NOT_FOUND);
	request.ref = twin_text("them/01");
	assert_int_equal(twin_ask(b, &request)->reply.err, ERR_NOT_FOUND);
	request = twin_request(a, REQUEST_ACK);
	request.ref = twin_text("us/1");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_STATE);
}

static void
check_attachment(struct twin_side *side, const char *ref, size_t len)
{
	struct request request = twin_request(side, REQUEST_GET);
	struct twin_reply *reply;
	uint64_t offset = 0;

	request.ref = twin_text(ref);
	request.get.n = 1;
	while (offset < len) {
		request.get.offset = offset;
		reply = twin_ask(side, &request);
		assert_int_equal(reply->reply.kind, REPLY_DATA);
		assert_int_equal(reply->reply.data.total, len);
		assert_true(reply->file_len > 0);
		for (size_t i = 0; i < reply->file_len; i++) {
			const size_t at = (size_t)(offset + i) %
			    REQUEST_ATTACHMENT_PIECE_BYTES;

			assert_int_equal(reply->file[i],
			    (uint8_t)(at * 31 + 7));
		}
		offset += reply->file_len;
	}
	assert_int_equal(offset, len);
}

static void
keeper_passes_attachments_of_every_edge(void **state)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072,
		1048576 };
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct twin_reply *reply;
	char ref[32];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		reply = twin_send_file(a, i % 2 ? "with text" : "", sizes[i],
		    "application/pdf");
		assert_int_equal(reply->reply.kind, REPLY_SENT);
		twin_run(twin);
		snprintf(ref, sizeof(ref), "them/%zu", i + 1);
		check_attachment(b, ref, sizes[i]);
		snprintf(ref, sizeof(ref), "us/%zu", i + 1);
		check_attachment(a, ref, sizes[i]);
	}
	assert_int_equal(twin_read(b), sizeof(sizes) / sizeof(sizes[0]));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(message(b, i)->attachments, 1);
		assert_true(message(b, i)->attachment[0].whole);
		assert_int_equal(message(b, i)->attachment[0].bytes_here,
		    sizes[i]);
	}
}

static void
keeper_refuses_pieces_beyond_an_attachment(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_GET);

	twin_send_file(a, "", 100, "application/pdf");
	request.ref = twin_text("us/1");
	request.get.n = 1;
	request.get.offset = 101;
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_SIZE);
	request.get.offset = 0;
	request.get.n = 2;
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	request.get.n = 0;
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	request.get.n = UINT32_MAX;
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	request.ref = twin_text("us/2");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
}

/* Delivers letter by letter, and kills the receiving keeper every few. */
static void
keeper_resumes_where_it_had_synced(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	unsigned restarts = 0;
	struct twin_letter *letter;

	twin_send_file(a, "large", 1048576, "application/zip");
	while (twin->head < twin->tail && restarts < 200) {
		letter = &twin->queue[twin->head++ % TWIN_QUEUE_MAX];
		keeper_on_line_event(letter->to->keeper, letter->to->line,
		    &letter->event, twin->now);
		free(letter->data);
		if (twin->head % 5 != 0)
			continue;
		/* Sometimes just before, sometimes just after the sync. */
		if (twin->head % 2 == 0) {
			keeper_on_time(b->keeper, twin->now);
			twin->now.now_ns += CLOCK_NS_PER_S;
			keeper_on_time(b->keeper, twin->now);
		}
		restarts++;
		if (restarts > 12)
			continue;
		twin_cut(twin);
		twin_restart(b);
		if (restarts % 3 == 0)
			twin_restart(a);
		memcpy(a->held, b->last[LINE_ORDER_ATTACH].order.have.at,
		    sizeof(a->held));
		twin_want(a);
	}
	twin_reboot(twin);
	check_attachment(b, "them/1", 1048576);
	assert_int_equal(twin_read(b), 1);
	assert_true(restarts >= 6);
}

static void
keeper_keeps_every_message_over_restarts(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	for (int i = 0; i < 20; i++) {
		twin_send(a, "before the end", (uint8_t)(i % 4));
		if (i % 3 == 0)
			twin_restart(b);
		if (i % 5 == 0)
			twin_restart(a);
		if (i % 2 == 0)
			twin_reboot(twin);
		else
			twin_cut(twin);
	}
	twin_reboot(twin);
	assert_int_equal(twin_read(b), 20);
	assert_int_equal(twin_read(a), 20);
	for (size_t i = 0; i < 20; i++)
		assert_true(message(a, i)->delivered_ms > 0);
}

static void
keeper_waits_for_have_before_it_numbers(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	twin_send(a, "one", 0);
	twin_run(twin);
	twin_restart(a);
	twin_cut(twin);
	twin_send(a, "two", 0);
	assert_int_equal(a->reply_count, 0);
	/* After five seconds it says so, with the message accepted. */
	twin->now.now_ns += (uint64_t)5 * CLOCK_NS_PER_S;
	keeper_on_time(a->keeper, twin->now);
	assert_int_equal(a->reply_count, 1);
	assert_int_equal(a->replies[0].reply.kind, REPLY_SENT);
	assert_int_equal(a->replies[0].reply.sent.serial, 0);
	twin_send(a, "three", 0);
	assert_int_equal(a->reply_count, 0);
	/* The peer's HAVE comes: numbers in order of acceptance. */
	twin_reboot(twin);
	assert_int_equal(a->reply_count, 1);
	assert_int_equal(a->replies[0].reply.sent.serial, 3);
	assert_int_equal(twin_read(&twin->side[1]), 3);
	assert_memory_equal(twin->side[1].replies[1].file, "two", 3);
	assert_memory_equal(twin->side[1].replies[2].file, "three", 5);
}

static void
keeper_finds_unnumbered_messages_by_their_digits(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_READ);
	char ref[17];

	twin_restart(a);
	twin_cut(twin);
	twin_send(a, "no number yet", 0);
	twin->now.now_ns += (uint64_t)5 * CLOCK_NS_PER_S;
	keeper_on_time(a->keeper, twin->now);
	for (size_t i = 0; i < 8; i++)
		snprintf(ref + 2 * i, 3, "%02x",
		    a->replies[0].reply.sent.id[i]);
	request.ref = twin_text(ref);
	request.read.since_ms = INT64_MIN;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 2);
	assert_memory_equal(a->replies[0].file, "no number yet", 13);
	ref[15] = ref[15] == '0' ? '1' : '0';
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	ref[15] = 'x';
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
}

static void
keeper_sees_that_its_store_is_old(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct line_event event = { .kind = LINE_EVENT_HAVE };

	event.have.at[CLASS_ROUTINE].n = 5;
	event.have.credit = 1000;
	keeper_on_line_event(a->keeper, a->line, &event, twin->now);
	assert_true(twin_has_event(a, "fault", "fault"));
	assert_int_equal(twin_send(a, "x", 0)->reply.sent.serial, 0);
	assert_int_equal(a->reply_count, 1);
}

static void
keeper_answers_drills_by_itself(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_DRILL);

	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_SENT);
	twin_run(twin);
	assert_true(twin_has_event(&twin->side[1], "drill", "received"));
	assert_true(twin_has_event(a, "drill", "answered"));
	assert_int_equal(twin_read(a), 0);
	request.line = twin_text("nobody");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
}

static void
refuse_send(struct twin_side *side, struct request *request, int err,
    const char *part)
{
	struct twin_reply *reply = twin_ask(side, request);

	assert_int_equal(reply->reply.kind, REPLY_ERROR);
	assert_int_equal(reply->reply.err, err);
	assert_non_null(strstr(reply->say, part));
	assert_int_equal(twin_read(side), 0);
}

static void
keeper_refuses_what_breaks_a_limit(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_SEND);
	char *large = malloc(TEXT_BYTES_MAX + 1);

	memset(large, 'a', TEXT_BYTES_MAX + 1);
	refuse_send(a, &request, ERR_FORMAT, "nothing to send");
	request.send.text = (struct text){ large, TEXT_BYTES_MAX + 1 };
	refuse_send(a, &request, ERR_LIMIT, "send it as a file");
	request.send.text = twin_text("bad \xc3\x28");
	refuse_send(a, &request, ERR_FORMAT, "UTF-8");
	request.send.text = (struct text){ "a\0b", 3 };
	refuse_send(a, &request, ERR_FORMAT, "UTF-8");
	request.send.text = twin_text("\xed\xa0\x80");
	refuse_send(a, &request, ERR_FORMAT, "UTF-8");
	request.send.text = twin_text("x");
	request.send.subject = (struct text){ large, SUBJECT_BYTES_MAX + 1 };
	refuse_send(a, &request, ERR_LIMIT, "1 KiB");
	request.send.subject = twin_text("two\nlines");
	refuse_send(a, &request, ERR_FORMAT, "one line");
	request.send.subject = twin_text("");
	request.send.precedence = 4;
	refuse_send(a, &request, ERR_FORMAT, "precedence");
	request.send.precedence = 0;
	request.send.mark = 5;
	refuse_send(a, &request, ERR_FORMAT, "mark");
	request.send.mark = 0;
	request.send.language = (struct text){ large, LANGUAGE_BYTES_MAX + 1 };
	refuse_send(a, &request, ERR_FORMAT, "language");
	request.send.language = twin_text("");
	request.send.re = twin_text("them/1");
	refuse_send(a, &request, ERR_NOT_FOUND, "reference");
	request.send.re = twin_text("");
	request.send.withdraws = twin_text("us/1");
	refuse_send(a, &request, ERR_NOT_FOUND, "withdraw");
	request.send.withdraws = twin_text("");
	request.line = twin_text("nobody");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	/* The largest that is taken is taken. */
	request.line = twin_text(a->peer);
	request.send.text = (struct text){ large, TEXT_BYTES_MAX };
	request.send.subject = (struct text){ large, SUBJECT_BYTES_MAX };
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_SENT);
	twin_run(twin);
	assert_int_equal(twin_read(&twin->side[1]), 1);
	assert_int_equal(twin->side[1].replies[0].file_len, TEXT_BYTES_MAX);
	free(large);
}

static void
keeper_refuses_bad_attachments(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_SEND);

	request.send.attachments = 1;
	request.send.attachment[0].name = twin_text("a");
	request.send.attachment[0].type = twin_text("text/plain");
	request.send.attachment[0].upload = 99;
	refuse_send(a, &request, ERR_NOT_FOUND, "upload");
	request.send.attachment[0].upload = twin_upload(a, 10, 1);
	request.send.attachment[0].name = twin_text("../etc/passwd");
	refuse_send(a, &request, ERR_FORMAT, "name");
	request.send.attachment[0].name = twin_text("..");
	refuse_send(a, &request, ERR_FORMAT, "name");
	request.send.attachment[0].name = twin_text("");
	refuse_send(a, &request, ERR_FORMAT, "name");
	request.send.attachment[0].name = twin_text("a");
	request.send.attachment[0].type = twin_text("two words");
	refuse_send(a, &request, ERR_FORMAT, "type");
	request.send.attachment[0].type = twin_text("");
	refuse_send(a, &request, ERR_FORMAT, "type");
	request.send.attachment[0].type = twin_text("text/plain");
	request.send.attachments = 2;
	request.send.attachment[1] = request.send.attachment[0];
	refuse_send(a, &request, ERR_EXISTS, "twice");
	request.send.attachments = 1;
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_SENT);
	/* It belongs to that message now. */
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
}

static void
keeper_sends_once_what_is_asked_twice(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_SEND);

	memset(request.send.id, 0x5a, sizeof(request.send.id));
	request.send.text = twin_text("once");
	assert_int_equal(twin_ask(a, &request)->reply.sent.serial, 1);
	assert_int_equal(twin_ask(a, &request)->reply.sent.serial, 1);
	twin_restart(a);
	twin_reboot(twin);
	assert_int_equal(twin_ask(a, &request)->reply.sent.serial, 1);
	assert_int_equal(twin_read(a), 1);
}

static void
keeper_relates_and_withdraws(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = twin_request(b, REQUEST_SEND);

	twin_send(a, "question", 1);
	twin_run(twin);
	request.send.text = twin_text("answer");
	request.send.re = twin_text("them/1");
	request.send.withdraws = twin_text("them/1");
	assert_int_equal(twin_ask(b, &request)->reply.err, ERR_DENIED);
	request.send.withdraws = twin_text("");
	assert_int_equal(twin_ask(b, &request)->reply.kind, REPLY_SENT);
	request.send.re = twin_text("");
	request.send.withdraws = twin_text("us/1");
	request.send.text = twin_text("I take that back");
	assert_int_equal(twin_ask(b, &request)->reply.kind, REPLY_SENT);
	twin_run(twin);
	assert_int_equal(twin_read(a), 3);
	assert_string_equal(message(a, 1)->re, "us/1");
	assert_string_equal(message(a, 1)->withdrawn_by, "them/2");
	assert_string_equal(message(a, 2)->withdraws, "them/1");
}

static void
keeper_says_when_the_disk_is_full(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct line_event report = { .kind = LINE_EVENT_REPORT };

	a->disk_free = 0;
	twin->now.now_ns += (uint64_t)2 * CLOCK_NS_PER_S;
	assert_int_equal(twin_send(a, "no room", 0)->reply.err, ERR_FULL);
	assert_int_equal(twin_read(a), 0);
	report.report.state = LINE_UP;
	keeper_on_line_event(a->keeper, a->line, &report, twin->now);
	assert_int_equal(a->last[LINE_ORDER_HAVE].order.have.credit, 0);
	assert_int_equal(a->last[LINE_ORDER_STATUS].order.status.store,
	    STORE_FULL);
	twin_run(twin);
	assert_true(twin_has_event(b, "transfer", "paused"));
	a->disk_free = (uint64_t)1 << 30;
	twin->now.now_ns += (uint64_t)2 * CLOCK_NS_PER_S;
	keeper_on_line_event(a->keeper, a->line, &report, twin->now);
	twin_run(twin);
	assert_true(twin_has_event(b, "transfer", "resumed"));
	assert_int_equal(twin_send(a, "room", 0)->reply.kind, REPLY_SENT);
}

static void
keeper_shows_what_is_arriving(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct message_view *view;

	twin_send_file(a, "large", 1048576, "application/zip");
	for (int i = 0; i < 8; i++) {
		struct twin_letter *letter =
		    &twin->queue[twin->head++ % TWIN_QUEUE_MAX];

		keeper_on_line_event(letter->to->keeper, letter->to->line,
		    &letter->event, twin->now);
		free(letter->data);
	}
	twin->now.now_ns += CLOCK_NS_PER_S;
	keeper_on_time(b->keeper, twin->now);
	twin_send(a, "overtakes", 3);
	assert_int_equal(twin_read(b), 1);
	view = message(b, 0);
	assert_true(view->arriving);
	assert_int_equal(view->stored_ms, 0);
	assert_true(view->bytes_held > 0);
	assert_true(view->bytes_held < view->bytes_total);
	assert_false(view->attachment[0].whole);
	twin_run(twin);
	/* The flash was whole first, and stands first. */
	assert_int_equal(twin_read(b), 2);
	assert_int_equal(message(b, 0)->serial, 2);
	assert_int_equal(message(b, 1)->serial, 1);
	assert_false(message(b, 1)->arriving);
}

static void
report_at(struct twin_side *side, uint8_t len, uint8_t byte)
{
	struct line_event event = { .kind = LINE_EVENT_REPORT };

	event.report.state = LINE_UP;
	event.report.path[0].peer.len = len;
	memset(event.report.path[0].peer.bytes, byte, ORIGIN_BYTES_MAX);
	keeper_on_line_event(side->keeper, side->line, &event, side->twin->now);
}

static void
keeper_remembers_where_a_learned_peer_was(void **state)
{
	struct twin *twin = *state;
	/* The card of the second names no endpoint. */
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_int_equal(a->way[0].way.last.len, 0);
	report_at(a, 7, 0x11);
	report_at(b, 7, 0x11);
	twin_restart(a);
	twin_restart(b);
	assert_int_equal(a->way[0].way.last.len, 7);
	assert_int_equal(a->way[0].way.last.bytes[6], 0x11);
	assert_int_equal(b->way[0].way.last.len, 0);
	/* Nowhere, or no address at all, does not take it away. */
	report_at(a, 0, 0x22);
	report_at(a, ORIGIN_BYTES_MAX + 1, 0x22);
	twin_restart(a);
	assert_int_equal(a->way[0].way.last.bytes[0], 0x11);
	report_at(a, 7, 0x33);
	twin_restart(a);
	assert_int_equal(a->way[0].way.last.bytes[0], 0x33);
}

static void
keeper_stops_with_goodbye(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = { .kind = REQUEST_DOWN };

	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_DONE);
	assert_true(a->down);
	assert_int_equal(a->orders[LINE_ORDER_GOODBYE], 1);
}

static void
keeper_forgets_uploads_with_their_desk(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_UPLOAD_DATA);
	char command[128];

	request.upload = twin_upload(a, 70000, 1);
	request.data = twin_text("more");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_STATE);
	keeper_on_desk_lost(a->keeper);
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	request.upload = twin_upload(a, 70000, 1);
	twin_restart(a);
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	/* Nothing is left of either in the folder. */
	snprintf(command, sizeof(command), "test -z \"$(ls %s/attachments)\"",
	    a->folder);
	assert_int_equal(system(command), 0);
}

static void
keeper_lists_events_from_any_point(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = { .kind = REQUEST_EVENTS };
	uint64_t seq;

	twin_send(a, "one", 0);
	twin_run(twin);
	twin_ask(a, &request);
	assert_true(a->reply_count >= 3);
	assert_int_equal(a->replies[a->reply_count - 1].reply.kind, REPLY_DONE);
	seq = a->replies[a->reply_count - 2].reply.event.seq;
	request.events.after = seq - 1;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 2);
	assert_int_equal(a->replies[0].reply.event.seq, seq);
	request.events.after = UINT64_MAX;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 1);
}

static void
keeper_reads_since_and_last(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_READ);

	for (int i = 0; i < 10; i++)
		twin_send(a, "x", 0);
	request.read.since_ms = INT64_MIN;
	request.read.limit = 3;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 4);
	assert_int_equal(message(a, 0)->serial, 8);
	request.read.oldest = true;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 4);
	assert_int_equal(message(a, 0)->serial, 1);
	request.read.since_ref = twin_text("us/9");
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 2);
	assert_int_equal(message(a, 0)->serial, 10);
	request.read.since_ref = twin_text("us/11");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	request.read.since_ref = twin_text("elsewhere");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	request.read.since_ref = twin_text("");
	request.read.since_ms = twin->now.wall_ms + 1;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 1);
}

static int
create(const char *folder)
{
	return keeper_create(folder, "alfa", NULL, "open sesame", 11,
	    keyring_cost_least(), rng_kernel());
}

/* Where no file may grow: a process of its own. */
static void
keeper_takes_back_a_post_that_it_could_not_make(void **state)
{
	const struct rlimit limit = { 1024, 1024 };
	char folder[] = "/tmp/quietline-test-XXXXXX", path[64];
	struct stat about;
	pid_t child;
	int status;

	(void)state;
	assert_non_null(mkdtemp(folder));
	child = fork();
	if (child == 0) {
		signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
			_exit(2);
		_exit(create(folder) == ERR_IO ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(create(folder), OK);
	assert_int_equal(create(folder), ERR_EXISTS);
	/* Without its keys it is still somebody's. */
	snprintf(path, sizeof(path), "%s/keys", folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(create(folder), ERR_EXISTS);
	snprintf(path, sizeof(path), "%s/record.db", folder);
	assert_int_equal(stat(path, &about), 0);
	snprintf(path, sizeof(path), "rm -rf %s", folder);
	assert_int_equal(system(path), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keeper_passes_a_message_and_its_receipt),
		TEST(keeper_numbers_both_sides_apart),
		TEST(keeper_acknowledges_for_a_person),
		TEST(keeper_passes_attachments_of_every_edge),
		TEST(keeper_refuses_pieces_beyond_an_attachment),
		TEST(keeper_resumes_where_it_had_synced),
		TEST(keeper_keeps_every_message_over_restarts),
		TEST(keeper_waits_for_have_before_it_numbers),
		TEST(keeper_finds_unnumbered_messages_by_their_digits),
		TEST(keeper_sees_that_its_store_is_old),
		TEST(keeper_answers_drills_by_itself),
		TEST(keeper_refuses_what_breaks_a_limit),
		TEST(keeper_refuses_bad_attachments),
		TEST(keeper_sends_once_what_is_asked_twice),
		TEST(keeper_relates_and_withdraws),
		TEST(keeper_says_when_the_disk_is_full),
		TEST(keeper_shows_what_is_arriving),
		TEST(keeper_remembers_where_a_learned_peer_was),
		TEST(keeper_stops_with_goodbye),
		TEST(keeper_forgets_uploads_with_their_desk),
		TEST(keeper_lists_events_from_any_point),
		TEST(keeper_reads_since_and_last),
		cmocka_unit_test(
		    keeper_takes_back_a_post_that_it_could_not_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
