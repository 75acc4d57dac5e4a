/* Sections `prices` and `spend`: what tokens cost, and what a run may spend. */
#include <float.h>
#include <math.h>

#include "core/text.h"
#include "specs/draft.h"

/* A number of at least `min`; `whole`: nothing behind the point. */
static bool read_number(struct bf_draft *d, const struct bf_node *v, const char *key,
                        const char *allowed, double min, bool whole, double *out)
{
    double x;
    if (!v)
        return false;
    if (v->kind != BF_NODE_SCALAR || !bf_text_number(v->text, &x) || x < min ||
        (whole && x != floor(x))) {
        bf_draft_wrong(d, v, key, allowed);
        return false;
    }
    *out = x;
    return true;
}

static void read_price(struct bf_draft *d, const struct bf_node *key, struct bf_price *p)
{
    static const char *const keys[] = { "input", "output", NULL };
    static const char allowed[] = "a number, 0 or more (for a million tokens)";
    double *const values[] = { &p->input, &p->output };
    p->model = key->text;
    if (key->value->kind != BF_NODE_MAP || key->value->n == 0) {
        bf_draft_wrong(d, key->value, key->text, "a map such as {input: 0.15, output: 0.6}");
        return;
    }
    bf_draft_keys(d, key->value, keys, NULL);
    for (size_t i = 0; keys[i]; i++) {
        const struct bf_node *v = bf_draft_get(key->value, keys[i]);
        if (!v)
            bf_draft_complain(d, key, "'%s' of the price of '%.100s' is missing; allowed: %s",
                              keys[i], key->text, allowed);
        (void)read_number(d, v, keys[i], allowed, 0, false, values[i]);
    }
}

void bf_draft_prices(struct bf_draft *d, const struct bf_node *v)
{
    struct bf_spec *spec = d->spec;
    const int complaints = d->n_complaints;
    if (!v || v->kind == BF_NODE_NULL)
        return;
    if (v->kind != BF_NODE_MAP || v->n == 0) {
        bf_draft_wrong(d, v, "prices",
                       "a map from models to prices, such as {gpt-4o-mini: {input: 0.15, "
                       "output: 0.6}}");
        d->bad_prices = true;
        return;
    }
    spec->prices = bf_draft_alloc(d, (size_t)v->n, sizeof *spec->prices);
    for (const struct bf_node *key = v->first; key && spec->prices; key = key->next)
        if (key->text[0] == '\0')
            bf_draft_complain(d, key, "a model of 'prices' has no name");
        else if (bf_draft_get(v, key->text) == key->value) /* else it stands twice */
            read_price(d, key, &spec->prices[spec->n_prices++]);
    d->bad_prices = d->n_complaints != complaints;
}

/* A limit on money that some probe's spending does not count towards is none. */
static void check_money(struct bf_draft *d, const struct bf_node *at)
{
    for (int i = 0; i < d->spec->n_probes && !d->bad_prices; i++) {
        const struct bf_probe_spec *p = &d->spec->probes[i];
        if (!p->base->costs || !p->priv)
            continue;
        const char *model = p->base->model ? p->base->model(p) : NULL;
        if (!model)
            bf_draft_complain(d, at, "'money' cannot limit probe '%s', which names no model",
                              p->name);
        else if (!bf_spec_price(d->spec, model))
            bf_draft_complain(d, at,
                              "'money' cannot limit probe '%s': 'prices' has none for model "
                              "'%.200s'",
                              p->name, model);
    }
}

void bf_draft_spend(struct bf_draft *d, const struct bf_node *v)
{
    static const char *const keys[] = { "requests", "tokens", "money", NULL };
    static const char whole[] = "a whole number, 1 or more";
    struct bf_spend_spec *s = &d->spec->spend;
    if (!v || v->kind == BF_NODE_NULL)
        return;
    if (v->kind != BF_NODE_MAP || v->n == 0) {
        bf_draft_wrong(d, v, "spend", "a map such as {requests: 10000, tokens: 2e6, money: 5}");
        return;
    }
    bf_draft_keys(d, v, keys, NULL);
    (void)read_number(d, bf_draft_get(v, "requests"), "requests", whole, 1, true, &s->requests);
    (void)read_number(d, bf_draft_get(v, "tokens"), "tokens", whole, 1, true, &s->tokens);
    const struct bf_node *money = bf_draft_get(v, "money");
    if (read_number(d, money, "money", "a number above 0, in the currency of 'prices'", DBL_MIN,
                    false, &s->money))
        check_money(d, money);
}
