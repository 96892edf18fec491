#include "keeper/send.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "keeper/diary.h"
#include "keeper/draft.h"
#include "keeper/outbox.h"

uint64_t
send_bytes_waiting(struct keeper *keeper, struct post_line *line,
    enum record_class class)
{
	const struct waiting *waiting = outbox_waiting(keeper, line);
	uint64_t sum = 0;

	for (int c = 0; c <= (int)class; c++) {
		const struct position held = line->outbox.held.at[c];

		sum += waiting->bytes[c];
		sum -= held.offset < sum ? held.offset : sum;
	}
	return sum;
}

static void
reply_stored(struct keeper *keeper, uint32_t request, struct post_line *line,
    int64_t row)
{
	struct reply reply = { .kind = REPLY_SENT, .id = request };
	struct query q = store_query(&keeper->store, STMT_RECORD_GET);
	enum record_class class = CLASS_NOTES;
	struct record record;
	const void *head;
	size_t len;

	query_bind_int(&q, row);
	if (query_next(&q)) {
		query_int(&q); /* line */
		query_int(&q); /* side */
		query_int(&q); /* n */
		class = (enum record_class)query_int(&q);
		query_int(&q); /* kind */
		reply.sent.serial = (uint64_t)query_int(&q);
		head = query_blob(&q, &len);
		query_int(&q); /* text */
		reply.sent.bytes = (uint64_t)query_int(&q);
		q.rc = record_decode_head(&record, head, len);
		if (q.rc == OK)
			memcpy(reply.sent.id, record.id, RECORD_ID_BYTES);
	}
	if (query_end(&q) != OK) {
		post_reply_store(keeper, request, ERR_IO);
		return;
	}
	reply.sent.bytes_ahead = send_bytes_waiting(keeper, line, class);
	reply.sent.cadence = post_line_cadence(line);
	reply.sent.peer = line->peer;
	post_reply(keeper, &reply);
}

/* Waits for the number, where there is room to wait. */
static void
reply_when_numbered(struct keeper *keeper, uint32_t request,
    struct post_line *line, int64_t row)
{
	/* Nobody waits for the answer of an errand. */
	const bool waits = !line->journal.is_behind && !keeper->errand.on;

	for (size_t i = 0; waits && i < SENDS_WAITING_MAX; i++) {
		struct send_wait *wait = &keeper->sends[i];

		if (wait->until_ns != 0)
			continue;
		*wait = (struct send_wait){ .request = request,
			.line = line->id,
			.row = row,
			.until_ns = keeper->now.now_ns +
			    (uint64_t)SEND_WAIT_MS * CLOCK_NS_PER_MS };
		return;
	}
	reply_stored(keeper, request, line, row);
}

void
send_answer(struct keeper *keeper, uint32_t request, struct post_line *line,
    int64_t row)
{
	if (line->journal.may_number)
		reply_stored(keeper, request, line, row);
	else
		reply_when_numbered(keeper, request, line, row);
}

/* Answers for a message that was just put into the journal. */
static void
reply_sent(struct draft *draft)
{
	const struct record *record = &draft->entry.record;
	struct reply reply = { .kind = REPLY_SENT, .id = draft->request };

	if (!draft->line->journal.may_number) {
		reply_when_numbered(draft->keeper, draft->request, draft->line,
		    draft->place.row);
		return;
	}
	reply.sent.serial = draft->place.serial;
	reply.sent.bytes = draft->place.bytes;
	memcpy(reply.sent.id, record->id, RECORD_ID_BYTES);
	reply.sent.bytes_ahead = send_bytes_waiting(draft->keeper, draft->line,
	    record_class(record->kind, record->precedence));
	reply.sent.cadence = post_line_cadence(draft->line);
	reply.sent.peer = draft->line->peer;
	post_reply(draft->keeper, &reply);
}

/* Drafts of one line that share a sync. */
struct batch {
	struct draft **drafts;
	size_t count;
};

static int
append_all(void *ctx)
{
	const struct batch *batch = ctx;
	int rc = OK;

	for (size_t i = 0; rc == OK && i < batch->count; i++)
		rc = draft_append(batch->drafts[i]);
	return rc;
}

/* Commits and answers.  Where not all can be kept together, each is tried alone:
 * one may be too large for what is left of the disk. */
static void
commit_batch(struct keeper *keeper, struct batch batch)
{
	struct post_line *line = batch.drafts[0]->line;
	int rc = post_commit(keeper, line, append_all, &batch);

	if (rc != OK && batch.count > 1 && !keeper->store.failed) {
		for (size_t i = 0; i < batch.count; i++)
			commit_batch(keeper,
			    (struct batch){ batch.drafts + i, 1 });
		return;
	}
	for (size_t i = 0; i < batch.count; i++) {
		if (rc != OK) {
			post_reply_store(keeper, batch.drafts[i]->request, rc);
			continue;
		}
		draft_release(batch.drafts[i]);
		reply_sent(batch.drafts[i]);
	}
	if (rc != OK)
		return;
	post_tell_status(keeper, line);
	outbox_push(keeper, line);
}

void
send_commit(struct keeper *keeper)
{
	struct send_group *group = &keeper->group;
	struct batch batch;

	for (size_t at = 0; at < group->count; at += batch.count) {
		batch.drafts = group->drafts + at;
		batch.count = 1;
		while (at + batch.count < group->count &&
		    batch.drafts[batch.count]->line == batch.drafts[0]->line)
			batch.count++;
		commit_batch(keeper, batch);
	}
	send_drop(keeper);
}

void
send_drop(struct keeper *keeper)
{
	struct send_group *group = &keeper->group;

	for (size_t i = 0; i < group->count; i++)
		draft_free(group->drafts[i]);
	memset(group, 0, sizeof(*group));
}

/* Whoever asks named the message, so that asking twice sends it once. */
static bool
has_id(const struct request *request)
{
	static const uint8_t zeros[RECORD_ID_BYTES];

	return memcmp(request->send.id, zeros, sizeof(zeros)) != 0;
}

/* It was sent already: gives its row. */
static bool
was_sent(struct keeper *keeper, const struct post_line *line,
    const struct request *request, int64_t *row)
{
	const uint8_t *id = request->send.id;
	struct query q;

	if (!has_id(request))
		return false;
	q = store_query(&keeper->store, STMT_RECORD_FIND_ID);
	query_bind_int(&q, line->id);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	return query_one(&q, row) == OK;
}

/* Of two that are asked for at once, the second finds the first. */
static bool
is_asked(const struct keeper *keeper, const struct request *request)
{
	const struct send_group *group = &keeper->group;

	for (size_t i = 0; has_id(request) && i < group->count; i++) {
		if (memcmp(group->drafts[i]->entry.record.id, request->send.id,
			RECORD_ID_BYTES) == 0)
			return true;
	}
	return false;
}

/* It names what may only just have been asked for: an id, a reference, a file
 * that another message takes. */
static bool
looks_back(const struct keeper *keeper, const struct request *request)
{
	return is_asked(keeper, request) || request->send.re.len > 0 ||
	    request->send.withdraws.len > 0 || request->send.attachments > 0;
}

void
send_on_request(struct keeper *keeper, const struct request *request)
{
	struct send_group *group = &keeper->group;
	struct post_line *line = post_ask_active(keeper, request);
	struct draft *draft;
	int64_t row;

	if (line == NULL)
		return;
	if (looks_back(keeper, request))
		send_commit(keeper);
	if (was_sent(keeper, line, request, &row)) {
		reply_stored(keeper, request->id, line, row);
		return;
	}
	if ((draft = draft_new(keeper, line, request)) == NULL)
		return;
	if (group->count == 0)
		group->due_ns = keeper->now.now_ns;
	group->drafts[group->count++] = draft;
	group->bytes += draft->entry.record.text_bytes;
	if (draft->is_bound || keeper->is_emergency ||
	    group->count == SENDS_TOGETHER_MAX ||
	    group->bytes >= SENDS_TOGETHER_BYTES_MAX)
		send_commit(keeper);
}

void
send_on_numbered(struct keeper *keeper, struct post_line *line)
{
	for (size_t i = 0; i < SENDS_WAITING_MAX; i++) {
		struct send_wait *wait = &keeper->sends[i];

		if (wait->until_ns == 0 || wait->line != line->id)
			continue;
		wait->until_ns = 0;
		reply_stored(keeper, wait->request, line, wait->row);
	}
}

void
send_on_pause(struct keeper *keeper, struct post_line *line)
{
	const struct diary_entry entry = { line, "transfer", NULL,
		line->paused ? "paused" : "resumed" };

	diary_note(keeper, entry,
	    line->paused ? "%s takes nothing for the moment: its disk is full."
			 : "%s takes messages.",
	    line->name);
}

uint64_t
send_next_ns(const struct keeper *keeper)
{
	uint64_t next_ns =
	    keeper->group.count > 0 ? keeper->group.due_ns : UINT64_MAX;

	for (size_t i = 0; i < SENDS_WAITING_MAX; i++) {
		if (keeper->sends[i].until_ns != 0 &&
		    keeper->sends[i].until_ns < next_ns)
			next_ns = keeper->sends[i].until_ns;
	}
	return next_ns;
}

void
send_on_time(struct keeper *keeper)
{
	send_commit(keeper);
	for (size_t i = 0; i < SENDS_WAITING_MAX; i++) {
		struct send_wait *wait = &keeper->sends[i];
		struct post_line *line;

		if (wait->until_ns == 0 || wait->until_ns > keeper->now.now_ns)
			continue;
		wait->until_ns = 0;
		if ((line = post_find_line(keeper, wait->line)) != NULL)
			reply_stored(keeper, wait->request, line, wait->row);
		else
			post_reply_error(keeper, wait->request, ERR_STATE,
			    "The line was closed before the message left.");
	}
}

void
send_forget(struct keeper *keeper)
{
	send_drop(keeper);
	memset(keeper->sends, 0, sizeof(keeper->sends));
}
