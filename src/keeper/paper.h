/* Owns drafts as the store keeps them: versions, acts and files. */
#ifndef KEEPER_PAPER_H
#define KEEPER_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keeper/post.h"
#include "keeper/rule.h"
#include "limits.h"
#include "proc/say_draft.h"

/*
 * A paper is a draft: a request that speaks, kept instead of done.  Each version
 * is a sheet of its own (keeper/sheet.h), and all that people do with it is a row
 * of its history.  Releases are of one version; a new one begins without any.
 */
enum paper_end { PAPER_OPEN, PAPER_RELEASED, PAPER_RECALLED };

struct paper {
	uint64_t n;
	uint32_t line;
	enum paper_end end;
	uint64_t version; /* the last one, from 1 */
	int64_t record;	  /* row of what came of it; 0: nothing yet */
};

/* One version, with memory of its own. */
struct paper_version {
	uint32_t who; /* wrote it */
	char title[DELEGATE_TITLE_BYTES_MAX + 1];
	int64_t wall_ms;
	uint8_t *sheet;
	size_t len;
};

/* Those who released a version. */
struct paper_releases {
	size_t count;
	struct {
		uint32_t who;
		char title[DELEGATE_TITLE_BYTES_MAX + 1];
		int64_t wall_ms;
	} one[DRAFT_RELEASES_MAX];
};

/* ERR_NOT_FOUND: there is no such draft. */
MUST_CHECK int paper_get(struct keeper *keeper, uint64_t n,
    struct paper *paper);
/* ERR_NOT_FOUND: it has no such version.  To be freed. */
MUST_CHECK int paper_get_version(struct keeper *keeper, uint64_t n,
    uint64_t version, struct paper_version *found);
/* Wipes; fine on a zeroed one. */
void paper_free_version(struct paper_version *version);
MUST_CHECK int paper_get_releases(struct keeper *keeper, uint64_t n,
    uint64_t version, struct paper_releases *releases);

/* Within a transaction of record.db: whoever asks did this.  ERR_LIMIT: the
 * history is full. */
MUST_CHECK int paper_add_act(struct keeper *keeper, const struct paper *paper,
    enum draft_act act, struct text text);
/* Within a transaction: forgets the files, and puts their names into `gone` to be
 * removed after the commit; NULL: they stay, and are another's. */
MUST_CHECK int paper_forget_files(struct keeper *keeper, uint64_t n,
    struct attachment_batch *gone);

/* Answers with a view of one version, 0: the last; whole, or as in a list. */
void paper_reply(struct keeper *keeper, const struct request *request,
    const struct paper *paper, uint64_t version, bool whole);
/* The draft that a request names, neither released nor recalled; false where
 * there is none, and the request is answered: so. */
bool paper_ask_open(struct keeper *keeper, const struct request *request,
    struct paper *paper);

/* REQUEST_DRAFT_LIST, _SHOW, _HISTORY, _COMMENT. */
void paper_on_list(struct keeper *keeper, const struct request *request);
void paper_on_show(struct keeper *keeper, const struct request *request);
void paper_on_history(struct keeper *keeper, const struct request *request);
void paper_on_comment(struct keeper *keeper, const struct request *request);

#endif
