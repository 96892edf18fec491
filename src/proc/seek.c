/* Owns one search at a time for a peer, by a process of its own. */
#include "proc/seek.h"

#include "base/log.h"
#include "proc/spawn.h"

#include <assert.h>
#include <signal.h>

void
seek_init(struct seek *seek, struct loop *loop, enum walls walls,
    const struct seek_ops *ops, void *ctx)
{
	*seek = (struct seek){
		.loop = loop,
		.walls = walls,
		.ops = ops,
		.ctx = ctx,
	};
	link_init(&seek->link);
}

void
seek_end(struct seek *seek)
{
	link_close(&seek->link);
	if (seek->pid != 0)
		(void)kill(seek->pid, SIGKILL);
}

/* What a name server said: parsed by the seeker, checked by whoever asked. */
static int
on_resolved(void *ctx, const struct pmsg *msg)
{
	struct seek *seek = ctx;
	struct origin origins[PMSG_RESOLVED_MAX];
	size_t count;

	if (pmsg_decode_origins(origins, &count, msg->body, msg->len) != OK)
		return ERR_FORMAT;
	seek_end(seek);
	seek->ops->found(seek->ctx, origins, count);
	return OK;
}

static int
on_dialed(void *ctx, const struct pmsg *msg)
{
	struct seek *seek = ctx;

	seek_end(seek);
	seek->ops->dialed(seek->ctx, msg->fd);
	return OK;
}

static int
on_undialed(void *ctx, const struct pmsg *msg)
{
	struct seek *seek = ctx;
	enum pmsg_undialed why;

	if (pmsg_decode_undialed(&why, msg->body, msg->len) != OK)
		return ERR_FORMAT;
	seek_end(seek);
	seek->ops->failed(seek->ctx, why);
	return OK;
}

static const struct pmsg_rule resolve_rules[] = {
	{ PMSG_RESOLVED, PROC_SEEKER, PMSG_RESOLVED_BYTES_MAX, 0, on_resolved },
};

static const struct pmsg_rule dial_rules[] = {
	{ PMSG_DIALED, PROC_SEEKER, 0, PMSG_EXACT | PMSG_WITH_FD, on_dialed },
	{ PMSG_UNDIALED, PROC_SEEKER, 1, PMSG_EXACT, on_undialed },
};

static void
on_lost(void *ctx, struct link *link, int why)
{
	struct seek *seek = ctx;

	(void)link;
	(void)why;
	if (seek->pid != 0)
		(void)kill(seek->pid, SIGKILL);
	seek->ops->failed(seek->ctx, PMSG_UNDIALED_NOT);
}

static bool
start(struct seek *seek, struct pmsg_rules rules)
{
	const struct pmsg_end end = { .role = PROC_SEEKER };
	int fd;

	/* One that hangs was given its time. */
	seek_end(seek);
	if (spawn_role(PROC_SEEKER, seek->walls, -1, &seek->pid, &fd) != OK) {
		log_warn("no seeker");
		seek->pid = 0;
		seek->ops->failed(seek->ctx, PMSG_UNDIALED_NOT);
		return false;
	}
	link_open(&seek->link, seek->loop, fd, end, rules, seek);
	link_set_lost(&seek->link, on_lost, seek);
	return true;
}

void
seek_resolve(struct seek *seek, struct text endpoint)
{
	const struct pmsg_rules rules = { resolve_rules, 1 };

	if (start(seek, rules))
		link_send(&seek->link, PMSG_RESOLVE, 0, endpoint.data,
		    endpoint.len);
}

void
seek_dial(struct seek *seek, const struct pmsg_way *way)
{
	const struct pmsg_rules rules = { dial_rules, 2 };
	struct writer w;

	if (!start(seek, rules))
		return;
	link_compose(&seek->link, &w);
	pmsg_encode_way(&w, way);
	link_post(&seek->link, PMSG_DIAL, 0, &w);
}

bool
seek_on_child(struct seek *seek, pid_t pid)
{
	if (pid == 0 || seek->pid != pid)
		return false;
	seek->pid = 0;
	return true;
}
