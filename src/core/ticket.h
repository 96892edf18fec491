/* Owns tickets: what lets a post send by a relay, and what it puts there. */
#ifndef CORE_TICKET_H
#define CORE_TICKET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/cadence.h"
#include "crypto/short.h"
#include "limits.h"

/*
 * A relay has one secret and keeps nothing else: whatever a ticket says follows
 * from it.  A ticket names a line of the relay by a number, one of its two legs
 * and the cadence of both, all of it in eight bytes, the id.  What a post sends
 * to the relay is a frame with a token behind it, made of id and frame; what
 * the relay sends to a post has none.  doc/protocol.md, "Relay".
 */
enum ticket_sizes {
	TICKET_SECRET_BYTES = 32,
	TICKET_ID_BYTES = 8,
	TICKET_TOKEN_BYTES = TICKET_ID_BYTES + SHORT_BYTES,
	/* The relay's endpoint, HOST:PORT, and the NUL. */
	TICKET_ENDPOINT_BYTES = CARD_ENDPOINT_BYTES_MAX + 1,
	/* A whole ticket as text, and the NUL. */
	TICKET_TEXT_BYTES = 340,
	/* 31 bits. */
	TICKET_NUMBER_MAX = 0x7fffffff,
};

/* The two ends of a line at the relay. */
enum { TICKET_LEGS = 2 };

/* What the eight bytes of an id say. */
struct ticket_id {
	uint32_t number;
	unsigned leg; /* 0 or 1 */
	struct cadence cadence;
};

/* What a post holds.  Of the keys, mask is the same in all tickets of a relay. */
struct ticket {
	/* "192.0.2.1:7412", "relay.example:7412" or "[2001:db8::1]:7412". */
	char endpoint[TICKET_ENDPOINT_BYTES];
	uint8_t id[TICKET_ID_BYTES];
	uint8_t mask[SHORT_KEY_BYTES];
	uint8_t key[SHORT_KEY_BYTES];
	struct ticket_id is; /* what id says */
};

/* ---- for posts */

/*
 * Reads a ticket's one line, without any end of line: OK, ERR_FORMAT for what
 * is no ticket or was mistyped, ERR_VERSION for one of another version.
 * Nothing is in *ticket then.
 */
MUST_CHECK int ticket_parse(struct ticket *ticket, const char *text,
    size_t len);
void ticket_format(char text[TICKET_TEXT_BYTES], const struct ticket *ticket);

/* The token that follows frame, which is of the ticket's cadence. */
void ticket_seal(uint8_t token[TICKET_TOKEN_BYTES], const struct ticket *ticket,
    const uint8_t *frame);

void ticket_wipe(struct ticket *ticket);

/* ---- for the relay */

/* What a relay makes and tests tickets with. */
struct ticket_mint {
	uint8_t secret[TICKET_SECRET_BYTES];
	uint8_t mask[SHORT_KEY_BYTES]; /* follows from it */
};

void ticket_mint_init(struct ticket_mint *mint,
    const uint8_t secret[TICKET_SECRET_BYTES]);
void ticket_mint_wipe(struct ticket_mint *mint);

/* Makes a ticket for whoever reaches the relay at endpoint.  OK; ERR_FORMAT for
 * an endpoint that is none; ERR_LIMIT for a number, leg or cadence that is. */
MUST_CHECK int ticket_issue(struct ticket *ticket,
    const struct ticket_mint *mint, const struct ticket_id *is,
    const char *endpoint);

/* OK, or ERR_LIMIT for what cannot stand in an id; the reverse is OK, or
 * ERR_FORMAT for eight bytes that are none. */
MUST_CHECK int ticket_encode_id(uint8_t id[TICKET_ID_BYTES],
    const struct ticket_id *is);
MUST_CHECK int ticket_decode_id(struct ticket_id *is,
    const uint8_t id[TICKET_ID_BYTES]);

/*
 * What a datagram, frame and token, says of itself: OK, ERR_SIZE where it is
 * too short or of another size than its id has it, or ERR_FORMAT.  Nothing is
 * proved yet; one in two thousand random datagrams may get so far.
 */
MUST_CHECK int ticket_peek(uint8_t id[TICKET_ID_BYTES], struct ticket_id *is,
    const struct ticket_mint *mint, const uint8_t *datagram, size_t len);

/* The key of an id's ticket. */
void ticket_key(uint8_t key[SHORT_KEY_BYTES], const struct ticket_mint *mint,
    const uint8_t id[TICKET_ID_BYTES]);

/* Whether who sent the datagram, of which id was read, holds the ticket: OK or
 * ERR_CRYPTO. */
MUST_CHECK int ticket_open(const uint8_t id[TICKET_ID_BYTES],
    const uint8_t key[SHORT_KEY_BYTES], const uint8_t *datagram, size_t len);

#endif
