#include "sim/schedule.h"

#include <assert.h>

#include "base/buf.h"

enum { SCHEDULE_ENTRY_BYTES = 8 + 1 + 2 };

void
schedule_init(struct schedule *schedule)
{
	*schedule = (struct schedule){ 0 };
	hash_stream_init(&schedule->stream);
}

void
schedule_append(struct schedule *schedule, uint64_t at_ns, unsigned path,
    size_t len)
{
	uint8_t entry[SCHEDULE_ENTRY_BYTES];
	struct writer w;

	buf_write(&w, entry, sizeof(entry));
	buf_put_u64(&w, at_ns);
	buf_put_u8(&w, (uint8_t)path);
	buf_put_u16(&w, (uint16_t)len);
	assert(buf_is_sound(&w));
	hash_stream_append(&schedule->stream, entry, sizeof(entry));
	schedule->slots++;
	schedule->last_ns = at_ns;
}

void
schedule_sum(const struct schedule *schedule, uint8_t sum[HASH_BYTES])
{
	struct hash_stream copy = schedule->stream;

	hash_stream_finish(&copy, sum);
}
