#include "keeper/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "keeper/delegate.h"
#include "keeper/diary.h"
#include "keeper/errand.h"
#include "keeper/formed.h"
#include "keeper/phrase.h"
#include "keeper/point.h"
#include "keeper/ref.h"
#include "keeper/withdrawal.h"

static int
refuse(const struct draft *draft, int err, const char *say)
{
	post_reply_error(draft->keeper, draft->request, err, "%s", say);
	return err;
}

/* The text fills a form in, which both sides agreed to. */
static int
take_form(struct draft *draft)
{
	const uint64_t form = draft->asked->send.form;
	struct record *record = &draft->entry.record;
	char why[FORM_SAY_BYTES_MAX] = "";
	int rc;

	rc = formed_fill(draft->keeper, draft->line, form,
	    draft->asked->send.text, &draft->text, why);
	draft->entry.text = draft->text.data;
	record->text_bytes = (uint32_t)draft->text.len;
	record->form = (uint32_t)form;
	if (rc == OK)
		return OK;
	if (why[0] != '\0')
		return refuse(draft, rc, why);
	post_reply_store(draft->keeper, draft->request, rc);
	return rc;
}

static int
take_text(struct draft *draft)
{
	int rc;

	if (draft->asked->send.form != 0)
		return take_form(draft);
	rc = phrase_text(&draft->text, draft->asked->send.text, TEXT_BYTES_MAX);
	if (rc == ERR_LIMIT)
		return refuse(draft, rc,
		    "The text is over 1 MiB; send it as a file instead.");
	if (rc != OK)
		return refuse(draft, rc,
		    "The text is not valid UTF-8; send it as a file instead, or "
		    "convert it.");
	draft->entry.text = draft->text.data;
	draft->entry.record.text_bytes = (uint32_t)draft->text.len;
	return OK;
}

static int
take_subject(struct draft *draft)
{
	const int rc = phrase_label(&draft->subject, draft->asked->send.subject,
	    SUBJECT_BYTES_MAX);

	if (rc == ERR_LIMIT)
		return refuse(draft, rc,
		    "The subject is over 1 KiB; shorten it.");
	if (rc != OK)
		return refuse(draft, rc,
		    "The subject must be one line of valid UTF-8 without "
		    "control characters.");
	draft->entry.record.subject = phrase_said(&draft->subject);
	return OK;
}

static int
take_small(struct draft *draft)
{
	const struct text language = draft->asked->send.language;
	struct record *record = &draft->entry.record;

	if (language.len > LANGUAGE_BYTES_MAX ||
	    !record_is_token(language.data, language.len))
		return refuse(draft, ERR_FORMAT,
		    "The language must be a tag such as ko or ar, of at most "
		    "35 characters.");
	if (language.len > 0)
		memcpy(draft->language, language.data, language.len);
	record->language =
	    (struct record_text){ draft->language, language.len };
	if (draft->asked->send.precedence >= PRECEDENCE_COUNT)
		return refuse(draft, ERR_FORMAT,
		    "The precedence must be routine, priority, immediate or "
		    "flash.");
	record->precedence = (enum precedence)draft->asked->send.precedence;
	if (draft->asked->send.mark >= MARK_COUNT)
		return refuse(draft, ERR_FORMAT, "There is no such mark.");
	record->mark = (enum mark)draft->asked->send.mark;
	return OK;
}

/* The id and side of the message that a reference names; heir (or NULL) belongs to
 * its points then. */
static int
find_target(struct draft *draft, struct text ref, uint8_t id[RECORD_ID_BYTES],
    bool *is_ours, struct record *heir)
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
		if (record_decode_head(&record, head, len) == OK) {
			memcpy(id, record.id, RECORD_ID_BYTES);
			if (heir != NULL) {
				heir->points = record.points;
				memcpy(heir->point, record.point,
				    sizeof(heir->point));
			}
		}
	}
	return query_end(&q);
}

/* Twice withdrawn is once too often: it is what replaced it that is to go. */
static int
check_withdrawn(const struct draft *draft)
{
	struct withdrawal withdrawal;
	int rc;

	rc = withdrawal_find(draft->keeper, draft->line->id, SIDE_US,
	    draft->entry.record.withdraws, &withdrawal);
	if (rc != OK)
		post_reply_store(draft->keeper, draft->request, rc);
	if (rc != OK || withdrawal.by[0] == '\0')
		return rc;
	post_reply_error(draft->keeper, draft->request, ERR_STATE,
	    "The message is withdrawn already, by %s.", withdrawal.by);
	return ERR_STATE;
}

/* What a reference names is not there; or the store could not say. */
static int
refuse_lookup(const struct draft *draft, int err, const char *say)
{
	if (err == ERR_FORMAT || err == ERR_NOT_FOUND)
		return refuse(draft, ERR_NOT_FOUND, say);
	post_reply_store(draft->keeper, draft->request, err);
	return err;
}

static int
take_targets(struct draft *draft)
{
	struct record *record = &draft->entry.record;
	const struct text re = draft->asked->send.re;
	const struct text withdraws = draft->asked->send.withdraws;
	bool is_ours = false;
	int rc;

	if (re.len > 0) {
		rc = find_target(draft, re, record->re, &is_ours, record);
		if (rc != OK)
			return refuse_lookup(draft, rc,
			    "There is no message of the reference that this "
			    "one answers; it reads like them/7.");
		record->has_re = true;
	}
	if (withdraws.len > 0) {
		rc = find_target(draft, withdraws, record->withdraws, &is_ours,
		    NULL);
		if (rc != OK)
			return refuse_lookup(draft, rc,
			    "There is no message of the reference to withdraw; "
			    "it reads like us/12.");
		if (!is_ours)
			return refuse(draft, ERR_DENIED,
			    "Only your own messages can be withdrawn.");
		record->has_withdraws = true;
		return check_withdrawn(draft);
	}
	return OK;
}

/* The points that it belongs to; where none are named, those of the message that
 * it answers. */
static int
take_points(struct draft *draft)
{
	struct record *record = &draft->entry.record;
	struct point point;
	int rc;

	for (size_t i = 0; i < draft->asked->send.points; i++) {
		rc = point_find(draft->keeper, draft->line,
		    draft->asked->send.point[i], &point);
		if (rc != OK)
			return refuse_lookup(draft, rc,
			    "There is no point of the reference that the "
			    "message is to belong to; it reads like us/p3.");
		memcpy(record->point[i], point.id, RECORD_ID_BYTES);
		record->points = i + 1;
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
	if (card_accepts(draft->line->card.accept, type.data, type.len))
		return OK;
	return refuse(draft, ERR_DENIED,
	    draft->line->card.accept == ACCEPT_TEXT
		? "The terms of this line accept text only, no attachments."
		: "The terms of this line accept text and images only.");
}

/* Of a draft that is released, its files; else what whoever asks has uploaded:
 * numbers of others' files are easy to guess. */
static struct upload *
find_upload(struct keeper *keeper, uint64_t id)
{
	struct upload *upload;

	if (keeper->errand.paper != 0)
		return errand_find_upload(keeper, id);
	upload = upload_find(&keeper->uploads, id);
	return upload != NULL && upload->who == keeper_who_id(keeper) ? upload
								      : NULL;
}

static int
take_attachment(struct draft *draft, size_t i)
{
	const struct upload_use *use = &draft->asked->send.attachment[i];
	struct record *record = &draft->entry.record;
	struct record_attachment *attachment = &record->attachment[i];
	struct upload *upload = find_upload(draft->keeper, use->upload);
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
	if (use->name.len == 0 ||
	    !record_is_file_name(use->name.data, use->name.len) ||
	    phrase_label(&draft->names[i], use->name,
		ATTACHMENT_NAME_BYTES_MAX) != OK)
		return refuse(draft, ERR_FORMAT,
		    "An attachment's name must be 1 to 255 bytes of UTF-8 "
		    "without / and control characters.");
	attachment->bytes = upload->bytes;
	attachment->name = phrase_said(&draft->names[i]);
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

	return memcmp(draft->asked->send.id, zeros, sizeof(zeros)) != 0;
}

static int
take_request(struct draft *draft)
{
	struct record *record = &draft->entry.record;
	int rc;

	record->kind = RECORD_MESSAGE;
	record->time_ms = draft->keeper->now.wall_ms;
	if (draft_has_id(draft))
		memcpy(record->id, draft->asked->send.id, RECORD_ID_BYTES);
	else
		rng_fill(draft->keeper->rng, record->id, RECORD_ID_BYTES);
	if ((rc = take_text(draft)) != OK || (rc = take_subject(draft)) != OK ||
	    (rc = take_small(draft)) != OK ||
	    (rc = take_targets(draft)) != OK || (rc = take_points(draft)) != OK)
		return rc;
	for (size_t i = 0; i < draft->asked->send.attachments; i++) {
		if ((rc = take_attachment(draft, i)) != OK)
			return rc;
	}
	draft->entry.uploads = draft->uploads;
	if (record->text_bytes == 0 && record->subject.len == 0 &&
	    !record->has_withdraws && record->attachments == 0 &&
	    record->form == 0)
		return refuse(draft, ERR_FORMAT,
		    "There is nothing to send: no text, no subject, no file.");
	disk_look(&draft->keeper->disk, draft->keeper->now.now_ns);
	if (!disk_has_room(&draft->keeper->disk,
		draft->keeper->group.bytes + record->text_bytes))
		return refuse(draft, ERR_FULL,
		    "The disk of this post is full; nothing was sent. Make "
		    "room and send again.");
	return OK;
}

void
draft_free(struct draft *draft)
{
	if (draft == NULL)
		return;
	phrase_wipe(&draft->text);
	phrase_wipe(&draft->subject);
	for (size_t i = 0; i < ATTACHMENTS_MAX; i++)
		phrase_wipe(&draft->names[i]);
	wipe(draft, sizeof(*draft));
	free(draft);
}

struct draft *
draft_new(struct keeper *keeper, struct post_line *line,
    const struct request *request)
{
	struct draft *draft = calloc(1, sizeof(*draft));

	if (draft == NULL) {
		post_reply_store(keeper, request->id, ERR_LIMIT);
		return NULL;
	}
	draft->keeper = keeper;
	draft->line = line;
	draft->asked = request;
	draft->request = request->id;
	snprintf(draft->author, sizeof(draft->author), "%s",
	    keeper_who(keeper));
	draft->entry.author = draft->author;
	if (take_request(draft) != OK) {
		draft_free(draft);
		return NULL;
	}
	draft->asked = NULL;
	draft->is_bound = draft->entry.record.attachments > 0;
	return draft;
}

int
draft_append(struct draft *draft)
{
	const struct record *record = &draft->entry.record;
	char ref[REQUEST_REF_BYTES] = "";
	int rc;

	rc = journal_append(draft->keeper, draft->line, &draft->entry,
	    &draft->place);
	if (rc != OK)
		return rc;
	rc = point_apply(draft->keeper, draft->line, SIDE_US, record,
	    draft->place.row);
	if (rc != OK)
		return rc;
	ref_format(ref, SIDE_US, draft->place.serial, record->id);
	rc = diary_add(draft->keeper,
	    (struct diary_entry){ draft->line, "message", ref, "sent" },
	    "Message %s to %s is accepted%s.", ref, draft->line->name,
	    ref_marked(record->mark));
	if (rc != OK)
		return rc;
	return withdrawal_note(draft->keeper, draft->line, SIDE_US, record,
	    ref);
}

void
draft_release(struct draft *draft)
{
	for (size_t i = 0; i < draft->entry.record.attachments; i++)
		upload_release(draft->uploads[i]);
}
