/* Sections `probes` and `judge`: who is asked, and who judges what came back. */
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/view.h"
#include "specs/draft.h"

const char *const bf_order_words[] = {
    [BF_ORDER_FIXED] = "fixed", [BF_ORDER_CIRCULAR] = "circular", [BF_ORDER_SHUFFLED] = "shuffled",
    [BF_ORDER_ALL] = "all",     [BF_ORDER_ALL + 1] = NULL,
};

static const char *const probe_keys[] = {
    "name", "kind", "family", "role", "trials", "orders", "under", "base", NULL,
};

static bool read_name(struct bf_draft *d, const struct bf_node *entry, struct bf_probe_spec *p)
{
    const struct bf_node *v = bf_draft_get(entry, "name");
    if (!v)
        bf_draft_complain(d, entry, "'name' of the probe is missing; allowed: a name");
    if (!bf_draft_text(d, v, "name", "a name", &p->name))
        return false;
    if (!bf_draft_is_name(p->name, true)) {
        bf_draft_wrong(d, v, "name", "1 to 64 of A-Z, a-z, 0-9, _, - and .");
        return false;
    }
    for (int i = 0; i < d->spec->n_probes; i++)
        if (strcmp(d->spec->probes[i].name, p->name) == 0) {
            bf_draft_complain(d, v, "probe '%s' stands twice; the first is at line %d", p->name,
                              d->spec->probes[i].line);
            return false;
        }
    return true;
}

static bool read_kind(struct bf_draft *d, const struct bf_node *entry, struct bf_probe_spec *p)
{
    const struct bf_node *v = bf_draft_get(entry, "kind");
    const char *kind = NULL;
    if (!v)
        bf_draft_complain(d, entry, "'kind' of the probe is missing; allowed: a kind of probe");
    if (!bf_draft_text(d, v, "kind", "a kind of probe", &kind))
        return false;
    const struct bf_op *op = bf_op_find(BF_OPS(bf_probes), kind);
    if (!op) {
        bf_draft_unknown(d, v, "kind of probe", kind, bf_draft_op_names(d, BF_OPS(bf_probes)));
        return false;
    }
    p->base = (const struct bf_probe *)(const void *)op;
    return true;
}

/* A judge is shown words of its own: only who answers by what it is shown can be one. */
static void read_role(struct bf_draft *d, const struct bf_node *v, struct bf_probe_spec *p)
{
    static const char *const roles[] = { "voter", "held_out", "judge", NULL };
    int role = 0;
    (void)bf_draft_word(d, v, "role", roles, &role);
    p->held_out = role == 1;
    p->judge = role == 2 && (!p->base || p->base->by_content);
    if (role == 2 && !p->judge)
        bf_draft_complain(d, v,
                          "'role' is 'judge'; allowed: voter, held_out, since '%s' cannot be shown "
                          "a reply",
                          p->base->op.name);
}

static void read_orders(struct bf_draft *d, const struct bf_node *v, struct bf_probe_spec *p)
{
    const bool any = !p->base || p->base->by_content;
    int orders = any && !p->judge ? BF_ORDER_CIRCULAR : BF_ORDER_FIXED;
    if (bf_draft_word(d, v, "orders", bf_order_words, &orders) && !any && orders != BF_ORDER_FIXED)
        bf_draft_complain(d, v,
                          "'orders' is '%s'; allowed: fixed, since '%s' answers alike in every "
                          "order",
                          bf_order_words[orders], p->base->op.name);
    p->orders = (enum bf_orders)orders;
}

/* A condition by a name that none of them can have: those of the spec, families as what they
 * become. */
static void no_condition(struct bf_draft *d, const struct bf_node *at)
{
    const struct bf_spec *spec = d->spec;
    const size_t n = (size_t)spec->n_conditions * (size_t)(spec->n_modalities + 1);
    const char **known = bf_draft_alloc(d, n + 1, sizeof *known);
    int k = 0;
    for (int c = 0; c < spec->n_conditions && known; c++) {
        const enum bf_condition_kind kind = spec->conditions[c].kind;
        const bool family = kind == BF_COND_WITHOUT_EACH || kind == BF_COND_EVERY_SUBSET;
        if (!family)
            known[k++] = spec->conditions[c].name;
        for (int m = 0; family && m < spec->n_modalities; m++) {
            known[k] = bf_arena_printf(d->a, "without_%s", spec->modalities[m].name);
            d->no_memory |= !known[k];
            k += known[k] != NULL;
        }
    }
    if (known)
        bf_draft_unknown(d, at, "condition", at->text, known);
}

/* `conditions_known`: that section was read without complaint. */
static void read_under(struct bf_draft *d, const struct bf_node *v, struct bf_probe_spec *p,
                       bool conditions_known)
{
    if (!bf_draft_names(d, v, "under", &p->under))
        return;
    const bool list = v->kind == BF_NODE_LIST;
    if (p->judge)
        bf_draft_complain(d, v, "'under' of a judge means nothing; it is shown replies alone");
    else if (p->under.n == 0)
        bf_draft_complain(d, v, "'under' is an empty list; allowed: one condition or more");
    if (p->judge || !conditions_known)
        return;
    for (const struct bf_node *item = list ? v->first : v; item; item = list ? item->next : NULL)
        if (!bf_condition_known(d->spec, item->text))
            no_condition(d, item);
}

/* False when it cannot be entered under its name. `priv` stays NULL when an option is wrong. */
static bool read_probe(struct bf_draft *d, const struct bf_node *entry, struct bf_probe_spec *p,
                       bool conditions_known)
{
    if (entry->kind != BF_NODE_MAP) {
        bf_draft_wrong(d, entry, "probes", "maps such as {name: stat, kind: builtin}");
        return false;
    }
    const bool named = read_name(d, entry, p), known = read_kind(d, entry, p);
    const struct bf_node *v = bf_draft_get(entry, "trials");
    int64_t trials = 1;
    p->family = p->name;
    p->line = entry->line;
    (void)bf_draft_text(d, bf_draft_get(entry, "family"), "family", "a name", &p->family);
    read_role(d, bf_draft_get(entry, "role"), p);
    if (bf_draft_integer(d, v, "trials", 1, 1000, &trials) && p->judge && trials != 1)
        bf_draft_wrong(d, v, "trials", "1 for a judge, which is asked once about each reply");
    p->trials = (int)trials;
    read_orders(d, bf_draft_get(entry, "orders"), p);
    read_under(d, bf_draft_get(entry, "under"), p, conditions_known);
    (void)bf_draft_text(d, bf_draft_get(entry, "base"), "base", "the name of a probe", &p->before);

    void *priv;
    if (known && bf_draft_options(d, &p->base->op, entry, entry, probe_keys, &priv))
        p->priv = priv;
    return named && known;
}

void bf_draft_probes(struct bf_draft *d, const struct bf_node *v)
{
    struct bf_spec *spec = d->spec;
    const bool conditions_known = !d->partial;
    if (!v || v->kind == BF_NODE_NULL)
        return;
    if (v->kind != BF_NODE_LIST) {
        bf_draft_wrong(d, v, "probes", "a list of maps such as {name: stat, kind: builtin}");
        d->partial = true;
        return;
    }
    spec->probes = bf_draft_alloc(d, (size_t)v->n, sizeof *spec->probes);
    for (const struct bf_node *item = v->first; item && spec->probes; item = item->next) {
        struct bf_probe_spec *p = &spec->probes[spec->n_probes];
        *p = (struct bf_probe_spec){ 0 };
        if (read_probe(d, item, p, conditions_known))
            spec->n_probes++;
        else
            d->partial = true;
    }
}

/* Where a probe that was entered stands. */
static const struct bf_node *entry_of(const struct bf_node *probes, const struct bf_probe_spec *p)
{
    const struct bf_node *item = probes->first;
    while (bf_draft_get(item, "name") == NULL || bf_draft_get(item, "name")->text != p->name)
        item = item->next;
    return item;
}

/* `base` has to be another probe that is asked about samples. */
static void check_before(struct bf_draft *d, const struct bf_node *entry,
                         const struct bf_probe_spec *p)
{
    const struct bf_spec *spec = d->spec;
    const char **others = bf_draft_alloc(d, (size_t)spec->n_probes + 1, sizeof *others);
    int n = 0;
    for (int i = 0; others && i < spec->n_probes; i++) {
        if (&spec->probes[i] == p || spec->probes[i].judge)
            continue;
        if (strcmp(spec->probes[i].name, p->before) == 0)
            return;
        others[n++] = spec->probes[i].name;
    }
    if (others && !d->partial)
        bf_draft_unknown(d, bf_draft_get(entry, "base"), "base", p->before, others);
}

void bf_draft_check_probes(struct bf_draft *d, const struct bf_node *v)
{
    struct bf_err err;
    for (int i = 0; i < d->spec->n_probes; i++) {
        const struct bf_probe_spec *p = &d->spec->probes[i];
        int rc = p->base->check && p->priv ? p->base->check(p, d->spec, &err) : BF_OK;
        if (rc == BF_ENOMEM)
            d->no_memory = true;
        else if (rc < 0)
            bf_draft_complain(d, entry_of(v, p), "%s", err.msg);
        if (p->before)
            check_before(d, entry_of(v, p), p);
    }
}

/* The judge by name, or -1 after a complaint. */
static int find_judge(struct bf_draft *d, const struct bf_node *v, const char *name)
{
    const struct bf_spec *spec = d->spec;
    const char **judges = bf_draft_alloc(d, (size_t)spec->n_probes + 1, sizeof *judges);
    if (!judges)
        return -1;
    for (int i = 0, n = 0; i < spec->n_probes; i++) {
        const struct bf_probe_spec *p = &spec->probes[i];
        if (p->judge)
            judges[n++] = p->name;
        if (strcmp(p->name, name) != 0)
            continue;
        if (p->judge)
            return i;
        bf_draft_complain(d, v, "probe '%s' is no judge; allowed: a probe with 'role: judge'",
                          name);
        return -1;
    }
    if (!d->partial) /* else it may be one that was complained of */
        bf_draft_unknown(d, v, "judge", name, judges);
    return -1;
}

static void read_labels(struct bf_draft *d, const struct bf_node *v, struct bf_judge_spec *j)
{
    struct bf_err err;
    if (!bf_draft_text(d, v, "labels", "a file", &j->shown))
        return;
    j->labels = bf_path_join(d->a, d->spec->dir, j->shown);
    if (!j->labels) {
        d->no_memory = true;
        return;
    }
    const int fd = bf_file_open(j->labels, j->shown, &err);
    if (fd < 0)
        bf_draft_complain(d, v, "'labels': %s", err.msg);
    else
        close(fd);
}

void bf_draft_judge(struct bf_draft *d, const struct bf_node *v, const struct bf_node *probes)
{
    static const char *const keys[] = { "probe", "labels", NULL };
    static const char allowed[] = "a map such as {probe: NAME, labels: labels.jsonl}";
    struct bf_judge_spec *j = &d->spec->judge;
    const int complaints = d->n_complaints;
    j->probe = -1;
    if (v && (v->kind != BF_NODE_MAP || v->n == 0)) {
        bf_draft_wrong(d, v, "judge", allowed);
    } else if (v) {
        const struct bf_node *probe = bf_draft_get(v, "probe");
        const char *name = NULL;
        bf_draft_keys(d, v, keys, NULL);
        if (!probe)
            bf_draft_complain(d, v,
                              "'probe' of 'judge' is missing; allowed: a probe with "
                              "'role: judge'");
        if (bf_draft_text(d, probe, "probe", "the name of a probe", &name))
            j->probe = find_judge(d, probe, name);
        read_labels(d, bf_draft_get(v, "labels"), j);
    }
    /* One that nothing names would never be asked. */
    for (int i = 0; i < d->spec->n_probes && d->n_complaints == complaints; i++)
        if (d->spec->probes[i].judge && i != j->probe)
            bf_draft_complain(d, entry_of(probes, &d->spec->probes[i]),
                              "probe '%s' has 'role: judge', but 'judge' %s",
                              d->spec->probes[i].name, v ? "names another" : "is missing");
}
