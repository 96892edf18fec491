/*
 * What core costs a frame: line_prepare and line_on_datagram, whole, beside
 * libsodium's bare cipher over the same bytes.  Two lines back to back; the
 * kernel's random bytes are drawn ahead and handed in, so that nothing timed
 * enters it.  Each call is timed on its own, in turn with its reference, and the
 * medians are compared: whoever interrupts spoils a few.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "../test/unit/pair.h"
#include "crypto/crypto.h"
#include "figure.h"

enum {
	BYTES = 1200,
	PLAIN_BYTES = BYTES - FRAME_NONCE_BYTES - FRAME_TAG_BYTES,
	SLOTS_WARM = 1600,
	SLOTS_TIMED = 20000,
	RECORD_BYTES = 1000000, /* of a class that waits in near memory */
	RECORDS = 30,		/* more than all slots carry */
	BATCH = 16,
	PIECE_BYTES = 32 * 1024, /* as a keeper hands them over */
	POOL_BYTES = 1 << 16,
};

/* What is timed. */
enum { SEAL, SEAL_BARE, OPEN, OPEN_BARE, NOTHING, TIMED_COUNT };

struct pool {
	uint8_t bytes[POOL_BYTES];
	size_t at;
};

static struct pool pool;
static double timed_ns[TIMED_COUNT][SLOTS_TIMED];

static void
fill_from_pool(void *ctx, void *dst, size_t len)
{
	struct pool *from = ctx;

	if (len > sizeof(from->bytes) - from->at) {
		rng_fill(rng_kernel(), from->bytes, sizeof(from->bytes));
		from->at = 0;
	}
	memcpy(dst, from->bytes + from->at, len);
	from->at += len;
}

/* Kernel bytes for the slots to come; none is used twice. */
static void
refill(void)
{
	if (pool.at > sizeof(pool.bytes) / 2) {
		rng_fill(rng_kernel(), pool.bytes, sizeof(pool.bytes));
		pool.at = 0;
	}
}

/* -- keepers that cost nothing while the clock runs --------------------------- */

static void
take_quickly(struct pair_side *side, const struct piece *piece)
{
	struct position *at = &side->have.at[piece->class];

	*at = piece->fin
	    ? (struct position){ piece->n, 0 }
	    : (struct position){ at->n, piece->offset + piece->len };
	side->partial_n[piece->class] = piece->fin ? 0 : piece->n;
}

static void
tell(void *ctx, const struct line_event *event)
{
	const struct pair_context *context = ctx;
	struct pair_side *side = &context->pair->side[context->index];

	if (event->kind == LINE_EVENT_DATA) {
		take_quickly(side, &event->piece);
	} else if (event->kind == LINE_EVENT_WANT) {
		side->want = event->want;
		side->wanted = true;
	} else {
		pair_tell(ctx, event);
	}
}

/* Pieces of our journal, all of one class, as far as they are wanted. */
static void
hand_over(struct pair *pair, struct pair_side *side)
{
	static uint8_t bytes[PIECE_BYTES];
	struct line_order order = { .kind = LINE_ORDER_PIECE };
	struct position *at = &side->want.at[CLASS_PRIORITY];
	uint32_t *room = &side->want.room[CLASS_PRIORITY];
	struct piece *piece = &order.piece;
	struct writer w;

	while (at->n<side->records && * room> 0) {
		*piece = (struct piece){ .class = CLASS_PRIORITY,
			.n = at->n + 1,
			.offset = at->offset,
			.data = bytes,
			.len = RECORD_BYTES - at->offset };
		if (piece->len > PIECE_BYTES)
			piece->len = PIECE_BYTES;
		if (piece->len > *room)
			piece->len = *room;
		piece->fin = piece->offset + piece->len == RECORD_BYTES;
		/* In front of a record: the number of the one before. */
		buf_write(&w, bytes, sizeof(bytes));
		if (piece->offset == 0)
			buf_put_u64(&w, at->n);
		*room -= (uint32_t)piece->len;
		*at = piece->fin
		    ? (struct position){ piece->n, 0 }
		    : (struct position){ at->n, piece->offset + piece->len };
		(void)!line_on_order(side->line, &order, pair->now_ns);
	}
}

static void
serve(struct pair *pair)
{
	for (int i = 0; i < 2; i++) {
		struct pair_side *side = &pair->side[i];

		if (side->wanted)
			hand_over(pair, side);
		if (memcmp(&side->synced, &side->have, sizeof(side->have)) !=
		    0) {
			side->synced = side->have;
			memcpy(side->synced_partial_n, side->partial_n,
			    sizeof(side->partial_n));
			pair_tell_have(pair, side, LINE_ORDER_HAVE);
		}
		pair_run_orders(pair, i);
	}
}

static struct pair *
connect(void)
{
	struct pair *pair = pair_new(1, (struct cadence){ BYTES, 100000 });

	for (int i = 0; i < 2; i++) {
		struct pair_side *side = &pair->side[i];
		struct line_config config = { .role = side->role,
			.cadence = pair->cadence };
		const struct line_way way = { .peer = { .len = 1 } };

		memset(config.boot_send, 1 + i, sizeof(config.boot_send));
		memset(config.boot_recv, 2 - i, sizeof(config.boot_recv));
		side->orders_count = 0;
		side->line = line_init(side->line, &config,
		    (struct rng){ fill_from_pool, &pool }, tell,
		    &pair_contexts(pair)[i], pair->now_ns);
		line_open_path(side->line, 0, &way, pair->now_ns);
		pair_attach(pair, i);
	}
	pair_until(pair, pair_is_up, 1000);
	assert(pair_is_up(pair));
	return pair;
}

/* -- the clock ------------------------------------------------------------------ */

static double
clock_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void
time_bare(unsigned i)
{
	static uint8_t plain[PLAIN_BYTES],
	    sealed[PLAIN_BYTES + FRAME_TAG_BYTES];
	static const uint8_t nonce[FRAME_NONCE_BYTES], key[FRAME_KEY_BYTES];
	double t[4];
	int rc;

	t[0] = clock_ns();
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, plain,
	    sizeof(plain), NULL, 0, NULL, nonce, key);
	t[1] = clock_ns();
	rc = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL,
	    sealed, sizeof(sealed), NULL, 0, nonce, key);
	t[2] = clock_ns();
	t[3] = clock_ns();
	assert(rc == 0);
	timed_ns[SEAL_BARE][i] = t[1] - t[0];
	timed_ns[OPEN_BARE][i] = t[2] - t[1];
	timed_ns[NOTHING][i] = t[3] - t[2];
}

/* One frame from A to B, timed; one back, which acknowledges. */
static void
time_slot(struct pair *pair, unsigned i)
{
	static const struct origin from = { .len = 1 };
	const uint64_t half_ns = cadence_slot_ns(pair->cadence) / 2;
	uint8_t there[FRAME_BYTES_MAX], back[FRAME_BYTES_MAX];
	double t[3];
	int rc;

	pair->now_ns += half_ns;
	t[0] = clock_ns();
	line_prepare(pair->side[0].line, 0, there, pair->now_ns);
	t[1] = clock_ns();
	rc = line_on_datagram(pair->side[1].line, 0, there, BYTES, &from,
	    pair->now_ns);
	t[2] = clock_ns();
	assert(rc == OK);
	timed_ns[SEAL][i] = t[1] - t[0];
	timed_ns[OPEN][i] = t[2] - t[1];
	pair->now_ns += half_ns;
	line_prepare(pair->side[1].line, 0, back, pair->now_ns);
	rc = line_on_datagram(pair->side[0].line, 0, back, BYTES, &from,
	    pair->now_ns);
	assert(rc == OK);
}

static double
median_ns(int what)
{
	return figure_quantile(timed_ns[what], SLOTS_TIMED, 0.5);
}

static void
print(const char *name, int what, int reference, double nothing_ns)
{
	figure_print(&(struct figure){
	    .name = name,
	    .value = median_ns(what) - nothing_ns,
	    .unit = "ns",
	    .reference = "bare XChaCha20-Poly1305",
	    .reference_value = median_ns(reference) - nothing_ns,
	    .goal = FIGURE_RATIO_AT_MOST,
	    .bound = 1.25,
	});
}

static void
measure(unsigned records, const char *sealing, const char *opening)
{
	struct pair *pair = connect();
	double nothing_ns;

	for (unsigned i = 0; i < records; i++)
		pair->side[0].records++;
	for (unsigned i = 0; i < SLOTS_WARM + SLOTS_TIMED; i += BATCH) {
		const unsigned at = i < SLOTS_WARM ? 0 : i - SLOTS_WARM;

		refill();
		serve(pair);
		for (unsigned j = 0; j < BATCH; j++)
			time_slot(pair, at + j);
		for (unsigned j = 0; j < BATCH; j++)
			time_bare(at + j);
	}
	/* A full line carried something in every slot. */
	assert(records == 0 ||
	    pair->side[0].want.at[CLASS_PRIORITY].n > RECORDS / 2);
	nothing_ns = median_ns(NOTHING);
	print(sealing, SEAL, SEAL_BARE, nothing_ns);
	print(opening, OPEN, OPEN_BARE, nothing_ns);
	pair_free(pair);
}

int
main(void)
{
	crypto_init();
	figure_progress("sealing and opening frames of 1,200 bytes");
	refill();
	pool.at = sizeof(pool.bytes);
	refill();
	measure(0, "seal 1200, idle", "open 1200, idle");
	measure(RECORDS, "seal 1200, full", "open 1200, full");
	return 0;
}
