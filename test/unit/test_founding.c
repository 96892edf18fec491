#include "keeper/founding.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/rng.h"
#include "folder.h"
#include "keeper/keeper.h"

static int
create(const char *folder)
{
	return keeper_create(folder, "alfa", NULL, "open sesame", 11,
	    keyring_cost_least(), rng_kernel());
}

static int
unlock(const char *folder)
{
	struct store_keys keys;

	return keyring_open(folder, "open sesame", 11, &keys);
}

static int
put(const struct folder *folder, const char *name)
{
	return openat(folder->fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static void
founding_leaves_no_mark_on_a_finished_post(void **state)
{
	const struct folder *folder = *state;
	struct stat about;

	assert_int_equal(create(folder->path), OK);
	assert_false(founding_is_unfinished(folder->path));
	assert_false(folder_has(folder, "unfinished"));
	assert_int_equal(fstat(folder->fd, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0700);
	assert_int_equal(unlock(folder->path), OK);
	assert_int_equal(create(folder->path), ERR_EXISTS);
	assert_int_equal(unlock(folder->path), OK);
}

/* Whatever was there when the machine stopped. */
static void
founding_begins_again_where_it_had_stopped(void **state)
{
	static const char *const names[] = { "unfinished", "keys.new", "keys",
		"line.db", "line.db-wal", "record.db", "record.db-wal" };
	const struct folder *folder = *state;

	for (size_t stop = 1; stop <= sizeof(names) / sizeof(names[0]);
	     stop++) {
		for (size_t i = 0; i < stop; i++)
			close(put(folder, names[i]));
		assert_true(founding_is_unfinished(folder->path));
		assert_int_equal(unlock(folder->path), ERR_NOT_FOUND);
		assert_int_equal(create(folder->path), OK);
		assert_int_equal(unlock(folder->path), OK);
	}
}

static void
founding_takes_no_folder_that_may_hold_a_post(void **state)
{
	static const char *const names[] = { "keys", "line.db", "line.db-wal",
		"record.db", "record.db-wal" };
	const struct folder *folder = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		close(put(folder, names[i]));
		assert_int_equal(create(folder->path), ERR_EXISTS);
		assert_true(folder_has(folder, names[i]));
		assert_false(folder_has(folder, "unfinished"));
		assert_int_equal(unlinkat(folder->fd, names[i], 0), 0);
	}
	/* What is nobody's post is let alone. */
	close(put(folder, "letter.txt"));
	assert_int_equal(create(folder->path), OK);
	assert_true(folder_has(folder, "letter.txt"));
}

static void
founding_undoes_what_it_made(void **state)
{
	const struct folder *folder = *state;

	assert_int_equal(founding_begin(folder->path), OK);
	close(put(folder, "keys"));
	close(put(folder, "record.db"));
	founding_undo(folder->path);
	assert_false(folder_has(folder, "keys"));
	assert_false(folder_has(folder, "record.db"));
	assert_false(folder_has(folder, "unfinished"));
	assert_int_equal(create(folder->path), OK);
}

static void
founding_says_where_there_can_be_no_folder(void **state)
{
	const struct folder *folder = *state;
	char path[128];

	assert_int_equal(founding_begin("/nowhere/at/all"), ERR_IO);
	assert_int_equal(founding_end("/nowhere/at/all"), ERR_IO);
	founding_undo("/nowhere/at/all");
	assert_false(founding_is_unfinished("/nowhere/at/all"));
	close(put(folder, "file"));
	snprintf(path, sizeof(path), "%s/file", folder->path);
	assert_int_equal(founding_begin(path), ERR_IO);
}

/* Killed somewhere within; then made, and made only once. */
static void
founding_survives_being_killed(void **state)
{
	const struct folder *folder = *state;
	char path[128];
	unsigned finished = 0;

	for (useconds_t i = 0; i < 40; i++) {
		pid_t child;
		int status, rc;

		snprintf(path, sizeof(path), "%s/post-%u", folder->path, i);
		if ((child = fork()) == 0)
			_exit(create(path) == OK ? 0 : 1);
		usleep(i * 250);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		rc = create(path);
		if (WIFEXITED(status) || rc != OK) {
			assert_int_equal(rc, ERR_EXISTS);
			finished++;
		}
		assert_int_equal(unlock(path), OK);
		assert_false(founding_is_unfinished(path));
	}
	print_message("%u of 40 were finished in time\n", finished);
	snprintf(path, sizeof(path), "rm -rf %s/post-*", folder->path);
	assert_int_equal(system(path), 0);
}

#define CLAIM(name) \
	cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(founding_leaves_no_mark_on_a_finished_post),
		CLAIM(founding_begins_again_where_it_had_stopped),
		CLAIM(founding_takes_no_folder_that_may_hold_a_post),
		CLAIM(founding_undoes_what_it_made),
		CLAIM(founding_says_where_there_can_be_no_folder),
		CLAIM(founding_survives_being_killed),
	};

	return cmocka_run_group_tests_name("founding", tests, NULL, NULL);
}
