/* Owns the replies that wait until the parent has bound a socket. */
#ifndef KEEPER_WAIT_H
#define KEEPER_WAIT_H

#include "base/buf.h"
#include "keeper/post.h"

/* The reply waits for the socket of a path, so that it can say what that is
 * bound to.  file: of a ceremony, which begins the line; NULL: the path alone is
 * new. */
void wait_begin(struct keeper *keeper, uint32_t request,
    const struct post_line *line, unsigned path, const struct writer *file);

/* The parent's answer: the line is told, and who waits. */
void wait_on_socket(struct keeper *keeper, struct post_line *line,
    unsigned path, int err, struct text listen, struct text why);

/* A reply waits for that path's socket. */
bool wait_has(struct keeper *keeper, const struct post_line *line,
    unsigned path);

/* The path is removed meanwhile: its number is not free until the parent has
 * answered, or did not for long; else that would be taken for another's. */
void wait_abandon(struct keeper *keeper, const struct post_line *line,
    unsigned path);

/* The line is gone meanwhile. */
void wait_cancel(struct keeper *keeper, const struct post_line *line,
    unsigned path);

uint64_t wait_next_ns(const struct keeper *keeper);
/* Answers who waited too long. */
void wait_on_time(struct keeper *keeper);
void wait_forget(struct keeper *keeper);

#endif
