/* The ceremony as people hold it: two posts, three files, ten words. */
#include "keeper/pairing.h"

#include "core/ceremony.h"
#include "twin.h"

struct file {
	uint8_t bytes[2048];
	size_t len;
};

static int
setup(void **state)
{
	*state = twin_new();
	return 0;
}

static int
teardown(void **state)
{
	twin_free(*state);
	return 0;
}

static struct file
file_of(const struct twin_reply *reply)
{
	struct file file = { .len = reply->file_len };

	assert_int_equal(reply->reply.kind, REPLY_CEREMONY);
	assert_true(reply->file_len <= sizeof(file.bytes));
	if (reply->file_len > 0)
		memcpy(file.bytes, reply->file, reply->file_len);
	return file;
}

static struct file
offer(struct twin_side *side)
{
	return file_of(twin_ask_file(side, REQUEST_OFFER, NULL, 0));
}

static struct twin_reply *
give(struct twin_side *side, enum request_kind kind, const struct file *file)
{
	return twin_ask_file(side, kind, file->bytes, file->len);
}

static void
refuse(struct twin_side *side, enum request_kind kind, const struct file *file,
    int err, enum ceremony_fault fault)
{
	struct twin_reply *reply = give(side, kind, file);

	assert_int_equal(reply->reply.kind, REPLY_ERROR);
	assert_int_equal(reply->reply.err, err);
	assert_string_equal(reply->say, ceremony_fault_text(fault));
}

static size_t
lines(struct twin_side *side)
{
	struct request request = { .kind = REQUEST_STATUS };

	twin_ask(side, &request);
	assert_int_equal(side->replies[0].reply.kind, REPLY_POST);
	return side->reply_count - 1;
}

static void
pairing_opens_the_line_only_when_confirmed(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	twin_pair(twin);
	assert_true(a->added && b->added);
	assert_int_equal(a->config.role, ROLE_A);
	assert_int_equal(b->config.role, ROLE_B);
	assert_memory_equal(a->config.boot_send, b->config.boot_recv,
	    LINE_KEY_BYTES);
	assert_memory_equal(a->config.boot_recv, b->config.boot_send,
	    LINE_KEY_BYTES);
	assert_memory_not_equal(a->config.boot_send, a->config.boot_recv,
	    LINE_KEY_BYTES);
	assert_string_equal(b->way[0].endpoint, "a.example:7411");
	assert_string_equal(a->way[0].endpoint, "");
	assert_int_equal(a->config.cadence.frame_bytes, 1200);
	assert_int_equal(b->config.cadence.slot_us, 100000);
}

static void
pairing_survives_restarts_between_all_steps(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct file file = offer(a);
	struct twin_reply *reply;
	char words[REQUEST_WORDS][REQUEST_WORD_BYTES];

	twin_restart(a);
	assert_false(a->added);
	file = file_of(give(b, REQUEST_ACCEPT, &file));
	twin_restart(b);
	reply = give(a, REQUEST_FINISH, &file);
	file = file_of(reply);
	memcpy(words, reply->words, sizeof(words));
	twin_restart(a);
	reply = give(b, REQUEST_FINISH, &file);
	assert_int_equal(reply->reply.kind, REPLY_CEREMONY);
	twin_restart(b);
	assert_false(b->added);
	assert_int_equal(twin_confirm(a, reply->words)->reply.kind, REPLY_DONE);
	a->added = false;
	twin_restart(a);
	assert_true(a->added);
	assert_int_equal(twin_confirm(b, words)->reply.kind, REPLY_DONE);
	assert_true(b->added);
}

static void
pairing_shows_terms_and_changes_nothing(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];
	struct file file = offer(&twin->side[0]);
	struct request request = twin_request(b, REQUEST_ACCEPT);
	struct twin_reply *reply;

	request.ceremony.look = true;
	request.ceremony.file =
	    (struct text){ (const char *)file.bytes, file.len };
	reply = twin_ask(b, &request);
	assert_int_equal(reply->reply.kind, REPLY_CEREMONY);
	assert_int_equal(reply->file_len, 0);
	assert_int_equal(reply->reply.ceremony.cadence.frame_bytes, 1200);
	assert_int_equal(reply->reply.ceremony.accept, 2);
	assert_int_equal(lines(b), 0);
	assert_int_equal(give(b, REQUEST_ACCEPT, &file)->reply.kind,
	    REPLY_CEREMONY);
}

static void
pairing_refuses_damaged_files(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct file file = offer(a), bad;

	for (size_t i = 0; i < file.len; i += 7) {
		bad = file;
		bad.bytes[i] ^= 0x40;
		assert_int_equal(give(b, REQUEST_ACCEPT, &bad)->reply.kind,
		    REPLY_ERROR);
	}
	bad = file;
	bad.len--;
	refuse(b, REQUEST_ACCEPT, &bad, ERR_FORMAT, CEREMONY_DAMAGED);
	bad.len = 0;
	refuse(b, REQUEST_ACCEPT, &bad, ERR_FORMAT, CEREMONY_FOREIGN);
	assert_int_equal(lines(b), 0);
	file = file_of(give(b, REQUEST_ACCEPT, &file));
	for (size_t i = 0; i < file.len; i += 31) {
		bad = file;
		bad.bytes[i] ^= 1;
		assert_int_equal(give(a, REQUEST_FINISH, &bad)->reply.kind,
		    REPLY_ERROR);
	}
	assert_int_equal(give(a, REQUEST_FINISH, &file)->reply.kind,
	    REPLY_CEREMONY);
}

static void
pairing_refuses_files_used_twice(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct file first = offer(a), reply, reveal;

	reply = file_of(give(b, REQUEST_ACCEPT, &first));
	refuse(b, REQUEST_ACCEPT, &first, ERR_EXISTS, CEREMONY_USED);
	reveal = file_of(give(a, REQUEST_FINISH, &reply));
	refuse(a, REQUEST_FINISH, &reply, ERR_EXISTS, CEREMONY_USED);
	assert_int_equal(give(b, REQUEST_FINISH, &reveal)->reply.kind,
	    REPLY_CEREMONY);
	refuse(b, REQUEST_FINISH, &reveal, ERR_EXISTS, CEREMONY_USED);
	/* Also once the line is gone. */
	struct request close = twin_request(b, REQUEST_LINE_CLOSE);

	assert_int_equal(twin_ask(b, &close)->reply.kind, REPLY_DONE);
	refuse(b, REQUEST_ACCEPT, &first, ERR_EXISTS, CEREMONY_USED);
	assert_int_equal(lines(b), 0);
}

static void
pairing_refuses_crossed_offers(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct file from_a = offer(a), from_b = offer(b);

	refuse(a, REQUEST_ACCEPT, &from_b, ERR_STATE, CEREMONY_CROSSED);
	refuse(b, REQUEST_ACCEPT, &from_a, ERR_STATE, CEREMONY_CROSSED);
	refuse(a, REQUEST_FINISH, &from_b, ERR_STATE, CEREMONY_CROSSED);
	refuse(a, REQUEST_ACCEPT, &from_a, ERR_STATE, CEREMONY_OWN);
}

static void
pairing_refuses_files_of_another_post(void **state)
{
	struct twin *twin = *state, *elsewhere = twin_new();
	struct file first = offer(&twin->side[0]);
	struct file other = offer(&elsewhere->side[0]);

	other = file_of(give(&elsewhere->side[1], REQUEST_ACCEPT, &other));
	refuse(&twin->side[0], REQUEST_FINISH, &other, ERR_STATE,
	    CEREMONY_OTHER_POST);
	other = file_of(give(&elsewhere->side[0], REQUEST_FINISH, &other));
	first = file_of(give(&twin->side[1], REQUEST_ACCEPT, &first));
	refuse(&twin->side[1], REQUEST_FINISH, &other, ERR_STATE,
	    CEREMONY_OTHER_POST);
	assert_int_equal(give(&twin->side[0], REQUEST_FINISH, &first)
			     ->reply.kind,
	    REPLY_CEREMONY);
	twin_free(elsewhere);
}

static void
pairing_refuses_wrong_words_and_changes_nothing(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct file file = offer(a);
	char a_words[REQUEST_WORDS][REQUEST_WORD_BYTES];
	char b_words[REQUEST_WORDS][REQUEST_WORD_BYTES];
	char wrong[REQUEST_WORDS][REQUEST_WORD_BYTES];
	const struct request request = twin_request(a, REQUEST_STATUS);
	char step[PAIRING_STEP_BYTES];
	struct twin_reply *reply;

	file = file_of(give(b, REQUEST_ACCEPT, &file));
	/* Not that far yet. */
	memset(wrong, 0, sizeof(wrong));
	assert_int_equal(twin_confirm(a, wrong)->reply.err, ERR_STATE);
	reply = give(a, REQUEST_FINISH, &file);
	memcpy(a_words, reply->words, sizeof(a_words));
	pairing_next_step(post_find_name(a->keeper, request.line), step);
	for (size_t i = 0; i < REQUEST_WORDS; i++)
		assert_non_null(strstr(step, a_words[i]));
	file = file_of(reply);
	reply = give(b, REQUEST_FINISH, &file);
	memcpy(b_words, reply->words, sizeof(b_words));

	assert_string_equal(twin_confirm(a, a_words)->say,
	    ceremony_fault_text(CEREMONY_OWN_WORDS));
	memcpy(wrong, b_words, sizeof(wrong));
	memcpy(wrong[3],
	    strcmp(b_words[3], a_words[0]) == 0 ? a_words[1] : a_words[0],
	    REQUEST_WORD_BYTES);
	assert_string_equal(twin_confirm(a, wrong)->say,
	    ceremony_fault_text(CEREMONY_WRONG_WORDS));
	strcpy(wrong[3], "nosuchword");
	assert_string_equal(twin_confirm(a, wrong)->say,
	    ceremony_fault_text(CEREMONY_UNKNOWN_WORD));
	assert_false(a->added);
	assert_int_equal(twin_confirm(a, b_words)->reply.kind, REPLY_DONE);
	assert_true(a->added);
	reply = twin_confirm(a, b_words);
	assert_int_equal(reply->reply.err, ERR_STATE);
	assert_non_null(strstr(reply->say, "confirmed here already"));
}

static void
pairing_refuses_names_and_addresses(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_OFFER);

	request.ceremony.cadence = (struct cadence){ 1200, 100000 };
	request.line = twin_text("");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_FORMAT);
	request.line = twin_text("two\nlines");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_FORMAT);
	request.line = twin_text("bravo");
	request.way.endpoint = twin_text("no port");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_FORMAT);
	request.way.endpoint = twin_text("a.example:7411");
	request.ceremony.cadence.frame_bytes = FRAME_BYTES_MAX + 1;
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_LIMIT);
	request.ceremony.cadence.frame_bytes = FRAME_BYTES_MIN - 1;
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_LIMIT);
	request.ceremony.cadence.frame_bytes = 1200;
	request.ceremony.accept = 3;
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_LIMIT);
	assert_int_equal(lines(a), 0);
	offer(a);
	request.ceremony.accept = 2;
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_EXISTS);
	assert_int_equal(lines(a), 1);
}

static void
pairing_undoes_a_line_whose_socket_fails(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct file file = offer(a);
	struct request request = twin_request(b, REQUEST_ACCEPT);

	request.ceremony.file =
	    (struct text){ (const char *)file.bytes, file.len };
	twin_ask(b, &request);
	assert_int_equal(b->reply_count, 0);
	keeper_on_socket(b->keeper, b->line, 0, ERR_IO, twin_text(""),
	    twin_text("the address is in use"), twin->now);
	assert_int_equal(b->reply_count, 1);
	assert_int_equal(b->replies[0].reply.kind, REPLY_ERROR);
	assert_non_null(strstr(b->replies[0].say, "in use"));
	assert_int_equal(lines(b), 0);
	/* The offer may be accepted again. */
	assert_int_equal(give(b, REQUEST_ACCEPT, &file)->reply.kind,
	    REPLY_CEREMONY);
}

static void
pairing_does_not_wait_for_a_socket_for_ever(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_OFFER);

	request.ceremony.cadence = (struct cadence){ 1200, 100000 };
	request.way.endpoint = twin_text("a.example:7411");
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 0);
	twin_run_until(twin, twin->now.now_ns + (uint64_t)6 * CLOCK_NS_PER_S);
	assert_int_equal(a->reply_count, 1);
	assert_int_equal(a->replies[0].reply.kind, REPLY_CEREMONY);
}

static void
pairing_closes_a_line_for_good(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_LINE_CLOSE);

	twin_pair(twin);
	twin_reboot(twin);
	twin_send(a, "the last word", 0);
	twin_run(twin);
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_DONE);
	assert_int_equal(a->orders[LINE_ORDER_GOODBYE], 1);
	assert_true(a->added);
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	twin_run_until(twin, twin->now.now_ns + (uint64_t)3 * CLOCK_NS_PER_S);
	assert_false(a->added);
	assert_int_equal(lines(a), 0);
	/* What was said stays readable. */
	assert_int_equal(twin_read(a), 1);
	twin_restart(a);
	assert_false(a->added);
	assert_int_equal(twin_read(a), 1);
	assert_int_equal(twin_send(a, "x", 0)->reply.err, ERR_NOT_FOUND);
	/* And the name is free. */
	offer(a);
	assert_int_equal(lines(a), 1);
}

/* However fast people change their minds. */
static void
pairing_answers_whoever_waits_on_a_line_that_closes(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request open = twin_request(a, REQUEST_OFFER);
	struct request close = twin_request(a, REQUEST_LINE_CLOSE);

	open.ceremony.cadence = (struct cadence){ 1200, 100000 };
	for (int i = 0; i < 2 * LINES_MAX; i++) {
		twin_ask(a, &open);
		assert_int_equal(a->reply_count, 0);
		twin_ask(a, &close);
		assert_int_equal(a->reply_count, 2);
		assert_int_equal(a->replies[0].reply.id, open.id);
		assert_int_equal(a->replies[0].reply.err, ERR_STATE);
		assert_int_equal(a->replies[1].reply.kind, REPLY_DONE);
	}
	assert_int_equal(lines(a), 0);
	/* A late socket is nobody's. */
	a->reply_count = 0;
	keeper_on_socket(a->keeper, a->line, 0, OK, twin_text("[::]:7411"),
	    twin_text(""), twin->now);
	assert_int_equal(a->reply_count, 0);
}

static void
pairing_refuses_more_lines_than_there_may_be(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_OFFER);
	char name[16];

	request.ceremony.cadence = (struct cadence){ 1200, 100000 };
	for (int i = 0; i <= LINES_MAX; i++) {
		snprintf(name, sizeof(name), "peer %d", i);
		request.line = twin_text(name);
		twin_ask(a, &request);
		if (i == LINES_MAX)
			break;
		keeper_on_socket(a->keeper, a->line, 0, OK,
		    twin_text("[::]:7411"), twin_text(""), twin->now);
		assert_int_equal(a->replies[0].reply.kind, REPLY_CEREMONY);
	}
	assert_int_equal(a->replies[0].reply.err, ERR_LIMIT);
	twin_restart(a);
	assert_int_equal(lines(a), LINES_MAX);
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_LIMIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pairing_opens_the_line_only_when_confirmed),
		TEST(pairing_survives_restarts_between_all_steps),
		TEST(pairing_shows_terms_and_changes_nothing),
		TEST(pairing_refuses_damaged_files),
		TEST(pairing_refuses_files_used_twice),
		TEST(pairing_refuses_crossed_offers),
		TEST(pairing_refuses_files_of_another_post),
		TEST(pairing_refuses_wrong_words_and_changes_nothing),
		TEST(pairing_refuses_names_and_addresses),
		TEST(pairing_undoes_a_line_whose_socket_fails),
		TEST(pairing_does_not_wait_for_a_socket_for_ever),
		TEST(pairing_closes_a_line_for_good),
		TEST(pairing_answers_whoever_waits_on_a_line_that_closes),
		TEST(pairing_refuses_more_lines_than_there_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
