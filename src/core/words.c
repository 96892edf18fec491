#include "core/words.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Common, short, told apart by ear and by their first four letters; in order,
 * so that a slip in the list is seen. */
/* clang-format off */
static const char *const words[WORDS_COUNT] = {
	"acorn", "alarm", "album", "alpine", "amber", "anchor", "angel",
	"apple", "april", "apron", "arrow", "atlas", "autumn", "avenue",
	"bacon", "badge", "baker", "bamboo", "banjo", "barley", "basil",
	"beetle", "bench", "berry", "bishop", "bison", "blanket", "blossom",
	"boat", "bonnet", "border", "bottle", "boulder", "brass", "bread",
	"bridge", "bronze", "brush", "bucket", "bugle", "butter", "cabin",
	"cactus", "camel", "candle", "canyon", "carpet", "castle", "cedar",
	"chain", "cherry", "chimney", "cider", "circus", "clay", "cliff",
	"clock", "cobalt", "comet", "copper", "coral", "cotton", "cradle",
	"cricket", "crown", "crystal", "curtain", "daisy", "dancer", "desert",
	"diamond", "dinner", "doctor", "dolphin", "donkey", "dragon", "drum",
	"eagle", "echo", "elbow", "engine", "fabric", "falcon", "farmer",
	"feather", "fiddle", "flag", "flute", "forest", "fossil", "frog",
	"garden", "garlic", "gate", "ginger", "giraffe", "glove", "goblet",
	"gold", "gorilla", "granite", "grape", "guitar", "hammer", "harbor",
	"hazel", "helmet", "hermit", "honey", "hotel", "husky", "iceberg",
	"igloo", "iguana", "indigo", "insect", "iron", "island", "ivory",
	"jacket", "jaguar", "jasmine", "jelly", "jewel", "jigsaw", "jungle",
	"kayak", "kennel", "kettle", "kitten", "knight", "koala", "ladder",
	"lagoon", "lantern", "laurel", "lemon", "leopard", "library", "lily",
	"linen", "lizard", "lobster", "lotus", "magnet", "mango", "maple",
	"marble", "meadow", "melon", "mirror", "mosaic", "mule", "museum",
	"mustard", "napkin", "needle", "nephew", "nickel", "north", "nutmeg",
	"oasis", "ocean", "office", "olive", "onion", "opal", "orange",
	"orchid", "oyster", "palace", "panther", "paper", "parrot", "peach",
	"pebble", "pepper", "piano", "pigeon", "pirate", "planet", "polar",
	"poppy", "prairie", "pumpkin", "puzzle", "pyramid", "quartz", "queen",
	"quill", "rabbit", "radish", "ranch", "raven", "ribbon", "river",
	"robin", "rocket", "rose", "ruby", "saddle", "salmon", "sandal",
	"saturn", "scarf", "school", "seal", "shadow", "shark", "silver",
	"skate", "sled", "snow", "soldier", "spider", "sponge", "squash",
	"station", "stone", "sugar", "sunset", "table", "tailor", "teapot",
	"temple", "thunder", "tiger", "timber", "tobacco", "tomato", "tower",
	"trumpet", "tulip", "tunnel", "turtle", "urban", "valley", "velvet",
	"violin", "vulture", "wagon", "walnut", "walrus", "water", "weasel",
	"whale", "wheat", "willow", "window", "wolf", "yacht", "yellow",
	"yogurt", "zebra", "zenith", "zipper",
};
/* clang-format on */

const char *
words_text(uint8_t value)
{
	/* Index and list have the same bound: a byte's. */
	_Static_assert(WORDS_COUNT == UINT8_MAX + 1, "a word a byte");
	assert(words[value] != NULL);
	return words[value];
}

int
words_value(uint8_t *value, const char *text)
{
	size_t len, i;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	*value = 0;
	for (i = 0; i < WORDS_COUNT; i++) {
		if (strlen(words[i]) == len &&
		    strncasecmp(words[i], text, len) == 0) {
			*value = (uint8_t)i;
			return OK;
		}
	}
	return ERR_NOT_FOUND;
}
