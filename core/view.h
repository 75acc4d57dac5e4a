#ifndef BF_CORE_VIEW_H
#define BF_CORE_VIEW_H

#include "core/spec.h"

/* One concrete condition of a run: what a model is shown, as data. */
struct bf_condition {
    const char *name; /* "full", "blind", "without_image", "without_image+audio", as written */
    enum bf_condition_kind kind; /* of WITHOUT_EACH and EVERY_SUBSET one that drops `drop` */
    uint32_t drop;               /* WITHOUT_EACH, EVERY_SUBSET: the modalities dropped, all of which
                             a sample must have to be asked */
    const struct bf_condition_spec *spec;
};

struct bf_conditions {
    int n;
    struct bf_condition *v; /* "full" first when there is one; then in the spec's order */
};

/* Expand families over the modalities that the pool's samples have. Names are unique: a subset
 * that another entry already names is not repeated. BF_EDATA is never returned: samples with more
 * than BF_MAX_LATTICE modalities were set aside by ingest. */
int bf_conditions_expand(const struct bf_spec *spec, const struct bf_pool *pool,
                         struct bf_conditions *out, struct bf_arena *a, struct bf_err *err);

/* Index by name, or -1. */
int bf_condition_find(const struct bf_conditions *c, const char *name);

/* Whether a spec's conditions can produce one of this name (before a pool was read). */
bool bf_condition_known(const struct bf_spec *spec, const char *name);

/* What one sample looks like under one condition. */
struct bf_view {
    bool asked;       /* false: the condition says nothing about this sample */
    uint32_t kept;    /* modalities shown as they are */
    uint32_t dropped; /* modalities of the sample that are left out */
    const struct bf_replace *by[BF_MAX_MODALITIES]; /* operator in place of a modality, or NULL */
    const char *question;                           /* words shown; "" when dropped */
    bool choices;                                   /* whether the choices are shown */
};

void bf_view_of(const struct bf_condition *c, const struct bf_sample *s, struct bf_view *out);

/* Whether two views, of one sample, show the same; both are asked. */
bool bf_view_same(const struct bf_view *a, const struct bf_view *b);

/* A view as text for keys and messages, the same for equal views:
 * "image=keep;audio=drop;tactile=noise{lo: 0, hi: 255};question=keep;choices=keep". */
void bf_view_print(const struct bf_spec *spec, const struct bf_sample *s, const struct bf_view *v,
                   struct bf_buf *out);

#endif
