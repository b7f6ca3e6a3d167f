/* Growing text and small questions about strings; see text.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void text_free(struct text *t) {
        free(t->octets);
        *t = (struct text){};
}

/* Makes room for @more octets and a NUL; false marks the text as failed. */
static bool reserve(struct text *t, size_t more) {
        size_t needed;

        if (t->failed || __builtin_add_overflow(t->len, more, &needed) || needed >= SIZE_MAX / 2) {
                t->failed = true;
                return false;
        }
        if (needed < t->room)
                return true;

        size_t room = t->room ? t->room : 64;
        while (room <= needed)
                room *= 2;
        char *grown = realloc(t->octets, room);
        if (!grown) {
                t->failed = true;
                return false;
        }
        t->octets = grown;
        t->room = room;
        return true;
}

void text_append_octets(struct text *t, const void *data, size_t len) {
        if (!reserve(t, len))
                return;
        if (len)
                memcpy(t->octets + t->len, data, len);
        t->len += len;
        t->octets[t->len] = 0;
}

void text_append(struct text *t, const char *s) {
        text_append_octets(t, s, strlen(s));
}

void text_printf(struct text *t, const char *format, ...) {
        va_list args;

        va_start(args, format);
        int n = vsnprintf(NULL, 0, format, args);
        va_end(args);
        if (n < 0 || !reserve(t, (size_t)n)) {
                t->failed = true;
                return;
        }

        va_start(args, format);
        (void)vsnprintf(t->octets + t->len, (size_t)n + 1, format, args);
        va_end(args);
        t->len += (size_t)n;
}

char *text_take(struct text *t) {
        text_append_octets(t, "", 0); /* an empty text is a string too */
        if (t->failed) {
                text_free(t);
                return NULL;
        }
        char *s = t->octets;
        *t = (struct text){};
        return s;
}

bool text_starts_with(const char *s, const char *prefix) {
        return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *s, const char *suffix) {
        size_t len = strlen(s), suffix_len = strlen(suffix);
        return len >= suffix_len && strcmp(s + len - suffix_len, suffix) == 0;
}

int text_hex_digit(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

int text_parse_u64(const char *s, uint64_t max, uint64_t *ret) {
        unsigned base = 10;
        uint64_t v = 0;

        if (text_starts_with(s, "0x")) {
                base = 16;
                s += 2;
        }
        if (!*s)
                return -EINVAL;
        for (; *s; s++) {
                int digit = text_hex_digit(*s);
                if (digit < 0 || (unsigned)digit >= base)
                        return -EINVAL;
                if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, (uint64_t)digit, &v) ||
                    v > max)
                        return -ERANGE;
        }
        *ret = v;
        return 0;
}

const char *text_hex(const void *data, size_t len, char *buf) {
        static const char digits[] = "0123456789abcdef";
        const uint8_t *at = data;

        for (size_t i = 0; i < len; i++) {
                buf[2 * i] = digits[at[i] >> 4];
                buf[2 * i + 1] = digits[at[i] & 15];
        }
        buf[2 * len] = 0;
        return buf;
}

int text_parse_hex(const char *s, void *ret, size_t len) {
        uint8_t *at = ret;

        if (strlen(s) != 2 * len)
                return -EINVAL;
        for (size_t i = 0; i < len; i++)
                if (text_hex_digit(s[2 * i]) < 0 || text_hex_digit(s[2 * i + 1]) < 0)
                        return -EINVAL;
        for (size_t i = 0; i < len; i++)
                at[i] = (uint8_t)(text_hex_digit(s[2 * i]) << 4 | text_hex_digit(s[2 * i + 1]));
        return 0;
}

int text_copy(char *buf, size_t size, const char *s) {
        size_t len = strlen(s);

        if (len >= size) {
                buf[0] = 0;
                return -ENAMETOOLONG;
        }
        memcpy(buf, s, len + 1);
        return 0;
}
