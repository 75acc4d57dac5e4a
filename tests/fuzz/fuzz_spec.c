/* Any bytes as a spec: refused with places, or read, printed and read back to the same bytes.
 *
 * Built without a fuzzer it replays the files named on the command line. With one:
 * clang -fsanitize=fuzzer,address,undefined -DBF_FUZZER and the library's sources. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "specs/draft.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "fuzz_spec: %s\n", what);
        abort();
    }
}

static int parse(const char *text, size_t n, struct bf_spec *spec, struct bf_complaints *c)
{
    struct bf_err err;
    spec->path = "/corpus/spec.yaml";
    spec->dir = "/corpus";
    int rc = bf_spec_parse(text, n, spec, c, &err);
    must(rc == BF_OK || rc == BF_EINVAL, "unexpected code");
    must((rc == BF_OK) == (c->n == 0), "complaints and code disagree");
    for (int i = 0; i < c->n; i++)
        must(c->v[i].line >= 1 && c->v[i].col >= 1 && c->v[i].text[0], "complaint without a place");
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct bf_spec spec = { 0 }, again = { 0 };
    struct bf_complaints complaints = { 0 };
    struct bf_buf one = { 0 }, two = { 0 };
    if (parse((const char *)bytes, n, &spec, &complaints) == BF_OK) {
        bf_spec_print(&spec, &one);
        int rc = parse(one.data, one.len, &again, &complaints);
        must(rc == BF_OK, "what was printed is refused");
        bf_spec_print(&again, &two);
        must(strcmp(one.data, two.data) == 0, "what was printed reads back as another spec");
    }
    bf_buf_done(&one);
    bf_buf_done(&two);
    bf_spec_done(&spec);
    bf_spec_done(&again);
    return 0;
}

#ifndef BF_FUZZER
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct bf_arena a = { 0 };
        struct bf_err err;
        char *text = NULL;
        size_t n = 0;
        if (bf_file_read(argv[i], 1 << 24, &text, &n, &a, &err) != BF_OK) {
            fprintf(stderr, "fuzz_spec: %s\n", err.msg);
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)text, n);
        bf_arena_reset(&a);
    }
    printf("%d files replayed\n", argc - 1);
    return 0;
}
#endif
