#ifndef BF_CLI_LIVE_H
#define BF_CLI_LIVE_H

#include <stdbool.h>
#include <stdio.h>

#include "core/run.h"

enum { LIVE_MARKS = 16, LIVE_ERRORS = 32 };

/* What people see while a run works: on a terminal one line that is redrawn, elsewhere a plain
 * line every 30 s and at the end of each probe that models are asked for. */
struct live {
    FILE *to;
    bool terminal;
    double (*now)(void); /* seconds, from any start */
    /* the rest is zero at first */
    bool drawn;
    double last; /* when something was last drawn or written */
    /* of a stage without requests */
    const char *stage;
    double since;
    unsigned long long first;
    /* of the probe being asked; its name is "" when there is none */
    char probe[72];
    struct bf_live state;
    double began;
    unsigned long long began_at;
    struct {
        double t;
        unsigned long long n;
    } marks[LIVE_MARKS]; /* one a second, the oldest overwritten */
    unsigned n_marks;
    unsigned n_errors;
    unsigned long long errors[LIVE_ERRORS]; /* hashes of those that were shown */
};

/* As the callbacks of struct bf_run_options, with a struct live as their context. */
void live_progress(void *ctx, const char *stage, uint64_t done, uint64_t total);
void live_note(void *ctx, const char *line);
void live_probe(void *ctx, const char *probe, const struct bf_live *state);

/* Nothing more will come: what was drawn is finished or wiped. */
void live_done(struct live *l);

#endif
