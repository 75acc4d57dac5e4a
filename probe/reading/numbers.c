/* The number that a reply gives. */
#include <ctype.h>
#include <string.h>

#include "core/text.h"
#include "probe/reading/strict.h"

/* One number at the start of `t`, "1,234.5" and "-3e8" among them: bytes taken, or 0. `odd` when
 * its commas are no thousands separators, or it is an ordinal. */
static size_t number_at(struct bf_span t, double *out, bool *odd)
{
    char text[64];
    size_t i = 0, n = 0, n_digits = 0;
    bool commas = false, point = false;
    if (bf_span_begins(t, "\xe2\x88\x92")) /* the minus sign of typography */
        i = 3;
    else if (t.n && strchr("+-", *t.s))
        i = 1;
    if (i && *t.s != '+')
        text[n++] = '-';
    for (; i < t.n && n + 8 < sizeof text; i++) {
        const char c = t.s[i];
        const bool digit = isdigit((unsigned char)c) != 0;
        const bool next = i + 1 < t.n && isdigit((unsigned char)t.s[i + 1]);
        if (digit) {
            text[n++] = c;
            n_digits++;
        } else if (c == '.' && next && !point) {
            *odd |= commas && n_digits != 3;
            text[n++] = c;
            point = true;
        } else if (c == ',' && next && !point) {
            *odd |= commas ? n_digits != 3 : n_digits == 0 || n_digits > 3;
            commas = true;
            n_digits = 0;
        } else {
            break;
        }
    }
    if (n == 0 || !isdigit((unsigned char)text[n - 1]))
        return 0;
    *odd |= commas && !point && n_digits != 3;
    size_t e = i + 1;
    if (i < t.n && tolower((unsigned char)t.s[i]) == 'e') {
        e += e < t.n && strchr("+-", t.s[e]);
        if (e < t.n && isdigit((unsigned char)t.s[e])) {
            while (e < t.n && isdigit((unsigned char)t.s[e]))
                e++;
            *odd |= n + (e - i) >= sizeof text;
            for (; i < e && n + 1 < sizeof text; i++)
                text[n++] = t.s[i];
        }
    }
    const struct bf_span rest = bf_span_from(t, i);
    static const char *const ordinals[] = { "st", "nd", "rd", "th" };
    for (size_t k = 0; k < sizeof ordinals / sizeof *ordinals; k++)
        *odd |= bf_span_begins(rest, ordinals[k]) && !bf_span_is_word(rest, 2);
    text[n] = '\0';
    return bf_text_number(text, out) ? i : 0;
}

struct bf_claim bf_claim_number(struct bf_span t)
{
    struct bf_claim out = { .number = 0 };
    for (size_t i = 0; i < t.n;) {
        const char before = i ? t.s[i - 1] : ' ', c = t.s[i];
        const bool joined = bf_span_is_word(t, i - (i > 0)) && i > 0;
        bool odd = false;
        double x = 0;
        size_t n = 0;
        if (c == '=')
            out = (struct bf_claim){ .number = 0 };
        if (!joined && before != '^' && before != '.')
            n = number_at(bf_span_from(t, i), &x, &odd);
        if (n)
            out = bf_claim_merge(out, (struct bf_claim){ .state = odd ? BF_CLAIM_CONFLICT
                                                                      : BF_CLAIM_MADE,
                                                         .number = x });
        i += n ? n : 1;
        while (n && i < t.n && isdigit((unsigned char)t.s[i]))
            i++;
    }
    return out;
}

struct bf_span bf_claim_clause(struct bf_span t)
{
    for (size_t i = 0; i < t.n; i++) {
        const bool apart = i + 1 >= t.n || isspace((unsigned char)t.s[i + 1]);
        const struct bf_span rest = bf_span_from(t, i);
        if (t.s[i] == '\n' || t.s[i] == ';' || (t.s[i] == '(' && i > 0) ||
            (strchr(".,", t.s[i]) && apart) || bf_span_begins(rest, " because") ||
            bf_span_begins(rest, " since"))
            return (struct bf_span){ t.s, i };
    }
    return t;
}
