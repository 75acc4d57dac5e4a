/* The conditions of a run: families over what the pool's samples have, and what is lent. */
#include "core/view.h"

#include <string.h>

#include "core/donor.h"

/* "without_image+audio" for a set of modalities; "full" for the empty one. */
static char *subset_name(const struct bf_spec *spec, uint32_t drop, struct bf_arena *a)
{
    struct bf_buf b = { 0 };
    bf_buf_str(&b, drop ? "without_" : "full");
    bool first = true;
    for (int m = 0; m < spec->n_modalities; m++) {
        if (!(drop & BF_BIT(m)))
            continue;
        if (!first)
            bf_buf_char(&b, '+');
        bf_buf_str(&b, spec->modalities[m].name);
        first = false;
    }
    char *name = b.failed ? NULL : bf_arena_strdup(a, b.data);
    bf_buf_done(&b);
    return name;
}

static int add(struct bf_conditions *list, size_t *cap, const struct bf_condition *c,
               struct bf_arena *a, struct bf_err *err)
{
    if (!c->name)
        return bf_fail_memory(err, "conditions");
    if (bf_condition_find(list, c->name) >= 0)
        return BF_OK;
    if ((size_t)list->n == *cap) {
        size_t more = *cap ? *cap * 2 : 16;
        struct bf_condition *v = bf_arena_alloc(a, more, sizeof *v);
        if (!v)
            return bf_fail_memory(err, "conditions");
        if (list->n)
            memcpy(v, list->v, (size_t)list->n * sizeof *v);
        list->v = v;
        *cap = more;
    }
    list->v[list->n++] = *c;
    return BF_OK;
}

static int add_subset(struct bf_conditions *list, size_t *cap, const struct bf_spec *spec,
                      const struct bf_condition_spec *cs, uint32_t drop, struct bf_arena *a,
                      struct bf_err *err)
{
    const struct bf_condition c = {
        .name = subset_name(spec, drop, a),
        .kind = drop ? cs->kind : BF_COND_FULL,
        .drop = drop,
        .spec = cs,
    };
    return add(list, cap, &c, a, err);
}

/* Every subset of every distinct set of modalities that a sample has, in order of the mask. */
static int add_every_subset(struct bf_conditions *list, size_t *cap, const struct bf_spec *spec,
                            const struct bf_pool *pool, const struct bf_condition_spec *cs,
                            struct bf_arena *a, struct bf_err *err)
{
    uint8_t seen[1 << BF_MAX_MODALITIES] = { 0 };
    for (uint32_t i = 0; i < pool->n_samples; i++)
        seen[pool->samples[i].has] = 1;
    for (uint32_t has = 1; has < 1u << BF_MAX_MODALITIES; has++) {
        if (!seen[has])
            continue;
        /* All subsets of `has`, ascending: the next one fills the gaps with ones and adds one. */
        for (uint32_t drop = 0;; drop = ((drop | ~has) + 1) & has) {
            BF_TRY(add_subset(list, cap, spec, cs, drop, a, err));
            if (drop == has)
                break;
        }
    }
    return BF_OK;
}

static int add_without_each(struct bf_conditions *list, size_t *cap, const struct bf_spec *spec,
                            const struct bf_pool *pool, const struct bf_condition_spec *cs,
                            struct bf_arena *a, struct bf_err *err)
{
    uint32_t has = 0;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        has |= pool->samples[i].has;
    for (int m = 0; m < spec->n_modalities; m++)
        if (has & BF_BIT(m))
            BF_TRY(add_subset(list, cap, spec, cs, BF_BIT(m), a, err));
    return BF_OK;
}

/* "without_image.1+question": what subset `drop` of `over` is called. */
static void print_over(const struct bf_spec *spec, const struct bf_condition_spec *over,
                       uint32_t drop, struct bf_buf *out)
{
    const char *before = "without_";
    for (int i = 0; i < over->n_replaces; i++) {
        const struct bf_replace *r = &over->replaces[i];
        if (!(drop & BF_BIT(i)))
            continue;
        bf_buf_str(out, before);
        bf_replace_print(spec, r, out);
        before = "+";
    }
}

/* One subset of what a family is over, as a condition of its own. */
static int add_over_subset(struct bf_conditions *list, size_t *cap, const struct bf_spec *spec,
                           const struct bf_condition_spec *over, uint32_t drop, struct bf_arena *a,
                           struct bf_err *err)
{
    struct bf_condition_spec *cs = bf_arena_memdup(a, over, sizeof *over);
    struct bf_replace *replaces = bf_arena_alloc(a, (size_t)over->n_replaces + 1, sizeof *replaces);
    struct bf_buf b = { 0 };
    print_over(spec, over, drop, &b);
    char *name = b.failed ? NULL : bf_arena_strdup(a, b.data);
    bf_buf_done(&b);
    if (!cs || !replaces || !name)
        return bf_fail_memory(err, "conditions");
    cs->n_replaces = 0;
    for (int i = 0; i < over->n_replaces; i++)
        if (drop & BF_BIT(i))
            replaces[cs->n_replaces++] = over->replaces[i];
    cs->name = name;
    cs->kind = BF_COND_REPLACE;
    cs->replaces = replaces;
    cs->subset = true;
    const struct bf_condition c = { .name = name, .kind = BF_COND_REPLACE, .spec = cs };
    return add(list, cap, &c, a, err);
}

/* `every_subset: {over: [...]}`: every subset that some sample has all of, in order of the mask. */
static int add_over(struct bf_conditions *list, size_t *cap, const struct bf_spec *spec,
                    const struct bf_pool *pool, const struct bf_condition_spec *cs,
                    struct bf_arena *a, struct bf_err *err)
{
    bool seen[1 << BF_MAX_LATTICE] = { false };
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        uint32_t there = 0;
        for (int k = 0; k < cs->n_replaces; k++)
            there |= bf_sample_has(&pool->samples[i], &cs->replaces[k]) ? BF_BIT(k) : 0;
        seen[there] = true;
    }
    BF_TRY(add_subset(list, cap, spec, cs, 0, a, err));
    for (uint32_t drop = 1; drop < 1u << cs->n_replaces; drop++) {
        bool some = false;
        for (uint32_t there = drop; there < 1u << cs->n_replaces; there++)
            some |= seen[there] && (there & drop) == drop;
        if (some)
            BF_TRY(add_over_subset(list, cap, spec, cs, drop, a, err));
    }
    return BF_OK;
}

/* Words in place of each sample's own question. */
static int lend_question(const struct bf_spec *spec, const struct bf_pool *pool,
                         const struct bf_replace *r, struct bf_lent *out, struct bf_arena *a,
                         struct bf_err *err)
{
    if (r->op->swaps)
        return bf_donor_questions(spec, pool, r, out, a, err);
    out->questions = bf_arena_alloc(a, (size_t)pool->n_samples + 1, sizeof *out->questions);
    if (!out->questions)
        return bf_fail_memory(err, "conditions");
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        const struct bf_sample *s = &pool->samples[i];
        const struct bf_media in = { .carrier = BF_TEXT, .text = s->question };
        struct bf_apply with = { .rng = bf_rng_for(spec->seed, s->id, r->op->op.name, UINT64_MAX) };
        struct bf_media made;
        BF_TRY(r->op->apply(r->priv, &in, &with, &made, a, err));
        out->questions[i] = made.text;
    }
    return BF_OK;
}

/* What a written condition takes from other samples, or makes of every sample's words. */
static int lend(const struct bf_spec *spec, const struct bf_pool *pool, struct bf_condition *c,
                struct bf_arena *a, struct bf_err *err)
{
    struct bf_lent lent = { 0 };
    for (int i = 0; i < c->spec->n_replaces; i++) {
        const struct bf_replace *r = &c->spec->replaces[i];
        if (r->modality == BF_QUESTION && r->op && (r->op->apply || r->op->swaps))
            BF_TRY(lend_question(spec, pool, r, &lent, a, err));
        if ((r->modality >= 0 || r->modality == BF_EVERY_MODALITY) && r->op->swaps)
            BF_TRY(bf_donor_parts(spec, pool, c->spec, r, &lent, a, err));
    }
    if (!lent.parts && !lent.questions)
        return BF_OK;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        c->n_without += (lent.parts && !lent.parts[i]) || (lent.questions && !lent.questions[i]);
    c->lent = bf_arena_memdup(a, &lent, sizeof lent);
    return c->lent ? BF_OK : bf_fail_memory(err, "conditions");
}

/* Whether no sample shows what `r` names; the question and choices are always there. */
static bool is_absent(const struct bf_pool *pool, const struct bf_replace *r)
{
    bool found = r->modality < 0 || pool->n_samples == 0;
    for (uint32_t i = 0; i < pool->n_samples && !found; i++)
        found = bf_sample_has(&pool->samples[i], r);
    return !found;
}

/* The first thing that a written condition replaces, or asks for, and no sample shows. */
static int find_absent(const struct bf_spec *spec, const struct bf_pool *pool,
                       struct bf_condition *c, struct bf_arena *a, struct bf_err *err)
{
    const struct bf_replace *r = NULL;
    for (int i = 0; i < c->spec->n_replaces && !r; i++)
        r = is_absent(pool, &c->spec->replaces[i]) ? &c->spec->replaces[i] : NULL;
    for (int i = 0; i < c->spec->n_only_parts && !r; i++)
        r = is_absent(pool, &c->spec->only_parts[i]) ? &c->spec->only_parts[i] : NULL;
    if (!r)
        return BF_OK;
    const char *name = spec->modalities[r->modality].name;
    c->absent = r->number ? bf_arena_printf(a, "%s.%d", name, r->number) : name;
    return c->absent ? BF_OK : bf_fail_memory(err, "conditions");
}

static int add_written(struct bf_conditions *list, size_t *cap, const struct bf_spec *spec,
                       const struct bf_pool *pool, const struct bf_condition_spec *cs,
                       struct bf_arena *a, struct bf_err *err)
{
    struct bf_condition c = { .name = cs->name, .kind = cs->kind, .spec = cs };
    if (cs->kind == BF_COND_REPLACE) {
        BF_TRY(lend(spec, pool, &c, a, err));
        BF_TRY(find_absent(spec, pool, &c, a, err));
    }
    return add(list, cap, &c, a, err);
}

int bf_conditions_expand(const struct bf_spec *spec, const struct bf_pool *pool,
                         struct bf_conditions *out, struct bf_arena *a, struct bf_err *err)
{
    struct bf_conditions list = { 0 };
    size_t cap = 0;
    for (int i = 0; i < spec->n_conditions; i++) {
        const struct bf_condition_spec *cs = &spec->conditions[i];
        if (cs->kind == BF_COND_WITHOUT_EACH)
            BF_TRY(add_without_each(&list, &cap, spec, pool, cs, a, err));
        else if (cs->kind == BF_COND_EVERY_SUBSET && cs->n_replaces)
            BF_TRY(add_over(&list, &cap, spec, pool, cs, a, err));
        else if (cs->kind == BF_COND_EVERY_SUBSET)
            BF_TRY(add_every_subset(&list, &cap, spec, pool, cs, a, err));
        else
            BF_TRY(add_written(&list, &cap, spec, pool, cs, a, err));
    }
    *out = list;
    return BF_OK;
}

int bf_condition_find(const struct bf_conditions *c, const char *name)
{
    for (int i = 0; i < c->n; i++)
        if (strcmp(c->v[i].name, name) == 0)
            return i;
    return -1;
}

/* The modalities named in "image+audio", or 0 when one is unknown. */
static uint32_t named_set(const struct bf_spec *spec, const char *names)
{
    uint32_t set = 0;
    for (const char *s = names;; s++) {
        size_t n = strcspn(s, "+");
        uint32_t bit = 0;
        for (int m = 0; m < spec->n_modalities; m++)
            if (strlen(spec->modalities[m].name) == n &&
                strncmp(spec->modalities[m].name, s, n) == 0)
                bit = BF_BIT(m);
        if (!bit)
            return 0;
        set |= bit;
        s += n;
        if (!*s)
            return set;
    }
}

/* Whether a family over what it names has a condition of this name. */
static bool is_over(const struct bf_spec *spec, const struct bf_condition_spec *over,
                    const char *name)
{
    struct bf_buf b = { 0 };
    bool found = strcmp(name, "full") == 0;
    for (uint32_t drop = 1; drop < 1u << over->n_replaces && !found; drop++) {
        b.len = 0;
        print_over(spec, over, drop, &b);
        found = !b.failed && strcmp(b.data, name) == 0;
    }
    bf_buf_done(&b);
    return found;
}

bool bf_condition_known(const struct bf_spec *spec, const char *name)
{
    const uint32_t dropped = strncmp(name, "without_", 8) == 0 ? named_set(spec, name + 8) : 0;
    for (int i = 0; i < spec->n_conditions; i++) {
        const struct bf_condition_spec *cs = &spec->conditions[i];
        switch (cs->kind) {
        case BF_COND_FULL:
        case BF_COND_BLIND:
        case BF_COND_REPLACE:
            if (strcmp(cs->name, name) == 0)
                return true;
            break;
        case BF_COND_WITHOUT_EACH:
            if (dropped && (dropped & (dropped - 1)) == 0)
                return true;
            break;
        case BF_COND_EVERY_SUBSET:
            if (cs->n_replaces ? is_over(spec, cs, name) : dropped || strcmp(name, "full") == 0)
                return true;
            break;
        }
    }
    return false;
}
