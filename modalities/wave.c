/* Sound on its way in and out: a growing buffer, and a WAV file. */
#include "modalities/wave.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { MAX_CHANNELS = 64 };

int bf_wave_begin(struct bf_wave_builder *b, double rate_hz, int n_ch,
                  const struct bf_limits *limits, struct bf_arena *a, struct bf_err *err)
{
    if (!(rate_hz >= 1 && rate_hz <= 10e6))
        return bf_fail(err, BF_EDATA, "the sound has a rate of %g Hz; allowed: 1 to 10000000",
                       rate_hz);
    if (n_ch < 1 || n_ch > MAX_CHANNELS)
        return bf_fail(err, BF_EDATA, "the sound has %d channels; allowed: 1 to %d", n_ch,
                       MAX_CHANNELS);
    *b = (struct bf_wave_builder){
        .a = a,
        .rate_hz = rate_hz,
        .n_ch = n_ch,
        .max = (size_t)(rate_hz * limits->wave_seconds),
    };
    return BF_OK;
}

int bf_wave_reserve(struct bf_wave_builder *b, size_t n, struct bf_err *err)
{
    const size_t n_ch = (size_t)b->n_ch;
    if (n > b->max - b->n)
        return bf_fail(err, BF_EDATA, "the sound is longer than %g s", (double)b->max / b->rate_hz);
    if (n <= b->room - b->n)
        return BF_OK;
    /* Twice as much each time: all copies together are no longer than the sound. */
    const size_t twice = b->room < b->max / 2 ? 2 * b->room : b->max;
    const size_t room = b->n + n > twice ? b->n + n : twice;
    float *v = room <= SIZE_MAX / n_ch ? bf_arena_alloc(b->a, room * n_ch, sizeof *v) : NULL;
    if (!v)
        return bf_fail_memory(err, "a sound");
    for (size_t ch = 0; ch < n_ch && b->n; ch++)
        memcpy(v + ch * room, b->v + ch * b->room, b->n * sizeof *v);
    b->v = v;
    b->room = room;
    return BF_OK;
}

/* One channel of interleaved samples. Returns how many were no numbers. */
static size_t take_channel(const float *from, size_t n, size_t step, float *to)
{
    size_t n_fixed = 0;
    for (size_t i = 0; i < n; i++) {
        const float v = from[i * step];
        const bool fine = fabsf(v) <= FLT_MAX;
        to[i] = fine ? v : 0;
        n_fixed += !fine;
    }
    return n_fixed;
}

int bf_wave_add(struct bf_wave_builder *b, const float *v, size_t n, struct bf_err *err)
{
    BF_TRY(bf_wave_reserve(b, n, err));
    const size_t n_ch = (size_t)b->n_ch;
    for (size_t ch = 0; ch < n_ch; ch++)
        b->n_fixed += take_channel(v + ch, n, n_ch, bf_wave_place(b, (int)ch));
    b->n += n;
    return BF_OK;
}

int bf_wave_end(struct bf_wave_builder *b, struct bf_wave *out, struct bf_media_info *info,
                struct bf_err *err)
{
    if (b->n == 0)
        return bf_fail(err, BF_EDATA, "the sound has no samples");
    for (int ch = 1; ch < b->n_ch && b->room > b->n; ch++)
        memmove(b->v + (size_t)ch * b->n, b->v + (size_t)ch * b->room, b->n * sizeof *b->v);
    *out = (struct bf_wave){ .rate_hz = b->rate_hz, .n_ch = b->n_ch, .n = b->n, .v = b->v };
    info->carrier = BF_WAVE;
    info->rate_hz = b->rate_hz;
    info->n_ch = b->n_ch;
    info->seconds = (double)b->n / b->rate_hz;
    if (b->n_fixed && !info->warning[0])
        snprintf(info->warning, sizeof info->warning, "%zu samples were not numbers, now 0",
                 b->n_fixed);
    return BF_OK;
}

static uint8_t *put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    return p + 2;
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
    return put16(put16(p, v & 0xffff), v >> 16);
}

int bf_wav_encode(const struct bf_wave *w, struct bf_blob *out, struct bf_arena *a,
                  struct bf_err *err)
{
    enum { HEADER_BYTES = 44, PCM = 1, SAMPLE_BYTES = 2 };
    const size_t frame = (size_t)w->n_ch * SAMPLE_BYTES;
    if (w->n > (UINT32_MAX - HEADER_BYTES) / frame)
        return bf_fail(err, BF_EDATA, "the sound is too long for a WAV file: %zu samples", w->n);
    const size_t n_data = w->n * frame;
    uint8_t *bytes = bf_arena_alloc(a, HEADER_BYTES + n_data, 1);
    if (!bytes)
        return bf_fail_memory(err, "a WAV file");

    const uint32_t rate = (uint32_t)lrint(fmin(fmax(w->rate_hz, 1), 4e6));
    uint8_t *p = bytes;
    memcpy(p, "RIFF", 4);
    p = put32(p + 4, (uint32_t)(HEADER_BYTES - 8 + n_data));
    memcpy(p, "WAVEfmt ", 8);
    p = put32(p + 8, 16);
    p = put16(p, PCM);
    p = put16(p, (uint32_t)w->n_ch);
    p = put32(p, rate);
    p = put32(p, rate * (uint32_t)frame);
    p = put16(p, (uint32_t)frame);
    p = put16(p, 8 * SAMPLE_BYTES);
    memcpy(p, "data", 4);
    p = put32(p + 4, (uint32_t)n_data);
    for (size_t i = 0; i < w->n; i++) {
        for (int ch = 0; ch < w->n_ch; ch++) {
            /* Decoders divide by 32768: 16-bit sound comes out as it went in. */
            const float v = fminf(fmaxf(w->v[(size_t)ch * w->n + i] * 32768, -32768), 32767);
            p = put16(p, (uint32_t)lrintf(v) & 0xffff);
        }
    }
    *out = (struct bf_blob){
        .ext = "wav", .mime = "audio/wav", .bytes = bytes, .n = HEADER_BYTES + n_data
    };
    return BF_OK;
}
