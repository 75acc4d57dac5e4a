/* Operator `words`: the same words for every sample. */
#include "core/ops.h"

struct words {
    const char *say;
};

static enum bf_looks_at words_looks_at(const void *priv)
{
    (void)priv;
    return BF_LOOKS_AT_NOTHING;
}

static int words_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                       struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct words *o = priv;
    (void)with, (void)a, (void)err;
    *out = (struct bf_media){ .carrier = in->carrier, .text = o->say };
    return BF_OK;
}

static const struct bf_opt words_opts[] = {
    { "say", BF_OPT_STR, offsetof(struct words, say), "Please answer the question.", 0, 0, NULL,
      "what is said instead", NULL },
    { .name = NULL },
};

const struct bf_operator bf_operator_words = {
    .op = {
        .name = "words",
        .summary = "say the same words instead, whatever the sample",
        .source = "docs/operators.md#words",
        .priv_size = sizeof(struct words),
        .opts = words_opts,
    },
    .carriers = BF_BIT(BF_TEXT),
    .removes = true,
    .looks_at = words_looks_at,
    .apply = words_apply,
};
