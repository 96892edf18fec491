/* Owns reading the files of a draft: nobody shall release what they cannot see. */
#ifndef KEEPER_ENCLOSURE_H
#define KEEPER_ENCLOSURE_H

#include "keeper/post.h"

/* REQUEST_DRAFT_GET: a piece of a file of the last version. */
void enclosure_on_get(struct keeper *keeper, const struct request *request);

#endif
