#ifndef BF_SCORE_LEAK_WORDS_H
#define BF_SCORE_LEAK_WORDS_H

#include "core/leak.h"
#include "score/leak_choose.h"

/* Say a finding in words: fill in `out`, strings in `a`. BF_ENOMEM, no message. */
int bf_leak_say(const struct bf_leak_view *view, const struct bf_leak_taken *taken,
                struct bf_leak *out, struct bf_arena *a);

#endif
