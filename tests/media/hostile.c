/* hostile LIST [STEP] [MUTATIONS]: every STEP-th file that LIST names (a group, a tab, a path on
 * each line), and as many seeded mutations of it, through every modality in a worker, as a reading
 * and as it would be shown. The parent lives; each is read or refused with a reason, none by a
 * crash; no file takes more than 10 s of processor time or 512 MB. Prints TAP, a case a group. */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/rng.h"
#include "core/sanitized.h"
#include "core/text.h"
#include "core/worker.h"
#include "tests/media.h"

static const double max_cpu_seconds = 10;
static const long max_kb = 512 * 1024;
enum { MAX_FILE = 64 << 20, MAX_LINE = 4200, MAX_FAULTS = 20 };

/* The modalities, each as a spec may have it. */
static const struct {
    const char *name;
    enum bf_carrier carrier;
    const char *options[5];
} uses[] = {
    { "image", BF_RASTER, { NULL } },
    { "depth", BF_RASTER, { "black", "0", "white", "4000", NULL } },
    { "video", BF_CLIP, { NULL } },
    { "audio", BF_WAVE, { NULL } },
    { "tactile", BF_TRACE, { NULL } },
    { "subtitles", BF_TEXT, { NULL } },
};
enum { N_USES = sizeof uses / sizeof *uses, N_WANTS = 2 };

/* What became of one file. */
struct outcome {
    int n_read, n_damaged, n_refused;
    double cpu_seconds;
    long kb;
    char fault[200]; /* "" or what must not be */
};

struct trial {
    const struct bf_spec *spec;
    const char *path; /* of the bytes */
    struct outcome *out;
};

/* A group of files, in the making of its case. */
struct group {
    char name[64];
    int n_files, n_faults;
    struct outcome sum;
    char faults[MAX_FAULTS][MAX_LINE + 256];
};

static int make(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err)
{
    const struct trial *t = ctx;
    *job = (struct bf_job){
        .fd = open(t->path, O_RDONLY | O_CLOEXEC),
        .modality = (int)i / N_WANTS,
        .want = i % N_WANTS ? BF_WANT_SHOWN : BF_WANT_READING,
    };
    return job->fd < 0 ? bf_fail(err, BF_EIO, "cannot open it: %s", strerror(errno)) : BF_OK;
}

/* A reason tells a person what is wrong with the file, not what became of the decoder. */
static const char *fault_of(const struct bf_job_result *r)
{
    static const char *const bad[] = { "crashed", "took longer", "broke",  "signal ",      "0x7f",
                                       "0x55",    "0x56",        "(null)", "shared memory" };
    if (r->code == BF_OK)
        return NULL;
    if (r->code != BF_EDATA || strlen(r->reason) < 10 || strchr(r->reason, '\n'))
        return "no reason";
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (strstr(r->reason, bad[i]))
            return bad[i];
    return NULL;
}

static int take(void *ctx, uint32_t i, const struct bf_job_result *r, struct bf_err *err)
{
    struct trial *t = ctx;
    const char *fault = fault_of(r);
    (void)err;
    if (fault && !t->out->fault[0])
        snprintf(t->out->fault, sizeof t->out->fault, "as %s (%s): %.120s", uses[i / N_WANTS].name,
                 i % N_WANTS ? "shown" : "read", r->reason);
    if (i % N_WANTS == 0) {
        t->out->n_read += r->code == BF_OK;
        t->out->n_damaged += r->code == BF_OK && r->reading.info.damaged;
        t->out->n_refused += r->code != BF_OK;
    }
    return BF_OK;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

/* In a process of its own whose only child is the worker: what it takes is known when it ends. */
static _Noreturn void try_in_child(struct trial *t, int to)
{
    struct bf_limits limits = bf_default_limits;
    struct bf_workers *w = NULL;
    struct bf_err err = { 0 };
    struct rusage used;
    limits.wall_seconds = BF_SANITIZED ? 60 : 30;
    int rc = bf_workers_open(1, t->spec, &limits, &w, &err);
    if (rc == BF_OK)
        rc = bf_workers_run(w, N_USES * N_WANTS, make, take, t, &err);
    bf_workers_close(w);
    if (rc != BF_OK)
        snprintf(t->out->fault, sizeof t->out->fault, "the run stopped: %.150s", err.msg);
    if (getrusage(RUSAGE_CHILDREN, &used) == 0) {
        t->out->cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
        t->out->kb = used.ru_maxrss;
    }
    _exit(write(to, t->out, sizeof *t->out) == sizeof *t->out ? 0 : 1);
}

static struct outcome try_file(const struct bf_spec *spec, const char *path)
{
    struct outcome o = { 0 };
    struct trial t = { spec, path, &o };
    int ends[2], status = 0;
    if (pipe(ends) != 0)
        abort();
    fflush(stdout);
    const pid_t child = fork();
    if (child < 0)
        abort();
    if (child == 0) {
        close(ends[0]);
        try_in_child(&t, ends[1]);
    }
    close(ends[1]);
    const bool told = read(ends[0], &o, sizeof o) == sizeof o;
    close(ends[0]);
    if (waitpid(child, &status, 0) != child || !told)
        snprintf(o.fault, sizeof o.fault, "the parent of the worker died (status %d)", status);
    else if (!o.fault[0] && o.cpu_seconds > max_cpu_seconds * (BF_SANITIZED ? 10 : 1))
        snprintf(o.fault, sizeof o.fault, "%.1f s of processor time", o.cpu_seconds);
    else if (!o.fault[0] && o.kb > max_kb && !BF_SANITIZED)
        snprintf(o.fault, sizeof o.fault, "%ld MB", o.kb / 1024);
    return o;
}

static void add(struct group *g, const char *path, int mutation, const struct outcome *o)
{
    struct outcome *s = &g->sum;
    g->n_files++;
    s->n_read += o->n_read;
    s->n_damaged += o->n_damaged;
    s->n_refused += o->n_refused;
    s->cpu_seconds = o->cpu_seconds > s->cpu_seconds ? o->cpu_seconds : s->cpu_seconds;
    s->kb = o->kb > s->kb ? o->kb : s->kb;
    if (o->fault[0] && g->n_faults++ < MAX_FAULTS)
        snprintf(g->faults[g->n_faults - 1], sizeof g->faults[0], "%s, mutation %d: %s", path,
                 mutation, o->fault);
}

/* Bytes as bad disks, bad lines and bad people change them; the same for the same number. */
static size_t mutate(uint8_t *p, size_t n, uint64_t number)
{
    struct bf_rng rng = bf_rng_for(number, "hostile", "mutation", 0);
    const int n_changes = 1 + (int)bf_rng_below(&rng, 8);
    for (int k = 0; k < n_changes && n > 0; k++) {
        const size_t at = bf_rng_below(&rng, n);
        const size_t head = n < 256 ? n : 256;
        switch (bf_rng_below(&rng, 6)) {
        case 0:
            p[at] ^= (uint8_t)(1u << bf_rng_below(&rng, 8));
            break;
        case 1: /* headers are where the sizes stand */
            p[bf_rng_below(&rng, head)] = (uint8_t)bf_rng_below(&rng, 256);
            break;
        case 2:
            for (size_t i = at; i < n && i < at + 4; i++)
                p[i] = 0xff;
            break;
        case 3:
            memset(p + at, 0, n - at < 16 ? n - at : 16);
            break;
        case 4:
            n = k ? n : at;
            break;
        default: /* a piece of it elsewhere */
            memmove(p + at, p + bf_rng_below(&rng, n - at),
                    (n - at) / 2 < 512 ? (n - at) / 2 : 512);
            break;
        }
    }
    return n;
}

static void try_mutations(const struct bf_spec *spec, struct group *g, const char *path, int n)
{
    static uint8_t whole[MAX_FILE], bytes[MAX_FILE];
    char name[] = "/tmp/bf-hostile-XXXXXX";
    FILE *f = fopen(path, "rb");
    const size_t size = f ? fread(whole, 1, sizeof whole, f) : 0;
    if (f)
        fclose(f);
    const int fd = size ? mkstemp(name) : -1;
    for (int k = 1; k <= n && fd >= 0; k++) {
        memcpy(bytes, whole, size);
        const size_t left = mutate(bytes, size, (uint64_t)k);
        if (ftruncate(fd, 0) != 0 || pwrite(fd, bytes, left, 0) != (ssize_t)left)
            abort();
        const struct outcome o = try_file(spec, name);
        add(g, path, k, &o);
    }
    if (fd >= 0 && (close(fd) != 0 || unlink(name) != 0))
        abort();
}

static int finish_group(const struct group *g, int number)
{
    printf("%s %d - %s: %d files; %d readings, %d damaged, %d refused; at most %.2f s, %ld MB\n",
           g->n_faults ? "not ok" : "ok", number, g->name, g->n_files, g->sum.n_read,
           g->sum.n_damaged, g->sum.n_refused, g->sum.cpu_seconds, g->sum.kb / 1024);
    for (int i = 0; i < g->n_faults && i < MAX_FAULTS; i++)
        printf("# %s\n", g->faults[i]);
    if (g->n_faults > MAX_FAULTS)
        printf("# and %d more\n", g->n_faults - MAX_FAULTS);
    return g->n_faults != 0;
}

static void make_spec(struct bf_spec *spec)
{
    for (int m = 0; m < N_USES; m++) {
        const struct bf_modality *base = bf_modality_of(uses[m].carrier);
        spec->modalities[m] = (struct bf_modality_use){
            .name = uses[m].name,
            .base = base,
            .priv = test_options(&base->op, uses[m].options, &spec->arena),
        };
    }
    spec->n_modalities = N_USES;
}

int main(int argc, char **argv)
{
    static struct bf_spec spec;
    static struct group g;
    char line[MAX_LINE];
    int64_t step = 1, mutations = 0, n = 0;
    FILE *list = argc > 1 ? fopen(argv[1], "r") : NULL;
    int n_groups = 0, failed = 0;
    if (!list || (argc > 2 && !bf_text_integer(argv[2], &step)) || step < 1 ||
        (argc > 3 && !bf_text_integer(argv[3], &mutations))) {
        fprintf(stderr, "usage: hostile LIST [STEP] [MUTATIONS]\n");
        return 2;
    }
    make_spec(&spec);
    while (fgets(line, sizeof line, list)) {
        line[strcspn(line, "\n")] = '\0';
        char *path = strchr(line, '\t');
        if (!path || n++ % step != 0)
            continue;
        *path++ = '\0';
        if (g.n_files && strncmp(g.name, line, sizeof g.name - 1) != 0) {
            failed |= finish_group(&g, ++n_groups);
            g = (struct group){ 0 };
        }
        snprintf(g.name, sizeof g.name, "%.63s", line);
        const struct outcome o = try_file(&spec, path);
        add(&g, path, 0, &o);
        try_mutations(&spec, &g, path, (int)mutations);
    }
    fclose(list);
    if (g.n_files)
        failed |= finish_group(&g, ++n_groups);
    printf("1..%d\n", n_groups);
    bf_arena_reset(&spec.arena);
    return failed || n_groups == 0;
}
