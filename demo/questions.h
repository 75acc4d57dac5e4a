#ifndef BF_DEMO_QUESTIONS_H
#define BF_DEMO_QUESTIONS_H

#include "demo/scene.h"

enum { N_CHOICES = 4, N_QUESTIONS = 2000, N_STRENGTHS = 3 };

/* What is true of a question: what it needs, or how it leaks. */
enum kind {
    NEED_IMAGE,
    NEED_AUDIO,
    NEED_VIDEO,
    NEED_TACTILE,
    NEED_TWO,
    LEAK_WORD,
    LEAK_LONGEST,
    LEAK_LETTER,
    LEAK_PRIOR,
    LEAK_FRAME,
    N_KINDS
};

extern const char *const kind_names[N_KINDS];

/* How often a leak's rule is right, in tenths. */
extern const int strengths[N_STRENGTHS];

struct question {
    enum kind kind;
    int scene;
    enum attr attr, other; /* `other`: the second attribute of NEED_TWO */
    enum sense shown[2];   /* the two senses shown, in order */
    int value[N_CHOICES], other_value[N_CHOICES];
    int template;
    int gold;     /* index of the right choice */
    int strength; /* index, leaking kinds only */
    int rule;     /* choice that the leak's rule names, -1 = no leak */
};

/* Decide what every scene shows and ask every question. Memory is the caller's:
 * `scenes` [N_SCENES], `questions` [N_QUESTIONS]. The questions come in a random order. */
void pool_plan(uint64_t seed, struct scene *scenes, struct question *questions);

/* The question's words, and those of choice `i`, appended to `out`. */
void question_text(const struct question *q, struct bf_buf *out);
void choice_text(const struct question *q, int i, struct bf_buf *out);

#endif
