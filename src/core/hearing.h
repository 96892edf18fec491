/* Owns when a line heard its peer, and the word that people are shown for it. */
#ifndef CORE_HEARING_H
#define CORE_HEARING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/cadence.h"
#include "core/event.h"

struct hearing {
	struct cadence cadence;
	uint64_t boot_begun_ns;
	uint64_t boot_heard_ns; /* any boot frame; 0: none */
	uint64_t session_begun_ns;
	uint64_t session_heard_ns; /* 0: no frame of this session yet */
	uint64_t
	    alive_ns; /* a frame that only a living peer can send; 0: none */
	uint32_t peer_heard_ms_ago; /* what it says of its own hearing */
	enum line_why peer_left;
	/* The last session frame of any session, or when it all began. */
	uint64_t last_ns;
	bool has_heard;
	bool was_silent; /* and it was told, since the last frame */
	/* Frames come again: the peer's STATUS will say whether its post had
	 * stopped after break_ns. */
	bool judges;
	uint64_t break_ns;
	bool was_post;
	bool judged;
	enum line_state told; /* the last report's */
	enum line_why told_why;
	bool told_judged;
	uint64_t told_ns; /* 0: to be told again */
};

/* Nothing was heard yet; the line boots. */
void hearing_init(struct hearing *hearing, struct cadence cadence,
    uint64_t now_ns);

/* The line boots again.  What is silent since since_ns stays one silence. */
void hearing_on_boot(struct hearing *hearing, uint64_t since_ns);
/* Any authentic boot frame. */
void hearing_on_boot_frame(struct hearing *hearing, uint64_t now_ns);
/* A boot frame that proves that the peer boots: because its post has restarted,
 * or for another reason. */
void hearing_on_peer_boot(struct hearing *hearing, bool was_post,
    uint64_t now_ns);
/* A boot frame that only a living peer can send. */
void hearing_on_answer(struct hearing *hearing, uint64_t now_ns);

/* A session begins. */
void hearing_on_session(struct hearing *hearing, uint64_t now_ns);
/* A fresh frame of it. */
void hearing_on_frame(struct hearing *hearing, uint64_t now_ns);
/* The peer says when it last heard us, and how long it has been running; that it
 * is about to stop. */
void hearing_on_status(struct hearing *hearing, uint32_t peer_heard_ms_ago,
    uint32_t peer_running_ms, uint64_t now_ns);
void hearing_on_goodbye(struct hearing *hearing, enum line_why why);

/* When the session's last frame came, or else when it began. */
uint64_t hearing_last_ns(const struct hearing *hearing);

/* has_echo: the peer's boot frames answer ours. */
enum line_state hearing_state_of_boot(const struct hearing *hearing,
    bool has_echo, uint64_t now_ns);
enum line_state hearing_state_of_session(const struct hearing *hearing,
    uint64_t now_ns);

/* Fills what a report says of hearing, for a line that is in `state`. */
void hearing_read(const struct hearing *hearing, struct line_report *report,
    enum line_state state, uint64_t now_ns);

/*
 * True where the report is to be told: it changed, or a second has gone by; it
 * then counts as told.  A new silence forgets whose fault the last one was, in
 * the report too.
 */
bool hearing_is_news(struct hearing *hearing, struct line_report *report,
    uint64_t now_ns);
/* The next report is told, whatever it says. */
void hearing_tell_again(struct hearing *hearing);

#endif
