#include "keeper/disclosure.h"

#include <stdio.h>
#include <string.h>

#include "base/word.h"
#include "keeper/outbox.h"
#include "keeper/pact.h"

uint32_t
disclosure_of(const struct post_line *line)
{
	return line->disclosure.agreed;
}

const char *
disclosure_format(char text[DISCLOSURE_WORDS_BYTES], uint32_t bits)
{
	size_t len = 0;

	snprintf(text, DISCLOSURE_WORDS_BYTES, "nothing more");
	for (size_t i = 0; i < DISCLOSED_COUNT; i++) {
		if ((bits & UINT32_C(1) << i) != 0)
			len += (size_t)snprintf(text + len,
			    DISCLOSURE_WORDS_BYTES - len, "%s%s",
			    len > 0 ? ", " : "",
			    word_name(&record_disclosures, i));
	}
	return text;
}

/* -- what people want --------------------------------------------------------- */

struct setting {
	struct keeper *keeper;
	struct post_line *line;
	uint32_t wanted;
};

/* What this side says of a proposal, or of what was agreed, where it wants just so
 * much; VERDICT_NONE: nothing. */
static enum pact_verdict
judge(const struct setting *setting, const struct pact *pact)
{
	const uint32_t wanted = setting->wanted;
	const bool is_too_much = (pact->discloses & ~wanted) != 0;

	if (pact->state == PACT_AGREED || pact->side == SIDE_US)
		return is_too_much ? VERDICT_WITHDRAW : VERDICT_NONE;
	return is_too_much ? VERDICT_DECLINE : VERDICT_AGREE;
}

/* No more than most: the other side can propose without end. */
static int
answer_all(const struct setting *setting, enum pact_state state, uint64_t most)
{
	struct pact pact = { .row = 0 };
	enum pact_verdict verdict;
	int rc = OK;

	for (uint64_t said = 0; rc == OK && said < most; said++) {
		rc = pact_next(setting->keeper, setting->line->id,
		    PACT_DISCLOSURE, state, pact.row, &pact);
		if (rc != OK)
			break;
		if ((verdict = judge(setting, &pact)) != VERDICT_NONE)
			rc = pact_consent(setting->keeper, setting->line, &pact,
			    verdict);
	}
	return rc == ERR_NOT_FOUND ? OK : rc;
}

/* Each by a pact of its own, so that each can end without the others. */
static int
propose_missing(const struct setting *setting)
{
	const struct disclosing *now = &setting->line->disclosure;
	const uint32_t missing = setting->wanted & ~now->agreed & ~now->ours;
	const struct record_text none = { NULL, 0 };
	int rc = OK;

	for (size_t i = 0; rc == OK && i < DISCLOSED_COUNT; i++) {
		struct record record = { .kind = RECORD_PACT,
			.pact = PACT_DISCLOSURE,
			.discloses = UINT32_C(1) << i };

		if ((missing & record.discloses) != 0)
			rc = pact_propose(setting->keeper, setting->line,
			    &record, none);
	}
	return rc;
}

static int
do_set(void *ctx)
{
	const struct setting *setting = ctx;
	int rc;

	/* Less holds at once, however much was agreed. */
	if ((rc = answer_all(setting, PACT_AGREED, UINT64_MAX)) != OK ||
	    (rc = answer_all(setting, PACT_PROPOSED, DISCLOSURE_ANSWERS_MAX)) !=
		OK)
		return rc;
	return propose_missing(setting);
}

/* -- replies ------------------------------------------------------------------ */

static void
format_say(char say[FORM_SAY_BYTES_MAX], const struct post_line *line)
{
	const struct disclosing *now = &line->disclosure;
	const uint32_t ours = now->ours & ~now->agreed;
	const uint32_t theirs = now->theirs & ~now->agreed;
	char bits[DISCLOSURE_WORDS_BYTES];
	size_t len;

	len = (size_t)snprintf(say, FORM_SAY_BYTES_MAX,
	    "Beside what is delivered and acknowledged, each side tells the "
	    "other: %s.",
	    disclosure_format(bits, now->agreed));
	if (ours != 0)
		len += (size_t)snprintf(say + len, FORM_SAY_BYTES_MAX - len,
		    " This side proposes: %s; it waits for them to agree.",
		    disclosure_format(bits, ours));
	if (theirs != 0)
		snprintf(say + len, FORM_SAY_BYTES_MAX - len,
		    " They propose: %s; it waits for this side to agree.",
		    disclosure_format(bits, theirs));
}

static void
reply_view(struct keeper *keeper, const struct request *request,
    const struct post_line *line)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = request->kind };
	char say[FORM_SAY_BYTES_MAX];

	format_say(say, line);
	reply.view.disclosure = (struct disclosure_view){
		.agreed = line->disclosure.agreed,
		.ours = line->disclosure.ours,
		.theirs = line->disclosure.theirs,
		.say = text_of(say),
	};
	post_reply(keeper, &reply);
}

void
disclosure_on_show(struct keeper *keeper, const struct request *request)
{
	const struct post_line *line = post_ask_line(keeper, request);

	if (line != NULL)
		reply_view(keeper, request, line);
}

void
disclosure_on_set(struct keeper *keeper, const struct request *request)
{
	struct setting setting = { .keeper = keeper,
		.wanted = request->ask.disclosure.wanted };
	int rc;

	if ((setting.line = post_ask_active(keeper, request)) == NULL)
		return;
	rc = post_commit(keeper, setting.line, do_set, &setting);
	if (rc != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	reply_view(keeper, request, setting.line);
	post_tell_status(keeper, setting.line);
	outbox_push(keeper, setting.line);
}
