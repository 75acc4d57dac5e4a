#include "cli/args.h"

#include <stdint.h>
#include <string.h>

#include "core/text.h"

enum { MAX_OPTIONS = 16, MAX_ARGS = 8 };

static int n_options(const struct command *c)
{
    int n = 0;
    while (c->options[n].name)
        n++;
    return n;
}

void command_help(const struct command *c, FILE *to)
{
    fprintf(to, "usage: blindfold %s%s%s [options]\n\n%s\n\noptions:\n", c->name,
            *c->args ? " " : "", c->args, c->text);
    for (const struct option_row *o = c->options; o->name; o++) {
        char left[32];
        snprintf(left, sizeof left, "%s%s%s", o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        fprintf(to, "  %-18s %s\n", left, o->help);
    }
    fprintf(to, "  %-18s %s\n", "--help", "show this help");
}

static int complain(const struct command *c, const char *what, const char *arg, const char *near)
{
    fprintf(stderr, "blindfold %s: %s '%s'", c->name, what, arg);
    if (near)
        fprintf(stderr, "; did you mean '%s'?", near);
    fprintf(stderr, "\ntry 'blindfold %s --help'\n", c->name);
    return EXIT_ORDER;
}

static int unknown_option(const struct command *c, const char *arg)
{
    const char *names[MAX_OPTIONS + 2] = { "--help" };
    for (int i = 0; i < n_options(c); i++)
        names[i + 1] = c->options[i].name;
    return complain(c, "unknown option", arg, bf_text_near(arg, names));
}

/* Take `--name value`, `--name=value` or `--name` at argv[*i]; -1 = taken. */
static int take_option(const struct command *c, int argc, char **argv, int *i, char **values)
{
    char *arg = argv[*i];
    const size_t n = strcspn(arg, "=");
    for (int k = 0; k < n_options(c); k++) {
        const struct option_row *o = &c->options[k];
        if (strlen(o->name) != n || strncmp(o->name, arg, n) != 0)
            continue;
        if (values[k])
            return complain(c, "option given twice:", o->name, NULL);
        if (!o->value && arg[n])
            return complain(c, "this option takes no value:", arg, NULL);
        if (!o->value) {
            static char given[] = "";
            values[k] = given;
        } else if (arg[n]) {
            values[k] = arg + n + 1;
        } else if (*i + 1 < argc && strncmp(argv[*i + 1], "--", 2) != 0) {
            values[k] = argv[++*i];
        }
        if (!values[k])
            return complain(c, "a value is missing after", arg, NULL);
        if (o->value && !*values[k])
            return complain(c, "an empty value is not allowed:", o->name, NULL);
        return -1;
    }
    return unknown_option(c, arg);
}

int command_main(const struct command *c, int argc, char **argv)
{
    char *values[MAX_OPTIONS] = { 0 };
    char *args[MAX_ARGS];
    int n_args = 0;
    bool options = true;
    for (int i = 0; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            command_help(c, stdout);
            return EXIT_DONE;
        } else if (options && argv[i][0] == '-' && argv[i][1]) {
            const int rc = take_option(c, argc, argv, &i, values);
            if (rc >= 0)
                return rc;
        } else if (!*argv[i]) {
            return complain(c, "an empty argument is not allowed:", argv[i], NULL);
        } else if (n_args == c->n_args_max) {
            return complain(c, "one argument too many:", argv[i], NULL);
        } else {
            args[n_args++] = argv[i];
        }
    }
    if (n_args < c->n_args_min) {
        fprintf(stderr, "blindfold %s: usage: blindfold %s %s [options]\n", c->name, c->name,
                c->args);
        return EXIT_ORDER;
    }
    return c->run(c, args, n_args, values);
}

const char *option_value(const struct command *c, char **values, const char *name)
{
    for (int k = 0; k < n_options(c); k++)
        if (strcmp(c->options[k].name, name) == 0)
            return values[k];
    return NULL;
}

bool option_count(const struct command *c, char **values, const char *name, int max, int *out)
{
    const char *text = option_value(c, values, name);
    int64_t v = 0;
    *out = 0;
    if (!text)
        return true;
    if (!bf_text_integer(text, &v) || v < 1 || v > max) {
        fprintf(stderr, "blindfold %s: %s is '%s'; allowed: 1 to %d\n", c->name, name, text, max);
        return false;
    }
    *out = (int)v;
    return true;
}
