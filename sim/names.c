#include "sim/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { CAP_FIRST = 16 };

static struct name *
find(const struct names *names, const char *text)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->name[i].text, text) == 0)
			return &names->name[i];
	}
	return NULL;
}

struct node *
names_find(const struct names *names, const char *text)
{
	const struct name *name = find(names, text);

	return name == NULL ? NULL : name->node;
}

void
names_add(struct names *names, const char *text, struct node *node)
{
	struct name *name;

	assert(find(names, text) == NULL && strlen(text) < NAME_BYTES);
	if (names->count == names->cap) {
		names->cap = names->cap == 0 ? CAP_FIRST : 2 * names->cap;
		names->name =
		    realloc(names->name, names->cap * sizeof(*names->name));
		if (names->name == NULL)
			fatal("names: no memory");
	}
	name = &names->name[names->count++];
	*name = (struct name){ .node = node };
	memcpy(name->text, text, strlen(text));
}

struct node *
names_take(struct names *names, const char *text)
{
	struct name *name = find(names, text);
	struct node *node;

	if (name == NULL)
		return NULL;
	node = name->node;
	*name = names->name[--names->count];
	return node;
}

void
names_wipe(struct names *names)
{
	free(names->name);
	*names = (struct names){ 0 };
}
