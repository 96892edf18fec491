#include "proc/request.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "proc/field.h"
#include "proc/report.h"

/* Which groups of fields travel with each kind of request. */
enum {
	HAS_LINE = 1,
	HAS_REF = 2,
	HAS_CEREMONY = 4,
	HAS_UPLOAD = 8,
	HAS_DATA = 16,
	HAS_SEND = 32,
	HAS_READ = 64,
	HAS_GET = 128,
	HAS_EVENTS = 256,
	HAS_WAY = 512,
	HAS_ROAMS = 1024,
	HAS_CADENCE = 2048,
	HAS_WATCH = 4096,
	HAS_HISTORY = 8192,
	HAS_NAME = 16384,
	HAS_N = 32768,
	HAS_PAGE = 65536,
};

/* What travels with each kind: groups, then what it asks of its own; and the view
 * that answers it. */
static const struct say {
	unsigned has;
	const struct layout *ask;
	const struct layout *view;
} says[REQUEST_COUNT] = {
	[REQUEST_STATUS] = { .has = 0 },
	[REQUEST_OFFER] = { .has = HAS_LINE | HAS_CEREMONY | HAS_WAY },
	[REQUEST_ACCEPT] = { .has = HAS_LINE | HAS_CEREMONY | HAS_WAY },
	[REQUEST_FINISH] = { .has = HAS_LINE | HAS_CEREMONY },
	[REQUEST_CONFIRM] = { .has = HAS_LINE | HAS_CEREMONY },
	[REQUEST_LINE_SHOW] = { .has = HAS_LINE },
	[REQUEST_LINE_CLOSE] = { .has = HAS_LINE },
	[REQUEST_PATH_ADD] = { .has = HAS_LINE | HAS_WAY },
	[REQUEST_PATH_LIST] = { .has = HAS_LINE },
	[REQUEST_PATH_REMOVE] = { .has = HAS_LINE | HAS_WAY },
	[REQUEST_ROAMING] = { .has = HAS_LINE | HAS_ROAMS },
	[REQUEST_CADENCE] = { .has = HAS_LINE | HAS_CADENCE },
	[REQUEST_UPLOAD_OPEN] = { .has = 0 },
	[REQUEST_UPLOAD_DATA] = { .has = HAS_UPLOAD | HAS_DATA },
	[REQUEST_UPLOAD_DONE] = { .has = HAS_UPLOAD },
	[REQUEST_UPLOAD_DROP] = { .has = HAS_UPLOAD },
	[REQUEST_SEND] = { .has = HAS_LINE | HAS_SEND },
	[REQUEST_READ] = { .has = HAS_LINE | HAS_REF | HAS_READ },
	[REQUEST_GET] = { .has = HAS_LINE | HAS_REF | HAS_GET },
	[REQUEST_ACK] = { .has = HAS_LINE | HAS_REF },
	[REQUEST_DRILL] = { .has = HAS_LINE },
	[REQUEST_WATCH] = { .has = HAS_LINE | HAS_WATCH },
	[REQUEST_HISTORY] = { .has = HAS_LINE | HAS_HISTORY },
	[REQUEST_EVENTS] = { .has = HAS_EVENTS },
	[REQUEST_DOWN] = { .has = 0 },
	[REQUEST_DELEGATE_ADD] = { .ask = &say_delegate_add,
	    .view = &say_delegate_view },
	[REQUEST_DELEGATE_LIST] = { .has = HAS_PAGE,
	    .view = &say_delegate_view },
	[REQUEST_DELEGATE_SHOW] = { .has = HAS_NAME,
	    .view = &say_delegate_view },
	[REQUEST_DELEGATE_SET] = { .has = HAS_NAME,
	    .ask = &say_delegate_set,
	    .view = &say_delegate_view },
	[REQUEST_DELEGATE_PASSPHRASE] = { .has = HAS_NAME,
	    .ask = &say_delegate_passphrase,
	    .view = &say_delegate_view },
	[REQUEST_DELEGATE_REVOKE] = { .has = HAS_NAME,
	    .view = &say_delegate_view },
	[REQUEST_DELEGATE_OWNER] = { .ask = &say_delegate_owner },
	[REQUEST_SIGN_IN] = { .ask = &say_sign_in, .view = &say_session_view },
	[REQUEST_SIGN_OUT] = { .ask = &say_sign_out },
	[REQUEST_WHO] = { .view = &say_session_view },
	[REQUEST_WAITING] = { .has = HAS_PAGE, .view = &say_waiting_view },
	[REQUEST_ALARM_LIST] = { .has = HAS_PAGE,
	    .ask = &say_alarm_list,
	    .view = &say_alarm_view },
	[REQUEST_ALARM_SHOW] = { .has = HAS_N, .view = &say_alarm_view },
	[REQUEST_ALARM_ACK] = { .has = HAS_N },
	[REQUEST_ALARM_TEST] = { .view = &say_alarm_view },
	[REQUEST_ALARM_RULES] = { .view = &say_alarm_rules },
	[REQUEST_ALARM_SET] = { .ask = &say_alarm_set,
	    .view = &say_alarm_rules },
	[REQUEST_ALARM_SILENCE] = { .ask = &say_alarm_silence,
	    .view = &say_alarm_rules },
	[REQUEST_FORM_SHIPPED] = { .has = HAS_PAGE, .view = &say_form_view },
	[REQUEST_FORM_SHIPPED_SHOW] = { .has = HAS_NAME,
	    .view = &say_form_view },
	[REQUEST_FORM_PROPOSE] = { .has = HAS_LINE,
	    .ask = &say_form_propose,
	    .view = &say_form_view },
	[REQUEST_FORM_LIST] = { .has = HAS_LINE | HAS_PAGE,
	    .view = &say_form_view },
	[REQUEST_FORM_SHOW] = { .has = HAS_LINE | HAS_N,
	    .view = &say_form_view },
	[REQUEST_FORM_ANSWER] = { .has = HAS_LINE | HAS_N,
	    .ask = &say_form_answer,
	    .view = &say_form_view },
	[REQUEST_DISCLOSURE] = { .has = HAS_LINE,
	    .view = &say_disclosure_view },
	[REQUEST_DISCLOSURE_SET] = { .has = HAS_LINE,
	    .ask = &say_disclosure_ask,
	    .view = &say_disclosure_view },
	[REQUEST_MARK_READ] = { .has = HAS_LINE | HAS_REF },
	[REQUEST_TRANSLATE] = { .has = HAS_LINE | HAS_REF,
	    .ask = &say_translate,
	    .view = &say_translation_view },
	[REQUEST_TRANSLATION_LIST] = { .has = HAS_LINE | HAS_REF | HAS_PAGE,
	    .view = &say_translation_view },
	[REQUEST_PASS] = { .has = HAS_LINE, .ask = &say_pass },
	[REQUEST_PASSED_LIST] = { .has = HAS_LINE | HAS_PAGE,
	    .view = &say_passed_view },
	[REQUEST_POINT_RAISE] = { .has = HAS_LINE,
	    .ask = &say_point_raise,
	    .view = &say_point_view },
	[REQUEST_POINT_STAND] = { .has = HAS_LINE | HAS_REF,
	    .ask = &say_point_stand,
	    .view = &say_point_view },
	[REQUEST_POINT_LIST] = { .has = HAS_LINE | HAS_PAGE,
	    .ask = &say_point_filter,
	    .view = &say_point_view },
	[REQUEST_POINT_SHOW] = { .has = HAS_LINE | HAS_REF,
	    .view = &say_point_view },
	[REQUEST_POINT_HISTORY] = { .has = HAS_LINE | HAS_REF | HAS_PAGE,
	    .view = &say_standing_view },
	[REQUEST_POINT_MESSAGES] = { .has = HAS_LINE | HAS_REF | HAS_PAGE,
	    .view = &say_point_message_view },
	[REQUEST_PUBLIC_ADD] = { .has = HAS_LINE,
	    .ask = &say_point_public,
	    .view = &say_public_view },
	[REQUEST_PUBLIC_LIST] = { .has = HAS_LINE | HAS_PAGE,
	    .ask = &say_public_filter,
	    .view = &say_public_view },
	[REQUEST_PUBLIC_READING] = { .has = HAS_LINE | HAS_REF,
	    .ask = &say_point_reading,
	    .view = &say_public_view },
	[REQUEST_WILLING_ASK] = { .has = HAS_LINE,
	    .ask = &say_willing_question,
	    .view = &say_willing_view },
	[REQUEST_WILLING_ANSWER] = { .has = HAS_LINE | HAS_N,
	    .ask = &say_willing_answer,
	    .view = &say_willing_view },
	[REQUEST_WILLING_LIST] = { .has = HAS_LINE | HAS_PAGE,
	    .view = &say_willing_view },
	[REQUEST_WILLING_SHOW] = { .has = HAS_LINE | HAS_N,
	    .view = &say_willing_view },
	[REQUEST_WATCH_SHOW] = { .view = &say_watch_view },
	[REQUEST_WATCH_TAKE] = { .ask = &say_watch_ask,
	    .view = &say_watch_view },
	[REQUEST_WATCH_HAND_OVER] = { .ask = &say_watch_ask,
	    .view = &say_watch_view },
	[REQUEST_WATCH_LEAVE] = { .ask = &say_watch_ask,
	    .view = &say_watch_view },
	[REQUEST_WATCH_LOG] = { .has = HAS_PAGE,
	    .ask = &say_last_ask,
	    .view = &say_duty_view },
	[REQUEST_ROSTER_SHOW] = { .view = &say_roster },
	[REQUEST_ROSTER_SET] = { .ask = &say_roster, .view = &say_roster },
	[REQUEST_ROSTER_HEARD] = { .has = HAS_LINE, .view = &say_roster_heard },
	[REQUEST_DRILL_PLAN] = { .has = HAS_LINE, .view = &say_plan_view },
	[REQUEST_DRILL_SET] = { .has = HAS_LINE,
	    .ask = &say_plan_ask,
	    .view = &say_plan_view },
	[REQUEST_DRILL_LIST] = { .has = HAS_LINE | HAS_PAGE,
	    .ask = &say_last_ask,
	    .view = &say_drill_view },
	[REQUEST_DRILL_ACK] = { .has = HAS_LINE, .ask = &say_drill_ack },
	[REQUEST_DRILL_MONTHS] = { .has = HAS_LINE | HAS_PAGE,
	    .view = &say_month_view },
	[REQUEST_SERVICE_SAY] = { .has = HAS_LINE,
	    .ask = &say_service_ask,
	    .view = &say_service_view },
	[REQUEST_SERVICE_LIST] = { .has = HAS_LINE | HAS_PAGE,
	    .ask = &say_last_ask,
	    .view = &say_service_view },
	[REQUEST_DRAFT_LIST] = { .has = HAS_PAGE,
	    .ask = &say_draft_list,
	    .view = &say_draft_view },
	[REQUEST_DRAFT_SHOW] = { .has = HAS_N,
	    .ask = &say_draft_show,
	    .view = &say_draft_view },
	[REQUEST_DRAFT_HISTORY] = { .has = HAS_N | HAS_PAGE,
	    .view = &say_act_view },
	[REQUEST_DRAFT_COMMENT] = { .has = HAS_N,
	    .ask = &say_draft_comment,
	    .view = &say_draft_view },
	[REQUEST_DRAFT_RELEASE] = { .has = HAS_N,
	    .ask = &say_draft_release,
	    .view = &say_draft_view },
	[REQUEST_DRAFT_RECALL] = { .has = HAS_N, .view = &say_draft_view },
	[REQUEST_DRAFT_GET] = { .has = HAS_N | HAS_GET },
	[REQUEST_RULE_LIST] = { .has = HAS_LINE | HAS_PAGE,
	    .view = &say_rule_view },
	[REQUEST_RULE_SET] = { .has = HAS_LINE,
	    .ask = &say_rule_set,
	    .view = &say_rule_view },
};

const struct layout *
request_ask_layout(enum request_kind kind)
{
	return says[kind].ask;
}

const struct layout *
request_view_layout(enum request_kind kind)
{
	return says[kind].view;
}

/* An absent text and an empty one look alike: neither says anything. */
static void
put_text(struct writer *w, struct text text)
{
	buf_put_blob32(w, text.data, text.len);
}

static struct text
get_text(struct reader *r)
{
	struct text text;
	const uint8_t *data = buf_get_blob32(r, &text.len);

	text.data = text.len > 0 ? (const char *)data : NULL;
	return text;
}

/* A text of at most `most` bytes; a longer one fails the reader. */
static struct text
get_text_within(struct reader *r, size_t most)
{
	struct text text = get_text(r);

	if (text.len > most) {
		r->failed = true;
		text = (struct text){ NULL, 0 };
	}
	return text;
}

static void
put_cadence(struct writer *w, struct cadence cadence)
{
	buf_put_u16(w, cadence.frame_bytes);
	buf_put_u32(w, cadence.slot_us);
}

static struct cadence
get_cadence(struct reader *r)
{
	struct cadence cadence;

	cadence.frame_bytes = buf_get_u16(r);
	cadence.slot_us = buf_get_u32(r);
	return cadence;
}

static void
put_ceremony(struct writer *w, const struct request *request)
{
	put_cadence(w, request->ceremony.cadence);
	buf_put_u8(w, request->ceremony.accept);
	put_text(w, request->ceremony.file);
	buf_put_bool(w, request->ceremony.look);
	buf_put_bool(w, request->ceremony.by_hand);
	for (size_t i = 0; i < REQUEST_WORDS; i++)
		put_text(w, request->ceremony.words[i]);
}

static void
get_ceremony(struct reader *r, struct request *request)
{
	request->ceremony.cadence = get_cadence(r);
	request->ceremony.accept = buf_get_u8(r);
	request->ceremony.file = get_text(r);
	request->ceremony.look = buf_get_bool(r);
	request->ceremony.by_hand = buf_get_bool(r);
	for (size_t i = 0; i < REQUEST_WORDS; i++)
		request->ceremony.words[i] = get_text(r);
}

static void
put_way(struct writer *w, const struct request_way *way)
{
	buf_put_u32(w, way->path);
	put_text(w, way->listen);
	put_text(w, way->endpoint);
	buf_put_bool(w, way->tcp);
	put_text(w, way->proxy);
	put_text(w, way->ticket);
}

static void
get_way(struct reader *r, struct request_way *way)
{
	way->path = buf_get_u32(r);
	way->listen = get_text(r);
	way->endpoint = get_text(r);
	way->tcp = buf_get_bool(r);
	way->proxy = get_text(r);
	way->ticket = get_text(r);
}

static void
put_send(struct writer *w, const struct request *request)
{
	assert(request->send.attachments <= ATTACHMENTS_MAX);
	buf_put_bytes(w, request->send.id, RECORD_ID_BYTES);
	put_text(w, request->send.subject);
	put_text(w, request->send.text);
	put_text(w, request->send.language);
	buf_put_u8(w, request->send.precedence);
	buf_put_u8(w, request->send.mark);
	put_text(w, request->send.re);
	put_text(w, request->send.withdraws);
	buf_put_u8(w, (uint8_t)request->send.attachments);
	for (size_t i = 0; i < request->send.attachments; i++) {
		buf_put_u64(w, request->send.attachment[i].upload);
		put_text(w, request->send.attachment[i].name);
		put_text(w, request->send.attachment[i].type);
	}
	assert(request->send.points <= RECORD_POINTS_MAX);
	buf_put_u8(w, (uint8_t)request->send.points);
	for (size_t i = 0; i < request->send.points; i++)
		put_text(w, request->send.point[i]);
	buf_put_u64(w, request->send.form);
}

static void
get_send(struct reader *r, struct request *request)
{
	buf_get_bytes(r, request->send.id, RECORD_ID_BYTES);
	request->send.subject = get_text(r);
	request->send.text = get_text(r);
	request->send.language = get_text(r);
	request->send.precedence = buf_get_u8(r);
	request->send.mark = buf_get_u8(r);
	request->send.re = get_text(r);
	request->send.withdraws = get_text(r);
	request->send.attachments = buf_get_choice(r, ATTACHMENTS_MAX + 1);
	for (size_t i = 0; i < request->send.attachments; i++) {
		request->send.attachment[i].upload = buf_get_u64(r);
		request->send.attachment[i].name = get_text(r);
		request->send.attachment[i].type = get_text(r);
	}
	request->send.points = buf_get_choice(r, RECORD_POINTS_MAX + 1);
	for (size_t i = 0; i < request->send.points; i++)
		request->send.point[i] = get_text(r);
	request->send.form = buf_get_u64(r);
}

/* What any request may carry. */
static void
put_head(struct writer *w, const struct request *request)
{
	buf_put_bool(w, request->asker.is_stranger);
	buf_put_bool(w, request->asker.has_token);
	if (request->asker.has_token)
		buf_put_bytes(w, request->asker.token, SESSION_TOKEN_BYTES);
	buf_put_u64(w, request->draft);
	buf_put_bool(w, request->emergency);
}

static void
get_head(struct reader *r, struct request *request)
{
	request->asker.is_stranger = buf_get_bool(r);
	request->asker.has_token = buf_get_bool(r);
	if (request->asker.has_token)
		buf_get_bytes(r, request->asker.token, SESSION_TOKEN_BYTES);
	request->draft = buf_get_u64(r);
	request->emergency = buf_get_bool(r);
}

/* What the older kinds are about, each in a group of its own. */
static void
put_groups(struct writer *w, const struct request *request, unsigned has)
{
	if (has & HAS_CEREMONY)
		put_ceremony(w, request);
	if (has & HAS_WAY)
		put_way(w, &request->way);
	if (has & HAS_ROAMS)
		buf_put_bool(w, request->roams);
	if (has & HAS_CADENCE)
		put_cadence(w, request->cadence);
	if (has & HAS_UPLOAD)
		buf_put_u64(w, request->upload);
	if (has & HAS_DATA)
		put_text(w, request->data);
	if (has & HAS_SEND)
		put_send(w, request);
	if (has & HAS_READ) {
		put_text(w, request->read.since_ref);
		buf_put_u64(w, (uint64_t)request->read.since_ms);
		buf_put_u32(w, request->read.limit);
		buf_put_bool(w, request->read.oldest);
	}
	if (has & HAS_GET) {
		buf_put_u32(w, request->get.n);
		buf_put_u64(w, request->get.offset);
	}
	if (has & HAS_HISTORY)
		buf_put_u32(w, request->days);
	if (has & HAS_WATCH) {
		buf_put_u8(w, (uint8_t)request->watch.state);
		buf_put_u64(w, (uint64_t)request->watch.until_ms);
	}
	if (has & HAS_EVENTS) {
		buf_put_u64(w, request->events.after);
		buf_put_u32(w, request->events.limit);
	}
}

void
request_encode(struct writer *w, const struct request *request)
{
	const struct say *say = &says[request->kind];

	assert(request->kind < REQUEST_COUNT);
	buf_put_u8(w, (uint8_t)request->kind);
	buf_put_u32(w, request->id);
	put_head(w, request);
	if (say->has & HAS_LINE)
		put_text(w, request->line);
	if (say->has & HAS_REF)
		put_text(w, request->ref);
	put_groups(w, request, say->has);
	if (say->has & HAS_NAME)
		put_text(w, request->name);
	if (say->has & HAS_N)
		buf_put_u64(w, request->n);
	if (say->has & HAS_PAGE) {
		buf_put_u64(w, request->page.after);
		buf_put_u32(w, request->page.limit);
	}
	if (say->ask != NULL)
		field_encode(w, say->ask, &request->ask);
}

/* A side does not unsay whether it is on watch, and declines until a time that can
 * be shown. */
static void
get_watch(struct reader *r, struct request *request)
{
	request->watch.state =
	    (enum watch_state)buf_get_choice(r, WATCH_DECLINED + 1);
	request->watch.until_ms = (int64_t)buf_get_u64(r);
	if (request->watch.state == WATCH_UNKNOWN ||
	    request->watch.until_ms < 0 ||
	    request->watch.until_ms > WATCH_UNTIL_MS_MAX ||
	    (request->watch.until_ms != 0 &&
		request->watch.state != WATCH_DECLINED))
		r->failed = true;
}

static void
get_days(struct reader *r, struct request *request)
{
	request->days = buf_get_u32(r);
	if (request->days < 1 || request->days > CALENDAR_DAYS_MAX)
		r->failed = true;
}

/* Whoever asks for no row has not thought of an end. */
static void
get_page(struct reader *r, struct request *request)
{
	request->page.after = buf_get_u64(r);
	request->page.limit = buf_get_u32(r);
	if (request->page.limit == 0 || request->page.after > INT64_MAX)
		r->failed = true;
}

static void
get_groups(struct reader *r, struct request *request, unsigned has)
{
	if (has & HAS_CEREMONY)
		get_ceremony(r, request);
	if (has & HAS_WAY)
		get_way(r, &request->way);
	if (has & HAS_ROAMS)
		request->roams = buf_get_bool(r);
	if (has & HAS_CADENCE)
		request->cadence = get_cadence(r);
	if (has & HAS_UPLOAD)
		request->upload = buf_get_u64(r);
	if (has & HAS_DATA)
		request->data =
		    get_text_within(r, REQUEST_ATTACHMENT_PIECE_BYTES);
	if (has & HAS_SEND)
		get_send(r, request);
	if (has & HAS_READ) {
		request->read.since_ref =
		    get_text_within(r, REQUEST_REF_BYTES - 1);
		request->read.since_ms = (int64_t)buf_get_u64(r);
		request->read.limit = buf_get_u32(r);
		request->read.oldest = buf_get_bool(r);
	}
	if (has & HAS_GET) {
		request->get.n = buf_get_u32(r);
		request->get.offset = buf_get_u64(r);
	}
	if (has & HAS_HISTORY)
		get_days(r, request);
	if (has & HAS_WATCH)
		get_watch(r, request);
	if (has & HAS_EVENTS) {
		request->events.after = buf_get_u64(r);
		request->events.limit = buf_get_u32(r);
	}
}

/* What any kind may name, and what its table says. */
static void
get_rest(struct reader *r, struct request *request, const struct say *say)
{
	if (say->has & HAS_NAME)
		request->name = get_text_within(r, REQUEST_NAME_BYTES_MAX);
	if (say->has & HAS_N)
		request->n = buf_get_u64(r);
	if (say->has & HAS_PAGE)
		get_page(r, request);
	if (say->ask != NULL && field_decode(r, say->ask, &request->ask) != OK)
		r->failed = true;
}

int
request_decode(struct request *request, const uint8_t *bytes, size_t len)
{
	const struct say *say;
	struct reader r;

	memset(request, 0, sizeof(*request));
	buf_read(&r, bytes, len);
	request->kind = (enum request_kind)buf_get_choice(&r, REQUEST_COUNT);
	request->id = buf_get_u32(&r);
	get_head(&r, request);
	say = &says[request->kind];
	if (say->has & HAS_LINE)
		request->line = get_text(&r);
	if (say->has & HAS_REF)
		request->ref = get_text_within(&r, REQUEST_REF_BYTES - 1);
	get_groups(&r, request, say->has);
	get_rest(&r, request, say);
	if (buf_is_spent(&r) == OK)
		return OK;
	memset(request, 0, sizeof(*request));
	return ERR_FORMAT;
}

static void
put_ref(struct writer *w, const char ref[REQUEST_REF_BYTES])
{
	put_text(w, (struct text){ ref, strnlen(ref, REQUEST_REF_BYTES - 1) });
}

static void
get_ref(struct reader *r, char ref[REQUEST_REF_BYTES])
{
	const struct text text = get_text_within(r, REQUEST_REF_BYTES - 1);

	memset(ref, 0, REQUEST_REF_BYTES);
	if (text.len > 0)
		memcpy(ref, text.data, text.len);
}

static void
put_path(struct writer *w, const struct path_view *path)
{
	buf_put_u32(w, path->path);
	buf_put_bool(w, path->tcp);
	buf_put_bool(w, path->relayed);
	put_text(w, path->listen);
	put_text(w, path->endpoint);
	put_text(w, path->proxy);
	put_text(w, path->at);
	put_text(w, path->fault);
	buf_put_u8(w, (uint8_t)path->state);
	buf_put_u64(w, (uint64_t)path->heard_wall_ms);
	buf_put_u32(w, path->rtt_us);
}

static void
get_path(struct reader *r, struct path_view *path)
{
	path->path = buf_get_u32(r);
	path->tcp = buf_get_bool(r);
	path->relayed = buf_get_bool(r);
	path->listen = get_text(r);
	path->endpoint = get_text(r);
	path->proxy = get_text(r);
	path->at = get_text(r);
	path->fault = get_text(r);
	path->state = (enum path_state)buf_get_choice(r, PATH_STATE_COUNT);
	path->heard_wall_ms = (int64_t)buf_get_u64(r);
	path->rtt_us = buf_get_u32(r);
}

static void
put_terms(struct writer *w, const struct terms_view *terms)
{
	buf_put_u8(w, (uint8_t)terms->state);
	put_cadence(w, terms->ours);
	put_cadence(w, terms->theirs);
	put_text(w, terms->say);
}

static void
get_terms(struct reader *r, struct terms_view *terms)
{
	terms->state = (enum terms_state)buf_get_choice(r, TERMS_AGREED + 1);
	terms->ours = get_cadence(r);
	terms->theirs = get_cadence(r);
	terms->say = get_text(r);
}

static void
put_line(struct writer *w, const struct line_view *line)
{
	put_text(w, line->name);
	put_text(w, line->id);
	report_encode(w, &line->report);
	report_encode_status(w, &line->peer);
	put_cadence(w, line->cadence);
	buf_put_u8(w, line->accept);
	buf_put_bool(w, line->offered);
	buf_put_bool(w, line->by_hand);
	buf_put_bool(w, line->closed);
	put_text(w, line->endpoint);
	put_text(w, line->fault);
	put_text(w, line->next_step);
	buf_put_u64(w, line->outbox_messages);
	buf_put_u64(w, line->outbox_bytes);
	buf_put_bool(w, line->paused);
	buf_put_u64(w, (uint64_t)line->heard_wall_ms);
	buf_put_bool(w, line->roams);
	put_terms(w, &line->terms);
	buf_put_u8(w, (uint8_t)line->paths);
	for (size_t i = 0; i < line->paths; i++)
		put_path(w, &line->path[i]);
	buf_put_u8(w, (uint8_t)line->our_watch);
	buf_put_u64(w, (uint64_t)line->our_declined_until_ms);
	buf_put_u64(w, line->missing);
	buf_put_u64(w, (uint64_t)line->missing_since_ms);
}

static void
get_line(struct reader *r, struct line_view *line)
{
	line->name = get_text(r);
	line->id = get_text(r);
	report_decode(r, &line->report);
	report_decode_status(r, &line->peer);
	line->cadence = get_cadence(r);
	line->accept = buf_get_u8(r);
	line->offered = buf_get_bool(r);
	line->by_hand = buf_get_bool(r);
	line->closed = buf_get_bool(r);
	line->endpoint = get_text(r);
	line->fault = get_text(r);
	line->next_step = get_text(r);
	line->outbox_messages = buf_get_u64(r);
	line->outbox_bytes = buf_get_u64(r);
	line->paused = buf_get_bool(r);
	line->heard_wall_ms = (int64_t)buf_get_u64(r);
	line->roams = buf_get_bool(r);
	get_terms(r, &line->terms);
	line->paths = buf_get_choice(r, LINE_PATHS_MAX + 1);
	for (size_t i = 0; i < line->paths; i++)
		get_path(r, &line->path[i]);
	line->our_watch =
	    (enum watch_state)buf_get_choice(r, WATCH_DECLINED + 1);
	line->our_declined_until_ms = (int64_t)buf_get_u64(r);
	line->missing = buf_get_u64(r);
	line->missing_since_ms = (int64_t)buf_get_u64(r);
}

static void
put_attachment(struct writer *w, const struct attachment_view *attachment)
{
	put_text(w, attachment->name);
	put_text(w, attachment->type);
	buf_put_u64(w, attachment->bytes);
	buf_put_u64(w, attachment->bytes_here);
	buf_put_bytes(w, attachment->hash, REQUEST_HASH_BYTES);
	buf_put_bool(w, attachment->whole);
}

static void
get_attachment(struct reader *r, struct attachment_view *attachment)
{
	attachment->name = get_text(r);
	attachment->type = get_text(r);
	attachment->bytes = buf_get_u64(r);
	attachment->bytes_here = buf_get_u64(r);
	buf_get_bytes(r, attachment->hash, REQUEST_HASH_BYTES);
	attachment->whole = buf_get_bool(r);
}

static void
put_message(struct writer *w, const struct message_view *message)
{
	assert(message->attachments <= ATTACHMENTS_MAX);
	buf_put_bool(w, message->from_us);
	buf_put_u64(w, message->serial);
	buf_put_u64(w, message->n);
	buf_put_bytes(w, message->id, RECORD_ID_BYTES);
	buf_put_u64(w, (uint64_t)message->sent_ms);
	buf_put_u64(w, (uint64_t)message->stored_ms);
	buf_put_u8(w, message->precedence);
	buf_put_u8(w, message->mark);
	buf_put_bool(w, message->drill);
	buf_put_bool(w, message->arriving);
	put_text(w, message->subject);
	put_text(w, message->text);
	put_text(w, message->language);
	put_ref(w, message->re);
	put_ref(w, message->withdraws);
	put_ref(w, message->withdrawn_by);
	buf_put_u64(w, (uint64_t)message->delivered_ms);
	buf_put_u64(w, (uint64_t)message->read_ms);
	buf_put_u64(w, (uint64_t)message->acknowledged_ms);
	buf_put_u64(w, message->bytes_held);
	buf_put_u64(w, message->bytes_total);
	field_encode(w, &say_message_more, &message->more);
	buf_put_u8(w, (uint8_t)message->attachments);
	for (size_t i = 0; i < message->attachments; i++)
		put_attachment(w, &message->attachment[i]);
}

static void
get_message(struct reader *r, struct message_view *message)
{
	message->from_us = buf_get_bool(r);
	message->serial = buf_get_u64(r);
	message->n = buf_get_u64(r);
	buf_get_bytes(r, message->id, RECORD_ID_BYTES);
	message->sent_ms = (int64_t)buf_get_u64(r);
	message->stored_ms = (int64_t)buf_get_u64(r);
	message->precedence = buf_get_u8(r);
	message->mark = buf_get_u8(r);
	message->drill = buf_get_bool(r);
	message->arriving = buf_get_bool(r);
	message->subject = get_text(r);
	message->text = get_text(r);
	message->language = get_text(r);
	get_ref(r, message->re);
	get_ref(r, message->withdraws);
	get_ref(r, message->withdrawn_by);
	message->delivered_ms = (int64_t)buf_get_u64(r);
	message->read_ms = (int64_t)buf_get_u64(r);
	message->acknowledged_ms = (int64_t)buf_get_u64(r);
	message->bytes_held = buf_get_u64(r);
	message->bytes_total = buf_get_u64(r);
	if (field_decode(r, &say_message_more, &message->more) != OK)
		return; /* the reader has failed */
	message->attachments = buf_get_choice(r, ATTACHMENTS_MAX + 1);
	for (size_t i = 0; i < message->attachments; i++)
		get_attachment(r, &message->attachment[i]);
}

static void
put_event(struct writer *w, const struct event_view *event)
{
	buf_put_u64(w, event->seq);
	buf_put_u64(w, (uint64_t)event->wall_ms);
	put_text(w, event->line);
	put_text(w, event->kind);
	put_text(w, event->ref);
	put_text(w, event->say);
	put_text(w, event->what);
}

static void
get_event(struct reader *r, struct event_view *event)
{
	event->seq = buf_get_u64(r);
	event->wall_ms = (int64_t)buf_get_u64(r);
	event->line = get_text(r);
	event->kind = get_text(r);
	event->ref = get_text(r);
	event->say = get_text(r);
	event->what = get_text(r);
}

static void
put_seconds(struct writer *w, const struct day *day)
{
	for (size_t i = 0; i < DAY_PART_COUNT; i++)
		buf_put_u32(w, day->seconds[i]);
}

static void
get_seconds(struct reader *r, uint32_t date, struct day *day)
{
	day->date = date;
	for (size_t i = 0; i < DAY_PART_COUNT; i++)
		day->seconds[i] = buf_get_u32(r);
}

static void
put_day(struct writer *w, const struct day_view *day)
{
	buf_put_u32(w, day->date);
	buf_put_bool(w, day->has_ours);
	buf_put_bool(w, day->has_theirs);
	if (day->has_ours)
		put_seconds(w, &day->ours);
	if (day->has_theirs)
		put_seconds(w, &day->theirs);
}

static void
get_day(struct reader *r, struct day_view *day)
{
	day->date = buf_get_u32(r);
	day->has_ours = buf_get_bool(r);
	day->has_theirs = buf_get_bool(r);
	if (day->has_ours)
		get_seconds(r, day->date, &day->ours);
	if (day->has_theirs)
		get_seconds(r, day->date, &day->theirs);
}

static void
put_answer(struct writer *w, const struct reply *reply)
{
	put_text(w, reply->ceremony.file);
	put_text(w, reply->ceremony.peer_name);
	put_cadence(w, reply->ceremony.cadence);
	buf_put_u8(w, reply->ceremony.accept);
	put_text(w, reply->ceremony.listen);
	buf_put_u8(w, (uint8_t)reply->ceremony.word_count);
	for (size_t i = 0; i < reply->ceremony.word_count; i++)
		put_text(w, reply->ceremony.words[i]);
}

static void
get_answer(struct reader *r, struct reply *reply)
{
	reply->ceremony.file = get_text(r);
	reply->ceremony.peer_name = get_text(r);
	reply->ceremony.cadence = get_cadence(r);
	reply->ceremony.accept = buf_get_u8(r);
	reply->ceremony.listen = get_text(r);
	reply->ceremony.word_count = buf_get_choice(r, REQUEST_WORDS + 1);
	for (size_t i = 0; i < reply->ceremony.word_count; i++)
		reply->ceremony.words[i] = get_text(r);
}

static void
put_sent(struct writer *w, const struct reply *reply)
{
	buf_put_u64(w, reply->sent.serial);
	buf_put_bytes(w, reply->sent.id, RECORD_ID_BYTES);
	buf_put_u64(w, reply->sent.bytes);
	buf_put_u64(w, reply->sent.bytes_ahead);
	put_cadence(w, reply->sent.cadence);
	report_encode_status(w, &reply->sent.peer);
}

static void
get_sent(struct reader *r, struct reply *reply)
{
	reply->sent.serial = buf_get_u64(r);
	buf_get_bytes(r, reply->sent.id, RECORD_ID_BYTES);
	reply->sent.bytes = buf_get_u64(r);
	reply->sent.bytes_ahead = buf_get_u64(r);
	reply->sent.cadence = get_cadence(r);
	report_decode_status(r, &reply->sent.peer);
}

static void
put_view(struct writer *w, const struct reply *reply)
{
	assert(says[reply->about].view != NULL);
	buf_put_u8(w, (uint8_t)reply->about);
	buf_put_u64(w, reply->cursor);
	field_encode(w, says[reply->about].view, &reply->view);
}

void
reply_encode(struct writer *w, const struct reply *reply)
{
	buf_put_u8(w, (uint8_t)reply->kind);
	buf_put_u32(w, reply->id);
	buf_put_bool(w, reply->more);
	switch (reply->kind) {
	case REPLY_ERROR:
		buf_put_u8(w, (uint8_t)-reply->err);
		put_text(w, reply->say);
		break;
	case REPLY_DONE:
		buf_put_bool(w, reply->cut);
		break;
	case REPLY_POST:
		put_text(w, reply->post.name);
		buf_put_u8(w, (uint8_t)reply->post.state);
		buf_put_u8(w, (uint8_t)reply->post.store);
		buf_put_u64(w, reply->post.alarms);
		put_text(w, reply->post.unheard);
		break;
	case REPLY_LINE:
		put_line(w, &reply->line);
		break;
	case REPLY_CEREMONY:
		put_answer(w, reply);
		break;
	case REPLY_PATH:
		put_path(w, &reply->path);
		break;
	case REPLY_TERMS:
		put_terms(w, &reply->terms);
		break;
	case REPLY_UPLOAD:
		buf_put_u64(w, reply->upload.id);
		buf_put_u64(w, reply->upload.bytes);
		buf_put_bytes(w, reply->upload.hash, REQUEST_HASH_BYTES);
		break;
	case REPLY_SENT:
		put_sent(w, reply);
		break;
	case REPLY_MESSAGE:
		put_message(w, &reply->message);
		break;
	case REPLY_DATA:
		put_text(w, reply->data.data);
		buf_put_u64(w, reply->data.offset);
		buf_put_u64(w, reply->data.total);
		break;
	case REPLY_DAY:
		put_day(w, &reply->day);
		break;
	case REPLY_EVENT:
		put_event(w, &reply->event);
		break;
	case REPLY_VIEW:
		put_view(w, reply);
		break;
	case REPLY_COUNT:
		assert(false);
		break;
	}
}

static void
get_view(struct reader *r, struct reply *reply)
{
	const struct layout *view;

	reply->about = (enum request_kind)buf_get_choice(r, REQUEST_COUNT);
	reply->cursor = buf_get_u64(r);
	view = says[reply->about].view;
	if (view == NULL || field_decode(r, view, &reply->view) != OK)
		r->failed = true;
}

static void
get_reply(struct reader *r, struct reply *reply)
{
	switch (reply->kind) {
	case REPLY_ERROR:
		reply->err = -(int)buf_get_u8(r);
		reply->say = get_text(r);
		break;
	case REPLY_DONE:
		reply->cut = buf_get_bool(r);
		break;
	case REPLY_POST:
		reply->post.name = get_text(r);
		reply->post.state =
		    (enum post_state)buf_get_choice(r, POST_SEALED + 1);
		reply->post.store =
		    (enum store_state)buf_get_choice(r, STORE_FULL + 1);
		reply->post.alarms = buf_get_u64(r);
		reply->post.unheard = get_text_within(r, ALARM_SAY_BYTES_MAX);
		break;
	case REPLY_LINE:
		get_line(r, &reply->line);
		break;
	case REPLY_CEREMONY:
		get_answer(r, reply);
		break;
	case REPLY_PATH:
		get_path(r, &reply->path);
		break;
	case REPLY_TERMS:
		get_terms(r, &reply->terms);
		break;
	case REPLY_UPLOAD:
		reply->upload.id = buf_get_u64(r);
		reply->upload.bytes = buf_get_u64(r);
		buf_get_bytes(r, reply->upload.hash, REQUEST_HASH_BYTES);
		break;
	case REPLY_SENT:
		get_sent(r, reply);
		break;
	case REPLY_MESSAGE:
		get_message(r, &reply->message);
		break;
	case REPLY_DATA:
		reply->data.data = get_text(r);
		reply->data.offset = buf_get_u64(r);
		reply->data.total = buf_get_u64(r);
		break;
	case REPLY_DAY:
		get_day(r, &reply->day);
		break;
	case REPLY_EVENT:
		get_event(r, &reply->event);
		break;
	case REPLY_VIEW:
		get_view(r, reply);
		break;
	case REPLY_COUNT:
		break;
	}
}

int
reply_decode(struct reply *reply, const uint8_t *bytes, size_t len)
{
	struct reader r;

	memset(reply, 0, sizeof(*reply));
	buf_read(&r, bytes, len);
	reply->kind = (enum reply_kind)buf_get_choice(&r, REPLY_COUNT);
	reply->id = buf_get_u32(&r);
	reply->more = buf_get_bool(&r);
	get_reply(&r, reply);
	if (buf_is_spent(&r) == OK)
		return OK;
	memset(reply, 0, sizeof(*reply));
	return ERR_FORMAT;
}
