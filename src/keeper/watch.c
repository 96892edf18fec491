#include "keeper/watch.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "keeper/diary.h"

enum { LOOK_EVERY_MS = 1000, WHEN_BYTES = 32 };

int
watch_load(struct keeper *keeper, struct post_line *line)
{
	struct query q = store_query(&keeper->store, STMT_WATCH_GET);

	line->watch = (struct watch){ .state = WATCH_ON };
	line->peer_watch = (struct watch){ .state = WATCH_UNKNOWN };
	query_bind_int(&q, line->id);
	if (query_next(&q)) {
		line->watch.state = (enum watch_state)query_int(&q);
		line->watch.until_ms = query_int(&q);
		line->peer_watch.state = (enum watch_state)query_int(&q);
		line->peer_watch.until_ms = query_int(&q);
	}
	line->peer.watch = line->peer_watch.state;
	line->peer.declined_until_ms = line->peer_watch.until_ms;
	return query_end(&q);
}

static int
put(struct keeper *keeper, const struct post_line *line)
{
	struct query q = store_query(&keeper->store, STMT_WATCH_PUT);

	query_bind_int(&q, line->id);
	query_bind_int(&q, line->watch.state);
	query_bind_int(&q, line->watch.until_ms);
	query_bind_int(&q, line->peer_watch.state);
	query_bind_int(&q, line->peer_watch.until_ms);
	return query_run(&q);
}

/* " until 2026-11-22 18:00 UTC", or nothing where there is no end. */
static void
format_until(char text[WHEN_BYTES], int64_t until_ms)
{
	char time[CLOCK_TEXT_BYTES];

	text[0] = '\0';
	if (until_ms == 0)
		return;
	clock_format(time, until_ms);
	snprintf(text, WHEN_BYTES, " until %.10s %.5s UTC", time, time + 11);
}

struct change {
	struct keeper *keeper;
	struct post_line *line;
	bool ran_out; /* ours: the time has come to which it had declined */
};

static int
note_ours(const struct change *change)
{
	const struct post_line *line = change->line;
	struct diary_entry entry = { line, "watch", NULL, "ours-on" };
	char until[WHEN_BYTES];

	format_until(until, line->watch.until_ms);
	switch (line->watch.state) {
	case WATCH_OFF:
		entry.what = "ours-off";
		return diary_add(change->keeper, entry,
		    "%s is told that nobody is on watch here.", line->name);
	case WATCH_DECLINED:
		entry.what = "ours-declined";
		return diary_add(change->keeper, entry,
		    "%s is told that our watch declines%s.", line->name, until);
	case WATCH_UNKNOWN:
	case WATCH_ON:
		break;
	}
	if (change->ran_out)
		return diary_add(change->keeper, entry,
		    "The time has come until which our watch declined; %s is "
		    "told that it is on again.",
		    line->name);
	return diary_add(change->keeper, entry,
	    "%s is told that somebody is on watch here.", line->name);
}

static int
put_ours(void *ctx)
{
	const struct change *change = ctx;
	int rc;

	if ((rc = put(change->keeper, change->line)) != OK)
		return rc;
	return note_ours(change);
}

static int
set(struct keeper *keeper, struct post_line *line, struct watch watch)
{
	struct change change = { .keeper = keeper, .line = line };
	const struct watch before = line->watch;
	int rc;

	if (watch.state == before.state && watch.until_ms == before.until_ms)
		return OK;
	line->watch = watch;
	if ((rc = post_commit(keeper, line, put_ours, &change)) != OK)
		line->watch = before;
	else
		post_tell_status(keeper, line);
	return rc;
}

static bool
is_asked(const struct request *request, const struct post_line *line)
{
	return line->id != 0 && line->drop_ns == 0 &&
	    (request->line.len == 0 ||
		(strlen(line->name) == request->line.len &&
		    memcmp(line->name, request->line.data, request->line.len) ==
			0));
}

void
watch_on_request(struct keeper *keeper, const struct request *request)
{
	const struct watch watch = { request->watch.state,
		request->watch.until_ms };
	size_t found = 0;
	int rc = OK;

	if (watch.until_ms != 0 && watch.until_ms <= keeper->now.wall_ms) {
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "The time until which to decline has passed already, by "
		    "this machine's clock.");
		return;
	}
	for (size_t i = 0; rc == OK && i < LINES_MAX; i++) {
		struct post_line *line = &keeper->lines[i];

		if (!is_asked(request, line))
			continue;
		found++;
		rc = set(keeper, line, watch);
	}
	if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	else if (found == 0 && request->line.len == 0)
		post_reply_error(keeper, request->id, ERR_NOT_FOUND,
		    "This post has no line, so that there is nobody to tell.");
	else if (found == 0)
		post_reply_no_line(keeper, request->id);
	else
		post_reply_done(keeper, request->id);
}

static int
note_theirs(const struct change *change, enum watch_state before)
{
	const struct post_line *line = change->line;
	struct diary_entry entry = { line, "watch", NULL, "on" };
	char until[WHEN_BYTES];

	format_until(until, line->peer_watch.until_ms);
	switch (line->peer_watch.state) {
	case WATCH_UNKNOWN:
		return OK;
	case WATCH_ON:
		/* What everybody expects is no news. */
		if (before == WATCH_UNKNOWN)
			return OK;
		return diary_add(change->keeper, entry,
		    "Somebody is on watch at %s again.", line->name);
	case WATCH_OFF:
		entry.what = "off";
		return diary_add(change->keeper, entry,
		    "Nobody is on watch at %s. Their post stores what is sent; "
		    "nobody reads it for now.",
		    line->name);
	case WATCH_DECLINED:
		entry.what = "declined";
		return diary_add(change->keeper, entry,
		    "The watch at %s declines%s. Their post stores what is "
		    "sent; do not expect an answer before.",
		    line->name, until);
	}
	return OK;
}

struct hearsay {
	struct change change;
	enum watch_state before;
};

static int
put_theirs(void *ctx)
{
	const struct hearsay *hearsay = ctx;
	int rc;

	rc = put(hearsay->change.keeper, hearsay->change.line);
	if (rc != OK)
		return rc;
	return note_theirs(&hearsay->change, hearsay->before);
}

void
watch_look(struct keeper *keeper, struct post_line *line)
{
	const struct watch said = { line->peer.watch,
		line->peer.declined_until_ms };
	struct hearsay hearsay = { { keeper, line, false },
		line->peer_watch.state };
	const uint64_t now_ns = keeper->now.now_ns;
	int rc;

	if (said.state == line->peer_watch.state &&
	    said.until_ms == line->peer_watch.until_ms)
		return;
	if (line->watch_looked_ns != 0 &&
	    now_ns - line->watch_looked_ns <
		(uint64_t)LOOK_EVERY_MS * CLOCK_NS_PER_MS)
		return;
	line->watch_looked_ns = now_ns;
	line->peer_watch = said;
	rc = post_commit(keeper, line, put_theirs, &hearsay);
	/* Status shows it either way. */
	if (rc != OK)
		log_warnx("line %u: their watch was not kept (%s)", line->id,
		    err_str(rc));
}

static bool
may_run_out(const struct post_line *line)
{
	return line->id != 0 && line->drop_ns == 0 &&
	    line->watch.state == WATCH_DECLINED && line->watch.until_ms != 0;
}

uint64_t
watch_next_ns(const struct keeper *keeper)
{
	uint64_t next_ns = UINT64_MAX, at_ns;
	int64_t left_ms;

	for (size_t i = 0; i < LINES_MAX; i++) {
		const struct post_line *line = &keeper->lines[i];

		if (!may_run_out(line))
			continue;
		left_ms = line->watch.until_ms - keeper->now.wall_ms;
		at_ns = keeper->now.now_ns +
		    (left_ms > 0 ? (uint64_t)left_ms * CLOCK_NS_PER_MS : 0);
		if (at_ns < next_ns)
			next_ns = at_ns;
	}
	return next_ns;
}

void
watch_on_time(struct keeper *keeper)
{
	for (size_t i = 0; i < LINES_MAX; i++) {
		struct post_line *line = &keeper->lines[i];
		struct change change = { keeper, line, true };
		int rc;

		if (!may_run_out(line) ||
		    line->watch.until_ms > keeper->now.wall_ms)
			continue;
		/* It is over, whether it can be written down or not: the next
		 * start finds out again. */
		line->watch = (struct watch){ .state = WATCH_ON };
		rc = post_commit(keeper, line, put_ours, &change);
		if (rc != OK)
			log_warnx("line %u: our watch was not kept (%s)",
			    line->id, err_str(rc));
		post_tell_status(keeper, line);
	}
}
