/* Format `jsonl`: benchmark.jsonl, what a model is asked; dependency.jsonl, what is known of it. */
#include <math.h>
#include <string.h>

#include "core/ops.h"
#include "core/release.h"
#include "emit/dependency.h"
#include "emit/json.h"
#include "emit/out.h"

static void put_modalities(struct bf_buf *b, const struct bf_spec *spec, const char *name,
                           uint32_t mask)
{
    bf_json_member(b, name);
    bf_buf_char(b, '[');
    for (int m = 0; m < spec->n_modalities; m++) {
        if (!(mask & BF_BIT(m)))
            continue;
        bf_json_item(b);
        bf_buf_json(b, spec->modalities[m].name);
    }
    bf_buf_char(b, ']');
}

/* The gold answer: a letter, letters, yes or no, a number, or words. */
static int put_answer(struct bf_buf *b, const struct bf_sample *s, struct bf_arena *a,
                      struct bf_err *err)
{
    if (s->task == BF_NUMBER) {
        bf_json_member(b, "answer");
        bf_buf_num(b, s->gold_number);
        return BF_OK;
    }
    const char *gold = bf_sample_field(s, "answer", NULL, a);
    if (!gold)
        return bf_fail_memory(err, "an answer");
    bf_json_text(b, "answer", gold);
    return BF_OK;
}

/* The words of a choice without the markers of its own media behind them, which come back when the
 * row is read. */
static size_t text_length(const struct bf_sample *s, int choice)
{
    const char *text = s->choices[choice];
    size_t n = strlen(text);
    for (int p = s->n_parts - 1; p >= 0; p--) {
        const struct bf_part *part = &s->parts[p];
        const size_t k = part->marker ? strlen(part->marker) : 0;
        if (part->in_choice && part->choice == choice + 1 && k && k <= n &&
            strncmp(text + n - k, part->marker, k) == 0 && (k == n || text[n - k - 1] == ' '))
            n -= k + (k < n);
    }
    return n;
}

static bool shows_media(const struct bf_sample *s, int choice)
{
    bool shows = false;
    for (int p = 0; p < s->n_parts; p++)
        shows |= s->parts[p].in_choice && s->parts[p].choice == choice + 1;
    return shows;
}

/* Whether no other part before `p` is of the same choice and modality. */
static bool is_first_of(const struct bf_sample *s, int p, int choice)
{
    bool first = s->parts[p].in_choice && s->parts[p].choice == choice + 1;
    for (int k = 0; k < p && first; k++)
        first = !s->parts[k].in_choice || s->parts[k].choice != choice + 1 ||
                s->parts[k].modality != s->parts[p].modality;
    return first;
}

/* `"image": ["media/x.png"]`: part `first` and all that follow in its choice and modality. */
static int put_files(struct bf_buf *b, const struct bf_spec *spec, const struct bf_sample *s,
                     int first, struct bf_arena *a, struct bf_err *err)
{
    const struct bf_part *like = &s->parts[first];
    bf_json_member(b, spec->modalities[like->modality].name);
    bf_buf_char(b, '[');
    for (int p = first; p < s->n_parts; p++) {
        const struct bf_part *part = &s->parts[p];
        if (!part->in_choice || part->choice != like->choice || part->modality != like->modality)
            continue;
        const char *name = bf_emit_media_name(spec, part->file, part->modality, a);
        if (!name)
            return bf_fail_memory(err, "a path");
        bf_json_item(b);
        bf_buf_json(b, name);
    }
    bf_buf_char(b, ']');
    return BF_OK;
}

/* `{"text": "a cat", "image": ["media/x.png"]}`: every modality once, with its files in order. */
static int put_shown(struct bf_buf *b, const struct bf_spec *spec, const struct bf_sample *s,
                     int choice, struct bf_arena *a, struct bf_err *err)
{
    const size_t n = text_length(s, choice);
    bf_buf_char(b, '{');
    if (n) {
        bf_json_member(b, "text");
        bf_buf_char(b, '"');
        bf_buf_json_part(b, s->choices[choice], n);
        bf_buf_char(b, '"');
    }
    for (int p = 0; p < s->n_parts; p++)
        if (is_first_of(s, p, choice))
            BF_TRY(put_files(b, spec, s, p, a, err));
    bf_buf_char(b, '}');
    return BF_OK;
}

static int put_choices(struct bf_buf *b, const struct bf_spec *spec, const struct bf_sample *s,
                       struct bf_arena *a, struct bf_err *err)
{
    bf_json_member(b, "choices");
    bf_buf_char(b, '[');
    for (int i = 0; i < s->n_choices; i++) {
        bf_json_item(b);
        if (shows_media(s, i))
            BF_TRY(put_shown(b, spec, s, i, a, err));
        else
            bf_buf_json(b, s->choices[i]);
    }
    bf_buf_char(b, ']');
    return BF_OK;
}

/* All that the choices do not show themselves. */
static int put_media(struct bf_buf *b, const struct bf_spec *spec, const struct bf_sample *s,
                     struct bf_arena *a, struct bf_err *err)
{
    bf_json_member(b, "media");
    bf_buf_char(b, '[');
    for (int i = 0; i < s->n_parts; i++) {
        const struct bf_part *part = &s->parts[i];
        if (part->in_choice)
            continue;
        const char *name = bf_emit_media_name(spec, part->file, part->modality, a);
        if (!name)
            return bf_fail_memory(err, "a path");
        bf_json_item(b);
        bf_buf_char(b, '{');
        bf_json_text(b, "modality", spec->modalities[part->modality].name);
        bf_json_text(b, "path", name);
        bf_buf_char(b, '}');
    }
    bf_buf_char(b, ']');
    return BF_OK;
}

/* Only what is listed here leaves the pool: no source path, no field of unknown meaning. */
static int put_sample(struct bf_buf *b, const struct bf_spec *spec, const struct bf_sample *s,
                      struct bf_arena *a, struct bf_err *err)
{
    bf_buf_char(b, '{');
    bf_json_text(b, "id", s->id);
    bf_json_text(b, "task", bf_task_name(s->task));
    bf_json_text(b, "question", s->question);
    if (s->n_choices)
        BF_TRY(put_choices(b, spec, s, a, err));
    BF_TRY(put_answer(b, s, a, err));
    if (s->category[0])
        bf_json_text(b, "category", s->category);
    put_modalities(b, spec, "modalities", s->has);
    put_modalities(b, spec, "target", s->target);
    BF_TRY(put_media(b, spec, s, a, err));
    if (s->licence[0])
        bf_json_text(b, "licence", s->licence);
    bf_buf_str(b, "}\n");
    return BF_OK;
}

static int emit_benchmark(const struct bf_release *r, const char *dir, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_out o = { 0 };
    int rc = bf_out_open(&o, dir, "benchmark.jsonl", &a, err);

    for (uint32_t i = 0; rc == BF_OK && i < r->n_kept; i++) {
        struct bf_arena scratch = { 0 };
        rc = put_sample(&o.buf, r->spec, &r->pool->samples[r->kept[i]], &scratch, err);
        bf_arena_reset(&scratch);
        if (rc == BF_OK)
            rc = bf_out_flush(&o, err);
    }
    if (rc == BF_OK)
        rc = bf_out_close(&o, err);
    bf_out_abandon(&o);
    bf_arena_reset(&a);
    return rc;
}

static int emit(const struct bf_release *r, const char *dir, struct bf_err *err)
{
    BF_TRY(emit_benchmark(r, dir, err));
    return bf_emit_dependency(r, dir, err);
}

const struct bf_emitter bf_emitter_jsonl = {
    .op = {
        .name = "jsonl",
        .summary = "benchmark.jsonl with the questions, dependency.jsonl with what they depend on",
        .source = "docs/metrics.md#dependency",
    },
    .emit = emit,
};
