/* Replies with bytes that are no text, made readable. */
#include "probe/server/mend.h"

#include <stdint.h>
#include <string.h>

#include "core/text.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* Length of the well-formed UTF-8 character at `s`, 0 when there is none. */
static size_t character(const char *s, size_t n)
{
    const unsigned char c = (unsigned char)*s;
    const size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return len <= n && bf_text_is_utf8(s, len) ? len : 0;
}

/* Value of the escape "\uXXXX" at `s`, or -1. */
static int escape(const char *s, size_t n)
{
    int v = 0;
    if (n < 6 || s[0] != '\\' || s[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF";
        const char *at = s[i] ? strchr(digits, s[i]) : NULL;
        if (!at)
            return -1;
        v = v * 16 + (int)(at - digits) % 16;
    }
    return v;
}

/* Copy the escape at `s`, or what stands for it; how many bytes it takes. */
static size_t mend_escape(const char *s, size_t n, struct bf_buf *out)
{
    const int v = escape(s, n), next = n >= 12 ? escape(s + 6, n - 6) : -1;
    const size_t plain = n < 2 ? n : 2;
    if (v < 0) {
        bf_buf_add(out, s, plain);
        return plain;
    }
    const bool high = v >= 0xd800 && v < 0xdc00, low = v >= 0xdc00 && v < 0xe000;
    if (high && next >= 0xdc00 && next < 0xe000) {
        bf_buf_add(out, s, 12);
        return 12;
    }
    if (v == 0 || high || low)
        bf_buf_str(out, replacement);
    else
        bf_buf_add(out, s, 6);
    return 6;
}

void bf_mend_json(const char *text, size_t n, struct bf_buf *out)
{
    bool in_string = false;
    for (size_t i = 0; i < n;) {
        const unsigned char c = (unsigned char)text[i];
        if (in_string && c == '\\') {
            i += mend_escape(text + i, n - i, out);
            continue;
        }
        const size_t len = c ? character(text + i, n - i) : 0;
        if (len == 0)
            bf_buf_str(out, replacement);
        else if (in_string && c < 0x20)
            bf_buf_char(out, ' ');
        else
            bf_buf_add(out, text + i, len);
        in_string ^= c == '"';
        i += len ? len : 1;
    }
}

void bf_mend_end(char *text)
{
    size_t n = strlen(text), back = 0;
    while (back < n && back < 3 && ((unsigned char)text[n - 1 - back] & 0xc0) == 0x80)
        back++;
    if (back < n && !bf_text_is_utf8(text + n - 1 - back, back + 1))
        text[n - 1 - back] = '\0';
}

int bf_mend_parse(const char *text, size_t n, struct bf_json_doc **doc_out, struct bf_err *err)
{
    int rc = bf_json_parse(text, n, doc_out, err);
    if (rc != BF_EDATA)
        return rc;
    struct bf_buf mended = { .max = n * 3 };
    bf_mend_json(text, n, &mended);
    if (!mended.failed && mended.len &&
        bf_json_parse(mended.data, mended.len, doc_out, NULL) == BF_OK)
        rc = BF_OK;
    bf_buf_done(&mended);
    return rc;
}
