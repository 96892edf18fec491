#include "keeper/attachment.h"

#include "base/rng.h"
#include "folder.h"

static uint8_t plain[PIECE_PLAIN_BYTES];
static bool folder_failed;

static void
fill(uint8_t seed)
{
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 31 + i / 256 + seed);
}

/* Writes an attachment of so many bytes, each piece filled by its number. */
static void
make(const struct folder *folder, struct attachment_file *file, uint64_t bytes)
{
	const uint64_t pieces = attachment_pieces(bytes);

	assert_int_equal(attachment_create(file, folder->fd, rng_kernel()), OK);
	for (uint64_t i = 0; i < pieces; i++) {
		fill((uint8_t)i);
		assert_int_equal(attachment_write(file, i, i + 1 == pieces,
				     plain, attachment_piece_bytes(bytes, i)),
		    OK);
	}
	assert_int_equal(attachment_sync(file, folder->fd, &folder_failed), OK);
}

static int
read_piece(struct attachment_file *file, uint64_t piece, bool last, size_t len)
{
	static uint8_t found[PIECE_PLAIN_BYTES];
	int rc;

	memset(found, 0xaa, sizeof(found));
	rc = attachment_read(file, piece, last, found, len);
	fill((uint8_t)piece);
	if (rc == OK)
		assert_memory_equal(found, plain, len);
	else if (len > 0)
		assert_memory_not_equal(found, plain, len < 64 ? len : 64);
	return rc;
}

static void
attachment_counts_its_pieces(void **state)
{
	(void)state;
	assert_int_equal(attachment_pieces(0), 1);
	assert_int_equal(attachment_pieces(1), 1);
	assert_int_equal(attachment_pieces(PIECE_PLAIN_BYTES - 1), 1);
	assert_int_equal(attachment_pieces(PIECE_PLAIN_BYTES), 1);
	assert_int_equal(attachment_pieces(PIECE_PLAIN_BYTES + 1), 2);
	assert_int_equal(attachment_pieces(ATTACHMENT_BYTES_MAX),
	    ATTACHMENT_BYTES_MAX / PIECE_PLAIN_BYTES);
	assert_int_equal(attachment_piece_bytes(0, 0), 0);
	assert_int_equal(attachment_piece_bytes(1, 0), 1);
	assert_int_equal(attachment_piece_bytes(PIECE_PLAIN_BYTES, 0),
	    PIECE_PLAIN_BYTES);
	assert_int_equal(attachment_piece_bytes(PIECE_PLAIN_BYTES + 1, 0),
	    PIECE_PLAIN_BYTES);
	assert_int_equal(attachment_piece_bytes(PIECE_PLAIN_BYTES + 1, 1), 1);
}

static void
attachment_gives_back_what_was_written(void **state)
{
	static const uint64_t sizes[] = { 0, 1, PIECE_PLAIN_BYTES - 1,
		PIECE_PLAIN_BYTES, PIECE_PLAIN_BYTES + 1,
		3 * PIECE_PLAIN_BYTES };
	const struct folder *folder = *state;
	struct attachment_file file, again;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const uint64_t pieces = attachment_pieces(sizes[i]);

		make(folder, &file, sizes[i]);
		assert_int_equal(attachment_open(&again, folder->fd, file.name,
				     file.key, NULL),
		    OK);
		/* Backwards: each piece stands alone. */
		for (uint64_t p = pieces; p-- > 0;)
			assert_int_equal(read_piece(&again, p, p + 1 == pieces,
					     attachment_piece_bytes(sizes[i],
						 p)),
			    OK);
		attachment_close(&again);
		attachment_close(&file);
	}
}

static void
attachment_file_is_private_and_shows_nothing(void **state)
{
	const struct folder *folder = *state;
	struct attachment_file file, other;
	struct stat about;
	uint8_t *bytes;
	size_t len;

	make(folder, &file, 1000);
	make(folder, &other, 1000);
	assert_string_not_equal(file.name, other.name);
	assert_memory_not_equal(file.key, other.key, sizeof(file.key));
	assert_int_equal(strlen(file.name), ATTACHMENT_FILE_NAME_BYTES - 1);
	assert_int_equal(strspn(file.name, "0123456789abcdef"),
	    ATTACHMENT_FILE_NAME_BYTES - 1);
	assert_int_equal(fstatat(folder->fd, file.name, &about, 0), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	bytes = folder_read(folder, file.name, &len);
	assert_int_equal(len, 1000 + ATTACHMENT_SEAL_BYTES);
	fill(0);
	assert_null(memmem(bytes, len, plain, 8));
	assert_null(memmem(bytes, len, file.key, 8));
	free(bytes);
	attachment_close(&file);
	attachment_close(&other);
}

static void
attachment_refuses_each_bit_flipped(void **state)
{
	const struct folder *folder = *state;
	struct attachment_file file;

	make(folder, &file, 20);
	for (size_t i = 0; i < 8 * (20 + ATTACHMENT_SEAL_BYTES); i++) {
		folder_flip(folder, file.name, i / 8, i % 8);
		assert_int_equal(read_piece(&file, 0, true, 20), ERR_CRYPTO);
		folder_flip(folder, file.name, i / 8, i % 8);
	}
	assert_int_equal(read_piece(&file, 0, true, 20), OK);
	attachment_close(&file);
}

static void
attachment_refuses_a_piece_out_of_place(void **state)
{
	const struct folder *folder = *state;
	const uint64_t size = 3 * PIECE_PLAIN_BYTES;
	struct attachment_file file;
	uint8_t *bytes, *swapped;
	size_t len;

	make(folder, &file, size);
	bytes = folder_read(folder, file.name, &len);
	swapped = malloc(len);
	memcpy(swapped, bytes + ATTACHMENT_SEALED_BYTES,
	    ATTACHMENT_SEALED_BYTES);
	memcpy(swapped + ATTACHMENT_SEALED_BYTES, bytes,
	    ATTACHMENT_SEALED_BYTES);
	memcpy(swapped + 2 * ATTACHMENT_SEALED_BYTES,
	    bytes + 2 * ATTACHMENT_SEALED_BYTES, ATTACHMENT_SEALED_BYTES);
	folder_write(folder, file.name, swapped, len);
	assert_int_equal(read_piece(&file, 0, false, PIECE_PLAIN_BYTES),
	    ERR_CRYPTO);
	assert_int_equal(read_piece(&file, 1, false, PIECE_PLAIN_BYTES),
	    ERR_CRYPTO);
	assert_int_equal(read_piece(&file, 2, true, PIECE_PLAIN_BYTES), OK);
	free(bytes);
	free(swapped);
	attachment_close(&file);
}

/* The last piece says so: a file cut at a piece's edge is no shorter file. */
static void
attachment_refuses_a_file_cut_short(void **state)
{
	const struct folder *folder = *state;
	const uint64_t size = 2 * PIECE_PLAIN_BYTES;
	struct attachment_file file;

	make(folder, &file, size);
	assert_int_equal(read_piece(&file, 1, false, PIECE_PLAIN_BYTES),
	    ERR_CRYPTO);
	assert_int_equal(read_piece(&file, 0, true, PIECE_PLAIN_BYTES),
	    ERR_CRYPTO);
	assert_int_equal(read_piece(&file, 1, true, PIECE_PLAIN_BYTES - 1),
	    ERR_CRYPTO);
	assert_int_equal(ftruncate(file.fd, ATTACHMENT_SEALED_BYTES + 100), 0);
	assert_int_equal(read_piece(&file, 1, true, PIECE_PLAIN_BYTES),
	    ERR_CRYPTO);
	assert_int_equal(ftruncate(file.fd, ATTACHMENT_SEALED_BYTES), 0);
	assert_int_equal(read_piece(&file, 1, true, PIECE_PLAIN_BYTES),
	    ERR_CRYPTO);
	assert_int_equal(read_piece(&file, 2, true, 0), ERR_CRYPTO);
	assert_int_equal(read_piece(&file, 0, false, PIECE_PLAIN_BYTES), OK);
	attachment_close(&file);
}

static void
attachment_refuses_another_key(void **state)
{
	const struct folder *folder = *state;
	struct attachment_file file, other;
	uint8_t key[AEAD_KEY_BYTES];

	make(folder, &file, 100);
	for (size_t i = 0; i < 8 * sizeof(key); i += 37) {
		memcpy(key, file.key, sizeof(key));
		key[i / 8] = (uint8_t)(key[i / 8] ^ (1u << i % 8));
		assert_int_equal(attachment_open(&other, folder->fd, file.name,
				     key, NULL),
		    OK);
		assert_int_equal(read_piece(&other, 0, true, 100), ERR_CRYPTO);
		attachment_close(&other);
	}
	attachment_close(&file);
}

static void
attachment_refuses_what_is_not_its_file(void **state)
{
	const struct folder *folder = *state;
	const uint8_t key[AEAD_KEY_BYTES] = { 0 };
	const struct rng rng = rng_kernel();
	struct attachment_file file;

	assert_int_equal(attachment_open(&file, folder->fd,
			     "00000000000000000000000000000000", key, NULL),
	    ERR_NOT_FOUND);
	assert_false(file.open);
	assert_int_equal(attachment_open(&file, folder->fd, "", key, NULL),
	    ERR_NOT_FOUND);
	/* Neither a link nor a folder in its place. */
	assert_int_equal(symlinkat("/etc/passwd", folder->fd, "link"), 0);
	assert_int_equal(attachment_open(&file, folder->fd, "link", key, NULL),
	    ERR_IO);
	assert_int_equal(attachment_open(&file, folder->fd, ".", key, &rng),
	    ERR_IO);
	attachment_close(&file);
}

static void
attachment_says_where_it_cannot_be_made(void **state)
{
	struct attachment_file file;

	(void)state;
	assert_int_equal(attachment_create(&file, -1, rng_kernel()), ERR_IO);
	assert_false(file.open);
	attachment_close(&file);
}

static void
attachment_may_be_written_again_until_it_is_right(void **state)
{
	const struct folder *folder = *state;
	struct attachment_file file;
	uint8_t *first, *second;
	size_t len;

	make(folder, &file, 10);
	fill(9);
	assert_int_equal(attachment_write(&file, 0, true, plain, 10), OK);
	first = folder_read(folder, file.name, &len);
	assert_int_equal(attachment_write(&file, 0, true, plain, 10), OK);
	second = folder_read(folder, file.name, &len);
	/* The same bytes twice show nothing of each other: another nonce. */
	assert_memory_not_equal(first + ATTACHMENT_SALT_BYTES,
	    second + ATTACHMENT_SALT_BYTES, 10);
	free(first);
	free(second);
	fill(0);
	assert_int_equal(attachment_write(&file, 0, true, plain, 10), OK);
	assert_int_equal(attachment_sync(&file, folder->fd, &folder_failed),
	    OK);
	assert_int_equal(read_piece(&file, 0, true, 10), OK);
	attachment_close(&file);
}

/* A pipe stands in for the disk that fails: it takes bytes, and no sync. */
static void
attachment_tells_of_a_sync_that_failed(void **state)
{
	const struct folder *folder = *state;
	struct attachment_file file;
	int ends[2];

	make(folder, &file, 10);
	fill(1);
	assert_int_equal(attachment_write(&file, 0, true, plain, 10), OK);
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], file.fd) >= 0);
	assert_int_equal(attachment_sync(&file, folder->fd, &folder_failed),
	    ERR_IO);
	assert_false(folder_failed);
	assert_true(file.unsynced);
	close(ends[0]);
	close(ends[1]);
	attachment_close(&file);
}

static void
attachment_is_gone_once_removed(void **state)
{
	const struct folder *folder = *state;
	struct attachment_file file;
	char name[ATTACHMENT_FILE_NAME_BYTES];

	make(folder, &file, 10);
	memcpy(name, file.name, sizeof(name));
	attachment_close(&file);
	assert_true(folder_has(folder, name));
	attachment_remove(folder->fd, name);
	assert_false(folder_has(folder, name));
	attachment_remove(folder->fd, name);
}

static void
attachment_forgets_its_key_when_closed(void **state)
{
	static const struct attachment_file none;
	const struct folder *folder = *state;
	struct attachment_file file;

	make(folder, &file, 10);
	attachment_close(&file);
	assert_memory_equal(&file, &none, sizeof(file));
	attachment_close(&file);
}

static void
attachment_batch_goes_or_stays_together(void **state)
{
	const struct folder *folder = *state;
	struct attachment_batch batch = { .count = 0 };
	struct attachment_file files[40];

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 40; i++) {
			make(folder, &files[i], 1);
			assert_int_equal(attachment_batch_add(&batch,
					     files[i].name),
			    OK);
		}
		if (round == 0)
			attachment_batch_forget(&batch);
		else
			attachment_batch_remove(&batch, folder->fd);
		assert_int_equal(batch.count, 0);
		for (size_t i = 0; i < 40; i++) {
			assert_int_equal(folder_has(folder, files[i].name),
			    round == 0);
			attachment_close(&files[i]);
		}
	}
	attachment_batch_remove(&batch, folder->fd);
	attachment_batch_forget(&batch);
}

#define CLAIM(name) \
	cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attachment_counts_its_pieces),
		CLAIM(attachment_gives_back_what_was_written),
		CLAIM(attachment_file_is_private_and_shows_nothing),
		CLAIM(attachment_refuses_each_bit_flipped),
		CLAIM(attachment_refuses_a_piece_out_of_place),
		CLAIM(attachment_refuses_a_file_cut_short),
		CLAIM(attachment_refuses_another_key),
		CLAIM(attachment_refuses_what_is_not_its_file),
		CLAIM(attachment_says_where_it_cannot_be_made),
		CLAIM(attachment_may_be_written_again_until_it_is_right),
		CLAIM(attachment_tells_of_a_sync_that_failed),
		CLAIM(attachment_is_gone_once_removed),
		CLAIM(attachment_forgets_its_key_when_closed),
		CLAIM(attachment_batch_goes_or_stays_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
