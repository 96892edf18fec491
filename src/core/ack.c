#include "core/ack.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"

enum {
	/* largest(8) delay(4) n(1), behind the path byte. */
	ACK_FIXED_BYTES = 13,
	ACK_PATH_BYTES = 1,
	VARINT_BYTES_MAX = 10,
	/* Each pair takes two bytes at least. */
	ACK_PAIRS_MAX = (ACK_BYTES_MAX - ACK_PATH_BYTES - ACK_FIXED_BYTES) / 2,
};

struct ack_pair {
	uint64_t gap; /* counters not taken, going down */
	uint64_t run; /* counters taken, below that */
};

void
ack_inbox_init(struct ack_inbox *inbox)
{
	memset(inbox, 0, sizeof(*inbox));
}

void
ack_on_frame(struct ack_inbox *inbox, uint64_t ctr, uint64_t now_ns)
{
	size_t i;

	if (!replay_is_fresh(&inbox->taken, ctr))
		return;
	for (i = 0; i < LINE_PATHS_MAX; i++) {
		if (ctr != inbox->taken.largest + 1)
			inbox->unsaid[i].gap = true;
		if (inbox->unsaid[i].frames++ == 0)
			inbox->unsaid[i].since_ns = now_ns;
	}
	if (ctr > inbox->taken.largest)
		inbox->largest_ns = now_ns;
	replay_mark(&inbox->taken, ctr);
}

bool
ack_is_due(const struct ack_inbox *inbox, unsigned on)
{
	const unsigned frames = inbox->unsaid[on].frames;

	return frames >= 2 || (inbox->unsaid[on].gap && frames > 0);
}

void
ack_said(struct ack_inbox *inbox, unsigned on)
{
	inbox->unsaid[on].frames = 0;
	inbox->unsaid[on].gap = false;
}

/* Bytes of a varint. */
static size_t
varint_bytes(uint64_t value)
{
	size_t bytes = 1;

	for (; value >= 128; value >>= 7)
		bytes++;
	return bytes;
}

/* Collects pairs downwards from the largest counter until the span or the room
 * ends; returns how many. */
static size_t
collect_pairs(const struct ack_inbox *inbox, struct ack_pair *pairs)
{
	size_t room = ACK_BYTES_MAX - ACK_PATH_BYTES - ACK_FIXED_BYTES;
	uint64_t ctr = inbox->taken.largest, stop, bytes;
	size_t count = 0;
	struct ack_pair pair;

	stop = ctr > ACK_SPAN ? ctr - ACK_SPAN : 0;
	while (ctr > stop && count < ACK_PAIRS_MAX) {
		pair.gap = replay_run(&inbox->taken, ctr, stop, false);
		ctr -= pair.gap;
		pair.run = replay_run(&inbox->taken, ctr, stop, true);
		ctr -= pair.run;
		bytes = varint_bytes(pair.gap) + varint_bytes(pair.run);
		if (pair.run == 0 || bytes > room)
			break;
		room -= bytes;
		pairs[count++] = pair;
	}
	return count;
}

void
ack_encode(const struct ack_inbox *inbox, struct writer *w, unsigned path,
    uint64_t now_ns)
{
	struct ack_pair pairs[ACK_PAIRS_MAX];
	uint64_t delay_us = (now_ns - inbox->largest_ns) / CLOCK_NS_PER_US;
	size_t count = collect_pairs(inbox, pairs), i;

	buf_put_u8(w, (uint8_t)path);
	buf_put_u64(w, inbox->taken.largest);
	buf_put_u32(w, delay_us < UINT32_MAX ? (uint32_t)delay_us : UINT32_MAX);
	buf_put_u8(w, (uint8_t)count);
	for (i = 0; i < count; i++) {
		buf_put_varint(w, pairs[i].gap);
		buf_put_varint(w, pairs[i].run);
	}
}

uint32_t
ack_frames(struct cadence cadence)
{
	uint64_t slots = cadence_slots(cadence, ACK_FRAMES_S);

	if (slots < ACK_FRAMES_MIN)
		return ACK_FRAMES_MIN;
	return slots < ACK_FRAMES_MAX ? (uint32_t)slots : ACK_FRAMES_MAX;
}

void
ack_outbox_init(struct ack_outbox *outbox, struct ack_frame *ring,
    uint32_t frames)
{
	assert(frames > 0);
	outbox->frame = ring;
	outbox->frames = frames;
	ack_outbox_reset(outbox);
}

void
ack_outbox_reset(struct ack_outbox *outbox)
{
	struct ack_frame *ring = outbox->frame;
	uint32_t frames = outbox->frames;

	memset(ring, 0, frames * sizeof(*ring));
	*outbox = (struct ack_outbox){ .frame = ring,
		.frames = frames,
		.next_ctr = 1,
		.oldest_ctr = 1 };
}

static struct ack_frame *
frame_of(struct ack_outbox *outbox, uint64_t ctr)
{
	return &outbox->frame[ctr % outbox->frames];
}

/* The one place where a frame's fate is decided; it is decided once. */
static void
settle_frame(struct ack_frame *frame, bool arrived, ack_settle *settle,
    void *ctx)
{
	if (frame->fate != ACK_FATE_FLYING)
		return;
	frame->fate = arrived ? ACK_FATE_ACKED : ACK_FATE_LOST;
	if (frame->load != ACK_NO_LOAD)
		settle(ctx, frame->load, arrived);
}

static void
skip_settled(struct ack_outbox *outbox)
{
	while (outbox->oldest_ctr < outbox->next_ctr &&
	    frame_of(outbox, outbox->oldest_ctr)->fate != ACK_FATE_FLYING)
		outbox->oldest_ctr++;
}

uint64_t
ack_on_sent(struct ack_outbox *outbox, uint64_t now_ns, ack_settle *settle,
    void *ctx)
{
	uint64_t ctr = outbox->next_ctr;
	struct ack_frame *frame = frame_of(outbox, ctr);

	settle_frame(frame, false, settle, ctx);
	outbox->next_ctr++;
	if (outbox->next_ctr - outbox->oldest_ctr > outbox->frames)
		outbox->oldest_ctr = outbox->next_ctr - outbox->frames;
	*frame = (struct ack_frame){ now_ns, ACK_NO_LOAD, ACK_FATE_FLYING };
	return ctr;
}

void
ack_set_load(struct ack_outbox *outbox, uint64_t ctr, uint32_t load)
{
	assert(frame_of(outbox, ctr)->fate == ACK_FATE_FLYING);
	frame_of(outbox, ctr)->load = load;
}

uint64_t
ack_patience_ns(const struct ack_outbox *outbox, uint64_t slot_ns,
    unsigned slack_slots)
{
	const uint64_t first_ns = (uint64_t)ACK_FIRST_RTT_MS * CLOCK_NS_PER_MS;
	uint64_t srtt_ns = outbox->srtt_ns, rttvar_ns = outbox->rttvar_ns;

	if (srtt_ns == 0) {
		srtt_ns = first_ns;
		rttvar_ns = first_ns / 2;
	}
	return srtt_ns + 4 * rttvar_ns + slack_slots * slot_ns;
}

void
ack_expire(struct ack_outbox *outbox, uint64_t now_ns, uint64_t slot_ns,
    ack_settle *settle, void *ctx)
{
	uint64_t patience_ns =
	    ack_patience_ns(outbox, slot_ns, ACK_SLACK_SLOTS);
	struct ack_frame *frame;

	for (;;) {
		skip_settled(outbox);
		if (outbox->oldest_ctr == outbox->next_ctr)
			return;
		frame = frame_of(outbox, outbox->oldest_ctr);
		if (now_ns - frame->sent_ns <= patience_ns)
			return;
		settle_frame(frame, false, settle, ctx);
	}
}

void
ack_give_up(struct ack_outbox *outbox, ack_settle *settle, void *ctx)
{
	for (; outbox->oldest_ctr < outbox->next_ctr; outbox->oldest_ctr++)
		settle_frame(frame_of(outbox, outbox->oldest_ctr), false,
		    settle, ctx);
}

/* RFC 6298, section 2. */
static void
measure_rtt(struct ack_outbox *outbox, uint64_t rtt_ns)
{
	uint64_t error_ns;

	if (outbox->srtt_ns == 0) {
		outbox->srtt_ns = rtt_ns ? rtt_ns : 1;
		outbox->rttvar_ns = rtt_ns / 2;
		return;
	}
	error_ns = outbox->srtt_ns > rtt_ns ? outbox->srtt_ns - rtt_ns
					    : rtt_ns - outbox->srtt_ns;
	outbox->rttvar_ns = (3 * outbox->rttvar_ns + error_ns) / 4;
	outbox->srtt_ns = (7 * outbox->srtt_ns + rtt_ns) / 8;
}

/* The largest counter acknowledged for the first time gives a round trip. */
static void
note_largest(struct ack_outbox *outbox, uint64_t largest, uint64_t delay_ns,
    uint64_t now_ns)
{
	const struct ack_frame *frame;
	uint64_t elapsed_ns;

	if (largest <= outbox->largest_acked)
		return;
	outbox->largest_acked = largest;
	outbox->acked_ns = now_ns;
	/* A frame given up as lost still tells how long the way is. */
	if (outbox->next_ctr - largest > outbox->frames)
		return;
	frame = frame_of(outbox, largest);
	elapsed_ns = now_ns - frame->sent_ns;
	measure_rtt(outbox, elapsed_ns > delay_ns ? elapsed_ns - delay_ns : 0);
}

/* Whatever has ACK_REORDER_MAX acknowledged frames after it is lost. */
static void
find_overtaken(struct ack_outbox *outbox, ack_settle *settle, void *ctx)
{
	uint64_t ctr = outbox->largest_acked;
	unsigned later = 0;

	for (; ctr >= outbox->oldest_ctr; ctr--) {
		struct ack_frame *frame = frame_of(outbox, ctr);

		if (frame->fate == ACK_FATE_ACKED)
			later++;
		else if (later >= ACK_REORDER_MAX)
			settle_frame(frame, false, settle, ctx);
	}
}

static int
decode_pairs(struct reader *r, uint64_t largest, struct ack_pair *pairs,
    size_t *count)
{
	uint64_t left = largest;
	size_t i;

	*count = buf_get_u8(r);
	if (*count > ACK_PAIRS_MAX)
		return ERR_FORMAT;
	for (i = 0; i < *count; i++) {
		pairs[i].gap = buf_get_varint(r);
		pairs[i].run = buf_get_varint(r);
		if (pairs[i].gap > left || pairs[i].run > left - pairs[i].gap)
			return ERR_FORMAT;
		left -= pairs[i].gap + pairs[i].run;
	}
	return buf_is_spent(r);
}

int
ack_on_ack(struct ack_outbox *outbox, struct reader *r, uint64_t now_ns,
    ack_settle *settle, void *ctx)
{
	struct ack_pair pairs[ACK_PAIRS_MAX];
	uint64_t largest, delay_ns, ctr, end;
	size_t count, i;

	largest = buf_get_u64(r);
	delay_ns = (uint64_t)buf_get_u32(r) * CLOCK_NS_PER_US;
	if (decode_pairs(r, largest, pairs, &count) != OK)
		return ERR_FORMAT;
	if (largest >= outbox->next_ctr)
		return ERR_FORMAT;

	note_largest(outbox, largest, delay_ns, now_ns);
	ctr = largest;
	for (i = 0; i < count; i++) {
		ctr -= pairs[i].gap;
		end = ctr - pairs[i].run;
		for (; ctr > end && ctr >= outbox->oldest_ctr; ctr--)
			settle_frame(frame_of(outbox, ctr), true, settle, ctx);
		if (ctr < outbox->oldest_ctr)
			break;
	}
	find_overtaken(outbox, settle, ctx);
	skip_settled(outbox);
	return OK;
}

_Static_assert(ACK_PAIRS_MAX <= UINT8_MAX, "n is one byte");
_Static_assert(VARINT_BYTES_MAX * 2 + ACK_FIXED_BYTES + ACK_PATH_BYTES <=
	ACK_BYTES_MAX,
    "one pair always fits");
