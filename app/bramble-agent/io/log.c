/* Lines on the console; see log.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/bramble-agent/io/log.h"

enum { LINE_MAX_OCTETS = 512 };

void log_line(const char *format, ...) {
        char line[LINE_MAX_OCTETS] = "bramble-agent: ";
        size_t len = strlen(line);
        va_list args;

        va_start(args, format);
        (void)vsnprintf(line + len, sizeof(line) - len - 1, format, args);
        va_end(args);
        for (; line[len]; len++)
                if ((unsigned char)line[len] < ' ' || line[len] == 0x7f)
                        line[len] = '?';
        line[len++] = '\n';
        (void)!write(STDERR_FILENO, line, len); /* one call, so that lines of two threads do not mix */
}
