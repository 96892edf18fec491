#include "keeper/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keeper/filling.h"
#include "keeper/shipped.h"

#define HEAD \
	"quietline form 1\n" \
	"name: exercise\n" \
	"field: begins time\n" \
	"field: force choice land sea\n"
#define ENGLISH \
	"\n[en] Exercise {force}\n" \
	"force.land: on land\n" \
	"force.sea: at sea\n" \
	"We begin at {begins},\n" \
	"\n" \
	"{force}, {begins}.\n"
#define FRENCH \
	"\n[fr unreviewed] Exercice\n" \
	"force.land: \xc3\xa0 terre\n" \
	"force.sea: en mer\n" \
	"{force} {begins}\n"

static struct text
text(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static void
assert_text(struct text is, const char *wanted)
{
	assert_int_equal(is.len, strlen(wanted));
	assert_memory_equal(is.data, wanted, is.len);
}

static void
parses(struct form *form, const char *file)
{
	struct form_fault fault = { .line = 0 };

	if (form_parse(form, file, strlen(file), &fault) != OK)
		fail_msg("line %u: %s", fault.line, fault.why);
}

/* A file is refused in that line, for a reason with these words in it. */
static void
refuses(const char *file, unsigned line, const char *why)
{
	struct form_fault fault = { .line = 0 };
	struct form form;

	assert_int_equal(form_parse(&form, file, strlen(file), &fault),
	    ERR_FORMAT);
	if (strstr(fault.why, why) == NULL)
		fail_msg("line %u: %s; not: %s", fault.line, fault.why, why);
	assert_int_equal(fault.line, line);
}

static void
form_is_read_as_it_is_written(void **state)
{
	struct form form;

	(void)state;
	parses(&form, "# A remark.\n\n" HEAD "# One more.\n" ENGLISH FRENCH);
	assert_text(form.name, "exercise");
	assert_int_equal(form.fields, 2);
	assert_text(form.field[0].name, "begins");
	assert_int_equal(form.field[0].kind, FORM_TIME);
	assert_int_equal(form.field[1].kind, FORM_CHOICE);
	assert_int_equal(form.field[1].choices, 2);
	assert_int_equal(form.languages, 2);
	assert_text(form.words[0].language, "en");
	assert_false(form.words[0].is_unreviewed);
	assert_text(form.words[0].title, "Exercise {force}");
	assert_text(form.words[0].text,
	    "We begin at {begins},\n\n{force}, {begins}.");
	assert_true(form.words[1].is_unreviewed);
	assert_text(form.words[1].said[1][0], "\xc3\xa0 terre");
	assert_int_equal(form_find_language(&form, text("FR")), 1);
	assert_int_equal(form_find_language(&form, text("f")), 2);
}

static void
form_without_fields_is_one_too(void **state)
{
	struct form form;

	(void)state;
	parses(&form, "quietline form 1\nname: x\n[en] T\nAll is well.");
	assert_int_equal(form.fields, 0);
	assert_text(form.words[0].text, "All is well.");
}

static void
form_is_refused_with_its_line_and_a_reason(void **state)
{
	static const struct {
		const char *file;
		unsigned line;
		const char *why;
	} cases[] = {
		{ "", 0, "1 to 16384" },
		{ "\n", 1, "begins with" },
		{ "quietline form 2\n", 1, "begins with" },
		{ "quietline form 1", 1, "name" },
		{ "quietline form 1\nfield: a text\n", 2, "name" },
		{ "quietline form 1\nname: A\n", 2, "lower case" },
		{ "quietline form 1\nname:\n", 2, "lower case" },
		{ "quietline form 1\nname: a\n", 2, "one language" },
		{ "quietline form 1\nname: a\nhello\n", 3, "here a field" },
		{ "quietline form 1\nname: a\nfield: b\n", 3, "a field is" },
		{ "quietline form 1\nname: a\nfield: b date\n", 3,
		    "a field is" },
		{ "quietline form 1\nname: a\nfield: B text\n", 3,
		    "lower case" },
		{ "quietline form 1\nname: a\nfield: 1 text\n", 3,
		    "lower case" },
		{ "quietline form 1\nname: a\nfield: b text c\n", 3,
		    "only a choice" },
		{ "quietline form 1\nname: a\nfield: b choice\n", 3,
		    "its words" },
		{ "quietline form 1\nname: a\nfield: b choice c c\n", 3,
		    "twice: c" },
		{ "quietline form 1\nname: a\nfield: b choice C\n", 3,
		    "lower case" },
		{ "quietline form 1\nname: a\n"
		  "field: b choice c d e f g h i j k\n",
		    3, "too many choices" },
		{ "quietline form 1\nname: a\nfield: b text\nfield: b text\n",
		    4, "twice: b" },
		{ HEAD "[] T\nx\n", 5, "its tag" },
		{ HEAD "[e n] T\nx\n", 5, "unreviewed" },
		{ HEAD "[e_n] T\nx\n", 5, "its tag" },
		{ HEAD "[en]\nx\n", 5, "its title" },
		{ HEAD "[en] T\n", 5, "no text" },
		{ HEAD "[en] T\n[fr] U\nx\n", 6, "no text" },
		{ HEAD "[en] T\nforce.land: a\nforce.land: b\n", 7,
		    "words already" },
		{ HEAD "[en] T\nforce.air: a\n", 6, "no such choice" },
		{ HEAD "[en] T\nother.air: a\n", 6, "no such field" },
		{ HEAD "[en] T\nforce.land:  \n", 6, "has words" },
		{ HEAD "[en] T\nforce.land: a\n{force} {begins}\n", 7,
		    "for the choice: sea" },
		{ HEAD "[en] T\nforce.land: a\nforce.sea: b\n{force}\n", 8,
		    "no such field: begins" },
		{ HEAD "[en] T\n{other}\n", 6, "no such field: other" },
		{ HEAD "[en] T\n{begins\n", 6, "ends with" },
		{ HEAD "[en] T {begins\nx}\n", 6, "ends with" },
		{ HEAD "[en] T\nbegins}\n", 6, "only behind" },
		{ HEAD "[en] T\n{}\n", 6, "no such field" },
		{ HEAD "[en] T\n{{begins}}\n", 6, "no such field" },
		{ HEAD "[en] T\nx\n# y\n", 7, "#" },
		{ HEAD ENGLISH ENGLISH, 13, "twice: en" },
		{ HEAD "[en] T\r\nx\n", 5, "character" },
		{ HEAD "[en] T\n\tx\n", 6, "character" },
		{ HEAD "[en] T\xe2\x80\xae\nx\n", 5, "character" },
		{ HEAD "[en] T\nx\xff\n", 6, "character" },
		{ HEAD "[en] T\nx\xef\xbb\xbf\n", 6, "character" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refuses(cases[i].file, cases[i].line, cases[i].why);
}

/* A file of so many lines of a kind. */
static char *
make(const char *head, const char *format, unsigned count, const char *tail)
{
	char *file = calloc(1, 64 * 1024);
	size_t len;

	assert_non_null(file);
	len = (size_t)sprintf(file, "%s", head);
	for (unsigned i = 0; i < count; i++)
		len += (size_t)sprintf(file + len, format, i, i);
	sprintf(file + len, "%s", tail);
	return file;
}

static void
form_holds_so_much_and_no_more(void **state)
{
	static const char head[] = "quietline form 1\nname: a\n";
	static const struct {
		const char *head;
		const char *format;
		unsigned most;
		const char *tail;
		const char *why;
	} cases[] = {
		{ head, "field: f%u text\n", 16, NULL, "too many fields" },
		{ head, "[l%u] T\nx\n", 8, "", "too many languages" },
		{ "quietline form 1\nname: a\nfield: f text\n[en] T\n", "{f}\n",
		    32, "", "too often" },
		{ "quietline form 1\nname: a\n[en] T\n", "x", 4096, "",
		    "4096" },
		{ "quietline form 1\nname: a\n[en] ", "x", 200, "\ny", "200" },
		{ "quietline form 1\nname: ", "x", 40, "\n[en] T\nx", "40" },
	};
	struct form form;
	char *file;

	(void)state;
	for (size_t i = 1; i < sizeof(cases) / sizeof(cases[0]); i++) {
		file = make(cases[i].head, cases[i].format, cases[i].most,
		    cases[i].tail);
		parses(&form, file);
		free(file);
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct form_fault fault;

		file = make(cases[i].head, cases[i].format, cases[i].most + 1,
		    cases[i].tail == NULL ? "" : cases[i].tail);
		assert_int_equal(form_parse(&form, file, strlen(file), &fault),
		    ERR_FORMAT);
		assert_non_null(strstr(fault.why, cases[i].why));
		free(file);
	}
	file =
	    make("quietline form 1\nname: a\n", "# %5u\n", 3000, "[en] T\nx");
	refuses(file, 0, "16384");
	free(file);
}

static void
form_is_written_in_one_way_in_the_languages_wanted(void **state)
{
	static const size_t both[] = { 0, 1 }, turned[] = { 1, 0 };
	uint8_t out[1024], again[1024];
	struct form form, other;
	struct writer w, v;

	(void)state;
	parses(&form, "# A remark.\n" HEAD FRENCH "\n\n" ENGLISH "\n\n");
	buf_write(&w, out, sizeof(out) - 1);
	form_write(&w, &form, turned, 2);
	assert_true(buf_is_sound(&w));
	out[w.len] = '\0';
	assert_string_equal((char *)out, HEAD ENGLISH FRENCH);
	parses(&other, (char *)out);
	buf_write(&v, again, sizeof(again));
	form_write(&v, &other, both, 2);
	assert_int_equal(v.len, w.len);
	assert_memory_equal(again, out, w.len);
	buf_write(&w, out, sizeof(out) - 1);
	form_write(&w, &form, both, 1);
	out[w.len] = '\0';
	assert_string_equal((char *)out, HEAD FRENCH);
}

/* What compose writes of what was given; NULL: it refuses, for such a reason. */
static void
composes(const struct filling_given *given, size_t count, const char *wanted,
    const char *why)
{
	struct form_fault fault = { .line = 1 };
	struct form form;
	uint8_t out[4096];
	struct writer w;
	int rc;

	parses(&form, HEAD ENGLISH);
	buf_write(&w, out, sizeof(out) - 1);
	rc = filling_compose(&w, &form, given, count, &fault);
	assert_int_equal(rc, wanted != NULL ? OK : ERR_FORMAT);
	if (wanted == NULL) {
		if (strstr(fault.why, why) == NULL)
			fail_msg("%s; not: %s", fault.why, why);
		assert_int_equal(fault.line, 0);
		return;
	}
	out[w.len] = '\0';
	assert_string_equal((char *)out, wanted);
}

static void
fields_are_taken_once_each_in_any_order(void **state)
{
	const struct filling_given force = { text("force"), text("sea") };
	const struct filling_given begins = { text("begins"),
		text("2026-11-22T09:30Z") };
	const struct filling_given other = { text("place"), text("here") };
	const struct filling_given air = { text("force"), text("air") };

	(void)state;
	composes((struct filling_given[]){ force, begins }, 2,
	    "begins=2026-11-22T09:30Z\nforce=sea\n", NULL);
	composes((struct filling_given[]){ begins, force }, 2,
	    "begins=2026-11-22T09:30Z\nforce=sea\n", NULL);
	composes((struct filling_given[]){ begins }, 1, NULL,
	    "force is missing");
	composes(NULL, 0, NULL, "begins is missing");
	composes((struct filling_given[]){ begins, force, begins }, 3, NULL,
	    "given twice");
	composes((struct filling_given[]){ begins, force, other }, 3, NULL,
	    "no field place");
	composes((struct filling_given[]){ begins, air }, 2, NULL,
	    "one of the words");
}

/* Whether a value is one of a kind of field. */
static bool
is_taken(const char *kind, const char *value)
{
	char file[256];
	struct filling_given given = { text("f"), text(value) };
	struct form_fault fault;
	struct form form;
	uint8_t out[2048];
	struct writer w;

	snprintf(file, sizeof(file),
	    "quietline form 1\nname: a\nfield: f %s\n[en] T\n{f}", kind);
	parses(&form, file);
	buf_write(&w, out, sizeof(out));
	return filling_compose(&w, &form, &given, 1, &fault) == OK;
}

static void
values_must_be_of_their_kind(void **state)
{
	static const struct {
		const char *kind;
		const char *taken[6];
		const char *refused[24];
	} kinds[] = {
		{ "text", { "a", "a=b", "{f}", "\xd8\xb3\xd9\x84" },
		    { "", " a", "a ", "a\nb", "a\tb", "\x01", "\xe2\x80\xaex",
			"\xff", "a\xe2\x80\x8b" } },
		{ "time", { "2026-11-22T09:30Z", "2024-02-29T00:00Z" },
		    { "2026-11-22", "2026-11-22T09:30", "2026-11-22T24:00Z",
			"2026-11-22T09:60Z", "2025-02-29T00:00Z",
			"2026-13-01T00:00Z", "2026-00-01T00:00Z",
			"2026-11-00T00:00Z", "2026-04-31T00:00Z",
			"2026-11-22 09:30Z", "2026-11-22T09:30Zx",
			"2026-11-22T09:30+1", "1969-12-31T00:00Z",
			"2026-11-22T09:30:00Z", "noon" } },
		{ "number", { "0", "12", "-3.5", "0.25" },
		    { "-", ".", "1.", ".5", "1e5", "1,000", "+1", "--1",
			"1.2.3", "0x1", "twelve", "1234567890123456" } },
		{ "place",
		    { "Panmunjom", "38th parallel", "Camp @ 37.956,126.677",
			"Pole @ -90,180.000000" },
		    { "@ 1,2", "x @", "x @ 1", "x @ 91,0", "x @ 90.1,0",
			"x @ 0,181", "x @ 0,180.000001", "x @ 1, 2", "x @ 1.,2",
			"x @ 1,2,3", "x @ +1,2", "x @ here", "x @ 1.1234567,2",
			"x @ 1,2 @ 3,4" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (size_t k = 0; k < 6 && kinds[i].taken[k] != NULL; k++) {
			if (!is_taken(kinds[i].kind, kinds[i].taken[k]))
				fail_msg("%s %s", kinds[i].kind,
				    kinds[i].taken[k]);
		}
		for (size_t k = 0; kinds[i].refused[k] != NULL; k++) {
			if (is_taken(kinds[i].kind, kinds[i].refused[k]))
				fail_msg("%s %s is taken", kinds[i].kind,
				    kinds[i].refused[k]);
		}
	}
}

static void
value_has_so_many_bytes_and_no_more(void **state)
{
	char value[FORM_VALUE_BYTES_MAX + 2];

	(void)state;
	memset(value, 'x', sizeof(value));
	value[FORM_VALUE_BYTES_MAX] = '\0';
	assert_true(is_taken("text", value));
	value[FORM_VALUE_BYTES_MAX] = 'x';
	value[FORM_VALUE_BYTES_MAX + 1] = '\0';
	assert_false(is_taken("text", value));
}

static void
message_that_is_not_exactly_the_form_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"begins=2026-11-22T09:30Z\n",
		"force=sea\nbegins=2026-11-22T09:30Z\n",
		"begins=2026-11-22T09:30Z\nforce=sea",
		"begins=2026-11-22T09:30Z\nforce=sea\n\n",
		"begins=2026-11-22T09:30Z\nforce=sea\nforce=sea\n",
		"begins=2026-11-22T09:30Z\nforce=sea\nother=1\n",
		"begins=2026-11-22T09:30Z\nbegins=2026-11-22T09:30Z\n",
		"begins=2026-11-22T09:30Z\nforce=air\n",
		"begins=2026-11-22T09:30Z\nforce\n",
		"begins=2026-11-22T09:30Z\nforce=\n",
		"begins=2026-11-22T09:30Z\r\nforce=sea\n",
		"begins =2026-11-22T09:30Z\nforce=sea\n",
		"begins=tomorrow\nforce=sea\n",
		"begins=2026-11-22T09:30Z\nforce=sea\xe2\x80\xae\n",
		"hello\n",
	};
	struct form_fault fault;
	struct filling filling;
	struct form form;

	(void)state;
	parses(&form, HEAD ENGLISH);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (filling_read(&filling, &form, texts[i], strlen(texts[i]),
			&fault) != ERR_FORMAT)
			fail_msg("taken: %s", texts[i]);
	}
	assert_int_equal(filling_read(&filling, &form, NULL, 0, &fault),
	    ERR_FORMAT);
}

static void
assert_renders(const struct form *form, size_t language, struct text piece,
    const struct filling *filling, const char *wanted)
{
	uint8_t out[FORM_SAID_BYTES_MAX];
	struct writer w;

	buf_write(&w, out, sizeof(out));
	filling_render(&w, form, &form->words[language], piece, filling);
	assert_true(buf_is_sound(&w));
	assert_text((struct text){ (char *)out, w.len }, wanted);
}

static void
message_is_shown_in_each_language(void **state)
{
	static const char message[] = "begins=2026-11-22T09:30Z\nforce=land\n";
	struct filling filling;
	struct form_fault fault;
	struct form form;

	(void)state;
	parses(&form, HEAD ENGLISH FRENCH);
	assert_int_equal(filling_read(&filling, &form, message, strlen(message),
			     &fault),
	    OK);
	assert_renders(&form, 0, form.words[0].title, &filling,
	    "Exercise on land");
	assert_renders(&form, 0, form.words[0].text, &filling,
	    "We begin at 2026-11-22T09:30Z,\n\non land, 2026-11-22T09:30Z.");
	assert_renders(&form, 1, form.words[1].text, &filling,
	    "\xc3\xa0 terre 2026-11-22T09:30Z");
}

static void
value_that_looks_like_a_field_is_none(void **state)
{
	static const char file[] =
	    "quietline form 1\nname: a\nfield: f text\nfield: g text\n"
	    "[en] T\n{f}{g}";
	static const char message[] = "f={g}{\ng=}{f}=\n";
	struct filling filling;
	struct form_fault fault;
	struct form form;

	(void)state;
	parses(&form, file);
	assert_int_equal(filling_read(&filling, &form, message, strlen(message),
			     &fault),
	    OK);
	assert_renders(&form, 0, form.words[0].text, &filling, "{g}{}{f}=");
}

static void
longest_text_has_room(void **state)
{
	char *file = make("quietline form 1\nname: a\nfield: f text\n[en] T\n",
	    "{f}", FORM_PLACES_MAX, "");
	struct filling filling;
	struct form form;
	char *value = malloc(FORM_VALUE_BYTES_MAX), *all;
	const size_t len = (size_t)FORM_PLACES_MAX * FORM_VALUE_BYTES_MAX;

	(void)state;
	all = calloc(1, len + 1);
	assert_non_null(value);
	assert_non_null(all);
	memset(value, 'x', FORM_VALUE_BYTES_MAX);
	memset(all, 'x', len);
	parses(&form, file);
	filling.value[0] = (struct text){ value, FORM_VALUE_BYTES_MAX };
	assert_renders(&form, 0, form.words[0].text, &filling, all);
	free(all);
	free(value);
	free(file);
}

static void
shipped_forms_are_forms_in_five_languages(void **state)
{
	static const char *const languages[] = { "en", "fr", "ko", "ar", "ru" };
	struct form_fault fault;
	struct form form, other;

	(void)state;
	assert_int_equal(shipped_forms_count, 12);
	for (size_t i = 0; i < shipped_forms_count; i++) {
		const struct shipped_form *shipped = &shipped_forms[i];

		if (form_parse(&form, shipped->data, shipped->len, &fault) !=
		    OK)
			fail_msg("form %zu, line %u: %s", i, fault.line,
			    fault.why);
		assert_int_equal(form.languages, 5);
		for (size_t k = 0; k < 5; k++) {
			assert_text(form.words[k].language, languages[k]);
			/* Said of each text that no native speaker read. */
			assert_int_equal(form.words[k].is_unreviewed, k > 0);
		}
		for (size_t k = 0; k < i; k++) {
			assert_int_equal(form_parse(&other,
					     shipped_forms[k].data,
					     shipped_forms[k].len, &fault),
			    OK);
			assert_false(form.name.len == other.name.len &&
			    memcmp(form.name.data, other.name.data,
				form.name.len) == 0);
		}
	}
}

static void
form_cut_short_or_changed_is_refused_or_sound(void **state)
{
	static const size_t all[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	static const char file[] = HEAD ENGLISH FRENCH;
	static uint8_t out[2 * FORM_TEXT_BYTES_MAX];
	char bent[sizeof(file)];
	struct form_fault fault;
	struct form form;
	struct writer w;

	(void)state;
	for (size_t i = 0; i < strlen(file); i++) {
		(void)!form_parse(&form, file, i, &fault);
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(bent, file, sizeof(file));
			bent[i] = (char)((unsigned char)bent[i] ^ 1u << bit);
			if (form_parse(&form, bent, strlen(file), &fault) != OK)
				continue;
			buf_write(&w, out, sizeof(out));
			form_write(&w, &form, all, form.languages);
			assert_true(buf_is_sound(&w));
			assert_int_equal(form_parse(&form, (char *)out, w.len,
					     &fault),
			    OK);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(form_is_read_as_it_is_written),
		cmocka_unit_test(form_without_fields_is_one_too),
		cmocka_unit_test(form_is_refused_with_its_line_and_a_reason),
		cmocka_unit_test(form_holds_so_much_and_no_more),
		cmocka_unit_test(
		    form_is_written_in_one_way_in_the_languages_wanted),
		cmocka_unit_test(fields_are_taken_once_each_in_any_order),
		cmocka_unit_test(values_must_be_of_their_kind),
		cmocka_unit_test(value_has_so_many_bytes_and_no_more),
		cmocka_unit_test(
		    message_that_is_not_exactly_the_form_is_refused),
		cmocka_unit_test(message_is_shown_in_each_language),
		cmocka_unit_test(value_that_looks_like_a_field_is_none),
		cmocka_unit_test(longest_text_has_room),
		cmocka_unit_test(shipped_forms_are_forms_in_five_languages),
		cmocka_unit_test(form_cut_short_or_changed_is_refused_or_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
