/* blindfold check SPEC: what a run would do. */
#include <string.h>

#include "cli/args.h"
#include "cli/report.h"
#include "core/run.h"

enum { SHOWN_FAULTS = 20 };

static void print_plan(const struct bf_spec *spec, const struct bf_plan *p)
{
    char a[32], b[32];
    uint64_t total = 0;
    printf("%s: %s samples over %s files (%.1f MB), %u rows would be set aside\n", spec->name,
           grouped(p->n_samples, a), grouped(p->n_files, b), (double)p->media_bytes / 1e6,
           p->n_set_aside);
    for (uint32_t i = 0; i < p->n_set_aside && i < SHOWN_FAULTS; i++)
        printf("  %s: %s\n", p->set_aside[i].where, p->set_aside[i].reason);
    if (p->n_set_aside > SHOWN_FAULTS)
        printf("  and %u more\n", p->n_set_aside - SHOWN_FAULTS);
    printf("\n  %-20s samples that show it\n", "modality");
    for (int m = 0; m < spec->n_modalities; m++)
        if (p->by_modality[m])
            printf("  %-20s %s\n", spec->modalities[m].name, grouped(p->by_modality[m], a));
    printf("\n  %-20s %-28s questions\n", "probe", "condition");
    for (int i = 0; i < p->n_rows; i++) {
        printf("  %-20s %-28s %9s\n", p->rows[i].probe, p->rows[i].condition,
               grouped(p->rows[i].n_questions, a));
        total += p->rows[i].n_questions;
    }
    printf("  %-20s %-28s %9s\n", "total", "", grouped(total, a));
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
        bf_buf_str(&b, ", \"reason\": ");
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
        bf_buf_printf(&b, ", \"n\": %llu}", (unsigned long long)p->rows[i].n_questions);
    }
    bf_buf_str(&b, "]}\n");
    fwrite(b.data, 1, b.len, stdout);
    bf_buf_done(&b);
}

static int check(const struct command *c, char **args, int n_args, char **values)
{
    (void)n_args;
    struct bf_spec spec;
    struct bf_plan plan = { 0 };
    struct bf_err err = { 0 };
    int status = read_spec(args[0], &spec);
    if (status == EXIT_DONE) {
        const int rc = bf_check(&spec, &plan, &err);
        if (rc < 0)
            status = report_failure(&err, rc);
        else if (option_value(c, values, "--json"))
            print_json(&spec, &plan);
        else
            print_plan(&spec, &plan);
    }
    bf_plan_done(&plan);
    bf_spec_done(&spec);
    return status;
}

static const struct option_row options[] = {
    { "--json", NULL, "print the plan as JSON" },
    { .name = NULL },
};

const struct command command_check = {
    .name = "check",
    .args = "SPEC",
    .summary = "say what a run would do, without doing it",
    .text = "Reads the YAML file SPEC and the rows of its pools, looks for the media files\n"
            "without decoding them, and prints the samples, the modalities and how many questions\n"
            "each probe would be asked under each condition.",
    .options = options,
    .n_args_min = 1,
    .n_args_max = 1,
    .run = check,
};
