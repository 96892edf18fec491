/* Runs ML-KEM-768 cases of NIST, CCTV and Wycheproof. */
#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "crypto/kem.h"
#include "load.h"
#include "tap.h"

enum { PATH_BYTES = 4096 };

static bool
is_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	return memcmp(a, b, len) == 0;
}

/* Seed to keys. */
static bool
expands(struct bytes seed, struct bytes ek, struct bytes dk)
{
	uint8_t public_key[KEM_PUBLIC_BYTES], secret[KEM_SECRET_BYTES];

	if (seed.len != KEM_SEED_BYTES || ek.len != KEM_PUBLIC_BYTES ||
	    dk.len != KEM_SECRET_BYTES)
		return false;
	kem_expand(public_key, secret, seed.data);
	return is_equal(public_key, ek.data, ek.len) &&
	    is_equal(secret, dk.data, dk.len) &&
	    kem_check_public(public_key) == OK;
}

/* A length that kem.h has no place for is refused by its types. */
static bool
encapsulates(struct bytes ek, struct bytes m, struct bytes c, struct bytes k)
{
	uint8_t cipher[KEM_CIPHER_BYTES], shared[KEM_SHARED_BYTES];

	if (ek.len != KEM_PUBLIC_BYTES || m.len != KEM_ENCAPS_BYTES ||
	    kem_encaps(cipher, shared, ek.data, m.data) != OK)
		return false;
	return c.len == sizeof(cipher) && k.len == sizeof(shared) &&
	    is_equal(cipher, c.data, c.len) && is_equal(shared, k.data, k.len);
}

static bool
decapsulates(struct bytes seed, struct bytes c, struct bytes k)
{
	uint8_t shared[KEM_SHARED_BYTES];

	if (seed.len != KEM_SEED_BYTES || c.len != KEM_CIPHER_BYTES)
		return false;
	kem_decaps(shared, c.data, seed.data);
	return k.len == sizeof(shared) && is_equal(shared, k.data, k.len);
}

static bool
decapsulates_expanded(struct bytes dk, struct bytes c, struct bytes k)
{
	uint8_t shared[KEM_SHARED_BYTES];

	if (dk.len != KEM_SECRET_BYTES || c.len != KEM_CIPHER_BYTES)
		return false;
	kem_decaps_expanded(shared, c.data, dk.data);
	return k.len == sizeof(shared) && is_equal(shared, k.data, k.len);
}

static struct bytes
join(struct load *load, const json_t *test)
{
	static uint8_t seed[KEM_SEED_BYTES];

	memcpy(seed, load_exact(load, test, "d", 32), 32);
	memcpy(seed + 32, load_exact(load, test, "z", 32), 32);
	return (struct bytes){ seed, sizeof(seed) };
}

static void
acvp_keygen(struct tap *tap, const char *path)
{
	struct load load;
	json_t *group, *test;
	size_t i, j;

	load_json(&load, path);
	json_array_foreach(load_array(&load, load.root, "testGroups"), i, group)
	    json_array_foreach(load_array(&load, group, "tests"), j, test)
	{
		load.at = j;
		tap_case(tap,
		    expands(join(&load, test), load_bytes(&load, test, "ek"),
			load_bytes(&load, test, "dk")),
		    "acvp keygen %zu", j);
	}
	load_free(&load);
}

static bool
acvp_case(struct load *load, const char *function, const json_t *group,
    const json_t *test)
{
	struct bytes ek = load_bytes(load, test, "ek");

	if (strcmp(function, "encapsulationKeyCheck") == 0)
		return ek.len == KEM_PUBLIC_BYTES &&
		    (kem_check_public(ek.data) == OK) ==
		    json_is_true(json_object_get(test, "testPassed"));
	if (strcmp(function, "encapsulation") == 0)
		return encapsulates(ek, load_bytes(load, test, "m"),
		    load_bytes(load, test, "c"), load_bytes(load, test, "k"));
	if (strcmp(load_string(load, group, "keyFormat"), "seed") == 0)
		return decapsulates(join(load, test),
		    load_bytes(load, test, "c"), load_bytes(load, test, "k"));
	return decapsulates_expanded(load_bytes(load, test, "dk"),
	    load_bytes(load, test, "c"), load_bytes(load, test, "k"));
}

static void
acvp_encaps(struct tap *tap, const char *path)
{
	struct load load;
	json_t *group, *test;
	size_t i, j;

	load_json(&load, path);
	json_array_foreach(load_array(&load, load.root, "testGroups"), i, group)
	{
		const char *function = load_string(&load, group, "function");

		/* Expanded keys are never taken from outside: no check. */
		if (strcmp(function, "decapsulationKeyCheck") == 0)
			continue;
		json_array_foreach(load_array(&load, group, "tests"), j, test)
		{
			load.at = j;
			tap_case(tap, acvp_case(&load, function, group, test),
			    "acvp %s %zu.%zu", function, i, j);
		}
	}
	load_free(&load);
}

static void
cctv(struct tap *tap, const char *path, const char *name, bool has_encaps)
{
	struct load load;
	const json_t *test;
	struct bytes c, k;

	load_text(&load, path);
	test = json_array_get(load.root, 0);
	c = load_bytes(&load, test, "c");
	k = load_bytes(&load, test, "K");
	if (has_encaps)
		tap_case(tap,
		    encapsulates(load_bytes(&load, test, "ek"),
			load_bytes(&load, test, "m"), c, k),
		    "cctv %s encapsulation", name);
	tap_case(tap,
	    decapsulates_expanded(load_bytes(&load, test, "dk"), c, k),
	    "cctv %s decapsulation", name);
	load_free(&load);
}

/* One encapsulation key a line, each with one coefficient out of range. */
static void
cctv_modulus(struct tap *tap, const char *path)
{
	struct load load = { .path = path };
	char command[PATH_BYTES + 16];
	char line[2 * KEM_PUBLIC_BYTES + 2];
	FILE *lines;

	snprintf(command, sizeof(command), "gzip -dc '%s'", path);
	lines = popen(command, "r");
	if (lines == NULL)
		load_fail(&load, "cannot be unpacked", "file");
	while (fgets(line, sizeof(line), lines) != NULL) {
		struct bytes ek;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0')
			continue;
		ek = load_hex(&load, line, "key");
		tap_case(tap,
		    ek.len == KEM_PUBLIC_BYTES &&
			kem_check_public(ek.data) == ERR_CRYPTO,
		    "cctv modulus %zu is refused", load.at++);
	}
	if (pclose(lines) != 0)
		load_fail(&load, "cannot be unpacked", "file");
	load_free(&load);
}

static bool
wycheproof_case(struct load *load, const char *type, const json_t *test)
{
	if (strcmp(type, "MLKEMTest") == 0)
		return decapsulates(load_bytes(load, test, "seed"),
		    load_bytes(load, test, "c"), load_bytes(load, test, "K"));
	if (strcmp(type, "MLKEMEncapsTest") == 0)
		return encapsulates(load_bytes(load, test, "ek"),
		    load_bytes(load, test, "m"), load_bytes(load, test, "c"),
		    load_bytes(load, test, "K"));
	if (strcmp(type, "MLKEMKeyGen") == 0)
		return expands(load_bytes(load, test, "seed"),
		    load_bytes(load, test, "ek"), load_bytes(load, test, "dk"));
	return decapsulates_expanded(load_bytes(load, test, "dk"),
	    load_bytes(load, test, "c"),
	    load_has(test, "K") ? load_bytes(load, test, "K")
				: (struct bytes){ NULL, 0 });
}

static bool
has_flag(const json_t *test, const char *name)
{
	json_t *flag;
	size_t i;

	json_array_foreach(json_object_get(test, "flags"), i,
	    flag) if (strcmp(json_string_value(flag), name) == 0) return true;
	return false;
}

static void
wycheproof(struct tap *tap, const char *path, const char *name)
{
	struct load load;
	json_t *group, *test;
	size_t i, j;

	load_json(&load, path);
	json_array_foreach(load_array(&load, load.root, "testGroups"), i, group)
	    json_array_foreach(load_array(&load, group, "tests"), j, test)
	{
		const char *type = load_string(&load, group, "type");
		bool valid =
		    strcmp(load_string(&load, test, "result"), "valid") == 0;

		load.at = j;
		if (has_flag(test, "InvalidDecapsulationKey"))
			continue;
		tap_case(tap, wycheproof_case(&load, type, test) == valid,
		    "wycheproof %s %lld is %s", name,
		    json_integer_value(json_object_get(test, "tcId")),
		    valid ? "computed" : "refused");
	}
	load_free(&load);
}

static const char *
in(char path[PATH_BYTES], const char *data, const char *file)
{
	snprintf(path, PATH_BYTES, "%s/%s", data, file);
	return path;
}

int
main(int argc, char *argv[])
{
	struct tap tap = { 0 };
	char path[PATH_BYTES];
	const char *data;

	if (argc > 2) {
		fprintf(stderr, "usage: test_kem [DATA]\n");
		return 2;
	}
	data = argc == 2 ? argv[1] : LOAD_DATA;
	crypto_init();
	acvp_keygen(&tap, in(path, data, "mlkem/acvp-keygen-768.json"));
	acvp_encaps(&tap, in(path, data, "mlkem/acvp-encapdecap-768.json"));
	cctv(&tap, in(path, data, "mlkem/cctv-intermediate-768.txt"),
	    "intermediate", true);
	cctv(&tap, in(path, data, "mlkem/cctv-strcmp-768.txt"), "strcmp",
	    false);
	cctv(&tap, in(path, data, "mlkem/cctv-unluckysample-768.txt"),
	    "unluckysample", true);
	cctv_modulus(&tap, in(path, data, "mlkem/cctv-modulus-768.txt.gz"));
	wycheproof(&tap, in(path, data, "wycheproof/mlkem_768_test.json"),
	    "decapsulation");
	wycheproof(&tap,
	    in(path, data, "wycheproof/mlkem_768_encaps_test.json"),
	    "encapsulation");
	wycheproof(&tap,
	    in(path, data, "wycheproof/mlkem_768_keygen_seed_test.json"),
	    "keygen");
	wycheproof(&tap,
	    in(path, data,
		"wycheproof/mlkem_768_semi_expanded_decaps_test.json"),
	    "expanded decapsulation");
	return tap_end(&tap);
}
