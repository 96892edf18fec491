/* Owns the keys of the session in use, and which of them sends. */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/event.h"

/*
 * Make before break (doc/protocol.md, R4 to R6): three keys receive, one sends.
 * next is B's alone: it receives from message 2 on, and sends once the keeper
 * has synced.
 */
enum session_slot { SESSION_CUR, SESSION_NEXT, SESSION_PREV, SESSION_SLOTS };

struct session_key {
	struct session_keys keys;
	uint64_t born_ns;
	bool live;
};

struct session {
	struct session_key key[SESSION_SLOTS];
	/* prev is forgotten at this time; 0: no such time. */
	uint64_t prev_until_ns;
};

void session_wipe(struct session *session);

/* There is a key to send under. */
bool session_is_live(const struct session *session);

/* A: prev <- cur, cur <- keys. */
void session_replace(struct session *session, const struct session_keys *keys,
    uint64_t now_ns);

/* B: keys receive from now on, beside those that are there. */
void session_expect(struct session *session, const struct session_keys *keys,
    uint64_t now_ns);

/* B: prev <- cur, cur <- next; prev lives until prev_until_ns. */
void session_confirm(struct session *session, uint64_t prev_until_ns);

/* Forgets one key. */
void session_drop(struct session *session, enum session_slot slot);

/* Forgets prev when its time has come. */
void session_expire(struct session *session, uint64_t now_ns);

/* Opens a frame under cur, next or prev, in that order: sets *slot and
 * plain, or ERR_CRYPTO. */
MUST_CHECK int session_unseal(const struct session *session, uint8_t *plain,
    const uint8_t *frame, size_t frame_bytes, enum session_slot *slot);

#endif
