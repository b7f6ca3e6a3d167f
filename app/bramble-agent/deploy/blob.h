/* Blobs that are small enough to be fetched whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-agent/deploy/order.h"

struct http_reply;
struct job;

/**
 * blob_fetch() - a blob as the body of @ret, which the caller clears; tried several times
 * @what:       for people: "the image's map"
 *
 * Return: 0, -EBADMSG when it is not what the task says, or negative, with a sentence.
 */
MUST_CHECK int blob_fetch(struct job *j, const struct order_blob *blob, const char *what,
                          struct http_reply *ret, struct error *reterr);
