#include "desk/answer.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/hex.h"
#include "desk/tell.h"
#include "desk/word.h"

/* Every second frame carries an acknowledgement of about twice this. */
enum { ACK_BYTES_MEAN = 16 };

/* A null for what is absent, and for what is not UTF-8. */
static json_t *
text_or_null(struct text text)
{
	json_t *value = NULL;

	if (text.data != NULL)
		value = json_stringn(text.data, text.len);
	return value != NULL ? value : json_null();
}

/* An empty text is one; only what is arriving is not known. */
static json_t *
text_or_none(struct text text, bool arriving)
{
	if (text.data == NULL && !arriving)
		return json_string("");
	return text_or_null(text);
}

static json_t *
string_or_null(const char *text)
{
	return *text != '\0' ? json_string(text) : json_null();
}

static json_t *
word_or_null(const char *word)
{
	return word != NULL ? json_string(word) : json_null();
}

static json_t *
time_or_null(int64_t wall_ms)
{
	char text[CLOCK_TEXT_BYTES];

	if (wall_ms == 0)
		return json_null();
	clock_format(text, wall_ms);
	return json_string(text);
}

static json_t *
hex(const uint8_t *bytes, size_t len)
{
	char text[2 * REQUEST_HASH_BYTES + 1];

	hex_encode(text, bytes, len);
	return json_string(text);
}

/* Figures of the peer may be beyond what JSON's integers are here. */
static json_t *
number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *
number_or_null(uint64_t value)
{
	return value != 0 ? number(value) : json_null();
}

static void
put(json_t *object, const char *name, json_t *value)
{
	/* Takes value; without memory the field is missing. */
	(void)json_object_set_new_nocheck(object, name, value);
}

/* "us/12" where there is a serial, else the first 16 digits of the id. */
static json_t *
reference(bool from_us, uint64_t serial, const uint8_t id[RECORD_ID_BYTES])
{
	char text[REQUEST_REF_BYTES];

	if (serial == 0)
		return hex(id, 8);
	snprintf(text, sizeof(text), "%s/%" PRIu64, from_us ? "us" : "them",
	    serial);
	return json_string(text);
}

json_t *
answer_error(const char *word, const char *say)
{
	json_t *object = json_object();

	put(object, "error", json_string(word));
	put(object, "say", json_string(say));
	return object;
}

static json_t *
alarms_object(const struct reply *reply)
{
	json_t *object = json_object();

	put(object, "live", number(reply->post.alarms));
	put(object, "unheard", text_or_null(reply->post.unheard));
	return object;
}

json_t *
answer_post(const struct reply *reply, bool walled)
{
	json_t *object = json_object();

	put(object, "post", text_or_null(reply->post.name));
	put(object, "state",
	    json_string(word_name(&word_post, reply->post.state)));
	put(object, "version", json_string(QUIETLINE_VERSION));
	put(object, "store",
	    json_string(word_name(&word_store, reply->post.store)));
	put(object, "walls", json_boolean(walled));
	put(object, "alarms", alarms_object(reply));
	put(object, "lines", json_array());
	return object;
}

static json_t *
cadence_object(struct cadence cadence)
{
	json_t *object = json_object();
	char name[CADENCE_TEXT_BYTES];

	cadence_format(name, cadence);
	put(object, "name", json_string(name));
	put(object, "frame_bytes", number(cadence.frame_bytes));
	if (cadence.slot_us % 1000 == 0)
		put(object, "slot_ms", number(cadence.slot_us / 1000));
	else
		put(object, "slot_ms", json_real(cadence.slot_us / 1000.0));
	return object;
}

json_t *
answer_path(const struct path_view *view)
{
	json_t *object = json_object();

	put(object, "path", number(view->path));
	put(object, "name", json_string(view->tcp ? "tcp" : "udp"));
	put(object, "state", json_string(path_state_name(view->state)));
	put(object, "peer",
	    text_or_null(view->at.len > 0 ? view->at : view->endpoint));
	put(object, "endpoint", text_or_null(view->endpoint));
	put(object, "listen", text_or_null(view->listen));
	put(object, "proxy", text_or_null(view->proxy));
	put(object, "relay", json_boolean(view->relayed));
	put(object, "last_heard", time_or_null(view->heard_wall_ms));
	put(object, "rtt_ms",
	    view->rtt_us == 0 ? json_null() : json_real(view->rtt_us / 1000.0));
	put(object, "fault", text_or_null(view->fault));
	return object;
}

static json_t *
path_list(const struct line_view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->paths; i++)
		json_array_append_new(list, answer_path(&view->path[i]));
	return list;
}

/* Whose move it is, so that the line can be used: one word, or null for nobody's. */
static const char *
who_acts(const struct line_view *view)
{
	const struct line_report *report = &view->report;

	switch (report->state) {
	case LINE_UNCONFIRMED:
		return "us";
	case LINE_ONE_WAY:
		return "either";
	case LINE_SILENT:
		return report->why == WHY_GOODBYE || report->why == WHY_SEALED
		    ? "them"
		    : "either";
	case LINE_UP:
		if (view->peer.watch == WATCH_OFF ||
		    view->peer.watch == WATCH_DECLINED)
			return "them";
		break;
	case LINE_BOOTING:
	case LINE_STATE_COUNT:
		break;
	}
	return NULL;
}

static json_t *
missing_object(const struct line_view *view)
{
	json_t *missing = json_object();

	put(missing, "records", number(view->missing));
	put(missing, "since", time_or_null(view->missing_since_ms));
	return missing;
}

static json_t *
cadence_or_null(struct cadence cadence)
{
	return cadence.slot_us == 0 ? json_null() : cadence_object(cadence);
}

json_t *
answer_terms(const struct terms_view *view)
{
	static const char *const words[] = {
		[TERMS_SETTLED] = "settled",
		[TERMS_PROPOSED] = "proposed",
		[TERMS_AGREED] = "agreed",
	};
	json_t *object = json_object();

	put(object, "state", json_string(words[view->state]));
	put(object, "ours", cadence_or_null(view->ours));
	put(object, "theirs", cadence_or_null(view->theirs));
	put(object, "say", text_or_null(view->say));
	return object;
}

static json_t *
peer_object(const struct line_view *view)
{
	json_t *peer = json_object();

	put(peer, "post", json_string(word_name(&word_post, view->peer.post)));
	put(peer, "store",
	    json_string(word_name(&word_store, view->peer.store)));
	put(peer, "journal_end", number(view->peer.journal_end));
	return peer;
}

static json_t *
frames_object(const struct line_report *report)
{
	json_t *frames = json_object();

	put(frames, "sent", number(report->frames_sent));
	put(frames, "taken", number(report->frames_taken));
	put(frames, "refused", number(report->frames_refused));
	put(frames, "sessions", number(report->sessions));
	put(frames, "missed", number(report->slots_missed));
	return frames;
}

json_t *
answer_line(const struct line_view *view)
{
	const struct line_report *report = &view->report;
	json_t *object = json_object();
	json_t *outbox = json_object();

	put(object, "line", text_or_null(view->name));
	put(object, "state", json_string(line_state_name(report->state)));
	put(object, "why",
	    report->why == WHY_NONE ? json_null()
				    : json_string(line_why_name(report->why)));
	put(object, "watch",
	    json_string(word_name(&word_watch, view->peer.watch)));
	put(object, "last_heard", time_or_null(view->heard_wall_ms));
	put(object, "rtt_ms",
	    report->rtt_us == 0 ? json_null()
				: json_real(report->rtt_us / 1000.0));
	put(object, "cadence", cadence_object(view->cadence));
	put(object, "paths", path_list(view));
	put(object, "roaming", json_boolean(view->roams));
	put(object, "change", answer_terms(&view->terms));
	put(outbox, "messages", number(view->outbox_messages));
	put(outbox, "bytes", number(view->outbox_bytes));
	put(outbox, "paused", json_boolean(view->paused));
	put(object, "outbox", outbox);
	put(object, "id", text_or_null(view->id));
	put(object, "accept",
	    json_string(word_name(&word_accept, view->accept)));
	put(object, "role",
	    json_string(view->offered ? "offered" : "accepted"));
	put(object, "carried", json_string(view->by_hand ? "hand" : "other"));
	put(object, "endpoint", text_or_null(view->endpoint));
	put(object, "closed", json_boolean(view->closed));
	put(object, "fault", text_or_null(view->fault));
	put(object, "next_step", text_or_null(view->next_step));
	put(object, "peer", peer_object(view));
	put(object, "was_post", json_boolean(report->was_post));
	put(object, "frames", frames_object(report));
	put(object, "who_acts", word_or_null(who_acts(view)));
	put(object, "declined_until",
	    time_or_null(view->peer.declined_until_ms));
	put(object, "our_watch",
	    json_string(word_name(&word_watch, view->our_watch)));
	put(object, "our_declined_until",
	    time_or_null(view->our_declined_until_ms));
	put(object, "missing", missing_object(view));
	return object;
}

static json_t *
attachment_list(const struct message_view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->attachments; i++) {
		const struct attachment_view *file = &view->attachment[i];
		json_t *object = json_object();

		put(object, "n", number(i + 1));
		put(object, "name", text_or_null(file->name));
		put(object, "type", text_or_null(file->type));
		put(object, "bytes", number(file->bytes));
		put(object, "blake2b",
		    file->whole ? hex(file->hash, REQUEST_HASH_BYTES)
				: json_null());
		put(object, "bytes_here", number(file->bytes_here));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *
receipts_object(const struct message_view *view)
{
	json_t *object = json_object();

	put(object, "delivered", time_or_null(view->delivered_ms));
	put(object, "read", time_or_null(view->read_ms));
	put(object, "acknowledged", time_or_null(view->acknowledged_ms));
	return object;
}

json_t *
answer_message(const char *line, const struct message_view *view)
{
	json_t *object = json_object();
	json_t *progress = json_object();
	json_t *more = tell_view("", &say_message_more, &view->more, 0);

	put(object, "line", json_string(line));
	put(object, "from", json_string(view->from_us ? "us" : "them"));
	put(object, "serial", number_or_null(view->serial));
	put(object, "ref", reference(view->from_us, view->serial, view->id));
	put(object, "id", hex(view->id, RECORD_ID_BYTES));
	put(object, "time_sent", time_or_null(view->sent_ms));
	put(object, "time_stored", time_or_null(view->stored_ms));
	put(object, "precedence",
	    json_string(word_name(&record_precedences, view->precedence)));
	put(object, "subject", text_or_none(view->subject, view->arriving));
	put(object, "text", text_or_none(view->text, view->arriving));
	put(object, "language", text_or_null(view->language));
	put(object, "mark",
	    view->mark == 0
		? json_null()
		: json_string(word_name(&record_marks, view->mark)));
	put(object, "re", string_or_null(view->re));
	put(object, "withdraws", string_or_null(view->withdraws));
	put(object, "attachments", attachment_list(view));
	put(object, "receipts", receipts_object(view));
	put(object, "withdrawn_by", string_or_null(view->withdrawn_by));
	put(object, "drill", json_boolean(view->drill));
	put(object, "arriving", json_boolean(view->arriving));
	put(progress, "bytes_held", number(view->bytes_held));
	put(progress, "bytes_total", number(view->bytes_total));
	put(object, "progress", progress);
	(void)json_object_update(object, more);
	json_decref(more);
	return object;
}

static json_t *
seconds_object(bool has, const struct day *day)
{
	static const char *const names[DAY_PART_COUNT] = {
		[DAY_UP] = "up",
		[DAY_ONE_WAY] = "one_way",
		[DAY_STARTING] = "starting",
		[DAY_PATH] = "path",
		[DAY_POST] = "post",
		[DAY_UNTOLD] = "untold",
		[DAY_GOODBYE] = "goodbye",
		[DAY_DOWN] = "down",
	};
	json_t *object;

	if (!has)
		return json_null();
	object = json_object();
	for (size_t i = 0; i < DAY_PART_COUNT; i++)
		put(object, names[i], number(day->seconds[i]));
	return object;
}

json_t *
answer_day(const struct day_view *view)
{
	json_t *object = json_object();
	char time[CLOCK_TEXT_BYTES];

	clock_format(time, (int64_t)view->date * DAY_SECONDS * 1000);
	put(object, "date", json_stringn(time, strlen("2026-11-22")));
	put(object, "ours", seconds_object(view->has_ours, &view->ours));
	put(object, "theirs", seconds_object(view->has_theirs, &view->theirs));
	return object;
}

json_t *
answer_event(const struct event_view *view)
{
	json_t *object = json_object();

	put(object, "seq", number(view->seq));
	put(object, "time", time_or_null(view->wall_ms));
	put(object, "line", text_or_null(view->line));
	put(object, "kind", text_or_null(view->kind));
	put(object, "what", text_or_null(view->what));
	put(object, "ref", text_or_null(view->ref));
	put(object, "say", text_or_null(view->say));
	return object;
}

json_t *
answer_sent(const char *line, const struct reply *reply, uint64_t arrives_ms)
{
	json_t *object = json_object();

	put(object, "line", json_string(line));
	put(object, "serial", number_or_null(reply->sent.serial));
	put(object, "ref", reference(true, reply->sent.serial, reply->sent.id));
	put(object, "id", hex(reply->sent.id, RECORD_ID_BYTES));
	put(object, "bytes", number(reply->sent.bytes));
	put(object, "bytes_ahead", number(reply->sent.bytes_ahead));
	put(object, "arrives_in_ms",
	    arrives_ms == UINT64_MAX ? json_null() : number(arrives_ms));
	put(object, "watch",
	    json_string(word_name(&word_watch, reply->sent.peer.watch)));
	put(object, "declined_until",
	    time_or_null(reply->sent.peer.declined_until_ms));
	return object;
}

static json_t *
base64(struct text file)
{
	char *text;
	json_t *value;

	if (file.data == NULL)
		return json_null();
	if ((text = malloc(base64_text_bytes(file.len))) == NULL)
		return NULL;
	base64_encode(text, file.data, file.len);
	value = json_string(text);
	free(text);
	return value;
}

json_t *
answer_ceremony(const char *line, const struct reply *reply)
{
	json_t *object = json_object();
	json_t *words = json_array();

	put(object, "line", json_string(line));
	for (size_t i = 0; i < reply->ceremony.word_count; i++)
		json_array_append_new(words,
		    text_or_null(reply->ceremony.words[i]));
	put(object, "check_words", words);
	put(object, "file", base64(reply->ceremony.file));
	put(object, "peer_name", text_or_null(reply->ceremony.peer_name));
	put(object, "cadence", cadence_or_null(reply->ceremony.cadence));
	put(object, "accept",
	    json_string(word_name(&word_accept, reply->ceremony.accept)));
	put(object, "listen", text_or_null(reply->ceremony.listen));
	return object;
}

json_t *
answer_upload(const struct reply *reply)
{
	json_t *object = json_object();

	put(object, "upload", number(reply->upload.id));
	put(object, "bytes", number(reply->upload.bytes));
	put(object, "blake2b", hex(reply->upload.hash, REQUEST_HASH_BYTES));
	return object;
}

uint64_t
answer_arrives_ms(struct cadence cadence, uint64_t bytes)
{
	uint64_t room, frames;

	if (cadence_check(cadence) != OK)
		return UINT64_MAX;
	room = (uint64_t)cadence.frame_bytes - FRAME_OVERHEAD_BYTES -
	    CHUNK_HEAD_BYTES - ACK_BYTES_MEAN;
	frames = bytes / room + 1;
	if (frames > UINT64_MAX / 2 / cadence.slot_us)
		return UINT64_MAX;
	/* A frame leaves half a slot after its slot begins, in the mean. */
	return (frames * cadence.slot_us + cadence.slot_us / 2) / 1000;
}

static const struct {
	int err;
	unsigned status;
	const char *word;
} errors[] = {
	{ ERR_SIZE, 413, "too-large" },
	{ ERR_FORMAT, 400, "malformed" },
	{ ERR_CRYPTO, 400, "not-authentic" },
	{ ERR_REPLAY, 409, "used" },
	{ ERR_STATE, 409, "not-now" },
	{ ERR_LIMIT, 409, "limit" },
	{ ERR_NOT_FOUND, 404, "not-found" },
	{ ERR_EXISTS, 409, "exists" },
	{ ERR_IO, 500, "disk" },
	{ ERR_FULL, 507, "full" },
	{ ERR_PEER, 409, "peer" },
	{ ERR_VERSION, 409, "version" },
	{ ERR_DENIED, 403, "denied" },
	{ ERR_AGAIN, 503, "again" },
	{ ERR_SIGNED_OUT, 401, "signed-out" },
	{ ERR_RULE, 409, "rule" },
};

unsigned
answer_status(int err)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].err == err)
			return errors[i].status;
	return 500;
}

const char *
answer_word(int err)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].err == err)
			return errors[i].word;
	return "failed";
}
