/* The program `blindfold`. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "core/api.h"
#include "core/text.h"

static const struct command *const commands[] = {
    &command_run, &command_check, &command_show, &command_answers, &command_list, NULL,
};

static void usage(FILE *to)
{
    fputs("usage: blindfold COMMAND [arguments]\n\n"
          "Builds multimodal benchmarks whose questions need the modality they claim to test.\n\n"
          "commands:\n",
          to);
    for (int i = 0; commands[i]; i++)
        fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n'blindfold COMMAND --help' says more; --version prints the version.\n"
          "exit status: 0 done; 1 stopped, run again to resume; 2 the order was wrong, nothing\n"
          "was done; 3 finished, but a promise of the spec was not met.\n",
          to);
}

static const struct command *find(const char *name)
{
    for (int i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int unknown(const char *name)
{
    const char *names[sizeof commands / sizeof *commands + 3] = { "--help", "--version" };
    for (int i = 0; commands[i]; i++)
        names[i + 2] = commands[i]->name;
    const char *near = bf_text_near(name, names);
    fprintf(stderr, "blindfold: unknown command '%s'", name);
    if (near)
        fprintf(stderr, "; did you mean '%s'?", near);
    fputs("\ntry 'blindfold --help'\n", stderr);
    return EXIT_ORDER;
}

/* A summary that could not be written is a failure too: "blindfold list >/dev/full". */
static int flushed(int status)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("blindfold: cannot write to standard output\n", stderr);
        return status == EXIT_DONE ? EXIT_STOPPED : status;
    }
    return status;
}

/* Started with a standard stream closed (">&-"), the next file opened would take its number, and
 * messages would be written into it. Its place is taken by something that cannot be written. */
static bool streams_taken(void)
{
    int fd = 0;
    while (fd >= 0 && fd <= STDERR_FILENO)
        fd = open("/dev/null", O_RDONLY);
    if (fd > STDERR_FILENO)
        close(fd);
    return fd >= 0;
}

int main(int argc, char **argv)
{
    if (!streams_taken())
        return EXIT_STOPPED;
    const char *name = argc > 1 ? argv[1] : "";
    const struct command *c = find(name);
    if (c)
        return flushed(command_main(c, argc - 2, argv + 2));
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        c = argc > 2 ? find(argv[2]) : NULL;
        if (c)
            command_help(c, stdout);
        else if (argc > 2)
            return unknown(argv[2]);
        else
            usage(stdout);
        return flushed(EXIT_DONE);
    }
    if (strcmp(name, "--version") == 0) {
        printf("blindfold %s\n", bf_version());
        return flushed(EXIT_DONE);
    }
    if (!*name) {
        usage(stderr);
        return EXIT_ORDER;
    }
    return unknown(name);
}
