#include "keeper/delegate.h"

#include <assert.h>
#include <string.h>

#include "base/wipe.h"
#include "keeper/diary.h"
#include "keeper/phrase.h"
#include "keeper/rights.h"
#include "keeper/session.h"
#include "proc/say_delegate.h"

const char *
keeper_who(const struct keeper *keeper)
{
	return keeper->who.title;
}

uint32_t
keeper_who_id(const struct keeper *keeper)
{
	return keeper->who.id;
}

int
delegate_title(struct phrase *phrase, struct text title)
{
	const int rc = phrase_label(phrase, title, DELEGATE_TITLE_BYTES_MAX);

	if (rc == OK && (phrase->len == 0 || !phrase_is_plain(phrase))) {
		phrase_wipe(phrase);
		return ERR_FORMAT;
	}
	return rc;
}

/* -- the store -------------------------------------------------------------- */

static void
read_text(struct query *q, char *text, size_t cap)
{
	size_t len;
	const char *data = query_text(q, &len);

	memset(text, 0, cap);
	if (len < cap && len > 0)
		memcpy(text, data, len);
}

/* The next row of a statement of delegates; false at its end. */
static bool
next(struct query *q, struct delegate *delegate)
{
	memset(delegate, 0, sizeof(*delegate));
	if (!query_next(q))
		return false;
	delegate->id = (uint32_t)query_int(q);
	read_text(q, delegate->title, sizeof(delegate->title));
	read_text(q, delegate->name, sizeof(delegate->name));
	delegate->roles = (uint32_t)query_int(q);
	delegate->is_owner = query_int(q) != 0;
	delegate->has_passphrase = query_int(q) != 0;
	delegate->revoked_ms = query_int(q);
	return true;
}

static int
one(struct query *q, struct delegate *delegate)
{
	const bool found = next(q, delegate);
	const int rc = query_end(q);

	return rc == OK && !found ? ERR_NOT_FOUND : rc;
}

int
delegate_get(struct keeper *keeper, uint32_t id, struct delegate *delegate)
{
	struct query q = store_query(&keeper->store, STMT_DELEGATE_GET);

	query_bind_int(&q, id);
	return one(&q, delegate);
}

int
delegate_find(struct keeper *keeper, struct text title,
    struct delegate *delegate)
{
	struct query q = store_query(&keeper->store, STMT_DELEGATE_FIND);
	struct phrase phrase;
	int rc;

	/* What is no title is that of nobody. */
	if (delegate_title(&phrase, title) != OK) {
		memset(delegate, 0, sizeof(*delegate));
		return ERR_NOT_FOUND;
	}
	query_bind_text(&q, phrase.data, phrase.len);
	rc = one(&q, delegate);
	phrase_wipe(&phrase);
	return rc;
}

bool
delegate_judge_title(struct keeper *keeper, const struct request *request,
    struct text title)
{
	struct delegate delegate;
	const int rc = delegate_find(keeper, title, &delegate);

	if (rc == OK && delegate.revoked_ms == 0)
		return true;
	if (rc != OK && rc != ERR_NOT_FOUND)
		post_reply_store(keeper, request->id, rc);
	else
		post_reply_error(keeper, request->id, ERR_NOT_FOUND,
		    "No delegate has the title %.*s, so nobody would be woken; "
		    "`quietline delegate list` shows those there are.",
		    (int)title.len, title.data != NULL ? title.data : "");
	return false;
}

int
delegate_get_owner(struct keeper *keeper, struct delegate *delegate)
{
	struct query q = store_query(&keeper->store, STMT_DELEGATE_OWNER);

	return one(&q, delegate);
}

uint32_t
delegate_roles_of(struct keeper *keeper, uint32_t id)
{
	struct delegate delegate;

	return delegate_get(keeper, id, &delegate) == OK &&
		delegate.revoked_ms == 0
	    ? delegate.roles
	    : 0;
}

int
delegate_name_first(struct store *store, const char *title)
{
	struct query q = store_query(store, STMT_DELEGATE_SET_FIRST);
	struct phrase phrase;
	int rc = delegate_title(&phrase, text_of(title));

	if (rc != OK)
		return rc;
	query_bind_text(&q, phrase.data, phrase.len);
	rc = query_run(&q);
	phrase_wipe(&phrase);
	return rc;
}

/* -- changing --------------------------------------------------------------- */

/* One change, all of it or nothing. */
struct change {
	struct keeper *keeper;
	const struct delegate_ask *ask;
	struct phrase title;	  /* as it is kept, of a new one */
	struct phrase name;	  /* the same, where one is given */
	struct delegate delegate; /* as it was, and then as it is */
	const struct session_secret *secret;
	/* What is done, and how it is told. */
	int (*fn)(struct change *change);
	const char *what;
	const char *say; /* after "TITLE of whom it is, by whom" */
};

/* Somebody must be left who can undo it all. */
static int
check_heads(struct keeper *keeper)
{
	struct query q = store_query(&keeper->store, STMT_DELEGATE_HEADS);
	int64_t heads;
	const int rc = query_one(&q, &heads);

	return rc == OK && heads == 0 ? ERR_STATE : rc;
}

static int
do_change(void *ctx)
{
	struct change *change = ctx;
	struct keeper *keeper = change->keeper;
	int rc;

	if ((rc = change->fn(change)) != OK || (rc = check_heads(keeper)) != OK)
		return rc;
	return diary_add(keeper,
	    (struct diary_entry){ .kind = "people", .what = change->what },
	    "%s: %s, by %s.", change->delegate.title, change->say,
	    keeper_who(keeper));
}

static void
reply_view(struct keeper *keeper, const struct request *request,
    const struct delegate *delegate, bool in_list)
{
	struct reply reply = { .kind = REPLY_VIEW,
		.id = request->id,
		.about = REQUEST_DELEGATE_SHOW,
		.more = in_list,
		.cursor = in_list ? delegate->id : 0 };
	struct delegate_view *view = &reply.view.delegate;

	view->title = text_of(delegate->title);
	view->name = text_of(delegate->name);
	view->roles = delegate->roles;
	view->is_owner = delegate->is_owner;
	view->has_passphrase = delegate->has_passphrase;
	view->revoked_ms = delegate->revoked_ms;
	view->sessions = session_count_of(keeper, delegate->id);
	post_reply(keeper, &reply);
}

static void
reply_failed(struct keeper *keeper, uint32_t request, int rc)
{
	if (rc == ERR_STATE)
		post_reply_error(keeper, request, rc,
		    "Then no head would be left who can speak for this post: "
		    "none with a passphrase, nor as the post's user. Nothing "
		    "was changed; make another head first.");
	else
		post_reply_store(keeper, request, rc);
}

/* Makes the change, and answers with what is there now. */
static bool
make(struct change *change, const struct request *request)
{
	struct keeper *keeper = change->keeper;
	int rc = post_commit(keeper, NULL, do_change, change);

	if (rc == OK)
		rc = delegate_get(keeper, change->delegate.id,
		    &change->delegate);
	if (rc != OK)
		reply_failed(keeper, request->id, rc);
	return rc == OK;
}

static void
make_and_show(struct change *change, const struct request *request)
{
	if (make(change, request))
		reply_view(change->keeper, request, &change->delegate, false);
}

/* The delegate that the request names; false: refused. */
static bool
ask_delegate(struct keeper *keeper, const struct request *request,
    struct text title, struct delegate *delegate)
{
	const int rc = delegate_find(keeper, title, delegate);

	if (rc == ERR_NOT_FOUND)
		post_reply_error(keeper, request->id, rc,
		    "There is no delegate of this title; `quietline delegate "
		    "list` shows them.");
	else if (rc != OK)
		post_reply_store(keeper, request->id, rc);
	return rc == OK;
}

/* The same, of one that is to be changed. */
static bool
ask_change(struct keeper *keeper, const struct request *request,
    struct change *change)
{
	*change =
	    (struct change){ .keeper = keeper, .ask = &request->ask.delegate };
	if (!ask_delegate(keeper, request, request->name, &change->delegate))
		return false;
	if (change->delegate.revoked_ms == 0)
		return true;
	post_reply_error(keeper, request->id, ERR_STATE,
	    "%s was revoked; that stands. Add a delegate of another title.",
	    change->delegate.title);
	return false;
}

static int
put_secret(struct change *change)
{
	const struct session_secret *secret = change->secret;
	struct query q;

	if (secret == NULL)
		return OK;
	q = store_query(&change->keeper->store, STMT_DELEGATE_SET_SECRET);
	query_bind_blob(&q, secret->salt, sizeof(secret->salt));
	query_bind_blob(&q, secret->hash, sizeof(secret->hash));
	query_bind_int(&q, (int64_t)secret->cost.passes);
	query_bind_int(&q, (int64_t)secret->cost.memory_bytes);
	query_bind_int(&q, change->delegate.id);
	return query_run(&q);
}

/* Where a passphrase is given: stretches it; false: refused. */
static bool
stretch_given(struct change *change, const struct request *request,
    struct session_secret *secret)
{
	int rc;

	if (change->ask->passphrase.len == 0)
		return true;
	rc = session_stretch(change->keeper, change->ask->passphrase, secret);
	if (rc == OK)
		change->secret = secret;
	else
		post_reply_error(change->keeper, request->id, rc,
		    "This machine has not the memory to keep a passphrase; "
		    "nothing was changed.");
	return rc == OK;
}

/* -- requests --------------------------------------------------------------- */

static int
do_add(struct change *change)
{
	const struct delegate_ask *ask = change->ask;
	struct store *store = &change->keeper->store;
	struct query q = store_query(store, STMT_DELEGATE_ADD);
	int rc;

	query_bind_text(&q, change->title.data, change->title.len);
	query_bind_text(&q, change->name.data, change->name.len);
	query_bind_int(&q, ask->roles);
	if ((rc = query_run(&q)) != OK)
		return rc;
	change->delegate.id = (uint32_t)store_last_row(store, STORE_RECORD);
	return put_secret(change);
}

/* Answered: why there can be no such delegate. */
static bool
refuse_new(struct keeper *keeper, const struct request *request)
{
	const struct delegate_ask *ask = &request->ask.delegate;
	struct query q = store_query(&keeper->store, STMT_DELEGATE_COUNT);
	struct delegate there;
	int64_t count = 0;
	int rc = query_one(&q, &count);

	if (rc == OK)
		rc = delegate_find(keeper, ask->title, &there);
	if (ask->roles == 0)
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "A delegate has at least one role.");
	else if (rc == OK)
		post_reply_error(keeper, request->id, ERR_EXISTS,
		    "There is, or was, a delegate of this title; another needs "
		    "one of their own.");
	else if (rc != ERR_NOT_FOUND)
		post_reply_store(keeper, request->id, rc);
	else if (count >= DELEGATES_MAX)
		post_reply_error(keeper, request->id, ERR_LIMIT,
		    "A post has at most %d delegates, revoked ones too.",
		    DELEGATES_MAX);
	else
		return false;
	return true;
}

/* The name as it is kept; false: refused. */
static bool
take_name(struct change *change, const struct request *request)
{
	if (phrase_label(&change->name, change->ask->name,
		DELEGATE_NAME_BYTES_MAX) == OK)
		return true;
	post_reply_error(change->keeper, request->id, ERR_FORMAT,
	    "A name has at most %d bytes, and no line breaks or other "
	    "controls.",
	    DELEGATE_NAME_BYTES_MAX);
	return false;
}

static bool
take_title(struct change *change, const struct request *request)
{
	if (delegate_title(&change->title, change->ask->title) != OK) {
		post_reply_error(change->keeper, request->id, ERR_FORMAT,
		    "A title has 1 to %d bytes, one space at most between its "
		    "words, and nothing that turns or hides text: no two may "
		    "look alike for what nobody sees.",
		    DELEGATE_TITLE_BYTES_MAX);
		return false;
	}
	memcpy(change->delegate.title, change->title.data, change->title.len);
	return true;
}

void
delegate_on_add(struct keeper *keeper, const struct request *request)
{
	struct change change = { .keeper = keeper,
		.ask = &request->ask.delegate,
		.fn = do_add,
		.what = "added",
		.say = "is a delegate of this post now" };
	struct session_secret secret;

	if (take_title(&change, request) && take_name(&change, request) &&
	    !refuse_new(keeper, request) &&
	    stretch_given(&change, request, &secret))
		make_and_show(&change, request);
	phrase_wipe(&change.title);
	phrase_wipe(&change.name);
	wipe(&secret, sizeof(secret));
}

void
delegate_on_list(struct keeper *keeper, const struct request *request)
{
	struct query q = store_query(&keeper->store, STMT_DELEGATE_LIST);
	struct delegate delegate;
	uint32_t rows = 0;

	query_bind_int(&q, post_list_after(request));
	query_bind_int(&q, (int64_t)request->page.limit + 1);
	while (next(&q, &delegate)) {
		if (++rows <= request->page.limit)
			reply_view(keeper, request, &delegate, true);
	}
	post_reply_list(keeper, request, query_end(&q),
	    rows > request->page.limit);
}

void
delegate_on_show(struct keeper *keeper, const struct request *request)
{
	struct delegate delegate;

	if (ask_delegate(keeper, request, request->name, &delegate))
		reply_view(keeper, request, &delegate, false);
}

static int
do_set(struct change *change)
{
	const struct delegate_ask *ask = change->ask;
	const struct delegate *was = &change->delegate;
	struct query q = store_query(&change->keeper->store, STMT_DELEGATE_SET);

	if (change->name.len > 0)
		query_bind_text(&q, change->name.data, change->name.len);
	else
		query_bind_text(&q, was->name, strlen(was->name));
	query_bind_int(&q, ask->roles != 0 ? ask->roles : was->roles);
	query_bind_int(&q, was->id);
	return query_run(&q);
}

void
delegate_on_set(struct keeper *keeper, const struct request *request)
{
	struct change change;

	if (!ask_change(keeper, request, &change))
		return;
	change.fn = do_set;
	change.what = "changed";
	change.say = "has other roles, or another name";
	if (take_name(&change, request))
		make_and_show(&change, request);
	phrase_wipe(&change.name);
}

static int
drop_secret(struct change *change)
{
	struct query q =
	    store_query(&change->keeper->store, STMT_DELEGATE_SET_SECRET);

	for (int i = 0; i < 4; i++)
		query_bind_null(&q);
	query_bind_int(&q, change->delegate.id);
	return query_run(&q);
}

/* Whoever knew the old one is out. */
static int
do_passphrase(struct change *change)
{
	const int rc =
	    change->secret != NULL ? put_secret(change) : drop_secret(change);

	return rc != OK ? rc
			: session_end_all(change->keeper, change->delegate.id);
}

/*
 * Answered: why whoever asks does not give this delegate a passphrase.  A session
 * may be another's by now: with a passphrase of their choice, it would not end.
 */
static bool
refuse_passphrase(struct keeper *keeper, const struct request *request,
    const struct change *change)
{
	const bool is_own = change->delegate.id == keeper->who.id;

	if (is_own && keeper->who.by_session)
		return !session_knows_old(keeper, request);
	if (is_own || rights_may(keeper, RIGHT_PEOPLE))
		return false;
	post_reply_error(keeper, request->id, ERR_DENIED,
	    "%s may set their own passphrase only; nothing was done. It takes "
	    "the role head.",
	    keeper_who(keeper));
	return true;
}

void
delegate_on_passphrase(struct keeper *keeper, const struct request *request)
{
	struct session_secret secret;
	struct change change;

	if (!ask_change(keeper, request, &change) ||
	    refuse_passphrase(keeper, request, &change))
		return;
	change.fn = do_passphrase;
	change.what = "passphrase";
	change.say = change.ask->passphrase.len > 0
	    ? "has a new passphrase, and every session has ended"
	    : "has no passphrase any more, and every session has ended";
	if (stretch_given(&change, request, &secret))
		make_and_show(&change, request);
	wipe(&secret, sizeof(secret));
}

static int
do_revoke(struct change *change)
{
	struct keeper *keeper = change->keeper;
	struct query q = store_query(&keeper->store, STMT_DELEGATE_REVOKE);
	int rc;

	/* Never 0, which says that it was not. */
	query_bind_int(&q, keeper->now.wall_ms != 0 ? keeper->now.wall_ms : 1);
	query_bind_int(&q, change->delegate.id);
	if ((rc = query_run(&q)) != OK)
		return rc;
	return session_end_all(keeper, change->delegate.id);
}

void
delegate_on_revoke(struct keeper *keeper, const struct request *request)
{
	struct change change;

	if (!ask_change(keeper, request, &change))
		return;
	change.fn = do_revoke;
	change.what = "revoked";
	change.say = "is revoked, and every session has ended";
	make_and_show(&change, request);
}

static int
set_owner(struct keeper *keeper, uint32_t id, bool is_owner)
{
	struct query q = store_query(&keeper->store, STMT_DELEGATE_SET_OWNER);

	query_bind_int(&q, is_owner);
	query_bind_int(&q, id);
	return query_run(&q);
}

static int
do_owner(struct change *change)
{
	struct keeper *keeper = change->keeper;
	struct delegate before;
	int rc = delegate_get_owner(keeper, &before);

	if (rc == OK)
		rc = set_owner(keeper, before.id, false);
	else if (rc == ERR_NOT_FOUND)
		rc = OK;
	if (rc == OK && change->ask->title.len > 0)
		rc = set_owner(keeper, change->delegate.id, true);
	return rc;
}

void
delegate_on_owner(struct keeper *keeper, const struct request *request)
{
	struct request named = *request;
	struct change change = { .keeper = keeper,
		.ask = &request->ask.delegate };

	named.name = change.ask->title;
	if (named.name.len > 0 && !ask_change(keeper, &named, &change))
		return;
	change.ask = &request->ask.delegate;
	change.fn = do_owner;
	change.what = "owner";
	change.say = "is whom the post's user speaks as";
	if (named.name.len == 0) {
		memcpy(change.delegate.title, "nobody", sizeof("nobody"));
		/* Something to show afterwards. */
		change.delegate.id = keeper->who.id;
	}
	if (make(&change, request))
		post_reply_done(keeper, request->id);
}
