/* Answers as lines of JSON, and what a ledger holds. */
#include "core/exchange.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/buf.h"
#include "core/db.h"
#include "core/file.h"
#include "core/ledger.h"

const char *const bf_finish_words[BF_FINISH_REFUSED + 1] = {
    [BF_FINISH_LENGTH] = "length",
    [BF_FINISH_REFUSED] = "refused",
};

const char *bf_answers_file(const char *ledger, struct bf_arena *a)
{
    struct stat st;
    const bool is_folder = stat(ledger, &st) == 0 && S_ISDIR(st.st_mode);
    return is_folder ? bf_path_join(a, ledger, "ledger.db") : bf_arena_strdup(a, ledger);
}

static int open_shared(const char *ledger, struct bf_ledger **out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    const char *path = bf_answers_file(ledger, &a);
    const int rc = path ? bf_ledger_open_shared(path, out, err) : bf_fail_memory(err, "a path");
    bf_arena_reset(&a);
    return rc;
}

/* In the fewest digits that read back as the same float. */
static void add_float(struct bf_buf *b, float v)
{
    char s[32];
    double d = v;
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(s, sizeof s, "%.*g", digits, (double)v);
        d = strtod(s, NULL);
        if ((float)d == v)
            break;
    }
    bf_buf_num(b, d);
}

static void add_letters(struct bf_buf *b, uint32_t set)
{
    bf_buf_char(b, '"');
    for (int i = 0; i < BF_MAX_CHOICES; i++)
        if (set & BF_BIT(i))
            bf_buf_char(b, (char)('A' + i));
    bf_buf_char(b, '"');
}

static void add_count(struct bf_buf *b, uint32_t n)
{
    if (n)
        bf_buf_printf(b, "%u", n);
    else
        bf_buf_str(b, "null");
}

static void add_answer(struct bf_buf *b, const struct bf_answer *a)
{
    bf_buf_printf(b, ", \"class\": \"%s\", \"choice\": ", bf_answer_class_name(a->cls));
    if (a->choice >= 0)
        add_letters(b, BF_BIT(a->choice));
    else
        bf_buf_str(b, "null");
    if (a->set) {
        bf_buf_str(b, ", \"choices\": ");
        add_letters(b, a->set);
    }
    if (isfinite(a->number)) {
        bf_buf_str(b, ", \"number\": ");
        bf_buf_num(b, a->number);
    }
    bf_buf_str(b, ", \"text\": ");
    if (a->text)
        bf_buf_json(b, a->text);
    else
        bf_buf_str(b, "null");
    bf_buf_str(b, ", \"p\": ");
    for (int i = 0; i < a->n_p; i++) {
        bf_buf_str(b, i ? ", " : "[");
        add_float(b, a->p[i]);
    }
    bf_buf_str(b, a->n_p ? "], \"n_in\": " : "null, \"n_in\": ");
    add_count(b, a->n_in);
    bf_buf_str(b, ", \"n_out\": ");
    add_count(b, a->n_out);
    if (a->finish)
        bf_buf_printf(b, ", \"finish\": \"%s\"", bf_finish_words[a->finish]);
}

struct exporting {
    int (*take)(void *ctx, const char *line, size_t n, struct bf_err *err);
    void *ctx;
    struct bf_buf line;
    uint64_t n;
};

static int export_one(void *ctx, const struct bf_db_answer *row, struct bf_err *err)
{
    struct exporting *e = ctx;
    struct bf_buf *b = &e->line;
    char hex[BF_SHA_HEX];
    bf_hex(row->key, BF_SHA_BYTES, hex);
    b->len = 0;
    bf_buf_printf(b, "{\"key\": \"%s\", \"probe\": ", hex);
    bf_buf_json(b, row->probe);
    bf_buf_str(b, ", \"sample\": ");
    bf_buf_json(b, row->sample);
    bf_buf_str(b, ", \"condition\": ");
    bf_buf_json(b, row->condition);
    bf_buf_printf(b, ", \"trial\": %d", row->trial);
    add_answer(b, &row->answer);
    bf_buf_str(b, "}\n");
    if (b->failed)
        return bf_fail_memory(err, "an answer");
    e->n++;
    return e->take(e->ctx, b->data, b->len, err);
}

int bf_answers_export(const char *ledger, const char *probe,
                      int (*take)(void *ctx, const char *line, size_t n, struct bf_err *err),
                      void *ctx, uint64_t *n_out, uint64_t *n_damaged_out, struct bf_err *err)
{
    struct exporting e = { .take = take, .ctx = ctx };
    struct bf_ledger *l = NULL;
    uint64_t n_damaged = 0;
    BF_TRY(open_shared(ledger, &l, err));
    int rc = bf_db_each_answer(bf_ledger_db(l), probe, export_one, &e, &n_damaged, err);
    if (rc == BF_OK && probe && e.n == 0)
        rc = bf_fail(err, BF_EINVAL, "ledger '%s' has no answer of probe '%s'", ledger, probe);
    bf_ledger_close(l);
    bf_buf_done(&e.line);
    if (rc == BF_OK) {
        *n_out = e.n;
        *n_damaged_out = n_damaged;
    }
    return rc;
}

static int add_stats(void *ctx, const struct bf_db_stats *row, struct bf_err *err)
{
    struct bf_answers_stats *s = ctx;
    struct bf_answers_of_probe *last = s->n_probes ? &s->probes[s->n_probes - 1] : NULL;
    if (!last || strcmp(last->probe, row->probe) != 0) {
        if ((s->n_probes & (s->n_probes - 1)) == 0) { /* a power of two is full */
            const size_t cap = s->n_probes ? 2 * (size_t)s->n_probes : 1;
            struct bf_answers_of_probe *more = bf_arena_alloc(&s->arena, cap, sizeof *more);
            if (!more)
                return bf_fail_memory(err, "statistics");
            if (s->n_probes)
                memcpy(more, s->probes, s->n_probes * sizeof *more);
            s->probes = more;
        }
        last = &s->probes[s->n_probes++];
        *last = (struct bf_answers_of_probe){ .probe = bf_arena_strdup(&s->arena, row->probe) };
        if (!last->probe)
            return bf_fail_memory(err, "statistics");
    }
    if (row->cls >= 0 && row->cls < BF_CLASS_COUNT)
        last->n[row->cls] += row->n;
    last->n_in += row->n_in;
    last->n_out += row->n_out;
    last->n_again += row->n_again;
    return BF_OK;
}

int bf_answers_stats(const char *ledger, struct bf_answers_stats *out, struct bf_err *err)
{
    struct bf_answers_stats s = { 0 };
    struct bf_ledger *l = NULL;
    BF_TRY(open_shared(ledger, &l, err));
    int rc = bf_db_each_stats(bf_ledger_db(l), add_stats, &s, err);
    if (rc == BF_OK)
        rc = bf_db_counter(bf_ledger_db(l), "lost", &s.n_lost, err);
    if (rc == BF_OK)
        rc = bf_db_counter(bf_ledger_db(l), "damaged", &s.n_damaged, err);
    bf_ledger_close(l);
    if (rc == BF_OK)
        *out = s;
    else
        bf_answers_stats_done(&s);
    return rc;
}

void bf_answers_stats_done(struct bf_answers_stats *s)
{
    bf_arena_reset(&s->arena);
    *s = (struct bf_answers_stats){ 0 };
}
