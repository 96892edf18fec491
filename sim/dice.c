#include "sim/dice.h"

#include <assert.h>
#include <stddef.h>

/* A purpose and a number of its own each stand far from their neighbours. */
enum { PURPOSE_STRIDE = 1 << 16 };

void
dice_init(struct dice *dice, uint64_t seed, enum dice_purpose purpose,
    uint64_t which)
{
	struct rng first = rng_from_seed(&dice->state, seed);
	uint64_t mixed = rng_u64(first);

	mixed += ((uint64_t)purpose + 1) * PURPOSE_STRIDE + which;
	dice->fill = rng_from_seed(&dice->state, mixed).fill;
}

struct rng
dice_rng(struct dice *dice)
{
	return (struct rng){ .fill = dice->fill, .ctx = &dice->state };
}

bool
dice_chance(struct dice *dice, unsigned permille)
{
	assert(permille <= 1000);
	return rng_below(dice_rng(dice), 1000) < permille;
}

uint64_t
dice_between(struct dice *dice, uint64_t least, uint64_t most)
{
	assert(least <= most);
	return least + rng_below(dice_rng(dice), most - least + 1);
}

uint64_t
dice_spread(struct dice *dice, uint64_t least, uint64_t most)
{
	unsigned doublings = 0;
	uint64_t low, high;

	assert(least <= most && most < UINT64_MAX / 4);
	while ((least + 1) << (doublings + 1) <= most + 1)
		doublings++;
	doublings = (unsigned)dice_between(dice, 0, doublings);
	low = ((least + 1) << doublings) - 1;
	high = ((least + 1) << (doublings + 1)) - 2;
	return dice_between(dice, low, high > most ? most : high);
}
