/* The words of the prompts by name: byte for byte those of their sources where a source has the
 * task (docs/asking.md#prompts says which), else ours in its manner. */
#include "probe/prompts/wordings.h"

const struct bf_prompt bf_prompts[] = {
    { "basic", "question, choices with letters, one line that asks for the answer alone",
      "docs/asking.md#prompts" },
    { "mmmu_pro_direct", "MMMU-Pro, standard setting, direct",
      "MMMU-Benchmark/MMMU mmmu-pro/prompts.yaml, infer/infer_gpt.py @ bb0b95a9" },
    { "mmmu_pro_cot", "MMMU-Pro, standard setting, chain of thought",
      "MMMU-Benchmark/MMMU mmmu-pro/prompts.yaml, infer/infer_gpt.py @ bb0b95a9" },
    { "mmmu_pro_direct_vision", "MMMU-Pro, question inside the picture, direct",
      "MMMU-Benchmark/MMMU mmmu-pro/prompts.yaml, infer/infer_gpt.py @ bb0b95a9" },
    { "mmmu_pro_cot_vision", "MMMU-Pro, question inside the picture, chain of thought",
      "MMMU-Benchmark/MMMU mmmu-pro/prompts.yaml, infer/infer_gpt.py @ bb0b95a9" },
    { "vlmevalkit", "VLMEvalKit: data sets of choices, of yes or no, of short answers",
      "open-compass/VLMEvalKit vlmeval/dataset/image_mcq.py, image_yorn.py, image_vqa.py @ "
      "e8e78f05" },
    { "lmms_eval", "lmms-eval: AI2D (choices), POPE (yes or no), GQA (short answers)",
      "EvolvingLMMs-Lab/lmms-eval lmms_eval/tasks/ai2d, pope, gqa @ 75571cfe" },
    { "cmm", "The Curse of Multi-Modalities: did you see, did you hear",
      "DAMO-NLP-SG/CMM README.md @ 6a59258f; arXiv 2410.12787" },
    { "vlind", "VLind-Bench, language prior: statements about counterfactual images",
      "klee972/VLind-Bench eval/gpt4o_eval.py @ 9083efe4" },
    { "vlind_perception", "VLind-Bench, visual perception: the same with nothing to forget",
      "klee972/VLind-Bench eval/gpt4o_eval.py @ 9083efe4" },
    { "vlind_knowledge", "VLind-Bench, commonsense knowledge",
      "klee972/VLind-Bench eval/gpt4o_eval.py @ 9083efe4" },
    { "more", "MORE: the reply goes on after an opened bracket",
      "OpenCausaLab/MORE evaluate_more.py, utils/utils.py @ 8f88dabf" },
    { .name = NULL },
};

/* In the order of bf_prompts. */
const struct bf_wording bf_wordings[] = {
    {
        /* basic */
        .text[BF_CHOICE] = "{question}\n"
                           "\n"
                           "{choices}\n"
                           "\n"
                           "Answer with the letter of the right choice only.",
        .text[BF_CHOICES] =
            "{question}\n"
            "\n"
            "{choices}\n"
            "\n"
            "Answer with the letters of all right choices only, with commas between "
            "them.",
        .text[BF_YESNO] = "{question}\n"
                          "\n"
                          "Answer with yes or no only.",
        .text[BF_NUMBER] = "{question}\n"
                           "\n"
                           "Answer with one number only.",
        .text[BF_FREE_TEXT] = "{question}\n"
                              "\n"
                              "Answer in a few words only.",
    },
    {
        /* mmmu_pro_direct */
        .text[BF_CHOICE] = "{question}\n"
                           "{choices}\n"
                           "Answer with the option letter from the given choices directly.",
        .text[BF_CHOICES] = "{question}\n"
                            "{choices}\n"
                            "Answer with all right option letters from the given choices directly, "
                            "with commas between them.",
        .text[BF_YESNO] = "{question}\n"
                          "Answer with yes or no directly.",
        .text[BF_NUMBER] = "{question}\n"
                           "Answer with one number directly.",
        .text[BF_FREE_TEXT] = "{question}\n"
                              "Answer the question directly.",
    },
    {
        /* mmmu_pro_cot */
        .text[BF_CHOICE] = "{question}\n"
                           "{choices}\n"
                           "Answer the preceding multiple choice question. The last line of your "
                           "response should be of the following format: 'Answer: $LETTER' (without "
                           "quotes) where LETTER is one of options. Think step by step before "
                           "answering.",
        .text[BF_CHOICES] =
            "{question}\n"
            "{choices}\n"
            "Answer the preceding multiple choice question. The last line of your "
            "response should be of the following format: 'Answer: $LETTERS' (without "
            "quotes) where LETTERS are all right options, with commas between them. "
            "Think step by step before answering.",
        .text[BF_YESNO] = "{question}\n"
                          "Answer the preceding question. The last line of your response should be "
                          "of the following format: 'Answer: $ANSWER' (without quotes) where "
                          "ANSWER is yes or no. Think step by step before answering.",
        .text[BF_NUMBER] =
            "{question}\n"
            "Answer the preceding question. The last line of your response should be "
            "of the following format: 'Answer: $NUMBER' (without quotes) where "
            "NUMBER is one number. Think step by step before answering.",
        .text[BF_FREE_TEXT] =
            "{question}\n"
            "Answer the preceding question. The last line of your response should be "
            "of the following format: 'Answer: $ANSWER' (without quotes) where "
            "ANSWER is a few words. Think step by step before answering.",
    },
    {
        /* mmmu_pro_direct_vision */
        .text[BF_CHOICE] =
            "Answer with the option letter from the given choices directly. The last "
            "line of your response should be of the following format: 'Answer: "
            "$LETTER' (without quotes) where LETTER is one of options.",
        .text[BF_CHOICES] = "Answer with all right option letters from the given choices directly. "
                            "The last line of your response should be of the following format: "
                            "'Answer: $LETTERS' (without quotes) where LETTERS are all right "
                            "options, with commas between them.",
        .text[BF_YESNO] = "Answer the question in the image with yes or no directly. The last line "
                          "of your response should be of the following format: 'Answer: $ANSWER' "
                          "(without quotes) where ANSWER is yes or no.",
        .text[BF_NUMBER] = "Answer the question in the image with one number directly. The last "
                           "line of your response should be of the following format: 'Answer: "
                           "$NUMBER' (without quotes) where NUMBER is one number.",
        .text[BF_FREE_TEXT] =
            "Answer the question in the image directly. The last line of your "
            "response should be of the following format: 'Answer: $ANSWER' (without "
            "quotes) where ANSWER is a few words.",
    },
    {
        /* mmmu_pro_cot_vision */
        .text[BF_CHOICE] = "Write out the multiple-choice question in the image and then solve it. "
                           "The last line of your response should be of the following format: "
                           "'Answer: $LETTER' (without quotes) where LETTER is one of options. "
                           "Think step by step before answering.",
        .text[BF_CHOICES] =
            "Write out the multiple-choice question in the image and then solve it. "
            "The last line of your response should be of the following format: "
            "'Answer: $LETTERS' (without quotes) where LETTERS are all right "
            "options, with commas between them. Think step by step before answering.",
        .text[BF_YESNO] = "Write out the question in the image and then solve it. The last line of "
                          "your response should be of the following format: 'Answer: $ANSWER' "
                          "(without quotes) where ANSWER is yes or no. Think step by step before "
                          "answering.",
        .text[BF_NUMBER] =
            "Write out the question in the image and then solve it. The last line of "
            "your response should be of the following format: 'Answer: $NUMBER' "
            "(without quotes) where NUMBER is one number. Think step by step before "
            "answering.",
        .text[BF_FREE_TEXT] =
            "Write out the question in the image and then solve it. The last line of "
            "your response should be of the following format: 'Answer: $ANSWER' "
            "(without quotes) where ANSWER is a few words. Think step by step before "
            "answering.",
    },
    {
        /* vlmevalkit */
        .text[BF_CHOICE] = "Question: {question}\n"
                           "Options:\n"
                           "{choices}\n"
                           "Please select the correct answer from the options above. \n",
        .text[BF_CHOICES] = "Question: {question}\n"
                            "Options:\n"
                            "{choices}\n"
                            "Please select all correct answers from the options above. \n",
        .text[BF_YESNO] = "{question}",
        .text[BF_NUMBER] = "{question}\n"
                           "Answer the question using a single word or phrase.",
        .text[BF_FREE_TEXT] = "{question}\n"
                              "Answer the question using a single word or phrase.",
    },
    {
        /* lmms_eval */
        .text[BF_CHOICE] = "{question}\n"
                           "{choices}\n"
                           "Answer with the option's letter from the given choices directly.",
        .text[BF_CHOICES] =
            "{question}\n"
            "{choices}\n"
            "Answer with all right options' letters from the given choices directly, "
            "with commas between them.",
        .text[BF_YESNO] = "{question}\n"
                          "Answer the question using a single word or phrase.",
        .text[BF_NUMBER] = "{question}\n"
                           "Answer the question using a single word or phrase.",
        .text[BF_FREE_TEXT] = "{question}\n"
                              "Answer the question using a single word or phrase.",
    },
    {
        /* cmm */
        .text[BF_CHOICE] = "{question}\n"
                           "{choices}\n"
                           "Answer with the letter of one option.",
        .text[BF_CHOICES] =
            "{question}\n"
            "{choices}\n"
            "Answer with the letters of all right options, with commas between them.",
        .text[BF_YESNO] = "{question} Answer with yes or no.",
        .text[BF_NUMBER] = "{question} Answer with one number.",
        .text[BF_FREE_TEXT] = "{question} Answer in a few words.",
    },
    {
        /* vlind */
        .text[BF_CHOICE] = "{question}\n"
                           "{choices}\n"
                           "Based on the image, which option is right? Forget real-world common "
                           "sense and just follow the information provided in the image. Only "
                           "respond with its letter.",
        .text[BF_CHOICES] = "{question}\n"
                            "{choices}\n"
                            "Based on the image, which options are right? Forget real-world common "
                            "sense and just follow the information provided in the image. Only "
                            "respond with their letters, with commas between them.",
        .text[BF_YESNO] = "Statement: {question}\n"
                          "Based on the image, is the given statement true or false? Forget "
                          "real-world common sense and just follow the information provided in the "
                          "image. Only respond in True or False.",
        .text[BF_NUMBER] = "{question}\n"
                           "Based on the image, what is the number? Forget real-world common sense "
                           "and just follow the information provided in the image. Only respond "
                           "with it.",
        .text[BF_FREE_TEXT] =
            "{question}\n"
            "Based on the image, what is the answer? Forget real-world common sense "
            "and just follow the information provided in the image. Only respond "
            "with it.",
    },
    {
        /* vlind_perception */
        .text[BF_CHOICE] =
            "{question}\n"
            "{choices}\n"
            "Based on the image, which option is right? Only respond with its letter.",
        .text[BF_CHOICES] = "{question}\n"
                            "{choices}\n"
                            "Based on the image, which options are right? Only respond with their "
                            "letters, with commas between them.",
        .text[BF_YESNO] = "Statement: {question}\n"
                          "Based on the image, is the given statement true or false? Only respond "
                          "in True or False.",
        .text[BF_NUMBER] = "{question}\n"
                           "Based on the image, what is the number? Only respond with it.",
        .text[BF_FREE_TEXT] = "{question}\n"
                              "Based on the image, what is the answer? Only respond with it.",
    },
    {
        /* vlind_knowledge */
        .text[BF_CHOICE] =
            "{question}\n"
            "{choices}\n"
            "Based on the common sense, which option is right? Only respond with its "
            "letter.",
        .text[BF_CHOICES] = "{question}\n"
                            "{choices}\n"
                            "Based on the common sense, which options are right? Only respond with "
                            "their letters, with commas between them.",
        .text[BF_YESNO] = "Statement: {question}\n"
                          "Based on the common sense, is the given statement true or false? Only "
                          "respond in True or False.",
        .text[BF_NUMBER] = "{question}\n"
                           "Based on the common sense, what is the number? Only respond with it.",
        .text[BF_FREE_TEXT] =
            "{question}\n"
            "Based on the common sense, what is the answer? Only respond with it.",
    },
    {
        /* more */
        .brackets = true,
        .text[BF_CHOICE] = "Question: {question}\n"
                           "Choose from the following options:\n"
                           "{choices}\n"
                           "The best answer is: (",
        .text[BF_CHOICES] = "Question: {question}\n"
                            "Choose all that are right from the following options:\n"
                            "{choices}\n"
                            "The best answers are: (",
        .text[BF_YESNO] = "Question: {question}\n"
                          "Choose yes or no.\n"
                          "The best answer is:",
        .text[BF_NUMBER] = "Question: {question}\n"
                           "The best short answer is:",
        .text[BF_FREE_TEXT] = "Question: {question}\n"
                              "The best short answer is:",
        .system[BF_CHOICE] = "Output your choice (option name, e.g., A, B, etc.) first.",
        .system[BF_CHOICES] = "Output your choices (option names, e.g., A, B, etc.) first.",
    },
};
