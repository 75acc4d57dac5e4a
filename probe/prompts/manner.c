/* What a request to a chat.completions endpoint says. */
#include "probe/prompts/manner.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "core/view.h"

enum {
    MANNER_VERSION = 1, /* of all that a request says beside its options */
    N_TOP_LOGPROBS = 20 /* the most that OpenAI gives */
};

static bool is_own_prompt(const struct bf_manner *m)
{
    return strchr(m->prompt, '{') != NULL;
}

int bf_manner_max_tokens(const struct bf_manner *m, const struct bf_sample *s)
{
    enum { LETTER = 16, SENTENCES = 256, THOUGHTS = 2048 };
    if (m->max_tokens > 0)
        return m->max_tokens;
    if (is_own_prompt(m) || strstr(m->prompt, "_cot"))
        return THOUGHTS;
    return s->task == BF_FREE_TEXT ? SENTENCES : LETTER;
}

/* One of `words`, which stand with | between them. */
static void word_at(const char *words, int index, struct bf_buf *out)
{
    for (; index > 0 && strchr(words, '|'); index--)
        words = strchr(words, '|') + 1;
    bf_buf_add(out, words, strcspn(words, "|"));
}

static int check_takes(const struct bf_names *takes, const struct bf_spec *spec, struct bf_err *err)
{
    for (int i = 0; i < takes->n; i++) {
        bool known = bf_spec_modality(spec, takes->v[i]) >= 0 || strcmp(takes->v[i], "all") == 0;
        for (int c = BF_RASTER; c < BF_CARRIER_COUNT; c++)
            known |= strcmp(takes->v[i], bf_carrier_name((enum bf_carrier)c)) == 0;
        if (!known)
            return bf_fail(err, BF_EINVAL,
                           "'takes' names '%.100s'; allowed: modalities of the spec, raster, clip, "
                           "wave, trace, or all",
                           takes->v[i]);
    }
    return BF_OK;
}

int bf_manner_check(const struct bf_manner *m, const struct bf_spec *spec, struct bf_err *err)
{
    BF_TRY(bf_prompt_check(m->prompt, err));
    BF_TRY(check_takes(&m->takes, spec, err));
    if (!*m->extra)
        return BF_OK;
    struct bf_json_doc *doc = NULL;
    int rc = bf_json_parse(m->extra, strlen(m->extra), &doc, err);
    if (rc == BF_OK && bf_json_kind(bf_json_root(doc)) != BF_JSON_OBJECT)
        rc = bf_fail(err, BF_EDATA, "it is %s; allowed: a JSON object",
                     bf_json_kind_name(bf_json_root(doc)));
    bf_json_free(&doc);
    return rc == BF_OK || rc == BF_ENOMEM ? rc : bf_fail_in(err, BF_EINVAL, "'extra'");
}

void bf_manner_identify(const struct bf_manner *m, const struct bf_probe_spec *p,
                        struct bf_buf *out)
{
    (void)p; /* trial and order are parts of a key by themselves */
    bf_buf_printf(out, "manner v%d;model=", MANNER_VERSION);
    bf_buf_json(out, m->model);
    bf_buf_str(out, ";prompt=");
    bf_buf_json(out, m->prompt);
    bf_buf_str(out, ";system=");
    bf_buf_json(out, m->system);
    bf_buf_printf(out, ";max_tokens=%d/%d;temperature=", m->max_tokens, m->limit_name);
    bf_buf_num(out, m->temperature);
    bf_buf_str(out, ";top_p=");
    bf_buf_num(out, m->top_p);
    bf_buf_printf(out, ";seed=%d;logprobs=%d;server=", m->seed, m->logprobs);
    word_at(BF_SERVER_WORDS, m->server, out);
    bf_buf_printf(out, ";detail=%d;extra=", m->detail);
    bf_buf_json(out, m->extra);
}

/* A body in the making. */
struct body {
    const struct bf_manner *m;
    const struct bf_json *extra; /* NULL = none */
    struct bf_buf *out;
};

/* `"key":` of one of our fields; false when `extra` has it, so that ours is left out. */
static bool field(struct body *b, const char *key)
{
    if (b->extra && bf_json_get(b->extra, key))
        return false;
    bf_buf_str(b->out, b->out->len > 1 ? ",\"" : "\"");
    bf_buf_str(b->out, key);
    bf_buf_add(b->out, "\":", 2);
    return true;
}

static void add_extra(struct body *b)
{
    struct bf_json_iter it = { 0 };
    const char *key;
    const struct bf_json *value;
    while (b->extra && bf_json_each(b->extra, &it, &key, &value)) {
        if (bf_json_kind(value) == BF_JSON_NULL)
            continue;
        if (b->out->len > 1)
            bf_buf_char(b->out, ',');
        bf_buf_json(b->out, key);
        bf_buf_char(b->out, ':');
        bf_json_print(value, b->out);
    }
}

static void add_text(struct bf_buf *out, const struct bf_buf *text)
{
    bf_buf_char(out, '"');
    bf_buf_json_part(out, text->data ? text->data : "", text->len);
    bf_buf_char(out, '"');
}

/* A picture or clip, or what SGLang takes sound as. */
static void add_url(struct bf_buf *out, const char *kind, const struct bf_encoded *f)
{
    bf_buf_printf(out, "{\"type\":\"%s\",\"%s\":{\"url\":\"data:%s;base64,", kind, kind, f->mime);
    bf_buf_add(out, f->data, f->n);
    bf_buf_char(out, '"');
}

/* The name servers use in place of a MIME type. */
static const char *sound_format(const char *mime)
{
    if (strcmp(mime, "audio/mpeg") == 0)
        return "mp3";
    return strncmp(mime, "audio/", 6) == 0 ? mime + 6 : mime;
}

/* Tables begin with a line "# 100 Hz, kPa:" that says what they hold: it goes on after the name. */
static void add_table(struct bf_buf *out, const char *name, int number, const struct bf_encoded *f)
{
    const bool headed =
        strcmp(f->mime, "text/csv") == 0 && f->n >= 2 && memcmp(f->data, "# ", 2) == 0;
    bf_buf_str(out, "{\"type\":\"text\",\"text\":\"");
    bf_buf_json_part(out, name, strlen(name));
    bf_buf_printf(out, ".%d%s", number, headed ? ", " : ":\\n");
    bf_buf_json_part(out, f->data + 2 * headed, f->n - 2 * headed);
    bf_buf_str(out, "\"}");
}

static void add_file(const struct body *b, const char *name, int number, const struct bf_encoded *f)
{
    static const char *const details[] = { "", "auto", "low", "high" };
    struct bf_buf *out = b->out;
    if (strncmp(f->mime, "text/", 5) == 0) {
        add_table(out, name, number, f);
    } else if (strncmp(f->mime, "image/", 6) == 0) {
        add_url(out, "image_url", f);
        if (b->m->detail)
            bf_buf_printf(out, ",\"detail\":\"%s\"", details[b->m->detail]);
        bf_buf_add(out, "}}", 2);
    } else if (strncmp(f->mime, "audio/", 6) != 0) {
        add_url(out, "video_url", f);
        bf_buf_add(out, "}}", 2);
    } else if (b->m->server == BF_SERVER_SGLANG) {
        add_url(out, "audio_url", f);
        bf_buf_add(out, "}}", 2);
    } else {
        bf_buf_str(out, "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"");
        bf_buf_add(out, f->data, f->n);
        bf_buf_printf(out, "\",\"format\":\"%s\"}}", sound_format(f->mime));
    }
}

/* The files of one part, each with a comma behind it. */
static void add_part(const struct body *b, const struct bf_spec *spec,
                     const struct bf_encoded_part *p)
{
    for (int i = 0; i < p->n_files; i++) {
        add_file(b, spec->modalities[p->part->modality].name, p->part->number, &p->files[i]);
        bf_buf_char(b->out, ',');
    }
}

/* The words from `start` to before `end`. */
static void add_words(const struct body *b, const struct bf_buf *text, size_t start, size_t end)
{
    bf_buf_str(b->out, "{\"type\":\"text\",\"text\":\"");
    bf_buf_json_part(b->out, text->data ? text->data + start : "", end - start);
    bf_buf_str(b->out, "\"}");
}

static size_t place_of(const struct bf_sample *s, const size_t *places, const struct bf_part *part)
{
    const int p = bf_sample_part(s, part->modality, part->number);
    return p < 0 ? BF_NO_PLACE : places[p];
}

/* The part whose place comes first from byte `start` on, NULL when there is none. */
static const struct bf_encoded_part *next_placed(const struct bf_sample *s, const size_t *places,
                                                 const struct bf_encoded_part *parts, int n_parts,
                                                 size_t start)
{
    const struct bf_encoded_part *next = NULL;
    size_t first = BF_NO_PLACE;
    for (int p = 0; p < n_parts; p++) {
        const size_t at = place_of(s, places, parts[p].part);
        if (parts[p].n_files && at > start && at < first) {
            first = at;
            next = &parts[p];
        }
    }
    return next;
}

/* Whether nothing but white space is left: some servers refuse such a piece. */
static bool is_blank(const struct bf_buf *text, size_t start)
{
    while (start < text->len && strchr(" \t\n", text->data[start]))
        start++;
    return start == text->len;
}

/* Media that the words do not name, in the order of the sample's parts, then the words, with the
 * others behind their markers; the words alone where there are none. */
static void add_content(const struct body *b, const struct bf_spec *spec, const struct bf_sample *s,
                        const size_t *places, const struct bf_encoded_part *parts, int n_parts,
                        const struct bf_buf *text)
{
    int n_files = 0;
    size_t start = 0;
    for (int p = 0; p < n_parts; p++)
        n_files += parts[p].n_files;
    if (n_files == 0) {
        add_text(b->out, text);
        return;
    }
    bf_buf_char(b->out, '[');
    for (int p = 0; p < n_parts; p++)
        if (place_of(s, places, parts[p].part) == BF_NO_PLACE)
            add_part(b, spec, &parts[p]);
    const struct bf_encoded_part *next = next_placed(s, places, parts, n_parts, start);
    for (; next; next = next_placed(s, places, parts, n_parts, start)) {
        const size_t end = place_of(s, places, next->part);
        add_words(b, text, start, end);
        bf_buf_char(b->out, ',');
        add_part(b, spec, next);
        start = end;
    }
    if (start == 0 || !is_blank(text, start))
        add_words(b, text, start, text->len);
    else if (!b->out->failed)
        b->out->len--; /* nothing comes after the last comma */
    bf_buf_char(b->out, ']');
}

static void add_messages(const struct body *b, const struct bf_asking *asking,
                         const struct bf_question *q, const struct bf_encoded_part *parts,
                         int n_parts)
{
    const struct bf_sample *s = &asking->pool->samples[q->sample];
    uint8_t order[BF_MAX_CHOICES];
    size_t places[BF_MAX_PARTS];
    struct bf_buf text = { 0 };
    struct bf_buf system = { 0 };
    bf_order_of(asking->probe->orders, asking->spec->seed, s, q->trial, order);
    bf_prompt_placed(b->m->prompt, s, q->view, order, places, &text, &system);
    bf_buf_char(b->out, '[');
    if (*b->m->system || system.len) {
        bf_buf_str(b->out, "{\"role\":\"system\",\"content\":");
        if (*b->m->system)
            bf_buf_json(b->out, b->m->system);
        else
            add_text(b->out, &system);
        bf_buf_add(b->out, "},", 2);
    }
    bf_buf_str(b->out, "{\"role\":\"user\",\"content\":");
    add_content(b, asking->spec, s, places, parts, n_parts, &text);
    bf_buf_add(b->out, "}]", 2);
    b->out->failed |= text.failed || system.failed;
    bf_buf_done(&text);
    bf_buf_done(&system);
}

/* printf would cost more than all else in a short body. */
static void add_whole(struct bf_buf *out, int64_t v)
{
    char digits[24];
    char *p = digits + sizeof digits;
    uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do
        *--p = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (v < 0)
        *--p = '-';
    bf_buf_add(out, p, (size_t)(digits + sizeof digits - p));
}

static void add_options(struct body *b, const struct bf_sample *s, int trial)
{
    const struct bf_manner *m = b->m;
    const char *limit =
        m->limit_name == BF_LIMIT_MAX_TOKENS ? "max_tokens" : "max_completion_tokens";
    if (field(b, limit))
        add_whole(b->out, bf_manner_max_tokens(m, s));
    if (field(b, "temperature"))
        bf_buf_num(b->out, m->temperature);
    if (m->top_p < 1 && field(b, "top_p"))
        bf_buf_num(b->out, m->top_p);
    if (m->seed >= 0 && field(b, "seed"))
        add_whole(b->out, (int64_t)m->seed + trial);
    if (m->logprobs && field(b, "logprobs"))
        bf_buf_str(b->out, "true");
    if (m->logprobs && field(b, "top_logprobs"))
        add_whole(b->out, N_TOP_LOGPROBS);
    if (m->server == BF_SERVER_LLAMA && field(b, "cache_prompt"))
        bf_buf_str(b->out, "false");
}

int bf_manner_body(const struct bf_manner *m, const struct bf_asking *asking, uint32_t q,
                   const struct bf_encoded_part *parts, int n_parts, struct bf_buf *out,
                   struct bf_err *err)
{
    const struct bf_question *question = &asking->questions[q];
    struct bf_json_doc *doc = NULL;
    struct body b = { .m = m, .out = out };
    out->len = 0;
    out->failed = false;
    if (*m->extra) {
        BF_TRY(bf_json_parse(m->extra, strlen(m->extra), &doc, err));
        b.extra = bf_json_root(doc);
    }
    bf_buf_char(out, '{');
    if (field(&b, "model"))
        bf_buf_json(out, m->model);
    if (field(&b, "messages"))
        add_messages(&b, asking, question, parts, n_parts);
    add_options(&b, &asking->pool->samples[question->sample], question->trial);
    add_extra(&b);
    bf_buf_char(out, '}');
    bf_json_free(&doc);
    return out->failed ? bf_fail_memory(err, "a request") : BF_OK;
}
