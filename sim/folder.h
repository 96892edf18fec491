/* Owns the temporary folders that posts of a run live in. */
#ifndef SIM_FOLDER_H
#define SIM_FOLDER_H

enum { FOLDER_PATH_BYTES = 256 };

/* Makes an empty folder of our own, in memory (/dev/shm) where there is such a
 * file system, else under TMPDIR or /tmp.  Ends the program where it can't. */
void folder_new_root(char path[FOLDER_PATH_BYTES]);

/* FOLDER/NAME-NUMBER, as a path; nothing is made. */
void folder_path(char path[FOLDER_PATH_BYTES], const char *folder,
    const char *name, unsigned long number);

/* Makes an empty folder.  Ends the program where it can't. */
void folder_make(const char *path);

/* Copies a folder and all in it as they are now, without asking whoever writes
 * them: what a process that is killed at this moment leaves behind. */
void folder_copy(const char *from, const char *to);

/* Removes a folder and all in it; nothing there is fine. */
void folder_remove(const char *path);

#endif
