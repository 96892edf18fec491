#include "keeper/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/wipe.h"
#include "crypto/aead.h"
#include "crypto/crypto.h"
#include "crypto/stretch.h"
#include "keeper/founding.h"
#include "limits.h"

/*
 * The file, numbers little endian:
 *
 *   0    15  "quietline keys\n"
 *   15   1   version, 1
 *   16   8   Argon2id passes
 *   24   8   Argon2id memory in bytes
 *   32   16  salt
 *   48   24  nonce
 *   72   80  XChaCha20-Poly1305 under the stretched passphrase, bytes 0 to 48
 *            beside it: key of line.db(32) key of record.db(32)
 */
enum {
	MAGIC_BYTES = 15,
	VERSION = 1,
	ABOUT_BYTES = 48,
	NONCE_AT = ABOUT_BYTES,
	SEALED_AT = NONCE_AT + AEAD_NONCE_BYTES,
	SEALED_BYTES = 2 * STORE_KEY_BYTES + AEAD_TAG_BYTES,
	FILE_BYTES = SEALED_AT + SEALED_BYTES,
	PATH_BYTES = 4096,
};

_Static_assert(sizeof(struct store_keys) == 2 * STORE_KEY_BYTES, "packed");

static const char magic[MAGIC_BYTES + 1] = "quietline keys\n";

struct keyring_cost
keyring_cost_default(void)
{
	return (struct keyring_cost){ KEYRING_PASSES, KEYRING_MEMORY_BYTES };
}

struct keyring_cost
keyring_cost_least(void)
{
	return (struct keyring_cost){ STRETCH_PASSES_MIN,
		STRETCH_MEMORY_BYTES_MIN };
}

static int
check_cost(struct keyring_cost cost)
{
	if (cost.passes < STRETCH_PASSES_MIN ||
	    cost.passes > KEYRING_PASSES_MAX ||
	    cost.memory_bytes < STRETCH_MEMORY_BYTES_MIN ||
	    cost.memory_bytes > KEYRING_MEMORY_BYTES_MAX)
		return ERR_LIMIT;
	return OK;
}

static int
write_all(int fd, const uint8_t *bytes, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return errno == ENOSPC ? ERR_FULL : ERR_IO;
		bytes += n;
		len -= (size_t)n;
	}
	return OK;
}

/* The name appears only once the bytes are on disk. */
static int
write_file(const char *folder, const uint8_t file[FILE_BYTES])
{
	char path[PATH_BYTES], fresh[PATH_BYTES];
	int folder_fd = -1, fd = -1, rc = ERR_IO;

	if (snprintf(path, sizeof(path), "%s/keys", folder) >= PATH_BYTES ||
	    snprintf(fresh, sizeof(fresh), "%s/keys.new", folder) >= PATH_BYTES)
		return ERR_SIZE;
	if (access(path, F_OK) == 0)
		return ERR_EXISTS;
	if ((folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		goto out;
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd < 0)
		goto out;
	if ((rc = write_all(fd, file, FILE_BYTES)) != OK)
		goto out;
	rc = ERR_IO;
	if (fsync(fd) != 0 || rename(fresh, path) != 0 || fsync(folder_fd) != 0)
		goto out;
	rc = OK;
out:
	if (fd >= 0)
		close(fd);
	if (folder_fd >= 0)
		close(folder_fd);
	return rc;
}

/* Up to len bytes, or to the end; below zero: they cannot be read. */
static ssize_t
read_all(int fd, uint8_t *bytes, size_t len)
{
	size_t done = 0;
	ssize_t n;

	do {
		n = read(fd, bytes + done, len - done);
		if (n > 0)
			done += (size_t)n;
	} while (done < len && (n > 0 || (n < 0 && errno == EINTR)));
	return n < 0 ? n : (ssize_t)done;
}

static int
read_file(const char *folder, uint8_t file[FILE_BYTES])
{
	char path[PATH_BYTES];
	uint8_t extra;
	ssize_t n, more;
	int fd;

	if (snprintf(path, sizeof(path), "%s/keys", folder) >= PATH_BYTES)
		return ERR_SIZE;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	n = read_all(fd, file, FILE_BYTES);
	more = n == FILE_BYTES ? read_all(fd, &extra, 1) : 0;
	close(fd);
	if (n < 0 || more < 0)
		return ERR_IO;
	/* A later version may be of any length, but says so first. */
	if (n > MAGIC_BYTES && memcmp(file, magic, MAGIC_BYTES) == 0 &&
	    file[MAGIC_BYTES] > VERSION)
		return ERR_VERSION;
	return n == FILE_BYTES && more == 0 ? OK : ERR_FORMAT;
}

int
keyring_create(const char *folder, const void *passphrase, size_t len,
    struct keyring_cost cost, struct rng rng, struct store_keys *keys)
{
	uint8_t file[FILE_BYTES], salt[STRETCH_SALT_BYTES];
	uint8_t nonce[AEAD_NONCE_BYTES], wrapping[STRETCH_KEY_BYTES];
	struct writer w;
	int rc;

	memset(keys, 0, sizeof(*keys));
	if (len == 0 || len > PASSPHRASE_BYTES_MAX)
		return ERR_SIZE;
	if ((rc = check_cost(cost)) != OK)
		return rc;
	crypto_init();
	rng_fill(rng, salt, sizeof(salt));
	rng_fill(rng, nonce, sizeof(nonce));
	if ((rc = stretch(wrapping, passphrase, len, salt, cost.passes,
		 cost.memory_bytes)) != OK)
		goto out;
	rng_fill(rng, keys, sizeof(*keys));
	buf_write(&w, file, sizeof(file));
	buf_put_bytes(&w, magic, MAGIC_BYTES);
	buf_put_u8(&w, VERSION);
	buf_put_u64(&w, cost.passes);
	buf_put_u64(&w, cost.memory_bytes);
	buf_put_bytes(&w, salt, sizeof(salt));
	buf_put_bytes(&w, nonce, sizeof(nonce));
	aead_seal(file + SEALED_AT, (const uint8_t *)keys, sizeof(*keys), file,
	    ABOUT_BYTES, nonce, wrapping);
	rc = write_file(folder, file);
out:
	wipe(wrapping, sizeof(wrapping));
	if (rc != OK)
		wipe(keys, sizeof(*keys));
	return rc;
}

int
keyring_open(const char *folder, const void *passphrase, size_t len,
    struct store_keys *keys)
{
	uint8_t file[FILE_BYTES], salt[STRETCH_SALT_BYTES];
	uint8_t nonce[AEAD_NONCE_BYTES], wrapping[STRETCH_KEY_BYTES];
	char found[MAGIC_BYTES];
	struct keyring_cost cost;
	struct reader r;
	uint8_t version;
	int rc;

	memset(keys, 0, sizeof(*keys));
	if (founding_is_unfinished(folder))
		return ERR_NOT_FOUND;
	if ((rc = read_file(folder, file)) != OK)
		return rc;
	crypto_init();
	buf_read(&r, file, sizeof(file));
	buf_get_bytes(&r, found, MAGIC_BYTES);
	version = buf_get_u8(&r);
	cost.passes = buf_get_u64(&r);
	cost.memory_bytes = buf_get_u64(&r);
	buf_get_bytes(&r, salt, sizeof(salt));
	buf_get_bytes(&r, nonce, sizeof(nonce));
	if (memcmp(found, magic, MAGIC_BYTES) != 0 || version != VERSION ||
	    check_cost(cost) != OK)
		return ERR_FORMAT;
	if (len == 0 || len > PASSPHRASE_BYTES_MAX)
		return ERR_DENIED;
	if ((rc = stretch(wrapping, passphrase, len, salt, cost.passes,
		 cost.memory_bytes)) != OK)
		goto out;
	rc = aead_unseal((uint8_t *)keys, file + SEALED_AT, SEALED_BYTES, file,
		 ABOUT_BYTES, nonce, wrapping) == OK
	    ? OK
	    : ERR_DENIED;
out:
	wipe(wrapping, sizeof(wrapping));
	if (rc != OK)
		wipe(keys, sizeof(*keys));
	return rc;
}
