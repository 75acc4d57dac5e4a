/* The manifest: every file of the benchmark with its size and SHA-256. */
#include "emit/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "emit/out.h"

/* How every manifest begins; what follows is the version. */
static const char head[] = "{\n  \"blindfold\": \"";

/* Paths relative to the benchmark's root. */
struct paths {
    struct bf_arena arena;
    size_t n, cap;
    const char **v;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static void close_dir(DIR **d)
{
    if (*d)
        closedir(*d);
}

static int add_path(struct paths *p, const char *path, struct bf_err *err)
{
    if (p->n == p->cap) {
        const size_t cap = p->cap ? 2 * p->cap : 256;
        const char **more = realloc(p->v, cap * sizeof *more);
        if (!more)
            return bf_fail_memory(err, "a manifest");
        p->v = more;
        p->cap = cap;
    }
    p->v[p->n++] = path;
    return BF_OK;
}

/* Files below `dir`/`below`, `depth` folders deep: the folder is ours, and formats nest little. */
static int list(struct paths *p, const char *dir, const char *below, int depth, struct bf_err *err)
{
    const char *full = bf_path_join(&p->arena, dir, below);
    if (!full)
        return bf_fail_memory(err, "a path");
    BF_AUTO(close_dir) DIR *d = opendir(full);
    if (!d)
        return bf_fail(err, BF_EIO, "cannot list '%s': %s", full, strerror(errno));
    for (const struct dirent *e = readdir(d); e; e = readdir(d)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        const char *path = strcmp(below, ".") == 0
                               ? bf_arena_strdup(&p->arena, e->d_name)
                               : bf_arena_printf(&p->arena, "%s/%s", below, e->d_name);
        const char *real = path ? bf_path_join(&p->arena, dir, path) : NULL;
        struct stat st;
        if (!real)
            return bf_fail_memory(err, "a path");
        if (lstat(real, &st) != 0)
            return bf_fail(err, BF_EIO, "cannot look at '%s': %s", real, strerror(errno));
        if (S_ISDIR(st.st_mode) && depth > 0)
            BF_TRY(list(p, dir, path, depth - 1, err));
        else if (S_ISREG(st.st_mode))
            BF_TRY(add_path(p, path, err));
    }
    return BF_OK;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int add_entry(struct bf_out *o, const char *dir, const char *path, bool first,
                     struct bf_err *err)
{
    struct bf_arena a = { 0 };
    uint8_t sha[BF_SHA_BYTES];
    char hex[BF_SHA_HEX];
    struct stat st;
    const char *full = bf_path_join(&a, dir, path);
    BF_AUTO(close_fd) int fd = full ? open(full, O_RDONLY | O_CLOEXEC) : -1;
    int rc = BF_OK;

    if (!full)
        rc = bf_fail_memory(err, "a path");
    else if (fd < 0 || fstat(fd, &st) != 0)
        rc = bf_fail(err, BF_EIO, "cannot open '%s': %s", full, strerror(errno));
    else if (bf_sha256_fd(fd, sha, err) != BF_OK)
        rc = bf_fail_in(err, BF_EIO, "'%s'", full);
    bf_arena_reset(&a);
    if (rc != BF_OK)
        return rc;
    bf_hex(sha, sizeof sha, hex);
    bf_buf_str(&o->buf, first ? "\n    {\"path\": " : ",\n    {\"path\": ");
    bf_buf_json(&o->buf, path);
    bf_buf_printf(&o->buf, ", \"bytes\": %lld, \"sha256\": \"%s\"}", (long long)st.st_size, hex);
    return bf_out_flush(o, err);
}

int bf_emit_manifest(const struct bf_release *r, const char *dir, struct bf_err *err)
{
    struct paths p = { .n = 0 };
    struct bf_out o = { 0 };

    int rc = list(&p, dir, ".", 4, err);
    if (rc == BF_OK)
        rc = bf_out_open(&o, dir, "manifest.json", &p.arena, err);
    if (rc == BF_OK) {
        if (p.n)
            qsort(p.v, p.n, sizeof *p.v, by_path);
        bf_buf_printf(&o.buf, "%s%s\",\n  \"name\": ", head, bf_version());
        bf_buf_json(&o.buf, r->spec->name);
        bf_buf_printf(&o.buf, ",\n  \"samples\": %u,\n  \"files\": [", r->n_kept);
        for (size_t i = 0; rc == BF_OK && i < p.n; i++)
            rc = add_entry(&o, dir, p.v[i], i == 0, err);
        bf_buf_str(&o.buf, "\n  ]\n}\n");
    }
    if (rc == BF_OK)
        rc = bf_out_close(&o, err);
    bf_out_abandon(&o);
    free(p.v);
    bf_arena_reset(&p.arena);
    return rc;
}

bool bf_manifest_is_ours(const char *path)
{
    char start[sizeof head - 1];
    BF_AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return fd >= 0 && read(fd, start, sizeof start) == (ssize_t)sizeof start &&
           memcmp(start, head, sizeof start) == 0;
}
