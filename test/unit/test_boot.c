#include "core/boot.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/clock.h"
#include "core/frame.h"

enum { FRAME = 1200, PLAIN = FRAME - 40 };

static const struct cadence talk = { FRAME, 100000 };
static struct boot a, b;
static struct rng_seeded seeded[2];
static uint64_t now_ns;

static void
make(struct boot *boot, enum line_role role, uint8_t terms, unsigned seed)
{
	const struct line_config config = { .role = role,
		.cadence = talk,
		.terms = terms };

	boot_init(boot, &config, rng_from_seed(&seeded[role == ROLE_B], seed));
}

static void
begin(void)
{
	static const struct hints hints = { .cur = { 1 }, .prev = { 2 } };

	now_ns = UINT64_C(1000) * CLOCK_NS_PER_S;
	make(&a, ROLE_A, 0, 1);
	make(&b, ROLE_B, 0, 2);
	boot_on_hints(&a, &hints);
	boot_on_hints(&b, &hints);
}

/* What `from` says next; its data stays where it is. */
static struct boot_frame
say(struct boot *from)
{
	struct boot_frame frame;

	boot_fill(from, 0, &frame);
	return frame;
}

static enum boot_result
hear_by(struct boot *to, unsigned path, uint8_t place, struct boot_frame frame)
{
	const struct origin from = { .bytes = { place }, .len = 1 };
	uint8_t plain[PLAIN] = { 0 };
	struct boot_frame again;
	struct writer w;

	buf_write(&w, plain, sizeof(plain));
	boot_encode(&w, &frame);
	assert_true(buf_is_sound(&w));
	assert_int_equal(boot_decode(&again, plain, sizeof(plain)), OK);
	return boot_on_frame(to, &again, path, &from, now_ns);
}

static enum boot_result
hear(struct boot *to, struct boot_frame frame)
{
	return hear_by(to, 0, 7, frame);
}

static void
pass(struct boot *from, struct boot *to)
{
	now_ns += 100 * CLOCK_NS_PER_MS;
	(void)hear(to, say(from));
}

static void
answer(struct boot *boot, enum line_event_kind asked, enum line_order_kind kind,
    size_t len)
{
	static const uint8_t data[HANDSHAKE_BYTES_MAX];
	struct line_order order = { .kind = kind, .data = data, .len = len };
	struct line_event event;

	now_ns += CLOCK_NS_PER_S;
	assert_true(exchange_next_event(&boot->exchange, &event, now_ns));
	assert_int_equal(event.kind, asked);
	order.attempt = event.attempt;
	assert_int_equal(exchange_on_order(&boot->exchange, &order), OK);
}

/* Up to A's message 1. */
static void
run_to_offer(void)
{
	pass(&a, &b);
	pass(&b, &a);
	answer(&a, LINE_EVENT_MAKE_1, LINE_ORDER_MESSAGE_1, HANDSHAKE_1_BYTES);
}

/* Up to B's message 2. */
static void
run_to_answer(void)
{
	run_to_offer();
	while (b.exchange.state != EXCHANGE_ANSWERING)
		pass(&a, &b);
	answer(&b, LINE_EVENT_ANSWER_1, LINE_ORDER_MESSAGE_2,
	    HANDSHAKE_2_BYTES);
}

/* Up to a session at both. */
static void
run_to_session(void)
{
	run_to_answer();
	while (a.exchange.state != EXCHANGE_FINISHING)
		pass(&b, &a);
	answer(&a, LINE_EVENT_FINISH_2, LINE_ORDER_KEYS, 0);
	boot_on_session(&a);
	exchange_on_opened(&b.exchange);
	answer(&b, LINE_EVENT_CONFIRM, LINE_ORDER_CONFIRMED, 0);
	boot_on_session(&b);
}

static void
boot_meets_its_peer(void **state)
{
	(void)state;
	begin();
	run_to_session();
	assert_int_equal(a.stance, BOOT_REST);
	assert_int_equal(b.stance, BOOT_REST);
	assert_false(boot_takes_slot(&a, 0, now_ns));
	assert_memory_equal(&a.session_id, &b.my_id, BOOT_ID_BYTES);
	assert_memory_equal(&b.session_id, &a.my_id, BOOT_ID_BYTES);
}

static void
boot_tells_a_peer_that_broke_the_protocol(void **state)
{
	struct boot_frame frame;

	(void)state;
	begin();
	run_to_session();
	boot_enter(&b);
	boot_blame(&b);
	/* Nothing follows from what a recording could say too. */
	frame = say(&b);
	assert_true(frame.blames);
	assert_int_equal(hear(&a, frame), BOOT_NOTHING);
	assert_int_equal(a.stance, BOOT_BESIDE);
	assert_false(say(&a).blames);
	pass(&a, &b);
	frame = say(&b);
	assert_int_equal(hear(&a, frame), BOOT_BLAMED);
	assert_int_equal(a.stance, BOOT_WHOLE);
	/* It is said in every frame, and told once. */
	frame = say(&b);
	assert_true(frame.blames);
	assert_int_equal(hear(&a, frame), BOOT_NOTHING);
	/* The next session ends it. */
	boot_on_session(&b);
	boot_enter(&b);
	assert_false(say(&b).blames);
}

static void
boot_asks_nobody_who_did_not_echo(void **state)
{
	struct boot_frame frame;

	(void)state;
	begin();
	for (int i = 0; i < 20; i++) {
		frame = say(&b);
		memset(frame.your_id.bytes, i, BOOT_ID_BYTES);
		assert_int_equal(hear(&a, frame), BOOT_NOTHING);
	}
	assert_int_equal(a.exchange.state, EXCHANGE_IDLE);
}

static void
boot_answers_no_message_of_another_id(void **state)
{
	struct boot_frame frames[8];
	unsigned count = 0;

	(void)state;
	begin();
	run_to_offer();
	do {
		frames[count] = say(&a);
		assert_int_equal(frames[count].msg, 1);
		count++;
	} while (count < frames[0].parts);
	/* B has restarted: what was recorded is for nobody. */
	boot_enter(&b);
	for (unsigned i = 0; i < count; i++)
		(void)hear(&b, frames[i]);
	assert_int_equal(b.exchange.state, EXCHANGE_IDLE);
	assert_false(b.has_echo);
}

static void
boot_computes_only_under_the_secret_that_b_holds(void **state)
{
	static const struct hints behind = { .cur = { 2 }, .prev = { 3 } };
	static const struct hints ahead = { .cur = { 0 }, .prev = { 1 } };

	(void)state;
	/* B is one behind: A uses its prev. */
	begin();
	boot_on_hints(&b, &behind);
	pass(&a, &b);
	pass(&b, &a);
	assert_int_equal(a.exchange.state, EXCHANGE_MAKING);
	assert_int_equal(a.exchange.attempt.use, CONTINUITY_PREV);
	answer(&a, LINE_EVENT_MAKE_1, LINE_ORDER_MESSAGE_1, HANDSHAKE_1_BYTES);
	assert_true(say(&a).uses_prev);
	while (b.exchange.state != EXCHANGE_ANSWERING)
		pass(&a, &b);
	/* B is one ahead, which no honest B ever is. */
	begin();
	boot_on_hints(&b, &ahead);
	pass(&a, &b);
	assert_int_equal(hear(&a, say(&b)), BOOT_CONTINUITY);
	assert_int_equal(a.exchange.state, EXCHANGE_IDLE);
	/* Told once. */
	assert_int_equal(hear(&a, say(&b)), BOOT_NOTHING);
}

static void
boot_alarms_at_a_secret_that_was_proved_and_is_gone(void **state)
{
	struct hints proved = { .cur = { 1 }, .prev = { 2 }, .proved = true };
	const struct hints behind = { .cur = { 2 }, .prev = { 3 } };

	(void)state;
	begin();
	boot_on_hints(&a, &proved);
	boot_on_hints(&b, &behind);
	pass(&a, &b);
	assert_int_equal(hear(&a, say(&b)), BOOT_CONTINUITY);
	assert_int_equal(a.exchange.state, EXCHANGE_IDLE);
	/* A lacks what B holds. */
	begin();
	proved.cur[0] = 9;
	boot_on_hints(&b, &proved);
	pass(&b, &a);
	assert_int_equal(hear(&b, say(&a)), BOOT_CONTINUITY);
	assert_int_equal(b.exchange.state, EXCHANGE_IDLE);
}

/* A has moved on, B's keeper has synced that too, and is lost before it can say
 * so: what A sent before is late, or played again, and no sign of a thief. */
static void
boot_takes_what_is_late_for_no_loss_of_a_secret(void **state)
{
	const struct hints moved = { .cur = { 5 }, .prev = { 1 } };
	struct boot_frame late;

	(void)state;
	begin();
	run_to_answer();
	late = say(&a);
	exchange_on_opened(&b.exchange);
	boot_on_hints(&b, &moved);
	assert_int_equal(hear(&b, late), BOOT_NOTHING);
	answer(&b, LINE_EVENT_CONFIRM, LINE_ORDER_CONFIRMED, 0);
	boot_on_session(&b);
	assert_int_equal(hear(&b, late), BOOT_NOTHING);
	assert_int_equal(b.stance, BOOT_REST);
}

static void
boot_answers_nobody_before_it_knows_its_hints(void **state)
{
	static const struct boot_id zero;
	struct boot_frame frame;

	(void)state;
	begin();
	make(&b, ROLE_B, 0, 2);
	pass(&a, &b);
	frame = say(&b);
	assert_memory_equal(&frame.your_id, &zero, BOOT_ID_BYTES);
	assert_int_equal(hear(&a, frame), BOOT_NOTHING);
	assert_int_equal(a.exchange.state, EXCHANGE_IDLE);
}

static void
boot_does_not_disturb_a_session(void **state)
{
	struct boot_frame frame;

	(void)state;
	begin();
	run_to_session();
	/* What is left of the boot that made it. */
	memset(&frame, 0, sizeof(frame));
	frame.my_id = b.my_id;
	assert_int_equal(hear(&a, frame), BOOT_NOTHING);
	assert_int_equal(a.stance, BOOT_REST);
	/* Of another, who stands beside one too. */
	memset(&frame.my_id, 1, BOOT_ID_BYTES);
	frame.beside = true;
	assert_int_equal(hear(&a, frame), BOOT_NOTHING);
	assert_int_equal(a.stance, BOOT_REST);
	/* Any other is answered: in the next slot, then in one of eight, and
	 * for a while. */
	frame.beside = false;
	assert_int_equal(hear(&a, frame), BOOT_NOTHING);
	assert_int_equal(a.stance, BOOT_BESIDE);
	for (int i = 0; i < 40; i++) {
		assert_int_equal(boot_takes_slot(&a, 0, now_ns),
		    i % BOOT_BESIDE_SHARE == 0);
		if (i % BOOT_BESIDE_SHARE == 0)
			assert_true(say(&a).beside);
		/* Replayed again and again, it never gets further. */
		assert_int_equal(hear(&a, frame), BOOT_NOTHING);
	}
	now_ns += (uint64_t)BOOT_BESIDE_S * CLOCK_NS_PER_S;
	assert_false(boot_takes_slot(&a, 0, now_ns));
	assert_int_equal(a.stance, BOOT_REST);
}

static void
boot_believes_a_restart_that_echoes(void **state)
{
	struct boot_frame frame;

	(void)state;
	begin();
	run_to_session();
	boot_enter(&b);
	assert_int_equal(hear(&a, say(&b)), BOOT_NOTHING);
	assert_int_equal(a.stance, BOOT_BESIDE);
	assert_true(boot_takes_slot(&a, 0, now_ns));
	(void)hear(&b, say(&a));
	/* Not one who says that it has a session itself. */
	frame = say(&b);
	frame.beside = true;
	assert_int_equal(hear(&a, frame), BOOT_NOTHING);
	assert_int_equal(a.stance, BOOT_BESIDE);
	frame.beside = false;
	assert_int_equal(hear(&a, frame), BOOT_RESTARTED);
	assert_int_equal(a.stance, BOOT_WHOLE);
	assert_true(boot_takes_slot(&a, 0, now_ns));
	assert_false(say(&a).beside);
	/* The id that was echoed stays. */
	assert_memory_equal(&frame.your_id, &a.my_id, BOOT_ID_BYTES);
}

static void
boot_draws_among_rivals(void **state)
{
	unsigned chosen[4] = { 0 };
	struct boot_frame frame, said;

	(void)state;
	begin();
	for (int round = 0; round < 400; round++) {
		for (uint8_t i = 0; i < 4; i++) {
			memset(&frame, 0, sizeof(frame));
			memset(&frame.my_id, i + 1, BOOT_ID_BYTES);
			frame.your_id = b.my_id;
			memcpy(frame.hint_cur, b.hints.cur, HINT_BYTES);
			(void)hear(&b, frame);
		}
		said = say(&b);
		assert_in_range(said.your_id.bytes[0], 1, 4);
		chosen[said.your_id.bytes[0] - 1]++;
	}
	for (int i = 0; i < 4; i++)
		assert_in_range(chosen[i], 60, 140);
}

/* A answers B's present life; a frame of B's life before echoes the same id. */
static void
boot_shakes_off_a_life_before(void **state)
{
	struct boot_frame before;
	struct boot_id id;

	(void)state;
	begin();
	pass(&a, &b);
	before = say(&b);
	boot_enter(&b);
	run_to_offer();
	id = a.my_id;
	assert_int_equal(hear(&a, before), BOOT_NOTHING);
	assert_memory_not_equal(&a.my_id, &id, BOOT_ID_BYTES);
	assert_int_equal(a.exchange.state, EXCHANGE_IDLE);

	/* It echoes nobody now, and changes nothing any more. */
	id = a.my_id;
	for (int i = 0; i < 20; i++)
		assert_int_equal(hear(&a, before), BOOT_NOTHING);
	assert_memory_equal(&a.my_id, &id, BOOT_ID_BYTES);
	/* B follows. */
	while (a.exchange.state == EXCHANGE_IDLE) {
		pass(&a, &b);
		pass(&b, &a);
	}
	assert_memory_equal(&a.exchange_id, &b.my_id, BOOT_ID_BYTES);
}

static void
boot_keeps_an_answer_that_is_being_synced(void **state)
{
	struct boot_frame other;
	struct boot_id id;

	(void)state;
	begin();
	run_to_answer();
	exchange_on_opened(&b.exchange);
	id = b.my_id;
	other = say(&a);
	memset(other.my_id.bytes, 9, BOOT_ID_BYTES);
	assert_int_equal(hear(&b, other), BOOT_NOTHING);
	assert_memory_equal(&b.my_id, &id, BOOT_ID_BYTES);
	assert_int_equal(b.exchange.state, EXCHANGE_CONFIRMING);
}

static void
boot_begins_anew_where_no_answer_comes(void **state)
{
	(void)state;
	begin();
	run_to_offer();
	pass(&b, &a);
	assert_int_equal(a.exchange.attempt.number, 1);
	now_ns +=
	    cadence_longer_ns(talk, HANDSHAKE_RETRY_S, HANDSHAKE_RETRY_SLOTS);
	pass(&b, &a);
	assert_int_equal(a.exchange.attempt.number, 2);
	assert_int_equal(a.exchange.state, EXCHANGE_MAKING);
}

static void
boot_finishes_the_answer_that_it_has(void **state)
{
	struct boot_frame other;
	struct boot_id id;

	(void)state;
	begin();
	run_to_answer();
	while (a.exchange.state != EXCHANGE_FINISHING)
		pass(&b, &a);
	now_ns +=
	    cadence_longer_ns(talk, HANDSHAKE_RETRY_S, HANDSHAKE_RETRY_SLOTS);
	pass(&b, &a);
	assert_int_equal(a.exchange.attempt.number, 1);
	id = a.my_id;
	other = say(&b);
	memset(other.my_id.bytes, 9, BOOT_ID_BYTES);
	assert_int_equal(hear(&a, other), BOOT_NOTHING);
	assert_memory_equal(&a.my_id, &id, BOOT_ID_BYTES);
	assert_int_equal(a.exchange.state, EXCHANGE_FINISHING);
}

static void
boot_takes_no_message_under_a_secret_that_is_not_current(void **state)
{
	struct boot_frame frame;

	(void)state;
	begin();
	run_to_offer();
	for (int i = 0; i < 4; i++) {
		frame = say(&a);
		assert_int_equal(frame.msg, 1);
		frame.uses_prev = true;
		assert_int_equal(hear(&b, frame), BOOT_NOTHING);
	}
	assert_int_equal(b.exchange.state, EXCHANGE_IDLE);
	assert_int_equal(b.exchange.incoming.number, 0);
}

static void
boot_says_no_message_to_whom_it_is_not_for(void **state)
{
	struct boot_frame stranger, said;

	(void)state;
	begin();
	run_to_offer();
	stranger = say(&b);
	memset(stranger.my_id.bytes, 9, BOOT_ID_BYTES);
	memset(stranger.your_id.bytes, 8, BOOT_ID_BYTES);
	assert_int_equal(hear(&a, stranger), BOOT_NOTHING);
	for (int i = 0; i < 20; i++) {
		said = say(&a);
		if (said.msg != 0)
			assert_memory_equal(&said.your_id, &b.my_id,
			    BOOT_ID_BYTES);
	}
}

static void
boot_refuses_what_breaks_its_layout(void **state)
{
	enum { FLAGS_AT = 48, MSG_AT = 49, PART_AT = 50 };
	uint8_t plain[PLAIN] = { 0 };
	struct boot_frame frame;

	(void)state;
	for (size_t len = 0; len < BOOT_HEAD_BYTES; len++)
		assert_int_equal(boot_decode(&frame, plain, len), ERR_FORMAT);
	assert_int_equal(boot_decode(&frame, plain, BOOT_HEAD_BYTES), OK);
	for (unsigned msg = 0; msg < 256; msg++) {
		plain[MSG_AT] = (uint8_t)msg;
		assert_int_equal(boot_decode(&frame, plain, sizeof(plain)),
		    msg <= 2 ? OK : ERR_FORMAT);
	}
	/* Bit 2 is kept for the consent to a repair. */
	plain[MSG_AT] = 0;
	for (unsigned flags = 0; flags < 256; flags++) {
		plain[FLAGS_AT] = (uint8_t)flags;
		assert_int_equal(boot_decode(&frame, plain, sizeof(plain)),
		    (flags & ~0xfbU) == 0 ? OK : ERR_FORMAT);
	}
	/* Parts that no message has are empty, and never read beyond. */
	plain[FLAGS_AT] = 0;
	for (unsigned part = 0; part < 256; part++) {
		plain[MSG_AT] = 1;
		plain[PART_AT] = (uint8_t)part;
		assert_int_equal(boot_decode(&frame, plain, sizeof(plain)), OK);
		assert_int_equal(frame.len,
		    part == 0 ? PLAIN - BOOT_HEAD_BYTES
			: part == 1
			? HANDSHAKE_1_BYTES - (PLAIN - BOOT_HEAD_BYTES)
			: 0);
	}
}

static void
boot_tells_of_other_terms_whom_it_met(void **state)
{
	struct boot_frame frame;
	uint8_t terms = 99;

	(void)state;
	begin();
	make(&b, ROLE_B, 15, 2);
	boot_on_hints(&b, &a.hints);
	/* Nobody has echoed yet: it may be a recording. */
	(void)hear(&a, say(&b));
	assert_false(boot_next_terms(&a, &terms));
	(void)hear(&b, say(&a));
	frame = say(&b);
	assert_int_equal(frame.terms, 15);
	(void)hear(&a, frame);
	assert_true(boot_next_terms(&a, &terms));
	assert_int_equal(terms, 15);
	assert_int_equal(a.exchange.state, EXCHANGE_IDLE);
	/* Once; and again to a keeper that comes anew. */
	(void)hear(&a, frame);
	assert_false(boot_next_terms(&a, &terms));
	boot_tell_again(&a);
	assert_true(boot_next_terms(&a, &terms));
	/* It comes to ours. */
	make(&b, ROLE_B, 0, 3);
	boot_on_hints(&b, &a.hints);
	boot_enter(&a);
	boot_tell_again(&a);
	assert_false(boot_next_terms(&a, &terms));
	run_to_offer();
	assert_int_equal(a.exchange.state, EXCHANGE_OFFERING);
}

static void
boot_alarms_at_a_lost_secret_under_any_terms(void **state)
{
	static const struct hints others = { .cur = { 8 }, .prev = { 9 } };
	uint8_t terms;

	(void)state;
	begin();
	make(&b, ROLE_B, 1, 2);
	boot_on_hints(&b, &others);
	pass(&a, &b);
	assert_int_equal(hear(&a, say(&b)), BOOT_CONTINUITY);
	assert_false(boot_next_terms(&a, &terms));
}

static void
boot_sends_another_part_on_each_path(void **state)
{
	struct boot_frame frame;
	unsigned parts;

	(void)state;
	begin();
	run_to_offer();
	for (unsigned path = 0; path < LINE_PATHS_MAX; path++) {
		boot_fill(&a, path, &frame);
		parts = frame.parts;
		assert_int_equal(frame.msg, 1);
		assert_int_equal(frame.part, path % parts);
		/* And then the others. */
		for (unsigned i = 1; i <= parts; i++) {
			boot_fill(&a, path, &frame);
			assert_int_equal(frame.part, (path + i) % parts);
		}
	}
}

static void
boot_takes_one_slot_of_eight_on_each_path(void **state)
{
	(void)state;
	begin();
	run_to_session();
	boot_call(&a, now_ns);
	for (int i = 0; i < 33; i++)
		for (unsigned path = 0; path < LINE_PATHS_MAX; path++)
			assert_int_equal(boot_takes_slot(&a, path, now_ns),
			    i % BOOT_BESIDE_SHARE == 0);
}

static void
boot_finds_its_peer_by_each_path(void **state)
{
	struct boot_frame frame, old;

	(void)state;
	begin();
	old = say(&b);
	boot_enter(&b);
	for (unsigned path = 0; path < 3; path++)
		(void)hear_by(&a, path, (uint8_t)('p' + path), say(&b));
	for (unsigned path = 0; path < 3; path++) {
		boot_fill(&a, path, &frame);
		assert_int_equal(a.path[path].your_origin.bytes[0], 'p' + path);
	}
	boot_fill(&a, 3, &frame);
	assert_int_equal(a.path[3].your_origin.len, 0);
	/* Once it has echoed us, its life before says nothing of where it is. */
	(void)hear(&b, frame);
	(void)hear_by(&a, 0, 'p', say(&b));
	boot_fill(&a, 0, &frame);
	for (int i = 0; i < 20; i++) {
		(void)hear_by(&a, 1, 'z', old);
		boot_fill(&a, 1, &frame);
		assert_int_equal(a.path[1].your_origin.bytes[0], 'q');
	}
	/* Nor does a copy of what it said before it knew us. */
	old = say(&b);
	memset(&old.your_id, 0, sizeof(old.your_id));
	(void)hear_by(&a, 1, 'z', old);
	boot_fill(&a, 1, &frame);
	assert_int_equal(a.path[1].your_origin.bytes[0], 'q');
	(void)hear_by(&a, 1, 'y', say(&b));
	boot_fill(&a, 1, &frame);
	assert_int_equal(a.path[1].your_origin.bytes[0], 'y');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boot_meets_its_peer),
		cmocka_unit_test(boot_tells_a_peer_that_broke_the_protocol),
		cmocka_unit_test(boot_asks_nobody_who_did_not_echo),
		cmocka_unit_test(boot_answers_no_message_of_another_id),
		cmocka_unit_test(
		    boot_computes_only_under_the_secret_that_b_holds),
		cmocka_unit_test(
		    boot_alarms_at_a_secret_that_was_proved_and_is_gone),
		cmocka_unit_test(
		    boot_takes_what_is_late_for_no_loss_of_a_secret),
		cmocka_unit_test(boot_answers_nobody_before_it_knows_its_hints),
		cmocka_unit_test(boot_does_not_disturb_a_session),
		cmocka_unit_test(boot_believes_a_restart_that_echoes),
		cmocka_unit_test(boot_draws_among_rivals),
		cmocka_unit_test(boot_shakes_off_a_life_before),
		cmocka_unit_test(boot_keeps_an_answer_that_is_being_synced),
		cmocka_unit_test(boot_begins_anew_where_no_answer_comes),
		cmocka_unit_test(boot_finishes_the_answer_that_it_has),
		cmocka_unit_test(
		    boot_takes_no_message_under_a_secret_that_is_not_current),
		cmocka_unit_test(boot_says_no_message_to_whom_it_is_not_for),
		cmocka_unit_test(boot_tells_of_other_terms_whom_it_met),
		cmocka_unit_test(boot_alarms_at_a_lost_secret_under_any_terms),
		cmocka_unit_test(boot_sends_another_part_on_each_path),
		cmocka_unit_test(boot_takes_one_slot_of_eight_on_each_path),
		cmocka_unit_test(boot_finds_its_peer_by_each_path),
		cmocka_unit_test(boot_refuses_what_breaks_its_layout),
	};

	return cmocka_run_group_tests_name("boot", tests, NULL, NULL);
}
