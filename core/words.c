#include "core/words.h"

#include <string.h>

#include "core/hash.h"

static bool is_word_byte(unsigned char c)
{
    return c >= 128 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

static bool is_function_word(const char *w, size_t n)
{
    static const char list[][6] = {
        "a",     "an",    "and",  "are",  "as",    "at",   "be",   "been", "by",    "can",
        "do",    "does",  "for",  "from", "had",   "has",  "have", "how",  "in",    "is",
        "it",    "its",   "of",   "on",   "or",    "than", "that", "the",  "their", "then",
        "there", "these", "they", "this", "those", "to",   "was",  "were", "what",  "when",
        "where", "which", "who",  "why",  "will",  "with", "you",  "your",
    };
    char key[6] = { 0 };
    if (n >= sizeof key)
        return false;
    memcpy(key, w, n);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (memcmp(list[i], key, sizeof key) == 0)
            return true;
    return false;
}

static bool ends_with(const char *w, size_t n, const char *end, size_t n_end)
{
    return n >= n_end + 3 && memcmp(w + n - n_end, end, n_end) == 0;
}

/* Length of a word without one English ending, and without the letter that the ending doubled:
 * running, runs: run; smiled, smile: smil. */
static size_t stem_of(const char *w, size_t n)
{
    if (ends_with(w, n, "ing", 3))
        n -= 3;
    else if (ends_with(w, n, "ed", 2) || ends_with(w, n, "es", 2) || ends_with(w, n, "ly", 2))
        n -= 2;
    else if (ends_with(w, n, "s", 1) && w[n - 2] != 's')
        n -= 1;
    if (n > 3 && w[n - 1] == w[n - 2])
        n--;
    return n > 3 && w[n - 1] == 'e' ? n - 1 : n;
}

/* Whether the mark at s[0] joins what is before and after it: 3.5, 1,000, isn't. */
static bool joins(const char *s, char before)
{
    const bool digits = before >= '0' && before <= '9' && s[1] >= '0' && s[1] <= '9';
    if (*s == '.' || *s == ',')
        return digits;
    return *s == '\'' && is_word_byte((unsigned char)before) && is_word_byte((unsigned char)s[1]);
}

int bf_words_of(const char *text, struct bf_word *out)
{
    char w[64];
    int n_words = 0;
    for (const char *s = text; *s && n_words < BF_MAX_WORDS;) {
        if (!is_word_byte((unsigned char)*s)) {
            s++;
            continue;
        }
        size_t n = 0;
        for (char before = 0; is_word_byte((unsigned char)*s) || (*s && joins(s, before)); s++) {
            before = *s;
            if (n < sizeof w)
                w[n++] = (char)lower((unsigned char)*s);
        }
        out[n_words++] = (struct bf_word){
            .hash = bf_hash64(w, n, 0),
            .stem = (uint32_t)(bf_hash64(w, stem_of(w, n), 0) >> 32),
            .content = !is_function_word(w, n),
            .number = w[0] >= '0' && w[0] <= '9',
        };
    }
    return n_words;
}

uint64_t bf_words_hash(const struct bf_word *w, int n)
{
    uint64_t h = 0x77;
    for (int i = 0; i < n; i++)
        h = bf_hash64(&w[i].hash, sizeof w[i].hash, h);
    return h;
}

static bool among(uint64_t hash, const struct bf_word *w, int n)
{
    for (int i = 0; i < n; i++)
        if (w[i].hash == hash)
            return true;
    return false;
}

uint64_t bf_words_template(const struct bf_word *question, int n,
                           const struct bf_word *choice_words, int n_choice_words)
{
    static const uint64_t mask = 0x6d61736b;
    uint64_t h = 0x99;
    for (int i = 0; i < n; i++) {
        const bool masked =
            question[i].number ||
            (question[i].content && among(question[i].hash, choice_words, n_choice_words));
        h = bf_hash64(masked ? &mask : &question[i].hash, sizeof h, h);
    }
    return h;
}
