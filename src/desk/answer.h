/* Owns the JSON that the API answers with. */
#ifndef DESK_ANSWER_H
#define DESK_ANSWER_H

#include <stdint.h>

#include "proc/request.h"

struct json_t;

/*
 * Each makes a new object that the caller owns, with fields always in the same
 * order; NULL only without memory.  doc/api.yaml lists the fields.
 */
struct json_t *answer_error(const char *word, const char *say);
/* The post, with an empty list "lines". */
struct json_t *answer_post(const struct reply *reply, bool walled);
struct json_t *answer_line(const struct line_view *view);
struct json_t *answer_path(const struct path_view *view);
struct json_t *answer_terms(const struct terms_view *view);
struct json_t *answer_message(const char *line,
    const struct message_view *view);
/* One day of a line's history. */
struct json_t *answer_day(const struct day_view *view);
struct json_t *answer_event(const struct event_view *view);
/* arrives_ms UINT64_MAX: not known. */
struct json_t *answer_sent(const char *line, const struct reply *reply,
    uint64_t arrives_ms);
struct json_t *answer_ceremony(const char *line, const struct reply *reply);
struct json_t *answer_upload(const struct reply *reply);

/*
 * How long bytes take to reach the peer at a cadence, nothing lost and nothing
 * else to say; UINT64_MAX where the cadence is not known.
 */
uint64_t answer_arrives_ms(struct cadence cadence, uint64_t bytes);

/* The HTTP status of an ERR_*, and its word in answers. */
unsigned answer_status(int err);
const char *answer_word(int err);

#endif
