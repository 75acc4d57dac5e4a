/* matrix FILE GROUP FAILS: answers as recorded models did, as a program that the probe `command`
 * asks. FILE is a matrix of 0 and 1, a row a model and a column a question shown without its
 * picture. Question "item N" is answered "right" or "wrong" by a model drawn for (GROUP, item,
 * trial) from the six of GROUP; every FAILS-th draw fails (0: none). */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MODELS = 64, MAX_ITEMS = 2000, MAX_LINE = 1 << 17 };

static unsigned char hit[MAX_MODELS][MAX_ITEMS];

static uint64_t mix(uint64_t x) /* splitmix64 */
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Columns whose name begins with <no_image>, in order; everything by position. */
static int read_matrix(const char *path)
{
    static char head[MAX_LINE], row[MAX_LINE];
    FILE *f = fopen(path, "r");
    int n_models = 0;
    if (!f || !fgets(head, sizeof head, f))
        return -1;
    while (n_models < MAX_MODELS && fgets(row, sizeof row, f)) {
        int item = 0;
        const char *name = head, *v = row;
        while (name && v && item < MAX_ITEMS) {
            if (strncmp(name, "<no_image>", 10) == 0)
                hit[n_models][item++] = *v == '1';
            name = strchr(name, ',');
            v = strchr(v, ',');
            name = name ? name + 1 : NULL;
            v = v ? v + 1 : NULL;
        }
        n_models++;
    }
    fclose(f);
    return n_models;
}

static long number_after(const char *line, const char *word)
{
    const char *at = strstr(line, word);
    return at ? strtol(at + strlen(word), NULL, 10) : -1;
}

int main(int argc, char **argv)
{
    static char line[MAX_LINE];
    if (argc != 4 || read_matrix(argv[1]) < 24)
        return 1;
    const long group = strtol(argv[2], NULL, 10), fails = strtol(argv[3], NULL, 10);
    while (fgets(line, sizeof line, stdin)) {
        const long id = number_after(line, "\"id\":"), item = number_after(line, "item ");
        const long trial = number_after(line, "\"trial\":");
        if (id < 0 || item < 0 || item >= MAX_ITEMS || trial < 0)
            return 1;
        const uint64_t h = mix((uint64_t)(group << 40 | trial << 20 | item));
        if (fails && h / 6 % (uint64_t)fails == 0)
            printf("{\"id\": %ld, \"failed\": \"made to\"}\n", id);
        else
            printf("{\"id\": %ld, \"reply\": \"%s\"}\n", id,
                   hit[group * 6 + (long)(h % 6)][item] ? "right" : "wrong");
        fflush(stdout);
    }
    return 0;
}
