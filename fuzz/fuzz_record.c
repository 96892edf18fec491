/* A record's head: what decodes encodes to something that decodes alike. */
#include "core/record.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t again[RECORD_HEAD_BYTES_MAX];
	struct record record, back;
	struct record_layout layout;
	struct writer w;

	if (record_decode_head(&record, data, len) != OK)
		return 0;
	assert(record_head_bytes(data, len) == len);
	record_lay_out(&layout, &record, len);
	assert(layout.total >= layout.trailer && layout.trailer >= layout.text);
	(void)record_class(record.kind, record.precedence);
	buf_write(&w, again, sizeof(again));
	record_encode_head(&w, &record);
	assert(buf_is_sound(&w) && w.len <= len);
	assert(record_decode_head(&back, again, w.len) == OK);
	assert(memcmp(back.id, record.id, RECORD_ID_BYTES) == 0);
	/* Only values to come, which are skipped, make a difference. */
	assert(w.len < len || memcmp(again, data, len) == 0);
	return 0;
}
