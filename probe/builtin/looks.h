#ifndef BF_PROBE_BUILTIN_LOOKS_H
#define BF_PROBE_BUILTIN_LOOKS_H

#include "core/ops.h"
#include "core/view.h"
#include "probe/builtin/linear.h"

struct bf_embed_options;

/* What a condition shows, whatever the sample: the modalities kept or replaced, the wording. One
 * model is trained for each look, on every sample of the pool as far as it has those modalities. */
struct bf_look {
    const struct bf_replace *by[BF_MAX_MODALITIES]; /* NULL, or what stands in its place */
    uint32_t kept;                                  /* modalities shown as they are */
    uint32_t partly;                                /* the same but for some of their parts */
    const struct bf_condition_spec *named;          /* what replaces single parts, or NULL */
    const struct bf_lent *lent;                     /* what is swapped in, or NULL */
    const char *question;                           /* NULL = each sample's own, or as lent */
    bool choices;
    int taught_by; /* index of the look that is learned from: itself, or one that shows all */
    const struct bf_rows *rows;
    int n_blocks;
    /* of samples, and of their choices; then those of vectors (probe/builtin/embedded.h) */
    struct bf_block blocks[2 * BF_MAX_MODALITIES + 3];
    unsigned vectors; /* which of the last three there are: of samples 1, of choices 2 */
};

struct bf_looks {
    int n, cap;
    struct bf_look *v;
};

/* What a look shows of a sample's media, and whether it shows choices. */
struct bf_view bf_look_view(const struct bf_look *l, const struct bf_sample *s);

/* Find the distinct looks among the questions asked, with the words encoded and the features at
 * hand. `look_of` [asking->n] gets each question's look, -1 where the probe cannot answer.
 * `from_full`: looks whose words are those of the pool are judged by models that learned from all
 * that the samples show; such a look has blocks for what it was taught by, in the same order.
 * `without`: kinds of evidence that are left out, BF_BIT() of enum bf_evidence.
 * `embed`: the vectors that are evidence, too, NULL = none. Memory comes from `a`. BF_ENOMEM, or
 * what bf_embedded_open() and bf_embedded_add() return. */
int bf_looks_make(const struct bf_asking *asking, bool from_full, uint32_t without,
                  const struct bf_embed_options *embed, struct bf_looks *out, int *look_of,
                  struct bf_arena *a, struct bf_err *err);

/* Whether a look shows any medium of a sample. */
bool bf_look_shows(const struct bf_look *l, uint32_t sample);

#endif
