/* Stage ingest: pool rows to samples whose media were read and found good. */
#include <stdlib.h>
#include <string.h>

#include "core/damage.h"
#include "core/marker.h"
#include "core/state.h"
#include "core/text.h"

int bf_ingest_rows(const struct bf_spec *spec, struct bf_pool *pool, struct bf_err *err)
{
    pool->n_modalities = spec->n_modalities;
    for (int i = 0; i < spec->n_pools; i++)
        BF_TRY(spec->pools[i].reader->read(spec, &spec->pools[i], pool, err));
    bf_pool_complete(pool);
    return BF_OK;
}

/* A quota, or types, by a field that no sample has is a slip of the pen: say so before any work. */
static int check_field(const struct bf_spec *spec, const struct bf_pool *pool, const char *who,
                       const char *field, struct bf_err *err)
{
    const char *names[BF_MAX_MODALITIES + 1] = { 0 };
    struct bf_arena a = { 0 };
    bool found = pool->n_samples == 0;
    for (int m = 0; m < spec->n_modalities; m++)
        names[m] = spec->modalities[m].name;
    for (uint32_t i = 0; i < pool->n_samples && !found; i++)
        found = bf_sample_field(&pool->samples[i], field, names, &a) != NULL;
    bf_arena_reset(&a);
    if (found)
        return BF_OK;
    const char *known[BF_MAX_EXTRAS + 6] = { "category", "task", "answer", "target", "licence" };
    const struct bf_sample *s = &pool->samples[0];
    for (int i = 0; i < s->n_extras && i < BF_MAX_EXTRAS; i++)
        known[5 + i] = s->extras[i].name;
    const char *near = bf_text_near(field, known);
    return bf_fail(err, BF_EINVAL, "%s: no sample has a field '%.100s'%s%.100s%s", who, field,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

int bf_ingest_check(const struct bf_spec *spec, const struct bf_pool *pool, struct bf_err *err)
{
    const struct bf_balance_spec *b = &spec->balance;
    for (int i = 0; i < b->equal.n; i++)
        BF_TRY(check_field(spec, pool, "balance", b->equal.v[i], err));
    for (int i = 0; i < b->joint.n; i++)
        BF_TRY(check_field(spec, pool, "balance", b->joint.v[i], err));
    for (int i = 0; i < spec->n_filters; i++) {
        const struct bf_filter_spec *f = &spec->filters[i];
        const char *field = f->base->field ? f->base->field(f->priv) : NULL;
        if (field)
            BF_TRY(check_field(spec, pool, f->base->op.name, field, err));
    }
    return BF_OK;
}

static int want_files(struct bf_state *st, struct bf_err *err)
{
    struct bf_pool *pool = &st->pool;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        for (int k = 0; k < pool->samples[i].n_parts; k++) {
            const struct bf_reading_key key = { &pool->samples[i], &pool->samples[i].parts[k],
                                                NULL };
            if (!key.part->file->bad)
                BF_TRY(bf_readings_want(st->readings, &key, err));
        }
    return BF_OK;
}

/* Whether two choices are the same words and the same media. */
static bool same_choice(const struct bf_sample *s, int c, int d)
{
    struct bf_buf words[2] = { 0 };
    int n = 0, m = 0;
    bf_choice_print(NULL, s, c, &words[0]);
    bf_choice_print(NULL, s, d, &words[1]);
    bool same = words[0].data && words[1].data && strcmp(words[0].data, words[1].data) == 0;
    for (; same && (n < s->n_parts || m < s->n_parts); n++, m++) {
        while (n < s->n_parts && (!s->parts[n].in_choice || s->parts[n].choice != c + 1))
            n++;
        while (m < s->n_parts && (!s->parts[m].in_choice || s->parts[m].choice != d + 1))
            m++;
        same = (n < s->n_parts) == (m < s->n_parts);
        if (same && n < s->n_parts)
            same = s->parts[n].modality == s->parts[m].modality &&
                   memcmp(s->parts[n].file->sha, s->parts[m].file->sha, BF_SHA_BYTES) == 0;
    }
    bf_buf_done(&words[0]);
    bf_buf_done(&words[1]);
    return same;
}

/* The same for any two choices that show media; NULL when there are none. */
static const char *twins(const struct bf_sample *s, struct bf_arena *a)
{
    uint32_t shown = 0;
    for (int p = 0; p < s->n_parts; p++)
        shown |= s->parts[p].in_choice ? BF_BIT(s->parts[p].choice - 1) : 0;
    for (int d = 1; d < s->n_choices; d++)
        for (int c = 0; c < d; c++)
            if (shown & BF_BIT(c) && shown & BF_BIT(d) && same_choice(s, c, d))
                return bf_arena_printf(a, "choices %c and %c are the same", 'A' + c, 'A' + d);
    return NULL;
}

/* Why a sample is not used, or NULL: a part cannot be read, else (`damaged_out`) something of one
 * is missing and the spec does not keep such. Fills its parts' readings. BF_ENOMEM. */
static int fault_of(struct bf_state *st, const struct bf_sample *s, const char **fault_out,
                    bool *damaged_out)
{
    const struct bf_part *bad = NULL;
    const char *why = NULL;
    *fault_out = NULL;
    *damaged_out = false;
    for (int k = 0; k < s->n_parts && (!bad || *damaged_out); k++) {
        const struct bf_part *p = &s->parts[k];
        const struct bf_reading_key key = { s, p, NULL };
        const char *reason = p->file->bad;
        if (!reason && !p->file->readings[p->modality])
            p->file->readings[p->modality] = bf_readings_get(st->readings, &key, &reason);
        const bool lost = reason && !p->file->readings[p->modality];
        const char *damage = st->spec->damaged_keep ? NULL : bf_part_damage(p);
        if (lost || (damage && !bad)) {
            bad = p;
            why = lost ? reason : damage;
            *damaged_out = !lost;
        }
    }
    if (!bad) {
        *fault_out = twins(s, &st->pool.arena);
        return BF_OK;
    }
    *fault_out =
        bf_arena_printf(&st->pool.arena, "%s file '%s': %s",
                        st->spec->modalities[bad->modality].name, bad->file->rel_path, why);
    return *fault_out ? BF_OK : BF_ENOMEM;
}

static int set_aside_bad(struct bf_state *st, struct bf_err *err)
{
    struct bf_pool *pool = &st->pool;
    uint32_t n = 0;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        struct bf_sample *s = &pool->samples[i];
        const char *reason;
        bool damaged;
        if (fault_of(st, s, &reason, &damaged) != BF_OK)
            return bf_fail_memory(err, "a message");
        if (reason) {
            BF_TRY(bf_pool_set_aside(pool, s->origin, s->id, reason, err));
            pool->set_aside[pool->n_set_aside - 1].damaged = damaged;
            continue;
        }
        s->index = n;
        pool->samples[n++] = *s;
    }
    pool->n_samples = n;
    return BF_OK;
}

static uint32_t find_root(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

struct shown {
    uint8_t sha[BF_SHA_BYTES];
    uint32_t sample;
};

static int by_sha(const void *x, const void *y)
{
    const struct shown *a = x, *b = y;
    const int d = memcmp(a->sha, b->sha, BF_SHA_BYTES);
    return d ? d : (a->sample > b->sample) - (a->sample < b->sample);
}

/* Join samples that show the same content, whatever the file is called. */
static int make_groups(struct bf_pool *pool, struct bf_err *err)
{
    size_t n_shown = 0, k = 0;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        n_shown += (size_t)pool->samples[i].n_parts;
    struct shown *v = malloc((n_shown + 1) * sizeof *v);
    uint32_t *parent = malloc(((size_t)pool->n_samples + 1) * sizeof *parent);
    int rc = v && parent ? BF_OK : bf_fail_memory(err, "groups");
    if (rc == BF_OK) {
        for (uint32_t i = 0; i < pool->n_samples; i++) {
            parent[i] = i;
            for (int p = 0; p < pool->samples[i].n_parts; p++, k++) {
                memcpy(v[k].sha, pool->samples[i].parts[p].file->sha, BF_SHA_BYTES);
                v[k].sample = i;
            }
        }
        qsort(v, n_shown, sizeof *v, by_sha);
        for (size_t i = 1; i < n_shown; i++)
            if (memcmp(v[i - 1].sha, v[i].sha, BF_SHA_BYTES) == 0) {
                const uint32_t a = find_root(parent, v[i - 1].sample);
                const uint32_t b = find_root(parent, v[i].sample);
                parent[a > b ? a : b] = a < b ? a : b;
            }
        /* Roots are the smallest index of their group: numbered before they are used. */
        pool->n_groups = 0;
        for (uint32_t i = 0; i < pool->n_samples; i++) {
            const uint32_t root = find_root(parent, i);
            pool->samples[i].group = root == i ? pool->n_groups++ : pool->samples[root].group;
        }
    }
    free(parent);
    free(v);
    return rc;
}

/* What a sample says and shows, without any name of a file. */
static void print_content(const struct bf_spec *spec, const struct bf_sample *s, struct bf_buf *b)
{
    char hex[BF_SHA_HEX];
    bf_buf_json(b, s->id);
    bf_buf_printf(b, "%s", bf_task_name(s->task));
    bf_buf_json(b, s->question);
    for (int c = 0; c < s->n_choices; c++)
        bf_buf_json(b, s->choices[c]);
    bf_buf_json(b, s->gold_text);
    bf_buf_json(b, s->category);
    bf_buf_printf(b, "gold=%d/%u;target=%u;", s->gold, s->gold_set, s->target);
    for (int p = 0; p < s->n_parts; p++) {
        bf_hex(s->parts[p].file->sha, BF_SHA_BYTES, hex);
        bf_buf_printf(b, "%s.%d=%s;", spec->modalities[s->parts[p].modality].name,
                      s->parts[p].number, hex);
        if (s->parts[p].choice)
            bf_buf_printf(b, "choice=%d;", s->parts[p].choice);
    }
    bf_buf_char(b, '\n');
}

static int make_digest(const struct bf_spec *spec, struct bf_pool *pool, struct bf_err *err)
{
    /* A digest of digests, so that memory does not grow with the pool. */
    struct bf_buf b = { 0 };
    uint8_t state[2 * BF_SHA_BYTES] = { 0 };
    bool failed = false;
    for (uint32_t i = 0; i < pool->n_samples && !failed; i++) {
        b.len = 0;
        print_content(spec, &pool->samples[i], &b);
        failed = b.failed;
        if (!failed) {
            bf_sha256(b.data, b.len, state + BF_SHA_BYTES);
            bf_sha256(state, sizeof state, state);
        }
    }
    memcpy(pool->digest, state, BF_SHA_BYTES);
    bf_buf_done(&b);
    return failed ? bf_fail_memory(err, "the pool's digest") : BF_OK;
}

/* Every file counts once for each modality it is read as. */
static void mean_colours(struct bf_pool *pool, int n_modalities)
{
    for (int m = 0; m < n_modalities; m++) {
        double sum[3] = { 0 };
        uint32_t n = 0;
        for (uint32_t i = 0; i < pool->n_files; i++) {
            const struct bf_reading *r = pool->files[i]->readings[m];
            if (!r || (r->info.carrier != BF_RASTER && r->info.carrier != BF_CLIP))
                continue;
            for (int c = 0; c < 3; c++)
                sum[c] += r->info.mean[c];
            n++;
        }
        for (int c = 0; c < 3; c++)
            pool->mean_rgb[m][c] = n ? sum[c] / n : 128;
    }
}

int bf_ingest_media(struct bf_state *st, struct bf_err *err)
{
    BF_TRY(bf_readings_open(st->spec, &st->pool, st->ledger, &st->readings, err));
    BF_TRY(bf_scan_files(st, true, err));
    BF_TRY(want_files(st, err));
    BF_TRY(bf_readings_fill(st->readings, &st->workers, st->n_threads, st->options, "media", err));
    BF_TRY(set_aside_bad(st, err));
    mean_colours(&st->pool, st->spec->n_modalities);
    BF_TRY(make_groups(&st->pool, err));
    return make_digest(st->spec, &st->pool, err);
}

int bf_ingest_recall(struct bf_state *st, struct bf_err *err)
{
    BF_TRY(bf_readings_open(st->spec, &st->pool, st->ledger, &st->readings, err));
    BF_TRY(bf_scan_files(st, false, err));
    BF_TRY(want_files(st, err));
    BF_TRY(bf_readings_recall(st->readings, err));
    BF_TRY(set_aside_bad(st, err)); /* what the ledger lacks has no reason, and stays */
    mean_colours(&st->pool, st->spec->n_modalities);
    return BF_OK;
}
