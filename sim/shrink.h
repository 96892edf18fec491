/* Owns making a failing run small. */
#ifndef SIM_SHRINK_H
#define SIM_SHRINK_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/pick.h"

/*
 * Halves the time with troubles and leaves out incidents, troubles, ploys and
 * what people do, as long as the same check still fails; prints what is left and
 * the command that runs just that.  `from` is where it begins.
 * False where the seed does not fail.
 */
bool shrink_run(uint64_t seed, const struct pick *from);

/* Set by a signal: what is left by then is printed. */
void shrink_interrupt(int number);

#endif
