/* Every recorded file that we were given: what must decode does, what must not is refused, and the
 * process that asks survives what was made to break decoders. */
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/worker.h"
#include "tests/media.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_image, bf_modality_video, bf_modality_audio,
    bf_modality_tactile;

enum { IMAGE, VIDEO, AUDIO, TACTILE, N_MODALITIES, MAX_FILES = 2048 };

/* A folder of files to be read by workers. */
struct batch {
    int n;
    char *path[MAX_FILES];
    int modality[MAX_FILES];
    int code[MAX_FILES];
    char reason[MAX_FILES][200];
    struct bf_reading reading[MAX_FILES];
    struct bf_features features[MAX_FILES];
    int n_blobs[MAX_FILES];
    size_t shown_bytes[MAX_FILES];
};

static struct batch batch;
static struct bf_arena arena;
static struct bf_spec spec;

static const char *shared(void)
{
    const char *dir = getenv("BF_SHARED");
    return dir ? dir : TEST_ROOT "/../shared";
}

static bool have_shared(void)
{
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/data/odd/odd.tsv", shared());
    return stat(path, &st) == 0;
}

static void make_spec(void)
{
    const struct bf_modality *const base[N_MODALITIES] = {
        &bf_modality_image,
        &bf_modality_video,
        &bf_modality_audio,
        &bf_modality_tactile,
    };
    spec.n_modalities = N_MODALITIES;
    for (int m = 0; m < N_MODALITIES; m++)
        spec.modalities[m] = (struct bf_modality_use){
            .name = base[m]->op.name,
            .base = base[m],
            .priv = test_options(&base[m]->op, NULL, &arena),
        };
}

static void batch_reset(void)
{
    for (int i = 0; i < batch.n; i++)
        free(batch.path[i]);
    batch.n = 0;
}

static void batch_add(const char *path, int modality)
{
    if (batch.n == MAX_FILES)
        abort();
    batch.path[batch.n] = strdup(path);
    batch.modality[batch.n++] = modality;
}

/* Which modality a file of the test data is meant for. */
static int modality_of(const char *path)
{
    static const struct {
        const char *ending;
        int modality;
    } endings[] = {
        { ".mp4", VIDEO },   { ".webm", VIDEO },  { ".mkv", VIDEO }, { ".avi", VIDEO },
        { ".mov", VIDEO },   { ".ts", VIDEO },    { ".ogg", AUDIO }, { ".wav", AUDIO },
        { ".flac", AUDIO },  { ".aiff", AUDIO },  { ".caf", AUDIO }, { ".w64", AUDIO },
        { ".csv", TACTILE }, { ".npy", TACTILE },
    };
    const size_t n = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t k = strlen(endings[i].ending);
        if (n > k && strcmp(path + n - k, endings[i].ending) == 0)
            return endings[i].modality;
    }
    return IMAGE;
}

/* Add the files below a folder, names sorted by the file system or not at all. */
static void batch_add_folder(const char *dir, int modality)
{
    DIR *d = opendir(dir);
    if (!d)
        abort();
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        char path[4096];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (e->d_name[0] == '.' || stat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            batch_add_folder(path, modality);
        else
            batch_add(path, modality >= 0 ? modality : modality_of(path));
    }
    closedir(d);
}

static int make_job(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err)
{
    struct batch *b = ctx;
    (void)err;
    *job = (struct bf_job){ .fd = open(b->path[i], O_RDONLY | O_CLOEXEC),
                            .modality = b->modality[i],
                            .want = BF_WANT_READING | BF_WANT_SHOWN };
    if (job->fd < 0)
        abort();
    return BF_OK;
}

static int take_result(void *ctx, uint32_t i, const struct bf_job_result *r, struct bf_err *err)
{
    struct batch *b = ctx;
    (void)err;
    b->code[i] = r->code;
    b->reading[i] = r->reading;
    b->features[i] = r->features;
    snprintf(b->reason[i], sizeof b->reason[i], "%.199s", r->reason ? r->reason : "");
    b->n_blobs[i] = r->shown.n_blobs;
    b->shown_bytes[i] = 0;
    for (int k = 0; k < r->shown.n_blobs; k++)
        b->shown_bytes[i] += r->shown.blobs[k].n;
    return BF_OK;
}

static void batch_run(void)
{
    struct bf_workers *w = NULL;
    struct bf_err err = { 0 };
    CHECK_INT(bf_workers_open(2, &spec, &bf_default_limits, &w, &err), BF_OK);
    CHECK_INT(bf_workers_run(w, (uint32_t)batch.n, make_job, take_result, &batch, &err), BF_OK);
    bf_workers_close(w);
}

static void check_reading(int i)
{
    const struct bf_reading *r = &batch.reading[i];
    const struct bf_features *f = &batch.features[i];
    CHECK(f->n > 0 && f->n <= BF_MAX_FEATURES);
    for (int k = 0; k < f->n; k++)
        CHECK(isfinite(f->v[k]) && fabsf(f->v[k]) <= 4);
    CHECK(r->info.format[0] && r->info.ext[0] && r->info.decoder[0]);
    CHECK(batch.n_blobs[i] > 0);
}

static void odd_files_do_what_their_table_expects(void)
{
    if (!have_shared())
        TEST_SKIP("no shared data: set BF_SHARED");
    char path[4096];
    char line[1024];
    char expected[MAX_FILES][80];
    batch_reset();
    snprintf(path, sizeof path, "%s/data/odd/odd.tsv", shared());
    FILE *f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f))
        abort();
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        char *what = strchr(line, '\t');
        char *want = what ? strchr(what + 1, '\t') : NULL;
        if (!want)
            abort();
        *what = '\0';
        snprintf(path, sizeof path, "%s/data/odd/%s", shared(), line);
        snprintf(expected[batch.n], sizeof expected[0], "%.79s", want + 1);
        batch_add(path, modality_of(path));
    }
    fclose(f);
    batch_run();
    for (int i = 0; i < batch.n; i++) {
        const char *want = expected[i];
        const char *name = strstr(batch.path[i], "odd/") + 4;
        const bool either = strstr(want, "may ") || strstr(want, " or ") || strstr(want, "depends");
        const bool must_read =
            !either && (strncmp(want, "decodes", 7) == 0 || strncmp(want, "reads", 5) == 0);
        printf("# %s: %s%s%s\n", name, batch.code[i] == BF_OK ? "read by " : "refused: ",
               batch.code[i] == BF_OK ? batch.reading[i].info.decoder : batch.reason[i],
               batch.reading[i].info.warning[0] ? " (warning)" : "");
        CHECK(batch.code[i] == BF_OK || batch.code[i] == BF_EDATA);
        if (must_read)
            CHECK_INT(batch.code[i], BF_OK);
        else if (!either)
            CHECK_INT(batch.code[i], BF_EDATA);
        if (batch.code[i] == BF_OK)
            check_reading(i);
        else
            CHECK(strlen(batch.reason[i]) > 10 && strstr(batch.reason[i], "crashed") == NULL);
    }
}

static void the_whole_pool_is_read(void)
{
    if (!have_shared())
        TEST_SKIP("no shared data: set BF_SHARED");
    static const struct {
        const char *dir;
        int modality;
        int n;
    } parts[] = {
        { "image", IMAGE, 45 }, { "panorama", IMAGE, 1 }, { "thermal", IMAGE, 2 },
        { "video", VIDEO, 13 }, { "audio", AUDIO, 68 },   { "tactile", TACTILE, 50 },
        { "imu", TACTILE, 8 },
    };
    batch_reset();
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        char path[4096];
        const int before = batch.n;
        snprintf(path, sizeof path, "%s/data/pool/%s", shared(), parts[p].dir);
        batch_add_folder(path, parts[p].modality);
        CHECK_INT(batch.n - before, parts[p].n);
    }
    batch_run();
    for (int i = 0; i < batch.n; i++) {
        if (batch.code[i] != BF_OK || batch.reading[i].info.warning[0])
            printf("# %s: %s%s\n", strstr(batch.path[i], "pool/"), batch.reason[i],
                   batch.reading[i].info.warning);
        CHECK_INT(batch.code[i], BF_OK);
        if (batch.code[i] == BF_OK)
            check_reading(i);
    }
}

/* Mean of the 8 x 8 parts of a picture, channel by channel. */
static void thumb(const struct bf_raster *r, double out[192])
{
    double n[64] = { 0 };
    memset(out, 0, 192 * sizeof *out);
    for (int y = 0; y < r->h; y++) {
        for (int x = 0; x < r->w; x++) {
            const int cell = y * 8 / r->h * 8 + x * 8 / r->w;
            n[cell]++;
            for (int c = 0; c < 3; c++)
                out[3 * cell + c] += r->px[y * r->stride + 3 * x + c];
        }
    }
    for (int i = 0; i < 192; i++)
        out[i] /= n[i / 3];
}

static int decode_file(int modality, const char *name, struct bf_media *out,
                       struct bf_media_info *info, struct bf_arena *a)
{
    char path[4096];
    struct bf_err err = { 0 };
    snprintf(path, sizeof path, "%s/data/%s", shared(), name);
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        abort();
    const struct bf_modality_use *use = &spec.modalities[modality];
    int rc = use->base->decode(use->priv, fd, &bf_default_limits, out, info, a, &err);
    if (rc != BF_OK)
        printf("# %s: %s\n", name, err.msg);
    close(fd);
    return rc;
}

static void turned_pictures_look_alike_once_upright(void)
{
    if (!have_shared())
        TEST_SKIP("no shared data: set BF_SHARED");
    static const char *const names[] = { "odd/exif/Landscape_1.jpg", "odd/exif/Landscape_3.jpg",
                                         "odd/exif/Landscape_6.jpg", "odd/exif/Landscape_8.jpg" };
    double first[192], other[192];
    for (int k = 0; k < 4; k++) {
        struct bf_arena a = { 0 };
        struct bf_media m;
        struct bf_media_info info;
        CHECK_INT(decode_file(IMAGE, names[k], &m, &info, &a), BF_OK);
        CHECK(info.w > info.h);
        thumb(&m.raster, k ? other : first);
        double worst = 0;
        for (int i = 0; k && i < 192; i++)
            worst = fmax(worst, fabs(first[i] - other[i]));
        printf("# %s differs from the first by at most %.1f levels\n", names[k], worst);
        CHECK(worst < 6);
        bf_arena_reset(&a);
    }
    /* Portraits whose stored pixels are mirrored: upright again, taller than wide. */
    struct bf_arena a = { 0 };
    struct bf_media m;
    struct bf_media_info info;
    CHECK_INT(decode_file(IMAGE, "odd/exif/Portrait_2.jpg", &m, &info, &a), BF_OK);
    thumb(&m.raster, first);
    CHECK_INT(decode_file(IMAGE, "odd/exif/Portrait_5.jpg", &m, &info, &a), BF_OK);
    thumb(&m.raster, other);
    CHECK(info.h > info.w);
    double worst = 0;
    for (int i = 0; i < 192; i++)
        worst = fmax(worst, fabs(first[i] - other[i]));
    CHECK(worst < 6);
    bf_arena_reset(&a);
}

static void inks_become_colours(void)
{
    if (!have_shared())
        TEST_SKIP("no shared data: set BF_SHARED");
    struct bf_arena a = { 0 };
    struct bf_media m;
    struct bf_media_info info;
    CHECK_INT(decode_file(IMAGE, "odd/jpeg/cmyk.jpg", &m, &info, &a), BF_OK);
#ifdef BF_HAVE_TURBOJPEG
    CHECK_STR(info.decoder, "libjpeg-turbo");
#else
    CHECK_STR(info.decoder, "ffmpeg");
#endif
    printf("# cmyk.jpg: mean colour %.0f %.0f %.0f\n", info.mean[0], info.mean[1], info.mean[2]);
    bf_arena_reset(&a);
}

static void clips_are_turned_and_counted(void)
{
    if (!have_shared())
        TEST_SKIP("no shared data: set BF_SHARED");
    struct bf_arena a = { 0 };
    struct bf_media m;
    struct bf_media_info info;
    CHECK_INT(decode_file(VIDEO, "odd/video/rot90.mp4", &m, &info, &a), BF_OK);
    CHECK(m.clip.frames[0].h > m.clip.frames[0].w);
    CHECK_INT(info.w, 360); /* ffprobe: 640 x 360, rotation 90 */
    CHECK_INT(info.h, 640);
    CHECK_INT(info.n_frames, 62); /* ffprobe: nb_frames */

    CHECK_INT(decode_file(VIDEO, "odd/video/one_frame.mp4", &m, &info, &a), BF_OK);
    CHECK_INT(m.clip.n_frames, 1);
    CHECK_INT(info.n_frames, 1);

    CHECK_INT(decode_file(VIDEO, "odd/video/ts.ts", &m, &info, &a), BF_OK);
    CHECK_INT(m.clip.n_frames, 8);
    CHECK(m.clip.at_seconds[0] < 0.2); /* the stream itself starts at 1.4 s */

    CHECK_INT(decode_file(VIDEO, "odd/video/non_square_pixels.mp4", &m, &info, &a), BF_OK);
    CHECK_INT(info.w, 853); /* 640 pixels, 4:3 each: 853.3 */
    CHECK_INT(info.h, 360);
    CHECK_INT(m.clip.frames[0].w, 448);
    CHECK_INT(m.clip.frames[0].h, 189);
    CHECK_STR(info.warning, "");
    bf_arena_reset(&a);
}

static void one_file_is_video_and_audio(void)
{
    if (!have_shared())
        TEST_SKIP("no shared data: set BF_SHARED");
    struct bf_arena a = { 0 };
    struct bf_media m;
    struct bf_media_info info;
    CHECK_INT(decode_file(VIDEO, "pool/video/friday.mp4", &m, &info, &a), BF_OK);
    CHECK_INT(decode_file(AUDIO, "pool/video/friday.mp4", &m, &info, &a), BF_OK);
    CHECK(info.seconds > 5 && info.seconds < 7);
    bf_arena_reset(&a);
}

static void pool_traces_take_their_rate_from_the_times(void)
{
    if (!have_shared())
        TEST_SKIP("no shared data: set BF_SHARED");
    struct bf_arena a = { 0 };
    struct bf_media m;
    struct bf_media_info info;
    CHECK_INT(decode_file(TACTILE, "pool/tactile/BeigeCotton_F120_V100mmps_0.csv", &m, &info, &a),
              BF_OK);
    CHECK(info.rate_hz > 30 && info.rate_hz < 40); /* steps of 28 or 29 ms */
    CHECK_INT(info.n_ch, 18);
    CHECK_STR(m.trace.names[2], "channel1");
    bf_arena_reset(&a);
}

static void nothing_that_was_made_to_break_decoders_does(void)
{
    if (!have_shared())
        TEST_SKIP("no shared data: set BF_SHARED");
    static const struct {
        const char *dir;
        int modality;
    } parts[] = {
        { "png", IMAGE },
        { "jpeg_turbo/jpeg", IMAGE },
        { "jpeg_turbo/bmp", IMAGE },
        { "gofuzz", IMAGE },
        { "exif", IMAGE },
        { "flac", AUDIO },
        { "mp4", VIDEO },
        { "mp4", AUDIO },
        { "strings", TACTILE },
    };
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        char path[4096];
        int n_read = 0;
        int n_crashed = 0;
        batch_reset();
        snprintf(path, sizeof path, "%s/data/hostile/%s", shared(), parts[p].dir);
        batch_add_folder(path, parts[p].modality);
        batch_run();
        for (int i = 0; i < batch.n; i++) {
            const bool crashed = strstr(batch.reason[i], "decoder ") == batch.reason[i] ||
                                 strstr(batch.reason[i], "took longer");
            CHECK(batch.code[i] == BF_OK || batch.code[i] == BF_EDATA);
            CHECK(batch.code[i] == BF_OK || batch.reason[i][0]);
            n_read += batch.code[i] == BF_OK;
            n_crashed += crashed;
            if (crashed)
                printf("# %s: %s\n", batch.path[i], batch.reason[i]);
        }
        printf("# %s as %s: %d files, %d read, %d decoders lost\n", parts[p].dir,
               spec.modalities[parts[p].modality].name, batch.n, n_read, n_crashed);
    }
    batch_reset();
}

int main(void)
{
    static const struct test all[] = {
        TEST(odd_files_do_what_their_table_expects),
        TEST(the_whole_pool_is_read),
        TEST(turned_pictures_look_alike_once_upright),
        TEST(inks_become_colours),
        TEST(clips_are_turned_and_counted),
        TEST(one_file_is_video_and_audio),
        TEST(pool_traces_take_their_rate_from_the_times),
        TEST(nothing_that_was_made_to_break_decoders_does),
    };
    make_spec();
    int bad = test_main(all, sizeof all / sizeof *all);
    bf_arena_reset(&arena);
    return bad;
}
