/* Small blobs; see blob.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/deploy/blob.h"
#include "app/bramble-agent/io/http.h"
#include "app/bramble-agent/io/sha256.h"
#include "app/bramble-agent/job.h"

enum { TRIES = 5, AGAIN_MS = 2000 };

int blob_fetch(struct job *j, const struct order_blob *blob, const char *what, struct http_reply *ret,
               struct error *reterr) {
        static const uint8_t none[SHA256_SIZE];
        const struct http_ask ask = { .method = "GET", .path = blob->path };
        uint8_t digest[SHA256_SIZE];

        for (unsigned i = 0; i < TRIES && ret->status != 200; i++) {
                http_reply_clear(ret);
                job_ask(j, &ask, ret);
                bool is_final = ret->status == 200 || (ret->status >= 400 && ret->status < 500);
                if (is_final || !job_sleep(j, AGAIN_MS))
                        break;
        }
        if (ret->status != 200)
                return error_set(reterr, -EPROTO, "%s cannot be had: %s (status %u)", what,
                                 ret->status ? "the server refuses it" : ret->why, ret->status);
        sha256_of(ret->body, ret->len, digest);
        if (ret->len != blob->size || (memcmp(blob->sha256, none, sizeof(none)) != 0 &&
                                       memcmp(blob->sha256, digest, sizeof(digest)) != 0))
                return error_set(reterr, -EBADMSG,
                                 "%s is not what the task says: it is damaged on the server", what);
        return 0;
}
