/* Foreign text made fit for sentences; see answer.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/power/answer.h"

void power_plain(const char *text, size_t len, char *buf, size_t size) {
        size_t n = 0;

        /* Sentences go to logs, terminals and JSON: what is not plain becomes a question mark. */
        for (size_t i = 0; i < len && n + 1 < size; i++) {
                const bool is_space = text[i] == '\n' || text[i] == '\r' || text[i] == '\t';
                buf[n++] = is_space ? ' ' : text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?';
        }
        buf[n] = 0;
}
