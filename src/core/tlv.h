/* Owns one value of a record's header: how it is bounded, written and read. */
#ifndef CORE_TLV_H
#define CORE_TLV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/record.h"

/* The types, as they stand in the bytes. */
enum tlv {
	TLV_KIND = 1,
	TLV_ID = 2,
	TLV_PRECEDENCE = 3,
	TLV_TIME = 4,
	TLV_SERIAL = 5,
	TLV_SUBJECT = 6,
	TLV_LANGUAGE = 7,
	TLV_MARK = 8,
	TLV_RE = 9,
	TLV_WITHDRAWS = 10,
	TLV_ATTACHMENT = 11, /* may come again */
	TLV_TEXT_LENGTH = 12,
	TLV_RECEIPT = 13,
	TLV_NUMBER = 14,
	TLV_CADENCE = 15,
	TLV_DAY = 16,
	TLV_POINT = 17, /* may come again */
	TLV_STANDING = 18,
	TLV_DEADLINE = 19,
	TLV_SAID = 20,
	TLV_SOURCE = 21,
	TLV_SPEAKER = 22,
	TLV_AUTHOR = 23,
	TLV_EMERGENCY = 24,
	TLV_FORM = 25,
	TLV_PACT = 26,
	TLV_VERDICT = 27,
	TLV_DISCLOSURE = 28,
	TLV_MONTH = 29,
	TLV_STEP = 30,
	TLV_DATA = 31,
	TLV_LANGUAGE_B = 32,
	TLV_COUNT,
	TLV_SKIPPED_MIN = 128,
};

/* A set of types is a bit for each. */
#define TLV_HAS(tlv) (UINT64_C(1) << (tlv))

/* The record has a value of that type which is not nothing. */
bool tlv_is_said(const struct record *record, enum tlv type);

/* Writes type, length and value, which must be within its bounds (assertion): of
 * a type that may come again all there are. */
void tlv_put(struct writer *w, const struct record *record, enum tlv type);

/* Reads one value, whose bytes the reader holds, into views of them.  ERR_FORMAT:
 * breaks its layout; ERR_LIMIT: a number is over a limit. */
MUST_CHECK int tlv_get(struct reader *r, struct record *record, enum tlv type);

/* May a record have several of that type? */
bool tlv_may_repeat(unsigned type);

#endif
