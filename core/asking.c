/* Asking one probe: what it is handed, what becomes of its answers, which questions there are. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/asking.h"
#include "core/keys.h"
#include "core/pace.h"

static struct bf_ask *of(void *ctx)
{
    return ctx;
}

static const uint8_t *key_of(const struct bf_ask *k, uint32_t q)
{
    return k->keys.keys[k->asked[q].key];
}

static const float *features(void *ctx, const struct bf_sample *s, const struct bf_part *part,
                             const struct bf_view *view, int *n_out)
{
    const struct bf_ask *k = ctx;
    struct bf_reading_key key;
    if (!bf_view_part(view, s, (int)(part - s->parts), &key))
        return NULL;
    return bf_readings_features(k->st->readings, &key, n_out);
}

int bf_ask_open_encoder(struct bf_ask *k, struct bf_err *err)
{
    struct bf_state *st = k->st;
    if (k->encoder)
        return BF_OK;
    return bf_encoder_open(st->spec, &st->pool, st->run_dir, &st->workers, st->n_threads,
                           &k->encoder, err);
}

/* Descriptors can change whenever work is handed out. */
static void set_wake(struct bf_ask *k)
{
    enum { MAX = sizeof k->wake / sizeof *k->wake };
    k->wake[0] = bf_ledger_wake_fd(k->st->ledger);
    k->asking.n_wake = 1;
    if (k->encoder)
        k->asking.n_wake += bf_encoder_fds(k->encoder, k->wake + 1, MAX - 1);
}

static int media_ahead(void *ctx, uint32_t q, struct bf_err *err)
{
    struct bf_ask *k = ctx;
    const struct bf_question *x = &k->asking.questions[q];
    if (k->st->pool.samples[x->sample].n_parts == 0)
        return BF_OK;
    BF_TRY(bf_ask_open_encoder(k, err));
    BF_TRY(bf_encoder_want(k->encoder, &k->st->pool.samples[x->sample], x->view, err));
    set_wake(k);
    return BF_OK;
}

static int media(void *ctx, uint32_t q, const struct bf_encoded_part **parts_out, int *n_out,
                 struct bf_err *err)
{
    struct bf_ask *k = ctx;
    const struct bf_question *x = &k->asking.questions[q];
    *parts_out = NULL;
    *n_out = 0;
    if (k->st->pool.samples[x->sample].n_parts == 0)
        return BF_OK;
    BF_TRY(bf_ask_open_encoder(k, err));
    const int rc =
        bf_encoder_get(k->encoder, &k->st->pool.samples[x->sample], x->view, parts_out, n_out, err);
    set_wake(k);
    return rc;
}

static int woken(void *ctx, struct bf_err *err)
{
    struct bf_ask *k = ctx;
    BF_TRY(bf_ledger_woken(k->st->ledger, err));
    if (k->encoder)
        BF_TRY(bf_encoder_woken(k->encoder, err));
    set_wake(k);
    return BF_OK;
}

static void sent(void *ctx, uint32_t q)
{
    bf_ledger_sent(of(ctx)->st->ledger, key_of(ctx, q));
}

static void came_back(void *ctx, uint32_t q)
{
    bf_ledger_gave_up(of(ctx)->st->ledger, key_of(ctx, q));
}

static bool stopped(void *ctx)
{
    return bf_run_stopped(of(ctx)->st->options);
}

static void note(void *ctx, const char *line)
{
    bf_note(of(ctx)->st->options, "%s", line);
}

static const char *env(void *ctx, const char *name)
{
    const struct bf_run_options *o = of(ctx)->st->options;
    return o->env ? o->env(o->ctx, name) : NULL;
}

static int recall(void *ctx, const char *kind, const uint8_t *key, const void **value_out,
                  size_t *n_out, struct bf_arena *a, struct bf_err *err)
{
    return bf_ledger_get(of(ctx)->st->ledger, kind, key, value_out, n_out, a, err);
}

static int remember(void *ctx, const char *kind, const struct bf_kept *v, uint32_t n,
                    struct bf_err *err)
{
    struct bf_ledger *l = of(ctx)->st->ledger;
    BF_TRY(bf_ledger_begin(l, err));
    int rc = BF_OK;
    for (uint32_t i = 0; rc == BF_OK && i < n; i++)
        rc = bf_ledger_put(l, kind, v[i].key, v[i].value, v[i].n, err);
    if (rc == BF_OK)
        rc = bf_ledger_commit(l, err);
    if (rc != BF_OK) {
        bf_ledger_rollback(l);
        return rc;
    }
    for (uint32_t i = 0; i < n; i++)
        bf_ledger_gave_up(l, v[i].key);
    return BF_OK;
}

static void fly(void *ctx, const uint8_t *key, bool in_flight)
{
    struct bf_ledger *l = of(ctx)->st->ledger;
    if (in_flight)
        bf_ledger_sent(l, key);
    else
        bf_ledger_gave_up(l, key);
}

static struct bf_live *so_far(const struct bf_ask *k)
{
    return &k->so_far[k->asking.probe - k->st->spec->probes];
}

/* A probe is asked several times in a run, and knows of one; people are shown all. */
static void live(void *ctx, const struct bf_live *l)
{
    struct bf_ask *k = ctx;
    const struct bf_run_options *o = k->st->options;
    const struct bf_live *before = so_far(k);
    k->said = *l;
    struct bf_live shown = *l;
    shown.n_done = before->n_done + k->n_done;
    shown.n_total = before->n_total + k->asking.n;
    shown.n_failed += before->n_failed;
    shown.n_retried += before->n_retried;
    shown.n_saved = before->n_saved;
    shown.money += before->money;
    if (o->live)
        o->live(o->ctx, k->asking.probe->name, &shown);
}

/* What an answer means today: the rule of reading is the spec's affair, not the ledger's, and the
 * gold may have been corrected since the answer came. */
static void read_answer(const struct bf_ask *k, const struct bf_sample *s, int trial,
                        struct bf_answer *a)
{
    const struct bf_probe_spec *probe = k->asking.probe;
    uint8_t order[BF_MAX_CHOICES];
    if (a->cls == BF_FAILED)
        return;
    if (!probe->base->read) {
        if (a->cls == BF_RIGHT || a->cls == BF_WRONG)
            a->cls = bf_answer_judge(s, a);
        return;
    }
    bf_order_of(probe->orders, k->st->spec->seed, s, trial, order);
    probe->base->read(probe, s, order, a);
}

/* Count what was read. */
static int count(struct bf_ask *k, const struct bf_question *q, const struct bf_answer *a,
                 struct bf_err *err)
{
    const struct bf_sample *s = &k->st->pool.samples[q->sample];
    if (bf_judge_wants(k, s, a))
        return bf_judge_later(k, q->sample, q->condition, q->trial, a, err);
    bf_tally_add(&k->tally, bf_ask_at(k, q->condition, q->sample), s, q->trial, a);
    return BF_OK;
}

/* Hand an answer, as it was read, to the ledger. A failure is free to ask again, and says
 * nothing. */
static int record(struct bf_ask *k, uint32_t which, const struct bf_answer *a, struct bf_err *err)
{
    struct bf_state *st = k->st;
    const struct bf_question *q = &k->asking.questions[which];
    if (a->cls == BF_FAILED && k->asking.probe->base->by_content) {
        bf_ledger_gave_up(st->ledger, key_of(k, which));
        return BF_OK;
    }
    st->summary->n_answers_new++;
    st->summary->n_in += a->n_in;
    st->summary->n_out += a->n_out;
    return bf_ledger_queue_answer(st->ledger, key_of(k, which), k->asking.probe->name,
                                  st->pool.samples[q->sample].id,
                                  st->conditions.v[q->condition].name, q->trial, a, err);
}

/* The answer to one question, read for the sample at hand: its gold may be another than a
 * twin's. */
static int take_one(struct bf_ask *k, const struct bf_question *q, const uint32_t *which,
                    const struct bf_answer *answer, struct bf_err *err)
{
    struct bf_answer a = *answer;
    read_answer(k, &k->st->pool.samples[q->sample], q->trial, &a);
    if (which)
        BF_TRY(record(k, *which, &a, err));
    k->n_failed += a.cls == BF_FAILED;
    BF_TRY(count(k, q, &a, err));
    return k->answered ? k->answered(k, q->sample, q->condition, err) : BF_OK;
}

/* One question, and all others that show the same. What follows from an answer can move both
 * arrays. */
static int take(struct bf_ask *k, uint32_t which, const struct bf_answer *answer,
                struct bf_err *err)
{
    const struct bf_question q = k->asking.questions[which];
    k->asked[which].done = true;
    k->n_done++;
    BF_TRY(take_one(k, &q, &which, answer, err));
    for (uint32_t i = k->asked[which].twin; i; i = k->twins[i - 1].next) {
        const struct bf_question twin = k->twins[i - 1].q;
        BF_TRY(take_one(k, &twin, NULL, answer, err));
    }
    return BF_OK;
}

static int put(void *ctx, const uint32_t *which, const struct bf_answer *answers, uint32_t n,
               struct bf_err *err)
{
    struct bf_ask *k = ctx;
    const struct bf_run_options *o = k->st->options;
    for (uint32_t i = 0; i < n; i++)
        if (!k->asked[which[i]].done)
            BF_TRY(take(k, which[i], &answers[i], err));
    if (o->progress)
        o->progress(o->ctx, k->asking.probe->name, k->n_done, k->asking.n);
    return BF_OK;
}

static int grow(struct bf_ask *k, struct bf_err *err)
{
    const uint32_t cap = k->cap ? k->cap * 2 : 1024;
    struct bf_question *questions =
        realloc((void *)(uintptr_t)k->asking.questions, cap * sizeof *questions);
    if (questions)
        k->asking.questions = questions;
    struct bf_asked *asked = realloc(k->asked, cap * sizeof *asked);
    if (asked)
        k->asked = asked;
    uint32_t *first_of = realloc(k->first_of, cap * sizeof *first_of);
    if (first_of)
        k->first_of = first_of;
    if (!questions || !asked || !first_of)
        return bf_fail_memory(err, "questions");
    k->cap = cap;
    return BF_OK;
}

/* Add a question of a key that is new, or that the probe failed to answer before. */
static int add_question(struct bf_ask *k, const struct bf_question *q,
                        const uint8_t key[BF_SHA_BYTES], uint32_t number, struct bf_err *err)
{
    if (k->asking.n == k->cap)
        BF_TRY(grow(k, err));
    if (number == BF_NO_KEY) {
        if (bf_keymap_add(&k->keys, key) != BF_OK)
            return bf_fail_memory(err, "questions");
        number = k->keys.n - 1;
    }
    k->first_of[number] = k->asking.n;
    k->asked[k->asking.n] = (struct bf_asked){ .key = number };
    ((struct bf_question *)(uintptr_t)k->asking.questions)[k->asking.n++] = *q;
    return BF_OK;
}

static int add_twin(struct bf_ask *k, const struct bf_question *q, struct bf_asked *of,
                    struct bf_err *err)
{
    if (k->n_twins == k->cap_twins) {
        const uint32_t cap = k->cap_twins ? k->cap_twins * 2 : 256;
        struct bf_twin *more = realloc(k->twins, cap * sizeof *more);
        if (!more)
            return bf_fail_memory(err, "questions");
        k->twins = more;
        k->cap_twins = cap;
    }
    k->twins[k->n_twins++] = (struct bf_twin){ *q, of->twin };
    of->twin = k->n_twins;
    return BF_OK;
}

int bf_ask_one(struct bf_ask *k, uint32_t sample, int condition, int trial, bool *known_out,
               struct bf_err *err)
{
    struct bf_state *st = k->st;
    const struct bf_view *view = &k->views->v[bf_ask_at(k, condition, sample)];
    const struct bf_question q = { sample, condition, trial, view };
    uint8_t key[BF_SHA_BYTES];
    struct bf_answer a;
    struct bf_arena tmp = { 0 };
    BF_TRY(bf_answer_key(st->spec, &st->pool, k->asking.probe, k->identity.data,
                         &st->pool.samples[sample], view, trial, &k->scratch, key, err));
    *known_out = false;
    const uint32_t number = bf_keymap_find(&k->keys, key);
    struct bf_asked *first = number == BF_NO_KEY ? NULL : &k->asked[k->first_of[number]];
    if (first && !first->done)
        return add_twin(k, &q, first, err);
    if (first) /* answered a moment ago: it may still be on its way to the disk */
        BF_TRY(bf_ledger_flush(st->ledger, err));
    int rc = bf_ledger_answer(st->ledger, key, &a, &tmp, err);
    if (rc == BF_OK) {
        read_answer(k, &st->pool.samples[sample], trial, &a);
        rc = count(k, &q, &a, err);
        *known_out = true;
        st->summary->n_answers_cached++;
    } else if (rc == BF_END) {
        rc = add_question(k, &q, key, number, err);
    }
    bf_arena_reset(&tmp);
    return rc;
}

int bf_ask_begin(struct bf_ask *k, int probe, struct bf_err *err)
{
    struct bf_state *st = k->st;
    const struct bf_probe_spec *p = &st->spec->probes[probe];
    const size_t n = (size_t)st->conditions.n * st->pool.n_samples;
    struct bf_votes *votes = bf_probe_curtailed(st->spec, probe) ? st->votes + probe * n : NULL;
    k->n_done = k->n_failed = 0;
    k->identity.len = 0;
    k->asking.n = k->n_twins = 0;
    k->asking.probe = p;
    bf_keymap_done(&k->keys);
    BF_TRY(bf_tally_open(&k->tally, st->cells + probe * n, votes, n, err));
    return bf_probe_identity(st->spec, &st->pool, p, &k->identity, err);
}

static double now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Questions that the probe left without an answer. */
static uint64_t count_open(const struct bf_ask *k)
{
    uint64_t n = 0;
    for (uint32_t q = 0; q < k->asking.n; q++) {
        n += !k->asked[q].done;
        for (uint32_t i = k->asked[q].twin; i && !k->asked[q].done; i = k->twins[i - 1].next)
            n++;
    }
    return n;
}

/* What was said of the asking that ends is kept for the next one. */
static void keep_said(struct bf_ask *k)
{
    struct bf_live *l = so_far(k);
    l->n_done += k->n_done;
    l->n_total += k->asking.n;
    l->n_failed += k->said.n_failed;
    l->n_retried += k->said.n_retried;
    l->money += k->said.money;
}

int bf_ask_run(struct bf_ask *k, struct bf_err *err)
{
    struct bf_state *st = k->st;
    const struct bf_probe *base = k->asking.probe->base;
    if (k->asking.n == 0)
        return BF_OK;
    if (base->sees_features)
        BF_TRY(bf_ask_want_replaced(k, err));
    set_wake(k);
    const struct bf_pace begin = { k->spent.requests, now_seconds() };
    k->said = (struct bf_live){ .money = NAN };
    if (base->costs) /* so that it is known from now on that requests are under way */
        live(k, &k->said);
    const int rc = base->ask(&k->asking, err);
    keep_said(k);
    const struct bf_pace took = { k->spent.requests - begin.requests,
                                  now_seconds() - begin.seconds };
    if (base->costs)
        st->summary->asking_seconds += took.seconds;
    BF_TRY(rc);
    if (took.requests > 0)
        BF_TRY(bf_pace_add(st->ledger, k->identity.data, &took, err));
    if (rc == BF_END)
        snprintf(k->waiting, sizeof k->waiting, "%s", err->msg);
    st->summary->n_unmeasured += count_open(k);
    return BF_OK;
}

/* What was received is on disk before anything else happens, failure or not. */
int bf_ask_end(struct bf_ask *k, int rc, struct bf_err *err)
{
    const int flushed = bf_ledger_flush(k->st->ledger, rc < 0 ? NULL : err);
    if (rc >= 0)
        rc = flushed;
    if (rc >= 0)
        rc = bf_judge_all(k, err);
    k->st->summary->n_failed += k->n_failed;
    bf_tally_close(&k->tally);
    return rc;
}

int bf_views_make(const struct bf_state *st, struct bf_views *out, struct bf_err *err)
{
    const size_t n = (size_t)st->conditions.n * st->pool.n_samples;
    out->v = calloc(n + 1, sizeof *out->v);
    out->same = calloc(n + 1, sizeof *out->same);
    if (!out->v || !out->same)
        return bf_fail_memory(err, "views");
    for (int c = 0; c < st->conditions.n; c++)
        for (uint32_t i = 0; i < st->pool.n_samples; i++) {
            struct bf_view *v = &out->v[(size_t)c * st->pool.n_samples + i];
            int16_t *same = &out->same[(size_t)c * st->pool.n_samples + i];
            bf_view_of(&st->conditions.v[c], &st->pool.samples[i], v);
            *same = v->asked ? (int16_t)c : -1;
            for (int e = 0; v->asked && e < c; e++) {
                const struct bf_view *w = &out->v[(size_t)e * st->pool.n_samples + i];
                if (bf_view_same(w, v)) {
                    *same = (int16_t)e;
                    break;
                }
            }
        }
    return BF_OK;
}

void bf_views_done(struct bf_views *v)
{
    free(v->v);
    free(v->same);
    *v = (struct bf_views){ 0 };
}

static int make_cells(struct bf_state *st, struct bf_err *err)
{
    const size_t n = (size_t)st->spec->n_probes * (size_t)st->conditions.n * st->pool.n_samples;
    bool curtailed = false;
    for (int p = 0; p < st->spec->n_probes; p++)
        curtailed |= bf_probe_curtailed(st->spec, p);
    st->cells = malloc((n + 1) * sizeof *st->cells);
    st->votes = curtailed ? malloc((n + 1) * sizeof *st->votes) : NULL;
    if (!st->cells || (curtailed && !st->votes))
        return bf_fail_memory(err, "the table of answers");
    bf_tally_clear(st->cells, st->votes, n);
    return BF_OK;
}

void bf_ask_bind(struct bf_ask *k, struct bf_state *st, struct bf_views *views)
{
    *k = (struct bf_ask){
        .st = st,
        .views = views,
        .asking = {
            .spec = st->spec,
            .pool = &st->pool,
            .conditions = &st->conditions,
            .n_threads = st->n_threads,
            .run_dir = st->run_dir,
            .features = features,
            .media = media,
            .media_ahead = media_ahead,
            .sent = sent,
            .came_back = came_back,
            .put = put,
            .woken = woken,
            .stopped = stopped,
            .note = note,
            .live = live,
            .env = env,
            .recall = recall,
            .remember = remember,
            .fly = fly,
        },
    };
    k->asking.ctx = k;
    k->asking.wake = k->wake;
    k->asking.spent = &k->spent;
}

int bf_ask_open(struct bf_ask *k, struct bf_state *st, struct bf_views *views, struct bf_err *err)
{
    bf_ask_bind(k, st, views);
    k->so_far = calloc((size_t)st->spec->n_probes + 1, sizeof *k->so_far);
    if (!k->so_far)
        return bf_fail_memory(err, "probes");
    BF_TRY(bf_views_make(st, views, err));
    return make_cells(st, err);
}

void bf_ask_close(struct bf_ask *k)
{
    bf_encoder_close(k->encoder);
    free((void *)(uintptr_t)k->asking.questions);
    free(k->asked);
    free(k->first_of);
    free(k->twins);
    bf_keymap_done(&k->keys);
    bf_buf_done(&k->identity);
    bf_buf_done(&k->scratch);
    free(k->so_far);
    bf_judge_done(k);
}
