/* What of leaks stands in the run folder and in the summary. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/run.h"
#include "core/state.h"

enum { MAX_SAID = 5 };

static void json_ids(struct bf_buf *b, const struct bf_pool *pool, const uint32_t *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        bf_buf_str(b, i ? ", " : "");
        bf_buf_json(b, pool->samples[v[i]].id);
    }
}

static void json_number(struct bf_buf *b, const char *name, double v)
{
    bf_buf_printf(b, ", \"%s\": ", name);
    bf_buf_num(b, v);
}

static void json_text(struct bf_buf *b, const char *name, const char *text)
{
    bf_buf_printf(b, ", \"%s\": ", name);
    bf_buf_json(b, text);
}

static void json_leak(struct bf_buf *b, const struct bf_pool *pool, const struct bf_leak *l)
{
    bf_buf_str(b, "{\"sentence\": ");
    bf_buf_json(b, l->sentence);
    json_text(b, "level", l->sure ? "leak" : "suggestive");
    json_text(b, "cue", l->cue);
    if (*l->what)
        json_text(b, "what", l->what);
    json_text(b, "group", l->group);
    bf_buf_printf(b, ", \"n\": %u, \"hits\": %u", l->n, l->k);
    json_number(b, "rate", l->rate);
    json_number(b, "lo", l->lo);
    json_number(b, "hi", l->hi);
    json_number(b, "chance", l->chance);
    json_number(b, "p", l->p);
    json_number(b, "q", l->q);
    json_text(b, "repair", l->repair);
    bf_buf_str(b, ", \"given_away\": [");
    json_ids(b, pool, l->samples, l->n_given);
    bf_buf_str(b, "], \"others\": [");
    json_ids(b, pool, l->samples + l->n_given, l->n_other);
    bf_buf_str(b, "]}\n");
}

int bf_write_leaks(const struct bf_state *st, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_buf b = { .max = (size_t)8 << 30 };
    char *path = bf_path_join(&a, st->run_dir, "leaks.jsonl");
    int rc = path ? BF_OK : bf_fail_memory(err, "a path");
    if (rc == BF_OK && !st->scores.leaks_sought) {
        /* one of an earlier run would be taken for this one's */
        if (unlink(path) != 0 && errno != ENOENT)
            rc = bf_fail(err, BF_EIO, "cannot remove '%s': %s", path, strerror(errno));
    } else if (rc == BF_OK) {
        for (uint32_t i = 0; i < st->scores.n_leaks; i++)
            json_leak(&b, &st->pool, &st->scores.leaks[i]);
        rc = b.failed ? bf_fail_memory(err, "leaks.jsonl")
                      : bf_file_write(path, b.data ? b.data : "", b.len, err);
    }
    bf_buf_done(&b);
    bf_arena_reset(&a);
    return rc;
}

int bf_summarize_leaks(const struct bf_scores *scores, struct bf_summary *out, struct bf_err *err)
{
    out->leaks_sought = scores->leaks_sought;
    out->n_leak_trials = scores->n_leak_trials;
    out->leaks_said = bf_arena_alloc(&out->arena, MAX_SAID, sizeof *out->leaks_said);
    if (scores->repair_said)
        out->repair_said = bf_arena_strdup(&out->arena, scores->repair_said);
    if (!out->leaks_said || (scores->repair_said && !out->repair_said))
        return bf_fail_memory(err, "the summary");
    for (uint32_t i = 0; i < scores->n_leaks; i++) {
        const struct bf_leak *l = &scores->leaks[i];
        out->n_leaks += l->sure;
        out->n_suggestive += !l->sure;
        if (!l->sure || out->n_leaks_said == MAX_SAID)
            continue;
        const char *said = bf_arena_strdup(&out->arena, l->sentence);
        if (!said)
            return bf_fail_memory(err, "the summary");
        out->leaks_said[out->n_leaks_said++] = said;
    }
    return BF_OK;
}
