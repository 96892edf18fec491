#include "proc/say_drill.h"

static const char *const sides[] = { "us", "them" };
const struct word_list drill_sides = WORD_LIST(sides);

static const char *const states[] = { "open", "answered", "missed", "late" };
const struct word_list drill_states = WORD_LIST(states);

_Static_assert(sizeof(states) / sizeof(states[0]) == DRILL_STATE_COUNT,
    "every state has a word");

static const struct field last_fields[] = {
	{ .name = "last",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct last_ask, last) },
};
const struct layout say_last_ask = LAYOUT(last_fields, struct last_ask);

static const struct field plan_ask_fields[] = {
	{ .name = "every",
	    .kind = FIELD_NUMBER,
	    .must = true,
	    .offset = offsetof(struct plan_ask, every_s),
	    .most = DRILL_EVERY_S_MAX },
	{ .name = "at",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct plan_ask, at),
	    .most = DRILL_AT_BYTES },
	{ .name = "within",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct plan_ask, within_s),
	    .most = DRILL_EVERY_S_MAX },
};
const struct layout say_plan_ask = LAYOUT(plan_ask_fields, struct plan_ask);

static const struct field plan_fields[] = {
	{ .name = "every",
	    .kind = FIELD_NUMBER,
	    .zero_is_null = true,
	    .offset = offsetof(struct plan_view, every_s) },
	{ .name = "at",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct plan_view, at),
	    .most = DRILL_AT_BYTES },
	{ .name = "within",
	    .kind = FIELD_NUMBER,
	    .zero_is_null = true,
	    .offset = offsetof(struct plan_view, within_s) },
	{ .name = "next",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct plan_view, next_ms) },
};
const struct layout say_plan_view = LAYOUT(plan_fields, struct plan_view);

static const struct field ack_fields[] = {
	{ .name = "ref",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct drill_ack_ask, ref),
	    .most = REQUEST_REF_BYTES },
};
const struct layout say_drill_ack = LAYOUT(ack_fields, struct drill_ack_ask);

static const struct field drill_fields[] = {
	{ .name = "ref",
	    .kind = FIELD_REF,
	    .offset = offsetof(struct drill_view, ref) },
	{ .name = "side",
	    .kind = FIELD_WORD,
	    .offset = offsetof(struct drill_view, side),
	    .words = &drill_sides },
	{ .name = "time",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct drill_view, time_ms) },
	{ .name = "scheduled",
	    .kind = FIELD_BOOL,
	    .offset = offsetof(struct drill_view, planned) },
	{ .name = "state",
	    .kind = FIELD_WORD,
	    .offset = offsetof(struct drill_view, state),
	    .words = &drill_states },
	{ .name = "within_ms",
	    .kind = FIELD_NUMBER,
	    .zero_is_null = true,
	    .offset = offsetof(struct drill_view, within_ms) },
	{ .name = "took_ms",
	    .kind = FIELD_NUMBER,
	    .zero_is_null = true,
	    .offset = offsetof(struct drill_view, took_ms) },
	{ .name = "acknowledged",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct drill_view, acknowledged_ms) },
	{ .name = "who",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct drill_view, who),
	    .most = WATCH_TITLE_BYTES_MAX },
	{ .name = "cause",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct drill_view, cause),
	    .most = DRILL_CAUSE_BYTES_MAX },
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct drill_view, text),
	    .most = DRILL_TEXT_BYTES_MAX },
};
const struct layout say_drill_view = LAYOUT(drill_fields, struct drill_view);

static const struct field month_fields[] = {
	{ .name = "month",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct month_view, month),
	    .most = 8 },
	{ .name = "side",
	    .kind = FIELD_WORD,
	    .offset = offsetof(struct month_view, side),
	    .words = &drill_sides },
	{ .name = "told",
	    .kind = FIELD_BOOL,
	    .offset = offsetof(struct month_view, told) },
	{ .name = "sent",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct month_view, sent) },
	{ .name = "answered",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct month_view, answered) },
	{ .name = "missed",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct month_view, missed) },
	{ .name = "median_ms",
	    .kind = FIELD_NUMBER,
	    .zero_is_null = true,
	    .offset = offsetof(struct month_view, median_ms) },
	{ .name = "worst_ms",
	    .kind = FIELD_NUMBER,
	    .zero_is_null = true,
	    .offset = offsetof(struct month_view, worst_ms) },
	{ .name = "acknowledged",
	    .kind = FIELD_NUMBER,
	    .offset = offsetof(struct month_view, acknowledged) },
};
const struct layout say_month_view = LAYOUT(month_fields, struct month_view);

static const struct field service_ask_fields[] = {
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    .must = true,
	    .offset = offsetof(struct service_ask, text),
	    .most = SERVICE_TEXT_BYTES_MAX },
};
const struct layout say_service_ask =
    LAYOUT(service_ask_fields, struct service_ask);

static const struct field service_fields[] = {
	{ .name = "ref",
	    .kind = FIELD_REF,
	    .offset = offsetof(struct service_view, ref) },
	{ .name = "side",
	    .kind = FIELD_WORD,
	    .offset = offsetof(struct service_view, side),
	    .words = &drill_sides },
	{ .name = "time",
	    .kind = FIELD_TIME,
	    .offset = offsetof(struct service_view, time_ms) },
	{ .name = "who",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct service_view, who),
	    .most = WATCH_TITLE_BYTES_MAX },
	{ .name = "text",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct service_view, text),
	    .most = SERVICE_TEXT_BYTES_MAX },
	{ .name = "delivered",
	    .kind = FIELD_BOOL,
	    .offset = offsetof(struct service_view, delivered) },
};
const struct layout say_service_view =
    LAYOUT(service_fields, struct service_view);
