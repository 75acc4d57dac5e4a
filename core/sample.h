#ifndef BF_CORE_SAMPLE_H
#define BF_CORE_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/hash.h"
#include "core/media.h"

enum bf_task { BF_CHOICE, BF_CHOICES, BF_YESNO, BF_NUMBER, BF_FREE_TEXT, BF_TASK_COUNT };

/* The name a pool uses: "choice", "choices", "yesno", "number", "text". */
const char *bf_task_name(enum bf_task task);

enum {
    BF_MAX_MODALITIES = 16, /* in one pool */
    BF_MAX_LATTICE = 6,     /* in one sample */
    BF_MAX_CHOICES = 26,
    BF_MAX_EXTRAS = 32, /* fields of a row kept for balance; more are left out */
    BF_MAX_PARTS = 64,  /* in one sample */
};

/* One media file of the pool, once however many samples show it. */
struct bf_file {
    const char *path;     /* as opened; never shown, hashed into keys, or emitted */
    const char *rel_path; /* as the pool writes it, on one line: for messages only */
    uint8_t sha[BF_SHA_BYTES];
    const char *bad; /* NULL, or why it cannot be used */
    uint32_t index;  /* in bf_pool.files */
    /* [modality], filled by ingest for the modalities it is used as; of a pool's files only the
     * first bf_pool.n_modalities are there */
    struct bf_reading *readings[BF_MAX_MODALITIES];
};

/* One file read as one modality. Its features are kept apart: core/readings.h has them. */
struct bf_reading {
    struct bf_media_info info;
    uint64_t fingerprint; /* 64-bit perceptual hash: near-duplicates differ in few bits */
};

/* One piece of media of a sample. */
struct bf_part {
    int modality;         /* index into bf_spec.modalities */
    int number;           /* 1-based among the sample's parts of that modality: image.1 */
    struct bf_file *file; /* two parts may share one (a clip and its sound) */
    const char *marker;   /* "<image 2>" where the sample's words name it: it stands there. NULL: it
                             stands before them */
    int choice;           /* 1-based: the choice that it is part of, and goes with; 0 = of none */
    bool in_choice;       /* the pool gives it with that choice, not in the sample's list */
};

/* One field of a pool row that has no meaning of its own: usable for balance. */
struct bf_extra {
    const char *name, *value;
};

/* One question with its choices, its gold answer and the media it shows. */
struct bf_sample {
    const char *id;
    uint32_t index; /* position in the pool, set-aside ones not counted */
    enum bf_task task;
    const char *question;
    int n_choices;         /* 0 for number and text; yesno always has "yes", "no" */
    const char **choices;  /* [n_choices]; a choice's identity is its index here */
    int gold;              /* index of the gold choice (choice, yesno), else -1 */
    uint32_t gold_set;     /* bit per gold choice (choice, choices, yesno) */
    double gold_number;    /* number */
    const char *gold_text; /* as the pool writes it */
    const char *category;  /* "" when the pool gives none */
    const char *licence;   /* "" when the pool gives none */
    const char *origin;    /* "pool.jsonl:12", for messages only */
    uint32_t has;          /* modalities shown, bit per index */
    uint32_t target;       /* modalities it claims to test, a subset of `has` */
    int n_parts;
    struct bf_part *parts;
    int n_extras;
    struct bf_extra *extras;
    uint32_t group; /* samples that share media, directly or through others */
    bool anchored_known;
    uint32_t anchored; /* what bf_order_anchored() says, once bf_pool_add() has asked it */
};

/* A row that could not be used. */
struct bf_set_aside {
    const char *where; /* "pool.jsonl:12" */
    const char *id;    /* NULL when it could not be read */
    const char *reason;
    bool damaged; /* its media can be read, but part of them is missing */
};

/* How many samples show media that were not read in full, or with a remark. */
struct bf_damage {
    uint32_t n_aside;  /* set aside because part of their media is missing */
    uint32_t n_kept;   /* the same, but kept, as the spec says */
    uint32_t n_warned; /* whole, with a remark that a person should know of */
};

/* Everything ingest found, in pool order. */
struct bf_pool {
    struct bf_arena arena;
    uint32_t n_samples, cap_samples;
    struct bf_sample *samples; /* malloc'ed; strings and parts live in the arena */
    uint32_t n_set_aside, cap_set_aside;
    struct bf_set_aside *set_aside; /* malloc'ed */
    int n_modalities; /* of the spec, 0 = as many as there can be; set before there are files */
    uint32_t n_files, cap_files;
    struct bf_file **files;      /* malloc'ed array, distinct paths, files in the arena */
    struct bf_name_map *by_path; /* opaque: position in `files` by path */
    struct bf_name_map
        *by_id; /* opaque: position of each id as it was added; for bf_pool_add only */
    uint32_t n_groups;
    uint8_t digest[BF_SHA_BYTES]; /* of all samples' words, gold and media content, in order */
    double mean_rgb[BF_MAX_MODALITIES][3]; /* over the pool's files of a raster or clip modality */
};

void bf_pool_done(struct bf_pool *pool);

/* Append a copy of `*s`, whose strings and parts live in the pool's arena or longer; its index is
 * set. BF_EDATA when the id is there already (the message names where), BF_ENOMEM. */
int bf_pool_add(struct bf_pool *pool, const struct bf_sample *s, struct bf_err *err);

/* No more samples and files are to come: what only adding needs is given back. */
void bf_pool_complete(struct bf_pool *pool);

/* Remember a row that cannot be used; strings are copied. */
int bf_pool_set_aside(struct bf_pool *pool, const char *where, const char *id, const char *reason,
                      struct bf_err *err);

/* What outputs call the state of such a row: "unreadable" or "damaged". */
BF_API const char *bf_set_aside_status(const struct bf_set_aside *s);

/* The file at `path`, added when it is new. Does not open it. */
int bf_pool_file(struct bf_pool *pool, const char *path, const char *rel_path,
                 struct bf_file **file_out, struct bf_err *err);

/* Field of a sample by the name a spec uses: category, task, answer (the gold letter or value),
 * target ("image+audio"), licence, or an extra field; NULL when it has none. `scratch` must
 * outlive use. */
const char *bf_sample_field(const struct bf_sample *s, const char *name,
                            const char *const *modality_names, struct bf_arena *scratch);

#endif
