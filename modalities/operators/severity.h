#ifndef BF_MODALITIES_OPERATORS_SEVERITY_H
#define BF_MODALITIES_OPERATORS_SEVERITY_H

#include "core/options.h"

/* The strength of an operator that has one: 1 is what its other options say, 0 leaves the media as
 * they are; what lies between is said in `scale`. */
#define BF_SEVERITY_OPT(offset, scale)                                                             \
    {                                                                                              \
        "severity", BF_OPT_NUM, offset, "1", 0, 1, "of full strength", scale, NULL                 \
    }

#endif
