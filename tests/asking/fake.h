/* Questions without a driver: a made pool, a bf_asking that counts what a probe does with it. */
#ifndef BF_TESTS_ASKING_FAKE_H
#define BF_TESTS_ASKING_FAKE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/answer.h"
#include "core/spec.h"
#include "core/view.h"
#include "probe/chat.h"

extern const struct bf_probe bf_probe_chat;

struct fake_asked {
    int n_sent; /* and not come back */
    int n_put;
    struct bf_answer answer; /* without its text */
    char text[64];           /* the beginning of it */
};

struct fake {
    struct bf_arena arena;
    struct bf_spec spec;
    struct bf_probe_spec probe;
    struct bf_pool pool;
    struct bf_question *questions;
    struct bf_view view;
    struct bf_asking asking;
    struct fake_asked *asked; /* [n] */
    struct bf_part part;
    struct bf_encoded file;
    struct bf_encoded_part encoded;
    bool every_other;    /* only odd questions show the picture */
    const char *key;     /* what env() gives */
    uint32_t stop_after; /* stopped() from so many answers on; 0 = never */
    uint32_t n_answered, n_failed;
    uint32_t most_in_flight, n_in_flight;
    struct bf_live live; /* the last one; its words are in `last_error` */
    char last_error[512];
    int n_notes;
    char note[512]; /* the last one */
};

static inline int fake_media(void *ctx, uint32_t q, const struct bf_encoded_part **parts, int *n,
                             struct bf_err *err)
{
    struct fake *f = ctx;
    (void)err;
    *n = f->file.data && !(f->every_other && q % 2 == 0);
    *parts = &f->encoded;
    return BF_OK;
}

static inline int fake_ahead(void *ctx, uint32_t q, struct bf_err *err)
{
    (void)ctx, (void)q, (void)err;
    return BF_OK;
}

static inline void fake_sent(void *ctx, uint32_t q)
{
    struct fake *f = ctx;
    f->asked[q].n_sent++;
    f->n_in_flight++;
    if (f->n_in_flight > f->most_in_flight)
        f->most_in_flight = f->n_in_flight;
}

static inline void fake_came_back(void *ctx, uint32_t q)
{
    struct fake *f = ctx;
    f->asked[q].n_sent--;
    f->n_in_flight--;
}

static inline int fake_put(void *ctx, const uint32_t *which, const struct bf_answer *answers,
                           uint32_t n, struct bf_err *err)
{
    struct fake *f = ctx;
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        struct fake_asked *x = &f->asked[which[i]];
        x->n_put++;
        x->answer = answers[i];
        snprintf(x->text, sizeof x->text, "%s", answers[i].text ? answers[i].text : "(none)");
        f->n_failed += answers[i].cls == BF_FAILED;
        f->n_answered += answers[i].cls != BF_FAILED;
        f->n_in_flight -= x->n_sent > 0;
    }
    return BF_OK;
}

static inline int fake_woken(void *ctx, struct bf_err *err)
{
    (void)ctx, (void)err;
    return BF_OK;
}

static inline bool fake_stopped(void *ctx)
{
    const struct fake *f = ctx;
    return f->stop_after && f->n_answered >= f->stop_after;
}

static inline void fake_note(void *ctx, const char *line)
{
    struct fake *f = ctx;
    f->n_notes++;
    snprintf(f->note, sizeof f->note, "%s", line);
}

static inline void fake_live(void *ctx, const struct bf_live *live)
{
    struct fake *f = ctx;
    f->live = *live;
    snprintf(f->last_error, sizeof f->last_error, "%s", live->last_error ? live->last_error : "");
}

static inline const char *fake_env(void *ctx, const char *name)
{
    return strcmp(name, "TEST_KEY") == 0 ? ((struct fake *)ctx)->key : NULL;
}

/* `n` questions with four choices; `kb` > 0: each shows one picture of so many KB of base64. */
static inline struct fake *fake_new(uint32_t n, int kb)
{
    static const char *choices[] = { "river", "stone", "table", "chair" };
    struct fake *f = calloc(1, sizeof *f);
    if (!f || bf_op_init(&bf_probe_chat.op, &f->probe.priv, &f->arena, NULL) != BF_OK)
        abort();
    f->spec.seed = 1;
    f->spec.n_modalities = 1;
    f->spec.modalities[0] =
        (struct bf_modality_use){ .name = "image", .base = bf_modality_of(BF_RASTER) };
    if (bf_op_init(&f->spec.modalities[0].base->op, &f->spec.modalities[0].priv, &f->arena, NULL))
        abort();
    f->spec.n_probes = 1;
    f->spec.probes = &f->probe;
    f->probe.name = f->probe.family = "m";
    f->probe.trials = 1;
    f->probe.base = &bf_probe_chat;
    f->pool.n_samples = n;
    f->pool.samples = calloc(n + 1, sizeof *f->pool.samples);
    f->questions = calloc(n + 1, sizeof *f->questions);
    f->asked = calloc(n + 1, sizeof *f->asked);
    f->view = (struct bf_view){ .asked = true, .kept = kb ? 1 : 0, .choices = true };
    f->part = (struct bf_part){ .number = 1 };
    f->file = (struct bf_encoded){ .mime = "image/jpeg", .n = (size_t)kb * 1024 };
    f->encoded = (struct bf_encoded_part){ .part = &f->part, .n_files = 1, .files = &f->file };
    struct bf_view *views = calloc(n + 1, sizeof *views);
    if (!f->pool.samples || !f->questions || !f->asked || !views)
        abort();
    if (kb) {
        char *data = bf_arena_alloc(&f->arena, f->file.n + 1, 1);
        for (size_t i = 0; data && i < f->file.n; i++)
            data[i] = "Ab3/"[i % 4];
        f->file.data = data;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct bf_sample *s = &f->pool.samples[i];
        s->id = bf_arena_printf(&f->arena, "q%u", i);
        s->index = i;
        s->question = bf_arena_printf(&f->arena, "Question %u: which one is next to the lamp?", i);
        s->n_choices = 4;
        s->choices = choices;
        s->gold = 2;
        s->gold_set = 4;
        s->has = kb ? 1 : 0;
        s->n_parts = kb ? 1 : 0;
        s->parts = &f->part;
        views[i] = f->view;
        views[i].question = s->question;
        f->questions[i] = (struct bf_question){ .sample = i, .view = &views[i] };
    }
    f->asking = (struct bf_asking){ .spec = &f->spec,
                                    .probe = &f->probe,
                                    .pool = &f->pool,
                                    .n = n,
                                    .questions = f->questions,
                                    .ctx = f,
                                    .media = fake_media,
                                    .media_ahead = fake_ahead,
                                    .sent = fake_sent,
                                    .came_back = fake_came_back,
                                    .put = fake_put,
                                    .woken = fake_woken,
                                    .stopped = fake_stopped,
                                    .note = fake_note,
                                    .live = fake_live,
                                    .env = fake_env };
    return f;
}

static inline void fake_set(struct fake *f, const char *option, const char *value)
{
    struct bf_err err = { 0 };
    const struct bf_opt *o = bf_opt_find(bf_probe_chat.op.opts, option);
    if (!o || bf_opt_set(o, f->probe.priv, &value, 1, &f->arena, &err) != BF_OK) {
        fprintf(stderr, "%s: %s\n", option, err.msg);
        abort();
    }
}

static inline void fake_free(struct fake *f)
{
    if (f->pool.n_samples)
        free((void *)(uintptr_t)f->questions[0].view);
    bf_arena_reset(&f->arena);
    free(f->pool.samples);
    free(f->questions);
    free(f->asked);
    free(f);
}

#endif
