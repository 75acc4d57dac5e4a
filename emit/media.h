#ifndef BF_EMIT_MEDIA_H
#define BF_EMIT_MEDIA_H

#include "core/release.h"

/* Copy the file of every kept part to `dir`/media/<name>, once however many parts show it, the
 * original bytes. BF_EIO: it cannot be read or written, or is no longer what ingest hashed. */
int bf_emit_media(const struct bf_release *release, const char *dir, struct bf_err *err);

#endif
