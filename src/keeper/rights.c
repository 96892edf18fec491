#include "keeper/rights.h"

#include <assert.h>
#include <string.h>

#include "base/word.h"
#include "keeper/rule.h"
#include "keeper/session.h"

#define MAY(right) (UINT32_C(1) << (right))

/* Those of every role: a reader has no others. */
#define READER (MAY(RIGHT_SELF) | MAY(RIGHT_LOOK) | MAY(RIGHT_READ))
#define DRAFTER (READER | MAY(RIGHT_NOTE) | MAY(RIGHT_DRAFT))

/* What each role may.  A delegate with several may what any of them may. */
static const uint32_t roles_may[DELEGATE_ROLE_COUNT] = {
	[DELEGATE_HEAD] = UINT32_MAX,
	[DELEGATE_DRAFTER] = DRAFTER,
	[DELEGATE_RELEASER] = DRAFTER | MAY(RIGHT_SPEAK),
	[DELEGATE_INTERPRETER] =
	    READER | MAY(RIGHT_TRANSLATE) | MAY(RIGHT_DRAFT),
	[DELEGATE_WATCH] = READER | MAY(RIGHT_NOTE) | MAY(RIGHT_WATCH),
	[DELEGATE_READER] = READER,
};

/* What each request takes, and whether it speaks for this side. */
struct row {
	enum right right;
	bool speaks;
};

static const struct row rows[REQUEST_COUNT] = {
	[REQUEST_STATUS] = { RIGHT_LOOK, false },
	[REQUEST_OFFER] = { RIGHT_LINE, false },
	[REQUEST_ACCEPT] = { RIGHT_LINE, false },
	[REQUEST_FINISH] = { RIGHT_LINE, false },
	[REQUEST_CONFIRM] = { RIGHT_LINE, false },
	[REQUEST_LINE_SHOW] = { RIGHT_LOOK, false },
	[REQUEST_LINE_CLOSE] = { RIGHT_LINE, false },
	[REQUEST_PATH_ADD] = { RIGHT_LINE, false },
	[REQUEST_PATH_LIST] = { RIGHT_LOOK, false },
	[REQUEST_PATH_REMOVE] = { RIGHT_LINE, false },
	[REQUEST_ROAMING] = { RIGHT_LINE, false },
	[REQUEST_CADENCE] = { RIGHT_LINE, false },
	[REQUEST_UPLOAD_OPEN] = { RIGHT_DRAFT, false },
	[REQUEST_UPLOAD_DATA] = { RIGHT_DRAFT, false },
	[REQUEST_UPLOAD_DONE] = { RIGHT_DRAFT, false },
	/* Of an upload whose number only its sender knows; the desk, too, drops
	 * what nobody waits for any more. */
	[REQUEST_UPLOAD_DROP] = { RIGHT_ANYBODY, false },
	[REQUEST_SEND] = { RIGHT_SPEAK, true },
	[REQUEST_READ] = { RIGHT_READ, false },
	[REQUEST_GET] = { RIGHT_READ, false },
	[REQUEST_ACK] = { RIGHT_NOTE, false },
	[REQUEST_DRILL] = { RIGHT_WATCH, false },
	[REQUEST_WATCH] = { RIGHT_WATCH, false },
	[REQUEST_HISTORY] = { RIGHT_LOOK, false },
	[REQUEST_EVENTS] = { RIGHT_LOOK, false },
	[REQUEST_DOWN] = { RIGHT_DOWN, false },
	[REQUEST_DELEGATE_ADD] = { RIGHT_PEOPLE, false },
	[REQUEST_DELEGATE_LIST] = { RIGHT_LOOK, false },
	[REQUEST_DELEGATE_SHOW] = { RIGHT_LOOK, false },
	[REQUEST_DELEGATE_SET] = { RIGHT_PEOPLE, false },
	/* Their own; another's takes RIGHT_PEOPLE, which delegate.c looks at. */
	[REQUEST_DELEGATE_PASSPHRASE] = { RIGHT_SELF, false },
	[REQUEST_DELEGATE_REVOKE] = { RIGHT_PEOPLE, false },
	[REQUEST_DELEGATE_OWNER] = { RIGHT_PEOPLE, false },
	[REQUEST_SIGN_IN] = { RIGHT_ANYBODY, false },
	[REQUEST_SIGN_OUT] = { RIGHT_SELF, false },
	[REQUEST_WHO] = { RIGHT_SELF, false },
	[REQUEST_WAITING] = { RIGHT_LOOK, false },
	[REQUEST_ALARM_LIST] = { RIGHT_LOOK, false },
	[REQUEST_ALARM_SHOW] = { RIGHT_LOOK, false },
	[REQUEST_ALARM_ACK] = { RIGHT_NOTE, false },
	[REQUEST_ALARM_TEST] = { RIGHT_WATCH, false },
	[REQUEST_ALARM_RULES] = { RIGHT_LOOK, false },
	[REQUEST_ALARM_SET] = { RIGHT_WATCH, false },
	[REQUEST_ALARM_SILENCE] = { RIGHT_WATCH, false },
	[REQUEST_TRANSLATE] = { RIGHT_TRANSLATE, true },
	[REQUEST_TRANSLATION_LIST] = { RIGHT_READ, false },
	[REQUEST_PASS] = { RIGHT_SPEAK, true },
	[REQUEST_PASSED_LIST] = { RIGHT_READ, false },
	[REQUEST_FORM_SHIPPED] = { RIGHT_LOOK, false },
	[REQUEST_FORM_SHIPPED_SHOW] = { RIGHT_LOOK, false },
	[REQUEST_FORM_PROPOSE] = { RIGHT_RULE, true },
	[REQUEST_FORM_LIST] = { RIGHT_READ, false },
	[REQUEST_FORM_SHOW] = { RIGHT_READ, false },
	[REQUEST_FORM_ANSWER] = { RIGHT_RULE, true },
	[REQUEST_DISCLOSURE] = { RIGHT_LOOK, false },
	[REQUEST_DISCLOSURE_SET] = { RIGHT_RULE, false },
	[REQUEST_MARK_READ] = { RIGHT_NOTE, false },
	[REQUEST_POINT_RAISE] = { RIGHT_SPEAK, true },
	[REQUEST_POINT_STAND] = { RIGHT_SPEAK, true },
	[REQUEST_POINT_LIST] = { RIGHT_READ, false },
	[REQUEST_POINT_SHOW] = { RIGHT_READ, false },
	[REQUEST_POINT_HISTORY] = { RIGHT_READ, false },
	[REQUEST_POINT_MESSAGES] = { RIGHT_READ, false },
	[REQUEST_PUBLIC_ADD] = { RIGHT_SPEAK, true },
	[REQUEST_PUBLIC_LIST] = { RIGHT_READ, false },
	[REQUEST_PUBLIC_READING] = { RIGHT_SPEAK, true },
	[REQUEST_WILLING_ASK] = { RIGHT_SPEAK, true },
	[REQUEST_WILLING_ANSWER] = { RIGHT_SPEAK, true },
	[REQUEST_WILLING_LIST] = { RIGHT_READ, false },
	[REQUEST_WILLING_SHOW] = { RIGHT_READ, false },
	[REQUEST_WATCH_SHOW] = { RIGHT_LOOK, false },
	[REQUEST_WATCH_TAKE] = { RIGHT_WATCH, false },
	[REQUEST_WATCH_HAND_OVER] = { RIGHT_WATCH, false },
	[REQUEST_WATCH_LEAVE] = { RIGHT_WATCH, false },
	[REQUEST_WATCH_LOG] = { RIGHT_LOOK, false },
	[REQUEST_ROSTER_SHOW] = { RIGHT_LOOK, false },
	[REQUEST_ROSTER_SET] = { RIGHT_WATCH, false },
	[REQUEST_ROSTER_HEARD] = { RIGHT_LOOK, false },
	[REQUEST_DRILL_PLAN] = { RIGHT_LOOK, false },
	[REQUEST_DRILL_SET] = { RIGHT_RULE, false },
	[REQUEST_DRILL_LIST] = { RIGHT_LOOK, false },
	[REQUEST_DRILL_ACK] = { RIGHT_NOTE, false },
	[REQUEST_DRILL_MONTHS] = { RIGHT_LOOK, false },
	[REQUEST_SERVICE_SAY] = { RIGHT_WATCH, false },
	[REQUEST_SERVICE_LIST] = { RIGHT_READ, false },
	[REQUEST_DRAFT_LIST] = { RIGHT_READ, false },
	[REQUEST_DRAFT_SHOW] = { RIGHT_READ, false },
	[REQUEST_DRAFT_HISTORY] = { RIGHT_READ, false },
	[REQUEST_DRAFT_COMMENT] = { RIGHT_DRAFT, false },
	/* The draft speaks, by the rule that release.c looks at. */
	[REQUEST_DRAFT_RELEASE] = { RIGHT_SPEAK, false },
	/* One's own; another's takes RIGHT_SPEAK, which drafting.c looks at. */
	[REQUEST_DRAFT_RECALL] = { RIGHT_DRAFT, false },
	[REQUEST_DRAFT_GET] = { RIGHT_READ, false },
	[REQUEST_RULE_LIST] = { RIGHT_READ, false },
	[REQUEST_RULE_SET] = { RIGHT_RULE, false },
};

enum right
rights_of(enum request_kind kind)
{
	return rows[kind].right;
}

bool
rights_speaks(enum request_kind kind)
{
	return rows[kind].speaks;
}

bool
rights_roles_may(uint32_t roles, enum right right)
{
	uint32_t may = 0;

	for (unsigned i = 0; i < DELEGATE_ROLE_COUNT; i++)
		if ((roles >> i & 1) != 0)
			may |= roles_may[i];
	return right != RIGHT_MISSING && (may & MAY(right)) != 0;
}

bool
rights_role_speaks(unsigned role)
{
	return role < DELEGATE_ROLE_COUNT &&
	    (roles_may[role] & MAY(RIGHT_SPEAK)) != 0;
}

bool
rights_may(const struct keeper *keeper, enum right right)
{
	return rights_roles_may(keeper->who.roles, right);
}

bool
rights_may_speak(struct keeper *keeper, uint32_t delegate)
{
	return rights_roles_may(delegate_roles_of(keeper, delegate),
	    RIGHT_SPEAK);
}

bool
rights_title_may(struct keeper *keeper, const char *title, enum right right)
{
	struct delegate delegate;

	return delegate_find(keeper, text_of(title), &delegate) == OK &&
	    delegate.revoked_ms == 0 && rights_roles_may(delegate.roles, right);
}

static int
find_owner(struct keeper *keeper, struct who *who)
{
	struct delegate delegate;
	int rc = delegate_get_owner(keeper, &delegate);

	if (rc == OK && delegate.revoked_ms != 0)
		rc = ERR_NOT_FOUND;
	if (rc != OK)
		return rc;
	who->id = delegate.id;
	who->roles = delegate.roles;
	memcpy(who->title, delegate.title, sizeof(who->title));
	memcpy(who->name, delegate.name, sizeof(who->name));
	return OK;
}

/* Who asks; false: nobody knows, or the store does not say. */
static bool
find_who(struct keeper *keeper, const struct request *request)
{
	const struct asker *asker = &request->asker;
	int rc = ERR_NOT_FOUND;

	if (asker->has_token)
		rc = session_find(keeper, asker->token, &keeper->who);
	else if (!asker->is_stranger)
		rc = find_owner(keeper, &keeper->who);
	if (rc == OK)
		return true;
	memset(&keeper->who, 0, sizeof(keeper->who));
	if (rc != ERR_NOT_FOUND)
		post_reply_store(keeper, request->id, rc);
	else if (asker->has_token)
		post_reply_error(keeper, request->id, ERR_SIGNED_OUT,
		    "This session has ended, or never was; nothing was done. "
		    "Sign in again: quietline sign-in TITLE");
	else
		post_reply_error(keeper, request->id, ERR_SIGNED_OUT,
		    "Nobody is signed in here; nothing was done. Sign in: "
		    "quietline sign-in TITLE");
	return false;
}

/* Says which roles would do, and of what may be drafted, how. */
static void
refuse_role(struct keeper *keeper, uint32_t request, enum right right,
    bool may_draft)
{
	const char *names[DELEGATE_ROLE_COUNT];
	struct word_list list = { .words = names };
	char takes[REQUEST_SAY_BYTES / 2];

	for (unsigned i = 0; i < DELEGATE_ROLE_COUNT; i++)
		if ((roles_may[i] & MAY(right)) != 0)
			names[list.count++] = word_name(&delegate_roles, i);
	word_choice(&list, takes, sizeof(takes));
	post_reply_error(keeper, request, ERR_DENIED,
	    "%s may not do this; nothing was done. It takes the role %s.%s",
	    keeper->who.title, takes,
	    may_draft ? " Keep it as a draft, to be released: --draft" : "");
}

bool
rights_judge(struct keeper *keeper, const struct request *request)
{
	const struct row *row = &rows[request->kind];
	const bool drafts = request->draft != 0;

	assert(keeper->who.id == 0);
	if (row->right == RIGHT_ANYBODY)
		return true;
	if (!find_who(keeper, request))
		return false;
	if ((drafts || request->emergency) && !row->speaks) {
		post_reply_error(keeper, request->id, ERR_FORMAT,
		    "This is nothing that is drafted or released: it does not "
		    "speak for this side.");
	} else if (!rights_may(keeper, drafts ? RIGHT_DRAFT : row->right)) {
		refuse_role(keeper, request->id,
		    drafts ? RIGHT_DRAFT : row->right,
		    row->speaks && rights_may(keeper, RIGHT_DRAFT));
	} else if (!row->speaks || drafts || rule_judge(keeper, request)) {
		return true;
	}
	rights_end(keeper);
	return false;
}

enum right
rights_to_release(enum request_kind kind)
{
	const enum right right = rows[kind].right;

	return right == RIGHT_TRANSLATE ? RIGHT_SPEAK : right;
}

bool
rights_judge_release(struct keeper *keeper, uint32_t request,
    enum request_kind kind)
{
	const enum right right = rights_to_release(kind);

	if (rights_may(keeper, right))
		return true;
	refuse_role(keeper, request, right, false);
	return false;
}

void
rights_end(struct keeper *keeper)
{
	memset(&keeper->who, 0, sizeof(keeper->who));
}
