/* Owns what desk and keeper say to each other of what the peer learns. */
#ifndef PROC_SAY_DISCLOSURE_H
#define PROC_SAY_DISCLOSURE_H

#include <stdint.h>

#include "core/record.h"
#include "limits.h"
#include "proc/field.h"
#include "proc/text.h"

struct disclosure_ask {
	uint32_t wanted; /* a bit for each enum disclosed */
};

struct disclosure_view {
	uint32_t agreed;
	uint32_t ours;	 /* proposed by this side, not answered */
	uint32_t theirs; /* proposed by them, not answered */
	struct text say;
};

extern const struct layout say_disclosure_ask;
extern const struct layout say_disclosure_view;

#endif
