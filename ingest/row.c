/* A pool's row -> a sample: names, words and media. */
#include "ingest/row.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/text.h"
#include "ingest/gold.h"

enum { MAX_ID = 256, MAX_PARTS = 64 };

struct row {
    const struct bf_spec *spec;
    const struct bf_pool_spec *source;
    const char *dir;
    const struct bf_json *top;
    struct bf_pool *pool;
    struct bf_arena *a; /* the pool's */
    struct bf_sample s;
    const char *paths[MAX_PARTS]; /* of each part, below `dir` */
    struct bf_part parts[MAX_PARTS];
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

/* "image, audio": the names of a set. */
static const char *names_of(const struct row *r, uint32_t set)
{
    const char *text = "";
    for (int i = 0; i < r->spec->n_modalities && text; i++)
        if (set & BF_BIT(i))
            text = bf_arena_printf(r->a, "%s%s%s", text, text[0] ? ", " : "",
                                   r->spec->modalities[i].name);
    return text ? text : "(no memory for their names)";
}

static int find_modality(const struct row *r, const char *name, int *out, struct bf_err *err)
{
    *out = bf_spec_modality(r->spec, name);
    if (*out >= 0)
        return BF_OK;
    const char *known[BF_MAX_MODALITIES + 1] = { NULL };
    for (int i = 0; i < r->spec->n_modalities; i++)
        known[i] = r->spec->modalities[i].name;
    const char *near = bf_text_near(name, known);
    const char *all = names_of(r, BF_BIT(r->spec->n_modalities) - 1);
    if (near)
        return bf_fail(err, BF_EDATA,
                       "modality '%.100s' is not declared; did you mean '%s'? "
                       "known: %s",
                       name, near, all);
    return bf_fail(err, BF_EDATA, "modality '%.100s' is not declared; known: %s", name, all);
}

static int add_part(struct row *r, const char *modality, const char *path, struct bf_err *err)
{
    int m, number = 1;
    BF_TRY(find_modality(r, modality, &m, err));
    if (r->s.n_parts == MAX_PARTS)
        return bf_fail(err, BF_EDATA, "shows over %d parts", (int)MAX_PARTS);
    for (int i = 0; i < r->s.n_parts; i++) {
        if (r->parts[i].modality != m)
            continue;
        if (r->paths[i] == path)
            return bf_fail(err, BF_EDATA, "modality '%s' stands twice for one file", modality);
        number++;
    }
    r->paths[r->s.n_parts] = path;
    r->parts[r->s.n_parts++] = (struct bf_part){ .modality = m, .number = number };
    r->s.has |= BF_BIT(m);
    return BF_OK;
}

static int check_path(struct row *r, const char *path, struct bf_err *err)
{
    if (!bf_path_is_below(path))
        return bf_fail(err, BF_EDATA,
                       "media path '%.200s' is no plain path below the pool's folder", path);
    struct bf_arena a = { 0 };
    const char *full = bf_path_join(&a, r->dir, path);
    struct stat st;
    int rc = BF_OK;
    if (!full)
        rc = bf_fail_memory(err, "a path");
    else if (stat(full, &st) != 0)
        rc = errno == ENOENT || errno == ENOTDIR
                 ? bf_fail(err, BF_EDATA, "media file '%.200s' is missing", path)
                 : bf_fail(err, BF_EDATA, "media file '%.200s': %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        rc = bf_fail(err, BF_EDATA, "media file '%.200s' is no regular file", path);
    else if (st.st_size == 0)
        rc = bf_fail(err, BF_EDATA, "media file '%.200s' is empty", path);
    else if ((unsigned long long)st.st_size > bf_default_limits.file_bytes)
        rc = bf_fail(err, BF_EDATA, "media file '%.200s' has %lld bytes; allowed: %zu", path,
                     (long long)st.st_size, bf_default_limits.file_bytes);
    bf_arena_reset(&a);
    return rc;
}

/* `{modality: image, path: x.png}`; "video+audio" is one file that carries both. */
static int read_media_item(struct row *r, const struct bf_json *v, struct bf_err *err)
{
    if (bf_json_kind(v) != BF_JSON_OBJECT)
        return bf_fail(err, BF_EDATA, "'%s' holds %s; allowed: objects with modality and path",
                       r->source->f_media, bf_json_kind_name(v));
    const char *modality = bf_json_string(bf_json_get(v, "modality"));
    const char *path = bf_json_string(bf_json_get(v, "path"));
    if (!modality || !path)
        return bf_fail(err, BF_EDATA, "media without a '%s'", modality ? "path" : "modality");
    path = bf_arena_strdup(r->a, path);
    if (!path)
        return bf_fail_memory(err, "a path");
    for (const char *s = modality;;) {
        size_t n = strcspn(s, "+");
        const char *one = bf_arena_strndup(r->a, s, n);
        if (!one)
            return bf_fail_memory(err, "a modality");
        BF_TRY(add_part(r, one, path, err));
        if (s[n] == '\0')
            break;
        s += n + 1;
    }
    return check_path(r, path, err);
}

static int read_media(struct row *r, struct bf_err *err)
{
    const struct bf_json *v = field(r->top, r->source->f_media), *item;
    struct bf_json_iter it = { 0 };
    if (v && bf_json_kind(v) == BF_JSON_OBJECT)
        BF_TRY(read_media_item(r, v, err));
    else if (v && bf_json_kind(v) != BF_JSON_ARRAY)
        return bf_fail(err, BF_EDATA,
                       "'%s' is %s; allowed: a list of objects with modality and "
                       "path",
                       r->source->f_media, bf_json_kind_name(v));
    else
        while (bf_json_each(v, &it, NULL, &item))
            BF_TRY(read_media_item(r, item, err));
    if (r->s.n_parts == 0)
        return bf_fail(err, BF_EDATA, "shows no media");

    int n = 0;
    for (uint32_t set = r->s.has; set; set &= set - 1)
        n++;
    if (n > BF_MAX_LATTICE)
        return bf_fail(err, BF_EDATA, "shows %d modalities; allowed: at most %d", n,
                       (int)BF_MAX_LATTICE);
    return BF_OK;
}

static int add_target(struct row *r, const struct bf_json *v, struct bf_err *err)
{
    const char *name = bf_json_string(v);
    int m;
    if (!name)
        return bf_fail(err, BF_EDATA, "'%s' is or holds %s; allowed: names of modalities",
                       r->source->f_target, bf_json_kind_name(v));
    BF_TRY(find_modality(r, name, &m, err));
    if (!(r->s.has & BF_BIT(m)))
        return bf_fail(err, BF_EDATA, "target '%s' is not among the media shown: %s", name,
                       names_of(r, r->s.has));
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
                           names_of(r, r->spec->target));
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
    const char *const taken[] = { p->f_id,     p->f_question, p->f_choices,
                                  p->f_answer, p->f_category, p->f_task,
                                  p->f_media,  p->f_target,   p->f_licence };
    struct bf_extra extras[BF_MAX_EXTRAS];
    struct bf_json_iter it = { 0 };
    const char *name;
    const struct bf_json *v;
    int n = 0;
    while (n < BF_MAX_EXTRAS && bf_json_each(r->top, &it, &name, &v)) {
        bool ours = !is_scalar(v);
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
    BF_TRY(read_media(r, err));
    BF_TRY(read_target(r, err));
    BF_TRY(read_extras(r, err));
    r->s.parts = bf_arena_memdup(r->a, r->parts, (size_t)r->s.n_parts * sizeof *r->parts);
    if (!r->s.parts)
        return bf_fail_memory(err, "a row");
    return bf_pool_add(r->pool, &r->s, err);
}

/* Only once the sample is in the pool: files of rows set aside are nobody's. */
static int find_files(struct row *r, struct bf_err *err)
{
    for (int i = 0; i < r->s.n_parts; i++) {
        const char *full = bf_path_join(r->a, r->dir, r->paths[i]);
        if (!full)
            return bf_fail_memory(err, "a path");
        BF_TRY(bf_pool_file(r->pool, full, r->paths[i], &r->s.parts[i].file, err));
    }
    return BF_OK;
}

int bf_row_read(const struct bf_spec *spec, const struct bf_pool_spec *source, const char *dir,
                const char *where, const struct bf_json *row, struct bf_pool *pool,
                struct bf_err *err)
{
    struct bf_err why;
    struct row r = {
        .spec = spec, .source = source, .dir = dir, .top = row, .pool = pool, .a = &pool->arena
    };
    r.s.origin = bf_arena_strdup(r.a, where);
    if (!r.s.origin)
        return bf_fail_memory(err, "a row");
    int rc = read_row(&r, &why);
    if (rc == BF_OK)
        return find_files(&r, err);
    if (rc == BF_EDATA)
        return bf_pool_set_aside(pool, where, r.s.id, why.msg, err);
    return bf_fail(err, rc, "%s", why.msg);
}
