/* Bytes in memory up to a limit, then in a file without a name. */
#include "core/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NONE UINT32_MAX

struct entry {
    char *bytes; /* NULL: not in memory */
    size_t n;
    bool filed; /* it is in the file, at `at` */
    uint64_t at;
    uint64_t turn;         /* in which it was handed out */
    uint32_t newer, older; /* neighbours among those in memory */
};

struct bf_keep {
    char *dir;
    size_t memory_limit, memory_used;
    uint64_t file_limit, file_used;
    int fd; /* -1: not made yet */
    uint64_t turn;
    uint32_t n, cap;
    struct entry *v;
    uint32_t newest, oldest;
};

int bf_keep_open(const char *dir, size_t memory_bytes, uint64_t file_bytes, struct bf_keep **out,
                 struct bf_err *err)
{
    struct bf_keep *k = calloc(1, sizeof *k);
    char *copy = strdup(dir);
    if (!k || !copy) {
        free(k);
        free(copy);
        return bf_fail_memory(err, "kept media");
    }
    *k = (struct bf_keep){ .dir = copy, .fd = -1, .turn = 1, .newest = NONE, .oldest = NONE };
    bf_keep_limit(k, memory_bytes, file_bytes);
    *out = k;
    return BF_OK;
}

void bf_keep_close(struct bf_keep *k)
{
    if (!k)
        return;
    for (uint32_t i = 0; i < k->n; i++)
        free(k->v[i].bytes);
    if (k->fd >= 0)
        close(k->fd);
    free(k->v);
    free(k->dir);
    free(k);
}

void bf_keep_limit(struct bf_keep *k, size_t memory_bytes, uint64_t file_bytes)
{
    k->memory_limit = memory_bytes;
    k->file_limit = file_bytes;
}

static void unlink_entry(struct bf_keep *k, uint32_t i)
{
    struct entry *e = &k->v[i];
    if (e->newer != NONE)
        k->v[e->newer].older = e->older;
    else
        k->newest = e->older;
    if (e->older != NONE)
        k->v[e->older].newer = e->newer;
    else
        k->oldest = e->newer;
    k->memory_used -= e->n;
}

static void link_newest(struct bf_keep *k, uint32_t i)
{
    struct entry *e = &k->v[i];
    e->newer = NONE;
    e->older = k->newest;
    if (k->newest != NONE)
        k->v[k->newest].newer = i;
    else
        k->oldest = i;
    k->newest = i;
    k->memory_used += e->n;
}

static bool file_open(struct bf_keep *k)
{
    if (k->fd >= 0)
        return true;
    const size_t size = strlen(k->dir) + sizeof "/blindfold-XXXXXX";
    char *path = malloc(size);
    if (!path)
        return false;
    snprintf(path, size, "%s/blindfold-XXXXXX", k->dir);
    k->fd = mkstemp(path);
    if (k->fd >= 0) {
        (void)unlink(path);                      /* at worst a file stays behind */
        (void)fcntl(k->fd, F_SETFD, FD_CLOEXEC); /* matters to programs started later only */
    }
    free(path);
    return k->fd >= 0;
}

/* Whether the entry is in the file now. */
static bool put_aside(struct bf_keep *k, struct entry *e)
{
    if (e->filed)
        return true;
    if (e->n > k->file_limit || k->file_used > k->file_limit - e->n || !file_open(k))
        return false;
    for (size_t at = 0; at < e->n;) {
        const ssize_t got = pwrite(k->fd, e->bytes + at, e->n - at, (off_t)(k->file_used + at));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false; /* the disk is full: made again when it is needed */
        at += (size_t)got;
    }
    e->filed = true;
    e->at = k->file_used;
    k->file_used += e->n;
    return true;
}

/* Keep to the limit, but neither let go of what is handed out nor of what just came. */
static void evict(struct bf_keep *k)
{
    for (uint32_t i = k->oldest; i != NONE && i != k->newest && k->memory_used > k->memory_limit;) {
        struct entry *e = &k->v[i];
        const uint32_t next = e->newer;
        if (e->turn != k->turn && (put_aside(k, e) || e->turn > 0)) {
            unlink_entry(k, i);
            free(e->bytes);
            e->bytes = NULL;
        }
        i = next;
    }
}

int bf_keep_add(struct bf_keep *k, char *bytes, size_t n, uint32_t *number_out, struct bf_err *err)
{
    if (k->n == k->cap) {
        const uint32_t cap = k->cap ? k->cap * 2 : 256;
        struct entry *v = realloc(k->v, cap * sizeof *v);
        if (!v) {
            free(bytes);
            return bf_fail_memory(err, "kept media");
        }
        k->v = v;
        k->cap = cap;
    }
    k->v[k->n] = (struct entry){ .bytes = bytes, .n = n };
    link_newest(k, k->n);
    *number_out = k->n++;
    evict(k);
    return BF_OK;
}

static int read_back(const struct bf_keep *k, struct entry *e, struct bf_err *err)
{
    char *bytes = malloc(e->n + 1);
    if (!bytes)
        return bf_fail_memory(err, "kept media");
    for (size_t at = 0; at < e->n;) {
        const ssize_t got = pread(k->fd, bytes + at, e->n - at, (off_t)(e->at + at));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            free(bytes);
            return bf_fail(err, BF_EIO, "cannot read kept media back from '%s': %s", k->dir,
                           got < 0 ? strerror(errno) : "they end early");
        }
        at += (size_t)got;
    }
    bytes[e->n] = '\0';
    e->bytes = bytes;
    return BF_OK;
}

int bf_keep_get(struct bf_keep *k, uint32_t number, const char **bytes_out, struct bf_err *err)
{
    struct entry *e = &k->v[number];
    if (e->bytes) {
        unlink_entry(k, number);
    } else if (e->filed) {
        BF_TRY(read_back(k, e, err));
    } else {
        return BF_END;
    }
    link_newest(k, number);
    e->turn = k->turn;
    evict(k);
    *bytes_out = e->bytes;
    return BF_OK;
}

bool bf_keep_has(const struct bf_keep *k, uint32_t number)
{
    return k->v[number].bytes || k->v[number].filed;
}

void bf_keep_turn(struct bf_keep *k)
{
    k->turn++;
}
