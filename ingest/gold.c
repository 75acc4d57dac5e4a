/* Task, choices and the gold answer of one row. */
#include "ingest/gold.h"

#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/text.h"

/* A member that is there; null says the same as nothing. */
static const struct bf_json *field(const struct bf_json *row, const char *name)
{
    const struct bf_json *v = bf_json_get(row, name);
    return v && bf_json_kind(v) != BF_JSON_NULL ? v : NULL;
}

const char *bf_gold_join(const struct bf_json *v, const char *between, struct bf_arena *a)
{
    if (bf_json_kind(v) != BF_JSON_ARRAY)
        return bf_json_scalar(v, a);
    struct bf_arena scratch = { 0 };
    struct bf_buf b = { 0 };
    struct bf_json_iter it = { 0 };
    const struct bf_json *item;
    while (bf_json_each(v, &it, NULL, &item)) {
        const char *one = bf_json_scalar(item, &scratch);
        bf_buf_str(&b, b.len ? between : "");
        bf_buf_str(&b, one ? one : "");
    }
    const char *text = b.failed ? NULL : bf_arena_strndup(a, b.data, b.len);
    bf_buf_done(&b);
    bf_arena_reset(&scratch);
    return text;
}

static bool is_blank(const char *s)
{
    return s[strspn(s, " \t\r\n")] == '\0';
}

/* 0 for yes, 1 for no, -1 for anything else. */
static int yes_or_no(const char *s)
{
    if (strcasecmp(s, "yes") == 0 || strcasecmp(s, "true") == 0)
        return 0;
    if (strcasecmp(s, "no") == 0 || strcasecmp(s, "false") == 0)
        return 1;
    return -1;
}

/* Whether a choice is an object that shows something beside its text: which is nobody's twin. */
static bool shows_media(const struct bf_json *choice)
{
    return bf_json_kind(choice) == BF_JSON_OBJECT &&
           bf_json_count(choice) > (bf_json_get(choice, "text") != NULL);
}

/* The words of one choice: itself, or the text of an object, "" where that has none. */
static int read_choice(const struct bf_json *v, char letter, const char **out, struct bf_arena *a,
                       struct bf_err *err)
{
    const bool object = bf_json_kind(v) == BF_JSON_OBJECT;
    const struct bf_json *text = object ? field(v, "text") : v;
    const enum bf_json_kind kind = text ? bf_json_kind(text) : BF_JSON_NULL;
    *out = "";
    if (text && (kind == BF_JSON_NULL || kind == BF_JSON_ARRAY || kind == BF_JSON_OBJECT))
        return bf_fail(err, BF_EDATA,
                       "choice %c is %s; allowed: text, or an object with text and "
                       "media",
                       letter, bf_json_kind_name(text));
    if (text)
        *out = bf_json_scalar(text, a);
    if (!*out)
        return bf_fail_memory(err, "choices");
    if (is_blank(*out) && !shows_media(v))
        return bf_fail(err, BF_EDATA, "choice %c is empty", letter);
    return BF_OK;
}

static int read_choices(const struct bf_json *v, const char *name, struct bf_sample *s,
                        struct bf_arena *a, struct bf_err *err)
{
    if (bf_json_kind(v) != BF_JSON_ARRAY)
        return bf_fail(err, BF_EDATA, "'%s' is %s; allowed: a list of 2 to %d texts", name,
                       bf_json_kind_name(v), (int)BF_MAX_CHOICES);
    size_t n = bf_json_count(v);
    if (n < 2 || n > BF_MAX_CHOICES)
        return bf_fail(err, BF_EDATA, "'%s' has %zu; allowed: 2 to %d", name, n,
                       (int)BF_MAX_CHOICES);
    s->choices = bf_arena_alloc(a, n, sizeof *s->choices);
    if (!s->choices)
        return bf_fail_memory(err, "choices");

    struct bf_json_iter it = { 0 };
    const struct bf_json *item;
    while (bf_json_each(v, &it, NULL, &item)) {
        const char letter = (char)('A' + s->n_choices);
        const char *text = NULL;
        BF_TRY(read_choice(item, letter, &text, a, err));
        for (int i = 0; i < s->n_choices; i++)
            if (strcmp(s->choices[i], text) == 0 && !shows_media(item) &&
                !shows_media(bf_json_at(v, (size_t)i)))
                return bf_fail(err, BF_EDATA, "choices %c and %c are both '%.100s'", 'A' + i,
                               letter, text);
        s->choices[s->n_choices++] = text;
    }
    return BF_OK;
}

/* A letter within the choices, else the exact words of one. A number is never taken for a
 * position: pools count from 0 and from 1. */
static int find_choice(const struct bf_sample *s, const char *text, int *out, struct bf_err *err)
{
    bool letter = text[0] >= 'A' && text[0] <= 'Z' && text[1] == '\0';
    if (letter && text[0] - 'A' < s->n_choices) {
        *out = text[0] - 'A';
        return BF_OK;
    }
    int n_same = 0;
    for (int i = 0; i < s->n_choices; i++)
        if (strcmp(s->choices[i], text) == 0) {
            n_same++;
            *out = i;
        }
    if (n_same == 1)
        return BF_OK;
    if (n_same > 1)
        return bf_fail(err, BF_EDATA,
                       "answer '%.100s' is the text of several choices; allowed: a "
                       "letter",
                       text);
    int last = 'A' + s->n_choices - 1;
    if (letter)
        return bf_fail(err, BF_EDATA, "answer '%s' is beyond the %d choices A to %c", text,
                       s->n_choices, last);
    return bf_fail(err, BF_EDATA,
                   "answer '%.100s' is neither a letter A to %c nor the words of a "
                   "choice",
                   text, last);
}

static int add_gold(struct bf_sample *s, const char *text, struct bf_err *err)
{
    int i = 0;
    BF_TRY(find_choice(s, text, &i, err));
    if (s->gold_set & BF_BIT(i))
        return bf_fail(err, BF_EDATA, "answer names choice %c twice", 'A' + i);
    s->gold_set |= BF_BIT(i);
    return BF_OK;
}

/* "A,C" or "A, C", unless those are the words of one choice. */
static int read_letters(struct bf_sample *s, const char *text, struct bf_err *err)
{
    for (int i = 0; i < s->n_choices; i++)
        if (strcmp(s->choices[i], text) == 0)
            return add_gold(s, text, err);
    if (!strchr(text, ','))
        return add_gold(s, text, err);
    for (const char *p = text;;) {
        p += strspn(p, " ");
        char letter[2] = { p[0], '\0' };
        const char *end = p + (p[0] != '\0');
        end += strspn(end, " ");
        if (p[0] == '\0' || p[0] == ',' || (*end != ',' && *end != '\0'))
            return bf_fail(err, BF_EDATA, "answer '%.100s' is no list of letters such as 'A,C'",
                           text);
        BF_TRY(add_gold(s, letter, err));
        if (*end == '\0')
            return BF_OK;
        p = end + 1;
    }
}

static int read_gold_set(const struct bf_json *v, struct bf_sample *s, struct bf_arena *a,
                         struct bf_err *err)
{
    struct bf_json_iter it = { 0 };
    const struct bf_json *item;
    if (bf_json_kind(v) != BF_JSON_ARRAY)
        return read_letters(s, s->gold_text, err);
    if (bf_json_count(v) == 0)
        return bf_fail(err, BF_EDATA, "answer names no choice");
    while (bf_json_each(v, &it, NULL, &item)) {
        const char *text = bf_json_scalar(item, a);
        if (!text)
            return bf_fail(err, BF_EDATA, "answer holds %s; allowed: letters or words of choices",
                           bf_json_kind_name(item));
        BF_TRY(add_gold(s, text, err));
    }
    return BF_OK;
}

/* Choices that say yes and no, in whatever order, only say what a letter means. */
static int read_yesno(struct bf_sample *s, struct bf_arena *a, struct bf_err *err)
{
    const char *text = s->gold_text;
    if (s->n_choices) {
        bool both = s->n_choices == 2 && yes_or_no(s->choices[0]) + yes_or_no(s->choices[1]) == 1 &&
                    yes_or_no(s->choices[0]) >= 0 && yes_or_no(s->choices[1]) >= 0;
        if (!both)
            return bf_fail(err, BF_EDATA, "task 'yesno' takes no choices but yes and no");
        if (yes_or_no(text) < 0) {
            int i = 0;
            BF_TRY(find_choice(s, text, &i, err));
            text = s->choices[i];
        }
    }
    s->gold = yes_or_no(text);
    if (s->gold < 0)
        return bf_fail(err, BF_EDATA,
                       "answer '%.100s' of task 'yesno'; allowed: yes, no, true, "
                       "false",
                       text);
    s->choices = bf_arena_alloc(a, 2, sizeof *s->choices);
    if (!s->choices)
        return bf_fail_memory(err, "choices");
    s->choices[0] = "yes";
    s->choices[1] = "no";
    s->n_choices = 2;
    s->gold_set = BF_BIT(s->gold);
    return BF_OK;
}

static int read_task(const struct bf_json *v, const char *name, enum bf_task *out,
                     struct bf_err *err)
{
    const char *names[BF_TASK_COUNT + 1] = { NULL }, *text = bf_json_string(v);
    for (int i = 0; i < BF_TASK_COUNT; i++) {
        names[i] = bf_task_name((enum bf_task)i);
        if (text && strcmp(text, names[i]) == 0) {
            *out = (enum bf_task)i;
            return BF_OK;
        }
    }
    const char *near = text ? bf_text_near(text, names) : NULL;
    static const char all[] = "allowed: choice, choices, yesno, number, text";
    if (near)
        return bf_fail(err, BF_EDATA, "'%s' is '%s'; did you mean '%s'? %s", name, text, near, all);
    if (text)
        return bf_fail(err, BF_EDATA, "'%s' is '%.100s'; %s", name, text, all);
    return bf_fail(err, BF_EDATA, "'%s' is %s; %s", name, bf_json_kind_name(v), all);
}

static enum bf_task task_of(const struct bf_json *answer, const struct bf_sample *s)
{
    double ignored;
    if (s->n_choices)
        return BF_CHOICE;
    const char *text = bf_json_string(answer);
    if (bf_json_kind(answer) == BF_JSON_BOOL ||
        (text && (strcasecmp(text, "yes") == 0 || strcasecmp(text, "no") == 0)))
        return BF_YESNO;
    return bf_text_number(s->gold_text, &ignored) ? BF_NUMBER : BF_FREE_TEXT;
}

static int need_choices(const struct bf_sample *s, bool wanted, const char *name,
                        struct bf_err *err)
{
    if (wanted && s->n_choices == 0)
        return bf_fail(err, BF_EDATA, "task '%s' needs '%s'", bf_task_name(s->task), name);
    if (!wanted && s->n_choices)
        return bf_fail(err, BF_EDATA, "task '%s' takes no '%s'", bf_task_name(s->task), name);
    return BF_OK;
}

static int read_gold(const struct bf_json *answer, const struct bf_gold_fields *fields,
                     struct bf_sample *s, struct bf_arena *a, struct bf_err *err)
{
    switch (s->task) {
    case BF_CHOICE:
        BF_TRY(need_choices(s, true, fields->choices, err));
        BF_TRY(find_choice(s, s->gold_text, &s->gold, err));
        s->gold_set = BF_BIT(s->gold);
        return BF_OK;
    case BF_CHOICES:
        BF_TRY(need_choices(s, true, fields->choices, err));
        return read_gold_set(answer, s, a, err);
    case BF_YESNO:
        return read_yesno(s, a, err);
    case BF_NUMBER:
        BF_TRY(need_choices(s, false, fields->choices, err));
        if (bf_text_number(s->gold_text, &s->gold_number))
            return BF_OK;
        return bf_fail(err, BF_EDATA, "answer '%.100s' of task 'number' is no number",
                       s->gold_text);
    default:
        return need_choices(s, false, fields->choices, err);
    }
}

/* The answer as the pool writes it; the items of a list with commas between them. */
static int read_gold_text(const struct bf_json *v, const char *name, struct bf_sample *s,
                          struct bf_arena *a, struct bf_err *err)
{
    enum bf_json_kind kind = bf_json_kind(v);
    bool list = kind == BF_JSON_ARRAY;
    if (kind == BF_JSON_OBJECT || (list && s->task != BF_CHOICES))
        return bf_fail(err, BF_EDATA, "'%s' is %s; allowed with task '%s': one value", name,
                       bf_json_kind_name(v), bf_task_name(s->task));
    const char *text = bf_gold_join(v, ",", a);
    if (!text)
        return bf_fail_memory(err, "an answer");
    if (!list && is_blank(text))
        return bf_fail(err, BF_EDATA, "'%s' is empty", name);
    s->gold_text = text;
    return BF_OK;
}

int bf_gold_read(const struct bf_json *row, const struct bf_gold_fields *fields,
                 struct bf_sample *s, struct bf_arena *a, struct bf_err *err)
{
    const struct bf_json *task = field(row, fields->task), *choices = field(row, fields->choices);
    const struct bf_json *answer = field(row, fields->answer);
    s->gold = -1;
    if (choices)
        BF_TRY(read_choices(choices, fields->choices, s, a, err));
    if (task)
        BF_TRY(read_task(task, fields->task, &s->task, err));
    else
        s->task = choices ? BF_CHOICE : BF_FREE_TEXT;
    if (!answer)
        return bf_fail(err, BF_EDATA, "'%s' is missing", fields->answer);
    BF_TRY(read_gold_text(answer, fields->answer, s, a, err));
    if (!task)
        s->task = task_of(answer, s);
    return read_gold(answer, fields, s, a, err);
}
