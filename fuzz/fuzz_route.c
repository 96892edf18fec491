/* The path and the query of a request to the API. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "desk/api.h"
#include "desk/args.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What route_find took must be what it promises. */
static void
check(const struct route_match *match)
{
	if (match->ref[0] != '\0' && !route_is_ref(match->ref))
		abort();
	if (!utf8_is_valid(match->line, strlen(match->line)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct args_field fields[] = { { .name = "since" },
		{ .name = "limit" } };
	struct route_match match;
	uint64_t number = 0;
	char *path = malloc(size + 1);
	char *query;

	if (path == NULL)
		return 0;
	memcpy(path, data, size);
	path[size] = '\0';
	if ((query = strchr(path, '?')) != NULL)
		*query++ = '\0';
	if (route_find(&match, api_routes, api_route_count, "GET", path) == OK)
		check(&match);
	if (route_find(&match, api_routes, api_route_count, "POST", path) == OK)
		check(&match);
	if (args_parse(fields, 2, query) == OK &&
	    args_number(&number, &fields[1], 1000) == OK && number > 1000)
		abort();
	free(path);
	return 0;
}
