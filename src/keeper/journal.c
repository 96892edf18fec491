#include "keeper/journal.h"

#include <assert.h>
#include <string.h>

#include "keeper/errand.h"
#include "keeper/delegate.h"
#include "keeper/disclosure.h"
#include "keeper/outbox.h"

static int
load_class_end(struct keeper *keeper, const struct post_line *line,
    enum record_class class, uint64_t *last)
{
	struct query q = store_query(&keeper->store, STMT_JOURNAL_CLASS_END);
	int64_t value;
	int rc;

	query_bind_int(&q, line->id);
	query_bind_int(&q, SIDE_US);
	query_bind_int(&q, (int64_t)class);
	rc = query_one(&q, &value);
	*last = (uint64_t)value;
	return rc;
}

int
journal_load(struct keeper *keeper, struct post_line *line)
{
	struct journal *journal = &line->journal;
	struct query q = store_query(&keeper->store, STMT_JOURNAL_END);
	int64_t unnumbered;
	int rc;

	query_bind_int(&q, line->id);
	if (query_next(&q)) {
		journal->end = (uint64_t)query_int(&q);
		journal->serial_end = (uint64_t)query_int(&q);
	}
	if ((rc = query_end(&q)) != OK)
		return rc;
	for (int c = 0; c < CLASS_COUNT; c++) {
		rc = load_class_end(keeper, line, (enum record_class)c,
		    &journal->last[c]);
		if (rc != OK)
			return rc;
	}
	q = store_query(&keeper->store, STMT_JOURNAL_UNNUMBERED);
	query_bind_int(&q, line->id);
	if ((rc = query_one(&q, &unnumbered)) != OK)
		return rc;
	journal->unnumbered = (uint64_t)unnumbered;
	return OK;
}

/* Takes the next number in memory, and writes it into the record. */
static uint64_t
take_number(struct journal *journal, struct record *record)
{
	const enum record_class class =
	    record_class(record->kind, record->precedence);

	record->after = journal->last[class];
	journal->last[class] = ++journal->end;
	if (record->kind == RECORD_MESSAGE)
		record->serial = ++journal->serial_end;
	return journal->end;
}

static int
add_row(struct keeper *keeper, struct post_line *line,
    const struct journal_entry *entry, const struct record *record, uint64_t n,
    int64_t seq, struct journal_place *place)
{
	struct query q = store_query(&keeper->store, STMT_RECORD_ADD);
	uint8_t head[RECORD_HEAD_BYTES_MAX];
	struct record_layout layout;
	struct writer w;

	buf_write(&w, head, sizeof(head));
	record_encode_head(&w, record);
	assert(buf_is_sound(&w));
	record_lay_out(&layout, record, w.len);
	place->bytes = layout.total;
	place->serial = n > 0 ? record->serial : 0;
	query_bind_int(&q, line->id);
	query_bind_int(&q, SIDE_US);
	if (n > 0)
		query_bind_int(&q, (int64_t)n);
	else
		query_bind_null(&q);
	query_bind_int(&q, record_class(record->kind, record->precedence));
	query_bind_int(&q, record->kind);
	query_bind_blob(&q, record->id, RECORD_ID_BYTES);
	if (n > 0 && record->kind == RECORD_MESSAGE)
		query_bind_int(&q, (int64_t)record->serial);
	else
		query_bind_null(&q);
	query_bind_blob(&q, head, w.len);
	query_bind_blob(&q, entry->text, record->text_bytes);
	query_bind_int(&q, (int64_t)layout.total);
	query_bind_int(&q, keeper->now.wall_ms);
	query_bind_int(&q, seq);
	query_bind_blob(&q, record->withdraws,
	    record->has_withdraws ? RECORD_ID_BYTES : 0);
	if (record->kind == RECORD_MESSAGE)
		outbox_on_append(line,
		    record_class(record->kind, record->precedence),
		    layout.total);
	return query_run(&q);
}

static int
add_attachment(struct keeper *keeper, int64_t row, size_t i,
    const struct upload *upload)
{
	struct query q = store_query(&keeper->store, STMT_ATTACHMENT_ADD);

	assert(upload->done);
	query_bind_int(&q, row);
	query_bind_int(&q, (int64_t)i);
	query_bind_text(&q, upload->file.name, strlen(upload->file.name));
	query_bind_blob(&q, upload->file.key, AEAD_KEY_BYTES);
	query_bind_int(&q, (int64_t)upload->bytes);
	query_bind_blob(&q, upload->hash, HASH_BYTES);
	return query_run(&q);
}

/* The peer learns who wrote it where the line discloses that. */
static void
set_author(const struct post_line *line, struct record *record,
    const char *author)
{
	record->author = (struct record_text){ NULL, 0 };
	if (record_takes_author(record->kind) &&
	    (disclosure_of(line) & 1u << DISCLOSED_TITLES) != 0)
		record->author = (struct record_text){ author, strlen(author) };
}

/* Here it is known, whatever the line discloses. */
static int
add_author(struct keeper *keeper, int64_t row, const char *author)
{
	struct query q;

	if (*author == '\0')
		return OK;
	q = store_query(&keeper->store, STMT_AUTHOR_ADD);
	query_bind_int(&q, row);
	query_bind_text(&q, author, strlen(author));
	return query_run(&q);
}

int
journal_append(struct keeper *keeper, struct post_line *line,
    const struct journal_entry *entry, struct journal_place *place)
{
	struct journal *journal = &line->journal;
	struct record record = entry->record;
	/* Of a draft whoever wrote it, not whoever releases it. */
	const char *author = keeper->errand.paper != 0 ? keeper->errand.author
	    : entry->author != NULL		       ? entry->author
						       : keeper_who(keeper);
	struct query q = store_query(&keeper->store, STMT_RECORD_SEQ_LAST);
	uint64_t n = 0;
	int64_t seq;
	int rc;

	if ((rc = query_one(&q, &seq)) != OK)
		return rc;
	set_author(line, &record, author);
	/* Any value of the same length holds the place of a number to come. */
	record.after = 0;
	record.is_emergency =
	    keeper->is_emergency && record_is_spoken(record.kind);
	record.serial = record.kind == RECORD_MESSAGE ? 1 : 0;
	if (journal->may_number) {
		assert(journal->unnumbered == 0);
		n = take_number(journal, &record);
	} else
		journal->unnumbered++;
	rc = add_row(keeper, line, entry, &record, n, seq + 1, place);
	if (rc != OK)
		return rc;
	place->row = store_last_row(&keeper->store, STORE_RECORD);
	if ((rc = add_author(keeper, place->row, author)) != OK)
		return rc;
	assert(record.attachments == 0 || entry->uploads != NULL);
	for (size_t i = 0; i < record.attachments; i++) {
		rc = add_attachment(keeper, place->row, i, entry->uploads[i]);
		if (rc != OK)
			return rc;
	}
	return errand_on_append(keeper, line, &record, place);
}

static bool
has_id(const struct record *record)
{
	static const uint8_t zeros[RECORD_ID_BYTES];

	return memcmp(record->id, zeros, sizeof(zeros)) != 0;
}

int
journal_append_said(struct keeper *keeper, struct post_line *line,
    struct record *record, struct record_text text, struct journal_place *place)
{
	struct journal_entry entry = { .text = text.data };

	assert(text.len <= record_text_most(record->kind));
	/* Before 1970 there is nothing that a record could say. */
	record->time_ms = keeper->now.wall_ms > 0 ? keeper->now.wall_ms : 0;
	if (!has_id(record))
		rng_fill(keeper->rng, record->id, RECORD_ID_BYTES);
	record->text_bytes = (uint32_t)text.len;
	entry.record = *record;
	return journal_append(keeper, line, &entry, place);
}

int
journal_append_note(struct keeper *keeper, struct post_line *line,
    const struct record *note, const uint8_t *re, uint8_t id[RECORD_ID_BYTES])
{
	const struct record_text none = { NULL, 0 };
	struct record record = *note;
	struct journal_place place;
	int rc;

	if (re != NULL) {
		record.has_re = true;
		memcpy(record.re, re, RECORD_ID_BYTES);
	}
	rc = journal_append_said(keeper, line, &record, none, &place);
	memcpy(id, record.id, RECORD_ID_BYTES);
	return rc;
}

static int
number_row(struct keeper *keeper, struct post_line *line, int64_t row,
    uint8_t *head, size_t len)
{
	struct record record;
	struct query q;
	struct writer w;
	uint8_t fresh[RECORD_HEAD_BYTES_MAX];
	uint64_t n;
	int rc;

	if ((rc = record_decode_head(&record, head, len)) != OK)
		return rc;
	n = take_number(&line->journal, &record);
	buf_write(&w, fresh, sizeof(fresh));
	record_encode_head(&w, &record);
	assert(w.len == len);
	q = store_query(&keeper->store, STMT_RECORD_NUMBER);
	query_bind_int(&q, (int64_t)n);
	if (record.kind == RECORD_MESSAGE)
		query_bind_int(&q, (int64_t)record.serial);
	else
		query_bind_null(&q);
	query_bind_blob(&q, fresh, w.len);
	query_bind_int(&q, row);
	return query_run(&q);
}

int
journal_number(struct keeper *keeper, struct post_line *line)
{
	uint8_t head[RECORD_HEAD_BYTES_MAX];
	const void *found;
	struct query q;
	size_t len = 0;
	int64_t row = 0;
	int rc;

	while (line->journal.unnumbered > 0) {
		q = store_query(&keeper->store, STMT_RECORD_UNNUMBERED);
		query_bind_int(&q, line->id);
		if (query_next(&q)) {
			row = query_int(&q);
			found = query_blob(&q, &len);
			assert(len <= sizeof(head));
			memcpy(head, found, len);
		}
		if ((rc = query_end(&q)) != OK)
			return rc;
		rc = number_row(keeper, line, row, head, len);
		if (rc != OK)
			return rc;
		line->journal.unnumbered--;
	}
	return OK;
}
