/* Options become members of a request. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "app/bramble/body.h"

/* "A-B" as {"first": A, "last": B}, "N=R" as {"net": N, "router": R}. */
static json_t *pair(const char *value, char separator, const char *first, const char *second) {
        const char *cut = strchr(value, separator);

        if (!cut)
                return NULL;
        return json_pack("{s:s%, s:s}", first, value, (size_t)(cut - value), second, cut + 1);
}

static json_t *entry(const struct option *o, const char *value) {
        switch (o->form) {
        case FORM_NUMBER:
                return json_integer((json_int_t)strtoull(value, NULL, 0));
        case FORM_FLAG:
                return json_true();
        case FORM_SWITCH:
                return json_boolean(strcmp(value, "on") == 0);
        case FORM_RANGES:
                return pair(value, '-', "first", "last");
        case FORM_ROUTES:
                return pair(value, '=', "net", "router");
        default:
                return json_string(value);
        }
}

static bool is_list(enum json_form form) {
        return form == FORM_LIST || form == FORM_RANGES || form == FORM_ROUTES;
}

static int put(json_t *body, const struct args *a, const struct given *g) {
        const struct option *o = g->option;

        if (a->command->is_change && strcmp(g->value, "none") == 0)
                return json_object_set_new(body, o->field, json_null());
        if (!is_list(o->form))
                return json_object_set_new(body, o->field, entry(o, g->value));
        json_t *list = json_object_get(body, o->field);
        if (!json_is_array(list)) { /* the first of it, or one after "none" */
                list = json_array();
                if (json_object_set_new(body, o->field, list) < 0)
                        return -1;
        }
        return json_array_append_new(list, entry(o, g->value));
}

json_t *body_of(const struct args *a) {
        json_t *body = json_object();

        for (size_t i = 0; body && i < a->n_given; i++) {
                if (!a->given[i].option->field || put(body, a, &a->given[i]) == 0)
                        continue;
                json_decref(body);
                body = NULL;
        }
        return body;
}
