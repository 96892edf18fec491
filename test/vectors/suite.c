#include "suite.h"

#include <assert.h>
#include <string.h>

#include <blake2.h>
#include <sodium.h>

static void
hash_sha256(uint8_t *out, const struct hash_part *parts, size_t count)
{
	crypto_hash_sha256_state state;
	size_t i;

	crypto_hash_sha256_init(&state);
	for (i = 0; i < count; i++)
		crypto_hash_sha256_update(&state, parts[i].data, parts[i].len);
	crypto_hash_sha256_final(&state, out);
}

static void
hash_sha512(uint8_t *out, const struct hash_part *parts, size_t count)
{
	crypto_hash_sha512_state state;
	size_t i;

	crypto_hash_sha512_init(&state);
	for (i = 0; i < count; i++)
		crypto_hash_sha512_update(&state, parts[i].data, parts[i].len);
	crypto_hash_sha512_final(&state, out);
}

static void
hash_blake2s(uint8_t *out, const struct hash_part *parts, size_t count)
{
	blake2s_state state;
	size_t i;

	blake2s_init(&state, BLAKE2S_OUTBYTES);
	for (i = 0; i < count; i++)
		if (parts[i].len > 0)
			blake2s_update(&state, parts[i].data, parts[i].len);
	blake2s_final(&state, out, BLAKE2S_OUTBYTES);
}

static const struct noise_hash sha256 = { 32, 64, hash_sha256 };
static const struct noise_hash sha512 = { 64, 128, hash_sha512 };
static const struct noise_hash blake2s_hash = { 32, 64, hash_blake2s };

const struct noise_hash *
suite_find_hash(const char *name)
{
	static const struct {
		const char *name;
		const struct noise_hash *hash;
	} hashes[] = {
		{ "BLAKE2b", &noise_blake2b },
		{ "BLAKE2s", &blake2s_hash },
		{ "SHA256", &sha256 },
		{ "SHA512", &sha512 },
	};
	size_t i;

	for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (strcmp(hashes[i].name, name) == 0)
			return hashes[i].hash;
	return NULL;
}

#define E NOISE_E
#define S NOISE_S
#define EE NOISE_EE
#define ES NOISE_ES
#define SE NOISE_SE
#define SS NOISE_SS

/* Noise, revision 34, sections 7.4 to 7.6; XXhfs by the hfs extension. */
static const struct {
	const char *name;
	struct noise_pattern pattern;
} patterns[] = {
	{ "N", { false, true, true, { { E, ES } } } },
	{ "K", { true, true, true, { { E, ES, SS } } } },
	{ "X", { false, true, true, { { E, ES, S, SS } } } },
	{ "NN", { false, false, false, { { E }, { E, EE } } } },
	{ "NK", { false, true, false, { { E, ES }, { E, EE } } } },
	{ "KN", { true, false, false, { { E }, { E, EE, SE } } } },
	{ "KK", { true, true, false, { { E, ES, SS }, { E, EE, SE } } } },
	{ "KX", { true, false, false, { { E }, { E, EE, SE, S, ES } } } },
	{ "IK", { false, true, false, { { E, ES, S, SS }, { E, EE, SE } } } },
	{ "XK", { false, true, false, { { E, ES }, { E, EE }, { S, SE } } } },
	{ "XX",
	    { false, false, false, { { E }, { E, EE, S, ES }, { S, SE } } } },
	{ "KK1", { true, true, false, { { E }, { E, EE, SE, ES } } } },
	{ "K1K", { true, true, false, { { E, ES }, { E, EE }, { SE } } } },
	{ "K1K1", { true, true, false, { { E }, { E, EE, ES }, { SE } } } },
	{ "XXhfs",
	    { false, false, false,
		{ { E, NOISE_E1 }, { E, EE, NOISE_EKEM1, S, ES },
		    { S, SE } } } },
};

static bool
find_pattern(struct noise_pattern *pattern, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (strlen(patterns[i].name) == len &&
		    memcmp(patterns[i].name, name, len) == 0) {
			*pattern = patterns[i].pattern;
			return true;
		}
	}
	return false;
}

/* psk0 goes in front of the first message, pskN behind the Nth. */
static void
add_psk(struct noise_pattern *pattern, unsigned int number)
{
	enum noise_token *tokens;
	size_t count = 0;

	assert(number <= NOISE_MESSAGES_MAX);
	tokens = pattern->messages[number == 0 ? 0 : number - 1];
	while (tokens[count] != NOISE_END)
		count++;
	assert(count + 1 < NOISE_TOKENS_MAX);
	if (number > 0) {
		tokens[count] = NOISE_PSK;
		return;
	}
	memmove(tokens + 1, tokens, count * sizeof(*tokens));
	tokens[0] = NOISE_PSK;
}

/* "psk0", "psk0+psk2" up to end. */
static bool
add_modifiers(struct noise_pattern *pattern, const char *text, const char *end)
{
	while (text < end) {
		if (end - text < 4 || memcmp(text, "psk", 3) != 0 ||
		    text[3] < '0' || text[3] > '3')
			return false;
		add_psk(pattern, (unsigned int)(text[3] - '0'));
		text += 4;
		if (text < end && *text++ != '+')
			return false;
	}
	return true;
}

bool
suite_parse(struct suite *suite, const char *name)
{
	static const char head[] = "Noise_";
	static const char plain[] = "_25519_ChaChaPoly_";
	static const char hybrid[] = "_25519+MLKEM768_ChaChaPoly_";
	const char *base = name + sizeof(head) - 1;
	const char *modifiers, *end, *hash;

	if (strncmp(name, head, sizeof(head) - 1) != 0)
		return false;
	end = strchr(base, '_');
	if (end == NULL)
		return false;
	suite->hybrid = strncmp(end, hybrid, sizeof(hybrid) - 1) == 0;
	if (!suite->hybrid && strncmp(end, plain, sizeof(plain) - 1) != 0)
		return false;
	hash = end + (suite->hybrid ? sizeof(hybrid) : sizeof(plain)) - 1;
	modifiers = strstr(base, "psk");
	if (modifiers == NULL || modifiers > end)
		modifiers = end;
	suite->protocol.name = name;
	suite->protocol.pattern = &suite->pattern;
	suite->protocol.hash = suite_find_hash(hash);
	return suite->protocol.hash != NULL &&
	    find_pattern(&suite->pattern, base, (size_t)(modifiers - base)) &&
	    add_modifiers(&suite->pattern, modifiers, end);
}
