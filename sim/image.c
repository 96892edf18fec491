#include "sim/image.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { CAP_FIRST = 4096 };

struct image_change {
	TAILQ_ENTRY(image_change) entry;
	uint64_t number;
	uint64_t at; /* of a change of size: the size */
	bool is_size;
	size_t len;
	uint8_t data[];
};

/* --- bytes --- */

static void
bytes_reach(struct bytes *bytes, uint64_t end)
{
	size_t cap = bytes->cap == 0 ? CAP_FIRST : bytes->cap;

	if (end <= bytes->cap)
		return;
	while (cap < end)
		cap *= 2;
	if ((bytes->data = realloc(bytes->data, cap)) == NULL)
		fatal("image: no memory");
	memset(bytes->data + bytes->cap, 0, cap - bytes->cap);
	bytes->cap = cap;
}

static void
bytes_write(struct bytes *bytes, uint64_t at, const void *src, size_t len)
{
	if (len == 0)
		return;
	bytes_reach(bytes, at + len);
	memcpy(bytes->data + at, src, len);
	if (bytes->size < at + len)
		bytes->size = at + len;
}

static void
bytes_resize(struct bytes *bytes, uint64_t size)
{
	/* What was cut off must not come back when the file grows again. */
	if (size < bytes->size && size < bytes->cap) {
		uint64_t end =
		    bytes->size < bytes->cap ? bytes->size : bytes->cap;

		memset(bytes->data + size, 0, (size_t)(end - size));
	}
	bytes->size = size;
}

static void
bytes_copy(struct bytes *bytes, const struct bytes *from)
{
	size_t len = from->size < from->cap ? (size_t)from->size : from->cap;

	bytes_resize(bytes, 0);
	bytes_write(bytes, 0, from->data, len);
	bytes->size = from->size;
}

/* --- images --- */

void
image_init(struct image *image)
{
	*image = (struct image){ 0 };
	TAILQ_INIT(&image->changes);
}

static void
drop_changes(struct image *image)
{
	struct image_change *change;

	while ((change = TAILQ_FIRST(&image->changes)) != NULL) {
		TAILQ_REMOVE(&image->changes, change, entry);
		free(change);
	}
}

void
image_wipe(struct image *image)
{
	drop_changes(image);
	free(image->shown.data);
	free(image->platter.data);
	image_init(image);
}

void
image_copy_platter(struct image *image, const struct image *from)
{
	drop_changes(image);
	bytes_copy(&image->platter, &from->platter);
	bytes_copy(&image->shown, &from->platter);
}

void
image_copy_shown(struct image *image, const struct image *from)
{
	drop_changes(image);
	bytes_copy(&image->platter, &from->shown);
	bytes_copy(&image->shown, &from->shown);
}

size_t
image_read(const struct image *image, uint64_t at, void *dst, size_t len)
{
	const struct bytes *shown = &image->shown;
	size_t there = 0;

	if (at >= shown->size)
		return 0;
	if (len > shown->size - at)
		len = (size_t)(shown->size - at);
	if (at < shown->cap) {
		there = shown->cap - (size_t)at;
		if (there > len)
			there = len;
		memcpy(dst, shown->data + at, there);
	}
	memset((uint8_t *)dst + there, 0, len - there);
	return len;
}

static struct image_change *
add_change(struct image *image, uint64_t at, size_t len, uint64_t number)
{
	struct image_change *change = malloc(sizeof(*change) + len);

	if (change == NULL)
		fatal("image: no memory");
	change->number = number;
	change->at = at;
	change->is_size = false;
	change->len = len;
	TAILQ_INSERT_TAIL(&image->changes, change, entry);
	return change;
}

void
image_write(struct image *image, uint64_t at, const void *src, size_t len,
    uint64_t number)
{
	struct image_change *change = add_change(image, at, len, number);

	memcpy(change->data, src, len);
	bytes_write(&image->shown, at, src, len);
}

void
image_resize(struct image *image, uint64_t size, uint64_t number)
{
	struct image_change *change = add_change(image, size, 0, number);

	change->is_size = true;
	bytes_resize(&image->shown, size);
}

bool
image_is_synced(const struct image *image)
{
	return TAILQ_EMPTY(&image->changes);
}

void
image_sync(struct image *image)
{
	const struct image_change *change;

	TAILQ_FOREACH(change, &image->changes, entry)
	{
		if (change->is_size)
			bytes_resize(&image->platter, change->at);
		else
			bytes_write(&image->platter, change->at, change->data,
			    change->len);
	}
	drop_changes(image);
}

static void
settle_write(struct image *image, const struct image_change *change,
    image_keep *keep, void *ctx)
{
	size_t done = 0;

	while (done < change->len) {
		uint64_t at = change->at + done;
		size_t step = SECTOR_BYTES - (size_t)(at % SECTOR_BYTES);

		if (step > change->len - done)
			step = change->len - done;
		if (keep(ctx, change->number))
			bytes_write(&image->platter, at, change->data + done,
			    step);
		done += step;
	}
}

void
image_settle(struct image *image, image_keep *keep, void *ctx)
{
	const struct image_change *change;

	TAILQ_FOREACH(change, &image->changes, entry)
	{
		if (!change->is_size)
			settle_write(image, change, keep, ctx);
		else if (keep(ctx, change->number))
			bytes_resize(&image->platter, change->at);
	}
	drop_changes(image);
}

void
image_forget_shown(struct image *image)
{
	assert(image_is_synced(image));
	bytes_copy(&image->shown, &image->platter);
}
