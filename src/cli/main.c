/* The command that people type. */
#include <stdio.h>

#include "base/log.h"
#include "cli/command.h"

int
main(int argc, char **argv)
{
	int code;

	log_open(2, "quietline", LOG_LEVEL_WARN);
	code = command_run(argc - 1, argv + 1);
	/* A full disk under a redirected answer must not look like success. */
	if ((fflush(stdout) != 0 || ferror(stdout) != 0) && code == CLI_DONE) {
		cli_error("standard output cannot be written");
		code = CLI_FAILED;
	}
	return code;
}
