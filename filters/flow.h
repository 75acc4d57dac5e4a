#ifndef BF_FILTERS_FLOW_H
#define BF_FILTERS_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"

/* A cost compared from left to right: first what the quotas lose, then what the preference loses,
 * then a tie-break that makes the best choice unique. */
struct bf_flow_cost {
    int64_t quota, prefer, tie;
};

/* All units that have one value of the first family and one of the second. */
struct bf_flow_cell {
    uint32_t left, right;
    uint32_t n;                      /* units it holds */
    const struct bf_flow_cost *cost; /* [n] of taking each, ascending */
    uint32_t used;                   /* result: the first `used` units are taken */
};

/* Two families of quotas and the cells between them. */
struct bf_flow {
    uint32_t n_left, n_right, n_cells;
    const uint32_t *left_quota, *right_quota; /* [n_left], [n_right] */
    struct bf_flow_cell *cells;               /* [n_cells] */
};

/* Take `size` units, or all when there are fewer, at the least total cost, where a value that gets
 * x units of its quota q costs (x - q)^2 on top of the units' own costs.
 *
 * Successive shortest paths: marginal costs of a value, 2 (x - q) + 1, and of a cell only rise, so
 * that the flow is of least cost after every unit. Bellman-Ford on values and cells, O(size *
 * cells * path length), whatever the number of units. Fills in `used`. Memory is given back.
 * BF_ENOMEM. Source: Ahuja, Magnanti, Orlin, "Network Flows" (1993), 9.7 and 14.3. */
int bf_flow_least_cost(struct bf_flow *f, uint32_t size, struct bf_err *err);

/* Most units that can be taken when no value may get more than its quota. Overwrites `used`.
 * BF_ENOMEM. */
int bf_flow_most(struct bf_flow *f, uint32_t *units_out, struct bf_err *err);

#endif
