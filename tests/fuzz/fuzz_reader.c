/* Any bytes as a media file of one carrier: refused with a reason, or read to something sound,
 * twice the same. FUZZ_CARRIER says which: raster, clip, wave, trace or text.
 *
 * Built without a fuzzer it replays the files named on the command line, whole and cut short at
 * many places. readers.sh builds it with one and runs it. */
#include <math.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/text.h"
#include "tests/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#define MUST(good)                                                                                 \
    do {                                                                                           \
        if (!(good)) {                                                                             \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #good);                     \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

enum { N_VARIANTS = 4 };

/* Options by turns, so that each reader meets the ways it can be asked. */
static const char *const variants[BF_CARRIER_COUNT][N_VARIANTS][7] = {
    [BF_TEXT] = { { NULL }, { "times", "true" } },
    [BF_RASTER] = { { NULL }, { "black", "0", "white", "4000" }, { "side", "16" } },
    [BF_CLIP] = { { NULL },
                  { "frames", "3", "side", "16" },
                  { "sensor", "8x8", "columns", "t,x,y,p", "time_unit", "ms" } },
    [BF_TRACE] = { { NULL },
                   { "present", "table", "rows", "3", "time", "none" },
                   { "present", "sound", "rate", "8000" } },
};

static const struct bf_limits limits = {
    .file_bytes = 1 << 22,
    .pixels = 1 << 20,
    .side = 4096,
    .wave_seconds = 30,
    .clip_seconds = 30,
    .trace_values = 1 << 18,
    .wall_seconds = 10,
};

static void check_raster(const struct bf_raster *r)
{
    unsigned sum = 0;
    MUST(r->w >= 1 && r->h >= 1 && r->stride >= 3 * (ptrdiff_t)r->w);
    MUST((int64_t)r->w * r->h <= limits.pixels);
    for (int y = 0; y < r->h; y++)
        for (int x = 0; x < 3 * r->w; x++)
            sum += r->px[y * r->stride + x];
    MUST(sum <= 255u * 3 * (unsigned)r->w * (unsigned)r->h);
}

static void check_clip(const struct bf_clip *c)
{
    MUST(c->n_frames >= 1 && isfinite(c->seconds) && c->seconds >= 0);
    for (int i = 0; i < c->n_frames; i++) {
        check_raster(&c->frames[i]);
        MUST(c->frames[i].w == c->frames[0].w && c->frames[i].h == c->frames[0].h);
        MUST(isfinite(c->at_seconds[i]) && c->at_seconds[i] >= 0);
        MUST(i == 0 || c->at_seconds[i] >= c->at_seconds[i - 1]);
    }
}

static void check_wave(const struct bf_wave *w)
{
    MUST(isfinite(w->rate_hz) && w->rate_hz > 0 && w->n_ch >= 1 && w->n >= 1);
    for (size_t i = 0; i < (size_t)w->n_ch * w->n; i++)
        MUST(isfinite(w->v[i]));
}

static void check_trace(const struct bf_trace *t)
{
    MUST(isfinite(t->rate_hz) && t->rate_hz > 0 && t->n_ch >= 1 && t->n >= 1 && t->unit);
    MUST((size_t)t->n_ch * t->n <= limits.trace_values);
    for (size_t i = 0; i < (size_t)t->n_ch * t->n; i++)
        MUST(!isinf(t->v[i]));
    for (int c = 0; t->names && c < t->n_ch; c++)
        MUST(t->names[c] && bf_text_is_utf8(t->names[c], strlen(t->names[c])));
}

static bool is_plain(const char *s, size_t size)
{
    const char *end = memchr(s, '\0', size);
    bool plain = end && bf_text_is_utf8(s, (size_t)(end - s));
    for (; plain && s < end; s++)
        plain = (unsigned char)*s >= 0x20 && *s != 0x7f;
    return plain;
}

static void check_info(const struct bf_media_info *i)
{
    MUST(is_plain(i->format, sizeof i->format) && is_plain(i->ext, sizeof i->ext));
    MUST(is_plain(i->decoder, sizeof i->decoder) && *i->format && *i->ext && *i->decoder);
    MUST(is_plain(i->warning, sizeof i->warning));
    MUST(i->damaged == 0 || (i->damaged == 1 && *i->warning));
    MUST(isfinite(i->seconds) && i->seconds >= 0 && isfinite(i->rate_hz) && i->rate_hz >= 0);
    MUST(i->w >= 0 && i->h >= 0 && i->n_frames >= 0 && i->n_ch >= 0 && i->n_words >= 0);
    for (int c = 0; c < 3; c++)
        MUST(i->mean[c] >= 0 && i->mean[c] <= 255);
}

static void check_media(const struct bf_media *m)
{
    MUST(m->carrier == FUZZ_CARRIER);
    switch (m->carrier) {
    case BF_RASTER:
        check_raster(&m->raster);
        break;
    case BF_CLIP:
        check_clip(&m->clip);
        break;
    case BF_WAVE:
        check_wave(&m->wave);
        break;
    case BF_TRACE:
        check_trace(&m->trace);
        break;
    case BF_TEXT:
    case BF_CARRIER_COUNT:
        MUST(m->text && bf_text_is_utf8(m->text, strlen(m->text)));
    }
}

/* What is done with a file. Looking takes much longer than reading, so that most are only read. */
struct how {
    unsigned variant;
    bool looked, shown;
};

/* What came of it. */
struct seen {
    bool read;
    struct bf_media_info info;
    struct bf_features features;
    uint64_t print;
};

static void look(const struct bf_modality *m, const struct bf_media *media, struct seen *out,
                 struct bf_arena *a)
{
    struct bf_err err = { 0 };
    const int rc = m->features(media, &out->features, a, &err);
    MUST(rc == BF_OK || rc == BF_ENOMEM);
    for (int i = 0; rc == BF_OK && i < out->features.n; i++)
        MUST(isfinite(out->features.v[i]));
    out->print = m->fingerprint(media, a);
}

static void show(const struct bf_modality *m, const void *priv, const struct bf_media *media,
                 struct bf_arena *a)
{
    struct bf_shown shown = { 0 };
    struct bf_err err = { 0 };
    const int rc = m->present(priv, media, &shown, a, &err);
    MUST(rc == BF_OK || rc == BF_ENOMEM || rc == BF_EDATA);
    for (int i = 0; rc == BF_OK && i < shown.n_blobs; i++)
        MUST(shown.blobs[i].n > 0 && shown.blobs[i].bytes);
}

static void read_once(int fd, const struct how *how, struct seen *out)
{
    const struct bf_modality *m = bf_modality_of(FUZZ_CARRIER);
    struct bf_arena a = { .limit = (size_t)256 << 20 };
    const void *priv = test_options(&m->op, variants[FUZZ_CARRIER][how->variant], &a);
    struct bf_limits most = limits;
    struct bf_media media = { 0 };
    struct bf_err err = { 0 };
    most.enough = how->shown ? 0 : 64;
    *out = (struct seen){ 0 };
    const int rc = m->decode(priv, fd, &most, &media, &out->info, &a, &err);
    MUST(rc == BF_OK || rc == BF_EDATA || rc == BF_ENOMEM);
    MUST(rc == BF_OK || strlen(err.msg) >= 10);
    out->read = rc == BF_OK;
    if (out->read) {
        check_media(&media);
        check_info(&out->info);
    }
    if (out->read && how->looked)
        look(m, &media, out, &a);
    if (out->read && how->shown)
        show(m, priv, &media, &a);
    bf_arena_reset(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static int fd = -1;
    struct seen one, two;
    unsigned sum = (unsigned)n;
    if (n > limits.file_bytes)
        return 0;
    if (fd < 0)
        fd = test_fd("", 0);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, bytes, n, 0) != (ssize_t)n)
        abort();
    for (size_t i = 0; i < n; i++)
        sum = sum * 31 + bytes[i];
    const struct how how = {
        .variant = sum % N_VARIANTS,
        .looked = sum / N_VARIANTS % 8 == 0,
        .shown = sum / N_VARIANTS % 32 == 1,
    };
    read_once(fd, &how, &one);
    if (!how.looked)
        return 0;
    read_once(fd, &how, &two);
    MUST(one.read == two.read && one.print == two.print && one.features.n == two.features.n);
    MUST(memcmp(one.features.v, two.features.v, sizeof one.features.v) == 0);
    MUST(memcmp(&one.info, &two.info, sizeof one.info) == 0 || !one.read);
    return 0;
}

#ifndef BF_FUZZER
int main(int argc, char **argv)
{
    static uint8_t bytes[1 << 22];
    int n_cut = 0;
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (!f) {
            perror(argv[i]);
            return 1;
        }
        const size_t n = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        for (size_t k = 0; k <= n; k += 1 + n / 100, n_cut++)
            (void)LLVMFuzzerTestOneInput(bytes, n - k);
    }
    printf("%d files replayed, %d times, shorter and shorter\n", argc - 1, n_cut);
    return 0;
}
#endif
