/* talker [LOG]: answers free questions, and judges, in the tests. "item N" is answered
 * "Automobile." (the gold's words), "a red car" or "a boat" by N % 3; a question with a fenced
 * <reply> is one to the judge, who says yes when that reply holds "car", and is logged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long number_after(const char *line, const char *word)
{
    const char *at = strstr(line, word);
    return at ? strtol(at + strlen(word), NULL, 10) : -1;
}

int main(int argc, char **argv)
{
    static const char *const says[] = { "Automobile.", "a red car", "a boat" };
    static char line[1 << 16];
    FILE *log = argc > 1 ? fopen(argv[1], "a") : NULL;
    while (fgets(line, sizeof line, stdin)) {
        const char *reply = strstr(line, "<reply>"),
                   *end = reply ? strstr(reply, "</reply>") : NULL;
        const char *car = reply ? strstr(reply, "car") : NULL;
        const long id = number_after(line, "\"id\":"), item = number_after(line, "item ");
        const char *say = reply       ? car && car < end ? "yes" : "no"
                          : item >= 0 ? says[item % 3]
                                      : "?";
        if (reply && log) {
            fputs(line, log);
            fflush(log);
        }
        printf("{\"id\": %ld, \"reply\": \"%s\"}\n", id, say);
        fflush(stdout);
    }
    if (log)
        fclose(log);
    return 0;
}
