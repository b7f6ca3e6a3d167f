/* Any octets as a frame, and as the text of datagrams one behind the other: read within their bounds, and
 * lines come out that are text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "net/netconsole/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(void *ctx, const char *line) {
        size_t len = strlen(line);
        (void)ctx;

        if (len == 0 || len > NETCONSOLE_LINE_MAX)
                __builtin_trap();
        for (size_t i = 0; i < len; i++)
                if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
                        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct netconsole_lines lines = {};
        struct netconsole_record r;
        struct netconsole_datagram d;

        if (netconsole_frame_parse(data, len, &d) == 0) {
                (void)netconsole_is_firmware(&d);
                netconsole_record_read(d.text, d.len, &r);
                netconsole_lines_add(&lines, &r, check, NULL);
        }
        /* Datagrams with a zero between. */
        for (const uint8_t *at = data, *end = data + len; at < end;) {
                size_t n = strnlen((const char *)at, (size_t)(end - at));
                netconsole_record_read((const char *)at, n, &r);
                if ((const uint8_t *)r.text < at || (const uint8_t *)r.text + r.len > at + n)
                        __builtin_trap();
                netconsole_lines_add(&lines, &r, check, NULL);
                at += n < (size_t)(end - at) ? n + 1 : n;
        }
        netconsole_lines_end(&lines, check, NULL);
        return 0;
}
