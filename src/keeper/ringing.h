/* Owns when alarms ring, and how it went. */
#ifndef KEEPER_RINGING_H
#define KEEPER_RINGING_H

#include "keeper/post.h"
#include "proc/say_alarm.h"

/*
 * There is one bell: what is due together is one ring, that of the most urgent.
 * An alarm rings when it is raised, then every so often; it waits while there is
 * no bell.  After a restart what is live rings at once.
 */

/* The bell is there, and says by what it could be heard. */
void ringing_on_bell(struct keeper *keeper, const struct alarm_bell *bell);
/* It is gone; another will come. */
void ringing_on_lost(struct keeper *keeper);
/* How a ring went. */
void ringing_on_rang(struct keeper *keeper, const struct alarm_rang *rang);

/* What is live is another: read it again before the next ring. */
void ringing_renew(struct keeper *keeper);
/* How many are live: they ring, or have rung once and nobody saw to them. */
uint64_t ringing_count(struct keeper *keeper);
/* Why nobody would hear an alarm; absent: somebody would. */
struct text ringing_unheard(const struct keeper *keeper);

/* When something rings, is escalated or ends next; UINT64_MAX: nothing does. */
uint64_t ringing_next_ns(const struct keeper *keeper);
void ringing_on_time(struct keeper *keeper);

#endif
