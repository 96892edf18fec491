#include "wire/berth.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/rng.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct origin peer = { .bytes = { 1, 2, 3 }, .len = 3 };
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

static void
start(struct trial *trial)
{
	struct line_config config = make_config(1);

	trial_init(trial);
	berth_set_keys(&trial->berth, &config, trial->rng, 1000);
	berth_set_socket(&trial->berth, open_socket(), &peer, trial->rng, 1000);
	assert_true(berth_is_running(&trial->berth));
}

static void
line_starts_with_keys_and_socket_in_any_order(void **state)
{
	struct line_config config = make_config(1);
	struct trial trial;

	(void)state;
	trial_init(&trial);
	berth_set_socket(&trial.berth, open_socket(), &peer, trial.rng, 1000);
	assert_false(berth_is_running(&trial.berth));
	berth_set_keys(&trial.berth, &config, trial.rng, 1000);
	assert_true(berth_is_running(&trial.berth));
	assert_memory_equal(line_destination(trial.berth.line, 0), &peer,
	    sizeof(peer));
	berth_wipe(&trial.berth);

	trial_init(&trial);
	berth_set_keys(&trial.berth, &config, trial.rng, 1000);
	assert_false(berth_is_running(&trial.berth));
	berth_set_socket(&trial.berth, open_socket(), &nowhere, trial.rng,
	    1000);
	assert_true(berth_is_running(&trial.berth));
	assert_int_equal(line_destination(trial.berth.line, 0)->len, 0);
	berth_wipe(&trial.berth);
	assert_int_equal(trial.berth.id, 0);
	assert_int_equal(trial.berth.path.fd, -1);
}

static void
socket_that_was_stopped_starts_nothing(void **state)
{
	struct line_config config = make_config(1);
	struct trial trial;
	int fd = open_socket();

	(void)state;
	trial_init(&trial);
	berth_set_socket(&trial.berth, fd, &nowhere, trial.rng, 1000);
	berth_stop_socket(&trial.berth);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	berth_set_keys(&trial.berth, &config, trial.rng, 1000);
	assert_false(berth_is_running(&trial.berth));
	berth_set_socket(&trial.berth, open_socket(), &peer, trial.rng, 1000);
	assert_true(berth_is_running(&trial.berth));
	/* One that runs keeps what it has. */
	berth_stop_socket(&trial.berth);
	assert_true(trial.berth.path.fd >= 0);
	berth_wipe(&trial.berth);
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
	slot = trial.berth.path.pacer.slot;
	berth_set_keys(&trial.berth, &config, trial.rng, 1u << 30);
	assert_true(trial.berth.announced);
	assert_true(berth_is_running(&trial.berth));
	/* Its clock goes on as if nothing had been said. */
	assert_int_equal(trial.berth.path.pacer.slot, slot);
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
	slot = trial.berth.path.pacer.slot;
	berth_set_keys(&trial.berth, &config, trial.rng, 1u << 30);
	assert_true(berth_is_running(&trial.berth));
	assert_int_not_equal(trial.berth.path.pacer.slot, slot);
	assert_memory_equal(line_destination(trial.berth.line, 0), &peer,
	    sizeof(peer));
	config.cadence.slot_us = 2000;
	berth_set_keys(&trial.berth, &config, trial.rng, 1u << 30);
	assert_int_equal(trial.berth.path.pacer.cadence.slot_us, 2000);
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
	berth_set_socket(&trial.berth, open_socket(), &peer, trial.rng, 1000);
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
		path_make(&trial.berth.path, trial.berth.line, now_ns);
		path_send(&trial.berth.path, trial.berth.line);
		assert_true(++frames < 100);
	}
	assert_true(frames > 0);
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
	berth_set_socket(&trial.berth, open_socket(), &nowhere, trial.rng,
	    1000);
	assert_int_equal(berth_order(&trial.berth, &order, 1000), OK);
	assert_true(berth_has_left(&trial.berth));
	berth_wipe(&trial.berth);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_starts_with_keys_and_socket_in_any_order),
		cmocka_unit_test(socket_that_was_stopped_starts_nothing),
		cmocka_unit_test(same_keys_again_keep_the_line),
		cmocka_unit_test(other_keys_or_cadence_make_a_new_line),
		cmocka_unit_test(orders_before_the_start_are_kept_as_one),
		cmocka_unit_test(keeper_that_is_lost_takes_its_orders_along),
		cmocka_unit_test(goodbye_takes_some_frames),
		cmocka_unit_test(line_that_goes_nowhere_has_nothing_to_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
