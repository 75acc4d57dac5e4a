/* A pool as the search for leaks sees it. */
#include "score/leak_view.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

enum {
    MAX_KEYS = 256,       /* groups of one sample */
    MAX_GROUPS = 1 << 16, /* the largest of the pool */
    MAX_UNITS = 1 << 17,
    MAX_PLACES = 1 << 22, /* of a counter */
    MIN_SAMPLES = 5,      /* below it nothing can be told: (1/4)^4 is 0.004 */
    MAX_FIELD_VALUES = 50
};

#define NONE UINT32_MAX

/* A group that one sample is in. */
struct key {
    uint64_t hash;
    enum bf_leak_group_kind kind;
    uint16_t at;
    uint8_t len;
};

struct maker {
    struct bf_leak_view *v;
    struct bf_leak_question q;
    struct bf_counter groups, units, seen;
    uint64_t fields[BF_MAX_EXTRAS]; /* hashes of names of fields with few values */
    int n_fields;
    int n_keys;
    struct key keys[MAX_KEYS];
    struct bf_buf group_list, unit_list;
    uint32_t now; /* which sample of the view is being read */
};

static bool of_choices(const struct bf_sample *s)
{
    return s->n_choices >= 2 && s->gold_set &&
           (s->task == BF_CHOICE || s->task == BF_CHOICES || s->task == BF_YESNO);
}

static bool usable(const struct bf_sample *s)
{
    return of_choices(s) || s->task == BF_NUMBER ||
           (s->task == BF_FREE_TEXT && s->gold_text && s->gold_text[0]);
}

static uint64_t mixed(uint64_t a, uint64_t b)
{
    const uint64_t both[2] = { a, b };
    return bf_hash64(both, sizeof both, 17);
}

/* Of the files shown, whatever their order. */
static uint64_t media_of(const struct bf_sample *s)
{
    uint64_t sum = 0;
    for (int p = 0; p < s->n_parts; p++)
        if (s->parts[p].file)
            sum += bf_hash64(s->parts[p].file->sha, BF_SHA_BYTES, 19);
    return sum;
}

static void add_key(struct maker *m, enum bf_leak_group_kind kind, uint64_t hash, int at, int len)
{
    if (m->n_keys == MAX_KEYS)
        return;
    m->keys[m->n_keys++] = (struct key){
        .hash = mixed(hash, (uint64_t)kind), .kind = kind, .at = (uint16_t)at, .len = (uint8_t)len
    };
}

/* The groups that a sample is in, by its words and fields. */
static void keys_of(struct maker *m, const struct bf_sample *s)
{
    const struct bf_leak_question *q = &m->q;
    struct bf_word all[BF_MAX_WORDS];
    int n_all = 0;
    m->n_keys = 0;
    if (s->category[0])
        add_key(m, BF_GROUP_CATEGORY, bf_hash64(s->category, strlen(s->category), 0), 0, 0);
    for (int e = 0; e < s->n_extras; e++) {
        const uint64_t name = bf_hash64(s->extras[e].name, strlen(s->extras[e].name), 0);
        for (int f = 0; f < m->n_fields; f++)
            if (m->fields[f] == name)
                add_key(m, BF_GROUP_FIELD,
                        bf_hash64(s->extras[e].value, strlen(s->extras[e].value), name), e, 0);
    }
    if (q->n == 0)
        return;
    for (int j = 0; j < q->k; j++)
        for (int i = 0; i < q->c[j].n && n_all < BF_MAX_WORDS; i++)
            all[n_all++] = q->c[j].w[i];
    add_key(m, BF_GROUP_QUESTION, bf_words_hash(q->w, q->n), 0, q->n > 255 ? 255 : q->n);
    for (int n = 1; n <= 2 && n <= q->n; n++)
        add_key(m, BF_GROUP_HEAD, bf_words_hash(q->w, n), 0, n);
    add_key(m, BF_GROUP_TEMPLATE, bf_words_template(q->w, q->n, all, n_all), 0,
            q->n > 255 ? 255 : q->n);
    for (int n = 1; n <= 3; n++)
        for (int i = 0; i + n <= q->n; i++)
            if (n > 1 || q->w[i].content)
                add_key(m, BF_GROUP_PHRASE, bf_words_hash(&q->w[i], n), i, n);
}

/* Note that a thing stands in sample `now`, at `where` of it; it counts once a sample. */
static int count(struct bf_counter *c, const struct bf_count *thing, uint32_t now, uint64_t where)
{
    struct bf_count *at = bf_counter_at(c, thing->key);
    if (!at)
        return BF_ENOMEM;
    if (at->n == 0) {
        *at = *thing;
        at->n = 1;
        at->last = now;
        at->sum = where;
        at->id = NONE;
        return bf_counter_added(c);
    }
    if (at->last != now || where != bf_hash64(&now, sizeof now, 0))
        at->sum += where;
    at->n += at->last != now;
    at->last = now;
    return BF_OK;
}

static uint64_t value_of(const struct bf_sample *s)
{
    struct bf_word w[BF_MAX_WORDS];
    const char *text = s->gold_text ? s->gold_text : "";
    if (s->task == BF_NUMBER)
        return bf_hash64(&s->gold_number, sizeof s->gold_number, 29);
    const int n = bf_words_of(text, w);
    return n ? bf_words_hash(w, n) : bf_hash64(text, strlen(text), 5);
}

/* A sample's content: the text of each choice and its content words, or the answer's value. */
static int units_of(struct maker *m, const struct bf_sample *s,
                    int (*take)(struct maker *m, const struct bf_count *unit, int choice))
{
    struct bf_count u = { .first = s->index };
    if (!of_choices(s)) {
        u.kind = BF_UNIT_VALUE;
        u.key = mixed(value_of(s), BF_UNIT_VALUE);
        return take(m, &u, 0);
    }
    for (int j = 0; j < m->q.k; j++) {
        const struct bf_leak_choice *c = &m->q.c[j];
        for (int i = -1; i < c->n && i < 64; i++) {
            if (i < 0 ? c->length == 0 : !c->w[i].content)
                continue;
            u.kind = i < 0 ? BF_UNIT_TEXT : BF_UNIT_WORD;
            u.key = mixed(i < 0 ? c->text : c->w[i].hash, u.kind);
            u.at = (uint16_t)(j * 256 + (i < 0 ? 0 : i));
            BF_TRY(take(m, &u, j));
        }
    }
    return BF_OK;
}

static int count_unit(struct maker *m, const struct bf_count *unit, int choice)
{
    const uint32_t where[2] = { m->now, (uint32_t)choice };
    return count(&m->units, unit, m->now, bf_hash64(where, sizeof where, 1));
}

static int count_sample(struct maker *m, const struct bf_sample *s)
{
    keys_of(m, s);
    for (int i = 0; i < m->n_keys; i++) {
        const struct bf_count group = { .key = m->keys[i].hash,
                                        .first = s->index,
                                        .at = m->keys[i].at,
                                        .len = m->keys[i].len,
                                        .kind = (uint8_t)m->keys[i].kind };
        BF_TRY(count(&m->groups, &group, m->now, bf_hash64(&m->now, sizeof m->now, 0)));
    }
    return units_of(m, s, count_unit);
}

/* Those that go together always are one: the first kind stands for them. */
static int by_sum(const void *x, const void *y)
{
    const struct bf_count *a = *(struct bf_count *const *)x, *b = *(struct bf_count *const *)y;
    if (a->sum != b->sum)
        return a->sum < b->sum ? -1 : 1;
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    /* of phrases the longest says most, of heads the shortest is enough */
    if (a->len != b->len)
        return (a->len > b->len) == (a->kind == BF_GROUP_PHRASE) ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

static int by_size(const void *x, const void *y)
{
    const struct bf_count *a = *(struct bf_count *const *)x, *b = *(struct bf_count *const *)y;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

/* Of what was counted, what enough samples have but not all: `list` [*n_out], largest first, at
 * most `max`. */
static int worth_a_look(struct bf_counter *c, uint32_t least, uint32_t most, uint32_t max,
                        struct bf_count ***list_out, uint32_t *n_out)
{
    uint32_t n = 0, kept = 0;
    for (uint32_t i = 0; c->v && i <= c->mask; i++)
        n += c->v[i].n >= least && c->v[i].n <= most;
    struct bf_count **list = calloc((size_t)n + 1, sizeof(struct bf_count *));
    if (!list)
        return BF_ENOMEM;
    n = 0;
    for (uint32_t i = 0; c->v && i <= c->mask; i++)
        if (c->v[i].n >= least && c->v[i].n <= most)
            list[n++] = &c->v[i];
    qsort(list, n, sizeof(struct bf_count *), by_sum);
    for (uint32_t i = 0; i < n; i++)
        if (kept == 0 || list[kept - 1]->sum != list[i]->sum || list[kept - 1]->n != list[i]->n)
            list[kept++] = list[i];
    qsort(list, kept, sizeof(struct bf_count *), by_size);
    *list_out = list;
    *n_out = kept < max ? kept : max;
    return BF_OK;
}

static int number_groups(struct maker *m)
{
    struct bf_leak_view *v = m->v;
    struct bf_count **list;
    uint32_t n;
    if (worth_a_look(&m->groups, v->least, v->n - 1, MAX_GROUPS - 1, &list, &n) != BF_OK)
        return BF_ENOMEM;
    v->n_groups = n + 1;
    v->group = bf_arena_alloc(&v->arena, (size_t)n + 1, sizeof *v->group);
    for (uint32_t i = 0; v->group && i < n; i++) {
        list[i]->id = i + 1;
        v->group[i + 1] = (struct bf_leak_group){ .kind = (enum bf_leak_group_kind)list[i]->kind,
                                                  .n = list[i]->n,
                                                  .first = list[i]->first,
                                                  .at = list[i]->at,
                                                  .len = list[i]->len };
    }
    free(list);
    if (!v->group)
        return BF_ENOMEM;
    v->group[0] = (struct bf_leak_group){ .kind = BF_GROUP_ALL, .n = v->n };
    return BF_OK;
}

static int number_units(struct maker *m)
{
    struct bf_leak_view *v = m->v;
    struct bf_count **list;
    uint32_t n;
    if (worth_a_look(&m->units, v->least, UINT32_MAX, MAX_UNITS, &list, &n) != BF_OK)
        return BF_ENOMEM;
    v->n_units = n;
    v->unit = bf_arena_alloc(&v->arena, (size_t)n + 1, sizeof *v->unit);
    for (uint32_t i = 0; v->unit && i < n; i++) {
        list[i]->id = i;
        v->unit[i] = (struct bf_leak_unit){ .kind = (enum bf_leak_unit_kind)list[i]->kind,
                                            .n = list[i]->n,
                                            .first = list[i]->first,
                                            .at = list[i]->at };
    }
    free(list);
    return v->unit ? BF_OK : BF_ENOMEM;
}

/* Jaccard similarity of the words of two questions. */
static double alike(const struct bf_word *a, int n, const struct bf_word *b, int m)
{
    int both = 0, either = m;
    for (int i = 0; i < n; i++) {
        bool there = false, again = false;
        for (int j = 0; j < m && !there; j++)
            there = a[i].hash == b[j].hash;
        for (int j = 0; j < i && !again; j++)
            again = a[i].hash == a[j].hash;
        both += there && !again;
        either += !there && !again;
    }
    return either ? (double)both / either : 1;
}

/* Whether a key was seen before; then the first sample that had it goes to `first`. */
static int seen_before(struct maker *m, uint64_t key, const struct bf_sample *s, bool *seen,
                       uint32_t *first)
{
    struct bf_count *at = bf_counter_at(&m->seen, key);
    if (!at)
        return BF_ENOMEM;
    *seen = at->n > 0;
    if (*seen) {
        *first = at->first;
        at->n++;
        return BF_OK;
    }
    *at = (struct bf_count){ .key = key, .n = 1, .first = s->index };
    return bf_counter_added(&m->seen);
}

/* Whether a sample says what another one has said. */
static int find_copies(struct maker *m, const struct bf_sample *s, struct bf_leak_sample *out)
{
    const struct bf_leak_question *q = &m->q;
    uint64_t set = 0, gold = 0;
    for (int j = 0; j < q->k; j++) {
        set += mixed(q->c[j].text, 31);
        gold += out->gold & BF_BIT(j) ? mixed(q->c[j].text, 37) : 0;
    }
    if (!out->gold)
        gold = value_of(s);
    const uint64_t said = mixed(set, gold), shown = mixed(said, out->media);
    uint32_t first = 0;
    bool near = false;
    BF_TRY(seen_before(m, mixed(shown, bf_words_hash(q->w, q->n)), s, &out->copy, &first));
    BF_TRY(seen_before(m, said, s, &out->again, &first));
    BF_TRY(seen_before(m, mixed(shown, 41), s, &near, &first));
    if (near && !out->copy) {
        struct bf_word w[BF_MAX_WORDS];
        const int n = bf_words_of(m->v->pool->samples[first].question, w);
        out->copy = alike(w, n, q->w, q->n) >= 0.8;
    }
    return BF_OK;
}

static int list_unit(struct maker *m, const struct bf_count *unit, int choice)
{
    const struct bf_count *at = bf_counter_find(&m->units, unit->key);
    if (!at || at->id == NONE)
        return BF_OK;
    struct bf_leak_has *list = (struct bf_leak_has *)(void *)m->unit_list.data;
    const size_t n = m->unit_list.len / sizeof *list;
    for (size_t i = m->v->first_unit[m->now]; i < n; i++)
        if (list[i].unit == at->id) {
            list[i].mask |= BF_BIT(choice);
            return BF_OK;
        }
    const struct bf_leak_has has = { at->id, BF_BIT(choice) };
    bf_buf_add(&m->unit_list, &has, sizeof has);
    return m->unit_list.failed ? BF_ENOMEM : BF_OK;
}

static int list_groups(struct maker *m, const struct bf_sample *s)
{
    keys_of(m, s);
    for (int i = 0; i < m->n_keys; i++) {
        const struct bf_count *at = bf_counter_find(&m->groups, m->keys[i].hash);
        if (!at || at->id == NONE)
            continue;
        const uint32_t *list = (const uint32_t *)(const void *)m->group_list.data;
        const size_t n = m->group_list.len / sizeof *list;
        bool there = false;
        for (size_t g = m->v->first_group[m->now]; g < n && !there; g++)
            there = list[g] == at->id;
        if (!there)
            bf_buf_add(&m->group_list, &at->id, sizeof at->id);
    }
    return m->group_list.failed ? BF_ENOMEM : BF_OK;
}

/* In how many samples the text of each choice stands; what was forgotten counts as one. */
static void how_often(const struct maker *m, uint32_t *out)
{
    for (int j = 0; j < m->q.k; j++) {
        const struct bf_count *at = bf_counter_find(&m->units, mixed(m->q.c[j].text, BF_UNIT_TEXT));
        out[j] = at ? at->n : 1;
    }
}

static int list_sample(struct maker *m, const struct bf_sample *s)
{
    struct bf_leak_view *v = m->v;
    struct bf_leak_sample *x = &v->samples[m->now];
    uint32_t often[BF_MAX_CHOICES];
    *x = (struct bf_leak_sample){ .index = s->index, .media = media_of(s) };
    if (of_choices(s)) {
        x->gold = s->gold_set;
        x->k = (uint8_t)s->n_choices;
        how_often(m, often);
        bf_leak_shapes(&m->q, s, often, v->shapes[m->now]);
    }
    BF_TRY(find_copies(m, s, x));
    v->first_group[m->now] = (uint32_t)(m->group_list.len / sizeof *v->groups);
    v->first_unit[m->now] = (uint32_t)(m->unit_list.len / sizeof *v->units);
    BF_TRY(list_groups(m, s));
    return units_of(m, s, list_unit);
}

/* Values of one extra field, while there are few. */
struct field {
    uint64_t name;
    int n_values;
    uint64_t values[MAX_FIELD_VALUES];
    uint32_t n, tells; /* samples that have it; of them those whose answer it is */
};

static bool tells_gold(const struct bf_sample *s, const char *value)
{
    const char letter[2] = { (char)('A' + s->gold), '\0' };
    if (s->gold_text && strcmp(value, s->gold_text) == 0)
        return true;
    return s->gold >= 0 && (strcmp(value, letter) == 0 || strcmp(value, s->choices[s->gold]) == 0);
}

static void see_field(struct field *f, const struct bf_sample *s, const struct bf_extra *e)
{
    const uint64_t value = bf_hash64(e->value, strlen(e->value), 0);
    int i = 0;
    f->n++;
    f->tells += tells_gold(s, e->value);
    while (i < f->n_values && i < MAX_FIELD_VALUES && f->values[i] != value)
        i++;
    if (i < f->n_values)
        return;
    if (i < MAX_FIELD_VALUES)
        f->values[i] = value;
    f->n_values++;
}

/* The extra fields that make groups: 2 to 50 values, and not the answer under another name. */
static int find_fields(struct maker *m, const struct bf_pool *pool)
{
    struct field *f = calloc(BF_MAX_EXTRAS, sizeof *f);
    int n = 0;
    if (!f)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        const struct bf_sample *s = &pool->samples[i];
        for (int e = 0; usable(s) && e < s->n_extras; e++) {
            const uint64_t name = bf_hash64(s->extras[e].name, strlen(s->extras[e].name), 0);
            int at = 0;
            while (at < n && f[at].name != name)
                at++;
            if (at == BF_MAX_EXTRAS)
                continue;
            if (at == n)
                f[n++].name = name;
            if (f[at].n_values <= MAX_FIELD_VALUES)
                see_field(&f[at], s, &s->extras[e]);
        }
    }
    for (int i = 0; i < n; i++)
        if (f[i].n_values >= 2 && f[i].n_values <= MAX_FIELD_VALUES && 2 * f[i].tells < f[i].n)
            m->fields[m->n_fields++] = f[i].name;
    free(f);
    return BF_OK;
}

/* Go through all usable samples. */
static int each(struct maker *m, int (*visit)(struct maker *m, const struct bf_sample *s))
{
    const struct bf_pool *pool = m->v->pool;
    m->now = 0;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        if (!usable(&pool->samples[i]))
            continue;
        if (bf_leak_read(&m->q, &pool->samples[i]) != BF_OK)
            return BF_ENOMEM;
        BF_TRY(visit(m, &pool->samples[i]));
        m->now++;
    }
    return BF_OK;
}

static int make(struct maker *m, const struct bf_pool *pool)
{
    struct bf_leak_view *v = m->v;
    v->pool = pool;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        v->n += usable(&pool->samples[i]);
    const size_t n = (size_t)v->n + 1;
    v->least = v->n / 20000 > MIN_SAMPLES ? v->n / 20000 : MIN_SAMPLES;
    v->samples = bf_arena_alloc(&v->arena, n, sizeof *v->samples);
    v->shapes = bf_arena_alloc(&v->arena, n, sizeof *v->shapes);
    v->first_group = bf_arena_alloc(&v->arena, n, sizeof *v->first_group);
    v->first_unit = bf_arena_alloc(&v->arena, n, sizeof *v->first_unit);
    if (!v->samples || !v->shapes || !v->first_group || !v->first_unit)
        return BF_ENOMEM;
    BF_TRY(find_fields(m, pool));
    BF_TRY(each(m, count_sample));
    BF_TRY(number_groups(m));
    BF_TRY(number_units(m));
    BF_TRY(each(m, list_sample));
    v->first_group[v->n] = (uint32_t)(m->group_list.len / sizeof *v->groups);
    v->first_unit[v->n] = (uint32_t)(m->unit_list.len / sizeof *v->units);
    v->group_list = m->group_list;
    v->unit_list = m->unit_list;
    m->group_list = m->unit_list = (struct bf_buf){ 0 };
    v->groups = (const uint32_t *)(const void *)v->group_list.data;
    v->units = (const struct bf_leak_has *)(const void *)v->unit_list.data;
    return BF_OK;
}

int bf_leak_view_make(const struct bf_pool *pool, struct bf_leak_view *out, struct bf_err *err)
{
    struct maker *m = calloc(1, sizeof *m);
    *out = (struct bf_leak_view){ 0 };
    int rc = BF_ENOMEM;
    if (m) {
        m->v = out;
        m->groups.max = m->units.max = m->seen.max = MAX_PLACES;
        m->group_list.max = m->unit_list.max = (size_t)2 << 30;
        rc = make(m, pool);
        bf_counter_done(&m->groups);
        bf_counter_done(&m->units);
        bf_counter_done(&m->seen);
        bf_buf_done(&m->group_list);
        bf_buf_done(&m->unit_list);
        bf_buf_done(&m->q.text);
        free(m);
    }
    if (rc == BF_OK)
        return BF_OK;
    bf_leak_view_done(out);
    return bf_fail_memory(err, "the search for leaks");
}

void bf_leak_view_done(struct bf_leak_view *v)
{
    bf_arena_reset(&v->arena);
    bf_buf_done(&v->group_list);
    bf_buf_done(&v->unit_list);
    *v = (struct bf_leak_view){ 0 };
}
