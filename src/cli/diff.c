#include "cli/diff.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/show.h"

/* Beyond, a table of all pairs of lines is too large to be worth it. */
enum { DIFF_LINES_MAX = 2000 };

struct line {
	const char *data;
	size_t len;
};

struct lines {
	struct line *line;
	size_t count;
};

static struct lines
cut(const char *text)
{
	struct lines lines = { NULL, 0 };
	size_t most = 1, len;

	for (const char *at = text; *at != '\0'; at++)
		most += *at == '\n';
	lines.line = calloc(most, sizeof(*lines.line));
	if (lines.line == NULL)
		return lines;
	for (const char *at = text; *at != '\0';
	     at += len + (at[len] != '\0')) {
		len = strcspn(at, "\n");
		lines.line[lines.count++] = (struct line){ at, len };
	}
	return lines;
}

static bool
is_same(struct line a, struct line b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static void
print_line(char sign, struct line line)
{
	char *copy = strndup(line.data, line.len), *shown;

	if (copy == NULL)
		return;
	shown = show_visible(copy, false);
	printf("%c %s\n", sign, shown);
	free(shown);
	free(copy);
}

/* length[i][j]: how many lines the ends from i and j have in common, in order. */
static uint16_t *
measure(const struct lines *a, const struct lines *b)
{
	const size_t row = b->count + 1;
	uint16_t *length = calloc((a->count + 1) * row, sizeof(*length));

	if (length == NULL)
		return NULL;
	for (size_t i = a->count; i-- > 0;) {
		for (size_t j = b->count; j-- > 0;) {
			const uint16_t down = length[(i + 1) * row + j];
			const uint16_t right = length[i * row + j + 1];

			if (is_same(a->line[i], b->line[j]))
				length[i * row + j] = (uint16_t)(1 +
				    length[(i + 1) * row + j + 1]);
			else
				length[i * row + j] =
				    down >= right ? down : right;
		}
	}
	return length;
}

static void
print_all(const struct lines *a, const struct lines *b, const uint16_t *length)
{
	const size_t row = b->count + 1;
	size_t i = 0, j = 0;

	while (i < a->count || j < b->count) {
		if (length != NULL && i < a->count && j < b->count &&
		    is_same(a->line[i], b->line[j])) {
			print_line(' ', a->line[i]);
			i++;
			j++;
		} else if (i < a->count &&
		    (length == NULL || j == b->count ||
			length[(i + 1) * row + j] >= length[i * row + j + 1])) {
			print_line('-', a->line[i++]);
		} else {
			print_line('+', b->line[j++]);
		}
	}
}

void
diff_print(const char *before, const char *after)
{
	struct lines a = cut(before), b = cut(after);
	uint16_t *length = NULL;

	if (a.count <= DIFF_LINES_MAX && b.count <= DIFF_LINES_MAX)
		length = measure(&a, &b);
	print_all(&a, &b, length);
	free(length);
	free(a.line);
	free(b.line);
}
