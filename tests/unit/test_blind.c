/* Truly blind: what an operator that removes leaves of a file is the same for any two files, all
 * the way from the bytes of a file to the files a model is shown and to the features a probe
 * learns. */
#include "core/worker.h"
#include "tests/blind.h"
#include "tests/test.h"

enum { MAX_JOBS = 96, N_CARRIERS = BF_CARRIER_COUNT };

static struct bf_blob files[N_CARRIERS][BLIND_FILES];

static void make_files(struct bf_arena *a)
{
    blind_images(files[BF_RASTER], a);
    blind_clips(files[BF_CLIP], a);
    blind_waves(files[BF_WAVE], a);
    blind_traces(files[BF_TRACE], a);
    blind_texts(files[BF_TEXT], a);
}

/* What is tried: one operator on one carrier, presented in one way; NULL = the file as it is. */
struct trial {
    int modality;
    const struct bf_operator *op;
    struct bf_replace by;
    bool seen; /* it keeps the size, and files can be told apart by that */
    struct bf_reading readings[BLIND_FILES];
    struct bf_features features[BLIND_FILES];
    int n_blobs[BLIND_FILES];
    uint8_t shas[BLIND_FILES][BF_SHA_BYTES]; /* of all blobs, their formats and their lengths */
    int codes[BLIND_FILES];
};

static struct bf_spec spec;
static struct trial trials[MAX_JOBS];
static int n_trials;

static void add_trial(int modality, const struct bf_operator *op, const char *const *options,
                      struct bf_arena *a)
{
    if (n_trials == MAX_JOBS)
        abort();
    struct trial *t = &trials[n_trials++];
    *t = (struct trial){ .modality = modality, .op = op, .seen = options != NULL };
    if (op)
        t->by = (struct bf_replace){ .modality = modality,
                                     .op = op,
                                     .priv = test_options(&op->op, options, a) };
}

/* A modality that is presented as `present` says, and every operator on it. */
static void add_modality(enum bf_carrier carrier, const char *present, struct bf_arena *a)
{
    if (spec.n_modalities == BF_MAX_MODALITIES)
        abort();
    const int m = spec.n_modalities++;
    struct bf_modality_use *use = &spec.modalities[m];
    use->base = bf_modality_of(carrier);
    use->name = bf_arena_printf(a, "%s as %s", use->base->op.name, present);
    use->priv = test_options(&use->base->op, (const char *[]){ "present", present, NULL }, a);
    add_trial(m, NULL, NULL, a);
    for (size_t i = 0; bf_operators[i]; i++) {
        const struct bf_operator *op = bf_operators[i];
        if (!op->removes || !op->apply || !(op->carriers & BF_BIT(carrier)))
            continue;
        add_trial(m, op, NULL, a);
        if (bf_opt_find(op->op.opts, "size"))
            add_trial(m, op, (const char *[]){ "size", "original", NULL }, a);
    }
}

static void make_trials(struct bf_arena *a)
{
    for (int c = 0; c < N_CARRIERS; c++) {
        const struct bf_modality *m = bf_modality_of((enum bf_carrier)c);
        const char *w = bf_opt_find(m->op.opts, "present")->values;
        for (; *w; w += strcspn(w, "|"), w += *w == '|')
            add_modality(m->carrier, bf_arena_strndup(a, w, strcspn(w, "|")), a);
    }
}

static int make_job(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err)
{
    (void)ctx, (void)err;
    const struct trial *t = &trials[i / BLIND_FILES];
    const struct bf_blob *file =
        &files[spec.modalities[t->modality].base->carrier][i % BLIND_FILES];
    *job = (struct bf_job){ .fd = test_fd(file->bytes, file->n),
                            .modality = t->modality,
                            .by = t->op ? &t->by : NULL,
                            .with = { .rng = { 7 }, .pool_mean = { 10.4, 99.6, 255 } },
                            .want = BF_WANT_READING | BF_WANT_SHOWN };
    return BF_OK;
}

static int take(void *ctx, uint32_t i, const struct bf_job_result *result, struct bf_err *err)
{
    struct trial *t = &trials[i / BLIND_FILES];
    struct bf_buf all = { 0 };
    (void)ctx, (void)err;
    t->codes[i % BLIND_FILES] = result->code;
    if (result->code != BF_OK)
        printf("# %s: %s\n", spec.modalities[t->modality].name, result->reason);
    t->readings[i % BLIND_FILES] = result->reading;
    t->features[i % BLIND_FILES] = result->features;
    t->n_blobs[i % BLIND_FILES] = result->shown.n_blobs;
    for (int b = 0; b < result->shown.n_blobs; b++) {
        const struct bf_blob *blob = &result->shown.blobs[b];
        bf_buf_printf(&all, "%s %s %zu\n", blob->ext, blob->mime, blob->n);
        bf_buf_add(&all, blob->bytes, blob->n);
    }
    CHECK(all.len > 0 && !all.failed);
    bf_sha256(all.data, all.len, t->shas[i % BLIND_FILES]);
    bf_buf_done(&all);
    return BF_OK;
}

static bool same_reading(const struct bf_reading *x, const struct bf_reading *y)
{
    /* Fields are compared one by one where padding stands between them. */
    return x->fingerprint == y->fingerprint && x->info.w == y->info.w && x->info.h == y->info.h &&
           x->info.n_frames == y->info.n_frames && x->info.n_ch == y->info.n_ch &&
           memcmp(&x->info.seconds, &y->info.seconds, sizeof x->info.seconds) == 0 &&
           memcmp(&x->info.rate_hz, &y->info.rate_hz, sizeof x->info.rate_hz) == 0 &&
           memcmp(x->info.mean, y->info.mean, sizeof x->info.mean) == 0 &&
           strcmp(x->info.format, y->info.format) == 0 && strcmp(x->info.ext, y->info.ext) == 0 &&
           strcmp(x->info.decoder, y->info.decoder) == 0 &&
           strcmp(x->info.warning, y->info.warning) == 0;
}

static void no_file_can_be_told_from_another(void)
{
    struct bf_arena a = { 0 };
    struct bf_workers *workers = NULL;
    int n_removing = 0;
    make_files(&a);
    make_trials(&a);
    CHECK_INT(bf_workers_open(2, &spec, &bf_default_limits, &workers, NULL), BF_OK);
    CHECK_INT(bf_workers_run(workers, (uint32_t)n_trials * BLIND_FILES, make_job, take, NULL, NULL),
              BF_OK);
    for (int i = 0; i < n_trials; i++) {
        const struct trial *t = &trials[i];
        /* 90 wide before it is turned */
        if (!t->op && spec.modalities[t->modality].base->carrier == BF_RASTER)
            CHECK_INT(t->readings[1].info.w, 70);
        for (int k = 0; k < BLIND_FILES; k++) {
            const int l = (k + 1) % BLIND_FILES;
            const bool shown =
                t->n_blobs[k] == t->n_blobs[l] && memcmp(t->shas[k], t->shas[l], BF_SHA_BYTES) == 0;
            const bool read = same_reading(&t->readings[k], &t->readings[l]) &&
                              memcmp(&t->features[k], &t->features[l], sizeof t->features[k]) == 0;
            const bool blind = t->op && !t->seen;
            if (shown != blind || read != blind)
                printf("# %s of %s: file %d and %d\n", t->op ? t->op->op.name : "nothing",
                       spec.modalities[t->modality].name, k, l);
            CHECK_INT(t->codes[k], BF_OK);
            CHECK_INT(shown, blind); /* as they are, and with their size, they do differ */
            CHECK_INT(read, blind);
        }
        n_removing += t->op && !t->seen;
    }
    /* Flat ones and noise; noise and silence or zero; words: each in every way of presenting. */
    CHECK_INT(n_removing, 2 * 5 + 3 * 5 + 3 * 2 + 3 * 2 + 1);
    bf_workers_close(workers);
    bf_arena_reset(&a);
}

/* Words that replace a question depend on nothing of it. */
static void no_question_can_be_told_from_another(void)
{
    static const char *const texts[] = { "What is it?", "",
                                         "How many <image 1>\nare there, and why?" };
    int n = 0;
    for (size_t i = 0; bf_operators[i]; i++) {
        const struct bf_operator *op = bf_operators[i];
        struct bf_arena a = { 0 };
        if (!op->removes || !op->apply || !(op->carriers & BF_BIT(BF_TEXT)))
            continue;
        struct bf_media out[3];
        for (int k = 0; k < 3; k++) {
            const struct bf_media in = { .carrier = BF_TEXT, .text = texts[k] };
            struct bf_apply with = { .rng = { 7 } };
            CHECK_INT(op->apply(test_options(&op->op, NULL, &a), &in, &with, &out[k], &a, NULL),
                      BF_OK);
        }
        CHECK_STR(out[0].text, out[1].text);
        CHECK_STR(out[0].text, out[2].text);
        n++;
        bf_arena_reset(&a);
    }
    CHECK_INT(n, 1);
}

TEST_MAIN(TEST(no_file_can_be_told_from_another), TEST(no_question_can_be_told_from_another))
