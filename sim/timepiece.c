#include "sim/timepiece.h"

#include <assert.h>

#include "base/clock.h"

enum { MILLION = 1000000 };

/* 22 November 2026; the day makes no difference. */
static const int64_t WALL_START_MS = 1795305600000;

void
timepiece_init(struct timepiece *timepiece, uint64_t world_ns, uint64_t boot_ns,
    int64_t ppm)
{
	assert(ppm >= -TIMEPIECE_PPM_MAX && ppm <= TIMEPIECE_PPM_MAX);
	*timepiece = (struct timepiece){
		.set_world_ns = world_ns,
		.boot_ns = boot_ns,
		.ppm = ppm,
	};
}

uint64_t
timepiece_boot_ns(const struct timepiece *timepiece, uint64_t world_ns)
{
	uint64_t passed = world_ns - timepiece->set_world_ns;
	uint64_t rate = (uint64_t)(MILLION + timepiece->ppm);

	assert(world_ns >= timepiece->set_world_ns);
	return timepiece->boot_ns + passed / MILLION * rate +
	    passed % MILLION * rate / MILLION;
}

int64_t
timepiece_wall_ms(const struct timepiece *timepiece, uint64_t world_ns)
{
	uint64_t passed =
	    timepiece_boot_ns(timepiece, world_ns) - timepiece->boot_ns;

	return WALL_START_MS + timepiece->wall_ms +
	    (int64_t)(passed / CLOCK_NS_PER_MS);
}

uint64_t
timepiece_world_ns(const struct timepiece *timepiece, uint64_t boot_ns)
{
	uint64_t rate = (uint64_t)(MILLION + timepiece->ppm);
	uint64_t passed, world_ns;

	if (boot_ns <= timepiece->boot_ns)
		return timepiece->set_world_ns;
	passed = boot_ns - timepiece->boot_ns;
	world_ns = timepiece->set_world_ns + passed / rate * MILLION +
	    passed % rate * MILLION / rate;
	/* Rounding may have left it a moment early or late. */
	while (timepiece_boot_ns(timepiece, world_ns) < boot_ns)
		world_ns++;
	while (world_ns > timepiece->set_world_ns &&
	    timepiece_boot_ns(timepiece, world_ns - 1) >= boot_ns)
		world_ns--;
	return world_ns;
}
