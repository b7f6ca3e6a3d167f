/*
 * Shelly's smart plugs and relays (shelly-api-docs.shelly.cloud): the first generation's /relay and the RPC
 * of the later ones.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/power/answer.h"
#include "core/power/drivers.h"
#include "core/power/http.h"
#include "core/power/keys.h"
#include "core/power/params.h"

DEFINE_CLEANUP(json_t, json_decref)

static const struct power_key keys[] = {
        POWER_KEY_ADDRESS("Address of the plug."),
        { .name = "outlet",
          .type = POWER_NUMBER,
          .fallback = "0",
          .most = 15,
          .help = "Which of its relays, counted from 0." },
        { .name = "generation",
          .type = POWER_CHOICE,
          .choices = "auto|1|2",
          .fallback = "auto",
          .help = "Which interface it has; 2 stands for all later ones. auto asks it." },
        { .name = "user", .type = POWER_TEXT, .fallback = "admin", .help = "User of its web page." },
        { .name = "password",
          .type = POWER_TEXT,
          .is_secret = true,
          .help = "Password of its web page; left out when it has none." },
        POWER_KEYS_TRYING("10"),
        POWER_KEYS_SWITCHING,
        {},
};

int shelly_generation_parse(const char *text, size_t len, struct error *reterr) {
        CLEANUP(json_decref_at) json_t *json = json_loadb(text, len, 0, NULL);

        if (json_integer_value(json_object_get(json, "gen")) >= 2)
                return 2;
        if (json_is_string(json_object_get(json, "type")))
                return 1;
        return error_set(reterr, -EBADMSG, "its answer is not one of a Shelly");
}

int shelly_answer_parse(const char *text, size_t len, unsigned generation, enum power_state *ret,
                        struct error *reterr) {
        CLEANUP(json_decref_at) json_t *json = json_loadb(text, len, 0, NULL);
        const json_t *value = json_object_get(json, generation == 1 ? "ison" : "output");

        /* The second generation tells after a change what was before, which is of no use. */
        if (generation != 1 && json_is_boolean(json_object_get(json, "was_on"))) {
                *ret = POWER_UNKNOWN;
                return 0;
        }
        if (!json_is_boolean(value))
                return error_set(reterr, -EBADMSG, "its answer is not one of a Shelly");
        *ret = json_is_true(value) ? POWER_ON : POWER_OFF;
        return 0;
}

static int ask(const struct power_target *t, const char *path, enum http_auth auth, struct http_reply *ret,
               struct error *reterr) {
        CLEANUP(text_free) struct text url = {};
        const char *password = power_param(t->params, "password");

        text_printf(&url, "http://%s", power_param(t->params, "address"));
        if (url.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        const struct power_http http = { .target = { .url = url.octets,
                                                     .auth = password ? auth : HTTP_AUTH_NONE,
                                                     .user = power_param(t->params, "user"),
                                                     .secret = password } };
        return power_http_ask(t, &http, &(struct http_call){ .method = "GET", .path = path }, ret, reterr);
}

static int find_generation(const struct power_target *t, struct error *reterr) {
        const char *given = power_param(t->params, "generation");
        CLEANUP(http_reply_clear) struct http_reply reply = {};

        if (strcmp(given, "auto") != 0)
                return given[0] - '0';
        int r = ask(t, "/shelly", HTTP_AUTH_NONE, &reply,
                    reterr); /* which every one of them tells everybody */
        return r < 0 ? r : shelly_generation_parse(reply.body, reply.len, reterr);
}

/* What stands behind the outlet's number in the path, by generation and action. */
static const char *const paths[3][POWER_ACTIONS] = {
        [1] = { [POWER_TURN_ON] = "/relay/%s?turn=on",
                [POWER_TURN_OFF] = "/relay/%s?turn=off",
                [POWER_QUERY] = "/relay/%s" },
        [2] = { [POWER_TURN_ON] = "/rpc/Switch.Set?id=%s&on=true",
                [POWER_TURN_OFF] = "/rpc/Switch.Set?id=%s&on=false",
                [POWER_QUERY] = "/rpc/Switch.GetStatus?id=%s" },
};

static void write_path(struct text *out, const char *form, const char *outlet) {
        const char *at = strstr(form, "%s");

        text_append_octets(out, form, (size_t)(at - form));
        text_append(out, outlet);
        text_append(out, at + strlen("%s"));
}

static int act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
               struct error *reterr) {
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        CLEANUP(text_free) struct text path = {};

        const int generation = find_generation(t, reterr);
        if (generation < 0)
                return generation;
        write_path(&path, paths[generation][action], power_param(t->params, "outlet"));
        if (path.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        int r = ask(t, path.octets, generation == 1 ? HTTP_AUTH_BASIC : HTTP_AUTH_DIGEST, &reply, reterr);
        if (r < 0)
                return r;
        return shelly_answer_parse(reply.body, reply.len, (unsigned)generation, &ret->state, reterr);
}

const struct power_driver power_shelly = {
        .name = "shelly",
        .title = "Shelly plug or relay",
        .keys = keys,
        .can = 1u << POWER_TURN_ON | 1u << POWER_TURN_OFF | 1u << POWER_QUERY,
        .at_once = 1,
        .peer = "plug",
        .peer_key = "address",
        .outlet_key = "outlet",
        .act = act,
};
