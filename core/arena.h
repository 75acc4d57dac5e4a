#ifndef BF_CORE_ARENA_H
#define BF_CORE_ARENA_H

#include <stddef.h>

/* Memory that dies together: one arena per run, one per sample, one per pass.
 * Not thread-safe; each worker has its own. A zeroed one is ready to use. */
struct bf_arena {
    struct bf_arena_block *head;
    size_t used;                  /* bytes handed out since the last reset */
    size_t limit;                 /* refuse past this many bytes; 0 = no limit */
    struct bf_arena_block *spare; /* blocks that are used again */
};

/* Zeroed memory for `n` things of `size` bytes, aligned for any type, or NULL when out of
 * memory or over the limit. */
void *bf_arena_alloc(struct bf_arena *a, size_t n, size_t size);

/* Copies that live as long as the arena, NUL added; NULL when out of memory.
 * bf_arena_strdup(a, NULL) is NULL. */
char *bf_arena_strdup(struct bf_arena *a, const char *s);
char *bf_arena_strndup(struct bf_arena *a, const char *s, size_t n);
void *bf_arena_memdup(struct bf_arena *a, const void *p, size_t n);

/* sprintf into the arena; NULL when out of memory. */
char *bf_arena_printf(struct bf_arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Free everything. Accepts NULL and a zeroed arena. The arena can be used again. */
void bf_arena_reset(struct bf_arena *a);

/* The same, but keep up to `keep` bytes for what is asked for next: whoever makes one picture after
 * the other spares the kernel a page fault for every 4 KiB of them. bf_arena_reset() frees that,
 * too. */
void bf_arena_recycle(struct bf_arena *a, size_t keep);

#endif
