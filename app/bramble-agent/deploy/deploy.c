/* Installing an image; see deploy.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/deploy/assertion.h"
#include "app/bramble-agent/deploy/begun.h"
#include "app/bramble-agent/deploy/blob.h"
#include "app/bramble-agent/deploy/deploy.h"
#include "app/bramble-agent/deploy/finish.h"
#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/deploy/frames.h"
#include "app/bramble-agent/deploy/order.h"
#include "app/bramble-agent/deploy/target.h"
#include "app/bramble-agent/disks.h"
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

/* At either place where the mark can be. */
static bool is_begun(const struct deploy *d, const struct disk *disk) {
        const struct job_world *world = job_world(d->job);
        CLEANUP(block_close_at) struct block *block = NULL;
        CLEANUP(free_at) uint8_t *octets = block_buffer(BEGUN_MARK_SIZE);
        char path[TREE_PATH_MAX];

        if (!octets || block_open(tree_name(path, "%s/dev/%s", world->root, disk->name), disk->name, false,
                                  &block, NULL) < 0)
                return false;
        const uint64_t size = block_size(block), places[] = { 0, size - BEGUN_FROM_END };
        for (size_t i = 0; i < ARRAY_LEN(places) && size >= BEGUN_FROM_END; i++)
                if (block_read(block, places[i], octets, BEGUN_MARK_SIZE, NULL) == 0 &&
                    begun_mark_is(&d->order, octets))
                        return true;
        return false;
}

static int choose_disk(struct deploy *d, struct error *reterr) {
        const struct job_world *world = job_world(d->job);
        struct disk disks[DISKS_MAX];
        struct target_disk targets[DISKS_MAX];
        struct target_wish wish = { .hint = d->order.hint,
                                    .size = d->map.disk_size,
                                    .sector_size = d->map.sector_size,
                                    .overwrite_boot_medium = d->order.overwrite_boot_medium,
                                    .keep_firmware = d->order.keep_firmware,
                                    .can_convert = firmware_can_convert(world) };
        unsigned n = disks_wait(d->job, disks);

        for (size_t i = 0; i < n; i++)
                targets[i] = (struct target_disk){ .disk = &disks[i],
                                                   .firmware_reason = firmware_on_disk(world, &disks[i]),
                                                   .has_data = data_disk_has_some(world, &disks[i]) };
        for (size_t i = 0; i < n; i++) {
                if (!is_begun(d, &disks[i]))
                        continue;
                wish.begun = i;
                wish.n_begun++;
        }
        int chosen = target_choose(targets, n, &wish, reterr);
        if (chosen < 0)
                return chosen;
        if (wish.n_begun)
                log_line("disk %s has half of this deployment: it goes on there", disks[chosen].name);
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

static uint64_t mark_place(const struct deploy *d) {
        return d->order.keep_firmware ? block_size(d->place.block) - BEGUN_FROM_END : 0;
}

/* Labels of what was there before would be found by a system that looks for its own. The mark stays. */
static int clear_disk(struct deploy *d, struct error *reterr) {
        const uint64_t size = block_size(d->place.block), mark = mark_place(d),
                       behind = mark + BEGUN_MARK_SIZE;
        uint64_t begin = d->window.begin + d->window.shift, end = mark;

        if (!d->order.keep_firmware) {
                begin = behind;
                end = size;
        }
        discard(d, begin, end);
        uint64_t head = end - begin < EDGE ? end - begin : EDGE;
        int r = block_zero(d->place.block, begin, head, reterr);
        if (r == 0 && end - begin > 2 * EDGE)
                r = block_zero(d->place.block, end - EDGE, EDGE, reterr);
        return r == 0 && d->order.keep_firmware ? block_zero(d->place.block, behind, size - behind, reterr)
                                                : r;
}

/* A disk that is half written shows no system, neither the old one nor the new one, but whose half it is. */
static int mark_begun(struct deploy *d, struct error *reterr) {
        CLEANUP(free_at) uint8_t *mark = block_buffer(BEGUN_MARK_SIZE);

        if (!mark)
                return error_set(reterr, -ENOMEM, "out of memory");
        begun_mark_write(&d->order, mark);
        int r = block_write(d->place.block, mark_place(d), mark, BEGUN_MARK_SIZE, reterr);
        return r == 0 ? block_sync(d->place.block, reterr) : r;
}

/* Behind firmware the table stays, with nothing but its partition. */
static int hide_table(struct deploy *d, struct error *reterr) {
        CLEANUP(free_at) struct disk_table *only = malloc(sizeof(*only));

        if (!d->order.keep_firmware)
                return 0; /* the mark stands in its place */
        if (!only)
                return error_set(reterr, -ENOMEM, "out of memory");
        *only = d->joined;
        only->n_parts = 1;
        return finish_write_table(&d->place, only, reterr);
}

/* As far as no frame of the image has taken its place. */
static int take_mark_away(struct deploy *d, struct error *reterr) {
        uint64_t at = 0;
        int r = 0;

        if (d->order.keep_firmware)
                return block_zero(d->place.block, mark_place(d), BEGUN_MARK_SIZE, reterr);
        for (uint32_t i = 0; i < d->map.n_frames && at < BEGUN_MARK_SIZE && r == 0; i++) {
                const struct blockmap_frame f = blockmap_frame(&d->map, i);
                const uint64_t end = f.offset < BEGUN_MARK_SIZE ? f.offset : BEGUN_MARK_SIZE;
                if (end > at)
                        r = block_zero(d->place.block, at, end - at, reterr);
                at = f.offset + f.len;
        }
        return r == 0 && at < BEGUN_MARK_SIZE ? block_zero(d->place.block, at, BEGUN_MARK_SIZE - at, reterr)
                                              : r;
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
        const bool is_replaced = there == 0 || frames_missing(f);
        int r = 0;
        if (is_replaced) {
                frames_forget_first(f);
                r = mark_begun(d, reterr);
        }
        if (r == 0 && there == 0)
                r = clear_disk(d, reterr);
        if (r == 0 && is_replaced)
                r = hide_table(d, reterr);
        if (r == 0)
                r = frames_write(f, reterr);
        if (r == 0 && is_replaced)
                r = block_sync(d->place.block, reterr);
        if (r == 0 && is_replaced)
                r = take_mark_away(d, reterr);
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
