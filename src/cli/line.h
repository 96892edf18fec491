/* Owns showing lines to people. */
#ifndef CLI_LINE_H
#define CLI_LINE_H

#include <stdint.h>

struct json_t;

/* The few sentences of `status` about a line. */
void line_print(const struct json_t *line, int64_t now_ms);

#endif
