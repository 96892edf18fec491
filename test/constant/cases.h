/* Owns the one table of functions that touch a secret. */
#ifndef CONSTANT_CASES_H
#define CONSTANT_CASES_H

#include <stdbool.h>
#include <stddef.h>

struct constant_case {
	const char *name; /* the functions that it runs */
	/* Runs them; true where what came of the secrets is secret still, so
	 * that a case that lost track of them cannot pass. */
	bool (*run)(void);
	bool is_control; /* must be reported */
};

extern const struct constant_case cases_control[];
extern const size_t cases_control_count;
extern const struct constant_case cases_crypto[];
extern const size_t cases_crypto_count;
extern const struct constant_case cases_core[];
extern const size_t cases_core_count;
extern const struct constant_case cases_keeper[];
extern const size_t cases_keeper_count;

#endif
