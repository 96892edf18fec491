#include "api.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/rng.h"

enum {
	REQUEST_BYTES_MAX = API_TEXT_BYTES_MAX + 1024,
	ID_BYTES = 16,
};

void
api_open(struct api *api, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path))
		fatalx("%s: too long", path);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	api->len = 0;
	api->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (api->fd == -1 ||
	    connect(api->fd, (struct sockaddr *)&addr, sizeof(addr)) == -1)
		fatal("%s", path);
}

void
api_close(struct api *api)
{
	(void)close(api->fd);
}

static void
write_all(struct api *api, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(api->fd, data, len, MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			fatal("the post does not take a request");
		data += n;
		len -= (size_t)n;
	}
}

/* What comes next, behind what is kept. */
static void
read_more(struct api *api)
{
	ssize_t n;

	if (api->len == API_ANSWER_BYTES_MAX)
		fatalx("the post's answer is too long");
	do
		n = recv(api->fd, api->answer + api->len,
		    API_ANSWER_BYTES_MAX - api->len, 0);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		fatal("the post does not answer");
	api->len += (size_t)n;
	api->answer[api->len] = '\0';
}

static bool
is_answer_whole(const struct api *api)
{
	static const char field[] = "Content-Length: ";
	const char *end = strstr(api->answer, "\r\n\r\n");
	const char *at = strcasestr(api->answer, field);

	if (end == NULL || at == NULL || at > end)
		return false;
	return api->len >= (size_t)(end + 4 - api->answer) +
	    strtoul(at + strlen(field), NULL, 10);
}

void
api_send(struct api *api, const char *line, size_t text_bytes)
{
	char text[API_TEXT_BYTES_MAX + 1], id_text[2 * ID_BYTES + 1];
	char body[REQUEST_BYTES_MAX], request[2 * REQUEST_BYTES_MAX];
	uint8_t id[ID_BYTES];
	int body_len, len;

	assert(text_bytes <= API_TEXT_BYTES_MAX);
	memset(text, 'm', text_bytes);
	text[text_bytes] = '\0';
	rng_fill(rng_kernel(), id, sizeof(id));
	hex_encode(id_text, id, sizeof(id));
	body_len = snprintf(body, sizeof(body),
	    "{\"attachments\":[],\"text\":\"%s\",\"id\":\"%s\"}", text,
	    id_text);
	len = snprintf(request, sizeof(request),
	    "POST /v1/lines/%s/messages HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	    line, body_len, body);
	assert(len > 0 && (size_t)len < sizeof(request));
	write_all(api, request, (size_t)len);
	api->len = 0;
	do
		read_more(api);
	while (!is_answer_whole(api));
	if (strncmp(api->answer, "HTTP/1.1 20", 11) != 0 ||
	    strstr(api->answer, "us/") == NULL)
		fatalx("not accepted: %s", api->answer);
}

/* Reads on until `what` has come, and forgets everything up to there. */
static void
await_text(struct api *api, const char *what)
{
	const char *at;
	size_t done;

	while ((at = strstr(api->answer, what)) == NULL) {
		/* All but the last half cannot matter any more. */
		if (api->len > API_ANSWER_BYTES_MAX / 2) {
			done = api->len - API_ANSWER_BYTES_MAX / 4;
			memmove(api->answer, api->answer + done,
			    api->len - done + 1);
			api->len -= done;
		}
		read_more(api);
	}
	done = (size_t)(at - api->answer) + strlen(what);
	memmove(api->answer, api->answer + done, api->len - done + 1);
	api->len -= done;
}

void
api_follow(struct api *api)
{
	static const char request[] =
	    "GET /v1/events?after=now&follow=1 HTTP/1.1\r\n"
	    "Host: localhost\r\n\r\n";

	api->len = 0;
	api->answer[0] = '\0';
	write_all(api, request, strlen(request));
	await_text(api, "\r\n\r\n");
	/* A chunk that is an empty line. */
	await_text(api, "1\r\n\n");
}

void
api_await_arrival(struct api *api)
{
	await_text(api, "\"arrived\"");
}
