/* Owns waiting: descriptors, timers and signals of one process. */
#include "proc/loop.h"

#include "base/clock.h"
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

void
loop_init(struct loop *loop)
{
	*loop = (struct loop){ .epoll_fd = epoll_create1(EPOLL_CLOEXEC) };
	if (loop->epoll_fd == -1)
		fatal("loop: epoll_create1");
}

void
loop_close(struct loop *loop)
{
	(void)close(loop->epoll_fd);
	loop->epoll_fd = -1;
}

static void
control(struct loop *loop, int what, struct loop_source *source)
{
	struct epoll_event event = { .events = source->events };

	event.data.ptr = source;
	if (epoll_ctl(loop->epoll_fd, what, source->fd, &event) == -1)
		fatal("loop: epoll_ctl");
}

void
loop_add(struct loop *loop, struct loop_source *source, int fd, uint32_t events,
    loop_ready *on_ready, void *ctx)
{
	assert(fd >= 0);
	*source = (struct loop_source){
		.fd = fd,
		.events = events,
		.on_ready = on_ready,
		.ctx = ctx,
	};
	control(loop, EPOLL_CTL_ADD, source);
}

void
loop_change(struct loop *loop, struct loop_source *source, uint32_t events)
{
	if (source->events == events)
		return;
	source->events = events;
	control(loop, EPOLL_CTL_MOD, source);
}

void
loop_remove(struct loop *loop, struct loop_source *source)
{
	int i;

	if (source->fd < 0)
		return;
	(void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
	source->fd = -1;
	/* It may have fired in this very batch. */
	for (i = 0; i < loop->batch_len; i++) {
		if (loop->batch[i] == source)
			loop->batch[i] = NULL;
	}
}

static void
on_timer(void *ctx, uint32_t events)
{
	struct loop_timer *timer = ctx;
	uint64_t expirations;
	ssize_t rc;

	(void)events;
	rc = read(timer->source.fd, &expirations, sizeof(expirations));
	/* Set anew since it fired: not due. */
	if (rc != (ssize_t)sizeof(expirations))
		return;
	timer->at_ns = UINT64_MAX;
	timer->on_due(timer->ctx);
}

void
loop_timer_init(struct loop *loop, struct loop_timer *timer, loop_hook *on_due,
    void *ctx)
{
	int fd;

	fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (fd == -1)
		fatal("loop: timerfd_create");
	*timer = (struct loop_timer){
		.loop = loop,
		.at_ns = UINT64_MAX,
		.on_due = on_due,
		.ctx = ctx,
	};
	loop_add(loop, &timer->source, fd, EPOLLIN, on_timer, timer);
}

void
loop_timer_set(struct loop_timer *timer, uint64_t at_ns)
{
	struct itimerspec spec = { 0 };

	if (timer->at_ns == at_ns)
		return;
	timer->at_ns = at_ns;
	/* Zero would mean never: the past is as good as the first moment. */
	if (at_ns == 0)
		at_ns = 1;
	if (at_ns != UINT64_MAX) {
		spec.it_value.tv_sec = (time_t)(at_ns / CLOCK_NS_PER_S);
		spec.it_value.tv_nsec = (long)(at_ns % CLOCK_NS_PER_S);
	}
	if (timerfd_settime(timer->source.fd, TFD_TIMER_ABSTIME, &spec, NULL) ==
	    -1)
		fatal("loop: timerfd_settime");
}

void
loop_timer_close(struct loop_timer *timer)
{
	int fd = timer->source.fd;

	if (fd < 0)
		return;
	loop_remove(timer->loop, &timer->source);
	(void)close(fd);
}

int
loop_open_signals(const int *signals)
{
	sigset_t set;
	int fd;

	(void)sigemptyset(&set);
	for (; *signals != 0; signals++)
		(void)sigaddset(&set, *signals);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		fatal("loop: sigprocmask");
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd == -1)
		fatal("loop: signalfd");
	return fd;
}

void
loop_set_urgent(struct loop *loop, loop_hook *urgent, void *ctx)
{
	loop->urgent = urgent;
	loop->urgent_ctx = ctx;
}

void
loop_set_turn(struct loop *loop, loop_hook *turn, void *ctx)
{
	loop->turn = turn;
	loop->turn_ctx = ctx;
}

void
loop_let_urgent(struct loop *loop)
{
	if (loop->urgent != NULL)
		loop->urgent(loop->urgent_ctx);
}

/* One sleep and everything that it brought. */
static void
run_turn(struct loop *loop)
{
	struct epoll_event events[LOOP_BATCH_MAX];
	struct loop_source *source;
	int i, count;

	if (loop->turn != NULL)
		loop->turn(loop->turn_ctx);
	loop_let_urgent(loop);
	if (loop->stopped)
		return;
	count = epoll_wait(loop->epoll_fd, events, LOOP_BATCH_MAX, -1);
	if (count == -1 && errno != EINTR)
		fatal("loop: epoll_wait");
	for (i = 0; i < count; i++)
		loop->batch[i] = events[i].data.ptr;
	loop->batch_len = count < 0 ? 0 : count;
	for (i = 0; i < loop->batch_len && !loop->stopped; i++) {
		loop_let_urgent(loop);
		source = loop->batch[i];
		if (source != NULL)
			source->on_ready(source->ctx, events[i].events);
	}
	loop->batch_len = 0;
}

void
loop_run(struct loop *loop)
{
	loop->stopped = false;
	while (!loop->stopped)
		run_turn(loop);
}

void
loop_stop(struct loop *loop)
{
	loop->stopped = true;
}
