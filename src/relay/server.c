#include "relay/server.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum {
	/* Descriptors that are no connection's. */
	FDS_OWN = 32,
};

/* ---- slots */

static const uint64_t tick_ns = (uint64_t)RELAY_TICK_US * CLOCK_NS_PER_US;

/* When what is due then is sent. */
static uint64_t
tick_from(uint64_t due_ns)
{
	if (due_ns > UINT64_MAX - tick_ns)
		return UINT64_MAX;
	return (due_ns + tick_ns - 1) / tick_ns * tick_ns;
}

static void
send_batch(struct server *server, size_t count)
{
	const struct relay_out *out = server->relay.out;
	size_t i;

	for (i = 0; i < count; i++) {
		if (udp_is_place(out[i].to))
			udp_push(&server->udp, &out[i]);
		else
			tcp_send(&server->tcp, &out[i]);
	}
	udp_flush(&server->udp);
	relay_sent(&server->relay);
}

/* At most a batch: as many as are read before it is called again. */
static void
send_due(void *ctx)
{
	struct server *server = ctx;
	uint64_t now_ns;
	size_t count;

	if (relay_next_ns(&server->relay) != UINT64_MAX) {
		now_ns = clock_now_ns();
		count = relay_take(&server->relay, now_ns - now_ns % tick_ns);
		send_batch(server, count);
	}
	loop_timer_set(&server->slots,
	    tick_from(relay_next_ns(&server->relay)));
}

static void
on_slots(void *ctx)
{
	/* The loop has seen to it already: see send_due. */
	(void)ctx;
}

/* ---- what comes */

static void
on_datagrams(void *ctx, uint32_t events)
{
	struct server *server = ctx;
	size_t count;
	int i;

	(void)events;
	for (i = 0; i < RELAY_READS_MAX; i++) {
		count = udp_read(&server->udp, &server->relay, clock_now_ns());
		if (count < RELAY_BATCH_MAX)
			break;
		loop_let_urgent(&server->loop);
	}
}

static void
on_sweep(void *ctx)
{
	struct server *server = ctx;
	const uint64_t now_ns = clock_now_ns();

	tcp_sweep(&server->tcp, now_ns);
	loop_timer_set(&server->sweep, now_ns + CLOCK_NS_PER_S);
}

/* Sums alone: nothing here tells one line from another. */
static void
log_counts(const struct relay_counts *counts)
{
	log_info("%" PRIu64 " lines held, taken %" PRIu64 ", sent %" PRIu64
		 " frames and %" PRIu64 " random",
	    counts->lines, counts->taken, counts->said, counts->unsaid);
	log_info("not taken: junk %" PRIu64 ", refused %" PRIu64
		 ", astray %" PRIu64 "; lost: no room %" PRIu64
		 ", slots missed %" PRIu64,
	    counts->junk, counts->refused, counts->astray, counts->crowded,
	    counts->missed);
}

static void
on_signal(void *ctx, uint32_t events)
{
	struct server *server = ctx;
	struct signalfd_siginfo info;

	(void)events;
	while (read(server->signal_fd, &info, sizeof(info)) ==
	    (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			log_counts(&server->relay.counts);
		else
			loop_stop(&server->loop);
	}
}

/* ---- start and end */

/* Both legs of every line may come by TCP, as far as descriptors go. */
static uint32_t
connections_for(uint32_t lines)
{
	uint64_t count = (uint64_t)lines * TICKET_LEGS + RELAY_STRANGERS_MAX;
	struct rlimit limit;

	if (count > RELAY_CONNECTIONS_MAX)
		count = RELAY_CONNECTIONS_MAX;
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return RELAY_STRANGERS_MAX;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < count + FDS_OWN)
		count = limit.rlim_cur > 2 * FDS_OWN ? limit.rlim_cur - FDS_OWN
						     : FDS_OWN;
	return (uint32_t)count;
}

static void
watch(struct server *server)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGUSR1, 0 };

	/* Whoever read the log may be gone. */
	(void)signal(SIGPIPE, SIG_IGN);
	server->signal_fd = loop_open_signals(signals);
	loop_add(&server->loop, &server->signals, server->signal_fd, EPOLLIN,
	    on_signal, server);
	loop_add(&server->loop, &server->datagrams, server->udp.fd, EPOLLIN,
	    on_datagrams, server);
	loop_timer_init(&server->loop, &server->slots, on_slots, server);
	loop_timer_init(&server->loop, &server->sweep, on_sweep, server);
	loop_timer_set(&server->sweep, clock_now_ns() + CLOCK_NS_PER_S);
	loop_set_urgent(&server->loop, send_due, server);
}

int
server_open(struct server *server, const struct relay_config *config,
    const struct address *at)
{
	int rc;

	loop_init(&server->loop);
	if ((rc = relay_open(&server->relay, config)) != OK)
		goto out;
	if ((rc = udp_open(&server->udp, at)) != OK)
		goto out_relay;
	rc = tcp_open(&server->tcp, &server->loop, &server->relay, at,
	    connections_for(config->lines));
	if (rc != OK)
		goto out_udp;
	watch(server);
	return OK;
out_udp:
	udp_close(&server->udp);
out_relay:
	relay_close(&server->relay);
out:
	loop_close(&server->loop);
	return rc;
}

void
server_run(struct server *server)
{
	loop_run(&server->loop);
	log_counts(&server->relay.counts);
}

void
server_close(struct server *server)
{
	loop_timer_close(&server->slots);
	loop_timer_close(&server->sweep);
	loop_remove(&server->loop, &server->datagrams);
	loop_remove(&server->loop, &server->signals);
	(void)close(server->signal_fd);
	tcp_close(&server->tcp);
	udp_close(&server->udp);
	relay_close(&server->relay);
	loop_close(&server->loop);
}
