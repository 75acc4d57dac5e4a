/* Probe `batch`: requests are written as files for a batch endpoint, and answers taken from the
 * files that it gives back. See docs/asking.md, "Batch files". */
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/answer.h"
#include "core/encoded.h"
#include "core/json.h"
#include "core/marker.h"
#include "core/order.h"
#include "probe/batch_files.h"
#include "probe/chat.h"
#include "probe/child.h"
#include "probe/prompts/manner.h"
#include "probe/server/mend.h"
#include "probe/server/reply.h"
#include "probe/server/spending.h"
#include "probe/untaken.h"

enum {
    AHEAD = 32,      /* questions whose media are made before they are written */
    MOST_TRIES = 100 /* of the option `attempts` */
};
static const double live_seconds = 0.5;

struct batch {
    const char *url_path;
    int max_lines;
    double max_megabytes;
    int attempts; /* of one request */
    struct bf_manner manner;
};

/* Asking in files. */
struct filing {
    const struct bf_asking *asking;
    const struct batch *o;
    struct bf_batch_files *files;
    struct bf_untaken untaken;
    struct bf_spending tally; /* what waits counts as asked and not answered */
    char limit[64];           /* the limit that was reached, "" = none */
    struct bf_buf body, line, reply;
    struct bf_arena arena; /* of one answer */
    uint32_t n, cap;
    uint32_t *missing;    /* [n] questions to be written */
    uint32_t n_again;     /* of those, such as came back with an error */
    char last_error[300]; /* of them */
    struct bf_live live;
    double told; /* seconds: when asking->live was called */
};

/* --- Names -------------------------------------------------------------------------------- */

/* A request is named by all that decides it: its body as it would be without media, what decides
 * the bytes of these, and the trial. So nothing has to be decoded to find its answer. */
static int name_request(struct filing *f, uint32_t q, struct bf_batch_id *out, struct bf_err *err)
{
    const struct bf_asking *asking = f->asking;
    const struct bf_question *x = &asking->questions[q];
    uint8_t sha[BF_SHA_BYTES];
    BF_TRY(bf_manner_body(&f->o->manner, asking, q, NULL, 0, &f->body, err));
    bf_buf_printf(&f->body, "\ntrial=%d\n", x->trial);
    const struct bf_sample *s = &asking->pool->samples[x->sample];
    if (bf_sample_is_marked(s))
        bf_buf_printf(&f->body, "placed v%d\n", BF_PLACED_VERSION);
    bf_encoder_print(asking->spec, asking->pool, s, x->view, &f->body);
    if (f->body.failed)
        return bf_fail_memory(err, "a request");
    bf_sha256(f->body.data, f->body.len, sha);
    memcpy(out->v, sha, BF_BATCH_ID);
    return BF_OK;
}

/* --- Answers ------------------------------------------------------------------------------ */

static void tell(struct filing *f)
{
    if (bf_child_now() - f->told < live_seconds)
        return;
    f->told = bf_child_now();
    f->asking->live(f->asking->ctx, &f->live);
}

/* A request that waits, or is answered as `n_in`, `n_out` (-1 = waits). */
static void spend(struct filing *f, uint32_t q, double n_in, double n_out)
{
    const struct bf_question *x = &f->asking->questions[q];
    double in = 0, out = 0;
    if (bf_spending_estimates(&f->tally))
        bf_manner_estimate(&f->o->manner, f->asking->spec, &f->asking->pool->samples[x->sample],
                           x->view, &in, &out);
    bf_spending_sent(&f->tally, in, out);
    if (n_in >= 0)
        bf_spending_ended(&f->tally, in, out, n_in, n_out);
    f->live.money = f->tally.money;
}

/* Take what workers and the ledger have to say; wait for it up to `ms`. */
static int wake(struct filing *f, int ms, struct bf_err *err)
{
    enum { MOST = 64 };
    struct pollfd polls[MOST];
    const int n = f->asking->n_wake < MOST ? f->asking->n_wake : MOST;
    for (int i = 0; i < n; i++)
        polls[i] = (struct pollfd){ .fd = f->asking->wake[i], .events = POLLIN };
    tell(f);
    if (f->asking->stopped(f->asking->ctx))
        return bf_fail(err, BF_EIO, "probe '%s': stopped", f->asking->probe->name);
    return poll(polls, (nfds_t)n, ms) > 0 ? f->asking->woken(f->asking->ctx, err) : BF_OK;
}

static int put(struct filing *f, uint32_t q, const struct bf_answer *a, struct bf_err *err)
{
    BF_TRY(f->asking->put(f->asking->ctx, &q, a, 1, err));
    return wake(f, 0, err);
}

static int fail(struct filing *f, uint32_t q, const char *why, struct bf_err *err)
{
    const struct bf_answer a = { .cls = BF_FAILED, .choice = -1, .number = NAN, .text = why };
    f->live.n_failed++;
    return put(f, q, &a, err);
}

/* The reply inside an output, as a server would have sent it, and its status. Where the service had
 * no reply, for a request that expired say, its error is one of status 500. */
static void unwrap(const struct bf_json *root, struct bf_buf *reply, int *status_out,
                   bool *none_out)
{
    const struct bf_json *response = bf_json_get(root, "response"),
                         *body = bf_json_get(response, "body"), *error = bf_json_get(root, "error");
    double status = 200;
    reply->len = 0;
    *status_out = 500;
    *none_out = !body || bf_json_kind(body) == BF_JSON_NULL;
    if (!*none_out) {
        const struct bf_json *code = bf_json_get(response, "status_code");
        if (code && (!bf_json_number(code, &status) || !(status >= 100 && status < 1000)))
            status = 500;
        *status_out = (int)status;
        if (bf_json_string(body))
            bf_buf_str(reply, bf_json_string(body));
        else
            bf_json_print(body, reply);
    } else if (error) {
        bf_buf_str(reply, "{\"error\":");
        bf_json_print(error, reply);
        bf_buf_char(reply, '}');
    }
}

/* What the output in f->line says of question `q`. */
static int read_output(struct filing *f, uint32_t q, struct bf_reply *reply, struct bf_answer *a,
                       struct bf_err *err)
{
    const struct bf_asking *asking = f->asking;
    const struct bf_question x = asking->questions[q];
    const struct bf_sample *s = &asking->pool->samples[x.sample];
    struct bf_json_doc *doc = NULL;
    uint8_t order[BF_MAX_CHOICES];
    bool none;
    int status;
    BF_TRY(bf_mend_parse(f->line.data ? f->line.data : "", f->line.len, &doc, err));
    unwrap(bf_json_root(doc), &f->reply, &status, &none);
    bf_json_free(&doc);
    if (f->reply.failed)
        return bf_fail_memory(err, "a reply");
    bf_order_of(asking->probe->orders, asking->spec->seed, s, x.trial, order);
    BF_TRY(bf_reply_read(status, f->reply.data ? f->reply.data : "", f->reply.len, NULL, 0, s,
                         order, reply, a, &f->arena, err));
    if (none && strncmp(reply->message, "500: ", 5) == 0) /* nobody said 500 */
        memmove(reply->message, reply->message + 5, strlen(reply->message + 5) + 1);
    return BF_OK;
}

/* Errors of one request that may not come again, each counted once. */
struct errors {
    uint32_t n;
    uint64_t same[MOST_TRIES];
};

static void count_error(struct errors *e, uint64_t same)
{
    for (uint32_t i = 0; i < e->n; i++)
        if (e->same[i] == same)
            return;
    if (e->n < MOST_TRIES)
        e->same[e->n++] = same;
}

/* What becomes of a question that has the outputs of `e`: BF_OK: it was put. BF_END: it has to be
 * written, or waits. */
static int take_outputs(struct filing *f, uint32_t q, const struct bf_batch_entry *e,
                        struct bf_err *err)
{
    struct errors errors = { 0 };
    char why[sizeof f->last_error] = "";
    for (uint32_t at = e->output; at;) {
        struct bf_reply reply;
        struct bf_answer a;
        uint64_t same;
        BF_TRY(bf_batch_output(f->files, at, &f->line, &same, &at, err));
        bf_arena_reset(&f->arena);
        BF_TRY(read_output(f, q, &reply, &a, err));
        if (reply.kind == BF_REPLY_ANSWER) {
            spend(f, q, a.n_in, a.n_out);
            return put(f, q, &a, err);
        }
        if (reply.kind == BF_REPLY_PERMANENT || reply.refused_modality)
            return fail(f, q, reply.message, err);
        count_error(&errors, same);
        snprintf(why, sizeof why, "%s", reply.message);
    }
    if (errors.n >= (uint32_t)f->o->attempts)
        return fail(f, q, why, err);
    if (e->n_sent > errors.n) {
        bf_batch_wait(f->files, e);
        spend(f, q, -1, -1);
        return BF_OK;
    }
    if (errors.n)
        snprintf(f->last_error, sizeof f->last_error, "%s", why);
    f->n_again += errors.n > 0;
    return BF_END;
}

static int add_missing(struct filing *f, uint32_t q, struct bf_err *err)
{
    if (f->n == f->cap) {
        const uint32_t cap = f->cap ? f->cap * 2 : 1024;
        uint32_t *v = realloc(f->missing, cap * sizeof *v);
        if (!v)
            return bf_fail_memory(err, "questions");
        f->missing = v;
        f->cap = cap;
    }
    f->missing[f->n++] = q;
    return BF_OK;
}

static int match(struct filing *f, uint32_t q, struct bf_err *err)
{
    struct bf_batch_id id;
    int rc = BF_END;
    if (bf_untaken_see(&f->untaken, f->asking, q))
        return BF_OK;
    BF_TRY(name_request(f, q, &id, err));
    struct bf_batch_entry *e = bf_batch_find(f->files, &id);
    if (e) {
        e->asked = true;
        rc = take_outputs(f, q, e, err);
    }
    return rc == BF_END ? add_missing(f, q, err) : rc;
}

/* --- Requests ----------------------------------------------------------------------------- */

static int write_one(struct filing *f, uint32_t q, struct bf_err *err)
{
    const struct bf_asking *asking = f->asking;
    const struct bf_batch_limits limits = { (uint32_t)f->o->max_lines,
                                            (uint64_t)(f->o->max_megabytes * 1e6) };
    const struct bf_encoded_part *parts = NULL;
    struct bf_batch_id id;
    int n_parts = 0, rc;
    BF_TRY(name_request(f, q, &id, err));
    while ((rc = asking->media(asking->ctx, q, &parts, &n_parts, err)) == BF_END)
        BF_TRY(wake(f, 200, err));
    if (rc == BF_OK)
        rc = bf_manner_body(&f->o->manner, asking, q, parts, n_parts, &f->body, err);
    if (rc == BF_OK)
        rc = bf_batch_write(f->files, &limits, &id, f->o->url_path, &f->body, err);
    if (rc == BF_OK)
        spend(f, q, -1, -1);
    return rc;
}

static int write_missing(struct filing *f, uint32_t *at, struct bf_err *err)
{
    const struct bf_asking *asking = f->asking;
    uint32_t ahead = *at;
    for (; *at < f->n; (*at)++) {
        struct bf_err why = { 0 };
        for (; ahead < f->n && ahead - *at < AHEAD; ahead++)
            BF_TRY(asking->media_ahead(asking->ctx, f->missing[ahead], err));
        BF_TRY(wake(f, 0, err));
        if (bf_spending_reached(&f->tally, f->limit, sizeof f->limit))
            return BF_OK;
        const int rc = write_one(f, f->missing[*at], &why);
        if (rc == BF_EDATA)
            BF_TRY(fail(f, f->missing[*at], why.msg, err));
        else if (rc < 0)
            return bf_fail(err, rc, "%s", why.msg);
    }
    return BF_OK;
}

/* "120,000" */
static const char *number(uint64_t v, char out[32])
{
    char plain[24];
    const int n = snprintf(plain, sizeof plain, "%llu", (unsigned long long)v);
    char *p = out;
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            *p++ = ',';
        *p++ = plain[i];
    }
    *p = '\0';
    return out;
}

static void note_again(const struct filing *f)
{
    char line[512];
    snprintf(line, sizeof line,
             "probe '%s': %u request%s came back with an error and %s written again, the last: %s",
             f->asking->probe->name, f->n_again, f->n_again == 1 ? "" : "s",
             f->n_again == 1 ? "is" : "are", f->last_error);
    if (f->n_again)
        f->asking->note(f->asking->ctx, line);
}

static int file_all(struct filing *f, const char *dir, struct bf_err *err)
{
    const struct bf_asking *asking = f->asking;
    char count[32];
    uint32_t q = 0, at = 0, n_files;
    BF_TRY(bf_batch_open(dir, &f->files, err));
    while (q < asking->n && !*f->limit) { /* what was put can make more necessary */
        for (; q < asking->n; q++)
            BF_TRY(match(f, q, err));
        BF_TRY(bf_batch_foreign(f->files, err));
        BF_TRY(write_missing(f, &at, err));
    }
    BF_TRY(bf_batch_publish(f->files, err));
    asking->live(asking->ctx, &f->live);
    bf_untaken_note(&f->untaken, asking);
    note_again(f);
    const uint64_t n = bf_batch_waiting(f->files, &n_files);
    if (n == 0 && *f->limit)
        return bf_fail(
            err, BF_EIO,
            "probe '%s': spend limit of %s reached; raise 'spend' and run again to go on",
            asking->probe->name, f->limit);
    if (n == 0)
        return BF_OK;
    (void)bf_fail(err, BF_EIO,
                  "probe '%s': %u batch file%s with %s request%s wait%s in '%s'; put %s output%s "
                  "beside and run again%s%s",
                  asking->probe->name, n_files, n_files == 1 ? "" : "s", number(n, count),
                  n == 1 ? "" : "s", n_files == 1 ? "s" : "", dir, n_files == 1 ? "its" : "their",
                  n_files == 1 ? "" : "s",
                  *f->limit ? "; no more is asked within the limit of " : "",
                  f->limit); /* a message, not a failure */
    return BF_END;
}

static int batch_ask(const struct bf_asking *asking, struct bf_err *err)
{
    const struct batch *o = asking->probe->priv;
    struct bf_arena a = { 0 };
    struct filing f = {
        .asking = asking,
        .o = o,
        .untaken = { .takes = bf_manner_takes(&o->manner, asking->spec, NULL) },
        .live = { .money = NAN },
    };
    const char *dir = bf_arena_printf(&a, "%s/%s", asking->run_dir, asking->probe->name);
    int rc = dir ? BF_OK : bf_fail_memory(err, "a path");
    if (rc == BF_OK)
        rc = bf_spending_init(&f.tally, asking->spec, o->manner.model, asking->spent, err);
    if (rc == BF_OK)
        rc = file_all(&f, dir, err);
    bf_batch_close(f.files);
    bf_buf_done(&f.body);
    bf_buf_done(&f.line);
    bf_buf_done(&f.reply);
    bf_arena_reset(&f.arena);
    bf_arena_reset(&a);
    free(f.missing);
    return rc;
}

/* --- The rest ----------------------------------------------------------------------------- */

static int batch_check(const struct bf_probe_spec *p, const struct bf_spec *spec,
                       struct bf_err *err)
{
    const struct batch *o = p->priv;
    if (strcmp(p->name, "benchmark") == 0)
        return bf_fail(err, BF_EINVAL,
                       "its files would lie in 'benchmark', which is a folder of the run; allowed: "
                       "another name");
    if (o->url_path[0] != '/')
        return bf_fail(err, BF_EINVAL, "'url_path' is '%.200s'; allowed: a path that begins with /",
                       o->url_path);
    return bf_manner_check(&o->manner, spec, err);
}

static int batch_identify(const struct bf_probe_spec *p, const struct bf_spec *spec,
                          const struct bf_pool *pool, struct bf_buf *out, struct bf_err *err)
{
    (void)spec, (void)pool, (void)err;
    const struct batch *o = p->priv;
    bf_buf_str(out, "batch v1;url_path=");
    bf_buf_json(out, o->url_path);
    bf_buf_char(out, ';');
    bf_manner_identify(&o->manner, p, out);
    return BF_OK;
}

static void batch_read(const struct bf_probe_spec *p, const struct bf_sample *s,
                       const uint8_t *order, struct bf_answer *a)
{
    const struct batch *o = p->priv;
    bf_chat_read(&o->manner, s, order, a);
}

static int batch_preview(const struct bf_asking *asking, uint32_t q, struct bf_buf *out,
                         struct bf_err *err)
{
    const struct batch *o = asking->probe->priv;
    const struct bf_encoded_part *parts = NULL;
    struct bf_buf body = { 0 };
    int n_parts = 0;
    BF_TRY(asking->media(asking->ctx, q, &parts, &n_parts, err));
    const int rc = bf_manner_body(&o->manner, asking, q, parts, n_parts, &body, err);
    if (rc == BF_OK) {
        bf_buf_printf(out, "POST %s\n\n", o->url_path);
        bf_buf_add(out, body.data, body.len);
    }
    bf_buf_done(&body);
    return rc;
}

static void batch_estimate(const struct bf_probe_spec *p, const struct bf_spec *spec,
                           const struct bf_sample *s, const struct bf_view *view, double *n_in_out,
                           double *n_out_out)
{
    const struct batch *o = p->priv;
    bf_manner_estimate(&o->manner, spec, s, view, n_in_out, n_out_out);
}

static const char *batch_model(const struct bf_probe_spec *p)
{
    const struct batch *o = p->priv;
    return o->manner.model;
}

static const struct bf_opt batch_opts[] = {
    BF_MANNER_OPTS(struct batch, manner),
    { "url_path", BF_OPT_STR, offsetof(struct batch, url_path), "/v1/chat/completions", 0, 0, NULL,
      "endpoint that the batch service is told to send requests to", NULL },
    { "max_lines", BF_OPT_INT, offsetof(struct batch, max_lines), "50000", 1, 1e9, "requests",
      "requests in one file at most", NULL },
    { "max_bytes", BF_OPT_NUM, offsetof(struct batch, max_megabytes), "200", 0.001, 1e6, "MB",
      "size of one file at most", NULL },
    { "attempts", BF_OPT_INT, offsetof(struct batch, attempts), "3", 1, MOST_TRIES, "times",
      "how often a request that comes back with an error is written before it counts as failed",
      NULL },
    { .name = NULL },
};

const struct bf_probe bf_probe_batch = {
    .op = {
        .name = "batch",
        .summary = "files for a batch endpoint, whose outputs a later run takes",
        .source = "docs/asking.md#batch-files; OpenAI, Batch API",
        .priv_size = sizeof(struct batch),
        .opts = batch_opts,
    },
    .by_content = true,
    .costs = true,
    .check = batch_check,
    .identify = batch_identify,
    .ask = batch_ask,
    .read = batch_read,
    .preview = batch_preview,
    .estimate = batch_estimate,
    .model = batch_model,
};
