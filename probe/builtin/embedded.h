#ifndef BF_PROBE_BUILTIN_EMBEDDED_H
#define BF_PROBE_BUILTIN_EMBEDDED_H

#include "probe/builtin/embeddings.h"
#include "probe/builtin/looks.h"
#include "probe/server/embed.h"

/* Vectors as optional evidence of the built-in probe: a user's own, or made by a model server of
 * the words that a look shows.
 *
 * What a user's vectors were made from has to be named, since the files do not tell: a look that
 * does not show a sample all of that, as it is, does not show the vector either. Each look gets
 *
 *   samples' vectors, crossed with the choices' letters and texts (probe/builtin/crossed.h): with
 *     letters alone they are the multinomial logistic regression of AFLite (arXiv 2002.04108);
 *   choices' vectors, with weights that are the same for every choice;
 *   likeness, of every choice c among the k of a sample with vector q:
 *     cos(q, c) less its mean over the choices, and whether it is the largest;
 *     cos(c, mean of the other choices) less its mean, and whether it is the largest. */
struct bf_embed_options {
    struct bf_embedding_files files;
    struct bf_names made_of; /* question, choices, modalities */
    struct bf_embed_server server;
    /* not an option: the samples as files know them, where those asked about are told otherwise
     * (probe/builtin/open.h); NULL = they are */
    const struct bf_pool *pool;
};

/* Their option rows, for a private struct `type` that holds a struct bf_embed_options as `member`.
 * Laid out by hand, as BF_CLIENT_OPTS. */
/* clang-format off */
#define BF_EMBED_OPTS(type, member)                                                                \
    { "embeddings", BF_OPT_PATH, offsetof(type, member.files.path), "", 0, 0, NULL,                \
      "vectors of samples or of choices: NPY, or JSONL with id and embedding", NULL },             \
    { "embedding_ids", BF_OPT_PATH, offsetof(type, member.files.ids), "", 0, 0, NULL,              \
      "with NPY: the sample's id of each row, one a line", NULL },                                 \
    { "embeds", BF_OPT_NAMES, offsetof(type, member.made_of), "", 0, 0, NULL,                      \
      "what the vectors are made from: question, choices, modalities; they are shown where all "   \
      "of that is", NULL },                                                                        \
    { "embed_url", BF_OPT_NAMES, offsetof(type, member.server.urls), "", 0, 0, NULL,               \
      "base URL of a server that makes vectors of words, such as http://127.0.0.1:8000/v1",        \
      NULL },                                                                                      \
    { "embed_model", BF_OPT_STR, offsetof(type, member.server.model), "", 0, 0, NULL,              \
      "name of its model", NULL },                                                                 \
    { "embed_dimensions", BF_OPT_INT, offsetof(type, member.server.dimensions), "0", 0, 65536,     \
      "values", "length of vectors to ask for; 0: the model's own", NULL },                        \
    { "embed_batch", BF_OPT_INT, offsetof(type, member.server.batch), "64", 1, 2048, "texts",      \
      "texts in one request, at most", NULL },                                                     \
    { "key_env", BF_OPT_STR, offsetof(type, member.server.key_env), "", 0, 0, NULL,                \
      "name of the environment variable that holds the server's key; empty: none is sent", NULL }, \
    { "ca_file", BF_OPT_PATH, offsetof(type, member.server.ca_file), "", 0, 0, NULL,               \
      "certificates (PEM) to trust instead of the system's; empty: the system's", NULL }
/* clang-format on */

/* Whether any are asked for. */
bool bf_embed_wanted(const struct bf_embed_options *o);

/* Options that contradict each other, files that cannot be read. BF_EINVAL, before any work. */
int bf_embed_options_check(const struct bf_embed_options *o, const struct bf_spec *spec,
                           struct bf_err *err);

/* Print what answers depend on: the digest of the files, or the server's model. Nothing when none
 * are wanted. BF_EIO, BF_ENOMEM. */
int bf_embed_options_identify(const struct bf_embed_options *o, struct bf_buf *out,
                              struct bf_err *err);

/* Vectors at hand for one asking. */
struct bf_embedded {
    const struct bf_embed_options *o;
    const struct bf_asking *asking;
    struct bf_embeddings user; /* of files */
    uint32_t modalities;       /* made from these, bit per index */
    bool question, choices;    /* and from these */
};

/* Read the files, if any; notes count the samples that have no vector. BF_EINVAL, BF_ENOMEM. */
int bf_embedded_open(const struct bf_embed_options *o, const struct bf_asking *asking,
                     struct bf_embedded *out, struct bf_arena *a, struct bf_err *err);

/* Add the blocks of vectors that a look shows, whose words are encoded; at most 3. A look that
 * learns from another, `teacher`, has the blocks of that one, whatever is in them; `teacher` is `l`
 * else. Codes as bf_embed_texts(). */
int bf_embedded_add(const struct bf_embedded *e, const struct bf_look *teacher, struct bf_look *l,
                    struct bf_arena *a, struct bf_err *err);

#endif
