/* What a peer may hand in, and what it may not. */
#include "keeper/inbox.h"

#include "base/buf.h"
#include "core/record.h"
#include "crypto/hash.h"
#include "twin.h"

#include <sqlite3.h>

enum { STREAM_BYTES_MAX = 80 * 1024 };

/* A stream by hand, and where it goes. */
struct stream {
	enum record_class class;
	uint64_t n;
	uint8_t bytes[STREAM_BYTES_MAX];
	size_t len;
};

static int
setup(void **state)
{
	*state = twin_new_line();
	return 0;
}

static int
teardown(void **state)
{
	twin_free(*state);
	return 0;
}

static struct record
message(uint64_t after, uint64_t serial, uint8_t id)
{
	struct record record = { .after = after,
		.kind = RECORD_MESSAGE,
		.time_ms = 1,
		.serial = serial,
		.text_bytes = 4 };

	memset(record.id, id, RECORD_ID_BYTES);
	return record;
}

static struct stream
stream_of(uint64_t n, const struct record *record, const char *rest,
    size_t rest_len)
{
	struct stream stream = {
		.class = record_class(record->kind, record->precedence),
		.n = n,
	};
	struct writer w;

	buf_write(&w, stream.bytes, sizeof(stream.bytes));
	record_encode_head(&w, record);
	buf_put_bytes(&w, rest, rest_len);
	assert_true(buf_is_sound(&w));
	stream.len = w.len;
	return stream;
}

static void
hand(struct twin_side *side, enum record_class class, uint64_t n,
    uint64_t offset, const uint8_t *bytes, size_t len, bool fin)
{
	struct line_event event = { .kind = LINE_EVENT_DATA };

	event.piece = (struct piece){ .class = class,
		.n = n,
		.offset = offset,
		.fin = fin,
		.data = bytes,
		.len = len };
	keeper_on_line_event(side->keeper, side->line, &event, side->twin->now);
}

static void
settle(struct twin_side *side)
{
	side->twin->now.now_ns += CLOCK_NS_PER_S;
	keeper_on_time(side->keeper, side->twin->now);
}

static void
hand_all(struct twin_side *side, const struct stream *stream)
{
	hand(side, stream->class, stream->n, 0, stream->bytes, stream->len,
	    true);
	settle(side);
}

static struct position
held(const struct twin_side *side, enum record_class class)
{
	return side->last[LINE_ORDER_HAVE].order.have.at[class];
}

/* As a new session brings it: wire has heard of what was refused before. */
static void
hand_anew(struct twin_side *side, const struct stream *stream)
{
	twin_run(side->twin);
	hand_all(side, stream);
}

/* The session ends, the fault is shown, nothing of it is held or read. */
static void
assert_refused(struct twin_side *side)
{
	assert_true(twin_has_event(side, "fault", "fault"));
	assert_int_equal(side->orders[LINE_ORDER_FAULT], 1);
	assert_int_equal(twin_read(side), 0);
	assert_false(keeper_has_failed(side->keeper));
}

static void
inbox_takes_bytes_cut_anywhere(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const struct record record = message(0, 1, 0x41);
	const struct stream stream = stream_of(1, &record, "text", 4);

	for (size_t i = 0; i < stream.len; i++) {
		if (i + 1 == stream.len)
			settle(a);
		hand(a, stream.class, 1, i, &stream.bytes[i], 1,
		    i + 1 == stream.len);
		if (i % 3 == 0 && i + 1 < stream.len) {
			settle(a);
			assert_int_equal(held(a, stream.class).n, 0);
			assert_int_equal(held(a, stream.class).offset, i + 1);
			assert_int_equal(a->last[LINE_ORDER_HAVE]
					     .order.partial_n[stream.class],
			    1);
		}
		if (i % 7 == 0) {
			settle(a);
			twin_restart(a);
		}
	}
	settle(a);
	assert_int_equal(held(a, stream.class).n, 1);
	assert_int_equal(twin_read(a), 1);
	assert_memory_equal(a->replies[0].file, "text", 4);
}

static void
inbox_never_tells_what_is_not_synced(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const struct record record = message(0, 1, 0x41);
	const struct stream stream = stream_of(1, &record, "text", 4);
	const size_t told = a->orders[LINE_ORDER_HAVE];

	hand(a, stream.class, 1, 0, stream.bytes, stream.len, true);
	assert_int_equal(a->orders[LINE_ORDER_HAVE], told);
	/* Killed before the sync: it must all come again. */
	twin_restart(a);
	assert_int_equal(a->last[LINE_ORDER_ATTACH]
			     .order.have.at[stream.class]
			     .n,
	    0);
	assert_int_equal(twin_read(a), 0);
	hand_all(a, &stream);
	assert_int_equal(twin_read(a), 1);
}

static void
inbox_takes_repeats_once(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const struct record record = message(0, 1, 0x41);
	const struct stream stream = stream_of(1, &record, "text", 4);

	hand(a, stream.class, 1, 0, stream.bytes, 30, false);
	hand(a, stream.class, 1, 0, stream.bytes, 30, false);
	hand(a, stream.class, 1, 10, stream.bytes + 10, 30, false);
	settle(a);
	hand(a, stream.class, 1, 5, stream.bytes + 5, stream.len - 5, true);
	hand(a, stream.class, 1, 5, stream.bytes + 5, stream.len - 5, true);
	settle(a);
	hand_all(a, &stream);
	assert_int_equal(twin_read(a), 1);
	assert_false(twin_has_event(a, "fault", "fault"));
}

static void
inbox_refuses_a_gap(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const struct record record = message(0, 1, 0x41);
	const struct stream stream = stream_of(1, &record, "text", 4);

	hand(a, stream.class, 1, 1, stream.bytes + 1, stream.len - 1, true);
	settle(a);
	assert_refused(a);
}

static void
inbox_refuses_the_wrong_order(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = message(5, 1, 0x41);
	struct stream stream = stream_of(6, &record, "text", 4);

	/* It says that it comes after one that never came. */
	hand_all(a, &stream);
	assert_refused(a);
	/* What comes in order is taken. */
	record = message(0, 1, 0x42);
	stream = stream_of(7, &record, "text", 4);
	hand_anew(a, &stream);
	assert_int_equal(twin_read(a), 1);
}

static void
inbox_refuses_what_left_one_out(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = message(0, 1, 0x41);
	struct stream stream = stream_of(1, &record, "text", 4);

	hand_all(a, &stream);
	assert_int_equal(twin_read(a), 1);
	/* It names the one before the last as the last. */
	record = message(0, 2, 0x42);
	stream = stream_of(2, &record, "text", 4);
	hand_all(a, &stream);
	assert_int_equal(twin_read(a), 1);
	assert_true(twin_has_event(a, "fault", "fault"));
}

static void
inbox_refuses_another_class(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const struct record record = message(0, 1, 0x41);
	struct stream stream = stream_of(1, &record, "text", 4);

	stream.class = CLASS_FLASH;
	hand_all(a, &stream);
	assert_refused(a);
}

static void
inbox_refuses_numbers_used_twice(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = message(0, 1, 0x41);
	struct stream stream = stream_of(1, &record, "text", 4);

	hand_all(a, &stream);
	assert_int_equal(twin_read(a), 1);
	/* The same n in another class, the same id, the same serial. */
	record = message(0, 2, 0x42);
	record.precedence = PRECEDENCE_FLASH;
	stream = stream_of(1, &record, "text", 4);
	hand_anew(a, &stream);
	record = message(0, 2, 0x41);
	record.precedence = PRECEDENCE_PRIORITY;
	stream = stream_of(2, &record, "text", 4);
	hand_anew(a, &stream);
	record = message(0, 1, 0x43);
	record.precedence = PRECEDENCE_IMMEDIATE;
	stream = stream_of(3, &record, "text", 4);
	hand_anew(a, &stream);
	assert_true(twin_has_event(a, "fault", "fault"));
	assert_int_equal(a->orders[LINE_ORDER_FAULT], 3);
	assert_int_equal(twin_read(a), 1);
	assert_int_equal(held(a, CLASS_FLASH).n, 0);
	assert_int_equal(held(a, CLASS_PRIORITY).n, 0);
	assert_int_equal(held(a, CLASS_IMMEDIATE).n, 0);
}

static void
inbox_refuses_serials_that_fall(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = message(0, 3, 0x41);
	struct stream stream = stream_of(5, &record, "text", 4);

	hand_all(a, &stream);
	assert_int_equal(twin_read(a), 1);
	/* An earlier record with a later serial. */
	record = message(0, 4, 0x42);
	record.precedence = PRECEDENCE_PRIORITY;
	stream = stream_of(4, &record, "text", 4);
	hand_anew(a, &stream);
	assert_int_equal(twin_read(a), 1);
	/* A serial beyond its number. */
	record = message(0, 7, 0x43);
	record.precedence = PRECEDENCE_IMMEDIATE;
	stream = stream_of(6, &record, "text", 4);
	hand_anew(a, &stream);
	assert_int_equal(twin_read(a), 1);
	/* A later record with an earlier serial. */
	record = message(0, 2, 0x45);
	record.precedence = PRECEDENCE_IMMEDIATE;
	stream = stream_of(6, &record, "text", 4);
	hand_anew(a, &stream);
	assert_int_equal(twin_read(a), 1);
	/* One that overtook is right. */
	record = message(0, 4, 0x44);
	record.precedence = PRECEDENCE_FLASH;
	stream = stream_of(7, &record, "text", 4);
	hand_anew(a, &stream);
	assert_int_equal(twin_read(a), 2);
}

static void
inbox_refuses_other_lengths_than_declared(void **state)
{
	struct twin *twin = *state;
	struct record record = message(0, 1, 0x41);
	struct stream stream = stream_of(1, &record, "text and more", 13);

	hand_all(&twin->side[0], &stream);
	assert_refused(&twin->side[0]);
	stream = stream_of(1, &record, "tex", 3);
	hand_all(&twin->side[1], &stream);
	assert_refused(&twin->side[1]);
}

static void
inbox_refuses_a_text_that_is_no_text(void **state)
{
	struct twin *twin = *state;
	const struct record record = message(0, 1, 0x41);
	const struct stream stream =
	    stream_of(1, &record, "\xff\xfe\xfd\xfc", 4);

	hand_all(&twin->side[0], &stream);
	assert_refused(&twin->side[0]);
}

static void
inbox_refuses_a_head_over_its_limit(void **state)
{
	struct twin *twin = *state;
	uint8_t bytes[RECORD_FIXED_BYTES] = { 0 };

	bytes[8] = bytes[9] = 0xff;
	hand(&twin->side[0], CLASS_ROUTINE, 1, 0, bytes, sizeof(bytes), false);
	settle(&twin->side[0]);
	assert_refused(&twin->side[0]);
	bytes[8] = bytes[9] = 0;
	hand(&twin->side[1], CLASS_ROUTINE, 1, 0, bytes, sizeof(bytes), true);
	settle(&twin->side[1]);
	assert_refused(&twin->side[1]);
}

/* A message with one attachment of 70,000 bytes, its hash changed by flip. */
static struct stream
with_attachment(uint64_t n, uint8_t id, uint8_t flip)
{
	enum { BYTES = 70000 };
	struct record record = message(0, 1, id);
	uint8_t *rest = calloc(1, 4 + BYTES + HASH_BYTES);
	struct hash_part part = { rest + 4, BYTES };
	struct stream stream;

	record.attachments = 1;
	record.attachment[0] =
	    (struct record_attachment){ BYTES, { "a", 1 }, { "t", 1 } };
	memcpy(rest, "text", 4);
	memset(rest + 4, 0x77, BYTES);
	hash_parts(rest + 4 + BYTES, &part, 1);
	rest[4 + BYTES + 5] ^= flip;
	stream =
	    stream_of(n, &record, (const char *)rest, 4 + BYTES + HASH_BYTES);
	free(rest);
	return stream;
}

static void
inbox_ends_the_session_at_a_fault(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct stream stream = with_attachment(1, 0x41, 1);
	struct line_order *order = &a->last[LINE_ORDER_FAULT].order;

	hand(a, stream.class, 1, 0, stream.bytes, 40000, false);
	settle(a);
	assert_int_equal(held(a, stream.class).offset, 40000);
	hand(a, stream.class, 1, 40000, stream.bytes + 40000,
	    stream.len - 40000, true);
	settle(a);
	assert_true(twin_has_event(a, "fault", "fault"));
	/* The class stands at its last whole record, and wire is told. */
	assert_int_equal(a->orders[LINE_ORDER_FAULT], 1);
	assert_int_equal(order->fault, FAULT_RECORD);
	assert_int_equal(order->have.at[stream.class].n, 0);
	assert_int_equal(order->have.at[stream.class].offset, 0);
	assert_int_equal(order->partial_n[stream.class], 0);
	assert_int_equal(twin_read(a), 0);
	/* What wire had handed in before it knew is of the session that ends. */
	stream = with_attachment(1, 0x41, 0);
	hand_all(a, &stream);
	hand(a, CLASS_FLASH, 9, 100, stream.bytes, 10, true);
	settle(a);
	assert_int_equal(twin_read(a), 0);
	assert_int_equal(a->orders[LINE_ORDER_FAULT], 1);
	/* It says that it knows: now the record comes anew. */
	twin_run(twin);
	hand_all(a, &stream);
	assert_int_equal(twin_read(a), 1);
	assert_true(a->replies[0].reply.message.attachment[0].whole);
	assert_int_equal(a->orders[LINE_ORDER_FAULT], 1);
}

/* The file of an attachment takes no more bytes: what came of the record is
 * fetched again, into another. */
static void
inbox_fetches_again_what_it_cannot_write(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const struct stream stream = with_attachment(1, 0x41, 0);
	const size_t half = PIECE_PLAIN_BYTES + 100;
	struct inbox *inbox;
	int ends[2];

	hand(a, stream.class, 1, 0, stream.bytes, half, false);
	settle(a);
	inbox = &a->keeper->lines[0].inbox[stream.class];
	assert_true(inbox->file.open);
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[0], inbox->file.fd) >= 0);
	close(ends[0]);
	close(ends[1]);
	hand(a, stream.class, 1, half, stream.bytes + half, stream.len - half,
	    true);
	settle(a);
	assert_int_equal(a->orders[LINE_ORDER_FAULT], 1);
	assert_int_equal(a->last[LINE_ORDER_FAULT].order.fault, FAULT_STORE);
	twin_run(twin);
	hand_all(a, &stream);
	assert_int_equal(twin_read(a), 1);
}

/* One record breaks the rules: what came with it, before it and in other classes,
 * counts. */
static void
inbox_keeps_what_came_before_a_fault(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record first = message(0, 1, 0x41), second = message(0, 2, 0x42);
	struct record bad = message(7, 3, 0x43);
	struct stream routine, flash, broken;

	second.precedence = PRECEDENCE_FLASH;
	routine = stream_of(1, &first, "abcd", 4);
	flash = stream_of(2, &second, "efgh", 4);
	broken = stream_of(3, &bad, "ijkl", 4);
	hand(a, routine.class, 1, 0, routine.bytes, 20, false);
	settle(a);
	assert_int_equal(held(a, routine.class).offset, 20);
	hand(a, routine.class, 1, 20, routine.bytes + 20, routine.len - 20,
	    true);
	hand(a, broken.class, 3, 0, broken.bytes, broken.len, true);
	hand(a, flash.class, 2, 0, flash.bytes, flash.len, true);
	settle(a);
	assert_int_equal(a->orders[LINE_ORDER_FAULT], 1);
	assert_int_equal(twin_read(a), 2);
	assert_int_equal(a->last[LINE_ORDER_FAULT]
			     .order.have.at[routine.class]
			     .n,
	    1);
	assert_int_equal(a->last[LINE_ORDER_FAULT].order.have.at[CLASS_FLASH].n,
	    2);
}

/* Wire is new: nobody is left to say that the session has ended. */
/* The only file of a post's attachments. */
static void
lose_file(const struct twin_side *side)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -f %s/attachments/*",
	    side->folder);
	assert_int_equal(system(command), 0);
}

/* A file of ours is gone, under a record that was arriving: it is fetched again,
 * the peer is not blamed, other records stay. */
static void
inbox_fetches_again_what_its_disk_lost(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct stream stream = with_attachment(1, 0x41, 0);
	struct record record = message(0, 2, 0x42);
	struct stream flash;

	record.precedence = PRECEDENCE_FLASH;
	flash = stream_of(2, &record, "text", 4);
	hand(a, stream.class, 1, 0, stream.bytes, 40000, false);
	settle(a);
	assert_int_equal(held(a, stream.class).offset, 40000);
	lose_file(a);
	twin_restart(a);
	hand(a, flash.class, 2, 0, flash.bytes, flash.len, true);
	hand(a, stream.class, 1, 40000, stream.bytes + 40000,
	    stream.len - 40000, true);
	settle(a);
	assert_int_equal(a->orders[LINE_ORDER_FAULT], 1);
	assert_int_equal(a->last[LINE_ORDER_FAULT].order.fault, FAULT_STORE);
	assert_int_equal(a->last[LINE_ORDER_FAULT]
			     .order.have.at[stream.class]
			     .offset,
	    0);
	assert_int_equal(twin_read(a), 1);
	assert_false(keeper_has_failed(a->keeper));
	hand_anew(a, &stream);
	assert_int_equal(twin_read(a), 2);
	assert_int_equal(a->orders[LINE_ORDER_FAULT], 1);
}

/* The piece in hand belongs to what the fault has undone, like those in the
 * queue: it must not become a fault of the peer. */
static void
inbox_queues_nothing_behind_a_fault(void **state)
{
	enum { STEP = 220 };
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct stream stream = with_attachment(1, 0x41, 0);

	hand(a, stream.class, 1, 0, stream.bytes, 40000, false);
	settle(a);
	lose_file(a);
	twin_restart(a);
	for (unsigned i = 0; i <= POST_SEGMENTS_MAX; i++)
		hand(a, stream.class, 1, 40000 + i * STEP,
		    stream.bytes + 40000 + i * STEP, STEP, false);
	assert_int_equal(a->orders[LINE_ORDER_FAULT], 1);
	settle(a);
	assert_int_equal(a->orders[LINE_ORDER_FAULT], 1);
	assert_int_equal(a->last[LINE_ORDER_FAULT].order.fault, FAULT_STORE);
	hand_anew(a, &stream);
	assert_int_equal(twin_read(a), 1);
}

static void
inbox_takes_from_a_new_wire_after_a_fault(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record bad = message(7, 1, 0x41), good = message(0, 1, 0x41);
	struct stream stream = stream_of(1, &bad, "abcd", 4);

	hand_all(a, &stream);
	assert_int_equal(a->orders[LINE_ORDER_FAULT], 1);
	twin_reboot(twin);
	stream = stream_of(1, &good, "abcd", 4);
	hand_all(a, &stream);
	assert_int_equal(twin_read(a), 1);
}

static void
inbox_ignores_receipts_for_what_is_not_there(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = { .kind = RECORD_RECEIPT,
		.time_ms = 1,
		.has_re = true,
		.receipt = RECEIPT_ACKNOWLEDGED };
	const struct stream stream = stream_of(1, &record, "", 0);

	hand_all(a, &stream);
	assert_int_equal(held(a, CLASS_NOTES).n, 1);
	assert_false(twin_has_event(a, "receipt", "acknowledged"));
	assert_false(twin_has_event(a, "fault", "fault"));
}

static void
inbox_survives_numbers_at_their_ends(void **state)
{
	static const uint64_t ends[] = { 0, INT64_MAX, (uint64_t)INT64_MAX + 1,
		UINT64_MAX };
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = message(0, 1, 0x41);
	struct stream stream;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		record.precedence = (enum precedence)i;
		record.id[0] = (uint8_t)i;
		stream = stream_of(ends[i], &record, "text", 4);
		hand(a, stream.class, ends[i], UINT64_MAX, stream.bytes, 4,
		    true);
		hand_all(a, &stream);
	}
	assert_false(keeper_has_failed(a->keeper));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void
inbox_takes_no_message_on_a_full_disk(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const struct record record = message(0, 1, 0x41);
	const struct stream stream = stream_of(1, &record, "text", 4);
	const struct line_event report = { .kind = LINE_EVENT_REPORT };
	size_t attached;

	/* Whatever credit the peer goes by. */
	a->disk_free = DISK_FULL_BYTES - 1;
	settle(a);
	attached = a->orders[LINE_ORDER_ATTACH];
	hand_all(a, &stream);
	keeper_on_line_event(a->keeper, a->line, &report, twin->now);
	assert_int_equal(twin_read(a), 0);
	assert_int_equal(held(a, stream.class).n, 0);
	assert_int_equal(a->orders[LINE_ORDER_ATTACH], attached);
	/* With room again, wire is asked for it. */
	a->disk_free = (uint64_t)1 << 30;
	settle(a);
	keeper_on_line_event(a->keeper, a->line, &report, twin->now);
	assert_int_equal(a->orders[LINE_ORDER_ATTACH], attached + 1);
	hand_all(a, &stream);
	assert_int_equal(twin_read(a), 1);
	assert_false(twin_has_event(a, "fault", "fault"));
}

static void
limit_pages(struct twin_side *side, const char *pragma)
{
	assert_int_equal(sqlite3_exec(side->keeper->store.db[STORE_RECORD],
			     pragma, NULL, NULL, NULL),
	    SQLITE_OK);
}

/* Receipts and drills are beyond credit, but not beyond all bounds. */
static void
inbox_takes_nothing_where_the_reserve_begins(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record drill = { .kind = RECORD_DRILL, .time_ms = 1 };
	const struct line_event report = { .kind = LINE_EVENT_REPORT };
	struct stream stream;
	size_t attached;

	memset(drill.id, 1, sizeof(drill.id));
	a->disk_free = DISK_NOTES_BYTES;
	settle(a);
	stream = stream_of(1, &drill, "", 0);
	hand_all(a, &stream);
	assert_int_equal(held(a, CLASS_NOTES).n, 1);
	a->disk_free = DISK_NOTES_BYTES - 1;
	settle(a);
	drill.after = 1;
	memset(drill.id, 2, sizeof(drill.id));
	stream = stream_of(2, &drill, "", 0);
	hand_all(a, &stream);
	assert_int_equal(held(a, CLASS_NOTES).n, 1);
	attached = a->orders[LINE_ORDER_ATTACH];
	a->disk_free = (uint64_t)1 << 30;
	settle(a);
	keeper_on_line_event(a->keeper, a->line, &report, twin->now);
	assert_int_equal(a->orders[LINE_ORDER_ATTACH], attached + 1);
	hand_all(a, &stream);
	assert_int_equal(held(a, CLASS_NOTES).n, 2);
	assert_false(twin_has_event(a, "fault", "fault"));
}

static void
inbox_asks_again_for_what_it_could_not_queue(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct record record = message(0, 1, 0x41);
	char text[16 * 1024];
	struct stream stream;
	size_t attached, step;

	memset(text, 'x', sizeof(text));
	record.text_bytes = sizeof(text);
	stream = stream_of(1, &record, text, sizeof(text));
	/* The disk is full for all but its figures: nothing can be synced, and
	 * more pieces come than the queue has places. */
	limit_pages(a, "PRAGMA max_page_count = 1");
	attached = a->orders[LINE_ORDER_ATTACH];
	for (size_t at = 0; at < stream.len; at += step) {
		step = stream.len - at < 100 ? stream.len - at : 100;
		hand(a, stream.class, 1, at, stream.bytes + at, step,
		    at + step == stream.len);
	}
	settle(a);
	assert_int_equal(twin_read(a), 0);
	limit_pages(a, "PRAGMA max_page_count = 1000000");
	settle(a);
	settle(a);
	assert_true(a->orders[LINE_ORDER_ATTACH] > attached);
	hand_all(a, &stream);
	assert_int_equal(twin_read(a), 1);
}

/* With room again, wire is asked for what there was none for. */
static void
ask_again(struct twin_side *side)
{
	const struct line_event report = { .kind = LINE_EVENT_REPORT };
	const size_t attached = side->orders[LINE_ORDER_ATTACH];

	side->disk_free = (uint64_t)1 << 30;
	settle(side);
	keeper_on_line_event(side->keeper, side->line, &report,
	    side->twin->now);
	assert_int_equal(side->orders[LINE_ORDER_ATTACH], attached + 1);
}

/* Wire has handed in more by the time that it hears of it. */
static void
inbox_skips_what_was_under_way_when_it_asked(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const struct record record = message(0, 1, 0x41);
	const struct stream stream = stream_of(1, &record, "text", 4);
	const enum record_class class = stream.class;

	hand(a, class, 1, 0, stream.bytes, 5, false);
	settle(a);
	a->disk_free = DISK_FULL_BYTES - 1;
	settle(a);
	hand(a, class, 1, 5, stream.bytes + 5, 5, false);
	hand(a, class, 1, 10, stream.bytes + 10, 5, false);
	ask_again(a);
	hand(a, class, 1, 15, stream.bytes + 15, 5, false);
	settle(a);
	assert_int_equal(a->orders[LINE_ORDER_FAULT], 0);
	assert_int_equal(held(a, class).offset, 5);
	hand(a, class, 1, 3, stream.bytes + 3, 7, false);
	settle(a);
	assert_int_equal(held(a, class).offset, 10);
	hand(a, class, 1, 10, stream.bytes + 10, stream.len - 10, true);
	settle(a);
	assert_int_equal(twin_read(a), 1);
	assert_false(twin_has_event(a, "fault", "fault"));
}

static void
inbox_skips_records_under_way_when_it_asked(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const struct record first = message(0, 1, 0x41);
	const struct record second = message(1, 2, 0x42);
	const struct stream stream = stream_of(1, &first, "text", 4);
	const struct stream later = stream_of(2, &second, "more", 4);

	a->disk_free = DISK_FULL_BYTES - 1;
	settle(a);
	hand_all(a, &stream);
	ask_again(a);
	hand_all(a, &later);
	assert_int_equal(twin_read(a), 0);
	hand_all(a, &stream);
	hand_all(a, &later);
	assert_int_equal(twin_read(a), 2);
	assert_false(twin_has_event(a, "fault", "fault"));
}

/* What is held already is no measure of what was missed. */
static void
inbox_takes_up_where_it_missed_after_repeats(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const struct record record = message(0, 1, 0x41);
	const struct stream stream = stream_of(1, &record, "text", 4);
	const enum record_class class = stream.class;

	hand(a, class, 1, 0, stream.bytes, 10, false);
	settle(a);
	a->disk_free = DISK_FULL_BYTES - 1;
	settle(a);
	hand(a, class, 1, 15, stream.bytes + 15, 5, false);
	hand(a, class, 1, 0, stream.bytes, 10, false);
	hand(a, class, 1, 10, stream.bytes + 10, 5, false);
	ask_again(a);
	hand(a, class, 1, 15, stream.bytes + 15, stream.len - 15, true);
	hand(a, class, 1, 10, stream.bytes + 10, 5, false);
	hand(a, class, 1, 15, stream.bytes + 15, stream.len - 15, true);
	settle(a);
	assert_int_equal(twin_read(a), 1);
	assert_false(twin_has_event(a, "fault", "fault"));
}

/* A peer may leave out what a fault has undone. */
static void
inbox_waits_for_nothing_missed_after_a_fault(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const struct record record = message(0, 1, 0x41);
	const struct stream stream = stream_of(3, &record, "text", 4);
	const struct line_event fault = { .kind = LINE_EVENT_FAULT,
		.fault = FAULT_STORE };

	a->disk_free = DISK_FULL_BYTES - 1;
	settle(a);
	hand(a, stream.class, 2, 0, stream.bytes, 5, false);
	ask_again(a);
	keeper_on_line_event(a->keeper, a->line, &fault, twin->now);
	hand_all(a, &stream);
	assert_int_equal(twin_read(a), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(inbox_takes_bytes_cut_anywhere),
		TEST(inbox_never_tells_what_is_not_synced),
		TEST(inbox_takes_repeats_once),
		TEST(inbox_refuses_a_gap),
		TEST(inbox_refuses_the_wrong_order),
		TEST(inbox_refuses_what_left_one_out),
		TEST(inbox_refuses_another_class),
		TEST(inbox_refuses_numbers_used_twice),
		TEST(inbox_refuses_serials_that_fall),
		TEST(inbox_refuses_other_lengths_than_declared),
		TEST(inbox_refuses_a_text_that_is_no_text),
		TEST(inbox_refuses_a_head_over_its_limit),
		TEST(inbox_ends_the_session_at_a_fault),
		TEST(inbox_fetches_again_what_it_cannot_write),
		TEST(inbox_keeps_what_came_before_a_fault),
		TEST(inbox_takes_from_a_new_wire_after_a_fault),
		TEST(inbox_fetches_again_what_its_disk_lost),
		TEST(inbox_queues_nothing_behind_a_fault),
		TEST(inbox_ignores_receipts_for_what_is_not_there),
		TEST(inbox_survives_numbers_at_their_ends),
		TEST(inbox_takes_no_message_on_a_full_disk),
		TEST(inbox_takes_nothing_where_the_reserve_begins),
		TEST(inbox_asks_again_for_what_it_could_not_queue),
		TEST(inbox_skips_what_was_under_way_when_it_asked),
		TEST(inbox_skips_records_under_way_when_it_asked),
		TEST(inbox_takes_up_where_it_missed_after_repeats),
		TEST(inbox_waits_for_nothing_missed_after_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
