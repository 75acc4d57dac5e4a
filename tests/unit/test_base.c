/* Arenas, buffers, hashes, files. */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/hash.h"
#include "tests/test.h"

static void arena_memory_is_used_again_as_new(void)
{
    struct bf_arena a = { .limit = 4 << 20 };
    char *first = bf_arena_alloc(&a, 1 << 20, 1);
    memset(first, 7, 1 << 20);
    memset(bf_arena_alloc(&a, 100, 1), 7, 100);
    bf_arena_recycle(&a, 2 << 20);
    CHECK_INT((long long)a.used, 0);
    char *again = bf_arena_alloc(&a, 900000, 1);
    CHECK(again == first);
    for (int i = 0; i < 900000; i++)
        if (again[i] != 0)
            CHECK(again[i] == 0);
    char *small = bf_arena_alloc(&a, 3000, 1);
    for (int i = 0; i < 3000; i++)
        CHECK(small[i] == 0);
    CHECK(bf_arena_alloc(&a, 4 << 20, 1) == NULL); /* the limit holds */
    bf_arena_recycle(&a, 1000);                    /* nothing is as small */
    CHECK(a.spare == NULL);
    bf_arena_reset(&a);
}

static void arena_memory_is_zeroed_aligned_and_limited(void)
{
    struct bf_arena a = { .limit = 1 << 20 };
    for (size_t n = 1; n < 3000; n = n * 3 + 1) {
        char *p = bf_arena_alloc(&a, n, 1);
        CHECK(p != NULL);
        CHECK((uintptr_t)p % _Alignof(max_align_t) == 0);
        for (size_t i = 0; i < n; i++)
            CHECK(p[i] == 0);
        memset(p, 255, n);
    }
    CHECK(bf_arena_alloc(&a, 1, 2 << 20) == NULL);
    CHECK(bf_arena_alloc(&a, SIZE_MAX / 2, 4) == NULL); /* n * size overflows */
    CHECK(bf_arena_alloc(&a, 1, 100000) != NULL);       /* a block of its own */
    CHECK_STR(bf_arena_printf(&a, "%s-%d", "x", 7), "x-7");
    CHECK(bf_arena_strdup(&a, NULL) == NULL);
    bf_arena_reset(&a);
    CHECK(a.used == 0 && a.head == NULL);
}

static void a_number_reads_back_equal_in_few_digits(void)
{
    const double v[] = { 0.1, 1.0 / 3, 1e300, -2.5, 0, 123456789, 5e-324 };
    struct bf_buf b = { 0 };
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
        b.len = 0;
        bf_buf_num(&b, v[i]);
        CHECK(strtod(b.data, NULL) == v[i]);
    }
    b.len = 0;
    bf_buf_num(&b, 0.1);
    CHECK_STR(b.data, "0.1");
    b.len = 0;
    bf_buf_num(&b, 1000000);
    CHECK_STR(b.data, "1000000");
    b.len = 0;
    bf_buf_num(&b, NAN);
    CHECK_STR(b.data, "null");
    bf_buf_done(&b);
}

static void json_text_is_escaped(void)
{
    struct bf_buf b = { 0 };
    bf_buf_json(&b, "a\"b\\c\n\x01 \xc3\xa4");
    CHECK_STR(b.data, "\"a\\\"b\\\\c\\n\\u0001 \xc3\xa4\"");
    bf_buf_done(&b);
}

static void a_buffer_over_its_limit_fails_for_good(void)
{
    struct bf_buf b = { .max = 10 };
    bf_buf_str(&b, "12345678");
    CHECK(!b.failed);
    bf_buf_str(&b, "abc");
    CHECK(b.failed);
    bf_buf_char(&b, 'x');
    CHECK_INT(b.len, 8);
    bf_buf_done(&b);
}

/* FIPS 180-2, appendix B.1; RFC 4231, test cases 2 and 6 (a key longer than a block). */
static void hashes_are_the_published_ones(void)
{
    uint8_t sha[BF_SHA_BYTES];
    char hex[BF_SHA_HEX];
    bf_sha256("abc", 3, sha);
    bf_hex(sha, BF_SHA_BYTES, hex);
    CHECK_STR(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    bf_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, sha);
    bf_hex(sha, BF_SHA_BYTES, hex);
    CHECK_STR(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    char key[131];
    memset(key, 0xaa, sizeof key);
    bf_hmac_sha256(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54,
                   sha);
    bf_hex(sha, BF_SHA_BYTES, hex);
    CHECK_STR(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void missing_file_names_path_and_reason(void)
{
    struct bf_arena a = { 0 };
    struct bf_err err = { 0 };
    char *buf = NULL;
    size_t len = 7;
    CHECK_INT(bf_file_read("no/such", 100, &buf, &len, &a, &err), BF_EIO);
    CHECK_STR(err.msg, "cannot open 'no/such': No such file or directory");
    CHECK(buf == NULL);
    CHECK_INT(len, 7); /* outputs untouched on failure */
    bf_fail_in(&err, err.code, "sample '%s'", "a1");
    CHECK_STR(err.msg, "sample 'a1': cannot open 'no/such': No such file or directory");
    CHECK_INT(bf_file_read(".", 100, &buf, &len, &a, &err), BF_EIO);
    CHECK_STR(err.msg, "'.' is a folder; allowed: a file");
    bf_arena_reset(&a);
}

static void a_message_is_one_line_without_control_characters(void)
{
    struct bf_err err = { 0 };
    bf_fail(&err, BF_EDATA, "answer '%s'", "a\nb\033[31m\177 \xc3\xa9");
    CHECK_STR(err.msg, "answer 'a?b?[31m? \xc3\xa9'");
    bf_fail_in(&err, BF_EDATA, "x\ry");
    CHECK_STR(err.msg, "x?y: answer 'a?b?[31m? \xc3\xa9'");
    bf_fail_at(&err, BF_EINVAL, 1, 2, "%c", 7);
    CHECK_STR(err.msg, "?");
    bf_fail(&err, BF_EDATA, "%.4s", "ab\xc3\xa9\xe7\x8a\xac"); /* cut inside nothing */
    CHECK_STR(err.msg, "ab\xc3\xa9");
    bf_fail(&err, BF_EDATA, "'%.6s'", "ab\xc3\xa9\xe7\x8a\xac"); /* in a character */
    CHECK_STR(err.msg, "'ab\xc3\xa9?\?'");
}

static void files_and_folders_come_and_go_whole(void)
{
    struct bf_arena a = { 0 };
    struct bf_err err = { 0 };
    char dir[] = "test_base_XXXXXX", *buf;
    size_t len;
    CHECK(mkdtemp(dir) != NULL);
    char *deep = bf_arena_printf(&a, "%s/a/b/c", dir);
    char *file = bf_arena_printf(&a, "%s/f", deep);
    CHECK_INT(bf_dir_make(deep, &err), BF_OK);
    CHECK_INT(bf_dir_make(deep, &err), BF_OK);
    CHECK_INT(bf_file_write(file, "hello", 5, &err), BF_OK);
    CHECK_INT(bf_file_write(file, "bye", 3, &err), BF_OK);
    CHECK_INT(bf_file_read(file, 3, &buf, &len, &a, &err), BF_OK);
    CHECK_STR(buf, "bye");
    CHECK_INT(bf_file_read(file, 2, &buf, &len, &a, &err), BF_EDATA);
    CHECK(!bf_file_exists(bf_arena_printf(&a, "%s.part", file)));
    CHECK_INT(bf_dir_make(bf_arena_printf(&a, "%s/x", file), &err), BF_EIO);
    /* what a link points to is not ours to remove */
    CHECK(symlink("/", bf_arena_printf(&a, "%s/root", deep)) == 0);
    CHECK_INT(bf_dir_remove(dir, &err), BF_OK);
    CHECK(!bf_file_exists(dir));
    CHECK_INT(bf_dir_remove(dir, &err), BF_OK);
    bf_arena_reset(&a);
}

static void a_pool_path_stays_below_its_folder(void)
{
    CHECK(bf_path_is_below("a.png"));
    CHECK(bf_path_is_below("media/a..b.png"));
    CHECK(bf_path_is_below("it's; a,comma name.ogg"));
    CHECK(!bf_path_is_below(""));
    CHECK(!bf_path_is_below("/etc/passwd"));
    CHECK(!bf_path_is_below("../a"));
    CHECK(!bf_path_is_below("a/../../b"));
    CHECK(!bf_path_is_below("a/.."));
    CHECK(!bf_path_is_below("a//b"));
    CHECK(!bf_path_is_below("a/"));
    CHECK(bf_path_is_below("a\nb")); /* an odd name, but a name */
}

TEST_MAIN(TEST(arena_memory_is_zeroed_aligned_and_limited), TEST(arena_memory_is_used_again_as_new),
          TEST(a_number_reads_back_equal_in_few_digits), TEST(json_text_is_escaped),
          TEST(a_buffer_over_its_limit_fails_for_good), TEST(hashes_are_the_published_ones),
          TEST(missing_file_names_path_and_reason),
          TEST(a_message_is_one_line_without_control_characters),
          TEST(files_and_folders_come_and_go_whole), TEST(a_pool_path_stays_below_its_folder))
