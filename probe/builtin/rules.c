/* Rules of one context and one fact each, chosen by how certain they are. */
#include "probe/builtin/rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/ops.h"
#include "core/sample.h"

enum {
    N_KINDS = 4,
    N_VALUES = 256,
    MOST_SAMPLES = 8000,
    MIN_SAMPLES = 20,
    MOST_BINS = 32,
    MOST_SWEEPS = 8
};
enum { NEWTON_STEPS = 3, ROUNDS = 6 };

static const double worth = 18, chance_alone = 4, sure_each = 3, sure_once = 4;
static const double weight_precision = 0.5, alike_precision = 15, scale_precision = 1;
static const double longest_step = 1.5;

/* Sums over the rows of a column's bin. */
struct cell {
    double g, h;
};

struct work {
    const struct bf_rules_data *d;
    uint32_t n;
    uint32_t *sample;         /* [n] */
    uint32_t *order[N_KINDS]; /* [n] samples, by the bin of the context */
    uint32_t start[N_KINDS][N_VALUES + 1];
    int context[N_KINDS]; /* column, or BF_RULE_ALWAYS; -1 = left out */
    uint32_t *cell_of;    /* [columns + 1] where a column's cells start */
    struct cell *cells;
    float *s; /* [n_rows] */
};

static uint8_t bin_at(const struct bf_rules_data *d, uint32_t row, int column)
{
    return d->bins->v[(size_t)row * (size_t)d->bins->n + (size_t)column];
}

static int softmax(const struct work *w, uint32_t sample, double *p)
{
    const uint32_t first = w->d->first_row[sample];
    const int k = (int)(w->d->first_row[sample + 1] - first);
    double top = -INFINITY, sum = 0;
    for (int j = 0; j < k; j++)
        top = fmax(top, (double)w->s[first + (uint32_t)j]);
    for (int j = 0; j < k; j++)
        sum += p[j] = exp((double)w->s[first + (uint32_t)j] - top);
    for (int j = 0; j < k; j++)
        p[j] /= sum;
    return k;
}

/* Samples by the bin of a context: a stable sort by counting. */
static void sort_samples(struct work *w, int kind)
{
    uint32_t *start = w->start[kind], at[N_VALUES];
    memset(start, 0, sizeof w->start[kind]);
    for (uint32_t i = 0; i < w->n; i++)
        start[bin_at(w->d, w->d->first_row[w->sample[i]], w->context[kind]) + 1]++;
    for (int v = 0; v < N_VALUES; v++)
        start[v + 1] += start[v];
    memcpy(at, start, sizeof at);
    for (uint32_t i = 0; i < w->n; i++) {
        const uint32_t sample = w->sample[i];
        w->order[kind][at[bin_at(w->d, w->d->first_row[sample], w->context[kind])]++] = sample;
    }
}

static bool is_left_out(const struct bf_rules_data *d, int column)
{
    return d->without >> d->bins->family[column] & 1;
}

/* Codes have a bin for each thing; of others, a bin of many is hardly a fact. */
static bool is_used(const struct work *w, int column)
{
    const uint32_t n_bins = w->cell_of[column + 1] - w->cell_of[column];
    return !is_left_out(w->d, column) &&
           (n_bins <= MOST_BINS || column == w->d->bins->n - BF_KEY_COUNT + BF_KEY_TEXT);
}

/* What most samples have is no context: margins and trees know what all have in common. */
static bool is_context(const struct work *w, int kind, int value)
{
    const uint32_t n = w->start[kind][value + 1] - w->start[kind][value];
    return n >= MIN_SAMPLES && n <= w->n / 2;
}

static int work_init(struct work *w, const uint32_t *train, uint32_t n_train)
{
    const struct bf_bins *b = w->d->bins;
    static const enum bf_key key[N_KINDS] = { BF_KEY_CATEGORY, BF_KEY_TEMPLATE, BF_KEY_SKELETON,
                                              BF_KEY_FRAME };
    const uint32_t step = n_train / MOST_SAMPLES + 1;
    uint8_t most[BF_MAX_COLUMNS] = { 0 };
    w->sample = malloc(((size_t)n_train + 1) * sizeof *w->sample);
    w->cell_of = malloc(((size_t)b->n + 1) * sizeof *w->cell_of);
    w->s = calloc(b->n_rows + (size_t)1, sizeof *w->s);
    if (!w->sample || !w->cell_of || !w->s)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < n_train; i += step) {
        w->sample[w->n++] = train[i];
        for (uint32_t r = w->d->first_row[train[i]]; r < w->d->first_row[train[i] + 1]; r++)
            for (int c = 0; c < b->n; c++)
                if (bin_at(w->d, r, c) > most[c])
                    most[c] = bin_at(w->d, r, c);
    }
    w->cell_of[0] = 0;
    for (int c = 0; c < b->n; c++)
        w->cell_of[c + 1] = w->cell_of[c] + most[c] + 1U;
    w->cells = malloc(w->cell_of[b->n] * sizeof *w->cells + 1);
    if (!w->cells)
        return BF_ENOMEM;
    for (int k = 0; k < N_KINDS; k++) {
        w->context[k] = b->n - BF_KEY_COUNT + (int)key[k];
        if (is_left_out(w->d, w->context[k]))
            w->context[k] = -1;
        w->order[k] = malloc(((size_t)w->n + 1) * sizeof(uint32_t));
        if (!w->order[k])
            return BF_ENOMEM;
        if (w->context[k] >= 0)
            sort_samples(w, k);
    }
    return BF_OK;
}

static void work_done(struct work *w)
{
    for (int k = 0; k < N_KINDS; k++)
        free(w->order[k]);
    free(w->sample);
    free(w->cell_of);
    free(w->cells);
    free(w->s);
}

/* The sums of every column's bins within one context. */
static void fill_cells(struct work *w, int kind, int within)
{
    const struct bf_bins *b = w->d->bins;
    double p[BF_MAX_CHOICES];
    memset(w->cells, 0, w->cell_of[b->n] * sizeof *w->cells);
    for (uint32_t i = w->start[kind][within]; i < w->start[kind][within + 1]; i++) {
        const uint32_t sample = w->order[kind][i], first = w->d->first_row[sample];
        const int k = softmax(w, sample, p);
        for (int j = 0; j < k; j++) {
            const uint8_t *bin = b->v + (size_t)(first + (uint32_t)j) * (size_t)b->n;
            const double g = (w->d->gold[sample] == j) - p[j], h = p[j] * (1 - p[j]);
            for (int c = 0; c < b->n; c++) {
                struct cell *cell = &w->cells[w->cell_of[c] + bin[c]];
                cell->g += g;
                cell->h += h;
            }
        }
    }
}

/* What the best rule on a column gains above what the best of its bins does by chance. */
static double gain_of(const struct work *w, int column, uint8_t *bin_out)
{
    const uint32_t from = w->cell_of[column], to = w->cell_of[column + 1];
    double most = 0;
    for (uint32_t i = from; i < to; i++) {
        const double gain = w->cells[i].g * w->cells[i].g / (w->cells[i].h + 1);
        if (gain > most) {
            most = gain;
            *bin_out = (uint8_t)(i - from);
        }
    }
    return most - chance_alone - 2 * log(to - from);
}

static void add_to_rows(struct work *w, const struct bf_rule *r, const uint32_t *samples,
                        uint32_t n, double by)
{
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t row = w->d->first_row[samples[i]]; row < w->d->first_row[samples[i] + 1];
             row++)
            if (bin_at(w->d, row, r->column) == r->bin)
                w->s[row] += (float)by;
}

/* One step of Newton's method on one weight, P being the sum of p over a sample's rows that fulfil
 * the rule: first derivative of the log likelihood y - P, second -P (1 - P). */
static double weigh_rule(struct work *w, int kind, struct bf_rule *r, double mean, double precision)
{
    const uint32_t *samples = w->order[kind] + w->start[kind][r->within];
    const uint32_t n = w->start[kind][r->within + 1] - w->start[kind][r->within];
    double p[BF_MAX_CHOICES], first = precision * (mean - r->w), second = precision;
    for (uint32_t i = 0; i < n; i++) {
        const int k = softmax(w, samples[i], p);
        double in = 0, gold = 0;
        for (int j = 0; j < k; j++)
            if (bin_at(w->d, w->d->first_row[samples[i]] + (uint32_t)j, r->column) == r->bin) {
                in += p[j];
                gold += w->d->gold[samples[i]] == j;
            }
        first += gold - in;
        second += in * (1 - in);
    }
    const double step = fmax(-longest_step, fmin(longest_step, first / second));
    add_to_rows(w, r, samples, n, step);
    r->w += step;
    return second;
}

static int kind_of(const struct work *w, const struct bf_rule *r)
{
    int kind = 0;
    while (w->context[kind] != r->context)
        kind++;
    return kind;
}

/* The column that gains most within the contexts of a kind, all taken together. */
static double best_column(struct work *w, int kind, int *column_out)
{
    double gain[BF_MAX_COLUMNS] = { 0 }, most = 0;
    int n_values = 0;
    for (int v = 0; v < N_VALUES; v++) {
        if (!is_context(w, kind, v))
            continue;
        fill_cells(w, kind, v);
        n_values++;
        for (int c = 0; c < w->d->bins->n; c++) {
            uint8_t bin = 0;
            if (is_used(w, c))
                gain[c] += fmax(0, gain_of(w, c, &bin));
        }
    }
    for (int c = 0; c < w->d->bins->n; c++)
        if (gain[c] > most) {
            most = gain[c];
            *column_out = c;
        }
    return most - worth - (double)n_values / 4;
}

/* Rules on the column and the kind of context that gain most; false when none is worth having. */
static bool sweep(struct work *w, struct bf_rules *out)
{
    double most = 0;
    int kind = -1, column = 0;
    for (int k = 0; k < N_KINDS; k++) {
        int c = 0;
        const double gain = w->context[k] < 0 ? 0 : best_column(w, k, &c);
        if (gain > most) {
            most = gain;
            kind = k;
            column = c;
        }
    }
    for (int v = 0; v < N_VALUES && kind >= 0 && out->n < BF_MAX_RULES; v++) {
        uint8_t bin = 0;
        if (!is_context(w, kind, v))
            continue;
        fill_cells(w, kind, v);
        if (gain_of(w, column, &bin) <= 0)
            continue;
        struct bf_rule *r = &out->v[out->n++];
        *r = (struct bf_rule){ (uint16_t)w->context[kind], (uint16_t)column, (uint8_t)v, bin, 0 };
        for (int t = 0; t < NEWTON_STEPS; t++)
            weigh_rule(w, kind, r, 0, weight_precision);
    }
    return kind >= 0 && out->n < BF_MAX_RULES;
}

/* One step of Newton's method on what z counts. */
static void weigh_margins(struct work *w, struct bf_rules *out)
{
    double p[BF_MAX_CHOICES];
    double first = -scale_precision * (out->scale - 1), second = scale_precision;
    for (uint32_t i = 0; i < w->n; i++) {
        const float *z = w->d->z + w->d->first_row[w->sample[i]];
        const int k = softmax(w, w->sample[i], p);
        double mean = 0, squares = 0;
        for (int j = 0; j < k; j++) {
            mean += p[j] * (double)z[j];
            squares += p[j] * (double)z[j] * (double)z[j];
        }
        first += (double)z[w->d->gold[w->sample[i]]] - mean;
        second += squares - mean * mean;
    }
    const double to = fmax(0, out->scale + first / second), by = to - out->scale;
    for (uint32_t i = 0; i < w->n; i++)
        for (uint32_t r = w->d->first_row[w->sample[i]]; r < w->d->first_row[w->sample[i] + 1]; r++)
            w->s[r] += (float)(by * (double)w->d->z[r]);
    out->scale = to;
}

/* What rules of the same fact say in other contexts: one that is hardly known is like them. */
static double mean_of_alike(const struct bf_rules *rules, const struct bf_rule *r, int *n_out)
{
    double sum = 0;
    int n = 0;
    for (int i = 0; i < rules->n; i++) {
        const struct bf_rule *o = &rules->v[i];
        if (o != r && o->context == r->context && o->column == r->column && o->bin == r->bin) {
            sum += o->w;
            n++;
        }
    }
    *n_out = n;
    return sum / (n + 0.25);
}

/* Rules and margins together. `sure_out`: how many standard deviations each is from 0, squared. */
static void weigh_all(struct work *w, struct bf_rules *out, double *sure_out)
{
    for (int round = 0; round < ROUNDS; round++) {
        weigh_margins(w, out);
        for (int i = 0; i < out->n; i++) {
            struct bf_rule *r = &out->v[i];
            int n;
            const double mean = mean_of_alike(out, r, &n);
            const double second =
                weigh_rule(w, kind_of(w, r), r, mean, n ? alike_precision : weight_precision);
            sure_out[i] = r->w * r->w * second;
        }
    }
}

/* Take out columns that say nothing beside the margins. */
static void prune(struct work *w, struct bf_rules *out, const double *sure)
{
    int n = 0;
    for (int from = 0, to; from < out->n; from = to) {
        double sum = 0;
        for (to = from; to < out->n && out->v[to].column == out->v[from].column &&
                        out->v[to].context == out->v[from].context;
             to++)
            sum += sure[to];
        const bool keep = sum > (to - from) * sure_each + sure_once;
        for (int i = from; i < to; i++) {
            struct bf_rule *r = &out->v[i];
            const int kind = kind_of(w, r);
            if (keep)
                out->v[n++] = *r;
            else
                add_to_rows(w, r, w->order[kind] + w->start[kind][r->within],
                            w->start[kind][r->within + 1] - w->start[kind][r->within], -r->w);
        }
    }
    out->n = n;
}

int bf_rules_fit(const struct bf_rules_data *d, const uint32_t *train, uint32_t n_train,
                 struct bf_rules *out)
{
    struct work w = { .d = d };
    double sure[BF_MAX_RULES];
    *out = (struct bf_rules){ .scale = 1 };
    const int rc = work_init(&w, train, n_train);
    if (rc == BF_OK) {
        for (int i = 0; i < MOST_SWEEPS && sweep(&w, out); i++)
            ;
        if (out->n > 0) {
            out->scale = 0;
            weigh_all(&w, out, sure);
            prune(&w, out, sure);
            weigh_all(&w, out, sure);
        }
    }
    work_done(&w);
    return rc;
}

void bf_rules_score(const struct bf_rules *r, const struct bf_rules_data *d, const uint32_t *which,
                    uint32_t n, float *out)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t first = d->first_row[which[i]], end = d->first_row[which[i] + 1];
        for (uint32_t row = first; row < end; row++)
            out[row] = (float)(r->scale * (double)d->z[row]);
        for (int k = 0; k < r->n; k++) {
            const struct bf_rule *v = &r->v[k];
            if (bin_at(d, first, v->context) != v->within)
                continue;
            for (uint32_t row = first; row < end; row++)
                if (bin_at(d, row, v->column) == v->bin)
                    out[row] += (float)v->w;
        }
    }
}
