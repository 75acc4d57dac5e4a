/* Probe `answers`: replies recorded by somebody else, one JSON object a line:
 *
 *     {"id": "q7", "condition": "blind", "trial": 0, "answer": "B"}
 *
 * `answer` is read by the rule of `read` (by default a letter, a choice's words, a number, yes or
 * no, text, as replies of models have them); `class` says
 * "refused", "unparsed" or "failed" where there is none; `p` gives the probability of each choice
 * in the pool's order. `condition` defaults to "full", `trial` to 0. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/answer.h"
#include "core/file.h"
#include "core/json.h"
#include "core/ops.h"
#include "core/view.h"
#include "probe/reading/rules.h"

struct recorded {
    const char *path;
    int read; /* enum bf_rule */
    double tolerance;
};

/* One line of the file, its words in the arena. */
struct record {
    const char *id, *condition, *answer;
    int trial;
    int cls; /* of `class`, or -1 */
    int n_p;
    uint32_t line; /* 1 and up */
    float p[BF_MAX_CHOICES];
};

struct recording {
    struct bf_arena arena;
    uint32_t n;
    struct record *v; /* sorted by id, condition, trial */
};

enum { MAX_FILE = 1 << 30 };

static int read_p(const struct bf_json *p, struct record *r, struct bf_err *err)
{
    double sum = 0, x;
    const size_t n = bf_json_count(p);
    if (bf_json_kind(p) != BF_JSON_ARRAY || n < 2 || n > BF_MAX_CHOICES)
        return bf_fail(err, BF_EINVAL, "'p' is %s; allowed: a list of 2 to %d probabilities",
                       bf_json_kind_name(p), BF_MAX_CHOICES);
    for (size_t i = 0; i < n; i++) {
        if (!bf_json_number(bf_json_at(p, i), &x) || x < 0 || x > 1)
            return bf_fail(err, BF_EINVAL, "'p' holds what is no probability; allowed: 0 to 1");
        r->p[i] = (float)x;
        sum += x;
    }
    if (fabs(sum - 1) > 1e-3)
        return bf_fail(err, BF_EINVAL, "'p' sums to %g; allowed: 1", sum);
    r->n_p = (int)n;
    return BF_OK;
}

static int read_class(const char *word, struct record *r, struct bf_err *err)
{
    for (int c = BF_REFUSED; c < BF_CLASS_COUNT; c++)
        if (strcmp(word, bf_answer_class_name((enum bf_answer_class)c)) == 0) {
            r->cls = c;
            return BF_OK;
        }
    return bf_fail(err, BF_EINVAL, "'class' is '%s'; allowed: refused, unparsed, failed", word);
}

static int read_record(const struct bf_json *row, struct record *r, struct bf_arena *a,
                       struct bf_err *err)
{
    const struct bf_json *id = bf_json_get(row, "id"), *condition = bf_json_get(row, "condition"),
                         *trial = bf_json_get(row, "trial"), *answer = bf_json_get(row, "answer"),
                         *cls = bf_json_get(row, "class"), *p = bf_json_get(row, "p");
    double t = 0;
    *r = (struct record){ .cls = -1 };
    r->id = id ? bf_json_scalar(id, a) : NULL;
    if (!r->id)
        return bf_fail(err, BF_EINVAL, "'id' is missing");
    r->condition = condition ? bf_arena_strdup(a, bf_json_string(condition)) : "full";
    if (!r->condition)
        return bf_fail(err, BF_EINVAL, "'condition' is %s; allowed: a name",
                       bf_json_kind_name(condition));
    if (trial && (!bf_json_number(trial, &t) || t < 0 || t > 1e6 || t != floor(t)))
        return bf_fail(err, BF_EINVAL, "'trial' is no whole number; allowed: 0 to 1000000");
    r->trial = (int)t;
    if (cls && !bf_json_string(cls))
        return bf_fail(err, BF_EINVAL, "'class' is %s; allowed: refused, unparsed, failed",
                       bf_json_kind_name(cls));
    if (cls)
        BF_TRY(read_class(bf_json_string(cls), r, err));
    const enum bf_json_kind kind = answer ? bf_json_kind(answer) : BF_JSON_NULL;
    if (kind == BF_JSON_ARRAY || kind == BF_JSON_OBJECT)
        return bf_fail(err, BF_EINVAL, "'answer' is %s; allowed: one value",
                       bf_json_kind_name(answer));
    if (answer)
        r->answer = bf_json_scalar(answer, a);
    if (p)
        BF_TRY(read_p(p, r, err));
    if (!r->answer && r->cls < 0 && !r->n_p)
        return bf_fail(err, BF_EINVAL, "none of 'answer', 'class' and 'p' is given");
    return BF_OK;
}

static int compare(const struct record *a, const char *id, const char *condition, int trial)
{
    int d = strcmp(a->id, id);
    if (d == 0)
        d = strcmp(a->condition, condition);
    return d ? d : (a->trial > trial) - (a->trial < trial);
}

static int by_key(const void *x, const void *y)
{
    const struct record *a = x, *b = y;
    const int d = compare(a, b->id, b->condition, b->trial);
    return d ? d : (a->line > b->line) - (a->line < b->line);
}

static int parse(const char *name, char *text, size_t len, struct recording *out,
                 struct bf_err *err)
{
    uint32_t n_lines = 1, line = 0;
    for (size_t i = 0; i < len; i++)
        n_lines += text[i] == '\n';
    out->v = bf_arena_alloc(&out->arena, n_lines, sizeof *out->v);
    if (!out->v)
        return bf_fail_memory(err, "recorded answers");
    const size_t mark = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    for (char *s = text + mark, *end = text + len; s < end;) {
        char *nl = memchr(s, '\n', (size_t)(end - s));
        const size_t n = nl ? (size_t)(nl - s) : (size_t)(end - s);
        line++;
        if (strspn(s, " \t\r") < n) {
            struct bf_json_doc *doc = NULL;
            int rc = bf_json_parse(s, n, &doc, err);
            if (rc == BF_OK)
                rc = read_record(bf_json_root(doc), &out->v[out->n], &out->arena, err);
            out->v[out->n++].line = line;
            bf_json_free(&doc);
            if (rc != BF_OK)
                return bf_fail_in(err, rc == BF_EDATA ? BF_EINVAL : rc, "%s:%u", name, line);
        }
        s += n + (nl != NULL);
    }
    qsort(out->v, out->n, sizeof *out->v, by_key);
    for (uint32_t i = 1; i < out->n; i++) {
        const struct record *a = &out->v[i - 1], *b = &out->v[i];
        if (compare(a, b->id, b->condition, b->trial) == 0)
            return bf_fail(err, BF_EINVAL,
                           "%s:%u: another answer for sample '%s', condition '%s', trial %d; the "
                           "first is on line %u",
                           name, b->line, b->id, b->condition, b->trial, a->line);
    }
    return BF_OK;
}

static int load(const struct recorded *o, struct recording *out, struct bf_err *err)
{
    char *text;
    size_t len;
    const int rc = bf_file_read(o->path, MAX_FILE, &text, &len, &out->arena, err);
    if (rc < 0)
        return rc == BF_ENOMEM ? rc : bf_fail_in(err, BF_EINVAL, "recorded answers");
    const char *slash = strrchr(o->path, '/');
    return parse(slash ? slash + 1 : o->path, text, len, out, err);
}

static int answers_check(const struct bf_probe_spec *p, const struct bf_spec *spec,
                         struct bf_err *err)
{
    (void)spec;
    struct recording r = { 0 };
    const int rc = load(p->priv, &r, err);
    bf_arena_reset(&r.arena);
    return rc;
}

/* The file's content is what the probe is, and how it is read: all of it is there to be read
 * again, so that nothing but the outcome is kept. */
static int answers_identify(const struct bf_probe_spec *p, const struct bf_spec *spec,
                            const struct bf_pool *pool, struct bf_buf *out, struct bf_err *err)
{
    (void)spec, (void)pool;
    const struct recorded *o = p->priv;
    struct bf_arena a = { 0 };
    uint8_t sha[BF_SHA_BYTES];
    char hex[BF_SHA_HEX], *text;
    size_t len;
    const int rc = bf_file_read(o->path, MAX_FILE, &text, &len, &a, err);
    if (rc == BF_OK) {
        bf_sha256(text, len, sha);
        bf_hex(sha, BF_SHA_BYTES, hex);
        bf_buf_printf(out, "answers v2;sha256=%s;read=%d;tolerance=", hex, o->read);
        bf_buf_num(out, o->tolerance);
    }
    bf_arena_reset(&a);
    return rc;
}

static const struct record *find(const struct recording *r, const char *id, const char *condition,
                                 int trial)
{
    uint32_t lo = 0, hi = r->n;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        const int d = compare(&r->v[mid], id, condition, trial);
        if (d == 0)
            return &r->v[mid];
        if (d < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

/* The record under any condition that shows the same: "blind" also answers
 * "without_image+audio" of a sample that has no other modality. */
static const struct record *find_same(const struct bf_asking *asking, const struct recording *r,
                                      const struct bf_question *q)
{
    const struct bf_sample *s = &asking->pool->samples[q->sample];
    for (int c = 0; c < asking->conditions->n; c++) {
        struct bf_view v;
        bf_view_of(&asking->conditions->v[c], s, &v);
        const struct record *found = bf_view_same(q->view, &v)
                                         ? find(r, s->id, asking->conditions->v[c].name, q->trial)
                                         : NULL;
        if (found)
            return found;
    }
    return NULL;
}

/* Recorded letters are those of the pool's order. By our own rule a letter that is also the words
 * of a choice means those words, since nobody knows what was shown. */
static void read_reply(const struct recorded *o, const struct bf_sample *s, const char *reply,
                       struct bf_answer *out)
{
    uint8_t order[BF_MAX_CHOICES];
    for (int i = 0; i < BF_MAX_CHOICES; i++)
        order[i] = (uint8_t)i;
    *out = (struct bf_answer){ .cls = BF_UNPARSED, .choice = -1, .number = NAN, .text = reply };
    if (o->read == BF_RULE_STRICT && s->n_choices)
        bf_answer_read(s, reply, out);
    if (out->cls == BF_UNPARSED)
        bf_rule_read((enum bf_rule)o->read, o->tolerance, s, order, out);
}

static int to_answer(const struct recorded *o, const struct bf_sample *s, const struct record *r,
                     struct bf_answer *out, struct bf_err *err)
{
    *out = (struct bf_answer){ .choice = -1, .number = NAN };
    if (r->n_p && r->n_p != s->n_choices)
        return bf_fail(err, BF_EINVAL, "sample '%s': 'p' has %d probabilities for %d choices",
                       s->id, r->n_p, s->n_choices);
    if (r->answer)
        read_reply(o, s, r->answer, out);
    if (r->n_p) {
        out->n_p = r->n_p;
        memcpy(out->p, r->p, sizeof out->p);
    }
    if (!r->answer && r->n_p) {
        out->choice = 0;
        for (int c = 1; c < r->n_p; c++)
            if (r->p[c] > r->p[out->choice])
                out->choice = c;
        out->cls = bf_answer_judge(s, out);
    }
    if (r->cls >= 0)
        out->cls = (enum bf_answer_class)r->cls;
    return BF_OK;
}

/* What the ledger remembers of a reply is what it said, not the share of a right answer that a rule
 * gives for it. */
static void answers_read(const struct bf_probe_spec *p, const struct bf_sample *s,
                         const uint8_t *order, struct bf_answer *a)
{
    const struct recorded *o = p->priv;
    struct bf_answer again;
    (void)order; /* recorded letters are those of the pool */
    if (a->cls != BF_RIGHT && a->cls != BF_WRONG)
        return;
    a->cls = bf_answer_judge(s, a);
    if (!a->text || s->task != BF_NUMBER)
        return;
    read_reply(o, s, a->text, &again);
    a->has_credit = again.has_credit;
    a->credit = again.credit;
    if (again.has_credit)
        a->cls = again.cls;
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void note_useless(const struct bf_asking *asking, uint32_t n, const char *why,
                         const char *first)
{
    char line[384];
    snprintf(line, sizeof line, "probe '%s': %u recorded answer%s %s, '%.200s' first",
             asking->probe->name, n, n == 1 ? "" : "s", why, first);
    if (n && asking->note)
        asking->note(asking->ctx, line);
}

/* Answers to samples or conditions that the run does not have are of no use: say so once. When
 * there are no others the file is not the one that was meant. */
static int note_unknown(const struct bf_asking *asking, const struct recording *r,
                        struct bf_err *err)
{
    const uint32_t n_samples = asking->pool->n_samples;
    const char **ids = malloc(((size_t)n_samples + 1) * sizeof *ids);
    const char *first_id = "", *first_condition = "";
    uint32_t n_ids = 0, n_conditions = 0;
    if (!ids)
        return bf_fail_memory(err, "recorded answers");
    for (uint32_t i = 0; i < n_samples; i++)
        ids[i] = asking->pool->samples[i].id;
    qsort(ids, n_samples, sizeof *ids, by_text);
    for (uint32_t i = 0; i < r->n; i++) {
        if (!bsearch(&r->v[i].id, ids, n_samples, sizeof *ids, by_text)) {
            first_id = n_ids++ ? first_id : r->v[i].id;
        } else if (bf_condition_find(asking->conditions, r->v[i].condition) < 0) {
            first_condition = n_conditions++ ? first_condition : r->v[i].condition;
        }
    }
    free(ids);
    if (n_ids && n_ids == r->n)
        return bf_fail(err, BF_EINVAL,
                       "probe '%s': %u recorded answer%s, none for a sample of the pool, '%.200s' "
                       "first",
                       asking->probe->name, n_ids, n_ids == 1 ? "" : "s", first_id);
    note_useless(asking, n_ids, "for samples that the pool does not have", first_id);
    note_useless(asking, n_conditions, "under conditions that the run does not have",
                 first_condition);
    return BF_OK;
}

static int answers_ask(const struct bf_asking *asking, struct bf_err *err)
{
    struct recording r = { 0 };
    uint32_t *which = calloc((size_t)asking->n + 1, sizeof *which);
    struct bf_answer *answers = calloc((size_t)asking->n + 1, sizeof *answers);
    uint32_t n = 0;
    int rc = which && answers ? load(asking->probe->priv, &r, err)
                              : bf_fail_memory(err, "recorded answers");
    for (uint32_t i = 0; rc == BF_OK && i < asking->n; i++) {
        const struct bf_question *q = &asking->questions[i];
        const struct record *found = find_same(asking, &r, q);
        if (!found)
            continue;
        which[n] = i;
        rc = to_answer(asking->probe->priv, &asking->pool->samples[q->sample], found, &answers[n++],
                       err);
        if (rc != BF_OK)
            rc = bf_fail_in(err, rc, "probe '%s'", asking->probe->name);
    }
    if (rc == BF_OK && n)
        rc = asking->put(asking->ctx, which, answers, n, err);
    if (rc == BF_OK)
        rc = note_unknown(asking, &r, err);
    bf_arena_reset(&r.arena);
    free(which);
    free(answers);
    return rc;
}

static const struct bf_opt answers_opts[] = {
    { "path", BF_OPT_PATH, offsetof(struct recorded, path), NULL, 0, 0, NULL,
      "JSONL file with one recorded answer a line", NULL },
    { "read", BF_OPT_ENUM, offsetof(struct recorded, read), "strict", 0, 0, NULL,
      "how replies are read (docs/asking.md)", BF_RULE_WORDS },
    { "tolerance", BF_OPT_NUM, offsetof(struct recorded, tolerance), "0", 0, 1,
      "of the gold number", "numbers that are off by so much are right", NULL },
    { .name = NULL },
};

const struct bf_probe bf_probe_answers = {
    .op = {
        .name = "answers",
        .summary = "answers recorded by somebody else, one JSON object a line",
        .source = "docs/answers.md",
        .priv_size = sizeof(struct recorded),
        .opts = answers_opts,
    },
    .recorded = true,
    .check = answers_check,
    .identify = answers_identify,
    .ask = answers_ask,
    .read = answers_read,
};
