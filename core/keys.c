/* The keys of answers. */
#include "core/keys.h"

#include "core/encoded.h"
#include "core/marker.h"

enum { KEY_VERSION = 2 };

/* What a probe that is no model server sees of the media: what was decoded, by content. */
static void print_media(const struct bf_spec *spec, const struct bf_sample *s,
                        const struct bf_view *v, struct bf_buf *b)
{
    char hex[BF_SHA_HEX];
    for (int p = 0; p < s->n_parts; p++) {
        struct bf_reading_key k;
        if (!bf_view_part(v, s, p, &k))
            continue;
        const struct bf_modality_use *use = &spec->modalities[k.part->modality];
        bf_hex(k.part->file->sha, BF_SHA_BYTES, hex);
        bf_buf_printf(b, ";%s.%d=%s/v%d", use->name, k.part->number, hex, use->base->version);
        if (k.by && k.by->op->version)
            bf_buf_printf(b, "/by v%d", k.by->op->version);
        if (k.by && k.by->op->random)
            bf_buf_printf(b, "/seed=%llu", (unsigned long long)spec->seed);
    }
}

/* A choice in the words that are shown. */
static void print_choice(const struct bf_sample *s, const struct bf_view *v, int c,
                         struct bf_buf *b)
{
    struct bf_buf words = { 0 };
    bf_choice_print(v, s, c, &words);
    bf_buf_json(b, words.data ? words.data : "");
    b->failed |= words.failed;
    bf_buf_done(&words);
}

static void print_words(const struct bf_spec *spec, const struct bf_probe_spec *probe,
                        const struct bf_sample *s, const struct bf_view *v, int trial,
                        struct bf_buf *b)
{
    uint8_t order[BF_MAX_CHOICES];
    const bool marked = bf_sample_is_marked(s);
    bf_buf_printf(b, "task=%s;question=", bf_task_name(s->task));
    bf_buf_json(b, v->question);
    for (int c = 0; v->choices && c < s->n_choices; c++) {
        bf_buf_char(b, ',');
        if (marked)
            print_choice(s, v, c, b);
        else
            bf_buf_json(b, s->choices[c]);
    }
    if (probe->orders == BF_ORDER_FIXED || !v->choices)
        return;
    bf_order_of(probe->orders, spec->seed, s, trial, order);
    bf_buf_str(b, ";order=");
    for (int c = 0; c < s->n_choices; c++)
        bf_buf_char(b, (char)('A' + order[c]));
}

int bf_answer_key(const struct bf_spec *spec, const struct bf_pool *pool,
                  const struct bf_probe_spec *probe, const char *identity,
                  const struct bf_sample *s, const struct bf_view *v, int trial,
                  struct bf_buf *scratch, uint8_t key_out[BF_SHA_BYTES], struct bf_err *err)
{
    scratch->len = 0;
    bf_buf_printf(scratch, "answer v%d;%s;trial=%d;", KEY_VERSION, identity, trial);
    if (!probe->base->by_content) {
        bf_buf_str(scratch, "sample=");
        bf_buf_json(scratch, s->id);
        bf_buf_char(scratch, ';');
        bf_view_print(spec, s, v, scratch);
        bf_buf_char(scratch, ';');
    }
    print_words(spec, probe, s, v, trial, scratch);
    if (probe->base->by_content && bf_sample_is_marked(s))
        bf_buf_printf(scratch, ";placed v%d;", BF_PLACED_VERSION);
    if (probe->base->by_content)
        bf_encoder_print(spec, pool, s, v, scratch);
    else
        print_media(spec, s, v, scratch);
    if (scratch->failed)
        return bf_fail_memory(err, "a key");
    bf_sha256(scratch->data, scratch->len, key_out);
    return BF_OK;
}

int bf_probe_identity(const struct bf_spec *spec, const struct bf_pool *pool,
                      const struct bf_probe_spec *probe, struct bf_buf *out, struct bf_err *err)
{
    bf_buf_printf(out, "%s;", probe->base->op.name);
    BF_TRY(probe->base->identify(probe, spec, pool, out, err));
    return out->failed ? bf_fail_memory(err, "a key") : BF_OK;
}
