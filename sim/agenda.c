#include "sim/agenda.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "sim/content.h"
#include "sim/rite.h"

enum { PAGE = 50, OVERHEAD_BYTES = 150 };

static void *
grown(void *rows, size_t *cap, size_t count, size_t bytes)
{
	if (count < *cap)
		return rows;
	*cap = *cap == 0 ? 16 : *cap * 2;
	if ((rows = realloc(rows, *cap * bytes)) == NULL)
		fatal("agenda: no memory");
	return rows;
}

void
agenda_free(struct agenda *agenda)
{
	free(agenda->move);
	*agenda = (struct agenda){ 0 };
}

long
agenda_append(struct agenda *agenda, const struct move *move)
{
	agenda->move = grown(agenda->move, &agenda->cap, agenda->count,
	    sizeof(*agenda->move));
	agenda->move[agenda->count] = *move;
	return (long)agenda->count++;
}

size_t
agenda_words(char words[MOVE_WORDS_BYTES], long number, const struct move *move)
{
	const int len = snprintf(words, MOVE_WORDS_BYTES, "move %ld:", number);

	content_text(words + len, move->text_bytes, move->seed);
	return (size_t)len + move->text_bytes;
}

long
agenda_find(const struct agenda *agenda, struct text words)
{
	char expected[MOVE_WORDS_BYTES], head[32] = "";
	long number;
	size_t len;

	memcpy(head, words.data != NULL ? words.data : "",
	    words.len < sizeof(head) - 1 ? words.len : sizeof(head) - 1);
	if (sscanf(head, "move %ld:", &number) != 1 || number < 0 ||
	    (size_t)number >= agenda->count)
		return MOVE_NONE;
	len = agenda_words(expected, number, &agenda->move[number]);
	return len == words.len && memcmp(expected, words.data, len) == 0
	    ? number
	    : MOVE_NONE;
}

/* --- reading ---------------------------------------------------------------- */

/* What the answers go into. */
struct reading {
	struct agenda_seen *seen;
	const struct agenda *agenda;
	bool cut;
};

static void
add_matter(struct reading *reading, const struct matter_seen *matter)
{
	struct agenda_seen *seen = reading->seen;

	seen->matter =
	    grown(seen->matter, &seen->cap, seen->count, sizeof(*seen->matter));
	seen->matter[seen->count++] = *matter;
}

static void
add_step(struct reading *reading, const struct step_seen *step)
{
	struct agenda_seen *seen = reading->seen;

	seen->step = grown(seen->step, &seen->steps_cap, seen->steps,
	    sizeof(*seen->step));
	seen->step[seen->steps++] = *step;
}

static bool
is_of_us(const char *ref)
{
	return strncmp(ref, "us/", 3) == 0;
}

static void
take_point(struct reading *reading, const struct reply *reply)
{
	const struct point_view *view = &reply->view.point;
	struct matter_seen matter = {
		.ours = is_of_us(view->ref),
		.cursor = reply->cursor,
		.move = agenda_find(reading->agenda, view->text),
		.delivered = view->delivered == DELIVERY_DONE,
		.standing = { (enum standing)view->ours,
		    (enum standing)view->theirs },
		.deadline_ms = { view->our_deadline_ms,
		    view->their_deadline_ms },
		.said = { agenda_find(reading->agenda, view->our_note),
		    agenda_find(reading->agenda, view->their_note) },
		.messages = view->messages,
	};

	memcpy(matter.id, view->id, sizeof(matter.id));
	memcpy(matter.ref, view->ref, sizeof(matter.ref));
	add_matter(reading, &matter);
}

static void
take_public(struct reading *reading, const struct reply *reply)
{
	const struct public_view *view = &reply->view.public;
	struct matter_seen matter = {
		.is_public = true,
		.ours = is_of_us(view->ref),
		.cursor = reply->cursor,
		.move = agenda_find(reading->agenda, view->text),
		.delivered = view->delivered == DELIVERY_DONE,
		.said = { agenda_find(reading->agenda, view->our_reading),
		    agenda_find(reading->agenda, view->their_reading) },
	};

	memcpy(matter.id, view->id, sizeof(matter.id));
	memcpy(matter.ref, view->ref, sizeof(matter.ref));
	memcpy(matter.point, view->point, sizeof(matter.point));
	add_matter(reading, &matter);
}

static void
take_standing(struct reading *reading, const struct reply *reply)
{
	const struct standing_view *view = &reply->view.standing;
	struct agenda_seen *seen = reading->seen;
	struct step_seen step = {
		.ours = view->ours,
		.move = agenda_find(reading->agenda, view->note),
		.standing = (enum standing)view->standing,
		.deadline_ms = view->deadline_ms,
	};

	/* The first one is the point. */
	if (reply->cursor == seen->matter[seen->at].cursor)
		step.move = seen->matter[seen->at].move;
	memcpy(step.about, seen->matter[seen->at].id, sizeof(step.about));
	add_step(reading, &step);
}

/* "us/12" at the one is "them/12" at the other. */
static void
take_message(struct reading *reading, const struct reply *reply)
{
	struct agenda_seen *seen = reading->seen;
	const char *ref = reply->view.point_message.ref;
	uint64_t serial = 0;

	(void)sscanf(strchr(ref, '/') != NULL ? strchr(ref, '/') : "",
	    "/%" SCNu64, &serial);
	seen->matter[seen->at].message_sum +=
	    is_of_us(ref) ? serial : serial << 32;
}

static void
on_row(void *ctx, const struct reply *reply)
{
	struct reading *reading = ctx;

	reading->seen->failed |= reply == NULL || reply->kind == REPLY_ERROR;
	reading->seen->ended = reply == NULL || !reply->more;
	if (reply == NULL)
		return;
	reading->cut = reply->kind == REPLY_DONE && reply->cut;
	if (reply->kind != REPLY_VIEW)
		return;
	if (reply->about == REQUEST_POINT_SHOW)
		take_point(reading, reply);
	else if (reply->about == REQUEST_PUBLIC_LIST)
		take_public(reading, reply);
	else if (reply->about == REQUEST_POINT_HISTORY)
		take_standing(reading, reply);
	else
		take_message(reading, reply);
}

/* Reading needs no time: all replies come at once. */
static void
read_page(struct reading *reading, struct post *post, struct request *request)
{
	reading->seen->ended = false;
	request->line = rite_peer_name(post->index);
	if (!post_ask(post, request, on_row, reading) || !reading->seen->ended)
		reading->seen->failed = true;
}

static void
read_matters(struct reading *reading, struct post *post, enum request_kind kind)
{
	struct agenda_seen *seen = reading->seen;
	struct request request = { .kind = kind, .page.limit = PAGE };

	do {
		read_page(reading, post, &request);
		if (seen->count > 0)
			request.page.after =
			    seen->matter[seen->count - 1].cursor;
	} while (reading->cut && !seen->failed);
}

static void
read_of_point(struct reading *reading, struct post *post,
    enum request_kind kind)
{
	struct matter_seen *matter = &reading->seen->matter[reading->seen->at];
	struct request request = { .kind = kind,
		.ref = { matter->ref, strlen(matter->ref) },
		.page.limit = UINT32_MAX };

	read_page(reading, post, &request);
}

void
agenda_read(struct agenda_seen *seen, const struct agenda *agenda,
    struct post *post)
{
	struct reading reading = { seen, agenda, false };

	*seen = (struct agenda_seen){ .failed = false };
	drive_look_on(post->drive, true);
	read_matters(&reading, post, REQUEST_POINT_LIST);
	read_matters(&reading, post, REQUEST_PUBLIC_LIST);
	for (seen->at = 0; seen->at < seen->count && !seen->failed;
	     seen->at++) {
		if (seen->matter[seen->at].is_public)
			continue;
		read_of_point(&reading, post, REQUEST_POINT_HISTORY);
		read_of_point(&reading, post, REQUEST_POINT_MESSAGES);
	}
	drive_look_on(post->drive, false);
}

void
agenda_seen_free(struct agenda_seen *seen)
{
	free(seen->matter);
	free(seen->step);
	*seen = (struct agenda_seen){ .failed = false };
}

/* --- comparing ---------------------------------------------------------------- */

static const struct matter_seen *
find_matter(const struct agenda_seen *seen, const uint8_t *id)
{
	for (size_t i = 0; i < seen->count; i++) {
		if (memcmp(seen->matter[i].id, id, RECORD_ID_BYTES) == 0)
			return &seen->matter[i];
	}
	return NULL;
}

/* Behind "us/" or "them/"; that of none is empty. */
static const char *
number_of(const char *ref)
{
	const char *slash = strchr(ref, '/');

	return slash != NULL ? slash + 1 : ref;
}

static bool
is_mirrored(const struct matter_seen *a, const struct matter_seen *b)
{
	const uint64_t low = UINT32_MAX;

	return a->is_public == b->is_public && a->ours != b->ours &&
	    a->move == b->move &&
	    strcmp(number_of(a->ref), number_of(b->ref)) == 0 &&
	    strcmp(number_of(a->point), number_of(b->point)) == 0 &&
	    (*a->point == '\0' || is_of_us(a->point) != is_of_us(b->point)) &&
	    a->standing[0] == b->standing[1] &&
	    a->standing[1] == b->standing[0] &&
	    a->deadline_ms[0] == b->deadline_ms[1] &&
	    a->deadline_ms[1] == b->deadline_ms[0] &&
	    a->said[0] == b->said[1] && a->said[1] == b->said[0] &&
	    a->messages == b->messages &&
	    (a->message_sum & low) == b->message_sum >> 32 &&
	    (b->message_sum & low) == a->message_sum >> 32;
}

/* The next step of one side, from *at on; NULL: no more. */
static const struct step_seen *
next_step(const struct agenda_seen *seen, bool ours, size_t *at)
{
	while (*at < seen->steps && seen->step[*at].ours != ours)
		++*at;
	return *at < seen->steps ? &seen->step[(*at)++] : NULL;
}

/* How many steps of one side on a point, and what they are, in their order. */
static uint64_t
sum_steps(const struct agenda_seen *seen, bool ours, const uint8_t *about)
{
	const struct step_seen *step;
	uint64_t sum = 1;
	size_t at = 0;

	while ((step = next_step(seen, ours, &at)) != NULL) {
		if (memcmp(step->about, about, RECORD_ID_BYTES) == 0)
			sum = (sum ^ (uint64_t)step->move ^
				  (uint64_t)step->standing << 32 ^
				  (uint64_t)step->deadline_ms) *
				0x9e3779b97f4a7c15 +
			    1;
	}
	return sum;
}

const char *
agenda_find_difference(struct agenda_seen *a, struct agenda_seen *b)
{
	if (a->failed || b->failed)
		return "points cannot be read";
	if (a->count != b->count || a->steps != b->steps)
		return "the posts show not as much of points";
	for (size_t i = 0; i < a->count; i++) {
		const struct matter_seen *mine = &a->matter[i];
		const struct matter_seen *theirs = find_matter(b, mine->id);

		if (theirs == NULL)
			return "a point is at one post only";
		if (!is_mirrored(mine, theirs))
			return "a point is not the same at both posts";
		if (sum_steps(a, true, mine->id) !=
			sum_steps(b, false, mine->id) ||
		    sum_steps(a, false, mine->id) !=
			sum_steps(b, true, mine->id))
			return "the history of a point is not the same at both "
			       "posts";
	}
	return NULL;
}

/* How often the post shows a move of its people, as it was done. */
static size_t
count_shown(const struct agenda_seen *seen, long number,
    const struct move *move)
{
	size_t count = 0;

	for (size_t i = 0; i < seen->count; i++) {
		const struct matter_seen *matter = &seen->matter[i];

		if (matter->is_public && matter->move == number)
			count +=
			    memcmp(matter->id, move->id, RECORD_ID_BYTES) == 0;
	}
	for (size_t i = 0; i < seen->steps; i++) {
		const struct step_seen *step = &seen->step[i];
		const uint8_t *about =
		    move->kind == RECORD_POINT ? move->id : move->about;

		if (step->ours && step->move == number)
			count += step->standing == move->standing &&
			    memcmp(step->about, about, RECORD_ID_BYTES) == 0;
	}
	return count;
}

/* The last reading of an entry by the post's people that may stand. */
static bool
is_good_reading(const struct agenda *agenda, unsigned post,
    const struct matter_seen *matter, bool forgetful)
{
	for (size_t i = agenda->count; i > 0; i--) {
		const struct move *move = &agenda->move[i - 1];

		if (move->kind != RECORD_READING || move->post != post ||
		    move->state == SAID_NEVER ||
		    memcmp(move->about, matter->id, RECORD_ID_BYTES) != 0)
			continue;
		if (matter->said[0] == (long)i - 1)
			return true;
		if (move->state == SAID_ACCEPTED && !forgetful)
			return false;
	}
	return matter->said[0] == MOVE_NONE;
}

static const char *
find_foreign(const struct agenda *agenda, unsigned post,
    const struct agenda_seen *seen)
{
	const struct step_seen *last = NULL;

	for (size_t i = 0; i < seen->steps; i++) {
		const struct step_seen *step = &seen->step[i];

		if (!step->ours)
			continue;
		if (step->move == MOVE_NONE ||
		    agenda->move[step->move].post != post)
			return "a post shows as its own where its people never "
			       "said they stand";
		/* The steps of a point stand together. */
		if (last != NULL && step->move <= last->move &&
		    memcmp(step->about, last->about, RECORD_ID_BYTES) == 0)
			return "a post shows what its people said in another "
			       "order";
		last = step;
	}
	return NULL;
}

const char *
agenda_find_forgery(const struct agenda *agenda, unsigned post,
    const struct agenda_seen *seen, bool forgetful)
{
	for (size_t i = 0; i < agenda->count; i++) {
		const struct move *move = &agenda->move[i];
		size_t count;

		if (move->post != post || move->kind == RECORD_READING)
			continue;
		count = count_shown(seen, (long)i, move);
		if (count > 1 || (move->state == SAID_NEVER && count > 0))
			return "what was done once, or not at all, is shown "
			       "more often";
		if (move->state == SAID_ACCEPTED && count == 0 && !forgetful)
			return "what a post accepted of points it does not "
			       "show";
	}
	for (size_t i = 0; i < seen->count; i++) {
		if (seen->matter[i].is_public &&
		    !is_good_reading(agenda, post, &seen->matter[i], forgetful))
			return "a post shows another reading as its own than "
			       "its people wrote";
	}
	return find_foreign(agenda, post, seen);
}

uint64_t
agenda_bytes_left(const struct agenda *agenda, const struct agenda_seen *seen,
    size_t *count)
{
	uint64_t bytes = 0;

	/* What of a point its peer holds is known of the point itself only. */
	for (size_t i = 0; i < seen->steps; i++) {
		const struct step_seen *step = &seen->step[i];

		if (!step->ours || step->move == MOVE_NONE)
			continue;
		bytes += OVERHEAD_BYTES + agenda->move[step->move].text_bytes;
		++*count;
	}
	for (size_t i = 0; i < seen->count; i++) {
		const struct matter_seen *matter = &seen->matter[i];

		if (!matter->is_public || !matter->ours || matter->delivered)
			continue;
		bytes += OVERHEAD_BYTES + MOVE_TEXT_BYTES_MAX;
		++*count;
	}
	return bytes;
}
