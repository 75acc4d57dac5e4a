/* Lines of JSON back into a ledger. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/db.h"
#include "core/exchange.h"
#include "core/file.h"
#include "core/json.h"
#include "core/ledger.h"
#include "core/text.h"

enum { MAX_LINE = 64 << 20, MAX_TRIAL = 1000000 };

static int read_key(const struct bf_json *v, uint8_t out[BF_SHA_BYTES], struct bf_err *err)
{
    static const char digits[] = "0123456789abcdef";
    const char *s = v ? bf_json_string(v) : NULL;
    bool whole = s && strlen(s) == 2 * BF_SHA_BYTES;
    for (int i = 0; whole && i < 2 * BF_SHA_BYTES; i++) {
        const char *d = strchr(digits, s[i]);
        whole = d != NULL;
        if (d)
            out[i / 2] = (uint8_t)(out[i / 2] << 4 | (d - digits));
    }
    return whole ? BF_OK
                 : bf_fail(err, BF_EINVAL, "'key' is no key; allowed: 64 digits 0 to 9, a to f");
}

static int read_name(const struct bf_json *row, const char *name, const char **out,
                     struct bf_err *err)
{
    const struct bf_json *v = bf_json_get(row, name);
    *out = v ? bf_json_string(v) : NULL;
    if (!*out || !**out)
        return bf_fail(err, BF_EINVAL, "'%s' is %s; allowed: a name", name,
                       *out ? "empty"
                       : v  ? bf_json_kind_name(v)
                            : "missing");
    return BF_OK;
}

/* A whole number, or absent or null when it may be: then `out` is untouched. */
static int read_count(const struct bf_json *row, const char *name, double max, bool may_lack,
                      double *out, struct bf_err *err)
{
    const struct bf_json *v = bf_json_get(row, name);
    double n = -1;
    if (may_lack && (!v || bf_json_kind(v) == BF_JSON_NULL))
        return BF_OK;
    if (!v || !bf_json_number(v, &n) || n < 0 || n > max || n != floor(n))
        return bf_fail(err, BF_EINVAL, "'%s' is no whole number; allowed: 0 to %.0f", name, max);
    *out = n;
    return BF_OK;
}

/* A word or nothing: absent and null are NULL. */
static int read_word(const struct bf_json *row, const char *name, const char **out,
                     struct bf_err *err)
{
    const struct bf_json *v = bf_json_get(row, name);
    *out = v ? bf_json_string(v) : NULL;
    if (v && !*out && bf_json_kind(v) != BF_JSON_NULL)
        return bf_fail(err, BF_EINVAL, "'%s' is %s; allowed: text or null", name,
                       bf_json_kind_name(v));
    return BF_OK;
}

/* Letters as a set, at most `max` of them. */
static int read_letters(const struct bf_json *row, const char *name, size_t max, uint32_t *out,
                        struct bf_err *err)
{
    const char *s;
    BF_TRY(read_word(row, name, &s, err));
    *out = 0;
    const size_t n = s ? strlen(s) : 0;
    bool fine = !s || (n >= 1 && n <= max);
    for (size_t i = 0; fine && i < n; i++) {
        fine = s[i] >= 'A' && s[i] <= 'Z';
        if (fine)
            *out |= BF_BIT(s[i] - 'A');
    }
    return fine ? BF_OK
                : bf_fail(err, BF_EINVAL, "'%s' is '%s'; allowed: %s A to Z", name, s,
                          max == 1 ? "one letter" : "letters");
}

/* One of `n` words, of which some may be NULL, by its index. */
static int read_one_of(const struct bf_json *row, const char *name, const char *const *words, int n,
                       int *out, struct bf_err *err)
{
    const char *s;
    BF_TRY(read_word(row, name, &s, err));
    for (int i = 0; s && i < n; i++)
        if (words[i] && strcmp(words[i], s) == 0) {
            *out = i;
            return BF_OK;
        }
    if (!s)
        return BF_END;
    struct bf_buf b = { 0 };
    for (int i = 0; i < n; i++)
        if (words[i])
            bf_buf_printf(&b, "%s%s", b.len ? ", " : "", words[i]);
    const int rc = bf_fail(err, BF_EINVAL, "'%s' is '%s'; allowed: %s", name, s,
                           b.failed ? "another word" : b.data);
    bf_buf_done(&b);
    return rc;
}

static int read_p(const struct bf_json *row, struct bf_answer *a, struct bf_err *err)
{
    const struct bf_json *v = bf_json_get(row, "p");
    if (!v || bf_json_kind(v) == BF_JSON_NULL)
        return BF_OK;
    const size_t n = bf_json_count(v);
    bool fine = bf_json_kind(v) == BF_JSON_ARRAY && n >= 1 && n <= BF_MAX_CHOICES;
    for (size_t i = 0; fine && i < n; i++) {
        double x = -1;
        fine = bf_json_number(bf_json_at(v, i), &x) && x >= 0 && x <= 1;
        a->p[i] = (float)x;
    }
    a->n_p = (int)n;
    return fine
               ? BF_OK
               : bf_fail(err, BF_EINVAL, "'p' is no list of 1 to %d probabilities", BF_MAX_CHOICES);
}

static int read_answer(const struct bf_json *row, struct bf_answer *a, struct bf_err *err)
{
    const char *classes[BF_CLASS_COUNT];
    double n_in = 0, n_out = 0;
    int cls = 0, finish = BF_FINISH_NONE;
    uint32_t choice;
    *a = (struct bf_answer){ .choice = -1, .number = NAN };
    for (int c = 0; c < BF_CLASS_COUNT; c++)
        classes[c] = bf_answer_class_name((enum bf_answer_class)c);
    const int rc = read_one_of(row, "class", classes, BF_CLASS_COUNT, &cls, err);
    if (rc == BF_END)
        return bf_fail(err, BF_EINVAL, "'class' is missing");
    BF_TRY(rc);
    BF_TRY(read_one_of(row, "finish", bf_finish_words, BF_FINISH_REFUSED + 1, &finish, err));
    BF_TRY(read_letters(row, "choice", 1, &choice, err));
    BF_TRY(read_letters(row, "choices", BF_MAX_CHOICES, &a->set, err));
    BF_TRY(read_word(row, "text", &a->text, err));
    BF_TRY(read_p(row, a, err));
    BF_TRY(read_count(row, "n_in", UINT32_MAX, true, &n_in, err));
    BF_TRY(read_count(row, "n_out", UINT32_MAX, true, &n_out, err));
    const struct bf_json *number = bf_json_get(row, "number");
    if (number && !bf_json_number(number, &a->number))
        return bf_fail(err, BF_EINVAL, "'number' is %s; allowed: a number",
                       bf_json_kind_name(number));
    for (int i = 0; i < BF_MAX_CHOICES; i++)
        if (choice == BF_BIT(i))
            a->choice = i;
    a->cls = (enum bf_answer_class)cls;
    a->finish = (enum bf_finish)finish;
    a->n_in = (uint32_t)n_in;
    a->n_out = (uint32_t)n_out;
    return BF_OK;
}

/* Words point into the JSON document, the key is in `key`. */
static int read_row(const struct bf_json *row, uint8_t key[BF_SHA_BYTES], struct bf_db_answer *out,
                    struct bf_err *err)
{
    static const char *const known[] = { "key",   "probe",  "sample",  "condition", "trial",
                                         "class", "choice", "choices", "number",    "text",
                                         "p",     "n_in",   "n_out",   "finish",    NULL };
    struct bf_json_iter it = { 0 };
    const char *name;
    const struct bf_json *value;
    double trial = 0;
    if (bf_json_kind(row) != BF_JSON_OBJECT)
        return bf_fail(err, BF_EINVAL, "the line is %s; allowed: an object",
                       bf_json_kind_name(row));
    while (bf_json_each(row, &it, &name, &value)) {
        int i = 0;
        while (known[i] && strcmp(known[i], name) != 0)
            i++;
        const char *near = known[i] ? NULL : bf_text_near(name, known);
        if (!known[i])
            return bf_fail(err, BF_EINVAL, "unknown key '%s'%s%s%s", name,
                           near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    *out = (struct bf_db_answer){ .key = key };
    BF_TRY(read_key(bf_json_get(row, "key"), key, err));
    BF_TRY(read_name(row, "probe", &out->probe, err));
    BF_TRY(read_name(row, "sample", &out->sample, err));
    BF_TRY(read_name(row, "condition", &out->condition, err));
    BF_TRY(read_count(row, "trial", MAX_TRIAL, false, &trial, err));
    out->trial = (int)trial;
    return read_answer(row, &out->answer, err);
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_same(const struct bf_db_answer *x, const struct bf_db_answer *y)
{
    const struct bf_answer *a = &x->answer, *b = &y->answer;
    return is_same_text(x->probe, y->probe) && is_same_text(x->sample, y->sample) &&
           is_same_text(x->condition, y->condition) && x->trial == y->trial && a->cls == b->cls &&
           a->choice == b->choice && a->set == b->set && is_same_text(a->text, b->text) &&
           (a->number == b->number || (isnan(a->number) && isnan(b->number))) && a->n_p == b->n_p &&
           memcmp(a->p, b->p, (size_t)a->n_p * sizeof *a->p) == 0 && a->n_in == b->n_in &&
           a->n_out == b->n_out && a->finish == b->finish;
}

static int import_one(struct bf_db *db, const struct bf_db_answer *row, struct bf_import *out,
                      struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_db_answer there;
    int rc = bf_db_answer(db, row->key, &there, &a, err);
    if (rc == BF_OK) {
        const bool same = is_same(row, &there);
        out->n_same += same;
        out->n_other += !same;
    } else if (rc == BF_EDATA) {
        rc = bf_db_forget_answer(db, row->key, err);
        rc = rc == BF_OK ? BF_END : rc;
    }
    if (rc == BF_END) {
        rc = bf_db_put_answer(db, row, false, err);
        out->n_new++;
    }
    bf_arena_reset(&a);
    return rc;
}

static void close_file(FILE **f)
{
    if (*f)
        fclose(*f);
}

/* BF_OK, BF_END, or a failure; the line without its end. */
static int next_line(FILE *f, struct bf_buf *line, struct bf_err *err)
{
    int c = EOF;
    line->len = 0;
    while (!line->failed && (c = getc_unlocked(f)) != EOF && c != '\n')
        bf_buf_char(line, (char)c);
    if (ferror(f))
        return bf_fail(err, BF_EIO, "cannot read: %s", strerror(errno));
    if (line->failed)
        return line->len + 1 >= MAX_LINE
                   ? bf_fail(err, BF_EINVAL, "the line is over %d MiB", MAX_LINE >> 20)
                   : bf_fail_memory(err, "a line");
    return c == EOF && line->len == 0 ? BF_END : BF_OK;
}

static int take_line(const struct bf_buf *line, struct bf_db *db, struct bf_import *out,
                     struct bf_err *err)
{
    struct bf_json_doc *doc = NULL;
    struct bf_db_answer row;
    uint8_t key[BF_SHA_BYTES];
    if (line->len == 0 || strspn(line->data, " \t\r") == line->len)
        return BF_OK;
    int rc = bf_json_parse(line->data, line->len, &doc, err);
    if (rc == BF_EDATA)
        rc = BF_EINVAL;
    if (rc == BF_OK)
        rc = read_row(bf_json_root(doc), key, &row, err);
    if (rc == BF_OK && db)
        rc = import_one(db, &row, out, err);
    bf_json_free(&doc);
    return rc;
}

/* Read every line, and take it into `db` unless NULL. */
static int take_lines(const char *file, struct bf_db *db, struct bf_import *out, struct bf_err *err)
{
    struct bf_err why;
    const int fd = bf_file_open(file, file, &why);
    if (fd < 0)
        return bf_fail(err, BF_EINVAL, "%s", why.msg);
    BF_AUTO(close_file) FILE *f = fdopen(fd, "rb");
    if (!f) {
        close(fd);
        return bf_fail_memory(err, file);
    }
    BF_AUTO(bf_buf_done) struct bf_buf line = { .max = MAX_LINE };
    for (unsigned long long number = 1;; number++) {
        int rc = next_line(f, &line, err);
        if (rc == BF_END)
            return BF_OK;
        if (rc == BF_OK)
            rc = take_line(&line, db, out, err);
        if (rc != BF_OK)
            return bf_fail_in(err, rc, "%s:%llu", file, number);
    }
}

static int import_into(const char *path, const char *file, struct bf_import *out,
                       struct bf_err *err)
{
    struct bf_ledger *l = NULL;
    BF_TRY(bf_ledger_open(path, &l, err));
    int rc = bf_ledger_begin(l, err);
    if (rc == BF_OK) {
        rc = take_lines(file, bf_ledger_db(l), out, err);
        if (rc == BF_OK)
            rc = bf_ledger_commit(l, err);
        if (rc != BF_OK)
            bf_ledger_rollback(l);
    }
    bf_ledger_close(l);
    return rc;
}

int bf_answers_import(const char *ledger, bool make, const char *file, struct bf_import *out,
                      struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_import counts = { 0 };
    const char *path = bf_answers_file(ledger, &a);
    int rc = path ? BF_OK : bf_fail_memory(err, "a path");
    if (rc == BF_OK && bf_file_exists(path) == make)
        rc = make ? bf_fail(err, BF_EINVAL, "ledger '%s' is there already; leave '--new' out", path)
                  : bf_fail(err, BF_EINVAL, "no ledger '%s'; '--new' makes one", path);
    if (rc == BF_OK) /* before anything is made */
        rc = take_lines(file, NULL, NULL, err);
    if (rc == BF_OK)
        rc = import_into(path, file, &counts, err);
    if (rc == BF_OK)
        *out = counts;
    bf_arena_reset(&a);
    return rc;
}
