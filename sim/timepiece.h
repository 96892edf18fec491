/* Owns what the clocks of one machine show, which are never quite right. */
#ifndef SIM_TIMEPIECE_H
#define SIM_TIMEPIECE_H

#include <stdint.h>

enum timepiece_bounds {
	/* What a quartz may be off by; and what one that is broken is. */
	TIMEPIECE_PPM_USUAL = 200,
	TIMEPIECE_PPM_MAX = 20000,
};

struct timepiece {
	uint64_t set_world_ns; /* when it was set, to boot_ns */
	uint64_t boot_ns;
	int64_t ppm;	 /* that it is fast */
	int64_t wall_ms; /* that its wall clock was set ahead, or back */
};

/* Set so that it shows boot_ns at world_ns. */
void timepiece_init(struct timepiece *timepiece, uint64_t world_ns,
    uint64_t boot_ns, int64_t ppm);

/* What it shows: the time since the machine's start, and the time of day. */
uint64_t timepiece_boot_ns(const struct timepiece *timepiece,
    uint64_t world_ns);
int64_t timepiece_wall_ms(const struct timepiece *timepiece, uint64_t world_ns);

/* When it shows boot_ns for the first time. */
uint64_t timepiece_world_ns(const struct timepiece *timepiece,
    uint64_t boot_ns);

#endif
