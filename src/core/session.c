#include "core/session.h"

#include <assert.h>
#include <string.h>

#include "base/wipe.h"
#include "core/frame.h"

_Static_assert((int)SESSION_KEY_BYTES == (int)FRAME_KEY_BYTES,
    "a session key seals frames");

void
session_wipe(struct session *session)
{
	wipe(session, sizeof(*session));
}

bool
session_is_live(const struct session *session)
{
	return session->key[SESSION_CUR].live;
}

void
session_drop(struct session *session, enum session_slot slot)
{
	wipe(&session->key[slot], sizeof(session->key[slot]));
}

static void
set_key(struct session_key *key, const struct session_keys *keys,
    uint64_t now_ns)
{
	key->keys = *keys;
	key->born_ns = now_ns;
	key->live = true;
}

void
session_replace(struct session *session, const struct session_keys *keys,
    uint64_t now_ns)
{
	session->key[SESSION_PREV] = session->key[SESSION_CUR];
	session->prev_until_ns = 0;
	set_key(&session->key[SESSION_CUR], keys, now_ns);
}

void
session_expect(struct session *session, const struct session_keys *keys,
    uint64_t now_ns)
{
	set_key(&session->key[SESSION_NEXT], keys, now_ns);
}

void
session_confirm(struct session *session, uint64_t prev_until_ns)
{
	assert(session->key[SESSION_NEXT].live);
	session->key[SESSION_PREV] = session->key[SESSION_CUR];
	session->prev_until_ns = prev_until_ns;
	session->key[SESSION_CUR] = session->key[SESSION_NEXT];
	session_drop(session, SESSION_NEXT);
}

void
session_expire(struct session *session, uint64_t now_ns)
{
	if (session->prev_until_ns != 0 && now_ns >= session->prev_until_ns) {
		session_drop(session, SESSION_PREV);
		session->prev_until_ns = 0;
	}
}

int
session_unseal(const struct session *session, uint8_t *plain,
    const uint8_t *frame, size_t frame_bytes, enum session_slot *slot)
{
	int i;

	for (i = 0; i < SESSION_SLOTS; i++) {
		if (!session->key[i].live)
			continue;
		if (frame_unseal(plain, frame, frame_bytes,
			session->key[i].keys.recv) == OK) {
			*slot = (enum session_slot)i;
			return OK;
		}
	}
	return ERR_CRYPTO;
}
