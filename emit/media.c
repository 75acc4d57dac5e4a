/* Media of the benchmark: original bytes under names that say nothing. */
#include "emit/media.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "emit/out.h"

/* A clip and its sound share a file, and must share its name: the ending comes from the first
 * modality that the file was read as. */
static const char *ending(const struct bf_spec *spec, const struct bf_file *f)
{
    for (int m = 0; m < spec->n_modalities; m++)
        if (f->readings[m] && f->readings[m]->info.ext[0])
            return f->readings[m]->info.ext;
    return "bin";
}

const char *bf_emit_media_name(const struct bf_spec *spec, const struct bf_file *file, int modality,
                               struct bf_arena *a)
{
    (void)modality; /* see ending() */
    char key[48], hex[BF_SHA_HEX];
    uint8_t mac[BF_SHA_BYTES];
    const int n = snprintf(key, sizeof key, "blindfold media %llu", (unsigned long long)spec->seed);

    bf_hmac_sha256(key, (size_t)n, file->sha, sizeof file->sha, mac);
    bf_hex(mac, 16, hex);
    return bf_arena_printf(a, "media/%s.%s", hex, ending(spec, file));
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* Copy `f` to the open `o`. */
static int copy_bytes(const struct bf_file *f, struct bf_out *o, struct bf_err *err)
{
    char chunk[1 << 16];
    BF_AUTO(close_fd) int fd = open(f->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return bf_fail(err, BF_EIO, "cannot open '%s': %s", f->rel_path, strerror(errno));
    for (;;) {
        const ssize_t k = read(fd, chunk, sizeof chunk);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return bf_fail(err, BF_EIO, "cannot read '%s': %s", f->rel_path, strerror(errno));
        if (k == 0)
            return BF_OK;
        bf_buf_add(&o->buf, chunk, (size_t)k);
        BF_TRY(bf_out_flush(o, err));
    }
}

/* What was written must be what was probed. */
static int verify(const struct bf_file *f, const char *path, struct bf_err *err)
{
    uint8_t sha[BF_SHA_BYTES];
    BF_AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return bf_fail(err, BF_EIO, "cannot open '%s': %s", path, strerror(errno));
    if (bf_sha256_fd(fd, sha, err) != BF_OK)
        return bf_fail_in(err, BF_EIO, "'%s'", path);
    if (memcmp(sha, f->sha, sizeof sha) != 0)
        return bf_fail(err, BF_EIO, "'%s' has changed since it was read; run again", f->rel_path);
    return BF_OK;
}

static int copy(const struct bf_release *r, const struct bf_file *f, const char *dir,
                struct bf_arena *a, struct bf_err *err)
{
    struct bf_out o = { 0 };
    const char *name = bf_emit_media_name(r->spec, f, 0, a);
    if (!name)
        return bf_fail_memory(err, "a path");
    const char *path = bf_path_join(a, dir, name);
    if (!path)
        return bf_fail_memory(err, "a path");
    if (bf_file_exists(path))
        return BF_OK; /* the same content under two paths of the pool, or two parts */

    int rc = bf_out_open(&o, dir, name, a, err);
    if (rc == BF_OK)
        rc = copy_bytes(f, &o, err);
    if (rc == BF_OK)
        rc = bf_out_close(&o, err);
    bf_out_abandon(&o);
    return rc == BF_OK ? verify(f, path, err) : rc;
}

int bf_emit_media(const struct bf_release *r, const char *dir, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    const char *media = bf_path_join(&a, dir, "media");
    int rc = media ? bf_dir_make(media, err) : bf_fail_memory(err, "a path");

    for (uint32_t i = 0; rc == BF_OK && i < r->n_kept; i++) {
        const struct bf_sample *s = &r->pool->samples[r->kept[i]];
        struct bf_arena scratch = { 0 };
        for (int k = 0; rc == BF_OK && k < s->n_parts; k++)
            rc = copy(r, s->parts[k].file, dir, &scratch, err);
        bf_arena_reset(&scratch);
    }
    if (rc == BF_OK)
        rc = bf_dir_sync(media, err);
    bf_arena_reset(&a);
    return rc;
}
