#include "core/line.h"

#include <stdio.h>
#include <string.h>

#include "core/chunk.h"
#include "pair.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct cadence talk = { 1200, 100000 };
static const struct cadence trickle = { 256, 1000000 };

/* A pair that has booted. */
static struct pair *
pair_up(uint64_t seed, struct cadence cadence)
{
	struct pair *pair = pair_new(seed, cadence);

	assert_true(pair_until(pair, pair_is_up, 200) < 200);
	return pair;
}

static void
no_faults(const struct pair *pair)
{
	for (int i = 0; i < 2; i++) {
		for (int f = 0; f < FAULT_COUNT; f++)
			assert_int_equal(pair->side[i].faults[f], 0);
	}
}

/* Some of every class, small and large. */
static void
add_all_sorts(struct pair *pair, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		for (int from = 0; from < 2; from++)
			pair_add(pair, from,
			    (enum record_class)rng_below(pair->rng,
				CLASS_COUNT),
			    (uint32_t)(9 +
				rng_below(pair->rng, i % 7 == 0 ? 9000 : 300)));
	}
}

/* -- boot ------------------------------------------------------------------- */

static void
line_keeps_within_its_memory(void **state)
{
	static const struct cadence fastest = { FRAME_BYTES_MAX, SLOT_US_MIN };

	(void)state;
	assert_true(line_bytes(fastest) <= LINE_BYTES_MAX);
	assert_true(line_bytes(talk) <= LINE_TALK_BYTES_MAX);
}

static void
line_boots_once(void **state)
{
	(void)state;
	const struct cadence cadences[] = { talk, trickle };

	for (size_t i = 0; i < 2; i++) {
		struct pair *pair = pair_up(i, cadences[i]);

		pair_run(pair, 100);
		assert_true(pair_is_up(pair));
		assert_int_equal(pair_report(pair, 0).sessions, 1);
		assert_int_equal(pair_report(pair, 1).sessions, 1);
		assert_int_equal(pair->side[0].confirmed, 1);
		assert_int_equal(pair->side[1].confirmed, 1);
		no_faults(pair);
		pair_free(pair);
	}
}

static void
line_proves_what_the_peer_holds(void **state)
{
	struct pair *pair = pair_up(1, talk);

	(void)state;
	pair_run(pair, 10);
	assert_int_equal(pair->side[0].events[LINE_EVENT_PROVED], 1);
	assert_int_equal(pair->side[1].events[LINE_EVENT_PROVED], 0);
	pair_free(pair);
}

/* The keeper was away when B proved to hold the new secret: it must still hear of
 * it, or a clone would pass unnoticed until the next rekey. */
static void
line_proves_again_to_a_keeper_that_was_away(void **state)
{
	struct pair *pair = pair_new(2, talk);

	(void)state;
	while (pair->side[0].confirmed == 0)
		pair_step(pair);
	pair_run_orders(pair, 0);
	pair_lose_keeper(pair, 0);
	pair_run(pair, 50);
	assert_false(pair->side[0].hints.proved);
	pair_attach(pair, 0);
	pair_run(pair, 2);
	assert_true(pair->side[0].hints.proved);
	pair_run(pair, 50);
	assert_int_equal(pair->side[0].events[LINE_EVENT_PROVED], 1);
	pair_free(pair);
}

/* Told, and lost with the keeper that it was told to: a rekey would be built upon
 * what B has no more, until the key is too old. */
static void
line_proves_again_what_was_lost_with_a_keeper(void **state)
{
	struct pair *pair = pair_up(4, talk);

	(void)state;
	pair_run(pair, 10);
	assert_int_equal(pair->side[0].events[LINE_EVENT_PROVED], 1);
	pair->side[0].hints.proved = false;
	pair_lose_keeper(pair, 0);
	pair_run(pair, 5);
	pair_attach(pair, 0);
	pair_run(pair, 5);
	assert_true(pair->side[0].hints.proved);
	assert_int_equal(pair->side[0].events[LINE_EVENT_PROVED], 2);
	pair_free(pair);
}

/* A frame of the session before, late, while the keeper makes the next: both came
 * of attempt 1, and what is proved of one is not of the other. */
static void
line_takes_no_late_frame_for_the_proof_of_the_next_boot(void **state)
{
	struct pair *pair = pair_new(8, talk);
	uint8_t late[FRAME_BYTES_MAX];

	(void)state;
	pair->keeper_delay_slots = 2;
	while (pair->side[0].confirmed == 0)
		pair_step(pair);
	pair->cut[1] = true;
	pair_run(pair, 30);
	assert_int_equal(pair->side[1].confirmed, 1);
	assert_int_equal(pair->side[0].events[LINE_EVENT_PROVED], 0);
	memcpy(late, pair->side[1].last_frame, sizeof(late));

	pair_restart(pair, 1);
	pair->cut[1] = false;
	pair->keeper_delay_slots = 10;
	while (pair->side[0].events[LINE_EVENT_FINISH_2] < 2)
		pair_step(pair);
	pair_post(pair, 0, 0, late, pair->now_ns);
	pair_run(pair, 2);
	assert_int_equal(pair->side[0].events[LINE_EVENT_PROVED], 0);
	assert_false(pair->side[0].hints.proved);

	assert_true(pair_until(pair, pair_is_up, 300) < 300);
	pair_run(pair, 30);
	assert_int_equal(pair->side[0].events[LINE_EVENT_PROVED], 1);
	no_faults(pair);
	pair_free(pair);
}

static void
line_boots_through_bad_weather(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 40; seed++) {
		struct pair *pair = pair_new(seed, seed % 2 ? talk : trickle);

		pair->loss_percent = 30;
		pair->double_percent = 10;
		pair->delay_slots = 4;
		pair->keeper_delay_slots = (unsigned)(seed % 3);
		assert_true(pair_until(pair, pair_is_up, 600) < 600);
		pair_run(pair, 100);
		assert_int_equal(pair_report(pair, 0).sessions, 1);
		assert_int_equal(pair_report(pair, 1).sessions, 1);
		no_faults(pair);
		pair_free(pair);
	}
}

static void
line_ends_no_session_for_a_replay(void **state)
{
	struct pair *pair = pair_up(3, talk);

	(void)state;
	pair->replay_percent = 100;
	pair->delay_slots = 3;
	pair_run(pair, 1000);
	assert_true(pair_is_up(pair));
	assert_int_equal(pair_report(pair, 0).sessions, 1);
	assert_int_equal(pair_report(pair, 1).sessions, 1);
	no_faults(pair);
	pair_free(pair);
}

static void
line_refuses_what_is_not_authentic(void **state)
{
	struct pair *pair = pair_up(4, talk);
	struct line_report before, after;
	struct origin from = { .len = 1 };
	uint8_t frame[FRAME_BYTES_MAX];

	(void)state;
	before = pair_report(pair, 0);
	rng_fill(pair->rng, frame, sizeof(frame));
	assert_int_equal(line_on_datagram(pair->side[0].line, 0, frame,
			     talk.frame_bytes, &from, pair->now_ns),
	    ERR_CRYPTO);
	assert_int_equal(line_on_datagram(pair->side[0].line, 0, frame,
			     talk.frame_bytes - 1u, &from, pair->now_ns),
	    ERR_SIZE);
	assert_int_equal(line_on_datagram(pair->side[0].line, 0, frame,
			     talk.frame_bytes + 1u, &from, pair->now_ns),
	    ERR_SIZE);
	/* What it sent itself. */
	assert_int_equal(line_on_datagram(pair->side[0].line, 0,
			     pair->side[0].last_frame, talk.frame_bytes, &from,
			     pair->now_ns),
	    ERR_CRYPTO);
	/* What it has had. */
	pair_step(pair);
	assert_int_equal(line_on_datagram(pair->side[1].line, 0,
			     pair->side[0].last_frame, talk.frame_bytes, &from,
			     pair->now_ns),
	    ERR_REPLAY);
	/* Bits of it. */
	memcpy(frame, pair->side[1].last_frame, talk.frame_bytes);
	for (size_t i = 0; i < talk.frame_bytes; i += 97) {
		frame[i] ^= 1;
		assert_int_equal(line_on_datagram(pair->side[0].line, 0, frame,
				     talk.frame_bytes, &from, pair->now_ns),
		    ERR_CRYPTO);
		frame[i] ^= 1;
	}
	after = pair_report(pair, 0);
	assert_int_equal(after.frames_refused - before.frames_refused, 17);
	assert_true(pair_is_up(pair));
	pair_free(pair);
}

static void
line_meets_a_restart_at_once(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		const int who = (int)(seed & 1);
		struct pair *pair = pair_up(seed, talk);
		uint64_t sessions;

		pair->loss_percent = seed < 30 ? 0 : 30;
		pair->replay_percent = seed % 3 == 0 ? 50 : 0;
		pair->delay_slots = (unsigned)(seed % 4);
		pair_run(pair, 20);
		sessions = pair_report(pair, !who).sessions;
		pair_restart(pair, who);
		pair_step(pair);
		/* A few seconds at the most: no session has to time out. */
		assert_true(pair_until(pair, pair_is_up, 150) < 150);
		pair_run(pair, 200);
		assert_true(pair_is_up(pair));
		assert_int_equal(pair_report(pair, !who).sessions,
		    sessions + 1);
		assert_int_equal(pair_report(pair, who).sessions, 1);
		assert_true(pair_report(pair, !who).was_post);
		no_faults(pair);
		pair_free(pair);
	}
}

/* By then neither side has a session left to be missed. */
static void
line_tells_the_path_from_the_post_after_a_long_silence(void **state)
{
	(void)state;
	for (int restarts = 0; restarts < 2; restarts++) {
		struct pair *pair = pair_up(77, talk);

		pair_run(pair, 20);
		pair->cut[0] = pair->cut[1] = true;
		pair_run(pair, (SESSION_SILENT_S + 20) * 10);
		assert_int_equal(pair_report(pair, 0).state, LINE_SILENT);
		if (restarts)
			pair_restart(pair, 1);
		pair->cut[0] = pair->cut[1] = false;
		assert_true(pair_until(pair, pair_is_up, 200) < 200);
		pair_run(pair, 20);
		assert_true(pair_report(pair, 0).judged);
		assert_int_equal(pair_report(pair, 0).was_post, restarts);
		/* Who restarted has heard no silence of theirs. */
		assert_false(pair_report(pair, 1).was_post);
		pair_free(pair);
	}
}

static void
line_boots_after_both_restart(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct pair *pair = pair_up(seed, talk);

		pair->loss_percent = 20;
		for (int i = 0; i < 10; i++) {
			pair_restart(pair, 0);
			pair_run(pair, (unsigned)rng_below(pair->rng, 12));
			pair_restart(pair, 1);
			pair_run(pair, (unsigned)rng_below(pair->rng, 12));
		}
		pair_step(pair);
		assert_true(pair_until(pair, pair_is_up, 400) < 400);
		no_faults(pair);
		pair_free(pair);
	}
}

static void
line_alarms_where_a_secret_is_missing(void **state)
{
	struct pair *pair = pair_up(5, talk);

	(void)state;
	pair_run(pair, 20);
	/* B comes back from a backup older than the last two secrets. */
	memset(pair->side[1].hints.cur, 0x11, HINT_BYTES);
	memset(pair->side[1].hints.prev, 0x12, HINT_BYTES);
	pair_restart(pair, 1);
	pair_run(pair, 200);
	assert_false(pair_is_up(pair));
	assert_int_equal(pair->side[0].faults[FAULT_CONTINUITY], 1);
	assert_int_equal(pair->side[1].faults[FAULT_CONTINUITY], 1);
	assert_int_equal(pair->side[0].confirmed, 1);
	pair_free(pair);
}

static void
line_boots_where_the_answer_was_lost_with_a_keeper(void **state)
{
	/* A's keeper has synced, and B never confirmed: A then uses its prev. */
	struct pair *pair = pair_up(6, talk);

	(void)state;
	pair_run(pair, 20);
	memcpy(pair->side[0].hints.prev, pair->side[0].hints.cur, HINT_BYTES);
	memset(pair->side[0].hints.cur, 0x33, HINT_BYTES);
	pair->side[0].hints.proved = false;
	pair_restart(pair, 0);
	pair_step(pair);
	assert_true(pair_until(pair, pair_is_up, 200) < 200);
	no_faults(pair);
	pair_free(pair);
}

static void
line_tries_again_when_the_keeper_says_no(void **state)
{
	struct pair *pair = pair_new(7, talk);

	(void)state;
	pair->side[1].refuses = true;
	pair_run(pair, 100);
	assert_false(pair_is_up(pair));
	/* One computation a second, whatever comes. */
	assert_in_range(pair->side[1].events[LINE_EVENT_ANSWER_1], 1, 10);
	assert_in_range(pair->side[0].events[LINE_EVENT_MAKE_1], 1, 10);
	pair->side[1].refuses = false;
	assert_true(pair_until(pair, pair_is_up, 300) < 300);
	pair_free(pair);
}

static void
line_waits_for_its_keeper(void **state)
{
	struct pair *pair = pair_new(8, talk);

	(void)state;
	pair_lose_keeper(pair, 0);
	pair_run(pair, 50);
	assert_int_equal(pair->side[0].events[LINE_EVENT_MAKE_1], 0);
	pair_attach(pair, 0);
	assert_true(pair_until(pair, pair_is_up, 200) < 200);
	pair_free(pair);
}

/* -- rekey ------------------------------------------------------------------ */

enum { REKEY_RUN_SLOTS = REKEY_S * 10 + 60 };

/* A part of a message 1 and so long a HAVE don't both fit: whichever has waited
 * longer goes, so neither starves. */
static void
line_rekeys_while_every_frame_has_news(void **state)
{
	struct pair *pair = pair_up(12, trickle);

	(void)state;
	for (unsigned i = 0; i < REKEY_SLOTS + 60; i++) {
		for (int side = 0; side < 2; side++) {
			struct line_order order = { .kind = LINE_ORDER_HAVE };

			for (int c = 0; c < CLASS_COUNT; c++)
				order.have.at[c] =
				    (struct position){ INT64_MAX, INT64_MAX };
			order.have.credit = CREDIT_BYTES_MAX + i;
			assert_int_equal(line_on_order(pair->side[side].line,
					     &order, pair->now_ns),
			    OK);
		}
		pair_step(pair);
	}
	assert_int_equal(pair_report(pair, 0).sessions, 2);
	assert_int_equal(pair_report(pair, 1).sessions, 2);
	assert_true(pair->side[0].has_peer_has);
	assert_true(pair->side[0].peer_has.credit > CREDIT_BYTES_MAX + 100);
	no_faults(pair);
	pair_free(pair);
}

static void
line_rekeys_in_time(void **state)
{
	struct pair *pair = pair_up(10, talk);

	(void)state;
	pair_run(pair, 3 * REKEY_RUN_SLOTS);
	assert_true(pair_is_up(pair));
	assert_int_equal(pair_report(pair, 0).sessions, 4);
	assert_int_equal(pair_report(pair, 1).sessions, 4);
	assert_int_equal(pair->side[0].events[LINE_EVENT_PROVED], 4);
	assert_memory_equal(pair->side[0].exporter.bytes,
	    pair->side[1].exporter.bytes, PAIR_SECRET_BYTES);
	no_faults(pair);
	pair_free(pair);
}

static void
line_rekeys_under_load_and_loss(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 4; seed++) {
		struct pair *pair = pair_up(seed, seed % 2 ? talk : trickle);

		pair->loss_percent = 30;
		pair->delay_slots = 3;
		pair->keeper_delay_slots = (unsigned)(seed / 2) * 5;
		for (unsigned i = 0; i < 60; i++) {
			pair_run(pair, REKEY_RUN_SLOTS / 20);
			pair_add(pair, i & 1, CLASS_FLASH, 3000);
		}
		assert_true(pair_is_up(pair));
		assert_true(pair_report(pair, 0).sessions >= 4);
		assert_int_equal(pair->side[0].events[LINE_EVENT_MAKE_1] == 0,
		    0);
		/* Every one of them was in time: no key grew too old. */
		assert_false(pair_report(pair, 0).was_post);
		assert_false(pair_report(pair, 1).was_post);
		no_faults(pair);
		pair->loss_percent = 0;
		assert_true(pair_until(pair, pair_is_even, 2000) < 2000);
		pair_free(pair);
	}
}

static void
line_rekeys_by_a_higher_attempt_where_one_fails(void **state)
{
	struct pair *pair = pair_up(11, talk);

	(void)state;
	pair_run(pair, REKEY_RUN_SLOTS - 70);
	pair->side[1].refuses = true;
	pair_run(pair, 300);
	assert_true(pair_is_up(pair));
	assert_int_equal(pair_report(pair, 1).sessions, 1);
	assert_true(pair->side[0].events[LINE_EVENT_MAKE_1] > 2);
	pair->side[1].refuses = false;
	pair_run(pair, 300);
	assert_int_equal(pair_report(pair, 0).sessions, 2);
	assert_int_equal(pair_report(pair, 1).sessions, 2);
	no_faults(pair);
	pair_free(pair);
}

/* R4 to R6: B's keeper is away when the new key is first heard.  B goes on under
 * the old key, A opens both, and nothing is lost. */
static void
line_sends_under_the_old_key_until_synced(void **state)
{
	struct pair *pair = pair_up(12, talk);

	(void)state;
	while (pair->side[0].confirmed < 2) {
		pair_step(pair);
		if (pair->side[1].has_pending && pair->side[1].attached &&
		    pair->side[1].orders_count == 0) {
			pair_lose_keeper(pair, 1);
		}
	}
	pair_add(pair, 0, CLASS_ROUTINE, 500);
	pair_run(pair, 300);
	assert_true(pair_is_up(pair));
	assert_int_equal(pair->side[1].confirmed, 1);
	assert_false(pair->side[0].hints.proved);
	pair_attach(pair, 1);
	pair_run(pair, 20);
	assert_int_equal(pair->side[1].confirmed, 2);
	assert_true(pair->side[0].hints.proved);
	assert_int_equal(pair_report(pair, 1).sessions, 2);
	assert_true(pair_is_even(pair));
	no_faults(pair);
	pair_free(pair);
}

static void
line_boots_when_the_key_is_too_old(void **state)
{
	struct pair *pair = pair_up(13, talk);

	(void)state;
	/* B's keeper answers nothing: no rekey comes about (R8). */
	pair->side[1].mute = true;
	pair_run(pair, KEY_AGE_S * 10 + 100);
	assert_false(pair_is_up(pair));
	assert_int_equal(pair_report(pair, 0).state, LINE_BOOTING);
	pair->side[1].mute = false;
	pair_lose_keeper(pair, 1);
	pair_attach(pair, 1);
	assert_true(pair_until(pair, pair_is_up, 300) < 300);
	no_faults(pair);
	pair_free(pair);
}

/* -- records ---------------------------------------------------------------- */

static void
line_carries_every_class_once(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 12; seed++) {
		struct pair *pair = pair_up(seed, seed % 3 ? talk : trickle);

		pair->loss_percent = 30;
		pair->double_percent = 10;
		pair->delay_slots = (unsigned)(seed % 5);
		pair->keeper_delay_slots = (unsigned)(seed % 2);
		add_all_sorts(pair, 60);
		assert_true(pair_until(pair, pair_is_even, 9000) < 9000);
		no_faults(pair);
		pair_free(pair);
	}
}

static void
line_carries_a_record_larger_than_its_memory(void **state)
{
	struct pair *pair = pair_up(20, talk);

	(void)state;
	pair->loss_percent = 10;
	pair_add(pair, 0, CLASS_ROUTINE, 3000000);
	pair_add(pair, 0, CLASS_ROUTINE, 100);
	assert_true(pair_until(pair, pair_is_even, 9000) < 9000);
	no_faults(pair);
	pair_free(pair);
}

static void
line_fills_its_frames(void **state)
{
	struct pair *pair = pair_up(21, talk);
	unsigned slots;

	(void)state;
	pair_run(pair, 20);
	pair_add(pair, 0, CLASS_ROUTINE, 1000000);
	slots = pair_until(pair, pair_is_even, 9000);
	/* 1152 bytes are a frame's records; 1132 of them a chunk's data. */
	assert_in_range(slots, 1000000 / 1132, 1000000 / 1132 * 11 / 10);
	pair_free(pair);
}

static bool
flash_is_there(const struct pair *pair)
{
	return pair->side[1].synced.at[CLASS_FLASH].n > 0;
}

static void
line_lets_a_higher_class_overtake(void **state)
{
	struct pair *pair = pair_up(22, talk);

	(void)state;
	pair_add(pair, 0, CLASS_ROUTINE, 2000000);
	pair_run(pair, 100);
	pair_add(pair, 0, CLASS_FLASH, 3000);
	assert_true(pair_until(pair, flash_is_there, 20) < 20);
	assert_int_equal(pair->side[1].synced.at[CLASS_ROUTINE].n, 0);
	assert_true(pair_until(pair, pair_is_even, 5000) < 5000);
	pair_free(pair);
}

static void
line_goes_on_after_restarts(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct pair *pair = pair_up(seed, talk);

		pair->loss_percent = 20;
		pair->delay_slots = 3;
		add_all_sorts(pair, 40);
		for (int i = 0; i < 12; i++) {
			const int who = (int)rng_below(pair->rng, 2);

			pair_run(pair, (unsigned)rng_below(pair->rng, 120));
			if (rng_below(pair->rng, 3) == 0) {
				pair_restart(pair, who);
			} else {
				pair_lose_keeper(pair, who);
				pair_run(pair,
				    (unsigned)rng_below(pair->rng, 30));
				pair_attach(pair, who);
			}
			add_all_sorts(pair, 3);
		}
		assert_true(pair_until(pair, pair_is_even, 9000) < 9000);
		no_faults(pair);
		pair_free(pair);
	}
}

/* What A's former wire sent was synced only after A's new wire had heard where B
 * stands: no fault of B's. */
static void
line_takes_a_have_beyond_what_its_wire_sent(void **state)
{
	struct pair *pair = pair_up(23, talk);

	(void)state;
	pair->side[1].syncs = false;
	for (int i = 0; i < 10; i++)
		pair_add(pair, 0, CLASS_ROUTINE, 2000);
	pair_run(pair, 60);
	assert_int_equal(pair->side[1].have.at[CLASS_ROUTINE].n, 10);
	pair_restart(pair, 0);
	while (pair->side[0].events[LINE_EVENT_WANT] < 2)
		pair_step(pair);
	pair_sync(pair, &pair->side[1]);
	pair->side[1].syncs = true;
	pair_add(pair, 0, CLASS_ROUTINE, 2000);
	assert_true(pair_until(pair, pair_is_even, 200) < 200);
	no_faults(pair);
	pair_free(pair);
}

static void
line_hands_again_what_was_not_synced(void **state)
{
	struct pair *pair = pair_up(24, talk);
	unsigned before;

	(void)state;
	pair->side[1].syncs = false;
	for (int i = 0; i < 10; i++)
		pair_add(pair, 0, CLASS_ROUTINE, 2000);
	pair_run(pair, 60);
	assert_int_equal(pair->side[1].have.at[CLASS_ROUTINE].n, 10);
	pair_lose_keeper(pair, 1);
	assert_int_equal(pair->side[1].have.at[CLASS_ROUTINE].n, 0);
	before = pair->side[1].events[LINE_EVENT_DATA];
	pair->side[1].syncs = true;
	/* Nothing is sent again for it. */
	pair->cut[0] = true;
	pair_attach(pair, 1);
	pair_run(pair, 2);
	assert_int_equal(pair->side[1].have.at[CLASS_ROUTINE].n, 10);
	assert_true(pair->side[1].events[LINE_EVENT_DATA] >= before + 10);
	assert_true(pair_is_even(pair));
	pair_free(pair);
}

static void
line_stops_at_the_credit(void **state)
{
	struct pair *pair = pair_new(25, talk);

	(void)state;
	pair->side[1].have.credit = 5000;
	pair_until(pair, pair_is_up, 200);
	for (int i = 0; i < 20; i++)
		pair_add(pair, 0, CLASS_IMMEDIATE, 2000);
	pair_add(pair, 0, CLASS_NOTES, 2000);
	/* B never syncs, so that the credit is used up for good. */
	pair->side[1].syncs = false;
	pair_run(pair, 300);
	assert_in_range(pair->side[1].have.at[CLASS_IMMEDIATE].n, 1, 2);
	/* Notes are always taken. */
	assert_int_equal(pair->side[1].have.at[CLASS_NOTES].n, 21);
	assert_int_equal(pair->side[0].peer_has.credit, 5000);
	pair->side[1].syncs = true;
	assert_true(pair_until(pair, pair_is_even, 500) < 500);
	pair->side[1].have.credit = 0;
	pair_run(pair, 20);
	pair_add(pair, 0, CLASS_FLASH, 2000);
	pair_run(pair, 100);
	assert_int_equal(pair->side[1].have.at[CLASS_FLASH].n, 0);
	assert_int_equal(pair->side[0].peer_has.credit, 0);
	pair->side[1].have.credit = 100000;
	assert_true(pair_until(pair, pair_is_even, 100) < 100);
	no_faults(pair);
	pair_free(pair);
}

/* A keeper that never syncs fills B's memory up, and nothing else happens. */
static void
line_keeps_what_its_keeper_does_not_sync(void **state)
{
	struct pair *pair = pair_up(26, talk);

	(void)state;
	pair->side[1].syncs = false;
	for (int i = 0; i < 350; i++)
		pair_add(pair, 0, (enum record_class)(i % CLASS_COUNT), 3000);
	pair_run(pair, 1500);
	assert_true(pair_is_up(pair));
	pair_lose_keeper(pair, 1);
	pair_run(pair, 100);
	pair->side[1].syncs = true;
	pair_attach(pair, 1);
	assert_true(pair_until(pair, pair_is_even, 5000) < 5000);
	no_faults(pair);
	pair_free(pair);
}

/* -- words ------------------------------------------------------------------ */

static void
line_says_silent_and_up_again(void **state)
{
	struct pair *pair = pair_up(30, talk);

	(void)state;
	assert_int_equal(pair_report(pair, 0).why, WHY_NONE);
	pair->cut[0] = pair->cut[1] = true;
	pair_run(pair, SILENCE_S * 10 + 10);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pair_report(pair, i).state, LINE_SILENT);
		assert_int_equal(pair_report(pair, i).why, WHY_PATH_OR_POST);
		assert_int_equal(pair->side[i].report.state, LINE_SILENT);
		assert_true(pair_report(pair, i).heard_ms_ago > 5000);
	}
	pair->cut[0] = pair->cut[1] = false;
	pair_run(pair, 40);
	assert_true(pair_is_up(pair));
	/* It was the path. */
	assert_false(pair_report(pair, 0).was_post);
	assert_int_equal(pair_report(pair, 0).sessions, 1);
	pair_free(pair);
}

static void
line_boots_after_a_long_silence(void **state)
{
	struct pair *pair = pair_up(31, talk);

	(void)state;
	pair->cut[0] = pair->cut[1] = true;
	pair_run(pair, SESSION_SILENT_S * 10 + 100);
	assert_int_equal(pair_report(pair, 0).state, LINE_SILENT);
	pair->cut[0] = pair->cut[1] = false;
	assert_true(pair_until(pair, pair_is_up, 100) < 100);
	assert_int_equal(pair_report(pair, 0).sessions, 2);
	no_faults(pair);
	pair_free(pair);
}

static void
line_says_one_way(void **state)
{
	struct pair *pair = pair_up(32, talk);

	(void)state;
	pair->cut[0] = true;
	pair_run(pair, SILENCE_S * 10 + 60);
	assert_int_equal(pair_report(pair, 0).state, LINE_ONE_WAY);
	assert_int_equal(pair_report(pair, 1).state, LINE_SILENT);
	pair->cut[0] = false;
	pair_run(pair, 40);
	assert_true(pair_is_up(pair));
	pair_free(pair);
}

static void
line_says_one_way_while_it_boots(void **state)
{
	struct pair *pair = pair_new(33, talk);

	(void)state;
	pair->cut[0] = true;
	pair_run(pair, SILENCE_S * 10 + 60);
	assert_int_equal(pair_report(pair, 0).state, LINE_ONE_WAY);
	assert_int_equal(pair_report(pair, 1).state, LINE_SILENT);
	pair_free(pair);
}

static void
line_takes_leave(void **state)
{
	static const enum line_why reasons[] = { WHY_GOODBYE, WHY_SEALED };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct pair *pair = pair_up(34, talk);
		struct line_order order = { .kind = LINE_ORDER_GOODBYE,
			.why = reasons[i] };

		assert_false(line_has_said_goodbye(pair->side[0].line));
		assert_int_equal(line_on_order(pair->side[0].line, &order,
				     pair->now_ns),
		    OK);
		pair_run(pair, GOODBYE_FRAMES);
		assert_true(line_has_said_goodbye(pair->side[0].line));
		pair->side[0].stopped = true;
		pair_run(pair, 5);
		assert_int_equal(pair_report(pair, 1).state, LINE_SILENT);
		assert_int_equal(pair_report(pair, 1).why, reasons[i]);
		/* Also when the session is over. */
		pair_run(pair, SESSION_SILENT_S * 10 + 10);
		assert_int_equal(pair_report(pair, 1).why, reasons[i]);
		pair->side[0].stopped = false;
		pair_restart(pair, 0);
		assert_true(pair_until(pair, pair_is_up, 200) < 200);
		assert_int_equal(pair_report(pair, 1).why, WHY_NONE);
		pair_free(pair);
	}
}

static void
line_forgets_a_key_whose_peer_never_booted(void **state)
{
	struct pair *pair = pair_up(35, talk);
	struct origin from = { .len = 1 };
	uint8_t frame[FRAME_BYTES_MAX];

	(void)state;
	pair_run(pair, 10);
	/* Sealed under the key of now, and withheld. */
	pair->cut[1] = true;
	pair_step(pair);
	memcpy(frame, pair->side[1].last_frame, sizeof(frame));
	pair->cut[1] = false;
	/* B restarts, is met, and is gone before it has booted. */
	pair->side[1].mute = true;
	pair->side[0].mute = true;
	pair_restart(pair, 1);
	pair_run(pair, 30);
	assert_true(pair_report(pair, 0).was_post);
	pair->side[1].stopped = true;
	pair_run(pair, KEY_AGE_S * 10);
	assert_int_equal(line_on_datagram(pair->side[0].line, 0, frame,
			     talk.frame_bytes, &from, pair->now_ns),
	    ERR_CRYPTO);
	pair_free(pair);
}

/* -- a peer that lies inside the seal ---------------------------------------- */

static void
forge(struct pair *pair, int from, const uint8_t *records, size_t len)
{
	struct pair_side *side = &pair->side[from];

	memcpy(side->forged, records, len);
	side->forged_len = len;
	side->forges = true;
	for (int i = 0; side->forges && i < 10; i++)
		pair_step(pair);
	assert_false(side->forges);
	pair_run(pair, 1);
}

#define RECORDS(...) \
	{ \
		__VA_ARGS__ \
	}

static void
line_ends_the_session_of_a_liar(void **state)
{
	static const struct {
		size_t len;
		uint8_t bytes[64];
	} lies[] = {
		/* A length beyond the frame. */
		{ 3, { FRAME_CTRL, 0xff, 0xff } },
		/* An ACK of nothing, of an unknown path, of what was never
		 * sent, with more pairs than fit, with pairs below zero. */
		{ 3, { FRAME_ACK, 0, 0 } },
		{ 17, { FRAME_ACK, 14, 0, 1, 1 } },
		{ 17, { FRAME_ACK, 14, 0, 0, 0xff, 0xff } },
		{ 17,
		    { FRAME_ACK, 14, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			99 } },
		{ 19,
		    { FRAME_ACK, 16, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			1, 0, 2 } },
		/* A chunk of stream 0, of an odd one, of class 5, of no data,
		 * past the end of numbers. */
		{ 21, { FRAME_CHUNK, 18, 0, 0 } },
		{ 21, { FRAME_CHUNK, 18, 0, 3 } },
		{ 21,
		    { FRAME_CHUNK, 18, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			0, 0, 0, 10 } },
		{ 20, { FRAME_CHUNK, 17, 0, 2 } },
		{ 21,
		    { FRAME_CHUNK, 18, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0 } },
		/* A record that comes after itself. */
		{ 31,
		    { FRAME_CHUNK, 28, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			0, 0, 0, 1, 1 } },
		/* A part of attempt 0; a CTRL of nothing; a HAVE cut short, of
		 * another side; a watch that does not exist; a goodbye for no
		 * reason. */
		{ 13, { FRAME_HANDSHAKE, 10, 0 } },
		{ 3, { FRAME_CTRL, 0, 0 } },
		{ 8, { FRAME_CTRL, 5, 0, 1, 0 } },
		{ 16, { FRAME_CTRL, 13, 0, 1, 1 } },
		{ 19,
		    { FRAME_CTRL, 16, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			9 } },
		{ 5, { FRAME_CTRL, 2, 0, 3, 0 } },
		{ 5, { FRAME_CTRL, 2, 0, 3, WHY_PATH_OR_POST } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		const int liar = (int)(i & 1);
		struct pair *pair = pair_up(i, talk);
		unsigned faults;

		forge(pair, liar, lies[i].bytes, lies[i].len);
		faults = pair->side[!liar].faults[FAULT_FRAME] +
		    pair->side[!liar].faults[FAULT_ORDER];
		if (faults != 1)
			print_error("lie %zu\n", i);
		assert_int_equal(faults, 1);
		assert_int_equal(pair->side[!liar].faults[FAULT_OURS], 0);
		/* And the line boots again. */
		assert_true(pair_until(pair, pair_is_up, 200) < 200);
		assert_int_equal(pair_report(pair, liar).sessions, 2);
		/* Both sides' people know why; nobody takes it for a restart. */
		assert_int_equal(pair->side[liar].faults[FAULT_OURS], 1);
		assert_false(pair_report(pair, liar).was_post);
		pair_free(pair);
	}
}

static void
line_tells_a_fault_to_a_keeper_that_was_away(void **state)
{
	static const uint8_t lie[] = { FRAME_CTRL, 0xff, 0xff };
	struct pair *pair = pair_up(44, talk);
	unsigned *faults = pair->side[1].faults;

	(void)state;
	pair_lose_keeper(pair, 1);
	forge(pair, 0, lie, sizeof(lie));
	assert_int_equal(faults[FAULT_FRAME], 0);
	pair_attach(pair, 1);
	pair_run(pair, 2);
	assert_int_equal(faults[FAULT_FRAME], 1);
	pair_lose_keeper(pair, 1);
	pair_attach(pair, 1);
	assert_true(pair_until(pair, pair_is_up, 200) < 200);
	assert_int_equal(faults[FAULT_FRAME], 1);
	pair_free(pair);
}

/* What our own disk has lost is nobody else's fault. */
static void
line_blames_nobody_for_its_own_disk(void **state)
{
	struct line_order order = { .kind = LINE_ORDER_FAULT,
		.fault = FAULT_STORE };
	struct pair *pair = pair_up(46, talk);

	(void)state;
	assert_int_equal(line_on_order(pair->side[0].line, &order,
			     pair->now_ns),
	    OK);
	assert_int_equal(pair->side[0].faults[FAULT_STORE], 1);
	pair_run(pair, 1);
	assert_true(pair_until(pair, pair_is_up, 200) < 200);
	assert_int_equal(pair_report(pair, 1).sessions, 2);
	for (int f = 0; f < FAULT_COUNT; f++)
		assert_int_equal(pair->side[1].faults[f], 0);
	pair_free(pair);
}

/* What the keeper was handed broke the rules: it keeps what it had before. */
static void
line_ends_the_session_where_its_keeper_refuses(void **state)
{
	struct line_order order = { .kind = LINE_ORDER_FAULT,
		.fault = FAULT_RECORD };
	struct pair *pair = pair_up(45, talk);
	struct pair_side *side = &pair->side[1];
	unsigned data;

	(void)state;
	add_all_sorts(pair, 10);
	pair_run(pair, 5);
	side->syncs = false;
	add_all_sorts(pair, 20);
	pair_run(pair, 20);
	side->have = side->synced;
	memcpy(side->partial_n, side->synced_partial_n,
	    sizeof(side->partial_n));
	order.have = side->have;
	memcpy(order.partial_n, side->partial_n, sizeof(order.partial_n));
	data = side->events[LINE_EVENT_DATA];
	assert_int_equal(line_on_order(side->line, &order, pair->now_ns), OK);
	/* It says when: what it hands in from now on comes anew. */
	assert_int_equal(side->faults[FAULT_RECORD], 1);
	assert_int_equal(side->events[LINE_EVENT_DATA], data);
	assert_false(pair_report(pair, 1).state == LINE_UP);
	side->syncs = true;
	assert_true(pair_until(pair, pair_is_up, 200) < 200);
	assert_int_equal(pair_report(pair, 0).sessions, 2);
	assert_int_equal(pair->side[0].faults[FAULT_OURS], 1);
	assert_true(pair_until(pair, pair_is_even, 900) < 900);
	assert_int_equal(side->faults[FAULT_RECORD], 1);
	pair_free(pair);
}

static void
line_skips_what_it_does_not_know(void **state)
{
	static const uint8_t records[] = { 77, 3, 0, 1, 2, 3, FRAME_CTRL, 2, 0,
		99, 1, 255, 0, 0 };
	struct pair *pair = pair_up(40, talk);

	(void)state;
	forge(pair, 0, records, sizeof(records));
	pair_run(pair, 20);
	assert_true(pair_is_up(pair));
	no_faults(pair);
	pair_free(pair);
}

/* A class that can never be completed costs its memory and no more. */
static void
line_bounds_what_a_liar_makes_it_hold(void **state)
{
	struct pair *pair = pair_up(41, talk);
	uint8_t record[22] = { FRAME_CHUNK, 19, 0, 8 };

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		record[3] = (uint8_t)(8 + i % 64 * 2);
		record[12] = (uint8_t)i;
		record[13] = (uint8_t)(1 + i / 256);
		record[19] = (uint8_t)(i % CLASS_COUNT << 1);
		pair->side[0].forges = true;
		pair->side[0].forged_len = sizeof(record);
		memcpy(pair->side[0].forged, record, sizeof(record));
		pair_step(pair);
	}
	pair_run(pair, 10);
	assert_true(pair_is_up(pair));
	/* The other way is as good as ever. */
	pair_add(pair, 1, CLASS_FLASH, 5000);
	pair_run(pair, 30);
	assert_int_equal(pair->side[0].taken[1], 1);
	pair_free(pair);
}

/* A HAVE of what does not exist, or of another class's n: the keeper judges; the
 * line must neither end nor ask without end. */
static void
line_survives_a_have_of_anything(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		struct pair *pair = pair_up(seed, talk);
		uint8_t record[128];
		struct writer w, body;
		unsigned wants;

		add_all_sorts(pair, 10);
		pair_run(pair, 3);
		memset(record, 0, sizeof(record));
		buf_write(&w, record, sizeof(record));
		body = frame_record_begin(&w);
		buf_put_u8(&body, 1);
		buf_put_u8(&body, 0);
		for (int i = 0; i < CLASS_COUNT; i++) {
			buf_put_varint(&body,
			    seed % 4 == 0 ? UINT64_MAX
					  : rng_below(pair->rng, 12));
			buf_put_varint(&body,
			    seed % 3 == 0 ? UINT64_MAX
					  : rng_below(pair->rng, 9000));
		}
		buf_put_varint(&body, UINT64_MAX);
		assert_true(frame_record_end(&w, &body, FRAME_CTRL));
		wants = pair->side[0].events[LINE_EVENT_WANT];
		forge(pair, 1, record, w.len);
		pair_run(pair, 300);
		assert_true(pair_is_up(pair));
		assert_true(pair->side[0].events[LINE_EVENT_WANT] < wants + 50);
		pair_free(pair);
	}
}

/* Part by part of one message 1 after the other, and a keeper that comes back in
 * between. */
static void
line_survives_attempts_without_end(void **state)
{
	struct pair *pair = pair_up(42, talk);
	uint8_t record[FRAME_RECORDS_BYTES_MAX];
	const size_t part_bytes =
	    talk.frame_bytes - HANDSHAKE_PART_MARGIN_BYTES;

	(void)state;
	for (uint64_t attempt = 1; attempt < 40; attempt++) {
		for (unsigned part = 0; part < 2; part++) {
			struct writer w, body;
			size_t len = part == 0 ? part_bytes
					       : HANDSHAKE_1_BYTES - part_bytes;

			if (attempt % 2 == 0 && part == 1)
				continue;
			memset(record, 0, sizeof(record));
			buf_write(&w, record, sizeof(record));
			body = frame_record_begin(&w);
			buf_put_u64(&body, attempt);
			buf_put_u8(&body, (uint8_t)part);
			buf_put_u8(&body, 2);
			buf_put_zeros(&body, len);
			assert_true(
			    frame_record_end(&w, &body, FRAME_HANDSHAKE));
			forge(pair, 0, record, w.len);
		}
		if (attempt % 3 == 0) {
			pair_lose_keeper(pair, 1);
			pair_attach(pair, 1);
		}
	}
	pair_run(pair, 20);
	assert_true(pair_is_up(pair));
	no_faults(pair);
	pair_free(pair);
}

/* The plain text of the frame that a side sent last, under a session's key. */
static void
open_last(const struct pair *pair, int from, uint8_t *plain)
{
	const struct pair_side *side = &pair->side[from];

	for (size_t i = 0; i < 4; i++) {
		if (frame_unseal(plain, side->last_frame,
			pair->cadence.frame_bytes, side->known[i].send) == OK)
			return;
	}
	fail_msg("the last frame is of no session");
}

/* Does an acknowledgement, if the frame has one that reaches so far, say that ctr
 * was taken?  1: yes, 0: no, -1: it says nothing. */
static int
says_taken(const uint8_t *plain, size_t len, uint64_t ctr)
{
	struct frame_record record;
	struct reader r;
	uint64_t at;

	buf_read(&r, plain, len);
	buf_get_u64(&r);
	while (frame_next_record(&r, &record) == OK) {
		if (record.type != FRAME_ACK)
			continue;
		buf_read(&r, record.body, record.len);
		buf_get_u8(&r);
		at = buf_get_u64(&r);
		if (at <= ctr)
			return -1;
		buf_get_u32(&r);
		for (unsigned n = buf_get_u8(&r); n > 0; n--) {
			at -= buf_get_varint(&r);
			if (at < ctr)
				return 0;
			at -= buf_get_varint(&r);
			if (at < ctr)
				return 1;
		}
		return 0;
	}
	return -1;
}

/* Chunks that leave gaps, as many as one frame takes: none can be handed on. */
static void
send_holes(struct pair *pair, uint64_t first)
{
	uint8_t records[FRAME_RECORDS_BYTES_MAX];
	_Alignas(struct chunk) uint8_t memory[sizeof(struct chunk) + 1] = { 0 };
	struct chunk *chunk = (struct chunk *)(void *)memory;
	struct writer w, body;

	chunk->n = 5;
	chunk->len = 1;
	chunk->class = CLASS_ROUTINE;
	buf_write(&w, records, talk.frame_bytes - FRAME_OVERHEAD_BYTES);
	do {
		chunk->offset = first += 2;
		body = frame_record_begin(&w);
		chunk_encode(&body, chunk, 1);
	} while (frame_record_end(&w, &body, FRAME_CHUNK));
	pair->side[0].forged_len = w.len;
	memcpy(pair->side[0].forged, records, w.len);
	pair->side[0].forges = true;
	while (pair->side[0].forges)
		pair_step(pair);
}

static void
line_acknowledges_no_frame_whose_chunks_found_no_room(void **state)
{
	struct pair *pair = pair_up(19, talk);
	uint8_t plain[FRAME_PLAIN_BYTES_MAX];
	uint64_t ctr[2];
	struct reader r;
	int said[2] = { -1, -1 };

	(void)state;
	pair_run(pair, 20);
	for (size_t i = 0; i < 2; i++) {
		send_holes(pair, 1000 * (i + 1));
		open_last(pair, 0, plain);
		buf_read(&r, plain, sizeof(plain));
		ctr[i] = buf_get_u64(&r);
	}
	for (unsigned slot = 0; slot < 20 && said[1] < 0; slot++) {
		pair_step(pair);
		open_last(pair, 1, plain);
		for (size_t i = 0; i < 2; i++)
			said[i] = says_taken(plain,
			    talk.frame_bytes - FRAME_NONCE_BYTES -
				FRAME_TAG_BYTES,
			    ctr[i]);
	}
	assert_int_equal(said[0], 1);
	assert_int_equal(said[1], 0);
	pair_free(pair);
}

/* -- the wire ---------------------------------------------------------------- */

static void
line_is_never_asked_whether_to_send(void **state)
{
	struct pair *pair = pair_new(50, talk);
	uint64_t before;

	(void)state;
	for (int i = 0; i < 300; i++) {
		before = pair_report(pair, 0).frames_sent;
		if (i == 100)
			pair_lose_keeper(pair, 0);
		if (i == 150)
			add_all_sorts(pair, 20);
		if (i == 200)
			pair_attach(pair, 0);
		pair_step(pair);
		assert_int_equal(pair_report(pair, 0).frames_sent, before + 1);
	}
	pair_free(pair);
}

static void
line_learns_where_its_peer_is(void **state)
{
	struct pair *pair = pair_new(51, talk);
	struct line_config config = { .role = ROLE_B, .cadence = talk };
	const struct line_way way = { .roams = false };

	(void)state;
	memset(config.boot_send, 2, sizeof(config.boot_send));
	memset(config.boot_recv, 1, sizeof(config.boot_recv));
	pair->side[1].line = line_init(pair->side[1].line, &config,
	    rng_from_seed(&pair->side[1].seeded, 9), pair_tell,
	    &pair_contexts(pair)[1], pair->now_ns);
	line_open_path(pair->side[1].line, 0, &way, pair->now_ns);
	pair_attach(pair, 1);
	assert_int_equal(line_destination(pair->side[1].line, 0)->len, 0);
	assert_true(pair_until(pair, pair_is_up, 200) < 200);
	assert_int_equal(line_destination(pair->side[1].line, 0)->len, 1);
	assert_int_equal(line_destination(pair->side[1].line, 0)->bytes[0],
	    'x');
	/* One that its card named stays. */
	assert_int_equal(line_destination(pair->side[0].line, 0)->bytes[0],
	    'b');
	pair_free(pair);
}

static int
from_elsewhere(struct pair *pair, const uint8_t *frame, uint8_t where)
{
	const struct origin from = { .bytes = { where }, .len = 1 };

	return line_on_datagram(pair->side[0].line, 0, frame, talk.frame_bytes,
	    &from, pair->now_ns);
}

/* A has a session, and what it sends goes where its peer is no more, or never
 * was: the peer goes on with the boot, and so says where it is. */
static void
line_learns_where_its_peer_still_boots(void **state)
{
	struct pair *pair = pair_new(52, talk);
	struct line_config config = { .role = ROLE_A, .cadence = talk };
	const struct line_way way = { .roams = false };
	struct line *line;
	uint8_t old[FRAME_BYTES_MAX];

	(void)state;
	memset(config.boot_send, 1, sizeof(config.boot_send));
	memset(config.boot_recv, 2, sizeof(config.boot_recv));
	line = line_init(pair->side[0].line, &config,
	    rng_from_seed(&pair->side[0].seeded, 9), pair_tell,
	    &pair_contexts(pair)[0], pair->now_ns);
	line_open_path(line, 0, &way, pair->now_ns);
	pair->side[0].line = line;
	pair_attach(pair, 0);
	pair->keeper_delay_slots = 2;
	while (pair->side[0].events[LINE_EVENT_FINISH_2] == 0)
		pair_step(pair);
	pair->cut[0] = true;
	pair_run(pair, 5);
	assert_int_equal(from_elsewhere(pair, pair->side[1].last_frame, 'e'),
	    OK);
	assert_int_equal(line_destination(line, 0)->bytes[0], 'e');
	memcpy(old, pair->side[1].last_frame, sizeof(old));
	/* The peer is heard: what is left of the boot says nothing more. */
	pair->cut[0] = false;
	assert_true(pair_until(pair, pair_is_up, 100) < 100);
	assert_int_equal(line_destination(line, 0)->bytes[0], 'x');
	assert_int_equal(from_elsewhere(pair, old, 'e'), OK);
	assert_int_equal(line_destination(line, 0)->bytes[0], 'x');
	assert_int_equal(pair_report(pair, 0).sessions, 1);
	no_faults(pair);
	pair_free(pair);
}

/* By TCP, a peer that starts anew calls by another connection, while the one of
 * before has ended: there is no place left that the session could hold to. */
static void
line_takes_the_place_of_a_booting_peer_for_none(void **state)
{
	struct pair *pair = pair_up(53, talk);
	const struct line_way way = { .roams = true };
	struct line *line = pair->side[0].line;

	(void)state;
	pair_run(pair, 20);
	/* Of what it said before, nothing is still on its way. */
	pair->cut[0] = pair->cut[1] = true;
	pair_run(pair, 5);
	line_close_path(line, 0, pair->now_ns);
	line_open_path(line, 0, &way, pair->now_ns);
	pair_restart(pair, 1);
	assert_int_equal(line_destination(line, 0)->len, 0);
	pair->cut[1] = false;
	pair_run(pair, 100);
	assert_int_equal(line_destination(line, 0)->len, 1);
	assert_int_equal(line_destination(line, 0)->bytes[0], 'x');
	pair->cut[0] = false;
	assert_true(pair_until(pair, pair_is_up, 150) < 150);
	assert_int_equal(pair_report(pair, 1).sessions, 1);
	no_faults(pair);
	pair_free(pair);
}

/* -- a keeper that answers late ---------------------------------------------- */

static int
order_late(struct pair *pair, int index, enum line_order_kind kind,
    enum handshake_kind of, uint64_t number)
{
	static const uint8_t data[HANDSHAKE_BYTES_MAX];
	const struct line_order order = { .kind = kind,
		.attempt = { .kind = of, .number = number },
		.data = data,
		.len = kind == LINE_ORDER_MESSAGE_1 ? HANDSHAKE_1_BYTES
						    : HANDSHAKE_2_BYTES };

	return line_on_order(pair->side[index].line, &order, pair->now_ns);
}

static void
refuse_late_orders(struct pair *pair, enum handshake_kind of)
{
	static const enum line_order_kind kinds[] = { LINE_ORDER_MESSAGE_1,
		LINE_ORDER_MESSAGE_2, LINE_ORDER_KEYS, LINE_ORDER_CONFIRMED,
		LINE_ORDER_FAILED };

	for (int index = 0; index < 2; index++)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			for (uint64_t number = 0; number < 4; number++)
				assert_int_equal(order_late(pair, index,
						     kinds[i], of, number),
				    ERR_STATE);
}

static void
line_refuses_what_its_keeper_says_too_late(void **state)
{
	struct pair *pair = pair_new(60, talk);

	(void)state;
	/* No session: nothing to rekey.  A session: no boot to go on with. */
	refuse_late_orders(pair, HANDSHAKE_REKEY);
	refuse_late_orders(pair, HANDSHAKE_BOOT);
	assert_true(pair_until(pair, pair_is_up, 200) < 200);
	refuse_late_orders(pair, HANDSHAKE_BOOT);
	refuse_late_orders(pair, HANDSHAKE_REKEY);
	assert_int_equal(order_late(pair, 0, LINE_ORDER_COUNT, HANDSHAKE_BOOT,
			     1),
	    ERR_FORMAT);
	pair_run(pair, 20);
	assert_true(pair_is_up(pair));
	assert_int_equal(pair_report(pair, 0).sessions, 1);
	no_faults(pair);
	pair_free(pair);
}

/* Whoever has the boot key can seal anything. */
static void
line_drops_a_boot_frame_that_breaks_its_layout(void **state)
{
	struct pair *pair = pair_up(61, talk);
	const struct origin from = { .bytes = { 1 }, .len = 1 };
	uint8_t plain[FRAME_PLAIN_BYTES_MAX], frame[FRAME_BYTES_MAX];
	uint8_t key[LINE_KEY_BYTES], nonce[FRAME_NONCE_BYTES] = { 9 };

	(void)state;
	memset(key, 1, sizeof(key));
	memset(plain, 0xff, sizeof(plain));
	frame_seal(frame, talk.frame_bytes, nonce, key, plain);
	assert_int_equal(line_on_datagram(pair->side[1].line, 0, frame,
			     talk.frame_bytes, &from, pair->now_ns),
	    ERR_FORMAT);
	pair_run(pair, 20);
	assert_true(pair_is_up(pair));
	assert_int_equal(pair_report(pair, 1).sessions, 1);
	no_faults(pair);
	pair_free(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_keeps_within_its_memory),
		cmocka_unit_test(line_boots_once),
		cmocka_unit_test(line_proves_what_the_peer_holds),
		cmocka_unit_test(line_proves_again_to_a_keeper_that_was_away),
		cmocka_unit_test(line_proves_again_what_was_lost_with_a_keeper),
		cmocka_unit_test(
		    line_takes_no_late_frame_for_the_proof_of_the_next_boot),
		cmocka_unit_test(line_boots_through_bad_weather),
		cmocka_unit_test(line_ends_no_session_for_a_replay),
		cmocka_unit_test(line_refuses_what_is_not_authentic),
		cmocka_unit_test(line_meets_a_restart_at_once),
		cmocka_unit_test(
		    line_tells_the_path_from_the_post_after_a_long_silence),
		cmocka_unit_test(line_boots_after_both_restart),
		cmocka_unit_test(line_alarms_where_a_secret_is_missing),
		cmocka_unit_test(
		    line_boots_where_the_answer_was_lost_with_a_keeper),
		cmocka_unit_test(line_tries_again_when_the_keeper_says_no),
		cmocka_unit_test(line_waits_for_its_keeper),
		cmocka_unit_test(line_rekeys_while_every_frame_has_news),
		cmocka_unit_test(line_rekeys_in_time),
		cmocka_unit_test(line_rekeys_under_load_and_loss),
		cmocka_unit_test(
		    line_rekeys_by_a_higher_attempt_where_one_fails),
		cmocka_unit_test(line_sends_under_the_old_key_until_synced),
		cmocka_unit_test(line_boots_when_the_key_is_too_old),
		cmocka_unit_test(line_carries_every_class_once),
		cmocka_unit_test(line_carries_a_record_larger_than_its_memory),
		cmocka_unit_test(line_fills_its_frames),
		cmocka_unit_test(line_lets_a_higher_class_overtake),
		cmocka_unit_test(line_goes_on_after_restarts),
		cmocka_unit_test(line_takes_a_have_beyond_what_its_wire_sent),
		cmocka_unit_test(line_hands_again_what_was_not_synced),
		cmocka_unit_test(line_stops_at_the_credit),
		cmocka_unit_test(line_keeps_what_its_keeper_does_not_sync),
		cmocka_unit_test(line_says_silent_and_up_again),
		cmocka_unit_test(line_boots_after_a_long_silence),
		cmocka_unit_test(line_says_one_way),
		cmocka_unit_test(line_says_one_way_while_it_boots),
		cmocka_unit_test(line_takes_leave),
		cmocka_unit_test(line_forgets_a_key_whose_peer_never_booted),
		cmocka_unit_test(line_ends_the_session_of_a_liar),
		cmocka_unit_test(line_tells_a_fault_to_a_keeper_that_was_away),
		cmocka_unit_test(line_blames_nobody_for_its_own_disk),
		cmocka_unit_test(
		    line_ends_the_session_where_its_keeper_refuses),
		cmocka_unit_test(line_skips_what_it_does_not_know),
		cmocka_unit_test(line_bounds_what_a_liar_makes_it_hold),
		cmocka_unit_test(line_survives_a_have_of_anything),
		cmocka_unit_test(line_survives_attempts_without_end),
		cmocka_unit_test(
		    line_acknowledges_no_frame_whose_chunks_found_no_room),
		cmocka_unit_test(line_is_never_asked_whether_to_send),
		cmocka_unit_test(line_learns_where_its_peer_is),
		cmocka_unit_test(line_learns_where_its_peer_still_boots),
		cmocka_unit_test(
		    line_takes_the_place_of_a_booting_peer_for_none),
		cmocka_unit_test(line_refuses_what_its_keeper_says_too_late),
		cmocka_unit_test(
		    line_drops_a_boot_frame_that_breaks_its_layout),
	};

	return cmocka_run_group_tests_name("line", tests, NULL, NULL);
}
