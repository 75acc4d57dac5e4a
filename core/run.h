#ifndef BF_CORE_RUN_H
#define BF_CORE_RUN_H

#include "core/release.h"

/* How a run talks to whoever started it. All callbacks are optional and come from the calling
 * thread. */
struct bf_run_options {
    const char *out; /* run folder; NULL = runs/<name> in the working folder */
    int n_threads;   /* 0 = as many as there are processors */
    void *ctx;
    void (*progress)(void *ctx, const char *stage, uint64_t done, uint64_t total);
    void (*note)(void *ctx, const char *line); /* something the user should know, one line */
    bool (*stopped)(void *ctx);                /* asked now and then; true = stop and keep all */
    void (*live)(void *ctx, const char *probe, const struct bf_live *live);
    const char *(*env)(void *ctx, const char *name); /* the environment; NULL = there is none */
};

/* What a finished run did: all the summary prints. Strings live in `arena`. */
struct bf_summary {
    struct bf_arena arena;
    const char *run_dir, *benchmark_dir; /* benchmark_dir NULL when the spec emits nothing */
    uint32_t n_rows, n_set_aside, n_samples, n_files;
    uint64_t n_answers_cached, n_answers_new, n_unmeasured;
    uint64_t n_readings_cached, n_readings_new;
    int n_drops;
    struct bf_drop *drops; /* in the order of the spec's filters */
    uint32_t n_kept_by_filters, n_kept;
    int n_before_after;
    struct bf_before_after *before_after;
    uint32_t n_shortfalls;
    struct bf_shortfall *shortfalls;
    bool balanced, emitted;
    bool promise_broken; /* a quota was not met: exit status 3 */
};

BF_API void bf_summary_done(struct bf_summary *s);

/* Do what the spec orders, in its run folder; what the ledger has is not done again.
 *
 * BF_EINVAL: the order is wrong (nothing was done); BF_EIO, BF_ENOMEM: stopped, everything
 * received is kept, run again to resume; BF_EDATA: the pool has no usable sample. */
BF_API int bf_run(const struct bf_spec *spec, const struct bf_run_options *options,
                  struct bf_summary *out, struct bf_err *err);

/* Requests of one probe under one condition. */
struct bf_plan_row {
    const char *probe, *condition;
    uint64_t n_questions; /* samples it applies to and shows something new, times trials */
};

/* What a run would do. */
struct bf_plan {
    struct bf_arena arena;
    uint32_t n_samples, n_set_aside, n_files;
    uint64_t media_bytes;
    uint32_t by_modality[BF_MAX_MODALITIES]; /* samples that show it */
    int n_rows;
    struct bf_plan_row *rows;
    uint32_t n_missing; /* set_aside rows to show */
    struct bf_set_aside *set_aside;
};

BF_API void bf_plan_done(struct bf_plan *p);

/* Read the pool's rows and look for its files without decoding any. Codes as bf_run. */
BF_API int bf_check(const struct bf_spec *spec, struct bf_plan *out, struct bf_err *err);

/* Write one sample under every condition as files: <out>/<condition>/question.txt, image.1.png...,
 * and parts.txt, which describes its media as they were read.
 * `n_files_out` counts them. BF_EINVAL: no sample of that id (the message names near ones). */
BF_API int bf_show(const struct bf_spec *spec, const char *id, const char *out,
                   uint32_t *n_files_out, struct bf_err *err);

#endif
