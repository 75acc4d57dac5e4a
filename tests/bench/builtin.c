/* bench_builtin POOL.jsonl [NAME=VALUE]...: the built-in probe on a pool of text, in memory,
 * without ledger or files: how well it predicts gold choices out of fold, and what that takes.
 *
 * Where rows hold things: question=, choices=, answer= (a letter, an index from 0 or the words of a
 * choice), category= (default category), group= (a field, or `media` for the path of the first
 * medium: rows with the same value stay in one fold). limit= is the number of rows read. seed=,
 * threads= and, of each sample, p=FILE.npy (float32 [samples][most choices], NaN where there is
 * none), fold=FILE.npy (uint8), gold=FILE.npy (int32); of each choice columns=FILE.npy (float32
 * [choices][columns]), what trees see of words. With ask=0 nothing is learned. All other names are
 * options of the probe: learner=, folds=, ... */
#include <errno.h>
#include <sys/resource.h>
#include <time.h>

#include "core/json.h"
#include "core/text.h"
#include "probe/builtin/columns.h"
#include "probe/builtin/folds.h"
#include "score/intervals.h"
#include "tests/builtin/asked.h"
#include "tests/builtin/measures.h"

enum { MAX_OPTIONS = 64 };

struct settings {
    const char *question, *choices, *answer, *category, *group, *p, *fold, *gold, *columns;
    int64_t limit, seed, threads, folds, ask;
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench_builtin: %s: %s\n", what, why);
    exit(1);
}

static const char *copy(struct bf_arena *a, const char *s)
{
    const char *c = bf_arena_strdup(a, s ? s : "");
    if (!c)
        die("a row", "out of memory");
    return c;
}

/* The value at `name` of a row; `media` is the path of its first medium. */
static const char *field(const struct bf_json *row, const char *name, struct bf_arena *a)
{
    const struct bf_json *v = bf_json_get(row, name);
    if (strcmp(name, "media") == 0 && v && bf_json_kind(v) == BF_JSON_ARRAY)
        v = bf_json_at(v, 0);
    if (strcmp(name, "media") == 0 && v && bf_json_kind(v) == BF_JSON_OBJECT)
        v = bf_json_get(v, "path");
    return v ? bf_json_scalar(v, a) : NULL;
}

/* Index of the gold choice, or -1. */
static int gold_of(const struct bf_json *answer, const struct bf_sample *s, struct bf_arena *a)
{
    double index;
    const char *text = answer ? bf_json_scalar(answer, a) : NULL;
    if (!text)
        return -1;
    if (bf_json_number(answer, &index))
        return index >= 0 && index < s->n_choices ? (int)index : -1;
    for (int c = 0; c < s->n_choices; c++)
        if (strcmp(s->choices[c], text) == 0)
            return c;
    return strlen(text) == 1 && *text >= 'A' && *text < 'A' + s->n_choices ? *text - 'A' : -1;
}

static void add_row(struct bf_pool *pool, const struct bf_json *row, const struct settings *o,
                    uint64_t number)
{
    struct bf_arena *a = &pool->arena;
    const struct bf_json *choices = bf_json_get(row, o->choices);
    struct bf_err err;
    struct bf_sample s = { .task = BF_CHOICE,
                           .id = bf_arena_printf(a, "%llu", (unsigned long long)number) };
    if (!choices)
        choices = bf_json_get(row, "options");
    s.n_choices = (int)bf_json_count(choices);
    if (s.n_choices < 2 || s.n_choices > BF_MAX_CHOICES)
        return;
    s.choices = bf_arena_alloc(a, (size_t)s.n_choices, sizeof *s.choices);
    if (!s.id || !s.choices)
        die("a row", "out of memory");
    for (int c = 0; c < s.n_choices; c++)
        s.choices[c] = copy(a, bf_json_scalar(bf_json_at(choices, (size_t)c), a));
    s.question = copy(a, field(row, o->question, a));
    s.category = copy(a, field(row, o->category, a));
    s.origin = s.licence = "";
    s.gold = gold_of(bf_json_get(row, o->answer), &s, a);
    if (s.gold < 0)
        return;
    s.gold_set = 1u << s.gold;
    s.gold_text = s.choices[s.gold];
    if (bf_pool_add(pool, &s, &err) != BF_OK)
        die("a row", err.msg);
}

struct grouped {
    const char *name;
    uint32_t sample;
};

static int by_name(const void *x, const void *y)
{
    const struct grouped *a = x, *b = y;
    const int d = strcmp(a->name, b->name);
    return d ? d : (a->sample > b->sample) - (a->sample < b->sample);
}

/* Samples with the same name are one group; `names` NULL: each is one of its own. */
static void group_samples(struct bf_pool *pool, struct grouped *names)
{
    pool->n_groups = pool->n_samples;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        pool->samples[i].group = i;
    if (!names)
        return;
    qsort(names, pool->n_samples, sizeof *names, by_name);
    for (uint32_t i = 1; i < pool->n_samples; i++)
        if (strcmp(names[i].name, names[i - 1].name) == 0)
            pool->samples[names[i].sample].group = pool->samples[names[i - 1].sample].group;
}

static void read_pool(const char *path, const struct settings *o, struct bf_pool *pool)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0, n_names = 0, cap_names = 0;
    struct grouped *names = NULL;
    if (!f)
        die(path, strerror(errno));
    for (uint64_t number = 1; getline(&line, &cap, f) > 0; number++) {
        struct bf_json_doc *doc;
        struct bf_err err;
        if ((o->limit && (int64_t)number > o->limit))
            break;
        if (bf_json_parse(line, strlen(line), &doc, &err) != BF_OK)
            die(path, err.msg);
        const uint32_t before = pool->n_samples;
        add_row(pool, bf_json_root(doc), o, number);
        if (pool->n_samples > before && o->group) {
            if (n_names == cap_names) {
                cap_names = cap_names ? 2 * cap_names : 1024;
                names = realloc(names, cap_names * sizeof *names);
                if (!names)
                    die(path, "out of memory");
            }
            const char *name = field(bf_json_root(doc), o->group, &pool->arena);
            if (!name)
                die(path, "a row has no such group");
            names[n_names++] = (struct grouped){ copy(&pool->arena, name), before };
        }
        bf_json_free(&doc);
    }
    fclose(f);
    free(line);
    group_samples(pool, names);
    free(names);
    bf_pool_complete(pool);
}

/* One array as numpy reads it: format 1.0, little endian. */
static void write_npy(const char *path, const char *type, size_t size, uint32_t n, int width,
                      const void *v)
{
    char shape[64], head[256];
    snprintf(shape, sizeof shape, width ? "(%u, %d)" : "(%u,)", n, width);
    int used = snprintf(head, sizeof head, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                        type, shape);
    const int padded = (10 + used + 1 + 63) / 64 * 64 - 10;
    const uint8_t magic[] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t)padded, 0 };
    FILE *f = fopen(path, "we");
    if (!f)
        die(path, strerror(errno));
    fwrite(magic, 1, sizeof magic, f);
    fprintf(f, "%-*s\n", padded - 1, head);
    fwrite(v, size, (size_t)n * (size_t)(width ? width : 1), f);
    if (fclose(f) != 0)
        die(path, strerror(errno));
}

static void write_p(const char *path, const struct asked *a, uint32_t n)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++)
        most = a->first[i + 1] - a->first[i] > most ? a->first[i + 1] - a->first[i] : most;
    float *p = asked_room((size_t)n * most, sizeof *p);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = 0; c < most; c++) {
            const uint32_t k = a->first[i + 1] - a->first[i];
            p[(size_t)i * most + c] = c < k ? a->p[a->first[i] + c] : NAN;
        }
    write_npy(path, "<f4", sizeof *p, n, (int)most, p);
    free(p);
}

static void write_fold(const char *path, const struct bf_pool *pool, const struct settings *o)
{
    uint8_t *fold = asked_room(pool->n_samples, 1);
    uint32_t largest;
    struct bf_err err;
    if (bf_folds(pool, (int)o->folds, (uint64_t)o->seed, fold, &largest, &err) != BF_OK)
        die("folds", err.msg);
    write_npy(path, "|u1", 1, pool->n_samples, 0, fold);
    free(fold);
}

/* The columns that trees see, but for what looks at labels: one row a choice. */
static void write_columns(const char *path, const struct bf_pool *pool, const struct asked *a)
{
    const struct bf_shown_words words = { .choices = true };
    const uint32_t n_rows = a->first[pool->n_samples];
    struct bf_arena arena = { 0 };
    struct bf_columns c;
    struct bf_err err;
    if (bf_columns_make(pool, &words, a->first, &c, &arena, &err) != BF_OK)
        die("columns", err.msg);
    float *v = asked_room((size_t)n_rows * (size_t)c.n, sizeof *v);
    for (int k = 0; k < c.n; k++)
        for (uint32_t r = 0; r < n_rows; r++)
            v[(size_t)r * (size_t)c.n + (size_t)k] = c.v[k][r];
    write_npy(path, "<f4", sizeof *v, n_rows, c.n, v);
    free(v);
    bf_arena_reset(&arena);
}

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void report(const struct asked *a, const int *gold, uint32_t n, double cpu, double wall)
{
    const struct measured m = measure(a->p, a->first, gold, n);
    const struct bf_interval wilson = bf_wilson(m.right, m.n_samples);
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    printf("samples %u answered %u accuracy %.4f [%.4f, %.4f] auc %.4f log_loss %.4f "
           "calibration %.4f cpu %.2f wall %.2f peak_mb %.0f\n",
           n, a->n_answered, m.right / m.n_samples, wilson.lo, wilson.hi, m.auc, m.log_loss,
           m.calibration, cpu, wall, (double)r.ru_maxrss / 1024);
}

/* Take NAME=VALUE into `o`; false: it is an option of the probe. */
static bool setting(const char *name, const char *value, struct settings *o)
{
    const struct {
        const char *name;
        const char **text;
        int64_t *number;
    } known[] = { { "question", &o->question, NULL },
                  { "choices", &o->choices, NULL },
                  { "answer", &o->answer, NULL },
                  { "category", &o->category, NULL },
                  { "group", &o->group, NULL },
                  { "p", &o->p, NULL },
                  { "fold", &o->fold, NULL },
                  { "gold", &o->gold, NULL },
                  { "columns", &o->columns, NULL },
                  { "limit", NULL, &o->limit },
                  { "seed", NULL, &o->seed },
                  { "threads", NULL, &o->threads },
                  { "ask", NULL, &o->ask } };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, name) == 0) {
            if (known[i].text)
                *known[i].text = value;
            else if (!bf_text_integer(value, known[i].number))
                die(name, "not a whole number");
            return true;
        }
    if (strcmp(name, "folds") == 0 && !bf_text_integer(value, &o->folds))
        die(name, "not a whole number");
    return false;
}

int main(int argc, char **argv)
{
    struct settings o = { .question = "question",
                          .choices = "choices",
                          .answer = "answer",
                          .category = "category",
                          .seed = 1,
                          .threads = 1,
                          .folds = 5,
                          .ask = 1 };
    const char *options[2 * MAX_OPTIONS + 1] = { NULL };
    int n_options = 0;
    if (argc < 2 || argc > MAX_OPTIONS)
        die("usage", "bench_builtin POOL.jsonl [NAME=VALUE]...");
    for (int i = 2; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value)
            die(argv[i], "not NAME=VALUE");
        *value++ = '\0';
        if (setting(argv[i], value, &o))
            continue;
        options[n_options++] = argv[i];
        options[n_options++] = value;
    }
    struct bf_pool pool = { 0 };
    struct asked a;
    struct bf_err err;
    read_pool(argv[1], &o, &pool);
    if (asked_init(&a, &pool, options, (uint64_t)o.seed, (int)o.threads, &err) != BF_OK)
        die("options", err.msg);
    int *gold = asked_room(pool.n_samples, sizeof *gold);
    for (uint32_t i = 0; i < pool.n_samples; i++)
        gold[i] = pool.samples[i].gold;
    const double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    if (o.ask && asked_ask(&a, &err) != BF_OK)
        die("ask", err.msg);
    if (o.ask)
        report(&a, gold, pool.n_samples, now(CLOCK_PROCESS_CPUTIME_ID) - cpu,
               now(CLOCK_MONOTONIC) - wall);
    if (o.p)
        write_p(o.p, &a, pool.n_samples);
    if (o.fold)
        write_fold(o.fold, &pool, &o);
    if (o.columns)
        write_columns(o.columns, &pool, &a);
    if (o.gold)
        write_npy(o.gold, "<i4", sizeof *gold, pool.n_samples, 0, gold);
    free(gold);
    asked_done(&a);
    bf_pool_done(&pool);
    return 0;
}
