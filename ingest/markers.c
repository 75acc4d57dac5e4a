/* Markers in the words of a row: <image 1>. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/view.h"
#include "ingest/media.h"

/* The marker that begins at `text`: "<", the name of a modality, a blank, a number that begins with
 * no zero, ">". Its length, or 0. */
static size_t marker_at(const struct bf_spec *spec, const char *text, int *modality, int *number)
{
    for (int m = 0; m < spec->n_modalities; m++) {
        const char *name = spec->modalities[m].name;
        const size_t n = strlen(name);
        if (strncmp(text + 1, name, n) != 0 || text[n + 1] != ' ')
            continue;
        const char *digits = text + n + 2;
        const size_t n_digits = strspn(digits, "0123456789");
        if (n_digits == 0 || n_digits > 6 || *digits == '0' || digits[n_digits] != '>')
            continue;
        *modality = m;
        *number = (int)strtol(digits, NULL, 10);
        return n + n_digits + 3;
    }
    return 0;
}

static int n_of(const struct bf_sample *s, int modality)
{
    int n = 0;
    for (int p = 0; p < s->n_parts; p++)
        n += s->parts[p].modality == modality;
    return n;
}

static int no_such_part(const struct bf_spec *spec, const struct bf_sample *s, int choice,
                        const char *marker, size_t n, int modality, struct bf_err *err)
{
    const int shown = n_of(s, modality);
    char who[16] = "the question";
    if (choice)
        snprintf(who, sizeof who, "choice %c", 'A' + choice - 1);
    if (shown == 0)
        return bf_fail(err, BF_EDATA, "%s has the marker '%.*s', and the row shows no %s", who,
                       (int)n, marker, spec->modalities[modality].name);
    return bf_fail(err, BF_EDATA, "%s has the marker '%.*s'; allowed: 1 to %d, as many as shown",
                   who, (int)n, marker, shown);
}

/* Markers in one text; `choice` is 1-based, 0 = the question. */
static int read_text(const struct bf_spec *spec, struct bf_sample *s, const char *text, int choice,
                     struct bf_arena *a, struct bf_err *err)
{
    for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<')) {
        int modality, number;
        const size_t n = marker_at(spec, at, &modality, &number);
        if (n == 0)
            continue;
        const int p = bf_sample_part(s, modality, number);
        if (p < 0)
            return no_such_part(spec, s, choice, at, n, modality, err);
        struct bf_part *part = &s->parts[p];
        if (!part->marker) {
            part->marker = bf_arena_strndup(a, at, n);
            part->choice = part->in_choice ? part->choice : choice;
            if (!part->marker)
                return bf_fail_memory(err, "a marker");
        } else if (!part->in_choice && part->choice != choice) {
            part->choice = 0; /* several speak of it */
        }
    }
    return BF_OK;
}

int bf_row_markers(const struct bf_spec *spec, struct bf_sample *s, struct bf_arena *a,
                   struct bf_err *err)
{
    BF_TRY(read_text(spec, s, s->question, 0, a, err));
    for (int c = 0; c < s->n_choices; c++)
        BF_TRY(read_text(spec, s, s->choices[c], c + 1, a, err));
    return BF_OK;
}
