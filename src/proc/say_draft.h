/* Owns what desk and keeper say to each other of drafts. */
#ifndef PROC_SAY_DRAFT_H
#define PROC_SAY_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limits.h"
#include "proc/field.h"
#include "proc/say_rule.h"
#include "proc/text.h"

enum draft_state {
	DRAFT_OPEN,
	DRAFT_WAITING, /* some have released it, not all that must */
	DRAFT_RELEASED,
	DRAFT_RECALLED,
	DRAFT_STATE_COUNT,
};

extern const struct word_list draft_states;

/* What people do with a draft; the store keeps the numbers. */
enum draft_act {
	ACT_WRITTEN, /* a version */
	ACT_COMMENTED,
	ACT_RELEASED,  /* one of those that must */
	ACT_EMERGENCY, /* released alone */
	ACT_RECALLED,
	DRAFT_ACT_COUNT,
};

extern const struct word_list draft_acts;

struct draft_ask {
	struct text line; /* list: of this line; absent: of all */
	bool all;	  /* list: those that are over too */
	uint64_t version; /* show: 0 is the last; release: must be the last */
	bool emergency;	  /* release */
	struct text text; /* comment */
};

/* One field of what is to be said, beside its text, as the API names it. */
struct draft_line {
	struct text name;
	struct text value;
};

struct draft_file {
	struct text name;
	struct text type;
	uint64_t bytes;
	struct text hash; /* BLAKE2b-256, hex */
};

/* Somebody who released the version. */
struct draft_release {
	struct text who;
	int64_t when_ms;
};

struct draft_view {
	uint64_t draft;
	struct text line;
	struct text kind; /* "message", "point", ... */
	uint8_t state;
	uint64_t version;  /* the one that is shown */
	uint64_t versions; /* the last one */
	struct text who;   /* wrote that version */
	int64_t written_ms;
	struct text title; /* how it begins; one line */
	uint8_t what;	   /* which rule of the line it is under */
	size_t needs;	   /* what that rule asks for; 0: no rule */
	struct rule_need need[RULE_NEEDS_MAX];
	bool emergency; /* one may release it alone */
	size_t releases;
	struct draft_release release[DRAFT_RELEASES_MAX];
	char ref[REQUEST_REF_BYTES]; /* released: what came of it */
	struct text say;	     /* where it stands, and who must act */
	/* Not in lists. */
	struct text text;
	size_t lines;
	struct draft_line content[DRAFT_LINES_MAX];
	size_t files;
	struct draft_file file[ATTACHMENTS_MAX];
};

/* One act of a draft's history. */
struct act_view {
	uint8_t act;
	uint64_t version;
	struct text who;
	int64_t when_ms;
	struct text text; /* of a comment */
};

extern const struct layout say_draft_list;
extern const struct layout say_draft_show;
extern const struct layout say_draft_comment;
extern const struct layout say_draft_release;
extern const struct layout say_draft_view;
extern const struct layout say_act_view;

#endif
