#ifndef BF_FILTERS_NAMES_H
#define BF_FILTERS_NAMES_H

#include "core/table.h"

/* Checks that filters share: the names they use must be those of the spec. BF_EINVAL, with what is
 * allowed, or the name that was probably meant. `filter` is the filter's name, for the message. */

/* A probe that takes part in filters: declared, and neither held out nor a judge. */
int bf_check_voter(const char *filter, const struct bf_spec *spec, const char *probe,
                   struct bf_err *err);

/* A condition that the spec's conditions can produce. */
int bf_check_condition(const char *filter, const struct bf_spec *spec, const char *condition,
                       struct bf_err *err);

/* Index of a probe, or -1. */
int bf_probe_index(const struct bf_spec *spec, const char *name);

/* A probe, by index, that is asked under the condition: its answers would never come. */
int bf_check_asked(const char *filter, const struct bf_spec *spec, int probe, const char *condition,
                   struct bf_err *err);

/* Which targets of a sample a condition speaks about: those that it takes away. All of them for a
 * condition that takes none away. */
uint32_t bf_targets_removed(const struct bf_sample *s, const struct bf_view *v, uint32_t targets);

#endif
