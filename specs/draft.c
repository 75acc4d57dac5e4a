/* A spec in the making: complaints, and readers of single values. */
#include "specs/draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"

static void __attribute__((format(printf, 4, 0)))
complain(struct bf_draft *d, int line, int col, const char *fmt, va_list ap)
{
    if (d->n_complaints == d->cap_complaints) {
        int cap = d->cap_complaints ? d->cap_complaints * 2 : 16;
        void *more = realloc(d->complaints, (size_t)cap * sizeof *d->complaints);
        if (!more) {
            d->no_memory = true;
            return;
        }
        d->complaints = more;
        d->cap_complaints = cap;
    }
    char text[sizeof((struct bf_err *)0)->msg];
    vsnprintf(text, sizeof text, fmt, ap);
    bf_text_plain(text); /* whatever the spec's author wrote into it */
    char *copy = bf_arena_strdup(d->a, text);
    if (copy)
        d->complaints[d->n_complaints++] = (struct bf_complaint){ line, col, copy };
    else
        d->no_memory = true;
}

void bf_draft_complain_at(struct bf_draft *d, int line, int col, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    complain(d, line, col, fmt, ap);
    va_end(ap);
}

void bf_draft_complain(struct bf_draft *d, const struct bf_node *at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    complain(d, at->line, at->col, fmt, ap);
    va_end(ap);
}

void bf_draft_wrong(struct bf_draft *d, const struct bf_node *v, const char *key,
                    const char *allowed)
{
    static const char *const found[] = {
        [BF_NODE_NULL] = "empty",
        [BF_NODE_LIST] = "a list",
        [BF_NODE_MAP] = "a map",
    };
    if (v->kind == BF_NODE_SCALAR)
        bf_draft_complain(d, v, "'%.100s' is '%.100s'; allowed: %s", key, v->text, allowed);
    else if (v->kind != BF_NODE_NULL && !v->first)
        bf_draft_complain(d, v, "'%.100s' is an empty %s; allowed: %s", key,
                          v->kind == BF_NODE_LIST ? "list" : "map", allowed);
    else
        bf_draft_complain(d, v, "'%.100s' is %s; allowed: %s", key, found[v->kind], allowed);
}

static void join(struct bf_buf *b, const char *const *words)
{
    for (size_t i = 0; words[i]; i++) {
        bf_buf_str(b, i ? ", " : "");
        bf_buf_str(b, words[i]);
    }
}

void bf_draft_unknown(struct bf_draft *d, const struct bf_node *at, const char *what,
                      const char *word, const char *const *allowed)
{
    struct bf_buf list = { 0 };
    join(&list, allowed);
    const char *near = bf_text_near(word, allowed);
    if (near)
        bf_draft_complain(d, at, "unknown %s '%.100s'; did you mean '%s'? allowed: %s", what, word,
                          near, list.data ? list.data : "none");
    else
        bf_draft_complain(d, at, "unknown %s '%.100s'; allowed: %s", what, word,
                          list.data ? list.data : "none");
    bf_buf_done(&list);
}

void *bf_draft_alloc(struct bf_draft *d, size_t n, size_t size)
{
    void *p = bf_arena_alloc(d->a, n ? n : 1, size);
    if (!p)
        d->no_memory = true;
    return p;
}

const char *const *bf_draft_op_names(struct bf_draft *d, const struct bf_op *const *ops)
{
    static const char *const none[] = { NULL };
    size_t n = 0;
    while (ops[n])
        n++;
    const char **names = bf_draft_alloc(d, n + 1, sizeof *names);
    if (!names)
        return none;
    for (size_t i = 0; i < n; i++)
        names[i] = ops[i]->name;
    return names;
}

const struct bf_node *bf_draft_get(const struct bf_node *map, const char *key)
{
    if (!map || map->kind != BF_NODE_MAP)
        return NULL;
    for (const struct bf_node *k = map->first; k; k = k->next)
        if (strcmp(k->text, key) == 0)
            return k->value;
    return NULL;
}

static bool is_in(const char *word, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

void bf_draft_keys(struct bf_draft *d, const struct bf_node *map, const char *const *keys,
                   const struct bf_opt *opts)
{
    size_t n = 0;
    while (keys[n])
        n++;
    for (const struct bf_opt *o = opts; o && o->name; o++)
        n++;
    const char **all = bf_draft_alloc(d, n + 1, sizeof *all);
    if (!all)
        return;
    size_t at = 0;
    for (; keys[at]; at++)
        all[at] = keys[at];
    bool others = false; /* keys that are no rows are names of some kind */
    for (const struct bf_opt *o = opts; o && o->name; o++) {
        all[at++] = o->name;
        others |= o->type == BF_OPT_NAMED;
    }
    for (const struct bf_node *k = map->first; k; k = k->next)
        if ((k->kind == BF_NODE_SCALAR || k->kind == BF_NODE_NULL) && !others &&
            !is_in(k->text, all))
            bf_draft_unknown(d, k, "key", k->text, all);
}

bool bf_draft_text(struct bf_draft *d, const struct bf_node *v, const char *key,
                   const char *allowed, const char **out)
{
    if (!v)
        return false;
    if (v->kind != BF_NODE_SCALAR || v->text[0] == '\0') {
        bf_draft_wrong(d, v, key, allowed);
        return false;
    }
    *out = v->text;
    return true;
}

bool bf_draft_integer(struct bf_draft *d, const struct bf_node *v, const char *key, int64_t min,
                      int64_t max, int64_t *out)
{
    int64_t i;
    if (!v)
        return false;
    if (v->kind == BF_NODE_SCALAR && bf_text_integer(v->text, &i) && i >= min && i <= max) {
        *out = i;
        return true;
    }
    char allowed[96];
    if (max == INT64_MAX)
        snprintf(allowed, sizeof allowed, "a whole number, %lld or more", (long long)min);
    else
        snprintf(allowed, sizeof allowed, "a whole number, %lld to %lld", (long long)min,
                 (long long)max);
    bf_draft_wrong(d, v, key, allowed);
    return false;
}

bool bf_draft_word(struct bf_draft *d, const struct bf_node *v, const char *key,
                   const char *const *words, int *out)
{
    if (!v)
        return false;
    for (int i = 0; v->kind == BF_NODE_SCALAR && words[i]; i++)
        if (strcmp(words[i], v->text) == 0) {
            *out = i;
            return true;
        }
    struct bf_buf allowed = { 0 };
    bf_buf_str(&allowed, "one of ");
    join(&allowed, words);
    const char *near = v->kind == BF_NODE_SCALAR ? bf_text_near(v->text, words) : NULL;
    if (near)
        bf_draft_complain(d, v, "'%s' is '%.100s'; did you mean '%s'? allowed: %s", key, v->text,
                          near, allowed.failed ? "" : allowed.data);
    else
        bf_draft_wrong(d, v, key, allowed.failed ? "" : allowed.data);
    bf_buf_done(&allowed);
    return false;
}

bool bf_draft_names(struct bf_draft *d, const struct bf_node *v, const char *key,
                    struct bf_names *out)
{
    static const char allowed[] = "a name or a list of names";
    if (!v)
        return false;
    if (v->kind != BF_NODE_SCALAR && v->kind != BF_NODE_LIST) {
        bf_draft_wrong(d, v, key, allowed);
        return false;
    }
    bool list = v->kind == BF_NODE_LIST, good = true;
    struct bf_names names = { 0, bf_draft_alloc(d, list ? (size_t)v->n : 1, sizeof *names.v) };
    if (!names.v)
        return false;
    for (const struct bf_node *item = list ? v->first : v; item; item = list ? item->next : NULL) {
        const char *text = NULL;
        if (!bf_draft_text(d, item, key, allowed, &text)) {
            good = false;
            continue;
        }
        bool twice = false;
        for (int i = 0; i < names.n && !twice; i++)
            twice = strcmp(names.v[i], text) == 0;
        if (twice)
            bf_draft_complain(d, item, "'%s' names '%.100s' twice", key, text);
        else
            names.v[names.n++] = text;
        good &= !twice;
    }
    if (good)
        *out = names;
    return good;
}

bool bf_draft_modalities(struct bf_draft *d, const struct bf_node *v, const char *key,
                         struct bf_names *names_out, uint32_t *set_out)
{
    struct bf_names names = { 0 };
    if (!v)
        return false;
    bool good = bf_draft_names(d, v, key, &names), list = v->kind == BF_NODE_LIST;
    if (list && v->n == 0) {
        bf_draft_complain(d, v, "'%s' is an empty list; allowed: one modality or more", key);
        return false;
    }
    uint32_t set = 0;
    for (const struct bf_node *item = list ? v->first : v; item; item = list ? item->next : NULL) {
        if (item->kind != BF_NODE_SCALAR || !*item->text)
            continue; /* complained of above */
        int m = bf_spec_modality(d->spec, item->text);
        if (m < 0)
            bf_draft_no_modality(d, item, item->text, false);
        else
            set |= BF_BIT(m);
        good &= m >= 0;
    }
    if (good && names_out)
        *names_out = names;
    if (good)
        *set_out = set;
    return good;
}

void bf_draft_no_modality(struct bf_draft *d, const struct bf_node *at, const char *name,
                          bool or_context)
{
    const char *known[BF_MAX_MODALITIES + 3] = { NULL };
    int n = 0;
    if (bf_draft_get(d->modalities, name))
        return; /* its declaration was complained of */
    for (; n < d->spec->n_modalities; n++)
        known[n] = d->spec->modalities[n].name;
    if (or_context) {
        known[n++] = "question";
        known[n++] = "choices";
    }
    bf_draft_unknown(d, at, "modality", name, known);
}

bool bf_draft_is_name(const char *s, bool wide)
{
    static const char narrow_set[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    static const char wide_set[] = "abcdefghijklmnopqrstuvwxyz0123456789_"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ-.";
    size_t n = strlen(s);
    if (n == 0 || n > 64 || (!wide && (s[0] < 'a' || s[0] > 'z')))
        return false;
    return strspn(s, wide ? wide_set : narrow_set) == n;
}

/* One option from its YAML value; false when there was a complaint. */
static bool set_option(struct bf_draft *d, const struct bf_opt *o, void *priv,
                       const struct bf_node *v)
{
    struct bf_names items = { 1, (const char *[]){ v->text } };
    bool list = v->kind == BF_NODE_LIST && o->type == BF_OPT_NAMES;
    if (list && !bf_draft_names(d, v, o->name, &items))
        return false;
    if (!list && v->kind != BF_NODE_SCALAR) {
        struct bf_buf allowed = { 0 };
        bf_opt_allowed(o, &allowed);
        bf_draft_wrong(d, v, o->name, allowed.failed ? "" : allowed.data);
        bf_buf_done(&allowed);
        return false;
    }
    struct bf_err err;
    int rc = bf_opt_set(o, priv, items.v, items.n, d->a, &err);
    if (rc == BF_ENOMEM)
        d->no_memory = true;
    else if (rc < 0)
        bf_draft_complain(d, v, "%s", err.msg);
    return rc == BF_OK;
}

/* Paths are relative to the spec's folder; "" stays "", the way a row says "no file". */
static bool make_absolute(struct bf_draft *d, const struct bf_opt *o, void *priv)
{
    const char **path = (const char **)(void *)((char *)priv + o->offset);
    if (!*path || **path == '\0')
        return true;
    *path = bf_path_join(d->a, d->spec->dir, *path);
    d->no_memory |= !*path;
    return *path != NULL;
}

/* Every key that is no row of `op`, and not in `common`, as one number of `o`. */
static void set_named(struct bf_draft *d, const struct bf_op *op, const struct bf_opt *o,
                      const char *const *common, void *priv, const struct bf_node *map)
{
    for (const struct bf_node *k = map ? map->first : NULL; k; k = k->next) {
        if (bf_opt_find(op->opts, k->text) || is_in(k->text, common))
            continue;
        const char *text = k->value->kind == BF_NODE_SCALAR
                               ? bf_arena_printf(d->a, "%s: %s", k->text, k->value->text)
                               : NULL;
        const struct bf_node one = {
            .kind = BF_NODE_SCALAR, .line = k->value->line, .col = k->value->col, .text = text
        };
        if (text)
            (void)set_option(d, o, priv, &one); /* counted with all complaints */
        else
            bf_draft_wrong(d, k->value, k->text, "a number");
    }
}

bool bf_draft_options(struct bf_draft *d, const struct bf_op *op, const struct bf_node *at,
                      const struct bf_node *map, const char *const *common, void **priv_out)
{
    struct bf_err err;
    const int complaints = d->n_complaints;
    *priv_out = NULL;
    int rc = bf_op_init(op, priv_out, d->a, &err);
    if (rc == BF_ENOMEM)
        d->no_memory = true;
    else if (rc < 0) /* a default of ours that its own row refuses */
        bf_draft_complain(d, at, "%s: %s", op->name, err.msg);
    if (rc < 0) {
        *priv_out = NULL;
        return false;
    }
    if (map && map->kind != BF_NODE_MAP && map->kind != BF_NODE_NULL) {
        bf_draft_wrong(d, map, op->name, "a map of options");
        return false;
    }
    if (map && map->kind == BF_NODE_MAP)
        bf_draft_keys(d, map, common, op->opts);
    for (const struct bf_opt *o = op->opts; o && o->name; o++) {
        if (o->type == BF_OPT_NAMED) {
            set_named(d, op, o, common, *priv_out, map);
            continue;
        }
        const struct bf_node *v = bf_draft_get(map, o->name);
        if (v)
            (void)set_option(d, o, *priv_out, v); /* counted with all complaints below */
        if (!v && !o->def) {
            struct bf_buf allowed = { 0 };
            bf_opt_allowed(o, &allowed);
            bf_draft_complain(d, at, "'%s' of '%s' is missing; allowed: %s", o->name, op->name,
                              allowed.failed ? "" : allowed.data);
            bf_buf_done(&allowed);
        }
        if (o->type == BF_OPT_PATH)
            (void)make_absolute(d, o, *priv_out);
    }
    return !d->no_memory && d->n_complaints == complaints;
}
