/* Owns the HTTP connections of people's programs. */
#ifndef DESK_HTTP_H
#define DESK_HTTP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct desk;
struct http;

/* Lets the libraries read what they want of the machine's files, once: the zone of
 * its clock, and the seed of their tables. */
void http_prepare(void);
/*
 * Serves the API on listen_fd, a listening Unix socket, to processes of the
 * user `owner` and of root.  Takes listen_fd.  NULL where it can't be.
 */
struct http *http_new(struct desk *desk, int listen_fd, uid_t owner);
/* Ends every connection; NULL is fine. */
void http_free(struct http *http);

/* Readable when http_run has something to do. */
int http_fd(const struct http *http);
void http_run(struct http *http);
/* Milliseconds until http_run is due although nothing is readable: 0 for now,
 * UINT64_MAX for never. */
uint64_t http_wait_ms(const struct http *http);

/* "localhost" or "127.0.0.1", with any port or none: whoever else a browser was
 * made to believe that we are, is refused. */
bool http_is_own_host(const char *host);

#endif
