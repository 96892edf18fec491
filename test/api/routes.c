/* Lists every route of the desk, one a line: method and pattern.  For the test
 * that holds doc/api.yaml against them. */
#include <stdio.h>

#include "desk/api.h"
#include "desk/answer.h"

int
main(void)
{
	for (size_t i = 0; i < api_route_count; i++)
		printf("%s %s\n", api_routes[i].method, api_routes[i].pattern);
	return 0;
}
