/* rusage COMMAND...: run a command and print what it and its children took, as one line:
 * "wall 1.234 cpu 0.567 peak_mb 12.3 status 0". The command's own output goes to standard error. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

int main(int argc, char **argv)
{
    struct timespec a, b;
    struct rusage r;
    int status = 0;
    if (argc < 2)
        return 2;
    clock_gettime(CLOCK_MONOTONIC, &a);
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || getrusage(RUSAGE_CHILDREN, &r) != 0)
        return 1;
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("wall %.3f cpu %.3f peak_mb %.1f status %d\n",
           (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec),
           seconds(r.ru_utime) + seconds(r.ru_stime), (double)r.ru_maxrss / 1024,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    return 0;
}
