/* Owns what desk and keeper say to each other about points. */
#ifndef PROC_SAY_POINT_H
#define PROC_SAY_POINT_H

#include <stdbool.h>
#include <stdint.h>

#include "proc/field.h"

/* Whoever asks draws the id of the record: asked twice, it is done once.  All
 * zero: keeper draws one. */
struct point_raise {
	uint8_t id[FIELD_ID_BYTES];
	struct text title;
	struct text text;
	struct text language;
	int64_t deadline_ms; /* ours; 0: none */
};

struct point_stand {
	uint8_t id[FIELD_ID_BYTES];
	uint8_t standing;
	struct text note;
	struct text language;
	int64_t deadline_ms; /* 0: stays as it is */
	bool no_deadline;    /* has none from now on */
};

struct point_public {
	uint8_t id[FIELD_ID_BYTES];
	char point[REQUEST_REF_BYTES]; /* "": on none */
	int64_t said_ms;
	struct text speaker;
	struct text source;
	struct text text;
	struct text language;
};

struct point_reading {
	uint8_t id[FIELD_ID_BYTES];
	struct text text; /* empty: taken back */
	struct text language;
};

/* Which points are listed; all where nothing is set. */
struct point_filter {
	bool open; /* not closed by both sides */
	bool mine; /* raised by this side */
	bool due;  /* a deadline of this side is near, or has passed */
};

struct public_filter {
	char point[REQUEST_REF_BYTES]; /* "": whatever point */
};

/* Whether the peer's post holds a record of ours. */
enum point_delivery {
	DELIVERY_NOT,
	DELIVERY_DONE,
	DELIVERY_UNKNOWN, /* it was not heard since this post started */
	DELIVERY_COUNT,
};

struct point_view {
	char ref[REQUEST_REF_BYTES];
	uint8_t id[FIELD_ID_BYTES];
	struct text title;
	struct text text;
	struct text language;
	struct text author;
	int64_t raised_ms;
	bool emergency;
	uint8_t delivered; /* enum point_delivery */
	bool open;
	uint8_t ours; /* enum standing */
	int64_t our_ms;
	int64_t our_deadline_ms;
	struct text our_note;
	uint8_t theirs;
	int64_t their_ms;
	int64_t their_deadline_ms;
	struct text their_note;
	uint64_t messages; /* that belong to it */
	uint64_t publics;
};

/* One step of a point's history. */
struct standing_view {
	char point[REQUEST_REF_BYTES];
	bool ours;
	uint8_t standing;
	int64_t time_ms;
	int64_t deadline_ms;
	struct text note;
	struct text language;
	struct text author;
	bool emergency;
	uint8_t delivered;
};

struct public_view {
	char ref[REQUEST_REF_BYTES];
	uint8_t id[FIELD_ID_BYTES];
	char point[REQUEST_REF_BYTES];
	int64_t said_ms;
	struct text speaker;
	struct text source;
	struct text text;
	struct text language;
	struct text author;
	int64_t entered_ms;
	bool emergency;
	uint8_t delivered;
	struct text our_reading;
	int64_t our_reading_ms;
	struct text their_reading;
	int64_t their_reading_ms;
};

/* A message that belongs to a point. */
struct point_message_view {
	char ref[REQUEST_REF_BYTES];
};

extern const struct layout say_point_raise;
extern const struct layout say_point_stand;
extern const struct layout say_point_public;
extern const struct layout say_point_reading;
extern const struct layout say_point_filter;
extern const struct layout say_public_filter;
extern const struct layout say_point_view;
extern const struct layout say_standing_view;
extern const struct layout say_public_view;
extern const struct layout say_point_message_view;

#endif
