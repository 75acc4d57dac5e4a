#ifndef BF_CLI_REPORT_H
#define BF_CLI_REPORT_H

#include <stdbool.h>

#include "core/spec.h"

/* Read a spec; on failure print every complaint as "file:line:column: text" and return the exit
 * status, else 0. The caller releases the spec in both cases. */
int read_spec(const char *path, struct bf_spec *spec);

/* Exit status of a result code, after its message was printed to standard error. */
int report_failure(const struct bf_err *err, int code);

/* 1234567 as "1,234,567"; `out` has 32 bytes. Returns `out`. */
const char *grouped(unsigned long long n, char *out);

/* An amount of money, "12.34"; small ones with two digits that say something. As grouped(). */
const char *cost_text(double money, char *out);

#endif
