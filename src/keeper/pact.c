#include "keeper/pact.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "keeper/diary.h"
#include "keeper/disclosure.h"
#include "keeper/form.h"
#include "keeper/journal.h"

enum pact_state
pact_judge(unsigned proposer, unsigned other)
{
	const unsigned both = proposer | other;

	if (other & PACT_SAID(VERDICT_DECLINE))
		return PACT_DECLINED;
	if (other & PACT_SAID(VERDICT_AGREE))
		return both & PACT_SAID(VERDICT_WITHDRAW) ? PACT_RETIRED
							  : PACT_AGREED;
	return proposer & PACT_SAID(VERDICT_WITHDRAW) ? PACT_WITHDRAWN
						      : PACT_PROPOSED;
}

/* -- the store -------------------------------------------------------------- */

static int
read_pact(struct query *q, struct pact *pact)
{
	memset(pact, 0, sizeof(*pact));
	if (query_next(q)) {
		pact->row = query_int(q);
		pact->side = query_int(q) == SIDE_US ? SIDE_US : SIDE_THEM;
		query_bytes(q, pact->id, sizeof(pact->id));
		pact->kind = (enum pact_kind)query_int(q);
		pact->number = (uint32_t)query_int(q);
		pact->discloses = (uint32_t)query_int(q);
		pact->state = (enum pact_state)query_int(q);
		pact->time_ms = query_int(q);
		pact->answered_ms = query_int(q);
		pact->ended_ms = query_int(q);
	} else if (q->rc == OK) {
		q->rc = ERR_NOT_FOUND;
	}
	return query_end(q);
}

static int
find_id(struct keeper *keeper, const struct post_line *line, enum side side,
    const uint8_t id[RECORD_ID_BYTES], struct pact *pact)
{
	struct query q = store_query(&keeper->store, STMT_PACT_FIND);

	query_bind_int(&q, line->id);
	query_bind_int(&q, side);
	query_bind_blob(&q, id, RECORD_ID_BYTES);
	return read_pact(&q, pact);
}

int
pact_find_form(struct keeper *keeper, uint32_t line, uint32_t number,
    struct pact *pact)
{
	int rc;

	if (number == 0)
		return ERR_NOT_FOUND;
	rc = pact_next_form(keeper, line, number - 1, pact);
	return rc == OK && pact->number != number ? ERR_NOT_FOUND : rc;
}

int
pact_next_form(struct keeper *keeper, uint32_t line, uint32_t number,
    struct pact *pact)
{
	struct query q = store_query(&keeper->store, STMT_PACT_NEXT_FORM);

	query_bind_int(&q, line);
	query_bind_int(&q, number);
	return read_pact(&q, pact);
}

int
pact_next(struct keeper *keeper, uint32_t line, enum pact_kind kind,
    enum pact_state state, int64_t row, struct pact *pact)
{
	struct query q = store_query(&keeper->store, STMT_PACT_NEXT);

	query_bind_int(&q, line);
	query_bind_int(&q, kind);
	query_bind_int(&q, state);
	query_bind_int(&q, row);
	return read_pact(&q, pact);
}

/* A counts 1, 3, 5..., B 2, 4, 6...: no number is ever of two forms. */
static uint32_t
first_number(const struct post_line *line, enum side side)
{
	const bool is_a = post_line_role(line) == ROLE_A;

	return is_a == (side == SIDE_US) ? 1 : 2;
}

int
pact_next_number(struct keeper *keeper, const struct post_line *line,
    uint32_t *number)
{
	struct query q = store_query(&keeper->store, STMT_PACT_LAST_NUMBER);
	int64_t last = 0;
	int rc;

	query_bind_int(&q, line->id);
	query_bind_int(&q, SIDE_US);
	rc = query_one(&q, &last);
	if (rc != OK && rc != ERR_NOT_FOUND)
		return rc;
	*number = last > 0 ? (uint32_t)last + 2 : first_number(line, SIDE_US);
	if (*number > FORM_NUMBER_MAX)
		*number = 0;
	return OK;
}

/* Whether some pact in that state, of that side, is of exactly those bits. */
static int
is_disclosed(struct keeper *keeper, uint32_t line, enum pact_state state,
    enum side side, uint32_t bits, bool *found)
{
	struct query q = store_query(&keeper->store, STMT_PACT_DISCLOSES);
	int64_t row;
	int rc;

	query_bind_int(&q, line);
	query_bind_int(&q, state);
	query_bind_int(&q, side);
	query_bind_int(&q, bits);
	rc = query_one(&q, &row);
	*found = rc == OK;
	return rc == ERR_NOT_FOUND ? OK : rc;
}

/* All that pacts in that state, of that side, would disclose. */
static int
collect(struct keeper *keeper, uint32_t line, enum pact_state state,
    enum side side, uint32_t *bits)
{
	bool found;
	int rc;

	*bits = 0;
	for (uint32_t each = 1; each <= DISCLOSE_ALL; each++) {
		rc = is_disclosed(keeper, line, state, side, each, &found);
		if (rc != OK)
			return rc;
		if (found)
			*bits |= each;
	}
	return OK;
}

int
pact_load(struct keeper *keeper, struct post_line *line)
{
	uint32_t agreed[2], open[2];
	int rc;

	for (int side = SIDE_US; side <= SIDE_THEM; side++) {
		rc = collect(keeper, line->id, PACT_AGREED, (enum side)side,
		    &agreed[side]);
		if (rc == OK)
			rc = collect(keeper, line->id, PACT_PROPOSED,
			    (enum side)side, &open[side]);
		if (rc != OK)
			return rc;
	}
	line->disclosure = (struct disclosing){
		/* What both propose, both want. */
		.agreed = agreed[SIDE_US] | agreed[SIDE_THEM] |
		    (open[SIDE_US] & open[SIDE_THEM]),
		.ours = open[SIDE_US],
		.theirs = open[SIDE_THEM],
	};
	return OK;
}

/* -- events ----------------------------------------------------------------- */

struct words {
	const char *what;
	const char *before; /* the line's name, and behind it */
	const char *behind;
};

/* By the side that did it, and the state that the pact came to. */
static const struct words events[2][PACT_STATE_COUNT] = {
	[SIDE_US] = {
		[PACT_PROPOSED] = { "ours-proposed", "This side proposes to ",
		    "" },
		[PACT_AGREED] = { "ours-agreed", "This side agrees with ",
		    "" },
		[PACT_DECLINED] = { "ours-declined",
		    "This side declines a proposal of ", "" },
		[PACT_WITHDRAWN] = { "ours-withdrawn",
		    "This side took back its proposal to ", "" },
		[PACT_RETIRED] = { "ours-retired",
		    "This side ends what was agreed with ", "" },
	},
	[SIDE_THEM] = {
		[PACT_PROPOSED] = { "proposed", "", " proposes" },
		[PACT_AGREED] = { "agreed", "", " agrees" },
		[PACT_DECLINED] = { "declined", "", " declines" },
		[PACT_WITHDRAWN] = { "withdrawn", "",
		    " took back its proposal" },
		[PACT_RETIRED] = { "retired", "", " ends what was agreed" },
	},
};

enum { ABOUT_BYTES = 128 };

/* "form 3, exercise", "each side tells the other titles and read" */
static const char *
describe(char about[ABOUT_BYTES], const struct pact *pact,
    struct record_text name)
{
	char bits[DISCLOSURE_WORDS_BYTES];

	if (pact->kind == PACT_FORM)
		snprintf(about, ABOUT_BYTES, "form %u%s%.*s",
		    (unsigned)pact->number, name.len > 0 ? ", " : "",
		    (int)name.len, name.len > 0 ? name.data : "");
	else
		snprintf(about, ABOUT_BYTES, "each side tells the other %s",
		    disclosure_format(bits, pact->discloses));
	return about;
}

static int
note(struct keeper *keeper, const struct post_line *line, enum side side,
    const struct pact *pact, struct record_text name)
{
	const struct words *words = &events[side][pact->state];
	const bool asks = side == SIDE_THEM && pact->state == PACT_PROPOSED;
	char about[ABOUT_BYTES];

	assert(words->what != NULL);
	return diary_add(keeper,
	    (struct diary_entry){ .line = line,
		.kind = pact->kind == PACT_FORM ? "form" : "disclosure",
		.what = words->what },
	    "%s%s%s: %s.%s", words->before, line->name, words->behind,
	    describe(about, pact, name),
	    asks ? " It binds nobody until this side agrees." : "");
}

/* -- what follows from a record ----------------------------------------------- */

/* What both sides have said of a pact. */
static int
read_verdicts(struct keeper *keeper, const struct post_line *line,
    const struct pact *pact, enum pact_state *state)
{
	struct query q = store_query(&keeper->store, STMT_CONSENT_LIST);
	unsigned said[2] = { 0, 0 };
	int rc;

	query_bind_int(&q, line->id);
	query_bind_blob(&q, pact->id, RECORD_ID_BYTES);
	while (query_next(&q)) {
		const enum side side =
		    query_int(&q) == SIDE_US ? SIDE_US : SIDE_THEM;

		said[side] |= PACT_SAID((unsigned)query_int(&q));
	}
	rc = query_end(&q);
	*state = pact_judge(said[pact->side], said[1 - pact->side]);
	return rc;
}

/* A form that both sides can read alike, under a number of its side's. */
static bool
is_form(const struct post_line *line, enum side side,
    const struct record *record, struct record_text text)
{
	const struct text language = { record->language.data,
		record->language.len };
	const struct text language_b = { record->language_b.data,
		record->language_b.len };
	struct form_fault fault;
	struct form form;

	if (record->form > FORM_NUMBER_MAX ||
	    record->form % 2 != first_number(line, side) % 2 ||
	    form_parse(&form, text.data, text.len, &fault) != OK)
		return false;
	return form.languages <= FORM_AGREED_LANGUAGES_MAX &&
	    form.name.len == record->subject.len &&
	    memcmp(form.name.data, record->subject.data, form.name.len) == 0 &&
	    form_find_language(&form, language) == 0 &&
	    form_find_language(&form, language_b) == form.languages - 1;
}

static int
add(struct keeper *keeper, const struct post_line *line,
    const struct pact *pact)
{
	struct query q = store_query(&keeper->store, STMT_PACT_ADD);

	query_bind_int(&q, pact->row);
	query_bind_int(&q, line->id);
	query_bind_int(&q, pact->side);
	query_bind_blob(&q, pact->id, RECORD_ID_BYTES);
	query_bind_int(&q, pact->kind);
	query_bind_int(&q, pact->number);
	query_bind_int(&q, pact->discloses);
	query_bind_int(&q, pact->state);
	query_bind_int(&q, pact->time_ms);
	return query_run(&q);
}

static int
apply_pact(struct keeper *keeper, struct post_line *line, enum side side,
    const struct record *record, struct record_text text, int64_t row)
{
	struct pact other,
	    pact = { .row = row,
		    .side = side,
		    .kind = record->pact,
		    .number = record->form,
		    .discloses = record->discloses,
		    .time_ms = record->time_ms };
	int rc = OK;

	memcpy(pact.id, record->id, RECORD_ID_BYTES);
	if (pact.kind == PACT_FORM) {
		if (!is_form(line, side, record, text))
			return arrival_is_about_nothing(keeper, line,
			    "it proposes a form that is none");
		/* Numbers stand once in a journal, which arrives in order. */
		rc = pact_find_form(keeper, line->id, pact.number, &other);
		if (rc == OK)
			return arrival_is_about_nothing(keeper, line,
			    "it proposes a form under a number that another "
			    "has");
	}
	if (rc != OK && rc != ERR_NOT_FOUND)
		return rc;
	if ((rc = read_verdicts(keeper, line, &pact, &pact.state)) != OK ||
	    (rc = add(keeper, line, &pact)) != OK)
		return rc;
	return note(keeper, line, side, &pact, record->subject);
}

static int
add_consent(struct keeper *keeper, const struct post_line *line, enum side side,
    const struct record *record)
{
	struct query q = store_query(&keeper->store, STMT_CONSENT_ADD);

	query_bind_int(&q, line->id);
	query_bind_blob(&q, record->re, RECORD_ID_BYTES);
	query_bind_int(&q, side);
	query_bind_int(&q, record->verdict);
	query_bind_int(&q, record->time_ms);
	return query_run(&q);
}

/* Brings a pact to the state that its verdicts give it now. */
static int
update(struct keeper *keeper, struct post_line *line, enum side side,
    struct pact *pact)
{
	const enum pact_state before = pact->state;
	const struct record_text unnamed = { NULL, 0 };
	struct query q;
	int rc;

	rc = read_verdicts(keeper, line, pact, &pact->state);
	if (rc != OK || pact->state == before)
		return rc;
	q = store_query(&keeper->store, STMT_PACT_SET_STATE);
	query_bind_int(&q, pact->state);
	query_bind_int(&q, pact->row);
	if ((rc = query_run(&q)) != OK)
		return rc;
	return note(keeper, line, side, pact, unnamed);
}

static int
apply_consent(struct keeper *keeper, struct post_line *line, enum side side,
    const struct record *record)
{
	struct pact pact;
	bool found = false;
	int rc;

	/* Kept where the pact is not here too: it may come. */
	if ((rc = add_consent(keeper, line, side, record)) != OK)
		return rc;
	for (int by = SIDE_US; by <= SIDE_THEM; by++) {
		rc = find_id(keeper, line, (enum side)by, record->re, &pact);
		if (rc == OK) {
			found = true;
			rc = update(keeper, line, side, &pact);
		}
		if (rc != OK && rc != ERR_NOT_FOUND)
			return rc;
	}
	return found ? OK
		     : arrival_is_about_nothing(keeper, line,
			   "it answers a proposal that is not here");
}

/* Both are told when what a line discloses changes. */
static int
look(struct keeper *keeper, struct post_line *line)
{
	const uint32_t before = disclosure_of(line);
	char bits[DISCLOSURE_WORDS_BYTES];
	int rc;

	if ((rc = pact_load(keeper, line)) != OK ||
	    disclosure_of(line) == before)
		return rc;
	return diary_add(keeper,
	    (struct diary_entry){ .line = line,
		.kind = "disclosure",
		.what = "changed" },
	    "On the line to %s each side tells the other from now on: %s.",
	    line->name, disclosure_format(bits, disclosure_of(line)));
}

int
pact_apply(struct keeper *keeper, struct post_line *line, enum side side,
    const struct record *record, struct record_text text, int64_t row)
{
	int rc;

	if (record->kind == RECORD_PACT)
		rc = apply_pact(keeper, line, side, record, text, row);
	else
		rc = apply_consent(keeper, line, side, record);
	return rc == OK ? look(keeper, line) : rc;
}

int
pact_take(struct keeper *keeper, struct post_line *line,
    const struct arrival *arrival)
{
	return pact_apply(keeper, line, SIDE_THEM, arrival->record,
	    arrival->text, arrival->row);
}

/* -- what this side says ------------------------------------------------------ */

int
pact_propose(struct keeper *keeper, struct post_line *line,
    struct record *record, struct record_text text)
{
	struct journal_place place;
	int rc;

	assert(record->kind == RECORD_PACT);
	rc = journal_append_said(keeper, line, record, text, &place);
	return rc == OK
	    ? pact_apply(keeper, line, SIDE_US, record, text, place.row)
	    : rc;
}

int
pact_consent(struct keeper *keeper, struct post_line *line,
    const struct pact *pact, enum pact_verdict verdict)
{
	const struct record_text none = { NULL, 0 };
	struct record record = { .kind = RECORD_CONSENT,
		.verdict = verdict,
		.has_re = true };
	struct journal_place place;
	int rc;

	memcpy(record.re, pact->id, RECORD_ID_BYTES);
	rc = journal_append_said(keeper, line, &record, none, &place);
	return rc == OK
	    ? pact_apply(keeper, line, SIDE_US, &record, none, place.row)
	    : rc;
}

/* -- what waits --------------------------------------------------------------- */

/* Where both proposed the same at once, one of the two agreed is enough. */
static bool
is_in_force(const struct post_line *line, const struct pact *pact)
{
	return pact->kind == PACT_DISCLOSURE &&
	    (pact->discloses & ~line->disclosure.agreed) == 0;
}

static int
add_waiting(struct keeper *keeper, struct waiting_list *list,
    const struct post_line *line, enum pact_kind kind)
{
	struct waiting_about about = { .kind = WAITING_PACT,
		.line = line,
		.who = "a head" };
	const struct record_text unnamed = { NULL, 0 };
	struct pact pact = { .row = 0 };
	char text[ABOUT_BYTES], ref[16];
	bool more = true;
	int rc = OK;

	while (more && rc == OK) {
		rc = pact_next(keeper, line->id, kind, PACT_PROPOSED, pact.row,
		    &pact);
		if (rc != OK || pact.side == SIDE_US ||
		    is_in_force(line, &pact))
			continue;
		snprintf(ref, sizeof(ref), "%u", (unsigned)pact.number);
		about.ref = kind == PACT_FORM ? ref : NULL;
		about.since_ms = pact.time_ms;
		more = waiting_add(list, &about, "%s proposes: %s.", line->name,
		    describe(text, &pact, unnamed));
	}
	return rc == ERR_NOT_FOUND ? OK : rc;
}

int
pact_waiting(struct keeper *keeper, struct waiting_list *list)
{
	int rc = OK;

	for (size_t i = 0; rc == OK && i < LINES_MAX; i++) {
		const struct post_line *line = &keeper->lines[i];

		if (!post_line_is_active(line))
			continue;
		rc = add_waiting(keeper, list, line, PACT_FORM);
		if (rc == OK)
			rc = add_waiting(keeper, list, line, PACT_DISCLOSURE);
	}
	return rc;
}
