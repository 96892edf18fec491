#include "core/session.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/frame.h"

enum { BYTES = 256 };

static struct session_keys
keys_of(uint8_t number)
{
	struct session_keys keys;

	memset(keys.send, number, sizeof(keys.send));
	memset(keys.recv, number, sizeof(keys.recv));
	return keys;
}

/* The slot under which a frame of this key opens; -1: under none. */
static int
opens(const struct session *session, uint8_t number)
{
	static const uint8_t nonce[FRAME_NONCE_BYTES];
	const uint8_t plain[FRAME_PLAIN_BYTES_MAX] = { 1 };
	const struct session_keys keys = keys_of(number);
	uint8_t frame[FRAME_BYTES_MAX], again[FRAME_PLAIN_BYTES_MAX];
	enum session_slot slot;

	frame_seal(frame, BYTES, nonce, keys.recv, plain);
	if (session_unseal(session, again, frame, BYTES, &slot) != OK)
		return -1;
	assert_memory_equal(again, plain, BYTES - 40);
	return (int)slot;
}

static void
session_moves_as_a_does(void **state)
{
	struct session session = { 0 };
	struct session_keys keys[] = { keys_of(1), keys_of(2), keys_of(3) };

	(void)state;
	assert_false(session_is_live(&session));
	assert_int_equal(opens(&session, 0), -1);
	session_replace(&session, &keys[0], 1);
	assert_true(session_is_live(&session));
	assert_int_equal(opens(&session, 1), SESSION_CUR);
	session_replace(&session, &keys[1], 2);
	assert_int_equal(opens(&session, 1), SESSION_PREV);
	assert_int_equal(opens(&session, 2), SESSION_CUR);
	assert_int_equal(session.key[SESSION_CUR].keys.send[0], 2);
	/* R6: not before B was seen to send under the new one. */
	session_expire(&session, UINT64_MAX);
	assert_int_equal(opens(&session, 1), SESSION_PREV);
	session_drop(&session, SESSION_PREV);
	assert_int_equal(opens(&session, 1), -1);
	session_replace(&session, &keys[2], 3);
	assert_int_equal(opens(&session, 2), SESSION_PREV);
	session_wipe(&session);
	for (uint8_t i = 0; i < 4; i++)
		assert_int_equal(opens(&session, i), -1);
}

static void
session_moves_as_b_does(void **state)
{
	struct session session = { 0 };
	struct session_keys keys[] = { keys_of(1), keys_of(2), keys_of(3) };

	(void)state;
	session_expect(&session, &keys[0], 1);
	assert_false(session_is_live(&session));
	assert_int_equal(opens(&session, 1), SESSION_NEXT);
	session_confirm(&session, 0);
	assert_true(session_is_live(&session));
	assert_int_equal(opens(&session, 1), SESSION_CUR);
	/* R5: receives under both, sends under the old. */
	session_expect(&session, &keys[1], 2);
	assert_int_equal(opens(&session, 1), SESSION_CUR);
	assert_int_equal(opens(&session, 2), SESSION_NEXT);
	assert_int_equal(session.key[SESSION_CUR].keys.send[0], 1);
	/* R3: a higher attempt takes the pending key's place. */
	session_expect(&session, &keys[2], 2);
	assert_int_equal(opens(&session, 2), -1);
	session_confirm(&session, 100);
	assert_int_equal(opens(&session, 3), SESSION_CUR);
	assert_int_equal(opens(&session, 1), SESSION_PREV);
	assert_int_equal(session.key[SESSION_CUR].keys.send[0], 3);
	session_expire(&session, 99);
	assert_int_equal(opens(&session, 1), SESSION_PREV);
	session_expire(&session, 100);
	assert_int_equal(opens(&session, 1), -1);
	assert_int_equal(opens(&session, 3), SESSION_CUR);
}

static void
session_leaves_no_key_behind(void **state)
{
	static const struct session nothing;
	struct session session = { 0 };
	struct session_keys keys = keys_of(0x5a);

	(void)state;
	session_replace(&session, &keys, 1);
	session_replace(&session, &keys, 1);
	session_expect(&session, &keys, 1);
	session_drop(&session, SESSION_PREV);
	assert_memory_equal(&session.key[SESSION_PREV],
	    &nothing.key[SESSION_PREV], sizeof(session.key[0]));
	session_wipe(&session);
	assert_memory_equal(&session, &nothing, sizeof(session));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(session_moves_as_a_does),
		cmocka_unit_test(session_moves_as_b_does),
		cmocka_unit_test(session_leaves_no_key_behind),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
