/* Owns one run: two posts, the network, what people do, and who checks it. */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "sim/agenda.h"
#include "sim/check.h"
#include "sim/ledger.h"
#include "sim/network.h"
#include "sim/plan.h"
#include "sim/post.h"
#include "sim/schedule.h"
#include "sim/workload.h"
#include "sim/world.h"

/*
 * The bound on healing.  Once the troubles have ended and every room is back,
 * all that was accepted is delivered, and every receipt is back, within
 *
 *   RUN_SETTLE_SLOTS slots  +  RUN_SETTLE_MS
 *   +  twice what each payload that is still to go takes on its own
 *
 * Slots: what the network still holds back (TROUBLE_DELAY_SLOTS_MAX), and a boot
 * on the smallest frames, 8 parts each way, begun once in vain.  Time: the silence
 * after which both boot (R8, 180 s), where keys were pulled apart, or where who
 * learns its peer's address was led to another while the peer restarted; the same
 * delay on fast lines, a silence to be noticed (5 s), and the handshakes' limit of
 * one a second.  A payload takes one slot, or, where a class has more to send in a
 * round trip than it may have on its way (limits.h, CHUNKS_*), its share of a
 * round trip; twice, since it may be lost once, and since receipts and what is
 * sent again needlessly after a change of keys take slots too.
 *
 * Where a machine was resumed twice, the peer has acknowledged to one what the
 * other sent: that is sent again at the second rekey without a HAVE (240 s);
 * keys that the two have pulled apart are at last too old (R8, 600 s).  So to
 * such runs that age is given, the longer of 600 s and 600 slots.
 */
enum run_bounds {
	RUN_SETTLE_SLOTS = 240,
	RUN_SETTLE_MS = 192000,
	RUN_TIMES_EACH = 2,
	/* Where one way loses up to six in ten for ever: what takes a round trip
	 * takes two and a half on average, and of the ten small parts of a
	 * handshake the last one that is missing takes as long again. */
	RUN_TIMES_LOSSY = 4,
	/* Of a frame, on average, not the text of messages: nonce, tag, counter,
	 * heads, acknowledgements, what is durable, status, room too small to
	 * use: half of the smallest frame. */
	RUN_OVERHEAD_BYTES = 136,
	/* Beside the network's delay, a round trip has both guard times, the
	 * wait for a slot, and every second frame's acknowledgement. */
	RUN_ROUND_SLOTS = 8,
};

struct run_options {
	uint64_t seed;
	const struct pick *pick;
	bool silent; /* nobody says anything, and the network is good */
	/* silent: stops here, where the busy run of the seed has stopped, or a
	 * cadence became another one. */
	uint64_t until_ns;
	bool verbose;
};

struct run_result {
	bool failed;
	enum check check;
	char say[256];
	uint64_t fail_ns; /* since the run's start */

	struct cadence cadence;
	uint64_t start_ns;
	uint64_t end_ns;
	/* Until then the schedules below go: the end, or the first change of a
	 * cadence, which comes when people and the weather bring it about. */
	uint64_t compare_ns;
	uint64_t changes; /* of the cadence, of both posts */
	uint64_t frames;
	uint64_t messages;
	uint64_t settle_slots; /* what healing took */
	uint64_t settle_slots_bound;
	uint64_t struck[TROUBLE_COUNT];
	uint64_t ployed[PLOY_COUNT];
	uint64_t lies[LIE_COUNT];
	uint64_t incidents[INCIDENT_COUNT];
	uint64_t digest; /* of every frame: tells any two runs apart */
	uint64_t slots[PLAN_POSTS][PLAN_ROADS_MAX]; /* of each path */
	uint8_t schedule[PLAN_POSTS][PLAN_ROADS_MAX][HASH_BYTES];
};

struct run {
	const struct run_options *options;
	struct run_result *result;
	struct plan plan;
	struct world world;
	struct network roads[PLAN_ROADS_MAX];
	struct post_watch watch;
	struct post post[PLAN_POSTS];
	struct schedule schedule[PLAN_POSTS][PLAN_ROADS_MAX];
	struct ledger ledger;
	struct agenda agenda;
	struct workload workload;
	struct checks checks;
};

/* Runs a seed once, from ceremony to the last look into both stores. */
void run_execute(struct run_result *result, const struct run_options *options);

/* A check does not hold: kept (the first one), and the world stops. */
void run_fail(struct run *run, enum check check, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
