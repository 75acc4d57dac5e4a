#ifndef BF_CORE_WORDING_H
#define BF_CORE_WORDING_H

#include "core/sample.h"
#include "core/set.h"

/* The words of a sample as sets. */
struct bf_wording {
    struct bf_set question;
    struct bf_set choices; /* the words of each choice, and each choice as a whole, so that "red
                              car" and "car red" differ */
    struct bf_set both;    /* two samples whose questions and whose choices are alike to t are alike
                              to t in this: a search by it misses none */
};

/* BF_ENOMEM, no message. */
int bf_wording_of(const struct bf_sample *s, struct bf_wording *out, struct bf_arena *a);

/* How much alike: the lesser of the Jaccard similarities of question and choices, 0 .. 1. */
double bf_wording_alike(const struct bf_wording *a, const struct bf_wording *b);

#endif
