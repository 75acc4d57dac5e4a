#ifndef BF_CORE_TABLE_H
#define BF_CORE_TABLE_H

#include "core/answer.h"
#include "core/leak.h"
#include "core/view.h"

struct bf_refitter;

/* All answers to one sample under one condition by one probe. */
struct bf_cell {
    float a;      /* a_S(x, m): share of right answers where a rule gives one (MRA of a number);
                        p(gold) where the probe gives probabilities, else share of right trials;
                        refused and unparsed count as not right, failed as missing. NaN = not
                        measured */
    float p;      /* p(gold), mean over the trials that give one; NaN when none does */
    float p_sd;   /* its standard deviation over them; NaN when fewer than two do */
    uint16_t n_p; /* how many do */
    uint16_t n[BF_CLASS_COUNT]; /* trials by class */
    int16_t first;              /* choice of the first trial, by identity; -1 = none */
    uint8_t first_class;        /* BF_CLASS_COUNT = the first trial was not recorded */
};

/* What filters count of a cell: all trials asked so far, where scores rest on the first alone. */
struct bf_votes {
    float p; /* mean p(gold) over `n_p` trials; NaN when none gives one */
    uint16_t n_p;
    uint16_t n[BF_CLASS_COUNT]; /* trials by class */
};

/* How often a judge of free replies agreed with people, on replies that people had judged. */
struct bf_judge_rates {
    uint32_t n_right, n_right_yes; /* right by people; of them right by the judge */
    uint32_t n_wrong, n_wrong_no;  /* wrong by people; of them wrong by the judge */
};

/* The compact column table that everything after the answers works on. */
struct bf_table {
    const struct bf_spec *spec;
    const struct bf_pool *pool;
    const struct bf_conditions *conditions;
    struct bf_cell *cells; /* [n_probes][n_conditions][n_samples] */
    uint64_t seed;
    int n_threads;
    /* [n_probes][n_conditions][n_samples]; NULL: the cells have all trials, see bf_votes_at. Of
     * probes asked only until verdicts stand, cells have the first trial: the only one that every
     * sample was asked, whatever came of it. */
    struct bf_votes *votes;
    struct bf_judge_rates judge; /* zero when no labels were given */
    void *const *prepared;       /* [spec->n_filters] what filters know of the pool, or NULL */
    const struct bf_refitter *refitter; /* NULL where probes cannot be trained again */
};

/* What the filter with these options prepared, or NULL. */
const void *bf_prepared(const struct bf_table *t, const void *filter_priv);

static inline const struct bf_cell *bf_cell_at(const struct bf_table *t, int probe, int condition,
                                               uint32_t sample)
{
    size_t row = (size_t)probe * (size_t)t->conditions->n + (size_t)condition;
    return &t->cells[row * t->pool->n_samples + sample];
}

/* All trials of a cell, for filters. */
struct bf_votes bf_votes_at(const struct bf_table *t, int probe, int condition, uint32_t sample);

/* Whether scores rest on this probe's first trials, since later ones are asked only until verdicts
 * stand (`ask: enough`). */
bool bf_probe_curtailed(const struct bf_spec *spec, int probe);

/* Index of the condition that shows a sample exactly the modalities `kept`, untouched, with
 * question and choices, and drops its others; -1 when the run has none. */
int bf_table_subset(const struct bf_table *t, uint32_t sample, uint32_t kept);

/* Whether a probe took part in choosing samples: it is not held out and the spec filters. */
bool bf_probe_selects(const struct bf_spec *spec, int probe);

/* One score for each sample. */
struct bf_column {
    const char *name;         /* "contribution.image", "mis_category" */
    double *v;                /* [n_samples]; NaN = null */
    const char *const *words; /* NULL, or v is an index into these */
    bool tells_gold;          /* not for a benchmark that is published */
};

/* One number about a set of samples. */
struct bf_stat {
    const char *score;       /* "accuracy", "contribution", "imbalance" */
    const char *probe;       /* "" = pooled over probes */
    const char *condition;   /* "" = all */
    const char *modality;    /* "" = none */
    const char *group;       /* "all", or "category=counting" */
    double value, lo, hi;    /* NaN = null; lo and hi bound 95 % */
    uint32_t n;              /* samples behind it */
    const char *null_reason; /* "" or why value is null */
    bool selected_on;        /* by a probe that takes part in filters */
};

struct bf_scores {
    struct bf_arena arena;
    int n_columns, cap_columns;
    struct bf_column *columns; /* malloc'ed array */
    uint32_t n_stats, cap_stats;
    struct bf_stat *stats; /* malloc'ed array; strings live in the arena or longer */
    uint32_t n_leaks;
    struct bf_leak *leaks; /* the surest first; in the arena */
    bool leaks_sought;
    uint64_t n_leak_trials;  /* cues tried, each in many groups */
    const char *repair_said; /* NULL, or what repairing the pool would save, as a sentence */
};

/* A new column of nulls, or NULL when out of memory. */
double *bf_scores_column(struct bf_scores *s, const char *name, const char *const *words,
                         uint32_t n_samples);

/* BF_ENOMEM. Strings in `stat` are copied. */
int bf_scores_stat(struct bf_scores *s, const struct bf_stat *stat, struct bf_err *err);

/* What a column of this name would be about, before any score is computed: matched against the
 * column rows of the spec's scores. */
struct bf_column_match {
    const struct bf_column_row *row;
    int probe, modality; /* index into the spec, or -1 */
};

/* Whether the spec's scores make a column called `name`. */
bool bf_column_known(const struct bf_spec *spec, const char *name, struct bf_column_match *out);

/* By name, or NULL. */
const struct bf_column *bf_scores_find(const struct bf_scores *s, const char *name);

void bf_scores_done(struct bf_scores *s);

#endif
