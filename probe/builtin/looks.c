#include "probe/builtin/looks.h"

#include <string.h>

#include "probe/builtin/embedded.h"

bool bf_look_shows(const struct bf_look *l, uint32_t sample)
{
    bool shows = false;
    for (int b = 0; b < l->n_blocks && !shows; b++) {
        const struct bf_block *block = &l->blocks[b];
        shows = !block->own && block->f[sample];
        for (uint32_t r = l->rows->first_row[sample]; r < l->rows->first_row[sample + 1]; r++)
            shows |= block->own && block->own[r];
    }
    return shows;
}

static int add(struct bf_looks *looks, const struct bf_look *l, struct bf_arena *a)
{
    if (looks->n == looks->cap) {
        const int cap = looks->cap ? looks->cap * 2 : 16;
        struct bf_look *more = bf_arena_alloc(a, (size_t)cap, sizeof *more);
        if (!more)
            return -1;
        if (looks->n)
            memcpy(more, looks->v, (size_t)looks->n * sizeof *more);
        looks->v = more;
        looks->cap = cap;
    }
    looks->v[looks->n] = *l;
    return looks->n++;
}

/* Index of the look of one view, added when it is new; -1 = no memory. `taught_by`: index of the
 * look that it is to learn from, -1 = itself. */
static int find_or_add(struct bf_looks *looks, const struct bf_view *v, const struct bf_sample *s,
                       int taught_by, struct bf_arena *a)
{
    struct bf_look l = { .kept = v->kept,
                         .partly = v->partly,
                         .named = v->named,
                         .choices = v->choices,
                         .lent = v->lent };
    if (v->question != s->question && !(v->lent && v->lent->questions))
        l.question = v->question;
    memcpy(l.by, v->by, sizeof l.by);
    for (int i = 0; i < looks->n; i++) {
        const struct bf_look *k = &looks->v[i];
        if (k->kept == l.kept && k->partly == l.partly && k->named == l.named &&
            k->choices == l.choices && k->question == l.question && k->lent == l.lent &&
            memcmp(k->by, l.by, sizeof l.by) == 0 &&
            (k->taught_by == taught_by || i == taught_by || taught_by < 0))
            return i;
    }
    l.taught_by = taught_by < 0 ? looks->n : taught_by;
    return add(looks, &l, a);
}

/* The look that shows all of a sample. */
static int full_look(struct bf_looks *looks, const struct bf_sample *s, struct bf_arena *a)
{
    const struct bf_view full = { .kept = s->has, .question = s->question, .choices = true };
    return find_or_add(looks, &full, s, -1, a);
}

/* Whether words are shown as the pool has them. */
static bool has_own_words(const struct bf_view *v, const struct bf_sample *s)
{
    return v->choices && v->question == s->question && !(v->lent && v->lent->questions);
}

struct bf_view bf_look_view(const struct bf_look *l, const struct bf_sample *s)
{
    struct bf_view view = { .asked = true,
                            .kept = l->kept & s->has,
                            .partly = l->partly & s->has,
                            .named = l->named,
                            .lent = l->lent,
                            .choices = l->choices };
    memcpy(view.by, l->by, sizeof view.by);
    return view;
}

/* Mean of the features of a sample's parts of one modality, those of choice `choice` (1-based) or
 * those of none (0); NULL when it shows none. */
static int part_features(const struct bf_asking *asking, const struct bf_look *l,
                         const struct bf_sample *s, int modality, int choice, const float **f_out,
                         int *dim_out, struct bf_arena *a)
{
    const struct bf_view view = bf_look_view(l, s);
    const float *first = NULL;
    float *sum = NULL;
    int n = 0, n_first = 0;
    for (int i = 0; i < s->n_parts; i++) {
        int n_values = 0;
        if (s->parts[i].modality != modality || s->parts[i].choice != choice)
            continue;
        const float *f = asking->features(asking->ctx, s, &s->parts[i], &view, &n_values);
        if (!f)
            continue;
        if (n++ == 0) {
            first = f;
            n_first = n_values;
            continue;
        }
        if (!sum) {
            sum = bf_arena_memdup(a, first, (size_t)n_first * sizeof *sum);
            if (!sum)
                return BF_ENOMEM;
        }
        for (int k = 0; k < n_first; k++)
            sum[k] += f[k];
    }
    for (int k = 0; sum && k < n_first; k++)
        sum[k] /= (float)n;
    *f_out = sum ? sum : first;
    if (first)
        *dim_out = n_first;
    return BF_OK;
}

/* Whether something other than nothing is put in the place of a part of that modality. */
static bool names(const struct bf_condition_spec *named, int modality)
{
    bool any = false;
    for (int i = 0; named && i < named->n_replaces; i++)
        any |= named->replaces[i].number && named->replaces[i].modality == modality;
    return any;
}

static bool choices_show(const struct bf_pool *pool, int modality)
{
    bool show = false;
    for (uint32_t i = 0; i < pool->n_samples && !show; i++)
        for (int p = 0; p < pool->samples[i].n_parts; p++)
            show |=
                pool->samples[i].parts[p].modality == modality && pool->samples[i].parts[p].choice;
    return show;
}

/* What choices show themselves: features of each row. */
static int make_own_block(const struct bf_asking *asking, struct bf_look *l, int modality,
                          struct bf_arena *a)
{
    const struct bf_pool *pool = asking->pool;
    const struct bf_rows *rows = l->rows;
    const float **own =
        bf_arena_alloc(a, (size_t)rows->first_row[pool->n_samples] + 1, sizeof *own);
    int dim = 0;
    if (!own)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        for (uint32_t r = rows->first_row[i]; r < rows->first_row[i + 1]; r++)
            BF_TRY(part_features(asking, l, &pool->samples[i], modality,
                                 (int)(r - rows->first_row[i]) + 1, &own[r], &dim, a));
    l->blocks[l->n_blocks++] = (struct bf_block){ .dim = dim, .own = own };
    return BF_OK;
}

static int make_blocks(const struct bf_asking *asking, const struct bf_look *teacher,
                       struct bf_look *l, struct bf_arena *a)
{
    const struct bf_pool *pool = asking->pool;
    for (int m = 0; m < asking->spec->n_modalities; m++) {
        const bool shown = (l->kept | l->partly) & BF_BIT(m) || l->by[m] || names(l->named, m);
        if (!shown && !(teacher->kept & BF_BIT(m)))
            continue;
        const float **f = bf_arena_alloc(a, pool->n_samples, sizeof *f);
        if (!f)
            return BF_ENOMEM;
        int dim = 0;
        for (uint32_t i = 0; i < pool->n_samples; i++)
            BF_TRY(part_features(asking, l, &pool->samples[i], m, 0, &f[i], &dim, a));
        l->blocks[l->n_blocks++] = (struct bf_block){ .dim = dim, .f = f };
        if (choices_show(pool, m))
            BF_TRY(make_own_block(asking, l, m, a));
    }
    return BF_OK;
}

/* Looks that differ in media only share their words. */
static int make_words(const struct bf_asking *asking, uint32_t without, struct bf_looks *looks,
                      int i, struct bf_arena *a, struct bf_err *err)
{
    struct bf_look *l = &looks->v[i];
    const struct bf_shown_words words = { .question = l->question,
                                          .questions = l->lent ? l->lent->questions : NULL,
                                          .choices = l->choices,
                                          .without = without };
    for (int k = 0; k < i; k++) {
        const struct bf_look *e = &looks->v[k];
        if (e->question == l->question && e->choices == l->choices &&
            (e->lent ? e->lent->questions : NULL) == words.questions) {
            l->rows = e->rows;
            return BF_OK;
        }
    }
    struct bf_rows *rows = bf_arena_alloc(a, 1, sizeof *rows);
    if (!rows)
        return bf_fail_memory(err, "the built-in probe");
    l->rows = rows;
    return bf_encode(asking->pool, &words, rows, a, err);
}

int bf_looks_make(const struct bf_asking *asking, bool from_full, uint32_t without,
                  const struct bf_embed_options *embed, struct bf_looks *out, int *look_of,
                  struct bf_arena *a, struct bf_err *err)
{
    struct bf_embedded vectors;
    for (uint32_t i = 0; i < asking->n; i++) {
        const struct bf_sample *s = &asking->pool->samples[asking->questions[i].sample];
        look_of[i] = -1;
        if (!bf_builtin_usable(s))
            continue;
        const struct bf_view *v = asking->questions[i].view;
        const int teacher = from_full && has_own_words(v, s) ? full_look(out, s, a) : -1;
        look_of[i] = find_or_add(out, v, s, teacher, a);
        if (look_of[i] < 0)
            return bf_fail_memory(err, "the built-in probe");
    }
    if (without >> BF_EVIDENCE_EMBEDDING & 1)
        embed = NULL;
    if (embed)
        BF_TRY(bf_embedded_open(embed, asking, &vectors, a, err));
    for (int i = 0; i < out->n; i++) {
        BF_TRY(make_words(asking, without, out, i, a, err));
        if (!(without >> BF_EVIDENCE_MEDIA & 1) &&
            make_blocks(asking, &out->v[out->v[i].taught_by], &out->v[i], a) != BF_OK)
            return bf_fail_memory(err, "the built-in probe");
        if (embed)
            BF_TRY(bf_embedded_add(&vectors, &out->v[out->v[i].taught_by], &out->v[i], a, err));
    }
    return BF_OK;
}
