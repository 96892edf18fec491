/* Owns the bytes of one file of a simulated drive, twice: as they are read, and
 * as they are on the platter. */
#ifndef SIM_IMAGE_H
#define SIM_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/queue.h>

/* What a drive writes as a whole or not at all. */
enum { SECTOR_BYTES = 512 };

/* Bytes from `cap` to `size` are zeros. */
struct bytes {
	uint8_t *data;
	size_t cap;
	uint64_t size;
};

/* A write or a change of size that no sync has followed yet. */
struct image_change;

struct image {
	struct bytes shown;
	struct bytes platter;
	TAILQ_HEAD(image_changes, image_change) changes; /* oldest first */
};

/* Whether a sector of the change `number` gets to the platter.  Whoever is asked
 * of a change of size is asked once. */
typedef bool image_keep(void *ctx, uint64_t number);

void image_init(struct image *image);
void image_wipe(struct image *image);
/* What is on `from`'s platter, and nothing else; `image` is initialised. */
void image_copy_platter(struct image *image, const struct image *from);
/* What is shown by `from`, as if synced; `image` is initialised. */
void image_copy_shown(struct image *image, const struct image *from);

/* Fewer than len bytes: the end is there. */
size_t image_read(const struct image *image, uint64_t at, void *dst,
    size_t len);
/* Not on the platter before image_sync.  number: of the change, growing. */
void image_write(struct image *image, uint64_t at, const void *src, size_t len,
    uint64_t number);
void image_resize(struct image *image, uint64_t size, uint64_t number);

bool image_is_synced(const struct image *image);
/* All is on the platter. */
void image_sync(struct image *image);
/* Of what is not synced, so much gets to the platter as is kept; the rest never
 * will, though it is still shown. */
void image_settle(struct image *image, image_keep *keep, void *ctx);
/* What is shown is what is on the platter. */
void image_forget_shown(struct image *image);

#endif
