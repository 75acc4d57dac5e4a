/* One sample under every condition, as files that a person can open. */
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/marker.h"
#include "core/sheet.h"
#include "core/state.h"
#include "core/text.h"

enum { MAX_TILES = 400 }; /* what comes after them is not on the sheet */

struct showing {
    struct bf_state st;
    const char *out;
    uint32_t n_files;
    /* of the job being run */
    const struct bf_sample *sample;
    const struct bf_part *part;
    const struct bf_replace *by;
    const char *dir;
    unsigned want;
    struct bf_buf parts; /* parts.txt in the making */
    int n_tiles;
    struct bf_tile tiles[MAX_TILES]; /* the contact sheet in the making */
};

static int find_sample(const struct bf_pool *pool, const char *id, const struct bf_sample **out,
                       struct bf_err *err)
{
    const char *near = NULL;
    int best = 4;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        if (strcmp(pool->samples[i].id, id) == 0) {
            *out = &pool->samples[i];
            return BF_OK;
        }
        const int d = bf_text_distance(pool->samples[i].id, id, best - 1);
        if (d < best) {
            best = d;
            near = pool->samples[i].id;
        }
    }
    for (uint32_t i = 0; i < pool->n_set_aside; i++)
        if (pool->set_aside[i].id && strcmp(pool->set_aside[i].id, id) == 0)
            return bf_fail(err, BF_EINVAL, "sample '%s' was set aside: %s: %s", id,
                           pool->set_aside[i].where, pool->set_aside[i].reason);
    if (near)
        return bf_fail(err, BF_EINVAL, "no sample '%s' in the pool; did you mean '%s'?", id, near);
    return bf_fail(err, BF_EINVAL, "no sample '%s' in the pool of %u", id, pool->n_samples);
}

/* Whether what a sample is shown depends on the media of others. */
bool bf_needs_others(const struct bf_spec *spec)
{
    for (int c = 0; c < spec->n_conditions; c++)
        for (int r = 0; r < spec->conditions[c].n_replaces; r++) {
            const struct bf_operator *op = spec->conditions[c].replaces[r].op;
            if (op && (op->pool_mean || op->swaps))
                return true;
        }
    return false;
}

static int make_job(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err)
{
    (void)i;
    struct showing *w = ctx;
    *job = (struct bf_job){ .modality = w->part->modality, .by = w->by, .want = w->want };
    if (w->by)
        job->with = bf_apply_for(w->st.spec, &w->st.pool, w->sample, w->part, w->by);
    job->fd = bf_file_open(w->part->file->path, w->part->file->rel_path, err);
    return job->fd < 0 ? BF_EIO : BF_OK;
}

static int take_files(void *ctx, uint32_t i, const struct bf_job_result *result, struct bf_err *err)
{
    (void)i;
    struct showing *w = ctx;
    struct bf_arena a = { 0 };
    const char *modality = w->st.spec->modalities[w->part->modality].name;
    int rc = result->code == BF_OK ? BF_OK
                                   : bf_fail(err, BF_EDATA, "%s file '%s': %s", modality,
                                             w->part->file->rel_path, result->reason);
    for (int b = 0; rc == BF_OK && b < result->shown.n_blobs; b++) {
        const struct bf_blob *blob = &result->shown.blobs[b];
        char *path =
            result->shown.n_blobs == 1
                ? bf_arena_printf(&a, "%s/%s.%d.%s", w->dir, modality, w->part->number, blob->ext)
                : bf_arena_printf(&a, "%s/%s.%d.%02d.%s", w->dir, modality, w->part->number, b + 1,
                                  blob->ext);
        rc = path ? bf_file_write(path, blob->bytes, blob->n, err) : bf_fail_memory(err, "a path");
        w->n_files++;
    }
    bf_arena_reset(&a);
    return rc;
}

/* A worker is never trusted: its picture must be as large as it says, and no larger than asked. */
static int take_drawn(void *ctx, uint32_t i, const struct bf_job_result *result, struct bf_err *err)
{
    (void)i;
    struct showing *w = ctx;
    struct bf_raster *r = &w->tiles[w->n_tiles].picture;
    int32_t size[2] = { 0 };
    if (result->code != BF_OK || result->shown.n_blobs != 1)
        return BF_OK; /* that it cannot be read was said when its files were to be written */
    const struct bf_blob *blob = &result->shown.blobs[0];
    if (blob->n >= sizeof size)
        memcpy(size, blob->bytes, sizeof size);
    if (size[0] < 1 || size[0] > BF_TILE_W || size[1] < 1 || size[1] > BF_TILE_H ||
        blob->n != sizeof size + 3 * (size_t)size[0] * (size_t)size[1])
        return BF_OK;
    *r = (struct bf_raster){ .w = size[0], .h = size[1], .stride = 3 * (ptrdiff_t)size[0] };
    r->px = bf_arena_memdup(&w->st.arena, blob->bytes + sizeof size, blob->n - sizeof size);
    return r->px ? BF_OK : bf_fail_memory(err, "the contact sheet");
}

/* "image.1", "choice B: image.3". */
static const char *label(const struct showing *w, const struct bf_part *part, struct bf_arena *a)
{
    const char *modality = w->st.spec->modalities[part->modality].name;
    return part->choice ? bf_arena_printf(a, "choice %c: %s.%d", 'A' + part->choice - 1, modality,
                                          part->number)
                        : bf_arena_printf(a, "%s.%d", modality, part->number);
}

/* One tile for part `p` under a condition; not `shown`: it is left out. */
static int add_tile(struct showing *w, const struct bf_condition *c, int p, bool shown,
                    struct bf_err *err)
{
    const struct bf_part *own = &w->sample->parts[p];
    const struct bf_modality_use *use = &w->st.spec->modalities[own->modality];
    if (!use->base->draw || w->n_tiles == MAX_TILES)
        return BF_OK;
    w->tiles[w->n_tiles] = (struct bf_tile){
        .title = c->name,
        .part = label(w, own, &w->st.arena),
    };
    if (!w->tiles[w->n_tiles].part)
        return bf_fail_memory(err, "the contact sheet");
    if (shown) {
        w->want = BF_WANT_DRAWN;
        BF_TRY(bf_workers_run(w->st.workers, 1, make_job, take_drawn, w, err));
        w->want = BF_WANT_SHOWN;
    }
    w->n_tiles++;
    return BF_OK;
}

/* All conditions on one picture. */
static int write_sheet(struct showing *w, struct bf_err *err)
{
    const struct bf_modality *m = bf_modality_of(BF_RASTER);
    struct bf_arena a = { 0 };
    struct bf_media sheet = { .carrier = BF_RASTER };
    struct bf_shown shown = { 0 };
    void *priv = NULL;
    if (w->n_tiles == 0 || !m) {
        char *old = bf_path_join(&w->st.arena, w->out, "sheet.png");
        if (old)
            (void)unlink(old); /* another sample's would be taken for this one's */
        return old ? BF_OK : bf_fail_memory(err, "a path");
    }
    int rc = bf_sheet_draw(w->tiles, w->n_tiles, &sheet.raster, &a, err);
    rc = rc == BF_OK ? bf_op_init(&m->op, &priv, &a, err) : rc;
    rc = rc == BF_OK ? m->present(priv, &sheet, &shown, &a, err) : rc;
    if (rc == BF_OK) {
        char *path = bf_path_join(&a, w->out, "sheet.png");
        rc = path ? bf_file_write(path, shown.blobs[0].bytes, shown.blobs[0].n, err)
                  : bf_fail_memory(err, "a path");
        w->n_files++;
    }
    bf_arena_reset(&a);
    return rc;
}

/* "image.1  img/7.jpg  jpeg  640 x 480 px  stb_image": what was found in a file. */
static void describe(const struct showing *w, const struct bf_media_info *i, struct bf_buf *b)
{
    struct bf_arena a = { 0 };
    const char *name = label(w, w->part, &a);
    bf_buf_printf(b, "%s\t%s\t%s", name ? name : "", w->part->file->rel_path, i->format);
    bf_arena_reset(&a);
    if (i->w)
        bf_buf_printf(b, "\t%d x %d px", i->w, i->h);
    if (i->n_frames)
        bf_buf_printf(b, "\t%d frames", i->n_frames);
    if (i->n_ch)
        bf_buf_printf(b, "\t%d channel%s", i->n_ch, i->n_ch == 1 ? "" : "s");
    if (i->rate_hz > 0) {
        bf_buf_char(b, '\t');
        bf_buf_num(b, round(i->rate_hz * 1000) / 1000);
        bf_buf_str(b, " Hz");
    }
    if (i->seconds > 0) {
        bf_buf_char(b, '\t');
        bf_buf_num(b, round(i->seconds * 1000) / 1000);
        bf_buf_str(b, " s");
    }
    bf_buf_printf(b, "\tread by %s", i->decoder);
    if (*i->warning)
        bf_buf_printf(b, "%s\t%s", i->damaged ? "\tdamaged" : "", i->warning);
    bf_buf_char(b, '\n');
}

static int take_description(void *ctx, uint32_t i, const struct bf_job_result *result,
                            struct bf_err *err)
{
    (void)i;
    struct showing *w = ctx;
    if (result->code != BF_OK)
        return bf_fail(err, BF_EDATA, "%s file '%s': %s",
                       w->st.spec->modalities[w->part->modality].name, w->part->file->rel_path,
                       result->reason);
    describe(w, &result->reading.info, &w->parts);
    return BF_OK;
}

/* parts.txt: the sample's media as they were read. For people, never for models: it has names. */
static int write_parts(struct showing *w, struct bf_err *err)
{
    w->by = NULL;
    w->want = BF_WANT_READING;
    for (int p = 0; p < w->sample->n_parts; p++) {
        w->part = &w->sample->parts[p];
        BF_TRY(bf_workers_run(w->st.workers, 1, make_job, take_description, w, err));
    }
    w->want = BF_WANT_SHOWN;
    char *path = bf_path_join(&w->st.arena, w->out, "parts.txt");
    if (!path || w->parts.failed)
        return bf_fail_memory(err, "parts.txt");
    w->n_files++;
    return bf_file_write(path, w->parts.data ? w->parts.data : "", w->parts.len, err);
}

static int write_words(struct showing *w, const struct bf_view *v, struct bf_err *err)
{
    struct bf_buf b = { 0 };
    struct bf_arena a = { 0 };
    bf_buf_printf(&b, "%s\n", v->question);
    for (int c = 0; v->choices && c < w->sample->n_choices; c++) {
        bf_buf_printf(&b, "%c. ", 'A' + c);
        bf_choice_print(v, w->sample, c, &b);
        bf_buf_char(&b, '\n');
    }
    char *path = bf_path_join(&a, w->dir, "question.txt");
    int rc = path && !b.failed ? bf_file_write(path, b.data, b.len, err)
                               : bf_fail_memory(err, "the question");
    w->n_files++;
    bf_arena_reset(&a);
    bf_buf_done(&b);
    return rc;
}

/* Whether a file of this name is one that showing a sample makes: "image.1.png". */
static bool is_shown_name(const struct bf_spec *spec, const char *name)
{
    const size_t n = strcspn(name, ".");
    bool ours = strcmp(name, "question.txt") == 0;
    for (int m = 0; m < spec->n_modalities && !ours; m++) {
        const char *modality = spec->modalities[m].name;
        ours = strlen(modality) == n && strncmp(modality, name, n) == 0 && name[n] == '.' &&
               name[n + 1] >= '1' && name[n + 1] <= '9';
    }
    return ours;
}

static void close_dir(DIR **d)
{
    if (*d)
        closedir(*d);
}

/* What an earlier sample was shown as would be taken for this one's. Whatever else lies there
 * stays. */
static void forget_earlier(const struct showing *w)
{
    BF_AUTO(close_dir) DIR *d = opendir(w->dir);
    for (const struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
        if (is_shown_name(w->st.spec, e->d_name))
            (void)unlinkat(dirfd(d), e->d_name, 0); /* writing it anew says why it cannot be */
}

static int show_condition(struct showing *w, const struct bf_condition *c, struct bf_err *err)
{
    struct bf_view v;
    bf_view_of(c, w->sample, &v);
    w->dir = bf_path_join(&w->st.arena, w->out, c->name);
    if (!w->dir)
        return bf_fail_memory(err, "a path");
    forget_earlier(w);
    if (!v.asked) {
        (void)rmdir(w->dir); /* when it is empty now */
        return BF_OK;
    }
    BF_TRY(bf_dir_make(w->dir, err));
    BF_TRY(write_words(w, &v, err));
    for (int p = 0; p < w->sample->n_parts; p++) {
        struct bf_reading_key shown;
        const bool any = bf_view_part(&v, w->sample, p, &shown);
        w->part = shown.part;
        w->by = shown.by;
        if (any)
            BF_TRY(bf_workers_run(w->st.workers, 1, make_job, take_files, w, err));
        BF_TRY(add_tile(w, c, p, any, err));
    }
    return BF_OK;
}

static int show(struct showing *w, const char *id, struct bf_err *err)
{
    struct bf_state *st = &w->st;
    BF_TRY(bf_ingest_rows(st->spec, &st->pool, err));
    if (bf_needs_others(st->spec))
        BF_TRY(bf_ingest_media(st, err));
    /* Over all samples: those that say nothing about this one may have files of another. */
    BF_TRY(bf_conditions_expand(st->spec, &st->pool, &st->conditions, &st->arena, err));
    BF_TRY(find_sample(&st->pool, id, &w->sample, err));
    if (!st->workers)
        BF_TRY(bf_workers_open(1, st->spec, &bf_default_limits, &st->workers, err));
    BF_TRY(bf_dir_make(w->out, err));
    BF_TRY(write_parts(w, err));
    for (int c = 0; c < st->conditions.n; c++)
        BF_TRY(show_condition(w, &st->conditions.v[c], err));
    return write_sheet(w, err);
}

int bf_show(const struct bf_spec *spec, const char *id, const char *out, uint32_t *n_files_out,
            struct bf_err *err)
{
    const struct bf_run_options options = { 0 };
    struct showing w = { .st = { .spec = spec, .options = &options, .n_threads = 2 }, .out = out };
    const int rc = show(&w, id, err);
    *n_files_out = w.n_files;
    bf_buf_done(&w.parts);
    bf_workers_close(w.st.workers);
    bf_readings_close(w.st.readings);
    bf_pool_done(&w.st.pool);
    bf_arena_reset(&w.st.arena);
    return rc;
}
