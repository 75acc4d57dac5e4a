/* Probe `builtin`: a statistical model cross-fitted on the pool, which sees exactly what a
 * condition leaves. It needs no network and finds what a zero-shot model cannot: templates,
 * priors, lengths, positions. */
#include "core/ops.h"
#include "core/spec.h"
#include "probe/builtin/crossfit.h"
#include "probe/builtin/encode.h"
#include "probe/builtin/evidence.h"
#include "probe/builtin/stack.h"
#include "probe/builtin/tokens.h"

/* Of how answers are made, beside what has a version of its own. */
enum { VERSION = 4 };

struct builtin {
    struct bf_crossfit fit;
};

static int builtin_ask(const struct bf_asking *asking, struct bf_err *err)
{
    const struct builtin *o = asking->probe->priv;
    return bf_crossfit(asking, &o->fit, err);
}

/* The ledger keeps no credit, and the gold may have been corrected. */
static void builtin_read(const struct bf_probe_spec *p, const struct bf_sample *s,
                         const uint8_t *order, struct bf_answer *a)
{
    (void)p, (void)order;
    if (s->task == BF_NUMBER) {
        a->has_credit = true;
        a->credit = bf_answer_mra(a->number, s->gold_number, false);
        a->cls = a->credit >= 0.5f ? BF_RIGHT : BF_WRONG;
    } else {
        a->cls = bf_answer_judge(s, a);
    }
}

static int builtin_refit(const struct bf_asking *asking, const struct bf_refit *how, float *p_out,
                         struct bf_err *err)
{
    const struct builtin *o = asking->probe->priv;
    return bf_crossfit_again(asking, &o->fit, how, p_out, err);
}

/* It learns from the pool, so the pool is part of what it is. */
static int builtin_identify(const struct bf_probe_spec *p, const struct bf_spec *spec,
                            const struct bf_pool *pool, struct bf_buf *out, struct bf_err *err)
{
    const struct builtin *o = p->priv;
    char digest[BF_SHA_HEX];
    uint32_t without;
    BF_TRY(bf_evidence_mask(&o->fit.without, &without, err));
    bf_hex(pool->digest, BF_SHA_BYTES, digest);
    bf_buf_printf(
        out,
        "builtin "
        "v%d;encode=%d;tokens=%d;stack=%d;learner=%d;learns=%d;without=%x;folds=%d;epochs=%d",
        VERSION, BF_ENCODE_VERSION, BF_TOKENS_VERSION, BF_STACK_VERSION, o->fit.learner,
        o->fit.learns, without, o->fit.folds, o->fit.epochs);
    bf_buf_printf(out, ";rounds=%d;rate=", o->fit.rounds);
    bf_buf_num(out, o->fit.rate);
    bf_buf_str(out, ";l2=");
    bf_buf_num(out, o->fit.l2);
    bf_buf_str(out, ";l1=");
    bf_buf_num(out, o->fit.l1);
    bf_buf_printf(out, ";seed=%llu;name=", (unsigned long long)spec->seed);
    bf_buf_json(out, p->name);
    for (int m = 0; m < spec->n_modalities; m++)
        bf_buf_printf(out, ";%s=%d", spec->modalities[m].name, spec->modalities[m].base->version);
    bf_buf_printf(out, ";pool=%s", digest);
    BF_TRY(bf_embed_options_identify(&o->fit.embed, out, err));
    return out->failed ? bf_fail_memory(err, "a key") : BF_OK;
}

static int builtin_check(const struct bf_probe_spec *p, const struct bf_spec *spec,
                         struct bf_err *err)
{
    const struct builtin *o = p->priv;
    uint32_t without;
    BF_TRY(bf_evidence_mask(&o->fit.without, &without, err));
    return bf_embed_options_check(&o->fit.embed, spec, err);
}

static const struct bf_opt builtin_opts[] = {
    { "learner", BF_OPT_ENUM, offsetof(struct builtin, fit.learner), "blend", 0, 0, NULL,
      "how it learns: linear is a conditional softmax over hashed words and media; trees are "
      "boosted over columns; blend grows trees over linear; priors are baselines by letter, "
      "length, overlap and frequent answer",
      "blend|linear|trees|priors" },
    { "learns", BF_OPT_ENUM, offsetof(struct builtin, fit.learns), "shown", 0, 0, NULL,
      "from what: shown is what the condition shows, a model for each; full is all that samples "
      "show, and media are taken from what was learned with them",
      "shown|full" },
    { "folds", BF_OPT_INT, offsetof(struct builtin, fit.folds), "5", 2, 50, "folds",
      "parts of the pool; each is judged by a model trained on the others", NULL },
    { "epochs", BF_OPT_INT, offsetof(struct builtin, fit.epochs), "0", 0, 1000, "passes",
      "passes over the training samples; 0: the fewer, the more samples there are", NULL },
    { "rate", BF_OPT_NUM, offsetof(struct builtin, fit.rate), "0.02", 1e-6, 10, "per step",
      "first step size of the adaptive-gradient descent", NULL },
    { "l2", BF_OPT_NUM, offsetof(struct builtin, fit.l2), "20", 0, 1000, "precision",
      "precision of the Gaussian prior on every weight: more holds back what is seen seldom",
      NULL },
    { "l1", BF_OPT_NUM, offsetof(struct builtin, fit.l1), "0", 0, 1000, "rate",
      "rate of the Laplace prior on every weight of words: weights that tell little become 0",
      NULL },
    { "rounds", BF_OPT_INT, offsetof(struct builtin, fit.rounds), "100", 0, 10000, "trees",
      "trees at most; fewer are kept where more do not help", NULL },
    { "without", BF_OPT_NAMES, offsetof(struct builtin, fit.without), "", 0, 0, NULL,
      "kinds of evidence that are left out: position, length, numbers, overlap, form, choice, "
      "question, template, category, media, embedding",
      NULL },
    BF_EMBED_OPTS(struct builtin, fit.embed),
    { .name = NULL },
};

const struct bf_probe bf_probe_builtin = {
    .op = {
        .name = "builtin",
        .summary = "a statistical model, cross-fitted on the pool; no model server is needed",
        .source = "docs/builtin.md; test-set training (arXiv 2511.04655)",
        .priv_size = sizeof(struct builtin),
        .opts = builtin_opts,
    },
    .sees_features = true,
    .check = builtin_check,
    .identify = builtin_identify,
    .ask = builtin_ask,
    .read = builtin_read,
    .refit = builtin_refit,
};
