#include "keeper/enclosure.h"

#include <inttypes.h>
#include <string.h>

#include "base/wipe.h"
#include "keeper/paper.h"

/* One file of a draft. */
struct enclosure {
	char name[ATTACHMENT_FILE_NAME_BYTES]; /* "": it is not here any more */
	uint8_t key[AEAD_KEY_BYTES];
	uint64_t bytes;
};

/* The file counted from 1.  ERR_NOT_FOUND: there is none of that number. */
static int
find(struct keeper *keeper, const struct paper *paper, uint32_t number,
    struct enclosure *enclosure)
{
	struct query q = store_query(&keeper->store, STMT_PAPER_FILE_LIST);
	bool found = false;
	const char *name;
	size_t len;
	int rc;

	memset(enclosure, 0, sizeof(*enclosure));
	query_bind_int(&q, (int64_t)paper->n);
	query_bind_int(&q, (int64_t)paper->version);
	while (!found && query_next(&q)) {
		found = query_int(&q) == number;
		name = query_text(&q, &len);
		if (!found || len != sizeof(enclosure->name) - 1)
			continue;
		memcpy(enclosure->name, name, len);
		query_bytes(&q, enclosure->key, sizeof(enclosure->key));
		enclosure->bytes = (uint64_t)query_int(&q);
	}
	rc = query_end(&q);
	return rc == OK && !found ? ERR_NOT_FOUND : rc;
}

/* The rest of the sealed piece that offset lies in. */
static int
reply_piece(struct keeper *keeper, const struct request *request,
    const struct enclosure *enclosure)
{
	const uint64_t offset = request->get.offset, bytes = enclosure->bytes;
	struct reply reply = { .kind = REPLY_DATA, .id = request->id };
	/* At its end a piece of nothing is all that is left. */
	const uint64_t piece =
	    (offset == bytes && bytes > 0 ? bytes - 1 : offset) /
	    PIECE_PLAIN_BYTES;
	const size_t skip = (size_t)(offset - piece * PIECE_PLAIN_BYTES);
	const size_t len = attachment_piece_bytes(bytes, piece);
	struct attachment_file file;
	uint8_t plain[PIECE_PLAIN_BYTES];
	int rc;

	rc = attachment_open(&file, keeper->attachments_fd, enclosure->name,
	    enclosure->key, NULL);
	if (rc != OK)
		return rc;
	rc = attachment_read(&file, piece,
	    piece + 1 == attachment_pieces(bytes), plain, len);
	attachment_close(&file);
	if (rc == OK) {
		reply.data.data =
		    (struct text){ (const char *)plain + skip, len - skip };
		reply.data.offset = offset;
		reply.data.total = bytes;
		post_reply(keeper, &reply);
	}
	wipe(plain, sizeof(plain));
	return rc;
}

static void
get(struct keeper *keeper, const struct request *request,
    const struct enclosure *enclosure)
{
	if (request->get.offset > enclosure->bytes)
		post_reply_error(keeper, request->id, ERR_SIZE,
		    "The file is not as long as that.");
	else if (reply_piece(keeper, request, enclosure) != OK)
		post_reply_error(keeper, request->id, ERR_IO,
		    "The file is damaged or missing on this post's disk; write "
		    "the draft anew, with its files.");
}

void
enclosure_on_get(struct keeper *keeper, const struct request *request)
{
	struct enclosure enclosure;
	struct paper paper;
	int rc;

	if (!paper_ask_open(keeper, request, &paper))
		return;
	rc = find(keeper, &paper, request->get.n, &enclosure);
	if (rc == OK && enclosure.name[0] != '\0')
		get(keeper, request, &enclosure);
	else if (rc == OK || rc == ERR_NOT_FOUND)
		post_reply_error(keeper, request->id, ERR_NOT_FOUND,
		    "Draft %" PRIu64 " has no file of that number; `quietline "
		    "draft show %" PRIu64 "` shows them.",
		    paper.n, paper.n);
	else
		post_reply_store(keeper, request->id, rc);
	wipe(&enclosure, sizeof(enclosure));
}
