/* The sound of a scene: a tone with a course of loudness, something quiet behind it, and a short
 * noise at its end. Written as WAV, PCM 16 bit. */
#include "demo/scene.h"

#include <stdlib.h>

enum { RATE = 16000, N = 19200, END = 17600 };

static const int pitches_hz[8] = { 120, 190, 300, 480, 760, 1200, 1900, 3000 };

/* Phase after `t` steps of a tone of f Hz. */
static uint32_t phase_at(int f_hz, int t)
{
    return (uint32_t)(((int64_t)f_hz << 32) / RATE * t);
}

/* White noise in -32768 .. 32767. */
static int hiss(struct bf_rng *r)
{
    return (int)(bf_rng_next(r) >> 48) - 32768;
}

/* Loudness of the tone in 0 .. 256 at step `t` of END. */
static int loudness(int course, int t)
{
    const int at = t * 256 / END; /* 0 .. 255 */
    switch (course) {
    case 0:
        return 16 + at * 15 / 16;
    case 1:
        return 256 - at * 15 / 16;
    case 2:
        return 256 - abs(at - 128) * 15 / 8;
    case 3:
        return 16 + abs(at - 128) * 15 / 8;
    case 4:
        return 200;
    case 5:
        return at > 136 ? 230 : 10;
    case 6:
        return t / 1100 % 2 ? 10 : 240;
    default:
        return at < 120 ? 230 : 10;
    }
}

/* What is heard behind the tone, about a fifth as loud. `low` carries a filter's state. */
static int behind(int source, int t, int *low, struct bf_rng *r)
{
    switch (source) {
    case 0: /* birds: chirps around 4.5 kHz, three a second */
        return t % 5000 < 1800 ? wave_sine(phase_at(4400 + t % 5000 / 8, t % 5000)) / 7 : 0;
    case 1: /* crickets: 6 kHz, thirty short pulses a second */
        return t % 530 < 260 ? wave_sine(phase_at(6000, t)) / 7 : 0;
    case 2: /* engine: 55 Hz, nearly square */
        return wave_sine(phase_at(55, t)) > 0 ? 4600 : -4600;
    case 3: /* wind: slow noise */
        *low += (hiss(r) - *low) / 40;
        return *low * 2;
    case 4: /* rain: white noise */
        return hiss(r) / 9;
    case 5: /* clock: five ticks a second */
        return t % 3200 < 120 ? hiss(r) / 2 : 0;
    case 6: /* kettle: a steady whistle */
        return wave_sine(phase_at(7300, t)) / 7;
    default: /* surf: dull noise that comes and goes */
        *low += (hiss(r) - *low) / 4;
        return *low * (160 + wave_sine(phase_at(2, t)) / 256) / 900;
    }
}

/* The last tenth of a second; `t` from its beginning. */
static int ending(int kind, int t, struct bf_rng *r)
{
    const int fade = (N - END - t) * 8; /* 12800 .. 0 */
    switch (kind) {
    case 0:
        return t < 200 ? hiss(r) / 4 : 0;
    case 1:
        return wave_sine(phase_at(210, t)) * (fade / 16) / 4000;
    case 2:
        return wave_sine(phase_at(900 + t, t)) / 5;
    case 3:
        return hiss(r) / 6;
    case 4:
        return wave_sine(phase_at(70, t)) * (fade / 16) / 2400;
    case 5:
        return wave_sine(phase_at(140, t)) > 0 ? 5000 : -5000;
    case 6:
        return wave_sine(phase_at(1000, t)) / 6;
    default:
        return t % 220 < 60 ? hiss(r) / 4 : 0;
    }
}

void sound_make(const struct scene *s, struct bf_buf *out)
{
    struct bf_rng r = bf_rng_for(s->seed, "", "sound", 0);
    const int f = pitches_hz[s->v[PITCH]] * draw_between(&r, 97, 103) / 100;
    const int volume = draw_between(&r, 85, 100), overtone = draw_between(&r, 0, 10);
    int low = 0;

    bf_buf_add(out, "RIFF", 4);
    put_u32(out, 36 + 2 * N);
    bf_buf_add(out, "WAVEfmt ", 8);
    put_u32(out, 16);
    put_u16(out, 1); /* PCM */
    put_u16(out, 1); /* channels */
    put_u32(out, RATE);
    put_u32(out, 2 * RATE);
    put_u16(out, 2);
    put_u16(out, 16);
    bf_buf_add(out, "data", 4);
    put_u32(out, 2 * N);
    for (int t = 0; t < N; t++) {
        int v = hiss(&r) / 300;
        v += behind(s->v[COMPANION], t, &low, &r) * 2 / 3;
        if (t < END) {
            int tone = wave_sine(phase_at(f, t)) + wave_sine(phase_at(2 * f, t)) * overtone / 100;
            v += tone / 3 * loudness(s->v[SWELL], t) / 256;
        } else {
            v += ending(s->v[ENDING], t - END, &r);
        }
        v = v * volume / 100;
        put_u16(out, (unsigned)(v > 32767 ? 32767 : v < -32768 ? -32768 : v) & 0xffff);
    }
}
