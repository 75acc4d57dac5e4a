#ifndef BF_CORE_LEAK_H
#define BF_CORE_LEAK_H

#include <stdbool.h>
#include <stdint.h>

/* Something in the words of a pool that tells the gold answer, for people (score `leaks`). All
 * strings are the scores'. */
struct bf_leak {
    const char *cue;   /* "longest", "letter_b", "text", "word", "value" */
    const char *what;  /* the text, word or value; "" for other cues */
    const char *group; /* "all", "category=counting", "head=how many", "phrase=left of" */
    bool sure;         /* a leak; false: suggestive, luck could have made it */
    uint32_t n, k;     /* samples where the cue picks some choices; of them with the gold picked */
    double rate, lo, hi; /* k / n with Wilson's 95 % interval */
    double chance;       /* the mean share of the choices that it picks */
    double p, q;         /* two-sided; corrected for all that was tried */
    const char *repair;  /* "shuffle", "level", "new_choices", "rewrite", "balance" */
    const char *sentence;
    uint32_t n_given; /* samples whose answer it gives away, or where it rules out what it picks */
    uint32_t n_other; /* others that it speaks of, where it misleads; n_given + n_other may be above
                         n, since copies count once */
    const uint32_t *samples; /* [n_given + n_other] indices into the pool */
};

#endif
