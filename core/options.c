/* Option rows: defaults, text to value, value to text. */
#include "core/options.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

/* Units that stand for one another: `factor` of them make the family's first. */
static const struct unit {
    char family;
    const char *name;
    double factor;
} units[] = {
    { 'f', "Hz", 1 },        { 'f', "kHz", 1e3 },        { 'f', "MHz", 1e6 },
    { 't', "s", 1 },         { 't', "ms", 1e-3 },        { 't', "us", 1e-6 },
    { 't', "min", 60 },      { 't', "h", 3600 },         { 'b', "bytes", 1 },
    { 'b', "B", 1 },         { 'b', "kB", 1e3 },         { 'b', "MB", 1e6 },
    { 'b', "GB", 1e9 },      { 'b', "TB", 1e12 },        { 'b', "KiB", 1024 },
    { 'b', "MiB", 1048576 }, { 'b', "GiB", 1073741824 }, { 'b', "TiB", 1099511627776 },
};

enum { N_UNITS = sizeof units / sizeof *units };

static const struct unit *unit_find(const char *name)
{
    for (size_t i = 0; i < N_UNITS; i++)
        if (strcmp(units[i].name, name) == 0)
            return &units[i];
    return NULL;
}

bool bf_compare(const struct bf_compare *c, double v)
{
    if (isnan(v))
        return false;
    bool equal = fabs(v - c->value) < 1e-12;
    switch (c->kind) {
    case BF_GT:
        return !equal && v > c->value;
    case BF_GE:
        return equal || v > c->value;
    case BF_LT:
        return !equal && v < c->value;
    case BF_LE:
        return equal || v < c->value;
    case BF_EQ:
        return equal;
    case BF_NE:
        return !equal;
    }
    return false;
}

const struct bf_opt *bf_opt_find(const struct bf_opt *opts, const char *name)
{
    for (; opts && opts->name; opts++)
        if (strcmp(opts->name, name) == 0)
            return opts;
    return NULL;
}

static void allowed_range(const struct bf_opt *o, struct bf_buf *out)
{
    bool low = o->min > -DBL_MAX && !(o->type == BF_OPT_INT && o->min <= INT_MIN);
    bool high = o->max < DBL_MAX && !(o->type == BF_OPT_INT && o->max >= INT_MAX);
    if (o->type == BF_OPT_INT)
        bf_buf_str(out, low || high ? "a whole number, " : "a whole number");
    else if (!low && !high)
        bf_buf_str(out, "a number");
    if (low)
        bf_buf_num(out, o->min);
    if (low && !high)
        bf_buf_str(out, " or more");
    if (high)
        bf_buf_str(out, low ? " to " : "at most ");
    if (high)
        bf_buf_num(out, o->max);
    if (o->unit)
        bf_buf_printf(out, " %s", o->unit);
}

static void allowed_words(const char *values, struct bf_buf *out)
{
    bf_buf_str(out, "one of ");
    for (const char *s = values;;) {
        size_t n = strcspn(s, "|");
        bf_buf_add(out, s, n);
        if (s[n] == '\0')
            break;
        bf_buf_str(out, ", ");
        s += n + 1;
    }
}

void bf_opt_allowed(const struct bf_opt *opt, struct bf_buf *out)
{
    switch (opt->type) {
    case BF_OPT_INT:
    case BF_OPT_NUM:
    case BF_OPT_NAMED:
        allowed_range(opt, out);
        break;
    case BF_OPT_BOOL:
        bf_buf_str(out, "true or false");
        break;
    case BF_OPT_STR:
        bf_buf_str(out, "text");
        break;
    case BF_OPT_ENUM:
        allowed_words(opt->values, out);
        break;
    case BF_OPT_COMPARE:
        bf_buf_str(out, "a comparison such as '> 1/2' or '<= 3'");
        break;
    case BF_OPT_NAMES:
        bf_buf_str(out, "a list of names");
        break;
    case BF_OPT_PATH:
        bf_buf_str(out, "a path");
        break;
    }
}

/* "'rate' is '0 Hz'; allowed: 0.001 to 1e+09 Hz"; `quote` stands around what was found. */
static int refuse(const struct bf_opt *opt, const char *quote, const char *found,
                  struct bf_err *err)
{
    struct bf_buf allowed = { 0 };
    bf_opt_allowed(opt, &allowed);
    int rc = bf_fail(err, BF_EINVAL, "'%s' is %s%.200s%s; allowed: %s", opt->name, quote, found,
                     quote, allowed.failed ? "see the manual" : allowed.data);
    bf_buf_done(&allowed);
    return rc;
}

/* "3/4", "12", "1e3": false when it is none. */
static bool read_ratio(const char *s, double *out)
{
    char top[64];
    const char *slash = strchr(s, '/');
    if (!slash)
        return bf_text_number(s, out);
    size_t n = (size_t)(slash - s);
    double over, under;
    if (n >= sizeof top)
        return false;
    memcpy(top, s, n);
    top[n] = '\0';
    if (!bf_text_number(top, &over) || !bf_text_number(slash + 1, &under))
        return false;
    double v = over / under;
    if (under == 0 || !isfinite(v))
        return false;
    *out = v;
    return true;
}

/* Split "100 Hz" into its number and what makes it the row's unit; false when the unit is not
 * one this row takes. `number` [size] gets the text before the unit. */
static bool split_unit(const char *s, const char *unit, char *number, size_t size, double *factor)
{
    size_t n = strlen(s);
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
        n--;
    size_t at = n;
    while (at > 0 && !strchr("0123456789.", s[at - 1]))
        at--;
    size_t digits = at;
    while (at < n && (s[at] == ' ' || s[at] == '\t'))
        at++;
    /* A unit with digits in it ("level 0-255") is one only when written out in full. */
    size_t n_unit = unit ? strlen(unit) : 0;
    bool verbatim = n_unit && n > n_unit && memcmp(s + n - n_unit, unit, n_unit) == 0 &&
                    strchr("0123456789. \t", s[n - n_unit - 1]);
    if (verbatim)
        digits = at = n - n_unit;

    char suffix[32];
    if (digits >= size || n - at >= sizeof suffix)
        return false;
    memcpy(number, s, digits);
    number[digits] = '\0';
    memcpy(suffix, s + at, n - at);
    suffix[n - at] = '\0';
    *factor = 1;
    if (suffix[0] == '\0' || verbatim)
        return true;
    const struct unit *given = unit_find(suffix), *wanted = unit ? unit_find(unit) : NULL;
    if (!given || !wanted || given->family != wanted->family)
        return false;
    *factor = given->factor / wanted->factor;
    return true;
}

static int set_number(const struct bf_opt *opt, void *field, const char *text, struct bf_err *err)
{
    char number[128];
    double v, factor;
    if (!split_unit(text, opt->unit, number, sizeof number, &factor) || !read_ratio(number, &v))
        return refuse(opt, "'", text, err);
    /* Of two inexact ways take the exact one: 1 / 1000 is no double, 1000 is. */
    double inverse = round(1 / factor);
    v = fabs(inverse * factor - 1) < 1e-12 ? v / inverse : v * factor;
    if (!(v >= opt->min && v <= opt->max))
        return refuse(opt, "'", text, err);
    if (opt->type == BF_OPT_NUM) {
        memcpy(field, &v, sizeof v);
        return BF_OK;
    }
    int64_t ignored;
    if ((factor == 1 && !bf_text_integer(number, &ignored)) || v != floor(v) || v < INT_MIN ||
        v > INT_MAX)
        return refuse(opt, "'", text, err);
    int i = (int)v;
    memcpy(field, &i, sizeof i);
    return BF_OK;
}

static int set_bool(const struct bf_opt *opt, void *field, const char *text, struct bf_err *err)
{
    bool yes = strcasecmp(text, "true") == 0 || strcasecmp(text, "yes") == 0;
    bool no = strcasecmp(text, "false") == 0 || strcasecmp(text, "no") == 0;
    if (!yes && !no)
        return refuse(opt, "'", text, err);
    memcpy(field, &yes, sizeof yes);
    return BF_OK;
}

static int set_enum(const struct bf_opt *opt, void *field, const char *text, struct bf_err *err)
{
    int i = 0;
    for (const char *s = opt->values;; i++) {
        size_t n = strcspn(s, "|");
        if (n == strlen(text) && memcmp(s, text, n) == 0) {
            memcpy(field, &i, sizeof i);
            return BF_OK;
        }
        if (s[n] == '\0')
            return refuse(opt, "'", text, err);
        s += n + 1;
    }
}

static int set_compare(const struct bf_opt *opt, void *field, const char *text, struct bf_arena *a,
                       struct bf_err *err)
{
    static const struct {
        const char *sign;
        enum bf_compare_kind kind;
    } signs[] = { { ">=", BF_GE }, { "<=", BF_LE }, { "==", BF_EQ }, { "!=", BF_NE },
                  { ">", BF_GT },  { "<", BF_LT },  { "=", BF_EQ } };
    struct bf_compare c;
    const char *s = text + strspn(text, " \t");
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i].sign);
        if (strncmp(s, signs[i].sign, n) != 0)
            continue;
        c.kind = signs[i].kind;
        if (!read_ratio(s + n, &c.value))
            break;
        c.text = bf_arena_strdup(a, s);
        if (!c.text)
            return bf_fail_memory(err, opt->name);
        memcpy(field, &c, sizeof c);
        return BF_OK;
    }
    return refuse(opt, "'", text, err);
}

static int set_text(const struct bf_opt *opt, void *field, const char *text, struct bf_arena *a,
                    struct bf_err *err)
{
    const char *copy = bf_arena_strdup(a, text);
    if (!copy)
        return bf_fail_memory(err, opt->name);
    memcpy(field, &copy, sizeof copy);
    return BF_OK;
}

static int set_names(const struct bf_opt *opt, void *field, const char *const *items, int n_items,
                     struct bf_arena *a, struct bf_err *err)
{
    struct bf_names names = { n_items, bf_arena_alloc(a, (size_t)n_items + 1, sizeof *names.v) };
    if (!names.v)
        return bf_fail_memory(err, opt->name);
    for (int i = 0; i < n_items; i++) {
        if (items[i][0] == '\0')
            return bf_fail(err, BF_EINVAL, "'%s' has an empty name", opt->name);
        for (int j = 0; j < i; j++)
            if (strcmp(items[i], items[j]) == 0)
                return bf_fail(err, BF_EINVAL, "'%s' names '%.200s' twice", opt->name, items[i]);
        names.v[i] = bf_arena_strdup(a, items[i]);
        if (!names.v[i])
            return bf_fail_memory(err, opt->name);
    }
    memcpy(field, &names, sizeof names);
    return BF_OK;
}

/* The row of one of the numbers of `opt`. */
static struct bf_opt named_row(const struct bf_opt *opt, const char *name)
{
    return (struct bf_opt){
        .name = name, .type = BF_OPT_NUM, .min = opt->min, .max = opt->max, .unit = opt->unit
    };
}

static int add_named(const struct bf_opt *opt, void *field, const char *text, struct bf_arena *a,
                     struct bf_err *err)
{
    struct bf_named *old = field, now = { .n = old->n + 1 };
    const char *colon = strstr(text, ": ");
    if (!colon)
        return refuse(opt, "'", text, err);
    now.names = bf_arena_alloc(a, (size_t)now.n, sizeof *now.names);
    now.v = bf_arena_alloc(a, (size_t)now.n, sizeof *now.v);
    const char *name = bf_arena_strndup(a, text, (size_t)(colon - text));
    if (!now.names || !now.v || !name)
        return bf_fail_memory(err, opt->name);
    const struct bf_opt row = named_row(opt, name);
    BF_TRY(set_number(&row, &now.v[old->n], colon + 2, err));
    for (int i = 0; i < old->n; i++) {
        now.names[i] = old->names[i];
        now.v[i] = old->v[i];
    }
    now.names[old->n] = name;
    *old = now;
    return BF_OK;
}

int bf_opt_set(const struct bf_opt *opt, void *priv, const char *const *items, int n_items,
               struct bf_arena *a, struct bf_err *err)
{
    void *field = (char *)priv + opt->offset;
    if (opt->type == BF_OPT_NAMES)
        return set_names(opt, field, items, n_items, a, err);
    if (n_items != 1)
        return refuse(opt, "", "a list", err);
    switch (opt->type) {
    case BF_OPT_INT:
    case BF_OPT_NUM:
        return set_number(opt, field, items[0], err);
    case BF_OPT_BOOL:
        return set_bool(opt, field, items[0], err);
    case BF_OPT_ENUM:
        return set_enum(opt, field, items[0], err);
    case BF_OPT_COMPARE:
        return set_compare(opt, field, items[0], a, err);
    case BF_OPT_NAMED:
        return add_named(opt, field, items[0], a, err);
    default:
        return set_text(opt, field, items[0], a, err);
    }
}

/* A row's default; a list is written "a, b". */
static int set_default(const struct bf_opt *opt, void *priv, struct bf_arena *a, struct bf_err *err)
{
    enum { MAX_ITEMS = 32 };
    const char *items[MAX_ITEMS] = { opt->def };
    if (opt->type != BF_OPT_NAMES)
        return bf_opt_set(opt, priv, items, 1, a, err);
    int n = 0;
    for (const char *s = opt->def + strspn(opt->def, " ,"); *s && n < MAX_ITEMS;) {
        size_t len = strcspn(s, " ,");
        items[n] = bf_arena_strndup(a, s, len);
        if (!items[n++])
            return bf_fail_memory(err, opt->name);
        s += len;
        s += strspn(s, " ,");
    }
    return bf_opt_set(opt, priv, items, n, a, err);
}

int bf_op_init(const struct bf_op *op, void **priv_out, struct bf_arena *a, struct bf_err *err)
{
    void *priv = bf_arena_alloc(a, op->priv_size ? op->priv_size : 1, 1);
    if (!priv)
        return bf_fail_memory(err, op->name);
    for (const struct bf_opt *o = op->opts; o && o->name; o++)
        if (o->def && o->type != BF_OPT_NAMED)
            BF_TRY(set_default(o, priv, a, err));
    *priv_out = priv;
    return BF_OK;
}

static void print_number(double v, const char *unit, struct bf_buf *out)
{
    bf_buf_num(out, v);
    /* Units of several words ("8-bit level") explain a range; they are not part of a value. */
    if (unit && !strchr(unit, ' '))
        bf_buf_printf(out, " %s", unit);
}

static void print_enum(const char *values, int index, struct bf_buf *out)
{
    const char *s = values;
    for (int i = 0; i < index && strchr(s, '|'); i++)
        s = strchr(s, '|') + 1;
    bf_buf_add(out, s, strcspn(s, "|"));
}

static void print_names(const struct bf_names *names, struct bf_buf *out)
{
    bf_buf_char(out, '[');
    for (int i = 0; i < names->n; i++) {
        bf_buf_str(out, i ? ", " : "");
        bf_text_yaml(out, names->v[i]);
    }
    bf_buf_char(out, ']');
}

static void print_named(const struct bf_opt *opt, const struct bf_named *named, struct bf_buf *out)
{
    for (int i = 0; i < named->n; i++) {
        bf_buf_str(out, i ? ", " : "");
        bf_text_yaml(out, named->names[i]);
        bf_buf_str(out, ": ");
        print_number(named->v[i], opt->unit, out);
    }
}

void bf_opt_print(const struct bf_opt *opt, const void *priv, struct bf_buf *out)
{
    const void *field = (const char *)priv + opt->offset;
    switch (opt->type) {
    case BF_OPT_INT:
        print_number(*(const int *)field, opt->unit, out);
        break;
    case BF_OPT_NUM:
        print_number(*(const double *)field, opt->unit, out);
        break;
    case BF_OPT_BOOL:
        bf_buf_str(out, *(const bool *)field ? "true" : "false");
        break;
    case BF_OPT_ENUM:
        print_enum(opt->values, *(const int *)field, out);
        break;
    case BF_OPT_NAMED:
        print_named(opt, field, out);
        break;
    case BF_OPT_COMPARE: {
        const struct bf_compare *c = field;
        bf_text_yaml(out, c->text ? c->text : "");
        break;
    }
    case BF_OPT_NAMES:
        print_names(field, out);
        break;
    case BF_OPT_STR:
    case BF_OPT_PATH: {
        const char *const *text = field;
        bf_text_yaml(out, *text ? *text : "");
        break;
    }
    }
}
