/* Operator `drop`: the part is not shown at all. */
#include "core/ops.h"

const struct bf_operator bf_operator_drop = {
    .op = {
        .name = "drop",
        .summary = "leave the part out altogether",
        .source = "docs/operators.md#drop",
    },
    .carriers = BF_BIT(BF_TEXT) | BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP) | BF_BIT(BF_WAVE) |
                BF_BIT(BF_TRACE),
    .removes = true,
};
