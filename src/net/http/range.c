/* Ranges and conditions of requests; see range.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "net/http/range.h"

enum range_syntax { RANGE_NONE, RANGE_ONE, RANGE_SEVERAL, RANGE_BAD };

/* One int-range or suffix-range (RFC 9110 section 14.1.1). */
struct range_spec {
        bool has_first, has_last;
        uint64_t first, last; /* without first: last is the length of the suffix */
};

static const char *skip_space(const char *s) {
        return s + strspn(s, " \t");
}

/* Digits to a number that stays at its largest when there are too many: no file is that long. */
static bool read_number(const char **at, uint64_t *ret) {
        const char *s = *at;
        uint64_t n = 0;

        for (; *s >= '0' && *s <= '9'; s++)
                if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
                        n = UINT64_MAX;
        if (s == *at)
                return false;
        *at = s;
        *ret = n;
        return true;
}

static bool read_spec(const char **at, struct range_spec *ret) {
        struct range_spec spec = {};

        spec.has_first = read_number(at, &spec.first);
        if (**at != '-')
                return false;
        ++*at;
        spec.has_last = read_number(at, &spec.last);
        if (!spec.has_first && !spec.has_last)
                return false;
        if (spec.has_first && spec.has_last && spec.last < spec.first)
                return false;
        *ret = spec;
        return true;
}

static enum range_syntax read_range(const char *range, struct range_spec *ret) {
        static const char unit[] = "bytes=";
        enum range_syntax found = RANGE_NONE;

        if (strncasecmp(range, unit, sizeof(unit) - 1) != 0)
                return RANGE_BAD;

        for (const char *at = range + sizeof(unit) - 1;;) {
                at = skip_space(at);
                if (*at == ',') { /* empty list elements are to be tolerated, section 5.6.1 */
                        at++;
                        continue;
                }
                if (!*at)
                        return found;
                if (!read_spec(&at, ret))
                        return RANGE_BAD;
                found = found == RANGE_NONE ? RANGE_ONE : RANGE_SEVERAL;
                at = skip_space(at);
                if (*at && *at != ',')
                        return RANGE_BAD;
        }
}

static struct http_selection select_part(const struct range_spec *spec, uint64_t size) {
        if (!spec->has_first && spec->last > 0 && size == 0)
                return (struct http_selection){ HTTP_WHOLE, 0,
                                                0 }; /* satisfiable, but Content-Range has no words for it */

        uint64_t first = spec->first, last = size - 1;
        if (!spec->has_first)
                first = spec->last < size ? size - spec->last : 0;
        else if (spec->has_last && spec->last < last)
                last = spec->last;

        if (first >= size || (!spec->has_first && spec->last == 0))
                return (struct http_selection){ .kind = HTTP_UNSATISFIABLE };
        return (struct http_selection){ HTTP_PART, first, last - first + 1 };
}

bool http_tag_listed(const char *list, const char *etag, bool weakly) {
        size_t len = strlen(etag);

        if (strcmp(skip_space(list), "*") == 0)
                return true;

        for (const char *at = list; *at;) {
                at += strspn(at, " \t,");
                bool is_weak = strncmp(at, "W/", 2) == 0;
                if (is_weak)
                        at += 2;
                if (strncmp(at, etag, len) == 0 && (weakly || !is_weak))
                        return true;

                /* To the end of this tag: a comma may stand inside its quotes. */
                if (*at == '"') {
                        const char *quote = strchr(at + 1, '"');
                        if (!quote)
                                return false;
                        at = quote + 1;
                }
                at += strcspn(at, ",");
        }
        return false;
}

struct http_selection http_select(const struct http_conditions *c, const char *etag, uint64_t size) {
        const struct http_selection whole = { HTTP_WHOLE, 0, size };
        struct range_spec spec = {};

        if (c->if_match && !http_tag_listed(c->if_match, etag, false))
                return (struct http_selection){ .kind = HTTP_PRECONDITION_FAILED };
        if (c->if_none_match && http_tag_listed(c->if_none_match, etag, true))
                return (struct http_selection){ .kind = HTTP_NOT_MODIFIED };
        if (!c->range || c->is_head)
                return whole;
        if (c->if_range && strcmp(c->if_range, etag) != 0)
                return whole;
        if (read_range(c->range, &spec) != RANGE_ONE)
                return whole;
        return select_part(&spec, size);
}
