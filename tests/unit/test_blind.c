/* Truly blind: what an operator that removes leaves of a file is the same for any two files, all
 * the way from the bytes of a file to the files a model is shown and to the features a probe
 * learns. */
#include <math.h>

#include "core/worker.h"
#include "modalities/readers/stb.h"
#include "modalities/wave.h"
#include "tests/draw.h"
#include "tests/media.h"
#include "tests/test.h"

enum { MAX_JOBS = 64, N_CARRIERS = BF_CARRIER_COUNT };

/* Two files of each carrier that differ in all there is: format, size, length, rate, channels,
 * names, what is written about them, and what they show. */
static struct bf_blob files[N_CARRIERS][2];

static void flat(struct bf_raster *r, uint8_t level)
{
    for (int y = 0; y < r->h; y++)
        memset(r->px + y * r->stride, level + y, (size_t)r->w * 3);
}

static uint32_t crc32_of(const uint8_t *p, size_t n)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

/* A PNG that says what it shows, and which way up; behind its header, which takes 33 bytes. */
static struct bf_blob with_exif(const struct bf_blob *png, struct bf_arena *a)
{
    enum { HEAD = 33 };
    uint8_t chunk[] = {
        0,  0, 0, 44, 'e', 'X', 'I', 'f', 'M', 'M', 0,   42,  0,   0, 0, 8, 0, 2, 1,
        14, 0, 2, 0,  0,   0,   6,   0,   0,   0,   38,  1,   18,  0, 3, 0, 0, 0, 1,
        0,  6, 0, 0,  0,   0,   0,   0,   'a', ' ', 'c', 'a', 't', 0, 0, 0, 0, 0,
    };
    const uint32_t crc = crc32_of(chunk + 4, sizeof chunk - 8);
    for (int i = 0; i < 4; i++)
        chunk[sizeof chunk - 4 + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
    uint8_t *p = bf_arena_alloc(a, png->n + sizeof chunk, 1);
    if (!p)
        abort();
    memcpy(p, png->bytes, HEAD);
    memcpy(p + HEAD, chunk, sizeof chunk);
    memcpy(p + HEAD + sizeof chunk, png->bytes + HEAD, png->n - HEAD);
    return (struct bf_blob){ .bytes = p, .n = png->n + sizeof chunk };
}

static struct bf_blob gif(int w, int h, int n, uint8_t color, int delay, struct bf_arena *a)
{
    uint8_t *px = bf_arena_alloc(a, (size_t)(w * h), (size_t)n);
    uint8_t *out = bf_arena_alloc(a, 64 + 400 + (size_t)(n * (32 + 2 * w * h)), 2);
    int *delays = bf_arena_alloc(a, (size_t)n, sizeof *delays);
    if (!px || !out || !delays)
        abort();
    for (int i = 0; i < n; i++) {
        delays[i] = delay;
        px[i * w * h + i] = color;
    }
    return (struct bf_blob){ .bytes = out, .n = draw_gif(out, w, h, n, px, delays) };
}

static void make_files(struct bf_arena *a)
{
    static uint8_t px[90 * 70 * 3];
    static float tone[2 * 44100];
    static const char one[] = "time_ms,f\n0,1\n10,2\n20,9\n";
    static const char other[] = "0.5;100;3;-7\n0.6;120;4;-7\n0.7;90;5;-8\n0.8;1e3;6;-9\n";
    struct bf_raster small = { .w = 3, .h = 2, .stride = 9, .px = px };
    struct bf_raster large = { .w = 90, .h = 70, .stride = 270, .px = px };
    struct bf_blob upright;
    flat(&small, 10);
    CHECK_INT(bf_png_encode(&small, &files[BF_RASTER][0], a, NULL), BF_OK);
    flat(&large, 120);
    CHECK_INT(bf_png_encode(&large, &upright, a, NULL), BF_OK);
    files[BF_RASTER][1] = with_exif(&upright, a);
    files[BF_CLIP][0] = gif(16, 12, 2, 1, 10, a);
    files[BF_CLIP][1] = gif(40, 30, 12, 3, 35, a);
    draw_tone(tone, 44100, 44100, 300, 0.4);
    draw_tone(tone + 44100, 44100, 44100, 900, 0.1);
    const struct bf_wave mono = { 8000, 1, 900, tone }, stereo = { 44100, 2, 44100, tone };
    CHECK_INT(bf_wav_encode(&mono, &files[BF_WAVE][0], a, NULL), BF_OK);
    CHECK_INT(bf_wav_encode(&stereo, &files[BF_WAVE][1], a, NULL), BF_OK);
    files[BF_TRACE][0] = (struct bf_blob){ .bytes = (const uint8_t *)one, .n = sizeof one - 1 };
    files[BF_TRACE][1] = (struct bf_blob){ .bytes = (const uint8_t *)other, .n = sizeof other - 1 };
}

/* What is tried: one operator on one carrier, NULL = the file as it is. */
struct trial {
    int modality;
    const struct bf_operator *op;
    struct bf_replace by;
    struct bf_reading readings[2];
    int n_blobs[2];
    uint8_t shas[2][BF_SHA_BYTES]; /* of all blobs, their formats and their lengths */
    int codes[2];
};

static struct bf_spec spec;
static struct trial trials[MAX_JOBS];
static int n_trials;

static void make_trials(struct bf_arena *a)
{
    for (int c = BF_RASTER; c < N_CARRIERS; c++) {
        struct bf_modality_use *use = &spec.modalities[spec.n_modalities++];
        use->base = bf_modality_of((enum bf_carrier)c);
        use->name = use->base->op.name;
        use->priv = test_options(&use->base->op, NULL, a);
        trials[n_trials++] = (struct trial){ .modality = spec.n_modalities - 1 };
        for (size_t i = 0; bf_operators[i]; i++) {
            const struct bf_operator *op = bf_operators[i];
            if (!op->removes || !op->apply || !(op->carriers & BF_BIT(c)) || n_trials == MAX_JOBS)
                continue;
            struct trial *t = &trials[n_trials++];
            *t = (struct trial){ .modality = spec.n_modalities - 1, .op = op };
            t->by = (struct bf_replace){ .modality = t->modality,
                                         .op = op,
                                         .priv = test_options(&op->op, NULL, a) };
        }
    }
}

static int make_job(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err)
{
    (void)ctx, (void)err;
    const struct trial *t = &trials[i / 2];
    const struct bf_blob *file = &files[spec.modalities[t->modality].base->carrier][i % 2];
    *job = (struct bf_job){ .fd = test_fd(file->bytes, file->n),
                            .modality = t->modality,
                            .by = t->op ? &t->by : NULL,
                            .with = { .rng = { 7 }, .pool_mean = { 10.4, 99.6, 255 } },
                            .want = BF_WANT_READING | BF_WANT_SHOWN };
    return BF_OK;
}

static int take(void *ctx, uint32_t i, const struct bf_job_result *result, struct bf_err *err)
{
    struct trial *t = &trials[i / 2];
    struct bf_buf all = { 0 };
    (void)ctx, (void)err;
    t->codes[i % 2] = result->code;
    if (result->code != BF_OK)
        printf("# %s: %s\n", spec.modalities[t->modality].name, result->reason);
    t->readings[i % 2] = result->reading;
    t->n_blobs[i % 2] = result->shown.n_blobs;
    for (int b = 0; b < result->shown.n_blobs; b++) {
        const struct bf_blob *blob = &result->shown.blobs[b];
        bf_buf_printf(&all, "%s %s %zu\n", blob->ext, blob->mime, blob->n);
        bf_buf_add(&all, blob->bytes, blob->n);
    }
    CHECK(all.len > 0 && !all.failed);
    bf_sha256(all.data, all.len, t->shas[i % 2]);
    bf_buf_done(&all);
    return BF_OK;
}

static bool same_reading(const struct bf_reading *x, const struct bf_reading *y)
{
    /* Fields are compared one by one where padding stands between them. */
    return x->fingerprint == y->fingerprint && x->features.n == y->features.n &&
           memcmp(x->features.v, y->features.v, sizeof x->features.v) == 0 &&
           x->info.w == y->info.w && x->info.h == y->info.h &&
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
    CHECK_INT(bf_workers_run(workers, (uint32_t)n_trials * 2, make_job, take, NULL, NULL), BF_OK);
    CHECK_INT(trials[0].readings[1].info.w, 70); /* 90 wide before it is turned */
    for (int i = 0; i < n_trials; i++) {
        const struct trial *t = &trials[i];
        const bool shown =
            t->n_blobs[0] == t->n_blobs[1] && memcmp(t->shas[0], t->shas[1], BF_SHA_BYTES) == 0;
        const bool read = same_reading(&t->readings[0], &t->readings[1]);
        if (t->op && !(shown && read))
            printf("# %s of %s tells files apart\n", t->op->op.name,
                   spec.modalities[t->modality].name);
        CHECK_INT(t->codes[0], BF_OK);
        CHECK_INT(t->codes[1], BF_OK);
        CHECK_INT(shown, t->op != NULL); /* as they are, they do differ */
        CHECK_INT(read, t->op != NULL);
        n_removing += t->op != NULL;
    }
    CHECK_INT(n_removing, 4 * 2 + 4 + 1 + 1); /* flat ones, noise, silence, zero */
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
