#include "keeper/disk.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "folder.h"
#include "limits.h"

static uint64_t free_bytes;
static unsigned asked;

static uint64_t
ask(void *ctx)
{
	(void)ctx;
	asked++;
	return free_bytes;
}

static const uint64_t look_ns = (uint64_t)DISK_LOOK_MS * CLOCK_NS_PER_MS;

/* A disk of so much room. */
static void
make(const struct folder *folder, struct disk *disk, uint64_t bytes)
{
	free_bytes = bytes;
	asked = 0;
	disk_init(disk, folder->fd, ask, NULL);
}

static void
disk_names_its_state_at_each_edge(void **state)
{
	static const struct {
		uint64_t bytes;
		enum store_state state;
	} rows[] = {
		{ 0, STORE_FULL },
		{ DISK_FULL_BYTES - 1, STORE_FULL },
		{ DISK_FULL_BYTES, STORE_NEARLY_FULL },
		{ DISK_NEARLY_FULL_BYTES - 1, STORE_NEARLY_FULL },
		{ DISK_NEARLY_FULL_BYTES, STORE_WELL },
		{ UINT64_MAX, STORE_WELL },
	};
	struct disk disk;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make(*state, &disk, rows[i].bytes);
		assert_int_equal(disk_state(&disk), rows[i].state);
	}
}

static void
disk_promises_only_what_is_there(void **state)
{
	struct disk disk;

	make(*state, &disk, DISK_FULL_BYTES - 1);
	assert_int_equal(disk_credit(&disk), 0);
	make(*state, &disk, DISK_FULL_BYTES);
	assert_int_equal(disk_credit(&disk), 0);
	make(*state, &disk, DISK_FULL_BYTES + 1);
	assert_int_equal(disk_credit(&disk), 1);
	make(*state, &disk, (uint64_t)DISK_FULL_BYTES + CREDIT_BYTES_MAX);
	assert_int_equal(disk_credit(&disk), CREDIT_BYTES_MAX);
	make(*state, &disk, UINT64_MAX);
	assert_int_equal(disk_credit(&disk), CREDIT_BYTES_MAX);
}

static void
disk_refuses_what_does_not_fit(void **state)
{
	struct disk disk;

	make(*state, &disk, DISK_FULL_BYTES + 100);
	assert_true(disk_has_room(&disk, 0));
	assert_true(disk_has_room(&disk, 100));
	assert_false(disk_has_room(&disk, 101));
	assert_false(disk_has_room(&disk, UINT64_MAX));
	make(*state, &disk, DISK_FULL_BYTES - 1);
	assert_false(disk_has_room(&disk, 0));
	assert_false(disk_has_room(&disk, UINT64_MAX));
}

static void
disk_is_not_asked_at_every_turn(void **state)
{
	struct disk disk;

	make(*state, &disk, UINT64_MAX);
	assert_int_equal(asked, 1);
	disk_look(&disk, look_ns - 1);
	assert_int_equal(asked, 1);
	disk_look(&disk, look_ns);
	assert_int_equal(asked, 2);
	disk_look(&disk, 2 * look_ns - 1);
	assert_int_equal(asked, 2);
	free_bytes = 0;
	disk_look(&disk, 2 * look_ns);
	assert_int_equal(disk_state(&disk), STORE_FULL);
	/* A clock that went back is no reason not to look. */
	disk_look(&disk, 1);
	assert_int_equal(asked, 4);
}

static void
disk_sets_a_reserve_aside(void **state)
{
	const struct folder *folder = *state;
	struct disk disk;
	struct stat about;

	make(folder, &disk, UINT64_MAX);
	assert_true(disk.has_reserve);
	assert_int_equal(fstatat(folder->fd, "reserve", &about, 0), 0);
	assert_int_equal(about.st_size, RESERVE_BYTES);
	assert_true(about.st_blocks * 512 >= RESERVE_BYTES);
}

static void
disk_takes_no_reserve_from_what_is_short(void **state)
{
	const struct folder *folder = *state;
	struct disk disk;

	make(folder, &disk, DISK_FULL_BYTES - 1);
	assert_false(disk.has_reserve);
	assert_false(folder_has(folder, "reserve"));
	assert_false(disk_on_full(&disk));
}

static void
disk_lets_its_reserve_go_once(void **state)
{
	const struct folder *folder = *state;
	struct disk disk;

	make(folder, &disk, UINT64_MAX);
	assert_true(disk_on_full(&disk));
	assert_false(folder_has(folder, "reserve"));
	assert_false(disk_on_full(&disk));
	assert_false(disk_on_full(&disk));
	/* The kernel's word stands until the next look. */
	assert_int_equal(disk_state(&disk), STORE_FULL);
	assert_int_equal(disk_credit(&disk), 0);
	assert_false(disk_has_room(&disk, 0));
	disk_look(&disk, look_ns);
	assert_int_equal(disk_state(&disk), STORE_WELL);
	assert_true(folder_has(folder, "reserve"));
	assert_true(disk_on_full(&disk));
}

static void
disk_stays_full_while_little_is_free(void **state)
{
	const struct folder *folder = *state;
	struct disk disk;

	make(folder, &disk, UINT64_MAX);
	assert_true(disk_on_full(&disk));
	free_bytes = DISK_FULL_BYTES - 1;
	disk_look(&disk, look_ns);
	assert_int_equal(disk_state(&disk), STORE_FULL);
	assert_false(folder_has(folder, "reserve"));
	assert_false(disk_on_full(&disk));
}

static void
disk_finds_its_reserve_again(void **state)
{
	const struct folder *folder = *state;
	struct disk disk;

	make(folder, &disk, UINT64_MAX);
	make(folder, &disk, 0);
	assert_true(disk.has_reserve);
	assert_true(disk_on_full(&disk));
	assert_false(folder_has(folder, "reserve"));
}

/* Where no file may grow so far: a process of its own. */
static void
disk_leaves_no_half_of_a_reserve(void **state)
{
	const struct folder *folder = *state;
	const struct rlimit limit = { RESERVE_BYTES / 2, RESERVE_BYTES / 2 };
	struct disk disk;
	pid_t child = fork();
	int status;

	if (child == 0) {
		signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
			_exit(2);
		make(folder, &disk, UINT64_MAX);
		_exit(disk.has_reserve ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_false(folder_has(folder, "reserve"));
	make(folder, &disk, UINT64_MAX);
	assert_true(disk.has_reserve);
}

static void
disk_asks_the_kernel(void **state)
{
	const struct folder *folder = *state;
	struct disk disk;

	disk_init(&disk, folder->fd, NULL, NULL);
	assert_true(disk.free_bytes > 0);
	disk_init(&disk, -1, NULL, NULL);
	assert_int_equal(disk.free_bytes, 0);
	assert_int_equal(disk_state(&disk), STORE_FULL);
}

#define CLAIM(name) \
	cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(disk_names_its_state_at_each_edge),
		CLAIM(disk_promises_only_what_is_there),
		CLAIM(disk_refuses_what_does_not_fit),
		CLAIM(disk_is_not_asked_at_every_turn),
		CLAIM(disk_sets_a_reserve_aside),
		CLAIM(disk_takes_no_reserve_from_what_is_short),
		CLAIM(disk_lets_its_reserve_go_once),
		CLAIM(disk_stays_full_while_little_is_free),
		CLAIM(disk_finds_its_reserve_again),
		CLAIM(disk_leaves_no_half_of_a_reserve),
		CLAIM(disk_asks_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
