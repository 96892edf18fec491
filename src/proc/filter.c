/* Owns a filter of system calls, made from tables. */
#include "proc/filter.h"

#include <errno.h>
#include <unistd.h>

enum {
	/* A binary tree of calls: the last is found as soon as the first. */
	OPTIMIZE_AS_TREE = 2,
};

static struct scmp_arg_cmp
compare(const struct filter_row *row)
{
	const uint64_t all = UINT32_MAX;

	switch (row->check) {
	case FILTER_ANY:
		break;
	case FILTER_IS:
		return SCMP_CMP(row->arg, SCMP_CMP_MASKED_EQ, all, row->value);
	case FILTER_LACKS:
		return SCMP_CMP(row->arg, SCMP_CMP_MASKED_EQ, row->value, 0);
	case FILTER_SELF:
		return SCMP_CMP(row->arg, SCMP_CMP_MASKED_EQ, all,
		    (scmp_datum_t)getpid());
	}
	return SCMP_CMP(row->arg, SCMP_CMP_MASKED_EQ, 0, 0);
}

static int
add_row(scmp_filter_ctx filter, const struct filter_row *row)
{
	const struct scmp_arg_cmp comparison = compare(row);
	const unsigned comparisons = row->check == FILTER_ANY ? 0 : 1;
	int call = seccomp_syscall_resolve_name(row->call);

	if (call == __NR_SCMP_ERROR)
		return OK;
	if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, comparisons,
		&comparison) < 0)
		return ERR_IO;
	return OK;
}

static int
add_lists(scmp_filter_ctx filter, const struct filter_list *lists, size_t count)
{
	size_t i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < lists[i].count; j++) {
			if (add_row(filter, &lists[i].row[j]) != OK)
				return ERR_IO;
		}
	}
	return OK;
}

scmp_filter_ctx
filter_new(const struct filter_list *lists, size_t count,
    enum filter_else otherwise, uint32_t arch)
{
	const uint32_t action = otherwise == FILTER_KILL
	    ? SCMP_ACT_KILL_PROCESS
	    : SCMP_ACT_ERRNO(ENOSYS);
	scmp_filter_ctx filter = seccomp_init(action);

	if (filter == NULL)
		return NULL;
	if (arch != 0 && arch != seccomp_arch_native() &&
	    (seccomp_arch_add(filter, arch) < 0 ||
		seccomp_arch_remove(filter, SCMP_ARCH_NATIVE) < 0))
		goto fail;
	/* No new privileges is what room_settle asked for already. */
	if (seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0) < 0 ||
	    seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
		SCMP_ACT_KILL_PROCESS) < 0 ||
	    seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1) < 0 ||
	    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE,
		OPTIMIZE_AS_TREE) < 0 ||
	    add_lists(filter, lists, count) != OK)
		goto fail;
	return filter;
fail:
	seccomp_release(filter);
	return NULL;
}

int
filter_enter(scmp_filter_ctx filter)
{
	int rc = seccomp_load(filter);

	if (rc == 0)
		return OK;
	errno = -rc;
	return rc == -ENOSYS || rc == -EINVAL ? ERR_NOT_FOUND : ERR_IO;
}
