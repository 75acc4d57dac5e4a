/* Markers in the words of a sample. */
#include "core/marker.h"

#include <string.h>

bool bf_sample_is_marked(const struct bf_sample *s)
{
    bool marked = false;
    for (int p = 0; p < s->n_parts; p++)
        marked |= s->parts[p].marker != NULL;
    return marked;
}

static bool is_shown(const struct bf_view *v, const struct bf_sample *s, int p)
{
    struct bf_reading_key k;
    return v && bf_view_part(v, s, p, &k);
}

/* The part of choice `c`, given with it, whose marker begins at `text`; -1 = none. */
static int part_at(const struct bf_sample *s, int c, const char *text)
{
    for (int p = 0; p < s->n_parts; p++) {
        const struct bf_part *part = &s->parts[p];
        if (part->in_choice && part->choice == c + 1 && part->marker &&
            strncmp(text, part->marker, strlen(part->marker)) == 0)
            return p;
    }
    return -1;
}

void bf_choice_print(const struct bf_view *v, const struct bf_sample *s, int c, struct bf_buf *out)
{
    const char *rest = s->choices[c];
    for (const char *at = strchr(rest, '<'); at; at = strchr(at + 1, '<')) {
        const int p = part_at(s, c, at);
        if (p < 0 || is_shown(v, s, p))
            continue;
        const char *marker = s->parts[p].marker;
        bf_buf_add(out, rest, (size_t)(at - rest) + strcspn(marker, " "));
        bf_buf_char(out, '>');
        rest = at + strlen(marker);
    }
    bf_buf_str(out, rest);
}
