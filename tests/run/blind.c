/* Truly blind, in whole runs: two pools that differ only in the files of a modality that is taken
 * away give the same requests, byte for byte, and the same answers of the built-in probe, for
 * every operator that removes, every way of presenting, every kind of probe.
 *
 *     blind               the tests, as TAP
 *     blind child FILE    a program that the probe `command` asks: what it reads goes to FILE */
#include <sys/stat.h>

#include "core/exchange.h"
#include "core/file.h"
#include "core/run.h"
#include "core/spec.h"
#include "tests/blind.h"
#include "tests/test.h"

enum { N_SAMPLES = 4, MAX_WORD = 32, MAX_PATH = 256 };

/* A modality that is taken away, beside one that is kept. */
static const struct blind_case {
    const char *name;
    const char *declared; /* its options in the spec, before `present` */
    enum bf_carrier carrier;
    void (*make)(struct bf_blob out[BLIND_FILES], struct bf_arena *a);
    const char *beside;
} cases[] = {
    { "image", "", BF_RASTER, blind_images, "audio" },
    { "video", "", BF_CLIP, blind_clips, "image" },
    { "audio", "", BF_WAVE, blind_waves, "image" },
    { "tactile", "", BF_TRACE, blind_traces, "image" },
    { "subtitles", "", BF_TEXT, blind_texts, "image" },
    { "event", "carrier: clip, ", BF_CLIP, blind_events, "tactile" },
    { "depth", "carrier: raster, black: 4000, white: 500, unit: mm, ", BF_RASTER, blind_depths,
      "audio" },
    { "imu", "carrier: trace, rate: 50 Hz, ", BF_TRACE, blind_traces, "audio" },
};

static char self[MAX_PATH], dir[MAX_PATH];

static const struct blind_case *case_of(const char *name)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(cases[i].name, name) == 0)
            return &cases[i];
    abort();
}

static void write_file(const char *name, const void *bytes, size_t n, struct bf_arena *a)
{
    struct bf_err err = { 0 };
    if (bf_file_write(bf_arena_printf(a, "%s/%s", dir, name), bytes, n, &err) != BF_OK) {
        printf("# %s\n", err.msg);
        abort();
    }
}

/* Both pools: sample i has file i of what is kept, and of what is taken away in pool 0 file i, in
 * pool 1 the next one. */
static void write_pools(const struct blind_case *c, struct bf_arena *a)
{
    struct bf_blob gone[BLIND_FILES], kept[BLIND_FILES];
    c->make(gone, a);
    case_of(c->beside)->make(kept, a);
    for (int i = 0; i < BLIND_FILES; i++) {
        write_file(bf_arena_printf(a, "secret_%d", i), gone[i].bytes, gone[i].n, a);
        write_file(bf_arena_printf(a, "shown_%d", i), kept[i].bytes, kept[i].n, a);
    }
    for (int pool = 0; pool < 2; pool++) {
        struct bf_buf b = { 0 };
        for (int i = 0; i < N_SAMPLES; i++)
            bf_buf_printf(&b,
                          "{\"id\":\"s%d\",\"question\":\"What is number %d?\",\"choices\":[\"a\","
                          "\"b\"],\"answer\":\"%c\",\"media\":[{\"modality\":\"%s\",\"path\":"
                          "\"shown_%d\"},{\"modality\":\"%s\",\"path\":\"secret_%d\"}]}\n",
                          i, i, "AB"[i / 2 % 2], c -> beside, i % BLIND_FILES, c -> name,
                          (i + pool) % BLIND_FILES);
        write_file(bf_arena_printf(a, "pool%d.jsonl", pool), b.data, b.len, a);
        bf_buf_done(&b);
    }
}

static void begin_spec(const struct blind_case *c, const char *present, int pool, struct bf_buf *b)
{
    bf_buf_printf(b, "blindfold: 1\nname: blind\nseed: 3\npool: {path: pool%d.jsonl}\n", pool);
    bf_buf_printf(b, "modalities: {%s: {%spresent: %s}}\n", c->name, c->declared, present);
    bf_buf_printf(
        b,
        "probes:\n- {name: files, kind: batch, model: m}\n"
        "- {name: own, kind: command, concurrency: 1, command: \"'%s' child '%s/told'\"}\n"
        "- {name: stat, kind: builtin}\nconditions:\n",
        self, dir);
}

static int add_line(void *ctx, const char *line, size_t n, struct bf_err *err)
{
    (void)err;
    const char *rest = strstr(line, "\", \"probe\""); /* after the key, which names the file */
    bf_buf_add(ctx, rest ? rest : line, n - (size_t)(rest ? rest - line : 0));
    return BF_OK;
}

static void add_whole_file(const char *path, struct bf_buf *out)
{
    struct bf_arena a = { 0 };
    char *bytes = NULL;
    size_t n = 0;
    if (bf_file_read(path, (size_t)1 << 30, &bytes, &n, &a, NULL) == BF_OK)
        bf_buf_add(out, bytes, n);
    bf_arena_reset(&a);
}

static bool dir_is_gone(const char *path)
{
    struct stat st;
    return bf_dir_remove(path, NULL) == BF_OK || stat(path, &st) != 0;
}

/* All that is asked, and what the built-in probe answers; the number of requests in files. */
static int ask(const char *spec_text, size_t n, struct bf_buf *out)
{
    struct bf_arena a = { 0 };
    struct bf_spec spec = { 0 };
    struct bf_complaints complaints;
    struct bf_summary summary = { 0 };
    struct bf_err err = { 0 };
    const char *run = bf_arena_printf(&a, "%s/run", dir),
               *told = bf_arena_printf(&a, "%s/told", dir);
    const struct bf_run_options options = { .out = run, .n_threads = 2 };
    uint64_t n_answers = 0, n_damaged = 0;
    if (!dir_is_gone(run))
        abort();
    (void)remove(told); /* it is there after the first run */
    write_file("spec.yaml", spec_text, n, &a);
    int rc = bf_spec_read(bf_arena_printf(&a, "%s/spec.yaml", dir), &spec, &complaints, &err);
    if (rc == BF_OK)
        rc = bf_run(&spec, &options, &summary, &err);
    if (rc != BF_EIO || !strstr(err.msg, "waits in")) /* for the outputs of the files */
        printf("# %d %s\n", rc, err.msg);
    CHECK(rc == BF_EIO && strstr(err.msg, "waits in") != NULL);
    const size_t before = out->len;
    add_whole_file(bf_arena_printf(&a, "%s/files/requests-0001.jsonl", run), out);
    int n_requests = 0;
    for (size_t i = before; i < out->len; i++)
        n_requests += out->data[i] == '\n';
    add_whole_file(told, out);
    CHECK_INT(bf_answers_export(run, "stat", add_line, out, &n_answers, &n_damaged, &err), BF_OK);
    CHECK_INT((long long)n_answers, n_requests);
    bf_summary_done(&summary);
    bf_spec_done(&spec);
    bf_arena_reset(&a);
    return n_requests;
}

/* The names of requests are hashes of all that decides them, also of what nobody is shown. */
static void forget_names(struct bf_buf *b)
{
    static const char before[] = "\"custom_id\":\"bf-";
    for (char *at = b->data; at && (at = strstr(at, before)) != NULL; at++)
        memset(at + sizeof before - 1, '0', 32);
}

/* Whether both pools give the same under conditions that are written as [n] lines; unless `strict`
 * names of requests do not count. */
static bool is_blind(const struct blind_case *c, const char *present,
                     const struct bf_buf *conditions, int n_conditions, bool strict)
{
    struct bf_buf out[2] = { { 0 }, { 0 } };
    for (int pool = 0; pool < 2; pool++) {
        struct bf_buf spec = { 0 };
        begin_spec(c, present, pool, &spec);
        bf_buf_add(&spec, conditions->data, conditions->len);
        CHECK_INT(ask(spec.data, spec.len, &out[pool]), N_SAMPLES * n_conditions);
        CHECK(!out[pool].failed && strstr(out[pool].data, "secret") == NULL);
        bf_buf_done(&spec);
        if (!strict)
            forget_names(&out[pool]);
    }
    const bool same = out[0].len == out[1].len && memcmp(out[0].data, out[1].data, out[0].len) == 0;
    for (size_t i = 0; strict && !same && i < out[0].len && i < out[1].len; i++)
        if (out[0].data[i] != out[1].data[i]) {
            const size_t from = i < 100 ? 0 : i - 100;
            printf("# at byte %zu: ...%.130s\n", i, out[0].data + from);
            break;
        }
    bf_buf_done(&out[0]);
    bf_buf_done(&out[1]);
    return same;
}

static void add_condition(const struct blind_case *c, const struct bf_operator *op,
                          const char *options, struct bf_buf *out)
{
    bf_buf_printf(out, "- by_%s: {replace: {%s: {%s: {%s}}}}\n", op->op.name, c->name, op->op.name,
                  options);
}

static bool can_remove(const struct bf_operator *op, const struct blind_case *c)
{
    return op->removes && op->carriers & BF_BIT(c->carrier);
}

static void try_present(const struct blind_case *c, const char *present)
{
    struct bf_buf all = { 0 };
    int n = 0;
    for (size_t i = 0; bf_operators[i]; i++) {
        if (!can_remove(bf_operators[i], c))
            continue;
        add_condition(c, bf_operators[i], "", &all);
        n++;
    }
    CHECK(n >= 2);
    const bool blind = is_blind(c, present, &all, n, true);
    if (!blind)
        printf("# %s as %s tells what was taken away\n", c->name, present);
    CHECK(blind);
    bf_buf_done(&all);
}

static void try_words(const struct blind_case *c,
                      void (*one)(const struct blind_case *, const char *))
{
    const struct bf_opt *o = bf_opt_find(bf_modality_of(c->carrier)->op.opts, "present");
    /* Events are a clip like any other once they are read. */
    if (strcmp(c->name, "event") == 0) {
        one(c, "sheet");
        return;
    }
    for (const char *w = o ? o->values : ""; *w; w += strcspn(w, "|"), w += *w == '|') {
        char word[MAX_WORD];
        (void)snprintf(word, sizeof word, "%.*s", (int)strcspn(w, "|"), w);
        one(c, word);
    }
}

static void set_up(const struct blind_case *c, struct bf_arena *a)
{
    (void)snprintf(dir, sizeof dir, "/tmp/bf-blind-XXXXXX");
    if (!mkdtemp(dir))
        abort();
    write_pools(c, a);
}

static void nothing_of(const char *name)
{
    struct bf_arena a = { 0 };
    const struct blind_case *c = case_of(name);
    set_up(c, &a);
    try_words(c, try_present);
    CHECK_INT(bf_dir_remove(dir, NULL), BF_OK);
    bf_arena_reset(&a);
}

static void nothing_of_a_picture_is_left(void)
{
    nothing_of("image");
}

static void nothing_of_a_clip_is_left(void)
{
    nothing_of("video");
}

static void nothing_of_a_sound_is_left(void)
{
    nothing_of("audio");
}

static void nothing_of_a_trace_is_left(void)
{
    nothing_of("tactile");
}

static void nothing_of_words_is_left(void)
{
    nothing_of("subtitles");
}

static void nothing_of_events_is_left(void)
{
    nothing_of("event");
}

static void nothing_of_measured_values_is_left(void)
{
    nothing_of("depth");
}

static void nothing_of_a_declared_trace_is_left(void)
{
    nothing_of("imu");
}

/* That the test can fail: what is kept, or keeps its size, is seen to differ. */
static void what_is_left_is_seen(void)
{
    int n = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bf_arena a = { 0 };
        struct bf_buf full = { 0 };
        const struct blind_case *c = &cases[i];
        set_up(c, &a);
        const char *present = c->carrier == BF_RASTER ? "image"
                              : c->carrier == BF_CLIP ? "frames"
                              : c->carrier == BF_WAVE ? "wav"
                              : c->carrier == BF_TEXT ? "words"
                                                      : "plot";
        bf_buf_str(&full, "- full\n");
        CHECK(!is_blind(c, present, &full, 1, false));
        bf_buf_done(&full);
        for (size_t k = 0; bf_operators[k]; k++) {
            const struct bf_operator *op = bf_operators[k];
            struct bf_buf one = { 0 };
            if (!can_remove(op, c) || !bf_opt_find(op->op.opts, "size"))
                continue;
            add_condition(c, op, "size: original", &one);
            const bool blind = is_blind(c, present, &one, 1, false);
            if (blind)
                printf("# the size that %s keeps of %s is not seen\n", op->op.name, c->name);
            CHECK(!blind);
            bf_buf_done(&one);
            n++;
        }
        CHECK_INT(bf_dir_remove(dir, NULL), BF_OK);
        bf_arena_reset(&a);
    }
    CHECK_INT(n, 4 * 5 + 2 + 2 * 2); /* pictures and clips, sound, traces */
}

/* Answer every line; what it says goes to `path` but for its number. */
static int answer(const char *path)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    FILE *told = fopen(path, "ab");
    while (told && (n = getline(&line, &cap, stdin)) > 0) {
        const char *id = strstr(line, "\"id\":");
        if (!id || fwrite(line, 1, (size_t)n, told) != (size_t)n)
            break;
        printf("{\"id\":%ld,\"reply\":\"A\"}\n", strtol(id + 5, NULL, 10));
        (void)fflush(stdout); /* the other end sees a failure as an end */
    }
    free(line);
    return told && fclose(told) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        TEST(nothing_of_a_picture_is_left),
        TEST(nothing_of_a_clip_is_left),
        TEST(nothing_of_a_sound_is_left),
        TEST(nothing_of_a_trace_is_left),
        TEST(nothing_of_words_is_left),
        TEST(nothing_of_events_is_left),
        TEST(nothing_of_measured_values_is_left),
        TEST(nothing_of_a_declared_trace_is_left),
        TEST(what_is_left_is_seen),
    };
    if (argc == 3 && strcmp(argv[1], "child") == 0)
        return answer(argv[2]);
    char here[MAX_PATH / 2] = "";
    if (*argv[0] != '/' && !getcwd(here, sizeof here))
        abort();
    (void)snprintf(self, sizeof self, "%s%s%.120s", here, *here ? "/" : "", argv[0]);
    return test_main(tests, sizeof tests / sizeof *tests);
}
