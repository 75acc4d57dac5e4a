/* Sections `conditions` and `probes`: what is asked, and whom. */
#include <string.h>

#include "specs/draft.h"

static const char *const plain_names[] = {
    [BF_COND_FULL] = "full",
    [BF_COND_WITHOUT_EACH] = "without_each",
    [BF_COND_BLIND] = "blind",
    [BF_COND_EVERY_SUBSET] = "every_subset",
    NULL,
};

static bool read_operator(struct bf_draft *d, const struct bf_node *at, const char *name,
                          const struct bf_node *options, struct bf_replace *out)
{
    const struct bf_modality_use *use = &d->spec->modalities[out->modality];
    const struct bf_op *op = bf_op_find(BF_OPS(bf_operators), name);
    if (!op) {
        bf_draft_unknown(d, at, "operator", name, bf_draft_op_names(d, BF_OPS(bf_operators)));
        return false;
    }
    out->op = (const struct bf_operator *)(const void *)op;
    if (!(out->op->carriers & BF_BIT(use->base->carrier))) {
        struct bf_buf takes = { 0 };
        for (int c = 0; c < BF_CARRIER_COUNT; c++)
            if (out->op->carriers & BF_BIT(c)) {
                bf_buf_str(&takes, takes.len ? ", " : "");
                bf_buf_str(&takes, bf_carrier_name((enum bf_carrier)c));
            }
        bf_draft_complain(d, at, "operator '%s' does not take '%s', which is %s; it takes %s", name,
                          use->name, bf_carrier_name(use->base->carrier),
                          takes.len ? takes.data : "nothing");
        bf_buf_done(&takes);
        return false;
    }
    struct bf_err err;
    if (!bf_draft_options(d, op, at, options, (const char *const[]){ NULL }, &out->priv))
        return false;
    int rc = out->op->check ? out->op->check(out->priv, &err) : BF_OK;
    if (rc == BF_ENOMEM)
        d->no_memory = true;
    else if (rc < 0)
        bf_draft_complain(d, at, "%s", err.msg);
    return rc >= 0;
}

/* `drop` for the question or the choices, or words for the question. */
static bool read_context(struct bf_draft *d, const struct bf_node *v, const char *key,
                         struct bf_replace *out)
{
    const char *allowed = out->modality == BF_QUESTION ? "drop, or other words" : "drop";
    const char *text = NULL;
    if (!bf_draft_text(d, v, key, allowed, &text))
        return false;
    if (strcmp(text, "drop") != 0) {
        if (out->modality != BF_QUESTION)
            bf_draft_wrong(d, v, key, allowed);
        out->words = text;
        return out->modality == BF_QUESTION;
    }
    const struct bf_op *op = bf_op_find(BF_OPS(bf_operators), "drop");
    if (!op) {
        bf_draft_unknown(d, v, "operator", text, bf_draft_op_names(d, BF_OPS(bf_operators)));
        return false;
    }
    out->op = (const struct bf_operator *)(const void *)op;
    return bf_draft_options(d, op, v, NULL, NULL, &out->priv);
}

/* `MODALITY: OP`, `MODALITY: {OP: {options}}`, `question: words`, `choices: drop`. */
static bool read_replace(struct bf_draft *d, const struct bf_node *key, struct bf_replace *out)
{
    const struct bf_node *v = key->value;
    bool question = strcmp(key->text, "question") == 0;
    if (question || strcmp(key->text, "choices") == 0) {
        out->modality = question ? BF_QUESTION : BF_CHOICES_TEXT;
        return read_context(d, v, key->text, out);
    }
    out->modality = bf_spec_modality(d->spec, key->text);
    if (out->modality < 0) {
        bf_draft_no_modality(d, key, key->text, true);
        return false;
    }
    if (v->kind == BF_NODE_SCALAR)
        return read_operator(d, v, v->text, NULL, out);
    if (v->kind == BF_NODE_MAP && v->n == 1)
        return read_operator(d, v->first, v->first->text, v->first->value, out);
    bf_draft_wrong(d, v, key->text, "one operator, such as white or {noise: {lo: 0}}");
    return false;
}

static bool read_replaces(struct bf_draft *d, const struct bf_node *name, const struct bf_node *v,
                          struct bf_condition_spec *c)
{
    static const char allowed[] = "a map such as {image: white}";
    if (!v) {
        bf_draft_complain(d, name, "'replace' of condition '%.100s' is missing; allowed: %s",
                          name->text, allowed);
        return false;
    }
    if (v->kind != BF_NODE_MAP || v->n == 0) {
        bf_draft_wrong(d, v, "replace", allowed);
        return false;
    }
    c->replaces = bf_draft_alloc(d, (size_t)v->n, sizeof *c->replaces);
    if (!c->replaces)
        return false;
    bool good = true;
    for (const struct bf_node *key = v->first; key; key = key->next) {
        good &= read_replace(d, key, &c->replaces[c->n_replaces]);
        c->n_replaces++;
    }
    return good;
}

/* `{NAME: {replace: ..., only: ...}}`. */
static bool read_written(struct bf_draft *d, const struct bf_node *key, struct bf_condition_spec *c)
{
    static const char *const keys[] = { "replace", "only", NULL };
    const struct bf_node *v = key->value;
    bool good = true;
    c->name = key->text;
    c->kind = BF_COND_REPLACE;
    for (int i = 0; plain_names[i]; i++)
        if (strcmp(plain_names[i], key->text) == 0) {
            bf_draft_complain(d, key, "condition '%s' is built in and takes no options", key->text);
            return false;
        }
    if (!bf_draft_is_name(key->text, false) || strncmp(key->text, "without_", 8) == 0) {
        bf_draft_complain(d, key,
                          "condition '%.100s'; allowed: a letter a-z, then a-z, 0-9 and _, "
                          "not beginning with 'without_'",
                          key->text);
        good = false;
    }
    if (v->kind != BF_NODE_MAP) {
        bf_draft_wrong(d, v, key->text, "a map such as {replace: {image: white}}");
        return false;
    }
    bf_draft_keys(d, v, keys, NULL);
    good &= read_replaces(d, key, bf_draft_get(v, "replace"), c);
    const struct bf_node *only = bf_draft_get(v, "only");
    if (only)
        good &= bf_draft_modalities(d, only, "only", NULL, &c->only);
    return good;
}

static bool read_plain(struct bf_draft *d, const struct bf_node *v, struct bf_condition_spec *c)
{
    for (int i = 0; plain_names[i]; i++)
        if (strcmp(plain_names[i], v->text) == 0) {
            c->name = plain_names[i];
            c->kind = (enum bf_condition_kind)i;
            return true;
        }
    bf_draft_unknown(d, v, "condition", v->text, plain_names);
    return false;
}

static bool read_condition(struct bf_draft *d, const struct bf_node *v, struct bf_condition_spec *c)
{
    bool good;
    if (v->kind == BF_NODE_SCALAR) {
        good = read_plain(d, v, c);
    } else if (v->kind == BF_NODE_MAP && v->n == 1) {
        good = read_written(d, v->first, c);
    } else {
        bf_draft_wrong(d, v, "conditions",
                       "names such as full, or maps of one key such as "
                       "{white: {replace: {image: white}}}");
        return false;
    }
    for (int i = 0; good && i < d->spec->n_conditions; i++)
        if (strcmp(d->spec->conditions[i].name, c->name) == 0) {
            bf_draft_complain(d, v, "condition '%s' stands twice", c->name);
            good = false;
        }
    return good;
}

static void default_conditions(struct bf_draft *d)
{
    static const struct bf_condition_spec usual[] = {
        { .name = "full", .kind = BF_COND_FULL },
        { .name = "without_each", .kind = BF_COND_WITHOUT_EACH },
        { .name = "blind", .kind = BF_COND_BLIND },
    };
    enum { N = sizeof usual / sizeof *usual };
    d->spec->conditions = bf_draft_alloc(d, N, sizeof *usual);
    if (!d->spec->conditions)
        return;
    memcpy(d->spec->conditions, usual, sizeof usual);
    d->spec->n_conditions = N;
}

void bf_draft_conditions(struct bf_draft *d, const struct bf_node *v)
{
    struct bf_spec *spec = d->spec;
    if (!v || v->kind == BF_NODE_NULL) {
        default_conditions(d);
        return;
    }
    if (v->kind != BF_NODE_LIST || v->n == 0) {
        bf_draft_wrong(d, v, "conditions", "a list such as [full, without_each, blind]");
        d->partial = true;
        return;
    }
    spec->conditions = bf_draft_alloc(d, (size_t)v->n, sizeof *spec->conditions);
    for (const struct bf_node *item = v->first; item && spec->conditions; item = item->next) {
        struct bf_condition_spec *c = &spec->conditions[spec->n_conditions];
        *c = (struct bf_condition_spec){ 0 };
        if (read_condition(d, item, c))
            spec->n_conditions++;
        else
            d->partial = true;
    }
}

static const char *const probe_keys[] = { "name", "kind", "family", "role", "trials", NULL };

static bool read_probe_name(struct bf_draft *d, const struct bf_node *entry,
                            struct bf_probe_spec *p)
{
    const struct bf_node *v = bf_draft_get(entry, "name");
    if (!v)
        bf_draft_complain(d, entry, "'name' of the probe is missing; allowed: a name");
    if (!bf_draft_text(d, v, "name", "a name", &p->name))
        return false;
    if (!bf_draft_is_name(p->name, true)) {
        bf_draft_wrong(d, v, "name", "1 to 64 of A-Z, a-z, 0-9, _, - and .");
        return false;
    }
    for (int i = 0; i < d->spec->n_probes; i++)
        if (strcmp(d->spec->probes[i].name, p->name) == 0) {
            bf_draft_complain(d, v, "probe '%s' stands twice; the first is at line %d", p->name,
                              d->spec->probes[i].line);
            return false;
        }
    return true;
}

/* False when it cannot be entered under its name. `priv` stays NULL when an option is wrong. */
static bool read_probe(struct bf_draft *d, const struct bf_node *entry, struct bf_probe_spec *p)
{
    static const char *const roles[] = { "voter", "held_out", NULL };
    if (entry->kind != BF_NODE_MAP) {
        bf_draft_wrong(d, entry, "probes", "maps such as {name: stat, kind: builtin}");
        return false;
    }
    bool named = read_probe_name(d, entry, p);
    int role = 0;
    int64_t trials = 1;
    p->family = p->name;
    p->line = entry->line;
    (void)bf_draft_text(d, bf_draft_get(entry, "family"), "family", "a name", &p->family);
    (void)bf_draft_word(d, bf_draft_get(entry, "role"), "role", roles, &role);
    (void)bf_draft_integer(d, bf_draft_get(entry, "trials"), "trials", 1, 1000, &trials);
    p->held_out = role == 1;
    p->trials = (int)trials;

    const struct bf_node *v = bf_draft_get(entry, "kind");
    const char *const *kinds = bf_draft_op_names(d, BF_OPS(bf_probes));
    const char *kind = NULL;
    if (!v)
        bf_draft_complain(d, entry, "'kind' of the probe is missing; allowed: a kind of probe");
    if (!bf_draft_text(d, v, "kind", "a kind of probe", &kind))
        return false;
    const struct bf_op *op = bf_op_find(BF_OPS(bf_probes), kind);
    if (!op) {
        bf_draft_unknown(d, v, "kind of probe", kind, kinds);
        return false;
    }
    p->base = (const struct bf_probe *)(const void *)op;
    void *priv;
    if (bf_draft_options(d, op, entry, entry, probe_keys, &priv))
        p->priv = priv;
    return named;
}

void bf_draft_probes(struct bf_draft *d, const struct bf_node *v)
{
    struct bf_spec *spec = d->spec;
    if (!v || v->kind == BF_NODE_NULL)
        return;
    if (v->kind != BF_NODE_LIST) {
        bf_draft_wrong(d, v, "probes", "a list of maps such as {name: stat, kind: builtin}");
        d->partial = true;
        return;
    }
    spec->probes = bf_draft_alloc(d, (size_t)v->n, sizeof *spec->probes);
    for (const struct bf_node *item = v->first; item && spec->probes; item = item->next) {
        struct bf_probe_spec *p = &spec->probes[spec->n_probes];
        *p = (struct bf_probe_spec){ 0 };
        if (read_probe(d, item, p))
            spec->n_probes++;
        else
            d->partial = true;
    }
}

void bf_draft_check_probes(struct bf_draft *d, const struct bf_node *v)
{
    struct bf_err err;
    const struct bf_node *item = v && v->kind == BF_NODE_LIST ? v->first : NULL;
    for (int i = 0; i < d->spec->n_probes; i++) {
        const struct bf_probe_spec *p = &d->spec->probes[i];
        while (bf_draft_get(item, "name") == NULL || bf_draft_get(item, "name")->text != p->name)
            item = item->next; /* entries that were not entered */
        int rc = p->base->check && p->priv ? p->base->check(p, d->spec, &err) : BF_OK;
        if (rc == BF_ENOMEM)
            d->no_memory = true;
        else if (rc < 0)
            bf_draft_complain(d, item, "%s", err.msg);
        item = item->next;
    }
}
