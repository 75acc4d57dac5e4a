#ifndef BF_CLI_ARGS_H
#define BF_CLI_ARGS_H

#include <stdbool.h>
#include <stdio.h>

/* One option of a command; a list ends with a row whose name is NULL. */
struct option_row {
    const char *name;  /* "--out" */
    const char *value; /* "DIR", or NULL when it takes none */
    const char *help;
};

/* One command of the program. */
struct command {
    const char *name, *args, *summary;
    const char *text; /* what it does, wrapped by hand at 80 columns */
    const struct option_row *options;
    int n_args_min, n_args_max;
    int (*run)(const struct command *c, char **args, int n_args, char **values);
};

extern const struct command command_run, command_check, command_show, command_list, command_answers;

/* Exit statuses, DESIGN section 4. */
enum { EXIT_DONE = 0, EXIT_STOPPED = 1, EXIT_ORDER = 2, EXIT_PROMISE = 3 };

/* Parse what follows the command's name and run it. `values` [n options] are the texts given,
 * "" for an option without value, NULL when not given. Prints its own complaints; returns the exit
 * status. "--" ends the options. */
int command_main(const struct command *c, int argc, char **argv);

/* Help of one command. */
void command_help(const struct command *c, FILE *to);

/* Text of an option by name, or NULL. */
const char *option_value(const struct command *c, char **values, const char *name);

/* A count such as --threads: 1 .. max, or 0 when not given. False after a complaint. */
bool option_count(const struct command *c, char **values, const char *name, int max, int *out);

#endif
