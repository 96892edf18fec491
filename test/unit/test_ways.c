#include "keeper/ways.h"

#include "forge.h"

#include <netinet/in.h>

/* A relay's ticket for a cadence, as text. */
static void
make_ticket(char text[TICKET_TEXT_BYTES], struct cadence cadence, unsigned leg)
{
	const uint8_t secret[TICKET_SECRET_BYTES] = { 7 };
	const struct ticket_id is = { .number = 1,
		.leg = leg,
		.cadence = cadence };
	struct ticket_mint mint;
	struct ticket ticket;

	ticket_mint_init(&mint, secret);
	assert_int_equal(ticket_issue(&ticket, &mint, &is,
			     "relay.example:7412"),
	    OK);
	ticket_format(text, &ticket);
}

/* The parent answers at once that it has what is wanted. */
static struct twin_reply *
answered(struct twin_side *side, struct request *request, unsigned path)
{
	struct twin_reply *reply = twin_ask(side, request);

	if (side->reply_count == 0)
		keeper_on_socket(side->keeper, side->line, path, OK,
		    twin_text("192.0.2.7:7412"), twin_text(""),
		    side->twin->now);
	assert_int_equal(side->reply_count, 1);
	return reply;
}

static struct twin_reply *
add(struct twin_side *side, struct request_way way, unsigned path)
{
	struct request request = twin_request(side, REQUEST_PATH_ADD);

	request.way = way;
	return answered(side, &request, path);
}

static struct twin_reply *
take_away(struct twin_side *side, uint32_t number)
{
	struct request request = twin_request(side, REQUEST_PATH_REMOVE);

	request.way.path = number;
	return twin_ask(side, &request);
}

static size_t
list(struct twin_side *side)
{
	struct request request = twin_request(side, REQUEST_PATH_LIST);

	twin_ask(side, &request);
	assert_int_equal(side->replies[side->reply_count - 1].reply.kind,
	    REPLY_DONE);
	return side->reply_count - 1;
}

static void
way_by_udp_is_told_and_kept(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	const struct twin_reply *reply = add(a,
	    (struct request_way){ .endpoint = twin_text("b.example:9") }, 1);

	assert_int_equal(reply->reply.kind, REPLY_PATH);
	assert_int_equal(reply->reply.path.path, 2);
	assert_true(a->way[1].open);
	assert_false(a->way[1].way.tcp);
	assert_string_equal(a->way[1].endpoint, "b.example:9");
	memset(a->way, 0, sizeof(a->way));
	twin_restart(a);
	assert_true(a->way[0].open && a->way[1].open);
	assert_string_equal(a->way[1].endpoint, "b.example:9");
	/* The port that was had is asked for again. */
	assert_string_equal(a->way[1].listen, "192.0.2.7:7412");
	assert_int_equal(list(a), 2);
	assert_int_equal(a->replies[1].reply.path.path, 2);
}

static void
way_by_tcp_calls_or_is_called(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	assert_int_equal(add(a,
			     (struct request_way){
				 .endpoint = twin_text("tcp:b.example:9") },
			     1)
			     ->reply.kind,
	    REPLY_PATH);
	assert_true(a->way[1].way.tcp);
	assert_string_equal(a->way[1].endpoint, "b.example:9");
	assert_string_equal(a->way[1].listen, "");
	assert_int_equal(add(a,
			     (struct request_way){ .tcp = true,
				 .listen = twin_text("192.0.2.7:7412") },
			     2)
			     ->reply.kind,
	    REPLY_PATH);
	assert_true(a->way[2].way.tcp);
	assert_string_equal(a->way[2].endpoint, "");
	assert_string_equal(a->way[2].listen, "192.0.2.7:7412");
	assert_int_equal(add(a,
			     (struct request_way){
				 .endpoint = twin_text("x.onion:7411"),
				 .proxy = twin_text("127.0.0.1:9050") },
			     3)
			     ->reply.kind,
	    REPLY_PATH);
	assert_true(a->way[3].way.tcp);
	assert_string_equal(a->way[3].proxy, "127.0.0.1:9050");
	twin_restart(a);
	assert_string_equal(a->way[3].proxy, "127.0.0.1:9050");
	assert_true(a->way[3].way.tcp);
}

static void
way_by_a_relay_has_its_ticket(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	char text[TICKET_TEXT_BYTES];
	struct request_way way = { .tcp = true };

	make_ticket(text, a->config.cadence, 0);
	way.ticket = twin_text(text);
	assert_int_equal(add(a, way, 1)->reply.kind, REPLY_PATH);
	assert_true(a->way[1].way.has_ticket && a->way[1].way.tcp);
	assert_string_equal(a->way[1].endpoint, "relay.example:7412");
	assert_int_equal(a->way[1].way.ticket.is.number, 1);
	memset(a->way, 0, sizeof(a->way));
	twin_restart(a);
	assert_true(a->way[1].way.has_ticket);
	assert_string_equal(a->way[1].way.ticket.endpoint,
	    "relay.example:7412");
	/* Neither of its legs twice. */
	assert_int_equal(add(a, way, 2)->reply.err, ERR_FORMAT);
	assert_int_equal(list(a), 2);
}

static void
way_that_makes_no_sense_is_refused(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	char other[TICKET_TEXT_BYTES] = "", own[TICKET_TEXT_BYTES] = "";
	const struct request_way wrong[] = {
		{ .endpoint = twin_text("nowhere") },
		{ .endpoint = twin_text("udp:b.example:9") },
		{ .endpoint = twin_text("tcp:") },
		{ .listen = twin_text("7411") },
		{ .listen = twin_text("host.example:7411") },
		{ .listen = twin_text("192.0.2.7:0") },
		{ .listen = twin_text("192.0.2.7:65536") },
		{ .proxy = twin_text("127.0.0.1:9050") },
		{ .endpoint = twin_text("b:9"), .proxy = twin_text("b") },
		{ .endpoint = twin_text("b:9"), .proxy = twin_text("tcp:b:1") },
		{ .listen = twin_text("192.0.2.7:1"),
		    .proxy = twin_text("b:1"),
		    .endpoint = twin_text("b:9") },
		{ .tcp = true,
		    .listen = twin_text("192.0.2.7:1"),
		    .endpoint = twin_text("b:9") },
		{ .ticket = twin_text("quietline-ticket:x") },
		{ .ticket = twin_text(other) },
		{ .ticket = twin_text(own), .endpoint = twin_text("b:9") },
		{ .ticket = twin_text(own),
		    .tcp = true,
		    .listen = twin_text("192.0.2.7:1") },
	};

	make_ticket(other, (struct cadence){ 1200, 20000 }, 0);
	make_ticket(own, a->config.cadence, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct request_way way = wrong[i];
		const struct twin_reply *reply;

		way.ticket.len =
		    way.ticket.data == NULL ? 0 : strlen(way.ticket.data);
		reply = add(a, way, 1);
		if (reply->reply.kind != REPLY_ERROR ||
		    reply->reply.err != ERR_FORMAT || reply->say[0] == '\0')
			fail_msg("%zu is taken", i);
	}
	assert_int_equal(list(a), 1);
	assert_false(a->way[1].open);
}

static void
ways_are_four_at_most(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request_way way = { .endpoint = twin_text("b.example:9") };

	for (unsigned i = 1; i < LINE_PATHS_MAX; i++)
		assert_int_equal(add(a, way, i)->reply.kind, REPLY_PATH);
	assert_int_equal(add(a, way, 0)->reply.err, ERR_LIMIT);
	/* A number that was given back is had again. */
	assert_int_equal(take_away(a, 3)->reply.kind, REPLY_DONE);
	assert_false(a->way[2].open);
	assert_int_equal(list(a), 3);
	assert_int_equal(add(a, way, 2)->reply.path.path, 3);
}

static void
way_that_is_the_last_stays(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request_way way = { .endpoint = twin_text("b.example:9") };

	assert_int_equal(take_away(a, 1)->reply.err, ERR_STATE);
	assert_int_equal(take_away(a, 0)->reply.err, ERR_NOT_FOUND);
	assert_int_equal(take_away(a, 2)->reply.err, ERR_NOT_FOUND);
	assert_int_equal(take_away(a, LINE_PATHS_MAX + 1)->reply.err,
	    ERR_NOT_FOUND);
	assert_int_equal(take_away(a, UINT32_MAX)->reply.err, ERR_NOT_FOUND);
	assert_true(a->way[0].open);
	assert_int_equal(add(a, way, 1)->reply.kind, REPLY_PATH);
	/* The first may go then, and stays away. */
	assert_int_equal(take_away(a, 1)->reply.kind, REPLY_DONE);
	assert_int_equal(take_away(a, 2)->reply.err, ERR_STATE);
	memset(a->way, 0, sizeof(a->way));
	twin_restart(a);
	assert_false(a->way[0].open);
	assert_true(a->way[1].open);
}

static void
way_whose_socket_fails_is_undone(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_PATH_ADD);
	size_t events;

	request.way.listen = twin_text("192.0.2.7:7412");
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 0);
	keeper_on_socket(a->keeper, a->line, 1, ERR_IO, twin_text(""),
	    twin_text("the address is in use"), twin->now);
	assert_int_equal(a->reply_count, 1);
	assert_int_equal(a->replies[0].reply.kind, REPLY_ERROR);
	assert_non_null(strstr(a->replies[0].say, "in use"));
	assert_false(a->way[1].open);
	assert_int_equal(list(a), 1);
	/* Later it is told, and the path stays. */
	assert_int_equal(answered(a, &request, 1)->reply.kind, REPLY_PATH);
	keeper_on_socket(a->keeper, a->line, 1, ERR_IO, twin_text(""),
	    twin_text("no such address"), twin->now);
	assert_true(twin_has_event(a, "line", "no-socket"));
	assert_int_equal(list(a), 2);
	assert_int_equal(a->replies[1].reply.path.fault.len, 15);
	/* Once: it is tried again every minute, for days if need be. */
	events = a->event_count;
	keeper_on_socket(a->keeper, a->line, 1, ERR_IO, twin_text(""),
	    twin_text("no such address"), twin->now);
	assert_int_equal(a->event_count, events);
	keeper_on_socket(a->keeper, a->line, 1, OK, twin_text("192.0.2.7:7412"),
	    twin_text(""), twin->now);
	keeper_on_socket(a->keeper, a->line, 1, ERR_IO, twin_text(""),
	    twin_text("no such address"), twin->now);
	assert_int_equal(a->event_count, events + 1);
	/* Of paths that nobody asked for nothing is kept. */
	keeper_on_socket(a->keeper, a->line, 3, OK, twin_text("[::]:1"),
	    twin_text(""), twin->now);
	keeper_on_socket(a->keeper, a->line, LINE_PATHS_MAX, OK,
	    twin_text("[::]:1"), twin_text(""), twin->now);
	assert_int_equal(list(a), 2);
}

/* What may fail still is no path to fall back on. */
static void
way_that_is_being_opened_counts_for_none(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_PATH_ADD);
	const struct twin_reply *reply;

	request.way.listen = twin_text("192.0.2.7:7412");
	twin_ask(a, &request);
	reply = take_away(a, 1);
	assert_int_equal(reply->reply.kind, REPLY_ERROR);
	assert_non_null(strstr(reply->say, "the last path"));
	keeper_on_socket(a->keeper, a->line, 1, ERR_IO, twin_text(""),
	    twin_text("the address is in use"), twin->now);
	assert_true(a->way[0].open);
	assert_int_equal(list(a), 1);
	/* Open, it is one. */
	assert_int_equal(answered(a, &request, 1)->reply.kind, REPLY_PATH);
	assert_int_equal(take_away(a, 1)->reply.kind, REPLY_DONE);
	assert_int_equal(list(a), 1);
}

/* What the parent says of a path that is removed meanwhile is not taken for the one
 * that is added next. */
static void
way_is_not_answered_for_by_the_one_before(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_PATH_ADD);

	request.way.listen = twin_text("192.0.2.7:7412");
	twin_ask(a, &request);
	take_away(a, 2);
	assert_false(a->way[1].open);
	request.way.listen = twin_text("192.0.2.8:7412");
	twin_ask(a, &request);
	assert_false(a->way[1].open);
	assert_true(a->way[2].open);
	assert_int_equal(a->reply_count, 0);
	keeper_on_socket(a->keeper, a->line, 1, ERR_IO, twin_text(""),
	    twin_text("the address is in use"), twin->now);
	assert_int_equal(a->reply_count, 0);
	keeper_on_socket(a->keeper, a->line, 2, OK, twin_text("192.0.2.8:7412"),
	    twin_text(""), twin->now);
	assert_int_equal(a->reply_count, 1);
	assert_int_equal(a->replies[0].reply.kind, REPLY_PATH);
	assert_int_equal(a->replies[0].reply.path.path, 3);
	/* The number is free again. */
	assert_int_equal(answered(a, &request, 1)->reply.kind, REPLY_ERROR);
	request.way.listen = twin_text("192.0.2.9:7412");
	assert_int_equal(answered(a, &request, 1)->reply.path.path, 2);
}

static void
way_is_not_waited_for_for_ever(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_PATH_ADD);

	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 0);
	twin_run_until(twin, twin->now.now_ns + (uint64_t)6 * CLOCK_NS_PER_S);
	assert_int_equal(a->reply_count, 1);
	assert_int_equal(a->replies[0].reply.kind, REPLY_PATH);
	/* Nor where it is removed meanwhile. */
	request.way.listen = twin_text("192.0.2.7:1");
	twin_ask(a, &request);
	take_away(a, 3);
	assert_int_equal(a->reply_count, 2);
	assert_int_equal(a->replies[0].reply.kind, REPLY_ERROR);
	assert_int_equal(a->replies[1].reply.kind, REPLY_DONE);
}

static void
ways_follow_the_peer_where_they_may(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_ROAMING);

	assert_false(a->way[0].way.roams);
	request.roams = true;
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_DONE);
	assert_true(a->way[0].way.roams);
	assert_int_equal(forge_count(a, "line", "roams"), 1);
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_DONE);
	assert_int_equal(forge_count(a, "line", "roams"), 1);
	memset(a->way, 0, sizeof(a->way));
	twin_restart(a);
	assert_true(a->way[0].way.roams);
	request.roams = false;
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_DONE);
	assert_false(a->way[0].way.roams);
	request.line = twin_text("nobody");
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_NOT_FOUND);
}

static void
way_says_how_it_is(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct line_report report = { .state = LINE_UP };
	struct request_way way = { .endpoint = twin_text("b.example:9") };
	const struct sockaddr_in at = { .sin_family = AF_INET };
	struct path_view *view;

	assert_int_equal(add(a, way, 1)->reply.kind, REPLY_PATH);
	report.path[0] = (struct path_report){ .state = PATH_UP,
		.heard_ms_ago = 500,
		.rtt_us = 7 };
	report.path[1] = (struct path_report){ .state = PATH_SILENT,
		.heard_ms_ago = UINT64_MAX };
	forge_report(a, report);
	assert_int_equal(list(a), 2);
	view = &a->replies[0].reply.path;
	assert_int_equal(view->state, PATH_UP);
	assert_int_equal(view->heard_wall_ms, twin->now.wall_ms - 500);
	assert_int_equal(view->rtt_us, 7);
	view = &a->replies[1].reply.path;
	assert_int_equal(view->state, PATH_SILENT);
	assert_int_equal(view->heard_wall_ms, 0);
	/* The next of its number has nothing of it. */
	report.path[1] = report.path[0];
	memcpy(report.path[1].peer.bytes, &at, sizeof(at));
	report.path[1].peer.len = sizeof(at);
	forge_report(a, report);
	assert_int_equal(list(a), 2);
	assert_int_equal(a->replies[1].reply.path.state, PATH_UP);
	assert_int_not_equal(a->replies[1].reply.path.at.len, 0);
	assert_int_equal(take_away(a, 2)->reply.kind, REPLY_DONE);
	view = &add(a, way, 1)->reply.path;
	assert_int_equal(view->state, PATH_SILENT);
	assert_int_equal(view->at.len, 0);
	assert_int_equal(view->heard_wall_ms, 0);
	/* As long as wire has not opened it, too. */
	report.path[1] = (struct path_report){ .heard_ms_ago = UINT64_MAX };
	forge_report(a, report);
	assert_int_equal(list(a), 2);
	assert_int_equal(a->replies[1].reply.path.state, PATH_SILENT);
}

static void
cadence_is_kept_where_a_relay_takes_no_other(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = twin_request(a, REQUEST_CADENCE);
	char text[TICKET_TEXT_BYTES];
	struct request_way way = { .path = 0 };
	const struct twin_reply *reply;

	make_ticket(text, a->config.cadence, 0);
	way.ticket = twin_text(text);
	assert_int_equal(add(a, way, 1)->reply.kind, REPLY_PATH);
	request.cadence = (struct cadence){ 1200, 20000 };
	reply = twin_ask(a, &request);
	assert_int_equal(reply->reply.err, ERR_STATE);
	assert_non_null(strstr(reply->say, "Path 2"));
	/* Neither to agree. */
	request.line = twin_text(b->peer);
	assert_int_equal(twin_ask(b, &request)->reply.kind, REPLY_TERMS);
	twin_run(twin);
	request.line = twin_text(a->peer);
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_STATE);
	assert_int_equal(take_away(a, 2)->reply.kind, REPLY_DONE);
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_TERMS);
	/* What is agreed may not be undone by a new path. */
	assert_int_equal(add(a, way, 1)->reply.err, ERR_FORMAT);
}

/* -- in the ceremony -------------------------------------------------------- */

static struct twin_reply *
step(struct twin_side *side, enum request_kind kind,
    const struct twin_reply *before, struct request_way way)
{
	struct request request = twin_request(side, kind);

	request.way = way;
	request.ceremony.cadence = (struct cadence){ 1200, 100000 };
	request.ceremony.accept = 2;
	if (before != NULL)
		request.ceremony.file =
		    (struct text){ (const char *)before->file,
			    before->file_len };
	return answered(side, &request, 0);
}

/* As far as both have finished; the fault of who would not, or OK. */
static int
pair(struct twin *twin, struct request_way a_way, struct request_way b_way)
{
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	const struct request_way none = { .path = 0 };
	struct twin_reply *reply;

	reply = step(a, REQUEST_OFFER, NULL, a_way);
	assert_int_equal(reply->reply.kind, REPLY_CEREMONY);
	reply = step(b, REQUEST_ACCEPT, reply, b_way);
	assert_int_equal(reply->reply.kind, REPLY_CEREMONY);
	reply = step(a, REQUEST_FINISH, reply, none);
	if (reply->reply.kind != REPLY_CEREMONY)
		return reply->reply.err;
	reply = step(b, REQUEST_FINISH, reply, none);
	return reply->reply.kind == REPLY_CEREMONY ? OK : reply->reply.err;
}

static void
card_for_tcp_is_called_by_tcp(void **state)
{
	struct twin *twin = twin_new();
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	(void)state;
	assert_int_equal(pair(twin,
			     (struct request_way){ .tcp = true,
				 .endpoint = twin_text("a.example:7411"),
				 .listen = twin_text("192.0.2.7:7411") },
			     (struct request_way){
				 .proxy = twin_text("127.0.0.1:9050") }),
	    OK);
	assert_true(a->way[0].way.tcp && b->way[0].way.tcp);
	assert_string_equal(a->way[0].endpoint, "");
	assert_string_equal(b->way[0].endpoint, "a.example:7411");
	assert_string_equal(b->way[0].proxy, "127.0.0.1:9050");
	assert_string_equal(b->way[0].listen, "");
	assert_string_equal(forge_line(a)->card.endpoint, "tcp:a.example:7411");
	twin_free(twin);
}

/* Nobody is to call there: nothing is bound meanwhile. */
static void
side_that_calls_by_tcp_listens_nowhere(void **state)
{
	struct twin *twin = twin_new();
	struct twin_side *a = &twin->side[0];
	const struct twin_reply *reply;

	(void)state;
	reply =
	    step(a, REQUEST_OFFER, NULL, (struct request_way){ .tcp = true });
	assert_int_equal(reply->reply.kind, REPLY_CEREMONY);
	assert_int_equal(reply->reply.ceremony.listen.len, 0);
	assert_false(a->way[0].open);
	twin_free(twin);
}

/* Of two that could both call, who accepted does. */
static void
cards_for_tcp_on_both_sides_make_one_call(void **state)
{
	struct twin *twin = twin_new();
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	(void)state;
	assert_int_equal(pair(twin,
			     (struct request_way){
				 .endpoint = twin_text("tcp:a:1") },
			     (struct request_way){
				 .endpoint = twin_text("tcp:b:1") }),
	    OK);
	assert_string_equal(a->way[0].endpoint, "");
	assert_string_equal(b->way[0].endpoint, "a:1");
	twin_free(twin);
}

static void
cards_that_cannot_meet_are_refused(void **state)
{
	const struct request_way tcp = { .endpoint = twin_text("tcp:a:1") };
	const struct request_way udp = { .endpoint = twin_text("b:1") };
	const struct request_way to_tcp = { .tcp = true };
	const struct request_way proxy = { .proxy = twin_text("p:1") };
	const struct request_way none = { .path = 0 };
	const struct request_way pairs[][2] = { { tcp, udp }, { udp, tcp },
		{ udp, to_tcp }, { to_tcp, udp }, { none, none },
		{ to_tcp, to_tcp }, { udp, proxy }, { proxy, udp },
		{ proxy, none } };

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct twin *twin = twin_new();

		if (pair(twin, pairs[i][0], pairs[i][1]) != ERR_STATE)
			fail_msg("%zu is taken", i);
		twin_free(twin);
	}
}

static void
tickets_stand_for_an_endpoint(void **state)
{
	struct twin *twin = twin_new();
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	char own[TICKET_TEXT_BYTES], peer[TICKET_TEXT_BYTES];
	struct request_way ways[2] = { { .path = 0 }, { .tcp = true } };
	struct request request = twin_request(a, REQUEST_OFFER);

	(void)state;
	make_ticket(own, (struct cadence){ 1200, 20000 }, 0);
	request.ceremony.cadence = (struct cadence){ 1200, 100000 };
	request.ceremony.accept = 2;
	request.way.ticket = twin_text(own);
	/* Of another cadence than is offered. */
	assert_int_equal(twin_ask(a, &request)->reply.err, ERR_FORMAT);
	make_ticket(own, (struct cadence){ 1200, 100000 }, 0);
	make_ticket(peer, (struct cadence){ 1200, 100000 }, 1);
	ways[0].ticket = twin_text(own);
	ways[1].ticket = twin_text(peer);
	assert_int_equal(pair(twin, ways[0], ways[1]), OK);
	assert_true(a->way[0].way.has_ticket && b->way[0].way.has_ticket);
	assert_false(a->way[0].way.tcp);
	assert_true(b->way[0].way.tcp);
	assert_string_equal(b->way[0].endpoint, "relay.example:7412");
	twin_free(twin);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FORGE_CLAIM(way_by_udp_is_told_and_kept),
		FORGE_CLAIM(way_by_tcp_calls_or_is_called),
		FORGE_CLAIM(way_by_a_relay_has_its_ticket),
		FORGE_CLAIM(way_that_makes_no_sense_is_refused),
		FORGE_CLAIM(ways_are_four_at_most),
		FORGE_CLAIM(way_that_is_the_last_stays),
		FORGE_CLAIM(way_whose_socket_fails_is_undone),
		FORGE_CLAIM(way_that_is_being_opened_counts_for_none),
		FORGE_CLAIM(way_is_not_answered_for_by_the_one_before),
		FORGE_CLAIM(way_is_not_waited_for_for_ever),
		FORGE_CLAIM(ways_follow_the_peer_where_they_may),
		FORGE_CLAIM(way_says_how_it_is),
		FORGE_CLAIM(cadence_is_kept_where_a_relay_takes_no_other),
		cmocka_unit_test(card_for_tcp_is_called_by_tcp),
		cmocka_unit_test(side_that_calls_by_tcp_listens_nowhere),
		cmocka_unit_test(cards_for_tcp_on_both_sides_make_one_call),
		cmocka_unit_test(cards_that_cannot_meet_are_refused),
		cmocka_unit_test(tickets_stand_for_an_endpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
