/* The worker's side: take a descriptor, decode it, write a flat result into shared memory. */
#include "core/work.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/readings.h"
#include "core/sheet.h"

enum {
    MAX_RESULT_BYTES = 1 << 30,
    MAX_BLOBS = 4096,
    KEEP_BYTES = 48 << 20, /* of a worker's memory, from one file to the next */
    ENOUGH = 64,           /* px; features and fingerprints look at no more */
};

static const size_t max_arena_bytes = (size_t)3 << 30;

/* A result: this, then `n_blobs` of struct flat_blob, then their bytes one after the other. */
struct flat_result {
    int32_t code;
    int32_t n_blobs;
    uint32_t got;
    uint8_t sha[BF_SHA_BYTES];
    char reason[1024];
    struct bf_reading reading;
    struct bf_features features;
};

struct flat_blob {
    char ext[16];
    char mime[48];
    uint64_t n;
};

/* What an operator made, described anew: the decoder's words are about its input. */
static void describe(const struct bf_media *m, struct bf_media_info *info)
{
    *info = (struct bf_media_info){ .carrier = m->carrier };
    switch (m->carrier) {
    case BF_RASTER:
        info->w = m->raster.w;
        info->h = m->raster.h;
        break;
    case BF_CLIP:
        info->w = m->clip.frames[0].w;
        info->h = m->clip.frames[0].h;
        info->n_frames = m->clip.n_frames;
        info->seconds = m->clip.seconds;
        info->rate_hz = m->clip.seconds > 0 ? m->clip.n_frames / m->clip.seconds : 0;
        break;
    case BF_WAVE:
        info->n_ch = m->wave.n_ch;
        info->rate_hz = m->wave.rate_hz;
        info->seconds = (double)m->wave.n / m->wave.rate_hz;
        break;
    case BF_TRACE:
        info->n_ch = m->trace.n_ch;
        info->rate_hz = m->trace.rate_hz;
        info->seconds = (double)m->trace.n / m->trace.rate_hz;
        break;
    case BF_TEXT:
    case BF_CARRIER_COUNT:
        break;
    }
}

static int check_unchanged(int fd, const uint8_t sha[BF_SHA_BYTES], struct bf_err *err)
{
    uint8_t now[BF_SHA_BYTES];
    BF_TRY(bf_sha256_fd(fd, now, err));
    if (memcmp(now, sha, BF_SHA_BYTES) != 0)
        return bf_fail(err, BF_EDATA, "it changed since it was read");
    return BF_OK;
}

/* A small picture, as the one thing shown. */
static int draw(const struct bf_modality *m, const struct bf_media *media, struct bf_shown *shown,
                struct bf_arena *a, struct bf_err *err)
{
    struct bf_raster r;
    if (!m->draw)
        return BF_OK;
    BF_TRY(m->draw(media, BF_TILE_W, BF_TILE_H, &r, a, err));
    const int32_t size[2] = { r.w, r.h };
    const size_t row = (size_t)r.w * 3;
    uint8_t *bytes = bf_arena_alloc(a, sizeof size + row * (size_t)r.h, 1);
    struct bf_blob *blob = bf_arena_alloc(a, 1, sizeof *blob);
    if (!bytes || !blob)
        return bf_fail_memory(err, "a small picture");
    memcpy(bytes, size, sizeof size);
    for (int y = 0; y < r.h; y++)
        memcpy(bytes + sizeof size + (size_t)y * row, r.px + y * r.stride, row);
    *blob = (struct bf_blob){
        .ext = "rgb", .mime = "", .bytes = bytes, .n = sizeof size + row * (size_t)r.h
    };
    *shown = (struct bf_shown){ .n_blobs = 1, .blobs = blob };
    return BF_OK;
}

/* Hash the file; BF_END when that is all there is to do, since its reading is known. */
static int hash(const struct bf_spec *spec, int fd, const struct bf_work_request *r,
                struct flat_result *flat, struct bf_err *err)
{
    uint8_t key[BF_SHA_BYTES];
    BF_TRY(bf_sha256_fd(fd, flat->sha, err));
    flat->got |= BF_WANT_SHA;
    if (!(r->want & ~(unsigned)BF_WANT_SHA))
        return BF_END;
    if (!r->seen)
        return BF_OK;
    BF_TRY(bf_reading_name(spec, r->modality, flat->sha, key, err));
    return bf_seen_add(r->seen, key) ? BF_END : BF_OK;
}

/* What an operator gets that need not see the file; false when it must. */
static bool stands_alone(const struct bf_replace *by, enum bf_carrier carrier,
                         const struct bf_apply *with, struct bf_media *out)
{
    const enum bf_looks_at looks = by->op->looks_at ? by->op->looks_at(by->priv) : BF_LOOKS_AT_ALL;
    *out = (struct bf_media){ .carrier = carrier };
    if (looks == BF_LOOKS_AT_SIZE && carrier == BF_RASTER && with->w > 0 && with->h > 0) {
        out->raster = (struct bf_raster){ .w = with->w, .h = with->h };
        return true;
    }
    return looks == BF_LOOKS_AT_NOTHING;
}

static int work(const struct bf_spec *spec, const struct bf_limits *limits, int fd,
                const struct bf_work_request *r, struct flat_result *flat, struct bf_shown *shown,
                struct bf_arena *a, struct bf_err *err)
{
    const struct bf_modality_use *use = &spec->modalities[r->modality];
    const struct bf_operator *op = r->by ? r->by->op : NULL;
    if (r->want & BF_WANT_SHA) {
        const int rc = hash(spec, fd, r, flat, err);
        if (rc != BF_OK)
            return rc == BF_END ? BF_OK : rc;
    }
    if (op && !op->apply)
        return BF_OK; /* dropped: there is nothing to read or to show */
    struct bf_media media;
    const bool alone = op && stands_alone(r->by, use->base->carrier, &r->with, &media);
    if (r->checked && !alone)
        BF_TRY(check_unchanged(fd, r->sha, err));
    if (!op && use->base->strip && r->want == BF_WANT_SHOWN) {
        const int rc = use->base->strip(use->priv, fd, limits, shown, a, err);
        if (rc != BF_END)
            return rc;
    }

    struct bf_limits how = *limits;
    if (!op && !(r->want & (BF_WANT_SHOWN | BF_WANT_DRAWN)))
        how.enough = ENOUGH;
    if (!alone)
        BF_TRY(use->base->decode(use->priv, fd, &how, &media, &flat->reading.info, a, err));
    if (op) {
        struct bf_apply with = r->with;
        struct bf_media made;
        BF_TRY(op->apply(r->by->priv, &media, &with, &made, a, err));
        media = made;
        describe(&media, &flat->reading.info);
    }
    if ((r->want & BF_WANT_READING) && use->base->both) {
        BF_TRY(use->base->both(&media, &flat->features, &flat->reading.fingerprint, a, err));
    } else if (r->want & BF_WANT_READING) {
        BF_TRY(use->base->features(&media, &flat->features, a, err));
        flat->reading.fingerprint = use->base->fingerprint(&media, a);
    }
    flat->got |= r->want & BF_WANT_READING;
    if (r->want & BF_WANT_DRAWN)
        return draw(use->base, &media, shown, a, err);
    if (r->want & BF_WANT_SHOWN)
        BF_TRY(use->base->present(use->priv, &media, shown, a, err));
    return BF_OK;
}

static bool write_at(int fd, const void *p, size_t n, uint64_t *at)
{
    const char *from = p;
    while (n > 0) {
        ssize_t k = pwrite(fd, from, n, (off_t)*at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        from += k;
        *at += (uint64_t)k;
        n -= (size_t)k;
    }
    return true;
}

/* The number of bytes written, 0 when the shared memory cannot hold them. */
static uint64_t write_result(const struct bf_work_memory *memory, uint32_t slot,
                             const struct flat_result *flat, const struct bf_shown *shown)
{
    _Static_assert(sizeof *flat <= BF_WORK_SLOT_BYTES, "a reading fits into a slot");
    uint64_t at = 0;
    if (flat->n_blobs == 0) {
        memcpy(memory->slots + (size_t)slot * BF_WORK_SLOT_BYTES, flat, sizeof *flat);
        return sizeof *flat;
    }
    (void)ftruncate(memory->file, 0); /* a failure leaves old bytes that nobody reads */
    if (!write_at(memory->file, flat, sizeof *flat, &at))
        return 0;
    for (int i = 0; i < flat->n_blobs; i++) {
        struct flat_blob b = { .n = shown->blobs[i].n };
        snprintf(b.ext, sizeof b.ext, "%s", shown->blobs[i].ext);
        snprintf(b.mime, sizeof b.mime, "%s", shown->blobs[i].mime);
        if (!write_at(memory->file, &b, sizeof b, &at))
            return 0;
    }
    for (int i = 0; i < flat->n_blobs; i++)
        if (!write_at(memory->file, shown->blobs[i].bytes, shown->blobs[i].n, &at))
            return 0;
    return at;
}

/* Of a file that cannot be read its name is left. */
static void fail(struct flat_result *flat)
{
    struct flat_result failed = { .code = BF_EDATA, .got = flat->got & BF_WANT_SHA };
    memcpy(failed.sha, flat->sha, sizeof failed.sha);
    *flat = failed;
}

static uint64_t serve_one(const struct bf_spec *spec, const struct bf_limits *limits, int fd,
                          const struct bf_work_request *r, const struct bf_work_memory *memory,
                          struct bf_arena *a)
{
    struct flat_result flat = { 0 };
    struct bf_shown shown = { 0 };
    struct bf_err err = { 0 };
    int rc = work(spec, limits, fd, r, &flat, &shown, a, &err);
    uint64_t n_all = sizeof flat;
    for (int i = 0; rc == BF_OK && i < shown.n_blobs; i++)
        n_all += sizeof(struct flat_blob) + shown.blobs[i].n;
    if (rc == BF_OK && (shown.n_blobs > MAX_BLOBS || n_all > MAX_RESULT_BYTES))
        rc = bf_fail(&err, BF_EDATA, "what a model would be shown has %llu bytes, limit %d",
                     (unsigned long long)n_all, MAX_RESULT_BYTES);
    if (rc == BF_OK)
        flat.n_blobs = shown.n_blobs;
    else
        /* Whatever went wrong concerns this file alone, memory included: another one will do. */
        fail(&flat);
    snprintf(flat.reason, sizeof flat.reason, "%s", err.msg);

    uint64_t n = write_result(memory, r->slot, &flat, &shown);
    if (n == 0) {
        fail(&flat);
        snprintf(flat.reason, sizeof flat.reason, "no shared memory for %llu bytes",
                 (unsigned long long)n_all);
        n = write_result(memory, r->slot, &flat, NULL);
    }
    return n;
}

/* One request with its descriptor; false when the other end is gone. */
static bool receive(int socket, struct bf_work_request *r, int *fd_out)
{
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec io = { .iov_base = r, .iov_len = sizeof *r };
    struct msghdr msg = {
        .msg_iov = &io,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    ssize_t n;
    do
        n = recvmsg(socket, &msg, MSG_WAITALL);
    while (n < 0 && errno == EINTR);
    const struct cmsghdr *c = n == (ssize_t)sizeof *r ? CMSG_FIRSTHDR(&msg) : NULL;
    if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
        return false;
    memcpy(fd_out, CMSG_DATA(c), sizeof *fd_out);
    return true;
}

_Noreturn void bf_work_serve(const struct bf_spec *spec, const struct bf_limits *limits, int socket,
                             const struct bf_work_memory *memory)
{
    struct bf_work_request r;
    struct bf_arena a = { .limit = max_arena_bytes };
    int fd;
    while (receive(socket, &r, &fd)) {
        /* Whoever waits for sockets alone is woken by the end of a worker that hangs. */
        alarm((unsigned)fmin(ceil(limits->wall_seconds), 1e6) + 1);
        struct bf_work_reply reply = { serve_one(spec, limits, fd, &r, memory, &a) };
        alarm(0);
        bf_arena_recycle(&a, KEEP_BYTES);
        close(fd);
        if (reply.n_bytes == 0 || write(socket, &reply, sizeof reply) != sizeof reply)
            _exit(1);
        r = (struct bf_work_request){ 0 };
    }
    _exit(0);
}

static bool read_all(int fd, char *p, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t k = pread(fd, p + at, n - at, (off_t)at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        at += (size_t)k;
    }
    return true;
}

static bool is_ended(const char *s, size_t n)
{
    return memchr(s, '\0', n) != NULL;
}

static bool reading_is_sound(const struct bf_reading *r, const struct bf_features *f)
{
    const struct bf_media_info *i = &r->info;
    bool sound = f->n >= 0 && f->n <= BF_MAX_FEATURES && is_ended(i->format, sizeof i->format) &&
                 is_ended(i->ext, sizeof i->ext) && is_ended(i->decoder, sizeof i->decoder) &&
                 is_ended(i->warning, sizeof i->warning) &&
                 (i->damaged == 0 || (i->damaged == 1 && *i->warning));
    for (int k = 0; sound && k < f->n; k++)
        sound = isfinite(f->v[k]);
    return sound;
}

int bf_work_read(const struct bf_work_memory *memory, uint32_t slot, uint64_t n_bytes,
                 struct bf_job_result *out, struct bf_arena *a, struct bf_err *err)
{
    static const char broken[] = "decoder broke: its result is not well formed";
    if (n_bytes < sizeof(struct flat_result) || n_bytes > MAX_RESULT_BYTES)
        return bf_fail(err, BF_EDATA, "%s", broken);
    char *p = bf_arena_alloc(a, (size_t)n_bytes, 1);
    if (!p)
        return bf_fail_memory(err, "a worker's result");
    if (n_bytes == sizeof(struct flat_result))
        memcpy(p, memory->slots + (size_t)slot * BF_WORK_SLOT_BYTES, (size_t)n_bytes);
    else if (!read_all(memory->file, p, (size_t)n_bytes))
        return bf_fail(err, BF_EDATA, "%s", broken);

    const struct flat_result *flat = (const void *)p;
    if ((flat->code != BF_OK && flat->code != BF_EDATA) || flat->n_blobs < 0 ||
        flat->n_blobs > MAX_BLOBS || !is_ended(flat->reason, sizeof flat->reason) ||
        !reading_is_sound(&flat->reading, &flat->features))
        return bf_fail(err, BF_EDATA, "%s", broken);
    const size_t n_blobs = (size_t)flat->n_blobs;
    size_t at = sizeof *flat + n_blobs * sizeof(struct flat_blob);
    if (at > n_bytes)
        return bf_fail(err, BF_EDATA, "%s", broken);

    const struct flat_blob *from = (const void *)(p + sizeof *flat);
    struct bf_blob *blobs = bf_arena_alloc(a, n_blobs + 1, sizeof *blobs);
    if (!blobs)
        return bf_fail_memory(err, "a worker's result");
    for (size_t i = 0; i < n_blobs; i++) {
        if (!is_ended(from[i].ext, sizeof from[i].ext) ||
            !is_ended(from[i].mime, sizeof from[i].mime) || from[i].n > n_bytes - at)
            return bf_fail(err, BF_EDATA, "%s", broken);
        blobs[i] = (struct bf_blob){ .ext = from[i].ext,
                                     .mime = from[i].mime,
                                     .bytes = (uint8_t *)p + at,
                                     .n = (size_t)from[i].n };
        at += blobs[i].n;
    }
    *out = (struct bf_job_result){
        .code = flat->code,
        .reason = flat->reason,
        .got = flat->got & (BF_WANT_SHA | BF_WANT_READING),
        .reading = flat->reading,
        .features = flat->features,
        .shown = { .n_blobs = flat->n_blobs, .blobs = blobs },
    };
    memcpy(out->sha, flat->sha, sizeof out->sha);
    return BF_OK;
}
