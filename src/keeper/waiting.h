/* Owns the list of what waits for a person here. */
#ifndef KEEPER_WAITING_H
#define KEEPER_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keeper/post.h"
#include "proc/say_watch.h"

/* One thing that waits.  Texts are lent. */
struct waiting_item {
	enum waiting_kind kind;
	const char *line; /* "": of the whole post */
	const char *ref;  /* by which a command names it; "": none */
	const char *who;  /* must act, in words: "a releaser", "the watch" */
	int64_t since_ms; /* by the wall clock */
	int64_t due_ms;	  /* 0: no deadline */
	const char *say;  /* one sentence */
};

/* Where items go: on_item is called for each, up to `most`. */
struct waiting_list {
	void (*on_item)(void *ctx, const struct waiting_item *item);
	void *ctx;
	size_t count;
	size_t most;
};

/* What an owner gives of an item; the sentence follows. */
struct waiting_about {
	enum waiting_kind kind;
	const struct post_line *line; /* NULL: of the whole post */
	const char *ref;	      /* NULL: none */
	const char *who;
	int64_t since_ms;
	int64_t due_ms;
};

/* Adds one thing; false: the list is full, and no more is to be added. */
bool waiting_add(struct waiting_list *list, const struct waiting_about *about,
    const char *format, ...) PRINTF_LIKE(3, 4);

/*
 * Fills the list: each owner's part by its own
 *	MUST_CHECK int NOUN_waiting(struct keeper *keeper,
 *	    struct waiting_list *list);
 * which adds what waits, oldest first, by an index of its own, until waiting_add
 * says false; OK or the store's error.  waiting.c has the table of owners.
 */
MUST_CHECK int waiting_collect(struct keeper *keeper,
    struct waiting_list *list);

/* How many things wait, up to WAITING_MAX. */
MUST_CHECK int waiting_count(struct keeper *keeper, size_t *count);

/* Answers REQUEST_WAITING. */
void waiting_on_request(struct keeper *keeper, const struct request *request);

#endif
