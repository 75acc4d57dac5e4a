#ifndef BF_CORE_KEYS_H
#define BF_CORE_KEYS_H

#include "core/view.h"

/* The name of one answer in the ledger: SHA-256 over a versioned text of everything that decides
 * it. `identity` is what the probe's identify() printed. Of a probe that answers by content that
 * is the words in the order they are shown, what is sent of every part, and the trial; of others
 * the sample's id too. `scratch` is emptied first and kept, so that many keys take no memory.
 * BF_ENOMEM. */
int bf_answer_key(const struct bf_spec *spec, const struct bf_pool *pool,
                  const struct bf_probe_spec *probe, const char *identity,
                  const struct bf_sample *s, const struct bf_view *v, int trial,
                  struct bf_buf *scratch, uint8_t key_out[BF_SHA_BYTES], struct bf_err *err);

/* What a probe's answers depend on beside what it is shown: its kind and identify(). */
int bf_probe_identity(const struct bf_spec *spec, const struct bf_pool *pool,
                      const struct bf_probe_spec *probe, struct bf_buf *out, struct bf_err *err);

#endif
