/* What is sent: original bytes, what workers make, and nothing of what was taken away. */
#include <dirent.h>
#include <poll.h>
#include <time.h>

#include "core/base64.h"
#include "core/encoded.h"
#include "core/file.h"
#include "core/keep.h"
#include "modalities/readers/stb.h"
#include "modalities/writers/png.h"
#include "modalities/wave.h"
#include "tests/draw.h"
#include "tests/media.h"
#include "probe/prompts/manner.h"
#include "tests/test.h"

enum { IMAGE, VIDEO, AUDIO, TACTILE, N_MODALITIES, N_SAMPLES = 4 };

/* Samples in a folder of their own: a picture, a sound and a trace each, all different. */
static struct {
    char dir[32];
    struct bf_arena a;
    struct bf_spec spec;
    struct bf_pool pool;
    struct bf_file files[N_SAMPLES][3];
    struct bf_reading readings[N_SAMPLES][3];
    struct bf_part parts[N_SAMPLES][3];
    struct bf_sample samples[N_SAMPLES];
    char ids[N_SAMPLES][4];
    struct bf_workers *workers;
    struct bf_encoder *e;
} w;

static void use(int m, const char *name, enum bf_carrier carrier, const char *const *pairs)
{
    const struct bf_modality *base = bf_modality_of(carrier);
    w.spec.modalities[m] = (struct bf_modality_use){ .name = name, .base = base };
    w.spec.modalities[m].priv = test_options(&base->op, pairs, &w.a);
}

static void put_file(struct bf_file *f, const char *name, const void *bytes, size_t n)
{
    f->path = bf_arena_printf(&w.a, "%s/%s", w.dir, name);
    f->rel_path = bf_arena_strdup(&w.a, name);
    bf_sha256(bytes, n, f->sha);
    if (bf_file_write(f->path, bytes, n, NULL) != BF_OK)
        abort();
}

static struct bf_blob picture(int side, uint32_t rgb)
{
    struct bf_raster r = { side, side, 3 * side, bf_arena_alloc(&w.a, 3, (size_t)(side * side)) };
    struct bf_blob png;
    draw_fill(&r, 0, 0, side, side, rgb);
    draw_disc(&r, side / 2, side / 2, side / 4, 0x123456);
    if (bf_png_encode(&r, &png, &w.a, NULL) != BF_OK)
        abort();
    return png;
}

static struct bf_blob tone(int i)
{
    const size_t n = 800 + 100 * (size_t)i;
    struct bf_wave wave = { 8000, 1, n, bf_arena_alloc(&w.a, n, sizeof(float)) };
    struct bf_blob wav;
    draw_tone(wave.v, n, 8000, 300 + 100 * i, 0.5);
    if (bf_wav_encode(&wave, &wav, &w.a, NULL) != BF_OK)
        abort();
    return wav;
}

static void add_sample(int i)
{
    const struct bf_blob png = picture(20 + 10 * i, 0x800000u >> i), wav = tone(i);
    char csv[256];
    int n = snprintf(csv, sizeof csv, "a,b\n");
    for (int k = 0; k <= 5 + i; k++)
        n += snprintf(csv + n, sizeof csv - (size_t)n, "%d,%d\n", k * i, k + i);
    snprintf(w.ids[i], sizeof w.ids[i], "s%d", i);
    put_file(&w.files[i][0], bf_arena_printf(&w.a, "secret%d.png", i), png.bytes, png.n);
    put_file(&w.files[i][1], bf_arena_printf(&w.a, "secret%d.wav", i), wav.bytes, wav.n);
    put_file(&w.files[i][2], bf_arena_printf(&w.a, "secret%d.csv", i), csv, (size_t)n);
    static const int modality[3] = { IMAGE, AUDIO, TACTILE };
    for (int k = 0; k < 3; k++) {
        w.parts[i][k] =
            (struct bf_part){ .modality = modality[k], .number = 1, .file = &w.files[i][k] };
        w.files[i][k].readings[modality[k]] = &w.readings[i][k];
    }
    w.readings[i][0].info =
        (struct bf_media_info){ .w = 20 + 10 * i, .h = 20 + 10 * i, .format = "png" };
    w.samples[i] = (struct bf_sample){ .id = w.ids[i],
                                       .index = (uint32_t)i,
                                       .task = BF_FREE_TEXT,
                                       .question = "What is it?",
                                       .has = BF_BIT(IMAGE) | BF_BIT(AUDIO) | BF_BIT(TACTILE),
                                       .n_parts = 3,
                                       .parts = w.parts[i] };
}

static void open_encoder(void)
{
    struct bf_err err = { 0 };
    CHECK_INT(bf_encoder_open(&w.spec, &w.pool, w.dir, &w.workers, 2, &w.e, &err), BF_OK);
}

/* Options of the picture and of the trace, or NULL. */
static void set_up(const char *const *image, const char *const *tactile)
{
    memset(&w, 0, sizeof w);
    snprintf(w.dir, sizeof w.dir, "/tmp/bf-encoded-XXXXXX");
    if (!mkdtemp(w.dir))
        abort();
    w.spec.seed = 5;
    w.spec.n_modalities = N_MODALITIES;
    use(IMAGE, "image", BF_RASTER, image);
    use(VIDEO, "video", BF_CLIP, (const char *[]){ "present", "file", NULL });
    use(AUDIO, "audio", BF_WAVE, NULL);
    use(TACTILE, "tactile", BF_TRACE, tactile);
    for (int i = 0; i < N_SAMPLES; i++)
        add_sample(i);
    w.pool = (struct bf_pool){ .n_samples = N_SAMPLES, .samples = w.samples, .n_files = 1 };
    open_encoder();
}

static void tear_down(void)
{
    bf_encoder_close(w.e);
    bf_workers_close(w.workers);
    (void)bf_dir_remove(w.dir, NULL);
    bf_arena_reset(&w.a);
}

static struct bf_view view_of(const struct bf_sample *s)
{
    return (struct bf_view){ .asked = true, .kept = s->has, .question = s->question };
}

static void replace(struct bf_view *v, int m, const char *op, const char *const *pairs)
{
    struct bf_replace *by = bf_arena_alloc(&w.a, 1, sizeof *by);
    by->modality = m;
    by->op = (const struct bf_operator *)(const void *)
        bf_op_find((const struct bf_op *const *)(const void *)bf_operators, op);
    by->priv = test_options(&by->op->op, pairs, &w.a);
    v->kept &= ~BF_BIT(m);
    v->by[m] = by;
}

/* Workers are forked from a spec that must know the operators: forget those there are. */
static void fork_anew(void)
{
    bf_encoder_close(w.e);
    bf_workers_close(w.workers);
    w.workers = NULL;
    open_encoder();
}

/* What is sent, waiting for descriptors as a probe does. */
static int get(const struct bf_sample *s, const struct bf_view *v,
               const struct bf_encoded_part **parts, int *n, struct bf_err *err)
{
    int fds[4];
    const int n_fds = bf_encoder_fds(w.e, fds, 4);
    for (;;) {
        const int rc = bf_encoder_get(w.e, s, v, parts, n, err);
        if (rc != BF_END)
            return rc;
        struct pollfd polls[4];
        for (int k = 0; k < n_fds; k++)
            polls[k] = (struct pollfd){ .fd = fds[k], .events = POLLIN };
        if (poll(polls, (nfds_t)n_fds, 20000) <= 0)
            abort();
        CHECK_INT(bf_encoder_woken(w.e, err), BF_OK);
    }
}

static uint8_t *from_base64(const struct bf_encoded *f, size_t *n_out)
{
    static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t *out = bf_arena_alloc(&w.a, f->n + 1, 1);
    size_t n = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < f->n && f->data[i] != '='; i++) {
        bits = bits << 6 | (unsigned)(strchr(signs, f->data[i]) - signs);
        if (i % 4)
            out[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    *n_out = n;
    return out;
}

static void base64_is_that_of_the_rfc(void)
{
    static const char *const pairs[][2] = { { "", "" },
                                            { "f", "Zg==" },
                                            { "fo", "Zm8=" },
                                            { "foo", "Zm9v" },
                                            { "foob", "Zm9vYg==" },
                                            { "fooba", "Zm9vYmE=" },
                                            { "foobar", "Zm9vYmFy" } };
    enum { N = 1 << 20, TIMES = 32 };
    struct bf_base64 b;
    char out[16];
    bf_base64_init(&b);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const size_t n = strlen(pairs[i][0]);
        bf_base64_encode(&b, (const uint8_t *)pairs[i][0], n, out);
        out[bf_base64_len(n)] = '\0';
        CHECK_STR(out, pairs[i][1]);
    }
    uint8_t *many = malloc(N);
    char *text = malloc(bf_base64_len(N));
    if (!many || !text)
        abort();
    memset(many, 0xa5, N);
    memset(text, 0, bf_base64_len(N));
    const clock_t from = clock();
    for (int i = 0; i < TIMES; i++)
        bf_base64_encode(&b, many, N, text);
    const double seconds = (double)(clock() - from) / CLOCKS_PER_SEC;
    printf("# %.2f GB/s\n", (double)N * TIMES / seconds / 1e9);
    free(many);
    free(text);
}

static void what_no_operator_touches_goes_out_with_its_own_bytes(void)
{
    const struct bf_encoded_part *parts;
    struct bf_err err = { 0 };
    int n = 0;
    size_t size, want_size;
    char *want;
    set_up(NULL, NULL);
    const struct bf_view v = view_of(&w.samples[1]);
    CHECK_INT(get(&w.samples[1], &v, &parts, &n, &err), BF_OK);
    CHECK_INT(n, 3);
    CHECK(parts[0].part == &w.parts[1][0] && parts[2].part == &w.parts[1][2]);
    CHECK_STR(parts[0].files[0].mime, "image/png");
    CHECK_STR(parts[1].files[0].mime, "audio/wav");
    CHECK_STR(parts[2].files[0].mime, "image/png"); /* the plot */
    for (int k = 0; k < 2; k++) {                   /* our own WAV is made again, byte for byte */
        const uint8_t *sent = from_base64(&parts[k].files[0], &size);
        CHECK_INT(bf_file_read(w.files[1][k].path, 1 << 20, &want, &want_size, &w.a, &err), BF_OK);
        CHECK_INT((long long)size, (long long)want_size);
        CHECK(memcmp(sent, want, size) == 0);
    }
    tear_down();
}

static void wanting_never_waits(void)
{
    const struct bf_encoded_part *parts;
    struct bf_err err = { 0 };
    int n = 0;
    set_up(NULL, NULL);
    const struct bf_view v = view_of(&w.samples[0]);
    for (int i = 0; i < N_SAMPLES; i++)
        CHECK_INT(bf_encoder_want(w.e, &w.samples[i], &v, &err), BF_OK);
    CHECK_INT(bf_encoder_get(w.e, &w.samples[3], &v, &parts, &n, &err), BF_END);
    for (int i = N_SAMPLES - 1; i >= 0; i--)
        CHECK_INT(get(&w.samples[i], &v, &parts, &n, &err), BF_OK);
    CHECK_INT(bf_encoder_want(w.e, &w.samples[0], &v, &err), BF_OK);
    CHECK_INT(bf_encoder_get(w.e, &w.samples[0], &v, &parts, &n, &err), BF_OK);
    tear_down();
}

static void white_is_white_and_the_same_for_all(void)
{
    const struct bf_encoded_part *parts;
    struct bf_err err = { 0 };
    struct bf_raster r;
    int n = 0;
    size_t size;
    set_up(NULL, NULL);
    struct bf_view v = view_of(&w.samples[0]);
    v.kept = 0;
    replace(&v, IMAGE, "white", NULL);
    fork_anew();
    CHECK_INT(get(&w.samples[0], &v, &parts, &n, &err), BF_OK);
    CHECK_INT(n, 1);
    const char *first = parts[0].files[0].data;
    const uint8_t *png = from_base64(&parts[0].files[0], &size);
    CHECK_INT(bf_stb_decode(png, size, &bf_default_limits, &r, &w.a, &err), BF_OK);
    CHECK_INT(r.w, 512);
    for (int i = 0; i < 3 * r.w * r.h && !test_failed; i++)
        CHECK_INT(r.px[i], 255);
    /* It is made once: another sample's is there at once, and is the same. */
    CHECK_INT(bf_encoder_get(w.e, &w.samples[2], &v, &parts, &n, &err), BF_OK);
    CHECK(parts[0].files[0].data == first);
    CHECK(parts[0].part == &w.parts[2][0]);
    tear_down();
}

static void noise_differs_between_samples_only(void)
{
    const struct bf_encoded_part *parts;
    struct bf_err err = { 0 };
    int n = 0;
    set_up(NULL, NULL);
    struct bf_view v = view_of(&w.samples[0]);
    v.kept = 0;
    replace(&v, IMAGE, "noise", NULL);
    fork_anew();
    CHECK_INT(get(&w.samples[0], &v, &parts, &n, &err), BF_OK);
    char *first = bf_arena_strndup(&w.a, parts[0].files[0].data, parts[0].files[0].n);
    CHECK_INT(get(&w.samples[1], &v, &parts, &n, &err), BF_OK);
    CHECK(strlen(first) != parts[0].files[0].n ||
          memcmp(first, parts[0].files[0].data, parts[0].files[0].n) != 0);
    fork_anew();
    CHECK_INT(get(&w.samples[0], &v, &parts, &n, &err), BF_OK);
    CHECK(memcmp(first, parts[0].files[0].data, parts[0].files[0].n) == 0);
    tear_down();
}

/* The whole body of a request about sample `i` under `v`. */
static char *body_of(int i, struct bf_view *v)
{
    const struct bf_encoded_part *parts = NULL;
    const struct bf_question q = { .sample = (uint32_t)i, .view = v };
    const struct bf_probe_spec probe = { .name = "p", .trials = 1 };
    const struct bf_asking asking = {
        .spec = &w.spec, .probe = &probe, .pool = &w.pool, .n = 1, .questions = &q
    };
    const struct bf_manner m = {
        .model = "m", .prompt = "{question}", .system = "", .seed = -1, .top_p = 1, .extra = ""
    };
    struct bf_buf out = { 0 };
    struct bf_err err = { 0 };
    int n = 0;
    CHECK_INT(get(&w.samples[i], v, &parts, &n, &err), BF_OK);
    CHECK_INT(bf_manner_body(&m, &asking, 0, parts, n, &out, &err), BF_OK);
    char *copy = bf_arena_strdup(&w.a, out.data);
    bf_buf_done(&out);
    return copy;
}

static void requests_say_nothing_of_what_was_taken_away(void)
{
    static const char *const ops[][3] = { { "white", "silence", "zero" },
                                          { "black", "silence", "zero" },
                                          { "gray", "silence", "zero" },
                                          { "mean", "silence", "zero" } };
    set_up(NULL, (const char *[]){ "present", "table", NULL });
    struct bf_view v[5];
    for (int k = 0; k < 4; k++) {
        v[k] = view_of(&w.samples[0]);
        replace(&v[k], IMAGE, ops[k][0], NULL);
        replace(&v[k], AUDIO, ops[k][1], NULL);
        replace(&v[k], TACTILE, ops[k][2], NULL);
    }
    v[4] = view_of(&w.samples[0]);
    v[4].kept = 0; /* all dropped */
    fork_anew();
    for (int k = 0; k < 5; k++) {
        const char *first = body_of(0, &v[k]);
        for (int i = 1; i < N_SAMPLES; i++)
            CHECK_STR(body_of(i, &v[k]), first);
        CHECK(strstr(first, "secret") == NULL);
    }
    /* What is kept does differ, and has no name either. */
    struct bf_view kept = view_of(&w.samples[0]);
    CHECK(strcmp(body_of(0, &kept), body_of(1, &kept)) != 0);
    CHECK(strstr(body_of(0, &kept), "secret") == NULL);
    tear_down();
}

static void a_longest_side_is_kept_to(void)
{
    const struct bf_encoded_part *parts;
    struct bf_err err = { 0 };
    struct bf_raster r;
    int n = 0;
    size_t size;
    set_up((const char *[]){ "side", "30", NULL }, NULL);
    struct bf_view v = view_of(&w.samples[0]);
    v.kept = BF_BIT(IMAGE);
    for (int i = 0; i < N_SAMPLES; i++) {
        CHECK_INT(get(&w.samples[i], &v, &parts, &n, &err), BF_OK);
        const uint8_t *png = from_base64(&parts[0].files[0], &size);
        CHECK_INT(bf_stb_decode(png, size, &bf_default_limits, &r, &w.a, &err), BF_OK);
        CHECK_INT(r.w, i == 0 ? 20 : 30);
    }
    tear_down();
}

static void a_file_that_changed_is_not_sent(void)
{
    const struct bf_encoded_part *parts;
    struct bf_err err = { 0 };
    int n = 0;
    set_up(NULL, NULL);
    struct bf_view v = view_of(&w.samples[0]);
    CHECK_INT(bf_file_write(w.files[0][0].path, "other", 5, &err), BF_OK);
    CHECK_INT(get(&w.samples[0], &v, &parts, &n, &err), BF_EDATA);
    CHECK_STR(err.msg, "image file 'secret0.png': it changed since it was read");
    CHECK_INT(bf_file_write(w.files[1][1].path, "other", 5, &err), BF_OK);
    v.kept = BF_BIT(AUDIO);
    CHECK_INT(get(&w.samples[1], &v, &parts, &n, &err), BF_EDATA);
    CHECK_STR(err.msg, "audio file 'secret1.wav': it changed since it was read");
    CHECK_INT(bf_file_write(w.files[2][2].path, "", 0, &err), BF_OK);
    if (remove(w.files[3][0].path) != 0)
        abort();
    v.kept = BF_BIT(IMAGE);
    CHECK_INT(get(&w.samples[3], &v, &parts, &n, &err), BF_EDATA);
    CHECK(strstr(err.msg, "No such file") != NULL);
    tear_down();
}

static void traces_go_out_as_the_spec_says(void)
{
    const struct bf_encoded_part *parts;
    struct bf_err err = { 0 };
    int n = 0;
    set_up(NULL, (const char *[]){ "present", "table", "rows", "2", "unit", "kPa", NULL });
    struct bf_view v = view_of(&w.samples[1]);
    v.kept = BF_BIT(TACTILE);
    CHECK_INT(get(&w.samples[1], &v, &parts, &n, &err), BF_OK);
    CHECK_STR(parts[0].files[0].mime, "text/csv");
    CHECK_STR(parts[0].files[0].data,
              "# 100 Hz, kPa, time in s, 2 of 7 steps, evenly taken:\ntime,a,b\n0,0,1\n0.03,3,4\n");
    CHECK_INT((long long)parts[0].files[0].n, (long long)strlen(parts[0].files[0].data));
    tear_down();
    set_up(NULL, (const char *[]){ "present", "sound", NULL });
    v = view_of(&w.samples[1]);
    v.kept = BF_BIT(TACTILE);
    CHECK_INT(get(&w.samples[1], &v, &parts, &n, &err), BF_OK);
    CHECK_STR(parts[0].files[0].mime, "audio/wav");
    tear_down();
}

static int files_in(const char *dir)
{
    int n = 0;
    DIR *d = opendir(dir);
    for (const struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
        n += e->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

/* Everything twice, with room in memory for `memory` bytes and in the file for `file`. */
static void everything_comes_back(size_t memory, uint64_t file)
{
    const struct bf_encoded_part *parts;
    struct bf_err err = { 0 };
    uint8_t first[N_SAMPLES][3][BF_SHA_BYTES];
    int n = 0;
    set_up(NULL, NULL);
    bf_encoder_limit(w.e, memory, file);
    const struct bf_view v = view_of(&w.samples[0]);
    const int n_files = files_in(w.dir);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < N_SAMPLES; i++) {
            CHECK_INT(get(&w.samples[i], &v, &parts, &n, &err), BF_OK);
            for (int k = 0; k < 3; k++) {
                uint8_t sha[BF_SHA_BYTES];
                bf_sha256(parts[k].files[0].data, parts[k].files[0].n, sha);
                if (round == 0)
                    memcpy(first[i][k], sha, sizeof sha);
                CHECK(memcmp(first[i][k], sha, sizeof sha) == 0);
            }
        }
    CHECK_INT(files_in(w.dir), n_files); /* what lies on the disk has no name */
    tear_down();
}

static void what_does_not_fit_is_put_aside_or_made_again(void)
{
    everything_comes_back(1000, 1 << 20);
    everything_comes_back(1000, 2000);
    everything_comes_back(0, 0);
    everything_comes_back(1 << 20, 0);
}

static void kept_bytes_stay_while_they_are_in_use(void)
{
    struct bf_keep *k = NULL;
    struct bf_err err;
    const char *bytes[6];
    uint32_t number[6];
    CHECK_INT(bf_keep_open("/nowhere/at/all", 10, 1000, &k, &err), BF_OK);
    for (int i = 0; i < 6; i++) {
        char *s = strdup("abcdef");
        if (!s)
            abort();
        s[0] = (char)('0' + i);
        CHECK_INT(bf_keep_add(k, s, 6, &number[i], &err), BF_OK);
        CHECK_INT(bf_keep_get(k, number[i], &bytes[i], &err), BF_OK);
    }
    for (int i = 0; i < 6; i++)
        CHECK_INT(bytes[i][0], '0' + i);
    bf_keep_turn(k);
    CHECK_INT(bf_keep_get(k, number[5], &bytes[5], &err), BF_OK);
    CHECK_INT(bf_keep_get(k, number[0], &bytes[0], &err), BF_END); /* no file could be made */
    bf_keep_close(k);
    bf_keep_close(NULL);
}

/* What stands in keys of a sample under a view. */
static char *printed(int i, const struct bf_view *v)
{
    struct bf_buf b = { 0 };
    bf_encoder_print(&w.spec, &w.pool, &w.samples[i], v, &b);
    char *text = bf_arena_strdup(&w.a, b.data ? b.data : "");
    bf_buf_done(&b);
    return text;
}

static void keys_say_what_is_sent(void)
{
    set_up(NULL, NULL);
    struct bf_view kept = view_of(&w.samples[0]), white = kept, small = kept, noise = kept,
                   mean = kept, none = kept;
    replace(&white, IMAGE, "white", NULL);
    replace(&small, IMAGE, "white", (const char *[]){ "size", "original", NULL });
    replace(&noise, IMAGE, "noise", NULL);
    replace(&mean, IMAGE, "mean", NULL);
    kept.kept = white.kept = small.kept = noise.kept = mean.kept = 0;
    none = kept;
    kept.kept = BF_BIT(IMAGE);
    CHECK_STR(printed(0, &none), "");
    CHECK(strcmp(printed(0, &kept), printed(1, &kept)) != 0);
    CHECK_STR(printed(0, &white), printed(1, &white));
    CHECK(strcmp(printed(0, &white), printed(0, &kept)) != 0);
    CHECK(strcmp(printed(0, &small), printed(1, &small)) != 0);
    CHECK(strcmp(printed(0, &noise), printed(1, &noise)) != 0);
    char *before = printed(0, &mean), *side = printed(0, &kept), *seeded = printed(0, &noise);
    w.pool.mean_rgb[IMAGE][0] = 12;
    CHECK(strcmp(printed(0, &mean), before) != 0);
    w.spec.seed++;
    CHECK(strcmp(printed(0, &noise), seeded) != 0);
    CHECK_STR(printed(0, &kept), side);
    use(IMAGE, "image", BF_RASTER, (const char *[]){ "side", "7", NULL });
    CHECK(strcmp(printed(0, &kept), side) != 0);
    tear_down();
}

/* A recorded clip with sound, as both modalities of sample 0. */
static bool use_clip(void)
{
    char path[512], *bytes = NULL;
    size_t n = 0;
    if (!test_shared(path, sizeof path, "data/pool/video/car_a.mp4") || access(path, R_OK) != 0)
        return false;
    if (bf_file_read(path, 64 << 20, &bytes, &n, &w.a, NULL) != BF_OK)
        abort();
    put_file(&w.files[0][0], "secret.mp4", bytes, n);
    w.parts[0][0] = (struct bf_part){ .modality = VIDEO, .number = 1, .file = &w.files[0][0] };
    w.parts[0][1] = (struct bf_part){ .modality = AUDIO, .number = 1, .file = &w.files[0][0] };
    w.samples[0].n_parts = 2;
    w.samples[0].has = BF_BIT(VIDEO) | BF_BIT(AUDIO);
    w.files[0][0].readings[VIDEO] = w.files[0][0].readings[AUDIO] = &w.readings[0][0];
    w.readings[0][0].info = (struct bf_media_info){ .w = 768, .h = 432, .format = "mp4" };
    return true;
}

static void a_clip_goes_out_whole_once_or_without_its_sound(void)
{
    const struct bf_encoded_part *parts;
    struct bf_err err = { 0 };
    struct bf_media sound;
    struct bf_media_info info;
    int n = 0;
    size_t size, want_size;
    char *want;
    set_up(NULL, NULL);
    if (!use_clip()) {
        tear_down();
        TEST_SKIP("no shared data");
    }
    struct bf_view v = view_of(&w.samples[0]), silent = v, pictures = v, blank = v;
    pictures.kept = BF_BIT(VIDEO);
    replace(&silent, AUDIO, "silence", NULL);
    replace(&blank, VIDEO, "black", NULL);
    fork_anew();

    CHECK_INT(get(&w.samples[0], &v, &parts, &n, &err), BF_OK);
    CHECK_INT(n, 2);
    CHECK_INT(parts[0].n_files, 1);
    CHECK_INT(parts[1].n_files, 0); /* it is in the file */
    CHECK_STR(parts[0].files[0].mime, "video/mp4");
    const uint8_t *sent = from_base64(&parts[0].files[0], &size);
    CHECK_INT(bf_file_read(w.files[0][0].path, 64 << 20, &want, &want_size, &w.a, &err), BF_OK);
    CHECK(size == want_size && memcmp(sent, want, size) == 0);

    CHECK_INT(get(&w.samples[0], &silent, &parts, &n, &err), BF_OK);
    CHECK_INT(parts[1].n_files, 1);
    CHECK_STR(parts[1].files[0].mime, "audio/wav");
    sent = from_base64(&parts[0].files[0], &size);
    CHECK_INT(test_decode(bf_modality_of(BF_WAVE), NULL, sent, size, &sound, &info, &w.a, &err),
              BF_EDATA);
    CHECK_STR(err.msg, "no sound track");

    CHECK_INT(get(&w.samples[0], &pictures, &parts, &n, &err), BF_OK);
    CHECK_INT(n, 1);
    sent = from_base64(&parts[0].files[0], &want_size);
    CHECK(size == want_size); /* the same as beside silence */

    CHECK_INT(get(&w.samples[0], &blank, &parts, &n, &err), BF_OK);
    CHECK_INT(parts[0].n_files, 8); /* frames where an operator touched it */
    CHECK_STR(parts[0].files[7].mime, "image/png");
    CHECK_INT(parts[1].n_files, 1);
    CHECK(strcmp(printed(0, &v), printed(0, &pictures)) != 0);
    tear_down();
}

TEST_MAIN(TEST(base64_is_that_of_the_rfc),
          TEST(what_no_operator_touches_goes_out_with_its_own_bytes), TEST(wanting_never_waits),
          TEST(white_is_white_and_the_same_for_all), TEST(noise_differs_between_samples_only),
          TEST(requests_say_nothing_of_what_was_taken_away), TEST(a_longest_side_is_kept_to),
          TEST(a_file_that_changed_is_not_sent), TEST(traces_go_out_as_the_spec_says),
          TEST(what_does_not_fit_is_put_aside_or_made_again),
          TEST(kept_bytes_stay_while_they_are_in_use), TEST(keys_say_what_is_sent),
          TEST(a_clip_goes_out_whole_once_or_without_its_sound))
