/* Owns what the rooms and the parent may say to each other. */
#ifndef PROC_PMSG_H
#define PROC_PMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/event.h"
#include "core/line.h"
#include "core/ticket.h"
#include "proc/request.h"

enum proc_role {
	PROC_PARENT,
	PROC_WIRE,
	PROC_KEEPER,
	PROC_DESK,
	PROC_SEEKER, /* short-lived: looks up one name, or dials one peer */
	PROC_BELL,
	PROC_RUNNER, /* outside of the walls: runs the bell's command */
	PROC_COUNT,
};

/* "parent", "wire", ...: static storage. */
const char *proc_role_name(enum proc_role role);
/* The role of that name, or PROC_COUNT. */
enum proc_role proc_role_find(const char *name);

/* Every message there is; beside each: who to whom, and its body. */
enum pmsg_type {
	PMSG_CHANNEL, /* parent -> room: struct pmsg_end; the fd */
	PMSG_READY,   /* room -> parent */
	PMSG_CANNOT,  /* room -> parent: one sentence; it ends then */
	PMSG_LOST,    /* room -> parent: struct pmsg_end that broke a rule */
	PMSG_UNLOCK,  /* parent -> keeper: PMSG_UNLOCK_BYTES of store keys */
	PMSG_LISTEN,  /* parent -> desk: the listening socket */
	PMSG_PEER,    /* parent -> wire, line: struct pmsg_peer */
	PMSG_SOCKET,  /* parent -> wire, line: path(1); a socket of it */
	PMSG_SOCKET_STOP, /* parent -> wire, line: path(1): neither any more */
	PMSG_SOCKET_GONE, /* wire -> parent, line: path(1): what was dialed ended */
	PMSG_SOCKET_WANT, /* keeper -> parent, line: struct pmsg_way */
	PMSG_SOCKET_DROP, /* keeper -> parent, line: path(1) */
	PMSG_SOCKET_SAY,  /* parent -> keeper, line: struct pmsg_bound */
	PMSG_LINE_ADD,	 /* keeper -> wire, line: struct line_config, no peer */
	PMSG_LINE_DROP,	 /* keeper -> wire, line */
	PMSG_PATH,	 /* keeper -> wire, line: struct pmsg_path */
	PMSG_PATH_DROP,	 /* keeper -> wire, line: path(1) */
	PMSG_LINES_DONE, /* keeper -> wire: these are all */
	PMSG_ORDER,	 /* keeper -> wire, line: struct line_order */
	PMSG_EVENT,	 /* wire -> keeper, line: struct line_event */
	PMSG_REQUEST,	 /* desk -> keeper: struct request */
	PMSG_REPLY,	 /* keeper -> desk: struct reply */
	PMSG_LIVE,	 /* keeper -> desk: struct reply, REPLY_EVENT, id 0 */
	PMSG_DOWN,	 /* keeper -> parent: a person wants the post down */
	PMSG_GOODBYE,	 /* parent -> keeper -> wire: take leave on each line */
	PMSG_SAID,	 /* wire -> parent: every line has taken leave */
	PMSG_RESOLVE,	 /* parent -> seeker: "HOST:PORT" */
	PMSG_RESOLVED,	 /* seeker -> parent: one struct origin after another */
	PMSG_DIAL,	 /* parent -> seeker: struct pmsg_way */
	PMSG_DIALED,	 /* seeker -> parent: the connection */
	PMSG_UNDIALED,	 /* seeker -> parent: why(1), enum pmsg_undialed */
	PMSG_BELL_CONFIG, /* parent -> bell: by what it is to be heard */
	PMSG_COMMAND,	  /* parent -> runner: the command */
	PMSG_RING,	  /* keeper -> bell: struct alarm_ring */
	PMSG_QUIET,	  /* keeper -> bell: nothing rings any more */
	PMSG_BELL,	  /* bell -> keeper: struct alarm_bell */
	PMSG_RANG,	  /* bell -> keeper: struct alarm_rang */
	PMSG_RUN,	  /* bell -> runner: struct alarm_ring */
	PMSG_RAN,	  /* runner -> bell: how(1) code(1) */
	PMSG_TYPE_COUNT,
};

enum pmsg_sizes {
	PMSG_HEAD_BYTES = 10, /* type(2) bytes of body(4) line(4) */
	PMSG_BODY_BYTES_MAX = REQUEST_BYTES_MAX,
	PMSG_END_BYTES = 5,
	PMSG_UNLOCK_BYTES = 64,
	PMSG_SAY_BYTES_MAX = 512,
	PMSG_ENDPOINT_BYTES_MAX = 255,
	PMSG_PATH_NUMBER_BYTES = 1,
	PMSG_WAY_BYTES_MAX = 8 + 3 * PMSG_ENDPOINT_BYTES_MAX,
	PMSG_BOUND_BYTES_MAX = 6 + PMSG_ENDPOINT_BYTES_MAX + PMSG_SAY_BYTES_MAX,
	PMSG_ORIGIN_BYTES_MAX = 1 + ORIGIN_BYTES_MAX,
	PMSG_PEER_BYTES_MAX = 2 + PMSG_ORIGIN_BYTES_MAX,
	PMSG_PATH_BYTES_MAX =
	    3 + TICKET_ID_BYTES + 2 * SHORT_KEY_BYTES + PMSG_ORIGIN_BYTES_MAX,
	PMSG_LINE_ADD_BYTES_MAX = 10 + 2 * LINE_KEY_BYTES,
	/* Pieces of journals are cut to this. */
	PMSG_PIECE_BYTES_MAX = 32 * 1024,
	PMSG_LINE_BYTES_MAX = PMSG_PIECE_BYTES_MAX + 512,
	PMSG_ALARM_BYTES_MAX = 4096,
	PMSG_COMMAND_BYTES_MAX = 64 * 1024,
	PMSG_RESOLVED_MAX = 8,
	PMSG_RESOLVED_BYTES_MAX = PMSG_RESOLVED_MAX * PMSG_ORIGIN_BYTES_MAX,
};

/* One message as it arrived; body is lent for the call. */
struct pmsg {
	enum pmsg_type type;
	enum proc_role from;
	uint32_t line;
	const uint8_t *body;
	size_t len;
	int fd; /* -1 where its rule names none; taken by the dispatcher */
};

enum pmsg_rule_flags {
	PMSG_EXACT = 1 << 0,   /* the body has exactly bytes_max */
	PMSG_WITH_FD = 1 << 1, /* one descriptor comes with it */
};

/*
 * What a receiver takes.  A handler returns OK; anything else says that the
 * sender broke the rules, and the sender is lost.
 */
struct pmsg_rule {
	enum pmsg_type type;
	enum proc_role from;
	size_t bytes_max;
	unsigned flags;
	int (*handle)(void *ctx, const struct pmsg *msg);
};

struct pmsg_rules {
	const struct pmsg_rule *rule;
	size_t count;
};

/* The rule for that type from that sender, or NULL. */
const struct pmsg_rule *pmsg_find_rule(struct pmsg_rules rules, unsigned type,
    enum proc_role from);

/* Checks sender, size and permission, then calls the handler, which takes the
 * descriptor: its result, or ERR_DENIED for a message that no rule takes,
 * ERR_SIZE, or ERR_STATE (a descriptor missing or too many). */
MUST_CHECK int pmsg_dispatch(struct pmsg_rules rules, const struct pmsg *msg,
    void *ctx);

/* Bodies.  Encoders fail the writer where there is no room; decoders return OK
 * or ERR_FORMAT, and lend bytes of the body. */

/* The far end of a channel; generation tells it from its forerunners. */
struct pmsg_end {
	enum proc_role role;
	uint32_t generation;
};

void pmsg_encode_end(struct writer *w, const struct pmsg_end *end);
MUST_CHECK int pmsg_decode_end(struct pmsg_end *end, const uint8_t *body,
    size_t len);

/* One of a line's paths, below LINE_PATHS_MAX. */
void pmsg_encode_number(struct writer *w, unsigned path);
MUST_CHECK int pmsg_decode_number(unsigned *path, const uint8_t *body,
    size_t len);

/* What a path needs of the machine; texts as in struct request. */
struct pmsg_way {
	unsigned path;
	bool tcp;	      /* a stream; else datagrams */
	struct text listen;   /* absent: any address, first free port */
	struct text endpoint; /* the peer's HOST:PORT; absent: learned */
	struct text proxy;    /* HOST:PORT of a SOCKS5 proxy; absent: none */
};

void pmsg_encode_way(struct writer *w, const struct pmsg_way *way);
MUST_CHECK int pmsg_decode_way(struct pmsg_way *way, const uint8_t *body,
    size_t len);

/* What keeper knows of a path. */
struct pmsg_path {
	unsigned path;
	bool roams;
	bool has_ticket;
	struct ticket ticket; /* its endpoint stays behind: it is pmsg_way's */
	struct origin last;   /* where the peer was heard; len 0: not known */
};

void pmsg_encode_path(struct writer *w, const struct pmsg_path *path);
MUST_CHECK int pmsg_decode_path(struct pmsg_path *path, const uint8_t *body,
    size_t len);

enum pmsg_kind {
	PMSG_KIND_UDP,	    /* one socket, for the life of the path */
	PMSG_KIND_DIALED,   /* one connection at a time, ours */
	PMSG_KIND_ACCEPTED, /* the peer's, as they come */
	PMSG_KIND_COUNT,
};

/* What the parent knows of a path: before its first socket, and again where the
 * peer is found elsewhere. */
struct pmsg_peer {
	unsigned path;
	enum pmsg_kind kind;
	struct origin at; /* of a UDP path; len 0: to be learned */
};

void pmsg_encode_peer(struct writer *w, const struct pmsg_peer *peer);
MUST_CHECK int pmsg_decode_peer(struct pmsg_peer *peer, const uint8_t *body,
    size_t len);

/* What became of it: bound at that port, or why not. */
struct pmsg_bound {
	unsigned path;
	int err;	 /* OK or an ERR_* */
	struct text at;	 /* "ADDR:PORT"; absent: not bound */
	struct text say; /* what hinders, for people; absent: nothing */
};

void pmsg_encode_bound(struct writer *w, const struct pmsg_bound *bound);
MUST_CHECK int pmsg_decode_bound(struct pmsg_bound *bound, const uint8_t *body,
    size_t len);

void pmsg_encode_origin(struct writer *w, const struct origin *origin);
MUST_CHECK int pmsg_decode_origin(struct origin *origin, const uint8_t *body,
    size_t len);

/* Why nobody was reached. */
enum pmsg_undialed {
	PMSG_UNDIALED_NOT, /* somebody was */
	PMSG_UNDIALED_NO_NAME,
	PMSG_UNDIALED_REFUSED,
	PMSG_UNDIALED_UNREACHED,
	PMSG_UNDIALED_NO_PROXY,
	PMSG_UNDIALED_BY_PROXY, /* it could not, or would not */
	PMSG_UNDIALED_COUNT,
};

void pmsg_encode_undialed(struct writer *w, enum pmsg_undialed why);
MUST_CHECK int pmsg_decode_undialed(enum pmsg_undialed *why,
    const uint8_t *body, size_t len);

/* How a command went. */
enum pmsg_ran {
	PMSG_RAN_WELL,	 /* it ended with 0 */
	PMSG_RAN_BADLY,	 /* with another code */
	PMSG_RAN_SIGNAL, /* by a signal that was none of ours */
	PMSG_RAN_NOT,	 /* it could not be started */
	PMSG_RAN_OVER,	 /* it did not end in time, and was ended */
	PMSG_RAN_STILL,	 /* the one before has not ended yet */
	PMSG_RAN_COUNT,
};

void pmsg_encode_ran(struct writer *w, enum pmsg_ran how, unsigned code);
MUST_CHECK int pmsg_decode_ran(enum pmsg_ran *how, unsigned *code,
    const uint8_t *body, size_t len);

/* Up to PMSG_RESOLVED_MAX origins. */
MUST_CHECK int pmsg_decode_origins(struct origin *origins, size_t *count,
    const uint8_t *body, size_t len);

void pmsg_encode_line(struct writer *w, const struct line_config *config);
MUST_CHECK int pmsg_decode_line(struct line_config *config, const uint8_t *body,
    size_t len);

void pmsg_encode_order(struct writer *w, const struct line_order *order);
MUST_CHECK int pmsg_decode_order(struct line_order *order, const uint8_t *body,
    size_t len);

void pmsg_encode_event(struct writer *w, const struct line_event *event);
MUST_CHECK int pmsg_decode_event(struct line_event *event, const uint8_t *body,
    size_t len);

#endif
