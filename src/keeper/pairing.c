#include "keeper/pairing.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/wipe.h"
#include "keeper/alarm.h"
#include "keeper/continuity.h"
#include "keeper/diary.h"
#include "keeper/inbox.h"
#include "keeper/wait.h"
#include "keeper/ways.h"

/* One change to a line's ceremony, in a transaction of line.db. */
struct change {
	struct keeper *keeper;
	struct post_line *line; /* NULL: a new one */
	const struct ceremony *ceremony;
	struct text name;
	const struct way *way; /* of a new one */
	bool by_hand;
	bool confirmed;
	bool undo;   /* the file may be used again */
	uint32_t id; /* of the new line */
};

/* Each goes with what to do. */
static const int fault_errs[CEREMONY_FAULT_COUNT] = {
	[CEREMONY_OK] = OK,
	[CEREMONY_FOREIGN] = ERR_FORMAT,
	[CEREMONY_DAMAGED] = ERR_FORMAT,
	[CEREMONY_OTHER_VERSION] = ERR_VERSION,
	[CEREMONY_CROSSED] = ERR_STATE,
	[CEREMONY_OWN] = ERR_STATE,
	[CEREMONY_USED] = ERR_EXISTS,
	[CEREMONY_UNEXPECTED] = ERR_STATE,
	[CEREMONY_OTHER_POST] = ERR_STATE,
	[CEREMONY_BAD_CARD] = ERR_CRYPTO,
	[CEREMONY_BAD_TERMS] = ERR_CRYPTO,
	[CEREMONY_NO_ENDPOINT] = ERR_STATE,
	[CEREMONY_BAD_COMMITMENT] = ERR_CRYPTO,
	[CEREMONY_UNKNOWN_WORD] = ERR_FORMAT,
	[CEREMONY_OWN_WORDS] = ERR_STATE,
	[CEREMONY_WRONG_WORDS] = ERR_DENIED,
};

static void
refuse(struct keeper *keeper, const struct request *request,
    enum ceremony_fault fault)
{
	assert(fault != CEREMONY_OK);
	post_reply_error(keeper, request->id, fault_errs[fault], "%s",
	    ceremony_fault_text(fault));
}

static int
put_ceremony(const struct change *change, uint32_t id)
{
	uint8_t bytes[CEREMONY_STORED_BYTES];
	struct query q;
	struct writer w;
	int rc;

	buf_write(&w, bytes, sizeof(bytes));
	ceremony_encode(&w, change->ceremony);
	assert(buf_is_sound(&w));
	q = store_query(&change->keeper->store, STMT_LINE_SET_CEREMONY);
	query_bind_blob(&q, bytes, w.len);
	query_bind_int(&q, change->by_hand);
	query_bind_int(&q, id);
	rc = query_run(&q);
	wipe(bytes, sizeof(bytes));
	return rc;
}

static int
add_line(void *ctx)
{
	struct change *change = ctx;
	struct store *store = &change->keeper->store;
	struct query q = store_query(store, STMT_LINE_ADD);
	int rc;

	query_bind_text(&q, change->name.data, change->name.len);
	query_bind_null(&q);
	if ((rc = query_run(&q)) != OK)
		return rc;
	change->id = (uint32_t)store_last_row(store, STORE_LINE);
	if ((rc = ways_put(change->keeper, change->id, 0, change->way)) != OK)
		return rc;
	q = store_query(store, STMT_USED_ADD);
	query_bind_blob(&q, change->ceremony->commitment,
	    CEREMONY_COMMITMENT_BYTES);
	if ((rc = query_run(&q)) != OK)
		return rc;
	return put_ceremony(change, change->id);
}

static int
set_line(void *ctx)
{
	struct change *change = ctx;
	int rc;

	rc = put_ceremony(change, change->line->id);
	if (rc != OK || !change->confirmed)
		return rc;
	return continuity_begin(change->keeper, change->line);
}

static int
close_line(void *ctx)
{
	struct change *change = ctx;
	const bool keep = change->line->ceremony.state == CEREMONY_CONFIRMED;
	struct query q = store_query(&change->keeper->store,
	    keep ? STMT_LINE_CLOSE : STMT_LINE_DROP);
	int rc;

	query_bind_int(&q, change->line->id);
	if ((rc = query_run(&q)) != OK)
		return rc;
	if (change->undo) {
		q = store_query(&change->keeper->store, STMT_USED_DROP);
		query_bind_blob(&q, change->line->ceremony.commitment,
		    CEREMONY_COMMITMENT_BYTES);
		if ((rc = query_run(&q)) != OK)
			return rc;
	}
	if ((rc = ways_erase(change->keeper, change->line->id)) != OK)
		return rc;
	return continuity_erase(change->keeper, change->line->id);
}

static bool
was_used(struct keeper *keeper, const uint8_t *commitment)
{
	struct query q = store_query(&keeper->store, STMT_USED_FIND);
	int64_t one;

	query_bind_blob(&q, commitment, CEREMONY_COMMITMENT_BYTES);
	return query_one(&q, &one) == OK;
}

/* A line of this post that the ceremony belongs to. */
static struct post_line *
find_commitment(struct keeper *keeper, const uint8_t *commitment)
{
	for (size_t i = 0; i < LINES_MAX; i++) {
		struct post_line *line = &keeper->lines[i];

		if (line->id != 0 &&
		    memcmp(line->ceremony.commitment, commitment,
			CEREMONY_COMMITMENT_BYTES) == 0)
			return line;
	}
	return NULL;
}

/* Name, way and room for one more line; replies where it says no. */
static bool
check_new(struct keeper *keeper, const struct request *request,
    struct cadence cadence, struct way *way)
{
	const struct text name = request->line;
	const char *wrong = ways_read(way, &request->way, cadence, true);
	size_t lines = 0;

	for (size_t i = 0; i < LINES_MAX; i++)
		lines += keeper->lines[i].id != 0;
	if (card_check_name(name.data, name.len) != OK) {
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "The peer's name must be 1 to 255 bytes of plain UTF-8, "
		    "without space at either end.");
		return false;
	}
	if (wrong != NULL) {
		post_reply_error(keeper, request->id, ERR_FORMAT, "%s", wrong);
		return false;
	}
	if (lines >= LINES_MAX) {
		post_reply_error(keeper, request->id, ERR_LIMIT,
		    "This post has %d lines, the most it can have; close one "
		    "first.",
		    LINES_MAX);
		return false;
	}
	return true;
}

static bool
check_terms(struct keeper *keeper, const struct request *request)
{
	const struct cadence cadence = request->ceremony.cadence;

	if (card_check_terms(cadence.frame_bytes, cadence.slot_us,
		request->ceremony.accept) == OK)
		return true;
	post_reply_error(keeper, request->id, ERR_LIMIT,
	    "The cadence must have frames of %d to %d bytes and slots of "
	    "0.25 to 2000 ms, and accept text, images or any.",
	    FRAME_BYTES_MIN, FRAME_BYTES_MAX);
	return false;
}

void
pairing_reply_file(struct keeper *keeper, const struct socket_wait *wait,
    const struct post_line *line)
{
	struct reply reply = { .kind = REPLY_CEREMONY, .id = wait->request };

	reply.ceremony.file =
	    (struct text){ (const char *)wait->file, wait->file_len };
	reply.ceremony.peer_name = text_of(line->ceremony.offered_name);
	reply.ceremony.cadence = post_line_cadence(line);
	reply.ceremony.accept = (uint8_t)line->card.accept;
	reply.ceremony.listen = text_of(line->way[0].listen);
	post_reply(keeper, &reply);
}

/* Puts the new line into the store and memory, and asks for its socket. */
static void
begin(struct keeper *keeper, const struct request *request,
    const struct ceremony *ceremony, const struct way *way,
    const struct writer *file)
{
	struct change change = { .keeper = keeper,
		.ceremony = ceremony,
		.name = request->line,
		.way = way };
	const struct text none = { NULL, 0 };
	struct post_line *line;
	int rc;

	rc = store_transact(&keeper->store, STORE_LINE, add_line, &change);
	if (rc == OK)
		rc = post_load_line(keeper, change.id);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	line = post_find_line(keeper, change.id);
	wait_begin(keeper, request->id, line, 0, file);
	if (ways_tell(keeper, line) == 0)
		wait_on_socket(keeper, line, 0, OK, none, none);
}

static void
copy_text(char *dst, size_t cap, struct text text)
{
	assert(text.len < cap);
	memset(dst, 0, cap);
	if (text.len > 0)
		memcpy(dst, text.data, text.len);
}

/* The endpoint as this side's card shows it; what does not fit is cut, and
 * refused by the rules of cards. */
static void
write_endpoint(char endpoint[CARD_ENDPOINT_BYTES_MAX + 1],
    const struct request_way *way)
{
	const bool adds = way->tcp && way->endpoint.len > 0 &&
	    !card_is_tcp(way->endpoint.data, way->endpoint.len);

	snprintf(endpoint, CARD_ENDPOINT_BYTES_MAX + 1, "%s%.*s",
	    adds ? "tcp:" : "", (int)way->endpoint.len,
	    way->endpoint.len > 0 ? way->endpoint.data : "");
}

void
pairing_on_offer(struct keeper *keeper, const struct request *request)
{
	uint8_t offer[CEREMONY_FILE_BYTES_MAX];
	char endpoint[CARD_ENDPOINT_BYTES_MAX + 1];
	struct ceremony_self self = { .name = keeper->name,
		.endpoint = endpoint };
	struct ceremony ceremony;
	struct writer w;
	struct way way;

	if (!check_terms(keeper, request))
		return;
	if (!check_new(keeper, request, request->ceremony.cadence, &way))
		goto out;
	if (post_find_name(keeper, request->line) != NULL) {
		post_reply_error(keeper, request->id, ERR_EXISTS,
		    "There is a line of that name; give this one another name, "
		    "or close that one first.");
		goto out;
	}
	write_endpoint(endpoint, &request->way);
	self.frame_bytes = request->ceremony.cadence.frame_bytes;
	self.slot_us = request->ceremony.cadence.slot_us;
	self.accept = (enum accept)request->ceremony.accept;
	buf_write(&w, offer, sizeof(offer));
	if (ceremony_offer(&ceremony, &self, keeper->rng, &w) != OK) {
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "The offer breaks the rules of a card.");
		goto out;
	}
	begin(keeper, request, &ceremony, &way, &w);
	ceremony_wipe(&ceremony);
out:
	/* It may hold a ticket. */
	wipe(&way, sizeof(way));
}

/* Only shows what is offered. */
static void
reply_look(struct keeper *keeper, const struct request *request,
    const struct ceremony_summary *summary)
{
	struct reply reply = { .kind = REPLY_CEREMONY, .id = request->id };

	reply.ceremony.peer_name = text_of(summary->name);
	reply.ceremony.cadence =
	    (struct cadence){ summary->frame_bytes, summary->slot_us };
	reply.ceremony.accept = (uint8_t)summary->accept;
	post_reply(keeper, &reply);
}

/* What speaks against an offer before anything is made of it. */
static enum ceremony_fault
judge_offer(struct keeper *keeper, const struct request *request,
    struct ceremony_summary *summary)
{
	const struct text file = request->ceremony.file;
	const struct post_line *same_name =
	    post_find_name(keeper, request->line);
	const struct post_line *known;
	enum ceremony_fault fault;

	fault = ceremony_peek(summary, (const uint8_t *)file.data, file.len);
	if (fault != CEREMONY_OK)
		return fault;
	known = find_commitment(keeper, summary->commitment);
	if (known != NULL && known->ceremony.role == ROLE_A &&
	    summary->kind == CEREMONY_OFFER)
		return CEREMONY_OWN;
	if (summary->kind != CEREMONY_OFFER)
		return CEREMONY_UNEXPECTED;
	if (was_used(keeper, summary->commitment))
		return CEREMONY_USED;
	if (same_name != NULL && same_name->ceremony.role == ROLE_A &&
	    same_name->ceremony.state == CEREMONY_OFFERED)
		return CEREMONY_CROSSED;
	return CEREMONY_OK;
}

void
pairing_on_accept(struct keeper *keeper, const struct request *request)
{
	const struct text file = request->ceremony.file;
	uint8_t answer[CEREMONY_FILE_BYTES_MAX];
	char endpoint[CARD_ENDPOINT_BYTES_MAX + 1];
	const struct ceremony_self self = { .name = keeper->name,
		.endpoint = endpoint };
	struct ceremony_summary summary;
	struct ceremony ceremony;
	enum ceremony_fault fault;
	struct writer w;
	struct way way;

	fault = judge_offer(keeper, request, &summary);
	if (fault != CEREMONY_OK) {
		refuse(keeper, request, fault);
		return;
	}
	if (request->ceremony.look) {
		reply_look(keeper, request, &summary);
		return;
	}
	if (!check_new(keeper, request,
		(struct cadence){ summary.frame_bytes, summary.slot_us }, &way))
		goto out;
	if (post_find_name(keeper, request->line) != NULL) {
		post_reply_error(keeper, request->id, ERR_EXISTS,
		    "There is a line of that name; give this one another name, "
		    "or close that one first.");
		goto out;
	}
	write_endpoint(endpoint, &request->way);
	buf_write(&w, answer, sizeof(answer));
	fault = ceremony_accept(&ceremony, (const uint8_t *)file.data, file.len,
	    &self, keeper->rng, &w);
	if (fault != CEREMONY_OK) {
		refuse(keeper, request, fault);
		goto out;
	}
	begin(keeper, request, &ceremony, &way, &w);
	ceremony_wipe(&ceremony);
out:
	/* It may hold a ticket. */
	wipe(&way, sizeof(way));
}

static void
reply_words(struct keeper *keeper, const struct request *request,
    const struct post_line *line, const struct writer *reveal)
{
	struct reply reply = { .kind = REPLY_CEREMONY, .id = request->id };
	const char *words[CEREMONY_WORDS_EACH];

	ceremony_words(&line->ceremony, words);
	for (size_t i = 0; i < REQUEST_WORDS; i++)
		reply.ceremony.words[i] = text_of(words[i]);
	reply.ceremony.word_count = REQUEST_WORDS;
	if (reveal->len > 0)
		reply.ceremony.file =
		    (struct text){ (const char *)reveal->data, reveal->len };
	reply.ceremony.peer_name = text_of(line->peer_card.name);
	reply.ceremony.cadence = post_line_cadence(line);
	reply.ceremony.accept = (uint8_t)line->card.accept;
	reply.ceremony.listen = text_of(line->way[0].listen);
	post_reply(keeper, &reply);
}

/* Stores what the ceremony has become, and reads the line again. */
static int
keep(struct keeper *keeper, struct post_line *line,
    const struct ceremony *ceremony, bool by_hand)
{
	struct change change = { .keeper = keeper,
		.line = line,
		.ceremony = ceremony,
		.by_hand = by_hand };
	int rc;

	change.confirmed = ceremony->state == CEREMONY_CONFIRMED &&
	    line->ceremony.state != CEREMONY_CONFIRMED;
	rc = store_transact(&keeper->store, STORE_LINE, set_line, &change);
	if (rc != OK)
		return rc;
	return post_load_line(keeper, line->id);
}

/* Whether what the peer's card says can be reached by the way of this side. */
static const char *
judge_ways(const struct post_line *line, const struct ceremony *ceremony)
{
	struct card peer;
	int rc = card_decode(&peer, ceremony->peer_card);

	assert(rc == OK);
	return ways_judge(&line->way[0], line->card.endpoint, peer.endpoint);
}

void
pairing_on_finish(struct keeper *keeper, const struct request *request)
{
	const struct text file = request->ceremony.file;
	struct post_line *line = post_ask_line(keeper, request);
	uint8_t reveal[CEREMONY_FILE_BYTES_MAX];
	enum ceremony_fault fault;
	struct ceremony ceremony;
	const char *wrong;
	struct writer w;
	int rc;

	if (line == NULL)
		return;
	ceremony = line->ceremony;
	buf_write(&w, reveal, sizeof(reveal));
	fault = ceremony_finish(&ceremony, (const uint8_t *)file.data, file.len,
	    line->way[0].has_ticket, &w);
	if (fault != CEREMONY_OK) {
		refuse(keeper, request, fault);
		goto out;
	}
	if ((wrong = judge_ways(line, &ceremony)) != NULL) {
		post_reply_error(keeper, request->id, ERR_STATE, "%s", wrong);
		goto out;
	}
	rc = keep(keeper, line, &ceremony, request->ceremony.by_hand);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		goto out;
	}
	(void)ways_tell(keeper, line);
	reply_words(keeper, request, line, &w);
out:
	ceremony_wipe(&ceremony);
	wipe(reveal, sizeof(reveal));
}

/* Words as C strings; false: one is longer than any word is. */
static bool
copy_words(const struct request *request,
    char words[REQUEST_WORDS][REQUEST_WORD_BYTES])
{
	for (size_t i = 0; i < REQUEST_WORDS; i++) {
		const struct text word = request->ceremony.words[i];

		if (word.len >= REQUEST_WORD_BYTES)
			return false;
		copy_text(words[i], REQUEST_WORD_BYTES, word);
	}
	return true;
}

void
pairing_on_confirm(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	char words[REQUEST_WORDS][REQUEST_WORD_BYTES];
	const char *heard[REQUEST_WORDS];
	char step[PAIRING_STEP_BYTES];
	enum ceremony_fault fault = CEREMONY_UNKNOWN_WORD;
	struct ceremony ceremony;
	int rc;

	if (line == NULL)
		return;
	if (line->ceremony.state == CEREMONY_OFFERED ||
	    line->ceremony.state == CEREMONY_REPLIED) {
		pairing_next_step(line, step);
		post_reply_error(keeper, request->id, ERR_STATE,
		    "The ceremony is not that far yet. %s", step);
		return;
	}
	if (line->ceremony.state == CEREMONY_CONFIRMED) {
		post_reply_error(keeper, request->id, ERR_STATE,
		    "The words were confirmed here already; the line comes up "
		    "once the other side has too.");
		return;
	}
	ceremony = line->ceremony;
	for (size_t i = 0; i < REQUEST_WORDS; i++)
		heard[i] = words[i];
	if (copy_words(request, words))
		fault = ceremony_confirm(&ceremony, heard);
	if (fault != CEREMONY_OK) {
		refuse(keeper, request, fault);
		goto out;
	}
	rc = keep(keeper, line, &ceremony, line->by_hand);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		goto out;
	}
	diary_note(keeper,
	    (struct diary_entry){ line, "line", NULL, "confirmed" },
	    "The words match: the line to %s is open.", line->name);
	(void)ways_tell(keeper, line);
	post_attach(keeper, line);
	post_reply_done(keeper, request->id);
out:
	ceremony_wipe(&ceremony);
}

static void
drop(struct keeper *keeper, struct post_line *line)
{
	for (unsigned i = 0; i < LINE_PATHS_MAX; i++)
		wait_cancel(keeper, line, i);
	ways_drop(keeper, line);
	if (keeper->wire)
		keeper->ops.line_drop(keeper->ctx, line->id);
	post_forget_line(line);
}

void
pairing_on_close(struct keeper *keeper, const struct request *request)
{
	const struct line_order goodbye = { .kind = LINE_ORDER_GOODBYE,
		.why = WHY_GOODBYE };
	struct post_line *line = post_ask_line(keeper, request);
	struct change change = { .keeper = keeper, .line = line };
	int rc;

	if (line == NULL)
		return;
	rc = store_transact(&keeper->store, STORE_LINE, close_line, &change);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	diary_note(keeper, (struct diary_entry){ line, "line", NULL, "closed" },
	    "The line to %s is closed; its keys are erased.", line->name);
	alarm_on_close(keeper, line);
	if (post_line_is_active(line) && keeper->wire) {
		keeper->ops.order(keeper->ctx, line->id, &goodbye);
		line->drop_ns = keeper->now.now_ns +
		    CLOSE_SLOTS * cadence_slot_ns(post_line_cadence(line));
	} else
		drop(keeper, line);
	post_reply_done(keeper, request->id);
}

void
pairing_undo(struct keeper *keeper, uint32_t request, struct post_line *line,
    int err, struct text why)
{
	struct change change = { .keeper = keeper, .line = line, .undo = true };
	int rc =
	    store_transact(&keeper->store, STORE_LINE, close_line, &change);

	if (rc != OK) {
		post_reply_store(keeper, request, rc);
		return;
	}
	post_reply_error(keeper, request, err,
	    "The address to listen on cannot be used (%.*s); nothing was "
	    "begun.",
	    (int)why.len, why.len > 0 ? why.data : "");
	ways_drop(keeper, line);
	post_forget_line(line);
}

uint64_t
pairing_next_ns(const struct keeper *keeper)
{
	uint64_t next_ns = UINT64_MAX;

	for (size_t i = 0; i < LINES_MAX; i++) {
		const struct post_line *line = &keeper->lines[i];

		if (line->id != 0 && line->drop_ns != 0 &&
		    line->drop_ns < next_ns)
			next_ns = line->drop_ns;
	}
	return next_ns;
}

void
pairing_on_time(struct keeper *keeper)
{
	for (size_t i = 0; i < LINES_MAX; i++) {
		struct post_line *line = &keeper->lines[i];

		if (line->id != 0 && line->drop_ns != 0 &&
		    line->drop_ns <= keeper->now.now_ns)
			drop(keeper, line);
	}
}

/* A screen is soon lost: the words are shown for as long as they matter. */
static void
ask_for_words(const struct post_line *line, char text[PAIRING_STEP_BYTES])
{
	const char *own[CEREMONY_WORDS_EACH];

	ceremony_words(&line->ceremony, own);
	snprintf(text, PAIRING_STEP_BYTES,
	    "Read your five words (%s %s %s %s %s) to the other side over "
	    "something you trust, and confirm with the five that you hear.",
	    own[0], own[1], own[2], own[3], own[4]);
}

void
pairing_next_step(const struct post_line *line, char text[PAIRING_STEP_BYTES])
{
	text[0] = '\0';
	switch (line->ceremony.state) {
	case CEREMONY_OFFERED:
		snprintf(text, PAIRING_STEP_BYTES,
		    "Give the offer to the other side, and finish with the "
		    "reply that comes back.");
		break;
	case CEREMONY_REPLIED:
		snprintf(text, PAIRING_STEP_BYTES,
		    "Give the reply to the other side, and finish with the "
		    "reveal that comes back.");
		break;
	case CEREMONY_FINISHED:
		ask_for_words(line, text);
		break;
	case CEREMONY_NONE:
	case CEREMONY_CONFIRMED:
	case CEREMONY_STATE_COUNT:
		break;
	}
}
