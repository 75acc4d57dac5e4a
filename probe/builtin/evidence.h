#ifndef BF_PROBE_BUILTIN_EVIDENCE_H
#define BF_PROBE_BUILTIN_EVIDENCE_H

#include "core/ops.h"
#include "core/options.h"

/* "position", "length", ...: what a spec calls a kind of evidence; NULL when it is none. */
const char *bf_evidence_name(enum bf_evidence e);

/* The kinds of those names, BF_BIT() of each, to `mask_out`. BF_EINVAL: the message names what no
 * kind is called, and what there is. */
int bf_evidence_mask(const struct bf_names *names, uint32_t *mask_out, struct bf_err *err);

#endif
