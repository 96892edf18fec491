#include "cli/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "cli/folder.h"
#include "cli/session.h"

enum {
	/* The post's parts restart within seconds. */
	AGAIN_MS = 10000,
	AGAIN_PAUSE_MS = 200,
	/* A JSON answer: a text of 1 MiB, escaped, with room. */
	ANSWER_BYTES_MAX = 16 * 1024 * 1024,
};

struct client {
	CURL *curl;
	char *folder;
	char *socket; /* short, however long the folder's name is */
	char *token;  /* of the session that asks; NULL: none */
	struct curl_slist *heads;
	int folder_fd;
};

/* What a transfer collects. */
struct transfer {
	struct client *client;
	char *data; /* of a JSON answer, or of a line */
	size_t len;
	size_t cap;
	client_line *on_line;
	client_progress *progress;
	void *ctx;
	FILE *file;	/* where a download goes, or an upload comes from */
	uint64_t bytes; /* of an upload */
	uint64_t until_ms;
	int code; /* of on_line */
	bool is_download;
	bool is_late;
	bool file_failed;
};

struct client *
client_new(const struct cli *cli)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL || curl_global_init(CURL_GLOBAL_NOTHING) != 0 ||
	    (client->curl = curl_easy_init()) == NULL) {
		cli_error("no memory");
		exit(CLI_FAILED);
	}
	client->folder = folder_name(cli);
	client->folder_fd =
	    open(client->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	client->token = session_token(client->folder_fd);
	client->socket = cli_format("/proc/self/fd/%d/sock", client->folder_fd);
	return client;
}

static void
free_heads(struct client *client)
{
	/* The last one has the token. */
	for (struct curl_slist *e = client->heads; e != NULL; e = e->next)
		wipe(e->data, strlen(e->data));
	curl_slist_free_all(client->heads);
	client->heads = NULL;
}

void
client_free(struct client *client)
{
	if (client == NULL)
		return;
	curl_easy_cleanup(client->curl);
	free_heads(client);
	curl_global_cleanup();
	session_free(client->token);
	if (client->folder_fd != -1)
		(void)close(client->folder_fd);
	free(client->folder);
	free(client->socket);
	free(client);
}

static bool
keep(struct transfer *transfer, const char *data, size_t len)
{
	if (transfer->len + len > ANSWER_BYTES_MAX)
		return false;
	if (transfer->cap - transfer->len < len + 1) {
		size_t cap = 2 * (transfer->len + len) + 1;
		char *grown = realloc(transfer->data, cap);

		if (grown == NULL)
			return false;
		transfer->data = grown;
		transfer->cap = cap;
	}
	memcpy(transfer->data + transfer->len, data, len);
	transfer->len += len;
	transfer->data[transfer->len] = '\0';
	return true;
}

static long
status_of(struct client *client)
{
	long status = 0;

	(void)curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

bool
client_is_denied(struct client *client)
{
	const long status = status_of(client);

	return status == 401 || status == 403;
}

/* Hands over the line that transfer holds; false: the stream ends. */
static bool
on_line_end(struct transfer *transfer)
{
	json_t *object = NULL;

	if (transfer->len > 0 &&
	    (object = json_loadb(transfer->data, transfer->len,
		 JSON_REJECT_DUPLICATES, NULL)) == NULL) {
		cli_error("the post gave a line that is not JSON");
		transfer->code = CLI_FAILED;
		return false;
	}
	transfer->len = 0;
	transfer->code = transfer->on_line(transfer->ctx, object);
	json_decref(object);
	return transfer->code == CLI_DONE;
}

static size_t
on_data(char *data, size_t size, size_t count, void *ctx)
{
	struct transfer *transfer = ctx;
	size_t len = size * count;
	size_t left = len;
	bool good = status_of(transfer->client) / 100 == 2;

	if (good && transfer->is_download) {
		transfer->file_failed =
		    fwrite(data, 1, len, transfer->file) != len;
		return transfer->file_failed ? 0 : len;
	}
	while (good && transfer->on_line != NULL && left > 0) {
		const char *end = memchr(data, '\n', left);
		size_t part = end == NULL ? left : (size_t)(end - data);

		if (!keep(transfer, data, part) ||
		    (end != NULL && !on_line_end(transfer)))
			return 0;
		part += end != NULL;
		data += part;
		left -= part;
	}
	return left > 0 && !keep(transfer, data, left) ? 0 : len;
}

static size_t
on_want(char *data, size_t size, size_t count, void *ctx)
{
	struct transfer *transfer = ctx;
	size_t len = fread(data, 1, size * count, transfer->file);

	if (len == 0 && ferror(transfer->file) != 0) {
		transfer->file_failed = true;
		return CURL_READFUNC_ABORT;
	}
	return len;
}

static int
on_progress(void *ctx, curl_off_t down_total, curl_off_t down,
    curl_off_t up_total, curl_off_t up)
{
	struct transfer *transfer = ctx;

	if (transfer->progress != NULL && transfer->is_download)
		transfer->progress(transfer->ctx, (uint64_t)down,
		    (uint64_t)down_total);
	else if (transfer->progress != NULL)
		transfer->progress(transfer->ctx, (uint64_t)up,
		    up_total > 0 ? (uint64_t)up_total : transfer->bytes);
	transfer->is_late =
	    clock_now_ns() / CLOCK_NS_PER_MS >= transfer->until_ms;
	return transfer->is_late ? 1 : 0;
}

static void
add_head(struct client *client, const char *head)
{
	struct curl_slist *heads = curl_slist_append(client->heads, head);

	if (heads == NULL) {
		cli_error("no memory");
		exit(CLI_FAILED);
	}
	client->heads = heads;
}

static void
add_token(struct client *client)
{
	char *head;

	if (client->token == NULL)
		return;
	head = cli_format("Authorization: Bearer %s", client->token);
	add_head(client, head);
	wipe(head, strlen(head));
	free(head);
}

static void
prepare(struct client *client, const char *path, struct transfer *transfer)
{
	CURL *curl = client->curl;
	char *url = cli_format("http://localhost%s", path);

	transfer->client = client;
	curl_easy_reset(curl);
	free_heads(client);
	/* Without it a long text would wait a second for a go-ahead. */
	add_head(client, "Expect:");
	add_head(client, "Content-Type: application/json");
	add_token(client);
	(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, client->heads);
	/* Copied by the library. */
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	free(url);
	(void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket);
	(void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	(void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	(void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	(void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
}

static int
say_absent(const struct client *client)
{
	if (client->folder_fd == -1)
		cli_error("there is no post in %s; make one with: "
			  "quietline init NAME",
		    client->folder);
	else
		cli_error("the post in %s is not running; start it with: "
			  "quietline up",
		    client->folder);
	return CLI_NOT_RUNNING;
}

/* What a refusal's JSON says, and what that means for the exit code. */
static int
say_refusal(const struct transfer *transfer, long status, bool *again)
{
	json_t *error = transfer->data == NULL
	    ? NULL
	    : json_loadb(transfer->data, transfer->len, 0, NULL);
	const char *word = json_string_value(json_object_get(error, "error"));
	const char *say = json_string_value(json_object_get(error, "say"));
	int code = CLI_FAILED;

	*again = *again && word != NULL &&
	    (strcmp(word, "restarting") == 0 ||
		strcmp(word, "interrupted") == 0);
	if (!*again && say != NULL)
		cli_error("%s", say);
	else if (!*again)
		cli_error("the post answered with HTTP status %ld", status);
	if (word != NULL &&
	    (strcmp(word, "locked") == 0 || strcmp(word, "sealed") == 0))
		code = CLI_LOCKED;
	json_decref(error);
	return code;
}

/* The library's result in our terms; *again: in, may it be tried again; out,
 * should it.  Says what is wrong unless it is tried again. */
static int
judge(struct client *client, struct transfer *transfer, CURLcode result,
    bool *again)
{
	long status = status_of(client);
	long err = 0;

	if (result == CURLE_OK && status / 100 == 2) {
		*again = false;
		return transfer->code;
	}
	if (result == CURLE_OK)
		return say_refusal(transfer, status, again);
	if (transfer->code != CLI_DONE || transfer->is_late) {
		*again = false;
		if (transfer->is_late)
			return CLI_TIMEOUT;
		return transfer->code == CLIENT_STOP ? CLI_DONE
						     : transfer->code;
	}
	if (result == CURLE_COULDNT_CONNECT) {
		(void)curl_easy_getinfo(client->curl, CURLINFO_OS_ERRNO, &err);
		*again = false;
		if (err != EACCES && err != EPERM)
			return say_absent(client);
		cli_error("the post in %s belongs to another user",
		    client->folder);
		return CLI_FAILED;
	}
	if (transfer->file_failed) {
		*again = false;
		cli_error("the file cannot be read or written (%s)",
		    strerror(errno));
		return CLI_FAILED;
	}
	if (!*again)
		cli_error("the post broke off its answer (%s); look whether it "
			  "was done, and try again if not",
		    curl_easy_strerror(result));
	return CLI_FAILED;
}

/* Performs what is prepared, again where that may be. */
static int
perform(struct client *client, struct transfer *transfer, enum client_again may)
{
	uint64_t start_ms = clock_now_ns() / CLOCK_NS_PER_MS;

	if (client->folder_fd == -1)
		return say_absent(client);
	for (;;) {
		bool again = may == CLIENT_AGAIN &&
		    clock_now_ns() / CLOCK_NS_PER_MS - start_ms < AGAIN_MS;
		int code;

		transfer->len = 0;
		code = judge(client, transfer, curl_easy_perform(client->curl),
		    &again);
		if (!again)
			return code;
		(void)usleep(AGAIN_PAUSE_MS * 1000);
	}
}

/* The whole answer as JSON. */
static int
perform_json(struct client *client, struct transfer *transfer,
    enum client_again again, json_t **answer)
{
	int code = perform(client, transfer, again);

	*answer = NULL;
	if (code == CLI_DONE &&
	    (*answer = json_loadb(transfer->data == NULL ? "" : transfer->data,
		 transfer->len, JSON_REJECT_DUPLICATES, NULL)) == NULL) {
		cli_error("the post gave an answer that is not JSON");
		code = CLI_FAILED;
	}
	free(transfer->data);
	return code;
}

int
client_get(struct client *client, const char *path, json_t **answer)
{
	struct transfer transfer = { .until_ms = UINT64_MAX };

	prepare(client, path, &transfer);
	return perform_json(client, &transfer, CLIENT_AGAIN, answer);
}

int
client_post(struct client *client, const char *path, json_t *body,
    enum client_again again, json_t **answer)
{
	struct transfer transfer = { .until_ms = UINT64_MAX };
	char *text =
	    body == NULL ? strdup("{}") : json_dumps(body, JSON_COMPACT);
	int code;

	json_decref(body);
	if (text == NULL) {
		cli_error("no memory");
		exit(CLI_FAILED);
	}
	prepare(client, path, &transfer);
	(void)curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, text);
	(void)curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)strlen(text));
	code = perform_json(client, &transfer, again, answer);
	wipe(text, strlen(text));
	free(text);
	return code;
}

int
client_lines(struct client *client, const char *path, client_line *on_line,
    void *ctx, uint64_t until_ms)
{
	struct transfer transfer = { .on_line = on_line,
		.ctx = ctx,
		.until_ms = until_ms };
	int code;

	prepare(client, path, &transfer);
	code = perform(client, &transfer, CLIENT_ONCE);
	free(transfer.data);
	return code;
}

int
client_upload(struct client *client, FILE *file, uint64_t bytes,
    client_progress *progress, void *ctx, json_t **answer)
{
	struct transfer transfer = { .file = file,
		.bytes = bytes,
		.progress = progress,
		.ctx = ctx,
		.until_ms = UINT64_MAX };

	prepare(client, "/v1/uploads", &transfer);
	(void)curl_easy_setopt(client->curl, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(client->curl, CURLOPT_READFUNCTION, on_want);
	(void)curl_easy_setopt(client->curl, CURLOPT_READDATA, &transfer);
	(void)curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)bytes);
	(void)curl_easy_setopt(client->curl, CURLOPT_UPLOAD_BUFFERSIZE,
	    256L * 1024);
	return perform_json(client, &transfer, CLIENT_ONCE, answer);
}

int
client_download(struct client *client, const char *path, FILE *file,
    client_progress *progress, void *ctx)
{
	struct transfer transfer = { .file = file,
		.is_download = true,
		.progress = progress,
		.ctx = ctx,
		.until_ms = UINT64_MAX };
	int code;

	prepare(client, path, &transfer);
	code = perform(client, &transfer, CLIENT_ONCE);
	free(transfer.data);
	return code;
}

int
client_look(const struct cli *cli, char *path, json_t **answer)
{
	struct client *client = client_new(cli);
	const int code = client_get(client, path, answer);

	client_free(client);
	free(path);
	return code;
}

int
client_ask(const struct cli *cli, char *path, json_t *body,
    enum client_again again, json_t **answer)
{
	struct client *client = client_new(cli);
	const int code = client_post(client, path, body, again, answer);

	client_free(client);
	free(path);
	return code;
}

int
client_list(const struct cli *cli, char *path, client_line *on_line, void *ctx)
{
	struct client *client = client_new(cli);
	const int code = client_lines(client, path, on_line, ctx, UINT64_MAX);

	client_free(client);
	free(path);
	return code;
}

bool
client_is_there(struct client *client)
{
	struct transfer transfer = { .until_ms = UINT64_MAX };
	CURLcode result;

	if (client->folder_fd == -1)
		return false;
	prepare(client, "/v1/status", &transfer);
	(void)curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, 1000L);
	result = curl_easy_perform(client->curl);
	free(transfer.data);
	return result != CURLE_COULDNT_CONNECT;
}

char *
client_encode(const char *value)
{
	char *escaped = curl_easy_escape(NULL, value, (int)strlen(value));
	char *copy;

	if (escaped == NULL) {
		cli_error("no memory");
		exit(CLI_FAILED);
	}
	copy = cli_format("%s", escaped);
	curl_free(escaped);
	return copy;
}

char *
client_path(const char *line, const char *rest)
{
	char *name = client_encode(line);
	char *path = cli_format("/v1/lines/%s%s", name, rest);

	free(name);
	return path;
}

char *
client_message_path(const char *line, const char *ref, const char *rest)
{
	/* Of a malformed reference the post is to say what is wrong. */
	bool plain =
	    strspn(ref, "abcdefghijklmnopqrstuvwxyz0123456789/") == strlen(ref);
	char *encoded = plain ? cli_format("%s", ref) : client_encode(ref);
	char *tail = cli_format("/messages/%s%s", encoded, rest);
	char *path = client_path(line, tail);

	free(tail);
	free(encoded);
	return path;
}
