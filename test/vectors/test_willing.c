/* Runs whole comparisons of willingness, both sides, and steps that must be
 * refused, through src/crypto/willing.c. */
#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "crypto/willing.h"
#include "load.h"
#include "tap.h"

enum { PATH_BYTES = 4096, SIDES = 2 };

/* One round of the file; side 0 asks. */
struct played {
	struct willing_round round;
	struct willing_secret secret[SIDES];
	struct bytes step[WILLING_STEPS];
	bool both;
};

static void
read_secret(struct load *load, const json_t *side,
    struct willing_secret *secret)
{
	memcpy(secret->seed, load_exact(load, side, "seed", WILLING_SEED_BYTES),
	    WILLING_SEED_BYTES);
	secret->yes = json_is_true(json_object_get(side, "yes"));
}

static void
read_round(struct load *load, const json_t *from, struct played *played)
{
	const char *question = load_string(load, from, "question");
	const struct hash_part part = { question, strlen(question) };
	struct willing_round *round = &played->round;
	json_t *step;
	size_t i;

	*played = (struct played){ 0 };
	memcpy(round->line, load_exact(load, from, "line", WILLING_LINE_BYTES),
	    WILLING_LINE_BYTES);
	memcpy(round->id, load_exact(load, from, "id", WILLING_ID_BYTES),
	    WILLING_ID_BYTES);
	hash_parts(round->question, &part, 1);
	round->day = (uint32_t)json_integer_value(json_object_get(from, "day"));
	round->asked_by_b = *load_string(load, from, "asked_by") == 'B';
	read_secret(load, json_object_get(from, "asker"), &played->secret[0]);
	read_secret(load, json_object_get(from, "answerer"),
	    &played->secret[1]);
	if (json_array_size(load_array(load, from, "steps")) != WILLING_STEPS)
		load_fail(load, "not four", "steps");
	json_array_foreach(load_array(load, from, "steps"), i, step)
	    played->step[i] = load_hex(load, json_string_value(step), "steps");
	played->both = json_is_true(json_object_get(from, "both"));
}

/* Each side makes its own steps, to the byte, and takes the other's. */
static bool
plays(const struct played *played)
{
	struct willing_talk talk[SIDES] = { 0 };
	size_t i, own;

	for (i = 0; i < WILLING_STEPS; i++) {
		own = i % 2;
		if (willing_step_bytes((unsigned)i + 1) != played->step[i].len)
			return false;
		willing_make(&talk[own], &played->round, &played->secret[own]);
		if (memcmp(talk[own].step[i], played->step[i].data,
			played->step[i].len) != 0)
			return false;
		if (willing_take(&talk[1 - own], &played->round,
			i == 0 ? NULL : &played->secret[1 - own],
			played->step[i].data, played->step[i].len) != OK)
			return false;
	}
	return willing_both(&talk[0], &played->round, &played->secret[0],
		   true) == played->both &&
	    willing_both(&talk[1], &played->round, &played->secret[1], false) ==
	    played->both;
}

/* The round up to the step before; then the step is refused, and the right one
 * taken as if nothing had been. */
static bool
refuses(const struct played *played, size_t step, struct bytes bytes)
{
	const struct willing_secret *secret = &played->secret[step % 2];
	struct willing_talk talk = { 0 };
	size_t i;

	for (i = 0; i + 1 < step; i++)
		memcpy(talk.step[i], played->step[i].data, played->step[i].len);
	talk.count = (unsigned)step - 1;
	return willing_take(&talk, &played->round, secret, bytes.data,
		   bytes.len) != OK &&
	    talk.count == step - 1 &&
	    willing_take(&talk, &played->round, secret,
		played->step[step - 1].data, played->step[step - 1].len) == OK;
}

int
main(int argc, char *argv[])
{
	struct tap tap = { 0 };
	struct played played[16];
	struct load load;
	char path[PATH_BYTES];
	json_t *entry;
	size_t i, count, round, step;

	if (argc > 2) {
		fprintf(stderr, "usage: test_willing [DATA]\n");
		return 2;
	}
	crypto_init();
	snprintf(path, sizeof(path), "%s/quietline/willing.json",
	    argc == 2 ? argv[1] : LOAD_DATA);
	load_json(&load, path);
	count = json_array_size(load_array(&load, load.root, "rounds"));
	if (count > sizeof(played) / sizeof(played[0]))
		load_fail(&load, "too many", "rounds");
	json_array_foreach(load_array(&load, load.root, "rounds"), i, entry)
	{
		load.at = i;
		read_round(&load, entry, &played[i]);
		tap_case(&tap, plays(&played[i]), "round %zu: %s", i,
		    played[i].both ? "both" : "not both");
	}
	json_array_foreach(load_array(&load, load.root, "refused"), i, entry)
	{
		load.at = i;
		round =
		    (size_t)json_integer_value(json_object_get(entry, "round"));
		step =
		    (size_t)json_integer_value(json_object_get(entry, "step"));
		if (round >= count || step < 1 || step > WILLING_STEPS)
			load_fail(&load, "no such", "round or step");
		tap_case(&tap,
		    refuses(&played[round], step,
			load_bytes(&load, entry, "bytes")),
		    "round %zu, step %zu refused: %s", round, step,
		    load_string(&load, entry, "why"));
	}
	load_free(&load);
	return tap_end(&tap);
}
