/* What one sample is shown under one condition. */
#include "core/view.h"

#include <string.h>

int bf_sample_part(const struct bf_sample *s, int modality, int number)
{
    for (int p = 0; p < s->n_parts; p++)
        if (s->parts[p].modality == modality && s->parts[p].number == number)
            return p;
    return -1;
}

const struct bf_replace *bf_replace_of(const struct bf_condition_spec *cs,
                                       const struct bf_part *part)
{
    const struct bf_replace *best = NULL;
    for (int i = 0; i < cs->n_replaces; i++) {
        const struct bf_replace *r = &cs->replaces[i];
        const bool every = r->modality == BF_EVERY_MODALITY;
        if (!every && (r->modality != part->modality || (r->number && r->number != part->number)))
            continue;
        if (!best || best->modality == BF_EVERY_MODALITY || (!every && r->number))
            best = r;
    }
    return best;
}

bool bf_condition_names_parts(const struct bf_condition *c)
{
    bool names = false;
    for (int i = 0; c->kind == BF_COND_REPLACE && i < c->spec->n_replaces; i++)
        names |= c->spec->replaces[i].number > 0;
    return names;
}

void bf_replace_print(const struct bf_spec *spec, const struct bf_replace *r, struct bf_buf *out)
{
    bf_buf_str(out, r->modality == BF_QUESTION         ? "question"
                    : r->modality == BF_CHOICES_TEXT   ? "choices"
                    : r->modality == BF_EVERY_MODALITY ? "all"
                                                       : spec->modalities[r->modality].name);
    if (r->number)
        bf_buf_printf(out, ".%d", r->number);
}

/* What a condition names this very part for, or NULL. */
static const struct bf_replace *named(const struct bf_view *v, const struct bf_part *part)
{
    const struct bf_replace *r = v->named ? bf_replace_of(v->named, part) : NULL;
    return r && r->number ? r : NULL;
}

static bool leaves(const struct bf_replace *r)
{
    return r->op->apply || r->op->swaps;
}

/* All of one modality. */
static void replace(struct bf_view *v, int m, const struct bf_replace *r)
{
    v->kept &= ~BF_BIT(m);
    v->dropped &= ~BF_BIT(m);
    v->by[m] = leaves(r) ? r : NULL;
    if (!leaves(r))
        v->dropped |= BF_BIT(m);
}

static void apply_replaces(const struct bf_condition_spec *cs, const struct bf_sample *s,
                           struct bf_view *v)
{
    for (int i = 0; i < cs->n_replaces; i++)
        for (int m = 0; cs->replaces[i].modality == BF_EVERY_MODALITY && m < BF_MAX_MODALITIES; m++)
            if (s->has & BF_BIT(m))
                replace(v, m, &cs->replaces[i]);
    for (int i = 0; i < cs->n_replaces; i++) {
        const struct bf_replace *r = &cs->replaces[i];
        if (r->modality == BF_QUESTION)
            v->question = r->words ? r->words : "";
        else if (r->modality == BF_CHOICES_TEXT)
            v->choices = false;
        else if (r->number)
            v->named = cs;
        else if (r->modality >= 0 && s->has & BF_BIT(r->modality))
            replace(v, r->modality, r);
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

/* Whether naming single parts makes a difference to this sample. */
static bool naming_matters(const struct bf_view *v, const struct bf_sample *s)
{
    struct bf_view without = *v;
    bool matters = false;
    without.named = NULL;
    for (int p = 0; v->named && p < s->n_parts && !matters; p++) {
        struct bf_reading_key a, b;
        (void)bf_view_part(v, s, p, &a); /* what is not shown has no part */
        (void)bf_view_part(&without, s, p, &b);
        matters = a.part != b.part || a.by != b.by;
    }
    return matters;
}

/* Say anew what became of each modality, since not all of its parts share a fate. */
static void settle(const struct bf_sample *s, struct bf_view *v)
{
    int n[BF_MAX_MODALITIES] = { 0 }, n_shown[BF_MAX_MODALITIES] = { 0 };
    int n_own[BF_MAX_MODALITIES] = { 0 };
    for (int p = 0; p < s->n_parts; p++) {
        const int m = s->parts[p].modality;
        struct bf_reading_key k;
        n[m]++;
        n_shown[m] += bf_view_part(v, s, p, &k);
        n_own[m] += k.part == &s->parts[p] && !k.by;
    }
    for (int m = 0; m < BF_MAX_MODALITIES; m++) {
        const uint32_t bit = BF_BIT(m);
        if (n[m] == 0)
            continue;
        if (n_shown[m] == 0) {
            v->kept &= ~bit;
            v->dropped |= bit;
            v->by[m] = NULL;
        } else if (n_own[m] < n[m] && v->kept & bit) {
            v->kept &= ~bit;
            v->partly |= bit;
        } else {
            v->dropped &= ~bit;
        }
    }
    if (!naming_matters(v, s))
        v->named = NULL;
}

static bool parts_differ(const struct bf_view *v, const struct bf_sample *s)
{
    bool differ = false;
    for (int p = 0; p < s->n_parts && !differ; p++)
        differ = named(v, &s->parts[p]) || (s->parts[p].choice && !v->choices);
    return differ;
}

/* Whether a sample is one that a written condition, or a subset, speaks of. */
static bool is_asked(const struct bf_condition_spec *cs, const struct bf_sample *s)
{
    bool asked = (cs->only & s->has) == cs->only;
    for (int i = 0; i < cs->n_only_parts; i++)
        asked &= bf_sample_has(s, &cs->only_parts[i]);
    for (int i = 0; cs->subset && i < cs->n_replaces; i++)
        asked &= bf_sample_has(s, &cs->replaces[i]);
    return asked;
}

bool bf_sample_has(const struct bf_sample *s, const struct bf_replace *r)
{
    switch (r->modality) {
    case BF_QUESTION:
        return true;
    case BF_CHOICES_TEXT: /* yes and no are no choices that a model is shown */
        return s->task == BF_CHOICE || s->task == BF_CHOICES;
    case BF_EVERY_MODALITY:
        return s->has != 0;
    default:
        return r->number ? bf_sample_part(s, r->modality, r->number) >= 0
                         : (s->has & BF_BIT(r->modality)) != 0;
    }
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
        out->asked = is_asked(c->spec, s);
        apply_replaces(c->spec, s, out);
        borrow(c->lent, s, out);
        if (parts_differ(out, s))
            settle(s, out);
        else
            out->named = NULL;
        break;
    }
}

bool bf_view_part(const struct bf_view *v, const struct bf_sample *s, int p,
                  struct bf_reading_key *out)
{
    const struct bf_part *part = &s->parts[p];
    const struct bf_replace *one = named(v, part);
    const struct bf_replace *by = one ? one : v->by[part->modality];
    const bool kept = (v->kept | v->partly) & BF_BIT(part->modality);
    if ((part->choice && !v->choices) || (one ? !leaves(one) : !by && !kept)) {
        part = NULL;
        by = NULL;
    } else if (by && by->op->swaps) {
        part = v->lent->parts[s->index] ? v->lent->parts[s->index][p] : NULL;
        by = NULL;
    }
    *out = (struct bf_reading_key){ s, part, by };
    return part != NULL;
}

bool bf_view_same(const struct bf_view *a, const struct bf_view *b)
{
    return a->asked && b->asked && a->kept == b->kept && a->partly == b->partly &&
           a->named == b->named && a->choices == b->choices &&
           strcmp(a->question, b->question) == 0 && memcmp(a->by, b->by, sizeof a->by) == 0;
}

static void print_operator(const struct bf_replace *r, struct bf_buf *out)
{
    bf_buf_str(out, r->op->op.name);
    if (!r->op->op.opts)
        return;
    const char *comma = "{";
    for (const struct bf_opt *o = r->op->op.opts; o->name; o++, comma = ", ") {
        bf_buf_printf(out, "%s%s: ", comma, o->name);
        bf_opt_print(o, r->priv, out);
    }
    bf_buf_char(out, '}');
}

void bf_view_print(const struct bf_spec *spec, const struct bf_sample *s, const struct bf_view *v,
                   struct bf_buf *out)
{
    for (int m = 0; m < spec->n_modalities; m++) {
        if (!(s->has & BF_BIT(m)))
            continue;
        bf_buf_printf(out, "%s=", spec->modalities[m].name);
        if ((v->kept | v->partly) & BF_BIT(m) || !v->by[m])
            bf_buf_str(out, (v->kept | v->partly) & BF_BIT(m) ? "keep" : "drop");
        else
            print_operator(v->by[m], out);
        bf_buf_char(out, ';');
        for (int p = 0; p < s->n_parts; p++) {
            const struct bf_replace *r = named(v, &s->parts[p]);
            if (!r || s->parts[p].modality != m)
                continue;
            bf_replace_print(spec, r, out);
            bf_buf_char(out, '=');
            print_operator(r, out);
            bf_buf_char(out, ';');
        }
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
