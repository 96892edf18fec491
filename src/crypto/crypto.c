#include "crypto/crypto.h"

#include <sodium.h>

#include "base/log.h"

void
crypto_init(void)
{
	if (sodium_init() < 0)
		fatalx("crypto: libsodium does not start");
}
