/* The folder of a batch probe: what was asked, and what came back. */
#include "probe/batch_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/hash.h"
#include "core/json.h"
#include "probe/lines.h"
#include "probe/server/mend.h"

enum {
    MAX_FILES = 100000,
    MAX_OUTPUT = 64 << 20, /* bytes of one line that came back */
    HEAD = 64              /* bytes of a request that are looked at: its name comes first */
};
static const uint32_t max_outputs = 1u << 28;

/* One output: where it stands. */
struct output {
    uint64_t at, same;
    uint32_t n, file;
    uint32_t before; /* the one before it, + 1 */
};

struct file {
    char *name;
    bool ours;          /* requests */
    uint32_t number;    /* of ours: 1 in requests-0001.jsonl */
    uint32_t n_lines;   /* of outputs */
    uint64_t n_waiting; /* of ours */
};

struct bf_batch_files {
    char *dir;
    uint32_t n_files, cap_files;
    struct file *files; /* by name; those written now at the end */
    struct bf_batch_ids ids;
    uint32_t n_outputs, cap_outputs;
    struct output *outputs;
    int open_fd; /* of outputs, for bf_batch_output(): one at a time */
    uint32_t open_file;
    /* being written */
    FILE *out;
    uint32_t n_lines, n_unpublished;
    uint64_t n_bytes;
};

/* Room for one more of `size` bytes at the end of *v, which holds n. */
static bool grow(void *v, uint32_t n, uint32_t *cap, size_t size, uint32_t most)
{
    void *old, *fresh;
    if (n < *cap)
        return true;
    const uint32_t more = *cap ? *cap * 2 : 64;
    memcpy(&old, v, sizeof old);
    if (n >= most)
        return false;
    fresh = realloc(old, more * size);
    if (!fresh)
        return false;
    memcpy(v, &fresh, sizeof fresh);
    *cap = more;
    return true;
}

/* --- Reading ------------------------------------------------------------------------------ */

static int note_request(struct bf_batch_files *f, uint32_t file, const struct bf_lines *w,
                        struct bf_err *err)
{
    static const char begin[] = "{\"custom_id\":\"";
    const size_t n = sizeof begin - 1;
    struct bf_batch_id id;
    if (w->line.len < n + BF_BATCH_NAME || memcmp(w->line.data, begin, n) != 0 ||
        !bf_batch_name_read(w->line.data + n, BF_BATCH_NAME - 1, &id))
        return bf_fail(err, BF_EINVAL, "not a request of ours");
    struct bf_batch_entry *e = bf_batch_ids_add(&f->ids, &id);
    if (!e)
        return bf_fail_memory(err, "batch files");
    e->n_sent++;
    e->file = file;
    return BF_OK;
}

static int note_output(struct bf_batch_files *f, uint32_t file, const struct bf_lines *w,
                       const struct bf_batch_id *id, struct bf_err *err)
{
    struct bf_batch_entry *e = bf_batch_ids_add(&f->ids, id);
    if (!e || !grow(&f->outputs, f->n_outputs, &f->cap_outputs, sizeof *f->outputs, max_outputs))
        return bf_fail_memory(err, "batch files");
    f->outputs[f->n_outputs++] = (struct output){
        .at = w->begin,
        .same = bf_hash64(w->line.data, w->line.len, 0),
        .n = (uint32_t)w->length,
        .file = file,
        .before = e->output,
    };
    e->output = f->n_outputs;
    return BF_OK;
}

static int read_output(struct bf_batch_files *f, uint32_t file, const struct bf_lines *w,
                       struct bf_err *err)
{
    struct bf_json_doc *doc = NULL;
    struct bf_batch_id id;
    if (w->length > MAX_OUTPUT)
        return bf_fail(err, BF_EINVAL, "a line of %llu bytes; allowed: %d MiB",
                       (unsigned long long)w->length, MAX_OUTPUT >> 20);
    if (strspn(w->line.data ? w->line.data : "", " \t\r") >= w->line.len)
        return BF_OK;
    int rc = bf_mend_parse(w->line.data, w->line.len, &doc, err);
    const struct bf_json *root = rc == BF_OK ? bf_json_root(doc) : NULL;
    const char *name = bf_json_string(bf_json_get(root, "custom_id"));
    if (rc == BF_OK && !name)
        rc = bf_fail(err, BF_EINVAL, "'custom_id' is missing: not an output of a batch");
    if (rc == BF_OK && !bf_json_get(root, "response") && !bf_json_get(root, "error"))
        rc = bf_fail(err, BF_EINVAL, "'response' is missing: not an output of a batch");
    f->files[file].n_lines++;
    if (rc == BF_OK && bf_batch_name_read(name, strlen(name), &id))
        rc = note_output(f, file, w, &id, err);
    bf_json_free(&doc);
    return rc == BF_EDATA ? BF_EINVAL : rc;
}

static int read_file(struct bf_batch_files *f, uint32_t i, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    const bool ours = f->files[i].ours;
    struct bf_lines w = { .fd = -1, .keep = ours ? HEAD : MAX_OUTPUT + 1 };
    const char *path = bf_path_join(&a, f->dir, f->files[i].name);
    int rc = path ? bf_file_open(path, path, err) : bf_fail_memory(err, "a path");
    if (rc >= 0) {
        w.fd = rc;
        while ((rc = bf_lines_next(&w, err)) == BF_OK) {
            rc = ours ? note_request(f, i, &w, err) : read_output(f, i, &w, err);
            if (rc < 0)
                break;
        }
        if (rc < 0 && rc != BF_ENOMEM)
            rc = bf_fail_in(err, rc, "'%s:%u'", path, w.number);
        close(w.fd);
    }
    bf_lines_done(&w);
    bf_arena_reset(&a);
    return rc < 0 ? rc : BF_OK;
}

/* --- The folder --------------------------------------------------------------------------- */

/* Number of a request file of ours, 0 for every other name. */
static uint32_t number_of(const char *name)
{
    static const char begin[] = "requests-";
    uint32_t number = 0;
    if (strncmp(name, begin, sizeof begin - 1) != 0)
        return 0;
    name += sizeof begin - 1;
    const size_t n = strspn(name, "0123456789");
    if (n < 4 || n > 9 || strcmp(name + n, ".jsonl") != 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        number = number * 10 + (uint32_t)(name[i] - '0');
    return number;
}

struct bf_batch_entry *bf_batch_find(struct bf_batch_files *f, const struct bf_batch_id *id)
{
    return bf_batch_ids_find(&f->ids, id);
}

static bool ends_with(const char *s, const char *end)
{
    const size_t n = strlen(s), k = strlen(end);
    return n >= k && strcmp(s + n - k, end) == 0;
}

static int add_file(struct bf_batch_files *f, const char *name, struct bf_err *err)
{
    if (f->n_files >= MAX_FILES)
        return bf_fail(err, BF_EINVAL, "'%s' holds over %d files", f->dir, MAX_FILES);
    if (!grow(&f->files, f->n_files, &f->cap_files, sizeof *f->files, UINT32_MAX))
        return bf_fail_memory(err, "batch files");
    struct file *file = &f->files[f->n_files];
    *file = (struct file){ .name = strdup(name), .number = number_of(name) };
    file->ours = file->number > 0;
    if (!file->name)
        return bf_fail_memory(err, "batch files");
    f->n_files++;
    return BF_OK;
}

static int by_name(const void *x, const void *y)
{
    const struct file *a = x, *b = y;
    return strcmp(a->name, b->name);
}

/* All *.jsonl; what a run that was killed left half written is removed. */
static int list_files(struct bf_batch_files *f, struct bf_err *err)
{
    DIR *d = opendir(f->dir);
    int rc = BF_OK;
    if (!d)
        return bf_fail(err, BF_EIO, "cannot read '%s': %s", f->dir, strerror(errno));
    for (struct dirent *e = readdir(d); e && rc == BF_OK; e = readdir(d)) {
        if (ends_with(e->d_name, ".jsonl") && e->d_name[0] != '.')
            rc = add_file(f, e->d_name, err);
        else if (strncmp(e->d_name, "requests-", 9) == 0 && ends_with(e->d_name, ".jsonl.part"))
            (void)unlinkat(dirfd(d), e->d_name, 0); /* at worst it stays: nobody reads it */
    }
    closedir(d);
    if (f->n_files > 1)
        qsort(f->files, f->n_files, sizeof *f->files, by_name);
    return rc;
}

int bf_batch_open(const char *dir, struct bf_batch_files **out, struct bf_err *err)
{
    struct bf_batch_files *f = calloc(1, sizeof *f);
    int rc = f ? bf_dir_make(dir, err) : bf_fail_memory(err, "batch files");
    if (f) {
        f->open_fd = -1;
        f->dir = strdup(dir);
    }
    if (rc == BF_OK)
        rc = f->dir ? list_files(f, err) : bf_fail_memory(err, "batch files");
    for (uint32_t i = 0; rc == BF_OK && i < f->n_files; i++)
        rc = read_file(f, i, err);
    if (rc == BF_OK)
        *out = f;
    else
        bf_batch_close(f);
    return rc;
}

static void part_path(const struct bf_batch_files *f, uint32_t file, char *out, size_t size)
{
    snprintf(out, size, "%s/%s.part", f->dir, f->files[file].name);
}

void bf_batch_close(struct bf_batch_files *f)
{
    char path[4096];
    if (!f)
        return;
    if (f->out)
        (void)fclose(f->out); /* given up */
    for (uint32_t i = 0; i < f->n_files; i++) {
        if (i >= f->n_files - f->n_unpublished) {
            part_path(f, i, path, sizeof path);
            (void)unlink(path); /* at worst it stays until the next run */
        }
        free(f->files[i].name);
    }
    if (f->open_fd >= 0)
        close(f->open_fd);
    free(f->files);
    bf_batch_ids_done(&f->ids);
    free(f->outputs);
    free(f->dir);
    free(f);
}

int bf_batch_foreign(const struct bf_batch_files *f, struct bf_err *err)
{
    bool *known = calloc((size_t)f->n_files + 1, sizeof *known);
    int rc = known ? BF_OK : bf_fail_memory(err, "batch files");
    for (uint32_t i = 0; known && i < f->ids.n; i++) {
        const struct bf_batch_entry *e = &f->ids.v[i];
        for (uint32_t o = e->asked || e->n_sent ? e->output : 0; o; o = f->outputs[o - 1].before)
            known[f->outputs[o - 1].file] = true;
    }
    for (uint32_t i = 0; rc == BF_OK && i < f->n_files; i++)
        if (!f->files[i].ours && f->files[i].n_lines && !known[i])
            rc = bf_fail(err, BF_EINVAL,
                         "'%s/%s': batch output of another run: none of its %u line%s answers a "
                         "request of this one",
                         f->dir, f->files[i].name, f->files[i].n_lines,
                         f->files[i].n_lines == 1 ? "" : "s");
    free(known);
    return rc;
}

/* --- Outputs, one by one ------------------------------------------------------------------ */

int bf_batch_output(struct bf_batch_files *f, uint32_t at, struct bf_buf *line, uint64_t *same_out,
                    uint32_t *before_out, struct bf_err *err)
{
    const struct output *o = &f->outputs[at - 1];
    const char *name = f->files[o->file].name;
    char path[4096], chunk[8192];
    *before_out = o->before;
    *same_out = o->same;
    if (f->open_fd < 0 || f->open_file != o->file) {
        if (f->open_fd >= 0)
            close(f->open_fd);
        snprintf(path, sizeof path, "%s/%s", f->dir, name);
        f->open_fd = bf_file_open(path, path, err);
        BF_TRY(f->open_fd);
        f->open_file = o->file;
    }
    line->len = 0;
    for (uint64_t done = 0; done < o->n;) {
        const size_t want = o->n - done < sizeof chunk ? (size_t)(o->n - done) : sizeof chunk;
        const ssize_t got = pread(f->open_fd, chunk, want, (off_t)(o->at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return bf_fail(err, BF_EIO, "cannot read '%s/%s' to its end", f->dir, name);
        bf_buf_add(line, chunk, (size_t)got);
        done += (uint64_t)got;
    }
    return line->failed ? bf_fail_memory(err, "a line") : BF_OK;
}

/* --- Requests ----------------------------------------------------------------------------- */

void bf_batch_wait(struct bf_batch_files *f, const struct bf_batch_entry *e)
{
    f->files[e->file].n_waiting++;
}

uint64_t bf_batch_waiting(const struct bf_batch_files *f, uint32_t *n_files_out)
{
    uint64_t n = 0;
    *n_files_out = 0;
    for (uint32_t i = 0; i < f->n_files; i++) {
        n += f->files[i].n_waiting;
        *n_files_out += f->files[i].n_waiting > 0;
    }
    return n;
}

static int fail_write(const struct bf_batch_files *f, struct bf_err *err)
{
    return bf_fail(err, BF_EIO, "cannot write '%s/%s': %s", f->dir, f->files[f->n_files - 1].name,
                   strerror(errno));
}

static int begin_file(struct bf_batch_files *f, struct bf_err *err)
{
    char name[64], path[4096];
    uint32_t last = 0;
    for (uint32_t i = 0; i < f->n_files; i++)
        last = f->files[i].number > last ? f->files[i].number : last;
    snprintf(name, sizeof name, "requests-%04u.jsonl", last + 1);
    BF_TRY(add_file(f, name, err));
    f->n_unpublished++;
    part_path(f, f->n_files - 1, path, sizeof path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    f->out = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (!f->out && fd >= 0)
        close(fd);
    f->n_lines = 0;
    f->n_bytes = 0;
    return f->out ? BF_OK : fail_write(f, err);
}

static int end_file(struct bf_batch_files *f, struct bf_err *err)
{
    if (!f->out)
        return BF_OK;
    const bool bad = fflush(f->out) != 0 || fsync(fileno(f->out)) != 0;
    const int rc = bad ? fail_write(f, err) : BF_OK;
    const bool closed = fclose(f->out) == 0;
    f->out = NULL;
    return rc == BF_OK && !closed ? fail_write(f, err) : rc;
}

int bf_batch_write(struct bf_batch_files *f, const struct bf_batch_limits *limits,
                   const struct bf_batch_id *id, const char *url, const struct bf_buf *body,
                   struct bf_err *err)
{
    struct bf_buf head = { 0 };
    char name[BF_BATCH_NAME];
    bf_batch_name(id, name);
    bf_buf_printf(&head, "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":", name);
    bf_buf_json(&head, url);
    bf_buf_str(&head, ",\"body\":");
    if (head.failed)
        return bf_fail_memory(err, "a request");
    const uint64_t n = head.len + body->len + 2;
    int rc = BF_OK;
    if (n > limits->max_bytes)
        rc = bf_fail(err, BF_EDATA, "the request is %.1f MB; allowed: %g MB in a batch file",
                     (double)n / 1e6, (double)limits->max_bytes / 1e6);
    if (rc == BF_OK && f->out &&
        (f->n_lines >= limits->max_lines || f->n_bytes + n > limits->max_bytes))
        rc = end_file(f, err);
    if (rc == BF_OK && !f->out)
        rc = begin_file(f, err);
    if (rc == BF_OK &&
        (fwrite(head.data, 1, head.len, f->out) != head.len ||
         fwrite(body->data, 1, body->len, f->out) != body->len || fwrite("}\n", 1, 2, f->out) != 2))
        rc = fail_write(f, err);
    bf_buf_done(&head);
    if (rc != BF_OK)
        return rc;
    f->n_lines++;
    f->n_bytes += n;
    struct bf_batch_entry *e = bf_batch_ids_add(&f->ids, id);
    if (!e)
        return bf_fail_memory(err, "batch files");
    e->n_sent++;
    e->file = f->n_files - 1;
    bf_batch_wait(f, e);
    return BF_OK;
}

int bf_batch_publish(struct bf_batch_files *f, struct bf_err *err)
{
    char part[4096], path[4096];
    const bool any = f->n_unpublished > 0;
    BF_TRY(end_file(f, err));
    for (; f->n_unpublished > 0; f->n_unpublished--) {
        const uint32_t i = f->n_files - f->n_unpublished;
        part_path(f, i, part, sizeof part);
        snprintf(path, sizeof path, "%s/%s", f->dir, f->files[i].name);
        if (rename(part, path) != 0)
            return bf_fail(err, BF_EIO, "cannot write '%s': %s", path, strerror(errno));
    }
    return any ? bf_dir_sync(f->dir, err) : BF_OK;
}
