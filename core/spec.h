#ifndef BF_CORE_SPEC_H
#define BF_CORE_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/ops.h"
#include "core/order.h"
#include "core/sample.h"

/* What a condition may replace beside one modality: context, by words or nothing, and every
 * modality at once. */
enum { BF_QUESTION = -1, BF_CHOICES_TEXT = -2, BF_EVERY_MODALITY = -3 };

/* One input of the order: where the samples come from. */
struct bf_pool_spec {
    const struct bf_reader *reader;
    void *priv;        /* the reader's options, its path among them */
    const char *path;  /* absolute */
    const char *shown; /* as the spec writes it */
    /* which field of a row holds what; defaults are the names themselves */
    const char *f_id, *f_question, *f_choices, *f_answer, *f_category, *f_task, *f_media, *f_target,
        *f_licence;
    /* of the files of each modality, where a row has no f_media; * stands for 1, 2, 3 ...; NULL =
     * the modality's own name */
    const char *f_modality[BF_MAX_MODALITIES];
};

/* A modality as this spec uses it. */
struct bf_modality_use {
    const char *name;               /* "image", "thermal", ... */
    const struct bf_modality *base; /* who decodes it */
    void *priv;                     /* options of `base` */
    bool declared;                  /* by the spec, or given another carrier's name */
};

/* What takes the place of one part, of one modality or all of them, or of the question. Of those
 * that speak of a part the one counts that says most exactly which: image.2, then image, then all.
 */
struct bf_replace {
    int modality;                 /* index, BF_QUESTION, BF_CHOICES_TEXT or BF_EVERY_MODALITY */
    const struct bf_operator *op; /* NULL for words */
    void *priv;
    const char *words; /* question only */
    int number;        /* of the part, 2 of image.2; 0 = every part of the modality */
};

enum bf_condition_kind {
    BF_COND_FULL,
    BF_COND_WITHOUT_EACH, /* a family: one condition a modality */
    BF_COND_BLIND,        /* all targets of the sample dropped */
    BF_COND_EVERY_SUBSET, /* a family: one condition a subset */
    BF_COND_REPLACE,      /* as written */
};

/* A condition as the spec writes it; core/view.h expands it. */
struct bf_condition_spec {
    const char *name;
    enum bf_condition_kind kind;
    uint32_t only; /* asked only of samples that have all of these; 0 = of all */
    int n_only_parts;
    struct bf_replace *only_parts; /* and all of these parts; nothing is replaced by them */
    int n_replaces;
    struct bf_replace *replaces; /* BF_COND_REPLACE; of BF_COND_EVERY_SUBSET `over`: what subsets
                                    are dropped of, modalities first; none = what a sample has */
    bool subset;                 /* BF_COND_REPLACE made of one such: asked only of samples that
                                    have all that it drops */
    const char *family; /* written once with a list of severities: `fading` of "fading_0.5";
                                    else NULL */
    double severity;    /* of such a one */
};

/* A probe: who is asked. */
struct bf_probe_spec {
    const char *name;
    const char *family; /* who made it; the name when not given */
    bool held_out;      /* role: takes no part in filters */
    bool judge;         /* role: asked about replies, never about samples */
    int trials;         /* >= 1 */
    enum bf_orders orders;
    struct bf_names under; /* conditions it is asked under; none = all */
    const char *before;    /* spec key `base`: the probe that knows what this one knew before it
                              learned or was shown anything, or NULL */
    const struct bf_probe *base;
    void *priv;
    int line; /* of the spec, for messages */
};

/* One filter, in order. */
struct bf_filter_spec {
    const struct bf_filter *base;
    void *priv;
    int line;
};

/* What a model's tokens cost. */
struct bf_price {
    const char *model;
    double input, output; /* per million tokens, in any one currency */
};

/* What a run may spend on probes that cost; 0 = no limit. */
struct bf_spend_spec {
    double requests, tokens, money;
};

/* Who decides whether a free reply says what the gold answer says. */
struct bf_judge_spec {
    int probe;          /* index into probes, -1 = nobody: then no filter rejects such samples */
    const char *labels; /* absolute path of people's labels, or NULL */
    const char *shown;  /* as the spec writes it */
};

enum bf_needs { BF_NEEDS_ANY, BF_NEEDS_EACH };

/* What `balance:` asks for. */
struct bf_balance_spec {
    bool on;
    uint32_t size;         /* 0 = as many as the quotas allow */
    struct bf_names equal; /* fields, each balanced on its own; at most two */
    struct bf_names joint; /* fields whose combinations are balanced together */
    const char *prefer;    /* a score, "contribution.target", or NULL */
};

/* What `emit:` asks for. */
struct bf_emit_spec {
    bool on;
    const char *to; /* NULL = <run folder>/benchmark */
    int n_formats;
    const struct bf_emitter **formats;
    const char *card_licence, *card_url;
    struct bf_names card_authors;
};

/* The order, as read from one YAML file, with every default filled in. */
struct bf_spec {
    struct bf_arena arena;
    const char *path, *dir; /* the file and its folder, absolute */
    const char *name;
    uint64_t seed;
    struct bf_names target_names; /* as written */
    uint32_t target;
    enum bf_needs needs;
    bool undecided_keep;
    bool damaged_keep; /* samples of which part is missing: else they are set aside */
    int n_pools;
    struct bf_pool_spec *pools;
    int n_modalities;
    struct bf_modality_use modalities[BF_MAX_MODALITIES];
    int n_conditions;
    struct bf_condition_spec *conditions;
    int n_probes;
    struct bf_probe_spec *probes;
    bool ask_everything; /* every trial, or (probes that cost) only until verdicts stand */
    int n_prices;
    struct bf_price *prices;
    struct bf_spend_spec spend;
    struct bf_judge_spec judge;
    int n_scores;
    const struct bf_metric **scores;
    int n_filters;
    struct bf_filter_spec *filters;
    struct bf_balance_spec balance;
    struct bf_emit_spec emit;
};

/* One thing wrong with a spec. */
struct bf_complaint {
    int line, col; /* 1-based; 0 = the whole file */
    char *text;
};

struct bf_complaints {
    int n;
    struct bf_complaint *v; /* in order of line; memory is the spec's arena */
};

/* Read and check a spec. On failure `complaints_out` holds EVERY fault found, each with line and
 * column, and `err` the first of them. BF_EINVAL: the spec is wrong (or cannot be opened: nothing
 * has been done yet); BF_ENOMEM. `spec` is zeroed by the caller and released by bf_spec_done in
 * every case. */
BF_API int bf_spec_read(const char *path, struct bf_spec *spec,
                        struct bf_complaints *complaints_out, struct bf_err *err);

/* The spec as YAML with all defaults filled in; reading it again gives the same spec. Paths are
 * written relative to the spec's folder as the user wrote them. */
BF_API void bf_spec_print(const struct bf_spec *spec, struct bf_buf *out);

BF_API void bf_spec_done(struct bf_spec *spec);

/* Index of a modality by name, or -1. */
int bf_spec_modality(const struct bf_spec *spec, const char *name);

/* Whether a probe takes part in filters: it is neither held out nor a judge. */
bool bf_probe_votes(const struct bf_probe_spec *p);

/* Whether a probe is asked about samples under the condition of that name, by its `role` and its
 * `under`. */
bool bf_probe_is_asked(const struct bf_probe_spec *p, const char *condition);

/* What the tokens of a model cost, or NULL when the spec has no price for it. */
const struct bf_price *bf_spec_price(const struct bf_spec *spec, const char *model);

#endif
