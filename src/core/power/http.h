/* Asking devices by HTTP: one request within an attempt, failures as sentences. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "core/power/power.h"
#include "net/http/client.h"

struct power_http {
        struct http_target target;
        /* What the body of a failure says, into @buf; "" nothing. NULL: it says nothing worth telling. */
        void (*reason)(const char *body, size_t len, char *buf, size_t size);
};

/**
 * power_http_ask() - one request, one answer of status 2xx
 * @call:       its limits and functions are of no interest
 * @ret:        set on success only; http_reply_clear() it
 *
 * Return: 0 or -errno with a sentence: -EACCES (401, 403), -EAGAIN (busy), -EREMOTEIO (refused), -EBADMSG
 * (redirected), -ETIMEDOUT and others of http_client_call().
 */
MUST_CHECK int power_http_ask(const struct power_target *t, const struct power_http *http,
                              const struct http_call *call, struct http_reply *ret, struct error *reterr);
