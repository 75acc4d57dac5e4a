#ifndef BF_CORE_OPTIONS_H
#define BF_CORE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"

/* A comparison as a spec writes it: "> 1/2", ">= 0.75", "< 3". */
enum bf_compare_kind { BF_GT, BF_GE, BF_LT, BF_LE, BF_EQ, BF_NE };
struct bf_compare {
    enum bf_compare_kind kind;
    double value;
    const char *text; /* as written, for reasons and reports */
};

/* Whether `v` satisfies `c`; false when `v` is NaN. Two numbers closer than 1e-12 are equal, so
 * that "> 1/2" of 10 trials does not hang on the rounding of a share. */
bool bf_compare(const struct bf_compare *c, double v);

/* A list of names: `voters: [a, b]`. One bare name is a list of one. */
struct bf_names {
    int n;
    const char **v;
};

/* Numbers by names that no row knows beforehand: `image: 6 bits, thermal: 4 bits`. */
struct bf_named {
    int n;
    const char **names;
    double *v;
};

enum bf_opt_type {
    BF_OPT_INT,     /* int */
    BF_OPT_NUM,     /* double; also written "1/2"; the unit may follow: "100 Hz" */
    BF_OPT_BOOL,    /* bool: true, false, yes, no */
    BF_OPT_STR,     /* const char * */
    BF_OPT_ENUM,    /* int, index into `values` ("plot|table") */
    BF_OPT_COMPARE, /* struct bf_compare */
    BF_OPT_NAMES,   /* struct bf_names */
    BF_OPT_PATH,    /* const char *, relative to the spec's folder, made absolute by the reader */
    BF_OPT_NAMED,   /* struct bf_named: every key that is no row of its own. The row's name stands
                       for them ("<modality>"), min, max and unit are of each number; who has such
                       a row checks the names */
};

/* One named setting of an operation, as a user writes it in the spec.
 * An option list ends with an entry whose name is NULL. */
struct bf_opt {
    const char *name;
    enum bf_opt_type type;
    size_t offset;    /* of the field inside the operation's private struct */
    const char *def;  /* default, as text; NULL = the user must give it */
    double min, max;  /* inclusive, for INT and NUM */
    const char *unit; /* "px", "Hz", "s", "level 0-255"; NULL = none */
    const char *help;
    const char *values; /* ENUM: allowed words with | between them; else NULL */
};

/* What all operations share. First member of every table entry. */
struct bf_op {
    const char *name;          /* spelling in the spec; unique in its table */
    const char *summary;       /* one line, shown by `blindfold list` */
    const char *source;        /* paper, section or page of ours that defines the behaviour */
    size_t priv_size;          /* bytes of private state; zeroed, then options set */
    const struct bf_opt *opts; /* NULL = no options */
};

/* Allocate an operation's private struct from `a` and fill in the defaults; required options
 * stay zero. NULL priv_size gives a pointer that is not NULL. */
int bf_op_init(const struct bf_op *op, void **priv_out, struct bf_arena *a, struct bf_err *err);

/* The row called `name`, or NULL. */
const struct bf_opt *bf_opt_find(const struct bf_opt *opts, const char *name);

/* Set one option from text (`n_items` texts for NAMES; exactly 1 for all others), checking type,
 * unit, range and words. One number of NAMED is the text "image: 6 bits", added to those there.
 * BF_EINVAL with a message such as
 * "'rate' is '0 Hz'; allowed: 0.001 to 1e+09 Hz". Strings are copied to `a`. */
int bf_opt_set(const struct bf_opt *opt, void *priv, const char *const *items, int n_items,
               struct bf_arena *a, struct bf_err *err);

/* The present value as the spec would write it, in YAML flow style: 100 Hz, [a, b], "> 1/2". */
void bf_opt_print(const struct bf_opt *opt, const void *priv, struct bf_buf *out);

/* "1 to 9 px", "one of plot, table", "a list of names": what a row allows, for messages, `list`
 * and the manual. */
BF_API void bf_opt_allowed(const struct bf_opt *opt, struct bf_buf *out);

#endif
