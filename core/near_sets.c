/* Near-duplicates among sets of hashes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/finder.h"
#include "core/hash.h"
#include "core/rng.h"

enum {
    N_HASHES = 128,
    LANES = 16,
    MAX_BANDS = 96,
    MAX_ROWS = 24,
    CROWD = 1024 /* sets of a bucket from which candidates must share a rare element */
};

/* h_j(x) = multiply[j / LANES] * x ^ flip[j], of the upper half of an element: permutations of
 * 32 bits. Compared as signed numbers, which processors find the least of soonest. */
struct hashes {
    uint32_t multiply[N_HASHES / LANES], flip[N_HASHES];
};

/* One bit of each MinHash: sets of Jaccard similarity J agree in each with probability (1 + J) / 2
 * (Li, Koenig, "b-bit minwise hashing", WWW 2010). */
struct sketch {
    uint64_t half[2];
};

struct search {
    struct bf_finder *f;
    const struct bf_set *sets;
    double least;
    int n_rows, n_bands;
    uint8_t row[MAX_BANDS][MAX_ROWS]; /* which hashes make up a band */
    int most_bits;                    /* in which the sketches of sets at the threshold differ */
    uint32_t n;                       /* distinct sets */
    uint32_t *item;                   /* [n] the first item of each */
    struct sketch *sketches;          /* [n] */
    uint32_t *bands;                  /* [n][n_bands] what a set has in a band, hashed */
    struct bf_keyed *v, *scratch;
};

static struct hashes draw_hashes(void)
{
    struct bf_rng r = bf_rng_for(1, "", "minhash", 0);
    struct hashes h;
    for (int g = 0; g < N_HASHES / LANES; g++)
        h.multiply[g] = (uint32_t)bf_rng_next(&r) | 1;
    for (int j = 0; j < N_HASHES; j++)
        h.flip[j] = (uint32_t)bf_rng_next(&r);
    return h;
}

/* Sixteen hashes at a time, whose minima stay in registers while the elements go by. */
static void sign(const struct hashes *h, const struct bf_set *set, uint32_t *least)
{
    for (int g = 0; g < N_HASHES / LANES; g++) {
        const uint32_t *flip = &h->flip[g * LANES];
        int32_t m[LANES];
        for (int k = 0; k < LANES; k++)
            m[k] = INT32_MAX;
        for (uint32_t i = 0; i < set->n; i++) {
            const uint32_t x = (uint32_t)(set->v[i] >> 32) * h->multiply[g];
            for (int k = 0; k < LANES; k++) {
                const int32_t y = (int32_t)(x ^ flip[k]);
                m[k] = y < m[k] ? y : m[k];
            }
        }
        for (int k = 0; k < LANES; k++)
            least[g * LANES + k] = (uint32_t)m[k];
    }
}

static struct sketch sketch_of(const uint32_t *least)
{
    struct sketch s = { { 0, 0 } };
    for (int j = 0; j < N_HASHES; j++) {
        const uint64_t bit = least[j] * 0x9e3779b1u >> 31;
        s.half[j / 64] |= bit << j % 64;
    }
    return s;
}

/* How many bands of so many rows miss a pair at the threshold twice in 1000 times. */
static int bands_for(double least, int n_rows)
{
    const double p = pow(least, n_rows);
    return p >= 1 ? 1 : (int)ceil(log(0.002) / log1p(-p));
}

/* More rows pass fewer pairs, but need more bands. A band costs time for each set, a pair that
 * passes about a third of that. Pairs are taken to be alike to 1/10, one in fifty to 0.65 of the
 * threshold. */
static void choose_bands(struct search *s)
{
    double best = INFINITY;
    for (int rows = 1; rows <= MAX_ROWS; rows++) {
        const int bands = bands_for(s->least, rows);
        const double share = pow(0.1, rows) + 0.02 * pow(0.65 * s->least, rows);
        const double cost = bands * (1 + 0.5 * s->n * share / 3);
        if (bands <= MAX_BANDS && cost < best) {
            best = cost;
            s->n_rows = rows;
            s->n_bands = bands;
        }
    }
    /* Every hash is used before one is used again. */
    struct bf_rng r = bf_rng_for(1, "", "bands", 0);
    uint32_t order[N_HASHES];
    int next = N_HASHES;
    for (int j = 0; j < N_HASHES; j++)
        order[j] = (uint32_t)j;
    for (int b = 0; b < s->n_bands; b++) {
        if (next + s->n_rows > N_HASHES) {
            bf_rng_shuffle(&r, order, N_HASHES);
            next = 0;
        }
        for (int k = 0; k < s->n_rows; k++)
            s->row[b][k] = (uint8_t)order[next++];
    }
    /* Differing bits are binomial; 3.5 standard deviations above the mean are passed 2 times in
     * 10,000. */
    const double p = (1 - s->least) / 2;
    s->most_bits = (int)(N_HASHES * p + 3.5 * sqrt(N_HASHES * p * (1 - p)) + 1);
}

static void sign_all(struct search *s)
{
    const struct hashes h = draw_hashes();
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t least[N_HASHES];
        sign(&h, &s->sets[s->item[i]], least);
        s->sketches[i] = sketch_of(least);
        for (int b = 0; b < s->n_bands; b++) {
            uint64_t key = 0;
            for (int k = 0; k < s->n_rows; k++)
                key = (key ^ least[s->row[b][k]]) * 0x9e3779b97f4a7c15;
            s->bands[(size_t)i * (size_t)s->n_bands + (size_t)b] = (uint32_t)(key >> 32);
        }
    }
}

/* Whether two sets may be near, by their sizes and sketches. */
static bool may_be_near(const struct search *s, uint32_t i, uint32_t k)
{
    const struct sketch *x = &s->sketches[i], *y = &s->sketches[k];
    const uint32_t a = s->sets[s->item[i]].n, b = s->sets[s->item[k]].n;
    const uint32_t small = a < b ? a : b, large = a < b ? b : a;

    return bf_near_bits(x->half[0], y->half[0]) + bf_near_bits(x->half[1], y->half[1]) <=
               s->most_bits &&
           small >= s->least * large;
}

/* Whether a pair met in an earlier band already. */
static bool met_before(const struct search *s, uint32_t i, uint32_t k, int band)
{
    const uint32_t *x = &s->bands[(size_t)i * (size_t)s->n_bands];
    const uint32_t *y = &s->bands[(size_t)k * (size_t)s->n_bands];
    for (int b = 0; b < band; b++)
        if (x[b] == y[b])
            return true;
    return false;
}

static void compare(struct search *s, uint32_t i, uint32_t k, int band)
{
    if (met_before(s, i, k, band) || bf_finder_has(s->f, s->item[i], s->item[k]))
        return;
    const double jaccard = bf_set_jaccard(&s->sets[s->item[i]], &s->sets[s->item[k]]);
    if (jaccard >= s->least)
        bf_finder_add(s->f, s->item[i], s->item[k], (float)jaccard);
}

/* A bucket of many sets: what most of them have tells nothing, so only those are compared that
 * share one of their rarest elements. Of sets |x| >= |y| with J(x, y) >= t at least
 * t / (1 + t) (|x| + |y|) elements are in both, which is no less than t |x| and than
 * 2 t / (1 + t) |y|; hence, in any one order of all elements, the first |x| - ceil(t |x|) + 1 of x
 * and the first |y| - ceil(2 t / (1 + t) |y|) + 1 of y have one in common. The order here is by how
 * often elements are in the bucket. */
struct crowd {
    uint32_t *count; /* [1 << COUNT_BITS] of the elements that fall on each: close enough */
    uint64_t *rare;  /* the rare elements of all sets as x, each set's in order */
    uint32_t *begin; /* [n + 1] where those of each set begin */
    uint32_t *small; /* [n] how many of them count when the set is y */
    struct bf_keyed *v, *scratch; /* what is rare where: 2 * place in the bucket, + 1 as x alone */
};

enum { COUNT_BITS = 18 };

static uint32_t *count_of(const struct crowd *c, uint64_t element)
{
    return &c->count[element >> (64 - COUNT_BITS)];
}

static bool rarer(const struct crowd *c, uint64_t x, uint64_t y)
{
    const uint32_t a = *count_of(c, x), b = *count_of(c, y);
    return a != b ? a < b : x < y;
}

/* How many elements of a set of `n` one must look at, when the share `of` of them is in both. */
static uint32_t n_rare(uint32_t n, double of)
{
    return n ? n - (uint32_t)ceil(of * n - 1e-9) + 1 : 0;
}

/* Put the `n` rarest elements of a set into `out`, in order. */
static void take_rarest(const struct crowd *c, const struct bf_set *set, uint64_t *out, uint32_t n)
{
    uint32_t have = 0;
    for (uint32_t i = 0; i < set->n; i++) {
        const uint64_t x = set->v[i];
        if (have == n && !rarer(c, x, out[n - 1]))
            continue;
        uint32_t k = have < n ? have++ : n - 1;
        for (; k && rarer(c, x, out[k - 1]); k--)
            out[k] = out[k - 1];
        out[k] = x;
    }
}

/* Whether `element` is the first that is rare in both, `x` being the larger. */
static bool is_first_shared(const struct crowd *c, uint32_t x, uint32_t y, uint64_t element)
{
    uint32_t i = c->begin[x], k = c->begin[y];
    while (i < c->begin[x + 1] && k < c->begin[y] + c->small[y]) {
        if (c->rare[i] == c->rare[k])
            return c->rare[i] == element;
        if (rarer(c, c->rare[i], c->rare[k]))
            i++;
        else
            k++;
    }
    return false;
}

static void compare_all(struct search *s, const struct bf_keyed *v, uint32_t n, int band)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t k = 0; k < i; k++)
            if (may_be_near(s, v[i].at, v[k].at))
                compare(s, v[i].at, v[k].at, band);
}

/* What is rare where, sorted; of equal elements those that count for y come first. */
static void find_rares(const struct search *s, const struct bf_keyed *v, uint32_t n,
                       const struct crowd *c)
{
    uint32_t n_rares = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct bf_set *set = &s->sets[s->item[v[i].at]];
        for (uint32_t e = 0; e < set->n; e++)
            ++*count_of(c, set->v[e]);
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct bf_set *set = &s->sets[s->item[v[i].at]];
        take_rarest(c, set, &c->rare[c->begin[i]], c->begin[i + 1] - c->begin[i]);
        for (uint32_t e = 0; e < c->small[i]; e++)
            c->v[n_rares++] = (struct bf_keyed){ c->rare[c->begin[i] + e], 2 * i };
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t e = c->begin[i] + c->small[i]; e < c->begin[i + 1]; e++)
            c->v[n_rares++] = (struct bf_keyed){ c->rare[e], 2 * i + 1 };
    bf_keyed_sort(c->v, c->scratch, n_rares);
}

/* Where the next element begins, and how many sets have the one at `from` as y. */
static uint32_t next_rare(const struct crowd *c, uint32_t n_rares, uint32_t from, uint32_t *n_small)
{
    uint32_t to = from;
    *n_small = 0;
    for (; to < n_rares && c->v[to].key == c->v[from].key; to++)
        *n_small += c->v[to].at % 2 == 0;
    return to;
}

/* Compare the sets, as y, that have the element at `from` with those that have it as x. */
static void compare_sharing(struct search *s, const struct bf_keyed *v, const struct crowd *c,
                            uint32_t from, uint32_t n_small, uint32_t to, int band)
{
    for (uint32_t k = from; k < from + n_small; k++)
        for (uint32_t i = from; i < to; i++) {
            const uint32_t x = c->v[i].at / 2, y = c->v[k].at / 2;
            const uint32_t n_x = s->sets[s->item[v[x].at]].n, n_y = s->sets[s->item[v[y].at]].n;
            if ((n_x > n_y || (n_x == n_y && x > y)) && may_be_near(s, v[x].at, v[y].at) &&
                is_first_shared(c, x, y, c->v[from].key))
                compare(s, v[x].at, v[y].at, band);
        }
}

static void search_crowd_with(struct search *s, const struct bf_keyed *v, uint32_t n, int band,
                              const struct crowd *c)
{
    const uint32_t n_rares = c->begin[n];
    double n_pairs = 0;
    uint32_t n_small;

    find_rares(s, v, n, c);
    for (uint32_t from = 0, to; from < n_rares; from = to) {
        to = next_rare(c, n_rares, from, &n_small);
        n_pairs += (double)n_small * (to - from);
    }
    if (n_pairs * 4 > 0.5 * n * n) { /* the rarest are not rare */
        compare_all(s, v, n, band);
        return;
    }
    for (uint32_t from = 0, to; from < n_rares; from = to) {
        to = next_rare(c, n_rares, from, &n_small);
        compare_sharing(s, v, c, from, n_small, to, band);
    }
}

static void search_crowd(struct search *s, const struct bf_keyed *v, uint32_t n, int band)
{
    size_t n_rares = 0;
    const double half = 2 * s->least / (1 + s->least);
    struct crowd c = { .begin = malloc((n + (size_t)1) * sizeof *c.begin),
                       .small = malloc((n + (size_t)1) * sizeof *c.small) };
    for (uint32_t i = 0; c.begin && c.small && i < n; i++) {
        const uint32_t size = s->sets[s->item[v[i].at]].n;
        c.begin[i] = (uint32_t)n_rares;
        c.small[i] = n_rare(size, half);
        n_rares += n_rare(size, s->least);
    }
    if (c.begin && c.small && n_rares < UINT32_MAX) {
        c.begin[n] = (uint32_t)n_rares;
        c.count = calloc((size_t)1 << COUNT_BITS, sizeof *c.count);
        c.rare = malloc((n_rares + 1) * sizeof *c.rare);
        c.v = malloc((n_rares + 1) * sizeof *c.v);
        c.scratch = malloc((n_rares + 1) * sizeof *c.scratch);
    }
    if (c.count && c.rare && c.v && c.scratch)
        search_crowd_with(s, v, n, band, &c);
    else
        s->f->rc = BF_ENOMEM;
    free(c.begin);
    free(c.small);
    free(c.count);
    free(c.rare);
    free(c.v);
    free(c.scratch);
}

static void search_band(struct search *s, int band)
{
    for (uint32_t i = 0; i < s->n; i++)
        s->v[i] = (struct bf_keyed){ s->bands[(size_t)i * (size_t)s->n_bands + (size_t)band], i };
    bf_keyed_sort(s->v, s->scratch, s->n);
    for (uint32_t from = 0, to; from < s->n && s->f->rc == BF_OK; from = to) {
        to = from + 1;
        while (to < s->n && s->v[to].key == s->v[from].key)
            to++;
        if (to - from > CROWD)
            search_crowd(s, &s->v[from], to - from, band);
        else
            compare_all(s, &s->v[from], to - from, band);
    }
}

static bool is_equal(const struct bf_set *a, const struct bf_set *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->v, b->v, a->n * sizeof *a->v) == 0);
}

/* The distinct sets, each by its first item; `s->v`, `s->scratch` are there. */
static void collapse(struct search *s, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        s->v[i] = (struct bf_keyed){
            bf_hash64(s->sets[i].v, s->sets[i].n * sizeof *s->sets[i].v, s->sets[i].n), i
        };
    bf_keyed_sort(s->v, s->scratch, n);
    for (uint32_t i = 0; i < n; i++) {
        const struct bf_keyed *e = &s->v[i];
        const uint32_t last = s->n ? s->item[s->n - 1] : 0;
        if (i && e[-1].key == e->key && is_equal(&s->sets[last], &s->sets[e->at]))
            bf_finder_equal(s->f, last, e->at);
        else
            s->item[s->n++] = e->at;
    }
}

static void run(struct search *s, uint32_t n)
{
    s->item = malloc((n + (size_t)1) * sizeof *s->item);
    s->v = malloc((n + (size_t)1) * sizeof *s->v);
    s->scratch = malloc((n + (size_t)1) * sizeof *s->scratch);
    if (s->item && s->v && s->scratch) {
        collapse(s, n);
        choose_bands(s);
        s->sketches = malloc((s->n + (size_t)1) * sizeof *s->sketches);
        s->bands = malloc((s->n + (size_t)1) * (size_t)s->n_bands * sizeof *s->bands);
    }
    if (s->sketches && s->bands) {
        sign_all(s);
        for (int b = 0; b < s->n_bands && s->f->rc == BF_OK; b++)
            search_band(s, b);
    } else {
        s->f->rc = BF_ENOMEM;
    }
    free(s->item);
    free(s->v);
    free(s->scratch);
    free(s->sketches);
    free(s->bands);
}

int bf_near_sets(const struct bf_set *sets, uint32_t n, double least,
                 const struct bf_near_options *options, struct bf_near *out, struct bf_arena *a,
                 struct bf_err *err)
{
    struct bf_finder f;
    struct search s = { .f = &f, .sets = sets, .least = least };

    if (!(least >= 0.3 && least <= 1))
        return bf_fail(err, BF_EINVAL, "a similarity of %.3g; allowed: 0.3 to 1", least);
    if (bf_finder_open(&f, n, options, a) != BF_OK)
        return bf_fail_memory(err, "near-duplicates");
    run(&s, n);
    return bf_finder_close(&f, out, a, err);
}
