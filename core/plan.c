/* What a run would do, from the rows alone: nothing is decoded, nothing is asked. */
#include <string.h>
#include <sys/stat.h>

#include "core/state.h"

void bf_plan_done(struct bf_plan *p)
{
    bf_arena_reset(&p->arena);
    *p = (struct bf_plan){ 0 };
}

static int copy_set_aside(const struct bf_pool *pool, struct bf_plan *out)
{
    out->n_missing = out->n_set_aside = pool->n_set_aside;
    out->set_aside =
        bf_arena_alloc(&out->arena, (size_t)pool->n_set_aside + 1, sizeof *out->set_aside);
    if (!out->set_aside)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < pool->n_set_aside; i++) {
        const struct bf_set_aside *s = &pool->set_aside[i];
        out->set_aside[i] = (struct bf_set_aside){
            bf_arena_strdup(&out->arena, s->where),
            bf_arena_strdup(&out->arena, s->id),
            bf_arena_strdup(&out->arena, s->reason),
        };
        if (!out->set_aside[i].where || !out->set_aside[i].reason)
            return BF_ENOMEM;
    }
    return BF_OK;
}

/* A condition that shows a sample what an earlier one did has that one's answers. */
static bool is_asked(const struct bf_conditions *c, int condition, const struct bf_sample *s)
{
    struct bf_view v, earlier;
    bf_view_of(&c->v[condition], s, &v);
    for (int e = 0; v.asked && e < condition; e++) {
        bf_view_of(&c->v[e], s, &earlier);
        if (bf_view_same(&v, &earlier))
            return false;
    }
    return v.asked;
}

static int count_questions(const struct bf_spec *spec, const struct bf_pool *pool,
                           const struct bf_conditions *c, struct bf_plan *out)
{
    const size_t n = (size_t)spec->n_probes * (size_t)c->n;
    out->rows = bf_arena_alloc(&out->arena, n + 1, sizeof *out->rows);
    if (!out->rows)
        return BF_ENOMEM;
    for (int p = 0; p < spec->n_probes; p++)
        for (int k = 0; k < c->n; k++) {
            struct bf_plan_row *row = &out->rows[out->n_rows++];
            row->probe = spec->probes[p].name;
            row->condition = bf_arena_strdup(&out->arena, c->v[k].name);
            if (!row->condition)
                return BF_ENOMEM;
            for (uint32_t i = 0; i < pool->n_samples; i++)
                if (is_asked(c, k, &pool->samples[i]))
                    row->n_questions += (uint64_t)spec->probes[p].trials;
        }
    return BF_OK;
}

static int fill(const struct bf_spec *spec, struct bf_pool *pool, struct bf_plan *out,
                struct bf_err *err)
{
    struct bf_conditions conditions = { 0 };
    BF_TRY(bf_ingest_rows(spec, pool, err));
    BF_TRY(bf_ingest_check(spec, pool, err));
    BF_TRY(bf_conditions_expand(spec, pool, &conditions, &pool->arena, err));
    out->n_samples = pool->n_samples;
    out->n_files = pool->n_files;
    for (uint32_t i = 0; i < pool->n_files; i++) {
        struct stat st;
        if (stat(pool->files[i]->path, &st) == 0)
            out->media_bytes += (uint64_t)st.st_size;
    }
    for (uint32_t i = 0; i < pool->n_samples; i++)
        for (int m = 0; m < spec->n_modalities; m++)
            out->by_modality[m] += (pool->samples[i].has & BF_BIT(m)) != 0;
    if (copy_set_aside(pool, out) != BF_OK ||
        count_questions(spec, pool, &conditions, out) != BF_OK)
        return bf_fail_memory(err, "the plan");
    return BF_OK;
}

int bf_check(const struct bf_spec *spec, struct bf_plan *out, struct bf_err *err)
{
    struct bf_pool pool = { 0 };
    *out = (struct bf_plan){ 0 };
    const int rc = fill(spec, &pool, out, err);
    bf_pool_done(&pool);
    return rc;
}
