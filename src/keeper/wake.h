/* Owns what wakes people: which alarms ring, how often, who is woken next. */
#ifndef KEEPER_WAKE_H
#define KEEPER_WAKE_H

#include "base/err.h"
#include "keeper/post.h"

/* Reads it from the store; where nobody has set it, it is the default. */
MUST_CHECK int wake_load(struct keeper *keeper);

/* It may not ring now.  A flash message always may, and a test. */
bool wake_is_silenced(const struct keeper *keeper, enum alarm_what what);
/* When the silence ends, for what it silences; 0: there is none. */
uint64_t wake_silence_ends_ns(const struct keeper *keeper);

/* Who is woken at that step: by the roster, or by our own list where there is
 * none.  False: nobody in particular. */
bool wake_title(struct keeper *keeper, uint64_t step,
    char title[POST_NAME_BYTES]);

/* Answers REQUEST_ALARM_RULES, _SET, _SILENCE. */
void wake_on_rules(struct keeper *keeper, const struct request *request);
void wake_on_set(struct keeper *keeper, const struct request *request);
void wake_on_silence(struct keeper *keeper, const struct request *request);

#endif
