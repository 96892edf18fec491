#include "sim/calls.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/queue.h>
#include <sys/statvfs.h>
#include <sys/time.h>

#include "base/log.h"
#include "sim/names.h"

enum {
	/* Far above what the kernel gives out. */
	FD_FIRST = 1 << 20,
	FDS_MAX = 256,
	MODE_FOLDER = 0700,
};

struct descriptor {
	struct drive *drive; /* NULL: free */
	struct node *node;
	uint64_t at;
};

/* The names of a folder as they were when it was opened to be listed. */
struct listing {
	LIST_ENTRY(listing) entry;
	int fd;
	struct names names;
	size_t next;
	struct dirent shown;
};

/* The kernel has one table of these a process, and so have we. */
static struct {
	struct drive *drive[CALLS_DRIVES_MAX];
	struct descriptor descriptor[FDS_MAX];
	LIST_HEAD(listings, listing) listings;
} table;

static const char prefix[] = "/drive";

void
calls_mount(unsigned number, struct drive *drive)
{
	assert(number < CALLS_DRIVES_MAX && table.drive[number] == NULL);
	table.drive[number] = drive;
}

void
calls_unmount(unsigned number)
{
	assert(number < CALLS_DRIVES_MAX);
	assert(!calls_has_open(table.drive[number]));
	table.drive[number] = NULL;
}

void
calls_path(char path[CALLS_PATH_BYTES], unsigned number)
{
	(void)snprintf(path, CALLS_PATH_BYTES, "%s/%u", prefix, number);
}

bool
calls_has_open(const struct drive *drive)
{
	for (size_t i = 0; i < FDS_MAX; i++) {
		if (drive != NULL && table.descriptor[i].drive == drive)
			return true;
	}
	return false;
}

/* --- where a call goes --- */

static int
result(int rc)
{
	if (rc >= 0)
		return rc;
	errno = -rc;
	return -1;
}

static ssize_t
result_len(ssize_t len)
{
	if (len >= 0)
		return len;
	errno = (int)-len;
	return -1;
}

/* NULL: a descriptor of the kernel's. */
static struct descriptor *
find_descriptor(int fd)
{
	struct descriptor *descriptor;

	if (fd < FD_FIRST)
		return NULL;
	assert(fd < FD_FIRST + FDS_MAX);
	descriptor = &table.descriptor[fd - FD_FIRST];
	assert(descriptor->drive != NULL);
	return descriptor;
}

static int
new_descriptor(struct drive *drive, struct node *node)
{
	int i = 0;

	while (i < FDS_MAX && table.descriptor[i].drive != NULL)
		i++;
	assert(i < FDS_MAX);
	table.descriptor[i] =
	    (struct descriptor){ .drive = drive, .node = node };
	return FD_FIRST + i;
}

/* What a path is the name of: all of the simulated ones have a drive but the
 * folder in which the drives are. */
struct place {
	struct drive *drive;
	struct node *from;
	const char *path;
};

/* False: the kernel's. */
static bool
find_place(struct place *place, const char *path)
{
	size_t len = sizeof(prefix) - 1;
	unsigned long number;
	char *end;

	if (strncmp(path, prefix, len) != 0 ||
	    (path[len] != '/' && path[len] != '\0'))
		return false;
	*place = (struct place){ .path = "" };
	if (path[len] == '\0')
		return true;
	number = strtoul(path + len + 1, &end, 10);
	assert(number < CALLS_DRIVES_MAX && table.drive[number] != NULL);
	place->drive = table.drive[number];
	place->path = end + (*end == '/');
	return true;
}

static bool
find_place_at(struct place *place, int fd, const char *path)
{
	const struct descriptor *descriptor;

	if (path[0] == '/')
		return find_place(place, path);
	if ((descriptor = find_descriptor(fd)) == NULL)
		return false;
	*place = (struct place){
		.drive = descriptor->drive,
		.from = descriptor->node,
		.path = path,
	};
	return true;
}

/* The linker's names: what was called, and what libc has under that name. */
#define CALL(type, name, ...) \
	type __wrap_##name(__VA_ARGS__); \
	type __real_##name(__VA_ARGS__)

CALL(int, open64, const char *path, int flags, ...);
CALL(int, openat64, int fd, const char *path, int flags, ...);
CALL(int, __openat64_2, int fd, const char *path, int flags);
CALL(int, close, int fd);
CALL(int, dup, int fd);
CALL(ssize_t, read, int fd, void *dst, size_t len);
CALL(ssize_t, pread64, int fd, void *dst, size_t len, off_t at);
CALL(ssize_t, write, int fd, const void *src, size_t len);
CALL(ssize_t, pwrite64, int fd, const void *src, size_t len, off_t at);
CALL(int, fsync, int fd);
CALL(int, ftruncate64, int fd, off_t size);
CALL(int, posix_fallocate64, int fd, off_t at, off_t len);
CALL(int, fcntl64, int fd, int command, ...);
CALL(int, fstat64, int fd, struct stat *about);
CALL(int, stat64, const char *path, struct stat *about);
CALL(int, lstat64, const char *path, struct stat *about);
CALL(int, fstatat64, int fd, const char *path, struct stat *about, int flags);
CALL(int, access, const char *path, int mode);
CALL(int, faccessat, int fd, const char *path, int mode, int flags);
CALL(int, fstatvfs64, int fd, struct statvfs *about);
CALL(int, unlink, const char *path);
CALL(int, unlinkat, int fd, const char *path, int flags);
CALL(int, rename, const char *path, const char *to);
CALL(int, mkdir, const char *path, mode_t mode);
CALL(int, mkdirat, int fd, const char *path, mode_t mode);
CALL(int, chmod, const char *path, mode_t mode);
CALL(int, fchmod, int fd, mode_t mode);
CALL(int, fchown, int fd, uid_t owner, gid_t group);
CALL(int, utimes, const char *path, const struct timeval times[2]);
CALL(char *, realpath, const char *path, char *resolved);
CALL(DIR *, fdopendir, int fd);
CALL(struct dirent *, readdir64, DIR *dir);
CALL(int, closedir, DIR *dir);

/* --- opening --- */

static int
open_place(const struct place *place, int flags)
{
	struct node *node;
	int rc =
	    drive_open(place->drive, place->from, place->path, flags, &node);

	if (rc != 0)
		return result(rc);
	return new_descriptor(place->drive, node);
}

static mode_t
mode_of(int flags, va_list args)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

int
__wrap_open64(const char *path, int flags, ...)
{
	struct place place;
	va_list args;
	mode_t mode;

	if (find_place(&place, path))
		return open_place(&place, flags);
	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return __real_open64(path, flags, mode);
}

int
__wrap_openat64(int fd, const char *path, int flags, ...)
{
	struct place place;
	va_list args;
	mode_t mode;

	if (find_place_at(&place, fd, path))
		return open_place(&place, flags);
	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return __real_openat64(fd, path, flags, mode);
}

/* Where the flags are known not to make anything. */
int
__wrap___openat64_2(int fd, const char *path, int flags)
{
	struct place place;

	if (find_place_at(&place, fd, path))
		return open_place(&place, flags);
	return __real___openat64_2(fd, path, flags);
}

int
__wrap_close(int fd)
{
	struct descriptor *descriptor = find_descriptor(fd);

	if (descriptor == NULL)
		return __real_close(fd);
	drive_close(descriptor->node);
	*descriptor = (struct descriptor){ 0 };
	return 0;
}

int
__wrap_dup(int fd)
{
	struct descriptor *descriptor = find_descriptor(fd);

	if (descriptor == NULL)
		return __real_dup(fd);
	drive_hold(descriptor->node);
	return new_descriptor(descriptor->drive, descriptor->node);
}

/* --- bytes --- */

ssize_t
__wrap_pread64(int fd, void *dst, size_t len, off_t at)
{
	struct descriptor *descriptor = find_descriptor(fd);

	if (descriptor == NULL)
		return __real_pread64(fd, dst, len, at);
	return result_len(drive_read(descriptor->drive, descriptor->node,
	    (uint64_t)at, dst, len));
}

ssize_t
__wrap_read(int fd, void *dst, size_t len)
{
	struct descriptor *descriptor = find_descriptor(fd);
	ssize_t done;

	if (descriptor == NULL)
		return __real_read(fd, dst, len);
	done = drive_read(descriptor->drive, descriptor->node, descriptor->at,
	    dst, len);
	if (done > 0)
		descriptor->at += (uint64_t)done;
	return result_len(done);
}

ssize_t
__wrap_pwrite64(int fd, const void *src, size_t len, off_t at)
{
	struct descriptor *descriptor = find_descriptor(fd);

	if (descriptor == NULL)
		return __real_pwrite64(fd, src, len, at);
	return result_len(drive_write(descriptor->drive, descriptor->node,
	    (uint64_t)at, src, len));
}

ssize_t
__wrap_write(int fd, const void *src, size_t len)
{
	struct descriptor *descriptor = find_descriptor(fd);
	ssize_t done;

	if (descriptor == NULL)
		return __real_write(fd, src, len);
	done = drive_write(descriptor->drive, descriptor->node, descriptor->at,
	    src, len);
	if (done > 0)
		descriptor->at += (uint64_t)done;
	return result_len(done);
}

int
__wrap_fsync(int fd)
{
	struct descriptor *descriptor = find_descriptor(fd);

	if (descriptor == NULL)
		return __real_fsync(fd);
	return result(drive_sync(descriptor->drive, descriptor->node));
}

int
__wrap_ftruncate64(int fd, off_t size)
{
	struct descriptor *descriptor = find_descriptor(fd);

	if (descriptor == NULL)
		return __real_ftruncate64(fd, size);
	return result(
	    drive_resize(descriptor->drive, descriptor->node, (uint64_t)size));
}

int
__wrap_posix_fallocate64(int fd, off_t at, off_t len)
{
	struct descriptor *descriptor = find_descriptor(fd);
	struct stat about;

	if (descriptor == NULL)
		return __real_posix_fallocate64(fd, at, len);
	drive_describe(descriptor->drive, descriptor->node, &about);
	if (about.st_size >= at + len)
		return 0;
	return -drive_resize(descriptor->drive, descriptor->node,
	    (uint64_t)(at + len));
}

/* --- what is asked about files --- */

/* One process has a drive to itself: every lock is there to be taken. */
int
__wrap_fcntl64(int fd, int command, ...)
{
	struct flock *lock;
	va_list args;
	void *arg;

	va_start(args, command);
	arg = va_arg(args, void *);
	va_end(args);
	if (find_descriptor(fd) == NULL)
		return __real_fcntl64(fd, command, arg);
	if (command == F_GETLK) {
		lock = arg;
		lock->l_type = F_UNLCK;
	}
	return 0;
}

int
__wrap_fstat64(int fd, struct stat *about)
{
	struct descriptor *descriptor = find_descriptor(fd);

	if (descriptor == NULL)
		return __real_fstat64(fd, about);
	drive_describe(descriptor->drive, descriptor->node, about);
	return 0;
}

static int
look(const struct place *place, struct stat *about)
{
	/* The folder of all drives. */
	if (place->drive == NULL) {
		*about = (struct stat){ .st_mode = S_IFDIR | MODE_FOLDER };
		return 0;
	}
	return result(
	    drive_look(place->drive, place->from, place->path, about));
}

int
__wrap_stat64(const char *path, struct stat *about)
{
	struct place place;

	if (!find_place(&place, path))
		return __real_stat64(path, about);
	return look(&place, about);
}

int
__wrap_lstat64(const char *path, struct stat *about)
{
	struct place place;

	if (!find_place(&place, path))
		return __real_lstat64(path, about);
	return look(&place, about);
}

int
__wrap_fstatat64(int fd, const char *path, struct stat *about, int flags)
{
	struct place place;

	if (!find_place_at(&place, fd, path))
		return __real_fstatat64(fd, path, about, flags);
	return look(&place, about);
}

int
__wrap_access(const char *path, int mode)
{
	struct place place;
	struct stat about;

	if (!find_place(&place, path))
		return __real_access(path, mode);
	return look(&place, &about);
}

int
__wrap_faccessat(int fd, const char *path, int mode, int flags)
{
	struct place place;
	struct stat about;

	if (!find_place_at(&place, fd, path))
		return __real_faccessat(fd, path, mode, flags);
	return look(&place, &about);
}

int
__wrap_fstatvfs64(int fd, struct statvfs *about)
{
	struct descriptor *descriptor = find_descriptor(fd);

	if (descriptor == NULL)
		return __real_fstatvfs64(fd, about);
	*about = (struct statvfs){
		.f_frsize = 1,
		.f_bavail = drive_free_bytes(descriptor->drive),
	};
	return 0;
}

char *
__wrap_realpath(const char *path, char *resolved)
{
	struct place place;

	if (!find_place(&place, path))
		return __real_realpath(path, resolved);
	assert(resolved == NULL);
	return strdup(path);
}

/* --- names --- */

int
__wrap_unlink(const char *path)
{
	struct place place;

	if (!find_place(&place, path))
		return __real_unlink(path);
	return result(drive_unlink(place.drive, NULL, place.path));
}

int
__wrap_unlinkat(int fd, const char *path, int flags)
{
	struct place place;

	if (!find_place_at(&place, fd, path))
		return __real_unlinkat(fd, path, flags);
	assert(flags == 0);
	return result(drive_unlink(place.drive, place.from, place.path));
}

int
__wrap_rename(const char *path, const char *to)
{
	struct place place, place_to;

	if (!find_place(&place, path))
		return __real_rename(path, to);
	if (!find_place(&place_to, to) || place.drive != place_to.drive)
		return result(-EXDEV);
	return result(drive_rename(place.drive, place.path, place_to.path));
}

int
__wrap_mkdir(const char *path, mode_t mode)
{
	struct place place;

	if (!find_place(&place, path))
		return __real_mkdir(path, mode);
	return result(drive_make_folder(place.drive, NULL, place.path));
}

int
__wrap_mkdirat(int fd, const char *path, mode_t mode)
{
	struct place place;

	if (!find_place_at(&place, fd, path))
		return __real_mkdirat(fd, path, mode);
	return result(drive_make_folder(place.drive, place.from, place.path));
}

/* --- what makes no difference here --- */

int
__wrap_chmod(const char *path, mode_t mode)
{
	struct place place;

	return find_place(&place, path) ? 0 : __real_chmod(path, mode);
}

int
__wrap_fchmod(int fd, mode_t mode)
{
	return find_descriptor(fd) != NULL ? 0 : __real_fchmod(fd, mode);
}

int
__wrap_fchown(int fd, uid_t owner, gid_t group)
{
	return find_descriptor(fd) != NULL ? 0
					   : __real_fchown(fd, owner, group);
}

int
__wrap_utimes(const char *path, const struct timeval times[2])
{
	struct place place;

	return find_place(&place, path) ? 0 : __real_utimes(path, times);
}

/* --- listing --- */

static struct listing *
find_listing(const DIR *dir)
{
	struct listing *listing;

	LIST_FOREACH(listing, &table.listings, entry)
	{
		if ((const void *)listing == (const void *)dir)
			return listing;
	}
	return NULL;
}

DIR *
__wrap_fdopendir(int fd)
{
	struct descriptor *descriptor = find_descriptor(fd);
	struct listing *listing;
	const char *name;

	if (descriptor == NULL)
		return __real_fdopendir(fd);
	if ((listing = calloc(1, sizeof(*listing))) == NULL)
		fatal("calls: no memory");
	listing->fd = fd;
	for (size_t i = 0; (name = drive_name(descriptor->node, i)) != NULL;
	     i++)
		names_add(&listing->names, name, NULL);
	LIST_INSERT_HEAD(&table.listings, listing, entry);
	return (DIR *)(void *)listing;
}

struct dirent *
__wrap_readdir64(DIR *dir)
{
	struct listing *listing = find_listing(dir);

	if (listing == NULL)
		return __real_readdir64(dir);
	if (listing->next == listing->names.count)
		return NULL;
	(void)snprintf(listing->shown.d_name, NAME_BYTES, "%s",
	    listing->names.name[listing->next++].text);
	return &listing->shown;
}

int
__wrap_closedir(DIR *dir)
{
	struct listing *listing = find_listing(dir);

	if (listing == NULL)
		return __real_closedir(dir);
	LIST_REMOVE(listing, entry);
	(void)__wrap_close(listing->fd);
	names_wipe(&listing->names);
	free(listing);
	return 0;
}
