#include "keeper/withdrawal.h"

#include <string.h>

#include "keeper/diary.h"
#include "keeper/ref.h"
#include "keeper/stored.h"

/* A message that only takes another back says nothing itself. */
static bool
says_something(const struct record *record)
{
	return record->text_bytes > 0 || record->subject.len > 0 ||
	    record->attachments > 0;
}

int
withdrawal_find(struct keeper *keeper, uint32_t line, enum side side,
    const uint8_t id[RECORD_ID_BYTES], struct withdrawal *withdrawal)
{
	struct query q = store_query(&keeper->store, STMT_RECORD_WITHDRAWN_BY);
	struct stored stored;
	int64_t row;
	int rc;

	*withdrawal = (struct withdrawal){ .by = "" };
	query_bind_int(&q, line);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	query_bind_int(&q, side);
	if ((rc = query_one(&q, &row)) != OK)
		return rc == ERR_NOT_FOUND ? OK : rc;
	if ((rc = stored_load(keeper, row, false, &stored)) == OK) {
		ref_format(withdrawal->by, side,
		    stored.n > 0 ? stored.record.serial : 0, stored.record.id);
		withdrawal->replaces = says_something(&stored.record);
		withdrawal->wall_ms = stored.record.time_ms;
	}
	stored_wipe(&stored);
	return rc;
}

int
withdrawal_note(struct keeper *keeper, const struct post_line *line,
    enum side side, const struct record *record, const char *by)
{
	const char *other = side == SIDE_US ? "them/" : "us/";
	const bool replaces = says_something(record);
	char ref[REQUEST_REF_BYTES];
	int rc;

	if (!record->has_withdraws)
		return OK;
	rc = ref_of_id(keeper, line->id, record->withdraws, ref);
	/* Of what is not its own, nothing follows. */
	if (rc != OK || strncmp(ref, other, strlen(other)) == 0)
		return rc;
	return diary_add(keeper,
	    (struct diary_entry){ line, "message", ref,
		replaces ? "replaced" : "withdrawn" },
	    replaces ? "Message %s, %s %s, is withdrawn and replaced by %s."
		     : "Message %s, %s %s, is withdrawn by %s.",
	    ref, side == SIDE_US ? "to" : "from", line->name, by);
}
