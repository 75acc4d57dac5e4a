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
    struct bf_damage damage; /* n_aside counts among n_set_aside */
    uint64_t n_answers_cached, n_answers_new, n_unmeasured;
    /* of probes that cost, in this run */
    uint64_t n_requests, n_failed, n_saved; /* sent; never answered; not asked, as verdicts stood */
    uint64_t n_in, n_out;                   /* tokens, as servers count them */
    double money;                           /* NaN = no price is known */
    double asking_seconds;
    uint64_t n_lost; /* requests that hard kills cost, ever */
    uint64_t n_readings_cached, n_readings_new;
    int n_drops;
    struct bf_drop *drops; /* in the order of the spec's filters */
    uint32_t n_kept_by_filters, n_kept;
    int n_before_after;
    struct bf_before_after *before_after;
    uint32_t n_shortfalls;
    struct bf_shortfall *shortfalls;
    bool leaks_sought;
    uint64_t n_leak_trials;
    uint32_t n_leaks, n_suggestive; /* what luck could hardly have made; what it could */
    int n_leaks_said;
    const char **leaks_said; /* the surest leaks, as sentences */
    const char *repair_said; /* NULL, or what repair would save, as a sentence */
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

/* Questions to one probe under one condition. */
struct bf_plan_row {
    const char *probe, *condition;
    const char *absent; /* what the condition names and no sample shows, such as image.9, or NULL */
    /* At most: samples that it shows something new, times trials, as far as a verdict can hang on
     * those after the first. */
    uint64_t n_questions;
    uint64_t n_first; /* of them asked whatever comes of it; all where nothing is saved */
};

/* What some requests would take. */
struct bf_plan_sum {
    uint64_t n;
    double n_in, n_out; /* tokens, roughly; NaN = not known */
    double money;       /* in the currency of the spec's prices; NaN = not known */
};

/* What asking one probe that costs would take beyond what the ledger has. */
struct bf_plan_asked {
    const char *probe;
    const char *model; /* NULL = it names none */
    bool priced;       /* the spec has a price for the model */
    bool judge;        /* asked about free replies: how many there will be is not known */
    int trials;
    bool curtailed;         /* trials after the first are asked only until verdicts stand */
    double request_seconds; /* so far, others in flight beside it; NaN = it was never asked */
    uint64_t n_remembered;  /* questions whose answers are in the ledger */
    struct bf_plan_sum most, least;
};

/* What a run would do. */
struct bf_plan {
    struct bf_arena arena;
    uint32_t n_samples, n_set_aside, n_files;
    struct bf_damage damage; /* as far as the ledger remembers what was read */
    uint64_t media_bytes;
    uint32_t by_modality[BF_MAX_MODALITIES]; /* samples that show it */
    int n_rows;
    struct bf_plan_row *rows;
    int n_asked;
    struct bf_plan_asked *asked;
    const char *ledger_fault; /* NULL, or why what is remembered could not be counted */
    struct bf_set_aside *set_aside;
};

BF_API void bf_plan_done(struct bf_plan *p);

/* Read the pool's rows and look for its files without decoding any. `run_dir` as in
 * bf_run_options.out: where it has a ledger, and a probe costs, files are hashed to find what is
 * remembered. Codes as bf_run. */
BF_API int bf_check(const struct bf_spec *spec, const char *run_dir, struct bf_plan *out,
                    struct bf_err *err);

/* One request as it would be sent. */
struct bf_preview {
    const char *probe, *sample, *condition;
    int trial; /* 0-based */
    const char
        *request;      /* its JSON on several lines, long media cut short; NULL when it cannot be */
    const char *fault; /* made, and then why */
};

/* Show the first `n` requests of every probe that sends some, as if nothing were remembered; a
 * judge, whose questions are not known yet, shows none. Media of those samples alone are read,
 * unless an operator needs the mean of the pool. Codes as bf_run. */
BF_API int bf_check_requests(const struct bf_spec *spec, int n,
                             void (*show)(void *ctx, const struct bf_preview *p), void *ctx,
                             struct bf_err *err);

/* Write one sample under every condition as files: <out>/<condition>/question.txt, image.1.png...;
 * parts.txt, which describes its media as they were read; sheet.png, which has them side by side.
 * `n_files_out` counts them. BF_EINVAL: no sample of that id (the message names near ones). */
BF_API int bf_show(const struct bf_spec *spec, const char *id, const char *out,
                   uint32_t *n_files_out, struct bf_err *err);

#endif
