#include "cli/progress.h"

#include <stdio.h>

#include "base/clock.h"
#include "cli/show.h"

enum { PROGRESS_PAUSE_MS = 100 };

void
progress_show(void *ctx, uint64_t done, uint64_t total)
{
	struct progress *progress = ctx;
	uint64_t now_ms = clock_now_ns() / CLOCK_NS_PER_MS;
	char here[SHOW_BYTES], all[SHOW_BYTES];

	if (!progress->is_on || total == 0 ||
	    (progress->is_shown &&
		now_ms - progress->shown_ms < PROGRESS_PAUSE_MS))
		return;
	show_bytes(here, done);
	show_bytes(all, total);
	(void)fprintf(stderr, "\r\033[K%s: %s of %s, %u %%", progress->what,
	    here, all, (unsigned)((double)done / (double)total * 100));
	(void)fflush(stderr);
	progress->is_shown = true;
	progress->shown_ms = now_ms;
}

void
progress_end(struct progress *progress)
{
	if (progress->is_shown)
		(void)fputs("\r\033[K", stderr);
	progress->is_shown = false;
}
