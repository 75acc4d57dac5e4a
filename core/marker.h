#ifndef BF_CORE_MARKER_H
#define BF_CORE_MARKER_H

#include "core/view.h"

/* Markers in a sample's words, "<image 2>", name its parts: see bf_part.marker. */

enum { BF_PLACED_VERSION = 1 }; /* of how media stand among the words that name them */

/* Whether the words name any part, so that its place is in them. */
bool bf_sample_is_marked(const struct bf_sample *s);

/* Append the words of choice `c` as a view shows them. The marker of a medium that the pool gives
 * with the choice itself counts all media before it: where the medium is not shown the number goes
 * ("<image>"), lest it tell how many others there are. `v` NULL: as if no medium were shown. */
void bf_choice_print(const struct bf_view *v, const struct bf_sample *s, int c, struct bf_buf *out);

#endif
