#include "keeper/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "limits.h"

static const char reserve_name[] = "reserve";

/* The unit of st_blocks, whatever the disk's own. */
enum { STAT_BLOCK_BYTES = 512 };

static uint64_t
ask_kernel(int folder_fd)
{
	struct statvfs fs;

	if (fstatvfs(folder_fd, &fs) != 0)
		return 0;
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}

/* A file that lost its bytes in a crash is no reserve. */
static bool
has_reserve(const struct disk *disk)
{
	struct stat about;

	return fstatat(disk->folder_fd, reserve_name, &about,
		   AT_SYMLINK_NOFOLLOW) == 0 &&
	    about.st_size >= RESERVE_BYTES &&
	    (uint64_t)about.st_blocks * STAT_BLOCK_BYTES >= RESERVE_BYTES;
}

static void
set_reserve_aside(struct disk *disk)
{
	const int fd = openat(disk->folder_fd, reserve_name,
	    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return;
	disk->has_reserve = posix_fallocate(fd, 0, RESERVE_BYTES) == 0;
	close(fd);
	/* Half of one would be taken for a whole one at the next start. */
	if (!disk->has_reserve)
		(void)unlinkat(disk->folder_fd, reserve_name, 0);
}

static void
measure(struct disk *disk, uint64_t now_ns)
{
	disk->free_bytes = disk->ask != NULL ? disk->ask(disk->ctx)
					     : ask_kernel(disk->folder_fd);
	disk->looked_ns = now_ns;
	if (disk->free_bytes >= DISK_FULL_BYTES) {
		disk->is_full = false;
		if (!disk->has_reserve)
			set_reserve_aside(disk);
	}
}

void
disk_init(struct disk *disk, int folder_fd, uint64_t (*ask)(void *ctx),
    void *ctx)
{
	*disk = (struct disk){ .folder_fd = folder_fd, .ask = ask, .ctx = ctx };
	disk->has_reserve = has_reserve(disk);
	measure(disk, 0);
}

void
disk_look(struct disk *disk, uint64_t now_ns)
{
	if (now_ns < disk->looked_ns ||
	    now_ns - disk->looked_ns >=
		(uint64_t)DISK_LOOK_MS * CLOCK_NS_PER_MS)
		measure(disk, now_ns);
}

bool
disk_on_full(struct disk *disk)
{
	disk->is_full = true;
	if (!disk->has_reserve)
		return false;
	disk->has_reserve = false;
	return unlinkat(disk->folder_fd, reserve_name, 0) == 0;
}

enum store_state
disk_state(const struct disk *disk)
{
	if (disk->is_full || disk->free_bytes < DISK_FULL_BYTES)
		return STORE_FULL;
	if (disk->free_bytes < DISK_NEARLY_FULL_BYTES)
		return STORE_NEARLY_FULL;
	return STORE_WELL;
}

bool
disk_has_room(const struct disk *disk, uint64_t bytes)
{
	return disk_state(disk) != STORE_FULL &&
	    disk->free_bytes - DISK_FULL_BYTES >= bytes;
}

bool
disk_has_room_for_notes(const struct disk *disk)
{
	return disk->free_bytes >= DISK_NOTES_BYTES;
}

uint64_t
disk_credit(const struct disk *disk)
{
	uint64_t bytes;

	if (disk_state(disk) == STORE_FULL)
		return 0;
	bytes = disk->free_bytes - DISK_FULL_BYTES;
	return bytes < CREDIT_BYTES_MAX ? bytes : CREDIT_BYTES_MAX;
}
