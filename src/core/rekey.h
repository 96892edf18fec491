/* Owns the handshakes of a living session: when, and which parts are sent. */
#ifndef CORE_REKEY_H
#define CORE_REKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/cadence.h"
#include "core/exchange.h"
#include "core/line.h"

/* doc/protocol.md, "Rekey", R1 to R7; R8 is the line's. */
struct rekey {
	enum line_role role;
	struct cadence cadence;
	struct exchange exchange;
	uint64_t attempts; /* numbers used in this session */
	uint64_t due_ns;   /* A: when the next begins */
	uint64_t started_ns;
	bool unproved; /* A: B has not sent under the newest key yet (R6) */
	/* Each path sends all parts of a round, from another one on. */
	struct {
		unsigned part;	    /* the next to send */
		unsigned parts_due; /* 0: none to send */
	} cursor[LINE_PATHS_MAX];
	bool sends;		/* no path has sent all parts of the round */
	uint64_t next_round_ns; /* A: when the message is sent again */
};

void rekey_init(struct rekey *rekey, enum line_role role,
    struct cadence cadence);
void rekey_wipe(struct rekey *rekey);

/* A boot made a session at now_ns: attempts count anew. */
void rekey_on_session(struct rekey *rekey, uint64_t now_ns);

/* A: begins an attempt when it is time.  Called every slot of a session. */
void rekey_on_slot(struct rekey *rekey, uint64_t now_ns);

/* An HS record's body.  ERR_FORMAT where it breaks its layout. */
MUST_CHECK int rekey_on_record(struct rekey *rekey, const uint8_t *body,
    size_t len);

/* The keeper's answer to a rekey; as exchange_on_order. */
MUST_CHECK int rekey_on_order(struct rekey *rekey,
    const struct line_order *order, uint64_t now_ns);

/* A: B sent under the newest key; true if that was not known yet. */
bool rekey_on_proof(struct rekey *rekey);

/* A part waits to be sent by that path. */
bool rekey_has_part(const struct rekey *rekey, unsigned path);
/* Writes the HS body of the part that waits; rekey_said where it found room. */
void rekey_encode(const struct rekey *rekey, unsigned path, struct writer *w);
void rekey_said(struct rekey *rekey, unsigned path, uint64_t now_ns,
    uint64_t patience_ns);

#endif
