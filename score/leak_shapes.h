#ifndef BF_SCORE_LEAK_SHAPES_H
#define BF_SCORE_LEAK_SHAPES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/sample.h"
#include "core/words.h"

/* What the words of a question with choices look like, whatever they mean. */

/* One choice, taken apart. */
struct bf_leak_choice {
    struct bf_word w[BF_MAX_WORDS];
    int n;
    uint64_t text;   /* hash of all its words; of its bytes when it has none */
    uint32_t length; /* characters */
    bool is_number;
    double number;
};

struct bf_leak_question {
    struct bf_word w[BF_MAX_WORDS];
    int n;
    int k; /* choices */
    struct bf_leak_choice c[BF_MAX_CHOICES];
    struct bf_buf text; /* of one choice, while it is read */
    bool ready;         /* `lists` are made */
    uint64_t lists[4][12];
};

/* Take a sample's words apart. A marker of a medium that a choice shows itself is left out of them,
 * as asking does. `q` begins zeroed and is used for one sample after the other; free q->text in
 * the end. BF_ENOMEM. */
int bf_leak_read(struct bf_leak_question *q, const struct bf_sample *s);

/* Cues that a choice's looks or place give: each picks some of the choices. */
enum bf_shape {
    BF_SHAPE_LETTER, /* and the next 9: A to J */
    BF_SHAPE_LAST = BF_SHAPE_LETTER + 10,
    BF_SHAPE_INNER,
    BF_SHAPE_LONGEST,
    BF_SHAPE_SHORTEST,
    BF_SHAPE_SECOND,
    BF_SHAPE_MEDIUM,
    BF_SHAPE_LARGEST,
    BF_SHAPE_SMALLEST,
    BF_SHAPE_BETWEEN,
    BF_SHAPE_ROUND,
    BF_SHAPE_MOST_OVERLAP,
    BF_SHAPE_LEAST_OVERLAP,
    BF_SHAPE_MOST_LIKE,
    BF_SHAPE_LEAST_LIKE,
    BF_SHAPE_META,
    BF_SHAPE_SPECIFIC,
    BF_SHAPE_ABSOLUTE,
    BF_SHAPE_HEDGED,
    BF_SHAPE_NEGATED,
    BF_SHAPE_DIGITS,
    BF_SHAPE_BRACKETS,
    BF_SHAPE_STOP,
    BF_SHAPE_CAPITAL,
    BF_SHAPE_TYPE,
    BF_SHAPE_RAREST,
    BF_SHAPE_COMMONEST,
    BF_SHAPE_COUNT
};

/* What is to be done about a cue. */
enum bf_leak_repair {
    BF_LEAK_SHUFFLE,
    BF_LEAK_LEVEL,
    BF_LEAK_NEW_CHOICES,
    BF_LEAK_REWRITE,
    BF_LEAK_BALANCE
};

struct bf_shape_row {
    const char *name; /* "longest" */
    const char *says; /* "the longest", "one with digits" */
    bool some;        /* picks those that have something which others lack: there may be several */
    bool of_choices;  /* depends on the texts of the choices alone, not on their order */
    enum bf_leak_repair repair;
};

extern const struct bf_shape_row bf_shape_rows[BF_SHAPE_COUNT];

/* The choices that each cue picks, bit per choice, to `out` [BF_SHAPE_COUNT]; 0 where a cue picks
 * none or all of them. A tie is no cue: the longest is longer than all others. `often` [k]: in how
 * many samples of the pool a choice's text stands. */
void bf_leak_shapes(const struct bf_leak_question *q, const struct bf_sample *s,
                    const uint32_t *often, uint32_t *out);

#endif
