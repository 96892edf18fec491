/* Owns looking up a host's name, in a process that does nothing else. */
#include "proc/resolver.h"

#include "base/log.h"
#include "proc/address.h"
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
	link_drain(&room->link[PROC_PARENT], DRAIN_TIMEOUT_MS);
	loop_stop(&room->loop);
	return OK;
}

static const struct pmsg_rule rules[] = {
	{ PMSG_RESOLVE, PROC_PARENT, PMSG_ENDPOINT_BYTES_MAX, 0, on_resolve },
};

int
resolver_main(enum walls walls)
{
	static const struct room_hooks hooks = { .on_lost = NULL };
	struct room room;

	room_init(&room, PROC_RESOLVER, (struct pmsg_rules){ rules, 1 }, hooks,
	    &room);
	room_confine(&room, walls);
	return room_run(&room);
}
