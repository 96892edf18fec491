#include "keeper/alarm.h"

#include "forge.h"
#include "keeper/ringing.h"
#include "keeper/wake.h"

enum { S = 1000, MIN = 60 * S };

/* What the bell was told; there is one of each test. */
static struct {
	size_t rings;
	size_t quiets;
	struct alarm_ring last;
	char line[POST_NAME_BYTES];
	char title[POST_NAME_BYTES];
} heard;

static void
on_ring(void *ctx, const struct alarm_ring *ring)
{
	(void)ctx;
	heard.rings++;
	heard.last = *ring;
	twin_copy(heard.line, sizeof(heard.line), ring->line);
	twin_copy(heard.title, sizeof(heard.title), ring->title);
}

static void
on_quiet(void *ctx)
{
	(void)ctx;
	heard.quiets++;
}

/* b has a bell. */
static void
hang(struct twin *twin, bool names)
{
	const struct alarm_bell bell = {
		.means = 1u << ALARM_MEANS_SOUND,
		.names = names,
	};
	struct keeper *keeper = twin->side[1].keeper;

	keeper->ops.ring = on_ring;
	keeper->ops.quiet = on_quiet;
	keeper_on_bell(keeper, &bell, twin->now);
	twin_run(twin);
}

static int
setup(void **state)
{
	memset(&heard, 0, sizeof(heard));
	*state = twin_new_line();
	hang(*state, true);
	return 0;
}

static struct twin_reply *
ask(struct twin *twin, enum request_kind kind, uint64_t n)
{
	struct request request = { .kind = kind, .n = n };

	request.page.limit = 100;
	return twin_ask(&twin->side[1], &request);
}

/* The alarms that are live, or all of them. */
static size_t
list(struct twin *twin, bool all)
{
	struct twin_side *b = &twin->side[1];
	struct request request = { .kind = REQUEST_ALARM_LIST };

	request.page.limit = 50;
	request.ask.alarm_list.all = all;
	twin_ask(b, &request);
	assert_int_equal(b->replies[b->reply_count - 1].reply.kind, REPLY_DONE);
	return b->reply_count - 1;
}

/* A message of this precedence reaches b. */
static void
send(struct twin *twin, uint8_t precedence)
{
	assert_int_equal(twin_send(&twin->side[0], "wake up", precedence)
			     ->reply.kind,
	    REPLY_SENT);
	twin_run(twin);
}

static struct request
rules_request(struct twin *twin)
{
	struct request request = { .kind = REQUEST_ALARM_SET };

	request.ask.alarm_rules =
	    ask(twin, REQUEST_ALARM_RULES, 0)->reply.view.alarm_rules;
	return request;
}

/* b has a delegate of this title. */
static void
add_delegate(struct twin *twin, const char *title)
{
	struct request request = { .kind = REQUEST_DELEGATE_ADD };

	request.ask.delegate.title = twin_text(title);
	request.ask.delegate.roles = 1u << DELEGATE_WATCH;
	assert_int_equal(twin_ask(&twin->side[1], &request)->reply.kind,
	    REPLY_VIEW);
}

/* Two titles to wake, one after the other. */
static void
set_titles(struct twin *twin)
{
	struct request request = rules_request(twin);

	add_delegate(twin, "Duty officer");
	add_delegate(twin, "Head");
	request.ask.alarm_rules.wake[0].title = twin_text("Duty officer");
	request.ask.alarm_rules.wake[1].title = twin_text("Head");
	request.ask.alarm_rules.wakes = 2;
	assert_int_equal(twin_ask(&twin->side[1], &request)->reply.kind,
	    REPLY_VIEW);
}

static void
silence(struct twin *twin, int64_t ms)
{
	struct request request = { .kind = REQUEST_ALARM_SILENCE };

	request.ask.alarm_silence.until_ms =
	    ms == 0 ? 0 : twin->now.wall_ms + ms;
	assert_int_equal(twin_ask(&twin->side[1], &request)->reply.kind,
	    REPLY_VIEW);
}

/* -- what rings, and until when --------------------------------------------- */

static void
routine_rings_not_and_priority_once(void **state)
{
	struct twin *twin = *state;

	send(twin, 0);
	forge_wait(twin, 10 * MIN);
	assert_int_equal(heard.rings, 0);
	assert_int_equal(list(twin, true), 0);
	send(twin, 1);
	forge_wait(twin, 10 * MIN);
	assert_int_equal(heard.rings, 1);
	assert_int_equal(heard.last.what, ALARM_PRIORITY);
	/* It was its only ring: nothing stops it. */
	assert_int_equal(heard.quiets, 0);
	/* It is to be seen until somebody has seen to it. */
	assert_int_equal(list(twin, false), 1);
	assert_int_equal(twin->side[1].replies[0].reply.view.alarm.state,
	    ALARM_LIVE);
	assert_int_equal(ask(twin, REQUEST_ALARM_ACK, 1)->reply.kind,
	    REPLY_DONE);
	assert_int_equal(list(twin, false), 0);
}

static void
what_rang_once_stays_until_a_person_has_seen_it(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];
	struct alarm_cause cause = { .what = ALARM_FAULT,
		.line = forge_line(b),
		.say = "It is broken." };

	alarm_note(b->keeper, &cause);
	forge_wait(twin, 10 * MIN);
	assert_int_equal(heard.rings, 1);
	assert_int_equal(list(twin, false), 1);
	assert_int_equal(ringing_count(b->keeper), 1);
	ask(twin, REQUEST_WAITING, 0);
	assert_int_equal(b->reply_count, 2);
	assert_int_equal(b->replies[0].reply.view.waiting.kind, WAITING_ALARM);
	twin_restart(b);
	hang(twin, true);
	forge_wait(twin, 10 * MIN);
	assert_int_equal(heard.rings, 1);
	assert_int_equal(list(twin, false), 1);
	/* The same again is the same alarm, and rings again; another is another. */
	cause.line = forge_line(b);
	alarm_note(b->keeper, &cause);
	forge_wait(twin, 10 * MIN);
	assert_int_equal(heard.rings, 2);
	assert_int_equal(list(twin, true), 1);
	cause.say = "It is broken elsewhere.";
	alarm_note(b->keeper, &cause);
	forge_wait(twin, 10 * MIN);
	assert_int_equal(heard.rings, 3);
	assert_int_equal(list(twin, true), 2);
	ask(twin, REQUEST_ALARM_ACK, 0);
	assert_int_equal(ringing_count(b->keeper), 0);
}

static void
flash_rings_on_until_the_message_is_acknowledged(void **state)
{
	struct twin *twin = *state;
	struct request request = twin_request(&twin->side[1], REQUEST_ACK);

	send(twin, 3);
	assert_int_equal(heard.rings, 1);
	assert_int_equal(heard.last.what, ALARM_FLASH);
	assert_int_equal(heard.last.times, 1);
	forge_wait(twin, 3 * MIN);
	assert_int_equal(heard.rings, 4);
	assert_int_equal(heard.last.times, 4);
	assert_int_equal(heard.quiets, 0);
	/* Reading it is not enough. */
	assert_int_equal(twin_read(&twin->side[1]), 1);
	forge_wait(twin, 1 * MIN);
	assert_int_equal(heard.rings, 5);
	request.ref = twin_text("them/1");
	assert_int_equal(twin_ask(&twin->side[1], &request)->reply.kind,
	    REPLY_DONE);
	assert_int_equal(heard.quiets, 1);
	forge_wait(twin, 60 * MIN);
	assert_int_equal(heard.rings, 5);
	assert_int_equal(list(twin, false), 0);
}

static void
alarm_ends_by_its_own_number_too(void **state)
{
	struct twin *twin = *state;

	send(twin, 2);
	assert_int_equal(ask(twin, REQUEST_ALARM_ACK, 1)->reply.kind,
	    REPLY_DONE);
	forge_wait(twin, 10 * MIN);
	assert_int_equal(heard.rings, 1);
	assert_int_equal(heard.quiets, 1);
	assert_int_equal(forge_count(&twin->side[1], "alarm", "acknowledged"),
	    1);
	/* Of the message its sender is told nothing by that. */
	twin_run(twin);
	assert_false(twin_has_event(&twin->side[0], "receipt", "acknowledged"));
}

static void
what_is_not_there_is_not_acknowledged(void **state)
{
	struct twin *twin = *state;

	assert_int_equal(ask(twin, REQUEST_ALARM_ACK, 1)->reply.err,
	    ERR_NOT_FOUND);
	send(twin, 3);
	assert_int_equal(ask(twin, REQUEST_ALARM_ACK, 2)->reply.err,
	    ERR_NOT_FOUND);
	assert_int_equal(ask(twin, REQUEST_ALARM_ACK, UINT64_MAX)->reply.err,
	    ERR_NOT_FOUND);
	assert_int_equal(ask(twin, REQUEST_ALARM_SHOW, 2)->reply.err,
	    ERR_NOT_FOUND);
	assert_int_equal(ask(twin, REQUEST_ALARM_SHOW, 0)->reply.err,
	    ERR_NOT_FOUND);
	assert_int_equal(list(twin, false), 1);
	assert_int_equal(ask(twin, REQUEST_ALARM_ACK, 1)->reply.kind,
	    REPLY_DONE);
	/* Once is enough, and twice is an error. */
	assert_int_equal(ask(twin, REQUEST_ALARM_ACK, 1)->reply.err,
	    ERR_NOT_FOUND);
}

static void
all_are_acknowledged_at_once(void **state)
{
	struct twin *twin = *state;

	send(twin, 3);
	send(twin, 2);
	assert_int_equal(list(twin, false), 2);
	assert_int_equal(ask(twin, REQUEST_ALARM_ACK, 0)->reply.kind,
	    REPLY_DONE);
	assert_int_equal(list(twin, false), 0);
	assert_int_equal(list(twin, true), 2);
	/* With the title of whoever did it. */
	assert_true(twin->side[1].replies[1].reply.view.alarm.by.len > 0);
	/* None is fine. */
	assert_int_equal(ask(twin, REQUEST_ALARM_ACK, 0)->reply.kind,
	    REPLY_DONE);
}

static void
one_bell_rings_for_what_is_due_together(void **state)
{
	struct twin *twin = *state;

	for (int i = 0; i < 10; i++)
		send(twin, 2);
	send(twin, 3);
	/* A flood starts no more commands than there are moments of calm. */
	assert_true(heard.rings <= 3);
	forge_wait(twin, 5 * S);
	assert_int_equal(heard.last.what, ALARM_FLASH);
	assert_int_equal(heard.last.count, 11);
}

static void
more_alarms_than_turns_all_end(void **state)
{
	struct twin *twin = *state;

	for (int i = 0; i < ALARM_LIVE_MAX + 5; i++)
		send(twin, 3);
	forge_wait(twin, 10 * S);
	assert_int_equal(heard.last.count, ALARM_LIVE_MAX + 5);
	assert_int_equal(ringing_count(twin->side[1].keeper),
	    ALARM_LIVE_MAX + 5);
	ask(twin, REQUEST_ALARM_ACK, 0);
	assert_int_equal(ringing_count(twin->side[1].keeper), 0);
	assert_int_equal(heard.quiets, 1);
}

static void
restart_keeps_what_rings(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];

	set_titles(twin);
	send(twin, 3);
	forge_wait(twin, 2 * MIN);
	assert_int_equal(heard.rings, 3);
	twin->now.wall_ms += 6 * MIN;
	twin_restart(b);
	/* Without a bell it waits. */
	forge_wait(twin, 2 * MIN);
	assert_int_equal(heard.rings, 3);
	hang(twin, true);
	assert_int_equal(heard.rings, 4);
	assert_int_equal(heard.last.times, 4);
	/* The time that the post was down counts. */
	assert_int_equal(heard.last.step, 1);
	assert_string_equal(heard.title, "Head");
	ask(twin, REQUEST_ALARM_ACK, 1);
	twin_restart(b);
	hang(twin, true);
	forge_wait(twin, 10 * MIN);
	assert_int_equal(heard.rings, 4);
}

static void
new_machine_time_does_not_confuse_what_rings(void **state)
{
	struct twin *twin = *state;

	send(twin, 3);
	keeper_close(twin->side[1].keeper);
	twin->side[1].keeper = NULL;
	/* The machine was started anew, and its clock set back by a year. */
	twin->now.now_ns = CLOCK_NS_PER_S;
	twin->now.wall_ms -= INT64_C(365) * 86400 * S;
	twin_open(&twin->side[1]);
	hang(twin, true);
	assert_int_equal(heard.rings, 2);
	assert_int_equal(heard.last.step, 0);
	forge_wait(twin, 1 * MIN);
	assert_int_equal(heard.rings, 3);
}

static void
bell_that_comes_back_rings_at_once(void **state)
{
	struct twin *twin = *state;

	send(twin, 3);
	assert_int_equal(heard.rings, 1);
	keeper_on_bell_lost(twin->side[1].keeper);
	forge_wait(twin, 10 * MIN);
	assert_int_equal(heard.rings, 1);
	hang(twin, false);
	assert_int_equal(heard.rings, 2);
}

static void
names_are_told_only_where_they_are_wanted(void **state)
{
	struct twin *twin = *state;

	set_titles(twin);
	send(twin, 3);
	assert_string_equal(heard.line, twin->side[1].peer);
	assert_string_equal(heard.title, "Duty officer");
	keeper_on_bell_lost(twin->side[1].keeper);
	hang(twin, false);
	assert_int_equal(heard.rings, 2);
	assert_string_equal(heard.line, "");
	assert_string_equal(heard.title, "");
}

/* -- escalation -------------------------------------------------------------- */

static void
next_one_is_woken_where_nobody_acknowledges(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];

	set_titles(twin);
	send(twin, 3);
	assert_string_equal(heard.title, "Duty officer");
	forge_wait(twin, 4 * MIN);
	assert_int_equal(heard.last.step, 0);
	assert_int_equal(forge_count(b, "alarm", "escalated"), 0);
	forge_wait(twin, 1 * MIN + 1 * S);
	assert_int_equal(heard.last.step, 1);
	assert_string_equal(heard.title, "Head");
	assert_int_equal(forge_count(b, "alarm", "escalated"), 1);
	/* The last one is woken on and on. */
	forge_wait(twin, 30 * MIN);
	assert_int_equal(heard.last.step, 1);
	assert_int_equal(forge_count(b, "alarm", "escalated"), 1);
	assert_int_equal(heard.rings, 36);
}

static void
without_titles_nobody_is_named(void **state)
{
	struct twin *twin = *state;

	send(twin, 3);
	forge_wait(twin, 30 * MIN);
	assert_int_equal(heard.last.step, 0);
	assert_string_equal(heard.title, "");
	assert_int_equal(forge_count(&twin->side[1], "alarm", "escalated"), 0);
}

/* -- silence ----------------------------------------------------------------- */

static void
silence_holds_all_but_flash_and_ends(void **state)
{
	struct twin *twin = *state;

	silence(twin, 10 * MIN);
	send(twin, 2);
	forge_wait(twin, 5 * MIN);
	assert_int_equal(heard.rings, 0);
	send(twin, 3);
	assert_int_equal(heard.rings, 1);
	assert_int_equal(heard.last.what, ALARM_FLASH);
	ask(twin, REQUEST_ALARM_ACK, 2);
	forge_wait(twin, 4 * MIN);
	assert_int_equal(heard.rings, 1);
	/* A test is heard in the silence too. */
	ask(twin, REQUEST_ALARM_TEST, 0);
	forge_wait(twin, 1 * S);
	assert_int_equal(heard.rings, 2);
	forge_wait(twin, 2 * MIN);
	assert_true(heard.rings > 2);
	assert_int_equal(heard.last.what, ALARM_IMMEDIATE);
}

static void
silence_outlasts_a_restart_and_can_be_ended(void **state)
{
	struct twin *twin = *state;

	silence(twin, 60 * MIN);
	twin_restart(&twin->side[1]);
	hang(twin, true);
	send(twin, 2);
	forge_wait(twin, 5 * MIN);
	assert_int_equal(heard.rings, 0);
	silence(twin, 0);
	forge_wait(twin, 1 * S);
	assert_int_equal(heard.rings, 1);
}

static void
silence_has_bounds(void **state)
{
	struct twin *twin = *state;
	struct request request = { .kind = REQUEST_ALARM_SILENCE };

	request.ask.alarm_silence.until_ms = twin->now.wall_ms;
	assert_int_equal(twin_ask(&twin->side[1], &request)->reply.err,
	    ERR_FORMAT);
	request.ask.alarm_silence.until_ms = twin->now.wall_ms - 1;
	assert_int_equal(twin_ask(&twin->side[1], &request)->reply.err,
	    ERR_FORMAT);
	request.ask.alarm_silence.until_ms =
	    twin->now.wall_ms + ALARM_SILENCE_S_MAX * 1000LL + 1;
	assert_int_equal(twin_ask(&twin->side[1], &request)->reply.err,
	    ERR_FORMAT);
	request.ask.alarm_silence.until_ms = INT64_MAX;
	assert_int_equal(twin_ask(&twin->side[1], &request)->reply.err,
	    ERR_FORMAT);
	request.ask.alarm_silence.until_ms--;
	assert_int_equal(twin_ask(&twin->side[1], &request)->reply.err,
	    ERR_FORMAT);
	send(twin, 2);
	assert_int_equal(heard.rings, 1);
}

/* -- rules ------------------------------------------------------------------- */

static void
refuse_rules(struct twin *twin, void (*bend)(struct alarm_rules *rules))
{
	struct request request = rules_request(twin);

	bend(&request.ask.alarm_rules);
	assert_int_equal(twin_ask(&twin->side[1], &request)->reply.err,
	    ERR_FORMAT);
}

static void
flash_once(struct alarm_rules *rules)
{
	rules->rings[ALARM_FLASH] = ALARM_RINGS_ONCE;
}

static void
flash_not(struct alarm_rules *rules)
{
	rules->rings[ALARM_FLASH] = ALARM_RINGS_NOT;
}

static void
repeat_never(struct alarm_rules *rules)
{
	rules->repeat_s = 0;
}

static void
repeat_too_often(struct alarm_rules *rules)
{
	rules->repeat_s = ALARM_REPEAT_S_MIN - 1;
}

static void
repeat_too_seldom(struct alarm_rules *rules)
{
	rules->repeat_s = ALARM_SPAN_S_MAX + 1;
}

static void
step_at_once(struct alarm_rules *rules)
{
	rules->step_s = 0;
}

static void
step_after_days(struct alarm_rules *rules)
{
	rules->step_s = UINT64_MAX;
}

static void
silent_at_once(struct alarm_rules *rules)
{
	rules->silent_s = 0;
}

static void
silent_after_days(struct alarm_rules *rules)
{
	rules->silent_s = ALARM_SPAN_S_MAX + 1;
}

static void
title_empty(struct alarm_rules *rules)
{
	rules->wake[0].title = (struct text){ NULL, 0 };
	rules->wakes = 1;
}

static void
title_with_a_line_break(struct alarm_rules *rules)
{
	rules->wake[0].title = twin_text("Duty\nofficer");
	rules->wakes = 1;
}

static void
title_too_long(struct alarm_rules *rules)
{
	static char title[ALARM_TITLE_BYTES_MAX + 2];

	memset(title, 'a', ALARM_TITLE_BYTES_MAX + 1);
	rules->wake[0].title = twin_text(title);
	rules->wakes = 1;
}

static void
rules_out_of_bounds_change_nothing(void **state)
{
	struct twin *twin = *state;

	refuse_rules(twin, flash_once);
	refuse_rules(twin, flash_not);
	refuse_rules(twin, repeat_never);
	refuse_rules(twin, repeat_too_often);
	refuse_rules(twin, repeat_too_seldom);
	refuse_rules(twin, step_at_once);
	refuse_rules(twin, step_after_days);
	refuse_rules(twin, silent_at_once);
	refuse_rules(twin, silent_after_days);
	refuse_rules(twin, title_empty);
	refuse_rules(twin, title_with_a_line_break);
	refuse_rules(twin, title_too_long);
	assert_int_equal(ask(twin, REQUEST_ALARM_RULES, 0)
			     ->reply.view.alarm_rules.repeat_s,
	    ALARM_REPEAT_S);
	send(twin, 3);
	forge_wait(twin, 1 * MIN);
	assert_int_equal(heard.rings, 2);
}

static void
rules_are_kept(void **state)
{
	struct twin *twin = *state;
	struct request request = rules_request(twin);
	struct alarm_rules *rules = &request.ask.alarm_rules;
	const struct alarm_rules *kept;

	rules->rings[ALARM_ROUTINE] = ALARM_RINGS_UNTIL;
	rules->rings[ALARM_IMMEDIATE] = ALARM_RINGS_NOT;
	rules->repeat_s = 10;
	rules->wake[0].title = twin_text("Duty officer");
	rules->wake[1].title = twin_text("H");
	rules->wakes = 2;
	/* A title that nobody has wakes nobody. */
	assert_int_equal(twin_ask(&twin->side[1], &request)->reply.err,
	    ERR_NOT_FOUND);
	add_delegate(twin, "Duty officer");
	assert_int_equal(twin_ask(&twin->side[1], &request)->reply.err,
	    ERR_NOT_FOUND);
	add_delegate(twin, "H");
	assert_int_equal(twin_ask(&twin->side[1], &request)->reply.kind,
	    REPLY_VIEW);
	twin_restart(&twin->side[1]);
	hang(twin, true);
	kept = &ask(twin, REQUEST_ALARM_RULES, 0)->reply.view.alarm_rules;
	assert_int_equal(kept->rings[ALARM_ROUTINE], ALARM_RINGS_UNTIL);
	assert_int_equal(kept->repeat_s, 10);
	assert_int_equal(kept->step_s, ALARM_STEP_S);
	assert_int_equal(kept->wakes, 2);
	assert_int_equal(kept->wake[1].title.len, 1);
	send(twin, 2);
	assert_int_equal(heard.rings, 0);
	send(twin, 0);
	forge_wait(twin, 20 * S);
	assert_int_equal(heard.rings, 3);
	assert_string_equal(heard.title, "Duty officer");
}

/* -- other causes ------------------------------------------------------------ */

static void
report(struct twin *twin, enum line_state line_state, enum line_why why,
    uint64_t heard_ms_ago)
{
	forge_report(&twin->side[1],
	    (struct line_report){ .state = line_state,
		.why = why,
		.heard_ms_ago = heard_ms_ago });
	forge_wait(twin, 1 * S);
}

static void
long_silence_rings_and_ends_by_itself(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];

	report(twin, LINE_UP, WHY_NONE, 0);
	report(twin, LINE_SILENT, WHY_PATH_OR_POST, 20 * S);
	report(twin, LINE_SILENT, WHY_PATH_OR_POST, ALARM_SILENT_S * 1000 - 1);
	assert_int_equal(heard.rings, 0);
	report(twin, LINE_SILENT, WHY_PATH_OR_POST, ALARM_SILENT_S * 1000);
	assert_int_equal(heard.rings, 1);
	assert_int_equal(heard.last.what, ALARM_SILENT);
	report(twin, LINE_SILENT, WHY_PATH_OR_POST,
	    ALARM_SILENT_S * 1000 + 1000);
	assert_int_equal(list(twin, true), 1);
	report(twin, LINE_UP, WHY_NONE, 0);
	assert_int_equal(list(twin, false), 0);
	assert_int_equal(heard.quiets, 1);
	assert_int_equal(forge_count(b, "alarm", "over"), 1);
	/* And again. */
	report(twin, LINE_SILENT, WHY_PATH_OR_POST, ALARM_SILENT_S * 1000);
	assert_int_equal(heard.rings, 2);
}

static void
line_unheard_since_the_start_is_missed_if_it_ever_was_up(void **state)
{
	struct twin *twin = *state;
	struct post_line *line = forge_line(&twin->side[1]);

	line->continuity.done.number = 0;
	report(twin, LINE_SILENT, WHY_PATH_OR_POST, UINT64_MAX);
	forge_wait(twin, (uint64_t)ALARM_SILENT_S * 1000);
	report(twin, LINE_SILENT, WHY_PATH_OR_POST, UINT64_MAX);
	assert_int_equal(heard.rings, 0);
	line->continuity.done.number = 1;
	/* It boots, or said goodbye. */
	report(twin, LINE_BOOTING, WHY_NONE, UINT64_MAX);
	report(twin, LINE_SILENT, WHY_GOODBYE, UINT64_MAX);
	assert_int_equal(heard.rings, 0);
	report(twin, LINE_SILENT, WHY_PATH_OR_POST, UINT64_MAX);
	assert_int_equal(heard.rings, 1);
	assert_int_equal(heard.last.what, ALARM_SILENT);
	/* Heard of, and missed anew: from then on. */
	report(twin, LINE_UP, WHY_NONE, 0);
	report(twin, LINE_SILENT, WHY_PATH_OR_POST, 20 * S);
	assert_int_equal(heard.rings, 1);
}

static void
silence_that_was_announced_rings_not(void **state)
{
	struct twin *twin = *state;

	report(twin, LINE_UP, WHY_NONE, 0);
	report(twin, LINE_SILENT, WHY_GOODBYE, 10 * ALARM_SILENT_S * 1000);
	report(twin, LINE_SILENT, WHY_SEALED, 10 * ALARM_SILENT_S * 1000);
	report(twin, LINE_BOOTING, WHY_NONE, UINT64_MAX);
	report(twin, LINE_SILENT, WHY_PATH_OR_POST, UINT64_MAX);
	assert_int_equal(heard.rings, 0);
}

static void
silence_that_ended_while_the_post_was_down_ends(void **state)
{
	struct twin *twin = *state;

	report(twin, LINE_UP, WHY_NONE, 0);
	report(twin, LINE_SILENT, WHY_PATH_OR_POST, ALARM_SILENT_S * 1000);
	twin_restart(&twin->side[1]);
	hang(twin, true);
	assert_int_equal(heard.rings, 2);
	report(twin, LINE_UP, WHY_NONE, 0);
	assert_int_equal(list(twin, false), 0);
}

static void
alarms_of_a_closed_line_end(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];
	struct request close = twin_request(b, REQUEST_LINE_CLOSE);

	send(twin, PRECEDENCE_FLASH);
	report(twin, LINE_UP, WHY_NONE, 0);
	report(twin, LINE_SILENT, WHY_PATH_OR_POST, ALARM_SILENT_S * 1000);
	ask(twin, REQUEST_ALARM_TEST, 0);
	assert_int_equal(list(twin, false), 3);
	assert_int_equal(twin_ask(b, &close)->reply.kind, REPLY_DONE);
	/* One of the whole post does not. */
	assert_int_equal(list(twin, false), 1);
	assert_int_equal(list(twin, true), 3);
	twin_restart(b);
	assert_int_equal(list(twin, false), 1);
}

static void
same_cause_is_one_alarm(void **state)
{
	struct twin *twin = *state;
	struct keeper *keeper = twin->side[1].keeper;
	struct alarm_cause cause = { .what = ALARM_SILENT,
		.line = forge_line(&twin->side[1]),
		.say = "It is silent." };

	alarm_note(keeper, &cause);
	alarm_note(keeper, &cause);
	assert_int_equal(list(twin, true), 1);
	cause.ref = "us/1";
	alarm_note(keeper, &cause);
	cause.what = ALARM_DRILL;
	alarm_note(keeper, &cause);
	cause.line = NULL;
	alarm_note(keeper, &cause);
	alarm_note(keeper, &cause);
	assert_int_equal(list(twin, true), 4);
	/* Once it has ended, the next one is another. */
	ask(twin, REQUEST_ALARM_ACK, 0);
	alarm_note(keeper, &cause);
	assert_int_equal(list(twin, true), 5);
}

static void
fault_of_a_line_rings(void **state)
{
	struct twin *twin = *state;

	post_fault(twin->side[1].keeper, forge_line(&twin->side[1]),
	    "something is wrong");
	twin_run(twin);
	assert_int_equal(heard.rings, 1);
	assert_int_equal(heard.last.what, ALARM_FAULT);
}

/* -- how it went ------------------------------------------------------------- */

static struct text
unheard(struct twin *twin)
{
	struct request request = { .kind = REQUEST_STATUS };

	return twin_ask(&twin->side[1], &request)->reply.post.unheard;
}

static void
nobody_to_hear_shows_in_status(void **state)
{
	struct twin *twin = *state;
	struct keeper *keeper = twin->side[1].keeper;
	struct alarm_bell bell = { .means = 0,
		.say = twin_text("there is no bell") };
	struct alarm_rang rang = { .number = 1,
		.say = twin_text("the device is gone") };

	assert_int_equal(unheard(twin).len, 0);
	keeper_on_bell_lost(keeper);
	assert_true(unheard(twin).len > 0);
	keeper_on_bell(keeper, &bell, twin->now);
	assert_int_equal(unheard(twin).len, bell.say.len);
	hang(twin, true);
	assert_int_equal(unheard(twin).len, 0);
	send(twin, 3);
	keeper_on_rang(keeper, &rang, twin->now);
	assert_int_equal(unheard(twin).len, rang.say.len);
	assert_int_equal(forge_count(&twin->side[1], "alarm", "unheard"), 1);
	keeper_on_rang(keeper, &rang, twin->now);
	assert_int_equal(forge_count(&twin->side[1], "alarm", "unheard"), 1);
	rang.means = 1u << ALARM_MEANS_SOUND;
	keeper_on_rang(keeper, &rang, twin->now);
	assert_int_equal(unheard(twin).len, 0);
	/* Of a number that no alarm has. */
	rang.number = UINT64_MAX;
	keeper_on_rang(keeper, &rang, twin->now);
}

static void
test_rings_once_and_says_how(void **state)
{
	struct twin *twin = *state;
	struct keeper *keeper = twin->side[1].keeper;
	struct alarm_rang rang = { .number = 1,
		.means = 1u << ALARM_MEANS_COMMAND };

	assert_int_equal(ask(twin, REQUEST_ALARM_TEST, 0)
			     ->reply.view.alarm.number,
	    1);
	forge_wait(twin, 10 * MIN);
	assert_int_equal(heard.rings, 1);
	assert_int_equal(heard.last.what, ALARM_TEST);
	assert_int_equal(ask(twin, REQUEST_ALARM_SHOW, 1)
			     ->reply.view.alarm.heard,
	    0);
	keeper_on_rang(keeper, &rang, twin->now);
	assert_int_equal(ask(twin, REQUEST_ALARM_SHOW, 1)
			     ->reply.view.alarm.heard,
	    1u << ALARM_MEANS_COMMAND);
	/* Two tests are two. */
	ask(twin, REQUEST_ALARM_TEST, 0);
	ask(twin, REQUEST_ALARM_TEST, 0);
	assert_int_equal(list(twin, true), 3);
}

static void
full_disk_keeps_no_bell_from_ringing(void **state)
{
	struct twin *twin = *state;

	send(twin, 3);
	twin->side[1].disk_free = 0;
	forge_wait(twin, 3 * MIN);
	assert_int_equal(heard.rings, 4);
}

static void
list_comes_by_pages(void **state)
{
	struct twin *twin = *state;
	struct twin_side *b = &twin->side[1];
	struct request request = { .kind = REQUEST_ALARM_LIST };

	for (int i = 0; i < 5; i++)
		send(twin, 3);
	request.page.limit = 2;
	twin_ask(b, &request);
	assert_int_equal(b->reply_count, 3);
	assert_int_equal(b->replies[1].reply.cursor, 2);
	assert_true(b->replies[2].reply.cut);
	request.page.after = 3;
	twin_ask(b, &request);
	assert_int_equal(b->reply_count, 3);
	assert_false(b->replies[2].reply.cut);
	request.page.after = UINT64_MAX;
	twin_ask(b, &request);
	assert_int_equal(b->reply_count, 1);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, forge_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(routine_rings_not_and_priority_once),
		CLAIM(what_rang_once_stays_until_a_person_has_seen_it),
		CLAIM(flash_rings_on_until_the_message_is_acknowledged),
		CLAIM(alarm_ends_by_its_own_number_too),
		CLAIM(what_is_not_there_is_not_acknowledged),
		CLAIM(all_are_acknowledged_at_once),
		CLAIM(one_bell_rings_for_what_is_due_together),
		CLAIM(more_alarms_than_turns_all_end),
		CLAIM(restart_keeps_what_rings),
		CLAIM(new_machine_time_does_not_confuse_what_rings),
		CLAIM(bell_that_comes_back_rings_at_once),
		CLAIM(names_are_told_only_where_they_are_wanted),
		CLAIM(next_one_is_woken_where_nobody_acknowledges),
		CLAIM(without_titles_nobody_is_named),
		CLAIM(silence_holds_all_but_flash_and_ends),
		CLAIM(silence_outlasts_a_restart_and_can_be_ended),
		CLAIM(silence_has_bounds),
		CLAIM(rules_out_of_bounds_change_nothing),
		CLAIM(rules_are_kept),
		CLAIM(long_silence_rings_and_ends_by_itself),
		CLAIM(line_unheard_since_the_start_is_missed_if_it_ever_was_up),
		CLAIM(silence_that_was_announced_rings_not),
		CLAIM(silence_that_ended_while_the_post_was_down_ends),
		CLAIM(alarms_of_a_closed_line_end),
		CLAIM(same_cause_is_one_alarm),
		CLAIM(fault_of_a_line_rings),
		CLAIM(nobody_to_hear_shows_in_status),
		CLAIM(test_rings_once_and_says_how),
		CLAIM(full_disk_keeps_no_bell_from_ringing),
		CLAIM(list_comes_by_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
