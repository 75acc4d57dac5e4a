#ifndef BF_CORE_ASKING_H
#define BF_CORE_ASKING_H

#include "core/encoded.h"
#include "core/keymap.h"
#include "core/state.h"
#include "core/tally.h"

/* Asking one probe: what it is handed (struct bf_asking), and what becomes of its answers. Inside
 * of core/ask.c, asking.c, curtail.c, judge.c, refit.c and replaced.c. */

/* What one sample is shown under every condition, for all probes. */
struct bf_views {
    struct bf_view *v; /* [n_conditions][n_samples] */
    int16_t *same;     /* [n_conditions][n_samples]: first condition that shows the same, or -1
                          when not asked */
};

/* Views of everything, and which conditions show a sample the same. BF_ENOMEM. */
int bf_views_make(const struct bf_state *st, struct bf_views *out, struct bf_err *err);
void bf_views_done(struct bf_views *v);

/* Replies that wait for the judge. */
struct bf_judging {
    struct bf_arena arena;
    uint32_t n, cap;
    struct bf_unjudged *v; /* malloc'ed */
};

/* A question as it was added, beside what the probe sees of it. */
struct bf_asked {
    uint32_t key;  /* number of its key */
    uint32_t twin; /* the first that shows the same and is answered with it, + 1; 0 = none */
    bool done;
};

/* A question that the probe never sees, since another shows the same. */
struct bf_twin {
    struct bf_question q;
    uint32_t next; /* + 1; 0 = none */
};

/* What is asked of one probe, and where the answers go. */
struct bf_ask {
    struct bf_state *st;
    struct bf_views *views;
    struct bf_encoder *encoder; /* opened on first need */
    struct bf_spent spent;      /* over all probes */
    char waiting[1024];         /* why answers are to come by another way, "" = they are not */
    /* of the probe being asked */
    int probe;
    struct bf_buf identity, scratch;
    struct bf_tally tally;
    struct bf_asking asking; /* n and questions are grown here */
    struct bf_asked *asked;  /* [n], beside asking.questions */
    uint32_t cap;
    struct bf_keymap keys;
    uint32_t *first_of; /* [keys.n] the last question asked of a key */
    uint32_t n_twins, cap_twins;
    struct bf_twin *twins; /* malloc'ed */
    uint32_t n_done, n_failed;
    int wake[8];
    struct bf_live said; /* the last that the probe said of this asking */
    struct bf_live
        *so_far; /* [n_probes] what earlier askings of this run came to; n_saved of all */
    /* a question has its answer, or failed for good: ask more of this sample, or not */
    int (*answered)(struct bf_ask *k, uint32_t sample, int condition, struct bf_err *err);
    uint16_t *next_trial; /* [n_conditions][n_samples], while verdicts are sought */
    struct bf_judging judging;
};

/* Where a cell stands among those of one probe. */
static inline size_t bf_ask_at(const struct bf_ask *k, int condition, uint32_t sample)
{
    return (size_t)condition * k->st->pool.n_samples + sample;
}

/* Count the answer to one question if the ledger has it, else add it to what is asked.
 * `known_out`: whether it was counted. */
int bf_ask_one(struct bf_ask *k, uint32_t sample, int condition, int trial, bool *known_out,
               struct bf_err *err);

/* Hand over to the probe what was added; returns when all of it, and all that its answers made
 * necessary, is answered, failed, or left unmeasured. */
int bf_ask_run(struct bf_ask *k, struct bf_err *err);

/* Trials of the present probe on a sample that were not asked, of what it was asked at all. */
uint64_t bf_ask_saved(const struct bf_ask *k, uint32_t sample);

/* Ask the trials after the first of probes that are asked only until verdicts stand (DESIGN
 * section 8): one probe after the other, and of a sample only while some completion of what is not
 * known would change its verdict. Needs the scores, which rest on the first trials. */
int bf_ask_until_settled(struct bf_ask *k, struct bf_err *err);

/* Read what operators make in place of media, for every sample: a model learns from all of them. */
int bf_ask_want_replaced(struct bf_ask *k, struct bf_err *err);

/* Begin with one probe: `cells` of all it was never asked are clear. And end, with the code that
 * asking came to: what was received is then on disk, and free replies are judged. */
int bf_ask_begin(struct bf_ask *k, int probe, struct bf_err *err);
int bf_ask_end(struct bf_ask *k, int rc, struct bf_err *err);

/* Once; opens the workers, too. */
int bf_ask_open_encoder(struct bf_ask *k, struct bf_err *err);

/* The whole of one probe: all trials, or the first where the rest depends on verdicts. */
int bf_ask_first(struct bf_ask *k, int probe, struct bf_err *err);

/* What a probe is handed, before there are questions: no memory is taken, nothing is counted. */
void bf_ask_bind(struct bf_ask *k, struct bf_state *st, struct bf_views *views);

/* All that lives over probes. `views` is filled. */
int bf_ask_open(struct bf_ask *k, struct bf_state *st, struct bf_views *views, struct bf_err *err);
void bf_ask_close(struct bf_ask *k);

/* Whether what this reply says has to be judged: a free one that is not the gold's very words. */
bool bf_judge_wants(const struct bf_ask *k, const struct bf_sample *s, const struct bf_answer *a);
int bf_judge_later(struct bf_ask *k, uint32_t sample, int condition, int trial,
                   const struct bf_answer *a, struct bf_err *err);

/* Have all such replies of the present probe judged, each distinct one once ever, and counted. */
int bf_judge_all(struct bf_ask *k, struct bf_err *err);

/* Before any request: whether people's labels can be read. BF_EINVAL, with file and line. */
int bf_judge_check(const struct bf_spec *spec, struct bf_err *err);

/* Have the judge judge what people have judged (`judge: {labels: ...}`), and count where they
 * agree. */
int bf_judge_calibrate(struct bf_ask *k, struct bf_judge_rates *out, struct bf_err *err);
void bf_judge_done(struct bf_ask *k);

#endif
