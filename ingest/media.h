#ifndef BF_INGEST_MEDIA_H
#define BF_INGEST_MEDIA_H

#include "core/json.h"
#include "core/spec.h"

/* The media of one row in the making. */
struct bf_row_media {
    const struct bf_spec *spec;
    const struct bf_pool_spec *source;
    const char *dir; /* where paths start from */
    const struct bf_json *row;
    struct bf_arena *a;   /* the pool's */
    struct bf_arena *tmp; /* of this row alone; `paths` are there */
    struct bf_sample *s;
    const char *paths[BF_MAX_PARTS]; /* of each part, below `dir` */
    struct bf_part parts[BF_MAX_PARTS];
};

/* Read all that the row shows: its list, then what its choices show, in their order. The words of a
 * choice get the markers of its own media behind them. Sets n_parts, has and, in the arena, parts
 * of the sample, without their files. After the gold answer, which is compared to words without
 * markers. BF_EDATA, BF_ENOMEM. */
int bf_row_media_read(struct bf_row_media *m, struct bf_err *err);

/* Whether a field of the row is read as media. */
bool bf_row_media_is_field(const struct bf_row_media *m, const char *name);

/* Index of a modality by name. BF_EDATA: it is not declared. */
int bf_row_modality(const struct bf_spec *spec, const char *name, int *out, struct bf_arena *a,
                    struct bf_err *err);

/* "image, audio": the names of a set. */
const char *bf_row_names(const struct bf_spec *spec, uint32_t set, struct bf_arena *a);

/* Find the markers <image 1> in question and choices, and the parts that they name: those stand
 * where they are named, and a part that one choice alone names is of that choice. BF_EDATA: there
 * is no such part. */
int bf_row_markers(const struct bf_spec *spec, struct bf_sample *s, struct bf_arena *a,
                   struct bf_err *err);

#endif
