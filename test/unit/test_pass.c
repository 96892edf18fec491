#include "keeper/pass.h"

#include "forge.h"

/* One line was closed, and its messages are still there to be passed on to the
 * one that there is now. */
static const char from[] = "bravo";

static void
say(struct twin_side *side, const char *text, enum mark mark)
{
	struct request request = twin_request(side, REQUEST_SEND);

	request.send.text = twin_text(text);
	request.send.mark = (uint8_t)mark;
	assert_int_equal(twin_ask(side, &request)->reply.kind, REPLY_SENT);
}

static int
setup(void **state)
{
	struct twin *twin = twin_new_line();
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct record by_form = forge_record(RECORD_MESSAGE, 7);
	struct request request;

	say(b, "none", MARK_NONE);
	say(b, "you only", MARK_YOU_ONLY);
	say(b, "principal", MARK_PRINCIPAL);
	say(b, "in substance", MARK_IN_SUBSTANCE);
	say(b, "may be quoted", MARK_MAY_BE_QUOTED);
	say(b, "withdrawn", MARK_NONE);
	request = twin_request(b, REQUEST_SEND);
	request.send.withdraws = twin_text("us/6");
	twin_ask(b, &request);
	twin_run(twin);
	by_form.serial = 8;
	by_form.form = 1;
	by_form.subject = (struct record_text){ "x", 1 };
	forge_arrive(a, &by_form, 20);
	for (int i = 0; i < 2; i++) {
		struct twin_side *side = &twin->side[i];

		request = twin_request(side, REQUEST_LINE_CLOSE);
		assert_int_equal(twin_ask(side, &request)->reply.kind,
		    REPLY_DONE);
	}
	forge_wait(twin, 60000);
	a->peer = "lima";
	b->peer = "turku";
	twin_pair(twin);
	twin_reboot(twin);
	*state = twin;
	return 0;
}

static struct request
passing(struct twin_side *side, const char *ref, enum mark mark,
    const char *text)
{
	struct request request = twin_request(side, REQUEST_PASS);

	request.ask.pass.from = twin_text(from);
	snprintf(request.ask.pass.ref, REQUEST_REF_BYTES, "%s", ref);
	request.ask.pass.mark = (uint8_t)mark;
	request.ask.pass.text = twin_text(text);
	return request;
}

static struct twin_reply *
pass(struct twin_side *side, const char *ref, enum mark mark, const char *text)
{
	struct request request = passing(side, ref, mark, text);

	return twin_ask(side, &request);
}

static void
refuse(struct twin_side *side, const char *ref, enum mark mark,
    const char *text, int err)
{
	const struct twin_reply *reply = pass(side, ref, mark, text);

	assert_int_equal(reply->reply.kind, REPLY_ERROR);
	assert_int_equal(reply->reply.err, err);
	assert_int_equal(twin_read(side), 0);
}

static void
pass_carries_words_and_mark(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct message_view *view;

	assert_int_equal(pass(a, "them/5", MARK_MAY_BE_QUOTED, "")->reply.kind,
	    REPLY_SENT);
	twin_run(twin);
	assert_int_equal(twin_read(b), 1);
	view = &b->replies[0].reply.message;
	assert_int_equal(view->mark, MARK_MAY_BE_QUOTED);
	assert_memory_equal(b->replies[0].file, "may be quoted",
	    strlen("may be quoted"));
	assert_int_equal(view->more.passed, 0);
	assert_int_equal(pass(a, "them/1", MARK_NONE, "")->reply.kind,
	    REPLY_SENT);
	assert_int_equal(pass(a, "them/3", MARK_PRINCIPAL, "")->reply.kind,
	    REPLY_SENT);
}

static void
pass_in_own_words_leaves_the_others(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	assert_int_equal(pass(a, "them/4", MARK_IN_SUBSTANCE, "mine")
			     ->reply.kind,
	    REPLY_SENT);
	twin_run(twin);
	assert_int_equal(twin_read(b), 1);
	assert_int_equal(b->replies[0].file_len, strlen("mine"));
	assert_int_equal(b->replies[0].reply.message.mark, MARK_IN_SUBSTANCE);
}

static void
pass_is_refused_for_you_only(void **state)
{
	struct twin *twin = *state;

	for (int mark = 0; mark < MARK_COUNT; mark++) {
		refuse(&twin->side[0], "them/2", (enum mark)mark, "",
		    ERR_DENIED);
		refuse(&twin->side[0], "them/2", (enum mark)mark, "mine",
		    ERR_DENIED);
	}
}

static void
pass_names_the_mark(void **state)
{
	struct twin *twin = *state;
	const enum mark marks[] = { MARK_NONE, MARK_YOU_ONLY, MARK_PRINCIPAL,
		MARK_IN_SUBSTANCE, MARK_MAY_BE_QUOTED };
	char ref[REQUEST_REF_BYTES];

	for (int i = 0; i < 5; i++) {
		for (int named = 0; named < MARK_COUNT; named++) {
			snprintf(ref, sizeof(ref), "them/%d", i + 1);
			if (named != (int)marks[i])
				refuse(&twin->side[0], ref, (enum mark)named,
				    "mine", ERR_DENIED);
		}
	}
}

static void
pass_in_substance_takes_own_words(void **state)
{
	struct twin *twin = *state;

	refuse(&twin->side[0], "them/4", MARK_IN_SUBSTANCE, "", ERR_DENIED);
	refuse(&twin->side[0], "them/4", MARK_IN_SUBSTANCE, "in substance",
	    ERR_DENIED);
	refuse(&twin->side[0], "them/4", MARK_IN_SUBSTANCE, "\xff", ERR_FORMAT);
}

static void
pass_is_refused_of_what_is_not_there(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = passing(a, "them/1", MARK_NONE, "");

	refuse(a, "them/9", MARK_NONE, "", ERR_NOT_FOUND);
	refuse(a, "us/1", MARK_NONE, "", ERR_NOT_FOUND);
	refuse(a, "nobody", MARK_NONE, "", ERR_NOT_FOUND);
	refuse(a, "them/6", MARK_NONE, "", ERR_STATE);
	request.ask.pass.from = twin_text("nobody");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
	request.ask.pass.from = twin_text("lima");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_FORMAT);
	request = passing(a, "them/1", MARK_NONE, "");
	request.ask.pass.subject = twin_text("mine");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_FORMAT);
}

static void
pass_is_remembered_here(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_PASSED_LIST);
	const struct passed_view *view;

	pass(a, "them/5", MARK_MAY_BE_QUOTED, "");
	pass(a, "them/4", MARK_IN_SUBSTANCE, "mine");
	twin_restart(a);
	request.line = twin_text(from);
	request.page.limit = 1;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 2);
	view = &a->replies[0].reply.view.passed;
	assert_string_equal(view->ref, "them/5");
	assert_string_equal(view->as, "us/1");
	assert_int_equal(view->mark, MARK_MAY_BE_QUOTED);
	assert_false(view->in_own_words);
	assert_true(a->replies[1].reply.cut);
	request.page.after = a->replies[0].reply.cursor;
	request.page.limit = 100;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 2);
	assert_string_equal(a->replies[0].reply.view.passed.ref, "them/4");
	assert_true(a->replies[0].reply.view.passed.in_own_words);
	assert_false(a->replies[1].reply.cut);
	/* Nothing was passed on of the line that it went to. */
	request.line = twin_text("lima");
	request.page.after = 0;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 1);
}

static void
pass_says_a_form_in_own_words(void **state)
{
	struct twin *twin = *state;

	refuse(&twin->side[0], "them/8", MARK_NONE, "", ERR_STATE);
	assert_int_equal(pass(&twin->side[0], "them/8", MARK_NONE, "mine")
			     ->reply.kind,
	    REPLY_SENT);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, forge_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(pass_carries_words_and_mark),
		CLAIM(pass_in_own_words_leaves_the_others),
		CLAIM(pass_is_refused_for_you_only),
		CLAIM(pass_names_the_mark),
		CLAIM(pass_in_substance_takes_own_words),
		CLAIM(pass_is_refused_of_what_is_not_there),
		CLAIM(pass_is_remembered_here),
		CLAIM(pass_says_a_form_in_own_words),
	};

	return cmocka_run_group_tests_name("pass", tests, NULL, NULL);
}
