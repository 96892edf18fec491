/* Owns attachments' files: pieces of 64 KiB, each sealed by itself. */
#ifndef KEEPER_ATTACHMENT_H
#define KEEPER_ATTACHMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"
#include "crypto/aead.h"
#include "keeper/store.h"
#include "limits.h"

/*
 * A file in the post's `attachments` folder, named at random: pieces of
 * PIECE_PLAIN_BYTES, the last one shorter (an empty attachment is one empty
 * piece), each sealed with XChaCha20-Poly1305 under the attachment's own key:
 * salt(15) || ciphertext || tag(16), under the nonce piece number(8) || 1 for
 * the last piece, else 0(1) || salt.  The salt is drawn at each writing: a piece
 * that a crash left uncounted may be written again with other bytes.  The key
 * stands in the store: erasing its row erases the file.
 */
enum attachment_sizes {
	ATTACHMENT_FILE_NAME_BYTES = 33, /* 32 hex digits and the NUL */
	ATTACHMENT_SALT_BYTES = AEAD_NONCE_BYTES - 8 - 1,
	ATTACHMENT_SEAL_BYTES = ATTACHMENT_SALT_BYTES + AEAD_TAG_BYTES,
	ATTACHMENT_SEALED_BYTES = PIECE_PLAIN_BYTES + ATTACHMENT_SEAL_BYTES,
};

struct attachment_file {
	int fd; /* -1: not open; zeroed memory is not open either */
	bool open;
	bool unsynced;
	bool unnamed;	/* its name in the folder is not synced yet */
	struct rng rng; /* of one that is written */
	uint8_t key[AEAD_KEY_BYTES];
	char name[ATTACHMENT_FILE_NAME_BYTES];
};

/* Pieces of an attachment of so many bytes: at least 1. */
uint64_t attachment_pieces(uint64_t bytes);
/* Plain bytes of one of them. */
size_t attachment_piece_bytes(uint64_t bytes, uint64_t piece);

/* The name and the key that the store has for attachment i of a record's row;
 * the name is empty where it has none.  ERR_IO. */
MUST_CHECK int attachment_find(struct store *store, int64_t row, size_t i,
    char name[ATTACHMENT_FILE_NAME_BYTES], uint8_t key[AEAD_KEY_BYTES]);

/* Makes a file under a fresh name and key; rng is kept.  ERR_FULL, ERR_IO. */
MUST_CHECK int attachment_create(struct attachment_file *file, int folder_fd,
    struct rng rng);
/* Opens an existing one, to read, or with an rng (kept) to write too; name and
 * key are copied.  ERR_NOT_FOUND, ERR_IO. */
MUST_CHECK int attachment_open(struct attachment_file *file, int folder_fd,
    const char *name, const uint8_t key[AEAD_KEY_BYTES], const struct rng *rng);
/* Closes without syncing; fine on one that is not open. */
void attachment_close(struct attachment_file *file);

/* Seals plain bytes as one piece.  Not durable before attachment_sync. */
MUST_CHECK int attachment_write(struct attachment_file *file, uint64_t piece,
    bool last, const uint8_t *plain, size_t len);
/* Reads one piece of exactly len plain bytes.  ERR_CRYPTO: it was changed. */
MUST_CHECK int attachment_read(struct attachment_file *file, uint64_t piece,
    bool last, uint8_t *plain, size_t len);
/* All that was written is on disk, and its name in the folder.  After ERR_IO the
 * file is good for nothing; where it was the folder that did not sync
 * (folder_failed), neither is the name of any file that was made before. */
MUST_CHECK int attachment_sync(struct attachment_file *file, int folder_fd,
    bool *folder_failed);
/* Deletes the file; errors are left to the next sweep. */
void attachment_remove(int folder_fd, const char *name);

/* Names of files that go, or stay, together.  Zeroed memory is an empty one. */
struct attachment_batch {
	char (*name)[ATTACHMENT_FILE_NAME_BYTES];
	size_t count;
	size_t cap;
};

/* ERR_LIMIT: no memory. */
MUST_CHECK int attachment_batch_add(struct attachment_batch *batch,
    const char name[ATTACHMENT_FILE_NAME_BYTES]);
/* Deletes the files, and forgets their names. */
void attachment_batch_remove(struct attachment_batch *batch, int folder_fd);
/* Forgets the names; the files stay. */
void attachment_batch_forget(struct attachment_batch *batch);

#endif
