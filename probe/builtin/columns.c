/* Dense columns of a pool's words, for trees. */
#include "probe/builtin/columns.h"

#include "core/hash.h"
#include "probe/builtin/counts.h"

enum { QUESTION_WORDS = BF_FACT_COUNT, CODES, N_COLUMNS = CODES + BF_KEY_COUNT, MOST_CODES = 255 };

static const struct bf_fact_row pool_rows[N_COLUMNS - BF_FACT_COUNT] = {
    { "question_words", BF_EVIDENCE_QUESTION },
    [1 + BF_KEY_HEAD] = { "head", BF_EVIDENCE_QUESTION },
    [1 + BF_KEY_HEAD_WORD] = { "head_word", BF_EVIDENCE_QUESTION },
    [1 + BF_KEY_CATEGORY] = { "category", BF_EVIDENCE_CATEGORY },
    [1 + BF_KEY_TEMPLATE] = { "template", BF_EVIDENCE_TEMPLATE },
    [1 + BF_KEY_SKELETON] = { "skeleton", BF_EVIDENCE_TEMPLATE },
    [1 + BF_KEY_FRAME] = { "frame", BF_EVIDENCE_TEMPLATE },
    [1 + BF_KEY_TEXT] = { "text", BF_EVIDENCE_CHOICE },
};

struct maker {
    struct bf_facts *facts;
    struct bf_counts counts[BF_KEY_COUNT];
    uint32_t (*keys)[BF_KEY_COUNT]; /* [n_rows] places in counts */
    float *v[N_COLUMNS];            /* [n_rows] */
};

/* The question without numbers and without words that fewer than `least` samples have. */
static uint64_t frame_of(const struct bf_facts *f, uint32_t least)
{
    struct bf_word left[BF_MAX_WORDS];
    int n = 0;
    for (int i = 0; i < f->n_words; i++) {
        const bool stays =
            !f->w[i].number && f->rarity->words[(uint32_t)f->w[i].hash & f->rarity->mask] >= least;
        if (stays)
            left[n++] = f->w[i];
        else if (n == 0 || left[n - 1].hash != 0)
            left[n++] = (struct bf_word){ 0 };
    }
    return n ? bf_words_hash(left, n) : 0;
}

static uint32_t least_of(const struct bf_facts *f, uint32_t percent)
{
    const uint32_t least = (uint32_t)((uint64_t)f->rarity->n_samples * percent / 100);
    return least > 5 ? least : 5;
}

/* What the facts of one sample hold, and its keys. */
static int read_sample(struct maker *m, uint32_t sample, uint32_t first_row)
{
    const struct bf_facts *f = m->facts;
    uint64_t keys[BF_KEY_COUNT] = { [BF_KEY_HEAD] = f->head,
                                    [BF_KEY_HEAD_WORD] = f->head_word,
                                    [BF_KEY_CATEGORY] = f->category,
                                    [BF_KEY_TEMPLATE] = f->template,
                                    [BF_KEY_SKELETON] = frame_of(f, least_of(f, 1)),
                                    [BF_KEY_FRAME] = frame_of(f, least_of(f, 5)) };
    for (int j = 0; j < f->n_choices; j++) {
        const struct bf_choice_facts *c = &f->c[j];
        const uint32_t row = first_row + (uint32_t)j;
        for (int i = 0; i < BF_FACT_COUNT; i++)
            m->v[i][row] = c->v[i];
        m->v[QUESTION_WORDS][row] = (float)f->n_words;
        keys[BF_KEY_TEXT] = c->n_words ? c->text : 0;
        for (int k = 0; k < BF_KEY_COUNT; k++) {
            m->keys[row][k] = BF_KEY_NONE;
            if (keys[k] && bf_counts_add(&m->counts[k], keys[k], sample, &m->keys[row][k]) != BF_OK)
                return BF_ENOMEM;
        }
    }
    return BF_OK;
}

/* What stands in one sample only tells nothing of another. */
static float code_of(const struct bf_count *c)
{
    return c->n > 1 && c->rank < MOST_CODES ? (float)c->rank : MOST_CODES;
}

static int put_codes(struct maker *m, uint32_t n_rows)
{
    for (int k = 0; k < BF_KEY_COUNT; k++)
        if (bf_counts_rank(&m->counts[k]) != BF_OK)
            return BF_ENOMEM;
    for (uint32_t row = 0; row < n_rows; row++)
        for (int k = 0; k < BF_KEY_COUNT; k++) {
            const uint32_t id = m->keys[row][k];
            m->v[CODES + k][row] = id == BF_KEY_NONE ? NAN : code_of(&m->counts[k].v[id]);
        }
    return BF_OK;
}

/* Names, families and room for the values. */
static int make_room(struct maker *m, uint32_t n_rows, struct bf_columns *out, struct bf_arena *a)
{
    const char **names = bf_arena_alloc(a, N_COLUMNS, sizeof *names);
    enum bf_evidence *family = bf_arena_alloc(a, N_COLUMNS, sizeof *family);
    const float **v = bf_arena_alloc(a, N_COLUMNS, sizeof *v);
    m->keys = bf_arena_alloc(a, n_rows + (size_t)1, sizeof *m->keys);
    m->facts = bf_facts_new();
    if (!names || !family || !v || !m->keys || !m->facts)
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
    *out = (struct bf_columns){ .n_rows = n_rows,
                                .n = N_COLUMNS,
                                .name = names,
                                .family = family,
                                .v = v,
                                .keys = (const uint32_t(*)[BF_KEY_COUNT])m->keys };
    return BF_OK;
}

static int read_pool(struct maker *m, const struct bf_pool *pool,
                     const struct bf_shown_words *words, const uint32_t *first_row)
{
    struct bf_arena a = { 0 };
    struct bf_rarity rarity;
    int rc = bf_rarity_count(pool, words, &rarity, &a, NULL);
    m->facts->rarity = &rarity;
    for (uint32_t i = 0; i < pool->n_samples && rc == BF_OK; i++) {
        if (first_row[i] == first_row[i + 1])
            continue;
        rc = bf_facts_read(m->facts, &pool->samples[i], words, NULL);
        if (rc == BF_OK)
            rc = read_sample(m, i, first_row[i]);
    }
    bf_arena_reset(&a);
    return rc;
}

int bf_columns_make(const struct bf_pool *pool, const struct bf_shown_words *words,
                    const uint32_t *first_row, struct bf_columns *out, struct bf_arena *a,
                    struct bf_err *err)
{
    const uint32_t n_rows = first_row[pool->n_samples];
    struct maker m = { 0 };
    struct bf_columns columns;
    int rc = make_room(&m, n_rows, &columns, a);
    if (rc == BF_OK)
        rc = read_pool(&m, pool, words, first_row);
    if (rc == BF_OK)
        rc = put_codes(&m, n_rows);
    bf_facts_free(m.facts);
    for (int k = 0; k < BF_KEY_COUNT; k++)
        bf_counts_done(&m.counts[k]);
    if (rc != BF_OK)
        return bf_fail_memory(err, "columns");
    *out = columns;
    return BF_OK;
}
