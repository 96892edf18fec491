#include "keeper/act.h"

#include <assert.h>
#include <string.h>

#include "base/wipe.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"

static bool
refuse(const struct act *act, int err, const char *what, const char *why)
{
	post_reply_error(act->keeper, act->request->id, err, "%s %s.", what,
	    why);
	return false;
}

bool
act_begin(struct act *act, struct keeper *keeper, const struct request *request,
    enum record_kind kind, const uint8_t id[RECORD_ID_BYTES])
{
	memset(act, 0, sizeof(*act));
	act->keeper = keeper;
	act->request = request;
	act->record.kind = kind;
	memcpy(act->record.id, id, RECORD_ID_BYTES);
	act->line = post_ask_active(keeper, request);
	return act->line != NULL;
}

static bool
keep(struct act *act, int rc, const char *what, const char *must,
    struct record_text *as)
{
	if (rc == ERR_LIMIT)
		return refuse(act, rc, what, "is too long; shorten it");
	if (rc != OK)
		return refuse(act, rc, what, must);
	*as = phrase_said(&act->phrase[act->phrases++]);
	return true;
}

bool
act_keep_label(struct act *act, struct text said, size_t most, const char *what,
    struct record_text *as)
{
	assert(act->phrases < ACT_PHRASES_MAX);
	return keep(act, phrase_label(&act->phrase[act->phrases], said, most),
	    what, "must be one line of valid UTF-8 without control characters",
	    as);
}

bool
act_keep_text(struct act *act, struct text said, size_t most, const char *what,
    struct record_text *as)
{
	assert(act->phrases < ACT_PHRASES_MAX);
	return keep(act, phrase_text(&act->phrase[act->phrases], said, most),
	    what, "must be valid UTF-8", as);
}

bool
act_keep_language(struct act *act, struct text said)
{
	if (said.len > LANGUAGE_BYTES_MAX ||
	    !record_is_token(said.data, said.len))
		return refuse(act, ERR_FORMAT, "The language",
		    "must be a tag such as ko or ar, of at most 35 characters");
	act->record.language = (struct record_text){ said.data, said.len };
	return true;
}

bool
act_keep_deadline(struct act *act, int64_t deadline_ms)
{
	if (deadline_ms != 0 && deadline_ms <= act->keeper->now.wall_ms)
		return refuse(act, ERR_FORMAT, "The deadline",
		    "has passed already, by this machine's clock");
	if (deadline_ms > WATCH_UNTIL_MS_MAX)
		return refuse(act, ERR_FORMAT, "The deadline",
		    "lies beyond the year 9999");
	act->record.deadline_ms = deadline_ms;
	return true;
}

/* Asked for again: it is there already. */
static bool
was_done(struct act *act)
{
	static const uint8_t zeros[RECORD_ID_BYTES];
	const uint8_t *id = act->record.id;
	struct query q;

	if (memcmp(id, zeros, sizeof(zeros)) == 0)
		return false;
	q = store_query(&act->keeper->store, STMT_RECORD_FIND_ID);
	query_bind_int(&q, act->line->id);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	return query_one(&q, &act->row) == OK;
}

static int
append(void *ctx)
{
	struct act *act = ctx;
	struct journal_place place;
	int rc;

	rc = journal_append_said(act->keeper, act->line, &act->record,
	    act->text, &place);
	if (rc != OK)
		return rc;
	act->row = place.row;
	rc = point_apply(act->keeper, act->line, SIDE_US, &act->record,
	    place.row);
	if (rc != OK)
		return rc;
	return point_note(act->keeper, act->line, SIDE_US, &act->record,
	    place.row);
}

bool
act_commit(struct act *act)
{
	struct keeper *keeper = act->keeper;
	int rc;

	if (was_done(act))
		return true;
	disk_look(&keeper->disk, keeper->now.now_ns);
	if (!disk_has_room(&keeper->disk, act->text.len))
		return refuse(act, ERR_FULL, "The disk of this post",
		    "is full; nothing was done. Make room, and ask again");
	if ((rc = post_commit(keeper, act->line, append, act)) != OK) {
		post_reply_store(keeper, act->request->id, rc);
		return false;
	}
	post_tell_status(keeper, act->line);
	outbox_push(keeper, act->line);
	return true;
}

void
act_wipe(struct act *act)
{
	for (size_t i = 0; i < ACT_PHRASES_MAX; i++)
		phrase_wipe(&act->phrase[i]);
	wipe(act, sizeof(*act));
}

void
act_fail(const struct act *act, int err)
{
	if (err == ERR_NOT_FOUND)
		post_reply_error(act->keeper, act->request->id, ERR_EXISTS,
		    "The id is that of another record; nothing was done. Draw "
		    "another one, or leave it out.");
	else
		post_reply_store(act->keeper, act->request->id, err);
}

enum point_delivery
act_delivery(const struct post_line *line, enum side side, uint64_t n)
{
	if (side == SIDE_THEM)
		return DELIVERY_DONE;
	if (n == 0)
		return DELIVERY_NOT;
	if (!line->journal.may_number)
		return DELIVERY_UNKNOWN;
	return n <= line->outbox.held.at[CLASS_NOTES].n ? DELIVERY_DONE
							: DELIVERY_NOT;
}
