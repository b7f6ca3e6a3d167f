/*
 * Erasing; see erase.h.
 *
 * quick: what makes the disk's content be found: both ends, and where partitions begin; the rest is given
 * back to the disk. full: nothing can be read afterwards: by the disk's own way where it has one, whose word
 * is not taken for it: what is read here and there must be zeros. Else by zeros over all of it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/deploy/finish.h"
#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/erase.h"
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

/* All of it; true when the disk took it. */
static bool discard(struct target *t, bool is_secure) {
        uint64_t size = block_size(t->block);

        for (uint64_t at = 0; at < size; at += DISCARD_STEP) {
                job_say(t->job, "discard", at, size, "%s", t->disk->name);
                if (!job_may_go_on(t->job) ||
                    block_discard(t->block, at, size - at < DISCARD_STEP ? size - at : DISCARD_STEP,
                                  is_secure) < 0)
                        return false;
        }
        return true;
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

static int zero_all(struct target *t, const char *why, struct error *reterr) {
        uint64_t size = block_size(t->block);

        for (uint64_t at = 0; at < size; at += STEP) {
                if (!job_may_go_on(t->job))
                        return -ECANCELED;
                job_say(t->job, "erase", at, size, "%s: zeros, for %s", t->disk->name, why);
                int r = zero(t, at, STEP, reterr);
                if (r < 0)
                        return r;
        }
        return 0;
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
        return r != -EUCLEAN
                       ? r
                       : error_set(reterr, -EIO,
                                   "disk %s does not keep the zeros that are written to it: it may be "
                                   "worn out, or not be what it says; what was on it may be found again",
                                   t->disk->name);
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

        for (unsigned waited = 0;; waited++) {
                const unsigned n = disk_list(&job_world(job)->tree, disks);
                bool is_there = !missed;
                for (unsigned i = 0; i < n && !is_there; i++)
                        is_there = look_for_data(job, &disks[i], missed) == DATA_HERE;
                if (is_there || waited == DATA_WAITS || !job_sleep(job, DATA_WAIT_MS))
                        return n;
        }
}

/* Meant by one of the hints; without hints every disk but the one that the machine boots from. */
static bool is_meant(struct job *job, const struct disk *d, const json_t *hints) {
        size_t i;
        json_t *hint;

        json_array_foreach(hints, i, hint) if (json_is_string(hint) &&
                                               disk_is_meant(d, json_string_value(hint))) return true;
        if (json_array_size(hints) > 0 || d->is_read_only)
                return false;
        const char *reason = firmware_on_disk(job_world(job), d);
        if (reason)
                log_line("disk %s is left alone: %s", d->name, reason);
        return !reason;
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
        log_line("disk %s is left alone: %s", d->name,
                 kept == DATA_HERE ? "it has data that are kept"
                                   : "it cannot be read, and may have data that are kept");
        return false;
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
                r = check_data(job, disks, n, reterr);
        for (unsigned i = 0; i < n && r == 0; i++) {
                if (is_meant(job, &disks[i], hints) && is_chosen(job, &disks[i]))
                        r = erase_disk(job, &disks[i], how, reterr);
        }
        return r;
}
