/* In which order choices are shown, and which of them must keep their place. */
#include "core/order.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/media.h"
#include "core/rng.h"

enum { MAX_WORDS = 12 };

/* The first words of a choice: runs of letters, digits and what is not ASCII. */
struct words {
    int n;
    bool more; /* there are others */
    bool odd;  /* it holds signs that are not mere punctuation: "A#", "A/C", "A > B" */
    struct {
        const char *s;
        int len;
    } w[MAX_WORDS];
};

enum kind {
    PLAIN,
    KEPT,    /* speaks of the other choices as a whole: "none of the above" */
    LETTER,  /* is the letter of a place */
    NUMERAL, /* is a Roman number */
    REFERS   /* speaks of places by their letters: "both A and C" */
};

struct reading {
    enum kind kind;
    uint32_t places; /* LETTER, REFERS: bit per place named */
};

static void split(const char *s, struct words *out)
{
    *out = (struct words){ 0 };
    while (*s) {
        const char *start = s;
        while (isalnum((unsigned char)*s) || (unsigned char)*s >= 0x80)
            s++;
        if (s == start) {
            out->odd |= !isspace((unsigned char)*s) && !strchr(",;.:!?()\"&", *s);
            s++;
        } else if (out->n == MAX_WORDS) {
            out->more = true;
            return;
        } else {
            out->w[out->n].s = start;
            out->w[out->n++].len = (int)(s - start);
        }
    }
}

/* Whether word `i` is one of `list`, words with blanks around each. */
static bool is_one_of(const struct words *w, int i, const char *list)
{
    const size_t len = (size_t)w->w[i].len;
    for (const char *p = list + 1, *end; *p; p = end + 1) {
        end = strchr(p, ' ');
        if ((size_t)(end - p) == len && strncasecmp(p, w->w[i].s, len) == 0)
            return true;
    }
    return false;
}

/* The place that word `i` names, or -1: one letter among the first `n_choices`. */
static int place_of(const struct words *w, int i, int n_choices)
{
    const unsigned char c = (unsigned char)*w->w[i].s;
    const int place = w->w[i].len == 1 && isalpha(c) ? toupper(c) - 'A' : -1;
    return place < n_choices ? place : -1;
}

static bool is_numeral(const struct words *w, int i)
{
    return is_one_of(w, i, " i ii iii iv v vi vii viii ix x xi xii ");
}

#define TRUTH " is are be correct true right false wrong incorrect possible apply applies valid "

/* "All of the above", "None of these", "Both", "Neither is correct", "None of the other answers";
 * "None of the above, since ..." too. Every word counts: "all of them eat" is a choice like any
 * other. */
static bool speaks_of_all(const struct words *w)
{
    if (w->n == 0 || !is_one_of(w, 0, " all none non neither either both any "))
        return false;
    if (w->n == 1)
        return true;
    int i = 1;
    while (i < w->n && i < 3 && is_one_of(w, i, " of ot the "))
        i++;
    if (i < w->n && is_one_of(w, i, " above "))
        return true;
    if (w->more || w->odd)
        return false;
    bool others = false;
    for (i = 1; i < w->n; i++) {
        const bool other = is_one_of(w, i,
                                     " above below these those them others other options "
                                     "choices answers alternatives responses option choice "
                                     "answer preceding foregoing correct true right false "
                                     "wrong incorrect ");
        if (!other && !is_one_of(w, i, TRUTH) &&
            !is_one_of(w, i, " of the listed given mentioned stated provided two three four "))
            return false;
        others |= other;
    }
    return others;
}

/* "Both A and C", "A and B only", "(A) and (B)", "Options A, B and D are correct": nothing but
 * letters of places and words that join them. Two letters, or one with "only" or "option". */
static uint32_t places_named(const struct words *w, int n_choices, bool numerals)
{
    uint32_t places = 0;
    int n = 0;
    bool singled_out = false;
    if (w->more || w->odd)
        return 0;
    for (int i = 0; i < w->n; i++) {
        const int place = numerals && is_numeral(w, i) ? -1 : place_of(w, i, n_choices);
        const bool noun = is_one_of(w, i, " option options choice choices answer answers ");
        if (place >= 0) {
            n += !(places & BF_BIT(place));
            places |= BF_BIT(place);
        } else if (!noun && !is_one_of(w, i, TRUTH) &&
                   !is_one_of(w, i, " both neither either all none any of and or nor only but ")) {
            return 0;
        }
        /* "option A", not "a option" */
        singled_out |= is_one_of(w, i, " only ") ||
                       (noun && i + 1 < w->n && place_of(w, i + 1, n_choices) >= 0);
    }
    return n >= 2 || (n == 1 && singled_out) ? places : 0;
}

#undef TRUTH

static struct reading read_choice(const struct words *w, int n_choices, bool numerals)
{
    if (speaks_of_all(w))
        return (struct reading){ .kind = KEPT };
    if (w->n == 1 && !w->odd) {
        const int place = place_of(w, 0, n_choices);
        if (is_numeral(w, 0) && (numerals || place < 0))
            return (struct reading){ .kind = NUMERAL };
        if (place >= 0)
            return (struct reading){ .kind = LETTER, .places = BF_BIT(place) };
    }
    const uint32_t places = places_named(w, n_choices, numerals);
    return (struct reading){ .kind = places ? REFERS : PLAIN, .places = places };
}

/* "A. cat", "(B) dog", "C: cow": every choice brings the letter of its place along. */
static bool brings_letters(const struct bf_sample *s)
{
    for (int i = 0; i < s->n_choices; i++) {
        const char *c = s->choices[i] + (*s->choices[i] == '(');
        if (toupper((unsigned char)*c) != 'A' + i || !c[1] || !strchr(".):", c[1]))
            return false;
    }
    return s->n_choices >= 2;
}

uint32_t bf_order_anchored(const struct bf_sample *s)
{
    struct words words[BF_MAX_CHOICES];
    struct reading r[BF_MAX_CHOICES];
    uint32_t kept = 0, refers = 0;
    int n_letters = 0, n_numerals = 0;
    bool numerals = false; /* then "I" is a number as well */

    for (int i = 0; i < s->n_choices; i++) {
        split(s->choices[i], &words[i]);
        for (int k = 0; k < words[i].n; k++)
            numerals |= words[i].w[k].len > 1 && is_numeral(&words[i], k);
    }
    for (int i = 0; i < s->n_choices; i++) {
        r[i] = read_choice(&words[i], s->n_choices, numerals);
        kept |= r[i].kind == KEPT ? BF_BIT(i) : 0;
        refers |= r[i].kind == REFERS ? BF_BIT(i) : 0;
        n_letters += r[i].kind == LETTER;
        n_numerals += r[i].kind == NUMERAL;
    }
    bool all = n_letters >= 2 || (numerals && n_numerals >= 2) || brings_letters(s);
    /* "B and E" where every choice is a pair of letters means letters in a picture: a reference
     * leads to choices that are none. */
    for (int i = 0; i < s->n_choices; i++)
        all |= r[i].kind == REFERS && !(r[i].places & refers);
    return all ? (uint32_t)((UINT64_C(1) << s->n_choices) - 1) : kept;
}

/* The q-th of the (n - 1)! orders of v[1 .. n), the 0-th being the one that is there; v[0] stays.
 * The digits of `q` in the factorial system are the swaps of Fisher and Yates. */
static void next_order(uint8_t *v, int n, int q)
{
    for (int i = n - 1; i > 1 && q > 0; i--) {
        const int k = i - q % i;
        const uint8_t t = v[i];
        v[i] = v[k];
        v[k] = t;
        q /= i;
    }
}

void bf_order_of(enum bf_orders orders, uint64_t seed, const struct bf_sample *s, int trial,
                 uint8_t order_out[BF_MAX_CHOICES])
{
    uint32_t v[BF_MAX_CHOICES];
    uint8_t base[BF_MAX_CHOICES] = { 0 }, places[BF_MAX_CHOICES];
    int n = 0;

    for (int i = 0; i < s->n_choices; i++)
        order_out[i] = (uint8_t)i;
    if (orders == BF_ORDER_FIXED || s->task == BF_YESNO || trial < 0)
        return;
    const uint32_t anchored = s->anchored_known ? s->anchored : bf_order_anchored(s);
    for (int i = 0; i < s->n_choices; i++)
        if (!(anchored & BF_BIT(i)))
            v[n] = places[n] = (uint8_t)i, n++;
    if (n < 2)
        return;

    /* The first trial shows the same, whatever comes after it. */
    const uint64_t draw = orders == BF_ORDER_SHUFFLED ? (uint64_t)trial : 0;
    struct bf_rng r = bf_rng_for(seed, s->id, "order", draw);
    bf_rng_shuffle(&r, v, (uint32_t)n);
    for (int i = 0; i < n; i++)
        base[i] = (uint8_t)v[i];
    const int turn = orders == BF_ORDER_SHUFFLED ? 0 : trial % n;
    /* All orders: every turn of one, then every turn of the next, so that few trials serve every
     * place too. */
    if (orders == BF_ORDER_ALL)
        next_order(base, n, trial / n);
    for (int i = 0; i < n; i++)
        order_out[places[i]] = base[(i + turn) % n];
}
