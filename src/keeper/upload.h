/* Owns uploads: bytes that people hand in before a message names them. */
#ifndef KEEPER_UPLOAD_H
#define KEEPER_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"
#include "crypto/hash.h"
#include "keeper/attachment.h"
#include "limits.h"

/* An upload lives in memory and a file; a restart forgets both, since no
 * message was promised yet. */
struct upload {
	uint64_t id;  /* 0: free */
	uint32_t who; /* the delegate whose it is: nobody else sends it */
	bool done;
	uint64_t bytes;
	uint8_t hash[HASH_BYTES]; /* once done */
	struct hash_stream stream;
	struct attachment_file file;
	uint8_t *plain; /* the piece that is filling; NULL once done */
	size_t plain_len;
};

struct uploads {
	struct upload upload[UPLOADS_MAX];
	uint64_t id_next;
	int folder_fd;
	bool failed; /* the folder did not sync: no name in it is sure */
};

void uploads_init(struct uploads *uploads, int folder_fd);
/* Drops all of them, with their files. */
void uploads_drop_all(struct uploads *uploads);

/* ERR_LIMIT: too many are under way; ERR_FULL, ERR_IO.  Where too many are done
 * and wait for a message, the oldest is dropped: its sender has gone. */
MUST_CHECK int upload_open(struct uploads *uploads, struct rng rng,
    uint64_t *id);
struct upload *upload_find(struct uploads *uploads, uint64_t id);
/* ERR_STATE: it is done already; ERR_LIMIT: too large; ERR_FULL, ERR_IO: it is
 * good for nothing any more; drop it. */
MUST_CHECK int upload_append(struct upload *upload, const void *data,
    size_t len);
/* Seals the last piece and syncs the file.  ERR_FULL, ERR_IO: as above; where
 * uploads->failed is set too, all of them are. */
MUST_CHECK int upload_finish(struct uploads *uploads, struct upload *upload);
void upload_drop(struct uploads *uploads, struct upload *upload);
/* Its file now belongs to a message. */
void upload_release(struct upload *upload);

#endif
