#include "core/lane.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"

void
lane_init(struct lane *lane, struct ack_frame *ring, uint32_t frames)
{
	memset(lane, 0, sizeof(*lane));
	ack_outbox_init(&lane->outbox, ring, frames);
}

static bool
is_same_place(const struct origin *a, const struct origin *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

void
lane_open(struct lane *lane, const struct line_way *way, uint64_t now_ns)
{
	/* Told again, it goes on to where it has learned that the peer is. */
	const bool anew =
	    !lane->open || !is_same_place(&lane->way.peer, &way->peer);

	if (way->peer.len != 0 && (anew || !way->roams))
		lane->to = way->peer;
	else if (anew)
		lane->to = way->last;
	lane->way = *way;
	if (lane->open)
		return;
	lane->open = true;
	lane->heard_ns = 0;
	lane->session_begun_ns = now_ns;
	lane->session_heard_ns = 0;
	lane->say_have.changed = true;
	lane->say_status.changed = true;
}

void
lane_on_session(struct lane *lane, uint64_t now_ns)
{
	ack_outbox_reset(&lane->outbox);
	lane->say_have.changed = true;
	lane->say_status.changed = true;
	lane->session_begun_ns = now_ns;
	lane->session_heard_ns = 0;
}

void
lane_on_boot(struct lane *lane)
{
	if (lane->way.roams && lane->way.peer.len != 0)
		lane->to = lane->way.peer;
}

void
lane_seek(struct lane *lane, const struct origin *from, struct rng rng)
{
	const bool seeks =
	    lane->way.peer.len != 0 && rng_below(rng, LANE_SEEKS_ONE_IN) == 0;

	lane->to = seeks ? lane->way.peer : *from;
}

void
lane_on_frame(struct lane *lane, bool of_session, uint64_t now_ns)
{
	lane->heard_ns = now_ns;
	if (of_session)
		lane->session_heard_ns = now_ns;
}

bool
lane_learns(const struct lane *lane)
{
	return lane->way.peer.len == 0 || lane->way.roams;
}

bool
lane_works(const struct lane *lane, uint64_t slot_ns, uint64_t now_ns)
{
	const struct ack_outbox *outbox = &lane->outbox;

	return lane->open && outbox->acked_ns != 0 &&
	    now_ns - outbox->acked_ns <=
	    ack_patience_ns(outbox, slot_ns, ACK_SLACK_SLOTS);
}

static bool
is_heard(const struct lane *lane, uint64_t silence_ns, uint64_t now_ns)
{
	return lane->heard_ns != 0 && now_ns - lane->heard_ns <= silence_ns;
}

enum path_state
lane_state_of_boot(const struct lane *lane, bool echoes, uint64_t silence_ns,
    uint64_t now_ns)
{
	if (!lane->open)
		return PATH_CLOSED;
	if (!is_heard(lane, silence_ns, now_ns))
		return PATH_SILENT;
	return echoes ? PATH_UP : PATH_ONE_WAY;
}

enum path_state
lane_state_of_session(const struct lane *lane, uint64_t silence_ns,
    uint64_t now_ns)
{
	uint64_t since_ns = lane->session_begun_ns;

	if (!lane->open)
		return PATH_CLOSED;
	if (!is_heard(lane, silence_ns, now_ns))
		return PATH_SILENT;
	/* The first acknowledgement takes a round trip. */
	if (lane->outbox.acked_ns > since_ns)
		since_ns = lane->outbox.acked_ns;
	return now_ns - since_ns <= silence_ns ? PATH_UP : PATH_ONE_WAY;
}

void
lane_read(const struct lane *lane, struct path_report *report, uint64_t now_ns)
{
	report->heard_ms_ago = lane->heard_ns == 0
	    ? UINT64_MAX
	    : (now_ns - lane->heard_ns) / CLOCK_NS_PER_MS;
	report->rtt_us = (uint32_t)(lane->outbox.srtt_ns / CLOCK_NS_PER_US);
	report->peer = lane->to;
}

bool
saying_is_due(const struct saying *saying)
{
	return saying->changed || saying->frames >= CTRL_EVERY_FRAMES;
}

void
saying_on_said(struct saying *saying)
{
	saying->changed = false;
	saying->frames = 0;
}
