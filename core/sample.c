/* The pool: samples, rows set aside, and the files they share. */
#include "core/sample.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/order.h"
#include "core/text.h"

/* Names to positions: open addressing, a power of two of slots, at most half of them used. The
 * names belong to whoever put them in. */
struct bf_name_map {
    uint32_t n, n_slots;
    struct {
        const char *name; /* NULL = free */
        uint32_t at;
    } slots[];
};

static size_t map_slot(const struct bf_name_map *m, const char *name)
{
    size_t i = (size_t)bf_hash64(name, strlen(name), 0);
    for (;; i++) {
        i &= m->n_slots - 1;
        if (!m->slots[i].name || strcmp(m->slots[i].name, name) == 0)
            return i;
    }
}

static bool map_get(const struct bf_name_map *m, const char *name, uint32_t *at_out)
{
    if (!m)
        return false;
    size_t i = map_slot(m, name);
    if (!m->slots[i].name)
        return false;
    *at_out = m->slots[i].at;
    return true;
}

/* Room for one more; false when out of memory. */
static bool map_reserve(struct bf_name_map **map)
{
    struct bf_name_map *old = *map;
    if (old && old->n < old->n_slots / 2)
        return true;
    if (old && old->n_slots > UINT32_MAX / 2)
        return false;
    uint32_t n_slots = old ? old->n_slots * 2 : 64;
    struct bf_name_map *m = calloc(1, sizeof *m + n_slots * sizeof m->slots[0]);
    if (!m)
        return false;
    m->n_slots = n_slots;
    for (uint32_t i = 0; old && i < old->n_slots; i++)
        if (old->slots[i].name)
            m->slots[map_slot(m, old->slots[i].name)] = old->slots[i];
    m->n = old ? old->n : 0;
    free(old);
    *map = m;
    return true;
}

/* Room must be there, and the name must not. */
static void map_put(struct bf_name_map *m, const char *name, uint32_t at)
{
    size_t i = map_slot(m, name);
    m->slots[i].name = name;
    m->slots[i].at = at;
    m->n++;
}

/* A malloc'ed array with room for one more, or NULL; `v` stays valid then. */
static void *grown(void *v, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap)
        return v;
    if (*cap > UINT32_MAX / 2 || *cap * 2 > SIZE_MAX / size)
        return NULL;
    uint32_t want = *cap ? *cap * 2 : 64;
    void *more = realloc(v, want * size);
    if (more)
        *cap = want;
    return more;
}

const char *bf_task_name(enum bf_task task)
{
    static const char *const names[BF_TASK_COUNT] = {
        [BF_CHOICE] = "choice", [BF_CHOICES] = "choices", [BF_YESNO] = "yesno",
        [BF_NUMBER] = "number", [BF_FREE_TEXT] = "text",
    };
    return names[task];
}

void bf_pool_complete(struct bf_pool *pool)
{
    free(pool->by_path);
    free(pool->by_id);
    pool->by_path = pool->by_id = NULL;
}

void bf_pool_done(struct bf_pool *pool)
{
    if (!pool)
        return;
    free(pool->samples);
    free(pool->set_aside);
    free(pool->files);
    bf_pool_complete(pool);
    bf_arena_reset(&pool->arena);
    memset(pool, 0, sizeof *pool);
}

int bf_pool_add(struct bf_pool *pool, const struct bf_sample *s, struct bf_err *err)
{
    uint32_t at;
    if (map_get(pool->by_id, s->id, &at))
        return bf_fail(err, BF_EDATA, "id '%s' stands already at %s", s->id,
                       pool->samples[at].origin);
    void *samples = grown(pool->samples, pool->n_samples, &pool->cap_samples, sizeof *s);
    if (!samples)
        return bf_fail_memory(err, "the pool's samples");
    pool->samples = samples;
    if (!map_reserve(&pool->by_id))
        return bf_fail_memory(err, "the pool's samples");

    struct bf_sample *copy = &pool->samples[pool->n_samples];
    *copy = *s;
    copy->index = pool->n_samples;
    copy->anchored = bf_order_anchored(copy);
    copy->anchored_known = true;
    map_put(pool->by_id, copy->id, pool->n_samples++);
    return BF_OK;
}

int bf_pool_set_aside(struct bf_pool *pool, const char *where, const char *id, const char *reason,
                      struct bf_err *err)
{
    void *rows =
        grown(pool->set_aside, pool->n_set_aside, &pool->cap_set_aside, sizeof *pool->set_aside);
    if (!rows)
        return bf_fail_memory(err, "rows set aside");
    pool->set_aside = rows;
    struct bf_set_aside row = {
        .where = bf_arena_strdup(&pool->arena, where),
        .id = bf_arena_strdup(&pool->arena, id),
        .reason = bf_arena_strdup(&pool->arena, reason),
    };
    if (!row.where || (id && !row.id) || !row.reason)
        return bf_fail_memory(err, "rows set aside");
    pool->set_aside[pool->n_set_aside++] = row;
    return BF_OK;
}

const char *bf_set_aside_status(const struct bf_set_aside *s)
{
    return s->damaged ? "damaged" : "unreadable";
}

/* The end of `path` that says the same as `end`, or a copy of that. */
static const char *tail_or_copy(const char *path, const char *end, struct bf_arena *a)
{
    const size_t n = strlen(path), n_end = strlen(end);
    return n_end <= n && strcmp(path + n - n_end, end) == 0 ? path + n - n_end
                                                            : bf_arena_strdup(a, end);
}

int bf_pool_file(struct bf_pool *pool, const char *path, const char *rel_path,
                 struct bf_file **file_out, struct bf_err *err)
{
    uint32_t at;
    if (map_get(pool->by_path, path, &at)) {
        *file_out = pool->files[at];
        return BF_OK;
    }
    void *files = grown(pool->files, pool->n_files, &pool->cap_files, sizeof *pool->files);
    if (!files)
        return bf_fail_memory(err, "the pool's files");
    pool->files = files;

    /* A row of as many readings as can be: millions of files are counted in bytes. */
    const size_t n_readings = pool->n_modalities ? (size_t)pool->n_modalities : BF_MAX_MODALITIES;
    struct bf_file *f =
        bf_arena_alloc(&pool->arena, 1,
                       offsetof(struct bf_file, readings) + n_readings * sizeof *f->readings);
    if (!f || !map_reserve(&pool->by_path))
        return bf_fail_memory(err, "the pool's files");
    char *shown = strdup(rel_path);
    if (shown)
        bf_text_plain(shown);
    f->path = bf_arena_strdup(&pool->arena, path);
    f->rel_path = f->path && shown ? tail_or_copy(f->path, shown, &pool->arena) : NULL;
    free(shown);
    if (!f->rel_path)
        return bf_fail_memory(err, "the pool's files");
    f->index = pool->n_files;
    pool->files[pool->n_files] = f;
    map_put(pool->by_path, f->path, pool->n_files++);
    *file_out = f;
    return BF_OK;
}

/* The gold answer without its words: "B", "A,C", "yes", or the value of number and text. */
static const char *gold_of(const struct bf_sample *s, struct bf_arena *a)
{
    if (s->task == BF_NUMBER || s->task == BF_FREE_TEXT)
        return s->gold_text;
    if (s->task == BF_YESNO)
        return s->choices[s->gold];
    char letters[2 * BF_MAX_CHOICES] = "";
    size_t n = 0;
    for (int i = 0; i < s->n_choices; i++) {
        if (!(s->gold_set & BF_BIT(i)))
            continue;
        if (n)
            letters[n++] = ',';
        letters[n++] = (char)('A' + i);
    }
    return bf_arena_strndup(a, letters, n);
}

static const char *target_of(const struct bf_sample *s, const char *const *modality_names,
                             struct bf_arena *a)
{
    struct bf_buf b = { 0 };
    for (int i = 0; i < BF_MAX_MODALITIES; i++) {
        if (!(s->target & BF_BIT(i)))
            continue;
        bf_buf_str(&b, b.len ? "+" : "");
        bf_buf_str(&b, modality_names[i]);
    }
    const char *names = b.failed ? NULL : bf_arena_strdup(a, b.data);
    bf_buf_done(&b);
    return names;
}

const char *bf_sample_field(const struct bf_sample *s, const char *name,
                            const char *const *modality_names, struct bf_arena *scratch)
{
    if (strcmp(name, "category") == 0)
        return s->category[0] ? s->category : NULL;
    if (strcmp(name, "licence") == 0)
        return s->licence[0] ? s->licence : NULL;
    if (strcmp(name, "task") == 0)
        return bf_task_name(s->task);
    if (strcmp(name, "answer") == 0)
        return gold_of(s, scratch);
    if (strcmp(name, "target") == 0)
        return target_of(s, modality_names, scratch);
    for (int i = 0; i < s->n_extras; i++)
        if (strcmp(s->extras[i].name, name) == 0)
            return s->extras[i].value;
    return NULL;
}
