/* What a run would do, from the rows alone: nothing is decoded, nothing is asked. */
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/damage.h"
#include "core/recall.h"
#include "core/state.h"

/* What counting needs. */
struct counting {
    struct bf_state st;
    struct bf_table table; /* without cells: for bf_filter.counts */
    struct bf_recall *recall;
    struct bf_view *views; /* [n_conditions], of the sample being counted */
    int *same;             /* [n_conditions]: the first that shows it the same, -1 = not asked */
    struct bf_plan_asked **asked; /* [n_probes], NULL of those that cost nothing */
    uint64_t n_free;              /* questions with free replies */
    struct bf_plan *out;          /* rows are [n_probes][n_conditions] while counting */
};

void bf_plan_done(struct bf_plan *p)
{
    bf_arena_reset(&p->arena);
    *p = (struct bf_plan){ 0 };
}

static int copy_set_aside(const struct bf_pool *pool, struct bf_plan *out)
{
    out->n_set_aside = pool->n_set_aside;
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
            s->damaged,
        };
        if (!out->set_aside[i].where || !out->set_aside[i].reason)
            return BF_ENOMEM;
    }
    return BF_OK;
}

static void look_at(struct counting *k, const struct bf_sample *s)
{
    const struct bf_conditions *conditions = &k->st.conditions;
    for (int c = 0; c < conditions->n; c++) {
        bf_view_of(&conditions->v[c], s, &k->views[c]);
        k->same[c] = k->views[c].asked ? c : -1;
        for (int e = 0; k->same[c] == c && e < c; e++)
            if (bf_view_same(&k->views[e], &k->views[c]))
                k->same[c] = e;
    }
}

/* Whether some filter counts trials after the first of what condition `first`, and those that show
 * the same, show the sample. Of free replies without a judge no filter speaks. */
static bool is_counted(const struct counting *k, int probe, int first, const struct bf_sample *s)
{
    const struct bf_spec *spec = k->st.spec;
    bool counted = false;
    for (int f = 0; f < spec->n_filters && !counted; f++) {
        const struct bf_filter_spec *filter = &spec->filters[f];
        for (int c = first; filter->base->counts && c < k->st.conditions.n && !counted; c++)
            counted =
                k->same[c] == first && filter->base->counts(filter->priv, &k->table, probe, c);
    }
    return counted && (s->task != BF_FREE_TEXT || spec->judge.probe >= 0);
}

static void add(struct bf_plan_sum *sum, int n, double n_in, double n_out)
{
    if (n == 0) /* times what is not known */
        return;
    sum->n += (uint64_t)n;
    sum->n_in += n * n_in;
    sum->n_out += n * n_out;
}

/* What a sample is shown under one condition: `all` trials at most, `first` whatever comes. */
static int count_cost(struct counting *k, int probe, const struct bf_sample *s, int condition,
                      int first, int all, struct bf_err *err)
{
    const struct bf_probe_spec *p = &k->st.spec->probes[probe];
    const struct bf_view *v = &k->views[condition];
    struct bf_plan_asked *asked = k->asked[probe];
    double n_in = NAN, n_out = NAN;
    int known = 0, more_known = 0;
    if (k->recall) {
        BF_TRY(bf_recall_answers(k->recall, probe, s, v, 0, first, &known, err));
        BF_TRY(bf_recall_answers(k->recall, probe, s, v, first, all, &more_known, err));
    }
    if (p->base->estimate && p->priv)
        p->base->estimate(p, k->st.spec, s, v, &n_in, &n_out);
    add(&asked->most, all - known - more_known, n_in, n_out);
    add(&asked->least, first - known, n_in, n_out);
    asked->n_remembered += (uint64_t)(known + more_known);
    return BF_OK;
}

/* Whether condition `c` is the first, among those that show a sample what it shows, by whose name
 * the probe is asked: what is shown twice is asked once. */
static bool is_first(const struct counting *k, const struct bf_probe_spec *p, int c)
{
    const struct bf_condition *v = k->st.conditions.v;
    bool first = k->same[c] >= 0 && bf_probe_is_asked(p, v[c].name);
    for (int e = 0; e < c && first; e++)
        first = k->same[e] != k->same[c] || !bf_probe_is_asked(p, v[e].name);
    return first;
}

static int count_sample(struct counting *k, int probe, const struct bf_sample *s,
                        struct bf_err *err)
{
    const struct bf_probe_spec *p = &k->st.spec->probes[probe];
    const bool curtailed = bf_probe_curtailed(k->st.spec, probe);
    struct bf_plan_row *rows = k->out->rows + (ptrdiff_t)probe * k->st.conditions.n;
    for (int c = 0; c < k->st.conditions.n; c++) {
        if (!is_first(k, p, c))
            continue;
        const int first = curtailed ? 1 : p->trials;
        const int all = curtailed && !is_counted(k, probe, k->same[c], s) ? 1 : p->trials;
        rows[c].n_questions += (uint64_t)all;
        rows[c].n_first += (uint64_t)first;
        k->n_free += s->task == BF_FREE_TEXT ? (uint64_t)all : 0;
        if (k->asked[probe])
            BF_TRY(count_cost(k, probe, s, k->same[c], first, all, err));
    }
    return BF_OK;
}

static void set_money(const struct bf_price *price, struct bf_plan_sum *sum)
{
    sum->money = price ? (sum->n_in * price->input + sum->n_out * price->output) / 1e6 : NAN;
}

/* Names of all rows, and a place for every probe that costs. */
static int name_all(struct counting *k, struct bf_err *err)
{
    const struct bf_spec *spec = k->st.spec;
    struct bf_plan_row *row = k->out->rows;
    for (int p = 0; p < spec->n_probes; p++) {
        const struct bf_probe_spec *probe = &spec->probes[p];
        for (int c = 0; c < k->st.conditions.n; c++, row++) {
            row->probe = probe->name;
            row->condition = bf_arena_strdup(&k->out->arena, k->st.conditions.v[c].name);
            const char *absent = k->st.conditions.v[c].absent;
            row->absent = absent ? bf_arena_strdup(&k->out->arena, absent) : NULL;
            if (!row->condition || (absent && !row->absent))
                return bf_fail_memory(err, "the plan");
        }
        if (!probe->base->costs)
            continue;
        k->asked[p] = &k->out->asked[k->out->n_asked++];
        *k->asked[p] = (struct bf_plan_asked){
            .probe = probe->name,
            .model = probe->base->model && probe->priv ? probe->base->model(probe) : NULL,
            .judge = probe->judge,
            .trials = probe->trials,
            .curtailed = !probe->judge && bf_probe_curtailed(spec, p),
            .request_seconds = NAN,
        };
        if (k->recall && probe->priv)
            BF_TRY(bf_recall_pace(k->recall, p, &k->asked[p]->request_seconds, err));
    }
    return BF_OK;
}

/* Rows that say something, and what the sums cost. A judge is asked once about each distinct reply,
 * none of which is there yet. */
static void close_counts(struct counting *k)
{
    const struct bf_spec *spec = k->st.spec;
    struct bf_plan *out = k->out;
    for (int i = 0; i < spec->n_probes * k->st.conditions.n; i++)
        if (bf_probe_is_asked(&spec->probes[i / k->st.conditions.n], out->rows[i].condition))
            out->rows[out->n_rows++] = out->rows[i];
    for (int i = 0; i < out->n_asked; i++) {
        struct bf_plan_asked *asked = &out->asked[i];
        const struct bf_price *price = asked->model ? bf_spec_price(spec, asked->model) : NULL;
        asked->priced = price != NULL;
        if (asked->judge && k->n_free)
            asked->most = (struct bf_plan_sum){ k->n_free, NAN, NAN, NAN };
        set_money(price, &asked->most);
        set_money(price, &asked->least);
    }
}

static int count_questions(struct counting *k, struct bf_err *err)
{
    const struct bf_pool *pool = &k->st.pool;
    k->table =
        (struct bf_table){ .spec = k->st.spec, .pool = pool, .conditions = &k->st.conditions };
    BF_TRY(name_all(k, err));
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        look_at(k, &pool->samples[i]);
        for (int p = 0; p < k->st.spec->n_probes; p++)
            BF_TRY(count_sample(k, p, &pool->samples[i], err));
    }
    close_counts(k);
    return BF_OK;
}

static int make_room(struct counting *k, struct bf_err *err)
{
    const size_t n_probes = (size_t)k->st.spec->n_probes, n = (size_t)k->st.conditions.n;
    struct bf_arena *a = &k->st.arena;
    k->views = bf_arena_alloc(a, n + 1, sizeof *k->views);
    k->same = bf_arena_alloc(a, n + 1, sizeof *k->same);
    k->asked = bf_arena_alloc(a, n_probes + 1, sizeof *k->asked);
    k->out->rows = bf_arena_alloc(&k->out->arena, n_probes * n + 1, sizeof *k->out->rows);
    k->out->asked = bf_arena_alloc(&k->out->arena, n_probes + 1, sizeof *k->out->asked);
    return k->views && k->same && k->asked && k->out->rows && k->out->asked
               ? BF_OK
               : bf_fail_memory(err, "the plan");
}

static int fill(struct counting *k, struct bf_err *err)
{
    const struct bf_spec *spec = k->st.spec;
    struct bf_pool *pool = &k->st.pool;
    struct bf_plan *out = k->out;
    const char *fault = NULL;
    BF_TRY(bf_ingest_rows(spec, pool, err));
    BF_TRY(bf_ingest_check(spec, pool, err));
    BF_TRY(bf_recall_open(&k->st, &k->recall, &fault, err));
    BF_TRY(bf_conditions_expand(spec, pool, &k->st.conditions, &k->st.arena, err));
    bf_damage_count(pool, &out->damage);
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
    out->ledger_fault = bf_arena_strdup(&out->arena, fault);
    if ((fault && !out->ledger_fault) || copy_set_aside(pool, out) != BF_OK)
        return bf_fail_memory(err, "the plan");
    BF_TRY(make_room(k, err));
    return count_questions(k, err);
}

int bf_check(const struct bf_spec *spec, const char *run_dir, struct bf_plan *out,
             struct bf_err *err)
{
    const struct bf_run_options options = { .out = run_dir };
    struct counting k = { .st = { .spec = spec, .options = &options, .n_threads = 1 }, .out = out };
    *out = (struct bf_plan){ 0 };
    const int rc = fill(&k, err);
    bf_recall_close(k.recall);
    bf_workers_close(k.st.workers);
    bf_readings_close(k.st.readings);
    bf_ledger_close(k.st.ledger);
    bf_pool_done(&k.st.pool);
    bf_arena_reset(&k.st.arena);
    return rc;
}
