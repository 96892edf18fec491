#include "keeper/receipt.h"

#include <string.h>

#include "keeper/alarm.h"
#include "keeper/diary.h"
#include "keeper/disclosure.h"
#include "keeper/drill.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"
#include "keeper/ref.h"

static const struct {
	enum stmt stmt;
	const char *what;
	const char *say;
} kinds[] = {
	[RECEIPT_DELIVERED] = { STMT_RECORD_SET_DELIVERED, "delivered",
	    "is stored by their post" },
	[RECEIPT_READ] = { STMT_RECORD_SET_READ, "read", "was read" },
	[RECEIPT_ACKNOWLEDGED] = { STMT_RECORD_SET_ACKNOWLEDGED, "acknowledged",
	    "was acknowledged by a person" },
};

/* Sets a message's time; *changed: it is there, and had none. */
static int
mark(struct keeper *keeper, const struct post_line *line, enum side side,
    enum receipt_kind kind, const uint8_t id[RECORD_ID_BYTES], int64_t time_ms,
    bool *changed)
{
	struct query q = store_query(&keeper->store, kinds[kind].stmt);

	/* 0 is "not yet", whatever the clocks say. */
	query_bind_int(&q, time_ms > 0 ? time_ms : 1);
	query_bind_int(&q, line->id);
	query_bind_int(&q, side);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	*changed = query_next(&q);
	if (*changed)
		query_next(&q);
	return query_end(&q);
}

int
receipt_issue(struct keeper *keeper, struct post_line *line,
    enum receipt_kind kind, const uint8_t id[RECORD_ID_BYTES])
{
	const struct record note = { .kind = RECORD_RECEIPT, .receipt = kind };
	uint8_t receipt_id[RECORD_ID_BYTES];
	bool changed;
	int rc;

	rc = mark(keeper, line, SIDE_THEM, kind, id, keeper->now.wall_ms,
	    &changed);
	if (rc != OK || !changed)
		return rc;
	return journal_append_note(keeper, line, &note, id, receipt_id);
}

int
receipt_take(struct keeper *keeper, struct post_line *line,
    const struct record *record)
{
	char ref[REQUEST_REF_BYTES];
	bool changed;
	int rc;

	rc = mark(keeper, line, SIDE_US, record->receipt, record->re,
	    record->time_ms, &changed);
	if (rc == OK && !changed)
		return drill_take_receipt(keeper, line, record);
	if (rc != OK)
		return rc;
	outbox_count_anew(line);
	if ((rc = ref_of_id(keeper, line->id, record->re, ref)) != OK)
		return rc;
	return diary_add(keeper,
	    (struct diary_entry){ line, "receipt", ref,
		kinds[record->receipt].what },
	    "Message %s to %s %s.", ref, line->name,
	    kinds[record->receipt].say);
}

/* What a person did with a message of theirs. */
struct ack {
	enum receipt_kind kind;
	struct keeper *keeper;
	struct post_line *line;
	int64_t row;
	bool is_ours;
	bool is_whole;
	char ref[REQUEST_REF_BYTES];
};

static int
read_id(struct ack *ack, uint8_t id[RECORD_ID_BYTES])
{
	struct query q = store_query(&ack->keeper->store, STMT_RECORD_GET);
	struct record record;
	const void *head;
	int64_t kind;
	size_t len;

	query_bind_int(&q, ack->row);
	if (query_next(&q)) {
		query_int(&q); /* line */
		ack->is_ours = query_int(&q) == SIDE_US;
		query_int(&q); /* n */
		query_int(&q); /* class */
		kind = query_int(&q);
		query_int(&q); /* serial */
		head = query_blob(&q, &len);
		q.rc = record_decode_head(&record, head, len);
		if (q.rc == OK && kind != RECORD_MESSAGE)
			q.rc = ERR_NOT_FOUND;
		memcpy(id, record.id, RECORD_ID_BYTES);
		query_int(&q); /* text */
		query_int(&q); /* bytes */
		query_int(&q); /* stored_ms */
		ack->is_whole = query_int(&q) > 0;
		ref_format(ack->ref, ack->is_ours ? SIDE_US : SIDE_THEM,
		    record.serial, record.id);
	}
	return query_end(&q);
}

static int
acknowledge(void *ctx)
{
	struct ack *ack = ctx;
	uint8_t id[RECORD_ID_BYTES];
	int rc;

	if ((rc = read_id(ack, id)) != OK)
		return rc;
	if (ack->is_ours || !ack->is_whole)
		return ERR_STATE;
	rc = receipt_issue(ack->keeper, ack->line, ack->kind, id);
	if (rc != OK || ack->kind != RECEIPT_ACKNOWLEDGED)
		return rc;
	return alarm_on_acknowledged(ack->keeper, ack->line, id);
}

static void
on_request(struct keeper *keeper, const struct request *request,
    enum receipt_kind kind)
{
	struct ack ack = { .kind = kind, .keeper = keeper };
	int rc;

	if ((ack.line = post_ask_line(keeper, request)) == NULL)
		return;
	if (kind == RECEIPT_READ &&
	    (disclosure_of(ack.line) & DISCLOSE_READ) == 0) {
		post_reply_done(keeper, request->id);
		return;
	}
	rc = ref_find(keeper, ack.line->id, request->ref, &ack.row);
	if (rc == OK)
		rc = post_commit(keeper, ack.line, acknowledge, &ack);
	if (rc == ERR_FORMAT || rc == ERR_NOT_FOUND) {
		post_reply_error(keeper, request->id, ERR_NOT_FOUND,
		    "There is no message of that reference; it reads like "
		    "them/7.");
		return;
	}
	if (rc == ERR_STATE) {
		post_reply_error(keeper, request->id, rc,
		    ack.is_ours
			? "%s is your own message; only theirs can be "
			  "acknowledged or read."
			: "%s is still arriving; acknowledge it when it is here.",
		    ack.ref);
		return;
	}
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	post_reply_done(keeper, request->id);
	post_tell_status(keeper, ack.line);
	outbox_push(keeper, ack.line);
}

void
receipt_on_ack(struct keeper *keeper, const struct request *request)
{
	on_request(keeper, request, RECEIPT_ACKNOWLEDGED);
}

void
receipt_on_read(struct keeper *keeper, const struct request *request)
{
	on_request(keeper, request, RECEIPT_READ);
}
