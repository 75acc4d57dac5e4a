/* apply raster W H IN OUT OPERATOR [OPTION VALUE]...: an operator on W x H pixels of 8-bit RGB, or
 * apply wave HZ N IN OUT OPERATOR ...: on N floats of one channel; without headers, in and out. */
#include "core/file.h"
#include "tests/operators.h"

int main(int argc, char **argv)
{
    struct bf_arena a = { 0 };
    struct bf_media in = { .carrier = BF_RASTER }, out;
    char *bytes = NULL;
    size_t n = 0;
    if (argc < 7 || bf_file_read(argv[4], (size_t)1 << 30, &bytes, &n, &a, NULL) != BF_OK)
        return 2;
    const int w = (int)strtol(argv[2], NULL, 10);
    const int h = (int)strtol(argv[3], NULL, 10);
    if (strcmp(argv[1], "wave") == 0)
        in = (struct bf_media){ .carrier = BF_WAVE, .wave = { w, 1, (size_t)h, (void *)bytes } };
    else
        in.raster = (struct bf_raster){ w, h, 3 * (ptrdiff_t)w, (uint8_t *)bytes };
    const size_t want =
        in.carrier == BF_WAVE ? (size_t)h * sizeof(float) : 3 * (size_t)w * (size_t)h;
    if (w < 1 || h < 1 || n != want ||
        test_apply(argv[6], (const char *const *)argv + 7, &in, 1, &out, &a) != BF_OK)
        return 2;
    const void *made = in.carrier == BF_WAVE ? (const void *)out.wave.v : out.raster.px;
    const int rc = bf_file_write(argv[5], made, n, NULL);
    bf_arena_reset(&a);
    return rc != BF_OK;
}
