#include "keeper/passages.h"

static const char *const passages[] = {
	"In the second week of spring the brook behind the mill carries more sand "
	"than water. Children build small walls of it along the bank. By noon the "
	"brook has rounded all their corners.",

	"A good rye loaf wants a long night. The dough is set in the evening, "
	"covered with a damp cloth, and by morning it has climbed to the rim of "
	"its bowl. It is baked until the crust sounds hollow under a knuckle.",

	"The wagtail walks where other birds hop. It runs along the wet stones, "
	"stops, and nods its long tail as if it had just remembered something "
	"pleasant.",

	"Baskets are easiest to weave from willow that was cut in winter and "
	"soaked for a week. The weaver begins with the base, four rods across "
	"four, and never looks at her hands. What she looks at is the window.",

	"After the first frost the medlars turn soft and brown, and only then are "
	"they good to eat. They taste of apples that have been to school. Most "
	"people make jelly of them.",

	"A river that leaves the hills has time at last. It swings from one side "
	"of the valley to the other, and where it turns it lays down gravel on "
	"the inside of the bend and takes soil from the outside.",

	"The clockmaker keeps his oil in a thimble and puts it on with a needle. "
	"A drop for each bearing is too much, he says. A quarter of a drop is a "
	"year of good time.",

	"Swifts come late and leave early. For three months they are never seen "
	"to sit, and they sleep high above the roofs. Their calls belong to long "
	"evenings as the smell of cut grass does.",

	"Snow that falls without wind settles on every twig, even on the wire of "
	"the fence. The garden seems to have been drawn twice, once in ink and "
	"once in chalk.",

	"To make paper by hand one dips a frame into the vat and lifts it level. "
	"The water runs through, the fibres stay, and for a moment the sheet "
	"trembles like milk. It is pressed between felts and hung up to dry.",

	"The old ferry crosses on a rope, and the current does the work. The "
	"ferryman turns the bow a little upstream, and the river itself pushes "
	"the boat over. The trip takes as long as a short story.",

	"Barley is ready when the ears bend down and rustle. The farmer bites a "
	"grain: if it breaks with a snap, the harvest begins tomorrow.",

	"A blackbird learns its song from its neighbours and then adds a line of "
	"its own. Each street has a tune that is a little different. In March "
	"they practise under their breath.",

	"Glass is blown while it glows like honey. The maker turns the pipe "
	"without a pause, for what stands still begins to sag. A jug is finished "
	"in four minutes and needs a night to cool.",

	"There is a kind of autumn day with no wind at all, when leaves come down "
	"one at a time and each can be heard. Spiders let out threads, and the "
	"meadow shines as if it were wet.",

	"Flat bread is the oldest bread there is. Flour, water and salt, a hot "
	"stone, two minutes on each side. It is best eaten standing.",

	"The heron stands in the shallows like a forgotten umbrella. It may stay "
	"so for an hour. When it does walk, it lifts each foot out of the water "
	"and shakes it like a careful guest.",

	"Wool is washed in rain water, since it leaves the thread soft. It is "
	"dyed with onion skins for yellow and walnut shells for brown. The blue "
	"ones take the longest and fade the least.",

	"In the estuary the tide comes in over the flats faster than one walks. "
	"It fills the creeks first, so that the grass stands on islands. Then the "
	"islands are gone, and the gulls sit on the posts.",

	"A wooden spoon is carved from a branch that has the bend in it already. "
	"The grain then runs along the handle and around the bowl, and it will "
	"not split. Cherry and birch are the usual choice.",

	"Storks come back to the same chimney year after year. The nest grows by "
	"a basket of sticks each spring, and by now sparrows rent its lower "
	"floor.",

	"Before rain the swallows fly low, because the gnats do. The hens pay no "
	"attention to any of this. They go on scratching until the first drops "
	"hit the tin roof.",

	"Honey from the lime trees is light and a little minty; honey from the "
	"heath is dark and sets like jelly. Bees keep no books about it. The jars "
	"on the shelf tell what was in bloom, and when.",

	"In the far north midsummer has no evening. Bakers there hang thick "
	"curtains, since dough and children both rise too early in the light.",

	"A potter throws the clay on the middle of the wheel and leans on it "
	"until it runs true. Everything after that is patience. A bowl that was "
	"not centred shows it at the rim.",

	"Pumpkins are left on the field until the stalk turns to cork. Then they "
	"keep until spring in a dry loft, next to the apples, which must not "
	"touch each other.",

	"The dipper is a small round bird that walks under water. It goes in on "
	"one side of a stone and comes out on the other, dry, with something in "
	"its beak, and sings about it.",

	"On the canal the lock keeper knows each barge by the sound of its "
	"engine. While the chamber fills he waters his geraniums. There is just "
	"time for the two boxes by the door.",
};

enum { PASSAGES = sizeof(passages) / sizeof(passages[0]) };

size_t
passages_count(void)
{
	return PASSAGES;
}

const char *
passages_text(uint64_t number)
{
	return passages[number % PASSAGES];
}
