/*
 * Erasing; see erase.h.
 *
 * quick: what makes the disk's content be found: both ends, and where partitions begin; the rest is given
 * back to the disk. full: nothing can be read afterwards: by the disk's own way where it has one, whose word
 * is not taken for it: what is read here and there must be zeros. Else by zeros over all of it. A disk that
 * carries the firmware that the machine boots from loses all but that.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/deploy/finish.h"
#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/deploy/order.h"
#include "app/bramble-agent/deploy/volumes.h"
#include "app/bramble-agent/disks.h"
#include "app/bramble-agent/erase.h"
#include "app/bramble-agent/erase/around.h"
#include "app/bramble-agent/erase/rest.h"
#include "app/bramble-agent/io/ata.h"
#include "app/bramble-agent/io/block.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/nvme.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"
#include "app/bramble-agent/root/data_probe.h"
#include "base/text.h"

enum { EDGE = 2 << 20, STEP = 64 << 20, DISCARD_STEP = 1 << 30 };

struct target {
        struct job *job;
        const struct disk *disk;
        struct block *block;
        char path[TREE_PATH_MAX];
};

static int zero(struct target *t, uint64_t at, uint64_t len, struct error *reterr) {
        uint64_t size = block_size(t->block);

        if (at >= size)
                return 0;
        return block_zero(t->block, at, len < size - at ? len : size - at, reterr);
}

/* A part of it; true when the disk took it. */
static bool discard_part(struct target *t, uint64_t begin, uint64_t len, bool is_secure) {
        for (uint64_t at = 0; at < len; at += DISCARD_STEP) {
                job_say(t->job, "discard", at, len, "%s", t->disk->name);
                if (!job_may_go_on(t->job) ||
                    block_discard(t->block, begin + at, len - at < DISCARD_STEP ? len - at : DISCARD_STEP,
                                  is_secure) < 0)
                        return false;
        }
        return true;
}

static bool discard(struct target *t, bool is_secure) {
        return discard_part(t, 0, block_size(t->block), is_secure);
}

static int erase_quick(struct target *t, struct error *reterr) {
        CLEANUP(free_at) struct disk_table *table = calloc(1, sizeof(*table));
        const struct disk_place place = { .path = t->path, .name = t->disk->name, .block = t->block };
        uint64_t size = block_size(t->block);
        int r = 0;

        if (!table)
                return error_set(reterr, -ENOMEM, "out of memory");
        int answer = finish_read_table(&place, t->disk->sector_size, table, reterr);
        if (answer < 0)
                return answer;
        for (size_t i = 0; answer == DISK_TABLE_FOUND && i < table->n_parts && r == 0; i++)
                r = zero(t, table->parts[i].first * t->disk->sector_size, EDGE, reterr);
        if (r == 0)
                r = zero(t, size > EDGE ? size - EDGE : 0, EDGE, reterr);
        if (r == 0)
                r = zero(t, 0, EDGE, reterr);
        (void)discard(t, false); /* last: what it does to the zeros is of no matter */
        return r == 0 ? zero(t, 0, EDGE, reterr) : r;
}

static int zero_part(struct target *t, uint64_t begin, uint64_t len, const char *why, struct error *reterr) {
        for (uint64_t at = 0; at < len; at += STEP) {
                if (!job_may_go_on(t->job))
                        return -ECANCELED;
                job_say(t->job, "erase", at, len, "%s: zeros, for %s", t->disk->name, why);
                int r = zero(t, begin + at, len - at < STEP ? len - at : STEP, reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int zero_all(struct target *t, const char *why, struct error *reterr) {
        return zero_part(t, 0, block_size(t->block), why, reterr);
}

/* "Erased" would be believed. */
static int refuse_worn(const struct disk *d, struct error *reterr) {
        return error_set(reterr, -EIO,
                         "disk %s does not keep the zeros that are written to it: it may be "
                         "worn out, or not be what it says; what was on it may be found again",
                         d->name);
}

/* ---- the disk's own ways ---- */

static int by_nvme(struct target *t, const char **ret_how, struct error *reterr) {
        *ret_how = "nvme-format";
        return nvme_format(t->block, reterr);
}

static int by_ata(struct target *t, const char **ret_how, struct error *reterr) {
        const struct ata_wire wire = ata_wire_to(t->block);
        return ata_erase(&wire, ret_how, reterr);
}

static int by_discard(struct target *t, const char **ret_how, struct error *reterr) {
        *ret_how = "secure-discard";
        if (!discard(t, true))
                return error_set(reterr, -EOPNOTSUPP, "it does not take a secure discard");
        return zero(t, 0, EDGE, reterr);
}

/* Only of disks that are no further away than their own controller: what bridges make of such commands has
 * cost disks. */
static const struct {
        enum disk_bus bus;
        const char *name;
        int (*run)(struct target *t, const char **ret_how, struct error *reterr);
} ways[] = {
        { DISK_NVME, "NVMe format", by_nvme },
        { DISK_SATA, "ATA security erase", by_ata },
        { DISK_EMMC, "secure discard", by_discard },
};

/* By the way of its own kind; negative with half a sentence where that is none, or did not do. */
static int erase_itself(struct target *t, const char **ret_how, struct error *reterr) {
        for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
                if (ways[i].bus != t->disk->bus)
                        continue;
                job_say(t->job, "erase", 0, block_size(t->block), "%s: %s", t->disk->name, ways[i].name);
                int r = ways[i].run(t, ret_how, reterr);
                return r < 0 ? r : rest_look_for(t->block, reterr);
        }
        return error_set(reterr, -EOPNOTSUPP, "it has no way of its own that could be trusted");
}

static int erase_full(struct target *t, const char **ret_how, struct error *reterr) {
        struct error why = { 0 };

        if (erase_itself(t, ret_how, &why) == 0)
                return 0;
        *ret_how = "zeros";
        log_line("disk %s is cleared with zeros: %s", t->disk->name, why.text);
        int r = zero_all(t, why.text, reterr);
        if (r == 0)
                r = rest_look_for(t->block, reterr);
        return r == -EUCLEAN ? refuse_worn(t->disk, reterr) : r;
}

/* ---- around firmware ---- */

/* A disk that is not erased is named: who reads the result is not to believe otherwise. */
static void keep(struct job *job, const struct disk *d, const char *why) {
        json_t *kept = json_object_get(job_data(job), "kept");

        if (!kept) {
                kept = json_array();
                (void)json_object_set_new(job_data(job), "kept", kept);
        }
        (void)json_array_append_new(kept, json_string(d->name));
        job_note(job, "disk %s is not erased, or not all of it: %s", d->name, why);
}

/* Whether anything known lies in each of the partitions. */
static int look_into(struct target *t, const struct disk_table *table, bool *ret, struct error *reterr) {
        CLEANUP(free_at) void *begin = block_buffer(FS_PROBE_SIZE);
        const uint64_t size = block_size(t->block);
        int r = begin ? 0 : error_set(reterr, -ENOMEM, "out of memory");

        for (size_t i = 0; i < table->n_parts && r == 0; i++) {
                const uint64_t at = table->parts[i].first * table->sector_size;
                if (at >= size || size - at < FS_PROBE_SIZE)
                        continue;
                r = block_read(t->block, at, begin, FS_PROBE_SIZE, reterr);
                const enum fs_kind kind = r < 0 ? FS_UNKNOWN : fs_probe(begin, FS_PROBE_SIZE);
                ret[i] = kind != FS_UNKNOWN && kind != FS_EMPTY;
        }
        return r;
}

static int erase_area(struct target *t, uint64_t at, uint64_t len, bool is_full, struct error *reterr) {
        if (is_full) {
                int r = zero_part(t, at, len, "the machine boots from it", reterr);
                if (r == 0)
                        r = rest_look_in(t->block, at, len, reterr);
                return r == -EUCLEAN ? refuse_worn(t->disk, reterr) : r;
        }
        const uint64_t edge = len < EDGE ? len : EDGE;
        int r = zero(t, at + len - edge, edge, reterr);
        (void)discard_part(t, at, len, false);
        return r == 0 ? zero(t, at, edge, reterr) : r;
}

/* Data that were put there for the system's first start: names and keys. */
static void forget_seed(struct target *t, const struct disk_place *place, const struct disk_table *left) {
        CLEANUP(free_at) struct volumes *volumes = calloc(1, sizeof(*volumes));
        bool is_clean = volumes && volumes_open(place, left, true, volumes, NULL) == 0;

        for (size_t i = 0; is_clean && i < volumes->n; i++) {
                const struct volume *v = volumes->items[i].volume;
                is_clean = v || volumes->items[i].kind != FS_FAT;
                for (size_t k = 0; v && k < ORDER_SEED_FILES; k++)
                        is_clean &= volume_remove(v, order_seed_names[k], NULL) == 0;
        }
        if (volumes && volumes_close(volumes, NULL) < 0)
                is_clean = false;
        if (!is_clean)
                keep(t->job, t->disk,
                     "in the partition that the machine boots from may be what cloud-init was told, and its "
                     "kernel cannot write there");
}

/* -ENOENT, without a sentence: what its firmware is, is in no table that can be read. */
static int erase_around(struct target *t, const struct firmware *f, bool is_full, struct error *reterr) {
        CLEANUP(free_at) struct disk_table *table = calloc(1, sizeof(*table));
        CLEANUP(free_at) struct around *plan = calloc(1, sizeof(*plan));
        const struct disk_place place = { .path = t->path, .name = t->disk->name, .block = t->block };
        bool has_files[DISK_TABLE_PARTS_MAX] = { false };

        if (!table || !plan)
                return error_set(reterr, -ENOMEM, "out of memory");
        const int answer = finish_read_table(&place, t->disk->sector_size, table, reterr);
        if (answer < 0)
                return answer;
        if (answer != DISK_TABLE_FOUND)
                return -ENOENT;
        int r = look_into(t, table, has_files, reterr);
        if (r == 0)
                r = around_plan(table, f, has_files, block_size(t->block), plan);
        for (size_t i = 0; r == 0 && i < plan->n; i++)
                r = erase_area(t, plan->areas[i].at, plan->areas[i].len, is_full, reterr);
        if (r == 0)
                r = finish_write_table(&place, &plan->left, reterr);
        if (r == 0)
                forget_seed(t, &place, &plan->left);
        return r;
}

/* All but what the machine boots from; where nobody can tell what that is, nothing. */
static int erase_but_firmware(struct job *job, const struct disk *d, const struct firmware *f, bool is_full,
                              struct error *reterr) {
        struct target t = { .job = job, .disk = d };

        (void)tree_name(t.path, "%s/dev/%s", job_world(job)->root, d->name);
        int r = f->is_unread ? 0 : block_open(t.path, d->name, true, &t.block, reterr);
        if (r < 0)
                return r;
        r = f->is_unread ? -ENOENT : erase_around(&t, f, is_full, reterr);
        block_close(t.block);
        if (r == -ENOENT) {
                keep(job, d, f->reason);
                return 0;
        }
        if (r == 0) {
                job_note(job, "of disk %s all is erased but what the machine boots from: %s", d->name,
                         f->reason);
                json_put_text(json_object_get(job_data(job), "disks"), d->name, "partitions");
        }
        return r;
}

static int erase_disk(struct job *job, const struct disk *d, const char *how, struct error *reterr) {
        struct target t = { .job = job, .disk = d };
        const char *way = how;

        (void)tree_name(t.path, "%s/dev/%s", job_world(job)->root, d->name);
        int r = block_open(t.path, d->name, true, &t.block, reterr);
        if (r == 0)
                r = strcmp(how, "full") == 0 ? erase_full(&t, &way, reterr) : erase_quick(&t, reterr);
        if (r == 0)
                r = block_sync(t.block, reterr);
        if (r == 0) {
                (void)!block_reread(t.block); /* it has no partitions any more; a kernel that holds on to them
                                                 forgets at the next start */
                log_line("disk %s is erased (%s)", d->name, way);
                json_put_text(json_object_get(job_data(job), "disks"), d->name, way);
        }
        block_close(t.block);
        return r;
}

enum data_there { DATA_ELSEWHERE, DATA_HERE, DATA_UNREAD };

/* Whether it is the disk for data that one of @uuids names. */
static enum data_there look_for_data(struct job *job, const struct disk *d, const json_t *uuids) {
        enum data_there there = DATA_ELSEWHERE;
        uint8_t uuid[DATA_UUID_SIZE];
        size_t i;
        json_t *one;

        json_array_foreach(uuids, i, one) {
                if (!json_is_string(one) || text_parse_hex(json_string_value(one), uuid, sizeof(uuid)) < 0)
                        continue;
                const struct data_candidate c = data_disk_look(job_world(job), d, uuid);
                if (c.state == DATA_IS_OURS)
                        return DATA_HERE;
                if (c.is_unread)
                        there = DATA_UNREAD;
        }
        return there;
}

/* The volumes that are to be among what is erased, or that are erased alone and were made: what is not found
 * of them is missed. An order that does not say so may be of any volume. */
static const json_t *missed_volumes(struct job *job) {
        const json_t *only = json_object_get(job_order(job), "volumes");
        const json_t *data = json_object_get(job_order(job), "data");

        if (json_array_size(data) > 0)
                return data;
        return json_array_size(only) > 0 && !json_is_false(json_object_get(job_order(job), "is_made")) ? only
                                                                                                       : NULL;
}

/* All disks; where one with data is missed, as soon as it is there, or when that was waited for. */
static unsigned list_disks(struct job *job, struct disk disks[static DISKS_MAX]) {
        const json_t *missed = missed_volumes(job);
        unsigned n = disks_wait(job, disks);

        for (unsigned waited = 0; missed; waited++) {
                bool is_there = false;
                for (unsigned i = 0; i < n && !is_there; i++)
                        is_there = look_for_data(job, &disks[i], missed) == DATA_HERE;
                if (is_there || waited == DATA_WAITS || !job_sleep(job, DATA_WAIT_MS))
                        break;
                n = disks_now(job, disks);
        }
        return n;
}

/* Meant by one of the hints; without hints every disk. */
static bool is_meant(const struct disk *d, const json_t *hints) {
        size_t i;
        json_t *hint;

        json_array_foreach(hints, i, hint) if (json_is_string(hint) &&
                                               disk_is_meant(d, json_string_value(hint))) return true;
        return json_array_size(hints) == 0;
}

static int check_hints(const json_t *hints, const struct disk *disks, unsigned n, struct error *reterr) {
        size_t i;
        json_t *hint;

        json_array_foreach(hints, i, hint) {
                bool is_there = false;
                for (unsigned k = 0; k < n && json_is_string(hint); k++)
                        is_there |= disk_is_meant(&disks[k], json_string_value(hint));
                if (!is_there)
                        return error_set(reterr, -ENODEV, "there is no disk \"%.100s\" to erase",
                                         json_is_string(hint) ? json_string_value(hint) : "?");
        }
        return 0;
}

/* Of the disks that are meant: all, or those with data, or those without. */
static bool is_chosen(struct job *job, const struct disk *d) {
        const json_t *only = json_object_get(job_order(job), "volumes");

        if (json_array_size(only) > 0)
                return look_for_data(job, d, only) == DATA_HERE;
        const enum data_there kept = look_for_data(job, d, json_object_get(job_order(job), "keep"));
        if (kept == DATA_ELSEWHERE)
                return true;
        if (kept == DATA_HERE)
                log_line("disk %s is left alone: it has data that are kept", d->name);
        else
                keep(job, d, "it cannot be read, and may have data that are kept");
        return false;
}

/* A machine that has disks may not have shown one of them: no bus, no driver. One that has none is released
 * without erasing. */
static int check_any(struct job *job, const json_t *hints, unsigned n, struct error *reterr) {
        if (n > 0 || json_array_size(hints) > 0 ||
            json_array_size(json_object_get(job_order(job), "volumes")) > 0)
                return 0;
        return error_set(
                reterr, -ENODEV,
                "there is no disk to erase, or none that this kernel has a driver for: connect it and "
                "release the machine again, or, when it has none, release it with --erase none");
}

/* "Erased" would be believed, and the server would forget the volume. */
static int check_data(struct job *job, const struct disk *disks, unsigned n, struct error *reterr) {
        const json_t *missed = missed_volumes(job);

        for (unsigned i = 0; i < n && missed; i++)
                if (!disks[i].is_read_only && look_for_data(job, &disks[i], missed) == DATA_HERE)
                        return 0;
        if (!missed)
                return 0;
        return error_set(reterr, -ENODEV,
                         "the disk with this machine's data is not there, or is read-only: connect it and "
                         "release the machine again, or release it with --keep-data, or with "
                         "--without-data-disk when that disk is gone for good");
}

/* A volume for data is never on the medium that the machine boots from. */
static bool has_sought_data(struct job *job, const struct disk *d) {
        return look_for_data(job, d, json_object_get(job_order(job), "volumes")) == DATA_HERE ||
               look_for_data(job, d, json_object_get(job_order(job), "data")) == DATA_HERE;
}

static int erase_one(struct job *job, const struct disk *d, const char *how, bool is_hinted,
                     struct error *reterr) {
        if (!is_chosen(job, d))
                return 0;
        if (!is_hinted && d->is_read_only) {
                keep(job, d, "it is read-only: a switch on the card, or a locked disk");
                return 0;
        }
        const struct firmware f = is_hinted || has_sought_data(job, d) ? (struct firmware){ 0 }
                                                                       : firmware_look(job_world(job), d);
        return f.reason ? erase_but_firmware(job, d, &f, strcmp(how, "full") == 0, reterr)
                        : erase_disk(job, d, how, reterr);
}

int erase_run(struct job *job, struct error *reterr) {
        const char *how = json_text_of(job_order(job), "how");
        const json_t *hints = json_object_get(job_order(job), "disks");
        struct disk disks[DISKS_MAX];

        (void)json_object_set_new(job_data(job), "disks", json_object());
        if (strcmp(how, "none") == 0)
                return 0;
        if (strcmp(how, "quick") != 0 && strcmp(how, "full") != 0)
                return error_set(
                        reterr, -EBADMSG,
                        "the task wants disks erased in a way that this agent does not know: \"%.40s\"", how);
        const unsigned n = list_disks(job, disks);
        int r = check_hints(hints, disks, n, reterr);
        if (r == 0)
                r = check_any(job, hints, n, reterr);
        if (r == 0)
                r = check_data(job, disks, n, reterr);
        for (unsigned i = 0; i < n && r == 0; i++) {
                if (is_meant(&disks[i], hints))
                        r = erase_one(job, &disks[i], how, json_array_size(hints) > 0, reterr);
        }
        return r;
}
