#ifndef BF_CORE_ANSWER_H
#define BF_CORE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/api.h"
#include "core/sample.h"

/* The five classes. `failed` is missing data, never wrong; the others are replies. */
enum bf_answer_class { BF_RIGHT, BF_WRONG, BF_REFUSED, BF_UNPARSED, BF_FAILED, BF_CLASS_COUNT };

/* "right", "wrong", "refused", "unparsed", "failed". */
BF_API const char *bf_answer_class_name(enum bf_answer_class c);

/* How a model server ended a reply. */
enum bf_finish {
    BF_FINISH_NONE,   /* not known, or nothing remarkable */
    BF_FINISH_LENGTH, /* cut at the limit of tokens */
    BF_FINISH_REFUSED /* the server says that the model refused, or filtered the reply */
};

/* One reply of one probe to one sample under one condition, one trial. */
struct bf_answer {
    enum bf_answer_class cls;
    int choice;      /* identity (index into the sample's choices), or -1 */
    uint32_t set;    /* bit per choice named, for `choices` */
    double number;   /* `number`; NaN otherwise */
    bool has_credit; /* read by a rule that gives a share of a right answer (MRA): */
    float credit;    /* 0 .. 1; without it the class decides */
    enum bf_finish finish;
    uint32_t n_in, n_out;    /* tokens asked and replied, as the server counts; 0 = not known */
    const char *text;        /* the reply as it came; NULL when there was none; of `failed` why */
    int n_p;                 /* 0, or n_choices; of a sample without choices 0 or 1 */
    float p[BF_MAX_CHOICES]; /* probability of each choice, by identity, sum 1; of a sample without
                                choices p[0] is that of the gold answer */
};

/* p(gold) of an answer to `s`; NaN when it gives none. */
float bf_answer_p_gold(const struct bf_sample *s, const struct bf_answer *a);

/* Mean relative accuracy of a number (VSI-Bench, arXiv 2412.14171, Eq. 1):
 *
 *     MRA(p, y) = share of the thresholds t = .50, .55, ..., .95 with |p - y| / |y| < 1 - t
 *
 * In 0 .. 1; with `equal_counts` <= in place of <. A gold of 0 is met exactly or not at all. */
float bf_answer_mra(double p, double y, bool equal_counts);

/* Whether two pieces of text say the same: equal after lower-casing ASCII, folding white space and
 * taking white space and the punctuation .,!?"' off both ends. */
bool bf_answer_same_words(const char *a, size_t n_a, const char *b, size_t n_b);

/* Class of an answer whose choice, set, number or text was read: right or wrong by the sample's
 * gold. Numbers agree within 1e-6 of the gold's size; text agrees after lower-casing ASCII and
 * folding white space and outer punctuation. */
enum bf_answer_class bf_answer_judge(const struct bf_sample *s, const struct bf_answer *a);

/* Read a reply strictly: a letter ("B", "(B)", "B."), or the exact words of one choice, for
 * `choice`; letters with commas for `choices`; yes or no; one number; any words for `text`. What
 * does not read is BF_UNPARSED, never guessed. Sets choice, set, number and cls, keeps text. */
void bf_answer_read(const struct bf_sample *s, const char *reply, struct bf_answer *out);

#endif
