#include "probe/builtin/encode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "probe/builtin/ids.h"
#include "probe/builtin/tokens.h"

/* Weights stay few: at most so many numbers of each kind. */
enum { MAX_FEATURES = 1 << 22, MAX_CONTEXTS = 4096, MAX_GRAMS = 1 << 14, MAX_SKELETONS = 1024 };

/* Growing arrays while encoding. */
struct builder {
    const struct bf_shown_words *words;
    struct bf_facts *facts;
    struct bf_cues cues;
    struct bf_ids features, contexts, grams;
    struct bf_token_map map;
    uint32_t n_usable, n_rows;
    uint32_t *skeletons; /* [n_grams] number of the context that a run of words makes; 0 = none */
    uint32_t n_skeletons;
    struct bf_buf feature, bin, context, gram, token;
};

bool bf_builtin_usable(const struct bf_sample *s)
{
    return (s->task == BF_CHOICE || s->task == BF_YESNO) && s->n_choices >= 2 && s->gold >= 0;
}

static struct bf_token_source source_of(const struct bf_facts *f, int j)
{
    return (struct bf_token_source){ .choice = f->c[j].w,
                                     .n_choice = f->c[j].n_words,
                                     .choice_text = f->c[j].text,
                                     .question = f->w,
                                     .n_question = f->n_words,
                                     .template = f->template,
                                     .category = f->category };
}

static int read(struct builder *b, const struct bf_sample *s, struct bf_err *err)
{
    BF_TRY(bf_facts_read(b->facts, s, b->words, err));
    bf_cues_of(b->facts, b->words->without, &b->cues);
    return BF_OK;
}

static int count(struct builder *b, uint32_t sample)
{
    const struct bf_cues *q = &b->cues;
    for (int i = 0; i < q->n_contexts; i++)
        BF_TRY(bf_ids_count(&b->contexts, q->contexts[i], sample));
    for (int i = 0; i < q->n_grams; i++)
        BF_TRY(bf_ids_count(&b->grams, q->grams[i], sample));
    for (int j = 0; j < q->n_choices; j++) {
        const struct bf_token_source source = source_of(b->facts, j);
        BF_TRY(bf_tokens_count(&b->map, &source, sample));
        for (int i = 0; i < q->c[j].n; i++)
            BF_TRY(bf_ids_count(&b->features, q->c[j].v[i].key, sample));
    }
    return BF_OK;
}

static int count_all(struct builder *b, const struct bf_pool *pool, struct bf_rows *out,
                     struct bf_err *err)
{
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        const struct bf_sample *s = &pool->samples[i];
        if (!bf_builtin_usable(s))
            continue;
        BF_TRY(read(b, s, err));
        if (count(b, i) != BF_OK)
            return bf_fail_memory(err, "the words of the pool");
        b->n_usable++;
        b->n_rows += (uint32_t)s->n_choices;
        if ((uint32_t)s->n_choices > out->n_letters)
            out->n_letters = (uint32_t)s->n_choices;
    }
    return BF_OK;
}

/* The more samples, the more of them must have a key for it to be worth its time. */
static uint32_t least_of(uint32_t n)
{
    const uint32_t least = (uint32_t)sqrt(n) / 25;
    return least > 2 ? least : 2;
}

/* What only one sample has can tell nothing of others; of contexts and of what leads to letters
 * more must have it, since each brings many weights. */
static int ids_init(struct builder *b, uint32_t n)
{
    BF_TRY(bf_ids_init(&b->features, least_of(n), n));
    BF_TRY(bf_ids_init(&b->contexts, n / 1000 > 8 ? n / 1000 : 8, n / 64));
    return bf_ids_init(&b->grams, n / 200 > 8 ? n / 200 : 8, n);
}

/* What all samples have needs no weight of its own. */
static int number_all(struct builder *b, struct bf_rows *out, struct bf_arena *a)
{
    const uint32_t n = b->n_usable;
    BF_TRY(bf_ids_number(&b->features, UINT32_MAX, MAX_FEATURES, &out->n_features));
    BF_TRY(bf_ids_number(&b->contexts, n ? n - 1 : 0, MAX_CONTEXTS - 1, &out->n_contexts));
    BF_TRY(bf_ids_number(&b->grams, n ? n - 1 : 0, MAX_GRAMS, &out->n_grams));
    BF_TRY(bf_tokens_number(&b->map, &out->n_tokens, &out->token_scale, a));
    out->n_contexts++;
    b->skeletons = calloc((size_t)out->n_grams + 1, sizeof *b->skeletons);
    return b->skeletons ? BF_OK : BF_ENOMEM;
}

static void put(struct bf_buf *out, uint32_t x)
{
    bf_buf_add(out, &x, sizeof x);
}

static uint32_t n_put(const struct bf_buf *b)
{
    return (uint32_t)(b->len / sizeof(uint32_t));
}

/* The least frequent of the frequent runs of three words: what stays of a template whose other
 * words are drawn at random. Numbers follow frequency. */
static uint32_t skeleton(struct builder *b, struct bf_rows *out)
{
    uint32_t rarest = BF_NO_ID;
    for (int i = 0; i < b->cues.n_threes; i++) {
        const uint32_t id = bf_ids_find(&b->grams, b->cues.threes[i]);
        if (id != BF_NO_ID && (rarest == BF_NO_ID || id > rarest))
            rarest = id;
    }
    if (rarest == BF_NO_ID)
        return 0;
    if (b->skeletons[rarest] == 0 && b->n_skeletons < MAX_SKELETONS) {
        b->skeletons[rarest] = out->n_contexts++;
        b->n_skeletons++;
    }
    return b->skeletons[rarest];
}

static void put_sample(struct builder *b, uint32_t sample, struct bf_rows *out)
{
    const struct bf_cues *q = &b->cues;
    out->first_context[sample] = n_put(&b->context);
    out->first_gram[sample] = n_put(&b->gram);
    put(&b->context, 0);
    for (int i = 0; i < q->n_contexts; i++) {
        const uint32_t id = bf_ids_find(&b->contexts, q->contexts[i]);
        if (id != BF_NO_ID)
            put(&b->context, id + 1);
    }
    const uint32_t rest = skeleton(b, out);
    if (rest)
        put(&b->context, rest);
    for (int i = 0; i < q->n_grams; i++) {
        const uint32_t id = bf_ids_find(&b->grams, q->grams[i]);
        if (id != BF_NO_ID)
            put(&b->gram, id);
    }
}

static void put_row(struct builder *b, int j, uint32_t row, struct bf_rows *out)
{
    const struct bf_choice_cues *c = &b->cues.c[j];
    out->first_feature[row] = n_put(&b->feature);
    out->first_bin[row] = (uint32_t)b->bin.len;
    out->first_token[row] = n_put(&b->token);
    out->n_wide[row] = (uint8_t)c->n_wide;
    bf_buf_add(&b->bin, c->bins, (size_t)c->n_bins);
    for (int i = 0; i < c->n; i++) {
        const uint32_t id = bf_ids_find(&b->features, c->v[i].key);
        if (id != BF_NO_ID)
            put(&b->feature, id << 8 | c->v[i].value);
    }
    const struct bf_token_source source = source_of(b->facts, j);
    bf_tokens_put(&b->map, &source, &b->token);
}

static int put_all(struct builder *b, const struct bf_pool *pool, struct bf_rows *out,
                   struct bf_err *err)
{
    uint32_t row = 0;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        const struct bf_sample *s = &pool->samples[i];
        out->first_row[i] = row;
        out->first_context[i] = n_put(&b->context);
        out->first_gram[i] = n_put(&b->gram);
        if (!bf_builtin_usable(s))
            continue;
        BF_TRY(read(b, s, err));
        put_sample(b, i, out);
        for (int j = 0; j < s->n_choices; j++)
            put_row(b, j, row++, out);
    }
    out->first_row[pool->n_samples] = row;
    out->first_context[pool->n_samples] = n_put(&b->context);
    out->first_gram[pool->n_samples] = n_put(&b->gram);
    out->first_feature[row] = n_put(&b->feature);
    out->first_bin[row] = (uint32_t)b->bin.len;
    out->first_token[row] = n_put(&b->token);
    return BF_OK;
}

/* Bytes move from a buffer to the arena, one buffer at a time. */
static void *settle(struct bf_buf *b, struct bf_arena *a)
{
    void *p = b->failed ? NULL : bf_arena_memdup(a, b->data ? b->data : "", b->len);
    bf_buf_done(b);
    return p;
}

/* Over how many rows that use it a weight's prior is spread. */
static void spread_prior(struct bf_rows *r)
{
    for (uint32_t i = 0; i < r->n_samples; i++)
        for (uint32_t row = r->first_row[i]; row < r->first_row[i + 1]; row++) {
            for (uint32_t k = r->first_feature[row]; k < r->first_feature[row + 1]; k++)
                r->spread[r->features[k] >> 8] += 1;
            for (uint32_t k = r->first_context[i]; k < r->first_context[i + 1]; k++) {
                float *n = r->spread + bf_context_weight(r, r->contexts[k]);
                for (uint32_t j = r->first_bin[row]; j < bf_bins_end(r, r->contexts[k], row); j++)
                    n[r->bins[j]] += 1;
            }
            const uint32_t letter = row - r->first_row[i];
            for (uint32_t k = r->first_gram[i]; k < r->first_gram[i + 1]; k++)
                r->spread[bf_gram_weight(r, r->grams[k]) + letter] += 1;
        }
    for (uint32_t i = 0; i < r->n_weights; i++)
        r->spread[i] = r->spread[i] > 0 ? 1 / r->spread[i] : 0;
}

static int encode(struct builder *b, const struct bf_pool *pool, struct bf_rows *out,
                  struct bf_arena *a, struct bf_err *err)
{
    struct bf_rarity rarity;
    BF_TRY(bf_rarity_count(pool, b->words, &rarity, a, err));
    b->facts = bf_facts_new();
    if (!b->facts || ids_init(b, pool->n_samples) != BF_OK)
        return bf_fail_memory(err, "the words of the pool");
    b->facts->rarity = &rarity;
    BF_TRY(count_all(b, pool, out, err));
    out->n_samples = pool->n_samples;
    out->n_bins = (uint32_t)bf_cues_bins();
    out->first_row = bf_arena_alloc(a, (size_t)pool->n_samples + 1, sizeof *out->first_row);
    out->first_context = bf_arena_alloc(a, (size_t)pool->n_samples + 1, sizeof *out->first_row);
    out->first_gram = bf_arena_alloc(a, (size_t)pool->n_samples + 1, sizeof *out->first_row);
    out->first_feature = bf_arena_alloc(a, (size_t)b->n_rows + 1, sizeof *out->first_row);
    out->first_bin = bf_arena_alloc(a, (size_t)b->n_rows + 1, sizeof *out->first_row);
    out->first_token = bf_arena_alloc(a, (size_t)b->n_rows + 1, sizeof *out->first_row);
    out->n_wide = bf_arena_alloc(a, (size_t)b->n_rows + 1, 1);
    if (!out->n_wide || !out->first_row || !out->first_context || !out->first_gram ||
        !out->first_feature || !out->first_bin || !out->first_token ||
        number_all(b, out, a) != BF_OK)
        return bf_fail_memory(err, "the words of the pool");
    BF_TRY(put_all(b, pool, out, err));
    bf_ids_done(&b->features);
    out->bins = settle(&b->bin, a);
    out->contexts = settle(&b->context, a);
    out->grams = settle(&b->gram, a);
    out->tokens = settle(&b->token, a);
    out->features = settle(&b->feature, a);
    out->n_weights =
        out->n_features + out->n_contexts * out->n_bins + out->n_grams * out->n_letters;
    out->spread = bf_arena_alloc(a, (size_t)out->n_weights + 1, sizeof *out->spread);
    if (!out->bins || !out->contexts || !out->grams || !out->tokens || !out->features ||
        !out->spread)
        return bf_fail_memory(err, "the words of the pool");
    spread_prior(out);
    return BF_OK;
}

int bf_encode(const struct bf_pool *pool, const struct bf_shown_words *words, struct bf_rows *out,
              struct bf_arena *a, struct bf_err *err)
{
    struct bf_rows rows = { 0 };
    struct builder *b = calloc(1, sizeof *b);
    if (!b)
        return bf_fail_memory(err, "the words of the pool");
    b->words = words;
    b->feature.max = b->token.max = b->bin.max = b->context.max = b->gram.max = (size_t)8 << 30;
    const int rc = encode(b, pool, &rows, a, err);
    bf_buf_done(&b->feature);
    bf_buf_done(&b->bin);
    bf_buf_done(&b->context);
    bf_buf_done(&b->gram);
    bf_buf_done(&b->token);
    bf_ids_done(&b->features);
    bf_ids_done(&b->contexts);
    bf_ids_done(&b->grams);
    bf_token_map_done(&b->map);
    bf_facts_free(b->facts);
    free(b->skeletons);
    free(b);
    if (rc == BF_OK)
        *out = rows;
    return rc;
}
