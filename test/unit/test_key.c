#include "relay/key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "limits.h"

static char folder[64];
static char path[96];

/* Nobody else may read it. */
static void
put(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fputs(text, file) < 0, 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void
a_key_is_read_as_it_was_made(void **state)
{
	uint8_t one[TICKET_SECRET_BYTES], two[TICKET_SECRET_BYTES];
	struct stat st;

	(void)state;
	(void)unlink(path);
	assert_int_equal(key_make(path), OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(key_read(one, path), OK);
	assert_int_equal(key_make(path), ERR_EXISTS);
	assert_int_equal(key_read(two, path), OK);
	assert_memory_equal(one, two, sizeof(one));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(key_make(path), OK);
	assert_int_equal(key_read(two, path), OK);
	assert_memory_not_equal(one, two, sizeof(one));
}

static void
a_file_that_holds_no_key_is_refused(void **state)
{
	static const char key[] =
	    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	uint8_t secret[TICKET_SECRET_BYTES];
	char text[sizeof(key) + 2];

	(void)state;
	put(key);
	assert_int_equal(key_read(secret, path), OK);
	assert_int_equal(secret[31], 0x1f);
	for (size_t len = 0; len < sizeof(key) - 1; len++) {
		memcpy(text, key, len);
		text[len] = '\0';
		put(text);
		assert_int_equal(key_read(secret, path), ERR_FORMAT);
	}
	(void)snprintf(text, sizeof(text), "%s0", key);
	put(text);
	assert_int_equal(key_read(secret, path), ERR_FORMAT);
	(void)snprintf(text, sizeof(text), "%s\n\n", key);
	put(text);
	assert_int_equal(key_read(secret, path), ERR_FORMAT);
	memcpy(text, key, sizeof(key));
	text[5] = 'g';
	put(text);
	assert_int_equal(key_read(secret, path), ERR_FORMAT);
}

static void
a_key_that_anybody_may_read_is_refused(void **state)
{
	static const mode_t modes[] = { 0644, 0604, 0602, 0601, 0620, 0666 };
	uint8_t secret[TICKET_SECRET_BYTES];

	(void)state;
	(void)unlink(path);
	assert_int_equal(key_make(path), OK);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_int_equal(key_read(secret, path), ERR_DENIED);
	}
	assert_int_equal(chmod(path, 0440), 0);
	assert_int_equal(key_read(secret, path), OK);
}

static void
a_key_that_is_not_there_is_told(void **state)
{
	uint8_t secret[TICKET_SECRET_BYTES];

	(void)state;
	assert_int_equal(key_read(secret, "/nowhere/key"), ERR_IO);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(key_make("/nowhere/key"), ERR_IO);
	assert_int_equal(errno, ENOENT);
	/* A folder is none. */
	assert_int_not_equal(key_read(secret, folder), OK);
}

static void
numbers_are_decimal_and_of_31_bits(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "-1", "+1", "0x1",
		"1.0", "2147483648", "4294967296", "99999999999", "a" };
	uint32_t number;

	(void)state;
	assert_int_equal(key_read_number(&number, "0", 1), OK);
	assert_int_equal(number, 0);
	assert_int_equal(key_read_number(&number, "2147483647", 10), OK);
	assert_int_equal(number, TICKET_NUMBER_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(key_read_number(&number, bad[i],
				     strlen(bad[i])),
		    ERR_FORMAT);
}

static void
refused_numbers_come_in_order(void **state)
{
	static const uint32_t wanted[] = { 1, 5, 9, 17 };
	uint32_t *numbers;
	unsigned line;
	size_t count;

	(void)state;
	put("# taken back\n17\n\n 5 # theirs\r\n9\n\t1");
	assert_int_equal(key_read_refused(&numbers, &count, &line, path), OK);
	assert_int_equal(count, 4);
	assert_memory_equal(numbers, wanted, sizeof(wanted));
	free(numbers);
	put("");
	assert_int_equal(key_read_refused(&numbers, &count, &line, path), OK);
	assert_int_equal(count, 0);
	free(numbers);
}

static void
a_list_with_anything_else_is_refused(void **state)
{
	static const char *const bad[] = { "1\n2\nthree\n", "1\n2\n3 4\n",
		"1\n2\n2147483648", "1\n2\n-3" };
	uint32_t *numbers;
	unsigned line;
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put(bad[i]);
		assert_int_equal(key_read_refused(&numbers, &count, &line,
				     path),
		    ERR_FORMAT);
		assert_int_equal(line, 3);
		assert_null(numbers);
	}
	assert_int_equal(key_read_refused(&numbers, &count, &line, "/nowhere"),
	    ERR_IO);
	assert_null(numbers);
}

static void
a_list_too_long_is_refused(void **state)
{
	const size_t most = RELAY_REFUSED_MAX;
	char *text = malloc(most * 2 + 3);
	uint32_t *numbers;
	unsigned line;
	size_t count;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i <= most; i++)
		memcpy(text + 2 * i, "1\n", 3);
	text[2 * most] = '\0';
	put(text);
	assert_int_equal(key_read_refused(&numbers, &count, &line, path), OK);
	assert_int_equal(count, most);
	free(numbers);
	text[2 * most] = '1';
	put(text);
	assert_int_equal(key_read_refused(&numbers, &count, &line, path),
	    ERR_LIMIT);
	free(text);
}

static int
make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/quietline-key.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/key", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_read_as_it_was_made),
		cmocka_unit_test(a_file_that_holds_no_key_is_refused),
		cmocka_unit_test(a_key_that_anybody_may_read_is_refused),
		cmocka_unit_test(a_key_that_is_not_there_is_told),
		cmocka_unit_test(numbers_are_decimal_and_of_31_bits),
		cmocka_unit_test(refused_numbers_come_in_order),
		cmocka_unit_test(a_list_with_anything_else_is_refused),
		cmocka_unit_test(a_list_too_long_is_refused),
	};

	return cmocka_run_group_tests_name("key", tests, make_folder,
	    remove_folder);
}
