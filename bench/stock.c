/*
 * Owns a post that has been in use for years, and how long a page of its lists
 * takes without the API.
 *
 *   stock fill FOLDER PASSPHRASE_FILE LINE POINTS MESSAGES
 *   stock look FOLDER PASSPHRASE_FILE LINE ROUNDS
 *
 * The post is down.  fill raises points and sends messages as keeper does, the
 * same each time; look prints "WHAT WHOM MILLISECONDS" for each page: of keeper, and
 * of bare SQLite, which reads the same rows and no more.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"
#include "crypto/crypto.h"
#include "keeper/journal.h"
#include "keeper/point.h"
#include "keeper/post.h"

enum {
	TEXT_BYTES = 240,
	TOGETHER = 500, /* records in one transaction */
	PAGE = 100,
	SECOND_MS = 1000,
	DEADLINE_MS = 12 * 3600 * 1000, /* that is near */
};

struct stock {
	struct keeper *keeper;
	struct post_line *line;
	struct rng_seeded seeded;
	struct rng rng;
	uint64_t points;
	uint64_t messages;
	uint64_t points_left;
	uint64_t messages_left;
	size_t replies;
	uint8_t (*ids)[RECORD_ID_BYTES]; /* of points */
};

/* -- a keeper without anything around it -------------------------------------- */

static void
ignore_line(void *ctx, const struct keeper_line *line)
{
	(void)ctx;
	(void)line;
}

static void
ignore_drop(void *ctx, uint32_t line)
{
	(void)ctx;
	(void)line;
}

static void
ignore_order(void *ctx, uint32_t line, const struct line_order *order)
{
	(void)ctx;
	(void)line;
	(void)order;
}

static void
ignore_path(void *ctx, uint32_t line, const struct keeper_way *way)
{
	(void)ctx;
	(void)line;
	(void)way;
}

static void
ignore_path_drop(void *ctx, uint32_t line, unsigned path)
{
	(void)ctx;
	(void)line;
	(void)path;
}

static void
count_reply(void *ctx, const struct reply *reply)
{
	struct stock *stock = ctx;

	if (reply->kind == REPLY_ERROR)
		fatalx("keeper refuses: %.*s", (int)reply->say.len,
		    reply->say.data);
	stock->replies++;
}

static void
ignore_event(void *ctx, const struct event_view *event)
{
	(void)ctx;
	(void)event;
}

static void
ignore_down(void *ctx)
{
	(void)ctx;
}

static void
open_post(struct stock *stock, const char *folder, const char *file,
    const char *line)
{
	static const struct keeper_ops ops = {
		.line_add = ignore_line,
		.line_drop = ignore_drop,
		.order = ignore_order,
		.path = ignore_path,
		.path_drop = ignore_path_drop,
		.reply = count_reply,
		.event = ignore_event,
		.down = ignore_down,
	};
	const struct moment now = { clock_now_ns(), clock_wall_ms() };
	char passphrase[PASSPHRASE_BYTES_MAX];
	struct store_keys keys;
	FILE *in = fopen(file, "re");
	size_t len;

	if (in == NULL || fgets(passphrase, sizeof(passphrase), in) == NULL)
		fatalx("no passphrase in %s", file);
	(void)fclose(in);
	len = strcspn(passphrase, "\n");
	crypto_init();
	if (keyring_open(folder, passphrase, len, &keys) != OK ||
	    keeper_open(&stock->keeper, folder, &keys, rng_kernel(), &ops,
		stock, now) != OK)
		fatalx("the post in %s does not open", folder);
	stock->line =
	    post_find_name(stock->keeper, (struct text){ line, strlen(line) });
	if (stock->line == NULL)
		fatalx("there is no line %s", line);
	/* As if the peer had said what it holds. */
	stock->line->journal.may_number = true;
}

/* -- years of use ------------------------------------------------------------- */

/* Words of a few letters, as many bytes as asked for. */
static void
babble(struct stock *stock, char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		text[i] = rng_below(stock->rng, 6) == 0
		    ? ' '
		    : (char)('a' + rng_below(stock->rng, 26));
}

/* One record of ours, with what follows from it, or would if it were theirs. */
static void
append(struct stock *stock, enum side side, struct record *record,
    size_t text_bytes)
{
	char text[TEXT_BYTES];
	const struct record_text said = { text, text_bytes };
	struct journal_place place;

	babble(stock, text, text_bytes);
	stock->keeper->now.wall_ms += SECOND_MS;
	memset(record->id, 0, sizeof(record->id)); /* drawn anew */
	if (journal_append_said(stock->keeper, stock->line, record, said,
		&place) != OK ||
	    point_apply(stock->keeper, stock->line, side, record, place.row) !=
		OK)
		fatalx("a record is not taken");
}

/* Most are closed by both; some of the others have a deadline that is near. */
static void
raise(struct stock *stock)
{
	static const char title[] = "Something that was raised long ago";
	struct record record = { .kind = RECORD_POINT,
		.subject = { title, sizeof(title) - 1 } };
	struct record standing = { .kind = RECORD_STANDING,
		.standing = STANDING_UNDER_STUDY,
		.has_re = true };
	const uint64_t n = stock->points - stock->points_left--;
	const bool closed = n * 10 < stock->points * 9;

	if (!closed && n % 5 == 0)
		record.deadline_ms = clock_wall_ms() + (int64_t)DEADLINE_MS;
	append(stock, SIDE_US, &record, TEXT_BYTES);
	memcpy(stock->ids[n], record.id, RECORD_ID_BYTES);
	if (closed)
		standing.standing = STANDING_CLOSED;
	else if (n % 3 != 0)
		return;
	standing.deadline_ms = record.deadline_ms;
	memcpy(standing.re, record.id, RECORD_ID_BYTES);
	append(stock, SIDE_US, &standing, TEXT_BYTES / 4);
	if (closed)
		append(stock, SIDE_THEM, &standing, TEXT_BYTES / 4);
}

static void
say(struct stock *stock)
{
	struct record record = { .kind = RECORD_MESSAGE,
		.precedence = (enum precedence)rng_below(stock->rng, 4) };
	const uint64_t raised = stock->points - stock->points_left;

	stock->messages_left--;
	if (raised > 0 && rng_below(stock->rng, 10) == 0) {
		record.points = 1;
		memcpy(record.point[0],
		    stock->ids[rng_below(stock->rng, raised)], RECORD_ID_BYTES);
	}
	append(stock, SIDE_US, &record, 1 + rng_below(stock->rng, TEXT_BYTES));
}

/* A point for every so many messages. */
static int
go_on(void *ctx)
{
	struct stock *stock = ctx;

	for (int i = 0; i < TOGETHER; i++) {
		if (stock->points_left * stock->messages >
		    stock->messages_left * stock->points)
			raise(stock);
		else if (stock->messages_left > 0)
			say(stock);
	}
	return OK;
}

static void
fill(struct stock *stock, const char *points, const char *messages)
{
	stock->points = stock->points_left = strtoull(points, NULL, 10);
	stock->messages = stock->messages_left = strtoull(messages, NULL, 10);
	stock->ids = calloc(stock->points + 1, sizeof(*stock->ids));
	if (stock->ids == NULL)
		fatalx("no memory");
	stock->keeper->now.wall_ms -=
	    SECOND_MS * (int64_t)(2 * stock->points + stock->messages);
	while (stock->points_left + stock->messages_left > 0) {
		if (store_transact(&stock->keeper->store, STORE_RECORD, go_on,
			stock) != OK)
			fatalx("the store does not take it");
	}
	free(stock->ids);
	/* The peer has them. */
	if (sqlite3_exec(stock->keeper->store.db[STORE_RECORD],
		"UPDATE record SET delivered_ms = stored_ms WHERE kind = 1",
		NULL, NULL, NULL) != SQLITE_OK)
		fatalx("they stay undelivered");
}

/* -- pages -------------------------------------------------------------------- */

static void
print_since(const char *what, const char *whom, uint64_t began_ns)
{
	printf("%s %s %.4f\n", what, whom,
	    (double)(clock_now_ns() - began_ns) / CLOCK_NS_PER_MS);
}

/* A page from anywhere. */
static void
ask_page(struct stock *stock, enum request_kind kind, const char *what,
    uint64_t after)
{
	struct request request = { .kind = kind, .id = 1 };
	uint64_t began_ns;

	request.line = text_of(stock->line->name);
	request.page.after = after;
	request.page.limit = PAGE;
	request.read.since_ms = INT64_MIN;
	request.read.limit = PAGE;
	stock->replies = 0;
	began_ns = clock_now_ns();
	keeper_on_request(stock->keeper, &request,
	    (struct moment){ began_ns, clock_wall_ms() });
	print_since(what, "keeper", began_ns);
	if (stock->replies != PAGE + 1)
		fatalx("a page of %s has %zu rows", what, stock->replies - 1);
}

/* Reads every byte of the rows. */
static void
read_bare(struct stock *stock, const char *text, const char *what,
    int64_t after)
{
	sqlite3 *db = stock->keeper->store.db[STORE_RECORD];
	const uint64_t began_ns = clock_now_ns();
	sqlite3_stmt *stmt;
	uint64_t sum = 0;
	int rows = 0;

	if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) != SQLITE_OK)
		fatalx("%s", sqlite3_errmsg(db));
	sqlite3_bind_int64(stmt, 1, stock->line->id);
	sqlite3_bind_int64(stmt, 2, after);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		rows++;
		for (int i = 0; i < sqlite3_column_count(stmt); i++) {
			const uint8_t *data = sqlite3_column_blob(stmt, i);

			for (int k = 0; k < sqlite3_column_bytes(stmt, i); k++)
				sum += data[k];
		}
	}
	sqlite3_finalize(stmt);
	print_since(what, "bare", began_ns);
	if (rows != PAGE || sum == 0)
		fatalx("a bare page of %s has %d rows", what, rows);
}

/* A row of a table, from anywhere but its last page. */
static int64_t
draw_row(struct stock *stock, const char *text)
{
	sqlite3 *db = stock->keeper->store.db[STORE_RECORD];
	sqlite3_stmt *stmt;
	int64_t row;

	if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) != SQLITE_OK)
		fatalx("%s", sqlite3_errmsg(db));
	sqlite3_bind_int64(stmt, 1,
	    (int64_t)rng_below(stock->rng, UINT64_C(1) << 20));
	if (sqlite3_step(stmt) != SQLITE_ROW)
		fatalx("nothing is there");
	row = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return row;
}

static void
look(struct stock *stock, const char *rounds)
{
	static const char a_point[] =
	    "SELECT row FROM point WHERE row >= ? % "
	    "(SELECT max(row) * 9 / 10 FROM point) ORDER BY row LIMIT 1";
	static const char a_message[] =
	    "SELECT seq FROM record WHERE seq >= ? % "
	    "(SELECT max(seq) * 9 / 10 FROM record) AND kind = 1"
	    " ORDER BY seq LIMIT 1";

	for (long i = strtol(rounds, NULL, 10); i > 0; i--) {
		const int64_t point = draw_row(stock, a_point);
		const int64_t seq = draw_row(stock, a_message);

		ask_page(stock, REQUEST_READ, "messages", 0);
		read_bare(stock,
		    "SELECT head, text FROM record WHERE line = ? AND kind = 1"
		    " AND seq > ? ORDER BY seq LIMIT 100",
		    "messages", seq);
		ask_page(stock, REQUEST_POINT_LIST, "points", (uint64_t)point);
		read_bare(stock,
		    "SELECT r.head, r.text FROM point p JOIN record r"
		    " ON r.row = p.row WHERE p.line = ? AND p.row > ?"
		    " ORDER BY p.row LIMIT 100",
		    "points", point);
	}
}

int
main(int argc, char **argv)
{
	struct stock stock = { .replies = 0 };

	log_open(2, "stock", LOG_LEVEL_ERROR);
	stock.rng = rng_from_seed(&stock.seeded, 1);
	if (argc == 7 && strcmp(argv[1], "fill") == 0) {
		open_post(&stock, argv[2], argv[3], argv[4]);
		fill(&stock, argv[5], argv[6]);
	} else if (argc == 6 && strcmp(argv[1], "look") == 0) {
		open_post(&stock, argv[2], argv[3], argv[4]);
		look(&stock, argv[5]);
	} else {
		fatalx("usage: stock fill FOLDER PASSPHRASE_FILE LINE POINTS "
		       "MESSAGES | stock look FOLDER PASSPHRASE_FILE LINE "
		       "ROUNDS");
	}
	keeper_close(stock.keeper);
	return 0;
}
