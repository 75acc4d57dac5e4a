/* Sound on its way in and out: a growing buffer, and a WAV file. */
#include "modalities/wave.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK_VALUES = 1 << 18, MAX_CHANNELS = 64 };

struct bf_wave_chunk {
    struct bf_wave_chunk *next;
    size_t n; /* values used, a multiple of the number of channels */
    float v[CHUNK_VALUES];
};

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

int bf_wave_add(struct bf_wave_builder *b, const float *v, size_t n, struct bf_err *err)
{
    if (n > b->max - b->n)
        return bf_fail(err, BF_EDATA, "the sound is longer than %g s", (double)b->max / b->rate_hz);
    const size_t n_ch = (size_t)b->n_ch;
    const size_t room = CHUNK_VALUES / n_ch * n_ch;
    for (size_t left = n * n_ch; left > 0;) {
        if (!b->last || b->last->n == room) {
            struct bf_wave_chunk *c = bf_arena_alloc(b->a, 1, sizeof *c);
            if (!c)
                return bf_fail_memory(err, "a sound");
            if (b->last)
                b->last->next = c;
            else
                b->first = c;
            b->last = c;
        }
        struct bf_wave_chunk *c = b->last;
        size_t k = left < room - c->n ? left : room - c->n;
        for (size_t i = 0; i < k; i++) {
            bool fine = isfinite(v[i]);
            c->v[c->n + i] = fine ? v[i] : 0;
            b->n_fixed += !fine;
        }
        c->n += k;
        v += k;
        left -= k;
    }
    b->n += n;
    return BF_OK;
}

int bf_wave_end(struct bf_wave_builder *b, struct bf_wave *out, struct bf_media_info *info,
                struct bf_err *err)
{
    if (b->n == 0)
        return bf_fail(err, BF_EDATA, "the sound has no samples");
    float *v = bf_arena_alloc(b->a, b->n * (size_t)b->n_ch, sizeof *v);
    if (!v)
        return bf_fail_memory(err, "a sound");
    size_t at = 0;
    for (const struct bf_wave_chunk *c = b->first; c; c = c->next)
        for (size_t i = 0; i < c->n; at++)
            for (int ch = 0; ch < b->n_ch; ch++, i++)
                v[(size_t)ch * b->n + at] = c->v[i];

    *out = (struct bf_wave){ .rate_hz = b->rate_hz, .n_ch = b->n_ch, .n = b->n, .v = v };
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
