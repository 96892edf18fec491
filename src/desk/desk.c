#include "desk/desk.h"

#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "desk/inquiry.h"
#include "desk/intake.h"
#include "limits.h"

void
desk_init(struct desk *desk,
    int (*ask)(void *ctx, const struct request *request), void *ctx)
{
	memset(desk, 0, sizeof(*desk));
	desk->ask = ask;
	desk->ctx = ctx;
}

uint32_t
desk_ask(struct desk *desk, struct request *request)
{
	if (!desk->keeper_is_here)
		return 0;
	/* Never 0, which names events told unasked. */
	if (++desk->last_id == 0)
		desk->last_id = 1;
	request->id = desk->last_id;
	return desk->ask(desk->ctx, request) == OK ? request->id : 0;
}

/* Followers that have nothing under way ask what is new; those who follow from
 * now on learn where that is (newest; 0: not known). */
static void
follow(struct desk *desk, uint64_t newest)
{
	for (struct inquiry *e = desk->inquiries; e != NULL; e = e->next) {
		if (!e->follow)
			continue;
		if (e->offset == DESK_EVENTS_NOW && newest != 0)
			e->offset = newest - 1;
		if (e->phase == INQUIRY_STREAMING && e->ask_id == 0 &&
		    !e->waits && e->out.len == 0)
			e->match.route->ask(e);
	}
}

/* Keeper is there and has room: what waited is asked again. */
static void
retry(struct desk *desk)
{
	for (struct inquiry *e = desk->inquiries; e != NULL; e = e->next) {
		if (!e->waits)
			continue;
		e->waits = false;
		e->match.route->ask(e);
	}
}

static void
take_reply(struct inquiry *e, const struct reply *reply)
{
	if (!reply->more)
		e->ask_id = 0;
	/* Answered already: the rest of a longer reply. */
	if (e->phase != INQUIRY_TAKING && e->phase != INQUIRY_ASKING &&
	    e->phase != INQUIRY_STREAMING)
		return;
	if (reply->kind == REPLY_ERROR) {
		e->ask_id = 0;
		inquiry_refuse_err(e, reply->err, reply->say);
		return;
	}
	e->match.route->on_reply(e, reply);
}

void
desk_on_reply(struct desk *desk, const struct reply *reply, uint64_t now_ns)
{
	struct inquiry *e = desk->inquiries;

	desk->now_ns = now_ns;
	if (reply->id == 0) {
		follow(desk, reply->kind == REPLY_EVENT ? reply->event.seq : 0);
		return;
	}
	while (e != NULL && e->ask_id != reply->id)
		e = e->next;
	if (e == NULL)
		/* Whoever asked went away meanwhile. */
		intake_on_orphan(desk, reply);
	else
		take_reply(e, reply);
	retry(desk);
}

void
desk_on_keeper(struct desk *desk, uint64_t now_ns)
{
	desk->now_ns = now_ns;
	desk->keeper_is_here = true;
	retry(desk);
	follow(desk, 0);
}

void
desk_on_keeper_lost(struct desk *desk, uint64_t now_ns)
{
	desk->now_ns = now_ns;
	desk->keeper_is_here = false;
	for (struct inquiry *e = desk->inquiries; e != NULL; e = e->next) {
		/* Uploads live in keeper's memory: this one is gone. */
		bool lost_upload = e->upload != 0;

		e->upload = 0;
		if (e->ask_id == 0 && !lost_upload)
			continue;
		e->ask_id = 0;
		if (e->match.route->repeatable) {
			e->waits = true;
			e->waits_until_ns = now_ns +
			    (uint64_t)DESK_KEEPER_WAIT_S * CLOCK_NS_PER_S;
		} else if (e->phase == INQUIRY_TAKING ||
		    e->phase == INQUIRY_ASKING) {
			inquiry_refuse(e, 503, "interrupted",
			    "the keeper "
			    "restarted while it was asked: look whether it was "
			    "done, and try again if not");
		}
	}
}

/* The desk's own clock for one inquiry; UINT64_MAX: none runs. */
static uint64_t
inquiry_due_ns(const struct inquiry *inquiry)
{
	uint64_t due_ns = UINT64_MAX;

	if (inquiry->waits)
		due_ns = inquiry->waits_until_ns;
	if (inquiry->follow && inquiry->phase == INQUIRY_STREAMING &&
	    inquiry->beat_ns < due_ns)
		due_ns = inquiry->beat_ns;
	return due_ns;
}

void
desk_on_time(struct desk *desk, uint64_t now_ns)
{
	desk->now_ns = now_ns;
	for (struct inquiry *e = desk->inquiries; e != NULL; e = e->next) {
		if (inquiry_due_ns(e) > now_ns)
			continue;
		if (e->waits && e->waits_until_ns <= now_ns) {
			e->waits = false;
			inquiry_refuse(e, 503, "restarting",
			    "the keeper does "
			    "not come back; look at the post's log");
		} else {
			inquiry_put(e, "\n", 1);
		}
	}
}

uint64_t
desk_next_ns(const struct desk *desk)
{
	uint64_t next_ns = UINT64_MAX;

	for (const struct inquiry *e = desk->inquiries; e != NULL; e = e->next)
		if (inquiry_due_ns(e) < next_ns)
			next_ns = inquiry_due_ns(e);
	return next_ns;
}
