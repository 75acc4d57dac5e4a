/* Files of words: plain text, SubRip, WebVTT. */
#include "modalities/readers/cues.h"
#include "core/number.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/text.h"

static void put_utf8(struct bf_buf *out, uint32_t c)
{
    if (c < 0x80) {
        bf_buf_char(out, (char)c);
    } else if (c < 0x800) {
        bf_buf_char(out, (char)(0xc0 | c >> 6));
        bf_buf_char(out, (char)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        bf_buf_char(out, (char)(0xe0 | c >> 12));
        bf_buf_char(out, (char)(0x80 | (c >> 6 & 63)));
        bf_buf_char(out, (char)(0x80 | (c & 63)));
    } else {
        bf_buf_char(out, (char)(0xf0 | c >> 18));
        bf_buf_char(out, (char)(0x80 | (c >> 12 & 63)));
        bf_buf_char(out, (char)(0x80 | (c >> 6 & 63)));
        bf_buf_char(out, (char)(0x80 | (c & 63)));
    }
}

/* Half of a pair that has no other half becomes the replacement character. */
static void from_utf16(const uint8_t *p, size_t n, bool big, struct bf_buf *out)
{
    for (size_t i = 0; i + 1 < n; i += 2) {
        uint32_t c = (uint32_t)bf_whole(p + i, 2, big);
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < n) {
            const uint32_t low = (uint32_t)bf_whole(p + i + 2, 2, big);
            if (low >= 0xdc00 && low < 0xe000) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                i += 2;
            }
        }
        put_utf8(out, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
    }
}

static void from_windows(const uint8_t *p, size_t n, struct bf_buf *out)
{
    static const uint16_t high[32] = {
        0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178,
    };
    for (size_t i = 0; i < n; i++)
        put_utf8(out, p[i] >= 0x80 && p[i] < 0xa0 ? high[p[i] - 0x80] : p[i]);
}

/* UTF-8 with \n for every kind of line end. */
static int to_lines(const uint8_t *p, size_t n, struct bf_buf *out, bool *foreign_out,
                    struct bf_err *err)
{
    struct bf_buf utf8 = { .max = out->max };
    *foreign_out = false;
    if (n >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff))) {
        from_utf16(p + 2, n - 2, p[0] == 0xfe, &utf8);
    } else if (bf_text_is_utf8((const char *)p, n)) {
        const size_t mark = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        bf_buf_add(&utf8, p + mark, n - mark);
    } else {
        from_windows(p, n, &utf8);
        *foreign_out = true;
    }
    size_t n_controls = 0;
    for (size_t i = 0; i < utf8.len; i++) {
        const unsigned char c = (unsigned char)utf8.data[i];
        if (c == '\r')
            bf_buf_str(out, i + 1 < utf8.len && utf8.data[i + 1] == '\n' ? "" : "\n");
        else if (c < ' ' && c != '\n' && c != '\t')
            n_controls++;
        else
            bf_buf_char(out, (char)c);
    }
    const bool over = utf8.failed || out->failed;
    const bool binary = n_controls * 100 > utf8.len || memchr(p, 0, n < 2 ? n : 2) != NULL;
    bf_buf_done(&utf8);
    if (binary)
        return bf_fail(err, BF_EDATA, "not a text: it holds %zu control characters", n_controls);
    return over ? bf_fail(err, BF_EDATA, "more than %zu bytes of text", out->max) : BF_OK;
}

/* "1:02:03,500", "02:03.5": seconds, and where the time ends; NULL when none stands there. */
static const char *read_time(const char *s, double *seconds_out)
{
    double whole = 0;
    int n_parts = 0;
    while (*s == ' ' || *s == '\t')
        s++;
    for (;; s++) {
        if (*s < '0' || *s > '9' || n_parts == 3)
            return NULL;
        double part = 0;
        for (int digits = 0; *s >= '0' && *s <= '9' && digits < 6; s++, digits++)
            part = part * 10 + (*s - '0');
        whole = whole * 60 + part;
        n_parts++;
        if (*s != ':')
            break;
    }
    if (n_parts < 2)
        return NULL;
    if (*s == ',' || *s == '.') {
        double place = 0.1;
        for (s++; *s >= '0' && *s <= '9'; s++, place /= 10)
            whole += place * (*s - '0');
    }
    *seconds_out = whole;
    return s;
}

struct cue {
    double from, to;
};

/* Whether a line says when a cue is shown. */
static bool read_when(const char *line, struct cue *out)
{
    const char *s = read_time(line, &out->from);
    if (!s)
        return false;
    while (*s == ' ' || *s == '\t')
        s++;
    return strncmp(s, "-->", 3) == 0 && read_time(s + 3, &out->to) != NULL;
}

/* Length of a mark at `s`: <i>, </c>, <v Ann>, <00:01.000>, {\an8}; 0 when none stands there. */
static size_t mark_length(const char *s)
{
    const char next = s[0] ? s[1] : '\0';
    const bool tag = s[0] == '<' && (next == '/' || (next >= '0' && next <= '9') ||
                                     (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z'));
    const bool braces = s[0] == '{' && next == '\\';
    if (!tag && !braces)
        return 0;
    const char *end = strchr(s, tag ? '>' : '}');
    return end ? (size_t)(end - s) + 1 : 0;
}

static void put_words(struct bf_buf *out, const char *line)
{
    static const char *const names[][2] = {
        { "&amp;", "&" }, { "&lt;", "<" },   { "&gt;", ">" }, { "&quot;", "\"" },
        { "&#39;", "'" }, { "&nbsp;", " " }, { "&lrm;", "" }, { "&rlm;", "" },
    };
    for (const char *s = line; *s;) {
        const size_t mark = mark_length(s);
        bool named = false;
        for (size_t i = 0; *s == '&' && i < sizeof names / sizeof *names && !named; i++) {
            const size_t n = strlen(names[i][0]);
            named = strncmp(s, names[i][0], n) == 0;
            if (named) {
                bf_buf_str(out, names[i][1]);
                s += n;
            }
        }
        if (named)
            continue;
        if (!mark)
            bf_buf_char(out, *s);
        s += mark ? mark : 1;
    }
}

/* 1:02.5: minutes and seconds. */
static void put_seconds(struct bf_buf *out, double v)
{
    const uint64_t tenths = (uint64_t)(v * 10 + 0.5), rest = tenths % 600;
    bf_buf_printf(out, "%llu:%02u", (unsigned long long)(tenths / 600), (unsigned)(rest / 10));
    if (rest % 10)
        bf_buf_printf(out, ".%u", (unsigned)(rest % 10));
}

/* The line of one cue, unless it says nothing or what the one before it said. */
static void put_cue(struct bf_buf *out, const struct cue *c, bool times, struct bf_buf *words,
                    struct bf_buf *before)
{
    size_t n = 0;
    for (size_t i = 0; i < words->len; i++) { /* white space as one blank, none at the ends */
        const bool blank = words->data[i] == ' ' || words->data[i] == '\t';
        if (blank && (n == 0 || words->data[n - 1] == ' '))
            continue;
        words->data[n++] = blank ? ' ' : words->data[i];
    }
    n -= n > 0 && words->data[n - 1] == ' ';
    words->len = n;
    const bool again = before->len == n && n > 0 && memcmp(before->data, words->data, n) == 0;
    if (n > 0 && !again) {
        if (times) {
            bf_buf_char(out, '[');
            put_seconds(out, c->from);
            bf_buf_str(out, " - ");
            put_seconds(out, c->to);
            bf_buf_str(out, "] ");
        }
        bf_buf_add(out, words->data, n);
        bf_buf_char(out, '\n');
        before->len = 0;
        bf_buf_add(before, words->data, n);
    }
    words->len = 0;
}

static bool is_number(const char *line)
{
    const size_t n = strspn(line, "0123456789");
    return n > 0 && line[n + strspn(line + n, " \t")] == '\0';
}

/* Cues out of the lines of `text`, which is taken apart. What stands before the first time, and in
 * WebVTT between a blank line and the next one (notes, styles, names of cues), is not said; in
 * SubRip a cue may hold blank lines, and ends before the number of the next. */
static double put_cues(char *text, bool vtt, bool times, struct bf_buf *out)
{
    struct bf_buf words = { .max = out->max }, before = { .max = out->max };
    struct cue now = { 0, 0 }, next;
    bool open = false;
    double seconds = 0;
    char *line = text;
    while (line) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        char *following = end ? end + 1 : NULL;
        char *following_end = following ? strchr(following, '\n') : NULL;
        if (following_end)
            *following_end = '\0';
        const bool number = !vtt && following && is_number(line) && read_when(following, &next);
        if (following_end)
            *following_end = '\n';
        if (read_when(line, &next)) {
            put_cue(out, &now, times, &words, &before);
            now = next;
            open = true;
            seconds = now.to > seconds ? now.to : seconds;
        } else if (vtt && line[strspn(line, " \t")] == '\0') {
            open = false;
        } else if (open && !number) {
            put_words(&words, line);
            bf_buf_char(&words, ' ');
        }
        line = following;
    }
    put_cue(out, &now, times, &words, &before);
    out->failed |= words.failed || before.failed;
    bf_buf_done(&words);
    bf_buf_done(&before);
    return seconds;
}

/* By content: a WebVTT file says so, a SubRip file has a time among its first lines with words. */
static const char *format_of(const char *text)
{
    enum { LOOKED_AT = 8 };
    struct cue c;
    if (strncmp(text, "WEBVTT", 6) == 0 && (text[6] == '\0' || strchr(" \t\n", text[6])))
        return "vtt";
    int n = 0;
    for (const char *s = text; s && n < LOOKED_AT; n++) {
        if (read_when(s, &c))
            return "srt";
        s = strchr(s, '\n');
        s = s ? s + 1 : NULL;
    }
    return "text";
}

static uint32_t count_words(const char *s)
{
    uint32_t n = 0;
    for (s += strspn(s, " \t\n"); *s; s += strspn(s, " \t\n")) {
        s += strcspn(s, " \t\n");
        n++;
    }
    return n;
}

static int read_lines(struct bf_buf *lines, bool times, struct bf_cues *out, struct bf_buf *text,
                      struct bf_arena *a, struct bf_err *err)
{
    char *s = lines->data ? lines->data : (char[]){ "" };
    out->format = format_of(s);
    if (strcmp(out->format, "text") == 0)
        bf_buf_str(text, s);
    else
        out->seconds = put_cues(s, strcmp(out->format, "vtt") == 0, times, text);
    if (text->failed)
        return bf_fail(err, BF_EDATA, "more than %zu bytes of text", text->max);
    out->text = bf_arena_strdup(a, text->data ? text->data : "");
    if (!out->text)
        return bf_fail_memory(err, "a text");
    out->n_words = count_words(out->text);
    return out->n_words ? BF_OK : bf_fail(err, BF_EDATA, "the text holds no words");
}

int bf_cues_read(const uint8_t *bytes, size_t n, bool times, size_t max, struct bf_cues *out,
                 struct bf_arena *a, struct bf_err *err)
{
    struct bf_buf lines = { .max = max }, text = { .max = max };
    struct bf_cues got = { 0 };
    int rc = to_lines(bytes, n, &lines, &got.foreign, err);
    if (rc == BF_OK)
        rc = read_lines(&lines, times, &got, &text, a, err);
    bf_buf_done(&lines);
    bf_buf_done(&text);
    if (rc == BF_OK)
        *out = got;
    return rc;
}
