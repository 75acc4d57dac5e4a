#ifndef BF_CORE_DAMAGE_H
#define BF_CORE_DAMAGE_H

#include "core/spec.h"

/* What is missing of a part, or NULL where nothing is or it was not read. Lives as its reading. */
const char *bf_part_damage(const struct bf_part *p);

/* Count once media were read. */
void bf_damage_count(const struct bf_pool *pool, struct bf_damage *out);

/* `, "damaged": {"video.1": "ends early: 1 of 2 s"}`; nothing where nothing is missing. */
void bf_damage_json(const struct bf_spec *spec, const struct bf_sample *s, struct bf_buf *out);

#endif
