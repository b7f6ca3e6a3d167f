/* Smart plugs with Tasmota's firmware: commands by HTTP (tasmota.github.io, "Commands", "With web requests").
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
          .fallback = "1",
          .least = 1,
          .most = 32,
          .help = "Which of its outlets, counted from 1." },
        { .name = "user", .type = POWER_TEXT, .fallback = "admin", .help = "User of its web page." },
        { .name = "password",
          .type = POWER_TEXT,
          .is_secret = true,
          .help = "Password of its web page; left out when it has none." },
        POWER_KEYS_TRYING("10"),
        POWER_KEYS_SWITCHING,
        {},
};

static int read_state(const json_t *value, enum power_state *ret) {
        const char *text = json_string_value(value);

        if (!text || (strcmp(text, "ON") != 0 && strcmp(text, "OFF") != 0))
                return -EBADMSG;
        *ret = strcmp(text, "ON") == 0 ? POWER_ON : POWER_OFF;
        return 0;
}

int tasmota_answer_parse(const char *text, size_t len, unsigned outlet, enum power_state *ret,
                         struct error *reterr) {
        CLEANUP(json_decref_at) json_t *json = json_loadb(text, len, 0, NULL);
        char name[16];

        /* Old versions say so with status 200. */
        if (json_object_get(json, "WARNING"))
                return error_set(reterr, -EACCES, "wrong user or password");
        (void)snprintf(name, sizeof(name), "POWER%u", outlet);
        const json_t *value = json_object_get(json, name);
        if (!value && outlet == 1)
                value = json_object_get(json, "POWER");
        if (!value && json_object_get(json, "Command"))
                return error_set(reterr, -ENOENT, "it has no outlet %u", outlet);
        if (read_state(value, ret) < 0)
                return error_set(reterr, -EBADMSG, "its answer is not one of Tasmota's");
        return 0;
}

static void write_path(struct text *out, const struct power_params *p, enum power_action action) {
        static const char *const words[] = {
                [POWER_TURN_ON] = "%20On", [POWER_TURN_OFF] = "%20Off", [POWER_QUERY] = ""
        };
        const char *password = power_param(p, "password");

        text_printf(out, "/cm?cmnd=Power%s%s", power_param(p, "outlet"), words[action]);
        if (!password)
                return;
        text_append(out, "&user=");
        http_escape(out, power_param(p, "user"));
        text_append(out, "&password=");
        http_escape(out, password);
}

static int act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
               struct error *reterr) {
        CLEANUP(text_free) struct text url = {}, path = {};
        CLEANUP(http_reply_clear) struct http_reply reply = {};

        text_printf(&url, "http://%s", power_param(t->params, "address"));
        write_path(&path, t->params, action);
        if (url.failed || path.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        const struct power_http http = { .target = { .url = url.octets } };
        const struct http_call call = { .method = "GET", .path = path.octets };
        int r = power_http_ask(t, &http, &call, &reply, reterr);
        if (r < 0)
                return r;
        return tasmota_answer_parse(reply.body, reply.len, power_param_number(t->params, "outlet"),
                                    &ret->state, reterr);
}

const struct power_driver power_tasmota = {
        .name = "tasmota",
        .title = "Smart plug with Tasmota",
        .keys = keys,
        .can = 1u << POWER_TURN_ON | 1u << POWER_TURN_OFF | 1u << POWER_QUERY,
        .at_once = 1, /* its web server has one thread */
        .peer = "plug",
        .peer_key = "address",
        .outlet_key = "outlet",
        .act = act,
};
