#include "core/stream_out.h"

#include <string.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/ack.h"
#include "core/frame.h"

enum { FRAME = 1200, ROOM = FRAME - FRAME_OVERHEAD_BYTES };

static const struct cadence fastest = { FRAME, SLOT_US_MIN };
static struct stream_out out;
static _Alignas(struct chunk)
    uint8_t memory[CHUNKS_MAX * (sizeof(struct chunk) + CHUNK_BYTES_MAX + 8)];
static struct have have;

static void
begin(void)
{
	memset(&have, 0, sizeof(have));
	have.credit = UINT64_C(1) << 40;
	stream_out_init(&out, memory, fastest);
	stream_out_open_path(&out, 0);
	assert_true(stream_out_on_have(&out, &have));
}

/* A stretch of record n; the first says what it comes after. */
static int
piece(enum record_class class, uint64_t n, uint64_t after, uint64_t offset,
    size_t len, bool fin)
{
	static uint8_t data[700000];
	struct piece given = { class, n, offset, fin, data, len };
	struct writer w;

	assert_true(len <= sizeof(data));
	memset(data, (int)(uint8_t)n, len);
	buf_write(&w, data, len);
	if (offset == 0)
		buf_put_u64(&w, after);
	return stream_out_on_piece(&out, &given);
}

struct sent {
	uint32_t load;
	unsigned count;
	struct piece piece[64]; /* data is of no use */
	size_t bytes;
};

static struct sent
fill_path(unsigned path, size_t room)
{
	struct sent sent = { .load = ACK_NO_LOAD };
	uint8_t bytes[ROOM];
	struct frame_record record;
	struct writer w;
	struct reader r;

	memset(bytes, 0, sizeof(bytes));
	buf_write(&w, bytes, room);
	sent.load = stream_out_fill(&out, path, &w);
	assert_true(buf_is_sound(&w));
	buf_read(&r, bytes, w.len);
	while (frame_next_record(&r, &record) == OK) {
		assert_int_equal(record.type, FRAME_CHUNK);
		assert_int_equal(chunk_decode(&sent.piece[sent.count],
				     record.body, record.len),
		    OK);
		sent.bytes += sent.piece[sent.count++].len;
	}
	assert_int_equal(sent.count == 0, sent.load == ACK_NO_LOAD);
	return sent;
}

static struct sent
fill_room(size_t room)
{
	return fill_path(0, room);
}

static struct sent
fill(void)
{
	return fill_room(ROOM);
}

/* As wire does it: a path, and the frame of it that is settled. */
static struct sent
fill_on(unsigned path)
{
	return fill_path(path, ROOM);
}

static void
settle_on(unsigned path, const struct sent *sent, bool arrived)
{
	if (sent->load != ACK_NO_LOAD)
		stream_out_settle(&out, path, sent->load, arrived);
}

static void
settle(const struct sent *sent, bool arrived)
{
	if (sent->load != ACK_NO_LOAD)
		stream_out_settle(&out, 0, sent->load, arrived);
}

static void
stream_out_says_nothing_before_the_peers_have(void **state)
{
	struct want want;

	(void)state;
	stream_out_init(&out, memory, fastest);
	stream_out_open_path(&out, 0);
	assert_false(stream_out_next_want(&out, &want));
	assert_int_equal(piece(CLASS_FLASH, 1, 0, 0, 100, true), OK);
	assert_int_equal(fill().count, 0);
	begin();
	assert_true(stream_out_next_want(&out, &want));
	assert_false(stream_out_next_want(&out, &want));
	assert_int_equal(piece(CLASS_FLASH, 1, 0, 0, 100, true), OK);
	assert_int_equal(fill().count, 1);
}

static void
stream_out_fills_frames_by_class(void **state)
{
	struct sent sent;

	(void)state;
	begin();
	assert_int_equal(piece(CLASS_ROUTINE, 1, 0, 0, 5000, true), OK);
	assert_int_equal(piece(CLASS_FLASH, 2, 0, 0, 100, true), OK);
	assert_int_equal(piece(CLASS_NOTES, 3, 0, 0, 200, true), OK);
	sent = fill();
	assert_int_equal(sent.count, 3);
	assert_int_equal(sent.piece[0].n, 3);
	assert_int_equal(sent.piece[1].n, 2);
	assert_int_equal(sent.piece[2].n, 1);
	/* Full to the last byte. */
	assert_int_equal(sent.bytes + 3 * CHUNK_HEAD_BYTES, ROOM);
	/* What the cut left over goes with what follows it, under one head. */
	sent = fill();
	assert_int_equal(sent.count, 1);
	assert_int_equal(sent.bytes + CHUNK_HEAD_BYTES, ROOM);
	/* No room, or not enough to cut for. */
	assert_int_equal(fill_room(CHUNK_HEAD_BYTES).count, 0);
	assert_int_equal(fill_room(CHUNK_HEAD_BYTES + CHUNK_SPLIT_BYTES_MIN - 1)
			     .count,
	    0);
	assert_int_equal(fill_room(CHUNK_HEAD_BYTES + CHUNK_SPLIT_BYTES_MIN)
			     .count,
	    1);
}

static void
stream_out_sends_again_what_was_lost(void **state)
{
	struct sent first, second, again;

	(void)state;
	begin();
	assert_int_equal(piece(CLASS_ROUTINE, 1, 0, 0, 9000, true), OK);
	first = fill();
	second = fill();
	settle(&second, true);
	settle(&first, false);
	again = fill();
	assert_int_equal(again.piece[0].offset, first.piece[0].offset);
	assert_int_equal(again.piece[0].len, first.piece[0].len);
	assert_int_equal(out.resent, 1);
	settle(&again, false);
	/* Cut, as there is less room: nothing of it is missing. */
	again = fill_room(300);
	assert_int_equal(again.piece[0].offset, first.piece[0].offset);
	settle(&again, true);
	first = fill_room(ROOM);
	assert_int_equal(first.piece[0].offset,
	    again.piece[0].offset + again.piece[0].len);
}

static void
stream_out_keeps_until_have(void **state)
{
	struct sent sent;

	(void)state;
	begin();
	assert_int_equal(piece(CLASS_ROUTINE, 4, 0, 0, 1000, true), OK);
	assert_int_equal(piece(CLASS_ROUTINE, 6, 4, 0, 1000, true), OK);
	sent = fill();
	settle(&sent, true);
	sent = fill();
	assert_int_equal(out.pool.list[CLASS_ROUTINE].count, 3);
	have.at[CLASS_ROUTINE] = (struct position){ 4, 0 };
	assert_true(stream_out_on_have(&out, &have));
	assert_int_equal(out.pool.list[CLASS_ROUTINE].count, 2);
	/* What flies is freed when it is settled, either way. */
	have.at[CLASS_ROUTINE] = (struct position){ 6, 0 };
	assert_true(stream_out_on_have(&out, &have));
	assert_int_equal(out.pool.list[CLASS_ROUTINE].count, 1);
	settle(&sent, false);
	assert_int_equal(out.pool.list[CLASS_ROUTINE].count, 0);
	assert_int_equal(out.class[CLASS_ROUTINE].resend, 0);
	assert_int_equal(out.beyond, 0);
	assert_int_equal(fill().count, 0);
}

static void
stream_out_sends_all_again_in_a_new_session(void **state)
{
	struct sent sent[4], again;

	(void)state;
	begin();
	assert_int_equal(piece(CLASS_ROUTINE, 1, 0, 0, 4400, true), OK);
	for (int i = 0; i < 3; i++)
		sent[i] = fill();
	settle(&sent[0], true);
	settle(&sent[1], false);
	stream_out_on_session(&out);
	assert_int_equal(fill().count, 0);
	have.at[CLASS_ROUTINE] = (struct position){ 0, sent[0].piece[0].len };
	assert_true(stream_out_on_have(&out, &have));
	for (uint64_t at = sent[0].piece[0].len; at < 4400;) {
		again = fill();
		assert_int_equal(again.piece[0].offset, at);
		at += again.piece[0].len;
	}
	assert_int_equal(fill().count, 0);
}

/* A machine that was resumed twice: the frame that was acknowledged was the
 * other's. */
static void
stream_out_sends_again_at_a_rekey_what_no_have_came_to_cover(void **state)
{
	struct sent sent, again;

	(void)state;
	begin();
	assert_int_equal(piece(CLASS_ROUTINE, 1, 0, 0, 400, true), OK);
	assert_int_equal(piece(CLASS_ROUTINE, 2, 1, 0, 400, true), OK);
	sent = fill();
	assert_int_equal(sent.count, 2);
	settle(&sent, true);
	/* The next HAVE may be on its way. */
	stream_out_on_rekey(&out);
	assert_int_equal(fill().count, 0);
	have.at[CLASS_ROUTINE] = (struct position){ 1, 0 };
	assert_true(stream_out_on_have(&out, &have));
	stream_out_on_rekey(&out);
	assert_int_equal(fill().count, 0);
	assert_true(stream_out_on_have(&out, &have));
	stream_out_on_rekey(&out);
	again = fill();
	assert_int_equal(again.count, 1);
	assert_int_equal(again.piece[0].n, 2);
	/* It flies: that alone decides. */
	stream_out_on_rekey(&out);
	assert_int_equal(fill().count, 0);
	settle(&again, true);
	have.at[CLASS_ROUTINE] = (struct position){ 2, 0 };
	assert_true(stream_out_on_have(&out, &have));
	stream_out_on_rekey(&out);
	stream_out_on_rekey(&out);
	assert_int_equal(fill().count, 0);
	assert_int_equal(out.class[CLASS_ROUTINE].resend, 0);
	assert_int_equal(out.beyond, 0);
}

static void
stream_out_goes_on_where_the_peer_stands(void **state)
{
	static const struct position places[] = { { 3, 0 }, { 9, 0 },
		{ 9, 500 }, { UINT64_MAX, UINT64_MAX } };
	struct want want;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		begin();
		have.at[CLASS_ROUTINE] = (struct position){ 5, 0 };
		assert_true(stream_out_on_have(&out, &have));
		assert_true(stream_out_next_want(&out, &want));
		assert_int_equal(want.at[CLASS_ROUTINE].n, 5);
		assert_int_equal(piece(CLASS_ROUTINE, 6, 5, 0, 2000, true), OK);
		(void)fill();
		/* Less than before, as of a post that was restored, or more
		 * than we know of. */
		stream_out_on_session(&out);
		have.at[CLASS_ROUTINE] = places[i];
		assert_true(stream_out_on_have(&out, &have));
		assert_int_equal(out.pool.list[CLASS_ROUTINE].count, 0);
		assert_int_equal(out.beyond, 0);
		assert_true(stream_out_next_want(&out, &want));
		assert_int_equal(position_compare(want.at[CLASS_ROUTINE],
				     places[i]),
		    0);
		assert_int_equal(fill().count, 0);
	}
}

/* Also within a session: what a wire before this one had sent is synced late.
 * What flies stays in the ring that names it. */
static void
stream_out_follows_a_have_beyond_what_it_holds(void **state)
{
	struct sent sent;
	struct want want;

	(void)state;
	begin();
	assert_int_equal(piece(CLASS_ROUTINE, 6, 0, 0, 2000, true), OK);
	sent = fill();
	assert_true(stream_out_next_want(&out, &want));
	have.at[CLASS_ROUTINE] = (struct position){ 9, 100 };
	assert_true(stream_out_on_have(&out, &have));
	assert_true(stream_out_next_want(&out, &want));
	assert_int_equal(want.at[CLASS_ROUTINE].n, 9);
	assert_int_equal(want.at[CLASS_ROUTINE].offset, 100);
	settle(&sent, true);
	assert_int_equal(out.pool.list[CLASS_ROUTINE].count, 0);
	/* An earlier answer, then the one to this. */
	assert_int_equal(piece(CLASS_ROUTINE, 9, 6, 0, 700, true), OK);
	assert_int_equal(out.pool.list[CLASS_ROUTINE].count, 0);
	assert_int_equal(piece(CLASS_ROUTINE, 12, 9, 100, 700, true), OK);
	sent = fill();
	assert_int_equal(sent.count, 1);
	assert_int_equal(sent.piece[0].n, 12);
	assert_int_equal(sent.piece[0].offset, 100);
}

static void
stream_out_is_not_misled_by_an_overtaken_have(void **state)
{
	struct have late;

	(void)state;
	begin();
	assert_int_equal(piece(CLASS_ROUTINE, 1, 0, 0, 1000, true), OK);
	(void)fill();
	late = have;
	have.at[CLASS_ROUTINE] = (struct position){ 1, 0 };
	have.credit = 10;
	assert_true(stream_out_on_have(&out, &have));
	late.credit = 5000;
	assert_false(stream_out_on_have(&out, &late));
	assert_int_equal(out.credit, 10);
	assert_int_equal(out.class[CLASS_ROUTINE].base.n, 1);
}

static void
stream_out_stops_at_the_credit(void **state)
{
	struct sent sent;

	(void)state;
	begin();
	have.credit = 1500;
	assert_true(stream_out_on_have(&out, &have));
	assert_int_equal(piece(CLASS_FLASH, 1, 0, 0, 1000, true), OK);
	assert_int_equal(piece(CLASS_FLASH, 2, 1, 0, 1000, true), OK);
	assert_int_equal(piece(CLASS_ROUTINE, 3, 0, 0, 100, true), OK);
	sent = fill();
	assert_int_equal(sent.count, 1);
	assert_int_equal(fill().count, 0);
	/* Neither does routine take what flash waits for. */
	assert_int_equal(piece(CLASS_NOTES, 4, 0, 0, 100, true), OK);
	assert_int_equal(fill().piece[0].n, 4);
	/* What was sent may be sent again. */
	settle(&sent, false);
	sent = fill();
	assert_int_equal(sent.piece[0].n, 1);
	settle(&sent, true);
	have.at[CLASS_FLASH].n = 1;
	assert_true(stream_out_on_have(&out, &have));
	sent = fill();
	assert_int_equal(sent.count, 2);
	assert_int_equal(sent.piece[0].n, 2);
	assert_int_equal(sent.piece[1].n, 3);
}

static void
stream_out_sends_lower_classes_again_while_a_higher_waits(void **state)
{
	struct sent sent;

	(void)state;
	begin();
	have.credit = 1000;
	assert_true(stream_out_on_have(&out, &have));
	assert_int_equal(piece(CLASS_ROUTINE, 3, 0, 0, 900, true), OK);
	assert_int_equal(piece(CLASS_ROUTINE, 5, 3, 0, 50, true), OK);
	sent = fill_room(900 + CHUNK_HEAD_BYTES);
	assert_int_equal(sent.count, 1);
	assert_int_equal(piece(CLASS_FLASH, 4, 0, 0, 500, true), OK);
	settle(&sent, false);
	/* Or its bytes would hold the credit for ever. */
	sent = fill();
	assert_int_equal(sent.count, 1);
	assert_int_equal(sent.piece[0].n, 3);
}

static void
stream_out_takes_only_what_joins_on(void **state)
{
	struct want want;

	(void)state;
	begin();
	assert_true(stream_out_next_want(&out, &want));
	/* After one that we have not, from the middle, too short to say. */
	assert_int_equal(piece(CLASS_ROUTINE, 5, 3, 0, 100, true), ERR_STATE);
	assert_int_equal(piece(CLASS_ROUTINE, 5, 0, 50, 50, true), ERR_STATE);
	assert_int_equal(piece(CLASS_ROUTINE, 5, 0, 0, 7, false), ERR_STATE);
	/* Not asked for again: the answer is to come. */
	assert_false(stream_out_next_want(&out, &want));
	assert_int_equal(piece(CLASS_ROUTINE, 5, 0, 0, 100, false), OK);
	/* A gap, another record before this one's end. */
	assert_int_equal(piece(CLASS_ROUTINE, 5, 0, 101, 10, true), ERR_STATE);
	assert_int_equal(piece(CLASS_ROUTINE, 6, 5, 0, 100, true), ERR_STATE);
	/* What is held is trimmed. */
	assert_int_equal(piece(CLASS_ROUTINE, 5, 0, 0, 60, false), OK);
	assert_int_equal(piece(CLASS_ROUTINE, 5, 0, 60, 60, true), OK);
	assert_int_equal(out.pool.list[CLASS_ROUTINE].count, 2);
	assert_int_equal(out.class[CLASS_ROUTINE].held.n, 5);
	assert_int_equal(piece(CLASS_ROUTINE, 5, 0, 0, 120, true), OK);
	assert_int_equal(out.pool.list[CLASS_ROUTINE].count, 2);
}

/* A peer that names an n of another class must not make us ask without end. */
static void
stream_out_goes_on_from_an_n_of_another_class(void **state)
{
	(void)state;
	begin();
	have.at[CLASS_ROUTINE].n = 6;
	assert_true(stream_out_on_have(&out, &have));
	assert_int_equal(piece(CLASS_ROUTINE, 7, 5, 0, 100, true), OK);
	assert_int_equal(fill().piece[0].n, 7);
}

static void
stream_out_asks_for_what_it_has_room_for(void **state)
{
	struct want want;
	uint64_t n = 0;
	int rc;

	(void)state;
	begin();
	assert_true(stream_out_next_want(&out, &want));
	/* Records of a few bytes use room up that was not reckoned with. */
	do {
		rc = piece(CLASS_NOTES, n + 1, n, 0, 9, true);
		n += rc == OK;
	} while (rc == OK);
	assert_int_equal(n, CHUNKS_NOTES_MAX);
	assert_true(stream_out_next_want(&out, &want));
	assert_int_equal(want.room[CLASS_NOTES], 0);
	assert_int_equal(want.at[CLASS_NOTES].n, n);
	/* Those still on their way do not ask again each. */
	for (int i = 0; i < 10; i++)
		assert_int_equal(piece(CLASS_NOTES, n + 2 + (unsigned)i,
				     n + 1 + (unsigned)i, 0, 9, true),
		    ERR_STATE);
	assert_false(stream_out_next_want(&out, &want));
	while (n > 0) {
		struct sent sent = fill();

		settle(&sent, true);
		n -= sent.count;
	}
	have.at[CLASS_NOTES].n = CHUNKS_NOTES_MAX;
	assert_true(stream_out_on_have(&out, &have));
	assert_true(stream_out_next_want(&out, &want));
	assert_true(want.room[CLASS_NOTES] > 0);
	assert_int_equal(piece(CLASS_NOTES, CHUNKS_NOTES_MAX + 1,
			     CHUNKS_NOTES_MAX, 0, 9, true),
	    OK);
}

static void
stream_out_carries_one_head_a_frame_and_every_byte_once(void **state)
{
	static uint8_t data[20000], got[20000];
	struct piece given = { CLASS_ROUTINE, 1, 0, true, data, sizeof(data) };
	uint64_t next = 0;
	bool fin = false;

	(void)state;
	begin();
	for (size_t i = 8; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	assert_int_equal(stream_out_on_piece(&out, &given), OK);
	/* Frames with now more, now less room for it. */
	for (size_t room = ROOM; !fin; room = ROOM - (room * 13) % 90) {
		uint8_t bytes[ROOM] = { 0 };
		struct frame_record record;
		struct piece piece;
		struct writer w;
		struct reader r;

		buf_write(&w, bytes, room);
		assert_int_not_equal(stream_out_fill(&out, 0, &w), ACK_NO_LOAD);
		buf_read(&r, bytes, w.len);
		assert_int_equal(frame_next_record(&r, &record), OK);
		assert_int_equal(chunk_decode(&piece, record.body, record.len),
		    OK);
		assert_int_equal(piece.offset, next);
		memcpy(got + next, piece.data, piece.len);
		next += piece.len;
		fin = piece.fin;
		assert_true(fin || buf_room(&w) == 0);
		assert_int_equal(frame_next_record(&r, &record), ERR_NOT_FOUND);
	}
	assert_int_equal(next, sizeof(data));
	assert_memory_equal(got, data, sizeof(data));
}

static void
stream_out_asks_a_new_keeper(void **state)
{
	struct want want;

	(void)state;
	begin();
	assert_true(stream_out_next_want(&out, &want));
	assert_int_equal(piece(CLASS_FLASH, 1, 0, 0, 100, false), OK);
	stream_out_want_again(&out);
	assert_true(stream_out_next_want(&out, &want));
	assert_int_equal(want.at[CLASS_FLASH].n, 0);
	assert_int_equal(want.at[CLASS_FLASH].offset, 100);
}

/* How many chunks are said again in a frame of which nothing is taken. */
static unsigned
repeat(void)
{
	uint8_t bytes[ROOM] = { 0 };
	struct frame_record record;
	struct writer w;
	struct reader r;
	unsigned count = 0;

	stream_out_pass(&out);
	buf_write(&w, bytes, sizeof(bytes));
	stream_out_repeat(&out, &w);
	buf_read(&r, bytes, w.len);
	while (frame_next_record(&r, &record) == OK)
		count++;
	return count;
}

static void
stream_out_repeats_until_have(void **state)
{
	struct sent sent;

	(void)state;
	begin();
	assert_int_equal(repeat(), 0);
	assert_int_equal(piece(CLASS_NOTES, 1, 0, 0, 50, true), OK);
	assert_int_equal(piece(CLASS_FLASH, 2, 0, 0, 100, true), OK);
	/* What has not left yet is not said again. */
	assert_int_equal(repeat(), 0);
	sent = fill();
	assert_int_equal(sent.count, 2);
	assert_int_equal(repeat(), 2);
	assert_int_equal(repeat(), 2);
	/* Its flight is not settled: the path may be cut. */
	have.at[CLASS_NOTES].n = 1;
	assert_true(stream_out_on_have(&out, &have));
	assert_int_equal(repeat(), 1);
	have.at[CLASS_FLASH].offset = 99;
	assert_true(stream_out_on_have(&out, &have));
	assert_int_equal(repeat(), 1);
	have.at[CLASS_FLASH].offset = 100;
	assert_true(stream_out_on_have(&out, &have));
	assert_int_equal(repeat(), 0);
}

static void
stream_out_does_not_repeat_what_an_ack_says_is_there(void **state)
{
	struct sent sent;

	(void)state;
	begin();
	assert_int_equal(piece(CLASS_NOTES, 1, 0, 0, 50, true), OK);
	sent = fill();
	assert_int_equal(repeat(), 1);
	settle(&sent, true);
	assert_int_equal(repeat(), 0);
}

static void
stream_out_puts_small_records_on_each_path_once(void **state)
{
	struct sent first, second;

	(void)state;
	begin();
	stream_out_open_path(&out, 1);
	assert_int_equal(piece(CLASS_ROUTINE, 1, 0, 0, 100, true), OK);
	assert_int_equal(piece(CLASS_FLASH, 2, 0, 0, 1500, false), OK);
	first = fill_on(0);
	assert_int_equal(first.count, 1); /* of the flash, a frame full */
	second = fill_on(1);
	assert_int_equal(second.piece[0].n, 2);
	assert_int_equal(second.piece[0].offset, 0);
	assert_int_equal(fill_on(0).count, 2);
	assert_int_equal(fill_on(1).count, 2);
	assert_int_equal(fill_on(0).count, 0);
	assert_int_equal(fill_on(1).count, 0);
	/* By one path it is there; what flies on the other changes nothing. */
	settle_on(1, &second, true);
	settle_on(0, &first, false);
	assert_int_equal(fill_on(0).count, 0);
	assert_int_equal(out.resent, 0);
}

static void
stream_out_puts_the_rest_on_one_path(void **state)
{
	struct sent first, second;

	(void)state;
	begin();
	stream_out_open_path(&out, 1);
	assert_int_equal(piece(CLASS_ROUTINE, 1, 0, 0, 5000, true), OK);
	first = fill_on(0);
	second = fill_on(1);
	assert_int_equal(first.count, 1);
	assert_int_equal(second.count, 1);
	assert_true(second.piece[0].offset == first.piece[0].len);
	/* Lost on one, it goes on whichever comes next. */
	settle_on(0, &first, false);
	second = fill_on(1);
	assert_int_equal(second.piece[0].offset, 0);
	assert_int_equal(out.resent, 1);
}

static void
stream_out_carries_again_where_it_was_lost(void **state)
{
	struct sent sent[2];

	(void)state;
	begin();
	stream_out_open_path(&out, 1);
	assert_int_equal(piece(CLASS_NOTES, 1, 0, 0, 100, true), OK);
	sent[0] = fill_on(0);
	sent[1] = fill_on(1);
	settle_on(1, &sent[1], false);
	assert_int_equal(fill_on(0).count, 0);
	sent[1] = fill_on(1);
	assert_int_equal(sent[1].count, 1);
	/* Lost on both: sent anew on both. */
	settle_on(0, &sent[0], false);
	settle_on(1, &sent[1], false);
	sent[0] = fill_on(0);
	sent[1] = fill_on(1);
	assert_int_equal(sent[0].count, 1);
	assert_int_equal(sent[1].count, 1);
	settle_on(0, &sent[0], true);
	settle_on(1, &sent[1], false);
	assert_int_equal(fill_on(0).count, 0);
	assert_int_equal(fill_on(1).count, 0);
}

static void
stream_out_keeps_what_still_flies_on_a_path(void **state)
{
	struct sent sent[2];

	(void)state;
	begin();
	stream_out_open_path(&out, 3);
	assert_int_equal(piece(CLASS_NOTES, 1, 0, 0, 100, true), OK);
	sent[0] = fill_on(0);
	sent[1] = fill_on(3);
	settle_on(0, &sent[0], true);
	have.at[CLASS_NOTES].n = 1;
	assert_true(stream_out_on_have(&out, &have));
	assert_int_equal(out.pool.list[CLASS_NOTES].count, 1);
	settle_on(3, &sent[1], false);
	assert_int_equal(out.pool.list[CLASS_NOTES].count, 0);
}

static void
stream_out_owes_a_path_that_opens_what_flies(void **state)
{
	struct sent sent[2];

	(void)state;
	begin();
	assert_int_equal(piece(CLASS_FLASH, 1, 0, 0, 100, true), OK);
	assert_int_equal(piece(CLASS_ROUTINE, 2, 0, 0, 5000, true), OK);
	sent[0] = fill_on(0);
	stream_out_open_path(&out, 1);
	sent[1] = fill_on(1);
	assert_int_equal(sent[1].piece[0].n, 1);
	/* It closes: what flew on it was settled before. */
	settle_on(1, &sent[1], false);
	stream_out_close_path(&out, 1);
	settle_on(0, &sent[0], false);
	sent[0] = fill_on(0);
	assert_int_equal(sent[0].piece[0].n, 1);
	assert_int_equal(sent[0].piece[1].offset, 0);
}

/* A new session forgets what flew, on whatever path. */
static void
stream_out_begins_anew_on_every_path(void **state)
{
	(void)state;
	begin();
	stream_out_open_path(&out, 1);
	assert_int_equal(piece(CLASS_FLASH, 1, 0, 0, 100, true), OK);
	assert_int_equal(fill_on(0).count, 1);
	assert_int_equal(fill_on(1).count, 1);
	stream_out_on_session(&out);
	assert_int_equal(fill_on(0).count, 0);
	assert_true(stream_out_on_have(&out, &have));
	assert_int_equal(fill_on(0).count, 1);
	assert_int_equal(fill_on(1).count, 1);
	assert_int_equal(fill_on(1).count, 0);
}

static void
stream_out_repeats_neither_bulk_nor_what_is_there(void **state)
{
	struct sent sent;

	(void)state;
	begin();
	assert_int_equal(piece(CLASS_ROUTINE, 1, 0, 0, 2000, true), OK);
	(void)fill();
	(void)fill();
	assert_int_equal(repeat(), 0);
	assert_int_equal(piece(CLASS_ROUTINE, 2, 1, 0, 100, true), OK);
	sent = fill();
	assert_int_equal(repeat(), 1);
	settle(&sent, true);
	assert_int_equal(repeat(), 0);
	assert_int_equal(piece(CLASS_ROUTINE, 3, 2, 0, 100, true), OK);
	sent = fill();
	assert_int_equal(repeat(), 1);
	/* Given up, and not sent anew yet: it is said all the same. */
	settle(&sent, false);
	assert_int_equal(repeat(), 1);
	assert_int_equal(out.resent, 0);
	assert_true(out.repeated == 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stream_out_says_nothing_before_the_peers_have),
		cmocka_unit_test(stream_out_fills_frames_by_class),
		cmocka_unit_test(stream_out_sends_again_what_was_lost),
		cmocka_unit_test(stream_out_keeps_until_have),
		cmocka_unit_test(stream_out_sends_all_again_in_a_new_session),
		cmocka_unit_test(
		    stream_out_sends_again_at_a_rekey_what_no_have_came_to_cover),
		cmocka_unit_test(stream_out_goes_on_where_the_peer_stands),
		cmocka_unit_test(
		    stream_out_follows_a_have_beyond_what_it_holds),
		cmocka_unit_test(stream_out_is_not_misled_by_an_overtaken_have),
		cmocka_unit_test(stream_out_stops_at_the_credit),
		cmocka_unit_test(
		    stream_out_sends_lower_classes_again_while_a_higher_waits),
		cmocka_unit_test(stream_out_takes_only_what_joins_on),
		cmocka_unit_test(stream_out_goes_on_from_an_n_of_another_class),
		cmocka_unit_test(stream_out_asks_for_what_it_has_room_for),
		cmocka_unit_test(
		    stream_out_carries_one_head_a_frame_and_every_byte_once),
		cmocka_unit_test(stream_out_asks_a_new_keeper),
		cmocka_unit_test(stream_out_repeats_until_have),
		cmocka_unit_test(
		    stream_out_does_not_repeat_what_an_ack_says_is_there),
		cmocka_unit_test(
		    stream_out_puts_small_records_on_each_path_once),
		cmocka_unit_test(stream_out_puts_the_rest_on_one_path),
		cmocka_unit_test(stream_out_carries_again_where_it_was_lost),
		cmocka_unit_test(stream_out_keeps_what_still_flies_on_a_path),
		cmocka_unit_test(stream_out_owes_a_path_that_opens_what_flies),
		cmocka_unit_test(stream_out_begins_anew_on_every_path),
		cmocka_unit_test(
		    stream_out_repeats_neither_bulk_nor_what_is_there),
	};

	return cmocka_run_group_tests_name("stream_out", tests, NULL, NULL);
}
