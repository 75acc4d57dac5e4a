/* Filter `duplicates`: of samples that are near-duplicates the first stays. */
#include <math.h>
#include <strings.h>

#include "core/finder.h"
#include "core/hash.h"
#include "core/ops.h"
#include "core/spec.h"
#include "core/table.h"
#include "core/text.h"
#include "core/wording.h"

struct duplicates {
    struct bf_named bits; /* by modality: how many bits of its fingerprint may differ */
    double text;          /* how much alike words must be; 0 = they do not matter */
};

/* The samples that are compared, by their place among all. */
struct search {
    const struct duplicates *f;
    const struct bf_pool *pool;
    int modality[BF_MAX_MODALITIES]; /* [f->bits.n] index of each */
    uint32_t n;
    uint32_t *sample;         /* [n] */
    uint64_t *key;            /* [n] equal for all that may be near */
    struct bf_wording *words; /* [n], or NULL */
    struct bf_arena a;        /* as long as the search */
};

static const struct bf_part *part_of(const struct bf_sample *s, int modality, int number)
{
    for (int p = 0; p < s->n_parts; p++)
        if (s->parts[p].modality == modality && s->parts[p].number == number)
            return &s->parts[p];
    return NULL;
}

static int n_parts_of(const struct bf_sample *s, int modality)
{
    int n = 0;
    for (int p = 0; p < s->n_parts; p++)
        n += s->parts[p].modality == modality;
    return n;
}

static uint64_t print_of(const struct bf_part *p)
{
    const struct bf_reading *r = p->file->readings[p->modality];
    return r ? r->fingerprint : 0;
}

/* How many bits apart the parts of a modality are, the most of all pairs; -1 when there are not as
 * many. */
static int bits_apart(const struct bf_sample *a, const struct bf_sample *b, int modality)
{
    const int n = n_parts_of(a, modality);
    int most = 0;
    if (n != n_parts_of(b, modality))
        return -1;
    for (int i = 1; i <= n; i++) {
        const struct bf_part *x = part_of(a, modality, i), *y = part_of(b, modality, i);
        const int bits = x && y ? bf_near_bits(print_of(x), print_of(y)) : 64;
        most = bits > most ? bits : most;
    }
    return most;
}

/* Whether every gold choice of `a` is one of `b`, wherever it stands. */
static bool has_golds_of(const struct bf_sample *b, const struct bf_sample *a)
{
    for (int i = 0; i < a->n_choices; i++) {
        bool found = !(a->gold_set & BF_BIT(i));
        for (int k = 0; k < b->n_choices && !found; k++)
            found = b->gold_set & BF_BIT(k) && strcasecmp(a->choices[i], b->choices[k]) == 0;
        if (!found)
            return false;
    }
    return true;
}

/* Where words are the same and pictures look alike but the answer is another one, what differs is
 * what fingerprints do not see, such as a colour. */
static bool same_gold(const struct bf_sample *a, const struct bf_sample *b)
{
    if (a->task != b->task)
        return false;
    if (a->n_choices > 0)
        return has_golds_of(a, b) && has_golds_of(b, a);
    if (a->task == BF_NUMBER)
        return fabs(a->gold_number - b->gold_number) <= 1e-6 * fabs(a->gold_number);
    return strcasecmp(a->gold_text, b->gold_text) == 0;
}

static bool is_near(const struct search *s, uint32_t i, uint32_t k)
{
    const struct bf_sample *x = &s->pool->samples[s->sample[i]];
    const struct bf_sample *y = &s->pool->samples[s->sample[k]];
    for (int m = 0; m < s->f->bits.n; m++) {
        const int bits = bits_apart(x, y, s->modality[m]);
        if (bits < 0 || bits > s->f->bits.v[m])
            return false;
    }
    return !s->words ||
           (bf_wording_alike(&s->words[i], &s->words[k]) >= s->f->text - 1e-12 && same_gold(x, y));
}

/* Samples that show at least one of the modalities, or all when only words are compared; they
 * begin with a key that tells how many parts of each they show. */
static int take_samples(struct search *s)
{
    const uint32_t n = s->pool->n_samples;
    s->sample = bf_arena_alloc(&s->a, n + 1u, sizeof *s->sample);
    s->key = bf_arena_alloc(&s->a, n + 1u, sizeof *s->key);
    if (!s->sample || !s->key)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        bool any = s->f->bits.n == 0;
        uint64_t key = 0;
        for (int m = 0; m < s->f->bits.n; m++) {
            const int parts = n_parts_of(&s->pool->samples[i], s->modality[m]);
            any |= parts > 0;
            key = bf_hash64(&parts, sizeof parts, key);
        }
        if (!any)
            continue;
        s->sample[s->n] = i;
        s->key[s->n++] = key;
    }
    return BF_OK;
}

/* Part `number` of a modality into the keys. *any_out: whether some sample shows it. */
static int by_part(struct search *s, int m, int number, bool *any_out, struct bf_err *err)
{
    const struct bf_near_options groups = { 0 };
    struct bf_arena a = { 0 };
    struct bf_near near;
    uint64_t *print = bf_arena_alloc(&a, s->n + 1u, sizeof *print);
    uint32_t *who = bf_arena_alloc(&a, s->n + 1u, sizeof *who);
    uint32_t n = 0;
    int rc = print && who ? BF_OK : bf_fail_memory(err, "duplicates");

    for (uint32_t i = 0; rc == BF_OK && i < s->n; i++) {
        const struct bf_part *p = part_of(&s->pool->samples[s->sample[i]], s->modality[m], number);
        if (!p)
            continue;
        print[n] = print_of(p);
        who[n++] = i;
    }
    if (rc == BF_OK)
        rc = bf_near_hashes(print, n, (int)s->f->bits.v[m], &groups, &near, &a, err);
    for (uint32_t i = 0; rc == BF_OK && i < n; i++) {
        const uint32_t group = who[near.group[i]];
        s->key[who[i]] = bf_hash64(&group, sizeof group, s->key[who[i]]);
    }
    *any_out = n > 0;
    bf_arena_reset(&a);
    return rc;
}

static int by_words(struct search *s, struct bf_err *err)
{
    const struct bf_near_options groups = { 0 };
    struct bf_near near;
    struct bf_set *both = bf_arena_alloc(&s->a, s->n + 1u, sizeof *both);
    s->words = bf_arena_alloc(&s->a, s->n + 1u, sizeof *s->words);
    if (!both || !s->words)
        return bf_fail_memory(err, "duplicates");
    for (uint32_t i = 0; i < s->n; i++) {
        if (bf_wording_of(&s->pool->samples[s->sample[i]], &s->words[i], &s->a) != BF_OK)
            return bf_fail_memory(err, "duplicates");
        both[i] = s->words[i].both;
    }
    BF_TRY(bf_near_sets(both, s->n, s->f->text, &groups, &near, &s->a, err));
    for (uint32_t i = 0; i < s->n; i++)
        s->key[i] = bf_hash64(&near.group[i], sizeof near.group[i], s->key[i]);
    return BF_OK;
}

/* Among samples of one key, in the pool's order: each is near to one that stays, or stays. */
static int decide_all(struct search *s, uint32_t *of)
{
    struct bf_keyed *v = bf_arena_alloc(&s->a, s->n + 1u, sizeof *v);
    struct bf_keyed *scratch = bf_arena_alloc(&s->a, s->n + 1u, sizeof *scratch);
    uint32_t *stay = bf_arena_alloc(&s->a, s->n + 1u, sizeof *stay);
    if (!v || !scratch || !stay)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < s->n; i++)
        v[i] = (struct bf_keyed){ s->key[i], i };
    bf_keyed_sort(v, scratch, s->n);
    uint32_t n_stay = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t k = 0;
        if (i == 0 || v[i].key != v[i - 1].key)
            n_stay = 0;
        while (k < n_stay && !is_near(s, stay[k], v[i].at))
            k++;
        if (k < n_stay)
            of[s->sample[v[i].at]] = s->sample[stay[k]];
        else
            stay[n_stay++] = v[i].at;
    }
    return BF_OK;
}

static int search(struct search *s, uint32_t *of, struct bf_err *err)
{
    if (take_samples(s) != BF_OK)
        return bf_fail_memory(err, "duplicates");
    for (int m = 0; m < s->f->bits.n; m++) {
        bool any = true;
        for (int number = 1; any; number++)
            BF_TRY(by_part(s, m, number, &any, err));
    }
    if (s->f->text > 0)
        BF_TRY(by_words(s, err));
    return decide_all(s, of) == BF_OK ? BF_OK : bf_fail_memory(err, "duplicates");
}

/* [n_samples]: the sample that stays in place of each; itself when it stays. */
static int prepare(const void *priv, const struct bf_table *table, void **out, struct bf_arena *a,
                   struct bf_err *err)
{
    const struct duplicates *f = priv;
    struct search s = { .f = f, .pool = table->pool };
    uint32_t *of = bf_arena_alloc(a, table->pool->n_samples + 1u, sizeof *of);
    if (!of)
        return bf_fail_memory(err, "duplicates");
    for (uint32_t i = 0; i < table->pool->n_samples; i++)
        of[i] = i;
    for (int m = 0; m < f->bits.n; m++)
        s.modality[m] = bf_spec_modality(table->spec, f->bits.names[m]);
    const int rc = search(&s, of, err);
    bf_arena_reset(&s.a);
    *out = of;
    return rc;
}

static int decide(const void *priv, const struct bf_table *t, const struct bf_scores *scores,
                  uint32_t sample, struct bf_ruling *out, struct bf_err *err)
{
    const struct duplicates *f = priv;
    const uint32_t *of = bf_prepared(t, priv);
    const struct bf_sample *s = &t->pool->samples[sample];
    struct bf_arena a = { 0 };
    struct bf_wording x, y;
    int rc = BF_OK;
    (void)scores;

    out->kind = BF_KEEP;
    if (!of || of[sample] == sample)
        return BF_OK;
    const struct bf_sample *stays = &t->pool->samples[of[sample]];
    const char *mark = ": ";
    out->kind = BF_REJECT;
    bf_buf_printf(&out->reason, "near-duplicate of '%s'", stays->id);
    for (int m = 0; m < f->bits.n; m++) {
        const int modality = bf_spec_modality(t->spec, f->bits.names[m]);
        if (n_parts_of(s, modality) == 0)
            continue;
        const int bits = bits_apart(s, stays, modality);
        bf_buf_printf(&out->reason, "%s%s %d bit%s", mark, f->bits.names[m], bits,
                      bits == 1 ? "" : "s");
        mark = ", ";
    }
    if (f->text > 0) {
        rc = bf_wording_of(s, &x, &a);
        if (rc == BF_OK)
            rc = bf_wording_of(stays, &y, &a);
        if (rc == BF_OK)
            bf_buf_printf(&out->reason, "%swords %.3g", mark, bf_wording_alike(&x, &y));
        bf_arena_reset(&a);
    }
    return rc == BF_OK ? BF_OK : bf_fail_memory(err, "a reason");
}

static int check(const void *priv, const struct bf_spec *spec, struct bf_err *err)
{
    const struct duplicates *f = priv;
    const char *names[BF_MAX_MODALITIES + 2] = { "text" };

    for (int m = 0; m < spec->n_modalities; m++)
        names[m + 1] = spec->modalities[m].name;
    for (int m = 0; m < f->bits.n; m++) {
        if (bf_spec_modality(spec, f->bits.names[m]) >= 0)
            continue;
        const char *near = bf_text_near(f->bits.names[m], names);
        return near ? bf_fail(err, BF_EINVAL,
                              "duplicates: '%.200s' is no modality; did you mean '%s'?",
                              f->bits.names[m], near)
                    : bf_fail(err, BF_EINVAL,
                              "duplicates: '%.200s' is no modality; allowed: text, or a modality "
                              "of this spec",
                              f->bits.names[m]);
    }
    if (f->bits.n == 0 && f->text <= 0)
        return bf_fail(err, BF_EINVAL,
                       "duplicates: nothing is compared; such as {image: 6 bits, text: 0.9}");
    if (f->text > 0 && f->text < 0.5)
        return bf_fail(err, BF_EINVAL, "duplicates: 'text' is %g; allowed: 0.5 to 1, or 0",
                       f->text);
    return BF_OK;
}

static const struct bf_opt opts[] = {
    { .name = "<modality>",
      .type = BF_OPT_NAMED,
      .offset = offsetof(struct duplicates, bits),
      .def = "",
      .min = 0,
      .max = BF_NEAR_MAX_BITS,
      .unit = "bits",
      .help = "how many of the 64 bits of its fingerprint may differ; a modality not named does "
              "not matter" },
    { .name = "text",
      .type = BF_OPT_NUM,
      .offset = offsetof(struct duplicates, text),
      .def = "0",
      .min = 0,
      .max = 1,
      .unit = "as Jaccard similarity",
      .help = "how much alike the words of the question, and those of the choices, must be, 0.5 "
              "or more, and that the answer is the same; 0: they do not matter" },
    { .name = NULL },
};

const struct bf_filter bf_filter_duplicates = {
    .op = {
        .name = "duplicates",
        .summary = "of samples that look, sound and read alike keep the first",
        .source = "fingerprints: docs/modalities.md#fingerprints; words: Broder, \"On the "
                  "resemblance and containment of documents\" (1997); docs/metrics.md#duplicates",
        .priv_size = sizeof(struct duplicates),
        .opts = opts,
    },
    .check = check,
    .prepare = prepare,
    .decide = decide,
};
