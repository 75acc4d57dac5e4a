#include "core/api.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/state.h"

const char *bf_version(void)
{
    return BF_VERSION;
}

void bf_note(const struct bf_run_options *o, const char *fmt, ...)
{
    char line[1024];
    if (!o->note)
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    o->note(o->ctx, line);
}
