/* A line on several paths. */
#include <string.h>

#include "pair.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/chunk.h"
#include "core/ctrl.h"

static const struct cadence talk = { 1200, 100000 };
static const struct cadence bulk = { 1200, 1000 };

/* Both sides with so many paths, from the start. */
static struct pair *
join(uint64_t seed, struct cadence cadence, unsigned paths)
{
	struct pair *pair = pair_new(seed, cadence);

	pair->paths = paths;
	pair_restart(pair, 0);
	pair_restart(pair, 1);
	return pair;
}

static struct pair *
join_up(uint64_t seed, struct cadence cadence, unsigned paths)
{
	struct pair *pair = join(seed, cadence, paths);

	assert_true(pair_until(pair, pair_is_up, 200) < 200);
	pair_run(pair, 10);
	return pair;
}

static void
cut_path(struct pair *pair, unsigned path, bool cut)
{
	pair->path_cut[0][path] = pair->path_cut[1][path] = cut;
}

static void
no_faults(const struct pair *pair)
{
	for (int i = 0; i < 2; i++)
		for (int j = 0; j < FAULT_COUNT; j++)
			assert_int_equal(pair->side[i].faults[j], 0);
}

/* Opens the last frame of a side's path; false where a boot frame. */
static bool
open_frame(const struct pair *pair, int from, unsigned path, uint8_t *plain)
{
	const struct pair_side *side = &pair->side[from];

	for (size_t i = 0; i < 4; i++) {
		if (frame_unseal(plain, side->last_frames[path],
			pair->cadence.frame_bytes, side->known[i].send) == OK)
			return true;
	}
	return false;
}

static uint64_t
ctr_of(const struct pair *pair, int from, unsigned path)
{
	uint8_t plain[FRAME_PLAIN_BYTES_MAX];
	struct reader r;

	assert_true(open_frame(pair, from, path, plain));
	buf_read(&r, plain, sizeof(plain));
	return buf_get_u64(&r);
}

/* The last frame of a path carries a stretch of that record. */
static bool
carries(const struct pair *pair, int from, unsigned path, uint64_t n)
{
	uint8_t plain[FRAME_PLAIN_BYTES_MAX];
	struct frame_record record;
	struct piece piece;
	struct reader r;

	if (!open_frame(pair, from, path, plain))
		return false;
	buf_read(&r, plain, frame_plain_bytes(pair->cadence.frame_bytes));
	(void)buf_get_u64(&r);
	while (frame_next_record(&r, &record) == OK) {
		if (record.type == FRAME_CHUNK &&
		    chunk_decode(&piece, record.body, record.len) == OK &&
		    piece.n == n)
			return true;
	}
	return false;
}

static void
each_path_counts_for_itself(void **state)
{
	struct pair *pair = join_up(1, talk, LINE_PATHS_MAX);
	struct line_report report;
	uint64_t before[LINE_PATHS_MAX];

	(void)state;
	for (unsigned i = 0; i < LINE_PATHS_MAX; i++) {
		before[i] = ctr_of(pair, 0, i);
		assert_int_equal(before[i] >> 56, i);
	}
	pair_step(pair);
	pair_step(pair);
	report = pair_report(pair, 0);
	for (unsigned i = 0; i < LINE_PATHS_MAX; i++) {
		assert_int_equal(ctr_of(pair, 0, i), before[i] + 2);
		assert_int_equal(report.path[i].state, PATH_UP);
		assert_true(report.path[i].rtt_us > 0);
	}
	/* One session, whatever brought its parts. */
	assert_int_equal(report.sessions, 1);
	no_faults(pair);
	pair_free(pair);
}

static unsigned
time_flash(uint64_t seed, unsigned left)
{
	struct pair *pair = join_up(seed, talk, 3);
	unsigned slots;

	for (unsigned i = 0; i < 3 && left < 3; i++)
		cut_path(pair, i, i != left);
	pair_add(pair, 0, CLASS_FLASH, 200);
	pair_add(pair, 1, CLASS_FLASH, 200);
	slots = pair_until(pair, pair_is_even, 50);
	no_faults(pair);
	pair_free(pair);
	return slots;
}

static void
flash_comes_by_whatever_path_is_left(void **state)
{
	const unsigned uncut = time_flash(10, 3);

	(void)state;
	assert_in_range(uncut, 1, 3);
	for (unsigned left = 0; left < 3; left++)
		assert_int_equal(time_flash(11 + left, left), uncut);
}

static void
small_records_ride_on_every_path_and_bulk_on_one(void **state)
{
	struct pair *pair = join_up(20, talk, 3);

	(void)state;
	pair->cut[1] = true; /* nothing is acknowledged */
	pair_add(pair, 0, CLASS_ROUTINE, 300);
	pair_step(pair);
	for (unsigned i = 0; i < 3; i++)
		assert_true(carries(pair, 0, i, 1));
	pair_add(pair, 0, CLASS_ROUTINE, 60000);
	for (int i = 0; i < 5; i++) {
		uint64_t offset[3] = { 0 };

		pair_step(pair);
		for (unsigned path = 0; path < 3; path++) {
			assert_true(carries(pair, 0, path, 2));
			offset[path] = ctr_of(pair, 0, path);
		}
		assert_true(offset[0] != offset[1]);
	}
	pair->cut[1] = false;
	assert_true(pair_until(pair, pair_is_even, 200) < 200);
	pair_free(pair);
}

static void
paths_share_bulk(void **state)
{
	unsigned slots[LINE_PATHS_MAX + 1] = { 0 };

	(void)state;
	for (unsigned paths = 1; paths <= LINE_PATHS_MAX; paths++) {
		struct pair *pair = join_up(30, bulk, paths);

		pair_add(pair, 0, CLASS_ROUTINE, 400000);
		slots[paths] = pair_until(pair, pair_is_even, 2000);
		assert_true(slots[paths] < 2000);
		no_faults(pair);
		pair_free(pair);
	}
	/* It takes a while to find out how it stands; then it is shared. */
	assert_true(slots[2] * 10 < slots[1] * 7);
	assert_true(slots[4] * 10 < slots[2] * 8);
}

static void
cut_path_loses_nothing(void **state)
{
	(void)state;
	for (unsigned cut = 0; cut < 3; cut++) {
		struct pair *pair = join_up(40 + cut, talk, 3);

		for (int i = 0; i < 2; i++) {
			pair_add(pair, i, CLASS_ROUTINE, 40000);
			pair_add(pair, i, CLASS_PRIORITY, 5000);
		}
		pair_run(pair, 8);
		cut_path(pair, cut, true);
		assert_true(pair_until(pair, pair_is_even, 400) < 400);
		assert_int_equal(pair_report(pair, 0).state, LINE_UP);
		no_faults(pair);
		pair_free(pair);
	}
}

static void
bulk_shuns_a_path_that_does_not_work(void **state)
{
	struct pair *pair = join_up(50, talk, 2);
	unsigned carried = 0;

	(void)state;
	cut_path(pair, 1, true);
	/* Until what flies there is given up. */
	pair_run(pair, 60);
	pair_add(pair, 0, CLASS_ROUTINE, 60000);
	for (int i = 0; i < 30; i++) {
		pair_step(pair);
		carried += carries(pair, 0, 1, 1);
	}
	assert_int_equal(carried, 0);
	/* What is small does go there, on chance. */
	pair_add(pair, 0, CLASS_FLASH, 100);
	pair->path_cut[1][0] = true;
	pair_step(pair);
	pair_step(pair);
	assert_true(carries(pair, 0, 1, 2));
	pair->path_cut[1][0] = false;
	/* Healed, it takes its share again. */
	cut_path(pair, 1, false);
	pair_run(pair, 10);
	pair_add(pair, 0, CLASS_ROUTINE, 60000);
	for (int i = 0; i < 30; i++) {
		pair_step(pair);
		carried += carries(pair, 0, 1, 1) || carries(pair, 0, 1, 3);
	}
	assert_true(carried > 5);
	assert_true(pair_until(pair, pair_is_even, 400) < 400);
	pair_free(pair);
}

static void
report_tells_how_each_path_is(void **state)
{
	struct pair *pair = join_up(60, talk, 3);
	struct line_report report[2];

	(void)state;
	pair->path_cut[0][1] = true;
	cut_path(pair, 2, true);
	pair_run(pair, 70);
	for (int i = 0; i < 2; i++)
		report[i] = pair_report(pair, i);
	assert_int_equal(report[0].path[0].state, PATH_UP);
	assert_int_equal(report[0].path[1].state, PATH_ONE_WAY);
	assert_int_equal(report[1].path[1].state, PATH_SILENT);
	assert_int_equal(report[0].path[2].state, PATH_SILENT);
	assert_int_equal(report[0].path[3].state, PATH_CLOSED);
	assert_true(report[0].path[3].heard_ms_ago == UINT64_MAX);
	assert_int_equal(report[0].state, LINE_UP);
	assert_true(report[0].path[2].heard_ms_ago >= 5000);
	/* The first that is up stands for the line. */
	pair->path_cut[0][1] = false;
	cut_path(pair, 0, true);
	pair_run(pair, 70);
	report[0] = pair_report(pair, 0);
	assert_int_equal(report[0].path[0].state, PATH_SILENT);
	assert_int_equal(report[0].peer.len, 2);
	assert_int_equal(report[0].peer.bytes[1], 1);
	pair_free(pair);
}

static void
talk_goes_on_soon_after_one_path_heals(void **state)
{
	struct pair *pair = join_up(70, talk, 3);

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		cut_path(pair, i, true);
	pair_run(pair, 300);
	assert_int_equal(pair_report(pair, 0).state, LINE_SILENT);
	pair_add(pair, 0, CLASS_ROUTINE, 200);
	pair_add(pair, 1, CLASS_FLASH, 200);
	pair_run(pair, 20);
	cut_path(pair, 2, false);
	assert_in_range(pair_until(pair, pair_is_even, 50), 0, 3);
	assert_int_equal(pair_report(pair, 0).sessions, 1);
	pair_free(pair);
}

static void
line_boots_by_any_path(void **state)
{
	(void)state;
	for (unsigned there = 0; there < 3; there++) {
		for (unsigned back = 0; back < 3; back++) {
			struct pair *pair =
			    join(80 + 3 * there + back, talk, 3);

			for (unsigned i = 0; i < 3; i++) {
				pair->path_cut[0][i] = i != there;
				pair->path_cut[1][i] = i != back;
			}
			assert_true(pair_until(pair, pair_is_up, 100) < 100);
			pair_add(pair, 0, CLASS_ROUTINE, 5000);
			pair_add(pair, 1, CLASS_ROUTINE, 5000);
			assert_true(pair_until(pair, pair_is_even, 200) < 200);
			/* Over to the next rekey. */
			pair_run(pair, 1400);
			assert_true(pair_report(pair, 0).sessions > 1);
			no_faults(pair);
			pair_free(pair);
		}
	}
}

static void
counters_go_on_when_a_path_is_opened_again(void **state)
{
	struct pair *pair = join_up(100, talk, 2);
	const struct line_way way = { .peer = { { 'b', 1 }, 2 } };
	uint64_t before = ctr_of(pair, 0, 1);

	(void)state;
	pair_add(pair, 0, CLASS_ROUTINE, 30000);
	pair_run(pair, 3);
	before = ctr_of(pair, 0, 1);
	line_close_path(pair->side[0].line, 1, pair->now_ns);
	line_close_path(pair->side[0].line, 1, pair->now_ns);
	assert_int_equal(pair_report(pair, 0).path[1].state, PATH_CLOSED);
	pair->paths = 1;
	pair_run(pair, 20);
	pair->paths = 2;
	line_open_path(pair->side[0].line, 1, &way, pair->now_ns);
	pair_step(pair);
	assert_int_equal(ctr_of(pair, 0, 1), before + 1);
	assert_true(pair_until(pair, pair_is_even, 200) < 200);
	no_faults(pair);
	pair_free(pair);
}

static void
closed_path_takes_nothing(void **state)
{
	struct pair *pair = join_up(110, talk, 2);
	const struct origin from = { .bytes = { 'x' }, .len = 1 };
	uint8_t frame[FRAME_BYTES_MAX];

	(void)state;
	line_prepare(pair->side[1].line, 0, frame, pair->now_ns);
	assert_int_equal(line_on_datagram(pair->side[0].line, 3, frame,
			     talk.frame_bytes, &from, pair->now_ns),
	    ERR_STATE);
	line_close_path(pair->side[0].line, 1, pair->now_ns);
	assert_int_equal(line_on_datagram(pair->side[0].line, 1, frame,
			     talk.frame_bytes, &from, pair->now_ns),
	    ERR_STATE);
	assert_int_equal(line_on_datagram(pair->side[0].line, 0, frame,
			     talk.frame_bytes, &from, pair->now_ns),
	    OK);
	pair_free(pair);
}

static void
frame_is_taken_once_whichever_path_brings_it(void **state)
{
	struct pair *pair = join_up(120, talk, 2);
	const struct origin from = { .bytes = { 'x' }, .len = 1 };
	uint8_t frame[FRAME_BYTES_MAX];

	(void)state;
	line_prepare(pair->side[1].line, 1, frame, pair->now_ns);
	assert_int_equal(line_on_datagram(pair->side[0].line, 0, frame,
			     talk.frame_bytes, &from, pair->now_ns),
	    OK);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(line_on_datagram(pair->side[0].line, i, frame,
				     talk.frame_bytes, &from, pair->now_ns),
		    ERR_REPLAY);
	pair_free(pair);
}

/* Seals a frame of that counter and a record as side `from` would. */
static int
forge(struct pair *pair, int from, uint64_t ctr, uint8_t type,
    const uint8_t *body, uint16_t len)
{
	const struct origin at = { .bytes = { 'x' }, .len = 1 };
	uint8_t frame[FRAME_BYTES_MAX], plain[FRAME_PLAIN_BYTES_MAX] = { 0 };
	uint8_t nonce[FRAME_NONCE_BYTES];
	uint8_t now[FRAME_PLAIN_BYTES_MAX];
	struct writer w;
	int i, rc;

	buf_write(&w, plain, sizeof(plain));
	buf_put_u64(&w, ctr);
	if (body != NULL) {
		buf_put_u8(&w, type);
		buf_put_u16(&w, len);
		buf_put_bytes(&w, body, len);
	}
	rng_fill(pair->rng, nonce, sizeof(nonce));
	for (i = 0; i < 3 &&
	     frame_unseal(now, pair->side[from].last_frame,
		 pair->cadence.frame_bytes,
		 pair->side[from].known[i].send) != OK;
	     i++)
		;
	frame_seal(frame, pair->cadence.frame_bytes, nonce,
	    pair->side[from].known[i].send, plain);
	rc = line_on_datagram(pair->side[!from].line, 0, frame,
	    pair->cadence.frame_bytes, &at, pair->now_ns);
	pair_run_orders(pair, !from);
	return rc;
}

static void
path_that_is_not_there_is_a_fault(void **state)
{
	(void)state;
	for (uint64_t path = LINE_PATHS_MAX; path < 256; path += 83) {
		struct pair *pair = join_up(130, talk, 1);

		assert_int_equal(forge(pair, 1, path << 56 | 9, 0, NULL, 0),
		    ERR_PEER);
		assert_int_equal(pair->side[0].faults[FAULT_FRAME], 1);
		pair_free(pair);
	}
}

static void
acknowledged_frames_were_sent_by_that_path(void **state)
{
	/* largest 1, no delay, no pairs. */
	uint8_t ack[14] = { 1, 1 };

	(void)state;
	/* The last is none at all. */
	for (uint8_t path = 1; path <= LINE_PATHS_MAX; path++) {
		struct pair *pair = join_up(140, talk, 1);

		ack[0] = path;
		assert_int_equal(forge(pair, 1, UINT64_C(1) << 30, FRAME_ACK,
				     ack, sizeof(ack)),
		    ERR_PEER);
		assert_int_equal(pair->side[0].faults[FAULT_FRAME], 1);
		pair_free(pair);
	}
}

static void
status_that_was_overtaken_says_nothing(void **state)
{
	struct pair *pair = join_up(150, talk, 2);
	struct ctrl ctrl = { .kind = CTRL_STATUS, .number = 1 };
	uint8_t body[64];
	struct writer w;
	unsigned before;

	(void)state;
	pair_run(pair, 40);
	before = pair->side[0].events[LINE_EVENT_STATUS];
	ctrl.status.journal_end = 4711;
	buf_write(&w, body, sizeof(body));
	ctrl_encode(&w, &ctrl);
	assert_int_equal(forge(pair, 1, UINT64_C(1) << 30, FRAME_CTRL, body,
			     (uint16_t)w.len),
	    OK);
	assert_int_equal(pair->side[0].events[LINE_EVENT_STATUS], before);
	ctrl.number = 1000;
	buf_write(&w, body, sizeof(body));
	ctrl_encode(&w, &ctrl);
	assert_int_equal(forge(pair, 1, (UINT64_C(1) << 30) + 1, FRAME_CTRL,
			     body, (uint16_t)w.len),
	    OK);
	assert_int_equal(pair->side[0].peer_status.journal_end, 4711);
	pair_free(pair);
}

static void
each_path_learns_its_own_place(void **state)
{
	struct pair *pair = join(160, talk, 3);
	const struct line_way way = { .roams = false };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		pair->place[1][i] = (uint8_t)('p' + i);
		line_open_path(pair->side[0].line, i, &way, pair->now_ns);
		assert_int_equal(line_destination(pair->side[0].line, i)->len,
		    0);
	}
	assert_true(pair_until(pair, pair_is_up, 100) < 100);
	pair_run(pair, 20);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(line_destination(pair->side[0].line, i)
				     ->bytes[0],
		    'p' + i);
	/* It moves, and we do not roam: what we send is lost, until it is seen
	 * that nothing is acknowledged. */
	pair->place[1][1] = 'z';
	pair_run(pair, 20);
	assert_int_equal(line_destination(pair->side[0].line, 1)->bytes[0],
	    'q');
	pair->path_cut[0][1] = true;
	pair_run(pair, 70);
	assert_int_equal(line_destination(pair->side[0].line, 1)->bytes[0],
	    'z');
	assert_int_equal(line_destination(pair->side[0].line, 2)->bytes[0],
	    'r');
	pair_free(pair);
}

static int
arrive_from(struct pair *pair, const uint8_t *frame, uint8_t place)
{
	const struct origin from = { .bytes = { place }, .len = 1 };

	return line_on_datagram(pair->side[0].line, 0, frame, talk.frame_bytes,
	    &from, pair->now_ns);
}

static void
roaming_follows_the_newest_frame_alone(void **state)
{
	struct pair *pair = join_up(170, talk, 1);
	struct line *line = pair->side[0].line;
	struct line_way way = { .peer = { { 'b' }, 1 }, .roams = true };
	uint8_t frame[4][FRAME_BYTES_MAX];

	(void)state;
	for (int i = 0; i < 4; i++)
		line_prepare(pair->side[1].line, 0, frame[i], pair->now_ns);
	/* Pinned. */
	assert_int_equal(arrive_from(pair, frame[0], 'm'), OK);
	assert_int_equal(line_destination(line, 0)->bytes[0], 'b');
	line_open_path(line, 0, &way, pair->now_ns);
	assert_int_equal(line_destination(line, 0)->bytes[0], 'b');
	assert_int_equal(arrive_from(pair, frame[2], 'm'), OK);
	assert_int_equal(line_destination(line, 0)->bytes[0], 'm');
	/* Late, copied, bent. */
	assert_int_equal(arrive_from(pair, frame[1], 'n'), OK);
	assert_int_equal(arrive_from(pair, frame[2], 'n'), ERR_REPLAY);
	frame[3][100] ^= 1;
	assert_int_equal(arrive_from(pair, frame[3], 'n'), ERR_CRYPTO);
	assert_int_equal(line_destination(line, 0)->bytes[0], 'm');
	/* Told again, it stays where it is; told not to roam, it is pinned. */
	line_open_path(line, 0, &way, pair->now_ns);
	assert_int_equal(line_destination(line, 0)->bytes[0], 'm');
	way.roams = false;
	line_open_path(line, 0, &way, pair->now_ns);
	assert_int_equal(line_destination(line, 0)->bytes[0], 'b');
	pair_free(pair);
}

/* The peer has roamed, and is at home again when both begin anew. */
static void
roaming_begins_where_the_peer_was_pinned(void **state)
{
	struct pair *pair = join_up(175, talk, 2);
	struct line *line = pair->side[0].line;
	struct line_way way = { .peer = { { 'b' }, 1 }, .roams = true };

	(void)state;
	line_open_path(line, 0, &way, pair->now_ns);
	way.peer.len = 0;
	line_open_path(line, 1, &way, pair->now_ns);
	pair_run(pair, 3);
	assert_int_equal(line_destination(line, 0)->bytes[0], 'x');
	assert_int_equal(line_destination(line, 1)->bytes[0], 'x');
	pair->side[1].stopped = true;
	pair_run(pair, 1900);
	assert_int_equal(pair_report(pair, 0).sessions, 1);
	assert_int_equal(line_destination(line, 0)->bytes[0], 'b');
	/* Where nothing was pinned, there is nothing else to try. */
	assert_int_equal(line_destination(line, 1)->bytes[0], 'x');
	/* It boots from elsewhere once more. */
	pair->place[1][0] = 'y';
	pair->side[1].stopped = false;
	pair_restart(pair, 1);
	assert_true(pair_until(pair, pair_is_up, 100) < 100);
	assert_int_equal(line_destination(line, 0)->bytes[0], 'y');
	no_faults(pair);
	pair_free(pair);
}

/* An old frame, sent again from elsewhere, must not lead it there for good. */
static void
roaming_line_boots_where_its_peer_should_be_too(void **state)
{
	struct pair *pair = join(171, talk, 1);
	struct line *line = pair->side[0].line;
	const struct line_way way = { .peer = { { 'b' }, 1 }, .roams = true };
	uint8_t frame[FRAME_BYTES_MAX];
	unsigned there = 0, elsewhere = 0;

	(void)state;
	line_open_path(line, 0, &way, pair->now_ns);
	line_prepare(pair->side[1].line, 0, frame, pair->now_ns);
	assert_int_equal(arrive_from(pair, frame, 'x'), OK);
	for (int i = 0; i < 80; i++) {
		line_prepare(line, 0, frame, pair->now_ns);
		there += line_destination(line, 0)->bytes[0] == 'b';
		elsewhere += line_destination(line, 0)->bytes[0] == 'x';
	}
	assert_true(there > 8 && elsewhere > 40);
	pair_free(pair);
}

static void
peers_of_other_terms_make_no_session(void **state)
{
	struct pair *pair = pair_new(180, talk);

	(void)state;
	pair->side[1].terms = 1;
	pair_restart(pair, 1);
	pair->side[1].peer_terms = 99;
	pair_run(pair, 100);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pair->side[i].events[LINE_EVENT_TERMS], 1);
		assert_int_equal(pair->side[i].peer_terms, !i);
		assert_int_equal(pair->side[i].events[LINE_EVENT_MAKE_1], 0);
		assert_int_equal(pair_report(pair, i).state, LINE_BOOTING);
	}
	/* A keeper that comes anew has not heard it. */
	pair_lose_keeper(pair, 0);
	pair_attach(pair, 0);
	pair_run(pair, 2);
	assert_int_equal(pair->side[0].events[LINE_EVENT_TERMS], 2);
	/* It takes them too. */
	pair->side[0].terms = 1;
	pair_restart(pair, 0);
	assert_true(pair_until(pair, pair_is_up, 100) < 100);
	no_faults(pair);
	pair_free(pair);
}

static void
recording_of_other_terms_tells_nothing(void **state)
{
	struct pair *pair = pair_new(190, talk);
	uint8_t old[20][FRAME_BYTES_MAX];

	(void)state;
	pair->side[1].terms = 3;
	pair_restart(pair, 1);
	pair->cut[1] = true;
	for (int i = 0; i < 20; i++) {
		pair_step(pair);
		memcpy(old[i], pair->side[1].last_frame, sizeof(old[i]));
	}
	pair->side[1].terms = 0;
	pair_restart(pair, 1);
	pair->cut[1] = false;
	assert_true(pair_until(pair, pair_is_up, 100) < 100);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(arrive_from(pair, old[i], 'r'), OK);
		pair_step(pair);
	}
	pair_run(pair, 60);
	assert_int_equal(pair->side[0].events[LINE_EVENT_TERMS], 0);
	assert_int_equal(pair_report(pair, 0).sessions, 1);
	pair_free(pair);
}

/* B changes to frames of another size while A's session lives. */
static void
other_size_is_taken_only_while_terms_change(void **state)
{
	struct pair *pair = join_up(200, talk, 1);
	const struct origin from = { .bytes = { 'x' }, .len = 1 };
	struct line_config config = { .role = ROLE_B,
		.cadence = { 600, 100000 },
		.also_frame_bytes = 1200,
		.terms = 1 };
	const struct line_way way = { .peer = { { 'a' }, 1 } };
	struct line *a = pair->side[0].line, *b = pair->side[1].line;
	uint8_t frame[FRAME_BYTES_MAX];
	unsigned told = 0;

	(void)state;
	memset(config.boot_send, 2, sizeof(config.boot_send));
	memset(config.boot_recv, 1, sizeof(config.boot_recv));
	pair->side[1].orders_count = 0;
	pair->side[1].line = b =
	    line_init(b, &config, rng_from_seed(&pair->side[1].seeded, 9),
		pair_tell, &pair_contexts(pair)[1], pair->now_ns);
	line_open_path(b, 0, &way, pair->now_ns);
	pair_attach(pair, 1);
	line_prepare(b, 0, frame, pair->now_ns);
	assert_int_equal(line_on_datagram(a, 0, frame, 600, &from,
			     pair->now_ns),
	    ERR_SIZE);
	line_also(a, 600);
	for (int i = 0; i < 40; i++) {
		pair->now_ns += CLOCK_NS_PER_S / 10;
		line_prepare(b, 0, frame, pair->now_ns);
		assert_int_equal(line_on_datagram(a, 0, frame, 600, &from,
				     pair->now_ns),
		    OK);
		assert_int_equal(line_on_datagram(a, 0, frame, 599, &from,
				     pair->now_ns),
		    ERR_SIZE);
		line_prepare(a, 0, frame, pair->now_ns);
		(void)!line_on_datagram(b, 0, frame, 1200, &from, pair->now_ns);
		pair_run_orders(pair, 0);
		pair_run_orders(pair, 1);
		told += pair->side[0].events[LINE_EVENT_TERMS] == 1;
	}
	/* Proved by an echo, and told once. */
	assert_true(told > 20);
	assert_int_equal(pair->side[0].peer_terms, 1);
	assert_int_equal(pair->side[1].peer_terms, 0);
	assert_int_equal(pair->side[0].events[LINE_EVENT_ANSWER_1], 0);
	line_also(a, 0);
	assert_int_equal(line_on_datagram(a, 0, frame, 600, &from,
			     pair->now_ns),
	    ERR_SIZE);
	no_faults(pair);
	pair_free(pair);
}

/* Our own terms have one size. */
static void
our_terms_in_another_size_are_refused(void **state)
{
	struct pair *pair = join_up(210, talk, 1);
	const struct origin from = { .bytes = { 'x' }, .len = 1 };
	struct line_config config = { .role = ROLE_B,
		.cadence = { 600, 100000 } };
	const struct line_way way = { .peer = { { 'a' }, 1 } };
	struct line *b = pair->side[1].line;
	uint8_t frame[FRAME_BYTES_MAX];

	(void)state;
	memset(config.boot_send, 2, sizeof(config.boot_send));
	memset(config.boot_recv, 1, sizeof(config.boot_recv));
	b = line_init(b, &config, rng_from_seed(&pair->side[1].seeded, 9),
	    pair_tell, &pair_contexts(pair)[1], pair->now_ns);
	line_open_path(b, 0, &way, pair->now_ns);
	line_also(pair->side[0].line, 600);
	line_prepare(b, 0, frame, pair->now_ns);
	assert_int_equal(line_on_datagram(pair->side[0].line, 0, frame, 600,
			     &from, pair->now_ns),
	    ERR_FORMAT);
	pair_free(pair);
}

static void
goodbye_is_said_on_each_path(void **state)
{
	struct pair *pair = join_up(220, talk, 2);
	const struct line_order order = { .kind = LINE_ORDER_GOODBYE,
		.why = WHY_GOODBYE };
	struct line *line = pair->side[0].line;
	uint8_t frame[FRAME_BYTES_MAX];

	(void)state;
	assert_false(line_has_said_goodbye(line));
	assert_int_equal(line_on_order(line, &order, pair->now_ns), OK);
	for (int i = 0; i < GOODBYE_FRAMES; i++) {
		assert_false(line_has_said_goodbye(line));
		line_prepare(line, 0, frame, pair->now_ns);
	}
	for (int i = 0; i < GOODBYE_FRAMES; i++) {
		assert_false(line_has_said_goodbye(line));
		line_prepare(line, 1, frame, pair->now_ns);
	}
	assert_true(line_has_said_goodbye(line));
	pair_free(pair);
}

static void
small_record_is_said_in_every_slot_until_it_is_there(void **state)
{
	struct pair *pair = join_up(230, talk, 1);

	(void)state;
	pair->cut[0] = true;
	pair_add(pair, 0, CLASS_ROUTINE, 300);
	for (int i = 0; i < 4; i++) {
		pair_step(pair);
		assert_true(carries(pair, 0, 0, 1));
	}
	pair->cut[0] = false;
	assert_in_range(pair_until(pair, pair_is_even, 10), 0, 2);
	pair_run(pair, 5);
	assert_false(carries(pair, 0, 0, 1));
	/* What fills frames is not. */
	pair_add(pair, 0, CLASS_ROUTINE, 1900);
	pair_run(pair, 3);
	assert_false(carries(pair, 0, 0, 2));
	assert_true(pair_until(pair, pair_is_even, 50) < 50);
	pair_free(pair);
}

static void
four_paths_stand_all_weather(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 6; seed++) {
		struct pair *pair = join_up(300 + seed, talk, 4);

		pair->loss_percent = 30;
		pair->double_percent = 5;
		pair->replay_percent = 5;
		pair->delay_slots = 6;
		for (unsigned i = 0; i < 60; i++) {
			pair_add(pair, (int)(i % 2),
			    (enum record_class)rng_below(pair->rng,
				CLASS_COUNT),
			    (uint32_t)(9 +
				rng_below(pair->rng, i % 7 ? 300 : 9000)));
			cut_path(pair, i % 4, rng_below(pair->rng, 3) == 0);
			pair_run(pair, 7);
			if (i == 30)
				pair_restart(pair, (int)(seed % 2));
		}
		for (unsigned i = 0; i < 4; i++)
			cut_path(pair, i, false);
		pair->loss_percent = 0;
		assert_true(pair_until(pair, pair_is_even, 2000) < 2000);
		assert_true(pair_until(pair, pair_is_up, 2000) < 2000);
		no_faults(pair);
		pair_free(pair);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_path_counts_for_itself),
		cmocka_unit_test(flash_comes_by_whatever_path_is_left),
		cmocka_unit_test(
		    small_records_ride_on_every_path_and_bulk_on_one),
		cmocka_unit_test(paths_share_bulk),
		cmocka_unit_test(cut_path_loses_nothing),
		cmocka_unit_test(bulk_shuns_a_path_that_does_not_work),
		cmocka_unit_test(report_tells_how_each_path_is),
		cmocka_unit_test(talk_goes_on_soon_after_one_path_heals),
		cmocka_unit_test(line_boots_by_any_path),
		cmocka_unit_test(counters_go_on_when_a_path_is_opened_again),
		cmocka_unit_test(closed_path_takes_nothing),
		cmocka_unit_test(frame_is_taken_once_whichever_path_brings_it),
		cmocka_unit_test(path_that_is_not_there_is_a_fault),
		cmocka_unit_test(acknowledged_frames_were_sent_by_that_path),
		cmocka_unit_test(status_that_was_overtaken_says_nothing),
		cmocka_unit_test(each_path_learns_its_own_place),
		cmocka_unit_test(roaming_follows_the_newest_frame_alone),
		cmocka_unit_test(
		    roaming_line_boots_where_its_peer_should_be_too),
		cmocka_unit_test(roaming_begins_where_the_peer_was_pinned),
		cmocka_unit_test(peers_of_other_terms_make_no_session),
		cmocka_unit_test(recording_of_other_terms_tells_nothing),
		cmocka_unit_test(other_size_is_taken_only_while_terms_change),
		cmocka_unit_test(our_terms_in_another_size_are_refused),
		cmocka_unit_test(goodbye_is_said_on_each_path),
		cmocka_unit_test(
		    small_record_is_said_in_every_slot_until_it_is_there),
		cmocka_unit_test(four_paths_stand_all_weather),
	};

	return cmocka_run_group_tests_name("paths", tests, NULL, NULL);
}
