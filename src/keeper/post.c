#include "keeper/post.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/wipe.h"
#include "keeper/alarm.h"
#include "keeper/calendar.h"
#include "keeper/continuity.h"
#include "keeper/diary.h"
#include "keeper/errand.h"
#include "keeper/drill.h"
#include "keeper/duty.h"
#include "keeper/inbox.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"
#include "keeper/pact.h"
#include "keeper/roster.h"
#include "keeper/schedule.h"
#include "keeper/terms.h"
#include "keeper/wake.h"
#include "keeper/watch.h"
#include "keeper/ways.h"

struct text
text_of(const char *string)
{
	const size_t len = strlen(string);

	return (struct text){ len > 0 ? string : NULL, len };
}

struct post_line *
post_find_line(struct keeper *keeper, uint32_t id)
{
	for (size_t i = 0; id != 0 && i < LINES_MAX; i++) {
		if (keeper->lines[i].id == id)
			return &keeper->lines[i];
	}
	return NULL;
}

struct post_line *
post_find_name(struct keeper *keeper, struct text name)
{
	for (size_t i = 0; i < LINES_MAX; i++) {
		struct post_line *line = &keeper->lines[i];

		if (line->id != 0 && line->drop_ns == 0 &&
		    strlen(line->name) == name.len &&
		    memcmp(line->name, name.data, name.len) == 0)
			return line;
	}
	return NULL;
}

bool
post_line_is_active(const struct post_line *line)
{
	return line->id != 0 && line->drop_ns == 0 &&
	    line->ceremony.state == CEREMONY_CONFIRMED;
}

struct cadence
post_line_cadence(const struct post_line *line)
{
	return line->terms.cadence;
}

enum line_role
post_line_role(const struct post_line *line)
{
	return line->ceremony.role == ROLE_A ? ROLE_A : ROLE_B;
}

void
post_forget_line(struct post_line *line)
{
	inbox_forget(line);
	inbox_forget_fresh(line);
	continuity_forget(line);
	ceremony_wipe(&line->ceremony);
	wipe(line, sizeof(*line));
	line->flush_ns = UINT64_MAX;
}

/* The row of one line; ceremony and cards of an old one are replaced. */
static int
take_row(struct keeper *keeper, struct query *q, uint32_t id)
{
	struct post_line *line = post_find_line(keeper, id);
	const char *name;
	const uint8_t *stored;
	size_t name_len, stored_len;
	int rc;

	for (size_t i = 0; line == NULL && i < LINES_MAX; i++) {
		if (keeper->lines[i].id == 0)
			line = &keeper->lines[i];
	}
	if (line == NULL)
		return ERR_LIMIT;
	name = query_text(q, &name_len);
	stored = query_blob(q, &stored_len);
	line->by_hand = query_int(q) != 0;
	line->roams = query_int(q) != 0;
	if (name_len >= sizeof(line->name))
		return ERR_FORMAT;
	rc = ceremony_decode(&line->ceremony, stored, stored_len);
	if (rc != OK)
		return rc;
	if ((rc = card_decode(&line->card, line->ceremony.card)) != OK)
		return rc;
	if (line->ceremony.state == CEREMONY_FINISHED ||
	    line->ceremony.state == CEREMONY_CONFIRMED)
		rc = card_decode(&line->peer_card, line->ceremony.peer_card);
	if (rc != OK)
		return rc;
	memcpy(line->name, name, name_len);
	line->name[name_len] = '\0';
	line->id = id;
	return OK;
}

/* The rows of lines.db; only_id 0: all of them. */
static int
load_rows(struct keeper *keeper, uint32_t only_id)
{
	struct query q = store_query(&keeper->store, STMT_LINE_LIST);
	uint32_t id;
	int rc = OK;

	while (rc == OK && query_next(&q)) {
		id = (uint32_t)query_int(&q);
		if (only_id == 0 || id == only_id)
			rc = take_row(keeper, &q, id);
	}
	if (q.rc == OK)
		q.rc = rc;
	return query_end(&q);
}

/* What is not in the row: secrets that move, and the ends of the journals. */
static int
load_rest(struct keeper *keeper, struct post_line *line)
{
	int rc;

	line->flush_ns = UINT64_MAX;
	if ((rc = ways_load(keeper, line)) != OK ||
	    (rc = terms_load(keeper, line)) != OK ||
	    (rc = continuity_load(keeper, line)) != OK ||
	    (rc = journal_load(keeper, line)) != OK ||
	    (rc = watch_load(keeper, line)) != OK ||
	    (rc = pact_load(keeper, line)) != OK ||
	    (rc = schedule_load(keeper, line)) != OK ||
	    (rc = calendar_load(keeper, line)) != OK)
		return rc;
	return inbox_load(keeper, line);
}

int
post_load_line(struct keeper *keeper, uint32_t id)
{
	int rc;

	if ((rc = load_rows(keeper, id)) != OK)
		return rc;
	return load_rest(keeper, post_find_line(keeper, id));
}

static int
load_name(struct keeper *keeper)
{
	struct query q = store_query(&keeper->store, STMT_POST_GET);
	const char *name;
	size_t len = 0;

	if (query_next(&q)) {
		name = query_text(&q, &len);
		if (len < sizeof(keeper->name))
			memcpy(keeper->name, name, len);
	}
	if (q.rc == OK && keeper->name[0] == '\0')
		q.rc = ERR_NOT_FOUND;
	return query_end(&q);
}

int
post_load(struct keeper *keeper)
{
	int rc;

	if ((rc = load_name(keeper)) != OK || (rc = diary_load(keeper)) != OK ||
	    (rc = roster_load(keeper)) != OK ||
	    (rc = duty_load(keeper)) != OK || (rc = drill_load(keeper)) != OK ||
	    (rc = wake_load(keeper)) != OK || (rc = load_rows(keeper, 0)) != OK)
		return rc;
	for (size_t i = 0; i < LINES_MAX; i++) {
		if (keeper->lines[i].id == 0)
			continue;
		if ((rc = load_rest(keeper, &keeper->lines[i])) != OK)
			return rc;
	}
	return OK;
}

/* Where the store has failed, nobody knows whether their rows are on disk: the
 * sweep of the next start finds out. */
static void
undo_files(struct keeper *keeper)
{
	if (keeper->store.failed)
		attachment_batch_forget(&keeper->made);
	else
		attachment_batch_remove(&keeper->made, keeper->attachments_fd);
}

/* Memory ran ahead of the store. */
static void
read_again(struct keeper *keeper, struct post_line *line)
{
	if (journal_load(keeper, line) != OK ||
	    terms_load(keeper, line) != OK || pact_load(keeper, line) != OK ||
	    inbox_load(keeper, line) != OK)
		keeper->store.failed = true;
	outbox_count_anew(line);
}

int
post_commit(struct keeper *keeper, struct post_line *line, int (*fn)(void *ctx),
    void *ctx)
{
	bool again = true;
	int rc;

	for (;;) {
		rc = store_transact(&keeper->store, STORE_RECORD, fn, ctx);
		if (rc == OK)
			break;
		if (line != NULL)
			read_again(keeper, line);
		undo_files(keeper);
		if (rc != ERR_FULL || !again || !disk_on_full(&keeper->disk))
			return rc;
		again = false;
	}
	attachment_batch_forget(&keeper->made);
	diary_tell(keeper);
	return OK;
}

void
post_fault(struct keeper *keeper, struct post_line *line, const char *say)
{
	char alarm[POST_SAY_BYTES];

	if (strcmp(line->fault, say) == 0)
		return;
	snprintf(line->fault, sizeof(line->fault), "%s", say);
	log_warnx("line %u: fault (%s)", line->id, say);
	diary_note(keeper, (struct diary_entry){ line, "fault", NULL, "fault" },
	    "The line to %s has a fault: %s.", line->name, say);
	snprintf(alarm, sizeof(alarm),
	    "The line to %.255s has a fault: %.200s.", line->name, say);
	alarm_note(keeper,
	    &(struct alarm_cause){ .what = ALARM_FAULT,
		.line = line,
		.say = alarm });
}

static void
read_status(struct keeper *keeper, const struct post_line *line,
    struct status *status)
{
	memset(status, 0, sizeof(*status));
	status->journal_end = line->journal.end;
	status->watch = line->watch.state;
	status->declined_until_ms = line->watch.until_ms;
	status->post = POST_OPEN;
	disk_look(&keeper->disk, keeper->now.now_ns);
	status->store = disk_state(&keeper->disk);
}

void
post_tell_status(struct keeper *keeper, struct post_line *line)
{
	struct line_order order = { .kind = LINE_ORDER_STATUS };

	if (!keeper->wire || !post_line_is_active(line))
		return;
	read_status(keeper, line, &order.status);
	if (order.status.journal_end == line->said.journal_end &&
	    order.status.store == line->said.store &&
	    order.status.watch == line->said.watch &&
	    order.status.declined_until_ms == line->said.declined_until_ms)
		return;
	line->said = order.status;
	keeper->ops.order(keeper->ctx, line->id, &order);
}

void
post_tell_line(struct keeper *keeper, const struct post_line *line)
{
	struct keeper_line view = { .id = line->id };
	const bool is_a = line->ceremony.role == ROLE_A;
	const struct handshake_roots *roots = &line->ceremony.roots;

	if (!keeper->wire || !post_line_is_active(line))
		return;
	view.role = post_line_role(line);
	view.cadence = post_line_cadence(line);
	view.also_frame_bytes = line->terms.also_frame_bytes;
	view.terms = (uint8_t)(line->terms.number % TERMS_NUMBERS);
	memcpy(view.boot_send, is_a ? roots->boot_a_to_b : roots->boot_b_to_a,
	    sizeof(view.boot_send));
	memcpy(view.boot_recv, is_a ? roots->boot_b_to_a : roots->boot_a_to_b,
	    sizeof(view.boot_recv));
	keeper->ops.line_add(keeper->ctx, &view);
	wipe(&view, sizeof(view));
}

void
post_attach(struct keeper *keeper, struct post_line *line)
{
	struct line_order order = { .kind = LINE_ORDER_ATTACH };

	if (!keeper->wire || !post_line_is_active(line))
		return;
	post_tell_line(keeper, line);
	continuity_hints(line, &order.hints);
	inbox_have(keeper, line, &order);
	read_status(keeper, line, &order.status);
	line->said = order.status;
	keeper->ops.order(keeper->ctx, line->id, &order);
}

void
post_reply(struct keeper *keeper, const struct reply *reply)
{
	if (!errand_takes(keeper, reply))
		keeper->ops.reply(keeper->ctx, reply);
}

void
post_reply_error(struct keeper *keeper, uint32_t request, int err,
    const char *format, ...)
{
	struct reply reply = { .kind = REPLY_ERROR, .id = request, .err = err };
	char say[REQUEST_SAY_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(say, sizeof(say), format, args);
	va_end(args);
	reply.say = text_of(say);
	post_reply(keeper, &reply);
}

void
post_reply_no_line(struct keeper *keeper, uint32_t request)
{
	post_reply_error(keeper, request, ERR_NOT_FOUND,
	    "There is no open line of that name; `quietline line list` shows "
	    "them.");
}

void
post_reply_done(struct keeper *keeper, uint32_t request)
{
	const struct reply reply = { .kind = REPLY_DONE, .id = request };

	post_reply(keeper, &reply);
}

void
post_reply_store(struct keeper *keeper, uint32_t request, int err)
{
	switch (err) {
	case ERR_FULL:
		post_reply_error(keeper, request, err,
		    "The disk of this post is full; nothing was changed. Make "
		    "room and try again.");
		return;
	case ERR_LIMIT:
		post_reply_error(keeper, request, err,
		    "That is more than this post can hold at once; try again "
		    "later.");
		return;
	default:
		post_reply_error(keeper, request, err,
		    "The store cannot be used (%s); the post's log says more.",
		    err_str(err));
	}
}

int64_t
post_list_after(const struct request *request)
{
	const uint64_t after = request->page.after;

	return after > INT64_MAX ? INT64_MAX : (int64_t)after;
}

bool
post_list_last(struct keeper *keeper, const struct post_line *line,
    const struct request *request, struct post_last last, struct query *q)
{
	const uint64_t count = request->ask.last.last;
	int64_t after = post_list_after(request), from = 0;
	int rc = OK;

	if (count != 0) {
		*q = store_query(&keeper->store, last.back);
		query_bind_int(q, line->id);
		query_bind_int(q,
		    count < last.most ? (int64_t)count : (int64_t)last.most);
		rc = query_one(q, &from);
	}
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return false;
	}
	*q = store_query(&keeper->store, last.list);
	query_bind_int(q, line->id);
	query_bind_int(q, from > after ? from : after);
	query_bind_int(q, request->page.limit);
	return true;
}

void
post_reply_list(struct keeper *keeper, const struct request *request, int rc,
    bool cut)
{
	const struct reply reply = { .kind = REPLY_DONE,
		.id = request->id,
		.cut = cut };

	if (rc == OK || rc == ERR_NOT_FOUND)
		post_reply(keeper, &reply);
	else
		post_reply_store(keeper, request->id, rc);
}

struct post_line *
post_ask_line(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_find_name(keeper, request->line);

	if (line == NULL)
		post_reply_no_line(keeper, request->id);
	return line;
}

struct post_line *
post_ask_active(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);

	if (line == NULL || post_line_is_active(line))
		return line;
	post_reply_error(keeper, request->id, ERR_STATE,
	    "The line is not open: its ceremony is not confirmed yet, or it is "
	    "being closed.");
	return NULL;
}
