/* blindfold check SPEC: what a run would do. */
#include <math.h>
#include <string.h>

#include "cli/args.h"
#include "cli/report.h"
#include "core/run.h"

enum { SHOWN_FAULTS = 20, MAX_REQUESTS = 1000 };

/* --- For people --------------------------------------------------------------------------- */

static void print_pool(const struct bf_spec *spec, const struct bf_plan *p)
{
    char a[32], b[32];
    printf("%s: %s samples over %s files (%.1f MB), %u rows would be set aside", spec->name,
           grouped(p->n_samples, a), grouped(p->n_files, b), (double)p->media_bytes / 1e6,
           p->n_set_aside);
    if (p->damage.n_aside)
        printf(" (%u damaged)", p->damage.n_aside);
    printf("\n");
    for (uint32_t i = 0; i < p->n_set_aside && i < SHOWN_FAULTS; i++)
        printf("  %s: %s\n", p->set_aside[i].where, p->set_aside[i].reason);
    if (p->n_set_aside > SHOWN_FAULTS)
        printf("  and %u more\n", p->n_set_aside - SHOWN_FAULTS);
    printf("\n  %-20s samples that show it\n", "modality");
    for (int m = 0; m < spec->n_modalities; m++)
        if (p->by_modality[m])
            printf("  %-20s %s\n", spec->modalities[m].name, grouped(p->by_modality[m], a));
}

static void print_row(const struct bf_plan_row *row, bool two)
{
    char a[32];
    printf("  %-20s %-28s %9s", row->probe, row->condition, grouped(row->n_questions, a));
    if (two)
        printf("  %12s", grouped(row->n_first, a));
    if (row->absent)
        printf("  no sample shows '%s'", row->absent);
    printf("\n");
}

/* A second column where later trials depend on what the first ones say. */
static void print_questions(const struct bf_plan *p)
{
    struct bf_plan_row total = { .probe = "total", .condition = "" };
    bool two = false;
    for (int i = 0; i < p->n_rows; i++)
        two = two || p->rows[i].n_first < p->rows[i].n_questions;
    printf("\n  %-20s %-28s %9s%s\n", "probe", "condition", "questions",
           two ? "  first trials" : "");
    for (int i = 0; i < p->n_rows; i++) {
        const struct bf_plan_row *row = &p->rows[i];
        print_row(row, two);
        total.n_questions += row->n_questions;
        total.n_first += row->n_first;
    }
    print_row(&total, two);
}

static unsigned long long whole(double n)
{
    return (unsigned long long)(n + 0.5);
}

static void print_tokens(double n)
{
    char a[32];
    if (isnan(n))
        printf("  %14s", "not known");
    else
        printf("  %14s", grouped(whole(n), a));
}

static void print_sum(const char *who, const char *what, const struct bf_plan_sum *s, bool priced)
{
    char a[32];
    printf("  %-29s %-11s %9s", who, what, grouped(s->n, a));
    print_tokens(s->n_in);
    print_tokens(s->n_out);
    if (isnan(s->money))
        printf("  %12s\n", priced ? "not known" : "no price");
    else
        printf("  %12s\n", cost_text(s->money, a));
}

/* "1 h 05 min", "12 min", "40 s". */
static void print_duration(double seconds)
{
    const unsigned long long s = (unsigned long long)(seconds + 0.999);
    if (s >= 3600)
        printf("%llu h %02llu min", s / 3600, s / 60 % 60);
    else if (s >= 120)
        printf("%llu min", (s + 59) / 60);
    else
        printf("%llu s", s);
}

/* As fast as the ledger has seen the model answer. */
static void print_time(const struct bf_plan_asked *x, bool two)
{
    printf("  %-29s %-11s ", "", "time");
    if (two) {
        print_duration((double)x->least.n * x->request_seconds);
        printf(" to ");
    }
    print_duration((double)x->most.n * x->request_seconds);
    printf(", at %.3g requests/s as until now\n", 1 / x->request_seconds);
}

/* What it takes to ask a model, beyond what is remembered. */
static void print_asked(const struct bf_plan_asked *x)
{
    char who[64], a[32];
    const bool two = x->most.n != x->least.n;
    snprintf(who, sizeof who, "%.40s%s", x->probe, x->judge ? " (judge)" : "");
    print_sum(who, two ? "at most" : "all", &x->most, x->priced);
    if (two)
        print_sum("", "at least", &x->least, x->priced);
    if (x->n_remembered)
        printf("  %-29s %-11s %9s\n", "", "remembered", grouped(x->n_remembered, a));
    if (!isnan(x->request_seconds) && x->most.n)
        print_time(x, two);
}

/* Models without a price, each once. */
static void print_unpriced(const struct bf_plan *p)
{
    for (int i = 0; i < p->n_asked; i++) {
        const struct bf_plan_asked *x = &p->asked[i];
        bool said = x->priced || !x->model;
        for (int k = 0; k < i && !said; k++)
            said = p->asked[k].model && strcmp(p->asked[k].model, x->model) == 0;
        if (!said)
            printf("  no price for model '%s'\n", x->model);
    }
}

static void print_limits(const struct bf_spend_spec *s)
{
    char a[32];
    if (s->requests > 0)
        printf("  a run stops at %s requests\n", grouped((unsigned long long)s->requests, a));
    if (s->tokens > 0)
        printf("  a run stops at %s tokens\n", grouped((unsigned long long)s->tokens, a));
    if (s->money > 0)
        printf("  a run stops at a cost of %g\n", s->money);
}

/* With `ask: enough` trials after the first serve verdicts alone. */
static void print_first_only(const struct bf_spec *spec, const struct bf_plan *p)
{
    int n = 0;
    for (int i = 0; i < p->n_asked; i++)
        if (p->asked[i].curtailed)
            printf("%s%s (of %d)",
                   n++ ? ", " : "\n  ask: enough: scores rest on the first trial of ",
                   p->asked[i].probe, p->asked[i].trials);
    if (n == 0)
        return;
    printf("\n  ask: everything would give all trials to ");
    for (int i = 0; i < spec->n_scores; i++)
        printf("%s%s", i ? ", " : "", spec->scores[i]->op.name);
    if (spec->balance.on && spec->balance.prefer)
        printf("%sprefer: %s", spec->n_scores ? ", " : "", spec->balance.prefer);
    printf("\n");
}

static void print_plan(const struct bf_spec *spec, const struct bf_plan *p)
{
    print_pool(spec, p);
    print_questions(p);
    if (p->n_asked)
        printf("\n  %-29s %-11s %9s %15s  %14s  %12s\n", "asked of models", "", "requests",
               "about tokens in", "tokens out", "cost");
    for (int i = 0; i < p->n_asked; i++)
        print_asked(&p->asked[i]);
    print_unpriced(p);
    if (p->n_asked)
        print_limits(&spec->spend);
    if (p->ledger_fault)
        printf("  what is remembered was not counted: %s\n", p->ledger_fault);
    print_first_only(spec, p);
}

/* --- For programs ------------------------------------------------------------------------- */

static void json_tokens(struct bf_buf *b, double n)
{
    if (isnan(n))
        bf_buf_str(b, "null");
    else
        bf_buf_printf(b, "%llu", whole(n));
}

static void json_sum(struct bf_buf *b, const char *name, const struct bf_plan_sum *s)
{
    bf_buf_printf(b, ", \"%s\": {\"requests\": %llu, \"tokens_in\": ", name,
                  (unsigned long long)s->n);
    json_tokens(b, s->n_in);
    bf_buf_str(b, ", \"tokens_out\": ");
    json_tokens(b, s->n_out);
    bf_buf_str(b, ", \"cost\": ");
    bf_buf_num(b, s->money);
    bf_buf_char(b, '}');
}

static void json_asked(struct bf_buf *b, const struct bf_plan *p)
{
    bf_buf_str(b, "], \"asked\": [");
    for (int i = 0; i < p->n_asked; i++) {
        const struct bf_plan_asked *x = &p->asked[i];
        bf_buf_str(b, i ? ", {\"probe\": " : "{\"probe\": ");
        bf_buf_json(b, x->probe);
        bf_buf_str(b, ", \"model\": ");
        if (x->model)
            bf_buf_json(b, x->model);
        else
            bf_buf_str(b, "null");
        bf_buf_printf(b,
                      ", \"judge\": %s, \"trials\": %d, \"scores_rest_on_first_trial\": %s, "
                      "\"remembered\": ",
                      x->judge ? "true" : "false", x->trials, x->curtailed ? "true" : "false");
        if (p->ledger_fault || x->judge)
            bf_buf_str(b, "null");
        else
            bf_buf_printf(b, "%llu", (unsigned long long)x->n_remembered);
        bf_buf_str(b, ", \"request_seconds\": ");
        bf_buf_num(b, x->request_seconds);
        json_sum(b, "at_most", &x->most);
        json_sum(b, "at_least", &x->least);
        bf_buf_char(b, '}');
    }
}

static void print_json(const struct bf_spec *spec, const struct bf_plan *p)
{
    struct bf_buf b = { 0 };
    const char *comma = "";
    bf_buf_str(&b, "{\"name\": ");
    bf_buf_json(&b, spec->name);
    bf_buf_printf(&b,
                  ", \"samples\": %u, \"files\": %u, \"media_bytes\": %llu, "
                  "\"set_aside\": [",
                  p->n_samples, p->n_files, (unsigned long long)p->media_bytes);
    for (uint32_t i = 0; i < p->n_set_aside; i++) {
        bf_buf_str(&b, i ? ", {\"where\": " : "{\"where\": ");
        bf_buf_json(&b, p->set_aside[i].where);
        bf_buf_printf(&b,
                      ", \"status\": \"%s\", \"reason\": ", bf_set_aside_status(&p->set_aside[i]));
        bf_buf_json(&b, p->set_aside[i].reason);
        bf_buf_char(&b, '}');
    }
    bf_buf_str(&b, "], \"modalities\": {");
    for (int m = 0; m < spec->n_modalities; m++)
        if (p->by_modality[m]) {
            bf_buf_str(&b, comma);
            bf_buf_json(&b, spec->modalities[m].name);
            bf_buf_printf(&b, ": %u", p->by_modality[m]);
            comma = ", ";
        }
    bf_buf_str(&b, "}, \"questions\": [");
    for (int i = 0; i < p->n_rows; i++) {
        bf_buf_str(&b, i ? ", {\"probe\": " : "{\"probe\": ");
        bf_buf_json(&b, p->rows[i].probe);
        bf_buf_str(&b, ", \"condition\": ");
        bf_buf_json(&b, p->rows[i].condition);
        if (p->rows[i].absent) {
            bf_buf_str(&b, ", \"absent\": ");
            bf_buf_json(&b, p->rows[i].absent);
        }
        bf_buf_printf(&b, ", \"n\": %llu, \"first\": %llu}",
                      (unsigned long long)p->rows[i].n_questions,
                      (unsigned long long)p->rows[i].n_first);
    }
    json_asked(&b, p);
    bf_buf_str(&b, "], \"ledger_fault\": ");
    if (p->ledger_fault)
        bf_buf_json(&b, p->ledger_fault);
    else
        bf_buf_str(&b, "null");
    bf_buf_str(&b, "}\n");
    fwrite(b.data, 1, b.len, stdout);
    bf_buf_done(&b);
}

/* --- Requests ----------------------------------------------------------------------------- */

/* How requests are shown. */
struct showing {
    bool json;
    int n;
};

static void show_request(void *ctx, const struct bf_preview *p)
{
    struct showing *s = ctx;
    if (!s->json) {
        printf("%s# %s: sample '%s' under %s, trial %d\n%s%s\n", s->n++ ? "\n" : "", p->probe,
               p->sample, p->condition, p->trial + 1,
               p->request ? "" : "cannot be sent: ", p->request ? p->request : p->fault);
        return;
    }
    struct bf_buf b = { 0 };
    bf_buf_str(&b, s->n++ ? ", {\"probe\": " : "{\"probe\": ");
    bf_buf_json(&b, p->probe);
    bf_buf_str(&b, ", \"sample\": ");
    bf_buf_json(&b, p->sample);
    bf_buf_str(&b, ", \"condition\": ");
    bf_buf_json(&b, p->condition);
    bf_buf_printf(&b, ", \"trial\": %d, \"%s\": ", p->trial, p->request ? "request" : "fault");
    if (p->request)
        bf_buf_str(&b, p->request);
    else
        bf_buf_json(&b, p->fault);
    bf_buf_char(&b, '}');
    fwrite(b.data, 1, b.len, stdout);
    bf_buf_done(&b);
}

static int show_requests(const struct bf_spec *spec, int n, bool json)
{
    struct showing s = { .json = json };
    struct bf_err err = { 0 };
    if (json)
        printf("[");
    const int rc = bf_check_requests(spec, n, show_request, &s, &err);
    if (json)
        printf("]\n");
    if (rc < 0)
        return report_failure(&err, rc);
    if (s.n == 0 && !json)
        printf("%s: no probe sends requests\n", spec->name);
    return EXIT_DONE;
}

static int show_plan(const struct bf_spec *spec, const char *out, bool json)
{
    struct bf_plan plan = { 0 };
    struct bf_err err = { 0 };
    int status = EXIT_DONE;
    const int rc = bf_check(spec, out, &plan, &err);
    if (rc < 0)
        status = report_failure(&err, rc);
    else if (json)
        print_json(spec, &plan);
    else
        print_plan(spec, &plan);
    bf_plan_done(&plan);
    return status;
}

static int check(const struct command *c, char **args, int n_args, char **values)
{
    (void)n_args;
    struct bf_spec spec;
    const bool json = option_value(c, values, "--json") != NULL;
    int n_requests;
    if (!option_count(c, values, "--requests", MAX_REQUESTS, &n_requests))
        return EXIT_ORDER;
    int status = read_spec(args[0], &spec);
    if (status == EXIT_DONE && n_requests)
        status = show_requests(&spec, n_requests, json);
    else if (status == EXIT_DONE)
        status = show_plan(&spec, option_value(c, values, "--out"), json);
    bf_spec_done(&spec);
    return status;
}

static const struct option_row options[] = {
    { "--out", "DIR", "run folder whose ledger is looked into (default: runs/NAME)" },
    { "--requests", "N", "show the first N requests of each probe instead" },
    { "--json", NULL, "print the plan as JSON" },
    { .name = NULL },
};

const struct command command_check = {
    .name = "check",
    .args = "SPEC",
    .summary = "say what a run would do, without doing it",
    .text = "Reads the YAML file SPEC and the rows of its pools, looks for the media files\n"
            "without decoding them, and prints the samples, the modalities and how many questions\n"
            "each probe would be asked under each condition. For probes that cost: how many\n"
            "requests, tokens and how much money, less what the run folder remembers.",
    .options = options,
    .n_args_min = 1,
    .n_args_max = 1,
    .run = check,
};
