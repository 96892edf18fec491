/* Owns saying what was measured, beside what it is measured against. */
#ifndef BENCH_FIGURE_H
#define BENCH_FIGURE_H

#include <stddef.h>

/* What must hold, if anything must. */
enum figure_goal {
	FIGURE_NONE,
	FIGURE_RATIO_AT_MOST,
	FIGURE_RATIO_AT_LEAST,
	FIGURE_VALUE_AT_MOST,
	FIGURE_VALUE_AT_LEAST,
};

struct figure {
	const char *name; /* "seal 1200": no tab */
	double value;
	const char *unit; /* of value and of reference_value */
	const char *reference;
	double reference_value; /* measured in the same run */
	enum figure_goal goal;
	double bound;
};

/* One line on standard output, as bench/run.sh reads it. */
void figure_print(const struct figure *figure);
/* One line on standard error: what is being done, for whoever waits. */
void figure_progress(const char *what);

/* Says why there is no figure, and ends the program. */
_Noreturn void figure_fail(const char *why);

/* Nanoseconds of processor time that this process has used. */
double figure_cpu_ns(void);

/* Sorts n values; the one that share (0 to 1) of them do not exceed.  n is 1
 * at least. */
double figure_quantile(double *values, size_t n, double share);

#endif
