/* Owns our records on their way: from the keeper's bytes to the peer's HAVE. */
#ifndef CORE_STREAM_OUT_H
#define CORE_STREAM_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/chunk.h"
#include "core/event.h"

/*
 * A chunk is kept until a HAVE of the peer covers it: an ACK only says that the
 * peer's wire holds it, and that wire may die.  So a new session begins by
 * sending again what the HAVE does not cover, and asks the keeper for nothing.
 */
struct stream_out {
	struct chunk_pool pool;
	size_t chunk_bytes; /* that fill a frame */
	struct {
		struct position base; /* the peer's HAVE */
		struct position held; /* what the keeper gave us */
		uint64_t held_n; /* the record that held.offset is of; 0: none
				    begun, or begun before our time */
		uint32_t wanted; /* bytes asked for that did not come yet */
		uint16_t resend; /* chunks QUEUED that were sent before */
		/* Chunks that ride everywhere, were sent, and are not known to
		 * be there. */
		uint16_t hopes;
		/* Chunks that fly, but not on a path that should carry them. */
		uint16_t lacks[LINE_PATHS_MAX];
		uint16_t fresh; /* the first never sent; CHUNK_NONE */
		bool stands; /* no HAVE has moved base since the last rekey */
	} class[CLASS_COUNT];
	uint64_t credit;
	uint64_t beyond; /* bytes of messages sent beyond the peer's HAVE */
	bool open;	 /* a HAVE has come in this session */
	bool want_due;
	uint8_t paths;	   /* a bit for each that is open */
	uint32_t fills;	   /* frames filled: numbers them */
	uint64_t resent;   /* chunks sent again since they were lost */
	uint64_t repeated; /* chunks said again where there was room */
};

/* In memory of chunk_pool_bytes(cadence), which is lent for its life. */
void stream_out_init(struct stream_out *out, void *memory,
    struct cadence cadence);
void stream_out_wipe(struct stream_out *out);

/* A path that chunks ride on, until it is closed; all that flew on it must have
 * been settled then. */
void stream_out_open_path(struct stream_out *out, unsigned path);
void stream_out_close_path(struct stream_out *out, unsigned path);

/* A new session: whatever was flying is queued again, nothing is sent until the
 * peer's HAVE. */
void stream_out_on_session(struct stream_out *out);

/* A rekey of a living session: where the HAVE of a class has stood still since the
 * one before, what was acknowledged beyond it is sent again.  Who acknowledged it
 * may have been another: a machine that was resumed twice has two wires on one
 * session, and the peer takes the frame of one for both. */
void stream_out_on_rekey(struct stream_out *out);

/* What the peer durably holds.  Frees what it covers.  The first of a session
 * says where we go on, be it less than the peer once held; false for a later one
 * that was overtaken on its way, and changes nothing.  A HAVE may always be more
 * than we have asked the keeper for: only the keeper knows what was ever sent,
 * and judges it. */
bool stream_out_on_have(struct stream_out *out, const struct have *have);

/* Bytes of our journal, from the keeper.  What we hold already is trimmed;
 * ERR_STATE where they do not join on, or find no room: asked for again, unless
 * an answer is still to come. */
int stream_out_on_piece(struct stream_out *out, const struct piece *piece);

/* The keeper must be asked for more: fills want, true; once. */
bool stream_out_next_want(struct stream_out *out, struct want *want);
/* A new keeper knows of no request. */
void stream_out_want_again(struct stream_out *out);

/*
 * Puts CHUNK records into a frame of an open path, as far as there is room in w,
 * in order of class; returns the load that stands for them, ACK_NO_LOAD where
 * there are none.  Notes, flash and whole records ride on every path, each of the
 * others on the path that takes it first.
 */
uint32_t stream_out_fill(struct stream_out *out, unsigned path,
    struct writer *w);

/* Begins a frame, which nothing is put into that must arrive. */
void stream_out_pass(struct stream_out *out);

/* Behind either, where there is room: says again what rides everywhere and is not
 * known to be there.  Nothing of it counts as sent. */
void stream_out_repeat(struct stream_out *out, struct writer *w);

/* The frame of that path that carried load is settled. */
void stream_out_settle(struct stream_out *out, unsigned path, uint32_t load,
    bool arrived);

#endif
