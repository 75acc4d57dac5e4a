/* struct bf_spec -> YAML with every default filled in. */
#include <string.h>

#include "core/text.h"
#include "core/view.h"
#include "specs/draft.h"

static void print_names(const struct bf_names *names, struct bf_buf *out)
{
    bf_buf_char(out, '[');
    for (int i = 0; i < names->n; i++) {
        bf_buf_str(out, i ? ", " : "");
        bf_text_yaml(out, names->v[i]);
    }
    bf_buf_char(out, ']');
}

static void key(struct bf_buf *out, bool *first, const char *name)
{
    bf_buf_str(out, *first ? "" : ", ");
    bf_text_yaml(out, name);
    bf_buf_str(out, ": ");
    *first = false;
}

static void pair(struct bf_buf *out, bool *first, const char *name, const char *value)
{
    key(out, first, name);
    bf_text_yaml(out, value);
}

/* A path below the spec's folder as it was written there. */
static const char *shown(const struct bf_spec *spec, const char *path)
{
    size_t n = strlen(spec->dir);
    if (path && strncmp(path, spec->dir, n) == 0 && path[n] == '/')
        return path + n + 1;
    return path ? path : "";
}

/* All but the option called `left_out`, which may be NULL. */
static void print_options_but(const struct bf_spec *spec, const struct bf_op *op, const void *priv,
                              const char *left_out, bool *first, struct bf_buf *out)
{
    for (const struct bf_opt *o = op->opts; o && o->name; o++) {
        if (left_out && strcmp(o->name, left_out) == 0)
            continue;
        if (o->type == BF_OPT_NAMED) {
            const struct bf_named *named = (const void *)((const char *)priv + o->offset);
            bf_buf_str(out, *first || named->n == 0 ? "" : ", ");
            bf_opt_print(o, priv, out);
            *first &= named->n == 0;
            continue;
        }
        key(out, first, o->name);
        if (o->type == BF_OPT_PATH) {
            const char *const *path = (const void *)((const char *)priv + o->offset);
            bf_text_yaml(out, shown(spec, *path));
        } else {
            bf_opt_print(o, priv, out);
        }
    }
}

static void print_options(const struct bf_spec *spec, const struct bf_op *op, const void *priv,
                          bool *first, struct bf_buf *out)
{
    print_options_but(spec, op, priv, NULL, first, out);
}

static void print_pools(const struct bf_spec *spec, struct bf_buf *out)
{
    bf_buf_str(out, "pool:\n");
    for (int i = 0; i < spec->n_pools; i++) {
        const struct bf_pool_spec *p = &spec->pools[i];
        bool first = true;
        bf_buf_str(out, "  - {");
        pair(out, &first, "format", p->reader->op.name);
        pair(out, &first, "path", p->shown);
        print_options(spec, &p->reader->op, p->priv, &first, out);
        bf_buf_str(out, ",\n     fields: {");
        first = true;
        pair(out, &first, "id", p->f_id);
        pair(out, &first, "question", p->f_question);
        pair(out, &first, "choices", p->f_choices);
        pair(out, &first, "answer", p->f_answer);
        pair(out, &first, "category", p->f_category);
        pair(out, &first, "task", p->f_task);
        pair(out, &first, "media", p->f_media);
        pair(out, &first, "target", p->f_target);
        pair(out, &first, "licence", p->f_licence);
        for (int m = 0; m < spec->n_modalities; m++)
            if (p->f_modality[m])
                pair(out, &first, spec->modalities[m].name, p->f_modality[m]);
        bf_buf_str(out, "}}\n");
    }
}

static void print_modalities(const struct bf_spec *spec, struct bf_buf *out)
{
    bf_buf_str(out, spec->n_modalities ? "modalities:\n" : "modalities: {}\n");
    for (int i = 0; i < spec->n_modalities; i++) {
        const struct bf_modality_use *use = &spec->modalities[i];
        bool first = true;
        bf_buf_str(out, "  ");
        bf_text_yaml(out, use->name);
        bf_buf_str(out, ": {");
        if (use->declared)
            pair(out, &first, "carrier", bf_carrier_name(use->base->carrier));
        print_options(spec, &use->base->op, use->priv, &first, out);
        bf_buf_str(out, "}\n");
    }
}

/* `{noise: {lo: 0, hi: 255}}`, or the bare name where there are no options; `graded` leaves the
 * severity to a list of them. */
static void print_operator(const struct bf_spec *spec, const struct bf_replace *r, bool graded,
                           struct bf_buf *out)
{
    if (!r->op->op.opts || !r->op->op.opts[0].name) {
        bf_text_yaml(out, r->op->op.name);
        return;
    }
    bool first = true;
    bf_buf_char(out, '{');
    key(out, &first, r->op->op.name);
    first = true;
    bf_buf_char(out, '{');
    print_options_but(spec, &r->op->op, r->priv, graded ? "severity" : NULL, &first, out);
    bf_buf_str(out, "}}");
}

/* What is replaced: a modality, a part, all, question or choices. */
static void replaced(const struct bf_spec *spec, const struct bf_replace *r, bool *first,
                     struct bf_buf *out)
{
    struct bf_buf name = { 0 };
    bf_replace_print(spec, r, &name);
    bf_buf_str(out, *first ? "" : ", ");
    bf_text_yaml(out, name.data ? name.data : "");
    out->failed |= name.failed;
    bf_buf_done(&name);
    *first = false;
}

static void print_replaces(const struct bf_spec *spec, const struct bf_condition_spec *c,
                           struct bf_buf *out)
{
    bool first = true;
    for (int i = 0; i < c->n_replaces; i++) {
        const struct bf_replace *r = &c->replaces[i];
        if (r->words) {
            pair(out, &first, "question", r->words);
            continue;
        }
        replaced(spec, r, &first, out);
        bf_buf_str(out, ": ");
        print_operator(spec, r, c->family != NULL, out);
    }
}

static void print_only(const struct bf_spec *spec, const struct bf_condition_spec *c,
                       struct bf_buf *out)
{
    bool first = true;
    if (!c->only && !c->n_only_parts)
        return;
    bf_buf_str(out, ", only: [");
    for (int m = 0; m < spec->n_modalities; m++)
        if (c->only & BF_BIT(m))
            replaced(spec, &(struct bf_replace){ .modality = m }, &first, out);
    for (int i = 0; i < c->n_only_parts; i++)
        replaced(spec, &c->only_parts[i], &first, out);
    bf_buf_char(out, ']');
}

/* `c` [n] written as one: `severity: [0.25, 0.5]`. */
static void print_written(const struct bf_spec *spec, const struct bf_condition_spec *c, int n,
                          struct bf_buf *out)
{
    bf_buf_str(out, "  - ");
    bf_text_yaml(out, c->family ? c->family : c->name);
    bf_buf_str(out, ": {replace: {");
    print_replaces(spec, c, out);
    bf_buf_char(out, '}');
    print_only(spec, c, out);
    for (int i = 0; c->family && i < n; i++) {
        bf_buf_str(out, i ? ", " : ", severity: [");
        bf_buf_num(out, c[i].severity);
    }
    bf_buf_str(out, c->family ? "]}\n" : "}\n");
}

static void print_over(const struct bf_spec *spec, const struct bf_condition_spec *c,
                       struct bf_buf *out)
{
    bool first = true;
    bf_buf_printf(out, "  - %s: {over: [", c->name);
    for (int i = 0; i < c->n_replaces; i++)
        replaced(spec, &c->replaces[i], &first, out);
    bf_buf_str(out, "]}\n");
}

static void print_conditions(const struct bf_spec *spec, struct bf_buf *out)
{
    bf_buf_str(out, "conditions:\n");
    for (int i = 0, n; i < spec->n_conditions; i += n) {
        const struct bf_condition_spec *c = &spec->conditions[i];
        n = 1;
        /* Those of one list share its text. */
        while (c->family && i + n < spec->n_conditions && c[n].family == c->family)
            n++;
        if (c->kind == BF_COND_REPLACE)
            print_written(spec, c, n, out);
        else if (c->n_replaces)
            print_over(spec, c, out);
        else
            bf_buf_printf(out, "  - %s\n", c->name);
    }
}

static void print_probes(const struct bf_spec *spec, struct bf_buf *out)
{
    bf_buf_str(out, spec->n_probes ? "probes:\n" : "probes: []\n");
    for (int i = 0; i < spec->n_probes; i++) {
        const struct bf_probe_spec *p = &spec->probes[i];
        bool first = true;
        bf_buf_str(out, "  - {");
        pair(out, &first, "name", p->name);
        pair(out, &first, "kind", p->base->op.name);
        pair(out, &first, "family", p->family);
        pair(out, &first, "role", p->judge ? "judge" : p->held_out ? "held_out" : "voter");
        bf_buf_printf(out, ", trials: %d", p->trials);
        pair(out, &first, "orders", bf_order_words[p->orders]);
        if (p->under.n) {
            key(out, &first, "under");
            print_names(&p->under, out);
        }
        if (p->before)
            pair(out, &first, "base", p->before);
        print_options(spec, &p->base->op, p->priv, &first, out);
        bf_buf_str(out, "}\n");
    }
}

static void print_prices(const struct bf_spec *spec, struct bf_buf *out)
{
    bf_buf_str(out, spec->n_prices ? "prices:\n" : "");
    for (int i = 0; i < spec->n_prices; i++) {
        bool first = true;
        bf_buf_str(out, "  ");
        key(out, &first, spec->prices[i].model);
        bf_buf_str(out, "{input: ");
        bf_buf_num(out, spec->prices[i].input);
        bf_buf_str(out, ", output: ");
        bf_buf_num(out, spec->prices[i].output);
        bf_buf_str(out, "}\n");
    }
}

static void print_spend(const struct bf_spend_spec *s, struct bf_buf *out)
{
    const struct {
        const char *name;
        double limit;
    } rows[] = { { "requests", s->requests }, { "tokens", s->tokens }, { "money", s->money } };
    bool first = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].limit <= 0)
            continue;
        bf_buf_str(out, first ? "spend: {" : "");
        key(out, &first, rows[i].name);
        bf_buf_num(out, rows[i].limit);
    }
    bf_buf_str(out, first ? "" : "}\n");
}

static void print_judge(const struct bf_spec *spec, struct bf_buf *out)
{
    const int p = spec->judge.probe;
    bool first = true;
    if (p < 0 || p >= spec->n_probes || !spec->probes[p].judge)
        return;
    bf_buf_str(out, "judge: {");
    pair(out, &first, "probe", spec->probes[p].name);
    if (spec->judge.shown)
        pair(out, &first, "labels", spec->judge.shown);
    bf_buf_str(out, "}\n");
}

static void print_scores(const struct bf_spec *spec, struct bf_buf *out)
{
    bf_buf_str(out, "scores: [");
    for (int i = 0; i < spec->n_scores; i++) {
        bf_buf_str(out, i ? ", " : "");
        bf_text_yaml(out, spec->scores[i]->op.name);
    }
    bf_buf_str(out, "]\n");
}

static void print_filters(const struct bf_spec *spec, struct bf_buf *out)
{
    bf_buf_str(out, spec->n_filters ? "filters:\n" : "filters: []\n");
    for (int i = 0; i < spec->n_filters; i++) {
        const struct bf_filter_spec *f = &spec->filters[i];
        bool first = true;
        bf_buf_str(out, "  - ");
        bf_text_yaml(out, f->base->op.name);
        bf_buf_str(out, ": {");
        print_options(spec, &f->base->op, f->priv, &first, out);
        bf_buf_str(out, "}\n");
    }
}

static void print_balance(const struct bf_balance_spec *b, struct bf_buf *out)
{
    if (!b->on)
        return;
    bf_buf_str(out, "balance: {size: ");
    if (b->size)
        bf_buf_printf(out, "%u", b->size);
    else
        bf_buf_str(out, "all");
    bf_buf_str(out, ", equal: ");
    print_names(&b->equal, out);
    bf_buf_str(out, ", joint: ");
    print_names(&b->joint, out);
    if (b->prefer) {
        bf_buf_str(out, ", prefer: ");
        bf_text_yaml(out, b->prefer);
    }
    bf_buf_str(out, "}\n");
}

static void print_emit(const struct bf_emit_spec *e, struct bf_buf *out)
{
    if (!e->on)
        return;
    bool first = true;
    bf_buf_str(out, "emit: {");
    if (e->to)
        pair(out, &first, "to", e->to);
    key(out, &first, "formats");
    bf_buf_char(out, '[');
    for (int i = 0; i < e->n_formats; i++) {
        bf_buf_str(out, i ? ", " : "");
        bf_text_yaml(out, e->formats[i]->op.name);
    }
    bf_buf_str(out, "], card: {");
    first = true;
    if (e->card_licence)
        pair(out, &first, "license", e->card_licence);
    key(out, &first, "authors");
    print_names(&e->card_authors, out);
    if (e->card_url)
        pair(out, &first, "url", e->card_url);
    bf_buf_str(out, "}}\n");
}

void bf_spec_print(const struct bf_spec *spec, struct bf_buf *out)
{
    bf_buf_str(out, "blindfold: 1\nname: ");
    bf_text_yaml(out, spec->name);
    bf_buf_printf(out, "\nseed: %llu\ntarget: ", (unsigned long long)spec->seed);
    print_names(&spec->target_names, out);
    bf_buf_printf(out, "\nneeds: %s\nundecided: %s\ndamaged: %s\n",
                  spec->needs == BF_NEEDS_EACH ? "each" : "any",
                  spec->undecided_keep ? "keep" : "drop",
                  spec->damaged_keep ? "keep" : "set_aside");
    print_pools(spec, out);
    print_modalities(spec, out);
    print_conditions(spec, out);
    print_probes(spec, out);
    bf_buf_printf(out, "ask: %s\n", spec->ask_everything ? "everything" : "enough");
    print_prices(spec, out);
    print_spend(&spec->spend, out);
    print_judge(spec, out);
    print_scores(spec, out);
    print_filters(spec, out);
    print_balance(&spec->balance, out);
    print_emit(&spec->emit, out);
}
