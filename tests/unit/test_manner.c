/* What a request to a model server says, and what it would take in tokens. */
#include <time.h>

#include "core/buf.h"
#include "core/json.h"
#include "core/view.h"
#include "probe/prompts/manner.h"
#include "tests/media.h"
#include "tests/test.h"

/* One question about a picture, a clip, a sound and a trace. */
static const char *choices[] = { "red", "green" };
static struct bf_file files[4];
static struct bf_part parts[] = {
    { .modality = 0, .number = 1, .file = &files[0] },
    { .modality = 1, .number = 1, .file = &files[1] },
    { .modality = 2, .number = 1, .file = &files[2] },
    { .modality = 3, .number = 1, .file = &files[3] },
};
static struct bf_sample sample = {
    .id = "s1",
    .task = BF_CHOICE,
    .question = "Which \"colour\" is <image 1>?\nSay.",
    .n_choices = 2,
    .choices = choices,
    .has = 15,
    .target = 15,
    .n_parts = 4,
    .parts = parts,
};
static struct bf_pool pool = { .n_samples = 1, .samples = &sample };
static struct bf_spec spec;
static struct bf_view view;
static struct bf_question question = { .view = &view };
static struct bf_probe_spec probe = { .name = "p", .trials = 3 };
static struct bf_asking asking = {
    .spec = &spec, .probe = &probe, .pool = &pool, .n = 1, .questions = &question
};
static struct bf_arena arena;

struct holder {
    int other;
    struct bf_manner m;
};
static const struct bf_opt holder_opts[] = {
    BF_MANNER_OPTS(struct holder, m),
    { .name = NULL },
};
static const struct bf_op holder_op = {
    .name = "holder",
    .priv_size = sizeof(struct holder),
    .opts = holder_opts,
};

static void set_modality(int i, const char *name, enum bf_carrier carrier, const char *const *pairs)
{
    const struct bf_modality *base = bf_modality_of(carrier);
    spec.modalities[i] = (struct bf_modality_use){ name, base, NULL, false };
    spec.modalities[i].priv = test_options(&base->op, pairs, &arena);
}

/* Options given, all else fresh. */
static struct bf_manner *set_up(const char *const *pairs)
{
    spec = (struct bf_spec){ .seed = 7, .n_modalities = 4 };
    set_modality(0, "image", BF_RASTER, NULL);
    set_modality(1, "video", BF_CLIP, NULL);
    set_modality(2, "audio", BF_WAVE, NULL);
    set_modality(3, "tactile", BF_TRACE, (const char *[]){ "present", "table", NULL });
    view =
        (struct bf_view){ .asked = true, .kept = 15, .question = sample.question, .choices = true };
    question.trial = 0;
    struct holder *h = test_options(&holder_op, pairs, &arena);
    h->m.model = "m";
    return &h->m;
}

static const char *body(const struct bf_manner *m, const struct bf_encoded_part *shown, int n)
{
    static struct bf_buf out;
    CHECK_INT(bf_manner_body(m, &asking, 0, shown, n, &out, NULL), BF_OK);
    struct bf_json_doc *doc = NULL;
    CHECK_INT(bf_json_parse(out.data, out.len, &doc, NULL), BF_OK);
    bf_json_free(&doc);
    return out.data;
}

static void words_alone_are_a_plain_string(void)
{
    const struct bf_manner *m = set_up((const char *[]){ "prompt", "{question}", NULL });
    CHECK_STR(body(m, NULL, 0), "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
                                "\"Which \\\"colour\\\" is <image 1>?\\nSay.\"}],"
                                "\"max_tokens\":2048,\"temperature\":0}");
    const struct bf_encoded_part nothing = { .part = &parts[2] };
    CHECK(strstr(body(m, &nothing, 1), "\"content\":\"Which") != NULL);
}

static void media_come_before_the_words_in_the_order_of_parts(void)
{
    const struct bf_manner *m =
        set_up((const char *[]){ "prompt", "{question}", "max_tokens", "5", NULL });
    const struct bf_encoded picture = { "image/jpeg", "/9j/", 4 };
    const struct bf_encoded frames[] = { { "image/png", "AAAA", 4 }, { "image/png", "BBBB", 4 } };
    const struct bf_encoded sound = { "audio/wav", "UklG", 4 };
    static const char text[] = "# 100 Hz, kPa:\ntime,\"a\"\n";
    const struct bf_encoded table = { "text/csv", text, sizeof text - 1 };
    const struct bf_encoded_part shown[] = { { &parts[0], 1, &picture },
                                             { &parts[1], 2, frames },
                                             { &parts[2], 1, &sound },
                                             { &parts[3], 1, &table } };
    CHECK_STR(body(m, shown, 4),
              "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
              "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/jpeg;base64,/9j/\"}},"
              "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AAAA\"}},"
              "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,BBBB\"}},"
              "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"UklG\",\"format\":\"wav\"}},"
              "{\"type\":\"text\",\"text\":\"tactile.1, 100 Hz, kPa:\\ntime,\\\"a\\\"\\n\"},"
              "{\"type\":\"text\",\"text\":\"Which \\\"colour\\\" is <image 1>?\\nSay.\"}]}],"
              "\"max_tokens\":5,\"temperature\":0}");
    const struct bf_encoded file = { "video/mp4", "AAAA", 4 };
    const struct bf_encoded_part clip = { &parts[1], 1, &file };
    CHECK(strstr(body(m, &clip, 1), "{\"type\":\"video_url\",\"video_url\":{\"url\":"
                                    "\"data:video/mp4;base64,AAAA\"}}") != NULL);
}

static void servers_differ(void)
{
    const struct bf_encoded sound = { "audio/wav", "UklG", 4 };
    const struct bf_encoded picture = { "image/png", "AAAA", 4 };
    const struct bf_encoded_part shown[] = { { &parts[0], 1, &picture }, { &parts[2], 1, &sound } };
    const struct bf_manner *m = set_up((const char *[]){ "server", "sglang", NULL });
    CHECK(strstr(body(m, shown, 2), "{\"type\":\"audio_url\",\"audio_url\":{\"url\":"
                                    "\"data:audio/wav;base64,UklG\"}}") != NULL);
    CHECK(strstr(body(m, shown, 2), "cache_prompt") == NULL);
    m = set_up((const char *[]){ "server", "llama_cpp", NULL });
    CHECK(strstr(body(m, NULL, 0), ",\"cache_prompt\":false}") != NULL);
    m = set_up((const char *[]){ "detail", "low", "limit_name", "max_completion_tokens", NULL });
    CHECK(strstr(body(m, shown, 2), "AAAA\",\"detail\":\"low\"}}") != NULL);
    CHECK(strstr(body(m, shown, 2), "\"max_completion_tokens\":16,") != NULL);
    CHECK(strstr(body(m, shown, 2), "\"max_tokens\"") == NULL);
}

static void trials_have_seeds_of_their_own(void)
{
    const struct bf_manner *m =
        set_up((const char *[]){ "seed", "40", "temperature", "0.7", "top_p", "0.9", NULL });
    question.trial = 2;
    CHECK(strstr(body(m, NULL, 0), "\"temperature\":0.7,\"top_p\":0.9,\"seed\":42}") != NULL);
    m = set_up((const char *[]){ "logprobs", "true", NULL });
    CHECK(strstr(body(m, NULL, 0), "\"logprobs\":true,\"top_logprobs\":20}") != NULL);
    CHECK(strstr(body(m, NULL, 0), "\"seed\"") == NULL);
}

static void extra_fields_override_ours(void)
{
    const struct bf_manner *m = set_up((const char *[]){
        "system", "Be \"brief\".", "prompt", "{question}", "extra",
        "{\"temperature\": null, \"max_tokens\": 3, \"stop\": [\"\\n\", 1e3], \"n\": 1}", NULL });
    CHECK_STR(body(m, NULL, 0),
              "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"Be "
              "\\\"brief\\\".\"},{\"role\":\"user\",\"content\":"
              "\"Which \\\"colour\\\" is <image 1>?\\nSay.\"}],"
              "\"max_tokens\":3,\"stop\":[\"\\n\",1000.0],\"n\":1}");
    m = set_up((const char *[]){ "extra", "{\"model\": \"other\"}", NULL });
    CHECK(strncmp(body(m, NULL, 0), "{\"messages\":", 12) == 0);
}

static void mistakes_are_found_before_any_work(void)
{
    struct bf_err err;
    CHECK_INT(bf_manner_check(set_up(NULL), &spec, &err), BF_OK);
    CHECK_INT(bf_manner_check(set_up((const char *[]){ "extra", "[1]", NULL }), &spec, &err),
              BF_EINVAL);
    CHECK_STR(err.msg, "'extra': it is a list; allowed: a JSON object");
    CHECK_INT(bf_manner_check(set_up((const char *[]){ "extra", "{", NULL }), &spec, &err),
              BF_EINVAL);
    CHECK(strncmp(err.msg, "'extra': not JSON", 17) == 0);
    CHECK_INT(bf_manner_check(set_up((const char *[]){ "takes", "smell", NULL }), &spec, &err),
              BF_EINVAL);
    CHECK_STR(err.msg, "'takes' names 'smell'; allowed: modalities of the spec, raster, clip, "
                       "wave, trace, or all");
}

static void identity_holds_what_decides_and_not_the_rule(void)
{
    static const char *const differ[][2] = {
        { "prompt", "{question}" },
        { "system", "s" },
        { "max_tokens", "9" },
        { "temperature", "0.5" },
        { "top_p", "0.5" },
        { "seed", "0" },
        { "logprobs", "true" },
        { "server", "vllm" },
        { "detail", "low" },
        { "extra", "{\"top_k\":1}" },
        { "limit_name", "max_completion_tokens" },
    };
    struct bf_buf first = { 0 };
    bf_manner_identify(set_up(NULL), &probe, &first);
    for (size_t i = 0; i < sizeof differ / sizeof *differ; i++) {
        struct bf_buf b = { 0 };
        const char *pairs[] = { differ[i][0], differ[i][1], NULL };
        bf_manner_identify(set_up(pairs), &probe, &b);
        if (strcmp(first.data, b.data) == 0)
            printf("# '%s' is left out\n", differ[i][0]);
        CHECK(strcmp(first.data, b.data) != 0);
        bf_buf_done(&b);
    }
    struct bf_buf same = { 0 };
    bf_manner_identify(set_up((const char *[]){ "read", "mmstar", "tolerance", "0.1", NULL }),
                       &probe, &same);
    CHECK_STR(same.data, first.data);
    bf_buf_done(&same);
    bf_buf_done(&first);
}

static void a_model_is_shown_what_it_takes(void)
{
    const char *only_pictures[] = { "text", "image" };
    const char *nothing[] = { "text" };
    const struct bf_names pictures = { 2, only_pictures }, words = { 1, nothing };
    CHECK_INT(bf_manner_takes(set_up(NULL), &spec, NULL), 15);
    /* frames of a clip are pictures, the trace's table is text */
    CHECK_INT(bf_manner_takes(set_up(NULL), &spec, &pictures), 1 + 2 + 8);
    CHECK_INT(bf_manner_takes(set_up(NULL), &spec, &words), 8);
    CHECK_INT(bf_manner_takes(set_up((const char *[]){ "takes", "all", NULL }), &spec, &words), 15);
    CHECK_INT(bf_manner_takes(set_up((const char *[]){ "takes", "wave", NULL }), &spec, NULL), 4);
    CHECK_INT(bf_manner_takes(set_up((const char *[]){ "takes", "video", NULL }), &spec, NULL), 2);
}

/* Tokens beside those of the words. */
static int media_tokens(const struct bf_manner *m, uint32_t kept)
{
    double without = 0, with = 0, out = 0;
    view.kept = 0;
    bf_manner_estimate(m, &spec, &sample, &view, &without, &out);
    view.kept = kept;
    bf_manner_estimate(m, &spec, &sample, &view, &with, &out);
    return (int)(with - without + 0.5);
}

static void tokens_are_counted_as_servers_do(void)
{
    static struct bf_reading read[4];
    const struct bf_manner *m =
        set_up((const char *[]){ "prompt", "{question}", "max_tokens", "10", NULL });
    double in = 0, out = 0;
    view.kept = 0;
    bf_manner_estimate(m, &spec, &sample, &view, &in, &out);
    CHECK(in == 8); /* six words / 0.75 */
    CHECK(out == 10);
    CHECK_INT(media_tokens(m, 1), 1000);
    for (int i = 0; i < 4; i++)
        files[i].readings[i] = &read[i];
    read[0].info = (struct bf_media_info){ .w = 1024, .h = 1024 };
    CHECK_INT(media_tokens(m, 1), 37 * 37); /* against 85 + 4 * 170 = 765 */
    read[0].info = (struct bf_media_info){ .w = 100, .h = 513 };
    CHECK_INT(media_tokens(m, 1), 85 + 2 * 170);
    read[1].info = (struct bf_media_info){ .w = 896, .h = 448, .seconds = 4 };
    CHECK_INT(media_tokens(m, 2), 8 * (85 + 170)); /* frames of 448 x 224 */
    read[2].info = (struct bf_media_info){ .seconds = 3 };
    CHECK_INT(media_tokens(m, 4), 75);
    read[3].info = (struct bf_media_info){ .seconds = 0.5, .rate_hz = 20, .n_ch = 2 };
    CHECK_INT(media_tokens(m, 8), 10 * 3 * 6);
    m = set_up((const char *[]){ "detail", "low", NULL });
    CHECK_INT(media_tokens(m, 1), 85);
    for (int i = 0; i < 4; i++)
        files[i].readings[i] = NULL;
}

static void a_body_of_words_takes_microseconds(void)
{
    enum { N = 20000 };
    const struct bf_manner *m = set_up((const char *[]){ "prompt", "{question}", NULL });
    struct bf_buf out = { 0 };
    const clock_t from = clock();
    for (int i = 0; i < N; i++)
        CHECK_INT(bf_manner_body(m, &asking, 0, NULL, 0, &out, NULL), BF_OK);
    const double us = (double)(clock() - from) / CLOCKS_PER_SEC / N * 1e6;
    printf("# %.2f us a body\n", us);
    CHECK(us < 60); /* 3 where nothing slows the program down */
    bf_buf_done(&out);
}

TEST_MAIN(TEST(words_alone_are_a_plain_string),
          TEST(media_come_before_the_words_in_the_order_of_parts), TEST(servers_differ),
          TEST(trials_have_seeds_of_their_own), TEST(extra_fields_override_ours),
          TEST(mistakes_are_found_before_any_work),
          TEST(identity_holds_what_decides_and_not_the_rule), TEST(a_model_is_shown_what_it_takes),
          TEST(tokens_are_counted_as_servers_do), TEST(a_body_of_words_takes_microseconds))
