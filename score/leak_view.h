#ifndef BF_SCORE_LEAK_VIEW_H
#define BF_SCORE_LEAK_VIEW_H

#include "score/counter.h"
#include "score/leak_shapes.h"

/* A pool as the search for leaks sees it: samples, the groups they are in, and the cues that pick
 * some of their choices. */

/* What makes samples a group; of groups with the same samples the first kind stands for all. */
enum bf_leak_group_kind {
    BF_GROUP_ALL,
    BF_GROUP_CATEGORY,
    BF_GROUP_FIELD,    /* an extra field of the pool with few values */
    BF_GROUP_QUESTION, /* the same question */
    BF_GROUP_HEAD,     /* its first word, or first two */
    BF_GROUP_TEMPLATE, /* words that stand in a choice, and numbers, masked */
    BF_GROUP_PHRASE,   /* one content word, or 2 or 3 words in a row */
    BF_GROUP_KINDS
};

struct bf_leak_group {
    enum bf_leak_group_kind kind;
    uint32_t n;
    uint32_t first; /* a sample of it, index into the pool */
    uint16_t at;    /* where its words stand in that sample's question; which extra field */
    uint8_t len;    /* how many words */
};

/* Content that stands in choices, or is the answer of a number or text sample. */
enum bf_leak_unit_kind { BF_UNIT_TEXT, BF_UNIT_WORD, BF_UNIT_VALUE };

struct bf_leak_unit {
    enum bf_leak_unit_kind kind;
    uint32_t n;
    uint32_t first; /* a sample that has it, index into the pool */
    uint16_t at;    /* choice * 256 + word; 0 of a value */
};

struct bf_leak_sample {
    uint32_t index; /* in the pool */
    uint32_t gold;  /* bit per gold choice; 0 of number and text samples */
    uint8_t k;      /* choices; 0 of number and text samples */
    bool copy;      /* the same question, choices, answer and media as one before: counts nothing */
    bool again;     /* the same choices and answer as one before: counts nothing for cues that
                       depend on choices alone, since texts of choices tell it better */
    uint64_t media; /* of the files it shows; 0 = none */
};

/* A unit of a sample, with the choices that have it. */
struct bf_leak_has {
    uint32_t unit, mask;
};

struct bf_leak_view {
    const struct bf_pool *pool;
    uint32_t n;
    struct bf_leak_sample *samples;     /* [n] */
    uint32_t (*shapes)[BF_SHAPE_COUNT]; /* [n] */
    uint32_t *first_group;              /* [n + 1] */
    const uint32_t *groups;             /* of each sample, "all" left out */
    uint32_t *first_unit;               /* [n + 1] */
    const struct bf_leak_has *units;
    uint32_t n_groups;
    struct bf_leak_group *group; /* [n_groups]; 0 is "all" */
    uint32_t n_units;
    struct bf_leak_unit *unit; /* [n_units] */
    uint32_t least;            /* what fewer samples have is not looked at */
    struct bf_arena arena;
    struct bf_buf group_list, unit_list; /* what groups and units point into */
};

/* Make the view of all samples that have a gold answer. About 400 bytes a sample, and at most 512
 * MB for counting while it is made. BF_ENOMEM. */
int bf_leak_view_make(const struct bf_pool *pool, struct bf_leak_view *out, struct bf_err *err);

void bf_leak_view_done(struct bf_leak_view *v);

#endif
