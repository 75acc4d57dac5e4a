#include "core/ops.h"
#include "core/release.h"
#include "core/rng.h"
#include "filters/flow.h"
#include "tests/test.h"
#include "tests/unit/table_maker.h"

static struct bf_arena arena;
static const char *f_category[] = { "category" }, *f_both[] = { "category", "answer" };
static const char *const letters[] = { "A", "B", "C", "D" };

/* A pool of up to `n` samples of the given categories and gold letters; `prefer` may be NULL. */
static struct maker *pool_of(const char *categories, const char *golds, const double *prefer)
{
    static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
    struct maker *m = maker_new();
    const uint32_t n = (uint32_t)strlen(categories);
    maker_init(m, 1, n, 1);
    m->spec.seed = 11;
    m->spec.balance.on = true;
    for (uint32_t i = 0; i < n; i++) {
        m->samples[i].category = names[categories[i] - 'a'];
        m->samples[i].gold = golds[i] - 'A';
        m->samples[i].gold_set = BF_BIT(golds[i] - 'A');
        m->samples[i].gold_text = letters[golds[i] - 'A'];
    }
    if (prefer) {
        static const struct bf_column_row rows[] = { { "liked", "", "" }, { .name = NULL } };
        static const struct bf_metric metric = { .columns = rows };
        static const struct bf_metric *metrics[] = { &metric };
        m->spec.scores = metrics;
        m->spec.n_scores = 1;
        m->spec.balance.prefer = "liked";
        double *v = bf_scores_column(&m->scores, "liked", NULL, n);
        memcpy(v, prefer, n * sizeof *v);
    }
    return m;
}

static struct bf_balance_result choose(struct maker *m)
{
    static uint32_t candidates[MAKER_MAX];
    struct bf_balance_result r = { 0 };
    struct bf_err err = { .msg = "" };
    for (uint32_t i = 0; i < m->pool.n_samples; i++)
        candidates[i] = i;
    CHECK_INT(bf_balance(&m->spec, &m->pool, &m->scores, candidates, m->pool.n_samples, &r, &arena,
                         &err),
              BF_OK);
    CHECK_STR(err.msg, "");
    return r;
}

static void done(struct maker *m)
{
    maker_done(m);
    bf_arena_reset(&arena);
}

static bool has(const struct bf_balance_result *r, uint32_t sample)
{
    for (uint32_t i = 0; i < r->n_chosen; i++)
        if (r->chosen[i] == sample)
            return true;
    return false;
}

/* Four of a, two of b, size 4: two each, the preferred ones. */
static void one_field_is_shared_evenly_by_preference(void)
{
    const double liked[] = { 0.1, 0.9, NAN, 0.5, -1, -2 };
    struct maker *m = pool_of("aaaabb", "AAAAAA", liked);
    m->spec.balance.size = 4;
    m->spec.balance.equal = (struct bf_names){ 1, f_category };
    struct bf_balance_result r = choose(m);
    CHECK_INT(r.n_chosen, 4);
    CHECK_INT(r.n_shortfalls, 0);
    CHECK(has(&r, 1) && has(&r, 3) && has(&r, 4) && has(&r, 5));
    done(m);
}

/* Quota 2 each of a, b, c, but only one c: the other place goes to a or b, and c is short. */
static void a_quota_that_cannot_be_met_is_named(void)
{
    struct maker *m = pool_of("aaaabbbc", "AAAAAAAA", NULL);
    m->spec.balance.size = 6;
    m->spec.balance.equal = (struct bf_names){ 1, f_category };
    struct bf_balance_result r = choose(m);
    CHECK_INT(r.n_chosen, 6);
    CHECK_INT(r.n_shortfalls, 1);
    CHECK_STR(r.shortfalls[0].field, "category");
    CHECK_STR(r.shortfalls[0].value, "c");
    CHECK_INT(r.shortfalls[0].wanted, 2);
    CHECK_INT(r.shortfalls[0].got, 1);
    CHECK_INT(r.shortfalls[0].available, 1);
    CHECK(has(&r, 7));
    done(m);
}

/* Two of each category and two of each letter, out of aA aA aA bB bA aB: with one bB there is no
 * other way than one of each kind. */
static void two_fields_are_balanced_together(void)
{
    const double liked[] = { 0, 0, 0, 0, 5, 5 };
    struct maker *m = pool_of("aaabba", "AAABAB", liked);
    /* cells: aA 0 1 2, bB 3, bA 4, aB 5 */
    m->spec.balance.size = 4;
    m->spec.balance.equal = (struct bf_names){ 2, f_both };
    struct bf_balance_result r = choose(m);
    CHECK_INT(r.n_chosen, 4);
    CHECK_INT(r.n_shortfalls, 0);
    CHECK(has(&r, 3) && has(&r, 4) && has(&r, 5)); /* and one of aA: 2 a, 2 b, 2 A, 2 B */
    done(m);
}

static void joint_fields_are_one_family_of_cells(void)
{
    struct maker *m = pool_of("aaabbb", "AABAAB", NULL);
    m->spec.balance.size = 8;
    m->spec.balance.joint = (struct bf_names){ 2, f_both };
    struct bf_balance_result r = choose(m);
    CHECK_INT(r.n_chosen, 6);
    CHECK_INT(r.n_shortfalls, 2);
    CHECK_STR(r.shortfalls[0].field, "category+answer");
    CHECK_STR(r.shortfalls[0].value, "a+B");
    CHECK_INT(r.shortfalls[0].wanted, 2);
    CHECK_INT(r.shortfalls[0].available, 1);
    done(m);
}

static void size_zero_is_the_largest_even_size(void)
{
    /* 5 of a, 3 of b, 4 of c: 3 each, and one more for the fullest is still an even share */
    struct maker *m = pool_of("aaaaabbbcccc", "AAAAAAAAAAAA", NULL);
    m->spec.balance.equal = (struct bf_names){ 1, f_category };
    struct bf_balance_result r = choose(m);
    CHECK_INT(r.n_chosen, 11); /* 4, 3, 4: the remainder 2 goes to a and c */
    CHECK_INT(r.n_shortfalls, 0);
    done(m);
}

static void a_size_without_quotas_takes_the_preferred(void)
{
    const double liked[] = { 0.1, 0.9, 0.3, 0.5 };
    struct maker *m = pool_of("abcd", "AAAA", liked);
    m->spec.balance.size = 2;
    struct bf_balance_result r = choose(m);
    CHECK_INT(r.n_chosen, 2);
    CHECK(has(&r, 1) && has(&r, 3));
    m->spec.balance.size = 9;
    r = choose(m);
    CHECK_INT(r.n_chosen, 4);
    CHECK_INT(r.n_shortfalls, 1);
    CHECK_INT(r.shortfalls[0].wanted, 9);
    done(m);
}

static void no_candidates_are_a_shortfall(void)
{
    struct maker *m = pool_of("", "", NULL);
    m->spec.balance.size = 2;
    struct bf_balance_result r = choose(m);
    CHECK_INT(r.n_chosen, 0);
    CHECK_INT(r.n_shortfalls, 1);
    done(m);
}

static void a_missing_field_is_a_value(void)
{
    static const char *fields[] = { "level" };
    static struct bf_extra extra = { "level", "hard" };
    struct maker *m = pool_of("aaaa", "AAAA", NULL);
    m->samples[0].extras = &extra;
    m->samples[0].n_extras = 1;
    m->spec.balance.size = 2;
    m->spec.balance.equal = (struct bf_names){ 1, fields };
    struct bf_balance_result r = choose(m);
    CHECK_INT(r.n_chosen, 2);
    CHECK(has(&r, 0));
    done(m);
}

static void what_cannot_work_is_said_before_work(void)
{
    static const char *three[] = { "category", "answer", "task" };
    struct maker *m = pool_of("aa", "AA", (double[]){ 1, 2 });
    struct bf_err err;
    CHECK_INT(bf_balance_check(&m->spec, &err), BF_OK);
    m->spec.balance.prefer = "hated";
    CHECK_INT(bf_balance_check(&m->spec, &err), BF_EINVAL);
    CHECK_STR(err.msg, "balance: no score of this spec makes a column 'hated'");
    m->spec.balance.equal = (struct bf_names){ 3, three };
    CHECK_INT(bf_balance_check(&m->spec, &err), BF_EINVAL);
    CHECK_STR(err.msg, "balance: 3 families of quotas ('equal' fields, and 'joint'); allowed: 2");
    done(m);
}

/* Quotas and cost by the definition, and nothing else of ours. */
static void quotas_of(const int *available, int n, int size, int *quota)
{
    for (int v = 0; v < n; v++)
        quota[v] = 0;
    int n_values = 0;
    for (int v = 0; v < n; v++)
        n_values += available[v] > 0;
    for (int v = 0; v < n; v++)
        quota[v] = available[v] > 0 ? size / n_values : 0;
    bool more[6] = { false };
    for (int k = 0; k < size % n_values; k++) {
        int best = -1;
        for (int v = 0; v < n; v++)
            if (available[v] > 0 && !more[v] && (best < 0 || available[v] > available[best]))
                best = v;
        more[best] = true;
        quota[best]++;
    }
}

struct brute {
    int n, category[12], gold[12];
    long long prefer[12], tie[12];
    int available[2][6];
};

static long long squares(const struct brute *b, unsigned chosen, int size)
{
    long long sum = 0;
    for (int f = 0; f < 2; f++) {
        int quota[6], got[6] = { 0 };
        quotas_of(b->available[f], 6, size, quota);
        for (int i = 0; i < b->n; i++)
            if (chosen >> i & 1)
                got[f ? b->gold[i] : b->category[i]]++;
        for (int v = 0; v < 6; v++)
            sum += (long long)(got[v] - quota[v]) * (got[v] - quota[v]);
    }
    return sum;
}

/* The best choice of `size` by looking at all of them. */
static unsigned best_of_all(const struct brute *b, int size)
{
    unsigned best = 0;
    long long best_cost[3] = { 0 };
    bool any = false;
    for (unsigned c = 0; c < 1u << b->n; c++) {
        if (__builtin_popcount(c) != size)
            continue;
        long long cost[3] = { squares(b, c, size), 0, 0 };
        for (int i = 0; i < b->n; i++)
            if (c >> i & 1) {
                cost[1] -= b->prefer[i];
                cost[2] += b->tie[i];
            }
        int k = 0;
        while (k < 2 && cost[k] == best_cost[k])
            k++;
        if (!any || cost[k] < best_cost[k]) {
            memcpy(best_cost, cost, sizeof cost);
            best = c;
            any = true;
        }
    }
    return best;
}

static int largest_of_all(const struct brute *b)
{
    for (int size = b->n; size > 0; size--)
        for (unsigned c = 0; c < 1u << b->n; c++)
            if (__builtin_popcount(c) == size && squares(b, c, size) == 0)
                return size;
    return 0;
}

static struct maker *random_pool(struct bf_rng *rng, struct brute *b)
{
    char categories[13] = "", golds[13] = "";
    double liked[12];
    *b = (struct brute){ .n = 1 + (int)bf_rng_below(rng, 11) };
    for (int i = 0; i < b->n; i++) {
        b->category[i] = (int)bf_rng_below(rng, 4);
        b->gold[i] = (int)bf_rng_below(rng, 3);
        categories[i] = (char)('a' + b->category[i]);
        golds[i] = (char)('A' + b->gold[i]);
        b->available[0][b->category[i]]++;
        b->available[1][b->gold[i]]++;
        liked[i] = (double)bf_rng_below(rng, 4) / 4; /* ties on purpose */
        b->prefer[i] = (long long)(liked[i] * 1e6);
    }
    struct maker *m = pool_of(categories, golds, liked);
    for (int i = 0; i < b->n; i++)
        b->tie[i] = (long long)(bf_hash64(m->ids[i], strlen(m->ids[i]), 11) >> 32);
    m->spec.balance.equal = (struct bf_names){ 2, f_both };
    return m;
}

static void small_pools_agree_with_looking_at_all_choices(void)
{
    struct bf_rng rng = bf_rng_for(3, "", "test", 0);
    for (int round = 0; round < 150; round++) {
        struct brute b;
        struct maker *m = random_pool(&rng, &b);
        const int size = 1 + (int)bf_rng_below(&rng, (uint64_t)b.n);
        m->spec.balance.size = (uint32_t)size;
        struct bf_balance_result r = choose(m);
        unsigned chosen = 0;
        for (uint32_t i = 0; i < r.n_chosen; i++)
            chosen |= 1u << r.chosen[i];
        CHECK_INT(chosen, best_of_all(&b, size));

        m->spec.balance.size = 0;
        r = choose(m);
        CHECK_INT(r.n_chosen, largest_of_all(&b));
        CHECK_INT(r.n_shortfalls, 0);
        done(m);
    }
}

/* 50,000 candidates, 60 categories of uneven size, 4 letters: as many as a benchmark has. */
static void a_large_pool_is_balanced_in_its_cells(void)
{
    enum { N = 50000 };
    struct bf_rng rng = bf_rng_for(5, "", "test", 1);
    struct bf_flow_cost *cost = calloc(N, sizeof *cost);
    struct bf_flow_cell cells[240] = { 0 };
    uint32_t left[60], right[4] = { 750, 750, 750, 750 }, at = 0, got[60] = { 0 };
    for (int c = 0; c < 240; c++) {
        cells[c] = (struct bf_flow_cell){ .left = (uint32_t)c / 4,
                                          .right = (uint32_t)c % 4,
                                          .n = 20 + (uint32_t)(c * 7 % 377),
                                          .cost = cost + at };
        for (uint32_t i = 0; i < cells[c].n; i++)
            cost[at + i] = (struct bf_flow_cost){ .prefer = (int64_t)i * 1000,
                                                  .tie = (int64_t)bf_rng_below(&rng, 1000) };
        at += cells[c].n;
    }
    CHECK(at <= N);
    for (int v = 0; v < 60; v++)
        left[v] = 50;
    struct bf_flow f = { .n_left = 60,
                         .n_right = 4,
                         .n_cells = 240,
                         .left_quota = left,
                         .right_quota = right,
                         .cells = cells };
    CHECK_INT(bf_flow_least_cost(&f, 3000, NULL), BF_OK);
    for (int c = 0; c < 240; c++)
        got[c / 4] += cells[c].used;
    for (int v = 0; v < 60; v++)
        CHECK_INT(got[v], 50);
    free(cost);
}

TEST_MAIN(TEST(one_field_is_shared_evenly_by_preference), TEST(a_quota_that_cannot_be_met_is_named),
          TEST(two_fields_are_balanced_together), TEST(joint_fields_are_one_family_of_cells),
          TEST(size_zero_is_the_largest_even_size), TEST(a_size_without_quotas_takes_the_preferred),
          TEST(no_candidates_are_a_shortfall), TEST(a_missing_field_is_a_value),
          TEST(what_cannot_work_is_said_before_work),
          TEST(small_pools_agree_with_looking_at_all_choices),
          TEST(a_large_pool_is_balanced_in_its_cells))
