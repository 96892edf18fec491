/* Owns the room on the disk: what is free, and a reserve for bad days. */
#ifndef KEEPER_DISK_H
#define KEEPER_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/event.h"

struct disk {
	int folder_fd;
	bool has_reserve;
	bool is_full; /* the kernel said so, whatever it counts as free */
	uint64_t free_bytes;
	uint64_t looked_ns;
	/* Instead of the kernel, for tests; NULL otherwise. */
	uint64_t (*ask)(void *ctx);
	void *ctx;
};

/* folder_fd is borrowed. */
void disk_init(struct disk *disk, int folder_fd, uint64_t (*ask)(void *ctx),
    void *ctx);
/* Looks at the disk if it has not for a while, and sets the reserve aside again
 * where there is room. */
void disk_look(struct disk *disk, uint64_t now_ns);
/* The kernel had no room: lets the reserve go, once.  True: something is worth
 * trying again. */
bool disk_on_full(struct disk *disk);

enum store_state disk_state(const struct disk *disk);
/* May bytes be accepted from people, beside what keeps the line going? */
bool disk_has_room(const struct disk *disk, uint64_t bytes);
/* May what is beyond credit be taken from the peer: receipts, drills? */
bool disk_has_room_for_notes(const struct disk *disk);
/* What a peer may be promised. */
uint64_t disk_credit(const struct disk *disk);

#endif
