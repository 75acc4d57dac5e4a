/* The media of one row: what its list, its fields and its choices show. */
#include "ingest/media.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/text.h"

/* A member that is there; null says the same as nothing. */
static const struct bf_json *field(const struct bf_json *object, const char *name)
{
    const struct bf_json *v = bf_json_get(object, name);
    return v && bf_json_kind(v) != BF_JSON_NULL ? v : NULL;
}

const char *bf_row_names(const struct bf_spec *spec, uint32_t set, struct bf_arena *a)
{
    const char *text = "";
    for (int i = 0; i < spec->n_modalities && text; i++)
        if (set & BF_BIT(i))
            text =
                bf_arena_printf(a, "%s%s%s", text, text[0] ? ", " : "", spec->modalities[i].name);
    return text ? text : "(no memory for their names)";
}

int bf_row_modality(const struct bf_spec *spec, const char *name, int *out, struct bf_arena *a,
                    struct bf_err *err)
{
    *out = bf_spec_modality(spec, name);
    if (*out >= 0)
        return BF_OK;
    const char *known[BF_MAX_MODALITIES + 1] = { NULL };
    for (int i = 0; i < spec->n_modalities; i++)
        known[i] = spec->modalities[i].name;
    const char *near = bf_text_near(name, known);
    const char *all = bf_row_names(spec, BF_BIT(spec->n_modalities) - 1, a);
    if (near)
        return bf_fail(err, BF_EDATA,
                       "modality '%.100s' is not declared; did you mean '%s'? "
                       "known: %s",
                       name, near, all);
    return bf_fail(err, BF_EDATA, "modality '%.100s' is not declared; known: %s", name, all);
}

/* `choice` is 1-based, 0 = of the row itself. */
static int add_part(struct bf_row_media *m, const char *modality, const char *path, int choice,
                    struct bf_err *err)
{
    int index, number = 1;
    BF_TRY(bf_row_modality(m->spec, modality, &index, m->a, err));
    if (m->s->n_parts == BF_MAX_PARTS)
        return bf_fail(err, BF_EDATA, "shows over %d parts", (int)BF_MAX_PARTS);
    for (int i = 0; i < m->s->n_parts; i++) {
        if (m->parts[i].modality != index)
            continue;
        if (m->paths[i] == path)
            return bf_fail(err, BF_EDATA, "modality '%s' stands twice for one file", modality);
        number++;
    }
    m->paths[m->s->n_parts] = path;
    m->parts[m->s->n_parts++] = (struct bf_part){
        .modality = index, .number = number, .choice = choice, .in_choice = choice > 0
    };
    m->s->has |= BF_BIT(index);
    return BF_OK;
}

static int check_path(struct bf_row_media *m, const char *path, struct bf_err *err)
{
    if (!bf_path_is_below(path))
        return bf_fail(err, BF_EDATA,
                       "media path '%.200s' is no plain path below the pool's folder", path);
    struct bf_arena a = { 0 };
    const char *full = bf_path_join(&a, m->dir, path);
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

/* One file of `modality`; "video+audio" is one that carries both. */
static int add_file(struct bf_row_media *m, const char *modality, const char *path, int choice,
                    struct bf_err *err)
{
    path = bf_arena_strdup(m->tmp, path);
    if (!path)
        return bf_fail_memory(err, "a path");
    for (const char *s = modality;;) {
        size_t n = strcspn(s, "+");
        const char *one = bf_arena_strndup(m->tmp, s, n);
        if (!one)
            return bf_fail_memory(err, "a modality");
        BF_TRY(add_part(m, one, path, choice, err));
        if (s[n] == '\0')
            break;
        s += n + 1;
    }
    return check_path(m, path, err);
}

/* A path, or a list of them. */
static int add_files(struct bf_row_media *m, const char *modality, const struct bf_json *v,
                     int choice, struct bf_err *err)
{
    const struct bf_json *item;
    struct bf_json_iter it = { 0 };
    const bool list = bf_json_kind(v) == BF_JSON_ARRAY;
    if (!list && !bf_json_string(v))
        return bf_fail(err, BF_EDATA, "'%.100s' is %s; allowed: a path, or a list of them",
                       modality, bf_json_kind_name(v));
    if (!list)
        return add_file(m, modality, bf_json_string(v), choice, err);
    while (bf_json_each(v, &it, NULL, &item)) {
        if (!bf_json_string(item))
            return bf_fail(err, BF_EDATA, "'%.100s' holds %s; allowed: paths", modality,
                           bf_json_kind_name(item));
        BF_TRY(add_file(m, modality, bf_json_string(item), choice, err));
    }
    return BF_OK;
}

/* `{modality: image, path: x.png}`, or `{image: x.png}`. */
static int read_item(struct bf_row_media *m, const struct bf_json *v, struct bf_err *err)
{
    struct bf_json_iter it = { 0 };
    const struct bf_json *path;
    const char *name;
    if (bf_json_kind(v) != BF_JSON_OBJECT)
        return bf_fail(err, BF_EDATA, "'%s' holds %s; allowed: objects with modality and path",
                       m->source->f_media, bf_json_kind_name(v));
    if (bf_json_count(v) && !bf_json_get(v, "modality") && !bf_json_get(v, "path")) {
        while (bf_json_each(v, &it, &name, &path))
            BF_TRY(add_files(m, name, path, 0, err));
        return BF_OK;
    }
    const char *modality = bf_json_string(bf_json_get(v, "modality"));
    path = bf_json_get(v, "path");
    if (!modality || !path || bf_json_kind(path) == BF_JSON_NULL)
        return bf_fail(err, BF_EDATA, "media without a '%s'", modality ? "path" : "modality");
    return add_files(m, modality, path, 0, err);
}

/* Name of the field for the files of a modality; a * in it stands for 1, 2, 3 ... NULL when the row
 * keeps something else there. */
static const char *field_of(const struct bf_pool_spec *p, const struct bf_spec *spec, int modality)
{
    const char *const taken[] = { p->f_id,       p->f_question, p->f_choices, p->f_answer,
                                  p->f_category, p->f_task,     p->f_target,  p->f_licence };
    const char *name =
        p->f_modality[modality] ? p->f_modality[modality] : spec->modalities[modality].name;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(taken[i], name) == 0)
            return NULL;
    return name;
}

/* What a name has in the place of the pattern's *, 3 of "image_3"; 0 = it does not fit. */
static int number_in(const char *pattern, const char *name)
{
    const size_t before = strcspn(pattern, "*");
    if (strncmp(pattern, name, before) != 0)
        return 0;
    const char *digits = name + before;
    const size_t n = strspn(digits, "0123456789");
    if (n == 0 || n > 3 || *digits == '0' || strcmp(digits + n, pattern + before + 1) != 0)
        return 0;
    return (int)strtol(digits, NULL, 10);
}

/* image_1, image_2 ...: as many as there are, and none left out before another. */
static int read_numbered(struct bf_row_media *m, const char *modality, const char *pattern,
                         struct bf_err *err)
{
    const struct bf_json *files[BF_MAX_PARTS + 1] = { NULL }, *v;
    const char *names[BF_MAX_PARTS + 1] = { NULL }, *name;
    struct bf_json_iter it = { 0 };
    int last = 0;
    while (bf_json_each(m->row, &it, &name, &v)) {
        const int k = number_in(pattern, name);
        if (k == 0 || bf_json_kind(v) == BF_JSON_NULL)
            continue;
        if (k > BF_MAX_PARTS)
            return bf_fail(err, BF_EDATA, "there is '%s'; allowed: up to %d", name,
                           (int)BF_MAX_PARTS);
        files[k] = v;
        names[k] = name;
        last = k > last ? k : last;
    }
    for (int k = 1; k <= last; k++) {
        if (!files[k])
            return bf_fail(err, BF_EDATA, "there is '%s', and none with %d", names[last], k);
        if (!bf_json_string(files[k]))
            return bf_fail(err, BF_EDATA, "'%s' is %s; allowed: a path", names[k],
                           bf_json_kind_name(files[k]));
        BF_TRY(add_file(m, modality, bf_json_string(files[k]), 0, err));
    }
    return BF_OK;
}

/* Without a list of media the fields of each modality are one. */
static int read_fields(struct bf_row_media *m, struct bf_err *err)
{
    for (int i = 0; i < m->spec->n_modalities; i++) {
        const char *modality = m->spec->modalities[i].name;
        const char *name = field_of(m->source, m->spec, i);
        const struct bf_json *v = name ? field(m->row, name) : NULL;
        if (name && strchr(name, '*'))
            BF_TRY(read_numbered(m, modality, name, err));
        else if (v)
            BF_TRY(add_files(m, modality, v, 0, err));
    }
    return BF_OK;
}

bool bf_row_media_is_field(const struct bf_row_media *m, const char *name)
{
    bool is = strcmp(name, m->source->f_media) == 0;
    if (field(m->row, m->source->f_media))
        return is;
    for (int i = 0; i < m->spec->n_modalities && !is; i++) {
        const char *f = field_of(m->source, m->spec, i);
        is = f && (strchr(f, '*') ? number_in(f, name) > 0 : strcmp(f, name) == 0);
    }
    return is;
}

static int read_list(struct bf_row_media *m, struct bf_err *err)
{
    const struct bf_json *v = field(m->row, m->source->f_media), *item;
    struct bf_json_iter it = { 0 };
    if (!v)
        return read_fields(m, err);
    if (bf_json_kind(v) == BF_JSON_OBJECT)
        return read_item(m, v, err);
    if (bf_json_kind(v) != BF_JSON_ARRAY)
        return bf_fail(err, BF_EDATA,
                       "'%s' is %s; allowed: a list of objects with modality and "
                       "path",
                       m->source->f_media, bf_json_kind_name(v));
    while (bf_json_each(v, &it, NULL, &item))
        BF_TRY(read_item(m, item, err));
    return BF_OK;
}

/* Behind the words of a choice, markers of its own media that are not in them. */
static int mark_choice(struct bf_row_media *m, int c, int first, struct bf_err *err)
{
    const char **words = &m->s->choices[c];
    for (int p = first; p < m->s->n_parts; p++) {
        const struct bf_part *part = &m->parts[p];
        const char *marker =
            bf_arena_printf(m->a, "<%s %d>", m->spec->modalities[part->modality].name,
                            part->number);
        if (marker && strstr(*words, marker))
            continue;
        *words =
            marker ? bf_arena_printf(m->a, "%s%s%s", *words, **words ? " " : "", marker) : NULL;
        if (!*words)
            return bf_fail_memory(err, "a choice");
    }
    return BF_OK;
}

/* Whether two choices are the same words with the same files. */
static bool same_choice(const struct bf_row_media *m, const struct bf_json *x,
                        const struct bf_json *y, int cx, int cy)
{
    const char *a = bf_json_string(bf_json_get(x, "text")),
               *b = bf_json_string(bf_json_get(y, "text"));
    int n[2] = { 0 };
    const char *paths[2][BF_MAX_PARTS];
    if (strcmp(a ? a : "", b ? b : "") != 0)
        return false;
    for (int p = 0; p < m->s->n_parts; p++)
        for (int k = 0; k < 2; k++)
            if (m->parts[p].choice == (k ? cy : cx) + 1)
                paths[k][n[k]++] = m->paths[p];
    bool same = n[0] == n[1];
    for (int i = 0; same && i < n[0]; i++)
        same = strcmp(paths[0][i], paths[1][i]) == 0;
    return same;
}

/* `{text: ..., image: a.png}`: words and media of one choice. */
static int read_choice(struct bf_row_media *m, const struct bf_json *v, int c, struct bf_err *err)
{
    const int first = m->s->n_parts;
    struct bf_json_iter it = { 0 };
    const struct bf_json *path;
    const char *name;
    while (bf_json_each(v, &it, &name, &path))
        if (strcmp(name, "text") != 0 && bf_json_kind(path) != BF_JSON_NULL) {
            const int rc = add_files(m, name, path, c + 1, err);
            char where[16];
            snprintf(where, sizeof where, "choice %c", 'A' + c);
            if (rc != BF_OK)
                return bf_fail_in(err, rc, "%s", where);
        }
    return mark_choice(m, c, first, err);
}

static int read_choices(struct bf_row_media *m, struct bf_err *err)
{
    const struct bf_json *list = field(m->row, m->source->f_choices);
    for (int c = 0; list && bf_json_kind(list) == BF_JSON_ARRAY && c < (int)bf_json_count(list);
         c++) {
        const struct bf_json *v = bf_json_at(list, (size_t)c);
        if (bf_json_kind(v) != BF_JSON_OBJECT)
            continue;
        if (m->s->task != BF_CHOICE && m->s->task != BF_CHOICES)
            return bf_fail(err, BF_EDATA, "task '%s' takes no media in its choices",
                           bf_task_name(m->s->task));
        BF_TRY(read_choice(m, v, c, err));
        for (int e = 0; e < c; e++)
            if (bf_json_kind(bf_json_at(list, (size_t)e)) == BF_JSON_OBJECT &&
                same_choice(m, bf_json_at(list, (size_t)e), v, e, c))
                return bf_fail(err, BF_EDATA, "choices %c and %c are the same", 'A' + e, 'A' + c);
    }
    return BF_OK;
}

int bf_row_media_read(struct bf_row_media *m, struct bf_err *err)
{
    BF_TRY(read_list(m, err));
    BF_TRY(read_choices(m, err));
    if (m->s->n_parts == 0)
        return bf_fail(err, BF_EDATA, "shows no media");

    int n = 0;
    for (uint32_t set = m->s->has; set; set &= set - 1)
        n++;
    if (n > BF_MAX_LATTICE)
        return bf_fail(err, BF_EDATA, "shows %d modalities; allowed: at most %d", n,
                       (int)BF_MAX_LATTICE);
    m->s->parts = bf_arena_memdup(m->a, m->parts, (size_t)m->s->n_parts * sizeof *m->parts);
    if (!m->s->parts)
        return bf_fail_memory(err, "a row");
    return bf_row_markers(m->spec, m->s, m->a, err);
}
