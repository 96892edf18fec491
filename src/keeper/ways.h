/* Owns a line's paths: which there are, and what each goes by. */
#ifndef KEEPER_WAYS_H
#define KEEPER_WAYS_H

#include "base/err.h"
#include "keeper/post.h"
#include "proc/address.h"

/* Reads what people gave, for a line of that cadence; ceremony: the endpoint is
 * of this side, and the peer's card will say where to go.  NULL, or what is
 * wrong with it, in words. */
const char *ways_read(struct way *way, const struct request_way *asked,
    struct cadence cadence, bool ceremony);

/* Whether way goes with what both cards say: NULL, or what is wrong. */
const char *ways_judge(const struct way *way, const char *own_endpoint,
    const char *peer_endpoint);

/* Within a transaction of line.db. */
MUST_CHECK int ways_put(struct keeper *keeper, uint32_t line, unsigned path,
    const struct way *way);
MUST_CHECK int ways_erase(struct keeper *keeper, uint32_t line);

MUST_CHECK int ways_load(struct keeper *keeper, struct post_line *line);

/* Tells wire and the parent of every path that is known to go anywhere; how many
 * that were. */
unsigned ways_tell(struct keeper *keeper, const struct post_line *line);
/* Tells both that there are none any more. */
void ways_drop(struct keeper *keeper, const struct post_line *line);

/* The parent has bound a path's socket, or could not: keeps the port for the
 * next start, so that the peer finds it again. */
void ways_on_socket(struct keeper *keeper, struct post_line *line,
    unsigned path, int err, struct text listen, struct text why);
/* Keeps where the peer was heard, for the next start. */
void ways_on_report(struct keeper *keeper, struct post_line *line);

/* The first path, counted from 0, whose relay takes another cadence; or
 * LINE_PATHS_MAX. */
unsigned ways_find_unfit(const struct post_line *line, struct cadence cadence);

/* Texts of views that are not kept anywhere. */
struct ways_shown {
	char at[LINE_PATHS_MAX][ADDRESS_TEXT_BYTES];
};

/* Fills view[LINE_PATHS_MAX]; how many there are. */
size_t ways_show(const struct post_line *line, struct path_view *view,
    struct ways_shown *shown);

/* Answer REQUEST_PATH_ADD, PATH_LIST, PATH_REMOVE and ROAMING. */
void ways_on_add(struct keeper *keeper, const struct request *request);
void ways_on_list(struct keeper *keeper, const struct request *request);
void ways_on_remove(struct keeper *keeper, const struct request *request);
void ways_on_roaming(struct keeper *keeper, const struct request *request);

/* The replies to `path add` that wait for their socket. */
void ways_reply(struct keeper *keeper, uint32_t request,
    const struct post_line *line, unsigned path);
/* The socket cannot be had: the path is undone. */
void ways_undo(struct keeper *keeper, uint32_t request, struct post_line *line,
    unsigned path, int err, struct text why);

#endif
