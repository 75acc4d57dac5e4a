#ifndef BF_SPECS_DRAFT_H
#define BF_SPECS_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/options.h"
#include "core/spec.h"
#include "specs/yaml.h"

/* A spec in the making and everything wrong with it so far. Functions that find a fault complain
 * and go on, so that one reading names all of them. */
struct bf_draft {
    struct bf_spec *spec;
    struct bf_arena *a; /* the spec's: tree, values and complaints */
    bool no_memory;     /* sticks; the reading fails with BF_ENOMEM */
    bool partial;       /* something that filters may name could not be entered: their checks
                                 would add complaints that mislead */
    const struct bf_node *modalities; /* that section, once it was read */
    bool bad_prices;                  /* something in that section was complained of */
    int n_complaints, cap_complaints;
    struct bf_complaint *complaints; /* malloc'ed */
};

/* One complaint, at a place or at a value. */
void bf_draft_complain_at(struct bf_draft *d, int line, int col, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void bf_draft_complain(struct bf_draft *d, const struct bf_node *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* "'seed' is a list; allowed: a whole number, 0 or more". */
void bf_draft_wrong(struct bf_draft *d, const struct bf_node *v, const char *key,
                    const char *allowed);

/* "unknown key 'sed'; did you mean 'seed'? allowed: name, seed". */
void bf_draft_unknown(struct bf_draft *d, const struct bf_node *at, const char *what,
                      const char *word, const char *const *allowed);

/* Memory of the spec; NULL sets `no_memory`. */
void *bf_draft_alloc(struct bf_draft *d, size_t n, size_t size);

/* Names of a table of operations, ending with NULL; never NULL. */
const char *const *bf_draft_op_names(struct bf_draft *d, const struct bf_op *const *ops);

/* The words of BF_ORDER_WORDS, by enum bf_orders, ending with NULL. */
extern const char *const bf_order_words[];

/* A table as bf_op_find wants it; entries begin with their struct bf_op. */
#define BF_OPS(table) ((const struct bf_op *const *)(const void *)(table))

/* Value of a key, or NULL when the key is absent or `map` is no map. */
const struct bf_node *bf_draft_get(const struct bf_node *map, const char *key);

/* Complain of keys that are neither in `keys` (ending with NULL) nor rows of `opts` (may be
 * NULL). */
void bf_draft_keys(struct bf_draft *d, const struct bf_node *map, const char *const *keys,
                   const struct bf_opt *opts);

/* Readers of one value, which is called `key` in complaints. Each leaves its output alone and
 * returns false when it complained; a NULL `v` (absent) is false without complaint. */
bool bf_draft_text(struct bf_draft *d, const struct bf_node *v, const char *key,
                   const char *allowed, const char **out);
bool bf_draft_integer(struct bf_draft *d, const struct bf_node *v, const char *key, int64_t min,
                      int64_t max, int64_t *out);
bool bf_draft_word(struct bf_draft *d, const struct bf_node *v, const char *key,
                   const char *const *words, int *out);
bool bf_draft_names(struct bf_draft *d, const struct bf_node *v, const char *key,
                    struct bf_names *out);

/* Names of modalities as a set of them. */
bool bf_draft_modalities(struct bf_draft *d, const struct bf_node *v, const char *key,
                         struct bf_names *names_out, uint32_t *set_out);

/* Complain of a modality that the spec does not have, unless it is one whose declaration was
 * complained of. `or_context`: question and choices would do as well. */
void bf_draft_no_modality(struct bf_draft *d, const struct bf_node *at, const char *name,
                          bool or_context);

/* Whether `s` is 1 to 64 characters of a-z, 0-9 and _, a letter first; or, when `wide`, of A-Z
 * - and . too, in any order. */
bool bf_draft_is_name(const char *s, bool wide);

/* The private struct of an operation: defaults, then what `map` (NULL or null = nothing) gives.
 * Keys in `common` belong to somebody else. A required option that is missing is complained of
 * at `at`. False when there was any complaint; `*priv_out` may then be NULL. */
bool bf_draft_options(struct bf_draft *d, const struct bf_op *op, const struct bf_node *at,
                      const struct bf_node *map, const char *const *common, void **priv_out);

/* bf_spec_read without the file: spec->path and spec->dir are set already. */
int bf_spec_parse(const char *text, size_t n, struct bf_spec *spec,
                  struct bf_complaints *complaints_out, struct bf_err *err);

/* Sections of a spec: each reads one value, which may be NULL (absent), into d->spec. `top` is
 * where a missing one is complained of. */
void bf_draft_pool(struct bf_draft *d, const struct bf_node *top, const struct bf_node *v);
void bf_draft_modality_uses(struct bf_draft *d, const struct bf_node *v);
void bf_draft_conditions(struct bf_draft *d, const struct bf_node *v);
void bf_draft_probes(struct bf_draft *d, const struct bf_node *v);
/* `probes` is the section of the probes, which come first, here and for what they may spend. */
void bf_draft_judge(struct bf_draft *d, const struct bf_node *v, const struct bf_node *probes);
void bf_draft_prices(struct bf_draft *d, const struct bf_node *v);
void bf_draft_spend(struct bf_draft *d, const struct bf_node *v);
void bf_draft_scores(struct bf_draft *d, const struct bf_node *v);
/* Checks each filter against the rest of the spec, so that it comes after all it may name. */
void bf_draft_filters(struct bf_draft *d, const struct bf_node *v);
void bf_draft_balance(struct bf_draft *d, const struct bf_node *v);
void bf_draft_emit(struct bf_draft *d, const struct bf_node *v);

/* Ask the probes that were read without complaint whether their options can work. Once pool and
 * conditions are there. */
void bf_draft_check_probes(struct bf_draft *d, const struct bf_node *v);

#endif
