/* Answers of boot HTTP that are no file; see reply.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void reply_refuse(struct http_answer *ret, unsigned status, const char *format, ...) {
        char sentence[400];
        va_list args;

        va_start(args, format);
        (void)vsnprintf(sentence, sizeof(sentence), format, args);
        va_end(args);
        *ret = (struct http_answer){ .status = status, .content_type = "text/plain; charset=utf-8" };
        int n = asprintf(&ret->body, "%s\n", sentence);
        if (n < 0)
                ret->body = NULL;
        ret->body_len = n < 0 ? 0 : (size_t)n;
}

void reply_json(struct http_answer *ret, char *text) {
        *ret = (struct http_answer){ .status = 200, .content_type = "application/json", .body = text };
        if (text)
                ret->body_len = strlen(text);
        else
                ret->status = 500;
}

void reply_done(struct http_answer *ret) {
        *ret = (struct http_answer){ .status = 204 };
}
