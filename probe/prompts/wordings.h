#ifndef BF_PROBE_PROMPTS_WORDINGS_H
#define BF_PROBE_PROMPTS_WORDINGS_H

#include "probe/prompts/prompts.h"

/* What a prompt says for each task: words with the places {question} and {choices}. */
struct bf_wording {
    bool brackets; /* choices are "(A). cat", not "A. cat" */
    const char *text[BF_TASK_COUNT];
    const char *system[BF_TASK_COUNT]; /* system message; NULL = none */
};

extern const struct bf_wording bf_wordings[];

#endif
