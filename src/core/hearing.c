#include "core/hearing.h"

#include <string.h>

#include "base/clock.h"
#include "limits.h"

/* Fewer frames than this may be missing without a word. */
static uint64_t
silence_ns(const struct hearing *hearing)
{
	return cadence_longer_ns(hearing->cadence, SILENCE_S, SILENCE_SLOTS);
}

void
hearing_init(struct hearing *hearing, struct cadence cadence, uint64_t now_ns)
{
	memset(hearing, 0, sizeof(*hearing));
	hearing->cadence = cadence;
	hearing->last_ns = now_ns;
	hearing->boot_begun_ns = now_ns;
}

void
hearing_on_boot(struct hearing *hearing, uint64_t since_ns)
{
	hearing->boot_begun_ns = since_ns;
	hearing->boot_heard_ns = 0;
}

/* No boot frame came for a while. */
static bool
is_boot_silent(const struct hearing *hearing, uint64_t now_ns)
{
	uint64_t heard_ns = hearing->boot_heard_ns;

	if (heard_ns < hearing->boot_begun_ns)
		heard_ns = hearing->boot_begun_ns;
	return now_ns - heard_ns > silence_ns(hearing);
}

void
hearing_on_boot_frame(struct hearing *hearing, uint64_t now_ns)
{
	/* After a silence it takes a moment until the peer can answer. */
	if (is_boot_silent(hearing, now_ns))
		hearing->boot_begun_ns = now_ns;
	hearing->boot_heard_ns = now_ns;
}

void
hearing_on_peer_boot(struct hearing *hearing, bool was_post, uint64_t now_ns)
{
	hearing->was_post = was_post;
	hearing->boot_begun_ns = now_ns;
	hearing->alive_ns = now_ns;
}

void
hearing_on_answer(struct hearing *hearing, uint64_t now_ns)
{
	hearing->alive_ns = now_ns;
}

void
hearing_on_session(struct hearing *hearing, uint64_t now_ns)
{
	hearing->session_begun_ns = now_ns;
	hearing->session_heard_ns = 0;
	hearing->peer_heard_ms_ago = 0;
	hearing->peer_left = WHY_NONE;
}

void
hearing_on_frame(struct hearing *hearing, uint64_t now_ns)
{
	if (hearing->was_silent ||
	    (hearing->has_heard &&
		(hearing->session_heard_ns == 0 ||
		    now_ns - hearing->last_ns > silence_ns(hearing)))) {
		/* Never heard before: a post that ran for longer than a silence
		 * takes until its boot frames came was kept from us by the
		 * path. */
		hearing->break_ns = hearing->has_heard
		    ? hearing->last_ns
		    : hearing->boot_begun_ns - silence_ns(hearing);
		hearing->judges = true;
		hearing->judged = false;
	}
	hearing->was_silent = false;
	hearing->has_heard = true;
	hearing->last_ns = now_ns;
	hearing->session_heard_ns = now_ns;
	hearing->alive_ns = now_ns;
}

/* A session that ends proves nothing: one that heard nothing boots too, and a post
 * that was down for long has no session left to be missed.  Where it has been met
 * beside our live session, what it sent last may have been on its way still. */
static bool
has_started_since(const struct hearing *hearing, uint32_t running_ms,
    uint64_t now_ns)
{
	const uint64_t running_ns = (uint64_t)running_ms * CLOCK_NS_PER_MS;
	const uint64_t late_ns = hearing->was_post ? silence_ns(hearing) : 0;

	return running_ms != UINT32_MAX && running_ns <= now_ns &&
	    now_ns - running_ns + late_ns > hearing->break_ns;
}

void
hearing_on_status(struct hearing *hearing, uint32_t peer_heard_ms_ago,
    uint32_t peer_running_ms, uint64_t now_ns)
{
	hearing->peer_heard_ms_ago = peer_heard_ms_ago;
	if (!hearing->judges)
		return;
	hearing->was_post = has_started_since(hearing, peer_running_ms, now_ns);
	hearing->judges = false;
	hearing->judged = true;
}

void
hearing_on_goodbye(struct hearing *hearing, enum line_why why)
{
	hearing->peer_left = why;
}

uint64_t
hearing_last_ns(const struct hearing *hearing)
{
	return hearing->session_heard_ns != 0 ? hearing->session_heard_ns
					      : hearing->session_begun_ns;
}

enum line_state
hearing_state_of_boot(const struct hearing *hearing, bool has_echo,
    uint64_t now_ns)
{
	if (is_boot_silent(hearing, now_ns))
		return LINE_SILENT;
	/* Frames come, but none that answers ours. */
	if (now_ns - hearing->boot_begun_ns > silence_ns(hearing) &&
	    hearing->boot_heard_ns != 0 && !has_echo)
		return LINE_ONE_WAY;
	return LINE_BOOTING;
}

enum line_state
hearing_state_of_session(const struct hearing *hearing, uint64_t now_ns)
{
	const bool is_silent =
	    now_ns - hearing_last_ns(hearing) > silence_ns(hearing);

	if (hearing->session_heard_ns == 0)
		return is_silent ? LINE_SILENT : LINE_BOOTING;
	if (hearing->peer_left != WHY_NONE || is_silent)
		return LINE_SILENT;
	if (hearing->peer_heard_ms_ago > silence_ns(hearing) / CLOCK_NS_PER_MS)
		return LINE_ONE_WAY;
	return LINE_UP;
}

void
hearing_read(const struct hearing *hearing, struct line_report *report,
    enum line_state state, uint64_t now_ns)
{
	report->state = state;
	report->why = WHY_NONE;
	if (state == LINE_SILENT)
		report->why = hearing->peer_left != WHY_NONE
		    ? hearing->peer_left
		    : WHY_PATH_OR_POST;
	report->heard_ms_ago = hearing->alive_ns == 0
	    ? UINT64_MAX
	    : (now_ns - hearing->alive_ns) / CLOCK_NS_PER_MS;
	report->was_post = hearing->was_post;
	report->judged = hearing->judged;
}

bool
hearing_is_news(struct hearing *hearing, struct line_report *report,
    uint64_t now_ns)
{
	/* The peer says whether it hears us, with every frame if it likes: that a
	 * one-way line is up again is told no sooner than the rest. */
	const bool is_early = now_ns - hearing->told_ns <
	    (uint64_t)REPORT_EVERY_MS * CLOCK_NS_PER_MS;
	const bool same = report->state == hearing->told &&
	    report->why == hearing->told_why &&
	    report->judged == hearing->told_judged;

	if (report->state == LINE_SILENT && hearing->told != LINE_SILENT) {
		hearing->was_post = report->was_post = false;
		hearing->judged = report->judged = false;
		hearing->was_silent = true;
	}
	if (is_early &&
	    (same ||
		(report->state == LINE_UP && hearing->told == LINE_ONE_WAY)))
		return false;
	hearing->told = report->state;
	hearing->told_why = report->why;
	hearing->told_judged = report->judged;
	hearing->told_ns = now_ns;
	return true;
}

void
hearing_tell_again(struct hearing *hearing)
{
	hearing->told_ns = 0;
}
