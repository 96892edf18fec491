#include "keeper/terms.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "keeper/diary.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"
#include "keeper/ways.h"

static bool
is_same(struct cadence a, struct cadence b)
{
	return a.frame_bytes == b.frame_bytes && a.slot_us == b.slot_us;
}

/* -- the store -------------------------------------------------------------- */

static void
read_proposal(struct query *q, struct proposal *proposal)
{
	size_t len;
	const void *id = query_blob(q, &len);

	proposal->open = len == RECORD_ID_BYTES;
	if (proposal->open)
		memcpy(proposal->id, id, RECORD_ID_BYTES);
	proposal->cadence.frame_bytes = (uint16_t)query_int(q);
	proposal->cadence.slot_us = (uint32_t)query_int(q);
}

int
terms_load(struct keeper *keeper, struct post_line *line)
{
	struct terms *terms = &line->terms;
	struct query q = store_query(&keeper->store, STMT_TERMS_GET);

	/* What the store does not know, of steps before, stays as it is. */
	*terms = (struct terms){
		.cadence = { line->card.frame_bytes, line->card.slot_us },
		.awaits_boot = terms->awaits_boot,
		.also_is_new = terms->also_is_new,
		.all_is_new = terms->all_is_new,
	};
	query_bind_int(&q, line->id);
	if (query_next(&q)) {
		terms->number = (uint32_t)query_int(&q);
		terms->cadence.frame_bytes = (uint16_t)query_int(&q);
		terms->cadence.slot_us = (uint32_t)query_int(&q);
		terms->also_frame_bytes = (uint16_t)query_int(&q);
		terms->agreed = query_int(&q) != 0;
		read_proposal(&q, &terms->ours);
		read_proposal(&q, &terms->theirs);
		if (cadence_check(terms->cadence) != OK && q.rc == OK)
			q.rc = ERR_FORMAT;
	}
	return query_end(&q);
}

static void
bind_proposal(struct query *q, const struct proposal *proposal)
{
	query_bind_blob(q, proposal->id, proposal->open ? RECORD_ID_BYTES : 0);
	query_bind_int(q, proposal->cadence.frame_bytes);
	query_bind_int(q, proposal->cadence.slot_us);
}

/* Within a transaction. */
static int
put(struct keeper *keeper, const struct post_line *line)
{
	const struct terms *terms = &line->terms;
	struct query q = store_query(&keeper->store, STMT_TERMS_PUT);

	query_bind_int(&q, line->id);
	query_bind_int(&q, terms->number);
	query_bind_int(&q, terms->cadence.frame_bytes);
	query_bind_int(&q, terms->cadence.slot_us);
	query_bind_int(&q, terms->also_frame_bytes);
	query_bind_int(&q, terms->agreed);
	bind_proposal(&q, &terms->ours);
	bind_proposal(&q, &terms->theirs);
	return query_run(&q);
}

/* -- the steps, in memory; within a transaction, which put() ends ------------ */

static void
set_also(struct terms *terms, struct cadence other)
{
	const uint16_t bytes = other.frame_bytes == terms->cadence.frame_bytes
	    ? 0
	    : other.frame_bytes;

	terms->also_is_new |= terms->also_frame_bytes != bytes;
	terms->also_frame_bytes = bytes;
}

static void
agree(struct terms *terms)
{
	terms->agreed = true;
	terms->ours.open = false;
	set_also(terms, terms->theirs.cadence);
}

/* Our agreement came too late. */
static void
disagree(struct terms *terms)
{
	terms->agreed = false;
	terms->theirs.open = false;
	set_also(terms, terms->cadence);
}

static void
change_over(struct terms *terms, struct cadence next)
{
	const struct cadence before = terms->cadence;

	terms->cadence = next;
	terms->number++;
	terms->agreed = false;
	terms->ours.open = false;
	terms->theirs.open = false;
	set_also(terms, before);
	terms->all_is_new = true;
	terms->awaits_boot = true;
}

/* -- records ---------------------------------------------------------------- */

/* Appends a record of ours about the next terms. */
static int
append(struct keeper *keeper, struct post_line *line, const uint8_t *re,
    struct cadence cadence, uint8_t id[RECORD_ID_BYTES])
{
	const struct record note = { .kind = RECORD_TERMS,
		.number = line->terms.number + 1,
		.cadence = cadence };

	return journal_append_note(keeper, line, &note, re, id);
}

static int
append_agreement(struct keeper *keeper, struct post_line *line)
{
	const struct cadence none = { 0, 0 };
	uint8_t id[RECORD_ID_BYTES];

	return append(keeper, line, line->terms.theirs.id, none, id);
}

enum { CADENCE_WORDS_BYTES = CADENCE_TEXT_BYTES + 48 };

/* "desk, 1200 bytes every 20 ms" */
static const char *
words(char text[CADENCE_WORDS_BYTES], struct cadence cadence)
{
	char name[CADENCE_TEXT_BYTES];

	cadence_format(name, cadence);
	snprintf(text, CADENCE_WORDS_BYTES, "%s, %u bytes every %g ms", name,
	    (unsigned)cadence.frame_bytes, cadence.slot_us / 1000.0);
	return text;
}

enum { COMMAND_BYTES = POST_NAME_BYTES + CADENCE_TEXT_BYTES + 48 };

/* What a person types to propose, or to agree. */
static const char *
command(char text[COMMAND_BYTES], const struct post_line *line,
    const char *cadence)
{
	const bool is_plain =
	    strpbrk(line->name, " \"'\\$`&;()<>|*?[]#~") == NULL;
	const char *quote = is_plain ? "" : "'";

	snprintf(text, COMMAND_BYTES, "quietline line set %s%s%s cadence %s",
	    quote, line->name, quote, cadence);
	return text;
}

static const char *
command_to_agree(char text[COMMAND_BYTES], const struct post_line *line,
    struct cadence cadence)
{
	char name[CADENCE_TEXT_BYTES];

	cadence_format(name, cadence);
	return command(text, line, name);
}

static int
note(struct keeper *keeper, const struct post_line *line, const char *what,
    const char *say)
{
	return diary_add(keeper,
	    (struct diary_entry){ line, "line", NULL, what }, "%s", say);
}

/* Both are told, each by what it holds: nothing has changed. */
static int
note_void(struct keeper *keeper, const struct post_line *line, const char *why)
{
	char say[TERMS_SAY_BYTES];

	snprintf(say, sizeof(say),
	    "Nothing changes on the line to %s: %s. Propose the cadence again, "
	    "if it is still wanted.",
	    line->name, why);
	return note(keeper, line, "cadence-void", say);
}

static int
note_agreed(struct keeper *keeper, const struct post_line *line)
{
	char text[CADENCE_WORDS_BYTES], say[TERMS_SAY_BYTES];

	snprintf(say, sizeof(say),
	    "The line to %s is to have the cadence %s: both sides agree. It "
	    "changes over when they hear of it.",
	    line->name, words(text, line->terms.theirs.cadence));
	return note(keeper, line, "cadence-agreed", say);
}

static int
note_changed(struct keeper *keeper, const struct post_line *line)
{
	char text[CADENCE_WORDS_BYTES], say[TERMS_SAY_BYTES];

	snprintf(say, sizeof(say),
	    "The line to %s has the cadence %s from now on: both sides agreed.",
	    line->name, words(text, line->terms.cadence));
	return note(keeper, line, "cadence-changed", say);
}

static int
take_proposal(struct keeper *keeper, struct post_line *line,
    const struct record *record)
{
	struct terms *terms = &line->terms;
	char text[CADENCE_WORDS_BYTES], typed[COMMAND_BYTES];
	char say[TERMS_SAY_BYTES];
	int rc;

	if (is_same(record->cadence, terms->cadence))
		return OK;
	if (terms->ours.open && is_same(terms->ours.cadence, record->cadence)) {
		/* Both said the same: A's counts, and B's post agrees. */
		terms->theirs.open = false;
		if (line->ceremony.role == ROLE_A)
			return OK;
	}
	terms->theirs.open = true;
	terms->theirs.cadence = record->cadence;
	memcpy(terms->theirs.id, record->id, RECORD_ID_BYTES);
	if (terms->ours.open && is_same(terms->ours.cadence, record->cadence)) {
		if ((rc = append_agreement(keeper, line)) != OK)
			return rc;
		agree(terms);
		return note_agreed(keeper, line);
	}
	snprintf(say, sizeof(say),
	    "%s proposes the cadence %s. To agree, type: %s. The line goes on "
	    "as it is until then.",
	    line->name, words(text, record->cadence),
	    command_to_agree(typed, line, record->cadence));
	return note(keeper, line, "cadence-proposed", say);
}

static int
take_withdrawal(struct keeper *keeper, struct post_line *line)
{
	struct terms *terms = &line->terms;
	char text[CADENCE_WORDS_BYTES], say[TERMS_SAY_BYTES];

	if (!terms->theirs.open)
		return OK;
	terms->theirs.open = false;
	snprintf(say, sizeof(say),
	    "%s took back its proposal of the cadence %s.", line->name,
	    words(text, terms->theirs.cadence));
	return note(keeper, line, "cadence-withdrawn", say);
}

static int
take_agreement(struct keeper *keeper, struct post_line *line,
    const struct record *record)
{
	struct terms *terms = &line->terms;

	if (!terms->ours.open ||
	    memcmp(terms->ours.id, record->re, RECORD_ID_BYTES) != 0) {
		/* Who agreed has taken his own back. */
		terms->theirs.open = false;
		return note_void(keeper, line,
		    "they agreed to a proposal that was taken back, or "
		    "replaced, before they had heard of that");
	}
	change_over(terms, terms->ours.cadence);
	return note_changed(keeper, line);
}

int
terms_take(struct keeper *keeper, struct post_line *line,
    const struct record *record)
{
	struct terms *terms = &line->terms;
	const bool was_agreed = terms->agreed;
	int rc = OK;

	/* Of terms that are past, on one side of a store that was put back. */
	if (record->number != terms->number + 1)
		return OK;
	/* They had not heard of our agreement when they wrote this: had they,
	 * they would have changed over. */
	if (was_agreed) {
		disagree(terms);
		rc = note_void(keeper, line,
		    record->has_re
			? "both sides agreed to the other's proposal at once"
			: "they took their proposal back, or replaced it, "
			  "before they had heard that this side agrees");
	}
	if (rc == OK && record->cadence.slot_us != 0)
		rc = take_proposal(keeper, line, record);
	else if (rc == OK && !was_agreed && record->has_re)
		rc = take_agreement(keeper, line, record);
	else if (rc == OK && !was_agreed)
		rc = take_withdrawal(keeper, line);
	return rc == OK ? put(keeper, line) : rc;
}

/* -- wire ------------------------------------------------------------------- */

/* One step of ours, in a transaction of record.db. */
struct step {
	struct keeper *keeper;
	struct post_line *line;
	struct cadence cadence;
};

static int
do_change_over(void *ctx)
{
	struct step *step = ctx;
	int rc;

	change_over(&step->line->terms, step->line->terms.theirs.cadence);
	rc = put(step->keeper, step->line);
	return rc == OK ? note_changed(step->keeper, step->line) : rc;
}

static int
do_settle(void *ctx)
{
	struct step *step = ctx;

	set_also(&step->line->terms, step->line->terms.cadence);
	return put(step->keeper, step->line);
}

void
terms_on_boot(struct keeper *keeper, struct post_line *line, unsigned number)
{
	const struct terms *terms = &line->terms;
	struct step step = { .keeper = keeper, .line = line };
	int rc;

	if (number == (terms->number + 1) % TERMS_NUMBERS && terms->agreed) {
		rc = post_commit(keeper, line, do_change_over, &step);
		/* It is tried again when they boot again. */
		if (rc != OK)
			log_warnx("line %u: its cadence is not kept (%s)",
			    line->id, err_str(rc));
		return;
	}
	/* Wire told it twice, before it heard that we follow. */
	if (number == terms->number % TERMS_NUMBERS)
		return;
	/* They agreed, and have not heard yet that we changed over. */
	if (terms->number > 0 && number == (terms->number - 1) % TERMS_NUMBERS)
		return;
	post_fault(keeper, line,
	    "the other post is under other terms than this one: one of the two "
	    "was restored from a backup");
}

void
terms_on_keys(struct post_line *line)
{
	line->terms.awaits_boot = false;
}

void
terms_on_session(struct keeper *keeper, struct post_line *line)
{
	struct step step = { .keeper = keeper, .line = line };

	/* Wire may have said so before it heard that we changed over: then the
	 * peer still sends frames of the size before. */
	if (line->terms.awaits_boot)
		return;
	/* Of an agreement it is the size to come. */
	if (line->terms.also_frame_bytes == 0 || line->terms.agreed)
		return;
	if (post_commit(keeper, line, do_settle, &step) != OK)
		log_warnx("line %u: frames of the size before are taken still",
		    line->id);
}

static void
tell(struct keeper *keeper, struct post_line *line)
{
	struct terms *terms = &line->terms;

	if (terms->all_is_new) {
		/* What the line that ends had wanted is of no use to the next. */
		line->outbox.wanted = false;
		line->has_report = false;
		/* It begins from where the peer is now, not was at the start. */
		(void)ways_tell(keeper, line);
		post_attach(keeper, line);
	} else if (terms->also_is_new) {
		post_tell_line(keeper, line);
	}
	terms->all_is_new = terms->also_is_new = false;
}

void
terms_tell(struct keeper *keeper)
{
	for (size_t i = 0; i < LINES_MAX; i++) {
		if (keeper->lines[i].id != 0)
			tell(keeper, &keeper->lines[i]);
	}
}

/* -- people ----------------------------------------------------------------- */

static void
show_proposals(const struct post_line *line, struct terms_shown *shown)
{
	const struct terms *terms = &line->terms;
	char text[CADENCE_WORDS_BYTES], typed[COMMAND_BYTES];
	size_t len = 0;

	if (terms->theirs.open)
		len = (size_t)snprintf(shown->say, sizeof(shown->say),
		    "They propose the cadence %s; to agree, type: %s.",
		    words(text, terms->theirs.cadence),
		    command_to_agree(typed, line, terms->theirs.cadence));
	if (terms->ours.open && len < sizeof(shown->say))
		snprintf(shown->say + len, sizeof(shown->say) - len,
		    "%sThis side proposes the cadence %s; it waits for them "
		    "to agree. To take it back, type: %s.",
		    len > 0 ? " " : "", words(text, terms->ours.cadence),
		    command(typed, line, "cancel"));
}

void
terms_show(const struct post_line *line, struct terms_view *view,
    struct terms_shown *shown)
{
	const struct terms *terms = &line->terms;
	char text[CADENCE_WORDS_BYTES];

	memset(view, 0, sizeof(*view));
	shown->say[0] = '\0';
	if (terms->ours.open)
		view->ours = terms->ours.cadence;
	if (terms->theirs.open)
		view->theirs = terms->theirs.cadence;
	if (terms->agreed) {
		view->state = TERMS_AGREED;
		snprintf(shown->say, sizeof(shown->say),
		    "Both sides agree on the cadence %s; the line changes over "
		    "when they have heard of it.",
		    words(text, terms->theirs.cadence));
	} else if (terms->ours.open || terms->theirs.open) {
		view->state = TERMS_PROPOSED;
		show_proposals(line, shown);
	}
	view->say = text_of(shown->say);
}

static int
note_ours(const struct step *step, const char *what, const char *does)
{
	char text[CADENCE_WORDS_BYTES], say[TERMS_SAY_BYTES];

	snprintf(say, sizeof(say),
	    "This side %s the cadence %s for the line to %s.", does,
	    words(text, step->line->terms.ours.cadence), step->line->name);
	return note(step->keeper, step->line, what, say);
}

static int
do_withdraw(void *ctx)
{
	struct step *step = ctx;
	struct terms *terms = &step->line->terms;
	const struct cadence none = { 0, 0 };
	uint8_t id[RECORD_ID_BYTES];
	int rc;

	rc = append(step->keeper, step->line, NULL, none, id);
	terms->ours.open = false;
	if (rc != OK || (rc = put(step->keeper, step->line)) != OK)
		return rc;
	return note_ours(step, "ours-withdrawn", "took back its proposal of");
}

static int
do_agree(void *ctx)
{
	struct step *step = ctx;
	int rc;

	if ((rc = append_agreement(step->keeper, step->line)) != OK)
		return rc;
	agree(&step->line->terms);
	if ((rc = put(step->keeper, step->line)) != OK)
		return rc;
	return note_agreed(step->keeper, step->line);
}

static int
do_propose(void *ctx)
{
	struct step *step = ctx;
	struct terms *terms = &step->line->terms;
	int rc;

	rc = append(step->keeper, step->line, NULL, step->cadence,
	    terms->ours.id);
	terms->ours.open = true;
	terms->ours.cadence = step->cadence;
	if (rc != OK || (rc = put(step->keeper, step->line)) != OK)
		return rc;
	return note_ours(step, "ours-proposed", "proposes");
}

/* Whether the paths of this side go at that cadence too; replies where not. */
static bool
judge_paths(struct keeper *keeper, const struct request *request,
    const struct post_line *line)
{
	const unsigned path = ways_find_unfit(line, request->cadence);

	if (path == LINE_PATHS_MAX)
		return true;
	post_reply_error(keeper, request->id, ERR_STATE,
	    "Path %u goes by a relay, whose ticket is for another cadence. "
	    "Remove it first (quietline path remove), and add it with a new "
	    "ticket when the line has changed over.",
	    path + 1);
	return false;
}

/* What people may ask now; replies where it may not be. */
static bool
judge(struct keeper *keeper, const struct request *request,
    const struct post_line *line)
{
	const struct terms *terms = &line->terms;
	const struct cadence cadence = request->cadence;
	char text[CADENCE_WORDS_BYTES];

	if (terms->agreed) {
		post_reply_error(keeper, request->id, ERR_STATE,
		    "Both sides agree on the cadence %s already; it cannot be "
		    "taken back, and another can be proposed when the line has "
		    "changed over.",
		    words(text, terms->theirs.cadence));
		return false;
	}
	if (cadence.slot_us == 0) {
		if (!terms->ours.open)
			post_reply_error(keeper, request->id, ERR_STATE,
			    "This side has proposed nothing, so that there is "
			    "nothing to take back.");
		return terms->ours.open;
	}
	if (cadence_check(cadence) != OK) {
		post_reply_error(keeper, request->id, ERR_LIMIT,
		    "The cadence must have frames of %d to %d bytes and slots "
		    "of 0.25 to 2000 ms.",
		    FRAME_BYTES_MIN, FRAME_BYTES_MAX);
		return false;
	}
	if (is_same(cadence, terms->cadence)) {
		post_reply_error(keeper, request->id, ERR_STATE,
		    "The line to %s has that cadence already.", line->name);
		return false;
	}
	if (terms->ours.open && is_same(cadence, terms->ours.cadence)) {
		post_reply_error(keeper, request->id, ERR_EXISTS,
		    "This side has proposed that already; it waits for them to "
		    "agree.");
		return false;
	}
	return judge_paths(keeper, request, line);
}

void
terms_on_request(struct keeper *keeper, const struct request *request)
{
	struct step step = { .keeper = keeper, .cadence = request->cadence };
	struct reply reply = { .kind = REPLY_TERMS, .id = request->id };
	const struct terms *terms;
	struct terms_shown shown;
	int rc;

	step.line = post_ask_active(keeper, request);
	if (step.line == NULL || !judge(keeper, request, step.line))
		return;
	terms = &step.line->terms;
	if (step.cadence.slot_us == 0)
		rc = post_commit(keeper, step.line, do_withdraw, &step);
	else if (terms->theirs.open &&
	    is_same(step.cadence, terms->theirs.cadence))
		rc = post_commit(keeper, step.line, do_agree, &step);
	else
		rc = post_commit(keeper, step.line, do_propose, &step);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	terms_show(step.line, &reply.terms, &shown);
	post_reply(keeper, &reply);
	post_tell_status(keeper, step.line);
	outbox_push(keeper, step.line);
}
