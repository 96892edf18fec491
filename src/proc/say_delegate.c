#include "proc/say_delegate.h"

#include "limits.h"

static const char *const roles[] = {
	[DELEGATE_HEAD] = "head",
	[DELEGATE_DRAFTER] = "drafter",
	[DELEGATE_RELEASER] = "releaser",
	[DELEGATE_INTERPRETER] = "interpreter",
	[DELEGATE_WATCH] = "watch",
	[DELEGATE_READER] = "reader",
};
const struct word_list delegate_roles = WORD_LIST(roles);

#define ASK(member) .offset = offsetof(struct delegate_ask, member)
#define VIEW(member) .offset = offsetof(struct delegate_view, member)
#define SESSION(member) .offset = offsetof(struct session_view, member)

#define TITLE \
	{ \
		.name = "title", .kind = FIELD_TEXT, .must = true, ASK(title), \
		.most = DELEGATE_TITLE_BYTES_MAX \
	}
#define NAME \
	{ \
		.name = "name", .kind = FIELD_TEXT, ASK(name), \
		.most = DELEGATE_NAME_BYTES_MAX \
	}
#define PASSPHRASE \
	{ \
		.name = "passphrase", .kind = FIELD_TEXT, ASK(passphrase), \
		.most = PASSPHRASE_BYTES_MAX \
	}

static const struct field add_fields[] = {
	TITLE,
	NAME,
	{ .name = "roles",
	    .kind = FIELD_SET,
	    .must = true,
	    ASK(roles),
	    .words = &delegate_roles },
	PASSPHRASE,
};
const struct layout say_delegate_add = LAYOUT(add_fields, struct delegate_ask);

static const struct field set_fields[] = {
	NAME,
	{ .name = "roles",
	    .kind = FIELD_SET,
	    ASK(roles),
	    .words = &delegate_roles },
};
const struct layout say_delegate_set = LAYOUT(set_fields, struct delegate_ask);

static const struct field passphrase_fields[] = {
	PASSPHRASE,
	{ .name = "old",
	    .kind = FIELD_TEXT,
	    ASK(old),
	    .most = PASSPHRASE_BYTES_MAX },
};
const struct layout say_delegate_passphrase =
    LAYOUT(passphrase_fields, struct delegate_ask);

static const struct field owner_fields[] = {
	{ .name = "title",
	    .kind = FIELD_TEXT,
	    ASK(title),
	    .most = DELEGATE_TITLE_BYTES_MAX },
};
const struct layout say_delegate_owner =
    LAYOUT(owner_fields, struct delegate_ask);

static const struct field in_fields[] = { TITLE, PASSPHRASE };
const struct layout say_sign_in = LAYOUT(in_fields, struct delegate_ask);

static const struct field out_fields[] = {
	{ .name = "everywhere", .kind = FIELD_BOOL, ASK(everywhere) },
};
const struct layout say_sign_out = LAYOUT(out_fields, struct delegate_ask);

static const struct field view_fields[] = {
	{ .name = "title",
	    .kind = FIELD_TEXT,
	    VIEW(title),
	    .most = DELEGATE_TITLE_BYTES_MAX },
	{ .name = "name",
	    .kind = FIELD_TEXT,
	    VIEW(name),
	    .most = DELEGATE_NAME_BYTES_MAX },
	{ .name = "roles",
	    .kind = FIELD_SET,
	    VIEW(roles),
	    .words = &delegate_roles },
	{ .name = "owner", .kind = FIELD_BOOL, VIEW(is_owner) },
	{ .name = "passphrase", .kind = FIELD_BOOL, VIEW(has_passphrase) },
	{ .name = "revoked", .kind = FIELD_TIME, VIEW(revoked_ms) },
	{ .name = "sessions", .kind = FIELD_NUMBER, VIEW(sessions) },
};
const struct layout say_delegate_view =
    LAYOUT(view_fields, struct delegate_view);

static const struct field session_fields[] = {
	{ .name = "title",
	    .kind = FIELD_TEXT,
	    SESSION(title),
	    .most = DELEGATE_TITLE_BYTES_MAX },
	{ .name = "name",
	    .kind = FIELD_TEXT,
	    SESSION(name),
	    .most = DELEGATE_NAME_BYTES_MAX },
	{ .name = "roles",
	    .kind = FIELD_SET,
	    SESSION(roles),
	    .words = &delegate_roles },
	{ .name = "token",
	    .kind = FIELD_TEXT,
	    SESSION(token),
	    .most = 2 * SESSION_TOKEN_BYTES },
	{ .name = "until", .kind = FIELD_TIME, SESSION(until_ms) },
};
const struct layout say_session_view =
    LAYOUT(session_fields, struct session_view);
