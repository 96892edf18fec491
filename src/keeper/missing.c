#include "keeper/missing.h"

#include <inttypes.h>

#include "base/clock.h"
#include "keeper/diary.h"

/* Counted in the store once, and then kept in step by the inbox. */
static int
count(struct keeper *keeper, struct post_line *line)
{
	struct query q;
	int64_t records;
	int rc;

	line->arrived = (struct arrived){ .known = false };
	for (int c = 0; c < CLASS_COUNT; c++) {
		q = store_query(&keeper->store, STMT_JOURNAL_HELD);
		query_bind_int(&q, line->id);
		query_bind_int(&q, c);
		query_bind_int(&q, (int64_t)line->inbox[c].last);
		if ((rc = query_one(&q, &records)) != OK)
			return rc;
		line->arrived.records += (uint64_t)records;
	}
	line->arrived.known = true;
	return OK;
}

static void
tell_of_end(struct keeper *keeper, struct post_line *line)
{
	if (line->missing.told)
		diary_note(keeper,
		    (struct diary_entry){ line, "line", NULL, "all-here" },
		    "All that %s has raised is here now.", line->name);
	line->missing = (struct missing){ .next_ns = line->missing.next_ns };
}

void
missing_look(struct keeper *keeper, struct post_line *line)
{
	const uint64_t end = line->peer.journal_end;
	struct missing *missing = &line->missing;

	if (!line->arrived.known && count(keeper, line) != OK)
		return;
	if (end <= line->arrived.records) {
		if (missing->records > 0)
			tell_of_end(keeper, line);
		return;
	}
	if (missing->records == 0) {
		missing->since_ms = keeper->now.wall_ms;
		missing->moved_ns = keeper->now.now_ns;
	}
	missing->records = end - line->arrived.records;
}

void
missing_on_data(struct keeper *keeper, struct post_line *line)
{
	line->missing.moved_ns = keeper->now.now_ns;
}

/* What is lost is known by the peer within a round trip, and what it says of its
 * journal is said again after so many frames. */
static uint64_t
due_ns(const struct post_line *line)
{
	const uint64_t rtt_ns = line->report.rtt_us == 0
	    ? (uint64_t)ACK_FIRST_RTT_MS * CLOCK_NS_PER_MS
	    : (uint64_t)line->report.rtt_us * CLOCK_NS_PER_US;
	uint64_t at_ns;

	/* A line that is silent is told of as such. */
	if (line->id == 0 || line->missing.records == 0 || line->missing.told ||
	    !line->has_report ||
	    (line->report.state != LINE_UP &&
		line->report.state != LINE_ONE_WAY))
		return UINT64_MAX;
	at_ns = line->missing.moved_ns + rtt_ns +
	    CTRL_EVERY_FRAMES * cadence_slot_ns(post_line_cadence(line));
	return at_ns > line->missing.next_ns ? at_ns : line->missing.next_ns;
}

uint64_t
missing_next_ns(const struct keeper *keeper)
{
	uint64_t next_ns = UINT64_MAX, at_ns;

	for (size_t i = 0; i < LINES_MAX; i++) {
		at_ns = due_ns(&keeper->lines[i]);
		if (at_ns < next_ns)
			next_ns = at_ns;
	}
	return next_ns;
}

void
missing_on_time(struct keeper *keeper)
{
	for (size_t i = 0; i < LINES_MAX; i++) {
		struct post_line *line = &keeper->lines[i];
		const uint64_t records = line->missing.records;

		if (due_ns(line) > keeper->now.now_ns)
			continue;
		line->missing.told = true;
		line->missing.next_ns = keeper->now.now_ns +
		    (uint64_t)MISSING_EVERY_MS * CLOCK_NS_PER_MS;
		diary_note(keeper,
		    (struct diary_entry){ line, "line", NULL, "missing" },
		    "%s has raised %" PRIu64
		    " record%s that %s not here yet%s.",
		    line->name, records, records == 1 ? "" : "s",
		    records == 1 ? "is" : "are",
		    disk_credit(&keeper->disk) == 0
			? ": the disk of this post is full"
			: "; the posts go on trying by themselves");
	}
}
