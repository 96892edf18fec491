/* Owns the record: what one entry of a journal says, as bytes. */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/cadence.h"
#include "core/class.h"
#include "limits.h"

/*
 * The bytes of a record's stream, numbers little endian:
 *
 *   0    8   after: n of the record before it in the same class and journal; 0
 *            for the first.  By it the receiver puts a class in order.
 *   8    2   header length h, at most RECORD_HEADER_BYTES_MAX
 *   10   h   header: type(1) length(2) value, types ascending
 *   ...      text, as long as the header says
 *   ...      attachments, one after the other
 *   ...  32  for each attachment: BLAKE2b-256 of it, in order
 *
 * Header values; M message, R receipt, T terms, D drill, A answer to a drill, Y
 * day; capitals: must be there, small: may be.  A value that equals "nothing" is
 * left out, so that every record has one encoding.
 *
 *   1   kind(1)          MRTDAY 1 message, 2 receipt, 3 terms, 4 drill,
 *                               5 drill answer, 6 day
 *   2   id(16)           MRTDAY random
 *   3   precedence(1)    M     0 routine to 3 flash
 *   4   time(8)          MRTDAY wall clock of the sender, ms since 1970 UTC
 *   5   serial(8)        M     counts the messages of its side from 1
 *   6   subject          m     1 to 1024 bytes
 *   7   language         m     BCP 47, 1 to 35 bytes
 *   8   mark(1)          m     1 to 4
 *   9   re(16)           mRtA  id of the record it is about
 *   10  withdraws(16)    m     id of an earlier message of its own side
 *   11  attachment       m     size(8) name length(1) name type length(1) type;
 *                              may come up to 64 times
 *   12  text length(4)   M     at most 1 MiB
 *   13  receipt(1)       R     1 delivered, 2 read, 3 acknowledged
 *   14  number(4)        T     that the terms would have, from 1
 *   15  cadence          t     frame bytes(2) slot microseconds(4)
 *   16  day              Y     date(4), days since 1970 in UTC; then seconds(4)
 *                              in each enum day_part, together at most 86400
 *
 * Terms with a cadence propose it, and with re agree to what that proposed; with
 * neither they take the last proposal back; both is refused.
 *
 * A type that is not listed is refused below 128 and skipped from 128 on.
 */
enum record_sizes {
	RECORD_FIXED_BYTES = 10,
	RECORD_TRAILER_EACH_BYTES = 32,
	RECORD_HEAD_BYTES_MAX = RECORD_FIXED_BYTES + RECORD_HEADER_BYTES_MAX,
};

enum record_kind {
	RECORD_MESSAGE = 1,
	RECORD_RECEIPT = 2,
	RECORD_TERMS = 3,
	RECORD_DRILL = 4,
	RECORD_DRILL_ANSWER = 5,
	RECORD_DAY = 6,
};

enum precedence {
	PRECEDENCE_ROUTINE,
	PRECEDENCE_PRIORITY,
	PRECEDENCE_IMMEDIATE,
	PRECEDENCE_FLASH,
	PRECEDENCE_COUNT,
};

/* How a message may be handled. */
enum mark {
	MARK_NONE,
	MARK_YOU_ONLY,
	MARK_PRINCIPAL,
	MARK_IN_SUBSTANCE,
	MARK_MAY_BE_QUOTED,
	MARK_COUNT,
};

enum receipt_kind {
	RECEIPT_DELIVERED = 1,
	RECEIPT_READ = 2,
	RECEIPT_ACKNOWLEDGED = 3,
};

/* How its writer found the line, for so much of a day. */
enum day_part {
	DAY_UP,
	DAY_ONE_WAY,  /* it heard the peer, who did not hear it */
	DAY_STARTING, /* no session yet */
	DAY_PATH,     /* silent, and it was the path */
	DAY_POST,     /* silent, and it was the peer's post */
	DAY_UNTOLD,   /* silent, and nobody knows which it was */
	DAY_GOODBYE,  /* silent, as the peer had said before */
	DAY_DOWN,     /* its own post did not run */
	DAY_PART_COUNT,
};

struct day {
	uint32_t date; /* days since 1970, UTC */
	uint32_t seconds[DAY_PART_COUNT];
};

/* UTF-8, not terminated, borrowed; len 0: absent. */
struct record_text {
	const char *data;
	size_t len;
};

struct record_attachment {
	uint64_t bytes;
	struct record_text name;
	struct record_text type;
};

/* A head: all of a record but its text, attachments and trailer.  Fields that
 * its kind does not have are zero. */
struct record {
	uint64_t after;
	enum record_kind kind;
	uint8_t id[RECORD_ID_BYTES];
	enum precedence precedence;
	int64_t time_ms;
	uint64_t serial;
	struct record_text subject;
	struct record_text language;
	enum mark mark;
	bool has_re;
	uint8_t re[RECORD_ID_BYTES];
	bool has_withdraws;
	uint8_t withdraws[RECORD_ID_BYTES];
	size_t attachments;
	struct record_attachment attachment[ATTACHMENTS_MAX];
	uint32_t text_bytes;
	enum receipt_kind receipt;
	uint32_t number;	/* of terms */
	struct cadence cadence; /* slot_us 0: none */
	struct day day;
};

/* Where the parts of a stream begin, in bytes from its start. */
struct record_layout {
	uint64_t text;
	size_t attachments;
	uint64_t attachment[ATTACHMENTS_MAX];
	uint64_t trailer;
	uint64_t total;
};

/* The class that a record goes by. */
enum record_class record_class(enum record_kind kind,
    enum precedence precedence);

/* Labels (subjects, names): UTF-8 without control characters or line breaks.
 * Texts: UTF-8 without NUL.  Languages and types: printable ASCII, no space. */
bool record_is_label(const char *data, size_t len);
bool record_is_text(const char *data, size_t len);
bool record_is_token(const char *data, size_t len);
/* An attachment's name: a label without '/', and not "." or "..". */
bool record_is_file_name(const char *data, size_t len);

/* A date that can be written in four digits, and seconds of one day: some, but no
 * more than it has. */
bool record_is_day(const struct day *day);

/* Writes the head, which must follow the rules above (assertion). */
void record_encode_head(struct writer *w, const struct record *record);

/* Bytes of the head that starts here, known from RECORD_FIXED_BYTES on; 0: not
 * enough bytes yet.  May be more than RECORD_HEAD_BYTES_MAX: refuse then. */
size_t record_head_bytes(const uint8_t *bytes, size_t len);

/* Reads a head of exactly len bytes into views of them.  ERR_FORMAT: breaks its
 * layout; ERR_LIMIT: a length or count is over a limit. */
MUST_CHECK int record_decode_head(struct record *record, const uint8_t *bytes,
    size_t len);

void record_lay_out(struct record_layout *layout, const struct record *record,
    size_t head_bytes);

#endif
