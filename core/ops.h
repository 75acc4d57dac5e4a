#ifndef BF_CORE_OPS_H
#define BF_CORE_OPS_H

#include <stdint.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/media.h"
#include "core/options.h"
#include "core/rng.h"
#include "core/sample.h"

/* The tables where stages meet. Every entry begins with a struct bf_op. Callbacks marked
 * optional may be NULL. All tables end with NULL; adding an operation is described in
 * docs/architecture.md. */

struct bf_spec;
struct bf_pool_spec;
struct bf_probe_spec;
struct bf_table;
struct bf_scores;
struct bf_answer;
struct bf_view;
struct bf_release;

/* A pool format. */
struct bf_reader {
    struct bf_op op;
    /* Append the samples of one source to `pool`; a bad row is set aside and reading goes on.
     * Media are named, not opened. BF_EINVAL: the source cannot be read at all. */
    int (*read)(const struct bf_spec *spec, const struct bf_pool_spec *source, struct bf_pool *pool,
                struct bf_err *err);
};

/* A kind of media. A declared modality uses the entry whose carrier it names. */
struct bf_modality {
    struct bf_op op;
    enum bf_carrier carrier;
    int version; /* of decode + features + fingerprint: a change makes cached readings stale */
    /* optional: names, up to NULL, of options that matter to present() alone and are no part of
     * what identifies a reading */
    const char *const *shown_by;

    /* optional: BF_EINVAL when options contradict each other. Called before any work. */
    int (*check)(const void *priv, struct bf_err *err);
    /* Decode what `fd` holds from its start. Fills `info` as far as it applies. Runs in a worker
     * process. BF_EDATA with a reason a person understands; nothing about the file's name. */
    int (*decode)(const void *priv, int fd, const struct bf_limits *limits, struct bf_media *out,
                  struct bf_media_info *info, struct bf_arena *a, struct bf_err *err);
    /* A fixed number of finite values, whatever the size of the media. */
    int (*features)(const struct bf_media *in, struct bf_features *out, struct bf_arena *a,
                    struct bf_err *err);
    /* 64 bits; media that look, sound or feel alike differ in few. */
    uint64_t (*fingerprint)(const struct bf_media *in, struct bf_arena *a);
    /* optional: features and fingerprint at once, the same values, where they share work. */
    int (*both)(const struct bf_media *in, struct bf_features *features_out,
                uint64_t *fingerprint_out, struct bf_arena *a, struct bf_err *err);
    /* Files as a model is shown them: what it may not know of the source is not in them. */
    int (*present)(const void *priv, const struct bf_media *in, struct bf_shown *out,
                   struct bf_arena *a, struct bf_err *err);
    /* optional: the MIME type under which a file that no operator touches goes out with its own
     * bytes, or NULL when it is to be presented. `whole`: the sample is shown all that the file
     * holds; where only that makes the difference, other parts of the file send nothing more.
     * `head` [n] are its first bytes, NULL before it was read. */
    const char *(*original)(const void *priv, const struct bf_media_info *info, bool whole,
                            const uint8_t *head, size_t n);
    /* optional: the file without all that is not of this modality, nothing decoded; asked before
     * decoding when no operator touches it. Runs in a worker process. BF_END: decode and present
     * it. */
    int (*strip)(const void *priv, int fd, const struct bf_limits *limits, struct bf_shown *out,
                 struct bf_arena *a, struct bf_err *err);
    /* optional: as a person looks at it, at most w x h pixels, for the contact sheet of `show`. */
    int (*draw)(const struct bf_media *in, int w, int h, struct bf_raster *out, struct bf_arena *a,
                struct bf_err *err);
};

/* What an operator may use beside its input. */
struct bf_apply {
    struct bf_rng rng;   /* all randomness; derived from (seed, sample, operator, part) */
    double pool_mean[3]; /* mean R, G, B of the modality over the pool, 0 .. 255 */
    int w, h;            /* pixels of a picture as it was when the pool was read; 0 = unknown */
};

/* What an operator looks at of its input: all; a picture's size, its pixels being NULL then (the
 * shape of other media is known only once they are decoded); or nothing but its carrier. */
enum bf_looks_at { BF_LOOKS_AT_ALL, BF_LOOKS_AT_SIZE, BF_LOOKS_AT_NOTHING };

/* One way to take a modality away. */
struct bf_operator {
    struct bf_op op;
    unsigned carriers; /* BF_BIT() mask of the carriers it can replace */
    int version;       /* of what it makes of the same input and options, from 0 on */
    bool removes;      /* what it makes says nothing about the input, not even its size, with
                          default options */
    bool random;       /* draws from bf_apply.rng: two samples get two results */
    bool together;     /* draws alike for all parts of a sample, so that those it is applied to with
                          the same options still fit together */
    bool pool_mean;    /* uses bf_apply.pool_mean */
    bool swaps;        /* another sample's part takes the place, as it is: core/donor.h chooses it,
                          options are a struct bf_swap, and there is no `apply` */
    /* optional: BF_EINVAL when options contradict each other. Called before any work. */
    int (*check)(const void *priv, struct bf_err *err);
    /* optional: with these options; NULL = all. What it does not look at is not decoded. */
    enum bf_looks_at (*looks_at)(const void *priv);
    /* optional: NULL = the part is not shown at all (`drop`), unless `swaps`.
     * Write to `out` what the model sees instead of `in`, which is not changed and of the same
     * carrier. New memory comes from `a`. Same `in`, options and `with`: same `out`. */
    int (*apply)(const void *priv, const struct bf_media *in, struct bf_apply *with,
                 struct bf_media *out, struct bf_arena *a, struct bf_err *err);
};

/* One thing to ask: a sample under a condition, one trial. */
struct bf_question {
    uint32_t sample;
    int condition; /* index into bf_conditions; any one of those that show the same */
    int trial;
    const struct bf_view *view;
};

/* One file as a model server takes it. */
struct bf_encoded {
    const char *mime; /* "image/png", "audio/wav", "video/mp4"; "text/csv": `data` is plain text */
    const char *data; /* base64 without line breaks, or the text */
    size_t n;
};

/* One part of a question as a model is shown it: one file, or several (the frames of a clip). */
struct bf_encoded_part {
    const struct bf_part *part;
    int n_files;
    const struct bf_encoded *files;
};

/* How asking goes, for people. */
struct bf_live {
    uint64_t n_done, n_total; /* questions; the total shrinks as verdicts are reached early */
    uint64_t n_saved;         /* questions that need not be asked, since verdicts stand */
    uint32_t n_in_flight, n_failed, n_retried;
    double money;           /* spent in this run by this probe; NaN without a price */
    const char *last_error; /* NULL, or the last failure in words: "429: rate limit reached" */
};

/* A small result that outlives the run, by its content key. */
struct bf_kept {
    const uint8_t *key; /* [BF_SHA_BYTES] */
    const void *value;  /* [n] */
    size_t n;
};

/* What a run has spent on probes that cost, over all of them. */
struct bf_spent {
    double requests, tokens;
    double vectors; /* tokens, of those, that were turned into vectors */
    double money;   /* in the currency of the price table; what has no price counts nothing */
};

/* What a probe is handed: the questions whose answers are not in the ledger yet. */
struct bf_asking {
    const struct bf_spec *spec;
    const struct bf_probe_spec *probe;
    const struct bf_pool *pool;
    const struct bf_conditions *conditions;
    /* May grow, and move, whenever put() is called: an answer can make the next one necessary. */
    uint32_t n;
    const struct bf_question *questions;
    int n_threads;
    struct bf_spent *spent; /* raised by the probe with every reply, compared to spec->spend */
    const char *run_dir;    /* where a probe may keep files of its own, in a folder of its name */
    void *ctx;
    /* Features of one part as the view shows it, [*n_out]; NULL when it is dropped. They stay where
     * they are until the run is over. Call it from one thread. */
    const float *(*features)(void *ctx, const struct bf_sample *s, const struct bf_part *part,
                             const struct bf_view *view, int *n_out);
    /* What question `q` shows, in order of its parts. BF_OK: `*parts_out` [*n_out] is valid until
     * the next call; BF_END: being made by a worker, ask again once a descriptor of `wake` is
     * readable; BF_EDATA: it cannot be made (reason in err). It is made once however often, and
     * by whom, it is asked for. */
    int (*media)(void *ctx, uint32_t q, const struct bf_encoded_part **parts_out, int *n_out,
                 struct bf_err *err);
    /* Begin to make what question `q` shows, without waiting. */
    int (*media_ahead)(void *ctx, uint32_t q, struct bf_err *err);
    /* Question `q` is about to go to a server: until put() or came_back() it counts as in flight,
     * and as lost should the run be killed. */
    void (*sent)(void *ctx, uint32_t q);
    /* Nothing of question `q` is with a server any more, though it has no answer: it is sent again
     * later, or by another run. */
    void (*came_back)(void *ctx, uint32_t q);
    /* Take answers [n] of questions `which` [n] (indices into `questions`), in any order. Once it
     * returns no kill can take them; they are on disk soon after, by a thread of its own, together
     * with others, and when that failed a later call returns BF_EIO. `failed` answers are counted,
     * not remembered: a later run asks again. Where the probe has a `read`, it is called here;
     * text, p, n_in, n_out, finish (and cls for failed) are all that has to be set. Call it from
     * one thread. */
    int (*put)(void *ctx, const uint32_t *which, const struct bf_answer *answers, uint32_t n,
               struct bf_err *err);
    int n_wake;
    const int *wake; /* [n_wake] descriptors that become readable when media were made or answers
                        recorded; call woken() then */
    int (*woken)(void *ctx, struct bf_err *err);
    bool (*stopped)(void *ctx); /* whether the user asked to stop; then drain and return BF_EIO */
    void (*note)(void *ctx, const char *line);           /* something the user should know */
    void (*live)(void *ctx, const struct bf_live *live); /* now and then, from the same thread */
    const char *(*env)(void *ctx, const char *name);     /* the environment, for keys; or NULL */
    /* Small results of a probe's own, of a kind such as "embedding", as the ledger keeps them.
     * recall: BF_OK, the value lives in `a`; BF_END: not there. remember: [n] of them together, on
     * disk when it returns; none of their keys is in flight then. fly: what has this key is with a
     * server, or is no more; should the run be killed meanwhile it counts as lost. */
    int (*recall)(void *ctx, const char *kind, const uint8_t *key, const void **value_out,
                  size_t *n_out, struct bf_arena *a, struct bf_err *err);
    int (*remember)(void *ctx, const char *kind, const struct bf_kept *v, uint32_t n,
                    struct bf_err *err);
    void (*fly)(void *ctx, const uint8_t *key, bool in_flight);
};

/* What a probe that learns from the pool is to train on and be judged on when it is asked again
 * with less: after samples were removed, or as if the pool had been repaired. */
struct bf_refit {
    int condition;        /* what is shown; index into bf_conditions */
    const uint8_t *alive; /* [n_samples] 1 = still there; NULL = all */
    uint32_t without;     /* kinds of evidence left out, BF_BIT() of enum bf_evidence */
    int repeat;           /* 0, 1, ...: how folds or partitions are drawn */
    /* 0: cross-fitted as ever, and p is p(gold). Else so many models, each trained on `n_train`
     * samples drawn at random and judged on all others: p is the share of right predictions among
     * those made of a sample (AFLite). */
    int n_models;
    uint32_t n_train;
};

/* Kinds of evidence that the words of a question with choices can hold about the gold answer. */
enum bf_evidence {
    BF_EVIDENCE_POSITION, /* letters */
    BF_EVIDENCE_LENGTH,   /* longest, shortest, ranks */
    BF_EVIDENCE_NUMBERS,  /* largest, smallest, ranks */
    BF_EVIDENCE_OVERLAP,  /* words shared with the question or with other choices */
    BF_EVIDENCE_FORM,     /* "all of the above", type, punctuation */
    BF_EVIDENCE_CHOICE,   /* the words of a choice */
    BF_EVIDENCE_QUESTION, /* words of the question with those of a choice, and with its letter */
    BF_EVIDENCE_TEMPLATE, /* the question's template with any of these */
    BF_EVIDENCE_CATEGORY, /* the category with any of these */
    BF_EVIDENCE_MEDIA,    /* what media show */
    BF_EVIDENCE_EMBEDDING,
    BF_EVIDENCE_COUNT
};

/* Whoever answers. */
struct bf_probe {
    struct bf_op op;
    bool sees_features; /* asks for bf_asking.features of what a condition shows */
    bool recorded;      /* answers lie in a file: questions it has none for stay unmeasured */
    bool by_content;    /* an answer depends on what is shown alone, never on the sample's id, and
                           whatever shows the same is asked once */
    bool costs;         /* requests are to be saved: see bf_spec.ask_everything */
    /* optional: BF_EINVAL when options cannot work (a file that is not there). Before any work. */
    int (*check)(const struct bf_probe_spec *p, const struct bf_spec *spec, struct bf_err *err);
    /* Text that decides what the probe would answer besides what it is shown: kind, parameters,
     * version, for a trained probe the digest of what it trains on. Part of every key. */
    int (*identify)(const struct bf_probe_spec *p, const struct bf_spec *spec,
                    const struct bf_pool *pool, struct bf_buf *out, struct bf_err *err);
    /* BF_END: answers are to come by another way (batch files); err says what to do. The other
     * probes are asked all the same, then the run stops. */
    int (*ask)(const struct bf_asking *asking, struct bf_err *err);
    /* optional: what the reply in a->text means. Called for new answers and for remembered ones,
     * so that another way of reading costs no request. `order` [n_choices]: the choice, by
     * identity, at each place shown. Sets cls, choice, set, number, credit. */
    void (*read)(const struct bf_probe_spec *p, const struct bf_sample *s, const uint8_t *order,
                 struct bf_answer *a);
    /* optional: p(gold) of every sample, or NaN, when trained as `how` says; asking->questions are
     * not looked at and nothing is put. The same `how`: the same p, for any number of threads.
     * BF_EIO when the user stops. */
    int (*refit)(const struct bf_asking *asking, const struct bf_refit *how, float *p_out,
                 struct bf_err *err);
    /* optional: the request as it would be sent, for `check --requests`; media made on the spot.
     * `asking` has what check has: no put, no ledger. */
    int (*preview)(const struct bf_asking *asking, uint32_t q, struct bf_buf *out,
                   struct bf_err *err);
    /* optional: tokens that one request would take, from its words and its media's sizes. */
    void (*estimate)(const struct bf_probe_spec *p, const struct bf_spec *spec,
                     const struct bf_sample *s, const struct bf_view *view, double *n_in_out,
                     double *n_out_out);
    /* optional: name of the model, as a price table has it; NULL when it has none. */
    const char *(*model)(const struct bf_probe_spec *p);
};

/* A run's way to have probes trained again, for scores and filters. */
struct bf_refitter {
    void *ctx;
    /* BF_EINVAL: that probe does not learn from the pool. */
    int (*refit)(void *ctx, int probe, const struct bf_refit *how, float *p_out,
                 struct bf_err *err);
};

/* A column that a score adds. Its name may hold the places <probe>, <condition>, <modality>:
 * "contribution.<modality>". A list ends with a row whose name is NULL. */
struct bf_column_row {
    const char *name;
    const char *unit; /* "-1 .. 1", "bit"; "word" when its values are words, not numbers */
    const char *help;
};

/* One score. */
struct bf_metric {
    struct bf_op op;
    bool wanted_by_default;
    const struct bf_column_row *columns; /* optional: NULL = it adds stats only */
    /* Add columns and stats to `out`. What cannot be measured is null with its reason. */
    int (*compute)(const struct bf_table *table, struct bf_scores *out, struct bf_err *err);
};

enum bf_verdict_kind { BF_KEEP, BF_REJECT, BF_REVIEW, BF_UNDECIDED };

/* "keep", "reject", "review", "undecided". */
const char *bf_verdict_name(enum bf_verdict_kind kind);

/* What one filter says of one sample. */
struct bf_ruling {
    enum bf_verdict_kind kind; /* KEEP: it has nothing against it */
    uint32_t targets;          /* the target modalities it speaks of */
    struct bf_buf reason;      /* one line with the numbers that decided; comes in empty */
};

/* One filter. */
struct bf_filter {
    struct bf_op op;
    /* optional: names a probe, condition or score that the spec does not have; a count the
     * voters cannot supply. BF_EINVAL before any work. */
    int (*check)(const void *priv, const struct bf_spec *spec, struct bf_err *err);
    /* optional: a field that some sample has to have, looked for once the pool is read and before
     * any work; NULL = none. */
    const char *(*field)(const void *priv);
    /* optional: whether it counts trials after the first of this probe under this condition, and
     * whether those of one sample that are open could still change what it makes of the probe.
     * Both NULL: it counts none. */
    bool (*counts)(const void *priv, const struct bf_table *table, int probe, int condition);
    bool (*open)(const void *priv, const struct bf_table *table, int probe, int condition,
                 uint32_t sample);
    /* optional: what decide() must know of the whole pool, made once before it is called; lives in
     * `a`. decide() gets it by bf_prepared(). */
    int (*prepare)(const void *priv, const struct bf_table *table, void **out, struct bf_arena *a,
                   struct bf_err *err);
    /* optional: the same for a filter that has to know what those before it leave: once, when all
     * answers are in. `standing` [n_samples] 1 = none of them rejected it. Until then bf_prepared()
     * gives NULL, and decide() has to say KEEP. */
    int (*conclude)(const void *priv, const struct bf_table *table, const uint8_t *standing,
                    void **out, struct bf_arena *a, struct bf_err *err);
    /* BF_UNDECIDED while trials that are open, not asked yet or failed, could change the verdict.
     * `out->targets` comes in as all targets of the sample; a filter about one narrows it. */
    int (*decide)(const void *priv, const struct bf_table *table, const struct bf_scores *scores,
                  uint32_t sample, struct bf_ruling *out, struct bf_err *err);
};

/* One output format. */
struct bf_emitter {
    struct bf_op op;
    /* Write files into `dir`, which exists and is empty but for `media/`. */
    int (*emit)(const struct bf_release *release, const char *dir, struct bf_err *err);
};

/* Every operation built in. */
extern BF_API const struct bf_reader *const bf_readers[];
extern BF_API const struct bf_modality *const bf_modalities[];
extern BF_API const struct bf_operator *const bf_operators[];
extern BF_API const struct bf_probe *const bf_probes[];
extern BF_API const struct bf_metric *const bf_metrics[];
extern BF_API const struct bf_filter *const bf_filters[];
extern BF_API const struct bf_emitter *const bf_emitters[];

/* The tables as one list, for `list`, the manual and look-ups by name. */
struct bf_op_table {
    const char *kind;               /* "operator", "probe", ... */
    const char *spec_key;           /* where a spec names one: "conditions", "probes" */
    const struct bf_op *const *ops; /* every entry begins with its struct bf_op */
};

/* Ends with kind == NULL. */
extern BF_API const struct bf_op_table bf_op_tables[];

/* The entry of that name in a table such as bf_operators, or NULL. */
const struct bf_op *bf_op_find(const struct bf_op *const *ops, const char *name);

/* The modality that handles a carrier, or NULL. */
const struct bf_modality *bf_modality_of(enum bf_carrier carrier);

#endif
