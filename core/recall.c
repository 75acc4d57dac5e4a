#include "core/recall.h"

#include <math.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/keys.h"
#include "core/pace.h"

struct bf_recall {
    const struct bf_state *st;
    struct bf_buf *identities; /* [n_probes] */
    struct bf_buf scratch;
    struct bf_arena arena; /* of one answer */
};

static bool any_costs(const struct bf_spec *spec)
{
    bool any = false;
    for (int p = 0; p < spec->n_probes; p++)
        any |= spec->probes[p].base->costs && spec->probes[p].priv;
    return any;
}

/* A ledger that is not there is not made, and one in use is left alone. */
static int open_ledger(struct bf_state *st, const char **fault_out, struct bf_err *err)
{
    struct bf_err why;
    const char *dir = st->options->out ? st->options->out
                                       : bf_arena_printf(&st->arena, "runs/%s", st->spec->name);
    const char *path = dir ? bf_path_join(&st->arena, dir, "ledger.db") : NULL;
    if (!path)
        return bf_fail_memory(err, "a path");
    if (!bf_file_exists(path))
        return BF_OK;
    const int rc = bf_ledger_open(path, &st->ledger, &why);
    if (rc == BF_OK)
        return BF_OK;
    st->ledger = NULL;
    *fault_out = bf_arena_strdup(&st->arena, why.msg);
    return *fault_out ? BF_OK : bf_fail_memory(err, "the ledger");
}

static int identify(struct bf_recall *r, struct bf_err *err)
{
    const struct bf_spec *spec = r->st->spec;
    r->identities = calloc((size_t)spec->n_probes + 1, sizeof *r->identities);
    if (!r->identities)
        return bf_fail_memory(err, "the ledger");
    for (int p = 0; p < spec->n_probes; p++)
        if (spec->probes[p].base->costs && spec->probes[p].priv)
            BF_TRY(bf_probe_identity(spec, &r->st->pool, &spec->probes[p], &r->identities[p], err));
    return BF_OK;
}

int bf_recall_open(struct bf_state *st, struct bf_recall **out, const char **fault_out,
                   struct bf_err *err)
{
    *out = NULL;
    *fault_out = NULL;
    if (!any_costs(st->spec))
        return BF_OK;
    BF_TRY(open_ledger(st, fault_out, err));
    if (!st->ledger)
        return BF_OK;
    BF_TRY(bf_ingest_recall(st, err));
    struct bf_recall *r = calloc(1, sizeof *r);
    if (!r)
        return bf_fail_memory(err, "the ledger");
    r->st = st;
    *out = r;
    return identify(r, err);
}

void bf_recall_close(struct bf_recall *r)
{
    if (!r)
        return;
    for (int p = 0; r->identities && p < r->st->spec->n_probes; p++)
        bf_buf_done(&r->identities[p]);
    free(r->identities);
    bf_buf_done(&r->scratch);
    bf_arena_reset(&r->arena);
    free(r);
}

int bf_recall_pace(struct bf_recall *r, int probe, double *seconds_out, struct bf_err *err)
{
    struct bf_pace pace;
    const int rc = bf_pace_get(r->st->ledger, r->identities[probe].data, &pace, err);
    *seconds_out = rc == BF_OK && pace.requests > 0 ? pace.seconds / pace.requests : NAN;
    return rc < 0 ? rc : BF_OK;
}

int bf_recall_answers(struct bf_recall *r, int probe, const struct bf_sample *s,
                      const struct bf_view *v, int from, int to, int *n_out, struct bf_err *err)
{
    const struct bf_state *st = r->st;
    bool good = true;
    *n_out = 0;
    for (int p = 0; p < s->n_parts; p++)
        good &= !s->parts[p].file->bad;
    for (int t = from; good && t < to; t++) {
        uint8_t key[BF_SHA_BYTES];
        struct bf_answer a;
        BF_TRY(bf_answer_key(st->spec, &st->pool, &st->spec->probes[probe],
                             r->identities[probe].data, s, v, t, &r->scratch, key, err));
        const int rc = bf_ledger_answer(st->ledger, key, &a, &r->arena, err);
        bf_arena_reset(&r->arena);
        BF_TRY(rc);
        *n_out += rc == BF_OK;
    }
    return BF_OK;
}
