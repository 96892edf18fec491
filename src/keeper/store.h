/* Owns the two database files, and every statement that is put to them. */
#ifndef KEEPER_STORE_H
#define KEEPER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keeper/keyring.h"

/* `line.db`: keys, continuity, ceremonies.  `record.db`: journals, texts,
 * names, the keys of attachments, events. */
enum store_db { STORE_LINE, STORE_RECORD, STORE_DB_COUNT };

/* The text of each stands in store.c; the order of its ? is that of binding,
 * the order of its columns that of reading. */
enum stmt {
	STMT_POST_PUT,
	STMT_POST_GET,
	STMT_LINE_ADD,
	STMT_LINE_LIST,
	STMT_LINE_SET_CEREMONY,
	STMT_LINE_SET_ROAMS,
	STMT_LINE_CLOSE,
	STMT_LINE_DROP,
	STMT_LINE_FIND_CLOSED,
	STMT_PATH_PUT,
	STMT_PATH_LIST,
	STMT_PATH_SET_LISTEN,
	STMT_PATH_SET_LAST,
	STMT_PATH_DROP,
	STMT_PATH_DROP_ALL,
	STMT_USED_ADD,
	STMT_USED_FIND,
	STMT_USED_DROP,
	STMT_CONTINUITY_PUT,
	STMT_CONTINUITY_GET,
	STMT_CONTINUITY_DROP,
	STMT_PENDING_PUT,
	STMT_PENDING_GET,
	STMT_PENDING_DROP,
	STMT_PENDING_DROP_ALL,

	STMT_EVENT_ADD,
	STMT_EVENT_TRIM,
	STMT_EVENT_LIST,
	STMT_EVENT_LAST,
	STMT_RECORD_ADD,
	STMT_RECORD_NUMBER,
	STMT_RECORD_UNNUMBERED,
	STMT_RECORD_NEXT,
	STMT_RECORD_OPEN,
	STMT_RECORD_TEXT_PART,
	STMT_RECORD_SET_TEXT,
	STMT_RECORD_COMPLETE,
	STMT_RECORD_SET_DELIVERED,
	STMT_RECORD_SET_READ,
	STMT_RECORD_SET_ACKNOWLEDGED,
	STMT_RECORD_FIND_SERIAL,
	STMT_RECORD_FIND_ID,
	STMT_RECORD_GET,
	STMT_RECORD_REF,
	STMT_RECORD_WITHDRAWN_BY,
	STMT_RECORD_SERIAL_BELOW,
	STMT_RECORD_SERIAL_ABOVE,
	STMT_RECORD_SEQ_LAST,
	STMT_RECORD_SEQ_BACK,
	STMT_RECORD_LIST,
	STMT_RECORD_ARRIVING,
	STMT_RECORD_DROP,
	STMT_JOURNAL_END,
	STMT_JOURNAL_CLASS_END,
	STMT_JOURNAL_UNNUMBERED,
	STMT_JOURNAL_HELD,
	STMT_WATCH_PUT,
	STMT_WATCH_GET,
	STMT_CALENDAR_PUT,
	STMT_CALENDAR_GET,
	STMT_DAY_PUT,
	STMT_DAY_GET,
	STMT_DAY_TRIM,
	STMT_DAY_LIST,
	STMT_DAY_UNSAID,
	STMT_DAY_WAS_PATH,
	STMT_DAY_WAS_POST,
	STMT_DAY_WAS_UNTOLD,
	STMT_OUTBOX_COUNT,
	STMT_OUTBOX_BYTES,
	STMT_ATTACHMENT_ADD,
	STMT_ATTACHMENT_GET,
	STMT_ATTACHMENT_SET,
	STMT_ATTACHMENT_FILES,
	STMT_ATTACHMENT_DROP,
	STMT_INBOX_PUT,
	STMT_INBOX_GET,
	STMT_INBOX_DROP,
	STMT_PART_ADD,
	STMT_PART_LIST,
	STMT_PART_DROP,
	STMT_TERMS_PUT,
	STMT_TERMS_GET,
	STMT_ALARM_ADD,
	STMT_ALARM_FIND,
	STMT_ALARM_AGAIN,
	STMT_ALARM_RESAY,
	STMT_ALARM_TRIM,
	STMT_ALARM_LIVE,
	STMT_ALARM_COUNT,
	STMT_ALARM_RANG,
	STMT_ALARM_HEARD,
	STMT_ALARM_END,
	STMT_ALARM_END_ALL,
	STMT_ALARM_END_OF,
	STMT_ALARM_END_ABOUT,
	STMT_ALARM_END_LINE,
	STMT_ALARM_LIST,
	STMT_WAKE_PUT,
	STMT_WAKE_GET,
	STMT_PLAN_PUT,
	STMT_PLAN_GET,
	STMT_DRILL_ADD,
	STMT_DRILL_COUNT,
	STMT_DRILL_ROW,
	STMT_DRILL_FIND,
	STMT_DRILL_SET,
	STMT_DRILL_ACK,
	STMT_DRILL_OPEN,
	STMT_DRILL_LAST,
	STMT_DRILL_ID,
	STMT_DRILL_N,
	STMT_DRILL_BACK,
	STMT_DRILL_LIST,
	STMT_DRILL_TRIM,
	STMT_MONTH_COUNT,
	STMT_MONTH_RANK,
	STMT_MONTH_PUT,
	STMT_MONTH_GET,
	STMT_MONTH_UNSAID,
	STMT_MONTH_NEXT,
	STMT_SERVICE_ADD,
	STMT_SERVICE_BACK,
	STMT_SERVICE_LIST,
	STMT_SERVICE_OLD,
	STMT_SERVICE_BLANK,
	STMT_SERVICE_DROP,
	STMT_ROSTER_PUT,
	STMT_ROSTER_LIST,
	STMT_ROSTER_DROP,
	STMT_ROSTER_TELL,
	STMT_ROSTER_TOLD,
	STMT_ROSTER_HEAR,
	STMT_ROSTER_HEARD,
	STMT_DUTY_ADD,
	STMT_DUTY_LIST,
	STMT_DUTY_LAST,
	STMT_DUTY_TAKEN,
	STMT_DUTY_TRIM,
	STMT_DUTY_ITEM_ADD,
	STMT_DUTY_ITEM_LIST,
	STMT_DUTY_ITEM_TRIM,
	STMT_WAITING_MESSAGES,
	STMT_DELEGATE_ADD,
	STMT_DELEGATE_GET,
	STMT_DELEGATE_FIND,
	STMT_DELEGATE_OWNER,
	STMT_DELEGATE_LIST,
	STMT_DELEGATE_COUNT,
	STMT_DELEGATE_HEADS,
	STMT_DELEGATE_SET,
	STMT_DELEGATE_SET_FIRST,
	STMT_DELEGATE_SET_SECRET,
	STMT_DELEGATE_SET_OWNER,
	STMT_DELEGATE_REVOKE,
	STMT_DELEGATE_SECRET,
	STMT_DELEGATE_SET_TRIES,
	STMT_SIGN_IN_TRY,
	STMT_SESSION_ADD,
	STMT_SESSION_FIND,
	STMT_SESSION_COUNT,
	STMT_SESSION_COUNT_OF,
	STMT_SESSION_DROP,
	STMT_SESSION_DROP_OF,
	STMT_SESSION_DROP_OLD,
	STMT_SESSION_DROP_FIRST,
	STMT_AUTHOR_ADD,
	STMT_AUTHOR_GET,
	STMT_POINT_ADD,
	STMT_POINT_GET,
	STMT_POINT_FIND_ID,
	STMT_POINT_FIND_NUMBER,
	STMT_POINT_LIST,
	STMT_POINT_SIDE_PUT,
	STMT_POINT_SIDE_GET,
	STMT_POINT_DUE,
	STMT_POINT_DUE_NEXT,
	STMT_POINT_TOLD,
	STMT_POINT_WAITING,
	STMT_STANDING_ADD,
	STMT_STANDING_LIST,
	STMT_PUBLIC_ADD,
	STMT_PUBLIC_GET,
	STMT_PUBLIC_FIND_ID,
	STMT_PUBLIC_FIND_NUMBER,
	STMT_PUBLIC_LIST,
	STMT_PUBLIC_LIST_POINT,
	STMT_PUBLIC_COUNT,
	STMT_READING_PUT,
	STMT_READING_GET,
	STMT_POINT_MESSAGE_ADD,
	STMT_POINT_MESSAGE_LIST,
	STMT_POINT_MESSAGE_COUNT,
	STMT_WILLING_ADD,
	STMT_WILLING_PUT,
	STMT_WILLING_LIVE,
	STMT_WILLING_ALL_LIVE,
	STMT_WILLING_OVER,
	STMT_WILLING_FIRST_DAY,
	STMT_WILLING_GET,
	STMT_WILLING_LIST,
	STMT_WILLING_FIND,
	STMT_WILLING_LAST_NUMBER,
	STMT_WILLING_LAST_DAY,
	STMT_PACT_ADD,
	STMT_PACT_SET_STATE,
	STMT_PACT_FIND,
	STMT_PACT_NEXT,
	STMT_PACT_NEXT_FORM,
	STMT_PACT_LAST_NUMBER,
	STMT_PACT_DISCLOSES,
	STMT_PACT_TEXT,
	STMT_CONSENT_ADD,
	STMT_CONSENT_LIST,
	STMT_TRANSLATION_ADD,
	STMT_TRANSLATION_COUNT,
	STMT_TRANSLATION_NEXT,
	STMT_PASSED_ADD,
	STMT_PASSED_COUNT,
	STMT_PASSED_NEXT,
	STMT_RULE_PUT,
	STMT_RULE_GET,
	STMT_RULE_DROP,
	STMT_PAPER_ADD,
	STMT_PAPER_GET,
	STMT_PAPER_COUNT,
	STMT_PAPER_NEXT,
	STMT_PAPER_NEXT_OPEN,
	STMT_PAPER_SET_VERSION,
	STMT_PAPER_END,
	STMT_PAPER_VERSION_ADD,
	STMT_PAPER_VERSION_GET,
	STMT_PAPER_VERSION_FIND,
	STMT_PAPER_ACT_ADD,
	STMT_PAPER_ACT_COUNT,
	STMT_PAPER_ACT_LIST,
	STMT_PAPER_FILE_ADD,
	STMT_PAPER_FILE_LIST,
	STMT_PAPER_FILE_KEPT,
	STMT_PAPER_FILE_FORGET,
	STMT_COUNT,
};

enum store_step { STEP_BEGIN, STEP_COMMIT, STEP_ROLLBACK, STEP_COUNT };

enum store_sizes { STORE_WHY_BYTES = 256 };

struct sqlite3;
struct sqlite3_stmt;

struct store {
	struct sqlite3 *db[STORE_DB_COUNT];
	struct sqlite3_stmt *stmt[STMT_COUNT];
	struct sqlite3_stmt *step[STORE_DB_COUNT][STEP_COUNT];
	bool in_transaction;
	/* Nothing is kept: each transaction is rolled back at its end. */
	bool trial;
	bool tried; /* one came to its end since this was cleared */
	/* A sync or a read failed: what is on disk is no longer known, and
	 * nothing more is tried in this process. */
	bool failed;
	bool open;		   /* both files are */
	int pages[STORE_DB_COUNT]; /* in the log, not in the file */
	/* What went wrong first, in words: which file, and what to do. */
	char why[STORE_WHY_BYTES];
};

/* Takes what the library needs from outside of the post's folder, once: its seed
 * of random numbers. */
void store_prepare(void);

/* Makes both files in `folder`, as far as they are not there, and opens them as
 * store_open does. */
MUST_CHECK int store_create(struct store *store, const char *folder,
    const struct store_keys *keys);
/*
 * Opens both files in `folder`, brings them to the present version and prepares
 * every statement.  Where that fails, store->why says why.
 * ERR_NOT_FOUND: one is missing or empty; ERR_DENIED: wrong
 * keys, or no database; ERR_VERSION: of a later version; ERR_FULL; ERR_IO: also
 * where one is damaged.
 */
MUST_CHECK int store_open(struct store *store, const char *folder,
    const struct store_keys *keys);
/* Closes without committing anything. */
void store_close(struct store *store);

/* Runs fn between BEGIN and COMMIT of one file; durable when this returns OK.
 * Rolls back and returns fn's error, or the store's: ERR_FULL where the disk
 * has no room, ERR_IO where the store has failed, ERR_STATE on trial. */
MUST_CHECK int store_transact(struct store *store, enum store_db db,
    int (*fn)(void *ctx), void *ctx);

/*
 * One statement under way.  Values are bound in order; rows are read column by
 * column, in order, into memory that is good until the next step.  Errors
 * stick, and come out at the end.
 */
struct query {
	struct store *store;
	struct sqlite3_stmt *stmt;
	int bound;
	int column;
	int rc;
};

struct query store_query(struct store *store, enum stmt stmt);
void query_bind_int(struct query *q, int64_t value);
/* NULL where len is 0. */
void query_bind_blob(struct query *q, const void *data, size_t len);
void query_bind_text(struct query *q, const char *data, size_t len);
void query_bind_null(struct query *q);

/* The next row; false at the end or after an error. */
bool query_next(struct query *q);
int64_t query_int(struct query *q);
const void *query_blob(struct query *q, size_t *len);
const char *query_text(struct query *q, size_t *len);
/* A blob of exactly len bytes, or an error. */
void query_bytes(struct query *q, void *dst, size_t len);

/* Ends the statement: OK or the first error. */
MUST_CHECK int query_end(struct query *q);
/* Runs a statement without rows to its end. */
MUST_CHECK int query_run(struct query *q);
/* Reads the one row of a statement of one number; ERR_NOT_FOUND: no row. */
MUST_CHECK int query_one(struct query *q, int64_t *value);
/* The key of the row that was last added. */
int64_t store_last_row(const struct store *store, enum store_db db);

#endif
