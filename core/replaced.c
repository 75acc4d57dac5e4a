/* Features of what operators make, for probes that see features. */
#include "core/asking.h"

static int want(struct bf_ask *k, const struct bf_condition *c, const struct bf_reading_key *key,
                struct bf_err *err)
{
    (void)c;
    return bf_readings_want(k->st->readings, key, err);
}

/* Without it a model would see the medium as dropped, and answers that are not so be stored. */
static int is_there(struct bf_ask *k, const struct bf_condition *c,
                    const struct bf_reading_key *key, struct bf_err *err)
{
    const char *reason = NULL;
    if (bf_readings_get(k->st->readings, key, &reason))
        return BF_OK;
    return bf_fail(err, BF_EIO, "condition '%s': %s file '%s': %s", c->name,
                   k->st->spec->modalities[key->part->modality].name, key->part->file->rel_path,
                   reason);
}

/* Call `visit` for every medium that a condition puts something else in place of. */
static int each_replaced(struct bf_ask *k,
                         int (*visit)(struct bf_ask *, const struct bf_condition *,
                                      const struct bf_reading_key *, struct bf_err *),
                         struct bf_err *err)
{
    struct bf_state *st = k->st;
    for (int c = 0; c < st->conditions.n; c++)
        for (uint32_t i = 0; i < st->pool.n_samples; i++) {
            const struct bf_view *v = &k->views->v[bf_ask_at(k, c, i)];
            const struct bf_sample *s = &st->pool.samples[i];
            for (int p = 0; v->asked && p < s->n_parts; p++) {
                struct bf_reading_key key;
                if (bf_view_part(v, s, p, &key) && key.by)
                    BF_TRY(visit(k, &st->conditions.v[c], &key, err));
            }
        }
    return BF_OK;
}

int bf_ask_want_replaced(struct bf_ask *k, struct bf_err *err)
{
    struct bf_state *st = k->st;
    BF_TRY(each_replaced(k, want, err));
    BF_TRY(bf_readings_fill(st->readings, &st->workers, st->n_threads, st->options, "conditions",
                            err));
    BF_TRY(each_replaced(k, is_there, err));
    return bf_readings_load_features(st->readings, err);
}
