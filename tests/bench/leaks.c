/* bench_leaks POOL.jsonl [NAME=VALUE]...: the leaks of a pool of text, in memory, with what finding
 * them takes. Rows hold question, choices (or options), answer (a letter, an index from 0 or the
 * words of a choice), category and media. random=SEED draws every gold choice anew: what is found
 * then is luck. category= names another field; limit= is the number of rows read, again= how often
 * they are read, with words of the question turned around, to measure large pools. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/json.h"
#include "core/ops.h"
#include "core/rng.h"
#include "core/table.h"
#include "core/text.h"

extern const struct bf_metric bf_metric_leaks;

struct settings {
    const char *category;
    int64_t limit, random, again;
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench_leaks: %s: %s\n", what, why);
    exit(1);
}

static const char *field(const struct bf_json *row, const char *name, struct bf_arena *a)
{
    const struct bf_json *v = bf_json_get(row, name);
    const char *text = v ? bf_json_scalar(v, a) : NULL;
    const char *copy = bf_arena_strdup(a, text ? text : "");
    if (!copy)
        die("a row", "out of memory");
    return copy;
}

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

/* A file is known by its path here. */
static void add_media(struct bf_sample *s, const struct bf_json *row, struct bf_arena *a)
{
    const struct bf_json *media = bf_json_get(row, "media");
    s->n_parts = media && bf_json_kind(media) == BF_JSON_ARRAY ? (int)bf_json_count(media) : 0;
    s->parts = bf_arena_alloc(a, (size_t)s->n_parts + 1, sizeof *s->parts);
    struct bf_file *files = bf_arena_alloc(a, (size_t)s->n_parts + 1, sizeof *files);
    if (!s->parts || !files)
        die("a row", "out of memory");
    for (int p = 0; p < s->n_parts; p++) {
        const char *path = field(bf_json_at(media, (size_t)p), "path", a);
        bf_sha256(path, strlen(path), files[p].sha);
        s->parts[p].file = &files[p];
    }
}

static void add_row(struct bf_pool *pool, const struct bf_json *row, const struct settings *o,
                    const char *id, const char *before)
{
    struct bf_arena *a = &pool->arena;
    struct bf_err err;
    const struct bf_json *choices = bf_json_get(row, "choices");
    struct bf_sample s = { .task = BF_CHOICE, .id = bf_arena_strdup(a, id) };
    if (!choices)
        choices = bf_json_get(row, "options");
    s.n_choices = choices ? (int)bf_json_count(choices) : 0;
    if (s.n_choices < 2 || s.n_choices > BF_MAX_CHOICES)
        return;
    s.choices = bf_arena_alloc(a, (size_t)s.n_choices, sizeof *s.choices);
    if (!s.id || !s.choices)
        die("a row", "out of memory");
    for (int c = 0; c < s.n_choices; c++)
        s.choices[c] = bf_arena_strdup(a, bf_json_scalar(bf_json_at(choices, (size_t)c), a));
    s.question = bf_arena_printf(a, "%s%s", field(row, "question", a), before);
    s.category = field(row, o->category, a);
    s.origin = s.licence = "";
    s.gold = gold_of(bf_json_get(row, "answer"), &s, a);
    if (s.gold < 0)
        return;
    if (o->random) {
        struct bf_rng r = bf_rng_for((uint64_t)o->random, s.id, "gold", 0);
        s.gold = (int)bf_rng_below(&r, (uint64_t)s.n_choices);
    }
    s.gold_set = BF_BIT(s.gold);
    s.gold_text = s.choices[s.gold];
    add_media(&s, row, a);
    if (bf_pool_add(pool, &s, &err) != BF_OK)
        die("a row", err.msg);
}

static void read_pool(const char *path, const struct settings *o, struct bf_pool *pool)
{
    for (int64_t again = 0; again < o->again; again++) {
        FILE *f = fopen(path, "re");
        char *line = NULL;
        size_t cap = 0;
        if (!f)
            die(path, strerror(errno));
        for (int64_t i = 1; getline(&line, &cap, f) > 0 && (!o->limit || i <= o->limit); i++) {
            struct bf_json_doc *doc;
            struct bf_err err;
            char id[64], more[64] = "";
            snprintf(id, sizeof id, "%lld.%lld", (long long)again, (long long)i);
            if (again)
                snprintf(more, sizeof more, " v%lld", (long long)(i * 7919 % 100003 + again));
            if (bf_json_parse(line, strlen(line), &doc, &err) != BF_OK)
                die(path, err.msg);
            add_row(pool, bf_json_root(doc), o, id, more);
            bf_json_free(&doc);
        }
        free(line);
        fclose(f);
    }
    bf_pool_complete(pool);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static long peak_mb(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss / 1024;
}

static void read_option(const char *arg, struct settings *o)
{
    const char *value = strchr(arg, '=');
    if (!value)
        die(arg, "NAME=VALUE is wanted");
    value++;
    if (strncmp(arg, "category=", 9) == 0)
        o->category = value;
    else if (!bf_text_integer(value, strncmp(arg, "random=", 7) == 0  ? &o->random
                                     : strncmp(arg, "again=", 6) == 0 ? &o->again
                                                                      : &o->limit))
        die(arg, "a number is wanted");
}

int main(int argc, char **argv)
{
    struct settings o = { .category = "category", .again = 1 };
    struct bf_pool pool = { 0 };
    struct bf_scores scores = { 0 };
    struct bf_table table = { .pool = &pool };
    struct bf_err err;
    if (argc < 2)
        return 2;
    for (int i = 2; i < argc; i++)
        read_option(argv[i], &o);
    read_pool(argv[1], &o, &pool);
    const long mb = peak_mb();
    const double start = seconds();
    if (bf_metric_leaks.compute(&table, &scores, &err) != BF_OK)
        die("leaks", err.msg);
    const double took = seconds() - start;
    for (uint32_t i = 0; i < scores.n_leaks; i++) {
        const struct bf_leak *l = &scores.leaks[i];
        printf("%s %s [%.1f, %.1f] p %.2g q %.2g %s; %s\n", l->sure ? "LEAK" : "    ", l->sentence,
               100 * l->lo, 100 * l->hi, l->p, l->q, l->repair, l->group);
    }
    printf("%u samples, %llu tried, %.2f CPU s, %ld MB peak (%ld before)\n", pool.n_samples,
           (unsigned long long)scores.n_leak_trials, took, peak_mb(), mb);
    bf_scores_done(&scores);
    bf_pool_done(&pool);
    return 0;
}
