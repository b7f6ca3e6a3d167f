/* Pages of a list: sorted by a key, a limit, and a cursor that is the last key of the page before. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/call.h"

enum { API_PAGE_KEY_SIZE = 72, API_PAGE_LIMIT_DEFAULT = 100, API_PAGE_LIMIT_MAX = 1000 };

/* Everything that passed the filters, in any order. */
struct api_list {
        struct api_item {
                char key[API_PAGE_KEY_SIZE]; /* sorts as text; unlike any other in the list */
                const void *thing;           /* borrowed */
        } * items;
        size_t n, room;
        bool failed; /* out of memory */
};

void api_list_add(struct api_list *l, const void *thing, const char *key_format, ...) PRINTF(3, 4);
void api_list_free(struct api_list *l); /* also the CLEANUP() function */

/** api_page() - answer with the page that the request's `limit` and `cursor` ask for. */
void api_page(struct api_call *c, struct api_list *l,
              json_t *(*to_json)(const struct api_call *c, const void *thing));

/** api_bad_cursor() - answer that the request's `cursor` is none of this list. */
void api_bad_cursor(struct api_call *c);

/** api_limit() - the request's `limit`; false when it is wrong and a problem was answered. */
bool api_limit(struct api_call *c, uint64_t fallback, uint64_t max, uint64_t *ret);
