/* Pages of a list; see page.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api/page.h"
#include "base/text.h"

void api_list_add(struct api_list *l, const void *thing, const char *key_format, ...) {
        va_list args;

        if (l->n == l->room) {
                size_t room = l->room ? 2 * l->room : 64;
                struct api_item *items = l->failed ? NULL : reallocarray(l->items, room, sizeof(*items));
                if (!items) {
                        l->failed = true;
                        return;
                }
                l->items = items;
                l->room = room;
        }
        struct api_item *item = &l->items[l->n++];
        item->thing = thing;
        va_start(args, key_format);
        (void)vsnprintf(item->key, sizeof(item->key), key_format, args);
        va_end(args);
}

void api_list_free(struct api_list *l) {
        free(l->items);
        *l = (struct api_list){};
}

static int compare(const void *a, const void *b) {
        return strcmp(((const struct api_item *)a)->key, ((const struct api_item *)b)->key);
}

bool api_limit(struct api_call *c, uint64_t fallback, uint64_t max, uint64_t *ret) {
        const char *text = api_query(c, "limit");

        *ret = fallback;
        if (!text || (text_parse_u64(text, max, ret) == 0 && *ret > 0))
                return true;
        api_problem_field(c, 400, "limit", "limit \"%.32s\": a whole number from 1 to %ju is wanted", text,
                          (uintmax_t)max);
        return false;
}

void api_bad_cursor(struct api_call *c) {
        api_problem_field(c, 400, "cursor",
                          "\"%.64s\" is no cursor of this list: give \"next\" of the page before",
                          api_query(c, "cursor"));
}

/* Only what stands behind the cursor; the order of the rest is no matter yet. */
static void drop_before(struct api_list *l, const char *cursor) {
        size_t kept = 0;

        for (size_t i = 0; i < l->n; i++) {
                if (strcmp(l->items[i].key, cursor) > 0)
                        l->items[kept++] = l->items[i];
        }
        l->n = kept;
}

void api_page(struct api_call *c, struct api_list *l,
              json_t *(*to_json)(const struct api_call *c, const void *thing)) {
        const char *cursor = api_query(c, "cursor");
        json_t *out = json_object(), *items = json_array();
        uint64_t limit;

        if (!api_limit(c, API_PAGE_LIMIT_DEFAULT, API_PAGE_LIMIT_MAX, &limit)) {
                json_decref(out);
                json_decref(items);
                return;
        }
        if (cursor)
                drop_before(l, cursor);
        if (l->n)
                qsort(l->items, l->n, sizeof(*l->items), compare);

        size_t n = l->n < limit ? l->n : (size_t)limit;
        bool is_whole = !l->failed;
        for (size_t i = 0; i < n && is_whole; i++)
                is_whole = json_array_append_new(items, to_json(c, l->items[i].thing)) == 0;
        (void)json_object_set_new(out, "items", items);
        (void)json_object_set_new(out, "next", n < l->n ? json_string(l->items[n - 1].key) : json_null());
        if (!is_whole) {
                json_decref(out);
                out = NULL;
        }
        api_ok(c, 200, out);
}
