/* Owns what people do about points: raise them, take stands, enter what was said in
 * public, and read it. */
#ifndef SIM_DEBATE_H
#define SIM_DEBATE_H

#include "proc/request.h"
#include "sim/workload.h"

void debate_raise(struct people *people);
/* On any point that the post shows; raises one where there is none. */
void debate_stand(struct people *people);
void debate_enter(struct people *people);
void debate_read(struct people *people);

/* The reference of some point that the post shows; "": there is none. */
void debate_pick_point(struct people *people, char ref[REQUEST_REF_BYTES]);

#endif
