/* Writing cpio archives; see cpio.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "format/cpio.h"

enum { HEADER_SIZE = 110, FIELD_SIZE = 8 };

static void write_field(struct writer *w, size_t value) {
        char digits[FIELD_SIZE + 1];

        (void)snprintf(digits, sizeof(digits), "%08X", (unsigned)value);
        write_octets(w, digits, FIELD_SIZE);
}

static void write_entry(struct writer *w, uint32_t number, const char *name, uint32_t mode, uint32_t links,
                        uint32_t size) {
        size_t name_len = strlen(name) + 1;
        /* ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize,
         * check */
        const size_t fields[] = { number, mode, 0, 0, links, 0, size, 0, 0, 0, 0, name_len, 0 };

        write_octets(w, "070701", 6);
        for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
                write_field(w, fields[i]);
        write_octets(w, name, name_len);
        write_zeros(w, (4 - (HEADER_SIZE + name_len) % 4) % 4);
}

void cpio_write_entry(struct writer *w, uint32_t number, const char *name, uint32_t mode, uint32_t size) {
        write_entry(w, number, name, mode, (mode & 0170000) == 0040000 ? 2 : 1, size);
}

void cpio_write_end(struct writer *w) {
        write_entry(w, 0, "TRAILER!!!", 0, 1, 0);
}
