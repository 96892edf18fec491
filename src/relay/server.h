/* Owns the relay while it runs: its sockets, its clock, its end. */
#ifndef RELAY_SERVER_H
#define RELAY_SERVER_H

#include "proc/address.h"
#include "proc/loop.h"
#include "relay/relay.h"
#include "relay/tcp.h"
#include "relay/udp.h"

struct server {
	struct loop loop;
	struct loop_timer slots;
	struct loop_timer sweep;
	struct loop_source datagrams;
	struct loop_source signals;
	int signal_fd;
	struct relay relay;
	struct udp udp;
	struct tcp tcp;
};

/* Opens both sockets at that address, UDP and TCP: OK; ERR_LIMIT without memory;
 * ERR_IO with errno. */
MUST_CHECK int server_open(struct server *server,
    const struct relay_config *config, const struct address *at);
/* Until SIGTERM or SIGINT. */
void server_run(struct server *server);
void server_close(struct server *server);

#endif
