/* Specs in the making, for tests that read them. */
#ifndef BF_TESTS_SPEC_MAKER_H
#define BF_TESTS_SPEC_MAKER_H

#include <stdlib.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/spec.h"
#include "specs/draft.h"
#include "tests/test.h"

static struct bf_spec spec;
static struct bf_complaints complaints;
static struct bf_err err;
static char dir[64];

/* A folder with an empty pool and recorded answers. */
static inline void make_dir(void)
{
    struct bf_arena a = { 0 };
    snprintf(dir, sizeof dir, "/tmp/bf_spec.XXXXXX");
    CHECK(mkdtemp(dir) != NULL);
    CHECK_INT(bf_file_write(bf_path_join(&a, dir, "pool.jsonl"), "", 0, &err), BF_OK);
    CHECK_INT(bf_file_write(bf_path_join(&a, dir, "seen.jsonl"), "", 0, &err), BF_OK);
    bf_arena_reset(&a);
}

static inline int read_bytes(const char *text, size_t n)
{
    struct bf_arena a = { 0 };
    const char *path = bf_path_join(&a, dir, "spec.yaml");
    CHECK_INT(bf_file_write(path, text, n, &err), BF_OK);
    int rc = bf_spec_read(path, &spec, &complaints, &err);
    bf_arena_reset(&a);
    return rc;
}

/* The same without a file, for loops. */
static inline int parse_bytes(const char *text, size_t n)
{
    spec.path = spec.dir = dir;
    return bf_spec_parse(text, n, &spec, &complaints, &err);
}

static inline void done(void)
{
    bf_spec_done(&spec);
    CHECK_INT(bf_dir_remove(dir, &err), BF_OK);
}

#define HEAD "blindfold: 1\nname: s\npool: {path: pool.jsonl}\n"

/* `want` is "LINE:COL: text" for each complaint, with a newline after each; a text ending in "..."
 * is a beginning. */
static inline bool same_complaints(const char *want)
{
    const char *w = want;
    for (int i = 0; i < complaints.n; i++) {
        char got[1200];
        int n = snprintf(got, sizeof got, "%d:%d: %s", complaints.v[i].line, complaints.v[i].col,
                         complaints.v[i].text);
        size_t len = strcspn(w, "\n");
        bool open = len > 3 && strncmp(w + len - 3, "...", 3) == 0;
        if (strncmp(got, w, open ? len - 3 : len) != 0 || (!open && (size_t)n != len))
            return false;
        w += len + (w[len] == '\n');
    }
    return *w == '\0';
}

static inline void complain(const char *text, size_t n, const char *want)
{
    int rc = read_bytes(text, n);
    bool same = same_complaints(want);
    CHECK_INT(rc, BF_EINVAL);
    CHECK(same);
    if (!same) {
        printf("# for: %.60s\n", text);
        for (int i = 0; i < complaints.n; i++)
            printf("#   got %d:%d: %s\n", complaints.v[i].line, complaints.v[i].col,
                   complaints.v[i].text);
    }
    if (complaints.n) {
        CHECK_STR(err.msg, complaints.v[0].text);
        CHECK_INT(err.line, complaints.v[0].line);
        CHECK_INT(err.col, complaints.v[0].col);
    }
    bf_spec_done(&spec);
}

struct bad {
    const char *text, *want;
};

static inline void complain_of_each(const struct bad *bad, size_t n)
{
    make_dir();
    for (size_t i = 0; i < n; i++)
        complain(bad[i].text, strlen(bad[i].text), bad[i].want);
    done();
}

#endif
