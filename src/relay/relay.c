#include "relay/relay.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"

/* What a line takes in all tables, but for frames in the pool. */
_Static_assert(sizeof(struct table_line) +
	    TICKET_LEGS * (sizeof(struct due_entry) + sizeof(uint32_t)) +
	    /* free_list, and up to four buckets. */
	    5 * sizeof(uint32_t) <=
	RELAY_LINE_BYTES_MAX,
    "a line's memory");

static const uint64_t send_ns = (uint64_t)RELAY_SEND_S * CLOCK_NS_PER_S;
static const uint64_t idle_ns = (uint64_t)RELAY_IDLE_S * CLOCK_NS_PER_S;

static int
copy_refused(struct relay *relay, const struct relay_config *config)
{
	const size_t bytes = config->refused_count * sizeof(*relay->refused);

	if (config->refused_count == 0)
		return OK;
	if ((relay->refused = malloc(bytes)) == NULL)
		return ERR_LIMIT;
	memcpy(relay->refused, config->refused, bytes);
	relay->refused_count = config->refused_count;
	return OK;
}

int
relay_open(struct relay *relay, const struct relay_config *config)
{
	memset(relay, 0, sizeof(*relay));
	relay->rng = config->rng;
	ticket_mint_init(&relay->mint, config->secret);
	random_init(&relay->random, config->rng, RELAY_RESEED_FILLS);
	random_fill(&relay->random, relay->spare, sizeof(relay->spare));
	if (table_open(&relay->table, config->lines, config->rng) != OK ||
	    due_open(&relay->due, config->lines * TICKET_LEGS) != OK ||
	    pool_open(&relay->pool,
		config->lines * RELAY_POOL_FRAMES_PER_LINE) != OK ||
	    copy_refused(relay, config) != OK) {
		relay_close(relay);
		return ERR_LIMIT;
	}
	return OK;
}

void
relay_close(struct relay *relay)
{
	table_close(&relay->table);
	due_close(&relay->due);
	pool_close(&relay->pool);
	free(relay->refused);
	wipe(relay, sizeof(*relay));
}

static struct table_line *
line_of(struct relay *relay, uint32_t leg)
{
	return &relay->table.line[leg / TICKET_LEGS];
}

static struct leg *
leg_at(struct relay *relay, uint32_t leg)
{
	return &line_of(relay, leg)->leg[leg % TICKET_LEGS];
}

/* ---- datagrams */

static int
compare_numbers(const void *a, const void *b)
{
	const uint32_t one = *(const uint32_t *)a, two = *(const uint32_t *)b;

	return (one > two) - (one < two);
}

static bool
is_refused(const struct relay *relay, uint32_t number)
{
	return relay->refused_count > 0 &&
	    bsearch(&number, relay->refused, relay->refused_count,
		sizeof(number), compare_numbers) != NULL;
}

/* A ticket is shown whose leg is not held; its line may be. */
static int
admit(struct relay *relay, uint32_t *leg, uint32_t line,
    const struct ticket_id *is, const uint8_t key[SHORT_KEY_BYTES])
{
	uint8_t slot_key[SHORT_KEY_BYTES];

	if (is_refused(relay, is->number))
		return ERR_DENIED;
	if (line == TABLE_NONE) {
		if ((line = table_add(&relay->table, is)) == TABLE_NONE)
			return ERR_LIMIT;
		relay->counts.lines++;
	}
	*leg = line * TICKET_LEGS + is->leg;
	rng_fill(relay->rng, slot_key, sizeof(slot_key));
	leg_hold(leg_at(relay, *leg), key, slot_key);
	wipe(slot_key, sizeof(slot_key));
	return OK;
}

/* The leg whose ticket was shown with this datagram. */
static int
identify(struct relay *relay, uint32_t *leg, const uint8_t *datagram,
    size_t len)
{
	uint8_t id[TICKET_ID_BYTES], key[SHORT_KEY_BYTES];
	struct ticket_id is;
	uint32_t line;
	int rc;

	if ((rc = ticket_peek(id, &is, &relay->mint, datagram, len)) != OK)
		return rc;
	line = table_find(&relay->table, &is);
	if (line != TABLE_NONE) {
		*leg = line * TICKET_LEGS + is.leg;
		if (leg_at(relay, *leg)->held)
			return ticket_open(id, leg_at(relay, *leg)->key,
			    datagram, len);
	}
	ticket_key(key, &relay->mint, id);
	if ((rc = ticket_open(id, key, datagram, len)) == OK)
		rc = admit(relay, leg, line, &is, key);
	wipe(key, sizeof(key));
	return rc;
}

static void
count_refusal(struct relay_counts *counts, int rc)
{
	if (rc == ERR_DENIED || rc == ERR_LIMIT)
		counts->refused++;
	else if (rc == ERR_REPLAY || rc == ERR_STATE)
		counts->astray++;
	else
		counts->junk++;
}

int
relay_on_datagram(struct relay *relay, uint32_t *leg, const uint8_t *datagram,
    size_t len, const struct place *from, uint64_t now_ns)
{
	const struct table_line *line;
	struct leg *heard, *other;
	int rc;

	if ((rc = identify(relay, leg, datagram, len)) == OK) {
		line = line_of(relay, *leg);
		heard = leg_at(relay, *leg);
		rc = leg_hear(heard, line->cadence, from,
		    datagram + line->cadence.frame_bytes, now_ns);
	}
	if (rc != OK) {
		count_refusal(&relay->counts, rc);
		return rc;
	}

	relay->counts.taken++;
	if (!heard->sending) {
		leg_start(heard, line->cadence, now_ns);
		due_set(&relay->due, *leg, leg_moment_ns(heard, line->cadence));
	}
	other = leg_at(relay, *leg ^ 1);
	if (other->sending &&
	    !leg_push(other, &relay->pool, datagram, line->cadence.frame_bytes))
		relay->counts.crowded++;
	return OK;
}

void
relay_leave(struct relay *relay, uint32_t leg, const struct place *place)
{
	struct leg *left = leg_at(relay, leg);

	if (left->held && place_is_same(&left->place, place))
		left->place.len = 0;
}

size_t
relay_find_end(const struct relay *relay, const uint8_t *stream, size_t have,
    size_t tried)
{
	uint8_t id[TICKET_ID_BYTES], key[SHORT_KEY_BYTES];
	struct ticket_id is;
	size_t len = FRAME_BYTES_MIN + TICKET_TOKEN_BYTES;

	for (len = len > tried ? len : tried + 1; len <= have; len++) {
		if (ticket_peek(id, &is, &relay->mint, stream, len) != OK)
			continue;
		ticket_key(key, &relay->mint, id);
		if (ticket_open(id, key, stream, len) == OK)
			return len;
	}
	return 0;
}

/* ---- slots */

/* The post was not heard for long: no more is sent to it. */
static void
rest(struct relay *relay, uint32_t leg)
{
	struct leg *resting = leg_at(relay, leg);

	leg_stop(resting, &relay->pool);
	due_set(&relay->due, leg, resting->heard_ns + idle_ns);
}

/* Longer still: nothing of it stays. */
static void
forget(struct relay *relay, uint32_t leg)
{
	leg_forget(leg_at(relay, leg), &relay->pool);
	due_drop(&relay->due, leg);
	if (leg_at(relay, leg ^ 1)->held)
		return;
	table_remove(&relay->table, leg / TICKET_LEGS);
	relay->counts.lines--;
}

/* What goes to that place in this slot: the oldest frame that waits, else random
 * bytes. */
static void
fill_slot(struct relay *relay, struct leg *leg, size_t frame_bytes)
{
	const uint32_t frame = leg_pop(leg, &relay->pool);
	const size_t at = relay->out_count;
	const uint8_t *bytes = relay->spare[at];

	if (leg->place.len == 0) {
		/* Nowhere to send to: its connection ended. */
		if (frame != POOL_NONE)
			pool_give(&relay->pool, frame);
		return;
	}
	if (frame != POOL_NONE) {
		bytes = relay->pool.frame[frame];
		relay->counts.said++;
	} else {
		relay->counts.unsaid++;
	}
	relay->out_frame[at] = frame;
	relay->out[at] = (struct relay_out){ &leg->place, bytes, frame_bytes };
	relay->out_count++;
}

static void
on_slot(struct relay *relay, uint32_t number, uint64_t now_ns)
{
	const struct cadence cadence = line_of(relay, number)->cadence;
	struct leg *leg = leg_at(relay, number);
	uint64_t missed;

	/* It may have been heard since: now_ns is a tick's. */
	if (leg->heard_ns + send_ns <= now_ns) {
		rest(relay, number);
		return;
	}
	missed = leg_skip(leg, cadence, now_ns);
	relay->counts.missed += missed;
	if (missed == 0 || leg_moment_ns(leg, cadence) <= now_ns) {
		fill_slot(relay, leg, cadence.frame_bytes);
		leg->slot++;
	}
	due_set(&relay->due, number, leg_moment_ns(leg, cadence));
}

uint64_t
relay_next_ns(const struct relay *relay)
{
	return due_next_ns(&relay->due);
}

size_t
relay_take(struct relay *relay, uint64_t now_ns)
{
	uint32_t leg;

	assert(relay->out_count == 0);
	while (relay->out_count < RELAY_BATCH_MAX &&
	    due_next_ns(&relay->due) <= now_ns) {
		leg = due_first(&relay->due);
		if (leg_at(relay, leg)->sending)
			on_slot(relay, leg, now_ns);
		else
			forget(relay, leg);
	}
	return relay->out_count;
}

void
relay_sent(struct relay *relay)
{
	size_t i;

	for (i = 0; i < relay->out_count; i++) {
		if (relay->out_frame[i] != POOL_NONE)
			pool_give(&relay->pool, relay->out_frame[i]);
		else
			random_fill(&relay->random, relay->spare[i],
			    sizeof(relay->spare[i]));
	}
	relay->out_count = 0;
}
