#include "relay/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/wipe.h"

/* Half of them stay empty, so that searches are short. */
enum { BUCKETS_PER_LINE = 2, HASHED_BYTES = 10 };

int
table_open(struct table *table, uint32_t count, struct rng rng)
{
	uint32_t buckets = 1;

	assert(count > 0 && count <= RELAY_LINES_MAX);
	while (buckets < count * BUCKETS_PER_LINE)
		buckets *= 2;
	*table = (struct table){ .count = count, .bucket_mask = buckets - 1 };
	rng_fill(rng, table->key, sizeof(table->key));
	table->line = calloc(count, sizeof(*table->line));
	table->free_list = calloc(count, sizeof(*table->free_list));
	table->bucket = calloc(buckets, sizeof(*table->bucket));
	if (table->line == NULL || table->free_list == NULL ||
	    table->bucket == NULL) {
		table_close(table);
		return ERR_LIMIT;
	}
	for (uint32_t i = 0; i < count; i++)
		table->free_list[i] = count - 1 - i;
	table->free_count = count;
	return OK;
}

void
table_close(struct table *table)
{
	if (table->line != NULL)
		wipe(table->line, table->count * sizeof(*table->line));
	free(table->line);
	free(table->free_list);
	free(table->bucket);
	wipe(table, sizeof(*table));
}

/* Where the search for it begins: nobody outside can choose numbers that meet. */
static uint32_t
home_of(const struct table *table, uint32_t number, struct cadence cadence)
{
	uint8_t bytes[HASHED_BYTES], tag[SHORT_BYTES];
	struct writer w;
	uint32_t home;

	buf_write(&w, bytes, sizeof(bytes));
	buf_put_u32(&w, number);
	buf_put_u16(&w, cadence.frame_bytes);
	buf_put_u32(&w, cadence.slot_us);
	short_tag(tag, table->key, bytes, sizeof(bytes));
	memcpy(&home, tag, sizeof(home));
	return home & table->bucket_mask;
}

static bool
is_of(const struct table_line *line, const struct ticket_id *is)
{
	return line->number == is->number &&
	    line->cadence.frame_bytes == is->cadence.frame_bytes &&
	    line->cadence.slot_us == is->cadence.slot_us;
}

uint32_t
table_find(const struct table *table, const struct ticket_id *is)
{
	uint32_t at = home_of(table, is->number, is->cadence);

	for (; table->bucket[at] != 0; at = (at + 1) & table->bucket_mask)
		if (is_of(&table->line[table->bucket[at] - 1], is))
			return table->bucket[at] - 1;
	return TABLE_NONE;
}

uint32_t
table_add(struct table *table, const struct ticket_id *is)
{
	uint32_t at = home_of(table, is->number, is->cadence);
	uint32_t line;

	if (table->free_count == 0)
		return TABLE_NONE;
	line = table->free_list[--table->free_count];
	table->line[line] = (struct table_line){
		.number = is->number,
		.cadence = is->cadence,
	};
	while (table->bucket[at] != 0)
		at = (at + 1) & table->bucket_mask;
	table->bucket[at] = line + 1;
	return line;
}

static uint32_t
home_of_line(const struct table *table, uint32_t line)
{
	return home_of(table, table->line[line].number,
	    table->line[line].cadence);
}

/* No search may end at the gap: whatever was put behind its home because of
 * what lay here moves up. */
static void
close_gap(struct table *table, uint32_t gap)
{
	const uint32_t mask = table->bucket_mask;
	uint32_t at = gap, home;

	for (;;) {
		at = (at + 1) & mask;
		if (table->bucket[at] == 0)
			break;
		home = home_of_line(table, table->bucket[at] - 1);
		/* Steps from its home, not less than those from the gap. */
		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		table->bucket[gap] = table->bucket[at];
		gap = at;
	}
	table->bucket[gap] = 0;
}

void
table_remove(struct table *table, uint32_t line)
{
	uint32_t at = home_of_line(table, line);

	assert(
	    !table->line[line].leg[0].held && !table->line[line].leg[1].held);
	while (table->bucket[at] != line + 1) {
		assert(table->bucket[at] != 0);
		at = (at + 1) & table->bucket_mask;
	}
	close_gap(table, at);
	wipe(&table->line[line], sizeof(table->line[line]));
	table->free_list[table->free_count++] = line;
}
