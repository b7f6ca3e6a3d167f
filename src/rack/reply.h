/* Answers of boot HTTP that are no file of a tree. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/http/server.h"

/** reply_refuse() - a status with a sentence, as all of boot HTTP refuses. */
void reply_refuse(struct http_answer *ret, unsigned status, const char *format, ...) PRINTF(3, 4);

/** reply_json() - @text is taken; NULL: out of memory. */
void reply_json(struct http_answer *ret, char *text);

/** reply_done() - heard, and there is nothing to say. */
void reply_done(struct http_answer *ret);
