/* Owns the sessions: who signed in, and for how long. */
#ifndef KEEPER_SESSION_H
#define KEEPER_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "keeper/delegate.h"
#include "keeper/post.h"

/*
 * Finds whose session a token is of, and fills in *who.  ERR_NOT_FOUND: no
 * session, or one that has ended, or whose delegate was revoked.  Only a hash of
 * the token is kept, and looked up: how long that takes says nothing of it.
 */
MUST_CHECK int session_find(struct keeper *keeper,
    const uint8_t token[SESSION_TOKEN_BYTES], struct who *who);
/* Sessions of a delegate that have not ended. */
uint64_t session_count_of(struct keeper *keeper, uint32_t delegate);
/* Within a transaction of record.db: ends all of a delegate. */
MUST_CHECK int session_end_all(struct keeper *keeper, uint32_t delegate);

/* A passphrase as it is kept. */
struct session_secret {
	uint8_t salt[16];
	uint8_t hash[32];
	struct keyring_cost cost;
};

/* Stretches a new passphrase, which takes a while.  ERR_LIMIT: there is not the
 * memory.  The caller wipes the secret. */
MUST_CHECK int session_stretch(struct keeper *keeper, struct text passphrase,
    struct session_secret *secret);

/*
 * Tries the old passphrase of whoever asks, by a session, for a new one of their
 * own: as long as signing in does, with the same waiting and counting of wrong ones.
 * False: it is missing, wrong or not tried now, which was answered.
 */
bool session_knows_old(struct keeper *keeper, const struct request *request);

/* Answer REQUEST_SIGN_IN, REQUEST_SIGN_OUT and REQUEST_WHO. */
void session_on_sign_in(struct keeper *keeper, const struct request *request);
void session_on_sign_out(struct keeper *keeper, const struct request *request);
void session_on_who(struct keeper *keeper, const struct request *request);

#endif
