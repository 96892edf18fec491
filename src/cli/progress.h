/* Owns the one line on standard error that tells how far something is. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what; /* "uploading report.pdf", safe to print */
	bool is_on;	  /* standard error is a terminal, for a person */
	bool is_shown;
	uint64_t shown_ms;
};

/* Draws the line anew, at most ten times a second; ctx is a struct progress.
 * Fits client_progress. */
void progress_show(void *ctx, uint64_t done, uint64_t total);
/* Takes the line away. */
void progress_end(struct progress *progress);

#endif
