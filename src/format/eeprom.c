/* EEPROM images, read; see eeprom.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/eeprom.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/reader.h"
#include "base/text.h"
#include "format/eeprom_place.h"

enum { FILE_NAME_SIZE = 12, DIGITS_MAX = 12, COMMIT_MAX = 12, DAY_SIZE = 40 };

static const uint32_t magic_mask = 0xfffff00f, magic_any = 0x55aaf00f;

static const struct magic {
        uint32_t magic;
        enum eeprom_kind kind;
        size_t name_size; /* of the name behind the head, of which the rest up to 16 is zeros */
} magics[] = {
        { 0x55aaf00f, EEPROM_CODE, 0 },
        { EEPROM_MAGIC_PAD, EEPROM_PADDING, 0 },
        { 0x55aaf11f, EEPROM_FILE, FILE_NAME_SIZE },
        { 0x55aaf33f, EEPROM_MODULE, EEPROM_NAME_MAX },
        { 0x55aaf44f, EEPROM_MODULE, EEPROM_NAME_MAX },
};

static const char *const kind_names[] = {
        [EEPROM_CODE] = "code",     [EEPROM_PADDING] = "padding", [EEPROM_FILE] = "file",
        [EEPROM_MODULE] = "module", [EEPROM_OTHER] = "other",
};

static struct magic magic_of(uint32_t magic) {
        for (size_t i = 0; i < ARRAY_LEN(magics); i++)
                if (magics[i].magic == magic)
                        return magics[i];
        return (struct magic){ .kind = EEPROM_OTHER };
}

bool eeprom_size_is_known(size_t size) {
        return eeprom_soc(size) != 0;
}

unsigned eeprom_soc(size_t size) {
        return size == EEPROM_SIZE_2711 ? 2711 : size == EEPROM_SIZE_2712 ? 2712 : 0;
}

const char *eeprom_kind_name(enum eeprom_kind kind) {
        return kind_names[kind];
}

int eeprom_next(const void *image, size_t size, struct eeprom_section *s) {
        const size_t at = s->next;

        if (at >= size || size - at < EEPROM_HEAD)
                return 0;
        struct reader r = reader_of((const uint8_t *)image + at, size - at);
        const uint32_t magic = read_u32(&r), len = read_u32(&r);
        if (magic == 0 || magic == UINT32_MAX)
                return 0;
        if ((magic & magic_mask) != magic_any || len > reader_left(&r))
                return -EBADMSG;
        const struct magic m = magic_of(magic);
        *s = (struct eeprom_section){
                .kind = m.kind, .at = at, .data_at = at + EEPROM_HEAD, .data_len = len
        };
        if (m.name_size && len >= EEPROM_NAME_MAX) {
                memcpy(s->name, read_octets(&r, m.name_size), m.name_size);
                s->data_at += EEPROM_NAME_MAX;
                s->data_len -= EEPROM_NAME_MAX;
        }
        s->next = (at + EEPROM_HEAD + len + EEPROM_ALIGN - 1) & ~(size_t)(EEPROM_ALIGN - 1);
        return 1;
}

int eeprom_check(const void *image, size_t size) {
        struct eeprom_section s = {};
        int r;

        while ((r = eeprom_next(image, size, &s)) > 0)
                ;
        return r;
}

int eeprom_find_within(const void *image, size_t size, const char *name, size_t begin, size_t end,
                       struct eeprom_section *ret) {
        struct eeprom_section s = {};
        int r;

        while ((r = eeprom_next(image, size, &s)) > 0) {
                if (s.kind == EEPROM_FILE && s.at >= begin && s.at < end && strcmp(s.name, name) == 0) {
                        *ret = s;
                        return 0;
                }
        }
        return r < 0 ? r : -ENOENT;
}

/* Whatever has this name: a module, or the first stage, which goes by one without having it. */
static int find_anywhere(const void *image, size_t size, const char *name, struct eeprom_section *ret) {
        struct eeprom_section s = {};
        int r;

        while ((r = eeprom_next(image, size, &s)) > 0) {
                const char *its_name = s.kind == EEPROM_CODE && s.at == 0 ? "bootcode.bin" : s.name;
                if (*its_name && strcmp(its_name, name) == 0) {
                        *ret = s;
                        return 0;
                }
        }
        return r < 0 ? r : -ENOENT;
}

bool eeprom_is_ab(const void *image, size_t size) {
        struct eeprom_section s;
        return eeprom_find_within(image, size, "bootsys", 0, size, &s) == 0;
}

int eeprom_find(const void *image, size_t size, const char *name, struct eeprom_file *ret) {
        struct eeprom_section s;

        int r = eeprom_find_within(image, size, name, EEPROM_FILES_BEGIN, EEPROM_FILES_END, &s);
        if (r == -ENOENT)
                r = find_anywhere(image, size, name, &s);
        if (r < 0)
                return r;
        *ret = (struct eeprom_file){ .at = s.data_at, .len = s.data_len };
        return 0;
}

bool eeprom_is_empty(const void *image, const struct eeprom_file *file) {
        const uint8_t *octets = (const uint8_t *)image + file->at;

        for (size_t i = 0; i < file->len; i++)
                if (octets[i] != 0)
                        return false;
        return true;
}

/* What stands behind @key where it first is, up to a character that is none of @of; "" when it is nowhere. */
static void find_word(const void *image, size_t size, const char *key, const char *of, char *buf,
                      size_t buf_size) {
        const size_t key_len = strlen(key);
        const char *at = image, *end = at + size;
        size_t len = 0;

        *buf = 0;
        while ((at = memmem(at, (size_t)(end - at), key, key_len))) {
                at += key_len;
                while (len + 1 < buf_size && at + len < end && at[len] && strchr(of, at[len]))
                        len++;
                memcpy(buf, at, len);
                buf[len] = 0;
                if (len > 0)
                        return;
        }
}

uint64_t eeprom_build_time(const void *image, size_t size) {
        char digits[DIGITS_MAX];
        uint64_t t;

        find_word(image, size, "BUILD_TIMESTAMP=", "0123456789", digits, sizeof(digits));
        return text_parse_u64(digits, UINT32_MAX, &t) == 0 ? t : 0;
}

/* The day of a Unix time, counted in years that begin in March, so that a leap day is the last of its year.
 */
static void print_day(uint64_t unix_s, char *buf, size_t size) {
        const unsigned era_days = 146097; /* of 400 years */
        const unsigned since = (unsigned)(unix_s / 86400) + 719468, era = since / era_days,
                       day = since % era_days;
        const unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
        const unsigned of_year = day - (365 * year + year / 4 - year / 100);
        const unsigned month = (5 * of_year + 2) / 153, of_month = of_year - (153 * month + 2) / 5 + 1;

        (void)snprintf(buf, size, "%04u-%02u-%02u", year + 400 * era + (month >= 10),
                       month < 10 ? month + 3 : month - 9, of_month);
}

const char *eeprom_day(uint64_t unix_s, char ret[static EEPROM_DAY_SIZE]) {
        char day[DAY_SIZE];

        print_day(unix_s, day, sizeof(day));
        (void)snprintf(ret, EEPROM_DAY_SIZE, "%.10s", day);
        return ret;
}

int eeprom_version(const void *image, size_t size, char ret[static EEPROM_VERSION_SIZE]) {
        const uint64_t built = eeprom_build_time(image, size);
        char commit[COMMIT_MAX], day[EEPROM_DAY_SIZE];

        if (!built)
                return -ENOENT;
        (void)eeprom_day(built, day);
        find_word(image, size, "VERSION:", "0123456789abcdef", commit, sizeof(commit));
        (void)snprintf(ret, EEPROM_VERSION_SIZE, "%s (%llu%s%s)", day, (unsigned long long)built,
                       *commit ? ", " : "", commit);
        return 0;
}

int eeprom_timestamp(const void *image, size_t size, uint32_t *ret) {
        struct eeprom_section s;
        size_t at = size - EEPROM_TIME_SIZE;

        if (size < EEPROM_TIME_SIZE)
                return -ENOENT;
        if (eeprom_find_within(image, size, EEPROM_TIME_NAME, 0, EEPROM_FILES_BEGIN, &s) == 0 &&
            s.data_len >= EEPROM_TIME_SIZE)
                at = s.data_at;
        struct reader r = reader_of((const uint8_t *)image + at, EEPROM_TIME_SIZE);
        const uint32_t inverted = read_u32le(&r), ts = read_u32le(&r);
        if (ts != (uint32_t)~inverted || ts == 0 || ts == UINT32_MAX)
                return -ENOENT;
        *ret = ts;
        return 0;
}
