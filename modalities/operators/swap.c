/* Operator `swap`: another sample's media, or question, take the place of one's own. */
#include "core/donor.h"

static const struct bf_opt swap_opts[] = {
    { "of", BF_OPT_ENUM, offsetof(struct bf_swap, of), "any", 0, 0, NULL,
      "whose: any other sample's; one's with the same gold answer; one's with another; one's with "
      "the same choices and another gold answer, so that two modalities are in conflict",
      "any|same_answer|other_answer|same_choices" },
    { "round", BF_OPT_INT, offsetof(struct bf_swap, round), "0", 0, 1000000, "rounds",
      "another round draws other donors; a mean over several is steadier", NULL },
    { .name = NULL },
};

const struct bf_operator bf_operator_swap = {
    .op = {
        .name = "swap",
        .summary = "show another sample's instead, of the same modality and number",
        .source = "docs/operators.md#swap",
        .priv_size = sizeof(struct bf_swap),
        .opts = swap_opts,
    },
    .carriers = BF_BIT(BF_TEXT) | BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP) | BF_BIT(BF_WAVE) |
                BF_BIT(BF_TRACE),
    .swaps = true,
};
