/* Owns asking a post's API on a connection that stays, as any client may. */
#ifndef BENCH_API_H
#define BENCH_API_H

#include <stddef.h>

enum api_limits {
	API_TEXT_BYTES_MAX = 4096,
	API_ANSWER_BYTES_MAX = 8192,
};

struct api {
	int fd;
	size_t len;
	char answer[API_ANSWER_BYTES_MAX + 1];
};

/* All end the program where the post does not do as asked. */

/* Connects to the socket in a post's folder. */
void api_open(struct api *api, const char *path);
void api_close(struct api *api);

/* What `quietline send` asks: a message of so many bytes, under an id of its
 * own.  Returns once it is accepted and numbered. */
void api_send(struct api *api, const char *line, size_t text_bytes);

/* What `quietline events --follow` asks, of what happens from now on; returns
 * once nothing can be missed. */
void api_follow(struct api *api);
/* Returns when an event says that a message has arrived. */
void api_await_arrival(struct api *api);

#endif
