#ifndef BF_SCORE_LATTICE_H
#define BF_SCORE_LATTICE_H

#include "core/table.h"

enum { BF_LATTICE_SIZE = 1 << BF_MAX_LATTICE };

/* Which condition shows which subset of a sample's modalities. Subsets are numbered by the
 * positions 0 .. n - 1 of its modalities, ascending: bit i set = modality[i] kept. */
struct bf_lattice {
    uint32_t has, target;
    int n;
    int modality[BF_MAX_LATTICE];
    int condition[BF_LATTICE_SIZE]; /* [1 << n], -1 = the run has none */
};

/* One lattice for each distinct pair of modalities and targets, made when first asked for: there
 * are few of them, however many samples. A zeroed one is ready to use. */
struct bf_lattices {
    struct bf_arena arena;
    int n, cap;
    struct bf_lattice **v;
};

/* The lattice of a sample; NULL when out of memory. It has n = 0 when the sample shows nothing,
 * or more than BF_MAX_LATTICE modalities. */
const struct bf_lattice *bf_lattice_of(struct bf_lattices *all, const struct bf_table *t,
                                       uint32_t sample);

void bf_lattices_done(struct bf_lattices *all);

/* Why a number that needs a whole lattice is null; NULL when it is not. Strings are static. */
extern const char bf_no_lattice[], bf_no_modality[], bf_no_answers[];

/* Whether probe `p` is one of those whose answers are pooled: every voter; or every probe, when
 * all are held out. Filters may use pooled numbers, and a held-out probe takes no part in them. */
bool bf_is_pooled(const struct bf_spec *spec, int p);

/* Whether some pooled probe took part in choosing samples: the mark of a pooled stat. */
bool bf_pool_selects(const struct bf_spec *spec);

/* v(S) for the subsets S whose bit is set in `wanted`: the mean over pooled probes of a_S, the
 * same probes for every S, those that have a value for each wanted S.
 *
 *     v(S) = 1 / |P| * sum over m in P of a_S(x, m)
 *
 * Returns NULL and fills v[S] for wanted S; or the reason why it cannot be measured, `v` then
 * being undefined. */
const char *bf_lattice_values(const struct bf_table *t, const struct bf_lattice *l, uint32_t sample,
                              uint64_t wanted, double *v);

/* All 2^n subsets, as a mask for bf_lattice_values. */
static inline uint64_t bf_lattice_all(const struct bf_lattice *l)
{
    return l->n == BF_MAX_LATTICE ? UINT64_MAX : ((uint64_t)1 << (1 << l->n)) - 1;
}

#endif
