#ifndef BF_PROBE_BUILTIN_FACTS_H
#define BF_PROBE_BUILTIN_FACTS_H

#include <math.h>

#include "core/buf.h"
#include "core/ops.h"
#include "core/sample.h"
#include "core/words.h"

/* What can be said of a question's choices without knowing which is right: the letters, lengths,
 * numbers, forms and overlaps that test-wise people go by. One list for all learners: `linear`
 * bins these values, `trees` take them as they are. Source: docs/builtin.md. */

/* Of one choice. "rank": 0 for the most of all choices, 1 for the least, ties halfway between.
 * "ratio": log2 of the choice's over the mean of all, each plus one. 0 or 1: whether. */
enum bf_fact {
    BF_FACT_LETTER,   /* 0 for the first */
    BF_FACT_FROM_END, /* 0 for the last */
    BF_FACT_CHOICES,  /* how many there are */
    BF_FACT_LENGTH,   /* log2(1 + bytes) */
    BF_FACT_LENGTH_RANK,
    BF_FACT_LENGTH_RATIO,
    BF_FACT_LENGTH_LEAD, /* log2(1 + bytes) less that of the longest other */
    BF_FACT_LONGEST,     /* longer than all others */
    BF_FACT_SHORTEST,
    BF_FACT_WORDS, /* number of words */
    BF_FACT_WORDS_RANK,
    BF_FACT_WORDS_RATIO,
    BF_FACT_NUMBERS,     /* how many choices are numbers; it and the next NaN unless this one is */
    BF_FACT_NUMBER_RANK, /* all further ones NaN unless two choices are numbers */
    BF_FACT_LARGEST,
    BF_FACT_SMALLEST,
    BF_FACT_NUMBER_MIDDLE, /* 0 in the middle of the ranks, 1 at their ends */
    BF_FACT_NUMBER_RATIO,  /* log2 of |it| + 1 over |median| + 1 */
    BF_FACT_NUMBER_ROUND,  /* zeros at the end of a whole number, less its decimal places */
    BF_FACT_ROUND_RANK,
    BF_FACT_OVERLAP, /* share of its content words that stand in the question */
    BF_FACT_OVERLAP_RANK,
    BF_FACT_MOST_OVERLAP, /* more than all others, and some */
    BF_FACT_GRAMS,        /* share of its runs of four characters that stand in the question */
    BF_FACT_GRAMS_RANK,
    BF_FACT_SHARED, /* share of its content words that another choice has */
    BF_FACT_SHARED_RANK,
    BF_FACT_NEAREST, /* Jaccard similarity, by runs of four characters, to the nearest other */
    BF_FACT_NEAREST_RANK,
    BF_FACT_CENTRAL, /* mean of that similarity over all others */
    BF_FACT_CENTRAL_RANK,
    BF_FACT_LAST_SHARED, /* its last word stands in the question */
    BF_FACT_RARE_SHARED, /* rarity of the rarest content word that it shares with the question; 0 =
                            shares none */
    BF_FACT_RARE_SHARED_RANK,
    BF_FACT_RARITY, /* mean rarity of its content words; 0 without any */
    BF_FACT_RARITY_RANK,
    BF_FACT_COMMON, /* log2(1 + in how many other samples the same text is a choice) */
    BF_FACT_COMMON_RANK,
    BF_FACT_TYPE,      /* enum bf_answer_type */
    BF_FACT_SAME_TYPE, /* share of the others that are of its type */
    BF_FACT_META,      /* "all of the above" and the like */
    BF_FACT_CAPITAL,   /* begins with a capital */
    BF_FACT_POINT,     /* ends with a point */
    BF_FACT_COMMAS,    /* commas and semicolons */
    BF_FACT_DIGITS,    /* holds a digit */
    BF_FACT_BRACKETS,  /* holds a bracket */
    BF_FACT_NEGATION,  /* "no", "not", "never" and the like */
    BF_FACT_ABSOLUTE,  /* "always", "only", "all" and the like */
    BF_FACT_HEDGE,     /* "may", "usually", "some" and the like */
    BF_FACT_COUNT
};

struct bf_fact_row {
    const char *name; /* "length_rank" */
    enum bf_evidence evidence;
};
extern const struct bf_fact_row bf_fact_rows[BF_FACT_COUNT];

enum bf_answer_type {
    BF_TYPE_EMPTY,
    BF_TYPE_META,
    BF_TYPE_YES_NO,
    BF_TYPE_DATE, /* has a month, or digits about ':' or '/' */
    BF_TYPE_NUMBER,
    BF_TYPE_WORD,
    BF_TYPE_PHRASE,
    BF_TYPE_SENTENCE, /* 8 words or more, or 4 and a point at the end */
    BF_TYPE_COUNT
};

/* The words that a condition shows. */
struct bf_shown_words {
    const char *question;   /* in place of every question ("" = none), or NULL */
    const char **questions; /* [n_samples] in place of each sample's, NULL = none; or NULL */
    bool choices;           /* false: position and question only are known */
    uint32_t without;       /* kinds of evidence that learners leave out, BF_BIT() of bf_evidence */
};

/* How often words and whole choices stand in a pool. Rarity of a word is log2(N / n), with N
 * samples in n of which it stands. Hashed: about one word in a thousand is taken for a commoner
 * one. */
struct bf_rarity {
    uint32_t n_samples, mask;
    uint32_t *words; /* [mask + 1] samples that have such a word, by its hash */
    uint32_t *texts; /* [mask + 1] samples that have such a choice, by the hash of its words */
};

struct bf_choice_facts {
    int n_words;
    struct bf_word w[BF_MAX_WORDS];
    uint64_t text; /* hash of all words */
    enum bf_answer_type type;
    double number; /* of "100 mm/s" 100, of "two cats" 2; NaN = none */
    float v[BF_FACT_COUNT];
};

struct bf_facts {
    int n_words; /* of the question */
    struct bf_word w[BF_MAX_WORDS];
    uint64_t category;  /* hash of its name */
    uint64_t head;      /* hash of the question word ("how", "why", "is") and the next; 0 = none */
    uint64_t head_word; /* hash of the first of these alone */
    uint64_t template;  /* bf_words_template(); 0 without a question */
    int n_choices;
    struct bf_choice_facts c[BF_MAX_CHOICES];
    const struct bf_rarity *rarity; /* set by the caller; NULL: facts that need it are 0 */
    struct bf_buf text;             /* scratch */
    struct bf_facts_work *work;
};

/* Room for the facts of one question at a time, about 150 kB, to be freed by bf_facts_free(); NULL
 * when out of memory. */
struct bf_facts *bf_facts_new(void);
void bf_facts_free(struct bf_facts *f);

/* The facts of sample `s` as `words` show it; what is hidden leaves no trace: without choices their
 * text is "" and only their letters differ. BF_ENOMEM. */
int bf_facts_read(struct bf_facts *f, const struct bf_sample *s, const struct bf_shown_words *words,
                  struct bf_err *err);

/* Count the words of every sample as `words` show them; of samples without choices too. Memory
 * comes from `a`, at most 16 MiB. Says nothing of gold answers. BF_ENOMEM. */
int bf_rarity_count(const struct bf_pool *pool, const struct bf_shown_words *words,
                    struct bf_rarity *out, struct bf_arena *a, struct bf_err *err);

#endif
