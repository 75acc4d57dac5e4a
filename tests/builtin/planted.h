/* Made pools of questions with four choices in which one leak of one kind is planted, and what the
 * best rule there can be says of every choice.
 *
 * Half of the questions are clean: their templates, or their categories, have no leak, and nothing
 * tells their gold choice. In the other half the leak is in force with probability `strength` for
 * each question; else its gold choice is drawn as in a clean one. The Bayes-optimal p(c | question,
 * choices), which knows how the pool was made but not what was drawn, stands beside every choice:
 * p(c | x) = w(c) / sum of w, where w(c) is the probability of what is seen were c the gold one. */
#ifndef BF_TESTS_BUILTIN_PLANTED_H
#define BF_TESTS_BUILTIN_PLANTED_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "core/sample.h"

enum {
    PLANTED_CHOICES = 4,
    PLANTED_TEMPLATES = 16,
    PLANTED_CATEGORIES = 8,
    PLANTED_CUES = 24,
    PLANTED_ANSWERS = 8, /* that a question may have, where answers come from a list */
    PLANTED_TEXT = 256,
};

enum planted_kind {
    PLANTED_POSITION,        /* gold is choice B, in half of the categories */
    PLANTED_LENGTH,          /* gold has more words than any other choice */
    PLANTED_OVERLAP,         /* gold has a word of the question */
    PLANTED_GIVEAWAY,        /* gold has the word "certainly" */
    PLANTED_FORM,            /* gold ends with a full stop */
    PLANTED_META,            /* "all of the above" is gold, where it stands */
    PLANTED_CENTRE,          /* the other choices are gold with one word changed */
    PLANTED_LARGEST,         /* gold is the largest number */
    PLANTED_SECOND,          /* gold is the second smallest number */
    PLANTED_TEMPLATE_LETTER, /* each template has its letter */
    PLANTED_TEMPLATE_ANSWER, /* each template has its answer */
    PLANTED_CATEGORY_ANSWER, /* each category has its answer */
    PLANTED_CUE_ANSWER,      /* one word of the question has its answer */
    PLANTED_KINDS
};

static const char *const planted_names[PLANTED_KINDS] = {
    "position",
    "length",
    "overlap",
    "giveaway",
    "form",
    "meta",
    "centre",
    "largest",
    "second",
    "template-letter",
    "template-answer",
    "category-answer",
    "cue-answer",
};

/* How often chance gives a choice what the leak gives to gold: a word of the question, the word
 * that gives away, the full stop. */
static const double planted_chance = 0.12;
static const double planted_meta = 0.4; /* questions that have "all of the above" */

struct planted {
    struct bf_pool pool;
    double *best;   /* [n * PLANTED_CHOICES] the Bayes-optimal p of each choice */
    uint8_t *leaky; /* [n] 1 = the leak is in force */
    uint8_t *clean; /* [n] 1 = nothing that is shown tells anything of its gold choice */
};

/* One question in the making. */
struct planted_question {
    struct bf_rng rng;
    enum planted_kind kind;
    double strength;
    bool exposed;  /* the leak can be in force */
    bool in_force; /* and is */
    int template, category, cue, gold;
    char words[3][16]; /* of the question, that vary */
    char choices[PLANTED_CHOICES][PLANTED_TEXT];
    double w[PLANTED_CHOICES];
};

static inline double planted_unit(struct planted_question *q)
{
    return bf_rng_unit(&q->rng);
}

static inline int planted_below(struct planted_question *q, int n)
{
    return (int)bf_rng_below(&q->rng, (uint64_t)n);
}

/* The i-th word of the language the pool is written in. */
static inline void planted_word(int i, char out[16])
{
    static const char *const syllables[] = { "ba",  "ko",  "ri",  "ten", "mar", "ul",  "ose",
                                             "phi", "dra", "vel", "sun", "qua", "net", "lor",
                                             "im",  "est", "gra", "tho", "ny",  "cal" };
    snprintf(out, 16, "%s%s%s", syllables[i % 20], syllables[i / 20 % 20],
             syllables[(i / 400 + i) % 20]);
}

static inline void planted_add(char text[PLANTED_TEXT], const char *word)
{
    const size_t n = strlen(text);
    snprintf(text + n, PLANTED_TEXT - n, "%s%s", n ? " " : "", word);
}

static inline void planted_stop(char text[PLANTED_TEXT])
{
    const size_t n = strlen(text);
    snprintf(text + n, PLANTED_TEXT - n, ".");
}

/* `n` words drawn from 1,500 that no question has. */
static inline void planted_add_drawn(struct planted_question *q, char text[PLANTED_TEXT], int n)
{
    char word[16];
    for (int i = 0; i < n; i++) {
        planted_word(1000 + planted_below(q, 1500), word);
        planted_add(text, word);
    }
}

/* Words for every choice, and a gold one; nothing tells which. */
static inline void planted_plain(struct planted_question *q)
{
    for (int c = 0; c < PLANTED_CHOICES; c++) {
        q->choices[c][0] = '\0';
        planted_add_drawn(q, q->choices[c], 1 + planted_below(q, 3));
        q->w[c] = 1;
    }
    q->gold = planted_below(q, PLANTED_CHOICES);
}

/* One choice is what the leak is about. */
static inline void planted_letter(struct planted_question *q, int favourite)
{
    if (q->in_force)
        q->gold = favourite;
    for (int c = 0; c < PLANTED_CHOICES && q->exposed; c++)
        q->w[c] = q->strength * (c == favourite) + (1 - q->strength) / PLANTED_CHOICES;
}

/* 2 to 9 words each; in force, gold has one or two more than the longest other. */
static inline void planted_length(struct planted_question *q)
{
    int n[PLANTED_CHOICES], longest_other[PLANTED_CHOICES] = { 0 };
    double chance[PLANTED_CHOICES];
    for (int pass = 0; pass < 2; pass++) { /* the second time to see the lengths that became */
        for (int c = 0; c < PLANTED_CHOICES; c++) {
            if (pass == 0)
                n[c] = 2 + planted_below(q, 8);
            longest_other[c] = 0;
        }
        for (int c = 0; c < PLANTED_CHOICES; c++)
            for (int o = 0; o < PLANTED_CHOICES; o++)
                if (o != c && n[o] > longest_other[c])
                    longest_other[c] = n[o];
        if (pass == 0 && q->in_force)
            n[q->gold] = longest_other[q->gold] + 1 + planted_below(q, 2);
    }
    for (int c = 0; c < PLANTED_CHOICES; c++) {
        q->choices[c][0] = '\0';
        planted_add_drawn(q, q->choices[c], n[c]);
        chance[c] = n[c] <= 9 ? 1.0 / 8 : 0;
    }
    for (int c = 0; c < PLANTED_CHOICES && q->exposed; c++) {
        const int more = n[c] - longest_other[c];
        q->w[c] = q->strength * (more == 1 || more == 2) / 2 + (1 - q->strength) * chance[c];
        for (int o = 0; o < PLANTED_CHOICES; o++)
            q->w[c] *= o == c ? 1 : chance[o];
    }
}

/* Any choice may have a mark by chance; in force, gold has it for certain. */
static inline void planted_mark(struct planted_question *q)
{
    for (int c = 0; c < PLANTED_CHOICES; c++) {
        const bool marked = (q->in_force && c == q->gold) || planted_unit(q) < planted_chance;
        const double by_chance = marked ? planted_chance : 1 - planted_chance;
        if (q->exposed)
            q->w[c] = q->strength * marked / by_chance + (1 - q->strength);
        if (!marked)
            continue;
        if (q->kind == PLANTED_FORM)
            planted_stop(q->choices[c]);
        else
            planted_add(q->choices[c],
                        q->kind == PLANTED_GIVEAWAY ? "certainly" : q->words[planted_below(q, 3)]);
    }
}

static inline void planted_all_of_the_above(struct planted_question *q)
{
    if (planted_unit(q) >= planted_meta) {
        q->in_force = false;
        return;
    }
    snprintf(q->choices[PLANTED_CHOICES - 1], PLANTED_TEXT, "all of the above");
    planted_letter(q, PLANTED_CHOICES - 1);
}

/* Three words, and three copies with one word changed; in force the first of them is gold. */
static inline void planted_centre(struct planted_question *q)
{
    char base[3][16], changed[16];
    const int centre = q->in_force ? q->gold : planted_below(q, PLANTED_CHOICES);
    int place[PLANTED_CHOICES];
    double n_central = 0;
    bool central[PLANTED_CHOICES];
    for (int i = 0; i < 3; i++)
        planted_word(1000 + 500 * i + planted_below(q, 500), base[i]);
    for (int c = 0; c < PLANTED_CHOICES; c++) {
        place[c] = c == centre ? -1 : planted_below(q, 3);
        q->choices[c][0] = '\0';
        for (int i = 0; i < 3; i++) {
            planted_word(3000 + planted_below(q, 1500), changed);
            planted_add(q->choices[c], i == place[c] ? changed : base[i]);
        }
    }
    /* Others differ from c in one word when they are changed where c is. */
    for (int c = 0; c < PLANTED_CHOICES; c++) {
        central[c] = true;
        for (int o = 0; o < PLANTED_CHOICES; o++)
            central[c] &= c == centre || o == c || o == centre || place[o] == place[c];
        n_central += central[c];
    }
    for (int c = 0; c < PLANTED_CHOICES && q->exposed; c++)
        q->w[c] = q->strength * central[c] + (1 - q->strength) * n_central / PLANTED_CHOICES;
}

/* Four numbers; in force the one of that rank from the smallest is gold. */
static inline void planted_number(struct planted_question *q, int rank)
{
    int v[PLANTED_CHOICES], at = 0;
    for (int c = 0; c < PLANTED_CHOICES; c++) {
        bool again;
        do {
            v[c] = 1 + planted_below(q, 99);
            again = false;
            for (int o = 0; o < c; o++)
                again |= v[o] == v[c];
        } while (again);
        snprintf(q->choices[c], PLANTED_TEXT, "%d", v[c]);
    }
    for (int c = 0; c < PLANTED_CHOICES; c++) {
        int below = 0;
        for (int o = 0; o < PLANTED_CHOICES; o++)
            below += v[o] < v[c];
        if (below == rank)
            at = c;
    }
    planted_letter(q, at);
}

/* Four of the list's answers, gold among them; in force that is the favourite. */
static inline void planted_answer(struct planted_question *q, int list, int favourite)
{
    uint32_t order[PLANTED_ANSWERS], letters[PLANTED_CHOICES];
    const double other = (1 - q->strength) / PLANTED_ANSWERS;
    const int gold = q->in_force ? favourite : planted_below(q, PLANTED_ANSWERS);
    for (uint32_t i = 0; i < PLANTED_ANSWERS; i++)
        order[i] = i;
    bf_rng_shuffle(&q->rng, order, PLANTED_ANSWERS);
    for (int i = 1; i < PLANTED_ANSWERS; i++)
        if ((int)order[i] == gold) {
            order[i] = order[0];
            order[0] = (uint32_t)gold;
        }
    for (uint32_t c = 0; c < PLANTED_CHOICES; c++)
        letters[c] = c;
    bf_rng_shuffle(&q->rng, letters, PLANTED_CHOICES);
    for (int c = 0; c < PLANTED_CHOICES; c++) {
        const int answer = (int)order[letters[c]];
        char word[16];
        planted_word(5000 + list * PLANTED_ANSWERS + answer, word);
        snprintf(q->choices[c], PLANTED_TEXT, "%s", word);
        if (q->exposed)
            q->w[c] = answer == favourite ? q->strength + other : other;
        if (letters[c] == 0)
            q->gold = c;
    }
}

/* Whether the leak can be in force: by category where that is what it goes by, else by template;
 * cues stand in half of the questions of any. */
static inline bool planted_exposed(const struct planted_question *q)
{
    switch (q->kind) {
    case PLANTED_POSITION:
    case PLANTED_CATEGORY_ANSWER:
        return q->category < PLANTED_CATEGORIES / 2;
    case PLANTED_CUE_ANSWER:
        return q->cue >= 0;
    default:
        return q->template <PLANTED_TEMPLATES / 2;
    }
}

static inline void planted_question(struct planted_question *q)
{
    for (int i = 0; i < 3; i++)
        planted_word(planted_below(q, 900), q->words[i]);
    q->template = planted_below(q, PLANTED_TEMPLATES);
    q->category = planted_below(q, PLANTED_CATEGORIES);
    q->cue = q->kind == PLANTED_CUE_ANSWER && planted_unit(q) < 0.5 ? planted_below(q, PLANTED_CUES)
                                                                    : -1;
    if (q->cue >= 0)
        planted_word(900 + q->cue, q->words[2]);
    planted_plain(q);
    q->exposed = planted_exposed(q);
    q->in_force = q->exposed && planted_unit(q) < q->strength;
    switch (q->kind) {
    case PLANTED_POSITION:
        planted_letter(q, 1);
        break;
    case PLANTED_LENGTH:
        planted_length(q);
        break;
    case PLANTED_META:
        planted_all_of_the_above(q);
        break;
    case PLANTED_CENTRE:
        planted_centre(q);
        break;
    case PLANTED_LARGEST:
        planted_number(q, PLANTED_CHOICES - 1);
        break;
    case PLANTED_SECOND:
        planted_number(q, 1);
        break;
    case PLANTED_TEMPLATE_LETTER:
        planted_letter(q, q->template % PLANTED_CHOICES);
        break;
    case PLANTED_TEMPLATE_ANSWER:
        planted_answer(q, q->template / 4, q->template % PLANTED_ANSWERS);
        break;
    case PLANTED_CATEGORY_ANSWER:
        planted_answer(q, 0, q->category);
        break;
    case PLANTED_CUE_ANSWER:
        planted_answer(q, 0, q->cue % PLANTED_ANSWERS);
        break;
    default:
        planted_mark(q);
    }
}

static inline void *planted_room(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p)
        exit(1);
    return p;
}

/* Sixteen frames: four beginnings, four ends, three words between them. */
static inline void planted_words_of(const struct planted_question *q, char out[PLANTED_TEXT])
{
    static const char *const starts[] = { "which kind of %s stands near the %s",
                                          "how does the %s move around this %s",
                                          "where is the %s placed beside that %s",
                                          "why would a %s be under some %s" };
    static const char *const ends[] = { "in the picture with the %s?", "before the %s begins?",
                                        "when somebody opens the %s?", "as seen from a %s?" };
    char end[64];
    out[0] = '\0';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(out, PLANTED_TEXT, starts[q->template % 4], q->words[0], q->words[1]);
    snprintf(end, sizeof end, ends[q->template / 4], q->words[2]);
#pragma GCC diagnostic pop
    planted_add(out, end);
}

/* `n` questions of one kind; the caller gives them back with planted_done(). The same arguments
 * make the same pool. */
static inline void planted_make(struct planted *p, enum planted_kind kind, double strength,
                                uint32_t n, uint64_t seed)
{
    *p = (struct planted){ .best = planted_room((size_t)n * PLANTED_CHOICES, sizeof *p->best),
                           .leaky = planted_room(n, 1),
                           .clean = planted_room(n, 1) };
    struct bf_arena *a = &p->pool.arena;
    for (uint32_t i = 0; i < n; i++) {
        struct planted_question q = { .rng = bf_rng_for(seed, planted_names[kind], "planted", i),
                                      .kind = kind,
                                      .strength = strength };
        char question[PLANTED_TEXT];
        double sum = 0;
        planted_question(&q);
        planted_words_of(&q, question);
        struct bf_sample s = { .task = BF_CHOICE,
                               .id = bf_arena_printf(a, "q%06u", i),
                               .question = bf_arena_strdup(a, question),
                               .n_choices = PLANTED_CHOICES,
                               .choices = bf_arena_alloc(a, PLANTED_CHOICES, sizeof *s.choices),
                               .gold = q.gold,
                               .gold_set = 1u << q.gold,
                               .category = bf_arena_printf(a, "kind %d", q.category),
                               .licence = "",
                               .origin = "",
                               .group = i };
        for (int c = 0; c < PLANTED_CHOICES; c++) {
            s.choices[c] = bf_arena_strdup(a, q.choices[c]);
            sum += q.w[c];
        }
        s.gold_text = s.choices[q.gold];
        if (bf_pool_add(&p->pool, &s, NULL) != BF_OK)
            exit(1);
        p->leaky[i] = q.in_force;
        p->clean[i] = 1;
        for (int c = 0; c < PLANTED_CHOICES; c++) {
            p->best[(size_t)i * PLANTED_CHOICES + (size_t)c] = q.w[c] / sum;
            p->clean[i] &= fabs(q.w[c] - q.w[0]) < 1e-12;
        }
    }
    p->pool.n_groups = n;
    bf_pool_complete(&p->pool);
}

static inline void planted_done(struct planted *p)
{
    free(p->best);
    free(p->leaky);
    free(p->clean);
    bf_pool_done(&p->pool);
}

#endif
