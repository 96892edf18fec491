/* A proxy's words, as they come: a choice, then a reply byte by byte. */
#include "proc/socks.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t have = 0, need;
	int rc;

	if (size < SOCKS_CHOICE_BYTES)
		return 0;
	(void)!socks_decode_choice(data);
	data += SOCKS_CHOICE_BYTES;
	size -= SOCKS_CHOICE_BYTES;
	/* As it is read: no byte more than the reply asks for. */
	while ((rc = socks_decode_reply(data, have, &need)) == ERR_AGAIN) {
		if (need <= have || need > SOCKS_REPLY_BYTES_MAX)
			abort();
		if (need > size)
			return 0;
		have = need;
	}
	if (rc == OK && have != need)
		abort();
	return 0;
}
