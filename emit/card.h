#ifndef BF_EMIT_CARD_H
#define BF_EMIT_CARD_H

#include "core/release.h"

/* Write `dir`/README.md: the card of the benchmark, with the header that dataset hubs read. What it
 * holds, how it was filtered, blind accuracy before and after, licences, how to read it. No date:
 * same input, same bytes. BF_EIO, BF_ENOMEM. */
int bf_emit_card(const struct bf_release *release, const char *dir, struct bf_err *err);

#endif
