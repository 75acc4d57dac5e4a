/* The card: what the benchmark is, for people and for dataset hubs. */
#include "emit/card.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/damage.h"
#include "core/marker.h"
#include "core/ops.h"
#include "core/text.h"
#include "emit/out.h"

/* A cell of a table: what would end it is written so that it does not. */
static void put_cell(struct bf_buf *b, const char *s)
{
    for (; *s; s++) {
        if (*s == '|' || *s == '\\')
            bf_buf_char(b, '\\');
        if (*s == '<' || *s == '&')
            bf_buf_str(b, *s == '<' ? "&lt;" : "&amp;");
        else
            bf_buf_char(b, *s == '\n' || *s == '\r' ? ' ' : *s);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A table of how many kept samples have each value of a field; nothing when none has it. */
static int put_counts(struct bf_buf *b, const struct bf_release *r, const char *field,
                      const char *title, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    const char *modalities[BF_MAX_MODALITIES] = { NULL };
    const char **values = bf_arena_alloc(&a, r->n_kept + 1u, sizeof *values);
    uint32_t n = 0;

    for (int m = 0; m < r->spec->n_modalities; m++)
        modalities[m] = r->spec->modalities[m].name;
    for (uint32_t i = 0; values && i < r->n_kept; i++) {
        values[n] = bf_sample_field(&r->pool->samples[r->kept[i]], field, modalities, &a);
        n += values[n] != NULL;
    }
    if (n > 0) {
        qsort(values, n, sizeof *values, by_text);
        bf_buf_printf(b, "\n| %s | questions |\n| --- | ---: |\n", title);
    }
    for (uint32_t i = 0, first = 0; i < n; i++) {
        if (i + 1 < n && strcmp(values[i], values[i + 1]) == 0)
            continue;
        bf_buf_str(b, "| ");
        put_cell(b, values[i]);
        bf_buf_printf(b, " | %u |\n", (unsigned)(i + 1 - first));
        first = i + 1;
    }
    bf_arena_reset(&a);
    return values ? BF_OK : bf_fail_memory(err, "a card");
}

static const char *size_category(uint32_t n)
{
    return n < 1000 ? "n<1K" : n < 10000 ? "1K<n<10K" : n < 100000 ? "10K<n<100K" : "100K<n<1M";
}

static void put_header(struct bf_buf *b, const struct bf_release *r)
{
    const struct bf_emit_spec *e = &r->spec->emit;

    bf_buf_str(b, "---\n");
    if (e->card_licence) {
        bf_buf_str(b, "license: ");
        bf_text_yaml(b, e->card_licence);
        bf_buf_char(b, '\n');
    }
    bf_buf_str(b, "pretty_name: ");
    bf_text_yaml(b, r->spec->name);
    bf_buf_printf(b, "\nsize_categories: [\"%s\"]\n", size_category(r->n_kept));
    bf_buf_str(b, "tags: [benchmark, evaluation, multimodal, blindfold]\n"
                  "configs:\n"
                  "- config_name: default\n"
                  "  data_files:\n"
                  "  - {split: test, path: benchmark.jsonl}\n"
                  "---\n\n");
}

static void put_target_names(struct bf_buf *b, const struct bf_spec *spec)
{
    for (int i = 0; i < spec->target_names.n; i++) {
        bf_buf_str(b, i == 0 ? "" : i + 1 < spec->target_names.n ? ", " : " and ");
        put_cell(b, spec->target_names.v[i]);
    }
}

static void put_intro(struct bf_buf *b, const struct bf_release *r)
{
    const struct bf_emit_spec *e = &r->spec->emit;

    bf_buf_str(b, "# ");
    put_cell(b, r->spec->name);
    bf_buf_printf(b, "\n\n%u question%s about media", r->n_kept, r->n_kept == 1 ? "" : "s");
    if (r->spec->target_names.n) {
        bf_buf_str(b, ", meant to test ");
        put_target_names(b, r->spec);
    }
    bf_buf_printf(b,
                  ". Chosen by blindfold %s from a pool of %u, so that less of it can be "
                  "answered without the media.\n",
                  bf_version(), r->pool->n_samples);
    if (e->card_authors.n) {
        bf_buf_str(b, "\nAuthors: ");
        for (int i = 0; i < e->card_authors.n; i++) {
            bf_buf_str(b, i ? ", " : "");
            put_cell(b, e->card_authors.v[i]);
        }
        bf_buf_str(b, ".\n");
    }
    if (e->card_url) {
        bf_buf_str(b, "\nHome: <");
        bf_buf_str(b, e->card_url);
        bf_buf_str(b, ">\n");
    }
}

static int put_contents(struct bf_buf *b, const struct bf_release *r, struct bf_err *err)
{
    bf_buf_str(b, "\n## What it holds\n\n| modality | questions that show it | that target it |\n"
                  "| --- | ---: | ---: |\n");
    for (int m = 0; m < r->spec->n_modalities; m++) {
        uint32_t n_shown = 0, n_target = 0;
        for (uint32_t i = 0; i < r->n_kept; i++) {
            n_shown += r->pool->samples[r->kept[i]].has >> m & 1;
            n_target += r->pool->samples[r->kept[i]].target >> m & 1;
        }
        if (n_shown)
            bf_buf_printf(b, "| %s | %u | %u |\n", r->spec->modalities[m].name, n_shown, n_target);
    }
    BF_TRY(put_counts(b, r, "category", "category", err));
    BF_TRY(put_counts(b, r, "task", "task", err));

    /* Letters only: the answers of other tasks would be a list of gold values. */
    uint32_t letters[BF_MAX_CHOICES] = { 0 }, n_choice = 0;
    for (uint32_t i = 0; i < r->n_kept; i++) {
        const struct bf_sample *s = &r->pool->samples[r->kept[i]];
        if (s->task != BF_CHOICE || s->gold < 0)
            continue;
        letters[s->gold]++;
        n_choice++;
    }
    if (n_choice)
        bf_buf_str(b, "\n| answer | questions |\n| --- | ---: |\n");
    for (int i = 0; i < BF_MAX_CHOICES; i++)
        if (letters[i])
            bf_buf_printf(b, "| %c | %u |\n", 'A' + i, letters[i]);
    return BF_OK;
}

static void put_options(struct bf_buf *b, const struct bf_filter_spec *f)
{
    struct bf_buf value = { 0 };
    for (const struct bf_opt *o = f->base->op.opts; o && o->name; o++) {
        value.len = 0;
        bf_opt_print(o, f->priv, &value);
        bf_buf_printf(b, "%s%s: ", o == f->base->op.opts ? "" : ", ", o->name);
        if (value.len)
            put_cell(b, value.data);
        b->failed |= value.failed;
    }
    bf_buf_done(&value);
}

static void put_filters(struct bf_buf *b, const struct bf_release *r)
{
    bf_buf_str(b, "\n## How it was chosen\n\n");
    struct bf_damage d;
    bf_damage_count(r->pool, &d);
    bf_buf_printf(b, "%u questions were read, %u rows set aside because they could not be",
                  r->pool->n_samples, r->pool->n_set_aside - d.n_aside);
    if (d.n_aside)
        bf_buf_printf(b, ", %u because part of their media is missing", d.n_aside);
    bf_buf_str(b, ".\n");
    if (d.n_kept)
        bf_buf_printf(b,
                      "Of those read, %u show media of which part is missing; `dependency.jsonl` "
                      "says what, where they were kept.\n",
                      d.n_kept);
    if (r->spec->n_filters)
        bf_buf_str(b, "\n| filter | options | rejected | undecided |\n"
                      "| --- | --- | ---: | ---: |\n");
    for (int f = 0; f < r->spec->n_filters; f++) {
        uint32_t n_rejected = 0, n_undecided = 0;
        for (uint32_t i = 0; i < r->pool->n_samples; i++) {
            if (r->verdicts[i].filter != f)
                continue;
            n_rejected += r->verdicts[i].kind == BF_REJECT;
            n_undecided += r->verdicts[i].kind == BF_UNDECIDED;
        }
        bf_buf_printf(b, "| %s | ", r->spec->filters[f].base->op.name);
        put_options(b, &r->spec->filters[f]);
        bf_buf_printf(b, " | %u | %u |\n", n_rejected, n_undecided);
    }
    if (!r->balance)
        return;
    uint32_t n_left = 0;
    for (uint32_t i = 0; i < r->pool->n_samples; i++)
        n_left += r->verdicts[i].kind == BF_KEEP;
    bf_buf_printf(b, "\nOf the %u that the filters left, %u were taken", n_left, r->n_kept);
    const struct bf_names *families[] = { &r->spec->balance.equal, &r->spec->balance.joint };
    const char *before = ", in even shares of ";
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < families[k]->n; i++) {
            bf_buf_str(b, k && i ? " x " : before);
            put_cell(b, families[k]->v[i]);
            before = " and of ";
        }
    bf_buf_str(b, ".\n");
    if (r->balance->n_shortfalls)
        bf_buf_str(b, "\n| quota that was not met | wanted | got | available |\n"
                      "| --- | ---: | ---: | ---: |\n");
    for (uint32_t i = 0; i < r->balance->n_shortfalls; i++) {
        const struct bf_shortfall *s = &r->balance->shortfalls[i];
        bf_buf_str(b, "| ");
        put_cell(b, s->field[0] ? s->field : "size");
        bf_buf_str(b, s->value[0] ? " = " : "");
        put_cell(b, s->value);
        bf_buf_printf(b, " | %u | %u | %u |\n", s->wanted, s->got, s->available);
    }
}

static void put_share(struct bf_buf *b, double v, double lo, double hi, uint32_t n)
{
    if (isnan(v))
        bf_buf_str(b, "not measured");
    else if (isnan(lo))
        bf_buf_printf(b, "%.1f %% (n = %u)", 100 * v, n);
    else
        bf_buf_printf(b, "%.1f %% (%.1f to %.1f, n = %u)", 100 * v, 100 * lo, 100 * hi, n);
}

static void put_before_after(struct bf_buf *b, const struct bf_release *r)
{
    if (!r->n_before_after)
        return;
    bf_buf_str(b, "\n## Accuracy without the media\n\n"
                  "Share right, with 95 % intervals, over the whole pool and over what was kept. "
                  "A probe that took part in choosing the questions looks worse on them than it "
                  "is: believe those that were held out. \"At random\" is the control: as many "
                  "questions of each category removed, but drawn at random.\n\n"
                  "| probe | shown | took part | before | after | at random | chance after |\n"
                  "| --- | --- | --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < r->n_before_after; i++) {
        const struct bf_before_after *x = &r->before_after[i];
        bf_buf_str(b, "| ");
        put_cell(b, x->probe);
        bf_buf_str(b, " | ");
        put_cell(b, x->condition);
        bf_buf_str(b, x->selected_on ? " | yes | " : " | no, held out | ");
        put_share(b, x->before, x->before_lo, x->before_hi, x->n_before);
        bf_buf_str(b, " | ");
        put_share(b, x->after, x->after_lo, x->after_hi, x->n_after);
        bf_buf_str(b, " | ");
        if (isnan(x->random))
            bf_buf_str(b, "-");
        else
            put_share(b, x->random, x->random_lo, x->random_hi, x->n_after);
        if (isnan(x->chance_after))
            bf_buf_str(b, " | not measured |\n");
        else
            bf_buf_printf(b, " | %.1f %% |\n", 100 * x->chance_after);
    }
}

static int put_licences(struct bf_buf *b, const struct bf_release *r, struct bf_err *err)
{
    uint32_t n_without = 0;
    for (uint32_t i = 0; i < r->n_kept; i++)
        n_without += r->pool->samples[r->kept[i]].licence[0] == '\0';
    bf_buf_str(b, "\n## Licences\n");
    if (r->spec->emit.card_licence) {
        bf_buf_str(b, "\nThe selection as a whole: ");
        put_cell(b, r->spec->emit.card_licence);
        bf_buf_str(b, ".\n");
    }
    if (n_without < r->n_kept)
        bf_buf_str(b, "\nMedia and questions keep the licences that the pool gives for them.\n");
    BF_TRY(put_counts(b, r, "licence", "licence", err));
    if (n_without)
        bf_buf_printf(b, "\nThe pool gives no licence for %u of the questions.\n", n_without);
    return BF_OK;
}

static bool choices_show_media(const struct bf_release *r)
{
    bool show = false;
    for (uint32_t i = 0; i < r->n_kept && !show; i++)
        for (int p = 0; p < r->pool->samples[r->kept[i]].n_parts; p++)
            show |= r->pool->samples[r->kept[i]].parts[p].in_choice;
    return show;
}

static bool words_name_media(const struct bf_release *r)
{
    bool name = false;
    for (uint32_t i = 0; i < r->n_kept && !name; i++)
        name = bf_sample_is_marked(&r->pool->samples[r->kept[i]]);
    return name;
}

static void put_files(struct bf_buf *b, const struct bf_release *r)
{
    bf_buf_str(b,
               "\n## How to read it\n\n"
               "The files ending in .jsonl hold one JSON object a line, in UTF-8.\n\n"
               "- `benchmark.jsonl`: `id`, `task`, `question`, `choices`, `answer` (the letter of "
               "the choice, or the value), `category`, `modalities` shown, `target` modalities, "
               "`media` as a list of {`modality`, `path`}, `licence`\n");
    if (choices_show_media(r))
        bf_buf_str(b, "- a choice that shows media is an object with its words as `text` and paths "
                      "under the names of modalities; these are numbered on behind `media`\n");
    if (words_name_media(r))
        bf_buf_str(b, "- `<image 2>` in question or choices is the second part of that modality\n");
    bf_buf_str(b,
               "- `dependency.jsonl`: for the same `id`, the verdict and its reason, the scores, "
               "and what each probe answered under each condition\n"
               "- `media/`: the original files under names that tell nothing; one file may serve "
               "several questions, or two modalities of one\n"
               "- `manifest.json`: size and SHA-256 of every other file\n\n"
               "Gold answers and dependency are in the open: keep both away from what a model is "
               "trained on.\n");
}

int bf_emit_card(const struct bf_release *r, const char *dir, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_out o = { 0 };

    int rc = bf_out_open(&o, dir, "README.md", &a, err);
    if (rc == BF_OK) {
        put_header(&o.buf, r);
        put_intro(&o.buf, r);
        rc = put_contents(&o.buf, r, err);
    }
    if (rc == BF_OK) {
        put_filters(&o.buf, r);
        put_before_after(&o.buf, r);
        rc = put_licences(&o.buf, r, err);
    }
    if (rc == BF_OK) {
        put_files(&o.buf, r);
        rc = bf_out_close(&o, err);
    }
    bf_out_abandon(&o);
    bf_arena_reset(&a);
    return rc;
}
