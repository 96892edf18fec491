#include "keeper/keeper.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/wipe.h"
#include "core/card.h"
#include "crypto/crypto.h"
#include "keeper/agenda.h"
#include "keeper/alarm.h"
#include "keeper/calendar.h"
#include "keeper/continuity.h"
#include "keeper/delegate.h"
#include "keeper/diary.h"
#include "keeper/disclosure.h"
#include "keeper/drafting.h"
#include "keeper/drill.h"
#include "keeper/duty.h"
#include "keeper/forms.h"
#include "keeper/enclosure.h"
#include "keeper/founding.h"
#include "keeper/inbox.h"
#include "keeper/missing.h"
#include "keeper/month.h"
#include "keeper/outbox.h"
#include "keeper/pairing.h"
#include "keeper/phrase.h"
#include "keeper/point.h"
#include "keeper/pass.h"
#include "keeper/paper.h"
#include "keeper/post.h"
#include "keeper/public.h"
#include "keeper/read.h"
#include "keeper/receipt.h"
#include "keeper/ringing.h"
#include "keeper/rights.h"
#include "keeper/roster.h"
#include "keeper/schedule.h"
#include "keeper/release.h"
#include "keeper/rule.h"
#include "keeper/send.h"
#include "keeper/service.h"
#include "keeper/session.h"
#include "keeper/silence.h"
#include "keeper/terms.h"
#include "keeper/translation.h"
#include "keeper/wait.h"
#include "keeper/waiting.h"
#include "keeper/wake.h"
#include "keeper/watch.h"
#include "keeper/ways.h"
#include "keeper/willing.h"

static const char attachments_name[] = "attachments";

/* -- making and opening ----------------------------------------------------- */

struct naming {
	struct store *store;
	const char *name;
	const char *delegate;
};

static int
put_name(void *ctx)
{
	const struct naming *naming = ctx;
	struct query q = store_query(naming->store, STMT_POST_PUT);

	query_bind_text(&q, naming->name, strlen(naming->name));
	return query_run(&q);
}

static int
put_delegate(void *ctx)
{
	const struct naming *naming = ctx;

	return delegate_name_first(naming->store, naming->delegate);
}

static int
put_names(struct naming *naming)
{
	const int rc =
	    store_transact(naming->store, STORE_LINE, put_name, naming);

	if (rc != OK || naming->delegate == NULL)
		return rc;
	return store_transact(naming->store, STORE_RECORD, put_delegate,
	    naming);
}

int
keeper_create(const char *folder, const char *name, const char *delegate,
    const void *passphrase, size_t len, struct keyring_cost cost,
    struct rng rng)
{
	struct naming naming = { .name = name, .delegate = delegate };
	struct phrase title = { NULL, 0 };
	struct store_keys keys;
	struct store store;
	int rc;

	crypto_init();
	if (delegate != NULL && delegate_title(&title, text_of(delegate)) != OK)
		return ERR_SIZE;
	phrase_wipe(&title);
	if ((rc = card_check_name(name, strlen(name))) != OK ||
	    (rc = founding_begin(folder)) != OK)
		return rc;
	rc = keyring_create(folder, passphrase, len, cost, rng, &keys);
	if (rc == OK && (rc = store_create(&store, folder, &keys)) == OK) {
		naming.store = &store;
		rc = put_names(&naming);
		store_close(&store);
	}
	wipe(&keys, sizeof(keys));
	if (rc == OK)
		rc = founding_end(folder);
	if (rc != OK)
		founding_undo(folder);
	return rc;
}

static bool
is_stored(struct keeper *keeper, const char *name)
{
	struct query q = store_query(&keeper->store, STMT_ATTACHMENT_FILES);
	int64_t one;
	int rc;

	query_bind_text(&q, name, strlen(name));
	rc = query_one(&q, &one);
	return rc != ERR_NOT_FOUND; /* in doubt it stays */
}

/* Deletes files that no message names: uploads and halves of a crash. */
static int
sweep(struct keeper *keeper)
{
	const int fd = dup(keeper->attachments_fd);
	struct dirent *entry;
	DIR *folder;

	if (fd < 0 || (folder = fdopendir(fd)) == NULL) {
		if (fd >= 0)
			close(fd);
		return ERR_IO;
	}
	while ((entry = readdir(folder)) != NULL) {
		if (strlen(entry->d_name) == ATTACHMENT_FILE_NAME_BYTES - 1 &&
		    !is_stored(keeper, entry->d_name))
			attachment_remove(keeper->attachments_fd,
			    entry->d_name);
	}
	closedir(folder);
	return OK;
}

static int
open_folders(struct keeper *keeper, const char *folder)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

	if ((keeper->folder_fd = open(folder, flags)) < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	if (mkdirat(keeper->folder_fd, attachments_name, 0700) != 0 &&
	    errno != EEXIST)
		return errno == ENOSPC ? ERR_FULL : ERR_IO;
	keeper->attachments_fd =
	    openat(keeper->folder_fd, attachments_name, flags | O_NOFOLLOW);
	return keeper->attachments_fd < 0 ? ERR_IO : OK;
}

static int
open_all(struct keeper *keeper, const char *folder,
    const struct store_keys *keys)
{
	int rc;

	if ((rc = open_folders(keeper, folder)) != OK)
		return rc;
	disk_init(&keeper->disk, keeper->folder_fd, keeper->ops.disk_free,
	    keeper->ctx);
	keeper->disk.looked_ns = keeper->now.now_ns;
	rc = store_open(&keeper->store, folder, keys);
	if (rc == ERR_FULL && disk_on_full(&keeper->disk))
		rc = store_open(&keeper->store, folder, keys);
	if (rc != OK)
		return rc;
	/* The logs and the attachments' folder may be new: SQLite syncs their
	 * names, but never says that it could not. */
	if (fsync(keeper->folder_fd) != 0)
		return ERR_IO;
	uploads_init(&keeper->uploads, keeper->attachments_fd);
	if ((rc = post_load(keeper)) != OK || (rc = willing_load(keeper)) != OK)
		return rc;
	return sweep(keeper);
}

int
keeper_open(struct keeper **keeper, const char *folder,
    const struct store_keys *keys, struct rng rng, const struct keeper_ops *ops,
    void *ctx, struct moment now)
{
	struct keeper *k = wipe_new(sizeof(*k));
	int rc;

	crypto_init();
	k->folder_fd = k->attachments_fd = -1;
	k->rng = rng;
	k->ops = *ops;
	k->ctx = ctx;
	k->now = now;
	k->passphrase_cost = (struct keyring_cost){ DELEGATE_STRETCH_PASSES,
		DELEGATE_STRETCH_BYTES };
	for (size_t i = 0; i < LINES_MAX; i++)
		k->lines[i].flush_ns = UINT64_MAX;
	if ((rc = open_all(k, folder, keys)) != OK) {
		if (ops->trouble != NULL && k->store.why[0] != '\0')
			ops->trouble(ctx, text_of(k->store.why));
		keeper_close(k);
		k = NULL;
	}
	*keeper = k;
	return rc;
}

void
keeper_close(struct keeper *keeper)
{
	if (keeper == NULL)
		return;
	send_drop(keeper);
	uploads_drop_all(&keeper->uploads);
	attachment_batch_forget(&keeper->made);
	for (size_t i = 0; i < LINES_MAX; i++)
		post_forget_line(&keeper->lines[i]);
	store_close(&keeper->store);
	if (keeper->attachments_fd >= 0)
		close(keeper->attachments_fd);
	if (keeper->folder_fd >= 0)
		close(keeper->folder_fd);
	wipe_free(keeper, sizeof(*keeper));
}

bool
keeper_has_failed(const struct keeper *keeper)
{
	return keeper->store.failed;
}

const char *
keeper_failure(const struct keeper *keeper)
{
	return keeper->store.why[0] != '\0'
	    ? keeper->store.why
	    : "a file could not be synced: see to the disk; what was "
	      "acknowledged is on it";
}

/* -- wire ------------------------------------------------------------------- */

void
keeper_on_wire_attached(struct keeper *keeper, struct moment now)
{
	keeper->now = now;
	keeper_on_wire_lost(keeper);
	keeper->wire = true;
	for (size_t i = 0; i < LINES_MAX; i++) {
		struct post_line *line = &keeper->lines[i];

		if (line->id == 0 || line->drop_ns != 0)
			continue;
		(void)ways_tell(keeper, line);
		post_attach(keeper, line);
	}
}

void
keeper_on_wire_lost(struct keeper *keeper)
{
	keeper->wire = false;
	for (size_t i = 0; i < LINES_MAX; i++) {
		struct post_line *line = &keeper->lines[i];

		line->outbox.wanted = false;
		/* A new wire hands in nothing of it: the peer sends again. */
		inbox_forget_fresh(line);
		line->has_report = false;
		if (line->id != 0)
			calendar_on_wire_lost(keeper, line);
	}
}

static void
on_report(struct keeper *keeper, struct post_line *line,
    const struct line_report *report)
{
	const bool changed = !line->has_report ||
	    line->report.state != report->state ||
	    line->report.why != report->why;
	struct line_order order = { .kind = LINE_ORDER_HAVE };

	line->report = *report;
	line->has_report = true;
	if (report->heard_ms_ago != UINT64_MAX && keeper->now.wall_ms > 0 &&
	    report->heard_ms_ago < (uint64_t)keeper->now.wall_ms)
		line->heard_wall_ms =
		    keeper->now.wall_ms - (int64_t)report->heard_ms_ago;
	silence_on_report(keeper, line, changed);
	if (changed)
		missing_on_data(keeper, line);
	watch_look(keeper, line);
	calendar_on_report(keeper, line);
	alarm_look(keeper, line);
	missing_look(keeper, line);
	month_look(keeper, line);
	roster_look(keeper, line);
	service_look(keeper, line);
	ways_on_report(keeper, line);
	/* Reports come every second: the time to look at the disk. */
	disk_look(&keeper->disk, keeper->now.now_ns);
	if ((disk_credit(&keeper->disk) == 0) != (line->credit_said == 0)) {
		inbox_have(keeper, line, &order);
		keeper->ops.order(keeper->ctx, line->id, &order);
	}
	inbox_catch_up(keeper, line);
	post_tell_status(keeper, line);
}

static void
on_fault(struct keeper *keeper, struct post_line *line, enum fault fault)
{
	if (fault == FAULT_RECORD || fault == FAULT_STORE)
		inbox_on_refused(line);
	post_fault(keeper, line, fault_name(fault));
}

static void
on_keys(struct post_line *line, const struct attempt *attempt)
{
	if (attempt->kind == HANDSHAKE_BOOT)
		terms_on_keys(line);
}

static void
on_session(struct keeper *keeper, struct post_line *line,
    const struct attempt *attempt)
{
	if (attempt->kind == HANDSHAKE_BOOT)
		terms_on_session(keeper, line);
}

static void
on_event(struct keeper *keeper, struct post_line *line,
    const struct line_event *event)
{
	switch (event->kind) {
	case LINE_EVENT_REPORT:
		on_report(keeper, line, &event->report);
		break;
	case LINE_EVENT_MAKE_1:
		continuity_make_1(keeper, line, event->attempt);
		break;
	case LINE_EVENT_ANSWER_1:
		continuity_answer_1(keeper, line, event->attempt, event->data,
		    event->len);
		on_keys(line, &event->attempt);
		break;
	case LINE_EVENT_FINISH_2:
		continuity_finish_2(keeper, line, event->attempt, event->data,
		    event->len);
		on_keys(line, &event->attempt);
		break;
	case LINE_EVENT_TERMS:
		terms_on_boot(keeper, line, event->terms);
		break;
	case LINE_EVENT_CONFIRM:
		continuity_confirm(keeper, line, event->attempt);
		on_session(keeper, line, &event->attempt);
		break;
	case LINE_EVENT_PROVED:
		continuity_proved(keeper, line, event->attempt);
		on_session(keeper, line, &event->attempt);
		break;
	case LINE_EVENT_DATA:
		if (event->piece.class < CLASS_COUNT)
			inbox_on_data(keeper, line, &event->piece);
		break;
	case LINE_EVENT_HAVE:
		outbox_on_have(keeper, line, &event->have);
		break;
	case LINE_EVENT_STATUS:
		line->peer = event->status;
		watch_look(keeper, line);
		missing_look(keeper, line);
		break;
	case LINE_EVENT_WANT:
		outbox_on_want(keeper, line, &event->want);
		break;
	case LINE_EVENT_FAULT:
		on_fault(keeper, line, event->fault);
		break;
	case LINE_EVENT_COUNT:
		break;
	}
}

void
keeper_on_line_event(struct keeper *keeper, uint32_t line_id,
    const struct line_event *event, struct moment now)
{
	struct post_line *line = post_find_line(keeper, line_id);

	keeper->now = now;
	if (line == NULL || !post_line_is_active(line) || keeper->store.failed)
		return;
	on_event(keeper, line, event);
	terms_tell(keeper);
}

void
keeper_on_socket(struct keeper *keeper, uint32_t line_id, unsigned path,
    int err, struct text listen, struct text why, struct moment now)
{
	struct post_line *line = post_find_line(keeper, line_id);

	keeper->now = now;
	if (line != NULL && line->drop_ns == 0 && path < LINE_PATHS_MAX)
		wait_on_socket(keeper, line, path, err, listen, why);
}

/* -- desk ------------------------------------------------------------------- */

/* Texts of a view that are not kept anywhere. */
struct shown {
	char id[2 * KDF_BYTES + 1];
	struct ways_shown ways;
	struct terms_shown terms;
	char next_step[PAIRING_STEP_BYTES];
};

static void
show_line(struct keeper *keeper, struct post_line *line, struct line_view *view,
    struct shown *shown)
{
	memset(view, 0, sizeof(*view));
	memset(shown, 0, sizeof(*shown));
	hex_encode(shown->id, line->ceremony.roots.line_id, KDF_BYTES);
	view->name = text_of(line->name);
	view->id = text_of(shown->id);
	view->report = line->report;
	if (line->ceremony.state != CEREMONY_CONFIRMED)
		view->report.state = LINE_UNCONFIRMED;
	else if (!line->has_report)
		view->report.state = LINE_BOOTING;
	if (!line->has_report)
		view->report.heard_ms_ago = UINT64_MAX;
	view->peer = line->peer;
	view->cadence = post_line_cadence(line);
	view->accept = (uint8_t)line->card.accept;
	view->offered = line->ceremony.role == ROLE_A;
	view->by_hand = line->by_hand;
	view->endpoint = text_of(line->card.endpoint);
	view->fault = text_of(line->fault);
	pairing_next_step(line, shown->next_step);
	if (*shown->next_step != '\0')
		view->next_step = text_of(shown->next_step);
	view->paused = line->paused;
	view->roams = line->roams;
	view->paths = ways_show(line, view->path, &shown->ways);
	terms_show(line, &view->terms, &shown->terms);
	view->heard_wall_ms = line->heard_wall_ms;
	view->our_watch = line->watch.state;
	view->our_declined_until_ms = line->watch.until_ms;
	view->missing = line->missing.records;
	view->missing_since_ms = line->missing.since_ms;
	view->outbox_messages = outbox_waiting(keeper, line)->messages;
	view->outbox_bytes = send_bytes_waiting(keeper, line, CLASS_ROUTINE);
}

static void
reply_line(struct keeper *keeper, uint32_t request, struct post_line *line,
    bool more)
{
	struct reply reply = { .kind = REPLY_LINE,
		.id = request,
		.more = more };
	struct shown shown;

	show_line(keeper, line, &reply.line, &shown);
	post_reply(keeper, &reply);
}

static void
on_status(struct keeper *keeper, const struct request *request)
{
	struct reply reply = { .kind = REPLY_POST, .id = request->id };
	size_t left = 0;

	for (size_t i = 0; i < LINES_MAX; i++)
		left +=
		    keeper->lines[i].id != 0 && keeper->lines[i].drop_ns == 0;
	disk_look(&keeper->disk, keeper->now.now_ns);
	reply.post.name = text_of(keeper->name);
	reply.post.state = POST_OPEN;
	reply.post.store = disk_state(&keeper->disk);
	reply.post.alarms = ringing_count(keeper);
	reply.post.unheard = ringing_unheard(keeper);
	reply.more = left > 0;
	post_reply(keeper, &reply);
	for (size_t i = 0; i < LINES_MAX; i++) {
		struct post_line *line = &keeper->lines[i];

		if (line->id != 0 && line->drop_ns == 0)
			reply_line(keeper, request->id, line, --left > 0);
	}
}

static void
on_line_show(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);

	if (line != NULL)
		reply_line(keeper, request->id, line, false);
}

static void
reply_upload(struct keeper *keeper, uint32_t request,
    const struct upload *upload)
{
	struct reply reply = { .kind = REPLY_UPLOAD, .id = request };

	reply.upload.id = upload->id;
	reply.upload.bytes = upload->bytes;
	if (upload->done)
		memcpy(reply.upload.hash, upload->hash, REQUEST_HASH_BYTES);
	post_reply(keeper, &reply);
}

static void
on_upload_open(struct keeper *keeper, const struct request *request)
{
	struct upload *upload;
	uint64_t id;
	int rc;

	disk_look(&keeper->disk, keeper->now.now_ns);
	rc = disk_has_room(&keeper->disk, 0)
	    ? upload_open(&keeper->uploads, keeper->rng, &id)
	    : ERR_FULL;
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	upload = upload_find(&keeper->uploads, id);
	upload->who = keeper_who_id(keeper);
	reply_upload(keeper, request->id, upload);
}

static struct upload *
find_upload(struct keeper *keeper, const struct request *request)
{
	struct upload *upload = upload_find(&keeper->uploads, request->upload);

	if (upload == NULL)
		post_reply_error(keeper, request->id, ERR_NOT_FOUND,
		    "There is no such upload, or the post restarted meanwhile; "
		    "upload the file again.");
	return upload;
}

/* An upload that failed is good for nothing. */
static void
end_upload(struct keeper *keeper, const struct request *request,
    struct upload *upload, int rc)
{
	if (keeper->uploads.failed)
		keeper->store.failed = true;
	if (rc != ERR_STATE)
		upload_drop(&keeper->uploads, upload);
	if (rc == ERR_STATE)
		post_reply_error(keeper, request->id, rc,
		    "The upload is finished already.");
	else if (rc == ERR_IO)
		post_reply_error(keeper, request->id, rc,
		    "The file could not be written to the disk of this post; "
		    "nothing was sent. See to the disk, and send again.");
	else
		post_reply_store(keeper, request->id, rc);
}

static void
on_upload_data(struct keeper *keeper, const struct request *request)
{
	struct upload *upload = find_upload(keeper, request);
	int rc;

	if (upload == NULL)
		return;
	disk_look(&keeper->disk, keeper->now.now_ns);
	rc = disk_has_room(&keeper->disk, request->data.len)
	    ? upload_append(upload, request->data.data, request->data.len)
	    : ERR_FULL;
	if (rc != OK)
		end_upload(keeper, request, upload, rc);
	else
		post_reply_done(keeper, request->id);
}

static void
on_upload_done(struct keeper *keeper, const struct request *request)
{
	struct upload *upload = find_upload(keeper, request);
	int rc;

	if (upload == NULL)
		return;
	rc = upload_finish(&keeper->uploads, upload);
	if (rc != OK)
		end_upload(keeper, request, upload, rc);
	else
		reply_upload(keeper, request->id, upload);
}

static void
on_upload_drop(struct keeper *keeper, const struct request *request)
{
	struct upload *upload = find_upload(keeper, request);

	if (upload == NULL)
		return;
	upload_drop(&keeper->uploads, upload);
	post_reply_done(keeper, request->id);
}

static void
on_down(struct keeper *keeper, const struct request *request)
{
	post_reply_done(keeper, request->id);
	keeper_stop(keeper, keeper->now);
}

static void (*const handlers[REQUEST_COUNT])(struct keeper *keeper,
    const struct request *request) = {
	[REQUEST_STATUS] = on_status,
	[REQUEST_OFFER] = pairing_on_offer,
	[REQUEST_ACCEPT] = pairing_on_accept,
	[REQUEST_FINISH] = pairing_on_finish,
	[REQUEST_CONFIRM] = pairing_on_confirm,
	[REQUEST_LINE_SHOW] = on_line_show,
	[REQUEST_LINE_CLOSE] = pairing_on_close,
	[REQUEST_PATH_ADD] = ways_on_add,
	[REQUEST_PATH_LIST] = ways_on_list,
	[REQUEST_PATH_REMOVE] = ways_on_remove,
	[REQUEST_ROAMING] = ways_on_roaming,
	[REQUEST_CADENCE] = terms_on_request,
	[REQUEST_UPLOAD_OPEN] = on_upload_open,
	[REQUEST_UPLOAD_DATA] = on_upload_data,
	[REQUEST_UPLOAD_DONE] = on_upload_done,
	[REQUEST_UPLOAD_DROP] = on_upload_drop,
	[REQUEST_SEND] = send_on_request,
	[REQUEST_READ] = read_on_request,
	[REQUEST_GET] = read_on_get,
	[REQUEST_ACK] = receipt_on_ack,
	[REQUEST_DRILL] = drill_on_request,
	[REQUEST_WATCH] = watch_on_request,
	[REQUEST_HISTORY] = calendar_on_request,
	[REQUEST_EVENTS] = diary_list,
	[REQUEST_DOWN] = on_down,
	[REQUEST_DRAFT_LIST] = paper_on_list,
	[REQUEST_DRAFT_SHOW] = paper_on_show,
	[REQUEST_DRAFT_HISTORY] = paper_on_history,
	[REQUEST_DRAFT_COMMENT] = paper_on_comment,
	[REQUEST_DRAFT_RELEASE] = release_on_request,
	[REQUEST_DRAFT_RECALL] = drafting_on_recall,
	[REQUEST_DRAFT_GET] = enclosure_on_get,
	[REQUEST_RULE_LIST] = rule_on_list,
	[REQUEST_RULE_SET] = rule_on_set,
	[REQUEST_TRANSLATE] = translation_on_request,
	[REQUEST_TRANSLATION_LIST] = translation_list,
	[REQUEST_PASS] = pass_on_request,
	[REQUEST_PASSED_LIST] = pass_list,
	[REQUEST_DELEGATE_ADD] = delegate_on_add,
	[REQUEST_DELEGATE_LIST] = delegate_on_list,
	[REQUEST_DELEGATE_SHOW] = delegate_on_show,
	[REQUEST_DELEGATE_SET] = delegate_on_set,
	[REQUEST_DELEGATE_PASSPHRASE] = delegate_on_passphrase,
	[REQUEST_DELEGATE_REVOKE] = delegate_on_revoke,
	[REQUEST_DELEGATE_OWNER] = delegate_on_owner,
	[REQUEST_SIGN_IN] = session_on_sign_in,
	[REQUEST_SIGN_OUT] = session_on_sign_out,
	[REQUEST_WHO] = session_on_who,
	[REQUEST_FORM_SHIPPED] = forms_on_shipped,
	[REQUEST_FORM_SHIPPED_SHOW] = forms_on_shipped_show,
	[REQUEST_FORM_PROPOSE] = forms_on_propose,
	[REQUEST_FORM_LIST] = forms_on_list,
	[REQUEST_FORM_SHOW] = forms_on_show,
	[REQUEST_FORM_ANSWER] = forms_on_answer,
	[REQUEST_DISCLOSURE] = disclosure_on_show,
	[REQUEST_DISCLOSURE_SET] = disclosure_on_set,
	[REQUEST_MARK_READ] = receipt_on_read,
	[REQUEST_WAITING] = waiting_on_request,
	[REQUEST_ALARM_LIST] = alarm_on_list,
	[REQUEST_ALARM_SHOW] = alarm_on_show,
	[REQUEST_ALARM_ACK] = alarm_on_ack,
	[REQUEST_ALARM_TEST] = alarm_on_test,
	[REQUEST_ALARM_RULES] = wake_on_rules,
	[REQUEST_ALARM_SET] = wake_on_set,
	[REQUEST_ALARM_SILENCE] = wake_on_silence,
	[REQUEST_POINT_RAISE] = agenda_on_raise,
	[REQUEST_POINT_STAND] = agenda_on_stand,
	[REQUEST_POINT_LIST] = agenda_on_list,
	[REQUEST_POINT_SHOW] = agenda_on_show,
	[REQUEST_POINT_HISTORY] = agenda_on_history,
	[REQUEST_POINT_MESSAGES] = agenda_on_messages,
	[REQUEST_PUBLIC_ADD] = public_on_add,
	[REQUEST_PUBLIC_LIST] = public_on_list,
	[REQUEST_PUBLIC_READING] = public_on_reading,
	[REQUEST_WILLING_ASK] = willing_on_ask,
	[REQUEST_WILLING_ANSWER] = willing_on_answer,
	[REQUEST_WILLING_LIST] = willing_on_list,
	[REQUEST_WILLING_SHOW] = willing_on_show,
	[REQUEST_WATCH_SHOW] = duty_on_show,
	[REQUEST_WATCH_TAKE] = duty_on_take,
	[REQUEST_WATCH_HAND_OVER] = duty_on_hand_over,
	[REQUEST_WATCH_LEAVE] = duty_on_leave,
	[REQUEST_WATCH_LOG] = duty_on_log,
	[REQUEST_ROSTER_SHOW] = roster_on_show,
	[REQUEST_ROSTER_SET] = roster_on_set,
	[REQUEST_ROSTER_HEARD] = roster_on_heard,
	[REQUEST_DRILL_PLAN] = schedule_on_show,
	[REQUEST_DRILL_SET] = schedule_on_set,
	[REQUEST_DRILL_LIST] = drill_on_list,
	[REQUEST_DRILL_ACK] = drill_on_ack,
	[REQUEST_DRILL_MONTHS] = month_on_list,
	[REQUEST_SERVICE_SAY] = service_on_say,
	[REQUEST_SERVICE_LIST] = service_on_list,
};

void
keeper_carry_out(struct keeper *keeper, const struct request *request)
{
	/* What was asked for before is none, and shares no sync with it. */
	if (request->emergency)
		send_commit(keeper);
	keeper->is_emergency = request->emergency;
	handlers[request->kind](keeper, request);
	keeper->is_emergency = false;
}

void
keeper_on_request(struct keeper *keeper, const struct request *request,
    struct moment now)
{
	assert(request->kind < REQUEST_COUNT);
	keeper->now = now;
	/* What is asked now may look at what was asked before. */
	if (request->kind != REQUEST_SEND)
		send_commit(keeper);
	if (keeper->store.failed && request->kind != REQUEST_DOWN) {
		post_reply_store(keeper, request->id, ERR_IO);
		return;
	}
	/* A store that has failed knows nobody; but whoever runs the post can end
	 * it in any case. */
	if (!keeper->store.failed && !rights_judge(keeper, request))
		return;
	if (request->draft != 0)
		drafting_on_request(keeper, request);
	else
		keeper_carry_out(keeper, request);
	terms_tell(keeper);
	rights_end(keeper);
}

void
keeper_on_bell(struct keeper *keeper, const struct alarm_bell *bell,
    struct moment now)
{
	keeper->now = now;
	ringing_on_bell(keeper, bell);
}

void
keeper_on_rang(struct keeper *keeper, const struct alarm_rang *rang,
    struct moment now)
{
	keeper->now = now;
	if (!keeper->store.failed)
		ringing_on_rang(keeper, rang);
}

void
keeper_on_bell_lost(struct keeper *keeper)
{
	ringing_on_lost(keeper);
}

void
keeper_on_desk_lost(struct keeper *keeper)
{
	send_forget(keeper);
	wait_forget(keeper);
	uploads_drop_all(&keeper->uploads);
}

/* -- time ------------------------------------------------------------------- */

uint64_t
keeper_next_ns(const struct keeper *keeper)
{
	const uint64_t send_ns = send_next_ns(keeper);
	const uint64_t wait_ns = wait_next_ns(keeper);
	uint64_t next_ns = pairing_next_ns(keeper);

	if (keeper->store.failed)
		return UINT64_MAX;
	if (send_ns < next_ns)
		next_ns = send_ns;
	if (wait_ns < next_ns)
		next_ns = wait_ns;
	if (watch_next_ns(keeper) < next_ns)
		next_ns = watch_next_ns(keeper);
	if (ringing_next_ns(keeper) < next_ns)
		next_ns = ringing_next_ns(keeper);
	if (missing_next_ns(keeper) < next_ns)
		next_ns = missing_next_ns(keeper);
	if (drill_next_ns(keeper) < next_ns)
		next_ns = drill_next_ns(keeper);
	if (schedule_next_ns(keeper) < next_ns)
		next_ns = schedule_next_ns(keeper);
	if (point_next_ns(keeper) < next_ns)
		next_ns = point_next_ns(keeper);
	if (willing_next_ns(keeper) < next_ns)
		next_ns = willing_next_ns(keeper);
	for (size_t i = 0; i < LINES_MAX; i++) {
		if (keeper->lines[i].id != 0 &&
		    keeper->lines[i].flush_ns < next_ns)
			next_ns = keeper->lines[i].flush_ns;
	}
	return next_ns;
}

void
keeper_on_time(struct keeper *keeper, struct moment now)
{
	keeper->now = now;
	if (keeper->store.failed)
		return;
	for (size_t i = 0; i < LINES_MAX; i++) {
		struct post_line *line = &keeper->lines[i];

		if (line->id != 0 && line->flush_ns <= now.now_ns)
			inbox_flush(keeper, line);
	}
	send_on_time(keeper);
	wait_on_time(keeper);
	watch_on_time(keeper);
	missing_on_time(keeper);
	drill_on_time(keeper);
	schedule_on_time(keeper);
	point_on_time(keeper);
	ringing_on_time(keeper);
	willing_on_time(keeper);
	pairing_on_time(keeper);
	terms_tell(keeper);
}

void
keeper_stop(struct keeper *keeper, struct moment now)
{
	const struct line_order goodbye = { .kind = LINE_ORDER_GOODBYE,
		.why = WHY_GOODBYE };

	keeper->now = now;
	send_commit(keeper);
	for (size_t i = 0; i < LINES_MAX; i++) {
		struct post_line *line = &keeper->lines[i];

		if (!keeper->wire || !post_line_is_active(line))
			continue;
		inbox_flush(keeper, line);
		calendar_flush(keeper, line);
		keeper->ops.order(keeper->ctx, line->id, &goodbye);
	}
	keeper->ops.down(keeper->ctx);
}
