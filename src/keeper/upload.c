#include "keeper/upload.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

void
uploads_init(struct uploads *uploads, int folder_fd)
{
	memset(uploads, 0, sizeof(*uploads));
	uploads->id_next = 1;
	uploads->folder_fd = folder_fd;
}

static void
forget(struct upload *upload)
{
	attachment_close(&upload->file);
	if (upload->plain != NULL)
		wipe(upload->plain, PIECE_PLAIN_BYTES);
	free(upload->plain);
	wipe(upload, sizeof(*upload));
}

void
upload_drop(struct uploads *uploads, struct upload *upload)
{
	attachment_remove(uploads->folder_fd, upload->file.name);
	forget(upload);
}

void
uploads_drop_all(struct uploads *uploads)
{
	for (size_t i = 0; i < UPLOADS_MAX; i++) {
		if (uploads->upload[i].id != 0)
			upload_drop(uploads, &uploads->upload[i]);
	}
}

_Static_assert(UPLOADS_OPEN_MAX < UPLOADS_MAX,
    "where no place is free, an upload is done");

/* Whoever finished it and named it in no message by now will not. */
static struct upload *
drop_oldest(struct uploads *uploads)
{
	struct upload *oldest = NULL;

	for (size_t i = 0; i < UPLOADS_MAX; i++) {
		struct upload *upload = &uploads->upload[i];

		if (upload->done && (oldest == NULL || upload->id < oldest->id))
			oldest = upload;
	}
	assert(oldest != NULL);
	upload_drop(uploads, oldest);
	return oldest;
}

int
upload_open(struct uploads *uploads, struct rng rng, uint64_t *id)
{
	struct upload *free_one = NULL;
	size_t open = 0;
	int rc;

	for (size_t i = 0; i < UPLOADS_MAX; i++) {
		if (uploads->upload[i].id == 0)
			free_one = &uploads->upload[i];
		else if (!uploads->upload[i].done)
			open++;
	}
	if (open >= UPLOADS_OPEN_MAX)
		return ERR_LIMIT;
	if (free_one == NULL)
		free_one = drop_oldest(uploads);
	if ((rc = attachment_create(&free_one->file, uploads->folder_fd,
		 rng)) != OK)
		return rc;
	free_one->plain = malloc(PIECE_PLAIN_BYTES);
	if (free_one->plain == NULL) {
		upload_drop(uploads, free_one);
		return ERR_LIMIT;
	}
	hash_stream_init(&free_one->stream);
	free_one->id = *id = uploads->id_next++;
	return OK;
}

struct upload *
upload_find(struct uploads *uploads, uint64_t id)
{
	for (size_t i = 0; id != 0 && i < UPLOADS_MAX; i++) {
		if (uploads->upload[i].id == id)
			return &uploads->upload[i];
	}
	return NULL;
}

/* The piece before this one's first byte is full, and not the last. */
static int
seal_full_piece(struct upload *upload)
{
	const uint64_t piece = upload->bytes / PIECE_PLAIN_BYTES - 1;

	assert(upload->plain_len == PIECE_PLAIN_BYTES);
	upload->plain_len = 0;
	return attachment_write(&upload->file, piece, false, upload->plain,
	    PIECE_PLAIN_BYTES);
}

int
upload_append(struct upload *upload, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	size_t step;
	int rc;

	if (upload->done)
		return ERR_STATE;
	if (len > ATTACHMENT_BYTES_MAX - upload->bytes)
		return ERR_LIMIT;
	while (len > 0) {
		if (upload->plain_len == PIECE_PLAIN_BYTES &&
		    (rc = seal_full_piece(upload)) != OK)
			return rc;
		step = PIECE_PLAIN_BYTES - upload->plain_len;
		if (step > len)
			step = len;
		memcpy(upload->plain + upload->plain_len, bytes, step);
		hash_stream_append(&upload->stream, bytes, step);
		upload->plain_len += step;
		upload->bytes += step;
		bytes += step;
		len -= step;
	}
	return OK;
}

int
upload_finish(struct uploads *uploads, struct upload *upload)
{
	int rc;

	if (upload->done)
		return ERR_STATE;
	if ((rc = attachment_write(&upload->file,
		 attachment_pieces(upload->bytes) - 1, true, upload->plain,
		 upload->plain_len)) != OK ||
	    (rc = attachment_sync(&upload->file, uploads->folder_fd,
		 &uploads->failed)) != OK)
		return rc;
	hash_stream_finish(&upload->stream, upload->hash);
	wipe(upload->plain, PIECE_PLAIN_BYTES);
	free(upload->plain);
	upload->plain = NULL;
	upload->done = true;
	return OK;
}

void
upload_release(struct upload *upload)
{
	forget(upload);
}
