/* Owns telling two texts apart, line by line. */
#ifndef CLI_DIFF_H
#define CLI_DIFF_H

/* Prints the lines of both, those that only `before` has behind "-", those that
 * only `after` has behind "+", the others behind a space.  Sly characters are
 * written out.  Texts of very many lines are shown as all gone and all new. */
void diff_print(const char *before, const char *after);

#endif
