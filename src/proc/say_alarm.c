#include "proc/say_alarm.h"

#include "limits.h"

static const char *const what_words[ALARM_WHAT_COUNT] = {
	[ALARM_ROUTINE] = "routine",
	[ALARM_PRIORITY] = "priority",
	[ALARM_IMMEDIATE] = "immediate",
	[ALARM_FLASH] = "flash",
	[ALARM_DRILL] = "drill",
	[ALARM_FAULT] = "fault",
	[ALARM_SILENT] = "silent",
	[ALARM_DEADLINE] = "deadline",
	[ALARM_TEST] = "test",
};
static const char *const rings_words[ALARM_RINGS_COUNT] = {
	[ALARM_RINGS_NOT] = "not",
	[ALARM_RINGS_ONCE] = "once",
	[ALARM_RINGS_UNTIL] = "until-acknowledged",
};
static const char *const state_words[ALARM_STATE_COUNT] = {
	[ALARM_LIVE] = "live",
	[ALARM_RANG] = "rang",
	[ALARM_ACKNOWLEDGED] = "acknowledged",
	[ALARM_OVER] = "over",
};
static const char *const means_words[ALARM_MEANS_COUNT] = {
	[ALARM_MEANS_TERMINAL] = "terminal",
	[ALARM_MEANS_SOUND] = "sound",
	[ALARM_MEANS_COMMAND] = "command",
};

const struct word_list alarm_whats = WORD_LIST(what_words);
const struct word_list alarm_rings = WORD_LIST(rings_words);
const struct word_list alarm_states = WORD_LIST(state_words);
const struct word_list alarm_means = WORD_LIST(means_words);

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct field ring_fields[] = {
	{ .name = "number", .kind = FIELD_NUMBER, AT(alarm_ring, number) },
	{ .name = "what",
	    .kind = FIELD_WORD,
	    AT(alarm_ring, what),
	    .words = &alarm_whats },
	{ .name = "times", .kind = FIELD_NUMBER, AT(alarm_ring, times) },
	{ .name = "step", .kind = FIELD_NUMBER, AT(alarm_ring, step) },
	{ .name = "count", .kind = FIELD_NUMBER, AT(alarm_ring, count) },
	{ .name = "line",
	    .kind = FIELD_TEXT,
	    AT(alarm_ring, line),
	    .most = DESK_LINE_NAME_BYTES_MAX },
	{ .name = "title",
	    .kind = FIELD_TEXT,
	    AT(alarm_ring, title),
	    .most = ALARM_TITLE_BYTES_MAX },
};

static const struct field bell_fields[] = {
	{ .name = "means",
	    .kind = FIELD_SET,
	    AT(alarm_bell, means),
	    .words = &alarm_means },
	{ .name = "names", .kind = FIELD_BOOL, AT(alarm_bell, names) },
	{ .name = "say",
	    .kind = FIELD_TEXT,
	    AT(alarm_bell, say),
	    .most = ALARM_SAY_BYTES_MAX },
};

static const struct field rang_fields[] = {
	{ .name = "number", .kind = FIELD_NUMBER, AT(alarm_rang, number) },
	{ .name = "means",
	    .kind = FIELD_SET,
	    AT(alarm_rang, means),
	    .words = &alarm_means },
	{ .name = "say",
	    .kind = FIELD_TEXT,
	    AT(alarm_rang, say),
	    .most = ALARM_SAY_BYTES_MAX },
};

static const struct field list_fields[] = {
	{ .name = "all", .kind = FIELD_BOOL, AT(alarm_list_ask, all) },
};

#define RINGS(word, what) \
	{ \
		.name = (word), .kind = FIELD_WORD, .must = true, \
		.offset = offsetof(struct alarm_rules, rings) + (what), \
		.words = &alarm_rings \
	}

static const struct field title_fields[] = {
	{ .kind = FIELD_TEXT,
	    .must = true,
	    AT(alarm_title, title),
	    .most = ALARM_TITLE_BYTES_MAX },
};
static const struct layout say_alarm_title =
    LAYOUT(title_fields, struct alarm_title);

static const struct field rules_fields[] = {
	RINGS("routine", ALARM_ROUTINE),
	RINGS("priority", ALARM_PRIORITY),
	RINGS("immediate", ALARM_IMMEDIATE),
	RINGS("flash", ALARM_FLASH),
	RINGS("drill", ALARM_DRILL),
	RINGS("fault", ALARM_FAULT),
	RINGS("silent", ALARM_SILENT),
	RINGS("deadline", ALARM_DEADLINE),
	{ .name = "repeat_s",
	    .kind = FIELD_NUMBER,
	    .must = true,
	    AT(alarm_rules, repeat_s),
	    .most = ALARM_SPAN_S_MAX },
	{ .name = "step_s",
	    .kind = FIELD_NUMBER,
	    .must = true,
	    AT(alarm_rules, step_s),
	    .most = ALARM_SPAN_S_MAX },
	{ .name = "silent_s",
	    .kind = FIELD_NUMBER,
	    .must = true,
	    AT(alarm_rules, silent_s),
	    .most = ALARM_SPAN_S_MAX },
	{ .name = "wake",
	    .kind = FIELD_LIST,
	    AT(alarm_rules, wake),
	    .most = ALARM_TITLES_MAX,
	    .of = &say_alarm_title,
	    .count = offsetof(struct alarm_rules, wakes) },
	{ .name = "silenced_until",
	    .kind = FIELD_TIME,
	    AT(alarm_rules, silenced_until_ms) },
};

static const struct field silence_fields[] = {
	{ .name = "until",
	    .kind = FIELD_TIME,
	    AT(alarm_silence_ask, until_ms) },
};

static const struct field view_fields[] = {
	{ .name = "number", .kind = FIELD_NUMBER, AT(alarm_view, number) },
	{ .name = "what",
	    .kind = FIELD_WORD,
	    AT(alarm_view, what),
	    .words = &alarm_whats },
	{ .name = "rings",
	    .kind = FIELD_WORD,
	    AT(alarm_view, rings),
	    .words = &alarm_rings },
	{ .name = "state",
	    .kind = FIELD_WORD,
	    AT(alarm_view, state),
	    .words = &alarm_states },
	{ .name = "line",
	    .kind = FIELD_TEXT,
	    AT(alarm_view, line),
	    .most = DESK_LINE_NAME_BYTES_MAX },
	{ .name = "ref", .kind = FIELD_REF, AT(alarm_view, ref) },
	{ .name = "say",
	    .kind = FIELD_TEXT,
	    AT(alarm_view, say),
	    .most = ALARM_SAY_BYTES_MAX },
	{ .name = "since", .kind = FIELD_TIME, AT(alarm_view, since_ms) },
	{ .name = "rang", .kind = FIELD_TIME, AT(alarm_view, rang_ms) },
	{ .name = "times", .kind = FIELD_NUMBER, AT(alarm_view, times) },
	{ .name = "step", .kind = FIELD_NUMBER, AT(alarm_view, step) },
	{ .name = "wakes",
	    .kind = FIELD_TEXT,
	    AT(alarm_view, wakes),
	    .most = ALARM_TITLE_BYTES_MAX },
	{ .name = "heard",
	    .kind = FIELD_SET,
	    AT(alarm_view, heard),
	    .words = &alarm_means },
	{ .name = "trouble",
	    .kind = FIELD_TEXT,
	    AT(alarm_view, trouble),
	    .most = ALARM_SAY_BYTES_MAX },
	{ .name = "ended", .kind = FIELD_TIME, AT(alarm_view, ended_ms) },
	{ .name = "by",
	    .kind = FIELD_TEXT,
	    AT(alarm_view, by),
	    .most = ALARM_TITLE_BYTES_MAX },
};

const struct layout say_alarm_ring = LAYOUT(ring_fields, struct alarm_ring);
const struct layout say_alarm_bell = LAYOUT(bell_fields, struct alarm_bell);
const struct layout say_alarm_rang = LAYOUT(rang_fields, struct alarm_rang);
const struct layout say_alarm_list = LAYOUT(list_fields, struct alarm_list_ask);
const struct layout say_alarm_rules = LAYOUT(rules_fields, struct alarm_rules);
/* All but the last: silence has a door of its own. */
const struct layout say_alarm_set = {
	.field = rules_fields,
	.fields = sizeof(rules_fields) / sizeof(rules_fields[0]) - 1,
	.bytes = sizeof(struct alarm_rules),
};
const struct layout say_alarm_silence =
    LAYOUT(silence_fields, struct alarm_silence_ask);
const struct layout say_alarm_view = LAYOUT(view_fields, struct alarm_view);
