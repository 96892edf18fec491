#include "base/wipe.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
wipe_zeroes_exactly_what_was_asked(void **state)
{
	uint8_t bytes[8];

	(void)state;
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		memset(bytes, 0xaa, sizeof(bytes));
		wipe(bytes, len);
		for (size_t i = 0; i < sizeof(bytes); i++)
			assert_int_equal(bytes[i], i < len ? 0 : 0xaa);
	}
	wipe(NULL, 0);
}

static void
wipe_equal_sees_each_differing_bit(void **state)
{
	uint8_t a[32], b[32];

	(void)state;
	memset(a, 0x5c, sizeof(a));
	memcpy(b, a, sizeof(b));
	assert_true(wipe_equal(a, b, sizeof(a)));
	for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
		b[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(wipe_equal(a, b, sizeof(a)));
		b[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_true(wipe_equal(a, b, sizeof(a)));
}

static void
wipe_equal_looks_no_further_than_asked(void **state)
{
	(void)state;
	assert_true(wipe_equal("abc", "abd", 2));
	assert_false(wipe_equal("abc", "abd", 3));
	assert_true(wipe_equal("a", "b", 0));
}

/* Kibibytes of locked memory, by the kernel's own account. */
static long
locked_kib(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char text[256];
	long kib = -1;

	assert_non_null(f);
	while (fgets(text, sizeof(text), f) != NULL) {
		if (strncmp(text, "VmLck:", 6) == 0)
			kib = strtol(text + 6, NULL, 10);
	}
	(void)fclose(f);
	return kib;
}

/* The address sanitizer makes mlock do nothing. */
static bool
locks_are_real(void)
{
	static uint8_t page[8192];
	long before = locked_kib();
	bool are_real;

	assert_int_equal(mlock(page, sizeof(page)), 0);
	are_real = locked_kib() > before;
	assert_int_equal(munlock(page, sizeof(page)), 0);
	return are_real;
}

static void
wipe_new_gives_zeroed_locked_memory(void **state)
{
	bool are_real = locks_are_real();
	long before = locked_kib();
	uint8_t *secret = wipe_new(100);

	(void)state;
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(secret[i], 0);
	assert_int_equal((uintptr_t)secret % 4096, 0);
	if (are_real)
		assert_true(locked_kib() > before);
	memset(secret, 1, 100);
	wipe_free(secret, 100);
	assert_int_equal(locked_kib(), before);
	wipe_free(NULL, 100);
}

static void
wipe_free_gives_the_memory_back(void **state)
{
	unsigned char resident;
	void *secret = wipe_new(4096);

	(void)state;
	assert_int_equal(mincore(secret, 4096, &resident), 0);
	wipe_free(secret, 4096);
	assert_int_not_equal(mincore(secret, 4096, &resident), 0);
}

static void
child_sees_no_secret(void **state)
{
	uint8_t *secret = wipe_new(100);
	int status;
	pid_t child;

	(void)state;
	memset(secret, 7, 100);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		for (size_t i = 0; i < 100; i++) {
			if (secret[i] != 0)
				_exit(1);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(secret[99], 7);
	wipe_free(secret, 100);
}

/* What a debugger, or root, would read it by. */
static bool
shows_in_own_memory_file(const void *secret)
{
	uint8_t seen[16];
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	ssize_t len;

	assert_true(fd >= 0);
	len = pread(fd, seen, sizeof(seen), (off_t)(uintptr_t)secret);
	(void)close(fd);
	return len == sizeof(seen);
}

static bool
kernel_can_hide(void)
{
	int fd = -1;

#ifdef SYS_memfd_secret
	fd = (int)syscall(SYS_memfd_secret, 0);
	if (fd >= 0)
		(void)close(fd);
#endif
	return fd >= 0;
}

static void
hidden_memory_shows_to_nobody(void **state)
{
	uint8_t *open_secret = wipe_new(100), *secret = wipe_new_hidden(100);

	(void)state;
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(secret[i], 0);
	memset(secret, 7, 100);
	assert_int_equal(secret[99], 7);
	/* The way is one: by it, what is not hidden is seen. */
	assert_true(shows_in_own_memory_file(open_secret));
	assert_int_equal(shows_in_own_memory_file(secret), !kernel_can_hide());
	wipe_free(open_secret, 100);
	wipe_free(secret, 100);
}

static void
wipe_new_ends_the_program_without_memory(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		/* What it says belongs to no test's output. */
		(void)close(STDERR_FILENO);
		(void)wipe_new(SIZE_MAX / 2);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wipe_zeroes_exactly_what_was_asked),
		cmocka_unit_test(wipe_equal_sees_each_differing_bit),
		cmocka_unit_test(wipe_equal_looks_no_further_than_asked),
		cmocka_unit_test(wipe_new_gives_zeroed_locked_memory),
		cmocka_unit_test(wipe_free_gives_the_memory_back),
		cmocka_unit_test(child_sees_no_secret),
		cmocka_unit_test(hidden_memory_shows_to_nobody),
		cmocka_unit_test(wipe_new_ends_the_program_without_memory),
	};

	return cmocka_run_group_tests_name("wipe", tests, NULL, NULL);
}
