/* Owns one channel on a loop: reads, checks and dispatches its messages. */
#ifndef PROC_LINK_H
#define PROC_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proc/channel.h"
#include "proc/loop.h"
#include "proc/pmsg.h"

struct link;

/*
 * The other end is lost: ERR_IO, it closed or died; anything else, it broke a
 * rule (or does not read).  The link is closed already and may be opened anew.
 */
typedef void link_lost(void *ctx, struct link *link, int why);

struct link {
	struct loop *loop;
	struct loop_source source;
	struct channel channel;
	struct pmsg_end end;
	struct pmsg_rules rules;
	void *ctx;
	/* Asked first, with a ctx of their own: see link_set_own. */
	struct pmsg_rules own_rules;
	void *own_ctx;
	link_lost *on_lost;
	void *lost_ctx;
	bool full;   /* its queue overflowed: lost as soon as the loop turns */
	bool busy;   /* a handler runs: its message must not go under it */
	bool over;   /* closed by a handler of its own message */
	bool held;   /* its messages wait, see link_hold */
	bool corked; /* what is posted waits, see link_cork */
};

void link_init(struct link *link);
/* Takes fd; the link is not open.  Handlers are called with ctx. */
void link_open(struct link *link, struct loop *loop, int fd,
    struct pmsg_end end, struct pmsg_rules rules, void *ctx);
/* Until called, a lost link is closed and nobody is told. */
void link_set_lost(struct link *link, link_lost *on_lost, void *ctx);
/* Rules that go before the others, with another ctx. */
void link_set_own(struct link *link, struct pmsg_rules rules, void *ctx);
/* Closes without calling on_lost; fine from within its handlers. */
void link_close(struct link *link);
bool link_is_open(const struct link *link);

/* Lends room for a body; link_post sends it.  To a link that is not open, both
 * do nothing: the other end comes back and is told anew. */
void link_compose(struct link *link, struct writer *w);
void link_post(struct link *link, enum pmsg_type type, uint32_t line,
    const struct writer *w);
void link_send(struct link *link, enum pmsg_type type, uint32_t line,
    const void *body, size_t len);
/* With a descriptor, which it takes in any case. */
void link_send_fd(struct link *link, enum pmsg_type type, uint32_t line,
    const void *body, size_t len, int fd);

/* More waits for the other end than should. */
bool link_is_backed_up(const struct link *link);
/* What is posted leaves in one piece when corked is false again, or when it is as
 * much as should wait. */
void link_cork(struct link *link, bool corked);
/* Reads nothing more from the other end until held is false again. */
void link_hold(struct link *link, bool held);
/* Handles what is there already, as if the loop had turned: for the last words
 * of a process that has ended. */
void link_read(struct link *link);
/* Waits, blocking, until all is handed over or timeout_ms has passed: for a
 * process that is about to end. */
void link_drain(struct link *link, int timeout_ms);

#endif
