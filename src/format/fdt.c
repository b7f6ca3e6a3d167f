/* A walk over the structure block of a device tree: the root's properties, and its children's names. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/fdt.h"

#include <string.h>

#include "base/reader.h"

static const uint32_t magic = 0xd00dfeed;

enum { FDT_BEGIN_NODE = 1, FDT_END_NODE = 2, FDT_PROP = 3, FDT_NOP = 4, FDT_HEADER_SIZE = 40 };

struct tree {
        struct reader structure;
        const uint8_t *data;
        size_t len, strings;
};

/* What the walk looks for: a property's name, or a node's. */
struct search {
        const char *property, *node;
        const void *value;
        size_t value_len;
        bool has_node;
};

static bool open_tree(const uint8_t *data, size_t len, struct tree *ret) {
        struct reader r = reader_of(data, len);

        if (read_u32(&r) != magic)
                return false;
        uint32_t total = read_u32(&r), structure = read_u32(&r), strings = read_u32(&r);
        if (r.bad || len < FDT_HEADER_SIZE || total < FDT_HEADER_SIZE)
                return false;
        /* A tree that was cut by the caller is walked as far as it goes. */
        if (len > total)
                len = total;
        if (structure > len || strings > len)
                return false;
        *ret = (struct tree){ .structure = reader_of(data + structure, len - structure),
                              .data = data,
                              .len = len,
                              .strings = strings };
        return true;
}

static void skip_padding(struct reader *r, size_t len) {
        (void)read_octets(r, (4 - len % 4) % 4);
}

static void read_property(struct tree *t, unsigned depth, struct search *s) {
        uint32_t len = read_u32(&t->structure), name_at = read_u32(&t->structure);
        const uint8_t *value = read_octets(&t->structure, len);

        skip_padding(&t->structure, len);
        if (!value || depth != 1 || !s->property || name_at >= t->len - t->strings)
                return;
        struct reader names = reader_of(t->data + t->strings + name_at, t->len - t->strings - name_at);
        if (strcmp(read_cstr(&names), s->property) == 0 && !names.bad) {
                s->value = value;
                s->value_len = len;
        }
}

static void walk(struct tree *t, struct search *s) {
        unsigned depth = 0;

        while (!t->structure.bad && !s->value && !s->has_node) {
                uint32_t token = read_u32(&t->structure);
                if (token == FDT_BEGIN_NODE) {
                        const char *name = read_cstr(&t->structure);
                        skip_padding(&t->structure, strlen(name) + 1);
                        s->has_node =
                                depth == 1 && s->node && !t->structure.bad && strcmp(name, s->node) == 0;
                        depth++;
                } else if (token == FDT_END_NODE && depth > 1)
                        depth--;
                else if (token == FDT_PROP)
                        read_property(t, depth, s);
                else if (token != FDT_NOP)
                        return; /* the end, or no tree any more */
        }
}

const void *fdt_root_property(const void *data, size_t len, const char *name, size_t *ret_len) {
        struct search s = { .property = name };
        struct tree t;

        if (!open_tree(data, len, &t))
                return NULL;
        walk(&t, &s);
        *ret_len = s.value_len;
        return s.value;
}

const char *fdt_root_string(const void *data, size_t len, const char *name, size_t i) {
        size_t value_len;
        const void *value = fdt_root_property(data, len, name, &value_len);
        if (!value)
                return NULL;

        struct reader r = reader_of(value, value_len);
        for (;;) {
                const char *text = read_cstr(&r);
                if (r.bad)
                        return NULL;
                if (i-- == 0)
                        return text;
        }
}

bool fdt_has_node(const void *data, size_t len, const char *name) {
        struct search s = { .node = name };
        struct tree t;

        if (!open_tree(data, len, &t))
                return false;
        walk(&t, &s);
        return s.has_node;
}
