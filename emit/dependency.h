#ifndef BF_EMIT_DEPENDENCY_H
#define BF_EMIT_DEPENDENCY_H

#include "core/release.h"

/* Write `dir`/dependency.jsonl, one object for each kept sample in the order of benchmark.jsonl:
 *
 *   id, verdict {kind, filter, reason, targets},
 *   one member for each score column that is not an answer under a condition, nested at its first
 *   dot: "contribution": {"image": 0.5}; null where it was not measured,
 *   probes {name: {family, role, selected_on, answers {condition: {right, answered, p_gold, choice,
 *   and refused, unparsed, failed where they are not 0}}}}
 *
 * `right` and `answered` count trials; `choice` is that of the first. BF_EIO. */
int bf_emit_dependency(const struct bf_release *release, const char *dir, struct bf_err *err);

#endif
