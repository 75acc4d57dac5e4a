/* Vectors of a pool, as far as a look shows what they were made from, as blocks of the linear
 * model. */
#include "probe/builtin/embedded.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/marker.h"
#include "core/text.h"
#include "probe/builtin/crossed.h"

enum { N_LIKENESS = 4 };

/* ---- options ---- */

static bool has_files(const struct bf_embed_options *o)
{
    return o->files.path && o->files.path[0];
}

static bool has_server(const struct bf_embed_options *o)
{
    return o->server.urls.n > 0;
}

bool bf_embed_wanted(const struct bf_embed_options *o)
{
    return has_files(o) || has_server(o);
}

/* What `embeds` names, into `out`. */
static int read_made_of(const struct bf_embed_options *o, const struct bf_spec *spec,
                        struct bf_embedded *out, struct bf_err *err)
{
    for (int i = 0; i < o->made_of.n; i++) {
        const char *name = o->made_of.v[i];
        const int m = bf_spec_modality(spec, name);
        const bool question = strcmp(name, "question") == 0, choices = strcmp(name, "choices") == 0;
        out->question |= question;
        out->choices |= choices;
        if (m >= 0)
            out->modalities |= BF_BIT(m);
        else if (!question && !choices)
            return bf_fail(err, BF_EINVAL,
                           "'embeds' has '%s'; allowed: question, choices, and modalities", name);
    }
    return BF_OK;
}

static int check_server(const struct bf_embed_options *o, const struct bf_embedded *of,
                        struct bf_err *err)
{
    if (of->modalities)
        return bf_fail(err, BF_EINVAL,
                       "'embed_url' makes vectors of words; 'embeds' allows question and choices");
    return bf_embed_check(&o->server, err);
}

int bf_embed_options_check(const struct bf_embed_options *o, const struct bf_spec *spec,
                           struct bf_err *err)
{
    struct bf_embedded of = { 0 };
    if (has_files(o) && has_server(o))
        return bf_fail(err, BF_EINVAL,
                       "'embeddings' and 'embed_url' are two sources of vectors; "
                       "allowed: one, and a probe for each");
    if (!bf_embed_wanted(o)) {
        const char *alone = o->files.ids && o->files.ids[0]         ? "embedding_ids"
                            : o->made_of.n                          ? "embeds"
                            : o->server.model && o->server.model[0] ? "embed_model"
                                                                    : NULL;
        return alone ? bf_fail(err, BF_EINVAL,
                               "'%s' without 'embeddings' or 'embed_url' means nothing", alone)
                     : (int)BF_OK;
    }
    if (o->made_of.n == 0)
        return bf_fail(err, BF_EINVAL,
                       "'embeds' is missing: what the vectors are made from, such as [question] or "
                       "[image]; a condition that does not show that does not show them");
    BF_TRY(read_made_of(o, spec, &of, err));
    return has_files(o) ? bf_embeddings_check(&o->files, err) : check_server(o, &of, err);
}

int bf_embed_options_identify(const struct bf_embed_options *o, struct bf_buf *out,
                              struct bf_err *err)
{
    uint8_t digest[BF_SHA_BYTES];
    char hex[BF_SHA_HEX];
    if (!bf_embed_wanted(o))
        return BF_OK;
    bf_buf_str(out, ";embeds=");
    for (int i = 0; i < o->made_of.n; i++)
        bf_buf_printf(out, "%s%s", i ? "," : "", o->made_of.v[i]);
    bf_buf_char(out, ';');
    if (has_server(o))
        return bf_embed_identify(&o->server, out, err);
    BF_TRY(bf_embeddings_digest(&o->files, digest, err));
    bf_hex(digest, BF_SHA_BYTES, hex);
    bf_buf_printf(out, "embeddings=%s", hex);
    return out->failed ? bf_fail_memory(err, "an identity") : BF_OK;
}

/* ---- reading ---- */

static void note_missing(const struct bf_embedded *e)
{
    const struct bf_pool *pool = e->asking->pool;
    const char *slash = strrchr(e->o->files.path, '/');
    const uint32_t n_without = pool->n_samples - e->user.n_with;
    const char *file = slash ? slash + 1 : e->o->files.path;
    char line[512];
    if (!e->asking->note || (n_without == 0 && e->user.n_others == 0))
        return;
    if (n_without)
        snprintf(line, sizeof line, "probe '%s': '%.100s' has no vector for %u of %u samples",
                 e->asking->probe->name, file, n_without, pool->n_samples);
    else
        snprintf(line, sizeof line, "probe '%s': '%.100s' has %llu vectors of no sample",
                 e->asking->probe->name, file, (unsigned long long)e->user.n_others);
    e->asking->note(e->asking->ctx, line);
}

int bf_embedded_open(const struct bf_embed_options *o, const struct bf_asking *asking,
                     struct bf_embedded *out, struct bf_arena *a, struct bf_err *err)
{
    *out = (struct bf_embedded){ .o = o, .asking = asking };
    if (!bf_embed_wanted(o))
        return BF_OK;
    BF_TRY(read_made_of(o, asking->spec, out, err));
    if (!has_files(o))
        return BF_OK;
    BF_TRY(bf_embeddings_read(&o->files, o->pool ? o->pool : asking->pool, &out->user, a, err));
    note_missing(out);
    return BF_OK;
}

/* ---- what a look shows ---- */

/* Whether a look shows a sample all that its vector was made from, untouched. What a sample does
 * not have cannot have been used; a vector made of nothing at all is not shown. */
static bool is_shown(const struct bf_embedded *e, const struct bf_look *l,
                     const struct bf_sample *s)
{
    const struct bf_view view = bf_look_view(l, s);
    struct bf_reading_key key;
    bool any = (e->question && s->question[0]) || (e->choices && s->n_choices);
    if (e->question && (l->question || (l->lent && l->lent->questions)))
        return false;
    if (e->choices && !l->choices)
        return false;
    for (int p = 0; p < s->n_parts; p++) {
        if (!(e->modalities & BF_BIT(s->parts[p].modality)))
            continue;
        if (!bf_view_part(&view, s, p, &key) || key.by || key.part != &s->parts[p])
            return false;
        any = true;
    }
    return any;
}

static uint32_t n_rows_of(const struct bf_look *l, uint32_t sample)
{
    return l->rows->first_row[sample + 1] - l->rows->first_row[sample];
}

/* Vectors of a look: of samples and of rows. */
struct shown {
    int dim, own_dim;
    const float **of;  /* [n_samples] */
    const float **own; /* [n_rows] */
};

static int make_room(const struct bf_look *l, struct shown *out, struct bf_arena *a)
{
    const uint32_t n = l->rows->n_samples;
    out->of = bf_arena_alloc(a, (size_t)n + 1, sizeof *out->of);
    out->own = bf_arena_alloc(a, (size_t)l->rows->first_row[n] + 1, sizeof *out->own);
    return out->of && out->own ? BF_OK : BF_ENOMEM;
}

static void show_user(const struct bf_embedded *e, const struct bf_look *l, struct shown *out)
{
    const struct bf_embeddings *u = &e->user;
    out->dim = u->dim;
    out->own_dim = l->choices ? u->own_dim : 0; /* vectors of choices tell of them */
    for (uint32_t i = 0; i < l->rows->n_samples; i++) {
        const struct bf_sample *s = &e->asking->pool->samples[i];
        const uint32_t n = n_rows_of(l, i);
        if (n == 0 || !is_shown(e, l, s))
            continue;
        out->of[i] = u->of[i];
        for (uint32_t c = 0; out->own_dim && u->own[i] && n == (uint32_t)s->n_choices && c < n; c++)
            out->own[l->rows->first_row[i] + c] = u->own[i] + (size_t)c * (size_t)u->own_dim;
    }
}

static const char *question_of(const struct bf_look *l, const struct bf_sample *s)
{
    return l->question                     ? l->question
           : l->lent && l->lent->questions ? l->lent->questions[s->index]
                                           : s->question;
}

static const char *choice_of(const struct bf_look *l, const struct bf_sample *s, int c,
                             struct bf_arena *a)
{
    const struct bf_view view = bf_look_view(l, s);
    struct bf_buf b = { 0 };
    if (!bf_sample_is_marked(s))
        return s->choices[c];
    bf_choice_print(&view, s, c, &b);
    const char *text = b.failed ? NULL : bf_arena_strdup(a, b.len ? b.data : "");
    bf_buf_done(&b);
    return text;
}

/* The words of a look: first each sample's question, then each row's choice. */
static int words_of(const struct bf_embedded *e, const struct bf_look *l, const char **texts,
                    struct bf_arena *a)
{
    const uint32_t n = l->rows->n_samples;
    for (uint32_t i = 0; i < n; i++) {
        const struct bf_sample *s = &e->asking->pool->samples[i];
        const uint32_t n_rows = n_rows_of(l, i);
        if (n_rows == 0)
            continue;
        if (e->question)
            texts[i] = question_of(l, s);
        for (uint32_t c = 0;
             e->choices && l->choices && n_rows == (uint32_t)s->n_choices && c < n_rows; c++) {
            const char **at = &texts[n + l->rows->first_row[i] + c];
            *at = choice_of(l, s, (int)c, a);
            if (!*at)
                return BF_ENOMEM;
        }
    }
    return BF_OK;
}

static int show_server(const struct bf_embedded *e, const struct bf_look *l, struct shown *out,
                       struct bf_arena *a, struct bf_err *err)
{
    const uint32_t n = l->rows->n_samples, n_all = n + l->rows->first_row[n];
    struct bf_arena scratch = { 0 };
    const char **texts = bf_arena_alloc(&scratch, (size_t)n_all + 1, sizeof *texts);
    const float **v = bf_arena_alloc(&scratch, (size_t)n_all + 1, sizeof *v);
    int rc = texts && v && words_of(e, l, texts, &scratch) == BF_OK ? BF_OK
                                                                    : bf_fail_memory(err, "texts");
    if (rc == BF_OK)
        rc = bf_embed_texts(&e->o->server, e->asking, texts, n_all, v, &out->dim, a, err);
    if (rc == BF_OK) {
        memcpy(out->of, v, (size_t)n * sizeof *v);
        memcpy(out->own, v + n, (size_t)(n_all - n) * sizeof *v);
        out->own_dim = out->dim;
    }
    bf_arena_reset(&scratch);
    return rc;
}

/* ---- likeness ---- */

/* Cosine of two vectors; 0 where one of them is 0. */
static double cosine(const float *x, const double *y, int dim)
{
    double xy = 0, xx = 0, yy = 0;
    for (int i = 0; i < dim; i++) {
        xy += (double)x[i] * y[i];
        xx += (double)x[i] * (double)x[i];
        yy += y[i] * y[i];
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

/* Less the mean over the choices, and whether it is the one largest: features 0 and 1 of `out`. */
static void rank(const double *v, int k, float (*out)[N_LIKENESS], int at)
{
    double sum = 0, top = -INFINITY;
    int n_top = 0;
    for (int c = 0; c < k; c++) {
        sum += v[c];
        top = fmax(top, v[c]);
    }
    for (int c = 0; c < k; c++)
        n_top += v[c] >= top;
    for (int c = 0; c < k; c++) {
        out[c][at] = (float)(v[c] - sum / k);
        out[c][at + 1] = n_top == 1 && v[c] >= top;
    }
}

/* Of the choices of one sample, all of which have vectors. */
static void liken(const float *q, const float *const *own, int k, int dim, double *scratch,
                  float (*out)[N_LIKENESS])
{
    double *sum = scratch, *other = scratch + dim, near[BF_MAX_CHOICES], usual[BF_MAX_CHOICES];
    memset(sum, 0, (size_t)dim * sizeof *sum);
    for (int c = 0; c < k; c++)
        for (int i = 0; i < dim; i++)
            sum[i] += (double)own[c][i];
    for (int c = 0; c < k; c++) {
        for (int i = 0; i < dim; i++)
            other[i] = sum[i] - (double)own[c][i];
        usual[c] = cosine(own[c], other, dim);
        for (int i = 0; q && i < dim; i++)
            other[i] = (double)q[i];
        near[c] = q ? cosine(own[c], other, dim) : 0;
    }
    rank(near, k, out, 0);
    rank(usual, k, out, 2);
}

static int add_likeness(struct bf_look *l, const struct shown *x, struct bf_arena *a)
{
    const uint32_t n = l->rows->n_samples;
    const size_t n_rows = l->rows->first_row[n];
    const float **rows = bf_arena_alloc(a, n_rows + 1, sizeof *rows);
    float(*values)[N_LIKENESS] = bf_arena_alloc(a, n_rows + 1, sizeof *values);
    double *scratch = malloc((2 * (size_t)x->own_dim + 1) * sizeof *scratch);
    const int rc = rows && values && scratch ? BF_OK : BF_ENOMEM;
    for (uint32_t i = 0; rc == BF_OK && i < n; i++) {
        const uint32_t first = l->rows->first_row[i], k = n_rows_of(l, i);
        bool all = k >= 2 && k <= BF_MAX_CHOICES;
        for (uint32_t c = 0; c < k; c++)
            all &= x->own[first + c] != NULL;
        if (!all)
            continue;
        liken(x->dim == x->own_dim ? x->of[i] : NULL, x->own + first, (int)k, x->own_dim, scratch,
              values + first);
        for (uint32_t c = 0; c < k; c++)
            rows[first + c] = values[first + c];
    }
    free(scratch);
    if (rc == BF_OK)
        l->blocks[l->n_blocks++] = (struct bf_block){ .dim = N_LIKENESS, .own = rows };
    return rc;
}

/* ---- blocks ---- */

static bool has_any(const float *const *v, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < n && !any; i++)
        any = v[i] != NULL;
    return any;
}

enum { OF_SAMPLES = 1, OF_CHOICES = 2 };

/* A block of nothing would change how the rest is weighed: no trace of what is not shown. */
static unsigned vectors_of(const struct bf_look *l, const struct shown *x)
{
    return (has_any(x->of, l->rows->n_samples) ? OF_SAMPLES : 0) |
           (has_any(x->own, l->rows->first_row[l->rows->n_samples]) ? OF_CHOICES : 0);
}

static int add_blocks(const struct bf_embedded *e, struct bf_look *l, const struct shown *x,
                      struct bf_arena *a)
{
    if (l->vectors & OF_SAMPLES) {
        struct bf_rows *cross = bf_arena_alloc(a, 1, sizeof *cross);
        if (!cross || bf_crossed_make(e->asking->pool, l, cross, a) != BF_OK)
            return BF_ENOMEM;
        l->blocks[l->n_blocks++] = (struct bf_block){ .dim = x->dim, .f = x->of, .cross = cross };
    }
    if (!(l->vectors & OF_CHOICES))
        return BF_OK;
    l->blocks[l->n_blocks++] = (struct bf_block){ .dim = x->own_dim, .own = x->own };
    return add_likeness(l, x, a);
}

int bf_embedded_add(const struct bf_embedded *e, const struct bf_look *teacher, struct bf_look *l,
                    struct bf_arena *a, struct bf_err *err)
{
    struct shown x = { 0 };
    if (!bf_embed_wanted(e->o))
        return BF_OK;
    if (make_room(l, &x, a) != BF_OK)
        return bf_fail_memory(err, "vectors");
    if (has_files(e->o))
        show_user(e, l, &x);
    else
        BF_TRY(show_server(e, l, &x, a, err));
    l->vectors = teacher == l ? vectors_of(l, &x) : teacher->vectors;
    return add_blocks(e, l, &x, a) == BF_OK ? BF_OK : bf_fail_memory(err, "vectors");
}
