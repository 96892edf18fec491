/* Owns the names in one folder of a simulated drive. */
#ifndef SIM_NAMES_H
#define SIM_NAMES_H

#include <stddef.h>

enum { NAME_BYTES = 48 };

struct node;

struct name {
	char text[NAME_BYTES];
	struct node *node;
};

/* Zeroed memory is an empty one. */
struct names {
	struct name *name;
	size_t count;
	size_t cap;
};

/* NULL: there is no such name. */
struct node *names_find(const struct names *names, const char *text);
/* The name is new. */
void names_add(struct names *names, const char *text, struct node *node);
/* What had the name; NULL: nothing. */
struct node *names_take(struct names *names, const char *text);
void names_wipe(struct names *names);

#endif
