/* How long to wait before something is tried again. */
#include "probe/server/wait.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t days_from(int year, int month, int day)
{
    const int64_t y = month <= 2 ? year - 1 : year, m = (month + 9) % 12; /* March first */
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 719469;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT", the form that servers must send. */
static double date_of(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char month[4];
    int day, year, h, m, s, end = 0;
    const char *comma = strchr(text, ',');
    if (!comma ||
        sscanf(comma, ", %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, month, &year, &h, &m, &s,
               &end) != 6 ||
        end == 0)
        return NAN;
    const char *at = strlen(month) == 3 ? strstr(months, month) : NULL;
    if (!at || (at - months) % 3 || year < 1970 || day < 1 || day > 31 || h < 0 || h > 23 ||
        m < 0 || m > 59 || s < 0 || s > 60)
        return NAN;
    const int64_t days = days_from(year, (int)(at - months) / 3 + 1, day);
    return (double)(days * 86400 + h * 3600 + m * 60 + s);
}

double bf_wait_of(const char *retry_after, double now)
{
    double seconds;
    if (!retry_after)
        return -1;
    if (bf_text_number(retry_after, &seconds))
        return seconds >= 0 ? seconds : -1;
    const double date = date_of(retry_after);
    if (isnan(date))
        return -1;
    return date > now ? date - now : 0;
}

double bf_wait_after(int n, double asked, struct bf_rng *rng)
{
    const double most = fmin(60, 0.5 * pow(2, n > 1 ? n - 1 : 0)), drawn = bf_rng_unit(rng);
    if (asked < 0)
        return drawn * most;
    return fmax(asked + drawn * fmin(1, 0.1 * asked), drawn * most);
}
