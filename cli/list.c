/* blindfold list: every operation built in with its options, from the tables; also as Markdown
 * (docs/operations.md) and as a manual page. */
#include <string.h>

#include "cli/args.h"
#include "core/ops.h"
#include "core/text.h"

enum form { PLAIN, JSON, MARKDOWN, MAN };

static const struct command *const documented[] = {
    &command_run, &command_check, &command_show, &command_answers, &command_list, NULL,
};

static const char *row_text(const struct bf_opt *o, struct bf_buf *b)
{
    b->len = 0;
    bf_opt_allowed(o, b);
    return b->failed || !b->data ? "" : b->data;
}

/* "raster, clip": the carriers an operator takes; NULL for what is no operator. */
static const char *takes(const struct bf_op_table *t, int i, struct bf_buf *b)
{
    const struct bf_operator *op = (const void *)t->ops[i];
    if (strcmp(t->kind, "operator") != 0)
        return NULL;
    b->len = 0;
    for (int c = 0; c < BF_CARRIER_COUNT; c++)
        if (op->carriers & BF_BIT(c)) {
            bf_buf_str(b, b->len ? ", " : "");
            bf_buf_str(b, bf_carrier_name((enum bf_carrier)c));
        }
    return b->failed || !b->data ? "" : b->data;
}

static void plain_options(const struct bf_op *op, struct bf_buf *b)
{
    for (const struct bf_opt *o = op->opts; o && o->name; o++) {
        printf("      %-10s %s (%s; ", o->name, o->help, row_text(o, b));
        if (!o->def)
            printf("required)\n");
        else
            printf("default %s)\n", *o->def ? o->def : "none");
    }
}

static void plain(const struct bf_op_table *t, bool options, struct bf_buf *b)
{
    for (int i = 0; t->ops[i]; i++) {
        const char *carriers = takes(t, i, b);
        printf("%-9s %-18s %s%s%s%s\n", t->kind, t->ops[i]->name, t->ops[i]->summary,
               carriers ? " (" : "", carriers ? carriers : "", carriers ? ")" : "");
        if (options)
            plain_options(t->ops[i], b);
    }
}

static void json(const struct bf_op_table *t, struct bf_buf *out, struct bf_buf *b)
{
    for (int i = 0; t->ops[i]; i++) {
        const struct bf_op *op = t->ops[i];
        bf_buf_printf(out, "{\"kind\": \"%s\", \"name\": ", t->kind);
        bf_buf_json(out, op->name);
        bf_buf_str(out, ", \"summary\": ");
        bf_buf_json(out, op->summary);
        bf_buf_str(out, ", \"source\": ");
        bf_buf_json(out, op->source);
        const char *carriers = takes(t, i, b);
        if (carriers) {
            bf_buf_str(out, ", \"carriers\": ");
            bf_buf_json(out, carriers);
        }
        bf_buf_str(out, ", \"options\": [");
        for (const struct bf_opt *o = op->opts; o && o->name; o++) {
            bf_buf_str(out, o == op->opts ? "{\"name\": " : ", {\"name\": ");
            bf_buf_json(out, o->name);
            bf_buf_str(out, ", \"default\": ");
            if (o->def)
                bf_buf_json(out, o->def);
            else
                bf_buf_str(out, "null");
            bf_buf_str(out, ", \"allowed\": ");
            bf_buf_json(out, row_text(o, b));
            bf_buf_str(out, ", \"help\": ");
            bf_buf_json(out, o->help);
            bf_buf_char(out, '}');
        }
        bf_buf_str(out, "]}\n");
    }
}

/* "modality" -> "Modalities", for a heading. */
static void print_kinds(const char *kind)
{
    const int n = (int)strlen(kind);
    const bool y = kind[n - 1] == 'y';
    printf("%c%.*s%s", kind[0] - 'a' + 'A', n - 1 - y, kind + 1, y ? "ies" : "s");
}

/* The point that ends a sentence, unless it has one. */
static const char *point(const char *text)
{
    const size_t n = strlen(text);
    return n && text[n - 1] == '.' ? "" : ".";
}

static void markdown(const struct bf_op_table *t, struct bf_buf *b)
{
    printf("\n## ");
    print_kinds(t->kind);
    printf(", under `%s`\n", t->spec_key);
    for (int i = 0; t->ops[i]; i++) {
        const struct bf_op *op = t->ops[i];
        const char *carriers = takes(t, i, b);
        printf("\n### %s\n\n%c%s%s%s%s%s Source: %s.\n", op->name,
               op->summary[0] >= 'a' && op->summary[0] <= 'z' ? op->summary[0] - 'a' + 'A'
                                                              : op->summary[0],
               op->summary + 1, point(op->summary), carriers ? " Takes " : "",
               carriers ? carriers : "", carriers ? "." : "", op->source);
        if (!op->opts || !op->opts->name)
            continue;
        printf("\n| option | default | allowed | meaning |\n| --- | --- | --- | --- |\n");
        for (const struct bf_opt *o = op->opts; o->name; o++) {
            const char *tick = o->def && *o->def ? "`" : "";
            printf("| `%s` | %s%s%s | %s | %s |\n", o->name, tick,
                   !o->def   ? "required"
                   : *o->def ? o->def
                             : "none",
                   tick, row_text(o, b), o->help);
        }
    }
}

/* Text for troff: backslashes, and a point or quote that starts a line, are not commands. */
static void man_text(const char *s)
{
    bool start = true;
    for (; *s; s++) {
        if (start && (*s == '.' || *s == '\''))
            fputs("\\&", stdout);
        if (*s == '\\')
            fputs("\\e", stdout);
        else if (*s == '-')
            fputs("\\-", stdout);
        else
            putchar(*s);
        start = *s == '\n';
    }
}

static void man_commands(void)
{
    for (int i = 0; documented[i]; i++) {
        const struct command *c = documented[i];
        printf(".SS blindfold %s %s\n", c->name, c->args);
        man_text(c->text);
        printf("\n");
        for (const struct option_row *o = c->options; o->name; o++) {
            printf(".TP\n.B ");
            man_text(o->name);
            printf("%s%s\n", o->value ? " " : "", o->value ? o->value : "");
            man_text(o->help);
            printf("\n");
        }
    }
}

static void man_table(const struct bf_op_table *t, struct bf_buf *b)
{
    printf(".SS ");
    print_kinds(t->kind);
    printf(" (under %s)\n", t->spec_key);
    for (int i = 0; t->ops[i]; i++) {
        printf(".TP\n.B %s\n", t->ops[i]->name);
        man_text(t->ops[i]->summary);
        printf("%s\n", point(t->ops[i]->summary));
        const char *carriers = takes(t, i, b);
        if (carriers)
            printf("Takes %s.\n", carriers);
        for (const struct bf_opt *o = t->ops[i]->opts; o && o->name; o++) {
            printf(".br\n.I %s\n", o->name);
            man_text(o->help);
            printf(" (");
            man_text(row_text(o, b));
            printf("; ");
            man_text(!o->def ? "required" : *o->def ? "default " : "no default");
            man_text(o->def ? o->def : "");
            printf(").\n");
        }
    }
}

static void man(struct bf_buf *b)
{
    printf(".TH BLINDFOLD 1 \"\" \"blindfold %s\" \"User commands\"\n"
           ".SH NAME\nblindfold \\- build multimodal benchmarks whose questions need the modality "
           "they claim to test\n"
           ".SH SYNOPSIS\n.B blindfold\n.I command\n[arguments]\n"
           ".SH DESCRIPTION\n"
           "Reads a pool of questions with their media, shows each sample with modalities\n"
           "removed, asks probes, scores what each modality contributes, filters what is\n"
           "answerable without the target modality, balances what is left and writes a benchmark\n"
           "with the evidence for every sample. One YAML file orders all of it.\n"
           ".SH COMMANDS\n",
           bf_version());
    man_commands();
    printf(".SH OPERATIONS\nWhat a spec can name, with options, made from the same tables that the "
           "spec reader uses.\n");
    for (const struct bf_op_table *t = bf_op_tables; t->kind; t++)
        man_table(t, b);
    printf(".SH EXIT STATUS\n.TP\n.B 0\nDone.\n.TP\n.B 1\nStopped; run again to resume.\n"
           ".TP\n.B 2\nThe order was wrong; nothing was done.\n"
           ".TP\n.B 3\nFinished, but a promise of the spec was not met.\n"
           ".SH FILES\n.TP\n.I runs/NAME/\nThe run folder: spec.yaml, ledger.db, set_aside.jsonl, "
           "scores.csv, stats.csv, leaks.jsonl, verdicts.jsonl, benchmark/, run.json.\n");
}

static int list_all(enum form form, const char *kind)
{
    struct bf_buf b = { 0 }, out = { 0 };
    if (form == MAN)
        man(&b);
    if (form == MARKDOWN)
        printf("# Operations\n\nMade by `blindfold list --markdown` from the tables that the spec "
               "reader uses; a test keeps it so.\n");
    for (const struct bf_op_table *t = bf_op_tables; t->kind && form != MAN; t++) {
        if (kind && strcmp(kind, t->kind) != 0)
            continue;
        if (form == PLAIN)
            plain(t, kind != NULL, &b);
        else if (form == JSON)
            json(t, &out, &b);
        else
            markdown(t, &b);
    }
    if (out.len)
        fwrite(out.data, 1, out.len, stdout);
    bf_buf_done(&out);
    bf_buf_done(&b);
    return EXIT_DONE;
}

static int list(const struct command *c, char **args, int n_args, char **values)
{
    const char *kind = n_args ? args[0] : NULL;
    const char *kinds[16] = { 0 };
    bool known = !kind;
    for (int i = 0; bf_op_tables[i].kind; i++) {
        kinds[i] = bf_op_tables[i].kind;
        known = known || strcmp(kind, kinds[i]) == 0;
    }
    if (!known) {
        const char *near = bf_text_near(kind, kinds);
        fprintf(stderr, "blindfold list: unknown kind '%s'", kind);
        if (near)
            fprintf(stderr, "; did you mean '%s'?", near);
        fputs("\nallowed:", stderr);
        for (int i = 0; kinds[i]; i++)
            fprintf(stderr, " %s", kinds[i]);
        fputs("\n", stderr);
        return EXIT_ORDER;
    }
    const int n_forms = !!option_value(c, values, "--json") +
                        !!option_value(c, values, "--markdown") +
                        !!option_value(c, values, "--man");
    if (n_forms > 1) {
        fputs("blindfold list: only one of '--json', '--markdown' and '--man' at a time\n", stderr);
        return EXIT_ORDER;
    }
    return list_all(option_value(c, values, "--json")       ? JSON
                    : option_value(c, values, "--markdown") ? MARKDOWN
                    : option_value(c, values, "--man")      ? MAN
                                                            : PLAIN,
                    kind);
}

static const struct option_row options[] = {
    { "--json", NULL, "one JSON object a line" },
    { "--markdown", NULL, "as docs/operations.md" },
    { "--man", NULL, "as the manual page blindfold(1)" },
    { .name = NULL },
};

const struct command command_list = {
    .name = "list",
    .args = "[KIND]",
    .summary = "show the operations a spec can name, with their options",
    .text = "Lists every operation of this build; with KIND (reader, modality, operator, probe,\n"
            "score, filter or format) those of one kind with their options.",
    .options = options,
    .n_args_min = 0,
    .n_args_max = 1,
    .run = list,
};
