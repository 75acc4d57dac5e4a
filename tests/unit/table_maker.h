/* A column table written by hand, for tests of scores, filters and emit. */
#ifndef BF_TESTS_TABLE_MAKER_H
#define BF_TESTS_TABLE_MAKER_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/table.h"

enum { MAKER_MAX = 64 };

/* Zeroed, then maker_init(). Samples and cells are set in place. */
struct maker {
    struct bf_spec spec;
    struct bf_probe_spec probes[4];
    struct bf_condition_spec condition_specs[MAKER_MAX];
    struct bf_pool pool;
    struct bf_sample samples[MAKER_MAX];
    struct bf_condition list[MAKER_MAX];
    struct bf_conditions conditions;
    struct bf_cell cells[4 * MAKER_MAX * MAKER_MAX];
    struct bf_table table;
    struct bf_scores scores;
    char ids[MAKER_MAX][16];
};

static const char *const maker_modalities[] = { "image", "audio", "tactile" };

/* Samples of one modality mask, every one a choice of four with gold A, in a group of its own. */
static void maker_init(struct maker *m, int n_probes, uint32_t n_samples, uint32_t has)
{
    static const char *choices[] = { "a", "b", "c", "d" };
    static const char *const probes[] = { "stat", "chat", "more", "held" };

    m->spec.probes = m->probes;
    m->spec.n_probes = n_probes;
    m->spec.n_modalities = 3;
    m->spec.conditions = m->condition_specs;
    for (int i = 0; i < 3; i++)
        m->spec.modalities[i].name = maker_modalities[i];
    for (int i = 0; i < n_probes; i++)
        m->probes[i] =
            (struct bf_probe_spec){ .name = probes[i], .family = probes[i], .trials = 1 };
    for (uint32_t i = 0; i < n_samples; i++) {
        snprintf(m->ids[i], sizeof m->ids[i], "s%u", (unsigned)i);
        m->samples[i] = (struct bf_sample){
            .id = m->ids[i],
            .index = i,
            .task = BF_CHOICE,
            .question = "what",
            .n_choices = 4,
            .choices = choices,
            .gold = 0,
            .gold_set = 1,
            .gold_text = "A",
            .category = "",
            .licence = "",
            .origin = "",
            .has = has,
            .target = has,
            .group = i,
        };
    }
    m->pool =
        (struct bf_pool){ .n_samples = n_samples, .samples = m->samples, .n_groups = n_samples };
    m->conditions.v = m->list;
    m->table = (struct bf_table){ .spec = &m->spec,
                                  .pool = &m->pool,
                                  .conditions = &m->conditions,
                                  .cells = m->cells,
                                  .seed = 7,
                                  .n_threads = 1 };
}

/* Conditions must all be added before the first cell is set. */
static inline int maker_condition(struct maker *m, const char *name, enum bf_condition_kind kind,
                                  uint32_t drop)
{
    int i = m->conditions.n++;
    m->condition_specs[i] = (struct bf_condition_spec){ .name = name, .kind = kind };
    m->spec.n_conditions = i + 1;
    m->list[i] = (struct bf_condition){
        .name = name, .kind = kind, .drop = drop, .spec = &m->condition_specs[i]
    };
    return i;
}

/* The lattice over the modalities `has`: condition index = subset dropped, for has = 1, 3, 7. */
static inline void maker_lattice(struct maker *m, uint32_t has)
{
    static const char *const names[] = {
        "full",
        "without_image",
        "without_audio",
        "without_image+audio",
        "without_tactile",
        "without_image+tactile",
        "without_audio+tactile",
        "without_image+audio+tactile",
    };
    maker_condition(m, "full", BF_COND_FULL, 0);
    for (uint32_t drop = 1; drop <= has; drop++)
        maker_condition(m, names[drop], BF_COND_EVERY_SUBSET, drop);
}

static inline struct bf_cell *maker_cell(struct maker *m, int probe, int condition, uint32_t sample)
{
    size_t row = (size_t)(probe * m->conditions.n + condition);
    return &m->cells[row * m->pool.n_samples + sample];
}

/* Every cell as a run leaves what was never asked. */
static inline void maker_clear(struct maker *m)
{
    for (size_t i = 0; i < sizeof m->cells / sizeof *m->cells; i++)
        m->cells[i] = (struct bf_cell){ .a = NAN, .p = NAN, .first = -1 };
}

/* `right` of `trials` right, the others wrong; the first trial is right when any is. */
static inline void maker_trials(struct maker *m, int probe, int condition, uint32_t sample,
                                int right, int trials)
{
    struct bf_cell *c = maker_cell(m, probe, condition, sample);
    *c = (struct bf_cell){ .a = (float)right / (float)trials,
                           .p = NAN,
                           .first = right > 0 ? 0 : 1,
                           .first_class = right > 0 ? BF_RIGHT : BF_WRONG };
    c->n[BF_RIGHT] = (uint16_t)right;
    c->n[BF_WRONG] = (uint16_t)(trials - right);
}

/* One answer of a probe that gives probabilities; right when p(gold) is above one half. */
static inline void maker_p(struct maker *m, int probe, int condition, uint32_t sample, double p)
{
    maker_trials(m, probe, condition, sample, p > 0.5, 1);
    struct bf_cell *c = maker_cell(m, probe, condition, sample);
    c->a = c->p = (float)p;
}

static inline double maker_value(const struct maker *m, const char *column, uint32_t sample)
{
    const struct bf_column *c = bf_scores_find(&m->scores, column);
    if (!c)
        printf("# no column '%s'\n", column);
    return c ? c->v[sample] : -99;
}

static inline const char *maker_word(const struct maker *m, const char *column, uint32_t sample)
{
    const struct bf_column *c = bf_scores_find(&m->scores, column);
    if (!c || !c->words || isnan(c->v[sample]))
        return "null";
    return c->words[(int)c->v[sample]];
}

static inline const struct bf_stat *maker_stat(const struct maker *m, const char *score,
                                               const char *probe, const char *condition,
                                               const char *modality, const char *group)
{
    static const struct bf_stat none = { .score = "", .value = -99, .null_reason = "no such stat" };
    for (uint32_t i = 0; i < m->scores.n_stats; i++) {
        const struct bf_stat *s = &m->scores.stats[i];
        if (strcmp(s->score, score) == 0 && strcmp(s->probe, probe) == 0 &&
            strcmp(s->condition, condition) == 0 && strcmp(s->modality, modality) == 0 &&
            strcmp(s->group, group) == 0)
            return s;
    }
    printf("# no stat %s/%s/%s/%s/%s\n", score, probe, condition, modality, group);
    return &none;
}

static inline void maker_done(struct maker *m)
{
    bf_scores_done(&m->scores);
    free(m);
}

static inline struct maker *maker_new(void)
{
    return calloc(1, sizeof(struct maker));
}

#endif
