/* The choice of frames: by time, or by what they are. */
#include "modalities/readers/choice.h"

#include <math.h>

/* The frame nearest to `at`, from m[from] on; the earlier of two, as far as rounding lets tell. */
static size_t nearest(const struct bf_moment *m, size_t n, size_t from, double at)
{
    size_t i = from;
    while (i + 1 < n && fabs(m[i + 1].at - at) < fabs(m[i].at - at) - 1e-9)
        i++;
    return i;
}

static int choose_times(const struct bf_choice *how, const struct bf_moment *m, size_t n,
                        double seconds, size_t *chosen)
{
    const bool by_count = how->select == BF_SELECT_COUNT;
    const double step = by_count                        ? seconds / how->most
                        : how->select == BF_SELECT_RATE ? 1 / how->rate_hz
                                                        : how->interval_s;
    /* One that falls on the very end, but for rounding, is not before it. */
    const double all = by_count ? how->most : fmax(ceil(seconds / step - 1e-9), 1);
    const int n_times = all < how->most ? (int)all : how->most;
    int n_chosen = 0;
    size_t at = 0;
    for (int i = 0; i < n_times; i++) {
        const double k = all > how->most ? floor((i + 0.5) * all / how->most) : i;
        at = nearest(m, n, at, (by_count ? k + 0.5 : k) * step);
        if (n_chosen == 0 || chosen[n_chosen - 1] != at)
            chosen[n_chosen++] = at;
    }
    return n_chosen;
}

static bool is_one(const struct bf_choice *how, const struct bf_moment *m, size_t i)
{
    return how->select == BF_SELECT_ALL || (how->select == BF_SELECT_KEYFRAMES && m[i].key) ||
           (how->select == BF_SELECT_SCENES && (i == 0 || (double)m[i].change > how->threshold));
}

int bf_choose(const struct bf_choice *how, const struct bf_moment *m, size_t n, double seconds,
              size_t *chosen_out)
{
    if (how->select <= BF_SELECT_INTERVAL)
        return choose_times(how, m, n, seconds, chosen_out);
    size_t all = 0;
    for (size_t i = 0; i < n; i++)
        all += is_one(how, m, i);
    const size_t most = (size_t)how->most;
    const size_t n_chosen = all < most ? all : most;
    size_t seen = 0;
    size_t k = 0;
    for (size_t i = 0; i < n && k < n_chosen; i++) {
        if (!is_one(how, m, i))
            continue;
        const size_t next = all > most ? (2 * k + 1) * all / (2 * most) : k;
        if (seen++ == next)
            chosen_out[k++] = i;
    }
    if (k == 0)
        chosen_out[k++] = 0; /* a clip without keyframes is still one */
    return (int)k;
}

float bf_scene_change(double m, double before)
{
    return (float)fmin(fmin(m, fabs(m - before)) / 100, 1);
}
