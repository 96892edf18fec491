#include "keeper/arrival.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "keeper/alarm.h"
#include "keeper/calendar.h"
#include "keeper/diary.h"
#include "keeper/drill.h"
#include "keeper/journal.h"
#include "keeper/point.h"
#include "keeper/month.h"
#include "keeper/pact.h"
#include "keeper/receipt.h"
#include "keeper/ref.h"
#include "keeper/stored.h"
#include "keeper/roster.h"
#include "keeper/service.h"
#include "keeper/terms.h"
#include "keeper/translation.h"
#include "keeper/withdrawal.h"
#include "keeper/willing.h"

/* Serials rise with n: between those of the messages before and after. */
static int
check_serial(struct keeper *keeper, const struct post_line *line, uint64_t n,
    uint64_t serial)
{
	struct query q = store_query(&keeper->store, STMT_RECORD_SERIAL_BELOW);
	int64_t below, above;
	int rc;

	query_bind_int(&q, line->id);
	query_bind_int(&q, (int64_t)n);
	if ((rc = query_one(&q, &below)) != OK)
		return rc;
	q = store_query(&keeper->store, STMT_RECORD_SERIAL_ABOVE);
	query_bind_int(&q, line->id);
	query_bind_int(&q, (int64_t)n);
	if ((rc = query_one(&q, &above)) != OK)
		return rc;
	if (serial > n || serial <= (uint64_t)below ||
	    (above > 0 && serial >= (uint64_t)above))
		return ERR_PEER;
	return OK;
}

static int
check_head(struct keeper *keeper, const struct post_line *line,
    enum record_class class, const struct record *record)
{
	const struct inbox *inbox = &line->inbox[class];

	if (record_class(record->kind, record->precedence) != class ||
	    record->after != inbox->last)
		return ERR_PEER;
	for (size_t i = 0; i < record->attachments; i++) {
		if (!card_accepts(line->card.accept,
			record->attachment[i].type.data,
			record->attachment[i].type.len))
			return ERR_PEER;
	}
	if (record->kind != RECORD_MESSAGE)
		return OK;
	return check_serial(keeper, line, inbox->n, record->serial);
}

static int
add_row(struct keeper *keeper, const struct post_line *line,
    enum record_class class, const struct record *record)
{
	const struct inbox *inbox = &line->inbox[class];
	struct query q = store_query(&keeper->store, STMT_RECORD_ADD);

	query_bind_int(&q, line->id);
	query_bind_int(&q, SIDE_THEM);
	query_bind_int(&q, (int64_t)inbox->n);
	query_bind_int(&q, (int64_t)class);
	query_bind_int(&q, record->kind);
	query_bind_blob(&q, record->id, RECORD_ID_BYTES);
	if (record->kind == RECORD_MESSAGE)
		query_bind_int(&q, (int64_t)record->serial);
	else
		query_bind_null(&q);
	query_bind_blob(&q, inbox->part, inbox->part_len);
	query_bind_null(&q); /* text */
	query_bind_int(&q, (int64_t)inbox->layout.total);
	query_bind_int(&q, keeper->now.wall_ms);
	query_bind_null(&q); /* seq */
	query_bind_blob(&q, record->withdraws,
	    record->has_withdraws ? RECORD_ID_BYTES : 0);
	return query_run(&q);
}

static int
add_attachment(struct keeper *keeper, int64_t row, size_t i)
{
	struct attachment_file file;
	struct query q;
	int rc;

	rc = attachment_create(&file, keeper->attachments_fd, keeper->rng);
	if (rc != OK)
		return rc;
	if ((rc = attachment_batch_add(&keeper->made, file.name)) != OK) {
		attachment_remove(keeper->attachments_fd, file.name);
		attachment_close(&file);
		return rc;
	}
	q = store_query(&keeper->store, STMT_ATTACHMENT_ADD);
	query_bind_int(&q, row);
	query_bind_int(&q, (int64_t)i);
	query_bind_text(&q, file.name, strlen(file.name));
	query_bind_blob(&q, file.key, sizeof(file.key));
	query_bind_int(&q, 0);
	query_bind_null(&q);
	rc = query_run(&q);
	attachment_close(&file);
	return rc;
}

static int
add_attachments(struct keeper *keeper, int64_t row, size_t count)
{
	int rc;

	for (size_t i = 0; i < count; i++) {
		if ((rc = add_attachment(keeper, row, i)) != OK)
			return rc;
	}
	if (count > 0 && fsync(keeper->attachments_fd) != 0) {
		keeper->store.failed = true;
		return ERR_IO;
	}
	return OK;
}

int
arrival_take_head(struct keeper *keeper, struct post_line *line,
    enum record_class class)
{
	struct inbox *inbox = &line->inbox[class];
	struct record record;
	int rc;

	if (record_decode_head(&record, inbox->part, inbox->part_len) != OK)
		return ERR_PEER;
	if ((rc = check_head(keeper, line, class, &record)) != OK)
		return rc;
	record_lay_out(&inbox->layout, &record, inbox->part_len);
	rc = add_row(keeper, line, class, &record);
	if (rc == ERR_EXISTS)
		return ERR_PEER; /* the id, n or serial of another record */
	if (rc != OK)
		return rc;
	inbox->row = store_last_row(&keeper->store, STORE_RECORD);
	return add_attachments(keeper, inbox->row, record.attachments);
}

int
arrival_take_text(struct keeper *keeper, struct post_line *line,
    enum record_class class)
{
	const struct inbox *inbox = &line->inbox[class];
	struct query q;

	if (!record_is_text((const char *)inbox->part, inbox->part_len))
		return ERR_PEER;
	q = store_query(&keeper->store, STMT_RECORD_SET_TEXT);
	query_bind_blob(&q, inbox->part, inbox->part_len);
	query_bind_int(&q, inbox->row);
	return query_run(&q);
}

int
arrival_take_trailer(struct keeper *keeper, struct post_line *line,
    enum record_class class)
{
	const struct inbox *inbox = &line->inbox[class];
	uint8_t hash[HASH_BYTES];
	struct query q;
	size_t skipped;
	int rc;

	for (size_t i = 0; i < inbox->layout.attachments; i++) {
		q = store_query(&keeper->store, STMT_ATTACHMENT_GET);
		query_bind_int(&q, inbox->row);
		query_bind_int(&q, (int64_t)i);
		if (query_next(&q)) {
			query_text(&q, &skipped);
			query_blob(&q, &skipped);
			query_int(&q);
			query_bytes(&q, hash, sizeof(hash));
		}
		if ((rc = query_end(&q)) != OK)
			return rc;
		if (!wipe_equal(hash,
			inbox->part + i * RECORD_TRAILER_EACH_BYTES,
			HASH_BYTES))
			return ERR_PEER;
	}
	return OK;
}

/* Gives the record its place in the order of reading. */
static int
make_readable(struct keeper *keeper, int64_t row)
{
	struct query q = store_query(&keeper->store, STMT_RECORD_SEQ_LAST);
	int64_t seq;
	int rc;

	if ((rc = query_one(&q, &seq)) != OK)
		return rc;
	q = store_query(&keeper->store, STMT_RECORD_COMPLETE);
	query_bind_int(&q, seq + 1);
	query_bind_int(&q, keeper->now.wall_ms);
	query_bind_int(&q, row);
	return query_run(&q);
}

static int
complete_message(struct keeper *keeper, struct post_line *line,
    const struct record *record)
{
	char ref[REQUEST_REF_BYTES] = "";
	int rc;

	rc = receipt_issue(keeper, line, RECEIPT_DELIVERED, record->id);
	if (rc != OK)
		return rc;
	ref_format(ref, SIDE_THEM, record->serial, record->id);
	rc = diary_add(keeper,
	    (struct diary_entry){ line, "message", ref, "arrived" },
	    "Message %s arrived from %s%s.", ref, line->name,
	    ref_marked(record->mark));
	if (rc == OK)
		rc = withdrawal_note(keeper, line, SIDE_THEM, record, ref);
	if (rc != OK)
		return rc;
	return alarm_on_message(keeper, line, record, ref);
}

/* -- what follows from a whole record, by its kind --------------------------- */

static int
take_message(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	const int rc =
	    point_apply(keeper, line, SIDE_THEM, arrival->record, arrival->row);

	return rc == OK ? complete_message(keeper, line, arrival->record) : rc;
}

static int
take_receipt(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	return receipt_take(keeper, line, arrival->record);
}

static int
take_terms(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	return terms_take(keeper, line, arrival->record);
}

static int
take_day(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	return calendar_take(keeper, line, &arrival->record->day);
}

/* A kind without one is kept, and nothing follows from it. */
static int (*const takes[RECORD_KIND_COUNT])(struct keeper *keeper,
    struct post_line *line, const struct arrival *arrival) = {
	[RECORD_MESSAGE] = take_message,
	[RECORD_RECEIPT] = take_receipt,
	[RECORD_TERMS] = take_terms,
	[RECORD_DRILL] = drill_answer,
	[RECORD_DRILL_ANSWER] = drill_take_answer,
	[RECORD_DAY] = take_day,
	[RECORD_TRANSLATION] = translation_take,
	[RECORD_PACT] = pact_take,
	[RECORD_CONSENT] = pact_take,
	[RECORD_POINT] = point_take,
	[RECORD_STANDING] = point_take,
	[RECORD_PUBLIC] = point_take,
	[RECORD_READING] = point_take,
	[RECORD_ROSTER] = roster_take,
	[RECORD_MONTH] = month_take,
	[RECORD_SERVICE] = service_take,
	[RECORD_WILLING] = willing_on_record,
};

/* Fewer people than they mean to have looked at it: who reads it shall know. */
static int
note_emergency(struct keeper *keeper, const struct post_line *line,
    const struct record *record)
{
	char ref[REQUEST_REF_BYTES] = "";

	ref_format(ref, SIDE_THEM, record->serial, record->id);
	return diary_add(keeper,
	    (struct diary_entry){ line, "draft", ref, "emergency" },
	    "On the side of %s one person released %s alone, in an emergency.",
	    line->name, ref);
}

int
arrival_complete(struct keeper *keeper, struct post_line *line,
    enum record_class class)
{
	const int64_t row = line->inbox[class].row;
	struct stored stored;
	struct arrival arrival = { .record = &stored.record, .row = row };
	int rc;

	if ((rc = stored_load(keeper, row, false, &stored)) != OK ||
	    (rc = make_readable(keeper, row)) != OK)
		goto out;
	arrival.n = stored.n;
	arrival.text = stored.text;
	if (takes[stored.record.kind] != NULL)
		rc = takes[stored.record.kind](keeper, line, &arrival);
	if (rc == OK && stored.record.is_emergency)
		rc = note_emergency(keeper, line, &stored.record);
out:
	stored_wipe(&stored);
	return rc;
}

int
arrival_is_about_nothing(struct keeper *keeper, const struct post_line *line,
    const char *say)
{
	return diary_add(keeper,
	    (struct diary_entry){ line, "fault", NULL, "about-nothing" },
	    "Something came from %s that nothing follows from: %s. One of the "
	    "two posts was restored from a backup.",
	    line->name, say);
}
