/* ticket_parse with any text; what passes is written again the same.  Then the
 * same bytes as a datagram for a relay, which must not take it. */
#include <assert.h>
#include <string.h>

#include "core/ticket.h"
#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t secret[TICKET_SECRET_BYTES] = { 1 };
	uint8_t id[TICKET_ID_BYTES], key[SHORT_KEY_BYTES];
	char text[TICKET_TEXT_BYTES];
	struct ticket_mint mint;
	struct ticket_id is;
	struct ticket ticket;

	crypto_init();
	if (ticket_parse(&ticket, (const char *)data, size) == OK) {
		ticket_format(text, &ticket);
		assert(strlen(text) == size);
		assert(memcmp(text, data, size) == 0);
	}
	ticket_mint_init(&mint, secret);
	if (ticket_peek(id, &is, &mint, data, size) != OK)
		return 0;
	assert(is.cadence.frame_bytes + TICKET_TOKEN_BYTES == size);
	ticket_key(key, &mint, id);
	(void)!ticket_open(id, key, data, size);
	return 0;
}
