#include "keeper/store.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "base/log.h"
#include "base/wipe.h"
#include "limits.h"

static const char *const file_names[STORE_DB_COUNT] = {
	[STORE_LINE] = "line.db",
	[STORE_RECORD] = "record.db",
};

/* Migrations: entry v brings a file from user_version v to v + 1. */
static const char *const line_migrations[] = {
	"CREATE TABLE post(name TEXT NOT NULL);"
	"CREATE TABLE line("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" name TEXT NOT NULL,"
	" ceremony BLOB," /* NULL: closed, keys erased */
	" by_hand INTEGER NOT NULL DEFAULT 0,"
	" listen TEXT,"
	" last BLOB," /* where the peer was last heard */
	" closed INTEGER NOT NULL DEFAULT 0);"
	"CREATE UNIQUE INDEX line_name ON line(name) WHERE closed = 0;"
	"CREATE TABLE used(commitment BLOB PRIMARY KEY) WITHOUT ROWID;"
	"CREATE TABLE continuity("
	" line INTEGER PRIMARY KEY,"
	" cur BLOB NOT NULL, prev BLOB NOT NULL, proved INTEGER NOT NULL,"
	" exporter BLOB NOT NULL, exporter_next BLOB NOT NULL,"
	" done_kind INTEGER NOT NULL, done_number INTEGER NOT NULL);"
	"CREATE TABLE pending("
	" line INTEGER NOT NULL, kind INTEGER NOT NULL,"
	" number INTEGER NOT NULL, used BLOB NOT NULL,"
	" continuity BLOB NOT NULL, exporter BLOB NOT NULL,"
	" PRIMARY KEY(line, kind)) WITHOUT ROWID;",
	/* A line had one path, which went where the card said. */
	"CREATE TABLE path("
	" line INTEGER NOT NULL, path INTEGER NOT NULL," /* from 0 */
	" tcp INTEGER NOT NULL,"
	" by_card INTEGER NOT NULL," /* goes where the peer's card says */
	" listen TEXT, endpoint TEXT, proxy TEXT, ticket TEXT,"
	" last BLOB," /* where the peer was last heard */
	" PRIMARY KEY(line, path)) WITHOUT ROWID;"
	"INSERT INTO path SELECT id, 0, 0, 1, listen, NULL, NULL, NULL, last"
	" FROM line WHERE closed = 0;"
	"ALTER TABLE line DROP COLUMN listen;"
	"ALTER TABLE line DROP COLUMN last;"
	"ALTER TABLE line ADD COLUMN roams INTEGER NOT NULL DEFAULT 0;",
};

static const char *const record_migrations[] = {
	"CREATE TABLE record("
	" row INTEGER PRIMARY KEY,"
	" line INTEGER NOT NULL,"
	" side INTEGER NOT NULL," /* 0 ours, 1 theirs */
	" n INTEGER,"		  /* NULL: not yet numbered */
	" class INTEGER NOT NULL,"
	" kind INTEGER NOT NULL,"
	" id BLOB NOT NULL,"
	" serial INTEGER," /* messages, once numbered */
	" head BLOB NOT NULL,"
	" text BLOB,"
	" bytes INTEGER NOT NULL," /* of the whole stream */
	" stored_ms INTEGER NOT NULL,"
	" seq INTEGER," /* order of reading; NULL: arriving */
	" withdraws BLOB,"
	" delivered_ms INTEGER NOT NULL DEFAULT 0,"
	" read_ms INTEGER NOT NULL DEFAULT 0,"
	" acknowledged_ms INTEGER NOT NULL DEFAULT 0,"
	" UNIQUE(line, side, n), UNIQUE(line, id),"
	" UNIQUE(line, side, serial));"
	"CREATE INDEX record_class ON record(line, side, class, n);"
	"CREATE UNIQUE INDEX record_seq ON record(seq) WHERE seq IS NOT NULL;"
	"CREATE INDEX record_read ON record(line, seq) WHERE kind = 1;"
	"CREATE INDEX record_outbox ON record(line, class)"
	" WHERE side = 0 AND kind = 1 AND delivered_ms = 0;"
	"CREATE INDEX record_unnumbered ON record(line)"
	" WHERE side = 0 AND n IS NULL;"
	"CREATE INDEX record_withdraws ON record(line, withdraws)"
	" WHERE withdraws IS NOT NULL;"
	"CREATE TABLE attachment("
	" record INTEGER NOT NULL, i INTEGER NOT NULL,"
	" file TEXT NOT NULL, key BLOB NOT NULL,"
	" here INTEGER NOT NULL,"
	" hash BLOB," /* NULL: arriving */
	" PRIMARY KEY(record, i)) WITHOUT ROWID;"
	/* For the sweep at open, which asks about every file. */
	"CREATE INDEX attachment_file ON attachment(file);"
	"CREATE TABLE inbox("
	" line INTEGER NOT NULL, class INTEGER NOT NULL,"
	" n INTEGER NOT NULL, got INTEGER NOT NULL,"
	" record INTEGER NOT NULL,"
	" hash BLOB NOT NULL," /* of the attachment under way, so far */
	" PRIMARY KEY(line, class)) WITHOUT ROWID;"
	"CREATE TABLE part("
	" row INTEGER PRIMARY KEY,"
	" line INTEGER NOT NULL, class INTEGER NOT NULL,"
	" data BLOB NOT NULL);"
	"CREATE INDEX part_inbox ON part(line, class);"
	"CREATE TABLE event("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT,"
	" wall_ms INTEGER NOT NULL, line TEXT, kind TEXT NOT NULL,"
	" ref TEXT, what TEXT, say TEXT NOT NULL);",
	/* Only the oldest events go, so that the newest number stays the highest
	 * without being written down beside them. */
	"CREATE TABLE event_kept("
	" seq INTEGER PRIMARY KEY,"
	" wall_ms INTEGER NOT NULL, line TEXT, kind TEXT NOT NULL,"
	" ref TEXT, what TEXT, say TEXT NOT NULL);"
	"INSERT INTO event_kept SELECT * FROM event;"
	"DROP TABLE event;"
	"ALTER TABLE event_kept RENAME TO event;",
	/* Beside the records, so that what a record says and what follows from it
	 * are one transaction.  No row: as in the ceremony. */
	"CREATE TABLE terms("
	" line INTEGER PRIMARY KEY,"
	" number INTEGER NOT NULL,"
	" frame_bytes INTEGER NOT NULL, slot_us INTEGER NOT NULL,"
	" also_frame_bytes INTEGER NOT NULL, agreed INTEGER NOT NULL,"
	" ours BLOB," /* id; NULL: nothing is proposed */
	" ours_frame_bytes INTEGER, ours_slot_us INTEGER,"
	" theirs BLOB,"
	" theirs_frame_bytes INTEGER, theirs_slot_us INTEGER);",
	/* In words that both sides say of themselves; no row: on watch, and not
	 * heard of. */
	"CREATE TABLE watch("
	" line INTEGER PRIMARY KEY,"
	" ours INTEGER NOT NULL, ours_until_ms INTEGER NOT NULL,"
	" theirs INTEGER NOT NULL, theirs_until_ms INTEGER NOT NULL);",
	/* Milliseconds of a UTC day; `pending` are those of which it is not known yet
	 * what they are.  `until_ms` is how far a line is booked. */
	"CREATE TABLE day("
	" line INTEGER NOT NULL, side INTEGER NOT NULL,"
	" date INTEGER NOT NULL," /* days since 1970 */
	" up INTEGER NOT NULL, one_way INTEGER NOT NULL,"
	" starting INTEGER NOT NULL, path INTEGER NOT NULL,"
	" post INTEGER NOT NULL, untold INTEGER NOT NULL,"
	" goodbye INTEGER NOT NULL, down INTEGER NOT NULL,"
	" pending INTEGER NOT NULL,"
	" said INTEGER NOT NULL," /* ours: the peer was told, as it is */
	" PRIMARY KEY(line, side, date)) WITHOUT ROWID;"
	"CREATE TABLE calendar("
	" line INTEGER PRIMARY KEY, until_ms INTEGER NOT NULL);",
	/* The watch.  Hours are minutes of a UTC day; both the same: all of it. */
	"CREATE TABLE roster("
	" i INTEGER PRIMARY KEY, title TEXT NOT NULL,"
	" from_min INTEGER NOT NULL, to_min INTEGER NOT NULL,"
	" from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL);"
	"CREATE TABLE roster_line("
	" line INTEGER PRIMARY KEY,"
	" told TEXT," /* NULL: nothing stands */
	" heard TEXT, heard_ms INTEGER NOT NULL DEFAULT 0);"
	"CREATE TABLE duty("
	" n INTEGER PRIMARY KEY, wall_ms INTEGER NOT NULL,"
	" what INTEGER NOT NULL, who TEXT NOT NULL, other TEXT, note TEXT,"
	" waiting INTEGER NOT NULL);"
	"CREATE TABLE duty_item("
	" duty INTEGER NOT NULL, i INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, line TEXT, ref TEXT, who TEXT,"
	" since_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL,"
	" say TEXT NOT NULL, PRIMARY KEY(duty, i)) WITHOUT ROWID;"
	"CREATE INDEX record_unacknowledged ON record(line, seq)"
	" WHERE side = 1 AND kind = 1 AND acknowledged_ms = 0"
	" AND class IN (1, 2, 3) AND seq IS NOT NULL;"
	"CREATE TABLE drill_plan("
	" line INTEGER PRIMARY KEY,"
	" every_ms INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
	" within_ms INTEGER NOT NULL,"
	" last_ms INTEGER NOT NULL);" /* the last moment that is done with */
	"CREATE TABLE drill("
	" row INTEGER PRIMARY KEY,"
	" line INTEGER NOT NULL, side INTEGER NOT NULL, id BLOB NOT NULL,"
	" month INTEGER NOT NULL, asked_ms INTEGER NOT NULL,"
	" planned INTEGER NOT NULL, within_ms INTEGER NOT NULL,"
	" state INTEGER NOT NULL," /* enum drill_state */
	" took_ms INTEGER NOT NULL DEFAULT 0,"
	" acknowledged_ms INTEGER NOT NULL DEFAULT 0,"
	" who TEXT, cause TEXT, UNIQUE(line, id));"
	"CREATE INDEX drill_line ON drill(line, row);"
	"CREATE INDEX drill_month ON drill(line, side, month, state, took_ms);"
	"CREATE INDEX drill_open ON drill(row) WHERE side = 0 AND state = 0;"
	"CREATE INDEX drill_heard ON drill(line, row)"
	" WHERE side = 1 AND acknowledged_ms = 0;"
	"CREATE TABLE month("
	" line INTEGER NOT NULL, side INTEGER NOT NULL,"
	" month INTEGER NOT NULL," /* years * 12 + months */
	" sent INTEGER NOT NULL, answered INTEGER NOT NULL,"
	" missed INTEGER NOT NULL, median_ms INTEGER NOT NULL,"
	" worst_ms INTEGER NOT NULL, acknowledged INTEGER NOT NULL,"
	" PRIMARY KEY(line, side, month)) WITHOUT ROWID;"
	/* What was said there and is not forgotten yet. */
	"CREATE TABLE service("
	" record INTEGER PRIMARY KEY, line INTEGER NOT NULL,"
	" side INTEGER NOT NULL, wall_ms INTEGER NOT NULL, who TEXT);"
	"CREATE INDEX service_line ON service(line, record);",
	/* What rings, or rang; `state` as of enum alarm_state.  An id is that of
	 * the message it is about. */
	"CREATE TABLE alarm("
	" number INTEGER PRIMARY KEY,"
	" what INTEGER NOT NULL, rank INTEGER NOT NULL,"
	" rings INTEGER NOT NULL, state INTEGER NOT NULL DEFAULT 0,"
	" line INTEGER NOT NULL, name TEXT, id BLOB, ref TEXT,"
	" say TEXT NOT NULL, since_ms INTEGER NOT NULL,"
	" rang_ms INTEGER NOT NULL DEFAULT 0,"
	" times INTEGER NOT NULL DEFAULT 0, step INTEGER NOT NULL DEFAULT 0,"
	" heard INTEGER NOT NULL DEFAULT 0, trouble TEXT,"
	" ended_ms INTEGER NOT NULL DEFAULT 0, by TEXT);"
	"CREATE INDEX alarm_live ON alarm(rank, number) WHERE state = 0;"
	"CREATE INDEX alarm_of ON alarm(line, what) WHERE state = 0;"
	"CREATE TABLE wake("
	" one INTEGER PRIMARY KEY CHECK(one = 1),"
	" rings BLOB NOT NULL, repeat_s INTEGER NOT NULL,"
	" step_s INTEGER NOT NULL, silent_s INTEGER NOT NULL,"
	" silenced_until_ms INTEGER NOT NULL, titles TEXT);",
	/* The people who hold the post.  The first of any post is the head, as
	 * whom its user speaks. */
	"CREATE TABLE delegate("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" title TEXT NOT NULL UNIQUE," /* of revoked ones too */
	" name TEXT,"
	" roles INTEGER NOT NULL," /* bits of enum delegate_role */
	" is_owner INTEGER NOT NULL DEFAULT 0,"
	" salt BLOB, hash BLOB," /* NULL: no passphrase */
	" passes INTEGER, memory INTEGER,"
	" revoked_ms INTEGER NOT NULL DEFAULT 0,"
	" failures INTEGER NOT NULL DEFAULT 0,"
	" tries_ms INTEGER NOT NULL DEFAULT 0);" /* none is tried before */
	"CREATE UNIQUE INDEX delegate_owner ON delegate(is_owner)"
	" WHERE is_owner = 1;"
	"INSERT INTO delegate(title, roles, is_owner) VALUES('head', 1, 1);"
	"CREATE TABLE sign_in(wrong INTEGER NOT NULL);"
	"INSERT INTO sign_in(wrong) VALUES(0);"
	"CREATE TABLE session("
	" hash BLOB PRIMARY KEY," /* of its token */
	" delegate INTEGER NOT NULL,"
	" began_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL)"
	" WITHOUT ROWID;",
	/* Points: what each side's records say of them.  A row of point, standing
	 * or public is that of its record.  Who wrote a record of ours. */
	"CREATE TABLE author(row INTEGER PRIMARY KEY, title TEXT NOT NULL);"
	"CREATE TABLE point("
	" row INTEGER PRIMARY KEY, line INTEGER NOT NULL,"
	" side INTEGER NOT NULL," /* whose, and its number among them */
	" number INTEGER NOT NULL, id BLOB NOT NULL,"
	" UNIQUE(line, id), UNIQUE(line, side, number));"
	"CREATE INDEX point_line ON point(line, row);"
	"CREATE TABLE point_side("
	" point INTEGER NOT NULL, side INTEGER NOT NULL,"
	" standing INTEGER NOT NULL, row INTEGER NOT NULL,"
	" deadline_ms INTEGER NOT NULL,"
	" told INTEGER NOT NULL," /* 0; 1: it is near; 2: it has passed */
	" PRIMARY KEY(point, side)) WITHOUT ROWID;"
	"CREATE INDEX point_due ON point_side(deadline_ms)"
	" WHERE deadline_ms > 0 AND told < 2;"
	"CREATE TABLE standing("
	" row INTEGER PRIMARY KEY, point INTEGER NOT NULL);"
	"CREATE INDEX standing_point ON standing(point, row);"
	"CREATE TABLE public("
	" row INTEGER PRIMARY KEY, line INTEGER NOT NULL,"
	" side INTEGER NOT NULL, number INTEGER NOT NULL,"
	" id BLOB NOT NULL, point INTEGER," /* NULL: on none */
	" UNIQUE(line, id), UNIQUE(line, side, number));"
	"CREATE INDEX public_line ON public(line, row);"
	"CREATE INDEX public_point ON public(point, row)"
	" WHERE point IS NOT NULL;"
	"CREATE TABLE reading("
	" public INTEGER NOT NULL, side INTEGER NOT NULL,"
	" row INTEGER NOT NULL," /* the last one counts */
	" PRIMARY KEY(public, side)) WITHOUT ROWID;"
	/* By id: a message may arrive before the point that it names. */
	"CREATE TABLE point_message("
	" line INTEGER NOT NULL, point BLOB NOT NULL,"
	" row INTEGER NOT NULL,"
	" PRIMARY KEY(line, point, row)) WITHOUT ROWID;",
	/* A round of willingness; what it is made of while it runs alone. */
	"CREATE TABLE willing("
	" line INTEGER NOT NULL, n INTEGER NOT NULL,"
	" id BLOB NOT NULL," /* of its first step */
	" side INTEGER NOT NULL, day INTEGER NOT NULL,"
	" question BLOB NOT NULL,"
	" state INTEGER NOT NULL, steps INTEGER NOT NULL,"
	" asked_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL,"
	" talk BLOB, secret BLOB,"
	" PRIMARY KEY(line, n)) WITHOUT ROWID;"
	"CREATE UNIQUE INDEX willing_id ON willing(line, id);"
	"CREATE INDEX willing_day ON willing(line, day);"
	"CREATE UNIQUE INDEX willing_live ON willing(line) WHERE state = 0;",
	/* What was proposed, and what either side said of it, by id: an answer is
	 * kept where it comes before what it answers.  `state` is what both come
	 * to, of enum pact_state. */
	"CREATE TABLE pact("
	" row INTEGER PRIMARY KEY," /* of its record */
	" line INTEGER NOT NULL, side INTEGER NOT NULL, id BLOB NOT NULL,"
	" kind INTEGER NOT NULL, number INTEGER NOT NULL,"
	" discloses INTEGER NOT NULL, state INTEGER NOT NULL,"
	" time_ms INTEGER NOT NULL, UNIQUE(line, side, id));"
	"CREATE UNIQUE INDEX pact_number ON pact(line, number)"
	" WHERE number > 0;"
	"CREATE INDEX pact_state ON pact(line, kind, state, row);"
	"CREATE INDEX pact_side ON pact(line, side, number);"
	"CREATE INDEX pact_discloses ON pact(line, state, side, discloses)"
	" WHERE number = 0;"
	"CREATE TABLE consent("
	" line INTEGER NOT NULL, re BLOB NOT NULL, side INTEGER NOT NULL,"
	" verdict INTEGER NOT NULL, time_ms INTEGER NOT NULL,"
	" PRIMARY KEY(line, re, side, verdict)) WITHOUT ROWID;",
	/* Translations by the message that they are of, which may come later; and what
	 * was passed on to other lines, which only this post knows. */
	"CREATE TABLE translation("
	" line INTEGER NOT NULL, message BLOB NOT NULL,"
	" row INTEGER NOT NULL,"
	" PRIMARY KEY(line, message, row)) WITHOUT ROWID;"
	"CREATE TABLE passed("
	" row INTEGER PRIMARY KEY, line INTEGER NOT NULL,"
	" record INTEGER NOT NULL, name TEXT NOT NULL,"
	" sent INTEGER NOT NULL, mark INTEGER NOT NULL,"
	" in_own_words INTEGER NOT NULL, wall_ms INTEGER NOT NULL,"
	" who TEXT NOT NULL);"
	"CREATE INDEX passed_line ON passed(line, row);"
	"CREATE INDEX passed_record ON passed(record);",
	/* What must be released, and by whom: up to three pairs of a role and how
	 * many; a count of 0 asks for nothing. */
	"CREATE TABLE rule("
	" line INTEGER NOT NULL, what INTEGER NOT NULL,"
	" emergency INTEGER NOT NULL,"
	" role_1 INTEGER NOT NULL, count_1 INTEGER NOT NULL,"
	" role_2 INTEGER NOT NULL, count_2 INTEGER NOT NULL,"
	" role_3 INTEGER NOT NULL, count_3 INTEGER NOT NULL,"
	" PRIMARY KEY(line, what)) WITHOUT ROWID;"
	/* A draft, its versions as sheets (keeper/sheet.h), all that people did
	 * with it, and the files of its last version.  `record` is the row of what
	 * came of it. */
	"CREATE TABLE paper("
	" n INTEGER PRIMARY KEY, line INTEGER NOT NULL,"
	" state INTEGER NOT NULL DEFAULT 0," /* 0 open, 1 released, 2 recalled */
	" version INTEGER NOT NULL, record INTEGER);"
	"CREATE INDEX paper_open ON paper(n) WHERE state = 0;"
	"CREATE TABLE paper_version("
	" paper INTEGER NOT NULL, version INTEGER NOT NULL,"
	" id BLOB," /* drawn by who asked: asked twice, it is kept once */
	" who INTEGER NOT NULL, title TEXT NOT NULL,"
	" wall_ms INTEGER NOT NULL, sheet BLOB NOT NULL,"
	" PRIMARY KEY(paper, version)) WITHOUT ROWID;"
	"CREATE INDEX paper_id ON paper_version(id) WHERE id IS NOT NULL;"
	"CREATE TABLE paper_act("
	" row INTEGER PRIMARY KEY, paper INTEGER NOT NULL,"
	" version INTEGER NOT NULL, act INTEGER NOT NULL,"
	" who INTEGER NOT NULL, title TEXT NOT NULL,"
	" wall_ms INTEGER NOT NULL, text TEXT);"
	"CREATE INDEX paper_acts ON paper_act(paper, row);"
	"CREATE TABLE paper_file("
	" paper INTEGER NOT NULL, version INTEGER NOT NULL,"
	" i INTEGER NOT NULL,"	/* from 1 */
	" file TEXT, key BLOB," /* NULL: not here any more */
	" bytes INTEGER NOT NULL, hash BLOB NOT NULL,"
	" PRIMARY KEY(paper, version, i)) WITHOUT ROWID;"
	"CREATE INDEX paper_files ON paper_file(file) WHERE file IS NOT NULL;",
};

enum {
	LINE_VERSION = sizeof(line_migrations) / sizeof(line_migrations[0]),
	RECORD_VERSION =
	    sizeof(record_migrations) / sizeof(record_migrations[0]),
};

struct stmt_row {
	enum store_db db;
	const char *text;
};

/* When it was answered, and ended, is the time of who said so. */
#define PACT_COLUMNS \
	"SELECT p.row, p.side, p.id, p.kind, p.number, p.discloses," \
	" p.state, p.time_ms," \
	" (SELECT max(c.time_ms) FROM consent c WHERE c.line = p.line" \
	" AND c.re = p.id AND c.side <> p.side AND c.verdict IN (1, 2))," \
	" (SELECT min(c.time_ms) FROM consent c WHERE c.line = p.line" \
	" AND c.re = p.id AND c.verdict = 3)" \
	" FROM pact p"

/* INDEXED BY, and the + that keeps an index out, stand where the planner would
 * walk a whole journal; a test counts the steps. */
static const struct stmt_row stmts[STMT_COUNT] = {
	[STMT_POST_PUT] = { STORE_LINE, "INSERT INTO post(name) VALUES(?)" },
	[STMT_POST_GET] = { STORE_LINE, "SELECT name FROM post" },
	[STMT_LINE_ADD] = { STORE_LINE,
	    "INSERT INTO line(name, ceremony) VALUES(?, ?)" },
	[STMT_LINE_LIST] = { STORE_LINE,
	    "SELECT id, name, ceremony, by_hand, roams FROM line"
	    " WHERE closed = 0 ORDER BY id" },
	[STMT_LINE_SET_CEREMONY] = { STORE_LINE,
	    "UPDATE line SET ceremony = ?, by_hand = ? WHERE id = ?" },
	[STMT_LINE_SET_ROAMS] = { STORE_LINE,
	    "UPDATE line SET roams = ? WHERE id = ?" },
	[STMT_LINE_CLOSE] = { STORE_LINE,
	    "UPDATE line SET closed = 1, ceremony = NULL WHERE id = ?" },
	[STMT_LINE_DROP] = { STORE_LINE, "DELETE FROM line WHERE id = ?" },
	[STMT_LINE_FIND_CLOSED] = { STORE_LINE,
	    "SELECT id FROM line WHERE name = ? AND closed = 1"
	    " ORDER BY id DESC LIMIT 1" },
	[STMT_PATH_PUT] = { STORE_LINE,
	    "INSERT OR REPLACE INTO path(line, path, tcp, by_card, listen,"
	    " endpoint, proxy, ticket) VALUES(?, ?, ?, ?, ?, ?, ?, ?)" },
	[STMT_PATH_LIST] = { STORE_LINE,
	    "SELECT path, tcp, by_card, listen, endpoint, proxy, ticket, last"
	    " FROM path WHERE line = ? ORDER BY path" },
	[STMT_PATH_SET_LISTEN] = { STORE_LINE,
	    "UPDATE path SET listen = ? WHERE line = ? AND path = ?" },
	[STMT_PATH_SET_LAST] = { STORE_LINE,
	    "UPDATE path SET last = ? WHERE line = ? AND path = ?" },
	[STMT_PATH_DROP] = { STORE_LINE,
	    "DELETE FROM path WHERE line = ? AND path = ?" },
	[STMT_PATH_DROP_ALL] = { STORE_LINE,
	    "DELETE FROM path WHERE line = ?" },
	[STMT_USED_ADD] = { STORE_LINE,
	    "INSERT INTO used(commitment) VALUES(?)" },
	[STMT_USED_FIND] = { STORE_LINE,
	    "SELECT 1 FROM used WHERE commitment = ?" },
	[STMT_USED_DROP] = { STORE_LINE,
	    "DELETE FROM used WHERE commitment = ?" },
	[STMT_CONTINUITY_PUT] = { STORE_LINE,
	    "INSERT OR REPLACE INTO continuity(line, cur, prev, proved,"
	    " exporter, exporter_next, done_kind, done_number)"
	    " VALUES(?, ?, ?, ?, ?, ?, ?, ?)" },
	[STMT_CONTINUITY_GET] = { STORE_LINE,
	    "SELECT cur, prev, proved, exporter, exporter_next, done_kind,"
	    " done_number FROM continuity WHERE line = ?" },
	[STMT_CONTINUITY_DROP] = { STORE_LINE,
	    "DELETE FROM continuity WHERE line = ?" },
	[STMT_PENDING_PUT] = { STORE_LINE,
	    "INSERT OR REPLACE INTO pending(line, kind, number, used,"
	    " continuity, exporter) VALUES(?, ?, ?, ?, ?, ?)" },
	[STMT_PENDING_GET] = { STORE_LINE,
	    "SELECT used, continuity, exporter FROM pending"
	    " WHERE line = ? AND kind = ? AND number = ?" },
	[STMT_PENDING_DROP] = { STORE_LINE,
	    "DELETE FROM pending WHERE line = ? AND kind = ?" },
	[STMT_PENDING_DROP_ALL] = { STORE_LINE,
	    "DELETE FROM pending WHERE line = ?" },

	[STMT_EVENT_ADD] = { STORE_RECORD,
	    "INSERT INTO event(wall_ms, line, kind, ref, what, say)"
	    " VALUES(?, ?, ?, ?, ?, ?)" },
	[STMT_EVENT_TRIM] = { STORE_RECORD,
	    "DELETE FROM event WHERE seq <= ?" },
	[STMT_EVENT_LIST] = { STORE_RECORD,
	    "SELECT seq, wall_ms, line, kind, ref, what, say FROM event"
	    " WHERE seq > ? ORDER BY seq LIMIT ?" },
	[STMT_EVENT_LAST] = { STORE_RECORD,
	    "SELECT coalesce(max(seq), 0) FROM event" },
	[STMT_RECORD_ADD] = { STORE_RECORD,
	    "INSERT INTO record(line, side, n, class, kind, id, serial, head,"
	    " text, bytes, stored_ms, seq, withdraws)"
	    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[STMT_RECORD_NUMBER] = { STORE_RECORD,
	    "UPDATE record SET n = ?, serial = ?, head = ? WHERE row = ?" },
	[STMT_RECORD_UNNUMBERED] = { STORE_RECORD,
	    "SELECT row, head FROM record"
	    " WHERE line = ? AND side = 0 AND n IS NULL ORDER BY row LIMIT 1" },
	[STMT_RECORD_NEXT] = { STORE_RECORD,
	    "SELECT row, n, bytes, head FROM record"
	    " WHERE line = ? AND side = 0 AND class = ? AND n > ?"
	    " ORDER BY n LIMIT 1" },
	[STMT_RECORD_OPEN] = { STORE_RECORD,
	    "SELECT count(*) FROM record"
	    " WHERE line = ? AND side = 0 AND class = ? AND n > ? AND n <= ?" },
	[STMT_RECORD_TEXT_PART] = { STORE_RECORD,
	    "SELECT substr(text, ?, ?) FROM record WHERE row = ?" },
	[STMT_RECORD_SET_TEXT] = { STORE_RECORD,
	    "UPDATE record SET text = ? WHERE row = ?" },
	[STMT_RECORD_COMPLETE] = { STORE_RECORD,
	    "UPDATE record SET seq = ?, stored_ms = ? WHERE row = ?" },
	[STMT_RECORD_SET_DELIVERED] = { STORE_RECORD,
	    "UPDATE record SET delivered_ms = ? WHERE line = ? AND side = ?"
	    " AND id = ? AND kind = 1 AND delivered_ms = 0"
	    " RETURNING row" },
	[STMT_RECORD_SET_READ] = { STORE_RECORD,
	    "UPDATE record SET read_ms = ? WHERE line = ? AND side = ?"
	    " AND id = ? AND kind = 1 AND read_ms = 0 RETURNING row" },
	[STMT_RECORD_SET_ACKNOWLEDGED] = { STORE_RECORD,
	    "UPDATE record SET acknowledged_ms = ? WHERE line = ? AND side = ?"
	    " AND id = ? AND kind = 1 AND acknowledged_ms = 0"
	    " RETURNING row" },
	[STMT_RECORD_FIND_SERIAL] = { STORE_RECORD,
	    "SELECT row FROM record"
	    " WHERE line = ? AND side = ? AND serial = ?" },
	[STMT_RECORD_FIND_ID] = { STORE_RECORD,
	    "SELECT row FROM record"
	    " WHERE line = ? AND id BETWEEN ? AND ? ORDER BY side LIMIT 1" },
	[STMT_RECORD_GET] = { STORE_RECORD,
	    "SELECT line, side, n, class, kind, serial, head, text, bytes,"
	    " stored_ms, seq, delivered_ms, read_ms, acknowledged_ms"
	    " FROM record WHERE row = ?" },
	[STMT_RECORD_REF] = { STORE_RECORD,
	    "SELECT side, coalesce(serial, 0) FROM record"
	    " WHERE line = ? AND id = ?" },
	[STMT_RECORD_WITHDRAWN_BY] = { STORE_RECORD,
	    "SELECT row FROM record INDEXED BY record_withdraws"
	    " WHERE line = ? AND withdraws = ? AND side = ?"
	    " AND seq IS NOT NULL ORDER BY n IS NULL, n, row LIMIT 1" },
	[STMT_RECORD_SERIAL_BELOW] = { STORE_RECORD,
	    "SELECT coalesce((SELECT serial FROM record"
	    " WHERE line = ? AND side = 1 AND +n < ? AND serial IS NOT NULL"
	    " ORDER BY serial DESC LIMIT 1), 0)" },
	[STMT_RECORD_SERIAL_ABOVE] = { STORE_RECORD,
	    "SELECT coalesce((SELECT serial FROM record"
	    " WHERE line = ? AND side = 1 AND n > ? AND serial IS NOT NULL"
	    " ORDER BY n LIMIT 1), 0)" },
	[STMT_RECORD_SEQ_LAST] = { STORE_RECORD,
	    "SELECT coalesce(max(seq), 0) FROM record WHERE seq IS NOT NULL" },
	[STMT_RECORD_SEQ_BACK] = { STORE_RECORD,
	    "SELECT seq FROM record WHERE line = ? AND kind = 1"
	    " AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1 OFFSET ?" },
	[STMT_RECORD_LIST] = { STORE_RECORD,
	    "SELECT row, seq, stored_ms FROM record"
	    " WHERE line = ? AND kind = 1 AND seq > ? ORDER BY seq LIMIT 1" },
	[STMT_RECORD_ARRIVING] = { STORE_RECORD,
	    "SELECT row FROM record WHERE line = ? AND kind = 1"
	    " AND seq IS NULL AND row > ? ORDER BY row LIMIT 1" },
	[STMT_RECORD_DROP] = { STORE_RECORD,
	    "DELETE FROM record WHERE row = ?" },
	[STMT_JOURNAL_END] = { STORE_RECORD,
	    "SELECT coalesce((SELECT max(n) FROM record"
	    " WHERE line = ?1 AND side = 0), 0),"
	    " coalesce((SELECT max(serial) FROM record"
	    " WHERE line = ?1 AND side = 0), 0)" },
	[STMT_JOURNAL_CLASS_END] = { STORE_RECORD,
	    "SELECT coalesce(max(n), 0) FROM record"
	    " WHERE line = ? AND side = ? AND class = ? AND seq IS NOT NULL" },
	[STMT_JOURNAL_UNNUMBERED] = { STORE_RECORD,
	    "SELECT count(*) FROM record"
	    " WHERE line = ? AND side = 0 AND n IS NULL" },
	[STMT_JOURNAL_HELD] = { STORE_RECORD,
	    "SELECT count(*) FROM record INDEXED BY record_class"
	    " WHERE line = ? AND side = 1 AND class = ? AND n <= ?" },
	[STMT_WATCH_PUT] = { STORE_RECORD,
	    "INSERT OR REPLACE INTO watch(line, ours, ours_until_ms, theirs,"
	    " theirs_until_ms) VALUES(?, ?, ?, ?, ?)" },
	[STMT_WATCH_GET] = { STORE_RECORD,
	    "SELECT ours, ours_until_ms, theirs, theirs_until_ms FROM watch"
	    " WHERE line = ?" },
	[STMT_CALENDAR_PUT] = { STORE_RECORD,
	    "INSERT OR REPLACE INTO calendar(line, until_ms) VALUES(?, ?)" },
	[STMT_CALENDAR_GET] = { STORE_RECORD,
	    "SELECT until_ms FROM calendar WHERE line = ?" },
	[STMT_DAY_PUT] = { STORE_RECORD,
	    "INSERT OR REPLACE INTO day(line, side, date, up, one_way,"
	    " starting, path, post, untold, goodbye, down, pending, said)"
	    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[STMT_DAY_GET] = { STORE_RECORD,
	    "SELECT date, up, one_way, starting, path, post, untold, goodbye,"
	    " down, pending, said FROM day"
	    " WHERE line = ? AND side = ? AND date = ?" },
	[STMT_DAY_TRIM] = { STORE_RECORD,
	    "DELETE FROM day WHERE line = ?1 AND side = ?2 AND date <="
	    " (SELECT date FROM day WHERE line = ?1 AND side = ?2"
	    " ORDER BY date DESC LIMIT 1 OFFSET ?3)" },
	[STMT_DAY_LIST] = { STORE_RECORD,
	    "SELECT side, date, up, one_way, starting, path, post, untold,"
	    " goodbye, down, pending, said FROM day"
	    " WHERE line = ? AND date > ? ORDER BY date, side" },
	[STMT_DAY_UNSAID] = { STORE_RECORD,
	    "SELECT date, up, one_way, starting, path, post, untold, goodbye,"
	    " down, pending, said FROM day"
	    " WHERE line = ? AND side = 0 AND said = 0 AND date < ?"
	    " ORDER BY date LIMIT 1" },
	[STMT_DAY_WAS_PATH] = { STORE_RECORD,
	    "UPDATE day SET path = path + pending, pending = 0, said = 0"
	    " WHERE line = ? AND side = 0 AND pending > 0" },
	[STMT_DAY_WAS_POST] = { STORE_RECORD,
	    "UPDATE day SET post = post + pending, pending = 0, said = 0"
	    " WHERE line = ? AND side = 0 AND pending > 0" },
	[STMT_DAY_WAS_UNTOLD] = { STORE_RECORD,
	    "UPDATE day SET untold = untold + pending, pending = 0, said = 0"
	    " WHERE line = ? AND side = 0 AND pending > 0" },
	[STMT_OUTBOX_COUNT] = { STORE_RECORD,
	    "SELECT count(*) FROM record INDEXED BY record_outbox"
	    " WHERE line = ? AND side = 0 AND kind = 1 AND delivered_ms = 0" },
	[STMT_OUTBOX_BYTES] = { STORE_RECORD,
	    "SELECT coalesce(sum(bytes), 0) FROM record"
	    " INDEXED BY record_outbox WHERE line = ? AND side = 0 AND kind = 1 AND delivered_ms = 0 AND class = ?"
	    " AND (n IS NULL OR n > ?)" },
	[STMT_ATTACHMENT_ADD] = { STORE_RECORD,
	    "INSERT INTO attachment(record, i, file, key, here, hash)"
	    " VALUES(?, ?, ?, ?, ?, ?)" },
	[STMT_ATTACHMENT_GET] = { STORE_RECORD,
	    "SELECT file, key, here, hash FROM attachment"
	    " WHERE record = ? AND i = ?" },
	[STMT_ATTACHMENT_SET] = { STORE_RECORD,
	    "UPDATE attachment SET here = ?, hash = ?"
	    " WHERE record = ? AND i = ?" },
	[STMT_ATTACHMENT_FILES] = { STORE_RECORD,
	    "SELECT 1 FROM attachment WHERE file = ?1"
	    " UNION ALL SELECT 1 FROM paper_file WHERE file = ?1 LIMIT 1" },
	[STMT_ATTACHMENT_DROP] = { STORE_RECORD,
	    "DELETE FROM attachment WHERE record = ?" },
	[STMT_INBOX_PUT] = { STORE_RECORD,
	    "INSERT OR REPLACE INTO inbox(line, class, n, got, record, hash)"
	    " VALUES(?, ?, ?, ?, ?, ?)" },
	[STMT_INBOX_GET] = { STORE_RECORD,
	    "SELECT n, got, record, hash FROM inbox"
	    " WHERE line = ? AND class = ?" },
	[STMT_INBOX_DROP] = { STORE_RECORD,
	    "DELETE FROM inbox WHERE line = ? AND class = ?" },
	[STMT_PART_ADD] = { STORE_RECORD,
	    "INSERT INTO part(line, class, data) VALUES(?, ?, ?)" },
	[STMT_PART_LIST] = { STORE_RECORD,
	    "SELECT data FROM part WHERE line = ? AND class = ? ORDER BY row" },
	[STMT_PART_DROP] = { STORE_RECORD,
	    "DELETE FROM part WHERE line = ? AND class = ?" },
	[STMT_TERMS_PUT] = { STORE_RECORD,
	    "INSERT OR REPLACE INTO terms(line, number, frame_bytes, slot_us,"
	    " also_frame_bytes, agreed, ours, ours_frame_bytes, ours_slot_us,"
	    " theirs, theirs_frame_bytes, theirs_slot_us)"
	    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[STMT_TERMS_GET] = { STORE_RECORD,
	    "SELECT number, frame_bytes, slot_us, also_frame_bytes, agreed,"
	    " ours, ours_frame_bytes, ours_slot_us, theirs,"
	    " theirs_frame_bytes, theirs_slot_us FROM terms WHERE line = ?" },
	[STMT_PLAN_PUT] = { STORE_RECORD,
	    "INSERT OR REPLACE INTO drill_plan(line, every_ms, at_ms,"
	    " within_ms, last_ms) VALUES(?, ?, ?, ?, ?)" },
	[STMT_PLAN_GET] = { STORE_RECORD,
	    "SELECT every_ms, at_ms, within_ms, last_ms FROM drill_plan"
	    " WHERE line = ?" },
	[STMT_DRILL_ADD] = { STORE_RECORD,
	    "INSERT INTO drill(line, side, id, month, asked_ms, planned,"
	    " within_ms, state, cause) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[STMT_DRILL_COUNT] = { STORE_RECORD,
	    "SELECT coalesce(max(row), 0) FROM drill" },
	[STMT_DRILL_ROW] = { STORE_RECORD,
	    "SELECT count(*), coalesce(min(asked_ms), 0)"
	    " FROM drill INDEXED BY drill_line"
	    " WHERE line = ? AND side = 0 AND state = 2 AND row > ("
	    "SELECT coalesce(max(row), 0) FROM drill INDEXED BY drill_line"
	    " WHERE line = ? AND side = 0 AND state IN (1, 3))" },
	[STMT_DRILL_FIND] = { STORE_RECORD,
	    "SELECT row, side, asked_ms, state, acknowledged_ms FROM drill"
	    " WHERE line = ? AND id = ?" },
	[STMT_DRILL_SET] = { STORE_RECORD,
	    "UPDATE drill SET state = ?, took_ms = ?, cause = ?"
	    " WHERE row = ?" },
	[STMT_DRILL_ACK] = { STORE_RECORD,
	    "UPDATE drill SET acknowledged_ms = ?, who = ? WHERE row = ?" },
	[STMT_DRILL_OPEN] = { STORE_RECORD,
	    "SELECT line, id, within_ms FROM drill INDEXED BY drill_open"
	    " WHERE side = 0 AND state = 0 ORDER BY row DESC" },
	[STMT_DRILL_LAST] = { STORE_RECORD,
	    "SELECT id FROM drill INDEXED BY drill_heard"
	    " WHERE line = ? AND side = 1 AND acknowledged_ms = 0"
	    " ORDER BY row DESC LIMIT 1" },
	[STMT_DRILL_ID] = { STORE_RECORD,
	    "SELECT id FROM record WHERE row = ? AND kind = 4" },
	[STMT_DRILL_N] = { STORE_RECORD,
	    "SELECT coalesce(n, 0) FROM record WHERE line = ? AND id = ?" },
	[STMT_DRILL_BACK] = { STORE_RECORD,
	    "SELECT coalesce((SELECT row FROM drill INDEXED BY drill_line"
	    " WHERE line = ? ORDER BY row DESC LIMIT 1 OFFSET ?), 0)" },
	[STMT_DRILL_LIST] = { STORE_RECORD,
	    "SELECT d.row, d.id, d.side, d.asked_ms, d.planned, d.state,"
	    " d.within_ms, d.took_ms, d.acknowledged_ms, d.who, d.cause,"
	    " (SELECT text FROM record r WHERE r.line = d.line"
	    " AND r.id = d.id)"
	    " FROM drill d INDEXED BY drill_line"
	    " WHERE d.line = ? AND d.row > ? ORDER BY d.row LIMIT ?" },
	[STMT_DRILL_TRIM] = { STORE_RECORD,
	    "DELETE FROM drill WHERE line = ? AND row <="
	    " (SELECT row FROM drill INDEXED BY drill_line WHERE line = ?"
	    " ORDER BY row DESC LIMIT 1 OFFSET ?)" },
	[STMT_MONTH_COUNT] = { STORE_RECORD,
	    "SELECT count(*), coalesce(sum(state = 1), 0),"
	    " coalesce(sum(state IN (2, 3)), 0),"
	    " coalesce(sum(acknowledged_ms > 0), 0) FROM drill"
	    " INDEXED BY drill_month"
	    " WHERE line = ? AND side = 0 AND month = ?" },
	[STMT_MONTH_RANK] = { STORE_RECORD,
	    "SELECT took_ms FROM drill INDEXED BY drill_month"
	    " WHERE line = ? AND side = 0 AND month = ? AND state = 1"
	    " ORDER BY took_ms LIMIT 1 OFFSET ?" },
	[STMT_MONTH_PUT] = { STORE_RECORD,
	    "INSERT OR REPLACE INTO month(line, side, month, sent, answered,"
	    " missed, median_ms, worst_ms, acknowledged)"
	    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[STMT_MONTH_GET] = { STORE_RECORD,
	    "SELECT sent, answered, missed, median_ms, worst_ms, acknowledged"
	    " FROM month WHERE line = ? AND side = ? AND month = ?" },
	[STMT_MONTH_UNSAID] = { STORE_RECORD,
	    "SELECT month FROM drill d INDEXED BY drill_month"
	    " WHERE line = ? AND side = 0 AND month < ?"
	    " AND NOT EXISTS(SELECT 1 FROM month m WHERE m.line = d.line"
	    " AND m.side = 0 AND m.month = d.month)"
	    " AND NOT EXISTS(SELECT 1 FROM drill o WHERE o.line = d.line"
	    " AND o.side = 0 AND o.month = d.month AND o.state = 0)"
	    " ORDER BY month LIMIT 1" },
	[STMT_MONTH_NEXT] = { STORE_RECORD,
	    "SELECT coalesce(min(month), 0) FROM"
	    " (SELECT min(month) AS month FROM drill INDEXED BY drill_month"
	    " WHERE line = ?1 AND side = 0 AND month > ?2"
	    " UNION ALL SELECT min(month) FROM month"
	    " WHERE line = ?1 AND month > ?2)" },
	[STMT_SERVICE_ADD] = { STORE_RECORD,
	    "INSERT INTO service(record, line, side, wall_ms, who)"
	    " VALUES(?, ?, ?, ?, ?)" },
	[STMT_SERVICE_BACK] = { STORE_RECORD,
	    "SELECT coalesce((SELECT record FROM service"
	    " INDEXED BY service_line"
	    " WHERE line = ? ORDER BY record DESC LIMIT 1 OFFSET ?), 0)" },
	[STMT_SERVICE_LIST] = { STORE_RECORD,
	    "SELECT s.record, s.side, s.wall_ms, s.who, r.id, r.text,"
	    " coalesce(r.n, 0) FROM service s INDEXED BY service_line"
	    " JOIN record r ON r.row = s.record"
	    " WHERE s.line = ? AND s.record > ? ORDER BY s.record LIMIT ?" },
	[STMT_SERVICE_OLD] = { STORE_RECORD,
	    "SELECT s.record FROM service s INDEXED BY service_line"
	    " JOIN record r ON r.row = s.record"
	    " WHERE s.line = ?1 AND (s.wall_ms < ?2 OR s.record <="
	    " (SELECT record FROM service WHERE line = ?1"
	    " ORDER BY record DESC LIMIT 1 OFFSET ?3))"
	    " AND (s.side = 1 OR r.n <= ?4) ORDER BY s.record LIMIT 1" },
	[STMT_SERVICE_BLANK] = { STORE_RECORD,
	    "UPDATE record SET text = CAST("
	    "replace(hex(zeroblob(length(text))), '00', ' ') AS BLOB)"
	    " WHERE row = ? AND text IS NOT NULL" },
	[STMT_SERVICE_DROP] = { STORE_RECORD,
	    "DELETE FROM service WHERE record = ?" },
	[STMT_ROSTER_PUT] = { STORE_RECORD,
	    "INSERT INTO roster(i, title, from_min, to_min, from_ms, until_ms)"
	    " VALUES(?, ?, ?, ?, ?, ?)" },
	[STMT_ROSTER_LIST] = { STORE_RECORD,
	    "SELECT title, from_min, to_min, from_ms, until_ms FROM roster"
	    " ORDER BY i" },
	[STMT_ROSTER_DROP] = { STORE_RECORD, "DELETE FROM roster" },
	[STMT_ROSTER_TELL] = { STORE_RECORD,
	    "INSERT INTO roster_line(line, told) VALUES(?, ?)"
	    " ON CONFLICT(line) DO UPDATE SET told = excluded.told" },
	[STMT_ROSTER_TOLD] = { STORE_RECORD,
	    "SELECT told FROM roster_line WHERE line = ?" },
	[STMT_ROSTER_HEAR] = { STORE_RECORD,
	    "INSERT INTO roster_line(line, heard, heard_ms) VALUES(?, ?, ?)"
	    " ON CONFLICT(line) DO UPDATE SET heard = excluded.heard,"
	    " heard_ms = excluded.heard_ms" },
	[STMT_ROSTER_HEARD] = { STORE_RECORD,
	    "SELECT heard, heard_ms FROM roster_line WHERE line = ?" },
	[STMT_DUTY_ADD] = { STORE_RECORD,
	    "INSERT INTO duty(n, wall_ms, what, who, other, note, waiting)"
	    " VALUES(?, ?, ?, ?, ?, ?, ?)" },
	[STMT_DUTY_LIST] = { STORE_RECORD,
	    "SELECT n, wall_ms, what, who, other, note, waiting FROM duty"
	    " WHERE n > ? ORDER BY n LIMIT ?" },
	[STMT_DUTY_LAST] = { STORE_RECORD,
	    "SELECT n, wall_ms, what, who, other FROM duty"
	    " ORDER BY n DESC LIMIT 1" },
	[STMT_DUTY_TAKEN] = { STORE_RECORD,
	    "SELECT wall_ms FROM duty WHERE what = 0 ORDER BY n DESC LIMIT 1" },
	[STMT_DUTY_TRIM] = { STORE_RECORD, "DELETE FROM duty WHERE n <= ?" },
	[STMT_DUTY_ITEM_ADD] = { STORE_RECORD,
	    "INSERT INTO duty_item(duty, i, kind, line, ref, who, since_ms,"
	    " due_ms, say) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[STMT_DUTY_ITEM_LIST] = { STORE_RECORD,
	    "SELECT kind, line, ref, who, since_ms, due_ms, say FROM duty_item"
	    " WHERE duty = ? ORDER BY i" },
	[STMT_DUTY_ITEM_TRIM] = { STORE_RECORD,
	    "DELETE FROM duty_item WHERE duty <= ?" },
	[STMT_WAITING_MESSAGES] = { STORE_RECORD,
	    "SELECT m.serial, m.id, m.class, m.stored_ms FROM record m"
	    " INDEXED BY record_unacknowledged"
	    " WHERE m.line = ? AND m.side = 1 AND m.kind = 1"
	    " AND m.acknowledged_ms = 0 AND m.class IN (1, 2, 3)"
	    " AND m.seq IS NOT NULL AND NOT EXISTS(SELECT 1 FROM record w"
	    " INDEXED BY record_withdraws WHERE w.line = m.line"
	    " AND w.withdraws = m.id AND w.side = 1 AND w.seq IS NOT NULL)"
	    " ORDER BY m.seq" },
	[STMT_ALARM_ADD] = { STORE_RECORD,
	    "INSERT INTO alarm(what, rank, rings, line, name, id, ref, say,"
	    " since_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[STMT_ALARM_FIND] = { STORE_RECORD,
	    "SELECT 1 FROM alarm INDEXED BY alarm_of"
	    " WHERE state = 0 AND line = ? AND what = ? AND ref IS ?"
	    " AND NOT (rings = 1 AND times > 0)" },
	[STMT_ALARM_AGAIN] = { STORE_RECORD,
	    "UPDATE alarm INDEXED BY alarm_of SET times = 0, since_ms = ?"
	    " WHERE state = 0 AND line = ? AND what = ? AND ref IS ?"
	    " AND say = ? RETURNING number" },
	[STMT_ALARM_RESAY] = { STORE_RECORD,
	    "UPDATE alarm SET say = ? WHERE number = ("
	    "SELECT max(number) FROM alarm INDEXED BY alarm_of"
	    " WHERE state = 0 AND line = ? AND what = ?) RETURNING number" },
	[STMT_ALARM_TRIM] = { STORE_RECORD,
	    "DELETE FROM alarm WHERE number <= ? AND (state > 0"
	    " OR (rings = 1 AND times > 0 AND what <= 3))" },
	[STMT_ALARM_LIVE] = { STORE_RECORD,
	    "SELECT number, what, rings, line, since_ms, times, step"
	    " FROM alarm INDEXED BY alarm_live"
	    " WHERE state = 0 AND NOT (rings = 1 AND times > 0)"
	    " ORDER BY rank, number LIMIT ?" },
	[STMT_ALARM_COUNT] = { STORE_RECORD,
	    "SELECT count(*) FROM alarm INDEXED BY alarm_live"
	    " WHERE state = 0" },
	[STMT_ALARM_RANG] = { STORE_RECORD,
	    "UPDATE alarm SET times = ?, rang_ms = ?, step = ?, state = ?,"
	    " ended_ms = ? WHERE number = ?" },
	[STMT_ALARM_HEARD] = { STORE_RECORD,
	    "UPDATE alarm SET heard = ?, trouble = ? WHERE number = ?" },
	[STMT_ALARM_END] = { STORE_RECORD,
	    "UPDATE alarm SET state = ?, ended_ms = ?, by = ?"
	    " WHERE state = 0 AND number = ? RETURNING number" },
	[STMT_ALARM_END_ALL] = { STORE_RECORD,
	    "UPDATE alarm SET state = ?, ended_ms = ?, by = ?"
	    " WHERE state = 0 AND number <= ? RETURNING number" },
	[STMT_ALARM_END_OF] = { STORE_RECORD,
	    "UPDATE alarm INDEXED BY alarm_of"
	    " SET state = ?, ended_ms = ?, by = ?"
	    " WHERE state = 0 AND line = ? AND what = ? RETURNING number" },
	[STMT_ALARM_END_ABOUT] = { STORE_RECORD,
	    "UPDATE alarm INDEXED BY alarm_of"
	    " SET state = ?, ended_ms = ?, by = ?"
	    " WHERE state = 0 AND line = ? AND id = ? RETURNING number" },
	[STMT_ALARM_END_LINE] = { STORE_RECORD,
	    "UPDATE alarm INDEXED BY alarm_of"
	    " SET state = ?, ended_ms = ?, by = ?"
	    " WHERE state = 0 AND line = ? RETURNING number" },
	[STMT_ALARM_LIST] = { STORE_RECORD,
	    "SELECT number, what, rings, state, name, ref, say, since_ms,"
	    " rang_ms, times, step, heard, trouble, ended_ms, by FROM alarm"
	    " WHERE number > ? AND number <= ? AND (state = 0 OR ?)"
	    " ORDER BY number LIMIT ?" },
	[STMT_WAKE_PUT] = { STORE_RECORD,
	    "INSERT OR REPLACE INTO wake(one, rings, repeat_s, step_s,"
	    " silent_s, silenced_until_ms, titles)"
	    " VALUES(1, ?, ?, ?, ?, ?, ?)" },
	[STMT_WAKE_GET] = { STORE_RECORD,
	    "SELECT rings, repeat_s, step_s, silent_s, silenced_until_ms,"
	    " titles FROM wake" },
	[STMT_DELEGATE_ADD] = { STORE_RECORD,
	    "INSERT INTO delegate(title, name, roles) VALUES(?, ?, ?)" },
	[STMT_DELEGATE_GET] = { STORE_RECORD,
	    "SELECT id, title, name, roles, is_owner, hash IS NOT NULL,"
	    " revoked_ms FROM delegate WHERE id = ?" },
	[STMT_DELEGATE_FIND] = { STORE_RECORD,
	    "SELECT id, title, name, roles, is_owner, hash IS NOT NULL,"
	    " revoked_ms FROM delegate WHERE title = ?" },
	[STMT_DELEGATE_OWNER] = { STORE_RECORD,
	    "SELECT id, title, name, roles, is_owner, hash IS NOT NULL,"
	    " revoked_ms FROM delegate WHERE is_owner = 1" },
	[STMT_DELEGATE_LIST] = { STORE_RECORD,
	    "SELECT id, title, name, roles, is_owner, hash IS NOT NULL,"
	    " revoked_ms FROM delegate WHERE id > ?"
	    " ORDER BY id LIMIT ?" },
	[STMT_DELEGATE_COUNT] = { STORE_RECORD,
	    "SELECT count(*) FROM delegate" },
	[STMT_DELEGATE_HEADS] = { STORE_RECORD,
	    "SELECT count(*) FROM delegate WHERE roles & 1 AND revoked_ms = 0"
	    " AND (is_owner = 1 OR hash IS NOT NULL)" },
	[STMT_DELEGATE_SET] = { STORE_RECORD,
	    "UPDATE delegate SET name = ?, roles = ? WHERE id = ?" },
	[STMT_DELEGATE_SET_FIRST] = { STORE_RECORD,
	    "UPDATE delegate SET title = ? WHERE is_owner = 1" },
	[STMT_DELEGATE_SET_SECRET] = { STORE_RECORD,
	    "UPDATE delegate SET salt = ?, hash = ?, passes = ?, memory = ?,"
	    " failures = 0, tries_ms = 0 WHERE id = ?" },
	[STMT_DELEGATE_SET_OWNER] = { STORE_RECORD,
	    "UPDATE delegate SET is_owner = ? WHERE id = ?" },
	[STMT_DELEGATE_REVOKE] = { STORE_RECORD,
	    "UPDATE delegate SET revoked_ms = ?, is_owner = 0, salt = NULL,"
	    " hash = NULL WHERE id = ?" },
	[STMT_DELEGATE_SECRET] = { STORE_RECORD,
	    "SELECT id, salt, hash, passes, memory, failures, tries_ms"
	    " FROM delegate"
	    " WHERE title = ? AND revoked_ms = 0 AND hash IS NOT NULL" },
	[STMT_DELEGATE_SET_TRIES] = { STORE_RECORD,
	    "UPDATE delegate SET failures = ?, tries_ms = ? WHERE id = ?" },
	[STMT_SIGN_IN_TRY] = { STORE_RECORD,
	    "UPDATE sign_in SET wrong = wrong + 1" },
	[STMT_SESSION_ADD] = { STORE_RECORD,
	    "INSERT INTO session(hash, delegate, began_ms, until_ms)"
	    " VALUES(?, ?, ?, ?)" },
	[STMT_SESSION_FIND] = { STORE_RECORD,
	    "SELECT delegate, began_ms, until_ms FROM session"
	    " WHERE hash = ?" },
	[STMT_SESSION_COUNT] = { STORE_RECORD, "SELECT count(*) FROM session" },
	[STMT_SESSION_COUNT_OF] = { STORE_RECORD,
	    "SELECT count(*) FROM session"
	    " WHERE delegate = ? AND until_ms > ?" },
	[STMT_SESSION_DROP] = { STORE_RECORD,
	    "DELETE FROM session WHERE hash = ?" },
	[STMT_SESSION_DROP_OF] = { STORE_RECORD,
	    "DELETE FROM session WHERE delegate = ?" },
	[STMT_SESSION_DROP_FIRST] = { STORE_RECORD,
	    "DELETE FROM session WHERE hash IN (SELECT hash FROM session"
	    " WHERE delegate = ? ORDER BY began_ms DESC, hash"
	    " LIMIT -1 OFFSET ?)" },
	[STMT_SESSION_DROP_OLD] = { STORE_RECORD,
	    "DELETE FROM session WHERE until_ms <= ? OR began_ms > ?" },
	[STMT_AUTHOR_ADD] = { STORE_RECORD,
	    "INSERT INTO author(row, title) VALUES(?, ?)" },
	[STMT_AUTHOR_GET] = { STORE_RECORD,
	    "SELECT title FROM author WHERE row = ?" },
	[STMT_POINT_ADD] = { STORE_RECORD,
	    "INSERT INTO point(row, line, side, number, id)"
	    " SELECT ?1, ?2, ?3, 1 + coalesce((SELECT max(number) FROM point"
	    " WHERE line = ?2 AND side = ?3), 0), ?4" },
	[STMT_POINT_GET] = { STORE_RECORD,
	    "SELECT line, side, number, id FROM point WHERE row = ?" },
	[STMT_POINT_FIND_ID] = { STORE_RECORD,
	    "SELECT row FROM point WHERE line = ? AND id = ?" },
	[STMT_POINT_FIND_NUMBER] = { STORE_RECORD,
	    "SELECT row FROM point WHERE line = ? AND side = ? AND number = ?" },
	[STMT_POINT_LIST] = { STORE_RECORD,
	    "SELECT p.row FROM point p INDEXED BY point_line"
	    " WHERE p.line = ?1 AND p.row > ?2 AND (?3 = 0 OR p.side = 0)"
	    " AND (?4 = 0 OR 2 > (SELECT count(*) FROM point_side s"
	    " WHERE s.point = p.row AND s.standing = 7))"
	    " AND (?5 = 0 OR EXISTS (SELECT 1 FROM point_side s"
	    " WHERE s.point = p.row AND s.side = 0"
	    " AND s.deadline_ms BETWEEN 1 AND ?5))"
	    " ORDER BY p.row LIMIT 1" },
	[STMT_POINT_SIDE_PUT] = { STORE_RECORD,
	    "INSERT OR REPLACE INTO point_side(point, side, standing, row,"
	    " deadline_ms, told) VALUES(?, ?, ?, ?, ?, ?)" },
	[STMT_POINT_SIDE_GET] = { STORE_RECORD,
	    "SELECT standing, row, deadline_ms FROM point_side"
	    " WHERE point = ? AND side = ?" },
	[STMT_POINT_DUE] = { STORE_RECORD,
	    "SELECT point, side, deadline_ms FROM point_side"
	    " INDEXED BY point_due WHERE deadline_ms > 0 AND told < 2"
	    " AND deadline_ms <= ?1 + 86400000"
	    " AND (told = 0 OR deadline_ms <= ?1)"
	    " ORDER BY deadline_ms LIMIT 1" },
	[STMT_POINT_DUE_NEXT] = { STORE_RECORD,
	    "SELECT coalesce(min(CASE told WHEN 0 THEN deadline_ms - 86400000"
	    " ELSE deadline_ms END), 0) FROM point_side INDEXED BY point_due"
	    " WHERE deadline_ms > 0 AND told < 2" },
	[STMT_POINT_TOLD] = { STORE_RECORD,
	    "UPDATE point_side SET told = ? WHERE point = ? AND side = ?" },
	[STMT_POINT_WAITING] = { STORE_RECORD,
	    "SELECT p.row FROM point p INDEXED BY point_line"
	    " LEFT JOIN point_side s ON s.point = p.row AND s.side = 0"
	    " WHERE p.line = ?1 AND p.row > ?2 AND ((p.side = 1"
	    " AND s.point IS NULL) OR s.deadline_ms BETWEEN 1 AND ?3)"
	    " ORDER BY p.row LIMIT 1" },
	[STMT_STANDING_ADD] = { STORE_RECORD,
	    "INSERT INTO standing(row, point) VALUES(?, ?)" },
	[STMT_STANDING_LIST] = { STORE_RECORD,
	    "SELECT row FROM standing WHERE point = ? AND row > ?"
	    " ORDER BY row LIMIT 1" },
	[STMT_PUBLIC_ADD] = { STORE_RECORD,
	    "INSERT INTO public(row, line, side, number, id, point)"
	    " SELECT ?1, ?2, ?3, 1 + coalesce((SELECT max(number) FROM public"
	    " WHERE line = ?2 AND side = ?3), 0), ?4, ?5" },
	[STMT_PUBLIC_GET] = { STORE_RECORD,
	    "SELECT line, side, number, id, coalesce(point, 0) FROM public"
	    " WHERE row = ?" },
	[STMT_PUBLIC_FIND_ID] = { STORE_RECORD,
	    "SELECT row FROM public WHERE line = ? AND id = ?" },
	[STMT_PUBLIC_FIND_NUMBER] = { STORE_RECORD,
	    "SELECT row FROM public"
	    " WHERE line = ? AND side = ? AND number = ?" },
	[STMT_PUBLIC_LIST] = { STORE_RECORD,
	    "SELECT row FROM public INDEXED BY public_line"
	    " WHERE line = ? AND row > ? ORDER BY row LIMIT 1" },
	[STMT_PUBLIC_LIST_POINT] = { STORE_RECORD,
	    "SELECT row FROM public INDEXED BY public_point"
	    " WHERE point = ? AND row > ? ORDER BY row LIMIT 1" },
	[STMT_PUBLIC_COUNT] = { STORE_RECORD,
	    "SELECT count(*) FROM public INDEXED BY public_point"
	    " WHERE point = ?" },
	[STMT_READING_PUT] = { STORE_RECORD,
	    "INSERT OR REPLACE INTO reading(public, side, row)"
	    " VALUES(?, ?, ?)" },
	[STMT_READING_GET] = { STORE_RECORD,
	    "SELECT row FROM reading WHERE public = ? AND side = ?" },
	[STMT_POINT_MESSAGE_ADD] = { STORE_RECORD,
	    "INSERT OR IGNORE INTO point_message(line, point, row)"
	    " VALUES(?, ?, ?)" },
	[STMT_POINT_MESSAGE_LIST] = { STORE_RECORD,
	    "SELECT row FROM point_message"
	    " WHERE line = ? AND point = ? AND row > ? ORDER BY row LIMIT 1" },
	[STMT_POINT_MESSAGE_COUNT] = { STORE_RECORD,
	    "SELECT count(*) FROM point_message"
	    " WHERE line = ? AND point = ?" },
	[STMT_WILLING_ADD] = { STORE_RECORD,
	    "INSERT INTO willing(line, n, id, side, day, question, state,"
	    " steps, asked_ms, ended_ms, talk, secret)"
	    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[STMT_WILLING_PUT] = { STORE_RECORD,
	    "UPDATE willing SET state = ?, steps = ?, ended_ms = ?, talk = ?,"
	    " secret = ? WHERE line = ? AND n = ?" },
	[STMT_WILLING_LIVE] = { STORE_RECORD,
	    "SELECT line, n, id, side, day, question, state, steps, asked_ms,"
	    " ended_ms, talk, secret FROM willing INDEXED BY willing_live"
	    " WHERE line = ? AND state = 0" },
	[STMT_WILLING_ALL_LIVE] = { STORE_RECORD,
	    "SELECT line, n, id, side, day, question, state, steps, asked_ms,"
	    " ended_ms, talk, secret FROM willing INDEXED BY willing_live"
	    " WHERE state = 0 ORDER BY asked_ms" },
	[STMT_WILLING_OVER] = { STORE_RECORD,
	    "SELECT line, n, id, side, day, question, state, steps, asked_ms,"
	    " ended_ms, talk, secret FROM willing INDEXED BY willing_live"
	    " WHERE state = 0 AND day < ? LIMIT 1" },
	[STMT_WILLING_FIRST_DAY] = { STORE_RECORD,
	    "SELECT coalesce(min(day), -1) FROM willing"
	    " INDEXED BY willing_live WHERE state = 0" },
	[STMT_WILLING_GET] = { STORE_RECORD,
	    "SELECT line, n, id, side, day, question, state, steps, asked_ms,"
	    " ended_ms, talk, secret FROM willing"
	    " WHERE line = ? AND n = ?" },
	[STMT_WILLING_LIST] = { STORE_RECORD,
	    "SELECT line, n, id, side, day, question, state, steps, asked_ms,"
	    " ended_ms, talk, secret FROM willing"
	    " WHERE line = ? AND n > ? ORDER BY n LIMIT ?" },
	[STMT_WILLING_FIND] = { STORE_RECORD,
	    "SELECT n FROM willing WHERE line = ? AND id = ?" },
	[STMT_WILLING_LAST_NUMBER] = { STORE_RECORD,
	    "SELECT coalesce(max(n), 0) FROM willing WHERE line = ?" },
	[STMT_WILLING_LAST_DAY] = { STORE_RECORD,
	    "SELECT coalesce(max(day), -1) FROM willing WHERE line = ?" },
	[STMT_PACT_ADD] = { STORE_RECORD,
	    "INSERT INTO pact(row, line, side, id, kind, number, discloses,"
	    " state, time_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[STMT_PACT_SET_STATE] = { STORE_RECORD,
	    "UPDATE pact SET state = ? WHERE row = ?" },
	[STMT_PACT_FIND] = { STORE_RECORD,
	    PACT_COLUMNS " WHERE p.line = ? AND p.side = ? AND p.id = ?" },
	[STMT_PACT_NEXT] = { STORE_RECORD,
	    PACT_COLUMNS " WHERE p.line = ? AND p.kind = ? AND p.state = ?"
			 " AND p.row > ? ORDER BY p.row LIMIT 1" },
	[STMT_PACT_NEXT_FORM] = { STORE_RECORD,
	    PACT_COLUMNS " WHERE p.line = ? AND p.number > 0 AND p.number > ?"
			 " ORDER BY p.number LIMIT 1" },
	[STMT_PACT_LAST_NUMBER] = { STORE_RECORD,
	    "SELECT number FROM pact WHERE line = ? AND side = ?"
	    " ORDER BY number DESC LIMIT 1" },
	[STMT_PACT_DISCLOSES] = { STORE_RECORD,
	    "SELECT row FROM pact WHERE number = 0 AND line = ? AND state = ?"
	    " AND side = ? AND discloses = ? LIMIT 1" },
	[STMT_PACT_TEXT] = { STORE_RECORD,
	    "SELECT text FROM record WHERE row = ?" },
	[STMT_CONSENT_ADD] = { STORE_RECORD,
	    "INSERT OR IGNORE INTO consent(line, re, side, verdict, time_ms)"
	    " VALUES(?, ?, ?, ?, ?)" },
	[STMT_CONSENT_LIST] = { STORE_RECORD,
	    "SELECT side, verdict FROM consent WHERE line = ? AND re = ?" },
	[STMT_TRANSLATION_ADD] = { STORE_RECORD,
	    "INSERT INTO translation(line, message, row) VALUES(?, ?, ?)" },
	[STMT_TRANSLATION_COUNT] = { STORE_RECORD,
	    "SELECT count(*) FROM translation WHERE line = ? AND message = ?" },
	[STMT_TRANSLATION_NEXT] = { STORE_RECORD,
	    "SELECT row FROM translation"
	    " WHERE line = ? AND message = ? AND row > ? ORDER BY row LIMIT 1" },
	[STMT_PASSED_ADD] = { STORE_RECORD,
	    "INSERT INTO passed(line, record, name, sent, mark, in_own_words,"
	    " wall_ms, who) VALUES(?, ?, ?, ?, ?, ?, ?, ?)" },
	[STMT_PASSED_COUNT] = { STORE_RECORD,
	    "SELECT count(*) FROM passed WHERE record = ?" },
	[STMT_PASSED_NEXT] = { STORE_RECORD,
	    "SELECT p.row, r.side, coalesce(r.serial, 0), r.id,"
	    " s.side, coalesce(s.serial, 0), s.id, p.name, p.mark,"
	    " p.in_own_words, p.wall_ms, p.who FROM passed AS p"
	    " JOIN record AS r ON r.row = p.record"
	    " JOIN record AS s ON s.row = p.sent"
	    " WHERE p.line = ? AND p.row > ? ORDER BY p.row LIMIT 1" },
	[STMT_RULE_PUT] = { STORE_RECORD,
	    "INSERT OR REPLACE INTO rule(line, what, emergency, role_1,"
	    " count_1, role_2, count_2, role_3, count_3)"
	    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)" },
	[STMT_RULE_GET] = { STORE_RECORD,
	    "SELECT emergency, role_1, count_1, role_2, count_2, role_3,"
	    " count_3 FROM rule WHERE line = ? AND what = ?" },
	[STMT_RULE_DROP] = { STORE_RECORD,
	    "DELETE FROM rule WHERE line = ? AND what = ?" },
	[STMT_PAPER_ADD] = { STORE_RECORD,
	    "INSERT INTO paper(line, version) VALUES(?, 1)" },
	[STMT_PAPER_GET] = { STORE_RECORD,
	    "SELECT line, state, version, coalesce(record, 0) FROM paper"
	    " WHERE n = ?" },
	[STMT_PAPER_COUNT] = { STORE_RECORD,
	    "SELECT count(*) FROM paper WHERE state = 0" },
	[STMT_PAPER_NEXT] = { STORE_RECORD,
	    "SELECT n FROM paper WHERE n > ? AND (?2 = 0 OR line = ?2)"
	    " ORDER BY n LIMIT 1" },
	[STMT_PAPER_NEXT_OPEN] = { STORE_RECORD,
	    "SELECT n FROM paper INDEXED BY paper_open"
	    " WHERE n > ? AND state = 0 AND (?2 = 0 OR line = ?2)"
	    " ORDER BY n LIMIT 1" },
	[STMT_PAPER_SET_VERSION] = { STORE_RECORD,
	    "UPDATE paper SET version = ? WHERE n = ?" },
	[STMT_PAPER_END] = { STORE_RECORD,
	    "UPDATE paper SET state = ?, record = ? WHERE n = ?"
	    " AND state = 0" },
	[STMT_PAPER_VERSION_ADD] = { STORE_RECORD,
	    "INSERT INTO paper_version(paper, version, id, who, title,"
	    " wall_ms, sheet) VALUES(?, ?, ?, ?, ?, ?, ?)" },
	[STMT_PAPER_VERSION_GET] = { STORE_RECORD,
	    "SELECT who, title, wall_ms, sheet FROM paper_version"
	    " WHERE paper = ? AND version = ?" },
	[STMT_PAPER_VERSION_FIND] = { STORE_RECORD,
	    "SELECT paper FROM paper_version WHERE id = ?" },
	[STMT_PAPER_ACT_ADD] = { STORE_RECORD,
	    "INSERT INTO paper_act(paper, version, act, who, title, wall_ms,"
	    " text) VALUES(?, ?, ?, ?, ?, ?, ?)" },
	[STMT_PAPER_ACT_COUNT] = { STORE_RECORD,
	    "SELECT count(*) FROM paper_act WHERE paper = ?" },
	[STMT_PAPER_ACT_LIST] = { STORE_RECORD,
	    "SELECT row, version, act, who, title, wall_ms, text"
	    " FROM paper_act WHERE paper = ? AND row > ? ORDER BY row LIMIT ?" },
	[STMT_PAPER_FILE_ADD] = { STORE_RECORD,
	    "INSERT INTO paper_file(paper, version, i, file, key, bytes, hash)"
	    " VALUES(?, ?, ?, ?, ?, ?, ?)" },
	[STMT_PAPER_FILE_LIST] = { STORE_RECORD,
	    "SELECT i, file, key, bytes, hash FROM paper_file"
	    " WHERE paper = ? AND version = ? ORDER BY i" },
	[STMT_PAPER_FILE_KEPT] = { STORE_RECORD,
	    "SELECT file FROM paper_file"
	    " WHERE paper = ? AND file IS NOT NULL" },
	[STMT_PAPER_FILE_FORGET] = { STORE_RECORD,
	    "UPDATE paper_file SET file = NULL, key = NULL"
	    " WHERE paper = ? AND file IS NOT NULL" },
};

static void explain(struct store *store, enum store_db db, const char *format,
    ...) PRINTF_LIKE(3, 4);

/* Keeps what people are told: the first trouble is the cause of those behind it. */
static void
explain(struct store *store, enum store_db db, const char *format, ...)
{
	va_list args;
	int at;

	if (store->why[0] != '\0')
		return;
	at = snprintf(store->why, sizeof(store->why), "%s ", file_names[db]);
	va_start(args, format);
	vsnprintf(store->why + at, sizeof(store->why) - (size_t)at, format,
	    args);
	va_end(args);
}

static void
explain_failure(struct store *store, enum store_db db, int code)
{
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
		explain(store, db,
		    "is damaged: put a backup of the post's folder in place");
		return;
	case SQLITE_CANTOPEN:
		explain(store, db,
		    "cannot be opened: it must be a file that its owner may "
		    "read and write");
		return;
	default:
		break;
	}
	explain(store, db,
	    "cannot be read or written (%s): see to the disk; what was "
	    "acknowledged is on it",
	    sqlite3_errstr(code));
}

/* SQLite's code as ours; notes a store that cannot be trusted any more. */
static int
take_rc(struct store *store, enum store_db db, int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return OK;
	case SQLITE_FULL:
		return ERR_FULL;
	case SQLITE_IOERR:
		/* SQLite knows a full disk, but no quota. */
		if (sqlite3_extended_errcode(store->db[db]) ==
			SQLITE_IOERR_WRITE &&
		    sqlite3_system_errno(store->db[db]) == EDQUOT)
			return ERR_FULL;
		break;
	case SQLITE_CONSTRAINT:
		return ERR_EXISTS;
	case SQLITE_NOTADB:
		/* Of a page that is read later, it is damage. */
		if (!store->open)
			return ERR_DENIED;
		break;
	default:
		break;
	}
	explain_failure(store, db, code);
	if (!store->failed)
		log_error("store: no longer usable (%s)", store->why);
	store->failed = true;
	return ERR_IO;
}

static int
run_text(struct store *store, enum store_db db, const char *text)
{
	return take_rc(store, db,
	    sqlite3_exec(store->db[db], text, NULL, NULL, NULL));
}

static int
read_version(struct store *store, enum store_db db, int *version)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	rc = take_rc(store, db,
	    sqlite3_prepare_v2(store->db[db], "PRAGMA user_version", -1, &stmt,
		NULL));
	if (rc == OK) {
		rc = take_rc(store, db, sqlite3_step(stmt));
		*version = sqlite3_column_int(stmt, 0);
	}
	sqlite3_finalize(stmt);
	return rc;
}

struct migration {
	struct store *store;
	enum store_db db;
	int version;
	const char *text;
};

static int
migrate_step(void *ctx)
{
	struct migration *m = ctx;
	char text[64];
	int rc;

	if ((rc = run_text(m->store, m->db, m->text)) != OK)
		return rc;
	snprintf(text, sizeof(text), "PRAGMA user_version = %d",
	    m->version + 1);
	return run_text(m->store, m->db, text);
}

static int
migrate(struct store *store, enum store_db db)
{
	const char *const *texts =
	    db == STORE_LINE ? line_migrations : record_migrations;
	const int newest = db == STORE_LINE ? LINE_VERSION : RECORD_VERSION;
	struct migration m = { .store = store, .db = db };
	int rc;

	if ((rc = read_version(store, db, &m.version)) != OK)
		return rc;
	if (m.version < 0 || m.version > newest)
		return ERR_VERSION;
	for (; m.version < newest; m.version++) {
		m.text = texts[m.version];
		if ((rc = store_transact(store, db, migrate_step, &m)) != OK)
			return rc;
	}
	return OK;
}

/* Small pages: a message touches ten of them for its indexes, each is sealed
 * anew, and that is most of what keeping it costs.
 *
 * Exclusive locking keeps the index of the write-ahead log in memory instead
 * of in a file that is not encrypted; one keeper has the post to itself. */
static const char settings[] = "PRAGMA page_size = 1024;"
			       "PRAGMA locking_mode = EXCLUSIVE;"
			       "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA secure_delete = ON;"
			       "PRAGMA foreign_keys = ON;"
			       "PRAGMA temp_store = MEMORY;"
			       "PRAGMA cache_size = -2048;"
			       "PRAGMA journal_size_limit = 4194304;";

/* Once a file: a text would be read anew for each message. */
static int
prepare_steps(struct store *store, enum store_db db)
{
	static const char *const texts[STEP_COUNT] = {
		[STEP_BEGIN] = "BEGIN IMMEDIATE",
		[STEP_COMMIT] = "COMMIT",
		[STEP_ROLLBACK] = "ROLLBACK",
	};
	int rc = OK;

	for (int i = 0; rc == OK && i < STEP_COUNT; i++)
		rc = take_rc(store, db,
		    sqlite3_prepare_v3(store->db[db], texts[i], -1,
			SQLITE_PREPARE_PERSISTENT, &store->step[db][i], NULL));
	return rc;
}

/* Kept for store_transact: SQLite's own checkpoints hide what goes wrong. */
static int
on_pages(void *ctx, sqlite3 *db, const char *name, int pages)
{
	(void)db;
	(void)name;
	*(int *)ctx = pages;
	return SQLITE_OK;
}

static int
open_file(struct store *store, enum store_db db, const char *folder,
    const uint8_t key[STORE_KEY_BYTES], bool make)
{
	static const char raw[4] = "raw:";
	uint8_t passed[sizeof(raw) + STORE_KEY_BYTES];
	char path[4096], *real;
	struct stat about;
	bool fits;
	int rc;

	/* NOFOLLOW below is meant for the file; SQLite refuses a link anywhere
	 * on the way to it, and homes lie behind links. */
	if ((real = realpath(folder, NULL)) == NULL)
		return ERR_IO;
	fits = snprintf(path, sizeof(path), "%s/%s", real, file_names[db]) <
	    (int)sizeof(path);
	free(real);
	if (!fits)
		return ERR_SIZE;
	/* A file that was lost must not come back empty. */
	if (!make && (lstat(path, &about) != 0 || about.st_size == 0)) {
		explain(store, db,
		    "is missing or empty: put a backup of the post's folder "
		    "in place");
		return ERR_NOT_FOUND;
	}
	rc = take_rc(store, db,
	    sqlite3_open_v2(path, &store->db[db],
		SQLITE_OPEN_READWRITE | (make ? SQLITE_OPEN_CREATE : 0) |
		    SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE,
		NULL));
	if (rc != OK)
		return rc;
	memcpy(passed, raw, sizeof(raw));
	memcpy(passed + sizeof(raw), key, STORE_KEY_BYTES);
	rc = take_rc(store, db,
	    sqlite3_key(store->db[db], passed, sizeof(passed)));
	wipe(passed, sizeof(passed));
	if (rc != OK || (rc = run_text(store, db, settings)) != OK)
		return rc;
	sqlite3_wal_hook(store->db[db], on_pages, &store->pages[db]);
	if ((rc = prepare_steps(store, db)) != OK)
		return rc;
	if ((rc = migrate(store, db)) == ERR_VERSION)
		explain(store, db,
		    "was made by a later version of quietline: install that, or "
		    "a later one");
	return rc;
}

static int
prepare(struct store *store)
{
	int rc;

	for (int i = 0; i < STMT_COUNT; i++) {
		assert(stmts[i].text != NULL);
		rc = take_rc(store, stmts[i].db,
		    sqlite3_prepare_v3(store->db[stmts[i].db], stmts[i].text,
			-1, SQLITE_PREPARE_PERSISTENT, &store->stmt[i], NULL));
		if (rc != OK) {
			log_error("store: statement %d is not understood", i);
			return rc;
		}
	}
	return OK;
}

static int
open_both(struct store *store, const char *folder,
    const struct store_keys *keys, bool make)
{
	int rc;

	memset(store, 0, sizeof(*store));
	rc = open_file(store, STORE_LINE, folder, keys->line, make);
	if (rc == OK)
		rc = open_file(store, STORE_RECORD, folder, keys->record, make);
	if (rc == OK)
		rc = prepare(store);
	if (rc == ERR_DENIED)
		explain(store,
		    store->db[STORE_RECORD] == NULL ? STORE_LINE : STORE_RECORD,
		    "does not open with the keys of this post: it is damaged, "
		    "or of another post; put a backup of the folder in place");
	store->open = rc == OK;
	if (rc != OK)
		store_close(store);
	return rc;
}

void
store_prepare(void)
{
	uint8_t drawn;

	if (sqlite3_initialize() != SQLITE_OK)
		fatalx("store: the library does not start");
	sqlite3_randomness(sizeof(drawn), &drawn);
}

int
store_create(struct store *store, const char *folder,
    const struct store_keys *keys)
{
	return open_both(store, folder, keys, true);
}

int
store_open(struct store *store, const char *folder,
    const struct store_keys *keys)
{
	return open_both(store, folder, keys, false);
}

void
store_close(struct store *store)
{
	for (int i = 0; i < STMT_COUNT; i++) {
		sqlite3_finalize(store->stmt[i]);
		store->stmt[i] = NULL;
	}
	for (int i = 0; i < STORE_DB_COUNT; i++) {
		for (int step = 0; step < STEP_COUNT; step++) {
			sqlite3_finalize(store->step[i][step]);
			store->step[i][step] = NULL;
		}
		/* What would be moved from the log to the file now is of a disk
		 * that has failed. */
		if (store->failed && store->db[i] != NULL)
			sqlite3_db_config(store->db[i],
			    SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		sqlite3_close(store->db[i]);
		store->db[i] = NULL;
	}
}

/* Moves what was committed from the log to the file.  A full disk can wait. */
static void
checkpoint(struct store *store, enum store_db db)
{
	int code;

	store->pages[db] = 0;
	code = sqlite3_wal_checkpoint_v2(store->db[db], NULL,
	    SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if ((code & 0xff) != SQLITE_BUSY)
		(void)take_rc(store, db, code);
}

static int
run_step(struct store *store, enum store_db db, enum store_step step)
{
	sqlite3_stmt *stmt = store->step[db][step];
	const int rc = take_rc(store, db, sqlite3_step(stmt));

	(void)sqlite3_reset(stmt); /* says the same again */
	return rc;
}

int
store_transact(struct store *store, enum store_db db, int (*fn)(void *ctx),
    void *ctx)
{
	int rc;

	assert(!store->in_transaction);
	if (store->failed)
		return ERR_IO;
	if ((rc = run_step(store, db, STEP_BEGIN)) != OK)
		return rc;
	store->in_transaction = true;
	rc = fn(ctx);
	if (rc == OK && store->trial) {
		store->tried = true;
		rc = ERR_STATE;
	}
	if (rc == OK)
		rc = run_step(store, db, STEP_COMMIT);
	/* SQLite has rolled some failures back by itself already. */
	if (rc != OK && !store->failed &&
	    !sqlite3_get_autocommit(store->db[db]))
		(void)run_step(store, db, STEP_ROLLBACK);
	store->in_transaction = false;
	if (store->failed)
		return ERR_IO;
	if (rc == OK && store->pages[db] >= WAL_PAGES_MAX)
		checkpoint(store, db);
	return rc;
}

struct query
store_query(struct store *store, enum stmt stmt)
{
	struct query q = { .store = store, .stmt = store->stmt[stmt] };

	assert(q.stmt != NULL && !sqlite3_stmt_busy(q.stmt));
	q.rc = store->failed ? ERR_IO : OK;
	return q;
}

static int
take_code(const struct query *q, int code)
{
	const enum store_db db =
	    sqlite3_db_handle(q->stmt) == q->store->db[STORE_LINE]
	    ? STORE_LINE
	    : STORE_RECORD;

	return take_rc(q->store, db, code);
}

static void
take_bind(struct query *q, int code)
{
	const int rc = take_code(q, code);

	if (q->rc == OK)
		q->rc = rc;
}

void
query_bind_int(struct query *q, int64_t value)
{
	take_bind(q, sqlite3_bind_int64(q->stmt, ++q->bound, value));
}

void
query_bind_blob(struct query *q, const void *data, size_t len)
{
	if (len == 0)
		query_bind_null(q);
	else
		take_bind(q,
		    sqlite3_bind_blob64(q->stmt, ++q->bound, data, len,
			SQLITE_STATIC));
}

void
query_bind_text(struct query *q, const char *data, size_t len)
{
	if (len == 0)
		query_bind_null(q);
	else
		take_bind(q,
		    sqlite3_bind_text64(q->stmt, ++q->bound, data, len,
			SQLITE_STATIC, SQLITE_UTF8));
}

void
query_bind_null(struct query *q)
{
	take_bind(q, sqlite3_bind_null(q->stmt, ++q->bound));
}

bool
query_next(struct query *q)
{
	int code;

	if (q->rc != OK)
		return false;
	q->column = 0;
	code = sqlite3_step(q->stmt);
	q->rc = take_code(q, code);
	return code == SQLITE_ROW;
}

int64_t
query_int(struct query *q)
{
	return sqlite3_column_int64(q->stmt, q->column++);
}

const void *
query_blob(struct query *q, size_t *len)
{
	const void *data = sqlite3_column_blob(q->stmt, q->column);

	*len =
	    data == NULL ? 0 : (size_t)sqlite3_column_bytes(q->stmt, q->column);
	q->column++;
	return data;
}

const char *
query_text(struct query *q, size_t *len)
{
	const void *data = sqlite3_column_text(q->stmt, q->column);

	*len =
	    data == NULL ? 0 : (size_t)sqlite3_column_bytes(q->stmt, q->column);
	q->column++;
	return data;
}

void
query_bytes(struct query *q, void *dst, size_t len)
{
	size_t found;
	const void *data = query_blob(q, &found);

	if (found == len) {
		memcpy(dst, data, len);
		return;
	}
	memset(dst, 0, len);
	if (q->rc == OK)
		q->rc = ERR_FORMAT;
}

int
query_end(struct query *q)
{
	sqlite3_reset(q->stmt);
	sqlite3_clear_bindings(q->stmt);
	return q->rc;
}

int
query_run(struct query *q)
{
	while (query_next(q))
		;
	return query_end(q);
}

int
query_one(struct query *q, int64_t *value)
{
	bool found;
	int rc;

	*value = 0;
	if ((found = query_next(q)))
		*value = query_int(q);
	if ((rc = query_end(q)) != OK)
		return rc;
	return found ? OK : ERR_NOT_FOUND;
}

int64_t
store_last_row(const struct store *store, enum store_db db)
{
	return sqlite3_last_insert_rowid(store->db[db]);
}
