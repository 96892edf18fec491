#include "keeper/sheet.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "keeper/rights.h"
#include "proc/field.h"

static uint8_t sheet[REQUEST_BYTES_MAX];

static struct text
text(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static size_t
write_sheet(const struct request *request)
{
	struct writer w;

	buf_write(&w, sheet, sizeof(sheet));
	sheet_write(&w, request);
	assert_true(buf_is_sound(&w));
	return w.len;
}

/* Something for every field, the same each time. */
static void
fill(const struct layout *layout, void *into)
{
	for (size_t i = 0; i < layout->fields; i++) {
		const struct field *field = &layout->field[i];
		char *at = (char *)into + field->offset;
		const struct text words = text("words\nof a field");
		const size_t count = field->most < 2 ? 1 : 2;

		switch (field->kind) {
		case FIELD_TEXT:
			memcpy(at, &words, sizeof(words));
			if (field->most < words.len)
				((struct text *)(void *)at)->len =
				    (size_t)field->most;
			break;
		case FIELD_REF:
			strcpy(at, "them/p3");
			break;
		case FIELD_NUMBER:
			*(uint64_t *)(void *)at =
			    field->most == 0 ? UINT64_MAX : field->most;
			break;
		case FIELD_TIME:
			*(int64_t *)(void *)at = 1795000000123;
			break;
		case FIELD_BOOL:
			*(bool *)(void *)at = true;
			break;
		case FIELD_WORD:
			*(uint8_t *)at = (uint8_t)(field->words->count - 1);
			break;
		case FIELD_SET:
			*(uint32_t *)(void *)at =
			    (UINT32_C(1) << field->words->count) - 1;
			break;
		case FIELD_ID:
			memset(at, 0xa5, FIELD_ID_BYTES);
			break;
		case FIELD_LIST:
			memcpy((char *)into + field->count, &count,
			    sizeof(count));
			for (size_t j = 0; j < count; j++)
				fill(field->of, at + j * field->of->bytes);
			break;
		}
	}
}

static struct request
full(enum request_kind kind)
{
	const struct layout *layout = request_ask_layout(kind);
	struct request request = { .kind = kind };

	request.line = text("oslo");
	request.ref = text("us/p7");
	request.name = text("a name");
	request.n = 12;
	if (layout != NULL)
		fill(layout, &request.ask);
	if (kind != REQUEST_SEND)
		return request;
	request.send.subject = text("the subject");
	request.send.text = text("the text");
	request.send.language = text("en");
	request.send.precedence = PRECEDENCE_FLASH;
	request.send.mark = MARK_YOU_ONLY;
	request.send.re = text("them/7");
	request.send.withdraws = text("us/3");
	request.send.attachments = 2;
	for (size_t i = 0; i < 2; i++)
		request.send.attachment[i] = (struct upload_use){ i + 1,
			text("map.png"), text("image/png") };
	request.send.points = 2;
	request.send.point[0] = text("us/p1");
	request.send.point[1] = text("them/p2");
	request.send.form = UINT32_MAX;
	return request;
}

static void
every_kind_that_speaks_has_a_word_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < REQUEST_COUNT; i++) {
		const char *word = sheet_word((enum request_kind)i);

		if (rights_speaks((enum request_kind)i) != (word != NULL))
			fail_msg("request %d", i);
		for (int j = 0; word != NULL && j < i; j++) {
			const char *other = sheet_word((enum request_kind)j);

			assert_true(other == NULL || strcmp(word, other) != 0);
		}
	}
}

/* Written again it is the same, and what it says reads the same. */
static void
every_kind_that_speaks_comes_back(void **state)
{
	static uint8_t first[REQUEST_BYTES_MAX];
	struct request request, back;
	size_t len;

	(void)state;
	for (int i = 0; i < REQUEST_COUNT; i++) {
		if (sheet_word((enum request_kind)i) == NULL)
			continue;
		request = full((enum request_kind)i);
		len = write_sheet(&request);
		memcpy(first, sheet, len);
		assert_int_equal(sheet_read(&back, first, len), OK);
		assert_int_equal(back.kind, i);
		assert_int_equal(back.line.len, 4);
		assert_int_equal(back.n, 12);
		assert_int_equal(write_sheet(&back), len);
		assert_memory_equal(sheet, first, len);
	}
}

static void
a_message_comes_back_word_for_word(void **state)
{
	struct request request = full(REQUEST_SEND), back;
	const size_t len = write_sheet(&request);

	(void)state;
	assert_int_equal(sheet_read(&back, sheet, len), OK);
	assert_memory_equal(back.send.text.data, "the text", 8);
	assert_int_equal(back.send.precedence, PRECEDENCE_FLASH);
	assert_int_equal(back.send.mark, MARK_YOU_ONLY);
	assert_int_equal(back.send.attachments, 2);
	assert_int_equal(back.send.attachment[1].upload, 2);
	assert_memory_equal(back.send.attachment[1].name.data, "map.png", 7);
	assert_int_equal(back.send.points, 2);
	assert_memory_equal(back.send.point[1].data, "them/p2", 7);
	assert_true(back.send.form == UINT32_MAX);
	/* Nobody's, and not done yet. */
	assert_int_equal(back.draft, 0);
	assert_false(back.emergency);
	assert_int_equal(back.id, 0);
}

/* All that is said of it can be shown, and fits between the rooms. */
static uint64_t
count_lines(const struct layout *layout)
{
	uint64_t count = 0;

	for (size_t i = 0; i < layout->fields; i++) {
		const struct field *field = &layout->field[i];

		if (field->kind == FIELD_LIST)
			count += field->most * count_lines(field->of);
		else
			count++;
		if (field->kind == FIELD_TEXT &&
		    (field->name == NULL || !sheet_is_text(text(field->name))))
			assert_in_range(field->most, 1, DRAFT_VALUE_BYTES_MAX);
	}
	return count;
}

static size_t
count_texts(const struct layout *layout)
{
	size_t count = 0;

	for (size_t i = 0; i < layout->fields; i++)
		count += sheet_is_text(text(layout->field[i].name));
	return count;
}

static void
every_field_can_be_shown(void **state)
{
	enum { HEAD = 3 };

	(void)state;
	for (int i = 0; i < REQUEST_COUNT; i++) {
		const struct layout *layout =
		    request_ask_layout((enum request_kind)i);

		if (sheet_word((enum request_kind)i) == NULL || layout == NULL)
			continue;
		assert_in_range(count_texts(layout), 0, 1);
		assert_in_range(count_lines(layout) + HEAD, 1, DRAFT_LINES_MAX);
	}
}

static void
people_see_all_but_where_it_goes(void **state)
{
	struct draft_line lines[DRAFT_LINES_MAX];
	struct request request = full(REQUEST_SEND);
	const size_t len = write_sheet(&request);
	const size_t count = sheet_list(lines, DRAFT_LINES_MAX, sheet, len);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		assert_int_not_equal(lines[i].name.data[0], ':');
		assert_true(lines[i].name.len != 4 ||
		    memcmp(lines[i].name.data, "text", 4) != 0);
		assert_true(lines[i].name.len < 11 ||
		    memcmp(lines[i].name.data, "attachments", 11) != 0);
	}
	/* ref, name, number; subject, language, precedence, mark, re,
	 * withdraws, two points, form. */
	assert_int_equal(count, 3 + 9);
	assert_int_equal(sheet_list(lines, 2, sheet, len), 2);
	assert_int_equal(sheet_find(sheet, len, "text").len, 8);
	assert_int_equal(sheet_find(sheet, len, "nothing").len, 0);
}

static void
refuse(const void *bytes, size_t len)
{
	static uint8_t zeros[sizeof(struct request)];
	struct request request;

	assert_int_equal(sheet_read(&request, bytes, len), ERR_VERSION);
	assert_memory_equal(&request, zeros, sizeof(request));
}

/* One line more behind a sheet that is well. */
static void
refuse_with(const char *name, const char *value)
{
	struct request request = { .kind = REQUEST_SEND };
	struct writer w;

	request.line = text("oslo");
	buf_write(&w, sheet, sizeof(sheet));
	sheet_write(&w, &request);
	buf_put_blob16(&w, name, strlen(name));
	buf_put_blob32(&w, value, strlen(value));
	refuse(sheet, w.len);
}

static void
what_another_version_wrote_is_refused(void **state)
{
	struct request request = full(REQUEST_SEND);
	const size_t len = write_sheet(&request);
	static const char kind[] = "\x01\x05\x00:kind\x08\x00\x00\x00unspoken";

	(void)state;
	sheet[0] = SHEET_VERSION + 1;
	refuse(sheet, len);
	sheet[0] = 0;
	refuse(sheet, len);
	refuse(kind, sizeof(kind) - 1);
	refuse_with("tone", "friendly");
	refuse_with("precedence", "absolute");
	refuse_with("mark", "");
	refuse_with("form", "4294967296");
	refuse_with("form", "seven");
	refuse_with("form", "");
	refuse_with("subject", "");
	refuse_with(":kind", "message");
	refuse_with(":elsewhere", "x");
	refuse_with("attachments#", "65");
	refuse_with("attachments.0.name", "x");
	refuse_with("attachments", "x");
	refuse_with("points#", "x");
	refuse_with("subject#", "1");
	refuse_with("subject.0", "x");
	refuse_with("#", "1");
	refuse_with(".", "1");
}

static void
what_is_cut_short_is_refused(void **state)
{
	struct request request = full(REQUEST_SEND), back;
	const size_t len = write_sheet(&request);
	static uint8_t cut[4096];

	(void)state;
	assert_true(len < sizeof(cut));
	for (size_t i = 0; i < len; i++) {
		memcpy(cut, sheet, i);
		/* At the end of a line it is another message, and a whole one. */
		if (sheet_read(&back, cut, i) != OK)
			refuse(cut, i);
	}
	for (size_t i = 0; i < len; i++) {
		memcpy(cut, sheet, len);
		cut[i] ^= 0x80;
		(void)!sheet_read(&back, cut, len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_that_speaks_has_a_word_of_its_own),
		cmocka_unit_test(every_kind_that_speaks_comes_back),
		cmocka_unit_test(a_message_comes_back_word_for_word),
		cmocka_unit_test(every_field_can_be_shown),
		cmocka_unit_test(people_see_all_but_where_it_goes),
		cmocka_unit_test(what_another_version_wrote_is_refused),
		cmocka_unit_test(what_is_cut_short_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
