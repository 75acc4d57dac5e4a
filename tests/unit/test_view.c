#include "core/view.h"
#include "tests/test.h"

enum { IMAGE = 1, VIDEO = 2, AUDIO = 4 };

static const struct bf_operator drop = { .op = { .name = "drop" } };
static int nothing(const void *priv, const struct bf_media *in, struct bf_apply *with,
                   struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    (void)priv, (void)in, (void)with, (void)out, (void)a, (void)err;
    return BF_OK;
}
static const struct bf_operator freeze = { .op = { .name = "freeze" }, .apply = nothing };

static struct bf_replace replaces[] = { { .modality = 1, .op = &freeze },
                                        { .modality = 0, .op = &drop },
                                        { .modality = BF_QUESTION, .words = "look" } };
static struct bf_condition_spec written[] = {
    { .name = "full", .kind = BF_COND_FULL },
    { .name = "without_each", .kind = BF_COND_WITHOUT_EACH },
    { .name = "blind", .kind = BF_COND_BLIND },
    { .name = "every_subset", .kind = BF_COND_EVERY_SUBSET },
    { .name = "one_frame",
      .kind = BF_COND_REPLACE,
      .only = VIDEO,
      .n_replaces = 3,
      .replaces = replaces },
};
static const char *choices[] = { "x", "y" };
static struct bf_sample samples[] = {
    { .id = "s0",
      .question = "what",
      .n_choices = 2,
      .choices = choices,
      .has = IMAGE | AUDIO,
      .target = AUDIO },
    { .id = "s1",
      .question = "why",
      .n_choices = 2,
      .choices = choices,
      .has = IMAGE | VIDEO,
      .target = IMAGE | VIDEO },
};

static void setup(struct bf_spec *spec, struct bf_pool *pool)
{
    *spec = (struct bf_spec){ .n_modalities = 3, .n_conditions = 5, .conditions = written };
    spec->modalities[0].name = "image";
    spec->modalities[1].name = "video";
    spec->modalities[2].name = "audio";
    *pool = (struct bf_pool){ .n_samples = 2, .samples = samples };
}

/* Families expand over what samples have; a name stands once. */
static void families_expand_to_the_sets_samples_have(void)
{
    struct bf_arena a = { 0 };
    struct bf_spec spec;
    struct bf_pool pool;
    struct bf_conditions c;
    const char *const want[] = {
        "full",  "without_image",       "without_video",       "without_audio",
        "blind", "without_image+video", "without_image+audio", "one_frame"
    };
    setup(&spec, &pool);
    CHECK_INT(bf_conditions_expand(&spec, &pool, &c, &a, NULL), BF_OK);
    CHECK_INT(c.n, 8);
    for (int i = 0; i < c.n && i < 8; i++) {
        CHECK_STR(c.v[i].name, want[i]);
        CHECK(bf_condition_known(&spec, c.v[i].name));
    }
    CHECK_INT(bf_condition_find(&c, "blind"), 4);
    CHECK_INT(bf_condition_find(&c, "blond"), -1);
    CHECK(!bf_condition_known(&spec, "without_smell"));
    CHECK(!bf_condition_known(&spec, "without_"));
    bf_arena_reset(&a);
}

static void a_condition_speaks_of_samples_that_have_what_it_names(void)
{
    struct bf_arena a = { 0 };
    struct bf_spec spec;
    struct bf_pool pool;
    struct bf_conditions c;
    struct bf_view v;
    setup(&spec, &pool);
    CHECK_INT(bf_conditions_expand(&spec, &pool, &c, &a, NULL), BF_OK);

    bf_view_of(&c.v[bf_condition_find(&c, "without_video")], &samples[0], &v);
    CHECK(!v.asked);
    bf_view_of(&c.v[bf_condition_find(&c, "blind")], &samples[0], &v);
    CHECK(v.asked);
    CHECK_INT(v.kept, IMAGE); /* blind drops the targets, not all */
    CHECK_INT(v.dropped, AUDIO);
    bf_view_of(&c.v[bf_condition_find(&c, "one_frame")], &samples[0], &v);
    CHECK(!v.asked);
    bf_view_of(&c.v[bf_condition_find(&c, "one_frame")], &samples[1], &v);
    CHECK(v.asked);
    CHECK_INT(v.kept, 0);
    CHECK_INT(v.dropped, IMAGE);
    CHECK(v.by[1] == &replaces[0]);
    CHECK_STR(v.question, "look");
    CHECK(v.choices);
    bf_arena_reset(&a);
}

static void a_view_prints_what_is_shown(void)
{
    struct bf_arena a = { 0 };
    struct bf_spec spec;
    struct bf_pool pool;
    struct bf_conditions c;
    struct bf_view v;
    struct bf_buf b = { 0 };
    setup(&spec, &pool);
    CHECK_INT(bf_conditions_expand(&spec, &pool, &c, &a, NULL), BF_OK);
    bf_view_of(&c.v[bf_condition_find(&c, "one_frame")], &samples[1], &v);
    bf_view_print(&spec, &samples[1], &v, &b);
    CHECK_STR(b.data, "image=drop;video=freeze;question=\"look\";choices=keep");
    bf_buf_done(&b);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(families_expand_to_the_sets_samples_have),
          TEST(a_condition_speaks_of_samples_that_have_what_it_names),
          TEST(a_view_prints_what_is_shown))
