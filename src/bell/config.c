#include "bell/config.h"

#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"

static const char file_name[] = "quietline.conf";

/* The library calls back without saying for whom. */
static _Thread_local struct config *reading;

/* The first thing that is wrong is the one to mend. */
PRINTF_LIKE(3, 4)
static int
refuse(struct config *config, int line, const char *format, ...)
{
	va_list args;
	int at;

	if (config->say[0] != '\0')
		return ERR_FORMAT;
	if (line > 0)
		at = snprintf(config->say, sizeof(config->say),
		    "%s:%d: ", file_name, line);
	else
		at = snprintf(config->say, sizeof(config->say),
		    "%s: ", file_name);
	va_start(args, format);
	(void)vsnprintf(config->say + at, sizeof(config->say) - (size_t)at,
	    format, args);
	va_end(args);
	return ERR_FORMAT;
}

static void
on_error(cfg_t *file, const char *format, va_list args)
{
	char say[CONFIG_SAY_BYTES];

	(void)vsnprintf(say, sizeof(say), format, args);
	(void)refuse(reading, file != NULL ? file->line : 0, "%s", say);
}

/* One line of plain text, within bounds. */
static int
check_text(cfg_t *section, cfg_opt_t *option, const char *text)
{
	const size_t len = strlen(text);

	if (len > ALARM_CONFIG_TEXT_BYTES_MAX) {
		cfg_error(section, "%s is longer than %d bytes", option->name,
		    ALARM_CONFIG_TEXT_BYTES_MAX);
		return -1;
	}
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] >= ' ' && text[i] != 0x7f)
			continue;
		cfg_error(section, "%s holds a control character",
		    option->name);
		return -1;
	}
	return 0;
}

static int
check_bell(cfg_t *section, cfg_opt_t *option)
{
	const char *text = cfg_opt_getnstr(option, 0);

	if (strcmp(text, "none") == 0 || strcmp(text, BELL_FOREGROUND) == 0)
		return 0;
	if (check_text(section, option, text) != 0)
		return -1;
	if (strncmp(text, "/dev/", 5) == 0 && strstr(text, "/../") == NULL)
		return 0;
	cfg_error(section,
	    "bell is \"none\", \"" BELL_FOREGROUND
	    "\" or a terminal, such as \"/dev/tty1\"");
	return -1;
}

static int
check_sound(cfg_t *section, cfg_opt_t *option)
{
	return check_text(section, option, cfg_opt_getnstr(option, 0));
}

static int
check_program(cfg_t *section, const char *path)
{
	struct stat st;

	if (path[0] != '/') {
		cfg_error(section,
		    "command begins with the whole path of a program, such as "
		    "\"/usr/local/bin/wake\"");
		return -1;
	}
	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode) ||
	    access(path, X_OK) == -1) {
		cfg_error(section, "%s is no program that this user may run",
		    path);
		return -1;
	}
	return 0;
}

static int
check_command(cfg_t *section, cfg_opt_t *option)
{
	const unsigned count = cfg_opt_size(option);

	if (count > ALARM_COMMAND_WORDS_MAX) {
		cfg_error(section, "command has more than %d words",
		    ALARM_COMMAND_WORDS_MAX);
		return -1;
	}
	for (unsigned i = 0; i < count; i++) {
		if (check_text(section, option, cfg_opt_getnstr(option, i)) !=
		    0)
			return -1;
	}
	return count == 0 ? 0
			  : check_program(section, cfg_opt_getnstr(option, 0));
}

static int
check_delay(cfg_t *section, cfg_opt_t *option)
{
	const long delay_s = cfg_opt_getnint(option, 0);

	if (delay_s >= 0 && delay_s <= ALARM_DELAY_S_MAX)
		return 0;
	cfg_error(section, "delay is 0 to %d seconds", ALARM_DELAY_S_MAX);
	return -1;
}

static struct text
text_of(const char *string)
{
	const size_t len = string == NULL ? 0 : strlen(string);

	return (struct text){ len > 0 ? string : NULL, len };
}

static void
take(struct config *config, cfg_t *alarm)
{
	struct bell_config *bell = &config->bell;

	bell->terminal = text_of(cfg_getstr(alarm, "bell"));
	if (bell->terminal.len == 4 &&
	    memcmp(bell->terminal.data, "none", 4) == 0)
		bell->terminal = (struct text){ NULL, 0 };
	bell->sound = text_of(cfg_getstr(alarm, "sound"));
	bell->names = cfg_getbool(alarm, "names") == cfg_true;
	bell->delay_s = (uint64_t)cfg_getint(alarm, "delay");
	bell->words = cfg_size(alarm, "command");
	for (unsigned i = 0; i < bell->words; i++)
		bell->command[i].word =
		    text_of(cfg_getnstr(alarm, "command", i));
	bell->runs = bell->words > 0;
}

/* Whoever may write to it may have programs run. */
static int
check_file(struct config *config, FILE *file)
{
	struct stat st;

	if (fstat(fileno(file), &st) == -1 || !S_ISREG(st.st_mode))
		return refuse(config, 0, "is no file");
	if (st.st_uid != geteuid() || (st.st_mode & 022) != 0)
		return refuse(config, 0,
		    "may be written by others: the post's user alone must own "
		    "it");
	return OK;
}

static int
parse(struct config *config, FILE *file)
{
	static cfg_opt_t alarm_options[] = {
		CFG_STR("bell", BELL_FOREGROUND, CFGF_NONE),
		CFG_STR("sound", "", CFGF_NONE),
		CFG_STR_LIST("command", "{}", CFGF_NONE),
		CFG_BOOL("names", cfg_false, CFGF_NONE),
		CFG_INT("delay", 0, CFGF_NONE),
		CFG_END(),
	};
	static cfg_opt_t options[] = {
		CFG_SEC("alarm", alarm_options, CFGF_NONE),
		CFG_END(),
	};
	int rc;

	config->file = cfg_init(options, CFGF_NONE);
	if (config->file == NULL)
		return refuse(config, 0, "there is no memory to read it");
	(void)cfg_set_error_function(config->file, on_error);
	(void)cfg_set_validate_func(config->file, "alarm|bell", check_bell);
	(void)cfg_set_validate_func(config->file, "alarm|sound", check_sound);
	(void)cfg_set_validate_func(config->file, "alarm|command",
	    check_command);
	(void)cfg_set_validate_func(config->file, "alarm|delay", check_delay);
	reading = config;
	rc = cfg_parse_fp(config->file, file);
	reading = NULL;
	if (rc == CFG_SUCCESS && config->say[0] == '\0') {
		take(config, cfg_getsec(config->file, "alarm"));
		return OK;
	}
	return refuse(config, config->file->line, "this is not understood");
}

int
config_read(struct config *config)
{
	FILE *file;
	int rc;

	*config = (struct config){ .file = NULL };
	config->bell.terminal = text_of(BELL_FOREGROUND);
	file = fopen(file_name, "re");
	if (file == NULL && errno == ENOENT)
		return OK;
	if (file == NULL)
		return refuse(config, 0, "%s", strerror(errno));
	if ((rc = check_file(config, file)) == OK)
		rc = parse(config, file);
	(void)fclose(file);
	if (rc != OK)
		config_close(config);
	return rc;
}

void
config_close(struct config *config)
{
	if (config->file != NULL)
		(void)cfg_free(config->file);
	config->file = NULL;
}
