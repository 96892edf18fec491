/* Desk's requests: what decodes encodes to the same bytes. */
#include "proc/request.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct request request;
	struct writer w;
	uint8_t *again;

	if (request_decode(&request, data, len) != OK)
		return 0;
	again = malloc(len);
	buf_write(&w, again, len);
	request_encode(&w, &request);
	assert(buf_is_sound(&w) && w.len == len);
	assert(memcmp(again, data, len) == 0);
	free(again);
	return 0;
}
