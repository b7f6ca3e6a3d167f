/* Reading assertions; see assertion.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/reader.h"
#include "base/text.h"
#include "format/assertion.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define BASE64 LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "+/="

struct reading {
        struct reader rest;
        size_t line; /* the last that was read, from 1 on */
        struct assertions found;
        struct error *reterr;
};

struct line {
        const char *text;
        size_t len;
};

/* Without its end; false behind the last one. */
static bool next_line(struct reading *r, struct line *ret) {
        const char *begin = (const char *)r->rest.at;
        size_t left = reader_left(&r->rest);
        const char *end = left ? memchr(begin, '\n', left) : NULL;

        if (left == 0)
                return false;
        *ret = (struct line){ begin, end ? (size_t)(end - begin) : left };
        (void)read_octets(&r->rest, ret->len + (end != NULL));
        r->line++;
        return true;
}

static bool is_all(const char *text, size_t len, const char *of) {
        for (size_t i = 0; i < len; i++)
                if (!text[i] || !strchr(of, text[i]))
                        return false;
        return len > 0;
}

/* "name: value", or "name:" with what it says on the lines behind it. */
static bool header_parse(const struct line *l, size_t *ret_name_len, struct line *ret_value) {
        const char *colon = memchr(l->text, ':', l->len);
        size_t name_len = colon ? (size_t)(colon - l->text) : 0, at = name_len + 1;

        if (!is_all(l->text, name_len, LOWER DIGITS "-"))
                return false;
        if (at < l->len && l->text[at++] != ' ')
                return false;
        *ret_name_len = name_len;
        *ret_value = (struct line){ l->text + at, l->len - at };
        return true;
}

static bool is_text(const char *text, size_t len, const char *what) {
        return len == strlen(what) && memcmp(text, what, len) == 0;
}

static int body_length(const struct reading *r, const struct line *value, size_t *ret) {
        CLEANUP(free_at) char *digits = strndup(value->text, value->len);
        uint64_t n = 0;

        if (!digits)
                return error_set(r->reterr, -ENOMEM, "out of memory");
        if (text_parse_u64(digits, reader_left(&r->rest), &n) < 0)
                return error_set(r->reterr, -EBADMSG, "line %zu: it has no body of such a length", r->line);
        *ret = (size_t)n;
        return 0;
}

/* Up to the empty line. */
static int read_headers(struct reading *r, struct line l, size_t *ret_body) {
        bool is_first = true;

        do {
                struct line value;
                size_t name_len;
                if (!is_first && l.text[0] == ' ')
                        continue; /* of the header before it */
                if (!header_parse(&l, &name_len, &value))
                        return error_set(r->reterr, -EBADMSG,
                                         "line %zu: a header of an assertion is wanted, as in \"type: "
                                         "system-user\"",
                                         r->line);
                if (is_first && (!is_text(l.text, name_len, "type") || value.len == 0))
                        return error_set(r->reterr, -EBADMSG, "line %zu: an assertion begins with its type",
                                         r->line);
                if (is_first && is_text(value.text, value.len, "system-user"))
                        r->found.n_system_users++;
                is_first = false;
                int e = is_text(l.text, name_len, "body-length") ? body_length(r, &value, ret_body) : 0;
                if (e < 0)
                        return e;
        } while (next_line(r, &l) && l.len > 0);
        return 0;
}

static int read_body(struct reading *r, size_t len) {
        const char *body = (const char *)read_octets(&r->rest, len);
        const char *end = (const char *)read_octets(&r->rest, 2);

        if (!end || memcmp(end, "\n\n", 2) != 0)
                return error_set(r->reterr, -EBADMSG,
                                 "the body of assertion %zu is of another length than it says", r->found.n);
        for (const char *c = body; c < end + 2; c++)
                r->line += *c == '\n';
        return 0;
}

static int read_signature(struct reading *r) {
        struct line l;
        size_t n = 0;

        while (next_line(r, &l) && l.len > 0) {
                if (!is_all(l.text, l.len, BASE64))
                        return error_set(r->reterr, -EBADMSG, "line %zu: a signature is wanted", r->line);
                n++;
        }
        return n > 0 ? 0
                     : error_set(r->reterr, -EBADMSG, "assertion %zu has no signature: it is cut",
                                 r->found.n);
}

int assertions_parse(const char *text, size_t len, struct assertions *ret, struct error *reterr) {
        struct reading r = { .rest = reader_of(text, len), .reterr = reterr };
        struct line l;

        while (next_line(&r, &l)) {
                size_t body = 0;
                if (l.len == 0)
                        continue;
                if (++r.found.n > ASSERTIONS_MAX)
                        return error_set(reterr, -EBADMSG, "there are more than %d assertions",
                                         ASSERTIONS_MAX);
                int e = read_headers(&r, l, &body);
                if (e == 0 && body > 0)
                        e = read_body(&r, body);
                if (e == 0)
                        e = read_signature(&r);
                if (e < 0)
                        return e;
        }
        *ret = r.found;
        return 0;
}
