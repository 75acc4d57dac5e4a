/* Headers of NumPy's .npy files (numpy.lib.format, "NPY format"). */
#include "core/npy.h"

#include <ctype.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";

enum { N_MAGIC = sizeof magic - 1 };

bool bf_is_npy(const uint8_t *bytes, size_t n)
{
    return n >= N_MAGIC && memcmp(bytes, magic, N_MAGIC) == 0;
}

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

/* "'<f4'" and the like. '=' and '|' are this machine's order and none. */
static bool parse_type(const char *p, struct bf_npy *x)
{
    const uint16_t one = 1;
    if (!p || (*p != '\'' && *p != '"') || !p[1] || !strchr("<>|=", p[1]) || !p[2] ||
        !strchr("fiub", p[2]) || !isdigit((unsigned char)p[3]) || p[4] != p[0])
        return false;
    uint8_t first;
    memcpy(&first, &one, 1);
    x->big = p[1] == '>' || (p[1] == '=' && first == 0);
    x->type = (struct bf_number){ p[2], p[3] - '0' };
    const int size = x->type.size;
    if (x->type.kind == 'b')
        return size == 1;
    return size == 2 || size == 4 || size == 8 || (size == 1 && x->type.kind != 'f');
}

/* "(3, 2)": false when it is no shape or too large. */
static bool parse_shape(const char *p, struct bf_npy *x)
{
    x->shape[0] = x->shape[1] = 1;
    if (!p || *p++ != '(')
        return false;
    for (;;) {
        while (*p == ' ' || *p == ',')
            p++;
        if (*p == ')')
            break;
        if (!isdigit((unsigned char)*p))
            return false;
        size_t v = 0;
        for (; isdigit((unsigned char)*p); p++) {
            if (v > SIZE_MAX / 20)
                return false;
            v = v * 10 + (size_t)(*p - '0');
        }
        if (x->n_dims < 2)
            x->shape[x->n_dims] = v;
        x->n_dims++;
    }
    return x->shape[1] == 0 || x->shape[0] <= SIZE_MAX / 64 / x->shape[1];
}

int bf_npy_read_header(const uint8_t *bytes, size_t n, struct bf_npy *out, struct bf_arena *a,
                       struct bf_err *err)
{
    struct bf_npy x = { 0 };
    if (n < 12 || !bf_is_npy(bytes, n))
        return bf_fail(err, BF_EDATA, "the npy file ends in its header");
    const int version = bytes[6];
    if (version < 1 || version > 3)
        return bf_fail(err, BF_EDATA, "npy version %d; allowed: 1 to 3", version);
    const size_t at = version == 1 ? 10 : 12;
    const size_t len = version == 1 ? bf_le16(bytes + 8) : bf_le32(bytes + 8);
    if (len > BF_NPY_MAX_HEADER - 12 || len > n - at)
        return bf_fail(err, BF_EDATA, "the npy header has %zu bytes of %zu", len, n - at);

    const char *header = bf_arena_strndup(a, (const char *)bytes + at, len);
    if (!header)
        return bf_fail_memory(err, "an npy header");
    if (!parse_type(value_of(header, "'descr'"), &x))
        return bf_fail(err, BF_EDATA,
                       "the npy type is none of f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1");
    if (!parse_shape(value_of(header, "'shape'"), &x))
        return bf_fail(err, BF_EDATA, "the npy shape is none, or too large");
    const char *order = value_of(header, "'fortran_order'");
    x.fortran = order && strncmp(order, "True", 4) == 0;
    x.data = at + len;
    *out = x;
    return BF_OK;
}
