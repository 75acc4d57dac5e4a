/* What a run would ask, take and cost, and the requests it would send first. */
#include <math.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/hash.h"
#include "core/keys.h"
#include "core/state.h"
#include "tests/test.h"

/* --- A probe that costs ------------------------------------------------------------------- */

static char priv[1];

static int fake_identify(const struct bf_probe_spec *p, const struct bf_spec *spec,
                         const struct bf_pool *pool, struct bf_buf *out, struct bf_err *err)
{
    (void)p, (void)spec, (void)pool, (void)err;
    bf_buf_str(out, "fake");
    return BF_OK;
}

/* 100 tokens in for each kept modality and 10 for the words; 4 out. */
static void fake_estimate(const struct bf_probe_spec *p, const struct bf_spec *spec,
                          const struct bf_sample *s, const struct bf_view *view, double *n_in_out,
                          double *n_out_out)
{
    (void)p, (void)spec, (void)s;
    *n_in_out = view->kept ? 110 : 10;
    *n_out_out = 4;
}

static const char *fake_model(const struct bf_probe_spec *p)
{
    (void)p;
    return "fake-1";
}

/* A word with quotes, a word of 300 letters that could be base64, and a picture that is. */
static int fake_preview(const struct bf_asking *asking, uint32_t q, struct bf_buf *out,
                        struct bf_err *err)
{
    const struct bf_question *x = &asking->questions[q];
    const struct bf_encoded_part *parts;
    int n = 0;
    BF_TRY(asking->media(asking->ctx, q, &parts, &n, err));
    if (strcmp(asking->pool->samples[x->sample].id, "c") == 0)
        return bf_fail(err, BF_EDATA, "it is too long");
    bf_buf_printf(out,
                  "{\"trial\":%d,\"n\":[%d,1.5,true,null],\"none\":{},\"mime\":\"%s\",\"words\":",
                  x->trial, n, n ? parts[0].files[0].mime : "");
    bf_buf_json(out, x->view->question);
    bf_buf_str(out, ",\"url\":\"data:image/png;base64,");
    for (int i = 0; i < 1250; i++)
        bf_buf_str(out, "abcd");
    bf_buf_str(out, "\",\"data\":\"");
    for (int i = 0; i < 75; i++)
        bf_buf_str(out, "UklG");
    bf_buf_str(out, "\"}");
    return BF_OK;
}

static const struct bf_probe fake = {
    .op = { .name = "fake" },
    .by_content = true,
    .costs = true,
    .identify = fake_identify,
    .preview = fake_preview,
    .estimate = fake_estimate,
    .model = fake_model,
};

/* --- A pool of three pictures ------------------------------------------------------------- */

static struct bf_arena arena;
static struct bf_spec spec;
static struct bf_plan plan;
static struct bf_err err;
static char dir[64];

static const char *in_dir(const char *name)
{
    return bf_path_join(&arena, dir, name);
}

static void write_text(const char *name, const char *text)
{
    CHECK_INT(bf_file_write(in_dir(name), text, strlen(text), &err), BF_OK);
}

/* `free` words are asked of b. */
static void make_pool(bool free_words)
{
    struct bf_buf b = { 0 };
    for (char id = 'a'; id <= 'c'; id++) {
        bf_buf_printf(&b, "{\"id\": \"%c\", \"question\": \"what \\\"is\\\" %c\", ", id, id);
        if (free_words && id == 'b')
            bf_buf_str(&b, "\"task\": \"text\", \"answer\": \"a cat\", ");
        else
            bf_buf_str(&b, "\"choices\": [\"x\", \"y\"], \"answer\": \"A\", ");
        bf_buf_printf(&b, "\"media\": [{\"modality\": \"image\", \"path\": \"%c.ppm\"}]}\n", id);
    }
    write_text("pool.jsonl", b.data);
    bf_buf_done(&b);
    write_text("a.ppm", "P6 1 1 255\nabc");
    write_text("b.ppm", "P6 1 1 255\nbcd");
    write_text("c.ppm", "P6 1 1 255\ncde");
}

/* The spec `text`, its first `n` probes being fake. */
static void open_spec(const char *text, bool free_words, int n)
{
    struct bf_complaints complaints;
    snprintf(dir, sizeof dir, "/tmp/bf_plan.XXXXXX");
    CHECK(mkdtemp(dir) != NULL);
    make_pool(free_words);
    write_text("spec.yaml", text);
    CHECK_INT(bf_spec_read(in_dir("spec.yaml"), &spec, &complaints, &err), BF_OK);
    for (int i = 0; i < complaints.n; i++)
        printf("# %d: %s\n", complaints.v[i].line, complaints.v[i].text);
    for (int p = 0; p < n && p < spec.n_probes; p++) {
        spec.probes[p].base = &fake;
        spec.probes[p].priv = priv;
    }
}

static void done(void)
{
    bf_plan_done(&plan);
    bf_spec_done(&spec);
    CHECK_INT(bf_dir_remove(dir, &err), BF_OK);
    bf_arena_reset(&arena);
}

static void check_plan(void)
{
    bf_plan_done(&plan);
    CHECK_INT(bf_check(&spec, in_dir("run"), &plan, &err), BF_OK);
}

static void check_row(int i, const char *probe, const char *condition, uint64_t n, uint64_t first)
{
    CHECK(i < plan.n_rows);
    if (i >= plan.n_rows)
        return;
    CHECK_STR(plan.rows[i].probe, probe);
    CHECK_STR(plan.rows[i].condition, condition);
    CHECK_INT(plan.rows[i].n_questions, n);
    CHECK_INT(plan.rows[i].n_first, first);
}

#define HEAD   "blindfold: 1\nname: s\npool: {path: pool.jsonl}\n"
#define PROBES "probes:\n  - {name: q, kind: builtin, trials: 10}\n"
#define PRICES "prices: {fake-1: {input: 10, output: 100}}\n"

/* Three samples under full and without_image, of which blind shows the same. */
static void later_trials_are_asked_where_a_filter_counts_them(void)
{
    open_spec(HEAD PROBES PRICES "filters: [answerable]\n", false, 1);
    check_plan();
    CHECK_INT(plan.n_rows, 3);
    check_row(0, "q", "full", 3, 3);
    check_row(1, "q", "without_image", 30, 3);
    check_row(2, "q", "blind", 0, 0);
    CHECK_INT(plan.n_asked, 1);
    const struct bf_plan_asked *x = &plan.asked[0];
    CHECK_STR(x->model, "fake-1");
    CHECK(x->curtailed && x->priced && !x->judge);
    CHECK_INT(x->trials, 10);
    CHECK_INT(x->n_remembered, 0);
    CHECK_INT(x->most.n, 33);
    CHECK_INT(x->least.n, 6);
    CHECK(fabs(x->most.n_in - (3 * 110 + 30 * 10)) < 1e-9);
    CHECK(fabs(x->most.n_out - 33 * 4) < 1e-9);
    CHECK(fabs(x->least.n_in - (3 * 110 + 3 * 10)) < 1e-9);
    CHECK(fabs(x->most.money - (630 * 10 + 132 * 100) / 1e6) < 1e-12);
    done();
}

static void everything_is_all_trials(void)
{
    open_spec(HEAD PROBES "ask: everything\nfilters: [answerable]\n", false, 1);
    check_plan();
    check_row(0, "q", "full", 30, 30);
    check_row(1, "q", "without_image", 30, 30);
    CHECK(!plan.asked[0].curtailed && !plan.asked[0].priced);
    CHECK_INT(plan.asked[0].most.n, 60);
    CHECK_INT(plan.asked[0].least.n, 60);
    CHECK(isnan(plan.asked[0].most.money)); /* no price */
    done();
}

static void a_probe_is_planned_under_its_conditions(void)
{
    open_spec(HEAD "probes:\n  - {name: q, kind: builtin, trials: 2, under: blind}\n"
                   "  - {name: stat, kind: builtin}\nfilters: [{answerable: {voters: q}}]\n",
              false, 1);
    check_plan();
    CHECK_INT(plan.n_rows, 4);
    check_row(0, "q", "blind", 6, 3);
    check_row(1, "stat", "full", 3, 3);
    check_row(3, "stat", "blind", 0, 0);
    CHECK_INT(plan.n_asked, 1);
    done();
}

/* Of b, which takes free words, no filter speaks without a judge. */
static void replies_to_judge_are_counted(void)
{
    open_spec(HEAD PROBES "  - {name: j, kind: builtin}\n" PRICES
                          "filters: [{answerable: {voters: q}}]\n",
              true, 2);
    spec.probes[1].judge = true;
    check_plan();
    CHECK_INT(plan.n_rows, 3);
    check_row(1, "q", "without_image", 21, 3);
    spec.judge.probe = 1;
    check_plan();
    check_row(1, "q", "without_image", 30, 3);
    CHECK_INT(plan.n_asked, 2);
    CHECK(plan.asked[1].judge);
    CHECK_INT(plan.asked[1].least.n, 0);
    CHECK_INT(plan.asked[1].most.n, 11); /* one in full, ten without the picture */
    CHECK(isnan(plan.asked[1].most.n_in) && isnan(plan.asked[1].most.money));
    done();
}

/* --- What is remembered ------------------------------------------------------------------- */

static void put_answer(struct bf_ledger *l, const struct bf_pool *pool, bool blind, int trial)
{
    const struct bf_answer answer = { .cls = BF_WRONG, .choice = 1, .number = NAN, .text = "B" };
    const struct bf_condition_spec c = { .name = "x",
                                         .kind = blind ? BF_COND_BLIND : BF_COND_FULL };
    const struct bf_condition condition = { .name = "x", .kind = c.kind, .spec = &c };
    struct bf_buf identity = { 0 }, scratch = { 0 };
    struct bf_view view;
    uint8_t key[BF_SHA_BYTES];
    bf_view_of(&condition, &pool->samples[0], &view);
    CHECK_INT(bf_probe_identity(&spec, pool, &spec.probes[0], &identity, &err), BF_OK);
    CHECK_INT(bf_answer_key(&spec, pool, &spec.probes[0], identity.data, &pool->samples[0], &view,
                            trial, &scratch, key, &err),
              BF_OK);
    CHECK_INT(bf_ledger_put_answer(l, key, "q", "a", "x", trial, &answer, &err), BF_OK);
    bf_buf_done(&identity);
    bf_buf_done(&scratch);
}

/* The answers to the first trial of a in full, and to the sixth without its picture. */
static void remember(void)
{
    struct bf_pool pool = { 0 };
    struct bf_ledger *l;
    CHECK_INT(bf_dir_make(in_dir("run"), &err), BF_OK);
    CHECK_INT(bf_ledger_open(in_dir("run/ledger.db"), &l, &err), BF_OK);
    CHECK_INT(bf_ingest_rows(&spec, &pool, &err), BF_OK);
    bf_sha256("P6 1 1 255\nabc", 14, pool.samples[0].parts[0].file->sha);
    put_answer(l, &pool, false, 0);
    put_answer(l, &pool, true, 5);
    bf_ledger_close(l);
    bf_pool_done(&pool);
}

static void what_the_ledger_has_costs_nothing(void)
{
    open_spec(HEAD PROBES PRICES "filters: [answerable]\n", false, 1);
    remember();
    check_plan();
    const struct bf_plan_asked *x = &plan.asked[0];
    CHECK_INT(x->n_remembered, 2);
    CHECK_INT(x->most.n, 31);
    CHECK_INT(x->least.n, 5);
    CHECK(fabs(x->least.n_in - (2 * 110 + 3 * 10)) < 1e-9);
    check_row(1, "q", "without_image", 30, 3); /* questions they are all the same */
    write_text("a.ppm", "P6 1 1 255\nabd");    /* another picture is another question */
    check_plan();
    CHECK_INT(plan.asked[0].n_remembered, 1);
    CHECK(plan.ledger_fault == NULL);
    done();
}

static void no_ledger_is_made(void)
{
    open_spec(HEAD PROBES, false, 1);
    check_plan();
    CHECK(!bf_file_exists(in_dir("run")));
    done();
}

static void a_ledger_in_use_is_left_alone(void)
{
    int ready[2], over[2];
    char c;
    open_spec(HEAD PROBES "filters: [answerable]\n", false, 1);
    remember();
    CHECK(pipe(ready) == 0 && pipe(over) == 0);
    const pid_t child = fork();
    if (child == 0) {
        struct bf_ledger *l;
        close(over[1]);
        const int rc = bf_ledger_open(in_dir("run/ledger.db"), &l, &err);
        if (write(ready[1], "", 1) != 1 || read(over[0], &c, 1) < 0)
            _exit(1);
        _exit(rc == BF_OK ? 0 : 1);
    }
    CHECK(read(ready[0], &c, 1) == 1);
    check_plan();
    CHECK(plan.ledger_fault && strstr(plan.ledger_fault, "in use by process") != NULL);
    CHECK_INT(plan.asked[0].most.n, 33);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(over[i]);
    }
    int status = 1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    done();
}

/* --- Requests ----------------------------------------------------------------------------- */

static struct bf_buf shown;

static void show(void *ctx, const struct bf_preview *p)
{
    (void)ctx;
    bf_buf_printf(&shown, "%s %s %s %d %s\n", p->probe, p->sample, p->condition, p->trial,
                  p->request ? p->request : p->fault);
}

static void requests_are_shown_as_people_read_them(void)
{
    open_spec(HEAD PROBES, false, 1);
    CHECK_INT(bf_check_requests(&spec, 1, show, NULL, &err), BF_OK);
    CHECK_STR(shown.data ? shown.data : "",
              "q a full 0 {\n"
              "  \"trial\": 0,\n"
              "  \"n\": [\n"
              "    1,\n"
              "    1.5,\n"
              "    true,\n"
              "    null\n"
              "  ],\n"
              "  \"none\": {},\n"
              "  \"mime\": \"image/png\",\n"
              "  \"words\": \"what \\\"is\\\" a\",\n"
              "  \"url\": \"data:image/png;base64,abcdabcd... (5,000 characters)\",\n"
              "  \"data\": \"UklGUklG... (300 characters)\"\n"
              "}\n");
    bf_buf_done(&shown);
    done();
}

static void what_cannot_be_sent_says_why(void)
{
    open_spec(HEAD "probes:\n  - {name: q, kind: builtin, under: blind}\n"
                   "  - {name: stat, kind: builtin}\n",
              false, 1);
    write_text("a.ppm", "no picture");
    CHECK_INT(bf_check_requests(&spec, 9, show, NULL, &err), BF_OK);
    const char *s = shown.data ? shown.data : "", *b = strstr(s, "\nq b blind 0 {\n");
    CHECK(strncmp(s, "q a blind 0 image file 'a.ppm': ", 32) == 0);
    CHECK(b && strstr(b, "\"n\": [\n    0,\n")); /* blind: no part is made */
    CHECK(b && strstr(b, "\nq c blind 0 it is too long\n"));
    CHECK(strstr(s, "stat") == NULL);
    bf_buf_done(&shown);
    done();
}

TEST_MAIN(TEST(later_trials_are_asked_where_a_filter_counts_them), TEST(everything_is_all_trials),
          TEST(a_probe_is_planned_under_its_conditions), TEST(replies_to_judge_are_counted),
          TEST(what_the_ledger_has_costs_nothing), TEST(no_ledger_is_made),
          TEST(a_ledger_in_use_is_left_alone), TEST(requests_are_shown_as_people_read_them),
          TEST(what_cannot_be_sent_says_why))
