/*
 * What all configured things have in common as resources: shown, added, changed by a merge patch, deleted.
 *
 * A change is made against what was read; when another change came first it is made again on the new state,
 * unless the request said If-Match.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/call.h"

struct api_resource_kind {
        const char *key; /* the member that names it and that a PATCH may not change; NULL: all may */

        const char *const
                *read_only; /* more members that the server sets, besides id and created; NULL: none */

        const void *(*find)(struct api_call *c); /* in c->site, by c->params; NULL with a problem answered */
        json_t *(*to_json)(
                const void *thing); /* whole; without what the server sets it is what read() takes */
        int (*read)(const json_t *in, void **ret, const char **ret_field, struct error *reterr);
        int (*change)(const struct site_keeper *keeper, const void *was, void *now, struct error *reterr);
        void (*drop)(void *thing);
        const char *(*path)(const void *thing, char *buf, size_t size); /* below /api/v1/ */
};

void api_resource_show(struct api_call *c, const struct api_resource_kind *kind);
void api_resource_add(struct api_call *c, const struct api_resource_kind *kind);
void api_resource_set(struct api_call *c, const struct api_resource_kind *kind);
void api_resource_delete(struct api_call *c, const struct api_resource_kind *kind);
