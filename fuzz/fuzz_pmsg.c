/* Bodies of messages between rooms: the first byte names the decoder.  What one
 * takes must encode to the same bytes again. */
#include "proc/pmsg.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "proc/say_alarm.h"
#include "proc/say_bell.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum decoder {
	DECODE_EVENT,
	DECODE_ORDER,
	DECODE_LINE,
	DECODE_WAY,
	DECODE_BOUND,
	DECODE_END,
	DECODE_ORIGINS,
	DECODE_PATH,
	DECODE_PEER,
	DECODE_RAN,
	DECODE_RING,
	DECODE_BELL,
	DECODE_RANG,
	DECODE_BELL_CONFIG,
	DECODE_COMMAND,
	DECODER_COUNT,
};

static void
encode_origins(struct writer *w, const struct origin *origins, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		pmsg_encode_origin(w, &origins[i]);
}

/* What is written and read by a table of fields. */
static int
turn_fields(const struct layout *layout, struct writer *w, const uint8_t *body,
    size_t len)
{
	union {
		struct alarm_ring ring;
		struct alarm_bell bell;
		struct alarm_rang rang;
		struct bell_config config;
	} fields = { .config = { .words = 0 } };
	struct reader r;
	int rc;

	buf_read(&r, body, len);
	if ((rc = field_decode(&r, layout, &fields)) != OK ||
	    (rc = buf_is_spent(&r)) != OK)
		return rc;
	field_encode(w, layout, &fields);
	return OK;
}

/* Decodes, and encodes again: the decoder's result. */
static int
turn(enum decoder decoder, struct writer *w, const uint8_t *body, size_t len)
{
	struct origin origins[PMSG_RESOLVED_MAX];
	struct line_event event;
	struct line_order order;
	struct line_config line;
	struct pmsg_way way;
	struct pmsg_path path;
	struct pmsg_peer peer;
	struct pmsg_bound bound;
	struct pmsg_end end;
	enum pmsg_ran how;
	unsigned code;
	size_t count;
	int rc = ERR_FORMAT;

	switch (decoder) {
	case DECODE_EVENT:
		if ((rc = pmsg_decode_event(&event, body, len)) == OK)
			pmsg_encode_event(w, &event);
		break;
	case DECODE_ORDER:
		if ((rc = pmsg_decode_order(&order, body, len)) == OK)
			pmsg_encode_order(w, &order);
		break;
	case DECODE_LINE:
		if ((rc = pmsg_decode_line(&line, body, len)) == OK)
			pmsg_encode_line(w, &line);
		break;
	case DECODE_WAY:
		if ((rc = pmsg_decode_way(&way, body, len)) == OK)
			pmsg_encode_way(w, &way);
		break;
	case DECODE_BOUND:
		if ((rc = pmsg_decode_bound(&bound, body, len)) == OK)
			pmsg_encode_bound(w, &bound);
		break;
	case DECODE_END:
		if ((rc = pmsg_decode_end(&end, body, len)) == OK)
			pmsg_encode_end(w, &end);
		break;
	case DECODE_ORIGINS:
		rc = pmsg_decode_origins(origins, &count, body, len);
		if (rc == OK)
			encode_origins(w, origins, count);
		break;
	case DECODE_PATH:
		if ((rc = pmsg_decode_path(&path, body, len)) == OK)
			pmsg_encode_path(w, &path);
		break;
	case DECODE_PEER:
		if ((rc = pmsg_decode_peer(&peer, body, len)) == OK)
			pmsg_encode_peer(w, &peer);
		break;
	case DECODE_RAN:
		if ((rc = pmsg_decode_ran(&how, &code, body, len)) == OK)
			pmsg_encode_ran(w, how, code);
		break;
	case DECODE_RING:
		return turn_fields(&say_alarm_ring, w, body, len);
	case DECODE_BELL:
		return turn_fields(&say_alarm_bell, w, body, len);
	case DECODE_RANG:
		return turn_fields(&say_alarm_rang, w, body, len);
	case DECODE_BELL_CONFIG:
		return turn_fields(&say_bell_config, w, body, len);
	case DECODE_COMMAND:
		return turn_fields(&say_bell_command, w, body, len);
	case DECODER_COUNT:
		break;
	}
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[PMSG_LINE_BYTES_MAX];
	struct writer w;

	if (size == 0)
		return 0;
	buf_write(&w, again, sizeof(again));
	if (turn((enum decoder)(data[0] % DECODER_COUNT), &w, data + 1,
		size - 1) != OK)
		return 0;
	if (!buf_is_sound(&w) || w.len != size - 1 ||
	    memcmp(again, data + 1, w.len) != 0)
		abort();
	return 0;
}
