/* Section `conditions`: what is shown. */
#include <string.h>

#include "core/text.h"
#include "specs/draft.h"

enum { MAX_SEVERITIES = 100 };

static const char *const plain_names[] = {
    [BF_COND_FULL] = "full",
    [BF_COND_WITHOUT_EACH] = "without_each",
    [BF_COND_BLIND] = "blind",
    [BF_COND_EVERY_SUBSET] = "every_subset",
    NULL,
};

/* Complain when an operator does not take `what`, which is of that carrier. */
static bool takes(struct bf_draft *d, const struct bf_node *at, const struct bf_operator *op,
                  const char *what, enum bf_carrier carrier)
{
    if (op->carriers & BF_BIT(carrier))
        return true;
    struct bf_buf takes = { 0 };
    for (int c = 0; c < BF_CARRIER_COUNT; c++)
        if (op->carriers & BF_BIT(c)) {
            bf_buf_str(&takes, takes.len ? ", " : "");
            bf_buf_str(&takes, bf_carrier_name((enum bf_carrier)c));
        }
    bf_draft_complain(d, at, "operator '%s' does not take '%s', which is %s; it takes %s",
                      op->op.name, what, bf_carrier_name(carrier),
                      takes.len ? takes.data : "nothing");
    bf_buf_done(&takes);
    return false;
}

/* The same for all that it is to replace. */
static bool takes_all(struct bf_draft *d, const struct bf_node *at, const struct bf_replace *r)
{
    const struct bf_spec *spec = d->spec;
    bool good = true;
    if (r->modality == BF_QUESTION || r->modality == BF_CHOICES_TEXT)
        return takes(d, at, r->op, "question", BF_TEXT);
    for (int m = 0; m < spec->n_modalities && good; m++)
        if (r->modality == m || r->modality == BF_EVERY_MODALITY)
            good = takes(d, at, r->op, spec->modalities[m].name, spec->modalities[m].base->carrier);
    return good;
}

/* The names of the operators that take all that `r` is to replace. */
static const char *const *fitting_names(struct bf_draft *d, const struct bf_replace *r)
{
    static const char *const none[] = { NULL };
    const struct bf_spec *spec = d->spec;
    const bool words = r->modality == BF_QUESTION || r->modality == BF_CHOICES_TEXT;
    unsigned needed = words ? BF_BIT(BF_TEXT) : 0;
    for (int m = 0; m < spec->n_modalities; m++)
        if (r->modality == m || r->modality == BF_EVERY_MODALITY)
            needed |= BF_BIT(spec->modalities[m].base->carrier);
    size_t n_all = 0, n = 0;
    while (bf_operators[n_all])
        n_all++;
    const char **names = bf_draft_alloc(d, n_all + 1, sizeof *names);
    if (!names)
        return none;
    for (size_t i = 0; i < n_all; i++)
        if ((bf_operators[i]->carriers & needed) == needed)
            names[n++] = bf_operators[i]->op.name;
    return names;
}

static bool read_operator(struct bf_draft *d, const struct bf_node *at, const char *name,
                          const struct bf_node *options, struct bf_replace *out)
{
    const struct bf_op *op = bf_op_find(BF_OPS(bf_operators), name);
    if (!op) {
        bf_draft_unknown(d, at, "operator", name, fitting_names(d, out));
        return false;
    }
    out->op = (const struct bf_operator *)(const void *)op;
    if (!takes_all(d, at, out))
        return false;
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

static const struct bf_op *find_operator(const char *name)
{
    return bf_op_find(BF_OPS(bf_operators), name);
}

/* An operator on the question, or words for it: a text is an operator when one that takes text is
 * called so. What is nearly such a name, or that of another operator, is taken for a slip. */
static bool read_question(struct bf_draft *d, const struct bf_node *v, struct bf_replace *out)
{
    out->modality = BF_QUESTION;
    if (v->kind == BF_NODE_MAP && v->n == 1)
        return read_operator(d, v->first, v->first->text, v->first->value, out);
    const char *text = NULL;
    if (!bf_draft_text(d, v, "question", "drop, another operator on text, or other words", &text))
        return false;
    const struct bf_operator *op = (const void *)find_operator(text);
    if (op && op->carriers & BF_BIT(BF_TEXT))
        return read_operator(d, v, text, NULL, out);
    const char *near = op ? NULL : bf_text_near(text, fitting_names(d, out));
    if (op || near) {
        static const char allowed[] = "an operator on text, or words; for just this word "
                                      "{words: {say: ...}}";
        if (op)
            bf_draft_complain(d, v, "'question' is '%s', which takes no text; allowed: %s", text,
                              allowed);
        else
            bf_draft_complain(d, v, "'question' is '%.100s'; did you mean '%s'? allowed: %s", text,
                              near, allowed);
        return false;
    }
    out->words = text;
    return true;
}

static bool read_choices(struct bf_draft *d, const struct bf_node *v, struct bf_replace *out)
{
    const char *text = NULL;
    out->modality = BF_CHOICES_TEXT;
    if (!bf_draft_text(d, v, "choices", "drop", &text))
        return false;
    if (strcmp(text, "drop") != 0) {
        bf_draft_wrong(d, v, "choices", "drop");
        return false;
    }
    return read_operator(d, v, text, NULL, out);
}

/* Words that stand where a modality can, and have no parts. */
static bool is_no_modality(const char *name)
{
    return strcmp(name, "question") == 0 || strcmp(name, "choices") == 0 ||
           strcmp(name, "all") == 0;
}

/* A modality, or a part of one such as image.2, by its name; false with a complaint. */
static bool read_media_name(struct bf_draft *d, const struct bf_node *at, bool or_context,
                            struct bf_replace *out)
{
    const size_t n = strcspn(at->text, ".");
    const char *name = bf_arena_strndup(d->a, at->text, n);
    double number = 0;
    d->no_memory |= !name;
    if (!name)
        return false;
    out->modality = bf_spec_modality(d->spec, name);
    if (at->text[n] && is_no_modality(name)) {
        bf_draft_complain(d, at, "'%.100s'; only a modality has parts with numbers", at->text);
        return false;
    }
    if (out->modality < 0) {
        bf_draft_no_modality(d, at, name, or_context);
        return false;
    }
    if (!at->text[n])
        return true;
    const char *digits = at->text + n + 1;
    if (*digits < '1' || *digits > '9' || strspn(digits, "0123456789") != strlen(digits) ||
        !bf_text_number(digits, &number) || number > BF_MAX_PARTS) {
        bf_draft_complain(d, at, "part '%.100s'; allowed: %s.1 to %s.%d", at->text, name, name,
                          (int)BF_MAX_PARTS);
        return false;
    }
    out->number = (int)number;
    return true;
}

/* `MODALITY: OP`, `MODALITY: {OP: {options}}`, the same with a part or with `all`; `question: OP or
 * words`, `choices: drop`. */
static bool read_replace(struct bf_draft *d, const struct bf_node *key, struct bf_replace *out)
{
    const struct bf_node *v = key->value;
    if (strcmp(key->text, "question") == 0)
        return read_question(d, v, out);
    if (strcmp(key->text, "choices") == 0)
        return read_choices(d, v, out);
    if (strcmp(key->text, "all") == 0)
        out->modality = BF_EVERY_MODALITY;
    else if (!read_media_name(d, key, true, out))
        return false;
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

/* Give every operator that has a strength this one. False, with a complaint, when none has one or
 * it is no severity. */
static bool set_severity(struct bf_draft *d, const struct bf_node *v, struct bf_condition_spec *c)
{
    int n_set = 0;
    for (int i = 0; i < c->n_replaces; i++) {
        const struct bf_replace *r = &c->replaces[i];
        const struct bf_opt *opt = r->op ? bf_opt_find(r->op->op.opts, "severity") : NULL;
        struct bf_err err;
        if (!opt)
            continue;
        n_set++;
        if (v->kind != BF_NODE_SCALAR) {
            bf_draft_wrong(d, v, "severity", "a number, 0 to 1");
            return false;
        }
        const int rc = bf_opt_set(opt, r->priv, &v->text, 1, d->a, &err);
        if (rc == BF_ENOMEM) {
            d->no_memory = true;
            return false;
        }
        if (rc < 0) {
            bf_draft_complain(d, v, "%s", err.msg);
            return false;
        }
        memcpy(&c->severity, (const char *)r->priv + opt->offset, sizeof c->severity);
    }
    if (n_set == 0)
        bf_draft_complain(d, v, "no operator of condition '%.100s' has a severity", c->family);
    return n_set > 0;
}

/* "fading_0.25" of one severity of `fading`. */
static bool name_member(struct bf_draft *d, struct bf_condition_spec *c)
{
    struct bf_buf b = { 0 };
    bf_buf_printf(&b, "%s_", c->family);
    bf_buf_num(&b, c->severity);
    c->name = b.failed ? NULL : bf_arena_strdup(d->a, b.data);
    bf_buf_done(&b);
    d->no_memory |= !c->name;
    return c->name != NULL;
}

static bool read_written_name(struct bf_draft *d, const struct bf_node *key)
{
    for (int i = 0; plain_names[i]; i++)
        if (strcmp(plain_names[i], key->text) == 0) {
            bf_draft_complain(d, key, "condition '%s' is built in and takes no options", key->text);
            return false;
        }
    if (bf_draft_is_name(key->text, false) && strncmp(key->text, "without_", 8) != 0)
        return true;
    bf_draft_complain(d, key,
                      "condition '%.100s'; allowed: a letter a-z, then a-z, 0-9 and _, "
                      "not beginning with 'without_'",
                      key->text);
    return false;
}

/* How many conditions an item of the list stands for. */
static int count_of(const struct bf_node *item)
{
    const struct bf_node *v = item->kind == BF_NODE_MAP && item->first ? item->first->value : NULL;
    const struct bf_node *severity = v ? bf_draft_get(v, "severity") : NULL;
    return severity && severity->kind == BF_NODE_LIST ? severity->n : 1;
}

/* `only: [image.2, audio]`: modalities, and parts of them. */
static bool read_only(struct bf_draft *d, const struct bf_node *v, struct bf_condition_spec *c)
{
    struct bf_names names = { 0 };
    const bool list = v->kind == BF_NODE_LIST;
    bool good = bf_draft_names(d, v, "only", &names);
    if (list && v->n == 0) {
        bf_draft_complain(d, v, "'only' is an empty list; allowed: one modality or more");
        return false;
    }
    c->only_parts = bf_draft_alloc(d, list ? (size_t)v->n : 1, sizeof *c->only_parts);
    for (const struct bf_node *at = list ? v->first : v; at && c->only_parts;
         at = list ? at->next : NULL) {
        struct bf_replace r = { 0 };
        if (at->kind != BF_NODE_SCALAR || !*at->text)
            continue; /* complained of above */
        if (!read_media_name(d, at, false, &r))
            good = false;
        else if (r.number)
            c->only_parts[c->n_only_parts++] = r;
        else
            c->only |= BF_BIT(r.modality);
    }
    return good && c->only_parts;
}

/* `{NAME: {replace: ..., only: ..., severity: ...}}` into `c`, one for each severity. */
static bool read_written(struct bf_draft *d, const struct bf_node *item,
                         struct bf_condition_spec *c)
{
    static const char *const keys[] = { "replace", "only", "severity", NULL };
    const struct bf_node *key = item->first;
    const struct bf_node *v = key->value;
    if (!read_written_name(d, key))
        return false;
    if (v->kind != BF_NODE_MAP) {
        bf_draft_wrong(d, v, key->text, "a map such as {replace: {image: white}}");
        return false;
    }
    bf_draft_keys(d, v, keys, NULL);
    const struct bf_node *only = bf_draft_get(v, "only");
    const struct bf_node *severity = bf_draft_get(v, "severity");
    const struct bf_node *one = severity;
    if (severity && severity->kind == BF_NODE_LIST)
        one = severity->first;
    if (severity && (!one || one->kind != BF_NODE_SCALAR || count_of(item) > MAX_SEVERITIES)) {
        bf_draft_wrong(d, severity, "severity", "1 to 100 numbers such as [0.25, 0.5, 0.75, 1]");
        return false;
    }
    bool good = true;
    for (int i = 0; i < count_of(item) && good; i++, one = one ? one->next : NULL) {
        c[i] = (struct bf_condition_spec){ .name = key->text, .kind = BF_COND_REPLACE };
        good = read_replaces(d, key, bf_draft_get(v, "replace"), &c[i]);
        if (only)
            good &= read_only(d, only, &c[i]);
        if (good && severity) {
            c[i].family = key->text;
            good = set_severity(d, one, &c[i]) && name_member(d, &c[i]);
        }
    }
    return good;
}

/* One name of what subsets are dropped of. */
static bool read_over_name(struct bf_draft *d, const struct bf_node *at, struct bf_replace *out)
{
    if (strcmp(at->text, "question") == 0)
        out->modality = BF_QUESTION;
    else if (strcmp(at->text, "choices") == 0)
        out->modality = BF_CHOICES_TEXT;
    else if (!read_media_name(d, at, true, out))
        return false;
    return read_operator(d, at, "drop", NULL, out);
}

/* Modalities and their parts in the spec's order, then the question, then the choices, so that a
 * subset has one name whatever order it is written in. */
static int place_of(const struct bf_replace *r)
{
    const int m = r->modality == BF_QUESTION       ? BF_MAX_MODALITIES
                  : r->modality == BF_CHOICES_TEXT ? BF_MAX_MODALITIES + 1
                                                   : r->modality;
    return m * (BF_MAX_PARTS + 1) + r->number;
}

/* Put `r` where it belongs; false when it is there. */
static bool insert(struct bf_condition_spec *c, const struct bf_replace *r)
{
    int i = c->n_replaces;
    while (i > 0 && place_of(&c->replaces[i - 1]) >= place_of(r))
        i--;
    if (i < c->n_replaces && place_of(&c->replaces[i]) == place_of(r))
        return false;
    memmove(&c->replaces[i + 1], &c->replaces[i], (size_t)(c->n_replaces - i) * sizeof *r);
    c->replaces[i] = *r;
    c->n_replaces++;
    return true;
}

/* `{every_subset: {over: [image.1, question]}}`. */
static bool read_over(struct bf_draft *d, const struct bf_node *key, struct bf_condition_spec *c)
{
    static const char *const keys[] = { "over", NULL };
    const bool map = key->value->kind == BF_NODE_MAP && key->value->n > 0;
    const struct bf_node *over = map ? bf_draft_get(key->value, "over") : NULL;
    if (!map)
        bf_draft_wrong(d, key->value, key->text, "a map such as {over: [question, image]}");
    else
        bf_draft_keys(d, key->value, keys, NULL);
    if (!over || key->value->n != 1)
        return false;
    if (over->kind != BF_NODE_LIST || over->n == 0) {
        bf_draft_wrong(d, over, "over",
                       "a list of modalities, parts such as image.1, question and choices");
        return false;
    }
    if (over->n > BF_MAX_LATTICE) {
        bf_draft_complain(d, over, "'over' names %d; allowed: at most %d", over->n,
                          (int)BF_MAX_LATTICE);
        return false;
    }
    *c = (struct bf_condition_spec){ .name = key->text, .kind = BF_COND_EVERY_SUBSET };
    c->replaces = bf_draft_alloc(d, (size_t)over->n, sizeof *c->replaces);
    bool good = c->replaces != NULL;
    for (const struct bf_node *at = over->first; at && c->replaces; at = at->next) {
        struct bf_replace r = { 0 };
        if (at->kind != BF_NODE_SCALAR) {
            bf_draft_wrong(d, at, "over", "names");
            good = false;
        } else if (!read_over_name(d, at, &r)) {
            good = false;
        } else if (!insert(c, &r)) {
            bf_draft_complain(d, at, "'over' names '%.100s' twice", at->text);
            good = false;
        }
    }
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

/* One item of the list into as many conditions as it stands for. */
static bool read_condition(struct bf_draft *d, const struct bf_node *v, struct bf_condition_spec *c)
{
    const struct bf_spec *spec = d->spec;
    bool good;
    if (v->kind == BF_NODE_SCALAR) {
        good = read_plain(d, v, c);
    } else if (v->kind == BF_NODE_MAP && v->n == 1 &&
               strcmp(v->first->text, plain_names[BF_COND_EVERY_SUBSET]) == 0) {
        return read_over(d, v->first, c); /* there may be several */
    } else if (v->kind == BF_NODE_MAP && v->n == 1) {
        good = read_written(d, v, c);
    } else {
        bf_draft_wrong(d, v, "conditions",
                       "names such as full, or maps of one key such as "
                       "{white: {replace: {image: white}}}");
        return false;
    }
    for (int k = 0; good && k < count_of(v); k++)
        for (const struct bf_condition_spec *e = spec->conditions; good && e < &c[k]; e++)
            if (strcmp(e->name, c[k].name) == 0 &&
                !(e->kind == BF_COND_EVERY_SUBSET && e->n_replaces)) {
                bf_draft_complain(d, v, "condition '%s' stands twice", e->name);
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
    size_t n = 0;
    for (const struct bf_node *item = v->first; item; item = item->next)
        n += (size_t)(count_of(item) > 0 ? count_of(item) : 1);
    spec->conditions = bf_draft_alloc(d, n, sizeof *spec->conditions);
    for (const struct bf_node *item = v->first; item && spec->conditions; item = item->next) {
        struct bf_condition_spec *c = &spec->conditions[spec->n_conditions];
        *c = (struct bf_condition_spec){ 0 };
        if (read_condition(d, item, c))
            spec->n_conditions += count_of(item);
        else
            d->partial = true;
    }
}
