/* Owns meeting the peer: boot frames, and the handshake that they carry. */
#ifndef CORE_BOOT_H
#define CORE_BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/rng.h"
#include "core/exchange.h"
#include "core/line.h"

/*
 * doc/protocol.md, "Boot".  Each side shows a fresh id and echoes the other's;
 * only a peer that is there now can echo an id drawn a moment ago, so a
 * recording can start nothing and end nothing.
 */
enum boot_sizes {
	BOOT_ID_BYTES = 16,
	/* my_id your_id hint_cur hint_prev flags msg part parts tag. */
	BOOT_HEAD_BYTES = 2 * BOOT_ID_BYTES + 2 * HINT_BYTES + 4 + 8,
};

enum boot_stance {
	BOOT_REST,   /* a session is live, nothing is asked */
	BOOT_BESIDE, /* a session is live, and somebody asks: one slot of eight */
	BOOT_WHOLE, /* every slot */
};

struct boot_id {
	uint8_t bytes[BOOT_ID_BYTES];
};

/* A boot frame's plaintext. */
struct boot_frame {
	struct boot_id my_id;
	struct boot_id your_id;
	uint8_t hint_cur[HINT_BYTES];
	uint8_t hint_prev[HINT_BYTES];
	bool uses_prev; /* flags bit 0, with message 1 */
	bool beside;	/* flags bit 1 */
	bool blames;	/* flags bit 3 */
	uint8_t terms;	/* flags bits 4 to 7 */
	uint8_t msg;	/* 0: none, 1 or 2 */
	uint8_t part;
	uint8_t parts;
	uint64_t tag; /* the attempt */
	const uint8_t *data;
	size_t len;
};

/* A peer id to answer, drawn among those heard since our last frame. */
struct boot_draw {
	struct boot_id id;
	uint32_t rivals;
};

/* What one of our paths has to do with it. */
struct boot_path {
	/* Of whom we would speak to, heard by it since our last frame by it. */
	struct boot_draw heard;
	struct origin from;
	bool echoes;		   /* our present id */
	struct origin your_origin; /* where your_id is by this path; len 0 */
	unsigned beside_slots;	   /* since the last boot frame by it */
	unsigned part;		   /* the next to send */
};

struct boot {
	enum boot_stance stance;
	enum line_role role;
	struct cadence cadence;
	struct rng rng;
	struct boot_id my_id;
	struct boot_id your_id;
	struct boot_path path[LINE_PATHS_MAX];
	bool has_echo;		/* your_id has echoed our present my_id */
	struct boot_draw heard; /* any id */
	struct boot_draw echo;	/* ids that echoed ours */
	/* The peer's id of the boot that made the session. */
	struct boot_id session_id;
	bool has_session_id;

	uint64_t beside_until_ns;
	uint8_t terms;	    /* ours */
	uint8_t peer_terms; /* if other_terms */
	bool other_terms;   /* the peer that echoes us has others */
	bool terms_due;	    /* and our keeper must be told so */

	struct hints hints;
	bool has_hints; /* the keeper has told them */
	bool alarmed;	/* told of a missing secret already, this boot */
	bool blames;	/* we ended the session for a fault of the peer */
	bool blamed;	/* told that it says so of us already, this boot */

	struct exchange exchange;
	struct boot_id exchange_id; /* whom the exchange is with */
	uint64_t started_ns;	    /* the attempt in hand */
};

void boot_init(struct boot *boot, const struct line_config *config,
    struct rng rng);
void boot_wipe(struct boot *boot);

/* Bytes of plaintext data in one boot frame. */
size_t boot_part_bytes(size_t frame_bytes);
void boot_encode(struct writer *w, const struct boot_frame *frame);
/* Data is lent.  ERR_FORMAT. */
MUST_CHECK int boot_decode(struct boot_frame *frame, const uint8_t *plain,
    size_t len);

/* There is no session: a fresh id, every slot. */
void boot_enter(struct boot *boot);
/* The peer is told that it broke the protocol, until the next session. */
void boot_blame(struct boot *boot);

/* A session was made: with whom is remembered, and we rest. */
void boot_on_session(struct boot *boot);

/* Nothing is heard any more: stand beside the session, if we rest.  A peer that
 * restarted and must learn where we are has nothing else to hear us by: it
 * cannot open our session frames, and has nowhere to send its own. */
void boot_call(struct boot *boot, uint64_t now_ns);

/* The keeper tells our hints. */
void boot_on_hints(struct boot *boot, const struct hints *hints);

enum boot_result {
	BOOT_NOTHING,
	BOOT_RESTARTED, /* beside a live session: the peer proves a restart;
			    every slot is a boot frame's from now on */
	BOOT_BLAMED, /* the peer has ended the session, and says that it was our
			fault; as BOOT_RESTARTED, if a session was live */
	BOOT_CONTINUITY, /* a secret that the peer had proved to hold is missing
			    from its hints: nothing is computed */
};

/* The peer boots under other terms than ours, and is there: true once a boot, and
 * once more after boot_tell_again.  There is no handshake with it. */
bool boot_next_terms(struct boot *boot, uint8_t *terms);
void boot_tell_again(struct boot *boot);

/* The frame is what is left of the boot that made the session. */
bool boot_is_of_session(const struct boot *boot,
    const struct boot_frame *frame);

/* An authentic boot frame arrived by one of our paths. */
enum boot_result boot_on_frame(struct boot *boot,
    const struct boot_frame *frame, unsigned path, const struct origin *from,
    uint64_t now_ns);

/* Whether this slot of a path is a boot frame's: asked once a slot. */
bool boot_takes_slot(struct boot *boot, unsigned path, uint64_t now_ns);

/* The frame for this slot of a path; data is lent from the boot. */
void boot_fill(struct boot *boot, unsigned path, struct boot_frame *frame);

#endif
