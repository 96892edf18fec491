#include "proc/say_draft.h"

static const char *const states[] = {
	[DRAFT_OPEN] = "open",
	[DRAFT_WAITING] = "waiting",
	[DRAFT_RELEASED] = "released",
	[DRAFT_RECALLED] = "recalled",
};
const struct word_list draft_states = WORD_LIST(states);

static const char *const acts[] = {
	[ACT_WRITTEN] = "written",
	[ACT_COMMENTED] = "commented",
	[ACT_RELEASED] = "released",
	[ACT_EMERGENCY] = "emergency",
	[ACT_RECALLED] = "recalled",
};
const struct word_list draft_acts = WORD_LIST(acts);

#define ASK(member) .offset = offsetof(struct draft_ask, member)
#define LINE(member) .offset = offsetof(struct draft_line, member)
#define FILE_OF(member) .offset = offsetof(struct draft_file, member)
#define RELEASE(member) .offset = offsetof(struct draft_release, member)
#define VIEW(member) .offset = offsetof(struct draft_view, member)
#define ACT(member) .offset = offsetof(struct act_view, member)

static const struct field list_fields[] = {
	{ .name = "line",
	    .kind = FIELD_TEXT,
	    ASK(line),
	    .most = DESK_LINE_NAME_BYTES_MAX },
	{ .name = "all", .kind = FIELD_BOOL, ASK(all) },
};
const struct layout say_draft_list = LAYOUT(list_fields, struct draft_ask);

static const struct field show_fields[] = {
	{ .name = "version", .kind = FIELD_NUMBER, ASK(version) },
};
const struct layout say_draft_show = LAYOUT(show_fields, struct draft_ask);

static const struct field comment_fields[] = {
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    .must = true,
	    ASK(text),
	    .most = DRAFT_COMMENT_BYTES_MAX },
};
const struct layout say_draft_comment =
    LAYOUT(comment_fields, struct draft_ask);

static const struct field release_fields[] = {
	{ .name = "version", .kind = FIELD_NUMBER, .must = true, ASK(version) },
	{ .name = "emergency", .kind = FIELD_BOOL, ASK(emergency) },
};
const struct layout say_draft_release =
    LAYOUT(release_fields, struct draft_ask);

static const struct field line_fields[] = {
	{ .name = "name",
	    .kind = FIELD_TEXT,
	    LINE(name),
	    .most = DRAFT_NAME_BYTES_MAX },
	{ .name = "value",
	    .kind = FIELD_TEXT,
	    LINE(value),
	    .most = DRAFT_VALUE_BYTES_MAX },
};
static const struct layout line_layout = LAYOUT(line_fields, struct draft_line);

static const struct field file_fields[] = {
	{ .name = "name",
	    .kind = FIELD_TEXT,
	    FILE_OF(name),
	    .most = ATTACHMENT_NAME_BYTES_MAX },
	{ .name = "type",
	    .kind = FIELD_TEXT,
	    FILE_OF(type),
	    .most = ATTACHMENT_TYPE_BYTES_MAX },
	{ .name = "bytes", .kind = FIELD_NUMBER, FILE_OF(bytes) },
	{ .name = "blake2b",
	    .kind = FIELD_TEXT,
	    FILE_OF(hash),
	    .most = DRAFT_HASH_BYTES_MAX },
};
static const struct layout file_layout = LAYOUT(file_fields, struct draft_file);

static const struct field one_fields[] = {
	{ .name = "who",
	    .kind = FIELD_TEXT,
	    RELEASE(who),
	    .most = DELEGATE_TITLE_BYTES_MAX },
	{ .name = "when", .kind = FIELD_TIME, RELEASE(when_ms) },
};
static const struct layout one_layout =
    LAYOUT(one_fields, struct draft_release);

static const struct field view_fields[] = {
	{ .name = "draft", .kind = FIELD_NUMBER, VIEW(draft) },
	{ .name = "line",
	    .kind = FIELD_TEXT,
	    VIEW(line),
	    .most = DESK_LINE_NAME_BYTES_MAX },
	{ .name = "kind",
	    .kind = FIELD_TEXT,
	    VIEW(kind),
	    .most = DRAFT_NAME_BYTES_MAX },
	{ .name = "state",
	    .kind = FIELD_WORD,
	    VIEW(state),
	    .words = &draft_states },
	{ .name = "version", .kind = FIELD_NUMBER, VIEW(version) },
	{ .name = "versions", .kind = FIELD_NUMBER, VIEW(versions) },
	{ .name = "who",
	    .kind = FIELD_TEXT,
	    VIEW(who),
	    .most = DELEGATE_TITLE_BYTES_MAX },
	{ .name = "written", .kind = FIELD_TIME, VIEW(written_ms) },
	{ .name = "title",
	    .kind = FIELD_TEXT,
	    VIEW(title),
	    .most = DRAFT_TITLE_BYTES_MAX },
	{ .name = "rule",
	    .kind = FIELD_WORD,
	    VIEW(what),
	    .words = &rule_whats },
	{ .name = "needs",
	    .kind = FIELD_LIST,
	    VIEW(need),
	    .most = RULE_NEEDS_MAX,
	    .of = &say_rule_need,
	    .count = offsetof(struct draft_view, needs) },
	{ .name = "emergency", .kind = FIELD_BOOL, VIEW(emergency) },
	{ .name = "releases",
	    .kind = FIELD_LIST,
	    VIEW(release),
	    .most = DRAFT_RELEASES_MAX,
	    .of = &one_layout,
	    .count = offsetof(struct draft_view, releases) },
	{ .name = "ref", .kind = FIELD_REF, VIEW(ref) },
	{ .name = "say",
	    .kind = FIELD_TEXT,
	    VIEW(say),
	    .most = RULE_SAY_BYTES },
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    VIEW(text),
	    .most = TEXT_BYTES_MAX },
	{ .name = "content",
	    .kind = FIELD_LIST,
	    VIEW(content),
	    .most = DRAFT_LINES_MAX,
	    .of = &line_layout,
	    .count = offsetof(struct draft_view, lines) },
	{ .name = "files",
	    .kind = FIELD_LIST,
	    VIEW(file),
	    .most = ATTACHMENTS_MAX,
	    .of = &file_layout,
	    .count = offsetof(struct draft_view, files) },
};
const struct layout say_draft_view = LAYOUT(view_fields, struct draft_view);

static const struct field act_fields[] = {
	{ .name = "act", .kind = FIELD_WORD, ACT(act), .words = &draft_acts },
	{ .name = "version", .kind = FIELD_NUMBER, ACT(version) },
	{ .name = "who",
	    .kind = FIELD_TEXT,
	    ACT(who),
	    .most = DELEGATE_TITLE_BYTES_MAX },
	{ .name = "when", .kind = FIELD_TIME, ACT(when_ms) },
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    ACT(text),
	    .most = DRAFT_COMMENT_BYTES_MAX },
};
const struct layout say_act_view = LAYOUT(act_fields, struct act_view);
