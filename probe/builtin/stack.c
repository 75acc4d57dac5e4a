/* The second stage: margins of models that had not seen a sample become its probabilities. */
#include "probe/builtin/stack.h"

#include <stdlib.h>

#include "probe/builtin/calibrate.h"

static int n_choices(const struct bf_stack *s, uint32_t sample)
{
    const uint32_t *first = s->look->rows->first_row;
    return (int)(first[sample + 1] - first[sample]);
}

/* One sample's margins, taken apart into `parts` [2 * k]. */
static struct bf_calibration_case case_of(const struct bf_stack *s, uint32_t sample,
                                          const struct bf_scored *margins, float *parts)
{
    const int k = n_choices(s, sample);
    for (int c = 0; c < k; c++) {
        parts[c] = margins[c].text;
        parts[k + c] = margins[c].media;
    }
    return (struct bf_calibration_case){ parts, parts + k, k, s->gold[sample],
                                         s->category[sample] };
}

static int calibrate(const struct bf_stack *s, const struct bf_stacked *train,
                     struct bf_calibration *c)
{
    size_t n_rows = 0;
    for (uint32_t i = 0; i < train->n; i++)
        n_rows += (size_t)n_choices(s, train->samples[i]);
    struct bf_calibration_case *cases = malloc(((size_t)train->n + 1) * sizeof *cases);
    float *parts = malloc((2 * n_rows + 1) * sizeof *parts);
    const int rc = cases && parts ? BF_OK : BF_ENOMEM;
    float *at = parts;
    for (uint32_t i = 0; rc == BF_OK && i < train->n; i++) {
        cases[i] = case_of(s, train->samples[i], train->margins[i], at);
        at += 2 * cases[i].k;
    }
    if (rc == BF_OK)
        bf_calibrate(c, cases, train->n);
    free(parts);
    free(cases);
    return rc;
}

int bf_stack(const struct bf_stack *s, const struct bf_stacked *train,
             const struct bf_stacked *test, float *p_out, struct bf_err *err)
{
    struct bf_calibration c = { .n_groups = s->n_categories };
    c.d = calloc((size_t)c.n_groups * 3 + 1, sizeof *c.d);
    const int rc = c.d ? calibrate(s, train, &c) : BF_ENOMEM;
    for (uint32_t i = 0; rc == BF_OK && i < test->n; i++) {
        float parts[2 * BF_MAX_CHOICES];
        const struct bf_calibration_case x = case_of(s, test->samples[i], test->margins[i], parts);
        bf_calibrated(&c, &x, p_out);
        p_out += x.k;
    }
    free(c.d);
    return rc == BF_OK ? BF_OK : bf_fail_memory(err, "the built-in probe");
}
