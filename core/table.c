/* The column table: which condition is which subset, and the scores computed from it. */
#include "core/table.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/ops.h"

const char *bf_answer_class_name(enum bf_answer_class c)
{
    static const char *const names[BF_CLASS_COUNT] = {
        [BF_RIGHT] = "right",       [BF_WRONG] = "wrong",   [BF_REFUSED] = "refused",
        [BF_UNPARSED] = "unparsed", [BF_FAILED] = "failed",
    };
    assert((unsigned)c < BF_CLASS_COUNT);
    return names[c];
}

const char *bf_verdict_name(enum bf_verdict_kind kind)
{
    static const char *const names[] = {
        [BF_KEEP] = "keep",
        [BF_REJECT] = "reject",
        [BF_REVIEW] = "review",
        [BF_UNDECIDED] = "undecided",
    };
    assert((unsigned)kind < sizeof names / sizeof *names);
    return names[kind];
}

int bf_table_subset(const struct bf_table *t, uint32_t sample, uint32_t kept)
{
    const struct bf_sample *s = &t->pool->samples[sample];

    for (int i = 0; i < t->conditions->n; i++) {
        struct bf_view v;
        /* Of samples with the same modalities one may have the part, and no other. */
        if (bf_condition_names_parts(&t->conditions->v[i]))
            continue;
        bf_view_of(&t->conditions->v[i], s, &v);
        /* What is neither kept nor dropped was replaced, which is another question. */
        if (v.asked && v.kept == kept && v.dropped == (s->has & ~kept) && v.choices &&
            strcmp(v.question, s->question) == 0)
            return i;
    }
    return -1;
}

const void *bf_prepared(const struct bf_table *t, const void *filter_priv)
{
    for (int f = 0; t->prepared && f < t->spec->n_filters; f++)
        if (t->spec->filters[f].priv == filter_priv)
            return t->prepared[f];
    return NULL;
}

struct bf_votes bf_votes_at(const struct bf_table *t, int probe, int condition, uint32_t sample)
{
    const struct bf_cell *c = bf_cell_at(t, probe, condition, sample);
    struct bf_votes v = { .p = c->p, .n_p = c->n_p };
    memcpy(v.n, c->n, sizeof v.n);
    return t->votes ? t->votes[c - t->cells] : v;
}

bool bf_probe_curtailed(const struct bf_spec *spec, int probe)
{
    const struct bf_probe_spec *p = &spec->probes[probe];
    return p->base->costs && p->trials > 1 && !spec->ask_everything;
}

bool bf_probe_selects(const struct bf_spec *spec, int probe)
{
    return spec->n_filters > 0 && bf_probe_votes(&spec->probes[probe]);
}

double *bf_scores_column(struct bf_scores *s, const char *name, const char *const *words,
                         uint32_t n_samples)
{
    if (s->n_columns == s->cap_columns) {
        int cap = s->cap_columns ? 2 * s->cap_columns : 16;
        struct bf_column *more = realloc(s->columns, (size_t)cap * sizeof *more);
        if (!more)
            return NULL;
        s->columns = more;
        s->cap_columns = cap;
    }
    struct bf_column *c = &s->columns[s->n_columns];
    c->name = bf_arena_strdup(&s->arena, name);
    c->v = bf_arena_alloc(&s->arena, n_samples ? n_samples : 1, sizeof *c->v);
    c->words = words;
    c->tells_gold = false;
    if (!c->name || !c->v)
        return NULL;
    for (uint32_t i = 0; i < n_samples; i++)
        c->v[i] = NAN;
    s->n_columns++;
    return c->v;
}

int bf_scores_stat(struct bf_scores *s, const struct bf_stat *stat, struct bf_err *err)
{
    if (s->n_stats == s->cap_stats) {
        uint32_t cap = s->cap_stats ? 2 * s->cap_stats : 64;
        struct bf_stat *more = realloc(s->stats, cap * sizeof *more);
        if (!more)
            return bf_fail_memory(err, "scores");
        s->stats = more;
        s->cap_stats = cap;
    }
    struct bf_stat *to = &s->stats[s->n_stats];
    *to = *stat;
    const char **strings[] = { &to->score,    &to->probe, &to->condition,
                               &to->modality, &to->group, &to->null_reason };
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        *strings[i] = bf_arena_strdup(&s->arena, *strings[i] ? *strings[i] : "");
        if (!*strings[i])
            return bf_fail_memory(err, "scores");
    }
    s->n_stats++;
    return BF_OK;
}

const struct bf_column *bf_scores_find(const struct bf_scores *s, const char *name)
{
    for (int i = 0; i < s->n_columns; i++)
        if (strcmp(s->columns[i].name, name) == 0)
            return &s->columns[i];
    return NULL;
}

void bf_scores_done(struct bf_scores *s)
{
    free(s->columns);
    free(s->stats);
    bf_arena_reset(&s->arena);
    *s = (struct bf_scores){ 0 };
}

/* Length of `word` when `text` starts with it and ends there or goes on with a dot, else 0. */
static size_t starts_with(const char *text, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(text, word, n) != 0 || (text[n] != '\0' && text[n] != '.'))
        return 0;
    return n;
}

/* The longest probe, condition or modality that `text` starts with; 0 = none. Longest, since the
 * name of a probe may hold a dot itself. */
static size_t place(const struct bf_spec *spec, const char *kind, const char *text,
                    struct bf_column_match *m)
{
    size_t best = 0;
    if (strcmp(kind, "<probe>") == 0) {
        for (int i = 0; i < spec->n_probes; i++) {
            size_t n = starts_with(text, spec->probes[i].name);
            if (n > best && !spec->probes[i].judge) {
                best = n;
                m->probe = i;
            }
        }
    } else if (strcmp(kind, "<modality>") == 0) {
        for (int i = 0; i < spec->n_modalities; i++) {
            size_t n = starts_with(text, spec->modalities[i].name);
            if (n > best) {
                best = n;
                m->modality = i;
            }
        }
    } else { /* a condition is always the last part of a name */
        bool asked = m->probe < 0 || bf_probe_is_asked(&spec->probes[m->probe], text);
        best = asked && bf_condition_known(spec, text) ? strlen(text) : 0;
    }
    return best;
}

static bool matches(const struct bf_spec *spec, const char *pattern, const char *name,
                    struct bf_column_match *m)
{
    while (*pattern) {
        if (*pattern == '<') {
            char kind[16];
            size_t n_kind = strcspn(pattern, ">") + 1;
            assert(n_kind < sizeof kind);
            memcpy(kind, pattern, n_kind);
            kind[n_kind] = '\0';
            size_t n = place(spec, kind, name, m);
            if (n == 0)
                return false;
            pattern += n_kind;
            name += n;
        } else if (*pattern++ != *name++) {
            return false;
        }
    }
    return *name == '\0';
}

bool bf_column_known(const struct bf_spec *spec, const char *name, struct bf_column_match *out)
{
    for (int i = 0; i < spec->n_scores; i++) {
        const struct bf_column_row *row = spec->scores[i]->columns;
        for (; row && row->name; row++) {
            *out = (struct bf_column_match){ row, -1, -1 };
            if (matches(spec, row->name, name, out))
                return true;
        }
    }
    return false;
}
