#include "keeper/duty.h"

#include <stdio.h>
#include <string.h>

#include "keeper/diary.h"
#include "keeper/rights.h"

/* One entry of the log, on its way there. */
struct entry {
	struct keeper *keeper;
	enum duty_what what;
	const char *who;
	const char *other; /* "": nobody */
	struct text note;
	uint64_t n;
	size_t items; /* kept so far */
	int rc;
};

/* -- the log ----------------------------------------------------------------- */

/* Copies a column that holds a title, or nothing. */
static void
take_title(char title[POST_NAME_BYTES], struct query *q)
{
	size_t len;
	const char *data = query_text(q, &len);

	memset(title, 0, POST_NAME_BYTES);
	if (len > 0 && len < POST_NAME_BYTES)
		memcpy(title, data, len);
}

static int
load_since(struct keeper *keeper)
{
	struct query q = store_query(&keeper->store, STMT_DUTY_TAKEN);
	int rc = query_one(&q, &keeper->duty.since_ms);

	return rc == ERR_NOT_FOUND ? OK : rc;
}

int
duty_load(struct keeper *keeper)
{
	struct duty *duty = &keeper->duty;
	struct query q = store_query(&keeper->store, STMT_DUTY_LAST);
	enum duty_what what = DUTY_LEFT;
	int64_t wall_ms = 0;
	int rc;

	*duty = (struct duty){ .n = 0 };
	if (query_next(&q)) {
		duty->n = (uint64_t)query_int(&q);
		wall_ms = query_int(&q);
		what = (enum duty_what)query_int(&q);
		take_title(duty->who, &q);
		take_title(duty->to, &q);
	}
	if ((rc = query_end(&q)) != OK)
		return rc;
	if (what == DUTY_LEFT)
		duty->who[0] = '\0';
	if (what == DUTY_HANDED_OVER)
		duty->handed_ms = wall_ms;
	else
		duty->to[0] = '\0';
	return duty->who[0] != '\0' ? load_since(keeper) : OK;
}

static void
keep_item(void *ctx, const struct waiting_item *item)
{
	struct entry *entry = ctx;
	struct query q;

	if (entry->rc != OK || entry->what == DUTY_TAKEN ||
	    entry->items == DUTY_ITEMS_MAX)
		return;
	q = store_query(&entry->keeper->store, STMT_DUTY_ITEM_ADD);
	query_bind_int(&q, (int64_t)entry->n);
	query_bind_int(&q, (int64_t)entry->items++);
	query_bind_int(&q, item->kind);
	query_bind_text(&q, item->line, strlen(item->line));
	query_bind_text(&q, item->ref, strlen(item->ref));
	query_bind_text(&q, item->who, strlen(item->who));
	query_bind_int(&q, item->since_ms);
	query_bind_int(&q, item->due_ms);
	query_bind_text(&q, item->say, strlen(item->say));
	entry->rc = query_run(&q);
}

static int
trim(struct keeper *keeper, uint64_t n)
{
	static const enum stmt stmts[] = { STMT_DUTY_TRIM,
		STMT_DUTY_ITEM_TRIM };
	int rc = OK;

	for (size_t i = 0; rc == OK && n > DUTY_LOG_MAX && i < 2; i++) {
		struct query q = store_query(&keeper->store, stmts[i]);

		query_bind_int(&q, (int64_t)(n - DUTY_LOG_MAX));
		rc = query_run(&q);
	}
	return rc;
}

static int
note_event(const struct entry *entry, size_t waiting)
{
	static const struct diary_entry taken = { NULL, "watch", NULL,
		"taken" };
	static const struct diary_entry handed = { NULL, "watch", NULL,
		"handed-over" };
	static const struct diary_entry left = { NULL, "watch", NULL, "left" };
	struct keeper *keeper = entry->keeper;

	switch (entry->what) {
	case DUTY_TAKEN:
		if (entry->other[0] == '\0')
			return diary_add(keeper, taken,
			    "%s has the watch here now.", entry->who);
		return diary_add(keeper, taken,
		    "%s has the watch here now, and took it from %s.",
		    entry->who, entry->other);
	case DUTY_HANDED_OVER:
		return diary_add(keeper, handed,
		    "%s hands the watch over to %s, with %zu thing%s that "
		    "wait%s; it is %s's until %s takes it.",
		    entry->who, entry->other, waiting, waiting == 1 ? "" : "s",
		    waiting == 1 ? "s" : "", entry->who, entry->other);
	case DUTY_LEFT:
	case DUTY_WHAT_COUNT:
		break;
	}
	return diary_add(keeper, left,
	    "%s has left the watch; nobody has it here.", entry->who);
}

static int
put_entry(void *ctx)
{
	struct entry *entry = ctx;
	struct keeper *keeper = entry->keeper;
	struct waiting_list list = { .on_item = keep_item,
		.ctx = entry,
		.most = WAITING_MAX };
	struct query q;
	int rc;

	entry->items = 0;
	entry->rc = OK;
	if ((rc = waiting_collect(keeper, &list)) != OK ||
	    (rc = entry->rc) != OK)
		return rc;
	q = store_query(&keeper->store, STMT_DUTY_ADD);
	query_bind_int(&q, (int64_t)entry->n);
	query_bind_int(&q, keeper->now.wall_ms);
	query_bind_int(&q, entry->what);
	query_bind_text(&q, entry->who, strlen(entry->who));
	query_bind_text(&q, entry->other, strlen(entry->other));
	query_bind_text(&q, entry->note.data, entry->note.len);
	query_bind_int(&q, (int64_t)list.count);
	if ((rc = query_run(&q)) != OK ||
	    (rc = note_event(entry, list.count)) != OK)
		return rc;
	return trim(keeper, entry->n);
}

/* Writes the entry, and answers. */
static void
write_entry(struct keeper *keeper, const struct request *request,
    struct entry *entry)
{
	int rc;

	if (entry->note.len > 0 &&
	    !record_is_text(entry->note.data, entry->note.len)) {
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "The note must be text.");
		return;
	}
	entry->keeper = keeper;
	entry->n = keeper->duty.n + 1;
	rc = store_transact(&keeper->store, STORE_RECORD, put_entry, entry);
	if (rc != OK || (rc = duty_load(keeper)) != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	diary_tell(keeper);
	duty_on_show(keeper, request);
}

/* -- what people ask --------------------------------------------------------- */

void
duty_on_take(struct keeper *keeper, const struct request *request)
{
	const struct duty before = keeper->duty;
	struct entry entry = { .what = DUTY_TAKEN,
		.who = keeper_who(keeper),
		.other = before.who,
		.note = request->ask.watch.note };

	if (strcmp(before.who, entry.who) == 0 && before.to[0] == '\0')
		post_reply_error(keeper, request->id, ERR_STATE,
		    "%s has the watch already.", entry.who);
	else
		write_entry(keeper, request, &entry);
}

/* Only who has it can give it away. */
static bool
has_watch(struct keeper *keeper, const struct request *request)
{
	const char *who = keeper_who(keeper);

	if (strcmp(keeper->duty.who, who) == 0)
		return true;
	if (keeper->duty.who[0] == '\0')
		post_reply_error(keeper, request->id, ERR_STATE,
		    "Nobody has the watch here; `quietline watch take` takes "
		    "it.");
	else
		post_reply_error(keeper, request->id, ERR_STATE,
		    "%s has the watch, not %s; `quietline watch take` takes it "
		    "over.",
		    keeper->duty.who, who);
	return false;
}

void
duty_on_hand_over(struct keeper *keeper, const struct request *request)
{
	const struct text to = request->ask.watch.to;
	const struct duty before = keeper->duty;
	char title[POST_NAME_BYTES] = "";
	struct entry entry = { .what = DUTY_HANDED_OVER,
		.who = before.who,
		.other = title,
		.note = request->ask.watch.note };

	if (!has_watch(keeper, request))
		return;
	if (to.len > 0 && to.len < sizeof(title))
		memcpy(title, to.data, to.len);
	if (!rights_title_may(keeper, title, RIGHT_WATCH)) {
		post_reply_error(keeper, request->id, ERR_NOT_FOUND,
		    "There is no delegate of that title who may take the watch; "
		    "`quietline delegate list` shows them.");
		return;
	}
	if (strcmp(title, before.who) == 0) {
		post_reply_error(keeper, request->id, ERR_STATE,
		    "%s has the watch already.", title);
		return;
	}
	write_entry(keeper, request, &entry);
}

void
duty_on_leave(struct keeper *keeper, const struct request *request)
{
	const struct duty before = keeper->duty;
	struct entry entry = { .what = DUTY_LEFT,
		.who = before.who,
		.other = "",
		.note = request->ask.watch.note };

	if (has_watch(keeper, request))
		write_entry(keeper, request, &entry);
}

void
duty_on_show(struct keeper *keeper, const struct request *request)
{
	const struct duty *duty = &keeper->duty;
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = request->kind };
	size_t waiting;
	int rc;

	if ((rc = waiting_count(keeper, &waiting)) != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	reply.view.watch.who = text_of(duty->who);
	reply.view.watch.since_ms = duty->who[0] != '\0' ? duty->since_ms : 0;
	reply.view.watch.to = text_of(duty->to);
	reply.view.watch.handed_ms = duty->handed_ms;
	reply.view.watch.waiting = waiting;
	post_reply(keeper, &reply);
}

/* -- the log, for people ----------------------------------------------------- */

static struct text
take_text(struct query *q)
{
	struct text text;

	text.data = query_text(q, &text.len);
	return text;
}

/* The items of an entry: views, good until the query ends. */
struct items {
	char texts[DUTY_ITEMS_MAX][3][WAITING_SAY_BYTES];
};

static struct text
keep_text(char kept[WAITING_SAY_BYTES], struct text text)
{
	if (text.len >= WAITING_SAY_BYTES)
		text.len = WAITING_SAY_BYTES - 1;
	if (text.len > 0)
		memcpy(kept, text.data, text.len);
	return (struct text){ text.len > 0 ? kept : NULL, text.len };
}

static int
read_items(struct keeper *keeper, struct duty_view *view, struct items *items)
{
	struct query q = store_query(&keeper->store, STMT_DUTY_ITEM_LIST);

	query_bind_int(&q, (int64_t)view->n);
	while (view->items < DUTY_ITEMS_MAX && query_next(&q)) {
		char(*texts)[WAITING_SAY_BYTES] = items->texts[view->items];
		struct waiting_view *item = &view->item[view->items++];
		struct text ref;

		*item = (struct waiting_view){ .kind = 0 };
		item->kind = (uint8_t)query_int(&q);
		item->line = keep_text(texts[0], take_text(&q));
		ref = take_text(&q);
		if (ref.len < sizeof(item->ref) && ref.len > 0)
			memcpy(item->ref, ref.data, ref.len);
		item->who = keep_text(texts[1], take_text(&q));
		item->since_ms = query_int(&q);
		item->due_ms = query_int(&q);
		item->say = keep_text(texts[2], take_text(&q));
	}
	return query_end(&q);
}

/* Entries count from 1, and none is left out. */
static int64_t
find_after(const struct keeper *keeper, const struct request *request)
{
	const uint64_t last = request->ask.last.last, end = keeper->duty.n;
	uint64_t after = request->page.after;

	if (last != 0 && last < end && after < end - last)
		after = end - last;
	return after > INT64_MAX ? INT64_MAX : (int64_t)after;
}

void
duty_on_log(struct keeper *keeper, const struct request *request)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = request->kind,
		.more = true };
	struct duty_view *view = &reply.view.duty;
	struct query q = store_query(&keeper->store, STMT_DUTY_LIST);
	struct items items;
	uint32_t rows = 0;
	int rc = OK;

	query_bind_int(&q, find_after(keeper, request));
	query_bind_int(&q, request->page.limit);
	while (rc == OK && query_next(&q)) {
		memset(view, 0, sizeof(*view));
		view->n = (uint64_t)query_int(&q);
		view->time_ms = query_int(&q);
		view->what = (uint8_t)query_int(&q);
		view->who = take_text(&q);
		view->other = take_text(&q);
		view->note = take_text(&q);
		view->waiting = (uint64_t)query_int(&q);
		reply.cursor = view->n;
		if ((rc = read_items(keeper, view, &items)) == OK)
			post_reply(keeper, &reply);
		rows++;
	}
	if (query_end(&q) != OK && rc == OK)
		rc = ERR_IO;
	post_reply_list(keeper, request, rc, rows == request->page.limit);
}

/* -- what waits -------------------------------------------------------------- */

int
duty_waiting(struct keeper *keeper, struct waiting_list *list)
{
	const struct duty *duty = &keeper->duty;
	const struct waiting_about about = { .kind = WAITING_WATCH,
		.who = duty->to,
		.since_ms = duty->handed_ms };

	if (duty->to[0] != '\0')
		(void)waiting_add(list, &about,
		    "%s has handed the watch over to %s, who has not taken it.",
		    duty->who, duty->to);
	return OK;
}
