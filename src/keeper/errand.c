#include "keeper/errand.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "keeper/diary.h"
#include "keeper/paper.h"
#include "keeper/ref.h"
#include "keeper/delegate.h"
#include "keeper/send.h"

bool
errand_takes(struct keeper *keeper, const struct reply *reply)
{
	struct errand *errand = &keeper->errand;
	size_t len;

	if (!errand->on)
		return false;
	if (reply->kind == REPLY_ERROR) {
		len = reply->say.len < sizeof(errand->say) - 1
		    ? reply->say.len
		    : sizeof(errand->say) - 1;
		errand->err = reply->err;
		if (len > 0)
			memcpy(errand->say, reply->say.data, len);
		errand->say[len] = '\0';
	}
	return true;
}

struct upload *
errand_find_upload(struct keeper *keeper, uint64_t id)
{
	struct errand *errand = &keeper->errand;

	return errand->paper != 0 && id >= 1 && id <= errand->uploads
	    ? &errand->upload[id - 1]
	    : NULL;
}

static int
end_paper(struct keeper *keeper, const struct paper *paper, int64_t row)
{
	struct query q = store_query(&keeper->store, STMT_PAPER_END);
	int rc;

	query_bind_int(&q, PAPER_RELEASED);
	query_bind_int(&q, row);
	query_bind_int(&q, (int64_t)paper->n);
	if ((rc = query_run(&q)) != OK)
		return rc;
	/* They are the record's now. */
	return paper_forget_files(keeper, paper->n, NULL);
}

static int
note_release(struct keeper *keeper, struct post_line *line,
    const struct paper *paper, const char *ref)
{
	const bool is_emergency = keeper->errand.emergency;

	return diary_add(keeper,
	    (struct diary_entry){ line, "draft", ref,
		is_emergency ? "emergency" : "released" },
	    "Draft %" PRIu64 " to %s is released by %s%s: it is said as %s.",
	    paper->n, line->name, keeper_who(keeper),
	    is_emergency ? " alone, in an emergency" : "", ref);
}

/* Without a draft: the one who said it let it go alone. */
static int
note_emergency(struct keeper *keeper, struct post_line *line, const char *ref)
{
	return diary_add(keeper,
	    (struct diary_entry){ line, "draft", ref, "emergency" },
	    "%s released %s to %s alone, in an emergency; both sides see that.",
	    keeper_who(keeper), ref, line->name);
}

int
errand_on_append(struct keeper *keeper, struct post_line *line,
    const struct record *record, const struct journal_place *place)
{
	struct errand *errand = &keeper->errand;
	char ref[REQUEST_REF_BYTES] = "";
	struct paper paper;
	int rc;

	errand->appended = true;
	keeper->store.tried = false;
	ref_format(ref, SIDE_US, place->serial, record->id);
	if (errand->paper == 0)
		return record->is_emergency && !keeper->store.trial
		    ? note_emergency(keeper, line, ref)
		    : OK;
	if ((rc = paper_get(keeper, errand->paper, &paper)) != OK)
		return rc;
	/* An act of several records ends it with the first. */
	if (paper.end != PAPER_OPEN)
		return OK;
	rc = paper_add_act(keeper, &paper,
	    errand->emergency ? ACT_EMERGENCY : ACT_RELEASED,
	    (struct text){ NULL, 0 });
	if (rc != OK || (rc = end_paper(keeper, &paper, place->row)) != OK)
		return rc;
	return note_release(keeper, line, &paper, ref);
}

/* Hands the request to its handler, and holds what that answers. */
static void
carry_out(struct keeper *keeper, const struct request *request)
{
	struct errand *errand = &keeper->errand;

	/* Nothing else may share the transaction. */
	send_commit(keeper);
	errand->on = true;
	errand->appended = false;
	errand->err = OK;
	errand->say[0] = '\0';
	keeper_carry_out(keeper, request);
	send_commit(keeper);
	errand->on = false;
}

static int
refuse(struct keeper *keeper, uint32_t answer_to, const char *nothing)
{
	struct errand *errand = &keeper->errand;

	if (errand->err == OK) {
		errand->err = ERR_STATE;
		snprintf(errand->say, sizeof(errand->say), "%s", nothing);
	}
	post_reply_error(keeper, answer_to, errand->err, "%s", errand->say);
	return errand->err;
}

int
errand_try(struct keeper *keeper, const struct request *request,
    uint32_t answer_to)
{
	struct store *store = &keeper->store;
	bool is_well;

	assert(keeper->errand.paper == 0);
	/* What others have sent meanwhile is none. */
	send_commit(keeper);
	store->trial = true;
	store->tried = false;
	carry_out(keeper, request);
	store->trial = false;
	is_well = keeper->errand.appended && store->tried && !store->failed;
	return is_well ? OK
		       : refuse(keeper, answer_to,
			     "There would be nothing to say: it is so "
			     "already.");
}

int
errand_release(struct keeper *keeper, const struct request *request,
    uint32_t answer_to)
{
	struct errand *errand = &keeper->errand;
	struct paper paper;
	int rc;

	assert(errand->paper != 0);
	carry_out(keeper, request);
	rc = paper_get(keeper, errand->paper, &paper);
	if (rc != OK) {
		post_reply_store(keeper, answer_to, rc);
		return rc;
	}
	return paper.end == PAPER_RELEASED
	    ? OK
	    : refuse(keeper, answer_to,
		  "Nothing came of it: what the draft says is so already. "
		  "Recall it.");
}
