/* Boot frames of any content, one after the other, to a post of either role that
 * boots or has a session: the first byte says which. */
#include <assert.h>
#include <string.h>

#include "core/boot.h"
#include "core/frame.h"

enum { FRAME_BYTES = 256, PLAIN_BYTES = FRAME_BYTES - 40 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_again(const struct boot_frame *frame)
{
	uint8_t bytes[PLAIN_BYTES] = { 0 };
	struct boot_frame again;
	struct writer w;

	buf_write(&w, bytes, sizeof(bytes));
	boot_encode(&w, frame);
	assert(buf_is_sound(&w));
	assert(boot_decode(&again, bytes, sizeof(bytes)) == OK);
	assert(again.len == frame->len && again.tag == frame->tag);
	assert(frame->len == 0 ||
	    memcmp(again.data, frame->data, frame->len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct boot boot;
	const struct origin from = { .len = 1 };
	const struct hints hints = { .proved = true };
	uint8_t plain[PLAIN_BYTES];
	struct rng_seeded seeded;
	struct line_config config = { .cadence = { FRAME_BYTES, 1000000 } };
	struct line_event event;
	struct boot_frame frame;
	uint64_t now_ns = 1;
	unsigned path;
	uint8_t terms;

	if (size == 0)
		return 0;
	config.role = data[0] & 1 ? ROLE_A : ROLE_B;
	config.terms = data[0] >> 4;
	boot_init(&boot, &config, rng_from_seed(&seeded, 1));
	boot_on_hints(&boot, &hints);
	if (data[0] & 2)
		boot_on_session(&boot);
	for (data++, size--; size > 0;) {
		const size_t len = size < PLAIN_BYTES ? size : PLAIN_BYTES;

		memset(plain, 0, sizeof(plain));
		memcpy(plain, data, len);
		data += len;
		size -= len;
		/* An echo cannot be guessed: the byte 0xee stands for it. */
		if (plain[BOOT_ID_BYTES] == 0xee)
			memcpy(plain + BOOT_ID_BYTES, boot.my_id.bytes,
			    BOOT_ID_BYTES);
		path = plain[0] % LINE_PATHS_MAX;
		if (boot_decode(&frame, plain, sizeof(plain)) == OK) {
			try_again(&frame);
			(void)boot_on_frame(&boot, &frame, path, &from, now_ns);
		}
		now_ns += 1000000000;
		(void)boot_next_terms(&boot, &terms);
		(void)exchange_next_event(&boot.exchange, &event, now_ns);
		if (boot_takes_slot(&boot, path, now_ns)) {
			boot_fill(&boot, path, &frame);
			try_again(&frame);
		}
	}
	return 0;
}
