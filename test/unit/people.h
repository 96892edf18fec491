/* Owns people of a post for tests: delegates by title, and who asks. */
#ifndef TEST_PEOPLE_H
#define TEST_PEOPLE_H

#include <sqlite3.h>

#include "forge.h"

static inline void
people_sql(struct twin_side *side, const char *text)
{
	assert_int_equal(sqlite3_exec(side->keeper->store.db[STORE_RECORD],
			     text, NULL, NULL, NULL),
	    SQLITE_OK);
}

/* A number that a statement gives. */
static inline int64_t
people_count(struct twin_side *side, const char *text)
{
	sqlite3_stmt *stmt;
	int64_t value;

	assert_int_equal(sqlite3_prepare_v2(side->keeper->store
						.db[STORE_RECORD],
			     text, -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

/* Roles as bits of enum delegate_role. */
static inline void
people_add(struct twin_side *side, const char *title, uint32_t roles)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "INSERT INTO delegate(title, roles) VALUES('%s', %u)", title,
	    roles);
	people_sql(side, text);
}

/* Whoever asks from now on. */
static inline void
people_be(struct twin_side *side, const char *title)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "UPDATE delegate SET is_owner = 0;"
	    "UPDATE delegate SET is_owner = 1 WHERE title = '%s'",
	    title);
	people_sql(side, text);
	assert_int_equal(people_count(side,
			     "SELECT count(*) FROM delegate"
			     " WHERE is_owner = 1"),
	    1);
}

#endif
