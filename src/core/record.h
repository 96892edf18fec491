/* Owns the record: what one entry of a journal says, as bytes. */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/word.h"
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
 * What each kind must and may have is the table of core/record.c, what each value
 * may be that of core/tlv.c; doc/protocol.md has both in words.  A value that says
 * nothing is left out, so that every record has one encoding.
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
	RECORD_POINT = 7,    /* raises one; its text says it at length */
	RECORD_STANDING = 8, /* where its side stands on a point */
	RECORD_PUBLIC = 9,   /* what was said in public, perhaps on a point */
	RECORD_READING = 10, /* of what was said in public, by its side */
	RECORD_TRANSLATION = 11, /* unofficial, of a message */
	RECORD_PACT = 12,	 /* proposes what binds once both agree */
	RECORD_CONSENT = 13,	 /* or the opposite, to a pact */
	RECORD_ROSTER = 14,	 /* of its side's watch; no text: taken back */
	RECORD_MONTH = 15,	 /* of its side's drills */
	RECORD_SERVICE = 16,	 /* operators' talk, no part of what is kept */
	RECORD_WILLING = 17,	 /* a step of a comparison of willingness */
	RECORD_KIND_COUNT,
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

/* Where a side stands on a point. */
enum standing {
	STANDING_NONE,
	STANDING_RAISED,
	STANDING_HEARD,
	STANDING_UNDER_STUDY,
	STANDING_ACCEPTED,
	STANDING_DECLINED,
	STANDING_RESERVED,
	STANDING_CLOSED,
	STANDING_COUNT,
};

/* What a pact is about. */
enum pact_kind {
	PACT_NONE,
	PACT_FORM,
	PACT_DISCLOSURE,
	PACT_KIND_COUNT,
};

/* Of one side, on a pact. */
enum pact_verdict {
	VERDICT_NONE,
	VERDICT_AGREE,
	VERDICT_DECLINE,
	VERDICT_WITHDRAW, /* its own proposal; or ends one that is in force */
	VERDICT_COUNT,
};

/* What a side lets the other know of its people, as bits of a set. */
enum disclosed {
	DISCLOSED_TITLES, /* who wrote */
	DISCLOSED_READ,	  /* that somebody read */
	DISCLOSED_ROSTER, /* who watches when */
	DISCLOSED_COUNT,
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

/* A calendar month of its writer's drills. */
struct month {
	uint32_t month; /* year * 12 + month, that from 0; UTC */
	uint32_t sent;
	uint32_t answered;
	uint32_t missed;
	uint32_t median_ms; /* of the answers */
	uint32_t worst_ms;
	uint32_t acknowledged; /* by a person of the other side */
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
	/* Records of the points that it belongs to. */
	size_t points;
	uint8_t point[RECORD_POINTS_MAX][RECORD_ID_BYTES];
	enum standing standing;
	int64_t deadline_ms; /* of its side; 0: none */
	int64_t said_ms;     /* in public */
	struct record_text source;
	struct record_text speaker;
	struct record_text author; /* only where the line discloses it */
	bool is_emergency;	   /* released by one person alone */
	uint32_t form;		   /* its number; 0: none */
	enum pact_kind pact;
	enum pact_verdict verdict;
	uint32_t discloses; /* a bit for each enum disclosed */
	struct month month;
	uint32_t step;		 /* of a comparison, from 1 */
	struct record_text data; /* bytes, not text */
	struct record_text language_b;
};

/* Where the parts of a stream begin, in bytes from its start. */
struct record_layout {
	uint64_t text;
	size_t attachments;
	uint64_t attachment[ATTACHMENTS_MAX];
	uint64_t trailer;
	uint64_t total;
};

extern const struct word_list record_precedences;
extern const struct word_list record_marks;
extern const struct word_list record_standings;
extern const struct word_list record_pacts;
extern const struct word_list record_verdicts;
extern const struct word_list record_disclosures;

/* The class that a record goes by; the precedence is a message's. */
enum record_class record_class(enum record_kind kind,
    enum precedence precedence);

/* Whether people say it: then it may be said in an emergency. */
bool record_is_spoken(enum record_kind kind);

/* Whether it may say who wrote it. */
bool record_takes_author(enum record_kind kind);

/* The longest text that a record of this kind may have; 0: none. */
uint32_t record_text_most(enum record_kind kind);

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
/* A month of years in four digits, with no more answers than drills. */
bool record_is_month(const struct month *month);

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
