/* Owns one HTTP request from its first line to the end of its answer. */
#ifndef DESK_INQUIRY_H
#define DESK_INQUIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "desk/body.h"
#include "desk/route.h"
#include "proc/request.h"

struct desk;
struct json_t;

enum inquiry_phase {
	INQUIRY_TAKING,	   /* its body arrives, or keeper takes it */
	INQUIRY_ASKING,	   /* keeper is asked */
	INQUIRY_ANSWERED,  /* one whole answer stands ready */
	INQUIRY_STREAMING, /* the answer comes in pieces */
	INQUIRY_ENDED,	   /* as streaming, and nothing more comes */
	INQUIRY_BROKEN,	   /* as streaming, cut short: the reader must notice */
};

/* Bytes on their way from one hand to the other. */
struct inquiry_bytes {
	uint8_t *data;
	size_t len;
	size_t taken; /* of len, from the front */
	size_t cap;
};

struct inquiry {
	struct inquiry *next; /* of the desk's */
	struct desk *desk;
	enum inquiry_phase phase;
	struct route_match match;

	char *query; /* of the URI; NULL: none */
	struct inquiry_bytes in;
	bool in_ended; /* the body is here as a whole */
	struct body body;
	struct asker asker;
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
	struct json_t *partial; /* of an answer made from several replies */

	unsigned status;
	char *answer; /* the whole answer: JSON */
	size_t answer_len;
	const char *type; /* of a stream */
	uint64_t total;	  /* bytes of the stream; UINT64_MAX: not known */
	struct inquiry_bytes out;
	uint64_t beat_ns; /* when a silent follower hears an empty line */

	/* Something changed; whoever carries the bytes sets it. */
	void (*wake)(struct inquiry *inquiry);
	void *carrier;
};

/* A new inquiry, in the desk's list; NULL without memory. */
struct inquiry *inquiry_new(struct desk *desk);
/* Takes back from keeper what was begun there, and forgets. */
void inquiry_free(struct inquiry *inquiry);

/* More of the body, up to *len bytes; what is left over is set in *len, and to
 * be offered again after the next wake. */
void inquiry_on_body(struct inquiry *inquiry, const void *data, size_t *len);
/* The body is whole: answers or asks. */
void inquiry_on_body_end(struct inquiry *inquiry);
/* The reader has taken all of a stream so far. */
void inquiry_on_drained(struct inquiry *inquiry);

/* For routes. */

/* Hands request to keeper under a new id, or refuses the inquiry. */
void inquiry_ask(struct inquiry *inquiry, struct request *request);
/* Takes json; ends with this answer. */
void inquiry_answer(struct inquiry *inquiry, unsigned status,
    struct json_t *json);
/* Ends with an error; breaks off a stream that has begun. */
void inquiry_refuse(struct inquiry *inquiry, unsigned status, const char *word,
    const char *format, ...) PRINTF_LIKE(4, 5);
void inquiry_refuse_err(struct inquiry *inquiry, int err, struct text say);
/* From here on the answer is a stream of that content type. */
void inquiry_stream(struct inquiry *inquiry, const char *type, uint64_t total);
/* Appends bytes, or json (which it takes) and a line feed. */
void inquiry_put(struct inquiry *inquiry, const void *data, size_t len);
void inquiry_put_line(struct inquiry *inquiry, struct json_t *json);
void inquiry_end(struct inquiry *inquiry);

#endif
