/* decode MODALITY FILE [OPTION=VALUE]...: what a modality reads of a file, for other programs to
 * compare: a line "ok RATE CHANNELS STEPS DAMAGED FORMAT DECODER UNIT|WARNING", one line a name of
 * a channel with its unit ("NAME|UNIT") when there are names, a line "values", then all values as
 * 32-bit floats, a channel after the other; or one line "refused REASON". */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/ops.h"

extern const struct bf_modality bf_modality_audio, bf_modality_tactile;

static int set_options(const struct bf_op *op, char *const *pairs, void *priv, struct bf_arena *a,
                       struct bf_err *err)
{
    for (; *pairs; pairs++) {
        char *value = strchr(*pairs, '=');
        if (!value)
            return bf_fail(err, BF_EINVAL, "'%s' is no option=value", *pairs);
        *value++ = '\0';
        const struct bf_opt *opt = bf_opt_find(op->opts, *pairs);
        const char *values[] = { value };
        if (!opt)
            return bf_fail(err, BF_EINVAL, "no option '%s'", *pairs);
        BF_TRY(bf_opt_set(opt, priv, values, 1, a, err));
    }
    return BF_OK;
}

static void print(const struct bf_media *m, const struct bf_media_info *info)
{
    const bool is_wave = m->carrier == BF_WAVE;
    const size_t n = is_wave ? m->wave.n : m->trace.n;
    const int n_ch = is_wave ? m->wave.n_ch : m->trace.n_ch;
    printf("ok %.17g %d %zu %d %s %s %s|%s\n", is_wave ? m->wave.rate_hz : m->trace.rate_hz, n_ch,
           n, info->damaged, info->format, info->decoder, is_wave ? "-" : m->trace.unit,
           info->warning);
    for (int ch = 0; !is_wave && m->trace.names && ch < n_ch; ch++)
        printf("%s|%s\n", m->trace.names[ch], m->trace.units ? m->trace.units[ch] : "");
    printf("values\n");
    fwrite(is_wave ? m->wave.v : m->trace.v, sizeof(float), n * (size_t)n_ch, stdout);
}

int main(int argc, char **argv)
{
    struct bf_arena a = { 0 };
    struct bf_err err = { 0 };
    struct bf_media media;
    struct bf_media_info info = { 0 };
    void *priv = NULL;
    const struct bf_modality *m =
        argc > 2 && strcmp(argv[1], "audio") == 0 ? &bf_modality_audio : &bf_modality_tactile;
    const int fd = argc > 2 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        fprintf(stderr, "usage: decode MODALITY FILE [OPTION=VALUE]...\n");
        return 2;
    }
    int rc = bf_op_init(&m->op, &priv, &a, &err);
    if (rc == BF_OK)
        rc = set_options(&m->op, argv + 3, priv, &a, &err);
    if (rc == BF_OK)
        rc = m->decode(priv, fd, &bf_default_limits, &media, &info, &a, &err);
    if (rc == BF_OK)
        print(&media, &info);
    else
        printf("refused %s\n", err.msg);
    bf_arena_reset(&a);
    close(fd);
    return 0;
}
