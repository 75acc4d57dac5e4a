/* The words of a question: a prompt's, with what a view shows of the sample in their places. */
#include "probe/prompts/prompts.h"

#include <stdio.h>
#include <string.h>

#include "core/marker.h"
#include "core/text.h"
#include "probe/prompts/wordings.h"

static const char *const places[] = { "{question}", "{choices}", "{letters}", "{n}" };

enum place { PLACE_QUESTION, PLACE_CHOICES, PLACE_LETTERS, PLACE_N, N_PLACES };

/* A prompt is words of the user's own when it has a place. */
static bool is_own(const char *prompt)
{
    return strchr(prompt, '{') != NULL;
}

static int find(const char *name)
{
    for (int i = 0; bf_prompts[i].name; i++)
        if (strcmp(bf_prompts[i].name, name) == 0)
            return i;
    return -1;
}

/* Which place begins at `s`; N_PLACES when it is none. */
static enum place place_at(const char *s)
{
    int i = 0;
    while (i < N_PLACES && strncmp(s, places[i], strlen(places[i])) != 0)
        i++;
    return (enum place)i;
}

static int check_name(const char *name, struct bf_err *err)
{
    enum { MOST = 32 };
    const char *names[MOST + 1] = { NULL };
    char allowed[512];
    size_t len = 0;
    const char *near = NULL;
    for (int i = 0; bf_prompts[i].name && i < MOST; i++) {
        names[i] = bf_prompts[i].name;
        const int n = snprintf(allowed + len, sizeof allowed - len, "%s, ", names[i]);
        len += n > 0 && (size_t)n < sizeof allowed - len ? (size_t)n : 0;
        if (!near && *name && strncmp(names[i], name, strlen(name)) == 0)
            near = names[i]; /* "mmmu_pro": the first that begins so */
    }
    if (bf_text_near(name, names))
        near = bf_text_near(name, names);
    if (near)
        return bf_fail(err, BF_EINVAL, "'prompt' is '%.100s'; did you mean '%s'?", name, near);
    return bf_fail(err, BF_EINVAL, "'prompt' is '%.100s'; allowed: %sor words with {question}",
                   name, allowed);
}

int bf_prompt_check(const char *prompt, struct bf_err *err)
{
    bool question = false;
    if (!is_own(prompt))
        return find(prompt) >= 0 ? BF_OK : check_name(prompt, err);
    for (const char *s = prompt; *s;) {
        const enum place place = place_at(s);
        if (place < N_PLACES) {
            question |= place == PLACE_QUESTION;
            s += strlen(places[place]);
        } else if (*s != '{' && *s != '}') {
            s++;
        } else if (s[1] == *s) {
            s += 2; /* {{ and }} are brackets */
        } else {
            return bf_fail(err, BF_EINVAL,
                           "'prompt' has '%.*s'; allowed: {question}, {choices}, {letters}, {n}, "
                           "and {{ or }} for a bracket",
                           (int)(strcspn(s + 1, "{}") < 40 ? strcspn(s + 1, "{}") + 2 : 40), s);
        }
    }
    if (!question)
        return bf_fail(err, BF_EINVAL, "'prompt' does not have {question}");
    return BF_OK;
}

/* ---- putting the words together ---- */

/* What is written, and where what may have to go again begins. */
struct writer {
    const struct bf_sample *s;
    const struct bf_view *view;
    const uint8_t *order;
    bool letters;  /* the sample's choices are shown, and have letters */
    bool brackets; /* "(A). cat" */
    struct bf_buf *out;
    size_t *places; /* see bf_prompt_placed(), or NULL */
    size_t line;    /* where this line begins */
    size_t words;   /* where the words after the last place of this line begin */
    size_t heading; /* where the line before begins, if it is words alone; else where it ends */
};

static bool is_shown(const struct writer *w, enum place place)
{
    return place == PLACE_QUESTION ? *w->view->question != '\0' : w->letters;
}

/* The places of parts that the words from `start` on name first. */
static void find_places(struct writer *w, size_t start)
{
    for (int p = 0; w->places && !w->out->failed && p < w->s->n_parts; p++) {
        const char *marker = w->s->parts[p].marker;
        const char *words = w->out->data ? w->out->data + start : "";
        const char *at = marker && w->places[p] == BF_NO_PLACE ? strstr(words, marker) : NULL;
        if (at)
            w->places[p] = start + (size_t)(at - words) + strlen(marker);
    }
}

static void fill_choices(struct writer *w)
{
    for (int i = 0; i < w->s->n_choices; i++) {
        bf_buf_printf(w->out, w->brackets ? "%s(%c). " : "%s%c. ", i ? "\n" : "", 'A' + i);
        const size_t start = w->out->len;
        bf_choice_print(w->view, w->s, w->order[i], w->out);
        find_places(w, start);
    }
}

static void fill(struct writer *w, enum place place)
{
    const int n = w->s->n_choices;
    const size_t start = w->out->len;
    switch (place) {
    case PLACE_QUESTION:
        bf_buf_str(w->out, w->view->question);
        find_places(w, start);
        break;
    case PLACE_CHOICES:
        fill_choices(w);
        break;
    case PLACE_LETTERS:
        for (int i = 0; i < n; i++)
            bf_buf_printf(w->out, "%s%c", i ? ", " : "", 'A' + i);
        break;
    case PLACE_N:
        bf_buf_printf(w->out, "%d", n);
        break;
    case N_PLACES:
        break;
    }
}

static void cut(struct bf_buf *b, size_t len)
{
    if (b->data && len < b->len) {
        b->len = len;
        b->data[len] = '\0';
    }
}

/* Whether the words from `start` on end with a colon: they announce what comes next. */
static bool announces(const struct bf_buf *b, size_t start)
{
    size_t end = b->len;
    while (end > start && strchr(" \t\n", b->data[end - 1]))
        end--;
    return end > start && b->data[end - 1] == ':';
}

/* A place whose content is not shown takes what announces it along: "Options:" before it, on this
 * line from the last sentence on or as the line before. */
static void leave_out(struct writer *w)
{
    if (w->out->failed || !w->out->data)
        return;
    if (announces(w->out, w->words)) {
        size_t start = w->out->len;
        while (start > w->words &&
               !(start < w->out->len && strchr(".?!", w->out->data[start - 1]) &&
                 w->out->data[start] == ' '))
            start--;
        cut(w->out, start);
    } else if (w->out->len == w->line && w->heading < w->line && announces(w->out, w->heading)) {
        cut(w->out, w->heading);
        w->line = w->words = w->heading;
    }
}

/* The words of `text` with everything in its place. A line of which nothing is left goes whole. */
static void write_words(struct writer *w, const char *text)
{
    bool left_out = false, filled = false;
    const size_t start = w->out->len;
    w->line = w->words = w->heading = start;
    while (*text) {
        const enum place place = place_at(text);
        const bool bracket = place == N_PLACES && strchr("{}", *text) && text[1] == *text;
        if (place < N_PLACES && is_shown(w, place)) {
            fill(w, place);
            filled = true;
            w->words = w->out->len;
        } else if (place < N_PLACES) {
            leave_out(w);
            left_out = true;
            if (w->out->len == w->line)
                text += strspn(text + strlen(places[place]), " ");
        } else if (*text != '\n') {
            bf_buf_char(w->out, *text);
        } else if (!left_out || w->out->len > w->line) {
            bf_buf_char(w->out, '\n');
            w->heading = filled ? w->out->len : w->line;
            w->line = w->words = w->out->len;
            left_out = filled = false;
        } else {
            w->heading = w->line;
            left_out = false; /* not even the line's end stays, nor an empty line after it */
            text += text[1] == '\n';
        }
        text += place < N_PLACES ? strlen(places[place]) : bracket ? 2 : 1;
    }
    size_t end = w->out->len;
    while (left_out && end == w->line && end > start && w->out->data[end - 1] == '\n')
        w->line = --end;
    if (!w->out->failed)
        cut(w->out, end);
}

void bf_prompt_text(const char *prompt, const struct bf_sample *s, const struct bf_view *view,
                    const uint8_t *order, struct bf_buf *out, struct bf_buf *system_out)
{
    bf_prompt_placed(prompt, s, view, order, NULL, out, system_out);
}

void bf_prompt_placed(const char *prompt, const struct bf_sample *s, const struct bf_view *view,
                      const uint8_t *order, size_t *places_out, struct bf_buf *out,
                      struct bf_buf *system_out)
{
    const bool choice = s->task == BF_CHOICE || s->task == BF_CHOICES;
    for (int p = 0; places_out && p < s->n_parts; p++)
        places_out[p] = BF_NO_PLACE;
    struct writer w = { .s = s,
                        .view = view,
                        .order = order,
                        .letters = choice && view->choices && s->n_choices > 0,
                        .places = places_out,
                        .out = out };
    /* Without its choices a question is one for words. */
    const enum bf_task task = choice && !w.letters ? BF_FREE_TEXT : s->task;
    const int named = is_own(prompt) ? -1 : find(prompt);
    if (named >= 0)
        w.brackets = bf_wordings[named].brackets;
    write_words(&w, named >= 0 ? bf_wordings[named].text[task] : prompt);
    if (named >= 0 && system_out && bf_wordings[named].system[task])
        bf_buf_str(system_out, bf_wordings[named].system[task]);
}
