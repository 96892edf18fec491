/* Owns one HTTP request from its first line to the end of its answer. */
#ifndef DESK_EXCHANGE_H
#define DESK_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "desk/body.h"
#include "desk/route.h"
#include "proc/request.h"

struct desk;
struct json_t;

enum exchange_phase {
	EXCHANGE_TAKING,    /* its body arrives, or keeper takes it */
	EXCHANGE_ASKING,    /* keeper is asked */
	EXCHANGE_ANSWERED,  /* one whole answer stands ready */
	EXCHANGE_STREAMING, /* the answer comes in pieces */
	EXCHANGE_ENDED,	    /* as streaming, and nothing more comes */
	EXCHANGE_BROKEN,    /* as streaming, cut short: the reader must notice */
};

/* Bytes on their way from one hand to the other. */
struct exchange_bytes {
	uint8_t *data;
	size_t len;
	size_t taken; /* of len, from the front */
	size_t cap;
};

struct exchange {
	struct exchange *next; /* of the desk's */
	struct desk *desk;
	enum exchange_phase phase;
	struct route_match match;

	char *query; /* of the URI; NULL: none */
	struct exchange_bytes in;
	bool in_ended; /* the body is here as a whole */
	struct body body;
	struct request request; /* what the body says */

	uint32_t ask_id; /* of the request that keeper holds; 0: none */
	bool waits;	 /* to be asked again when keeper is back */
	uint64_t waits_until_ns;

	/* Where the route stands; each uses what it needs. */
	unsigned step;
	uint64_t upload; /* open at keeper; 0: none */
	uint64_t offset; /* of an attachment; of events, the last one seen */
	bool follow;
	uint32_t limit;
	uint32_t in_page;
	char since_ref[REQUEST_REF_BYTES];
	int64_t since_ms;
	struct reply sent; /* numbers only, no texts */
	struct json_t *partial; /* of an answer made from several replies */

	unsigned status;
	char *answer;	    /* the whole answer: JSON */
	size_t answer_len;
	const char *type;   /* of a stream */
	uint64_t total;	    /* bytes of the stream; UINT64_MAX: not known */
	struct exchange_bytes out;
	uint64_t beat_ns;   /* when a silent follower hears an empty line */

	/* Something changed; whoever carries the bytes sets it. */
	void (*wake)(struct exchange *exchange);
	void *carrier;
};

/* A new exchange, in the desk's list; NULL without memory. */
struct exchange *exchange_new(struct desk *desk);
/* Takes back from keeper what was begun there, and forgets. */
void exchange_free(struct exchange *exchange);

/* More of the body, up to *len bytes; what is left over is set in *len, and to
 * be offered again after the next wake. */
void exchange_on_body(struct exchange *exchange, const void *data, size_t *len);
/* The body is whole: answers or asks. */
void exchange_on_body_end(struct exchange *exchange);
/* The reader has taken all of a stream so far. */
void exchange_on_drained(struct exchange *exchange);

/* For routes. */

/* Hands request to keeper under a new id, or refuses the exchange. */
void exchange_ask(struct exchange *exchange, struct request *request);
/* Takes json; ends with this answer. */
void exchange_answer(struct exchange *exchange, unsigned status,
    struct json_t *json);
/* Ends with an error; breaks off a stream that has begun. */
void exchange_refuse(struct exchange *exchange, unsigned status,
    const char *word, const char *format, ...) PRINTF_LIKE(4, 5);
void exchange_refuse_err(struct exchange *exchange, int err, struct text say);
/* From here on the answer is a stream of that content type. */
void exchange_stream(struct exchange *exchange, const char *type,
    uint64_t total);
/* Appends bytes, or json (which it takes) and a line feed. */
void exchange_put(struct exchange *exchange, const void *data, size_t len);
void exchange_put_line(struct exchange *exchange, struct json_t *json);
void exchange_end(struct exchange *exchange);

#endif
