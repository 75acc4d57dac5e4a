/* A YAML file -> struct bf_spec, with every complaint at once. */
#include "core/spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "specs/draft.h"

static const char *const top_keys[] = {
    "blindfold", "name",       "seed",       "target",  "needs", "undecided", "damaged",
    "pool",      "modalities", "conditions", "probes",  "ask",   "prices",    "spend",
    "judge",     "scores",     "filters",    "balance", "emit",  NULL,
};

static void read_version(struct bf_draft *d, const struct bf_node *top)
{
    static const char allowed[] = "1, the version of this language";
    const struct bf_node *v = bf_draft_get(top, "blindfold");
    if (!v)
        bf_draft_complain(d, top, "'blindfold' is missing; allowed: %s", allowed);
    else if (v->kind != BF_NODE_SCALAR || strcmp(v->text, "1") != 0)
        bf_draft_wrong(d, v, "blindfold", allowed);
}

static void read_name(struct bf_draft *d, const struct bf_node *top)
{
    static const char allowed[] = "1 to 64 of A-Z, a-z, 0-9, _ and -";
    const struct bf_node *v = bf_draft_get(top, "name");
    const char *name = NULL;
    if (!v)
        bf_draft_complain(d, top, "'name' is missing; allowed: %s", allowed);
    if (!bf_draft_text(d, v, "name", allowed, &name))
        return;
    if (bf_draft_is_name(name, true) && !strchr(name, '.'))
        d->spec->name = name;
    else
        bf_draft_wrong(d, v, "name", allowed);
}

/* All modalities, when the spec names no target. */
static void target_all(struct bf_draft *d)
{
    struct bf_spec *spec = d->spec;
    struct bf_names all = { spec->n_modalities,
                            bf_draft_alloc(d, BF_MAX_MODALITIES, sizeof *all.v) };
    if (!all.v)
        return;
    for (int i = 0; i < all.n; i++) {
        all.v[i] = spec->modalities[i].name;
        spec->target |= BF_BIT(i);
    }
    spec->target_names = all;
}

static void read_target(struct bf_draft *d, const struct bf_node *v)
{
    if (!v)
        target_all(d);
    else if (!bf_draft_modalities(d, v, "target", &d->spec->target_names, &d->spec->target))
        d->partial = true;
}

/* Without filters there are no verdicts that could stand early. */
static void read_ask(struct bf_draft *d, const struct bf_node *v)
{
    static const char *const words[] = { "everything", "enough", NULL };
    int word = d->spec->n_filters > 0;
    (void)bf_draft_word(d, v, "ask", words, &word);
    d->spec->ask_everything = word == 0;
}

static void read_top(struct bf_draft *d, const struct bf_node *top)
{
    static const char *const needs[] = { [BF_NEEDS_ANY] = "any", [BF_NEEDS_EACH] = "each", NULL };
    static const char *const undecided[] = { "drop", "keep", NULL };
    static const char *const damaged[] = { "set_aside", "keep", NULL };
    struct bf_spec *spec = d->spec;
    int64_t seed = 1;
    int need = BF_NEEDS_ANY, keep = 0, keep_damaged = 0;

    if (top->kind != BF_NODE_MAP) {
        bf_draft_wrong(d, top, "the spec", "a map that begins with 'blindfold: 1'");
        return;
    }
    bf_draft_keys(d, top, top_keys, NULL);
    read_version(d, top);
    read_name(d, top);
    (void)bf_draft_integer(d, bf_draft_get(top, "seed"), "seed", 0, INT64_MAX, &seed);
    (void)bf_draft_word(d, bf_draft_get(top, "needs"), "needs", needs, &need);
    (void)bf_draft_word(d, bf_draft_get(top, "undecided"), "undecided", undecided, &keep);
    (void)bf_draft_word(d, bf_draft_get(top, "damaged"), "damaged", damaged, &keep_damaged);
    spec->seed = (uint64_t)seed;
    spec->needs = (enum bf_needs)need;
    spec->undecided_keep = keep == 1;
    spec->damaged_keep = keep_damaged == 1;

    bf_draft_modality_uses(d, bf_draft_get(top, "modalities"));
    bf_draft_pool(d, top, bf_draft_get(top, "pool"));
    read_target(d, bf_draft_get(top, "target"));
    bf_draft_conditions(d, bf_draft_get(top, "conditions"));
    bf_draft_probes(d, bf_draft_get(top, "probes"));
    bf_draft_judge(d, bf_draft_get(top, "judge"), bf_draft_get(top, "probes"));
    bf_draft_prices(d, bf_draft_get(top, "prices"));
    bf_draft_spend(d, bf_draft_get(top, "spend"));
    bf_draft_scores(d, bf_draft_get(top, "scores"));
    bf_draft_check_probes(d, bf_draft_get(top, "probes"));
    bf_draft_filters(d, bf_draft_get(top, "filters"));
    read_ask(d, bf_draft_get(top, "ask"));
    bf_draft_balance(d, bf_draft_get(top, "balance"));
    bf_draft_emit(d, bf_draft_get(top, "emit"));
}

/* spec->path and spec->dir, absolute, through symbolic links as the user gave them. */
static int find_place(struct bf_spec *spec, const char *path, struct bf_err *err)
{
    char here[4096] = "/";
    if (path[0] != '/' && !getcwd(here, sizeof here))
        return bf_fail(err, BF_EINVAL, "cannot open '%s': %s", path, strerror(errno));
    spec->path = bf_path_join(&spec->arena, here, path);
    spec->dir = spec->path ? bf_path_dir(&spec->arena, spec->path) : NULL;
    return spec->dir ? BF_OK : bf_fail_memory(err, "a path");
}

static int by_place(const void *a, const void *b)
{
    const struct bf_complaint *x = *(const struct bf_complaint *const *)a;
    const struct bf_complaint *y = *(const struct bf_complaint *const *)b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->col != y->col)
        return x->col < y->col ? -1 : 1;
    return x < y ? -1 : x > y; /* as they were found */
}

/* Hand the complaints over in order of place. */
static int hand_over(struct bf_draft *d, struct bf_complaints *out, struct bf_err *err)
{
    size_t n = (size_t)d->n_complaints;
    const struct bf_complaint **order = bf_draft_alloc(d, n, sizeof *order);
    struct bf_complaint *v = bf_draft_alloc(d, n, sizeof *v);
    if (d->no_memory || !order || !v)
        return bf_fail_memory(err, "the spec");
    if (n == 0)
        return BF_OK;
    for (size_t i = 0; i < n; i++)
        order[i] = &d->complaints[i];
    qsort(order, n, sizeof *order, by_place);
    for (size_t i = 0; i < n; i++)
        v[i] = *order[i];
    if (out)
        *out = (struct bf_complaints){ d->n_complaints, v };
    return bf_fail_at(err, BF_EINVAL, v[0].line, v[0].col, "%s", v[0].text);
}

int bf_spec_parse(const char *text, size_t n, struct bf_spec *spec,
                  struct bf_complaints *complaints_out, struct bf_err *err)
{
    struct bf_draft d = { .spec = spec, .a = &spec->arena };
    struct bf_node *top = NULL;
    if (bf_yaml_read(&d, text, n, &top) == BF_OK)
        read_top(&d, top);
    int rc = hand_over(&d, complaints_out, err);
    free(d.complaints);
    return rc;
}

int bf_spec_read(const char *path, struct bf_spec *spec, struct bf_complaints *complaints_out,
                 struct bf_err *err)
{
    struct bf_draft d = { .spec = spec, .a = &spec->arena };
    struct bf_err why;
    char *text;
    size_t n;
    if (complaints_out)
        *complaints_out = (struct bf_complaints){ 0 };

    int rc = find_place(spec, path, &why);
    if (rc == BF_OK)
        rc = bf_file_read(path, BF_YAML_MAX_BYTES, &text, &n, &spec->arena, &why);
    if (rc == BF_OK)
        return bf_spec_parse(text, n, spec, complaints_out, err);

    if (rc == BF_ENOMEM)
        d.no_memory = true;
    else
        bf_draft_complain_at(&d, 0, 0, "%s", why.msg);
    rc = hand_over(&d, complaints_out, err);
    free(d.complaints);
    return rc;
}

void bf_spec_done(struct bf_spec *spec)
{
    if (!spec)
        return;
    bf_arena_reset(&spec->arena);
    memset(spec, 0, sizeof *spec);
}

int bf_spec_modality(const struct bf_spec *spec, const char *name)
{
    for (int i = 0; i < spec->n_modalities; i++)
        if (strcmp(spec->modalities[i].name, name) == 0)
            return i;
    return -1;
}

bool bf_probe_votes(const struct bf_probe_spec *p)
{
    return !p->held_out && !p->judge;
}

bool bf_probe_is_asked(const struct bf_probe_spec *p, const char *condition)
{
    bool named = p->under.n == 0;
    for (int i = 0; i < p->under.n && !named; i++)
        named = strcmp(p->under.v[i], condition) == 0;
    return named && !p->judge;
}

const struct bf_price *bf_spec_price(const struct bf_spec *spec, const char *model)
{
    for (int i = 0; i < spec->n_prices; i++)
        if (strcmp(spec->prices[i].model, model) == 0)
            return &spec->prices[i];
    return NULL;
}
