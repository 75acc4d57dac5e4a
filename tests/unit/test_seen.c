#include "core/seen.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

static void key_of(uint32_t i, uint8_t key[BF_SHA_BYTES])
{
    bf_sha256(&i, sizeof i, key);
}

static void a_key_is_new_once(void)
{
    struct bf_seen *s = NULL;
    uint8_t key[BF_SHA_BYTES], none[BF_SHA_BYTES] = { 0 };
    CHECK_INT(bf_seen_make(1000, &s, NULL), BF_OK);
    for (int again = 0; again < 2; again++)
        for (uint32_t i = 0; i < 1000; i++) {
            key_of(i, key);
            CHECK_INT(bf_seen_add(s, key), again);
        }
    CHECK_INT(bf_seen_add(s, none), 0); /* as good as any other */
    CHECK_INT(bf_seen_add(s, none), 1);
    bf_seen_free(s);
}

/* More than there is room for: what does not fit is new every time. */
static void a_full_set_knows_what_it_has(void)
{
    struct bf_seen *s = NULL;
    uint8_t key[BF_SHA_BYTES];
    int n_known = 0;
    CHECK_INT(bf_seen_make(1, &s, NULL), BF_OK);
    for (uint32_t i = 0; i < 500; i++) {
        key_of(i, key);
        CHECK_INT(bf_seen_add(s, key), 0);
    }
    for (uint32_t i = 0; i < 500; i++) {
        key_of(i, key);
        n_known += bf_seen_add(s, key);
    }
    CHECK_INT(n_known, 64);
    bf_seen_free(s);
}

/* Four processes add the same keys: each key is new to one of them. */
static void processes_share_it(void)
{
    enum { N = 20000, N_PROCESSES = 4 };
    struct bf_seen *s = NULL;
    int fds[2], n_new = 0;
    CHECK_INT(bf_seen_make(N, &s, NULL), BF_OK);
    CHECK_INT(pipe(fds), 0);
    for (int p = 0; p < N_PROCESSES; p++)
        if (fork() == 0) {
            int n = 0;
            for (uint32_t i = 0; i < N; i++) {
                uint8_t key[BF_SHA_BYTES];
                key_of((i + (uint32_t)p * 7919) % N, key);
                n += !bf_seen_add(s, key);
            }
            _exit(write(fds[1], &n, sizeof n) != sizeof n);
        }
    for (int p = 0; p < N_PROCESSES; p++) {
        int n = 0, status = -1;
        CHECK_INT(read(fds[0], &n, sizeof n), sizeof n);
        n_new += n;
        CHECK(wait(&status) > 0);
        CHECK_INT(status, 0);
    }
    CHECK_INT(n_new, N);
    close(fds[0]);
    close(fds[1]);
    bf_seen_free(s);
}

static void freeing_nothing_is_fine(void)
{
    bf_seen_free(NULL);
}

TEST_MAIN(TEST(a_key_is_new_once), TEST(a_full_set_knows_what_it_has), TEST(processes_share_it),
          TEST(freeing_nothing_is_fine))
