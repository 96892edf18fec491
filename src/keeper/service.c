#include "keeper/service.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "keeper/delegate.h"
#include "keeper/diary.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"
#include "keeper/ref.h"

#define DAY_MS ((int64_t)DAY_SECONDS * 1000)

/* In one transaction: each costs a page or two. */
enum { FORGET_MAX = 64 };

/* Shows it beside the other side's; the words are in the record. */
static int
add(struct keeper *keeper, const struct post_line *line, int64_t row,
    enum side side, const char *who, size_t who_len)
{
	struct query q = store_query(&keeper->store, STMT_SERVICE_ADD);

	query_bind_int(&q, row);
	query_bind_int(&q, line->id);
	query_bind_int(&q, side);
	query_bind_int(&q, keeper->now.wall_ms);
	query_bind_text(&q, who, who_len);
	return query_run(&q);
}

int
service_take(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	const struct record_text author = arrival->record->author;
	int rc;

	rc =
	    add(keeper, line, arrival->row, SIDE_THEM, author.data, author.len);
	if (rc != OK)
		return rc;
	/* Its words are to be forgotten: they are in no event. */
	return diary_add(keeper,
	    (struct diary_entry){ line, "service", NULL, "heard" },
	    "%s says something on the service channel.", line->name);
}

/* -- forgetting -------------------------------------------------------------- */

struct forgetting {
	struct keeper *keeper;
	struct post_line *line;
	size_t count;
};

/* The oldest that is to be forgotten, and may be; ERR_NOT_FOUND: there is none. */
static int
find_old(struct keeper *keeper, const struct post_line *line, int64_t *row)
{
	struct query q = store_query(&keeper->store, STMT_SERVICE_OLD);
	bool found;
	int rc;

	query_bind_int(&q, line->id);
	query_bind_int(&q, keeper->now.wall_ms - SERVICE_DAYS * DAY_MS);
	query_bind_int(&q, SERVICE_KEPT_MAX);
	query_bind_int(&q, (int64_t)line->outbox.held.at[CLASS_ROUTINE].n);
	if ((found = query_next(&q)))
		*row = query_int(&q);
	if ((rc = query_end(&q)) != OK)
		return rc;
	return found ? OK : ERR_NOT_FOUND;
}

static int
forget_one(struct keeper *keeper, int64_t row)
{
	static const enum stmt stmts[] = { STMT_SERVICE_BLANK,
		STMT_SERVICE_DROP };
	int rc = OK;

	for (size_t i = 0; rc == OK && i < 2; i++) {
		struct query q = store_query(&keeper->store, stmts[i]);

		query_bind_int(&q, row);
		rc = query_run(&q);
	}
	return rc;
}

static int
forget(void *ctx)
{
	struct forgetting *forgetting = ctx;
	int64_t row;
	int rc;

	for (forgetting->count = 0; forgetting->count < FORGET_MAX;
	     forgetting->count++) {
		rc = find_old(forgetting->keeper, forgetting->line, &row);
		if (rc != OK)
			return rc == ERR_NOT_FOUND ? OK : rc;
		if ((rc = forget_one(forgetting->keeper, row)) != OK)
			return rc;
	}
	return OK;
}

void
service_look(struct keeper *keeper, struct post_line *line)
{
	struct forgetting forgetting = { .keeper = keeper, .line = line };
	const uint64_t now_ns = keeper->now.now_ns;
	int rc;

	if (now_ns < line->service.look_ns)
		return;
	line->service.look_ns =
	    now_ns + (uint64_t)SERVICE_LOOK_MS * CLOCK_NS_PER_MS;
	rc = store_transact(&keeper->store, STORE_RECORD, forget, &forgetting);
	if (rc != OK)
		log_warnx("line %u: old small talk was not forgotten (%s)",
		    line->id, err_str(rc));
	else if (forgetting.count == FORGET_MAX)
		line->service.look_ns = 0; /* there is more */
}

/* -- saying ------------------------------------------------------------------ */

struct saying {
	struct keeper *keeper;
	struct post_line *line;
	struct text text;
	uint8_t id[RECORD_ID_BYTES];
	int64_t row;
};

static int
append(void *ctx)
{
	struct saying *saying = ctx;
	struct record record = { .kind = RECORD_SERVICE };
	const char *who = keeper_who(saying->keeper);
	struct journal_place place;
	int rc;

	rc = journal_append_said(saying->keeper, saying->line, &record,
	    (struct record_text){ saying->text.data, saying->text.len },
	    &place);
	if (rc != OK)
		return rc;
	memcpy(saying->id, record.id, RECORD_ID_BYTES);
	saying->row = place.row;
	rc = add(saying->keeper, saying->line, place.row, SIDE_US, who,
	    strlen(who));
	if (rc != OK)
		return rc;
	return diary_add(saying->keeper,
	    (struct diary_entry){ saying->line, "service", NULL, "said" },
	    "Something is said to %s on the service channel.",
	    saying->line->name);
}

/* So many at once, then one in a while: a bucket that fills by itself. */
static bool
may_say(struct keeper *keeper, struct post_line *line)
{
	const uint64_t every_ns = (uint64_t)SERVICE_EVERY_MS * CLOCK_NS_PER_MS;
	const uint64_t now_ns = keeper->now.now_ns;
	uint64_t *free_ns = &line->service.free_ns;

	if (*free_ns > now_ns + (SERVICE_BURST - 1) * every_ns)
		return false;
	*free_ns = (*free_ns > now_ns ? *free_ns : now_ns) + every_ns;
	return true;
}

void
service_on_say(struct keeper *keeper, const struct request *request)
{
	struct saying saying = { .keeper = keeper,
		.text = request->ask.service.text };
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = request->kind };
	struct service_view *view = &reply.view.service;
	int rc;

	if ((saying.line = post_ask_active(keeper, request)) == NULL)
		return;
	if (saying.text.len == 0 || saying.text.len > SERVICE_TEXT_BYTES_MAX ||
	    !record_is_text(saying.text.data, saying.text.len)) {
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "On the service channel a text of up to %d bytes is said.",
		    SERVICE_TEXT_BYTES_MAX);
		return;
	}
	if (!may_say(keeper, saying.line)) {
		post_reply_error(keeper, request->id, ERR_AGAIN,
		    "That is more than a person types: say it in a moment.");
		return;
	}
	rc = post_commit(keeper, saying.line, append, &saying);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	ref_format(view->ref, SIDE_US, 0, saying.id);
	view->side = SIDE_US;
	view->time_ms = keeper->now.wall_ms;
	view->who = text_of(keeper_who(keeper));
	view->text = saying.text;
	reply.cursor = (uint64_t)saying.row;
	post_reply(keeper, &reply);
	post_tell_status(keeper, saying.line);
	outbox_push(keeper, saying.line);
}

/* -- for people -------------------------------------------------------------- */

static void
read_view(const struct post_line *line, struct query *q,
    struct service_view *view)
{
	uint8_t id[RECORD_ID_BYTES];
	int64_t n;

	memset(view, 0, sizeof(*view));
	view->side = (uint8_t)query_int(q);
	view->time_ms = query_int(q);
	view->who.data = query_text(q, &view->who.len);
	query_bytes(q, id, sizeof(id));
	ref_format(view->ref, SIDE_THEM, 0, id);
	view->text.data = query_blob(q, &view->text.len);
	n = query_int(q);
	view->delivered = view->side == SIDE_US && n > 0 &&
	    (uint64_t)n <= line->outbox.held.at[CLASS_ROUTINE].n;
}

void
service_on_list(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = request->kind,
		.more = true };
	struct query q;
	uint32_t rows = 0;
	int rc;

	if (line == NULL ||
	    !post_list_last(keeper, line, request,
		(struct post_last){ STMT_SERVICE_BACK, SERVICE_KEPT_MAX,
		    STMT_SERVICE_LIST },
		&q))
		return;
	while (query_next(&q)) {
		reply.cursor = (uint64_t)query_int(&q);
		read_view(line, &q, &reply.view.service);
		post_reply(keeper, &reply);
		rows++;
	}
	rc = query_end(&q);
	post_reply_list(keeper, request, rc, rows == request->page.limit);
}
