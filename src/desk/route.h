/* Owns finding which route a request means. */
#ifndef DESK_ROUTE_H
#define DESK_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "limits.h"
#include "proc/request.h"

struct inquiry;

enum route_body {
	ROUTE_NO_BODY, /* a body is refused */
	ROUTE_JSON,    /* one object, or nothing where all fields may miss */
	ROUTE_STREAM,  /* raw bytes of any number */
};

/* Who may use a route. */
enum route_who {
	ROUTE_FOR_OWNER, /* the user that runs the post, and root */
};

/*
 * One row of the API's only list.  A pattern's segments are literal or one of
 * {line}, {ref} (a reference: us/12, them/7, which is two segments, or 16 hex
 * digits) and {n} (from 1).
 */
struct route {
	const char *method;
	const char *pattern;
	enum route_who who;
	enum route_body body;
	/* Asking keeper twice does no more than asking once, so that a request
	 * outlasts a restart of keeper. */
	bool repeatable;
	/* Reads the query and the body; NULL: neither may be there. */
	int (*parse)(struct inquiry *inquiry);
	/* Asks keeper for what comes next. */
	void (*ask)(struct inquiry *inquiry);
	void (*on_reply)(struct inquiry *inquiry, const struct reply *reply);
};

/* What the pattern's variables stand for. */
struct route_match {
	const struct route *route;
	char line[DESK_LINE_NAME_BYTES_MAX + 1];
	char ref[REQUEST_REF_BYTES];
	uint32_t n;
};

/*
 * Finds the route of a path as it stands in the request line (still percent
 * encoded, without the query).  OK; ERR_NOT_FOUND: no such path; ERR_STATE:
 * the path is there, with other methods; ERR_FORMAT: a variable is malformed.
 */
MUST_CHECK int route_find(struct route_match *match, const struct route *routes,
    size_t count, const char *method, const char *path);

/*
 * Undoes percent encoding of len bytes into text, which holds cap bytes, NUL
 * included.  ERR_FORMAT for a broken escape, a NUL or bytes that are not UTF-8;
 * ERR_SIZE where it does not fit.
 */
MUST_CHECK int route_decode(char *text, size_t cap, const char *encoded,
    size_t len);

/* "us/N", "them/N" (N from 1, no leading zero) or 16 lower-case hex digits. */
bool route_is_ref(const char *text);

#endif
