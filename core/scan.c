/* The first look at a pool's files: each is hashed, and read in the same go unless its content was
 * read before, so that no byte of it is fetched twice. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/state.h"

struct scan {
    struct bf_state *st;
    struct bf_pool *pool;
    unsigned want;
    struct bf_seen *seen;
    struct bf_part *first; /* [pool->n_files] how each is read; file NULL: no sample shows it */
    uint32_t n_taken;
};

/* A descriptor of the file, or f->bad with the reason and BF_END. */
static int open_file(struct bf_file *f, struct bf_arena *a, int *fd_out, struct bf_err *err)
{
    struct bf_err why;
    struct stat st;
    const int fd = bf_file_open(f->path, f->rel_path, &why);
    if (fd < 0)
        f->bad = bf_arena_strdup(a, why.msg);
    else if (fstat(fd, &st) != 0)
        f->bad = "cannot find its size";
    else if (st.st_size == 0)
        f->bad = "the file is empty";
    else if ((unsigned long long)st.st_size > bf_default_limits.file_bytes)
        f->bad = bf_arena_printf(a, "the file has %lld bytes; allowed: %zu", (long long)st.st_size,
                                 bf_default_limits.file_bytes);
    else {
        *fd_out = fd;
        return BF_OK;
    }
    if (fd >= 0)
        close(fd);
    return f->bad ? BF_END : bf_fail_memory(err, "a message");
}

static int make_job(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err)
{
    struct scan *s = ctx;
    if (bf_run_stopped(s->st->options))
        return bf_fail(err, BF_EIO, "stopped while reading media");
    if (!s->first[i].file)
        return BF_END;
    *job = (struct bf_job){ .modality = s->first[i].modality, .want = s->want, .seen = s->seen };
    return open_file(s->pool->files[i], &s->pool->arena, &job->fd, err);
}

/* Of a file whose worker died before it could say. */
static int hash_here(struct scan *s, struct bf_file *f, struct bf_err *err)
{
    int fd = -1;
    struct bf_err why;
    int rc = open_file(f, &s->pool->arena, &fd, err);
    if (rc != BF_OK)
        return rc;
    if (bf_sha256_fd(fd, f->sha, &why) != BF_OK) {
        f->bad = bf_arena_strdup(&s->pool->arena, why.msg);
        rc = f->bad ? BF_END : bf_fail_memory(err, "a message");
    }
    close(fd);
    return rc;
}

static int take_result(void *ctx, uint32_t i, const struct bf_job_result *result,
                       struct bf_err *err)
{
    struct scan *s = ctx;
    const struct bf_run_options *o = s->st->options;
    struct bf_file *f = s->pool->files[i];
    const struct bf_reading_key key = { .part = &s->first[i] };
    int rc = BF_OK;
    if (result->got & BF_WANT_SHA)
        memcpy(f->sha, result->sha, BF_SHA_BYTES);
    else
        rc = hash_here(s, f, err);
    if (rc == BF_OK && (result->code != BF_OK || (result->got & BF_WANT_READING)))
        rc = bf_readings_put(s->st->readings, &key, result, err);
    s->n_taken++;
    if (o->progress)
        o->progress(o->ctx, "media", s->n_taken, s->pool->n_files);
    return rc < 0 ? rc : BF_OK;
}

/* Which part shows each file first. */
static int find_first(struct scan *s, struct bf_err *err)
{
    struct bf_pool *pool = s->pool;
    s->first = calloc((size_t)pool->n_files + 1, sizeof *s->first);
    if (!s->first)
        return bf_fail_memory(err, "the pool's files");
    for (uint32_t i = 0; i < pool->n_samples; i++)
        for (int k = 0; k < pool->samples[i].n_parts; k++) {
            const struct bf_part *part = &pool->samples[i].parts[k];
            if (!s->first[part->file->index].file)
                s->first[part->file->index] = *part;
        }
    return BF_OK;
}

struct known {
    uint32_t n, cap;
    uint8_t (*keys)[BF_SHA_BYTES];
};

static int add_known(void *ctx, const uint8_t key[BF_SHA_BYTES], struct bf_err *err)
{
    struct known *k = ctx;
    if (k->n == k->cap) {
        const uint32_t cap = k->cap ? k->cap * 2 : 1024;
        void *more = realloc(k->keys, (size_t)cap * BF_SHA_BYTES);
        if (!more)
            return bf_fail_memory(err, "the keys of readings");
        k->keys = more;
        k->cap = cap;
    }
    memcpy(k->keys[k->n++], key, BF_SHA_BYTES);
    return BF_OK;
}

/* What need not be read: what the ledger has, later on also what was begun. */
static int make_seen(struct scan *s, struct bf_err *err)
{
    struct known k = { 0 };
    struct bf_ledger *l = s->st->ledger;
    int rc = l ? bf_ledger_each_key(l, "reading", add_known, &k, err) : BF_OK;
    if (rc == BF_OK)
        rc = bf_seen_make(k.n + s->pool->n_files, &s->seen, err);
    for (uint32_t i = 0; rc == BF_OK && i < k.n; i++)
        (void)bf_seen_add(s->seen, k.keys[i]); /* what was there already is there */
    free(k.keys);
    return rc;
}

int bf_scan_files(struct bf_state *st, bool read, struct bf_err *err)
{
    struct scan s = { .st = st,
                      .pool = &st->pool,
                      .want = BF_WANT_SHA | (read ? BF_WANT_READING : 0u) };
    if (st->pool.n_files == 0)
        return BF_OK;
    int rc = find_first(&s, err);
    /* Workers that are there already could not see it. */
    if (rc == BF_OK && read && !st->workers)
        rc = make_seen(&s, err);
    if (rc == BF_OK && !st->workers)
        rc = bf_workers_open(st->n_threads, st->spec, &bf_default_limits, &st->workers, err);
    if (rc == BF_OK)
        rc = bf_workers_run(st->workers, st->pool.n_files, make_job, take_result, &s, err);
    rc = bf_readings_save(st->readings, rc, err);
    bf_seen_free(s.seen);
    free(s.first);
    return rc;
}
