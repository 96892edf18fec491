/* Owns who may ask for what: the one door that every request goes through. */
#ifndef KEEPER_RIGHTS_H
#define KEEPER_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "keeper/delegate.h"
#include "keeper/post.h"

enum right {
	RIGHT_MISSING,	 /* no row: nobody may */
	RIGHT_ANYBODY,	 /* whoever asks, known or not */
	RIGHT_SELF,	 /* any delegate */
	RIGHT_LOOK,	 /* status, lines, events, history */
	RIGHT_READ,	 /* messages, points, drafts, forms */
	RIGHT_NOTE,	 /* acknowledge, and what the peer learns of reading */
	RIGHT_DRAFT,	 /* drafts, comments, uploads */
	RIGHT_SPEAK,	 /* whatever the peer takes as said by this side */
	RIGHT_TRANSLATE, /* translations */
	RIGHT_WATCH,	 /* the watch, drills, the service channel, alarms */
	RIGHT_LINE,	 /* ceremonies, paths, cadence, closing */
	RIGHT_RULE,	 /* rules of release, what is agreed with the peer */
	RIGHT_PEOPLE,	 /* delegates */
	RIGHT_DOWN,	 /* stopping the post */
	RIGHT_COUNT,
};

/*
 * Finds who asks, and judges whether they may: true, and keeper->who is them
 * until rights_end; false: refused, and the request is answered.  Nothing is
 * changed either way.
 */
bool rights_judge(struct keeper *keeper, const struct request *request);
/* What somebody among those who release such an act must have: what it takes to
 * do it, but that a translation is the interpreter's to write alone. */
enum right rights_to_release(enum request_kind kind);
/* Whoever asks may release what was drafted of that kind: as who may say it at once,
 * and a translation as who may speak.  False: refused, and answered. */
bool rights_judge_release(struct keeper *keeper, uint32_t request,
    enum request_kind kind);
/* Nobody asks any more: what follows the post does by itself. */
void rights_end(struct keeper *keeper);

/* What whoever asks such a thing must be allowed. */
enum right rights_of(enum request_kind kind);
/* The peer takes it as said by this side: it can be drafted and released. */
bool rights_speaks(enum request_kind kind);

/* Roles as bits of enum delegate_role. */
bool rights_roles_may(uint32_t roles, enum right right);
bool rights_role_speaks(unsigned role);
/* Whoever asks now. */
bool rights_may(const struct keeper *keeper, enum right right);
/* The delegate of that id, or title: there, not revoked, and has it. */
bool rights_may_speak(struct keeper *keeper, uint32_t delegate);
bool rights_title_may(struct keeper *keeper, const char *title,
    enum right right);

#endif
