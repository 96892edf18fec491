#include "keeper/outbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "keeper/journal.h"
#include "keeper/send.h"

static size_t
least(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

static int
read_text(struct keeper *keeper, const struct outbox_source *source,
    uint64_t from, uint8_t *bytes, size_t len)
{
	struct query q = store_query(&keeper->store, STMT_RECORD_TEXT_PART);

	query_bind_int(&q, (int64_t)from + 1); /* SQL counts from 1 */
	query_bind_int(&q, (int64_t)len);
	query_bind_int(&q, source->row);
	if (query_next(&q))
		query_bytes(&q, bytes, len);
	else if (q.rc == OK)
		q.rc = ERR_NOT_FOUND;
	return query_end(&q);
}

/* From one piece of attachment i; *got is what the piece had of it. */
static int
read_attachment(struct keeper *keeper, const struct outbox_source *source,
    size_t i, uint64_t from, uint8_t *bytes, size_t len, size_t *got)
{
	const uint64_t total = source->record.attachment[i].bytes;
	const uint64_t piece = from / PIECE_PLAIN_BYTES;
	const size_t at = (size_t)(from % PIECE_PLAIN_BYTES);
	const size_t piece_bytes = attachment_piece_bytes(total, piece);
	struct attachment_file file = { .open = false };
	char name[ATTACHMENT_FILE_NAME_BYTES];
	uint8_t key[AEAD_KEY_BYTES], plain[PIECE_PLAIN_BYTES];
	int rc;

	if ((rc = attachment_find(&keeper->store, source->row, i, name, key)) !=
		OK ||
	    (rc = attachment_open(&file, keeper->attachments_fd, name, key,
		 NULL)) != OK)
		goto out;
	rc = attachment_read(&file, piece,
	    piece + 1 == attachment_pieces(total), plain, piece_bytes);
	if (rc == OK) {
		*got = least(piece_bytes - at, len);
		memcpy(bytes, plain + at, *got);
	}
out:
	attachment_close(&file);
	wipe(key, sizeof(key));
	wipe(plain, sizeof(plain));
	return rc;
}

static int
read_trailer(struct keeper *keeper, const struct outbox_source *source,
    uint64_t from, uint8_t *bytes, size_t len)
{
	uint8_t trailer[ATTACHMENTS_MAX * RECORD_TRAILER_EACH_BYTES];
	struct query q;
	size_t skipped;
	int rc;

	for (size_t i = 0; i < source->record.attachments; i++) {
		q = store_query(&keeper->store, STMT_ATTACHMENT_GET);
		query_bind_int(&q, source->row);
		query_bind_int(&q, (int64_t)i);
		if (query_next(&q)) {
			query_text(&q, &skipped);
			query_blob(&q, &skipped);
			query_int(&q);
			query_bytes(&q, trailer + i * RECORD_TRAILER_EACH_BYTES,
			    RECORD_TRAILER_EACH_BYTES);
		}
		if ((rc = query_end(&q)) != OK)
			return rc;
	}
	assert(from + len <= sizeof(trailer));
	memcpy(bytes, trailer + from, len);
	return OK;
}

/* Bytes from one part of the stream. */
static int
read_part(struct keeper *keeper, const struct outbox_source *source,
    uint64_t offset, uint8_t *bytes, size_t len, size_t *got)
{
	const struct record_layout *layout = &source->layout;
	size_t i = layout->attachments;

	if (offset < layout->text) {
		*got = least(layout->text - offset, len);
		memcpy(bytes, source->head + offset, *got);
		return OK;
	}
	if (offset < layout->text + source->record.text_bytes) {
		*got = least(layout->text + source->record.text_bytes - offset,
		    len);
		return read_text(keeper, source, offset - layout->text, bytes,
		    *got);
	}
	if (offset >= layout->trailer) {
		*got = least(layout->total - offset, len);
		return read_trailer(keeper, source, offset - layout->trailer,
		    bytes, *got);
	}
	while (offset < layout->attachment[i - 1])
		i--;
	return read_attachment(keeper, source, i - 1,
	    offset - layout->attachment[i - 1], bytes, len, got);
}

int
outbox_read(struct keeper *keeper, const struct outbox_source *source,
    uint64_t offset, uint8_t *bytes, size_t len, size_t *got)
{
	size_t step;
	int rc;

	*got = 0;
	while (*got < len && offset < source->layout.total) {
		rc = read_part(keeper, source, offset, bytes + *got, len - *got,
		    &step);
		if (rc != OK)
			return rc;
		assert(step > 0);
		offset += step;
		*got += step;
	}
	return OK;
}

/* At most RECORDS_OPEN_MAX records of a class may be on their way at once. */
static bool
may_open(struct keeper *keeper, const struct post_line *line,
    enum record_class class, uint64_t n)
{
	struct query q = store_query(&keeper->store, STMT_RECORD_OPEN);
	int64_t open;

	query_bind_int(&q, line->id);
	query_bind_int(&q, (int64_t)class);
	query_bind_int(&q, (int64_t)line->outbox.held.at[class].n);
	query_bind_int(&q, (int64_t)n);
	return query_one(&q, &open) == OK && open <= RECORDS_OPEN_MAX;
}

/* The record after n in class; head must hold RECORD_HEAD_BYTES_MAX.
 * ERR_NOT_FOUND: there is none. */
static int
find_next(struct keeper *keeper, const struct post_line *line,
    enum record_class class, uint64_t n, uint8_t *head,
    struct outbox_source *source)
{
	struct query q = store_query(&keeper->store, STMT_RECORD_NEXT);
	const void *found = NULL;
	bool has_row;
	int rc;

	query_bind_int(&q, line->id);
	query_bind_int(&q, (int64_t)class);
	query_bind_int(&q, (int64_t)n);
	if ((has_row = query_next(&q))) {
		source->row = query_int(&q);
		source->n = (uint64_t)query_int(&q);
		query_int(&q);
		found = query_blob(&q, &source->head_len);
		assert(source->head_len <= RECORD_HEAD_BYTES_MAX);
		memcpy(head, found, source->head_len);
	}
	if ((rc = query_end(&q)) != OK)
		return rc;
	if (!has_row)
		return ERR_NOT_FOUND;
	source->head = head;
	rc = record_decode_head(&source->record, head, source->head_len);
	if (rc == OK)
		record_lay_out(&source->layout, &source->record,
		    source->head_len);
	return rc;
}

/* One record from where wire stands; ERR_AGAIN: no room is left. */
static int
push_record(struct keeper *keeper, struct post_line *line,
    enum record_class class, const struct outbox_source *source, uint8_t *bytes)
{
	struct position *at = &line->outbox.want.at[class];
	uint32_t *room = &line->outbox.want.room[class];
	struct line_order order = { .kind = LINE_ORDER_PIECE };
	size_t got;
	int rc;

	if (at->offset > source->layout.total)
		return ERR_STATE;
	while (at->offset < source->layout.total) {
		/* A record begins with what puts it in order, in one piece. */
		if (*room == 0 ||
		    (at->offset == 0 && *room < RECORD_FIXED_BYTES))
			return ERR_AGAIN;
		rc = outbox_read(keeper, source, at->offset, bytes,
		    least(*room, PIECE_OUT_BYTES_MAX), &got);
		/* Not found means "no more records" to the caller. */
		if (rc != OK)
			return rc == ERR_NOT_FOUND ? ERR_IO : rc;
		order.piece = (struct piece){ .class = class,
			.n = source->n,
			.offset = at->offset,
			.data = bytes,
			.len = got,
			.fin = at->offset + got == source->layout.total };
		at->offset += got;
		*room -= (uint32_t)got;
		keeper->ops.order(keeper->ctx, line->id, &order);
	}
	*at = (struct position){ source->n, 0 };
	return OK;
}

static int
push_class(struct keeper *keeper, struct post_line *line,
    enum record_class class, uint8_t *buf)
{
	struct outbox *outbox = &line->outbox;
	struct outbox_source source;
	int rc = OK;

	while (rc == OK && outbox->want.room[class] > 0 &&
	    outbox->want.at[class].n < line->journal.last[class]) {
		rc = find_next(keeper, line, class, outbox->want.at[class].n,
		    buf, &source);
		if (rc != OK || !may_open(keeper, line, class, source.n))
			break;
		rc = push_record(keeper, line, class, &source,
		    buf + RECORD_HEAD_BYTES_MAX);
	}
	return rc == ERR_AGAIN || rc == ERR_NOT_FOUND ? OK : rc;
}

void
outbox_push(struct keeper *keeper, struct post_line *line)
{
	const size_t buf_bytes = RECORD_HEAD_BYTES_MAX + PIECE_OUT_BYTES_MAX;
	uint8_t *buf;
	int rc;

	if (!line->outbox.wanted || !keeper->wire)
		return;
	if ((buf = malloc(buf_bytes)) == NULL)
		return;
	for (int c = 0; c < CLASS_COUNT; c++) {
		rc = push_class(keeper, line, (enum record_class)c, buf);
		/* Its class waits, the others don't. */
		if (rc != OK)
			post_fault(keeper, line,
			    "a message cannot be read from this post's disk, "
			    "and is not delivered");
	}
	wipe(buf, buf_bytes);
	free(buf);
}

void
outbox_on_want(struct keeper *keeper, struct post_line *line,
    const struct want *want)
{
	line->outbox.wanted = true;
	line->outbox.want = *want;
	outbox_push(keeper, line);
}

static bool
is_further(const struct have *have, const struct have *held)
{
	for (int c = 0; c < CLASS_COUNT; c++) {
		if (have->at[c].n != held->at[c].n)
			return true;
	}
	return false;
}

/* Nothing beyond what our journal holds. */
static bool
have_fits(const struct journal *journal, const struct have *have)
{
	for (int c = 0; c < CLASS_COUNT; c++) {
		const struct position at = have->at[c];

		if (at.n > journal->last[c] ||
		    (at.n == journal->last[c] && at.offset > 0))
			return false;
	}
	return true;
}

struct numbering {
	struct keeper *keeper;
	struct post_line *line;
};

static int
number_all(void *ctx)
{
	struct numbering *numbering = ctx;

	return journal_number(numbering->keeper, numbering->line);
}

static void
begin_numbering(struct keeper *keeper, struct post_line *line)
{
	struct numbering numbering = { keeper, line };

	if (line->journal.unnumbered > 0 &&
	    post_commit(keeper, line, number_all, &numbering) != OK)
		return; /* tried again with the next HAVE */
	line->journal.may_number = true;
	line->journal.is_behind = false;
	send_on_numbered(keeper, line);
	post_tell_status(keeper, line);
}

void
outbox_on_have(struct keeper *keeper, struct post_line *line,
    const struct have *have)
{
	const bool paused = have->credit == 0;

	if (!have_fits(&line->journal, have)) {
		if (!line->journal.is_behind)
			post_fault(keeper, line,
			    "this post's store is older than what the peer "
			    "holds: it was restored or rolled back; what is "
			    "sent stays without a number");
		line->journal.is_behind = true;
		line->journal.may_number = false;
		return;
	}
	if (is_further(have, &line->outbox.held))
		outbox_count_anew(line);
	line->outbox.held = *have;
	if (paused != line->paused) {
		line->paused = paused;
		send_on_pause(keeper, line);
	}
	if (!line->journal.may_number)
		begin_numbering(keeper, line);
	outbox_push(keeper, line);
}

static void
count_waiting(struct keeper *keeper, struct post_line *line)
{
	struct waiting *waiting = &line->outbox.waiting;
	struct query q = store_query(&keeper->store, STMT_OUTBOX_COUNT);
	int64_t value;
	int rc;

	query_bind_int(&q, line->id);
	rc = query_one(&q, &value);
	waiting->messages = (uint64_t)value;
	for (int c = 0; c < CLASS_COUNT && rc == OK; c++) {
		q = store_query(&keeper->store, STMT_OUTBOX_BYTES);
		query_bind_int(&q, line->id);
		query_bind_int(&q, c);
		query_bind_int(&q, (int64_t)line->outbox.held.at[c].n);
		rc = query_one(&q, &value);
		waiting->bytes[c] = (uint64_t)value;
	}
	waiting->known = rc == OK;
}

const struct waiting *
outbox_waiting(struct keeper *keeper, struct post_line *line)
{
	if (!line->outbox.waiting.known)
		count_waiting(keeper, line);
	return &line->outbox.waiting;
}

void
outbox_on_append(struct post_line *line, enum record_class class,
    uint64_t bytes)
{
	line->outbox.waiting.messages++;
	line->outbox.waiting.bytes[class] += bytes;
}

void
outbox_count_anew(struct post_line *line)
{
	line->outbox.waiting = (struct waiting){ .known = false };
}

uint64_t
outbox_bytes_held(const struct post_line *line, enum record_class class,
    uint64_t n, uint64_t after, uint64_t bytes)
{
	const struct position held = line->outbox.held.at[class];

	if (n == 0)
		return 0;
	if (n <= held.n)
		return bytes;
	/* The peer's offset is into the record that comes after its last; it may
	 * say any. */
	if (after != held.n)
		return 0;
	return held.offset < bytes ? held.offset : bytes;
}
