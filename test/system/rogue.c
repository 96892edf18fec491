/* Owns a quietlined whose rooms break the message table when they are told to. */
#include "base/log.h"
#include "proc/room.h"
#include "wire/pacer.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * The program and the libraries of the release, with a few calls led through
 * here by the linker (--wrap).  Signal SIGRTMIN + 2 * misdeed, + 1 for the
 * second of whom it may speak to, makes keeper or desk say what it must not.
 * Wire counts its slots, and logs the count when it ends.
 */

enum misdeed {
	SAY_UNKNOWN,  /* a type that there is not */
	SAY_HUGE,     /* a head that promises more than any body has */
	SAY_LONG,     /* one byte more than this type may have */
	SAY_OTHERS,   /* what another is to say */
	SAY_SHORT,    /* a body that is cut off */
	SAY_REST,     /* a body with a byte left over */
	SAY_FD,	      /* a descriptor where none belongs */
	DO_FORBIDDEN, /* a system call that its walls do not let through */
	MISDEED_COUNT,
};

/* What a room says to another in good order, and how far it may go. */
struct manner {
	enum proc_role from;
	enum proc_role to;
	enum pmsg_type type;
	size_t bytes_max;
	enum pmsg_type others; /* a type of somebody else's */
	void (*encode)(struct writer *w);
};

struct rogue {
	struct room *room;
	struct loop_source signals;
	/* Of wire. */
	uint64_t slot_first;
	uint64_t slot_next;
	uint64_t sent;
	uint64_t lost;
};

static struct rogue rogue;

/* The linker's names for what is led through here, and for what was there. */
void __real_room_confine(struct room *room, enum walls walls);
void __wrap_room_confine(struct room *room, enum walls walls);
int __real_room_run(struct room *room);
int __wrap_room_run(struct room *room);
void __real_pacer_init(struct pacer *pacer, struct cadence cadence,
    const uint8_t key[CADENCE_KEY_BYTES], uint64_t now_ns);
void __wrap_pacer_init(struct pacer *pacer, struct cadence cadence,
    const uint8_t key[CADENCE_KEY_BYTES], uint64_t now_ns);
void __real_pacer_skip(struct pacer *pacer, uint64_t now_ns);
void __wrap_pacer_skip(struct pacer *pacer, uint64_t now_ns);
void __real_pacer_on_sent(struct pacer *pacer);
void __wrap_pacer_on_sent(struct pacer *pacer);

static void
encode_order(struct writer *w)
{
	const struct line_order order = { .kind = LINE_ORDER_FAILED };

	pmsg_encode_order(w, &order);
}

static void
encode_way(struct writer *w)
{
	const struct pmsg_way way = { .listen = { "1.2.3.4:5", 9 } };

	pmsg_encode_way(w, &way);
}

static void
encode_request(struct writer *w)
{
	const struct request request = { .kind = REQUEST_STATUS };

	request_encode(w, &request);
}

static void
encode_end(struct writer *w)
{
	const struct pmsg_end end = { .role = PROC_KEEPER };

	pmsg_encode_end(w, &end);
}

static const struct manner manners[] = {
	{ PROC_KEEPER, PROC_WIRE, PMSG_ORDER, PMSG_LINE_BYTES_MAX, PMSG_SOCKET,
	    encode_order },
	{ PROC_KEEPER, PROC_PARENT, PMSG_SOCKET_WANT, PMSG_WAY_BYTES_MAX,
	    PMSG_SAID, encode_way },
	{ PROC_DESK, PROC_KEEPER, PMSG_REQUEST, REQUEST_BYTES_MAX, PMSG_UNLOCK,
	    encode_request },
	{ PROC_DESK, PROC_PARENT, PMSG_LOST, PMSG_END_BYTES, PMSG_SOCKET_WANT,
	    encode_end },
};

static const struct manner *
find_manner(enum proc_role from, unsigned which)
{
	size_t i;

	for (i = 0; i < sizeof(manners) / sizeof(manners[0]); i++) {
		if (manners[i].from == from && which-- == 0)
			return &manners[i];
	}
	return NULL;
}

static void
attach(struct msghdr *msg, void *control, size_t bytes, int fd)
{
	struct cmsghdr *cmsg;

	msg->msg_control = control;
	msg->msg_controllen = bytes;
	cmsg = CMSG_FIRSTHDR(msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
}

/* Past the channel, which would not let it through. */
static void
put_raw(const struct manner *manner, const struct writer *w, bool with_fd)
{
	union {
		struct cmsghdr header;
		uint8_t bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct channel *channel = &rogue.room->link[manner->to].channel;
	struct iovec bytes = { w->data, w->len };
	struct msghdr msg = { .msg_iov = &bytes, .msg_iovlen = 1 };

	if (with_fd)
		attach(&msg, &control, sizeof(control.bytes), STDIN_FILENO);
	if (channel->fd < 0 ||
	    sendmsg(channel->fd, &msg, MSG_NOSIGNAL) != (ssize_t)w->len)
		log_warn("rogue: could not say it");
}

static void
misbehave(const struct manner *manner, enum misdeed misdeed)
{
	static uint8_t message[PMSG_HEAD_BYTES + PMSG_BODY_BYTES_MAX + 1];
	uint8_t *at = message + PMSG_HEAD_BYTES;
	enum pmsg_type type =
	    misdeed == SAY_OTHERS ? manner->others : manner->type;
	struct writer head, body;
	size_t claimed;

	buf_write(&body, at, PMSG_BODY_BYTES_MAX + 1);
	manner->encode(&body);
	if (misdeed == SAY_SHORT)
		body.len--;
	if (misdeed == SAY_REST)
		buf_put_u8(&body, 0);
	if (misdeed == SAY_LONG)
		body.len = manner->bytes_max + 1;
	claimed =
	    misdeed == SAY_HUGE ? (size_t)PMSG_BODY_BYTES_MAX + 1 : body.len;
	buf_write(&head, message, sizeof(message));
	buf_put_u16(&head,
	    misdeed == SAY_UNKNOWN ? (uint16_t)PMSG_TYPE_COUNT
				   : (uint16_t)type);
	buf_put_u32(&head, (uint32_t)claimed);
	buf_put_u32(&head, 1);
	head.len += body.len;
	log_info("rogue: misdeed %d towards %s", (int)misdeed,
	    proc_role_name(manner->to));
	put_raw(manner, &head, misdeed == SAY_FD);
}

static void
on_signal(void *ctx, uint32_t events)
{
	struct signalfd_siginfo info;
	const struct manner *manner;
	unsigned number;

	(void)ctx;
	(void)events;
	if (read(rogue.signals.fd, &info, sizeof(info)) != sizeof(info))
		return;
	number = info.ssi_signo - (unsigned)SIGRTMIN;
	manner = find_manner(rogue.room->role, number % 2);
	assert(manner != NULL && number / 2 < MISDEED_COUNT);
	if (number / 2 == DO_FORBIDDEN) {
		(void)socket(AF_INET, SOCK_DGRAM, 0);
		return;
	}
	misbehave(manner, (enum misdeed)(number / 2));
}

/* The walls come after: what a rogue room does, it does behind them. */
void
__wrap_room_confine(struct room *room, enum walls walls)
{
	int signals[2 * MISDEED_COUNT + 1], i;

	rogue.room = room;
	if (room->role == PROC_KEEPER || room->role == PROC_DESK) {
		for (i = 0; i < 2 * MISDEED_COUNT; i++)
			signals[i] = SIGRTMIN + i;
		signals[i] = 0;
		loop_add(&room->loop, &rogue.signals,
		    loop_open_signals(signals), EPOLLIN, on_signal, NULL);
	}
	__real_room_confine(room, walls);
}

int
__wrap_room_run(struct room *room)
{
	int rc = __real_room_run(room);

	if (room->role == PROC_WIRE)
		log_info("rogue: %llu slots, %llu sent, %llu lost",
		    (unsigned long long)(rogue.slot_next - rogue.slot_first),
		    (unsigned long long)rogue.sent,
		    (unsigned long long)rogue.lost);
	return rc;
}

void
__wrap_pacer_init(struct pacer *pacer, struct cadence cadence,
    const uint8_t key[CADENCE_KEY_BYTES], uint64_t now_ns)
{
	__real_pacer_init(pacer, cadence, key, now_ns);
	rogue.slot_first = rogue.slot_next = pacer->slot;
}

void
__wrap_pacer_skip(struct pacer *pacer, uint64_t now_ns)
{
	uint64_t slot = pacer->slot;

	__real_pacer_skip(pacer, now_ns);
	rogue.lost += pacer->slot - slot;
	rogue.slot_next = pacer->slot;
}

void
__wrap_pacer_on_sent(struct pacer *pacer)
{
	__real_pacer_on_sent(pacer);
	rogue.sent++;
	rogue.slot_next = pacer->slot;
}
