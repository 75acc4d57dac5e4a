/* How fast probes were asked. */
#include "core/pace.h"

#include <string.h>

static void make_key(const char *identity, uint8_t key_out[BF_SHA_BYTES])
{
    bf_sha256(identity, strlen(identity), key_out);
}

int bf_pace_get(struct bf_ledger *l, const char *identity, struct bf_pace *out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    uint8_t key[BF_SHA_BYTES];
    const void *value;
    size_t n;
    make_key(identity, key);
    int rc = bf_ledger_get(l, "pace", key, &value, &n, &a, err);
    if (rc == BF_OK && n != sizeof *out)
        rc = BF_END;
    if (rc == BF_OK)
        memcpy(out, value, sizeof *out);
    bf_arena_reset(&a);
    return rc;
}

int bf_pace_add(struct bf_ledger *l, const char *identity, const struct bf_pace *more,
                struct bf_err *err)
{
    struct bf_pace sum = { 0 };
    uint8_t key[BF_SHA_BYTES];
    BF_TRY(bf_pace_get(l, identity, &sum, err));
    sum.requests += more->requests;
    sum.seconds += more->seconds;
    make_key(identity, key);
    return bf_ledger_put(l, "pace", key, &sum, sizeof sum, err);
}
