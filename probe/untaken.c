/* Questions that show what a probe does not take. */
#include "probe/untaken.h"

#include <stdio.h>

#include "core/spec.h"
#include "core/view.h"

uint32_t bf_untaken_shown(const struct bf_asking *asking, uint32_t q)
{
    const struct bf_question *x = &asking->questions[q];
    return asking->pool->samples[x->sample].has & ~x->view->dropped;
}

bool bf_untaken_see(struct bf_untaken *u, const struct bf_asking *asking, uint32_t q)
{
    const uint32_t more = bf_untaken_shown(asking, q) & ~u->takes;
    if (more && u->n++ == 0)
        u->first = more;
    return more != 0;
}

void bf_untaken_note(const struct bf_untaken *u, const struct bf_asking *asking)
{
    char line[256];
    int m = 0;
    if (u->n == 0)
        return;
    while (!(u->first & BF_BIT(m)))
        m++;
    snprintf(line, sizeof line,
             "probe '%s': %u question%s show%s what it does not take, the first %.60s: left "
             "unmeasured",
             asking->probe->name, u->n, u->n == 1 ? "" : "s", u->n == 1 ? "s" : "",
             asking->spec->modalities[m].name);
    asking->note(asking->ctx, line);
}
