#include "keeper/roster.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

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
