/* Lines of an event stream: "id: N", "data: TEXT", an empty line ends an event, ":" begins a comment. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble/sse.h"

void sse_free(struct sse *s) {
        text_free(&s->line);
        text_free(&s->data);
}

static void forget(struct text *t) {
        t->len = 0;
        t->failed = false;
        if (t->octets)
                t->octets[0] = '\0';
}

/* The value of a "name: value" line, or NULL when the line is another. */
static const char *value_of(const char *line, const char *name) {
        const size_t len = strlen(name);

        if (strncmp(line, name, len) != 0 || line[len] != ':')
                return NULL;
        return line[len + 1] == ' ' ? line + len + 2 : line + len + 1;
}

static int end_event(struct sse *s, int (*fn)(void *ctx, uint64_t id, const char *data), void *ctx) {
        const bool is_whole = s->data.len > 0 && !s->data.failed && !s->is_skipping;
        const int r = is_whole ? fn(ctx, s->id, s->data.octets) : 0;

        forget(&s->data);
        s->is_skipping = false;
        return r;
}

static int end_line(struct sse *s, int (*fn)(void *ctx, uint64_t id, const char *data), void *ctx) {
        const char *line = s->line.octets ? s->line.octets : "", *value;
        uint64_t id;

        if (*line == '\0')
                return end_event(s, fn, ctx);
        if ((value = value_of(line, "id")) && text_parse_u64(value, UINT64_MAX, &id) == 0)
                s->id = id;
        if ((value = value_of(line, "data"))) {
                text_append(&s->data, s->data.len ? "\n" : "");
                text_append(&s->data, value);
        }
        return 0;
}

int sse_feed(struct sse *s, const char *octets, size_t len,
             int (*fn)(void *ctx, uint64_t id, const char *data), void *ctx) {
        for (size_t i = 0; i < len; i++) {
                if (octets[i] == '\r')
                        continue;
                if (octets[i] != '\n') {
                        if (s->line.len + s->data.len < SSE_EVENT_MAX)
                                text_append_octets(&s->line, &octets[i], 1);
                        else
                                s->is_skipping = true;
                        continue;
                }
                const int r = end_line(s, fn, ctx);
                forget(&s->line);
                if (r)
                        return r;
        }
        return 0;
}
