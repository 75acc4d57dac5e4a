/* Any bytes as what a server sends back (the first picks the status): told apart without harm, and
 * whatever is kept of it is text. Built as fuzz_spec.c is. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "probe/server/models.h"
#include "probe/server/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = { 200, 400, 404, 429, 500, 503 };
    static const char *choices[] = { "a", "b", "c", "d" };
    static const uint8_t order[] = { 1, 2, 3, 0 };
    const struct bf_sample s = { .task = BF_CHOICE, .n_choices = 4, .choices = choices };
    struct bf_arena arena = { 0 };
    struct bf_reply reply;
    struct bf_answer a;
    if (size == 0)
        return 0;
    char *body = malloc(size); /* with the NUL that the transport adds */
    if (!body)
        return 0;
    memcpy(body, data + 1, size - 1);
    body[size - 1] = '\0';
    const int status = statuses[data[0] % (sizeof statuses / sizeof *statuses)];
    if (bf_reply_read(status, body, size - 1, NULL, 0, &s, order, &reply, &a, &arena, NULL) ==
        BF_OK) {
        if (reply.kind == BF_REPLY_ANSWER && !bf_text_is_utf8(a.text, strlen(a.text)))
            abort();
        if (reply.kind == BF_REPLY_ANSWER)
            (void)strlen(bf_reply_spoken(a.text));
        if (!bf_text_is_utf8(reply.message, strlen(reply.message)))
            abort();
    }
    struct bf_names takes = { 0 };
    struct bf_buf others = { 0 };
    bool has, known = false;
    (void)bf_models_read(body, size - 1, "m", &has, &takes, &known, &others, &arena, NULL);
    bf_buf_done(&others);
    bf_arena_reset(&arena);
    free(body);
    return 0;
}

#ifndef BF_FUZZER
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        static uint8_t bytes[1 << 16];
        FILE *f = fopen(argv[i], "rb");
        if (!f) {
            perror(argv[i]);
            return 1;
        }
        const size_t n = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        (void)LLVMFuzzerTestOneInput(bytes, n);
    }
    printf("%d files replayed\n", argc - 1);
    return 0;
}
#endif
