#include "cli/live.h"

#include <math.h>
#include <string.h>

#include "cli/report.h"

static const double redraw_seconds = 0.1, log_seconds = 30, mark_seconds = 1;

static void wipe(struct live *l)
{
    if (l->drawn)
        fputs("\r\033[K", l->to);
    l->drawn = false;
}

/* "01:23", "2:01:23". */
static void print_clock(double seconds, FILE *to)
{
    const unsigned long s = seconds < 1e9 ? (unsigned long)(seconds + 0.5) : 1000000000ul;
    if (s >= 3600)
        fprintf(to, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    else
        fprintf(to, "%02lu:%02lu", s / 60, s % 60);
}

static void print_rate(double per_second, FILE *to)
{
    fprintf(to, per_second < 10 ? "  %.1f/s" : "  %.0f/s", per_second);
}

static void print_count(unsigned long long n, const char *what, FILE *to)
{
    char a[32];
    if (n)
        fprintf(to, "  %s %s", grouped(n, a), what);
}

/* "qwen7b  12,345/50,000  512/s  64 in flight  3 failed  210 saved  01:23 left  cost 0.42". */
static void print_state(const struct live *l, double rate, double seconds, const char *unit)
{
    const struct bf_live *s = &l->state;
    char a[32], b[32];
    fprintf(l->to, "%s  %s/%s", l->probe, grouped(s->n_done, a), grouped(s->n_total, b));
    if (rate > 0)
        print_rate(rate, l->to);
    print_count(s->n_in_flight, "in flight", l->to);
    print_count(s->n_retried, "retried", l->to);
    print_count(s->n_failed, "failed", l->to);
    print_count(s->n_saved, "saved", l->to);
    if (seconds >= 0) {
        fputs("  ", l->to);
        print_clock(seconds, l->to);
        fprintf(l->to, " %s", unit);
    }
    if (!isnan(s->money))
        fprintf(l->to, "  cost %s", cost_text(s->money, a));
}

/* --- Stages without requests --------------------------------------------------------------- */

void live_progress(void *ctx, const char *stage, uint64_t done, uint64_t total)
{
    struct live *l = ctx;
    const double t = l->now();
    if (!l->terminal || strcmp(stage, l->probe) == 0)
        return;
    if (stage != l->stage) {
        l->stage = stage;
        l->since = t;
        l->first = done;
        l->last = 0;
    }
    if (t - l->last < redraw_seconds && done < total)
        return;
    l->last = t;
    wipe(l);
    const double rate = t > l->since ? (double)(done - l->first) / (t - l->since) : 0;
    fprintf(l->to, "%s %llu/%llu", stage, (unsigned long long)done, (unsigned long long)total);
    if (rate > 0) {
        print_rate(rate, l->to);
        fputs("  ", l->to);
        print_clock((double)(total - done) / rate, l->to);
        fputs(" left", l->to);
    }
    fflush(l->to);
    l->drawn = true;
}

void live_note(void *ctx, const char *line)
{
    struct live *l = ctx;
    wipe(l);
    fprintf(l->to, "%s\n", line);
}

/* --- Probes -------------------------------------------------------------------------------- */

static unsigned long long hash(const char *s)
{
    unsigned long long h = 14695981039346656037ull; /* FNV-1a */
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211ull;
    return h;
}

/* Each kind of failure once, however often it comes. */
static void show_error(struct live *l, const char *message)
{
    const unsigned long long h = hash(message);
    for (unsigned i = 0; i < l->n_errors; i++)
        if (l->errors[i] == h)
            return;
    if (l->n_errors == LIVE_ERRORS)
        return;
    l->errors[l->n_errors++] = h;
    wipe(l);
    fprintf(l->to, "%s: %s\n", l->probe, message);
    if (l->n_errors == LIVE_ERRORS)
        fprintf(l->to, "%s: other failures are counted, not shown\n", l->probe);
}

/* The last word on the probe that was asked. */
static void end_probe(struct live *l)
{
    const double seconds = l->now() - l->began;
    if (!*l->probe)
        return;
    wipe(l);
    l->state.n_in_flight = 0;
    print_state(l, seconds > 0.001 ? (double)(l->state.n_done - l->began_at) / seconds : 0, seconds,
                "in all");
    fputs("\n", l->to);
    l->probe[0] = '\0';
}

static void begin_probe(struct live *l, const char *probe, const struct bf_live *state, double t)
{
    end_probe(l);
    snprintf(l->probe, sizeof l->probe, "%s", probe);
    l->began = l->last = t;
    l->began_at = state->n_done;
    l->n_marks = l->n_errors = 0;
    if (l->terminal)
        l->last = 0;
}

/* Answers a second, over the last marks. */
static double recent_rate(struct live *l, double t)
{
    const unsigned n = l->n_marks;
    if (n == 0 || t - l->marks[(n - 1) % LIVE_MARKS].t >= mark_seconds) {
        l->marks[n % LIVE_MARKS].t = t;
        l->marks[n % LIVE_MARKS].n = l->state.n_done;
        l->n_marks++;
    }
    const unsigned oldest = l->n_marks > LIVE_MARKS ? l->n_marks % LIVE_MARKS : 0;
    const double seconds = t - l->marks[oldest].t;
    if (seconds < mark_seconds || l->state.n_done < l->marks[oldest].n)
        return 0;
    return (double)(l->state.n_done - l->marks[oldest].n) / seconds;
}

void live_probe(void *ctx, const char *probe, const struct bf_live *state)
{
    struct live *l = ctx;
    const double t = l->now();
    /* A probe that is asked again, for verdicts, begins anew. */
    if (strcmp(probe, l->probe) != 0 || state->n_done < l->state.n_done)
        begin_probe(l, probe, state, t);
    l->state = *state;
    if (state->last_error)
        show_error(l, state->last_error);
    const double rate = recent_rate(l, t);
    if (t - l->last < (l->terminal ? redraw_seconds : log_seconds))
        return;
    l->last = t;
    wipe(l);
    const double left = rate > 0 && state->n_total >= state->n_done
                            ? (double)(state->n_total - state->n_done) / rate
                            : -1;
    /* A line that is wider than the terminal must not wrap: it could not be wiped. */
    fputs(l->terminal ? "\033[?7l" : "", l->to);
    print_state(l, rate, left, "left");
    fputs(l->terminal ? "\033[?7h" : "\n", l->to);
    fflush(l->to);
    l->drawn = l->terminal;
}

void live_done(struct live *l)
{
    end_probe(l);
    wipe(l);
}
