#include "keeper/silence.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "keeper/diary.h"

/* The word for programs, and the end of "The line to bravo ...". */
struct words {
	const char *what;
	const char *say;
};

static struct words
words_of_silence(enum line_why why)
{
	switch (why) {
	case WHY_GOODBYE:
		return (struct words){ "goodbye",
			"is silent: their post was stopped, and said goodbye. "
			"They start it again" };
	case WHY_SEALED:
		return (struct words){ "sealed",
			"is silent: their post is sealed, and said so. Only "
			"they can open it" };
	case WHY_NONE:
	case WHY_PATH_OR_POST:
	case WHY_COUNT:
		break;
	}
	return (struct words){ "silent",
		"is silent: the path is cut or their post has stopped, nobody "
		"can tell which yet. See to our own network first" };
}

static struct words
words_of(const struct line_report *report)
{
	const char *what = line_state_name(report->state);

	switch (report->state) {
	case LINE_UNCONFIRMED:
	case LINE_STATE_COUNT:
		break;
	case LINE_BOOTING:
		return (struct words){ what, "is starting" };
	case LINE_UP:
		return (struct words){ what, "is up" };
	case LINE_ONE_WAY:
		return (struct words){ what,
			"is one-way: we hear them, they do not hear us. What "
			"we send is lost on its way. See to our own network "
			"first" };
	case LINE_SILENT:
		return words_of_silence(report->why);
	}
	return (struct words){ what, "is not confirmed" };
}

/* "42 s", "3 min 20 s", "2 h 5 min". */
static void
format_span(char text[32], uint64_t ns)
{
	const uint64_t s = ns / CLOCK_NS_PER_S;

	if (s < 60)
		snprintf(text, 32, "%" PRIu64 " s", s);
	else if (s < 3600)
		snprintf(text, 32, "%" PRIu64 " min %" PRIu64 " s", s / 60,
		    s % 60);
	else
		snprintf(text, 32, "%" PRIu64 " h %" PRIu64 " min", s / 3600,
		    s % 3600 / 60);
}

static void
tell_which(struct keeper *keeper, struct post_line *line)
{
	const bool was_post = line->report.was_post;
	char span[32];

	format_span(span, line->silence.ended_ns - line->silence.since_ns);
	diary_note(keeper,
	    (struct diary_entry){ line, "line", NULL,
		was_post ? "was-post" : "was-path" },
	    was_post ? "It was their post: the one at %s had stopped, and runs "
		       "again. The line was silent for %s."
		     : "It was the path: the post at %s ran all the while. The "
		       "line was silent for %s.",
	    line->name, span);
}

static void
begin(struct keeper *keeper, struct post_line *line)
{
	const uint64_t ago_ms = line->report.heard_ms_ago;

	line->silence =
	    (struct silence){ .asks = true, .since_ns = keeper->now.now_ns };
	if (ago_ms <= keeper->now.now_ns / CLOCK_NS_PER_MS)
		line->silence.since_ns -= ago_ms * CLOCK_NS_PER_MS;
}

void
silence_on_report(struct keeper *keeper, struct post_line *line, bool changed)
{
	const struct line_report *report = &line->report;
	const struct words words = words_of(report);

	if (changed)
		diary_note(keeper,
		    (struct diary_entry){ line, "line", NULL, words.what },
		    "The line to %s %s.", line->name, words.say);
	if (changed && report->state == LINE_SILENT &&
	    report->why == WHY_PATH_OR_POST &&
	    (!line->silence.asks || line->silence.ended_ns != 0))
		begin(keeper, line);
	if (!line->silence.asks || report->state != LINE_UP)
		return;
	if (line->silence.ended_ns == 0)
		line->silence.ended_ns = keeper->now.now_ns;
	if (!report->judged)
		return;
	tell_which(keeper, line);
	line->silence.asks = false;
}
