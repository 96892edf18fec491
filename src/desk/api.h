/* Owns the list of what people may ask, and how each is answered. */
#ifndef DESK_API_H
#define DESK_API_H

#include <stddef.h>

#include "desk/route.h"

/* Every route there is; doc/api.yaml describes each. */
extern const struct route api_routes[];
extern const size_t api_route_count;

#endif
