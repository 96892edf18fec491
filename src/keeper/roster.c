#include "keeper/roster.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "keeper/delegate.h"
#include "keeper/diary.h"
#include "keeper/disclosure.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"

#define DAY_MS ((int64_t)DAY_SECONDS * 1000)

enum { MINUTE_MS = 60 * 1000, DAY_MINUTES = 24 * 60 };

/* -- the list ---------------------------------------------------------------- */

/* Copies a text that is known to fit, of a column or a field. */
static int
take_title(char title[POST_NAME_BYTES], const char *data, size_t len)
{
	if (len == 0 || len >= POST_NAME_BYTES)
		return ERR_FORMAT;
	memset(title, 0, POST_NAME_BYTES);
	memcpy(title, data, len);
	return OK;
}

int
roster_load(struct keeper *keeper)
{
	struct roster *roster = &keeper->roster;
	struct query q = store_query(&keeper->store, STMT_ROSTER_LIST);
	struct roster_place *place;
	const char *title;
	size_t len;

	roster->places = 0;
	roster->version++;
	while (roster->places < ROSTER_MAX && query_next(&q)) {
		place = &roster->place[roster->places++];
		title = query_text(&q, &len);
		q.rc = take_title(place->title, title, len);
		place->from_min = (unsigned)query_int(&q) % DAY_MINUTES;
		place->to_min = (unsigned)query_int(&q) % DAY_MINUTES;
		place->from_ms = query_int(&q);
		place->until_ms = query_int(&q);
	}
	return query_end(&q);
}

/* -- whose hours these are --------------------------------------------------- */

static bool
is_on(const struct roster_place *place, int64_t wall_ms)
{
	const unsigned now = (unsigned)(wall_ms % DAY_MS / MINUTE_MS);

	if ((place->from_ms != 0 && wall_ms < place->from_ms) ||
	    (place->until_ms != 0 && wall_ms >= place->until_ms))
		return false;
	if (place->from_min == place->to_min)
		return true;
	if (place->from_min < place->to_min)
		return now >= place->from_min && now < place->to_min;
	return now >= place->from_min || now < place->to_min;
}

/* The same person may have several places: the first of a kind counts. */
static bool
is_earlier(const struct roster *roster, size_t at, int64_t wall_ms, bool on)
{
	for (size_t i = 0; i < roster->places; i++) {
		const struct roster_place *place = &roster->place[i];

		if (strcmp(place->title, roster->place[at].title) != 0)
			continue;
		/* Those on come before those off. */
		if (is_on(place, wall_ms) ? (!on || i < at) : (!on && i < at))
			return true;
	}
	return false;
}

bool
roster_next(struct keeper *keeper, int64_t wall_ms, size_t step,
    char title[POST_NAME_BYTES])
{
	const struct roster *roster = &keeper->roster;
	const char *on_watch = keeper->duty.who;
	size_t left = step;

	if (wall_ms < 0)
		wall_ms = 0;
	if (on_watch[0] != '\0' && left-- == 0) {
		memcpy(title, on_watch, POST_NAME_BYTES);
		return true;
	}
	for (int round = 0; round < 2; round++) {
		const bool on = round == 0;

		for (size_t i = 0; i < roster->places; i++) {
			const struct roster_place *place = &roster->place[i];

			if (is_on(place, wall_ms) != on ||
			    strcmp(place->title, on_watch) == 0 ||
			    is_earlier(roster, i, wall_ms, on))
				continue;
			if (left-- > 0)
				continue;
			memcpy(title, place->title, POST_NAME_BYTES);
			return true;
		}
	}
	title[0] = '\0';
	return false;
}

/* -- in words ---------------------------------------------------------------- */

enum { HOURS_BYTES = ROSTER_HOURS_BYTES + 1 };

/* "22:00-06:00", or "" for the whole day. */
static void
format_hours(char text[HOURS_BYTES], const struct roster_place *place)
{
	text[0] = '\0';
	if (place->from_min != place->to_min)
		snprintf(text, HOURS_BYTES, "%02u:%02u-%02u:%02u",
		    place->from_min / 60 % 24, place->from_min % 60,
		    place->to_min / 60 % 24, place->to_min % 60);
}

/* " from 2026-11-22 18:00 UTC", or nothing. */
static size_t
format_bound(char *text, size_t cap, const char *word, int64_t wall_ms)
{
	char time[CLOCK_TEXT_BYTES];
	int len;

	if (wall_ms == 0)
		return 0;
	clock_format(time, wall_ms);
	len = snprintf(text, cap, " %s %.10s %.5s UTC", word, time, time + 11);
	return len > 0 ? (size_t)len : 0;
}

enum { PLACE_BYTES = POST_NAME_BYTES + 96 };

static size_t
format_place(char text[PLACE_BYTES], const struct roster_place *place)
{
	char hours[HOURS_BYTES];
	size_t len;

	format_hours(hours, place);
	len = (size_t)snprintf(text, PLACE_BYTES, "%s%s%s%s", place->title,
	    hours[0] != '\0' ? ", " : "", hours,
	    hours[0] != '\0' ? " UTC" : "");
	len +=
	    format_bound(text + len, PLACE_BYTES - len, "from", place->from_ms);
	len += format_bound(text + len, PLACE_BYTES - len, "until",
	    place->until_ms);
	text[len++] = '\n';
	return len;
}

/* As the peer is told of it, a line a place; what does not fit is left out. */
static size_t
format_roster(char text[ROSTER_TEXT_BYTES_MAX], const struct roster *roster)
{
	char place[PLACE_BYTES];
	size_t len = 0, step;

	for (size_t i = 0; i < roster->places; i++) {
		step = format_place(place, &roster->place[i]);
		if (len + step > ROSTER_TEXT_BYTES_MAX)
			break;
		memcpy(text + len, place, step);
		len += step;
	}
	return len;
}

/* -- what the peer is told --------------------------------------------------- */

struct telling {
	struct keeper *keeper;
	struct post_line *line;
	char text[ROSTER_TEXT_BYTES_MAX];
	size_t len;
};

/* The peer knows just this. */
static int
is_told(struct telling *telling, bool *told)
{
	struct query q = store_query(&telling->keeper->store, STMT_ROSTER_TOLD);
	const char *text = NULL;
	size_t len = 0;

	query_bind_int(&q, telling->line->id);
	if (query_next(&q))
		text = query_text(&q, &len);
	*told = len == telling->len &&
	    (len == 0 || memcmp(text, telling->text, len) == 0);
	return query_end(&q);
}

static int
tell(void *ctx)
{
	struct telling *telling = ctx;
	const struct post_line *line = telling->line;
	struct record record = { .kind = RECORD_ROSTER };
	struct journal_place place;
	struct query q;
	bool told;
	int rc;

	if ((rc = is_told(telling, &told)) != OK || told)
		return rc;
	rc = journal_append_said(telling->keeper, telling->line, &record,
	    (struct record_text){ telling->text, telling->len }, &place);
	if (rc != OK)
		return rc;
	q = store_query(&telling->keeper->store, STMT_ROSTER_TELL);
	query_bind_int(&q, line->id);
	query_bind_text(&q, telling->text, telling->len);
	if ((rc = query_run(&q)) != OK)
		return rc;
	return diary_add(telling->keeper,
	    (struct diary_entry){ line, "watch", NULL, "ours-roster" },
	    telling->len > 0 ? "%s is told our watch list, as the line says."
			     : "%s is told that our watch list stands no more.",
	    line->name);
}

void
roster_look(struct keeper *keeper, struct post_line *line)
{
	const bool tells = (disclosure_of(line) & DISCLOSE_ROSTER) != 0;
	struct telling telling = { .keeper = keeper, .line = line };

	if (line->report.state != LINE_UP ||
	    disk_state(&keeper->disk) == STORE_FULL ||
	    (line->roster_version == keeper->roster.version &&
		line->roster_told == tells))
		return;
	if (tells)
		telling.len = format_roster(telling.text, &keeper->roster);
	if (post_commit(keeper, line, tell, &telling) != OK) {
		log_warnx("line %u: our watch list was not told", line->id);
		return;
	}
	line->roster_version = keeper->roster.version;
	line->roster_told = tells;
	post_tell_status(keeper, line);
	outbox_push(keeper, line);
}

int
roster_take(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	struct query q = store_query(&keeper->store, STMT_ROSTER_HEAR);
	int rc;

	query_bind_int(&q, line->id);
	query_bind_text(&q, arrival->text.data, arrival->text.len);
	query_bind_int(&q, keeper->now.wall_ms);
	if ((rc = query_run(&q)) != OK)
		return rc;
	return diary_add(keeper,
	    (struct diary_entry){ line, "watch", NULL, "roster" },
	    arrival->text.len > 0 ? "%s tells us their watch list."
				  : "%s has taken their watch list back.",
	    line->name);
}

/* -- what people ask --------------------------------------------------------- */

void
roster_on_show(struct keeper *keeper, const struct request *request)
{
	const struct roster *roster = &keeper->roster;
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = request->kind };
	struct roster_say *say = &reply.view.roster;
	char hours[ROSTER_MAX][HOURS_BYTES];

	say->places = roster->places;
	for (size_t i = 0; i < roster->places; i++) {
		format_hours(hours[i], &roster->place[i]);
		say->place[i] = (struct roster_place_view){
			.title = text_of(roster->place[i].title),
			.hours = text_of(hours[i]),
			.from_ms = roster->place[i].from_ms,
			.until_ms = roster->place[i].until_ms,
		};
	}
	post_reply(keeper, &reply);
}

/* Two digits and a colon, two digits: minutes of a day, or -1. */
static int
read_time(const char *text)
{
	int hour, minute;

	for (size_t i = 0; i < 5; i++) {
		if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
			return -1;
	}
	hour = (text[0] - '0') * 10 + text[1] - '0';
	minute = (text[3] - '0') * 10 + text[4] - '0';
	return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

static int
read_hours(struct roster_place *place, struct text hours)
{
	int from, to;

	place->from_min = place->to_min = 0;
	if (hours.len == 0)
		return OK;
	if (hours.len != ROSTER_HOURS_BYTES || hours.data[5] != '-')
		return ERR_FORMAT;
	from = read_time(hours.data);
	to = read_time(hours.data + 6);
	if (from < 0 || to < 0 || from == to)
		return ERR_FORMAT;
	place->from_min = (unsigned)from;
	place->to_min = (unsigned)to;
	return OK;
}

static int
read_place(struct roster_place *place, const struct roster_place_view *view)
{
	if (!record_is_label(view->title.data, view->title.len) ||
	    take_title(place->title, view->title.data, view->title.len) != OK ||
	    view->from_ms < 0 || view->until_ms < 0 ||
	    (view->until_ms != 0 && view->until_ms <= view->from_ms))
		return ERR_FORMAT;
	place->from_ms = view->from_ms;
	place->until_ms = view->until_ms;
	return read_hours(place, view->hours);
}

struct setting {
	struct keeper *keeper;
	struct roster roster;
};

static int
put_place(struct keeper *keeper, size_t i, const struct roster_place *place)
{
	struct query q = store_query(&keeper->store, STMT_ROSTER_PUT);

	query_bind_int(&q, (int64_t)i);
	query_bind_text(&q, place->title, strlen(place->title));
	query_bind_int(&q, place->from_min);
	query_bind_int(&q, place->to_min);
	query_bind_int(&q, place->from_ms);
	query_bind_int(&q, place->until_ms);
	return query_run(&q);
}

static int
put_roster(void *ctx)
{
	struct setting *setting = ctx;
	struct keeper *keeper = setting->keeper;
	struct query q = store_query(&keeper->store, STMT_ROSTER_DROP);
	int rc = query_run(&q);

	for (size_t i = 0; rc == OK && i < setting->roster.places; i++)
		rc = put_place(keeper, i, &setting->roster.place[i]);
	if (rc != OK)
		return rc;
	return diary_add(keeper,
	    (struct diary_entry){ NULL, "watch", NULL, "list" },
	    "The watch list here has %zu place%s now.", setting->roster.places,
	    setting->roster.places == 1 ? "" : "s");
}

void
roster_on_set(struct keeper *keeper, const struct request *request)
{
	const struct roster_say *say = &request->ask.roster;
	struct setting setting = { .keeper = keeper };
	int rc;

	for (; setting.roster.places < say->places; setting.roster.places++) {
		if (read_place(&setting.roster.place[setting.roster.places],
			&say->place[setting.roster.places]) == OK)
			continue;
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "Place %zu of the list is none: a place has a title, and may "
		    "have hours such as 22:00-06:00 (UTC), and times from and "
		    "until which it stands.",
		    setting.roster.places + 1);
		return;
	}
	for (size_t i = 0; i < say->places; i++) {
		if (!delegate_judge_title(keeper, request, say->place[i].title))
			return;
	}
	rc = store_transact(&keeper->store, STORE_RECORD, put_roster, &setting);
	if (rc == OK)
		rc = roster_load(keeper);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	diary_tell(keeper);
	for (size_t i = 0; i < LINES_MAX; i++) {
		if (post_line_is_active(&keeper->lines[i]) &&
		    keeper->lines[i].has_report)
			roster_look(keeper, &keeper->lines[i]);
	}
	roster_on_show(keeper, request);
}

void
roster_on_heard(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = request->kind };
	struct query q;

	if (line == NULL)
		return;
	q = store_query(&keeper->store, STMT_ROSTER_HEARD);
	query_bind_int(&q, line->id);
	if (query_next(&q)) {
		reply.view.heard.text.data =
		    query_text(&q, &reply.view.heard.text.len);
		reply.view.heard.time_ms = query_int(&q);
	}
	if (q.rc == OK)
		post_reply(keeper, &reply);
	if (query_end(&q) != OK)
		post_reply_store(keeper, request->id, ERR_IO);
}
