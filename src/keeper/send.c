#include "keeper/send.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "keeper/diary.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"
#include "keeper/ref.h"

/* One message on its way from a request to the journal. */
struct draft {
	struct keeper *keeper;
	struct post_line *line;
	const struct request *request;
	struct journal_entry entry;
	struct upload *uploads[ATTACHMENTS_MAX];
	/* Normalised copies; freed with the draft. */
	uint8_t *text;
	uint8_t *subject;
	uint8_t *names[ATTACHMENTS_MAX];
	int64_t row;
};

static int
refuse(const struct draft *draft, int err, const char *say)
{
	post_reply_error(draft->keeper, draft->request->id, err, "%s", say);
	return err;
}

/* Unicode NFC, so that what looks alike is alike.  NULL: no valid UTF-8. */
static uint8_t *
normalise(struct text text, size_t *len)
{
	utf8proc_uint8_t *out = NULL;
	const utf8proc_ssize_t n =
	    utf8proc_map((const utf8proc_uint8_t *)text.data,
		(utf8proc_ssize_t)text.len, &out,
		UTF8PROC_STABLE | UTF8PROC_COMPOSE);

	*len = n > 0 ? (size_t)n : 0;
	return n < 0 ? NULL : out;
}

static int
take_text(struct draft *draft)
{
	const struct text text = draft->request->send.text;
	size_t len;

	if (text.len == 0)
		return OK;
	if (text.len > TEXT_BYTES_MAX)
		return refuse(draft, ERR_LIMIT,
		    "The text is over 1 MiB; send it as a file instead.");
	if (!record_is_text(text.data, text.len))
		return refuse(draft, ERR_FORMAT,
		    "The text is not valid UTF-8; send it as a file instead, or "
		    "convert it.");
	if ((draft->text = normalise(text, &len)) == NULL)
		return refuse(draft, ERR_FORMAT,
		    "The text is not valid UTF-8; send it as a file instead, or "
		    "convert it.");
	if (len > TEXT_BYTES_MAX)
		return refuse(draft, ERR_LIMIT,
		    "The text is over 1 MiB; send it as a file instead.");
	draft->entry.text = (const char *)draft->text;
	draft->entry.record.text_bytes = (uint32_t)len;
	return OK;
}

static int
take_subject(struct draft *draft)
{
	const struct text subject = draft->request->send.subject;
	size_t len;

	if (subject.len == 0)
		return OK;
	if (subject.len > SUBJECT_BYTES_MAX)
		return refuse(draft, ERR_LIMIT,
		    "The subject is over 1 KiB; shorten it.");
	if (!record_is_label(subject.data, subject.len) ||
	    (draft->subject = normalise(subject, &len)) == NULL)
		return refuse(draft, ERR_FORMAT,
		    "The subject must be one line of valid UTF-8 without "
		    "control characters.");
	if (len > SUBJECT_BYTES_MAX)
		return refuse(draft, ERR_LIMIT,
		    "The subject is over 1 KiB; shorten it.");
	draft->entry.record.subject =
	    (struct record_text){ (const char *)draft->subject, len };
	return OK;
}

static int
take_small(struct draft *draft)
{
	const struct text language = draft->request->send.language;
	struct record *record = &draft->entry.record;

	if (language.len > LANGUAGE_BYTES_MAX ||
	    !record_is_token(language.data, language.len))
		return refuse(draft, ERR_FORMAT,
		    "The language must be a tag such as ko or ar, of at most "
		    "35 characters.");
	record->language = (struct record_text){ language.data, language.len };
	if (draft->request->send.precedence >= PRECEDENCE_COUNT)
		return refuse(draft, ERR_FORMAT,
		    "The precedence must be routine, priority, immediate or "
		    "flash.");
	record->precedence = (enum precedence)draft->request->send.precedence;
	if (draft->request->send.mark >= MARK_COUNT)
		return refuse(draft, ERR_FORMAT, "There is no such mark.");
	record->mark = (enum mark)draft->request->send.mark;
	return OK;
}

/* The id and side of the message that a reference names. */
static int
find_target(struct draft *draft, struct text ref, uint8_t id[RECORD_ID_BYTES],
    bool *is_ours)
{
	struct keeper *keeper = draft->keeper;
	struct record record;
	const void *head;
	struct query q;
	int64_t row;
	size_t len;
	int rc;

	if ((rc = ref_find(keeper, draft->line->id, ref, &row)) != OK)
		return rc;
	q = store_query(&keeper->store, STMT_RECORD_GET);
	query_bind_int(&q, row);
	if (query_next(&q)) {
		query_int(&q); /* line */
		*is_ours = query_int(&q) == SIDE_US;
		query_int(&q); /* n */
		query_int(&q); /* class */
		if (query_int(&q) != RECORD_MESSAGE)
			q.rc = ERR_NOT_FOUND;
		query_int(&q); /* serial */
		head = query_blob(&q, &len);
		if (record_decode_head(&record, head, len) == OK)
			memcpy(id, record.id, RECORD_ID_BYTES);
	}
	return query_end(&q);
}

static int
take_targets(struct draft *draft)
{
	struct record *record = &draft->entry.record;
	const struct text re = draft->request->send.re;
	const struct text withdraws = draft->request->send.withdraws;
	bool is_ours = false;

	if (re.len > 0) {
		if (find_target(draft, re, record->re, &is_ours) != OK)
			return refuse(draft, ERR_NOT_FOUND,
			    "There is no message of the reference that this "
			    "one answers; it reads like them/7.");
		record->has_re = true;
	}
	if (withdraws.len > 0) {
		if (find_target(draft, withdraws, record->withdraws,
			&is_ours) != OK)
			return refuse(draft, ERR_NOT_FOUND,
			    "There is no message of the reference to withdraw; "
			    "it reads like us/12.");
		if (!is_ours)
			return refuse(draft, ERR_DENIED,
			    "Only your own messages can be withdrawn.");
		record->has_withdraws = true;
	}
	return OK;
}

static int
check_type(const struct draft *draft, struct text type)
{
	if (type.len == 0 || type.len > ATTACHMENT_TYPE_BYTES_MAX ||
	    !record_is_token(type.data, type.len))
		return refuse(draft, ERR_FORMAT,
		    "An attachment's type must be like application/pdf, of at "
		    "most 127 characters.");
	switch (draft->line->card.accept) {
	case ACCEPT_TEXT:
		return refuse(draft, ERR_DENIED,
		    "The terms of this line accept text only, no attachments.");
	case ACCEPT_IMAGES:
		if (type.len <= 6 || memcmp(type.data, "image/", 6) != 0)
			return refuse(draft, ERR_DENIED,
			    "The terms of this line accept text and images "
			    "only.");
		return OK;
	case ACCEPT_ANY:
	case ACCEPT_COUNT:
		break;
	}
	return OK;
}

static int
take_attachment(struct draft *draft, size_t i)
{
	const struct upload_use *use = &draft->request->send.attachment[i];
	struct record *record = &draft->entry.record;
	struct record_attachment *attachment = &record->attachment[i];
	struct upload *upload =
	    upload_find(&draft->keeper->uploads, use->upload);
	size_t len;
	int rc;

	if ((rc = check_type(draft, use->type)) != OK)
		return rc;
	if (upload == NULL || !upload->done)
		return refuse(draft, ERR_NOT_FOUND,
		    "An attachment is not uploaded, or the post restarted "
		    "meanwhile; upload it again.");
	for (size_t j = 0; j < i; j++) {
		if (draft->uploads[j] == upload)
			return refuse(draft, ERR_EXISTS,
			    "One upload stands for two attachments; upload it "
			    "twice.");
	}
	if (use->name.len == 0 || use->name.len > ATTACHMENT_NAME_BYTES_MAX ||
	    !record_is_file_name(use->name.data, use->name.len) ||
	    (draft->names[i] = normalise(use->name, &len)) == NULL ||
	    len > ATTACHMENT_NAME_BYTES_MAX)
		return refuse(draft, ERR_FORMAT,
		    "An attachment's name must be 1 to 255 bytes of UTF-8 "
		    "without / and control characters.");
	attachment->bytes = upload->bytes;
	attachment->name =
	    (struct record_text){ (const char *)draft->names[i], len };
	attachment->type =
	    (struct record_text){ use->type.data, use->type.len };
	draft->uploads[i] = upload;
	record->attachments = i + 1;
	return OK;
}

/* Whoever asks named the message, so that asking twice sends it once. */
static bool
draft_has_id(const struct draft *draft)
{
	static const uint8_t zeros[RECORD_ID_BYTES];

	return memcmp(draft->request->send.id, zeros, sizeof(zeros)) != 0;
}

/* It was sent already: sets the draft's row. */
static bool
was_sent(struct draft *draft)
{
	const uint8_t *id = draft->request->send.id;
	struct query q;

	if (!draft_has_id(draft))
		return false;
	q = store_query(&draft->keeper->store, STMT_RECORD_FIND_ID);
	query_bind_int(&q, draft->line->id);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	return query_one(&q, &draft->row) == OK;
}

static int
take_request(struct draft *draft)
{
	struct record *record = &draft->entry.record;
	int rc;

	record->kind = RECORD_MESSAGE;
	record->time_ms = draft->keeper->now.wall_ms;
	if (draft_has_id(draft))
		memcpy(record->id, draft->request->send.id, RECORD_ID_BYTES);
	else
		rng_fill(draft->keeper->rng, record->id, RECORD_ID_BYTES);
	if ((rc = take_text(draft)) != OK || (rc = take_subject(draft)) != OK ||
	    (rc = take_small(draft)) != OK || (rc = take_targets(draft)) != OK)
		return rc;
	for (size_t i = 0; i < draft->request->send.attachments; i++) {
		if ((rc = take_attachment(draft, i)) != OK)
			return rc;
	}
	draft->entry.uploads = draft->uploads;
	if (record->text_bytes == 0 && record->subject.len == 0 &&
	    record->attachments == 0)
		return refuse(draft, ERR_FORMAT,
		    "There is nothing to send: no text, no subject, no file.");
	disk_look(&draft->keeper->disk, draft->keeper->now.now_ns);
	if (!disk_has_room(&draft->keeper->disk, record->text_bytes))
		return refuse(draft, ERR_FULL,
		    "The disk of this post is full; nothing was sent. Make "
		    "room and send again.");
	return OK;
}

static void
draft_wipe(struct draft *draft)
{
	if (draft->text != NULL)
		wipe(draft->text, draft->entry.record.text_bytes);
	free(draft->text);
	free(draft->subject);
	for (size_t i = 0; i < ATTACHMENTS_MAX; i++)
		free(draft->names[i]);
}

static int
append(void *ctx)
{
	struct draft *draft = ctx;
	const struct record *record = &draft->entry.record;
	char ref[REQUEST_REF_BYTES] = "";
	int rc;

	rc = journal_append(draft->keeper, draft->line, &draft->entry,
	    &draft->row);
	if (rc != OK)
		return rc;
	ref_format(ref, SIDE_US,
	    draft->line->journal.may_number ? draft->line->journal.serial_end
					    : 0,
	    record->id);
	return diary_add(draft->keeper,
	    (struct diary_entry){ draft->line, "message", ref, "sent" },
	    "Message %s to %s is accepted.", ref, draft->line->name);
}

uint64_t
send_bytes_waiting(struct keeper *keeper, const struct post_line *line,
    enum record_class class)
{
	uint64_t sum = 0;
	struct query q;
	int64_t bytes;

	for (int c = 0; c <= (int)class; c++) {
		const struct position held = line->outbox.held.at[c];

		q = store_query(&keeper->store, STMT_OUTBOX_BYTES);
		query_bind_int(&q, line->id);
		query_bind_int(&q, c);
		query_bind_int(&q, (int64_t)held.n);
		if (query_one(&q, &bytes) == OK)
			sum += (uint64_t)bytes;
		sum -= held.offset < sum ? held.offset : sum;
	}
	return sum;
}

static void
reply_sent(struct keeper *keeper, uint32_t request,
    const struct post_line *line, int64_t row)
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
	keeper->ops.reply(keeper->ctx, &reply);
}

/* Waits for the number, where there is room to wait. */
static void
reply_when_numbered(struct keeper *keeper, uint32_t request,
    const struct post_line *line, int64_t row)
{
	for (size_t i = 0; !line->journal.is_behind && i < SENDS_WAITING_MAX;
	     i++) {
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
	reply_sent(keeper, request, line, row);
}

void
send_on_request(struct keeper *keeper, const struct request *request)
{
	struct draft draft = { .keeper = keeper, .request = request };
	int rc;

	draft.line = post_find_name(keeper, request->line);
	if (draft.line == NULL) {
		(void)refuse(&draft, ERR_NOT_FOUND,
		    "There is no open line of that name; `quietline line list` "
		    "shows them.");
		return;
	}
	if (!post_line_is_active(draft.line)) {
		(void)refuse(&draft, ERR_STATE,
		    "The line is not open: its ceremony is not confirmed yet, "
		    "or it is being closed.");
		return;
	}
	if (was_sent(&draft)) {
		reply_sent(keeper, request->id, draft.line, draft.row);
		goto out;
	}
	if (take_request(&draft) != OK)
		goto out;
	if ((rc = post_commit(keeper, draft.line, append, &draft)) != OK) {
		post_reply_store(keeper, request->id, rc);
		goto out;
	}
	for (size_t i = 0; i < draft.entry.record.attachments; i++)
		upload_release(draft.uploads[i]);
	if (draft.line->journal.may_number)
		reply_sent(keeper, request->id, draft.line, draft.row);
	else
		reply_when_numbered(keeper, request->id, draft.line, draft.row);
	post_tell_status(keeper, draft.line);
	outbox_push(keeper, draft.line);
out:
	draft_wipe(&draft);
}

void
send_on_numbered(struct keeper *keeper, struct post_line *line)
{
	for (size_t i = 0; i < SENDS_WAITING_MAX; i++) {
		struct send_wait *wait = &keeper->sends[i];

		if (wait->until_ns == 0 || wait->line != line->id)
			continue;
		wait->until_ns = 0;
		reply_sent(keeper, wait->request, line, wait->row);
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
	uint64_t next_ns = UINT64_MAX;

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
	for (size_t i = 0; i < SENDS_WAITING_MAX; i++) {
		struct send_wait *wait = &keeper->sends[i];
		struct post_line *line;

		if (wait->until_ns == 0 || wait->until_ns > keeper->now.now_ns)
			continue;
		wait->until_ns = 0;
		if ((line = post_find_line(keeper, wait->line)) != NULL)
			reply_sent(keeper, wait->request, line, wait->row);
		else
			post_reply_error(keeper, wait->request, ERR_STATE,
			    "The line was closed before the message left.");
	}
}

void
send_forget(struct keeper *keeper)
{
	memset(keeper->sends, 0, sizeof(keeper->sends));
}
