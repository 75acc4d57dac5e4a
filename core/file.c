#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_file(FILE **f)
{
    if (*f)
        fclose(*f);
}

int bf_file_open(const char *path, const char *shown, struct bf_err *err)
{
    struct stat st;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0) {
        const int why = errno;
        if (fd >= 0)
            close(fd);
        return bf_fail(err, BF_EIO, "cannot open '%s': %s", shown, strerror(why));
    }
    if (S_ISREG(st.st_mode))
        return fd;
    close(fd);
    return bf_fail(err, BF_EIO,
                   S_ISDIR(st.st_mode) ? "'%s' is a folder; allowed: a file"
                                       : "'%s' is not a regular file",
                   shown);
}

int bf_file_read(const char *path, size_t max, char **buf_out, size_t *len_out, struct bf_arena *a,
                 struct bf_err *err)
{
    const int fd = bf_file_open(path, path, err);
    BF_TRY(fd);
    BF_AUTO(close_file) FILE *f = fdopen(fd, "rb");
    if (!f) {
        close(fd);
        return bf_fail_memory(err, path);
    }
    struct stat st;
    if (fstat(fd, &st) != 0)
        return bf_fail(err, BF_EIO, "cannot size '%s': %s", path, strerror(errno));
    if ((unsigned long long)st.st_size > max)
        return bf_fail(err, BF_EDATA, "'%s' is %lld bytes, limit %zu", path, (long long)st.st_size,
                       max);

    size_t size = (size_t)st.st_size;
    char *buf = bf_arena_alloc(a, size + 1, 1);
    if (!buf)
        return bf_fail(err, BF_ENOMEM, "no memory for '%s' (%zu bytes)", path, size);
    if (fread(buf, 1, size, f) != size)
        return bf_fail(err, BF_EIO, "cannot read '%s' to its end", path);

    *buf_out = buf;
    *len_out = size;
    return BF_OK;
}

static int write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return -1;
        p += k;
        n -= (size_t)k;
    }
    return 0;
}

int bf_file_write(const char *path, const void *bytes, size_t n, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    char *tmp = bf_arena_printf(&a, "%s.part", path);
    if (!tmp)
        return bf_fail_memory(err, "a path");

    int rc = BF_OK;
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        rc = bf_fail(err, BF_EIO, "cannot write '%s': %s", path, strerror(errno));
    if (rc == BF_OK && (write_all(fd, bytes, n) != 0 || fsync(fd) != 0))
        rc = bf_fail(err, BF_EIO, "cannot write '%s': %s", path, strerror(errno));
    if (fd >= 0 && close(fd) != 0 && rc == BF_OK)
        rc = bf_fail(err, BF_EIO, "cannot write '%s': %s", path, strerror(errno));
    if (rc == BF_OK && rename(tmp, path) != 0)
        rc = bf_fail(err, BF_EIO, "cannot rename to '%s': %s", path, strerror(errno));
    if (rc != BF_OK && fd >= 0)
        (void)unlink(tmp); /* best effort: the failure that matters is already recorded */
    bf_arena_reset(&a);
    return rc;
}

int bf_dir_make(const char *path, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    char *p = bf_arena_strdup(&a, path);
    int rc = p ? BF_OK : bf_fail_memory(err, "a path");

    for (char *s = p; rc == BF_OK && s;) {
        s = strchr(s + 1, '/');
        if (s)
            *s = '\0';
        struct stat st;
        const bool made = mkdir(p, 0777) == 0;
        if (!made && errno == EEXIST && stat(p, &st) == 0 && !S_ISDIR(st.st_mode))
            errno = ENOTDIR;
        if (!made && errno != EEXIST)
            rc = bf_fail(err, BF_EIO, "cannot make folder '%s': %s", p, strerror(errno));
        if (s)
            *s = '/';
    }
    bf_arena_reset(&a);
    return rc;
}

static void close_dir(DIR **d)
{
    if (*d)
        closedir(*d);
}

/* Depth is limited: the folders removed are our own, three levels deep. */
static int remove_at(int parent, const char *name, int depth)
{
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -1;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || depth == 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    BF_AUTO(close_dir) DIR *d = fdopendir(fd);
    if (!d) {
        close(fd);
        return -1;
    }
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (remove_at(fd, e->d_name, depth - 1) != 0)
            return -1;
    }
    return unlinkat(parent, name, AT_REMOVEDIR);
}

int bf_dir_remove(const char *path, struct bf_err *err)
{
    if (remove_at(AT_FDCWD, path, 8) != 0)
        return bf_fail(err, BF_EIO, "cannot remove '%s': %s", path, strerror(errno));
    return BF_OK;
}

int bf_dir_sync(const char *path, struct bf_err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = BF_OK;
    /* Some file systems cannot sync a folder (EINVAL); their renames are then as safe as they
     * get. */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        rc = bf_fail(err, BF_EIO, "cannot sync '%s': %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return rc;
}

bool bf_file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

char *bf_path_join(struct bf_arena *a, const char *dir, const char *name)
{
    return name[0] == '/' ? bf_arena_strdup(a, name) : bf_arena_printf(a, "%s/%s", dir, name);
}

char *bf_path_dir(struct bf_arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return bf_arena_strdup(a, ".");
    return bf_arena_strndup(a, path, slash == path ? 1 : (size_t)(slash - path));
}

bool bf_path_is_below(const char *path)
{
    if (path[0] == '/' || path[0] == '\0')
        return false;
    for (const char *s = path; *s;) {
        size_t n = strcspn(s, "/");
        if (n == 0 || (n == 2 && s[0] == '.' && s[1] == '.'))
            return false;
        s += n;
        if (*s == '/' && s[1] == '\0')
            return false;
        s += *s == '/';
    }
    return true;
}
