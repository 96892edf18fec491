#include "keeper/wait.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "keeper/pairing.h"
#include "keeper/ways.h"

void
wait_begin(struct keeper *keeper, uint32_t request,
    const struct post_line *line, unsigned path, const struct writer *file)
{
	for (size_t i = 0; i < SOCKET_WAITS_MAX; i++) {
		struct socket_wait *wait = &keeper->sockets[i];

		if (wait->used)
			continue;
		*wait = (struct socket_wait){ .used = true,
			.request = request,
			.line = line->id,
			.path = path,
			.until_ns = keeper->now.now_ns +
			    (uint64_t)SOCKET_WAIT_MS * CLOCK_NS_PER_MS };
		if (file != NULL) {
			wait->file_len = file->len;
			memcpy(wait->file, file->data, file->len);
		}
		return;
	}
	assert(false);
}

static struct socket_wait *
find(struct keeper *keeper, const struct post_line *line, unsigned path)
{
	for (size_t i = 0; i < SOCKET_WAITS_MAX; i++) {
		struct socket_wait *wait = &keeper->sockets[i];

		if (wait->used && wait->line == line->id && wait->path == path)
			return wait;
	}
	return NULL;
}

static void
answer(struct keeper *keeper, struct socket_wait *wait,
    const struct post_line *line)
{
	wait->used = false;
	if (wait->file_len > 0)
		pairing_reply_file(keeper, wait, line);
	else
		ways_reply(keeper, wait->request, line, wait->path);
}

void
wait_on_socket(struct keeper *keeper, struct post_line *line, unsigned path,
    int err, struct text listen, struct text why)
{
	struct socket_wait *wait = find(keeper, line, path);

	if (wait != NULL && wait->abandoned) {
		wait->used = false;
		return;
	}
	if (wait == NULL || err == OK) {
		ways_on_socket(keeper, line, path, err, listen, why);
		if (wait != NULL)
			answer(keeper, wait, line);
		return;
	}
	wait->used = false;
	if (wait->file_len > 0)
		pairing_undo(keeper, wait->request, line, err, why);
	else
		ways_undo(keeper, wait->request, line, path, err, why);
}

bool
wait_has(struct keeper *keeper, const struct post_line *line, unsigned path)
{
	return find(keeper, line, path) != NULL;
}

static void
give_up(struct keeper *keeper, struct socket_wait *wait)
{
	if (wait->abandoned)
		return;
	wait->abandoned = true;
	post_reply_error(keeper, wait->request, ERR_STATE,
	    "The line or its path was closed meanwhile; nothing was begun.");
}

void
wait_abandon(struct keeper *keeper, const struct post_line *line, unsigned path)
{
	struct socket_wait *wait = find(keeper, line, path);

	if (wait != NULL)
		give_up(keeper, wait);
}

void
wait_cancel(struct keeper *keeper, const struct post_line *line, unsigned path)
{
	struct socket_wait *wait = find(keeper, line, path);

	if (wait == NULL)
		return;
	give_up(keeper, wait);
	wait->used = false;
}

uint64_t
wait_next_ns(const struct keeper *keeper)
{
	uint64_t next_ns = UINT64_MAX;

	for (size_t i = 0; i < SOCKET_WAITS_MAX; i++) {
		const struct socket_wait *wait = &keeper->sockets[i];

		if (wait->used && wait->until_ns < next_ns)
			next_ns = wait->until_ns;
	}
	return next_ns;
}

void
wait_on_time(struct keeper *keeper)
{
	for (size_t i = 0; i < SOCKET_WAITS_MAX; i++) {
		struct socket_wait *wait = &keeper->sockets[i];
		const struct post_line *line;

		if (!wait->used || wait->until_ns > keeper->now.now_ns)
			continue;
		line = post_find_line(keeper, wait->line);
		wait->used = false;
		if (line != NULL && !wait->abandoned)
			answer(keeper, wait, line);
	}
}

void
wait_forget(struct keeper *keeper)
{
	for (size_t i = 0; i < SOCKET_WAITS_MAX; i++)
		keeper->sockets[i].used = false;
}
