/* Tokens: the words of choices by which media are weighed. */
#include "probe/builtin/tokens.h"

#include <stdlib.h>

#include "core/err.h"
#include "core/hash.h"

enum { FIRST_SIZE = 1 << 12 };

struct bf_token {
    uint64_t hash;
    uint32_t n, last_sample;
    uint32_t id; /* from 1; 0 = none */
};

static struct bf_token *token_at(const struct bf_token_map *m, uint64_t hash)
{
    uint32_t i = (uint32_t)hash & m->mask;
    while (m->v[i].n && m->v[i].hash != hash)
        i = (i + 1) & m->mask;
    return &m->v[i];
}

static int grow(struct bf_token_map *m)
{
    const uint32_t size = m->v ? (m->mask + 1) * 2 : FIRST_SIZE;
    struct bf_token_map big = { calloc(size, sizeof *big.v), size - 1, m->used };
    if (!big.v)
        return BF_ENOMEM;
    for (uint32_t i = 0; m->v && i <= m->mask; i++)
        if (m->v[i].n)
            *token_at(&big, m->v[i].hash) = m->v[i];
    free(m->v);
    *m = big;
    return BF_OK;
}

/* Hashes of the tokens of one choice, [BF_MAX_TOKENS_A_ROW]; returns how many. */
static int hashes_of(const struct bf_token_source *s, uint64_t *out)
{
    if (s->n_choice == 0)
        return 0;
    const uint64_t within[2] = { s->choice_text, s->category };
    int n = 0;
    out[n++] = bf_hash64(&s->choice_text, sizeof s->choice_text, 11);
    out[n++] = bf_hash64(within, sizeof within, 12);
    for (int i = 0; s->n_choice > 1 && i < s->n_choice && n < BF_MAX_TOKENS_A_ROW; i++)
        if (s->choice[i].content)
            out[n++] = bf_hash64(&s->choice[i].hash, sizeof s->choice[i].hash, 13);
    return n;
}

int bf_tokens_count(struct bf_token_map *m, const struct bf_token_source *s, uint32_t sample)
{
    uint64_t h[BF_MAX_TOKENS_A_ROW];
    const int n = hashes_of(s, h);
    for (int i = 0; i < n; i++) {
        if ((!m->v || m->used * 2 > m->mask) && grow(m) != BF_OK)
            return BF_ENOMEM;
        struct bf_token *t = token_at(m, h[i]);
        if (t->n == 0) {
            *t = (struct bf_token){ .hash = h[i], .n = 1, .last_sample = sample };
            m->used++;
        } else if (t->last_sample != sample) {
            t->n++;
            t->last_sample = sample;
        }
    }
    return BF_OK;
}

static int by_frequency(const void *x, const void *y)
{
    const struct bf_token *a = *(struct bf_token *const *)x, *b = *(struct bf_token *const *)y;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return a->hash < b->hash ? -1 : a->hash > b->hash;
}

int bf_tokens_number(struct bf_token_map *m, uint32_t *n_out)
{
    struct bf_token **list = calloc((size_t)m->used + 1, sizeof(struct bf_token *));
    if (!list)
        return BF_ENOMEM;
    uint32_t n = 0;
    for (uint32_t i = 0; m->v && i <= m->mask; i++)
        if (m->v[i].n >= BF_TOKEN_MIN_SAMPLES)
            list[n++] = &m->v[i];
    qsort(list, n, sizeof(struct bf_token *), by_frequency);
    if (n > BF_MAX_TOKENS)
        n = BF_MAX_TOKENS;
    for (uint32_t i = 0; i < n; i++)
        list[i]->id = i + 1;
    *n_out = n;
    free(list);
    return BF_OK;
}

void bf_tokens_put(const struct bf_token_map *m, const struct bf_token_source *s,
                   struct bf_buf *out)
{
    uint64_t h[BF_MAX_TOKENS_A_ROW];
    const int n = hashes_of(s, h);
    for (int i = 0; m->v && i < n; i++) {
        const uint32_t id = token_at(m, h[i])->id;
        const uint32_t index = id - 1;
        if (id)
            bf_buf_add(out, &index, sizeof index);
    }
}

void bf_token_map_done(struct bf_token_map *m)
{
    free(m->v);
    *m = (struct bf_token_map){ 0 };
}
