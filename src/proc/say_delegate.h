/* Owns what desk and keeper say to each other of delegates. */
#ifndef PROC_SAY_DELEGATE_H
#define PROC_SAY_DELEGATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proc/field.h"

enum delegate_role {
	DELEGATE_HEAD,
	DELEGATE_DRAFTER,
	DELEGATE_RELEASER,
	DELEGATE_INTERPRETER,
	DELEGATE_WATCH,
	DELEGATE_READER,
	DELEGATE_ROLE_COUNT,
};

extern const struct word_list delegate_roles;

struct delegate_ask {
	struct text title; /* the delegate's label; unique */
	struct text name;  /* of the person; absent: no name is kept */
	uint32_t roles;	   /* a bit a word of delegate_roles */
	struct text passphrase;
	struct text old; /* the one before, of whoever changes their own */
	bool everywhere; /* sign out: of every session of this delegate */
};

struct delegate_view {
	struct text title;
	struct text name;
	uint32_t roles;
	bool is_owner; /* the user that runs the post speaks as this one */
	bool has_passphrase;
	int64_t revoked_ms;
	uint64_t sessions; /* that have not ended */
};

/* A session, or whoever asks. */
struct session_view {
	struct text title;
	struct text name;
	uint32_t roles;
	struct text token; /* hex; when it begins, and never again */
	int64_t until_ms;  /* 0: not by a session */
};

/* What each kind of request asks, and what it is answered with. */
extern const struct layout say_delegate_add;
extern const struct layout say_delegate_set;
extern const struct layout say_delegate_passphrase;
extern const struct layout say_delegate_owner;
extern const struct layout say_sign_in;
extern const struct layout say_sign_out;
extern const struct layout say_delegate_view;
extern const struct layout say_session_view;

#endif
