/* A set of keys in memory that worker processes share. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, which came with POSIX.1-2024 */
#include "core/seen.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

/* Open addressing; 0 = free. */
struct bf_seen {
    size_t n_bytes;
    uint64_t mask;
    _Atomic uint64_t slots[];
};

int bf_seen_make(uint32_t n, struct bf_seen **out, struct bf_err *err)
{
    uint64_t n_slots = 64;
    while (n_slots < 2 * (uint64_t)n)
        n_slots *= 2;
    const size_t n_bytes = sizeof(struct bf_seen) + n_slots * sizeof(uint64_t);
    struct bf_seen *s =
        mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED)
        return bf_fail_memory(err, "the keys of readings");
    s->n_bytes = n_bytes;
    s->mask = n_slots - 1;
    *out = s;
    return BF_OK;
}

void bf_seen_free(struct bf_seen *s)
{
    if (s)
        (void)munmap(s, s->n_bytes); /* cannot fail: it is what mmap gave */
}

bool bf_seen_add(struct bf_seen *s, const uint8_t key[BF_SHA_BYTES])
{
    uint64_t k;
    memcpy(&k, key, sizeof k);
    k += k == 0;
    for (uint64_t i = 0; i <= s->mask; i++) {
        uint64_t there = 0;
        if (atomic_compare_exchange_strong(&s->slots[(k + i) & s->mask], &there, k))
            return false;
        if (there == k)
            return true;
    }
    return false;
}
