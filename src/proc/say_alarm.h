/* Owns what is said of alarms: by desk, keeper and bell. */
#ifndef PROC_SAY_ALARM_H
#define PROC_SAY_ALARM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/word.h"
#include "limits.h"
#include "proc/field.h"
#include "proc/text.h"

/* What an alarm is about.  The first four are arrivals, by precedence. */
enum alarm_what {
	ALARM_ROUTINE,
	ALARM_PRIORITY,
	ALARM_IMMEDIATE,
	ALARM_FLASH,
	ALARM_DRILL,	/* a drill of ours was not answered in time */
	ALARM_FAULT,	/* of a line */
	ALARM_SILENT,	/* a line was silent for long, and nobody said why */
	ALARM_DEADLINE, /* of a point has passed */
	ALARM_TEST,
	ALARM_WHAT_COUNT,
};

enum alarm_rings {
	ALARM_RINGS_NOT,
	ALARM_RINGS_ONCE,
	ALARM_RINGS_UNTIL, /* a person acknowledges it */
	ALARM_RINGS_COUNT,
};

enum alarm_state {
	ALARM_LIVE, /* it rings, or has rung once, and nobody saw to it */
	ALARM_RANG, /* a test: once, as it should */
	ALARM_ACKNOWLEDGED, /* by a person */
	ALARM_OVER,	    /* what it was about has ended by itself */
	ALARM_STATE_COUNT,
};

/* By what a bell is heard: one bit each of a set. */
enum alarm_means {
	ALARM_MEANS_TERMINAL,
	ALARM_MEANS_SOUND,
	ALARM_MEANS_COMMAND,
	ALARM_MEANS_COUNT,
};

extern const struct word_list alarm_whats;
extern const struct word_list alarm_rings;
extern const struct word_list alarm_states;
extern const struct word_list alarm_means;

/* Keeper to bell: ring now. */
struct alarm_ring {
	uint64_t number; /* of the most urgent that rings */
	uint8_t what;	 /* of that one */
	uint64_t times;	 /* it has rung so often, with this one */
	uint64_t step;	 /* of escalation, from 0 */
	uint64_t count;	 /* of alarms that are live */
	/* Absent unless the bell asked for names. */
	struct text line;
	struct text title; /* who is to wake */
};

/* Bell to keeper, when it is there: how it could be heard. */
struct alarm_bell {
	uint32_t means;	 /* set of enum alarm_means */
	bool names;	 /* the command is to be told names */
	struct text say; /* why nobody would hear; absent: somebody would */
};

/* Bell to keeper: how a ring ended. */
struct alarm_rang {
	uint64_t number;
	uint32_t means;	 /* that worked */
	struct text say; /* what did not; absent: all did */
};

extern const struct layout say_alarm_ring;
extern const struct layout say_alarm_bell;
extern const struct layout say_alarm_rang;

/* What people ask and are shown. */

struct alarm_list_ask {
	bool all; /* those too that have ended */
};

/* What rings, and how; as it is, or as it is to be. */
struct alarm_rules {
	uint8_t rings[ALARM_WHAT_COUNT]; /* enum alarm_rings */
	uint64_t repeat_s;		 /* between two rings */
	uint64_t step_s;		 /* until the next one is woken */
	uint64_t silent_s; /* a line may be silent before it is an alarm */
	struct alarm_title {
		struct text title;
	} wake[ALARM_TITLES_MAX]; /* in this order, where no roster says */
	size_t wakes;
	int64_t silenced_until_ms; /* 0: not */
};

struct alarm_silence_ask {
	int64_t until_ms; /* 0: not any more */
};

struct alarm_view {
	uint64_t number;
	uint8_t what;
	uint8_t rings;
	uint8_t state;
	struct text line;
	char ref[REQUEST_REF_BYTES]; /* of the message; "": of none */
	struct text say;
	int64_t since_ms;
	int64_t rang_ms; /* last */
	uint64_t times;
	uint64_t step;
	struct text wakes; /* who is to wake; absent: whoever hears it */
	uint32_t heard;	   /* set of enum alarm_means, at the last ring */
	struct text trouble;
	int64_t ended_ms;
	struct text by; /* who acknowledged it */
};

extern const struct layout say_alarm_list;
/* Rules as they are, and as they are asked for: without the silence. */
extern const struct layout say_alarm_rules;
extern const struct layout say_alarm_set;
extern const struct layout say_alarm_silence;
extern const struct layout say_alarm_view;

#endif
