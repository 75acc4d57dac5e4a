/* The rule of our own: what is sure is read, all else is not. */
#include "probe/reading/strict.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/json.h"
#include "core/text.h"

enum { MAX_READ = 64 << 10 }; /* bytes: of longer replies the end, which is where answers are */

/* What every step works with. */
struct work {
    const struct bf_sample *s;
    const uint8_t *order;
};

static const struct bf_claim none = { .number = 0 };
static const struct bf_claim conflict = { .state = BF_CLAIM_CONFLICT };

static struct bf_claim made(uint32_t set)
{
    return (struct bf_claim){ .state = BF_CLAIM_MADE, .set = set };
}

/* Marks that come before and after what is meant: emphasis, quotes, brackets, TeX. */
static struct bf_span skip_opening(struct bf_span t)
{
    static const char *const marks[] = { "\\boxed{",  "\\text{", "\\textbf{",    "\\mathrm{",
                                         "\\mathbf{", "\\(",     "\xe2\x80\x9c", "\xe2\x80\x98" };
    for (size_t n = 1; n && t.n;) {
        n = strchr(" \t\r\n*_`\"'$#>([{~", *t.s) ? 1 : bf_span_blank(t);
        for (size_t k = 0; k < sizeof marks / sizeof *marks && !n; k++)
            n = bf_span_begins(t, marks[k]) ? strlen(marks[k]) : 0;
        t = bf_span_from(t, n);
    }
    return t;
}

static struct bf_span skip_closing(struct bf_span t)
{
    for (size_t n = 1; n && t.n;) {
        n = strchr("*_`\"'$)]}", *t.s) != NULL;
        if (bf_span_begins(t, "\xe2\x80\x9d") || bf_span_begins(t, "\xe2\x80\x99"))
            n = 3;
        if (bf_span_begins(t, "\\)"))
            n = 2;
        t = bf_span_from(t, n);
    }
    return t;
}

/* Words that may stand before the answer: "the answer is most likely option B". */
static struct bf_span skip_fillers(struct bf_span t)
{
    static const char *const fillers[] = { "the",    "option", "choice",     "letter",  "answer",
                                           "most",   "likely", "probably",   "clearly", "therefore",
                                           "thus",   "indeed", "definitely", "correct", "best",
                                           "simply", "number" };
    for (bool more = true; more;) {
        more = false;
        t = skip_opening(t);
        for (size_t k = 0; k < sizeof fillers / sizeof *fillers && !more; k++) {
            const size_t n = strlen(fillers[k]);
            more = bf_span_begins(t, fillers[k]) && n < t.n && strchr(" \t:*_", t.s[n]);
            t = more ? bf_span_from(t, n + (t.s[n] == ':')) : t;
        }
    }
    return t;
}

/* Whether a clause may end or go on with a reason at the start of `t`. */
static bool may_end(struct bf_span t)
{
    static const char *const reasons[] = { " because", " since",        " as ",         " due to",
                                           " given",   " for ",         " which",       " (",
                                           " -",       " \xe2\x80\x93", " \xe2\x80\x94" };
    if (t.n == 0 || strchr(".,;:!?\n\r", *t.s))
        return true;
    for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++)
        if (bf_span_begins(t, reasons[k]))
            return true;
    return bf_span_trim(t).n == 0;
}

/* One letter that stands alone: its number in the alphabet, or -1. `rest` is what comes after it
 * and its closing marks. */
static int any_letter_at(struct bf_span t, struct bf_span *rest)
{
    const struct bf_span inner = skip_opening(t);
    if (inner.n == 0 || !isalpha((unsigned char)*inner.s) || bf_span_is_word(inner, 1))
        return -1;
    *rest = skip_closing(bf_span_from(inner, 1));
    const bool marked = inner.s > t.s || rest->s > inner.s + 1;
    /* "a dog" is no letter, "a." and "(a) dog" are; "B+", "C#" and "A/C" are none */
    if (rest->n && strchr("+#/=<>^\\-%&", *rest->s))
        return -1;
    if (islower((unsigned char)*inner.s) && !marked && !may_end(*rest))
        return -1;
    return toupper((unsigned char)*inner.s) - 'A';
}

/* The same for one that names a place. */
static int letter_at(const struct work *w, struct bf_span t, struct bf_span *rest)
{
    const int place = any_letter_at(t, rest);
    return place < w->s->n_choices ? place : -1;
}

/* Whether words end before byte `n`: not inside a number or a compound such as "3.5", "5%". */
static bool ends_at(struct bf_span t, size_t n)
{
    if (n >= t.n)
        return true;
    return !bf_span_is_word(t, n) && !strchr("%+^", t.s[n]) &&
           !(strchr(".,/:-'", t.s[n]) && bf_span_is_word(t, n + 1));
}

/* Bytes of `t` that begin it and say the words of choice `c`, whatever their case, or 0. */
static size_t words_at(const struct work *w, struct bf_span t, int c)
{
    const char *words = w->s->choices[c], *end = words + strlen(words);
    size_t i = 0;
    while (end > words && strchr(" \t\r\n.,!?", end[-1]))
        end--;
    while (words < end && isspace((unsigned char)*words))
        words++;
    if (words == end)
        return 0;
    while (words < end) {
        const bool blank = isspace((unsigned char)*words);
        if (i >= t.n || (blank ? !isspace((unsigned char)t.s[i])
                               : tolower((unsigned char)t.s[i]) != tolower((unsigned char)*words)))
            return 0;
        i++;
        words++;
        while (blank && i < t.n && isspace((unsigned char)t.s[i]))
            i++;
        while (blank && isspace((unsigned char)*words))
            words++;
    }
    return ends_at(t, i) ? i : 0;
}

/* The one choice whose words are all of `t`; a conflict when several are. */
static struct bf_claim whole_words(const struct work *w, struct bf_span t)
{
    struct bf_claim out = none;
    for (int c = 0; c < w->s->n_choices; c++)
        if (bf_answer_same_words(t.s, t.n, w->s->choices[c], strlen(w->s->choices[c])))
            out = bf_claim_merge(out, made(BF_BIT(c)));
    return out;
}

/* Whether the letter before `rest` is set off from what it labels: "B. ", "(B) ", "**B** ". */
static bool is_label(struct bf_span rest)
{
    return (rest.n && strchr(".:)", *rest.s)) || strchr(")}]*", rest.s[-1]);
}

/* "B and C", "B, C", "B or C": whether a second letter is named beside the first. */
static bool names_another(int place, struct bf_span rest)
{
    static const char *const joints[] = { "and ", "or ", "& ", "/" };
    struct bf_span next = bf_span_trim(rest), after;
    if (rest.n == 0 || *rest.s == '\n')
        return false;
    const bool listed = next.n && strchr(",;", *next.s);
    if (listed)
        next = bf_span_trim(bf_span_from(next, 1));
    bool joined = false;
    for (size_t k = 0; k < sizeof joints / sizeof *joints; k++)
        if (bf_span_begins(next, joints[k])) {
            next = bf_span_trim(bf_span_from(next, strlen(joints[k])));
            joined = true;
        }
    const int second = listed || joined ? any_letter_at(next, &after) : -1;
    return second >= 0 && second != place && (joined || may_end(after));
}

/* What comes after a letter: nothing, a reason, or the words of its choice. Another letter, or the
 * words of another choice, contradict it. */
static struct bf_claim after_letter(const struct work *w, int place, struct bf_span rest)
{
    static const char *const verdicts[] = { "is correct", "is the correct", "is the answer",
                                            "is right",   "is the right",   "is the best" };
    const int choice = w->order[place];
    const struct bf_claim yes = made(BF_BIT(choice));
    const bool label = is_label(rest);
    if (names_another(place, rest))
        return conflict;
    struct bf_span next = bf_span_trim(rest);
    if (next.n && strchr(".:),;", *next.s))
        next = bf_span_trim(skip_closing(bf_span_from(next, 1)));
    if (next.n == 0 || words_at(w, next, choice) || words_at(w, skip_opening(next), choice))
        return yes;
    struct bf_span below = next;
    const struct bf_claim named = label ? whole_words(w, bf_span_line(&below)) : none;
    if (named.state != BF_CLAIM_NONE)
        return bf_claim_merge(yes, named);
    bool verdict = false;
    for (size_t k = 0; k < sizeof verdicts / sizeof *verdicts; k++)
        verdict |= bf_span_begins(next, verdicts[k]);
    return label || verdict || may_end(rest) ? yes : none;
}

/* A choice named where `t` begins: its letter, or its words and then nothing more of the
 * sentence. */
static struct bf_claim choice_at(const struct work *w, struct bf_span t)
{
    const struct bf_span starts[] = { t, skip_fillers(t) };
    struct bf_claim out = none;
    for (int i = 0; i < 2 && out.state == BF_CLAIM_NONE; i++) {
        struct bf_span rest;
        const int place = letter_at(w, starts[i], &rest);
        if (place >= 0)
            out = after_letter(w, place, rest);
        const struct bf_span bare = skip_opening(starts[i]);
        for (int c = 0; c < w->s->n_choices && place < 0; c++) {
            const size_t n = words_at(w, bare, c);
            if (n && may_end(skip_closing(bf_span_from(bare, n))))
                out = bf_claim_merge(out, made(BF_BIT(c)));
        }
    }
    return out;
}

/* A list of letters, and nothing else: "A, C", "(A) and (C)". */
static struct bf_claim letters_all(const struct work *w, struct bf_span t)
{
    uint32_t set = 0;
    t = skip_fillers(bf_span_trim(t));
    while (t.n) {
        struct bf_span rest;
        const int place = letter_at(w, t, &rest);
        if (place < 0)
            return none;
        set |= BF_BIT(w->order[place]);
        t = rest;
        for (bool more = true; more && t.n;) {
            const struct bf_span before = t;
            t = bf_span_trim(t);
            while (t.n && strchr(",;.&", *t.s))
                t = bf_span_from(t, 1);
            if (bf_span_begins(t, "and ") && t.s > before.s)
                t = bf_span_from(t, 4);
            more = t.s > before.s || t.n < before.n;
        }
    }
    return set ? made(set) : none;
}

static struct bf_claim yesno_at(struct bf_span t)
{
    static const char *const after_no[] = { "there", "it",  "they",  "he",    "she",
                                            "i",     "the", "this",  "that",  "because",
                                            "we",    "you", "these", "those", "since" };
    t = skip_fillers(t);
    const bool yes = bf_span_begins(t, "yes") && !bf_span_is_word(t, 3);
    const bool no = bf_span_begins(t, "no") && !bf_span_is_word(t, 2);
    if (!yes && !no)
        return none;
    struct bf_span rest = skip_closing(bf_span_from(t, yes ? 3 : 2));
    const bool apart = may_end(rest);
    while (rest.n && strchr(" \t.,;:/-", *rest.s))
        rest = bf_span_from(rest, 1);
    if (bf_span_begins(rest, "and no") || bf_span_begins(rest, "or no") ||
        (bf_span_begins(rest, "no") && !bf_span_is_word(rest, 2) && yes) ||
        (bf_span_begins(rest, "yes") && !bf_span_is_word(rest, 3) && no))
        return conflict;
    bool sure = yes || apart;
    for (size_t k = 0; k < sizeof after_no / sizeof *after_no && !sure; k++) {
        const size_t n = strlen(after_no[k]);
        sure = bf_span_begins(rest, after_no[k]) && !bf_span_is_word(rest, n);
    }
    return sure ? made(yes ? 1 : 2) : none;
}

static struct bf_claim read_target(const struct work *w, struct bf_span t)
{
    switch (w->s->task) {
    case BF_CHOICE:
        return choice_at(w, t);
    case BF_CHOICES: {
        const struct bf_claim all = letters_all(w, t);
        return all.state == BF_CLAIM_NONE ? letters_all(w, bf_claim_clause(t)) : all;
    }
    case BF_YESNO:
        return yesno_at(t);
    case BF_NUMBER:
        return bf_claim_number(bf_claim_clause(t));
    case BF_FREE_TEXT:
    case BF_TASK_COUNT:
        break;
    }
    return none;
}

/* What is marked as the answer; only without such a mark, what is called correct. */
static struct bf_claim read_claims(const struct work *w, struct bf_span t)
{
    struct bf_claim strong = none, weak = none;
    struct bf_span target;
    bool verdict;
    for (size_t at = 0; bf_claim_next(t, &at, &target, &verdict);) {
        struct bf_claim *out = verdict ? &weak : &strong;
        *out = bf_claim_merge(*out, read_target(w, target));
    }
    return strong.state == BF_CLAIM_NONE ? weak : strong;
}

/* A letter that is all of `t`, closing marks and full stop aside: its place, or -1. */
static int bare_letter(const struct work *w, struct bf_span t)
{
    struct bf_span rest;
    const int place = letter_at(w, skip_fillers(t), &rest);
    while (place >= 0 && rest.n && (strchr(".:,;!", *rest.s) || bf_span_blank(rest)))
        rest = skip_closing(bf_span_from(rest, bf_span_blank(rest) ? bf_span_blank(rest) : 1));
    return place >= 0 && rest.n == 0 ? place : -1;
}

/* Lines that are a letter; else lines that begin with one and a full stop, say. The first may
 * give a reason. */
static struct bf_claim choice_lines(const struct work *w, struct bf_span t)
{
    struct bf_claim bare = none, label = none;
    for (bool first = true; t.n; first = false) {
        const struct bf_span line = bf_span_trim(bf_span_line(&t));
        struct bf_span rest;
        const int alone = bare_letter(w, line), place = letter_at(w, line, &rest);
        if (alone >= 0)
            bare = bf_claim_merge(bare, made(BF_BIT(w->order[alone])));
        else if (place >= 0 && (first || is_label(rest)))
            label = bf_claim_merge(label, after_letter(w, place, rest));
        else if (first || bf_span_trim(t).n == 0)
            label = bf_claim_merge(label, whole_words(w, skip_closing(skip_opening(line))));
    }
    return bare.state != BF_CLAIM_NONE ? bare : label;
}

/* Several choices: every line that is not empty begins with a letter and goes on with the words of
 * its choice. */
static struct bf_claim choices_lines(const struct work *w, struct bf_span t)
{
    struct bf_claim out = none;
    while (t.n) {
        const struct bf_span line = bf_span_trim(bf_span_line(&t));
        struct bf_span rest;
        const int place = line.n ? letter_at(w, line, &rest) : -1;
        if (line.n == 0)
            continue;
        if (place < 0 || !is_label(rest) || after_letter(w, place, rest).state != BF_CLAIM_MADE)
            return none;
        out = made(out.set | BF_BIT(w->order[place]));
    }
    return out;
}

static struct bf_span last_line(struct bf_span t)
{
    t = bf_span_trim(t);
    struct bf_span line = t;
    while (t.n)
        line = bf_span_line(&t);
    return line;
}

static struct bf_claim read_choice(const struct work *w, struct bf_span t)
{
    const int alone = bare_letter(w, t);
    struct bf_claim out = alone >= 0 ? made(BF_BIT(w->order[alone])) : whole_words(w, t);
    if (out.state == BF_CLAIM_NONE)
        out = read_claims(w, t);
    return out.state == BF_CLAIM_NONE ? choice_lines(w, t) : out;
}

static struct bf_claim read_choices(const struct work *w, struct bf_span t)
{
    struct bf_claim out = letters_all(w, t);
    if (out.state == BF_CLAIM_NONE)
        out = read_claims(w, t);
    return out.state == BF_CLAIM_NONE ? choices_lines(w, t) : out;
}

static struct bf_claim read_yesno(const struct work *w, struct bf_span t)
{
    const struct bf_claim out = bf_claim_merge(yesno_at(t), read_claims(w, t));
    return out.state == BF_CLAIM_NONE && bf_span_count_words(last_line(t)) == 1
               ? yesno_at(last_line(t))
               : out;
}

static struct bf_claim read_number(const struct work *w, struct bf_span t)
{
    struct bf_claim out = read_claims(w, t);
    if (out.state == BF_CLAIM_NONE)
        out = bf_claim_number(t);
    const struct bf_span last = last_line(t);
    if (out.state == BF_CLAIM_CONFLICT && last.n < t.n && bf_span_count_words(last) <= 2)
        out = bf_claim_number(last);
    return out;
}

/* {"answer": "B"}: what is under one of the usual keys. */
static struct bf_claim read_json(const struct work *w, struct bf_span t)
{
    static const char *const keys[] = { "answer", "Answer", "final_answer", "choice", "option" };
    struct bf_json_doc *doc = NULL;
    struct bf_claim out = none;
    if (t.n < 2 || *t.s != '{' || bf_json_parse(t.s, t.n, &doc, NULL) != BF_OK)
        return none;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        const struct bf_json *v = bf_json_get(bf_json_root(doc), keys[k]), *item;
        const char *text = v ? bf_json_string(v) : NULL;
        struct bf_json_iter it = { 0 };
        double x;
        if (text)
            out = bf_claim_merge(out, read_target(w, (struct bf_span){ text, strlen(text) }));
        else if (v && w->s->task == BF_NUMBER && bf_json_number(v, &x))
            out = bf_claim_merge(out, (struct bf_claim){ .state = BF_CLAIM_MADE, .number = x });
        else if (v && w->s->task == BF_YESNO && bf_json_kind(v) == BF_JSON_BOOL)
            out = bf_claim_merge(out, made(bf_json_is_true(v) ? 1 : 2));
        struct bf_claim list = none;
        while (v && w->s->task == BF_CHOICES && bf_json_kind(v) == BF_JSON_ARRAY &&
               bf_json_each(v, &it, NULL, &item)) {
            const char *s = bf_json_string(item);
            const struct bf_claim one = s ? letters_all(w, (struct bf_span){ s, strlen(s) }) : none;
            if (one.state != BF_CLAIM_MADE || list.state == BF_CLAIM_CONFLICT)
                list = conflict;
            else
                list = made(list.set | one.set);
        }
        out = bf_claim_merge(out, list);
    }
    bf_json_free(&doc);
    return out;
}

/* What comes after the last thought; nothing when the thought has no end. */
static struct bf_span after_thought(struct bf_span t)
{
    static const char *const marks[][2] = { { "<think>", "</think>" },
                                            { "<thinking>", "</thinking>" } };
    t = bf_span_trim(t);
    for (size_t k = 0; k < 2; k++) {
        const bool opened = bf_span_begins(t, marks[k][0]);
        bool closed = false;
        for (size_t at = bf_span_find(t, marks[k][1]); at < t.n;
             at = bf_span_find(t, marks[k][1])) {
            t = bf_span_trim(bf_span_from(t, at + strlen(marks[k][1])));
            closed = true;
        }
        if (opened && !closed)
            t.n = 0;
    }
    return t;
}

/* ```json ... ```: what is between the fences. */
static struct bf_span without_fence(struct bf_span t)
{
    if (!bf_span_begins(t, "```"))
        return t;
    (void)bf_span_line(&t); /* the opening fence */
    t = bf_span_trim(t);
    if (t.n >= 3 && memcmp(t.s + t.n - 3, "```", 3) == 0)
        t.n -= 3;
    return bf_span_trim(t);
}

/* Words: as they are, or what is marked as the answer last. */
static bool says_gold(const struct work *w, struct bf_span t)
{
    const char *gold = w->s->gold_text;
    const size_t n_gold = gold ? strlen(gold) : 0;
    struct bf_span target, last = t;
    bool verdict;
    for (size_t at = 0; bf_claim_next(t, &at, &target, &verdict);)
        last = target;
    const struct bf_span pieces[] = { t, last, skip_opening(last) };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct bf_span p = bf_span_trim(pieces[i]);
        if (bf_answer_same_words(p.s, p.n, gold ? gold : "", n_gold))
            return true;
        while (p.n && strchr("*_`\"'$)]} .", p.s[p.n - 1]))
            p.n--;
        if (bf_answer_same_words(p.s, p.n, gold ? gold : "", n_gold))
            return true;
    }
    return false;
}

static void read_text(const struct work *w, struct bf_span t, struct bf_answer *a)
{
    if (t.n == 0)
        a->cls = BF_UNPARSED;
    else if (says_gold(w, t))
        a->cls = BF_RIGHT;
    else
        a->cls = bf_refuses(t) ? BF_REFUSED : BF_WRONG;
}

static void set_answer(const struct work *w, double tolerance, struct bf_claim claim,
                       struct bf_answer *a)
{
    const struct bf_sample *s = w->s;
    if (s->task == BF_CHOICES)
        a->set = claim.set;
    else if (s->task == BF_NUMBER)
        a->number = claim.number;
    else
        for (int i = 0; i < s->n_choices; i++)
            a->choice = claim.set == BF_BIT(i) ? i : a->choice;
    a->cls = bf_answer_judge(s, a);
    if (s->task == BF_NUMBER &&
        fabs(a->number - s->gold_number) <= tolerance * fabs(s->gold_number) * (1 + 1e-12))
        a->cls = BF_RIGHT;
}

void bf_strict_read(double tolerance, const struct bf_sample *s, const uint8_t *order,
                    struct bf_answer *a)
{
    const struct work w = { s, order };
    struct bf_span t = without_fence(after_thought((struct bf_span){ a->text, strlen(a->text) }));
    struct bf_claim claim = read_json(&w, t);
    if (t.n > MAX_READ)
        t = bf_span_from(t, t.n - MAX_READ);

    if (s->task == BF_FREE_TEXT) {
        read_text(&w, t, a);
        return;
    }
    if (claim.state == BF_CLAIM_NONE && t.n > 0)
        claim = s->task == BF_CHOICE    ? read_choice(&w, t)
                : s->task == BF_CHOICES ? read_choices(&w, t)
                : s->task == BF_YESNO   ? read_yesno(&w, t)
                                        : read_number(&w, t);
    if (claim.state == BF_CLAIM_MADE)
        set_answer(&w, tolerance, claim, a);
    else
        a->cls = bf_refuses(t) ? BF_REFUSED : BF_UNPARSED;
}
