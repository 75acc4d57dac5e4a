#include "core/answer.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

static bool is_padding(unsigned char c)
{
    return isspace(c) || c == '.' || c == ',' || c == '!' || c == '?' || c == '"' || c == '\'';
}

/* The next character of `s` with runs of white space folded to one blank, lower case; 0 at
 * `end`. */
static int folded(const char **s, const char *end)
{
    if (*s >= end)
        return 0;
    unsigned char c = (unsigned char)*(*s)++;
    if (!isspace(c))
        return tolower(c);
    while (*s < end && isspace((unsigned char)**s))
        (*s)++;
    return ' ';
}

bool bf_answer_same_words(const char *a, size_t n_a, const char *b, size_t n_b)
{
    const char *ea = a + n_a, *eb = b + n_b;
    while (a < ea && is_padding((unsigned char)*a))
        a++;
    while (b < eb && is_padding((unsigned char)*b))
        b++;
    while (ea > a && is_padding((unsigned char)ea[-1]))
        ea--;
    while (eb > b && is_padding((unsigned char)eb[-1]))
        eb--;
    for (;;) {
        int x = folded(&a, ea), y = folded(&b, eb);
        if (x != y)
            return false;
        if (x == 0)
            return true;
    }
}

static bool same_words(const char *a, const char *b)
{
    return bf_answer_same_words(a, strlen(a), b, strlen(b));
}

/* "B", "b", "(B)", "B.", "B)": the index of one letter that is the whole text, or -1. */
static int read_letter(const char *s, size_t n)
{
    while (n && isspace((unsigned char)*s))
        s++, n--;
    while (n && isspace((unsigned char)s[n - 1]))
        n--;
    if (n && *s == '(')
        s++, n--;
    if (n == 0 || !isalpha((unsigned char)*s))
        return -1;
    const int letter = toupper((unsigned char)*s) - 'A';
    s++, n--;
    while (n && (*s == ')' || *s == '.' || *s == ':'))
        s++, n--;
    return n == 0 ? letter : -1;
}

static int read_choice(const struct bf_sample *s, const char *reply)
{
    for (int i = 0; i < s->n_choices; i++)
        if (strcmp(s->choices[i], reply) == 0)
            return i;
    const int letter = read_letter(reply, strlen(reply));
    if (letter >= 0 && s->task != BF_YESNO)
        return letter < s->n_choices ? letter : -1;
    int found = -1;
    for (int i = 0; i < s->n_choices; i++) {
        if (!same_words(s->choices[i], reply))
            continue;
        if (found >= 0)
            return -1; /* reads as two choices: not guessed */
        found = i;
    }
    return found;
}

/* "A, C" or "AC" is not accepted: letters stand apart with commas or blanks. */
static uint32_t read_set(const struct bf_sample *s, const char *reply)
{
    uint32_t set = 0;
    for (const char *p = reply; *p;) {
        size_t n = strcspn(p, ",; ");
        if (n) {
            const int letter = read_letter(p, n);
            if (letter < 0 || letter >= s->n_choices)
                return 0;
            set |= BF_BIT(letter);
        }
        p += n;
        p += *p != '\0';
    }
    return set;
}

float bf_answer_p_gold(const struct bf_sample *s, const struct bf_answer *a)
{
    if (a->cls == BF_FAILED || a->n_p == 0)
        return NAN;
    if (s->n_choices == 0)
        return a->p[0];
    return s->gold >= 0 && s->gold < a->n_p ? a->p[s->gold] : NAN;
}

/* The values of 1 - t are the doubles that the sources compute. */
float bf_answer_mra(double p, double y, bool equal_counts)
{
    static const double limits[] = { 0.5,
                                     0.44999999999999996,
                                     0.4,
                                     0.35,
                                     0.30000000000000004,
                                     0.25,
                                     0.19999999999999996,
                                     0.15000000000000002,
                                     0.10000000000000009,
                                     0.050000000000000044 };
    const double off = y == 0 ? (p == 0 ? 0 : INFINITY) : fabs(p - y) / fabs(y);
    int n = 0;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        n += equal_counts ? off <= limits[i] : off < limits[i];
    return (float)n / 10;
}

enum bf_answer_class bf_answer_judge(const struct bf_sample *s, const struct bf_answer *a)
{
    bool right = false;
    switch (s->task) {
    case BF_CHOICE:
    case BF_YESNO:
        right = a->choice == s->gold;
        break;
    case BF_CHOICES:
        right = a->set == s->gold_set;
        break;
    case BF_NUMBER:
        right = fabs(a->number - s->gold_number) <= 1e-6 * fmax(1.0, fabs(s->gold_number));
        break;
    case BF_FREE_TEXT:
        right = a->text && same_words(a->text, s->gold_text);
        break;
    case BF_TASK_COUNT:
        break;
    }
    return right ? BF_RIGHT : BF_WRONG;
}

void bf_answer_read(const struct bf_sample *s, const char *reply, struct bf_answer *out)
{
    bool read = false;
    *out = (struct bf_answer){ .choice = -1, .number = NAN, .text = reply };
    switch (s->task) {
    case BF_CHOICE:
    case BF_YESNO:
        out->choice = read_choice(s, reply);
        read = out->choice >= 0;
        break;
    case BF_CHOICES:
        out->set = read_set(s, reply);
        read = out->set != 0;
        break;
    case BF_NUMBER:
        read = bf_text_number(reply, &out->number);
        break;
    case BF_FREE_TEXT:
        read = reply[strspn(reply, " \t\r\n")] != '\0';
        break;
    case BF_TASK_COUNT:
        break;
    }
    out->cls = read ? bf_answer_judge(s, out) : BF_UNPARSED;
}
