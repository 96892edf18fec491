/* Owns what is said of the watch between the rooms: who has it, what is handed over,
 * who is to be woken, and what waits. */
#ifndef PROC_SAY_WATCH_H
#define PROC_SAY_WATCH_H

#include <stddef.h>
#include <stdint.h>

#include "limits.h"
#include "proc/field.h"
#include "proc/text.h"

/* To take, to hand over, to leave. */
struct watch_ask {
	struct text to;	  /* hand-over: the title of who is next */
	struct text note; /* of a label's characters, and line breaks */
};

enum waiting_kind {
	WAITING_MESSAGE, /* theirs, of priority at least, not acknowledged */
	WAITING_DRAFT,	 /* to be released */
	WAITING_POINT,	 /* with a deadline that is near or has passed */
	WAITING_PACT,	 /* of theirs, to agree to or decline */
	WAITING_ALARM,	 /* that rings */
	WAITING_ROUND,	 /* of willingness, to answer */
	WAITING_WATCH,	 /* handed over, and not taken yet */
	WAITING_KIND_COUNT,
};

/* One thing that waits for a person. */
struct waiting_view {
	uint8_t kind; /* enum waiting_kind */
	struct text line;
	char ref[REQUEST_REF_BYTES];
	struct text who; /* must act, in words */
	int64_t since_ms;
	int64_t due_ms;
	struct text say;
};

/* Who has the watch now. */
struct watch_view {
	struct text who; /* absent: nobody */
	int64_t since_ms;
	struct text to; /* it was handed over to, and not taken yet */
	int64_t handed_ms;
	uint64_t waiting; /* things that wait, up to WAITING_MAX */
};

enum duty_what { DUTY_TAKEN, DUTY_HANDED_OVER, DUTY_LEFT, DUTY_WHAT_COUNT };

/* One entry of the watch log. */
struct duty_view {
	uint64_t n; /* counts from 1 */
	int64_t time_ms;
	uint8_t what; /* enum duty_what */
	struct text who;
	struct text other; /* taken: from whom; handed over: to whom */
	struct text note;
	uint64_t waiting; /* things that waited then, up to WAITING_MAX */
	size_t items;	  /* the first of them */
	struct waiting_view item[DUTY_ITEMS_MAX];
};

/* One place of the watch list. */
struct roster_place_view {
	struct text title;
	struct text hours; /* "22:00-06:00", UTC; absent: at all hours */
	int64_t from_ms;   /* absent: always */
	int64_t until_ms;
};

/* The whole list, in the order in which people are woken. */
struct roster_say {
	size_t places;
	struct roster_place_view place[ROSTER_MAX];
};

/* What the peer told of its own. */
struct roster_heard {
	int64_t time_ms;
	struct text text; /* absent: nothing */
};

extern const struct word_list waiting_words;
extern const struct word_list duty_words;
extern const struct layout say_watch_ask;
extern const struct layout say_watch_view;
extern const struct layout say_duty_view;
extern const struct layout say_waiting_view;
extern const struct layout say_roster;
extern const struct layout say_roster_heard;

#endif
