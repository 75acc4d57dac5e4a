/* Sections `pool` and `modalities`. */
#include <stddef.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "specs/draft.h"

/* Fields of a row that can go by another name, in the order they are printed. */
static const char *const field_names[] = { "id",   "question", "choices", "answer",  "category",
                                           "task", "media",    "target",  "licence", NULL };

/* The field for the files of one modality, or image_* for image_1, image_2 and so on. */
static void read_media_field(struct bf_draft *d, const struct bf_node *v, int m,
                             struct bf_pool_spec *p)
{
    enum { LONGEST = 200 };
    const char *name = d->spec->modalities[m].name, *field = NULL;
    for (size_t i = 0; field_names[i]; i++)
        if (strcmp(field_names[i], name) == 0)
            return; /* that name means something else here */
    if (!bf_draft_text(d, v, name, "the name of a field, or one such as image_*", &field))
        return;
    const char *star = strchr(field, '*');
    if (!*field || strlen(field) > LONGEST || (star && strchr(star + 1, '*')))
        bf_draft_wrong(d, v, name, "the name of a field with at most one * in it");
    else
        p->f_modality[m] = field;
}

static void read_fields(struct bf_draft *d, const struct bf_node *v, struct bf_pool_spec *p)
{
    const char **fields[] = { &p->f_id,     &p->f_question, &p->f_choices,
                              &p->f_answer, &p->f_category, &p->f_task,
                              &p->f_media,  &p->f_target,   &p->f_licence };
    for (size_t i = 0; field_names[i]; i++)
        *fields[i] = field_names[i];
    if (!v || v->kind == BF_NODE_NULL)
        return;
    if (v->kind != BF_NODE_MAP) {
        bf_draft_wrong(d, v, "fields", "a map such as {question: prompt}");
        return;
    }
    const char *keys[sizeof field_names / sizeof *field_names + BF_MAX_MODALITIES] = { NULL };
    size_t n = 0;
    for (; field_names[n]; n++)
        keys[n] = field_names[n];
    for (int m = 0; m < d->spec->n_modalities; m++)
        keys[n++] = d->spec->modalities[m].name;
    bf_draft_keys(d, v, keys, NULL);
    for (size_t i = 0; field_names[i]; i++)
        (void)bf_draft_text(d, bf_draft_get(v, field_names[i]), field_names[i],
                            "the name of a field", fields[i]);
    for (int m = 0; m < d->spec->n_modalities; m++)
        read_media_field(d, bf_draft_get(v, d->spec->modalities[m].name), m, p);
}

static void read_path(struct bf_draft *d, const struct bf_node *entry, struct bf_pool_spec *p)
{
    const struct bf_node *v = bf_draft_get(entry, "path");
    if (!v)
        bf_draft_complain(d, entry, "'path' of the pool is missing; allowed: a file");
    if (!bf_draft_text(d, v, "path", "a file", &p->shown))
        return;
    p->path = bf_path_join(d->a, d->spec->dir, p->shown);
    if (!p->path)
        d->no_memory = true;
    else if (!bf_file_exists(p->path))
        bf_draft_complain(d, v, "pool file '%s' is not there", p->shown);
}

/* False when the entry cannot be used. */
static bool read_entry(struct bf_draft *d, const struct bf_node *entry, struct bf_pool_spec *p)
{
    static const char *const keys[] = { "format", "path", "fields", NULL };
    if (entry->kind != BF_NODE_MAP) {
        bf_draft_wrong(d, entry, "pool", "a map such as {format: jsonl, path: pool.jsonl}");
        return false;
    }
    const char *format = "jsonl";
    const struct bf_node *v = bf_draft_get(entry, "format");
    (void)bf_draft_text(d, v, "format", "a pool format", &format);
    read_path(d, entry, p);
    read_fields(d, bf_draft_get(entry, "fields"), p);

    const struct bf_op *op = bf_op_find(BF_OPS(bf_readers), format);
    if (!op) {
        bf_draft_unknown(d, v ? v : entry, "pool format", format,
                         bf_draft_op_names(d, BF_OPS(bf_readers)));
        return false;
    }
    p->reader = (const struct bf_reader *)(const void *)op;
    return bf_draft_options(d, op, entry, entry, keys, &p->priv) && p->path;
}

void bf_draft_pool(struct bf_draft *d, const struct bf_node *top, const struct bf_node *v)
{
    if (!v) {
        bf_draft_complain(d, top,
                          "'pool' is missing; allowed: a map such as "
                          "{format: jsonl, path: pool.jsonl}, or a list of them");
        return;
    }
    bool list = v->kind == BF_NODE_LIST;
    if (list && v->n == 0)
        bf_draft_complain(d, v, "'pool' is an empty list; allowed: one map or more");
    struct bf_pool_spec *pools = bf_draft_alloc(d, list ? (size_t)v->n : 1, sizeof *pools);
    if (!pools)
        return;
    d->spec->pools = pools;
    for (const struct bf_node *e = list ? v->first : v; e; e = list ? e->next : NULL)
        d->spec->n_pools += read_entry(d, e, &pools[d->spec->n_pools]);
}

/* The modality that a new name is declared on, or NULL after a complaint. */
static const struct bf_modality *read_carrier(struct bf_draft *d, const struct bf_node *key,
                                              const struct bf_node *map)
{
    const char *words[BF_CARRIER_COUNT + 1] = { NULL };
    for (int c = 0; c < BF_CARRIER_COUNT; c++)
        words[c] = bf_carrier_name((enum bf_carrier)c);
    const struct bf_node *v = bf_draft_get(map, "carrier");
    int i;
    const struct bf_op *named = bf_op_find(BF_OPS(bf_modalities), key->text);
    if (!v && named)
        return (const struct bf_modality *)(const void *)named;
    if (!v) {
        const char *near = bf_text_near(key->text, bf_draft_op_names(d, BF_OPS(bf_modalities)));
        bf_draft_complain(d, key,
                          "'carrier' of the new modality '%s' is missing; %s%s%sallowed: "
                          "one of text, raster, clip, wave, trace",
                          key->text, near ? "did you mean '" : "", near ? near : "",
                          near ? "'? " : "");
        return NULL;
    }
    if (!bf_draft_word(d, v, "carrier", words, &i))
        return NULL;
    const struct bf_modality *base = bf_modality_of((enum bf_carrier)i);
    if (!base)
        bf_draft_complain(d, v, "nothing here decodes carrier '%s'", words[i]);
    return base;
}

/* A built-in's carrier is its own; saying so is allowed, saying otherwise is not. */
static void check_carrier(struct bf_draft *d, const struct bf_modality_use *use,
                          const struct bf_node *map)
{
    const struct bf_node *v = bf_draft_get(map, "carrier");
    const char *own = bf_carrier_name(use->base->carrier);
    if (v && (v->kind != BF_NODE_SCALAR || strcmp(v->text, own) != 0))
        bf_draft_complain(d, v, "'%s' is built in on carrier '%s'; give the new one another name",
                          use->name, own);
}

/* The options of a modality, each and together. */
static void read_options(struct bf_draft *d, const struct bf_node *key, const struct bf_node *map,
                         struct bf_modality_use *use)
{
    static const char *const common[] = { "carrier", NULL };
    struct bf_err err;
    if (bf_draft_options(d, &use->base->op, key, map, common, &use->priv) && use->base->check &&
        use->base->check(use->priv, &err) < 0)
        bf_draft_complain(d, key, "%s: %s", use->name, err.msg);
}

static void read_use(struct bf_draft *d, const struct bf_node *key)
{
    struct bf_spec *spec = d->spec;
    const struct bf_node *map = key->value;
    int m = bf_spec_modality(spec, key->text);
    if (m >= 0) {
        check_carrier(d, &spec->modalities[m], map);
        read_options(d, key, map, &spec->modalities[m]);
        return;
    }
    bool context = strcmp(key->text, "question") == 0 || strcmp(key->text, "choices") == 0;
    /* Words that stand where a modality can: `contribution: target`, `target: all`. */
    bool taken = strcmp(key->text, "target") == 0 || strcmp(key->text, "all") == 0 ||
                 strcmp(key->text, "auto") == 0;
    const struct bf_modality *base = NULL;
    if (context)
        bf_draft_complain(d, key, "'%s' is context, not a modality", key->text);
    else if (taken)
        bf_draft_complain(d, key,
                          "modality '%s' has a name with a meaning of its own; allowed: "
                          "any but target, all and auto",
                          key->text);
    else if (!bf_draft_is_name(key->text, false))
        bf_draft_complain(d, key, "modality '%.100s'; allowed: a letter a-z, then a-z, 0-9 and _",
                          key->text);
    else if (spec->n_modalities == BF_MAX_MODALITIES)
        bf_draft_complain(d, key, "modality '%s' is one too many; allowed: %d", key->text,
                          (int)BF_MAX_MODALITIES);
    else
        base = read_carrier(d, key, map);
    if (!base) {
        d->partial = true;
        return;
    }
    struct bf_modality_use *use = &spec->modalities[spec->n_modalities++];
    *use = (struct bf_modality_use){ .name = key->text, .base = base, .declared = true };
    read_options(d, key, map, use);
}

void bf_draft_modality_uses(struct bf_draft *d, const struct bf_node *v)
{
    struct bf_spec *spec = d->spec;
    for (int i = 0; bf_modalities[i] && i < BF_MAX_MODALITIES; i++) {
        if (bf_modalities[i]->carrier == BF_TEXT) /* a spec says what words are a modality */
            continue;
        struct bf_modality_use *use = &spec->modalities[spec->n_modalities++];
        *use =
            (struct bf_modality_use){ .name = bf_modalities[i]->op.name, .base = bf_modalities[i] };
        (void)bf_draft_options(d, &use->base->op, v, NULL, NULL, &use->priv);
    }
    d->modalities = v;
    if (!v || v->kind == BF_NODE_NULL)
        return;
    if (v->kind != BF_NODE_MAP) {
        bf_draft_wrong(d, v, "modalities", "a map such as {thermal: {carrier: raster}}");
        d->partial = true;
        return;
    }
    for (const struct bf_node *key = v->first; key; key = key->next)
        if (bf_draft_get(v, key->text) == key->value) /* else it stands twice, complained of */
            read_use(d, key);
}
