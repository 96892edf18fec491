/* Owns releasing a draft: who has, who must, and that it is said once. */
#ifndef KEEPER_RELEASE_H
#define KEEPER_RELEASE_H

#include "keeper/post.h"

/*
 * Answers REQUEST_DRAFT_RELEASE.  It names the version that was read, so that
 * nobody releases another.  The release that the rule waited for says it: with
 * the journal's record in one transaction.
 */
void release_on_request(struct keeper *keeper, const struct request *request);

#endif
