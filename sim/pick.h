/* Owns the choice of what a run takes of its seed: all of it, or the few things
 * that a failure needs. */
#ifndef SIM_PICK_H
#define SIM_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Everything that a seed may bring has a number of its own, the same in every
 * run of the seed. */
enum pick_numbers {
	PICK_TROUBLE = 0, /* and so on, by enum trouble, of the first road */
	PICK_PLOY = 100,  /* by enum ploy */
	PICK_ROAD_STRIDE = 20, /* of the others */
	PICK_BURDEN = 200,
	PICK_LOSS = PICK_BURDEN + 2, /* of each road */
	PICK_ROAD = PICK_BURDEN + 5, /* that it is there, but for the first */
	PICK_INCIDENT = 1000,	     /* in order of time */
	PICK_ACT = 2000,	     /* of post 0, in order of time */
	PICK_TERMS_ACT = 600,	     /* beyond those: about the cadence */
	PICK_POINTS_ACT = 700,	     /* and about points */
	PICK_ACT_STRIDE = 1000,
	PICK_MAX = PICK_ACT + 2 * PICK_ACT_STRIDE,
};

struct pick {
	/* Else everything takes place. */
	bool some;
	bool has[PICK_MAX];
	/* With troubles, so many; 0: as the seed says. */
	uint64_t slots;
};

/* Whether that takes place. */
bool pick_has(const struct pick *pick, unsigned number);

/* "3,7,1002": only these.  False where it is no such list. */
bool pick_parse(struct pick *pick, const char *list);

/* Writes the list of what takes place to out, as pick_parse reads it; "none"
 * where nothing does. */
void pick_print(const struct pick *pick, char *out, size_t cap);

#endif
