/* Owns the relay's UDP socket: datagrams in and out by the batch. */
#ifndef RELAY_UDP_H
#define RELAY_UDP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "proc/address.h"
#include "relay/relay.h"

/* One byte more than the longest: what is longer shows as that. */
enum { UDP_BYTES = FRAME_BYTES_MAX + TICKET_TOKEN_BYTES + 1 };

struct udp {
	int fd; /* -1: closed */
	struct mmsghdr in[RELAY_BATCH_MAX];
	struct iovec in_bytes[RELAY_BATCH_MAX];
	struct place from[RELAY_BATCH_MAX];
	uint8_t datagram[RELAY_BATCH_MAX][UDP_BYTES];
	struct mmsghdr out[RELAY_BATCH_MAX];
	struct iovec out_bytes[RELAY_BATCH_MAX];
	size_t out_count;
};

/* OK, or ERR_IO with errno. */
MUST_CHECK int udp_open(struct udp *udp, const struct address *at);
void udp_close(struct udp *udp);

/* Whether a place is one of this socket's. */
bool udp_is_place(const struct place *place);
/* Reads a batch and hands it to the relay: how many there were. */
size_t udp_read(struct udp *udp, struct relay *relay, uint64_t now_ns);
/* One more of a batch; what it points to stays until udp_flush. */
void udp_push(struct udp *udp, const struct relay_out *out);
/* Sends the batch; what the kernel does not take is lost. */
void udp_flush(struct udp *udp);

#endif
