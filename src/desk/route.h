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

/* How a route is answered of which tables say the rest. */
enum route_answers {
	ROUTE_ONE,  /* one view, one object; or what was done, in one */
	ROUTE_DONE, /* nothing but that it is done */
	ROUTE_LIST, /* views, a line each, by pages */
};

/*
 * One row of the API's only list.  A pattern's segments are literal or one of
 * {line}, {ref} (a reference: us/12, them/p7, which is two segments, or 16 hex
 * digits), {n} (from 1) and {name}.
 */
struct route {
	const char *method;
	const char *pattern;
	enum route_body body;
	/* Asking keeper twice does no more than asking once, so that a request
	 * outlasts a restart of keeper. */
	bool repeatable;
	/* Reads the query and the body; NULL: neither may be there. */
	int (*parse)(struct inquiry *inquiry);
	/* Asks keeper for what comes next. */
	void (*ask)(struct inquiry *inquiry);
	void (*on_reply)(struct inquiry *inquiry, const struct reply *reply);
	/* Of routes by tables (desk/say). */
	enum request_kind kind;
	enum route_answers answers;
	unsigned status; /* where it went well */
};

/* What the pattern's variables stand for. */
struct route_match {
	const struct route *route;
	char line[DESK_LINE_NAME_BYTES_MAX + 1];
	char ref[REQUEST_REF_BYTES];
	char name[REQUEST_NAME_BYTES_MAX + 1];
	uint64_t n;
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

/* "us/N", "them/N", and so with pN and eN (N from 1, no leading zero), or 16
 * lower-case hex digits. */
bool route_is_ref(const char *text);

#endif
