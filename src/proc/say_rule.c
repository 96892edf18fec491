#include "proc/say_rule.h"

#include "proc/say_delegate.h"

static const char *const whats[] = {
	[RULE_ROUTINE] = "routine",
	[RULE_PRIORITY] = "priority",
	[RULE_IMMEDIATE] = "immediate",
	[RULE_FLASH] = "flash",
	[RULE_OTHER] = "other",
};
const struct word_list rule_whats = WORD_LIST(whats);

#define NEED(member) .offset = offsetof(struct rule_need, member)
#define ASK(member) .offset = offsetof(struct rule_ask, member)
#define VIEW(member) .offset = offsetof(struct rule_view, member)

static const struct field need_fields[] = {
	{ .name = "role",
	    .kind = FIELD_WORD,
	    .must = true,
	    NEED(role),
	    .words = &delegate_roles },
	{ .name = "count",
	    .kind = FIELD_NUMBER,
	    .must = true,
	    NEED(count),
	    .most = RULE_COUNT_MAX },
};
const struct layout say_rule_need = LAYOUT(need_fields, struct rule_need);

static const struct field set_fields[] = {
	{ .name = "what",
	    .kind = FIELD_WORD,
	    .must = true,
	    ASK(what),
	    .words = &rule_whats },
	{ .name = "needs",
	    .kind = FIELD_LIST,
	    .must = true,
	    ASK(need),
	    .most = RULE_NEEDS_MAX,
	    .of = &say_rule_need,
	    .count = offsetof(struct rule_ask, needs) },
	{ .name = "emergency", .kind = FIELD_BOOL, ASK(emergency) },
};
const struct layout say_rule_set = LAYOUT(set_fields, struct rule_ask);

static const struct field view_fields[] = {
	{ .name = "line",
	    .kind = FIELD_TEXT,
	    VIEW(line),
	    .most = DESK_LINE_NAME_BYTES_MAX },
	{ .name = "what",
	    .kind = FIELD_WORD,
	    VIEW(what),
	    .words = &rule_whats },
	{ .name = "needs",
	    .kind = FIELD_LIST,
	    VIEW(need),
	    .most = RULE_NEEDS_MAX,
	    .of = &say_rule_need,
	    .count = offsetof(struct rule_view, needs) },
	{ .name = "emergency", .kind = FIELD_BOOL, VIEW(emergency) },
	{ .name = "say",
	    .kind = FIELD_TEXT,
	    VIEW(say),
	    .most = RULE_SAY_BYTES },
};
const struct layout say_rule_view = LAYOUT(view_fields, struct rule_view);
