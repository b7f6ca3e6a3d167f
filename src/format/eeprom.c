/* EEPROM images; see eeprom.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/eeprom.h"

#include <errno.h>
#include <string.h>

#include "base/reader.h"
#include "base/writer.h"

enum {
        HEAD_SIZE = 8, /* magic and length, before each section */
        NAME_SIZE = 12,
        FILE_HEAD = HEAD_SIZE + NAME_SIZE + 4, /* before a file's octets */
        ALIGN = 8,
        SCRATCH = 4096, /* at the end of an image, for the updater itself */

        /* Files that may be replaced lie here: before it is what is never written again, behind it the other
           half of images with two. */
        FILES_BEGIN = 0x10000,
        FILES_END = 0x107000
};

static const uint32_t magic_mask = 0xfffff00f, magic_any = 0x55aaf00f, magic_pad = 0x55aafeef,
                      magic_file = 0x55aaf11f;

struct section {
        uint32_t magic;
        size_t at, len; /* of its head; of what follows that */
        size_t next;
};

/* The section at @at: 1, 0 when the image ends there, or -EBADMSG. */
static int read_section(const void *image, size_t size, size_t at, struct section *ret) {
        if (at >= size || size - at < HEAD_SIZE)
                return 0;
        struct reader r = reader_of((const uint8_t *)image + at, HEAD_SIZE);
        *ret = (struct section){ .magic = read_u32(&r), .at = at, .len = read_u32(&r) };
        if (ret->magic == 0 || ret->magic == UINT32_MAX)
                return 0;
        if ((ret->magic & magic_mask) != magic_any || ret->len > size - at - HEAD_SIZE)
                return -EBADMSG;
        ret->next = (at + HEAD_SIZE + ret->len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
        return 1;
}

static bool has_name(const void *image, const struct section *s, const char *name) {
        char field[NAME_SIZE] = "";

        if (s->magic != magic_file || s->len < FILE_HEAD - HEAD_SIZE)
                return false;
        memcpy(field, name, strnlen(name, sizeof(field)));
        return memcmp((const uint8_t *)image + s->at + HEAD_SIZE, field, sizeof(field)) == 0;
}

/* A file's section: 0, -ENOENT, or -EBADMSG. */
static int find(const void *image, size_t size, const char *name, struct section *ret) {
        struct section s;
        int r;

        for (size_t at = 0; (r = read_section(image, size, at, &s)) > 0; at = s.next) {
                if (s.at >= FILES_BEGIN && s.at < FILES_END && has_name(image, &s, name)) {
                        *ret = s;
                        return 0;
                }
        }
        return r < 0 ? r : -ENOENT;
}

/* Where the room of a file ends: at the next section that is no padding. */
static int find_end(const void *image, size_t size, const struct section *file, size_t *ret,
                    bool *ret_is_last) {
        const size_t limit = size > SCRATCH ? size - SCRATCH : 0;
        struct section s;
        int r;

        *ret = limit < FILES_END ? limit : FILES_END;
        *ret_is_last = true;
        for (size_t at = file->next; (r = read_section(image, size, at, &s)) > 0; at = s.next) {
                *ret_is_last = false;
                if (s.magic == magic_pad)
                        continue;
                *ret = s.at;
                return 0;
        }
        return r;
}

bool eeprom_size_is_known(size_t size) {
        return size == EEPROM_SIZE_2711 || size == EEPROM_SIZE_2712;
}

int eeprom_find(const void *image, size_t size, const char *name, struct eeprom_file *ret) {
        struct section s;

        int r = find(image, size, name, &s);
        if (r < 0)
                return r;
        *ret = (struct eeprom_file){ .at = s.at + FILE_HEAD, .len = s.len - (FILE_HEAD - HEAD_SIZE) };
        return 0;
}

int eeprom_put(void *image, size_t size, const char *name, const void *data, size_t len) {
        struct section s;
        size_t end = 0;
        bool is_last = false;

        int r = find(image, size, name, &s);
        if (r == 0)
                r = find_end(image, size, &s, &end, &is_last);
        if (r < 0)
                return r;
        if (end < s.at + FILE_HEAD || len > EEPROM_FILE_MAX || len > end - s.at - FILE_HEAD)
                return -E2BIG;

        struct writer head = writer_of((uint8_t *)image + s.at + 4, 4);
        write_u32(&head, (uint32_t)(len + FILE_HEAD - HEAD_SIZE));
        struct writer w = writer_of((uint8_t *)image + s.at + FILE_HEAD, end - s.at - FILE_HEAD);
        write_octets(&w, data, len);
        /* Sections begin at multiples of eight, and so do files' octets. */
        while (writer_len(&w) % ALIGN != 0 && writer_left(&w) > 0)
                write_u8(&w, 0xff);
        if (writer_left(&w) >= HEAD_SIZE && !is_last) {
                const uint32_t rest = (uint32_t)(writer_left(&w) - HEAD_SIZE);
                write_u32(&w, magic_pad);
                write_u32(&w, rest);
        }
        while (writer_left(&w) > 0)
                write_u8(&w, 0xff);
        return 0;
}
