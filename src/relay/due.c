#include "relay/due.h"

#include <assert.h>
#include <stdlib.h>

/* Children lie side by side: fewer lines of cache than with two. */
enum { CHILDREN = 4 };

int
due_open(struct due *due, uint32_t legs)
{
	*due = (struct due){ .legs = legs };
	due->entry = calloc(legs, sizeof(*due->entry));
	due->where = calloc(legs, sizeof(*due->where));
	if (due->entry != NULL && due->where != NULL)
		return OK;
	due_close(due);
	return ERR_LIMIT;
}

void
due_close(struct due *due)
{
	free(due->entry);
	free(due->where);
	*due = (struct due){ 0 };
}

static void
place(struct due *due, uint32_t at, struct due_entry entry)
{
	due->entry[at] = entry;
	due->where[entry.leg] = at + 1;
}

/* Entry goes to at or above. */
static void
rise(struct due *due, uint32_t at, struct due_entry entry)
{
	uint32_t parent;

	for (; at > 0; at = parent) {
		parent = (at - 1) / CHILDREN;
		if (due->entry[parent].at_ns <= entry.at_ns)
			break;
		place(due, at, due->entry[parent]);
	}
	place(due, at, entry);
}

/* Entry goes to at or below. */
static void
sink(struct due *due, uint32_t at, struct due_entry entry)
{
	uint32_t child, least, i;

	for (; (child = at * CHILDREN + 1) < due->count; at = least) {
		least = child;
		for (i = child + 1; i < child + CHILDREN && i < due->count; i++)
			if (due->entry[i].at_ns < due->entry[least].at_ns)
				least = i;
		if (due->entry[least].at_ns >= entry.at_ns)
			break;
		place(due, at, due->entry[least]);
	}
	place(due, at, entry);
}

static void
settle(struct due *due, uint32_t at, struct due_entry entry)
{
	if (at > 0 && due->entry[(at - 1) / CHILDREN].at_ns > entry.at_ns)
		rise(due, at, entry);
	else
		sink(due, at, entry);
}

void
due_set(struct due *due, uint32_t leg, uint64_t at_ns)
{
	assert(leg < due->legs);
	if (due->where[leg] == 0)
		rise(due, due->count++, (struct due_entry){ at_ns, leg });
	else
		settle(due, due->where[leg] - 1,
		    (struct due_entry){ at_ns, leg });
}

void
due_drop(struct due *due, uint32_t leg)
{
	uint32_t at;

	assert(leg < due->legs);
	if (due->where[leg] == 0)
		return;
	at = due->where[leg] - 1;
	due->where[leg] = 0;
	due->count--;
	if (at < due->count)
		settle(due, at, due->entry[due->count]);
}

uint64_t
due_next_ns(const struct due *due)
{
	return due->count == 0 ? UINT64_MAX : due->entry[0].at_ns;
}

uint32_t
due_first(const struct due *due)
{
	assert(due->count > 0);
	return due->entry[0].leg;
}
