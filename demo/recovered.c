/* recovered [--check] POOLDIR RUNDIR: how well a run found what make_pool planted. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"

enum {
    MAX_FILE = 64 << 20,
    N_SENSES = 4,
    N_LEAKS = 5,
    N_STRENGTHS = 3,
    N_SHOWN_LEAKS = 4,
    MAX_CATEGORIES = 32
};

static const char *const senses[N_SENSES] = { "image", "audio", "video", "tactile" };

/* The first four can be seen in question and choices; the last needs a frame. */
static const char *const leaks[N_LEAKS] = { "leak_word", "leak_longest", "leak_letter",
                                            "leak_prior", "leak_frame" };
static const char *const strengths[N_STRENGTHS] = { "0.6", "0.8", "1.0" };

/* One question: what is true of it, and what the run made of it. */
struct row {
    const char *id, *kind, *needs, *strength, *category;
    bool right; /* the leak's rule names the gold */
    bool judged, rejected;
    double share[N_SENSES]; /* contribution, NaN = null */
};

struct rows {
    struct bf_arena arena;
    struct row *v;
    size_t n;
};

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->id, ((const struct row *)b)->id);
}

static struct row *row_of(const struct rows *rows, const char *id)
{
    const struct row key = { .id = id };
    return id ? bsearch(&key, rows->v, rows->n, sizeof *rows->v, by_id) : NULL;
}

/* The next line of `*at`, NUL in place of its end; NULL after the last. */
static char *next_line(char **at)
{
    char *line = *at;
    if (*line == '\0')
        return NULL;
    char *end = line + strcspn(line, "\n");
    *at = *end ? end + 1 : end;
    *end = '\0';
    return line;
}

static int read_text(struct rows *rows, const char *dir, const char *name, char **text_out,
                     struct bf_err *err)
{
    const char *path = bf_path_join(&rows->arena, dir, name);
    size_t n;
    return path ? bf_file_read(path, MAX_FILE, text_out, &n, &rows->arena, err)
                : bf_fail_memory(err, "a path");
}

/* truth.tsv: id kind needs strength rule_choice gold rule_right. */
static int read_truth(struct rows *rows, const char *dir, struct bf_err *err)
{
    char *at, *line;
    BF_TRY(read_text(rows, dir, "truth.tsv", &at, err));
    size_t n_lines = 0;
    for (const char *s = at; *s; s++)
        n_lines += *s == '\n';
    rows->v = bf_arena_alloc(&rows->arena, n_lines + 1, sizeof *rows->v);
    if (!rows->v)
        return bf_fail_memory(err, "the truth");

    (void)next_line(&at); /* names of the columns */
    for (int number = 2; (line = next_line(&at)) != NULL; number++) {
        const char *field[7];
        int n = 0;
        for (char *s = line; n < 7; n++) {
            field[n] = s;
            s += strcspn(s, "\t");
            if (*s)
                *s++ = '\0';
        }
        if (field[6][0] == '\0')
            return bf_fail(err, BF_EDATA, "'truth.tsv' line %d has less than 7 columns", number);
        rows->v[rows->n++] = (struct row){
            .id = field[0],
            .kind = field[1],
            .needs = field[2],
            .strength = field[3],
            .category = "",
            .right = field[6][0] == '1',
            .share = { NAN, NAN, NAN, NAN },
        };
    }
    qsort(rows->v, rows->n, sizeof *rows->v, by_id);
    return BF_OK;
}

static int take_category(struct rows *rows, const struct bf_json *v, struct bf_err *err)
{
    struct row *row = row_of(rows, bf_json_string(bf_json_get(v, "id")));
    const char *category = bf_json_string(bf_json_get(v, "category"));
    if (!row || !category)
        return BF_OK;
    row->category = bf_arena_strdup(&rows->arena, category);
    return row->category ? BF_OK : bf_fail_memory(err, "a category");
}

static int take_verdict(struct rows *rows, const struct bf_json *v, struct bf_err *err)
{
    struct row *row = row_of(rows, bf_json_string(bf_json_get(v, "id")));
    const char *verdict = bf_json_string(bf_json_get(v, "verdict"));
    if (!row || !verdict)
        return bf_fail(err, BF_EDATA, "no question of the pool, or no verdict");
    row->judged = true;
    row->rejected = strcmp(verdict, "reject") == 0;
    const struct bf_json *share = bf_json_get(v, "contribution");
    for (int k = 0; k < N_SENSES; k++)
        (void)bf_json_number(bf_json_get(share, senses[k]), &row->share[k]); /* null stays NaN */
    return BF_OK;
}

static int read_json_lines(struct rows *rows, const char *dir, const char *name,
                           int (*take)(struct rows *rows, const struct bf_json *v,
                                       struct bf_err *err),
                           struct bf_err *err)
{
    char *at, *line;
    BF_TRY(read_text(rows, dir, name, &at, err));
    for (int number = 1; (line = next_line(&at)) != NULL; number++) {
        struct bf_json_doc *doc = NULL;
        int rc = bf_json_parse(line, strlen(line), &doc, err);
        if (rc == BF_OK)
            rc = take(rows, bf_json_root(doc), err);
        bf_json_free(&doc);
        if (rc != BF_OK)
            return bf_fail_in(err, rc, "'%s' line %d", name, number);
    }
    return BF_OK;
}

/* Wilson's 95 % interval of k of n, in percent. */
static void print_share(int k, int n)
{
    const double z2 = 1.959964 * 1.959964, p = (double)k / n, middle = (p + z2 / (2.0 * n));
    const double half = sqrt(z2 * (p * (1 - p) / n + z2 / (4.0 * n * n))), all = 1 + z2 / n;
    printf("%4d of %4d  %5.1f %%  (95 %%: %.1f to %.1f)", k, n, 100 * p,
           100 * (middle - half) / all, 100 * (middle + half) / all);
}

struct tally {
    int n, right, rejected, hit;
};

static void count(struct tally *t, const struct row *r)
{
    t->n++;
    t->right += r->right;
    t->rejected += r->rejected;
    t->hit += r->right && r->rejected;
}

static double recall(const struct tally *t)
{
    return t->right ? (double)t->hit / t->right : NAN;
}

static void print_tally(const char *kind, const char *strength, const struct tally *t)
{
    printf("  %-13s %-8s %5d %6d %9d ", kind, strength, t->n, t->right, t->rejected);
    if (t->rejected)
        printf("%10.2f", (double)t->hit / t->rejected);
    else
        printf("%10s", "-");
    printf(" %7.2f %10.2f %7.2f\n", recall(t), t->n ? (double)t->right / t->n : NAN, 1.0);
}

/* Whether the promise about recall was kept. */
static bool report_leaks(const struct rows *rows)
{
    struct tally shown = { 0 }, all = { 0 };
    bool kept = true;

    printf("Leaks planted and leaks found. \"right\": the leak's rule names the right answer;\n"
           "these are the questions to find. \"the rule\": rejecting every question of that kind.\n"
           "\n"
           "                                                   found          the rule itself\n"
           "  kind          strength     n  right  rejected  precision  recall  precision  "
           "recall\n");
    for (int k = 0; k < N_LEAKS; k++) {
        struct tally t[N_STRENGTHS] = { { 0 } }, kind = { 0 };
        for (size_t i = 0; i < rows->n; i++) {
            const struct row *r = &rows->v[i];
            if (strcmp(r->kind, leaks[k]) != 0)
                continue;
            for (int s = 0; s < N_STRENGTHS; s++)
                if (strcmp(r->strength, strengths[s]) == 0)
                    count(&t[s], r);
            count(&kind, r);
            count(&all, r);
            if (k < N_SHOWN_LEAKS)
                count(&shown, r);
        }
        for (int s = 0; s < N_STRENGTHS; s++)
            print_tally(s == 0 ? leaks[k] : "", strengths[s], &t[s]);
        print_tally("", "all", &kind);
        if (k < N_SHOWN_LEAKS)
            kept &= recall(&kind) >= 0.7;
    }
    printf("\n");
    print_tally("all five", "", &all);
    print_tally("first four", "", &shown);
    kept &= recall(&shown) >= 0.85;
    printf("  The first four are those that question and choices show: recall %.2f, at least\n"
           "  0.85 asked for, and 0.70 for each: %s.\n\n",
           recall(&shown), kept ? "kept" : "NOT KEPT");
    return kept;
}

static bool report_needs(const struct rows *rows)
{
    static const char *const kinds[5] = { "need_image", "need_audio", "need_video", "need_tactile",
                                          "need_two" };
    int n_all = 0, k_all = 0;
    printf("Questions that need their media, and were rejected all the same:\n\n");
    for (int k = 0; k < 5; k++) {
        int n = 0, rejected = 0;
        for (size_t i = 0; i < rows->n; i++) {
            if (strcmp(rows->v[i].kind, kinds[k]) != 0)
                continue;
            n++;
            rejected += rows->v[i].rejected;
        }
        if (n) {
            printf("  %-13s ", kinds[k]);
            print_share(rejected, n);
            printf("\n");
        }
        n_all += n;
        k_all += rejected;
    }
    if (n_all == 0)
        return true;
    const bool kept = k_all <= 0.03 * n_all;
    printf("  %-13s ", "all");
    print_share(k_all, n_all);
    printf("\n  At most 3 %% asked for: %s.\n\n", kept ? "kept" : "NOT KEPT");
    return kept;
}

/* Whether sense `k` contributes more than each other one that was measured. */
static bool is_largest(const struct row *r, int k)
{
    for (int o = 0; o < N_SENSES; o++)
        if (o != k && r->share[o] >= r->share[k])
            return false;
    return !isnan(r->share[k]);
}

struct category {
    const char *name;
    int n, largest;
};

/* Share of questions for which sense `k`, the one they need, contributes most. */
static void report_sense(const struct rows *rows, int k, int *n_all, int *k_all)
{
    struct category by[MAX_CATEGORIES];
    int n_by = 0, n = 0, largest = 0;
    for (size_t i = 0; i < rows->n; i++) {
        const struct row *r = &rows->v[i];
        if (strncmp(r->kind, "need_", 5) != 0 || strcmp(r->needs, senses[k]) != 0)
            continue;
        int c = 0;
        while (c < n_by && strcmp(by[c].name, r->category) != 0)
            c++;
        if (c == MAX_CATEGORIES)
            continue;
        if (c == n_by)
            by[n_by++] = (struct category){ .name = r->category };
        by[c].n++;
        by[c].largest += is_largest(r, k);
        n++;
        largest += is_largest(r, k);
    }
    if (n == 0)
        return;
    printf("  %-8s ", senses[k]);
    print_share(largest, n);
    for (int c = 0; c < n_by; c++)
        printf("%s %s %.0f %%", c == 0 ? " :" : ",", by[c].name, 100.0 * by[c].largest / by[c].n);
    printf("\n");
    *n_all += n;
    *k_all += largest;
}

static bool report_contributions(const struct rows *rows)
{
    int n = 0, largest = 0;
    printf("Questions that need one sense, and of whose senses that one contributes most:\n\n");
    for (int k = 0; k < N_SENSES; k++)
        report_sense(rows, k, &n, &largest);
    if (n == 0)
        return true;
    const bool kept = largest >= 0.7 * n;
    printf("  %-8s ", "all");
    print_share(largest, n);
    printf("\n  At least 70 %% asked for: %s.\n", kept ? "kept" : "NOT KEPT");
    return kept;
}

static int read_all(struct rows *rows, const char *pool_dir, const char *run_dir,
                    struct bf_err *err)
{
    BF_TRY(read_truth(rows, pool_dir, err));
    BF_TRY(read_json_lines(rows, pool_dir, "pool.jsonl", take_category, err));
    BF_TRY(read_json_lines(rows, run_dir, "verdicts.jsonl", take_verdict, err));
    for (size_t i = 0; i < rows->n; i++)
        if (!rows->v[i].judged)
            return bf_fail(err, BF_EDATA, "the run has no verdict on '%s'", rows->v[i].id);
    return BF_OK;
}

int main(int argc, char **argv)
{
    const bool check = argc > 1 && strcmp(argv[1], "--check") == 0;
    if (argc != 3 + check) {
        fputs("usage: recovered [--check] POOLDIR RUNDIR\n", stderr);
        return 2;
    }
    struct rows rows = { 0 };
    struct bf_err err;
    int rc = read_all(&rows, argv[1 + check], argv[2 + check], &err);
    if (rc != BF_OK) {
        fprintf(stderr, "recovered: %s\n", err.msg);
    } else {
        const bool leaks_kept = report_leaks(&rows);
        const bool needs_kept = report_needs(&rows);
        const bool shares_kept = report_contributions(&rows);
        rc = check && !(leaks_kept && needs_kept && shares_kept) ? 1 : 0;
    }
    bf_arena_reset(&rows.arena);
    return rc == 0 ? 0 : 1;
}
