#include "keeper/store.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <sqlite3.h>

#include "base/log.h"
#include "base/rng.h"
#include "folder.h"
#include "limits.h"

static const char planted[] = "the planted sentence of this test";

struct trial {
	struct folder *folder;
	struct store_keys keys;
	struct store store;
};

static void
reopen(struct trial *trial)
{
	store_close(&trial->store);
	assert_int_equal(store_open(&trial->store, trial->folder->path,
			     &trial->keys),
	    OK);
}

static int
setup(void **state)
{
	struct trial *trial = calloc(1, sizeof(*trial));
	void *folder;

	folder_setup(&folder);
	trial->folder = folder;
	rng_fill(rng_kernel(), &trial->keys, sizeof(trial->keys));
	assert_int_equal(store_create(&trial->store, trial->folder->path,
			     &trial->keys),
	    OK);
	*state = trial;
	return 0;
}

static int
teardown(void **state)
{
	struct trial *trial = *state;
	void *folder = trial->folder;

	store_close(&trial->store);
	folder_teardown(&folder);
	free(trial);
	return 0;
}

/* What a transaction of these tests does. */
struct work {
	struct store *store;
	const char *name;
	int rc; /* returned after the statements */
	size_t events;
};

static int
add_line(void *ctx)
{
	struct work *work = ctx;
	struct query q = store_query(work->store, STMT_LINE_ADD);
	int rc;

	query_bind_text(&q, work->name, strlen(work->name));
	query_bind_null(&q);
	rc = query_run(&q);
	return rc == OK ? work->rc : rc;
}

static int
add_events(void *ctx)
{
	struct work *work = ctx;
	struct query q;
	int rc;

	for (size_t i = 0; i < work->events; i++) {
		q = store_query(work->store, STMT_EVENT_ADD);
		query_bind_int(&q, 1);
		query_bind_null(&q);
		query_bind_text(&q, "test", 4);
		query_bind_null(&q);
		query_bind_null(&q);
		query_bind_text(&q, planted, strlen(planted));
		if ((rc = query_run(&q)) != OK)
			return rc;
	}
	return work->rc;
}

static int
add(struct trial *trial, const char *name, int rc)
{
	struct work work = { &trial->store, name, rc, 0 };

	return store_transact(&trial->store, STORE_LINE, add_line, &work);
}

static int
add_many(struct store *store, size_t events, int rc)
{
	struct work work = { store, NULL, rc, events };

	return store_transact(store, STORE_RECORD, add_events, &work);
}

static size_t
count_lines(struct trial *trial)
{
	struct query q = store_query(&trial->store, STMT_LINE_LIST);
	size_t count = 0;

	while (query_next(&q))
		count++;
	assert_int_equal(query_end(&q), OK);
	return count;
}

static int64_t
last_event(struct store *store)
{
	struct query q = store_query(store, STMT_EVENT_LAST);
	int64_t seq;

	assert_int_equal(query_one(&q, &seq), OK);
	return seq;
}

static int
run(struct trial *trial, enum store_db db, const char *text)
{
	return sqlite3_exec(trial->store.db[db], text, NULL, NULL, NULL);
}

static void
store_keeps_what_was_committed(void **state)
{
	struct trial *trial = *state;

	assert_int_equal(add(trial, "one", OK), OK);
	assert_int_equal(add(trial, "two", OK), OK);
	assert_int_equal(add_many(&trial->store, 10, OK), OK);
	reopen(trial);
	assert_int_equal(count_lines(trial), 2);
	assert_int_equal(last_event(&trial->store), 10);
}

static void
store_rolls_back_what_was_refused(void **state)
{
	struct trial *trial = *state;

	assert_int_equal(add(trial, "one", ERR_PEER), ERR_PEER);
	assert_int_equal(add_many(&trial->store, 10, ERR_STATE), ERR_STATE);
	assert_int_equal(count_lines(trial), 0);
	assert_int_equal(last_event(&trial->store), 0);
	assert_int_equal(add(trial, "one", OK), OK);
	assert_int_equal(add(trial, "one", OK), ERR_EXISTS);
	assert_int_equal(count_lines(trial), 1);
	reopen(trial);
	assert_int_equal(count_lines(trial), 1);
	assert_int_equal(last_event(&trial->store), 0);
}

static void
check_hidden(const struct folder *folder, const char *name)
{
	uint8_t *bytes;
	size_t len;

	if (!folder_has(folder, name))
		return;
	bytes = folder_read(folder, name, &len);
	assert_null(memmem(bytes, len, planted, 12));
	assert_null(memmem(bytes, len, "SQLite format", 13));
	assert_null(memmem(bytes, len, "CREATE TABLE", 12));
	free(bytes);
}

static void
store_shows_nothing_of_what_it_holds(void **state)
{
	struct trial *trial = *state;

	assert_int_equal(add(trial, planted, OK), OK);
	assert_int_equal(add_many(&trial->store, 1000, OK), OK);
	for (int i = 0; i < 2; i++) {
		check_hidden(trial->folder, "line.db");
		check_hidden(trial->folder, "line.db-wal");
		check_hidden(trial->folder, "record.db");
		check_hidden(trial->folder, "record.db-wal");
		/* No index in a shared file: it would not be encrypted. */
		assert_false(folder_has(trial->folder, "line.db-shm"));
		assert_false(folder_has(trial->folder, "record.db-shm"));
		reopen(trial);
	}
}

static int
open_with(struct trial *trial, const struct store_keys *keys)
{
	struct store store;
	const int rc = store_open(&store, trial->folder->path, keys);

	if (rc == OK)
		store_close(&store);
	return rc;
}

static void
store_refuses_other_keys(void **state)
{
	struct trial *trial = *state;
	struct store_keys keys = trial->keys;

	assert_int_equal(add(trial, "one", OK), OK);
	store_close(&trial->store);
	keys.line[0] ^= 1;
	assert_int_equal(open_with(trial, &keys), ERR_DENIED);
	keys = trial->keys;
	keys.record[STORE_KEY_BYTES - 1] ^= 0x80;
	assert_int_equal(open_with(trial, &keys), ERR_DENIED);
	memcpy(keys.line, trial->keys.record, STORE_KEY_BYTES);
	memcpy(keys.record, trial->keys.line, STORE_KEY_BYTES);
	assert_int_equal(open_with(trial, &keys), ERR_DENIED);
	memset(&keys, 0, sizeof(keys));
	assert_int_equal(open_with(trial, &keys), ERR_DENIED);
	assert_int_equal(open_with(trial, &trial->keys), OK);
}

static void
store_refuses_files_that_are_none(void **state)
{
	struct trial *trial = *state;
	uint8_t junk[8192];

	store_close(&trial->store);
	rng_fill(rng_kernel(), junk, sizeof(junk));
	folder_write(trial->folder, "record.db", junk, sizeof(junk));
	assert_int_equal(open_with(trial, &trial->keys), ERR_DENIED);
	memset(junk, 0, sizeof(junk));
	folder_write(trial->folder, "record.db", junk, sizeof(junk));
	assert_int_not_equal(open_with(trial, &trial->keys), OK);
}

/* Whatever bit of the file is changed, no other data comes out of it. */
static void
store_never_reads_a_changed_page(void **state)
{
	struct trial *trial = *state;
	struct store store;
	uint8_t *bytes;
	size_t len;
	struct query q;
	int rc;

	assert_int_equal(add(trial, "one", OK), OK);
	store_close(&trial->store);
	bytes = folder_read(trial->folder, "line.db", &len);
	for (size_t at = 1; at < len; at += 499) {
		folder_flip(trial->folder, "line.db", at, at % 8);
		rc = store_open(&store, trial->folder->path, &trial->keys);
		if (rc == OK) {
			const char *name;
			size_t name_len = 0;

			q = store_query(&store, STMT_LINE_LIST);
			if (query_next(&q)) {
				query_int(&q);
				name = query_text(&q, &name_len);
				assert_int_equal(name_len, 3);
				assert_memory_equal(name, "one", 3);
			}
			if (query_end(&q) == OK)
				assert_int_equal(name_len, 3);
			store_close(&store);
		}
		folder_write(trial->folder, "line.db", bytes, len);
	}
	free(bytes);
}

static void
store_refuses_a_later_version(void **state)
{
	struct trial *trial = *state;
	void *folder;

	for (int db = 0; db < STORE_DB_COUNT; db++) {
		assert_int_equal(run(trial, (enum store_db)db,
				     "PRAGMA user_version = 1000"),
		    SQLITE_OK);
		store_close(&trial->store);
		assert_int_equal(open_with(trial, &trial->keys), ERR_VERSION);
		folder = trial->folder;
		folder_teardown(&folder);
		folder_setup(&folder);
		trial->folder = folder;
		assert_int_equal(store_create(&trial->store,
				     trial->folder->path, &trial->keys),
		    OK);
	}
	assert_int_equal(run(trial, STORE_LINE, "PRAGMA user_version = -1"),
	    SQLITE_OK);
	store_close(&trial->store);
	assert_int_equal(open_with(trial, &trial->keys), ERR_VERSION);
}

#define FIRST_VERSION \
	"'record', 'record_class', 'record_seq', 'record_read'," \
	" 'record_outbox', 'record_unnumbered', 'record_withdraws'," \
	" 'attachment', 'attachment_file', 'inbox', 'part', 'part_inbox'"
#define LATER_THAN(names) \
	"SELECT 'DROP ' || type || ' ' || name FROM sqlite_master" \
	" WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite%'" \
	" AND name NOT IN (" names ") ORDER BY type"

/* Whatever record.db has that an older version had not. */
static void
drop_later(struct trial *trial, const char *later)
{
	char **rows;
	int count;

	assert_int_equal(sqlite3_get_table(trial->store.db[STORE_RECORD], later,
			     &rows, &count, NULL, NULL),
	    SQLITE_OK);
	for (int i = 1; i <= count; i++)
		assert_int_equal(run(trial, STORE_RECORD, rows[i]), SQLITE_OK);
	sqlite3_free_table(rows);
}

/* Events of the first version stay, and so does the order of their numbers. */
static void
store_brings_events_along(void **state)
{
	struct trial *trial = *state;

	drop_later(trial, LATER_THAN(FIRST_VERSION));
	assert_int_equal(run(trial, STORE_RECORD,
			     "CREATE TABLE event("
			     " seq INTEGER PRIMARY KEY AUTOINCREMENT,"
			     " wall_ms INTEGER NOT NULL, line TEXT,"
			     " kind TEXT NOT NULL, ref TEXT, what TEXT,"
			     " say TEXT NOT NULL);"
			     "INSERT INTO event(seq, wall_ms, kind, say)"
			     " VALUES(41, 1, 'line', 'up');"
			     "PRAGMA user_version = 1"),
	    SQLITE_OK);
	reopen(trial);
	assert_int_equal(last_event(&trial->store), 41);
	assert_int_equal(add_many(&trial->store, 1, OK), OK);
	assert_int_equal(last_event(&trial->store), 42);
	reopen(trial);
	assert_int_equal(last_event(&trial->store), 42);
}

/* A post that nobody but its user held has that user as its head, and what it said
 * stays. */
static void
store_brings_people_along(void **state)
{
	struct trial *trial = *state;
	struct query q;
	const char *title;
	int64_t row;
	size_t len;

	drop_later(trial,
	    LATER_THAN(FIRST_VERSION
		", 'event', 'terms', 'watch', 'day', 'calendar'"));
	assert_int_equal(run(trial, STORE_RECORD,
			     "INSERT INTO record(row, line, side, n, class,"
			     " kind, id, serial, head, bytes, stored_ms, seq)"
			     " VALUES(5, 1, 1, 1, 1, 1, x'01', 1, x'02', 9, 1,"
			     " 1);"
			     "PRAGMA user_version = 5"),
	    SQLITE_OK);
	reopen(trial);
	q = store_query(&trial->store, STMT_DELEGATE_OWNER);
	assert_true(query_next(&q));
	query_int(&q); /* id */
	title = query_text(&q, &len);
	assert_int_equal(len, 4);
	assert_memory_equal(title, "head", 4);
	query_text(&q, &len);
	assert_int_equal(len, 0);
	assert_int_equal(query_int(&q), 1); /* the role of a head, alone */
	assert_false(query_next(&q));
	assert_int_equal(query_end(&q), OK);
	/* What was not acknowledged waits, by the index that came since. */
	q = store_query(&trial->store, STMT_WAITING_MESSAGES);
	query_bind_int(&q, 1);
	assert_int_equal(query_one(&q, &row), OK);
	assert_int_equal(row, 1);
	/* Nobody is known to have written it. */
	q = store_query(&trial->store, STMT_AUTHOR_GET);
	query_bind_int(&q, 5);
	assert_int_equal(query_one(&q, &row), ERR_NOT_FOUND);
}

/* A line of the first version had one path; closed ones have none. */
static void
store_brings_paths_along(void **state)
{
	struct trial *trial = *state;
	struct query q;
	const char *listen;
	size_t len;

	assert_int_equal(run(trial, STORE_LINE,
			     "DROP TABLE path;"
			     "ALTER TABLE line DROP COLUMN roams;"
			     "ALTER TABLE line ADD COLUMN listen TEXT;"
			     "ALTER TABLE line ADD COLUMN last BLOB;"
			     "INSERT INTO line(id, name, listen, last, closed)"
			     " VALUES(7, 'a', '[::]:7411', x'0102', 0),"
			     " (8, 'b', '[::]:7412', NULL, 1);"
			     "PRAGMA user_version = 1"),
	    SQLITE_OK);
	reopen(trial);
	q = store_query(&trial->store, STMT_PATH_LIST);
	query_bind_int(&q, 7);
	assert_true(query_next(&q));
	assert_int_equal(query_int(&q), 0);
	assert_int_equal(query_int(&q), 0); /* by UDP */
	assert_int_equal(query_int(&q), 1); /* as the card says */
	listen = query_text(&q, &len);
	assert_int_equal(len, 9);
	assert_memory_equal(listen, "[::]:7411", 9);
	query_text(&q, &len);
	query_text(&q, &len);
	query_text(&q, &len);
	assert_int_equal(len, 0);
	query_blob(&q, &len);
	assert_int_equal(len, 2);
	assert_false(query_next(&q));
	assert_int_equal(query_end(&q), OK);
	q = store_query(&trial->store, STMT_PATH_LIST);
	query_bind_int(&q, 8);
	assert_false(query_next(&q));
	assert_int_equal(query_end(&q), OK);
}

static void
store_says_that_the_disk_is_full(void **state)
{
	struct trial *trial = *state;

	assert_int_equal(add_many(&trial->store, 1, OK), OK);
	assert_int_equal(run(trial, STORE_RECORD, "PRAGMA max_page_count = 1"),
	    SQLITE_OK);
	assert_int_equal(add_many(&trial->store, 5000, OK), ERR_FULL);
	assert_false(trial->store.failed);
	assert_int_equal(last_event(&trial->store), 1);
	/* Neither a short one comes between. */
	assert_int_equal(add_many(&trial->store, 5000, OK), ERR_FULL);
	assert_int_equal(run(trial, STORE_RECORD,
			     "PRAGMA max_page_count = 1000000"),
	    SQLITE_OK);
	assert_int_equal(add_many(&trial->store, 5000, OK), OK);
	assert_int_equal(last_event(&trial->store), 5001);
	reopen(trial);
	assert_int_equal(last_event(&trial->store), 5001);
}

/* In a process of its own: limits and signals are a process's. */
static void
write_until_it_fails(struct trial *trial)
{
	const struct rlimit limit = { 128 * 1024, 128 * 1024 };
	size_t committed = 0;
	int rc = OK;

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		_exit(10);
	while (rc == OK && committed < 10000) {
		rc = add_many(&trial->store, 10, OK);
		if (rc == OK)
			committed += 10;
	}
	if (rc != ERR_IO || !trial->store.failed)
		_exit(11);
	/* From here on nothing at all, whether it could be done or not. */
	if (add_many(&trial->store, 0, OK) != ERR_IO ||
	    add(trial, "x", OK) != ERR_IO)
		_exit(12);
	_exit(committed > 0 ? 0 : 13);
}

static void
store_that_failed_is_not_used_again(void **state)
{
	struct trial *trial = *state;
	struct store *store = &trial->store;
	int64_t value;
	struct query q;
	pid_t child;
	int status;

	store_close(store);
	child = fork();
	if (child == 0) {
		if (store_open(store, trial->folder->path, &trial->keys) != OK)
			_exit(9);
		write_until_it_fails(trial);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	/* What is on disk is whole. */
	reopen(trial);
	assert_int_equal(last_event(store) % 10, 0);
	store->failed = true;
	q = store_query(store, STMT_EVENT_LAST);
	assert_int_equal(query_one(&q, &value), ERR_IO);
	q = store_query(store, STMT_LINE_LIST);
	assert_false(query_next(&q));
	assert_int_equal(query_end(&q), ERR_IO);
	assert_int_equal(add(trial, "x", OK), ERR_IO);
}

/* Commits for ever, and says after each commit how far it is. */
static void
commit_and_tell(struct trial *trial, int fd)
{
	int64_t seq;

	for (;;) {
		if (add_many(&trial->store, 3, OK) != OK)
			_exit(1);
		seq = last_event(&trial->store);
		if (write(fd, &seq, sizeof(seq)) != sizeof(seq))
			_exit(2);
	}
}

static void
store_keeps_what_it_claimed_when_killed(void **state)
{
	struct trial *trial = *state;
	int64_t told = 0, seq;
	int fds[2];
	pid_t child;

	for (int i = 0; i < 8; i++) {
		store_close(&trial->store);
		assert_int_equal(pipe(fds), 0);
		child = fork();
		if (child == 0) {
			if (store_open(&trial->store, trial->folder->path,
				&trial->keys) != OK)
				_exit(3);
			commit_and_tell(trial, fds[1]);
		}
		close(fds[1]);
		for (int j = 0; j < 20 + 7 * i; j++)
			assert_int_equal(read(fds[0], &told, sizeof(told)),
			    sizeof(told));
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		while (read(fds[0], &seq, sizeof(seq)) == sizeof(seq))
			told = seq;
		close(fds[0]);
		reopen(trial);
		assert_true(last_event(&trial->store) >= told);
		assert_int_equal(last_event(&trial->store) % 3, 0);
	}
}

static void
query_refuses_what_is_not_there(void **state)
{
	struct trial *trial = *state;
	uint8_t bytes[32];
	struct query q;
	int64_t value = 7;

	q = store_query(&trial->store, STMT_LINE_FIND_CLOSED);
	query_bind_text(&q, "x", 1);
	assert_int_equal(query_one(&q, &value), ERR_NOT_FOUND);
	assert_int_equal(value, 0);
	assert_int_equal(add(trial, "four", OK), OK);
	/* A blob of another length is none. */
	q = store_query(&trial->store, STMT_LINE_LIST);
	assert_true(query_next(&q));
	query_int(&q);
	memset(bytes, 0xaa, sizeof(bytes));
	query_bytes(&q, bytes, 5);
	assert_int_equal(bytes[0], 0);
	assert_int_equal(bytes[4], 0);
	assert_int_equal(bytes[5], 0xaa);
	assert_int_equal(query_end(&q), ERR_FORMAT);
	q = store_query(&trial->store, STMT_LINE_LIST);
	assert_true(query_next(&q));
	query_int(&q);
	query_bytes(&q, bytes, 4);
	assert_memory_equal(bytes, "four", 4);
	assert_false(query_next(&q));
	assert_int_equal(query_end(&q), OK);
}

static void
query_error_sticks(void **state)
{
	struct trial *trial = *state;
	uint8_t bytes[8];
	struct query q;

	assert_int_equal(add(trial, "one", OK), OK);
	assert_int_equal(add(trial, "two", OK), OK);
	q = store_query(&trial->store, STMT_LINE_LIST);
	assert_true(query_next(&q));
	query_bytes(&q, bytes, 8);
	assert_false(query_next(&q));
	assert_false(query_next(&q));
	assert_int_equal(query_end(&q), ERR_FORMAT);
	/* The statement is as good as new, and nothing stayed bound. */
	assert_int_equal(count_lines(trial), 2);
	assert_false(trial->store.failed);
}

static void
store_opens_behind_a_link(void **state)
{
	struct trial *trial = *state;
	struct store store;
	char path[128];

	store_close(&trial->store);
	snprintf(path, sizeof(path), "%s/link", trial->folder->path);
	assert_int_equal(symlink(trial->folder->path, path), 0);
	assert_int_equal(store_open(&store, path, &trial->keys), OK);
	store_close(&store);
}

static void
store_makes_no_empty_file_for_a_lost_one(void **state)
{
	static const char *const names[] = { "line.db", "record.db" };
	struct trial *trial = *state;
	struct stat about;

	store_close(&trial->store);
	for (size_t i = 0; i < 2; i++) {
		size_t len;
		uint8_t *bytes = folder_read(trial->folder, names[i], &len);

		assert_int_equal(unlinkat(trial->folder->fd, names[i], 0), 0);
		assert_int_equal(open_with(trial, &trial->keys), ERR_NOT_FOUND);
		assert_int_equal(fstatat(trial->folder->fd, names[i], &about,
				     0),
		    -1);
		folder_write(trial->folder, names[i], bytes, 0);
		assert_int_equal(open_with(trial, &trial->keys), ERR_NOT_FOUND);
		folder_write(trial->folder, names[i], bytes, len);
		free(bytes);
	}
	assert_int_equal(open_with(trial, &trial->keys), OK);
}

static bool
says(const struct store *store, const char *words)
{
	return strstr(store->why, words) != NULL;
}

/* Where the first page of a table lies in its file. */
static size_t
table_at(struct store *store, enum store_db db, const char *name)
{
	static const char page[] = "PRAGMA page_size";
	static const char root[] =
	    "SELECT rootpage FROM sqlite_master WHERE name = ?";
	sqlite3_stmt *stmt;
	size_t bytes, number;

	assert_int_equal(sqlite3_prepare_v2(store->db[db], page, -1, &stmt,
			     NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	bytes = (size_t)sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_prepare_v2(store->db[db], root, -1, &stmt,
			     NULL),
	    SQLITE_OK);
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	number = (size_t)sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return (number - 1) * bytes;
}

/* Which file it is, and what to do about it. */
static void
store_says_what_is_wrong_with_which_file(void **state)
{
	static const char *const names[] = { "line.db", "record.db" };
	struct trial *trial = *state;
	const enum stmt reads[] = { STMT_LINE_LIST, STMT_RECORD_SEQ_LAST };
	uint8_t *bytes, none[32] = { 0 };
	struct store store;
	struct query q;
	size_t len, at[2];

	assert_int_equal(add(trial, "one", OK), OK);
	at[0] = table_at(&trial->store, STORE_LINE, "line");
	at[1] = table_at(&trial->store, STORE_RECORD, "record_seq");
	store_close(&trial->store);
	for (size_t i = 0; i < 2; i++) {
		bytes = folder_read(trial->folder, names[i], &len);
		assert_int_equal(unlinkat(trial->folder->fd, names[i], 0), 0);
		assert_int_equal(store_open(&store, trial->folder->path,
				     &trial->keys),
		    ERR_NOT_FOUND);
		assert_true(says(&store, names[i]));
		assert_true(says(&store, "is missing"));
		/* Another post's, or its first page damaged. */
		folder_write(trial->folder, names[i], none, sizeof(none));
		assert_int_equal(store_open(&store, trial->folder->path,
				     &trial->keys),
		    ERR_DENIED);
		assert_true(says(&store, names[i]));
		assert_true(says(&store, "keys of this post"));
		/* Damage that shows later. */
		assert_in_range(at[i] + 500, 500, len - 1);
		bytes[at[i] + 500] ^= 1;
		folder_write(trial->folder, names[i], bytes, len);
		assert_int_equal(store_open(&store, trial->folder->path,
				     &trial->keys),
		    OK);
		q = store_query(&store, reads[i]);
		assert_false(query_next(&q));
		assert_int_equal(query_end(&q), ERR_IO);
		assert_true(store.failed);
		assert_true(says(&store, names[i]));
		assert_true(says(&store, "is damaged"));
		store_close(&store);
		bytes[at[i] + 500] ^= 1;
		folder_write(trial->folder, names[i], bytes, len);
		free(bytes);
	}
	reopen(trial);
}

static int write_errno;

static ssize_t
refuse_write(int fd, const void *bytes, size_t len, off_t at)
{
	(void)fd;
	(void)bytes;
	(void)len;
	(void)at;
	errno = write_errno;
	return -1;
}

/* Every write of SQLite's fails from now on; err 0: none does. */
static void
refuse_writes(int err)
{
	static const char *const calls[] = { "pwrite", "pwrite64" };
	sqlite3_vfs *vfs = sqlite3_vfs_find("unix");

	write_errno = err;
	for (size_t i = 0; i < 2; i++)
		(void)vfs->xSetSystemCall(vfs, calls[i],
		    err == 0 ? NULL : (sqlite3_syscall_ptr)refuse_write);
}

/* A quota that is reached is a full disk; a disk that fails is broken. */
static void
store_takes_a_quota_for_a_full_disk(void **state)
{
	struct trial *trial = *state;

	refuse_writes(ENOSPC);
	assert_int_equal(add(trial, "one", OK), ERR_FULL);
	assert_false(trial->store.failed);
	refuse_writes(EDQUOT);
	assert_int_equal(add(trial, "two", OK), ERR_FULL);
	assert_false(trial->store.failed);
	refuse_writes(0);
	assert_int_equal(add(trial, "three", OK), OK);
	refuse_writes(EIO);
	assert_int_equal(add(trial, "four", OK), ERR_IO);
	assert_true(trial->store.failed);
	refuse_writes(0);
	reopen(trial);
}

/* What a failed disk may not have is not moved to where the last good copy is. */
static void
store_that_failed_moves_nothing_when_it_is_closed(void **state)
{
	struct trial *trial = *state;
	uint8_t *before, *after;
	size_t len, len_after;

	reopen(trial);
	before = folder_read(trial->folder, "line.db", &len);
	assert_int_equal(add(trial, "one", OK), OK);
	trial->store.failed = true;
	store_close(&trial->store);
	after = folder_read(trial->folder, "line.db", &len_after);
	assert_int_equal(len, len_after);
	assert_memory_equal(before, after, len);
	free(before);
	free(after);
	reopen(trial);
	assert_int_equal(count_lines(trial), 1);
}

static void
store_keeps_its_log_short(void **state)
{
	struct trial *trial = *state;
	struct stat about;

	for (int i = 0; i < 2 * WAL_PAGES_MAX; i++)
		assert_int_equal(add_many(&trial->store, 1, OK), OK);
	assert_int_equal(fstatat(trial->folder->fd, "record.db-wal", &about, 0),
	    0);
	assert_true(about.st_size < (off_t)2 * WAL_PAGES_MAX * 4096);
}

static void
store_says_where_it_cannot_be_opened(void **state)
{
	struct trial *trial = *state;
	struct store store;

	store_close(&trial->store);
	assert_int_equal(store_open(&store, "/nowhere/at/all", &trial->keys),
	    ERR_IO);
	assert_int_equal(unlinkat(trial->folder->fd, "record.db", 0), 0);
	assert_int_equal(mkdirat(trial->folder->fd, "record.db", 0700), 0);
	assert_int_equal(open_with(trial, &trial->keys), ERR_IO);
}

enum { JOURNAL_RECORDS = 5000 };

/* So many delivered messages of each side on line 1. */
static void
fill_journals(struct trial *trial)
{
	char text[512];

	for (int side = 0; side < 2; side++) {
		snprintf(text, sizeof(text),
		    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL"
		    " SELECT x + 1 FROM c WHERE x < %d)"
		    " INSERT INTO record(line, side, n, class, kind, id,"
		    " serial, head, bytes, stored_ms, seq, delivered_ms)"
		    " SELECT 1, %d, x, 4, 1, randomblob(16), x, x'00', 10, x,"
		    " 2 * x + %d, 1 FROM c",
		    JOURNAL_RECORDS, side, side);
		assert_int_equal(run(trial, STORE_RECORD, text), SQLITE_OK);
	}
}

/* Every question that is asked at each message, however long the line. */
static void
store_walks_no_journal(void **state)
{
	static const struct {
		enum stmt stmt;
		int64_t bind[3];
		int binds;
		int64_t answer; /* -1: no row */
	} rows[] = {
		{ STMT_RECORD_SERIAL_BELOW, { 1, 5001 }, 2, 5000 },
		{ STMT_RECORD_SERIAL_BELOW, { 1, 4990 }, 2, 4989 },
		{ STMT_RECORD_SERIAL_BELOW, { 2, 5001 }, 2, 0 },
		{ STMT_RECORD_SERIAL_ABOVE, { 1, 10 }, 2, 11 },
		{ STMT_RECORD_SERIAL_ABOVE, { 1, 5000 }, 2, 0 },
		{ STMT_RECORD_WITHDRAWN_BY, { 1, 7, 0 }, 3, -1 },
		{ STMT_RECORD_SEQ_LAST, { 0 }, 0, 10001 },
		{ STMT_RECORD_SEQ_BACK, { 1, 5 }, 2, 9996 },
		{ STMT_RECORD_ARRIVING, { 1, 0 }, 2, -1 },
		{ STMT_RECORD_FIND_SERIAL, { 1, 0, 2500 }, 3, 2500 },
		{ STMT_RECORD_NEXT, { 1, 4, 2500 }, 3, 2501 },
		{ STMT_JOURNAL_END, { 1 }, 1, 5000 },
		{ STMT_JOURNAL_CLASS_END, { 1, 0, 4 }, 3, 5000 },
		{ STMT_JOURNAL_CLASS_END, { 1, 1, 2 }, 3, 0 },
		{ STMT_JOURNAL_UNNUMBERED, { 1 }, 1, 0 },
		{ STMT_OUTBOX_COUNT, { 1 }, 1, 0 },
		{ STMT_OUTBOX_BYTES, { 1, 4, 0 }, 3, 0 },
	};
	struct trial *trial = *state;
	struct query q;
	bool found;

	fill_journals(trial);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		q = store_query(&trial->store, rows[i].stmt);
		for (int j = 0; j < rows[i].binds; j++)
			query_bind_int(&q, rows[i].bind[j]);
		(void)sqlite3_stmt_status(q.stmt, SQLITE_STMTSTATUS_VM_STEP, 1);
		found = query_next(&q);
		assert_int_equal(found, rows[i].answer >= 0);
		if (found)
			assert_int_equal(query_int(&q), rows[i].answer);
		assert_in_range(sqlite3_stmt_status(q.stmt,
				    SQLITE_STMTSTATUS_VM_STEP, 0),
		    1, 400);
		assert_int_equal(query_end(&q), OK);
	}
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(store_keeps_what_was_committed),
		CLAIM(store_rolls_back_what_was_refused),
		CLAIM(store_shows_nothing_of_what_it_holds),
		CLAIM(store_refuses_other_keys),
		CLAIM(store_refuses_files_that_are_none),
		CLAIM(store_never_reads_a_changed_page),
		CLAIM(store_refuses_a_later_version),
		CLAIM(store_brings_events_along),
		CLAIM(store_brings_people_along),
		CLAIM(store_brings_paths_along),
		CLAIM(store_says_that_the_disk_is_full),
		CLAIM(store_that_failed_is_not_used_again),
		CLAIM(store_keeps_what_it_claimed_when_killed),
		CLAIM(query_refuses_what_is_not_there),
		CLAIM(query_error_sticks),
		CLAIM(store_opens_behind_a_link),
		CLAIM(store_makes_no_empty_file_for_a_lost_one),
		CLAIM(store_walks_no_journal),
		CLAIM(store_says_where_it_cannot_be_opened),
		CLAIM(store_says_what_is_wrong_with_which_file),
		CLAIM(store_takes_a_quota_for_a_full_disk),
		CLAIM(store_that_failed_moves_nothing_when_it_is_closed),
		CLAIM(store_keeps_its_log_short),
	};

	/* The log says what these tests cause. */
	log_open(open("/dev/null", O_WRONLY | O_CLOEXEC), "test",
	    LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
