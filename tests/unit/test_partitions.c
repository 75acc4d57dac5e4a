#include <math.h>

#include "core/rng.h"
#include "probe/builtin/partitions.h"
#include "tests/test.h"

enum { MOST = 600, DIM = 3 };

/* Samples of three or four choices; vectors and gold depend on each other, but not wholly. */
static float values[4 * MOST][DIM];
static const float *vectors[4 * MOST];
static uint8_t n_choices[MOST], gold[MOST];

static void make(uint32_t n, bool by_choice)
{
    struct bf_rng r = bf_rng_for(3, "", "vectors", 0);
    uint32_t row = 0;
    for (uint32_t i = 0; i < n; i++) {
        n_choices[i] = (uint8_t)(3 + i % 2);
        gold[i] = (uint8_t)bf_rng_below(&r, n_choices[i]);
        for (int c = 0; c < (by_choice ? n_choices[i] : 1); c++, row++) {
            for (int d = 0; d < DIM; d++)
                values[row][d] = (float)(10 * bf_rng_unit(&r) + 3 * d);
            values[row][0] += by_choice ? (c == gold[i] ? 4.f : 0) : 2 * (float)gold[i];
            vectors[row] = values[row];
        }
    }
    vectors[1] = NULL; /* has none: the mean */
}

static struct bf_softmax_data data_of(uint32_t n, bool by_choice)
{
    return (struct bf_softmax_data){ n, n_choices, gold, DIM, vectors, by_choice };
}

/* At the optimum the gradient of sum -log p + l2/2 w^2 is 0; here by differences of the objective,
 * worked out in double from the scores alone. */
static double objective(const struct bf_softmax *m, const double *w, uint32_t n, double l2)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        double s[BF_MAX_CHOICES], all = 0;
        for (int c = 0; c < n_choices[i]; c++) {
            const float *z = m->z + (size_t)(m->by_choice ? m->first_row[i] + (uint32_t)c : i) *
                                        (size_t)m->width;
            s[c] = 0;
            for (int d = 0; d < m->width; d++)
                s[c] += (double)z[d] * w[(m->by_choice ? 0 : c * m->width) + d];
            all += exp(s[c]);
        }
        sum += log(all) - s[gold[i]];
    }
    for (size_t k = 0; k < bf_softmax_size(m); k++)
        sum += l2 / 2 * (double)m->penalised[k % (size_t)m->width] * w[k] * w[k];
    return sum;
}

static void check_optimum(bool by_choice)
{
    enum { N = 200 };
    const double l2 = 2, h = 1e-4;
    struct bf_arena a = { 0 };
    struct bf_softmax m;
    uint32_t train[N];
    make(N, by_choice);
    for (uint32_t i = 0; i < N; i++)
        train[i] = i;
    const struct bf_softmax_data data = data_of(N, by_choice);
    CHECK_INT(bf_softmax_init(&m, &data, l2, N, &a, NULL), BF_OK);
    const size_t size = bf_softmax_size(&m);
    float *w = bf_arena_alloc(&a, size, sizeof *w);
    double *v = bf_arena_alloc(&a, size, sizeof *v);
    const struct bf_softmax_subset all = { train, N, w };
    CHECK_INT(bf_softmax_fit(&m, &all, 1, l2, 1e-6, NULL), BF_OK);
    for (size_t k = 0; k < size; k++)
        v[k] = (double)w[k];
    const double best = objective(&m, v, N, l2);
    double worst = 0;
    for (size_t k = 0; k < size; k++) {
        double up, down;
        v[k] += h;
        up = objective(&m, v, N, l2);
        v[k] -= 2 * h;
        down = objective(&m, v, N, l2);
        v[k] += h;
        worst = fmax(worst, fabs(up - down) / (2 * h));
        CHECK(up >= best - 1e-6 && down >= best - 1e-6);
    }
    CHECK(worst < 1e-2); /* of gradients of a hundred and more at w = 0 */
    bf_arena_reset(&a);
}

static void one_model_reaches_the_optimum(void)
{
    check_optimum(false);
}

static void so_does_one_with_vectors_of_choices(void)
{
    check_optimum(true);
}

/* Nothing but the letter to learn: p is how often each is right, 6, 3 and 1 of 10. */
static void letters_alone_give_their_shares(void)
{
    static const float same[1] = { 5 };
    const float *v[10];
    uint8_t k[10], g[10] = { 0, 0, 0, 0, 0, 0, 1, 1, 1, 2 };
    uint32_t train[10];
    float w[3 * BF_SOFTMAX_LANES], s[3];
    struct bf_arena a = { 0 };
    struct bf_softmax m;
    for (uint32_t i = 0; i < 10; i++) {
        v[i] = same;
        k[i] = 3;
        train[i] = i;
    }
    const struct bf_softmax_data data = { 10, k, g, 1, v, false };
    CHECK_INT(bf_softmax_init(&m, &data, 1, 10, &a, NULL), BF_OK);
    CHECK_INT(bf_softmax_size(&m), 3 * BF_SOFTMAX_LANES);
    CHECK_INT(bf_softmax_fit(&m, &(struct bf_softmax_subset){ train, 10, w }, 1, 1, 1e-7, NULL),
              BF_OK);
    bf_softmax_scores(&m, w, 4, s);
    CHECK(fabs((double)(s[0] - s[1]) - log(2)) < 1e-4);
    CHECK(fabs((double)(s[1] - s[2]) - log(3)) < 1e-4);
    bf_arena_reset(&a);
}

static void count_all(int n_threads, const uint32_t *group, uint16_t *right, uint16_t *judged)
{
    const struct bf_partitions p = { .n = MOST,
                                     .group = group,
                                     .n_choices = n_choices,
                                     .gold = gold,
                                     .n_models = 21,
                                     .n_train = 400,
                                     .seed = 5,
                                     .n_threads = n_threads };
    const struct bf_partition_vectors x = { DIM, vectors, false, 1 };
    const struct bf_partition_counts out = { right, judged };
    CHECK_INT(bf_partitions_linear(&p, &x, &out, NULL), BF_OK);
}

static void threads_change_nothing(void)
{
    static uint16_t right[2][MOST], judged[2][MOST];
    uint64_t n_right = 0, n_judged = 0;
    make(MOST, false);
    count_all(1, NULL, right[0], judged[0]);
    count_all(3, NULL, right[1], judged[1]);
    CHECK(memcmp(right[0], right[1], sizeof right[0]) == 0);
    CHECK(memcmp(judged[0], judged[1], sizeof judged[0]) == 0);
    for (int i = 0; i < MOST; i++) {
        n_right += right[0][i];
        n_judged += judged[0][i];
    }
    CHECK_INT(n_judged, 21 * 200);      /* each model judges all that it did not train on */
    CHECK(n_right > n_judged * 4 / 10); /* chance is 0.29 */
}

/* Which samples each model saw, by a learner that remembers. */
struct seen {
    const uint32_t *group;
    uint32_t n_train[8], n_test[8];
    int n_both;
};

static int look(void *ctx, const struct bf_split *splits, uint32_t n, struct bf_err *err)
{
    struct seen *s = ctx;
    (void)err;
    for (uint32_t k = 0; k < n; k++) {
        uint8_t in[MOST] = { 0 };
        s->n_train[splits[k].model] = splits[k].n_train;
        s->n_test[splits[k].model] = splits[k].n_test;
        for (uint32_t i = 0; i < splits[k].n_train; i++)
            in[s->group[splits[k].train[i]]] = 1;
        for (uint32_t i = 0; i < splits[k].n_test; i++) {
            s->n_both += in[s->group[splits[k].test[i]]];
            splits[k].choice[i] = gold[splits[k].test[i]];
        }
    }
    return BF_OK;
}

static void groups_are_on_one_side(void)
{
    static uint32_t group[MOST];
    static uint16_t right[MOST], judged[MOST];
    struct seen s = { .group = group };
    make(MOST, false);
    for (uint32_t i = 0; i < MOST; i++)
        group[i] = i / 7 * 7; /* numbers in use need not be dense */
    const struct bf_partitions p = { MOST, group, n_choices, gold, 8, 300, 5, 0, 1 };
    const struct bf_fitter f = { &s, 3, look };
    const struct bf_partition_counts out = { right, judged };
    CHECK_INT(bf_partitions_fit(&p, &f, &out, NULL), BF_OK);
    CHECK_INT(s.n_both, 0);
    for (int k = 0; k < 8; k++) {
        CHECK_INT(s.n_train[k], 300);
        CHECK(s.n_test[k] <= 300 && s.n_test[k] >= 294); /* t cuts through one group of 7 */
    }
    for (uint32_t i = 0; i < MOST; i++)
        CHECK_INT(right[i], judged[i]);
    CHECK(isnan(bf_partition_share(&(struct bf_partition_counts){ right, judged }, 0)) ==
          (judged[0] == 0));
}

static int fails(void *ctx, const struct bf_split *splits, uint32_t n, struct bf_err *err)
{
    (void)ctx, (void)splits, (void)n;
    return bf_fail(err, BF_EIO, "stopped");
}

static void what_cannot_be_is_refused(void)
{
    static uint16_t right[MOST], judged[MOST];
    const struct bf_partition_counts out = { right, judged };
    const struct bf_fitter f = { NULL, 1, fails };
    struct bf_partitions p = { 10, NULL, n_choices, gold, 8, 10, 5, 0, 1 };
    struct bf_err err;
    make(MOST, false);
    CHECK_INT(bf_partitions_fit(&p, &f, &out, &err), BF_EINVAL);
    CHECK_STR(err.msg, "models trained on 10 of 10 samples; allowed: 1 to 9");
    p.n_train = 5;
    CHECK_INT(bf_partitions_fit(&p, &f, &out, &err), BF_EIO);
    CHECK_STR(err.msg, "stopped");
    const struct bf_partition_vectors x = { 0, vectors, false, 1 };
    CHECK_INT(bf_partitions_linear(&p, &x, &out, &err), BF_EINVAL);
    CHECK_STR(err.msg, "vectors of 0 numbers; allowed: 1 to 8192");
}

TEST_MAIN(TEST(one_model_reaches_the_optimum), TEST(so_does_one_with_vectors_of_choices),
          TEST(letters_alone_give_their_shares), TEST(threads_change_nothing),
          TEST(groups_are_on_one_side), TEST(what_cannot_be_is_refused))
