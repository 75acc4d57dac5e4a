#include "probe/builtin/cues.h"

#include <math.h>
#include <string.h>

/* Upper bounds of the bins of a fact, NaN after the last; what is above all has a bin too. A fact
 * with `flag` has one bin, where it is not 0. Those that have weights in contexts, too, come
 * first. */
struct binning {
    enum bf_fact fact;
    bool flag;
    float bounds[10];
};

#define END NAN
#define FIFTHS                                                                                     \
    {                                                                                              \
        0.0f, 0.25f, 0.5f, 0.75f, END                                                              \
    }
#define THIRDS                                                                                     \
    {                                                                                              \
        0.2f, 0.8f, END                                                                            \
    }
static const struct binning binnings[] = {
    { BF_FACT_LENGTH_RANK, false, FIFTHS },
    { BF_FACT_WORDS, false, { 1, 2, 3, 4, 5, 6, 7, 9, 12, END } },
    { BF_FACT_SHORTEST, true, { END } },
    { BF_FACT_NUMBER_RANK, false, FIFTHS },
    { BF_FACT_LARGEST, true, { END } },
    { BF_FACT_SMALLEST, true, { END } },
    { BF_FACT_NUMBER_MIDDLE, false, THIRDS },
    { BF_FACT_NUMBER_ROUND, false, { -2, -1, 0, 1, END } },
    { BF_FACT_OVERLAP_RANK, false, THIRDS },
    { BF_FACT_GRAMS_RANK, false, FIFTHS },
    { BF_FACT_CENTRAL_RANK, false, FIFTHS },
    { BF_FACT_RARITY_RANK, false, FIFTHS },
    { BF_FACT_COMMON_RANK, false, FIFTHS },
    { BF_FACT_TYPE, false, { 0, 1, 2, 3, 4, 5, 6, END } },
    { BF_FACT_CAPITAL, true, { END } },
    { BF_FACT_NEGATION, true, { END } },
    /* from here on without contexts: FIRST_NARROW */
    { BF_FACT_LENGTH_RATIO, false, { -1.5f, -0.8f, -0.3f, 0.3f, 0.6f, 0.9f, 1.3f, END } },
    { BF_FACT_LENGTH_LEAD, false, { 0, 0.2f, 0.5f, 1, END } },
    { BF_FACT_WORDS_RANK, false, FIFTHS },
    { BF_FACT_NUMBER_RATIO, false, { -1, -0.2f, 0.2f, 1, END } },
    { BF_FACT_ROUND_RANK, false, THIRDS },
    { BF_FACT_OVERLAP, false, { 0, 0.34f, 0.67f, END } },
    { BF_FACT_MOST_OVERLAP, true, { END } },
    { BF_FACT_GRAMS, false, { 0.02f, 0.15f, 0.3f, 0.6f, END } },
    { BF_FACT_SHARED, false, { 0, 0.34f, 0.67f, END } },
    { BF_FACT_SHARED_RANK, false, THIRDS },
    { BF_FACT_NEAREST, false, { 0.02f, 0.1f, 0.25f, 0.5f, END } },
    { BF_FACT_NEAREST_RANK, false, FIFTHS },
    { BF_FACT_CENTRAL, false, { 0.01f, 0.05f, 0.15f, 0.35f, END } },
    { BF_FACT_LAST_SHARED, true, { END } },
    { BF_FACT_RARE_SHARED, false, { 0, 2, 4, 6, 8, 10, END } },
    { BF_FACT_RARE_SHARED_RANK, false, THIRDS },
    { BF_FACT_RARITY, false, { 2, 4, 6, 8, 10, END } },
    { BF_FACT_COMMON, false, { 0, 1, 2, 3, 5, 7, END } },
    { BF_FACT_SAME_TYPE, false, THIRDS },
    { BF_FACT_POINT, true, { END } },
    { BF_FACT_COMMAS, false, { 0, 1, END } },
    { BF_FACT_DIGITS, true, { END } },
    { BF_FACT_BRACKETS, true, { END } },
    { BF_FACT_ABSOLUTE, true, { END } },
    { BF_FACT_HEDGE, true, { END } },
};
#undef END
#undef FIFTHS
#undef THIRDS

enum { N_BINNINGS = sizeof binnings / sizeof *binnings, FIRST_NARROW = 16, NO_BIN = 255 };

/* Facts that lean on each other: pairs of their bins have weights, too. */
static const enum bf_fact pairs[][2] = {
    { BF_FACT_LENGTH_RANK, BF_FACT_CENTRAL_RANK }, { BF_FACT_LENGTH_RANK, BF_FACT_GRAMS_RANK },
    { BF_FACT_LENGTH_RANK, BF_FACT_RARITY_RANK },  { BF_FACT_CENTRAL_RANK, BF_FACT_GRAMS_RANK },
    { BF_FACT_NUMBER_RANK, BF_FACT_NUMBER_ROUND }, { BF_FACT_LETTER, BF_FACT_LENGTH_RANK },
    { BF_FACT_LETTER, BF_FACT_NUMBER_RANK },       { BF_FACT_WORDS, BF_FACT_TYPE },
    { BF_FACT_COMMON_RANK, BF_FACT_CENTRAL_RANK },
};

/* What a cue is about; part of its key. */
enum kind {
    TEXT = 1,
    WORD,
    TWO,
    THREE,
    STEM,
    QUESTION_TEXT,
    QUESTION_STEM,
    PAIR,
    CATEGORY = 32,
    HEAD,
    HEAD_WORD,
    TEMPLATE,
    SKELETON,
    NUMBER_OF_CHOICES,
    TYPES,
    GRAM
};

enum { TWICE = 0, ONCE = 64, HALF = 128, QUARTER = 192, MAX_ASKED = 12, MAX_SAID = 8 };

static uint64_t mix(uint64_t kind, uint64_t a, uint64_t b)
{
    uint64_t h = (a + kind * 0x9E3779B97F4A7C15u) * 0xFF51AFD7ED558CCDu;
    h = (h ^ (h >> 32) ^ b) * 0xC4CEB9FE1A85EC53u;
    h = (h ^ (h >> 29)) * 0x9E3779B97F4A7C15u;
    return (h ^ (h >> 32)) | 1;
}

float bf_cue_value(uint8_t code)
{
    const int n = code & 63;
    return 2 / (sqrtf((float)(n ? n : 64)) * (float)(1 << (code >> 6)));
}

static int n_bins_of(const struct binning *b)
{
    int n = 0;
    while (!b->flag && !isnan(b->bounds[n]))
        n++;
    return n + 1;
}

int bf_cues_bins(void)
{
    int n = BF_LETTER_BINS + 1;
    for (int i = 0; i < N_BINNINGS; i++)
        n += n_bins_of(&binnings[i]);
    return n;
}

static int bin_of(const struct binning *b, float x)
{
    if (isnan(x) || (b->flag && x == 0))
        return NO_BIN;
    int n = 0;
    while (!b->flag && !isnan(b->bounds[n]) && x > b->bounds[n])
        n++;
    return n;
}

static void put_bins(const struct bf_facts *f, uint32_t without, struct bf_cues *out)
{
    int first = BF_LETTER_BINS;
    for (int j = 0; j < f->n_choices; j++) {
        struct bf_choice_cues *c = &out->c[j];
        c->n_bins = c->n_wide = 0;
        if (without & BF_BIT(BF_EVIDENCE_POSITION))
            continue;
        c->bins[c->n_bins++] = (uint8_t)j;
        if (j + 1 == f->n_choices)
            c->bins[c->n_bins++] = (uint8_t)first;
    }
    first++;
    for (int i = 0; i < N_BINNINGS; i++) {
        const struct binning *b = &binnings[i];
        int bins[BF_MAX_CHOICES];
        bool same = true;
        for (int j = 0; j < f->n_choices; j++) {
            bins[j] = bin_of(b, f->c[j].v[b->fact]);
            same &= bins[j] == bins[0];
        }
        same |= (without & BF_BIT(bf_fact_rows[b->fact].evidence)) != 0;
        for (int j = 0; !same && j < f->n_choices; j++)
            if (bins[j] != NO_BIN && out->c[j].n_bins < BF_MAX_VALUE_BINS)
                out->c[j].bins[out->c[j].n_bins++] = (uint8_t)(first + bins[j]);
        for (int j = 0; i < FIRST_NARROW && j < f->n_choices; j++)
            out->c[j].n_wide = out->c[j].n_bins;
        first += n_bins_of(b);
    }
}

/* A code for `scale` / sqrt(n). */
static uint8_t code(int scale, int n)
{
    return (uint8_t)(scale | (n < 64 ? n : 63));
}

static void put(struct bf_choice_cues *c, uint64_t key, uint8_t value)
{
    if (c->n < BF_MAX_CUES)
        c->v[c->n++] = (struct bf_cue){ key, value };
}

static float paired(const struct bf_facts *f, int j, enum bf_fact fact)
{
    const float x = f->c[j].v[fact];
    return fact == BF_FACT_LETTER || isnan(x) ? x : roundf(4 * x);
}

static void put_pairs(const struct bf_facts *f, int j, uint32_t without, struct bf_choice_cues *c)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const float x = paired(f, j, pairs[i][0]), y = paired(f, j, pairs[i][1]);
        const uint32_t rests_on =
            BF_BIT(bf_fact_rows[pairs[i][0]].evidence) | BF_BIT(bf_fact_rows[pairs[i][1]].evidence);
        if (!isnan(x) && !isnan(y) && !(without & rests_on))
            put(c, mix(PAIR, i, (uint64_t)(int64_t)(x * 64 + y)), code(HALF, 1));
    }
}

/* A choice's text, words and runs of words; within the category, the head, the template. */
static void put_words(const struct bf_facts *f, int j, uint32_t without, struct bf_choice_cues *c)
{
    const struct bf_choice_facts *x = &f->c[j];
    const bool category = !(without & BF_BIT(BF_EVIDENCE_CATEGORY));
    const bool template = f->template && !(without & BF_BIT(BF_EVIDENCE_TEMPLATE));
    const bool question = f->head && !(without & BF_BIT(BF_EVIDENCE_QUESTION));
    const int n = x->n_words;
    put(c, mix(TEXT, x->text, 0), code(ONCE, 1));
    if (category)
        put(c, mix(TEXT | CATEGORY, x->text, f->category), code(ONCE, 1));
    if (question)
        put(c, mix(TEXT | HEAD, x->text, f->head), code(ONCE, 1));
    if (template)
        put(c, mix(TEXT | TEMPLATE, x->text, f->template), code(ONCE, 1));
    for (int i = 0; i < n; i++) {
        const uint64_t w = x->w[i].hash;
        put(c, mix(WORD, w, 0), code(ONCE, n));
        put(c, mix(STEM, x->w[i].stem, 0), code(ONCE, n));
        if (category)
            put(c, mix(STEM | CATEGORY, x->w[i].stem, f->category), code(ONCE, n));
        if (question)
            put(c, mix(STEM | HEAD, x->w[i].stem, f->head), code(HALF, n));
        if (template)
            put(c, mix(WORD | TEMPLATE, w, f->template), code(ONCE, n));
        if (i + 1 < n)
            put(c, mix(TWO, w, x->w[i + 1].hash), code(ONCE, n));
        if (i + 2 < n)
            put(c, mix(THREE, mix(TWO, w, x->w[i + 1].hash), x->w[i + 2].hash), code(HALF, n));
    }
}

/* Whether a choice looks like one of a short list of answers: one sample in a hundred has it. What
 * a word of the question has to do with such an answer is worth learning from few samples. */
static bool from_list(const struct bf_facts *f, int j)
{
    return f->rarity && 100 * exp2f(f->c[j].v[BF_FACT_COMMON]) >= (float)f->rarity->n_samples;
}

/* Content words of the question, each with the choice's text and with its content words. */
static void put_question_words(const struct bf_facts *f, int j, struct bf_choice_cues *c)
{
    const struct bf_choice_facts *x = &f->c[j];
    int asked[MAX_ASKED], said[MAX_SAID], n_asked = 0, n_said = 0;
    for (int i = 0; i < f->n_words && n_asked < MAX_ASKED; i++)
        if (f->w[i].content)
            asked[n_asked++] = i;
    for (int i = 0; i < x->n_words && n_said < MAX_SAID; i++)
        if (x->w[i].content)
            said[n_said++] = i;
    const uint8_t value = from_list(f, j) ? code(TWICE, 1) : code(ONCE, n_asked);
    for (int i = 0; i < n_asked; i++) {
        put(c, mix(QUESTION_TEXT, f->w[asked[i]].stem, x->text), value);
        for (int k = 0; k < n_said; k++)
            put(c, mix(QUESTION_STEM, f->w[asked[i]].stem, x->w[said[k]].stem),
                code(HALF, n_said * n_asked));
    }
}

static void put_contexts(const struct bf_facts *f, uint32_t without, struct bf_cues *out)
{
    uint64_t type = (uint64_t)f->c[0].type;
    for (int j = 1; j < f->n_choices; j++)
        type = f->c[j].type == f->c[0].type ? type : BF_TYPE_COUNT;
    out->n_contexts = 0;
    out->contexts[out->n_contexts++] = mix(NUMBER_OF_CHOICES, (uint64_t)f->n_choices, 0);
    if (!(without & BF_BIT(BF_EVIDENCE_FORM)))
        out->contexts[out->n_contexts++] = mix(TYPES, type, 0);
    if (!(without & BF_BIT(BF_EVIDENCE_CATEGORY)))
        out->contexts[out->n_contexts++] = mix(CATEGORY, f->category, 0);
    if (f->n_words && !(without & BF_BIT(BF_EVIDENCE_QUESTION))) {
        out->contexts[out->n_contexts++] = mix(HEAD, f->head, 0);
        out->contexts[out->n_contexts++] = mix(HEAD_WORD, f->head_word, 0);
    }
    if (f->n_words && !(without & BF_BIT(BF_EVIDENCE_TEMPLATE)))
        out->contexts[out->n_contexts++] = mix(TEMPLATE, f->template, 0);
}

uint64_t bf_cues_skeleton(uint64_t three)
{
    return mix(SKELETON, three, 0);
}

/* Runs of words of the question: what leads to a letter. */
static void put_grams(const struct bf_facts *f, uint32_t without, struct bf_cues *out)
{
    out->n_grams = out->n_threes = 0;
    for (int i = 0; i < f->n_words; i++) {
        const uint64_t one = f->w[i].hash;
        if (!(without & BF_BIT(BF_EVIDENCE_QUESTION)))
            out->grams[out->n_grams++] = mix(GRAM, one, 0);
        if (without & BF_BIT(BF_EVIDENCE_TEMPLATE) || i + 1 >= f->n_words)
            continue;
        const uint64_t two = mix(GRAM, one, f->w[i + 1].hash);
        out->grams[out->n_grams++] = two;
        if (i + 2 < f->n_words)
            out->threes[out->n_threes++] = out->grams[out->n_grams++] =
                mix(GRAM, two, f->w[i + 2].hash);
    }
}

void bf_cues_of(const struct bf_facts *f, uint32_t without, struct bf_cues *out)
{
    out->n_choices = f->n_choices;
    put_bins(f, without, out);
    put_contexts(f, without, out);
    put_grams(f, without, out);
    for (int j = 0; j < f->n_choices; j++) {
        struct bf_choice_cues *c = &out->c[j];
        c->n = 0;
        put_pairs(f, j, without, c);
        if (f->c[j].n_words == 0 || without & BF_BIT(BF_EVIDENCE_CHOICE))
            continue;
        put_words(f, j, without, c);
        if (!(without & BF_BIT(BF_EVIDENCE_QUESTION)))
            put_question_words(f, j, c);
    }
}
