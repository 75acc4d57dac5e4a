#ifndef BF_PROBE_PROMPTS_PROMPTS_H
#define BF_PROBE_PROMPTS_PROMPTS_H

#include "core/ops.h"

/* Prompts by name, their words byte for byte those of the source each is named after, and prompts
 * of the user's own: words with the places {question}, {choices}, {letters}, {n}. */
struct bf_prompt {
    const char *name;    /* "mmmu_pro_direct", "vlmevalkit", ... */
    const char *summary; /* one line */
    const char *source;  /* paper or repository, file, commit */
};

/* Ends with a row whose name is NULL. */
extern const struct bf_prompt bf_prompts[];

/* Whether `prompt` names one, or is words of one's own with at least {question}. BF_EINVAL names
 * what is allowed, and a place that is unknown. */
int bf_prompt_check(const char *prompt, struct bf_err *err);

/* The text of one question under `view`, choices in `order` (identity at each place shown), for
 * sample `s` of any task. What a view drops leaves no trace ("Options:" without options). Markers
 * such as <image 1> in the words are kept. `system_out`, may be NULL: the prompt's own system
 * message, appended. */
void bf_prompt_text(const char *prompt, const struct bf_sample *s, const struct bf_view *view,
                    const uint8_t *order, struct bf_buf *out, struct bf_buf *system_out);

#define BF_NO_PLACE SIZE_MAX

/* The same, with the place of every part that question or choices name by a marker: places_out
 * [n_parts] are how many bytes of `out` come before it, which end with its first marker;
 * BF_NO_PLACE where those shown do not name it. A marker in the words of the prompt itself names
 * nothing. */
void bf_prompt_placed(const char *prompt, const struct bf_sample *s, const struct bf_view *view,
                      const uint8_t *order, size_t *places_out, struct bf_buf *out,
                      struct bf_buf *system_out);

#endif
