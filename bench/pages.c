/*
 * Owns timing one answer of a post's API, again and again, on a connection that
 * stays.
 *
 *   pages SOCKET ROUNDS LINES PATH...
 *
 * Prints "PATH MILLISECONDS" for each answer, the paths by turns; an answer of
 * fewer lines than LINES is none.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

enum { URL_BYTES = 1024 };

static size_t
count_lines(char *data, size_t size, size_t count, void *ctx)
{
	size_t *lines = ctx;

	for (size_t i = 0; i < size * count; i++)
		*lines += data[i] == '\n';
	return size * count;
}

static void
get(CURL *curl, const char *path, size_t least)
{
	char url[URL_BYTES];
	size_t lines = 0;
	uint64_t began_ns;

	snprintf(url, sizeof(url), "http://localhost%s", path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &lines);
	began_ns = clock_now_ns();
	if (curl_easy_perform(curl) != CURLE_OK || lines < least)
		fatalx("%s: no answer of %zu lines (%zu)", path, least, lines);
	printf("%s %.4f\n", path,
	    (double)(clock_now_ns() - began_ns) / CLOCK_NS_PER_MS);
}

int
main(int argc, char **argv)
{
	CURL *curl = curl_easy_init();
	long rounds;

	if (argc < 5 || curl == NULL)
		fatalx("usage: pages SOCKET ROUNDS LINES PATH...");
	rounds = strtol(argv[2], NULL, 10);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, argv[1]);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, count_lines);
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	for (long i = 0; i < rounds; i++) {
		for (int k = 4; k < argc; k++)
			get(curl, argv[k], strtoul(argv[3], NULL, 10));
	}
	curl_easy_cleanup(curl);
	return 0;
}
