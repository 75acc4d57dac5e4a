/* make_pool OUTDIR: write the demo's pool: media, pool.jsonl, and truth.tsv beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/hash.h"
#include "demo/questions.h"

enum { SEED = 20261121 };

static int write_media(const char *dir, struct scene *s, struct bf_err *err)
{
    static const struct {
        const char *ext;
        void (*make)(const struct scene *s, struct bf_buf *out);
    } how[N_SENSES] = {
        { "png", picture_make }, { "wav", sound_make }, { "avi", clip_make }, { "csv", trace_make }
    };
    int rc = BF_OK;
    for (int k = 0; k < N_SENSES && rc == BF_OK; k++) {
        /* A name that tells nothing, not even which media belong together. */
        struct bf_rng r = bf_rng_for(s->seed, "", "name", (uint64_t)k);
        (void)snprintf(s->path[k], sizeof s->path[k], "media/%016llx.%s",
                       (unsigned long long)bf_rng_next(&r), how[k].ext); /* fits: 26 of 48 */
        struct bf_buf b = { 0 };
        how[k].make(s, &b);
        rc = file_write(dir, s->path[k], &b, err);
        bf_buf_done(&b);
    }
    return rc;
}

static void put_row(struct bf_buf *out, const struct question *q, const struct scene *s, int number)
{
    struct bf_buf text = { 0 };
    bf_buf_printf(out, "{\"id\": \"q%04d\", \"task\": \"choice\", \"question\": ", number);
    question_text(q, &text);
    bf_buf_json(out, text.data);
    for (int i = 0; i < N_CHOICES; i++) {
        bf_buf_str(out, i == 0 ? ", \"choices\": [" : ", ");
        text.len = 0;
        choice_text(q, i, &text);
        bf_buf_json(out, text.data);
    }
    const char *category = q->kind == NEED_TWO ? "pairs" : words[q->attr].category;
    bf_buf_printf(out, "], \"answer\": \"%c\", \"category\": \"%s\", \"media\": [", 'A' + q->gold,
                  category);
    for (int i = 0; i < 2; i++)
        bf_buf_printf(out, "%s{\"modality\": \"%s\", \"path\": \"%s\"}", i ? ", " : "",
                      sense_names[q->shown[i]], s->path[q->shown[i]]);
    bf_buf_str(out, "], \"licence\": \"CC0-1.0\"}\n");
    out->failed |= text.failed;
    bf_buf_done(&text);
}

static void put_truth(struct bf_buf *out, const struct question *q, int number)
{
    bf_buf_printf(out, "q%04d\t%s\t%s", number, kind_names[q->kind],
                  sense_names[words[q->attr].sense]);
    if (q->kind == NEED_TWO)
        bf_buf_printf(out, "+%s", sense_names[words[q->other].sense]);
    if (q->rule < 0)
        bf_buf_printf(out, "\t-\t-\t%c\t-\n", 'A' + q->gold);
    else
        bf_buf_printf(out, "\t%d.%d\t%c\t%c\t%d\n", strengths[q->strength] / 10,
                      strengths[q->strength] % 10, 'A' + q->rule, 'A' + q->gold,
                      q->rule == q->gold);
}

/* pool.jsonl comes last: where it is, all is. */
static int write_tables(const char *dir, const struct scene *scenes, const struct question *qs,
                        struct bf_err *err)
{
    struct bf_buf pool = { 0 }, truth = { 0 };
    bf_buf_str(&truth, "id\tkind\tneeds\tstrength\trule_choice\tgold\trule_right\n");
    for (int i = 0; i < N_QUESTIONS; i++) {
        put_row(&pool, &qs[i], &scenes[qs[i].scene], i + 1);
        put_truth(&truth, &qs[i], i + 1);
    }
    int rc = file_write(dir, "truth.tsv", &truth, err);
    if (rc == BF_OK)
        rc = file_write(dir, "pool.jsonl", &pool, err);
    bf_buf_done(&pool);
    bf_buf_done(&truth);
    return rc;
}

static int make(const char *dir, struct bf_err *err)
{
    static const char media[] = "/media";
    struct scene *scenes = calloc(N_SCENES, sizeof *scenes);
    struct question *questions = calloc(N_QUESTIONS, sizeof *questions);
    char *media_dir = malloc(strlen(dir) + sizeof media);
    int rc = BF_OK;
    if (!scenes || !questions || !media_dir) {
        rc = bf_fail_memory(err, "the pool");
    } else {
        memcpy(media_dir, dir, strlen(dir));
        memcpy(media_dir + strlen(dir), media, sizeof media);
        pool_plan(SEED, scenes, questions);
        rc = bf_dir_make(media_dir, err);
    }
    for (int i = 0; i < N_SCENES && rc == BF_OK; i++)
        rc = write_media(dir, &scenes[i], err);
    if (rc == BF_OK)
        rc = write_tables(dir, scenes, questions, err);
    free(scenes);
    free(questions);
    free(media_dir);
    return rc;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: make_pool OUTDIR\n", stderr);
        return 2;
    }
    struct bf_err err;
    if (make(argv[1], &err) != BF_OK) {
        fprintf(stderr, "make_pool: %s\n", err.msg);
        return 1;
    }
    printf("%d questions over %d media in %s\n", N_QUESTIONS, N_SENSES * N_SCENES, argv[1]);
    return 0;
}
