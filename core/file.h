#ifndef BF_CORE_FILE_H
#define BF_CORE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/err.h"

/* Open a regular file for reading: the descriptor, which the caller closes. Folders, devices and
 * FIFOs are refused at once, where opening a FIFO would wait for its other end. BF_EIO: the message
 * calls the file `shown`. */
int bf_file_open(const char *path, const char *shown, struct bf_err *err);

/* Read a whole file into `a`; one NUL follows that `*len_out` does not count.
 * BF_EIO: cannot open or read; BF_EDATA: over `max` bytes; BF_ENOMEM. Outputs are untouched on
 * failure. */
int bf_file_read(const char *path, size_t max, char **buf_out, size_t *len_out, struct bf_arena *a,
                 struct bf_err *err);

/* Write a file so that it is there whole or not at all: beside, fsync, rename.
 * BF_EIO: the message names `path` and the reason. */
int bf_file_write(const char *path, const void *bytes, size_t n, struct bf_err *err);

/* mkdir -p. BF_EIO. */
int bf_dir_make(const char *path, struct bf_err *err);

/* rm -r; a path that is not there is fine. Follows no symbolic link. BF_EIO. */
int bf_dir_remove(const char *path, struct bf_err *err);

/* fsync a folder, so that renames in it survive a power cut. BF_EIO. */
int bf_dir_sync(const char *path, struct bf_err *err);

bool bf_file_exists(const char *path);

/* "dir/name", or `name` when it is absolute; NULL when out of memory. */
char *bf_path_join(struct bf_arena *a, const char *dir, const char *name);

/* The folder part, "." when there is none. */
char *bf_path_dir(struct bf_arena *a, const char *path);

/* Whether a path from a pool stays below the pool's folder: relative, no "..", no empty name. */
bool bf_path_is_below(const char *path);

#endif
