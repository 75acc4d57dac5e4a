/* Cues that the looks and the place of choices give. */
#include "score/leak_shapes.h"

#include <math.h>
#include <string.h>

#include "core/hash.h"
#include "core/marker.h"
#include "core/text.h"

#define LETTER(name, of)                                                                           \
    {                                                                                              \
        name, of, false, false, BF_LEAK_SHUFFLE                                                    \
    }

const struct bf_shape_row bf_shape_rows[BF_SHAPE_COUNT] = {
    LETTER("letter_a", "A"),
    LETTER("letter_b", "B"),
    LETTER("letter_c", "C"),
    LETTER("letter_d", "D"),
    LETTER("letter_e", "E"),
    LETTER("letter_f", "F"),
    LETTER("letter_g", "G"),
    LETTER("letter_h", "H"),
    LETTER("letter_i", "I"),
    LETTER("letter_j", "J"),
    LETTER("last", "the last"),
    LETTER("inner", "neither the first nor the last"),
    { "longest", "the longest", false, true, BF_LEAK_LEVEL },
    { "shortest", "the shortest", false, true, BF_LEAK_LEVEL },
    { "second_longest", "the second longest", false, true, BF_LEAK_LEVEL },
    { "medium", "neither the longest nor the shortest", false, true, BF_LEAK_LEVEL },
    { "largest", "the largest number", false, true, BF_LEAK_NEW_CHOICES },
    { "smallest", "the smallest number", false, true, BF_LEAK_NEW_CHOICES },
    { "between", "neither the largest nor the smallest number", false, true, BF_LEAK_NEW_CHOICES },
    { "round", "is a round number", true, true, BF_LEAK_NEW_CHOICES },
    { "most_overlap", "the one with most words of the question", false, false, BF_LEAK_REWRITE },
    { "least_overlap", "the one with fewest words of the question", false, false, BF_LEAK_REWRITE },
    { "most_like", "the one most like the others", false, true, BF_LEAK_NEW_CHOICES },
    { "least_like", "the one least like the others", false, true, BF_LEAK_NEW_CHOICES },
    { "meta", "is of the kind \"all of the above\"", true, true, BF_LEAK_NEW_CHOICES },
    { "specific", "the one with most words that no other choice has", false, true, BF_LEAK_LEVEL },
    { "absolute", "says \"always\", \"never\", \"only\" or the like", true, true,
      BF_LEAK_NEW_CHOICES },
    { "hedged", "says \"usually\", \"often\", \"may\" or the like", true, true,
      BF_LEAK_NEW_CHOICES },
    { "negated", "says \"not\", \"no\" or the like", true, true, BF_LEAK_NEW_CHOICES },
    { "digits", "has digits", true, true, BF_LEAK_NEW_CHOICES },
    { "brackets", "has brackets or a comma", true, true, BF_LEAK_LEVEL },
    { "full_stop", "ends with a full stop", true, true, BF_LEAK_LEVEL },
    { "capital", "begins with a capital letter", true, true, BF_LEAK_LEVEL },
    { "type", "the only one of its kind (number, word or phrase)", false, true,
      BF_LEAK_NEW_CHOICES },
    { "rarest", "the one found least often elsewhere in the pool", false, true,
      BF_LEAK_NEW_CHOICES },
    { "commonest", "the one found most often elsewhere in the pool", false, true,
      BF_LEAK_NEW_CHOICES },
};
#undef LETTER

/* Words by which test-wise people know the wrong choice (or the right one). */
enum list { ABSOLUTE, HEDGED, NEGATED, META, N_LISTS, LIST_MAX = 12 };

static const char *const lists[N_LISTS][LIST_MAX] = {
    { "always", "never", "only", "every", "must", "completely", "entirely", "impossible", "cannot",
      "none" },
    { "usually", "often", "may", "might", "sometimes", "generally", "probably", "likely", "some" },
    { "not", "no", "without", "neither", "nor", "isn't", "doesn't", "nothing", "nobody" },
    { "all of the above", "none of the above", "both of the above", "all of these", "none of these",
      "none of them", "all of them", "cannot be determined", "not enough information",
      "none of the other choices", "any of the above" },
};

/* Their hashes: of the word, or of all words of an entry that stands for a whole choice. */
static void make_lists(struct bf_leak_question *q)
{
    for (int l = 0; l < N_LISTS; l++)
        for (int i = 0; i < LIST_MAX && lists[l][i]; i++) {
            const int n = bf_words_of(lists[l][i], q->w);
            q->lists[l][i] = l == META ? bf_words_hash(q->w, n) : q->w[0].hash;
        }
    q->ready = true;
}

static uint32_t characters(const char *s)
{
    uint32_t n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

static const char *choice_text(struct bf_leak_question *q, const struct bf_sample *s, int j)
{
    bool shows = false;
    for (int p = 0; p < s->n_parts; p++)
        shows |= s->parts[p].in_choice && s->parts[p].choice == j + 1;
    if (!shows)
        return s->choices[j];
    q->text.len = 0;
    bf_choice_print(NULL, s, j, &q->text);
    return q->text.data && !q->text.failed ? q->text.data : "";
}

/* "100 mm/s" is the number 100 */
static bool leading_number(const char *text, double *out)
{
    char head[32] = { 0 };
    const size_t n = strspn(text, " +-.0123456789");
    memcpy(head, text, n < sizeof head ? n : 0);
    return bf_text_number(head, out);
}

int bf_leak_read(struct bf_leak_question *q, const struct bf_sample *s)
{
    if (!q->ready)
        make_lists(q);
    q->n = bf_words_of(s->question, q->w);
    q->k = s->n_choices;
    for (int j = 0; j < q->k; j++) {
        struct bf_leak_choice *c = &q->c[j];
        const char *text = choice_text(q, s, j);
        c->n = bf_words_of(text, c->w);
        c->text = c->n ? bf_words_hash(c->w, c->n) : bf_hash64(text, strlen(text), 5);
        c->length = characters(text);
        c->is_number = leading_number(text, &c->number);
    }
    return q->text.failed ? BF_ENOMEM : BF_OK;
}

static bool has(const struct bf_word *w, int n, uint64_t hash)
{
    for (int i = 0; i < n; i++)
        if (w[i].hash == hash)
            return true;
    return false;
}

/* Bit of the choice whose value is above that of all others, 0 when there is none. */
static uint32_t top(const double *v, int k, double sign)
{
    int best = 0;
    bool alone = true;
    for (int j = 1; j < k; j++) {
        if (sign * v[j] > sign * v[best]) {
            best = j;
            alone = true;
        } else if (v[j] == v[best]) {
            alone = false;
        }
    }
    return alone ? BF_BIT(best) : 0;
}

static bool listed(const struct bf_leak_question *q, const struct bf_leak_choice *c,
                   enum list which)
{
    for (int i = 0; i < LIST_MAX && q->lists[which][i]; i++)
        if (which == META ? c->text == q->lists[which][i] : has(c->w, c->n, q->lists[which][i]))
            return true;
    return false;
}

/* What some choices have and others lack: none when all or no choices have it. */
static uint32_t some(uint32_t mask, int k)
{
    return mask == BF_BIT(k) - 1 ? 0 : mask;
}

static void places(const struct bf_leak_question *q, uint32_t *out)
{
    for (int j = 0; j < q->k && j < BF_SHAPE_LAST; j++)
        out[BF_SHAPE_LETTER + j] = BF_BIT(j);
    out[BF_SHAPE_LAST] = BF_BIT(q->k - 1);
    if (q->k > 3)
        out[BF_SHAPE_INNER] = (BF_BIT(q->k - 1) - 1) & ~1u;
}

static void lengths(const struct bf_leak_question *q, uint32_t *out)
{
    double v[BF_MAX_CHOICES];
    for (int j = 0; j < q->k; j++)
        v[j] = q->c[j].length;
    out[BF_SHAPE_LONGEST] = top(v, q->k, 1);
    out[BF_SHAPE_SHORTEST] = top(v, q->k, -1);
    if (q->k > 2 && out[BF_SHAPE_LONGEST] && out[BF_SHAPE_SHORTEST])
        out[BF_SHAPE_MEDIUM] =
            (BF_BIT(q->k) - 1) & ~(out[BF_SHAPE_LONGEST] | out[BF_SHAPE_SHORTEST]);
    if (q->k > 3 && out[BF_SHAPE_LONGEST]) {
        for (int j = 0; j < q->k; j++)
            if (out[BF_SHAPE_LONGEST] & BF_BIT(j))
                v[j] = -1;
        out[BF_SHAPE_SECOND] = top(v, q->k, 1);
    }
}

static void numbers(const struct bf_leak_question *q, uint32_t *out)
{
    double v[BF_MAX_CHOICES];
    uint32_t round = 0;
    for (int j = 0; j < q->k; j++) {
        if (!q->c[j].is_number)
            return;
        v[j] = q->c[j].number;
        if (fmod(v[j], 10) == 0)
            round |= BF_BIT(j);
    }
    out[BF_SHAPE_LARGEST] = top(v, q->k, 1);
    out[BF_SHAPE_SMALLEST] = top(v, q->k, -1);
    if (q->k > 2 && out[BF_SHAPE_LARGEST] && out[BF_SHAPE_SMALLEST])
        out[BF_SHAPE_BETWEEN] =
            (BF_BIT(q->k) - 1) & ~(out[BF_SHAPE_LARGEST] | out[BF_SHAPE_SMALLEST]);
    out[BF_SHAPE_ROUND] = some(round, q->k);
}

static void alike(const struct bf_leak_question *q, uint32_t *out)
{
    double overlap[BF_MAX_CHOICES], like[BF_MAX_CHOICES], own[BF_MAX_CHOICES];
    bool differ = false;
    for (int j = 0; j < q->k; j++) {
        const struct bf_leak_choice *c = &q->c[j];
        int shared = 0, alone = 0;
        double sum = 0;
        for (int i = 0; i < c->n; i++) {
            int elsewhere = 0;
            for (int o = 0; o < q->k; o++)
                elsewhere += o != j && has(q->c[o].w, q->c[o].n, c->w[i].hash);
            shared += c->w[i].content && has(q->w, q->n, c->w[i].hash);
            alone += c->w[i].content && !elsewhere;
            sum += elsewhere;
        }
        overlap[j] = shared;
        own[j] = alone;
        like[j] = c->n ? sum / c->n : 0;
        differ |= like[j] != like[0];
    }
    out[BF_SHAPE_MOST_OVERLAP] = top(overlap, q->k, 1);
    out[BF_SHAPE_LEAST_OVERLAP] = q->k > 2 ? top(overlap, q->k, -1) : 0;
    out[BF_SHAPE_SPECIFIC] = top(own, q->k, 1);
    if (q->k > 2 && differ) {
        out[BF_SHAPE_MOST_LIKE] = top(like, q->k, 1);
        out[BF_SHAPE_LEAST_LIKE] = top(like, q->k, -1);
    }
}

/* Number, one word, or more. */
static int type_of(const struct bf_leak_choice *c)
{
    return c->is_number ? 0 : c->n <= 1 ? 1 : 2;
}

static void forms(const struct bf_leak_question *q, const struct bf_sample *s, uint32_t *out)
{
    static const struct {
        enum bf_shape shape;
        enum list list;
    } by_list[] = { { BF_SHAPE_ABSOLUTE, ABSOLUTE },
                    { BF_SHAPE_HEDGED, HEDGED },
                    { BF_SHAPE_NEGATED, NEGATED },
                    { BF_SHAPE_META, META } };
    uint32_t digits = 0, brackets = 0, stop = 0, capital = 0, only = 0;
    for (int j = 0; j < q->k; j++) {
        const char *text = s->choices[j];
        const size_t n = strlen(text);
        int same = 0;
        digits |= strpbrk(text, "0123456789") ? BF_BIT(j) : 0;
        brackets |= strpbrk(text, ",(") ? BF_BIT(j) : 0;
        stop |= n && text[n - 1] == '.' ? BF_BIT(j) : 0;
        capital |= text[0] >= 'A' && text[0] <= 'Z' ? BF_BIT(j) : 0;
        for (int o = 0; o < q->k; o++)
            same += type_of(&q->c[o]) == type_of(&q->c[j]);
        only |= same == 1 ? BF_BIT(j) : 0;
    }
    out[BF_SHAPE_DIGITS] = some(digits, q->k);
    out[BF_SHAPE_BRACKETS] = some(brackets, q->k);
    out[BF_SHAPE_STOP] = some(stop, q->k);
    out[BF_SHAPE_CAPITAL] = some(capital, q->k);
    if (q->k > 2 && only && (only & (only - 1)) == 0)
        out[BF_SHAPE_TYPE] = only;
    for (size_t i = 0; i < sizeof by_list / sizeof *by_list; i++) {
        uint32_t mask = 0;
        for (int j = 0; j < q->k; j++)
            mask |= listed(q, &q->c[j], by_list[i].list) ? BF_BIT(j) : 0;
        out[by_list[i].shape] = some(mask, q->k);
    }
}

void bf_leak_shapes(const struct bf_leak_question *q, const struct bf_sample *s,
                    const uint32_t *often, uint32_t *out)
{
    double seen[BF_MAX_CHOICES];
    memset(out, 0, BF_SHAPE_COUNT * sizeof *out);
    /* yes and no are shown in one order, and differ in length by their nature */
    if (s->task == BF_YESNO)
        return;
    places(q, out);
    bool words = false;
    for (int j = 0; j < q->k; j++) {
        words |= q->c[j].length > 0;
        seen[j] = often[j];
    }
    if (!words)
        return;
    lengths(q, out);
    numbers(q, out);
    alike(q, out);
    forms(q, s, out);
    out[BF_SHAPE_RAREST] = top(seen, q->k, -1);
    out[BF_SHAPE_COMMONEST] = top(seen, q->k, 1);
}
