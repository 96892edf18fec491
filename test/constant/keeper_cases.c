/* keeper/: the keys file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include "base/wipe.h"
#include "cases.h"
#include "keeper/keyring.h"
#include "secret.h"

/* Salt and nonce stand in the file; the two keys do not. */
static void
fill_keys(void *ctx, void *dst, size_t len)
{
	(void)ctx;
	rng_fill(secret_rng(), dst, len);
	if (len < sizeof(struct store_keys))
		open_up(dst, len);
}

static bool
keyrings(void)
{
	char folder[] = "/tmp/quietline-constant-XXXXXX", file[64] = "";
	char passphrase[] = "the water in the canal is cold today";
	struct store_keys made, read;
	bool ok;

	if (mkdtemp(folder) == NULL)
		return false;
	strcat(strcat(file, folder), "/keys");
	secret(passphrase, sizeof(passphrase));
	ok = keyring_create(folder, passphrase, sizeof(passphrase) - 1,
		 keyring_cost_least(), (struct rng){ .fill = fill_keys },
		 &made) == OK;
	ok = ok &&
	    keyring_open(folder, passphrase, sizeof(passphrase) - 1, &read) ==
		OK;
	ok = ok && is_secret(&read, sizeof(read)) &&
	    wipe_equal(&made, &read, sizeof(made));
	passphrase[3] = 'c';
	secret(passphrase, sizeof(passphrase));
	ok = ok &&
	    keyring_open(folder, passphrase, sizeof(passphrase) - 1, &read) ==
		ERR_DENIED;
	(void)unlink(file);
	(void)rmdir(folder);
	return ok;
}

const struct constant_case cases_keeper[] = {
	{ "keyring_create, keyring_open, a wrong passphrase", keyrings, false },
};
const size_t cases_keeper_count = sizeof(cases_keeper) / sizeof(*cases_keeper);
