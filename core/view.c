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
        if (r->modality >= 0 && r->op->swaps)
            BF_TRY(bf_donor_parts(spec, pool, r, &lent, a, err));
    }
    if (!lent.parts && !lent.questions)
        return BF_OK;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        c->n_without += (lent.parts && !lent.parts[i]) || (lent.questions && !lent.questions[i]);
    c->lent = bf_arena_memdup(a, &lent, sizeof lent);
    return c->lent ? BF_OK : bf_fail_memory(err, "conditions");
}

static int add_written(struct bf_conditions *list, size_t *cap, const struct bf_spec *spec,
                       const struct bf_pool *pool, const struct bf_condition_spec *cs,
                       struct bf_arena *a, struct bf_err *err)
{
    struct bf_condition c = { .name = cs->name, .kind = cs->kind, .spec = cs };
    if (cs->kind == BF_COND_REPLACE)
        BF_TRY(lend(spec, pool, &c, a, err));
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
            if (dropped || strcmp(name, "full") == 0)
                return true;
            break;
        }
    }
    return false;
}

static void apply_replaces(const struct bf_condition_spec *cs, const struct bf_sample *s,
                           struct bf_view *v)
{
    for (int i = 0; i < cs->n_replaces; i++) {
        const struct bf_replace *r = &cs->replaces[i];
        if (r->modality == BF_QUESTION) {
            v->question = r->words ? r->words : "";
        } else if (r->modality == BF_CHOICES_TEXT) {
            v->choices = false;
        } else if (s->has & BF_BIT(r->modality)) {
            v->kept &= ~BF_BIT(r->modality);
            if (r->op->apply || r->op->swaps)
                v->by[r->modality] = r;
            else
                v->dropped |= BF_BIT(r->modality);
        }
    }
}

static void borrow(const struct bf_lent *lent, const struct bf_sample *s, struct bf_view *v)
{
    v->lent = lent;
    if (!lent)
        return;
    if (lent->questions)
        v->question = lent->questions[s->index];
    if ((lent->parts && !lent->parts[s->index]) || !v->question)
        v->asked = false;
    if (!v->question)
        v->question = "";
}

void bf_view_of(const struct bf_condition *c, const struct bf_sample *s, struct bf_view *out)
{
    *out =
        (struct bf_view){ .asked = true, .kept = s->has, .question = s->question, .choices = true };
    switch (c->kind) {
    case BF_COND_FULL:
        break;
    case BF_COND_BLIND:
        out->dropped = s->target;
        out->kept &= ~s->target;
        break;
    case BF_COND_WITHOUT_EACH:
    case BF_COND_EVERY_SUBSET:
        out->asked = (c->drop & s->has) == c->drop;
        out->dropped = c->drop & s->has;
        out->kept &= ~c->drop;
        break;
    case BF_COND_REPLACE:
        out->asked = (c->spec->only & s->has) == c->spec->only;
        apply_replaces(c->spec, s, out);
        borrow(c->lent, s, out);
        break;
    }
}

bool bf_view_part(const struct bf_view *v, const struct bf_sample *s, int p,
                  struct bf_reading_key *out)
{
    const struct bf_part *part = &s->parts[p];
    const struct bf_replace *by = v->by[part->modality];
    if (by && by->op->swaps) {
        part = v->lent->parts[s->index] ? v->lent->parts[s->index][p] : NULL;
        by = NULL;
    } else if (!by && !(v->kept & BF_BIT(part->modality))) {
        part = NULL;
    }
    *out = (struct bf_reading_key){ s, part, by };
    return part != NULL;
}

bool bf_view_same(const struct bf_view *a, const struct bf_view *b)
{
    return a->asked && b->asked && a->kept == b->kept && a->choices == b->choices &&
           strcmp(a->question, b->question) == 0 && memcmp(a->by, b->by, sizeof a->by) == 0;
}

void bf_view_print(const struct bf_spec *spec, const struct bf_sample *s, const struct bf_view *v,
                   struct bf_buf *out)
{
    for (int m = 0; m < spec->n_modalities; m++) {
        if (!(s->has & BF_BIT(m)))
            continue;
        const struct bf_replace *r = v->by[m];
        bf_buf_printf(out, "%s=%s", spec->modalities[m].name,
                      v->kept & BF_BIT(m) ? "keep"
                      : r                 ? r->op->op.name
                                          : "drop");
        if (r && r->op->op.opts) {
            const char *comma = "{";
            for (const struct bf_opt *o = r->op->op.opts; o->name; o++, comma = ", ") {
                bf_buf_printf(out, "%s%s: ", comma, o->name);
                bf_opt_print(o, r->priv, out);
            }
            bf_buf_char(out, '}');
        }
        bf_buf_char(out, ';');
    }
    if (v->question == s->question)
        bf_buf_str(out, "question=keep;");
    else {
        bf_buf_str(out, "question=");
        bf_buf_json(out, v->question);
        bf_buf_char(out, ';');
    }
    bf_buf_str(out, v->choices ? "choices=keep" : "choices=drop");
}
