#include "keeper/cause.h"

#include <stdio.h>

static const char *
explain_silence(enum line_why why)
{
	switch (why) {
	case WHY_GOODBYE:
		return "their post was stopped, and had said goodbye";
	case WHY_SEALED:
		return "their post is sealed, and had said so";
	case WHY_NONE:
	case WHY_PATH_OR_POST:
	case WHY_COUNT:
		break;
	}
	return "the line is silent: the path is cut, or their post has stopped";
}

/* The line is up, and yet no answer came; id: of the drill. */
static const char *
explain_up(struct keeper *keeper, const struct post_line *line,
    const uint8_t id[RECORD_ID_BYTES])
{
	struct query q = store_query(&keeper->store, STMT_DRILL_N);
	int64_t n = 0;

	query_bind_int(&q, line->id);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	if (query_next(&q))
		n = query_int(&q);
	if (query_end(&q) != OK)
		n = 0;
	if (line->journal.is_behind)
		return "this post's store is older than what they hold, so that "
		       "nothing new is sent";
	if (line->peer.store == STORE_FULL || line->paused)
		return "the disk of their post is full: drills go unanswered "
		       "there until there is room";
	if (n == 0 || (uint64_t)n > line->outbox.held.at[CLASS_NOTES].n)
		return "it has not reached their post: the line is up, but much "
		       "is lost on the way, or it was away until just now";
	return "their post has it and did not answer: it may just have "
	       "restarted, or its answer is still on the way";
}

static const char *
explain(struct keeper *keeper, const struct post_line *line,
    const uint8_t id[RECORD_ID_BYTES])
{
	if (!keeper->wire || !line->has_report)
		return "our own post was not sending";
	switch (line->report.state) {
	case LINE_UNCONFIRMED:
	case LINE_STATE_COUNT:
		break;
	case LINE_BOOTING:
		return "the line is still starting: the two posts have no keys "
		       "of this session yet";
	case LINE_ONE_WAY:
		return "they do not hear us: what we send is lost on its way";
	case LINE_SILENT:
		return explain_silence(line->report.why);
	case LINE_UP:
		return explain_up(keeper, line, id);
	}
	return "the line is not confirmed";
}

/* Whom it is no use to ring up. */
static const char *
explain_watch(const struct post_line *line)
{
	if (line->peer.watch == WATCH_OFF)
		return "; nobody is on watch there, as they say";
	if (line->peer.watch == WATCH_DECLINED)
		return "; their watch declines, as they say";
	return "";
}

void
cause_of_missed(struct keeper *keeper, const struct post_line *line,
    const uint8_t id[RECORD_ID_BYTES], char cause[CAUSE_BYTES])
{
	snprintf(cause, CAUSE_BYTES, "%s%s", explain(keeper, line, id),
	    explain_watch(line));
}
