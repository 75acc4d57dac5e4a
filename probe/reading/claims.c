/* Where in a reply its writer marks the answer as such. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "probe/reading/strict.h"

enum { MAX_CLAIM = 1000 }; /* bytes; keeps the time that a reply takes in step with its length */

struct bf_claim bf_claim_merge(struct bf_claim a, struct bf_claim b)
{
    if (a.state == BF_CLAIM_NONE || b.state == BF_CLAIM_CONFLICT)
        return b;
    if (b.state == BF_CLAIM_NONE || a.state == BF_CLAIM_CONFLICT)
        return a;
    if (a.set != b.set || a.number < b.number || a.number > b.number)
        a.state = BF_CLAIM_CONFLICT;
    return a;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '\'' || (unsigned char)c >= 0x80;
}

/* The word that ends before `i`, blanks and marks of emphasis between them aside; empty when a
 * sentence ends there. */
static struct bf_span word_before(struct bf_span t, size_t i)
{
    while (i > 0 && strchr(" \t*_", t.s[i - 1]) && t.s[i - 1])
        i--;
    size_t start = i;
    while (start > 0 && is_word(t.s[start - 1]))
        start--;
    return (struct bf_span){ t.s + start, i - start };
}

/* Whether `w` is one of `list`, words with a blank around each. */
static bool is_one_of(struct bf_span w, const char *list)
{
    for (const char *p = list + 1, *end; w.n && *p; p = end + 1) {
        end = strchr(p, ' ');
        if ((size_t)(end - p) == w.n && strncasecmp(p, w.s, w.n) == 0)
            return true;
    }
    return false;
}

/* What stands between an "is" or a colon and the answer itself; an answer on the next line too. */
static struct bf_span after_link(struct bf_span t, size_t i)
{
    while (i < t.n && strchr(" \t\r*_:=>#", t.s[i]))
        i++;
    if (i < t.n && t.s[i] == '\n')
        while (i < t.n && strchr(" \t\r\n*_>#", t.s[i]))
            i++;
    struct bf_span rest = bf_span_from(t, i);
    rest.n = rest.n < MAX_CLAIM ? rest.n : MAX_CLAIM;
    return bf_span_line(&rest);
}

/* "answer is", "answer to this question would be", "Answer:", "Final answer =": one past the link
 * that begins after `i`, or 0 when the sentence or the line ends first. */
static size_t link_end(struct bf_span t, size_t i)
{
    bool first = true;
    for (int n_words = 0; i < t.n && n_words < 12;) {
        const char c = t.s[i];
        if (c == ':' || c == '=')
            return i + 1;
        if (!is_word(c)) {
            if (strchr(".!?;,\n", c))
                return 0;
            i++;
            continue;
        }
        size_t n = 0;
        while (i + n < t.n && is_word(t.s[i + n]))
            n++;
        const struct bf_span word = { t.s + i, n };
        i += n;
        if (is_one_of(word, " is are be was "))
            return i;
        /* "Answer the question", "answer choices" */
        if (first && is_one_of(word, " the this these with choices options each all in by a an it "
                                     "key and or only using "))
            return 0;
        first = false;
        n_words++;
    }
    return 0;
}

/* Whether the noun at `i` speaks of the answer given: not "the wrong answer is" or "if the answer
 * is"; and an option only when it is called the right one. */
static bool is_the_one(struct bf_span t, size_t i, bool answer)
{
    struct bf_span one = word_before(t, i);
    struct bf_span two = one.n ? word_before(t, (size_t)(one.s - t.s)) : one;
    struct bf_span three = two.n ? word_before(t, (size_t)(two.s - t.s)) : two;
    const char *const doubt =
        " wrong incorrect false if whether possible plausible other an no not "
        "every each assume assuming suppose unless ";
    if (is_one_of(one, doubt) || is_one_of(two, doubt) || is_one_of(three, doubt))
        return false;
    return answer || is_one_of(one, " correct right best final my likely appropriate suitable "
                                    "accurate answer chosen selected closest nearest ");
}

/* A word that begins at `i`, not inside another. */
static bool begins_at(struct bf_span t, size_t i, const char *word)
{
    const size_t n = strlen(word);
    return bf_span_begins(bf_span_from(t, i), word) && (i == 0 || !is_word(t.s[i - 1])) &&
           (i + n == t.n || !is_word(t.s[i + n]));
}

static bool after_noun(struct bf_span t, size_t i, struct bf_span *target_out)
{
    static const char *const nouns[] = { "answer", "answers", "option", "choice" };
    for (size_t k = 0; k < sizeof nouns / sizeof *nouns; k++) {
        if (!begins_at(t, i, nouns[k]) || !is_the_one(t, i, k < 2))
            continue;
        const size_t link = link_end(t, i + strlen(nouns[k]));
        if (link == 0)
            continue;
        *target_out = after_link(t, link);
        return target_out->n > 0;
    }
    return false;
}

/* "\boxed{B}": what is between the brackets. */
static bool boxed(struct bf_span t, size_t i, struct bf_span *target_out)
{
    if (!bf_span_begins(bf_span_from(t, i), "\\boxed{"))
        return false;
    const size_t start = i + 7;
    int depth = 1;
    for (size_t k = start; k < t.n && k - start < MAX_CLAIM; k++) {
        depth += t.s[k] == '{' ? 1 : t.s[k] == '}' ? -1 : 0;
        if (depth == 0) {
            *target_out = (struct bf_span){ t.s + start, k - start };
            return true;
        }
    }
    return false;
}

/* "So option B is the correct answer": what stands between the beginning of the clause and "is". */
static bool before_verdict(struct bf_span t, size_t i, struct bf_span *target_out)
{
    static const char *const verdicts[] = { " is correct",   " is the correct", " is right",
                                            " is the right", " is the answer",  " is the best",
                                            " is the final" };
    bool found = false;
    if (t.s[i] != ' ')
        return false;
    for (size_t k = 0; k < sizeof verdicts / sizeof *verdicts; k++) {
        const size_t n = strlen(verdicts[k]);
        found |= bf_span_begins(bf_span_from(t, i), verdicts[k]) &&
                 (i + n == t.n || !is_word(t.s[i + n]));
    }
    if (!found)
        return false;
    size_t start = i;
    while (start > 0 && i - start < MAX_CLAIM && !strchr(".!?;,\n", t.s[start - 1]) &&
           !(t.s[start - 1] == ':' && t.s[start] == ' '))
        start--;
    struct bf_span clause = bf_span_trim((struct bf_span){ t.s + start, i - start });
    for (bool more = true; more;) { /* words that open a conclusion */
        size_t n = 0;
        while (n < clause.n && is_word(clause.s[n]))
            n++;
        more = n < clause.n && is_one_of((struct bf_span){ clause.s, n },
                                         " so thus therefore hence then clearly and means "
                                         "which that i think believe ");
        clause = more ? bf_span_trim(bf_span_from(clause, n)) : clause;
    }
    *target_out = clause;
    return clause.n > 0;
}

/* "The length corresponds to option B": a letter must follow at once. */
static bool is_option(struct bf_span t, size_t i, struct bf_span *target_out)
{
    if (!begins_at(t, i, "option") ||
        !is_one_of(word_before(t, i), " is be to matches match choose select "))
        return false;
    const struct bf_span to = word_before(t, i);
    const struct bf_span verb = word_before(t, (size_t)(to.s - t.s));
    if (is_one_of(to, " to ") && !is_one_of(verb, " corresponds corresponding correspond equal "
                                                  "equals closest leads points "))
        return false;
    *target_out = after_link(t, i + 6);
    return target_out->n > 0;
}

bool bf_claim_next(struct bf_span reply, size_t *at, struct bf_span *target_out, bool *verdict_out)
{
    for (size_t i = *at; i < reply.n; i++) {
        *at = i + 1;
        *verdict_out = false;
        if (after_noun(reply, i, target_out) || boxed(reply, i, target_out) ||
            is_option(reply, i, target_out))
            return true;
        *verdict_out = true;
        if (before_verdict(reply, i, target_out))
            return true;
    }
    return false;
}
