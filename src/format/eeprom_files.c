/* Files of an EEPROM image as a text; see eeprom_files.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/eeprom_files.h"

#include <errno.h>
#include <string.h>

#include "format/eeprom.h"

static const char *const names[] = { EEPROM_PUBLIC_KEY, EEPROM_CONFIG_SIGNATURE, EEPROM_AUTHORITY };

void eeprom_files_add(struct text *out, const char *name, const void *data, size_t len) {
        char hex[2 * EEPROM_FILE_MAX + 1];

        if (len > EEPROM_FILE_MAX) {
                out->failed = true;
                return;
        }
        text_printf(out, "%s %s\n", name, text_hex(data, len, hex));
}

/* The name that a line begins with, and a space; NULL: none of them. */
static const char *name_of(const char *line, size_t len) {
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                const size_t n = strlen(names[i]);
                if (len > n && memcmp(line, names[i], n) == 0 && line[n] == ' ')
                        return names[i];
        }
        return NULL;
}

static int put_line(void *image, size_t size, const char *line, size_t len) {
        char hex[2 * EEPROM_FILE_MAX + 1];
        uint8_t octets[EEPROM_FILE_MAX];
        const char *name = name_of(line, len);

        if (!name)
                return -EINVAL;
        line += strlen(name) + 1;
        len -= strlen(name) + 1;
        if (len == 0 || len % 2 != 0 || len >= sizeof(hex))
                return -EINVAL;
        memcpy(hex, line, len);
        hex[len] = 0;
        return text_parse_hex(hex, octets, len / 2) < 0 ? -EINVAL
                                                        : eeprom_put(image, size, name, octets, len / 2);
}

static int put_files(void *image, size_t size, const char *files, size_t len) {
        while (len > 0) {
                const char *end = memchr(files, '\n', len);
                if (!end)
                        return -EINVAL;
                const size_t n = (size_t)(end - files);
                int r = put_line(image, size, files, n);
                if (r < 0)
                        return r;
                files += n + 1;
                len -= n + 1;
        }
        return 0;
}

int eeprom_fill(void *image, size_t size, const struct eeprom_filling *f) {
        int r = eeprom_put(image, size, "bootconf.txt", f->config, f->config_len);

        return r < 0 ? r : put_files(image, size, f->files, f->files_len);
}
