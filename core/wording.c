/* The words of a sample as sets. */
#include "core/wording.h"

#include <stdlib.h>

#include "core/hash.h"

/* Hashes that are gathered from several sets. */
struct pile {
    uint64_t *v;
    uint32_t n, cap;
    bool failed;
};

static void pile_add(struct pile *p, const struct bf_set *s, uint64_t seed)
{
    if (p->failed || s->n > UINT32_MAX / 4 - p->n) {
        p->failed = true;
        return;
    }
    if (p->n + s->n > p->cap) {
        const uint32_t cap = 2 * (p->n + s->n) + 64;
        uint64_t *more = realloc(p->v, cap * sizeof *more);
        if (!more) {
            p->failed = true;
            return;
        }
        p->v = more;
        p->cap = cap;
    }
    for (uint32_t i = 0; i < s->n; i++)
        p->v[p->n++] = seed ? bf_hash64(&s->v[i], sizeof s->v[i], seed) : s->v[i];
}

static int fill(const struct bf_sample *s, struct bf_wording *out, struct pile *p,
                struct bf_arena *a)
{
    struct bf_arena scratch = { 0 };
    int rc = bf_shingles_of_words(s->question, 1, &out->question, a);
    for (int c = 0; rc == BF_OK && c < s->n_choices; c++) {
        struct bf_set words, whole;
        rc = bf_shingles_of_words(s->choices[c], 1, &words, &scratch);
        if (rc == BF_OK)
            rc = bf_shingles_of_words(s->choices[c], BF_SHINGLE_TEXT_MAX, &whole, &scratch);
        if (rc == BF_OK) {
            pile_add(p, &words, 0);
            pile_add(p, &whole, 1);
        }
    }
    bf_arena_reset(&scratch);
    if (rc != BF_OK || p->failed || bf_set_make(&out->choices, p->v, p->n, a) != BF_OK)
        return BF_ENOMEM;
    p->n = 0;
    pile_add(p, &out->question, 2); /* not the same words as in the choices */
    pile_add(p, &out->choices, 0);
    return p->failed ? BF_ENOMEM : bf_set_make(&out->both, p->v, p->n, a);
}

int bf_wording_of(const struct bf_sample *s, struct bf_wording *out, struct bf_arena *a)
{
    struct pile p = { 0 };
    const int rc = fill(s, out, &p, a);
    free(p.v);
    return rc;
}

double bf_wording_alike(const struct bf_wording *a, const struct bf_wording *b)
{
    const double question = bf_set_jaccard(&a->question, &b->question);
    const double choices = bf_set_jaccard(&a->choices, &b->choices);
    return question < choices ? question : choices;
}
