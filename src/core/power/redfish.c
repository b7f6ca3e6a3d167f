/*
 * Power of servers by Redfish (DMTF DSP0266, DSP0268): the system's resource is found, read, and told to
 * reset. Its answers are read in redfish_answer.c.
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

#define SYSTEMS "/redfish/v1/Systems"

static const struct power_key keys[] = {
        POWER_KEY_ADDRESS("Address of the BMC."),
        { .name = "user", .type = POWER_TEXT, .is_required = true, .help = "User of the BMC." },
        { .name = "password",
          .type = POWER_TEXT,
          .is_required = true,
          .is_secret = true,
          .help = "Password of that user." },
        { .name = "node_id",
          .type = POWER_TEXT,
          .help = "Id of the system, where the BMC has several. Default: the only one there is." },
        { .name = "off_mode",
          .type = POWER_CHOICE,
          .choices = "hard|soft",
          .fallback = "hard",
          .help = "hard takes the power away; soft asks the operating system to shut down." },
        { .name = "boot_target",
          .type = POWER_CHOICE,
          .choices = "Pxe|UefiHttp",
          .fallback = "Pxe",
          .help = "What a boot from the network is called." },
        { .name = "boot_mode",
          .type = POWER_CHOICE,
          .choices = "UEFI|Legacy",
          .help = "How it boots then. Default: as it is set up." },
        { .name = "scheme",
          .type = POWER_CHOICE,
          .choices = "https|http",
          .fallback = "https",
          .help = "http sends the password in clear." },
        { .name = "verify_ssl",
          .type = POWER_BOOL,
          .fallback = "true",
          .help = "Whether the certificate has to be of an authority that the system knows." },
        POWER_KEYS_TRYING("30"),
        POWER_KEYS_SWITCHING,
        {},
};

static int ask(const struct power_target *t, const struct http_call *call, struct http_reply *ret,
               struct error *reterr) {
        const struct power_params *p = t->params;
        CLEANUP(text_free) struct text url = {};

        text_printf(&url, "%s://%s", power_param(p, "scheme"), power_param(p, "address"));
        if (url.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        const struct power_http http = { .target = { .url = url.octets,
                                                     .auth = HTTP_AUTH_BASIC,
                                                     .user = power_param(p, "user"),
                                                     .secret = power_param(p, "password"),
                                                     .trusts_anybody = !power_param_bool(p, "verify_ssl") },
                                         .reason = redfish_reason };
        return power_http_ask(t, &http, call, ret, reterr);
}

static int find_system(const struct power_target *t, char path[static REDFISH_PATH_MAX],
                       struct redfish_system *ret, struct error *reterr) {
        CLEANUP(http_reply_clear) struct http_reply list = {}, system = {};

        int r = ask(t, &(struct http_call){ .method = "GET", .path = SYSTEMS }, &list, reterr);
        if (r == 0)
                r = redfish_member_parse(list.body, list.len, power_param(t->params, "node_id"), path,
                                         reterr);
        if (r == 0)
                r = ask(t, &(struct http_call){ .method = "GET", .path = path }, &system, reterr);
        if (r == 0)
                r = redfish_system_parse(system.body, system.len, ret, reterr);
        /* The header is the tag of all of it, where there is none inside. */
        if (r == 0 && !*ret->etag)
                (void)text_copy(ret->etag, sizeof(ret->etag), system.etag);
        return r;
}

/* Whether @word is among what the system says it takes; who does not say takes all. */
static bool takes(const char *list, const char *word) {
        char wanted[64];

        (void)snprintf(wanted, sizeof(wanted), ",%s,", word);
        return !*list || strstr(list, wanted);
}

static const char *choose_reset(const struct power_target *t, enum power_action action,
                                const struct redfish_system *system) {
        const bool is_soft = strcmp(power_param(t->params, "off_mode"), "soft") == 0;
        const char *const ways[2][2] = { { "On", "ForceOn" },
                                         { is_soft ? "GracefulShutdown" : "ForceOff",
                                           is_soft ? "" : "PushPowerButton" } };
        const char *const *way = ways[action == POWER_TURN_OFF];

        for (size_t i = 0; i < 2; i++) {
                if (takes(system->resets, way[i]))
                        return way[i];
        }
        return NULL;
}

static int reset(const struct power_target *t, enum power_action action, const struct redfish_system *system,
                 struct error *reterr) {
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        const char *how = choose_reset(t, action, system);
        char body[64];

        if (!*system->reset_path || !how)
                return error_set(reterr, -EOPNOTSUPP, "this system cannot be turned %s so",
                                 power_action_name(action));
        const int len = snprintf(body, sizeof(body), "{\"ResetType\":\"%s\"}", how);
        const struct http_call call = { .method = "POST",
                                        .path = system->reset_path,
                                        .content_type = "application/json",
                                        .body = body,
                                        .body_len = (size_t)len };
        return ask(t, &call, &reply, reterr);
}

static int boot_from_network(const struct power_target *t, const char *path,
                             const struct redfish_system *system, struct error *reterr) {
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        const char *target = power_param(t->params, "boot_target"),
                   *mode = power_param(t->params, "boot_mode");
        char body[200], match[160];

        if (!takes(system->targets, target))
                return error_set(reterr, -EOPNOTSUPP, "this system cannot boot from %s once", target);
        const int len = snprintf(
                body, sizeof(body),
                "{\"Boot\":{\"BootSourceOverrideEnabled\":\"Once\",\"BootSourceOverrideTarget\":\"%s\""
                "%s%s%s}}",
                target, mode ? ",\"BootSourceOverrideMode\":\"" : "", mode ? mode : "", mode ? "\"" : "");
        (void)snprintf(match, sizeof(match), "If-Match: %s", system->etag);
        const char *const headers[] = { match, NULL };
        const struct http_call call = { .method = "PATCH",
                                        .path = path,
                                        .content_type = "application/json",
                                        .headers = *system->etag ? headers : NULL,
                                        .body = body,
                                        .body_len = (size_t)len };
        return ask(t, &call, &reply, reterr);
}

static int act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
               struct error *reterr) {
        char path[REDFISH_PATH_MAX];
        struct redfish_system system;

        int r = find_system(t, path, &system, reterr);
        if (r < 0)
                return r;
        if (action == POWER_NETWORK_ONCE)
                return boot_from_network(t, path, &system, reterr);
        const enum power_state wanted = action == POWER_TURN_ON ? POWER_ON : POWER_OFF;
        if (action == POWER_QUERY || system.state == wanted) { /* some refuse to turn on what is on */
                ret->state = system.state;
                return POWER_DONE;
        }
        return reset(t, action, &system, reterr);
}

const struct power_driver power_redfish = {
        .name = "redfish",
        .title = "BMC by Redfish",
        .keys = keys,
        .can = 1u << POWER_TURN_ON | 1u << POWER_TURN_OFF | 1u << POWER_QUERY | 1u << POWER_NETWORK_ONCE,
        .at_once = 4, /* a chassis has one BMC for several nodes */
        .stagger_ms = 200,
        .peer = "BMC",
        .peer_key = "address",
        .outlet_key = "node_id",
        .act = act,
};
