#include "keeper/inbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/wipe.h"
#include "keeper/arrival.h"
#include "keeper/diary.h"
#include "keeper/journal.h"
#include "keeper/missing.h"
#include "keeper/outbox.h"

/* One flush: where it stands, so that a fault finds its class. */
struct flush {
	struct keeper *keeper;
	struct post_line *line;
	size_t segment;
	bool lost; /* it was not the peer, but a file of ours */
};

static void
forget_part(struct inbox *inbox)
{
	if (inbox->part != NULL)
		wipe(inbox->part, inbox->part_cap);
	free(inbox->part);
	inbox->part = NULL;
	inbox->part_len = inbox->part_cap = inbox->part_synced = 0;
}

static void
forget_record(struct inbox *inbox)
{
	forget_part(inbox);
	attachment_close(&inbox->file);
	inbox->n = inbox->got = 0;
	inbox->row = 0;
	memset(&inbox->layout, 0, sizeof(inbox->layout));
}

void
inbox_forget(struct post_line *line)
{
	for (int c = 0; c < CLASS_COUNT; c++)
		forget_record(&line->inbox[c]);
}

void
inbox_forget_fresh(struct post_line *line)
{
	if (line->fresh != NULL)
		wipe(line->fresh, line->fresh_cap);
	free(line->fresh);
	line->fresh = NULL;
	line->fresh_len = line->fresh_cap = 0;
	line->segments = 0;
	line->flush_ns = UINT64_MAX;
	line->refuses = false;
	for (int c = 0; c < CLASS_COUNT; c++) {
		line->inbox[c].missed = false;
		line->inbox[c].gap.n = 0;
	}
}

/* Grows by doubling; false: no memory. */
static bool
grow(uint8_t **bytes, size_t *cap, size_t need, size_t most)
{
	size_t wide = *cap > 0 ? *cap : 1024;
	uint8_t *fresh;

	if (need > most)
		return false;
	if (need <= *cap)
		return true;
	while (wide < need)
		wide *= 2;
	/* Not realloc: what it leaves behind is not wiped. */
	if ((fresh = malloc(wide)) == NULL)
		return false;
	if (*bytes != NULL) {
		memcpy(fresh, *bytes, *cap);
		wipe(*bytes, *cap);
		free(*bytes);
	}
	*bytes = fresh;
	*cap = wide;
	return true;
}

/* Units: what is taken at once, and where in the stream. */

struct unit {
	enum {
		UNIT_FIXED,
		UNIT_HEAD,
		UNIT_TEXT,
		UNIT_PIECE,
		UNIT_TRAILER
	} kind;
	size_t need; /* bytes of it */
	size_t i;    /* of the attachment */
	uint64_t piece;
	bool last;	/* piece of the attachment */
	uint64_t bytes; /* of the attachment */
};

static uint64_t
attachment_end(const struct record_layout *layout, size_t i)
{
	return i + 1 < layout->attachments ? layout->attachment[i + 1]
					   : layout->trailer;
}

static struct unit
piece_unit(const struct record_layout *layout, size_t i, uint64_t from)
{
	struct unit unit = { .kind = UNIT_PIECE, .i = i };

	unit.bytes = attachment_end(layout, i) - layout->attachment[i];
	unit.piece = (from - layout->attachment[i]) / PIECE_PLAIN_BYTES;
	unit.need = attachment_piece_bytes(unit.bytes, unit.piece);
	unit.last = unit.piece + 1 == attachment_pieces(unit.bytes);
	return unit;
}

/* The unit that is under way; one of no bytes is never under way. */
static struct unit
current_unit(const struct inbox *inbox)
{
	const struct record_layout *layout = &inbox->layout;
	const uint64_t from = inbox->got - inbox->part_len;
	size_t i = layout->attachments;

	if (inbox->row == 0 && inbox->part_len < RECORD_FIXED_BYTES)
		return (struct unit){ .kind = UNIT_FIXED,
			.need = RECORD_FIXED_BYTES };
	if (inbox->row == 0)
		return (struct unit){ .kind = UNIT_HEAD,
			.need =
			    record_head_bytes(inbox->part, inbox->part_len) };
	if (from == layout->text &&
	    (layout->attachments > 0 ? layout->attachment[0]
				     : layout->trailer) > from)
		return (struct unit){ .kind = UNIT_TEXT,
			.need = (size_t)((layout->attachments > 0
						 ? layout->attachment[0]
						 : layout->trailer) -
			    from) };
	if (from >= layout->trailer)
		return (struct unit){ .kind = UNIT_TRAILER,
			.need = (size_t)(layout->total - layout->trailer) };
	while (from < layout->attachment[i - 1])
		i--;
	return piece_unit(layout, i - 1, from);
}

static int
drop_parts(struct flush *flush, enum record_class class)
{
	struct query q = store_query(&flush->keeper->store, STMT_PART_DROP);

	query_bind_int(&q, flush->line->id);
	query_bind_int(&q, (int64_t)class);
	return query_run(&q);
}

/* The record that is arriving must be fetched again; others go on. */
static int
lose(struct flush *flush)
{
	flush->lost = true;
	return ERR_PEER;
}

/* An attachment's file, for the piece that is to be written. */
static int
open_file(struct flush *flush, struct inbox *inbox, size_t i)
{
	struct keeper *keeper = flush->keeper;
	char name[ATTACHMENT_FILE_NAME_BYTES];
	uint8_t key[AEAD_KEY_BYTES];
	int rc;

	if (inbox->file.open)
		return OK;
	rc = attachment_find(&keeper->store, inbox->row, i, name, key);
	if (rc == OK &&
	    attachment_open(&inbox->file, keeper->attachments_fd, name, key,
		&keeper->rng) != OK)
		rc = lose(flush);
	wipe(key, sizeof(key));
	return rc;
}

static int
sync_file(struct flush *flush, struct inbox *inbox)
{
	bool folder_failed;
	int rc;

	rc = attachment_sync(&inbox->file, flush->keeper->attachments_fd,
	    &folder_failed);
	if (rc == ERR_IO)
		flush->keeper->store.failed = true;
	return rc;
}

/* Bytes of attachment i that are in its file, and its hash once whole. */
static int
set_attachment(struct flush *flush, const struct inbox *inbox, size_t i,
    uint64_t here, const uint8_t *hash)
{
	struct query q =
	    store_query(&flush->keeper->store, STMT_ATTACHMENT_SET);

	query_bind_int(&q, (int64_t)here);
	query_bind_blob(&q, hash, hash != NULL ? HASH_BYTES : 0);
	query_bind_int(&q, inbox->row);
	query_bind_int(&q, (int64_t)i);
	return query_run(&q);
}

static int
take_piece(struct flush *flush, struct inbox *inbox, const struct unit *unit,
    const uint8_t *plain)
{
	uint8_t hash[HASH_BYTES];
	int rc;

	if ((rc = open_file(flush, inbox, unit->i)) != OK)
		return rc;
	if (unit->piece == 0)
		hash_stream_init(&inbox->hash);
	rc = attachment_write(&inbox->file, unit->piece, unit->last, plain,
	    unit->need);
	if (rc != OK)
		return rc == ERR_IO ? lose(flush) : rc;
	hash_stream_append(&inbox->hash, plain, unit->need);
	if (!unit->last)
		return set_attachment(flush, inbox, unit->i,
		    (unit->piece + 1) * PIECE_PLAIN_BYTES, NULL);
	if ((rc = sync_file(flush, inbox)) != OK)
		return rc;
	attachment_close(&inbox->file);
	hash_stream_finish(&inbox->hash, hash);
	return set_attachment(flush, inbox, unit->i, unit->bytes, hash);
}

/* Attachments without a byte never are the unit under way. */
static int
take_empty_attachments(struct flush *flush, struct inbox *inbox)
{
	const struct record_layout *layout = &inbox->layout;
	struct unit unit;
	int rc;

	for (size_t i = 0; i < layout->attachments; i++) {
		if (attachment_end(layout, i) != layout->attachment[i])
			continue;
		unit = piece_unit(layout, i, layout->attachment[i]);
		rc = take_piece(flush, inbox, &unit, (const uint8_t *)"");
		if (rc != OK)
			return rc;
	}
	return OK;
}

static int
take_unit(struct flush *flush, struct inbox *inbox, enum record_class class,
    const struct unit *unit)
{
	struct keeper *keeper = flush->keeper;
	int rc = OK;

	switch (unit->kind) {
	case UNIT_FIXED:
		/* The rest of the head joins it in the same part. */
		return record_head_bytes(inbox->part, inbox->part_len) >
			RECORD_HEAD_BYTES_MAX
		    ? ERR_PEER
		    : OK;
	case UNIT_HEAD:
		rc = arrival_take_head(keeper, flush->line, class);
		if (rc == OK)
			rc = take_empty_attachments(flush, inbox);
		break;
	case UNIT_TEXT:
		rc = arrival_take_text(keeper, flush->line, class);
		break;
	case UNIT_PIECE:
		rc = take_piece(flush, inbox, unit, inbox->part);
		break;
	case UNIT_TRAILER:
		rc = arrival_take_trailer(keeper, flush->line, class);
		break;
	}
	if (rc != OK)
		return rc;
	if (inbox->part_synced > 0 && (rc = drop_parts(flush, class)) != OK)
		return rc;
	inbox->part_len = inbox->part_synced = 0;
	return OK;
}

static int
take_bytes(struct flush *flush, enum record_class class, const uint8_t *bytes,
    size_t len)
{
	struct inbox *inbox = &flush->line->inbox[class];
	struct unit unit;
	size_t step;
	int rc;

	while (len > 0) {
		if (inbox->row != 0 && inbox->got == inbox->layout.total)
			return ERR_PEER; /* longer than it said */
		unit = current_unit(inbox);
		step = unit.need - inbox->part_len;
		if (step > len)
			step = len;
		if (!grow(&inbox->part, &inbox->part_cap,
			inbox->part_len + step, TEXT_BYTES_MAX))
			return ERR_FULL;
		memcpy(inbox->part + inbox->part_len, bytes, step);
		inbox->part_len += step;
		inbox->got += step;
		bytes += step;
		len -= step;
		if (inbox->part_len == unit.need &&
		    (rc = take_unit(flush, inbox, class, &unit)) != OK)
			return rc;
	}
	return OK;
}

/* The record is whole: it counts, with all that follows from it. */
static int
complete(struct flush *flush, enum record_class class)
{
	struct inbox *inbox = &flush->line->inbox[class];
	struct query q;
	int rc;

	if (inbox->row == 0 || inbox->got != inbox->layout.total)
		return ERR_PEER;
	rc = arrival_complete(flush->keeper, flush->line, class);
	if (rc != OK)
		return rc;
	q = store_query(&flush->keeper->store, STMT_INBOX_DROP);
	query_bind_int(&q, flush->line->id);
	query_bind_int(&q, (int64_t)class);
	if ((rc = query_run(&q)) != OK)
		return rc;
	inbox->last = inbox->n;
	flush->line->arrived.records++;
	forget_record(inbox);
	return OK;
}

static int
take_segment(struct flush *flush, const struct segment *segment)
{
	struct inbox *inbox = &flush->line->inbox[segment->class];
	int rc;

	if (inbox->n == 0) {
		if (segment->offset != 0 || segment->n <= inbox->last ||
		    segment->n > INT64_MAX)
			return ERR_PEER;
		inbox->n = segment->n;
	}
	if (segment->n != inbox->n || segment->offset != inbox->got)
		return ERR_PEER;
	/* Of nothing there may be no memory that it could be in. */
	if (segment->len > 0 &&
	    (rc = take_bytes(flush, segment->class,
		 flush->line->fresh + segment->at, segment->len)) != OK)
		return rc;
	if (!segment->fin)
		return OK;
	return complete(flush, segment->class);
}

/* Keeps what is half there: bytes of the unit under way, and where it stands. */
static int
keep_half(struct flush *flush, enum record_class class)
{
	struct inbox *inbox = &flush->line->inbox[class];
	struct query q;
	int rc;

	if (inbox->n == 0)
		return OK;
	if ((rc = sync_file(flush, inbox)) != OK)
		return rc;
	if (inbox->part_len > inbox->part_synced) {
		q = store_query(&flush->keeper->store, STMT_PART_ADD);
		query_bind_int(&q, flush->line->id);
		query_bind_int(&q, (int64_t)class);
		query_bind_blob(&q, inbox->part + inbox->part_synced,
		    inbox->part_len - inbox->part_synced);
		if ((rc = query_run(&q)) != OK)
			return rc;
		inbox->part_synced = inbox->part_len;
	}
	q = store_query(&flush->keeper->store, STMT_INBOX_PUT);
	query_bind_int(&q, flush->line->id);
	query_bind_int(&q, (int64_t)class);
	query_bind_int(&q, (int64_t)inbox->n);
	query_bind_int(&q, (int64_t)inbox->got);
	query_bind_int(&q, inbox->row);
	query_bind_blob(&q, inbox->hash.state, sizeof(inbox->hash.state));
	return query_run(&q);
}

static int
flush_all(void *ctx)
{
	struct flush *flush = ctx;
	bool touched[CLASS_COUNT] = { false };
	int rc;

	for (flush->segment = 0; flush->segment < flush->line->segments;
	     flush->segment++) {
		const struct segment *segment =
		    &flush->line->segment[flush->segment];

		touched[segment->class] = true;
		if ((rc = take_segment(flush, segment)) != OK)
			return rc;
	}
	for (int c = 0; c < CLASS_COUNT; c++) {
		if (touched[c] &&
		    (rc = keep_half(flush, (enum record_class)c)) != OK)
			return rc;
	}
	return OK;
}

static struct position
position_of(const struct inbox *inbox)
{
	return (struct position){ inbox->last, inbox->got };
}

static void
note_synced(struct inbox *inbox)
{
	inbox->synced = position_of(inbox);
	inbox->synced_n = inbox->n;
}

static int load_class(struct keeper *keeper, struct post_line *line,
    enum record_class class);

struct dropping {
	struct keeper *keeper;
	struct post_line *line;
	enum record_class class;
};

/* The files of the record that is arriving. */
static int
name_files(struct keeper *keeper, const struct inbox *inbox,
    struct attachment_batch *files)
{
	char name[ATTACHMENT_FILE_NAME_BYTES];
	uint8_t key[AEAD_KEY_BYTES];
	int rc = OK;

	for (size_t i = 0; rc == OK && i < inbox->layout.attachments; i++) {
		rc = attachment_find(&keeper->store, inbox->row, i, name, key);
		if (rc == OK)
			rc = attachment_batch_add(files, name);
	}
	wipe(key, sizeof(key));
	return rc;
}

/* The record that broke the rules is forgotten as far as it had come. */
static int
drop_half(void *ctx)
{
	struct dropping *dropping = ctx;
	struct flush flush = { .keeper = dropping->keeper,
		.line = dropping->line };
	const int64_t row = dropping->line->inbox[dropping->class].row;
	struct query q;
	int rc;

	if ((rc = drop_parts(&flush, dropping->class)) != OK)
		return rc;
	q = store_query(&dropping->keeper->store, STMT_INBOX_DROP);
	query_bind_int(&q, dropping->line->id);
	query_bind_int(&q, (int64_t)dropping->class);
	if ((rc = query_run(&q)) != OK || row == 0)
		return rc;
	q = store_query(&dropping->keeper->store, STMT_ATTACHMENT_DROP);
	query_bind_int(&q, row);
	if ((rc = query_run(&q)) != OK)
		return rc;
	q = store_query(&dropping->keeper->store, STMT_RECORD_DROP);
	query_bind_int(&q, row);
	return query_run(&q);
}

/* Takes a class's bytes from `from` on out of the queue. */
static void
unqueue_class(struct post_line *line, enum record_class class, size_t from)
{
	size_t kept = from;

	for (size_t i = from; i < line->segments; i++) {
		if (line->segment[i].class != class)
			line->segment[kept++] = line->segment[i];
	}
	line->segments = kept;
}

/* Where that fails, what is half there is tried again, and refused again. */
static void
drop_record(struct keeper *keeper, struct post_line *line,
    enum record_class class)
{
	struct dropping dropping = { keeper, line, class };
	struct attachment_batch files = { .count = 0 };

	if (name_files(keeper, &line->inbox[class], &files) != OK ||
	    post_commit(keeper, line, drop_half, &dropping) != OK) {
		attachment_batch_forget(&files);
		return;
	}
	attachment_batch_remove(&files, keeper->attachments_fd);
	if (load_class(keeper, line, class) != OK)
		keeper->store.failed = true;
}

/* Memory was read from the store again; what is held is what it was. */
static void
on_broken(const struct flush *flush, bool broke[CLASS_COUNT])
{
	struct post_line *line = flush->line;
	const enum record_class class = line->segment[flush->segment].class;

	broke[class] = true;
	unqueue_class(line, class, flush->segment);
	line->refuses = true;
	post_fault(flush->keeper, line,
	    fault_name(flush->lost ? FAULT_STORE : FAULT_RECORD));
}

/* Has wire end the session, once nothing of it is on its way to the disk. */
static void
tell_fault(struct keeper *keeper, struct post_line *line, enum fault fault)
{
	struct line_order order = { .kind = LINE_ORDER_FAULT, .fault = fault };

	if (!keeper->wire || !post_line_is_active(line))
		return;
	inbox_have(keeper, line, &order);
	keeper->ops.order(keeper->ctx, line->id, &order);
}

static void
on_flushed(struct keeper *keeper, struct post_line *line)
{
	for (int c = 0; c < CLASS_COUNT; c++)
		note_synced(&line->inbox[c]);
	if (line->fresh_len > 0)
		wipe(line->fresh, line->fresh_len);
	line->fresh_len = 0;
	line->segments = 0;
	line->flush_ns = UINT64_MAX;
	inbox_tell_have(keeper, line);
	inbox_catch_up(keeper, line);
	missing_look(keeper, line);
	post_tell_status(keeper, line);
	outbox_push(keeper, line);
}

/* The bytes wait in memory, and the peer is stopped. */
static void
on_stuck(struct keeper *keeper, struct post_line *line, int rc)
{
	if (rc != ERR_FULL)
		post_fault(keeper, line,
		    "what arrives cannot be stored on this post's disk");
	/* No room: the bytes wait in memory, and the peer is stopped. */
	line->flush_ns =
	    keeper->now.now_ns + (uint64_t)FLUSH_RETRY_MS * CLOCK_NS_PER_MS;
	inbox_tell_have(keeper, line);
	post_tell_status(keeper, line);
}

void
inbox_flush(struct keeper *keeper, struct post_line *line)
{
	struct flush flush = { .keeper = keeper, .line = line };
	bool broke[CLASS_COUNT] = { false };
	enum fault fault = FAULT_COUNT;
	int rc = ERR_PEER;

	/* Each round takes at least one class out of the queue. */
	while (rc == ERR_PEER && line->segments > 0) {
		flush.lost = false;
		rc = post_commit(keeper, line, flush_all, &flush);
		if (rc != ERR_PEER)
			break;
		/* Of two faults the peer hears of its own. */
		if (!flush.lost || fault == FAULT_COUNT)
			fault = flush.lost ? FAULT_STORE : FAULT_RECORD;
		on_broken(&flush, broke);
	}
	if (rc == OK || line->segments == 0) {
		for (int c = 0; c < CLASS_COUNT; c++) {
			if (broke[c])
				drop_record(keeper, line, (enum record_class)c);
		}
		on_flushed(keeper, line);
	} else {
		on_stuck(keeper, line, rc);
	}
	if (fault != FAULT_COUNT)
		tell_fault(keeper, line, fault);
}

/* The end of what was handed in for a class, synced or not. */
static struct position
fresh_end(const struct post_line *line, enum record_class class, uint64_t *n)
{
	const struct inbox *inbox = &line->inbox[class];
	struct position end = position_of(inbox);

	*n = inbox->n;
	for (size_t i = 0; i < line->segments; i++) {
		const struct segment *segment = &line->segment[i];

		if (segment->class != class)
			continue;
		*n = segment->fin ? 0 : segment->n;
		if (segment->fin)
			end = (struct position){ segment->n, 0 };
		else
			end.offset = segment->offset + segment->len;
	}
	return end;
}

/* All before it is held, or was missed too. */
static void
miss(struct inbox *inbox, struct position at)
{
	inbox->missed = true;
	inbox->gap = at;
}

static bool
is_behind_gap(const struct inbox *inbox, struct position at)
{
	return inbox->gap.n != 0 && position_compare(at, inbox->gap) > 0;
}

static void
queue(struct keeper *keeper, struct post_line *line, const struct piece *piece,
    size_t skip)
{
	const size_t len = piece->len - skip;
	struct segment *segment;

	if (line->segments == POST_SEGMENTS_MAX)
		inbox_flush(keeper, line);
	/* The flush found a fault: this piece is of what is handed in anew. */
	if (line->refuses)
		return;
	if (line->segments == POST_SEGMENTS_MAX ||
	    !grow(&line->fresh, &line->fresh_cap, line->fresh_len + len,
		INBOX_BYTES_MAX)) {
		miss(&line->inbox[piece->class],
		    (struct position){ piece->n, piece->offset + skip });
		return;
	}
	segment = &line->segment[line->segments++];
	*segment = (struct segment){ .class = piece->class,
		.n = piece->n,
		.offset = piece->offset + skip,
		.at = line->fresh_len,
		.len = len,
		.fin = piece->fin };
	if (len > 0)
		memcpy(line->fresh + line->fresh_len, piece->data + skip, len);
	line->fresh_len += len;
}

/* When the bytes are to be synced: at once where a record is whole. */
static void
plan_flush(struct keeper *keeper, struct post_line *line, bool fin)
{
	const uint64_t now_ns = keeper->now.now_ns;
	const uint64_t soon_ns = now_ns + (uint64_t)FLUSH_MS * CLOCK_NS_PER_MS;

	if (fin || line->fresh_len >= FLUSH_BYTES)
		line->flush_ns = now_ns;
	else if (line->flush_ns > soon_ns)
		line->flush_ns = soon_ns;
}

/* A full disk takes no more messages, whatever the peer was promised: what is
 * left belongs to receipts, while it is enough, and to booting. */
static bool
has_room(struct keeper *keeper, enum record_class class)
{
	disk_look(&keeper->disk, keeper->now.now_ns);
	if (class == CLASS_NOTES)
		return disk_has_room_for_notes(&keeper->disk);
	return disk_state(&keeper->disk) != STORE_FULL;
}

void
inbox_on_data(struct keeper *keeper, struct post_line *line,
    const struct piece *piece)
{
	struct inbox *inbox = &line->inbox[piece->class];
	struct position end, at;
	uint64_t n;
	size_t skip = 0;

	if (line->refuses)
		return;
	end = fresh_end(line, piece->class, &n);
	/* A wire that kept what we had not synced hands it in again. */
	if (piece->n <= end.n)
		return;
	if (piece->n == n && piece->offset < end.offset) {
		if (end.offset - piece->offset > piece->len ||
		    (end.offset - piece->offset == piece->len && !piece->fin))
			return;
		skip = (size_t)(end.offset - piece->offset);
	}
	if (piece->len == skip && !piece->fin)
		return;
	at = (struct position){ piece->n, piece->offset + skip };
	if (is_behind_gap(inbox, at))
		return;
	if (inbox->missed || !has_room(keeper, piece->class)) {
		miss(inbox, at);
		return;
	}
	inbox->gap.n = 0;
	missing_on_data(keeper, line);
	queue(keeper, line, piece, skip);
	plan_flush(keeper, line, piece->fin);
}

void
inbox_have(struct keeper *keeper, struct post_line *line,
    struct line_order *order)
{
	for (int c = 0; c < CLASS_COUNT; c++) {
		order->have.at[c] = line->inbox[c].synced;
		order->partial_n[c] = line->inbox[c].synced_n;
	}
	disk_look(&keeper->disk, keeper->now.now_ns);
	order->have.credit = disk_credit(&keeper->disk);
	line->credit_said = order->have.credit;
}

void
inbox_tell_have(struct keeper *keeper, struct post_line *line)
{
	struct line_order order = { .kind = LINE_ORDER_HAVE };

	if (!keeper->wire || !post_line_is_active(line))
		return;
	inbox_have(keeper, line, &order);
	keeper->ops.order(keeper->ctx, line->id, &order);
}

void
inbox_on_refused(struct post_line *line)
{
	line->refuses = false;
	/* A peer that restarted since may have something else there. */
	for (int c = 0; c < CLASS_COUNT; c++)
		line->inbox[c].gap.n = 0;
}

void
inbox_catch_up(struct keeper *keeper, struct post_line *line)
{
	bool missed = false;

	for (int c = 0; c < CLASS_COUNT; c++) {
		if (!line->inbox[c].missed ||
		    !has_room(keeper, (enum record_class)c))
			continue;
		line->inbox[c].missed = false;
		missed = true;
	}
	if (missed)
		post_attach(keeper, line);
}

static int
load_parts(struct keeper *keeper, const struct post_line *line,
    enum record_class class, struct inbox *inbox)
{
	struct query q = store_query(&keeper->store, STMT_PART_LIST);
	const void *data;
	size_t len;

	query_bind_int(&q, line->id);
	query_bind_int(&q, (int64_t)class);
	while (query_next(&q)) {
		data = query_blob(&q, &len);
		if (!grow(&inbox->part, &inbox->part_cap, inbox->part_len + len,
			TEXT_BYTES_MAX)) {
			q.rc = ERR_LIMIT;
			break;
		}
		memcpy(inbox->part + inbox->part_len, data, len);
		inbox->part_len += len;
	}
	inbox->part_synced = inbox->part_len;
	return query_end(&q);
}

static int
load_layout(struct keeper *keeper, struct inbox *inbox)
{
	struct query q = store_query(&keeper->store, STMT_RECORD_GET);
	struct record record;
	const void *head;
	size_t len;

	query_bind_int(&q, inbox->row);
	if (query_next(&q)) {
		for (int i = 0; i < 6; i++)
			query_int(&q); /* line to serial */
		head = query_blob(&q, &len);
		q.rc = record_decode_head(&record, head, len);
		if (q.rc == OK)
			record_lay_out(&inbox->layout, &record, len);
	} else if (q.rc == OK)
		q.rc = ERR_NOT_FOUND;
	return query_end(&q);
}

static int
load_class(struct keeper *keeper, struct post_line *line,
    enum record_class class)
{
	struct inbox *inbox = &line->inbox[class];
	struct query q = store_query(&keeper->store, STMT_JOURNAL_CLASS_END);
	int64_t last;
	int rc;

	forget_record(inbox);
	query_bind_int(&q, line->id);
	query_bind_int(&q, SIDE_THEM);
	query_bind_int(&q, (int64_t)class);
	if ((rc = query_one(&q, &last)) != OK)
		return rc;
	inbox->last = (uint64_t)last;
	q = store_query(&keeper->store, STMT_INBOX_GET);
	query_bind_int(&q, line->id);
	query_bind_int(&q, (int64_t)class);
	if (query_next(&q)) {
		inbox->n = (uint64_t)query_int(&q);
		inbox->got = (uint64_t)query_int(&q);
		inbox->row = query_int(&q);
		query_bytes(&q, inbox->hash.state, sizeof(inbox->hash.state));
	}
	if ((rc = query_end(&q)) != OK)
		return rc;
	if (inbox->n != 0 &&
	    (rc = load_parts(keeper, line, class, inbox)) != OK)
		return rc;
	if (inbox->row != 0 && (rc = load_layout(keeper, inbox)) != OK)
		return rc;
	note_synced(inbox);
	return OK;
}

int
inbox_load(struct keeper *keeper, struct post_line *line)
{
	int rc;

	line->arrived.known = false;
	for (int c = 0; c < CLASS_COUNT; c++) {
		rc = load_class(keeper, line, (enum record_class)c);
		if (rc != OK)
			return rc;
	}
	return OK;
}
