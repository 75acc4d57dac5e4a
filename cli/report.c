#include "cli/report.h"

#include <stdio.h>
#include <string.h>

#include "cli/args.h"

int read_spec(const char *path, struct bf_spec *spec)
{
    struct bf_complaints complaints = { 0 };
    struct bf_err err = { 0 };
    *spec = (struct bf_spec){ 0 };
    const int rc = bf_spec_read(path, spec, &complaints, &err);
    if (rc == BF_OK)
        return EXIT_DONE;
    for (int i = 0; i < complaints.n; i++) {
        const struct bf_complaint *c = &complaints.v[i];
        if (c->line)
            fprintf(stderr, "%s:%d:%d: %s\n", path, c->line, c->col, c->text);
        else
            fprintf(stderr, "%s: %s\n", path, c->text);
    }
    if (complaints.n == 0)
        return report_failure(&err, rc);
    if (complaints.n > 1)
        fprintf(stderr, "blindfold: %d faults in the spec; nothing was done\n", complaints.n);
    return EXIT_ORDER;
}

int report_failure(const struct bf_err *err, int code)
{
    fprintf(stderr, "blindfold: %s\n", err->msg);
    return code == BF_EINVAL ? EXIT_ORDER : EXIT_STOPPED;
}

const char *grouped(unsigned long long n, char *out)
{
    char digits[24];
    const int len = snprintf(digits, sizeof digits, "%llu", n);
    char *o = out;
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            *o++ = ',';
        *o++ = digits[i];
    }
    *o = '\0';
    return out;
}

const char *cost_text(double money, char *out)
{
    snprintf(out, 32, money > 0 && money < 0.01 ? "%.2g" : "%.2f", money);
    return out;
}
