#include "cli/show.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
assert_shown(const char *text, bool lines, const char *want)
{
	char *shown = show_visible(text, lines);

	assert_string_equal(shown, want);
	free(shown);
}

static void
show_leaves_every_script_alone(void **state)
{
	static const char *const texts[] = { "", "plain",
		("\xed\x95\x9c\xea\xb5"
		 "\xad\xec\x96\xb4"),
		"\xd8\xa7\xd9\x84\xd8\xb9\xd8\xb1\xd8\xa8",
		"\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7",
		"\xf0\x9f\x95\x8a" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_shown(texts[i], false, texts[i]);
	assert_shown("a\tb\nc", true, "a\tb\nc");
}

static void
show_makes_tricks_visible(void **state)
{
	(void)state;
	assert_shown("invoice\xe2\x80\xae"
		     "fdp.exe",
	    false, "invoice<U+202E>fdp.exe");
	assert_shown("\033[2J", true, "<U+001B>[2J");
	assert_shown("a\rb", true, "a<U+000D>b");
	assert_shown("a\nb", false, "a<U+000A>b");
	assert_shown("a\xe2\x80\x8b"
		     "b",
	    true, "a<U+200B>b");
	assert_shown("\xc2\x9b"
		     "31m",
	    true, "<U+009B>31m");
	assert_shown("\xff\xc3", true, "<FF><C3>");
	assert_shown("\xf3\xa0\x81\x81", true, "<U+E0041>");
}

static void
show_writes_sizes(void **state)
{
	char text[SHOW_BYTES];

	(void)state;
	show_bytes(text, 0);
	assert_string_equal(text, "0 bytes");
	show_bytes(text, 1);
	assert_string_equal(text, "1 byte");
	show_bytes(text, 999);
	assert_string_equal(text, "999 bytes");
	show_bytes(text, 1000);
	assert_string_equal(text, "1.0 kB");
	show_bytes(text, 999999);
	assert_string_equal(text, "1.0 MB");
	show_bytes(text, 104857600);
	assert_string_equal(text, "104.9 MB");
}

static void
show_writes_durations(void **state)
{
	char text[SHOW_BYTES];

	(void)state;
	show_duration(text, 450);
	assert_string_equal(text, "0.4 s");
	show_duration(text, 42000);
	assert_string_equal(text, "42 s");
	show_duration(text, 200000);
	assert_string_equal(text, "3 min 20 s");
	show_duration(text, 7500000);
	assert_string_equal(text, "2 h 5 min");
	show_duration(text, 273600000);
	assert_string_equal(text, "3 days 4 h");
}

static void
show_writes_times_and_cadences(void **state)
{
	char text[SHOW_BYTES];

	(void)state;
	show_time(text, "2026-11-22T09:30:00.123Z");
	assert_string_equal(text, "2026-11-22T09:30:00Z");
	show_time(text, NULL);
	assert_string_equal(text, "-");
	show_cadence(text, 1200, 100);
	assert_string_equal(text, "96 kbit/s, about 1.0 GB a day each way");
	show_cadence(text, 1200, 1);
	assert_string_equal(text, "9.6 Mbit/s, about 103.7 GB a day each way");
	show_cadence(text, 256, 1000);
	assert_string_equal(text, "2.0 kbit/s, about 22.1 MB a day each way");
}

/* The line's sentence, 3 s after it was last heard. */
static void
assert_line(const char *json, const char *want)
{
	json_t *line = json_loads(json, 0, NULL);
	char *sentence = show_line_sentence(line, 4000);

	assert_string_equal(sentence, want);
	free(sentence);
	json_decref(line);
}

static void
show_says_how_a_line_is(void **state)
{
	(void)state;
	assert_line("{\"line\":\"oslo\",\"state\":\"up\",\"why\":null,"
		    "\"last_heard\":\"1970-01-01T00:00:01.000Z\"}",
	    "The line to oslo is up; they were last heard 3.0 s ago.");
	assert_line("{\"line\":\"oslo\",\"state\":\"unconfirmed\","
		    "\"next_step\":\"Type the words.\"}",
	    "The line to oslo is not confirmed yet: Type the words.");
	assert_line("{\"line\":\"oslo\",\"state\":\"silent\","
		    "\"why\":\"goodbye\"}",
	    "The line to oslo is silent: their post "
	    "was stopped, and said goodbye; they have not been heard yet.");
	assert_line("{\"line\":\"o\xe2\x80\xae\",\"state\":\"one-way\"}",
	    "The line to o<U+202E> is one-way: we hear them, they do not hear "
	    "us; they have not been heard yet.");
}

static void
show_says_whose_move_it_is(void **state)
{
	static const struct {
		const char *line;
		const char *begins; /* NULL: nobody's */
	} rows[] = {
		{ "{\"state\":\"up\",\"watch\":\"on\"}", NULL },
		{ "{\"state\":\"up\",\"watch\":\"unknown\"}", NULL },
		{ "{\"state\":\"booting\"}", NULL },
		{ "{\"state\":\"up\",\"watch\":\"off\"}", "On their side: s" },
		{ "{\"state\":\"up\",\"watch\":\"declined\"}",
		    "On their side: s" },
		{ "{\"state\":\"one-way\"}", "On this side first" },
		{ "{\"state\":\"silent\",\"why\":\"path or post\"}",
		    "On this side first" },
		{ "{\"state\":\"silent\",\"why\":\"goodbye\"}",
		    "On their side: they start" },
		{ "{\"state\":\"silent\",\"why\":\"sealed\"}",
		    "On their side: they open" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *line = json_loads(rows[i].line, 0, NULL);
		const char *say = show_action_sentence(line);

		if (rows[i].begins == NULL)
			assert_null(say);
		else
			assert_memory_equal(say, rows[i].begins,
			    strlen(rows[i].begins));
		json_decref(line);
	}
}

static void
show_says_who_is_on_watch(void **state)
{
	json_t *line = json_pack("{s:s}", "watch", "on");
	char *say;

	(void)state;
	assert_null(show_watch_sentence(line));
	json_object_set_new(line, "watch", json_string("off"));
	say = show_watch_sentence(line);
	assert_non_null(strstr(say, "Nobody is on watch there"));
	free(say);
	json_object_set_new(line, "watch", json_string("declined"));
	say = show_watch_sentence(line);
	assert_non_null(strstr(say, "declines for now"));
	free(say);
	json_object_set_new(line, "declined_until",
	    json_string("2026-11-22T18:00:00.000Z"));
	say = show_watch_sentence(line);
	assert_non_null(strstr(say, "declines until 2026-11-22 18:00 UTC"));
	free(say);
	json_object_set_new(line, "declined_until", json_string("soon"));
	say = show_watch_sentence(line);
	assert_non_null(strstr(say, "declines until soon "));
	free(say);
	json_decref(line);
}

static void
assert_receipts(const char *json, const char *want)
{
	json_t *message = json_loads(json, 0, NULL);
	char *receipts = show_receipts(message);

	assert_string_equal(receipts, want);
	free(receipts);
	json_decref(message);
}

static void
show_says_how_far_a_message_is(void **state)
{
	(void)state;
	assert_receipts("{\"from\":\"us\",\"receipts\":{}}",
	    "not delivered yet");
	assert_receipts("{\"from\":\"us\",\"receipts\":{},\"progress\":"
			"{\"bytes_held\":35,\"bytes_total\":100}}",
	    "not delivered yet; they hold 35 %");
	assert_receipts("{\"from\":\"us\",\"receipts\":"
			"{\"delivered\":\"1970-01-01T00:00:01.000Z\"}}",
	    "delivered 1970-01-01T00:00:01Z; not acknowledged yet");
	assert_receipts("{\"from\":\"them\",\"receipts\":"
			"{\"acknowledged\":\"1970-01-01T00:00:01.000Z\"}}",
	    "acknowledged 1970-01-01T00:00:01Z");
	assert_receipts("{\"from\":\"them\",\"ref\":\"them/8\","
			"\"arriving\":true,\"attachments\":"
			"[{\"bytes\":200,\"bytes_here\":70}]}",
	    "them/8 is arriving, 35 %");
}

static void
show_says_what_waits(void **state)
{
	json_t *line = json_loads("{\"outbox\":{\"messages\":2,"
				  "\"bytes\":1500,\"paused\":true}}",
	    0, NULL);
	json_t *none = json_loads("{\"outbox\":{\"messages\":0}}", 0, NULL);
	char *text = show_outbox_sentence(line);

	(void)state;
	assert_string_equal(text,
	    "2 messages (1.5 kB) are not delivered yet: "
	    "their disk is full, it goes on by itself when it is not.");
	free(text);
	text = show_outbox_sentence(none);
	assert_string_equal(text, "Nothing is left to deliver.");
	free(text);
	json_decref(line);
	json_decref(none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(show_leaves_every_script_alone),
		cmocka_unit_test(show_makes_tricks_visible),
		cmocka_unit_test(show_writes_sizes),
		cmocka_unit_test(show_writes_durations),
		cmocka_unit_test(show_writes_times_and_cadences),
		cmocka_unit_test(show_says_how_a_line_is),
		cmocka_unit_test(show_says_whose_move_it_is),
		cmocka_unit_test(show_says_who_is_on_watch),
		cmocka_unit_test(show_says_how_far_a_message_is),
		cmocka_unit_test(show_says_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
