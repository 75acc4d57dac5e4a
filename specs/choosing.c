/* Sections `scores`, `filters`, `balance` and `emit`: what is kept, and how it is written. */
#include <stdio.h>
#include <string.h>

#include "core/release.h"
#include "specs/draft.h"

static void default_scores(struct bf_draft *d)
{
    struct bf_spec *spec = d->spec;
    size_t n = 0;
    while (bf_metrics[n])
        n++;
    spec->scores = bf_draft_alloc(d, n, sizeof *spec->scores);
    for (size_t i = 0; i < n && spec->scores; i++)
        if (bf_metrics[i]->wanted_by_default)
            spec->scores[spec->n_scores++] = bf_metrics[i];
}

void bf_draft_scores(struct bf_draft *d, const struct bf_node *v)
{
    struct bf_spec *spec = d->spec;
    struct bf_names names;
    if (!v || v->kind == BF_NODE_NULL) {
        default_scores(d);
        return;
    }
    if (!bf_draft_names(d, v, "scores", &names)) {
        d->partial = true;
        return;
    }
    spec->scores = bf_draft_alloc(d, (size_t)names.n, sizeof *spec->scores);
    const struct bf_node *item = v->kind == BF_NODE_LIST ? v->first : v;
    for (int i = 0; i < names.n && spec->scores; i++, item = item->next) {
        const struct bf_op *op = bf_op_find(BF_OPS(bf_metrics), names.v[i]);
        if (!op) {
            bf_draft_unknown(d, item, "score", names.v[i],
                             bf_draft_op_names(d, BF_OPS(bf_metrics)));
            d->partial = true;
            continue;
        }
        spec->scores[spec->n_scores++] = (const struct bf_metric *)(const void *)op;
    }
}

static bool read_filter(struct bf_draft *d, const struct bf_node *v, struct bf_filter_spec *f)
{
    const struct bf_node *name = v, *options = NULL;
    if (v->kind == BF_NODE_MAP && v->n == 1) {
        name = v->first;
        options = v->first->value;
    } else if (v->kind != BF_NODE_SCALAR) {
        bf_draft_wrong(d, v, "filters",
                       "names, or maps of one key such as "
                       "{answerable: {under: blind}}");
        return false;
    }
    const struct bf_op *op = bf_op_find(BF_OPS(bf_filters), name->text);
    if (!op) {
        bf_draft_unknown(d, name, "filter", name->text, bf_draft_op_names(d, BF_OPS(bf_filters)));
        return false;
    }
    f->base = (const struct bf_filter *)(const void *)op;
    f->line = name->line;
    return bf_draft_options(d, op, name, options, (const char *const[]){ NULL }, &f->priv);
}

/* A filter whose options are right is asked whether the rest of the spec has what it names. */
static void check_filter(struct bf_draft *d, const struct bf_node *v,
                         const struct bf_filter_spec *f)
{
    struct bf_err err;
    int rc = f->base->check && !d->partial ? f->base->check(f->priv, d->spec, &err) : BF_OK;
    if (rc == BF_ENOMEM)
        d->no_memory = true;
    else if (rc < 0)
        bf_draft_complain(d, v->kind == BF_NODE_MAP ? v->first : v, "%s", err.msg);
}

void bf_draft_filters(struct bf_draft *d, const struct bf_node *v)
{
    struct bf_spec *spec = d->spec;
    if (!v || v->kind == BF_NODE_NULL)
        return;
    if (v->kind != BF_NODE_LIST) {
        bf_draft_wrong(d, v, "filters", "a list such as [{answerable: {under: blind}}]");
        return;
    }
    spec->filters = bf_draft_alloc(d, (size_t)v->n, sizeof *spec->filters);
    for (const struct bf_node *item = v->first; item && spec->filters; item = item->next) {
        struct bf_filter_spec *f = &spec->filters[spec->n_filters];
        *f = (struct bf_filter_spec){ 0 };
        if (!read_filter(d, item, f))
            continue;
        spec->n_filters++;
        check_filter(d, item, f);
    }
}

static void read_size(struct bf_draft *d, const struct bf_node *v, struct bf_balance_spec *b)
{
    int64_t size = 0;
    if (!v || (v->kind == BF_NODE_SCALAR && strcmp(v->text, "all") == 0))
        return;
    bool number = v->kind == BF_NODE_SCALAR && v->text[strspn(v->text, "0123456789")] == '\0';
    if (!number)
        bf_draft_wrong(d, v, "size", "a whole number, 1 or more, or all");
    else if (bf_draft_integer(d, v, "size", 1, UINT32_MAX, &size))
        b->size = (uint32_t)size;
}

/* `prefer: {SCORE: target}` or `{SCORE: MODALITY}` is kept as "SCORE.target"; or a bare score. */
static void read_prefer(struct bf_draft *d, const struct bf_node *v, struct bf_balance_spec *b)
{
    static const char allowed[] = "a score, or a map such as {contribution: target}";
    if (!v)
        return;
    if (v->kind == BF_NODE_SCALAR) {
        (void)bf_draft_text(d, v, "prefer", allowed, &b->prefer);
        return;
    }
    if (v->kind != BF_NODE_MAP || v->n != 1) {
        bf_draft_wrong(d, v, "prefer", allowed);
        return;
    }
    const struct bf_node *score = v->first;
    const char *of = NULL;
    uint32_t ignored;
    if (!bf_op_find(BF_OPS(bf_metrics), score->text)) {
        bf_draft_unknown(d, score, "score", score->text, bf_draft_op_names(d, BF_OPS(bf_metrics)));
        return;
    }
    if (!bf_draft_text(d, score->value, score->text, "target, or a modality", &of))
        return;
    if (strcmp(of, "target") != 0 &&
        !bf_draft_modalities(d, score->value, score->text, NULL, &ignored))
        return;
    b->prefer = bf_arena_printf(d->a, "%s.%s", score->text, of);
    d->no_memory |= !b->prefer;
}

/* Whether the quotas can be solved, and whether the score preferred is one that will be there. */
static void check_balance(struct bf_draft *d, const struct bf_node *v,
                          const struct bf_balance_spec *b)
{
    struct bf_err err;
    if (d->partial || b->equal.n > 2 || bf_balance_check(d->spec, &err) >= 0)
        return;
    const struct bf_node *prefer = bf_draft_get(v, "prefer");
    bf_draft_complain(d, prefer ? prefer : v, "%s", err.msg);
}

void bf_draft_balance(struct bf_draft *d, const struct bf_node *v)
{
    static const char *const keys[] = { "size", "equal", "joint", "prefer", NULL };
    struct bf_balance_spec *b = &d->spec->balance;
    if (!v)
        return;
    b->on = true;
    if (v->kind == BF_NODE_NULL)
        return;
    if (v->kind != BF_NODE_MAP) {
        bf_draft_wrong(d, v, "balance", "a map such as {size: 100, equal: [category]}");
        return;
    }
    bf_draft_keys(d, v, keys, NULL);
    read_size(d, bf_draft_get(v, "size"), b);
    const struct bf_node *equal = bf_draft_get(v, "equal");
    if (bf_draft_names(d, equal, "equal", &b->equal) && b->equal.n > 2)
        bf_draft_complain(d, equal,
                          "'equal' names %d fields; allowed: at most 2, because quotas "
                          "over one or two families are solved exactly",
                          b->equal.n);
    (void)bf_draft_names(d, bf_draft_get(v, "joint"), "joint", &b->joint);
    read_prefer(d, bf_draft_get(v, "prefer"), b);
    check_balance(d, v, b);
}

static void read_formats(struct bf_draft *d, const struct bf_node *v, const struct bf_node *at)
{
    static const char *usual[] = { "jsonl" };
    struct bf_emit_spec *e = &d->spec->emit;
    struct bf_names names = { 1, usual };
    if (v && !bf_draft_names(d, v, "formats", &names))
        return;
    if (v && names.n == 0)
        bf_draft_complain(d, v, "'formats' is an empty list; allowed: one format or more");
    e->formats = bf_draft_alloc(d, (size_t)names.n, sizeof *e->formats);
    const struct bf_node *item = v && v->kind == BF_NODE_LIST ? v->first : v;
    for (int i = 0; i < names.n && e->formats; i++) {
        const struct bf_op *op = bf_op_find(BF_OPS(bf_emitters), names.v[i]);
        if (op)
            e->formats[e->n_formats++] = (const struct bf_emitter *)(const void *)op;
        else
            bf_draft_unknown(d, item ? item : at, "format", names.v[i],
                             bf_draft_op_names(d, BF_OPS(bf_emitters)));
        item = item ? item->next : NULL;
    }
}

static void read_card(struct bf_draft *d, const struct bf_node *v)
{
    static const char *const keys[] = { "license", "licence", "authors", "url", NULL };
    struct bf_emit_spec *e = &d->spec->emit;
    if (!v || v->kind == BF_NODE_NULL)
        return;
    if (v->kind != BF_NODE_MAP) {
        bf_draft_wrong(d, v, "card", "a map such as {license: cc-by-4.0, authors: [A. Name]}");
        return;
    }
    bf_draft_keys(d, v, keys, NULL);
    const struct bf_node *license = bf_draft_get(v, "license");
    const struct bf_node *licence = bf_draft_get(v, "licence");
    if (license && licence)
        bf_draft_complain(d, licence, "'licence' and 'license' are the same; give one of them");
    (void)bf_draft_text(d, license ? license : licence, license ? "license" : "licence",
                        "the name of a licence", &e->card_licence);
    (void)bf_draft_text(d, bf_draft_get(v, "url"), "url", "an address", &e->card_url);
    (void)bf_draft_names(d, bf_draft_get(v, "authors"), "authors", &e->card_authors);
}

void bf_draft_emit(struct bf_draft *d, const struct bf_node *v)
{
    static const char *const keys[] = { "to", "formats", "card", NULL };
    struct bf_emit_spec *e = &d->spec->emit;
    if (!v)
        return;
    e->on = true;
    if (v->kind != BF_NODE_MAP && v->kind != BF_NODE_NULL) {
        bf_draft_wrong(d, v, "emit", "a map such as {to: build/release, formats: [jsonl]}");
        return;
    }
    if (v->kind == BF_NODE_MAP)
        bf_draft_keys(d, v, keys, NULL);
    (void)bf_draft_text(d, bf_draft_get(v, "to"), "to", "a folder", &e->to);
    read_formats(d, bf_draft_get(v, "formats"), v);
    read_card(d, bf_draft_get(v, "card"));
}
