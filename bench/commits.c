/*
 * Owns the reference of durable messages: bare commits of the keeper's own
 * store (its cipher, its write-ahead log, its syncs), one insert each.
 *
 *   commits FOLDER COUNT BYTES
 *
 * FOLDER is empty, on the disk in question.  Prints commits a second.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"
#include "keeper/store.h"

enum { ROW_BYTES_MAX = 65536 };

struct insert {
	sqlite3_stmt *stmt;
	uint8_t *row;
	int bytes;
};

static int
add_row(void *ctx)
{
	struct insert *insert = ctx;

	sqlite3_bind_blob(insert->stmt, 1, insert->row, insert->bytes,
	    SQLITE_STATIC);
	if (sqlite3_step(insert->stmt) != SQLITE_DONE)
		fatalx("an insert failed");
	sqlite3_reset(insert->stmt);
	return OK;
}

int
main(int argc, char **argv)
{
	static uint8_t row[ROW_BYTES_MAX];
	struct insert insert = { .row = row };
	struct store_keys keys;
	struct store store;
	uint64_t began_ns;
	long count;

	if (argc != 4 || (count = atol(argv[2])) <= 0 ||
	    (insert.bytes = atoi(argv[3])) <= 0 || insert.bytes > ROW_BYTES_MAX)
		fatalx("usage: commits FOLDER COUNT BYTES");
	rng_fill(rng_kernel(), &keys, sizeof(keys));
	rng_fill(rng_kernel(), row, (size_t)insert.bytes);
	if (store_create(&store, argv[1], &keys) != OK ||
	    sqlite3_exec(store.db[STORE_RECORD],
		"CREATE TABLE bare(row INTEGER PRIMARY KEY, data BLOB)", NULL,
		NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(store.db[STORE_RECORD],
		"INSERT INTO bare(data) VALUES(?)", -1, &insert.stmt,
		NULL) != SQLITE_OK)
		fatalx("no store can be made in %s", argv[1]);
	began_ns = clock_now_ns();
	for (long i = 0; i < count; i++) {
		if (store_transact(&store, STORE_RECORD, add_row, &insert) !=
		    OK)
			fatalx("a commit failed");
	}
	printf("%.1f\n",
	    (double)count * 1e9 / (double)(clock_now_ns() - began_ns));
	sqlite3_finalize(insert.stmt);
	store_close(&store);
	return 0;
}
