#include "sim/liar.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"

enum {
	BODY_BYTES_MAX = 256,
	PERMILLE_MIN = 2,
	PERMILLE_MAX = 700,
	NOISE_BYTES_MAX = 6,
	/* Or there is never a session to lie in. */
	BOOT_PERMILLE = 60,
	NOTE_BYTES_MAX = 40,
};

static uint64_t
draw(struct liar *liar, uint64_t least, uint64_t most)
{
	return dice_between(&liar->dice, least, most);
}

/* Numbers that break things: the edges, and whatever. */
static uint64_t
draw_number(struct liar *liar)
{
	static const uint64_t edges[] = { 0, 1, 2, 255, 256, UINT16_MAX,
		UINT32_MAX, (uint64_t)UINT32_MAX + 1, INT64_MAX,
		(uint64_t)INT64_MAX + 1, UINT64_MAX - 1, UINT64_MAX };

	if (dice_chance(&liar->dice, 500))
		return edges[draw(liar, 0,
		    sizeof(edges) / sizeof(edges[0]) - 1)];
	return dice_spread(&liar->dice, 0, UINT32_MAX);
}

static void
put_noise(struct liar *liar, struct writer *w, size_t len)
{
	uint8_t noise[BODY_BYTES_MAX];

	assert(len <= sizeof(noise));
	rng_fill(dice_rng(&liar->dice), noise, len);
	buf_put_bytes(w, noise, len);
}

/* --- bodies of records --- */

static uint8_t
put_ack(struct liar *liar, struct writer *w)
{
	uint64_t pairs = draw(liar, 0, 14);

	buf_put_u8(w,
	    (uint8_t)(dice_chance(&liar->dice, 800) ? 0 : draw_number(liar)));
	buf_put_u64(w, draw_number(liar));
	buf_put_u32(w, (uint32_t)draw_number(liar));
	buf_put_u8(w,
	    (uint8_t)(dice_chance(&liar->dice, 700) ? pairs
						    : draw_number(liar)));
	for (uint64_t i = 0; i < pairs; i++) {
		buf_put_varint(w, draw_number(liar));
		buf_put_varint(w, draw_number(liar));
	}
	return FRAME_ACK;
}

static uint8_t
put_hs(struct liar *liar, struct writer *w)
{
	buf_put_u64(w, draw_number(liar));
	buf_put_u8(w, (uint8_t)draw_number(liar));
	buf_put_u8(w, (uint8_t)draw_number(liar));
	put_noise(liar, w, draw(liar, 0, 200));
	return FRAME_HANDSHAKE;
}

static uint8_t
put_status(struct liar *liar, struct writer *w)
{
	buf_put_u8(w, 2);
	buf_put_u64(w, draw_number(liar));
	buf_put_u64(w, draw_number(liar));
	buf_put_u32(w, (uint32_t)draw_number(liar));
	for (int i = 0; i < 3; i++)
		buf_put_u8(w, (uint8_t)draw(liar, 0, 4));
	buf_put_u64(w, draw(liar, 0, 2) == 0 ? draw_number(liar) : 0);
	buf_put_u32(w, (uint32_t)draw_number(liar));
	return FRAME_CTRL;
}

static uint8_t
put_goodbye(struct liar *liar, struct writer *w)
{
	buf_put_u8(w, 3);
	buf_put_u8(w, (uint8_t)draw(liar, 0, 5));
	return FRAME_CTRL;
}

static uint8_t
put_unknown(struct liar *liar, struct writer *w)
{
	put_noise(liar, w, draw(liar, 0, 60));
	return (uint8_t)draw(liar, 4, UINT8_MAX);
}

static uint8_t
put_have(struct liar *liar, struct writer *w)
{
	buf_put_u8(w, 1);
	buf_put_u8(w, (uint8_t)draw(liar, 0, 1));
	for (int i = 0; i < CLASS_COUNT; i++) {
		buf_put_varint(w, draw_number(liar));
		buf_put_varint(w, draw_number(liar));
	}
	buf_put_varint(w, draw_number(liar));
	return FRAME_CTRL;
}

static uint8_t
put_chunk(struct liar *liar, struct writer *w)
{
	/* Some streams are even, and some near those that are in use. */
	uint64_t stream = dice_chance(&liar->dice, 700)
	    ? 2 * dice_spread(&liar->dice, 0, 4096)
	    : draw_number(liar);

	buf_put_u64(w, stream);
	buf_put_u64(w, dice_chance(&liar->dice, 500) ? 0 : draw_number(liar));
	buf_put_u8(w,
	    (uint8_t)(dice_chance(&liar->dice, 700) ? draw(liar, 0, 9)
						    : draw_number(liar)));
	put_noise(liar, w, draw(liar, 0, 200));
	return FRAME_CHUNK;
}

static uint8_t
put_note(struct liar *liar, struct writer *w)
{
	buf_put_u64(w, 2 * dice_spread(&liar->dice, 1, 1 << 20));
	buf_put_u64(w, 0);
	buf_put_u8(w, 1);
	buf_put_u64(w, dice_spread(&liar->dice, 0, 1 << 20));
	put_noise(liar, w, draw(liar, 0, NOTE_BYTES_MAX));
	return FRAME_CHUNK;
}

typedef uint8_t put_body(struct liar *liar, struct writer *w);

/* A record in the frame; false where there is no room. */
static bool
say(struct liar *liar, struct writer *w, put_body *put)
{
	struct writer body = frame_record_begin(w);
	uint8_t type = put(liar, &body);

	return frame_record_end(w, &body, (enum frame_record_type)type);
}

/* --- whole frames --- */

/* Where the records end and the padding begins. */
static size_t
find_end(const uint8_t *plain, size_t len)
{
	struct frame_record record;
	struct reader r;
	size_t end = FRAME_CTR_BYTES;

	buf_read(&r, plain, len);
	(void)buf_get_u64(&r);
	while (frame_next_record(&r, &record) == OK)
		end = (size_t)(record.body + record.len - plain);
	return end;
}

/* Behind what the post says, or in its place. */
static void
add_lies(struct liar *liar, uint8_t *plain, size_t len, put_body *put)
{
	size_t at = dice_chance(&liar->dice, 500) ? FRAME_CTR_BYTES
						  : find_end(plain, len);
	uint64_t times = draw(liar, 1, put == put_note ? 32 : 2);
	struct writer w;

	memset(plain + at, 0, len - at);
	buf_write(&w, plain + at, len - at);
	while (times-- > 0 && say(liar, &w, put))
		;
}

static void
lie_counter(struct liar *liar, uint8_t *plain)
{
	struct writer w;

	buf_write(&w, plain, FRAME_CTR_BYTES);
	buf_put_u64(&w, draw_number(liar));
}

static void
lie_noise(struct liar *liar, uint8_t *plain, size_t len)
{
	uint64_t bytes = draw(liar, 1, NOISE_BYTES_MAX);
	size_t end = find_end(plain, len);

	while (bytes-- > 0)
		plain[draw(liar, 0, end - 1)] = (uint8_t)draw_number(liar);
}

static void
lie_length(struct liar *liar, uint8_t *plain, size_t len)
{
	size_t at = find_end(plain, len);
	struct writer w;

	buf_write(&w, plain + at, len - at);
	buf_put_u8(&w, (uint8_t)draw(liar, 1, 4));
	buf_put_u16(&w, (uint16_t)draw(liar, len - at, UINT16_MAX));
}

/* The bytes of a record that is on its way; what is not one stays. */
static void
lie_record(struct liar *liar, uint8_t *plain, size_t len)
{
	struct frame_record record;
	struct reader r;

	buf_read(&r, plain, len);
	(void)buf_get_u64(&r);
	while (frame_next_record(&r, &record) == OK) {
		size_t at = (size_t)(record.body - plain);

		if (record.type != FRAME_CHUNK || record.len < 18)
			continue;
		plain[at + draw(liar, 17, record.len - 1)] =
		    (uint8_t)draw_number(liar);
	}
}

static void
lie_boot(struct liar *liar, uint8_t *plain, size_t len)
{
	uint64_t bytes = draw(liar, 1, NOISE_BYTES_MAX);

	/* The fields most of all, and what they carry. */
	while (bytes-- > 0) {
		size_t last = dice_chance(&liar->dice, 800) ? 60 : len;

		plain[draw(liar, 0, last - 1)] = (uint8_t)draw_number(liar);
	}
}

/* Far ahead of its post's counters, which are old from then on. */
static void
lie_flood(struct liar *liar, uint8_t *plain, size_t len)
{
	struct writer w;

	if (liar->flood_ctr == 0)
		liar->flood_ctr = (uint64_t)1 << 32;
	memset(plain, 0, len);
	buf_write(&w, plain, len);
	buf_put_u64(&w, ++liar->flood_ctr);
	while (
	    say(liar, &w, dice_chance(&liar->dice, 500) ? put_note : put_chunk))
		;
}

static void
tell(struct liar *liar, enum lie lie, uint8_t *plain, size_t len)
{
	static put_body *const bodies[LIE_COUNT] = {
		[LIE_UNKNOWN] = put_unknown,
		[LIE_ACK] = put_ack,
		[LIE_HS] = put_hs,
		[LIE_STATUS] = put_status,
		[LIE_GOODBYE] = put_goodbye,
		[LIE_HAVE] = put_have,
		[LIE_CHUNK] = put_chunk,
		[LIE_NOTES] = put_note,
	};

	liar->told[lie]++;
	if (bodies[lie] != NULL)
		add_lies(liar, plain, len, bodies[lie]);
	else if (lie == LIE_COUNTER)
		lie_counter(liar, plain);
	else if (lie == LIE_NOISE)
		lie_noise(liar, plain, len);
	else if (lie == LIE_LENGTH)
		lie_length(liar, plain, len);
	else if (lie == LIE_RECORD)
		lie_record(liar, plain, len);
	else
		lie_flood(liar, plain, len);
}

static const char *const names[LIE_COUNT] = { "counter", "noise", "length",
	"unknown", "ack", "hs", "status", "goodbye", "boot", "have", "chunk",
	"record", "notes", "flood" };

const char *
lie_name(enum lie lie)
{
	assert(lie < LIE_COUNT);
	return names[lie];
}

void
liar_init(struct liar *liar, uint64_t seed, bool lasting)
{
	*liar = (struct liar){ .lasting = lasting };
	dice_init(&liar->dice, seed, DICE_LIAR, 1);
	liar->permille =
	    (unsigned)dice_spread(&liar->dice, PERMILLE_MIN, PERMILLE_MAX);
}

void
liar_learn_boot(struct liar *liar, const uint8_t key[FRAME_KEY_BYTES])
{
	memcpy(liar->boot_key, key, FRAME_KEY_BYTES);
}

void
liar_learn_session(struct liar *liar, const uint8_t key[FRAME_KEY_BYTES])
{
	memmove(liar->key[1], liar->key[0],
	    (LIAR_KEYS_MAX - 1) * FRAME_KEY_BYTES);
	memcpy(liar->key[0], key, FRAME_KEY_BYTES);
}

/* The session key it is sealed under; NULL: none that is known. */
static const uint8_t *
find_key(const struct liar *liar, uint8_t *plain, const uint8_t *frame,
    size_t frame_bytes)
{
	for (size_t i = 0; i < LIAR_KEYS_MAX; i++) {
		if (frame_unseal(plain, frame, frame_bytes, liar->key[i]) == OK)
			return liar->key[i];
	}
	return NULL;
}

static enum lie
draw_lie(struct liar *liar)
{
	enum lie lie;

	do {
		lie = (enum lie)draw(liar, 0, LIE_COUNT - 1);
	} while (lie == LIE_BOOT || (lie >= LIE_LASTING && !liar->lasting));
	/* Noise may say anything, and that is lasting. */
	if (lie == LIE_NOISE && !liar->lasting)
		lie = LIE_LENGTH;
	return lie;
}

unsigned
liar_twist(struct liar *liar, uint8_t *frame, size_t frame_bytes)
{
	uint8_t plain[FRAME_PLAIN_BYTES_MAX], nonce[FRAME_NONCE_BYTES];
	size_t len = frame_plain_bytes(frame_bytes);
	const uint8_t *key = find_key(liar, plain, frame, frame_bytes);
	enum lie lie = LIE_BOOT;

	if (!dice_chance(&liar->dice, liar->permille))
		return 1;
	if (key != NULL) {
		lie = draw_lie(liar);
		tell(liar, lie, plain, len);
	} else if (dice_chance(&liar->dice, BOOT_PERMILLE) &&
	    frame_unseal(plain, frame, frame_bytes, liar->boot_key) == OK) {
		key = liar->boot_key;
		liar->told[LIE_BOOT]++;
		lie_boot(liar, plain, len);
	} else {
		return 1;
	}
	rng_fill(dice_rng(&liar->dice), nonce, sizeof(nonce));
	frame_seal(frame, frame_bytes, nonce, key, plain);
	return lie == LIE_FLOOD ? (unsigned)draw(liar, 2, LIAR_FLOOD_MAX) : 1;
}
