#include "wire/berth.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/wipe.h"
#include "proc/address.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct origin peer = { .bytes = { 1, 2, 3 }, .len = 3 };
static const struct origin other_peer = { .bytes = { 3, 2, 1 }, .len = 3 };
static const struct origin nowhere = { .len = 0 };

struct ear {
	unsigned reports;
	unsigned others;
};

static void
on_tell(void *ctx, const struct line_event *event)
{
	struct ear *ear = ctx;

	if (event->kind == LINE_EVENT_REPORT)
		ear->reports++;
	else
		ear->others++;
}

static struct line_config
make_config(uint8_t key)
{
	struct line_config config = { .role = ROLE_A,
		.cadence = { 256, 1000 } };

	memset(config.boot_send, key, LINE_KEY_BYTES);
	memset(config.boot_recv, key + 1, LINE_KEY_BYTES);
	return config;
}

static int
open_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	return fd;
}

struct trial {
	struct ear ear;
	struct rng_seeded seed;
	struct rng rng;
	struct berth berth;
};

static void
trial_init(struct trial *trial)
{
	memset(trial, 0, sizeof(*trial));
	trial->rng = rng_from_seed(&trial->seed, 1);
	berth_init(&trial->berth, 7, on_tell, &trial->ear);
}

/* What keeper says of a path. */
static void
tell_path(struct trial *trial, unsigned path)
{
	const struct pmsg_path told = { .path = path };

	berth_set_path(&trial->berth, &told, trial->rng, 1000);
}

/* What the parent says of a UDP path, and its socket. */
static void
give_socket(struct trial *trial, unsigned path, const struct origin *at)
{
	const struct pmsg_peer told = { .path = path,
		.kind = PMSG_KIND_UDP,
		.at = *at };
	unsigned inlet;

	berth_set_peer(&trial->berth, &told, trial->rng, 1000);
	inlet = berth_pick_inlet(&trial->berth, path);
	assert_int_equal(inlet, 0);
	path_open_inlet(&trial->berth.path[path], inlet, open_socket(), 1000);
}

static void
start(struct trial *trial)
{
	struct line_config config = make_config(1);

	trial_init(trial);
	berth_set_keys(&trial->berth, &config, trial->rng, 1000);
	tell_path(trial, 0);
	give_socket(trial, 0, &peer);
	assert_true(berth_is_running(&trial->berth));
}

static void
line_starts_with_keys_and_a_path_in_any_order(void **state)
{
	/* Keys, keeper's path, parent's socket. */
	static const char *const orders[] = { "kps", "ksp", "pks", "psk", "skp",
		"spk" };
	struct line_config config = make_config(1);
	struct trial trial;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		trial_init(&trial);
		assert_true(berth_is_empty(&trial.berth));
		for (j = 0; j < 3; j++) {
			assert_false(berth_is_running(&trial.berth));
			if (orders[i][j] == 'k')
				berth_set_keys(&trial.berth, &config, trial.rng,
				    1000);
			else if (orders[i][j] == 'p')
				tell_path(&trial, 2);
			else
				give_socket(&trial, 2, &peer);
			assert_false(berth_is_empty(&trial.berth));
		}
		assert_true(berth_is_running(&trial.berth));
		assert_true(trial.berth.path[2].is_open);
		assert_false(trial.berth.path[0].is_open);
		assert_memory_equal(line_destination(trial.berth.line, 2),
		    &peer, sizeof(peer));
		berth_wipe(&trial.berth);
		assert_int_equal(trial.berth.id, 0);
		assert_int_equal(trial.berth.path[2].fd, -1);
	}
}

static void
path_that_is_learned_leads_nowhere_yet(void **state)
{
	struct line_config config = make_config(1);
	struct trial trial;

	(void)state;
	trial_init(&trial);
	berth_set_keys(&trial.berth, &config, trial.rng, 1000);
	tell_path(&trial, 0);
	give_socket(&trial, 0, &nowhere);
	assert_true(berth_is_running(&trial.berth));
	assert_int_equal(line_destination(trial.berth.line, 0)->len, 0);
	berth_wipe(&trial.berth);
}

static void
second_path_leaves_the_first_ones_clock_alone(void **state)
{
	struct trial trial;
	struct pacer before;

	(void)state;
	start(&trial);
	before = trial.berth.path[0].pacer;
	tell_path(&trial, 1);
	give_socket(&trial, 1, &other_peer);
	assert_true(trial.berth.path[1].is_open);
	assert_memory_equal(&trial.berth.path[0].pacer, &before,
	    sizeof(before));
	/* Each has its own. */
	assert_memory_not_equal(trial.berth.path[1].pacer.key, before.key,
	    sizeof(before.key));
	assert_memory_equal(line_destination(trial.berth.line, 1), &other_peer,
	    sizeof(other_peer));
	berth_drop_path(&trial.berth, 1, 1000);
	assert_false(trial.berth.path[1].is_open);
	assert_memory_equal(&trial.berth.path[0].pacer, &before,
	    sizeof(before));
	berth_wipe(&trial.berth);
}

static void
path_told_again_changes_nothing(void **state)
{
	struct pmsg_path told = { .path = 0, .last = peer };
	struct trial trial;
	struct path before;

	(void)state;
	start(&trial);
	before = trial.berth.path[0];
	berth_set_path(&trial.berth, &told, trial.rng, 1u << 30);
	assert_memory_equal(&trial.berth.path[0].pacer, &before.pacer,
	    sizeof(before.pacer));
	assert_int_equal(trial.berth.path[0].fd, before.fd);
	/* What is new reaches the line, and the clock goes on. */
	told.roams = true;
	berth_set_path(&trial.berth, &told, trial.rng, 1u << 30);
	assert_true(trial.berth.path[0].told.roams);
	assert_memory_equal(&trial.berth.path[0].pacer, &before.pacer,
	    sizeof(before.pacer));
	berth_wipe(&trial.berth);
}

static void
peer_found_elsewhere_moves_the_path_alone(void **state)
{
	const struct pmsg_peer moved = { .path = 0,
		.kind = PMSG_KIND_UDP,
		.at = other_peer };
	struct trial trial;
	struct pacer before;
	int fd;

	(void)state;
	start(&trial);
	before = trial.berth.path[0].pacer;
	fd = trial.berth.path[0].fd;
	berth_set_peer(&trial.berth, &moved, trial.rng, 1u << 30);
	assert_memory_equal(line_destination(trial.berth.line, 0), &other_peer,
	    sizeof(other_peer));
	assert_memory_equal(&trial.berth.path[0].pacer, &before,
	    sizeof(before));
	assert_int_equal(trial.berth.path[0].fd, fd);
	berth_wipe(&trial.berth);
}

static void
path_that_was_stopped_waits_for_its_next_socket(void **state)
{
	struct trial trial;
	int fd;

	(void)state;
	start(&trial);
	fd = trial.berth.path[0].fd;
	berth_stop_path(&trial.berth, 0, 1000);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_false(trial.berth.path[0].is_open);
	/* The line is still there: it is the keeper's to end. */
	assert_true(berth_is_running(&trial.berth));
	give_socket(&trial, 0, &peer);
	assert_true(trial.berth.path[0].is_open);
	berth_wipe(&trial.berth);

	trial_init(&trial);
	give_socket(&trial, 0, &peer);
	berth_stop_path(&trial.berth, 0, 1000);
	assert_true(berth_is_empty(&trial.berth));
	berth_wipe(&trial.berth);
}

/* A peer that calls by another connection is found by what it says there. */
static void
place_goes_with_its_connection(void **state)
{
	const struct pmsg_peer accepted = { .path = 0,
		.kind = PMSG_KIND_ACCEPTED };
	const struct line_way way = { .peer = peer };
	struct line_config config = make_config(1), theirs = make_config(1);
	struct rng_seeded seed;
	struct trial trial;
	struct line *far;
	uint8_t frame[FRAME_BYTES_MAX];
	unsigned i;

	(void)state;
	theirs.role = ROLE_B;
	memcpy(theirs.boot_send, config.boot_recv, LINE_KEY_BYTES);
	memcpy(theirs.boot_recv, config.boot_send, LINE_KEY_BYTES);
	far = line_init(wipe_new(line_bytes(theirs.cadence)), &theirs,
	    rng_from_seed(&seed, 2), on_tell, &trial.ear, 1000);
	line_open_path(far, 0, &way, 1000);
	trial_init(&trial);
	berth_set_keys(&trial.berth, &config, trial.rng, 1000);
	tell_path(&trial, 0);
	berth_set_peer(&trial.berth, &accepted, trial.rng, 1000);
	for (i = 0; i < 3; i++) {
		path_open_inlet(&trial.berth.path[0], i, open_socket(), 1000);
		/* Not one that nobody has shown to be the peer's. */
		assert_int_equal(line_destination(trial.berth.line, 0)->len, 0);
		line_prepare(far, 0, frame, 2000);
		assert_int_equal(line_on_datagram(trial.berth.line, 0, frame,
				     256,
				     &trial.berth.path[0].streams[i].origin,
				     2000),
		    OK);
		line_prepare(trial.berth.line, 0, frame, 2000);
		assert_true(path_is_inlet(&trial.berth.path[0], i,
		    line_destination(trial.berth.line, 0)));
		/* The end of another one changes nothing. */
		berth_close_inlet(&trial.berth, 0, 3, 2000);
		assert_true(line_destination(trial.berth.line, 0)->len > 0);
		berth_close_inlet(&trial.berth, 0, i, 2000);
	}
	berth_wipe(&trial.berth);
	line_wipe(far);
	wipe_free(far, line_bytes(theirs.cadence));
}

static void
same_keys_again_keep_the_line(void **state)
{
	struct line_config config = make_config(1);
	struct trial trial;
	uint64_t slot;

	(void)state;
	start(&trial);
	berth_on_keeper_lost(&trial.berth);
	assert_false(trial.berth.announced);
	assert_false(trial.berth.path[0].announced);
	slot = trial.berth.path[0].pacer.slot;
	/* Another size that is taken too is no other line. */
	config.also_frame_bytes = 512;
	assert_false(berth_changes_size(&trial.berth, &config));
	berth_set_keys(&trial.berth, &config, trial.rng, 1u << 30);
	assert_true(trial.berth.announced);
	assert_true(berth_is_running(&trial.berth));
	/* Its clock goes on as if nothing had been said. */
	assert_int_equal(trial.berth.path[0].pacer.slot, slot);
	assert_int_equal(trial.berth.path[0].sizes.frame_bytes[1], 512);
	config.also_frame_bytes = 0;
	berth_set_keys(&trial.berth, &config, trial.rng, 1u << 30);
	assert_int_equal(trial.berth.path[0].sizes.frame_bytes[1], 0);
	berth_wipe(&trial.berth);
}

static void
other_keys_or_cadence_make_a_new_line(void **state)
{
	struct line_config config = make_config(9);
	struct trial trial;
	uint64_t slot;

	(void)state;
	start(&trial);
	slot = trial.berth.path[0].pacer.slot;
	berth_set_keys(&trial.berth, &config, trial.rng, 1u << 30);
	assert_true(berth_is_running(&trial.berth));
	assert_int_not_equal(trial.berth.path[0].pacer.slot, slot);
	assert_memory_equal(line_destination(trial.berth.line, 0), &peer,
	    sizeof(peer));
	config.cadence.slot_us = 2000;
	assert_false(berth_changes_size(&trial.berth, &config));
	berth_set_keys(&trial.berth, &config, trial.rng, 1u << 30);
	assert_int_equal(trial.berth.path[0].pacer.cadence.slot_us, 2000);
	config.cadence.frame_bytes = 512;
	assert_true(berth_changes_size(&trial.berth, &config));
	berth_wipe(&trial.berth);
}

/* A peer that is learned has been heard somewhere else than at the start. */
static void
other_terms_begin_where_the_peer_is(void **state)
{
	struct line_config config = make_config(1);
	struct line_way way = { .last = other_peer };
	struct trial trial;

	(void)state;
	trial_init(&trial);
	berth_set_keys(&trial.berth, &config, trial.rng, 1000);
	tell_path(&trial, 0);
	give_socket(&trial, 0, &nowhere);
	line_close_path(trial.berth.line, 0, 1000);
	line_open_path(trial.berth.line, 0, &way, 1000);
	tell_path(&trial, 0);
	config.cadence.slot_us *= 2;
	config.terms = 1;
	berth_set_keys(&trial.berth, &config, trial.rng, 2000);
	assert_memory_equal(line_destination(trial.berth.line, 0), &other_peer,
	    sizeof(other_peer));
	berth_wipe(&trial.berth);
}

static void
orders_before_the_start_are_kept_as_one(void **state)
{
	struct line_config config = make_config(1);
	struct line_order order = { .kind = LINE_ORDER_HAVE };
	struct trial trial;

	(void)state;
	trial_init(&trial);
	/* Nothing is attached yet, and nothing was asked. */
	assert_int_equal(berth_order(&trial.berth, &order, 1000), ERR_STATE);
	order.kind = LINE_ORDER_ATTACH;
	assert_int_equal(berth_order(&trial.berth, &order, 1000), OK);
	order.kind = LINE_ORDER_HAVE;
	order.have.credit = 77;
	assert_int_equal(berth_order(&trial.berth, &order, 1000), OK);
	order.kind = LINE_ORDER_HINTS;
	order.hints.cur[0] = 5;
	assert_int_equal(berth_order(&trial.berth, &order, 1000), OK);
	order.kind = LINE_ORDER_STATUS;
	order.status.journal_end = 3;
	assert_int_equal(berth_order(&trial.berth, &order, 1000), OK);
	assert_int_equal(trial.berth.attach.have.credit, 77);
	assert_int_equal(trial.berth.attach.hints.cur[0], 5);
	assert_int_equal(trial.berth.attach.status.journal_end, 3);
	order.kind = LINE_ORDER_FAULT;
	order.have.credit = 78;
	assert_int_equal(trial.ear.others, 0);
	assert_int_equal(berth_order(&trial.berth, &order, 1000), OK);
	assert_int_equal(trial.ear.others, 1);
	assert_int_equal(trial.berth.attach.have.credit, 78);
	order.kind = LINE_ORDER_KEYS;
	assert_int_equal(berth_order(&trial.berth, &order, 1000), ERR_STATE);
	order.kind = LINE_ORDER_PIECE;
	assert_int_equal(berth_order(&trial.berth, &order, 1000), ERR_STATE);

	berth_set_keys(&trial.berth, &config, trial.rng, 1000);
	tell_path(&trial, 0);
	give_socket(&trial, 0, &peer);
	assert_true(berth_is_running(&trial.berth));
	assert_false(trial.berth.has_attach);
	berth_wipe(&trial.berth);
}

static void
keeper_that_is_lost_takes_its_orders_along(void **state)
{
	struct line_order order = { .kind = LINE_ORDER_ATTACH };
	struct trial trial;

	(void)state;
	trial_init(&trial);
	assert_int_equal(berth_order(&trial.berth, &order, 1000), OK);
	berth_on_keeper_lost(&trial.berth);
	assert_false(trial.berth.has_attach);
	order.kind = LINE_ORDER_HAVE;
	assert_int_equal(berth_order(&trial.berth, &order, 1000), ERR_STATE);
	berth_wipe(&trial.berth);
}

static void
goodbye_takes_some_frames(void **state)
{
	struct line_order order = { .kind = LINE_ORDER_GOODBYE,
		.why = WHY_GOODBYE };
	struct trial trial;
	uint64_t now_ns = 1000;
	unsigned frames = 0;

	(void)state;
	start(&trial);
	assert_true(berth_has_left(&trial.berth));
	assert_int_equal(berth_order(&trial.berth, &order, now_ns), OK);
	while (!berth_has_left(&trial.berth)) {
		now_ns += 1000000;
		path_make(&trial.berth.path[0], trial.berth.line, now_ns);
		path_send(&trial.berth.path[0], trial.berth.line);
		assert_true(++frames < 100);
	}
	assert_true(frames > 0);
	berth_wipe(&trial.berth);
}

/* A socket on this machine, and its address. */
static int
open_ear(struct origin *origin)
{
	struct address at = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in any = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = open_socket();

	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at.at, &at.len),
	    0);
	address_to_origin(origin, &at);
	return fd;
}

static void
frame_that_is_loaded_waits_for_its_moment_and_leaves_whole(void **state)
{
	struct line_config config = make_config(1);
	uint8_t heard[FRAME_BYTES_MAX];
	struct origin there;
	struct trial trial;
	struct path *path = &trial.berth.path[0];
	int ear = open_ear(&there);

	(void)state;
	trial_init(&trial);
	berth_set_keys(&trial.berth, &config, trial.rng, 1000);
	tell_path(&trial, 0);
	give_socket(&trial, 0, &there);
	for (unsigned i = 0; i < 6; i++) {
		const uint8_t *sealed = path->sealed[i & 1];

		path_make(path, trial.berth.line, 1000);
		/* One that was not loaded leaves as well. */
		if (i % 3 != 2) {
			path_load(path, trial.berth.line);
			assert_true(path->is_loaded);
		}
		assert_int_equal(recv(ear, heard, sizeof(heard), MSG_DONTWAIT),
		    -1);
		path_send(path, trial.berth.line);
		assert_false(path->is_loaded);
		assert_int_equal(recv(ear, heard, sizeof(heard), MSG_DONTWAIT),
		    256);
		assert_memory_equal(heard, sealed, 256);
		assert_int_equal(recv(ear, heard, sizeof(heard), MSG_DONTWAIT),
		    -1);
	}
	(void)close(ear);
	berth_wipe(&trial.berth);
}

static void
line_that_goes_nowhere_has_nothing_to_say(void **state)
{
	struct line_config config = make_config(1);
	struct line_order order = { .kind = LINE_ORDER_GOODBYE,
		.why = WHY_GOODBYE };
	struct trial trial;

	(void)state;
	trial_init(&trial);
	assert_int_equal(berth_order(&trial.berth, &order, 1000), OK);
	assert_true(berth_has_left(&trial.berth));
	berth_set_keys(&trial.berth, &config, trial.rng, 1000);
	tell_path(&trial, 0);
	give_socket(&trial, 0, &nowhere);
	assert_int_equal(berth_order(&trial.berth, &order, 1000), OK);
	assert_true(berth_has_left(&trial.berth));
	berth_wipe(&trial.berth);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_starts_with_keys_and_a_path_in_any_order),
		cmocka_unit_test(path_that_is_learned_leads_nowhere_yet),
		cmocka_unit_test(second_path_leaves_the_first_ones_clock_alone),
		cmocka_unit_test(path_told_again_changes_nothing),
		cmocka_unit_test(peer_found_elsewhere_moves_the_path_alone),
		cmocka_unit_test(
		    path_that_was_stopped_waits_for_its_next_socket),
		cmocka_unit_test(place_goes_with_its_connection),
		cmocka_unit_test(same_keys_again_keep_the_line),
		cmocka_unit_test(other_keys_or_cadence_make_a_new_line),
		cmocka_unit_test(other_terms_begin_where_the_peer_is),
		cmocka_unit_test(orders_before_the_start_are_kept_as_one),
		cmocka_unit_test(keeper_that_is_lost_takes_its_orders_along),
		cmocka_unit_test(goodbye_takes_some_frames),
		cmocka_unit_test(
		    frame_that_is_loaded_waits_for_its_moment_and_leaves_whole),
		cmocka_unit_test(line_that_goes_nowhere_has_nothing_to_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
