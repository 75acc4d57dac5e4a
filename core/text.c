/* Numbers, UTF-8, near words and YAML scalars. */
#include "core/text.h"

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_blanks(const char *s)
{
    while (is_blank(*s))
        s++;
    return s;
}

static const char *skip_digits(const char *s)
{
    while (is_digit(*s))
        s++;
    return s;
}

/* One past a decimal number at `s`, or NULL when there is none. */
static const char *number_end(const char *s)
{
    s += *s == '+' || *s == '-';
    const char *whole = s;
    s = skip_digits(s);
    bool any = s > whole;
    if (*s == '.') {
        const char *part = ++s;
        s = skip_digits(s);
        any |= s > part;
    }
    if (!any)
        return NULL;
    if (*s == 'e' || *s == 'E') {
        const char *power = s + 1;
        power += *power == '+' || *power == '-';
        if (!is_digit(*power))
            return NULL;
        s = skip_digits(power);
    }
    return s;
}

/* strtod of the C locale, even in a program that set another one. */
static double c_strtod(const char *s)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c == (locale_t)0)
        return NAN;
    locale_t old = uselocale(c);
    double v = strtod(s, NULL);
    uselocale(old);
    freelocale(c);
    return v;
}

bool bf_text_number(const char *s, double *out)
{
    s = skip_blanks(s);
    const char *end = number_end(s);
    if (!end || *skip_blanks(end) != '\0')
        return false;
    double v = c_strtod(s);
    if (!isfinite(v))
        return false;
    *out = v;
    return true;
}

bool bf_text_integer(const char *s, int64_t *out)
{
    s = skip_blanks(s);
    const char *digits = s + (*s == '+' || *s == '-');
    const char *end = skip_digits(digits);
    if (end == digits || *skip_blanks(end) != '\0')
        return false;
    errno = 0;
    long long v = strtoll(s, NULL, 10);
    if (errno == ERANGE)
        return false;
    *out = v;
    return true;
}

/* Bytes of the UTF-8 character at `s` [n], 0 when it is none (Unicode 15, table 3-7). */
static size_t utf8_step(const unsigned char *s, size_t n, uint32_t *c_out)
{
    static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t k = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (k == 0 || k > n || s[0] > 0xf4 || s[0] == '\0')
        return 0;
    uint32_t c = k == 1 ? s[0] : s[0] & (0x7fu >> k);
    for (size_t i = 1; i < k; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3fu);
    }
    if (c < lowest[k] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *c_out = c;
    return k;
}

bool bf_text_is_utf8(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    while (n > 0) {
        uint32_t c;
        size_t k = utf8_step(p, n, &c);
        if (k == 0)
            return false;
        p += k;
        n -= k;
    }
    return true;
}

void bf_text_plain(char *s)
{
    unsigned char *p = (unsigned char *)s;
    for (size_t n = strlen(s); n > 0;) {
        uint32_t c;
        size_t k = utf8_step(p, n, &c);
        if (k == 0 || *p < 0x20 || *p == 0x7f) {
            *p = '?';
            k = 1;
        }
        p += k;
        n -= k;
    }
}

enum { MAX_WORD = 64 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Optimal string alignment over three rows: two before, before, this. */
int bf_text_distance(const char *a, const char *b, int limit)
{
    if (strcmp(a, b) == 0)
        return 0;
    size_t n = strlen(a), m = strlen(b);
    size_t gap = n > m ? n - m : m - n;
    if (n > MAX_WORD || m > MAX_WORD || gap > (size_t)limit)
        return limit + 1;

    int rows[3][MAX_WORD + 1];
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        int *now = rows[i % 3];
        const int *before = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];
        now[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int d = before[j - 1] + (a[i - 1] != b[j - 1]);
            d = least(d, least(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d = least(d, two[j - 2] + 1);
            now[j] = d;
        }
    }
    return least(rows[n % 3][m], limit + 1);
}

const char *bf_text_near(const char *word, const char *const *candidates)
{
    size_t n = strlen(word);
    int best = n < 2 ? 0 : n < 5 ? 1 : n < 9 ? 2 : 3; /* slips that a word of this length allows */
    const char *near = NULL;
    for (size_t i = 0; candidates[i]; i++) {
        int d = bf_text_distance(word, candidates[i], best);
        if (d <= best && (size_t)d < strlen(candidates[i])) {
            near = candidates[i];
            best = d - 1;
        }
        if (best < 0)
            break;
    }
    return near;
}

static bool yaml_is_bare(const char *s)
{
    static const char *const special[] = { "true", "false", "yes", "no", "on",
                                           "off",  "null",  "y",   "n",  NULL };
    double ignored;
    if (!isalpha((unsigned char)s[0]) && s[0] != '_' && s[0] != '.' && s[0] != '/')
        return false;
    for (const char *p = s; *p; p++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-", *p))
            return false;
    for (size_t i = 0; special[i]; i++)
        if (strcasecmp(s, special[i]) == 0)
            return false;
    return !bf_text_number(s, &ignored);
}

void bf_text_yaml(struct bf_buf *out, const char *s)
{
    if (yaml_is_bare(s)) {
        bf_buf_str(out, s);
        return;
    }
    const unsigned char *p = (const unsigned char *)s;
    size_t n = strlen(s);
    bf_buf_char(out, '"');
    while (n > 0) {
        uint32_t c = *p;
        size_t k = utf8_step(p, n, &c);
        if (k == 0)
            k = 1; /* not UTF-8: shown as the byte's number, as nothing reads it back */
        /* Characters that YAML 1.1 takes for line breaks or refuses outright are escaped. */
        bool plain = c >= 0x20 && c != '"' && c != '\\' && !(c >= 0x7f && c < 0xa0) &&
                     c != 0x2028 && c != 0x2029 && c != 0xfeff && c != 0xfffe && c != 0xffff &&
                     (k > 1 || c < 0x80);
        if (plain)
            bf_buf_add(out, p, k);
        else if (c == '"' || c == '\\')
            bf_buf_printf(out, "\\%c", (int)c);
        else if (c == '\n')
            bf_buf_str(out, "\\n");
        else
            bf_buf_printf(out, "\\u%04x", (unsigned)c);
        p += k;
        n -= k;
    }
    bf_buf_char(out, '"');
}
