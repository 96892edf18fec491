#include "keeper/attachment.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hex.h"
#include "base/wipe.h"

static int
errno_rc(void)
{
	return errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
}

uint64_t
attachment_pieces(uint64_t bytes)
{
	return bytes == 0 ? 1 : (bytes - 1) / PIECE_PLAIN_BYTES + 1;
}

size_t
attachment_piece_bytes(uint64_t bytes, uint64_t piece)
{
	const uint64_t from = piece * PIECE_PLAIN_BYTES;

	assert(piece < attachment_pieces(bytes));
	return bytes - from < PIECE_PLAIN_BYTES ? (size_t)(bytes - from)
						: (size_t)PIECE_PLAIN_BYTES;
}

int
attachment_find(struct store *store, int64_t row, size_t i,
    char name[ATTACHMENT_FILE_NAME_BYTES], uint8_t key[AEAD_KEY_BYTES])
{
	struct query q = store_query(store, STMT_ATTACHMENT_GET);
	const char *found;
	size_t len;

	memset(name, 0, ATTACHMENT_FILE_NAME_BYTES);
	memset(key, 0, AEAD_KEY_BYTES);
	query_bind_int(&q, row);
	query_bind_int(&q, (int64_t)i);
	if (query_next(&q)) {
		found = query_text(&q, &len);
		if (len < ATTACHMENT_FILE_NAME_BYTES)
			memcpy(name, found, len);
		query_bytes(&q, key, AEAD_KEY_BYTES);
	}
	return query_end(&q);
}

int
attachment_create(struct attachment_file *file, int folder_fd, struct rng rng)
{
	uint8_t name[(ATTACHMENT_FILE_NAME_BYTES - 1) / 2];

	memset(file, 0, sizeof(*file));
	rng_fill(rng, name, sizeof(name));
	rng_fill(rng, file->key, sizeof(file->key));
	hex_encode(file->name, name, sizeof(name));
	file->fd = openat(folder_fd, file->name,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file->fd < 0) {
		wipe(file, sizeof(*file));
		return errno_rc();
	}
	file->open = true;
	file->rng = rng;
	file->unsynced = file->unnamed = true;
	return OK;
}

int
attachment_open(struct attachment_file *file, int folder_fd, const char *name,
    const uint8_t key[AEAD_KEY_BYTES], const struct rng *rng)
{
	memset(file, 0, sizeof(*file));
	file->fd = openat(folder_fd, name,
	    (rng != NULL ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW);
	if (file->fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	file->open = true;
	if (rng != NULL)
		file->rng = *rng;
	memcpy(file->key, key, sizeof(file->key));
	strncpy(file->name, name, sizeof(file->name) - 1);
	return OK;
}

void
attachment_close(struct attachment_file *file)
{
	if (file->open)
		close(file->fd);
	wipe(file, sizeof(*file));
}

static void
make_nonce(uint8_t nonce[AEAD_NONCE_BYTES], uint64_t piece, bool last,
    const uint8_t salt[ATTACHMENT_SALT_BYTES])
{
	struct writer w;

	buf_write(&w, nonce, AEAD_NONCE_BYTES);
	buf_put_u64(&w, piece);
	buf_put_u8(&w, last ? 1 : 0);
	buf_put_bytes(&w, salt, ATTACHMENT_SALT_BYTES);
}

int
attachment_write(struct attachment_file *file, uint64_t piece, bool last,
    const uint8_t *plain, size_t len)
{
	uint8_t nonce[AEAD_NONCE_BYTES], sealed[ATTACHMENT_SEALED_BYTES];
	const off_t at = (off_t)(piece * ATTACHMENT_SEALED_BYTES);
	const size_t bytes = len + ATTACHMENT_SEAL_BYTES;
	size_t done = 0;
	ssize_t n;

	assert(file->open && len <= PIECE_PLAIN_BYTES);
	assert(last || len == PIECE_PLAIN_BYTES);
	assert(file->rng.fill != NULL);
	rng_fill(file->rng, sealed, ATTACHMENT_SALT_BYTES);
	make_nonce(nonce, piece, last, sealed);
	aead_seal(sealed + ATTACHMENT_SALT_BYTES, plain, len, NULL, 0, nonce,
	    file->key);
	file->unsynced = true;
	while (done < bytes) {
		n = pwrite(file->fd, sealed + done, bytes - done,
		    at + (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return errno_rc();
		done += (size_t)n;
	}
	return OK;
}

int
attachment_read(struct attachment_file *file, uint64_t piece, bool last,
    uint8_t *plain, size_t len)
{
	uint8_t nonce[AEAD_NONCE_BYTES], sealed[ATTACHMENT_SEALED_BYTES];
	const off_t at = (off_t)(piece * ATTACHMENT_SEALED_BYTES);
	const size_t bytes = len + ATTACHMENT_SEAL_BYTES;
	size_t done = 0;
	ssize_t n;

	assert(file->open && len <= PIECE_PLAIN_BYTES);
	while (done < bytes) {
		n = pread(file->fd, sealed + done, bytes - done,
		    at + (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_IO;
		if (n == 0)
			return ERR_CRYPTO;
		done += (size_t)n;
	}
	make_nonce(nonce, piece, last, sealed);
	return aead_unseal(plain, sealed + ATTACHMENT_SALT_BYTES,
	    len + AEAD_TAG_BYTES, NULL, 0, nonce, file->key);
}

int
attachment_sync(struct attachment_file *file, int folder_fd,
    bool *folder_failed)
{
	*folder_failed = false;
	if (!file->open || !file->unsynced)
		return OK;
	/* A sync that failed once may succeed the next time without the bytes
	 * being there: the caller must not try again. */
	if (fsync(file->fd) != 0)
		return ERR_IO;
	if (file->unnamed && fsync(folder_fd) != 0) {
		*folder_failed = true;
		return ERR_IO;
	}
	file->unsynced = file->unnamed = false;
	return OK;
}

void
attachment_remove(int folder_fd, const char *name)
{
	(void)unlinkat(folder_fd, name, 0);
}

int
attachment_batch_add(struct attachment_batch *batch,
    const char name[ATTACHMENT_FILE_NAME_BYTES])
{
	const size_t cap = batch->cap > 0 ? 2 * batch->cap : 16;
	void *wider;

	if (batch->count == batch->cap) {
		wider = realloc(batch->name, cap * sizeof(batch->name[0]));
		if (wider == NULL)
			return ERR_LIMIT;
		batch->name = wider;
		batch->cap = cap;
	}
	memcpy(batch->name[batch->count++], name, sizeof(batch->name[0]));
	return OK;
}

void
attachment_batch_remove(struct attachment_batch *batch, int folder_fd)
{
	for (size_t i = 0; i < batch->count; i++)
		attachment_remove(folder_fd, batch->name[i]);
	attachment_batch_forget(batch);
}

void
attachment_batch_forget(struct attachment_batch *batch)
{
	free(batch->name);
	memset(batch, 0, sizeof(*batch));
}
