#include "keeper/wake.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/record.h"
#include "keeper/delegate.h"
#include "keeper/diary.h"
#include "keeper/ringing.h"
#include "keeper/roster.h"

/* Titles have no line breaks: one a line. */
enum { TITLES_BYTES = ALARM_TITLES_MAX * (ALARM_TITLE_BYTES_MAX + 1) };

_Static_assert((int)ALARM_TITLE_BYTES_MAX < (int)POST_NAME_BYTES,
    "a title is a name");
_Static_assert((int)ALARM_FLASH == (int)PRECEDENCE_FLASH &&
	(int)ALARM_ROUTINE == (int)PRECEDENCE_ROUTINE,
    "what arrives rings by its precedence");

static const struct wake defaults = {
	.rings = {
	    [ALARM_ROUTINE] = ALARM_RINGS_NOT,
	    [ALARM_PRIORITY] = ALARM_RINGS_ONCE,
	    [ALARM_IMMEDIATE] = ALARM_RINGS_UNTIL,
	    [ALARM_FLASH] = ALARM_RINGS_UNTIL,
	    [ALARM_DRILL] = ALARM_RINGS_ONCE,
	    [ALARM_FAULT] = ALARM_RINGS_ONCE,
	    [ALARM_SILENT] = ALARM_RINGS_UNTIL,
	    [ALARM_DEADLINE] = ALARM_RINGS_ONCE,
	    [ALARM_TEST] = ALARM_RINGS_ONCE,
	},
	.repeat_s = ALARM_REPEAT_S,
	.step_s = ALARM_STEP_S,
	.silent_s = ALARM_SILENT_S,
};

static void
take_titles(struct wake *wake, const char *text, size_t len)
{
	const char *end;
	size_t bytes;

	while (len > 0 && wake->titles < ALARM_TITLES_MAX) {
		end = memchr(text, '\n', len);
		bytes = end == NULL ? len : (size_t)(end - text);
		if (bytes > ALARM_TITLE_BYTES_MAX)
			return;
		memcpy(wake->title[wake->titles], text, bytes);
		wake->title[wake->titles++][bytes] = '\0';
		bytes += end != NULL;
		text += bytes;
		len -= bytes;
	}
}

int
wake_load(struct keeper *keeper)
{
	struct query q = store_query(&keeper->store, STMT_WAKE_GET);
	struct wake *wake = &keeper->alarms.wake;
	const char *titles;
	size_t len;

	*wake = defaults;
	if (query_next(&q)) {
		query_bytes(&q, wake->rings, sizeof(wake->rings));
		wake->repeat_s = (uint32_t)query_int(&q);
		wake->step_s = (uint32_t)query_int(&q);
		wake->silent_s = (uint32_t)query_int(&q);
		wake->silenced_until_ms = query_int(&q);
		titles = query_text(&q, &len);
		take_titles(wake, titles, len);
	}
	ringing_renew(keeper);
	return query_end(&q);
}

bool
wake_is_silenced(const struct keeper *keeper, enum alarm_what what)
{
	return what != ALARM_FLASH && what != ALARM_TEST &&
	    keeper->alarms.wake.silenced_until_ms > keeper->now.wall_ms;
}

uint64_t
wake_silence_ends_ns(const struct keeper *keeper)
{
	const int64_t left_ms =
	    keeper->alarms.wake.silenced_until_ms - keeper->now.wall_ms;

	return left_ms <= 0
	    ? 0
	    : keeper->now.now_ns + (uint64_t)left_ms * CLOCK_NS_PER_MS;
}

bool
wake_title(struct keeper *keeper, uint64_t step, char title[POST_NAME_BYTES])
{
	const struct wake *wake = &keeper->alarms.wake;
	char first[POST_NAME_BYTES];

	if (roster_next(keeper, keeper->now.wall_ms, 0, first))
		return roster_next(keeper, keeper->now.wall_ms, (size_t)step,
		    title);
	if (step >= wake->titles)
		return false;
	snprintf(title, POST_NAME_BYTES, "%s", wake->title[step]);
	return true;
}

/* -- setting ---------------------------------------------------------------- */

struct change {
	struct keeper *keeper;
	const struct wake *wake;
	const char *what;
	const char *say;
};

static int
put(void *ctx)
{
	const struct change *change = ctx;
	const struct wake *wake = change->wake;
	struct query q = store_query(&change->keeper->store, STMT_WAKE_PUT);
	char titles[TITLES_BYTES];
	size_t len = 0;
	int rc;

	for (size_t i = 0; i < wake->titles; i++)
		len += (size_t)snprintf(titles + len, sizeof(titles) - len,
		    i == 0 ? "%s" : "\n%s", wake->title[i]);
	query_bind_blob(&q, wake->rings, sizeof(wake->rings));
	query_bind_int(&q, wake->repeat_s);
	query_bind_int(&q, wake->step_s);
	query_bind_int(&q, wake->silent_s);
	query_bind_int(&q, wake->silenced_until_ms);
	query_bind_text(&q, titles, len);
	if ((rc = query_run(&q)) != OK)
		return rc;
	return diary_add(change->keeper,
	    (struct diary_entry){ NULL, "alarm", NULL, change->what }, "%s",
	    change->say);
}

static int
change(struct keeper *keeper, const struct wake *wake, const char *what,
    const char *say)
{
	struct change change = { keeper, wake, what, say };
	int rc;

	rc = store_transact(&keeper->store, STORE_RECORD, put, &change);
	if (rc == OK) {
		keeper->alarms.wake = *wake;
		diary_tell(keeper);
	}
	return rc;
}

static void
reply_rules(struct keeper *keeper, const struct request *request)
{
	const struct wake *wake = &keeper->alarms.wake;
	struct reply reply = { .kind = REPLY_VIEW,
		.about = request->kind,
		.id = request->id };
	struct alarm_rules *rules = &reply.view.alarm_rules;

	memcpy(rules->rings, wake->rings, sizeof(rules->rings));
	rules->repeat_s = wake->repeat_s;
	rules->step_s = wake->step_s;
	rules->silent_s = wake->silent_s;
	rules->silenced_until_ms = wake->silenced_until_ms;
	rules->wakes = wake->titles;
	for (size_t i = 0; i < wake->titles; i++)
		rules->wake[i].title = text_of(wake->title[i]);
	post_reply(keeper, &reply);
}

void
wake_on_rules(struct keeper *keeper, const struct request *request)
{
	reply_rules(keeper, request);
}

/* NULL, or what does not fit. */
static const char *
take_rules(struct wake *wake, const struct alarm_rules *rules)
{
	memcpy(wake->rings, rules->rings, sizeof(wake->rings));
	if (wake->rings[ALARM_FLASH] != ALARM_RINGS_UNTIL)
		return "A flash message always rings until a person "
		       "acknowledges it.";
	if (rules->repeat_s < ALARM_REPEAT_S_MIN ||
	    rules->repeat_s > ALARM_SPAN_S_MAX)
		return "An alarm repeats every 5 s to 24 h.";
	if (rules->step_s < ALARM_REPEAT_S_MIN ||
	    rules->step_s > ALARM_SPAN_S_MAX)
		return "The next one is woken after 5 s to 24 h.";
	if (rules->silent_s < ALARM_REPEAT_S_MIN ||
	    rules->silent_s > ALARM_SPAN_S_MAX)
		return "A line is silent for too long after 5 s to 24 h.";
	wake->repeat_s = (uint32_t)rules->repeat_s;
	wake->step_s = (uint32_t)rules->step_s;
	wake->silent_s = (uint32_t)rules->silent_s;
	wake->titles = 0;
	for (size_t i = 0; i < rules->wakes; i++) {
		const struct text title = rules->wake[i].title;

		if (title.len == 0 || title.len > ALARM_TITLE_BYTES_MAX ||
		    !record_is_label(title.data, title.len))
			return "A title is 1 to 255 bytes of plain text.";
		memcpy(wake->title[i], title.data, title.len);
		wake->title[i][title.len] = '\0';
		wake->titles++;
	}
	return NULL;
}

/* Whoever stands there already may have been revoked since: `alarm rules` shows
 * them, and another rule can be set all the same. */
static bool
judge_titles(struct keeper *keeper, const struct request *request,
    const struct wake *wake)
{
	const struct wake *before = &keeper->alarms.wake;

	for (size_t i = 0; i < wake->titles; i++) {
		bool is_there = false;

		for (size_t j = 0; j < before->titles; j++)
			is_there = is_there ||
			    strcmp(wake->title[i], before->title[j]) == 0;
		if (!is_there &&
		    !delegate_judge_title(keeper, request,
			text_of(wake->title[i])))
			return false;
	}
	return true;
}

void
wake_on_set(struct keeper *keeper, const struct request *request)
{
	struct wake wake = keeper->alarms.wake;
	const char *why = take_rules(&wake, &request->ask.alarm_rules);
	int rc;

	if (why != NULL) {
		post_reply_error(keeper, request->id, ERR_FORMAT, "%s", why);
		return;
	}
	if (!judge_titles(keeper, request, &wake))
		return;
	/* A test always rings, whatever was asked for. */
	wake.rings[ALARM_TEST] = ALARM_RINGS_ONCE;
	rc = change(keeper, &wake, "set", "What wakes people was changed.");
	if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	else
		reply_rules(keeper, request);
}

void
wake_on_silence(struct keeper *keeper, const struct request *request)
{
	struct wake wake = keeper->alarms.wake;
	const int64_t until_ms = request->ask.alarm_silence.until_ms;
	const int64_t now_ms = keeper->now.wall_ms;
	int rc;

	if (until_ms != 0 && until_ms <= now_ms) {
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "The time until which to be silent has passed already, by "
		    "this machine's clock.");
		return;
	}
	if (until_ms != 0 && until_ms - now_ms > ALARM_SILENCE_S_MAX * 1000LL) {
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "Alarms are silenced for 24 hours at most: who silences "
		    "for longer forgets it.");
		return;
	}
	wake.silenced_until_ms = until_ms;
	rc = change(keeper, &wake, until_ms != 0 ? "silenced" : "unsilenced",
	    until_ms != 0 ? "Alarms are silenced for a time; a flash message "
			    "rings all the same."
			  : "Alarms are not silenced any more.");
	if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	else
		reply_rules(keeper, request);
}
