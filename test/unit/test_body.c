#include "desk/body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct request request;
static struct body body;

static int
parse(enum body_shape shape, const char *json)
{
	memset(&request, 0, sizeof(request));
	body_wipe(&body);
	return body_parse(&body, &request, shape, json, strlen(json));
}

static void
assert_text(struct text text, const char *want)
{
	assert_int_equal(text.len, strlen(want));
	assert_memory_equal(text.data, want, text.len);
}

static void
body_takes_a_whole_message(void **state)
{
	(void)state;
	assert_int_equal(
	    parse(BODY_SEND,
		"{\"id\":"
		"\"000102030405060708090a0b0c0d0e0f\",\"subject\":\"s\","
		"\"text\":\"\\ud55c\",\"language\":\"ko\","
		"\"precedence\":\"flash\",\"mark\":\"in substance\","
		"\"re\":\"them/7\",\"withdraws\":\"us/2\",\"attachments\":"
		"[{\"upload\":4,\"name\":\"a.pdf\",\"type\":\"application/pdf\"},"
		"{\"upload\":5,\"name\":\"b\",\"type\":null}]}"),
	    OK);
	assert_int_equal(request.send.id[15], 15);
	assert_text(request.send.subject, "s");
	assert_text(request.send.text, "\xed\x95\x9c");
	assert_text(request.send.language, "ko");
	assert_int_equal(request.send.precedence, 3);
	assert_int_equal(request.send.mark, 3);
	assert_text(request.send.re, "them/7");
	assert_text(request.send.withdraws, "us/2");
	assert_int_equal(request.send.attachments, 2);
	assert_int_equal(request.send.attachment[1].upload, 5);
	assert_text(request.send.attachment[0].type, "application/pdf");
	assert_null(request.send.attachment[1].type.data);
}

static void
body_takes_nothing_for_nothing(void **state)
{
	(void)state;
	assert_int_equal(parse(BODY_NOTHING, ""), OK);
	assert_int_equal(parse(BODY_NOTHING, "{}"), OK);
	assert_int_equal(parse(BODY_OFFER, ""), OK);
	assert_int_equal(parse(BODY_SEND, "{\"re\":null}"), OK);
	assert_null(request.send.re.data);
	assert_int_equal(parse(BODY_NOTHING, "{\"a\":null}"), ERR_FORMAT);
	assert_int_equal(parse(BODY_CONFIRM, ""), ERR_FORMAT);
}

static void
body_takes_the_ceremony(void **state)
{
	(void)state;
	assert_int_equal(parse(BODY_OFFER,
			     "{\"cadence\":\"1200@2.5\","
			     "\"accept\":\"images\",\"listen\":\"[::]:7411\"}"),
	    OK);
	assert_int_equal(request.ceremony.cadence.slot_us, 2500);
	assert_int_equal(request.ceremony.accept, 1);
	assert_text(request.way.listen, "[::]:7411");
	assert_int_equal(parse(BODY_ACCEPT,
			     "{\"file\":\"AAEC\",\"look\":true}"),
	    OK);
	assert_int_equal(request.ceremony.file.len, 3);
	assert_memory_equal(request.ceremony.file.data, "\0\1\2", 3);
	assert_true(request.ceremony.look);
	assert_int_equal(parse(BODY_FINISH,
			     "{\"file\":\"AA==\",\"carried\":\"hand\"}"),
	    OK);
	assert_true(request.ceremony.by_hand);
	assert_int_equal(parse(BODY_CONFIRM,
			     "{\"words\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}"),
	    OK);
	assert_text(request.ceremony.words[4], "e");
}

static void
body_takes_what_can_be_set_of_a_line(void **state)
{
	static const char *const paths[] = { "{\"tcp\":1}", "{\"relay\":true}",
		"{\"listen\":7411}", "{\"path\":2}", "{\"cadence\":\"desk\"}",
		"{\"proxy\":\"\"}", "{\"endpoint\":\"\"}", "{\"listen\":\"\"}",
		"{\"relay\":\"\"}" };

	(void)state;
	assert_int_equal(parse(BODY_PATH, ""), OK);
	assert_false(request.way.tcp);
	assert_int_equal(parse(BODY_PATH,
			     "{\"listen\":\"[::]:1\",\"endpoint\":\"tcp:a:1\","
			     "\"tcp\":true,\"proxy\":\"p:1\",\"relay\":\"t\"}"),
	    OK);
	assert_text(request.way.endpoint, "tcp:a:1");
	assert_true(request.way.tcp);
	assert_text(request.way.proxy, "p:1");
	assert_text(request.way.ticket, "t");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(parse(BODY_PATH, paths[i]), ERR_FORMAT);
	assert_int_equal(parse(BODY_ROAMING, "{\"roaming\":true}"), OK);
	assert_true(request.roams);
	assert_int_equal(parse(BODY_ROAMING, "{}"), ERR_FORMAT);
	assert_int_equal(parse(BODY_ROAMING, "{\"roaming\":null}"), ERR_FORMAT);
	assert_int_equal(parse(BODY_ROAMING, "{\"roaming\":\"on\"}"),
	    ERR_FORMAT);
	assert_int_equal(parse(BODY_CADENCE, "{\"cadence\":\"desk\"}"), OK);
	assert_int_equal(request.cadence.slot_us, 20000);
	assert_int_equal(parse(BODY_CADENCE, "{\"cadence\":\"cancel\"}"), OK);
	assert_int_equal(request.cadence.slot_us, 0);
	assert_int_equal(parse(BODY_CADENCE, "{}"), ERR_FORMAT);
	assert_int_equal(parse(BODY_CADENCE, "{\"cadence\":null}"), ERR_FORMAT);
	assert_int_equal(parse(BODY_CADENCE, "{\"cadence\":\"fast\"}"),
	    ERR_FORMAT);
	assert_int_equal(parse(BODY_CADENCE, "{\"cadence\":\"1200@0.1\"}"),
	    ERR_SIZE);
}

static void
body_refuses_what_is_no_object(void **state)
{
	static const char *const bodies[] = { "[]", "null", "1", "\"a\"", "{",
		"{}x", "{\"text\":}", "{'text':1}", "{\"text\":\"a\",}",
		"{\"text\":\"a\" \"re\":\"us/1\"}", "\xef\xbb\xbf{}", "{}{}" };

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_int_equal(parse(BODY_SEND, bodies[i]), ERR_FORMAT);
		assert_true(strlen(body.say) > 0);
	}
}

static void
body_refuses_fields(void **state)
{
	static const char *const bodies[] = { "{\"x\":1}", "{\"Text\":\"a\"}",
		"{\"text\":1}", "{\"text\":[]}",
		"{\"text\":\"a\",\"text\":\"a\"}", "{\"text\":\"a\\u0000b\"}",
		"{\"text\":\"\xc3\"}", "{\"text\":\"\xed\xa0\x80\"}",
		"{\"text\":\"\\ud800\"}", "{\"precedence\":\"urgent\"}",
		"{\"precedence\":3}", "{\"mark\":\"secret\"}", "{\"re\":\"7\"}",
		"{\"re\":\"\"}", "{\"withdraws\":\"us/0\"}", "{\"id\":\"00\"}",
		"{\"id\":7}", "{\"attachments\":{}}", "{\"attachments\":[1]}",
		"{\"attachments\":[{}]}", "{\"attachments\":[{\"upload\":1}]}",
		"{\"attachments\":[{\"upload\":0,\"name\":\"a\"}]}",
		"{\"attachments\":[{\"upload\":-1,\"name\":\"a\"}]}",
		"{\"attachments\":[{\"upload\":\"1\",\"name\":\"a\"}]}",
		"{\"attachments\":[{\"upload\":1,\"name\":null}]}",
		"{\"attachments\":[{\"upload\":1,\"name\":\"a\",\"x\":1}]}",
		"{\"upload\":1}" };

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		if (parse(BODY_SEND, bodies[i]) != ERR_FORMAT)
			fail_msg("taken: %s", bodies[i]);
		assert_int_equal(request.send.text.len, 0);
	}
}

static void
body_takes_a_watch_and_until_when_it_declines(void **state)
{
	static const char *const refused[] = { "{}", "{\"watch\":null}",
		"{\"watch\":\"unknown\"}", "{\"watch\":\"decline\"}",
		"{\"watch\":1}", "{\"until\":\"2026-11-22T18:00:00Z\"}",
		"{\"watch\":\"declined\",\"until\":1}",
		"{\"watch\":\"declined\",\"until\":\"18:00\"}",
		"{\"watch\":\"declined\",\"until\":\"1970-01-01T00:00:00Z\"}",
		"{\"watch\":\"declined\",\"for\":1}" };

	(void)state;
	assert_int_equal(parse(BODY_WATCH, "{\"watch\":\"off\"}"), OK);
	assert_int_equal(request.watch.state, WATCH_OFF);
	assert_true(request.watch.until_ms == 0);
	assert_int_equal(
	    parse(BODY_WATCH,
		"{\"watch\":\"declined\",\"until\":\"1970-01-01T00:00:01Z\"}"),
	    OK);
	assert_int_equal(request.watch.state, WATCH_DECLINED);
	assert_true(request.watch.until_ms == 1000);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (parse(BODY_WATCH, refused[i]) != ERR_FORMAT)
			fail_msg("taken: %s", refused[i]);
	}
}

static void
body_refuses_ceremony_fields(void **state)
{
	(void)state;
	assert_int_equal(parse(BODY_OFFER, "{\"cadence\":\"fast\"}"),
	    ERR_FORMAT);
	assert_int_equal(parse(BODY_OFFER, "{\"cadence\":\"99999@1\"}"),
	    ERR_SIZE);
	assert_int_equal(parse(BODY_OFFER, "{\"cadence\":1}"), ERR_FORMAT);
	assert_int_equal(parse(BODY_OFFER, "{\"accept\":\"all\"}"), ERR_FORMAT);
	assert_int_equal(parse(BODY_ACCEPT, "{}"), ERR_FORMAT);
	assert_int_equal(parse(BODY_ACCEPT, "{\"file\":null}"), ERR_FORMAT);
	assert_int_equal(parse(BODY_ACCEPT, "{\"file\":\"A\"}"), ERR_FORMAT);
	assert_int_equal(parse(BODY_ACCEPT, "{\"file\":\"AB==\"}"), ERR_FORMAT);
	assert_int_equal(parse(BODY_ACCEPT, "{\"file\":\"AAAA\",\"look\":1}"),
	    ERR_FORMAT);
	assert_int_equal(parse(BODY_FINISH,
			     "{\"file\":\"AAAA\",\"carried\":\"post\"}"),
	    ERR_FORMAT);
	assert_int_equal(parse(BODY_CONFIRM,
			     "{\"words\":[\"a\",\"b\",\"c\",\"d\"]}"),
	    ERR_FORMAT);
	assert_int_equal(parse(BODY_CONFIRM,
			     "{\"words\":[\"a\",\"b\",\"c\",\"d\",5]}"),
	    ERR_FORMAT);
	assert_int_equal(parse(BODY_CONFIRM, "{\"words\":\"a b c d e\"}"),
	    ERR_FORMAT);
}

/* {"FIELD":"aaa..."} with a value of that length. */
static int
parse_long(enum body_shape shape, const char *field, size_t len)
{
	char *json = malloc(len + 100);
	int used = snprintf(json, 100, "{\"%s\":\"", field);
	int rc;

	memset(json + used, 'a', len);
	strcpy(json + (size_t)used + len, "\"}");
	rc = parse(shape, json);
	free(json);
	return rc;
}

static void
body_bounds_texts(void **state)
{
	(void)state;
	assert_int_equal(parse_long(BODY_SEND, "text", TEXT_BYTES_MAX), OK);
	assert_int_equal(parse_long(BODY_SEND, "text", TEXT_BYTES_MAX + 1),
	    ERR_SIZE);
	assert_non_null(strstr(body.say, "send it as a file"));
	assert_int_equal(parse_long(BODY_SEND, "subject", SUBJECT_BYTES_MAX),
	    OK);
	assert_int_equal(parse_long(BODY_SEND, "subject",
			     SUBJECT_BYTES_MAX + 1),
	    ERR_SIZE);
	assert_non_null(strstr(body.say, "1024"));
	assert_int_equal(parse_long(BODY_SEND, "language",
			     LANGUAGE_BYTES_MAX + 1),
	    ERR_SIZE);
	assert_int_equal(parse_long(BODY_OFFER, "listen",
			     DESK_ADDRESS_BYTES_MAX + 1),
	    ERR_SIZE);
	assert_int_equal(parse_long(BODY_ACCEPT, "file",
			     DESK_CEREMONY_FILE_BYTES_MAX * 2),
	    ERR_SIZE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(body_takes_a_whole_message),
		cmocka_unit_test(body_takes_nothing_for_nothing),
		cmocka_unit_test(body_takes_the_ceremony),
		cmocka_unit_test(body_takes_a_watch_and_until_when_it_declines),
		cmocka_unit_test(body_takes_what_can_be_set_of_a_line),
		cmocka_unit_test(body_refuses_what_is_no_object),
		cmocka_unit_test(body_refuses_fields),
		cmocka_unit_test(body_refuses_ceremony_fields),
		cmocka_unit_test(body_bounds_texts),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	body_wipe(&body);
	return failed;
}
