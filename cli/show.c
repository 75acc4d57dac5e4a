/* blindfold show SPEC ID: one sample under every condition, as files. */
#include "cli/args.h"
#include "cli/report.h"
#include "core/run.h"

static int show(const struct command *c, char **args, int n_args, char **values)
{
    (void)n_args;
    struct bf_spec spec;
    struct bf_err err = { 0 };
    const char *out = option_value(c, values, "--out");
    uint32_t n_files = 0;
    int status = read_spec(args[0], &spec);
    if (status == EXIT_DONE) {
        out = out ? out : "shown";
        const int rc = bf_show(&spec, args[1], out, &n_files, &err);
        if (rc < 0)
            status = report_failure(&err, rc);
        else
            printf("%u files in '%s': one folder a condition, sheet.png of them all, parts.txt\n",
                   n_files, out);
    }
    bf_spec_done(&spec);
    return status;
}

static const struct option_row options[] = {
    { "--out", "DIR", "folder to write to (default: shown)" },
    { .name = NULL },
};

const struct command command_show = {
    .name = "show",
    .args = "SPEC ID",
    .summary = "write one sample under every condition as files one can open",
    .text = "Writes what a model would be shown of sample ID: its question and choices, and each\n"
            "medium as it stands or as the condition's operator makes it. sheet.png has them\n"
            "side by side; parts.txt describes the media.",
    .options = options,
    .n_args_min = 2,
    .n_args_max = 2,
    .run = show,
};
