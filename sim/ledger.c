#include "sim/ledger.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "sim/content.h"
#include "sim/rite.h"

enum { CAP_FIRST = 64 };

/* Room for one more; ends the program where there is no memory. */
static void *
grown(void *items, size_t *cap, size_t count, size_t item_bytes)
{
	if (count < *cap)
		return items;
	*cap = *cap == 0 ? CAP_FIRST : *cap * 2;
	items = realloc(items, *cap * item_bytes);
	if (items == NULL)
		fatal("ledger: no memory");
	return items;
}

void
ledger_init(struct ledger *ledger)
{
	*ledger = (struct ledger){ 0 };
}

void
ledger_free(struct ledger *ledger)
{
	free(ledger->said);
	*ledger = (struct ledger){ 0 };
}

long
ledger_append(struct ledger *ledger, const struct said *said)
{
	ledger->said = grown(ledger->said, &ledger->cap, ledger->count,
	    sizeof(*ledger->said));
	ledger->said[ledger->count] = *said;
	return (long)ledger->count++;
}

struct said *
ledger_get(struct ledger *ledger, long number)
{
	assert(number >= 0 && (size_t)number < ledger->count);
	return &ledger->said[number];
}

void
ledger_subject(char subject[SUBJECT_BYTES_ROOM], long number,
    const struct said *said)
{
	int len = snprintf(subject, SUBJECT_BYTES_ROOM, "said %ld ", number);

	assert(len > 0);
	while ((size_t)len < said->subject_bytes)
		subject[len++] = '.';
	subject[len] = '\0';
	/* No space stands at the end of a subject. */
	if (subject[len - 1] == ' ')
		subject[len - 1] = '\0';
}

long
ledger_find(const struct ledger *ledger, struct text subject)
{
	char copy[32];
	size_t len =
	    subject.len < sizeof(copy) - 1 ? subject.len : sizeof(copy) - 1;
	long number;

	memcpy(copy, subject.data, len);
	copy[len] = '\0';
	if (sscanf(copy, "said %ld", &number) != 1 || number < 0 ||
	    (size_t)number >= ledger->count)
		return LEDGER_NONE;
	return number;
}

uint64_t
ledger_file_seed(const struct said *said, size_t file)
{
	return said->seed + 1 + file;
}

static bool
text_is(struct text text, const char *expected, size_t len)
{
	return text.len == len &&
	    (len == 0 || memcmp(text.data, expected, len) == 0);
}

static bool
words_are_as_said(const struct message_view *view, long number,
    const struct said *said)
{
	char subject[SUBJECT_BYTES_ROOM];
	bool same;
	char *text;

	ledger_subject(subject, number, said);
	if (!text_is(view->subject, subject, strlen(subject)) ||
	    view->precedence != said->precedence)
		return false;
	if ((text = malloc(said->text_bytes + 1)) == NULL)
		fatal("ledger: no memory");
	content_text(text, said->text_bytes, said->seed);
	same = text_is(view->text, text, said->text_bytes);
	free(text);
	return same;
}

static bool
file_is_as_said(const struct attachment_view *view, const struct said *said,
    size_t file)
{
	uint8_t hash[HASH_BYTES];

	if (view->bytes != said->file_bytes[file])
		return false;
	if (!view->whole)
		return true;
	content_file_hash(hash, said->file_bytes[file],
	    ledger_file_seed(said, file));
	return memcmp(hash, view->hash, sizeof(hash)) == 0;
}

static bool
is_as_said(const struct message_view *view, long number,
    const struct said *said)
{
	/* Of what is still arriving only the heading is promised. */
	if (view->arriving)
		return view->precedence == said->precedence;
	if (!words_are_as_said(view, number, said) ||
	    view->attachments != said->files)
		return false;
	for (size_t i = 0; i < said->files; i++) {
		if (!file_is_as_said(&view->attachment[i], said, i))
			return false;
	}
	return true;
}

static void
on_view(struct review *review, const struct message_view *view)
{
	const struct ledger *ledger = review->ledger;
	struct seen seen = {
		.said = ledger_find(ledger, view->subject),
		.from_us = view->from_us,
		.whole = !view->arriving,
		.serial = view->serial,
		.n = view->n,
		.precedence = view->precedence,
		.delivered_ms = view->delivered_ms,
		.acknowledged_ms = view->acknowledged_ms,
		.bytes_left = view->bytes_total - view->bytes_held,
	};

	memcpy(seen.id, view->id, sizeof(seen.id));
	for (size_t i = 0; i < view->attachments; i++)
		seen.whole &= view->attachment[i].whole;
	if (seen.said != LEDGER_NONE)
		seen.unchanged = review->depth == REVIEW_PLACES ||
		    is_as_said(view, seen.said, &ledger->said[seen.said]);
	review->seen = grown(review->seen, &review->cap, review->count,
	    sizeof(*review->seen));
	review->seen[review->count++] = seen;
}

static void
on_read(void *ctx, const struct reply *reply)
{
	struct review *review = ctx;

	if (reply == NULL || reply->kind == REPLY_ERROR)
		review->failed = true;
	else if (reply->kind == REPLY_MESSAGE)
		on_view(review, &reply->message);
	review->ended = reply == NULL || !reply->more;
}

/* Where an attachment's bytes are compared as they come. */
struct fetch {
	uint64_t seed;
	uint64_t offset;
	uint64_t total;
	bool unchanged;
	bool answered;
};

static void
on_data(void *ctx, const struct reply *reply)
{
	struct fetch *fetch = ctx;
	uint8_t *expected;

	fetch->answered = true;
	if (reply == NULL || reply->kind != REPLY_DATA ||
	    reply->data.offset != fetch->offset ||
	    reply->data.total != fetch->total ||
	    (reply->data.data.len == 0 && fetch->total > 0)) {
		fetch->unchanged = false;
		return;
	}
	if ((expected = malloc(reply->data.data.len + 1)) == NULL)
		fatal("ledger: no memory");
	content_file(expected, reply->data.data.len, fetch->offset,
	    fetch->seed);
	fetch->unchanged &= text_is(reply->data.data, (const char *)expected,
	    reply->data.data.len);
	fetch->offset += reply->data.data.len;
	free(expected);
}

static bool
fetch_file(struct post *post, const struct seen *seen, const struct said *said,
    size_t file)
{
	char ref[REQUEST_REF_BYTES];
	int len = snprintf(ref, sizeof(ref), "%s/%" PRIu64,
	    seen->from_us ? "us" : "them", seen->serial);
	struct request request = {
		.kind = REQUEST_GET,
		.line = rite_peer_name(post->index),
		.ref = { ref, (size_t)len },
		.get = { .n = (uint32_t)file + 1 },
	};
	struct fetch fetch = {
		.seed = ledger_file_seed(said, file),
		.total = said->file_bytes[file],
		.unchanged = true,
	};

	while (fetch.unchanged && fetch.offset < fetch.total) {
		fetch.answered = false;
		request.get.offset = fetch.offset;
		if (!post_ask(post, &request, on_data, &fetch) ||
		    !fetch.answered)
			return false;
	}
	return fetch.unchanged;
}

static void
copy_text(char *copy, size_t cap, struct text text)
{
	size_t len = text.len < cap - 1 ? text.len : cap - 1;

	if (len > 0)
		memcpy(copy, text.data, len);
	copy[len] = '\0';
}

static void
on_told(void *ctx, const struct reply *reply)
{
	struct review *review = ctx;
	struct told *told;

	review->failed |= reply == NULL || reply->kind == REPLY_ERROR;
	review->ended = reply == NULL || !reply->more;
	if (reply == NULL || reply->kind != REPLY_EVENT)
		return;
	review->told = grown(review->told, &review->told_cap,
	    review->told_count, sizeof(*review->told));
	told = &review->told[review->told_count++];
	told->seq = reply->event.seq;
	copy_text(told->kind, sizeof(told->kind), reply->event.kind);
	copy_text(told->what, sizeof(told->what), reply->event.what);
	copy_text(told->ref, sizeof(told->ref), reply->event.ref);
}

/* Page by page, until one is empty. */
static void
read_told(struct review *review, struct post *post)
{
	struct request request = { .kind = REQUEST_EVENTS };
	size_t before;

	do {
		before = review->told_count;
		if (before > 0)
			request.events.after = review->told[before - 1].seq;
		review->ended = false;
		if (!post_ask(post, &request, on_told, review) ||
		    !review->ended)
			review->failed = true;
	} while (!review->failed && review->told_count > before);
}

/* What was stored before what: clocks cannot tell, they jump. */
static void
match_told(struct review *review)
{
	for (size_t i = 0; i < review->told_count; i++) {
		const struct told *told = &review->told[i];
		uint64_t serial;

		if (strcmp(told->kind, "message") != 0 ||
		    strcmp(told->what, "arrived") != 0 ||
		    sscanf(told->ref, "them/%" SCNu64, &serial) != 1)
			continue;
		for (size_t k = 0; k < review->count; k++) {
			if (!review->seen[k].from_us &&
			    review->seen[k].serial == serial)
				review->seen[k].told_seq = told->seq;
		}
	}
}

void
review_read(struct review *review, const struct ledger *ledger,
    struct post *post, enum review_depth depth)
{
	struct request request = {
		.kind = REQUEST_READ,
		.line = rite_peer_name(post->index),
		.read = { .since_ms = INT64_MIN },
	};

	*review = (struct review){ .ledger = ledger, .depth = depth };
	drive_look_on(post->drive, true);
	/* Reading needs no time: all replies come at once. */
	if (!post_ask(post, &request, on_read, review) || !review->ended)
		review->failed = true;
	read_told(review, post);
	if (depth == REVIEW_BYTES)
		match_told(review);
	for (size_t i = 0; depth == REVIEW_BYTES && i < review->count; i++) {
		struct seen *seen = &review->seen[i];

		if (seen->said == LEDGER_NONE || !seen->whole)
			continue;
		for (size_t f = 0; f < ledger->said[seen->said].files; f++)
			seen->unchanged &= fetch_file(post, seen,
			    &ledger->said[seen->said], f);
	}
	drive_look_on(post->drive, false);
}

void
review_free(struct review *review)
{
	free(review->seen);
	free(review->told);
	*review = (struct review){ 0 };
}

size_t
review_count_told(const struct review *review, const char *kind,
    const char *what, const char *ref)
{
	size_t count = 0;

	for (size_t i = 0; i < review->told_count; i++) {
		const struct told *told = &review->told[i];

		count += strcmp(told->kind, kind) == 0 &&
		    strcmp(told->what, what) == 0 &&
		    strcmp(told->ref, ref) == 0;
	}
	return count;
}

void
review_ref_of_id(char ref[REQUEST_REF_BYTES], const uint8_t id[RECORD_ID_BYTES])
{
	hex_encode(ref, id, RECORD_ID_BYTES / 2);
}
