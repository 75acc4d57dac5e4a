/* A whole benchmark: written beside, then put in place at once. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <dirent.h>

#include "core/file.h"
#include "core/ops.h"
#include "core/release.h"
#include "emit/card.h"
#include "emit/manifest.h"
#include "emit/media.h"

/* Where things stand while a benchmark is written. */
struct places {
    const char *dir;  /* the benchmark */
    const char *part; /* the one being written */
    const char *old;  /* the one being replaced, for an instant */
    const char *above;
};

static void close_dir(DIR **d)
{
    if (*d)
        closedir(*d);
}

/* Whether a folder may be removed: it has a manifest of ours, as every benchmark does, or nothing.
 * Other programs write files of that name too. */
static bool is_ours(const char *dir, struct bf_arena *a)
{
    const char *manifest = bf_path_join(a, dir, "manifest.json");
    if (!manifest || bf_manifest_is_ours(manifest))
        return manifest != NULL;
    BF_AUTO(close_dir) DIR *d = opendir(dir);
    if (!d)
        return false;
    for (const struct dirent *e = readdir(d); e; e = readdir(d))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            return false;
    return true;
}

static int move(const char *from, const char *to, struct bf_err *err)
{
    if (rename(from, to) != 0)
        return bf_fail(err, BF_EIO, "cannot rename '%s' to '%s': %s", from, to, strerror(errno));
    return BF_OK;
}

static int find_places(const char *dir, struct places *p, struct bf_arena *a, struct bf_err *err)
{
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    p->dir = bf_arena_strndup(a, dir, n);
    p->part = p->dir ? bf_arena_printf(a, "%s.part", p->dir) : NULL;
    p->old = p->dir ? bf_arena_printf(a, "%s.old", p->dir) : NULL;
    p->above = p->dir ? bf_path_dir(a, p->dir) : NULL;
    return p->part && p->old && p->above ? BF_OK : bf_fail_memory(err, "a path");
}

static int check_free(const struct places *p, int code, struct bf_arena *a, struct bf_err *err)
{
    const char *const kept[] = { p->dir, p->old };
    for (int i = 0; i < 2; i++)
        if (bf_file_exists(kept[i]) && !is_ours(kept[i], a))
            return bf_fail(err, code,
                           "'%s' is in the way and no benchmark of ours: move it elsewhere",
                           kept[i]);
    return BF_OK;
}

/* By way of `part`, which is ours without a look: killed on the way, the rest of a benchmark has
 * lost the manifest it was known by. */
static int remove_old(const struct places *p, struct bf_err *err)
{
    BF_TRY(bf_dir_remove(p->part, err));
    if (!bf_file_exists(p->old))
        return BF_OK;
    BF_TRY(move(p->old, p->part, err));
    return bf_dir_remove(p->part, err);
}

/* Undo what a killed run left, and make room. */
static int prepare(const struct places *p, struct bf_arena *a, struct bf_err *err)
{
    BF_TRY(check_free(p, BF_EIO, a, err));
    if (!bf_file_exists(p->dir) && bf_file_exists(p->old))
        BF_TRY(move(p->old, p->dir, err)); /* killed between the two renames */
    BF_TRY(remove_old(p, err));
    return bf_dir_make(p->part, err);
}

static int write_all(const struct bf_release *r, const char *part, struct bf_err *err)
{
    BF_TRY(bf_emit_media(r, part, err));
    for (int i = 0; i < r->spec->emit.n_formats; i++)
        BF_TRY(r->spec->emit.formats[i]->emit(r, part, err));
    BF_TRY(bf_emit_card(r, part, err));
    BF_TRY(bf_emit_manifest(r, part, err));
    return bf_dir_sync(part, err);
}

static int put_in_place(const struct places *p, struct bf_err *err)
{
    const bool replaces = bf_file_exists(p->dir);
    if (replaces)
        BF_TRY(move(p->dir, p->old, err));
    const int rc = move(p->part, p->dir, err);
    if (rc != BF_OK && replaces)
        (void)rename(p->old, p->dir); /* prepare() does it next time if this fails too */
    if (rc != BF_OK)
        return rc;
    BF_TRY(bf_dir_sync(p->above, err));
    return replaces ? remove_old(p, err) : BF_OK;
}

int bf_emit_check(const char *dir, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct places p;
    int rc = find_places(dir, &p, &a, err);
    if (rc == BF_OK)
        rc = check_free(&p, BF_EINVAL, &a, err);
    bf_arena_reset(&a);
    return rc;
}

int bf_emit(const struct bf_release *release, const char *dir, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct places p;
    int rc = find_places(dir, &p, &a, err);
    if (rc == BF_OK)
        rc = prepare(&p, &a, err);
    if (rc == BF_OK) {
        rc = write_all(release, p.part, err);
        if (rc == BF_OK)
            rc = put_in_place(&p, err);
        if (rc != BF_OK)
            (void)bf_dir_remove(p.part, NULL); /* the failure that matters is recorded */
    }
    bf_arena_reset(&a);
    return rc;
}
