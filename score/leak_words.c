/* Findings in words that the author of a benchmark can act on. */
#include "score/leak_words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/text.h"
#include "score/intervals.h"

enum { MAX_SAID = 80 }; /* characters of a question or choice in a sentence */

/* Where words `at` .. `at + len - 1` of a text stand in it: the shortest stretch that reads as
 * these words. False when there is none (texts of many words). */
static bool stretch(const char *text, int at, int len, const char **from, size_t *n)
{
    struct bf_word all[BF_MAX_WORDS], some[BF_MAX_WORDS];
    char part[512];
    if (bf_words_of(text, all) < at + len)
        return false;
    const size_t length = strlen(text);
    for (size_t begin = 0; begin < length; begin++) {
        /* the words from here on must be those from `at` on */
        const int rest = bf_words_of(text + begin, some);
        if (rest == 0 || some[0].hash != all[at].hash ||
            ((unsigned char)text[begin] < 128 && !isalnum((unsigned char)text[begin])) ||
            (rest >= len && bf_words_hash(some, len) != bf_words_hash(&all[at], len)))
            continue;
        for (size_t size = 1; size < sizeof part && begin + size <= length; size++) {
            memcpy(part, text + begin, size);
            part[size] = '\0';
            if (bf_words_of(part, some) == len &&
                bf_words_hash(some, len) == bf_words_hash(&all[at], len)) {
                *from = text + begin;
                *n = size;
                return true;
            }
        }
    }
    return false;
}

static const char *words_at(const char *text, int at, int len, struct bf_arena *a)
{
    const char *from = text;
    size_t n = strlen(text);
    (void)stretch(text, at, len, &from, &n); /* else the whole text is said */
    char *out = bf_arena_strndup(a, from, n);
    for (char *c = out; c && *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return out;
}

/* A text as a sentence shows it: one line, not too long. */
static const char *shown(const char *text, struct bf_arena *a)
{
    size_t n = strlen(text);
    const bool cut = n > MAX_SAID;
    if (cut)
        for (n = MAX_SAID; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
            n--;
    char *out = bf_arena_printf(a, "%.*s%s", (int)n, text, cut ? " ..." : "");
    if (out)
        bf_text_plain(out);
    return out;
}

static const struct bf_sample *sample_of(const struct bf_leak_view *v, uint32_t index)
{
    return &v->pool->samples[index];
}

/* The group as outputs name it. */
static const char *group_name(const struct bf_leak_view *v, uint32_t group, struct bf_arena *a)
{
    const struct bf_leak_group *g = &v->group[group];
    const struct bf_sample *s = sample_of(v, g->first);
    switch (g->kind) {
    case BF_GROUP_CATEGORY:
        return bf_arena_printf(a, "category=%s", s->category);
    case BF_GROUP_FIELD:
        return bf_arena_printf(a, "%s=%s", s->extras[g->at].name, s->extras[g->at].value);
    case BF_GROUP_QUESTION:
        return bf_arena_printf(a, "question=%s", s->question);
    case BF_GROUP_HEAD:
        return bf_arena_printf(a, "head=%s", words_at(s->question, 0, g->len, a));
    case BF_GROUP_TEMPLATE:
        return bf_arena_printf(a, "template=%s", s->question);
    case BF_GROUP_PHRASE:
        return bf_arena_printf(a, "phrase=%s", words_at(s->question, g->at, g->len, a));
    case BF_GROUP_ALL:
    case BF_GROUP_KINDS:
        break;
    }
    return "all";
}

/* The group as a sentence names it: "questions", "`where` questions". */
static const char *group_words(const struct bf_leak_view *v, uint32_t group, struct bf_arena *a)
{
    const struct bf_leak_group *g = &v->group[group];
    const struct bf_sample *s = sample_of(v, g->first);
    switch (g->kind) {
    case BF_GROUP_CATEGORY:
        return bf_arena_printf(a, "questions of category `%s`", shown(s->category, a));
    case BF_GROUP_FIELD:
        return bf_arena_printf(a, "questions with %s `%s`", shown(s->extras[g->at].name, a),
                               shown(s->extras[g->at].value, a));
    case BF_GROUP_QUESTION:
        return bf_arena_printf(a, "questions \"%s\"", shown(s->question, a));
    case BF_GROUP_HEAD:
        return bf_arena_printf(a, "`%s` questions", shown(words_at(s->question, 0, g->len, a), a));
    case BF_GROUP_TEMPLATE:
        return bf_arena_printf(a, "questions like \"%s\"", shown(s->question, a));
    case BF_GROUP_PHRASE:
        return bf_arena_printf(a, "questions with \"%s\"",
                               shown(words_at(s->question, g->at, g->len, a), a));
    case BF_GROUP_ALL:
    case BF_GROUP_KINDS:
        break;
    }
    return "questions";
}

/* The text, word or value that a unit stands for, in the words of the pool. */
static const char *unit_text(const struct bf_leak_view *v, uint32_t unit, struct bf_arena *a)
{
    const struct bf_leak_unit *u = &v->unit[unit];
    const struct bf_sample *s = sample_of(v, u->first);
    if (u->kind == BF_UNIT_VALUE)
        return s->gold_text ? s->gold_text : "";
    const char *choice = s->choices[u->at / 256];
    return u->kind == BF_UNIT_TEXT ? choice : words_at(choice, u->at % 256, 1, a);
}

static const char *percent(double rate, struct bf_arena *a)
{
    return bf_arena_printf(a, rate > 0 && rate < 0.095 ? "%.1f %%" : "%.0f %%", 100 * rate);
}

/* "(chance 25 %, n = 380)" */
static const char *behind(const struct bf_leak *l, struct bf_arena *a)
{
    return bf_arena_printf(a, "(chance %s, n = %u)", percent(l->chance, a), l->n);
}

/* "in 41 % of ", "in all ", "in none of the " */
static const char *how_often(const struct bf_leak *l, struct bf_arena *a)
{
    if (l->k == l->n)
        return "in all ";
    if (l->k == 0)
        return "in none of the ";
    return bf_arena_printf(a, "in %s%s of ", l->rate < l->chance ? "only " : "",
                           percent(l->rate, a));
}

static const char *say_shape(const struct bf_leak *l, enum bf_shape shape, const char *questions,
                             struct bf_arena *a)
{
    const struct bf_shape_row *row = &bf_shape_rows[shape];
    if (!row->some && (l->k == l->n || l->k == 0))
        return bf_arena_printf(a, "the gold choice is %s %s in %s (%u of %u, chance %s)",
                               l->k ? "always" : "never", row->says, questions, l->k, l->n,
                               percent(l->chance, a));
    if (!row->some)
        return bf_arena_printf(a, "the gold choice is %s %s%s %s", row->says, how_often(l, a),
                               questions, behind(l, a));
    return bf_arena_printf(a, "a choice that %s is right %s%s where not every choice is such %s",
                           row->says, how_often(l, a), questions, behind(l, a));
}

static const char *say_unit(const struct bf_leak_view *v, const struct bf_leak *l,
                            const struct bf_leak_taken *t, const char *questions,
                            struct bf_arena *a)
{
    const char *what = shown(l->what, a);
    const enum bf_leak_unit_kind kind = v->unit[t->find.cue].kind;
    if (kind == BF_UNIT_VALUE)
        return bf_arena_printf(
            a, "the answer is \"%s\" %s%s (%s if all %u answers were alike, n = %u)", what,
            how_often(l, a), questions, percent(l->chance, a), t->find.values, l->n);
    if (kind == BF_UNIT_WORD)
        return bf_arena_printf(a, "choices with the word \"%s\" are right %s%s that have one %s",
                               what, how_often(l, a), questions, behind(l, a));
    if (t->one_question) {
        const char *asked = shown(sample_of(v, t->samples[0])->question, a);
        if (l->k == l->n)
            return bf_arena_printf(a, "the answer to \"%s\" is always \"%s\" (%u of %u, chance %s)",
                                   asked, what, l->k, l->n, percent(l->chance, a));
        return bf_arena_printf(a, "the answer to \"%s\" is \"%s\" in %u of %u (chance %s)", asked,
                               what, l->k, l->n, percent(l->chance, a));
    }
    if (l->k == l->n)
        return bf_arena_printf(
            a, "the answer is always \"%s\" in %s that offer it (%u of %u, chance %s)", what,
            questions, l->k, l->n, percent(l->chance, a));
    return bf_arena_printf(a, "the answer is \"%s\" %s%s that offer it %s", what, how_often(l, a),
                           questions, behind(l, a));
}

static const char *repair_name(enum bf_leak_repair r)
{
    static const char *const names[] = { "shuffle", "level", "new_choices", "rewrite", "balance" };
    return names[r];
}

static enum bf_leak_repair repair_of(const struct bf_leak_view *v, const struct bf_leak_find *f)
{
    if (f->is_shape)
        return bf_shape_rows[f->cue].repair;
    const struct bf_leak_unit *u = &v->unit[f->cue];
    if (u->kind == BF_UNIT_WORD)
        return BF_LEAK_NEW_CHOICES;
    return BF_LEAK_BALANCE;
}

int bf_leak_say(const struct bf_leak_view *view, const struct bf_leak_taken *taken,
                struct bf_leak *out, struct bf_arena *a)
{
    static const char *const units[] = { "text", "word", "value" };
    const struct bf_leak_find *f = &taken->find;
    const struct bf_interval wilson = bf_wilson(f->k, f->n);
    *out = (struct bf_leak){
        .cue = f->is_shape ? bf_shape_rows[f->cue].name : units[view->unit[f->cue].kind],
        .what = f->is_shape ? "" : unit_text(view, f->cue, a),
        .group = group_name(view, f->group, a),
        .sure = taken->sure,
        .n = f->n,
        .k = f->k,
        .rate = (double)f->k / f->n,
        .lo = wilson.lo,
        .hi = wilson.hi,
        .chance = f->chance,
        .p = taken->p,
        .q = taken->q,
        .repair = repair_name(repair_of(view, f)),
        .n_given = taken->n_given,
        .n_other = taken->n_other,
        .samples = taken->samples,
    };
    if (!out->what || !out->group)
        return BF_ENOMEM;
    const char *questions = group_words(view, f->group, a);
    if (!questions)
        return BF_ENOMEM;
    out->sentence = f->is_shape ? say_shape(out, (enum bf_shape)f->cue, questions, a)
                                : say_unit(view, out, taken, questions, a);
    return out->sentence ? BF_OK : BF_ENOMEM;
}
