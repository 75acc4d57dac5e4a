/* Probe `command`: a program of the user's that answers questions, one JSON object a line both
 * ways. See docs/asking.md, "A program of your own". */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/answer.h"
#include "core/file.h"
#include "core/json.h"
#include "core/order.h"
#include "core/view.h"
#include "probe/child.h"
#include "probe/command.h"
#include "probe/server/mend.h"
#include "probe/untaken.h"

enum {
    MAX_LINE = 16 << 20, /* of what it writes */
    CHUNK = 1 << 16,     /* read at once; and no further question is written before less waits */
    TICK_MS = 200        /* how often a stop is noticed */
};

static const double patience_seconds = 5; /* from the end of its input until it is told to end */
static const double live_seconds = 0.5;

/* A question that was written, and not answered. */
struct pending {
    uint32_t q;
    uint64_t id;
    int n_tries;
    bool sent;
    uint64_t end; /* of its line among all bytes written to this child */
};

/* One conversation. */
struct talk {
    const struct bf_asking *asking;
    const struct bf_command *o;
    struct bf_child child;
    char *log;
    struct bf_untaken untaken;
    uint32_t next, ahead;      /* questions that were taken up, and whose media were begun */
    int n_pending, n_again;    /* at most o->concurrency together */
    struct pending *pending;   /* [concurrency] */
    struct pending *again;     /* [concurrency]: to be asked once more, one at a time */
    struct bf_buf in, out;     /* what it wrote, and what is to be written */
    size_t n_written;          /* of `out` */
    uint64_t n_taken;          /* bytes that this child's input took */
    uint64_t last_id, n_lines; /* lines since the start of the child */
    bool closed;               /* it has closed its input: it is told no more */
    bool useful;               /* this child has answered something */
    int n_deaths;              /* of children that had not, in a row */
    double heard, told;        /* seconds: its last word, and when asking->live was called */
    bool stopping;
    struct bf_live live;
    char last_error[256];
};

/* --- Answers ------------------------------------------------------------------------------ */

static int put(struct talk *t, uint32_t q, const struct bf_answer *a, struct bf_err *err)
{
    if (a->cls == BF_FAILED) {
        t->live.n_failed++;
        snprintf(t->last_error, sizeof t->last_error, "%.255s", a->text);
        t->live.last_error = t->last_error;
    }
    return t->asking->put(t->asking->ctx, &q, a, 1, err);
}

static int fail(struct talk *t, uint32_t q, const char *why, struct bf_err *err)
{
    const struct bf_answer a = { .cls = BF_FAILED, .choice = -1, .number = NAN, .text = why };
    return put(t, q, &a, err);
}

/* What we give up counts neither as in flight nor as lost; the first failure is the one told. */
static void give_up(struct talk *t)
{
    for (int i = 0; i < t->n_pending; i++)
        (void)fail(t, t->pending[i].q, "given up", NULL);
    for (int i = 0; i < t->n_again; i++)
        (void)fail(t, t->again[i].q, "given up", NULL);
    t->n_pending = t->n_again = 0;
}

/* Bytes of a line that a message shows: whole characters. */
static int beginning(const char *line, size_t n)
{
    size_t k = n < 60 ? n : 60;
    while (k > 0 && k < n && ((unsigned char)line[k] & 0xc0) == 0x80)
        k--;
    return (int)k;
}

static int take_line(struct talk *t, const char *line, size_t n, struct bf_err *err)
{
    const struct bf_asking *asking = t->asking;
    struct bf_json_doc *doc = NULL;
    struct bf_arena a = { 0 };
    struct bf_answer answer;
    uint64_t id = 0;
    int at = 0;
    int rc = bf_mend_parse(line, n, &doc, err);
    if (rc == BF_OK)
        rc = bf_command_id(bf_json_root(doc), &id, err);
    while (rc == BF_OK && at < t->n_pending && t->pending[at].id != id)
        at++;
    if (rc == BF_OK && at == t->n_pending)
        rc = bf_fail(err, BF_EDATA, "'id' %llu is not among the questions that wait for an answer",
                     (unsigned long long)id);
    if (rc == BF_OK) {
        const struct bf_question q = asking->questions[t->pending[at].q];
        const struct bf_sample *s = &asking->pool->samples[q.sample];
        uint8_t order[BF_MAX_CHOICES];
        bf_order_of(asking->probe->orders, asking->spec->seed, s, q.trial, order);
        rc = bf_command_answer(bf_json_root(doc), s, order, &answer, &a, err);
    }
    if (rc == BF_EDATA)
        rc = bf_fail_in(err, BF_EIO, "probe '%s': line %llu of its command, '%.*s'",
                        asking->probe->name, (unsigned long long)t->n_lines, beginning(line, n),
                        line);
    if (rc == BF_OK) {
        const uint32_t q = t->pending[at].q;
        t->pending[at] = t->pending[--t->n_pending];
        t->useful = true;
        t->n_deaths = 0;
        rc = put(t, q, &answer, err);
    }
    bf_json_free(&doc);
    bf_arena_reset(&a);
    return rc;
}

/* All whole lines of what came in. */
static int take_lines(struct talk *t, struct bf_err *err)
{
    size_t at = 0;
    int rc = BF_OK;
    while (rc == BF_OK && at < t->in.len) {
        const char *line = t->in.data + at, *end = memchr(line, '\n', t->in.len - at);
        if (!end)
            break;
        const size_t n = (size_t)(end - line);
        at += n + 1;
        t->n_lines++;
        if (strspn(line, " \t\r") < n)
            rc = take_line(t, line, n, err);
    }
    memmove(t->in.data, t->in.data + at, t->in.len - at);
    t->in.len -= at;
    if (rc == BF_OK && t->in.len > MAX_LINE)
        rc = bf_fail(err, BF_EIO, "probe '%s': line %llu of its command is over %d MiB",
                     t->asking->probe->name, (unsigned long long)t->n_lines + 1, MAX_LINE >> 20);
    return rc;
}

/* Take what it wrote. `any_out`: whether there was something. BF_END: it will write no more. */
static int hear(struct talk *t, bool *any_out, struct bf_err *err)
{
    char chunk[CHUNK];
    const ssize_t n = read(t->child.from, chunk, sizeof chunk);
    *any_out = n > 0;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return BF_OK;
    if (n <= 0)
        return BF_END;
    bf_buf_add(&t->in, chunk, (size_t)n);
    if (t->in.failed)
        return bf_fail_memory(err, "a line of the command");
    t->heard = bf_child_now();
    if (memchr(t->in.data + t->in.len - (size_t)n, '\n', (size_t)n) || t->in.len > MAX_LINE)
        return take_lines(t, err);
    return BF_OK;
}

/* What a program that has ended still had to say; its last line may lack the line's end, but a
 * line that was cut is nothing. */
static int hear_rest(struct talk *t, struct bf_err *err)
{
    struct bf_json_doc *doc = NULL;
    bool any = true;
    while (any)
        BF_TRY(hear(t, &any, err));
    if (t->in.len == 0 || bf_mend_parse(t->in.data, t->in.len, &doc, NULL) != BF_OK)
        return BF_OK;
    bf_json_free(&doc);
    t->n_lines++;
    return take_line(t, t->in.data, t->in.len, err);
}

/* --- Questions ---------------------------------------------------------------------------- */

/* Media of the next questions are made while others wait for their answers. */
static int begin_media(struct talk *t, struct bf_err *err)
{
    const struct bf_asking *asking = t->asking;
    const uint32_t window = 2 * (uint32_t)t->o->concurrency;
    if (t->ahead < t->next)
        t->ahead = t->next;
    for (; t->ahead < asking->n && t->ahead - t->next < window; t->ahead++) {
        const uint32_t shown = bf_untaken_shown(asking, t->ahead);
        if (shown && !(shown & ~t->untaken.takes))
            BF_TRY(asking->media_ahead(asking->ctx, t->ahead, err));
    }
    return BF_OK;
}

static int start(struct talk *t, struct bf_err *err)
{
    free(t->child.log);
    t->in.len = t->out.len = t->n_written = 0;
    t->n_lines = 0;
    t->useful = t->closed = false;
    t->n_taken = 0;
    BF_TRY(bf_child_start(&t->child, t->o->line, t->asking->spec->dir, t->log, true, err));
    return BF_OK;
}

/* Write the line of a question behind those that wait to be written. BF_END: its media are being
 * made. BF_EDATA: they cannot be. */
static int write_question(struct talk *t, struct pending *p, struct bf_err *err)
{
    const struct bf_asking *asking = t->asking;
    const struct bf_encoded_part *parts = NULL;
    int n_parts = 0;
    const int rc = asking->media(asking->ctx, p->q, &parts, &n_parts, err);
    if (rc != BF_OK)
        return rc;
    if (t->child.pid == 0)
        BF_TRY(start(t, err));
    p->id = ++t->last_id;
    p->n_tries++;
    asking->spent->requests++;
    if (p->sent)
        t->live.n_retried++;
    else
        asking->sent(asking->ctx, p->q);
    p->sent = true;
    if (t->n_pending == 0)
        t->heard = bf_child_now();
    BF_TRY(bf_command_question(t->o, asking, p->q, p->id, parts, n_parts, &t->out, err));
    p->end = t->n_taken + t->out.len - t->n_written;
    return BF_OK;
}

/* Ask one question, or say why it is not asked. BF_END: not yet. */
static int ask_one(struct talk *t, struct pending p, struct bf_err *err)
{
    struct bf_err why = { 0 };
    if (bf_untaken_see(&t->untaken, t->asking, p.q))
        return BF_OK;
    const int rc = write_question(t, &p, &why);
    if (rc == BF_EDATA)
        return fail(t, p.q, why.msg, err);
    if (rc < 0 && err)
        *err = why;
    if (rc == BF_OK)
        t->pending[t->n_pending++] = p;
    return rc;
}

/* Whether one more may be asked now. Those that were with a child when it ended are asked alone,
 * so that the one that ends it harms no other. */
static bool has_room(const struct talk *t)
{
    const struct bf_asking *asking = t->asking;
    const double limit = asking->spec->spend.requests;
    const bool alone = (t->n_again > 0 && t->again[0].n_tries > 0) ||
                       (t->n_pending > 0 && t->pending[0].n_tries > 1);
    const uint32_t most = alone ? 1 : (uint32_t)t->o->concurrency;
    if (t->stopping || t->closed || t->out.len - t->n_written > CHUNK)
        return false;
    if (limit > 0 && asking->spent->requests >= limit)
        return false;
    return (uint32_t)t->n_pending < most;
}

static bool has_more(const struct talk *t)
{
    return t->n_again > 0 || t->next < t->asking->n;
}

static int ask_more(struct talk *t, struct bf_err *err)
{
    int rc = BF_OK;
    while (rc == BF_OK && has_more(t) && has_room(t)) {
        BF_TRY(begin_media(t, err));
        if (t->n_again > 0) {
            rc = ask_one(t, t->again[0], err);
            if (rc == BF_OK)
                memmove(t->again, t->again + 1, (size_t)--t->n_again * sizeof *t->again);
        } else {
            rc = ask_one(t, (struct pending){ .q = t->next }, err);
            t->next += rc == BF_OK;
        }
    }
    return rc == BF_END ? BF_OK : rc;
}

/* What was not even taken is asked again as if it had not been. */
static void take_back(struct talk *t)
{
    int n = 0;
    for (int i = 0; i < t->n_pending; i++)
        if (t->pending[i].end > t->n_taken) {
            t->pending[i].n_tries--;
            t->again[t->n_again++] = t->pending[i];
        } else {
            t->pending[n++] = t->pending[i];
        }
    t->n_pending = n;
}

static void say(struct talk *t)
{
    const ssize_t n =
        bf_child_write(&t->child, t->out.data + t->n_written, t->out.len - t->n_written);
    if (n > 0) {
        t->n_written += (size_t)n;
        t->n_taken += (size_t)n;
    }
    t->closed = n < 0 && errno != EAGAIN && errno != EINTR;
    if (t->closed)
        take_back(t);
    if (t->closed || t->n_written == t->out.len)
        t->out.len = t->n_written = 0;
}

/* --- Ends --------------------------------------------------------------------------------- */

/* The child is gone, or has to go: what it was asked is asked once more, or failed. */
static int lost(struct talk *t, const char *why, struct bf_err *err)
{
    char words[320], text[512];
    if (!why)
        BF_TRY(hear_rest(t, err));
    bf_child_stop(&t->child, why ? 0 : patience_seconds);
    bf_child_words(&t->child, words, sizeof words);
    if (why)
        snprintf(text, sizeof text, "its command %s", why);
    else
        snprintf(text, sizeof text, "its command ended, %s", words);
    const bool owed = t->n_pending > 0 || t->closed;
    t->closed = false;
    if (!owed)
        return BF_OK; /* another is started when there is something to ask */
    if (!t->useful && ++t->n_deaths > t->o->restarts)
        return bf_fail(err, BF_EIO, "probe '%s': %s, %d time%s without an answer",
                       t->asking->probe->name, text, t->n_deaths, t->n_deaths == 1 ? "" : "s");
    /* One that answers some and ends as if all were well never looked at the rest. */
    const bool excused = !why && t->useful && t->child.status == 0;
    int n = 0;
    for (int i = 0; i < t->n_pending; i++) {
        t->pending[i].n_tries -= excused;
        n += t->pending[i].n_tries < t->o->attempts;
    }
    memmove(t->again + n, t->again, (size_t)t->n_again * sizeof *t->again);
    t->n_again += n;
    int rc = BF_OK;
    for (int i = 0, at = 0; i < t->n_pending; i++)
        if (t->pending[i].n_tries < t->o->attempts)
            t->again[at++] = t->pending[i];
        else if (rc == BF_OK)
            rc = fail(t, t->pending[i].q, text, err);
    t->n_pending = 0;
    return rc;
}

static int wait_for_any(struct talk *t, struct pollfd *polls, int n_wake)
{
    const bool runs = t->child.pid != 0;
    polls[0] = (struct pollfd){ .fd = runs ? t->child.from : -1, .events = POLLIN };
    polls[1] = (struct pollfd){ .fd = runs && t->out.len > t->n_written ? t->child.to : -1,
                                .events = POLLOUT };
    for (int i = 0; i < n_wake; i++)
        polls[2 + i] = (struct pollfd){ .fd = t->asking->wake[i], .events = POLLIN };
    if (poll(polls, (nfds_t)n_wake + 2, TICK_MS) >= 0)
        return BF_OK;
    for (int i = 0; i < n_wake + 2; i++) /* a signal came in: nothing is known */
        polls[i].revents = 0;
    return BF_OK;
}

/* One turn: wait until something can be done, and do it. */
static int turn(struct talk *t, struct bf_err *err)
{
    enum { MAX_WAKE = 62 };
    const struct bf_asking *asking = t->asking;
    struct pollfd polls[2 + MAX_WAKE];
    const int n_wake = asking->n_wake < MAX_WAKE ? asking->n_wake : MAX_WAKE;
    bool awake = false, gone = false, any;
    BF_TRY(wait_for_any(t, polls, n_wake));
    for (int i = 0; i < n_wake; i++)
        awake |= polls[2 + i].revents != 0;
    if (awake)
        BF_TRY(asking->woken(asking->ctx, err));
    if (t->child.pid == 0)
        return BF_OK;
    const bool ended = bf_child_ended(&t->child);
    if (polls[1].revents)
        say(t);
    if (polls[0].revents) {
        const int rc = hear(t, &any, err);
        BF_TRY(rc);
        gone = rc == BF_END;
    }
    /* One that reads no more may still answer what it has read. */
    const bool through = t->closed && t->n_pending == 0;
    if (gone || through || (ended && !polls[0].revents))
        return lost(t, NULL, err);
    if (t->n_pending > 0 && bf_child_now() - t->heard > t->o->timeout) {
        char why[64];
        snprintf(why, sizeof why, "said nothing for %g s", t->o->timeout);
        return lost(t, why, err);
    }
    return BF_OK;
}

static void tell(struct talk *t)
{
    if (bf_child_now() - t->told < live_seconds)
        return;
    t->told = bf_child_now();
    t->live.n_in_flight = (uint32_t)t->n_pending;
    t->asking->live(t->asking->ctx, &t->live);
}

static int converse(struct talk *t, struct bf_err *err)
{
    const struct bf_asking *asking = t->asking;
    for (;;) {
        t->stopping = t->stopping || asking->stopped(asking->ctx);
        BF_TRY(ask_more(t, err));
        if (t->n_pending == 0) {
            const double limit = asking->spec->spend.requests;
            if (t->stopping)
                return bf_fail(err, BF_EIO, "probe '%s': stopped", asking->probe->name);
            if (!has_more(t))
                return BF_OK;
            if (limit > 0 && asking->spent->requests >= limit)
                return bf_fail(
                    err, BF_EIO,
                    "probe '%s': spend limit of %.0f requests reached; raise 'spend' and "
                    "run again to go on",
                    asking->probe->name, limit);
        }
        BF_TRY(turn(t, err));
        tell(t);
    }
}

static int command_ask(const struct bf_asking *asking, struct bf_err *err)
{
    const struct bf_command *o = asking->probe->priv;
    struct bf_arena a = { 0 };
    struct talk t = {
        .asking = asking,
        .o = o,
        .untaken = { .takes = bf_manner_takes(&o->manner, asking->spec, NULL) },
        .log = bf_arena_printf(&a, "%s/%s.log", asking->run_dir, asking->probe->name),
        .pending = bf_arena_alloc(&a, (size_t)o->concurrency, sizeof *t.pending),
        .again = bf_arena_alloc(&a, (size_t)o->concurrency, sizeof *t.again),
        .in = { .max = MAX_LINE + CHUNK },
        .live = { .money = NAN },
    };
    int rc = t.log && t.pending && t.again ? converse(&t, err) : bf_fail_memory(err, "a command");
    if (rc != BF_OK)
        give_up(&t);
    bf_untaken_note(&t.untaken, asking);
    bf_child_stop(&t.child, rc == BF_OK || t.stopping ? patience_seconds : 0);
    bf_child_done(&t.child);
    bf_buf_done(&t.in);
    bf_buf_done(&t.out);
    bf_arena_reset(&a);
    return rc;
}

static int command_preview(const struct bf_asking *asking, uint32_t q, struct bf_buf *out,
                           struct bf_err *err)
{
    const struct bf_encoded_part *parts = NULL;
    int n_parts = 0;
    BF_TRY(asking->media(asking->ctx, q, &parts, &n_parts, err));
    return bf_command_question(asking->probe->priv, asking, q, 1, parts, n_parts, out, err);
}

const struct bf_probe bf_probe_command = {
    .op = {
        .name = "command",
        .summary = "a program of your own, one JSON object a line both ways",
        .source = "docs/asking.md#a-program-of-your-own",
        .priv_size = sizeof(struct bf_command),
        .opts = bf_command_opts,
    },
    .by_content = true,
    .costs = true,
    .check = bf_command_check,
    .identify = bf_command_identify,
    .ask = command_ask,
    .read = bf_command_read,
    .preview = command_preview,
};
