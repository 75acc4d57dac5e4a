/* Decoding JPEG as the modality `image` does, beside bare libjpeg-turbo on the same bytes: to what
 * a reading needs (`enough` 64; an eighth), and whole, also by stb_image. CPU time of this process,
 * interleaved, the best of several rounds. Left out: what libjpeg-turbo alone does not show
 * (turned, of inks, with a profile), and what an eighth makes too small.
 * usage: bench_pictures FILE.jpg... */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/ops.h"
#include "modalities/readers/icc.h"
#include "modalities/readers/marks.h"
#include "modalities/readers/picture.h"
#include "modalities/readers/stb.h"

#ifdef BF_HAVE_TURBOJPEG
#include <turbojpeg.h>
#endif

enum { ENOUGH = 64, ROUNDS = 7, MAX_FILES = 1000 };

struct file {
    uint8_t *bytes;
    size_t n;
};

static struct file files[MAX_FILES];
static int n_files;

static double cpu_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool is_comparable(const struct file *f)
{
    struct bf_arena a = { 0 };
    struct bf_marks m;
    const uint8_t *profile;
    size_t n;
    const bool is = bf_marks_read(f->bytes, f->n, &m, NULL) == BF_OK && m.orientation == 1 &&
                    m.n_components <= 3 && !m.ends_early && m.w > 8 * ENOUGH && m.h > 8 * ENOUGH &&
                    bf_icc_find(f->bytes, f->n, "jpeg", &profile, &n, &a, NULL) == BF_OK &&
                    (n == 0 || bf_icc_is_srgb(profile, n));
    bf_arena_reset(&a);
    return is;
}

static void load(const char *path)
{
    struct stat st;
    const int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0 || n_files == MAX_FILES)
        exit(2);
    struct file *f = &files[n_files++];
    f->n = (size_t)st.st_size;
    f->bytes = calloc(f->n + 64, 1);
    if (!f->bytes || read(fd, f->bytes, f->n) != (ssize_t)f->n)
        exit(2);
    close(fd);
    if (!is_comparable(f)) {
        free(f->bytes);
        n_files--;
    }
}

static void ours(const struct file *f, int enough)
{
    struct bf_arena a = { 0 };
    struct bf_limits limits = bf_default_limits;
    struct bf_raster r;
    struct bf_media_info info;
    struct bf_err err = { 0 };
    limits.enough = enough;
    if (bf_picture_read(f->bytes, f->n, &limits, &r, &info, &a, &err) != BF_OK) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    bf_arena_reset(&a);
}

static void ours_small(const struct file *f)
{
    ours(f, ENOUGH);
}

static void ours_whole(const struct file *f)
{
    ours(f, 0);
}

static void stb_whole(const struct file *f)
{
    struct bf_arena a = { 0 };
    struct bf_raster r;
    if (bf_stb_decode(f->bytes, f->n, &bf_default_limits, &r, &a, NULL) != BF_OK)
        exit(1);
    bf_arena_reset(&a);
}

#ifdef BF_HAVE_TURBOJPEG
static void bare(const struct file *f, int denom)
{
    const tjscalingfactor scale = { 1, denom };
    tjhandle tj = tjInitDecompress();
    int w, h, sampling, colours;
    if (!tj || tjDecompressHeader3(tj, f->bytes, f->n, &w, &h, &sampling, &colours) != 0)
        exit(1);
    w = TJSCALED(w, scale);
    h = TJSCALED(h, scale);
    unsigned char *px = malloc((size_t)w * (size_t)h * 3);
    if (!px || tjDecompress2(tj, f->bytes, f->n, px, w, 0, h, TJPF_RGB, 0) != 0)
        exit(1);
    free(px);
    tjDestroy(tj);
}

static void bare_small(const struct file *f)
{
    bare(f, 8);
}

static void bare_whole(const struct file *f)
{
    bare(f, 1);
}
#endif

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*decode)(const struct file *f);
    } ways[] = {
        { "ours, enough 64", ours_small }, { "ours, whole", ours_whole },
        { "stb_image, whole", stb_whole },
#ifdef BF_HAVE_TURBOJPEG
        { "bare, 1/8", bare_small },       { "bare, whole", bare_whole },
#endif
    };
    enum { WAYS = sizeof ways / sizeof *ways };
    double best[WAYS];
    for (int w = 0; w < WAYS; w++)
        best[w] = INFINITY;
    for (int i = 1; i < argc; i++)
        load(argv[i]);
    if (n_files == 0)
        return 2;
    printf("%d of %d files\n", n_files, argc - 1);
    for (int round = 0; round < ROUNDS; round++)
        for (int w = 0; w < WAYS; w++) {
            const double start = cpu_now();
            for (int i = 0; i < n_files; i++)
                ways[w].decode(&files[i]);
            best[w] = fmin(best[w], cpu_now() - start);
        }
    for (int w = 0; w < WAYS; w++)
        printf("%-18s %8.3f ms a file\n", ways[w].name, best[w] * 1e3 / n_files);
    for (int i = 0; i < n_files; i++)
        free(files[i].bytes);
    return 0;
}
