/* Letters and texts of choices, for vectors to be crossed with. */
#include "probe/builtin/crossed.h"

#include <stdlib.h>

#include "core/hash.h"
#include "core/words.h"

/* One choice of the pool. */
struct text {
    uint64_t hash;   /* of its words */
    uint32_t row, n; /* n: how many choices have this text */
};

static int by_hash(const void *x, const void *y)
{
    const struct text *a = x, *b = y;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static int by_frequency(const void *x, const void *y)
{
    const struct text *a = x, *b = y;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return by_hash(x, y);
}

/* All choices with words, of samples whose rows are their choices. */
static uint32_t list_texts(const struct bf_pool *pool, const struct bf_rows *r, struct text *out)
{
    struct bf_word words[BF_MAX_WORDS];
    uint32_t n_texts = 0;
    for (uint32_t i = 0; i < r->n_samples; i++) {
        const struct bf_sample *s = &pool->samples[i];
        const uint32_t first = r->first_row[i], n = r->first_row[i + 1] - first;
        for (uint32_t c = 0; n == (uint32_t)s->n_choices && c < n; c++) {
            const int n_words = bf_words_of(s->choices[c], words);
            if (n_words)
                out[n_texts++] = (struct text){ bf_words_hash(words, n_words), first + c, 1 };
        }
    }
    return n_texts;
}

/* Number the frequent ones from BF_MAX_CHOICES on, in `number` [n_rows]; returns how many numbers
 * there are, letters included. Choices of one text within a sample count as two: they are few. */
static uint32_t number_texts(struct text *v, uint32_t n, uint32_t *number)
{
    qsort(v, n, sizeof *v, by_hash);
    for (uint32_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && v[to].hash == v[from].hash;)
            to++;
        for (uint32_t i = from; i < to; i++)
            v[i].n = to - from;
    }
    qsort(v, n, sizeof *v, by_frequency);
    uint32_t next = BF_MAX_CHOICES;
    for (uint32_t i = 0; i < n && v[i].n >= BF_CROSSED_MIN_SAMPLES; i++) {
        const bool same = i > 0 && v[i].hash == v[i - 1].hash;
        if (!same && next == BF_MAX_CHOICES + BF_CROSSED_TEXTS)
            break;
        next += !same;
        number[v[i].row] = next - 1;
    }
    return next;
}

static void write_tokens(struct bf_rows *out, const uint32_t *number)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < out->n_samples; i++)
        for (uint32_t row = out->first_row[i]; row < out->first_row[i + 1]; row++) {
            const uint32_t letter = row - out->first_row[i];
            out->first_token[row] = at;
            out->tokens[at++] = letter < BF_MAX_CHOICES ? letter : BF_MAX_CHOICES - 1;
            if (number[row])
                out->tokens[at++] = number[row];
        }
    out->first_token[out->first_row[out->n_samples]] = at;
}

int bf_crossed_make(const struct bf_pool *pool, const struct bf_look *l, struct bf_rows *out,
                    struct bf_arena *a)
{
    const size_t n_rows = l->rows->first_row[l->rows->n_samples];
    *out = *l->rows;
    out->n_tokens = BF_MAX_CHOICES;
    out->token_scale = NULL;
    out->first_token = bf_arena_alloc(a, n_rows + 1, sizeof *out->first_token);
    out->tokens = bf_arena_alloc(a, 2 * n_rows + 1, sizeof *out->tokens);
    uint32_t *number = calloc(n_rows + 1, sizeof *number);
    struct text *texts = malloc((n_rows + 1) * sizeof *texts);
    const int rc = out->first_token && out->tokens && number && texts ? BF_OK : BF_ENOMEM;
    if (rc == BF_OK) {
        if (l->choices)
            out->n_tokens = number_texts(texts, list_texts(pool, l->rows, texts), number);
        write_tokens(out, number);
    }
    free(texts);
    free(number);
    return rc;
}
