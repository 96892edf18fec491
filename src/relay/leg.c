#include "relay/leg.h"

#include <assert.h>
#include <string.h>

#include "base/wipe.h"

bool
place_is_same(const struct place *a, const struct place *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

void
leg_hold(struct leg *leg, const uint8_t key[SHORT_KEY_BYTES],
    const uint8_t slot_key[SHORT_KEY_BYTES])
{
	*leg = (struct leg){ .held = true };
	memcpy(leg->key, key, SHORT_KEY_BYTES);
	memcpy(leg->slot_key, slot_key, SHORT_KEY_BYTES);
}

void
leg_forget(struct leg *leg, struct pool *pool)
{
	leg_stop(leg, pool);
	wipe(leg, sizeof(*leg));
}

/* ---- the post */

static bool
may_stand(const struct leg *leg, struct cadence cadence,
    const struct place *from, uint64_t now_ns)
{
	const uint64_t silent_ns =
	    cadence_longer_ns(cadence, SILENCE_S, SILENCE_SLOTS);

	return leg->place.len == 0 || place_is_same(&leg->place, from) ||
	    now_ns - leg->heard_ns >= silent_ns;
}

int
leg_hear(struct leg *leg, struct cadence cadence, const struct place *from,
    const uint8_t *token, uint64_t now_ns)
{
	uint32_t end;

	assert(leg->held);
	/* Tags are as good as random: four bytes of one tell it from the last
	 * few. */
	memcpy(&end, token + TICKET_TOKEN_BYTES - sizeof(end), sizeof(end));
	for (size_t i = 0; i < RELAY_SEEN_MAX; i++)
		if (leg->seen[i] == end)
			return ERR_REPLAY;
	if (!may_stand(leg, cadence, from, now_ns))
		return ERR_STATE;

	leg->seen[leg->seen_next] = end;
	leg->seen_next = (uint8_t)((leg->seen_next + 1) % RELAY_SEEN_MAX);
	leg->place = *from;
	leg->heard_ns = now_ns;
	return OK;
}

/* ---- slots */

void
leg_start(struct leg *leg, struct cadence cadence, uint64_t now_ns)
{
	assert(leg->held && !leg->sending);
	leg->sending = true;
	leg->slot = cadence_slot_at(cadence, now_ns) + 1;
}

void
leg_stop(struct leg *leg, struct pool *pool)
{
	uint32_t frame;

	while ((frame = leg_pop(leg, pool)) != POOL_NONE)
		pool_give(pool, frame);
	leg->sending = false;
	leg->standing = 0;
}

uint64_t
leg_skip(struct leg *leg, struct cadence cadence, uint64_t now_ns)
{
	const uint64_t slot = cadence_slot_at(cadence, now_ns);
	uint64_t missed;

	if (slot <= leg->slot)
		return 0;
	missed = slot - leg->slot;
	leg->slot = slot;
	return missed;
}

/* As cadence_moment_ns has it, with a hash that takes a twentieth of the time: a
 * relay asks for ten thousand lines. */
uint64_t
leg_moment_ns(const struct leg *leg, struct cadence cadence)
{
	const uint64_t slot_ns = cadence_slot_ns(cadence);
	uint8_t tag[SHORT_BYTES];
	uint64_t draw;

	short_tag(tag, leg->slot_key, &leg->slot, sizeof(leg->slot));
	memcpy(&draw, tag, sizeof(draw));
	return leg->slot * slot_ns + draw % slot_ns;
}

/* ---- what waits */

static uint32_t
take_oldest(struct leg *leg)
{
	const uint32_t frame = leg->waiting[leg->waiting_first];

	assert(leg->waiting_count > 0);
	leg->waiting_first =
	    (uint8_t)((leg->waiting_first + 1) % RELAY_WAITING_MAX);
	leg->waiting_count--;
	return frame;
}

bool
leg_push(struct leg *leg, struct pool *pool, const uint8_t *frame, size_t len)
{
	bool all_kept = true;
	uint32_t number = POOL_NONE;
	size_t last;

	assert(len <= FRAME_BYTES_MAX);
	if (leg->waiting_count < RELAY_WAITING_MAX)
		number = pool_take(pool);
	if (number == POOL_NONE) {
		all_kept = false;
		if (leg->waiting_count == 0)
			return false;
		number = take_oldest(leg);
	}
	memcpy(pool->frame[number], frame, len);
	last = (leg->waiting_first + leg->waiting_count) % RELAY_WAITING_MAX;
	leg->waiting[last] = number;
	leg->waiting_count++;
	return all_kept;
}

uint32_t
leg_pop(struct leg *leg, struct pool *pool)
{
	uint32_t frame = POOL_NONE;

	if (leg->waiting_count > 0)
		frame = take_oldest(leg);
	leg->standing =
	    leg->waiting_count > 0 ? (uint16_t)(leg->standing + 1) : 0;
	/* As many come as go: what a stall has left would wait for ever, and
	 * make all that follows wait. */
	if (leg->standing == RELAY_STANDING_SLOTS) {
		leg->standing = 0;
		pool_give(pool, take_oldest(leg));
	}
	return frame;
}
