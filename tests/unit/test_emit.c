#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/json.h"
#include "core/ops.h"
#include "core/release.h"
#include "tests/test.h"
#include "tests/unit/filter_maker.h"

extern const struct bf_emitter bf_emitter_jsonl;

static struct bf_arena arena;

/* Two samples in a pool folder of their own; the second is dropped by a filter. */
struct world {
    struct maker *m;
    char root[64];
    const char *dir; /* where the benchmark goes */
    struct bf_file files[3];
    struct bf_reading readings[2];
    struct bf_part parts[3];
    struct bf_verdict verdicts[2];
    struct bf_filter_spec filter;
    struct bf_before_after blind;
    uint32_t kept[2];
    struct bf_release r;
};

static const char *below(const struct world *w, const char *name)
{
    return bf_path_join(&arena, w->root, name);
}

static char *read_text(const char *path)
{
    char *text = NULL;
    size_t n;
    struct bf_err err;
    if (bf_file_read(path, 1 << 20, &text, &n, &arena, &err) != BF_OK) {
        printf("# %s\n", err.msg);
        text = bf_arena_strdup(&arena, "");
    }
    return text;
}

static void put_file(struct world *w, int i, const char *name, const char *bytes)
{
    w->files[i] = (struct bf_file){ .path = below(w, name), .rel_path = name };
    bf_sha256(bytes, strlen(bytes), w->files[i].sha);
    CHECK_INT(bf_file_write(w->files[i].path, bytes, strlen(bytes), NULL), BF_OK);
}

/* A picture of a cat, the same picture under another name, and a clip with its sound. */
static void make_pool(struct world *w)
{
    put_file(w, 0, "cat_secret.jpeg", "not really a picture");
    put_file(w, 1, "copy_secret.jpg", "not really a picture");
    put_file(w, 2, "clip_secret.mov", "a clip");
    w->readings[0] = (struct bf_reading){ .info = { .ext = "jpg" } };
    w->readings[1] = (struct bf_reading){ .info = { .ext = "mp4" } };
    w->files[0].readings[0] = w->files[1].readings[0] = &w->readings[0];
    w->files[2].readings[1] = w->files[2].readings[2] = &w->readings[1];
    w->parts[0] = (struct bf_part){ .modality = 0, .number = 1, .file = &w->files[0] };
    w->parts[1] = (struct bf_part){ .modality = 1, .number = 1, .file = &w->files[2] };
    w->parts[2] = (struct bf_part){ .modality = 0, .number = 1, .file = &w->files[1] };
}

static struct world *world_new(void)
{
    struct world *w = calloc(1, sizeof *w);
    struct maker *m = w->m = maker_new();
    static const struct bf_emitter *formats[] = { &bf_emitter_jsonl };

    memcpy(w->root, "bf_emit_XXXXXX", sizeof "bf_emit_XXXXXX");
    CHECK(mkdtemp(w->root) != NULL);
    w->dir = below(w, "benchmark");
    make_pool(w);
    maker_init(m, 2, 2, 3);
    m->probes[1].held_out = true;
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_condition(m, "blind", BF_COND_BLIND, 0);
    maker_clear(m);
    maker_p(m, 0, 0, 0, 0.8125);
    maker_p(m, 0, 1, 0, 0.25);
    maker_trials(m, 1, 0, 0, 3, 4);
    maker_cell(m, 1, 0, 0)->n[BF_REFUSED] = 1;
    m->samples[0].category = "animal|count";
    m->samples[0].licence = "CC-BY-4.0";
    m->samples[0].n_parts = 2;
    m->samples[0].parts = w->parts;
    m->samples[1].has = m->samples[1].target = 1;
    m->samples[1].n_parts = 1;
    m->samples[1].parts = &w->parts[2];
    bf_scores_column(&m->scores, "accuracy.stat.full", NULL, 2)[0] = 1;
    bf_scores_column(&m->scores, "contribution.image", NULL, 2)[0] = 0.5;
    (void)bf_scores_column(&m->scores, "contribution.audio", NULL, 2);
    bf_scores_column(&m->scores, "contribution.tactile", NULL, 2)[0] = 9;
    bf_scores_column(&m->scores, "pvi.stat", NULL, 2)[0] = 1.5;
    (void)bf_scores_column(&m->scores, "pvi.stat.image", NULL, 2);
    bf_scores_column(&m->scores, "pvi.stat.tactile", NULL, 2)[0] = 9;
    static const char *const words[] = { "image_biased", "none" };
    bf_scores_column(&m->scores, "mis_category", words, 2)[0] = 0;

    m->spec.name = "toy";
    m->spec.seed = 7;
    m->spec.emit.formats = formats;
    m->spec.emit.n_formats = 1;
    w->filter = filter_new(&bf_filter_shortcut, &arena);
    filter_set(&w->filter, "probe", "stat", &arena);
    m->spec.filters = &w->filter;
    m->spec.n_filters = 1;
    w->verdicts[0] = (struct bf_verdict){ .filter = -1, .reason = "" };
    w->verdicts[1] = (struct bf_verdict){ .kind = BF_REJECT, .filter = 0, .reason = "r" };
    w->blind = (struct bf_before_after){ "chat", "blind", false, 200,  100,  0.5, 0.431, 0.569,
                                         0.25,   0.175,   0.343, 0.25, 0.25, 0.5, 0.44,  0.56 };
    w->r = (struct bf_release){ .spec = &m->spec,
                                .pool = &m->pool,
                                .table = &m->table,
                                .scores = &m->scores,
                                .verdicts = w->verdicts,
                                .n_kept = 1,
                                .kept = w->kept,
                                .n_before_after = 1,
                                .before_after = &w->blind };
    return w;
}

static void world_done(struct world *w)
{
    CHECK_INT(bf_dir_remove(w->root, NULL), BF_OK);
    maker_done(w->m);
    free(w);
    bf_arena_reset(&arena);
}

static int emit(struct world *w, struct bf_err *err)
{
    *err = (struct bf_err){ .msg = "" };
    return bf_emit(&w->r, w->dir, err);
}

static void check_emits(struct world *w)
{
    struct bf_err err;
    CHECK_INT(emit(w, &err), BF_OK);
    CHECK_STR(err.msg, "");
    CHECK(!bf_file_exists(below(w, "benchmark.part")));
    CHECK(!bf_file_exists(below(w, "benchmark.old")));
}

/* printf 'not really a picture' | openssl dgst -sha256 -binary |
 *     openssl dgst -sha256 -hmac 'blindfold media 7'   (the first 32 digits) */
#define CAT  "media/a9d19a6f8314eee02ecb5342fbfe4d8d.jpg"
#define CLIP "media/142146eb3fdc7675d96084afd694538d.mp4"

static void rows_hold_what_a_reader_needs_and_no_more(void)
{
    struct world *w = world_new();
    check_emits(w);
    CHECK_STR(read_text(below(w, "benchmark/benchmark.jsonl")),
              "{\"id\": \"s0\", \"task\": \"choice\", \"question\": \"what\", "
              "\"choices\": [\"a\", \"b\", \"c\", \"d\"], \"answer\": \"A\", "
              "\"category\": \"animal|count\", \"modalities\": [\"image\", \"audio\"], "
              "\"target\": [\"image\", \"audio\"], \"media\": ["
              "{\"modality\": \"image\", \"path\": \"" CAT "\"}, "
              "{\"modality\": \"audio\", \"path\": \"" CLIP "\"}], "
              "\"licence\": \"CC-BY-4.0\"}\n");
    CHECK_STR(read_text(below(w, "benchmark/dependency.jsonl")),
              "{\"id\": \"s0\", \"verdict\": {\"kind\": \"keep\", \"filter\": null, "
              "\"reason\": \"\", \"targets\": {\"image\": \"keep\", \"audio\": \"keep\"}}, "
              "\"contribution\": {\"image\": 0.5, \"audio\": null}, "
              "\"pvi\": {\"stat\": 1.5, \"stat.image\": null}, "
              "\"mis_category\": \"image_biased\", \"probes\": {"
              "\"stat\": {\"family\": \"stat\", \"role\": \"voter\", \"selected_on\": true, "
              "\"answers\": {\"full\": {\"right\": 1, \"answered\": 1, \"p_gold\": 0.8125, "
              "\"choice\": \"A\"}, \"blind\": {\"right\": 0, \"answered\": 1, \"p_gold\": 0.25, "
              "\"choice\": \"B\"}}}, "
              "\"chat\": {\"family\": \"chat\", \"role\": \"held_out\", \"selected_on\": false, "
              "\"answers\": {\"full\": {\"right\": 3, \"answered\": 5, \"refused\": 1, "
              "\"choice\": \"A\"}}}}}\n");
    CHECK_STR(read_text(below(w, "benchmark/" CAT)), "not really a picture");
    CHECK_STR(read_text(below(w, "benchmark/" CLIP)), "a clip");
    world_done(w);
}

static void other_tasks_write_their_answers(void)
{
    struct world *w = world_new();
    struct bf_sample *s = w->m->samples;
    static const char *yes_no[] = { "yes", "no" };
    s[0].task = BF_NUMBER;
    s[0].n_choices = 0;
    s[0].gold = -1;
    s[0].gold_number = 2.5;
    s[0].gold_text = "2.50";
    s[1].task = BF_YESNO;
    s[1].choices = yes_no;
    s[1].n_choices = 2;
    s[1].gold = 1;
    w->kept[1] = 1;
    w->r.n_kept = 2;
    check_emits(w);
    const char *rows = read_text(below(w, "benchmark/benchmark.jsonl"));
    CHECK(strstr(rows, "\"question\": \"what\", \"answer\": 2.5, "));
    CHECK(strstr(rows, "\"choices\": [\"yes\", \"no\"], \"answer\": \"no\", "));
    world_done(w);
}

static void no_output_names_a_source(void)
{
    static const char *const names[] = { "benchmark.jsonl", "dependency.jsonl", "README.md",
                                         "manifest.json" };
    struct world *w = world_new();
    w->kept[1] = 1;
    w->r.n_kept = 2;
    check_emits(w);
    for (int i = 0; i < 4; i++) {
        const char *text = read_text(bf_path_join(&arena, w->dir, names[i]));
        CHECK(text[0] && !strstr(text, "secret") && !strstr(text, w->root));
    }
    /* Two paths with one content are one file. */
    const char *manifest = read_text(below(w, "benchmark/manifest.json"));
    const char *first = strstr(manifest, "media/");
    CHECK(first && strstr(first + 1, "media/"));
    CHECK(!strstr(strstr(first + 1, "media/") + 1, "media/"));
    world_done(w);
}

static void another_seed_gives_other_names(void)
{
    struct world *w = world_new();
    const char *one = bf_emit_media_name(&w->m->spec, &w->files[0], 0, &arena);
    w->m->spec.seed = 8;
    const char *two = bf_emit_media_name(&w->m->spec, &w->files[0], 0, &arena);
    CHECK(one && strcmp(one, CAT) == 0);
    CHECK(one && two && strcmp(one, two) != 0);
    /* Image and sound of one clip share a file. */
    one = bf_emit_media_name(&w->m->spec, &w->files[2], 1, &arena);
    two = bf_emit_media_name(&w->m->spec, &w->files[2], 2, &arena);
    CHECK(one && two && strcmp(one, two) == 0);
    world_done(w);
}

static void the_manifest_lists_every_file_with_its_digest(void)
{
    struct world *w = world_new();
    check_emits(w);
    const char *text = read_text(below(w, "benchmark/manifest.json"));
    struct bf_json_doc *doc = NULL;
    CHECK_INT(bf_json_parse(text, strlen(text), &doc, NULL), BF_OK);
    const struct bf_json *files = bf_json_get(bf_json_root(doc), "files"), *f;
    struct bf_json_iter it = { 0 };
    const char *before = "";
    CHECK_INT(bf_json_count(files), 5);
    CHECK_STR(bf_json_string(bf_json_get(bf_json_root(doc), "blindfold")), bf_version());
    while (bf_json_each(files, &it, NULL, &f)) {
        const char *path = bf_json_string(bf_json_get(f, "path"));
        const char *bytes = read_text(bf_path_join(&arena, w->dir, path));
        double n;
        uint8_t sha[BF_SHA_BYTES];
        char hex[BF_SHA_HEX];
        CHECK(bf_json_number(bf_json_get(f, "bytes"), &n) && n == (double)strlen(bytes));
        bf_sha256(bytes, strlen(bytes), sha);
        bf_hex(sha, sizeof sha, hex);
        CHECK_STR(bf_json_string(bf_json_get(f, "sha256")), hex);
        CHECK(strcmp(before, path) < 0);
        before = path;
    }
    bf_json_free(&doc);
    world_done(w);
}

static void the_card_says_what_it_is(void)
{
    static const char *fields[] = { "category", "answer" };
    static struct bf_shortfall shortfall = { "category", "animal|count", 5, 1, 1 };
    struct bf_balance_result balance = { .n_shortfalls = 1, .shortfalls = &shortfall };
    struct world *w = world_new();
    w->m->spec.emit.card_licence = "cc-by-4.0";
    w->m->spec.balance.equal = (struct bf_names){ 2, fields };
    w->r.balance = &balance;
    check_emits(w);
    const char *card = read_text(below(w, "benchmark/README.md"));
    static const char *const parts[] = {
        "---\nlicense: cc-by-4.0\npretty_name: toy\nsize_categories: [\"n<1K\"]\n",
        "  - {split: test, path: benchmark.jsonl}\n---\n",
        "# toy\n\n1 question about media",
        "| image | 1 | 1 |\n| audio | 1 | 1 |\n",
        "| animal\\|count | 1 |\n",
        "| A | 1 |\n",
        "| shortcut | probe: stat, under: blind, above: 0.5 | 1 | 0 |\n",
        "Of the 1 that the filters left, 1 were taken, in even shares of category and of answer.\n",
        "| category = animal\\|count | 5 | 1 | 1 |\n",
        ("| 50.0 % (43.1 to 56.9, n = 200) | 25.0 % (17.5 to 34.3, n = 100) "
         "| 50.0 % (44.0 to 56.0, n = 100) | 25.0 % |\n"),
        "| CC-BY-4.0 | 1 |\n",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(card, parts[i])) {
            printf("# the card lacks: %s\n", parts[i]);
            CHECK(false);
        }
    if (test_failed)
        printf("%s\n", card);
    world_done(w);
}

static void the_same_input_gives_the_same_bytes_and_replaces_in_whole(void)
{
    struct world *w = world_new();
    check_emits(w);
    const char *one = read_text(below(w, "benchmark/manifest.json"));
    CHECK_INT(bf_file_write(below(w, "benchmark/stale"), "x", 1, NULL), BF_OK);
    check_emits(w);
    CHECK_STR(read_text(below(w, "benchmark/manifest.json")), one);
    CHECK(!bf_file_exists(below(w, "benchmark/stale")));
    world_done(w);
}

static void a_run_killed_anywhere_is_made_good(void)
{
    struct world *w = world_new();
    struct bf_err err;
    check_emits(w);
    /* Killed while writing: a part beside the old benchmark. */
    CHECK_INT(bf_dir_make(below(w, "benchmark.part/media"), NULL), BF_OK);
    CHECK_INT(bf_file_write(below(w, "benchmark.part/README.md"), "half", 4, NULL), BF_OK);
    check_emits(w);
    /* Killed between the two renames, and now the pool is gone: the old one comes back. */
    CHECK_INT(rename(w->dir, below(w, "benchmark.old")), 0);
    CHECK_INT(unlink(w->files[0].path), 0);
    CHECK_INT(emit(w, &err), BF_EIO);
    CHECK_STR(err.msg, "cannot open 'cat_secret.jpeg': No such file or directory");
    CHECK(bf_file_exists(below(w, "benchmark/manifest.json")));
    CHECK(!bf_file_exists(below(w, "benchmark.part")));
    /* Killed before the old one was removed. */
    put_file(w, 0, "cat_secret.jpeg", "not really a picture");
    w->files[0].readings[0] = &w->readings[0];
    CHECK_INT(bf_dir_make(below(w, "benchmark.old"), NULL), BF_OK);
    const char *manifest = read_text(below(w, "benchmark/manifest.json"));
    CHECK_INT(bf_file_write(below(w, "benchmark.old/manifest.json"), manifest, strlen(manifest),
                            NULL),
              BF_OK);
    check_emits(w);
    CHECK(!bf_file_exists(below(w, "benchmark.old")));
    world_done(w);
}

static void a_folder_that_is_not_ours_is_left_alone(void)
{
    struct world *w = world_new();
    struct bf_err err;
    CHECK_INT(bf_dir_make(w->dir, NULL), BF_OK);
    check_emits(w); /* an empty one is fine */
    CHECK_INT(bf_dir_remove(w->dir, NULL), BF_OK);
    CHECK_INT(bf_dir_make(w->dir, NULL), BF_OK);
    CHECK_INT(bf_file_write(below(w, "benchmark/thesis.tex"), "x", 1, NULL), BF_OK);
    CHECK_INT(emit(w, &err), BF_EIO);
    CHECK(strstr(err.msg, "is in the way and no benchmark of ours"));
    CHECK(bf_file_exists(below(w, "benchmark/thesis.tex")));
    /* A manifest is not yet one of ours. */
    CHECK_INT(bf_file_write(below(w, "benchmark/manifest.json"), "{\"name\": \"x\"}", 13, NULL),
              BF_OK);
    CHECK_INT(emit(w, &err), BF_EIO);
    CHECK_INT(bf_emit_check(w->dir, &err), BF_EINVAL);
    CHECK(strstr(err.msg, "is in the way and no benchmark of ours"));
    CHECK(bf_file_exists(below(w, "benchmark/thesis.tex")));
    world_done(w);
}

static void media_that_changed_since_it_was_read_stop_it(void)
{
    struct world *w = world_new();
    struct bf_err err;
    CHECK_INT(bf_file_write(w->files[2].path, "a clap", 6, NULL), BF_OK);
    CHECK_INT(emit(w, &err), BF_EIO);
    CHECK_STR(err.msg, "'clip_secret.mov' has changed since it was read; run again");
    CHECK(!bf_file_exists(w->dir));
    CHECK(!bf_file_exists(below(w, "benchmark.part")));
    world_done(w);
}

/* A limit on the size of files stands in for a full disk: write() fails the same way. */
static void a_full_disk_leaves_what_was_there(void)
{
    struct world *w = world_new();
    struct bf_err err;
    struct rlimit old;
    check_emits(w);
    const char *before = read_text(below(w, "benchmark/manifest.json"));
    CHECK_INT(getrlimit(RLIMIT_FSIZE, &old), 0);
    const struct rlimit small = { 100, old.rlim_max };
    signal(SIGXFSZ, SIG_IGN);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &small), 0);
    const int rc = emit(w, &err);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &old), 0);
    CHECK_INT(rc, BF_EIO);
    CHECK(strstr(err.msg, "cannot write '"));
    CHECK(strstr(err.msg, "benchmark.jsonl': "));
    CHECK_STR(read_text(below(w, "benchmark/manifest.json")), before);
    CHECK(!bf_file_exists(below(w, "benchmark.part")));
    world_done(w);
}

static void a_place_that_cannot_be_written_is_named(void)
{
    struct world *w = world_new();
    struct bf_err err;
    CHECK_INT(bf_file_write(below(w, "file"), "x", 1, NULL), BF_OK);
    w->dir = below(w, "file/benchmark");
    CHECK_INT(emit(w, &err), BF_EIO);
    CHECK(strstr(err.msg, "/file"));
    if (geteuid() != 0) {
        CHECK_INT(bf_dir_make(below(w, "locked"), NULL), BF_OK);
        CHECK_INT(chmod(below(w, "locked"), 0500), 0);
        w->dir = below(w, "locked/benchmark");
        CHECK_INT(emit(w, &err), BF_EIO);
        CHECK(strstr(err.msg, "locked/benchmark.part"));
        CHECK_INT(chmod(below(w, "locked"), 0700), 0);
    }
    world_done(w);
}

TEST_MAIN(TEST(rows_hold_what_a_reader_needs_and_no_more), TEST(other_tasks_write_their_answers),
          TEST(no_output_names_a_source), TEST(another_seed_gives_other_names),
          TEST(the_manifest_lists_every_file_with_its_digest), TEST(the_card_says_what_it_is),
          TEST(the_same_input_gives_the_same_bytes_and_replaces_in_whole),
          TEST(a_run_killed_anywhere_is_made_good), TEST(a_folder_that_is_not_ours_is_left_alone),
          TEST(media_that_changed_since_it_was_read_stop_it),
          TEST(a_full_disk_leaves_what_was_there), TEST(a_place_that_cannot_be_written_is_named))
