#include "secret.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include <valgrind/memcheck.h>

#include "crypto/aead.h"
#include "limits.h"

enum {
	SEALED_MAX = 512, /* frames under way between two lines */
	PLAIN_BYTES_MAX = FRAME_BYTES_MAX,
};

struct sealed {
	uint8_t nonce[AEAD_NONCE_BYTES];
	uint8_t bits[PLAIN_BYTES_MAX];
	size_t len;
};

static struct sealed sealed[SEALED_MAX];
static unsigned sealed_count;

void
secret(const void *data, size_t len)
{
	(void)VALGRIND_MAKE_MEM_UNDEFINED(data, len);
}

void
open_up(const void *data, size_t len)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(data, len);
}

bool
is_secret(const void *data, size_t len)
{
	const uint8_t *at = data;
	unsigned rc;
	uint8_t bits;

	for (size_t i = 0; i < len; i++) {
		rc = VALGRIND_GET_VBITS(at + i, &bits, 1);
		assert(rc == 1);
		if (bits != 0)
			return true;
	}
	return false;
}

static void
fill_secret(void *ctx, void *dst, size_t len)
{
	static struct rng_seeded seeded;
	static struct rng rng;

	(void)ctx;
	if (rng.fill == NULL)
		rng = rng_from_seed(&seeded, 5);
	rng_fill(rng, dst, len);
	secret(dst, len);
}

struct rng
secret_rng(void)
{
	return (struct rng){ .fill = fill_secret, .ctx = NULL };
}

unsigned
secret_reports(void)
{
	return (unsigned)VALGRIND_COUNT_ERRORS;
}

void
secret_on_seal(const unsigned char *nonce, const void *plain, size_t len)
{
	struct sealed *at = &sealed[sealed_count++ % SEALED_MAX];
	unsigned rc;

	assert(len <= PLAIN_BYTES_MAX);
	memcpy(at->nonce, nonce, sizeof(at->nonce));
	open_up(at->nonce, sizeof(at->nonce));
	at->len = len;
	rc = VALGRIND_GET_VBITS(plain, at->bits, len);
	assert(rc == 1);
}

void
secret_on_unseal(const unsigned char *nonce, void *plain, size_t len)
{
	unsigned rc;

	for (size_t i = 0; i < SEALED_MAX; i++) {
		const struct sealed *at = &sealed[i];

		if (at->len != len ||
		    memcmp(at->nonce, nonce, sizeof(at->nonce)) != 0)
			continue;
		rc = VALGRIND_SET_VBITS(plain, at->bits, len);
		assert(rc == 1);
		return;
	}
}
