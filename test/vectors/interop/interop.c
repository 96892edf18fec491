/*
 * One side of quietline's handshake over lines of hexadecimal, for the other
 * side to be somebody else's program.
 *
 *   interop a|b KIND ID T STATIC PEER SECRET CONTINUITY
 *
 * a writes message 1, reads message 2; b reads message 1, writes message 2.
 * Then either writes: a>b, b>a, exporter, continuity, h, a line each; or the
 * one line "refused".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "core/handshake.h"
#include "crypto/crypto.h"

static void
get(uint8_t *bytes, size_t len, const char *text)
{
	if (hex_decode(bytes, len, text) != OK) {
		fprintf(stderr, "interop: not %zu bytes: %s\n", len, text);
		exit(2);
	}
}

static void
put_line(const uint8_t *bytes, size_t len)
{
	char text[2 * HANDSHAKE_1_BYTES + 1];

	hex_encode(text, bytes, len);
	puts(text);
	fflush(stdout);
}

static void
get_line(uint8_t *bytes, size_t len)
{
	char text[2 * HANDSHAKE_1_BYTES + 2] = "";

	if (fgets(text, sizeof(text), stdin) == NULL)
		exit(2);
	text[strcspn(text, "\n")] = '\0';
	get(bytes, len, text);
}

int
main(int argc, char *argv[])
{
	uint8_t transcript[HANDSHAKE_TRANSCRIPT_BYTES];
	uint8_t static_secret[DH_BYTES], peer_static[DH_BYTES];
	uint8_t secret[KDF_BYTES], continuity[KDF_BYTES];
	uint8_t message1[HANDSHAKE_1_BYTES], message2[HANDSHAKE_2_BYTES];
	struct handshake handshake;
	struct handshake_keys keys;
	struct handshake_terms terms = {
		.transcript = transcript,
		.static_secret = static_secret,
		.peer_static = peer_static,
		.secret = secret,
		.continuity = continuity,
	};
	int rc;

	if (argc != 9) {
		fprintf(stderr,
		    "usage: interop a|b KIND ID T STATIC PEER "
		    "SECRET CONTINUITY\n");
		return 2;
	}
	crypto_init();
	terms.kind = (enum handshake_kind)atoi(argv[2]);
	terms.id = strtoull(argv[3], NULL, 10);
	get(transcript, sizeof(transcript), argv[4]);
	get(static_secret, sizeof(static_secret), argv[5]);
	get(peer_static, sizeof(peer_static), argv[6]);
	get(secret, sizeof(secret), argv[7]);
	get(continuity, sizeof(continuity), argv[8]);

	if (strcmp(argv[1], "a") == 0) {
		rc = handshake_open(&handshake, &terms, rng_kernel(), message1);
		if (rc == OK) {
			put_line(message1, sizeof(message1));
			get_line(message2, sizeof(message2));
			rc = handshake_finish(&handshake, message2, &keys);
		}
	} else {
		get_line(message1, sizeof(message1));
		rc = handshake_answer(&terms, rng_kernel(), message1, message2,
		    &keys);
		if (rc == OK)
			put_line(message2, sizeof(message2));
	}
	if (rc != OK) {
		puts("refused");
		return 0;
	}
	put_line(keys.a_to_b, sizeof(keys.a_to_b));
	put_line(keys.b_to_a, sizeof(keys.b_to_a));
	put_line(keys.exporter, sizeof(keys.exporter));
	put_line(keys.continuity, sizeof(keys.continuity));
	put_line(keys.h, sizeof(keys.h));
	return 0;
}
