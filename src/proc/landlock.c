/* Owns what a process may still do to files and the network, by Landlock. */
#include "proc/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * As the kernel numbers them.  Its header on the machine that builds may be
 * older than the kernel that runs this, so it is not asked.
 */
enum access_fs {
	FS_EXECUTE = 1u << 0,
	FS_WRITE_FILE = 1u << 1,
	FS_READ_FILE = 1u << 2,
	FS_READ_DIR = 1u << 3,
	FS_REMOVE_DIR = 1u << 4,
	FS_REMOVE_FILE = 1u << 5,
	FS_MAKE_CHAR = 1u << 6,
	FS_MAKE_DIR = 1u << 7,
	FS_MAKE_REG = 1u << 8,
	FS_MAKE_SOCK = 1u << 9,
	FS_MAKE_FIFO = 1u << 10,
	FS_MAKE_BLOCK = 1u << 11,
	FS_MAKE_SYM = 1u << 12,
	FS_REFER = 1u << 13,	 /* from version 2 */
	FS_TRUNCATE = 1u << 14,	 /* from version 3 */
	FS_IOCTL_DEV = 1u << 15, /* from version 5 */

	FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE |
	    FS_IOCTL_DEV,
	FS_CHANGES = FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE |
	    FS_MAKE_CHAR | FS_MAKE_DIR | FS_MAKE_REG | FS_MAKE_SOCK |
	    FS_MAKE_FIFO | FS_MAKE_BLOCK | FS_MAKE_SYM,
};

enum access_net { NET_BIND_TCP = 1u << 0, NET_CONNECT_TCP = 1u << 1 };
enum scope { SCOPE_ABSTRACT_SOCKET = 1u << 0, SCOPE_SIGNAL = 1u << 1 };
enum version {
	WITH_REFER = 2,
	WITH_TRUNCATE,
	WITH_NET,
	WITH_IOCTL,
	WITH_SCOPE
};
enum rule_type { RULE_PATH = 1 };
enum { ASK_VERSION = 1 };

/* As the kernel wants them. */
struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scope;
};

struct __attribute__((packed)) path_rule {
	uint64_t access;
	int32_t fd;
};

int
landlock_version(void)
{
	long version;

	version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	return version > 0 ? (int)version : 0;
}

/* Everything that stands under these rights, as far as this kernel knows it. */
static uint64_t
handled(const struct landlock *landlock, unsigned rights)
{
	uint64_t access = 0;

	if ((rights & LANDLOCK_READ) != 0)
		access |= FS_READ_FILE | FS_READ_DIR;
	if ((rights & LANDLOCK_EXECUTE) != 0)
		access |= FS_EXECUTE;
	if ((rights & LANDLOCK_WRITE) == 0)
		return access;
	access |= FS_CHANGES;
	if (landlock->version >= WITH_REFER)
		access |= FS_REFER;
	if (landlock->version >= WITH_TRUNCATE)
		access |= FS_TRUNCATE;
	if (landlock->version >= WITH_IOCTL)
		access |= FS_IOCTL_DEV;
	return access;
}

static uint64_t
handled_net(unsigned rights)
{
	uint64_t access = 0;

	if ((rights & LANDLOCK_LISTEN) != 0)
		access |= NET_BIND_TCP;
	if ((rights & LANDLOCK_CONNECT) != 0)
		access |= NET_CONNECT_TCP;
	return access;
}

/* Less: who may write makes no devices, sockets or links. */
static uint64_t
allowed(const struct landlock *landlock, unsigned rights)
{
	const uint64_t never = FS_REMOVE_DIR | FS_MAKE_CHAR | FS_MAKE_SOCK |
	    FS_MAKE_FIFO | FS_MAKE_BLOCK | FS_MAKE_SYM | FS_REFER |
	    FS_IOCTL_DEV;

	if ((rights & LANDLOCK_DEVICE) != 0)
		return handled(landlock, LANDLOCK_READ | LANDLOCK_WRITE) &
		    (FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE |
			FS_IOCTL_DEV);
	return handled(landlock, rights) & ~never;
}

int
landlock_init(struct landlock *landlock, unsigned rights)
{
	struct ruleset ruleset = { 0, 0, 0 };
	size_t bytes = offsetof(struct ruleset, net);

	landlock->fd = -1;
	landlock->version = landlock_version();
	if (landlock->version == 0)
		return ERR_NOT_FOUND;
	ruleset.fs = landlock->handled = handled(landlock, rights);
	if (landlock->version >= WITH_NET) {
		ruleset.net = handled_net(rights);
		bytes = offsetof(struct ruleset, scope);
	}
	if (landlock->version >= WITH_SCOPE) {
		ruleset.scope = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL;
		bytes = sizeof(ruleset);
	}
	landlock->fd =
	    (int)syscall(SYS_landlock_create_ruleset, &ruleset, bytes, 0);
	return landlock->fd == -1 ? ERR_IO : OK;
}

int
landlock_allow(struct landlock *landlock, const char *path, unsigned rights)
{
	struct path_rule rule = {
		.access = allowed(landlock, rights) & landlock->handled,
	};
	struct stat st;
	long rc;

	rule.fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.fd == -1)
		return errno == ENOENT || errno == EACCES ? OK : ERR_IO;
	if (fstat(rule.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.access &= FS_OF_FILES;
	rc = syscall(SYS_landlock_add_rule, landlock->fd, RULE_PATH, &rule, 0);
	(void)close(rule.fd);
	return rc == -1 ? ERR_IO : OK;
}

int
landlock_enter(struct landlock *landlock)
{
	long rc = syscall(SYS_landlock_restrict_self, landlock->fd, 0);
	int kept = errno;

	landlock_drop(landlock);
	errno = kept;
	return rc == -1 ? ERR_IO : OK;
}

void
landlock_drop(struct landlock *landlock)
{
	if (landlock->fd >= 0)
		(void)close(landlock->fd);
	landlock->fd = -1;
}
