/* bench_many DIR N: a pool of N samples in DIR, each with a small picture of its own, and recorded
 * answers to them under `full` and `blind`: what memory is measured with. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/text.h"

enum { SIDE = 8, A_FOLDER = 1000 };

static FILE *make(const char *dir, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    if (!f) {
        fprintf(stderr, "cannot write '%s'\n", path);
        exit(1);
    }
    return f;
}

static void make_folder(const char *dir, long i)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%03ld", dir, i);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        exit(1);
}

/* Eight by eight fields of a colour each, no two pictures alike. */
static void make_picture(const char *dir, const char *name, long i)
{
    uint64_t x = (uint64_t)i * 0x9e3779b97f4a7c15u;
    FILE *f = make(dir, name);
    fprintf(f, "P6\n%d %d\n255\n", SIDE, SIDE);
    for (int k = 0; k < SIDE * SIDE; k++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        const uint8_t rgb[] = { (uint8_t)(x >> 40), (uint8_t)(x >> 48), (uint8_t)(x >> 56) };
        fwrite(rgb, 1, sizeof rgb, f);
    }
    if (fclose(f) != 0)
        exit(1);
}

int main(int argc, char **argv)
{
    int64_t n = 0;
    if (argc < 3 || !bf_text_integer(argv[2], &n) || n < 1)
        return 2;
    const char *dir = argv[1];
    FILE *pool = make(dir, "pool.jsonl"), *answers = make(dir, "answers.jsonl");
    for (long i = 0; i < n; i++) {
        char name[64];
        if (i % A_FOLDER == 0)
            make_folder(dir, i / A_FOLDER);
        snprintf(name, sizeof name, "%03ld/%06ld.ppm", i / A_FOLDER, i);
        make_picture(dir, name, i);
        fprintf(pool,
                "{\"id\": \"sample-%06ld\", \"question\": \"Which of these does picture number %ld "
                "show, seen from above and a little to the left?\", \"choices\": [\"a red mug\", "
                "\"two blue chairs\", \"a bird in flight\", \"nothing of these\"], \"answer\": "
                "\"%c\", \"category\": \"kind %ld\", \"media\": {\"modality\": \"image\", "
                "\"path\": \"%s\"}}\n",
                i, i, (int)('A' + i % 4), i % 20, name);
        for (int blind = 0; blind < 2; blind++)
            fprintf(answers,
                    "{\"id\": \"sample-%06ld\", \"condition\": \"%s\", \"answer\": \"%c\"}\n", i,
                    blind ? "blind" : "full", (int)('A' + (i % 3 && !blind ? i % 4 : i / 7 % 4)));
    }
    if (fclose(pool) != 0 || fclose(answers) != 0)
        return 1;
    FILE *spec = make(dir, "spec.yaml");
    fprintf(spec, "blindfold: 1\nname: many\nseed: 1\ntarget: [image]\n"
                  "pool:\n  - {format: jsonl, path: pool.jsonl}\n"
                  "probes:\n  - {name: seen, kind: answers, path: answers.jsonl}\n"
                  "filters:\n  - answerable: {under: blind, right: \"> 1/2\", by: \"> 1/2\"}\n"
                  "balance: {size: 1000, equal: [category, answer]}\n"
                  "emit: {formats: [jsonl], to: benchmark}\n");
    return fclose(spec) != 0;
}
