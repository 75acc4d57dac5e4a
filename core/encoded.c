/* Media as servers take them: made once, kept, found again by what decides them. */
#include "core/encoded.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base64.h"
#include "core/file.h"
#include "core/keep.h"
#include "core/keymap.h"
#include "core/readings.h"

enum { ENCODER_VERSION = 2 }; /* of all that is sent of one and the same medium */

static const size_t memory_bytes = (size_t)48 << 20;
static const uint64_t file_bytes = (uint64_t)8 << 30;

/* How a part goes out. */
enum way {
    WAY_NOTHING,  /* its file goes out whole as another part */
    WAY_ORIGINAL, /* its own bytes */
    WAY_WHOLE,    /* its own bytes, since all that is in them is shown */
    WAY_MADE,     /* by a worker */
};

enum state { IDLE, QUEUED, MAKING, MADE, FAILED };

/* One file of an item among the item's bytes. */
struct piece {
    char mime[48];
    size_t at, n;
};

/* A part as it goes out, for all samples that show the same. */
struct item {
    enum state state;
    enum way way;
    const struct bf_sample *sample; /* the first that wanted it */
    const struct bf_part *part;
    const struct bf_replace *by;
    const char *reason; /* FAILED */
    uint32_t kept;      /* MADE: number of its bytes */
    int n_pieces;
    struct piece *pieces; /* [n_pieces], malloc'ed */
};

struct bf_encoder {
    const struct bf_spec *spec;
    const struct bf_pool *pool;
    struct bf_workers *workers; /* NULL when the pool has no media */
    struct bf_keep *keep;
    struct bf_base64 base64;
    struct bf_arena arena; /* reasons */
    struct bf_buf key;     /* the key being made */
    struct bf_keymap keys;
    uint32_t cap;
    struct item *items; /* [keys.n] */
    uint32_t head, tail, cap_queue;
    uint32_t *queue; /* [head .. tail): items for workers, in the order they were wanted */
    int cap_wanted;
    uint32_t *wanted; /* [cap_wanted]: items of the parts that are being got */
    /* what bf_encoder_get gave last */
    int n_parts, cap_parts, n_files, cap_files;
    struct bf_encoded_part *parts;
    struct bf_encoded *files;
};

static const char *original_mime(const struct bf_spec *spec, const struct bf_part *part, bool whole,
                                 const uint8_t *head, size_t n)
{
    const struct bf_modality_use *use = &spec->modalities[part->modality];
    const struct bf_reading *r = part->file->readings[part->modality];
    if (!use->base->original || !r)
        return NULL;
    return use->base->original(use->priv, &r->info, whole, head, n);
}

static bool is_carrier(const struct bf_spec *spec, const struct bf_part *part,
                       enum bf_carrier carrier)
{
    return spec->modalities[part->modality].base->carrier == carrier;
}

/* Whether a view shows the sound of this file, too, as it is. */
static bool shows_sound(const struct bf_spec *spec, const struct bf_sample *s,
                        const struct bf_view *v, const struct bf_file *file)
{
    struct bf_reading_key k;
    bool shown = false;
    for (int p = 0; p < s->n_parts; p++)
        shown |= bf_view_part(v, s, p, &k) && !k.by && k.part->file == file &&
                 is_carrier(spec, k.part, BF_WAVE);
    return shown;
}

static bool goes_whole(const struct bf_spec *spec, const struct bf_view *v,
                       const struct bf_reading_key *k)
{
    return !k->by && is_carrier(spec, k->part, BF_CLIP) &&
           !original_mime(spec, k->part, false, NULL, 0) &&
           original_mime(spec, k->part, true, NULL, 0) &&
           shows_sound(spec, k->sample, v, k->part->file);
}

/* How what stands in the place of a part goes out. */
static enum way way_of(const struct bf_spec *spec, const struct bf_view *v,
                       const struct bf_reading_key *k)
{
    if (k->by)
        return WAY_MADE;
    if (original_mime(spec, k->part, false, NULL, 0))
        return WAY_ORIGINAL;
    if (goes_whole(spec, v, k))
        return WAY_WHOLE;
    struct bf_reading_key clip;
    for (int p = 0; p < k->sample->n_parts && is_carrier(spec, k->part, BF_WAVE); p++)
        if (bf_view_part(v, k->sample, p, &clip) && clip.part->file == k->part->file &&
            goes_whole(spec, v, &clip))
            return WAY_NOTHING;
    return WAY_MADE;
}

static void print_part(const struct bf_spec *spec, const struct bf_pool *pool,
                       const struct bf_view *v, const struct bf_reading_key *k, struct bf_buf *out)
{
    bf_buf_printf(out, "shown v%d;way=%d;", ENCODER_VERSION, way_of(spec, v, k));
    bf_reading_print(spec, pool, k, true, out);
}

void bf_encoder_print(const struct bf_spec *spec, const struct bf_pool *pool,
                      const struct bf_sample *s, const struct bf_view *v, struct bf_buf *out)
{
    struct bf_reading_key k;
    for (int p = 0; p < s->n_parts; p++) {
        const struct bf_part *part = &s->parts[p];
        if (!bf_view_part(v, s, p, &k))
            continue;
        bf_buf_printf(out, "%s.%d=", spec->modalities[part->modality].name, part->number);
        print_part(spec, pool, v, &k, out);
    }
}

int bf_encoder_open(const struct bf_spec *spec, const struct bf_pool *pool, const char *spool_dir,
                    struct bf_workers **workers, int n_workers, struct bf_encoder **out,
                    struct bf_err *err)
{
    if (!*workers && pool->n_files)
        BF_TRY(bf_workers_open(n_workers, spec, &bf_default_limits, workers, err));
    struct bf_encoder *e = calloc(1, sizeof *e);
    if (!e)
        return bf_fail_memory(err, "media");
    e->spec = spec;
    e->pool = pool;
    e->workers = *workers;
    bf_base64_init(&e->base64);
    const int rc = bf_keep_open(spool_dir, memory_bytes, file_bytes, &e->keep, err);
    if (rc == BF_OK)
        *out = e;
    else
        free(e);
    return rc;
}

void bf_encoder_close(struct bf_encoder *e)
{
    if (!e)
        return;
    if (e->workers)
        bf_workers_forget(e->workers, e);
    for (uint32_t i = 0; i < e->keys.n; i++)
        free(e->items[i].pieces);
    bf_keep_close(e->keep);
    bf_keymap_done(&e->keys);
    bf_arena_reset(&e->arena);
    bf_buf_done(&e->key);
    free(e->items);
    free(e->queue);
    free(e->wanted);
    free(e->parts);
    free(e->files);
    free(e);
}

void bf_encoder_limit(struct bf_encoder *e, size_t memory, uint64_t file)
{
    bf_keep_limit(e->keep, memory, file);
}

/* The item of a part, added when it is new. */
static int item_of(struct bf_encoder *e, const struct bf_view *v, const struct bf_reading_key *k,
                   uint32_t *out, struct bf_err *err)
{
    uint8_t key[BF_SHA_BYTES];
    e->key.len = 0;
    e->key.failed = false;
    print_part(e->spec, e->pool, v, k, &e->key);
    if (e->key.failed)
        return bf_fail_memory(err, "a key");
    bf_sha256(e->key.data, e->key.len, key);
    *out = bf_keymap_find(&e->keys, key);
    if (*out != BF_NO_KEY)
        return BF_OK;
    if (e->keys.n == e->cap) {
        const uint32_t cap = e->cap ? e->cap * 2 : 256;
        struct item *items = realloc(e->items, cap * sizeof *items);
        if (!items)
            return bf_fail_memory(err, "media");
        e->items = items;
        e->cap = cap;
    }
    e->items[e->keys.n] = (struct item){
        .way = way_of(e->spec, v, k), .sample = k->sample, .part = k->part, .by = k->by
    };
    *out = e->keys.n;
    return bf_keymap_add(&e->keys, key) == BF_OK ? BF_OK : bf_fail_memory(err, "media");
}

static int item_failed(struct bf_encoder *e, struct item *it, const char *reason,
                       struct bf_err *err)
{
    it->reason = bf_arena_strdup(&e->arena, reason);
    it->state = FAILED;
    return it->reason ? BF_OK : bf_fail_memory(err, "a message");
}

/* Texts go out as they are, all else in base64. */
static bool is_text(const char *mime)
{
    return strncmp(mime, "text/", 5) == 0;
}

/* Keep what was made of an item. */
static int item_made(struct bf_encoder *e, struct item *it, const struct bf_blob *blobs,
                     int n_blobs, struct bf_err *err)
{
    size_t n = 0;
    free(it->pieces);
    it->n_pieces = 0;
    it->pieces = calloc((size_t)n_blobs + 1, sizeof *it->pieces);
    for (int i = 0; it->pieces && i < n_blobs; i++) {
        struct piece *p = &it->pieces[i];
        snprintf(p->mime, sizeof p->mime, "%s", blobs[i].mime);
        p->at = n;
        p->n = is_text(p->mime) ? blobs[i].n : bf_base64_len(blobs[i].n);
        n += p->n;
    }
    char *bytes = it->pieces ? malloc(n + 1) : NULL;
    if (!bytes)
        return bf_fail_memory(err, "media");
    for (int i = 0; i < n_blobs; i++) {
        const struct piece *p = &it->pieces[i];
        if (!is_text(p->mime))
            bf_base64_encode(&e->base64, blobs[i].bytes, blobs[i].n, bytes + p->at);
        else if (p->n)
            memcpy(bytes + p->at, blobs[i].bytes, p->n);
    }
    bytes[n] = '\0';
    it->n_pieces = n_blobs;
    it->state = MADE;
    return bf_keep_add(e->keep, bytes, n, &it->kept, err);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* A pool file's bytes, malloc'ed, which must still be those that were read. BF_EDATA */
static int read_original(const struct bf_file *f, uint8_t **bytes_out, size_t *n_out,
                         struct bf_err *err)
{
    struct stat st;
    BF_AUTO(close_fd) int fd = bf_file_open(f->path, f->rel_path, err);
    if (fd < 0)
        return BF_EDATA;
    if (fstat(fd, &st) != 0)
        return bf_fail(err, BF_EDATA, "it cannot be sized: %s", strerror(errno));
    if ((unsigned long long)st.st_size > bf_default_limits.file_bytes)
        return bf_fail(err, BF_EDATA, "it changed since it was read");
    const size_t n = (size_t)st.st_size;
    uint8_t *bytes = malloc(n + 1);
    if (!bytes)
        return bf_fail_memory(err, "a media file");
    size_t at = 0;
    ssize_t got = 1;
    while (at < n && got > 0) {
        got = pread(fd, bytes + at, n - at, (off_t)at);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            at += (size_t)got;
    }
    uint8_t sha[BF_SHA_BYTES];
    bf_sha256(bytes, at, sha);
    if (memcmp(sha, f->sha, sizeof sha) != 0) {
        free(bytes);
        return bf_fail(err, BF_EDATA, "it changed since it was read");
    }
    *bytes_out = bytes;
    *n_out = n;
    return BF_OK;
}

static int take_original(struct bf_encoder *e, struct item *it, struct bf_err *err)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct bf_err why = { 0 };
    int rc = read_original(it->part->file, &bytes, &n, &why);
    if (rc == BF_EDATA)
        return item_failed(e, it, why.msg, err);
    if (rc != BF_OK)
        return bf_fail(err, rc, "%s", why.msg);
    const struct bf_blob blob = {
        .mime = original_mime(e->spec, it->part, it->way == WAY_WHOLE, bytes, n),
        .bytes = bytes,
        .n = n,
    };
    rc = blob.mime ? item_made(e, it, &blob, 1, err)
                   : item_failed(e, it, "its kind cannot be told", err);
    free(bytes);
    return rc;
}

static int take_result(void *ctx, uint32_t tag, const struct bf_job_result *result,
                       struct bf_err *err)
{
    struct bf_encoder *e = ctx;
    struct item *it = &e->items[tag];
    it->state = IDLE;
    if (result->code != BF_OK)
        return item_failed(e, it, result->reason, err);
    return item_made(e, it, result->shown.blobs, result->shown.n_blobs, err);
}

static int enqueue(struct bf_encoder *e, uint32_t i, struct bf_err *err)
{
    if (e->head == e->tail)
        e->head = e->tail = 0;
    if (e->tail == e->cap_queue) {
        const uint32_t cap = e->cap_queue ? e->cap_queue * 2 : 256;
        uint32_t *queue = realloc(e->queue, cap * sizeof *queue);
        if (!queue)
            return bf_fail_memory(err, "media");
        e->queue = queue;
        e->cap_queue = cap;
    }
    e->queue[e->tail++] = i;
    e->items[i].state = QUEUED;
    return BF_OK;
}

/* Hand the item that has waited longest to a worker; BF_END when none is free. */
static int submit_next(struct bf_encoder *e, struct bf_err *err)
{
    const uint32_t i = e->queue[e->head];
    struct item *it = &e->items[i];
    const struct bf_file *file = it->part->file;
    struct bf_job job = {
        .modality = it->part->modality,
        .by = it->by,
        .sha = file->sha,
        .want = BF_WANT_SHOWN,
    };
    struct bf_err why = { 0 };
    if (it->by)
        job.with = bf_apply_for(e->spec, e->pool, it->sample, it->part, it->by);
    job.fd = bf_file_open(file->path, file->rel_path, &why);
    int rc = BF_OK;
    if (job.fd < 0)
        rc = item_failed(e, it, why.msg, err);
    else
        rc = bf_workers_submit(e->workers, &job, take_result, e, i, err);
    if (rc == BF_END)
        close(job.fd);
    if (rc != BF_OK)
        return rc;
    if (it->state != FAILED)
        it->state = MAKING;
    e->head++;
    return BF_OK;
}

static int submit_all(struct bf_encoder *e, struct bf_err *err)
{
    int rc = BF_OK;
    while (rc == BF_OK && e->head < e->tail)
        rc = submit_next(e, err);
    return rc < 0 ? rc : BF_OK;
}

/* Have an item made by a worker unless that was begun, or it is there. */
static int begin(struct bf_encoder *e, uint32_t i, struct bf_err *err)
{
    struct item *it = &e->items[i];
    if (it->state == MADE && !bf_keep_has(e->keep, it->kept))
        it->state = IDLE; /* it was forgotten */
    return it->state == IDLE ? enqueue(e, i, err) : BF_OK;
}

int bf_encoder_want(struct bf_encoder *e, const struct bf_sample *s, const struct bf_view *v,
                    struct bf_err *err)
{
    struct bf_reading_key k;
    for (int p = 0; p < s->n_parts; p++) {
        uint32_t i;
        if (!bf_view_part(v, s, p, &k))
            continue;
        BF_TRY(item_of(e, v, &k, &i, err));
        if (e->items[i].way == WAY_MADE)
            BF_TRY(begin(e, i, err));
    }
    return submit_all(e, err);
}

/* Whether an item's bytes are there; BF_END when a worker has yet to make them. */
static int prepare(struct bf_encoder *e, uint32_t i, struct bf_err *err)
{
    struct item *it = &e->items[i];
    if (it->way == WAY_MADE)
        BF_TRY(begin(e, i, err));
    else if (it->state == IDLE || (it->state == MADE && !bf_keep_has(e->keep, it->kept)))
        BF_TRY(take_original(e, it, err));
    return it->state == MADE ? BF_OK : it->state == FAILED ? BF_EDATA : BF_END;
}

/* Room for one more part with `n_files`. */
static int grow_parts(struct bf_encoder *e, int n_files, struct bf_err *err)
{
    if (e->n_parts == e->cap_parts) {
        const int cap = e->cap_parts ? e->cap_parts * 2 : 16;
        struct bf_encoded_part *parts = realloc(e->parts, (size_t)cap * sizeof *parts);
        if (!parts)
            return bf_fail_memory(err, "media");
        e->parts = parts;
        e->cap_parts = cap;
    }
    if (e->n_files + n_files > e->cap_files) {
        const int cap = (e->n_files + n_files) * 2;
        struct bf_encoded *files = realloc(e->files, (size_t)cap * sizeof *files);
        if (!files)
            return bf_fail_memory(err, "media");
        e->files = files;
        e->cap_files = cap;
    }
    return BF_OK;
}

static int add_part(struct bf_encoder *e, const struct bf_part *part, uint32_t i,
                    struct bf_err *err)
{
    const char *bytes = NULL;
    const struct item *it = i == BF_NO_KEY ? NULL : &e->items[i];
    const int n_pieces = it ? it->n_pieces : 0;
    BF_TRY(grow_parts(e, n_pieces, err));
    if (it)
        BF_TRY(bf_keep_get(e->keep, it->kept, &bytes, err));
    e->parts[e->n_parts++] = (struct bf_encoded_part){ .part = part, .n_files = n_pieces };
    for (int k = 0; k < n_pieces; k++) {
        const struct piece *p = &it->pieces[k];
        e->files[e->n_files++] =
            (struct bf_encoded){ .mime = p->mime, .data = bytes + p->at, .n = p->n };
    }
    return BF_OK;
}

/* BF_EDATA with why the item of a part cannot be had. */
static int fail_of(const struct bf_encoder *e, const struct bf_part *part, uint32_t item,
                   struct bf_err *err)
{
    return bf_fail(err, BF_EDATA, "%s file '%s': %s", e->spec->modalities[part->modality].name,
                   part->file->rel_path, e->items[item].reason);
}

/* The item of each part shown, BF_NO_KEY for one that sends nothing; BF_END when some are yet to be
 * made, by when all have been begun. */
static int prepare_all(struct bf_encoder *e, const struct bf_sample *s, const struct bf_view *v,
                       uint32_t *items, struct bf_err *err)
{
    struct bf_reading_key k;
    int rc = BF_OK;
    for (int p = 0; p < s->n_parts; p++) {
        items[p] = BF_NO_KEY;
        if (!bf_view_part(v, s, p, &k) || way_of(e->spec, v, &k) == WAY_NOTHING)
            continue;
        BF_TRY(item_of(e, v, &k, &items[p], err));
        const int got = prepare(e, items[p], err);
        if (got == BF_EDATA)
            return fail_of(e, &s->parts[p], items[p], err);
        BF_TRY(got);
        rc = got == BF_END ? BF_END : rc;
    }
    BF_TRY(submit_all(e, err));
    /* What cannot be opened has failed by now, and no worker will wake anybody to say so. */
    for (int p = 0; p < s->n_parts; p++)
        if (items[p] != BF_NO_KEY && e->items[items[p]].state == FAILED)
            return fail_of(e, &s->parts[p], items[p], err);
    return rc;
}

int bf_encoder_get(struct bf_encoder *e, const struct bf_sample *s, const struct bf_view *v,
                   const struct bf_encoded_part **parts_out, int *n_out, struct bf_err *err)
{
    if (s->n_parts > e->cap_wanted) {
        uint32_t *wanted = realloc(e->wanted, (size_t)s->n_parts * sizeof *wanted);
        if (!wanted)
            return bf_fail_memory(err, "media");
        e->wanted = wanted;
        e->cap_wanted = s->n_parts;
    }
    struct bf_reading_key k;
    int rc = prepare_all(e, s, v, e->wanted, err);
    bf_keep_turn(e->keep);
    e->n_parts = e->n_files = 0;
    for (int p = 0; rc == BF_OK && p < s->n_parts; p++)
        if (bf_view_part(v, s, p, &k))
            rc = add_part(e, &s->parts[p], e->wanted[p], err);
    if (rc != BF_OK)
        return rc;
    for (int p = 0, at = 0; p < e->n_parts; at += e->parts[p++].n_files)
        e->parts[p].files = e->files + at;
    *parts_out = e->parts;
    *n_out = e->n_parts;
    return BF_OK;
}

int bf_encoder_fds(const struct bf_encoder *e, int *fds_out, int max)
{
    return e->workers ? bf_workers_fds(e->workers, fds_out, max) : 0;
}

int bf_encoder_woken(struct bf_encoder *e, struct bf_err *err)
{
    if (!e->workers)
        return BF_OK;
    BF_TRY(bf_workers_collect(e->workers, err));
    return submit_all(e, err);
}
