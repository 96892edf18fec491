#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "proc/sandbox.h"

/* What the walls do is shown from inside, by test/system/inside: here, that the
 * tables are sound on every machine that this runs on. */

static const enum proc_role roles[] = { PROC_PARENT, PROC_WIRE, PROC_KEEPER,
	PROC_DESK, PROC_SEEKER, PROC_BELL };
enum { ROLES = sizeof(roles) / sizeof(roles[0]) };

static bool
allows(enum proc_role role, const char *call, bool unchecked)
{
	struct filter_list lists[SANDBOX_LISTS_MAX];
	enum filter_else otherwise;
	size_t count = sandbox_lists(role, lists, &otherwise);
	size_t i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < lists[i].count; j++) {
			if (strcmp(lists[i].row[j].call, call) == 0 &&
			    (!unchecked || lists[i].row[j].check == FILTER_ANY))
				return true;
		}
	}
	return false;
}

/* Every call that any role may make. */
static void
check_each_call(void (*check)(const char *call))
{
	struct filter_list lists[SANDBOX_LISTS_MAX];
	enum filter_else otherwise;
	size_t i, j, k, count;

	for (i = 0; i < ROLES; i++) {
		count = sandbox_lists(roles[i], lists, &otherwise);
		for (j = 0; j < count; j++) {
			for (k = 0; k < lists[j].count; k++)
				check(lists[j].row[k].call);
		}
	}
}

static void
check_is_known(const char *call)
{
	assert_int_not_equal(seccomp_syscall_resolve_name(call),
	    __NR_SCMP_ERROR);
}

static void
check_parent_allows(const char *call)
{
	assert_true(allows(PROC_PARENT, call, false));
}

static void
every_call_has_a_name_that_is_known(void **state)
{
	(void)state;
	check_each_call(check_is_known);
}

static void
filters_are_made_for_both_machines(void **state)
{
	static const uint32_t machines[] = { SCMP_ARCH_X86_64,
		SCMP_ARCH_AARCH64 };
	struct filter_list lists[SANDBOX_LISTS_MAX];
	enum filter_else otherwise;
	scmp_filter_ctx filter;
	size_t i, j, count;

	(void)state;
	for (i = 0; i < ROLES; i++) {
		count = sandbox_lists(roles[i], lists, &otherwise);
		for (j = 0; j < 2; j++) {
			filter =
			    filter_new(lists, count, otherwise, machines[j]);
			assert_non_null(filter);
			seccomp_release(filter);
		}
	}
}

static void
filter_refuses_a_row_that_no_machine_has(void **state)
{
	static const struct filter_row row = { "close", FILTER_IS, 9, 0 };
	const struct filter_list list = { &row, 1 };

	(void)state;
	assert_null(filter_new(&list, 1, FILTER_KILL, 0));
}

static void
rooms_are_ended_and_never_asked(void **state)
{
	struct filter_list lists[SANDBOX_LISTS_MAX];
	enum filter_else otherwise;
	size_t i;

	(void)state;
	for (i = 0; i < ROLES; i++) {
		(void)sandbox_lists(roles[i], lists, &otherwise);
		assert_int_equal(otherwise,
		    roles[i] == PROC_PARENT || roles[i] == PROC_SEEKER ||
			    roles[i] == PROC_BELL
			? FILTER_REFUSE
			: FILTER_KILL);
	}
}

static void
rooms_allow_nothing_that_leads_out(void **state)
{
	static const char *const ways_out[] = { "execve", "execveat", "fork",
		"clone", "clone3", "vfork", "socket", "socketpair", "connect",
		"bind", "ptrace", "process_vm_readv", "process_vm_writev",
		"kill", "ioctl", "prctl", "mprotect", "seccomp",
		"io_uring_setup", "bpf", "unshare", "setns", "mount",
		"pidfd_getfd", "memfd_create", "symlink", "link", "rename",
		"chmod" };
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(ways_out) / sizeof(ways_out[0]); i++) {
		for (j = 0; j < ROLES; j++) {
			if (roles[j] == PROC_PARENT || roles[j] == PROC_SEEKER)
				continue;
			/* A sound device is set up by it. */
			if (roles[j] == PROC_BELL &&
			    strcmp(ways_out[i], "ioctl") == 0)
				continue;
			assert_false(allows(roles[j], ways_out[i], false));
		}
	}
	for (j = 0; j < ROLES; j++) {
		assert_false(allows(roles[j], "ptrace", false));
		assert_false(allows(roles[j], "socket", true));
		assert_false(allows(roles[j], "clone", true));
	}
}

static void
wire_and_desk_open_nothing(void **state)
{
	static const char *const opens[] = { "open", "openat", "openat2",
		"creat", "unlink", "unlinkat", "mkdirat", "readlink",
		"getcwd" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		assert_false(allows(PROC_WIRE, opens[i], false));
		assert_false(allows(PROC_DESK, opens[i], false));
	}
	assert_true(allows(PROC_KEEPER, "openat", false));
}

static void
data_is_never_code_in_a_room(void **state)
{
	(void)state;
	assert_false(allows(PROC_WIRE, "mmap", true));
	assert_false(allows(PROC_KEEPER, "mmap", true));
	assert_false(allows(PROC_DESK, "mmap", true));
	/* It starts programs. */
	assert_true(allows(PROC_PARENT, "mmap", true));
}

/* Else a room would end at its own first step. */
static void
parent_allows_what_its_rooms_need(void **state)
{
	(void)state;
	check_each_call(check_parent_allows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_has_a_name_that_is_known),
		cmocka_unit_test(filters_are_made_for_both_machines),
		cmocka_unit_test(filter_refuses_a_row_that_no_machine_has),
		cmocka_unit_test(rooms_are_ended_and_never_asked),
		cmocka_unit_test(rooms_allow_nothing_that_leads_out),
		cmocka_unit_test(wire_and_desk_open_nothing),
		cmocka_unit_test(data_is_never_code_in_a_room),
		cmocka_unit_test(parent_allows_what_its_rooms_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
