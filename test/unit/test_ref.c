#include "keeper/ref.h"

#include "forge.h"

static const uint8_t id[RECORD_ID_BYTES] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab,
	0xcd, 0xef, 0xff };

static int
find(struct twin_side *side, const char *ref, int64_t *row)
{
	return ref_find(side->keeper, side->line, twin_text(ref), row);
}

static int
find_only(struct twin_side *side, const char *ref)
{
	int64_t row = 7;
	const int rc = find(side, ref, &row);

	if (rc != OK)
		assert_int_equal(row, 0);
	return rc;
}

static void
ref_names_a_message_by_side_and_serial(void **state)
{
	char ref[REQUEST_REF_BYTES];

	(void)state;
	ref_format(ref, SIDE_US, 12, id);
	assert_string_equal(ref, "us/12");
	ref_format(ref, SIDE_THEM, 7, id);
	assert_string_equal(ref, "them/7");
	ref_format(ref, SIDE_THEM, UINT64_MAX, id);
	assert_string_equal(ref, "them/18446744073709551615");
	ref_format(ref, SIDE_US, 0, id);
	assert_string_equal(ref, "0123456789abcdef");
}

static void
ref_finds_what_it_names(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	char ref[REQUEST_REF_BYTES];
	int64_t row, same;
	uint8_t sent[RECORD_ID_BYTES];

	memcpy(sent, twin_send(a, "x", 0)->reply.sent.id, sizeof(sent));
	twin_run(twin);
	assert_int_equal(find(a, "us/1", &row), OK);
	ref_format(ref, SIDE_US, 0, sent);
	assert_int_equal(find(a, ref, &same), OK);
	assert_int_equal(row, same);
	for (size_t i = 0; i < strlen(ref); i++)
		if (ref[i] >= 'a')
			ref[i] = (char)(ref[i] - 'a' + 'A');
	assert_int_equal(find(a, ref, &same), OK);
	assert_int_equal(row, same);
	assert_int_equal(find_only(b, "them/1"), OK);
	assert_int_equal(find_only(b, ref), OK);
}

/* The peer knows our ids, and may draw its own as it likes. */
static void
ref_of_digits_means_ours_where_the_peer_took_them_too(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record theirs = forge_record(RECORD_MESSAGE, 0);
	char ref[REQUEST_REF_BYTES];
	int64_t row, same;

	a->mute = true;
	memcpy(theirs.id, twin_send(a, "x", 0)->reply.sent.id,
	    sizeof(theirs.id));
	ref_format(ref, SIDE_US, 0, theirs.id);
	assert_int_equal(find(a, "us/1", &row), OK);
	for (int low = 0; low < 2; low++) {
		memset(theirs.id + 8, low ? 0x00 : 0xff, 8);
		theirs.serial = theirs.after + 1;
		theirs.subject = (struct record_text){ "hello", 5 };
		forge_arrive(a, &theirs, theirs.serial);
		theirs.after = theirs.serial;
		assert_int_equal(find(a, ref, &same), OK);
		assert_int_equal(row, same);
	}
	assert_false(twin_has_event(a, "fault", "fault"));
	assert_int_equal(twin_read(a), 3);
}

static void
ref_refuses_what_reads_otherwise(void **state)
{
	static const char *const refs[] = { "us/", "us/0", "us/01", "us/+1",
		"us/ 1", "us/-1", "us/1 ", "us/1x", "us/0x1", "us/1.0", "US/1",
		"Us/1", "us", "us1", "us\\1", "/1", "1", "them", "them/",
		"them/00", "they/1", "us/them/1", "0123456789abcde",
		"0123456789abcdef0", "0123456789abcdeg", "0x23456789abcdef",
		"us/9223372036854775808", "us/18446744073709551617",
		"them/99999999999999999999999999999999999999999999",
		"us/1111111111111111111111111111111111111111111111111111" };
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	int64_t row;

	twin_send(a, "x", 0);
	for (size_t i = 0; i < sizeof(refs) / sizeof(refs[0]); i++)
		assert_int_equal(find_only(a, refs[i]), ERR_FORMAT);
	assert_int_equal(ref_find(a->keeper, a->line, (struct text){ NULL, 0 },
			     &row),
	    ERR_FORMAT);
	assert_int_equal(ref_find(a->keeper, a->line,
			     (struct text){ "us/1\0", 5 }, &row),
	    ERR_FORMAT);
	assert_int_equal(ref_find(a->keeper, a->line,
			     (struct text){ "us/1\0us/1", 9 }, &row),
	    ERR_FORMAT);
}

static void
ref_does_not_find_what_is_not_there(void **state)
{
	static const char *const refs[] = { "us/2", "them/1", "them/2",
		"us/999999999999999999", "0123456789abcdef", "0000000000000000",
		"ffffffffffffffff" };
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	int64_t row;

	twin_send(a, "x", 0);
	for (size_t i = 0; i < sizeof(refs) / sizeof(refs[0]); i++)
		assert_int_equal(find_only(a, refs[i]), ERR_NOT_FOUND);
	/* Each line counts for itself. */
	assert_int_equal(ref_find(a->keeper, a->line + 1, twin_text("us/1"),
			     &row),
	    ERR_NOT_FOUND);
	assert_int_equal(ref_find(a->keeper, 0, twin_text("us/1"), &row),
	    ERR_NOT_FOUND);
}

static void
ref_of_an_id_is_what_people_read(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	uint8_t sent[RECORD_ID_BYTES];
	char ref[REQUEST_REF_BYTES];

	memcpy(sent, twin_send(a, "x", 0)->reply.sent.id, sizeof(sent));
	twin_run(twin);
	assert_int_equal(ref_of_id(a->keeper, a->line, sent, ref), OK);
	assert_string_equal(ref, "us/1");
	assert_int_equal(ref_of_id(b->keeper, b->line, sent, ref), OK);
	assert_string_equal(ref, "them/1");
	assert_int_equal(ref_of_id(a->keeper, a->line, id, ref), OK);
	assert_string_equal(ref, "0123456789abcdef");
	assert_int_equal(ref_of_id(a->keeper, a->line + 1, sent, ref), OK);
	assert_int_equal(strlen(ref), 16);
}

static void
ref_names_the_mark_with_it(void **state)
{
	(void)state;
	assert_string_equal(ref_marked(MARK_NONE), "");
	for (int mark = MARK_NONE + 1; mark < MARK_COUNT; mark++) {
		const char *said = ref_marked((enum mark)mark);

		assert_memory_equal(said, ", marked ", 9);
		assert_string_equal(said + 9,
		    word_name(&record_marks, (size_t)mark));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ref_names_the_mark_with_it),
		cmocka_unit_test(ref_names_a_message_by_side_and_serial),
		FORGE_CLAIM(ref_finds_what_it_names),
		FORGE_CLAIM(
		    ref_of_digits_means_ours_where_the_peer_took_them_too),
		FORGE_CLAIM(ref_refuses_what_reads_otherwise),
		FORGE_CLAIM(ref_does_not_find_what_is_not_there),
		FORGE_CLAIM(ref_of_an_id_is_what_people_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
