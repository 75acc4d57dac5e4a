/* blindfold answers: out of a ledger, into one, and what it holds. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/report.h"
#include "core/buf.h"
#include "core/exchange.h"

/* A file written beside its place, so that it is there whole or not at all. */
struct target {
    const char *path; /* NULL: standard output */
    char part[4096];
    FILE *f;
};

static int cannot_write(const struct target *t)
{
    fprintf(stderr, "blindfold: cannot write '%s': %s\n", t->path, strerror(errno));
    return EXIT_STOPPED;
}

static int open_target(struct target *t)
{
    t->f = stdout;
    if (!t->path)
        return EXIT_DONE;
    const int n = snprintf(t->part, sizeof t->part, "%s.part", t->path);
    errno = ENAMETOOLONG;
    t->f = n > 0 && (size_t)n < sizeof t->part ? fopen(t->part, "wb") : NULL;
    return t->f ? EXIT_DONE : cannot_write(t);
}

/* `status` says whether what it holds is whole. */
static int close_target(struct target *t, int status)
{
    if (!t->path)
        return status;
    const bool written = fflush(t->f) == 0 && fsync(fileno(t->f)) == 0;
    if (status == EXIT_DONE && !written)
        status = cannot_write(t);
    fclose(t->f);
    if (status == EXIT_DONE && rename(t->part, t->path) != 0)
        status = cannot_write(t);
    if (status != EXIT_DONE)
        (void)remove(t->part); /* what went wrong was said */
    return status;
}

static int write_line(void *ctx, const char *line, size_t n, struct bf_err *err)
{
    const struct target *t = ctx;
    if (fwrite(line, 1, n, t->f) == n)
        return BF_OK;
    snprintf(err->msg, sizeof err->msg, "cannot write '%s': %s",
             t->path ? t->path : "standard output", strerror(errno));
    err->code = BF_EIO;
    return BF_EIO;
}

static int export_answers(const char *ledger, const char *probe, const char *out)
{
    struct target t = { .path = out };
    struct bf_err err = { 0 };
    uint64_t n = 0, n_damaged = 0;
    char number[32];
    int status = open_target(&t);
    if (status != EXIT_DONE)
        return status;
    const int rc = bf_answers_export(ledger, probe, write_line, &t, &n, &n_damaged, &err);
    status = close_target(&t, rc < 0 ? report_failure(&err, rc) : EXIT_DONE);
    if (status == EXIT_DONE && n_damaged)
        fprintf(stderr, "blindfold: %s damaged answers left out; the next run asks them again\n",
                grouped(n_damaged, number));
    if (status == EXIT_DONE && out)
        printf("%s answers written to '%s'\n", grouped(n, number), out);
    return status;
}

static int import_answers(const char *ledger, const char *file, bool make)
{
    struct bf_import done = { 0 };
    struct bf_err err = { 0 };
    char a[32], b[32], c[32];
    const int rc = bf_answers_import(ledger, make, file, &done, &err);
    if (rc < 0)
        return report_failure(&err, rc);
    printf("%s answers imported, %s were there already, %s there with other content and kept as "
           "they are\n",
           grouped(done.n_new, a), grouped(done.n_same, b), grouped(done.n_other, c));
    return EXIT_DONE;
}

static void print_stats(const struct bf_answers_stats *s)
{
    char a[32];
    printf("%-20s", "probe");
    for (int c = 0; c < BF_CLASS_COUNT; c++)
        printf(" %10s", bf_answer_class_name((enum bf_answer_class)c));
    printf(" %14s %14s %8s\n", "tokens in", "tokens out", "again");
    for (uint32_t i = 0; i < s->n_probes; i++) {
        const struct bf_answers_of_probe *p = &s->probes[i];
        printf("%-20s", p->probe);
        for (int c = 0; c < BF_CLASS_COUNT; c++)
            printf(" %10s", grouped(p->n[c], a));
        printf(" %14s", grouped(p->n_in, a));
        printf(" %14s", grouped(p->n_out, a));
        printf(" %8s\n", grouped(p->n_again, a));
    }
    printf("\nrequests lost to hard kills: %s\n", grouped(s->n_lost, a));
    if (s->n_damaged)
        printf("answers found damaged:       %s\n", grouped(s->n_damaged, a));
}

static void print_json(const struct bf_answers_stats *s)
{
    struct bf_buf b = { 0 };
    bf_buf_str(&b, "{\"probes\": [");
    for (uint32_t i = 0; i < s->n_probes; i++) {
        const struct bf_answers_of_probe *p = &s->probes[i];
        bf_buf_str(&b, i ? ", {\"probe\": " : "{\"probe\": ");
        bf_buf_json(&b, p->probe);
        for (int c = 0; c < BF_CLASS_COUNT; c++)
            bf_buf_printf(&b, ", \"%s\": %llu", bf_answer_class_name((enum bf_answer_class)c),
                          (unsigned long long)p->n[c]);
        bf_buf_printf(&b, ", \"n_in\": %llu, \"n_out\": %llu, \"again\": %llu}",
                      (unsigned long long)p->n_in, (unsigned long long)p->n_out,
                      (unsigned long long)p->n_again);
    }
    bf_buf_printf(&b, "], \"lost\": %llu, \"damaged\": %llu}\n", (unsigned long long)s->n_lost,
                  (unsigned long long)s->n_damaged);
    if (!b.failed)
        fwrite(b.data, 1, b.len, stdout);
    bf_buf_done(&b);
}

static int show_stats(const char *ledger, bool json)
{
    struct bf_answers_stats s = { 0 };
    struct bf_err err = { 0 };
    const int rc = bf_answers_stats(ledger, &s, &err);
    if (rc < 0)
        return report_failure(&err, rc);
    if (json)
        print_json(&s);
    else
        print_stats(&s);
    bf_answers_stats_done(&s);
    return EXIT_DONE;
}

enum action { EXPORT, IMPORT, STATS, N_ACTIONS };

static const char *const actions[N_ACTIONS + 1] = { "export", "import", "stats", NULL };

/* The option that only another action takes, or NULL. */
static const char *misplaced(const struct command *c, char **values, enum action action)
{
    static const struct {
        const char *name;
        enum action of;
    } rows[] = {
        { "--probe", EXPORT }, { "--out", EXPORT }, { "--new", IMPORT }, { "--json", STATS }
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].of != action && option_value(c, values, rows[i].name))
            return rows[i].name;
    return NULL;
}

static int answers(const struct command *c, char **args, int n_args, char **values)
{
    int action = 0;
    while (actions[action] && strcmp(actions[action], args[0]) != 0)
        action++;
    if (action == N_ACTIONS) {
        fprintf(stderr, "blindfold answers: unknown action '%s'; allowed: export, import, stats\n",
                args[0]);
        return EXIT_ORDER;
    }
    if (n_args != (action == IMPORT ? 3 : 2)) {
        fprintf(stderr, "blindfold answers: usage: blindfold answers %s LEDGER%s [options]\n",
                args[0], action == IMPORT ? " FILE" : "");
        return EXIT_ORDER;
    }
    const char *other = misplaced(c, values, (enum action)action);
    if (other) {
        fprintf(stderr, "blindfold answers: '%s' takes no option '%s'\n", args[0], other);
        return EXIT_ORDER;
    }
    if (action == EXPORT)
        return export_answers(args[1], option_value(c, values, "--probe"),
                              option_value(c, values, "--out"));
    if (action == IMPORT)
        return import_answers(args[1], args[2], option_value(c, values, "--new") != NULL);
    return show_stats(args[1], option_value(c, values, "--json") != NULL);
}

static const struct option_row options[] = {
    { "--probe", "NAME", "export: answers of this probe only" },
    { "--out", "FILE", "export: write to FILE, whole or not at all (default: print)" },
    { "--new", NULL, "import: make the ledger, which must not be there yet" },
    { "--json", NULL, "stats: as JSON" },
    { .name = NULL },
};

const struct command command_answers = {
    .name = "answers",
    .args = "export|import|stats LEDGER [FILE]",
    .summary = "take answers out of a ledger or into one, or count them",
    .text = "LEDGER is a ledger's file, or a run folder with its ledger.db.\n"
            "export prints every answer as one line of JSON; import takes such lines from FILE:\n"
            "all of them or, when one cannot be used, none. An answer that is there already stays\n"
            "as it is. stats counts answers and tokens by probe, and requests lost to hard kills.\n"
            "export and stats may be used while a run goes on.",
    .options = options,
    .n_args_min = 2,
    .n_args_max = 3,
    .run = answers,
};
