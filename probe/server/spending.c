/* Requests, tokens and money spent. */
#include "probe/server/spending.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

int bf_spending_init(struct bf_spending *t, const struct bf_spec *spec, const char *model,
                     struct bf_spent *shared, struct bf_err *err)
{
    *t = (struct bf_spending){ .limit = spec->spend };
    t->spent = shared ? shared : &t->own;
    for (int i = 0; i < spec->n_prices; i++)
        if (strcmp(spec->prices[i].model, model) == 0)
            t->price = &spec->prices[i];
    t->money = t->price ? 0 : NAN;
    if (t->limit.money > 0 && !t->price)
        return bf_fail(err, BF_EINVAL,
                       "'spend' limits money, but 'prices' has no line for model '%s'", model);
    return BF_OK;
}

bool bf_spending_estimates(const struct bf_spending *t)
{
    return t->limit.tokens > 0 || t->limit.money > 0;
}

static double cost(const struct bf_spending *t, double n_in, double n_out)
{
    return t->price ? (n_in * t->price->input + n_out * t->price->output) / 1e6 : 0;
}

void bf_spending_sent(struct bf_spending *t, double n_in, double n_out)
{
    t->spent->requests++;
    t->tokens_open += n_in + n_out;
    t->money_open += cost(t, n_in, n_out);
}

void bf_spending_ended(struct bf_spending *t, double n_in, double n_out, double in, double out)
{
    t->tokens_open -= n_in + n_out;
    t->money_open -= cost(t, n_in, n_out);
    t->spent->tokens += in + out;
    t->spent->money += cost(t, in, out);
    t->money += cost(t, in, out);
}

bool bf_spending_reached(const struct bf_spending *t, char *what, size_t size)
{
    /* Sums of estimates taken back leave crumbs. */
    static const double crumb = 1e-9;
    const struct bf_spent *s = t->spent;
    if (t->limit.requests > 0 && s->requests >= t->limit.requests)
        snprintf(what, size, "%.0f requests", t->limit.requests);
    else if (t->limit.tokens > 0 && s->tokens + t->tokens_open >= t->limit.tokens - crumb)
        snprintf(what, size, "%.0f tokens", t->limit.tokens);
    else if (t->limit.money > 0 && s->money + t->money_open >= t->limit.money - crumb)
        snprintf(what, size, "%g of money", t->limit.money);
    else
        return false;
    return true;
}
