/* Kinds of evidence by name. */
#include "probe/builtin/evidence.h"

#include <string.h>

static const char *const names_of[BF_EVIDENCE_COUNT] = {
    [BF_EVIDENCE_POSITION] = "position",   [BF_EVIDENCE_LENGTH] = "length",
    [BF_EVIDENCE_NUMBERS] = "numbers",     [BF_EVIDENCE_OVERLAP] = "overlap",
    [BF_EVIDENCE_FORM] = "form",           [BF_EVIDENCE_CHOICE] = "choice",
    [BF_EVIDENCE_QUESTION] = "question",   [BF_EVIDENCE_TEMPLATE] = "template",
    [BF_EVIDENCE_CATEGORY] = "category",   [BF_EVIDENCE_MEDIA] = "media",
    [BF_EVIDENCE_EMBEDDING] = "embedding",
};

const char *bf_evidence_name(enum bf_evidence e)
{
    return (unsigned)e < BF_EVIDENCE_COUNT ? names_of[e] : NULL;
}

int bf_evidence_mask(const struct bf_names *names, uint32_t *mask_out, struct bf_err *err)
{
    uint32_t mask = 0;
    for (int i = 0; i < names->n; i++) {
        int e = 0;
        while (e < BF_EVIDENCE_COUNT && strcmp(names->v[i], names_of[e]) != 0)
            e++;
        if (e == BF_EVIDENCE_COUNT)
            return bf_fail(err, BF_EINVAL,
                           "'without' names '%s'; allowed: position, length, numbers, overlap, "
                           "form, choice, question, template, category, media, embedding",
                           names->v[i]);
        mask |= BF_BIT(e);
    }
    *mask_out = mask;
    return BF_OK;
}
