/* curl_floor URL IN_FLIGHT N KB: the floor that asking is held against. N requests to
 * URL/chat/completions through a bare libcurl multi loop: easy handles used again and again, 64
 * bodies made beforehand (with KB of base64 for a picture), replies thrown away. One line:
 *
 *     rate REQUESTS_PER_S cpu_per_1000 CPU_S peak_mb MB
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/buf.h"

enum { N_BODIES = 64 };

static size_t sink(char *bytes, size_t size, size_t n, void *ctx)
{
    (void)bytes;
    *(size_t *)ctx += size * n;
    return size * n;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void make_body(struct bf_buf *b, int i, size_t kb)
{
    bf_buf_printf(b,
                  "{\"model\":\"mock-mcq\",\"messages\":[{\"role\":\"user\",\"content\":[{"
                  "\"type\":\"text\",\"text\":\"Question %d: which one is next to the lamp?\\n"
                  "A. river\\nB. stone\\nC. table\\nD. chair\\nAnswer with the option letter.\"}",
                  i);
    if (kb) {
        bf_buf_str(b, ",{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/jpeg;base64,");
        for (size_t k = 0; k < kb * 256; k++)
            bf_buf_add(b, "Ab3/", 4);
        bf_buf_str(b, "\"}}");
    }
    bf_buf_str(b, "]}],\"max_tokens\":1,\"temperature\":0}");
}

static void aim(CURL *e, const struct bf_buf *body)
{
    curl_easy_setopt(e, CURLOPT_POSTFIELDS, body->data);
    curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: curl_floor URL IN_FLIGHT N KB\n");
        return 2;
    }
    char url[512];
    snprintf(url, sizeof url, "%s/chat/completions", argv[1]);
    const long in_flight = strtol(argv[2], NULL, 10), n = strtol(argv[3], NULL, 10);
    const size_t kb = strtoul(argv[4], NULL, 10);
    static struct bf_buf bodies[N_BODIES];
    for (int i = 0; i < N_BODIES; i++)
        make_body(&bodies[i], i, kb);

    size_t n_bytes = 0;
    long sent = 0, done = 0, failed = 0;
    int running, left;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:");
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, in_flight + 8);
    const double start = now();
    for (; sent < in_flight && sent < n; sent++) {
        CURL *e = curl_easy_init();
        curl_easy_setopt(e, CURLOPT_URL, url);
        curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, sink);
        curl_easy_setopt(e, CURLOPT_WRITEDATA, &n_bytes);
        curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
        aim(e, &bodies[sent % N_BODIES]);
        curl_multi_add_handle(multi, e);
    }
    while (done < n) {
        const CURLMsg *m;
        bool any = false;
        curl_multi_perform(multi, &running);
        while ((m = curl_multi_info_read(multi, &left))) {
            CURL *e = m->easy_handle;
            failed += m->data.result != CURLE_OK;
            any = true;
            done++;
            curl_multi_remove_handle(multi, e);
            if (sent < n) {
                aim(e, &bodies[sent++ % N_BODIES]);
                curl_multi_add_handle(multi, e);
            } else {
                curl_easy_cleanup(e);
            }
        }
        if (!any)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    const double seconds = now() - start;
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    const double cpu = (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
                       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
    printf("rate %.0f cpu_per_1000 %.4f peak_mb %.1f\n", (double)n / seconds,
           cpu / (double)n * 1000, (double)r.ru_maxrss / 1024);
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    curl_global_cleanup();
    for (int i = 0; i < N_BODIES; i++)
        bf_buf_done(&bodies[i]);
    return failed != 0;
}
