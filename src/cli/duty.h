/* Owns how people read who has the watch. */
#ifndef CLI_DUTY_H
#define CLI_DUTY_H

struct json_t;

/* Who has it, since when, and how much waits: one line. */
void duty_print(const struct json_t *watch);

#endif
