#include "keeper/translation.h"

#include "forge.h"

static struct twin_reply *
translate(struct twin_side *side, const char *ref, const char *language,
    const char *text)
{
	struct request request = twin_request(side, REQUEST_TRANSLATE);

	request.ref = twin_text(ref);
	request.ask.translation.language = twin_text(language);
	request.ask.translation.text = twin_text(text);
	return twin_ask(side, &request);
}

/* Those of a message, from `after` on; how many. */
static size_t
list(struct twin_side *side, const char *ref, uint64_t after, uint32_t limit)
{
	struct request request = twin_request(side, REQUEST_TRANSLATION_LIST);

	request.ref = twin_text(ref);
	request.page.after = after;
	request.page.limit = limit;
	twin_ask(side, &request);
	assert_int_equal(side->replies[side->reply_count - 1].reply.kind,
	    REPLY_DONE);
	return side->reply_count - 1;
}

static uint64_t
count(struct twin_side *side, const char *ref)
{
	struct request request = twin_request(side, REQUEST_READ);

	request.read.since_ms = INT64_MIN;
	request.ref = twin_text(ref);
	twin_ask(side, &request);
	return side->replies[0].reply.message.more.translations;
}

static void
translation_is_seen_by_both_beside_the_original(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct twin_reply *reply;

	twin_send(a, "eins", 0);
	twin_run(twin);
	reply = translate(b, "them/1", "en", "one");
	assert_int_equal(reply->reply.kind, REPLY_VIEW);
	assert_string_equal(reply->reply.view.translation.ref, "them/1");
	assert_int_equal(reply->reply.view.translation.from, 0);
	translate(a, "us/1", "fr", "un");
	twin_run(twin);
	for (int i = 0; i < 2; i++) {
		struct twin_side *side = &twin->side[i];
		const char *ref = i == 0 ? "us/1" : "them/1";

		assert_int_equal(count(side, ref), 2);
		assert_int_equal(side->replies[0].file_len, 4);
		assert_int_equal(list(side, ref, 0, 100), 2);
		assert_int_not_equal(side->replies[0]
					 .reply.view.translation.from,
		    side->replies[1].reply.view.translation.from);
		assert_int_equal(forge_count(side, "message", "translated"), 2);
		/* It is no message. */
		assert_int_equal(twin_read(side), 1);
	}
}

static void
translation_list_goes_by_pages(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	uint64_t cursor;

	twin_send(a, "eins", 0);
	for (int i = 0; i < 5; i++)
		translate(a, "us/1", "en", "one");
	assert_int_equal(list(a, "us/1", 0, 2), 2);
	assert_true(a->replies[2].reply.cut);
	cursor = a->replies[1].reply.cursor;
	assert_int_equal(list(a, "us/1", cursor, 100), 3);
	assert_false(a->replies[3].reply.cut);
	cursor = a->replies[2].reply.cursor;
	assert_int_equal(list(a, "us/1", cursor, 100), 0);
	assert_int_equal(list(a, "us/1", UINT64_MAX, 100), 0);
}

static void
translation_is_normalised(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	twin_send(a, "x", 0);
	/* e and a combining accent are three bytes, and become two. */
	assert_int_equal(translate(a, "us/1", "fr", "e\xcc\x81")
			     ->reply.view.translation.text.len,
	    2);
}

static void
translation_refuses_what_is_none(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const char *no_languages[] = { "", "k o", "\xed\x95\x9c",
		"a-tag-that-is-longer-than-any-is-here" };

	twin_send(a, "x", 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(translate(a, "us/1", no_languages[i], "y")
				     ->reply.err,
		    ERR_FORMAT);
	assert_int_equal(translate(a, "us/1", "ko", "")->reply.err, ERR_FORMAT);
	assert_int_equal(translate(a, "us/1", "ko", "\xff")->reply.err,
	    ERR_FORMAT);
	assert_int_equal(translate(a, "us/2", "ko", "y")->reply.err,
	    ERR_NOT_FOUND);
	assert_int_equal(translate(a, "them/1", "ko", "y")->reply.err,
	    ERR_NOT_FOUND);
	assert_int_equal(translate(a, "us/1", "ko", "y")->reply.kind,
	    REPLY_VIEW);
	assert_int_equal(count(a, "us/1"), 1);
}

static void
translation_outlives_a_restart(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	twin_send(a, "x", 0);
	translate(a, "us/1", "ko", "y");
	twin_restart(a);
	assert_int_equal(list(a, "us/1", 0, 100), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(translation_is_seen_by_both_beside_the_original),
		FORGE_CLAIM(translation_list_goes_by_pages),
		FORGE_CLAIM(translation_is_normalised),
		FORGE_CLAIM(translation_refuses_what_is_none),
		FORGE_CLAIM(translation_outlives_a_restart),
	};

	return cmocka_run_group_tests_name("translation", tests, NULL, NULL);
}
