#ifndef BF_SPECS_YAML_H
#define BF_SPECS_YAML_H

#include <stddef.h>

#include "core/err.h"

struct bf_draft;

enum bf_node_kind { BF_NODE_NULL, BF_NODE_SCALAR, BF_NODE_LIST, BF_NODE_MAP };

/* One value of a YAML text, with its place. Read-only once the tree is made: what an alias names
 * shares its children. */
struct bf_node {
    enum bf_node_kind kind;
    int line, col;         /* 1-based; an alias has its own place, its children theirs */
    const char *text;      /* scalar as written, without quotes; never NULL */
    int n;                 /* items of a list, keys of a map */
    struct bf_node *first; /* first item, or first key */
    struct bf_node *last;
    struct bf_node *next;  /* item or key after this one */
    struct bf_node *value; /* of a key; NULL elsewhere */
    size_t size;           /* values below and including this one, aliases expanded */
};

enum {
    BF_YAML_MAX_BYTES = 16 << 20,
    BF_YAML_MAX_DEPTH = 64,
    BF_YAML_MAX_ALIASES = 100,
    BF_YAML_MAX_NODES = 100000, /* aliases expanded */
    BF_YAML_MAX_KEYS = 256,     /* in one map */
};

/* The tree of one YAML document; memory is the draft's. Limits are enforced on the event stream,
 * before anything is built of it. Faults become complaints of the draft; a key that stands twice
 * is one and reading goes on. BF_EINVAL: there is no tree, and a complaint says why; BF_ENOMEM. */
int bf_yaml_read(struct bf_draft *d, const char *text, size_t n, struct bf_node **root_out);

#endif
