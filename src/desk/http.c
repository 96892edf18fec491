#include "desk/http.h"

#include <assert.h>
#include <fcntl.h>
#include <jansson.h>
#include <malloc.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/wipe.h"
#include "desk/answer.h"
#include "desk/api.h"
#include "desk/desk.h"
#include "desk/inquiry.h"
#include "limits.h"

struct http {
	struct MHD_Daemon *daemon;
	struct desk *desk;
	uid_t owner;
};

/* One request as libmicrohttpd carries it. */
struct call {
	struct MHD_Connection *connection;
	struct inquiry *inquiry;
	char *uri;
	bool begun;
	bool suspended;
};

/* What the headers say, as far as it decides anything. */
struct heads {
	unsigned lengths;
	unsigned encodings;
	unsigned hosts;
	unsigned origins;
	unsigned tokens;
	bool chunked;
	bool own_host;
	bool token_fits;
	uint8_t token[SESSION_TOKEN_BYTES];
};

bool
http_is_own_host(const char *host)
{
	static const char *const own[] = { "localhost", "127.0.0.1" };
	size_t len = strcspn(host, ":");

	if (host[len] == ':' &&
	    (host[len + 1] == '\0' ||
		strspn(host + len + 1, "0123456789") != strlen(host + len + 1)))
		return false;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strlen(own[i]) == len &&
		    strncasecmp(own[i], host, len) == 0)
			return true;
	return false;
}

/* "Bearer " and the hex of a session's token. */
static bool
read_token(uint8_t token[SESSION_TOKEN_BYTES], const char *value)
{
	static const char scheme[] = "Bearer ";

	return strncasecmp(value, scheme, strlen(scheme)) == 0 &&
	    hex_decode(token, SESSION_TOKEN_BYTES, value + strlen(scheme)) ==
	    OK;
}

static enum MHD_Result
on_head(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct heads *heads = ctx;

	(void)kind;
	if (value == NULL)
		value = "";
	if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
		heads->lengths++;
	} else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
		heads->encodings++;
		heads->chunked = strcasecmp(value, "chunked") == 0;
	} else if (strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
		heads->hosts++;
		heads->own_host = http_is_own_host(value);
	} else if (strcasecmp(name, "Origin") == 0) {
		heads->origins++;
	} else if (strcasecmp(name, MHD_HTTP_HEADER_AUTHORIZATION) == 0) {
		heads->tokens++;
		heads->token_fits = read_token(heads->token, value);
	}
	return MHD_YES;
}

/* The process at the other end runs as the post's user, or as root. */
static bool
is_owner(const struct http *http, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection,
		MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return info != NULL &&
	    getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer,
		&len) == 0 &&
	    len == sizeof(peer) && (peer.uid == http->owner || peer.uid == 0);
}

static void
add_head(struct MHD_Response *response, const char *name, const char *value)
{
	if (MHD_add_response_header(response, name, value) == MHD_NO)
		log_warnx("http: a header is left out (no memory)");
}

static struct MHD_Response *
new_response(const char *text, size_t len)
{
	/* libmicrohttpd wants it writable, but copies it. */
	char *copy = malloc(len + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, text, len);
	return MHD_create_response_from_buffer(len, copy,
	    MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result
queue(struct call *call, unsigned status, const char *type,
    struct MHD_Response *response)
{
	enum MHD_Result queued;

	if (response == NULL)
		return MHD_NO;
	add_head(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	add_head(response, "X-Content-Type-Options", "nosniff");
	add_head(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (strcmp(type, "application/octet-stream") == 0)
		add_head(response, "Content-Disposition", "attachment");
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
		add_head(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
	queued = MHD_queue_response(call->connection, status, response);
	MHD_destroy_response(response);
	return queued;
}

/* Refuses before there is an inquiry. */
static enum MHD_Result
refuse(struct call *call, unsigned status, const char *word, const char *say)
{
	json_t *json = answer_error(word, say);
	char *text = json_dumps(json, JSON_COMPACT);
	enum MHD_Result queued = MHD_NO;

	json_decref(json);
	if (text != NULL)
		queued = queue(call, status, "application/json",
		    new_response(text, strlen(text)));
	free(text);
	return queued;
}

/* A chance for the rest of the world: the inquiry moves on. */
static void
on_wake(struct inquiry *inquiry)
{
	struct call *call = inquiry->carrier;

	if (!call->suspended)
		return;
	call->suspended = false;
	MHD_resume_connection(call->connection);
}

static void
suspend(struct call *call)
{
	assert(!call->suspended);
	call->suspended = true;
	MHD_suspend_connection(call->connection);
}

static enum MHD_Result
refuse_route(struct call *call, int rc)
{
	if (rc == ERR_STATE)
		return refuse(call, MHD_HTTP_METHOD_NOT_ALLOWED, "method",
		    "this path takes another method; see doc/api.md");
	if (rc == ERR_FORMAT)
		return refuse(call, MHD_HTTP_BAD_REQUEST, "malformed",
		    "a name, reference or number in the path is malformed; "
		    "references look like us/12, them/7 or 16 hex digits");
	return refuse(call, MHD_HTTP_NOT_FOUND, "no-route",
	    "there is no such path in this API; see doc/api.md");
}

/* MHD_YES, or what refusing gave, where the headers are not those of a client of
 * ours. */
static enum MHD_Result
judge_heads(struct call *call, const struct heads *heads, bool *good)
{
	*good = false;
	if (heads->lengths > 1 || heads->encodings > 1 ||
	    (heads->encodings == 1 && (heads->lengths > 0 || !heads->chunked)))
		return refuse(call, MHD_HTTP_BAD_REQUEST, "malformed",
		    "the headers name the body's length in two ways");
	if (heads->hosts != 1 || !heads->own_host)
		return refuse(call, MHD_HTTP_MISDIRECTED_REQUEST, "host",
		    "the Host header must be localhost");
	if (heads->origins > 0)
		return refuse(call, MHD_HTTP_FORBIDDEN, "denied",
		    "web pages may not ask here");
	if (heads->tokens > 1 || (heads->tokens == 1 && !heads->token_fits))
		return refuse(call, MHD_HTTP_UNAUTHORIZED, "signed-out",
		    "the Authorization header must be Bearer and the 64 hex "
		    "digits that signing in gave");
	*good = true;
	return MHD_YES;
}

/* The request line and the headers are here, the body is not. */
static enum MHD_Result
begin(struct http *http, struct call *call, const char *method)
{
	struct heads heads = { 0 };
	struct route_match match;
	char *query = strchr(call->uri, '?');
	enum MHD_Result result;
	bool good;
	int rc;

	if (!is_owner(http, call->connection))
		return refuse(call, MHD_HTTP_FORBIDDEN, "denied",
		    "only the user that runs the post may ask");
	(void)MHD_get_connection_values(call->connection, MHD_HEADER_KIND,
	    on_head, &heads);
	result = judge_heads(call, &heads, &good);
	if (!good)
		return result;
	if (query != NULL)
		*query++ = '\0';
	rc = route_find(&match, api_routes, api_route_count, method, call->uri);
	if (rc != OK)
		return refuse_route(call, rc);
	if ((call->inquiry = inquiry_new(http->desk)) == NULL)
		return MHD_NO;
	call->inquiry->match = match;
	call->inquiry->carrier = call;
	call->inquiry->wake = on_wake;
	if (heads.tokens == 1) {
		call->inquiry->asker.has_token = true;
		memcpy(call->inquiry->asker.token, heads.token,
		    SESSION_TOKEN_BYTES);
		wipe(heads.token, sizeof(heads.token));
	}
	if (query != NULL && (call->inquiry->query = strdup(query)) == NULL)
		return MHD_NO;
	return MHD_YES;
}

/* Lends the reader what is there of a stream. */
static ssize_t
on_read(void *ctx, uint64_t pos, char *buf, size_t max)
{
	struct call *call = ctx;
	struct inquiry *inquiry = call->inquiry;
	struct inquiry_bytes *out = &inquiry->out;
	size_t len = out->len - out->taken;

	(void)pos;
	if (len > max)
		len = max;
	if (len > 0) {
		memcpy(buf, out->data + out->taken, len);
		out->taken += len;
		if (out->taken == out->len)
			inquiry_on_drained(inquiry);
		return (ssize_t)len;
	}
	if (inquiry->phase == INQUIRY_ENDED)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (inquiry->phase == INQUIRY_BROKEN)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	suspend(call);
	return 0;
}

static enum MHD_Result
queue_answer(struct call *call)
{
	struct inquiry *inquiry = call->inquiry;
	uint64_t total =
	    inquiry->total == UINT64_MAX ? MHD_SIZE_UNKNOWN : inquiry->total;

	if (inquiry->phase == INQUIRY_ANSWERED)
		return queue(call, inquiry->status, "application/json",
		    new_response(inquiry->answer, inquiry->answer_len));
	return queue(call, inquiry->status, inquiry->type,
	    MHD_create_response_from_callback(total,
		REQUEST_ATTACHMENT_PIECE_BYTES, on_read, call, NULL));
}

static enum MHD_Result
on_request(void *ctx, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *len,
    void **con_cls)
{
	struct call *call = *con_cls;
	struct inquiry *inquiry;

	(void)url;
	(void)version;
	if (call == NULL || call->uri == NULL)
		return MHD_NO;
	if (!call->begun) {
		call->begun = true;
		call->connection = connection;
		return begin(ctx, call, method);
	}
	if ((inquiry = call->inquiry) == NULL)
		return MHD_NO;
	if (*len > 0) {
		inquiry_on_body(inquiry, data, len);
		if (inquiry->phase == INQUIRY_ASKING)
			suspend(call);
		return MHD_YES;
	}
	inquiry_on_body_end(inquiry);
	if (inquiry->phase == INQUIRY_ASKING) {
		suspend(call);
		return MHD_YES;
	}
	return queue_answer(call);
}

/* The request line is here, as it was sent. */
static void *
on_uri(void *ctx, const char *uri, struct MHD_Connection *connection)
{
	struct call *call = calloc(1, sizeof(*call));

	(void)ctx;
	if (call == NULL)
		return NULL;
	call->connection = connection;
	call->uri = strdup(uri);
	return call;
}

static void
on_completed(void *ctx, struct MHD_Connection *connection, void **con_cls,
    enum MHD_RequestTerminationCode code)
{
	struct call *call = *con_cls;

	(void)ctx;
	(void)connection;
	(void)code;
	if (call == NULL)
		return;
	inquiry_free(call->inquiry);
	free(call->uri);
	free(call);
	*con_cls = NULL;
}

/* Whatever the library has to say may quote a request: not for the log. */
static void
on_log(void *ctx, const char *format, va_list args)
{
	(void)ctx;
	(void)format;
	(void)args;
}

/* What people said passes through here, passphrases too. */
static void
wipe_and_free(void *memory)
{
	if (memory != NULL)
		wipe(memory, malloc_usable_size(memory));
	free(memory);
}

void
http_prepare(void)
{
	json_set_alloc_funcs(malloc, wipe_and_free);
	tzset();
	json_object_seed(0);
}

struct http *
http_new(struct desk *desk, int listen_fd, uid_t owner)
{
	struct http *http = calloc(1, sizeof(*http));
	int flags = fcntl(listen_fd, F_GETFL);

	if (http == NULL || flags == -1 ||
	    fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK) == -1) {
		free(http);
		(void)close(listen_fd);
		return NULL;
	}
	http->desk = desk;
	http->owner = owner;
	http->daemon = MHD_start_daemon(MHD_USE_EPOLL |
		MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
	    0, NULL, NULL, on_request, http, MHD_OPTION_EXTERNAL_LOGGER, on_log,
	    NULL, MHD_OPTION_LISTEN_SOCKET, listen_fd,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)DESK_CONNECTIONS_MAX,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)DESK_IDLE_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)2 * REQUEST_ATTACHMENT_PIECE_BYTES,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK,
	    on_uri, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, http,
	    MHD_OPTION_END);
	if (http->daemon == NULL) {
		(void)close(listen_fd);
		free(http);
		return NULL;
	}
	return http;
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	/* The library must not stop with a connection suspended. */
	for (struct inquiry *e = http->desk->inquiries; e != NULL; e = e->next)
		on_wake(e);
	MHD_stop_daemon(http->daemon);
	free(http);
}

int
http_fd(const struct http *http)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	assert(info != NULL);
	return info->epoll_fd;
}

static unsigned
connections(const struct http *http)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon,
	    MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

	assert(info != NULL);
	return info->num_connections;
}

void
http_run(struct http *http)
{
	unsigned before;

	/* At its limit the library listens no more.  It begins again in the run
	 * after the one in which a connection ended, and nothing else would
	 * wake it for that. */
	do {
		before = connections(http);
		(void)MHD_run(http->daemon);
	} while (connections(http) < before);
}

uint64_t
http_wait_ms(const struct http *http)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	if (MHD_get_timeout(http->daemon, &wait_ms) == MHD_NO)
		return UINT64_MAX;
	return wait_ms;
}
