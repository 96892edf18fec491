#include "keeper/keyring.h"

#include <stdbool.h>

#include "base/rng.h"
#include "folder.h"
#include "limits.h"

static const char passphrase[] = "correct horse battery staple";
enum { PASSPHRASE_BYTES = sizeof(passphrase) - 1 };

static void
create(const struct folder *folder, struct store_keys *keys)
{
	assert_int_equal(keyring_create(folder->path, passphrase,
			     PASSPHRASE_BYTES, keyring_cost_least(),
			     rng_kernel(), keys),
	    OK);
}

static int
open_with(const struct folder *folder, const char *words, size_t len)
{
	static const struct store_keys none;
	struct store_keys keys;
	int rc;

	memset(&keys, 0xaa, sizeof(keys));
	rc = keyring_open(folder->path, words, len, &keys);
	if (rc != OK)
		assert_memory_equal(&keys, &none, sizeof(keys));
	return rc;
}

static void
keyring_gives_its_keys_back(void **state)
{
	struct store_keys made, found;

	create(*state, &made);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(keyring_open(((struct folder *)*state)->path,
				     passphrase, PASSPHRASE_BYTES, &found),
		    OK);
		assert_memory_equal(&made, &found, sizeof(made));
	}
	assert_memory_not_equal(made.line, made.record, STORE_KEY_BYTES);
}

static void
keyring_draws_new_keys_for_each_post(void **state)
{
	const struct folder *folder = *state;
	struct store_keys first, second;

	create(folder, &first);
	assert_int_equal(unlinkat(folder->fd, "keys", 0), 0);
	create(folder, &second);
	assert_memory_not_equal(first.line, second.line, STORE_KEY_BYTES);
	assert_memory_not_equal(first.record, second.record, STORE_KEY_BYTES);
}

static void
keyring_file_is_private_and_shows_no_key(void **state)
{
	const struct folder *folder = *state;
	struct store_keys keys;
	struct stat about;
	uint8_t *bytes;
	size_t len;

	create(folder, &keys);
	assert_int_equal(fstatat(folder->fd, "keys", &about, 0), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	bytes = folder_read(folder, "keys", &len);
	assert_null(memmem(bytes, len, keys.line, 8));
	assert_null(memmem(bytes, len, keys.record, 8));
	assert_null(memmem(bytes, len, passphrase, PASSPHRASE_BYTES));
	assert_false(folder_has(folder, "keys.new"));
	free(bytes);
}

static void
keyring_refuses_another_passphrase(void **state)
{
	const struct folder *folder = *state;
	char longer[PASSPHRASE_BYTES_MAX + 1] = { 0 };
	struct store_keys keys;

	create(folder, &keys);
	memcpy(longer, passphrase, PASSPHRASE_BYTES);
	assert_int_equal(open_with(folder, "", 0), ERR_DENIED);
	assert_int_equal(open_with(folder, passphrase, PASSPHRASE_BYTES - 1),
	    ERR_DENIED);
	assert_int_equal(open_with(folder, longer, PASSPHRASE_BYTES + 1),
	    ERR_DENIED);
	assert_int_equal(open_with(folder, longer, sizeof(longer)), ERR_DENIED);
	longer[0] = 'C';
	assert_int_equal(open_with(folder, longer, PASSPHRASE_BYTES),
	    ERR_DENIED);
	assert_int_equal(open_with(folder, passphrase, PASSPHRASE_BYTES), OK);
}

static void
keyring_refuses_passphrases_out_of_bounds(void **state)
{
	const struct folder *folder = *state;
	const char words[PASSPHRASE_BYTES_MAX + 1] = { 'x' };
	struct store_keys keys;

	assert_int_equal(keyring_create(folder->path, words, 0,
			     keyring_cost_least(), rng_kernel(), &keys),
	    ERR_SIZE);
	assert_int_equal(keyring_create(folder->path, words, sizeof(words),
			     keyring_cost_least(), rng_kernel(), &keys),
	    ERR_SIZE);
	assert_false(folder_has(folder, "keys"));
	assert_int_equal(keyring_create(folder->path, words,
			     PASSPHRASE_BYTES_MAX, keyring_cost_least(),
			     rng_kernel(), &keys),
	    OK);
	assert_int_equal(open_with(folder, words, PASSPHRASE_BYTES_MAX), OK);
}

static void
keyring_refuses_costs_out_of_bounds(void **state)
{
	const struct folder *folder = *state;
	const struct keyring_cost least = keyring_cost_least();
	struct keyring_cost costs[] = { least, least, least, least };
	struct store_keys keys;

	costs[0].passes--;
	costs[1].memory_bytes--;
	costs[2].passes = (uint64_t)KEYRING_PASSES_MAX + 1;
	costs[3].memory_bytes = (uint64_t)KEYRING_MEMORY_BYTES_MAX + 1;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(keyring_create(folder->path, "x", 1, costs[i],
				     rng_kernel(), &keys),
		    ERR_LIMIT);
		assert_false(folder_has(folder, "keys"));
	}
	assert_int_equal(keyring_cost_default().passes, KEYRING_PASSES);
	assert_int_equal(keyring_cost_default().memory_bytes,
	    KEYRING_MEMORY_BYTES);
}

static void
keyring_never_replaces_a_post(void **state)
{
	const struct folder *folder = *state;
	struct store_keys first, second;
	uint8_t *before, *after;
	size_t before_len, after_len;

	create(folder, &first);
	before = folder_read(folder, "keys", &before_len);
	assert_int_equal(keyring_create(folder->path, "other", 5,
			     keyring_cost_least(), rng_kernel(), &second),
	    ERR_EXISTS);
	after = folder_read(folder, "keys", &after_len);
	assert_int_equal(before_len, after_len);
	assert_memory_equal(before, after, before_len);
	free(before);
	free(after);
}

static void
keyring_refuses_where_there_is_no_post(void **state)
{
	const struct folder *folder = *state;
	struct store_keys keys;

	assert_int_equal(open_with(folder, passphrase, PASSPHRASE_BYTES),
	    ERR_NOT_FOUND);
	assert_int_equal(keyring_open("/nowhere/at/all", passphrase,
			     PASSPHRASE_BYTES, &keys),
	    ERR_NOT_FOUND);
	assert_int_equal(keyring_create("/nowhere/at/all", passphrase,
			     PASSPHRASE_BYTES, keyring_cost_least(),
			     rng_kernel(), &keys),
	    ERR_IO);
	/* A link is not followed, wherever it leads. */
	assert_int_equal(symlinkat("elsewhere", folder->fd, "keys"), 0);
	assert_int_equal(open_with(folder, passphrase, PASSPHRASE_BYTES),
	    ERR_IO);
}

static void
keyring_refuses_each_length_but_its_own(void **state)
{
	const struct folder *folder = *state;
	struct store_keys keys;
	uint8_t *bytes;
	size_t len;

	create(folder, &keys);
	bytes = folder_read(folder, "keys", &len);
	for (size_t cut = 0; cut < len; cut++) {
		folder_write(folder, "keys", bytes, cut);
		assert_int_equal(open_with(folder, passphrase,
				     PASSPHRASE_BYTES),
		    ERR_FORMAT);
	}
	bytes[len] = 0;
	folder_write(folder, "keys", bytes, len + 1);
	assert_int_equal(open_with(folder, passphrase, PASSPHRASE_BYTES),
	    ERR_FORMAT);
	folder_write(folder, "keys", bytes, len);
	assert_int_equal(open_with(folder, passphrase, PASSPHRASE_BYTES), OK);
	free(bytes);
}

static void
keyring_refuses_each_bit_flipped(void **state)
{
	/* Costs that a flip makes large are refused or slow: see the next. */
	enum { COST_AT = 16, COST_END = 32 };
	const struct folder *folder = *state;
	struct store_keys keys;
	uint8_t *bytes;
	size_t len;
	int rc;

	create(folder, &keys);
	bytes = folder_read(folder, "keys", &len);
	for (size_t i = 0; i < 8 * len; i++) {
		if (i / 8 >= COST_AT && i / 8 < COST_END)
			continue;
		folder_flip(folder, "keys", i / 8, i % 8);
		rc = open_with(folder, passphrase, PASSPHRASE_BYTES);
		assert_true(
		    rc == ERR_DENIED || rc == ERR_FORMAT || rc == ERR_VERSION);
		folder_write(folder, "keys", bytes, len);
	}
	free(bytes);
}

static void
keyring_refuses_a_file_that_would_take_forever(void **state)
{
	const struct folder *folder = *state;
	struct store_keys keys;

	create(folder, &keys);
	folder_flip(folder, "keys", 16 + 7, 7); /* passes */
	assert_int_equal(open_with(folder, passphrase, PASSPHRASE_BYTES),
	    ERR_FORMAT);
	folder_flip(folder, "keys", 16 + 7, 7);
	folder_flip(folder, "keys", 24 + 4, 0); /* 4 GiB more */
	assert_int_equal(open_with(folder, passphrase, PASSPHRASE_BYTES),
	    ERR_FORMAT);
	folder_flip(folder, "keys", 24 + 4, 0);
	/* Cheaper than it was made is another key. */
	folder_flip(folder, "keys", 16, 1);
	assert_int_equal(open_with(folder, passphrase, PASSPHRASE_BYTES),
	    ERR_DENIED);
}

static void
keyring_tells_a_later_version(void **state)
{
	const struct folder *folder = *state;
	struct store_keys keys;
	uint8_t *bytes;
	size_t len;

	create(folder, &keys);
	bytes = folder_read(folder, "keys", &len);
	bytes[15] = 2;
	folder_write(folder, "keys", bytes, len);
	assert_int_equal(open_with(folder, passphrase, PASSPHRASE_BYTES),
	    ERR_VERSION);
	folder_write(folder, "keys", bytes, 20);
	assert_int_equal(open_with(folder, passphrase, PASSPHRASE_BYTES),
	    ERR_VERSION);
	bytes[15] = 0;
	folder_write(folder, "keys", bytes, len);
	assert_int_equal(open_with(folder, passphrase, PASSPHRASE_BYTES),
	    ERR_FORMAT);
	free(bytes);
}

#define CLAIM(name) \
	cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(keyring_gives_its_keys_back),
		CLAIM(keyring_draws_new_keys_for_each_post),
		CLAIM(keyring_file_is_private_and_shows_no_key),
		CLAIM(keyring_refuses_another_passphrase),
		CLAIM(keyring_refuses_passphrases_out_of_bounds),
		CLAIM(keyring_refuses_costs_out_of_bounds),
		CLAIM(keyring_never_replaces_a_post),
		CLAIM(keyring_refuses_where_there_is_no_post),
		CLAIM(keyring_refuses_each_length_but_its_own),
		CLAIM(keyring_refuses_each_bit_flipped),
		CLAIM(keyring_refuses_a_file_that_would_take_forever),
		CLAIM(keyring_tells_a_later_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
