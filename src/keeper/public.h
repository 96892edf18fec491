/* Owns what people ask about what was said in public, and each side's reading of
 * it. */
#ifndef KEEPER_PUBLIC_H
#define KEEPER_PUBLIC_H

#include "keeper/post.h"

/* Answer REQUEST_PUBLIC_ADD, _LIST, _READING. */
void public_on_add(struct keeper *keeper, const struct request *request);
void public_on_list(struct keeper *keeper, const struct request *request);
void public_on_reading(struct keeper *keeper, const struct request *request);

#endif
