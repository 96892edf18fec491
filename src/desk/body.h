/* Owns reading the JSON body of a request. */
#ifndef DESK_BODY_H
#define DESK_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "proc/request.h"

enum { BODY_SAY_BYTES = 256 };

enum body_shape {
	BODY_NOTHING, /* no fields: "{}" or no body at all */
	BODY_OFFER,
	BODY_ACCEPT,
	BODY_FINISH,
	BODY_CONFIRM,
	BODY_SEND,
	BODY_PATH,
	BODY_ROAMING,
	BODY_CADENCE,
	BODY_WATCH,
	BODY_SHAPE_COUNT,
};

struct json_t;
struct layout;

/* What a parsed request lends its texts from. */
struct body {
	struct json_t *root;
	uint8_t *file;
	char say[BODY_SAY_BYTES]; /* why it was refused, one sentence */
};

/*
 * Reads len bytes into the fields of request that the shape names; the rest of
 * request stays.  Duplicate keys, unknown fields, fields of another type, out
 * of their limits or missing refuse the whole: ERR_FORMAT or ERR_SIZE, with the
 * reason in body->say.  The request borrows from the body; body_wipe either way.
 */
MUST_CHECK int body_parse(struct body *body, struct request *request,
    enum body_shape shape, const void *bytes, size_t len);

/* The same into a struct by its table; NULL: no fields.  On failure `into` may be
 * filled in part. */
MUST_CHECK int body_parse_layout(struct body *body, const struct layout *layout,
    void *into, const void *bytes, size_t len);
/* The same from what take_query gave. */
MUST_CHECK int body_parse_query(struct body *body, const struct layout *layout,
    void *into, struct json_t *query);

/* Keeps why a body is refused; gives back err. */
int body_refuse(struct body *body, int err, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Forgets and frees what the body holds; a zeroed one is fine. */
void body_wipe(struct body *body);

#endif
