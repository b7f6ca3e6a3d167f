/* Requests to devices; see http.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "core/power/answer.h"
#include "core/power/http.h"
#include "core/power/program.h"

/* A Redfish system with all its links has some 20 KiB. */
enum { BODY_MAX = 512 << 10, REASON_SIZE = 200 };

static const struct {
        unsigned status;
        int code;
        const char *sentence;
} statuses[] = {
        { 401, -EACCES, "wrong user or password" },
        { 403, -EACCES, "these credentials may not do that" },
        { 404, -ENOENT, "there is no such thing" },
        { 408, -EAGAIN, "it is busy" },
        { 412, -EAGAIN, "it was changed by somebody else meanwhile" },
        { 429, -EAGAIN, "it is busy" },
        { 502, -EAGAIN, "what stands behind it does not answer" },
        { 503, -EAGAIN, "it is busy" },
        { 504, -EAGAIN, "what stands behind it does not answer" },
};

static int judge(const struct power_http *http, const struct http_reply *reply, struct error *reterr) {
        char reason[REASON_SIZE] = "";

        if (reply->status / 100 == 2)
                return 0;
        if (reply->status / 100 == 3)
                return error_set(reterr, -EBADMSG,
                                 "it sends elsewhere (status %u), where no password follows", reply->status);
        if (http->reason)
                http->reason(reply->body, reply->len, reason, sizeof(reason));
        for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
                if (statuses[i].status == reply->status)
                        return error_set(reterr, statuses[i].code, "%s (status %u)%s%s", statuses[i].sentence,
                                         reply->status, *reason ? ": " : "", reason);
        }
        return error_set(reterr, -EREMOTEIO, "it refused with status %u%s%s", reply->status,
                         *reason ? ": " : "", reason);
}

int power_http_ask(const struct power_target *t, const struct power_http *http, const struct http_call *call,
                   struct http_reply *ret, struct error *reterr) {
        CLEANUP(http_client_free_at) struct http_client *client = NULL;
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        struct http_call bounded = *call;

        bounded.timeout_ms = power_left_ms(t);
        bounded.body_max = BODY_MAX;
        bounded.may_go_on = t->may_go_on;
        bounded.ctx = t->ctx;
        int r = http_client_new(&http->target, &client, reterr);
        if (r < 0)
                return r;
        r = http_client_call(client, &bounded, &reply, reterr);
        if (r == -ETIMEDOUT)
                return power_no_answer(t, reterr);
        if (r == -ECANCELED)
                return error_set(reterr, r, "was given up");
        if (r == -EKEYREJECTED)
                (void)error_append(reterr, "; verify_ssl=false takes it all the same");
        if (r == 0)
                r = judge(http, &reply, reterr);
        if (r < 0)
                return r;
        *ret = reply;
        reply = (struct http_reply){};
        return 0;
}
