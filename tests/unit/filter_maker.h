/* Filters set from text, as a spec would. */
#ifndef BF_TESTS_FILTER_MAKER_H
#define BF_TESTS_FILTER_MAKER_H

#include "core/ops.h"
#include "tests/unit/table_maker.h"

extern const struct bf_filter bf_filter_answerable, bf_filter_shortcut, bf_filter_where;

/* A filter with its defaults; its options are then set by filter_set. */
static inline struct bf_filter_spec filter_new(const struct bf_filter *base, struct bf_arena *a)
{
    struct bf_filter_spec f = { .base = base };
    if (bf_op_init(&base->op, &f.priv, a, NULL) != BF_OK)
        printf("# no defaults for %s\n", base->op.name);
    return f;
}

/* One option from one text; "a, b" is not split: NAMES take one name here. */
static inline void filter_set(struct bf_filter_spec *f, const char *name, const char *text,
                              struct bf_arena *a)
{
    const struct bf_opt *o = bf_opt_find(f->base->op.opts, name);
    struct bf_err err = { .msg = "no such option" };
    if (!o || bf_opt_set(o, f->priv, &text, 1, a, &err) != BF_OK)
        printf("# %s: %s\n", name, err.msg);
}

/* The ruling on one sample; its reason is kept in `a`. */
static inline enum bf_verdict_kind filter_decide(const struct bf_filter_spec *f, struct maker *m,
                                                 uint32_t sample, uint32_t *targets,
                                                 const char **reason, struct bf_arena *a)
{
    struct bf_ruling r = { .targets = m->samples[sample].target };
    struct bf_err err = { .code = 0 };
    if (f->base->decide(f->priv, &m->table, &m->scores, sample, &r, &err) != BF_OK)
        printf("# %s\n", err.msg);
    *targets = r.targets;
    *reason = bf_arena_strdup(a, r.reason.data ? r.reason.data : "");
    bf_buf_done(&r.reason);
    return r.kind;
}

#endif
