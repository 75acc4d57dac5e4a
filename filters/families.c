/* Families of quotas: which value of a field each candidate has, and what each value is due. */
#include "filters/families.h"

#include <stdlib.h>
#include <string.h>

/* Joins the values of several fields, where no field value can hold it; shown as '+'. */
enum { JOINT = '\x1f' };

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *value_of(const struct bf_spec *spec, const struct bf_sample *s,
                            const struct bf_names *fields, struct bf_arena *a)
{
    const char *names[BF_MAX_MODALITIES] = { NULL };
    for (int m = 0; m < spec->n_modalities; m++)
        names[m] = spec->modalities[m].name;

    const char *value = "";
    for (int i = 0; value && i < fields->n; i++) {
        const char *one = bf_sample_field(s, fields->v[i], names, a);
        if (!one)
            one = "(none)";
        value = i == 0 ? one : bf_arena_printf(a, "%s%c%s", value, JOINT, one);
    }
    return value;
}

/* Distinct values in `texts` [n], by name; false when out of memory. */
static bool distinct(const char *const *texts, uint32_t n, struct bf_family *f, struct bf_arena *a)
{
    f->values = bf_arena_memdup(a, texts, n * sizeof *texts);
    if (!f->values)
        return false;
    qsort(f->values, n, sizeof *f->values, by_text);
    f->n_values = 0;
    for (uint32_t i = 0; i < n; i++)
        if (f->n_values == 0 || strcmp(f->values[f->n_values - 1], f->values[i]) != 0)
            f->values[f->n_values++] = f->values[i];
    return true;
}

/* A value and how many candidates have it, for sorting. */
struct supply {
    uint32_t value, available;
};

static int by_supply(const void *a, const void *b)
{
    const struct supply *x = a, *y = b;
    if (x->available != y->available)
        return x->available < y->available ? 1 : -1;
    return (x->value > y->value) - (x->value < y->value);
}

static int make_order(struct bf_family *f, struct bf_arena *a, struct bf_err *err)
{
    struct supply *s = bf_arena_alloc(a, f->n_values, sizeof *s);
    if (!s)
        return bf_fail_memory(err, "quotas");
    for (uint32_t v = 0; v < f->n_values; v++)
        s[v] = (struct supply){ v, f->available[v] };
    qsort(s, f->n_values, sizeof *s, by_supply);
    for (uint32_t v = 0; v < f->n_values; v++)
        f->order[v] = s[v].value;
    return BF_OK;
}

static const char *joined_names(const struct bf_names *fields, struct bf_arena *a)
{
    const char *name = "";
    for (int i = 0; name && i < fields->n; i++)
        name = i == 0 ? fields->v[0] : bf_arena_printf(a, "%s+%s", name, fields->v[i]);
    return name;
}

/* The value as people read it. */
static const char *shown(const char *value, struct bf_arena *a)
{
    char *text = bf_arena_strdup(a, value);
    for (char *c = text; c && *c; c++)
        if (*c == JOINT)
            *c = '+';
    return text;
}

int bf_family_make(const struct bf_spec *spec, const struct bf_pool *pool,
                   const struct bf_names *fields, const uint32_t *candidates, uint32_t n,
                   struct bf_family *out, struct bf_arena *a, struct bf_err *err)
{
    struct bf_family f = { .field = joined_names(fields, a) };
    const char **texts = bf_arena_alloc(a, n + 1u, sizeof *texts);
    if (!f.field || !texts)
        return bf_fail_memory(err, "quotas");
    for (uint32_t i = 0; i < n; i++) {
        texts[i] = value_of(spec, &pool->samples[candidates[i]], fields, a);
        if (!texts[i])
            return bf_fail_memory(err, "quotas");
    }
    if (!distinct(texts, n, &f, a))
        return bf_fail_memory(err, "quotas");

    f.of = bf_arena_alloc(a, n + 1u, sizeof *f.of);
    f.available = bf_arena_alloc(a, f.n_values + 1u, sizeof *f.available);
    f.order = bf_arena_alloc(a, f.n_values + 1u, sizeof *f.order);
    if (!f.of || !f.available || !f.order)
        return bf_fail_memory(err, "quotas");
    for (uint32_t i = 0; i < n; i++) {
        const char **at = bsearch(&texts[i], f.values, f.n_values, sizeof *f.values, by_text);
        f.of[i] = (uint32_t)(at - f.values); /* it is one of them */
        f.available[f.of[i]]++;
    }
    BF_TRY(make_order(&f, a, err));
    for (uint32_t v = 0; v < f.n_values; v++) {
        f.values[v] = shown(f.values[v], a);
        if (!f.values[v])
            return bf_fail_memory(err, "quotas");
    }
    *out = f;
    return BF_OK;
}

void bf_family_quotas(const struct bf_family *f, uint32_t size, uint32_t *quota_out)
{
    for (uint32_t v = 0; v < f->n_values; v++)
        quota_out[v] = size / f->n_values;
    for (uint32_t i = 0; i < size % f->n_values; i++)
        quota_out[f->order[i]]++;
}
