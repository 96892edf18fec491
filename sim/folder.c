#include "sim/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "base/log.h"

enum { COPY_BYTES = 32 * 1024, FOLDERS_OPEN_MAX = 16 };

void
folder_new_root(char path[FOLDER_PATH_BYTES])
{
	const char *parent = "/dev/shm";
	int len;

	if (access(parent, W_OK) != 0)
		parent = getenv("TMPDIR");
	if (parent == NULL || *parent == '\0')
		parent = "/tmp";
	len = snprintf(path, FOLDER_PATH_BYTES, "%s/quietline-sim.XXXXXX",
	    parent);
	if (len < 0 || len >= FOLDER_PATH_BYTES)
		fatalx("folder: TMPDIR is too long");
	if (mkdtemp(path) == NULL)
		fatal("folder: cannot make %s", path);
}

static void
join(char path[FOLDER_PATH_BYTES], const char *folder, const char *name)
{
	int len = snprintf(path, FOLDER_PATH_BYTES, "%s/%s", folder, name);

	if (len < 0 || len >= FOLDER_PATH_BYTES)
		fatalx("folder: a path is too long");
}

void
folder_path(char path[FOLDER_PATH_BYTES], const char *folder, const char *name,
    unsigned long number)
{
	int len = snprintf(path, FOLDER_PATH_BYTES, "%s/%s-%lu", folder, name,
	    number);

	if (len < 0 || len >= FOLDER_PATH_BYTES)
		fatalx("folder: a path is too long");
}

void
folder_make(const char *path)
{
	if (mkdir(path, 0700) != 0)
		fatal("folder: cannot make %s", path);
}

static void
copy_file(const char *from, const char *to)
{
	char piece[COPY_BYTES];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t len;

	if (in < 0 || out < 0)
		fatal("folder: cannot copy %s", from);
	while ((len = read(in, piece, sizeof(piece))) > 0) {
		if (write(out, piece, (size_t)len) != len)
			fatal("folder: cannot write %s", to);
	}
	if (len < 0)
		fatal("folder: cannot read %s", from);
	(void)close(in);
	(void)close(out);
}

void
folder_copy(const char *from, const char *to)
{
	char source[FOLDER_PATH_BYTES], target[FOLDER_PATH_BYTES];
	struct dirent *entry;
	struct stat info;
	DIR *dir = opendir(from);

	if (dir == NULL)
		fatal("folder: cannot read %s", from);
	folder_make(to);
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		join(source, from, entry->d_name);
		join(target, to, entry->d_name);
		if (lstat(source, &info) != 0)
			fatal("folder: cannot look at %s", source);
		if (S_ISDIR(info.st_mode))
			folder_copy(source, target);
		else if (S_ISREG(info.st_mode))
			copy_file(source, target);
	}
	(void)closedir(dir);
}

static int
remove_one(const char *path, const struct stat *info, int type,
    struct FTW *where)
{
	(void)info;
	(void)type;
	(void)where;
	return remove(path);
}

void
folder_remove(const char *path)
{
	int rc = nftw(path, remove_one, FOLDERS_OPEN_MAX, FTW_DEPTH | FTW_PHYS);

	if (rc != 0 && errno != ENOENT)
		log_warn("folder: %s stays behind", path);
}
