/* Owns how what waits for a person is written, a line each. */
#ifndef CLI_WAITING_H
#define CLI_WAITING_H

struct json_t;

/* Since when, what, and who must act. */
void waiting_print(const struct json_t *item);

#endif
