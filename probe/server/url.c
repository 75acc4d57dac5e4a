/* URLs of model servers, by the few parts that matter here. */
#include "probe/server/url.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char chat_path[] = "/chat/completions", vector_path[] = "/embeddings";

static bool ends_with(const char *s, size_t n, const char *end)
{
    const size_t m = strlen(end);
    return n >= m && memcmp(s + n - m, end, m) == 0;
}

/* "&api-version=2024-06-01" of a query, as "?api-version=2024-06-01"; "" when it has none. */
static const char *version_of(const char *query, struct bf_arena *a)
{
    static const char name[] = "api-version=";
    for (const char *s = query; *s; s += strcspn(s, "&")) {
        s += strspn(s, "?&");
        if (strncmp(s, name, sizeof name - 1) == 0)
            return bf_arena_printf(a, "?%.*s", (int)strcspn(s, "&"), s);
    }
    return "";
}

int bf_url_read(const char *text, struct bf_url *out, struct bf_arena *a, struct bf_err *err)
{
    const size_t scheme = strncasecmp(text, "https://", 8) == 0  ? 8
                          : strncasecmp(text, "http://", 7) == 0 ? 7
                                                                 : 0;
    const size_t end = strcspn(text, "?#"), host_end = scheme + strcspn(text + scheme, "/?#");
    if (!scheme)
        return bf_fail(err, BF_EINVAL,
                       "'url' is '%.*s'; allowed: one that begins with http:// or https://",
                       (int)(end < 200 ? end : 200), text);
    if (memchr(text + scheme, '@', host_end - scheme))
        return bf_fail(err, BF_EINVAL,
                       "'url' holds a user or password; name the environment "
                       "variable that holds the key with 'key_env'");
    if (host_end == scheme || text[scheme] == ':')
        return bf_fail(err, BF_EINVAL, "'url' is '%.200s'; there is no host in it", text);
    for (const char *s = text; *s; s++)
        if ((unsigned char)*s <= 0x20 || *s == 0x7f)
            return bf_fail(err, BF_EINVAL, "'url' is '%.200s'; there is a blank in it", text);

    size_t n = end;
    while (n > host_end && text[n - 1] == '/')
        n--;
    if (ends_with(text, n, chat_path))
        n -= sizeof chat_path - 1;
    else if (ends_with(text, n, vector_path))
        n -= sizeof vector_path - 1;
    const char *base = bf_arena_strndup(a, text, n);
    const size_t n_query = text[end] == '?' ? strcspn(text + end, "#") : 0;
    const char *query = bf_arena_strndup(a, text + end, n_query);
    if (!base || !query)
        return bf_fail_memory(err, "a URL");
    const bool names_model = strstr(base, "/openai/deployments/") != NULL;
    const char *version = version_of(query, a);
    *out = (struct bf_url){
        .chat = bf_arena_printf(a, "%s%s%s", base, chat_path, query),
        .embeddings = bf_arena_printf(a, "%s%s%s", base, vector_path, query),
        .models = names_model ? NULL : bf_arena_printf(a, "%s/models%s", base, query),
        .shown = base,
        .named = version ? bf_arena_printf(a, "%s%s", base, version) : NULL,
        .host = bf_arena_strndup(a, text + scheme, host_end - scheme),
    };
    if (!out->chat || !out->embeddings || (!names_model && !out->models) || !out->named ||
        !out->host)
        return bf_fail_memory(err, "a URL");
    return BF_OK;
}
