/* The records of a session frame, and what each says: any bytes.  What passes
 * means the same when it is written and read again. */
#include <assert.h>
#include <string.h>

#include "core/ack.h"
#include "core/chunk.h"
#include "core/ctrl.h"
#include "core/frame.h"
#include "core/rekey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
count_settled(void *ctx, uint32_t load, bool arrived)
{
	unsigned *left = ctx;

	(void)arrived;
	assert(load == 7);
	assert(*left > 0);
	(*left)--;
}

static void
try_ack(const struct frame_record *record)
{
	static struct ack_frame ring[ACK_FRAMES_MIN];
	static struct ack_outbox outbox;
	unsigned left = 40;
	struct reader r;
	uint64_t ctr;

	ack_outbox_init(&outbox, ring, ACK_FRAMES_MIN);
	for (unsigned i = 0; i < 40; i++) {
		ctr = ack_on_sent(&outbox, i, count_settled, &left);
		ack_set_load(&outbox, ctr, 7);
	}
	buf_read(&r, record->body, record->len);
	(void)buf_get_u8(&r);
	if (ack_on_ack(&outbox, &r, 100, count_settled, &left) != OK)
		assert(left == 40);
	ack_expire(&outbox, UINT64_C(1) << 62, 1, count_settled, &left);
	assert(left == 0);
}

static void
try_chunk(const struct frame_record *record)
{
	static _Alignas(struct chunk)
	    uint8_t memory[sizeof(struct chunk) + CHUNK_BYTES_MAX];
	struct chunk *chunk = (struct chunk *)(void *)memory;
	uint8_t again[FRAME_RECORDS_BYTES_MAX];
	struct piece piece;
	struct writer w;

	if (chunk_decode(&piece, record->body, record->len) != OK)
		return;
	assert(piece.len > 0 && piece.len <= CHUNK_BYTES_MAX);
	assert(piece.n > 0 && piece.class < CLASS_COUNT);
	chunk->n = piece.n;
	chunk->offset = piece.offset;
	chunk->len = (uint16_t)piece.len;
	chunk->class = (uint8_t)piece.class;
	chunk->fin = piece.fin;
	memcpy(chunk->data, piece.data, piece.len);
	buf_write(&w, again, sizeof(again));
	chunk_encode(&w, chunk, piece.len);
	assert(buf_is_sound(&w) && w.len == record->len);
	assert(memcmp(again, record->body, w.len) == 0);
}

static void
try_ctrl(const struct frame_record *record)
{
	uint8_t again[FRAME_RECORDS_BYTES_MAX];
	struct writer w;
	struct ctrl ctrl;

	if (ctrl_decode(&ctrl, record->body, record->len) != OK)
		return;
	buf_write(&w, again, sizeof(again));
	ctrl_encode(&w, &ctrl);
	assert(buf_is_sound(&w) && w.len == record->len);
	assert(memcmp(again, record->body, w.len) == 0);
}

static void
try_part(struct rekey *rekey, const struct frame_record *record)
{
	struct line_event event;
	int rc = rekey_on_record(rekey, record->body, record->len);

	assert(rc == OK || rc == ERR_FORMAT);
	if (exchange_next_event(&rekey->exchange, &event, 1))
		assert(event.kind == LINE_EVENT_ANSWER_1 &&
		    event.len == HANDSHAKE_1_BYTES);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rekey rekey;
	struct frame_record record;
	struct reader r;

	if (size > FRAME_RECORDS_BYTES_MAX)
		return 0;
	rekey_init(&rekey, ROLE_B, (struct cadence){ 1200, 100000 });
	rekey_on_session(&rekey, 1);
	buf_read(&r, data, size);
	while (frame_next_record(&r, &record) == OK) {
		assert(record.body >= data);
		assert(record.body + record.len <= data + size);
		if (record.type == FRAME_ACK)
			try_ack(&record);
		else if (record.type == FRAME_CHUNK)
			try_chunk(&record);
		else if (record.type == FRAME_HANDSHAKE)
			try_part(&rekey, &record);
		else if (record.type == FRAME_CTRL)
			try_ctrl(&record);
	}
	return 0;
}
