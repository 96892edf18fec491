#include "keeper/ways.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "core/card.h"
#include "keeper/diary.h"
#include "keeper/wait.h"

static void
copy_text(char *dst, size_t cap, struct text text)
{
	assert(text.len < cap);
	memset(dst, 0, cap);
	if (text.len > 0)
		memcpy(dst, text.data, text.len);
}

/* -- what people gave ------------------------------------------------------- */

static bool
is_for(const struct ticket *ticket, struct cadence cadence)
{
	return ticket->is.cadence.frame_bytes == cadence.frame_bytes &&
	    ticket->is.cadence.slot_us == cadence.slot_us;
}

static const char *
read_ticket(struct way *way, const struct request_way *asked,
    struct cadence cadence)
{
	if (ticket_parse(&way->ticket, asked->ticket.data, asked->ticket.len) !=
	    OK)
		return "That is no ticket of a relay, or it was cut or changed "
		       "on its way; get it again.";
	way->has_ticket = true;
	if (asked->endpoint.len > 0)
		return "The ticket says where the relay is: leave the endpoint "
		       "out.";
	if (!is_for(&way->ticket, cadence))
		return "The relay's ticket is for another cadence than the "
		       "line's; ask the relay's operator for one of the line's.";
	return NULL;
}

static const char *
read_proxy(struct way *way, const struct request_way *asked)
{
	struct text proxy = asked->proxy;

	if (proxy.len == 0)
		return NULL;
	if (card_check_endpoint(proxy.data, proxy.len) != OK ||
	    card_is_tcp(proxy.data, proxy.len))
		return "The proxy must read HOST:PORT or [IPV6]:PORT.";
	copy_text(way->proxy, sizeof(way->proxy), proxy);
	/* A SOCKS5 proxy passes streams on. */
	way->tcp = true;
	return NULL;
}

static const char *
read_listen(struct way *way, const struct request_way *asked)
{
	struct address address;

	if (asked->listen.len == 0)
		return NULL;
	if (asked->listen.len >= sizeof(way->listen) ||
	    address_parse(&address, asked->listen) != OK)
		return "The address to listen on must read ADDR:PORT or "
		       "[IPV6]:PORT, in numbers.";
	copy_text(way->listen, sizeof(way->listen), asked->listen);
	return NULL;
}

/* What does not go together. */
static const char *
judge_way(const struct way *way, bool ceremony)
{
	const bool calls = way->endpoint[0] != '\0' || way->has_ticket;

	if (way->tcp && calls && way->listen[0] != '\0')
		return "A TCP path either calls or is called: leave out the "
		       "address to listen on.";
	if (way->proxy[0] != '\0' && !calls && !ceremony)
		return "A proxy needs to know where to go: name an endpoint "
		       "or a relay.";
	if (way->proxy[0] != '\0' && way->listen[0] != '\0')
		return "Who calls through a proxy listens nowhere: leave out "
		       "the address to listen on.";
	return NULL;
}

const char *
ways_read(struct way *way, const struct request_way *asked,
    struct cadence cadence, bool ceremony)
{
	const struct text endpoint = asked->endpoint;
	const char *wrong;

	memset(way, 0, sizeof(*way));
	way->used = true;
	way->by_card = ceremony;
	way->tcp = asked->tcp;
	if (card_check_endpoint(endpoint.data, endpoint.len) != OK)
		return "The endpoint must read HOST:PORT or [IPV6]:PORT, with "
		       "tcp: before it for TCP.";
	if (card_is_tcp(endpoint.data, endpoint.len))
		way->tcp = true;
	if (endpoint.len > 0 && !ceremony) {
		copy_text(way->endpoint, sizeof(way->endpoint), endpoint);
		memmove(way->endpoint, card_host(way->endpoint),
		    strlen(card_host(way->endpoint)) + 1);
	}
	if (asked->ticket.len > 0 &&
	    (wrong = read_ticket(way, asked, cadence)) != NULL)
		return wrong;
	if ((wrong = read_proxy(way, asked)) != NULL ||
	    (wrong = read_listen(way, asked)) != NULL)
		return wrong;
	return judge_way(way, ceremony);
}

const char *
ways_judge(const struct way *way, const char *own_endpoint,
    const char *peer_endpoint)
{
	const bool peer_tcp = card_is_tcp(peer_endpoint, strlen(peer_endpoint));

	(void)own_endpoint;
	if (way->has_ticket || peer_endpoint[0] == '\0') {
		if (way->proxy[0] != '\0' && !way->has_ticket)
			return "This side was to call through a proxy, but the "
			       "other side does not say where; close this line "
			       "and begin again.";
		return NULL;
	}
	if (way->tcp && !peer_tcp)
		return "This side was to use TCP, but the other side's "
		       "endpoint takes UDP; close this line and begin again, "
		       "with TCP on both sides or on neither.";
	if (!way->tcp && peer_tcp && own_endpoint[0] != '\0')
		return "The other side's endpoint takes TCP, but this side's "
		       "takes UDP; close this line and begin again, with TCP on "
		       "both sides or on neither.";
	return NULL;
}

/* -- the store -------------------------------------------------------------- */

int
ways_put(struct keeper *keeper, uint32_t line, unsigned path,
    const struct way *way)
{
	struct query q = store_query(&keeper->store, STMT_PATH_PUT);
	char ticket[TICKET_TEXT_BYTES] = "";
	int rc;

	if (way->has_ticket)
		ticket_format(ticket, &way->ticket);
	query_bind_int(&q, line);
	query_bind_int(&q, path);
	query_bind_int(&q, way->tcp);
	query_bind_int(&q, way->by_card);
	query_bind_text(&q, way->listen, strlen(way->listen));
	query_bind_text(&q, way->endpoint, strlen(way->endpoint));
	query_bind_text(&q, way->proxy, strlen(way->proxy));
	query_bind_text(&q, ticket, strlen(ticket));
	rc = query_run(&q);
	wipe(ticket, sizeof(ticket));
	return rc;
}

int
ways_erase(struct keeper *keeper, uint32_t line)
{
	struct query q = store_query(&keeper->store, STMT_PATH_DROP_ALL);

	query_bind_int(&q, line);
	return query_run(&q);
}

static int
read_text(struct query *q, char *text, size_t cap)
{
	size_t len;
	const char *found = query_text(q, &len);

	memset(text, 0, cap);
	if (len >= cap)
		return ERR_FORMAT;
	if (len > 0)
		memcpy(text, found, len);
	return OK;
}

static int
read_row(struct query *q, struct way *way)
{
	const void *last;
	const char *ticket;
	size_t len;

	memset(way, 0, sizeof(*way));
	way->used = true;
	way->tcp = query_int(q) != 0;
	way->by_card = query_int(q) != 0;
	if (read_text(q, way->listen, sizeof(way->listen)) != OK ||
	    read_text(q, way->endpoint, sizeof(way->endpoint)) != OK ||
	    read_text(q, way->proxy, sizeof(way->proxy)) != OK)
		return ERR_FORMAT;
	ticket = query_text(q, &len);
	way->has_ticket = len > 0;
	if (way->has_ticket && ticket_parse(&way->ticket, ticket, len) != OK)
		return ERR_FORMAT;
	last = query_blob(q, &len);
	if (len > ORIGIN_BYTES_MAX)
		return ERR_FORMAT;
	if (len > 0)
		memcpy(way->last.bytes, last, len);
	way->last.len = (uint8_t)len;
	return OK;
}

int
ways_load(struct keeper *keeper, struct post_line *line)
{
	struct query q = store_query(&keeper->store, STMT_PATH_LIST);
	int64_t path;
	int rc = OK;

	wipe(line->way, sizeof(line->way));
	query_bind_int(&q, line->id);
	while (rc == OK && query_next(&q)) {
		path = query_int(&q);
		rc = path >= 0 && path < LINE_PATHS_MAX
		    ? read_row(&q, &line->way[path])
		    : ERR_FORMAT;
	}
	if (q.rc == OK)
		q.rc = rc;
	return query_end(&q);
}

/* One change to a path, in a transaction of line.db. */
struct change {
	struct keeper *keeper;
	const struct post_line *line;
	unsigned path;
	const struct way *way;
	struct text listen;
	const struct origin *last;
	bool roams;
};

static int
put_way(void *ctx)
{
	const struct change *change = ctx;

	return ways_put(change->keeper, change->line->id, change->path,
	    change->way);
}

static int
drop_way(void *ctx)
{
	const struct change *change = ctx;
	struct query q = store_query(&change->keeper->store, STMT_PATH_DROP);

	query_bind_int(&q, change->line->id);
	query_bind_int(&q, change->path);
	return query_run(&q);
}

static int
put_listen(void *ctx)
{
	const struct change *change = ctx;
	struct query q =
	    store_query(&change->keeper->store, STMT_PATH_SET_LISTEN);

	query_bind_text(&q, change->listen.data, change->listen.len);
	query_bind_int(&q, change->line->id);
	query_bind_int(&q, change->path);
	return query_run(&q);
}

static int
put_last(void *ctx)
{
	const struct change *change = ctx;
	struct query q =
	    store_query(&change->keeper->store, STMT_PATH_SET_LAST);

	query_bind_blob(&q, change->last->bytes, change->last->len);
	query_bind_int(&q, change->line->id);
	query_bind_int(&q, change->path);
	return query_run(&q);
}

static int
put_roams(void *ctx)
{
	const struct change *change = ctx;
	struct query q =
	    store_query(&change->keeper->store, STMT_LINE_SET_ROAMS);

	query_bind_int(&q, change->roams);
	query_bind_int(&q, change->line->id);
	return query_run(&q);
}

/* -- wire and the parent ---------------------------------------------------- */

/* Where a way goes, and by what, as far as it is known by now. */
struct course {
	bool known; /* there is something to have */
	bool tcp;
	const char *endpoint; /* "" for none */
};

static struct course
course_by_card(const struct post_line *line, const struct way *way)
{
	const bool met = line->ceremony.state == CEREMONY_FINISHED ||
	    line->ceremony.state == CEREMONY_CONFIRMED;
	const char *own = line->card.endpoint;
	const char *peer = met ? line->peer_card.endpoint : "";
	const bool own_tcp = card_is_tcp(own, strlen(own));
	const bool peer_tcp = card_is_tcp(peer, strlen(peer));

	/* Of two that could call each other by TCP, who accepted calls. */
	if (own_tcp && peer_tcp && line->ceremony.role == ROLE_A)
		return (struct course){ true, true, "" };
	if (peer[0] != '\0')
		return (struct course){ true, peer_tcp, card_host(peer) };
	/* Who names no endpoint for TCP calls, once it is known where. */
	return (struct course){ !way->tcp || own_tcp, way->tcp || own_tcp, "" };
}

static struct course
course_of(const struct post_line *line, const struct way *way)
{
	if (way->has_ticket)
		return (struct course){ true, way->tcp, way->ticket.endpoint };
	if (way->by_card)
		return course_by_card(line, way);
	return (struct course){ true, way->tcp, way->endpoint };
}

static bool
tell(struct keeper *keeper, const struct post_line *line, unsigned path)
{
	const struct way *way = &line->way[path];
	const struct course course = course_of(line, way);
	struct keeper_way told = { .path = path,
		.tcp = course.tcp,
		.roams = line->roams,
		.endpoint = text_of(course.endpoint),
		.has_ticket = way->has_ticket };

	if (!course.known)
		return false;
	/* Who calls by TCP calls from any port. */
	if (!course.tcp || course.endpoint[0] == '\0')
		told.listen = text_of(way->listen);
	if (course.tcp && course.endpoint[0] != '\0')
		told.proxy = text_of(way->proxy);
	if (way->has_ticket)
		told.ticket = way->ticket;
	if (course.endpoint[0] == '\0' && !course.tcp)
		told.last = way->last;
	keeper->ops.path(keeper->ctx, line->id, &told);
	wipe(&told, sizeof(told));
	return true;
}

unsigned
ways_tell(struct keeper *keeper, const struct post_line *line)
{
	unsigned told = 0;

	for (unsigned i = 0; i < LINE_PATHS_MAX; i++)
		told += line->way[i].used && tell(keeper, line, i);
	return told;
}

void
ways_drop(struct keeper *keeper, const struct post_line *line)
{
	for (unsigned i = 0; i < LINE_PATHS_MAX; i++) {
		if (line->way[i].used)
			keeper->ops.path_drop(keeper->ctx, line->id, i);
	}
}

void
ways_on_socket(struct keeper *keeper, struct post_line *line, unsigned path,
    int err, struct text listen, struct text why)
{
	struct way *way = &line->way[path];
	char fault[sizeof(way->fault)] = "";
	struct course course;
	struct change change = { .keeper = keeper,
		.line = line,
		.path = path,
		.listen = listen };
	bool is_news;

	if (!way->used)
		return;
	course = course_of(line, way);
	snprintf(fault, sizeof(fault), "%.*s", err == OK ? 0 : (int)why.len,
	    why.len > 0 ? why.data : "");
	/* It is tried again for as long as need be, and told once. */
	is_news = strcmp(fault, way->fault) != 0;
	memcpy(way->fault, fault, sizeof(fault));
	if (err != OK && is_news)
		diary_note(keeper,
		    (struct diary_entry){ line, "line", NULL, "no-socket" },
		    "Path %u of the line to %s has no socket: %s", path + 1,
		    line->name, way->fault);
	if (err != OK)
		return;
	/* Who calls by TCP calls from any port. */
	if (course.tcp && course.endpoint[0] != '\0')
		return;
	if (listen.len == 0 || listen.len >= sizeof(way->listen) ||
	    (listen.len == strlen(way->listen) &&
		memcmp(listen.data, way->listen, listen.len) == 0))
		return;
	if (store_transact(&keeper->store, STORE_LINE, put_listen, &change) ==
	    OK)
		copy_text(way->listen, sizeof(way->listen), listen);
}

/* A peer that names no endpoint is called where it was, at the next start. */
static void
keep_last(struct keeper *keeper, struct post_line *line, unsigned path,
    const struct origin *peer)
{
	struct way *way = &line->way[path];
	const struct course course = course_of(line, way);
	struct change change = { .keeper = keeper,
		.line = line,
		.path = path,
		.last = peer };

	if (course.tcp || course.endpoint[0] != '\0' || peer->len == 0 ||
	    peer->len > ORIGIN_BYTES_MAX ||
	    (peer->len == way->last.len &&
		memcmp(peer->bytes, way->last.bytes, peer->len) == 0))
		return;
	if (store_transact(&keeper->store, STORE_LINE, put_last, &change) == OK)
		way->last = *peer;
}

void
ways_on_report(struct keeper *keeper, struct post_line *line)
{
	for (unsigned i = 0; i < LINE_PATHS_MAX; i++) {
		struct way *way = &line->way[i];
		const struct path_report *report = &line->report.path[i];

		if (!way->used)
			continue;
		if (report->heard_ms_ago != UINT64_MAX &&
		    keeper->now.wall_ms > 0 &&
		    report->heard_ms_ago < (uint64_t)keeper->now.wall_ms)
			way->heard_wall_ms =
			    keeper->now.wall_ms - (int64_t)report->heard_ms_ago;
		keep_last(keeper, line, i, &report->peer);
	}
}

unsigned
ways_find_unfit(const struct post_line *line, struct cadence cadence)
{
	for (unsigned i = 0; i < LINE_PATHS_MAX; i++) {
		const struct way *way = &line->way[i];

		if (way->used && way->has_ticket &&
		    !is_for(&way->ticket, cadence))
			return i;
	}
	return LINE_PATHS_MAX;
}

/* -- people ----------------------------------------------------------------- */

static void
show(const struct post_line *line, unsigned path, struct path_view *view,
    char at[ADDRESS_TEXT_BYTES])
{
	const struct way *way = &line->way[path];
	const struct course course = course_of(line, way);
	const struct path_report *report = &line->report.path[path];
	struct address address;

	memset(view, 0, sizeof(*view));
	at[0] = '\0';
	/* Connections have no address of their own. */
	if (address_from_origin(&address, &report->peer) == OK)
		address_format(at, &address);
	view->path = path + 1;
	view->tcp = course.tcp;
	view->relayed = way->has_ticket;
	if (!course.tcp || course.endpoint[0] == '\0')
		view->listen = text_of(way->listen);
	view->endpoint = text_of(course.endpoint);
	view->proxy = text_of(way->proxy);
	view->at = text_of(at);
	view->fault = text_of(way->fault);
	/* A path that wire has not opened yet is as silent as it will be. */
	view->state = PATH_SILENT;
	if (!post_line_is_active(line))
		view->state = PATH_CLOSED;
	else if (line->has_report && report->state != PATH_CLOSED)
		view->state = report->state;
	view->heard_wall_ms = way->heard_wall_ms;
	view->rtt_us = line->has_report ? report->rtt_us : 0;
}

size_t
ways_show(const struct post_line *line, struct path_view *view,
    struct ways_shown *shown)
{
	size_t count = 0;

	for (unsigned i = 0; i < LINE_PATHS_MAX; i++) {
		if (!line->way[i].used)
			continue;
		show(line, i, &view[count], shown->at[count]);
		count++;
	}
	return count;
}

static unsigned
find_free(struct keeper *keeper, const struct post_line *line)
{
	unsigned path = 0;

	while (path < LINE_PATHS_MAX &&
	    (line->way[path].used || wait_has(keeper, line, path)))
		path++;
	return path;
}

/* Two ways that are the same path twice. */
static bool
has_alike(const struct post_line *line, const struct way *way)
{
	for (unsigned i = 0; i < LINE_PATHS_MAX; i++) {
		const struct way *other = &line->way[i];

		if (!other->used)
			continue;
		if (way->has_ticket && other->has_ticket &&
		    memcmp(way->ticket.id, other->ticket.id, TICKET_ID_BYTES) ==
			0)
			return true;
		/* Ports of UDP and of TCP are not the same. */
		if (way->listen[0] != '\0' &&
		    way->tcp == course_of(line, other).tcp &&
		    strcmp(way->listen, other->listen) == 0)
			return true;
	}
	return false;
}

/* What speaks against one more path; NULL: nothing. */
static const char *
judge_add(const struct post_line *line, const struct request_way *asked,
    struct way *way)
{
	const struct terms *terms = &line->terms;
	const char *wrong = ways_read(way, asked, terms->cadence, false);

	if (wrong != NULL)
		return wrong;
	if (way->has_ticket && (terms->ours.open || terms->agreed))
		return "The line's cadence is about to change; add a path by a "
		       "relay when that is settled.";
	if (has_alike(line, way))
		return "The line has a path with that ticket, or on that "
		       "address, already; `quietline path list` shows it.";
	return NULL;
}

void
ways_on_add(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	struct change change = { .keeper = keeper, .line = line };
	const char *wrong;
	struct way way;
	int rc;

	if (line == NULL)
		return;
	change.path = find_free(keeper, line);
	change.way = &way;
	if (change.path == LINE_PATHS_MAX) {
		post_reply_error(keeper, request->id, ERR_LIMIT,
		    "The line to %s has %d paths, the most it can have; remove "
		    "one first.",
		    line->name, LINE_PATHS_MAX);
		return;
	}
	if ((wrong = judge_add(line, &request->way, &way)) != NULL) {
		post_reply_error(keeper, request->id, ERR_FORMAT, "%s", wrong);
		goto out;
	}
	rc = store_transact(&keeper->store, STORE_LINE, put_way, &change);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		goto out;
	}
	line->way[change.path] = way;
	/* What was reported is of the path that had this number before. */
	line->report.path[change.path] =
	    (struct path_report){ .heard_ms_ago = UINT64_MAX };
	wait_begin(keeper, request->id, line, change.path, NULL);
	(void)tell(keeper, line, change.path);
out:
	wipe(&way, sizeof(way));
}

void
ways_reply(struct keeper *keeper, uint32_t request,
    const struct post_line *line, unsigned path)
{
	struct reply reply = { .kind = REPLY_PATH, .id = request };
	char at[ADDRESS_TEXT_BYTES];

	show(line, path, &reply.path, at);
	post_reply(keeper, &reply);
}

void
ways_undo(struct keeper *keeper, uint32_t request, struct post_line *line,
    unsigned path, int err, struct text why)
{
	struct change change = { .keeper = keeper, .line = line, .path = path };
	int rc = store_transact(&keeper->store, STORE_LINE, drop_way, &change);

	if (rc != OK) {
		post_reply_store(keeper, request, rc);
		return;
	}
	keeper->ops.path_drop(keeper->ctx, line->id, path);
	wipe(&line->way[path], sizeof(line->way[path]));
	post_reply_error(keeper, request, err,
	    "The path cannot be had (%.*s); nothing was added.", (int)why.len,
	    why.len > 0 ? why.data : "");
}

void
ways_on_list(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	struct reply reply = { .kind = REPLY_PATH,
		.id = request->id,
		.more = true };
	char at[ADDRESS_TEXT_BYTES];

	if (line == NULL)
		return;
	for (unsigned i = 0; i < LINE_PATHS_MAX; i++) {
		if (!line->way[i].used)
			continue;
		show(line, i, &reply.path, at);
		post_reply(keeper, &reply);
	}
	post_reply_done(keeper, request->id);
}

/* The line would have a path without this one: what may fail still is none. */
static bool
has_another(struct keeper *keeper, const struct post_line *line, unsigned path)
{
	for (unsigned i = 0; i < LINE_PATHS_MAX; i++) {
		if (i != path && line->way[i].used &&
		    !wait_has(keeper, line, i))
			return true;
	}
	return false;
}

void
ways_on_remove(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	struct change change = { .keeper = keeper,
		.line = line,
		.path = request->way.path - 1 };
	int rc;

	if (line == NULL)
		return;
	if (change.path >= LINE_PATHS_MAX || !line->way[change.path].used) {
		post_reply_error(keeper, request->id, ERR_NOT_FOUND,
		    "The line to %s has no path of that number; `quietline "
		    "path list` shows them.",
		    line->name);
		return;
	}
	if (!has_another(keeper, line, change.path)) {
		post_reply_error(keeper, request->id, ERR_STATE,
		    "That is the last path of the line to %s; add another "
		    "first, or close the line.",
		    line->name);
		return;
	}
	rc = store_transact(&keeper->store, STORE_LINE, drop_way, &change);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	wait_abandon(keeper, line, change.path);
	keeper->ops.path_drop(keeper->ctx, line->id, change.path);
	wipe(&line->way[change.path], sizeof(line->way[change.path]));
	diary_note(keeper,
	    (struct diary_entry){ line, "line", NULL, "path-removed" },
	    "Path %u of the line to %s was removed.", change.path + 1,
	    line->name);
	post_reply_done(keeper, request->id);
}

void
ways_on_roaming(struct keeper *keeper, const struct request *request)
{
	struct post_line *line = post_ask_line(keeper, request);
	struct change change = { .keeper = keeper,
		.line = line,
		.roams = request->roams };
	int rc;

	if (line == NULL)
		return;
	rc = store_transact(&keeper->store, STORE_LINE, put_roams, &change);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	if (line->roams != request->roams)
		diary_note(keeper,
		    (struct diary_entry){ line, "line", NULL,
			request->roams ? "roams" : "roams-not" },
		    "The line to %s %s.", line->name,
		    request->roams
			? "follows its peer to any address"
			: "does not follow its peer to other addresses");
	line->roams = request->roams;
	(void)ways_tell(keeper, line);
	post_reply_done(keeper, request->id);
}
