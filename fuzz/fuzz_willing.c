/* A step of a comparison of willingness, from any bytes: the first says which
 * step.  In a round that runs there is one step that is taken. */
#include <assert.h>
#include <string.h>

#include "crypto/crypto.h"
#include "crypto/willing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Both sides' seeds are zeros, as in the corpus. */
static const struct willing_round round_of_zeros = { .day = 20779 };
static const struct willing_secret secret_of_zeros = { .yes = 1 };
static struct willing_talk whole;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct willing_talk talk;
	unsigned step;
	bool right;
	int rc;

	crypto_init();
	while (whole.count < WILLING_STEPS)
		willing_make(&whole, &round_of_zeros, &secret_of_zeros);
	if (size == 0)
		return 0;
	step = data[0] % WILLING_STEPS + 1;
	data++;
	size--;
	right = size == willing_step_bytes(step) &&
	    memcmp(data, whole.step[step - 1], size) == 0;
	rc = willing_step_check(step, data, size);
	assert(rc == OK || !right);
	talk = whole;
	talk.count = step - 1;
	rc = willing_take(&talk, &round_of_zeros, &secret_of_zeros, data, size);
	assert((rc == OK) == right);
	assert(talk.count == (right ? step : step - 1));
	return 0;
}
