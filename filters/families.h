#ifndef BF_FILTERS_FAMILIES_H
#define BF_FILTERS_FAMILIES_H

#include "core/release.h"

/* One family of quotas: a field, or several joined, and the values its candidates have. */
struct bf_family {
    const char *field; /* "category", "category+answer"; "" = no quota, one value */
    uint32_t n_values;
    const char **values; /* [n_values] by name */
    uint32_t *of;        /* [n candidates] value of each */
    uint32_t *available; /* [n_values] candidates that have it */
    uint32_t *order;     /* [n_values] values by most candidates, then by name */
};

/* The family of `fields` over the candidates; no field = the family of one value "". All memory
 * comes from `a`. BF_ENOMEM. */
int bf_family_make(const struct bf_spec *spec, const struct bf_pool *pool,
                   const struct bf_names *fields, const uint32_t *candidates, uint32_t n,
                   struct bf_family *out, struct bf_arena *a, struct bf_err *err);

/* `size` shared over the values: [n_values] into `quota_out`. */
void bf_family_quotas(const struct bf_family *f, uint32_t size, uint32_t *quota_out);

#endif
