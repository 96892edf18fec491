/* Owns acknowledgement on one path: what arrived, what got there, how long.
 * Counters are those of the path, without its number. */
#ifndef CORE_ACK_H
#define CORE_ACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/cadence.h"
#include "core/replay.h"
#include "limits.h"

/* What arrived, and must be acknowledged.  A frame whose chunks found no room
 * is never entered here. */
struct ack_inbox {
	struct replay taken;
	uint64_t largest_ns; /* when the largest counter arrived */
	/* What each of our paths has yet to say: an ACK on one that is cut would
	 * else be the only one. */
	struct {
		unsigned frames;   /* since its last ACK */
		uint64_t since_ns; /* when the first of those arrived */
		bool gap; /* one came out of order, or one is missing */
	} unsaid[LINE_PATHS_MAX];
};

void ack_inbox_init(struct ack_inbox *inbox);
void ack_on_frame(struct ack_inbox *inbox, uint64_t ctr, uint64_t now_ns);
/* Every second frame, and at every gap, on that path of ours. */
bool ack_is_due(const struct ack_inbox *inbox, unsigned on);
/* Writes an ACK body of at most ACK_BYTES_MAX; call ack_said where it found
 * room.  doc/protocol.md, "Frame". */
void ack_encode(const struct ack_inbox *inbox, struct writer *w, unsigned path,
    uint64_t now_ns);
void ack_said(struct ack_inbox *inbox, unsigned on);

enum ack_fate { ACK_FATE_NONE, ACK_FATE_FLYING, ACK_FATE_ACKED, ACK_FATE_LOST };

/* A frame that was sent; `load` is the first of what it carried. */
struct ack_frame {
	uint64_t sent_ns;
	uint32_t load;
	enum ack_fate fate;
};

/* What was sent and is not settled yet. */
struct ack_outbox {
	struct ack_frame *frame; /* by counter, a ring; the caller's */
	uint32_t frames;
	uint64_t next_ctr;
	uint64_t oldest_ctr; /* all below are settled */
	uint64_t largest_acked;
	uint64_t acked_ns; /* when that last rose; 0: never */
	uint64_t srtt_ns;  /* RFC 6298; 0: not measured */
	uint64_t rttvar_ns;
};

/* No load: the frame carried nothing that must arrive. */
#define ACK_NO_LOAD UINT32_MAX

/* Called with the load of each frame that is settled: it arrived, or not. */
typedef void ack_settle(void *ctx, uint32_t load, bool arrived);

/* Frames that are remembered at a cadence. */
uint32_t ack_frames(struct cadence cadence);
/* Nothing was sent yet; the ring is lent for its life. */
void ack_outbox_init(struct ack_outbox *outbox, struct ack_frame *ring,
    uint32_t frames);
/* Counters begin anew; whatever flew is forgotten. */
void ack_outbox_reset(struct ack_outbox *outbox);

/* The counter of a frame that leaves now; where the ring is full the oldest
 * unsettled frame is settled as lost. */
uint64_t ack_on_sent(struct ack_outbox *outbox, uint64_t now_ns,
    ack_settle *settle, void *ctx);
/* Remembers what that frame carries. */
void ack_set_load(struct ack_outbox *outbox, uint64_t ctr, uint32_t load);

/*
 * Takes an ACK body (behind its path byte): settles what arrived, and what
 * ACK_REORDER_MAX later frames have overtaken.  ERR_FORMAT where it breaks its
 * layout or speaks of frames never sent; nothing is changed then.
 */
MUST_CHECK int ack_on_ack(struct ack_outbox *outbox, struct reader *r,
    uint64_t now_ns, ack_settle *settle, void *ctx);

/* Settles as lost what has been out for longer than ack_patience_ns, with a slack
 * of ACK_SLACK_SLOTS. */
void ack_expire(struct ack_outbox *outbox, uint64_t now_ns, uint64_t slot_ns,
    ack_settle *settle, void *ctx);

/* Settles all that flies as lost: the path closes. */
void ack_give_up(struct ack_outbox *outbox, ack_settle *settle, void *ctx);

/* srtt + 4 rttvar + so many slots: within it, an answer should have come. */
uint64_t ack_patience_ns(const struct ack_outbox *outbox, uint64_t slot_ns,
    unsigned slack_slots);

#endif
