/* The command that people type. */
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/log.h"
#include "cli/command.h"

int
main(int argc, char **argv)
{
	const struct rlimit none = { 0, 0 };
	int code;

	/* A passphrase may pass through here: no core, no other's eyes. */
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	log_open(2, "quietline", LOG_LEVEL_WARN);
	code = command_run(argc - 1, argv + 1);
	/* A full disk under a redirected answer must not look like success. */
	if ((fflush(stdout) != 0 || ferror(stdout) != 0) && code == CLI_DONE) {
		cli_error("standard output cannot be written");
		code = CLI_FAILED;
	}
	return code;
}
