#include "tap.h"

#include <stdarg.h>
#include <stdio.h>

void
tap_case(struct tap *tap, bool ok, const char *format, ...)
{
	va_list args;

	if (ok)
		tap->passed++;
	else
		tap->failed++;
	if (tap->summary && ok)
		return;
	if (tap->summary)
		printf("failed: ");
	else
		printf("%sok %zu - ", ok ? "" : "not ",
		    tap->passed + tap->failed);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

int
tap_end(const struct tap *tap)
{
	if (tap->summary)
		printf("%zu passed, %zu failed\n", tap->passed, tap->failed);
	else
		printf("1..%zu\n", tap->passed + tap->failed);
	return tap->failed > 0 || tap->passed == 0;
}
