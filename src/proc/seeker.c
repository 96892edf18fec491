/* Owns finding a peer: its name, its door; in a process that does nothing else. */
#include "proc/seeker.h"

#include "base/log.h"
#include "proc/address.h"
#include "proc/dial.h"
#include "proc/room.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DRAIN_TIMEOUT_MS = 1000 };

static void
put_found(struct writer *w, const struct addrinfo *found)
{
	struct address address;
	struct origin origin;
	size_t count = 0;

	for (; found != NULL && count < PMSG_RESOLVED_MAX;
	     found = found->ai_next) {
		if (found->ai_addrlen > sizeof(address.at))
			continue;
		memset(&address, 0, sizeof(address));
		memcpy(&address.at, found->ai_addr, found->ai_addrlen);
		address.len = found->ai_addrlen;
		address_to_origin(&origin, &address);
		if (origin.len == 0)
			continue;
		pmsg_encode_origin(w, &origin);
		count++;
	}
}

/* What it said is read, and it is done. */
static void
end(struct room *room)
{
	link_drain(&room->link[PROC_PARENT], DRAIN_TIMEOUT_MS);
	loop_stop(&room->loop);
}

static int
on_resolve(void *ctx, const struct pmsg *msg)
{
	struct room *room = ctx;
	const struct addrinfo wanted = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICSERV,
	};
	struct text text = { (const char *)msg->body, msg->len };
	char host[ADDRESS_HOST_BYTES], service[8];
	uint8_t body[PMSG_RESOLVED_BYTES_MAX];
	struct addrinfo *found = NULL;
	struct writer w;
	uint16_t port;

	if (address_split(host, &port, text) != OK)
		return ERR_FORMAT;
	(void)snprintf(service, sizeof(service), "%u", port);
	buf_write(&w, body, sizeof(body));
	if (getaddrinfo(host, service, &wanted, &found) == 0) {
		put_found(&w, found);
		freeaddrinfo(found);
	}
	room_send(room, PROC_PARENT, PMSG_RESOLVED, 0, body, w.len);
	end(room);
	return OK;
}

static int
on_dial(void *ctx, const struct pmsg *msg)
{
	struct room *room = ctx;
	enum pmsg_undialed why;
	struct pmsg_way way;
	struct writer w;
	uint8_t body[1];
	int fd;

	if (pmsg_decode_way(&way, msg->body, msg->len) != OK)
		return ERR_FORMAT;
	why = dial_open(&fd, &way);
	if (why == PMSG_UNDIALED_NOT) {
		link_send_fd(&room->link[PROC_PARENT], PMSG_DIALED, 0, NULL, 0,
		    fd);
	} else {
		buf_write(&w, body, sizeof(body));
		pmsg_encode_undialed(&w, why);
		room_send(room, PROC_PARENT, PMSG_UNDIALED, 0, body, w.len);
	}
	end(room);
	return OK;
}

static const struct pmsg_rule rules[] = {
	{ PMSG_RESOLVE, PROC_PARENT, PMSG_ENDPOINT_BYTES_MAX, 0, on_resolve },
	{ PMSG_DIAL, PROC_PARENT, PMSG_WAY_BYTES_MAX, 0, on_dial },
};

int
seeker_main(enum walls walls)
{
	static const struct room_hooks hooks = { .on_lost = NULL };
	struct room room;

	room_init(&room, PROC_SEEKER, (struct pmsg_rules){ rules, 2 }, hooks,
	    &room);
	room_confine(&room, walls);
	return room_run(&room);
}
