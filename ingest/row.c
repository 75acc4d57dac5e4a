/* A pool's row -> a sample: names, words and media. */
#include "ingest/row.h"

#include <string.h>

#include "core/file.h"
#include "ingest/gold.h"
#include "ingest/media.h"

enum { MAX_ID = 256 };

struct row {
    const struct bf_spec *spec;
    const struct bf_pool_spec *source;
    const char *dir;
    const struct bf_json *top;
    struct bf_pool *pool;
    struct bf_arena *a;   /* the pool's */
    struct bf_arena *tmp; /* of this row alone */
    struct bf_sample s;
    struct bf_row_media media;
};

/* A member that is there; null says the same as nothing. */
static const struct bf_json *field(const struct bf_json *object, const char *name)
{
    const struct bf_json *v = bf_json_get(object, name);
    return v && bf_json_kind(v) != BF_JSON_NULL ? v : NULL;
}

static bool is_scalar(const struct bf_json *v)
{
    enum bf_json_kind kind = bf_json_kind(v);
    return kind == BF_JSON_STRING || kind == BF_JSON_NUMBER || kind == BF_JSON_BOOL;
}

static int read_id(struct row *r, struct bf_err *err)
{
    const char *name = r->source->f_id;
    const struct bf_json *v = field(r->top, name);
    if (!v)
        return bf_fail(err, BF_EDATA, "'%s' is missing", name);
    enum bf_json_kind kind = bf_json_kind(v);
    if (kind != BF_JSON_STRING && kind != BF_JSON_NUMBER)
        return bf_fail(err, BF_EDATA, "'%s' is %s; allowed: text or a number", name,
                       bf_json_kind_name(v));
    const char *id = bf_json_scalar(v, r->a);
    if (!id)
        return bf_fail_memory(err, "an id");
    size_t n = strlen(id);
    if (n == 0)
        return bf_fail(err, BF_EDATA, "'%s' is empty", name);
    if (n > MAX_ID)
        return bf_fail(err, BF_EDATA, "'%s' is %zu bytes; allowed: %d", name, n, (int)MAX_ID);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)id[i] < 0x20 || id[i] == 0x7f)
            return bf_fail(err, BF_EDATA, "'%s' holds a control character", name);
    r->s.id = id;
    return BF_OK;
}

static int read_question(struct row *r, struct bf_err *err)
{
    const char *name = r->source->f_question;
    const struct bf_json *v = field(r->top, name);
    if (!v)
        return bf_fail(err, BF_EDATA, "'%s' is missing", name);
    if (bf_json_kind(v) != BF_JSON_STRING)
        return bf_fail(err, BF_EDATA, "'%s' is %s; allowed: text", name, bf_json_kind_name(v));
    r->s.question = bf_json_scalar(v, r->a);
    if (!r->s.question)
        return bf_fail_memory(err, "a question");
    if (r->s.question[strspn(r->s.question, " \t\r\n")] == '\0')
        return bf_fail(err, BF_EDATA, "'%s' is empty", name);
    return BF_OK;
}

/* Optional words; a list of them is joined by "; " where `lists` allows one. */
static int read_words(struct row *r, const char *name, bool lists, const char **out,
                      struct bf_err *err)
{
    const struct bf_json *v = field(r->top, name), *item;
    bool list = v && lists && bf_json_kind(v) == BF_JSON_ARRAY;
    struct bf_json_iter it = { 0 };
    *out = "";
    if (!v)
        return BF_OK;
    if (!list && !is_scalar(v))
        return bf_fail(err, BF_EDATA, "'%s' is %s; allowed: text%s", name, bf_json_kind_name(v),
                       lists ? " or a list of texts" : "");
    while (list && bf_json_each(v, &it, NULL, &item))
        if (!is_scalar(item))
            return bf_fail(err, BF_EDATA, "'%s' holds %s; allowed: text", name,
                           bf_json_kind_name(item));
    *out = bf_gold_join(v, "; ", r->a);
    return *out ? BF_OK : bf_fail_memory(err, "a row");
}

static int add_target(struct row *r, const struct bf_json *v, struct bf_err *err)
{
    const char *name = bf_json_string(v);
    int m;
    if (!name)
        return bf_fail(err, BF_EDATA, "'%s' is or holds %s; allowed: names of modalities",
                       r->source->f_target, bf_json_kind_name(v));
    BF_TRY(bf_row_modality(r->spec, name, &m, r->a, err));
    if (!(r->s.has & BF_BIT(m)))
        return bf_fail(err, BF_EDATA, "target '%s' is not among the media shown: %s", name,
                       bf_row_names(r->spec, r->s.has, r->a));
    r->s.target |= BF_BIT(m);
    return BF_OK;
}

/* The row's own target wins over the spec's. */
static int read_target(struct row *r, struct bf_err *err)
{
    const struct bf_json *v = field(r->top, r->source->f_target), *item;
    struct bf_json_iter it = { 0 };
    if (!v) {
        r->s.target = r->spec->target & r->s.has;
        if (!r->s.target)
            return bf_fail(err, BF_EDATA, "shows none of the targets %s",
                           bf_row_names(r->spec, r->spec->target, r->a));
        return BF_OK;
    }
    if (bf_json_kind(v) != BF_JSON_ARRAY)
        return add_target(r, v, err);
    while (bf_json_each(v, &it, NULL, &item))
        BF_TRY(add_target(r, item, err));
    if (!r->s.target)
        return bf_fail(err, BF_EDATA, "'%s' is an empty list", r->source->f_target);
    return BF_OK;
}

/* Fields without a meaning of their own; the first BF_MAX_EXTRAS of them. */
static int read_extras(struct row *r, struct bf_err *err)
{
    const struct bf_pool_spec *p = r->source;
    const char *const taken[] = { p->f_id,       p->f_question, p->f_choices, p->f_answer,
                                  p->f_category, p->f_task,     p->f_target,  p->f_licence };
    struct bf_extra extras[BF_MAX_EXTRAS];
    struct bf_json_iter it = { 0 };
    const char *name;
    const struct bf_json *v;
    int n = 0;
    while (n < BF_MAX_EXTRAS && bf_json_each(r->top, &it, &name, &v)) {
        bool ours = !is_scalar(v) || bf_row_media_is_field(&r->media, name);
        for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
            ours |= strcmp(taken[i], name) == 0;
        if (ours)
            continue;
        extras[n] = (struct bf_extra){ bf_arena_strdup(r->a, name), bf_json_scalar(v, r->a) };
        if (!extras[n].name || !extras[n].value)
            return bf_fail_memory(err, "a row");
        n++;
    }
    r->s.extras = bf_arena_memdup(r->a, extras, (size_t)n * sizeof *extras);
    r->s.n_extras = n;
    return r->s.extras ? BF_OK : bf_fail_memory(err, "a row");
}

static int read_row(struct row *r, struct bf_err *err)
{
    const struct bf_gold_fields fields = { r->source->f_choices, r->source->f_answer,
                                           r->source->f_task };
    if (bf_json_kind(r->top) != BF_JSON_OBJECT)
        return bf_fail(err, BF_EDATA, "the row is %s; allowed: an object",
                       bf_json_kind_name(r->top));
    BF_TRY(read_id(r, err));
    BF_TRY(read_question(r, err));
    BF_TRY(bf_gold_read(r->top, &fields, &r->s, r->a, err));
    BF_TRY(read_words(r, r->source->f_category, false, &r->s.category, err));
    BF_TRY(read_words(r, r->source->f_licence, true, &r->s.licence, err));
    BF_TRY(bf_row_media_read(&r->media, err));
    BF_TRY(read_target(r, err));
    BF_TRY(read_extras(r, err));
    return bf_pool_add(r->pool, &r->s, err);
}

/* Only once the sample is in the pool: files of rows set aside are nobody's. */
static int find_files(struct row *r, struct bf_err *err)
{
    for (int i = 0; i < r->s.n_parts; i++) {
        const char *full = bf_path_join(r->tmp, r->dir, r->media.paths[i]);
        if (!full)
            return bf_fail_memory(err, "a path");
        BF_TRY(bf_pool_file(r->pool, full, r->media.paths[i], &r->s.parts[i].file, err));
    }
    return BF_OK;
}

int bf_row_read(const struct bf_spec *spec, const struct bf_pool_spec *source, const char *dir,
                const char *where, const struct bf_json *row, struct bf_pool *pool,
                struct bf_err *err)
{
    struct bf_err why;
    struct bf_arena tmp = { 0 };
    struct row r = { .spec = spec,
                     .source = source,
                     .dir = dir,
                     .top = row,
                     .pool = pool,
                     .a = &pool->arena,
                     .tmp = &tmp };
    r.media = (struct bf_row_media){ .spec = spec,
                                     .source = source,
                                     .dir = dir,
                                     .row = row,
                                     .a = r.a,
                                     .tmp = &tmp,
                                     .s = &r.s };
    r.s.origin = bf_arena_strdup(r.a, where);
    int rc = r.s.origin ? read_row(&r, &why) : bf_fail_memory(&why, "a row");
    if (rc == BF_OK)
        rc = find_files(&r, err);
    else if (rc == BF_EDATA)
        rc = bf_pool_set_aside(pool, where, r.s.id, why.msg, err);
    else
        rc = bf_fail(err, rc, "%s", why.msg);
    bf_arena_reset(&tmp);
    return rc;
}
