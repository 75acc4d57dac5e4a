#ifndef BF_PROBE_BATCH_IDS_H
#define BF_PROBE_BATCH_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BF_BATCH_ID = 16, BF_BATCH_NAME = 36 }; /* bytes; "bf-", 32 hex digits, NUL */

/* A request: its name in all files is "bf-" and its id in hex. */
struct bf_batch_id {
    uint8_t v[BF_BATCH_ID];
};

void bf_batch_name(const struct bf_batch_id *id, char out[BF_BATCH_NAME]);

/* Whether `n` bytes are such a name. */
bool bf_batch_name_read(const char *s, size_t n, struct bf_batch_id *out);

/* What is known of one request. */
struct bf_batch_entry {
    struct bf_batch_id id;
    uint32_t n_sent; /* how often it stands in request files */
    uint32_t file;   /* the last of those */
    uint32_t output; /* the last of its outputs, + 1; 0 = none */
    bool asked;      /* a question of this run */
};

/* Requests by id. A zeroed one is ready to use. */
struct bf_batch_ids {
    uint32_t n, cap;
    struct bf_batch_entry *v; /* [n] */
    uint32_t *slots, mask;    /* position + 1 by id, open addressing */
};

/* The entry of `id`, valid until the next bf_batch_ids_add(); NULL when there is none. */
struct bf_batch_entry *bf_batch_ids_find(struct bf_batch_ids *t, const struct bf_batch_id *id);

/* The same, made when there is none; NULL: no memory, or over 2^28 of them. */
struct bf_batch_entry *bf_batch_ids_add(struct bf_batch_ids *t, const struct bf_batch_id *id);

void bf_batch_ids_done(struct bf_batch_ids *t);

#endif
