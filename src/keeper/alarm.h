/* Owns alarms: what is worth waking people for, until a person has seen to it. */
#ifndef KEEPER_ALARM_H
#define KEEPER_ALARM_H

#include "base/err.h"
#include "keeper/post.h"
#include "keeper/waiting.h"
#include "proc/say_alarm.h"

/*
 * An alarm is a row of the store: it outlives restarts.  One that rings once stays
 * live after that, silently, until a person acknowledges it; only a test does not.
 * What rings, and how, is said in keeper/wake; when, in keeper/ringing.
 */
struct alarm_cause {
	enum alarm_what what;
	const struct post_line *line; /* NULL: of the whole post */
	const uint8_t *id;	      /* of the message; NULL: of none */
	const char *ref; /* of what it is about; NULL: of nothing */
	const char *say; /* one sentence for people */
};

/*
 * Within a transaction: an alarm, if what it is about is to ring, and an event
 * of it.  What is live already about the same (what, line and ref) is not raised
 * twice; what rang once and waits for a person rings once more.
 */
MUST_CHECK int alarm_raise(struct keeper *keeper,
    const struct alarm_cause *cause);
/* Within a transaction: the last live one of that line and kind says this from now
 * on, and rings no more for it.  ERR_NOT_FOUND: there is none. */
MUST_CHECK int alarm_resay(struct keeper *keeper,
    const struct alarm_cause *cause);
/* alarm_raise in a transaction of its own; a failure is logged only. */
void alarm_note(struct keeper *keeper, const struct alarm_cause *cause);

/* Within a transaction: a message of theirs is whole. */
MUST_CHECK int alarm_on_message(struct keeper *keeper,
    const struct post_line *line, const struct record *record, const char *ref);
/* Within a transaction: a person acknowledged the message, and so its alarm. */
MUST_CHECK int alarm_on_acknowledged(struct keeper *keeper,
    const struct post_line *line, const uint8_t id[RECORD_ID_BYTES]);
/* The line was closed: nobody can see to what its alarms are about any more, so
 * they are over.  Opens a transaction. */
void alarm_on_close(struct keeper *keeper, const struct post_line *line);
/* A report came, and is in line->report: is it silent for too long?  Opens
 * transactions. */
void alarm_look(struct keeper *keeper, struct post_line *line);

/* What is live waits for the watch; a message waits by itself. */
MUST_CHECK int alarm_waiting(struct keeper *keeper, struct waiting_list *list);

/* Answers REQUEST_ALARM_LIST, _SHOW, _ACK, _TEST. */
void alarm_on_list(struct keeper *keeper, const struct request *request);
void alarm_on_show(struct keeper *keeper, const struct request *request);
void alarm_on_ack(struct keeper *keeper, const struct request *request);
void alarm_on_test(struct keeper *keeper, const struct request *request);

#endif
