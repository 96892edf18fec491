#include "keeper/diary.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

enum { TRIM_EVERY = 256 };

static int
add_text(struct keeper *keeper, struct diary_entry entry, const char *say)
{
	struct store *store = &keeper->store;
	struct query q = store_query(store, STMT_EVENT_ADD);
	int64_t seq;
	int rc;

	query_bind_int(&q, keeper->now.wall_ms);
	query_bind_text(&q, entry.line ? entry.line->name : "",
	    entry.line ? strlen(entry.line->name) : 0);
	query_bind_text(&q, entry.kind, strlen(entry.kind));
	query_bind_text(&q, entry.ref, entry.ref ? strlen(entry.ref) : 0);
	query_bind_text(&q, entry.what, entry.what ? strlen(entry.what) : 0);
	query_bind_text(&q, say, strlen(say));
	if ((rc = query_run(&q)) != OK)
		return rc;
	seq = store_last_row(store, STORE_RECORD);
	if (seq % TRIM_EVERY != 0 || seq <= EVENTS_MAX)
		return OK;
	q = store_query(store, STMT_EVENT_TRIM);
	query_bind_int(&q, seq - EVENTS_MAX);
	return query_run(&q);
}

int
diary_add(struct keeper *keeper, struct diary_entry entry, const char *format,
    ...)
{
	char say[POST_SAY_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(say, sizeof(say), format, args);
	va_end(args);
	return add_text(keeper, entry, say);
}

struct note {
	struct keeper *keeper;
	struct diary_entry entry;
	const char *say;
};

static int
add_note(void *ctx)
{
	struct note *note = ctx;

	return add_text(note->keeper, note->entry, note->say);
}

void
diary_note(struct keeper *keeper, struct diary_entry entry, const char *format,
    ...)
{
	char say[POST_SAY_BYTES];
	struct note note = { keeper, entry, say };
	va_list args;
	int rc;

	va_start(args, format);
	vsnprintf(say, sizeof(say), format, args);
	va_end(args);
	rc = store_transact(&keeper->store, STORE_RECORD, add_note, &note);
	if (rc != OK)
		log_warnx("diary: an event was not kept (%s)", err_str(rc));
	diary_tell(keeper);
}

/* Reads the event after seq; false: there is none. */
static bool
read_next(struct query *q, struct event_view *view)
{
	memset(view, 0, sizeof(*view));
	if (!query_next(q))
		return false;
	view->seq = (uint64_t)query_int(q);
	view->wall_ms = query_int(q);
	view->line.data = query_text(q, &view->line.len);
	view->kind.data = query_text(q, &view->kind.len);
	view->ref.data = query_text(q, &view->ref.len);
	view->what.data = query_text(q, &view->what.len);
	view->say.data = query_text(q, &view->say.len);
	return true;
}

static struct query
list_after(struct keeper *keeper, uint64_t seq, int64_t limit)
{
	struct query q = store_query(&keeper->store, STMT_EVENT_LIST);

	query_bind_int(&q, seq > INT64_MAX ? INT64_MAX : (int64_t)seq);
	query_bind_int(&q, limit);
	return q;
}

void
diary_tell(struct keeper *keeper)
{
	struct query q = list_after(keeper, keeper->event_seq, INT64_MAX);
	struct event_view view;

	while (read_next(&q, &view)) {
		keeper->event_seq = view.seq;
		keeper->ops.event(keeper->ctx, &view);
	}
	if (query_end(&q) != OK)
		log_warnx("diary: events were not told");
}

int
diary_load(struct keeper *keeper)
{
	struct query q = store_query(&keeper->store, STMT_EVENT_LAST);
	int64_t seq;
	int rc;

	rc = query_one(&q, &seq);
	keeper->event_seq = (uint64_t)seq;
	return rc;
}

void
diary_list(struct keeper *keeper, const struct request *request)
{
	int64_t limit = request->events.limit;
	struct reply reply = { .kind = REPLY_EVENT,
		.id = request->id,
		.more = true };
	struct query q;

	if (limit == 0 || limit > EVENTS_REPLY_MAX)
		limit = EVENTS_REPLY_MAX;
	q = list_after(keeper, request->events.after, limit);
	while (read_next(&q, &reply.event))
		post_reply(keeper, &reply);
	if (query_end(&q) != OK)
		post_reply_store(keeper, request->id, ERR_IO);
	else
		post_reply_done(keeper, request->id);
}
