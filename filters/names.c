/* What filters share: names of probes and conditions, and which targets a condition is about. */
#include "filters/names.h"

#include <string.h>

#include "core/text.h"

int bf_probe_index(const struct bf_spec *spec, const char *name)
{
    for (int i = 0; i < spec->n_probes; i++)
        if (strcmp(spec->probes[i].name, name) == 0)
            return i;
    return -1;
}

/* "did you mean 'x'?", or a list of what there is. `names` [n] and one more place for NULL. */
static void suggest(const char *word, const char **names, int n, struct bf_buf *out)
{
    names[n] = NULL;
    const char *near = bf_text_near(word, names);
    if (near) {
        bf_buf_printf(out, "did you mean '%s'", near);
        return;
    }
    bf_buf_str(out, n ? "allowed: " : "there is none");
    for (int i = 0; i < n; i++)
        bf_buf_printf(out, "%s%s", i ? ", " : "", names[i]);
}

static int unknown(const char *filter, const char *what, const char *word, const char **names,
                   int n, struct bf_err *err)
{
    struct bf_buf hint = { .max = 512 };
    suggest(word, names, n, &hint);
    const int rc = bf_fail(err, BF_EINVAL, "%s: no %s is called '%.200s'; %s", filter, what, word,
                           hint.data && !hint.failed ? hint.data : "see the spec");
    bf_buf_done(&hint);
    return rc;
}

int bf_check_voter(const char *filter, const struct bf_spec *spec, const char *probe,
                   struct bf_err *err)
{
    enum { MAX = 64 };
    const char *names[MAX + 1];
    int n = 0;

    const int p = bf_probe_index(spec, probe);
    if (p >= 0 && !bf_probe_votes(&spec->probes[p]))
        return bf_fail(err, BF_EINVAL, "%s: probe '%s' is %s, so it takes no part in filters",
                       filter, probe, spec->probes[p].judge ? "a judge" : "held out");
    if (p >= 0)
        return BF_OK;
    for (int i = 0; i < spec->n_probes && n < MAX; i++)
        if (bf_probe_votes(&spec->probes[i]))
            names[n++] = spec->probes[i].name;
    return unknown(filter, "probe", probe, names, n, err);
}

int bf_check_condition(const char *filter, const struct bf_spec *spec, const char *condition,
                       struct bf_err *err)
{
    enum { MAX = 64 };
    const char *names[MAX + 1];
    int n = 0;

    if (bf_condition_known(spec, condition))
        return BF_OK;
    for (int i = 0; i < spec->n_conditions && n < MAX; i++)
        names[n++] = spec->conditions[i].name;
    return unknown(filter, "condition", condition, names, n, err);
}

int bf_check_asked(const char *filter, const struct bf_spec *spec, int probe, const char *condition,
                   struct bf_err *err)
{
    if (bf_probe_is_asked(&spec->probes[probe], condition))
        return BF_OK;
    return bf_fail(err, BF_EINVAL,
                   "%s: probe '%s' is not asked under '%s', which its 'under' lacks", filter,
                   spec->probes[probe].name, condition);
}

uint32_t bf_targets_removed(const struct bf_sample *s, const struct bf_view *v, uint32_t targets)
{
    const uint32_t removed = targets & s->has & ~v->kept;
    return removed ? removed : targets;
}
