/* Reader `jsonl`: what becomes a sample, and what is set aside for which reason. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/ops.h"
#include "core/spec.h"
#include "tests/test.h"

extern const struct bf_reader bf_reader_jsonl;

static struct bf_spec spec;
static struct bf_pool_spec source;
static struct bf_pool pool;
static struct bf_err err;
static char dir[64];

/* image video audio tactile imu thermal panorama, targets as given. */
static void make_spec(uint32_t target)
{
    static const char *const names[] = { "image", "video",   "audio",   "tactile",
                                         "imu",   "thermal", "panorama" };
    memset(&spec, 0, sizeof spec);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        spec.modalities[spec.n_modalities++].name = names[i];
    spec.target = target;
    source = (struct bf_pool_spec){
        .shown = "pool.jsonl",
        .f_id = "id",
        .f_question = "question",
        .f_choices = "choices",
        .f_answer = "answer",
        .f_category = "category",
        .f_task = "task",
        .f_media = "media",
        .f_target = "target",
        .f_licence = "licence",
    };
}

/* A folder with x.png, y.wav and the pool. */
static void make_pool(const char *text, size_t n)
{
    struct bf_arena a = { 0 };
    snprintf(dir, sizeof dir, "/tmp/bf_jsonl.XXXXXX");
    CHECK(mkdtemp(dir) != NULL);
    CHECK_INT(bf_file_write(bf_path_join(&a, dir, "x.png"), "x", 1, &err), BF_OK);
    CHECK_INT(bf_file_write(bf_path_join(&a, dir, "y.wav"), "y", 1, &err), BF_OK);
    CHECK_INT(bf_dir_make(bf_path_join(&a, dir, "folder"), &err), BF_OK);
    CHECK_INT(bf_file_write(bf_path_join(&a, dir, "pool.jsonl"), text, n, &err), BF_OK);
    bf_arena_reset(&a);
}

static int read_pool(void)
{
    struct bf_arena a = { 0 };
    source.path = bf_path_join(&a, dir, "pool.jsonl");
    int rc = bf_reader_jsonl.read(&spec, &source, &pool, &err);
    bf_arena_reset(&a);
    return rc;
}

static void done(void)
{
    bf_pool_done(&pool);
    CHECK_INT(bf_dir_remove(dir, &err), BF_OK);
}

static void read_text(const char *text)
{
    make_spec(127);
    make_pool(text, strlen(text));
    CHECK_INT(read_pool(), BF_OK);
}

#define MEDIA       "\"media\": [{\"modality\": \"image\", \"path\": \"x.png\"}]"
#define ROW(fields) "{\"question\": \"Q?\", " MEDIA ", " fields "}\n"

static void gold_is_read_for_each_task(void)
{
    read_text(
        ROW("\"id\": 1, \"choices\": [\"8\", \"3\", 5], \"answer\": \"B\"")
            ROW("\"id\": 2, \"choices\": [\"8\", \"3\", 5], \"answer\": 5") ROW(
                "\"id\": 3, \"choices\": [\"yes\", \"no\"], \"answer\": \"no\"")
                ROW("\"id\": 4, \"answer\": \"No\"") ROW("\"id\": 5, \"answer\": true") ROW(
                    "\"id\": 6, \"answer\": \"12.5\"") ROW("\"id\": 7, \"answer\": \"a red kite\"")
                    ROW("\"id\": 8, \"task\": \"choices\", \"choices\": [\"a\", \"b\", \"c\"], "
                        "\"answer\": [\"A\", \"c\"]")
                        ROW("\"id\": 9, \"task\": \"choices\", \"choices\": [\"a\", \"b\", \"c\"], "
                            "\"answer\": \"C, B\"") ROW("\"id\": 10, \"task\": \"yesno\", "
                                                        "\"choices\": [\"No\", \"Yes\"], "
                                                        "\"answer\": \"A\"")
                            ROW("\"id\": 11, \"task\": \"text\", \"answer\": 7") ROW(
                                "\"id\": 12, \"choices\": [\"B\", \"A\"], \"answer\": \"A\"")
                                ROW("\"id\": 13, \"choices\": [\"X\", \"Y\"], \"answer\": \"Y\"")
                                    ROW("\"id\": 14, \"task\": null, \"answer\": \"FALSE\", "
                                        "\"task\\u0020\": 1"));
    static const struct {
        enum bf_task task;
        int n_choices, gold;
        uint32_t set;
    } want[] = {
        { BF_CHOICE, 3, 1, 2 },     { BF_CHOICE, 3, 2, 4 },     { BF_CHOICE, 2, 1, 2 },
        { BF_YESNO, 2, 1, 2 },      { BF_YESNO, 2, 0, 1 },      { BF_NUMBER, 0, -1, 0 },
        { BF_FREE_TEXT, 0, -1, 0 }, { BF_CHOICES, 3, -1, 5 },   { BF_CHOICES, 3, -1, 6 },
        { BF_YESNO, 2, 1, 2 },      { BF_FREE_TEXT, 0, -1, 0 }, { BF_CHOICE, 2, 0, 1 },
        { BF_CHOICE, 2, 1, 2 },     { BF_FREE_TEXT, 0, -1, 0 },
    };
    CHECK_INT(pool.n_set_aside, 0);
    CHECK_INT(pool.n_samples, sizeof want / sizeof *want);
    for (size_t i = 0; i < sizeof want / sizeof *want && i < pool.n_samples; i++) {
        const struct bf_sample *s = &pool.samples[i];
        CHECK_INT(s->task, want[i].task);
        CHECK_INT(s->n_choices, want[i].n_choices);
        CHECK_INT(s->gold, want[i].gold);
        CHECK_INT(s->gold_set, want[i].set);
        CHECK_INT(s->index, (long long)i);
    }
    CHECK_STR(pool.samples[1].choices[2], "5");
    CHECK_STR(pool.samples[3].choices[0], "yes");
    CHECK(pool.samples[5].gold_number == 12.5);
    CHECK_STR(pool.samples[7].gold_text, "A,c");
    CHECK_STR(pool.samples[10].gold_text, "7");
    CHECK_STR(pool.samples[13].extras[0].name, "task ");
    done();
}

static void media_target_and_other_fields_are_kept(void)
{
    read_text("\xef\xbb\xbf{\"id\": \"a\", \"question\": \"Q?\", \"answer\": \"yes\", \"media\": "
              "[{\"modality\": \"image\", \"path\": \"x.png\"}, "
              "{\"modality\": \"video+audio\", \"path\": \"y.wav\"}, "
              "{\"modality\": \"image\", \"path\": \"./x.png\"}], "
              "\"target\": [\"audio\"], \"licence\": [\"cc0\", \"by\"], \"category\": \"c\", "
              "\"lang\": \"en\", \"n\": 3, \"source\": [\"web\"], \"none\": null}\r\n"
              "\n \t\r\n"
              "{\"id\": \"b\", \"question\": \"Q?\", \"answer\": \"yes\", \"media\": "
              "{\"modality\": \"audio\", \"path\": \"y.wav\"}}");
    CHECK_INT(pool.n_samples, 2);
    CHECK_INT(pool.n_files, 3); /* x.png is named in two ways */
    const struct bf_sample *s = &pool.samples[0], *t = &pool.samples[1];
    CHECK_INT(s->n_parts, 4);
    CHECK_INT(s->has, 7);
    CHECK_INT(s->target, 4);
    CHECK_INT(s->parts[1].modality, 1);
    CHECK_INT(s->parts[2].modality, 2);
    CHECK(s->parts[1].file == s->parts[2].file && s->parts[1].file == t->parts[0].file);
    CHECK_INT(s->parts[3].number, 2);
    CHECK_STR(s->parts[3].file->rel_path, "./x.png");
    CHECK_STR(s->licence, "cc0; by");
    CHECK_STR(s->category, "c");
    CHECK_STR(s->origin, "pool.jsonl:1");
    CHECK_INT(s->n_extras, 2);
    CHECK_STR(s->extras[1].name, "n");
    CHECK_STR(s->extras[1].value, "3");
    CHECK_STR(t->origin, "pool.jsonl:4"); /* blank lines count */
    CHECK_INT(t->target, 4);
    CHECK_STR(t->category, "");
    done();
}

static void fields_go_by_other_names(void)
{
    make_spec(1);
    source.f_id = "key";
    source.f_question = "prompt";
    source.f_answer = "gold";
    static const char text[] =
        "{\"key\": 7, \"prompt\": \"Q?\", \"gold\": 3, \"id\": \"x\", " MEDIA "}";
    make_pool(text, sizeof text - 1);
    CHECK_INT(read_pool(), BF_OK);
    CHECK_INT(pool.n_samples, 1);
    CHECK_STR(pool.samples[0].id, "7");
    CHECK_STR(pool.samples[0].extras[0].value, "x");
    done();
}

/* "image.1=x.png image.2=y.wav(B) <image 1>": parts, whose they are, and which are named. */
static const char *parts_of(const struct bf_sample *s)
{
    static char text[1024];
    size_t n = 0;
    text[0] = '\0';
    for (int p = 0; p < s->n_parts; p++) {
        const struct bf_part *part = &s->parts[p];
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s.%d=%s", p ? " " : "",
                              spec.modalities[part->modality].name, part->number,
                              part->file->rel_path);
        if (part->choice)
            n += (size_t)snprintf(text + n, sizeof text - n, "(%c%s)", 'A' + part->choice - 1,
                                  part->in_choice ? "" : " by name");
        if (part->marker)
            n += (size_t)snprintf(text + n, sizeof text - n, " %s", part->marker);
    }
    return text;
}

static void media_come_in_several_forms(void)
{
    static const struct {
        const char *fields, *parts;
    } table[] = {
        { "\"media\": {\"image\": [\"x.png\", \"y.wav\"], \"audio\": \"y.wav\"}",
          "image.1=x.png image.2=y.wav audio.1=y.wav" },
        { "\"media\": [{\"modality\": \"image\", \"path\": [\"x.png\", \"x.png\"]}]",
          "image.1=x.png image.2=x.png" },
        { "\"image\": [\"x.png\", \"y.wav\"], \"video\": null", "image.1=x.png image.2=y.wav" },
        { "\"audio\": \"y.wav\", \"image\": \"x.png\"", "image.1=x.png audio.1=y.wav" },
        { "\"image\": \"y.wav\", \"media\": {\"image\": \"x.png\"}", "image.1=x.png" },
        { "\"pic_1\": \"x.png\", \"pic_2\": \"y.wav\", \"pic_3\": null", "" },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char row[512];
        snprintf(row, sizeof row, "{\"id\": 1, \"question\": \"Q?\", \"answer\": 1, %s}",
                 table[i].fields);
        read_text(row);
        CHECK_INT(pool.n_samples, *table[i].parts ? 1 : 0);
        if (pool.n_samples)
            CHECK_STR(parts_of(&pool.samples[0]), table[i].parts);
        done();
    }
    /* MMMU's fields */
    static const char mmmu[] =
        "{\"id\": 1, \"question\": \"<image 2>?\", \"answer\": 1, \"pic_1\": \"x.png\", "
        "\"pic_2\": \"y.wav\", \"pic_3\": null, \"image\": \"kept\"}\n"
        "{\"id\": 2, \"question\": \"Q\", \"answer\": 1, \"pic_1\": \"x.png\", \"pic_3\": "
        "\"y.wav\"}\n";
    make_spec(1);
    source.f_modality[0] = "pic_*";
    make_pool(mmmu, sizeof mmmu - 1);
    CHECK_INT(read_pool(), BF_OK);
    CHECK_INT(pool.n_samples, 1);
    CHECK_STR(parts_of(&pool.samples[0]), "image.1=x.png image.2=y.wav <image 2>");
    CHECK_INT(pool.samples[0].n_extras, 1); /* paths are no fields of their own */
    CHECK_STR(pool.samples[0].extras[0].name, "image");
    CHECK_STR(pool.set_aside[0].reason, "there is 'pic_3', and none with 2");
    done();
}

static void choices_show_media(void)
{
    read_text("{\"id\": 1, \"question\": \"Q?\", \"answer\": \"dog\", \"image\": \"x.png\", "
              "\"choices\": [{\"image\": \"y.wav\"}, {\"text\": \"dog\", \"image\": \"x.png\", "
              "\"audio\": \"y.wav\"}, \"<image 1>\", {\"text\": \"cow\"}]}\n"
              "{\"id\": 2, \"question\": \"<image 1> or <image 2>\", \"answer\": \"<image 3>\", "
              "\"image\": [\"x.png\", \"x.png\", \"x.png\", \"y.wav\"], \"choices\": "
              "[\"<image 3>\", \"<image 2>\", \"both <image 4> and < image 4>\", \"<image 4>\"]}\n"
              "{\"id\": 3, \"question\": \"Q?\", \"answer\": \"A\", \"choices\": [{\"text\": \"see "
              "<image 1> here\", \"image\": \"x.png\"}, {\"image\": \"y.wav\"}]}\n");
    CHECK_INT(pool.n_samples, 3);
    const struct bf_sample *s = pool.samples;
    CHECK_STR(parts_of(&s[0]),
              "image.1=x.png(C by name) <image 1> image.2=y.wav(A) <image 2> image.3=x.png(B) "
              "<image 3> audio.1=y.wav(B) <audio 1>");
    CHECK_STR(s[0].choices[0], "<image 2>");
    CHECK_STR(s[0].choices[1], "dog <image 3> <audio 1>");
    CHECK_STR(s[0].choices[3], "cow");
    CHECK_INT(s[0].gold, 1); /* by the words that the pool gives */
    CHECK_INT(s[0].has, 1 | 4);
    CHECK_STR(parts_of(&s[1]), "image.1=x.png <image 1> image.2=x.png <image 2> "
                               "image.3=x.png(A by name) <image 3> image.4=y.wav <image 4>");
    CHECK_STR(s[2].choices[0], "see <image 1> here");
    CHECK_STR(s[2].choices[1], "<image 2>");
    done();
}

struct bad {
    const char *row, *id, *reason;
};

#define KNOWN                 "known: image, video, audio, tactile, imu, thermal, panorama"
#define OK_WORDS              "\"question\": \"Q?\", \"answer\": \"yes\""
#define CHOICES(list, answer) ROW("\"id\": \"a\", \"choices\": " list ", \"answer\": " answer)
#define SHOWN(media)          "{\"id\": \"a\", " OK_WORDS ", \"media\": " media "}"

static const struct bad bad_rows[] = {
    { "[1]", NULL, "the row is a list; allowed: an object" },
    { "{\"a\": 1, \"a\": 2}", NULL, "not JSON we read: key 'a' stands twice" },
    { "{}", NULL, "'id' is missing" },
    { "{\"id\": true}", NULL, "'id' is true or false; allowed: text or a number" },
    { "{\"id\": \"\"}", NULL, "'id' is empty" },
    { "{\"id\": \"a\\u0007\"}", NULL, "'id' holds a control character" },
    { "{\"id\": \"a\"}", "a", "'question' is missing" },
    { "{\"id\": \"a\", \"question\": 5}", "a", "'question' is a number; allowed: text" },
    { "{\"id\": \"a\", \"question\": \" \"}", "a", "'question' is empty" },
    { "{\"id\": \"a\", \"question\": \"Q\"}", "a", "'answer' is missing" },
    { ROW("\"id\": \"a\", \"answer\": \"\""), "a", "'answer' is empty" },
    { ROW("\"id\": \"a\", \"answer\": {}"), "a",
      "'answer' is an object; allowed with task 'text': one value" },
    { CHOICES("[\"x\", \"y\"]", "[\"A\"]"), "a",
      "'answer' is a list; allowed with task 'choice': one value" },
    { CHOICES("\"x\"", "1"), "a", "'choices' is a string; allowed: a list of 2 to 26 texts" },
    { CHOICES("[\"x\"]", "1"), "a", "'choices' has 1; allowed: 2 to 26" },
    { CHOICES("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27]", "1"),
      "a", "'choices' has 27; allowed: 2 to 26" },
    { CHOICES("[\"x\", null]", "1"), "a",
      "choice B is null; allowed: text, or an object with text and media" },
    { CHOICES("[\"x\", \" \"]", "1"), "a", "choice B is empty" },
    { CHOICES("[\"x\", \"y\", \"x\"]", "1"), "a", "choices A and C are both 'x'" },
    { CHOICES("[\"p\", \"q\", \"r\", \"s\"]", "\"F\""), "a",
      "answer 'F' is beyond the 4 choices A to D" },
    { CHOICES("[\"p\", \"q\"]", "1"), "a",
      "answer '1' is neither a letter A to B nor the words of a choice" },
    { ROW("\"id\": \"a\", \"task\": \"chioce\", \"answer\": 1"), "a",
      "'task' is 'chioce'; did you mean 'choice'? allowed: choice, choices, yesno, number, text" },
    { ROW("\"id\": \"a\", \"task\": [], \"answer\": 1"), "a",
      "'task' is a list; allowed: choice, choices, yesno, number, text" },
    { ROW("\"id\": \"a\", \"task\": \"choice\", \"answer\": \"A\""), "a",
      "task 'choice' needs 'choices'" },
    { ROW("\"id\": \"a\", \"task\": \"number\", \"answer\": \"few\""), "a",
      "answer 'few' of task 'number' is no number" },
    { ROW("\"id\": \"a\", \"task\": \"number\", \"choices\": [1, 2], \"answer\": 1"), "a",
      "task 'number' takes no 'choices'" },
    { ROW("\"id\": \"a\", \"task\": \"yesno\", \"answer\": \"maybe\""), "a",
      "answer 'maybe' of task 'yesno'; allowed: yes, no, true, false" },
    { ROW("\"id\": \"a\", \"task\": \"yesno\", \"choices\": [\"yes\", \"may\"], \"answer\": \"A\""),
      "a", "task 'yesno' takes no choices but yes and no" },
    { ROW("\"id\": \"a\", \"task\": \"choices\", \"choices\": [1, 2], \"answer\": []"), "a",
      "answer names no choice" },
    { ROW("\"id\": \"a\", \"task\": \"choices\", \"choices\": [1, 2], \"answer\": \"A,A\""), "a",
      "answer names choice A twice" },
    { ROW("\"id\": \"a\", \"task\": \"choices\", \"choices\": [1, 2], \"answer\": \"A,,B\""), "a",
      "answer 'A,,B' is no list of letters such as 'A,C'" },
    { ROW("\"id\": \"a\", \"answer\": 1, \"category\": [\"c\"]"), "a",
      "'category' is a list; allowed: text" },
    { ROW("\"id\": \"a\", \"answer\": 1, \"licence\": [{}]"), "a",
      "'licence' holds an object; allowed: text" },
    { "{\"id\": \"a\", " OK_WORDS "}", "a", "shows no media" },
    { SHOWN("[]"), "a", "shows no media" },
    { SHOWN("\"x.png\""), "a",
      "'media' is a string; allowed: a list of objects with modality and path" },
    { SHOWN("[\"x.png\"]"), "a",
      "'media' holds a string; allowed: objects with modality and path" },
    { SHOWN("[{\"modality\": \"image\"}]"), "a", "media without a 'path'" },
    { SHOWN("[{\"path\": \"x.png\"}]"), "a", "media without a 'modality'" },
    { SHOWN("[{\"modality\": \"imge\", \"path\": \"x.png\"}]"), "a",
      "modality 'imge' is not declared; did you mean 'image'? " KNOWN },
    { SHOWN("[{\"modality\": \"smell\", \"path\": \"x.png\"}]"), "a",
      "modality 'smell' is not declared; " KNOWN },
    { SHOWN("[{\"modality\": \"image+\", \"path\": \"x.png\"}]"), "a",
      "modality '' is not declared; " KNOWN },
    { SHOWN("[{\"modality\": \"image+image\", \"path\": \"x.png\"}]"), "a",
      "modality 'image' stands twice for one file" },
    { SHOWN("[{\"modality\": \"image\", \"path\": \"../x\"}]"), "a",
      "media path '../x' is no plain path below the pool's folder" },
    { SHOWN("[{\"modality\": \"image\", \"path\": \"/etc/passwd\"}]"), "a",
      "media path '/etc/passwd' is no plain path below the pool's folder" },
    { SHOWN("[{\"modality\": \"image\", \"path\": \"no.png\"}]"), "a",
      "media file 'no.png' is missing" },
    { SHOWN("[{\"modality\": \"image\", \"path\": \"folder\"}]"), "a",
      "media file 'folder' is no regular file" },
    { SHOWN("[{\"modality\": \"image+video+audio+tactile+imu+thermal+panorama\", "
            "\"path\": \"x.png\"}]"),
      "a", "shows 7 modalities; allowed: at most 6" },
    { "{\"id\": \"a\", " OK_WORDS ", \"image\": 5}", "a",
      "'image' is a number; allowed: a path, or a list of them" },
    { "{\"id\": \"a\", " OK_WORDS ", \"image\": [\"x.png\", null]}", "a",
      "'image' holds null; allowed: paths" },
    { SHOWN("{\"imge\": \"x.png\"}"), "a",
      "modality 'imge' is not declared; did you mean 'image'? " KNOWN },
    { SHOWN("[{}]"), "a", "media without a 'modality'" },
    { "{\"id\": \"a\", \"question\": \"<image 2>?\", \"answer\": 1, " MEDIA "}", "a",
      "the question has the marker '<image 2>'; allowed: 1 to 1, as many as shown" },
    { CHOICES("[\"x\", \"<audio 1>\"]", "\"A\""), "a",
      "choice B has the marker '<audio 1>', and the row shows no audio" },
    { CHOICES("[{\"image\": \"x.png\"}, {\"image\": \"x.png\"}]", "\"A\""), "a",
      "choices A and B are the same" },
    { CHOICES("[\"x\", {\"image\": \"no.png\"}]", "\"A\""), "a",
      "choice B: media file 'no.png' is missing" },
    { CHOICES("[\"x\", {}]", "\"A\""), "a", "choice B is empty" },
    { CHOICES("[\"x\", {\"text\": [], \"image\": \"x.png\"}]", "\"A\""), "a",
      "choice B is a list; allowed: text, or an object with text and media" },
    { CHOICES("[{\"text\": \"x\", \"image\": \"x.png\"}, {\"text\": \"x\", \"image\": "
              "\"y.wav\"}]",
              "\"x\""),
      "a", "answer 'x' is the text of several choices; allowed: a letter" },
    { CHOICES("[{\"text\": \"yes\", \"image\": \"x.png\"}, \"no\"]", "\"A\", \"task\": \"yesno\""),
      "a", "task 'yesno' takes no media in its choices" },
    { ROW("\"id\": \"a\", \"answer\": 1, \"target\": \"audio\""), "a",
      "target 'audio' is not among the media shown: image" },
    { ROW("\"id\": \"a\", \"answer\": 1, \"target\": [\"imgae\"]"), "a",
      "modality 'imgae' is not declared; did you mean 'image'? " KNOWN },
    { ROW("\"id\": \"a\", \"answer\": 1, \"target\": []"), "a", "'target' is an empty list" },
    { ROW("\"id\": \"a\", \"answer\": 1, \"target\": [3]"), "a",
      "'target' is or holds a number; allowed: names of modalities" },
};

static void each_bad_row_is_set_aside_with_its_reason(void)
{
    for (size_t i = 0; i < sizeof bad_rows / sizeof *bad_rows; i++) {
        read_text(bad_rows[i].row);
        CHECK_INT(pool.n_samples, 0);
        CHECK_INT(pool.n_files, 0);
        CHECK_INT(pool.n_set_aside, 1);
        if (pool.n_set_aside == 1) {
            CHECK_STR(pool.set_aside[0].reason, bad_rows[i].reason);
            CHECK_STR(pool.set_aside[0].where, "pool.jsonl:1");
            CHECK_STR(pool.set_aside[0].id ? pool.set_aside[0].id : "-",
                      bad_rows[i].id ? bad_rows[i].id : "-");
        }
        done();
    }
}

static void a_duplicate_id_names_the_first(void)
{
    read_text(ROW("\"id\": \"a\", \"answer\": 1")
                  ROW("\"id\": \"b\", \"answer\": 1") "{\"id\": \"a\", " OK_WORDS
                                                      ", \"media\": {\"modality\": \"audio\", "
                                                      "\"path\": \"y.wav\"}}");
    CHECK_INT(pool.n_samples, 2);
    CHECK_INT(pool.n_files, 1);
    CHECK_STR(pool.set_aside[0].where, "pool.jsonl:3");
    CHECK_STR(pool.set_aside[0].id, "a");
    CHECK_STR(pool.set_aside[0].reason, "id 'a' stands already at pool.jsonl:1");
    done();
}

static void targets_of_the_spec_must_be_shown(void)
{
    make_spec(4 | 8);
    static const char text[] = ROW("\"id\": \"a\", \"answer\": 1");
    make_pool(text, sizeof text - 1);
    CHECK_INT(read_pool(), BF_OK);
    CHECK_STR(pool.set_aside[0].reason, "shows none of the targets audio, tactile");
    done();
}

static void broken_bytes_cost_one_line(void)
{
    static const char text[] =
        "{\"id\": \"\xff\"}\n{\"id\": \"a\0\"}\n{\"id\": 1\n" ROW("\"id\": 1, \"answer\": 1");
    make_spec(1);
    make_pool(text, sizeof text - 1);
    CHECK_INT(read_pool(), BF_OK);
    CHECK_INT(pool.n_samples, 1);
    CHECK_INT(pool.n_set_aside, 3);
    CHECK_STR(pool.set_aside[0].reason, "the line is not UTF-8 text");
    CHECK_STR(pool.set_aside[1].reason, "the line is not UTF-8 text");
    CHECK_INT(strncmp(pool.set_aside[2].reason, "not JSON: ", 10), 0);
    CHECK_STR(pool.set_aside[2].where, "pool.jsonl:3");
    CHECK_STR(pool.samples[0].origin, "pool.jsonl:4");
    done();
}

/* 16 MiB is the longest line: one byte more is passed over, and what follows it is read. */
static void long_lines_are_bounded(void)
{
    enum { LIMIT = 16 << 20 };
    static const char row[] = ROW("\"id\": 1, \"answer\": 1");
    char *text = malloc(2 * LIMIT + 4096);
    CHECK(text != NULL);
    if (!text)
        return;
    size_t n = sizeof row - 2, at = 0; /* without its end */
    memcpy(text, row, n);
    memset(text + n, ' ', LIMIT - n);
    at = LIMIT;
    text[at++] = '\n';
    memset(text + at, 'x', LIMIT + 1);
    at += LIMIT + 1;
    text[at++] = '\n';
    static const char last[] = ROW("\"id\": 2, \"answer\": 1");
    memcpy(text + at, last, sizeof last - 1);
    at += sizeof last - 1;
    make_spec(1);
    make_pool(text, at);
    free(text);
    CHECK_INT(read_pool(), BF_OK);
    CHECK_INT(pool.n_samples, 2);
    CHECK_INT(pool.n_set_aside, 1);
    CHECK_STR(pool.set_aside[0].where, "pool.jsonl:2");
    CHECK_STR(pool.set_aside[0].reason, "the line is over 16 MiB");
    done();
}

static void a_source_that_cannot_be_read_is_an_error(void)
{
    make_spec(1);
    make_pool("", 0);
    source.path = "/nowhere/pool.jsonl";
    CHECK_INT(bf_reader_jsonl.read(&spec, &source, &pool, &err), BF_EINVAL);
    CHECK_STR(err.msg, "cannot open 'pool.jsonl': No such file or directory");
    source.path = dir;
    CHECK_INT(bf_reader_jsonl.read(&spec, &source, &pool, &err), BF_EINVAL);
    CHECK_STR(err.msg, "'pool.jsonl' is a folder; allowed: a file");
    CHECK_INT(read_pool(), BF_OK);
    CHECK_INT(pool.n_samples + pool.n_set_aside, 0);
    done();
}

static void out_of_memory_is_reported(void)
{
    static const char text[] = ROW("\"id\": \"a\", \"choices\": [\"x\", \"y\"], \"answer\": \"x\", "
                                   "\"licence\": [\"p\", \"q\"], \"extra\": 1") "{\"id\": \"b\"}\n";
    make_spec(1);
    make_pool(text, sizeof text - 1);
    int rc = BF_ENOMEM;
    for (size_t limit = 16; rc == BF_ENOMEM && limit < 1 << 20; limit += 16) {
        pool.arena.limit = limit;
        rc = read_pool();
        CHECK(rc == BF_OK || rc == BF_ENOMEM);
        CHECK(rc != BF_OK || (pool.n_samples == 1 && pool.n_set_aside == 1));
        bf_pool_done(&pool);
    }
    CHECK_INT(rc, BF_OK);
    done();
}

static void the_real_pool_is_read_whole(void)
{
    char path[4096];
    make_spec(127);
    source.path = test_shared(path, sizeof path, "data/pool/pool.jsonl");
    if (!source.path || access(path, R_OK) != 0)
        TEST_SKIP("no data/pool in BF_SHARED");
    CHECK_INT(bf_reader_jsonl.read(&spec, &source, &pool, &err), BF_OK);
    CHECK_INT(pool.n_samples, 254);
    CHECK_INT(pool.n_set_aside, 0);
    CHECK_INT(pool.n_files, 187);
    for (uint32_t i = 0; i < pool.n_samples; i++)
        CHECK(pool.samples[i].task == BF_CHOICE && pool.samples[i].gold >= 0);
    bf_pool_done(&pool);
}

TEST_MAIN(TEST(gold_is_read_for_each_task), TEST(media_target_and_other_fields_are_kept),
          TEST(fields_go_by_other_names), TEST(media_come_in_several_forms),
          TEST(choices_show_media), TEST(each_bad_row_is_set_aside_with_its_reason),
          TEST(a_duplicate_id_names_the_first), TEST(targets_of_the_spec_must_be_shown),
          TEST(broken_bytes_cost_one_line), TEST(long_lines_are_bounded),
          TEST(a_source_that_cannot_be_read_is_an_error), TEST(out_of_memory_is_reported),
          TEST(the_real_pool_is_read_whole))
