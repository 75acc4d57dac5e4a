/* A program that the probe `command` asks, in the tests: it answers with the letter of the choice
 * that begins with "right", or misbehaves as its arguments say.
 *
 *     child [log FILE] [reverse] [once] [p] [unfinished] [die WORD] [stall WORD] [fail WORD]
 *           [say TEXT] [nap MS] [deaf]
 *
 * log: every question is added to FILE. reverse: answers come in the opposite order, as
 * far as questions lie ready. once: ends after one answer. p: probabilities, no words. unfinished:
 * no line's end after an answer. die, stall, fail: over a question that holds WORD. say: TEXT in
 * place of an answer. nap: before each. deaf: neither the end of its input nor SIGTERM ends it. */
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct manner {
    const char *log, *die, *stall, *fail, *say, *nap;
    bool reverse, once, p, unfinished, deaf;
};

static struct manner read_manner(int argc, char **argv)
{
    struct manner m = { .log = NULL };
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *next = i + 1 < argc ? argv[i + 1] : "";
        const char **value = strcmp(word, "log") == 0     ? &m.log
                             : strcmp(word, "die") == 0   ? &m.die
                             : strcmp(word, "stall") == 0 ? &m.stall
                             : strcmp(word, "fail") == 0  ? &m.fail
                             : strcmp(word, "say") == 0   ? &m.say
                             : strcmp(word, "nap") == 0   ? &m.nap
                                                          : NULL;
        if (value) {
            *value = next;
            i++;
        }
        m.reverse |= strcmp(word, "reverse") == 0;
        m.once |= strcmp(word, "once") == 0;
        m.p |= strcmp(word, "p") == 0;
        m.unfinished |= strcmp(word, "unfinished") == 0;
        m.deaf |= strcmp(word, "deaf") == 0;
    }
    return m;
}

/* Place of the choice that begins with "right", and how many there are; -1 when none does. */
static int find_right(const char *line, int *n_out)
{
    const char *at = strstr(line, "\"choices\":[");
    int right = -1;
    *n_out = 0;
    if (!at)
        return -1;
    at += strlen("\"choices\":[");
    while (*at == '"') {
        if (strncmp(at, "\"right", 6) == 0)
            right = *n_out;
        (*n_out)++;
        for (at++; *at && *at != '"'; at++)
            if (*at == '\\' && at[1])
                at++;
        at += *at == '"';
        at += *at == ',';
    }
    return right;
}

static void answer(const struct manner *m, const char *line)
{
    int n;
    const int right = find_right(line, &n);
    const char *at = strstr(line, "\"id\":");
    const long id = at ? strtol(at + 5, NULL, 10) : 0;
    const long ms = m->nap ? strtol(m->nap, NULL, 10) : 0;
    (void)nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
    if (m->say)
        printf("%s", m->say);
    else if (m->fail && strstr(line, m->fail))
        printf("{\"id\": %ld, \"failed\": \"too hard\"}", id);
    else if (m->p) {
        printf("{\"id\": %ld, \"p\": [", id);
        for (int i = 0; i < n; i++)
            printf("%s%g", i ? ", " : "", i == right ? 0.7 : 0.3 / (n - 1));
        printf("]}");
    } else
        printf("{\"id\": %ld, \"reply\": \"%c\"}", id, right < 0 ? '?' : 'A' + right);
    printf("%s", m->unfinished ? "" : "\n");
    fflush(stdout);
}

static void note(const char *path, const char *line)
{
    FILE *f = path ? fopen(path, "a") : NULL;
    if (!f)
        return;
    fprintf(f, "%s\n", line);
    fclose(f);
}

/* One line without its end, or NULL. Not through stdio, whose buffer poll() cannot see. */
static char *next_line(void)
{
    size_t n = 0, cap = 4096;
    char *line = malloc(cap), c;
    ssize_t got = -1;
    while (line && (got = read(0, &c, 1)) == 1 && c != '\n') {
        if (n + 1 == cap)
            line = realloc(line, cap *= 2);
        if (line)
            line[n++] = c;
    }
    if (!line || got != 1) {
        free(line);
        return NULL;
    }
    line[n] = '\0';
    return line;
}

static bool is_ready(void)
{
    struct pollfd in = { .fd = 0, .events = POLLIN };
    return poll(&in, 1, 20) == 1;
}

int main(int argc, char **argv)
{
    enum { MOST = 64 };
    const struct manner m = read_manner(argc, argv);
    char *lines[MOST];
    bool over = false;
    if (m.deaf)
        (void)signal(SIGTERM, SIG_IGN);
    fprintf(stderr, "child is ready\n");
    while (!over) {
        int n = 0;
        do {
            char *line = next_line();
            over = line == NULL;
            if (line) {
                note(m.log, line);
                lines[n++] = line;
            }
        } while (!over && m.reverse && n < MOST && is_ready());
        while (n > 0) {
            char *line = lines[--n];
            if (m.die && strstr(line, m.die)) {
                fprintf(stderr, "cannot bear %s\n\n", m.die);
                _exit(5);
            }
            if (m.stall && strstr(line, m.stall))
                (void)sleep(600);
            answer(&m, line);
            free(line);
            if (m.once)
                return 0;
        }
    }
    while (m.deaf)
        (void)sleep(1);
    return 0;
}
