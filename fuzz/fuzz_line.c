/*
 * Two lines back to back, driven by a script of what may happen to them: frames
 * lost, doubled, late, out of order, replayed from any life, reflected, bent,
 * made up; on up to four paths, which are cut and closed; restarts, keepers that go
 * and come, clocks that jump, peers that lie.
 * Without lies all ends well whatever went before: the line is up, and everything
 * is with the other side, once.
 */
#include "../test/unit/pair.h"

enum {
	STEPS_MAX = 300,
	/* R8, a few attempts to boot, and all records. */
	HEAL_SLOTS = 900,
	RECORDS = 40, /* of one side */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct script {
	struct pair *pair;
	struct reader r;
	unsigned steps;
	unsigned records[2];
};

static void
step(struct script *script, unsigned slots)
{
	if (script->steps + slots > STEPS_MAX)
		return;
	script->steps += slots;
	pair_run(script->pair, slots);
}

static void
swap_keeper(struct pair *pair, int index)
{
	if (pair->side[index].attached)
		pair_lose_keeper(pair, index);
	else
		pair_attach(pair, index);
}

static void
add_record(struct script *script, unsigned arg)
{
	const int from = arg >> 3 & 1;
	const uint32_t len = 9u + buf_get_u8(&script->r) * 4u;

	if (script->records[from]++ < RECORDS)
		pair_add(script->pair, from,
		    (enum record_class)((arg & 7) % CLASS_COUNT), len);
}

static void
lie(struct script *script, int from)
{
	struct pair_side *side = &script->pair->side[from];
	size_t len = buf_get_u8(&script->r);
	const uint8_t *bytes;

	if (len > buf_left(&script->r))
		len = buf_left(&script->r);
	bytes = buf_get_slice(&script->r, len);
	if (len > 0)
		memcpy(side->forged, bytes, len);
	side->forged_len = len;
	side->forges = true;
}

/* Any frame of a side's that left, of this life or an earlier one. */
static const uint8_t *
recorded(struct script *script, int from)
{
	const struct pair_side *side = &script->pair->side[from];
	const size_t held =
	    side->tape_count < PAIR_TAPE_MAX ? side->tape_count : PAIR_TAPE_MAX;

	if (held == 0)
		return side->last_frame;
	return side
	    ->tape[(side->tape_count - 1 - buf_get_u8(&script->r) % held) %
		PAIR_TAPE_MAX];
}

static int
deliver(struct pair *pair, int to, const uint8_t *bytes, size_t len)
{
	const struct origin from = { .bytes = { 'm' }, .len = 1 };
	int rc = line_on_datagram(pair->side[to].line, 0, bytes, len, &from,
	    pair->now_ns);

	pair_run_orders(pair, to);
	return rc;
}

/* A frame that was sent, bent at one place: taken by nobody. */
static void
bend_frame(struct script *script, int to, unsigned how)
{
	struct pair *pair = script->pair;
	const size_t bytes = pair->cadence.frame_bytes;
	uint8_t frame[FRAME_BYTES_MAX];

	memcpy(frame, pair->side[!to].last_frame, sizeof(frame));
	frame[(buf_get_u8(&script->r) + how * 256) % bytes] ^=
	    (uint8_t)(1 << (how * 3) % 8);
	assert(deliver(pair, to, frame, bytes) != OK);
}

/* Bytes of the script in place of a frame, of any length. */
static void
inject(struct script *script, int to, bool whole)
{
	struct pair *pair = script->pair;
	uint8_t frame[2 * FRAME_BYTES_MAX] = { 0 };
	size_t len = buf_get_u8(&script->r) * (size_t)8, given;

	given = len < buf_left(&script->r) ? len : buf_left(&script->r);
	if (given > sizeof(frame))
		given = sizeof(frame);
	buf_get_bytes(&script->r, frame, given);
	if (whole || len > sizeof(frame))
		len = pair->cadence.frame_bytes;
	assert(deliver(pair, to, frame, len) != OK);
}

/* What somebody on the way does, who remembers everything. */
static void
attack(struct script *script, unsigned arg)
{
	struct pair *pair = script->pair;
	const int to = arg & 1;
	const size_t bytes = pair->cadence.frame_bytes;
	const unsigned how = arg >> 1;

	switch (how) {
	case 0:
	case 1:
	case 2:
		bend_frame(script, to, how);
		break;
	case 3:
		(void)deliver(pair, to, recorded(script, !to), bytes);
		break;
	case 4:
		/* Its own, come back. */
		assert(deliver(pair, to, recorded(script, to), bytes) != OK);
		break;
	case 5:
		inject(script, to, true);
		break;
	case 6:
		inject(script, to, false);
		break;
	default:
		pair->double_percent = buf_get_u8(&script->r) % 101;
		break;
	}
}

static void
cut_path(struct script *script, unsigned arg)
{
	bool *cut = &script->pair->path_cut[arg & 1][arg >> 1 & 3];

	*cut = !*cut;
}

/* A path closes, and opens to wherever the peer is. */
static void
open_again(struct pair *pair, unsigned arg)
{
	struct line *line = pair->side[arg & 1].line;
	const struct line_way way = { .roams = arg & 1 };
	const unsigned path = arg >> 1 & 3;

	if (path >= pair->paths)
		return;
	line_close_path(line, path, pair->now_ns);
	line_open_path(line, path, &way, pair->now_ns);
}

static void
happen(struct script *script, unsigned what, unsigned arg)
{
	struct pair *pair = script->pair;
	const int index = arg & 1;

	switch (what) {
	case 4:
		pair->loss_percent = arg * 4;
		break;
	case 5:
		pair->replay_percent = arg * 6;
		break;
	case 6:
		pair->delay_slots = arg & 3;
		pair->keeper_delay_slots = arg >> 2;
		break;
	case 7:
		if (arg & 8)
			cut_path(script, arg);
		else
			pair->cut[index] = !pair->cut[index];
		break;
	case 8:
		pair_restart(pair, index);
		break;
	case 9:
		swap_keeper(pair, index);
		break;
	case 10:
		add_record(script, arg);
		break;
	case 11:
		lie(script, index);
		break;
	case 12:
		attack(script, arg);
		break;
	case 13:
		pair->side[index].have.credit = arg * 500;
		break;
	case 14:
		if (arg & 8)
			open_again(pair, arg);
		else
			pair->side[index].syncs = !pair->side[index].syncs;
		break;
	case 15:
		if (arg & 2)
			pair->side[index].refuses = !pair->side[index].refuses;
		else
			pair->now_ns +=
			    (uint64_t)(arg >> 2) * 50 * CLOCK_NS_PER_S;
		break;
	default:
		step(script, (what + 1) * (arg + 1));
	}
}

static bool
is_well(const struct pair *pair)
{
	return pair_is_up(pair) && pair_is_even(pair);
}

/* Or is about to. */
static bool
has_lied(const struct pair_side *side)
{
	return side->lies || side->forges;
}

static void
heal(struct pair *pair)
{
	pair->loss_percent = pair->replay_percent = pair->delay_slots = 0;
	pair->double_percent = 0;
	pair->keeper_delay_slots = 0;
	for (int i = 0; i < 2; i++) {
		struct pair_side *side = &pair->side[i];

		pair->cut[i] = false;
		memset(pair->path_cut[i], 0, sizeof(pair->path_cut[i]));
		side->refuses = false;
		side->syncs = true;
		side->have.credit = 1000000;
		if (!side->attached)
			pair_attach(pair, i);
	}
	assert(pair_until(pair, is_well, HEAL_SLOTS) < HEAL_SLOTS);
	for (int i = 0; i < 2; i++) {
		for (int f = 0; f < FAULT_COUNT; f++)
			assert(pair->side[i].faults[f] == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pair *pair;
	struct script script = { .pair = NULL };
	struct cadence cadence;
	uint8_t byte;

	if (size < 2)
		return 0;
	buf_read(&script.r, data, size);
	byte = buf_get_u8(&script.r);
	cadence = (struct cadence){ byte & 1 ? 256 : 700, SLOT_US_MAX };
	/* Made once: so much memory costs more than all that happens in it. */
	if (!pair)
		pair = pair_new(byte, cadence);
	else
		pair_begin(pair, byte, cadence);
	script.pair = pair;
	pair->paths = 1 + (byte >> 1 & 3);
	for (int i = 0; i < 2 && pair->paths > 1; i++)
		pair_restart(pair, i);
	while (buf_left(&script.r) > 0) {
		byte = buf_get_u8(&script.r);
		happen(&script, byte & 15, byte >> 4);
	}
	if (!has_lied(&script.pair->side[0]) &&
	    !has_lied(&script.pair->side[1]))
		heal(script.pair);
	return 0;
}
