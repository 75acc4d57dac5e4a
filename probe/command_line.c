/* What a program of the user's is told, and what it says. */
#include "probe/command.h"

#include <math.h>
#include <string.h>

#include "core/answer.h"
#include "core/marker.h"
#include "core/order.h"

/* --- Options ------------------------------------------------------------------------------ */

/* Those of struct bf_manner that mean something to a program of one's own. */
const struct bf_opt bf_command_opts[] = {
    { "command", BF_OPT_STR, offsetof(struct bf_command, line), NULL, 0, 0, NULL,
      "a line for /bin/sh, run in the spec's folder; part of what an answer depends on", NULL },
    { "prompt", BF_OPT_STR, offsetof(struct bf_command, manner.prompt), "basic", 0, 0, NULL,
      "name of a prompt, or words of your own with {question}, {choices}, {letters}, {n}", NULL },
    { "read", BF_OPT_ENUM, offsetof(struct bf_command, manner.rule), "strict", 0, 0, NULL,
      "how replies are read; another way asks nothing again", BF_RULE_WORDS },
    { "tolerance", BF_OPT_NUM, offsetof(struct bf_command, manner.tolerance), "0", 0, 1,
      "of the gold number", "how far a number may lie from the gold one", NULL },
    { "takes", BF_OPT_NAMES, offsetof(struct bf_command, manner.takes), "all", 0, 0, NULL,
      "modalities or carriers that the program can be shown, or all", NULL },
    { "concurrency", BF_OPT_INT, offsetof(struct bf_command, concurrency), "8", 1, 4096,
      "questions", "questions written and not answered at any time, at most", NULL },
    { "timeout", BF_OPT_NUM, offsetof(struct bf_command, timeout), "600", 0.1, 86400, "s",
      "a program that owes answers and says nothing for so long is ended", NULL },
    { "attempts", BF_OPT_INT, offsetof(struct bf_command, attempts), "2", 1, 100, "times",
      "how often a question is asked when the program ends without answering it", NULL },
    { "restarts", BF_OPT_INT, offsetof(struct bf_command, restarts), "3", 0, 1000, "times",
      "how often in a row a program that ended without any answer is started again", NULL },
    { .name = NULL },
};

int bf_command_check(const struct bf_probe_spec *p, const struct bf_spec *spec, struct bf_err *err)
{
    const struct bf_command *o = p->priv;
    struct bf_manner m = o->manner;
    m.extra = "";
    if (o->line[strspn(o->line, " \t\n")] == '\0')
        return bf_fail(err, BF_EINVAL, "'command' is ''; allowed: a line for /bin/sh");
    return bf_manner_check(&m, spec, err);
}

int bf_command_identify(const struct bf_probe_spec *p, const struct bf_spec *spec,
                        const struct bf_pool *pool, struct bf_buf *out, struct bf_err *err)
{
    (void)spec, (void)pool, (void)err;
    const struct bf_command *o = p->priv;
    bf_buf_str(out, "command v1;line=");
    bf_buf_json(out, o->line);
    bf_buf_str(out, ";prompt=");
    bf_buf_json(out, o->manner.prompt);
    return BF_OK;
}

/* --- Questions ---------------------------------------------------------------------------- */

static void add_text(struct bf_buf *out, const char *key, const struct bf_buf *text)
{
    bf_buf_printf(out, ",\"%s\":\"", key);
    bf_buf_json_part(out, text->data ? text->data : "", text->len);
    bf_buf_char(out, '"');
}

static void add_choices(struct bf_buf *out, const struct bf_sample *s, const struct bf_view *view,
                        const uint8_t *order)
{
    struct bf_buf words = { 0 };
    bf_buf_str(out, ",\"choices\":[");
    for (int i = 0; view->choices && i < s->n_choices; i++) {
        words.len = 0;
        bf_choice_print(view, s, order[i], &words);
        bf_buf_str(out, i ? "," : "");
        bf_buf_json(out, words.data ? words.data : "");
    }
    bf_buf_char(out, ']');
    out->failed |= words.failed;
    bf_buf_done(&words);
}

static void add_file(struct bf_buf *out, const char *modality, int number,
                     const struct bf_encoded *f)
{
    const bool is_text = strncmp(f->mime, "text/", 5) == 0;
    bf_buf_str(out, "{\"part\":\"");
    bf_buf_json_part(out, modality, strlen(modality));
    bf_buf_printf(out, ".%d\",\"modality\":", number);
    bf_buf_json(out, modality);
    bf_buf_str(out, ",\"mime\":");
    bf_buf_json(out, f->mime);
    bf_buf_str(out, is_text ? ",\"text\":\"" : ",\"data\":\"");
    if (is_text)
        bf_buf_json_part(out, f->data, f->n);
    else
        bf_buf_add(out, f->data, f->n); /* base64 has nothing to escape */
    bf_buf_str(out, "\"}");
}

static void add_media(struct bf_buf *out, const struct bf_spec *spec,
                      const struct bf_encoded_part *parts, int n_parts)
{
    bool first = true;
    bf_buf_str(out, ",\"media\":[");
    for (int p = 0; p < n_parts; p++)
        for (int i = 0; i < parts[p].n_files; i++) {
            const struct bf_part *part = parts[p].part;
            bf_buf_str(out, first ? "" : ",");
            add_file(out, spec->modalities[part->modality].name, part->number, &parts[p].files[i]);
            first = false;
        }
    bf_buf_char(out, ']');
}

int bf_command_question(const struct bf_command *o, const struct bf_asking *asking, uint32_t q,
                        uint64_t id, const struct bf_encoded_part *parts, int n_parts,
                        struct bf_buf *out, struct bf_err *err)
{
    const struct bf_question *x = &asking->questions[q];
    const struct bf_sample *s = &asking->pool->samples[x->sample];
    struct bf_buf text = { 0 }, system = { 0 };
    uint8_t order[BF_MAX_CHOICES];
    bf_order_of(asking->probe->orders, asking->spec->seed, s, x->trial, order);
    bf_prompt_text(o->manner.prompt, s, x->view, order, &text, &system);
    bf_buf_printf(out, "{\"id\":%llu", (unsigned long long)id);
    if (system.len)
        add_text(out, "system", &system);
    add_text(out, "prompt", &text);
    bf_buf_str(out, ",\"question\":");
    bf_buf_json(out, x->view->question);
    add_choices(out, s, x->view, order);
    bf_buf_printf(out, ",\"task\":\"%s\",\"trial\":%d", bf_task_name(s->task), x->trial);
    add_media(out, asking->spec, parts, n_parts);
    bf_buf_str(out, "}\n");
    out->failed |= text.failed || system.failed;
    bf_buf_done(&text);
    bf_buf_done(&system);
    return out->failed ? bf_fail_memory(err, "a question") : BF_OK;
}

/* --- Answers ------------------------------------------------------------------------------ */

int bf_command_id(const struct bf_json *line, uint64_t *id_out, struct bf_err *err)
{
    double id = 0;
    const struct bf_json *v = bf_json_get(line, "id");
    if (bf_json_kind(line) != BF_JSON_OBJECT)
        return bf_fail(err, BF_EDATA, "it is %s; allowed: a JSON object", bf_json_kind_name(line));
    if (!v)
        return bf_fail(err, BF_EDATA, "'id' is missing; allowed: that of a question");
    if (!bf_json_number(v, &id) || id < 1 || id > 1e15 || id != floor(id))
        return bf_fail(err, BF_EDATA, "'id' is %s; allowed: that of a question",
                       bf_json_kind(v) == BF_JSON_NUMBER ? "another number" : bf_json_kind_name(v));
    *id_out = (uint64_t)id;
    return BF_OK;
}

/* Probabilities stand as the choices were shown. */
static int read_p(const struct bf_json *p, const struct bf_sample *s, const uint8_t *order,
                  struct bf_answer *out, struct bf_err *err)
{
    double x, sum = 0;
    const size_t n = bf_json_count(p);
    if (bf_json_kind(p) != BF_JSON_ARRAY || n != (size_t)s->n_choices || n == 0)
        return bf_fail(err, BF_EDATA, "'p' has %zu values; allowed: one for each of %d choices", n,
                       s->n_choices);
    for (size_t i = 0; i < n; i++) {
        if (!bf_json_number(bf_json_at(p, i), &x) || !(x >= 0 && x <= 1 + 1e-9))
            return bf_fail(err, BF_EDATA, "'p' holds what is no probability; allowed: 0 to 1");
        out->p[order[i]] = (float)x;
        sum += x;
    }
    if (fabs(sum - 1) > 1e-3)
        return bf_fail(err, BF_EDATA, "'p' sums to %g; allowed: 1", sum);
    for (size_t i = 0; i < n; i++)
        out->p[i] = (float)(out->p[i] / sum);
    out->n_p = (int)n;
    return BF_OK;
}

int bf_command_answer(const struct bf_json *line, const struct bf_sample *s, const uint8_t *order,
                      struct bf_answer *out, struct bf_arena *a, struct bf_err *err)
{
    const struct bf_json *reply = bf_json_get(line, "reply"), *p = bf_json_get(line, "p"),
                         *failed = bf_json_get(line, "failed");
    *out = (struct bf_answer){ .cls = BF_UNPARSED, .choice = -1, .number = NAN };
    if (failed && bf_json_kind(failed) != BF_JSON_NULL) {
        out->cls = BF_FAILED;
        out->text = bf_json_scalar(failed, a);
        return out->text ? BF_OK
                         : bf_fail(err, BF_EDATA, "'failed' is %s; allowed: why",
                                   bf_json_kind_name(failed));
    }
    if (p && bf_json_kind(p) != BF_JSON_NULL)
        BF_TRY(read_p(p, s, order, out, err));
    if (reply && bf_json_kind(reply) != BF_JSON_NULL) {
        out->text = bf_json_scalar(reply, a);
        if (!out->text)
            return bf_fail(err, BF_EDATA, "'reply' is %s; allowed: text", bf_json_kind_name(reply));
    } else if (!out->n_p || s->task == BF_CHOICES) {
        return bf_fail(err, BF_EDATA, "'reply' is missing");
    }
    return BF_OK;
}

/* Without words the most probable choice is the answer, the first of equals. */
void bf_command_read(const struct bf_probe_spec *p, const struct bf_sample *s, const uint8_t *order,
                     struct bf_answer *a)
{
    const struct bf_command *o = p->priv;
    if (a->text || a->n_p == 0) {
        bf_rule_read((enum bf_rule)o->manner.rule, o->manner.tolerance, s, order, a);
        return;
    }
    a->choice = 0;
    for (int c = 1; c < a->n_p; c++)
        if (a->p[c] > a->p[a->choice])
            a->choice = c;
    a->set = BF_BIT(a->choice);
    a->cls = bf_answer_judge(s, a);
}
