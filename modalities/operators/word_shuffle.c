/* Operator `word_shuffle`: the words stay, what they say together goes. */
#include <string.h>

#include "core/ops.h"
#include "modalities/operators/severity.h"
#include "modalities/operators/shuffle.h"

struct word_shuffle {
    double severity;
};

static const char blanks[] = " \t\r\n";

/* Length of a marker such as <image 1>, which stands for a medium and stays where the question
 * refers to it; 0 when there is none. */
static size_t marker_length(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (*s != '<' || strspn(s + 1, letters) == 0)
        return 0;
    const size_t n = 1 + strspn(s + 1, letters);
    const size_t end = n + strspn(s + n, "0123456789 _.");
    return s[end] == '>' ? end + 1 : 0;
}

/* A word ends at a blank outside of markers; `*marked_out` says whether it has one. */
static size_t word_length(const char *s, bool *marked_out)
{
    size_t n = 0;
    *marked_out = false;
    while (s[n] && !strchr(blanks, s[n])) {
        const size_t marker = marker_length(s + n);
        *marked_out |= marker > 0;
        n += marker ? marker : 1;
    }
    return n;
}

struct word {
    const char *at;
    size_t n;
};

static int word_shuffle_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                              struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct word_shuffle *o = priv;
    const size_t len = strlen(in->text);
    struct word *words = bf_arena_alloc(a, len / 2 + 2, sizeof *words);
    char *made = bf_arena_strdup(a, in->text);
    if (!words || !made)
        return bf_fail_memory(err, "words");
    uint32_t n = 0;
    bool marked;
    for (const char *w = in->text + strspn(in->text, blanks); *w; w += strspn(w, blanks)) {
        const size_t n_word = word_length(w, &marked);
        if (!marked)
            words[n++] = (struct word){ w, n_word };
        w += n_word;
    }
    uint32_t *from;
    BF_TRY(bf_shuffle_some(&with->rng, n, o->severity, &from, a, err));
    /* Blanks, and words with markers, keep their places among the words. */
    char *to = made;
    const char *s = in->text;
    for (uint32_t i = 0; i < n; i++) {
        const size_t between = (size_t)(words[i].at - s);
        memcpy(to, s, between);
        memcpy(to + between, words[from[i]].at, words[from[i]].n);
        to += between + words[from[i]].n;
        s = words[i].at + words[i].n;
    }
    memcpy(to, s, strlen(s) + 1);
    *out = (struct bf_media){ .carrier = in->carrier, .text = made };
    return BF_OK;
}

static const struct bf_opt word_shuffle_opts[] = {
    BF_SEVERITY_OPT(offsetof(struct word_shuffle, severity),
                    "this share of the words change places, the others stay"),
    { .name = NULL },
};

const struct bf_operator bf_operator_word_shuffle = {
    .op = {
        .name = "word_shuffle",
        .summary = "change the places of the words",
        .source = "docs/operators.md#word_shuffle",
        .priv_size = sizeof(struct word_shuffle),
        .opts = word_shuffle_opts,
    },
    .carriers = BF_BIT(BF_TEXT),
    .random = true,
    .apply = word_shuffle_apply,
};
