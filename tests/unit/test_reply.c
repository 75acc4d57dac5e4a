/* What servers send back: every shape seen, and shapes nobody should send. */
#include <math.h>

#include "probe/server/mend.h"
#include "probe/server/reply.h"
#include "tests/test.h"

static const char *const choices[] = { "river", "stone", "table", "chair" };
static const struct bf_sample sample = { .task = BF_CHOICE,
                                         .n_choices = 4,
                                         .choices = (const char **)(uintptr_t)choices };
static const char *const yes_no[] = { "yes", "no" };
static const struct bf_sample yesno = { .task = BF_YESNO,
                                        .n_choices = 2,
                                        .choices = (const char **)(uintptr_t)yes_no };
static const uint8_t straight[] = { 0, 1, 2, 3 }, turned[] = { 2, 3, 0, 1 };

static struct bf_arena arena;
static struct bf_reply reply;
static struct bf_answer answer;

static int read_n(int status, const char *body, size_t n, const struct bf_sample *s,
                  const uint8_t *order)
{
    struct bf_err err = { 0 };
    bf_arena_reset(&arena);
    return bf_reply_read(status, body, n, NULL, 0, s, order, &reply, &answer, &arena, &err);
}

static int read_it(int status, const char *body)
{
    return read_n(status, body, strlen(body), &sample, straight);
}

#define MESSAGE(m) "{\"choices\":[{\"index\":0,\"message\":" m "}]}"

static void a_plain_answer_is_read(void)
{
    CHECK_INT(read_it(200,
                      "{\"id\":\"x\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                      "\"content\":\" B\\n\"},\"finish_reason\":\"stop\"}],"
                      "\"usage\":{\"prompt_tokens\":114,\"completion_tokens\":2}}"),
              BF_OK);
    CHECK_INT(reply.kind, BF_REPLY_ANSWER);
    CHECK_STR(answer.text, " B\n"); /* as it came */
    CHECK_INT(answer.cls, BF_UNPARSED);
    CHECK_INT(answer.finish, BF_FINISH_NONE);
    CHECK_INT(answer.n_in, 114);
    CHECK_INT(answer.n_out, 2);
    CHECK_INT(answer.n_p, 0);
}

static void content_comes_in_many_shapes(void)
{
    static const struct {
        const char *body, *text;
        enum bf_finish finish;
    } cases[] = {
        { MESSAGE("{\"content\":\"\"}"), "", BF_FINISH_NONE },
        { MESSAGE("{\"content\":null}"), "", BF_FINISH_NONE },
        { MESSAGE("{\"role\":\"assistant\"}"), "", BF_FINISH_NONE },
        { MESSAGE("{\"content\":[{\"type\":\"text\",\"text\":\"The \"},{\"type\":\"thinking\","
                  "\"thinking\":\"no\"},{\"type\":\"text\",\"text\":\"B\"}]}"),
          "The B", BF_FINISH_NONE },
        { MESSAGE("{\"content\":[]}"), "", BF_FINISH_NONE },
        { MESSAGE("{\"content\":null,\"refusal\":\"I cannot.\"}"), "I cannot.", BF_FINISH_REFUSED },
        { MESSAGE("{\"content\":[{\"type\":\"refusal\",\"refusal\":\"No.\"}]}"), "No.",
          BF_FINISH_REFUSED },
        { MESSAGE("{\"content\":\"C\",\"reasoning_content\":\"B? no\"}"), "C", BF_FINISH_NONE },
        { "{\"choices\":[{\"text\":\"A\"}]}", "A", BF_FINISH_NONE },
        { "{\"error\":null,\"choices\":[{\"message\":{\"content\":\"A\"},\"finish_reason\":"
          "\"length\"}]}",
          "A", BF_FINISH_LENGTH },
        { "{\"choices\":[{\"message\":{\"content\":null},\"finish_reason\":\"content_filter\"}]}",
          "", BF_FINISH_REFUSED },
        { "{\"choices\":[{\"message\":{\"content\":null},\"finish_reason\":\"length\"}]}", "",
          BF_FINISH_LENGTH },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_INT(read_it(200, cases[i].body), BF_OK);
        CHECK_INT(reply.kind, BF_REPLY_ANSWER);
        CHECK_STR(answer.text ? answer.text : "(null)", cases[i].text);
        CHECK_INT(answer.finish, cases[i].finish);
    }
}

static void what_is_no_reply_is_tried_again(void)
{
    static const char *const bodies[] = {
        "",
        "   ",
        "{\"choices\":[{\"index\":0,\"mess",
        "null",
        "[]",
        "{}",
        "{\"choices\":[]}",
        "{\"choices\":{}}",
        "{\"choices\":[{}]}",
        "{\"choices\":[{\"message\":\"B\"}]}",
        "<html><body>It works!</body></html>",
        "{\"error\":{\"message\":\"injected\",\"type\":\"server_error\",\"code\":200}}",
        "{\"error\":\"overloaded\"}",
        "{\"error\":{\"message\":\"busy\",\"code\":503}}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        CHECK_INT(read_it(200, bodies[i]), BF_OK);
        CHECK_INT(reply.kind, BF_REPLY_RETRY);
        CHECK(answer.text == NULL);
        CHECK_INT(answer.cls, BF_FAILED);
        CHECK(reply.message[0] != '\0');
    }
    read_it(200, bodies[10]);
    CHECK_STR(reply.message, "200: a page of HTML, not a reply");
    read_it(200, bodies[12]);
    CHECK_STR(reply.message, "200: overloaded");
}

static void a_status_says_what_to_do(void)
{
    static const struct {
        int status;
        const char *body;
        enum bf_reply_kind kind;
    } cases[] = {
        { 301, "", BF_REPLY_FATAL },
        { 400, "{\"error\":{\"message\":\"bad\",\"type\":\"invalid_request_error\"}}",
          BF_REPLY_PERMANENT },
        { 400, "{\"error\":{\"message\":\"x\",\"code\":\"context_length_exceeded\"}}",
          BF_REPLY_PERMANENT },
        { 400, "{\"error\":{\"message\":\"x\",\"type\":\"exceed_context_size_error\"}}",
          BF_REPLY_PERMANENT },
        { 400,
          "{\"error\":{\"message\":\"Unsupported parameter\",\"code\":"
          "\"unsupported_parameter\"}}",
          BF_REPLY_FATAL },
        { 400, "{\"error\":{\"message\":\"The model `x` does not exist\"}}", BF_REPLY_FATAL },
        { 401, "{\"error\":{\"message\":\"no\"}}", BF_REPLY_FATAL },
        { 402, "{}", BF_REPLY_FATAL },
        { 403, "", BF_REPLY_FATAL },
        { 404, "{\"object\":\"error\",\"message\":\"The model does not exist\"}", BF_REPLY_FATAL },
        { 405, "", BF_REPLY_FATAL },
        { 408, "", BF_REPLY_RETRY },
        { 409, "", BF_REPLY_RETRY },
        { 413, "<html>", BF_REPLY_PERMANENT },
        { 418, "", BF_REPLY_PERMANENT },
        { 422, "{\"detail\":\"x\"}", BF_REPLY_PERMANENT },
        { 425, "", BF_REPLY_RETRY },
        { 429, "{\"error\":{\"message\":\"slow down\"}}", BF_REPLY_RETRY },
        { 429, "{\"error\":{\"message\":\"no money\",\"code\":\"insufficient_quota\"}}",
          BF_REPLY_FATAL },
        { 500, "", BF_REPLY_RETRY },
        { 501, "", BF_REPLY_FATAL },
        { 502, "<html>", BF_REPLY_RETRY },
        { 503, "", BF_REPLY_RETRY },
        { 504, "", BF_REPLY_RETRY },
        { 529, "", BF_REPLY_RETRY },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_INT(read_it(cases[i].status, cases[i].body), BF_OK);
        CHECK_INT(reply.kind, cases[i].kind);
        CHECK_INT(reply.status, cases[i].status);
        CHECK(reply.refused_modality == NULL);
    }
}

static void a_refused_modality_is_told_apart(void)
{
    static const struct {
        int status;
        const char *message, *modality;
    } cases[] = {
        { 500, "image input is not supported - hint: you may need to provide the mmproj", "image" },
        { 500, "audio input is not supported - hint: x", "audio" },
        { 500, "video input is not supported - hint: x", "video" },
        { 400, "At most 0 image(s) may be provided in one request.", "image" },
        { 404, "No endpoints found that support image input", "image" },
        { 400, "Invalid content type. image_url is only supported by certain models.", "image" },
        { 500, "this model does not support images", "image" },
        { 500, "the image could not be decoded", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char body[256];
        snprintf(body, sizeof body, "{\"error\":{\"code\":%d,\"message\":\"%s\"}}", cases[i].status,
                 cases[i].message);
        CHECK_INT(read_it(cases[i].status, body), BF_OK);
        CHECK_STR(reply.refused_modality ? reply.refused_modality : "-",
                  cases[i].modality ? cases[i].modality : "-");
        CHECK_INT(reply.kind, cases[i].modality ? BF_REPLY_FATAL : BF_REPLY_RETRY);
    }
}

static void messages_are_one_printable_line(void)
{
    read_it(429, "{\"error\":{\"message\":\"rate limit\\nreached\\u001b[31m.\"}}");
    CHECK_STR(reply.message, "429: rate limit reached [31m");
    char body[700] = "{\"error\":\"", *s = body + strlen(body);
    for (int i = 0; i < 200; i++, s += 2)
        memcpy(s, "\xc3\xa9", 2); /* more than fits, and cut inside a letter */
    memcpy(s, "\"}", 3);
    read_it(500, body);
    CHECK_INT(strlen(reply.message), 5 + 180);
    read_it(500, "{\"error\":\"x\xff\xfez\"}");
    CHECK_STR(reply.message, "500: x\xef\xbf\xbd\xef\xbf\xbdz");
}

static void bytes_that_are_no_text_are_mended(void)
{
    static const char body[] = "{\"choices\":[{\"message\":{\"content\":\"A\xff\0\\u0000\\ud800"
                               "\x01\\ud83d\\ude00\"}}]}";
    CHECK_INT(read_n(200, body, sizeof body - 1, &sample, straight), BF_OK);
    CHECK_INT(reply.kind, BF_REPLY_ANSWER);
    CHECK_STR(answer.text, "A\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xf0\x9f\x98\x80");
}

static void every_cut_of_a_reply_is_survived(void)
{
    static const char body[] =
        "{\"choices\":[{\"message\":{\"content\":\"\\u00e9\xc3\xa9 \\ud83d\\ude00\"},"
        "\"logprobs\":{\"content\":[{\"token\":\"A\",\"logprob\":-0.1,"
        "\"top_logprobs\":[]}]}}],\"usage\":{\"prompt_tokens\":1}}";
    for (size_t n = 0; n < sizeof body - 1; n++) {
        char *cut = malloc(n + 1); /* so that a read past the end shows */
        CHECK(cut != NULL);
        if (!cut)
            return;
        memcpy(cut, body, n);
        cut[n] = '\0';
        CHECK_INT(read_n(200, cut, n, &sample, straight), BF_OK);
        CHECK_INT(reply.kind, BF_REPLY_RETRY);
        free(cut);
    }
    CHECK_INT(read_n(200, body, sizeof body - 1, &sample, straight), BF_OK);
    CHECK_INT(reply.kind, BF_REPLY_ANSWER);
}

#define TOP(token, p) "{\"token\":\"" token "\",\"logprob\":" p "}"
#define LOGPROBS(chosen, top)                                                                      \
    "{\"choices\":[{\"message\":{\"content\":\"x\"},\"logprobs\":{\"content\":[{\"token\":"        \
    "\"" chosen "\",\"logprob\":-0.5,\"top_logprobs\":[" top "]}]}}]}"

static void close_to(float got, double want)
{
    CHECK(fabs(got - want) < 1e-6);
}

static void probabilities_go_by_identity(void)
{
    /* ln 0.5, ln 0.25, ln 0.125: " B" and "B" together are 0.375 of the 0.875 shown. */
    static const char body[] =
        LOGPROBS("A", TOP("A", "-0.6931471805599453") "," TOP(" B", "-1.3862943611198906") "," TOP(
                          "B", "-2.0794415416798357") "," TOP("The", "-3"));
    CHECK_INT(read_n(200, body, sizeof body - 1, &sample, turned), BF_OK);
    CHECK_INT(answer.n_p, 4);
    close_to(answer.p[2], 0.5 / 0.875); /* A shows choice 2 */
    close_to(answer.p[3], 0.375 / 0.875);
    close_to(answer.p[0], 0);
    close_to(answer.p[1], 0);
}

static void letters_are_found_in_tokens(void)
{
    static const char body[] =
        LOGPROBS("(C", TOP("(C", "0") "," TOP("\\u2581D", "0") "," TOP("\\u0120A", "0") "," TOP(
                           "B)", "0") "," TOP("a", "0") "," TOP("AB", "0") "," TOP("E", "0"));
    CHECK_INT(read_n(200, body, sizeof body - 1, &sample, straight), BF_OK);
    CHECK_INT(answer.n_p, 4);
    for (int i = 0; i < 4; i++)
        close_to(answer.p[i], 0.25);
}

static void a_drawn_token_counts_when_it_is_not_listed(void)
{
    static const char body[] = LOGPROBS("D", TOP("A", "-0.5") "," TOP("B", "-9999"));
    CHECK_INT(read_n(200, body, sizeof body - 1, &sample, straight), BF_OK);
    CHECK_INT(answer.n_p, 4);
    close_to(answer.p[0], 0.5);
    close_to(answer.p[1], 0);
    close_to(answer.p[3], 0.5);
}

static void yes_and_no_are_words(void)
{
    static const char body[] =
        LOGPROBS("Yes", TOP("Yes", "-0.6931471805599453") "," TOP(" no", "-1.3862943611198906"));
    CHECK_INT(read_n(200, body, sizeof body - 1, &yesno, straight), BF_OK);
    CHECK_INT(answer.n_p, 2);
    close_to(answer.p[0], 2.0 / 3);
    close_to(answer.p[1], 1.0 / 3);
}

static void no_letter_gives_no_probabilities(void)
{
    static const char *const bodies[] = {
        LOGPROBS("The", TOP("The", "-0.1") "," TOP("<think>", "-3")),
        LOGPROBS("A", TOP("A", "\"x\"")),
        "{\"choices\":[{\"message\":{\"content\":\"x\"},\"logprobs\":null}]}",
        "{\"choices\":[{\"message\":{\"content\":\"x\"},\"logprobs\":{\"content\":[]}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"x\"},\"logprobs\":{\"content\":{}}}]}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        CHECK_INT(read_it(200, bodies[i]), BF_OK);
        CHECK_INT(reply.kind, BF_REPLY_ANSWER);
        CHECK_INT(answer.n_p, 0);
    }
    const struct bf_sample number = { .task = BF_NUMBER };
    static const char body[] = LOGPROBS("A", TOP("A", "-1"));
    CHECK_INT(read_n(200, body, sizeof body - 1, &number, straight), BF_OK);
    CHECK_INT(answer.n_p, 0);
}

static void waiting_is_read_from_the_header(void)
{
    struct bf_err err = { 0 };
    static const char body[] = "{}";
    /* 784111777 is 1994-11-06 08:49:37 UTC, the date that RFC 9110 gives as its example. */
    bf_reply_read(429, body, 2, "Sun, 06 Nov 1994 08:49:37 GMT", 784111767, &sample, straight,
                  &reply, &answer, &arena, &err);
    CHECK(fabs(reply.wait_seconds - 10) < 1e-9);
    bf_reply_read(429, body, 2, "2.5", 0, &sample, straight, &reply, &answer, &arena, &err);
    CHECK(fabs(reply.wait_seconds - 2.5) < 1e-9);
    bf_reply_read(429, body, 2, NULL, 0, &sample, straight, &reply, &answer, &arena, &err);
    CHECK(reply.wait_seconds < 0);
}

static void thinking_is_not_spoken(void)
{
    CHECK_STR(bf_reply_spoken("B"), "B");
    CHECK_STR(bf_reply_spoken("<think>A or B?</think>\nB"), "\nB");
    CHECK_STR(bf_reply_spoken("\n<think>A or"), "");
    CHECK_STR(bf_reply_spoken("A or B?\n</think>B"), "B"); /* the template wrote the opening */
    CHECK_STR(bf_reply_spoken("a < think > b"), "a < think > b");
    CHECK_STR(bf_reply_spoken(""), "");
}

static void memory_may_run_out(void)
{
    struct bf_err err = { 0 };
    struct bf_arena small = { .limit = 4 };
    static const char body[] = MESSAGE("{\"content\":\"a longer answer than that\"}");
    CHECK_INT(bf_reply_read(200, body, sizeof body - 1, NULL, 0, &sample, straight, &reply, &answer,
                            &small, &err),
              BF_ENOMEM);
    bf_arena_reset(&small);
    bf_arena_reset(&arena);
}

TEST_MAIN(TEST(a_plain_answer_is_read), TEST(content_comes_in_many_shapes),
          TEST(what_is_no_reply_is_tried_again), TEST(a_status_says_what_to_do),
          TEST(a_refused_modality_is_told_apart), TEST(messages_are_one_printable_line),
          TEST(bytes_that_are_no_text_are_mended), TEST(every_cut_of_a_reply_is_survived),
          TEST(probabilities_go_by_identity), TEST(letters_are_found_in_tokens),
          TEST(a_drawn_token_counts_when_it_is_not_listed), TEST(yes_and_no_are_words),
          TEST(no_letter_gives_no_probabilities), TEST(waiting_is_read_from_the_header),
          TEST(thinking_is_not_spoken), TEST(memory_may_run_out))
