#include "keeper/send.h"

#include <sqlite3.h>

#include "forge.h"

static struct text
filled(size_t len, char with)
{
	static char bytes[TEXT_BYTES_MAX + 8];

	memset(bytes, with, len);
	return (struct text){ bytes, len };
}

static struct request
message(struct twin_side *side)
{
	struct request request = twin_request(side, REQUEST_SEND);

	request.send.text = twin_text("good day");
	return request;
}

/* Refused with this error, and nothing was claimed or kept. */
static void
refuse(struct twin_side *side, struct request *request, int err)
{
	const struct journal before = forge_line(side)->journal;
	const size_t events = side->event_count;
	struct twin_reply *reply = twin_ask(side, request);

	assert_int_equal(side->reply_count, 1);
	assert_int_equal(reply->reply.kind, REPLY_ERROR);
	assert_int_equal(reply->reply.err, err);
	assert_true(strlen(reply->say) > 10);
	assert_memory_equal(&before, &forge_line(side)->journal,
	    sizeof(before));
	assert_int_equal(side->event_count, events);
}

static void
accept(struct twin_side *side, struct request *request)
{
	const uint64_t end = forge_line(side)->journal.end;

	assert_int_equal(twin_ask(side, request)->reply.kind, REPLY_SENT);
	assert_int_equal(forge_line(side)->journal.end, end + 1);
}

static void
send_refuses_texts_out_of_bounds(void **state)
{
	static const char *const broken[] = { "\xff", "a\xc0\x80",
		"\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80",
		"ok\xc3" };
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = message(a);

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		request.send.text = twin_text(broken[i]);
		refuse(a, &request, ERR_FORMAT);
	}
	request.send.text = (struct text){ "a\0b", 3 };
	refuse(a, &request, ERR_FORMAT);
	request.send.text = filled(TEXT_BYTES_MAX + 1, 'x');
	refuse(a, &request, ERR_LIMIT);
	assert_non_null(strstr(a->replies[0].say, "1 MiB"));
	request.send.text = filled(TEXT_BYTES_MAX, 'x');
	accept(a, &request);
}

static void
send_refuses_subjects_out_of_bounds(void **state)
{
	static const char *const broken[] = { "two\nlines", "tab\t", "\x1b[31m",
		"\x7f", "\xff", "\xe2\x80\xa8", "\xc2\x85" };
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = message(a);

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		request.send.subject = twin_text(broken[i]);
		refuse(a, &request, ERR_FORMAT);
	}
	request.send.subject = filled(SUBJECT_BYTES_MAX + 1, 'x');
	refuse(a, &request, ERR_LIMIT);
	request.send.subject = filled(SUBJECT_BYTES_MAX, 'x');
	accept(a, &request);
	request.send.subject = twin_text("주제 — الموضوع");
	request.send.text = (struct text){ NULL, 0 };
	accept(a, &request);
}

static void
send_refuses_what_there_is_not(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = message(a);

	request.send.precedence = PRECEDENCE_COUNT;
	refuse(a, &request, ERR_FORMAT);
	request.send.precedence = UINT8_MAX;
	refuse(a, &request, ERR_FORMAT);
	request = message(a);
	request.send.mark = MARK_COUNT;
	refuse(a, &request, ERR_FORMAT);
	request = message(a);
	request.send.language = filled(LANGUAGE_BYTES_MAX + 1, 'k');
	refuse(a, &request, ERR_FORMAT);
	request.send.language = twin_text("k o");
	refuse(a, &request, ERR_FORMAT);
	request.send.language = twin_text("한국어");
	refuse(a, &request, ERR_FORMAT);
	request = message(a);
	request.send.text = (struct text){ NULL, 0 };
	refuse(a, &request, ERR_FORMAT);
	request = message(a);
	request.line = twin_text("nobody");
	refuse(a, &request, ERR_NOT_FOUND);
	request = message(a);
	request.send.language = filled(LANGUAGE_BYTES_MAX, 'k');
	request.send.precedence = PRECEDENCE_FLASH;
	request.send.mark = MARK_MAY_BE_QUOTED;
	accept(a, &request);
}

static void
send_refuses_references_to_nothing(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = message(a);

	twin_send(b, "theirs", 0);
	twin_run(twin);
	request.send.re = twin_text("them/2");
	refuse(a, &request, ERR_NOT_FOUND);
	request.send.re = twin_text("nonsense");
	refuse(a, &request, ERR_NOT_FOUND);
	request = message(a);
	request.send.withdraws = twin_text("us/1");
	refuse(a, &request, ERR_NOT_FOUND);
	request.send.withdraws = twin_text("them/1");
	refuse(a, &request, ERR_DENIED);
	request = message(a);
	request.send.re = twin_text("them/1");
	accept(a, &request);
	request = message(a);
	request.send.withdraws = twin_text("us/1");
	accept(a, &request);
}

/* A message with one attachment, uploaded. */
static struct request
attached(struct twin_side *side)
{
	struct request request = message(side);

	request.send.attachments = 1;
	request.send.attachment[0].upload = twin_upload(side, 10, 7);
	request.send.attachment[0].name = twin_text("paper.pdf");
	request.send.attachment[0].type = twin_text("application/pdf");
	return request;
}

static void
send_refuses_names_that_could_do_harm(void **state)
{
	static const char *const names[] = { "..", ".", "../paper.pdf",
		"/etc/passwd", "a/b", "a\nb", "a\x1b[2J", "\xff", "\x7f" };
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = attached(a);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		request.send.attachment[0].name = twin_text(names[i]);
		refuse(a, &request, ERR_FORMAT);
	}
	request.send.attachment[0].name = (struct text){ NULL, 0 };
	refuse(a, &request, ERR_FORMAT);
	request.send.attachment[0].name =
	    filled(ATTACHMENT_NAME_BYTES_MAX + 1, 'x');
	refuse(a, &request, ERR_FORMAT);
	/* The upload is as good as before. */
	request.send.attachment[0].name =
	    filled(ATTACHMENT_NAME_BYTES_MAX, 'x');
	accept(a, &request);
	request = attached(a);
	request.send.attachment[0].name = twin_text("...");
	accept(a, &request);
}

static void
send_refuses_types_that_are_none(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = attached(a);

	request.send.attachment[0].type = (struct text){ NULL, 0 };
	refuse(a, &request, ERR_FORMAT);
	request.send.attachment[0].type = twin_text("application /pdf");
	refuse(a, &request, ERR_FORMAT);
	request.send.attachment[0].type = twin_text("문서");
	refuse(a, &request, ERR_FORMAT);
	request.send.attachment[0].type =
	    filled(ATTACHMENT_TYPE_BYTES_MAX + 1, 'x');
	refuse(a, &request, ERR_FORMAT);
	request.send.attachment[0].type =
	    filled(ATTACHMENT_TYPE_BYTES_MAX, 'x');
	accept(a, &request);
}

static void
send_refuses_types_that_the_terms_do_not_accept(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = attached(a);

	forge_line(a)->card.accept = ACCEPT_TEXT;
	refuse(a, &request, ERR_DENIED);
	request.send.attachment[0].type = twin_text("image/png");
	refuse(a, &request, ERR_DENIED);
	request.send.attachment[0].type = twin_text("text/plain");
	refuse(a, &request, ERR_DENIED);
	forge_line(a)->card.accept = ACCEPT_IMAGES;
	refuse(a, &request, ERR_DENIED);
	request.send.attachment[0].type = twin_text("image/");
	refuse(a, &request, ERR_DENIED);
	request.send.attachment[0].type = twin_text("images/png");
	refuse(a, &request, ERR_DENIED);
	request.send.attachment[0].type = twin_text("image/png");
	accept(a, &request);
}

static void
send_refuses_uploads_that_are_not_done(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = attached(a);
	struct request open = twin_request(a, REQUEST_UPLOAD_OPEN);
	const uint64_t done = request.send.attachment[0].upload;

	request.send.attachment[0].upload = 0;
	refuse(a, &request, ERR_NOT_FOUND);
	request.send.attachment[0].upload = done + 1;
	refuse(a, &request, ERR_NOT_FOUND);
	request.send.attachment[0].upload = twin_ask(a, &open)->reply.upload.id;
	refuse(a, &request, ERR_NOT_FOUND);
	request.send.attachment[0].upload = done;
	request.send.attachments = 2;
	request.send.attachment[1] = request.send.attachment[0];
	refuse(a, &request, ERR_EXISTS);
	request.send.attachments = 1;
	accept(a, &request);
	/* It belongs to that message now. */
	refuse(a, &request, ERR_NOT_FOUND);
	request = attached(a);
	keeper_on_desk_lost(a->keeper);
	refuse(a, &request, ERR_NOT_FOUND);
}

static void
send_takes_as_many_attachments_as_there_may_be(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = attached(a);
	struct text name = filled(ATTACHMENT_NAME_BYTES_MAX, 'n');

	request.send.subject = filled(SUBJECT_BYTES_MAX, 'n');
	request.send.attachments = ATTACHMENTS_MAX;
	for (size_t i = 0; i < ATTACHMENTS_MAX; i++) {
		if (i > 0)
			request.send.attachment[i].upload =
			    twin_upload(a, i % 3, 7);
		request.send.attachment[i].name = name;
		request.send.attachment[i].type =
		    (struct text){ name.data, ATTACHMENT_TYPE_BYTES_MAX };
	}
	accept(a, &request);
	twin_run(twin);
	assert_int_equal(twin_read(b), 1);
	assert_int_equal(b->replies[0].reply.message.attachments,
	    ATTACHMENTS_MAX);
	assert_false(b->replies[0].reply.message.arriving);
}

static void
send_makes_what_looks_alike_alike(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = message(a);

	request.send.text = twin_text("e\xcc\x81t\xc3\xa9");
	request.send.subject =
	    twin_text("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab");
	accept(a, &request);
	twin_run(twin);
	assert_int_equal(twin_read(b), 1);
	assert_int_equal(b->replies[0].file_len, 5);
	assert_memory_equal(b->replies[0].file, "\xc3\xa9t\xc3\xa9", 5);
	assert_string_equal(b->replies[0].subject, "\xed\x95\x9c");
}

static void
send_claims_nothing_on_a_full_disk(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = attached(a);

	twin->now.now_ns += (uint64_t)10 * CLOCK_NS_PER_S;
	a->disk_free = DISK_FULL_BYTES + 3;
	refuse(a, &request, ERR_FULL);
	twin->now.now_ns += (uint64_t)10 * CLOCK_NS_PER_S;
	a->disk_free = 0;
	refuse(a, &request, ERR_FULL);
	assert_non_null(strstr(a->replies[0].say, "nothing was sent"));
	twin->now.now_ns += (uint64_t)10 * CLOCK_NS_PER_S;
	a->disk_free = UINT64_MAX;
	accept(a, &request);
	twin_run(twin);
	assert_int_equal(twin_read(b), 1);
}

static void
send_claims_nothing_that_the_store_refused(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = attached(a);
	struct sqlite3 *db = a->keeper->store.db[STORE_RECORD];

	request.send.text = filled(TEXT_BYTES_MAX, 'x');
	assert_int_equal(sqlite3_exec(db, "PRAGMA max_page_count = 1", NULL,
			     NULL, NULL),
	    SQLITE_OK);
	refuse(a, &request, ERR_FULL);
	refuse(a, &request, ERR_FULL);
	assert_false(keeper_has_failed(a->keeper));
	assert_int_equal(sqlite3_exec(db, "PRAGMA max_page_count = 1000000",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	request.send.text = twin_text("short");
	/* The kernel's word stands until the disk is looked at again. */
	refuse(a, &request, ERR_FULL);
	twin->now.now_ns += (uint64_t)2 * CLOCK_NS_PER_S;
	accept(a, &request);
	assert_int_equal(a->replies[0].reply.sent.serial, 1);
	twin_run(twin);
	assert_int_equal(twin_read(b), 1);
	assert_true(b->replies[0].reply.message.attachment[0].whole);
}

static void
send_asked_twice_sends_once(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = attached(a);
	struct reply first;

	memset(request.send.id, 5, sizeof(request.send.id));
	accept(a, &request);
	first = a->replies[0].reply;
	assert_memory_equal(first.sent.id, request.send.id, RECORD_ID_BYTES);
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_SENT);
	assert_int_equal(a->replies[0].reply.sent.serial, first.sent.serial);
	assert_int_equal(a->replies[0].reply.sent.bytes, first.sent.bytes);
	assert_int_equal(forge_line(a)->journal.end, 1);
	twin_run(twin);
	twin_restart(a);
	twin_reboot(twin);
	assert_int_equal(twin_ask(a, &request)->reply.sent.serial, 1);
	/* Half of it the same is another message. */
	request = message(a);
	memset(request.send.id, 5, 8);
	memset(request.send.id + 8, 4, 8);
	accept(a, &request);
	twin_run(twin);
	assert_int_equal(twin_read(b), 2);
}

static void
send_answers_when_the_line_is_closed_meanwhile(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request close = twin_request(a, REQUEST_LINE_CLOSE);

	twin_restart(a);
	twin_cut(twin);
	twin_send(a, "no number yet", 0);
	assert_int_equal(a->reply_count, 0);
	twin_ask(a, &close);
	assert_int_equal(a->reply_count, 1);
	twin->now.now_ns += (uint64_t)3 * CLOCK_NS_PER_S;
	keeper_on_time(a->keeper, twin->now);
	assert_null(post_find_line(a->keeper, a->line));
	twin->now.now_ns += (uint64_t)3 * CLOCK_NS_PER_S;
	keeper_on_time(a->keeper, twin->now);
	assert_int_equal(a->reply_count, 2);
	assert_int_equal(a->replies[1].reply.err, ERR_STATE);
	assert_int_equal(a->replies[1].reply.id, close.id - 1);
}

static void
send_answers_more_than_it_lets_wait(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	twin_restart(a);
	twin_cut(twin);
	for (int i = 0; i < SENDS_WAITING_MAX; i++) {
		twin_send(a, "waits", 0);
		assert_int_equal(a->reply_count, 0);
	}
	assert_int_equal(twin_send(a, "does not", 0)->reply.kind, REPLY_SENT);
	assert_int_equal(a->replies[0].reply.sent.serial, 0);
	a->reply_count = 0;
	send_on_numbered(a->keeper, forge_line(a));
	assert_int_equal(a->reply_count, SENDS_WAITING_MAX);
	assert_true(send_next_ns(a->keeper) == UINT64_MAX);
}

static void
send_is_refused_where_the_line_is_not_open(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = message(a);

	forge_line(a)->ceremony.state = CEREMONY_FINISHED;
	refuse(a, &request, ERR_STATE);
	forge_line(a)->ceremony.state = CEREMONY_CONFIRMED;
	a->keeper->store.failed = true;
	refuse(a, &request, ERR_IO);
	a->keeper->store.failed = false;
	accept(a, &request);
}

/* -- sends that share a sync ------------------------------------------------ */

static int
count_commit(void *ctx)
{
	++*(int *)ctx;
	return 0;
}

/* Asks and lets no time pass: as many requests find one keeper at work. */
static void
ask_only(struct twin_side *side, struct request *request)
{
	request->id = ++side->twin->request;
	keeper_on_request(side->keeper, request, side->twin->now);
}

static void
send_shares_a_sync_among_those_who_ask_at_once(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = message(a);
	int commits = 0;

	sqlite3_commit_hook(a->keeper->store.db[STORE_RECORD], count_commit,
	    &commits);
	a->reply_count = 0;
	for (int i = 0; i < 8; i++)
		ask_only(a, &request);
	/* Nobody is told before it is on disk. */
	assert_int_equal(a->reply_count, 0);
	assert_int_equal(commits, 0);
	assert_true(keeper_next_ns(a->keeper) <= twin->now.now_ns);
	keeper_on_time(a->keeper, twin->now);
	assert_int_equal(commits, 1);
	assert_int_equal(a->reply_count, 8);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(a->replies[i].reply.kind, REPLY_SENT);
		assert_int_equal(a->replies[i].reply.sent.serial, i + 1);
	}
	assert_true(keeper_next_ns(a->keeper) > twin->now.now_ns);
	sqlite3_commit_hook(a->keeper->store.db[STORE_RECORD], NULL, NULL);
	twin_run(twin);
	assert_int_equal(twin_read(&twin->side[1]), 8);
}

static void
send_syncs_before_it_is_looked_at(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = message(a), re = message(a);

	a->reply_count = 0;
	ask_only(a, &request);
	assert_int_equal(twin_read(a), 2); /* its own answer, and the message */
	assert_int_equal(a->replies[0].reply.kind, REPLY_SENT);
	/* One that answers what was only just asked for. */
	ask_only(a, &request);
	re.send.re = twin_text("us/2");
	a->reply_count = 0;
	ask_only(a, &re);
	keeper_on_time(a->keeper, twin->now);
	assert_int_equal(a->reply_count, 2);
	assert_int_equal(a->replies[0].reply.sent.serial, 2);
	assert_int_equal(a->replies[1].reply.sent.serial, 3);
}

static void
send_asked_twice_at_once_sends_once(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = message(a), other = message(a);

	memset(request.send.id, 7, sizeof(request.send.id));
	memset(other.send.id, 8, sizeof(other.send.id));
	a->reply_count = 0;
	ask_only(a, &request);
	ask_only(a, &other);
	ask_only(a, &request);
	keeper_on_time(a->keeper, twin->now);
	assert_int_equal(a->reply_count, 3);
	assert_int_equal(a->replies[0].reply.sent.serial, 1);
	assert_int_equal(a->replies[1].reply.sent.serial, 2);
	assert_int_equal(a->replies[2].reply.sent.serial, 1);
	assert_int_equal(twin_read(a), 2);
}

/* What comes after the limit waits for no turn of the loop. */
static void
send_bounds_what_shares_a_sync(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = message(a);

	a->reply_count = 0;
	for (int i = 0; i < SENDS_TOGETHER_MAX - 1; i++)
		ask_only(a, &request);
	assert_int_equal(a->reply_count, 0);
	ask_only(a, &request);
	assert_int_equal(a->reply_count, SENDS_TOGETHER_MAX);
	request.send.text = filled(TEXT_BYTES_MAX, 'x');
	a->reply_count = 0;
	ask_only(a, &request);
	assert_int_equal(a->reply_count, 1);
}

/* Whom nobody can answer any more was promised nothing. */
static void
send_forgets_those_whose_desk_is_gone(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = message(a);

	a->reply_count = 0;
	ask_only(a, &request);
	keeper_on_desk_lost(a->keeper);
	keeper_on_time(a->keeper, twin->now);
	assert_int_equal(a->reply_count, 0);
	assert_int_equal(twin_read(a), 0);
	/* And a keeper that ends keeps none of it. */
	ask_only(a, &request);
	twin_restart(a);
	assert_int_equal(twin_read(a), 0);
}

/* One that the store refuses takes no other along. */
static void
send_refuses_one_of_those_that_share(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = message(a), theirs = message(a);
	struct record record = forge_record(RECORD_MESSAGE, 9);

	/* The peer has used the id before it could be known here. */
	record.serial = 1;
	record.subject = (struct record_text){ "hello", 5 };
	memset(theirs.send.id, 9, sizeof(theirs.send.id));
	a->reply_count = 0;
	ask_only(a, &request);
	ask_only(a, &theirs);
	ask_only(a, &request);
	forge_arrive(a, &record, 1);
	if (a->reply_count == 0)
		keeper_on_time(a->keeper, twin->now);
	assert_int_equal(a->reply_count, 3);
	assert_int_equal(a->replies[0].reply.kind, REPLY_SENT);
	assert_int_equal(a->replies[2].reply.kind, REPLY_SENT);
	assert_int_equal(a->replies[0].reply.sent.serial, 1);
	assert_true(a->replies[2].reply.sent.serial >= 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(send_refuses_texts_out_of_bounds),
		FORGE_CLAIM(send_refuses_subjects_out_of_bounds),
		FORGE_CLAIM(send_refuses_what_there_is_not),
		FORGE_CLAIM(send_refuses_references_to_nothing),
		FORGE_CLAIM(send_refuses_names_that_could_do_harm),
		FORGE_CLAIM(send_refuses_types_that_are_none),
		FORGE_CLAIM(send_refuses_types_that_the_terms_do_not_accept),
		FORGE_CLAIM(send_refuses_uploads_that_are_not_done),
		FORGE_CLAIM(send_takes_as_many_attachments_as_there_may_be),
		FORGE_CLAIM(send_makes_what_looks_alike_alike),
		FORGE_CLAIM(send_claims_nothing_on_a_full_disk),
		FORGE_CLAIM(send_claims_nothing_that_the_store_refused),
		FORGE_CLAIM(send_asked_twice_sends_once),
		FORGE_CLAIM(send_answers_when_the_line_is_closed_meanwhile),
		FORGE_CLAIM(send_answers_more_than_it_lets_wait),
		FORGE_CLAIM(send_is_refused_where_the_line_is_not_open),
		FORGE_CLAIM(send_shares_a_sync_among_those_who_ask_at_once),
		FORGE_CLAIM(send_syncs_before_it_is_looked_at),
		FORGE_CLAIM(send_asked_twice_at_once_sends_once),
		FORGE_CLAIM(send_bounds_what_shares_a_sync),
		FORGE_CLAIM(send_forgets_those_whose_desk_is_gone),
		FORGE_CLAIM(send_refuses_one_of_those_that_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
