/* Dense columns of a pool's words, for trees. */
#include "probe/builtin/columns.h"

#include <stdlib.h>

#include "core/buf.h"
#include "probe/builtin/counts.h"

enum pool_fact {
    QUESTION_WORDS = BF_FACT_COUNT,
    HEAD,
    HEAD_WORD,
    CATEGORY,
    TEMPLATE,
    TEXT,
    TEXT_COUNT,
    TEXT_COUNT_RANK,
    RARITY,
    RARITY_RANK,
    SHARED_RARITY,
    SHARED_RARITY_RANK,
    END_SHARED,
    N_COLUMNS
};

enum { MOST_CODES = 255 };

static const struct bf_fact_row pool_rows[N_COLUMNS - BF_FACT_COUNT] = {
    [QUESTION_WORDS - BF_FACT_COUNT] = { "question_words", BF_EVIDENCE_QUESTION },
    [HEAD - BF_FACT_COUNT] = { "head", BF_EVIDENCE_QUESTION },
    [HEAD_WORD - BF_FACT_COUNT] = { "head_word", BF_EVIDENCE_QUESTION },
    [CATEGORY - BF_FACT_COUNT] = { "category", BF_EVIDENCE_CATEGORY },
    [TEMPLATE - BF_FACT_COUNT] = { "template", BF_EVIDENCE_TEMPLATE },
    [TEXT - BF_FACT_COUNT] = { "text", BF_EVIDENCE_CHOICE },
    [TEXT_COUNT - BF_FACT_COUNT] = { "text_count", BF_EVIDENCE_CHOICE },
    [TEXT_COUNT_RANK - BF_FACT_COUNT] = { "text_count_rank", BF_EVIDENCE_CHOICE },
    [RARITY - BF_FACT_COUNT] = { "rarity", BF_EVIDENCE_CHOICE },
    [RARITY_RANK - BF_FACT_COUNT] = { "rarity_rank", BF_EVIDENCE_CHOICE },
    [SHARED_RARITY - BF_FACT_COUNT] = { "shared_rarity", BF_EVIDENCE_OVERLAP },
    [SHARED_RARITY_RANK - BF_FACT_COUNT] = { "shared_rarity_rank", BF_EVIDENCE_OVERLAP },
    [END_SHARED - BF_FACT_COUNT] = { "end_shared", BF_EVIDENCE_OVERLAP },
};

/* Where codes go. */
static const enum pool_fact code_columns[BF_KEY_COUNT] = { HEAD, HEAD_WORD, CATEGORY, TEMPLATE,
                                                           TEXT };

struct maker {
    struct bf_facts *facts;
    struct bf_counts counts[BF_KEY_COUNT];
    struct bf_counts word;
    struct bf_buf words; /* uint32_t: of each sample the words of its question, then its choices */
    struct bf_buf n_words; /* uint32_t: how many of these the question has, then each choice */
    uint32_t (*keys)[BF_KEY_COUNT]; /* [n_rows] places in counts */
    float *v[N_COLUMNS];            /* [n_rows] */
    uint32_t n_samples;             /* with rows */
    float *rarity;                  /* [word.n] */
    uint32_t *asked;                /* likewise: the last sample in whose question it stood, + 1 */
};

/* Rank of v[j]: 0 for the most, 1 for the least, ties halfway; NaN ranks with the least. */
static float rank_of(const float *v, int n, int j)
{
    float above = 0;
    for (int k = 0; k < n; k++)
        if (k != j)
            above += v[k] > v[j] || (isnan(v[j]) && !isnan(v[k]))   ? 1
                     : v[k] == v[j] || (isnan(v[j]) && isnan(v[k])) ? 0.5F
                                                                    : 0;
    return n > 1 ? above / (float)(n - 1) : 0;
}

static int count_words(struct maker *m, const struct bf_word *w, int n, uint32_t sample)
{
    const uint32_t n_words = (uint32_t)n;
    bf_buf_add(&m->n_words, &n_words, sizeof n_words);
    for (int i = 0; i < n; i++) {
        uint32_t id;
        if (bf_counts_add(&m->word, w[i].hash, sample, &id) != BF_OK)
            return BF_ENOMEM;
        bf_buf_add(&m->words, &id, sizeof id);
    }
    return BF_OK;
}

/* What the facts of one sample hold; what only the whole pool tells is remembered by id. */
static int read_sample(struct maker *m, uint32_t sample, uint32_t first_row)
{
    const struct bf_facts *f = m->facts;
    if (count_words(m, f->w, f->n_words, sample) != BF_OK)
        return BF_ENOMEM;
    for (int j = 0; j < f->n_choices; j++) {
        const struct bf_choice_facts *c = &f->c[j];
        for (int i = 0; i < BF_FACT_COUNT; i++)
            m->v[i][first_row + (uint32_t)j] = c->v[i];
        m->v[QUESTION_WORDS][first_row + (uint32_t)j] = (float)f->n_words;
        const uint64_t keys[BF_KEY_COUNT] = { f->head, f->head_word, f->category, f->template,
                                              c->n_words ? c->text : 0 };
        for (int k = 0; k < BF_KEY_COUNT; k++) {
            uint32_t *id = &m->keys[first_row + (uint32_t)j][k];
            *id = BF_KEY_NONE;
            if (keys[k] && bf_counts_add(&m->counts[k], keys[k], sample, id) != BF_OK)
                return BF_ENOMEM;
        }
        if (count_words(m, c->w, c->n_words, sample) != BF_OK)
            return BF_ENOMEM;
    }
    return m->words.failed || m->n_words.failed ? BF_ENOMEM : BF_OK;
}

/* What stands in one sample only tells nothing of another. */
static float code_of(const struct bf_count *c)
{
    return c->n > 1 && c->rank < MOST_CODES ? (float)c->rank : MOST_CODES;
}

/* Codes and counts of all rows. */
static void put_codes(struct maker *m, uint32_t n_rows)
{
    for (uint32_t row = 0; row < n_rows; row++)
        for (int k = 0; k < BF_KEY_COUNT; k++) {
            const uint32_t id = m->keys[row][k];
            const struct bf_count *c = id == BF_KEY_NONE ? NULL : &m->counts[k].v[id];
            m->v[code_columns[k]][row] = c ? code_of(c) : NAN;
            if (k == BF_KEY_TEXT)
                m->v[TEXT_COUNT][row] = c ? log2f((float)c->n) : NAN;
        }
}

/* Rarities of one choice's words; those of its question are marked. */
static void put_rarity(struct maker *m, const uint32_t *words, uint32_t n, uint32_t sample,
                       uint32_t row)
{
    float sum = 0, shared = 0, end = 0;
    for (uint32_t i = 0; i < n; i++) {
        const float rarity = m->rarity[words[i]];
        end = m->asked[words[i]] == sample + 1 ? rarity : 0;
        shared = end > shared ? end : shared;
        sum += rarity;
    }
    m->v[RARITY][row] = n ? sum / (float)n : NAN;
    m->v[SHARED_RARITY][row] = n ? shared : NAN;
    m->v[END_SHARED][row] = n ? end : NAN;
}

static void put_ranks(struct maker *m, enum pool_fact of, enum pool_fact rank, uint32_t first,
                      uint32_t end)
{
    for (uint32_t row = first; row < end; row++)
        m->v[rank][row] = rank_of(m->v[of] + first, (int)(end - first), (int)(row - first));
}

/* What takes the whole pool: how frequent things are. */
static int put_pool_facts(struct maker *m, const struct bf_pool *pool, const uint32_t *first_row,
                          struct bf_arena *a)
{
    const struct bf_counts *w = &m->word;
    m->rarity = bf_arena_alloc(a, w->n + (size_t)1, sizeof *m->rarity);
    m->asked = bf_arena_alloc(a, w->n + (size_t)1, sizeof *m->asked);
    if (!m->rarity || !m->asked)
        return BF_ENOMEM;
    for (int k = 0; k < BF_KEY_COUNT; k++)
        if (bf_counts_rank(&m->counts[k]) != BF_OK)
            return BF_ENOMEM;
    for (uint32_t i = 0; i < w->n; i++)
        m->rarity[i] = log2f((float)m->n_samples / (float)w->v[i].n);
    put_codes(m, first_row[pool->n_samples]);
    const uint32_t *words = (const uint32_t *)(const void *)m->words.data;
    const uint32_t *n_words = (const uint32_t *)(const void *)m->n_words.data;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        if (first_row[i] == first_row[i + 1])
            continue;
        for (uint32_t k = 0; k < *n_words; k++)
            m->asked[words[k]] = i + 1;
        words += *n_words++;
        for (uint32_t row = first_row[i]; row < first_row[i + 1]; row++) {
            put_rarity(m, words, *n_words, i, row);
            words += *n_words++;
        }
        put_ranks(m, TEXT_COUNT, TEXT_COUNT_RANK, first_row[i], first_row[i + 1]);
        put_ranks(m, RARITY, RARITY_RANK, first_row[i], first_row[i + 1]);
        put_ranks(m, SHARED_RARITY, SHARED_RARITY_RANK, first_row[i], first_row[i + 1]);
    }
    return BF_OK;
}

static int make(struct maker *m, const struct bf_pool *pool, const struct bf_shown_words *words,
                const uint32_t *first_row, struct bf_columns *out, struct bf_arena *a)
{
    const uint32_t n_rows = first_row[pool->n_samples];
    const char **names = bf_arena_alloc(a, N_COLUMNS, sizeof *names);
    enum bf_evidence *family = bf_arena_alloc(a, N_COLUMNS, sizeof *family);
    const float **v = bf_arena_alloc(a, N_COLUMNS, sizeof *v);
    struct bf_arena scratch = { 0 };
    m->facts = bf_facts_new();
    m->keys = bf_arena_alloc(a, n_rows + (size_t)1, sizeof *m->keys);
    if (!names || !family || !v || !m->facts || !m->keys)
        return BF_ENOMEM;
    for (int c = 0; c < N_COLUMNS; c++) {
        const struct bf_fact_row *r =
            c < BF_FACT_COUNT ? &bf_fact_rows[c] : &pool_rows[c - BF_FACT_COUNT];
        names[c] = r->name;
        family[c] = r->evidence;
        v[c] = m->v[c] = bf_arena_alloc(a, n_rows + (size_t)1, sizeof(float));
        if (!v[c])
            return BF_ENOMEM;
    }
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        if (first_row[i] == first_row[i + 1])
            continue;
        m->n_samples++;
        if (bf_facts_read(m->facts, &pool->samples[i], words, NULL) != BF_OK ||
            read_sample(m, i, first_row[i]) != BF_OK)
            return BF_ENOMEM;
    }
    const int rc = put_pool_facts(m, pool, first_row, &scratch);
    bf_arena_reset(&scratch);
    *out = (struct bf_columns){ .n_rows = n_rows,
                                .n = N_COLUMNS,
                                .name = names,
                                .family = family,
                                .v = v,
                                .keys = (const uint32_t(*)[BF_KEY_COUNT])m->keys };
    return rc;
}

int bf_columns_make(const struct bf_pool *pool, const struct bf_shown_words *words,
                    const uint32_t *first_row, struct bf_columns *out, struct bf_arena *a,
                    struct bf_err *err)
{
    struct maker m = { 0 };
    struct bf_columns columns;
    const int rc = make(&m, pool, words, first_row, &columns, a);
    bf_facts_free(m.facts);
    for (int k = 0; k < BF_KEY_COUNT; k++)
        bf_counts_done(&m.counts[k]);
    bf_counts_done(&m.word);
    bf_buf_done(&m.words);
    bf_buf_done(&m.n_words);
    if (rc != BF_OK)
        return bf_fail_memory(err, "columns");
    *out = columns;
    return BF_OK;
}
