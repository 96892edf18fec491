#include "desk/word.h"

#include "core/event.h"

static const char *const accepts[] = { "text", "images", "any" };
static const char *const watches[] = {
	[WATCH_UNKNOWN] = "unknown",
	[WATCH_ON] = "on",
	[WATCH_OFF] = "off",
	[WATCH_DECLINED] = "declined",
};
static const char *const posts[] = {
	[POST_OPEN] = "open",
	[POST_LOCKED] = "locked",
	[POST_SEALED] = "sealed",
};
static const char *const stores[] = {
	[STORE_WELL] = "well",
	[STORE_NEARLY_FULL] = "nearly full",
	[STORE_FULL] = "full",
};

const struct word_list word_accept = WORD_LIST(accepts);
const struct word_list word_watch = WORD_LIST(watches);
const struct word_list word_post = WORD_LIST(posts);
const struct word_list word_store = WORD_LIST(stores);
