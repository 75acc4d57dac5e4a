/* The mapped file beside a ledger: requests in flight, and answers not yet committed. */
#include "core/flight.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/file.h"
#include "core/ledger.h"

enum { FILE_VERSION = 1, N_BUCKETS = 1 << 14, NONE = -1 };

static const uint64_t magic = 0x746867696c662e62; /* "b.flight" */

struct slot {
    uint8_t key[BF_SHA_BYTES];
    _Atomic uint32_t used; /* written after the key */
    uint32_t zero;
};

struct half {
    _Atomic uint64_t n; /* bytes of whole records; written after them */
    uint8_t bytes[BF_FLIGHT_HALF];
};

struct image {
    _Atomic uint64_t magic; /* written last when the file is made */
    uint64_t version, session;
    struct slot slots[BF_LEDGER_IN_FLIGHT];
    struct half halves[2];
};

/* An answer in a half; n_p floats and the words, each with its NUL, follow. */
struct record {
    uint64_t sum;     /* of all that follows it */
    uint32_t n_bytes; /* of the whole record, a multiple of 8 */
    int32_t trial, cls, choice, finish, n_p;
    uint32_t set, n_in, n_out, has_text;
    uint8_t key[BF_SHA_BYTES];
    double number;
};

struct bf_flight {
    struct image *image;
    char *path;
    uint32_t n_used;
    /* Where a key lies: chains of slots by hash, and of free ones. */
    int16_t buckets[N_BUCKETS], next[BF_LEDGER_IN_FLIGHT], free;
};

static int16_t *bucket_of(struct bf_flight *f, const uint8_t *key)
{
    return &f->buckets[(key[0] | key[1] << 8) & (N_BUCKETS - 1)];
}

int bf_flight_make(const char *path, uint64_t session, struct bf_flight **out, struct bf_err *err)
{
    struct bf_flight *f = calloc(1, sizeof *f);
    if (!f || !(f->path = strdup(path))) {
        free(f);
        return bf_fail_memory(err, "requests in flight");
    }
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int why = fd < 0 ? errno : posix_fallocate(fd, 0, sizeof *f->image);
    void *p = MAP_FAILED;
    if (fd >= 0 && why == 0) {
        p = mmap(NULL, sizeof *f->image, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        why = p == MAP_FAILED ? errno : 0;
    }
    if (fd >= 0)
        close(fd);
    if (p == MAP_FAILED) {
        if (fd >= 0)
            (void)unlink(path); /* the failure that matters is why it is of no use */
        free(f->path);
        free(f);
        return bf_fail(err, BF_EIO, "cannot make '%s': %s", path, strerror(why));
    }
    f->image = p;
    f->image->version = FILE_VERSION;
    f->image->session = session;
    atomic_store(&f->image->magic, magic);
    for (int i = 0; i < N_BUCKETS; i++)
        f->buckets[i] = NONE;
    for (int i = 0; i < BF_LEDGER_IN_FLIGHT; i++)
        f->next[i] = (int16_t)(i + 1 < BF_LEDGER_IN_FLIGHT ? i + 1 : NONE);
    *out = f;
    return BF_OK;
}

void bf_flight_close(struct bf_flight *f)
{
    if (!f)
        return;
    if (f->n_used == 0 && atomic_load(&f->image->halves[0].n) == 0 &&
        atomic_load(&f->image->halves[1].n) == 0)
        (void)unlink(f->path);                /* one that stays says nothing */
    (void)munmap(f->image, sizeof *f->image); /* cannot fail for what mmap gave */
    free(f->path);
    free(f);
}

void bf_flight_add(struct bf_flight *f, const uint8_t key[BF_SHA_BYTES])
{
    int16_t *head = bucket_of(f, key);
    for (int i = *head; i != NONE; i = f->next[i])
        if (memcmp(f->image->slots[i].key, key, BF_SHA_BYTES) == 0)
            return; /* sent again */
    const int16_t i = f->free;
    if (i == NONE)
        return;
    f->free = f->next[i];
    f->next[i] = *head;
    *head = i;
    f->n_used++;
    memcpy(f->image->slots[i].key, key, BF_SHA_BYTES);
    atomic_store_explicit(&f->image->slots[i].used, 1, memory_order_release);
}

void bf_flight_remove(struct bf_flight *f, const uint8_t key[BF_SHA_BYTES])
{
    for (int16_t *at = bucket_of(f, key); *at != NONE; at = &f->next[*at]) {
        const int16_t i = *at;
        if (memcmp(f->image->slots[i].key, key, BF_SHA_BYTES) != 0)
            continue;
        atomic_store_explicit(&f->image->slots[i].used, 0, memory_order_release);
        *at = f->next[i];
        f->next[i] = f->free;
        f->free = i;
        f->n_used--;
        return;
    }
}

const uint8_t *bf_flight_key(const struct bf_flight *f, int i)
{
    const struct slot *s = &f->image->slots[i];
    return atomic_load_explicit(&s->used, memory_order_relaxed) ? s->key : NULL;
}

static size_t add_word(uint8_t *to, const char *s)
{
    const size_t n = strlen(s) + 1;
    memcpy(to, s, n);
    return n;
}

size_t bf_flight_size(const struct bf_db_answer *a)
{
    const size_t n = sizeof(struct record) + (size_t)a->answer.n_p * sizeof *a->answer.p +
                     strlen(a->probe) + strlen(a->sample) + strlen(a->condition) + 3 +
                     (a->answer.text ? strlen(a->answer.text) + 1 : 0);
    return (n + 7) / 8 * 8;
}

bool bf_flight_put(struct bf_flight *f, int half, const struct bf_db_answer *row)
{
    struct half *h = &f->image->halves[half];
    const struct bf_answer *a = &row->answer;
    const uint64_t at = atomic_load_explicit(&h->n, memory_order_relaxed);
    const size_t n = bf_flight_size(row);
    if (n > sizeof h->bytes - at)
        return false;
    uint8_t *to = h->bytes + at;
    struct record r = {
        .n_bytes = (uint32_t)n,
        .trial = row->trial,
        .cls = (int32_t)a->cls,
        .choice = a->choice,
        .finish = (int32_t)a->finish,
        .n_p = a->n_p,
        .set = a->set,
        .n_in = a->n_in,
        .n_out = a->n_out,
        .has_text = a->text != NULL,
        .number = a->number,
    };
    memcpy(r.key, row->key, BF_SHA_BYTES);
    memcpy(to, &r, sizeof r);
    size_t k = sizeof r;
    memcpy(to + k, a->p, (size_t)a->n_p * sizeof *a->p);
    k += (size_t)a->n_p * sizeof *a->p;
    k += add_word(to + k, row->probe);
    k += add_word(to + k, row->sample);
    k += add_word(to + k, row->condition);
    k += a->text ? add_word(to + k, a->text) : 0;
    memset(to + k, 0, n - k);
    const uint64_t sum = bf_hash64(to + sizeof sum, n - sizeof sum, 0);
    memcpy(to, &sum, sizeof sum);
    atomic_store_explicit(&h->n, at + n, memory_order_release);
    return true;
}

/* The word at *at, or NULL when it does not end before `end`. */
static const char *take_word(const uint8_t **at, const uint8_t *end)
{
    const uint8_t *s = *at, *nul = memchr(s, 0, (size_t)(end - s));
    *at = nul ? nul + 1 : end;
    return nul ? (const char *)s : NULL;
}

/* The record at `from`, of whose `room` bytes nothing is trusted; its size, 0 when it is none. */
static size_t take_record(const uint8_t *from, size_t room, struct bf_db_answer *out)
{
    struct record r;
    if (room < sizeof r)
        return 0;
    memcpy(&r, from, sizeof r);
    if (r.n_bytes < sizeof r || r.n_bytes > room || r.n_bytes % 8 || r.n_p < 0 ||
        r.n_p > BF_MAX_CHOICES || (size_t)r.n_p * sizeof *out->answer.p > r.n_bytes - sizeof r ||
        bf_hash64(from + sizeof r.sum, r.n_bytes - sizeof r.sum, 0) != r.sum)
        return 0;
    const uint8_t *at = from + sizeof r, *end = from + r.n_bytes;
    *out = (struct bf_db_answer){
        .key = from + offsetof(struct record, key),
        .trial = r.trial,
        .answer = { .cls = (enum bf_answer_class)r.cls,
                    .choice = r.choice,
                    .set = r.set,
                    .number = r.number,
                    .finish = (enum bf_finish)r.finish,
                    .n_in = r.n_in,
                    .n_out = r.n_out,
                    .n_p = r.n_p },
    };
    memcpy(out->answer.p, at, (size_t)r.n_p * sizeof *out->answer.p);
    at += (size_t)r.n_p * sizeof *out->answer.p;
    out->probe = take_word(&at, end);
    out->sample = take_word(&at, end);
    out->condition = take_word(&at, end);
    out->answer.text = r.has_text ? take_word(&at, end) : NULL;
    const bool whole =
        out->probe && out->sample && out->condition && (out->answer.text || !r.has_text);
    return whole ? r.n_bytes : 0;
}

static bool next_in(const struct half *h, size_t *at, struct bf_db_answer *out)
{
    const uint64_t n = atomic_load_explicit(&h->n, memory_order_acquire);
    if (n > sizeof h->bytes || *at >= n)
        return false;
    const size_t k = take_record(h->bytes + *at, (size_t)n - *at, out);
    *at += k;
    return k != 0;
}

bool bf_flight_next(const struct bf_flight *f, int half, size_t *at, struct bf_db_answer *out)
{
    return next_in(&f->image->halves[half], at, out);
}

void bf_flight_clear(struct bf_flight *f, int half)
{
    atomic_store_explicit(&f->image->halves[half].n, 0, memory_order_release);
}

static uint32_t count_left(const struct image *image)
{
    struct bf_db_answer row;
    uint32_t n = 0;
    for (int h = 0; h < 2; h++)
        for (size_t at = 0; next_in(&image->halves[h], &at, &row);)
            n++;
    return n;
}

int bf_flight_read(const char *path, struct bf_flight_left *out, struct bf_arena *a,
                   struct bf_err *err)
{
    char *bytes;
    size_t n;
    const int rc = bf_file_read(path, sizeof(struct image), &bytes, &n, a, err);
    if (rc == BF_EDATA)
        return BF_END;
    BF_TRY(rc);
    const struct image *image = (const void *)bytes;
    if (n != sizeof *image || image->magic != magic || image->version != FILE_VERSION)
        return BF_END;
    *out = (struct bf_flight_left){ .session = image->session };
    const uint32_t n_answers = count_left(image);
    out->keys = bf_arena_alloc(a, BF_LEDGER_IN_FLIGHT, BF_SHA_BYTES);
    out->answers = bf_arena_alloc(a, n_answers + 1u, sizeof *out->answers);
    if (!out->keys || !out->answers)
        return bf_fail_memory(err, "requests that were in flight");
    for (int i = 0; i < BF_LEDGER_IN_FLIGHT; i++)
        if (image->slots[i].used)
            memcpy(out->keys[out->n_keys++], image->slots[i].key, BF_SHA_BYTES);
    for (int h = 0; h < 2; h++)
        for (size_t at = 0; next_in(&image->halves[h], &at, &out->answers[out->n_answers]);)
            out->n_answers++;
    return BF_OK;
}
