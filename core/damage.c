/* Media that can be read but not in full: who shows them, and what is said of it. */
#include "core/damage.h"

static const struct bf_reading *reading_of(const struct bf_part *p)
{
    return p->file->readings[p->modality];
}

const char *bf_part_damage(const struct bf_part *p)
{
    const struct bf_reading *r = reading_of(p);
    return r && r->info.damaged ? r->info.warning : NULL;
}

void bf_damage_count(const struct bf_pool *pool, struct bf_damage *out)
{
    struct bf_damage d = { 0 };
    for (uint32_t i = 0; i < pool->n_set_aside; i++)
        d.n_aside += pool->set_aside[i].damaged;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        const struct bf_sample *s = &pool->samples[i];
        bool damaged = false, warned = false;
        for (int k = 0; k < s->n_parts; k++) {
            const struct bf_reading *r = reading_of(&s->parts[k]);
            damaged = damaged || bf_part_damage(&s->parts[k]);
            warned = warned || (r && *r->info.warning);
        }
        d.n_kept += damaged;
        d.n_warned += warned && !damaged;
    }
    *out = d;
}

void bf_damage_json(const struct bf_spec *spec, const struct bf_sample *s, struct bf_buf *out)
{
    bool any = false;
    for (int k = 0; k < s->n_parts; k++) {
        const struct bf_part *p = &s->parts[k];
        const char *damage = bf_part_damage(p);
        if (!damage)
            continue;
        bf_buf_printf(out, "%s\"%s.%d\": ", any ? ", " : ", \"damaged\": {",
                      spec->modalities[p->modality].name, p->number);
        bf_buf_json(out, damage);
        any = true;
    }
    bf_buf_str(out, any ? "}" : "");
}
