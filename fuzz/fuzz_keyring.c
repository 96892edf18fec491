/* The `keys` file with any bytes in it.  What it costs to try a passphrase is
 * kept least, or nothing would be tried; all else is as it comes. */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "crypto/stretch.h"
#include "keeper/keyring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	PASSES_AT = 16,
	COST_END = 32,
	INPUT_BYTES_MAX = 512,
};

static const char passphrase[] = "the water is cold";
static char folder[64], path[80];

static void
erase(void)
{
	(void)unlink(path);
	(void)rmdir(folder);
}

static void
make(void)
{
	const char *tmp = getenv("TMPDIR");
	struct rng_seeded seeded;
	struct store_keys keys;
	int rc;

	snprintf(folder, sizeof(folder), "%s/quietline-fuzz-XXXXXX",
	    tmp != NULL && strlen(tmp) < 32 ? tmp : "/tmp");
	assert(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/keys", folder);
	(void)atexit(erase);
	rc = keyring_create(folder, passphrase, sizeof(passphrase) - 1,
	    keyring_cost_least(), rng_from_seed(&seeded, 1), &keys);
	assert(rc == OK);
}

static void
write_file(const uint8_t *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert(fd >= 0);
	assert(write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

/* A cost that is within its bounds becomes the least; one that is not is for the
 * decoder to refuse. */
static void
cheapen(uint8_t *file, size_t len)
{
	uint64_t passes, memory_bytes;
	struct reader r;
	struct writer w;

	if (len < COST_END)
		return;
	buf_read(&r, file + PASSES_AT, COST_END - PASSES_AT);
	passes = buf_get_u64(&r);
	memory_bytes = buf_get_u64(&r);
	buf_write(&w, file + PASSES_AT, COST_END - PASSES_AT);
	buf_put_u64(&w,
	    passes > 0 && passes < 1000 ? STRETCH_PASSES_MIN : passes);
	buf_put_u64(&w,
	    memory_bytes >= STRETCH_MEMORY_BYTES_MIN &&
		    memory_bytes < UINT64_C(1) << 40
		? STRETCH_MEMORY_BYTES_MIN
		: memory_bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct store_keys none;
	uint8_t file[INPUT_BYTES_MAX];
	struct store_keys keys;
	int rc;

	if (size > sizeof(file))
		return 0;
	if (folder[0] == '\0')
		make();
	memcpy(file, data, size);
	cheapen(file, size);
	write_file(file, size);
	rc = keyring_open(folder, passphrase, sizeof(passphrase) - 1, &keys);
	/* Nobody forges the seal over the keys; damage gives none. */
	assert(rc != OK || size > 0);
	assert(rc == OK || memcmp(&keys, &none, sizeof(keys)) == 0);
	return 0;
}
