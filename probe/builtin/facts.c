#include "probe/builtin/facts.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/marker.h"
#include "core/text.h"

const struct bf_fact_row bf_fact_rows[BF_FACT_COUNT] = {
    [BF_FACT_LETTER] = { "letter", BF_EVIDENCE_POSITION },
    [BF_FACT_FROM_END] = { "from_end", BF_EVIDENCE_POSITION },
    [BF_FACT_CHOICES] = { "choices", BF_EVIDENCE_POSITION },
    [BF_FACT_LENGTH] = { "length", BF_EVIDENCE_LENGTH },
    [BF_FACT_LENGTH_RANK] = { "length_rank", BF_EVIDENCE_LENGTH },
    [BF_FACT_LENGTH_RATIO] = { "length_ratio", BF_EVIDENCE_LENGTH },
    [BF_FACT_LENGTH_LEAD] = { "length_lead", BF_EVIDENCE_LENGTH },
    [BF_FACT_LONGEST] = { "longest", BF_EVIDENCE_LENGTH },
    [BF_FACT_SHORTEST] = { "shortest", BF_EVIDENCE_LENGTH },
    [BF_FACT_WORDS] = { "words", BF_EVIDENCE_LENGTH },
    [BF_FACT_WORDS_RANK] = { "words_rank", BF_EVIDENCE_LENGTH },
    [BF_FACT_WORDS_RATIO] = { "words_ratio", BF_EVIDENCE_LENGTH },
    [BF_FACT_NUMBERS] = { "numbers", BF_EVIDENCE_NUMBERS },
    [BF_FACT_NUMBER_RANK] = { "number_rank", BF_EVIDENCE_NUMBERS },
    [BF_FACT_LARGEST] = { "largest", BF_EVIDENCE_NUMBERS },
    [BF_FACT_SMALLEST] = { "smallest", BF_EVIDENCE_NUMBERS },
    [BF_FACT_NUMBER_MIDDLE] = { "number_middle", BF_EVIDENCE_NUMBERS },
    [BF_FACT_NUMBER_RATIO] = { "number_ratio", BF_EVIDENCE_NUMBERS },
    [BF_FACT_NUMBER_ROUND] = { "number_round", BF_EVIDENCE_NUMBERS },
    [BF_FACT_ROUND_RANK] = { "round_rank", BF_EVIDENCE_NUMBERS },
    [BF_FACT_OVERLAP] = { "overlap", BF_EVIDENCE_OVERLAP },
    [BF_FACT_OVERLAP_RANK] = { "overlap_rank", BF_EVIDENCE_OVERLAP },
    [BF_FACT_MOST_OVERLAP] = { "most_overlap", BF_EVIDENCE_OVERLAP },
    [BF_FACT_GRAMS] = { "grams", BF_EVIDENCE_OVERLAP },
    [BF_FACT_GRAMS_RANK] = { "grams_rank", BF_EVIDENCE_OVERLAP },
    [BF_FACT_SHARED] = { "shared", BF_EVIDENCE_OVERLAP },
    [BF_FACT_SHARED_RANK] = { "shared_rank", BF_EVIDENCE_OVERLAP },
    [BF_FACT_NEAREST] = { "nearest", BF_EVIDENCE_OVERLAP },
    [BF_FACT_NEAREST_RANK] = { "nearest_rank", BF_EVIDENCE_OVERLAP },
    [BF_FACT_CENTRAL] = { "central", BF_EVIDENCE_OVERLAP },
    [BF_FACT_CENTRAL_RANK] = { "central_rank", BF_EVIDENCE_OVERLAP },
    [BF_FACT_LAST_SHARED] = { "last_shared", BF_EVIDENCE_OVERLAP },
    [BF_FACT_RARE_SHARED] = { "rare_shared", BF_EVIDENCE_OVERLAP },
    [BF_FACT_RARE_SHARED_RANK] = { "rare_shared_rank", BF_EVIDENCE_OVERLAP },
    [BF_FACT_RARITY] = { "rarity", BF_EVIDENCE_CHOICE },
    [BF_FACT_RARITY_RANK] = { "rarity_rank", BF_EVIDENCE_CHOICE },
    [BF_FACT_COMMON] = { "common", BF_EVIDENCE_CHOICE },
    [BF_FACT_COMMON_RANK] = { "common_rank", BF_EVIDENCE_CHOICE },
    [BF_FACT_TYPE] = { "type", BF_EVIDENCE_FORM },
    [BF_FACT_SAME_TYPE] = { "same_type", BF_EVIDENCE_FORM },
    [BF_FACT_META] = { "meta", BF_EVIDENCE_FORM },
    [BF_FACT_CAPITAL] = { "capital", BF_EVIDENCE_FORM },
    [BF_FACT_POINT] = { "point", BF_EVIDENCE_FORM },
    [BF_FACT_COMMAS] = { "commas", BF_EVIDENCE_FORM },
    [BF_FACT_DIGITS] = { "digits", BF_EVIDENCE_FORM },
    [BF_FACT_BRACKETS] = { "brackets", BF_EVIDENCE_FORM },
    [BF_FACT_NEGATION] = { "negation", BF_EVIDENCE_FORM },
    [BF_FACT_ABSOLUTE] = { "absolute", BF_EVIDENCE_FORM },
    [BF_FACT_HEDGE] = { "hedge", BF_EVIDENCE_FORM },
};

/* Words of one kind, by hash; sorted when the work is made. */
enum list { YES_NO, MONTHS, COUNTED, NEGATIONS, ABSOLUTES, HEDGES, ASKING, N_LISTS };
enum { MAX_LIST = 24, N_METAS = 10, MAX_GRAMS = 512, QUESTION = 1 << 30 };

static const char *const lists[N_LISTS][MAX_LIST] = {
    [YES_NO] = { "yes", "no", "true", "false" },
    [MONTHS] = { "january", "february", "march", "april", "june", "july", "august", "september",
                 "october", "november", "december" },
    [COUNTED] = { "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
                  "ten", "eleven", "twelve" },
    [NEGATIONS] = { "no", "not", "never", "none", "neither", "nor", "cannot", "isn't", "aren't",
                    "doesn't", "don't", "didn't", "wasn't", "without", "nothing", "nobody" },
    [ABSOLUTES] = { "always", "only", "all", "every", "never", "must", "completely", "entirely",
                    "everything", "everyone", "exactly", "totally", "both" },
    [HEDGES] = { "may", "might", "can", "could", "usually", "often", "sometimes", "some", "likely",
                 "probably", "generally", "possibly", "about", "around", "approximately", "mostly",
                 "tends", "typically" },
    [ASKING] = { "what", "which", "who", "whose", "whom", "when", "where", "why", "how" },
};

static const char *const metas[N_METAS] = {
    "all of the above",      "none of the above",      "both of the above", "all of these",
    "none of these",         "none of them",           "all of them",       "cannot be determined",
    "can not be determined", "not enough information",
};

/* Which choices hold one word or run of characters: bit j = choice j, QUESTION = the question. */
struct seen {
    uint64_t key; /* 0 = free */
    uint32_t by;
};

struct bf_facts_work {
    uint64_t words[N_LISTS][MAX_LIST];
    uint64_t metas[N_METAS];
    uint32_t mask;      /* size of `table` in use, less one */
    uint32_t room;      /* its whole size */
    struct seen *table; /* [room] */
    uint32_t n_used;
    uint32_t *used; /* [room] places in use */
    const char *texts[BF_MAX_CHOICES];
    uint16_t pairs[BF_MAX_CHOICES][BF_MAX_CHOICES]; /* runs of characters that two choices have */
};

static uint64_t hash_of(const char *text)
{
    struct bf_word w[BF_MAX_WORDS];
    return bf_words_of(text, w) == 1 ? w[0].hash : 0;
}

struct bf_facts *bf_facts_new(void)
{
    struct bf_facts *f = calloc(1, sizeof *f);
    struct bf_facts_work *work = f ? calloc(1, sizeof *work) : NULL;
    if (!work) {
        free(f);
        return NULL;
    }
    f->work = work;
    for (int l = 0; l < N_LISTS; l++)
        for (int i = 0; i < MAX_LIST && lists[l][i]; i++)
            work->words[l][i] = hash_of(lists[l][i]);
    struct bf_word w[BF_MAX_WORDS];
    for (int i = 0; i < N_METAS; i++)
        work->metas[i] = bf_words_hash(w, bf_words_of(metas[i], w));
    return f;
}

void bf_facts_free(struct bf_facts *f)
{
    if (!f)
        return;
    free(f->work->table);
    free(f->work->used);
    free(f->work);
    bf_buf_done(&f->text);
    free(f);
}

/* Place in the list, or -1. */
static int listed(const struct bf_facts_work *work, enum list l, uint64_t hash)
{
    for (int i = 0; i < MAX_LIST && work->words[l][i]; i++)
        if (work->words[l][i] == hash)
            return i;
    return -1;
}

/* An empty table for at most `n` keys. */
static int table_clear(struct bf_facts_work *work, size_t n)
{
    uint32_t size = 256;
    while (size < 2 * n)
        size *= 2;
    if (size > work->room) {
        free(work->table);
        free(work->used);
        work->table = malloc(size * sizeof *work->table);
        work->used = malloc(size * sizeof *work->used);
        work->room = work->table && work->used ? size : 0;
        if (work->room == 0)
            return BF_ENOMEM;
    }
    memset(work->table, 0, size * sizeof *work->table);
    work->mask = size - 1;
    work->n_used = 0;
    return BF_OK;
}

static struct seen *table_at(struct bf_facts_work *work, uint64_t key)
{
    uint32_t i = (uint32_t)((key * 0x9E3779B97F4A7C15u) >> 40) & work->mask;
    while (work->table[i].key && work->table[i].key != key)
        i = (i + 1) & work->mask;
    return &work->table[i];
}

static void table_put(struct bf_facts_work *work, uint64_t key, uint32_t by)
{
    struct seen *s = table_at(work, key);
    if (!s->key) {
        s->key = key;
        work->used[work->n_used++] = (uint32_t)(s - work->table);
    }
    s->by |= by;
}

/* Rank of v[j]: 0 for the most, 1 for the least, ties halfway. */
static float rank_of(const float *v, int n, int j)
{
    float above = 0;
    for (int k = 0; k < n; k++)
        above += v[k] > v[j] ? 1 : k != j && v[k] == v[j] ? 0.5f : 0;
    return n > 1 ? above / (float)(n - 1) : 0;
}

/* Ranks of one fact over all choices, as another fact. */
static void put_ranks(struct bf_facts *f, enum bf_fact of, enum bf_fact rank)
{
    float v[BF_MAX_CHOICES];
    for (int j = 0; j < f->n_choices; j++)
        v[j] = f->c[j].v[of];
    for (int j = 0; j < f->n_choices; j++)
        f->c[j].v[rank] = rank_of(v, f->n_choices, j);
}

static void put_lengths(struct bf_facts *f)
{
    const int n = f->n_choices;
    double bytes = 0, words = 0;
    for (int j = 0; j < n; j++) {
        const size_t len = strlen(f->work->texts[j]);
        bytes += (double)len / n;
        words += (double)f->c[j].n_words / n;
        f->c[j].v[BF_FACT_LENGTH] = log2f(1 + (float)len);
        f->c[j].v[BF_FACT_WORDS] = (float)f->c[j].n_words;
    }
    for (int j = 0; j < n; j++) {
        float *v = f->c[j].v, longest = 0, shortest = INFINITY;
        for (int k = 0; k < n; k++)
            if (k != j) {
                longest = fmaxf(longest, f->c[k].v[BF_FACT_LENGTH]);
                shortest = fminf(shortest, f->c[k].v[BF_FACT_LENGTH]);
            }
        v[BF_FACT_LENGTH_RATIO] = v[BF_FACT_LENGTH] - log2f(1 + (float)bytes);
        v[BF_FACT_WORDS_RATIO] = log2f((v[BF_FACT_WORDS] + 1) / (float)(words + 1));
        v[BF_FACT_LENGTH_LEAD] = v[BF_FACT_LENGTH] - longest;
        v[BF_FACT_LONGEST] = v[BF_FACT_LENGTH] > longest;
        v[BF_FACT_SHORTEST] = v[BF_FACT_LENGTH] < shortest;
    }
    put_ranks(f, BF_FACT_LENGTH, BF_FACT_LENGTH_RANK);
    put_ranks(f, BF_FACT_WORDS, BF_FACT_WORDS_RANK);
}

/* Zeros at the end of a whole number, less the decimal places of another: 1200 gives 2, 0.25
 * gives -2. */
static float roundness(double x)
{
    float round = 0;
    for (x = fabs(x); round > -6 && fabs(x - nearbyint(x)) > 1e-9 * fmax(1, x); x *= 10)
        round--;
    for (; round >= 0 && x >= 1 && fmod(x, 10) == 0; x /= 10)
        round++;
    return round;
}

static void put_numbers(struct bf_facts *f)
{
    float v[BF_MAX_CHOICES], round[BF_MAX_CHOICES];
    int which[BF_MAX_CHOICES], n = 0;
    for (int j = 0; j < f->n_choices; j++)
        if (!isnan(f->c[j].number)) {
            v[n] = (float)f->c[j].number;
            round[n] = roundness(f->c[j].number);
            which[n++] = j;
        }
    double median = 0;
    for (int i = 0; i < n; i++)
        if (fabsf(rank_of(v, n, i) - 0.5f) <= 0.5f / (float)(n > 1 ? n - 1 : 1))
            median = v[i];
    for (int i = 0; i < n; i++) {
        float *out = f->c[which[i]].v;
        out[BF_FACT_NUMBERS] = (float)n;
        if (n < 2)
            continue;
        const float rank = rank_of(v, n, i);
        out[BF_FACT_NUMBER_RANK] = rank;
        out[BF_FACT_LARGEST] = rank == 0;
        out[BF_FACT_SMALLEST] = rank == 1;
        out[BF_FACT_NUMBER_MIDDLE] = fabsf(2 * rank - 1);
        out[BF_FACT_NUMBER_RATIO] = (float)log2((fabs((double)v[i]) + 1) / (fabs(median) + 1));
        out[BF_FACT_NUMBER_ROUND] = round[i];
        out[BF_FACT_ROUND_RANK] = rank_of(round, n, i);
    }
}

static float rarity_of(const struct bf_rarity *r, uint64_t word)
{
    const uint32_t n = r->words[word & r->mask];
    return n > 1 ? log2f((float)r->n_samples / (float)n) : log2f((float)r->n_samples);
}

/* Content words that choices have in common with the question and with each other. */
static int put_overlap(struct bf_facts *f)
{
    struct bf_facts_work *work = f->work;
    size_t n_words = (size_t)f->n_words;
    for (int j = 0; j < f->n_choices; j++)
        n_words += (size_t)f->c[j].n_words;
    BF_TRY(table_clear(work, n_words));
    for (int i = 0; i < f->n_words; i++)
        table_put(work, f->w[i].hash | 1, QUESTION);
    for (int j = 0; j < f->n_choices; j++)
        for (int i = 0; i < f->c[j].n_words; i++)
            table_put(work, f->c[j].w[i].hash | 1, BF_BIT(j));
    for (int j = 0; j < f->n_choices; j++) {
        struct bf_choice_facts *c = &f->c[j];
        int content = 0, asked = 0, shared = 0;
        float rarest = 0, rarity = 0;
        for (int i = 0; i < c->n_words; i++)
            if (c->w[i].content) {
                const uint32_t by = table_at(work, c->w[i].hash | 1)->by;
                const float rare = f->rarity ? rarity_of(f->rarity, c->w[i].hash) : 0;
                content++;
                rarity += rare;
                asked += (by & QUESTION) != 0;
                shared += (by & ~(uint32_t)QUESTION & ~BF_BIT(j)) != 0;
                rarest = by & QUESTION ? fmaxf(rarest, rare) : rarest;
                c->v[BF_FACT_LAST_SHARED] = i + 1 == c->n_words && (by & QUESTION);
            }
        c->v[BF_FACT_RARE_SHARED] = rarest;
        c->v[BF_FACT_RARITY] = content ? rarity / (float)content : 0;
        c->v[BF_FACT_OVERLAP] = content ? (float)asked / (float)content : 0;
        c->v[BF_FACT_SHARED] = content ? (float)shared / (float)content : 0;
    }
    put_ranks(f, BF_FACT_OVERLAP, BF_FACT_OVERLAP_RANK);
    put_ranks(f, BF_FACT_SHARED, BF_FACT_SHARED_RANK);
    put_ranks(f, BF_FACT_RARE_SHARED, BF_FACT_RARE_SHARED_RANK);
    put_ranks(f, BF_FACT_RARITY, BF_FACT_RARITY_RANK);
    for (int j = 0; j < f->n_choices; j++) {
        float *v = f->c[j].v;
        v[BF_FACT_MOST_OVERLAP] = v[BF_FACT_OVERLAP] > 0 && v[BF_FACT_OVERLAP_RANK] == 0;
    }
    return BF_OK;
}

/* Runs of four characters, of words in lower case with one blank before and after each. */
static void put_grams_of(struct bf_facts_work *work, const char *text, uint32_t by)
{
    uint32_t run = ' ';
    int n = 1;
    for (const char *s = text; *s && n < MAX_GRAMS; s++) {
        unsigned char c = (unsigned char)*s;
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + 32);
        else if (c < 128 && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
            c = ' ';
        if (c == ' ' && (run & 0xff) == ' ')
            continue;
        run = run << 8 | c;
        if (++n >= 4)
            table_put(work, run, by);
    }
    if ((run & 0xff) != ' ')
        table_put(work, run << 8 | ' ', by);
}

/* Similarity by runs of characters: to the question and among choices. */
static int put_grams(struct bf_facts *f, const char *question)
{
    struct bf_facts_work *work = f->work;
    const int n = f->n_choices;
    int size[BF_MAX_CHOICES] = { 0 }, asked[BF_MAX_CHOICES] = { 0 };
    size_t room = strlen(question) + 1;
    for (int j = 0; j < n; j++)
        room += strlen(work->texts[j]) + 1;
    const size_t most = (size_t)MAX_GRAMS * (size_t)(n + 1);
    BF_TRY(table_clear(work, room < most ? room : most));
    put_grams_of(work, question, QUESTION);
    for (int j = 0; j < n; j++)
        put_grams_of(work, work->texts[j], BF_BIT(j));
    memset(work->pairs, 0, sizeof work->pairs);
    for (uint32_t i = 0; i < work->n_used; i++) {
        const uint32_t by = work->table[work->used[i]].by;
        for (uint32_t a = by & ~(uint32_t)QUESTION; a; a &= a - 1) {
            const int j = __builtin_ctz(a);
            size[j]++;
            asked[j] += (by & QUESTION) != 0;
            for (uint32_t b = a & (a - 1); b; b &= b - 1)
                work->pairs[j][__builtin_ctz(b)]++;
        }
    }
    for (int j = 0; j < n; j++) {
        float nearest = 0, sum = 0;
        for (int k = 0; k < n; k++) {
            const int both = work->pairs[j < k ? j : k][j < k ? k : j];
            if (k == j || both == 0)
                continue;
            const float alike = (float)both / (float)(size[j] + size[k] - both);
            nearest = fmaxf(nearest, alike);
            sum += alike;
        }
        float *v = f->c[j].v;
        v[BF_FACT_GRAMS] = size[j] ? (float)asked[j] / (float)size[j] : 0;
        v[BF_FACT_NEAREST] = nearest;
        v[BF_FACT_CENTRAL] = n > 1 ? sum / (float)(n - 1) : 0;
    }
    put_ranks(f, BF_FACT_GRAMS, BF_FACT_GRAMS_RANK);
    put_ranks(f, BF_FACT_NEAREST, BF_FACT_NEAREST_RANK);
    put_ranks(f, BF_FACT_CENTRAL, BF_FACT_CENTRAL_RANK);
    return BF_OK;
}

/* "100 mm/s" is the number 100, "$1,200" is 1200, "two cats" is 2. */
static double number_of(const struct bf_facts_work *work, const struct bf_choice_facts *c,
                        const char *text)
{
    char head[40];
    size_t n = 0;
    const char *s = text + strspn(text, " $#~(");
    if (*s == '+' || *s == '-')
        head[n++] = *s++;
    for (; (*s >= '0' && *s <= '9') || *s == '.' || (*s == ',' && s[1] >= '0' && s[1] <= '9'); s++)
        if (*s != ',' && n + 1 < sizeof head)
            head[n++] = *s;
    if (n > 0 && head[n - 1] == '.')
        n--;
    head[n] = 0;
    double x;
    if (bf_text_number(head, &x))
        return x;
    const int counted =
        c->n_words > 0 && c->n_words <= 2 ? listed(work, COUNTED, c->w[0].hash) : -1;
    return counted >= 0 ? (double)counted : (double)NAN;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_date(const struct bf_facts_work *work, const struct bf_choice_facts *c,
                    const char *text)
{
    for (const char *s = text; *s; s++)
        if ((*s == ':' || *s == '/') && s > text && is_digit(s[-1]) && is_digit(s[1]))
            return true;
    for (int i = 0; i < c->n_words; i++)
        if (listed(work, MONTHS, c->w[i].hash) >= 0 && (c->n_words == 1 || c->w[!i].number))
            return true;
    return false;
}

static enum bf_answer_type type_of(const struct bf_facts_work *work,
                                   const struct bf_choice_facts *c, const char *text)
{
    const size_t len = strlen(text);
    for (int i = 0; i < N_METAS; i++)
        if (c->n_words && work->metas[i] == c->text)
            return BF_TYPE_META;
    if (c->n_words == 0)
        return BF_TYPE_EMPTY;
    if (c->n_words == 1 && listed(work, YES_NO, c->w[0].hash) >= 0)
        return BF_TYPE_YES_NO;
    if (c->n_words <= 4 && is_date(work, c, text))
        return BF_TYPE_DATE;
    if (c->n_words <= 4 && !isnan(c->number))
        return BF_TYPE_NUMBER;
    if (c->n_words >= 8 || (c->n_words >= 4 && text[len - 1] == '.'))
        return BF_TYPE_SENTENCE;
    return c->n_words == 1 ? BF_TYPE_WORD : BF_TYPE_PHRASE;
}

static void read_choice(struct bf_facts *f, int j)
{
    const struct bf_facts_work *work = f->work;
    struct bf_choice_facts *c = &f->c[j];
    const char *text = work->texts[j];
    const size_t len = strlen(text);
    c->n_words = bf_words_of(text, c->w);
    c->text = bf_words_hash(c->w, c->n_words);
    c->number = number_of(work, c, text);
    c->type = type_of(work, c, text);
    for (int i = 0; i < BF_FACT_COUNT; i++)
        c->v[i] = bf_fact_rows[i].evidence == BF_EVIDENCE_NUMBERS ? NAN : 0;
    float *v = c->v;
    v[BF_FACT_LETTER] = (float)j;
    v[BF_FACT_FROM_END] = (float)(f->n_choices - 1 - j);
    v[BF_FACT_CHOICES] = (float)f->n_choices;
    v[BF_FACT_TYPE] = (float)c->type;
    v[BF_FACT_META] = c->type == BF_TYPE_META;
    v[BF_FACT_CAPITAL] = text[0] >= 'A' && text[0] <= 'Z';
    v[BF_FACT_POINT] = len > 0 && text[len - 1] == '.';
    for (const char *s = text; *s; s++) {
        v[BF_FACT_COMMAS] += *s == ',' || *s == ';';
        v[BF_FACT_DIGITS] += is_digit(*s);
        v[BF_FACT_BRACKETS] += *s == '(' || *s == '[';
    }
    v[BF_FACT_DIGITS] = v[BF_FACT_DIGITS] > 0;
    v[BF_FACT_BRACKETS] = v[BF_FACT_BRACKETS] > 0;
    for (int i = 0; i < c->n_words; i++) {
        v[BF_FACT_NEGATION] += listed(work, NEGATIONS, c->w[i].hash) >= 0;
        v[BF_FACT_ABSOLUTE] += listed(work, ABSOLUTES, c->w[i].hash) >= 0;
        v[BF_FACT_HEDGE] += listed(work, HEDGES, c->w[i].hash) >= 0;
    }
    for (int i = BF_FACT_NEGATION; i <= BF_FACT_HEDGE; i++)
        v[i] = v[i] > 0;
}

/* How common a choice is among the choices of the pool. */
static void put_common(struct bf_facts *f)
{
    const struct bf_rarity *r = f->rarity;
    for (int j = 0; r && j < f->n_choices; j++) {
        const uint32_t n = f->c[j].n_words ? r->texts[f->c[j].text & r->mask] : 0;
        f->c[j].v[BF_FACT_COMMON] = log2f((float)(n > 0 ? n : 1));
    }
    put_ranks(f, BF_FACT_COMMON, BF_FACT_COMMON_RANK);
}

static void put_same_type(struct bf_facts *f)
{
    for (int j = 0; j < f->n_choices; j++) {
        int same = -1;
        for (int k = 0; k < f->n_choices; k++)
            same += f->c[k].type == f->c[j].type;
        f->c[j].v[BF_FACT_SAME_TYPE] =
            f->n_choices > 1 ? (float)same / (float)(f->n_choices - 1) : 0;
    }
}

static void read_question(struct bf_facts *f, const char *question)
{
    f->n_words = bf_words_of(question, f->w);
    f->head = f->head_word = f->template = 0;
    if (f->n_words == 0)
        return;
    int first = 0;
    for (int i = f->n_words - 1; i >= 0; i--)
        if (listed(f->work, ASKING, f->w[i].hash) >= 0)
            first = i;
    f->head_word = f->w[first].hash;
    f->head = bf_words_hash(f->w + first, first + 1 < f->n_words ? 2 : 1);
    struct bf_word all[BF_MAX_WORDS];
    int n = 0;
    for (int j = 0; j < f->n_choices; j++)
        for (int i = 0; i < f->c[j].n_words && n < BF_MAX_WORDS; i++)
            all[n++] = f->c[j].w[i];
    f->template = bf_words_template(f->w, f->n_words, all, n);
}

/* The choices' words; media that a choice shows itself are not counted in them. */
static int read_texts(struct bf_facts *f, const struct bf_sample *s, bool shown)
{
    size_t at[BF_MAX_CHOICES];
    f->text.len = 0;
    for (int j = 0; j < s->n_choices; j++) {
        at[j] = f->text.len;
        bool shows = false;
        for (int p = 0; p < s->n_parts; p++)
            shows |= s->parts[p].in_choice && s->parts[p].choice == j + 1;
        if (shown && shows)
            bf_choice_print(NULL, s, j, &f->text);
        else
            bf_buf_str(&f->text, shown ? s->choices[j] : "");
        bf_buf_add(&f->text, "", 1);
    }
    if (f->text.failed)
        return BF_ENOMEM;
    for (int j = 0; j < s->n_choices; j++)
        f->work->texts[j] = f->text.data + at[j];
    return BF_OK;
}

static const char *question_of(const struct bf_sample *s, const struct bf_shown_words *words)
{
    if (words->questions)
        return words->questions[s->index] ? words->questions[s->index] : "";
    return words->question ? words->question : s->question;
}

int bf_facts_read(struct bf_facts *f, const struct bf_sample *s, const struct bf_shown_words *words,
                  struct bf_err *err)
{
    const char *question = question_of(s, words);
    f->n_choices = s->n_choices;
    f->category = bf_hash64(s->category, strlen(s->category), 7);
    if (read_texts(f, s, words->choices) != BF_OK)
        return bf_fail_memory(err, "the words of a question");
    for (int j = 0; j < f->n_choices; j++)
        read_choice(f, j);
    read_question(f, question);
    put_lengths(f);
    put_numbers(f);
    put_same_type(f);
    put_common(f);
    if (put_overlap(f) != BF_OK || put_grams(f, question) != BF_OK)
        return bf_fail_memory(err, "the words of a question");
    return BF_OK;
}

/* One more sample that has this word, once however often it has it. */
static void count_once(uint32_t *count, uint32_t *last, uint32_t place, uint32_t sample)
{
    count[place] += last[place] != sample + 1;
    last[place] = sample + 1;
}

int bf_rarity_count(const struct bf_pool *pool, const struct bf_shown_words *words,
                    struct bf_rarity *out, struct bf_arena *a, struct bf_err *err)
{
    struct bf_word w[BF_MAX_WORDS];
    uint32_t size = 1 << 16;
    while (size < pool->n_samples * 16u && size < 1 << 21)
        size *= 2;
    struct bf_rarity r = { .n_samples = pool->n_samples, .mask = size - 1 };
    uint32_t *last = calloc(2 * (size_t)size, sizeof *last);
    r.words = bf_arena_alloc(a, size, sizeof *r.words);
    r.texts = bf_arena_alloc(a, size, sizeof *r.texts);
    if (!last || !r.words || !r.texts) {
        free(last);
        return bf_fail_memory(err, "the words of the pool");
    }
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        const struct bf_sample *s = &pool->samples[i];
        int n = bf_words_of(question_of(s, words), w);
        for (int k = 0; k < n; k++)
            count_once(r.words, last, (uint32_t)w[k].hash & r.mask, i);
        for (int j = 0; words->choices && j < s->n_choices; j++) {
            n = bf_words_of(s->choices[j], w);
            for (int k = 0; k < n; k++)
                count_once(r.words, last, (uint32_t)w[k].hash & r.mask, i);
            count_once(r.texts, last + size, (uint32_t)bf_words_hash(w, n) & r.mask, i);
        }
    }
    free(last);
    *out = r;
    return BF_OK;
}
