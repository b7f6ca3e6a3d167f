/* Writing entries of FAT directories; see fat_entry.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "format/fat_entry.h"

enum {
        BASE_MAX = 8,
        EXTENSION_MAX = 3,
        LOWER_BASE = 0x08, /* Windows NT's bits, which mtools and Linux read and write too */
        LOWER_EXTENSION = 0x10,
        ATTRIBUTE_LONG_NAME = 0x0f,
        LONG_NAME_LAST = 0x40
};

static bool is_upper(char c) {
        return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c) {
        return c >= 'a' && c <= 'z';
}

bool fat_name_is_fit(const char *name, size_t len) {
        if (len == 0 || len > FAT_NAME_MAX || name[len - 1] == '.' || name[len - 1] == ' ')
                return false;
        for (size_t i = 0; i < len; i++)
                if (name[i] < ' ' || name[i] > '~' || strchr("\"*/:<>?\\|", name[i]))
                        return false;
        return true;
}

/* What short names may have beside letters and digits. The tilde could be another's number. */
static bool is_plain(char c) {
        return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9') || (c && strchr("!#$%&'()-@^_`{}", c));
}

/* One of the two parts, in capitals; false: it is no short name. Its letters are all of one kind. */
static bool put_part(const char *part, size_t len, size_t max, uint8_t *to, bool *is_small) {
        bool has_upper = false, has_lower = false;

        if (len > max)
                return false;
        for (size_t i = 0; i < len; i++) {
                if (!is_plain(part[i]))
                        return false;
                has_upper |= is_upper(part[i]);
                has_lower |= is_lower(part[i]);
                to[i] = (uint8_t)(is_lower(part[i]) ? part[i] - 'a' + 'A' : part[i]);
        }
        *is_small = has_lower;
        return !(has_upper && has_lower);
}

static bool fits_short(const char *name, size_t len, struct fat_name *ret) {
        const char *dot = memrchr(name, '.', len);
        size_t base = dot ? (size_t)(dot - name) : len, extension = dot ? len - base - 1 : 0;
        bool small_base = false, small_extension = false;

        memset(ret->octets, ' ', sizeof(ret->octets));
        if (base == 0 || (dot && extension == 0) ||
            !put_part(name, base, BASE_MAX, ret->octets, &small_base) ||
            !put_part(dot ? dot + 1 : "", extension, EXTENSION_MAX, ret->octets + BASE_MAX, &small_extension))
                return false;
        ret->case_bits = (uint8_t)((small_base ? LOWER_BASE : 0) | (small_extension ? LOWER_EXTENSION : 0));
        return true;
}

void fat_name_of(const char *name, size_t len, unsigned number, struct fat_name *ret) {
        char text[FAT_SHORT_SIZE + 1];

        *ret = (struct fat_name){};
        if (fits_short(name, len, ret))
                return;
        /* Nobody reads it where long names are known; the tilde keeps it from being another file's own. */
        (void)snprintf(text, sizeof(text), "FILE~%03X   ", number & 0xfff);
        memcpy(ret->octets, text, sizeof(ret->octets));
        ret->case_bits = 0;
        ret->n_long = (unsigned)((len + FAT_LONG_NAME_CHARS - 1) / FAT_LONG_NAME_CHARS);
}

static uint8_t sum_of(const uint8_t name[static FAT_SHORT_SIZE]) {
        uint8_t sum = 0;

        for (size_t i = 0; i < FAT_SHORT_SIZE; i++)
                sum = (uint8_t)((sum << 7 | sum >> 1) + name[i]);
        return sum;
}

/* One of the entries, in UTF-16. */
static void write_part(struct writer *w, const char *name, size_t len, unsigned number, bool is_last,
                       uint8_t sum) {
        static const uint8_t groups[] = { 5, 6, 2 };
        size_t at = (number - 1) * FAT_LONG_NAME_CHARS;

        write_u8(w, (uint8_t)(number | (is_last ? LONG_NAME_LAST : 0)));
        for (size_t g = 0; g < sizeof(groups); g++) {
                for (unsigned i = 0; i < groups[g]; i++, at++)
                        write_u16le(w, at < len ? (uint8_t)name[at] : at == len ? 0 : 0xffff);
                if (g == 0) {
                        write_u8(w, ATTRIBUTE_LONG_NAME);
                        write_u8(w, 0);
                        write_u8(w, sum);
                } else if (g == 1) {
                        write_u16le(w, 0);
                }
        }
}

void fat_long_name_write(struct writer *w, const char *name, size_t len,
                         const uint8_t short_name[static FAT_SHORT_SIZE]) {
        unsigned n = (unsigned)((len + FAT_LONG_NAME_CHARS - 1) / FAT_LONG_NAME_CHARS);

        for (unsigned i = n; i > 0; i--)
                write_part(w, name, len, i, i == n, sum_of(short_name));
}

void fat_entry_write(struct writer *w, const struct fat_name *n, uint8_t attribute, uint16_t cluster,
                     uint32_t size) {
        write_octets(w, n->octets, sizeof(n->octets));
        write_u8(w, attribute);
        write_u8(w, n->case_bits);
        write_zeros(w, 3); /* when it was made: hundredths, time */
        write_u16le(w, FAT_DATE_FIRST);
        write_u16le(w, FAT_DATE_FIRST);
        write_u16le(w, 0); /* the high half of the cluster, which only FAT32 has */
        write_u16le(w, 0);
        write_u16le(w, FAT_DATE_FIRST);
        write_u16le(w, cluster);
        write_u32le(w, size);
}
