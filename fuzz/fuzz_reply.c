/* Keeper's replies: what decodes encodes, and decodes again. */
#include "proc/request.h"

#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct reply reply, back;
	struct writer w;
	uint8_t *again;

	if (reply_decode(&reply, data, len) != OK)
		return 0;
	again = malloc(len);
	buf_write(&w, again, len);
	reply_encode(&w, &reply);
	assert(buf_is_sound(&w));
	assert(reply_decode(&back, again, w.len) == OK);
	assert(back.kind == reply.kind && back.id == reply.id);
	free(again);
	return 0;
}
