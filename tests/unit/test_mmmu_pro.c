/* The rule `mmmu_pro` against the replies and letters that its authors published: GPT-4o, 1,730
 * questions twice. Skipped where the shared data is absent. */
#include <ctype.h>

#include "core/file.h"
#include "core/json.h"
#include "core/media.h"
#include "probe/reading/rules.h"
#include "tests/test.h"

enum { N_ROWS = 1730, MAX_OPTIONS = 16 };

struct row {
    char id[64];
    int gold, stored;  /* place */
    int read;          /* place by our rule, -1 = the source drew at random */
    int n;             /* options */
    bool stored_right; /* as the file says */
};

static const char *const files[] = {
    "data/answers/mmmu-pro/gpt-4o_standard10_direct.jsonl",
    "data/answers/mmmu-pro/gpt-4o_vision_cot.jsonl",
};

static void put_utf8(char **out, unsigned long c)
{
    char *p = *out;
    if (c < 0x80) {
        *p++ = (char)c;
    } else if (c < 0x800) {
        *p++ = (char)(0xc0 | c >> 6);
        *p++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *p++ = (char)(0xe0 | c >> 12);
        *p++ = (char)(0x80 | (c >> 6 & 0x3f));
        *p++ = (char)(0x80 | (c & 0x3f));
    } else {
        *p++ = (char)(0xf0 | c >> 18);
        *p++ = (char)(0x80 | (c >> 12 & 0x3f));
        *p++ = (char)(0x80 | (c >> 6 & 0x3f));
        *p++ = (char)(0x80 | (c & 0x3f));
    }
    *out = p;
}

/* One escape of a Python string, after the backslash. */
static const char *unescape(const char *s, char **out)
{
    static const char names[] = "ntrabfv\\'\"", values[] = "\n\t\r\a\b\f\v\\'\"";
    const int n_hex = *s == 'x' ? 2 : *s == 'u' ? 4 : *s == 'U' ? 8 : 0;
    const char *name = *s ? strchr(names, *s) : NULL;
    if (n_hex) {
        char hex[9] = { 0 };
        memcpy(hex, s + 1, (size_t)n_hex);
        put_utf8(out, strtoul(hex, NULL, 16));
        return s + 1 + n_hex;
    }
    if (name) {
        *(*out)++ = values[name - names];
        return s + 1;
    }
    if (*s >= '0' && *s <= '7') {
        unsigned long c = 0;
        for (int i = 0; i < 3 && *s >= '0' && *s <= '7'; i++)
            c = c * 8 + (unsigned long)(*s++ - '0');
        put_utf8(out, c);
        return s;
    }
    *(*out)++ = '\\'; /* what Python does not know stays */
    return s;
}

/* ['a', "it's"], a list of strings as Python writes it: their number, or -1. `buf` holds their
 * bytes. */
static int python_list(const char *s, char *buf, const char **out)
{
    int n = 0;
    while (isspace((unsigned char)*s))
        s++;
    if (*s++ != '[')
        return -1;
    for (;;) {
        while (isspace((unsigned char)*s) || *s == ',')
            s++;
        if (*s == ']')
            return n;
        const char quote = *s++;
        if (quote == '[' && n < MAX_OPTIONS) { /* one row has a list as its only option */
            out[n++] = buf;
            while (*s && *s != ']')
                *buf++ = *s++;
            s += *s == ']';
            *buf++ = '\0';
            continue;
        }
        if ((quote != '\'' && quote != '"') || n == MAX_OPTIONS)
            return -1;
        out[n++] = buf;
        while (*s && *s != quote) {
            if (*s == '\\')
                s = unescape(s + 1, &buf);
            else
                *buf++ = *s++;
        }
        if (*s++ != quote)
            return -1;
        *buf++ = '\0';
    }
}

static const char *text_of(const struct bf_json *row, const char *key)
{
    const char *s = bf_json_string(bf_json_get(row, key));
    return s ? s : "";
}

/* One line of a file, read by the rule. */
static bool read_row(const char *line, size_t n, struct row *out)
{
    static const uint8_t order[MAX_OPTIONS] = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    };
    static char bytes[1 << 16];
    const char *options[MAX_OPTIONS];
    struct bf_json_doc *doc = NULL;
    if (bf_json_parse(line, n, &doc, NULL) != BF_OK)
        return false;
    const struct bf_json *row = bf_json_root(doc);
    /* a reply that is an object (an error of the server) counts as an empty one in the source */
    struct bf_answer a = { .text = text_of(row, "response") };
    const char *gold = text_of(row, "answer"), *stored = text_of(row, "pred_indexs");
    const char *list = text_of(row, "options");
    *out = (struct row){ .gold = *gold - 'A', .stored = *stored - 'A', .read = -1 };
    snprintf(out->id, sizeof out->id, "%s", text_of(row, "id"));
    out->stored_right = bf_json_is_true(bf_json_get(row, "if_right"));
    out->n = strlen(list) < sizeof bytes ? python_list(list, bytes, options) : -1;
    if (out->n > 0) {
        const struct bf_sample s = {
            .task = BF_CHOICE, .n_choices = out->n, .choices = options, .gold = out->gold
        };
        bf_rule_read(BF_RULE_MMMU_PRO, 0, &s, order, &a);
        out->read = a.choice;
        CHECK((a.cls == BF_UNPARSED) == (a.choice < 0));
        CHECK((a.cls == BF_RIGHT) == (a.choice == out->gold));
    }
    bf_json_free(&doc);
    return out->n > 0;
}

/* Rows read, or 0 when the file is not there. */
static int read_rows(const char *name, struct row *rows)
{
    struct bf_arena a = { 0 };
    char path[512], *text = NULL;
    size_t len = 0;
    int n = 0;
    if (test_shared(path, sizeof path, name) &&
        bf_file_read(path, 1 << 24, &text, &len, &a, NULL) == BF_OK) {
        for (char *s = text, *end = text + len; s < end && n < N_ROWS;) {
            char *nl = memchr(s, '\n', (size_t)(end - s));
            const size_t size = nl ? (size_t)(nl - s) : (size_t)(end - s);
            if (size)
                n += read_row(s, size, &rows[n]);
            s += size + 1;
        }
    }
    bf_arena_reset(&a);
    return n;
}

static struct row rows[2][N_ROWS];

static void the_stored_letters_where_the_rule_decides(void)
{
    /* facts that the authors' files hold, and the mean when an undecided row counts 1/k */
    static const struct {
        int right, undecided;
        double expected;
    } want[] = { { 694, 7, 40.22 }, { 866, 3, 50.08 } };
    for (int f = 0; f < 2; f++) {
        int differ = 0, right = 0, undecided = 0;
        double sum = 0;
        if (read_rows(files[f], rows[f]) == 0)
            TEST_SKIP("no recorded replies of MMMU-Pro in the shared data");
        CHECK_INT(read_rows(files[f], rows[f]), N_ROWS);
        for (int i = 0; i < N_ROWS; i++) {
            const struct row *r = &rows[f][i];
            differ += r->read >= 0 && r->read != r->stored;
            right += r->read >= 0 && r->read == r->gold;
            undecided += r->read < 0;
            sum += r->read < 0 ? 1. / r->n : r->read == r->gold;
            CHECK(r->stored_right == (r->stored == r->gold));
        }
        CHECK_INT(differ, 0);
        CHECK_INT(right, want[f].right);
        CHECK_INT(undecided, want[f].undecided);
        CHECK_INT((long)(1e4 * sum / N_ROWS + 0.5), (long)(1e2 * want[f].expected + 0.5));
    }
}

/* The published count compares letters as stored, some of which were drawn: where the rule does
 * not decide, the stored letter takes its place here, since no rule could find it again. */
static void the_same_letter_in_both_files(void)
{
    int same = 0, same_right = 0, decided = 0;
    if (rows[0][0].n == 0 || rows[1][0].n == 0)
        TEST_SKIP("no recorded replies of MMMU-Pro in the shared data");
    for (int i = 0; i < N_ROWS; i++) {
        const struct row *x = &rows[0][i], *y = &rows[1][i];
        const int a = x->read < 0 ? x->stored : x->read, b = y->read < 0 ? y->stored : y->read;
        CHECK_STR(x->id, y->id);
        same += a == b;
        same_right += a == b && a == x->gold;
        decided += x->read >= 0 && y->read >= 0;
    }
    CHECK_INT(same, 751);
    CHECK_INT(same_right, 494);
    CHECK(decided >= N_ROWS - 10);
}

TEST_MAIN(TEST(the_stored_letters_where_the_rule_decides), TEST(the_same_letter_in_both_files))
