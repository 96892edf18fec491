/* Owns what the parent tells bell and runner of the owner's configuration. */
#ifndef PROC_SAY_BELL_H
#define PROC_SAY_BELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limits.h"
#include "proc/field.h"
#include "proc/text.h"

/* By what alarms are to be heard. */
struct bell_config {
	/* A terminal's path; BELL_FOREGROUND; absent: none. */
	struct text terminal;
	struct text sound; /* an ALSA device; absent: none */
	bool runs;	   /* a runner is there */
	bool names;	   /* the command is told names */
	uint64_t delay_s;  /* at most so long, at random, before each ring */
	/* To run: the program's whole path, and its arguments; 0: none. */
	struct bell_word {
		struct text word;
	} command[ALARM_COMMAND_WORDS_MAX];
	size_t words;
};

/* The terminal that the post runs in the foreground of. */
#define BELL_FOREGROUND "foreground"

/* For the bell, without the command; for the runner, nothing else. */
extern const struct layout say_bell_config;
extern const struct layout say_bell_command;

#endif
