/* Several parts of one modality, pictures as choices, and markers that name them: from the rows of
 * a pool to the bodies of requests. */
#include <poll.h>
#include <stdlib.h>

#include "core/encoded.h"
#include "core/file.h"
#include "core/keys.h"
#include "core/marker.h"
#include "core/state.h"
#include "probe/builtin/encode.h"
#include "probe/prompts/manner.h"
#include "tests/test.h"

extern const struct bf_probe bf_probe_chat;

static struct {
    char dir[32];
    struct bf_arena a;
    struct bf_spec spec;
    struct bf_run_options options;
    struct bf_state st;
    struct bf_encoder *e;
    struct bf_probe_spec probe;
} w;

static const char *path_of(const char *name)
{
    return bf_path_join(&w.a, w.dir, name);
}

static void put(const char *name, const void *bytes, size_t n)
{
    if (bf_file_write(path_of(name), bytes, n, NULL) != BF_OK)
        abort();
}

/* A flat picture of that size and level. */
static void picture(const char *name, int w_px, int h_px, int level)
{
    struct bf_buf b = { 0 };
    bf_buf_printf(&b, "P6 %d %d 255\n", w_px, h_px);
    for (int i = 0; i < 3 * w_px * h_px; i++)
        bf_buf_char(&b, (char)(level + i % 3));
    put(name, b.data, b.len);
    bf_buf_done(&b);
}

/* A run of `rows` under `conditions`, up to where probes are asked. */
static void set_up(const char *conditions, const char *rows)
{
    struct bf_complaints complaints;
    struct bf_err err = { 0 };
    memset(&w, 0, sizeof w);
    snprintf(w.dir, sizeof w.dir, "/tmp/bf-parts-XXXXXX");
    if (!mkdtemp(w.dir))
        abort();
    picture("a.ppm", 8, 8, 10);
    picture("b.ppm", 8, 8, 60);
    picture("c.ppm", 8, 8, 110);
    picture("d.ppm", 30, 20, 160);
    picture("longer name.ppm", 5, 40, 210);
    put("t.csv", "time_ms,f\n0,1\n10,2\n20,9\n", 24);
    put("pool.jsonl", rows, strlen(rows));
    const char *yaml = bf_arena_printf(&w.a,
                                       "{blindfold: 1, name: parts, seed: 3, pool: {path: "
                                       "pool.jsonl}, conditions: %s, probes: []}\n",
                                       conditions);
    put("spec.yaml", yaml, strlen(yaml));
    CHECK_INT(bf_spec_read(path_of("spec.yaml"), &w.spec, &complaints, &err), BF_OK);
    if (test_failed)
        printf("# %s\n", err.msg);
    w.st = (struct bf_state){ .spec = &w.spec, .options = &w.options, .n_threads = 1 };
    w.probe = (struct bf_probe_spec){
        .name = "p", .trials = 1, .base = &bf_probe_chat, .orders = BF_ORDER_FIXED
    };
    CHECK_INT(bf_ingest_rows(&w.spec, &w.st.pool, &err), BF_OK);
    CHECK_INT(bf_ingest_media(&w.st, &err), BF_OK);
    for (uint32_t i = 0; i < w.st.pool.n_set_aside; i++)
        printf("# set aside: %s\n", w.st.pool.set_aside[i].reason);
    CHECK_INT(bf_conditions_expand(&w.spec, &w.st.pool, &w.st.conditions, &w.st.arena, &err),
              BF_OK);
    CHECK_INT(bf_encoder_open(&w.spec, &w.st.pool, w.dir, &w.st.workers, 1, &w.e, &err), BF_OK);
}

static void tear_down(void)
{
    bf_encoder_close(w.e);
    bf_workers_close(w.st.workers);
    bf_readings_close(w.st.readings);
    bf_pool_done(&w.st.pool);
    bf_arena_reset(&w.st.arena);
    bf_spec_done(&w.spec);
    CHECK_INT(bf_dir_remove(w.dir, NULL), BF_OK);
    bf_arena_reset(&w.a);
}

static struct bf_view view_of(uint32_t sample, const char *condition)
{
    struct bf_view v = { 0 };
    const int c = bf_condition_find(&w.st.conditions, condition);
    if (c < 0)
        printf("# no condition '%s'\n", condition);
    CHECK(c >= 0);
    if (c >= 0)
        bf_view_of(&w.st.conditions.v[c], &w.st.pool.samples[sample], &v);
    return v;
}

/* The whole request about a sample, in the arena. */
static const char *body(uint32_t sample, const char *condition, int trial)
{
    const struct bf_sample *s = &w.st.pool.samples[sample];
    const struct bf_view v = view_of(sample, condition);
    const struct bf_question q = { .sample = sample, .trial = trial, .view = &v };
    const struct bf_asking asking = {
        .spec = &w.spec, .probe = &w.probe, .pool = &w.st.pool, .n = 1, .questions = &q
    };
    const struct bf_manner m = { .model = "m",
                                 .prompt = "{question}\n{choices}",
                                 .system = "",
                                 .max_tokens = 1,
                                 .seed = -1,
                                 .top_p = 1,
                                 .extra = "" };
    const struct bf_encoded_part *parts = NULL;
    struct bf_buf out = { 0 };
    struct bf_err err = { 0 };
    int n = 0, fds[4];
    const int n_fds = bf_encoder_fds(w.e, fds, 4);
    int rc = bf_encoder_get(w.e, s, &v, &parts, &n, &err);
    for (; rc == BF_END; rc = bf_encoder_get(w.e, s, &v, &parts, &n, &err)) {
        struct pollfd polls[4];
        for (int k = 0; k < n_fds; k++)
            polls[k] = (struct pollfd){ .fd = fds[k], .events = POLLIN };
        if (poll(polls, (nfds_t)n_fds, 20000) <= 0)
            abort();
        CHECK_INT(bf_encoder_woken(w.e, &err), BF_OK);
    }
    CHECK_INT(rc, BF_OK);
    CHECK_INT(bf_manner_body(&m, &asking, 0, parts, n, &out, &err), BF_OK);
    const char *text = bf_arena_strdup(&w.a, out.data);
    bf_buf_done(&out);
    return text;
}

/* One row for each picture, behind the others, so that it is known in requests. */
#define REFERENCE(name)                                                                            \
    "{\"id\": \"ref " name "\", \"question\": \"?\", \"answer\": \"x\", \"image\": \"" name        \
    ".ppm\"}\n"
#define REFERENCES REFERENCE("a") REFERENCE("b") REFERENCE("c") REFERENCE("d")
enum { N_REFERENCES = 4 };

/* The first data of a request, up to its quote. */
static const char *data_in(const char *body)
{
    const char *at = strstr(body, ";base64,");
    return at ? at + strlen(";base64,") : "\"";
}

static bool same_data(const char *x, const char *y)
{
    const size_t n = strcspn(x, "\"");
    return n == strcspn(y, "\"") && memcmp(x, y, n) == 0;
}

/* "[a]" for a.ppm as it is, "[white]" for what the condition `pale` makes of any, else "[?]". */
static void print_picture(const char *data, struct bf_buf *out)
{
    const uint32_t first = w.st.pool.n_samples - N_REFERENCES;
    char name = '?';
    for (uint32_t i = 0; i < N_REFERENCES; i++)
        if (same_data(data, data_in(body(first + i, "full", 0))))
            name = (char)('a' + i);
    if (bf_condition_find(&w.st.conditions, "pale") >= 0 &&
        same_data(data, data_in(body(first, "pale", 0))))
        bf_buf_str(out, "[white]");
    else
        bf_buf_printf(out, "[%c]", name);
}

/* What a request shows, short: its words with pictures where they stand among them; words of
 * different pieces are parted by |. */
static const char *shown(uint32_t sample, const char *condition, int trial)
{
    static const char words[] = "{\"type\":\"text\",\"text\":\"";
    struct bf_buf out = { 0 };
    const char *at =
        strstr(body(sample, condition, trial), "\"content\":") + strlen("\"content\":");
    if (*at == '"')
        bf_buf_add(&out, at + 1, strcspn(at + 1, "\""));
    while (*at == '[' || *at == ',') {
        at++;
        if (strncmp(at, words, strlen(words)) == 0) {
            at += strlen(words);
            bf_buf_str(&out, out.len && out.data[out.len - 1] != ']' ? "|" : "");
            bf_buf_add(&out, at, strcspn(at, "\""));
        } else {
            print_picture(data_in(at), &out);
        }
        at = strchr(at, '}');
        at += strspn(at, "}");
    }
    const char *result = bf_arena_strdup(&w.a, out.data ? out.data : "");
    bf_buf_done(&out);
    return result;
}

#define MIXED                                                                                      \
    "{\"id\": \"mixed\", \"question\": \"Like <image 1>?\", \"answer\": \"A\", \"media\": "        \
    "{\"image\": [\"a.ppm\", \"d.ppm\"]}, \"choices\": [{\"text\": \"this\", \"image\": "          \
    "\"b.ppm\"}, {\"image\": \"c.ppm\"}, \"<image 2>\"]}\n"

static void pictures_stand_where_the_words_name_them(void)
{
    set_up("[full]",
           MIXED "{\"id\": \"plain\", \"question\": \"Which?\", \"answer\": \"A\", "
                 "\"choices\": [\"x\", \"y\"], \"image\": [\"b.ppm\", \"a.ppm\"]}\n"
                 "{\"id\": \"twice\", \"question\": \"<image 2> and <image 1>, or "
                 "<image 2>\", \"answer\": \"A\", \"choices\": [\"x\", \"y\"], \"image\": "
                 "[\"a.ppm\", \"b.ppm\", \"c.ppm\"]}\n" REFERENCES);
    CHECK_STR(shown(0, "full", 0), "Like <image 1>[a]?\\nA. this <image 3>[b]\\nB. <image 4>[c]"
                                   "\\nC. <image 2>[d]");
    CHECK_STR(shown(1, "full", 0), "[b][a]Which?\\nA. x\\nB. y");
    /* What is not named comes first; what is named twice stands once. */
    CHECK_STR(shown(2, "full", 0), "[c]<image 2>[b] and <image 1>[a], or <image 2>\\nA. x\\nB. y");
    tear_down();
}

static void a_picture_moves_with_its_choice(void)
{
    uint8_t order[BF_MAX_CHOICES];
    set_up("[full]", MIXED REFERENCES);
    w.probe.orders = BF_ORDER_CIRCULAR;
    bool moved = false;
    for (int trial = 0; trial < 3; trial++) {
        static const char *const words[] = { "this <image 3>[b]", "<image 4>[c]", "<image 2>[d]" };
        bf_order_of(w.probe.orders, w.spec.seed, &w.st.pool.samples[0], trial, order);
        moved |= order[0] != 0;
        CHECK_STR(shown(0, "full", trial),
                  bf_arena_printf(&w.a, "Like <image 1>[a]?\\nA. %s\\nB. %s\\nC. %s",
                                  words[order[0]], words[order[1]], words[order[2]]));
    }
    CHECK(moved);
    tear_down();
}

/* Of those that speak of a part the one counts that says most exactly which. */
static void operators_act_on_a_part_a_modality_or_all(void)
{
    set_up(
        "[full, {pale: {replace: {image: white}}}, {second: {replace: {image.2: white}}}, "
        "{first: {replace: {image.1: drop}}}, {rest: {replace: {image.3: drop, image: white}}}, "
        "{but: {replace: {all: drop, image.4: white}}}, {none: {replace: {all: drop}}}, "
        "{mute: {replace: {choices: drop}}}, {far: {replace: {image.9: drop}}}, {there: {replace: "
        "{image.2: white}, only: image.2}}, {gone: {replace: {image: white}, only: [image, "
        "image.5]}}]",
        MIXED REFERENCES);
    CHECK_STR(shown(0, "second", 0), "Like <image 1>[a]?\\nA. this <image 3>[b]\\nB. <image 4>[c]"
                                     "\\nC. <image 2>[white]");
    CHECK_STR(shown(0, "first", 0), "Like <image 1>?\\nA. this <image 3>[b]\\nB. <image 4>[c]"
                                    "\\nC. <image 2>[d]");
    CHECK_STR(shown(0, "rest", 0), "Like <image 1>[white]?\\nA. this <image>\\nB. <image 4>[white]"
                                   "\\nC. <image 2>[white]");
    CHECK_STR(shown(0, "but", 0),
              "Like <image 1>?\\nA. this <image>\\nB. <image 4>[white]\\nC. <image 2>");
    CHECK_STR(shown(0, "none", 0), "Like <image 1>?\\nA. this <image>\\nB. <image>\\nC. <image 2>");
    CHECK_STR(shown(0, "mute", 0), "Like <image 1>[a]?");
    const struct bf_view full = view_of(0, "full"), far = view_of(0, "far");
    CHECK(bf_view_same(&full, &far)); /* no such part */
    CHECK(view_of(0, "there").asked && !view_of(1, "there").asked);
    CHECK(!view_of(0, "gone").asked);
    tear_down();
}

static void a_view_says_what_became_of_a_modality(void)
{
    struct bf_buf b = { 0 };
    set_up("[full, {second: {replace: {image.2: white}}}, {every: {replace: {image.1: drop, "
           "image.2: drop, image.3: drop, image.4: drop}}}, {pale: {replace: {image: white}}}, "
           "{mute: {replace: {choices: drop}}}]",
           MIXED);
    struct bf_view v = view_of(0, "second");
    CHECK_INT(v.kept, 0);
    CHECK_INT(v.dropped, 0);
    CHECK_INT(v.partly, 1);
    bf_view_print(&w.spec, &w.st.pool.samples[0], &v, &b);
    CHECK_STR(b.data, "image=keep;image.2=white{size: fixed};question=keep;choices=keep");
    v = view_of(0, "every"); /* the same as the modality */
    CHECK_INT(v.dropped, 1);
    CHECK_INT(v.partly, 0);
    CHECK(v.named == NULL);
    b.len = 0;
    bf_view_print(&w.spec, &w.st.pool.samples[0], &v, &b);
    CHECK_STR(b.data, "image=drop;question=keep;choices=keep");
    v = view_of(0, "mute");
    CHECK_INT(v.partly, 1);
    CHECK_INT(v.kept, 0);
    bf_buf_done(&b);
    tear_down();
}

/* Two rows that differ in `x` and `y` alone. */
static const char *pair(const char *format, const char *x, const char *y)
{
    const char *const with[] = { x, y };
    struct bf_buf b = { 0 };
    for (int i = 0; i < 2; i++) {
        bf_buf_printf(&b, "{\"id\": \"%d\", ", i);
        for (const char *at = format; *at; at++) {
            if (*at == '@')
                bf_buf_str(&b, with[i]);
            else
                bf_buf_char(&b, *at);
        }
        bf_buf_str(&b, "}\n");
    }
    for (size_t i = 0; i < b.len; i++)
        b.data[i] = b.data[i] == '\'' ? '"' : b.data[i];
    static char text[4096];
    snprintf(text, sizeof text, "%s", b.data);
    bf_buf_done(&b);
    return text;
}

/* Samples that differ in what is removed, in whatever way, are asked with the same bytes; as they
 * are they differ. */
static void no_removed_part_can_be_told_from_another(void)
{
    static const struct {
        const char *conditions, *format, *x, *y;
    } table[] = {
        /* one of two, with other bytes, another size and name, marked or not */
        { "[full, {it: {replace: {image.1: drop}}}]",
          "'question': 'Q?', 'answer': 'yes', 'image': [@, 'b.ppm']", "'a.ppm'",
          "'longer name.ppm'" },
        { "[full, {it: {replace: {image.1: white}}}]",
          "'question': 'Q?', 'answer': 'yes', 'image': [@, 'b.ppm']", "'a.ppm'",
          "'longer name.ppm'" },
        { "[full, {it: {replace: {image.2: drop}}}]",
          "'question': 'Is <image 2> <image 1>?', 'answer': 'yes', 'image': ['b.ppm', @]",
          "'a.ppm'", "'longer name.ppm'" },
        /* a choice's own picture */
        { "[full, {it: {replace: {image.2: drop}}}]",
          "'question': 'Q?', 'answer': 'A', 'image': 'a.ppm', 'choices': [{'image': @}, 'none']",
          "'b.ppm'", "'longer name.ppm'" },
        { "[full, {it: {replace: {image.2: white}}}]",
          "'question': 'Q?', 'answer': 'A', 'image': 'a.ppm', 'choices': [{'image': @}, 'none']",
          "'b.ppm'", "'longer name.ppm'" },
        /* all of them: how many there were besides those of the choices */
        { "[full, {it: {replace: {image: drop}}}]",
          "'question': 'Q?', 'answer': 'A', @ 'choices': [{'image': 'b.ppm'}, {'text': 'or', "
          "'image': 'c.ppm'}]",
          "'image': ['a.ppm', 'd.ppm'],", "" },
        { "[full, {it: {replace: {all: drop}}}]",
          "'question': 'Q?', 'answer': 'yes', 'media': {'image': @}", "['a.ppm', 'b.ppm', 'c.ppm']",
          "'longer name.ppm'" },
        { "[full, {it: {replace: {all: drop}}}]", "'question': 'Q?', 'answer': 'yes', 'media': {@}",
          "'image': 'a.ppm', 'tactile': 't.csv'", "'tactile': 't.csv'" },
        { "[full, {it: {replace: {choices: drop}}}]",
          "'question': 'Q?', 'answer': 'A', 'image': 'a.ppm', 'choices': [@, 'none']",
          "{'image': 'b.ppm'}", "{'image': ['c.ppm', 'longer name.ppm']}" },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        set_up(table[i].conditions, pair(table[i].format, table[i].x, table[i].y));
        CHECK_INT(w.st.pool.n_samples, 2);
        if (w.st.pool.n_samples == 2) {
            /* the same order of choices, which is drawn by the sample's id, is no matter here */
            const bool same = strcmp(body(0, "it", 0), body(1, "it", 0)) == 0;
            if (!same)
                printf("# %zu: %.300s\n# %.300s\n", i, body(0, "it", 0), body(1, "it", 0));
            CHECK(same);
            CHECK(strcmp(body(0, "full", 0), body(1, "full", 0)) != 0);
        }
        tear_down();
    }
}

/* Nor by the words that the built-in probe learns from. */
static void no_number_of_pictures_is_learned(void)
{
    const struct bf_shown_words words = { .choices = true };
    struct bf_rows r;
    set_up("[full]", pair("'question': 'Q?', 'answer': 'A', @ 'choices': [{'image': 'b.ppm'}, "
                          "{'text': 'or', 'image': 'c.ppm'}]",
                          "'image': ['a.ppm', 'd.ppm'],", ""));
    CHECK(strcmp(w.st.pool.samples[0].choices[0], w.st.pool.samples[1].choices[0]) != 0);
    CHECK_INT(bf_encode(&w.st.pool, &words, &r, &w.a, NULL), BF_OK);
    const uint32_t n = r.first_feature[2];
    CHECK(n > 0);
    CHECK_INT(r.first_feature[4], 2 * n);
    CHECK(memcmp(r.features, r.features + n, n * sizeof *r.features) == 0);
    tear_down();
}

/* Subsets over what is named, each asked of samples that have all it drops. */
static void a_lattice_goes_over_what_is_named(void)
{
    static const char *const names[] = {
        "full",
        "without_image.1",
        "without_image.2",
        "without_image.1+image.2",
        "without_question",
        "without_image.1+question",
        "without_image.2+question",
        "without_image.1+image.2+question",
    };
    set_up(
        "[every_subset: {over: [question, image.2, image.1]}, every_subset]",
        "{\"id\": \"one\", \"question\": \"Q?\", \"answer\": \"x\", \"image\": \"a.ppm\"}\n" MIXED
            REFERENCES);
    CHECK_INT(w.st.conditions.n, 9);
    for (int i = 0; i < 8; i++) {
        CHECK_STR(w.st.conditions.v[i].name, names[i]);
        CHECK(bf_condition_known(&w.spec, names[i]));
    }
    CHECK_STR(w.st.conditions.v[8].name, "without_image");
    CHECK(!bf_condition_known(&w.spec, "without_question+image.1"));
    CHECK(!bf_condition_known(&w.spec, "without_image.3"));
    CHECK(view_of(0, "without_image.1").asked);
    CHECK(!view_of(0, "without_image.1+image.2").asked);
    CHECK_STR(shown(1, "without_image.1+image.2+question", 0),
              "A. this <image 3>[b]\\nB. <image 4>[c]\\nC. <image 2>");
    /* Scores know lattices of modalities alone: no condition on parts is taken for one of those. */
    const struct bf_table t = { .spec = &w.spec,
                                .pool = &w.st.pool,
                                .conditions = &w.st.conditions };
    CHECK_INT(view_of(0, "without_image.1").dropped, 1);
    CHECK_INT(bf_table_subset(&t, 0, 0), 8);
    CHECK_INT(bf_table_subset(&t, 0, 1), 0);
    tear_down();
}

/* image.2 is lent an image.2, and a choice's picture that of a choice. */
static void a_part_is_swapped_for_one_of_its_number(void)
{
    struct bf_reading_key k;
    set_up("[full, {other: {replace: {image.2: swap}}}, {every: {replace: {all: swap}}}]",
           "{\"id\": \"s\", \"question\": \"Q?\", \"answer\": \"x\", \"image\": [\"a.ppm\", "
           "\"b.ppm\"]}\n"
           "{\"id\": \"t\", \"question\": \"Q?\", \"answer\": \"x\", \"image\": [\"c.ppm\", "
           "\"d.ppm\"]}\n"
           "{\"id\": \"u\", \"question\": \"Q?\", \"answer\": \"x\", \"image\": \"c.ppm\"}\n"
           "{\"id\": \"v\", \"question\": \"Q?\", \"answer\": \"A\", \"image\": \"c.ppm\", "
           "\"choices\": [{\"image\": \"a.ppm\"}, \"none\"]}\n");
    const struct bf_sample *s = w.st.pool.samples;
    for (uint32_t i = 0; i < 2; i++) {
        const struct bf_view v = view_of(i, "other");
        CHECK(v.asked);
        CHECK(bf_view_part(&v, &s[i], 0, &k) && k.part == &s[i].parts[0]);
        CHECK(bf_view_part(&v, &s[i], 1, &k) && k.part == &s[1 - i].parts[1]);
        CHECK_INT(v.partly, 1);
    }
    const struct bf_view every = view_of(0, "every");
    CHECK(bf_view_part(&every, &s[0], 0, &k) && k.part->number == 1 && k.part != &s[0].parts[0]);
    CHECK(bf_view_part(&every, &s[0], 1, &k) && k.part == &s[1].parts[1]);
    CHECK(view_of(2, "other").asked); /* it has no second picture: it is shown as it is */
    CHECK(!view_of(3, "other").asked);
    tear_down();
}

/* Noise says nothing of its neighbour: every part has its own. */
static void noise_differs_between_parts(void)
{
    set_up("[full, {hiss: {replace: {image: noise}}}]",
           "{\"id\": \"s\", \"question\": \"Q?\", \"answer\": \"x\", \"image\": [\"a.ppm\", "
           "\"a.ppm\"]}\n");
    const char *first = data_in(body(0, "hiss", 0));
    CHECK(!same_data(first, data_in(first)));
    first = data_in(body(0, "full", 0));
    CHECK(same_data(first, data_in(first)));
    tear_down();
}

static void key_of(uint32_t sample, const char *condition, uint8_t *out)
{
    const struct bf_view v = view_of(sample, condition);
    struct bf_buf scratch = { 0 };
    CHECK_INT(bf_answer_key(&w.spec, &w.st.pool, &w.probe, "identity", &w.st.pool.samples[sample],
                            &v, 0, &scratch, out, NULL),
              BF_OK);
    bf_buf_done(&scratch);
}

/* The key that these words, and what is sent of the media as they are, make. */
static void key_from(uint32_t sample, const char *words, uint8_t *out)
{
    const struct bf_view v = view_of(sample, "full");
    struct bf_buf b = { 0 };
    bf_buf_str(&b, words);
    bf_encoder_print(&w.spec, &w.st.pool, &w.st.pool.samples[sample], &v, &b);
    bf_sha256(b.data, b.len, out);
    bf_buf_done(&b);
}

/* Answers of earlier versions still count where the words name no part, and no others do. */
static void keys_change_only_with_what_is_asked(void)
{
    uint8_t key[2][BF_SHA_BYTES];
    set_up("[full, {none: {replace: {image: drop}}}]",
           "{\"id\": \"s\", \"question\": \"Q?\", \"answer\": \"A\", \"choices\": [\"x\", \"y\"], "
           "\"image\": [\"a.ppm\", \"b.ppm\"]}\n"
           "{\"id\": \"t\", \"question\": \"<image 1>?\", \"answer\": \"A\", \"choices\": [\"x\", "
           "\"y\"], \"image\": [\"a.ppm\", \"b.ppm\"]}\n"
           "{\"id\": \"u\", \"question\": \"Q?\", \"answer\": \"A\", \"choices\": [\"<image 1>\", "
           "\"<image 2>\"], \"image\": [\"a.ppm\", \"b.ppm\"]}\n"
           "{\"id\": \"v\", \"question\": \"Q?\", \"answer\": \"A\", \"choices\": [{\"image\": "
           "\"a.ppm\"}, {\"image\": \"b.ppm\"}]}\n");
    key_of(0, "full", key[0]);
    key_from(0, "answer v2;identity;trial=0;task=choice;question=\"Q?\",\"x\",\"y\"", key[1]);
    CHECK(memcmp(key[0], key[1], BF_SHA_BYTES) == 0);
    key_of(1, "full", key[0]);
    key_from(
        1, "answer v2;identity;trial=0;task=choice;question=\"<image 1>?\",\"x\",\"y\";placed v1;",
        key[1]);
    CHECK(memcmp(key[0], key[1], BF_SHA_BYTES) == 0);
    /* "<image 1>" of the pool's and ours: the same while it is shown, not when it is not. */
    key_of(2, "full", key[0]);
    key_of(3, "full", key[1]);
    CHECK_STR(body(2, "full", 0), body(3, "full", 0));
    CHECK(memcmp(key[0], key[1], BF_SHA_BYTES) == 0);
    key_of(2, "none", key[0]);
    key_of(3, "none", key[1]);
    CHECK(strcmp(body(2, "none", 0), body(3, "none", 0)) != 0);
    CHECK(memcmp(key[0], key[1], BF_SHA_BYTES) != 0);
    tear_down();
}

TEST_MAIN(TEST(pictures_stand_where_the_words_name_them), TEST(a_picture_moves_with_its_choice),
          TEST(operators_act_on_a_part_a_modality_or_all),
          TEST(a_view_says_what_became_of_a_modality),
          TEST(no_removed_part_can_be_told_from_another), TEST(no_number_of_pictures_is_learned),
          TEST(a_lattice_goes_over_what_is_named), TEST(a_part_is_swapped_for_one_of_its_number),
          TEST(noise_differs_between_parts), TEST(keys_change_only_with_what_is_asked))
