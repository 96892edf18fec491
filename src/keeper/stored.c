#include "keeper/stored.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

static int
take_text(struct query *q, bool with_text, struct stored *stored)
{
	size_t len;
	const void *text = query_blob(q, &len);
	char *copy;

	if (len == 0 || (stored->record.kind == RECORD_MESSAGE && !with_text))
		return OK;
	if ((copy = malloc(len)) == NULL)
		return ERR_LIMIT;
	memcpy(copy, text, len);
	stored->text.data = copy;
	stored->text.len = len;
	return OK;
}

static int
take_columns(struct query *q, bool with_text, struct stored *stored)
{
	const void *head;
	size_t len;
	int rc;

	stored->line = (uint32_t)query_int(q);
	stored->side = query_int(q) == SIDE_US ? SIDE_US : SIDE_THEM;
	stored->n = (uint64_t)query_int(q);
	query_int(q); /* class */
	query_int(q); /* kind */
	query_int(q); /* serial */
	head = query_blob(q, &len);
	if (len > sizeof(stored->head))
		return ERR_FORMAT;
	memcpy(stored->head, head, len);
	rc = record_decode_head(&stored->record, stored->head, len);
	if (rc == OK)
		rc = take_text(q, with_text, stored);
	query_int(q); /* bytes */
	stored->stored_ms = query_int(q);
	stored->seq = query_int(q);
	return rc;
}

int
stored_load(struct keeper *keeper, int64_t row, bool with_text,
    struct stored *stored)
{
	struct query q = store_query(&keeper->store, STMT_RECORD_GET);

	stored->row = row;
	stored->text = (struct record_text){ NULL, 0 };
	query_bind_int(&q, row);
	if (query_next(&q))
		q.rc = take_columns(&q, with_text, stored);
	else if (q.rc == OK)
		q.rc = ERR_NOT_FOUND;
	return query_end(&q);
}

void
stored_wipe(struct stored *stored)
{
	char *text = (char *)(uintptr_t)stored->text.data;

	if (text != NULL)
		wipe(text, stored->text.len);
	free(text);
	wipe(stored, sizeof(*stored));
}

struct text
stored_view(struct record_text text)
{
	return (struct text){ text.len > 0 ? text.data : NULL, text.len };
}

int
stored_author(struct keeper *keeper, const struct stored *stored,
    char author[LABEL_BYTES_MAX + 1])
{
	return stored_author_of(keeper, stored->row, stored->side,
	    &stored->record, author);
}

int
stored_author_of(struct keeper *keeper, int64_t row, enum side side,
    const struct record *record, char author[LABEL_BYTES_MAX + 1])
{
	struct query q;
	const void *title;
	size_t len;

	memset(author, 0, LABEL_BYTES_MAX + 1);
	if (side == SIDE_THEM) {
		if (record->author.len > 0)
			memcpy(author, record->author.data, record->author.len);
		return OK;
	}
	q = store_query(&keeper->store, STMT_AUTHOR_GET);
	query_bind_int(&q, row);
	if (query_next(&q)) {
		title = query_blob(&q, &len);
		if (len > 0)
			memcpy(author, title,
			    len < LABEL_BYTES_MAX ? len : LABEL_BYTES_MAX);
	}
	return query_end(&q);
}
