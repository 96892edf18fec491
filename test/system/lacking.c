/* Owns a kernel that lacks something: for whatever it starts. */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* lacking landlock|seccomp COMMAND...: runs it as on a kernel without. */

static int
hide(scmp_filter_ctx filter, const char *call, unsigned count,
    struct scmp_arg_cmp comparison)
{
	return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOSYS),
	    seccomp_syscall_resolve_name(call), count, &comparison);
}

static int
lack(const char *what)
{
	const struct scmp_arg_cmp none = SCMP_CMP(0, SCMP_CMP_MASKED_EQ, 0, 0);
	const struct scmp_arg_cmp by_prctl =
	    SCMP_CMP(0, SCMP_CMP_EQ, PR_SET_SECCOMP, 0);
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int rc = -1;

	if (filter == NULL)
		return -1;
	if (strcmp(what, "landlock") == 0)
		rc = hide(filter, "landlock_create_ruleset", 0, none);
	else if (strcmp(what, "seccomp") == 0 &&
	    hide(filter, "seccomp", 0, none) == 0)
		rc = hide(filter, "prctl", 1, by_prctl);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

int
main(int argc, char **argv)
{
	if (argc < 3 || lack(argv[1]) != 0) {
		(void)fprintf(stderr,
		    "usage: lacking landlock|seccomp COMMAND...\n");
		return 2;
	}
	(void)execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 2;
}
