#include "core/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 << 10 };

struct bf_arena_block {
    struct bf_arena_block *next;
    size_t used, size;
    size_t room; /* bytes it was made with; size is less where it is used again for less */
    max_align_t data[];
};

static struct bf_arena_block *block_new(size_t bytes)
{
    if (bytes > SIZE_MAX - sizeof(struct bf_arena_block))
        return NULL;
    struct bf_arena_block *b = calloc(1, sizeof *b + bytes);
    if (b)
        b->size = b->room = bytes;
    return b;
}

/* The smallest spare block of `bytes` that is not twice as large, zeroed; or a new one. */
static struct bf_arena_block *block_of(struct bf_arena *a, size_t bytes)
{
    struct bf_arena_block **best = NULL;
    for (struct bf_arena_block **at = &a->spare; *at; at = &(*at)->next)
        if ((*at)->room >= bytes && (*at)->room / 2 <= bytes &&
            (!best || (*at)->room < (*best)->room))
            best = at;
    if (!best)
        return block_new(bytes);
    struct bf_arena_block *b = *best;
    *best = b->next;
    memset(b->data, 0, bytes);
    *b = (struct bf_arena_block){ .size = bytes, .room = b->room };
    return b;
}

/* The next multiple of `align`, a power of two. */
static size_t round_up(size_t n, size_t align)
{
    return (n + align - 1) & ~(align - 1);
}

/* `bytes` at a multiple of `align`, where what was taken before leaves off. */
static void *take(struct bf_arena *a, size_t bytes, size_t align)
{
    if (a->limit && bytes > a->limit - a->used)
        return NULL;

    struct bf_arena_block *b = a->head;
    if (bytes > BLOCK_BYTES / 4) {
        /* A large piece gets a block of its own, behind the one being filled. */
        struct bf_arena_block *own = block_of(a, bytes);
        if (!own)
            return NULL;
        own->used = bytes;
        own->next = b ? b->next : NULL;
        if (b)
            b->next = own;
        else
            a->head = own;
        a->used += bytes;
        return own->data;
    }
    if (b && round_up(b->used, align) <= b->size)
        b->used = round_up(b->used, align);
    if (!b || bytes > b->size - b->used) {
        b = block_of(a, BLOCK_BYTES);
        if (!b)
            return NULL;
        b->next = a->head;
        a->head = b;
    }
    void *p = (char *)b->data + b->used;
    b->used += bytes;
    a->used += bytes;
    return p;
}

void *bf_arena_alloc(struct bf_arena *a, size_t n, size_t size)
{
    const size_t align = sizeof(max_align_t);
    if (size && n > (SIZE_MAX - align) / size)
        return NULL;
    return take(a, round_up(n * size, align), align);
}

void *bf_arena_memdup(struct bf_arena *a, const void *p, size_t n)
{
    void *copy = bf_arena_alloc(a, n ? n : 1, 1);
    if (copy && n)
        memcpy(copy, p, n);
    return copy;
}

char *bf_arena_strndup(struct bf_arena *a, const char *s, size_t n)
{
    char *copy = n < SIZE_MAX ? take(a, n + 1, 1) : NULL;
    if (copy && n)
        memcpy(copy, s, n);
    return copy;
}

char *bf_arena_strdup(struct bf_arena *a, const char *s)
{
    return s ? bf_arena_strndup(a, s, strlen(s)) : NULL;
}

char *bf_arena_printf(struct bf_arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        return NULL;
    char *s = take(a, (size_t)n + 1, 1);
    if (!s)
        return NULL;
    va_start(ap, fmt);
    vsnprintf(s, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return s;
}

void bf_arena_recycle(struct bf_arena *a, size_t keep)
{
    /* Those used last come first, so that what goes is what was not used for longest. */
    while (a->head) {
        struct bf_arena_block *b = a->head;
        a->head = b->next;
        b->next = a->spare;
        a->spare = b;
    }
    size_t kept = 0;
    for (struct bf_arena_block **at = &a->spare; *at;) {
        struct bf_arena_block *b = *at;
        if (b->room <= keep - kept) {
            kept += b->room;
            at = &b->next;
        } else {
            *at = b->next;
            free(b);
        }
    }
    a->used = 0;
}

void bf_arena_reset(struct bf_arena *a)
{
    if (a)
        bf_arena_recycle(a, 0);
}
