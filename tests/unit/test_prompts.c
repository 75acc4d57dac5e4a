/* What a model is asked: whole texts, byte for byte. Those of published prompts were put together
 * by hand from the sources that docs/asking.md names. */
#include "core/buf.h"
#include "core/view.h"
#include "probe/prompts/prompts.h"
#include "tests/test.h"

static const char *choices[] = { "cat", "dog {x}", "cow\nand calf" };
static const char *yesno[] = { "yes", "no" };
static const uint8_t as_is[] = { 0, 1, 2 };
static const uint8_t turned[] = { 2, 0, 1 };

static struct bf_sample sample_of(enum bf_task task)
{
    struct bf_sample s = { .id = "q", .task = task, .question = "What is in <image 1>?" };
    if (task == BF_CHOICE || task == BF_CHOICES) {
        s.n_choices = 3;
        s.choices = choices;
    } else if (task == BF_YESNO) {
        s.n_choices = 2;
        s.choices = yesno;
    }
    return s;
}

static void check_text(const char *prompt, enum bf_task task, bool question, bool shown,
                       const uint8_t *order, const char *want)
{
    const struct bf_sample s = sample_of(task);
    const struct bf_view v = { .question = question ? s.question : "", .choices = shown };
    struct bf_buf out = { 0 }, system = { 0 };
    CHECK_INT(bf_prompt_check(prompt, NULL), BF_OK);
    bf_prompt_text(prompt, &s, &v, order, &out, &system);
    CHECK_STR(out.data ? out.data : "", want);
    bf_buf_done(&out);
    bf_buf_done(&system);
}

static void a_choice_in_the_words_of_each_source(void)
{
    static const struct {
        const char *prompt, *text;
    } table[] = {
        { "basic", "What is in <image 1>?\n\nA. cat\nB. dog {x}\nC. cow\nand calf\n\n"
                   "Answer with the letter of the right choice only." },
        { "mmmu_pro_direct", "What is in <image 1>?\nA. cat\nB. dog {x}\nC. cow\nand calf\n"
                             "Answer with the option letter from the given choices directly." },
        { "mmmu_pro_cot",
          "What is in <image 1>?\nA. cat\nB. dog {x}\nC. cow\nand calf\n"
          "Answer the preceding multiple choice question. The last line of your response should be "
          "of the following format: 'Answer: $LETTER' (without quotes) where LETTER is one of "
          "options. Think step by step before answering." },
        { "mmmu_pro_direct_vision",
          "Answer with the option letter from the given choices directly. The last line of your "
          "response should be of the following format: 'Answer: $LETTER' (without quotes) where "
          "LETTER is one of options." },
        { "mmmu_pro_cot_vision",
          "Write out the multiple-choice question in the image and then solve it. The last line of "
          "your response should be of the following format: 'Answer: $LETTER' (without quotes) "
          "where LETTER is one of options. Think step by step before answering." },
        { "vlmevalkit", "Question: What is in <image 1>?\nOptions:\nA. cat\nB. dog {x}\n"
                        "C. cow\nand calf\nPlease select the correct answer from the options "
                        "above. \n" },
        { "lmms_eval", "What is in <image 1>?\nA. cat\nB. dog {x}\nC. cow\nand calf\n"
                       "Answer with the option's letter from the given choices directly." },
        { "more", "Question: What is in <image 1>?\nChoose from the following options:\n"
                  "(A). cat\n(B). dog {x}\n(C). cow\nand calf\nThe best answer is: (" },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_text(table[i].prompt, BF_CHOICE, true, true, as_is, table[i].text);
}

static void a_statement_in_the_words_of_each_source(void)
{
    static const struct {
        const char *prompt, *text;
    } table[] = {
        { "basic", "What is in <image 1>?\n\nAnswer with yes or no only." },
        { "vlmevalkit", "What is in <image 1>?" },
        { "lmms_eval",
          "What is in <image 1>?\nAnswer the question using a single word or phrase." },
        { "cmm", "What is in <image 1>? Answer with yes or no." },
        { "vlind", "Statement: What is in <image 1>?\nBased on the image, is the given statement "
                   "true or false? Forget real-world common sense and just follow the information "
                   "provided in the image. Only respond in True or False." },
        { "vlind_perception", "Statement: What is in <image 1>?\nBased on the image, is the given "
                              "statement true or false? Only respond in True or False." },
        { "vlind_knowledge", "Statement: What is in <image 1>?\nBased on the common sense, is the "
                             "given statement true "
                             "or false? Only respond in True or False." },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_text(table[i].prompt, BF_YESNO, true, true, as_is, table[i].text);
    check_text("vlmevalkit", BF_FREE_TEXT, true, false, as_is,
               "What is in <image 1>?\nAnswer the question using a single word or phrase.");
    check_text("more", BF_FREE_TEXT, true, false, as_is,
               "Question: What is in <image 1>?\nThe best short answer is:");
}

static void more_has_a_system_message_of_its_own(void)
{
    const struct bf_sample s = sample_of(BF_CHOICE), n = sample_of(BF_NUMBER);
    const struct bf_view v = { .question = s.question, .choices = true };
    struct bf_buf out = { 0 }, system = { 0 };
    bf_prompt_text("more", &s, &v, as_is, &out, &system);
    CHECK_STR(system.data, "Output your choice (option name, e.g., A, B, etc.) first.");
    bf_prompt_text("more", &s, &v, as_is, &out, NULL);
    bf_buf_done(&system);
    bf_prompt_text("more", &n, &v, as_is, &out, &system);
    bf_prompt_text("basic", &s, &v, as_is, &out, &system);
    CHECK_INT(system.len, 0);
    bf_buf_done(&out);
}

static void choices_stand_in_the_order_shown(void)
{
    check_text("mmmu_pro_direct", BF_CHOICE, true, true, turned,
               "What is in <image 1>?\nA. cow\nand calf\nB. cat\nC. dog {x}\n"
               "Answer with the option letter from the given choices directly.");
}

static void what_a_view_drops_leaves_no_trace(void)
{
    check_text("vlmevalkit", BF_CHOICE, true, false, as_is,
               "What is in <image 1>?\nAnswer the question using a single word or phrase.");
    check_text("vlmevalkit", BF_CHOICE, false, true, as_is,
               "Options:\nA. cat\nB. dog {x}\nC. cow\nand calf\nPlease select the correct answer "
               "from the options above. \n");
    check_text("basic", BF_CHOICE, false, true, as_is,
               "A. cat\nB. dog {x}\nC. cow\nand calf\n\n"
               "Answer with the letter of the right choice only.");
    check_text("basic", BF_CHOICE, true, false, as_is,
               "What is in <image 1>?\n\nAnswer in a few words only.");
    check_text("basic", BF_CHOICE, false, false, as_is, "Answer in a few words only.");
    check_text("cmm", BF_YESNO, false, true, as_is, "Answer with yes or no.");
    check_text("vlind_perception", BF_YESNO, false, true, as_is,
               "Based on the image, is the given statement true or false? Only respond in True or "
               "False.");
}

/* Every prompt has words for every task, with the question and the choices in them once. */
static void every_prompt_serves_every_task(void)
{
    for (int i = 0; bf_prompts[i].name; i++) {
        CHECK(*bf_prompts[i].summary && *bf_prompts[i].source);
        CHECK_INT(bf_prompt_check(bf_prompts[i].name, NULL), BF_OK);
        for (int task = 0; task < BF_TASK_COUNT; task++) {
            const struct bf_sample s = sample_of((enum bf_task)task);
            const struct bf_view v = { .question = s.question, .choices = true };
            const bool vision = strstr(bf_prompts[i].name, "_vision") != NULL;
            const bool letters = task == BF_CHOICE || task == BF_CHOICES;
            struct bf_buf out = { 0 };
            bf_prompt_text(bf_prompts[i].name, &s, &v, as_is, &out, NULL);
            CHECK(out.len > 0 && !out.failed);
            CHECK((strstr(out.data, "What is in <image 1>?") != NULL) == !vision);
            CHECK((strstr(out.data, ". dog {x}\n") != NULL) == (letters && !vision));
            CHECK(!strstr(out.data, "{question}") && !strstr(out.data, "{choices}"));
            bf_buf_done(&out);
        }
    }
}

static void words_of_ones_own_have_places(void)
{
    check_text(
        "Q: {question}\nPick one of {n} ({letters}):\n{choices}\nReply as {{\"answer\": ...}}",
        BF_CHOICE, true, true, turned,
        "Q: What is in <image 1>?\nPick one of 3 (A, B, C):\nA. cow\nand calf\nB. cat\n"
        "C. dog {x}\nReply as {\"answer\": ...}");
    check_text("{question}", BF_FREE_TEXT, true, false, as_is, "What is in <image 1>?");
    /* left out: the line, the line that announces it, the label before it */
    check_text("{question}\nOptions:\n{choices}\nAnswer now.", BF_CHOICE, true, false, as_is,
               "What is in <image 1>?\nAnswer now.");
    check_text("{question}\n\n{choices}", BF_CHOICE, true, false, as_is, "What is in <image 1>?");
    check_text("{question} Options: {choices} Answer:", BF_CHOICE, true, false, as_is,
               "What is in <image 1>? Answer:");
    check_text("Look. Question: {question}\n{choices}", BF_CHOICE, false, true, turned,
               "Look.\nA. cow\nand calf\nB. cat\nC. dog {x}");
    check_text("{question}\nYes or no?\n{choices}", BF_YESNO, true, true, as_is,
               "What is in <image 1>?\nYes or no?");
}

static void check_fault(const char *prompt, const char *want)
{
    struct bf_err err = { 0 };
    CHECK_INT(bf_prompt_check(prompt, &err), BF_EINVAL);
    CHECK_STR(err.msg, want);
}

static void what_is_no_prompt_is_said(void)
{
    check_fault("mmmu_pro", "'prompt' is 'mmmu_pro'; did you mean 'mmmu_pro_direct'?");
    check_fault("mmmu_pro_derect",
                "'prompt' is 'mmmu_pro_derect'; did you mean 'mmmu_pro_direct'?");
    check_fault("vlmeval_kit", "'prompt' is 'vlmeval_kit'; did you mean 'vlmevalkit'?");
    check_fault("what?",
                "'prompt' is 'what?'; allowed: basic, mmmu_pro_direct, mmmu_pro_cot, "
                "mmmu_pro_direct_vision, mmmu_pro_cot_vision, vlmevalkit, lmms_eval, cmm, vlind, "
                "vlind_perception, vlind_knowledge, more, or words with {question}");
    check_fault("", "'prompt' is ''; allowed: basic, mmmu_pro_direct, mmmu_pro_cot, "
                    "mmmu_pro_direct_vision, mmmu_pro_cot_vision, vlmevalkit, lmms_eval, cmm, "
                    "vlind, vlind_perception, vlind_knowledge, more, or words with {question}");
    check_fault("{question} {options}",
                "'prompt' has '{options}'; allowed: {question}, {choices}, {letters}, {n}, and {{ "
                "or }} for a bracket");
    check_fault("{choices}", "'prompt' does not have {question}");
    check_fault("{question} }", "'prompt' has '}'; allowed: {question}, {choices}, {letters}, {n}, "
                                "and {{ or }} for a bracket");
}

TEST_MAIN(TEST(a_choice_in_the_words_of_each_source), TEST(a_statement_in_the_words_of_each_source),
          TEST(more_has_a_system_message_of_its_own), TEST(choices_stand_in_the_order_shown),
          TEST(what_a_view_drops_leaves_no_trace), TEST(every_prompt_serves_every_task),
          TEST(words_of_ones_own_have_places), TEST(what_is_no_prompt_is_said))
