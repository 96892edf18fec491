/* Owns the CTRL records of a frame: have, status, goodbye. */
#ifndef CORE_CTRL_H
#define CORE_CTRL_H

#include "base/buf.h"
#include "base/err.h"
#include "core/event.h"

enum ctrl_kind {
	CTRL_HAVE = 1,
	CTRL_STATUS = 2,
	CTRL_GOODBYE = 3,
};

struct ctrl {
	enum ctrl_kind kind;
	union {
		struct have have;
		struct status status;
		enum line_why why;
	};
	/* CTRL_STATUS: counts those of a session, on all paths; the largest is the
	 * newest.  From 1. */
	uint64_t number;
};

/* Writes the body of a CTRL record: doc/protocol.md, "Control". */
void ctrl_encode(struct writer *w, const struct ctrl *ctrl);

/* OK, ERR_NOT_FOUND for a kind this version does not know (skip it), or
 * ERR_FORMAT. */
MUST_CHECK int ctrl_decode(struct ctrl *ctrl, const uint8_t *body, size_t len);

#endif
