/* Who lends what to whom. */
#include "core/donor.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_EXCHANGES = 1024, /* partners tried before somebody lends twice */
    MAX_LENDERS = 65536,  /* lenders tried before there is none */
};

/* One part of one sample, or its question: it borrows, and it lends. */
struct member {
    const struct bf_sample *sample;
    const struct bf_part *part; /* NULL: its question */
    uint64_t group;             /* members lend to those of the same group ... */
    uint64_t avoid;             /* ... that differ in this: the content, or the answer */
    uint64_t content;
    uint64_t rank;
    uint32_t donor; /* index of a member, or NOBODY */
};

static const uint32_t NOBODY = UINT32_MAX;

/* By content once the file is hashed, by path before. */
static uint64_t content_of(const struct bf_part *p)
{
    static const uint8_t none[BF_SHA_BYTES];
    const struct bf_file *f = p->file;
    if (memcmp(f->sha, none, BF_SHA_BYTES) != 0)
        return bf_hash64(f->sha, BF_SHA_BYTES, 0);
    return bf_hash64(f->path, strlen(f->path), 0);
}

/* The gold answer in words, whatever its letter; the choices in any order. */
static uint64_t answer_of(const struct bf_sample *s)
{
    uint64_t sum = 0;
    for (int c = 0; c < s->n_choices; c++)
        if (s->gold_set & BF_BIT(c))
            sum += bf_hash64(s->choices[c], strlen(s->choices[c]), 1);
    return sum ? sum : bf_hash64(s->gold_text, strlen(s->gold_text), 2);
}

static uint64_t choices_of(const struct bf_sample *s)
{
    uint64_t sum = (uint64_t)s->n_choices;
    for (int c = 0; c < s->n_choices; c++)
        sum += bf_hash64(s->choices[c], strlen(s->choices[c]), 1);
    return sum;
}

/* `what`: which modality and part, so that image.1 is never swapped for image.2. */
static struct member member_of(const struct bf_spec *spec, const struct bf_swap *o,
                               const struct bf_sample *s, const struct bf_part *part, uint64_t what)
{
    struct member m = { .sample = s, .part = part, .donor = NOBODY };
    m.content = part ? content_of(part) : bf_hash64(s->question, strlen(s->question), 0);
    m.group = what;
    m.avoid = m.content;
    if (o->of == BF_SWAP_SAME_ANSWER)
        m.group ^= answer_of(s);
    if (o->of == BF_SWAP_SAME_CHOICES)
        m.group ^= choices_of(s);
    if (o->of == BF_SWAP_SAME_CHOICES || o->of == BF_SWAP_OTHER_ANSWER)
        m.avoid = answer_of(s);
    const uint64_t mix = spec->seed + (uint64_t)o->round * 0x9e3779b97f4a7c15u + what;
    m.avoid = bf_hash64(&m.avoid, sizeof m.avoid, mix);
    m.rank = bf_rng_for(mix, s->id, "swap", 0).s;
    return m;
}

static int by_place(const void *x, const void *y)
{
    const struct member *a = x, *b = y;
    const uint64_t ka[] = { a->group, a->avoid, a->rank };
    const uint64_t kb[] = { b->group, b->avoid, b->rank };
    for (int i = 0; i < 3; i++)
        if (ka[i] != kb[i])
            return ka[i] < kb[i] ? -1 : 1;
    return strcmp(a->sample->id, b->sample->id);
}

/* Whether `from` may lend to `to`. */
static bool may_lend(const struct member *from, const struct member *to)
{
    bool own = from->avoid == to->avoid || from->content == to->content;
    for (int p = 0; to->part && p < to->sample->n_parts && !own; p++)
        own = to->sample->parts[p].modality == to->part->modality &&
              content_of(&to->sample->parts[p]) == from->content;
    return !own;
}

/* Donors within one group, `n` members sorted so that those to avoid stand side by side. With m
 * the most that stand together, the one m places on is never one of them, as long as 2 m <= n; else
 * they borrow from the rest, over and over, and the rest from them. */
static void pair_up(struct member *v, uint32_t n)
{
    uint32_t most = 0;
    uint32_t begin = 0;
    for (uint32_t i = 0, run = 0; i < n; i++) {
        run = i && v[i].avoid == v[i - 1].avoid ? run + 1 : 1;
        if (run > most) {
            most = run;
            begin = i + 1 - run;
        }
    }
    if (most == n)
        return;
    const uint32_t rest = n - most;
    for (uint32_t i = 0; i < n; i++) {
        if (2 * (uint64_t)most <= n)
            v[i].donor = (uint32_t)(((uint64_t)i + most) % n);
        else if (i >= begin && i < begin + most) /* the rest begins behind them */
            v[i].donor = (begin + most + (i - begin) % rest) % n;
        else
            v[i].donor = begin + (i < begin ? i : i - most);
    }
}

/* What pair_up could not know: contents that some have under several answers, or as another of
 * their parts. Exchange donors with somebody, else let one lend twice. */
static void mend(struct member *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct member *m = &v[i];
        if (m->donor == NOBODY || may_lend(&v[m->donor], m))
            continue;
        bool mended = false;
        for (uint32_t t = 1; t < n && t < MAX_EXCHANGES && !mended; t++) {
            struct member *k = &v[(i + t) % n];
            mended = k->donor != NOBODY && may_lend(&v[k->donor], m) && may_lend(&v[m->donor], k);
            if (mended) {
                const uint32_t d = k->donor;
                k->donor = m->donor;
                m->donor = d;
            }
        }
        for (uint32_t t = 1; t < n && t < MAX_LENDERS && !mended; t++) {
            const uint32_t d = (m->donor + t) % n;
            mended = may_lend(&v[d], m);
            if (mended)
                m->donor = d;
        }
        if (!mended)
            m->donor = NOBODY;
    }
}

/* Find everybody's donor; `donor` is then an index into `v`. */
static void choose(struct member *v, uint32_t n)
{
    qsort(v, n, sizeof *v, by_place);
    for (uint32_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && v[end].group == v[i].group; end++)
            continue;
        pair_up(v + i, end - i);
        mend(v + i, end - i);
        for (uint32_t k = i; k < end; k++)
            v[k].donor = v[k].donor == NOBODY ? NOBODY : v[k].donor + i;
    }
}

/* Room for the rows, which samples without parts have too: theirs says that they can be asked. */
static int make_rows(const struct bf_pool *pool, struct bf_lent *lent, struct bf_arena *a)
{
    if (lent->parts)
        return BF_OK;
    const struct bf_part ***rows = bf_arena_alloc(a, (size_t)pool->n_samples + 1, sizeof *rows);
    if (!rows)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        rows[i] = bf_arena_alloc(a, (size_t)pool->samples[i].n_parts + 1, sizeof **rows);
        if (!rows[i])
            return BF_ENOMEM;
    }
    lent->parts = rows;
    return BF_OK;
}

/* Which modality, which number, and whether a choice shows it. */
static uint64_t kind_of(const struct bf_part *p)
{
    return (uint64_t)p->modality << 16 | (uint64_t)(p->choice > 0) << 15 | (uint64_t)p->number;
}

int bf_donor_parts(const struct bf_spec *spec, const struct bf_pool *pool,
                   const struct bf_condition_spec *cs, const struct bf_replace *by,
                   struct bf_lent *lent, struct bf_arena *a, struct bf_err *err)
{
    size_t n = 0;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        n += (size_t)pool->samples[i].n_parts;
    struct member *v = n < UINT32_MAX ? malloc((n + 1) * sizeof *v) : NULL;
    if (!v || make_rows(pool, lent, a) != BF_OK) {
        free(v);
        return bf_fail_memory(err, "donors");
    }
    n = 0;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        for (int p = 0; p < pool->samples[i].n_parts; p++) {
            const struct bf_part *part = &pool->samples[i].parts[p];
            if (bf_replace_of(cs, part) == by)
                v[n++] = member_of(spec, by->priv, &pool->samples[i], part, kind_of(part));
        }
    choose(v, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        const struct bf_part ***row = &lent->parts[v[i].sample->index];
        if (v[i].donor == NOBODY)
            *row = NULL;
        else if (*row)
            (*row)[v[i].part - v[i].sample->parts] = v[v[i].donor].part;
    }
    free(v);
    return BF_OK;
}

int bf_donor_questions(const struct bf_spec *spec, const struct bf_pool *pool,
                       const struct bf_replace *by, struct bf_lent *lent, struct bf_arena *a,
                       struct bf_err *err)
{
    struct member *v = malloc(((size_t)pool->n_samples + 1) * sizeof *v);
    lent->questions = bf_arena_alloc(a, (size_t)pool->n_samples + 1, sizeof *lent->questions);
    if (!v || !lent->questions) {
        free(v);
        return bf_fail_memory(err, "donors");
    }
    for (uint32_t i = 0; i < pool->n_samples; i++)
        v[i] = member_of(spec, by->priv, &pool->samples[i], NULL, UINT32_MAX);
    choose(v, pool->n_samples);
    for (uint32_t i = 0; i < pool->n_samples; i++)
        lent->questions[v[i].sample->index] =
            v[i].donor == NOBODY ? NULL : v[v[i].donor].sample->question;
    free(v);
    return BF_OK;
}
