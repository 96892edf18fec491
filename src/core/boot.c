#include "core/boot.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "core/frame.h"

enum {
	FLAG_USES_PREV = 1 << 0,
	FLAG_BESIDE = 1 << 1,
	FLAG_BLAMES = 1 << 3,
	FLAG_TERMS_SHIFT = 4, /* four bits */
	FLAGS_KNOWN = FLAG_USES_PREV | FLAG_BESIDE | FLAG_BLAMES |
	    (TERMS_NUMBERS - 1) << FLAG_TERMS_SHIFT,
	MSG_NONE = 0,
	MSG_1 = 1,
	MSG_2 = 2,
};

static bool
same_id(const struct boot_id *a, const struct boot_id *b)
{
	return memcmp(a->bytes, b->bytes, BOOT_ID_BYTES) == 0;
}

size_t
boot_part_bytes(size_t frame_bytes)
{
	return frame_plain_bytes(frame_bytes) - BOOT_HEAD_BYTES;
}

void
boot_encode(struct writer *w, const struct boot_frame *frame)
{
	buf_put_bytes(w, frame->my_id.bytes, BOOT_ID_BYTES);
	buf_put_bytes(w, frame->your_id.bytes, BOOT_ID_BYTES);
	buf_put_bytes(w, frame->hint_cur, HINT_BYTES);
	buf_put_bytes(w, frame->hint_prev, HINT_BYTES);
	buf_put_u8(w,
	    (uint8_t)((frame->uses_prev ? FLAG_USES_PREV : 0) |
		(frame->beside ? FLAG_BESIDE : 0) |
		(frame->blames ? FLAG_BLAMES : 0) |
		frame->terms << FLAG_TERMS_SHIFT));
	buf_put_u8(w, frame->msg);
	buf_put_u8(w, frame->part);
	buf_put_u8(w, frame->parts);
	buf_put_u64(w, frame->tag);
	buf_put_bytes(w, frame->data, frame->len);
}

/* How much of a part is data, and how much zeros behind it, follows from the
 * message's length. */
static size_t
data_bytes(const struct boot_frame *frame, size_t room)
{
	size_t whole =
	    frame->msg == MSG_1 ? HANDSHAKE_1_BYTES : HANDSHAKE_2_BYTES;
	size_t before = frame->part * room;

	if (frame->msg == MSG_NONE || before >= whole)
		return 0;
	return whole - before < room ? whole - before : room;
}

int
boot_decode(struct boot_frame *frame, const uint8_t *plain, size_t len)
{
	struct reader r;
	uint8_t flags;

	buf_read(&r, plain, len);
	buf_get_bytes(&r, frame->my_id.bytes, BOOT_ID_BYTES);
	buf_get_bytes(&r, frame->your_id.bytes, BOOT_ID_BYTES);
	buf_get_bytes(&r, frame->hint_cur, HINT_BYTES);
	buf_get_bytes(&r, frame->hint_prev, HINT_BYTES);
	flags = buf_get_u8(&r);
	frame->msg = buf_get_u8(&r);
	frame->part = buf_get_u8(&r);
	frame->parts = buf_get_u8(&r);
	frame->tag = buf_get_u64(&r);
	if (!buf_is_readable(&r) || frame->msg > MSG_2 ||
	    (flags & ~FLAGS_KNOWN) != 0)
		return ERR_FORMAT;
	frame->uses_prev = flags & FLAG_USES_PREV;
	frame->beside = flags & FLAG_BESIDE;
	frame->blames = flags & FLAG_BLAMES;
	frame->terms = flags >> FLAG_TERMS_SHIFT;
	frame->len = data_bytes(frame, buf_left(&r));
	frame->data = buf_get_slice(&r, frame->len);
	return OK;
}

void
boot_init(struct boot *boot, const struct line_config *config, struct rng rng)
{
	assert(config->terms < TERMS_NUMBERS);
	memset(boot, 0, sizeof(*boot));
	boot->role = config->role;
	boot->cadence = config->cadence;
	boot->terms = config->terms;
	boot->rng = rng;
	exchange_init(&boot->exchange,
	    boot_part_bytes(config->cadence.frame_bytes));
	boot_enter(boot);
}

void
boot_wipe(struct boot *boot)
{
	wipe(boot, sizeof(*boot));
}

/* Of each path another part goes first. */
static void
begin_parts(struct boot *boot)
{
	unsigned i;

	for (i = 0; i < LINE_PATHS_MAX; i++)
		boot->path[i].part = i;
}

/* A new id: nobody can have echoed it yet. */
static void
draw_id(struct boot *boot)
{
	unsigned i;

	rng_fill(boot->rng, boot->my_id.bytes, BOOT_ID_BYTES);
	boot->has_echo = false;
	boot->heard.rivals = 0;
	boot->echo.rivals = 0;
	boot->alarmed = false;
	boot->blamed = false;
	boot->other_terms = false;
	boot->terms_due = false;
	for (i = 0; i < LINE_PATHS_MAX; i++) {
		boot->path[i].heard.rivals = 0;
		boot->path[i].your_origin.len = 0;
	}
	begin_parts(boot);
	exchange_reset(&boot->exchange);
}

void
boot_enter(struct boot *boot)
{
	draw_id(boot);
	boot->blames = false;
	boot->stance = BOOT_WHOLE;
	boot->has_session_id = false;
}

void
boot_blame(struct boot *boot)
{
	boot->blames = true;
}

void
boot_on_session(struct boot *boot)
{
	boot->session_id = boot->exchange_id;
	boot->has_session_id = true;
	boot->blames = false;
	boot->stance = BOOT_REST;
}

void
boot_on_hints(struct boot *boot, const struct hints *hints)
{
	boot->hints = *hints;
	boot->has_hints = true;
}

static void
stand_beside(struct boot *boot, uint64_t now_ns)
{
	unsigned i;

	draw_id(boot);
	boot->stance = BOOT_BESIDE;
	boot->beside_until_ns = now_ns +
	    cadence_longer_ns(boot->cadence, BOOT_BESIDE_S, BOOT_BESIDE_SLOTS);
	/* The first goes in the next slot. */
	for (i = 0; i < LINE_PATHS_MAX; i++)
		boot->path[i].beside_slots = BOOT_BESIDE_SHARE;
}

void
boot_call(struct boot *boot, uint64_t now_ns)
{
	if (boot->stance == BOOT_REST)
		stand_beside(boot, now_ns);
}

bool
boot_next_terms(struct boot *boot, uint8_t *terms)
{
	if (!boot->terms_due)
		return false;
	boot->terms_due = false;
	*terms = boot->peer_terms;
	return true;
}

void
boot_tell_again(struct boot *boot)
{
	exchange_tell_again(&boot->exchange);
	boot->terms_due = boot->other_terms;
}

/* Draws uniformly among all that were heard since our last frame. */
static void
draw_rival(struct boot *boot, struct boot_draw *draw, const struct boot_id *id)
{
	draw->rivals++;
	if (rng_below(boot->rng, draw->rivals) == 0)
		draw->id = *id;
}

/* Whom our next frame will speak to, by what was heard so far. */
static const struct boot_id *
next_peer(const struct boot *boot)
{
	if (boot->echo.rivals > 0)
		return &boot->echo.id;
	return boot->has_echo ? &boot->your_id : &boot->heard.id;
}

/* Where that is, by the path that its frame came by: drawn as well, since a copy
 * may come from elsewhere. */
static void
draw_place(struct boot *boot, struct boot_path *path,
    const struct boot_frame *frame, const struct origin *from)
{
	const bool echoes = same_id(&frame->your_id, &boot->my_id);

	if (!same_id(&frame->my_id, next_peer(boot)))
		return;
	if (!same_id(&frame->my_id, &path->heard.id) || echoes > path->echoes)
		path->heard.rivals = 0;
	if (path->heard.rivals > 0 && echoes < path->echoes)
		return;
	path->echoes = echoes;
	path->heard.id = frame->my_id;
	path->heard.rivals++;
	if (rng_below(boot->rng, path->heard.rivals) == 0)
		path->from = *from;
}

static bool
hint_is(const uint8_t a[HINT_BYTES], const uint8_t b[HINT_BYTES])
{
	return memcmp(a, b, HINT_BYTES) == 0;
}

/* A: the secret of ours that is B's cur; false where it is neither. */
static bool
find_use(const struct boot *boot, const struct boot_frame *frame,
    enum continuity_use *use)
{
	if (hint_is(frame->hint_cur, boot->hints.cur)) {
		*use = CONTINUITY_CUR;
		return true;
	}
	*use = CONTINUITY_PREV;
	return hint_is(frame->hint_cur, boot->hints.prev);
}

/*
 * doc/protocol.md, "Continuity": what the peer has proved to hold, it must still
 * hold; else it is a thief, a clone or a restored backup.
 */
static bool
lacks_a_secret(const struct boot *boot, const struct boot_frame *frame)
{
	const bool holds_cur = hint_is(frame->hint_cur, boot->hints.cur) ||
	    hint_is(frame->hint_prev, boot->hints.cur);
	enum continuity_use use;

	if (boot->role == ROLE_B)
		return !holds_cur;
	return (boot->hints.proved && !holds_cur) ||
	    !find_use(boot, frame, &use);
}

/* A: opens an attempt with whoever echoed our id, unless it is under way. */
static void
pursue(struct boot *boot, const struct boot_frame *frame, uint64_t now_ns)
{
	const enum exchange_state state = boot->exchange.state;
	struct attempt attempt = { .kind = HANDSHAKE_BOOT };

	if (state == EXCHANGE_FINISHING)
		return;
	if (!find_use(boot, frame, &attempt.use))
		return;
	if (state != EXCHANGE_IDLE &&
	    attempt.use == boot->exchange.attempt.use &&
	    now_ns - boot->started_ns < cadence_longer_ns(boot->cadence,
					    HANDSHAKE_RETRY_S,
					    HANDSHAKE_RETRY_SLOTS))
		return;
	attempt.number = boot->exchange.attempt.number + 1;
	exchange_start(&boot->exchange, attempt);
	boot->exchange_id = frame->my_id;
	boot->started_ns = now_ns;
	begin_parts(boot);
}

/* A: message 2 of the attempt in hand.  What is not of it is no fault: parts of
 * an older attempt may still be under way. */
static void
take_message_2(struct boot *boot, const struct boot_frame *frame)
{
	struct attempt attempt = { HANDSHAKE_BOOT, frame->tag,
		boot->exchange.attempt.use };
	bool repeated;

	if (!same_id(&boot->exchange_id, &frame->my_id))
		return;
	(void)!exchange_on_part(&boot->exchange, true, attempt, frame->part,
	    frame->parts, frame->data, frame->len, &repeated);
}

/* B: message 1, computed only under our cur. */
static void
take_message_1(struct boot *boot, const struct boot_frame *frame)
{
	const uint8_t *used =
	    frame->uses_prev ? frame->hint_prev : frame->hint_cur;
	struct attempt attempt = { HANDSHAKE_BOOT, frame->tag, CONTINUITY_CUR };
	bool repeated;

	if (!hint_is(used, boot->hints.cur))
		return;
	boot->exchange_id = frame->my_id;
	(void)!exchange_on_part(&boot->exchange, false, attempt, frame->part,
	    frame->parts, frame->data, frame->len, &repeated);
}

/* The frame is of another than the handshake in hand is with: the peer restarted,
 * or this is a recording of its life before. */
static bool
is_rival(const struct boot *boot, const struct boot_frame *frame)
{
	const struct exchange *exchange = &boot->exchange;

	return (exchange->state != EXCHANGE_IDLE ||
		   exchange->incoming.number != 0) &&
	    !same_id(&boot->exchange_id, &frame->my_id);
}

/* Both echo our id.  Under a fresh one only who is there can follow; but what the
 * keeper is syncing comes to its end first. */
static void
shake_off(struct boot *boot, const struct boot_frame *frame,
    struct boot_path *path, const struct origin *from)
{
	if (boot->exchange.state == EXCHANGE_FINISHING ||
	    boot->exchange.state == EXCHANGE_CONFIRMING)
		return;
	draw_id(boot);
	draw_rival(boot, &boot->heard, &frame->my_id);
	draw_place(boot, path, frame, from);
}

/* It is there, and has other terms: our keeper judges them. */
static void
note_terms(struct boot *boot, uint8_t terms)
{
	if (boot->other_terms && boot->peer_terms == terms)
		return;
	boot->other_terms = true;
	boot->peer_terms = terms;
	boot->terms_due = true;
}

/* The frame echoes our present id: whoever sent it was there a moment ago. */
static enum boot_result
on_echo(struct boot *boot, const struct boot_frame *frame, uint64_t now_ns)
{
	if (!boot->has_hints)
		return BOOT_NOTHING;
	/* It sends under the key that our keeper is syncing: what comes of this boot
	 * now it sent before, and names what it held then. */
	if (boot->exchange.state == EXCHANGE_CONFIRMING)
		return BOOT_NOTHING;
	if (lacks_a_secret(boot, frame)) {
		if (boot->alarmed)
			return BOOT_NOTHING;
		boot->alarmed = true;
		return BOOT_CONTINUITY;
	}
	/* Its parts may have other lengths. */
	if (frame->terms != boot->terms) {
		note_terms(boot, frame->terms);
		return BOOT_NOTHING;
	}
	if (boot->role == ROLE_A) {
		pursue(boot, frame, now_ns);
		if (frame->msg == MSG_2)
			take_message_2(boot, frame);
	} else if (frame->msg == MSG_1) {
		take_message_1(boot, frame);
	}
	return BOOT_NOTHING;
}

bool
boot_is_of_session(const struct boot *boot, const struct boot_frame *frame)
{
	return boot->stance != BOOT_WHOLE && boot->has_session_id &&
	    same_id(&frame->my_id, &boot->session_id);
}

/* A live session is not disturbed by those who stand beside one too, nor by what
 * is left of the boot that made it. */
static bool
is_idle_talk(const struct boot *boot, const struct boot_frame *frame)
{
	if (boot->stance == BOOT_WHOLE)
		return false;
	return frame->beside || boot_is_of_session(boot, frame);
}

enum boot_result
boot_on_frame(struct boot *boot, const struct boot_frame *frame, unsigned path,
    const struct origin *from, uint64_t now_ns)
{
	struct boot_path *by = &boot->path[path];
	enum boot_result result = BOOT_NOTHING, echoed;

	if (is_idle_talk(boot, frame))
		return BOOT_NOTHING;
	if (boot->stance == BOOT_REST)
		stand_beside(boot, now_ns);
	draw_rival(boot, &boot->heard, &frame->my_id);
	if (same_id(&frame->your_id, &boot->my_id))
		draw_rival(boot, &boot->echo, &frame->my_id);
	draw_place(boot, by, frame, from);
	if (!same_id(&frame->your_id, &boot->my_id))
		return BOOT_NOTHING;
	if (boot->stance == BOOT_BESIDE) {
		boot->stance = BOOT_WHOLE;
		result = BOOT_RESTARTED;
	}
	if (frame->blames && !boot->blamed) {
		boot->blamed = true;
		result = BOOT_BLAMED;
	}
	if (is_rival(boot, frame)) {
		shake_off(boot, frame, by, from);
		return result;
	}
	echoed = on_echo(boot, frame, now_ns);
	return echoed == BOOT_NOTHING ? result : echoed;
}

bool
boot_takes_slot(struct boot *boot, unsigned path, uint64_t now_ns)
{
	unsigned *beside_slots = &boot->path[path].beside_slots;

	if (boot->stance == BOOT_WHOLE)
		return true;
	if (boot->stance == BOOT_REST)
		return false;
	if (now_ns >= boot->beside_until_ns) {
		boot->stance = BOOT_REST;
		return false;
	}
	if (*beside_slots < BOOT_BESIDE_SHARE) {
		++*beside_slots;
		return false;
	}
	*beside_slots = 1;
	return true;
}

/* Whom this frame speaks to. */
static void
choose_peer(struct boot *boot)
{
	if (boot->echo.rivals > 0) {
		boot->your_id = boot->echo.id;
		boot->has_echo = true;
	} else if (!boot->has_echo && boot->heard.rivals > 0) {
		boot->your_id = boot->heard.id;
	}
	boot->echo.rivals = 0;
	boot->heard.rivals = 0;
}

/* And where that is, if it was heard by this path. */
static void
choose_place(const struct boot *boot, struct boot_path *path)
{
	if (path->heard.rivals > 0 && (path->echoes || !boot->has_echo) &&
	    same_id(&path->heard.id, &boot->your_id))
		path->your_origin = path->from;
	path->heard.rivals = 0;
}

/* Our message's next part, where there is a message for this peer. */
static void
fill_message(struct boot *boot, struct boot_path *path,
    struct boot_frame *frame)
{
	const struct exchange *exchange = &boot->exchange;
	const bool offering = exchange->state == EXCHANGE_OFFERING;

	if (!offering && exchange->state != EXCHANGE_ANSWERED &&
	    exchange->state != EXCHANGE_CONFIRMING)
		return;
	if (!same_id(&boot->your_id, &boot->exchange_id))
		return;
	frame->msg = offering ? MSG_1 : MSG_2;
	frame->uses_prev = offering && exchange->attempt.use == CONTINUITY_PREV;
	frame->parts = (uint8_t)parcel_parts(&exchange->out);
	frame->part = (uint8_t)(path->part++ % frame->parts);
	frame->tag = exchange->attempt.number;
	frame->data = parcel_part(&exchange->out, frame->part, &frame->len);
}

void
boot_fill(struct boot *boot, unsigned path, struct boot_frame *frame)
{
	assert(boot->stance != BOOT_REST);
	memset(frame, 0, sizeof(*frame));
	choose_peer(boot);
	choose_place(boot, &boot->path[path]);
	frame->my_id = boot->my_id;
	/* Before the keeper has told our hints there is nothing to judge us by:
	 * nobody is answered. */
	if (boot->has_hints)
		frame->your_id = boot->your_id;
	memcpy(frame->hint_cur, boot->hints.cur, HINT_BYTES);
	memcpy(frame->hint_prev, boot->hints.prev, HINT_BYTES);
	frame->terms = boot->terms;
	frame->beside = boot->stance == BOOT_BESIDE;
	frame->blames = boot->stance == BOOT_WHOLE && boot->blames;
	if (boot->stance == BOOT_WHOLE)
		fill_message(boot, &boot->path[path], frame);
}
