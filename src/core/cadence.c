#include "core/cadence.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/hash.h"
#include "limits.h"

static const struct {
	const char *name;
	struct cadence cadence;
} named[] = {
	{ "trickle", { 256, 1000000 } },
	{ "talk", { 1200, 100000 } },
	{ "desk", { 1200, 20000 } },
	{ "bulk", { 1200, 1000 } },
};

enum {
	NAMED_COUNT = sizeof(named) / sizeof(named[0]),
	US_PER_MS = 1000,
	NS_PER_US = 1000,
	/* Digits of a number in BYTES@MILLISECONDS: no overflow possible. */
	DIGITS_MAX = 6,
	/* The shortest hash there is; 8 bytes of it count. */
	DRAW_BYTES = 16,
};

int
cadence_check(struct cadence cadence)
{
	if (cadence.frame_bytes < FRAME_BYTES_MIN ||
	    cadence.frame_bytes > FRAME_BYTES_MAX)
		return ERR_LIMIT;
	if (cadence.slot_us < SLOT_US_MIN || cadence.slot_us > SLOT_US_MAX)
		return ERR_LIMIT;
	return OK;
}

/* Reads 1 to DIGITS_MAX digits and moves *text behind them. */
static int
read_digits(const char **text, uint32_t *value, unsigned *digits)
{
	*value = 0;
	for (*digits = 0; **text >= '0' && **text <= '9'; (*text)++) {
		if (++*digits > DIGITS_MAX)
			return ERR_FORMAT;
		*value = *value * 10 + (uint32_t)(**text - '0');
	}
	return *digits ? OK : ERR_FORMAT;
}

static int
read_slot_us(const char **text, uint32_t *slot_us)
{
	uint32_t whole_ms, fraction = 0;
	unsigned digits;

	if (read_digits(text, &whole_ms, &digits) != OK)
		return ERR_FORMAT;
	if (**text == '.') {
		(*text)++;
		/* Microseconds are the finest there is. */
		if (read_digits(text, &fraction, &digits) != OK || digits > 3)
			return ERR_FORMAT;
		for (; digits < 3; digits++)
			fraction *= 10;
	}
	*slot_us = whole_ms * US_PER_MS + fraction;
	return OK;
}

int
cadence_parse(struct cadence *cadence, const char *text)
{
	uint32_t frame_bytes, slot_us;
	unsigned digits;
	size_t i;

	for (i = 0; i < NAMED_COUNT; i++) {
		if (strcmp(text, named[i].name) == 0) {
			*cadence = named[i].cadence;
			return OK;
		}
	}
	if (read_digits(&text, &frame_bytes, &digits) != OK || *text++ != '@')
		return ERR_FORMAT;
	if (read_slot_us(&text, &slot_us) != OK || *text != '\0')
		return ERR_FORMAT;
	if (frame_bytes > FRAME_BYTES_MAX)
		return ERR_LIMIT;
	*cadence = (struct cadence){ (uint16_t)frame_bytes, slot_us };
	return cadence_check(*cadence);
}

void
cadence_format(char text[CADENCE_TEXT_BYTES], struct cadence cadence)
{
	uint32_t whole_ms = cadence.slot_us / US_PER_MS;
	uint32_t fraction = cadence.slot_us % US_PER_MS;
	unsigned digits = 3;
	size_t i;

	for (i = 0; i < NAMED_COUNT; i++) {
		if (cadence.frame_bytes == named[i].cadence.frame_bytes &&
		    cadence.slot_us == named[i].cadence.slot_us) {
			snprintf(text, CADENCE_TEXT_BYTES, "%s", named[i].name);
			return;
		}
	}
	if (fraction == 0) {
		snprintf(text, CADENCE_TEXT_BYTES, "%" PRIu16 "@%" PRIu32,
		    cadence.frame_bytes, whole_ms);
		return;
	}
	for (; fraction % 10 == 0; fraction /= 10)
		digits--;
	snprintf(text, CADENCE_TEXT_BYTES, "%" PRIu16 "@%" PRIu32 ".%0*" PRIu32,
	    cadence.frame_bytes, whole_ms, (int)digits, fraction);
}

uint64_t
cadence_slot_ns(struct cadence cadence)
{
	return (uint64_t)cadence.slot_us * NS_PER_US;
}

uint64_t
cadence_slots(struct cadence cadence, uint64_t seconds)
{
	return seconds * CLOCK_NS_PER_S / cadence_slot_ns(cadence);
}

uint64_t
cadence_longer_ns(struct cadence cadence, uint64_t seconds, uint64_t slots)
{
	const uint64_t by_time_ns = seconds * CLOCK_NS_PER_S;
	const uint64_t by_slots_ns = slots * cadence_slot_ns(cadence);

	return by_time_ns > by_slots_ns ? by_time_ns : by_slots_ns;
}

uint64_t
cadence_slot_at(struct cadence cadence, uint64_t now_ns)
{
	return now_ns / cadence_slot_ns(cadence);
}

uint64_t
cadence_moment_ns(struct cadence cadence, const uint8_t key[CADENCE_KEY_BYTES],
    uint64_t slot)
{
	uint64_t slot_ns = cadence_slot_ns(cadence);
	uint8_t digest[DRAW_BYTES], number[sizeof(uint64_t)];
	struct hash_part part = { number, sizeof(number) };
	uint64_t draw;

	assert(cadence_check(cadence) == OK);
	memcpy(number, &slot, sizeof(number));
	hash_keyed(digest, sizeof(digest), key, CADENCE_KEY_BYTES, &part, 1);
	memcpy(&draw, digest, sizeof(draw));
	/* 64 bits onto at most 2^31: the bias is below 2^-32. */
	return slot * slot_ns + draw % slot_ns;
}

uint64_t
cadence_guard_ns(struct cadence cadence)
{
	uint64_t quarter_ns = cadence_slot_ns(cadence) / 4;
	uint64_t guard_ns = (uint64_t)SLOT_GUARD_US * NS_PER_US;

	return quarter_ns < guard_ns ? quarter_ns : guard_ns;
}
