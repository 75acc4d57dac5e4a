#ifndef BF_CORE_VIEW_H
#define BF_CORE_VIEW_H

#include "core/spec.h"

/* What samples are shown instead of their own, by sample. Rows are NULL where a sample cannot be
 * asked under the condition, since no other has what it would be lent. */
struct bf_lent {
    /* [n_samples][n_parts]: NULL, or the part of another sample in place of this one; NULL when
     * the condition swaps no media */
    const struct bf_part ***parts;
    const char **questions; /* [n_samples]; NULL when every sample is shown the same words */
};

/* One concrete condition of a run: what a model is shown, as data. */
struct bf_condition {
    const char *name; /* "full", "blind", "without_image", "without_image+audio", as written */
    enum bf_condition_kind kind; /* of WITHOUT_EACH and EVERY_SUBSET one that drops `drop`; of a
                                    family over what it names one that is REPLACE */
    uint32_t drop;               /* WITHOUT_EACH, EVERY_SUBSET: the modalities dropped, all of which
                             a sample must have to be asked */
    const struct bf_condition_spec *spec;
    const struct bf_lent *lent; /* NULL = nothing */
    uint32_t n_without;         /* samples not asked, since no other can lend them anything */
    const char *absent;         /* "image.9": what it names and no sample shows; NULL = nothing */
};

struct bf_conditions {
    int n;
    struct bf_condition *v; /* "full" first when there is one; then in the spec's order */
};

/* Expand families over the modalities that the pool's samples have, and choose what is lent; once
 * files are hashed, so that what is lent is not the same under another name. Names are unique: a
 * subset that another entry already names is not repeated. BF_EDATA is never returned: samples with
 * more than BF_MAX_LATTICE modalities were set aside by ingest. */
int bf_conditions_expand(const struct bf_spec *spec, const struct bf_pool *pool,
                         struct bf_conditions *out, struct bf_arena *a, struct bf_err *err);

/* Index by name, or -1. */
int bf_condition_find(const struct bf_conditions *c, const char *name);

/* Whether a spec's conditions can produce one of this name (before a pool was read). */
bool bf_condition_known(const struct bf_spec *spec, const char *name);

/* What one sample looks like under one condition. */
struct bf_view {
    bool asked;       /* false: the condition says nothing about this sample */
    uint32_t kept;    /* modalities shown as they are, every part of them */
    uint32_t dropped; /* modalities of the sample of which no part is shown */
    uint32_t partly;  /* modalities shown as they are but for parts that are named, or go with
                         choices that are dropped */
    const struct bf_replace *by[BF_MAX_MODALITIES]; /* operator in place of a modality, or NULL */
    const struct bf_condition_spec *named; /* what replaces single parts of the sample, or NULL */
    const struct bf_lent *lent;            /* what `by` swaps in, or NULL */
    const char *question;                  /* words shown; "" when dropped */
    bool choices;                          /* whether the choices are shown */
};

void bf_view_of(const struct bf_condition *c, const struct bf_sample *s, struct bf_view *out);

/* One file as one modality, perhaps through an operator. */
struct bf_reading_key {
    const struct bf_sample *sample; /* who is shown it; used only when `by` draws at random */
    const struct bf_part *part;
    const struct bf_replace *by; /* NULL = as it is */
};

/* What stands in the place of part `p` of a sample: its own file or, when it is swapped, that of
 * another sample, as it is. False when nothing does; a part of a choice goes with the choices. */
bool bf_view_part(const struct bf_view *v, const struct bf_sample *s, int p,
                  struct bf_reading_key *out);

/* Whether two views, of one sample, show the same; both are asked. */
bool bf_view_same(const struct bf_view *a, const struct bf_view *b);

/* A view as text for keys and messages, the same for equal views:
 * "image=keep;image.2=drop;tactile=noise{lo: 0, hi: 255};question=keep;choices=keep". */
void bf_view_print(const struct bf_spec *spec, const struct bf_sample *s, const struct bf_view *v,
                   struct bf_buf *out);

/* Place of the part of that modality and number among a sample's parts, or -1. */
int bf_sample_part(const struct bf_sample *s, int modality, int number);

/* Whether a sample has what a condition replaces: the part, the modality, choices with letters. */
bool bf_sample_has(const struct bf_sample *s, const struct bf_replace *r);

/* What a condition puts in the place of a part, or NULL: what says most exactly which. */
const struct bf_replace *bf_replace_of(const struct bf_condition_spec *cs,
                                       const struct bf_part *part);

/* Whether a condition speaks of single parts, image.2, so that samples of the same modalities can
 * be shown different ones. */
bool bf_condition_names_parts(const struct bf_condition *c);

/* What it replaces, by the name a spec uses: "image", "image.2", "all", "question", "choices". */
void bf_replace_print(const struct bf_spec *spec, const struct bf_replace *r, struct bf_buf *out);

#endif
