/* The words of a request in as few words as can be, where the real ones are not linked. */
#ifndef BF_TESTS_REQUEST_STUBS_H
#define BF_TESTS_REQUEST_STUBS_H

#include "probe/manner.h"

__attribute__((weak)) void bf_order_of(enum bf_orders orders, uint64_t seed,
                                       const struct bf_sample *s, int trial,
                                       uint8_t order_out[BF_MAX_CHOICES])
{
    (void)orders, (void)seed, (void)trial;
    for (int c = 0; c < s->n_choices; c++)
        order_out[c] = (uint8_t)c;
}

__attribute__((weak)) int bf_prompt_check(const char *prompt, struct bf_err *err)
{
    (void)prompt, (void)err;
    return BF_OK;
}

__attribute__((weak)) void bf_prompt_text(const char *prompt, const struct bf_sample *s,
                                          const struct bf_view *v, const uint8_t *order,
                                          struct bf_buf *out, struct bf_buf *system_out)
{
    (void)prompt, (void)s, (void)order, (void)system_out;
    bf_buf_str(out, v->question);
}

#endif
