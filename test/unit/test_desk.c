/* The API as a program meets it: real HTTP on a Unix socket, a keeper that the
 * test plays. */
#include "desk/desk.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "desk/http.h"
#include "desk/inquiry.h"

/* cmocka's header wants these. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
	TURNS_MAX = 4000,
	ASKED_MAX = 64,
	ANSWER_BYTES_MAX = 4 * 1024 * 1024,
	SECOND = 1000000000,
};

/* What keeper was asked, as far as a test looks at it. */
struct asked {
	enum request_kind kind;
	uint32_t id;
	uint64_t upload;
	uint64_t offset;
	uint64_t after;
	uint32_t limit;
	bool oldest;
	uint8_t send_id[RECORD_ID_BYTES];
	size_t data_len;
	char line[64];
	char ref[REQUEST_REF_BYTES];
	char text[64];
	struct asker asker;
	uint64_t draft;
	bool emergency;
	uint64_t page_after;
	uint32_t page_limit;
	char name[64];
	uint32_t roles;
};

struct fixture {
	struct desk desk;
	struct http *http;
	char folder[64];
	char path[96];
	struct asked asked[ASKED_MAX];
	size_t asked_count;
	size_t answered;
	uint64_t now_ns;
	/* How keeper answers; NULL: it does not. */
	void (*play)(struct fixture *fixture, const struct asked *asked);
	size_t uploaded;
	char *answer;
	size_t answer_len;
};

static int
ask(void *ctx, const struct request *request)
{
	struct fixture *f = ctx;
	struct asked *asked = &f->asked[f->asked_count++ % ASKED_MAX];

	memset(asked, 0, sizeof(*asked));
	asked->kind = request->kind;
	asked->id = request->id;
	asked->upload = request->upload;
	asked->offset = request->get.offset;
	asked->after = request->events.after;
	asked->limit = request->read.limit;
	asked->oldest = request->read.oldest;
	asked->data_len = request->data.len;
	memcpy(asked->send_id, request->send.id, RECORD_ID_BYTES);
	snprintf(asked->line, sizeof(asked->line), "%.*s",
	    (int)request->line.len,
	    request->line.len == 0 ? "" : request->line.data);
	snprintf(asked->ref, sizeof(asked->ref), "%.*s", (int)request->ref.len,
	    request->ref.len == 0 ? "" : request->ref.data);
	snprintf(asked->text, sizeof(asked->text), "%.*s",
	    (int)request->send.text.len,
	    request->send.text.len == 0 ? "" : request->send.text.data);
	asked->asker = request->asker;
	asked->draft = request->draft;
	asked->emergency = request->emergency;
	asked->page_after = request->page.after;
	asked->page_limit = request->page.limit;
	snprintf(asked->name, sizeof(asked->name), "%.*s",
	    (int)request->name.len,
	    request->name.len == 0 ? "" : request->name.data);
	if (request->kind == REQUEST_DELEGATE_ADD)
		asked->roles = request->ask.delegate.roles;
	return OK;
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_non_null(f);
	snprintf(f->folder, sizeof(f->folder), "%s", "/tmp/desk-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/sock", f->folder);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
	    0);
	assert_int_equal(listen(fd, 16), 0);
	f->now_ns = SECOND;
	desk_init(&f->desk, ask, f);
	f->http = http_new(&f->desk, fd, getuid());
	assert_non_null(f->http);
	desk_on_keeper(&f->desk, f->now_ns);
	f->answer = malloc(ANSWER_BYTES_MAX);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	http_free(f->http);
	assert_null(f->desk.inquiries);
	unlink(f->path);
	rmdir(f->folder);
	free(f->answer);
	free(f);
	return 0;
}

static void
reply(struct fixture *f, struct reply *reply, const struct asked *asked)
{
	reply->id = asked->id;
	desk_on_reply(&f->desk, reply, f->now_ns);
}

/* One turn of everybody but the client. */
static void
turn(struct fixture *f)
{
	struct pollfd poll_fd = { .fd = http_fd(f->http), .events = POLLIN };

	(void)poll(&poll_fd, 1, 1);
	http_run(f->http);
	while (f->answered < f->asked_count && f->play != NULL) {
		struct asked asked = f->asked[f->answered++ % ASKED_MAX];

		f->play(f, &asked);
	}
}

static int
dial(struct fixture *f)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address,
			     sizeof(address)),
	    0);
	return fd;
}

/* Sends what fits, takes what is there; true: the other end closed. */
static bool
exchange(struct fixture *f, int fd, const char **data, size_t *len)
{
	ssize_t n = *len == 0 ? 0 : send(fd, *data, *len, MSG_NOSIGNAL);

	if (n > 0) {
		*data += n;
		*len -= (size_t)n;
	}
	turn(f);
	n = recv(fd, f->answer + f->answer_len,
	    ANSWER_BYTES_MAX - f->answer_len - 1, 0);
	if (n > 0)
		f->answer_len += (size_t)n;
	f->answer[f->answer_len] = '\0';
	return n == 0;
}

/* The whole answer to a whole request, which ends with the connection. */
static const char *
call_bytes(struct fixture *f, const char *data, size_t len)
{
	int fd = dial(f);
	bool closed = false;

	f->answer_len = 0;
	for (unsigned i = 0; i < TURNS_MAX && !closed; i++)
		closed = exchange(f, fd, &data, &len);
	assert_true(closed);
	close(fd);
	turn(f);
	return f->answer;
}

static const char *
call(struct fixture *f, const char *method, const char *path, const char *body)
{
	char text[4096];
	int len = snprintf(text, sizeof(text),
	    "%s %s HTTP/1.1\r\nHost: localhost"
	    "\r\nConnection: close\r\n",
	    method, path);

	if (body != NULL)
		len += snprintf(text + len, sizeof(text) - (size_t)len,
		    "Content-Length: %zu\r\n", strlen(body));
	len += snprintf(text + len, sizeof(text) - (size_t)len, "\r\n%s",
	    body == NULL ? "" : body);
	return call_bytes(f, text, (size_t)len);
}

static const char *
call_text(struct fixture *f, const char *text)
{
	return call_bytes(f, text, strlen(text));
}

static void
expect(const char *answer, const char *status, const char *part)
{
	char line[64];

	snprintf(line, sizeof(line), "HTTP/1.1 %s ", status);
	if (strncmp(answer, line, strlen(line)) != 0)
		fail_msg("wanted %s, got: %.200s", status, answer);
	if (strstr(answer, part) == NULL)
		fail_msg("wanted \"%s\" in: %.2000s", part, answer);
}

static struct text
text_of(const char *text)
{
	return (struct text){ text, strlen(text) };
}

/* A keeper with one line, "oslo". */
static void
play_well(struct fixture *f, const struct asked *asked)
{
	static char piece[REQUEST_ATTACHMENT_PIECE_BYTES];
	struct reply r = { .kind = REPLY_DONE };
	const uint64_t total = 200000;

	switch ((int)asked->kind) {
	case REQUEST_STATUS:
		r.kind = REPLY_POST;
		r.more = true;
		r.post.name = text_of("bern");
		reply(f, &r, asked);
		memset(&r, 0, sizeof(r));
		r.kind = REPLY_LINE;
		/* The peer may say any number. */
		r.line.peer.journal_end = UINT64_MAX;
		r.line.name = text_of("oslo");
		break;
	case REQUEST_LINE_SHOW:
		r.kind = REPLY_LINE;
		r.line.name = text_of(asked->line);
		r.line.cadence = (struct cadence){ 1200, 100000 };
		break;
	case REQUEST_UPLOAD_OPEN:
		r.kind = REPLY_UPLOAD;
		r.upload.id = 7;
		break;
	case REQUEST_UPLOAD_DATA:
		f->uploaded += asked->data_len;
		break;
	case REQUEST_UPLOAD_DONE:
		r.kind = REPLY_UPLOAD;
		r.upload.id = 7;
		r.upload.bytes = f->uploaded;
		break;
	case REQUEST_SEND:
		r.kind = REPLY_SENT;
		r.sent.serial = 12;
		memcpy(r.sent.id, asked->send_id, RECORD_ID_BYTES);
		r.sent.bytes_ahead = 100000;
		r.sent.cadence = (struct cadence){ 1200, 100000 };
		break;
	case REQUEST_READ:
		for (unsigned i = 0; i < 3; i++) {
			r.kind = REPLY_MESSAGE;
			r.more = true;
			r.message.serial = i + 1;
			r.message.text = text_of("hello");
			reply(f, &r, asked);
		}
		memset(&r, 0, sizeof(r));
		r.kind = REPLY_DONE;
		break;
	case REQUEST_GET:
		r.kind = REPLY_DATA;
		memset(piece, 'x', sizeof(piece));
		r.data.offset = asked->offset;
		r.data.total = total;
		r.data.data.data = piece;
		r.data.data.len = total - asked->offset < sizeof(piece)
		    ? (size_t)(total - asked->offset)
		    : sizeof(piece);
		break;
	case REQUEST_OFFER:
		r.kind = REPLY_CEREMONY;
		r.ceremony.file = text_of("abc");
		break;
	default:
		break;
	}
	reply(f, &r, asked);
}

static void
desk_answers_status(void **state)
{
	struct fixture *f = *state;
	const char *answer;

	f->play = play_well;
	answer = call(f, "GET", "/v1/status", NULL);
	expect(answer, "200", "{\"post\":\"bern\",\"state\":\"open\"");
	expect(answer, "200", "\"lines\":[{\"line\":\"oslo\"");
	expect(answer, "200", "X-Content-Type-Options: nosniff");
	expect(answer, "200", "\"journal_end\":9223372036854775807");
	expect(call(f, "GET", "/v1/lines", NULL), "200",
	    "{\"lines\":[{\"line\":\"oslo\"");
}

static void
desk_sends_and_estimates(void **state)
{
	struct fixture *f = *state;
	static const uint8_t zeros[RECORD_ID_BYTES];

	f->play = play_well;
	expect(call(f, "POST", "/v1/lines/oslo/messages",
		   "{\"text\":\"hello\"}"),
	    "201", "\"serial\":12,\"ref\":\"us/12\"");
	expect(f->answer, "201", "\"arrives_in_ms\":9050");
	assert_string_equal(f->asked[0].text, "hello");
	/* Keeper is asked once: it costs a turn of both rooms. */
	assert_int_equal(f->asked_count, 1);
	/* Drawn here, so that it can be asked again. */
	assert_memory_not_equal(f->asked[0].send_id, zeros, RECORD_ID_BYTES);
}

static void
desk_decodes_names(void **state)
{
	struct fixture *f = *state;

	f->play = play_well;
	expect(call(f, "GET", "/v1/lines/%ED%95%9C%2F1", NULL), "200",
	    "\"line\":\"\xed\x95\x9c/1\"");
	assert_string_equal(f->asked[0].line, "\xed\x95\x9c/1");
}

/* What is there to do, and no more: nothing but the library wakes the room. */
static bool
is_woken(struct fixture *f)
{
	struct pollfd poll_fd = { .fd = http_fd(f->http), .events = POLLIN };

	if (poll(&poll_fd, 1, 100) != 1)
		return false;
	http_run(f->http);
	return true;
}

static void
desk_listens_again_below_its_limit(void **state)
{
	struct fixture *f = *state;
	int fds[DESK_CONNECTIONS_MAX];

	for (size_t i = 0; i < DESK_CONNECTIONS_MAX; i++) {
		fds[i] = dial(f);
		turn(f);
	}
	while (is_woken(f))
		;
	for (size_t i = 0; i < DESK_CONNECTIONS_MAX; i++)
		close(fds[i]);
	while (is_woken(f))
		;
	fds[0] = dial(f);
	assert_true(is_woken(f));
	close(fds[0]);
	turn(f);
}

static void
desk_streams_messages(void **state)
{
	struct fixture *f = *state;

	f->play = play_well;
	expect(call(f, "GET", "/v1/lines/oslo/messages?since=us/1", NULL),
	    "200", "application/x-ndjson");
	assert_non_null(strstr(f->answer, "\"ref\":\"them/3\""));
	assert_true(f->asked[0].oldest);
	assert_int_equal(f->asked[0].limit, DESK_READ_PAGE);
	expect(call(f, "GET", "/v1/lines/oslo/messages/us/1", NULL), "200",
	    "\"text\":\"hello\"");
	assert_string_equal(f->asked[1].ref, "us/1");
}

/* Full pages, of which the third is not. */
static void
play_pages(struct fixture *f, const struct asked *asked)
{
	struct reply r = { .kind = REPLY_MESSAGE, .more = true };
	unsigned count = f->asked_count < 3 ? DESK_READ_PAGE : 2;

	for (unsigned i = 0; i < count; i++) {
		r.message.serial = f->asked_count * 100 + i;
		reply(f, &r, asked);
	}
	r.kind = REPLY_DONE;
	r.more = false;
	reply(f, &r, asked);
}

static void
desk_reads_on_page_by_page(void **state)
{
	struct fixture *f = *state;
	unsigned lines = 0;

	f->play = play_pages;
	expect(call(f, "GET", "/v1/lines/oslo/messages?limit=0", NULL), "200",
	    "\"serial\":301");
	assert_int_equal(f->asked_count, 3);
	for (const char *c = f->answer; (c = strstr(c, "{\"line\"")); c++)
		lines++;
	assert_int_equal(lines, 2 * DESK_READ_PAGE + 2);
}

/* The first answer is cut after two messages. */
static void
play_cut(struct fixture *f, const struct asked *asked)
{
	struct reply r = { .kind = REPLY_MESSAGE, .more = true };
	unsigned count = f->asked_count == 1 ? 2 : asked->limit;

	for (unsigned i = 0; i < count; i++) {
		r.message.serial = f->asked_count * 100 + i;
		reply(f, &r, asked);
	}
	r.kind = REPLY_DONE;
	r.more = false;
	r.cut = true;
	reply(f, &r, asked);
}

static void
desk_reads_on_where_an_answer_was_cut(void **state)
{
	struct fixture *f = *state;

	f->play = play_cut;
	expect(call(f, "GET", "/v1/lines/oslo/messages?limit=5", NULL), "200",
	    "\"serial\":202");
	assert_int_equal(f->asked_count, 2);
	assert_false(f->asked[0].oldest);
	assert_int_equal(f->asked[0].limit, 5);
	assert_true(f->asked[1].oldest);
	assert_int_equal(f->asked[1].limit, 3);
}

static void
desk_streams_attachments(void **state)
{
	struct fixture *f = *state;
	const char *body;

	f->play = play_well;
	expect(call(f, "GET", "/v1/lines/oslo/messages/them/7/attachments/1",
		   NULL),
	    "200", "Content-Length: 200000\r\n");
	expect(f->answer, "200", "application/octet-stream");
	body = strstr(f->answer, "\r\n\r\n") + 4;
	assert_int_equal(f->answer_len - (size_t)(body - f->answer), 200000);
	assert_int_equal(strspn(body, "x"), 200000);
}

static void
upload_of(struct fixture *f, size_t bytes)
{
	char *text = malloc(bytes + 200);
	int len = snprintf(text, 200,
	    "POST /v1/uploads HTTP/1.1\r\nHost: "
	    "localhost\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
	    bytes);
	char want[64];

	memset(text + len, 'u', bytes);
	f->uploaded = 0;
	snprintf(want, sizeof(want), "{\"upload\":7,\"bytes\":%zu,", bytes);
	expect(call_bytes(f, text, (size_t)len + bytes), "201", want);
	free(text);
}

static void
desk_uploads_any_size(void **state)
{
	struct fixture *f = *state;
	const size_t piece = REQUEST_ATTACHMENT_PIECE_BYTES;

	f->play = play_well;
	upload_of(f, 0);
	upload_of(f, 1);
	upload_of(f, piece - 1);
	upload_of(f, piece);
	upload_of(f, piece + 1);
	upload_of(f, 10 * piece + 3);
	/* Nothing was left open. */
	for (size_t i = 0; i < f->asked_count; i++)
		assert_int_not_equal(f->asked[i % ASKED_MAX].kind,
		    REQUEST_UPLOAD_DROP);
}

static void
desk_drops_an_upload_cut_short(void **state)
{
	struct fixture *f = *state;
	const char *text = "POST /v1/uploads HTTP/1.1\r\nHost: localhost\r\n"
			   "Content-Length: 1000000\r\n\r\n";
	char *piece = calloc(1, 100000);
	const char *data = text;
	size_t len = strlen(text);
	int fd = dial(f);

	f->play = play_well;
	for (unsigned i = 0; i < 20; i++)
		(void)exchange(f, fd, &data, &len);
	data = piece;
	len = 100000;
	for (unsigned i = 0; i < 50; i++)
		(void)exchange(f, fd, &data, &len);
	assert_int_equal(f->uploaded, REQUEST_ATTACHMENT_PIECE_BYTES);
	close(fd);
	for (unsigned i = 0; i < 50; i++)
		turn(f);
	assert_int_equal(f->asked[f->asked_count - 1].kind,
	    REQUEST_UPLOAD_DROP);
	assert_int_equal(f->asked[f->asked_count - 1].upload, 7);
	free(piece);
}

static void
play_refusal(struct fixture *f, const struct asked *asked)
{
	struct reply r = { .kind = REPLY_ERROR,
		.err = ERR_NOT_FOUND,
		.say = text_of("there is no such line") };

	reply(f, &r, asked);
}

static void
desk_passes_refusals_on(void **state)
{
	struct fixture *f = *state;

	f->play = play_refusal;
	expect(call(f, "GET", "/v1/lines/nowhere", NULL), "404",
	    "{\"error\":\"not-found\",\"say\":\"there is no such line\"}");
	expect(call(f, "GET", "/v1/lines/nowhere/messages", NULL), "404",
	    "not-found");
}

static void
desk_refuses_what_is_not_there(void **state)
{
	struct fixture *f = *state;

	f->play = play_well;
	expect(call(f, "GET", "/", NULL), "404", "no-route");
	expect(call(f, "GET", "/v1/nothing", NULL), "404", "no-route");
	expect(call(f, "DELETE", "/v1/lines/oslo", NULL), "405", "method");
	expect(call(f, "POST", "/v1/status", "{}"), "405", "method");
	expect(call(f, "GET", "/v1/lines/oslo/messages/us/0", NULL), "400",
	    "malformed");
	expect(call(f, "GET", "/v1/lines/%00", NULL), "400", "malformed");
	expect(call(f, "GET", "/v1/lines/%ff", NULL), "400", "malformed");
	assert_int_equal(f->asked_count, 0);
}

static void
desk_refuses_malformed_requests(void **state)
{
	struct fixture *f = *state;

	f->play = play_well;
	expect(call(f, "POST", "/v1/lines/oslo/messages", "{"), "400",
	    "malformed");
	expect(call(f, "POST", "/v1/lines/oslo/messages", "{\"x\":1}"), "400",
	    "\\\"x\\\" is not known");
	expect(call(f, "POST", "/v1/lines/oslo/messages",
		   "{\"text\":\"a\",\"text\":\"b\"}"),
	    "400", "malformed");
	expect(call(f, "POST", "/v1/lines/oslo/messages",
		   "{\"text\":\"\xff\"}"),
	    "400", "UTF-8");
	expect(call(f, "POST", "/v1/down", "{\"now\":true}"), "400",
	    "malformed");
	expect(call(f, "GET", "/v1/status", "{}"), "400", "no body");
	expect(call(f, "GET", "/v1/status?a=b", NULL), "400", "malformed");
	expect(call(f, "GET", "/v1/events?after=x", NULL), "400", "after");
	expect(call(f, "GET", "/v1/lines/oslo/messages?limit=-1", NULL), "400",
	    "limit");
	expect(call(f, "GET", "/v1/lines/oslo/messages?since=us", NULL), "400",
	    "since");
	assert_int_equal(f->asked_count, 0);
}

static void
desk_refuses_smuggling_and_strangers(void **state)
{
	struct fixture *f = *state;

	f->play = play_well;
	expect(
	    call_text(f,
		"POST /v1/uploads HTTP/1.1\r\nHost: localhost\r\n"
		"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc"),
	    "400", "two ways");
	expect(call_text(f,
		   "POST /v1/uploads HTTP/1.1\r\nHost: localhost\r\n"
		   "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
	    "400", "");
	expect(call_text(f,
		   "POST /v1/uploads HTTP/1.1\r\nHost: localhost\r\n"
		   "Transfer-Encoding: gzip\r\nConnection: close\r\n\r\n"),
	    "400", "");
	expect(call_text(f,
		   "GET /v1/status HTTP/1.1\r\nHost: evil.example\r\n"
		   "Connection: close\r\n\r\n"),
	    "421", "localhost");
	expect(call_text(f,
		   "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n"
		   "Host: localhost\r\nConnection: close\r\n\r\n"),
	    "421", "");
	expect(call_text(f,
		   "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n"
		   "Origin: http://localhost\r\nConnection: close\r\n\r\n"),
	    "403", "web pages");
	assert_int_equal(f->asked_count, 0);
}

static void
desk_refuses_a_text_too_long(void **state)
{
	struct fixture *f = *state;
	const size_t bytes = DESK_BODY_BYTES_MAX + 1;
	char *text = malloc(bytes + 200);
	int len = snprintf(text, 200,
	    "POST /v1/lines/oslo/messages HTTP/1.1\r\n"
	    "Host: localhost\r\nConnection: close\r\nContent-Length: %zu\r\n"
	    "\r\n",
	    bytes);

	f->play = play_well;
	memset(text + len, ' ', bytes);
	expect(call_bytes(f, text, (size_t)len + bytes), "413",
	    "send it as a file");
	assert_int_equal(f->asked_count, 0);
	free(text);
}

static void
desk_says_that_keeper_is_away(void **state)
{
	struct fixture *f = *state;

	desk_on_keeper_lost(&f->desk, f->now_ns);
	expect(call(f, "GET", "/v1/status", NULL), "503",
	    "the keeper is restarting");
	expect(f->answer, "503", "Retry-After: 1");
	expect(call(f, "POST", "/v1/lines/oslo/messages", "{\"text\":\"x\"}"),
	    "503", "nothing was done");
}

/* Sends a request and lets it reach keeper, who says nothing. */
static int
leave_hanging(struct fixture *f, const char *text)
{
	size_t len = strlen(text);
	int fd = dial(f);

	f->play = NULL;
	f->answer_len = 0;
	for (unsigned i = 0; i < TURNS_MAX && f->asked_count == f->answered;
	     i++)
		(void)exchange(f, fd, &text, &len);
	assert_int_equal(f->asked_count, f->answered + 1);
	f->answered = f->asked_count;
	return fd;
}

static void
finish_hanging(struct fixture *f, int fd)
{
	const char *nothing = "";
	size_t none = 0;
	bool closed = false;

	for (unsigned i = 0; i < TURNS_MAX && !closed; i++)
		closed = exchange(f, fd, &nothing, &none);
	assert_true(closed);
	close(fd);
	turn(f);
}

static void
desk_asks_again_when_keeper_is_back(void **state)
{
	struct fixture *f = *state;
	const char *body = "{\"text\":\"once\"}";
	char text[300];
	uint8_t id[RECORD_ID_BYTES];
	int fd;

	snprintf(text, sizeof(text),
	    "POST /v1/lines/oslo/messages HTTP/1.1\r\n"
	    "Host: localhost\r\nConnection: close\r\nContent-Length: %zu\r\n"
	    "\r\n%s",
	    strlen(body), body);
	fd = leave_hanging(f, text);
	memcpy(id, f->asked[0].send_id, sizeof(id));
	desk_on_keeper_lost(&f->desk, f->now_ns);
	f->play = play_well;
	desk_on_keeper(&f->desk, f->now_ns);
	finish_hanging(f, fd);
	expect(f->answer, "201", "us/12");
	/* Under the same id: keeper can tell that it is the same. */
	assert_int_equal(f->asked[1].kind, REQUEST_SEND);
	assert_memory_equal(f->asked[1].send_id, id, sizeof(id));
	assert_string_equal(f->asked[1].text, "once");
}

static void
desk_tells_what_cannot_be_asked_again(void **state)
{
	struct fixture *f = *state;
	int fd = leave_hanging(f,
	    "POST /v1/lines/oslo/drill HTTP/1.1\r\nHost: "
	    "localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

	desk_on_keeper_lost(&f->desk, f->now_ns);
	finish_hanging(f, fd);
	expect(f->answer, "503", "look whether it was done");
}

static void
desk_gives_up_on_a_keeper_that_stays_away(void **state)
{
	struct fixture *f = *state;
	int fd = leave_hanging(f,
	    "GET /v1/status HTTP/1.1\r\nHost: localhost"
	    "\r\nConnection: close\r\n\r\n");

	desk_on_keeper_lost(&f->desk, f->now_ns);
	f->now_ns += (uint64_t)DESK_KEEPER_WAIT_S * SECOND - 1;
	assert_int_equal(desk_next_ns(&f->desk), f->now_ns + 1);
	desk_on_time(&f->desk, f->now_ns);
	assert_int_equal(f->answer_len, 0);
	desk_on_time(&f->desk, f->now_ns + 1);
	finish_hanging(f, fd);
	expect(f->answer, "503", "does not come back");
}

static void
desk_ignores_replies_nobody_asked_for(void **state)
{
	struct fixture *f = *state;
	struct asked stray = { .id = 4711 };
	struct reply r = { .kind = REPLY_DONE };

	f->play = play_well;
	reply(f, &r, &stray);
	r.kind = REPLY_ERROR;
	reply(f, &r, &stray);
	expect(call(f, "GET", "/v1/status", NULL), "200", "bern");
}

/* Whatever is asked, an answer of another kind. */
static void
play_nonsense(struct fixture *f, const struct asked *asked)
{
	struct reply r = { .kind = REPLY_EVENT };

	reply(f, &r, asked);
}

/* Asks for a line, as far as to the keeper. */
static int
ask_for_line(struct fixture *f, const char *line)
{
	const size_t asked = f->asked_count;
	char text[128];
	const char *data = text;
	size_t len = (size_t)snprintf(text, sizeof(text),
	    "GET /v1/lines/%s HTTP/1.1\r\nHost: localhost\r\n"
	    "Connection: close\r\n\r\n",
	    line);
	int fd = dial(f);

	f->answer_len = 0;
	for (unsigned i = 0; i < TURNS_MAX && f->asked_count == asked; i++)
		assert_false(exchange(f, fd, &data, &len));
	assert_int_equal(f->asked_count, asked + 1);
	return fd;
}

static void
expect_line(struct fixture *f, int fd, const char *line)
{
	const char *data = NULL;
	bool closed = false;
	char part[64];
	size_t len = 0;

	snprintf(part, sizeof(part), "\"line\":\"%s\"", line);
	f->answer_len = 0;
	for (unsigned i = 0; i < TURNS_MAX && !closed; i++)
		closed = exchange(f, fd, &data, &len);
	expect(f->answer, "200", part);
	close(fd);
	turn(f);
}

/* The keeper may answer in another order than it was asked. */
static void
desk_answers_whoever_asked(void **state)
{
	struct fixture *f = *state;
	const int oslo = ask_for_line(f, "oslo");
	const int bern = ask_for_line(f, "bern");

	play_well(f, &f->asked[0]);
	expect_line(f, oslo, "oslo");
	play_well(f, &f->asked[1]);
	expect_line(f, bern, "bern");
}

static void
desk_survives_nonsense(void **state)
{
	struct fixture *f = *state;

	f->play = play_nonsense;
	expect(call(f, "GET", "/v1/status", NULL), "500", "does not fit");
	expect(call(f, "GET", "/v1/lines/oslo", NULL), "500", "does not fit");
	expect(call(f, "POST", "/v1/uploads", "x"), "500", "does not fit");
	expect(call(f, "POST", "/v1/lines/oslo/messages", "{\"text\":\"x\"}"),
	    "500", "does not fit");
	expect(call(f, "POST", "/v1/lines/oslo/drill", "{}"), "500", "");
	expect(call(f, "GET", "/v1/lines/oslo/messages/us/1/attachments/1",
		   NULL),
	    "500", "does not fit");
}

/* Two events, after which there is nothing. */
static void
play_events(struct fixture *f, const struct asked *asked)
{
	struct reply r = { .kind = REPLY_EVENT, .more = true };

	for (uint64_t seq = asked->after + 1; seq <= f->uploaded; seq++) {
		r.event.seq = seq;
		r.event.say = text_of("it happened");
		reply(f, &r, asked);
	}
	r.kind = REPLY_DONE;
	r.more = false;
	reply(f, &r, asked);
}

static void
desk_lets_followers_follow(void **state)
{
	struct fixture *f = *state;
	struct asked live = { .id = 0 };
	struct reply r = { .kind = REPLY_EVENT };
	const char *text = "GET /v1/events?follow=1 HTTP/1.1\r\nHost: localhost"
			   "\r\n\r\n";
	size_t len = strlen(text);
	int fd = dial(f);

	f->play = play_events;
	f->uploaded = 2;
	f->answer_len = 0;
	for (unsigned i = 0; i < 50; i++)
		assert_false(exchange(f, fd, &text, &len));
	assert_non_null(strstr(f->answer, "\"seq\":2,"));
	assert_null(strstr(f->answer, "\"seq\":3,"));
	/* A new one, told by keeper. */
	f->uploaded = 3;
	r.event.seq = 3;
	reply(f, &r, &live);
	for (unsigned i = 0; i < 50; i++)
		assert_false(exchange(f, fd, &text, &len));
	assert_non_null(strstr(f->answer, "\"seq\":3,"));
	/* The reader goes; the next beat notices. */
	close(fd);
	f->now_ns += (uint64_t)(DESK_BEAT_S + 1) * SECOND;
	for (unsigned i = 0; i < 50 && f->desk.inquiries != NULL; i++) {
		desk_on_time(&f->desk, f->now_ns);
		f->now_ns += (uint64_t)(DESK_BEAT_S + 1) * SECOND;
		turn(f);
	}
	assert_null(f->desk.inquiries);
}

static void
desk_follows_from_now_on(void **state)
{
	struct fixture *f = *state;
	struct asked live = { .id = 0 };
	struct reply r = { .kind = REPLY_EVENT };
	const char *text =
	    "GET /v1/events?after=now&follow=1 HTTP/1.1\r\nHost: "
	    "localhost\r\n\r\n";
	size_t len = strlen(text);
	int fd = dial(f);

	f->play = play_events;
	f->uploaded = 41;
	f->answer_len = 0;
	for (unsigned i = 0; i < 50; i++)
		assert_false(exchange(f, fd, &text, &len));
	assert_null(strstr(f->answer, "seq"));
	/* The empty line that says: from here on. */
	assert_non_null(strstr(f->answer, "\r\n\r\n1\r\n\n\r\n"));
	f->uploaded = 42;
	r.event.seq = 42;
	reply(f, &r, &live);
	for (unsigned i = 0; i < 50; i++)
		assert_false(exchange(f, fd, &text, &len));
	assert_non_null(strstr(f->answer, "\"seq\":42,"));
	assert_null(strstr(f->answer, "\"seq\":41,"));
	close(fd);
}

static void
desk_knows_its_own_hosts(void **state)
{
	(void)state;
	assert_true(http_is_own_host("localhost"));
	assert_true(http_is_own_host("LocalHost:80"));
	assert_true(http_is_own_host("127.0.0.1"));
	assert_false(http_is_own_host(""));
	assert_false(http_is_own_host("localhost:"));
	assert_false(http_is_own_host("localhost:80x"));
	assert_false(http_is_own_host("localhost.evil.example"));
	assert_false(http_is_own_host("evil.localhost"));
	assert_false(http_is_own_host("127.0.0.2"));
	assert_false(http_is_own_host("quietline"));
}

/* -- routes by tables ------------------------------------------------------- */

enum { DELEGATES = 250 };

/* A keeper with many delegates, which says everything by tables. */
static void
play_tables(struct fixture *f, const struct asked *asked)
{
	struct reply r = { .kind = REPLY_VIEW, .about = REQUEST_DELEGATE_SHOW };
	uint64_t n = asked->page_after;

	r.view.delegate.title = text_of("watch");
	r.view.delegate.roles = 4;
	if (asked->kind == REQUEST_DELEGATE_LIST) {
		r.more = true;
		for (uint32_t i = 0; i < asked->page_limit && n < DELEGATES;
		     i++) {
			r.cursor = ++n;
			reply(f, &r, asked);
		}
		memset(&r, 0, sizeof(r));
		r.kind = REPLY_DONE;
		r.cut = n < DELEGATES;
	} else if (asked->kind == REQUEST_DELEGATE_OWNER) {
		memset(&r, 0, sizeof(r));
		r.kind = REPLY_DONE;
	}
	reply(f, &r, asked);
}

static size_t
lines_of(const char *answer)
{
	size_t lines = 0;

	for (const char *c = answer; (c = strstr(c, "\"title\"")) != NULL; c++)
		lines++;
	return lines;
}

static void
desk_serves_routes_by_tables(void **state)
{
	struct fixture *f = *state;

	f->play = play_tables;
	expect(call(f, "GET", "/v1/delegates/night%20watch", NULL), "200",
	    "{\"title\":\"watch\",\"name\":null,\"roles\":[\"releaser\"]");
	assert_string_equal(f->asked[0].name, "night watch");
	expect(call(f, "POST", "/v1/delegates",
		   "{\"title\":\"x\",\"roles\":[\"head\",\"reader\"]}"),
	    "201", "\"title\":\"watch\"");
	assert_int_equal(f->asked[1].roles, 33);
	expect(call(f, "POST", "/v1/owner", "{}"), "200", "{\"done\":true}");
}

static void
desk_pages_lists_by_tables(void **state)
{
	struct fixture *f = *state;

	f->play = play_tables;
	expect(call(f, "GET", "/v1/delegates", NULL), "200", "\"cursor\":100}");
	assert_int_equal(lines_of(f->answer), DESK_LIST_DEFAULT);
	assert_int_equal(f->asked_count, 1);
	expect(call(f, "GET", "/v1/delegates?after=100&limit=7", NULL), "200",
	    "\"cursor\":107}");
	assert_int_equal(lines_of(f->answer), 7);
	assert_int_equal(f->asked[1].page_after, 100);
	/* All of them, a page at a time. */
	expect(call(f, "GET", "/v1/delegates?limit=0", NULL), "200",
	    "\"cursor\":250}");
	assert_int_equal(lines_of(f->answer), DELEGATES);
	assert_int_equal(f->asked_count, 5);
	expect(call(f, "GET", "/v1/delegates?after=250", NULL), "200", "");
	assert_int_equal(lines_of(f->answer), 0);
}

static void
desk_refuses_what_tables_have_not(void **state)
{
	static const char *const gets[] = { "/v1/delegates?limit=1001",
		"/v1/delegates?limit=x", "/v1/delegates?after=-1",
		"/v1/delegates?after=1&after=2", "/v1/delegates?draft=new",
		"/v1/delegates?title=x", "/v1/who?x=1", "/v1/who?draft=1" };
	static const char *const posts[] = { "{\"roles\":[\"head\"]}",
		"{\"title\":\"\",\"roles\":[\"head\"]}",
		"{\"title\":\"x\",\"roles\":\"head\"}",
		"{\"title\":\"x\",\"roles\":[\"king\"]}",
		"{\"title\":\"x\",\"roles\":[\"head\"],\"id\":1}" };
	struct fixture *f = *state;

	f->play = play_tables;
	for (size_t i = 0; i < sizeof(gets) / sizeof(gets[0]); i++)
		expect(call(f, "GET", gets[i], NULL), "400", "malformed");
	for (size_t i = 0; i < sizeof(posts) / sizeof(posts[0]); i++)
		expect(call(f, "POST", "/v1/delegates", posts[i]), "400",
		    "malformed");
	expect(call(f, "POST", "/v1/delegates?limit=1", "{}"), "400", "limit");
	assert_int_equal(f->asked_count, 0);
}

static void
desk_hands_on_drafts(void **state)
{
	static const char body[] = "{\"text\":\"hello\"}";
	struct fixture *f = *state;

	/* The answer is then that of the draft. */
	f->play = play_tables;
	expect(call(f, "POST", "/v1/lines/oslo/messages?draft=new", body),
	    "201", "{\"line\":\"oslo\",\"title\":\"watch\"");
	assert_true(f->asked[0].draft == DRAFT_NEW);
	assert_string_equal(f->asked[0].text, "hello");
	expect(call(f, "POST", "/v1/lines/oslo/messages?draft=12", body), "201",
	    "\"title\"");
	assert_true(f->asked[1].draft == 12);
	f->play = play_well;
	expect(call(f, "POST", "/v1/lines/oslo/messages?emergency=1", body),
	    "201", "\"serial\":12");
	assert_true(f->asked[2].emergency);
	assert_true(f->asked[2].draft == 0);
	expect(call(f, "POST", "/v1/lines/oslo/messages?draft=0", body), "400",
	    "draft");
	expect(call(f, "POST", "/v1/lines/oslo/messages?draft=old", body),
	    "400", "draft");
	expect(call(f, "POST", "/v1/lines/oslo/messages?emergency=2", body),
	    "400", "emergency");
	assert_int_equal(f->asked_count, 3);
}

static const char *
call_as(struct fixture *f, const char *heads)
{
	char text[1024];

	snprintf(text, sizeof(text),
	    "GET /v1/who HTTP/1.1\r\nHost: localhost\r\n"
	    "Connection: close\r\n%s\r\n",
	    heads);
	return call_text(f, text);
}

#define TOKEN "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

#define TWICE \
	"Authorization: Bearer " TOKEN "\r\n" \
	"Authorization: Bearer " TOKEN "\r\n"

static void
desk_hands_on_who_asks(void **state)
{
	struct fixture *f = *state;

	f->play = play_tables;
	expect(call_as(f, ""), "200", "\"title\"");
	assert_false(f->asked[0].asker.has_token);
	assert_false(f->asked[0].asker.is_stranger);
	expect(call_as(f, "Authorization: Bearer " TOKEN "\r\n"), "200",
	    "\"title\"");
	assert_true(f->asked[1].asker.has_token);
	assert_int_equal(f->asked[1].asker.token[31], 31);
	expect(call_as(f, "authorization: bearer " TOKEN "\r\n"), "200",
	    "\"title\"");
	assert_true(f->asked[2].asker.has_token);
}

static void
desk_refuses_tokens_out_of_form(void **state)
{
	static const char *const wrong[] = { "Authorization:\r\n",
		"Authorization: Bearer\r\n", "Authorization: " TOKEN "\r\n",
		"Authorization: Bearer " TOKEN "00\r\n",
		"Authorization: Bearer 00\r\n",
		"Authorization: Bearer x" TOKEN "\r\n",
		"Authorization: Basic aGVhZDo=\r\n", TWICE };
	struct fixture *f = *state;

	f->play = play_tables;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		expect(call_as(f, wrong[i]), "401", "signed-out");
	assert_int_equal(f->asked_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(desk_answers_status),
		TEST(desk_sends_and_estimates),
		TEST(desk_decodes_names),
		TEST(desk_streams_messages),
		TEST(desk_listens_again_below_its_limit),
		TEST(desk_reads_on_page_by_page),
		TEST(desk_reads_on_where_an_answer_was_cut),
		TEST(desk_streams_attachments),
		TEST(desk_uploads_any_size),
		TEST(desk_drops_an_upload_cut_short),
		TEST(desk_passes_refusals_on),
		TEST(desk_refuses_what_is_not_there),
		TEST(desk_refuses_malformed_requests),
		TEST(desk_refuses_smuggling_and_strangers),
		TEST(desk_refuses_a_text_too_long),
		TEST(desk_says_that_keeper_is_away),
		TEST(desk_asks_again_when_keeper_is_back),
		TEST(desk_tells_what_cannot_be_asked_again),
		TEST(desk_gives_up_on_a_keeper_that_stays_away),
		TEST(desk_ignores_replies_nobody_asked_for),
		TEST(desk_answers_whoever_asked),
		TEST(desk_survives_nonsense),
		TEST(desk_lets_followers_follow),
		TEST(desk_follows_from_now_on),
		TEST(desk_serves_routes_by_tables),
		TEST(desk_pages_lists_by_tables),
		TEST(desk_refuses_what_tables_have_not),
		TEST(desk_hands_on_drafts),
		TEST(desk_hands_on_who_asks),
		TEST(desk_refuses_tokens_out_of_form),
		cmocka_unit_test(desk_knows_its_own_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
