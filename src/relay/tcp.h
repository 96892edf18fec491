/* Owns the relay's TCP connections: a stream of datagrams each way. */
#ifndef RELAY_TCP_H
#define RELAY_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proc/address.h"
#include "proc/loop.h"
#include "relay/relay.h"

enum { TCP_UNIT_BYTES_MAX = FRAME_BYTES_MAX + TICKET_TOKEN_BYTES };

struct tcp;

/* One connection.  What comes by it is frames with their tokens, back to back;
 * what goes is frames. */
struct connection {
	struct tcp *tcp;
	struct loop_source source; /* fd -1: free */
	uint32_t number;	   /* in the table */
	uint32_t generation;	   /* no two of a number have the same */
	uint64_t heard_ns;	   /* accepted, or a ticket was shown */
	bool is_known;		   /* has shown a ticket */
	uint32_t leg;		   /* of the last one */
	size_t unit_bytes;	   /* 0: not known yet */
	size_t have;
	uint8_t in[TCP_UNIT_BYTES_MAX];
	size_t rest_at; /* of a frame that did not go out whole */
	size_t rest_bytes;
	uint8_t rest[FRAME_BYTES_MAX];
};

struct tcp {
	struct loop *loop;
	struct relay *relay;
	struct loop_source listener;
	int fd; /* -1: closed */
	struct connection *connection;
	uint32_t *free_list; /* the first free_count are free */
	uint32_t free_count;
	uint32_t count;
	/* Those that are not known, the oldest first. */
	uint32_t stranger[RELAY_STRANGERS_MAX];
	uint32_t strangers;
};

/* Room for count connections: OK, ERR_LIMIT without memory, or ERR_IO with
 * errno. */
MUST_CHECK int tcp_open(struct tcp *tcp, struct loop *loop, struct relay *relay,
    const struct address *at, uint32_t count);
void tcp_close(struct tcp *tcp);

/* Sends to a place that is no UDP's.  What the kernel does not take is finished
 * before another frame begins; a frame that finds no room is lost. */
void tcp_send(struct tcp *tcp, const struct relay_out *out);
/* Ends connections that show no ticket, or none any more; once a second. */
void tcp_sweep(struct tcp *tcp, uint64_t now_ns);

#endif
