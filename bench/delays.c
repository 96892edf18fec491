/*
 * Owns measuring how long messages take: from the request at one post until the
 * other tells its people that the message is stored.
 *
 *   delays SOCKET LINE PEER_SOCKET COUNT BYTES SLOT_MS
 *
 * One message at a time, after a pause that is random, so that it meets the slot
 * anywhere and the line idle.  Prints milliseconds, one message a line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"

int
main(int argc, char **argv)
{
	static struct api us, them;
	uint64_t began_ns, slot_us;
	long count;

	if (argc != 7 || (count = atol(argv[4])) <= 0)
		fatalx("usage: delays SOCKET LINE PEER_SOCKET COUNT BYTES "
		       "SLOT_MS");
	slot_us = (uint64_t)atol(argv[6]) * 1000;
	api_open(&us, argv[1]);
	api_open(&them, argv[3]);
	api_follow(&them);
	for (long i = 0; i < count; i++) {
		/* The receipt is back, and then any moment of a slot. */
		(void)usleep((useconds_t)(slot_us / 2 +
		    rng_below(rng_kernel(), slot_us)));
		began_ns = clock_now_ns();
		api_send(&us, argv[2], (size_t)atol(argv[5]));
		api_await_arrival(&them);
		printf("%.3f\n", (double)(clock_now_ns() - began_ns) / 1e6);
	}
	return 0;
}
