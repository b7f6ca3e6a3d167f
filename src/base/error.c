/* Errors as sentences; see error.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"

int error_set(struct error *err, int code, const char *format, ...) {
        if (!err)
                return code;

        va_list args;
        va_start(args, format);
        err->code = code;
        (void)vsnprintf(err->text, sizeof(err->text), format, args);
        va_end(args);
        return code;
}

int error_prefix(struct error *err, const char *format, ...) {
        if (!err)
                return 0;

        char text[sizeof(err->text)];
        va_list args;
        va_start(args, format);
        int n = vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        if (n >= 0 && (size_t)n < sizeof(text))
                (void)snprintf(text + n, sizeof(text) - (size_t)n, ": %s", err->text);
        memcpy(err->text, text, sizeof(text));
        return err->code;
}
