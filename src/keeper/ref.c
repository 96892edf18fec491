#include "keeper/ref.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"

enum { PREFIX_BYTES = 8, PREFIX_DIGITS = 2 * PREFIX_BYTES };

void
ref_format(char ref[REQUEST_REF_BYTES], enum side side, uint64_t serial,
    const uint8_t id[RECORD_ID_BYTES])
{
	if (serial > 0)
		snprintf(ref, REQUEST_REF_BYTES, "%s/%" PRIu64,
		    side == SIDE_US ? "us" : "them", serial);
	else
		hex_encode(ref, id, PREFIX_BYTES);
}

int64_t
ref_number(const char *digits)
{
	int64_t value = 0;

	if (digits[0] < '1' || digits[0] > '9')
		return 0;
	for (; *digits != '\0'; digits++) {
		if (*digits < '0' || *digits > '9' ||
		    value > (INT64_MAX - 9) / 10)
			return 0;
		value = value * 10 + (*digits - '0');
	}
	return value;
}

static int
find_serial(struct keeper *keeper, uint32_t line, enum side side,
    const char *digits, int64_t *row)
{
	const int64_t serial = ref_number(digits);
	struct query q;

	if (serial == 0)
		return ERR_FORMAT;
	q = store_query(&keeper->store, STMT_RECORD_FIND_SERIAL);
	query_bind_int(&q, line);
	query_bind_int(&q, side);
	query_bind_int(&q, serial);
	return query_one(&q, row);
}

const char *
ref_marked(enum mark mark)
{
	static const char *const said[MARK_COUNT] = {
		[MARK_NONE] = "",
		[MARK_YOU_ONLY] = ", marked you only",
		[MARK_PRINCIPAL] = ", marked principal",
		[MARK_IN_SUBSTANCE] = ", marked in substance",
		[MARK_MAY_BE_QUOTED] = ", marked may be quoted",
	};

	return said[mark];
}

int
ref_find_line(struct keeper *keeper, struct text name, uint32_t *line)
{
	const struct post_line *open = post_find_name(keeper, name);
	struct query q;
	int64_t id = 0;
	int rc;

	if (open != NULL) {
		*line = open->id;
		return OK;
	}
	q = store_query(&keeper->store, STMT_LINE_FIND_CLOSED);
	query_bind_text(&q, name.data, name.len);
	rc = query_one(&q, &id);
	*line = (uint32_t)id;
	return rc;
}

int
ref_find(struct keeper *keeper, uint32_t line, struct text ref, int64_t *row)
{
	uint8_t low[RECORD_ID_BYTES], high[RECORD_ID_BYTES];
	char text[REQUEST_REF_BYTES];
	struct query q;

	*row = 0;
	if (ref.len == 0 || ref.len >= sizeof(text) ||
	    memchr(ref.data, '\0', ref.len) != NULL)
		return ERR_FORMAT;
	memcpy(text, ref.data, ref.len);
	text[ref.len] = '\0';
	if (strncmp(text, "us/", 3) == 0)
		return find_serial(keeper, line, SIDE_US, text + 3, row);
	if (strncmp(text, "them/", 5) == 0)
		return find_serial(keeper, line, SIDE_THEM, text + 5, row);
	memset(low, 0x00, sizeof(low));
	memset(high, 0xff, sizeof(high));
	if (ref.len != PREFIX_DIGITS ||
	    hex_decode(low, PREFIX_BYTES, text) != OK)
		return ERR_FORMAT;
	memcpy(high, low, PREFIX_BYTES);
	q = store_query(&keeper->store, STMT_RECORD_FIND_ID);
	query_bind_int(&q, line);
	query_bind_blob(&q, low, sizeof(low));
	query_bind_blob(&q, high, sizeof(high));
	return query_one(&q, row);
}

int
ref_of_id(struct keeper *keeper, uint32_t line,
    const uint8_t id[RECORD_ID_BYTES], char ref[REQUEST_REF_BYTES])
{
	struct query q = store_query(&keeper->store, STMT_RECORD_REF);
	enum side side = SIDE_US;
	uint64_t serial = 0;

	query_bind_int(&q, line);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	if (query_next(&q)) {
		side = query_int(&q) == SIDE_US ? SIDE_US : SIDE_THEM;
		serial = (uint64_t)query_int(&q);
	}
	memset(ref, 0, REQUEST_REF_BYTES);
	ref_format(ref, side, serial, id);
	return query_end(&q);
}
