/* Owns running the command that the owner's configuration names. */
#ifndef BELL_RUNNER_H
#define BELL_RUNNER_H

/*
 * Runs the runner in a process that spawn_role started, before the walls were up
 * around the parent: the command runs with all the rights of the post's user, as
 * its owner wants it to.  What the runner takes is the command, once, from the
 * parent; and from the bell numbers and names, which become variables of its
 * environment.  It runs nothing else, one at a time, and never by a shell.
 */
int runner_main(void);

#endif
