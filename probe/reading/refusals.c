/* Replies that decline to answer. */
#include <ctype.h>
#include <string.h>

#include "probe/reading/strict.h"

/* What is looked for, in lower case; `~` is one of the words below. Listed in
 * docs/asking.md#refusals. */
static const char *const patterns[] = {
    "i'm sorry",
    "i am sorry",
    "sorry, but",
    "sorry, i",
    "i apologize",
    "i can't",
    "i cannot",
    "i can not",
    "i'm unable",
    "i am unable",
    "i'm not able",
    "i am not able",
    "i won't",
    "we cannot",
    "we can't",
    "i don't have access",
    "i do not have access",
    "i don't have the ability",
    "i don't have enough",
    "i do not have enough",
    "i don't see any ~",
    "i don't see an ~",
    "i don't see the ~",
    "i do not see any ~",
    "i do not see an ~",
    "there is no ~",
    "there's no ~",
    "no ~ is provided",
    "no ~ was provided",
    "no ~ has been provided",
    "no ~ provided",
    "no ~ attached",
    "no ~ was attached",
    "no ~ is attached",
    "~ is not provided",
    "~ was not provided",
    "~ isn't provided",
    "~ wasn't provided",
    "~ is missing",
    "~ not available",
    "without the ~",
    "without seeing",
    "without access to",
    "without more information",
    "without additional information",
    "please provide the ~",
    "please provide an ~",
    "please upload",
    "please share the ~",
    "cannot be determined",
    "can't be determined",
    "cannot determine",
    "can't determine",
    "not possible to determine",
    "not possible to answer",
    "impossible to determine",
    "impossible to answer",
    "unable to determine",
    "unable to answer",
    "not enough information",
    "insufficient information",
    "i don't know",
    "i do not know",
    "as an ai",
    "as a language model",
    "content policy",
};

static const char *const media[] = { "image", "picture", "photo",   "figure",    "visual",
                                     "video", "audio",   "sound",   "recording", "clip",
                                     "media", "file",    "diagram", "graph",     "attachment",
                                     "chart", "table",   "data",    "frame",     "passage" };

enum { MAX_LOOK = 1000 }; /* bytes looked at, from the start and from the end */

/* Lower case, one blank for any white space, straight apostrophes. */
static size_t fold(struct bf_span t, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < t.n;) {
        const struct bf_span rest = bf_span_from(t, i);
        const size_t blank = bf_span_blank(rest);
        if (blank) {
            if (n && out[n - 1] != ' ')
                out[n++] = ' ';
            i += blank;
        } else if (bf_span_begins(rest, "\xe2\x80\x99") || bf_span_begins(rest, "\xe2\x80\x98")) {
            out[n++] = '\'';
            i += 3;
        } else {
            out[n++] = (char)tolower((unsigned char)t.s[i++]);
        }
    }
    return n;
}

/* Bytes of `t` that match `pattern`, or 0. */
static size_t match(struct bf_span t, const char *pattern)
{
    size_t i = 0;
    for (; *pattern; pattern++) {
        if (*pattern != '~') {
            if (i >= t.n || t.s[i++] != *pattern)
                return 0;
            continue;
        }
        size_t n = 0;
        for (size_t k = 0; k < sizeof media / sizeof *media && !n; k++)
            if (bf_span_begins(bf_span_from(t, i), media[k]))
                n = strlen(media[k]);
        if (!n)
            return 0;
        i += n;
        i += i < t.n && t.s[i] == 's' && pattern[1]; /* "no images provided" */
    }
    return i;
}

static bool declines(struct bf_span t)
{
    char text[MAX_LOOK];
    const struct bf_span folded = { text, fold(t, text) };
    for (size_t i = 0; i < folded.n; i++) {
        if (i && isalnum((unsigned char)text[i - 1]))
            continue;
        for (size_t k = 0; k < sizeof patterns / sizeof *patterns; k++)
            if (match(bf_span_from(folded, i), patterns[k]))
                return true;
    }
    return false;
}

bool bf_refuses(struct bf_span reply)
{
    if (reply.n <= MAX_LOOK)
        return declines(reply);
    return declines((struct bf_span){ reply.s, MAX_LOOK }) ||
           declines(bf_span_from(reply, reply.n - MAX_LOOK));
}
