#include "probe/builtin/encode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/hash.h"
#include "core/marker.h"
#include "core/text.h"
#include "core/words.h"
#include "probe/builtin/tokens.h"

enum { MAX_ROW = 1024 };

/* What a feature is about; part of its hash. */
enum kind {
    TEXT = 1,
    WORD,
    PAIR,
    POSITION,
    FROM_END,
    LONGEST,
    SHORTEST,
    LENGTH_RANK,
    LENGTH_RATIO,
    IS_NUMBER,
    LARGEST,
    SMALLEST,
    NUMBER_RANK,
    OVERLAP,
    MOST_OVERLAP,
    SPECIFIC,
    META,
    QUESTION_WORD,
    TEMPLATE,
    WITH_CATEGORY = 64,
    WITH_TEMPLATE = 128
};

/* One choice, taken apart. */
struct choice {
    struct bf_word w[BF_MAX_WORDS];
    int n;
    uint64_t text; /* hash of all words */
    double length; /* bytes */
    bool is_number;
    double number;
    double overlap;  /* share of content words that stand in the question */
    double specific; /* share of content words that no other choice has */
    bool meta;
};

struct question {
    struct bf_word w[BF_MAX_WORDS];
    int n;
    uint64_t category, template;
    int n_choices;
    struct choice *c; /* [BF_MAX_CHOICES] */
    struct bf_buf text;
};

/* Features of the row being built. */
struct row {
    int n;
    struct bf_feature f[MAX_ROW];
};

static void put(struct row *r, int kind, uint64_t a, uint64_t b, double value)
{
    if (r->n == MAX_ROW || value == 0)
        return;
    const uint64_t key[3] = { (uint64_t)kind, a, b };
    const uint64_t h = bf_hash64(key, sizeof key, 1);
    r->f[r->n++] = (struct bf_feature){ (uint32_t)(h >> (64 - BF_HASH_BITS)), (float)value };
}

/* A cue alone, within the category, and within the template. */
static void put_cue(struct row *r, const struct question *q, int kind, uint64_t a, double value)
{
    put(r, kind, a, 0, value);
    put(r, kind | WITH_CATEGORY, a, q->category, value);
    if (q->template)
        put(r, kind | WITH_TEMPLATE, a, q->template, value);
}

static bool has_word(const struct bf_word *w, int n, uint64_t hash)
{
    for (int i = 0; i < n; i++)
        if (w[i].hash == hash)
            return true;
    return false;
}

static bool is_meta(const char *text)
{
    static const char *const forms[] = {
        "all of the above", "none of the above", "both of the above", "all of these",
        "none of these",    "none of them",      "all of them",       "cannot be determined",
    };
    struct bf_word w[BF_MAX_WORDS], m[BF_MAX_WORDS];
    const uint64_t h = bf_words_hash(w, bf_words_of(text, w));
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (h == bf_words_hash(m, bf_words_of(forms[i], m)))
            return true;
    return false;
}

static void read_choice(struct choice *c, const char *text)
{
    c->n = bf_words_of(text, c->w);
    c->text = bf_words_hash(c->w, c->n);
    c->length = (double)strlen(text);
    /* "100 mm/s" is the number 100 */
    char head[32] = { 0 };
    size_t n = strspn(text, " +-.0123456789");
    memcpy(head, text, n < sizeof head ? n : 0);
    c->is_number = bf_text_number(head, &c->number);
    c->meta = is_meta(text);
}

static void compare_choices(struct question *q)
{
    for (int j = 0; j < q->n_choices; j++) {
        struct choice *c = &q->c[j];
        int content = 0, shared = 0, own = 0;
        for (int i = 0; i < c->n; i++) {
            if (!c->w[i].content)
                continue;
            content++;
            shared += has_word(q->w, q->n, c->w[i].hash);
            bool elsewhere = false;
            for (int k = 0; k < q->n_choices && !elsewhere; k++)
                elsewhere = k != j && has_word(q->c[k].w, q->c[k].n, c->w[i].hash);
            own += !elsewhere;
        }
        c->overlap = content ? (double)shared / content : 0;
        c->specific = content ? (double)own / content : 0;
    }
}

/* A choice's words; media that it shows itself are not counted in them. */
static const char *choice_text(struct question *q, const struct bf_sample *s, int j)
{
    bool shows = false;
    for (int p = 0; p < s->n_parts; p++)
        shows |= s->parts[p].in_choice && s->parts[p].choice == j + 1;
    if (!shows)
        return s->choices[j];
    q->text.len = 0;
    bf_choice_print(NULL, s, j, &q->text);
    return q->text.data && !q->text.failed ? q->text.data : "";
}

static void read_question(struct question *q, const struct bf_sample *s, const char *words,
                          bool choices)
{
    q->n = bf_words_of(words, q->w);
    q->category = bf_hash64(s->category, strlen(s->category), 7);
    q->n_choices = s->n_choices;
    struct bf_word all[BF_MAX_WORDS];
    int n_all = 0;
    for (int j = 0; j < s->n_choices; j++) {
        read_choice(&q->c[j], choices ? choice_text(q, s, j) : "");
        for (int i = 0; i < q->c[j].n && n_all < BF_MAX_WORDS; i++)
            all[n_all++] = q->c[j].w[i];
    }
    q->template = q->n ? bf_words_template(q->w, q->n, all, n_all) : 0;
    compare_choices(q);
}

static void put_position(struct row *r, const struct question *q, int j)
{
    put_cue(r, q, POSITION, (uint64_t)j, 1);
    put_cue(r, q, FROM_END, (uint64_t)(q->n_choices - 1 - j), 0.5);
}

/* Ties count as no cue: the longest is the one that is longer than all others. */
static void put_length(struct row *r, const struct question *q, int j)
{
    const struct choice *c = &q->c[j];
    double sum = 0;
    int longer = 0, shorter = 0, equal = 0;
    for (int k = 0; k < q->n_choices; k++) {
        sum += q->c[k].length;
        longer += q->c[k].length > c->length;
        shorter += q->c[k].length < c->length;
        equal += k != j && q->c[k].length == c->length;
    }
    if (longer == 0 && equal == 0)
        put_cue(r, q, LONGEST, 0, 1);
    if (shorter == 0 && equal == 0)
        put_cue(r, q, SHORTEST, 0, 1);
    put_cue(r, q, LENGTH_RANK, (uint64_t)(longer * 2 + equal), 0.5);
    const double mean = sum / q->n_choices;
    if (mean > 0)
        put_cue(r, q, LENGTH_RATIO, 0, fmax(-1, fmin(1, log2((c->length + 1) / (mean + 1)))));
}

static void put_number(struct row *r, const struct question *q, int j)
{
    const struct choice *c = &q->c[j];
    if (!c->is_number)
        return;
    int larger = 0, smaller = 0, n = 0;
    for (int k = 0; k < q->n_choices; k++) {
        n += q->c[k].is_number;
        larger += q->c[k].is_number && q->c[k].number > c->number;
        smaller += q->c[k].is_number && q->c[k].number < c->number;
    }
    put_cue(r, q, IS_NUMBER, (uint64_t)n, 0.5);
    if (n < 2)
        return;
    if (larger == 0)
        put_cue(r, q, LARGEST, 0, 1);
    if (smaller == 0)
        put_cue(r, q, SMALLEST, 0, 1);
    put_cue(r, q, NUMBER_RANK, (uint64_t)larger, 0.5);
}

static void put_overlap(struct row *r, const struct question *q, int j)
{
    const struct choice *c = &q->c[j];
    put_cue(r, q, OVERLAP, 0, c->overlap);
    bool most = c->overlap > 0;
    for (int k = 0; k < q->n_choices; k++)
        most = most && (k == j || q->c[k].overlap < c->overlap);
    if (most)
        put_cue(r, q, MOST_OVERLAP, 0, 1);
    put_cue(r, q, SPECIFIC, 0, c->specific);
    if (c->meta)
        put_cue(r, q, META, 0, 1);
}

static void put_words(struct row *r, const struct question *q, int j)
{
    const struct choice *c = &q->c[j];
    if (c->n == 0)
        return;
    put(r, TEXT, c->text, 0, 1);
    put(r, TEXT | WITH_CATEGORY, c->text, q->category, 1);
    if (q->template)
        put(r, TEMPLATE, c->text, q->template, 1);
    const double scale = 1 / sqrt(c->n);
    for (int i = 0; i < c->n; i++) {
        put(r, WORD, c->w[i].hash, 0, scale);
        put(r, WORD | WITH_CATEGORY, c->w[i].hash, q->category, scale);
        if (i + 1 < c->n)
            put(r, PAIR, c->w[i].hash, c->w[i + 1].hash, scale);
    }
    int content = 0;
    for (int i = 0; i < q->n; i++)
        content += q->w[i].content;
    for (int i = 0; i < q->n; i++)
        if (q->w[i].content)
            put(r, QUESTION_WORD, q->w[i].hash, c->text, 1 / sqrt(content));
}

static void encode_row(struct row *r, const struct question *q, int j)
{
    r->n = 0;
    put_position(r, q, j);
    if (q->c[j].n) {
        put_length(r, q, j);
        put_number(r, q, j);
        put_overlap(r, q, j);
        put_words(r, q, j);
    }
}

/* Growing arrays while encoding. */
struct builder {
    struct bf_buf features, tokens;
    struct bf_token_map map;
    struct question q;
    struct row row;
};

/* What tokens are made of, of choice j. */
static struct bf_token_source source_of(const struct question *q, int j)
{
    return (struct bf_token_source){ .choice = q->c[j].w,
                                     .n_choice = q->c[j].n,
                                     .choice_text = q->c[j].text,
                                     .category = q->category };
}

static bool usable(const struct bf_sample *s)
{
    return (s->task == BF_CHOICE || s->task == BF_YESNO) && s->n_choices >= 2 && s->gold >= 0;
}

static const char *question_of(const struct bf_shown_words *w, const struct bf_sample *s,
                               uint32_t i)
{
    if (w->questions)
        return w->questions[i] ? w->questions[i] : "";
    return w->question ? w->question : s->question;
}

static int encode_all(struct builder *b, const struct bf_pool *pool,
                      const struct bf_shown_words *words, struct bf_rows *out)
{
    uint32_t n_rows = 0;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        const struct bf_sample *s = &pool->samples[i];
        out->first_row[i] = n_rows;
        if (!usable(s))
            continue;
        read_question(&b->q, s, question_of(words, s, i), words->choices);
        for (int j = 0; j < s->n_choices; j++, n_rows++) {
            encode_row(&b->row, &b->q, j);
            out->first_feature[n_rows] = (uint32_t)(b->features.len / sizeof(struct bf_feature));
            bf_buf_add(&b->features, b->row.f, (size_t)b->row.n * sizeof *b->row.f);
            const struct bf_token_source source = source_of(&b->q, j);
            out->first_token[n_rows] = (uint32_t)(b->tokens.len / sizeof(uint32_t));
            bf_tokens_put(&b->map, &source, &b->tokens);
        }
    }
    out->first_row[pool->n_samples] = n_rows;
    out->first_feature[n_rows] = (uint32_t)(b->features.len / sizeof(struct bf_feature));
    out->first_token[n_rows] = (uint32_t)(b->tokens.len / sizeof(uint32_t));
    return b->features.failed || b->tokens.failed ? BF_ENOMEM : BF_OK;
}

static int encode(struct builder *b, const struct bf_pool *pool, const struct bf_shown_words *words,
                  struct bf_rows *out, struct bf_arena *a)
{
    size_t n_rows = 0;
    b->q.c = bf_arena_alloc(a, BF_MAX_CHOICES, sizeof *b->q.c);
    if (!b->q.c)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        const struct bf_sample *s = &pool->samples[i];
        if (!usable(s))
            continue;
        n_rows += (size_t)s->n_choices;
        read_question(&b->q, s, question_of(words, s, i), words->choices);
        for (int j = 0; j < s->n_choices; j++) {
            const struct bf_token_source source = source_of(&b->q, j);
            if (bf_tokens_count(&b->map, &source, i) != BF_OK)
                return BF_ENOMEM;
        }
    }
    if (bf_tokens_number(&b->map, &out->n_tokens) != BF_OK)
        return BF_ENOMEM;
    out->n_samples = pool->n_samples;
    out->first_row = bf_arena_alloc(a, (size_t)pool->n_samples + 1, sizeof *out->first_row);
    out->first_feature = bf_arena_alloc(a, n_rows + 1, sizeof *out->first_feature);
    out->first_token = bf_arena_alloc(a, n_rows + 1, sizeof *out->first_token);
    if (!out->first_row || !out->first_feature || !out->first_token)
        return BF_ENOMEM;
    if (encode_all(b, pool, words, out) != BF_OK)
        return BF_ENOMEM;
    out->features = bf_arena_memdup(a, b->features.data, b->features.len);
    out->tokens = bf_arena_memdup(a, b->tokens.data, b->tokens.len);
    return out->features && out->tokens ? BF_OK : BF_ENOMEM;
}

int bf_encode(const struct bf_pool *pool, const struct bf_shown_words *words, struct bf_rows *out,
              struct bf_arena *a, struct bf_err *err)
{
    struct bf_rows rows = { 0 };
    struct builder *b = calloc(1, sizeof *b);
    int rc = b ? BF_OK : BF_ENOMEM;
    if (b) {
        b->features.max = b->tokens.max = (size_t)4 << 30;
        rc = encode(b, pool, words, &rows, a);
        rc = b->q.text.failed ? BF_ENOMEM : rc;
        bf_buf_done(&b->features);
        bf_buf_done(&b->tokens);
        bf_buf_done(&b->q.text);
        bf_token_map_done(&b->map);
        free(b);
    }
    if (rc != BF_OK)
        return bf_fail_memory(err, "the words of the pool");
    *out = rows;
    return BF_OK;
}
