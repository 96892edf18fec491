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
	hearing->session_heard_ns = now_ns;
	hearing->alive_ns = now_ns;
}

void
hearing_on_status(struct hearing *hearing, uint32_t peer_heard_ms_ago)
{
	hearing->peer_heard_ms_ago = peer_heard_ms_ago;
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
}

bool
hearing_is_news(struct hearing *hearing, struct line_report *report,
    uint64_t now_ns)
{
	if (report->state == LINE_SILENT && hearing->told != LINE_SILENT)
		hearing->was_post = report->was_post = false;
	if (report->state == hearing->told &&
	    report->why == hearing->told_why &&
	    now_ns - hearing->told_ns <
		(uint64_t)REPORT_EVERY_MS * CLOCK_NS_PER_MS)
		return false;
	hearing->told = report->state;
	hearing->told_why = report->why;
	hearing->told_ns = now_ns;
	return true;
}

void
hearing_tell_again(struct hearing *hearing)
{
	hearing->told_ns = 0;
}
