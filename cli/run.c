/* blindfold run SPEC: do what the spec orders. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/live.h"
#include "cli/report.h"
#include "core/run.h"

static volatile sig_atomic_t want_stop;

static void on_signal(int sig)
{
    (void)sig;
    want_stop = 1;
}

/* A second signal does not wait for what is in flight. */
static bool stopped(void *ctx)
{
    struct live *l = ctx;
    if (want_stop == 1 && *l->probe)
        live_note(l, "stopping once the replies in flight are in; interrupt again to give them up");
    if (want_stop)
        want_stop = 2;
    return want_stop;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const char *env(void *ctx, const char *name)
{
    (void)ctx;
    return getenv(name);
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
        printf("\n  %-20s %-22s  %-22s  %-22s  chance\n", "blind accuracy", "  whole pool",
               "  kept", "  kept at random");
    for (int i = 0; i < s->n_before_after; i++) {
        const struct bf_before_after *b = &s->before_after[i];
        char name[64];
        snprintf(name, sizeof name, "%s%s", b->probe, b->selected_on ? " *" : "");
        printf("  %-19s", name);
        print_interval(b->before, b->before_lo, b->before_hi);
        print_interval(b->after, b->after_lo, b->after_hi);
        if (b->n_after && isnan(b->random))
            printf("  %-22s", "  nothing removed");
        else
            print_interval(b->random, b->random_lo, b->random_hi);
        if (!isnan(b->chance_after))
            printf("  %.1f %%", 100 * b->chance_after);
        printf("\n");
        selected = selected || b->selected_on;
    }
    if (selected)
        printf("  * took part in the filters: its accuracy on what was kept is selected on\n");
}

static bool any_costs(const struct bf_spec *spec)
{
    bool any = false;
    for (int i = 0; i < spec->n_probes; i++)
        any = any || spec->probes[i].base->costs;
    return any;
}

static void print_requests(const struct bf_summary *s)
{
    char a[32], b[32];
    printf("  requests: %s sent", grouped(s->n_requests, a));
    if (s->n_failed)
        printf(", %s never answered", grouped(s->n_failed, a));
    if (s->n_saved)
        printf(", %s saved as verdicts stood", grouped(s->n_saved, a));
    printf("\n  tokens:   %s in, %s out", grouped(s->n_in, a), grouped(s->n_out, b));
    if (isnan(s->money))
        printf("; cost not known\n");
    else
        printf("; cost %s\n", cost_text(s->money, a));
    if (s->n_lost)
        printf("  lost:     %s request%s to hard kills, in all runs here\n", grouped(s->n_lost, a),
               s->n_lost == 1 ? "" : "s");
}

static void print_leaks(const struct bf_summary *s)
{
    char a[32], b[32];
    if (!s->leaks_sought)
        return;
    printf("\n  leaks in the words of the pool: %s", s->n_leaks ? grouped(s->n_leaks, a) : "none");
    if (s->n_suggestive)
        printf(", %s suggestive", grouped(s->n_suggestive, a));
    printf(" (%s things tried)\n", grouped(s->n_leak_trials, b));
    for (int i = 0; i < s->n_leaks_said; i++)
        printf("  - %s\n", s->leaks_said[i]);
    if (s->n_leaks > (uint32_t)s->n_leaks_said)
        printf("  - and %s more in leaks.jsonl\n",
               grouped(s->n_leaks - (uint32_t)s->n_leaks_said, a));
}

static void print_summary(const struct bf_spec *spec, const struct bf_summary *s)
{
    char a[32], b[32], c[32];
    printf("%s: %s samples over %s files, %s set aside", spec->name, grouped(s->n_samples, a),
           grouped(s->n_files, b), grouped(s->n_set_aside, c));
    if (s->damage.n_aside)
        printf(" (%s damaged)", grouped(s->damage.n_aside, a));
    printf("\n  media:   %s read, %s from the ledger\n", grouped(s->n_readings_new, a),
           grouped(s->n_readings_cached, b));
    if (s->damage.n_kept)
        printf("  damaged: %s of %s samples, kept as the spec says\n", grouped(s->damage.n_kept, a),
               grouped(s->n_samples, b));
    if (s->damage.n_warned)
        printf("  warned:  %s of %s samples have media that were read with a warning\n",
               grouped(s->damage.n_warned, a), grouped(s->n_samples, b));
    printf("  answers: %s new, %s from the ledger", grouped(s->n_answers_new, a),
           grouped(s->n_answers_cached, b));
    if (s->n_unmeasured)
        printf(", %s not measured", grouped(s->n_unmeasured, c));
    printf("\n");
    if (any_costs(spec) || s->n_requests)
        print_requests(s);
    print_leaks(s);
    if (s->repair_said)
        printf("\n  repair: %s\n", s->repair_said);
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
        json_interval(b, "removed_at_random", a->random, a->random_lo, a->random_hi);
        bf_buf_char(b, '}');
    }
    bf_buf_str(b, "]");
}

static void json_leaks(struct bf_buf *b, const struct bf_summary *s)
{
    bf_buf_printf(b, "\"leaks\": {\"sure\": %u, \"suggestive\": %u, \"tried\": %llu, \"said\": [",
                  s->n_leaks, s->n_suggestive, (unsigned long long)s->n_leak_trials);
    for (int i = 0; i < s->n_leaks_said; i++) {
        bf_buf_str(b, i ? ", " : "");
        bf_buf_json(b, s->leaks_said[i]);
    }
    bf_buf_str(b, "]}, ");
}

static void json_requests(struct bf_buf *b, const struct bf_summary *s)
{
    bf_buf_printf(b, "\"requests\": {\"sent\": %llu, \"failed\": %llu, \"saved\": %llu, ",
                  (unsigned long long)s->n_requests, (unsigned long long)s->n_failed,
                  (unsigned long long)s->n_saved);
    bf_buf_printf(b, "\"tokens_in\": %llu, \"tokens_out\": %llu, \"cost\": ",
                  (unsigned long long)s->n_in, (unsigned long long)s->n_out);
    bf_buf_num(b, s->money);
    bf_buf_printf(b, ", \"lost\": %llu, \"asking_seconds\": ", (unsigned long long)s->n_lost);
    bf_buf_num(b, s->asking_seconds);
    bf_buf_str(b, "}, ");
}

static void print_json(const struct bf_spec *spec, const struct bf_summary *s)
{
    struct bf_buf b = { 0 };
    bf_buf_str(&b, "{\"name\": ");
    bf_buf_json(&b, spec->name);
    bf_buf_printf(&b, ", \"samples\": %u, \"files\": %u, \"set_aside\": %u, ", s->n_samples,
                  s->n_files, s->n_set_aside);
    bf_buf_printf(&b, "\"damaged\": {\"set_aside\": %u, \"kept\": %u}, \"warned\": %u, ",
                  s->damage.n_aside, s->damage.n_kept, s->damage.n_warned);
    bf_buf_printf(&b, "\"answers\": {\"new\": %llu, \"cached\": %llu, \"unmeasured\": %llu}, ",
                  (unsigned long long)s->n_answers_new, (unsigned long long)s->n_answers_cached,
                  (unsigned long long)s->n_unmeasured);
    if (any_costs(spec) || s->n_requests)
        json_requests(&b, s);
    bf_buf_printf(&b, "\"readings\": {\"new\": %llu, \"cached\": %llu}, ",
                  (unsigned long long)s->n_readings_new, (unsigned long long)s->n_readings_cached);
    bf_buf_printf(&b, "\"kept_by_filters\": %u, \"kept\": %u, ", s->n_kept_by_filters, s->n_kept);
    if (s->leaks_sought)
        json_leaks(&b, s);
    if (s->repair_said) {
        bf_buf_str(&b, "\"repair\": ");
        bf_buf_json(&b, s->repair_said);
        bf_buf_str(&b, ", ");
    }
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

/* What became of the run, and its exit status. */
static int report(const struct bf_spec *spec, const struct bf_summary *summary, int rc,
                  const struct bf_err *err, bool json)
{
    /* Whoever stopped it wants to know how it goes on. */
    if (rc == BF_EIO && want_stop && !strstr(err->msg, "run again")) {
        fprintf(stderr, "blindfold: %s; run again to go on\n", err->msg);
        return EXIT_STOPPED;
    }
    if (rc < 0)
        return report_failure(err, rc);
    if (json)
        print_json(spec, summary);
    else
        print_summary(spec, summary);
    return summary->promise_broken ? EXIT_PROMISE : EXIT_DONE;
}

static int run(const struct command *c, char **args, int n_args, char **values)
{
    (void)n_args;
    struct bf_spec spec;
    struct bf_summary summary = { 0 };
    struct bf_err err = { 0 };
    struct live live = { .to = stderr, .terminal = isatty(STDERR_FILENO), .now = now };
    struct bf_run_options options = { .out = option_value(c, values, "--out"),
                                      .ctx = &live,
                                      .progress = live_progress,
                                      .note = live_note,
                                      .stopped = stopped,
                                      .live = live_probe,
                                      .env = env };
    if (!option_count(c, values, "--threads", 64, &options.n_threads))
        return EXIT_ORDER;
    int status = read_spec(args[0], &spec);
    if (status == EXIT_DONE) {
        const struct sigaction sa = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
        sigaction(SIGINT, &sa, NULL);
        sigaction(SIGTERM, &sa, NULL);
        const int rc = bf_run(&spec, &options, &summary, &err);
        live_done(&live);
        status = report(&spec, &summary, rc, &err, option_value(c, values, "--json") != NULL);
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
