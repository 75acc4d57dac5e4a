/* What samples without choices can be answered with. */
#include "probe/builtin/candidates.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *x, const void *y)
{
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static bool add(struct bf_candidates *c, double number, const char *text, struct bf_arena *a)
{
    c->number[c->n] = number;
    c->text[c->n] = text ? text : bf_arena_printf(a, "%.6g", number);
    return c->text[c->n++] != NULL;
}

/* Cut sorted numbers into ranges; a number never falls into two of them. */
static bool cut(const double *v, uint32_t n, int max, struct bf_candidates *out, struct bf_arena *a)
{
    bool there = true;
    for (uint32_t i = 0; i < n && there;) {
        /* what is left is shared among the ranges that are left */
        const uint32_t left = (uint32_t)(max - out->n);
        uint32_t end = left > 1 ? i + (n - i + left - 1) / left : n;
        while (end < n && v[end] == v[end - 1])
            end++;
        there = add(out, v[i + (end - i) / 2], NULL, a);
        out->upper[out->n - 1] = end < n ? (v[end - 1] + v[end]) / 2 : INFINITY;
        i = end;
    }
    return there;
}

int bf_candidates_of_numbers(double *v, uint32_t n, int max, struct bf_candidates *out,
                             struct bf_arena *a)
{
    uint32_t n_different = 0, n_once = 0;
    bool there = true;
    *out = (struct bf_candidates){ .covered = 1 };
    qsort(v, n, sizeof *v, by_value);
    for (uint32_t i = 0; i < n; i++) {
        const bool first = i == 0 || v[i] != v[i - 1], last = i + 1 == n || v[i + 1] != v[i];
        n_different += first;
        n_once += first && last;
    }
    out->bins = n_different > (uint32_t)max;
    if (out->bins)
        return cut(v, n, max, out, a) ? BF_OK : BF_ENOMEM;
    for (uint32_t i = 0; i < n && there; i++)
        if (i == 0 || v[i] != v[i - 1])
            there = add(out, v[i], NULL, a);
    out->covered = n ? 1 - (double)n_once / n : 0;
    return there ? BF_OK : BF_ENOMEM;
}

/* One answer in words, as it is compared and as it was written. */
struct said {
    const char *same, *text;
    uint32_t n; /* how often */
};

static bool is_padding(unsigned char c)
{
    return isspace(c) || (c && strchr(".,!?\"'", c));
}

/* Equal for what bf_answer_same_words() takes for the same; NULL = no memory. */
static const char *folded(const char *text, struct bf_arena *a)
{
    const char *end = text + strlen(text);
    while (text < end && is_padding((unsigned char)*text))
        text++;
    while (end > text && is_padding((unsigned char)end[-1]))
        end--;
    char *s = bf_arena_alloc(a, (size_t)(end - text) + 1, 1);
    size_t n = 0;
    for (; s && text < end; text++) {
        const bool blank = isspace((unsigned char)*text);
        if (!blank || s[n - 1] != ' ')
            s[n++] = blank ? ' ' : (char)tolower((unsigned char)*text);
    }
    return s;
}

static int by_words(const void *x, const void *y)
{
    return strcmp(((const struct said *)x)->same, ((const struct said *)y)->same);
}

static int by_count(const void *x, const void *y)
{
    const struct said *a = x, *b = y;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return strcmp(a->same, b->same);
}

int bf_candidates_of_texts(const char **v, uint32_t n, int max, struct bf_candidates *out,
                           struct bf_arena *a)
{
    uint32_t n_different = 0, n_once = 0;
    double n_covered = 0;
    *out = (struct bf_candidates){ 0 };
    struct said *s = bf_arena_alloc(a, (size_t)n + 1, sizeof *s);
    if (!s)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        s[i] = (struct said){ folded(v[i], a), v[i], 1 };
        if (!s[i].same)
            return BF_ENOMEM;
    }
    qsort(s, n, sizeof *s, by_words);
    for (uint32_t i = 0; i < n; i++) {
        if (n_different && strcmp(s[n_different - 1].same, s[i].same) == 0)
            s[n_different - 1].n++;
        else
            s[n_different++] = s[i];
    }
    qsort(s, n_different, sizeof *s, by_count);
    for (uint32_t i = 0; i < n_different; i++) {
        n_once += s[i].n == 1;
        if (s[i].n < 2 || out->n == max)
            continue;
        /* shown as it is compared, so that the order of the pool says nothing */
        (void)add(out, NAN, s[i].same, a);
        n_covered += s[i].n;
    }
    out->covered = n ? fmin(n_covered / n, 1 - (double)n_once / n) : 0;
    return BF_OK;
}

int bf_candidates_gold(const struct bf_candidates *c, const struct bf_sample *s)
{
    for (int i = 0; i < c->n; i++) {
        const double y = s->gold_number;
        if (s->task == BF_NUMBER && (c->bins ? y <= c->upper[i] : y == c->number[i]))
            return i;
        if (s->task == BF_FREE_TEXT && bf_answer_same_words(s->gold_text, strlen(s->gold_text),
                                                            c->text[i], strlen(c->text[i])))
            return i;
    }
    return -1;
}

static int best_number(const struct bf_candidates *c, const float *p)
{
    int best = 0;
    double most = -1;
    for (int i = 0; i < c->n; i++) {
        double mean = 0;
        for (int k = 0; k < c->n; k++)
            mean += (double)p[k] * (double)bf_answer_mra(c->number[i], c->number[k], false);
        if (mean > most) {
            most = mean;
            best = i;
        }
    }
    return best;
}

void bf_candidates_answer(const struct bf_candidates *c, const float *p, const struct bf_sample *s,
                          struct bf_answer *out)
{
    const int gold = bf_candidates_gold(c, s);
    int best = 0;
    for (int i = 1; i < c->n; i++)
        if (p[i] > p[best])
            best = i;
    *out = (struct bf_answer){ .choice = -1, .number = NAN, .n_p = 1 };
    out->p[0] = gold < 0 ? 0 : (float)((double)p[gold] * c->covered);
    if (s->task == BF_NUMBER) {
        out->number = c->number[best_number(c, p)];
        out->has_credit = true;
        out->credit = bf_answer_mra(out->number, s->gold_number, false);
        out->cls = out->credit >= 0.5f ? BF_RIGHT : BF_WRONG;
    } else {
        out->text = c->text[best];
        out->cls = bf_answer_judge(s, out);
    }
}
