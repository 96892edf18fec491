/* Owns starting quietlined. */
#ifndef CLI_DAEMON_H
#define CLI_DAEMON_H

#include "cli/cli.h"

/* Where the passphrase comes from: --passphrase-file (NULL: the terminal, asked
 * that question, and once more where it is new).  Writes it into a pipe and returns the end to read
 * from; -1 after having said what is wrong. */
int daemon_passphrase(const char *file, const char *question, bool is_new);

/*
 * Runs quietlined, found beside this program or else on the PATH, with those
 * arguments (NULL ends them).  keep: the descriptors it inherits.  Returns its
 * process id, or -1 after having said why.
 */
int daemon_start(char *const *argv, const int *keep, size_t keep_count);

/* Becomes quietlined; returns only on failure, said. */
int daemon_become(char *const *argv);

#endif
