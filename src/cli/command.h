/* Owns the table of subcommands. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stddef.h>

#include "cli/cli.h"

extern const struct command commands[];
extern const size_t command_count;

/*
 * The command that argv begins with, and how many words its name takes, two
 * where two name one; NULL where there is none.
 */
const struct command *command_find(int argc, char **argv, int *words);

/* Runs what argv (without the program's name) says: the exit code. */
int command_run(int argc, char **argv);

/* One per command, named for it, in a file of its own. */
int init_run(struct cli *cli, int argc, char **argv);
int up_run(struct cli *cli, int argc, char **argv);
int down_run(struct cli *cli, int argc, char **argv);
int status_run(struct cli *cli, int argc, char **argv);
int offer_run(struct cli *cli, int argc, char **argv);
int accept_run(struct cli *cli, int argc, char **argv);
int finish_run(struct cli *cli, int argc, char **argv);
int confirm_run(struct cli *cli, int argc, char **argv);
int line_list_run(struct cli *cli, int argc, char **argv);
int line_show_run(struct cli *cli, int argc, char **argv);
int line_close_run(struct cli *cli, int argc, char **argv);
int line_set_run(struct cli *cli, int argc, char **argv);
int path_add_run(struct cli *cli, int argc, char **argv);
int path_list_run(struct cli *cli, int argc, char **argv);
int path_remove_run(struct cli *cli, int argc, char **argv);
int point_raise_run(struct cli *cli, int argc, char **argv);
int point_stand_run(struct cli *cli, int argc, char **argv);
int point_public_run(struct cli *cli, int argc, char **argv);
int point_reading_run(struct cli *cli, int argc, char **argv);
int point_list_run(struct cli *cli, int argc, char **argv);
int point_show_run(struct cli *cli, int argc, char **argv);
int pass_run(struct cli *cli, int argc, char **argv);
int translate_run(struct cli *cli, int argc, char **argv);
int send_run(struct cli *cli, int argc, char **argv);
int read_run(struct cli *cli, int argc, char **argv);
int get_run(struct cli *cli, int argc, char **argv);
int ack_run(struct cli *cli, int argc, char **argv);
int events_run(struct cli *cli, int argc, char **argv);
int drill_run(struct cli *cli, int argc, char **argv);
int watch_run(struct cli *cli, int argc, char **argv);
int watch_take_run(struct cli *cli, int argc, char **argv);
int watch_hand_over_run(struct cli *cli, int argc, char **argv);
int watch_leave_run(struct cli *cli, int argc, char **argv);
int watch_show_run(struct cli *cli, int argc, char **argv);
int watch_log_run(struct cli *cli, int argc, char **argv);
int roster_show_run(struct cli *cli, int argc, char **argv);
int roster_set_run(struct cli *cli, int argc, char **argv);
int roster_clear_run(struct cli *cli, int argc, char **argv);
int drill_set_run(struct cli *cli, int argc, char **argv);
int drill_ack_run(struct cli *cli, int argc, char **argv);
int drill_record_run(struct cli *cli, int argc, char **argv);
int service_run(struct cli *cli, int argc, char **argv);
int waiting_run(struct cli *cli, int argc, char **argv);
int draft_list_run(struct cli *cli, int argc, char **argv);
int draft_show_run(struct cli *cli, int argc, char **argv);
int draft_get_run(struct cli *cli, int argc, char **argv);
int draft_comment_run(struct cli *cli, int argc, char **argv);
int draft_release_run(struct cli *cli, int argc, char **argv);
int draft_recall_run(struct cli *cli, int argc, char **argv);
int rule_show_run(struct cli *cli, int argc, char **argv);
int rule_set_run(struct cli *cli, int argc, char **argv);
int rule_clear_run(struct cli *cli, int argc, char **argv);
int alarm_list_run(struct cli *cli, int argc, char **argv);
int alarm_ack_run(struct cli *cli, int argc, char **argv);
int alarm_test_run(struct cli *cli, int argc, char **argv);
int alarm_set_run(struct cli *cli, int argc, char **argv);
int alarm_silence_run(struct cli *cli, int argc, char **argv);
int delegate_add_run(struct cli *cli, int argc, char **argv);
int delegate_list_run(struct cli *cli, int argc, char **argv);
int delegate_show_run(struct cli *cli, int argc, char **argv);
int delegate_set_run(struct cli *cli, int argc, char **argv);
int delegate_passphrase_run(struct cli *cli, int argc, char **argv);
int delegate_revoke_run(struct cli *cli, int argc, char **argv);
int delegate_owner_run(struct cli *cli, int argc, char **argv);
int sign_in_run(struct cli *cli, int argc, char **argv);
int sign_out_run(struct cli *cli, int argc, char **argv);
int who_run(struct cli *cli, int argc, char **argv);
int form_list_run(struct cli *cli, int argc, char **argv);
int form_show_run(struct cli *cli, int argc, char **argv);
int form_propose_run(struct cli *cli, int argc, char **argv);
int form_agree_run(struct cli *cli, int argc, char **argv);
int form_decline_run(struct cli *cli, int argc, char **argv);
int form_withdraw_run(struct cli *cli, int argc, char **argv);
int form_retire_run(struct cli *cli, int argc, char **argv);
int willing_ask_run(struct cli *cli, int argc, char **argv);
int willing_answer_run(struct cli *cli, int argc, char **argv);
int willing_show_run(struct cli *cli, int argc, char **argv);
int help_run(struct cli *cli, int argc, char **argv);
int version_run(struct cli *cli, int argc, char **argv);

#endif
