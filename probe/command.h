#ifndef BF_PROBE_COMMAND_H
#define BF_PROBE_COMMAND_H

#include "core/json.h"
#include "probe/prompts/manner.h"

/* The lines that a program of the user's reads and writes (docs/asking.md, "A program of your
 * own"), and the options of the probe `command`, which holds the conversation. */
struct bf_command {
    const char *line; /* for /bin/sh */
    int concurrency;  /* questions without an answer at most */
    double timeout;   /* seconds without a word while questions wait */
    int attempts;     /* how often a question is asked when the program ends over it */
    int restarts;     /* in a row, without an answer between */
    struct bf_manner manner;
};

extern const struct bf_opt bf_command_opts[];

int bf_command_check(const struct bf_probe_spec *p, const struct bf_spec *spec, struct bf_err *err);
int bf_command_identify(const struct bf_probe_spec *p, const struct bf_spec *spec,
                        const struct bf_pool *pool, struct bf_buf *out, struct bf_err *err);
void bf_command_read(const struct bf_probe_spec *p, const struct bf_sample *s, const uint8_t *order,
                     struct bf_answer *a);

/* Append the line of question `q`, with the media it shows. BF_ENOMEM. */
int bf_command_question(const struct bf_command *o, const struct bf_asking *asking, uint32_t q,
                        uint64_t id, const struct bf_encoded_part *parts, int n_parts,
                        struct bf_buf *out, struct bf_err *err);

/* The number that an answer's line begins with. BF_EDATA: there is none. */
int bf_command_id(const struct bf_json *line, uint64_t *id_out, struct bf_err *err);

/* What an answer's line says of `s`, whose choices were shown in `order`: text (in `a`), p, cls of
 * `failed`. BF_EDATA: it says nothing that can be understood. */
int bf_command_answer(const struct bf_json *line, const struct bf_sample *s, const uint8_t *order,
                      struct bf_answer *out, struct bf_arena *a, struct bf_err *err);

#endif
