#include "proc/say_bell.h"

#define AT(member) .offset = offsetof(struct bell_config, member)

static const struct field config_fields[] = {
	{ .name = "terminal",
	    .kind = FIELD_TEXT,
	    AT(terminal),
	    .most = ALARM_CONFIG_TEXT_BYTES_MAX },
	{ .name = "sound",
	    .kind = FIELD_TEXT,
	    AT(sound),
	    .most = ALARM_CONFIG_TEXT_BYTES_MAX },
	{ .name = "runs", .kind = FIELD_BOOL, AT(runs) },
	{ .name = "names", .kind = FIELD_BOOL, AT(names) },
	{ .name = "delay_s",
	    .kind = FIELD_NUMBER,
	    AT(delay_s),
	    .most = ALARM_DELAY_S_MAX },
};

static const struct field word_fields[] = {
	{ .kind = FIELD_TEXT,
	    .offset = offsetof(struct bell_word, word),
	    .most = ALARM_CONFIG_TEXT_BYTES_MAX },
};
static const struct layout word_layout = LAYOUT(word_fields, struct bell_word);

static const struct field command_fields[] = {
	{ .name = "command",
	    .kind = FIELD_LIST,
	    AT(command),
	    .most = ALARM_COMMAND_WORDS_MAX,
	    .of = &word_layout,
	    .count = offsetof(struct bell_config, words) },
};

const struct layout say_bell_config = LAYOUT(config_fields, struct bell_config);
const struct layout say_bell_command =
    LAYOUT(command_fields, struct bell_config);
