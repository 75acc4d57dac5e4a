/* How replies are read: published rules, each as its source has it, and our own. */
#include "probe/reading/rules.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "core/text.h"
#include "probe/reading/span.h"
#include "probe/reading/strict.h"

/* What takes part in every rule. */
struct work {
    const struct bf_sample *s;
    const uint8_t *order;
    struct bf_span reply;
};

/* The choice, by identity, whose letter is shown as `letter` (upper case), or -1. */
static int choice_of(const struct work *w, int letter)
{
    const int place = letter - 'A';
    return place >= 0 && place < w->s->n_choices ? w->order[place] : -1;
}

/* ---- MMMU-Pro: mmmu-pro/evaluate.py, parse_multi_choice_response ---- */

/* After the last "Answer:": the one letter that occurs there, wherever it stands. Of none or
 * several, nothing. */
static int mmmu_after_answer(const struct work *w)
{
    const char *rest = NULL;
    for (size_t i = 0; i + 7 <= w->reply.n; i++)
        if (memcmp(w->reply.s + i, "Answer:", 7) == 0)
            rest = w->reply.s + i + 7;
    int found = -1;
    for (int i = 0; rest && i < w->s->n_choices; i++)
        if (memchr(rest, 'A' + i, (size_t)(w->reply.s + w->reply.n - rest)))
            found = found == -1 ? i : -2;
    return found < 0 ? -1 : w->order[found];
}

/* A character of the reply with the blank that the source puts before and after it. */
static char padded(struct bf_span reply, size_t i)
{
    return i > 0 && i <= reply.n ? reply.s[i - 1] : ' ';
}

/* Where the last `before`, letter, `after` stands, or -1; NUL = whatever. */
static ptrdiff_t mmmu_letter(struct bf_span reply, char before, char letter, char after)
{
    for (size_t i = reply.n; i > 0; i--)
        if (padded(reply, i) == letter && (!before || padded(reply, i - 1) == before) &&
            (!after || padded(reply, i + 1) == after))
            return (ptrdiff_t)i;
    return -1;
}

/* Where `words` last begin, case aside (ASCII), or -1. */
static ptrdiff_t mmmu_words(struct bf_span reply, const char *words)
{
    for (size_t i = reply.n + 3; i-- > 0;) {
        size_t k = 0;
        while (words[k] && i + k < reply.n + 2 &&
               tolower((unsigned char)words[k]) == tolower((unsigned char)padded(reply, i + k)))
            k++;
        if (!words[k])
            return (ptrdiff_t)i;
    }
    return -1;
}

/* Candidates of one kind, bit per place. */
static uint32_t mmmu_candidates(const struct work *w, struct bf_span reply, char before, char after)
{
    uint32_t found = 0;
    for (int i = 0; i < w->s->n_choices; i++)
        if (mmmu_letter(reply, before, (char)('A' + i), after) >= 0)
            found |= BF_BIT(i);
    return found;
}

static uint32_t mmmu_words_candidates(const struct work *w, struct bf_span reply)
{
    uint32_t found = 0;
    for (int i = 0; i < w->s->n_choices && bf_span_count_words(reply) > 5; i++)
        if (mmmu_words(reply, w->s->choices[w->order[i]]) >= 0)
            found |= BF_BIT(i);
    return found;
}

/* Of several candidates the one that stands last; the first of them on a tie. Letters without
 * brackets are placed by blanks around them: -1 where there is none, whatever found them. */
static int mmmu_pro(const struct work *w)
{
    const int answer = mmmu_after_answer(w);
    if (answer >= 0)
        return answer;

    struct bf_span reply = w->reply;
    for (const char *c = ",.!?;:'"; *c; c++) {
        while (reply.n && *reply.s == *c)
            reply.s++, reply.n--;
        while (reply.n && reply.s[reply.n - 1] == *c)
            reply.n--;
    }
    uint32_t found = mmmu_candidates(w, reply, '(', ')');
    const bool brackets = found != 0;
    if (!found)
        found = mmmu_candidates(w, reply, '\0', ' ');
    if (!found)
        found = mmmu_candidates(w, reply, '\0', '.');
    const bool letters = found != 0;
    if (!found)
        found = mmmu_words_candidates(w, reply);

    int best = -1;
    ptrdiff_t best_at = -2;
    for (int i = 0; i < w->s->n_choices; i++) {
        if (!(found & BF_BIT(i)))
            continue;
        const ptrdiff_t at = !letters   ? mmmu_words(reply, w->s->choices[w->order[i]])
                             : brackets ? mmmu_letter(reply, '(', (char)('A' + i), ')')
                                        : mmmu_letter(reply, ' ', (char)('A' + i), ' ');
        if (at > best_at) {
            best = i;
            best_at = at;
        }
    }
    return best < 0 ? -1 : w->order[best];
}

/* ---- MMStar: eval/vlmeval/evaluate/mmstar.py ---- */

/* Right when the gold letter stands at one of four places, which are tried in this order. What is
 * not right is the letter that a reader of the source would see. */
static int mmstar(const struct work *w)
{
    const struct bf_span reply = bf_span_trim(w->reply);
    char head[16] = { 0 };
    for (size_t i = 0; i < reply.n && i + 1 < sizeof head; i++)
        head[i] = reply.s[i] == '\n' ? ' ' : (char)tolower((unsigned char)reply.s[i]);
    size_t at[4] = { 0 };
    int n = 1, gold = 0;
    if (head[0] == '(')
        at[n++] = 1;
    if (strncmp(head, "option ", 7) == 0)
        at[n++] = 7;
    if (strncmp(head, "the answer is ", 14) == 0)
        at[n++] = 14;
    while (gold < w->s->n_choices && w->order[gold] != w->s->gold)
        gold++;
    for (int i = 0; i < n; i++)
        if (head[at[i]] == 'a' + gold)
            return w->s->gold;
    return choice_of(w, toupper((unsigned char)head[at[n - 1]]));
}

/* ---- MORE: evaluate_more.py ---- */

static int more(const struct work *w)
{
    const size_t i = w->reply.n && w->reply.s[0] == '(';
    return i < w->reply.n ? choice_of(w, (unsigned char)w->reply.s[i]) : -1;
}

/* ---- CMM: evaluation/calculate_score.py ---- */

/* The word of the gold answer in the first five characters makes it right ("know" holds "no"); else
 * the other word makes it wrong. */
static int cmm(const struct work *w)
{
    static const char *const words[] = { "yes", "no" };
    struct bf_span reply = bf_span_trim(w->reply);
    size_t n = 0;
    for (int i = 0; i < 5 && n < reply.n; i++) {
        n++;
        while (n < reply.n && ((unsigned char)reply.s[n] & 0xc0) == 0x80)
            n++;
    }
    reply.n = n;
    const int gold = w->s->gold;
    if (gold < 0 || gold > 1)
        return -1;
    if (bf_span_find(reply, words[gold]) < reply.n)
        return gold;
    return bf_span_find(reply, words[1 - gold]) < reply.n ? 1 - gold : -1;
}

/* ---- VLind-Bench: eval/gpt4o_eval.py, infer_true_or_false ---- */

/* The first of all words that is "true" or "false", after commas and full stops are taken out. True
 * is yes. */
static int vlind(const struct work *w)
{
    char word[8];
    size_t n = 0;
    for (size_t i = 0; i <= w->reply.n; i++) {
        const char c = i < w->reply.n ? w->reply.s[i] : ' ';
        if (c == ',' || c == '.')
            continue;
        if (c != ' ' && c != '\n') {
            if (n < sizeof word)
                word[n] = (char)tolower((unsigned char)c);
            n += n <= sizeof word;
            continue;
        }
        if (n == 4 && memcmp(word, "true", 4) == 0)
            return 0;
        if (n == 5 && memcmp(word, "false", 5) == 0)
            return 1;
        n = 0;
    }
    return -1;
}

/* ---- Mean relative accuracy ---- */

/* VSI-Bench (lmms_eval/tasks/vsibench/utils.py): the first word, full stops after it off, is the
 * number. */
static bool vsi_number(struct bf_span reply, double *out)
{
    char text[64];
    size_t n = 0;
    while (n < reply.n && reply.s[n] != ' ')
        n++;
    struct bf_span word = { reply.s, n };
    while (word.n && word.s[word.n - 1] == '.')
        word.n--;
    word = bf_span_trim(word);
    if (word.n >= sizeof text)
        return false;
    memcpy(text, word.s, word.n);
    text[word.n] = '\0';
    return bf_text_number(text, out);
}

/* Test-Set Stress-Test (src/TsT/utils.py): the first run of digits, commas taken out; "minus" or
 * "negative" before it. Numbers in words, which it reads by another package, are not read. */
static bool tst_number(struct bf_span reply, double *out)
{
    char text[64];
    size_t i = 0, n = 0;
    reply = bf_span_trim(reply);
    const bool negative = bf_span_begins(reply, "minus ") || bf_span_begins(reply, "negative ");
    while (i < reply.n && !isdigit((unsigned char)reply.s[i]))
        i++;
    if (i > 0 && i < reply.n && reply.s[i - 1] == '-')
        text[n++] = '-';
    else if (negative)
        text[n++] = '-';
    for (bool point = false; i < reply.n && n + 1 < sizeof text; i++) {
        if (reply.s[i] == '.' && !point)
            point = true;
        else if (reply.s[i] == ',' && !point)
            continue;
        else if (!isdigit((unsigned char)reply.s[i]))
            break;
        text[n++] = reply.s[i];
    }
    text[n] = '\0';
    return bf_text_number(text, out);
}

static void read_mra(const struct work *w, bool tst, struct bf_answer *a)
{
    double x;
    if (!(tst ? tst_number(w->reply, &x) : vsi_number(w->reply, &x))) {
        a->cls = BF_UNPARSED;
        return;
    }
    a->number = x;
    a->has_credit = true;
    a->credit = bf_answer_mra(x, w->s->gold_number, !tst);
    a->cls = a->credit >= 0.5f ? BF_RIGHT : BF_WRONG;
}

static void set_choice(const struct work *w, int choice, struct bf_answer *a)
{
    a->choice = choice;
    a->cls = choice < 0 ? BF_UNPARSED : bf_answer_judge(w->s, a);
}

void bf_rule_read(enum bf_rule rule, double tolerance, const struct bf_sample *s,
                  const uint8_t *order, struct bf_answer *a)
{
    const struct work w = { s, order, { a->text, a->text ? strlen(a->text) : 0 } };
    if (a->cls == BF_FAILED || (!a->text && a->finish != BF_FINISH_REFUSED))
        return;
    a->choice = -1;
    a->set = 0;
    a->number = NAN;
    a->has_credit = false;
    a->credit = 0;
    if (a->finish == BF_FINISH_REFUSED)
        a->cls = BF_REFUSED;
    else if (rule == BF_RULE_MMMU_PRO && s->task == BF_CHOICE)
        set_choice(&w, mmmu_pro(&w), a);
    else if (rule == BF_RULE_MMSTAR && s->task == BF_CHOICE)
        set_choice(&w, mmstar(&w), a);
    else if (rule == BF_RULE_MORE && s->task == BF_CHOICE)
        set_choice(&w, more(&w), a);
    else if (rule == BF_RULE_CMM && s->task == BF_YESNO)
        set_choice(&w, cmm(&w), a);
    else if (rule == BF_RULE_VLIND && s->task == BF_YESNO)
        set_choice(&w, vlind(&w), a);
    else if ((rule == BF_RULE_MRA || rule == BF_RULE_MRA_TST) && s->task == BF_NUMBER)
        read_mra(&w, rule == BF_RULE_MRA_TST, a);
    else
        bf_strict_read(tolerance, s, order, a);
}
