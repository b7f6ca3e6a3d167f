/* Parameters of a machine's power; see params.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/text.h"
#include "core/power/keys.h"
#include "core/power/params.h"

DEFINE_CLEANUP(json_t, json_decref)

void power_params_free(struct power_params *p) {
        if (!p)
                return;
        for (size_t i = 0; i < p->n; i++) {
                free(p->params[i].name);
                free(p->params[i].value);
        }
        free(p->params);
        free(p);
}

static struct power_param *given(const struct power_params *p, const char *name) {
        for (size_t i = 0; i < p->n; i++) {
                if (strcmp(p->params[i].name, name) == 0)
                        return &p->params[i];
        }
        return NULL;
}

/* A word as programs and shells take it: it stands before its value in a line. */
static bool is_key_name(const char *name) {
        const size_t len = strlen(name);

        return len > 0 && len <= POWER_KEY_NAME_MAX &&
               strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len && name[0] >= 'a';
}

static int fail_unknown(const struct power_driver *d, const char *name, struct error *reterr) {
        struct nearest n = nearest_to(name);

        for (const struct power_key *key = d->keys; key->name; key++)
                nearest_offer(&n, key->name);
        if (n.best)
                return error_set(reterr, -EINVAL, "there is no key %s, did you mean %s?", name, n.best);
        return error_set(reterr, -EINVAL, "there is no key %s", name);
}

static int check(const struct power_driver *d, const char *name, const char *value, struct error *reterr) {
        /* What a program is handed beyond its rows is a text. */
        const struct power_key any = { .name = name, .type = POWER_TEXT };
        const struct power_key *key = power_key_find(d, name);

        if (!key && !(d->takes_any_key && is_key_name(name)))
                return fail_unknown(d, name, reterr);
        return power_key_check(key ? key : &any, value, reterr);
}

static int put(struct power_params *p, const char *name, const char *value, struct error *reterr) {
        int r = check(p->driver, name, value, reterr);
        if (r < 0)
                return r;
        CLEANUP(free_at) char *copy = strdup(value);
        if (!copy)
                return error_set(reterr, -ENOMEM, "out of memory");

        struct power_param *there = given(p, name);
        if (there) {
                free(there->value);
                there->value = TAKE(copy);
                return 0;
        }
        if (p->n == POWER_PARAMS_MAX)
                return error_set(reterr, -EINVAL, "there are more than %d parameters", POWER_PARAMS_MAX);
        char *name_copy = strdup(name);
        if (!name_copy)
                return error_set(reterr, -ENOMEM, "out of memory");
        p->params[p->n++] = (struct power_param){ .name = name_copy, .value = TAKE(copy) };
        return 0;
}

/* A member's value as text; what came back as it was shown is what it was. */
static int put_json(struct power_params *p, const char *name, const json_t *value,
                    const struct power_params *was, struct error *reterr) {
        const struct power_key *key = power_key_find(p->driver, name);
        char digits[24];

        if (json_is_null(value))
                return 0;
        if (json_is_integer(value)) {
                (void)snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(value));
                return put(p, name, digits, reterr);
        }
        if (json_is_boolean(value))
                return put(p, name, json_is_true(value) ? "true" : "false", reterr);
        if (!json_is_string(value)) /* none with a NUL in it: the parser takes no such text */
                return error_set(reterr, -EINVAL, "%s is a text, a number, true or false", name);
        const char *text = json_string_value(value);
        if (key && key->is_secret && strcmp(text, POWER_HIDDEN) == 0) {
                const struct power_param *old = was && was->driver == p->driver ? given(was, name) : NULL;
                if (!old)
                        return error_set(reterr, -EINVAL, "%s was never given, so it cannot stay as it is",
                                         name);
                return put(p, name, old->value, reterr);
        }
        return put(p, name, text, reterr);
}

static int check_whole(const struct power_params *p, struct error *reterr) {
        for (const struct power_key *key = p->driver->keys; key->name; key++) {
                if (key->is_required && !given(p, key->name))
                        return error_set(reterr, -EINVAL, "%s is missing", key->name);
        }
        return p->driver->check ? p->driver->check(p, reterr) : 0;
}

static int read_members(struct power_params *p, const char *text, const struct power_params *was,
                        struct error *reterr) {
        CLEANUP(json_decref_at)
        json_t *json = json_loads(text && *text ? text : "{}", JSON_REJECT_DUPLICATES, NULL);
        const char *name;
        json_t *value;

        if (!json_is_object(json))
                return error_set(reterr, -EINVAL, "parameters are a JSON object, each key once");
        json_object_foreach(json, name, value) {
                int r = put_json(p, name, value, was, reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}

int power_params_new(const struct power_driver *driver, struct power_params **ret, struct error *reterr) {
        CLEANUP(power_params_free_at) struct power_params *p = calloc(1, sizeof(*p));

        if (p)
                p->params = calloc(POWER_PARAMS_MAX, sizeof(*p->params));
        if (!p || !p->params)
                return error_set(reterr, -ENOMEM, "out of memory");
        p->driver = driver;
        *ret = TAKE(p);
        return 0;
}

/* Names the driver in what went wrong. */
static int name_driver(const struct power_params *p, int r, struct error *reterr) {
        if (r < 0)
                (void)error_prefix(reterr, "power driver %s", p->driver->name);
        return r;
}

int power_params_check(const struct power_params *p, struct error *reterr) {
        return name_driver(p, check_whole(p, reterr), reterr);
}

int power_params_parse(const struct power_driver *driver, const char *json, const struct power_params *was,
                       struct power_params **ret, struct error *reterr) {
        CLEANUP(power_params_free_at) struct power_params *p = NULL;

        int r = power_params_new(driver, &p, reterr);
        if (r < 0)
                return r;
        r = read_members(p, json, was, reterr);
        if (r == 0)
                r = check_whole(p, reterr);
        if (r < 0)
                return name_driver(p, r, reterr);
        *ret = TAKE(p);
        return 0;
}

int power_params_set(struct power_params *p, const char *name, const char *value, struct error *reterr) {
        return name_driver(p, put(p, name, value, reterr), reterr);
}

char *power_params_json(const struct power_params *p, bool is_shown) {
        CLEANUP(json_decref_at) json_t *json = json_object();

        for (size_t i = 0; i < p->n; i++) {
                const struct power_key *key = power_key_find(p->driver, p->params[i].name);
                const bool is_hidden = is_shown && key && key->is_secret;
                if (json_object_set_new(json, p->params[i].name,
                                        json_string(is_hidden ? POWER_HIDDEN : p->params[i].value)) < 0)
                        return NULL;
        }
        return json_dumps(json, JSON_COMPACT);
}

const char *power_param(const struct power_params *p, const char *name) {
        const struct power_param *there = given(p, name);
        if (there)
                return there->value;
        const struct power_key *key = power_key_find(p->driver, name);
        return key ? key->fallback : NULL;
}

bool power_param_is_given(const struct power_params *p, const char *name) {
        return given(p, name) != NULL;
}

uint32_t power_param_number(const struct power_params *p, const char *name) {
        const char *value = power_param(p, name);
        uint64_t n = 0;

        /* Values and fallbacks were checked against their row. */
        if (!value || text_parse_u64(value, UINT32_MAX, &n) < 0)
                return 0;
        return (uint32_t)n;
}

bool power_param_bool(const struct power_params *p, const char *name) {
        const char *value = power_param(p, name);
        return value && strcmp(value, "true") == 0;
}

/* The value that names the peer, without what a URL has behind its host: tokens may stand there. */
static int peer_name(const struct power_params *p, const char **ret) {
        const struct power_key *key =
                p->driver->peer_key ? power_key_find(p->driver, p->driver->peer_key) : NULL;
        const char *value = key ? power_param(p, key->name) : NULL;

        *ret = value ? value : "";
        if (!value || key->type != POWER_URL)
                return (int)strlen(*ret);
        const char *host = strstr(value, "://") + strlen("://");
        return (int)((size_t)(host - value) + strcspn(host, "/?#"));
}

void power_controller(const struct power_params *p, char *buf, size_t size) {
        const char *name;
        const int len = peer_name(p, &name);

        /* Two hosts with one long beginning would share their turns: slower, and no more. */
        (void)snprintf(buf, size, "%s%s%.*s", len ? p->driver->name : "", len ? " " : "", len, name);
}

void power_peer(const struct power_params *p, char *buf, size_t size) {
        const char *outlet = p->driver->outlet_key ? power_param(p, p->driver->outlet_key) : NULL, *name;
        const int len = peer_name(p, &name);

        (void)snprintf(buf, size, "%s%s%.*s%s%s%s%s", len ? p->driver->peer : "", len ? " " : "", len, name,
                       outlet ? " " : "", outlet ? p->driver->outlet_key : "", outlet ? " " : "",
                       outlet ? outlet : "");
}
