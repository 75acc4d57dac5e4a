/* Traces from NumPy's .npy files (numpy.lib.format, "NPY format"). */
#include "modalities/trace.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";

enum { N_MAGIC = sizeof magic - 1, MAX_HEADER = 4096 };

bool bf_is_npy(const uint8_t *bytes, size_t n)
{
    return n >= N_MAGIC && memcmp(bytes, magic, N_MAGIC) == 0;
}

struct npy {
    char kind; /* 'f', 'i' or 'u' */
    int size;  /* bytes a value */
    bool big;  /* byte order */
    bool fortran;
    size_t shape[2];
    int n_dims;
};

/* The text after `'key':`, blanks skipped, or NULL. */
static const char *value_of(const char *header, const char *key)
{
    const char *p = strstr(header, key);
    if (!p)
        return NULL;
    p += strlen(key);
    while (*p == ' ' || *p == ':')
        p++;
    return p;
}

static bool parse_type(const char *p, struct npy *t)
{
    if (!p || (*p != '\'' && *p != '"') || !p[1] || !strchr("<>|=", p[1]) || !p[2] ||
        !strchr("fiu", p[2]) || !isdigit((unsigned char)p[3]) || p[4] != p[0])
        return false;
    t->big = p[1] == '>';
    t->kind = p[2];
    t->size = p[3] - '0';
    return t->kind == 'f' ? t->size == 4 || t->size == 8
                          : t->size == 1 || t->size == 2 || t->size == 4 || t->size == 8;
}

static bool parse_shape(const char *p, struct npy *t)
{
    if (!p || *p++ != '(')
        return false;
    for (;;) {
        while (*p == ' ' || *p == ',')
            p++;
        if (*p == ')')
            return t->n_dims >= 1;
        if (t->n_dims == 2 || !isdigit((unsigned char)*p))
            return false;
        size_t v = 0;
        for (; isdigit((unsigned char)*p); p++) {
            if (v > SIZE_MAX / 20)
                return false;
            v = v * 10 + (size_t)(*p - '0');
        }
        t->shape[t->n_dims++] = v;
    }
}

/* The bytes of one value, most significant first, as an unsigned number. */
static uint64_t gather(const uint8_t *p, const struct npy *t)
{
    uint64_t v = 0;
    for (int i = 0; i < t->size; i++)
        v = v << 8 | p[t->big ? i : t->size - 1 - i];
    return v;
}

static float value_at(const uint8_t *p, const struct npy *t)
{
    const uint64_t bits = gather(p, t);
    double d = 0;
    if (t->kind == 'f' && t->size == 4) {
        const uint32_t low = (uint32_t)bits;
        float f;
        memcpy(&f, &low, sizeof f);
        d = (double)f;
    } else if (t->kind == 'f') {
        memcpy(&d, &bits, sizeof d);
    } else if (t->kind == 'u') {
        d = (double)bits;
    } else {
        /* Shift the sign to the top and back down. */
        const int shift = 64 - 8 * t->size;
        d = (double)((int64_t)(bits << shift) / ((int64_t)1 << shift));
    }
    const float f = fabs(d) > 3e38 ? NAN : (float)d;
    return isfinite(f) ? f : NAN;
}

static int parse_header(const uint8_t *bytes, size_t n, struct npy *t, size_t *data_out,
                        struct bf_arena *a, struct bf_err *err)
{
    if (n < 12 || !bf_is_npy(bytes, n))
        return bf_fail(err, BF_EDATA, "the npy file ends in its header");
    const int version = bytes[6];
    if (version < 1 || version > 3)
        return bf_fail(err, BF_EDATA, "npy version %d; allowed: 1 to 3", version);
    const size_t at = version == 1 ? 10 : 12;
    size_t len = (size_t)bytes[9] << 8 | bytes[8];
    if (version > 1)
        len |= (size_t)bytes[11] << 24 | (size_t)bytes[10] << 16;
    if (len > MAX_HEADER || len > n - at)
        return bf_fail(err, BF_EDATA, "the npy header has %zu bytes of %zu", len, n - at);

    const char *header = bf_arena_strndup(a, (const char *)bytes + at, len);
    if (!header)
        return bf_fail_memory(err, "a trace");
    if (!parse_type(value_of(header, "'descr'"), t))
        return bf_fail(err, BF_EDATA, "the npy type is none of f4 f8 i1 i2 i4 i8 u1 u2 u4 u8");
    if (!parse_shape(value_of(header, "'shape'"), t))
        return bf_fail(err, BF_EDATA, "the npy shape is neither [n] nor [n][channels]");
    const char *order = value_of(header, "'fortran_order'");
    t->fortran = order && strncmp(order, "True", 4) == 0;
    *data_out = at + len;
    return BF_OK;
}

int bf_npy_trace(const uint8_t *bytes, size_t n, const struct bf_trace_how *how,
                 const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                 struct bf_arena *a, struct bf_err *err)
{
    struct npy t = { 0 };
    size_t data = 0;
    BF_TRY(parse_header(bytes, n, &t, &data, a, err));
    const size_t rows = t.shape[0];
    const size_t cols = t.n_dims == 2 ? t.shape[1] : 1;
    if (rows == 0 || cols == 0)
        return bf_fail(err, BF_EDATA, "the npy array holds no values");
    if (rows > limits->trace_values / cols)
        return bf_fail(err, BF_EDATA, "the npy array has %zu x %zu values, limit %zu", rows, cols,
                       limits->trace_values);
    if (rows * cols > (n - data) / (size_t)t.size)
        return bf_fail(err, BF_EDATA, "the npy file ends early: %zu of %zu values",
                       (n - data) / (size_t)t.size, rows * cols);
    if (strcmp(how->time, "auto") != 0 && strcmp(how->time, "none") != 0)
        return bf_fail(err, BF_EDATA, "an npy array has no column called '%s', which 'time' names",
                       how->time);

    float *v = bf_arena_alloc(a, rows * cols, sizeof *v);
    if (!v)
        return bf_fail_memory(err, "a trace");
    size_t n_kept = 0;
    for (size_t c = 0; c < cols; c++) {
        char name[32];
        snprintf(name, sizeof name, "ch%zu", c + 1);
        if (!bf_star_match(how->channels, name))
            continue;
        for (size_t i = 0; i < rows; i++) {
            const size_t at = t.fortran ? c * rows + i : i * cols + c;
            v[n_kept * rows + i] = value_at(bytes + data + at * (size_t)t.size, &t);
        }
        n_kept++;
    }
    if (n_kept == 0 || n_kept > INT32_MAX)
        return bf_fail(err, BF_EDATA, "none of its %zu channels, 'ch1' onwards, is called '%s'",
                       cols, how->channels);
    struct bf_trace trace = {
        .rate_hz = how->rate_hz,
        .n_ch = (int)n_kept,
        .n = rows,
        .v = v,
        .unit = how->unit,
    };
    struct bf_media_info got = { .format = "npy", .ext = "npy", .decoder = "npy" };
    BF_TRY(bf_trace_describe(&trace, &got, err));
    *out = trace;
    *info = got;
    return BF_OK;
}
