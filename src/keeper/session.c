#include "keeper/session.h"

#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/stretch.h"
#include "keeper/diary.h"
#include "keeper/phrase.h"
#include "proc/say_delegate.h"

_Static_assert(sizeof(((struct session_secret *)NULL)->salt) ==
	STRETCH_SALT_BYTES,
    "a salt");
_Static_assert(sizeof(((struct session_secret *)NULL)->hash) ==
	STRETCH_KEY_BYTES,
    "a hash");

/* -- sessions --------------------------------------------------------------- */

static void
hash_token(uint8_t hash[HASH_BYTES], const uint8_t token[SESSION_TOKEN_BYTES])
{
	const struct hash_part part = { token, SESSION_TOKEN_BYTES };

	hash_parts(hash, &part, 1);
}

int
session_find(struct keeper *keeper, const uint8_t token[SESSION_TOKEN_BYTES],
    struct who *who)
{
	struct query q = store_query(&keeper->store, STMT_SESSION_FIND);
	const int64_t now_ms = keeper->now.wall_ms;
	struct delegate delegate;
	int64_t began_ms = 0;
	int rc;

	memset(who, 0, sizeof(*who));
	hash_token(who->session, token);
	query_bind_blob(&q, who->session, HASH_BYTES);
	if (query_next(&q)) {
		who->id = (uint32_t)query_int(&q);
		began_ms = query_int(&q);
		who->until_ms = query_int(&q);
	}
	if ((rc = query_end(&q)) != OK)
		return rc;
	/* A clock that was set back gives no more time. */
	if (who->id == 0 || now_ms < began_ms || now_ms >= who->until_ms)
		return ERR_NOT_FOUND;
	if ((rc = delegate_get(keeper, who->id, &delegate)) != OK)
		return rc;
	if (delegate.revoked_ms != 0)
		return ERR_NOT_FOUND;
	who->by_session = true;
	who->roles = delegate.roles;
	memcpy(who->title, delegate.title, sizeof(who->title));
	memcpy(who->name, delegate.name, sizeof(who->name));
	return OK;
}

uint64_t
session_count_of(struct keeper *keeper, uint32_t delegate)
{
	struct query q = store_query(&keeper->store, STMT_SESSION_COUNT_OF);
	int64_t count = 0;

	query_bind_int(&q, delegate);
	query_bind_int(&q, keeper->now.wall_ms);
	return query_one(&q, &count) == OK ? (uint64_t)count : 0;
}

int
session_end_all(struct keeper *keeper, uint32_t delegate)
{
	struct query q = store_query(&keeper->store, STMT_SESSION_DROP_OF);

	query_bind_int(&q, delegate);
	return query_run(&q);
}

/* -- passphrases ------------------------------------------------------------ */

int
session_stretch(struct keeper *keeper, struct text passphrase,
    struct session_secret *secret)
{
	memset(secret, 0, sizeof(*secret));
	secret->cost = keeper->passphrase_cost;
	rng_fill(keeper->rng, secret->salt, sizeof(secret->salt));
	return stretch(secret->hash, passphrase.data, passphrase.len,
	    secret->salt, secret->cost.passes, secret->cost.memory_bytes);
}

/* One try of a title's passphrase. */
struct trial {
	struct keeper *keeper;
	const struct request *request;
	struct text title;
	struct text passphrase;
	const char *wrong; /* what is said where it is not */
	uint32_t id;	   /* 0: nobody of that title has a passphrase */
	struct session_secret secret;
	uint64_t failures;
	int64_t tries_ms; /* none is tried before */
	uint8_t token[SESSION_TOKEN_BYTES];
	int64_t until_ms;
};

/* What is kept of the title's passphrase; of a title that has none, something that
 * takes as long to try. */
static int
load_trial(struct trial *trial)
{
	struct query q =
	    store_query(&trial->keeper->store, STMT_DELEGATE_SECRET);
	struct phrase title = { NULL, 0 };
	int rc;

	/* What is no title is that of nobody. */
	if (delegate_title(&title, trial->title) == OK)
		query_bind_text(&q, title.data, title.len);
	else
		query_bind_text(&q, "", 0);
	trial->secret.cost = trial->keeper->passphrase_cost;
	if (query_next(&q)) {
		trial->id = (uint32_t)query_int(&q);
		query_bytes(&q, trial->secret.salt, sizeof(trial->secret.salt));
		query_bytes(&q, trial->secret.hash, sizeof(trial->secret.hash));
		trial->secret.cost.passes = (uint64_t)query_int(&q);
		trial->secret.cost.memory_bytes = (uint64_t)query_int(&q);
		trial->failures = (uint64_t)query_int(&q);
		trial->tries_ms = query_int(&q);
	}
	rc = query_end(&q);
	phrase_wipe(&title);
	return rc;
}

/* True: it is the passphrase. */
static int
try(const struct trial *trial, bool *right)
{
	const struct text passphrase = trial->passphrase;
	uint8_t hash[STRETCH_KEY_BYTES];
	const int rc =
	    stretch(hash, passphrase.data, passphrase.len, trial->secret.salt,
		trial->secret.cost.passes, trial->secret.cost.memory_bytes);

	*right = rc == OK &&
	    wipe_equal(hash, trial->secret.hash, sizeof(hash)) &&
	    trial->id != 0;
	wipe(hash, sizeof(hash));
	return rc;
}

static int
put_tries(struct trial *trial, uint64_t failures, int64_t tries_ms)
{
	struct query q =
	    store_query(&trial->keeper->store, STMT_DELEGATE_SET_TRIES);

	query_bind_int(&q, (int64_t)failures);
	query_bind_int(&q, tries_ms);
	query_bind_int(&q, trial->id);
	return query_run(&q);
}

/* How long the title waits after so many wrong ones. */
static int64_t
pause_ms(uint64_t failures)
{
	uint64_t pause_s = SIGN_IN_PAUSE_S;

	for (uint64_t i = SIGN_IN_FAILURES;
	     i < failures && pause_s < SIGN_IN_PAUSE_S_MAX; i++)
		pause_s *= 2;
	if (pause_s > SIGN_IN_PAUSE_S_MAX)
		pause_s = SIGN_IN_PAUSE_S_MAX;
	return failures < SIGN_IN_FAILURES ? 0 : (int64_t)pause_s * 1000;
}

/* Known or not, a wrong one is written as long. */
static int
do_wrong(void *ctx)
{
	struct trial *trial = ctx;
	struct keeper *keeper = trial->keeper;
	struct query q = store_query(&keeper->store, STMT_SIGN_IN_TRY);
	const uint64_t failures = trial->failures + 1;
	const int64_t pause = pause_ms(failures);
	const struct text title = trial->title;
	int rc;

	if ((rc = query_run(&q)) != OK ||
	    (rc = put_tries(trial, failures,
		 pause == 0 ? 0 : keeper->now.wall_ms + pause)) != OK)
		return rc;
	if (trial->id == 0 || failures != SIGN_IN_FAILURES)
		return OK;
	return diary_add(keeper,
	    (struct diary_entry){ .kind = "people",
		.what = "wrong-passphrase" },
	    "%.*s: %d wrong passphrases, one after the other; each further one "
	    "must wait longer. If it was not them, look who can reach this "
	    "post.",
	    (int)title.len, title.data, SIGN_IN_FAILURES);
}

static void
on_wrong(struct trial *trial)
{
	struct keeper *keeper = trial->keeper;
	int rc;

	keeper->sign_in_ns =
	    keeper->now.now_ns + (uint64_t)SIGN_IN_PAUSE_S * CLOCK_NS_PER_S;
	if ((rc = post_commit(keeper, NULL, do_wrong, trial)) != OK)
		post_reply_store(keeper, trial->request->id, rc);
	else
		post_reply_error(keeper, trial->request->id, ERR_DENIED,
		    "%s is wrong; nothing was changed.", trial->wrong);
}

/* Answered: no passphrase is tried now. */
static bool
refuse_early(struct trial *trial)
{
	struct keeper *keeper = trial->keeper;
	char time[CLOCK_TEXT_BYTES];

	if (keeper->now.now_ns < keeper->sign_in_ns) {
		post_reply_error(keeper, trial->request->id, ERR_AGAIN,
		    "After a wrong passphrase none is tried for a second; try "
		    "again in a moment.");
		return true;
	}
	if (keeper->now.wall_ms < trial->tries_ms) {
		clock_format(time, trial->tries_ms);
		post_reply_error(keeper, trial->request->id, ERR_AGAIN,
		    "There were too many wrong passphrases for this title; the "
		    "next is tried from %.10s %.8s UTC on.",
		    time, time + 11);
		return true;
	}
	return false;
}

/* True: it is the passphrase; else answered. */
static bool
is_right(struct trial *trial)
{
	struct keeper *keeper = trial->keeper;
	bool right = false;
	int rc = load_trial(trial);

	if (rc != OK)
		post_reply_store(keeper, trial->request->id, rc);
	else if (refuse_early(trial))
		;
	else if (try(trial, &right) != OK)
		post_reply_error(keeper, trial->request->id, ERR_LIMIT,
		    "This machine has not the memory to try a passphrase now.");
	else if (!right)
		on_wrong(trial);
	return right;
}

bool
session_knows_old(struct keeper *keeper, const struct request *request)
{
	struct trial trial = { .keeper = keeper,
		.request = request,
		.title = text_of(keeper->who.title),
		.passphrase = request->ask.delegate.old,
		.wrong = "The old passphrase" };
	bool right = false;

	if (trial.passphrase.len == 0)
		post_reply_error(keeper, request->id, ERR_DENIED,
		    "Who is signed in changes their own passphrase with the "
		    "old one, which is missing; nothing was changed. A head "
		    "can give them another without it.");
	else
		right = is_right(&trial);
	wipe(&trial, sizeof(trial));
	return right;
}

/* -- signing in ------------------------------------------------------------- */

static int
drop_old(struct keeper *keeper)
{
	struct query q = store_query(&keeper->store, STMT_SESSION_DROP_OLD);

	query_bind_int(&q, keeper->now.wall_ms);
	query_bind_int(&q, keeper->now.wall_ms);
	return query_run(&q);
}

/* Whoever signs in once too often ends their own first session, nobody else's. */
static int
drop_first(const struct trial *trial)
{
	struct query q =
	    store_query(&trial->keeper->store, STMT_SESSION_DROP_FIRST);

	query_bind_int(&q, trial->id);
	query_bind_int(&q, SESSIONS_EACH_MAX - 1);
	return query_run(&q);
}

static int
add_session(struct trial *trial)
{
	struct keeper *keeper = trial->keeper;
	struct query q = store_query(&keeper->store, STMT_SESSION_COUNT);
	uint8_t hash[HASH_BYTES];
	int64_t count;
	int rc;

	if ((rc = query_one(&q, &count)) != OK)
		return rc;
	if (count >= SESSIONS_MAX)
		return ERR_LIMIT;
	hash_token(hash, trial->token);
	q = store_query(&keeper->store, STMT_SESSION_ADD);
	query_bind_blob(&q, hash, sizeof(hash));
	query_bind_int(&q, trial->id);
	query_bind_int(&q, keeper->now.wall_ms);
	query_bind_int(&q, trial->until_ms);
	return query_run(&q);
}

static int
do_begin(void *ctx)
{
	struct trial *trial = ctx;
	const struct text title = trial->title;
	int rc;

	if ((rc = drop_old(trial->keeper)) != OK ||
	    (rc = drop_first(trial)) != OK || (rc = add_session(trial)) != OK ||
	    (rc = put_tries(trial, 0, 0)) != OK)
		return rc;
	return diary_add(trial->keeper,
	    (struct diary_entry){ .kind = "people", .what = "signed-in" },
	    "%.*s signed in.", (int)title.len, title.data);
}

static void
reply_session(struct keeper *keeper, uint32_t request, const struct who *who,
    const uint8_t *token)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request,
		.about = REQUEST_WHO };
	struct session_view *view = &reply.view.session;
	char hex[2 * SESSION_TOKEN_BYTES + 1] = "";

	if (token != NULL)
		hex_encode(hex, token, SESSION_TOKEN_BYTES);
	view->title = text_of(who->title);
	view->name = text_of(who->name);
	view->roles = who->roles;
	view->token = text_of(hex);
	view->until_ms = who->until_ms;
	post_reply(keeper, &reply);
	wipe(hex, sizeof(hex));
}

static void
on_right(struct trial *trial)
{
	struct keeper *keeper = trial->keeper;
	struct who who;
	int rc;

	rng_fill(keeper->rng, trial->token, sizeof(trial->token));
	trial->until_ms = keeper->now.wall_ms + (int64_t)SESSION_S * 1000;
	rc = post_commit(keeper, NULL, do_begin, trial);
	if (rc == OK)
		rc = session_find(keeper, trial->token, &who);
	if (rc == ERR_LIMIT)
		post_reply_error(keeper, trial->request->id, rc,
		    "%d people are signed in already; somebody must sign out.",
		    SESSIONS_MAX);
	else if (rc != OK)
		post_reply_store(keeper, trial->request->id, rc);
	else
		reply_session(keeper, trial->request->id, &who, trial->token);
}

void
session_on_sign_in(struct keeper *keeper, const struct request *request)
{
	struct trial trial = { .keeper = keeper,
		.request = request,
		.title = request->ask.delegate.title,
		.passphrase = request->ask.delegate.passphrase,
		.wrong = "The title or the passphrase" };

	if (is_right(&trial))
		on_right(&trial);
	wipe(&trial, sizeof(trial));
}

/* -- signing out ------------------------------------------------------------ */

static int
do_end(void *ctx)
{
	struct trial *trial = ctx;
	struct keeper *keeper = trial->keeper;
	struct query q;
	int rc;

	if (trial->request->ask.delegate.everywhere) {
		rc = session_end_all(keeper, keeper->who.id);
	} else {
		q = store_query(&keeper->store, STMT_SESSION_DROP);
		query_bind_blob(&q, keeper->who.session, HASH_BYTES);
		rc = query_run(&q);
	}
	if (rc != OK)
		return rc;
	return diary_add(keeper,
	    (struct diary_entry){ .kind = "people", .what = "signed-out" },
	    "%s signed out%s.", keeper_who(keeper),
	    trial->request->ask.delegate.everywhere ? " everywhere" : "");
}

void
session_on_sign_out(struct keeper *keeper, const struct request *request)
{
	struct trial trial = { .keeper = keeper, .request = request };
	int rc;

	if (!keeper->who.by_session && !request->ask.delegate.everywhere) {
		post_reply_error(keeper, request->id, ERR_STATE,
		    "Nobody is signed in here: you are the post's user, who "
		    "speaks as %s.",
		    keeper_who(keeper));
		return;
	}
	rc = post_commit(keeper, NULL, do_end, &trial);
	if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	else
		post_reply_done(keeper, request->id);
}

void
session_on_who(struct keeper *keeper, const struct request *request)
{
	reply_session(keeper, request->id, &keeper->who, NULL);
}
