/* Who may ask what: every request by every role, and by those whom nobody knows. */
#include "keeper/rights.h"

#include <sqlite3.h>

#include "keeper/session.h"
#include "proc/say_delegate.h"
#include "twin.h"

/* What is expected of each request, written down beside the code. */
static const struct {
	const char *name;
	const char *roles;
	const char *rest;
} rows[REQUEST_COUNT] = {
#define ROW(kind, may, ...) [REQUEST_##kind] = { #kind, may, #__VA_ARGS__ },
#include "rights.inc"
#undef ROW
};

static const char letters[] = "hdriwe";
static const char passphrase[] = "a passphrase";

struct fixture {
	struct twin *twin;
	struct twin_side *side;
	struct asker role[DELEGATE_ROLE_COUNT];
};

static struct text
role_title(unsigned role)
{
	static const char *const titles[DELEGATE_ROLE_COUNT] = { "the head",
		"the drafter", "the releaser", "the interpreter", "the watch",
		"the reader" };

	return twin_text(titles[role]);
}

static void
read_token(struct asker *asker, struct text hex)
{
	char text[2 * SESSION_TOKEN_BYTES + 1];

	assert_int_equal(hex.len, 2 * SESSION_TOKEN_BYTES);
	memcpy(text, hex.data, hex.len);
	text[hex.len] = '\0';
	asker->has_token = true;
	for (size_t i = 0; i < SESSION_TOKEN_BYTES; i++) {
		unsigned byte;

		assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
		asker->token[i] = (uint8_t)byte;
	}
}

/* A reply's texts are gone by the time that a test sees it: the token is taken as
 * it passes. */
static struct asker *awaited;
static void (*pass_on)(void *ctx, const struct reply *reply);

static void
on_reply(void *ctx, const struct reply *reply)
{
	if (reply->kind == REPLY_VIEW && reply->about == REQUEST_WHO &&
	    awaited != NULL && reply->view.session.token.len > 0)
		read_token(awaited, reply->view.session.token);
	pass_on(ctx, reply);
}

static struct request
about(struct fixture *f, enum request_kind kind, struct text title)
{
	struct request request = twin_request(f->side, kind);

	request.name = title;
	request.ask.delegate.title = title;
	request.ask.delegate.passphrase = twin_text(passphrase);
	return request;
}

static const struct reply *
ask(struct fixture *f, struct request *request)
{
	return &twin_ask(f->side, request)->reply;
}

static int
ask_err(struct fixture *f, struct request *request)
{
	const struct reply *reply = ask(f, request);

	return reply->kind == REPLY_ERROR ? reply->err : OK;
}

static int
add(struct fixture *f, struct text title, unsigned role)
{
	struct request request = about(f, REQUEST_DELEGATE_ADD, title);

	request.ask.delegate.roles = 1u << role;
	return ask_err(f, &request);
}

static int
sign_in(struct fixture *f, struct text title, const char *words,
    struct asker *asker)
{
	struct request request = about(f, REQUEST_SIGN_IN, title);
	int rc;

	request.ask.delegate.passphrase = twin_text(words);
	*asker = (struct asker){ 0 };
	awaited = asker;
	rc = ask_err(f, &request);
	awaited = NULL;
	return rc;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct keeper *keeper;

	assert_non_null(f);
	f->twin = twin_new_line();
	f->side = &f->twin->side[0];
	keeper = f->side->keeper;
	keeper->passphrase_cost = keyring_cost_least();
	pass_on = keeper->ops.reply;
	keeper->ops.reply = on_reply;
	for (unsigned i = 0; i < DELEGATE_ROLE_COUNT; i++) {
		assert_int_equal(add(f, role_title(i), i), OK);
		assert_int_equal(sign_in(f, role_title(i), passphrase,
				     &f->role[i]),
		    OK);
		assert_true(f->role[i].has_token);
	}
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	twin_free(f->twin);
	free(f);
	return 0;
}

/* How often anything was written. */
static int
writes(const struct fixture *f)
{
	int sum = 0;

	for (int db = 0; db < STORE_DB_COUNT; db++)
		sum += sqlite3_total_changes(f->side->keeper->store.db[db]);
	return sum;
}

static bool
speaks(int kind)
{
	return strstr(rows[kind].rest, "?draft") != NULL;
}

static bool
expected(int kind, unsigned role)
{
	const char *roles = rows[kind].roles;

	return *roles == '*' || *roles == '+' ||
	    strchr(roles, letters[role]) != NULL;
}

/* The request is refused, with that error, and nothing was written. */
static void
assert_refused(struct fixture *f, struct request *request, int err)
{
	const int before = writes(f);
	const struct reply *reply = &f->side->replies[0].reply;

	f->side->reply_count = 0;
	request->id = 1;
	keeper_on_request(f->side->keeper, request, f->twin->now);
	if (reply->kind != REPLY_ERROR || reply->err != err)
		print_error("%s is not refused as it should be\n",
		    rows[request->kind].name);
	assert_int_equal(reply->kind, REPLY_ERROR);
	assert_int_equal(reply->err, err);
	assert_int_equal(f->side->reply_count, 1);
	assert_int_equal(writes(f), before);
	assert_int_equal(keeper_who_id(f->side->keeper), 0);
}

static void
rights_are_written_down_for_each_request(void **state)
{
	(void)state;
	for (int kind = 0; kind < REQUEST_COUNT; kind++) {
		if (rows[kind].name == NULL ||
		    rights_of((enum request_kind)kind) == RIGHT_MISSING)
			print_error("request %d has no row\n", kind);
		assert_non_null(rows[kind].name);
		assert_int_not_equal(rights_of((enum request_kind)kind),
		    RIGHT_MISSING);
		assert_int_equal(rights_speaks((enum request_kind)kind),
		    speaks(kind));
	}
}

static void
rights_are_as_written_down_for_each_role(void **state)
{
	struct fixture *f = *state;
	struct keeper *keeper = f->side->keeper;

	for (int kind = 0; kind < REQUEST_COUNT; kind++)
		for (unsigned role = 0; role < DELEGATE_ROLE_COUNT; role++) {
			struct request request =
			    twin_request(f->side, (enum request_kind)kind);

			request.asker = f->role[role];
			if (!expected(kind, role)) {
				assert_refused(f, &request, ERR_DENIED);
				continue;
			}
			assert_true(rights_judge(keeper, &request));
			rights_end(keeper);
		}
}

static void
rights_let_those_draft_who_may_not_speak(void **state)
{
	struct fixture *f = *state;
	struct keeper *keeper = f->side->keeper;

	for (int kind = 0; kind < REQUEST_COUNT; kind++)
		for (unsigned role = 0; role < DELEGATE_ROLE_COUNT; role++) {
			struct request request =
			    twin_request(f->side, (enum request_kind)kind);

			if (*rows[kind].roles == '*')
				continue;
			request.asker = f->role[role];
			request.draft = DRAFT_NEW;
			if (!speaks(kind)) {
				assert_refused(f, &request, ERR_FORMAT);
			} else if (strchr("hdri", letters[role]) == NULL) {
				assert_refused(f, &request, ERR_DENIED);
			} else {
				assert_true(rights_judge(keeper, &request));
				rights_end(keeper);
			}
		}
}

/* Whether what that role is told of a refused request names the draft. */
static bool
is_told_to_draft(struct fixture *f, enum request_kind kind, unsigned role)
{
	struct request request = twin_request(f->side, kind);

	request.asker = f->role[role];
	assert_refused(f, &request, ERR_DENIED);
	return strstr(f->side->replies[0].say, "--draft") != NULL;
}

static void
rights_tell_those_who_may_only_draft_to_draft(void **state)
{
	struct fixture *f = *state;

	assert_true(is_told_to_draft(f, REQUEST_SEND, DELEGATE_DRAFTER));
	assert_true(is_told_to_draft(f, REQUEST_PASS, DELEGATE_INTERPRETER));
	assert_true(
	    is_told_to_draft(f, REQUEST_FORM_ANSWER, DELEGATE_RELEASER));
	assert_false(is_told_to_draft(f, REQUEST_SEND, DELEGATE_READER));
	assert_false(is_told_to_draft(f, REQUEST_SEND, DELEGATE_WATCH));
	assert_false(is_told_to_draft(f, REQUEST_RULE_SET, DELEGATE_DRAFTER));
	assert_false(
	    is_told_to_draft(f, REQUEST_DRAFT_RELEASE, DELEGATE_DRAFTER));
}

static void
rights_let_nobody_release_what_they_may_not_say(void **state)
{
	struct fixture *f = *state;
	struct request form = twin_request(f->side, REQUEST_FORM_PROPOSE);
	struct request release = twin_request(f->side, REQUEST_DRAFT_RELEASE);

	form.asker = f->role[DELEGATE_DRAFTER];
	form.ask.form_propose.shipped = twin_text("test");
	form.ask.form_propose.language[0] = twin_text("en");
	form.ask.form_propose.language[1] = twin_text("ko");
	form.ask.form_propose.languages = 2;
	form.draft = DRAFT_NEW;
	assert_int_equal(ask_err(f, &form), OK);
	release.n = 1;
	release.ask.draft.version = 1;
	release.asker = f->role[DELEGATE_RELEASER];
	assert_refused(f, &release, ERR_DENIED);
	release.asker = f->role[DELEGATE_HEAD];
	assert_int_equal(ask_err(f, &release), OK);
}

/* Each request, by somebody whom this post does not know. */
static void
refuse_all(struct fixture *f, const struct asker *asker)
{
	for (int kind = 0; kind < REQUEST_COUNT; kind++) {
		struct request request =
		    twin_request(f->side, (enum request_kind)kind);

		request.asker = *asker;
		if (*rows[kind].roles != '*')
			assert_refused(f, &request, ERR_SIGNED_OUT);
	}
}

static void
rights_know_no_stranger(void **state)
{
	const struct asker stranger = { .is_stranger = true };

	refuse_all(*state, &stranger);
}

static void
rights_know_no_token_that_was_never_given(void **state)
{
	struct fixture *f = *state;
	struct asker asker = f->role[DELEGATE_HEAD];

	for (size_t i = 0; i < SESSION_TOKEN_BYTES; i += 31) {
		asker.token[i] ^= 1;
		refuse_all(f, &asker);
		asker.token[i] ^= 1;
	}
	memset(asker.token, 0, sizeof(asker.token));
	refuse_all(f, &asker);
}

static void
rights_know_no_token_of_another_post(void **state)
{
	struct fixture *f = *state;
	const struct asker ours = f->role[DELEGATE_HEAD];

	f->side = &f->twin->side[1];
	refuse_all(f, &ours);
}

static void
rights_end_with_the_session(void **state)
{
	struct fixture *f = *state;
	struct asker *head = &f->role[DELEGATE_HEAD];
	struct request request = twin_request(f->side, REQUEST_WHO);

	request.asker = *head;
	f->twin->now.wall_ms += (int64_t)SESSION_S * 1000 - 1;
	assert_int_equal(ask_err(f, &request), OK);
	f->twin->now.wall_ms += 1;
	refuse_all(f, head);
	/* A clock that was set back before its beginning does not wake it. */
	f->twin->now.wall_ms -= (int64_t)SESSION_S * 1000 + 1;
	refuse_all(f, head);
}

static void
rights_end_with_signing_out(void **state)
{
	struct fixture *f = *state;
	struct asker *head = &f->role[DELEGATE_HEAD];
	struct request request = twin_request(f->side, REQUEST_SIGN_OUT);

	request.asker = *head;
	assert_int_equal(ask_err(f, &request), OK);
	/* The same again, as whoever copied it would ask. */
	assert_refused(f, &request, ERR_SIGNED_OUT);
	refuse_all(f, head);
}

static void
rights_end_everywhere_at_once(void **state)
{
	struct fixture *f = *state;
	struct request request = twin_request(f->side, REQUEST_SIGN_OUT);
	struct asker second;

	assert_int_equal(sign_in(f, role_title(DELEGATE_HEAD), passphrase,
			     &second),
	    OK);
	request.asker = f->role[DELEGATE_HEAD];
	request.ask.delegate.everywhere = true;
	assert_int_equal(ask_err(f, &request), OK);
	refuse_all(f, &second);
	refuse_all(f, &f->role[DELEGATE_HEAD]);
	/* Nobody else's. */
	request = twin_request(f->side, REQUEST_WHO);
	request.asker = f->role[DELEGATE_READER];
	assert_int_equal(ask_err(f, &request), OK);
}

static void
rights_end_with_revocation(void **state)
{
	struct fixture *f = *state;
	const struct text title = role_title(DELEGATE_RELEASER);
	struct request request = about(f, REQUEST_DELEGATE_REVOKE, title);
	struct asker again;

	assert_int_equal(ask_err(f, &request), OK);
	refuse_all(f, &f->role[DELEGATE_RELEASER]);
	assert_int_equal(sign_in(f, title, passphrase, &again), ERR_DENIED);
	/* Nor under the same title. */
	f->twin->now.now_ns += 2 * CLOCK_NS_PER_S;
	assert_int_equal(add(f, title, DELEGATE_READER), ERR_EXISTS);
	assert_int_equal(ask_err(f, &request), ERR_STATE);
}

static void
rights_end_with_a_new_passphrase(void **state)
{
	struct fixture *f = *state;
	const struct text title = role_title(DELEGATE_WATCH);
	struct request request = about(f, REQUEST_DELEGATE_PASSPHRASE, title);
	struct asker again;

	request.ask.delegate.passphrase = twin_text("another");
	/* Each their own, and nobody else's but a head. */
	request.asker = f->role[DELEGATE_READER];
	assert_refused(f, &request, ERR_DENIED);
	request.asker = f->role[DELEGATE_WATCH];
	request.ask.delegate.old = twin_text(passphrase);
	assert_int_equal(ask_err(f, &request), OK);
	refuse_all(f, &f->role[DELEGATE_WATCH]);
	assert_int_equal(sign_in(f, title, passphrase, &again), ERR_DENIED);
	f->twin->now.now_ns += 2 * CLOCK_NS_PER_S;
	assert_int_equal(sign_in(f, title, "another", &again), OK);
}

static int
set_owner(struct fixture *f, const char *title)
{
	struct request request =
	    about(f, REQUEST_DELEGATE_OWNER, twin_text(title));

	if (*title == '\0')
		request.ask.delegate.title = (struct text){ NULL, 0 };
	return ask_err(f, &request);
}

/* The same request, by a session of that role, about its own delegate. */
static struct request
about_own(struct fixture *f, unsigned role, const char *old)
{
	struct request request =
	    about(f, REQUEST_DELEGATE_PASSPHRASE, role_title(role));

	request.asker = f->role[role];
	request.ask.delegate.passphrase = twin_text("another");
	request.ask.delegate.old = twin_text(old);
	return request;
}

static void
rights_of_a_session_do_not_outgrow_it_by_a_new_passphrase(void **state)
{
	static const unsigned roles[] = { DELEGATE_READER, DELEGATE_HEAD };
	struct fixture *f = *state;
	struct asker again;

	for (size_t i = 0; i < 2; i++) {
		const struct text title = role_title(roles[i]);
		struct request request = about_own(f, roles[i], "");

		/* Without the old one nothing is tried, nor written... */
		assert_refused(f, &request, ERR_DENIED);
		/* ...nor to have none, after which nobody signs in... */
		request.ask.delegate.passphrase = twin_text("");
		assert_refused(f, &request, ERR_DENIED);
		/* ...and with a wrong one nothing changes. */
		request = about_own(f, roles[i], "wrong");
		assert_int_equal(ask_err(f, &request), ERR_DENIED);
		request = about_own(f, roles[i], "another");
		f->twin->now.now_ns += CLOCK_NS_PER_S;
		assert_int_equal(ask_err(f, &request), ERR_DENIED);
		request = about_own(f, roles[i], "a passphrase ");
		f->twin->now.now_ns += CLOCK_NS_PER_S;
		assert_int_equal(ask_err(f, &request), ERR_DENIED);
		f->twin->now.now_ns += CLOCK_NS_PER_S;
		request = twin_request(f->side, REQUEST_WHO);
		request.asker = f->role[roles[i]];
		assert_int_equal(ask_err(f, &request), OK);
		assert_int_equal(sign_in(f, title, passphrase, &again), OK);
		request = about_own(f, roles[i], passphrase);
		assert_int_equal(ask_err(f, &request), OK);
		refuse_all(f, &again);
		assert_int_equal(sign_in(f, title, "another", &again), OK);
	}
}

static void
rights_of_the_user_and_of_heads_need_no_old_passphrase(void **state)
{
	struct fixture *f = *state;
	struct request request = about_own(f, DELEGATE_READER, "");
	struct asker again;

	/* A head, for one who forgot theirs. */
	request.asker = f->role[DELEGATE_HEAD];
	assert_int_equal(ask_err(f, &request), OK);
	assert_int_equal(sign_in(f, request.name, "another", &again), OK);
	/* Whoever runs the post, of the one that they speak as. */
	assert_int_equal(set_owner(f, "the watch"), OK);
	request = about_own(f, DELEGATE_WATCH, "");
	request.asker = (struct asker){ 0 };
	assert_int_equal(ask_err(f, &request), OK);
	assert_int_equal(sign_in(f, request.name, "another", &again), OK);
}

static void
rights_follow_a_new_role_at_once(void **state)
{
	struct fixture *f = *state;
	struct request request =
	    about(f, REQUEST_DELEGATE_SET, role_title(DELEGATE_RELEASER));
	struct request send = twin_request(f->side, REQUEST_SEND);

	request.ask.delegate.roles = 1u << DELEGATE_READER;
	assert_int_equal(ask_err(f, &request), OK);
	send.asker = f->role[DELEGATE_RELEASER];
	assert_refused(f, &send, ERR_DENIED);
}

static void
rights_outlive_a_restart(void **state)
{
	struct fixture *f = *state;
	struct request request = twin_request(f->side, REQUEST_WHO);

	twin_restart(f->side);
	request.asker = f->role[DELEGATE_WATCH];
	assert_int_equal(ask_err(f, &request), OK);
	request = twin_request(f->side, REQUEST_DOWN);
	request.asker = f->role[DELEGATE_WATCH];
	assert_refused(f, &request, ERR_DENIED);
}

/* -- the last head ---------------------------------------------------------- */

static int
revoke_by(struct fixture *f, struct text title, const struct asker *asker)
{
	struct request request = about(f, REQUEST_DELEGATE_REVOKE, title);

	request.asker = *asker;
	return ask_err(f, &request);
}

static void
delegate_of_two_heads_that_revoke_each_other_one_stays(void **state)
{
	struct fixture *f = *state;
	const struct text first = twin_text("head");
	const struct asker *second = &f->role[DELEGATE_HEAD];
	const struct asker owner = { 0 };

	/* Two at once: whoever comes second is revoked already. */
	assert_int_equal(revoke_by(f, role_title(DELEGATE_HEAD), &owner), OK);
	assert_int_equal(revoke_by(f, first, second), ERR_SIGNED_OUT);
	assert_int_equal(revoke_by(f, first, &owner), ERR_STATE);
}

static void
delegate_keeps_a_head_who_can_speak(void **state)
{
	struct fixture *f = *state;
	const struct text title = role_title(DELEGATE_HEAD);
	const struct asker owner = { 0 };
	struct request request;

	/* With a head who can sign in, the user need not be one... */
	assert_int_equal(set_owner(f, "the reader"), OK);
	request = about(f, REQUEST_DELEGATE_REVOKE, twin_text("head"));
	request.asker = f->role[DELEGATE_HEAD];
	assert_int_equal(ask_err(f, &request), OK);
	/* ...but then that one stays, keeps the role, and a passphrase. */
	assert_int_equal(revoke_by(f, title, &f->role[DELEGATE_HEAD]),
	    ERR_STATE);
	request = about(f, REQUEST_DELEGATE_SET, title);
	request.asker = f->role[DELEGATE_HEAD];
	request.ask.delegate.roles = 1u << DELEGATE_READER;
	assert_int_equal(ask_err(f, &request), ERR_STATE);
	request = about(f, REQUEST_DELEGATE_PASSPHRASE, title);
	request.asker = f->role[DELEGATE_HEAD];
	request.ask.delegate.passphrase = (struct text){ NULL, 0 };
	request.ask.delegate.old = twin_text(passphrase);
	assert_int_equal(ask_err(f, &request), ERR_STATE);
	/* What was refused changed nothing: the session still lives. */
	request = twin_request(f->side, REQUEST_WHO);
	request.asker = f->role[DELEGATE_HEAD];
	assert_int_equal(ask_err(f, &request), OK);
	assert_int_equal(revoke_by(f, title, &owner), ERR_DENIED);
}

static void
delegate_maps_the_user_to_nobody_only_where_a_head_can_sign_in(void **state)
{
	struct fixture *f = *state;
	struct request request;
	const struct asker owner = { 0 };

	assert_int_equal(set_owner(f, ""), OK);
	refuse_all(f, &owner);
	request = about(f, REQUEST_DELEGATE_OWNER, twin_text("head"));
	request.asker = f->role[DELEGATE_HEAD];
	assert_int_equal(ask_err(f, &request), OK);
	assert_int_equal(revoke_by(f, role_title(DELEGATE_HEAD), &owner), OK);
	assert_int_equal(set_owner(f, ""), ERR_STATE);
	assert_int_equal(set_owner(f, "the reader"), ERR_STATE);
	assert_int_equal(set_owner(f, "the head"), ERR_STATE); /* revoked */
	assert_int_equal(set_owner(f, "nobody knows"), ERR_NOT_FOUND);
}

static void
delegate_refuses_titles_out_of_form(void **state)
{
	char title[DELEGATE_TITLE_BYTES_MAX + 2];
	struct fixture *f = *state;

	memset(title, 'x', sizeof(title));
	assert_int_equal(add(f, (struct text){ title, sizeof(title) - 1 }, 0),
	    ERR_FORMAT);
	assert_int_equal(add(f, (struct text){ title, sizeof(title) - 2 }, 0),
	    OK);
	assert_int_equal(add(f, (struct text){ NULL, 0 }, 0), ERR_FORMAT);
	assert_int_equal(add(f, twin_text("two\nlines"), 0), ERR_FORMAT);
	assert_int_equal(add(f, twin_text("\x1b[2J"), 0), ERR_FORMAT);
	assert_int_equal(add(f, twin_text("\xff"), 0), ERR_FORMAT);
	/* What looks like another for nothing that anybody sees. */
	assert_int_equal(add(f, twin_text(" the head"), 0), ERR_FORMAT);
	assert_int_equal(add(f, twin_text("the head "), 0), ERR_FORMAT);
	assert_int_equal(add(f, twin_text("the  head"), 0), ERR_FORMAT);
	assert_int_equal(add(f, twin_text(" "), 0), ERR_FORMAT);
	assert_int_equal(add(f, twin_text("the\u00a0head"), 0), ERR_FORMAT);
	assert_int_equal(add(f, twin_text("the he\u200bad"), 0), ERR_FORMAT);
	assert_int_equal(add(f, twin_text("the \u202ehead"), 0), ERR_FORMAT);
	assert_int_equal(add(f, twin_text("the hea\ufe0fd"), 0), ERR_FORMAT);
	assert_int_equal(add(f, twin_text("head"), 0), ERR_EXISTS);
}

static void
delegate_knows_a_title_however_it_is_typed(void **state)
{
	static const char composed[] = "\xc3\xa9lys\xc3\xa9";
	static const char decomposed[] = "e\xcc\x81lyse\xcc\x81";
	struct fixture *f = *state;
	struct asker asker;

	assert_int_equal(add(f, twin_text(decomposed), 0), OK);
	assert_int_equal(add(f, twin_text(composed), 0), ERR_EXISTS);
	assert_int_equal(sign_in(f, twin_text(composed), passphrase, &asker),
	    OK);
	assert_int_equal(sign_in(f, twin_text(decomposed), passphrase, &asker),
	    OK);
	assert_int_equal(set_owner(f, composed), OK);
	assert_true(rights_title_may(f->side->keeper, decomposed, RIGHT_DOWN));
}

/* -- signing in ------------------------------------------------------------- */

static void
session_tries_one_wrong_passphrase_a_second(void **state)
{
	struct fixture *f = *state;
	struct asker asker;

	assert_int_equal(sign_in(f, role_title(0), "wrong", &asker),
	    ERR_DENIED);
	assert_int_equal(sign_in(f, role_title(0), passphrase, &asker),
	    ERR_AGAIN);
	assert_int_equal(sign_in(f, role_title(1), passphrase, &asker),
	    ERR_AGAIN);
	f->twin->now.now_ns += CLOCK_NS_PER_S;
	assert_int_equal(sign_in(f, role_title(0), passphrase, &asker), OK);
}

static void
session_makes_whoever_guesses_wait_longer_and_longer(void **state)
{
	struct fixture *f = *state;
	int64_t pause_ms = 1000;
	struct asker asker;

	for (int i = 0; i < SIGN_IN_FAILURES; i++) {
		assert_int_equal(sign_in(f, role_title(0), "wrong", &asker),
		    ERR_DENIED);
		f->twin->now.now_ns += CLOCK_NS_PER_S;
	}
	for (int i = 0; i < 14; i++) {
		/* Not even the right one, until the time has come. */
		f->twin->now.wall_ms += pause_ms - 1;
		assert_int_equal(sign_in(f, role_title(0), passphrase, &asker),
		    ERR_AGAIN);
		f->twin->now.wall_ms += 1;
		f->twin->now.now_ns += CLOCK_NS_PER_S;
		assert_int_equal(sign_in(f, role_title(0), "wrong", &asker),
		    ERR_DENIED);
		f->twin->now.now_ns += CLOCK_NS_PER_S;
		pause_ms *= 2;
		if (pause_ms > SIGN_IN_PAUSE_S_MAX * 1000)
			pause_ms = SIGN_IN_PAUSE_S_MAX * 1000;
	}
	/* Others need not wait for that. */
	assert_int_equal(sign_in(f, role_title(1), passphrase, &asker), OK);
	f->twin->now.wall_ms += pause_ms;
	assert_int_equal(sign_in(f, role_title(0), passphrase, &asker), OK);
	/* And all is forgotten. */
	assert_int_equal(sign_in(f, role_title(0), "wrong", &asker),
	    ERR_DENIED);
	f->twin->now.now_ns += CLOCK_NS_PER_S;
	assert_int_equal(sign_in(f, role_title(0), passphrase, &asker), OK);
}

static void
session_slows_down_who_guesses_an_old_passphrase(void **state)
{
	struct fixture *f = *state;
	const struct text title = role_title(DELEGATE_READER);
	struct request request = about_own(f, DELEGATE_READER, passphrase);
	struct request wrong = about_own(f, DELEGATE_READER, "wrong");
	struct asker asker;

	for (int i = 0; i < SIGN_IN_FAILURES; i++) {
		assert_int_equal(ask_err(f, &wrong), ERR_DENIED);
		assert_refused(f, &request, ERR_AGAIN);
		assert_int_equal(sign_in(f, title, passphrase, &asker),
		    ERR_AGAIN);
		f->twin->now.now_ns += CLOCK_NS_PER_S;
	}
	/* Counted with those of signing in, and waited for alike. */
	assert_refused(f, &request, ERR_AGAIN);
	assert_int_equal(sign_in(f, title, passphrase, &asker), ERR_AGAIN);
	f->twin->now.wall_ms += SIGN_IN_PAUSE_S * 1000;
	assert_int_equal(sign_in(f, title, "wrong", &asker), ERR_DENIED);
	f->twin->now.now_ns += CLOCK_NS_PER_S;
	f->twin->now.wall_ms += SIGN_IN_PAUSE_S * 1000;
	assert_refused(f, &request, ERR_AGAIN);
	f->twin->now.wall_ms += SIGN_IN_PAUSE_S * 1000;
	assert_int_equal(ask_err(f, &request), OK);
	assert_int_equal(sign_in(f, title, "another", &asker), OK);
}

static void
session_tells_a_wrong_title_from_a_wrong_passphrase_by_nothing(void **state)
{
	struct fixture *f = *state;
	struct request known = about(f, REQUEST_SIGN_IN, role_title(0));
	struct request unknown = about(f, REQUEST_SIGN_IN, twin_text("who"));
	struct request without = about(f, REQUEST_SIGN_IN, twin_text("head"));
	struct request *each[] = { &known, &unknown, &without };
	char say[TWIN_SAY_BYTES] = "";

	for (size_t i = 0; i < 3; i++) {
		const int before = writes(f);
		struct twin_reply *reply;

		each[i]->ask.delegate.passphrase = twin_text("wrong");
		reply = twin_ask(f->side, each[i]);
		assert_int_equal(reply->reply.err, ERR_DENIED);
		if (i > 0)
			assert_string_equal(reply->say, say);
		memcpy(say, reply->say, sizeof(say));
		/* As much is written, but for who is to wait. */
		assert_in_range(writes(f) - before, 1, 2);
		f->twin->now.now_ns += CLOCK_NS_PER_S;
	}
}

static void
session_refuses_an_empty_passphrase(void **state)
{
	struct fixture *f = *state;
	struct asker asker;

	assert_int_equal(sign_in(f, role_title(0), "", &asker), ERR_DENIED);
	f->twin->now.now_ns += CLOCK_NS_PER_S;
	/* Nor of one who has none. */
	assert_int_equal(sign_in(f, twin_text("head"), "", &asker), ERR_DENIED);
}

/* Signing in again and again keeps nobody out. */
static void
session_ends_the_first_of_those_who_sign_in_too_often(void **state)
{
	struct fixture *f = *state;
	struct request who = { .kind = REQUEST_WHO };
	struct asker asker, first = f->role[DELEGATE_READER];

	for (int i = 0; i < 2 * SESSIONS_MAX; i++) {
		who.asker = first;
		assert_int_equal(ask_err(f, &who),
		    i < SESSIONS_EACH_MAX ? OK : ERR_SIGNED_OUT);
		f->twin->now.wall_ms++;
		assert_int_equal(sign_in(f, role_title(DELEGATE_READER),
				     passphrase, &asker),
		    OK);
	}
	who.asker = asker;
	assert_int_equal(ask_err(f, &who), OK);
	who.asker = f->role[DELEGATE_WATCH];
	assert_int_equal(ask_err(f, &who), OK);
}

static void
session_bounds_how_many_there_are(void **state)
{
	struct fixture *f = *state;
	struct asker asker;
	char title[24];
	int signed_in = DELEGATE_ROLE_COUNT;

	for (int i = 0; signed_in < SESSIONS_MAX; i++) {
		snprintf(title, sizeof(title), "reader %d", i);
		assert_int_equal(add(f, twin_text(title), DELEGATE_READER), OK);
		for (int j = 0;
		     j < SESSIONS_EACH_MAX && signed_in < SESSIONS_MAX; j++) {
			assert_int_equal(sign_in(f, twin_text(title),
					     passphrase, &asker),
			    OK);
			signed_in++;
		}
	}
	assert_int_equal(sign_in(f, role_title(0), passphrase, &asker),
	    ERR_LIMIT);
	/* Those that have ended make room. */
	f->twin->now.wall_ms += (int64_t)SESSION_S * 1000;
	assert_int_equal(sign_in(f, role_title(0), passphrase, &asker), OK);
}

static void
session_keeps_no_token_and_no_passphrase(void **state)
{
	struct fixture *f = *state;
	struct query q =
	    store_query(&f->side->keeper->store, STMT_SESSION_FIND);
	struct who who;

	/* The token itself is no key of the table. */
	query_bind_blob(&q, f->role[0].token, SESSION_TOKEN_BYTES);
	assert_false(query_next(&q));
	assert_int_equal(query_end(&q), OK);
	assert_int_equal(session_find(f->side->keeper, f->role[0].token, &who),
	    OK);
	assert_string_equal(who.title, "the head");
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(rights_are_written_down_for_each_request),
		CLAIM(rights_are_as_written_down_for_each_role),
		CLAIM(rights_let_those_draft_who_may_not_speak),
		CLAIM(rights_tell_those_who_may_only_draft_to_draft),
		CLAIM(rights_let_nobody_release_what_they_may_not_say),
		CLAIM(rights_know_no_stranger),
		CLAIM(rights_know_no_token_that_was_never_given),
		CLAIM(rights_know_no_token_of_another_post),
		CLAIM(rights_end_with_the_session),
		CLAIM(rights_end_with_signing_out),
		CLAIM(rights_end_everywhere_at_once),
		CLAIM(rights_end_with_revocation),
		CLAIM(rights_end_with_a_new_passphrase),
		CLAIM(
		    rights_of_a_session_do_not_outgrow_it_by_a_new_passphrase),
		CLAIM(rights_of_the_user_and_of_heads_need_no_old_passphrase),
		CLAIM(rights_follow_a_new_role_at_once),
		CLAIM(rights_outlive_a_restart),
		CLAIM(delegate_of_two_heads_that_revoke_each_other_one_stays),
		CLAIM(delegate_keeps_a_head_who_can_speak),
		CLAIM(
		    delegate_maps_the_user_to_nobody_only_where_a_head_can_sign_in),
		CLAIM(delegate_refuses_titles_out_of_form),
		CLAIM(delegate_knows_a_title_however_it_is_typed),
		CLAIM(session_tries_one_wrong_passphrase_a_second),
		CLAIM(session_makes_whoever_guesses_wait_longer_and_longer),
		CLAIM(session_slows_down_who_guesses_an_old_passphrase),
		CLAIM(
		    session_tells_a_wrong_title_from_a_wrong_passphrase_by_nothing),
		CLAIM(session_refuses_an_empty_passphrase),
		CLAIM(session_ends_the_first_of_those_who_sign_in_too_often),
		CLAIM(session_bounds_how_many_there_are),
		CLAIM(session_keeps_no_token_and_no_passphrase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
