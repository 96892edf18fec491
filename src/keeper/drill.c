#include "keeper/drill.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "keeper/diary.h"
#include "keeper/journal.h"
#include "keeper/outbox.h"
#include "keeper/ref.h"

struct drill {
	struct keeper *keeper;
	struct post_line *line;
	uint8_t id[RECORD_ID_BYTES];
};

static int
append(void *ctx)
{
	const struct record note = { .kind = RECORD_DRILL };
	struct drill *drill = ctx;

	return journal_append_note(drill->keeper, drill->line, &note, NULL,
	    drill->id);
}

void
drill_on_request(struct keeper *keeper, const struct request *request)
{
	struct drill drill = { .keeper = keeper };
	struct reply reply = { .kind = REPLY_SENT, .id = request->id };
	struct drill_wait *wait;
	int rc;

	drill.line = post_find_name(keeper, request->line);
	if (drill.line == NULL || !post_line_is_active(drill.line)) {
		post_reply_no_line(keeper, request->id);
		return;
	}
	if ((rc = post_commit(keeper, drill.line, append, &drill)) != OK) {
		post_reply_store(keeper, request->id, rc);
		return;
	}
	wait = &keeper->drills[keeper->drill_next++ % DRILLS_MAX];
	memcpy(wait->id, drill.id, RECORD_ID_BYTES);
	wait->asked_ns = keeper->now.now_ns;
	memcpy(reply.sent.id, drill.id, RECORD_ID_BYTES);
	reply.sent.cadence = post_line_cadence(drill.line);
	reply.sent.peer = drill.line->peer;
	post_reply(keeper, &reply);
	post_tell_status(keeper, drill.line);
	outbox_push(keeper, drill.line);
}

int
drill_answer(struct keeper *keeper, struct post_line *line,
    const struct record *drill)
{
	const struct record note = { .kind = RECORD_DRILL_ANSWER };
	uint8_t id[RECORD_ID_BYTES];
	char ref[REQUEST_REF_BYTES] = "";
	int rc;

	/* Whoever tests a full disk again and again must not fill it up. */
	if (disk_state(&keeper->disk) == STORE_FULL)
		return OK;
	rc = journal_append_note(keeper, line, &note, drill->id, id);
	if (rc != OK)
		return rc;
	ref_format(ref, SIDE_THEM, 0, drill->id);
	return diary_add(keeper,
	    (struct diary_entry){ line, "drill", ref, "received" },
	    "A drill came from %s, and was answered.", line->name);
}

int
drill_take_answer(struct keeper *keeper, struct post_line *line,
    const struct record *answer)
{
	const struct diary_entry entry = { line, "drill", NULL, "answered" };
	struct diary_entry about = entry;
	char ref[REQUEST_REF_BYTES] = "";

	ref_format(ref, SIDE_US, 0, answer->re);
	about.ref = ref;
	for (size_t i = 0; i < DRILLS_MAX; i++) {
		const struct drill_wait *wait = &keeper->drills[i];

		if (wait->asked_ns == 0 ||
		    memcmp(wait->id, answer->re, RECORD_ID_BYTES) != 0)
			continue;
		return diary_add(keeper, about,
		    "The drill to %s was answered in %" PRIu64 " ms.",
		    line->name,
		    (keeper->now.now_ns - wait->asked_ns) / CLOCK_NS_PER_MS);
	}
	return diary_add(keeper, about, "A drill to %s was answered.",
	    line->name);
}
