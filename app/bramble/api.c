/* Calls of the API and their failures. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "app/bramble/api.h"

enum { ITEMS_MAX = 1000000, SLOW_S = 120 };

char *api_path(const char *part, ...) {
        CLEANUP(text_free) struct text path = {};
        va_list args;

        text_append(&path, "/api/v1");
        va_start(args, part);
        for (; part; part = va_arg(args, const char *)) {
                text_append(&path, "/");
                http_escape(&path, part);
        }
        va_end(args);
        return text_take(&path);
}

void api_query(char **path, const char *key, const char *value) {
        CLEANUP(text_free) struct text longer = {};

        if (!*path || !value)
                return;
        text_printf(&longer, "%s%s%s=", *path, strchr(*path, '?') ? "&" : "?", key);
        http_escape(&longer, value);
        free(*path);
        *path = text_take(&longer);
}

static int fail_unreachable(const struct cli *cli, int r, const struct error *err) {
        if (cli->is_patient)
                return CLI_UNREACHABLE;
        switch (-r) {
        case ENOENT:
        case ECONNREFUSED:
                return cli_fail(CLI_UNREACHABLE,
                                "cannot reach brambled at %s: is it running? Try `systemctl status bramble`, "
                                "or --socket",
                                cli->socket);
        case EACCES:
        case EPERM:
                return cli_fail(
                        CLI_UNREACHABLE,
                        "may not open %s: become root, or a member of the group that owns it (`ls -l %s`)",
                        cli->socket, cli->socket);
        case ENOTSOCK:
                return cli_fail(CLI_UNREACHABLE, "%s is no socket: --socket names the one of brambled",
                                cli->socket);
        case ECANCELED: /* who took the answer says why it was enough */
                return CLI_LOCAL;
        default:
                return cli_fail_with(CLI_FAILED, err);
        }
}

/* The daemon's own sentence, where there is one. */
static int fail_refused(const struct cli *cli, const struct http_reply *reply) {
        CLEANUP(json_decref_at) json_t *problem = json_loadb(reply->body, reply->len, 0, NULL);
        const char *detail = json_string_value(json_object_get(problem, "detail"));
        const int code = reply->status < 500 ? CLI_REFUSED : CLI_FAILED;

        if (detail && *detail)
                return code == CLI_REFUSED && cli->about ? cli_fail(code, "%s: %s", cli->about, detail)
                                                         : cli_fail(code, "%s", detail);
        return cli_fail(code, "brambled answered with status %u and no reason", reply->status);
}

int api_call(struct cli *cli, const struct http_call *call, struct http_reply *ret) {
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        struct error err = {};

        if (!call->path)
                return cli_fail(CLI_LOCAL, "out of memory");
        const struct http_target target = { .socket_path = cli->socket };
        if (!cli->client && http_client_new(&target, &cli->client, &err) < 0)
                return cli_fail_with(CLI_USAGE, &err);
        const int r = http_client_call(cli->client, call, &reply, &err);
        if (r < 0)
                return fail_unreachable(cli, r, &err);
        if (reply.status >= 400)
                return fail_refused(cli, &reply);
        *ret = reply;
        reply = (struct http_reply){};
        return CLI_OK;
}

int api_json(struct cli *cli, const char *method, const char *path, const json_t *body, json_t **ret) {
        CLEANUP(free_at) char *sent = body ? json_dumps(body, JSON_COMPACT) : NULL;
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        const struct http_call call = {
                .method = method,
                .path = path,
                .content_type = sent ? "application/json" : NULL,
                .body = sent,
                .body_len = sent ? strlen(sent) : 0,
                .idle_s = SLOW_S,
        };
        if (body && !sent)
                return cli_fail(CLI_LOCAL, "this is no UTF-8 text, or memory is short");
        const int code = api_call(cli, &call, &reply);
        if (code != CLI_OK || !ret)
                return code;
        json_error_t e;
        json_t *json = json_loadb(reply.body, reply.len, 0, &e);
        if (!json)
                return cli_fail(CLI_FAILED, "brambled's answer is no JSON (%s): is %s its socket?", e.text,
                                cli->socket);
        *ret = json;
        return CLI_OK;
}

int api_list(struct cli *cli, const char *path, json_t **ret) {
        CLEANUP(json_decref_at) json_t *all = json_array();
        CLEANUP(free_at) char *cursor = NULL;

        do {
                CLEANUP(json_decref_at) json_t *page = NULL;
                CLEANUP(free_at) char *at = path ? strdup(path) : NULL;
                api_query(&at, "limit", "1000");
                api_query(&at, "cursor", cursor);
                const int code = api_json(cli, "GET", at, NULL, &page);
                if (code != CLI_OK)
                        return code;
                if (!json_is_array(json_object_get(page, "items")) || json_array_size(all) > ITEMS_MAX)
                        return cli_fail(CLI_FAILED, "brambled's answer is no list");
                (void)json_array_extend(all, json_object_get(page, "items"));
                const char *next = json_string_value(json_object_get(page, "next"));
                free(cursor);
                cursor = next ? strdup(next) : NULL;
        } while (cursor);
        *ret = TAKE(all);
        return CLI_OK;
}
