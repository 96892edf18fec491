/* Owns what a line (in wire) and its keeper tell each other. */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/class.h"
#include "limits.h"

enum event_sizes {
	HINT_BYTES = 8,
	SESSION_KEY_BYTES = 32,
	/* The two messages of Noise KKpsk0+hfs. */
	HANDSHAKE_1_BYTES = 1248,
	HANDSHAKE_2_BYTES = 1152,
	HANDSHAKE_BYTES_MAX = HANDSHAKE_1_BYTES,
	/* Terms are numbered modulo this. */
	TERMS_NUMBERS = 16,
};

/* What a handshake's keys are for; the number is in its prologue.  A line makes
 * the first two. */
enum { ORIGIN_BYTES_MAX = 28 };

/* Where a datagram came from or goes: opaque to the core (a socket address in
 * wire, a number in the simulator); len 0 is nowhere. */
struct origin {
	uint8_t bytes[ORIGIN_BYTES_MAX];
	uint8_t len;
};

enum handshake_kind {
	HANDSHAKE_BOOT = 0,
	HANDSHAKE_REKEY = 1,
	HANDSHAKE_POUCH = 2,
	HANDSHAKE_KIND_COUNT,
};

/* Which continuity secret a boot's handshake uses. */
enum continuity_use { CONTINUITY_CUR, CONTINUITY_PREV };

/* Names one handshake.  Boots count their attempts anew: what answers an earlier
 * one is told apart by when it was asked for, not by its number. */
struct attempt {
	enum handshake_kind kind;
	uint64_t number;	 /* in the prologue */
	enum continuity_use use; /* boot only: of the one who answers or asks */
};

enum line_state {
	LINE_UNCONFIRMED, /* people have not compared the words yet */
	LINE_BOOTING,	  /* no keys yet, boot frames go */
	LINE_UP,	  /* frames arrive both ways */
	LINE_ONE_WAY,	  /* we hear them, they don't hear us */
	LINE_SILENT,	  /* nothing arrives */
	LINE_STATE_COUNT,
};

enum line_why {
	WHY_NONE,
	WHY_PATH_OR_POST,
	WHY_GOODBYE,
	WHY_SEALED,
	WHY_COUNT
};

/* Of one path, by what arrives by it lately and what is acknowledged of ours. */
enum path_state {
	PATH_CLOSED,
	PATH_UP,
	PATH_ONE_WAY, /* they are heard by it, they don't hear us by it */
	PATH_SILENT,
	PATH_STATE_COUNT,
};

/* Words for each, as `status` shows them: "one-way", "path or post". */
const char *path_state_name(enum path_state state);
const char *line_state_name(enum line_state state);
const char *line_why_name(enum line_why why);

enum watch_state { WATCH_UNKNOWN, WATCH_ON, WATCH_OFF, WATCH_DECLINED };
enum post_state { POST_OPEN, POST_LOCKED, POST_SEALED };
enum store_state { STORE_WELL, STORE_NEARLY_FULL, STORE_FULL };

/* What one side says of itself at least every 16 frames. */
struct status {
	uint64_t journal_end;  /* n of its last record */
	uint32_t heard_ms_ago; /* since it last heard us; filled by wire */
	enum watch_state watch;
	enum post_state post;
	enum store_state store;
	int64_t declined_until_ms; /* wall clock; 0: not declined, or no end */
	/* Since it was started; filled by wire.  UINT32_MAX: as long, or longer. */
	uint32_t running_ms;
};

struct path_report {
	enum path_state state;
	uint64_t heard_ms_ago; /* a frame by it; UINT64_MAX: never */
	uint32_t rtt_us;       /* smoothed; 0: not known */
	struct origin peer;    /* where its frames go; len 0: not known yet */
};

/* What people are shown of a line. */
struct line_report {
	enum line_state state;
	enum line_why why;
	uint64_t heard_ms_ago; /* since an authentic frame; UINT64_MAX: never */
	uint32_t rtt_us;       /* smoothed; 0: not known */
	uint64_t frames_sent;
	uint64_t frames_taken;
	uint64_t frames_refused; /* not authentic, or replayed */
	uint64_t sessions;	 /* boots and rekeys completed */
	uint64_t slots_missed;	 /* kept from running through all of a slot */
	/* After a silence: it was their post that had stopped, not the path. */
	bool was_post;
	/* They have said so since: was_post will not change until the next one. */
	bool judged;
	/* Where the frames of the first path go that is up, or open; len 0: not
	 * known yet. */
	struct origin peer;
	struct path_report path[LINE_PATHS_MAX];
};

enum fault {
	FAULT_FRAME, /* records inside the seal that break their layout */
	FAULT_ORDER, /* a class not in order, or a record changed under way */
	FAULT_CONTINUITY, /* the peer lacks a secret that it had proved to hold */
	FAULT_RECORD, /* a record that breaks its rules: the keeper found it */
	FAULT_STORE, /* a record that was arriving is damaged on our own disk */
	FAULT_OURS, /* the peer ended the session: it says that we broke them */
	FAULT_COUNT,
};

/* In plain words, for both people. */
const char *fault_name(enum fault fault);

/*
 * From the line to its keeper.  Data is lent for the call.  A request that the
 * keeper did not answer is told again when a keeper attaches.
 */
enum line_event_kind {
	LINE_EVENT_REPORT,   /* report: changed, or a second has gone by */
	LINE_EVENT_MAKE_1,   /* attempt: make message 1 */
	LINE_EVENT_ANSWER_1, /* attempt, data: message 1 of the peer */
	LINE_EVENT_FINISH_2, /* attempt, data: message 2 of the peer */
	LINE_EVENT_CONFIRM,  /* attempt: a frame opened under its key (B) */
	LINE_EVENT_PROVED,   /* attempt: the peer sent under its key (A) */
	LINE_EVENT_DATA,     /* piece: of the peer's journal, in class order */
	LINE_EVENT_HAVE,     /* have: what the peer holds of our journal */
	LINE_EVENT_STATUS,   /* status: what the peer says of itself */
	LINE_EVENT_WANT,     /* want: room for more of our journal */
	LINE_EVENT_FAULT,    /* fault: also of LINE_ORDER_FAULT, carried out */
	LINE_EVENT_TERMS, /* terms: other than ours, the peer boots under them */
	LINE_EVENT_COUNT,
};

/* Bytes of one record, whose class they go by. */
struct piece {
	enum record_class class;
	uint64_t n;
	uint64_t offset;
	bool fin; /* the record ends here */
	const uint8_t *data;
	size_t len;
};

/* The line holds each class up to `at`, and takes `room` bytes from there. */
struct want {
	struct position at[CLASS_COUNT];
	uint32_t room[CLASS_COUNT];
};

struct line_event {
	enum line_event_kind kind;
	struct attempt attempt;
	const uint8_t *data; /* HANDSHAKE_1_BYTES or HANDSHAKE_2_BYTES */
	size_t len;
	union {
		struct line_report report;
		struct piece piece;
		struct have have;
		struct status status;
		struct want want;
		enum fault fault;
		uint8_t terms; /* below TERMS_NUMBERS */
	};
};

/* From the keeper to the line. */
enum line_order_kind {
	LINE_ORDER_ATTACH, /* hints, have, partial_n, status: a keeper is there
				 (again) */
	LINE_ORDER_HINTS,  /* hints: they changed */
	LINE_ORDER_MESSAGE_1, /* attempt, data */
	LINE_ORDER_MESSAGE_2, /* attempt, data, keys: B, synced as pending */
	LINE_ORDER_KEYS,      /* attempt, keys, hints: A, synced */
	LINE_ORDER_CONFIRMED, /* attempt, hints: B, synced; it may send under them */
	LINE_ORDER_FAILED, /* attempt: not possible, or not authentic */
	LINE_ORDER_PIECE,  /* piece: of our journal, as wanted */
	LINE_ORDER_HAVE,   /* have, partial_n: what we durably hold of theirs */
	LINE_ORDER_STATUS, /* status: what we say of ourselves */
	LINE_ORDER_GOODBYE, /* why (goodbye or sealed): say so, then stop */
	LINE_ORDER_FAULT, /* fault (FAULT_RECORD or FAULT_STORE), have, partial_n:
			     the session ends; LINE_EVENT_FAULT says when */
	LINE_ORDER_COUNT,
};

struct session_keys {
	uint8_t send[SESSION_KEY_BYTES];
	uint8_t recv[SESSION_KEY_BYTES];
};

struct hints {
	uint8_t cur[HINT_BYTES];
	uint8_t prev[HINT_BYTES];
	bool proved; /* A: the peer has proved to hold cur (on disk) */
};

struct line_order {
	enum line_order_kind kind;
	struct attempt attempt;
	const uint8_t *data;
	size_t len;
	struct session_keys keys;
	struct hints hints;
	struct have have;
	/* Beside have: the n of the record whose offset bytes are held, where
	 * offset is not 0. */
	uint64_t partial_n[CLASS_COUNT];
	struct status status;
	struct piece piece;
	enum line_why why;
	enum fault fault;
};

#endif
