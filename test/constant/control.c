/* Functions that do what none of ours may: each must be reported, or the whole
 * test sees nothing. */
#include <stdint.h>
#include <string.h>

#include "base/rng.h"
#include "cases.h"
#include "secret.h"

/* What was seen, where the compiler cannot leave it out. */
static volatile uint8_t seen;

static void
draw(uint8_t *bytes, size_t len)
{
	rng_fill(secret_rng(), bytes, len);
}

static bool
branch_on_a_bit(void)
{
	uint8_t key[32];

	draw(key, sizeof(key));
	if (key[7] & 1)
		seen = 1;
	return is_secret(key, sizeof(key));
}

static bool
look_up_by_a_byte(void)
{
	static const uint8_t table[256] = { 1, 2, 3 };
	uint8_t key[32];

	draw(key, sizeof(key));
	seen = table[key[3]];
	return is_secret(key, sizeof(key));
}

static bool
compare_with_memcmp(void)
{
	static int (*volatile compare)(const void *, const void *, size_t) =
	    memcmp;
	uint8_t one[16], other[16] = { 0 };

	draw(one, sizeof(one));
	if (compare(one, other, sizeof(one)) == 0)
		seen = 2;
	return is_secret(one, sizeof(one));
}

/* Sums and copies, and at last a branch: the trail must not go cold. */
static bool
branch_on_what_follows_from_it(void)
{
	uint8_t key[32], copy[32];
	uint8_t sum = 0;

	draw(key, sizeof(key));
	memcpy(copy, key, sizeof(copy));
	for (size_t i = 0; i < sizeof(copy); i++)
		sum = (uint8_t)(sum * 31 + (copy[i] ^ 0x5a));
	if (sum > 100)
		seen = 3;
	return is_secret(&sum, sizeof(sum));
}

const struct constant_case cases_control[] = {
	{ "a branch on a bit of a key", branch_on_a_bit, true },
	{ "a table read at a byte of a key", look_up_by_a_byte, true },
	{ "memcmp of a key", compare_with_memcmp, true },
	{ "a branch on what follows from a key", branch_on_what_follows_from_it,
	    true },
};
const size_t cases_control_count =
    sizeof(cases_control) / sizeof(*cases_control);
