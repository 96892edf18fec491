/* Owns waiting: descriptors, timers and signals of one process. */
#ifndef PROC_LOOP_H
#define PROC_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "limits.h"

struct loop_source;
struct loop_timer;

/* events: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR as of epoll(7). */
typedef void loop_ready(void *ctx, uint32_t events);
typedef void loop_hook(void *ctx);

struct loop {
	int epoll_fd;
	bool stopped;
	/* Called before each handler and before each sleep. */
	loop_hook *urgent;
	void *urgent_ctx;
	/* Called once a turn, before sleeping. */
	loop_hook *turn;
	void *turn_ctx;
	struct loop_source *batch[LOOP_BATCH_MAX];
	int batch_len;
};

/* Embedded by whoever waits; must outlive its time in the loop. */
struct loop_source {
	int fd; /* borrowed; -1: not in the loop */
	uint32_t events;
	loop_ready *on_ready;
	void *ctx;
};

/* Fires once at a moment of clock_now_ns. */
struct loop_timer {
	struct loop *loop;
	struct loop_source source;
	uint64_t at_ns; /* UINT64_MAX: not set */
	loop_hook *on_due;
	void *ctx;
};

void loop_init(struct loop *loop);
void loop_close(struct loop *loop);

/* Starts to watch fd; failure ends the program. */
void loop_add(struct loop *loop, struct loop_source *source, int fd,
    uint32_t events, loop_ready *on_ready, void *ctx);
/* Watches for other events from now on. */
void loop_change(struct loop *loop, struct loop_source *source,
    uint32_t events);
/* Stops to watch; the descriptor stays open.  Fine from within any handler,
 * and where it is not watched. */
void loop_remove(struct loop *loop, struct loop_source *source);

void loop_timer_init(struct loop *loop, struct loop_timer *timer,
    loop_hook *on_due, void *ctx);
/* Replaces what was set before; UINT64_MAX: never. */
void loop_timer_set(struct loop_timer *timer, uint64_t at_ns);
void loop_timer_close(struct loop_timer *timer);

/* Blocks the signals (ended by 0) for the process, and returns a descriptor to
 * watch that reads struct signalfd_siginfo. */
int loop_open_signals(const int *signals);

/* What must never wait behind other work; see struct loop. */
void loop_set_urgent(struct loop *loop, loop_hook *urgent, void *ctx);
void loop_set_turn(struct loop *loop, loop_hook *turn, void *ctx);
/* Runs the urgent hook: long handlers call this between their steps. */
void loop_let_urgent(struct loop *loop);

/* Runs until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

#endif
