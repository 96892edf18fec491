/* Owns the card: what one side of a line shows the other, once. */
#ifndef CORE_CARD_H
#define CORE_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"
#include "core/line.h"
#include "crypto/dh.h"
#include "crypto/proof.h"
#include "limits.h"

/*
 * 704 bytes, zero padded, numbers little endian:
 *
 *   0    1   version, 1
 *   1    1   role: 0 A, who offers; 1 B
 *   2    1   accept: 0 text, 1 text and images, 2 any
 *   3    2   frame bytes, 256 to 1232
 *   5    4   slot microseconds, 250 to 2000000
 *   9    32  X25519 public key
 *   41   32  ristretto255 signing key
 *   73   64  proof of possession of the signing key, R || s, over the 704 bytes
 *            with these 64 zero, under the label "quietline/v1 card"
 *   137  16  nonce
 *   153  1   name length n, 1 to 255
 *   154  n   name, UTF-8
 *   ...  1   endpoint length m, 0 to 255
 *   ...  m   endpoint, HOST:PORT or [IPV6]:PORT, "tcp:" before it where it
 *            takes TCP and not UDP; empty: the peer learns it
 *   ...      zeros to 704
 */
enum card_sizes {
	CARD_BYTES = 704,
	CARD_VERSION = 1,
	CARD_NONCE_BYTES = 16,
};

/* What a side takes as attachments. */
enum accept {
	ACCEPT_TEXT = 0,
	ACCEPT_IMAGES = 1,
	ACCEPT_ANY = 2,
	ACCEPT_COUNT,
};

struct card {
	enum line_role role;
	enum accept accept;
	uint16_t frame_bytes;
	uint32_t slot_us;
	uint8_t dh_public[DH_BYTES];
	uint8_t signing_public[PROOF_PUBLIC_BYTES];
	uint8_t proof[PROOF_BYTES];
	uint8_t nonce[CARD_NONCE_BYTES];
	char name[CARD_NAME_BYTES_MAX + 1];	    /* NUL terminated */
	char endpoint[CARD_ENDPOINT_BYTES_MAX + 1]; /* "" for none */
};

/* A name that may stand on a card: 1 to 255 bytes of UTF-8 on one line, without
 * sly characters (utf8_is_sly), no space at either end.  OK,
 * ERR_SIZE or ERR_FORMAT. */
MUST_CHECK int card_check_name(const char *name, size_t len);
/* An endpoint that may stand on a card: empty, or a host name, IPv4 address or
 * IPv6 address in brackets, a colon, and a port from 1 to 65535, "tcp:" before
 * all of it or not; 255 bytes. */
MUST_CHECK int card_check_endpoint(const char *endpoint, size_t len);
/* Whether it is one for TCP, and what of it reads HOST:PORT. */
bool card_is_tcp(const char *endpoint, size_t len);
const char *card_host(const char *endpoint);
/* Cadence and accept within their bounds: OK or ERR_LIMIT. */
MUST_CHECK int card_check_terms(uint32_t frame_bytes, uint32_t slot_us,
    uint32_t accept);

/* Writes the card's bytes, signed: the proof is made here, card->proof is not
 * read.  What card_decode would refuse is an assertion. */
void card_encode(uint8_t bytes[CARD_BYTES], const struct card *card,
    const uint8_t signing_secret[PROOF_SECRET_BYTES], struct rng rng);

/* Reads a card and checks every bound, then the proof.  ERR_VERSION: another
 * version; ERR_FORMAT or ERR_LIMIT: a field is not as above; ERR_CRYPTO: the
 * proof does not hold.  card is zeroed on failure. */
MUST_CHECK int card_decode(struct card *card, const uint8_t bytes[CARD_BYTES]);

/* The terms let an attachment of that type through: the same at both ends. */
bool card_accepts(enum accept accept, const char *type, size_t len);

#endif
