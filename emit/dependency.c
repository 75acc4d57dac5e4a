/* dependency.jsonl: what every kept sample depends on, and how that is known. */
#include "emit/dependency.h"

#include <math.h>
#include <string.h>

#include "core/damage.h"
#include "emit/json.h"
#include "emit/out.h"

/* A score column as the file writes it. */
struct field {
    const struct bf_column *column;
    const char *head, *tail; /* "contribution", "image"; tail NULL = the whole name */
    uint32_t modality;       /* bit of the modality that `tail` ends with, else 0 */
    bool opens, closes;      /* first and last of a run with the same head */
};

struct fields {
    int n;
    struct field *v;
};

static uint32_t modality_bit(const struct bf_spec *spec, const char *name)
{
    for (int m = 0; m < spec->n_modalities; m++)
        if (strcmp(spec->modalities[m].name, name) == 0)
            return BF_BIT(m);
    return 0;
}

/* The modality a tail is about: "image", or "stat.image". 0 = none. */
static uint32_t modality_of(const struct bf_spec *spec, const char *tail)
{
    const char *last = strrchr(tail, '.');
    const uint32_t whole = modality_bit(spec, tail);
    return whole || !last ? whole : modality_bit(spec, last + 1);
}

/* Accuracy and p_gold stand with the answers they sum up. */
static bool is_answer(const char *name)
{
    return strncmp(name, "accuracy.", 9) == 0 || strncmp(name, "p_gold.", 7) == 0;
}

static int make_fields(const struct bf_release *r, struct fields *out, struct bf_arena *a,
                       struct bf_err *err)
{
    *out = (struct fields){
        .v = bf_arena_alloc(a, (size_t)r->scores->n_columns + 1, sizeof *out->v),
    };
    if (!out->v)
        return bf_fail_memory(err, "scores");
    for (int i = 0; i < r->scores->n_columns; i++) {
        const struct bf_column *c = &r->scores->columns[i];
        if (is_answer(c->name) || c->tells_gold)
            continue;
        struct field *f = &out->v[out->n++];
        const char *dot = strchr(c->name, '.');
        *f = (struct field){ .column = c, .head = c->name, .opens = true, .closes = true };
        if (!dot)
            continue;
        f->head = bf_arena_strndup(a, c->name, (size_t)(dot - c->name));
        f->tail = dot + 1;
        if (!f->head)
            return bf_fail_memory(err, "scores");
        f->modality = modality_of(r->spec, f->tail);
        struct field *before = out->n > 1 ? f - 1 : NULL;
        if (before && before->tail && strcmp(before->head, f->head) == 0)
            f->opens = before->closes = false;
    }
    return BF_OK;
}

static void put_scores(struct bf_buf *b, const struct fields *fields, const struct bf_sample *s)
{
    for (int i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        const double v = f->column->v[s->index];
        if (f->opens)
            bf_json_member(b, f->head);
        if (f->tail && f->opens)
            bf_buf_char(b, '{');
        /* A modality that the sample lacks is no missing number. */
        if (!f->modality || s->has & f->modality) {
            if (f->tail)
                bf_json_member(b, f->tail);
            if (f->column->words && !isnan(v))
                bf_buf_json(b, f->column->words[(size_t)v]);
            else
                bf_buf_num(b, v);
        }
        if (f->tail && f->closes)
            bf_buf_char(b, '}');
    }
}

static void put_cell(struct bf_buf *b, const struct bf_sample *s, const struct bf_cell *c,
                     unsigned answered)
{
    bf_buf_printf(b, "{\"right\": %u, \"answered\": %u", (unsigned)c->n[BF_RIGHT], answered);
    for (int k = BF_REFUSED; k < BF_CLASS_COUNT; k++)
        if (c->n[k])
            bf_buf_printf(b, ", \"%s\": %u", bf_answer_class_name((enum bf_answer_class)k),
                          (unsigned)c->n[k]);
    if (!isnan(c->p)) {
        bf_json_member(b, "p_gold");
        bf_buf_num(b, round((double)c->p * 1e6) / 1e6); /* a float has no more digits */
    }
    if (c->first >= 0 && c->first < s->n_choices) {
        const char letter[2] = { (char)('A' + c->first), '\0' };
        bf_json_text(b, "choice", s->task == BF_YESNO ? s->choices[c->first] : letter);
    }
    bf_buf_char(b, '}');
}

static void put_probes(struct bf_buf *b, const struct bf_release *r, uint32_t sample)
{
    const struct bf_table *t = r->table;
    bf_json_member(b, "probes");
    bf_buf_char(b, '{');
    for (int p = 0; p < r->spec->n_probes; p++) {
        const struct bf_probe_spec *probe = &r->spec->probes[p];
        if (probe->judge) /* it answers about replies, not about samples */
            continue;
        bf_json_member(b, probe->name);
        bf_buf_char(b, '{');
        bf_json_text(b, "family", probe->family);
        bf_json_text(b, "role", probe->held_out ? "held_out" : "voter");
        bf_buf_printf(b, ", \"selected_on\": %s", bf_probe_selects(r->spec, p) ? "true" : "false");
        bf_json_member(b, "answers");
        bf_buf_char(b, '{');
        for (int c = 0; c < t->conditions->n; c++) {
            const struct bf_cell *cell = bf_cell_at(t, p, c, sample);
            const unsigned answered = (unsigned)cell->n[BF_RIGHT] + cell->n[BF_WRONG] +
                                      cell->n[BF_REFUSED] + cell->n[BF_UNPARSED];
            if (answered + cell->n[BF_FAILED] == 0)
                continue; /* not asked */
            bf_json_member(b, t->conditions->v[c].name);
            put_cell(b, &r->pool->samples[sample], cell, answered);
        }
        bf_buf_str(b, "}}");
    }
    bf_buf_char(b, '}');
}

static void put_verdict(struct bf_buf *b, const struct bf_release *r, const struct bf_sample *s)
{
    const struct bf_verdict *v = &r->verdicts[s->index];
    bf_json_member(b, "verdict");
    bf_buf_printf(b, "{\"kind\": \"%s\", \"filter\": ", bf_verdict_name(v->kind));
    if (v->filter >= 0)
        bf_buf_json(b, r->spec->filters[v->filter].base->op.name);
    else
        bf_buf_str(b, "null");
    bf_json_text(b, "reason", v->reason);
    bf_json_member(b, "targets");
    bf_buf_char(b, '{');
    for (int m = 0; m < r->spec->n_modalities; m++)
        if (s->target & BF_BIT(m))
            bf_json_text(b, r->spec->modalities[m].name, bf_verdict_name(v->by_target[m]));
    bf_buf_str(b, "}}");
}

int bf_emit_dependency(const struct bf_release *r, const char *dir, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_out o = { 0 };
    struct fields fields;

    int rc = make_fields(r, &fields, &a, err);
    if (rc == BF_OK)
        rc = bf_out_open(&o, dir, "dependency.jsonl", &a, err);
    for (uint32_t i = 0; rc == BF_OK && i < r->n_kept; i++) {
        const struct bf_sample *s = &r->pool->samples[r->kept[i]];
        bf_buf_char(&o.buf, '{');
        bf_json_text(&o.buf, "id", s->id);
        put_verdict(&o.buf, r, s);
        bf_damage_json(r->spec, s, &o.buf);
        put_scores(&o.buf, &fields, s);
        put_probes(&o.buf, r, r->kept[i]);
        bf_buf_str(&o.buf, "}\n");
        rc = bf_out_flush(&o, err);
    }
    if (rc == BF_OK)
        rc = bf_out_close(&o, err);
    bf_out_abandon(&o);
    bf_arena_reset(&a);
    return rc;
}
