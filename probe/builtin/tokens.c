/* Tokens: what of a choice and its question media are weighed by. */
#include "probe/builtin/tokens.h"

#include <stdlib.h>

#include "core/err.h"
#include "core/hash.h"

enum { FIRST_SIZE = 1 << 12, MAX_WORDS = (BF_MAX_TOKENS_A_ROW - 4) / 2 };

/* What a token is; part of its hash. */
enum kind { CHOICE = 11, WITH_CATEGORY, WORD, WITH_QUESTION, WITH_TEMPLATE };

/* What a whole question says of its media is learned from few samples: with 0.5 it takes four
 * times the evidence. Of 0.3, 0.5, 0.7 and 1, p(gold) out of fold on the made pool was best, and
 * equal, with 0.3 and 0.5; where nothing else tells (questions of easy-VQA whose negations were not
 * known) it grew with it. */
static const float whole_question = 0.5f;

struct bf_token {
    uint64_t hash;
    uint64_t choices; /* sum of hashes of the choices that it stands with */
    uint32_t n, last_sample;
    uint32_t id; /* from 1; 0 = none */
    float scale;
};

/* A token of the choice being looked at. */
struct found {
    uint64_t hash;
    float scale;
};

/* Words that turn a question, or an answer, round. */
static const char *const yes_words[] = { "yes", "true" };
static const char *const no_words[] = { "no", "false" };
static const char *const negations[] = {
    "no",     "not",    "never",  "none",    "without", "neither", "nor",
    "cannot", "isn't",  "aren't", "wasn't",  "weren't", "doesn't", "don't",
    "didn't", "hasn't", "can't",  "haven't", "won't",   "nothing", "nobody",
};
enum {
    N_YES = sizeof yes_words / sizeof *yes_words,
    N_NO = sizeof no_words / sizeof *no_words,
    N_NEGATIONS = sizeof negations / sizeof *negations,
    N_CUES = N_YES + N_NO + N_NEGATIONS
};

static uint64_t *hash_cues(void)
{
    uint64_t *h = calloc(N_CUES, sizeof *h);
    struct bf_word w[BF_MAX_WORDS];
    for (int i = 0; h && i < N_CUES; i++) {
        const char *word = i < N_YES          ? yes_words[i]
                           : i < N_YES + N_NO ? no_words[i - N_YES]
                                              : negations[i - N_YES - N_NO];
        bf_words_of(word, w);
        h[i] = w[0].hash;
    }
    return h;
}

static bool among(uint64_t hash, const uint64_t *cues, int n)
{
    bool found = false;
    for (int i = 0; i < n; i++)
        found |= cues[i] == hash;
    return found;
}

static bool negates(const struct bf_token_map *m, const struct bf_word *w)
{
    return among(w->hash, m->cues + N_YES + N_NO, N_NEGATIONS);
}

/* Whether a choice says that what its question asks for is so: it is yes, or no to "is no ...?". */
static bool affirms(const struct bf_token_map *m, const struct bf_token_source *s)
{
    const bool yes = among(s->choice[0].hash, m->cues, N_YES);
    const bool no = among(s->choice[0].hash, m->cues + N_YES, N_NO);
    bool negated = false;
    for (int i = 0; i < s->n_question; i++)
        negated ^= negates(m, &s->question[i]);
    return negated ? no : yes;
}

static struct found token(enum kind kind, uint64_t a, uint64_t b, float scale)
{
    const uint64_t key[2] = { a, b };
    return (struct found){ bf_hash64(key, sizeof key, (uint64_t)kind), scale };
}

/* What is said to be there by words [n]; returns how many, at most MAX_WORDS. */
static int words_of(const struct bf_token_map *m, const struct bf_word *w, int n, struct found *out)
{
    int k = 0;
    for (int i = 0; i < n && k < MAX_WORDS; i++)
        if (w[i].content && !negates(m, &w[i]))
            out[k++] = token(WORD, w[i].hash, 0, 1);
    return k;
}

/* Tokens of one choice, [BF_MAX_TOKENS_A_ROW]; returns how many. */
static int tokens_of(const struct bf_token_map *m, const struct bf_token_source *s,
                     struct found *out)
{
    if (s->n_choice == 0)
        return 0;
    const uint64_t question = bf_words_hash(s->question, s->n_question);
    int n = 0;
    out[n++] = token(CHOICE, s->choice_text, 0, 1);
    out[n++] = token(WITH_CATEGORY, s->choice_text, s->category, 1);
    if (s->n_question) {
        out[n++] = token(WITH_QUESTION, s->choice_text, question, whole_question);
        out[n++] = token(WITH_TEMPLATE, s->choice_text, s->template, whole_question);
    }
    n += words_of(m, s->choice, s->n_choice, out + n);
    if (affirms(m, s))
        n += words_of(m, s->question, s->n_question, out + n);
    return n;
}

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
    struct bf_token_map big = *m;
    big.v = calloc(size, sizeof *big.v);
    big.mask = size - 1;
    if (!big.v)
        return BF_ENOMEM;
    for (uint32_t i = 0; m->v && i <= m->mask; i++)
        if (m->v[i].n)
            *token_at(&big, m->v[i].hash) = m->v[i];
    free(m->v);
    *m = big;
    return BF_OK;
}

int bf_tokens_count(struct bf_token_map *m, const struct bf_token_source *s, uint32_t sample)
{
    struct found found[BF_MAX_TOKENS_A_ROW];
    if (!m->cues)
        m->cues = hash_cues();
    if (!m->cues)
        return BF_ENOMEM;
    const int n = tokens_of(m, s, found);
    const uint64_t choice = bf_hash64(&m->n_choices, sizeof m->n_choices, 0);
    m->n_choices++;
    for (int i = 0; i < n; i++) {
        if ((!m->v || m->used * 2 > m->mask) && grow(m) != BF_OK)
            return BF_ENOMEM;
        struct bf_token *t = token_at(m, found[i].hash);
        m->used += t->n == 0;
        if (t->n == 0 || t->last_sample != sample)
            t->n++;
        t->hash = found[i].hash;
        t->scale = found[i].scale;
        t->last_sample = sample;
        t->choices += choice;
    }
    return BF_OK;
}

/* The most frequent first; those that stand with the same choices beside one another, the one that
 * counts for most before the others. */
static int by_frequency(const void *x, const void *y)
{
    const struct bf_token *a = *(struct bf_token *const *)x, *b = *(struct bf_token *const *)y;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    if (a->choices != b->choices)
        return a->choices < b->choices ? -1 : 1;
    if (a->scale > b->scale || a->scale < b->scale)
        return a->scale > b->scale ? -1 : 1;
    return a->hash < b->hash ? -1 : a->hash > b->hash;
}

int bf_tokens_number(struct bf_token_map *m, uint32_t *n_out, float **scale_out, struct bf_arena *a)
{
    struct bf_token **list = calloc((size_t)m->used + 1, sizeof(struct bf_token *));
    float *scale = bf_arena_alloc(a, BF_MAX_TOKENS, sizeof *scale);
    if (!list || !scale) {
        free(list);
        return BF_ENOMEM;
    }
    uint32_t n = 0, id = 0;
    for (uint32_t i = 0; m->v && i <= m->mask; i++)
        if (m->v[i].n >= BF_TOKEN_MIN_SAMPLES)
            list[n++] = &m->v[i];
    qsort(list, n, sizeof(struct bf_token *), by_frequency);
    for (uint32_t i = 0; i < n && id < BF_MAX_TOKENS; i++)
        if (i == 0 || list[i]->choices != list[i - 1]->choices) {
            scale[id] = list[i]->scale;
            list[i]->id = ++id;
        }
    free(list);
    *n_out = id;
    *scale_out = scale;
    return BF_OK;
}

void bf_tokens_put(const struct bf_token_map *m, const struct bf_token_source *s,
                   struct bf_buf *out)
{
    struct found found[BF_MAX_TOKENS_A_ROW];
    const int n = m->v ? tokens_of(m, s, found) : 0;
    for (int i = 0; i < n; i++) {
        const uint32_t id = token_at(m, found[i].hash)->id;
        const uint32_t index = id - 1;
        if (id)
            bf_buf_add(out, &index, sizeof index);
    }
}

void bf_token_map_done(struct bf_token_map *m)
{
    free(m->v);
    free(m->cues);
    *m = (struct bf_token_map){ 0 };
}
