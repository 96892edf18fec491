#include "sim/check.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/frame.h"
#include "limits.h"
#include "sim/accord.h"
#include "sim/ghost.h"
#include "sim/run.h"

enum {
	NONCES_CAP_FIRST = 1 << 12,
	NUMBERS_CAP_FIRST = 256,
	/* Of a frame's counter, below the number of its path. */
	COUNTER_BITS = 56,
	/* Promises that are looked at where something is unsynced. */
	GHOSTS_DIRTY_MAX = 8,
	/* Where nothing was lost, every so many openings. */
	OPENINGS_EVERY = 3,
	/* Of its disk, by a keeper whose desk keeps it busy. */
	DISK_LOOKS = 2,
};

static struct review *
review_of(struct run *run, unsigned post)
{
	return &run->checks.review[post];
}

/* The latest is the first. */
static void
push_key(uint8_t keys[CHECK_KEYS_MAX][SESSION_KEY_BYTES], const uint8_t *key)
{
	memmove(keys[1], keys[0], (CHECK_KEYS_MAX - 1) * SESSION_KEY_BYTES);
	memcpy(keys[0], key, SESSION_KEY_BYTES);
}

/* --- nonces --- */

/* True where it is new. */
static bool
nonces_add(struct nonces *nonces, uint64_t nonce)
{
	size_t i = nonce & (nonces->cap - 1);

	while (nonces->slot[i] != 0) {
		if (nonces->slot[i] == nonce)
			return false;
		i = (i + 1) & (nonces->cap - 1);
	}
	nonces->slot[i] = nonce;
	nonces->count++;
	return true;
}

static void
nonces_grow(struct nonces *nonces)
{
	struct nonces old = *nonces;

	nonces->cap = old.cap == 0 ? NONCES_CAP_FIRST : old.cap * 2;
	nonces->count = 0;
	nonces->slot = calloc(nonces->cap, sizeof(*nonces->slot));
	if (nonces->slot == NULL)
		fatal("check: no memory");
	for (size_t i = 0; i < old.cap; i++) {
		if (old.slot[i] != 0)
			(void)nonces_add(nonces, old.slot[i]);
	}
	free(old.slot);
}

/* A nonce may not come twice under one key; these come never twice at all, over
 * all keys and both posts, which is more than needed and can be seen from
 * outside.  64 of its 192 bits are enough not to see one twice by chance. */
static void
nonces_on_frame(struct run *run, const struct post *post, unsigned path,
    const uint8_t *frame, size_t len, bool leaves)
{
	struct nonces *nonces = &run->checks.nonces;
	uint64_t nonce;

	(void)path;
	(void)len;
	(void)leaves;
	memcpy(&nonce, frame, sizeof(nonce));
	if (nonces->count * 2 >= nonces->cap)
		nonces_grow(nonces);
	if (nonce == 0 || !nonces_add(nonces, nonce))
		run_fail(run, CHECK_NONCES, "post %u sent a nonce twice",
		    post->index);
}

/* --- steady --- */

static void
steady_on_frame(struct run *run, const struct post *post, unsigned path,
    const uint8_t *frame, size_t len, bool leaves)
{
	const struct post_path *from = &post->path[path];
	struct checks *checks = &run->checks;
	unsigned i = post->index;

	(void)frame;
	if (len != post->cadence.frame_bytes)
		run_fail(run, CHECK_STEADY, "post %u sends %zu bytes", i, len);
	if (checks->path_starts[i][path] != from->starts) {
		checks->path_starts[i][path] = from->starts;
		checks->has_sent[i][path] = false;
	}
	if (leaves)
		checks->has_sent[i][path] = true;
	else if (checks->has_sent[i][path] ||
	    run->plan.road[from->network->road].learner != i)
		run_fail(run, CHECK_STEADY,
		    "post %u leaves a slot of path %u empty", i, path);
}

/* --- counters --- */

/* Each frame of a session has the number of its path, and one counter more than
 * the path's last: no two are sealed with one. */
static void
counters_on_frame(struct run *run, const struct post *post, unsigned path,
    const uint8_t *frame, size_t len, bool leaves)
{
	struct counters *counters = &run->checks.counters[post->index];
	uint8_t plain[FRAME_PLAIN_BYTES_MAX];
	struct reader r;
	uint64_t ctr;
	size_t i = 0;

	(void)leaves;
	while (i < CHECK_KEYS_MAX &&
	    frame_unseal(plain, frame, len, counters->key[i]) != OK)
		i++;
	if (i == CHECK_KEYS_MAX)
		return;
	buf_read(&r, plain, frame_plain_bytes(len));
	ctr = buf_get_u64(&r);
	if (ctr >> COUNTER_BITS != path)
		run_fail(run, CHECK_COUNTERS,
		    "post %u numbers a frame of path %u as of %" PRIu64,
		    post->index, path, ctr >> COUNTER_BITS);
	ctr &= ((uint64_t)1 << COUNTER_BITS) - 1;
	if (ctr < counters->next[i][path])
		run_fail(run, CHECK_COUNTERS,
		    "post %u numbers a frame of path %u with %" PRIu64
		    ", which is used",
		    post->index, path, ctr);
	counters->next[i][path] = ctr + 1;
}

static void
counters_on_order(struct run *run, const struct post *post,
    const struct line_order *order)
{
	struct counters *counters = &run->checks.counters[post->index];

	if (order->kind != LINE_ORDER_KEYS &&
	    order->kind != LINE_ORDER_MESSAGE_2)
		return;
	push_key(counters->key, order->keys.send);
	memmove(counters->next[1], counters->next[0],
	    (CHECK_KEYS_MAX - 1) * sizeof(counters->next[0]));
	memset(counters->next[0], 0, sizeof(counters->next[0]));
}

/* --- durable --- */

static bool
have_reaches(const struct have *have, const struct have *least)
{
	for (int class = 0; class < CLASS_COUNT; class++) {
		if (position_compare(have->at[class], least->at[class]) < 0)
			return false;
	}
	return true;
}

/* The first promises of a post, and rarer and rarer ones, and all that are given
 * with something unsynced, up to a number: a power cut now would not take them
 * back. */
static void
ask_ghost(struct run *run, const struct post *post,
    const struct line_order *order)
{
	uint64_t count = ++run->checks.promises[post->index];
	bool dirty = count < GHOSTS_DIRTY_MAX && !drive_is_synced(post->drive);
	struct have have;

	if (order->kind != LINE_ORDER_HAVE ||
	    ((count & (count - 1)) != 0 && !dirty))
		return;
	if (!ghost_read_have(post, &have))
		run_fail(run, CHECK_DURABLE,
		    "the store of post %u would not open after a power cut",
		    post->index);
	else if (!have_reaches(&have, &order->have))
		run_fail(run, CHECK_DURABLE,
		    "post %u promises what a power cut would take",
		    post->index);
}

static void
durable_on_order(struct run *run, const struct post *post,
    const struct line_order *order)
{
	struct have *promised = &run->checks.promised[post->index];

	if (order->kind != LINE_ORDER_HAVE && order->kind != LINE_ORDER_ATTACH)
		return;
	/* Also within the life of one keeper it may never go back. */
	if (!have_reaches(&order->have, promised)) {
		run_fail(run, CHECK_DURABLE,
		    "post %u no longer holds what it said it holds",
		    post->index);
		return;
	}
	*promised = order->have;
	ask_ghost(run, post, order);
}

static size_t
count_seen(const struct review *review, long number, bool from_us)
{
	size_t count = 0;

	for (size_t i = 0; i < review->count; i++)
		count += review->seen[i].said == number &&
		    review->seen[i].from_us == from_us;
	return count;
}

/* Accepted, its people were told: so it must be here. */
static void
accepted_is_here(struct run *run, const struct post *post,
    const struct review *here)
{
	for (size_t i = 0; i < run->ledger.count; i++) {
		const struct said *said = &run->ledger.said[i];

		if (said->post == post->index && !said->drill &&
		    said->state == SAID_ACCEPTED &&
		    count_seen(here, (long)i, true) != 1)
			run_fail(run, CHECK_DURABLE,
			    "post %u accepted message %zu and has it not",
			    post->index, i);
	}
}

/* Delivered, says the receipt that the other post has: so it must be here. */
static void
durable_on_opened(struct run *run, struct post *post)
{
	struct post *peer = &run->post[1 - post->index];
	struct review here, there;

	if (peer->keeper == NULL || run->ledger.count == 0 ||
	    (drive_losses(post->drive) == run->checks.losses[post->index] &&
		post->keeper_starts % OPENINGS_EVERY != 0))
		return;
	run->checks.losses[post->index] = drive_losses(post->drive);
	review_read(&here, &run->ledger, post, REVIEW_WORDS);
	review_read(&there, &run->ledger, peer, REVIEW_PLACES);
	accepted_is_here(run, post, &here);
	for (size_t i = 0; i < there.count; i++) {
		const struct seen *sent = &there.seen[i];
		size_t k = 0;

		if (!sent->from_us || sent->delivered_ms == 0)
			continue;
		while (k < here.count &&
		    (here.seen[k].from_us ||
			memcmp(here.seen[k].id, sent->id, RECORD_ID_BYTES) !=
			    0))
			k++;
		if (k == here.count || !here.seen[k].whole ||
		    !here.seen[k].unchanged)
			run_fail(run, CHECK_DURABLE,
			    "post %u gave a receipt "
			    "for message %" PRIu64 " and has it not",
			    post->index, sent->serial);
	}
	review_free(&here);
	review_free(&there);
}

/* What a failed sync was for is lost, whatever the next one says. */
static void
durable_on_ended(struct run *run, const struct post *post)
{
	if (drive_has_retried_sync(post->drive))
		run_fail(run, CHECK_DURABLE,
		    "post %u tried a sync again that had failed", post->index);
}

static void
durable_at_end(struct run *run)
{
	for (unsigned post = 0; post < PLAN_POSTS; post++)
		durable_on_opened(run, &run->post[post]);
}

/* --- once --- */

/* Gone with the rest of what a restored post did; its peer may never have heard
 * of it. */
static bool
may_be_rolled_back(const struct run *run, unsigned post)
{
	return (run->checks.excuses & EXCUSE_RESTORED) != 0 &&
	    run->checks.restored == post;
}

/* A post whose disk is full passes over drills (doc/protocol.md, section 7), until
 * it has looked at its disk again.  What it says it received, it answers. */
static bool
may_be_passed_over(const struct run *run, const struct said *said,
    const struct review *peers)
{
	const struct post *peer = &run->post[1 - said->post];
	char ref[REQUEST_REF_BYTES];

	review_ref_of_id(ref, said->id);
	return said->asked_ns < peer->full_until_ns +
		DISK_LOOKS * (uint64_t)DISK_LOOK_MS * CLOCK_NS_PER_MS &&
	    peer->full_until_ns > 0 &&
	    review_count_told(peers, "drill", "received", ref) == 0;
}

/* A drill is not shown among messages: its answer is told. */
static void
drill_once(struct run *run, size_t number)
{
	const struct said *said = &run->ledger.said[number];
	char ref[REQUEST_REF_BYTES];
	size_t answers;

	if (said->state != SAID_ACCEPTED || may_be_rolled_back(run, said->post))
		return;
	review_ref_of_id(ref, said->id);
	answers = review_count_told(review_of(run, said->post), "drill",
	    "answered", ref);
	if (answers == 0 &&
	    may_be_passed_over(run, said, review_of(run, 1 - said->post)))
		return;
	if (answers != 1)
		run_fail(run, CHECK_ONCE, "drill %zu was answered %zu times",
		    number, answers);
}

/* People are told once of each message that arrived. */
static void
told_once(struct run *run, unsigned post)
{
	const struct review *review = review_of(run, post);

	for (size_t i = 0; i < review->count; i++) {
		char ref[REQUEST_REF_BYTES];
		size_t told;

		if (review->seen[i].from_us)
			continue;
		(void)snprintf(ref, sizeof(ref), "them/%" PRIu64,
		    review->seen[i].serial);
		told = review_count_told(review, "message", "arrived", ref);
		if (told != 1)
			run_fail(run, CHECK_ONCE,
			    "post %u told its people "
			    "%zu times of %s",
			    post, told, ref);
	}
}

static void
message_once(struct run *run, size_t number)
{
	const struct said *said = &run->ledger.said[number];
	size_t ours =
	    count_seen(review_of(run, said->post), (long)number, true);
	size_t theirs =
	    count_seen(review_of(run, 1 - said->post), (long)number, false);

	if (said->state == SAID_ACCEPTED && ours != 1 &&
	    (ours > 1 || !may_be_rolled_back(run, said->post)))
		run_fail(run, CHECK_ONCE,
		    "message %zu was accepted, and its post has it %zu times",
		    number, ours);
	else if (said->state == SAID_NEVER && ours != 0)
		run_fail(run, CHECK_ONCE,
		    "message %zu was refused, and its post has it", number);
	else if (said->state == SAID_UNSURE && ours > 1)
		run_fail(run, CHECK_ONCE,
		    "message %zu was said once, and its post has it %zu times",
		    number, ours);
	else if (ours != theirs)
		run_fail(run, CHECK_ONCE,
		    "message %zu arrived %zu times for %zu", number, theirs,
		    ours);
}

static void
once_at_end(struct run *run)
{
	for (size_t i = 0; i < run->ledger.count; i++) {
		if (run->ledger.said[i].drill)
			drill_once(run, i);
		else
			message_once(run, i);
	}
	for (unsigned post = 0; post < PLAN_POSTS; post++)
		told_once(run, post);
}

/* --- gaps, and what nobody said --- */

static void
gaps_of(struct run *run, unsigned post, bool from_us)
{
	const struct review *review = review_of(run, post);
	uint64_t serial = 0, n = 0;

	for (;;) {
		const struct seen *next = NULL;

		for (size_t i = 0; i < review->count; i++) {
			const struct seen *seen = &review->seen[i];

			if (seen->from_us == from_us && seen->serial > serial &&
			    (next == NULL || seen->serial < next->serial))
				next = seen;
		}
		if (next == NULL)
			return;
		if (next->serial != serial + 1 || next->n <= n ||
		    next->said == LEDGER_NONE) {
			run_fail(run, CHECK_GAPS,
			    "post %u has %s/%" PRIu64 " next after %" PRIu64
			    ", said %ld",
			    post, from_us ? "us" : "them", next->serial, serial,
			    next->said);
			return;
		}
		serial = next->serial;
		n = next->n;
	}
}

static void
gaps_at_end(struct run *run)
{
	for (unsigned post = 0; post < PLAN_POSTS; post++) {
		gaps_of(run, post, true);
		gaps_of(run, post, false);
	}
}

/* --- order --- */

static void
order_at_end(struct run *run)
{
	for (unsigned post = 0; post < PLAN_POSTS; post++) {
		const struct review *review = review_of(run, post);

		for (size_t i = 0; i < review->count; i++)
			for (size_t k = 0; k < review->count; k++) {
				const struct seen *a = &review->seen[i];
				const struct seen *b = &review->seen[k];

				if (a->from_us || b->from_us ||
				    a->precedence != b->precedence ||
				    a->serial >= b->serial ||
				    b->told_seq == 0 ||
				    a->told_seq <= b->told_seq)
					continue;
				run_fail(run, CHECK_ORDER,
				    "post %u stored "
				    "them/%" PRIu64 " before them/%" PRIu64,
				    post, b->serial, a->serial);
				return;
			}
	}
}

/* --- contents --- */

static void
contents_at_end(struct run *run)
{
	for (unsigned post = 0; post < PLAN_POSTS; post++) {
		const struct review *review = review_of(run, post);

		if (review->failed)
			run_fail(run, CHECK_CONTENTS, "post %u cannot be read",
			    post);
		for (size_t i = 0; i < review->count; i++) {
			const struct seen *seen = &review->seen[i];

			if (!seen->unchanged)
				run_fail(run, CHECK_CONTENTS,
				    "post %u shows "
				    "%s/%" PRIu64 " otherwise than it was said",
				    post, seen->from_us ? "us" : "them",
				    seen->serial);
			else if (!seen->whole)
				run_fail(run, CHECK_CONTENTS,
				    "post %u has "
				    "%s/%" PRIu64 " in part",
				    post, seen->from_us ? "us" : "them",
				    seen->serial);
		}
	}
}

/* --- receipts --- */

static const struct seen *
find_seen(const struct review *review, const struct seen *other)
{
	for (size_t i = 0; i < review->count; i++) {
		const struct seen *seen = &review->seen[i];

		if (seen->from_us != other->from_us &&
		    memcmp(seen->id, other->id, RECORD_ID_BYTES) == 0)
			return seen;
	}
	return NULL;
}

/* What is not as it should be once nothing is under way; NULL: all is well. */
static const char *
find_unreceipted(const struct review *ours, const struct review *theirs)
{
	for (size_t i = 0; i < ours->count; i++) {
		const struct seen *sent = &ours->seen[i];
		const struct seen *got;

		if (!sent->from_us)
			continue;
		got = find_seen(theirs, sent);
		if (sent->serial == 0)
			return "has a message without a number";
		if (got == NULL || !got->whole)
			return "sent a message that has not arrived";
		if (sent->delivered_ms == 0)
			return "has no receipt of a message that arrived";
		if ((sent->acknowledged_ms != 0) != (got->acknowledged_ms != 0))
			return "does not know of an acknowledgement";
	}
	return NULL;
}

static bool
is_acknowledged(const struct review *review, long number)
{
	for (size_t i = 0; i < review->count; i++) {
		if (review->seen[i].said == number &&
		    review->seen[i].acknowledged_ms != 0)
			return true;
	}
	return false;
}

static void
receipts_at_end(struct run *run)
{
	for (unsigned post = 0; post < PLAN_POSTS; post++) {
		const char *why = find_unreceipted(review_of(run, post),
		    review_of(run, 1 - post));

		if (why != NULL)
			run_fail(run, CHECK_RECEIPTS, "post %u %s", post, why);
	}
	for (size_t i = 0; i < run->ledger.count; i++) {
		const struct said *said = &run->ledger.said[i];

		if (said->acked && !may_be_rolled_back(run, 1 - said->post) &&
		    !is_acknowledged(review_of(run, 1 - said->post), (long)i))
			run_fail(run, CHECK_RECEIPTS,
			    "message %zu was "
			    "acknowledged, and is no longer",
			    i);
	}
}

/* --- boots --- */

static void
boots_on_order(struct run *run, const struct post *post,
    const struct line_order *order)
{
	if ((order->kind == LINE_ORDER_KEYS ||
		order->kind == LINE_ORDER_CONFIRMED) &&
	    order->attempt.kind == HANDSHAKE_BOOT)
		run->checks.boots[post->index]++;
}

/* A session ends by a restart, or by so long a silence; a boot that is itself
 * cut off by either is begun again. */
static void
boots_at_end(struct run *run)
{
	uint64_t silence_ns = SESSION_SILENT_S * (uint64_t)CLOCK_NS_PER_S;
	uint64_t slot_ns = cadence_slot_ns(run->plan.cadence);
	uint64_t causes;

	if (silence_ns < SESSION_SILENT_SLOTS * slot_ns)
		silence_ns = SESSION_SILENT_SLOTS * slot_ns;
	causes = 1 + run->result->incidents[INCIDENT_POST_LOST] +
	    run->result->incidents[INCIDENT_POWER_LOST] + run->result->changes +
	    (run->world.now_ns - run->plan.start_ns) / silence_ns;
	for (unsigned i = 0; i < PLAN_POSTS; i++) {
		if (run->checks.boots[i] > 2 * causes)
			run_fail(run, CHECK_BOOTS,
			    "post %u booted %" PRIu64 " times for %" PRIu64
			    " causes",
			    i, run->checks.boots[i], causes);
	}
}

/* --- peace --- */

static void
peace_on_event(struct run *run, const struct post *post,
    const struct line_event *event)
{
	/* Whatever the network does, it is never the peer's fault. */
	if (event->kind == LINE_EVENT_FAULT)
		run_fail(run, CHECK_PEACE, "post %u accuses its peer (%s)",
		    post->index, fault_name(event->fault));
}

/* --- fresh --- */

/* Under any of the session keys that the post receives by. */
static bool
is_of_session(const struct checks *checks, unsigned post, const uint8_t *bytes,
    size_t len)
{
	uint8_t plain[FRAME_PLAIN_BYTES_MAX];

	for (size_t i = 0; i < CHECK_KEYS_MAX; i++) {
		if (frame_unseal(plain, bytes, len,
			checks->recv_key[post][i]) == OK)
			return true;
	}
	return false;
}

/* Boot frames go round until answered; a session's frame is good once. */
static void
fresh_on_taken(struct run *run, const struct post *post, const uint8_t *bytes,
    size_t len)
{
	struct checks *checks = &run->checks;
	struct nonces *taken = &checks->taken[post->index];
	uint64_t nonce;

	memcpy(&nonce, bytes, sizeof(nonce));
	if (taken->count * 2 >= taken->cap)
		nonces_grow(taken);
	if (nonce != 0 && !nonces_add(taken, nonce) &&
	    is_of_session(checks, post->index, bytes, len))
		run_fail(run, CHECK_FRESH, "post %u took a frame twice",
		    post->index);
}

static void
fresh_on_order(struct run *run, const struct post *post,
    const struct line_order *order)
{
	if (order->kind == LINE_ORDER_KEYS ||
	    order->kind == LINE_ORDER_MESSAGE_2)
		push_key(run->checks.recv_key[post->index], order->keys.recv);
}

/* --- epochs --- */

/* A goes on to a new key only when B has sent under the one before (R7), and B
 * only to A's newest: each always receives what the other sends. */
static void
epochs_on_order(struct run *run, const struct post *post,
    const struct line_order *order)
{
	struct checks *checks = &run->checks;
	size_t i = 0;

	if (order->kind == LINE_ORDER_KEYS) {
		if (order->attempt.kind == HANDSHAKE_REKEY &&
		    checks->confirmed != checks->epoch)
			run_fail(run, CHECK_EPOCHS,
			    "post %u makes epoch %" PRIu64
			    " while its peer is at %" PRIu64,
			    post->index, checks->epoch + 1, checks->confirmed);
		push_key(checks->epoch_key, order->keys.send);
		checks->epoch++;
	} else if (order->kind == LINE_ORDER_MESSAGE_2) {
		memcpy(checks->pending_key, order->keys.recv,
		    SESSION_KEY_BYTES);
	} else if (order->kind == LINE_ORDER_CONFIRMED) {
		while (i < CHECK_KEYS_MAX &&
		    memcmp(checks->epoch_key[i], checks->pending_key,
			SESSION_KEY_BYTES) != 0)
			i++;
		if (i > 1)
			run_fail(run, CHECK_EPOCHS,
			    "post %u confirms a key that its peer %s",
			    post->index,
			    i == CHECK_KEYS_MAX ? "never had" : "has left");
		checks->confirmed = checks->epoch - i;
	}
}

/* --- whole --- */

static void
whole_on_event(struct run *run, const struct post *post,
    const struct line_event *event)
{
	run->checks.faults[post->index] += event->kind == LINE_EVENT_FAULT;
}

/* Told of every fault that it heard of and lived to tell. */
static bool
has_told_fault(struct run *run, unsigned post)
{
	const struct review *review = review_of(run, post);
	uint64_t died = 0; /* at most so often, before it could tell */

	for (size_t i = 0; i < review->told_count; i++) {
		if (strcmp(review->told[i].what, "fault") == 0)
			return true;
	}
	for (size_t i = 0; i < run->plan.incidents; i++)
		died += run->plan.incident[i].post == post;
	return run->checks.faults[post] <= died;
}

/* Whatever a peer says: its own post keeps what its people said, as they said
 * it, and they hear of the fault. */
static void
whole_at_end(struct run *run)
{
	unsigned post = 1 - run->checks.liar;

	if ((run->checks.excuses & EXCUSE_LIAR) == 0)
		return;
	for (size_t i = 0; i < run->ledger.count; i++) {
		const struct said *said = &run->ledger.said[i];

		if (said->post == post && !said->drill &&
		    said->state == SAID_ACCEPTED &&
		    count_seen(review_of(run, post), (long)i, true) != 1)
			run_fail(run, CHECK_WHOLE,
			    "message %zu is no longer at its own post", i);
	}
	for (size_t i = 0; i < review_of(run, post)->count; i++) {
		const struct seen *seen = &review_of(run, post)->seen[i];

		if (seen->from_us && !seen->unchanged)
			run_fail(run, CHECK_WHOLE,
			    "post %u shows us/%" PRIu64
			    " otherwise than it was said",
			    post, seen->serial);
	}
	if (!has_told_fault(run, post))
		run_fail(run, CHECK_WHOLE,
		    "post %u has not told its people of a fault", post);
}

/* --- numbers --- */

static struct number *
number_at(struct numbers *numbers, uint64_t n)
{
	size_t cap = numbers->cap == 0 ? NUMBERS_CAP_FIRST : numbers->cap;

	while (cap <= n)
		cap *= 2;
	if (cap > numbers->cap) {
		numbers->at = realloc(numbers->at, cap * sizeof(*numbers->at));
		if (numbers->at == NULL)
			fatal("check: no memory");
		memset(numbers->at + numbers->cap, 0,
		    (cap - numbers->cap) * sizeof(*numbers->at));
		numbers->cap = cap;
	}
	return &numbers->at[n];
}

/* Whatever befell a store: what its peer has seen under a number stays what the
 * number stands for. */
static void
numbers_on_event(struct run *run, const struct post *post,
    const struct line_event *event)
{
	const struct piece *piece = &event->piece;
	struct number *number;

	if (event->kind != LINE_EVENT_DATA || piece->offset >= CHECK_HEAD_BYTES)
		return;
	number = number_at(&run->checks.numbers[post->index], piece->n);
	for (size_t i = 0;
	     i < piece->len && piece->offset + i < CHECK_HEAD_BYTES; i++) {
		size_t k = (size_t)piece->offset + i;

		if (number->has[k] && number->bytes[k] != piece->data[i]) {
			run_fail(run, CHECK_NUMBERS,
			    "post %u gives number %" PRIu64 " twice",
			    1 - post->index, piece->n);
			return;
		}
		number->bytes[k] = piece->data[i];
		number->has[k] = true;
	}
}

/* --- terms --- */

static bool
has_same_terms(const struct post *a, const struct post *b)
{
	return a->terms == b->terms &&
	    a->cadence.frame_bytes == b->cadence.frame_bytes &&
	    a->cadence.slot_us == b->cadence.slot_us;
}

static void
terms_at_end(struct run *run)
{
	if (!run->options->silent &&
	    !has_same_terms(&run->post[0], &run->post[1]))
		run_fail(run, CHECK_TERMS,
		    "post 0 is under terms %u, and post 1 under %u",
		    run->post[0].terms, run->post[1].terms);
}

/* --- points --- */

/* What was accepted is still there, and nothing else is shown as its own. */
static void
points_on_opened(struct run *run, struct post *post)
{
	struct agenda_seen seen;
	const char *why;

	if (run->agenda.count == 0 || post->keeper_starts % OPENINGS_EVERY != 0)
		return;
	agenda_read(&seen, &run->agenda, post);
	why = seen.failed ? "points cannot be read"
			  : agenda_find_forgery(&run->agenda, post->index,
				&seen, may_be_rolled_back(run, post->index));
	agenda_seen_free(&seen);
	if (why != NULL)
		run_fail(run, CHECK_POINTS, "post %u: %s", post->index, why);
}

/* What the two posts show that differs; NULL: nothing. */
static const char *
find_apart(struct run *run)
{
	struct agenda_seen seen[PLAN_POSTS];
	const char *why;

	if (run->agenda.count == 0)
		return NULL;
	for (unsigned i = 0; i < PLAN_POSTS; i++)
		agenda_read(&seen[i], &run->agenda, &run->post[i]);
	why = agenda_find_difference(&seen[0], &seen[1]);
	for (unsigned i = 0; i < PLAN_POSTS; i++)
		agenda_seen_free(&seen[i]);
	return why;
}

static void
points_at_end(struct run *run)
{
	const char *why = find_apart(run);

	if (why != NULL)
		run_fail(run, CHECK_POINTS, "%s", why);
	for (unsigned post = 0; post < PLAN_POSTS; post++) {
		struct agenda_seen seen;

		agenda_read(&seen, &run->agenda, &run->post[post]);
		why = agenda_find_forgery(&run->agenda, post, &seen,
		    may_be_rolled_back(run, post));
		agenda_seen_free(&seen);
		if (why != NULL)
			run_fail(run, CHECK_POINTS, "post %u: %s", post, why);
	}
}

/* --- accord --- */

static void
accord_at_end(struct run *run)
{
	const char *why =
	    run->options->silent ? NULL : accord_find_difference(run->post);

	if (why != NULL)
		run_fail(run, CHECK_ACCORD, "%s", why);
}

/* --- memory --- */

static void
memory_on_opened(struct run *run, struct post *post)
{
	/* The plan's is the first of its cadences. */
	if (line_bytes(post->plan->cadence) > LINE_BYTES_MAX)
		run_fail(run, CHECK_MEMORY, "a line of post %u takes %zu bytes",
		    post->index, line_bytes(post->plan->cadence));
}

/* The rows of schedule, settles, alive and repeats compare whole runs, or are
 * the runner's own: they look nowhere here. */
static const struct {
	const char *name;
	const char *claim;
	void (*on_frame)(struct run *run, const struct post *post,
	    unsigned path, const uint8_t *frame, size_t len, bool leaves);
	void (*on_order)(struct run *run, const struct post *post,
	    const struct line_order *order);
	void (*on_event)(struct run *run, const struct post *post,
	    const struct line_event *event);
	void (*on_taken)(struct run *run, const struct post *post,
	    const uint8_t *bytes, size_t len);
	void (*on_opened)(struct run *run, struct post *post);
	void (*on_ended)(struct run *run, const struct post *post);
	void (*at_end)(struct run *run);
	unsigned excuses;
} check_table[CHECK_COUNT] = {
	[CHECK_SCHEDULE] = { .name = "schedule",
	    .claim = "the wire is the silent run's, to the nanosecond" },
	[CHECK_NONCES] = { "nonces", "no nonce is used twice",
	    .on_frame = nonces_on_frame },
	[CHECK_STEADY] = { "steady", "every slot has its frame",
	    .on_frame = steady_on_frame },
	[CHECK_ONCE] = { "once", "what was accepted arrives exactly once",
	    .at_end = once_at_end, .excuses = EXCUSE_FORGER | EXCUSE_NOTICED },
	[CHECK_ORDER] = { "order", "order is kept within each precedence",
	    .at_end = order_at_end, .excuses = EXCUSE_FORGER },
	[CHECK_GAPS] = { "gaps", "serials have no gap, and nobody else's words",
	    .at_end = gaps_at_end, .excuses = EXCUSE_FORGER | EXCUSE_NOTICED },
	[CHECK_CONTENTS] = { "contents",
	    "texts and files are what was said, whole",
	    .at_end = contents_at_end,
	    .excuses = EXCUSE_FORGER | EXCUSE_NOTICED },
	[CHECK_DURABLE] = { "durable",
	    "what a post says it holds survives its being killed",
	    .on_order = durable_on_order, .on_opened = durable_on_opened,
	    .on_ended = durable_on_ended, .at_end = durable_at_end,
	    .excuses = EXCUSE_FORGER | EXCUSE_RESTORED },
	[CHECK_RECEIPTS] = { "receipts", "each receipt reaches its sender",
	    .at_end = receipts_at_end,
	    .excuses = EXCUSE_FORGER | EXCUSE_NOTICED },
	[CHECK_SETTLES] = { .name = "settles",
	    .claim = "all is delivered within the bound once troubles end",
	    .excuses = EXCUSE_FORGER | EXCUSE_NOTICED },
	[CHECK_BOOTS] = { "boots",
	    "a boot follows only a restart or a long silence",
	    .on_order = boots_on_order, .at_end = boots_at_end,
	    .excuses = EXCUSE_LIAR | EXCUSE_CLONE | EXCUSE_RESTORED },
	[CHECK_PEACE] = { "peace",
	    "no post accuses its peer, nor refuses its people",
	    .on_event = peace_on_event,
	    .excuses = EXCUSE_LIAR | EXCUSE_CLONE | EXCUSE_RESTORED },
	[CHECK_MEMORY] = { "memory", "a line stays within its memory",
	    .on_opened = memory_on_opened },
	[CHECK_ALIVE] = { .name = "alive",
	    .claim = "no run is ended by a signal or assertion" },
	[CHECK_REPEATS] = { .name = "repeats",
	    .claim = "a seed gives the same run again" },
	[CHECK_FRESH] = { "fresh", "no frame of a session is taken twice",
	    .on_taken = fresh_on_taken, .on_order = fresh_on_order },
	[CHECK_EPOCHS] = { "epochs", "the posts are never two keys apart",
	    .on_order = epochs_on_order,
	    .excuses = EXCUSE_LIAR | EXCUSE_RESTORED },
	[CHECK_WHOLE] = { "whole",
	    "a post keeps its own, and tells of the fault, whoever its peer is",
	    .on_event = whole_on_event, .at_end = whole_at_end },
	[CHECK_NUMBERS] = { "numbers", "no number stands for two records",
	    .on_event = numbers_on_event, .excuses = EXCUSE_LIAR },
	[CHECK_COUNTERS] = { "counters",
	    "no counter of a path is used twice under one key",
	    .on_frame = counters_on_frame, .on_order = counters_on_order,
	    .excuses = EXCUSE_LIAR },
	[CHECK_TERMS] = { "terms", "both posts come to agree on the cadence",
	    .at_end = terms_at_end },
	[CHECK_POINTS] = { "points",
	    "both posts show the same of points, each its own as it was said",
	    .on_opened = points_on_opened, .at_end = points_at_end,
	    .excuses = EXCUSE_FORGER | EXCUSE_NOTICED },
	[CHECK_ACCORD] = { "accord",
	    "both posts come to the same of pacts and translations",
	    .at_end = accord_at_end,
	    .excuses = EXCUSE_FORGER | EXCUSE_NOTICED },
};

const char *
check_name(enum check check)
{
	assert(check < CHECK_COUNT);
	return check_table[check].name;
}

const char *
check_claim(enum check check)
{
	assert(check < CHECK_COUNT);
	return check_table[check].claim;
}

void
check_init(struct run *run)
{
	run->checks = (struct checks){ 0 };
	nonces_grow(&run->checks.nonces);
	for (unsigned post = 0; post < PLAN_POSTS; post++)
		nonces_grow(&run->checks.taken[post]);
	for (size_t i = 0; i < run->plan.incidents && !run->options->silent;
	     i++) {
		const struct incident *incident = &run->plan.incident[i];

		if (incident->kind == INCIDENT_CLONED)
			run->checks.excuses |= EXCUSE_CLONE;
		if (incident->kind != INCIDENT_LIES)
			continue;
		run->checks.liar = incident->post;
		run->checks.excuses |=
		    EXCUSE_LIAR | (incident->lasting ? EXCUSE_FORGER : 0u);
	}
}

bool
check_is_excused(const struct run *run, enum check check)
{
	assert(check < CHECK_COUNT);
	return (check_table[check].excuses & run->checks.excuses) != 0;
}

void
check_free(struct run *run)
{
	free(run->checks.nonces.slot);
	for (unsigned post = 0; post < PLAN_POSTS; post++) {
		review_free(review_of(run, post));
		free(run->checks.numbers[post].at);
		free(run->checks.taken[post].slot);
	}
}

void
check_on_frame(struct run *run, const struct post *post, unsigned path,
    const uint8_t *frame, size_t len, bool leaves)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		if (check_table[i].on_frame != NULL &&
		    !check_is_excused(run, (enum check)i))
			check_table[i].on_frame(run, post, path, frame, len,
			    leaves);
	}
}

void
check_on_order(struct run *run, const struct post *post,
    const struct line_order *order)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		if (check_table[i].on_order != NULL &&
		    !check_is_excused(run, (enum check)i))
			check_table[i].on_order(run, post, order);
	}
}

void
check_on_event(struct run *run, const struct post *post,
    const struct line_event *event)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		if (check_table[i].on_event != NULL &&
		    !check_is_excused(run, (enum check)i))
			check_table[i].on_event(run, post, event);
	}
}

void
check_on_taken(struct run *run, const struct post *post, const uint8_t *bytes,
    size_t len)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		if (check_table[i].on_taken != NULL &&
		    !check_is_excused(run, (enum check)i))
			check_table[i].on_taken(run, post, bytes, len);
	}
}

void
check_on_cloned(struct run *run, const struct post *post, const uint8_t *frame,
    size_t len)
{
	nonces_on_frame(run, post, 0, frame, len, true);
}

void
check_on_opened(struct run *run, struct post *post)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		if (check_table[i].on_opened != NULL &&
		    !check_is_excused(run, (enum check)i))
			check_table[i].on_opened(run, post);
	}
}

void
check_on_ended(struct run *run, const struct post *post)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		if (check_table[i].on_ended != NULL &&
		    !check_is_excused(run, (enum check)i))
			check_table[i].on_ended(run, post);
	}
}

void
check_on_restored(struct run *run, const struct post *post)
{
	struct checks *checks = &run->checks;

	checks->excuses |= EXCUSE_RESTORED;
	checks->restored = post->index;
	checks->promised[post->index] = (struct have){ .credit = 0 };
}

void
check_on_news(struct run *run, const struct event_view *news)
{
	static const char fault[] = "fault";

	if ((run->checks.excuses & EXCUSE_RESTORED) != 0 &&
	    news->kind.len == sizeof(fault) - 1 &&
	    memcmp(news->kind.data, fault, sizeof(fault) - 1) == 0)
		run->checks.excuses |= EXCUSE_NOTICED;
}

void
check_at_end(struct run *run)
{
	for (int i = 0; i < CHECK_COUNT; i++) {
		if (check_table[i].at_end != NULL &&
		    !check_is_excused(run, (enum check)i))
			check_table[i].at_end(run);
	}
}

static const char *
find_not_up(struct run *run)
{
	for (unsigned i = 0; i < PLAN_POSTS; i++) {
		const struct post *post = &run->post[i];
		struct line_report report;

		if (post->keeper == NULL || post->line == NULL)
			return "a room is not there";
		line_read_report(post->line, &report, post_now_ns(post));
		if (report.state != LINE_UP)
			return "the line is not up";
	}
	if (!has_same_terms(&run->post[0], &run->post[1]))
		return "the cadence is not agreed";
	return NULL;
}

/* Drills that are not answered yet. */
static const char *
find_unanswered(const struct run *run, const struct review *review,
    const struct review *peers, unsigned post)
{
	for (size_t i = 0; i < run->ledger.count; i++) {
		const struct said *said = &run->ledger.said[i];
		char ref[REQUEST_REF_BYTES];

		if (!said->drill || said->post != post ||
		    may_be_rolled_back(run, post) ||
		    said->state != SAID_ACCEPTED)
			continue;
		review_ref_of_id(ref, said->id);
		if (review_count_told(review, "drill", "answered", ref) == 0 &&
		    !may_be_passed_over(run, said, peers))
			return "a drill is not answered";
	}
	return NULL;
}

const char *
check_find_unsettled(struct run *run)
{
	struct review review[PLAN_POSTS];
	const char *why = find_not_up(run);

	if (why != NULL)
		return why;
	for (unsigned i = 0; i < PLAN_POSTS; i++)
		review_read(&review[i], &run->ledger, &run->post[i],
		    REVIEW_PLACES);
	for (unsigned i = 0; i < PLAN_POSTS && why == NULL; i++)
		why = find_unreceipted(&review[i], &review[1 - i]);
	for (unsigned i = 0; i < PLAN_POSTS && why == NULL; i++)
		why = find_unanswered(run, &review[i], &review[1 - i], i);
	for (unsigned i = 0; i < PLAN_POSTS; i++)
		review_free(&review[i]);
	if (why == NULL)
		why = find_apart(run);
	return why != NULL || run->agenda.count == 0
	    ? why
	    : accord_find_difference(run->post);
}
