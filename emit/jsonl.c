/* Format `jsonl`: benchmark.jsonl, what a model is asked; dependency.jsonl, what is known of it. */
#include <math.h>

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

static int put_media(struct bf_buf *b, const struct bf_spec *spec, const struct bf_sample *s,
                     struct bf_arena *a, struct bf_err *err)
{
    bf_json_member(b, "media");
    bf_buf_char(b, '[');
    for (int i = 0; i < s->n_parts; i++) {
        const struct bf_part *part = &s->parts[i];
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
    if (s->n_choices) {
        bf_json_member(b, "choices");
        bf_buf_char(b, '[');
        for (int i = 0; i < s->n_choices; i++) {
            bf_json_item(b);
            bf_buf_json(b, s->choices[i]);
        }
        bf_buf_char(b, ']');
    }
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
