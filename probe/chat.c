/* Probe `chat`: a model behind one or several OpenAI-compatible servers. */
#include "probe/chat.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "probe/server/access.h"
#include "probe/server/models.h"
#include "probe/server/reply.h"
#include "probe/server/url.h"
#include "probe/untaken.h"

static int ask_with(const struct bf_chat_server *s, const struct bf_asking *asking,
                    struct bf_access *x, struct bf_err *err)
{
    struct bf_client client = {
        .options = s->client,
        .manner = s->manner,
        .n_servers = s->urls.n,
        .key_env = s->key_env && s->key_env[0] ? s->key_env : NULL,
        .ca_file = s->ca_file,
        .tick = s->tick,
        .tick_ctx = s->tick_ctx,
    };
    struct bf_names server_takes = { 0 };
    bool known;
    BF_TRY(bf_access_urls(x, &s->urls, false, err));
    BF_TRY(bf_access_key(x, s->key_env, asking, err));
    client.servers = x->servers;
    client.key = x->key;
    client.headers = x->headers;
    client.n_headers = x->n_headers;
    const int rc = bf_models_look(&client, &server_takes, &known, &x->arena, err);
    /* A run that has sent requests is under way: it waits for a server that is away. */
    if (rc != BF_EIO || !asking->spent || asking->spent->requests <= 0)
        BF_TRY(rc);
    client.takes = bf_manner_takes(s->manner, asking->spec, known ? &server_takes : NULL);
    struct bf_untaken untaken = { .takes = client.takes };
    for (uint32_t q = 0; q < asking->n; q++)
        (void)bf_untaken_see(&untaken, asking, q); /* counted: that is all there is to do */
    bf_untaken_note(&untaken, asking);
    return bf_client_ask(&client, asking, err);
}

int bf_chat_ask(const struct bf_chat_server *s, const struct bf_asking *asking, struct bf_err *err)
{
    struct bf_access x = { 0 };
    if (asking->n == 0)
        return BF_OK;
    int rc = ask_with(s, asking, &x, err);
    bf_access_done(&x);
    return rc;
}

int bf_chat_check(const struct bf_chat_server *s, const struct bf_spec *spec, struct bf_err *err)
{
    struct bf_access x = { 0 };
    int rc = bf_access_urls(&x, &s->urls, false, err);
    bf_access_done(&x);
    return rc == BF_OK ? bf_manner_check(s->manner, spec, err) : rc;
}

int bf_chat_preview(const struct bf_chat_server *s, const struct bf_asking *asking, uint32_t q,
                    struct bf_buf *out, struct bf_err *err)
{
    const struct bf_encoded_part *parts = NULL;
    int n_parts = 0;
    BF_TRY(asking->media(asking->ctx, q, &parts, &n_parts, err));
    return bf_manner_body(s->manner, asking, q, parts, n_parts, out, err);
}

void bf_chat_read(const struct bf_manner *m, const struct bf_sample *s, const uint8_t *order,
                  struct bf_answer *a)
{
    const char *whole = a->text;
    if (whole)
        a->text = bf_reply_spoken(whole);
    bf_rule_read((enum bf_rule)m->rule, m->tolerance, s, order, a);
    a->text = whole;
}

/* ---- the kind ---- */

struct chat {
    struct bf_names urls;
    const char *key_env, *ca_file;
    struct bf_client_options client;
    struct bf_manner manner;
};

static struct bf_chat_server server_of(const struct chat *c)
{
    return (struct bf_chat_server){ .urls = c->urls,
                                    .key_env = c->key_env,
                                    .ca_file = c->ca_file,
                                    .client = &c->client,
                                    .manner = &c->manner };
}

static int chat_check(const struct bf_probe_spec *p, const struct bf_spec *spec, struct bf_err *err)
{
    const struct bf_chat_server s = server_of(p->priv);
    return bf_chat_check(&s, spec, err);
}

/* Several URLs are one model: the first stands for all. */
static int chat_identify(const struct bf_probe_spec *p, const struct bf_spec *spec,
                         const struct bf_pool *pool, struct bf_buf *out, struct bf_err *err)
{
    const struct chat *c = p->priv;
    struct bf_arena arena = { 0 };
    struct bf_url url = { 0 };
    (void)spec, (void)pool;
    int rc = c->urls.n ? bf_url_read(c->urls.v[0], &url, &arena, err) : BF_EINVAL;
    if (rc == BF_OK) {
        bf_buf_str(out, "chat;url=");
        bf_buf_json(out, url.named);
        bf_buf_char(out, ';');
        bf_manner_identify(&c->manner, p, out);
        rc = out->failed ? bf_fail_memory(err, "an identity") : BF_OK;
    }
    bf_arena_reset(&arena);
    return rc;
}

static int chat_ask(const struct bf_asking *asking, struct bf_err *err)
{
    const struct bf_chat_server s = server_of(asking->probe->priv);
    return bf_chat_ask(&s, asking, err);
}

static void chat_read(const struct bf_probe_spec *p, const struct bf_sample *s,
                      const uint8_t *order, struct bf_answer *a)
{
    const struct chat *c = p->priv;
    bf_chat_read(&c->manner, s, order, a);
}

static int chat_preview(const struct bf_asking *asking, uint32_t q, struct bf_buf *out,
                        struct bf_err *err)
{
    const struct bf_chat_server s = server_of(asking->probe->priv);
    return bf_chat_preview(&s, asking, q, out, err);
}

static void chat_estimate(const struct bf_probe_spec *p, const struct bf_spec *spec,
                          const struct bf_sample *s, const struct bf_view *view, double *n_in_out,
                          double *n_out_out)
{
    const struct chat *c = p->priv;
    bf_manner_estimate(&c->manner, spec, s, view, n_in_out, n_out_out);
}

static const char *chat_model(const struct bf_probe_spec *p)
{
    return ((const struct chat *)p->priv)->manner.model;
}

static const struct bf_opt chat_opts[] = {
    { .name = "url",
      .type = BF_OPT_NAMES,
      .offset = offsetof(struct chat, urls),
      .help = "base URL of the server, such as http://127.0.0.1:8000/v1; several of one model are "
              "used together" },
    { .name = "key_env",
      .type = BF_OPT_STR,
      .offset = offsetof(struct chat, key_env),
      .def = "",
      .help = "name of the environment variable that holds the key; empty: none is sent" },
    { .name = "ca_file",
      .type = BF_OPT_PATH,
      .offset = offsetof(struct chat, ca_file),
      .def = "",
      .help = "certificates (PEM) to trust instead of the system's; empty: the system's" },
    BF_CLIENT_OPTS(struct chat, client),
    BF_MANNER_OPTS(struct chat, manner),
    { .name = NULL },
};

const struct bf_probe bf_probe_chat = {
    .op = {
        .name = "chat",
        .summary = "asks a model behind OpenAI-compatible servers",
        .source = "docs/asking.md#model-servers",
        .priv_size = sizeof(struct chat),
        .opts = chat_opts,
    },
    .by_content = true,
    .costs = true,
    .check = chat_check,
    .identify = chat_identify,
    .ask = chat_ask,
    .read = chat_read,
    .preview = chat_preview,
    .estimate = chat_estimate,
    .model = chat_model,
};
