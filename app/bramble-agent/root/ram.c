/* A root in memory: a squashfs over HTTP, checked as it comes, and a writable layer above. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/io/http.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/mount.h"
#include "app/bramble-agent/io/sha256.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/root/ways.h"

enum {
        MIB = 1 << 20,
        LEFT_MIN = 48 * MIB, /* octets without which no system starts, beside its image */
        STALL_S = 60,
        BAD_MAX = 2 /* times that the image may come damaged */
};

/* Octets that programs could still have. */
static uint64_t available(const struct job *j) {
        char text[4096];
        const char *at = tree_text(&job_world(j)->tree, text, sizeof(text), "proc/meminfo")
                                 ? strstr(text, "MemAvailable:")
                                 : NULL;
        unsigned long long kib = 0;

        return at && sscanf(at, "MemAvailable: %llu", &kib) == 1 ? kib * 1024 : 0;
}

static int check_memory(const struct job *j, uint64_t size, struct error *reterr) {
        uint64_t there = available(j);

        if (there == 0 || there >= size + LEFT_MIN)
                return 0;
        return error_set(
                reterr, -ENOMEM,
                "the image's root takes %llu MiB of memory and its system at least %d MiB more, and %llu MiB "
                "are free: deploy it with root nfs or nbd, or on a machine with more memory",
                (unsigned long long)((size + MIB - 1) / MIB), LEFT_MIN / MIB,
                (unsigned long long)(there / MIB));
}

/* A stream that may break off, and goes on behind what has come. */
struct fetch {
        struct job *job;
        const struct root_source *from;
        struct ram_root *to;
        struct sha256 *hash;
        uint64_t there; /* octets */
        int failed;     /* of writing */
};

static int take(void *ctx, const void *data, size_t len) {
        struct fetch *f = ctx;

        if (len > f->from->size - f->there)
                return f->failed = -EMSGSIZE;
        f->failed = ram_root_put(f->to, data, len);
        if (f->failed < 0)
                return f->failed;
        sha256_add(f->hash, data, len);
        f->there += len;
        job_say(f->job, "fetch", f->there, f->from->size, NULL);
        return 0;
}

/* What is still missing, in one answer. */
static int fetch_rest(struct fetch *f, struct error *reterr) {
        const struct http_ask ask = { .method = "GET",
                                      .path = f->from->blob,
                                      .idle_s = STALL_S,
                                      .range_first = f->there,
                                      .range_len = f->from->size - f->there,
                                      .take = take,
                                      .take_ctx = f };
        CLEANUP(http_reply_clear) struct http_reply reply;

        job_ask(f->job, &ask, &reply);
        if (f->failed < 0)
                return error_set(reterr, f->failed, "the image's root does not go into memory: %s",
                                 strerror(-f->failed));
        if (f->there == f->from->size)
                return 0;
        if (reply.status >= 400 && reply.status < 500)
                return error_set(reterr, -EPROTO, "the server refuses the image's root with status %u",
                                 reply.status);
        if (reply.status == 200)
                return error_set(reterr, -EPROTO,
                                 "the server gives no parts of a blob, which resuming needs");
        return error_set(reterr, -EAGAIN, "the image's root stopped coming: %s",
                         reply.status ? "the server is in trouble" : reply.why);
}

/* All of it, however often the connection breaks. */
static int fetch_all(struct fetch *f, struct error *reterr) {
        for (unsigned wait_s = 1;; wait_s = wait_s < 16 ? 2 * wait_s : 30) {
                uint64_t before = f->there;
                int r = fetch_rest(f, reterr);
                if (r != -EAGAIN)
                        return r;
                if (f->there > before)
                        wait_s = 1;
                log_line("%s; going on in %u s", reterr->text, wait_s);
                job_say(f->job, "fetch", f->there, f->from->size, "%s", reterr->text);
                if (!job_sleep(f->job, wait_s * 1000))
                        return r;
        }
}

/* With its SHA-256: once more when that is wrong, for then it was the way here. */
static int fetch_checked(struct fetch *f, struct error *reterr) {
        for (unsigned i = 0; i < BAD_MAX; i++) {
                uint8_t digest[SHA256_SIZE];
                CLEANUP(sha256_free_at) struct sha256 *hash = f->hash = sha256_begin();
                if (!hash)
                        return error_set(reterr, -ENOMEM, "out of memory");
                f->there = 0;
                int r = fetch_all(f, reterr);
                if (r < 0)
                        return r;
                sha256_end(hash, digest);
                if (memcmp(digest, f->from->sha256, sizeof(digest)) == 0)
                        return 0;
                log_line("the image's root is not what its SHA-256 says");
                ram_root_empty(f->to);
        }
        return error_set(
                reterr, -EBADMSG,
                "the image's root is not what its SHA-256 says, twice: it is damaged on the server; bramble "
                "image verify finds out");
}

int root_ram(const struct root_place *place, const struct root_source *from, struct error *reterr) {
        int r = check_memory(place->job, from->size, reterr);
        if (r < 0)
                return r;
        job_say(place->job, "fetch", 0, from->size, NULL);
        CLEANUP(ram_root_free_at) struct ram_root *ram = ram_root_new(from->size, reterr);
        if (!ram)
                return -ENOMEM;
        struct fetch f = { .job = place->job, .from = from, .to = ram };
        r = fetch_checked(&f, reterr);
        if (r < 0)
                return r;
        /* A system that fills its root shall meet a full disk before it has no memory. */
        uint64_t left = available(place->job);
        return ram_root_mount(ram, left / 4 * 3, reterr);
}
