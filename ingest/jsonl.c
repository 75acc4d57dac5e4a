/* Reader `jsonl`: one JSON object a line. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/text.h"
#include "ingest/row.h"

enum { MAX_LINE = 16 << 20 };

/* A file read line by line; a line longer than `line.max` is passed over, never held. */
struct lines {
    FILE *f;
    struct bf_buf line; /* without its end */
    uint64_t number;    /* 1-based */
    bool too_long;
    size_t at, n; /* what of `chunk` is still to be read */
    char chunk[1 << 16];
};

static void close_lines(struct lines *l)
{
    if (l->f)
        fclose(l->f);
    bf_buf_done(&l->line);
}

/* BF_OK, BF_END, BF_EIO, BF_ENOMEM. */
static int next_line(struct lines *l, const char *shown, struct bf_err *err)
{
    bool any = false;
    l->line.len = 0;
    l->line.failed = l->too_long = false;
    for (;;) {
        if (l->at == l->n) {
            l->n = fread(l->chunk, 1, sizeof l->chunk, l->f);
            l->at = 0;
            if (l->n == 0)
                break;
        }
        any = true;
        const char *start = l->chunk + l->at;
        const char *end = memchr(start, '\n', l->n - l->at);
        size_t k = end ? (size_t)(end - start) : l->n - l->at;
        l->too_long |= k > MAX_LINE - l->line.len;
        if (!l->too_long)
            bf_buf_add(&l->line, start, k);
        if (l->line.failed)
            return bf_fail_memory(err, "a line");
        l->at += k + (end != NULL);
        if (end)
            break;
    }
    if (ferror(l->f))
        return bf_fail(err, BF_EIO, "cannot read '%s': %s", shown, strerror(errno));
    l->number += any;
    return any ? BF_OK : BF_END;
}

static int read_line(const struct bf_spec *spec, const struct bf_pool_spec *source, const char *dir,
                     const struct lines *l, struct bf_pool *pool, struct bf_err *err)
{
    const char *text = l->line.len ? l->line.data : "";
    size_t n = l->line.len;
    if (l->number == 1 && n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        n -= 3;
    }
    if (!l->too_long && strspn(text, " \t\r") == n)
        return BF_OK;

    struct bf_arena a = { 0 };
    struct bf_err why;
    struct bf_json_doc *doc = NULL;
    const char *where =
        bf_arena_printf(&a, "%s:%llu", source->shown, (unsigned long long)l->number);
    int rc;
    if (!where)
        rc = bf_fail_memory(&why, "a row");
    else if (l->too_long)
        rc = bf_fail(&why, BF_EDATA, "the line is over %d MiB", MAX_LINE >> 20);
    else if (!bf_text_is_utf8(text, n))
        rc = bf_fail(&why, BF_EDATA, "the line is not UTF-8 text");
    else
        rc = bf_json_parse(text, n, &doc, &why);

    if (rc == BF_OK)
        rc = bf_row_read(spec, source, dir, where, bf_json_root(doc), pool, err);
    else if (rc == BF_EDATA)
        rc = bf_pool_set_aside(pool, where, NULL, why.msg, err);
    else
        rc = bf_fail(err, rc, "%s", why.msg);
    bf_json_free(&doc);
    bf_arena_reset(&a);
    return rc;
}

static int jsonl_read(const struct bf_spec *spec, const struct bf_pool_spec *source,
                      struct bf_pool *pool, struct bf_err *err)
{
    struct bf_err why;
    const int fd = bf_file_open(source->path, source->shown, &why);
    if (fd < 0)
        return bf_fail(err, BF_EINVAL, "%s", why.msg);
    BF_AUTO(close_lines) struct lines l = { .f = fdopen(fd, "rb"), .line = { .max = MAX_LINE } };
    if (!l.f) {
        close(fd);
        return bf_fail_memory(err, source->shown);
    }
    const char *dir = bf_path_dir(&pool->arena, source->path);
    if (!dir)
        return bf_fail_memory(err, "a path");
    for (;;) {
        int rc = next_line(&l, source->shown, err);
        if (rc != BF_OK)
            return rc == BF_END ? BF_OK : rc;
        BF_TRY(read_line(spec, source, dir, &l, pool, err));
    }
}

const struct bf_reader bf_reader_jsonl = {
    .op = {
        .name = "jsonl",
        .summary = "one JSON object a line: id, question, choices, answer, category, media",
        .source = "docs/pool.md#jsonl",
    },
    .read = jsonl_read,
};
