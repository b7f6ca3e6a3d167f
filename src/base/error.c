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
        if (n >= 0 && (size_t)n + 2 < sizeof(text)) {
                /* What does not fit is cut at the end: the thing matters more than the last words about it.
                 */
                memcpy(text + n, ": ", 2);
                size_t room = sizeof(text) - (size_t)n - 3, len = strlen(err->text);
                if (len > room)
                        len = room;
                memcpy(text + n + 2, err->text, len);
                text[(size_t)n + 2 + len] = 0;
        }
        memcpy(err->text, text, sizeof(err->text));
        return err->code;
}

int error_append(struct error *err, const char *format, ...) {
        if (!err)
                return 0;

        const size_t len = strlen(err->text);
        va_list args;
        va_start(args, format);
        (void)vsnprintf(err->text + len, sizeof(err->text) - len, format, args);
        va_end(args);
        return err->code;
}
