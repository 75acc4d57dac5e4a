/* The first requests of every probe, as they would be sent. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/encoded.h"
#include "core/json.h"
#include "core/state.h"

/* One question that is shown. */
struct picked {
    int probe, condition, trial;
    const char *id; /* of its sample: places change when samples are set aside */
};

struct previewing {
    struct bf_state st;
    struct bf_encoder *encoder; /* opened on first need */
    uint32_t n;
    struct picked *v;
    /* of the question being shown */
    struct bf_question question;
    struct bf_view view;
    void (*show)(void *ctx, const struct bf_preview *p);
    void *ctx;
};

/* --- JSON for people ---------------------------------------------------------------------- */

/* "133,264". */
static void print_grouped(size_t n, struct bf_buf *out)
{
    char digits[24];
    const int len = snprintf(digits, sizeof digits, "%zu", n);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            bf_buf_char(out, ',');
        bf_buf_char(out, digits[i]);
    }
}

/* Words stay whole; of media in base64 the beginning says enough. */
static void print_text(const char *s, struct bf_buf *out)
{
    static const char base64[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    enum { LONG = 256, SHOWN = 8 };
    const char *mark = strstr(s, ";base64,");
    const char *data = mark && strncmp(s, "data:", 5) == 0 ? mark + strlen(";base64,") : s;
    const size_t n = strlen(data);
    if (n <= LONG || strspn(data, base64) < n) {
        bf_buf_json(out, s);
        return;
    }
    struct bf_buf text = { 0 };
    bf_buf_add(&text, s, (size_t)(data - s) + SHOWN);
    bf_buf_str(&text, "... (");
    print_grouped(n, &text);
    bf_buf_str(&text, " characters)");
    bf_buf_json(out, text.failed ? "" : text.data);
    out->failed |= text.failed;
    bf_buf_done(&text);
}

static void print_json(const struct bf_json *v, int depth, struct bf_buf *out)
{
    const enum bf_json_kind kind = bf_json_kind(v);
    const bool list = kind == BF_JSON_ARRAY;
    struct bf_json_iter it = { 0 };
    struct bf_arena a = { 0 };
    const struct bf_json *item;
    const char *key, *scalar;
    int n = 0;
    if (kind == BF_JSON_STRING) {
        print_text(bf_json_string(v), out);
    } else if (!list && kind != BF_JSON_OBJECT) {
        scalar = bf_json_scalar(v, &a);
        bf_buf_str(out, scalar ? scalar : "null");
    } else {
        bf_buf_char(out, list ? '[' : '{');
        while (bf_json_each(v, &it, &key, &item)) {
            bf_buf_printf(out, "%s\n%*s", n++ ? "," : "", 2 * depth + 2, "");
            if (!list) {
                bf_buf_json(out, key);
                bf_buf_str(out, ": ");
            }
            print_json(item, depth + 1, out);
        }
        if (n)
            bf_buf_printf(out, "\n%*s", 2 * depth, "");
        bf_buf_char(out, list ? ']' : '}');
    }
    bf_arena_reset(&a);
}

/* --- Questions ---------------------------------------------------------------------------- */

/* Whether a probe is asked this, and nothing earlier shows the sample the same. */
static bool is_asked(const struct bf_conditions *conditions, const struct bf_probe_spec *p, int c,
                     const struct bf_sample *s)
{
    struct bf_view v, earlier;
    bf_view_of(&conditions->v[c], s, &v);
    bool asked = v.asked && bf_probe_is_asked(p, conditions->v[c].name);
    for (int e = 0; e < c && asked; e++) {
        bf_view_of(&conditions->v[e], s, &earlier);
        asked = !bf_probe_is_asked(p, conditions->v[e].name) || !bf_view_same(&earlier, &v);
    }
    return asked;
}

/* The first `n` of one probe, in the order they are asked. */
static void pick(struct previewing *w, int probe, uint32_t n)
{
    const struct bf_pool *pool = &w->st.pool;
    const struct bf_probe_spec *p = &w->st.spec->probes[probe];
    const int trials = bf_probe_curtailed(w->st.spec, probe) ? 1 : p->trials;
    const uint32_t end = w->n + n;
    for (int c = 0; c < w->st.conditions.n; c++)
        for (uint32_t i = 0; i < pool->n_samples && w->n < end; i++)
            for (int t = 0; t < trials && w->n < end; t++)
                if (is_asked(&w->st.conditions, p, c, &pool->samples[i]))
                    w->v[w->n++] = (struct picked){ probe, c, t, pool->samples[i].id };
}

static int pick_all(struct previewing *w, uint32_t n, struct bf_err *err)
{
    const struct bf_spec *spec = w->st.spec;
    w->v = bf_arena_alloc(&w->st.arena, (size_t)spec->n_probes * n + 1, sizeof *w->v);
    if (!w->v)
        return bf_fail_memory(err, "requests");
    for (int p = 0; p < spec->n_probes; p++)
        if (spec->probes[p].base->preview && spec->probes[p].priv && !spec->probes[p].judge)
            pick(w, p, n);
    return BF_OK;
}

static bool shows(const struct bf_pool *pool, const struct bf_file *f)
{
    bool shown = false;
    for (uint32_t i = 0; i < pool->n_samples && !shown; i++)
        for (int p = 0; p < pool->samples[i].n_parts && !shown; p++)
            shown = pool->samples[i].parts[p].file == f;
    return shown;
}

/* The rest of the pool is not opened. */
static void keep_picked(struct previewing *w)
{
    struct bf_pool *pool = &w->st.pool;
    uint32_t n = 0, n_files = 0;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        bool picked = false;
        for (uint32_t k = 0; k < w->n && !picked; k++)
            picked = w->v[k].id == pool->samples[i].id;
        if (picked)
            pool->samples[n++] = pool->samples[i];
    }
    pool->n_samples = n;
    for (uint32_t i = 0; i < pool->n_files; i++)
        if (shows(pool, pool->files[i]))
            pool->files[n_files++] = pool->files[i];
    pool->n_files = n_files;
}

/* --- What a probe is handed --------------------------------------------------------------- */

static int wait_for_media(struct previewing *w, struct bf_err *err)
{
    enum { MAX = 16 };
    int fds[MAX];
    struct pollfd wait[MAX];
    const int n = bf_encoder_fds(w->encoder, fds, MAX);
    for (int i = 0; i < n; i++)
        wait[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
    if (n == 0)
        return bf_fail(err, BF_EIO, "nobody makes the media of sample '%s'",
                       w->st.pool.samples[w->question.sample].id);
    if (poll(wait, (nfds_t)n, -1) < 0 && errno != EINTR)
        return bf_fail(err, BF_EIO, "cannot wait for media: %s", strerror(errno));
    return bf_encoder_woken(w->encoder, err);
}

/* There is nothing else to do meanwhile: never BF_END. */
static int media(void *ctx, uint32_t q, const struct bf_encoded_part **parts_out, int *n_out,
                 struct bf_err *err)
{
    (void)q;
    struct previewing *w = ctx;
    struct bf_state *st = &w->st;
    const struct bf_sample *s = &st->pool.samples[w->question.sample];
    *parts_out = NULL;
    *n_out = 0;
    if (s->n_parts == 0)
        return BF_OK;
    if (!w->encoder)
        BF_TRY(bf_encoder_open(st->spec, &st->pool, "/tmp", &st->workers, st->n_threads,
                               &w->encoder, err));
    BF_TRY(bf_encoder_want(w->encoder, s, &w->view, err));
    int rc = bf_encoder_get(w->encoder, s, &w->view, parts_out, n_out, err);
    while (rc == BF_END) {
        BF_TRY(wait_for_media(w, err));
        rc = bf_encoder_get(w->encoder, s, &w->view, parts_out, n_out, err);
    }
    return rc;
}

static int media_ahead(void *ctx, uint32_t q, struct bf_err *err)
{
    (void)ctx, (void)q, (void)err;
    return BF_OK;
}

static bool stopped(void *ctx)
{
    (void)ctx;
    return false;
}

/* What the probe would send, made readable. */
static int print_request(const struct bf_asking *asking, struct bf_buf *out, struct bf_err *err)
{
    struct bf_buf body = { 0 };
    struct bf_json_doc *doc = NULL;
    int rc = asking->probe->base->preview(asking, 0, &body, err);
    if (rc == BF_OK && body.failed)
        rc = bf_fail_memory(err, "a request");
    if (rc == BF_OK)
        rc = bf_json_parse(body.data ? body.data : "", body.len, &doc, err);
    if (rc == BF_OK)
        print_json(bf_json_root(doc), 0, out);
    if (rc == BF_OK && out->failed)
        rc = bf_fail_memory(err, "a request");
    bf_json_free(&doc);
    bf_buf_done(&body);
    return rc;
}

static int show_one(struct previewing *w, const struct picked *x, struct bf_err *err)
{
    struct bf_state *st = &w->st;
    struct bf_buf text = { 0 };
    struct bf_err why = { .msg = "" };
    struct bf_preview p = { .probe = st->spec->probes[x->probe].name,
                            .sample = x->id,
                            .condition = st->conditions.v[x->condition].name,
                            .trial = x->trial };
    uint32_t i = 0;
    while (i < st->pool.n_samples && st->pool.samples[i].id != x->id)
        i++;
    int rc = BF_EDATA;
    if (i < st->pool.n_samples) {
        bf_view_of(&st->conditions.v[x->condition], &st->pool.samples[i], &w->view);
        w->question = (struct bf_question){ i, x->condition, x->trial, &w->view };
        const struct bf_asking asking = {
            .spec = st->spec,
            .probe = &st->spec->probes[x->probe],
            .pool = &st->pool,
            .conditions = &st->conditions,
            .n = 1,
            .questions = &w->question,
            .n_threads = st->n_threads,
            .ctx = w,
            .media = media,
            .media_ahead = media_ahead,
            .stopped = stopped,
        };
        rc = print_request(&asking, &text, &why);
        p.fault = why.msg;
    }
    for (uint32_t k = 0; k < st->pool.n_set_aside; k++)
        if (st->pool.set_aside[k].id && strcmp(st->pool.set_aside[k].id, x->id) == 0)
            p.fault = st->pool.set_aside[k].reason;
    if (rc == BF_OK) {
        p.fault = NULL;
        p.request = text.data;
    }
    const bool shown = rc == BF_OK || rc == BF_EDATA || rc == BF_EMODEL;
    if (shown)
        w->show(w->ctx, &p);
    else if (err)
        *err = why;
    bf_buf_done(&text);
    return shown ? BF_OK : rc;
}

static int preview(struct previewing *w, uint32_t n, struct bf_err *err)
{
    struct bf_state *st = &w->st;
    const bool all = bf_needs_others(st->spec);
    BF_TRY(bf_ingest_rows(st->spec, &st->pool, err));
    if (all)
        BF_TRY(bf_ingest_media(st, err));
    BF_TRY(bf_conditions_expand(st->spec, &st->pool, &st->conditions, &st->arena, err));
    BF_TRY(pick_all(w, n, err));
    if (!all) {
        keep_picked(w);
        BF_TRY(bf_ingest_media(st, err));
    }
    for (uint32_t i = 0; i < w->n; i++)
        BF_TRY(show_one(w, &w->v[i], err));
    return BF_OK;
}

int bf_check_requests(const struct bf_spec *spec, int n,
                      void (*show)(void *ctx, const struct bf_preview *p), void *ctx,
                      struct bf_err *err)
{
    const struct bf_run_options options = { 0 };
    struct previewing w = { .st = { .spec = spec, .options = &options, .n_threads = 2 },
                            .show = show,
                            .ctx = ctx };
    const int rc = preview(&w, n > 0 ? (uint32_t)n : 0, err);
    bf_encoder_close(w.encoder);
    bf_workers_close(w.st.workers);
    bf_readings_close(w.st.readings);
    bf_pool_done(&w.st.pool);
    bf_arena_reset(&w.st.arena);
    return rc;
}
