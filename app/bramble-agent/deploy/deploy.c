/* Installing an image; see deploy.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/deploy/assertion.h"
#include "app/bramble-agent/deploy/blob.h"
#include "app/bramble-agent/deploy/deploy.h"
#include "app/bramble-agent/deploy/finish.h"
#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/deploy/frames.h"
#include "app/bramble-agent/deploy/order.h"
#include "app/bramble-agent/deploy/target.h"
#include "app/bramble-agent/inventory/boot_order.h"
#include "app/bramble-agent/io/block.h"
#include "app/bramble-agent/io/http.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"
#include "app/bramble-agent/root/data_probe.h"
#include "app/bramble-agent/trusted.h"

enum {
        EDGE = 2 << 20,        /* octets at both ends where labels of RAID, LVM and file systems lie */
        DISCARD_STEP = 1 << 30 /* octets of one request, so that a job can be stopped */
};

struct deploy {
        struct job *job;
        struct deploy_order order;
        char *map_octets; /* owned */
        struct blockmap map;
        struct disk disk, aside; /* @aside: for an assertion; no name: there is none */
        char path[TREE_PATH_MAX];
        struct disk_place place;
        struct frames_window window;
        struct disk_table image, joined; /* with keep_firmware */
};

/* ---- the map ---- */

static int fetch_map(struct deploy *d, struct error *reterr) {
        CLEANUP(http_reply_clear) struct http_reply reply = { 0 };

        /* The map has the hash of each frame: with it all that is written is checked. */
        int e = trusted_check(&job_world(d->job)->tree, d->order.map.sha256, "the image's map", reterr);
        if (e < 0)
                return e;
        e = blob_fetch(d->job, &d->order.map, "the image's map", &reply, reterr);
        if (e < 0)
                return e;
        int r = blockmap_parse(reply.body, reply.len, &d->map);
        if (r < 0)
                return error_set(reterr, r,
                                 r == -ENOTSUP ? "the image's map is of a later kind than this agent knows"
                                               : "the image's map is broken");
        if (d->map.frames_size != d->order.frames.size || d->map.n_frames == 0)
                return error_set(reterr, -EBADMSG, "the image's map is for other frames than the task names");
        d->map_octets = TAKE(reply.body);
        return 0;
}

/* ---- the disk ---- */

static int choose_disk(struct deploy *d, struct error *reterr) {
        const struct job_world *world = job_world(d->job);
        struct disk disks[DISKS_MAX];
        struct target_disk targets[DISKS_MAX];
        const struct target_wish wish = { .hint = d->order.hint,
                                          .size = d->map.disk_size,
                                          .sector_size = d->map.sector_size,
                                          .overwrite_boot_medium = d->order.overwrite_boot_medium,
                                          .keep_firmware = d->order.keep_firmware,
                                          .can_convert = firmware_can_convert(world) };
        unsigned n = disk_list(&world->tree, disks);

        for (unsigned i = 0; i < n; i++)
                targets[i] = (struct target_disk){ .disk = &disks[i],
                                                   .firmware_reason = firmware_on_disk(world, &disks[i]),
                                                   .has_data = data_disk_has_some(world, &disks[i]) };
        int chosen = target_choose(targets, n, &wish, reterr);
        if (chosen < 0)
                return chosen;
        d->disk = disks[chosen];
        (void)tree_name(d->path, "%s/dev/%s", world->root, d->disk.name);
        d->place.path = d->path;
        d->place.name = d->disk.name;
        int r = block_open(d->path, d->disk.name, true, &d->place.block, reterr);
        if (r < 0)
                return r;
        json_put_text(job_data(d->job), "disk", d->disk.name);
        log_line("the image goes to disk %s (%s%s%s, %.1f GB)", d->disk.name, disk_bus_name(d->disk.bus),
                 *d->disk.model ? " " : "", d->disk.model, (double)d->disk.size / 1e9);
        return 0;
}

/* Before anything is written: nobody could log in to a system that has none. */
static int choose_aside(struct deploy *d, struct error *reterr) {
        return *d->order.assertion ? assertion_find_medium(job_world(d->job), &d->disk,
                                                           d->order.assertion_disk, &d->aside, reterr)
                                   : 0;
}

static int write_aside(struct deploy *d, struct error *reterr) {
        if (!*d->order.assertion)
                return 0;
        int r = assertion_write(job_world(d->job), &d->aside, d->order.assertion, reterr);
        if (r == 0) {
                json_put_text(job_data(d->job), "assertion", d->aside.name);
                log_line("the assertion is on disk %s", d->aside.name);
        }
        return r;
}

/* Where the image begins behind the firmware's partition, and what of it is written. */
static int plan_behind_firmware(struct deploy *d, struct error *reterr) {
        CLEANUP(free_at) void *first = malloc(BLOCKMAP_FRAME_MAX);
        CLEANUP(free_at) struct disk_table *kept = calloc(1, sizeof(*kept));
        uint64_t shift = 0, begin = UINT64_MAX, end = 0;

        if (!first || !kept)
                return error_set(reterr, -ENOMEM, "out of memory");
        int r = finish_read_table(&d->place, d->disk.sector_size, kept, reterr);
        if (r < 0)
                return r;
        if (r != DISK_TABLE_FOUND)
                return error_set(reterr, -ENOENT, "disk %s has no partition table that could be kept",
                                 d->disk.name);
        r = frames_fetch_first(d->job, &d->map, d->order.frames.path, first, reterr);
        if (r < 0)
                return r;
        if (disk_table_parse(first, (size_t)r, d->map.sector_size, &d->image) != DISK_TABLE_FOUND)
                return error_set(
                        reterr, -ENOTSUP,
                        "the image has no partition table: it cannot stand behind another partition");
        r = disk_table_put_behind(kept, &d->image, &d->joined, &shift);
        if (r < 0)
                return error_set(
                        reterr, r,
                        r == -ENOENT ? "disk %s has no first partition that could be kept"
                                     : "disk %s has no room in its partition table for those of the image",
                        d->disk.name);
        for (size_t i = 0; i < d->image.n_parts; i++) {
                const struct disk_part *p = &d->image.parts[i];
                begin = p->first < begin ? p->first : begin;
                end = p->first + p->n > end ? p->first + p->n : end;
        }
        uint32_t sector = d->map.sector_size;
        d->window = (struct frames_window){ .begin = begin * sector,
                                            .end = end * sector,
                                            .shift = shift * sector };
        /* Room for a backup of the table at the end. */
        if (d->window.end + d->window.shift + DISK_TABLE_ALIGN > block_size(d->place.block))
                return error_set(reterr, -ENOSPC,
                                 "disk %s is too small for the image behind the partition that is kept",
                                 d->disk.name);
        return 0;
}

/* ---- what was there before ---- */

/* Best effort: it makes writing faster and flash live longer. A disk that cannot is not asked again. */
static void discard(struct deploy *d, uint64_t begin, uint64_t end) {
        for (uint64_t at = begin; at < end && job_may_go_on(d->job); at += DISCARD_STEP) {
                uint64_t len = end - at < DISCARD_STEP ? end - at : DISCARD_STEP;
                job_say(d->job, "clear", at - begin, end - begin, NULL);
                if (block_discard(d->place.block, at, len, false) < 0)
                        return;
        }
}

/* Labels of what was there before would be found by a system that looks for its own. */
static int clear_disk(struct deploy *d, struct error *reterr) {
        uint64_t begin = d->window.begin + d->window.shift, size = block_size(d->place.block);

        if (!d->order.keep_firmware)
                begin = 0;
        discard(d, begin, size);
        uint64_t head = size - begin < EDGE ? size - begin : EDGE;
        int r = block_zero(d->place.block, begin, head, reterr);
        if (r == 0 && size - begin > 2 * EDGE)
                r = block_zero(d->place.block, size - EDGE, EDGE, reterr);
        return r;
}

/* A disk that is half written shows no system: neither the old one nor the new one. */
static int hide_table(struct deploy *d, struct error *reterr) {
        if (!d->order.keep_firmware)
                return block_zero(d->place.block, 0, BLOCK_ALIGN, reterr);
        CLEANUP(free_at) struct disk_table *only = malloc(sizeof(*only));
        if (!only)
                return error_set(reterr, -ENOMEM, "out of memory");
        *only = d->joined;
        only->n_parts = 1;
        return finish_write_table(&d->place, only, reterr);
}

/* ---- the way back ---- */

/* Asked before anything is written: a machine that cannot be taken back shall not be deployed as if it could.
 */
static int check_way_back(const struct deploy *d, struct error *reterr) {
        return d->order.network_first || *d->order.wanted
                       ? boot_order_can_change(&job_world(d->job)->tree, reterr)
                       : 0;
}

/* And done when all is written: firmware may have made an entry for the disk meanwhile. */
static int set_way_back(struct deploy *d, struct error *reterr) {
        const struct tree *tree = &job_world(d->job)->tree;
        int r = d->order.network_first ? boot_order_set_network_first(tree, reterr) : 0;

        if (r == 0)
                json_put_text(job_data(d->job), "boot_first", boot_order_first(tree));
        return r;
}

/* ---- all of it ---- */

static int write_image(struct deploy *d, struct error *reterr) {
        CLEANUP(frames_free_at)
        struct frames *f = frames_new(d->job, d->place.block, &d->map, &d->window, d->order.frames.path);

        if (!f)
                return error_set(reterr, -ENOMEM, "out of memory");
        int64_t there = frames_check(f, reterr);
        if (there < 0)
                return (int)there;
        if (there > 0)
                log_line("%.1f MB of the image are on the disk already", (double)there / 1e6);
        int r = there == 0 ? clear_disk(d, reterr) : 0;
        if (r == 0 && frames_missing(f)) {
                frames_forget_first(f);
                r = hide_table(d, reterr);
        }
        if (r == 0)
                r = frames_write(f, reterr);
        if (r == 0)
                r = block_sync(d->place.block, reterr);
        json_put_number(job_data(d->job), "octets_kept", there);
        json_put_number(job_data(d->job), "octets_written", (int64_t)frames_written(f));
        return r;
}

static int run(struct deploy *d, struct error *reterr) {
        int r = deploy_order_parse(job_order(d->job), &d->order, reterr);
        if (r == 0)
                r = check_way_back(d, reterr);
        if (r == 0)
                r = fetch_map(d, reterr);
        if (r == 0)
                r = choose_disk(d, reterr);
        if (r == 0)
                r = choose_aside(d, reterr);
        if (r < 0)
                return r;
        d->window = (struct frames_window){ .end = d->map.disk_size };
        if (d->order.keep_firmware)
                r = plan_behind_firmware(d, reterr);
        if (r == 0)
                r = write_image(d, reterr);
        if (r == 0)
                r = finish_system(d->job, &d->order, &d->place, d->disk.sector_size,
                                  d->order.keep_firmware ? &d->image : NULL,
                                  d->order.keep_firmware ? &d->joined : NULL, reterr);
        if (r == 0)
                r = write_aside(d, reterr);
        if (r == 0)
                r = block_sync(d->place.block, reterr);
        if (r == 0)
                r = set_way_back(d, reterr);
        if (r == 0 && d->order.reboots)
                job_set_then(d->job, JOB_THEN_REBOOT);
        return r;
}

int deploy_run(struct job *job, struct error *reterr) {
        CLEANUP(free_at) struct deploy *d = calloc(1, sizeof(*d));

        if (!d)
                return error_set(reterr, -ENOMEM, "out of memory");
        d->job = job;
        int r = run(d, reterr);
        block_close(d->place.block);
        free(d->map_octets);
        return r;
}
