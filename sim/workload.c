#include "sim/workload.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "sim/accord.h"
#include "sim/content.h"
#include "sim/debate.h"
#include "sim/rite.h"
#include "sim/run.h"

enum {
	PERSON_DELAY_US = 500, /* between an answer and the next request */
	RECORD_OVERHEAD_BYTES = 200,
	RECENT_COUNT = 6,
	PRECEDENCES = 4,
	AGREES_PERMILLE = 600,
};

/* --- one message, from its first file to the answer --- */

enum errand_step {
	ERRAND_OPEN,
	ERRAND_DATA,
	ERRAND_DONE,
	ERRAND_SEND,
};

struct errand {
	LIST_ENTRY(errand) entry;
	struct run *run;
	unsigned post;
	long said;
	enum errand_step step;
	size_t file;
	uint64_t offset;
	uint64_t upload[SAID_FILES_MAX];
};

static void on_errand(void *ctx, uint64_t unused);

static void
errand_end(struct errand *errand)
{
	LIST_REMOVE(errand, entry);
	free(errand);
}

static void
errand_cut_off(struct errand *errand)
{
	struct said *said = ledger_get(&errand->run->ledger, errand->said);

	said->state = errand->step == ERRAND_SEND ? SAID_UNSURE : SAID_NEVER;
	errand_end(errand);
}

static void
errand_accepted(struct errand *errand, const struct reply *reply)
{
	struct said *said = ledger_get(&errand->run->ledger, errand->said);

	said->state = SAID_ACCEPTED;
	memcpy(said->id, reply->sent.id, sizeof(said->id));
	errand->run->result->messages++;
	errand_end(errand);
}

/* Only a drive that fails is a reason.  On a full one, nothing was sent. */
static void
errand_refused(struct errand *errand, const struct reply *reply)
{
	struct run *run = errand->run;

	if (!post_may_refuse(&run->post[errand->post], reply->err))
		run_fail(run, CHECK_PEACE, "post %u refuses message %ld (%.*s)",
		    errand->post, errand->said, (int)reply->say.len,
		    reply->say.data);
	if (reply->err == ERR_FULL)
		errand->step = ERRAND_OPEN;
	errand_cut_off(errand);
}

/* The answer to one step says which is the next. */
static void
on_answer(void *ctx, const struct reply *reply)
{
	struct errand *errand = ctx;
	struct run *run = errand->run;
	const struct said *said;

	if (reply == NULL) {
		errand_cut_off(errand);
		return;
	}
	if (reply->kind == REPLY_ERROR) {
		errand_refused(errand, reply);
		return;
	}
	said = ledger_get(&run->ledger, errand->said);
	switch (errand->step) {
	case ERRAND_OPEN:
		errand->upload[errand->file] = reply->upload.id;
		errand->offset = 0;
		errand->step = said->file_bytes[errand->file] > 0 ? ERRAND_DATA
								  : ERRAND_DONE;
		break;
	case ERRAND_DATA:
		if (errand->offset == said->file_bytes[errand->file])
			errand->step = ERRAND_DONE;
		break;
	case ERRAND_DONE:
		errand->file++;
		errand->step =
		    errand->file == said->files ? ERRAND_SEND : ERRAND_OPEN;
		break;
	case ERRAND_SEND:
		errand_accepted(errand, reply);
		return;
	}
	world_at(&run->world,
	    run->world.now_ns + PERSON_DELAY_US * CLOCK_NS_PER_US, on_errand,
	    errand, 0);
}

static struct text
text_of(const char *text)
{
	return (struct text){ text, strlen(text) };
}

static bool
ask_data(struct errand *errand, const struct said *said)
{
	uint8_t piece[REQUEST_ATTACHMENT_PIECE_BYTES];
	uint64_t left = said->file_bytes[errand->file] - errand->offset;
	size_t len = left < sizeof(piece) ? (size_t)left : sizeof(piece);
	struct request request = {
		.kind = REQUEST_UPLOAD_DATA,
		.upload = errand->upload[errand->file],
		.data = { (const char *)piece, len },
	};

	content_file(piece, len, errand->offset,
	    ledger_file_seed(said, errand->file));
	errand->offset += len;
	return post_ask(&errand->run->post[errand->post], &request, on_answer,
	    errand);
}

static bool
ask_send(struct errand *errand, const struct said *said)
{
	static const char *const names[SAID_FILES_MAX] = { "annex.bin",
		"\xeb\xac\xb8\xec\x84\x9c.dat", "map" };
	char subject[SUBJECT_BYTES_ROOM];
	struct request request = {
		.kind = REQUEST_SEND,
		.line = rite_peer_name(errand->post),
		.send = { .precedence = said->precedence,
		    .attachments = said->files },
	};
	bool asked;
	char *text;

	if ((text = malloc(said->text_bytes + 1)) == NULL)
		fatal("workload: no memory");
	content_text(text, said->text_bytes, said->seed);
	ledger_subject(subject, errand->said, said);
	request.send.subject = text_of(subject);
	request.send.text = (struct text){ text, said->text_bytes };
	for (size_t i = 0; i < said->files; i++)
		request.send.attachment[i] = (struct upload_use){
			.upload = errand->upload[i],
			.name = text_of(names[i]),
			.type = text_of("application/octet-stream"),
		};
	if (*said->point != '\0')
		request.send.point[request.send.points++] =
		    text_of(said->point);
	asked = post_ask(&errand->run->post[errand->post], &request, on_answer,
	    errand);
	free(text);
	return asked;
}

static bool
ask_drill(struct errand *errand)
{
	struct request request = {
		.kind = REQUEST_DRILL,
		.line = rite_peer_name(errand->post),
	};

	return post_ask(&errand->run->post[errand->post], &request, on_answer,
	    errand);
}

static bool
ask_upload(struct errand *errand, enum request_kind kind)
{
	struct request request = {
		.kind = kind,
		.upload = errand->upload[errand->file],
	};

	return post_ask(&errand->run->post[errand->post], &request, on_answer,
	    errand);
}

static void
on_errand(void *ctx, uint64_t unused)
{
	struct errand *errand = ctx;
	/* An answer may end the errand, and extend the ledger never. */
	const struct said *said =
	    ledger_get(&errand->run->ledger, errand->said);
	bool asked = false;

	(void)unused;
	switch (errand->step) {
	case ERRAND_OPEN:
		asked = ask_upload(errand, REQUEST_UPLOAD_OPEN);
		break;
	case ERRAND_DATA:
		asked = ask_data(errand, said);
		break;
	case ERRAND_DONE:
		asked = ask_upload(errand, REQUEST_UPLOAD_DONE);
		break;
	case ERRAND_SEND:
		asked =
		    said->drill ? ask_drill(errand) : ask_send(errand, said);
		break;
	}
	if (!asked) {
		/* No post, no desk: nothing was asked. */
		errand->step = ERRAND_OPEN;
		errand_cut_off(errand);
	}
}

static void
say(struct people *people, struct said *said)
{
	struct run *run = people->run;
	struct errand *errand = calloc(1, sizeof(*errand));

	if (errand == NULL)
		fatal("workload: no memory");
	said->post = people->post;
	said->asked_ns = run->world.now_ns;
	said->seed = rng_u64(dice_rng(&people->dice));
	errand->run = run;
	errand->post = people->post;
	errand->step = said->files > 0 ? ERRAND_OPEN : ERRAND_SEND;
	errand->said = ledger_append(&run->ledger, said);
	LIST_INSERT_HEAD(&run->workload.errands, errand, entry);
	people->used_bytes +=
	    RECORD_OVERHEAD_BYTES + said->subject_bytes + said->text_bytes;
	for (size_t i = 0; i < said->files; i++)
		people->used_bytes += said->file_bytes[i];
	on_errand(errand, 0);
}

/* --- what people do --- */

/* Bytes that may be said by now, so that the line can carry them in time. */
static uint64_t
bytes_allowed(const struct people *people)
{
	const struct plan *plan = &people->run->plan;
	double share = (double)(people->run->world.now_ns - plan->start_ns) /
	    (double)(plan->quiet_ns - plan->start_ns);
	uint64_t allowed = (uint64_t)((double)people->budget_bytes * share);

	return allowed > people->used_bytes ? allowed - people->used_bytes : 0;
}

static void
draw_heading(struct people *people, struct said *said)
{
	*said = (struct said){
		.precedence =
		    (uint8_t)dice_between(&people->dice, 0, PRECEDENCES - 1),
	};
	if (dice_chance(&people->dice, 100))
		said->subject_bytes =
		    dice_spread(&people->dice, 0, SUBJECT_BYTES_MAX);
}

static size_t
draw_bytes(struct people *people, uint64_t most)
{
	uint64_t allowed = bytes_allowed(people);

	if (allowed < most)
		most = allowed;
	return (size_t)dice_spread(&people->dice, 0, most);
}

static void
act_message(struct people *people)
{
	struct said said;

	draw_heading(people, &said);
	said.text_bytes = draw_bytes(people, WORKLOAD_TEXT_BYTES_MAX);
	say(people, &said);
}

/* One that belongs to a point. */
static void
act_on_point(struct people *people)
{
	struct said said;

	draw_heading(people, &said);
	said.text_bytes = draw_bytes(people, 1024);
	debate_pick_point(people, said.point);
	say(people, &said);
}

static void
act_files(struct people *people)
{
	struct said said;

	draw_heading(people, &said);
	said.text_bytes = draw_bytes(people, 1024);
	said.files = dice_between(&people->dice, 1, SAID_FILES_MAX);
	for (size_t i = 0; i < said.files; i++)
		said.file_bytes[i] =
		    draw_bytes(people, WORKLOAD_FILE_BYTES_MAX / said.files);
	say(people, &said);
}

static void
act_burst(struct people *people)
{
	uint64_t count = dice_between(&people->dice, 2, WORKLOAD_BURST_MAX);

	for (uint64_t i = 0; i < count; i++) {
		struct said said;

		draw_heading(people, &said);
		said.text_bytes = draw_bytes(people, 512);
		if (bytes_allowed(people) > 0)
			say(people, &said);
	}
}

static void
act_drill(struct people *people)
{
	struct said said = { .drill = true };

	say(people, &said);
}

/* The latest few messages that a post shows. */
struct recent {
	const struct ledger *ledger;
	uint64_t serial[RECENT_COUNT];
	long said[RECENT_COUNT];
	size_t count;
};

/* An acknowledgement that a person gives. */
struct ack {
	struct run *run;
	long said;
};

static void
on_recent(void *ctx, const struct reply *reply)
{
	struct recent *recent = ctx;

	long said;

	if (reply == NULL || reply->kind != REPLY_MESSAGE ||
	    reply->message.from_us || reply->message.arriving ||
	    reply->message.drill || recent->count == RECENT_COUNT)
		return;
	said = ledger_find(recent->ledger, reply->message.subject);
	if (said == LEDGER_NONE)
		return;
	recent->said[recent->count] = said;
	recent->serial[recent->count++] = reply->message.serial;
}

static void
on_acked(void *ctx, const struct reply *reply)
{
	struct ack *ack = ctx;
	struct said *said = ledger_get(&ack->run->ledger, ack->said);

	if (reply != NULL && reply->kind != REPLY_ERROR)
		said->acked = true;
	else if (reply != NULL &&
	    !post_may_refuse(&ack->run->post[1 - said->post], reply->err))
		run_fail(ack->run, CHECK_PEACE,
		    "an acknowledgement is "
		    "refused (%.*s)",
		    (int)reply->say.len, reply->say.data);
	free(ack);
}

static void
act_acknowledge(struct people *people)
{
	struct post *post = &people->run->post[people->post];
	struct recent recent = { .ledger = &people->run->ledger };
	struct ack *ack;
	size_t which;
	char ref[REQUEST_REF_BYTES];
	struct request request = {
		.kind = REQUEST_READ,
		.line = rite_peer_name(people->post),
		.read = { .since_ms = INT64_MIN, .limit = RECENT_COUNT },
	};

	if (!post_ask(post, &request, on_recent, &recent) || recent.count == 0)
		return;
	which = dice_between(&people->dice, 0, recent.count - 1);
	(void)snprintf(ref, sizeof(ref), "them/%" PRIu64, recent.serial[which]);
	if ((ack = calloc(1, sizeof(*ack))) == NULL)
		fatal("workload: no memory");
	*ack = (struct ack){ .run = people->run, .said = recent.said[which] };
	request = (struct request){
		.kind = REQUEST_ACK,
		.line = rite_peer_name(people->post),
		.ref = text_of(ref),
	};
	if (!post_ask(post, &request, on_acked, ack))
		free(ack);
}

static void
act_last_word(struct people *people)
{
	act_files(people);
	act_burst(people);
}

/* What the other side proposes; slot_us 0: nothing. */
static void
on_line_view(void *ctx, const struct reply *reply)
{
	struct cadence *theirs = ctx;

	if (reply != NULL && reply->kind == REPLY_LINE)
		*theirs = reply->line.terms.theirs;
}

/* That it is too late is for keeper to say. */
static void
on_terms(void *ctx, const struct reply *reply)
{
	struct people *people = ctx;

	if (reply == NULL || reply->kind != REPLY_ERROR ||
	    reply->err == ERR_STATE || reply->err == ERR_EXISTS ||
	    post_may_refuse(&people->run->post[people->post], reply->err))
		return;
	run_fail(people->run, CHECK_PEACE, "a cadence is refused (%.*s)",
	    (int)reply->say.len, reply->say.data);
}

/* Proposes a cadence, agrees to the other side's, or takes its own back. */
static void
act_terms(struct people *people)
{
	struct post *post = &people->run->post[people->post];
	struct request request = {
		.kind = REQUEST_LINE_SHOW,
		.line = rite_peer_name(people->post),
	};
	struct cadence theirs = { 0, 0 };
	uint64_t drawn = dice_between(&people->dice, 0, PLAN_CADENCES);

	if (dice_chance(&people->dice, AGREES_PERMILLE))
		(void)post_ask(post, &request, on_line_view, &theirs);
	request.kind = REQUEST_CADENCE;
	if (theirs.slot_us != 0)
		request.cadence = theirs;
	else if (drawn < PLAN_CADENCES)
		request.cadence = people->run->plan.other[drawn];
	(void)post_ask(post, &request, on_terms, people);
}

static const struct {
	const char *name;
	void (*act)(struct people *people);
	unsigned weight;
} act_table[] = {
	{ "sends a message", act_message, 40 },
	{ "sends files", act_files, 15 },
	{ "sends many messages", act_burst, 5 },
	{ "tests the line", act_drill, 5 },
	{ "acknowledges", act_acknowledge, 25 },
	/* In seeds that have them, at times of their own. */
	{ "raises a point", debate_raise, 0 },
	{ "says where it stands", debate_stand, 0 },
	{ "stands elsewhere", debate_stand, 0 },
	{ "enters what was said in public", debate_enter, 0 },
	{ "reads what was said in public", debate_read, 0 },
	{ "sends a message on a point", act_on_point, 0 },
	{ "says what may be disclosed", accord_disclose, 0 },
	{ "proposes a form", accord_propose_form, 0 },
	{ "answers a form", accord_answer_form, 0 },
	{ "translates a message", accord_translate, 0 },
	{ "chats", accord_chat, 0 },
	{ "asks whether both are willing", accord_ask_willing, 0 },
	{ "answers whether it is willing", accord_answer_willing, 0 },
	{ "speaks of the cadence", act_terms, 0 },
	/* Everybody has one, so that there is always something left to deliver
	 * when the troubles end. */
	{ "has a last word", act_last_word, 0 },
};

enum {
	ACTS = sizeof(act_table) / sizeof(act_table[0]),
	ACT_LAST = ACTS - 1,
	ACT_TERMS = ACTS - 2,
	ACTS_ON_POINTS = 13,
	ACT_POINTS = ACT_TERMS - ACTS_ON_POINTS,
};

/* Which row an act is; its dice go on from there. */
static size_t
draw_act(struct dice *dice, const struct plan *plan, const struct act *act)
{
	unsigned number = (act->number - PICK_ACT) % PICK_ACT_STRIDE;
	uint64_t total = 0, drawn;
	size_t i = 0;

	dice_init(dice, plan->seed, DICE_ACT, act->number);
	if (number == PICK_ACT_STRIDE - 1)
		return ACT_LAST;
	if (number >= PICK_POINTS_ACT)
		return ACT_POINTS + dice_between(dice, 0, ACTS_ON_POINTS - 1);
	if (number >= PICK_TERMS_ACT)
		return ACT_TERMS;
	for (size_t k = 0; k < ACTS; k++)
		total += act_table[k].weight;
	drawn = dice_between(dice, 0, total - 1);
	while (drawn >= act_table[i].weight)
		drawn -= act_table[i++].weight;
	return i;
}

const char *
workload_act_name(const struct plan *plan, const struct act *act)
{
	struct dice dice;

	return act_table[draw_act(&dice, plan, act)].name;
}

static void
on_act(void *ctx, uint64_t which)
{
	struct people *people = ctx;
	struct run *run = people->run;
	const struct act *act = &run->plan.act[people->post][which];
	size_t row = draw_act(&people->dice, &run->plan, act);

	if (!run->workload.ended && run->post[people->post].keeper != NULL)
		act_table[row].act(people);
}

void
workload_start(struct run *run)
{
	const struct plan *plan = &run->plan;
	uint64_t payload = plan_frame_bytes_min(plan) - RUN_OVERHEAD_BYTES;

	for (unsigned i = 0; i < PLAN_POSTS; i++) {
		struct people *people = &run->workload.people[i];
		uint64_t load;

		*people = (struct people){ .run = run, .post = i };
		dice_init(&people->dice, plan->seed, DICE_WORKLOAD,
		    PLAN_POSTS + i);
		load =
		    dice_spread(&people->dice, 10, WORKLOAD_LOAD_PERMILLE_MAX);
		people->budget_bytes = plan_slots(plan) * payload * load / 1000;
		if (people->budget_bytes > WORKLOAD_BYTES_MAX)
			people->budget_bytes = WORKLOAD_BYTES_MAX;
		for (size_t k = 0; k < plan->acts[i]; k++)
			world_at(&run->world, plan->act[i][k].at_ns, on_act,
			    people, k);
	}
}

void
workload_end(struct run *run)
{
	run->workload.ended = true;
}

uint64_t
workload_finish(struct run *run)
{
	while (!LIST_EMPTY(&run->workload.errands) &&
	    world_step(&run->world, UINT64_MAX - 1))
		;
	return run->world.now_ns;
}

void
workload_free(struct run *run)
{
	while (!LIST_EMPTY(&run->workload.errands))
		errand_end(LIST_FIRST(&run->workload.errands));
}
