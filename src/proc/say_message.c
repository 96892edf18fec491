#include "proc/say_message.h"

static const char *const sides[] = { "us", "them" };
const struct word_list message_sides = WORD_LIST(sides);

#define MORE(member) .offset = offsetof(struct message_more, member)
#define ASK(member) .offset = offsetof(struct translation_ask, member)
#define VIEW(member) .offset = offsetof(struct translation_view, member)
#define PASS(member) .offset = offsetof(struct pass_ask, member)
#define PASSED(member) .offset = offsetof(struct passed_view, member)

static const struct field point_fields[] = {
	{ .kind = FIELD_REF, .offset = offsetof(struct message_point, ref) },
};
static const struct layout say_message_point =
    LAYOUT(point_fields, struct message_point);

static const struct field more_fields[] = {
	{ .name = "withdrawn", .kind = FIELD_TIME, MORE(withdrawn_ms) },
	{ .name = "replaced_by", .kind = FIELD_REF, MORE(replaced_by) },
	{ .name = "translations", .kind = FIELD_NUMBER, MORE(translations) },
	{ .name = "passed", .kind = FIELD_NUMBER, MORE(passed) },
	{ .name = "author",
	    .kind = FIELD_TEXT,
	    MORE(author),
	    .most = LABEL_BYTES_MAX },
	{ .name = "emergency", .kind = FIELD_BOOL, MORE(is_emergency) },
	{ .name = "form",
	    .kind = FIELD_NUMBER,
	    MORE(form),
	    .zero_is_null = true },
	{ .name = "said",
	    .kind = FIELD_LIST,
	    MORE(said_in),
	    .most = FORM_AGREED_LANGUAGES_MAX,
	    .of = &say_form_words,
	    .count = offsetof(struct message_more, said) },
	{ .name = "form_note",
	    .kind = FIELD_TEXT,
	    MORE(form_note),
	    .most = FORM_SAY_BYTES_MAX },
	{ .name = "reading_is_told", .kind = FIELD_BOOL, MORE(is_to_be_told) },
	{ .name = "points",
	    .kind = FIELD_LIST,
	    MORE(point),
	    .most = RECORD_POINTS_MAX,
	    .of = &say_message_point,
	    .count = offsetof(struct message_more, points) },
};
const struct layout say_message_more = LAYOUT(more_fields, struct message_more);

static const struct field translate_fields[] = {
	{ .name = "language",
	    .kind = FIELD_TEXT,
	    .must = true,
	    ASK(language),
	    .most = LANGUAGE_BYTES_MAX },
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    .must = true,
	    ASK(text),
	    .most = TEXT_BYTES_MAX },
};
const struct layout say_translate =
    LAYOUT(translate_fields, struct translation_ask);

static const struct field translation_fields[] = {
	{ .name = "ref", .kind = FIELD_REF, VIEW(ref) },
	{ .name = "from",
	    .kind = FIELD_WORD,
	    VIEW(from),
	    .words = &message_sides },
	{ .name = "id", .kind = FIELD_ID, VIEW(id) },
	{ .name = "time_sent", .kind = FIELD_TIME, VIEW(sent_ms) },
	{ .name = "language",
	    .kind = FIELD_TEXT,
	    VIEW(language),
	    .most = LANGUAGE_BYTES_MAX },
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    VIEW(text),
	    .most = TEXT_BYTES_MAX },
	{ .name = "author",
	    .kind = FIELD_TEXT,
	    VIEW(author),
	    .most = LABEL_BYTES_MAX },
};
const struct layout say_translation_view =
    LAYOUT(translation_fields, struct translation_view);

static const struct field pass_fields[] = {
	{ .name = "from",
	    .kind = FIELD_TEXT,
	    .must = true,
	    PASS(from),
	    .most = DESK_LINE_NAME_BYTES_MAX },
	{ .name = "ref", .kind = FIELD_REF, .must = true, PASS(ref) },
	{ .name = "mark",
	    .kind = FIELD_WORD,
	    .must = true,
	    PASS(mark),
	    .words = &record_marks },
	{ .name = "precedence",
	    .kind = FIELD_WORD,
	    PASS(precedence),
	    .words = &record_precedences },
	{ .name = "subject",
	    .kind = FIELD_TEXT,
	    PASS(subject),
	    .most = SUBJECT_BYTES_MAX },
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    PASS(text),
	    .most = TEXT_BYTES_MAX },
	{ .name = "language",
	    .kind = FIELD_TEXT,
	    PASS(language),
	    .most = LANGUAGE_BYTES_MAX },
};
const struct layout say_pass = LAYOUT(pass_fields, struct pass_ask);

static const struct field passed_fields[] = {
	{ .name = "ref", .kind = FIELD_REF, PASSED(ref) },
	{ .name = "to",
	    .kind = FIELD_TEXT,
	    PASSED(to),
	    .most = DESK_LINE_NAME_BYTES_MAX },
	{ .name = "as", .kind = FIELD_REF, PASSED(as) },
	{ .name = "mark",
	    .kind = FIELD_WORD,
	    PASSED(mark),
	    .words = &record_marks },
	{ .name = "in_own_words", .kind = FIELD_BOOL, PASSED(in_own_words) },
	{ .name = "time", .kind = FIELD_TIME, PASSED(wall_ms) },
	{ .name = "who",
	    .kind = FIELD_TEXT,
	    PASSED(who),
	    .most = LABEL_BYTES_MAX },
};
const struct layout say_passed_view = LAYOUT(passed_fields, struct passed_view);
