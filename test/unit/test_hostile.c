/* A peer that says whatever its tongue can form, of every kind and about anything:
 * nothing breaks, nothing of it is this side's, and all that people can ask is
 * still answered. */
#include "keeper/keeper.h"

#include "people.h"

enum { RUNS = 12, RECORDS = 150, IDS = 48 };

/* What one run draws from, and all that has an id so far. */
struct play {
	struct twin *twin;
	struct twin_side *side;
	uint64_t seed;
	uint8_t id[IDS][RECORD_ID_BYTES];
	size_t ids;
	uint64_t n;	 /* of all its records */
	uint64_t serial; /* of its messages */
};

static uint64_t
draw(struct play *play, uint64_t below)
{
	play->seed = play->seed * 6364136223846793005u + 1442695040888963407u;
	return (play->seed >> 33) % below;
}

static const uint8_t *
draw_id(struct play *play)
{
	return play->id[draw(play, play->ids)];
}

static void
keep_id(struct play *play, const uint8_t *id)
{
	const size_t at = play->ids < IDS ? play->ids++ : draw(play, IDS);

	memcpy(play->id[at], id, RECORD_ID_BYTES);
}

/* Ids of what this side has said are known to the peer too. */
static void
keep_ours(struct play *play)
{
	sqlite3_stmt *stmt;

	assert_int_equal(sqlite3_prepare_v2(play->side->keeper->store
						.db[STORE_RECORD],
			     "SELECT id FROM record WHERE side = 0", -1, &stmt,
			     NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		keep_id(play, sqlite3_column_blob(stmt, 0));
	sqlite3_finalize(stmt);
}

/* -- what this side says -------------------------------------------------- */

static void
say(struct play *play, struct request request)
{
	request.line = twin_text(play->side->peer);
	(void)twin_ask(play->side, &request);
	twin_cut(play->twin);
}

static void
speak(struct play *play)
{
	struct request request = { .kind = REQUEST_SEND };

	request.send.text = twin_text("said");
	say(play, request);
	request = (struct request){ .kind = REQUEST_POINT_RAISE };
	request.ask.raise.title = twin_text("raised");
	say(play, request);
	request = (struct request){ .kind = REQUEST_DISCLOSURE_SET };
	request.ask.disclosure.wanted = 1;
	say(play, request);
	request = (struct request){ .kind = REQUEST_WILLING_ASK };
	request.ask.willing.question = twin_text("Shall we?");
	request.ask.willing.answer = (uint8_t)draw(play, 2);
	say(play, request);
	request = (struct request){ .kind = REQUEST_DRILL };
	say(play, request);
	keep_ours(play);
}

/* -- what the peer says ---------------------------------------------------- */

static const int64_t times[] = { 1, 1795000000000, 1795086400000, 1800000000000,
	253402300799999 };

static int64_t
draw_time(struct play *play)
{
	return times[draw(play, sizeof(times) / sizeof(times[0]))];
}

static struct record_text
words(const char *text)
{
	return (struct record_text){ text, strlen(text) };
}

static void
draw_re(struct play *play, struct record *record)
{
	forge_about(record, draw_id(play));
}

static void
fill_message(struct play *play, struct record *record)
{
	record->serial = ++play->serial;
	record->precedence = (enum precedence)draw(play, PRECEDENCE_COUNT);
	record->mark = (enum mark)draw(play, MARK_COUNT);
	if (draw(play, 2) == 0)
		draw_re(play, record);
	if (draw(play, 2) == 0) {
		record->has_withdraws = true;
		memcpy(record->withdraws, draw_id(play), RECORD_ID_BYTES);
	}
	record->points = draw(play, 2);
	memcpy(record->point[0], draw_id(play), RECORD_ID_BYTES);
	record->form = (uint32_t)draw(play, 4);
}

static void
fill_pact(struct play *play, struct record *record)
{
	if (draw(play, 2) == 0) {
		record->pact = PACT_DISCLOSURE;
		record->discloses = (uint32_t)draw(play, 8);
		return;
	}
	record->pact = PACT_FORM;
	record->form = 1 + (uint32_t)draw(play, 5);
	record->subject = words("name");
	record->language = words("en");
	record->language_b = words("ko");
}

static void
fill_month(struct play *play, struct record *record)
{
	record->month = (struct month){ .month = draw(play, 2) == 0
		    ? MONTH_MAX
		    : MONTH_MIN + (uint32_t)draw(play, 3),
		.sent = UINT32_MAX,
		.answered = (uint32_t)draw(play, 3),
		.worst_ms = UINT32_MAX,
		.median_ms = UINT32_MAX };
}

static void
fill(struct play *play, struct record *record)
{
	static const char bytes[WILLING_DATA_BYTES_MAX];

	switch (record->kind) {
	case RECORD_MESSAGE:
		fill_message(play, record);
		return;
	case RECORD_RECEIPT:
		record->receipt = 1 + (enum receipt_kind)draw(play, 3);
		draw_re(play, record);
		return;
	case RECORD_TERMS:
		record->number = 1 + (uint32_t)draw(play, 3);
		if (draw(play, 2) == 0)
			draw_re(play, record);
		else
			record->cadence = (struct cadence){ 1200, 50000 };
		return;
	case RECORD_DAY:
		record->day.date = draw(play, 2) == 0 ? 2932896 : 0;
		record->day.seconds[0] = 1;
		return;
	case RECORD_POINT:
		record->subject = words("theirs");
		record->deadline_ms = draw_time(play);
		return;
	case RECORD_STANDING:
		draw_re(play, record);
		record->standing =
		    1 + (enum standing)draw(play, STANDING_COUNT - 1);
		record->deadline_ms = draw_time(play);
		return;
	case RECORD_PUBLIC:
		record->said_ms = draw_time(play);
		record->source = words("a paper");
		record->speaker = words("somebody");
		if (draw(play, 2) == 0)
			draw_re(play, record);
		return;
	case RECORD_TRANSLATION:
		record->language = words("ko");
		draw_re(play, record);
		return;
	case RECORD_PACT:
		fill_pact(play, record);
		return;
	case RECORD_CONSENT:
		draw_re(play, record);
		record->verdict = 1 + (enum pact_verdict)draw(play, 3);
		return;
	case RECORD_MONTH:
		fill_month(play, record);
		return;
	case RECORD_WILLING:
		record->step = 1 + (uint32_t)draw(play, WILLING_STEPS);
		record->data = (struct record_text){ bytes,
			1 + draw(play, sizeof(bytes)) };
		if (record->step > 1)
			draw_re(play, record);
		return;
	case RECORD_DRILL_ANSWER:
	case RECORD_READING:
		draw_re(play, record);
		return;
	case RECORD_DRILL:
	case RECORD_ROSTER:
	case RECORD_SERVICE:
	case RECORD_KIND_COUNT:
		return;
	}
}

/* A text where there must be one, or may: a form that is none, or is one. */
static struct record_text
text_of_record(struct play *play, const struct record *record)
{
	static char much[NOTE_TEXT_BYTES_MAX];
	static const char form[] = "form name\n\nen Title\nAt {at}.\n";
	const bool is_form = record->pact == PACT_FORM;
	const bool asks = record->kind == RECORD_WILLING && record->step == 1;
	const bool must = is_form || asks ||
	    record->kind == RECORD_TRANSLATION ||
	    record->kind == RECORD_SERVICE || record->kind == RECORD_MESSAGE;
	const uint32_t most = record_text_most(record->kind);

	memset(much, 'm', sizeof(much));
	if (is_form)
		return words(form);
	if (most == 0 || record->pact == PACT_DISCLOSURE ||
	    (record->kind == RECORD_WILLING && !asks) ||
	    (!must && draw(play, 2) == 0))
		return words("");
	return (struct record_text){ much,
		draw(play, 2) == 0 && most < sizeof(much) ? most : 3 };
}

/* One record, whole, as its wire would hand it in. */
static void
arrive(struct play *play, struct record *record, struct record_text text)
{
	struct twin_side *side = play->side;
	struct post_line *line = forge_line(side);
	const enum record_class class =
	    record_class(record->kind, record->precedence);
	struct line_event event = { .kind = LINE_EVENT_DATA };
	static uint8_t bytes[RECORD_HEAD_BYTES_MAX + NOTE_TEXT_BYTES_MAX];
	struct writer w;

	record->text_bytes = (uint32_t)text.len;
	record->after = line->inbox[class].last;
	buf_write(&w, bytes, sizeof(bytes));
	record_encode_head(&w, record);
	buf_put_bytes(&w, text.data, text.len);
	assert_true(buf_is_sound(&w));
	event.piece = (struct piece){ .class = class,
		.n = ++play->n,
		.data = bytes,
		.len = w.len,
		.fin = true };
	keeper_on_line_event(side->keeper, side->line, &event, play->twin->now);
	play->twin->now.now_ns += CLOCK_NS_PER_S;
	play->twin->now.wall_ms += 1000;
	keeper_on_time(side->keeper, play->twin->now);
	twin_cut(play->twin);
	assert_false(side->keeper->store.failed);
	/* All of it keeps to the form: nothing ends the session. */
	assert_false(line->refuses);
}

static void
say_anything(struct play *play)
{
	struct record record = { .kind = 1 +
		    (enum record_kind)draw(play, RECORD_KIND_COUNT - 1) };

	record.time_ms = draw(play, 4) == 0 ? INT64_MAX : draw_time(play);
	for (size_t i = 0; i < RECORD_ID_BYTES; i++)
		record.id[i] = (uint8_t)draw(play, 256);
	fill(play, &record);
	arrive(play, &record, text_of_record(play, &record));
	keep_id(play, record.id);
}

/* -- what people see of it ------------------------------------------------- */

/* Everything that can be looked at is answered, and is not refused. */
static void
look_at_all(struct play *play)
{
	static const enum request_kind kinds[] = { REQUEST_STATUS,
		REQUEST_WAITING, REQUEST_POINT_LIST, REQUEST_PUBLIC_LIST,
		REQUEST_FORM_LIST, REQUEST_DISCLOSURE, REQUEST_WILLING_LIST,
		REQUEST_SERVICE_LIST, REQUEST_DRILL_LIST, REQUEST_DRILL_MONTHS,
		REQUEST_ROSTER_HEARD, REQUEST_ALARM_LIST, REQUEST_READ };
	struct twin_side *side = play->side;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct request request = twin_request(side, kinds[i]);

		request.page.limit = 20;
		request.read.limit = 20;
		request.read.since_ms = INT64_MIN;
		twin_ask(side, &request);
		assert_true(side->reply_count > 0);
		for (size_t j = 0; j < side->reply_count; j++) {
			const struct reply *reply = &side->replies[j].reply;

			if (reply->kind == REPLY_ERROR)
				fail_msg("%d: %s", (int)kinds[i],
				    side->replies[j].say);
		}
		twin_cut(play->twin);
	}
}

static void
peer_may_say_anything_of_every_kind(void **state)
{
	(void)state;
	for (uint64_t run = 1; run <= RUNS; run++) {
		struct play play = { .twin = twin_new_line(), .seed = run };
		int64_t ours;

		play.side = &play.twin->side[run % 2];
		twin_cut(play.twin);
		speak(&play);
		ours = people_count(play.side,
		    "SELECT count(*) FROM record WHERE side = 0 AND kind IN"
		    " (1, 7, 8, 9, 10, 11)");
		for (size_t i = 0; i < RECORDS; i++)
			say_anything(&play);
		look_at_all(&play);
		/* Nothing of it was said by this side's people. */
		assert_int_equal(people_count(play.side,
				     "SELECT count(*) FROM record WHERE side ="
				     " 0 AND kind IN (1, 7, 8, 9, 10, 11)"),
		    ours);
		assert_true(people_count(play.side,
				"SELECT count(*) FROM record WHERE side = 1") >=
		    RECORDS / 2);
		assert_int_equal(
		    people_count(play.side,
			"SELECT count(*) FROM standing s JOIN"
			" point p ON p.row = s.point JOIN record r"
			" ON r.row = s.row WHERE r.line <> p.line"),
		    0);
		twin_restart(play.side);
		twin_cut(play.twin);
		look_at_all(&play);
		twin_free(play.twin);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peer_may_say_anything_of_every_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
