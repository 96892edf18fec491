#include "keeper/release.h"

#include <dirent.h>

#include "keeper/delegate.h"
#include "keeper/rights.h"
#include "keeper/sheet.h"
#include "people.h"

enum {
	HEAD = 1 << DELEGATE_HEAD,
	DRAFTER = 1 << DELEGATE_DRAFTER,
	RELEASER = 1 << DELEGATE_RELEASER,
};

/* -- what people do ------------------------------------------------------- */

static int
setup(void **state)
{
	struct twin *twin = twin_new_line();
	struct twin_side *a = &twin->side[0];

	people_add(a, "writer", DRAFTER);
	people_add(a, "one", RELEASER);
	people_add(a, "two", RELEASER);
	people_add(a, "three", RELEASER);
	people_add(a, "other head", HEAD);
	*state = twin;
	return 0;
}

static int
teardown(void **state)
{
	twin_free(*state);
	return 0;
}

static struct twin_reply *
set_rule(struct twin_side *side, enum rule_what what, unsigned role,
    uint64_t count, bool emergency)
{
	struct request request = twin_request(side, REQUEST_RULE_SET);

	people_be(side, "head");
	request.ask.rule.what = (uint8_t)what;
	request.ask.rule.needs = count > 0;
	request.ask.rule.need[0] = (struct rule_need){ (uint8_t)role, count };
	request.ask.rule.emergency = emergency;
	return twin_ask(side, &request);
}

static void
two_for_flash(struct twin_side *side, bool emergency)
{
	assert_int_equal(set_rule(side, RULE_FLASH, DELEGATE_RELEASER, 2,
			     emergency)
			     ->reply.kind,
	    REPLY_VIEW);
}

static struct request
flash(struct twin_side *side, const char *text)
{
	struct request request = twin_request(side, REQUEST_SEND);

	request.send.text = twin_text(text);
	request.send.precedence = PRECEDENCE_FLASH;
	return request;
}

static struct twin_reply *
write_draft(struct twin_side *side, const char *who, uint64_t draft,
    const char *text)
{
	struct request request = flash(side, text);

	people_be(side, who);
	request.draft = draft;
	return twin_ask(side, &request);
}

static struct request
of_draft(struct twin_side *side, const char *who, enum request_kind kind,
    uint64_t n)
{
	struct request request = { .kind = kind, .n = n };

	people_be(side, who);
	return request;
}

static struct twin_reply *
release(struct twin_side *side, const char *who, uint64_t n, uint64_t version)
{
	struct request request = of_draft(side, who, REQUEST_DRAFT_RELEASE, n);

	request.ask.draft.version = version;
	return twin_ask(side, &request);
}

static struct twin_reply *
release_alone(struct twin_side *side, const char *who, uint64_t n)
{
	struct request request = of_draft(side, who, REQUEST_DRAFT_RELEASE, n);

	request.ask.draft.version = 1;
	request.ask.draft.emergency = true;
	return twin_ask(side, &request);
}

static struct twin_reply *
recall(struct twin_side *side, const char *who, uint64_t n)
{
	struct request request = of_draft(side, who, REQUEST_DRAFT_RECALL, n);

	return twin_ask(side, &request);
}

static uint64_t
messages(struct twin_side *side)
{
	return (uint64_t)people_count(side,
	    "SELECT count(*) FROM record WHERE side = 0 AND kind = 1");
}

/* One reply, refused with this error, in words. */
static void
refused(const struct twin_side *side, int err)
{
	assert_int_equal(side->reply_count, 1);
	assert_int_equal(side->replies[0].reply.kind, REPLY_ERROR);
	assert_int_equal(side->replies[0].reply.err, err);
	assert_true(strlen(side->replies[0].say) > 20);
}

/* One reply, a draft in that state. */
static void
is_draft(const struct twin_side *side, uint64_t n, enum draft_state state)
{
	const struct reply *reply = &side->replies[0].reply;

	assert_int_equal(side->reply_count, 1);
	if (reply->kind != REPLY_VIEW)
		fail_msg("refused: %s", side->replies[0].say);
	assert_int_equal(reply->about, REQUEST_DRAFT_SHOW);
	assert_int_equal(reply->view.draft.draft, n);
	assert_int_equal(reply->view.draft.state, state);
}

static size_t
files_of(const struct twin_side *side)
{
	char path[96];
	struct dirent *entry;
	size_t count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/attachments", side->folder);
	assert_non_null(folder = opendir(path));
	while ((entry = readdir(folder)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

/* -- the rule ------------------------------------------------------------- */

static void
without_a_rule_one_says_it_alone(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request request = flash(a, "at once");

	people_be(a, "one");
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_SENT);
	assert_int_equal(messages(a), 1);
}

static void
a_rule_refuses_to_say_it_alone(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request request = flash(a, "at once");

	two_for_flash(a, true);
	people_be(a, "one");
	twin_ask(a, &request);
	refused(a, ERR_RULE);
	assert_non_null(strstr(a->replies[0].say, "2 releasers"));
	assert_non_null(strstr(a->replies[0].say, "--draft"));
	assert_non_null(strstr(a->replies[0].say, "--emergency"));
	assert_int_equal(messages(a), 0);
	/* Of another precedence it is not. */
	request.send.precedence = PRECEDENCE_IMMEDIATE;
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_SENT);
	/* Nor does it bind the head any less. */
	people_be(a, "head");
	request.send.precedence = PRECEDENCE_FLASH;
	twin_ask(a, &request);
	refused(a, ERR_RULE);
}

static void
a_rule_refuses_every_kind_that_speaks(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	size_t speaking = 0;

	for (int what = 0; what < RULE_WHAT_COUNT; what++)
		set_rule(a, (enum rule_what)what, DELEGATE_RELEASER, 2, false);
	people_be(a, "head");
	for (int kind = 0; kind < REQUEST_COUNT; kind++) {
		struct request request =
		    twin_request(a, (enum request_kind)kind);

		if (!rights_speaks((enum request_kind)kind))
			continue;
		speaking++;
		twin_ask(a, &request);
		refused(a, ERR_RULE);
		request.emergency = true;
		twin_ask(a, &request);
		refused(a, ERR_RULE);
	}
	assert_true(speaking >= 3);
	assert_int_equal(people_count(a,
			     "SELECT count(*) FROM record WHERE side = 0"),
	    0);
}

static void
a_rule_that_is_cleared_binds_no_more(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request request = flash(a, "at once");

	two_for_flash(a, false);
	set_rule(a, RULE_FLASH, DELEGATE_RELEASER, 0, false);
	people_be(a, "one");
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_SENT);
	assert_true(twin_has_event(a, "rule", "set"));
	assert_true(twin_has_event(a, "rule", "cleared"));
}

static void
a_rule_nobody_could_meet_is_refused(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request request = twin_request(a, REQUEST_RULE_SET);

	for (unsigned role = 0; role < DELEGATE_ROLE_COUNT; role++) {
		set_rule(a, RULE_FLASH, role, 1, false);
		if (role == DELEGATE_HEAD || role == DELEGATE_RELEASER)
			assert_int_equal(a->replies[0].reply.kind, REPLY_VIEW);
		else
			refused(a, ERR_FORMAT);
	}
	/* Twice the same role; none of a role. */
	request.ask.rule.needs = 2;
	request.ask.rule.need[0] = (struct rule_need){ DELEGATE_RELEASER, 1 };
	request.ask.rule.need[1] = (struct rule_need){ DELEGATE_RELEASER, 1 };
	twin_ask(a, &request);
	refused(a, ERR_FORMAT);
	request.ask.rule.need[1] = (struct rule_need){ DELEGATE_HEAD, 0 };
	twin_ask(a, &request);
	refused(a, ERR_FORMAT);
	request.ask.rule.need[1].count = 1;
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_VIEW);
	assert_int_equal(a->replies[0].reply.view.rule.needs, 2);
}

/* -- drafts --------------------------------------------------------------- */

static void
a_draft_is_kept_and_not_said(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request request;

	two_for_flash(a, false);
	write_draft(a, "writer", DRAFT_NEW, "first words");
	is_draft(a, 1, DRAFT_OPEN);
	assert_int_equal(a->replies[0].reply.view.draft.version, 1);
	assert_int_equal(messages(a), 0);
	assert_true(twin_has_event(a, "draft", "written"));
	assert_false(twin_has_event(a, "message", "sent"));
	request = of_draft(a, "writer", REQUEST_DRAFT_SHOW, 1);
	twin_ask(a, &request);
	is_draft(a, 1, DRAFT_OPEN);
	request.n = 2;
	twin_ask(a, &request);
	refused(a, ERR_NOT_FOUND);
	request.n = 1;
	request.ask.draft.version = 2;
	twin_ask(a, &request);
	refused(a, ERR_NOT_FOUND);
}

static void
a_draft_is_refused_for_what_its_release_would_be(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request request = flash(a, "\xff");

	request.draft = DRAFT_NEW;
	people_be(a, "writer");
	twin_ask(a, &request);
	refused(a, ERR_FORMAT);
	request = flash(a, "well");
	request.draft = DRAFT_NEW;
	request.send.re = twin_text("them/9");
	twin_ask(a, &request);
	refused(a, ERR_NOT_FOUND);
	request.send.re = (struct text){ NULL, 0 };
	request.line = twin_text("nobody");
	twin_ask(a, &request);
	refused(a, ERR_NOT_FOUND);
	request.line = twin_text(a->peer);
	request.emergency = true;
	twin_ask(a, &request);
	refused(a, ERR_FORMAT);
	request.emergency = false;
	request.draft = 7;
	twin_ask(a, &request);
	refused(a, ERR_NOT_FOUND);
	assert_int_equal(people_count(a, "SELECT count(*) FROM paper"), 0);
	/* What does not speak is no draft. */
	request = twin_request(a, REQUEST_DRILL);
	people_be(a, "head");
	request.draft = DRAFT_NEW;
	twin_ask(a, &request);
	refused(a, ERR_FORMAT);
}

static void
a_draft_asked_for_twice_is_one(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request request = flash(a, "once");

	people_be(a, "writer");
	memset(request.send.id, 0x5a, sizeof(request.send.id));
	request.draft = DRAFT_NEW;
	twin_ask(a, &request);
	is_draft(a, 1, DRAFT_OPEN);
	twin_ask(a, &request);
	is_draft(a, 1, DRAFT_OPEN);
	assert_int_equal(people_count(a, "SELECT count(*) FROM paper"), 1);
}

/* -- releasing ------------------------------------------------------------ */

static void
two_release_it_and_it_is_said_once(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	twin_run(twin);
	two_for_flash(a, false);
	write_draft(a, "writer", DRAFT_NEW, "by two");
	release(a, "one", 1, 1);
	is_draft(a, 1, DRAFT_WAITING);
	assert_int_equal(messages(a), 0);
	release(a, "one", 1, 1);
	refused(a, ERR_EXISTS);
	release(a, "two", 1, 1);
	is_draft(a, 1, DRAFT_RELEASED);
	assert_string_equal(a->replies[0].reply.view.draft.ref, "us/1");
	assert_int_equal(messages(a), 1);
	assert_true(twin_has_event(a, "draft", "waiting"));
	assert_true(twin_has_event(a, "draft", "released"));
	/* A third, at the same moment, finds it said. */
	release(a, "three", 1, 1);
	refused(a, ERR_STATE);
	assert_int_equal(messages(a), 1);
	twin_run(twin);
	assert_int_equal(people_count(b,
			     "SELECT count(*) FROM record WHERE side = 1 AND"
			     " kind = 1"),
	    1);
	assert_false(twin_has_event(b, "draft", "emergency"));
}

static void
its_writer_never_counts(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];

	two_for_flash(a, false);
	write_draft(a, "one", DRAFT_NEW, "mine");
	release(a, "one", 1, 1);
	refused(a, ERR_RULE);
	release(a, "two", 1, 1);
	is_draft(a, 1, DRAFT_WAITING);
	release(a, "one", 1, 1);
	refused(a, ERR_RULE);
	release(a, "three", 1, 1);
	is_draft(a, 1, DRAFT_RELEASED);
}

static void
who_has_none_of_the_roles_does_not_count(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];

	two_for_flash(a, false);
	write_draft(a, "writer", DRAFT_NEW, "mine");
	release(a, "head", 1, 1);
	refused(a, ERR_RULE);
	release(a, "writer", 1, 1);
	refused(a, ERR_DENIED);
	assert_int_equal(messages(a), 0);
}

static void
a_new_version_voids_what_was_released(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];

	two_for_flash(a, false);
	write_draft(a, "writer", DRAFT_NEW, "one way");
	release(a, "one", 1, 1);
	write_draft(a, "writer", 1, "another way");
	is_draft(a, 1, DRAFT_OPEN);
	assert_int_equal(a->replies[0].reply.view.draft.version, 2);
	/* Of the version that nobody shall say any more. */
	release(a, "two", 1, 1);
	refused(a, ERR_STATE);
	assert_non_null(strstr(a->replies[0].say, "version 1"));
	release(a, "two", 1, 3);
	refused(a, ERR_NOT_FOUND);
	release(a, "two", 1, 0);
	refused(a, ERR_NOT_FOUND);
	release(a, "two", 1, 2);
	is_draft(a, 1, DRAFT_WAITING);
	assert_int_equal(messages(a), 0);
	release(a, "one", 1, 2);
	is_draft(a, 1, DRAFT_RELEASED);
	assert_int_equal(people_count(a,
			     "SELECT count(*) FROM record"
			     " WHERE kind = 1 AND text = x'616e6f7468657220776"
			     "179'"),
	    1);
}

static void
who_is_revoked_meanwhile_does_not_count(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];

	two_for_flash(a, false);
	write_draft(a, "writer", DRAFT_NEW, "by whom");
	release(a, "one", 1, 1);
	people_sql(a, "UPDATE delegate SET revoked_ms = 1 WHERE title = 'one'");
	release(a, "two", 1, 1);
	is_draft(a, 1, DRAFT_WAITING);
	assert_int_equal(messages(a), 0);
	release(a, "three", 1, 1);
	is_draft(a, 1, DRAFT_RELEASED);
}

static void
a_released_draft_does_not_change(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request request;

	people_be(a, "one");
	write_draft(a, "writer", DRAFT_NEW, "said");
	release(a, "one", 1, 1);
	is_draft(a, 1, DRAFT_RELEASED);
	write_draft(a, "writer", 1, "unsaid");
	refused(a, ERR_STATE);
	recall(a, "head", 1);
	refused(a, ERR_STATE);
	request = of_draft(a, "one", REQUEST_DRAFT_COMMENT, 1);
	request.ask.draft.text = twin_text("too late");
	twin_ask(a, &request);
	refused(a, ERR_STATE);
	release(a, "two", 1, 1);
	refused(a, ERR_STATE);
	assert_int_equal(messages(a), 1);
}

static void
a_recalled_draft_is_not_said(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];

	people_add(a, "second writer", DRAFTER);
	two_for_flash(a, true);
	write_draft(a, "writer", DRAFT_NEW, "better not");
	recall(a, "second writer", 1);
	refused(a, ERR_DENIED);
	recall(a, "writer", 1);
	is_draft(a, 1, DRAFT_RECALLED);
	release(a, "one", 1, 1);
	refused(a, ERR_STATE);
	release_alone(a, "one", 1);
	refused(a, ERR_STATE);
	write_draft(a, "writer", 1, "after all");
	refused(a, ERR_STATE);
	recall(a, "writer", 1);
	refused(a, ERR_STATE);
	write_draft(a, "writer", DRAFT_NEW, "better not either");
	recall(a, "one", 2);
	is_draft(a, 2, DRAFT_RECALLED);
	assert_int_equal(messages(a), 0);
}

static void
a_release_whose_line_is_closed_is_refused(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request request = twin_request(a, REQUEST_LINE_CLOSE);

	write_draft(a, "writer", DRAFT_NEW, "to whom");
	people_be(a, "head");
	twin_ask(a, &request);
	release(a, "one", 1, 1);
	refused(a, ERR_STATE);
	recall(a, "one", 1);
	is_draft(a, 1, DRAFT_RECALLED);
}

static void
a_release_is_refused_where_it_can_be_said_no_more(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];

	write_draft(a, "writer", DRAFT_NEW, "the disk fills");
	a->disk_free = 1;
	a->keeper->disk.looked_ns = 0;
	a->keeper->now.now_ns += CLOCK_NS_PER_S;
	a->twin->now.now_ns += 10 * (uint64_t)CLOCK_NS_PER_S;
	release(a, "one", 1, 1);
	refused(a, ERR_FULL);
	assert_int_equal(messages(a), 0);
	a->disk_free = UINT64_C(1) << 40;
	a->twin->now.now_ns += 10 * (uint64_t)CLOCK_NS_PER_S;
	release(a, "one", 1, 1);
	is_draft(a, 1, DRAFT_RELEASED);
	assert_int_equal(messages(a), 1);
}

/* -- emergencies ---------------------------------------------------------- */

static void
an_emergency_is_marked_for_both(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = flash(a, "now");

	twin_run(twin);
	two_for_flash(a, true);
	write_draft(a, "writer", DRAFT_NEW, "no time");
	release_alone(a, "one", 1);
	is_draft(a, 1, DRAFT_RELEASED);
	assert_true(twin_has_event(a, "draft", "emergency"));
	people_be(a, "two");
	request.emergency = true;
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_SENT);
	assert_int_equal(messages(a), 2);
	twin_run(twin);
	assert_true(twin_has_event(b, "draft", "emergency"));
}

static void
an_emergency_marks_nothing_else(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request calm = flash(a, "calm"), request = flash(a, "now");
	struct query q;
	struct record record;
	const void *head;
	bool marked[3];
	size_t len, count = 0;

	people_be(a, "one");
	calm.id = ++a->twin->request;
	keeper_on_request(a->keeper, &calm, a->twin->now);
	request.id = ++a->twin->request;
	request.emergency = true;
	keeper_on_request(a->keeper, &request, a->twin->now);
	calm.id = ++a->twin->request;
	keeper_on_request(a->keeper, &calm, a->twin->now);
	twin_run(a->twin);
	for (int64_t row = 1; count < 3; row++) {
		q = store_query(&a->keeper->store, STMT_RECORD_GET);
		query_bind_int(&q, row);
		assert_true(query_next(&q));
		for (int i = 0; i < 6; i++)
			query_int(&q);
		head = query_blob(&q, &len);
		assert_int_equal(record_decode_head(&record, head, len), OK);
		if (record.kind == RECORD_MESSAGE)
			marked[count++] = record.is_emergency;
		assert_int_equal(query_end(&q), OK);
	}
	assert_false(marked[0]);
	assert_true(marked[1]);
	assert_false(marked[2]);
}

static void
an_emergency_that_the_rule_forbids_is_refused(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request request = flash(a, "now");

	two_for_flash(a, false);
	write_draft(a, "writer", DRAFT_NEW, "no time");
	release_alone(a, "one", 1);
	refused(a, ERR_RULE);
	request.emergency = true;
	twin_ask(a, &request);
	refused(a, ERR_RULE);
	assert_int_equal(messages(a), 0);
}

/* -- files ---------------------------------------------------------------- */

static struct twin_reply *
write_with_file(struct twin_side *side, uint64_t draft, uint8_t seed)
{
	struct request request = flash(side, "with a file");

	people_be(side, "writer");
	request.send.attachments = 1;
	request.send.attachment[0].upload = twin_upload(side, 100000, seed);
	request.send.attachment[0].name = twin_text("map.png");
	request.send.attachment[0].type = twin_text("image/png");
	request.draft = draft;
	return twin_ask(side, &request);
}

/* Whoever is to release it reads it piece by piece, and no other. */
static void
reads_file(struct twin_side *side)
{
	struct request request = of_draft(side, "one", REQUEST_DRAFT_GET, 1);
	uint64_t total = 0;

	request.get.n = 1;
	while (total < 100000) {
		const struct twin_reply *reply;

		request.get.offset = total;
		reply = twin_ask(side, &request);
		assert_int_equal(reply->reply.kind, REPLY_DATA);
		assert_int_equal(reply->reply.data.total, 100000);
		for (size_t i = 0; i < reply->file_len; i++) {
			const size_t at = (size_t)(total + i) %
			    REQUEST_ATTACHMENT_PIECE_BYTES;

			assert_int_equal(reply->file[i],
			    (uint8_t)(at * 31 + 3));
		}
		assert_in_range(reply->file_len, 1, 100000 - total);
		total += reply->file_len;
	}
	request.get.offset = 100000;
	assert_int_equal(twin_ask(side, &request)->reply.kind, REPLY_DATA);
	assert_int_equal(side->replies[0].file_len, 0);
	request.get.offset = 7;
	assert_int_equal(twin_ask(side, &request)->file[0], 7 * 31 + 3);
	request.get.offset = 100001;
	twin_ask(side, &request);
	refused(side, ERR_SIZE);
	request.get.offset = 0;
	request.get.n = 2;
	twin_ask(side, &request);
	refused(side, ERR_NOT_FOUND);
	request.get.n = 0;
	twin_ask(side, &request);
	refused(side, ERR_NOT_FOUND);
}

static void
files_of_a_draft_outlive_a_restart_and_go_with_it(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];

	two_for_flash(a, false);
	write_with_file(a, DRAFT_NEW, 3);
	is_draft(a, 1, DRAFT_OPEN);
	assert_int_equal(a->replies[0].reply.view.draft.files, 1);
	assert_int_equal(a->replies[0].reply.view.draft.file[0].bytes, 100000);
	keeper_on_desk_lost(a->keeper);
	assert_int_equal(files_of(a), 1);
	twin_restart(a);
	assert_int_equal(files_of(a), 1);
	reads_file(a);
	twin_reboot(twin);
	release(a, "one", 1, 1);
	release(a, "two", 1, 1);
	is_draft(a, 1, DRAFT_RELEASED);
	assert_int_equal(files_of(a), 1);
	twin_run(twin);
	assert_int_equal(files_of(b), 1);
	twin_restart(a);
	assert_int_equal(files_of(a), 1);
	assert_int_equal(people_count(b,
			     "SELECT count(*) FROM attachment WHERE hash IS"
			     " NOT NULL AND here = 100000"),
	    1);
}

static void
files_go_where_a_draft_is_rewritten_or_recalled(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];

	write_with_file(a, DRAFT_NEW, 3);
	assert_int_equal(files_of(a), 1);
	write_with_file(a, 1, 4);
	is_draft(a, 1, DRAFT_OPEN);
	assert_int_equal(files_of(a), 1);
	recall(a, "writer", 1);
	is_draft(a, 1, DRAFT_RECALLED);
	assert_int_equal(files_of(a), 0);
	twin_restart(a);
	assert_int_equal(files_of(a), 0);
}

/* -- one transaction ------------------------------------------------------ */

/* At every commit in turn the keeper ends without a word.  Afterwards the draft is
 * released and said, or neither. */
static void
a_keeper_that_is_killed_says_it_once(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];

	two_for_flash(a, false);
	for (uint64_t n = 1; n <= 6; n++) {
		write_draft(a, "writer", DRAFT_NEW, "whatever happens");
		release(a, "one", n, 1);
		if (n % 2 == 0) {
			/* The transaction that says it does not come through. */
			people_sql(a,
			    "CREATE TEMP TRIGGER killed BEFORE UPDATE ON paper"
			    " BEGIN SELECT RAISE(ABORT, 'killed'); END");
			release(a, "two", n, 1);
			assert_int_equal(a->replies[0].reply.kind, REPLY_ERROR);
			assert_int_equal(messages(a), n - 1);
			twin_restart(a);
		}
		release(a, "two", n, 1);
		is_draft(a, n, DRAFT_RELEASED);
		twin_restart(a);
		release(a, "two", n, 1);
		refused(a, ERR_STATE);
		assert_int_equal(messages(a), n);
		assert_int_equal(people_count(a,
				     "SELECT count(*) FROM paper"
				     " WHERE state = 1"),
		    n);
	}
}

static void
a_draft_of_another_version_of_quietline_is_not_guessed_at(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];

	write_draft(a, "writer", DRAFT_NEW, "old");
	people_sql(a,
	    "UPDATE paper_version SET sheet = x'02' || "
	    "substr(sheet, 2)");
	release(a, "one", 1, 1);
	refused(a, ERR_VERSION);
	recall(a, "writer", 1);
	is_draft(a, 1, DRAFT_RECALLED);
	assert_int_equal(messages(a), 0);
}

static void
lists_and_history_come_by_pages(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request request;

	for (int i = 0; i < 5; i++)
		write_draft(a, "writer", DRAFT_NEW, "one of five");
	recall(a, "writer", 2);
	request = of_draft(a, "writer", REQUEST_DRAFT_LIST, 0);
	request.page.limit = 3;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 4);
	assert_int_equal(a->replies[1].reply.view.draft.draft, 3);
	assert_true(a->replies[3].reply.cut);
	request.page.after = a->replies[2].reply.cursor;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 2);
	assert_false(a->replies[1].reply.cut);
	request.page.after = 0;
	request.page.limit = 50;
	request.ask.draft.all = true;
	request.ask.draft.line = twin_text(a->peer);
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 6);
	request.ask.draft.line = twin_text("nobody");
	twin_ask(a, &request);
	refused(a, ERR_NOT_FOUND);
	/* However much is asked for, it comes by pieces. */
	for (int i = 0; i < DRAFT_PAGE_MAX; i++)
		write_draft(a, "writer", DRAFT_NEW, "one of many");
	request = of_draft(a, "writer", REQUEST_DRAFT_LIST, 0);
	request.page.limit = UINT32_MAX;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, DRAFT_PAGE_MAX + 1);
	assert_true(a->replies[DRAFT_PAGE_MAX].reply.cut);
	request = of_draft(a, "writer", REQUEST_DRAFT_HISTORY, 2);
	request.page.limit = 1;
	twin_ask(a, &request);
	assert_int_equal(a->reply_count, 2);
	assert_int_equal(a->replies[0].reply.view.act.act, ACT_WRITTEN);
	assert_true(a->replies[1].reply.cut);
}

/* -- all that can be said ------------------------------------------------- */

/* One act that speaks: what goes before it on the other side, and the request. */
struct act {
	enum request_kind kind;
	void (*before)(struct twin_side *them);
	void (*fill)(struct request *request);
};

static void
they_send(struct twin_side *them)
{
	twin_send(them, "theirs", PRECEDENCE_ROUTINE);
}

static void
they_raise(struct twin_side *them)
{
	struct request request = twin_request(them, REQUEST_POINT_RAISE);

	request.ask.raise.title = twin_text("theirs");
	assert_int_equal(twin_ask(them, &request)->reply.kind, REPLY_VIEW);
}

static void
they_enter(struct twin_side *them)
{
	struct request request = twin_request(them, REQUEST_PUBLIC_ADD);

	request.ask.public.said_ms = 1795000000000;
	request.ask.public.speaker = twin_text("a minister");
	request.ask.public.source = twin_text("evening news");
	request.ask.public.text = twin_text("never");
	assert_int_equal(twin_ask(them, &request)->reply.kind, REPLY_VIEW);
}

static void
fill_propose(struct request *request)
{
	request->ask.form_propose.shipped = twin_text("test");
	request->ask.form_propose.languages = 2;
	request->ask.form_propose.language[0] = twin_text("en");
	request->ask.form_propose.language[1] = twin_text("fr");
}

static void
they_propose(struct twin_side *them)
{
	struct request request = twin_request(them, REQUEST_FORM_PROPOSE);

	fill_propose(&request);
	assert_int_equal(twin_ask(them, &request)->reply.kind, REPLY_VIEW);
}

static void
they_ask(struct twin_side *them)
{
	struct request request = twin_request(them, REQUEST_WILLING_ASK);

	request.ask.willing.question = twin_text("Would you?");
	request.ask.willing.answer = true;
	assert_int_equal(twin_ask(them, &request)->reply.kind, REPLY_VIEW);
}

static void
fill_send(struct request *request)
{
	request->send.text = twin_text("words");
	request->send.re = twin_text("them/1");
}

static void
fill_translate(struct request *request)
{
	request->ref = twin_text("them/1");
	request->ask.translation.language = twin_text("en");
	request->ask.translation.text = twin_text("theirs, in English");
}

static void
fill_raise(struct request *request)
{
	request->ask.raise.title = twin_text("ours");
	request->ask.raise.deadline_ms = 1896000000000;
}

static void
fill_stand(struct request *request)
{
	request->ref = twin_text("them/p1");
	request->ask.stand.standing = STANDING_UNDER_STUDY;
	request->ask.stand.note = twin_text("a note");
}

static void
fill_public(struct request *request)
{
	request->ask.public.said_ms = 1795000000000;
	request->ask.public.speaker = twin_text("a spokesman");
	request->ask.public.source = twin_text("a paper");
	request->ask.public.text = twin_text("perhaps");
}

static void
fill_reading(struct request *request)
{
	request->ref = twin_text("them/e1");
	request->ask.reading.text = twin_text("not said to this line");
}

static void
fill_answer(struct request *request)
{
	request->n = 2;
	request->ask.form_answer.answer = PACT_AGREE;
}

static void
fill_willing(struct request *request)
{
	request->ask.willing.question = twin_text("Would you?");
	request->ask.willing.answer = true;
}

static void
fill_willing_answer(struct request *request)
{
	request->n = 1;
	request->ask.willing.answer = true;
}

static const struct act acts[] = {
	{ REQUEST_SEND, they_send, fill_send },
	{ REQUEST_TRANSLATE, they_send, fill_translate },
	{ REQUEST_POINT_RAISE, they_raise, fill_raise },
	{ REQUEST_POINT_STAND, they_raise, fill_stand },
	{ REQUEST_PUBLIC_ADD, they_raise, fill_public },
	{ REQUEST_PUBLIC_READING, they_enter, fill_reading },
	{ REQUEST_FORM_PROPOSE, they_propose, fill_propose },
	{ REQUEST_FORM_ANSWER, they_propose, fill_answer },
	{ REQUEST_WILLING_ASK, they_send, fill_willing },
	{ REQUEST_WILLING_ANSWER, they_ask, fill_willing_answer },
};

enum { ACTS = sizeof(acts) / sizeof(acts[0]) };

/* Of all tables together: a trial changes none. */
static int64_t
rows(struct twin_side *side)
{
	sqlite3_stmt *stmt;
	char text[160];
	int64_t sum = 0;

	assert_int_equal(sqlite3_prepare_v2(side->keeper->store
						.db[STORE_RECORD],
			     "SELECT name FROM sqlite_master"
			     " WHERE type = 'table'",
			     -1, &stmt, NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);

		if (strncmp(name, "paper", 5) == 0 ||
		    strcmp(name, "event") == 0)
			continue;
		snprintf(text, sizeof(text), "SELECT count(*) FROM %s", name);
		sum += people_count(side, text);
	}
	sqlite3_finalize(stmt);
	return sum;
}

static int64_t
our_records(struct twin_side *side)
{
	return people_count(side, "SELECT count(*) FROM record WHERE side = 0");
}

static void
draft_and_release(const struct act *act)
{
	struct twin *twin = twin_new_line();
	struct twin_side *a = &twin->side[0], *b = &twin->side[1];
	struct request request = twin_request(a, act->kind);
	int64_t before, records;

	people_add(a, "writer", HEAD);
	twin_run(twin);
	act->before(b);
	twin_run(twin);
	act->fill(&request);
	request.draft = DRAFT_NEW;
	before = rows(a);
	records = our_records(a);
	/* Twice: nothing of the first try is left in memory either. */
	people_be(a, "writer");
	for (uint64_t n = 1; n <= 2; n++) {
		twin_ask(a, &request);
		if (a->replies[0].reply.kind != REPLY_VIEW)
			fail_msg("request %d: %s", act->kind,
			    a->replies[0].say);
		is_draft(a, n, DRAFT_OPEN);
		twin_run(twin);
		assert_int_equal(rows(a), before);
		assert_int_equal(our_records(a), records);
	}
	release(a, "head", 1, 1);
	if (a->replies[0].reply.kind != REPLY_VIEW)
		fail_msg("request %d: %s", act->kind, a->replies[0].say);
	is_draft(a, 1, DRAFT_RELEASED);
	assert_true(strlen(a->replies[0].reply.view.draft.ref) >= 4);
	assert_int_equal(our_records(a), records + 1);
	assert_int_equal(people_count(a,
			     "SELECT count(*) FROM author WHERE title ="
			     " 'writer' AND row = (SELECT record FROM paper"
			     " WHERE n = 1)"),
	    1);
	twin_run(twin);
	assert_int_equal(people_count(b,
			     "SELECT count(*) FROM record WHERE side = 1 AND"
			     " seq IS NOT NULL"),
	    our_records(a));
	twin_free(twin);
}

static void
all_that_can_be_said_can_be_drafted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ACTS; i++)
		draft_and_release(&acts[i]);
	/* Passing on takes a second line: test/api/walk.py. */
	for (int kind = 0; kind < REQUEST_COUNT; kind++) {
		bool is_here = kind == REQUEST_PASS;

		for (size_t i = 0; i < ACTS; i++)
			is_here = is_here || (int)acts[i].kind == kind;
		if (rights_speaks((enum request_kind)kind) && !is_here)
			fail_msg("request %d", kind);
	}
}

/* Who may not agree for this side does not get by a draft what they may not. */
static void
what_binds_this_side_takes_a_head(void **state)
{
	struct twin *twin = *state;
	struct twin_side *a = &twin->side[0];
	struct request request = twin_request(a, REQUEST_FORM_PROPOSE);

	people_be(a, "one");
	fill_propose(&request);
	request.draft = DRAFT_NEW;
	twin_ask(a, &request);
	is_draft(a, 1, DRAFT_OPEN);
	release(a, "two", 1, 1);
	refused(a, ERR_DENIED);
	release_alone(a, "two", 1);
	refused(a, ERR_DENIED);
	/* A rule of releasers does not make them heads, but a head joins. */
	set_rule(a, RULE_OTHER, DELEGATE_RELEASER, 2, false);
	release(a, "two", 1, 1);
	is_draft(a, 1, DRAFT_WAITING);
	release(a, "three", 1, 1);
	is_draft(a, 1, DRAFT_WAITING);
	assert_int_equal(our_records(a), 0);
	release(a, "head", 1, 1);
	is_draft(a, 1, DRAFT_RELEASED);
	assert_int_equal(our_records(a), 1);
}

/* What one sends while another writes a draft is no part of the trial. */
static void
a_draft_keeps_back_nothing_that_is_sent_beside_it(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request sent = flash(a, "goes"), drafted = flash(a, "waits");

	people_be(a, "one");
	sent.id = 9001;
	a->reply_count = 0;
	keeper_on_request(a->keeper, &sent, a->twin->now);
	drafted.draft = DRAFT_NEW;
	drafted.id = 9002;
	keeper_on_request(a->keeper, &drafted, a->twin->now);
	assert_int_equal(a->reply_count, 2);
	assert_int_equal(a->replies[0].reply.id, 9001);
	assert_int_equal(a->replies[0].reply.kind, REPLY_SENT);
	assert_int_equal(a->replies[1].reply.id, 9002);
	assert_int_equal(a->replies[1].reply.kind, REPLY_VIEW);
	assert_int_equal(messages(a), 1);
}

/* A drafter could read what a head has uploaded, and take it away. */
static void
nobody_takes_the_file_of_another(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request request = twin_request(a, REQUEST_SEND);

	people_be(a, "head");
	request.send.attachments = 1;
	request.send.attachment[0] =
	    (struct upload_use){ .upload = twin_upload(a, 1000, 3),
		    .name = twin_text("plan.pdf"),
		    .type = twin_text("application/pdf") };
	people_be(a, "writer");
	request.draft = DRAFT_NEW;
	twin_ask(a, &request);
	refused(a, ERR_NOT_FOUND);
	people_be(a, "one");
	request.draft = 0;
	twin_ask(a, &request);
	refused(a, ERR_NOT_FOUND);
	people_be(a, "head");
	assert_int_equal(twin_ask(a, &request)->reply.kind, REPLY_SENT);
}

/* Whoever may only draft could keep a draft from being released otherwise. */
static void
comments_crowd_out_no_release(void **state)
{
	struct twin_side *a = &((struct twin *)*state)->side[0];
	struct request comment;

	two_for_flash(a, false);
	write_draft(a, "writer", DRAFT_NEW, "at once");
	comment = of_draft(a, "writer", REQUEST_DRAFT_COMMENT, 1);
	comment.ask.draft.text = twin_text("no");
	for (int i = 1; i < DRAFT_ACTS_MAX; i++)
		twin_ask(a, &comment);
	is_draft(a, 1, DRAFT_OPEN);
	twin_ask(a, &comment);
	refused(a, ERR_LIMIT);
	release(a, "one", 1, 1);
	is_draft(a, 1, DRAFT_WAITING);
	release(a, "one", 1, 1);
	refused(a, ERR_EXISTS);
	release(a, "two", 1, 1);
	is_draft(a, 1, DRAFT_RELEASED);
	assert_int_equal(messages(a), 1);
}

int
main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(without_a_rule_one_says_it_alone),
		T(a_rule_refuses_to_say_it_alone),
		T(a_rule_refuses_every_kind_that_speaks),
		T(a_rule_that_is_cleared_binds_no_more),
		T(a_rule_nobody_could_meet_is_refused),
		T(a_draft_is_kept_and_not_said),
		T(a_draft_is_refused_for_what_its_release_would_be),
		T(a_draft_asked_for_twice_is_one),
		T(two_release_it_and_it_is_said_once),
		T(its_writer_never_counts),
		T(who_has_none_of_the_roles_does_not_count),
		T(a_new_version_voids_what_was_released),
		T(who_is_revoked_meanwhile_does_not_count),
		T(a_released_draft_does_not_change),
		T(a_recalled_draft_is_not_said),
		T(a_release_whose_line_is_closed_is_refused),
		T(a_release_is_refused_where_it_can_be_said_no_more),
		T(an_emergency_is_marked_for_both),
		T(an_emergency_marks_nothing_else),
		T(an_emergency_that_the_rule_forbids_is_refused),
		T(files_of_a_draft_outlive_a_restart_and_go_with_it),
		T(files_go_where_a_draft_is_rewritten_or_recalled),
		T(a_keeper_that_is_killed_says_it_once),
		T(a_draft_of_another_version_of_quietline_is_not_guessed_at),
		T(lists_and_history_come_by_pages),
		cmocka_unit_test(all_that_can_be_said_can_be_drafted),
		T(what_binds_this_side_takes_a_head),
		T(a_draft_keeps_back_nothing_that_is_sent_beside_it),
		T(nobody_takes_the_file_of_another),
		T(comments_crowd_out_no_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
