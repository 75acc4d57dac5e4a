/* Sets of hashes, and texts as sets. */
#include "core/set.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

enum { MAX_TOP_BITS = 12 };

/* Hashes are spread evenly: dealt out by their top bits, all are near their place, and insertion
 * brings them there in linear time. */
int bf_set_make(struct bf_set *out, uint64_t *v, uint32_t n, struct bf_arena *a)
{
    uint32_t start[(1 << MAX_TOP_BITS) + 1];
    uint64_t *sorted = bf_arena_alloc(a, n + 1u, sizeof *sorted);
    int bits = 1;

    if (!sorted)
        return BF_ENOMEM;
    while (bits < MAX_TOP_BITS && 1u << bits < n)
        bits++;
    memset(start, 0, ((1u << bits) + 1) * sizeof *start);
    for (uint32_t i = 0; i < n; i++)
        start[(v[i] >> (64 - bits)) + 1]++;
    for (uint32_t b = 1; b <= 1u << bits; b++)
        start[b] += start[b - 1];
    for (uint32_t i = 0; i < n; i++)
        sorted[start[v[i] >> (64 - bits)]++] = v[i];
    uint32_t n_distinct = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t x = sorted[i];
        uint32_t k = n_distinct;
        while (k && sorted[k - 1] > x)
            k--;
        if (k && sorted[k - 1] == x)
            continue;
        memmove(&sorted[k + 1], &sorted[k], (n_distinct - k) * sizeof *sorted);
        sorted[k] = x;
        n_distinct++;
    }
    *out = (struct bf_set){ n_distinct, sorted };
    return BF_OK;
}

double bf_set_jaccard(const struct bf_set *a, const struct bf_set *b)
{
    uint32_t both = 0;
    for (uint32_t i = 0, k = 0; i < a->n && k < b->n;) {
        const uint64_t x = a->v[i], y = b->v[k];
        both += x == y;
        i += x <= y;
        k += y <= x;
    }
    const uint64_t either = (uint64_t)a->n + b->n - both;
    return either ? (double)both / (double)either : 1;
}

/* Hashes of every run of `k` pieces of a text; piece i is the bytes from edge[i] to before
 * edge[i + 1], so that a run is one stretch of bytes. */
static int runs_of(const char *text, const uint32_t *edge, uint32_t n_pieces, int k,
                   struct bf_set *out, struct bf_arena *a)
{
    const uint32_t length = (uint32_t)k < n_pieces ? (uint32_t)k : n_pieces;
    const uint32_t n = n_pieces ? n_pieces - length + 1 : 0;
    uint64_t *v = malloc((n + (size_t)1) * sizeof *v);

    if (!v)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        v[i] = bf_hash64(text + edge[i], edge[i + length] - edge[i], 0);
    const int rc = bf_set_make(out, v, n, a);
    free(v);
    return rc;
}

static size_t length_of(const char *text)
{
    return strnlen(text, BF_SHINGLE_TEXT_MAX);
}

int bf_shingles_of_chars(const char *text, int k, struct bf_set *out, struct bf_arena *a)
{
    const size_t n_bytes = length_of(text);
    uint32_t *edge = malloc((n_bytes + 1) * sizeof *edge);
    uint32_t n = 0;

    if (!edge)
        return BF_ENOMEM;
    for (size_t i = 0; i < n_bytes; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80 || i == 0)
            edge[n++] = (uint32_t)i;
    edge[n] = (uint32_t)n_bytes;
    const int rc = runs_of(text, edge, n, k, out, a);
    free(edge);
    return rc;
}

/* The code point at `s`, whatever follows it in bad UTF-8, and how many bytes it has. */
static uint32_t code_point(const char *s, const char *end, int *n_out)
{
    const unsigned char lead = (unsigned char)*s;
    const int n = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t c = n == 1 ? lead : lead & (0x7fu >> n);

    *n_out = 1;
    for (int i = 1; i < n && s + i < end && ((unsigned char)s[i] & 0xc0) == 0x80; i++) {
        c = c << 6 | ((unsigned char)s[i] & 0x3f);
        *n_out = i + 1;
    }
    return c;
}

struct range {
    uint32_t from, to;
};

static bool is_in(uint32_t c, const struct range *r, int n)
{
    for (int i = 0; i < n; i++)
        if (c >= r[i].from && c <= r[i].to)
            return true;
    return false;
}

/* Letters of scripts that put no spaces between words. */
static bool stands_alone(uint32_t c)
{
    static const struct range r[] = {
        { 0x0e00, 0x0eff },   /* Thai, Lao */
        { 0x1000, 0x109f },   /* Myanmar */
        { 0x1780, 0x17ff },   /* Khmer */
        { 0x2e80, 0x2fff },   /* radicals */
        { 0x3040, 0x30ff },   /* kana */
        { 0x3400, 0x9fff },   /* ideographs */
        { 0xf900, 0xfaff },   /* and their compatibility forms */
        { 0x20000, 0x3ffff }, /* and further planes */
    };
    return c >= 0x0e00 && is_in(c, r, sizeof r / sizeof *r);
}

static bool is_letter(uint32_t c)
{
    static const struct range marks[] = {
        { 0x80, 0xa9 },     { 0xab, 0xb4 },     { 0xb6, 0xb9 },
        { 0xbb, 0xbf },     { 0x2000, 0x206f }, /* dashes, quotes, spaces */
        { 0x2190, 0x2bff },                     /* arrows, maths, shapes */
        { 0x3000, 0x303f },                     /* ideographic marks */
        { 0xff00, 0xff0f }, { 0xff1a, 0xff20 }, /* full-width marks */
    };
    if (c < 128)
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return !is_in(c, marks, sizeof marks / sizeof *marks);
}

/* The words of a text, each with one blank behind it, into `words` [2 n_bytes]; where each begins
 * into `edge` [n_bytes + 1]. Returns how many. */
static uint32_t split(const char *text, size_t n_bytes, char *words, uint32_t *edge)
{
    const char *const end = text + n_bytes;
    uint32_t n_words = 0, at = 0;
    bool inside = false;

    for (const char *s = text; s < end;) {
        int n;
        const uint32_t c = code_point(s, end, &n);
        const bool alone = stands_alone(c);
        if (inside && (alone || !is_letter(c))) {
            words[at++] = ' ';
            inside = false;
        }
        if (alone || is_letter(c)) {
            if (!inside)
                edge[n_words++] = at;
            for (int i = 0; i < n; i++)
                words[at++] = (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] + 32 : s[i]);
            inside = true;
        }
        if (alone) {
            words[at++] = ' ';
            inside = false;
        }
        s += n;
    }
    if (inside)
        words[at++] = ' ';
    edge[n_words] = at;
    return n_words;
}

int bf_shingles_of_words(const char *text, int k, struct bf_set *out, struct bf_arena *a)
{
    const size_t n_bytes = length_of(text);
    char *words = malloc(2 * n_bytes + 1);
    uint32_t *edge = malloc((n_bytes + 1) * sizeof *edge);
    int rc = BF_ENOMEM;

    if (words && edge)
        rc = runs_of(words, edge, split(text, n_bytes, words, edge), k, out, a);
    free(words);
    free(edge);
    return rc;
}
