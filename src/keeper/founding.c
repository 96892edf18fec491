#include "keeper/founding.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* First there, last gone: as long as it is there, nobody was promised a post. */
static const char mark_name[] = "unfinished";

static const char *const made_names[] = { "keys", "keys.new", "line.db",
	"line.db-wal", "record.db", "record.db-wal" };

enum { MADE_COUNT = sizeof(made_names) / sizeof(made_names[0]) };

static int
errno_rc(void)
{
	return errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
}

static int
open_folder(const char *folder)
{
	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool
has(int folder_fd, const char *name)
{
	return faccessat(folder_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A folder without keys may still hold somebody's post. */
static bool
has_post(int folder_fd)
{
	for (int i = 0; i < MADE_COUNT; i++) {
		if (has(folder_fd, made_names[i]))
			return true;
	}
	return false;
}

static int
remove_all(int folder_fd)
{
	for (int i = 0; i < MADE_COUNT; i++) {
		if (unlinkat(folder_fd, made_names[i], 0) != 0 &&
		    errno != ENOENT)
			return ERR_IO;
	}
	return OK;
}

/* The folder's own name must be on disk too; one that we may not read is not
 * ours to sync. */
static int
sync_above(int folder_fd)
{
	const int fd =
	    openat(folder_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return errno == EACCES ? OK : ERR_IO;
	rc = fsync(fd) == 0 ? OK : errno_rc();
	close(fd);
	return rc;
}

static int
put_mark(int folder_fd)
{
	const int fd = openat(folder_fd, mark_name,
	    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc;

	if (fd < 0)
		return errno_rc();
	rc = fsync(fd) == 0 && fsync(folder_fd) == 0 ? OK : errno_rc();
	close(fd);
	return rc == OK ? sync_above(folder_fd) : rc;
}

int
founding_begin(const char *folder)
{
	int folder_fd, rc;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return errno_rc();
	if (chmod(folder, 0700) != 0 || (folder_fd = open_folder(folder)) < 0)
		return ERR_IO;
	if (has(folder_fd, mark_name))
		rc = remove_all(folder_fd);
	else
		rc = has_post(folder_fd) ? ERR_EXISTS : OK;
	if (rc == OK)
		rc = put_mark(folder_fd);
	close(folder_fd);
	return rc;
}

static int
take_mark(int folder_fd)
{
	return unlinkat(folder_fd, mark_name, 0) == 0 && fsync(folder_fd) == 0
	    ? OK
	    : errno_rc();
}

int
founding_end(const char *folder)
{
	const int folder_fd = open_folder(folder);
	int rc;

	if (folder_fd < 0)
		return ERR_IO;
	/* Names before the mark: the disk may keep one order or the other. */
	rc = fsync(folder_fd) == 0 ? take_mark(folder_fd) : errno_rc();
	close(folder_fd);
	return rc;
}

void
founding_undo(const char *folder)
{
	const int folder_fd = open_folder(folder);

	if (folder_fd < 0)
		return;
	if (remove_all(folder_fd) == OK && fsync(folder_fd) == 0)
		(void)take_mark(folder_fd);
	close(folder_fd);
}

bool
founding_is_unfinished(const char *folder)
{
	const int folder_fd = open_folder(folder);
	bool found;

	if (folder_fd < 0)
		return false;
	found = has(folder_fd, mark_name);
	close(folder_fd);
	return found;
}
