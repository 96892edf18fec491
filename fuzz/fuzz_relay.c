/* A relay, by a script: datagrams of tickets and of none, from any place, again
 * and changed, connections that end, time that passes.  Whatever comes, no leg
 * sends twice in a slot, and no frame is lost to the pool. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "crypto/crypto.h"
#include "relay/relay.h"

enum {
	LINES = 2,
	NUMBERS = 3, /* one more than there is room for */
	FRAME = 256,
	UNIT = FRAME + TICKET_TOKEN_BYTES,
	STEPS_MAX = 300,
};

enum step { SAY, SAY_AGAIN, BEND, JUNK, LEAVE, WAIT, WAIT_LONG, STEP_COUNT };

static const struct cadence cadence = { FRAME, 10000 };

struct script {
	struct relay *relay;
	struct ticket_mint mint;
	struct rng_seeded seeded;
	struct rng rng;
	uint8_t unit[UNIT];
	uint64_t now_ns;
	uint64_t sent_slot[LINES * TICKET_LEGS];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
hand_in(struct script *script, const uint8_t *bytes, size_t len, uint8_t from)
{
	const struct place place = { .bytes = { from }, .len = 16 };
	uint32_t leg;

	if (relay_on_datagram(script->relay, &leg, bytes, len, &place,
		script->now_ns) == OK)
		assert(leg < LINES * TICKET_LEGS);
}

static void
make_unit(struct script *script, unsigned number, unsigned leg)
{
	const struct ticket_id is = { number, leg, cadence };
	struct ticket ticket;

	if (ticket_issue(&ticket, &script->mint, &is, "r:1") != OK)
		abort();
	rng_fill(script->rng, script->unit, FRAME);
	ticket_seal(script->unit + FRAME, &ticket, script->unit);
}

/* Which leg a place belongs to. */
static size_t
leg_of(const struct relay *relay, const struct place *place)
{
	for (size_t i = 0; i < LINES * TICKET_LEGS; i++)
		if (place ==
		    &relay->table.line[i / TICKET_LEGS]
			 .leg[i % TICKET_LEGS]
			 .place)
			return i;
	abort();
}

static void
pass_time(struct script *script, uint64_t ns)
{
	struct relay *relay = script->relay;
	const uint64_t end_ns = script->now_ns + ns;
	uint64_t next_ns;

	while ((next_ns = relay_next_ns(relay)) <= end_ns) {
		if (next_ns > script->now_ns)
			script->now_ns = next_ns;
		for (size_t i = relay_take(relay, script->now_ns); i-- > 0;) {
			const size_t leg = leg_of(relay, relay->out[i].to);
			const uint64_t slot =
			    cadence_slot_at(cadence, script->now_ns);

			assert(relay->out[i].len == FRAME);
			assert(slot > script->sent_slot[leg]);
			script->sent_slot[leg] = slot;
		}
		relay_sent(relay);
	}
	script->now_ns = end_ns;
}

static void
play_step(struct script *script, struct reader *r)
{
	const enum step step = (enum step)(buf_get_u8(r) % STEP_COUNT);
	const uint8_t what = buf_get_u8(r), from = buf_get_u8(r) % 4;
	const struct place place = { .bytes = { from }, .len = 16 };

	switch (step) {
	case SAY:
		make_unit(script, what / 2 % NUMBERS, what & 1);
		hand_in(script, script->unit, UNIT, from);
		break;
	case SAY_AGAIN:
		hand_in(script, script->unit, UNIT, from);
		break;
	case BEND:
		make_unit(script, what / 2 % NUMBERS, what & 1);
		script->unit[what] ^= 1;
		hand_in(script, script->unit, UNIT - from, from);
		break;
	case JUNK:
		hand_in(script, r->data + r->pos, buf_left(r), from);
		break;
	case LEAVE:
		relay_leave(script->relay, what % (LINES * TICKET_LEGS),
		    &place);
		break;
	case WAIT:
		pass_time(script, (uint64_t)what * CLOCK_NS_PER_MS);
		break;
	case WAIT_LONG:
		/* The machine stands still for some of it. */
		script->now_ns += (uint64_t)what * CLOCK_NS_PER_S;
		pass_time(script, CLOCK_NS_PER_S);
		break;
	case STEP_COUNT:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t secret[TICKET_SECRET_BYTES] = { 1 };
	static struct script script;
	static struct relay relay;
	struct relay_config config = { .secret = secret, .lines = LINES };
	uint32_t waiting = 0;
	struct reader r;

	crypto_init();
	memset(&script, 0, sizeof(script));
	script.relay = &relay;
	script.rng = rng_from_seed(&script.seeded, 1);
	script.now_ns = CLOCK_NS_PER_S;
	ticket_mint_init(&script.mint, secret);
	config.rng = script.rng;
	if (relay_open(&relay, &config) != OK)
		abort();
	buf_read(&r, data, size);
	for (unsigned i = 0; i < STEPS_MAX && buf_left(&r) > 0; i++)
		play_step(&script, &r);
	for (size_t i = 0; i < LINES * TICKET_LEGS; i++)
		waiting += relay.table.line[i / TICKET_LEGS]
			       .leg[i % TICKET_LEGS]
			       .waiting_count;
	assert(relay.pool.free_count + waiting == relay.pool.count);
	relay_close(&relay);
	return 0;
}
