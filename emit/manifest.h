#ifndef BF_EMIT_MANIFEST_H
#define BF_EMIT_MANIFEST_H

#include <stdbool.h>

#include "core/release.h"

/* Write `dir`/manifest.json: the program's version, the spec's name, and every other file of
 * `dir` by path with its bytes and SHA-256. No date: same input, same bytes. BF_EIO. */
int bf_emit_manifest(const struct bf_release *release, const char *dir, struct bf_err *err);

/* Whether `path` is a manifest that bf_emit_manifest wrote, of whatever version. */
bool bf_manifest_is_ours(const char *path);

#endif
