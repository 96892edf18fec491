#include "keeper/read.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "keeper/disclosure.h"
#include "keeper/formed.h"
#include "keeper/outbox.h"
#include "keeper/pass.h"
#include "keeper/point.h"
#include "keeper/ref.h"
#include "keeper/rights.h"
#include "keeper/stored.h"
#include "keeper/translation.h"
#include "keeper/withdrawal.h"

/* A row as it was stored; head and text are copies. */
struct row {
	int64_t key;
	enum side side;
	uint64_t n;
	enum record_class class;
	enum record_kind kind;
	uint64_t serial;
	uint64_t bytes;
	int64_t stored_ms;
	int64_t seq; /* 0: arriving */
	int64_t delivered_ms;
	int64_t read_ms;
	int64_t acknowledged_ms;
	size_t head_len;
	struct record record;
	uint8_t head[RECORD_HEAD_BYTES_MAX];
	char author[LABEL_BYTES_MAX + 1];
	uint8_t *text;
	size_t text_len;
	struct formed_said said;
};

/* The line that a request names: open, or closed since. */
struct shelf {
	uint32_t line;
	const struct post_line *open; /* NULL: closed */
};

static int
find_shelf(struct keeper *keeper, struct text name, struct shelf *shelf)
{
	shelf->open = post_find_name(keeper, name);
	return ref_find_line(keeper, name, &shelf->line);
}

static void
row_wipe(struct row *row)
{
	if (row->text != NULL)
		wipe(row->text, row->text_len);
	free(row->text);
	formed_forget(&row->said);
	wipe(row, sizeof(*row));
}

static void
take_columns(struct query *q, struct row *row)
{
	const void *head, *text;

	query_int(q); /* line */
	row->side = query_int(q) == SIDE_US ? SIDE_US : SIDE_THEM;
	row->n = (uint64_t)query_int(q);
	row->class = (enum record_class)query_int(q);
	row->kind = (enum record_kind)query_int(q);
	row->serial = (uint64_t)query_int(q);
	head = query_blob(q, &row->head_len);
	if (row->head_len > sizeof(row->head)) {
		q->rc = ERR_FORMAT;
		return;
	}
	memcpy(row->head, head, row->head_len);
	text = query_blob(q, &row->text_len);
	if (row->text_len > 0) {
		if ((row->text = malloc(row->text_len)) == NULL) {
			q->rc = ERR_LIMIT;
			return;
		}
		memcpy(row->text, text, row->text_len);
	}
	row->bytes = (uint64_t)query_int(q);
	row->stored_ms = query_int(q);
	row->seq = query_int(q);
	row->delivered_ms = query_int(q);
	row->read_ms = query_int(q);
	row->acknowledged_ms = query_int(q);
}

static int
row_load(struct keeper *keeper, int64_t key, struct row *row)
{
	struct query q = store_query(&keeper->store, STMT_RECORD_GET);
	int rc;

	memset(row, 0, sizeof(*row));
	row->key = key;
	query_bind_int(&q, key);
	if (query_next(&q))
		take_columns(&q, row);
	else if (q.rc == OK)
		q.rc = ERR_NOT_FOUND;
	rc = query_end(&q);
	if (rc == OK)
		rc = record_decode_head(&row->record, row->head, row->head_len);
	if (rc != OK)
		row_wipe(row);
	return rc;
}

static int
show_attachment(struct keeper *keeper, const struct row *row, size_t i,
    struct attachment_view *view)
{
	const struct record_attachment *attachment = &row->record.attachment[i];
	struct query q = store_query(&keeper->store, STMT_ATTACHMENT_GET);
	const void *hash;
	size_t len;

	view->name = stored_view(attachment->name);
	view->type = stored_view(attachment->type);
	view->bytes = attachment->bytes;
	query_bind_int(&q, row->key);
	query_bind_int(&q, (int64_t)i);
	if (query_next(&q)) {
		query_text(&q, &len);
		query_blob(&q, &len);
		view->bytes_here = (uint64_t)query_int(&q);
		hash = query_blob(&q, &len);
		view->whole = len == REQUEST_HASH_BYTES && row->seq > 0;
		if (view->whole)
			memcpy(view->hash, hash, REQUEST_HASH_BYTES);
	}
	return query_end(&q);
}

static int
show_refs(struct keeper *keeper, const struct shelf *shelf,
    const struct row *row, struct message_view *view)
{
	struct withdrawal withdrawal;
	int rc = OK;

	if (row->record.has_re)
		rc = ref_of_id(keeper, shelf->line, row->record.re, view->re);
	if (rc == OK && row->record.has_withdraws)
		rc = ref_of_id(keeper, shelf->line, row->record.withdraws,
		    view->withdraws);
	if (rc != OK)
		return rc;
	rc = withdrawal_find(keeper, shelf->line, row->side, row->record.id,
	    &withdrawal);
	if (rc != OK || withdrawal.by[0] == '\0')
		return rc;
	memcpy(view->withdrawn_by, withdrawal.by, REQUEST_REF_BYTES);
	if (withdrawal.replaces)
		memcpy(view->more.replaced_by, withdrawal.by,
		    REQUEST_REF_BYTES);
	view->more.withdrawn_ms = withdrawal.wall_ms;
	return OK;
}

/* "us/p3"; the first digits of its id where it is not known here. */
static int
show_point(struct keeper *keeper, const struct shelf *shelf,
    const uint8_t id[RECORD_ID_BYTES], char ref[REQUEST_REF_BYTES])
{
	struct point point;
	int rc;

	ref_format(ref, SIDE_US, 0, id);
	if (shelf->open == NULL)
		return OK;
	rc = point_find(keeper, shelf->open, text_of(ref), &point);
	if (rc == OK)
		memcpy(ref, point.ref, REQUEST_REF_BYTES);
	return rc == ERR_NOT_FOUND ? OK : rc;
}

/* A message by a form, as it reads in each language. */
static int
show_form(struct keeper *keeper, const struct shelf *shelf, struct row *row,
    struct message_more *more)
{
	int rc;

	if (row->record.form == 0 || row->seq == 0)
		return OK;
	rc = formed_say(keeper, shelf->line, row->record.form,
	    (struct text){ (const char *)row->text, row->text_len },
	    &row->said);
	more->said = row->said.languages;
	memcpy(more->said_in, row->said.words, sizeof(more->said_in));
	more->form_note = text_of(row->said.why);
	return rc;
}

/* What goes with it, beside what it says. */
static int
show_more(struct keeper *keeper, const struct shelf *shelf, struct row *row,
    struct message_more *more)
{
	const struct record *record = &row->record;
	int rc;

	more->is_emergency = record->is_emergency;
	more->form = record->form;
	more->is_to_be_told = row->side == SIDE_THEM && row->seq > 0 &&
	    row->read_ms == 0 && shelf->open != NULL &&
	    (disclosure_of(shelf->open) & DISCLOSE_READ) != 0 &&
	    rights_may(keeper, RIGHT_NOTE);
	if ((rc = show_form(keeper, shelf, row, more)) != OK)
		return rc;
	more->points = record->points;
	for (size_t i = 0; i < record->points; i++) {
		rc = show_point(keeper, shelf, record->point[i],
		    more->point[i].ref);
		if (rc != OK)
			return rc;
	}
	rc = stored_author_of(keeper, row->key, row->side, record, row->author);
	more->author = text_of(row->author);
	if (rc == OK)
		rc = translation_count(keeper, shelf->line, record->id,
		    &more->translations);
	if (rc == OK)
		rc = pass_count(keeper, row->key, &more->passed);
	return rc;
}

/* Bytes of the record that its receiver durably holds. */
static uint64_t
bytes_held(const struct shelf *shelf, const struct row *row)
{
	if (row->side == SIDE_THEM) {
		if (row->seq > 0 || shelf->open == NULL)
			return row->seq > 0 ? row->bytes : 0;
		return shelf->open->inbox[row->class].synced.offset;
	}
	if (row->delivered_ms > 0)
		return row->bytes;
	return shelf->open == NULL ? 0
				   : outbox_bytes_held(shelf->open, row->class,
					 row->n, row->record.after, row->bytes);
}

static int
show_row(struct keeper *keeper, const struct shelf *shelf, struct row *row,
    struct message_view *view)
{
	const struct record *record = &row->record;
	int rc;

	memset(view, 0, sizeof(*view));
	view->from_us = row->side == SIDE_US;
	view->serial = row->serial;
	view->n = row->n;
	memcpy(view->id, record->id, RECORD_ID_BYTES);
	view->sent_ms = record->time_ms;
	view->arriving = row->seq == 0;
	view->stored_ms = view->arriving ? 0 : row->stored_ms;
	view->precedence = (uint8_t)record->precedence;
	view->mark = (uint8_t)record->mark;
	view->subject = stored_view(record->subject);
	view->language = stored_view(record->language);
	view->text = (struct text){ (const char *)row->text, row->text_len };
	view->delivered_ms = row->delivered_ms;
	view->read_ms = row->read_ms;
	view->acknowledged_ms = row->acknowledged_ms;
	view->bytes_total = row->bytes;
	view->bytes_held = bytes_held(shelf, row);
	view->attachments = record->attachments;
	for (size_t i = 0; i < record->attachments; i++) {
		rc = show_attachment(keeper, row, i, &view->attachment[i]);
		if (rc != OK)
			return rc;
	}
	rc = show_more(keeper, shelf, row, &view->more);
	return rc == OK ? show_refs(keeper, shelf, row, view) : rc;
}

/* One message as a reply; row and reply are the caller's, being large. */
static int
reply_row(struct keeper *keeper, const struct shelf *shelf, int64_t key,
    struct row *row, struct reply *reply)
{
	int rc;

	if ((rc = row_load(keeper, key, row)) != OK)
		return rc;
	rc = show_row(keeper, shelf, row, &reply->message);
	if (rc == OK)
		post_reply(keeper, reply);
	row_wipe(row);
	return rc;
}

/* The place in the order of reading after which to begin. */
static int
find_start(struct keeper *keeper, const struct shelf *shelf,
    const struct request *request, struct row *row, int64_t *seq)
{
	struct query q;
	int64_t key, back;
	int rc;

	*seq = 0;
	if (request->read.since_ref.len > 0) {
		rc = ref_find(keeper, shelf->line, request->read.since_ref,
		    &key);
		if (rc != OK || (rc = row_load(keeper, key, row)) != OK)
			return rc;
		/* What is still arriving comes after all that is here. */
		*seq = row->seq > 0 ? row->seq : INT64_MAX;
		row_wipe(row);
	}
	if (request->read.limit == 0 || request->read.oldest)
		return OK;
	q = store_query(&keeper->store, STMT_RECORD_SEQ_BACK);
	query_bind_int(&q, shelf->line);
	query_bind_int(&q, request->read.limit);
	rc = query_one(&q, &back);
	if (rc == OK && back > *seq)
		*seq = back;
	return rc == ERR_NOT_FOUND ? OK : rc;
}

/* The next readable message after *seq; ERR_NOT_FOUND: none. */
static int
next_key(struct keeper *keeper, const struct shelf *shelf, int64_t *seq,
    int64_t *key, int64_t *stored_ms)
{
	struct query q = store_query(&keeper->store, STMT_RECORD_LIST);
	bool found;
	int rc;

	query_bind_int(&q, shelf->line);
	query_bind_int(&q, *seq);
	if ((found = query_next(&q))) {
		*key = query_int(&q);
		*seq = query_int(&q);
		*stored_ms = query_int(&q);
	}
	if ((rc = query_end(&q)) != OK)
		return rc;
	return found ? OK : ERR_NOT_FOUND;
}

/* Of texts, in what was replied. */
static size_t
bytes_said(const struct message_view *view)
{
	size_t bytes = view->text.len;

	for (size_t i = 0; i < view->more.said; i++)
		bytes += view->more.said_in[i].text.len;
	return bytes;
}

/* Sets *is_cut where as many as were asked for were there, or as much as one
 * reply takes: the rest is another request's. */
static int
reply_stored(struct keeper *keeper, const struct shelf *shelf,
    const struct request *request, struct row *row, struct reply *reply,
    bool *is_cut)
{
	uint32_t left = request->read.oldest && request->read.limit > 0
	    ? request->read.limit
	    : UINT32_MAX;
	int64_t seq, key = 0, stored_ms = 0;
	size_t bytes = 0;
	int rc;

	*is_cut = false;
	if ((rc = find_start(keeper, shelf, request, row, &seq)) != OK)
		return rc;
	while (rc == OK && left > 0 && bytes < READ_BYTES_MAX) {
		rc = next_key(keeper, shelf, &seq, &key, &stored_ms);
		if (rc == OK && stored_ms >= request->read.since_ms) {
			rc = reply_row(keeper, shelf, key, row, reply);
			bytes += bytes_said(&reply->message);
			left--;
		}
	}
	*is_cut = rc == OK;
	return rc == ERR_NOT_FOUND ? OK : rc;
}

static int
reply_arriving(struct keeper *keeper, const struct shelf *shelf,
    struct row *row, struct reply *reply)
{
	struct query q;
	int64_t key = 0;
	int rc = OK;

	while (rc == OK) {
		q = store_query(&keeper->store, STMT_RECORD_ARRIVING);
		query_bind_int(&q, shelf->line);
		query_bind_int(&q, key);
		rc = query_one(&q, &key);
		if (rc == OK)
			rc = reply_row(keeper, shelf, key, row, reply);
	}
	return rc == ERR_NOT_FOUND ? OK : rc;
}

static void
reply_error(struct keeper *keeper, const struct request *request, int rc)
{
	if (rc == ERR_NOT_FOUND || rc == ERR_FORMAT)
		post_reply_error(keeper, request->id, ERR_NOT_FOUND,
		    "There is no message of that reference on this line; it "
		    "reads like us/12 or them/7.");
	else
		post_reply_store(keeper, request->id, rc);
}

static void
reply_no_line(struct keeper *keeper, const struct request *request)
{
	post_reply_error(keeper, request->id, ERR_NOT_FOUND,
	    "There is no line of that name; `quietline line list` shows them.");
}

void
read_on_request(struct keeper *keeper, const struct request *request)
{
	struct row *row = calloc(1, sizeof(*row));
	struct reply *reply = calloc(1, sizeof(*reply));
	struct shelf shelf;
	bool is_cut = true;
	int64_t key;
	int rc;

	if (row == NULL || reply == NULL) {
		post_reply_store(keeper, request->id, ERR_LIMIT);
		goto out;
	}
	if (find_shelf(keeper, request->line, &shelf) != OK) {
		reply_no_line(keeper, request);
		goto out;
	}
	*reply = (struct reply){ .kind = REPLY_MESSAGE,
		.id = request->id,
		.more = true };
	if (request->ref.len > 0) {
		rc = ref_find(keeper, shelf.line, request->ref, &key);
		if (rc == OK)
			rc = reply_row(keeper, &shelf, key, row, reply);
	} else {
		rc = reply_stored(keeper, &shelf, request, row, reply, &is_cut);
	}
	if (rc == OK && !is_cut)
		rc = reply_arriving(keeper, &shelf, row, reply);
	if (rc == OK)
		post_reply_list(keeper, request, OK,
		    is_cut && request->ref.len == 0);
	else
		reply_error(keeper, request, rc);
out:
	free(row);
	free(reply);
}

/* One piece: at most what is left of the sealed piece that offset lies in. */
static int
get_piece(struct keeper *keeper, const struct request *request,
    const struct row *row, struct reply *reply)
{
	const size_t i = request->get.n - 1;
	struct attachment_view view = { .bytes = 0 };
	struct outbox_source source = { .row = row->key,
		.n = row->n,
		.head = row->head,
		.head_len = row->head_len,
		.record = row->record };
	uint8_t plain[PIECE_PLAIN_BYTES];
	uint64_t left;
	size_t len, got = 0;
	int rc;

	if ((rc = show_attachment(keeper, row, i, &view)) != OK)
		return rc;
	if (!view.whole)
		return ERR_AGAIN;
	if (request->get.offset > view.bytes)
		return ERR_SIZE;
	left = view.bytes - request->get.offset;
	len = left < PIECE_PLAIN_BYTES ? (size_t)left : PIECE_PLAIN_BYTES;
	record_lay_out(&source.layout, &source.record, source.head_len);
	rc = outbox_read(keeper, &source,
	    source.layout.attachment[i] + request->get.offset, plain, len,
	    &got);
	if (rc == OK) {
		assert(got == len);
		reply->data.data = (struct text){ (const char *)plain, len };
		reply->data.offset = request->get.offset;
		reply->data.total = view.bytes;
		post_reply(keeper, reply);
		reply->data.data = (struct text){ NULL, 0 };
	}
	wipe(plain, sizeof(plain));
	return rc;
}

static void
get_from_row(struct keeper *keeper, const struct request *request,
    const struct row *row)
{
	struct reply reply = { .kind = REPLY_DATA, .id = request->id };
	int rc;

	if (request->get.n < 1 || request->get.n > row->record.attachments) {
		post_reply_error(keeper, request->id, ERR_NOT_FOUND,
		    "The message has %zu attachments; the first is 1.",
		    row->record.attachments);
		return;
	}
	rc = get_piece(keeper, request, row, &reply);
	if (rc == ERR_AGAIN)
		post_reply_error(keeper, request->id, rc,
		    "The attachment is still arriving; try again when the "
		    "message is here.");
	else if (rc == ERR_SIZE)
		post_reply_error(keeper, request->id, rc,
		    "The attachment is not as long as that.");
	else if (!keeper->store.failed &&
	    (rc == ERR_CRYPTO || rc == ERR_NOT_FOUND || rc == ERR_IO))
		post_reply_error(keeper, request->id, ERR_IO,
		    "The attachment's file is damaged or missing on this "
		    "post's disk; other messages are as they were.");
	else if (rc != OK)
		post_reply_store(keeper, request->id, rc);
}

void
read_on_get(struct keeper *keeper, const struct request *request)
{
	struct row *row = calloc(1, sizeof(*row));
	struct shelf shelf;
	int64_t key;
	int rc;

	if (row == NULL) {
		post_reply_store(keeper, request->id, ERR_LIMIT);
		return;
	}
	if (find_shelf(keeper, request->line, &shelf) != OK) {
		reply_no_line(keeper, request);
		goto out;
	}
	rc = ref_find(keeper, shelf.line, request->ref, &key);
	if (rc == OK)
		rc = row_load(keeper, key, row);
	if (rc != OK) {
		reply_error(keeper, request, rc);
		goto out;
	}
	get_from_row(keeper, request, row);
	row_wipe(row);
out:
	free(row);
}
