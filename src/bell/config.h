/* Owns the file in which the owner says by what alarms are to be heard. */
#ifndef BELL_CONFIG_H
#define BELL_CONFIG_H

#include "base/err.h"
#include "proc/say_bell.h"

struct cfg_t;

enum { CONFIG_SAY_BYTES = 512 };

struct config {
	struct cfg_t *file; /* holds the texts; NULL: there is no file */
	struct bell_config bell;
	char say[CONFIG_SAY_BYTES];
};

/*
 * Reads quietline.conf of the working folder, if it is there; without it alarms
 * ring the terminal in whose foreground the post runs.  OK, or ERR_FORMAT with
 * one sentence in `say` that names file and line.  The command must be there, and
 * one that this user may run.
 */
MUST_CHECK int config_read(struct config *config);
void config_close(struct config *config);

#endif
