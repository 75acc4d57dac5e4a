/* Filter `duplicates`: who is near to whom, and who stays. */
#include "core/release.h"
#include "tests/test.h"
#include "tests/unit/filter_maker.h"

extern const struct bf_filter bf_filter_duplicates;

enum { IMAGE = 1, AUDIO = 2 };

/* A pool whose samples show one picture each, of the fingerprint that set_print says. */
struct pool {
    struct maker *m;
    struct bf_filter_spec filter;
    struct bf_arena a;
    struct bf_part parts[MAKER_MAX][3];
    struct bf_file files[MAKER_MAX * 3];
    struct bf_reading readings[MAKER_MAX * 3];
};

static void set_print(struct pool *p, uint32_t sample, int part, int modality, int number,
                      uint64_t print)
{
    const size_t at = sample * 3 + (size_t)part;
    p->readings[at].fingerprint = print;
    p->files[at].readings[modality] = &p->readings[at];
    p->parts[sample][part] =
        (struct bf_part){ .modality = modality, .number = number, .file = &p->files[at] };
    p->m->samples[sample].parts = p->parts[sample];
    if (p->m->samples[sample].n_parts <= part)
        p->m->samples[sample].n_parts = part + 1;
}

static struct pool *pool_new(uint32_t n, const uint64_t *prints)
{
    struct pool *p = calloc(1, sizeof *p);
    p->m = maker_new();
    maker_init(p->m, 1, n, IMAGE);
    for (uint32_t i = 0; i < n; i++)
        set_print(p, i, 0, 0, 1, prints[i]);
    p->filter = filter_new(&bf_filter_duplicates, &p->a);
    p->m->spec.filters = &p->filter;
    p->m->spec.n_filters = 1;
    return p;
}

static void pool_done(struct pool *p)
{
    maker_done(p->m);
    bf_arena_reset(&p->a);
    free(p);
}

/* Index of the sample that stays in the place of one, by the reason; itself when it stays. */
static void decide(struct pool *p, const char *modalities, const char *text)
{
    if (modalities)
        filter_set(&p->filter, "<modality>", modalities, &p->a);
    if (text)
        filter_set(&p->filter, "text", text, &p->a);
    CHECK_INT(bf_filters_prepare(&p->m->table, &p->a, NULL), BF_OK);
}

static const char *reason_of(struct pool *p, uint32_t sample)
{
    const char *reason;
    uint32_t targets;
    const enum bf_verdict_kind kind =
        filter_decide(&p->filter, p->m, sample, &targets, &reason, &p->a);
    CHECK_INT(targets, IMAGE);
    CHECK_INT(kind, reason[0] ? BF_REJECT : BF_KEEP);
    return reason;
}

static void the_first_of_near_pictures_stays(void)
{
    /* 0 and 2 differ in 3 bits, 1 from all; 3 is 3 bits from 2 and 6 from 0 */
    static const uint64_t prints[] = { 0, 0xffffffff, 7, 0x3f, 0xffffffff };
    struct pool *p = pool_new(5, prints);
    decide(p, "image: 6 bits", NULL);
    CHECK_STR(reason_of(p, 0), "");
    CHECK_STR(reason_of(p, 1), "");
    CHECK_STR(reason_of(p, 2), "near-duplicate of 's0': image 3 bits");
    CHECK_STR(reason_of(p, 3), "near-duplicate of 's0': image 6 bits");
    CHECK_STR(reason_of(p, 4), "near-duplicate of 's1': image 0 bits");
    pool_done(p);
}

/* 1 is near 0, 2 is near 1 only: 1 goes, so that 2 has nobody in whose place it would be lost. */
static void a_chain_does_not_take_all_of_it(void)
{
    static const uint64_t prints[] = { 0, 0xf, 0xff };
    struct pool *p = pool_new(3, prints);
    decide(p, "image: 4", NULL);
    CHECK_STR(reason_of(p, 1), "near-duplicate of 's0': image 4 bits");
    CHECK_STR(reason_of(p, 2), "");
    pool_done(p);
}

static void words_and_pictures_must_both_be_near(void)
{
    static const uint64_t prints[] = { 0, 1, 1, 0xffff, 1 };
    struct pool *p = pool_new(5, prints);
    for (int i = 0; i < 5; i++)
        p->m->samples[i].question = "What is on the table in the middle of the room?";
    p->m->samples[1].question = "what is on THE table, in the middle of the room";
    p->m->samples[2].question = "What hangs above the table in the middle of the room?";
    decide(p, "image: 6 bits", "0.9");
    CHECK_STR(reason_of(p, 1), "near-duplicate of 's0': image 1 bit, words 1");
    CHECK_STR(reason_of(p, 2), "");
    CHECK_STR(reason_of(p, 3), "");
    CHECK_STR(reason_of(p, 4), "near-duplicate of 's0': image 1 bit, words 1");
    pool_done(p);
}

static void another_answer_is_another_question(void)
{
    static const char *turned[] = { "b", "A", "d", "c" };
    static const uint64_t prints[] = { 0, 0, 0 };
    struct pool *p = pool_new(3, prints);
    p->m->samples[1].gold = 1;
    p->m->samples[1].gold_set = 2;
    p->m->samples[2].choices = turned; /* the gold of the first, in another place */
    p->m->samples[2].gold = 1;
    p->m->samples[2].gold_set = 2;
    decide(p, "image: 6", "1");
    CHECK_STR(reason_of(p, 1), "");
    CHECK_STR(reason_of(p, 2), "near-duplicate of 's0': image 0 bits, words 1");
    pool_done(p);
}

static void all_parts_are_compared_in_their_order(void)
{
    static const uint64_t prints[] = { 0, 1, 1, 0xff00, 0 };
    struct pool *p = pool_new(5, prints);
    set_print(p, 0, 1, 0, 2, 0xff00);
    set_print(p, 1, 1, 0, 2, 0xff03);
    set_print(p, 2, 1, 0, 2, 0x00ff); /* its second picture is another */
    set_print(p, 3, 1, 0, 2, 0);      /* those of 0, turned around */
    decide(p, "image: 4", NULL);      /* 4 has one picture only */
    CHECK_STR(reason_of(p, 1), "near-duplicate of 's0': image 2 bits");
    CHECK_STR(reason_of(p, 2), "");
    CHECK_STR(reason_of(p, 3), "");
    CHECK_STR(reason_of(p, 4), "");
    pool_done(p);
}

static void what_is_not_named_does_not_matter(void)
{
    static const uint64_t prints[] = { 0, 0, 0, 0 };
    struct pool *p = pool_new(4, prints);
    set_print(p, 0, 1, 1, 1, 0);
    set_print(p, 1, 1, 1, 1, UINT64_MAX); /* another sound */
    p->m->samples[2].n_parts = p->m->samples[3].n_parts = 0;
    decide(p, "image: 0", NULL);
    CHECK_STR(reason_of(p, 1), "near-duplicate of 's0': image 0 bits");
    CHECK_STR(reason_of(p, 2), ""); /* neither shows a picture: they are not looked at */
    CHECK_STR(reason_of(p, 3), "");
    pool_done(p);
}

static void words_alone_can_be_compared(void)
{
    static const uint64_t prints[] = { 0, UINT64_MAX, 1 };
    struct pool *p = pool_new(3, prints);
    p->m->samples[2].question = "what else";
    decide(p, NULL, "0.8");
    CHECK_STR(reason_of(p, 1), "near-duplicate of 's0': words 1");
    CHECK_STR(reason_of(p, 2), "");
    pool_done(p);
}

static void what_cannot_work_is_said_before_work(void)
{
    static const uint64_t prints[] = { 0 };
    struct pool *p = pool_new(1, prints);
    struct bf_err err;
    const struct bf_filter *f = &bf_filter_duplicates;
    CHECK_INT(f->check(p->filter.priv, &p->m->spec, &err), BF_EINVAL);
    CHECK_STR(err.msg, "duplicates: nothing is compared; such as {image: 6 bits, text: 0.9}");
    filter_set(&p->filter, "text", "0.2", &p->a);
    CHECK_INT(f->check(p->filter.priv, &p->m->spec, &err), BF_EINVAL);
    CHECK_STR(err.msg, "duplicates: 'text' is 0.2; allowed: 0.5 to 1, or 0");
    filter_set(&p->filter, "text", "0.9", &p->a);
    CHECK_INT(f->check(p->filter.priv, &p->m->spec, &err), BF_OK);
    filter_set(&p->filter, "<modality>", "imgae: 3", &p->a);
    CHECK_INT(f->check(p->filter.priv, &p->m->spec, &err), BF_EINVAL);
    CHECK_STR(err.msg, "duplicates: 'imgae' is no modality; did you mean 'image'?");
    pool_done(p);
}

TEST_MAIN(TEST(the_first_of_near_pictures_stays), TEST(a_chain_does_not_take_all_of_it),
          TEST(words_and_pictures_must_both_be_near), TEST(another_answer_is_another_question),
          TEST(all_parts_are_compared_in_their_order), TEST(what_is_not_named_does_not_matter),
          TEST(words_alone_can_be_compared), TEST(what_cannot_work_is_said_before_work))
