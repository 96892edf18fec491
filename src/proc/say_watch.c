#include "proc/say_watch.h"

static const char *const waiting_kinds[] = { "message", "draft", "point",
	"proposal", "alarm", "question", "watch" };
const struct word_list waiting_words = WORD_LIST(waiting_kinds);

static const char *const duty_whats[] = { "taken", "handed-over", "left" };
const struct word_list duty_words = WORD_LIST(duty_whats);

_Static_assert(sizeof(waiting_kinds) / sizeof(waiting_kinds[0]) ==
	WAITING_KIND_COUNT,
    "everything that waits has a word");
_Static_assert(sizeof(duty_whats) / sizeof(duty_whats[0]) == DUTY_WHAT_COUNT,
    "every entry has a word");

static const struct field ask_fields[] = {
	{ .name = "to",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct watch_ask, to),
	    .most = WATCH_TITLE_BYTES_MAX },
	{ .name = "note",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct watch_ask, note),
	    .most = DUTY_NOTE_BYTES_MAX },
};
const struct layout say_watch_ask = LAYOUT(ask_fields, struct watch_ask);

static const struct field waiting_fields[] = {
	{ .name = "kind",
	    .kind = FIELD_WORD,
	    .offset = offsetof(struct waiting_view, kind),
	    .words = &waiting_words },
	{ .name = "line",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct waiting_view, line),
	    .most = DESK_LINE_NAME_BYTES_MAX },
	{ .name = "ref",
	    .kind = FIELD_REF,
	    .offset = offsetof(struct waiting_view, ref) },
	{ .name = "who",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct waiting_view, who),
	    .most = WAITING_SAY_BYTES },
	{ .name = "since",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct waiting_view, since_ms) },
	{ .name = "due",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct waiting_view, due_ms) },
	{ .name = "say",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct waiting_view, say),
	    .most = WAITING_SAY_BYTES },
};
const struct layout say_waiting_view =
    LAYOUT(waiting_fields, struct waiting_view);

static const struct field view_fields[] = {
	{ .name = "on_watch",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct watch_view, who),
	    .most = WATCH_TITLE_BYTES_MAX },
	{ .name = "since",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct watch_view, since_ms) },
	{ .name = "handed_over_to",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct watch_view, to),
	    .most = WATCH_TITLE_BYTES_MAX },
	{ .name = "handed_over",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct watch_view, handed_ms) },
	{ .name = "waiting",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct watch_view, waiting) },
};
const struct layout say_watch_view = LAYOUT(view_fields, struct watch_view);

static const struct field duty_fields[] = {
	{ .name = "n",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct duty_view, n) },
	{ .name = "time",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct duty_view, time_ms) },
	{ .name = "what",
	    .kind = FIELD_WORD,
	    .offset = offsetof(struct duty_view, what),
	    .words = &duty_words },
	{ .name = "who",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct duty_view, who),
	    .most = WATCH_TITLE_BYTES_MAX },
	{ .name = "other",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct duty_view, other),
	    .most = WATCH_TITLE_BYTES_MAX },
	{ .name = "note",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct duty_view, note),
	    .most = DUTY_NOTE_BYTES_MAX },
	{ .name = "waiting",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct duty_view, waiting) },
	{ .name = "open",
	    .kind = FIELD_LIST,
	    .offset = offsetof(struct duty_view, item),
	    .most = DUTY_ITEMS_MAX,
	    .of = &say_waiting_view,
	    .count = offsetof(struct duty_view, items) },
};
const struct layout say_duty_view = LAYOUT(duty_fields, struct duty_view);

static const struct field place_fields[] = {
	{ .name = "title",
	    .kind = FIELD_TEXT,
	    .must = true,
	    .offset = offsetof(struct roster_place_view, title),
	    .most = WATCH_TITLE_BYTES_MAX },
	{ .name = "hours",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct roster_place_view, hours),
	    .most = ROSTER_HOURS_BYTES },
	{ .name = "from",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct roster_place_view, from_ms) },
	{ .name = "until",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct roster_place_view, until_ms) },
};
static const struct layout place_layout =
    LAYOUT(place_fields, struct roster_place_view);

static const struct field roster_fields[] = {
	{ .name = "places",
	    .kind = FIELD_LIST,
	    .must = true,
	    .offset = offsetof(struct roster_say, place),
	    .most = ROSTER_MAX,
	    .of = &place_layout,
	    .count = offsetof(struct roster_say, places) },
};
const struct layout say_roster = LAYOUT(roster_fields, struct roster_say);

static const struct field heard_fields[] = {
	{ .name = "time",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct roster_heard, time_ms) },
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct roster_heard, text),
	    .most = ROSTER_TEXT_BYTES_MAX },
};
const struct layout say_roster_heard =
    LAYOUT(heard_fields, struct roster_heard);
