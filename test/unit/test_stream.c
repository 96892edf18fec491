#include "wire/stream.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { SIZE = 300 };

static const struct origin name = { .bytes = { 'c', 1 }, .len = 2 };
static const struct stream_sizes one_size = { { SIZE, 0 } };

struct trial {
	struct stream stream;
	int far; /* the other end; -1: closed */
	struct batch batch;
};

static void
open_trial(struct trial *trial)
{
	int fds[2];

	memset(trial, 0, sizeof(*trial));
	assert_int_equal(socketpair(AF_UNIX,
			     SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			     fds),
	    0);
	stream_init(&trial->stream);
	stream_open(&trial->stream, fds[0], &name, 1);
	trial->far = fds[1];
}

static void
close_trial(struct trial *trial)
{
	int fd = trial->stream.fd;

	stream_close(&trial->stream);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(trial->stream.fd, -1);
	(void)close(trial->far);
}

static void
fill(uint8_t *bytes, size_t len, unsigned seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 7 + seed);
}

static void
frames_come_out_however_they_are_cut(void **state)
{
	uint8_t sent[4 * SIZE];
	struct trial trial;
	size_t step, at, part, frames;

	(void)state;
	fill(sent, sizeof(sent), 3);
	for (step = 1; step < sizeof(sent); step += 97) {
		open_trial(&trial);
		frames = 0;
		for (at = 0; at < sizeof(sent); at += part) {
			part =
			    sizeof(sent) - at < step ? sizeof(sent) - at : step;
			assert_int_equal(send(trial.far, sent + at, part, 0),
			    part);
			assert_int_equal(stream_recv(&trial.stream, &one_size,
					     &trial.batch),
			    OK);
			if (trial.batch.count == 0)
				continue;
			assert_memory_equal(trial.batch.datagram[0],
			    sent + frames * SIZE, SIZE);
			assert_int_equal(trial.batch.len[0], SIZE);
			assert_memory_equal(&trial.batch.from[0], &name,
			    sizeof(name));
			frames += trial.batch.count;
		}
		assert_int_equal(frames, 4);
		close_trial(&trial);
	}
}

static void
nothing_there_is_nothing_read(void **state)
{
	struct trial trial;

	(void)state;
	open_trial(&trial);
	assert_int_equal(stream_recv(&trial.stream, &one_size, &trial.batch),
	    OK);
	assert_int_equal(trial.batch.count, 0);
	close_trial(&trial);
}

static void
end_is_told_once_all_is_read(void **state)
{
	uint8_t sent[SIZE + 1];
	struct trial trial;

	(void)state;
	open_trial(&trial);
	fill(sent, sizeof(sent), 1);
	assert_int_equal(send(trial.far, sent, sizeof(sent), 0), sizeof(sent));
	assert_int_equal(shutdown(trial.far, SHUT_WR), 0);
	assert_int_equal(stream_recv(&trial.stream, &one_size, &trial.batch),
	    OK);
	assert_int_equal(trial.batch.count, 1);
	assert_int_equal(stream_recv(&trial.stream, &one_size, &trial.batch),
	    ERR_IO);
	assert_int_equal(trial.batch.count, 0);
	close_trial(&trial);
}

static void
most_that_is_read_at_once_fits_a_batch(void **state)
{
	const struct stream_sizes sizes = { { FRAME_BYTES_MIN,
	    FRAME_BYTES_MIN + 1 } };
	static uint8_t sent[2 * BATCH_MAX * FRAME_BYTES_MIN];
	struct trial trial;
	size_t frames = 0;

	(void)state;
	open_trial(&trial);
	assert_int_equal(send(trial.far, sent, sizeof(sent), 0), sizeof(sent));
	do {
		assert_int_equal(stream_recv(&trial.stream, &sizes,
				     &trial.batch),
		    OK);
		assert_true(trial.batch.count <= BATCH_MAX);
		frames += trial.batch.count;
	} while (trial.batch.count > 0);
	assert_int_equal(frames,
	    sizeof(sent) / FRAME_BYTES_MIN +
		sizeof(sent) / (FRAME_BYTES_MIN + 1));
	close_trial(&trial);
}

/* While terms change, the first byte of a connection begins a frame of either
 * size. */
static void
frames_of_both_sizes_come_out(void **state)
{
	const struct stream_sizes sizes = { { SIZE, 2 * SIZE } };
	uint8_t sent[2 * SIZE];
	struct trial trial;

	(void)state;
	open_trial(&trial);
	fill(sent, sizeof(sent), 9);
	assert_int_equal(send(trial.far, sent, sizeof(sent), 0), sizeof(sent));
	assert_int_equal(stream_recv(&trial.stream, &sizes, &trial.batch), OK);
	assert_int_equal(trial.batch.count, 3);
	assert_int_equal(trial.batch.len[0], SIZE);
	assert_int_equal(trial.batch.len[2], 2 * SIZE);
	assert_memory_equal(trial.batch.datagram[1], sent + SIZE, SIZE);
	assert_memory_equal(trial.batch.datagram[2], sent, 2 * SIZE);
	close_trial(&trial);
}

/* What the other end finds is whole units in order, some of them missing. */
static void
full_connection_loses_whole_units(void **state)
{
	uint8_t unit[SIZE], got[SIZE];
	struct trial trial;
	unsigned i, sent = 0, last = 0, units = 0;
	int bytes = 1, round;

	(void)state;
	open_trial(&trial);
	assert_int_equal(setsockopt(trial.stream.fd, SOL_SOCKET, SO_SNDBUF,
			     &bytes, sizeof(bytes)),
	    0);
	for (round = 0; round < 50; round++) {
		for (i = 0; i < 40; i++) {
			memset(unit, (int)(++sent & 0xff), sizeof(unit));
			memcpy(unit, &sent, sizeof(sent));
			stream_send(&trial.stream, unit, sizeof(unit));
		}
		while (recv(trial.far, got, sizeof(got), MSG_PEEK) ==
		    (ssize_t)sizeof(got)) {
			(void)!recv(trial.far, got, sizeof(got), 0);
			memcpy(&i, got, sizeof(i));
			assert_true(i > last);
			assert_int_equal(got[SIZE - 1], i & 0xff);
			last = i;
			units++;
		}
	}
	assert_true(units > 50);
	assert_true(units < sent);
	close_trial(&trial);
}

/* A kernel that takes half of a unit gets the other half first. */
static void
unit_taken_in_part_is_finished_before_the_next(void **state)
{
	uint8_t first[SIZE], second[SIZE], got[2 * SIZE];
	struct trial trial;

	(void)state;
	open_trial(&trial);
	fill(first, sizeof(first), 1);
	fill(second, sizeof(second), 2);
	/* As stream_send leaves it. */
	assert_int_equal(send(trial.stream.fd, first, 100, 0), 100);
	trial.stream.out_bytes = SIZE - 100;
	memcpy(trial.stream.out, first + 100, SIZE - 100);
	stream_send(&trial.stream, second, sizeof(second));
	assert_int_equal(trial.stream.out_bytes, 0);
	assert_int_equal(recv(trial.far, got, sizeof(got), 0), sizeof(got));
	assert_memory_equal(got, first, SIZE);
	assert_memory_equal(got + SIZE, second, SIZE);
	close_trial(&trial);
}

static void
sending_to_nobody_does_no_harm(void **state)
{
	uint8_t unit[UNIT_BYTES_MAX] = { 0 };
	struct trial trial;
	unsigned i;

	(void)state;
	open_trial(&trial);
	(void)close(trial.far);
	for (i = 0; i < 3; i++)
		stream_send(&trial.stream, unit, sizeof(unit));
	assert_int_equal(stream_recv(&trial.stream, &one_size, &trial.batch),
	    ERR_IO);
	trial.far = -1;
	close_trial(&trial);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_out_however_they_are_cut),
		cmocka_unit_test(nothing_there_is_nothing_read),
		cmocka_unit_test(end_is_told_once_all_is_read),
		cmocka_unit_test(most_that_is_read_at_once_fits_a_batch),
		cmocka_unit_test(frames_of_both_sizes_come_out),
		cmocka_unit_test(full_connection_loses_whole_units),
		cmocka_unit_test(
		    unit_taken_in_part_is_finished_before_the_next),
		cmocka_unit_test(sending_to_nobody_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
