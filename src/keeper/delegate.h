/* Owns the delegates: the people who hold the post, by title. */
#ifndef KEEPER_DELEGATE_H
#define KEEPER_DELEGATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "keeper/post.h"

struct phrase;

struct delegate {
	uint32_t id;
	char title[DELEGATE_TITLE_BYTES_MAX + 1];
	char name[DELEGATE_NAME_BYTES_MAX + 1]; /* "": none is kept */
	uint32_t roles;
	bool is_owner; /* the post's user speaks as this one */
	bool has_passphrase;
	int64_t revoked_ms; /* 0: not */
};

/* Whoever asks, for the length of one call: the title, and the id; "" and 0 where
 * the post does something by itself. */
const char *keeper_who(const struct keeper *keeper);
uint32_t keeper_who_id(const struct keeper *keeper);

/* ERR_NOT_FOUND: there is none.  Revoked ones are found. */
MUST_CHECK int delegate_get(struct keeper *keeper, uint32_t id,
    struct delegate *delegate);
MUST_CHECK int delegate_find(struct keeper *keeper, struct text title,
    struct delegate *delegate);
/* Whether somebody who is not revoked has this title; where nobody has, the
 * request is answered: so. */
bool delegate_judge_title(struct keeper *keeper, const struct request *request,
    struct text title);
/* The one that the post's user speaks as. */
MUST_CHECK int delegate_get_owner(struct keeper *keeper,
    struct delegate *delegate);
/* Bits of enum delegate_role; 0: revoked, or not there. */
uint32_t delegate_roles_of(struct keeper *keeper, uint32_t id);

/* The title of the first delegate, in a store that is just made. */
MUST_CHECK int delegate_name_first(struct store *store, const char *title);
/* A title as it is kept: a plain label in NFC that fits and is not empty; else
 * ERR_FORMAT or ERR_LIMIT.  For phrase_wipe. */
MUST_CHECK int delegate_title(struct phrase *phrase, struct text title);

/* Answer REQUEST_DELEGATE_ADD, _LIST, _SHOW, _SET, _PASSPHRASE, _REVOKE and
 * _OWNER. */
void delegate_on_add(struct keeper *keeper, const struct request *request);
void delegate_on_list(struct keeper *keeper, const struct request *request);
void delegate_on_show(struct keeper *keeper, const struct request *request);
void delegate_on_set(struct keeper *keeper, const struct request *request);
void delegate_on_passphrase(struct keeper *keeper,
    const struct request *request);
void delegate_on_revoke(struct keeper *keeper, const struct request *request);
void delegate_on_owner(struct keeper *keeper, const struct request *request);

#endif
