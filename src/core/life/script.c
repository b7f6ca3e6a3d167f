/* Scripts; see script.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "core/life/job.h"
#include "core/life/order.h"
#include "core/life/script.h"
#include "core/machine/script_result.h"

/* What the agent brings along: app/bramble-agent has a function for each. */
static const struct {
        const char *name;
        int timeout_s;
} builtin[] = {
        { "memory", 900 },      { "storage", 900 },   { "network", 300 },
        { "temperature", 600 }, { "throttling", 60 },
};

static int builtin_by_name(const char *name) {
        for (size_t i = 0; i < ARRAY_LEN(builtin); i++) {
                if (strcmp(builtin[i].name, name) == 0)
                        return (int)i;
        }
        return -ENOENT;
}

static int no_builtin(const char *name, struct error *reterr) {
        struct nearest n = nearest_to(name);

        for (size_t i = 0; i < ARRAY_LEN(builtin); i++)
                nearest_offer(&n, builtin[i].name);
        if (n.best)
                return error_set(reterr, -EINVAL, "there is no script \"%.64s\"; \"%s\" is probably meant",
                                 name, n.best);
        return error_set(
                reterr, -EINVAL,
                "there is no script \"%.64s\"; there are memory, storage, network, temperature, throttling",
                name);
}

/* RFC 4648 section 4, padded. */
static bool is_base64(const char *text) {
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        size_t len = strlen(text), n = strspn(text, digits);

        return len > 0 && len % 4 == 0 && len - n <= 2 && strspn(text + n, "=") == len - n;
}

static bool is_name(const char *name) {
        size_t len = strlen(name);

        return len > 0 && len <= SCRIPT_NAME_MAX && name[0] != '.' && name[0] != '-' &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}

static int check_own(const json_t *item, struct error *reterr) {
        const char *name = json_string_value(json_object_get(item, "name"));
        const char *body = json_string_value(json_object_get(item, "body_base64"));
        const json_t *timeout = json_object_get(item, "timeout_s"),
                     *parameters = json_object_get(item, "parameters");

        if (!name || !is_name(name))
                return error_set(reterr, -EINVAL,
                                 "a script has a name of letters, digits, \"-\", \"_\" and \".\"");
        if (!body || strlen(body) > ORDER_SCRIPT_MAX || !is_base64(body))
                return error_set(reterr, -EINVAL,
                                 "script %s: its body is wanted as base64, %d octets at most", name,
                                 ORDER_SCRIPT_MAX);
        if (timeout && (!json_is_integer(timeout) || json_integer_value(timeout) < 1 ||
                        json_integer_value(timeout) > SCRIPT_TIMEOUT_S_MAX))
                return error_set(reterr, -EINVAL, "script %s: timeout_s is a number of seconds, %d at most",
                                 name, SCRIPT_TIMEOUT_S_MAX);
        if (parameters && !json_is_object(parameters))
                return error_set(reterr, -EINVAL, "script %s: parameters are an object", name);
        return 0;
}

int script_check(const json_t *item, struct error *reterr) {
        const char *name = json_string_value(item);

        if (name)
                return builtin_by_name(name) < 0 ? no_builtin(name, reterr) : 0;
        if (json_is_object(item))
                return check_own(item, reterr);
        return error_set(reterr, -EINVAL,
                         "a script is a name, or an object with \"name\" and \"body_base64\"");
}

static json_t *builtin_task(size_t i) {
        return json_pack("{s:s, s:s, s:i, s:{}}", "name", builtin[i].name, "builtin", builtin[i].name,
                         "timeout_s", builtin[i].timeout_s, "parameters");
}

static json_t *own_task(const json_t *item) {
        json_t *parameters = json_object_get(item, "parameters");
        json_int_t timeout_s = json_integer_value(json_object_get(item, "timeout_s"));

        return json_pack("{s:O, s:O, s:I, s:o}", "name", json_object_get(item, "name"), "body_base64",
                         json_object_get(item, "body_base64"), "timeout_s",
                         timeout_s ? timeout_s : SCRIPT_TIMEOUT_S_DEFAULT, "parameters",
                         parameters ? json_incref(parameters) : json_object());
}

json_t *script_list(const json_t *wished) {
        CLEANUP(json_decref_at) json_t *list = json_array();
        int r = list ? 0 : -1;

        for (size_t i = 0; !json_is_array(wished) && i < ARRAY_LEN(builtin) && r == 0; i++)
                r = json_array_append_new(list, builtin_task(i));
        for (size_t i = 0; i < json_array_size(wished) && r == 0; i++) {
                const json_t *item = json_array_get(wished, i);
                const char *name = json_string_value(item);
                int at = name ? builtin_by_name(name) : -ENOENT;
                r = json_array_append_new(list, at >= 0 ? builtin_task((size_t)at) : own_task(item));
        }
        return r == 0 ? TAKE(list) : NULL;
}
