#include "desk/route.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/utf8.h"

struct segment {
	const char *data;
	size_t len;
};

/* Cuts at slashes; ERR_NOT_FOUND for what no pattern can match. */
static int
cut(struct segment *segments, size_t *count, const char *path)
{
	*count = 0;
	if (*path != '/')
		return ERR_NOT_FOUND;
	while (*path == '/') {
		size_t len = strcspn(++path, "/");

		if (*count == DESK_SEGMENTS_MAX || len == 0)
			return ERR_NOT_FOUND;
		segments[(*count)++] = (struct segment){ path, len };
		path += len;
	}
	return OK;
}

static bool
segment_is(const struct segment *segment, const char *word)
{
	return segment->len == strlen(word) &&
	    memcmp(segment->data, word, segment->len) == 0;
}

int
route_decode(char *text, size_t cap, const char *encoded, size_t len)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		char c = encoded[i];

		if (c == '%') {
			char digits[3] = { 0 };

			if (len - i < 3)
				return ERR_FORMAT;
			memcpy(digits, encoded + i + 1, 2);
			if (hex_decode(&c, 1, digits) != OK)
				return ERR_FORMAT;
			i += 2;
		}
		if (c == '\0')
			return ERR_FORMAT;
		if (used + 1 >= cap)
			return ERR_SIZE;
		text[used++] = c;
	}
	text[used] = '\0';
	return utf8_is_valid(text, used) ? OK : ERR_FORMAT;
}

/* Digits of a number from 1 that is at most max, without a leading zero. */
static bool
read_number(uint64_t *value, const char *text, size_t len, uint64_t max)
{
	*value = 0;
	if (len == 0 || text[0] == '0')
		return false;
	for (size_t i = 0; i < len; i++) {
		uint64_t digit = (uint64_t)(unsigned char)text[i] - '0';

		if (digit > 9 || *value > (max - digit) / 10)
			return false;
		*value = *value * 10 + digit;
	}
	return true;
}

/* Of one side: "12" is a message, "p3" a point, "e2" what was said in public. */
static bool
is_numbered(const char *text, size_t len)
{
	uint64_t number;

	if (text[0] == 'p' || text[0] == 'e')
		return read_number(&number, text + 1, len - 1, UINT64_MAX);
	return read_number(&number, text, len, UINT64_MAX);
}

bool
route_is_ref(const char *text)
{
	size_t len = strlen(text);

	if (len > 3 && memcmp(text, "us/", 3) == 0)
		return is_numbered(text + 3, len - 3);
	if (len > 5 && memcmp(text, "them/", 5) == 0)
		return is_numbered(text + 5, len - 5);
	return len == 16 && strspn(text, "0123456789abcdef") == 16;
}

/* Takes one or two segments as a reference; the number taken, 0: none. */
static size_t
take_ref(struct route_match *match, const struct segment *segments, size_t left)
{
	char text[REQUEST_REF_BYTES] = "";
	size_t taken = 1;
	size_t len = segments[0].len;

	if (segment_is(&segments[0], "us") ||
	    segment_is(&segments[0], "them")) {
		if (left < 2)
			return 0;
		taken = 2;
		len += 1 + segments[1].len;
	}
	/* The two stand side by side in the path, with their slash. */
	if (route_decode(text, sizeof(text), segments[0].data, len) != OK ||
	    !route_is_ref(text))
		return 0;
	memcpy(match->ref, text, sizeof(match->ref));
	return taken;
}

/* Segments that pattern's variable takes: 0 where it does not match. */
static size_t
take_variable(struct route_match *match, const struct segment *variable,
    const struct segment *segments, size_t left)
{
	uint64_t n;

	if (segment_is(variable, "{ref}"))
		return take_ref(match, segments, left);
	if (segment_is(variable, "{n}")) {
		if (!read_number(&n, segments->data, segments->len, INT64_MAX))
			return 0;
		match->n = n;
		return 1;
	}
	if (segment_is(variable, "{name}"))
		return route_decode(match->name, sizeof(match->name),
			   segments->data, segments->len) == OK;
	assert(segment_is(variable, "{line}"));
	return route_decode(match->line, sizeof(match->line), segments->data,
		   segments->len) == OK;
}

/* OK, ERR_NOT_FOUND, or ERR_FORMAT: only a variable is in the way. */
static int
match_pattern(struct route_match *match, const char *pattern,
    const struct segment *segments, size_t count)
{
	struct segment want[DESK_SEGMENTS_MAX];
	size_t want_count;
	size_t at = 0;
	int rc = cut(want, &want_count, pattern);

	assert(rc == OK);
	for (size_t i = 0; i < want_count; i++) {
		size_t taken;

		if (at == count)
			return ERR_NOT_FOUND;
		if (want[i].data[0] != '{') {
			if (segments[at].len != want[i].len ||
			    memcmp(segments[at].data, want[i].data,
				want[i].len) != 0)
				return ERR_NOT_FOUND;
			at++;
			continue;
		}
		taken =
		    take_variable(match, &want[i], segments + at, count - at);
		if (taken == 0)
			return ERR_FORMAT;
		at += taken;
	}
	return at == count ? OK : ERR_NOT_FOUND;
}

int
route_find(struct route_match *match, const struct route *routes, size_t count,
    const char *method, const char *path)
{
	struct segment segments[DESK_SEGMENTS_MAX];
	size_t segment_count;
	int found = ERR_NOT_FOUND;

	memset(match, 0, sizeof(*match));
	if (cut(segments, &segment_count, path) != OK)
		return ERR_NOT_FOUND;
	for (size_t i = 0; i < count; i++) {
		struct route_match trial = { .route = &routes[i] };
		int rc = match_pattern(&trial, routes[i].pattern, segments,
		    segment_count);

		if (rc == OK && strcmp(routes[i].method, method) == 0) {
			*match = trial;
			return OK;
		}
		if (rc == OK)
			found = ERR_STATE;
		else if (rc == ERR_FORMAT && found == ERR_NOT_FOUND)
			found = ERR_FORMAT;
	}
	return found;
}
