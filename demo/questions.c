/* Which scene shows what, and who asks about it: every count is exact, everything else random.
 *
 * Each of the twelve single needs is asked in 100 of the 125 scenes, each leak in 120, and 200
 * questions need two senses; so every scene is asked 16 times. Golden letters and values are as
 * even as whole numbers allow, and no two questions of one attribute have the same template and
 * the same set of choices. */
#include "demo/questions.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { N_PER_NEED = 100, N_PER_LEAK = 120, N_TWO = 200, N_SKIPS = 3, USUAL = 0, RULE_LETTER = 2 };

const char *const kind_names[N_KINDS] = {
    "need_image", "need_audio",   "need_video",  "need_tactile", "need_two",
    "leak_word",  "leak_longest", "leak_letter", "leak_prior",   "leak_frame",
};

const int strengths[N_STRENGTHS] = { 6, 8, 10 };

struct plan {
    struct scene *scenes;
    struct question *questions;
    int n;
    uint64_t seed;
    bool asked[N_SCENES][N_ATTRS];
    int n_two[N_SCENES];
};

static void number_up(uint32_t *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        v[i] = i;
}

/* A random order of 0 .. n - 1. */
static void random_order(struct bf_rng *r, uint32_t *v, uint32_t n)
{
    number_up(v, n);
    bf_rng_shuffle(r, v, n);
}

/* Spread what is not asked: 25 scenes skip each need, 5 each leak, 50 their second NEED_TWO. As
 * these are 3 x 125, every scene skips three things, and all are asked 16 times. */
static void plan_skips(struct plan *p)
{
    int what[N_SKIPS * N_SCENES], n = 0;
    for (int a = 0; a < N_ATTRS; a++)
        for (int i = a < N_NEEDS ? N_PER_NEED : N_PER_LEAK; i < N_SCENES; i++)
            what[n++] = a;
    while (n < N_SKIPS * N_SCENES)
        what[n++] = N_ATTRS;

    memset(p->asked, true, sizeof p->asked);
    for (int round = 0; round < N_SKIPS; round++) {
        struct bf_rng r = bf_rng_for(p->seed, "", "skips", (uint64_t)round);
        uint32_t order[N_SCENES];
        random_order(&r, order, N_SCENES);
        for (int i = 0; i < N_SCENES; i++) {
            const int skip = what[round * N_SCENES + i];
            if (round == 0)
                p->n_two[order[i]] = 2;
            if (skip < N_ATTRS)
                p->asked[order[i]][skip] = false;
            else
                p->n_two[order[i]]--;
        }
    }
}

/* Whether an earlier question about the same attribute has the template and set of choices. */
static bool is_repeated(const struct plan *p, const struct question *q)
{
    unsigned set = 0;
    for (int i = 0; i < N_CHOICES; i++)
        set |= 1u << q->value[i];
    for (int k = 0; k < p->n; k++) {
        const struct question *o = &p->questions[k];
        unsigned other = 0;
        if (o->kind == NEED_TWO || o->attr != q->attr || o->template != q->template)
            continue;
        for (int i = 0; i < N_CHOICES; i++)
            other |= 1u << o->value[i];
        if (set == other)
            return true;
    }
    return false;
}

/* Draw template and wrong choices around the gold value. `with` >= 0 must be among them. */
static void draw_choices(struct plan *p, struct bf_rng *r, struct question *q, int gold_value,
                         int with)
{
    const int n = words[q->attr].n_values;
    do {
        uint32_t order[MAX_VALUES];
        random_order(r, order, (uint32_t)n);
        q->template = (int)bf_rng_below(r, N_TEMPLATES);

        int wrong[N_CHOICES - 1], n_wrong = 0;
        if (with >= 0 && with != gold_value)
            wrong[n_wrong++] = with;
        for (int i = 0; n_wrong < N_CHOICES - 1; i++)
            if ((int)order[i] != gold_value && (int)order[i] != with)
                wrong[n_wrong++] = (int)order[i];

        uint32_t places[N_CHOICES - 1];
        random_order(r, places, N_CHOICES - 1);
        for (int i = 0, k = 0; i < N_CHOICES; i++)
            q->value[i] = i == q->gold ? gold_value : wrong[places[k++]];
    } while (is_repeated(p, q));
}

static int choice_of(const struct question *q, int value)
{
    for (int i = 0; i < N_CHOICES; i++)
        if (q->value[i] == value)
            return i;
    return -1;
}

/* Some index in 0 .. n - 1 but `not`. */
static int draw_but(struct bf_rng *r, int n, int not )
{
    const int i = (int)bf_rng_below(r, (uint64_t)n - 1);
    return i + (i >= not );
}

/* Show the needed sense and one other; the other is even over the three, the order random. */
static void draw_shown(struct bf_rng *r, struct question *q, enum sense needed, int turn)
{
    const int second = (int)needed + 1 + turn % (N_SENSES - 1);
    const int first = (int)bf_rng_below(r, 2);
    q->shown[first] = needed;
    q->shown[1 - first] = (enum sense)(second % N_SENSES);
}

/* The rule's choice of a leaking question whose gold is set, and where it is right, the same.
 * What must hold for the rule to name it is done here too. */
static void plan_rule(struct plan *p, struct bf_rng *r, struct question *q, bool right)
{
    struct scene *s = &p->scenes[q->scene];
    const int n = words[q->attr].n_values;
    int gold_value = s->v[q->attr], with = -1;

    if (q->kind == LEAK_LETTER)
        q->gold = right ? RULE_LETTER : draw_but(r, N_CHOICES, RULE_LETTER);
    if (q->kind == LEAK_PRIOR) {
        gold_value = right ? USUAL : draw_but(r, n, USUAL);
        with = USUAL;
    }
    if (q->kind == LEAK_FRAME)
        with = s->start = right ? gold_value : draw_but(r, n, gold_value);
    s->v[q->attr] = gold_value;
    draw_choices(p, r, q, gold_value, with);

    if (q->kind == LEAK_LETTER)
        q->rule = RULE_LETTER;
    else if (with >= 0)
        q->rule = choice_of(q, with);
    else
        q->rule = right ? q->gold : draw_but(r, N_CHOICES, q->gold);
}

/* All questions about one attribute, and what the scenes show of it. */
static void plan_attr(struct plan *p, enum attr a)
{
    const int n_values = words[a].n_values;
    struct bf_rng r = bf_rng_for(p->seed, words[a].category, "questions", 0);
    uint32_t scenes[N_SCENES], values[N_SCENES], letters[N_SCENES], others[N_SCENES],
        rules[N_SCENES];
    random_order(&r, scenes, N_SCENES);
    random_order(&r, values, (uint32_t)(a < N_NEEDS ? N_PER_NEED : N_PER_LEAK));
    random_order(&r, letters, (uint32_t)(a < N_NEEDS ? N_PER_NEED : N_PER_LEAK));
    random_order(&r, others, (uint32_t)(a < N_NEEDS ? N_PER_NEED : N_PER_LEAK));
    random_order(&r, rules, N_PER_LEAK);

    for (int i = 0, k = 0; i < N_SCENES; i++) {
        struct scene *s = &p->scenes[scenes[i]];
        if (!p->asked[scenes[i]][a]) {
            s->v[a] = (int)bf_rng_below(&r, (uint64_t)n_values);
            if (a == FINISH)
                s->start = (int)bf_rng_below(&r, (uint64_t)n_values);
            continue;
        }
        struct question q = { .kind = NEED_IMAGE + words[a].sense,
                              .scene = (int)scenes[i],
                              .attr = a,
                              .gold = (int)letters[k] % N_CHOICES,
                              .rule = -1 };
        s->v[a] = (int)values[k] % n_values;
        draw_shown(&r, &q, words[a].sense, (int)others[k]);
        if (a < N_NEEDS) {
            draw_choices(p, &r, &q, s->v[a], -1);
        } else {
            const int per = N_PER_LEAK / N_STRENGTHS;
            q.kind = LEAK_WORD + (a - N_NEEDS);
            q.strength = (int)rules[k] / per;
            plan_rule(p, &r, &q, (int)rules[k] % per < per * strengths[q.strength] / 10);
        }
        p->questions[p->n++] = q;
        k++;
    }
}

/* Two values of one attribute and two of another, in all four combinations: either sense alone
 * leaves two choices. */
static void plan_two(struct plan *p)
{
    struct bf_rng r = bf_rng_for(p->seed, "", "two", 0);
    uint32_t order[N_SCENES], letters[N_TWO];
    random_order(&r, order, N_SCENES);
    random_order(&r, letters, N_TWO);

    static const enum sense pairs[6][2] = { { IMAGE, AUDIO },   { IMAGE, VIDEO },
                                            { IMAGE, TACTILE }, { AUDIO, VIDEO },
                                            { AUDIO, TACTILE }, { VIDEO, TACTILE } };
    for (int i = 0, turn = 0; i < N_SCENES; i++) {
        for (int k = 0; k < p->n_two[order[i]]; k++, turn++) {
            const struct scene *s = &p->scenes[order[i]];
            const enum sense *pair = pairs[turn % 6];
            const int first = (int)bf_rng_below(&r, 2);
            struct question q = { .kind = NEED_TWO,
                                  .scene = (int)order[i],
                                  .rule = -1,
                                  .gold = (int)letters[turn] % N_CHOICES };
            /* One draw a statement: C leaves the order within one open. */
            q.attr = (enum attr)(pair[first] * 3 + bf_rng_below(&r, 3));
            q.other = (enum attr)(pair[1 - first] * 3 + bf_rng_below(&r, 3));
            q.template = (int)bf_rng_below(&r, N_TEMPLATES);
            draw_shown(&r, &q, pair[0], (int)(pair[1] + N_SENSES - pair[0] - 1) % N_SENSES);
            const int not = draw_but(&r, words[q.attr].n_values, s->v[q.attr]);
            const int other_not = draw_but(&r, words[q.other].n_values, s->v[q.other]);
            /* Exclusive or with a random mask puts the true pair at the golden letter. */
            for (int c = 0; c < N_CHOICES; c++) {
                const int flip = c ^ q.gold;
                q.value[c] = flip & 1 ? not : s->v[q.attr];
                q.other_value[c] = flip & 2 ? other_not : s->v[q.other];
            }
            p->questions[p->n++] = q;
        }
    }
}

void pool_plan(uint64_t seed, struct scene *scenes, struct question *questions)
{
    struct plan p = { .scenes = scenes, .questions = questions, .seed = seed };
    for (int i = 0; i < N_SCENES; i++)
        scenes[i] = (struct scene){ .seed = bf_rng_for(seed, "", "scene", (uint64_t)i).s };
    plan_skips(&p);
    for (enum attr a = 0; a < N_ATTRS; a++)
        plan_attr(&p, a);
    plan_two(&p);
    assert(p.n == N_QUESTIONS);

    struct bf_rng r = bf_rng_for(seed, "", "order", 0);
    for (uint64_t i = N_QUESTIONS - 1; i > 0; i--) {
        const uint64_t k = bf_rng_below(&r, i + 1);
        const struct question q = questions[i];
        questions[i] = questions[k];
        questions[k] = q;
    }
}

void question_text(const struct question *q, struct bf_buf *out)
{
    static const char *const two[N_TEMPLATES][2] = {
        { "Which pair is true: ", "?" },
        { "Two things are asked: ", ". Which pair fits?" },
        { "Take together ", ": which of these holds?" },
        { "Which of the pairs describes ", "?" },
        { "Consider ", ". Which line has both correct?" },
        { "Only one line is correct about ", ". Which one?" },
    };
    const struct attr_words *w = &words[q->attr];
    if (q->kind == NEED_TWO) {
        bf_buf_printf(out, "%s%s, and %s%s", two[q->template][0], w->noun, words[q->other].noun,
                      two[q->template][1]);
        return;
    }
    const char *text = w->templates[q->template];
    const char *gap = q->kind == LEAK_WORD ? strstr(text, "%s") : NULL;
    if (gap) {
        bf_buf_add(out, text, (size_t)(gap - text));
        bf_buf_str(out, w->values[q->value[q->rule]]);
        text = gap + 2;
    }
    bf_buf_str(out, text);
}

void choice_text(const struct question *q, int i, struct bf_buf *out)
{
    const struct attr_words *w = &words[q->attr];
    if (q->kind == NEED_TWO)
        bf_buf_printf(out, "%s, %s", w->values[q->value[i]],
                      words[q->other].values[q->other_value[i]]);
    else if (q->kind == LEAK_LONGEST && i == q->rule)
        bf_buf_str(out, w->longs[q->value[i]]);
    else
        bf_buf_str(out, w->values[q->value[i]]);
}
