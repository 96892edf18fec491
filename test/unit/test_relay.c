#include "relay/relay.h"

#include <stdlib.h>
#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crypto/crypto.h"

enum {
	LINES = 4,
	FRAME = 256,
	SLOT_US = 10000,
	SLOT_NS = SLOT_US * CLOCK_NS_PER_US,
	DATAGRAM = FRAME + TICKET_TOKEN_BYTES,
};

static const struct cadence cadence = { FRAME, SLOT_US };
static const uint64_t start_ns = 1000 * (uint64_t)CLOCK_NS_PER_S;
static const uint8_t secret[TICKET_SECRET_BYTES] = { 1 };

/* What left: where to, and of which post's frames it is. */
struct sent {
	uint64_t at_ns;
	struct place to;
	uint8_t bytes[FRAME];
};

struct fixture {
	struct relay *relay;
	struct ticket_mint mint;
	struct rng_seeded seeded, drawn;
	struct rng rng; /* of the posts */
	uint64_t now_ns;
	uint8_t frame[FRAME]; /* the last that a post sent */
	struct sent *sent;
	size_t sent_count, sent_max;
};

static struct place
place(uint8_t n)
{
	return (struct place){ .bytes = { 9, n }, .len = 16 };
}

static struct fixture *
open_with(uint32_t lines, const uint32_t *refused, size_t refused_count)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct relay_config config = { .secret = secret, .lines = lines };

	assert_non_null(f);
	f->relay = calloc(1, sizeof(*f->relay));
	assert_non_null(f->relay);
	config.refused = refused;
	config.refused_count = refused_count;
	config.rng = rng_from_seed(&f->seeded, 1);
	f->rng = rng_from_seed(&f->drawn, 2);
	f->now_ns = start_ns;
	ticket_mint_init(&f->mint, secret);
	assert_int_equal(relay_open(f->relay, &config), OK);
	return f;
}

static struct fixture *
open_fixture(void)
{
	return open_with(LINES, NULL, 0);
}

static void
close_fixture(struct fixture *f)
{
	/* Whatever happened: no frame is lost to the pool. */
	uint32_t waiting = 0;

	for (uint32_t i = 0; i < f->relay->table.count; i++)
		for (unsigned j = 0; j < TICKET_LEGS; j++)
			waiting += f->relay->table.line[i].leg[j].waiting_count;
	assert_int_equal(f->relay->pool.free_count + waiting,
	    f->relay->pool.count);
	relay_close(f->relay);
	free(f->relay);
	free(f->sent);
	free(f);
}

/* A datagram of that ticket with a frame of its own. */
static void
make_datagram(struct fixture *f, uint8_t datagram[DATAGRAM], uint32_t number,
    unsigned leg)
{
	const struct ticket_id is = { number, leg, cadence };
	struct ticket ticket;

	assert_int_equal(ticket_issue(&ticket, &f->mint, &is, "r:1"), OK);
	rng_fill(f->rng, f->frame, FRAME);
	memcpy(datagram, f->frame, FRAME);
	ticket_seal(datagram + FRAME, &ticket, datagram);
}

static int
hand_in(struct fixture *f, const uint8_t *datagram, size_t len, uint8_t from)
{
	const struct place at = place(from);
	uint32_t leg;

	return relay_on_datagram(f->relay, &leg, datagram, len, &at, f->now_ns);
}

static int
say(struct fixture *f, uint32_t number, unsigned leg, uint8_t from)
{
	uint8_t datagram[DATAGRAM];

	make_datagram(f, datagram, number, leg);
	return hand_in(f, datagram, sizeof(datagram), from);
}

static void
keep(struct fixture *f, const struct relay_out *out)
{
	struct sent *sent;

	if (f->sent_count == f->sent_max) {
		f->sent_max = 2 * f->sent_max + 64;
		f->sent = realloc(f->sent, f->sent_max * sizeof(*f->sent));
		assert_non_null(f->sent);
	}
	assert_int_equal(out->len, FRAME);
	sent = &f->sent[f->sent_count++];
	sent->at_ns = f->now_ns;
	sent->to = *out->to;
	memcpy(sent->bytes, out->bytes, FRAME);
}

/* Lets time pass, and the relay do each thing at its moment. */
static void
run_to(struct fixture *f, uint64_t end_ns)
{
	uint64_t next_ns;
	size_t count;

	while ((next_ns = relay_next_ns(f->relay)) <= end_ns) {
		f->now_ns = next_ns > f->now_ns ? next_ns : f->now_ns;
		count = relay_take(f->relay, f->now_ns);
		for (size_t i = 0; i < count; i++)
			keep(f, &f->relay->out[i]);
		relay_sent(f->relay);
	}
	f->now_ns = end_ns;
}

static void
run_slots(struct fixture *f, unsigned slots)
{
	run_to(f, f->now_ns + (uint64_t)slots * SLOT_NS);
}

static unsigned
sent_to(const struct fixture *f, uint8_t n)
{
	const struct place to = place(n);
	unsigned count = 0;

	for (size_t i = 0; i < f->sent_count; i++)
		count += place_is_same(&f->sent[i].to, &to);
	return count;
}

static bool
was_sent(const struct fixture *f, const uint8_t frame[FRAME], uint8_t n)
{
	const struct place to = place(n);

	for (size_t i = 0; i < f->sent_count; i++)
		if (place_is_same(&f->sent[i].to, &to) &&
		    memcmp(f->sent[i].bytes, frame, FRAME) == 0)
			return true;
	return false;
}

/* ---- what is forwarded */

static void
a_frame_goes_to_the_other_leg_alone(void **state)
{
	struct fixture *f = open_fixture();
	uint8_t a[FRAME], b[FRAME];

	(void)state;
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	assert_int_equal(say(f, 1, 1, 'b'), OK);
	memcpy(b, f->frame, FRAME);
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	memcpy(a, f->frame, FRAME);
	/* Two more, of another line. */
	assert_int_equal(say(f, 2, 0, 'c'), OK);
	assert_int_equal(say(f, 2, 1, 'd'), OK);
	run_slots(f, 3);
	assert_true(was_sent(f, a, 'b'));
	assert_false(was_sent(f, a, 'a'));
	assert_true(was_sent(f, b, 'a'));
	assert_false(was_sent(f, b, 'b'));
	assert_false(was_sent(f, a, 'd') || was_sent(f, b, 'd'));
	assert_int_equal(f->relay->counts.lines, 2);
	close_fixture(f);
}

static void
frames_keep_their_order(void **state)
{
	struct fixture *f = open_fixture();
	uint8_t frame[3][FRAME];
	size_t at = 0;

	(void)state;
	assert_int_equal(say(f, 1, 1, 'b'), OK);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(say(f, 1, 0, 'a'), OK);
		memcpy(frame[i], f->frame, FRAME);
	}
	run_slots(f, 5);
	for (size_t i = 0; i < f->sent_count && at < 3; i++)
		at += memcmp(f->sent[i].bytes, frame[at], FRAME) == 0;
	assert_int_equal(at, 3);
	close_fixture(f);
}

/* Whatever comes, each leg sends one datagram in each slot, at moments that are
 * its key's alone. */
static void
a_leg_keeps_its_pace_whatever_the_other_does(void **state)
{
	enum { SLOTS = 400 };
	struct fixture *quiet = open_fixture(), *busy = open_fixture();

	(void)state;
	assert_int_equal(say(quiet, 1, 0, 'a'), OK);
	assert_int_equal(say(busy, 1, 0, 'a'), OK);
	for (unsigned i = 0; i < SLOTS; i++) {
		uint8_t junk[DATAGRAM] = { (uint8_t)i };

		/* The other side floods, stops, and comes again. */
		for (unsigned j = 0; i % 100 < 30 && j < 7; j++)
			assert_int_equal(say(busy, 1, 1, 'b'), OK);
		(void)hand_in(busy, junk, sizeof(junk), 'a');
		run_slots(quiet, 1);
		run_slots(busy, 1);
	}
	assert_in_range(sent_to(quiet, 'a'), SLOTS - 1, SLOTS);
	assert_int_equal(sent_to(busy, 'a'), sent_to(quiet, 'a'));
	for (size_t i = 0, j = 0; i < quiet->sent_count; i++, j++) {
		while (busy->sent[j].to.bytes[1] != 'a')
			j++;
		assert_int_equal(quiet->sent[i].at_ns, busy->sent[j].at_ns);
	}
	close_fixture(quiet);
	close_fixture(busy);
}

static void
legs_of_a_line_have_moments_of_their_own(void **state)
{
	struct fixture *f = open_fixture();
	unsigned same = 0, slots = 0;

	(void)state;
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	assert_int_equal(say(f, 1, 1, 'b'), OK);
	run_slots(f, 200);
	for (size_t i = 1; i < f->sent_count; i++) {
		same += f->sent[i].at_ns == f->sent[i - 1].at_ns;
		slots += f->sent[i].at_ns / SLOT_NS ==
		    f->sent[i - 1].at_ns / SLOT_NS;
	}
	assert_int_equal(same, 0);
	assert_in_range(slots, 100, 400);
	close_fixture(f);
}

static void
an_empty_slot_holds_fresh_random_bytes(void **state)
{
	struct fixture *f = open_fixture();

	(void)state;
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	run_slots(f, 300);
	assert_int_equal(f->relay->counts.said, 0);
	assert_int_equal(f->relay->counts.unsaid, f->sent_count);
	for (size_t i = 0; i < f->sent_count; i++)
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(f->sent[i].bytes,
			    f->sent[j].bytes, 16);
	close_fixture(f);
}

/* The frame that one leg lacks is one of random bytes on the other. */
static void
a_lost_frame_leaves_no_gap(void **state)
{
	enum { SLOTS = 300 };
	struct fixture *f = open_fixture();
	unsigned said = 0;

	(void)state;
	assert_int_equal(say(f, 1, 1, 'b'), OK);
	run_slots(f, 1);
	f->sent_count = 0;
	for (unsigned i = 0; i < SLOTS; i++) {
		if (i % 3 != 0) {
			assert_int_equal(say(f, 1, 0, 'a'), OK);
			said++;
		}
		run_slots(f, 1);
	}
	assert_in_range(sent_to(f, 'b'), SLOTS - 1, SLOTS + 1);
	assert_in_range(f->relay->counts.said, said - 2, said);
	close_fixture(f);
}

/* ---- what waits */

static void
four_frames_wait_and_the_oldest_goes(void **state)
{
	struct fixture *f = open_fixture();
	uint8_t frame[6][FRAME];

	(void)state;
	assert_int_equal(say(f, 1, 1, 'b'), OK);
	run_slots(f, 1);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(say(f, 1, 0, 'a'), OK);
		memcpy(frame[i], f->frame, FRAME);
	}
	assert_int_equal(f->relay->counts.crowded, 2);
	run_slots(f, 8);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(was_sent(f, frame[i], 'b'), i >= 2);
	close_fixture(f);
}

static void
nothing_waits_for_a_post_that_is_not_there(void **state)
{
	struct fixture *f = open_fixture();

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(say(f, 1, 0, 'a'), OK);
	assert_int_equal(f->relay->pool.free_count, f->relay->pool.count);
	assert_int_equal(f->relay->counts.crowded, 0);
	close_fixture(f);
}

/* Half of the lines fill what all share: each still has the newest of its own,
 * and the others have room. */
static void
a_full_pool_costs_old_frames_alone(void **state)
{
	struct fixture *f = open_fixture();
	uint8_t newest[FRAME];

	(void)state;
	for (uint32_t line = 0; line < LINES; line++)
		for (unsigned leg = 0; leg < TICKET_LEGS; leg++)
			assert_int_equal(say(f, line, leg,
					     (uint8_t)(2 * line + leg)),
			    OK);
	for (unsigned i = 0; i < 2 * RELAY_WAITING_MAX; i++) {
		for (uint32_t line = 0; line < LINES; line++)
			for (unsigned leg = 0; leg < TICKET_LEGS; leg++)
				assert_int_equal(say(f, line, leg,
						     (uint8_t)(2 * line + leg)),
				    OK);
		if (i == 0)
			memcpy(newest, f->frame, FRAME);
	}
	memcpy(newest, f->frame, FRAME);
	assert_int_equal(f->relay->pool.free_count, 0);
	run_slots(f, 6);
	assert_true(was_sent(f, newest, 2 * (LINES - 1)));
	assert_int_equal(f->relay->pool.free_count, f->relay->pool.count);
	close_fixture(f);
}

/* After a stall as many come as go: what the stall left is let go in time. */
static void
a_standing_delay_is_worked_off(void **state)
{
	struct fixture *f = open_fixture();

	(void)state;
	assert_int_equal(say(f, 1, 1, 'b'), OK);
	for (unsigned i = 0; i < RELAY_WAITING_MAX; i++)
		assert_int_equal(say(f, 1, 0, 'a'), OK);
	for (unsigned i = 0; i < 4 * RELAY_STANDING_SLOTS; i++) {
		if (i % 100 == 0)
			assert_int_equal(say(f, 1, 1, 'b'), OK);
		run_slots(f, 1);
		assert_int_equal(say(f, 1, 0, 'a'), OK);
	}
	for (unsigned leg = 0; leg < TICKET_LEGS; leg++)
		assert_in_range(f->relay->table.line[0].leg[leg].waiting_count,
		    0, 1);
	close_fixture(f);
}

static void
what_was_sent_is_wiped(void **state)
{
	struct fixture *f = open_fixture();
	uint8_t frame[FRAME];

	(void)state;
	assert_int_equal(say(f, 1, 1, 'b'), OK);
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	memcpy(frame, f->frame, FRAME);
	assert_non_null(memmem(f->relay->pool.frame,
	    f->relay->pool.count * sizeof(*f->relay->pool.frame), frame,
	    FRAME));
	run_slots(f, 2);
	assert_true(was_sent(f, frame, 'b'));
	assert_null(memmem(f->relay->pool.frame,
	    f->relay->pool.count * sizeof(*f->relay->pool.frame), frame, 32));
	close_fixture(f);
}

/* ---- a machine that stalls */

/* Slots are looked at by a coarser clock than what comes. */
static void
a_post_heard_later_than_now_is_sent_to(void **state)
{
	struct fixture *f = open_fixture();
	uint64_t due_ns;

	(void)state;
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	due_ns = relay_next_ns(f->relay);
	f->now_ns = due_ns + 1;
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	assert_int_equal(relay_take(f->relay, due_ns), 1);
	relay_sent(f->relay);
	assert_true(f->relay->table.line[0].leg[0].sending);
	close_fixture(f);
}

static void
slots_that_went_by_are_not_made_up_for(void **state)
{
	struct fixture *f = open_fixture();

	(void)state;
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	run_slots(f, 2);
	f->sent_count = 0;
	/* The machine stands still for fifty slots. */
	f->now_ns += 50 * (uint64_t)SLOT_NS;
	run_slots(f, 1);
	assert_in_range(sent_to(f, 'a'), 1, 2);
	assert_in_range(f->relay->counts.missed, 48, 50);
	close_fixture(f);
}

/* ---- what is refused */

static void
junk_changes_nothing(void **state)
{
	static uint8_t junk[FRAME_BYTES_MAX + TICKET_TOKEN_BYTES + 1];
	struct fixture *f = open_fixture();
	uint64_t next_ns;

	(void)state;
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	next_ns = relay_next_ns(f->relay);
	for (unsigned i = 0; i < 20000; i++) {
		const size_t len = (size_t)rng_below(f->rng, sizeof(junk) + 1);

		rng_fill(f->rng, junk, sizeof(junk));
		assert_int_not_equal(hand_in(f, junk, len, 'x'), OK);
	}
	assert_int_equal(f->relay->counts.junk, 20000);
	assert_int_equal(f->relay->counts.lines, 1);
	assert_int_equal(relay_next_ns(f->relay), next_ns);
	run_slots(f, 10);
	assert_int_equal(sent_to(f, 'x'), 0);
	close_fixture(f);
}

static void
another_relays_tickets_are_junk(void **state)
{
	const uint8_t other[TICKET_SECRET_BYTES] = { 2 };
	struct fixture *f = open_fixture();

	(void)state;
	ticket_mint_init(&f->mint, other);
	for (unsigned i = 0; i < 100; i++)
		assert_int_not_equal(say(f, i, i & 1, 'a'), OK);
	assert_int_equal(f->relay->counts.lines, 0);
	assert_int_equal(relay_next_ns(f->relay), UINT64_MAX);
	close_fixture(f);
}

static void
tickets_taken_back_are_refused(void **state)
{
	static const uint32_t refused[] = { 2, 5, 9 };
	struct fixture *f = open_with(LINES, refused, 3);

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(say(f, refused[i], 0, 'a'), ERR_DENIED);
		assert_int_equal(say(f, refused[i], 1, 'b'), ERR_DENIED);
	}
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	assert_int_equal(say(f, 6, 1, 'b'), OK);
	assert_int_equal(f->relay->counts.refused, 6);
	assert_int_equal(f->relay->counts.lines, 2);
	close_fixture(f);
}

static void
no_more_lines_than_allowed_are_held(void **state)
{
	struct fixture *f = open_fixture();

	(void)state;
	for (uint32_t i = 0; i < LINES; i++)
		assert_int_equal(say(f, i, 0, 'a'), OK);
	assert_int_equal(say(f, LINES, 0, 'a'), ERR_LIMIT);
	assert_int_equal(say(f, LINES + 1, 1, 'a'), ERR_LIMIT);
	/* The other legs of those that are have their room. */
	for (uint32_t i = 0; i < LINES; i++)
		assert_int_equal(say(f, i, 1, 'b'), OK);
	assert_int_equal(f->relay->counts.lines, LINES);
	close_fixture(f);
}

/* ---- who stands where */

static void
a_token_seen_lately_is_not_taken_again(void **state)
{
	struct fixture *f = open_fixture();
	uint8_t datagram[RELAY_SEEN_MAX][DATAGRAM];

	(void)state;
	assert_int_equal(say(f, 1, 1, 'b'), OK);
	for (unsigned i = 0; i < RELAY_SEEN_MAX; i++) {
		make_datagram(f, datagram[i], 1, 0);
		assert_int_equal(hand_in(f, datagram[i], DATAGRAM, 'a'), OK);
	}
	run_slots(f, 10);
	f->relay->counts.said = 0;
	for (unsigned i = 0; i < RELAY_SEEN_MAX; i++) {
		assert_int_equal(hand_in(f, datagram[i], DATAGRAM, 'a'),
		    ERR_REPLAY);
		assert_int_equal(hand_in(f, datagram[i], DATAGRAM, 'x'),
		    ERR_REPLAY);
	}
	run_slots(f, 10);
	assert_int_equal(f->relay->counts.said, 0);
	assert_int_equal(sent_to(f, 'x'), 0);
	close_fixture(f);
}

/* Of any age: a day's recording, sent from elsewhere, moves no leg whose post
 * is heard, and puts nothing on the other. */
static void
what_comes_from_elsewhere_draws_nobody_there(void **state)
{
	struct fixture *f = open_fixture();
	uint8_t recorded[100][DATAGRAM];

	(void)state;
	assert_int_equal(say(f, 1, 1, 'b'), OK);
	for (unsigned i = 0; i < 100; i++)
		make_datagram(f, recorded[i], 1, 0);
	for (unsigned i = 0; i < 1000; i++) {
		if (i % 5 == 0)
			assert_int_equal(say(f, 1, 0, 'a'), OK);
		assert_int_equal(hand_in(f, recorded[i % 100], DATAGRAM, 'x'),
		    ERR_STATE);
		run_slots(f, 1);
	}
	assert_int_equal(sent_to(f, 'x'), 0);
	assert_in_range(sent_to(f, 'a'), 999, 1001);
	assert_int_equal(f->relay->counts.said, 200);
	close_fixture(f);
}

static void
a_post_that_moved_is_followed_after_its_silence(void **state)
{
	struct fixture *f = open_fixture();
	const uint64_t silent_ns = (uint64_t)SILENCE_S * CLOCK_NS_PER_S;

	(void)state;
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	run_to(f, start_ns + silent_ns - 1);
	assert_int_equal(say(f, 1, 0, 'm'), ERR_STATE);
	run_to(f, start_ns + silent_ns);
	assert_int_equal(say(f, 1, 0, 'm'), OK);
	f->sent_count = 0;
	run_slots(f, 10);
	assert_int_equal(sent_to(f, 'a'), 0);
	assert_in_range(sent_to(f, 'm'), 9, 11);
	close_fixture(f);
}

static void
a_connection_that_ended_leaves_its_leg_free(void **state)
{
	struct fixture *f = open_fixture();
	const struct place old = place('a'), other = place('x');
	uint8_t datagram[DATAGRAM];
	uint32_t leg;

	(void)state;
	make_datagram(f, datagram, 1, 0);
	assert_int_equal(relay_on_datagram(f->relay, &leg, datagram, DATAGRAM,
			     &old, f->now_ns),
	    OK);
	relay_leave(f->relay, leg, &other);
	assert_int_equal(say(f, 1, 0, 'm'), ERR_STATE);
	relay_leave(f->relay, leg, &old);
	run_slots(f, 5);
	assert_int_equal(f->sent_count, 0);
	assert_int_equal(say(f, 1, 0, 'm'), OK);
	run_slots(f, 5);
	assert_in_range(sent_to(f, 'm'), 4, 6);
	close_fixture(f);
}

/* ---- the end */

static void
a_silent_post_is_sent_no_more_and_then_forgotten(void **state)
{
	struct fixture *f = open_fixture();
	const uint64_t send_ns = (uint64_t)RELAY_SEND_S * CLOCK_NS_PER_S;
	const uint64_t idle_ns = (uint64_t)RELAY_IDLE_S * CLOCK_NS_PER_S;
	struct table_line none;

	(void)state;
	memset(&none, 0, sizeof(none));
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	assert_int_equal(say(f, 1, 1, 'b'), OK);
	/* One goes on. */
	for (uint64_t t = 0; t < send_ns; t += CLOCK_NS_PER_S) {
		run_to(f, start_ns + t);
		assert_int_equal(say(f, 1, 1, 'b'), OK);
	}
	run_to(f, start_ns + send_ns);
	f->sent_count = 0;
	run_slots(f, 100);
	assert_int_equal(sent_to(f, 'a'), 0);
	assert_in_range(sent_to(f, 'b'), 99, 101);
	assert_int_equal(f->relay->counts.lines, 1);
	/* Then neither. */
	run_to(f, start_ns + idle_ns + 1);
	assert_int_equal(f->relay->counts.lines, 1);
	run_to(f, start_ns + send_ns + idle_ns + 1);
	assert_int_equal(f->relay->counts.lines, 0);
	assert_int_equal(relay_next_ns(f->relay), UINT64_MAX);
	for (uint32_t i = 0; i < LINES; i++)
		assert_memory_equal(&f->relay->table.line[i], &none,
		    sizeof(none));
	close_fixture(f);
}

static void
a_post_that_comes_back_is_sent_to_again(void **state)
{
	struct fixture *f = open_fixture();
	const uint64_t send_ns = (uint64_t)RELAY_SEND_S * CLOCK_NS_PER_S;

	(void)state;
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	run_to(f, start_ns + 2 * send_ns);
	f->sent_count = 0;
	run_slots(f, 10);
	assert_int_equal(f->sent_count, 0);
	assert_int_equal(say(f, 1, 0, 'a'), OK);
	run_slots(f, 10);
	assert_in_range(sent_to(f, 'a'), 9, 10);
	close_fixture(f);
}

/* ---- streams */

static void
a_stream_shows_where_its_first_datagram_ends(void **state)
{
	struct fixture *f = open_fixture();
	uint8_t stream[2 * DATAGRAM];

	(void)state;
	make_datagram(f, stream, 1, 0);
	make_datagram(f, stream + DATAGRAM, 1, 0);
	for (size_t have = 0; have < DATAGRAM; have++)
		assert_int_equal(relay_find_end(f->relay, stream, have, 0), 0);
	assert_int_equal(relay_find_end(f->relay, stream, DATAGRAM, 0),
	    DATAGRAM);
	assert_int_equal(relay_find_end(f->relay, stream, 2 * DATAGRAM, 100),
	    DATAGRAM);
	assert_int_equal(relay_find_end(f->relay, stream, 2 * DATAGRAM,
			     DATAGRAM - 1),
	    DATAGRAM);
	/* Not if it was looked at before. */
	assert_int_equal(relay_find_end(f->relay, stream, 2 * DATAGRAM,
			     DATAGRAM),
	    0);
	stream[3] ^= 1;
	assert_int_equal(relay_find_end(f->relay, stream, 2 * DATAGRAM, 0), 0);
	close_fixture(f);
}

static int
setup(void **state)
{
	(void)state;
	crypto_init();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_goes_to_the_other_leg_alone),
		cmocka_unit_test(frames_keep_their_order),
		cmocka_unit_test(a_leg_keeps_its_pace_whatever_the_other_does),
		cmocka_unit_test(legs_of_a_line_have_moments_of_their_own),
		cmocka_unit_test(an_empty_slot_holds_fresh_random_bytes),
		cmocka_unit_test(a_lost_frame_leaves_no_gap),
		cmocka_unit_test(four_frames_wait_and_the_oldest_goes),
		cmocka_unit_test(nothing_waits_for_a_post_that_is_not_there),
		cmocka_unit_test(a_full_pool_costs_old_frames_alone),
		cmocka_unit_test(a_standing_delay_is_worked_off),
		cmocka_unit_test(what_was_sent_is_wiped),
		cmocka_unit_test(a_post_heard_later_than_now_is_sent_to),
		cmocka_unit_test(slots_that_went_by_are_not_made_up_for),
		cmocka_unit_test(junk_changes_nothing),
		cmocka_unit_test(another_relays_tickets_are_junk),
		cmocka_unit_test(tickets_taken_back_are_refused),
		cmocka_unit_test(no_more_lines_than_allowed_are_held),
		cmocka_unit_test(a_token_seen_lately_is_not_taken_again),
		cmocka_unit_test(what_comes_from_elsewhere_draws_nobody_there),
		cmocka_unit_test(
		    a_post_that_moved_is_followed_after_its_silence),
		cmocka_unit_test(a_connection_that_ended_leaves_its_leg_free),
		cmocka_unit_test(
		    a_silent_post_is_sent_no_more_and_then_forgotten),
		cmocka_unit_test(a_post_that_comes_back_is_sent_to_again),
		cmocka_unit_test(a_stream_shows_where_its_first_datagram_ends),
	};

	return cmocka_run_group_tests_name("relay", tests, setup, NULL);
}
