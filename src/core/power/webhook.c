/*
 * Power by HTTP requests of an operator's choice, as MAAS' webhook driver makes them: POST to turn, GET to
 * ask, the state by regular expressions, the machine's name in the header System_Id.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/power/answer.h"
#include "core/power/drivers.h"
#include "core/power/http.h"
#include "core/power/keys.h"
#include "core/power/params.h"
#include "core/power/regex.h"

enum { SHOWN_MAX = 100 }; /* octets of an answer in a sentence */

static const struct power_key keys[] = {
        { .name = "on_uri",
          .type = POWER_URL,
          .is_required = true,
          .help = "URL that a POST to turns it on." },
        { .name = "off_uri",
          .type = POWER_URL,
          .is_required = true,
          .help = "URL that a POST to turns it off." },
        { .name = "query_uri",
          .type = POWER_URL,
          .is_required = true,
          .help = "URL that a GET of tells its state." },
        { .name = "on_regex",
          .type = POWER_REGEX,
          .fallback = "status.*\\:.*running",
          .help = "What stands in that answer when it is on." },
        { .name = "off_regex",
          .type = POWER_REGEX,
          .fallback = "status.*\\:.*stopped",
          .help = "What stands in it when it is off." },
        { .name = "user", .type = POWER_TEXT, .help = "User for basic authentication." },
        { .name = "password", .type = POWER_TEXT, .is_secret = true, .help = "Password for it." },
        { .name = "token",
          .type = POWER_TEXT,
          .is_secret = true,
          .help = "Bearer token, in place of user and password." },
        { .name = "verify_ssl",
          .type = POWER_BOOL,
          .fallback = "true",
          .help = "Whether the certificate has to be of an authority that the system knows." },
        POWER_KEYS_TRYING("30"),
        POWER_KEYS_SWITCHING,
        {},
};

int webhook_answer_parse(const char *text, size_t len, const char *on_regex, const char *off_regex,
                         enum power_state *ret, struct error *reterr) {
        const struct {
                const char *name, *regex;
                enum power_state state;
        } rows[] = { { "on_regex", on_regex, POWER_ON }, { "off_regex", off_regex, POWER_OFF } };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                int r = power_regex_find(rows[i].regex, text, len);
                if (r < 0)
                        return error_set(reterr, r, "%s takes too long on its answer: write a simpler one",
                                         rows[i].name);
                if (r == POWER_MATCH) {
                        *ret = rows[i].state;
                        return 0;
                }
        }
        *ret = POWER_UNKNOWN;
        return 0;
}

static enum http_auth choose_auth(const struct power_params *p) {
        if (power_param(p, "token"))
                return HTTP_AUTH_BEARER;
        return power_param(p, "user") && power_param(p, "password") ? HTTP_AUTH_BASIC : HTTP_AUTH_NONE;
}

static int act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
               struct error *reterr) {
        static const char *const uris[] = {
                [POWER_TURN_ON] = "on_uri", [POWER_TURN_OFF] = "off_uri", [POWER_QUERY] = "query_uri"
        };
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        const struct power_params *p = t->params;
        const char *token = power_param(p, "token");
        const struct power_http http = { .target = { .url = power_param(p, uris[action]),
                                                     .auth = choose_auth(p),
                                                     .user = power_param(p, "user"),
                                                     .secret = token ? token : power_param(p, "password"),
                                                     .trusts_anybody = !power_param_bool(p, "verify_ssl") } };
        char id[96], shown[SHOWN_MAX];

        (void)snprintf(id, sizeof(id), "System_Id: %s", t->machine);
        const char *const headers[] = { id, NULL };
        const struct http_call call = { .method = action == POWER_QUERY ? "GET" : "POST",
                                        .path = "",
                                        .headers = headers };
        int r = power_http_ask(t, &http, &call, &reply, reterr);
        if (r < 0 || action != POWER_QUERY)
                return r;
        r = webhook_answer_parse(reply.body, reply.len, power_param(p, "on_regex"),
                                 power_param(p, "off_regex"), &ret->state, reterr);
        if (r == 0 && ret->state == POWER_UNKNOWN) {
                power_plain(reply.body, reply.len, shown, sizeof(shown));
                (void)snprintf(ret->note, sizeof(ret->note),
                               "neither on_regex nor off_regex stands in \"%s\"", shown);
        }
        return r;
}

const struct power_driver power_webhook = {
        .name = "webhook",
        .title = "HTTP requests of your choice",
        .keys = keys,
        .can = 1u << POWER_TURN_ON | 1u << POWER_TURN_OFF | 1u << POWER_QUERY,
        .at_once = 4,
        .stagger_ms = 100,
        .peer = "server",
        .peer_key = "query_uri",
        .act = act,
};
