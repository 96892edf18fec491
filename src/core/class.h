/* Owns the five classes of records and how far one side holds each. */
#ifndef CORE_CLASS_H
#define CORE_CLASS_H

#include <stdint.h>

/*
 * Each class is sent and completed in order of n; a lower number overtakes a
 * higher one.  doc/protocol.md, "Two journals".
 */
enum record_class {
	CLASS_NOTES, /* records that are not messages: receipts, drills */
	CLASS_FLASH,
	CLASS_IMMEDIATE,
	CLASS_PRIORITY,
	CLASS_ROUTINE,
	CLASS_COUNT,
};

/* "notes", "flash", ...: static storage. */
const char *class_name(enum record_class class);

/* How far one class is held: every record up to n whole (0: none), and offset
 * bytes of the one that comes after it in the class. */
struct position {
	uint64_t n;
	uint64_t offset;
};

/* What one side durably holds of the other's journal. */
struct have {
	struct position at[CLASS_COUNT];
	/* Bytes of messages that it will still take beyond that; notes are
	 * always taken, from a reserve. */
	uint64_t credit;
};

/* Less than, equal to or greater than 0, as a stands before, at, after b. */
int position_compare(struct position a, struct position b);

#endif
