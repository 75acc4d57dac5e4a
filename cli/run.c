/* blindfold run SPEC: do what the spec orders. */
#include <math.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/report.h"
#include "core/run.h"

static volatile sig_atomic_t want_stop;

static void on_signal(int sig)
{
    (void)sig;
    want_stop = 1;
}

static bool stopped(void *ctx)
{
    (void)ctx;
    return want_stop;
}

/* The progress line on a terminal. */
struct live {
    bool on, shown;
    const char *stage;
    double since, last;
    unsigned long long first;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void clear_line(struct live *l)
{
    if (l->shown)
        fputs("\r\033[K", stderr);
    l->shown = false;
}

static void progress(void *ctx, const char *stage, uint64_t done, uint64_t total)
{
    struct live *l = ctx;
    const double t = now();
    if (!l->on)
        return;
    if (stage != l->stage) {
        l->stage = stage;
        l->since = t;
        l->first = done;
        l->last = 0;
    }
    if (t - l->last < 0.1 && done < total)
        return;
    l->last = t;
    const double rate = t > l->since ? (double)(done - l->first) / (t - l->since) : 0;
    fprintf(stderr, "\r\033[K%s %llu/%llu", stage, (unsigned long long)done,
            (unsigned long long)total);
    if (rate > 0) {
        const unsigned left = (unsigned)((double)(total - done) / rate);
        fprintf(stderr, "  %.0f/s  %u:%02u left", rate, left / 60, left % 60);
    }
    fflush(stderr);
    l->shown = true;
}

static void note(void *ctx, const char *line)
{
    clear_line(ctx);
    fprintf(stderr, "%s\n", line);
}

static void print_interval(double v, double lo, double hi)
{
    if (isnan(v))
        printf("  %-22s", "not measured");
    else
        printf("  %5.1f %% [%.1f, %.1f]  ", 100 * v, 100 * lo, 100 * hi);
}

static void print_drops(const struct bf_summary *s)
{
    char a[32], b[32];
    if (s->n_drops)
        printf("\n  %-44s rejected  undecided\n", "filter");
    for (int i = 0; i < s->n_drops; i++)
        printf("  %-44s %8s  %9s\n", s->drops[i].filter, grouped(s->drops[i].n_rejected, a),
               grouped(s->drops[i].n_undecided, b));
    printf("\n  kept by the filters: %s of %s\n", grouped(s->n_kept_by_filters, a),
           grouped(s->n_samples, b));
    if (s->balanced)
        printf("  kept after balance:  %s\n", grouped(s->n_kept, a));
}

static void print_shortfalls(const struct bf_summary *s)
{
    for (uint32_t i = 0; i < s->n_shortfalls; i++) {
        const struct bf_shortfall *f = &s->shortfalls[i];
        printf("  quota not met: %s '%s' has %u of %u (%u candidates)\n", f->field, f->value,
               f->got, f->wanted, f->available);
    }
}

static void print_accuracy(const struct bf_summary *s)
{
    bool selected = false;
    if (s->n_before_after)
        printf("\n  %-20s %-22s  %-22s  chance\n", "blind accuracy", "  whole pool", "  kept");
    for (int i = 0; i < s->n_before_after; i++) {
        const struct bf_before_after *b = &s->before_after[i];
        char name[64];
        snprintf(name, sizeof name, "%s%s", b->probe, b->selected_on ? " *" : "");
        printf("  %-19s", name);
        print_interval(b->before, b->before_lo, b->before_hi);
        print_interval(b->after, b->after_lo, b->after_hi);
        if (!isnan(b->chance_after))
            printf("  %.1f %%", 100 * b->chance_after);
        printf("\n");
        selected = selected || b->selected_on;
    }
    if (selected)
        printf("  * took part in the filters: its accuracy on what was kept is selected on\n");
}

static void print_summary(const struct bf_spec *spec, const struct bf_summary *s)
{
    char a[32], b[32], c[32];
    printf("%s: %s samples over %s files, %s set aside\n", spec->name, grouped(s->n_samples, a),
           grouped(s->n_files, b), grouped(s->n_set_aside, c));
    printf("  media:   %s read, %s from the ledger\n", grouped(s->n_readings_new, a),
           grouped(s->n_readings_cached, b));
    printf("  answers: %s new, %s from the ledger", grouped(s->n_answers_new, a),
           grouped(s->n_answers_cached, b));
    if (s->n_unmeasured)
        printf(", %s not measured", grouped(s->n_unmeasured, c));
    printf("\n");
    print_drops(s);
    print_shortfalls(s);
    print_accuracy(s);
    printf("\n  run folder: %s\n", s->run_dir);
    if (s->benchmark_dir)
        printf("  benchmark:  %s%s\n", s->benchmark_dir, s->emitted ? "" : " (as it was)");
}

static void json_interval(struct bf_buf *b, const char *name, double v, double lo, double hi)
{
    bf_buf_printf(b, ", \"%s\": {\"value\": ", name);
    bf_buf_num(b, v);
    bf_buf_str(b, ", \"lo\": ");
    bf_buf_num(b, lo);
    bf_buf_str(b, ", \"hi\": ");
    bf_buf_num(b, hi);
    bf_buf_char(b, '}');
}

static void json_lists(struct bf_buf *b, const struct bf_summary *s)
{
    bf_buf_str(b, "\"filters\": [");
    for (int i = 0; i < s->n_drops; i++) {
        bf_buf_str(b, i ? ", {\"filter\": " : "{\"filter\": ");
        bf_buf_json(b, s->drops[i].filter);
        bf_buf_printf(b, ", \"rejected\": %u, \"undecided\": %u, \"review\": %u}",
                      s->drops[i].n_rejected, s->drops[i].n_undecided, s->drops[i].n_review);
    }
    bf_buf_str(b, "], \"shortfalls\": [");
    for (uint32_t i = 0; i < s->n_shortfalls; i++) {
        const struct bf_shortfall *f = &s->shortfalls[i];
        bf_buf_str(b, i ? ", {\"field\": " : "{\"field\": ");
        bf_buf_json(b, f->field);
        bf_buf_str(b, ", \"value\": ");
        bf_buf_json(b, f->value);
        bf_buf_printf(b, ", \"wanted\": %u, \"got\": %u, \"available\": %u}", f->wanted, f->got,
                      f->available);
    }
    bf_buf_str(b, "], \"blind_accuracy\": [");
    for (int i = 0; i < s->n_before_after; i++) {
        const struct bf_before_after *a = &s->before_after[i];
        bf_buf_str(b, i ? ", {\"probe\": " : "{\"probe\": ");
        bf_buf_json(b, a->probe);
        bf_buf_printf(b, ", \"selected_on\": %s", a->selected_on ? "true" : "false");
        json_interval(b, "before", a->before, a->before_lo, a->before_hi);
        json_interval(b, "after", a->after, a->after_lo, a->after_hi);
        bf_buf_char(b, '}');
    }
    bf_buf_str(b, "]");
}

static void print_json(const struct bf_spec *spec, const struct bf_summary *s)
{
    struct bf_buf b = { 0 };
    bf_buf_str(&b, "{\"name\": ");
    bf_buf_json(&b, spec->name);
    bf_buf_printf(&b, ", \"samples\": %u, \"files\": %u, \"set_aside\": %u, ", s->n_samples,
                  s->n_files, s->n_set_aside);
    bf_buf_printf(&b, "\"answers\": {\"new\": %llu, \"cached\": %llu, \"unmeasured\": %llu}, ",
                  (unsigned long long)s->n_answers_new, (unsigned long long)s->n_answers_cached,
                  (unsigned long long)s->n_unmeasured);
    bf_buf_printf(&b, "\"readings\": {\"new\": %llu, \"cached\": %llu}, ",
                  (unsigned long long)s->n_readings_new, (unsigned long long)s->n_readings_cached);
    bf_buf_printf(&b, "\"kept_by_filters\": %u, \"kept\": %u, ", s->n_kept_by_filters, s->n_kept);
    json_lists(&b, s);
    bf_buf_str(&b, ", \"run_dir\": ");
    bf_buf_json(&b, s->run_dir);
    if (s->benchmark_dir) {
        bf_buf_str(&b, ", \"benchmark_dir\": ");
        bf_buf_json(&b, s->benchmark_dir);
    }
    bf_buf_str(&b, "}\n");
    fwrite(b.data, 1, b.len, stdout);
    bf_buf_done(&b);
}

static int run(const struct command *c, char **args, int n_args, char **values)
{
    (void)n_args;
    struct bf_spec spec;
    struct bf_summary summary = { 0 };
    struct bf_err err = { 0 };
    struct live live = { .on = isatty(STDERR_FILENO) };
    struct bf_run_options options = { .out = option_value(c, values, "--out"),
                                      .ctx = &live,
                                      .progress = progress,
                                      .note = note,
                                      .stopped = stopped };
    if (!option_count(c, values, "--threads", 64, &options.n_threads))
        return EXIT_ORDER;
    int status = read_spec(args[0], &spec);
    if (status == EXIT_DONE) {
        const struct sigaction sa = { .sa_handler = on_signal };
        sigaction(SIGINT, &sa, NULL);
        sigaction(SIGTERM, &sa, NULL);
        const int rc = bf_run(&spec, &options, &summary, &err);
        clear_line(&live);
        if (rc < 0)
            status = report_failure(&err, rc);
        else if (option_value(c, values, "--json"))
            print_json(&spec, &summary);
        else
            print_summary(&spec, &summary);
        if (rc >= 0 && summary.promise_broken)
            status = EXIT_PROMISE;
    }
    bf_summary_done(&summary);
    bf_spec_done(&spec);
    return status;
}

static const struct option_row options[] = {
    { "--out", "DIR", "run folder (default: runs/NAME)" },
    { "--threads", "N", "processors to use (default: all)" },
    { "--json", NULL, "print the summary as JSON" },
    { .name = NULL },
};

const struct command command_run = {
    .name = "run",
    .args = "SPEC",
    .summary = "do what a spec orders: ingest, ask, score, filter, balance, emit",
    .text = "Does what the YAML file SPEC orders and prints a summary. What is in the run folder\n"
            "already is not done again, so a run that was stopped goes on where it was.",
    .options = options,
    .n_args_min = 1,
    .n_args_max = 1,
    .run = run,
};
