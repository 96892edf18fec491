#include "proc/say_disclosure.h"

static const struct field ask_fields[] = {
	{ .name = "discloses",
	    .kind = FIELD_SET,
	    .must = true,
	    .offset = offsetof(struct disclosure_ask, wanted),
	    .words = &record_disclosures },
};
const struct layout say_disclosure_ask =
    LAYOUT(ask_fields, struct disclosure_ask);

static const struct field view_fields[] = {
	{ .name = "discloses",
	    .kind = FIELD_SET,
	    .offset = offsetof(struct disclosure_view, agreed),
	    .words = &record_disclosures },
	{ .name = "proposed_by_us",
	    .kind = FIELD_SET,
	    .offset = offsetof(struct disclosure_view, ours),
	    .words = &record_disclosures },
	{ .name = "proposed_by_them",
	    .kind = FIELD_SET,
	    .offset = offsetof(struct disclosure_view, theirs),
	    .words = &record_disclosures },
	{ .name = "say",
	    .kind = FIELD_TEXT,
	    .offset = offsetof(struct disclosure_view, say),
	    .most = FORM_SAY_BYTES_MAX },
};
const struct layout say_disclosure_view =
    LAYOUT(view_fields, struct disclosure_view);
