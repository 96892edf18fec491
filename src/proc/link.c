/* Owns one channel on a loop: reads, checks and dispatches its messages. */
#include "proc/link.h"

#include "base/clock.h"

#include <assert.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

void
link_init(struct link *link)
{
	*link = (struct link){ .source = { .fd = -1 } };
	channel_init(&link->channel);
}

static void
lose(struct link *link, int why)
{
	link_close(link);
	if (link->on_lost != NULL)
		link->on_lost(link->lost_ctx, link, why);
}

/* Watches for what there is to do. */
static void
watch(struct link *link)
{
	uint32_t events = link->held ? 0 : EPOLLIN;

	if (channel_waiting(&link->channel) > 0)
		events |= EPOLLOUT;
	loop_change(link->loop, &link->source, events);
}

static int
dispatch_one(struct link *link, struct pmsg *msg)
{
	const struct pmsg_rule *rule;
	struct pmsg_rules rules = link->own_rules;
	void *ctx = link->own_ctx;

	msg->from = link->end.role;
	rule = pmsg_find_rule(rules, msg->type, msg->from);
	if (rule == NULL) {
		rules = link->rules;
		ctx = link->ctx;
		rule = pmsg_find_rule(rules, msg->type, msg->from);
	}
	if (rule != NULL && (rule->flags & PMSG_WITH_FD) != 0)
		msg->fd = channel_take_fd(&link->channel);
	return pmsg_dispatch(rules, msg, ctx);
}

/* Every whole message that is here: OK, or what is wrong with the sender. */
static int
dispatch_all(struct link *link)
{
	struct pmsg msg;
	int rc;

	while (!link->held) {
		if ((rc = channel_next(&link->channel, &msg)) == ERR_AGAIN)
			return OK;
		if (rc != OK)
			return rc;
		link->busy = true;
		rc = dispatch_one(link, &msg);
		link->busy = false;
		channel_drop(&link->channel);
		if (rc != OK || link->over)
			return rc;
		loop_let_urgent(link->loop);
	}
	return OK;
}

static void
on_ready(void *ctx, uint32_t events)
{
	struct link *link = ctx;
	int rc = OK, flushed = OK;

	if (link->full) {
		lose(link, ERR_FULL);
		return;
	}
	/* Who takes nothing more may have said why: that is read first. */
	if ((events & EPOLLOUT) != 0)
		flushed = channel_flush(&link->channel);
	/* Even a held one says when its other end is gone. */
	if (link->held && (events & (EPOLLHUP | EPOLLERR)) != 0)
		rc = ERR_IO;
	/* What an earlier hold left behind comes before what is new. */
	if (rc == OK)
		rc = dispatch_all(link);
	if (rc == OK && !link->over && !link->held &&
	    (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
		rc = channel_fill(&link->channel);
		if (rc == OK)
			rc = dispatch_all(link);
		else if (rc == ERR_AGAIN)
			rc = OK;
	}
	if (rc == OK)
		rc = flushed;
	if (link->over)
		link_close(link);
	else if (rc != OK)
		lose(link, rc);
	else
		watch(link);
}

void
link_open(struct link *link, struct loop *loop, int fd, struct pmsg_end end,
    struct pmsg_rules rules, void *ctx)
{
	assert(!link_is_open(link) && !link->busy);
	link_init(link);
	link->loop = loop;
	link->end = end;
	link->rules = rules;
	link->ctx = ctx;
	/* Descriptors come from the parent, and to it from whom it sent for one. */
	channel_open(&link->channel, fd,
	    end.role == PROC_PARENT || end.role == PROC_SEEKER);
	loop_add(loop, &link->source, fd, EPOLLIN, on_ready, link);
}

void
link_set_lost(struct link *link, link_lost *on_lost, void *ctx)
{
	link->on_lost = on_lost;
	link->lost_ctx = ctx;
}

void
link_set_own(struct link *link, struct pmsg_rules rules, void *ctx)
{
	link->own_rules = rules;
	link->own_ctx = ctx;
}

void
link_close(struct link *link)
{
	if (!channel_is_open(&link->channel))
		return;
	loop_remove(link->loop, &link->source);
	link->over = link->busy;
	if (!link->busy)
		channel_close(&link->channel);
}

bool
link_is_open(const struct link *link)
{
	return channel_is_open(&link->channel) && !link->over;
}

void
link_compose(struct link *link, struct writer *w)
{
	if (link_is_open(link))
		channel_compose(&link->channel, w);
	else
		buf_write(w, NULL, 0);
}

/* Puts the message on its way; the kernel gets it at once if nothing waits. */
static void
post(struct link *link, enum pmsg_type type, uint32_t line,
    const struct writer *w, int fd)
{
	bool first = channel_waiting(&link->channel) == 0;
	int rc;

	rc = channel_post(&link->channel, type, line, w, fd);
	assert(rc != ERR_SIZE);
	if (rc != OK) {
		/* It reads no more.  Shut down, it shows at the next turn. */
		if (fd >= 0)
			(void)close(fd);
		link->full = true;
		(void)shutdown(link->channel.fd, SHUT_RDWR);
		return;
	}
	if (link->corked && !channel_is_backed_up(&link->channel))
		return;
	/* A failure shows where reading meets it. */
	if ((first || link->corked) && channel_flush(&link->channel) != OK)
		return;
	watch(link);
}

void
link_cork(struct link *link, bool corked)
{
	link->corked = corked;
	if (corked || !link_is_open(link) || link->full)
		return;
	if (channel_waiting(&link->channel) > 0 &&
	    channel_flush(&link->channel) != OK)
		return;
	watch(link);
}

void
link_post(struct link *link, enum pmsg_type type, uint32_t line,
    const struct writer *w)
{
	if (link_is_open(link) && !link->full)
		post(link, type, line, w, -1);
}

void
link_send(struct link *link, enum pmsg_type type, uint32_t line,
    const void *body, size_t len)
{
	link_send_fd(link, type, line, body, len, -1);
}

void
link_send_fd(struct link *link, enum pmsg_type type, uint32_t line,
    const void *body, size_t len, int fd)
{
	struct writer w;

	if (!link_is_open(link) || link->full) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	channel_compose(&link->channel, &w);
	buf_put_bytes(&w, body, len);
	post(link, type, line, &w, fd);
}

bool
link_is_backed_up(const struct link *link)
{
	return link_is_open(link) && channel_is_backed_up(&link->channel);
}

void
link_hold(struct link *link, bool held)
{
	if (!link_is_open(link) || link->held == held)
		return;
	link->held = held;
	watch(link);
	/* Messages read before the hold wait here, and the kernel knows nothing
	 * of them: being writable is what wakes the loop for them. */
	if (!held)
		loop_change(link->loop, &link->source, EPOLLIN | EPOLLOUT);
}

void
link_read(struct link *link)
{
	if (link_is_open(link))
		on_ready(link, EPOLLIN);
}

void
link_drain(struct link *link, int timeout_ms)
{
	struct pollfd poll_fd;
	uint64_t end_ns;

	end_ns = clock_now_ns() + (uint64_t)timeout_ms * CLOCK_NS_PER_MS;
	while (link_is_open(link) && channel_waiting(&link->channel) > 0) {
		if (channel_flush(&link->channel) != OK ||
		    clock_now_ns() >= end_ns)
			return;
		poll_fd = (struct pollfd){
			.fd = link->channel.fd,
			.events = POLLOUT,
		};
		(void)poll(&poll_fd, 1, 10);
	}
}
