/*
 * Disks: whether they can be read, how fast, and what they say of their own health and wear.
 *
 * Parameters: disk (a hint; without it all disks), seconds of reading at each of three places (3). Nothing is
 * written.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/check/check.h"
#include "app/bramble-agent/io/block.h"
#include "app/bramble-agent/io/clock.h"
#include "app/bramble-agent/io/smart.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"

enum {
        CHUNK = 4 << 20,
        PLACES = 3,
        SECONDS = 3,
        SMALL = 4096,
        SMALL_MS = 1000,
        USED_UP = 100,
        USED_MUCH = 90
};

/* Large pieces one after another at the begin, in the middle and at the end. Octets a second, or -errno. */
static int64_t read_large(struct check_context *c, struct block *b, void *buf, uint64_t seconds,
                          struct error *reterr) {
        uint64_t size = block_size(b), octets = 0, spent_ms = 0;

        for (unsigned place = 0; place < PLACES; place++) {
                uint64_t at = size > (uint64_t)CHUNK * PLACES
                                      ? (size - CHUNK) / (PLACES - 1) * place / CHUNK * CHUNK
                                      : 0;
                uint64_t begin_ms = clock_now_ms(), end_ms = begin_ms + seconds * 1000, now_ms;
                while ((now_ms = clock_now_ms()) < end_ms && at + CHUNK <= size && check_may_go_on(c)) {
                        int r = block_read(b, at, buf, CHUNK, reterr);
                        if (r < 0)
                                return r;
                        at += CHUNK;
                        octets += CHUNK;
                }
                spent_ms += now_ms - begin_ms;
        }
        return octets == 0 ? -ENODATA : (int64_t)(octets * 1000 / (spent_ms ? spent_ms : 1));
}

/* Small pieces here and there, which is what makes a system feel slow. Pieces a second, or -errno. */
static int64_t read_small(struct check_context *c, struct block *b, void *buf, struct error *reterr) {
        uint64_t n_places = block_size(b) / SMALL, begin_ms = clock_now_ms(), now_ms, n = 0, at = 1;

        while ((now_ms = clock_now_ms()) < begin_ms + SMALL_MS && check_may_go_on(c)) {
                at = (at * 6364136223846793005u + 1442695040888963407u); /* Knuth's; any spread will do */
                int r = block_read(b, (at >> 16) % n_places * SMALL, buf, SMALL, reterr);
                if (r < 0)
                        return r;
                n++;
        }
        return (int64_t)(n * 1000 / (now_ms - begin_ms ? now_ms - begin_ms : 1));
}

static void put_known(json_t *o, const char *key, int64_t value) {
        if (value != SMART_UNKNOWN)
                json_put_number(o, key, value);
}

static enum verdict judge_health(struct check_context *c, const struct disk *d, const struct smart_health *h,
                                 json_t *o) {
        json_put_bool(o, "failing", h->is_failing);
        put_known(o, "used_percent", h->used_percent);
        put_known(o, "bad_sectors", h->bad_sectors);
        put_known(o, "media_errors", h->media_errors);
        put_known(o, "power_on_hours", h->power_on_hours);
        put_known(o, "celsius", h->celsius);
        if (h->is_failing || h->used_percent >= USED_UP) {
                output_printf(c->output, "%s: the disk says that it is failing or worn out: replace it\n",
                              d->name);
                return VERDICT_FAILED;
        }
        if (h->used_percent >= USED_MUCH || h->bad_sectors > 0 || h->media_errors > 0) {
                output_printf(c->output,
                              "%s: worn to %d %%, %lld bad sectors, %lld errors: it will not last\n", d->name,
                              h->used_percent, (long long)h->bad_sectors, (long long)h->media_errors);
                return VERDICT_DEGRADED;
        }
        return VERDICT_PASSED;
}

static enum verdict check_disk(struct check_context *c, const struct disk *d, json_t *o) {
        const struct job_world *world = job_world(c->job);
        CLEANUP(block_close_at) struct block *b = NULL;
        CLEANUP(free_at) void *buf = block_buffer(CHUNK);
        char path[TREE_PATH_MAX];
        struct smart_health health;
        struct error error = { 0 };
        enum verdict v = VERDICT_PASSED;

        job_say(c->job, "storage", 0, 0, "%s", d->name);
        if (!buf ||
            block_open(tree_name(path, "%s/dev/%s", world->root, d->name), d->name, false, &b, &error) < 0) {
                output_printf(c->output, "%s\n", error.text);
                return VERDICT_FAILED;
        }
        int64_t large =
                read_large(c, b, buf, json_number_of(c->parameters, "seconds", 3600, SECONDS), &error);
        int64_t small = large < 0 ? large : read_small(c, b, buf, &error);
        if (large == -ENODATA && check_may_go_on(c)) {
                output_printf(c->output, "%s: smaller than %d MiB, not read\n", d->name, CHUNK >> 20);
                return VERDICT_SKIPPED;
        }
        if (small < 0) {
                output_printf(c->output, "%s\n", error.text);
                return check_may_go_on(c) ? VERDICT_FAILED : VERDICT_TIMED_OUT;
        }
        json_put_number(o, "read_octets_per_s", large);
        json_put_number(o, "reads_per_s", small);
        output_printf(c->output, "%s (%s %s): %.1f MB/s, %lld small reads/s\n", d->name,
                      disk_bus_name(d->bus), d->model, (double)large / 1e6, (long long)small);
        if (smart_read(&world->tree, d, b, &health) == 0)
                v = judge_health(c, d, &health, o);
        else
                output_printf(c->output, "%s: it does not tell its health\n", d->name);
        return check_may_go_on(c) ? v : VERDICT_TIMED_OUT;
}

enum verdict check_storage(struct check_context *c) {
        const char *hint = json_text_of(c->parameters, "disk");
        struct disk disks[DISKS_MAX];
        unsigned n = disk_list(&job_world(c->job)->tree, disks);
        enum verdict v = VERDICT_SKIPPED;

        for (unsigned i = 0; i < n; i++) {
                if (*hint && !disk_is_meant(&disks[i], hint))
                        continue;
                json_t *o = json_object();
                v = verdict_worse(v, check_disk(c, &disks[i], o));
                json_put(c->results, disks[i].name, o);
        }
        if (v == VERDICT_SKIPPED)
                output_printf(c->output, "there is no disk to look at\n");
        return v;
}
