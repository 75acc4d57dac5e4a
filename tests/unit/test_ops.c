/* What every registered operation promises its users. */
#include "core/ops.h"

#include "tests/test.h"

/* Say which operation and option a failed check is about. */
#define CHECK_OF(cond, op, opt)                                                                    \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            printf("# %s %s: %s is false\n", (op), (opt), #cond);                                  \
            test_failed = 1;                                                                       \
        }                                                                                          \
    } while (0)

static bool is_text(const char *s)
{
    return s && s[0] != '\0' && s[0] != ' ' && !strchr(s, '\n');
}

static bool is_name(const char *s)
{
    return is_text(s) && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(s) &&
           s[0] >= 'a';
}

static void every_operation_has_name_summary_and_source(void)
{
    for (const struct bf_op_table *t = bf_op_tables; t->kind; t++) {
        for (size_t i = 0; t->ops[i]; i++) {
            const struct bf_op *op = t->ops[i];
            CHECK_OF(is_name(op->name), t->kind, op->name);
            CHECK_OF(is_text(op->summary), t->kind, op->name);
            CHECK_OF(is_text(op->source), t->kind, op->name);
            CHECK_OF(bf_op_find(t->ops, op->name) == op, t->kind, op->name); /* named once */
        }
    }
}

static void check_row(const struct bf_op *op, const struct bf_opt *o)
{
    CHECK_OF(o->type == BF_OPT_NAMED ? o->name[0] == '<' : is_name(o->name), op->name, o->name);
    CHECK_OF(is_text(o->help), op->name, o->name);
    CHECK_OF(o->offset < op->priv_size, op->name, o->name);
    CHECK_OF(bf_opt_find(op->opts, o->name) == o, op->name, o->name); /* named once */
    CHECK_OF((o->type == BF_OPT_ENUM) == (o->values != NULL), op->name, o->name);
    if (o->type == BF_OPT_INT || o->type == BF_OPT_NUM || o->type == BF_OPT_NAMED) {
        CHECK_OF(is_text(o->unit), op->name, o->name);
        CHECK_OF(o->min < o->max, op->name, o->name); /* else it is no option */
    }
}

static void every_option_has_help_and_numbers_a_unit_and_a_range(void)
{
    for (const struct bf_op_table *t = bf_op_tables; t->kind; t++)
        for (size_t i = 0; t->ops[i]; i++)
            for (const struct bf_opt *o = t->ops[i]->opts; o && o->name; o++)
                check_row(t->ops[i], o);
}

static void every_default_is_one_that_a_user_could_write(void)
{
    struct bf_arena a = { 0 };
    for (const struct bf_op_table *t = bf_op_tables; t->kind; t++) {
        for (size_t i = 0; t->ops[i]; i++) {
            const struct bf_op *op = t->ops[i];
            struct bf_err err = { 0 };
            void *priv = NULL;
            CHECK_OF(bf_op_init(op, &priv, &a, &err) == BF_OK, op->name, err.msg);
            for (const struct bf_opt *o = op->opts; priv && o && o->name; o++) {
                /* A list's default is written as a list: bf_op_init has read it. Of names that no
                 * row knows there is none. */
                if (!o->def || o->type == BF_OPT_NAMES || o->type == BF_OPT_NAMED)
                    continue;
                CHECK_OF(bf_opt_set(o, priv, &o->def, 1, &a, &err) == BF_OK, op->name, err.msg);
            }
        }
    }
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(every_operation_has_name_summary_and_source),
          TEST(every_option_has_help_and_numbers_a_unit_and_a_range),
          TEST(every_default_is_one_that_a_user_could_write))
