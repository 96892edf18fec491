#include "keeper/upload.h"

#include "base/rng.h"
#include "folder.h"

static uint8_t bytes[3 * PIECE_PLAIN_BYTES];

struct trial {
	struct folder *folder;
	struct uploads uploads;
};

static int
setup(void **state)
{
	struct trial *trial = calloc(1, sizeof(*trial));
	void *folder;

	folder_setup(&folder);
	trial->folder = folder;
	uploads_init(&trial->uploads, trial->folder->fd);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251);
	*state = trial;
	return 0;
}

static int
teardown(void **state)
{
	struct trial *trial = *state;
	void *folder = trial->folder;

	uploads_drop_all(&trial->uploads);
	folder_teardown(&folder);
	free(trial);
	return 0;
}

static struct upload *
begin(struct trial *trial)
{
	uint64_t id = 0;
	struct upload *upload;

	assert_int_equal(upload_open(&trial->uploads, rng_kernel(), &id), OK);
	upload = upload_find(&trial->uploads, id);
	assert_non_null(upload);
	assert_int_equal(upload->id, id);
	return upload;
}

/* Hands in len bytes, step by step. */
static void
append(struct upload *upload, size_t len, size_t step)
{
	size_t now;

	for (size_t done = 0; done < len; done += now) {
		now = len - done < step ? len - done : step;
		assert_int_equal(upload_append(upload, bytes + done, now), OK);
	}
}

static void
check_file(struct trial *trial, struct upload *upload, size_t len)
{
	static uint8_t plain[PIECE_PLAIN_BYTES];
	const struct hash_part all = { bytes, len };
	const uint64_t pieces = attachment_pieces(len);
	uint8_t hash[HASH_BYTES];
	size_t piece_len;

	hash_parts(hash, &all, 1);
	assert_memory_equal(upload->hash, hash, sizeof(hash));
	assert_int_equal(upload->bytes, len);
	for (uint64_t i = 0; i < pieces; i++) {
		piece_len = attachment_piece_bytes(len, i);
		assert_int_equal(attachment_read(&upload->file, i,
				     i + 1 == pieces, plain, piece_len),
		    OK);
		assert_memory_equal(plain, bytes + i * PIECE_PLAIN_BYTES,
		    piece_len);
	}
	upload_drop(&trial->uploads, upload);
}

static void
upload_keeps_every_byte_at_every_edge(void **state)
{
	static const size_t sizes[] = { 0, 1, PIECE_PLAIN_BYTES - 1,
		PIECE_PLAIN_BYTES, PIECE_PLAIN_BYTES + 1, 2 * PIECE_PLAIN_BYTES,
		3 * PIECE_PLAIN_BYTES };
	static const size_t steps[] = { 997, PIECE_PLAIN_BYTES,
		3 * PIECE_PLAIN_BYTES };
	struct trial *trial = *state;
	struct upload *upload;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (size_t j = 0; j < sizeof(steps) / sizeof(steps[0]); j++) {
			upload = begin(trial);
			append(upload, sizes[i], steps[j]);
			assert_int_equal(upload_finish(&trial->uploads, upload),
			    OK);
			check_file(trial, upload, sizes[i]);
		}
	}
}

static void
upload_holds_no_more_than_a_piece(void **state)
{
	struct trial *trial = *state;
	struct upload *upload = begin(trial);

	for (int i = 0; i < 100; i++) {
		append(upload, sizeof(bytes), sizeof(bytes));
		assert_true(upload->plain_len <= PIECE_PLAIN_BYTES);
	}
	assert_int_equal(upload_finish(&trial->uploads, upload), OK);
	assert_null(upload->plain);
}

static void
upload_refuses_bytes_after_its_end(void **state)
{
	struct trial *trial = *state;
	struct upload *upload = begin(trial);

	append(upload, 10, 10);
	assert_int_equal(upload_finish(&trial->uploads, upload), OK);
	assert_int_equal(upload_append(upload, bytes, 1), ERR_STATE);
	assert_int_equal(upload_append(upload, bytes, 0), ERR_STATE);
	assert_int_equal(upload_finish(&trial->uploads, upload), ERR_STATE);
	check_file(trial, upload, 10);
}

static void
upload_refuses_more_than_an_attachment_may_be(void **state)
{
	struct trial *trial = *state;
	struct upload *upload = begin(trial);

	/* Its count alone: nobody writes that much here. */
	upload->bytes = ATTACHMENT_BYTES_MAX - 5;
	assert_int_equal(upload_append(upload, bytes, 6), ERR_LIMIT);
	assert_int_equal(upload_append(upload, bytes, sizeof(bytes)),
	    ERR_LIMIT);
	assert_int_equal(upload->bytes, ATTACHMENT_BYTES_MAX - 5);
	assert_int_equal(upload_append(upload, bytes, 5), OK);
	assert_int_equal(upload_append(upload, bytes, 1), ERR_LIMIT);
	upload_drop(&trial->uploads, upload);
}

static void
upload_refuses_too_many_under_way(void **state)
{
	struct trial *trial = *state;
	struct upload *upload = NULL;
	uint64_t id = 0;

	for (int i = 0; i < UPLOADS_OPEN_MAX; i++)
		upload = begin(trial);
	assert_int_equal(upload_open(&trial->uploads, rng_kernel(), &id),
	    ERR_LIMIT);
	upload_drop(&trial->uploads, upload);
	begin(trial);
	assert_int_equal(upload_open(&trial->uploads, rng_kernel(), &id),
	    ERR_LIMIT);
}

static void
upload_drops_the_oldest_that_waits(void **state)
{
	struct trial *trial = *state;
	const uint64_t first = begin(trial)->id;
	char name[ATTACHMENT_FILE_NAME_BYTES] = "";
	struct upload *upload;

	for (int i = 0; i < UPLOADS_MAX - 1; i++) {
		upload = begin(trial);
		assert_int_equal(upload_finish(&trial->uploads, upload), OK);
		if (i == 0)
			memcpy(name, upload->file.name, sizeof(name));
	}
	begin(trial);
	/* Not the one that is still under way. */
	assert_non_null(upload_find(&trial->uploads, first));
	assert_null(upload_find(&trial->uploads, first + 1));
	assert_non_null(upload_find(&trial->uploads, first + 2));
	assert_int_not_equal(faccessat(trial->folder->fd, name, F_OK, 0), 0);
}

static void
upload_is_not_found_by_what_it_is_not(void **state)
{
	struct trial *trial = *state;
	struct upload *upload = begin(trial);
	const uint64_t id = upload->id;

	assert_null(upload_find(&trial->uploads, 0));
	assert_null(upload_find(&trial->uploads, id + 1));
	assert_null(upload_find(&trial->uploads, UINT64_MAX));
	upload_drop(&trial->uploads, upload);
	assert_null(upload_find(&trial->uploads, id));
	/* A number is never given twice. */
	assert_true(begin(trial)->id > id);
}

static void
upload_leaves_no_file_when_dropped(void **state)
{
	struct trial *trial = *state;
	struct upload *upload = begin(trial);
	char name[ATTACHMENT_FILE_NAME_BYTES];

	memcpy(name, upload->file.name, sizeof(name));
	append(upload, 100000, 1000);
	assert_true(folder_has(trial->folder, name));
	upload_drop(&trial->uploads, upload);
	assert_false(folder_has(trial->folder, name));
	upload = begin(trial);
	memcpy(name, upload->file.name, sizeof(name));
	assert_int_equal(upload_finish(&trial->uploads, upload), OK);
	uploads_drop_all(&trial->uploads);
	assert_false(folder_has(trial->folder, name));
}

static void
upload_leaves_its_file_to_a_message(void **state)
{
	static const struct upload none;
	struct trial *trial = *state;
	struct upload *upload = begin(trial);
	char name[ATTACHMENT_FILE_NAME_BYTES];

	memcpy(name, upload->file.name, sizeof(name));
	append(upload, 10, 10);
	assert_int_equal(upload_finish(&trial->uploads, upload), OK);
	upload_release(upload);
	assert_memory_equal(upload, &none, sizeof(none));
	uploads_drop_all(&trial->uploads);
	assert_true(folder_has(trial->folder, name));
}

static void
upload_says_where_it_cannot_begin(void **state)
{
	struct trial *trial = *state;
	uint64_t id = 0;

	trial->uploads.folder_fd = -1;
	assert_int_equal(upload_open(&trial->uploads, rng_kernel(), &id),
	    ERR_IO);
	trial->uploads.folder_fd = trial->folder->fd;
	assert_int_equal(begin(trial)->id, 1);
}

static void
upload_says_what_could_not_be_written(void **state)
{
	struct trial *trial = *state;
	struct upload *upload = begin(trial);
	const int full = open("/dev/full", O_RDWR | O_CLOEXEC);

	if (full < 0)
		skip();
	append(upload, PIECE_PLAIN_BYTES, PIECE_PLAIN_BYTES);
	assert_int_equal(dup3(full, upload->file.fd, O_CLOEXEC),
	    upload->file.fd);
	assert_int_equal(upload_append(upload, bytes, 1), ERR_FULL);
	upload_drop(&trial->uploads, upload);
	upload = begin(trial);
	append(upload, 1, 1);
	assert_int_equal(dup3(full, upload->file.fd, O_CLOEXEC),
	    upload->file.fd);
	assert_int_equal(upload_finish(&trial->uploads, upload), ERR_FULL);
	assert_false(upload->done);
	upload_drop(&trial->uploads, upload);
	close(full);
}

/* A sync that fails takes what it guarded along, and nothing else. */
static void
upload_that_did_not_sync_is_lost(void **state)
{
	struct trial *trial = *state;
	struct upload *upload = begin(trial);
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const int folder_fd = trial->uploads.folder_fd;

	assert_true(null >= 0);
	append(upload, 10, 10);
	assert_int_equal(dup3(null, upload->file.fd, O_CLOEXEC),
	    upload->file.fd);
	assert_int_equal(upload_finish(&trial->uploads, upload), ERR_IO);
	assert_false(upload->done);
	assert_false(trial->uploads.failed);
	upload_drop(&trial->uploads, upload);
	upload = begin(trial);
	append(upload, 10, 10);
	assert_int_equal(upload_finish(&trial->uploads, upload), OK);
	/* The folder: no name that was made in it is sure. */
	upload = begin(trial);
	append(upload, 10, 10);
	trial->uploads.folder_fd = null;
	assert_int_equal(upload_finish(&trial->uploads, upload), ERR_IO);
	assert_false(upload->done);
	assert_true(trial->uploads.failed);
	trial->uploads.folder_fd = folder_fd;
	close(null);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(upload_keeps_every_byte_at_every_edge),
		CLAIM(upload_holds_no_more_than_a_piece),
		CLAIM(upload_refuses_bytes_after_its_end),
		CLAIM(upload_refuses_more_than_an_attachment_may_be),
		CLAIM(upload_refuses_too_many_under_way),
		CLAIM(upload_drops_the_oldest_that_waits),
		CLAIM(upload_is_not_found_by_what_it_is_not),
		CLAIM(upload_leaves_no_file_when_dropped),
		CLAIM(upload_leaves_its_file_to_a_message),
		CLAIM(upload_says_where_it_cannot_begin),
		CLAIM(upload_says_what_could_not_be_written),
		CLAIM(upload_that_did_not_sync_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
