/* Smallest useful test harness; prints TAP, read by `meson test`. */
#ifndef BF_TESTS_TEST_H
#define BF_TESTS_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int test_failed;
static const char *test_skipped; /* why, or NULL */

/* Leave the test: what it needs is not here. */
#define TEST_SKIP(reason)                                                                          \
    do {                                                                                           \
        test_skipped = (reason);                                                                   \
        return;                                                                                    \
    } while (0)

#ifndef TEST_ROOT
#define TEST_ROOT "." /* of the sources; the build says where */
#endif

/* A path below the shared data ($BF_SHARED, else ../shared beside the sources). */
static inline const char *test_shared(char *out, size_t size, const char *name)
{
    const char *root = getenv("BF_SHARED");
    int n = root ? snprintf(out, size, "%s/%s", root, name)
                 : snprintf(out, size, "%s/../shared/%s", TEST_ROOT, name);
    return n > 0 && (size_t)n < size ? out : NULL;
}

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            printf("# %s:%d: %s is false\n", __FILE__, __LINE__, #cond);                           \
            test_failed = 1;                                                                       \
        }                                                                                          \
    } while (0)

#define CHECK_INT(got, want)                                                                       \
    do {                                                                                           \
        long long g_ = (got), w_ = (want);                                                         \
        if (g_ != w_) {                                                                            \
            printf("# %s:%d: %s is %lld, want %lld\n", __FILE__, __LINE__, #got, g_, w_);          \
            test_failed = 1;                                                                       \
        }                                                                                          \
    } while (0)

#define CHECK_STR(got, want)                                                                       \
    do {                                                                                           \
        const char *g_ = (got), *w_ = (want);                                                      \
        if (strcmp(g_, w_) != 0) {                                                                 \
            printf("# %s:%d: %s is \"%s\", want \"%s\"\n", __FILE__, __LINE__, #got, g_, w_);      \
            test_failed = 1;                                                                       \
        }                                                                                          \
    } while (0)

struct test {
    const char *name;
    void (*run)(void);
};

#define TEST(fn)                                                                                   \
    {                                                                                              \
#fn, fn                                                                                    \
    }

static int test_main(const struct test *t, size_t n)
{
    int bad = 0;
    printf("1..%zu\n", n);
    for (size_t i = 0; i < n; i++) {
        test_failed = 0;
        test_skipped = NULL;
        t[i].run();
        printf("%sok %zu - %s%s%s\n", test_failed ? "not " : "", i + 1, t[i].name,
               test_skipped ? " # SKIP " : "", test_skipped ? test_skipped : "");
        bad |= test_failed;
    }
    return bad;
}

#define TEST_MAIN(...)                                                                             \
    int main(void)                                                                                 \
    {                                                                                              \
        static const struct test all[] = { __VA_ARGS__ };                                          \
        return test_main(all, sizeof all / sizeof *all);                                           \
    }

#endif
