/* libyaml's events -> a bounded tree of values with their places. */
#include "specs/yaml.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "core/text.h"
#include "specs/draft.h"

enum { MAX_ANCHORS = 1000 };

struct anchor {
    const char *name;
    struct bf_node *node;
    struct anchor *next;
    bool open; /* its node is still being read */
};

struct build {
    struct bf_draft *d;
    struct bf_node *root;
    int depth;
    struct level {
        struct bf_node *node;
        struct bf_node *key;   /* of a map, waiting for its value */
        struct anchor *anchor; /* of `node`, or NULL */
    } levels[BF_YAML_MAX_DEPTH];
    struct anchor *anchors; /* newest first */
    int n_anchors, n_aliases;
    size_t n_nodes; /* aliases expanded */
};

static void delete_parser(yaml_parser_t *p)
{
    yaml_parser_delete(p);
}

static void delete_event(yaml_event_t *e)
{
    yaml_event_delete(e);
}

static int line_of(const yaml_event_t *e)
{
    return (int)e->start_mark.line + 1;
}

static int col_of(const yaml_event_t *e)
{
    return (int)e->start_mark.column + 1;
}

/* 1-based line and column, in characters, of a byte. */
static void place_of(const char *text, size_t at, int *line_out, int *col_out)
{
    int line = 1, col = 1;
    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            line++;
            col = 1;
        } else if ((text[i] & 0xc0) != 0x80) {
            col++;
        }
    }
    *line_out = line;
    *col_out = col;
}

/* The byte at a place that libyaml reported. */
static char byte_at(const char *text, size_t n, int line, int col)
{
    size_t i = 0;
    for (; i < n && line > 1; i++)
        line -= text[i] == '\n';
    for (; i < n && col > 1; i++)
        col -= (text[i] & 0xc0) != 0x80;
    return i < n ? text[i] : '\0';
}

/* Whether the whole text is UTF-8 without BOM trouble; complains of the first byte that is not. */
static bool check_bytes(struct bf_draft *d, const char *text, size_t n)
{
    if (bf_text_is_utf8(text, n))
        return true;
    size_t at = 0;
    while (at < n) {
        size_t k = 1;
        while (k <= 4 && at + k <= n && !bf_text_is_utf8(text + at, k))
            k++;
        if (k > 4 || at + k > n)
            break;
        at += k;
    }
    int line, col;
    place_of(text, at, &line, &col);
    bf_draft_complain_at(d, line, col, "byte 0x%02x is not UTF-8 text; a spec is UTF-8",
                         (unsigned)(unsigned char)text[at]);
    return false;
}

static int parser_failed(struct bf_draft *d, const yaml_parser_t *p, const char *text, size_t n)
{
    if (p->error == YAML_MEMORY_ERROR) {
        d->no_memory = true;
        return BF_ENOMEM;
    }
    int line = (int)p->problem_mark.line + 1, col = (int)p->problem_mark.column + 1;
    const char *problem = p->problem ? p->problem : "not readable";
    if (p->error == YAML_READER_ERROR) {
        place_of(text, p->problem_offset < n ? p->problem_offset : n, &line, &col);
        bf_draft_complain_at(d, line, col, "character U+%04X cannot stand in YAML (%s)",
                             (unsigned)p->problem_value, problem);
        return BF_EINVAL;
    }
    bool tab = byte_at(text, n, line, col) == '\t' || strstr(problem, "tab character");
    if (tab)
        bf_draft_complain_at(d, line, col, "a tab cannot indent; use spaces (%s)", problem);
    else if (p->context)
        bf_draft_complain_at(d, line, col, "not YAML: %s, %s that starts at %zu:%zu", problem,
                             p->context, p->context_mark.line + 1, p->context_mark.column + 1);
    else
        bf_draft_complain_at(d, line, col, "not YAML: %s", problem);
    return BF_EINVAL;
}

/* A key of the map being read; complains when it is no word or stands there already. */
static int add_key(struct build *b, struct level *top, struct bf_node *key)
{
    struct bf_node *map = top->node;
    if (key->kind == BF_NODE_LIST || key->kind == BF_NODE_MAP)
        bf_draft_complain(b->d, key, "a key is a %s; allowed: a word",
                          key->kind == BF_NODE_LIST ? "list" : "map");
    else
        for (const struct bf_node *k = map->first; k; k = k->next)
            if (strcmp(k->text, key->text) == 0) {
                bf_draft_complain(b->d, key, "'%.100s' stands twice; the first is at %d:%d",
                                  key->text, k->line, k->col);
                break;
            }
    if (map->n >= BF_YAML_MAX_KEYS) {
        bf_draft_complain(b->d, key, "over %d keys in one map", (int)BF_YAML_MAX_KEYS);
        return BF_EINVAL;
    }
    top->key = key;
    return BF_OK;
}

/* Put a value where the text has it. */
static int add(struct build *b, struct bf_node *v)
{
    if (b->depth == 0) {
        b->root = v;
        return BF_OK;
    }
    struct level *top = &b->levels[b->depth - 1];
    struct bf_node *in = top->node;
    if (in->kind == BF_NODE_MAP && top->key) {
        top->key->value = v;
        top->key = NULL;
        return BF_OK;
    }
    if (in->kind == BF_NODE_MAP)
        BF_TRY(add_key(b, top, v));
    if (in->last)
        in->last->next = v;
    else
        in->first = v;
    in->last = v;
    in->n++;
    return BF_OK;
}

static int count(struct build *b, const yaml_event_t *e, size_t n)
{
    b->n_nodes += n;
    if (b->n_nodes <= BF_YAML_MAX_NODES)
        return BF_OK;
    bf_draft_complain_at(b->d, line_of(e), col_of(e), "over %d values, aliases expanded",
                         (int)BF_YAML_MAX_NODES);
    return BF_EINVAL;
}

static int check_tag(struct build *b, const yaml_event_t *e, const char *tag)
{
    static const char core[] = "tag:yaml.org,2002:";
    static const char *const known[] = { "str", "int", "float", "bool", "null", "map", "seq" };
    if (!tag || strcmp(tag, "!") == 0)
        return BF_OK;
    if (strncmp(tag, core, sizeof core - 1) == 0)
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (strcmp(tag + sizeof core - 1, known[i]) == 0)
                return BF_OK;
    bf_draft_complain_at(b->d, line_of(e), col_of(e),
                         "tag '%.100s' means nothing here; leave it out", tag);
    return BF_EINVAL;
}

static int new_anchor(struct build *b, const yaml_event_t *e, const char *name,
                      struct bf_node *node, struct anchor **out)
{
    *out = NULL;
    if (!name)
        return BF_OK;
    if (b->n_anchors >= MAX_ANCHORS) {
        bf_draft_complain_at(b->d, line_of(e), col_of(e), "over %d anchors", (int)MAX_ANCHORS);
        return BF_EINVAL;
    }
    struct anchor *anchor = bf_draft_alloc(b->d, 1, sizeof *anchor);
    if (!anchor)
        return BF_ENOMEM;
    anchor->name = bf_arena_strdup(b->d->a, name);
    if (!anchor->name)
        return BF_ENOMEM;
    anchor->node = node;
    anchor->next = b->anchors;
    b->anchors = anchor;
    b->n_anchors++;
    *out = anchor;
    return BF_OK;
}

static struct bf_node *new_node(struct build *b, const yaml_event_t *e, enum bf_node_kind kind)
{
    struct bf_node *v = bf_draft_alloc(b->d, 1, sizeof *v);
    if (!v)
        return NULL;
    v->kind = kind;
    v->line = line_of(e);
    v->col = col_of(e);
    v->text = "";
    v->size = 1;
    return v;
}

static bool is_null(const char *text)
{
    static const char *const words[] = { "", "~", "null", "Null", "NULL" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static int on_scalar(struct build *b, const yaml_event_t *e)
{
    const char *text = (const char *)e->data.scalar.value;
    const char *tag = (const char *)e->data.scalar.tag;
    struct anchor *anchor;
    BF_TRY(check_tag(b, e, tag));
    BF_TRY(count(b, e, 1));
    if (strlen(text) != e->data.scalar.length) {
        bf_draft_complain_at(b->d, line_of(e), col_of(e), "a text holds a NUL character");
        return BF_EINVAL;
    }
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !tag;
    struct bf_node *v = new_node(b, e, plain && is_null(text) ? BF_NODE_NULL : BF_NODE_SCALAR);
    if (!v)
        return BF_ENOMEM;
    v->text = bf_arena_strdup(b->d->a, text);
    if (!v->text)
        return BF_ENOMEM;
    BF_TRY(new_anchor(b, e, (const char *)e->data.scalar.anchor, v, &anchor));
    return add(b, v);
}

static int on_start(struct build *b, const yaml_event_t *e, enum bf_node_kind kind,
                    const yaml_char_t *anchor_name, const yaml_char_t *tag)
{
    if (b->depth >= BF_YAML_MAX_DEPTH) {
        bf_draft_complain_at(b->d, line_of(e), col_of(e), "over %d levels deep",
                             (int)BF_YAML_MAX_DEPTH);
        return BF_EINVAL;
    }
    BF_TRY(check_tag(b, e, (const char *)tag));
    BF_TRY(count(b, e, 1));
    struct bf_node *v = new_node(b, e, kind);
    if (!v)
        return BF_ENOMEM;
    BF_TRY(add(b, v));
    v->size = b->n_nodes - 1; /* values before this one, until it ends */
    struct anchor *anchor;
    BF_TRY(new_anchor(b, e, (const char *)anchor_name, v, &anchor));
    if (anchor)
        anchor->open = true;
    b->levels[b->depth++] = (struct level){ .node = v, .anchor = anchor };
    return BF_OK;
}

static void on_end(struct build *b)
{
    const struct level *top = &b->levels[--b->depth];
    top->node->size = b->n_nodes - top->node->size;
    if (top->anchor)
        top->anchor->open = false;
}

static int on_alias(struct build *b, const yaml_event_t *e)
{
    const char *name = (const char *)e->data.alias.anchor;
    const struct anchor *anchor = b->anchors;
    while (anchor && strcmp(anchor->name, name) != 0)
        anchor = anchor->next;
    const char *fault = NULL;
    if (!anchor)
        fault = "names nothing above it";
    else if (anchor->open)
        fault = "stands inside what it names";
    else if (++b->n_aliases > BF_YAML_MAX_ALIASES)
        fault = "is one too many; allowed: 100";
    if (fault) {
        bf_draft_complain_at(b->d, line_of(e), col_of(e), "alias '*%.100s' %s", name, fault);
        return BF_EINVAL;
    }
    BF_TRY(count(b, e, anchor->node->size));
    struct bf_node *v = new_node(b, e, anchor->node->kind);
    if (!v)
        return BF_ENOMEM;
    const struct bf_node place = *v;
    *v = *anchor->node;
    v->line = place.line;
    v->col = place.col;
    v->next = v->value = NULL;
    return add(b, v);
}

static int on_event(struct build *b, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (!b->root)
            return BF_OK;
        bf_draft_complain_at(b->d, line_of(e), col_of(e),
                             "a second document starts here; a spec is one");
        return BF_EINVAL;
    case YAML_SCALAR_EVENT:
        return on_scalar(b, e);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(b, e, BF_NODE_LIST, e->data.sequence_start.anchor,
                        e->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return on_start(b, e, BF_NODE_MAP, e->data.mapping_start.anchor, e->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        on_end(b);
        return BF_OK;
    case YAML_ALIAS_EVENT:
        return on_alias(b, e);
    default:
        return BF_OK;
    }
}

int bf_yaml_read(struct bf_draft *d, const char *text, size_t n, struct bf_node **root_out)
{
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3; /* a BOM says UTF-8, which is what we read anyway */
        n -= 3;
    }
    if (!check_bytes(d, text, n))
        return BF_EINVAL;

    BF_AUTO(delete_parser) yaml_parser_t parser = { 0 };
    if (!yaml_parser_initialize(&parser)) {
        d->no_memory = true;
        return BF_ENOMEM;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);

    struct build b = { .d = d };
    for (bool more = true; more;) {
        BF_AUTO(delete_event) yaml_event_t e = { 0 };
        if (!yaml_parser_parse(&parser, &e))
            return parser_failed(d, &parser, text, n);
        BF_TRY(on_event(&b, &e));
        more = e.type != YAML_STREAM_END_EVENT;
    }
    if (!b.root || b.root->kind == BF_NODE_NULL) {
        bf_draft_complain_at(d, 1, 1, "the spec is empty");
        return BF_EINVAL;
    }
    *root_out = b.root;
    return BF_OK;
}
