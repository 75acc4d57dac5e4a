/* The run folder's files: what was set aside, the column table, the verdicts, run.json. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/damage.h"
#include "core/file.h"
#include "core/state.h"

static int write_out(const struct bf_state *st, const char *name, struct bf_buf *b,
                     struct bf_err *err)
{
    struct bf_arena a = { 0 };
    char *path = bf_path_join(&a, st->run_dir, name);
    int rc = path && !b->failed ? bf_file_write(path, b->data ? b->data : "", b->len, err)
                                : bf_fail_memory(err, name);
    bf_arena_reset(&a);
    bf_buf_done(b);
    return rc;
}

int bf_write_set_aside(const struct bf_state *st, struct bf_err *err)
{
    struct bf_buf b = { 0 };
    for (uint32_t i = 0; i < st->pool.n_set_aside; i++) {
        const struct bf_set_aside *s = &st->pool.set_aside[i];
        bf_buf_str(&b, "{\"where\": ");
        bf_buf_json(&b, s->where);
        bf_buf_str(&b, ", \"id\": ");
        if (s->id)
            bf_buf_json(&b, s->id);
        else
            bf_buf_str(&b, "null");
        bf_buf_printf(&b, ", \"status\": \"%s\", \"reason\": ", bf_set_aside_status(s));
        bf_buf_json(&b, s->reason);
        bf_buf_str(&b, "}\n");
    }
    return write_out(st, "set_aside.jsonl", &b, err);
}

/* A CSV cell; one that a spreadsheet would take for a formula gets a quote in front. */
static void csv_text(struct bf_buf *b, const char *s)
{
    const bool formula = *s && strchr("=+-@\t\r", *s);
    if (!formula && !strpbrk(s, "\",\n\r")) {
        bf_buf_str(b, s);
        return;
    }
    bf_buf_char(b, '"');
    if (formula)
        bf_buf_char(b, '\'');
    for (; *s; s++) {
        if (*s == '"')
            bf_buf_char(b, '"');
        bf_buf_char(b, *s);
    }
    bf_buf_char(b, '"');
}

/* Null is an empty cell. */
static void csv_value(struct bf_buf *b, const struct bf_column *c, uint32_t i)
{
    bf_buf_char(b, ',');
    if (isnan(c->v[i]))
        return;
    if (c->words)
        csv_text(b, c->words[(size_t)c->v[i]]);
    else
        bf_buf_num(b, c->v[i]);
}

static int write_scores(const struct bf_state *st, struct bf_err *err)
{
    struct bf_buf b = { .max = (size_t)8 << 30 };
    bf_buf_str(&b, "id,category,verdict");
    for (int c = 0; c < st->scores.n_columns; c++) {
        bf_buf_char(&b, ',');
        csv_text(&b, st->scores.columns[c].name);
    }
    bf_buf_char(&b, '\n');
    for (uint32_t i = 0; i < st->pool.n_samples; i++) {
        csv_text(&b, st->pool.samples[i].id);
        bf_buf_char(&b, ',');
        csv_text(&b, st->pool.samples[i].category);
        bf_buf_char(&b, ',');
        bf_buf_str(&b, bf_verdict_name(st->verdicts[i].kind));
        for (int c = 0; c < st->scores.n_columns; c++)
            csv_value(&b, &st->scores.columns[c], i);
        bf_buf_char(&b, '\n');
    }
    return write_out(st, "scores.csv", &b, err);
}

static void csv_number(struct bf_buf *b, double v)
{
    bf_buf_char(b, ',');
    if (!isnan(v))
        bf_buf_num(b, v);
}

static int write_stats(const struct bf_state *st, struct bf_err *err)
{
    struct bf_buf b = { 0 };
    bf_buf_str(&b, "score,probe,condition,modality,group,value,lo,hi,n,selected_on,null_reason\n");
    for (uint32_t i = 0; i < st->scores.n_stats; i++) {
        const struct bf_stat *s = &st->scores.stats[i];
        const char *const words[] = { s->score, s->probe, s->condition, s->modality, s->group };
        for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
            if (k)
                bf_buf_char(&b, ',');
            csv_text(&b, words[k]);
        }
        csv_number(&b, s->value);
        csv_number(&b, s->lo);
        csv_number(&b, s->hi);
        bf_buf_printf(&b, ",%u,%s,", s->n, s->selected_on ? "true" : "false");
        csv_text(&b, s->null_reason);
        bf_buf_char(&b, '\n');
    }
    return write_out(st, "stats.csv", &b, err);
}

static void json_score(struct bf_buf *b, const struct bf_scores *scores, const char *score,
                       const char *modality, uint32_t i)
{
    char name[128];
    snprintf(name, sizeof name, "%s.%s", score, modality);
    const struct bf_column *c = bf_scores_find(scores, name);
    bf_buf_json(b, modality);
    bf_buf_str(b, ": ");
    bf_buf_num(b, c ? c->v[i] : NAN);
}

static void json_verdict(struct bf_buf *b, const struct bf_state *st, uint32_t i, bool kept)
{
    const struct bf_sample *s = &st->pool.samples[i];
    const struct bf_verdict *v = &st->verdicts[i];
    bf_buf_str(b, "{\"id\": ");
    bf_buf_json(b, s->id);
    bf_buf_printf(b, ", \"verdict\": \"%s\", \"filter\": ", bf_verdict_name(v->kind));
    if (v->filter >= 0)
        bf_buf_json(b, st->spec->filters[v->filter].base->op.name);
    else
        bf_buf_str(b, "null");
    bf_buf_str(b, ", \"reason\": ");
    bf_buf_json(b, v->reason);
    bf_buf_str(b, ", \"targets\": {");
    const char *comma = "";
    for (int m = 0; m < st->spec->n_modalities; m++)
        if (s->target & BF_BIT(m)) {
            bf_buf_printf(b, "%s\"%s\": \"%s\"", comma, st->spec->modalities[m].name,
                          bf_verdict_name(v->by_target[m]));
            comma = ", ";
        }
    bf_buf_str(b, "}, \"contribution\": {");
    comma = "";
    for (int m = 0; m < st->spec->n_modalities; m++)
        if (s->has & BF_BIT(m)) {
            bf_buf_str(b, comma);
            json_score(b, &st->scores, "contribution", st->spec->modalities[m].name, i);
            comma = ", ";
        }
    bf_buf_printf(b, "}, \"in_benchmark\": %s", kept ? "true" : "false");
    bf_damage_json(st->spec, s, b);
    bf_buf_str(b, "}\n");
}

static int write_verdicts(const struct bf_state *st, const uint8_t *kept, struct bf_err *err)
{
    struct bf_buf b = { .max = (size_t)8 << 30 };
    for (uint32_t i = 0; i < st->pool.n_samples; i++)
        json_verdict(&b, st, i, kept[i]);
    return write_out(st, "verdicts.jsonl", &b, err);
}

int bf_write_tables(const struct bf_state *st, const uint8_t *kept, struct bf_err *err)
{
    BF_TRY(write_scores(st, err));
    BF_TRY(write_stats(st, err));
    return write_verdicts(st, kept, err);
}

static const char *const output_names[] = {
    "spec.yaml",      "set_aside.jsonl",         "scores.csv", "stats.csv", "leaks.jsonl",
    "verdicts.jsonl", "benchmark/manifest.json", NULL,
};

/* SHA-256 of an output, however large. BF_END: this run has none of that name. */
static int hash_output(const struct bf_state *st, const char *name, char hex_out[BF_SHA_HEX],
                       struct bf_err *err)
{
    struct bf_arena a = { 0 };
    uint8_t sha[BF_SHA_BYTES];
    const char *path = bf_path_join(&a, st->run_dir, name);
    const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    int rc = BF_OK;
    if (!path)
        rc = bf_fail_memory(err, "a path");
    else if (fd < 0)
        rc = errno == ENOENT || errno == ENOTDIR
                 ? BF_END
                 : bf_fail(err, BF_EIO, "cannot open '%s': %s", path, strerror(errno));
    else if (bf_sha256_fd(fd, sha, err) != BF_OK)
        rc = bf_fail_in(err, BF_EIO, "'%s'", path);
    else
        bf_hex(sha, BF_SHA_BYTES, hex_out);
    if (fd >= 0)
        close(fd);
    bf_arena_reset(&a);
    return rc;
}

static int json_outputs(struct bf_buf *b, const struct bf_state *st, struct bf_err *err)
{
    const char *comma = "";
    bf_buf_str(b, "  \"outputs\": {\n");
    for (int i = 0; output_names[i]; i++) {
        char hex[BF_SHA_HEX];
        const int rc = hash_output(st, output_names[i], hex, err);
        BF_TRY(rc);
        if (rc == BF_END)
            continue;
        bf_buf_printf(b, "%s    \"%s\": \"%s\"", comma, output_names[i], hex);
        comma = ",\n";
    }
    bf_buf_str(b, "\n  }\n");
    return BF_OK;
}

/* Each distinct decoder that read a file of the pool, in order of first use. */
static void json_decoders(struct bf_buf *b, const struct bf_state *st)
{
    const char *seen[16];
    int n = 0;
    bf_buf_str(b, "  \"decoders\": [");
    for (uint32_t i = 0; i < st->pool.n_files; i++)
        for (int m = 0; m < st->spec->n_modalities; m++) {
            const struct bf_reading *r = st->pool.files[i]->readings[m];
            bool known = !r || n == 16;
            for (int k = 0; k < n && !known; k++)
                known = strcmp(seen[k], r->info.decoder) == 0;
            if (known)
                continue;
            bf_buf_str(b, n ? ", " : "");
            bf_buf_json(b, r->info.decoder);
            seen[n++] = r->info.decoder;
        }
    bf_buf_str(b, "],\n");
}

int bf_write_run_json(const struct bf_state *st, double seconds, struct bf_err *err)
{
    const struct bf_summary *s = st->summary;
    struct bf_buf b = { 0 };
    uint64_t stored = 0, repeated = 0;
    BF_TRY(bf_ledger_counts(st->ledger, &stored, &repeated, err));
    bf_buf_printf(&b, "{\n  \"blindfold\": \"%s\",\n  \"name\": ", bf_version());
    bf_buf_json(&b, st->spec->name);
    bf_buf_printf(&b,
                  ",\n  \"seed\": %llu,\n  \"rows\": %u,\n  \"set_aside\": %u,\n"
                  "  \"samples\": %u,\n  \"files\": %u,\n  \"kept\": %u,\n",
                  (unsigned long long)st->spec->seed, s->n_rows, s->n_set_aside, s->n_samples,
                  s->n_files, s->n_kept);
    bf_buf_printf(&b, "  \"damaged\": {\"set_aside\": %u, \"kept\": %u},\n  \"warned\": %u,\n",
                  s->damage.n_aside, s->damage.n_kept, s->damage.n_warned);
    bf_buf_printf(&b, "  \"answers\": {\"new\": %llu, \"cached\": %llu, \"unmeasured\": %llu},\n",
                  (unsigned long long)s->n_answers_new, (unsigned long long)s->n_answers_cached,
                  (unsigned long long)s->n_unmeasured);
    bf_buf_printf(&b, "  \"readings\": {\"new\": %llu, \"cached\": %llu},\n",
                  (unsigned long long)s->n_readings_new, (unsigned long long)s->n_readings_cached);
    bf_buf_printf(&b, "  \"ledger\": {\"stored\": %llu, \"stored_twice\": %llu},\n",
                  (unsigned long long)stored, (unsigned long long)repeated);
    bf_buf_str(&b, "  \"seconds\": ");
    bf_buf_num(&b, round(seconds * 100) / 100);
    bf_buf_str(&b, ",\n");
    json_decoders(&b, st);
    const int rc = json_outputs(&b, st, err);
    if (rc != BF_OK) {
        bf_buf_done(&b);
        return rc;
    }
    bf_buf_str(&b, "}\n");
    return write_out(st, "run.json", &b, err);
}
