/* Making an image this machine's own system; see finish.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/deploy/finish.h"
#include "app/bramble-agent/deploy/first_boot.h"
#include "app/bramble-agent/deploy/seed.h"
#include "app/bramble-agent/deploy/system.h"
#include "app/bramble-agent/deploy/texts.h"
#include "app/bramble-agent/inventory/boot_order.h"
#include "app/bramble-agent/io/block.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/random.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"
#include "base/text.h"
#include "base/writer.h"
#include "format/seed_volume.h"

struct finish {
        struct job *job;
        const struct deploy_order *order;
        const struct disk_place *disk;
        struct disk_table table;   /* with the ids that the image has */
        struct disk_table renewed; /* with those that it gets */
        struct texts_rename renames[DISK_TABLE_PARTS_MAX];
        size_t n_renames; /* 0: the ids stay */
        unsigned grown;   /* number of the partition that grew; 0 none */
        struct volumes volumes;
        struct system_facts system;
        bool is_out_of_memory;
};

static int no_memory(struct error *reterr) {
        return error_set(reterr, -ENOMEM, "out of memory");
}

/* ---- the partition table ---- */

int finish_read_table(const struct disk_place *disk, uint32_t sector_size, struct disk_table *ret,
                      struct error *reterr) {
        CLEANUP(free_at) void *head = block_buffer(DISK_TABLE_HEAD);

        if (!head)
                return no_memory(reterr);
        if (block_size(disk->block) < 2 * DISK_TABLE_HEAD)
                return DISK_TABLE_NONE;
        int r = block_read(disk->block, 0, head, DISK_TABLE_HEAD, reterr);
        return r < 0 ? r : disk_table_parse(head, DISK_TABLE_HEAD, sector_size, ret);
}

/* What stands beside a table stays: boot loaders lie right behind it. */
static int write_part(const struct disk_place *disk, uint64_t offset, size_t skip, const struct writer *w,
                      void *area, struct error *reterr) {
        if (writer_len(w) == 0)
                return 0;
        int r = block_read(disk->block, offset, area, DISK_TABLE_HEAD, reterr);
        if (r < 0)
                return r;
        memcpy((uint8_t *)area + skip, w->start, writer_len(w));
        return block_write(disk->block, offset, area, DISK_TABLE_HEAD, reterr);
}

int finish_write_table(const struct disk_place *disk, const struct disk_table *table, struct error *reterr) {
        CLEANUP(free_at) void *area = block_buffer(DISK_TABLE_HEAD);
        CLEANUP(free_at) void *octets = malloc(DISK_TABLE_HEAD);
        uint64_t size = block_size(disk->block);

        if (!area || !octets)
                return no_memory(reterr);
        struct writer tail = writer_of(octets, DISK_TABLE_HEAD);
        disk_table_write_tail(table, size / table->sector_size, &tail);
        int r = write_part(disk, size - DISK_TABLE_HEAD, DISK_TABLE_HEAD - writer_len(&tail), &tail, area,
                           reterr);
        if (r < 0)
                return r;
        struct writer head = writer_of(octets, DISK_TABLE_HEAD);
        disk_table_write_head(table, size / table->sector_size, &head);
        r = write_part(disk, 0, 0, &head, area, reterr);
        if (r == 0)
                r = block_sync(disk->block, reterr);
        if (r < 0)
                return r;
        r = block_reread(disk->block);
        return r < 0 ? error_set(reterr, r, "disk %s: the kernel does not take the new partition table: %s",
                                 disk->name, strerror(-r))
                     : 0;
}

/* ---- what comes into the volumes ---- */

static int put(const struct volume *v, const char *path, char *text, unsigned mode, struct error *reterr) {
        CLEANUP(free_at) char *owned = text;

        return owned ? volume_write(v, path, owned, mode, reterr) : no_memory(reterr);
}

/* Texts that may name partitions, or hold a command line. A star stands for one folder's names. */
static const struct {
        const char *path;
        enum texts_kind kind;
} text_files[] = {
        { "cmdline.txt", TEXTS_CMDLINE },
        { "current/cmdline.txt", TEXTS_CMDLINE },
        { "extlinux/extlinux.conf", TEXTS_EXTLINUX },
        { "loader/entries/*", TEXTS_LOADER_ENTRY },
        { "EFI/*/grub.cfg", TEXTS_GRUB_CFG },
        { "grub/grub.cfg", TEXTS_GRUB_CFG },
        { "grub2/grub.cfg", TEXTS_GRUB_CFG },
        { "boot/cmdline.txt", TEXTS_CMDLINE },
        { "boot/extlinux/extlinux.conf", TEXTS_EXTLINUX },
        { "boot/loader/entries/*", TEXTS_LOADER_ENTRY },
        { "boot/grub/grub.cfg", TEXTS_GRUB_CFG },
        { "boot/grub2/grub.cfg", TEXTS_GRUB_CFG },
        { "etc/default/grub", TEXTS_DEFAULT_GRUB },
        { "etc/default/raspi-extra-cmdline", TEXTS_CMDLINE },
        { "etc/kernel/cmdline", TEXTS_CMDLINE },
        { "etc/fstab", TEXTS_OTHER },
        { "etc/crypttab", TEXTS_OTHER },
};

static int change_text(struct finish *f, const struct volume *v, const char *path, enum texts_kind kind,
                       struct error *reterr) {
        CLEANUP(free_at) char *text = volume_read(v, path);

        if (!text)
                return 0;
        CLEANUP(free_at) char *renamed = texts_rename(text, f->renames, f->n_renames, &f->is_out_of_memory);
        CLEANUP(free_at)
        char *extended = texts_add_words(kind, renamed ? renamed : text, f->order->cmdline_extra,
                                         &f->is_out_of_memory);
        const char *changed = extended ? extended : renamed;
        if (f->is_out_of_memory)
                return no_memory(reterr);
        return changed ? volume_write(v, path, changed, 0644, reterr) : 0;
}

static int change_texts(struct finish *f, const struct volume *v, const char *pattern, enum texts_kind kind,
                        struct error *reterr) {
        const char *star = strchr(pattern, '*');
        char folder[64], path[TREE_PATH_MAX];

        if (!star)
                return change_text(f, v, pattern, kind, reterr);
        (void)snprintf(folder, sizeof(folder), "%.*s", (int)(star - pattern - 1), pattern);
        CLEANUP(tree_names_free) struct tree_names names = volume_list(v, folder);
        for (size_t i = 0; i < names.n; i++) {
                int r = change_text(f, v, tree_name(path, "%s/%s%s", folder, names.items[i], star + 1), kind,
                                    reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int change_all_texts(struct finish *f, struct error *reterr) {
        for (size_t i = 0; i < f->volumes.n; i++) {
                const struct volume *v = f->volumes.items[i].volume;
                for (size_t k = 0; v && k < ARRAY_LEN(text_files); k++) {
                        int r = change_texts(f, v, text_files[k].path, text_files[k].kind, reterr);
                        if (r < 0)
                                return error_prefix(reterr, "partition %u", f->volumes.items[i].part.number);
                }
        }
        return 0;
}

static int change_config_txt(struct finish *f, struct error *reterr) {
        const struct volume *boot = f->system.boot;
        CLEANUP(free_at) char *text = boot ? volume_read(boot, "config.txt") : NULL;

        if (!*f->order->config_txt_extra)
                return 0;
        if (!text) {
                job_note(f->job, "there is no config.txt on the disk: the lines for it went nowhere");
                return 0;
        }
        char *changed = texts_add_config(text, f->order->config_txt_extra, &f->is_out_of_memory);
        return put(boot, "config.txt", changed, 0644, reterr);
}

static int write_seed(struct finish *f, enum seed_place place, struct error *reterr) {
        if (place == SEED_BOOT)
                return seed_write(f->system.boot, "", f->order->seed, reterr);
        return place == SEED_ROOT ? seed_write_root(f->system.root, f->order->seed, reterr) : 0;
}

static int write_hostname(struct finish *f, struct error *reterr) {
        const struct volume *root = f->system.root;
        const char *name = f->order->hostname;
        char line[300];

        if (!*name || !root || f->system.has_cloud_init)
                return 0;
        (void)snprintf(line, sizeof(line), "%s\n", name);
        int r = volume_write(root, "etc/hostname", line, 0644, reterr);
        CLEANUP(free_at) char *hosts = volume_read(root, "etc/hosts");
        if (r < 0)
                return r;
        return put(root, "etc/hosts",
                   texts_set_host(hosts ? hosts : "127.0.0.1\tlocalhost\n", name, &f->is_out_of_memory), 0644,
                   reterr);
}

/* Raspberry Pi OS asks on its screen for a user unless these are there; the user gets keys and no password.
 */
static int write_pi_os(struct finish *f, struct error *reterr) {
        if (!f->system.is_pi_os || !f->system.boot)
                return 0;
        int r = volume_write(f->system.boot, "ssh", "", 0644, reterr);
        if (r == 0 && !volume_exists(f->system.boot, "userconf.txt"))
                r = volume_write(f->system.boot, "userconf.txt", "pi:*\n", 0644, reterr);
        return r;
}

static int write_first_boot(struct finish *f, struct error *reterr) {
        const struct volume *root = f->system.root;

        if (!root || f->system.has_cloud_init || (f->order->n_keys == 0 && !*f->order->phone_home))
                return 0;
        if (!f->system.has_systemd) {
                job_note(f->job,
                         "the system has neither cloud-init nor systemd: the keys are root's, and it tells "
                         "nobody when it has "
                         "started");
                return put(root, "root/.ssh/authorized_keys",
                           first_boot_keys(f->order->keys, f->order->n_keys), 0600, reterr);
        }
        int r = put(root, FIRST_BOOT_KEYS, first_boot_keys(f->order->keys, f->order->n_keys), 0600, reterr);
        if (r == 0)
                r = put(root, FIRST_BOOT_SCRIPT, first_boot_script(f->order->phone_home), 0700, reterr);
        if (r == 0)
                r = volume_write(root, FIRST_BOOT_UNIT, first_boot_unit, 0644, reterr);
        if (r == 0)
                r = volume_link(root, FIRST_BOOT_WANTED, "/" FIRST_BOOT_UNIT, reterr);
        return r < 0 ? r : write_pi_os(f, reterr);
}

/* A system that boots its disk first, and that was not told so by its firmware, asks at each start. */
static int write_wanted(struct finish *f, struct error *reterr) {
        const struct volume *root = f->system.root;
        uint16_t entry;

        if (!*f->order->wanted)
                return 0;
        if (!root || !f->system.has_systemd)
                return error_set(reterr, -ENOTSUP,
                                 "the image has no system with systemd that could ask at each start "
                                 "whether it is wanted back: deploy it without --asks-back");
        int r = boot_order_network_entry(&job_world(f->job)->tree, &entry, reterr);
        if (r == 0)
                r = put(root, WANTED_SCRIPT, wanted_script(f->order->wanted, entry), 0700, reterr);
        if (r == 0)
                r = volume_write(root, WANTED_UNIT, wanted_unit, 0644, reterr);
        return r < 0 ? r : volume_link(root, WANTED_WANTED, "/" WANTED_UNIT, reterr);
}

static void grow_file_system(struct finish *f) {
        for (size_t i = 0; i < f->volumes.n; i++) {
                const struct disk_volume *v = &f->volumes.items[i];
                if (v->part.number != f->grown)
                        continue;
                int r = v->volume ? volume_grow(v->volume, v->part.n * f->table.sector_size) : -EOPNOTSUPP;
                if (r == 0)
                        json_put_number(job_data(f->job), "grown_to",
                                        (int64_t)(v->part.n * f->table.sector_size));
                else
                        job_note(f->job,
                                 "partition %u has grown, its file system (%s) has not (%s): that is left to "
                                 "the "
                                 "system's "
                                 "first start",
                                 v->part.number, fs_name(v->kind),
                                 r == -EOPNOTSUPP ? "not from here" : strerror(-r));
        }
}

/* ---- ids ---- */

static bool can_hold_names(enum fs_kind kind) {
        return kind != FS_EMPTY && kind != FS_SWAP && kind != FS_SQUASHFS;
}

/* New ids are of use only if every text that may name a partition can be changed. */
static bool may_renew(struct finish *f) {
        for (size_t i = 0; i < f->volumes.n; i++) {
                const struct disk_volume *v = &f->volumes.items[i];
                enum disk_part_use use = disk_part_use(&f->table, &v->part);
                if (v->volume || !can_hold_names(v->kind) || use == DISK_PART_FIRMWARE ||
                    use == DISK_PART_SWAP)
                        continue;
                job_note(
                        f->job,
                        "the disk keeps the image's ids: partition %u (%s) may name partitions and cannot be "
                        "changed%s%s",
                        v->part.number, fs_name(v->kind), *v->why.text ? ": " : "", v->why.text);
                return false;
        }
        return true;
}

/* Old names to new ones. Behind a kept partition the numbers are others, too. */
static int plan_ids(struct finish *f, const struct disk_table *image, bool is_moved, bool may,
                    struct error *reterr) {
        uint8_t octets[DISK_TABLE_RANDOM];

        f->renewed = f->table;
        if (may) {
                int r = random_octets(octets, sizeof(octets));
                if (r < 0)
                        return error_set(reterr, r, "no random numbers for new ids: %s", strerror(-r));
                disk_table_renew(&f->renewed, octets);
        } else if (!is_moved)
                return 0;
        for (size_t i = 0; i < image->n_parts; i++) {
                struct texts_rename *row = &f->renames[f->n_renames++];
                (void)disk_part_uuid(image, &image->parts[i], row->from);
                (void)disk_part_uuid(&f->renewed, &f->renewed.parts[is_moved ? i + 1 : i], row->to);
        }
        return 0;
}

/* ---- all of it ---- */

static int change_volumes(struct finish *f, enum seed_place place, struct error *reterr) {
        grow_file_system(f);
        int r = change_all_texts(f, reterr);
        if (r == 0)
                r = change_config_txt(f, reterr);
        if (r == 0)
                r = write_seed(f, place, reterr);
        if (r == 0)
                r = write_hostname(f, reterr);
        if (r == 0)
                r = write_first_boot(f, reterr);
        if (r == 0)
                r = write_wanted(f, reterr);
        return r;
}

static int open_volumes(struct finish *f, bool may_write, struct error *reterr) {
        int r = volumes_open(f->disk, &f->table, may_write, &f->volumes, reterr);
        if (r == 0)
                system_look(&f->volumes, &f->system);
        return r;
}

static int write_seed_partition(struct finish *f, const struct disk_part *part, struct error *reterr) {
        CLEANUP(free_at) uint8_t *octets = block_buffer(SEED_VOLUME_SIZE);
        struct seed_file files[ORDER_SEED_FILES];
        uint32_t serial = 0;

        if (!octets)
                return no_memory(reterr);
        for (size_t i = 0; i < ORDER_SEED_FILES; i++)
                files[i] = (struct seed_file){ .name = order_seed_names[i],
                                               .data = f->order->seed[i],
                                               .len = strlen(f->order->seed[i]) };
        (void)!random_octets(&serial, sizeof(serial)); /* zero is a number, too */
        int r = seed_volume_make(files, ARRAY_LEN(files), "CIDATA", serial, octets);
        if (r < 0)
                return error_set(reterr, r, "the data for cloud-init is too long for a volume of %d MiB",
                                 SEED_VOLUME_SIZE >> 20);
        return block_write(f->disk->block, part->first * f->table.sector_size, octets, SEED_VOLUME_SIZE,
                           reterr);
}

/* The last partition grows; a volume for cloud-init comes behind it where nothing else can be written. */
static int change_table(struct finish *f, enum seed_place place, struct error *reterr) {
        uint64_t n_sectors = block_size(f->disk->block) / f->table.sector_size;
        uint64_t seed_sectors = SEED_VOLUME_SIZE / f->table.sector_size, spare = 0;
        uint8_t id[DISK_TABLE_GUID];

        if (place == SEED_PARTITION)
                spare = seed_sectors + DISK_TABLE_ALIGN / f->table.sector_size;
        const struct disk_part *grown = disk_table_grow(&f->table, n_sectors, spare);
        f->grown = grown ? grown->number : 0;
        if (place != SEED_PARTITION)
                return finish_write_table(f->disk, &f->table, reterr);
        int r = random_octets(id, sizeof(id));
        const struct disk_part *part =
                r < 0 ? NULL : disk_table_add_data(&f->table, seed_sectors, n_sectors, id);
        if (!part)
                return error_set(reterr, -ENOSPC,
                                 "there is no room for a partition with data for cloud-init, and no other "
                                 "partition can be "
                                 "written: choose a larger disk, or an image whose root can be mounted");
        r = write_seed_partition(f, part, reterr);
        return r < 0 ? r : finish_write_table(f->disk, &f->table, reterr);
}

/* Without a table there is nothing to be changed; whether that is enough depends on what was asked for. */
static int finish_without_table(struct finish *f, int answer, struct error *reterr) {
        if (order_has_seed(f->order) && !f->order->unchanged)
                return error_set(reterr, -ENOTSUP,
                                 "the image has %s: there is nowhere to put the data for cloud-init",
                                 answer == DISK_TABLE_NONE ? "no partition table"
                                                           : "a partition table of an unusual kind");
        job_note(f->job, "the image has %s: it lies on the disk as it is",
                 answer == DISK_TABLE_NONE ? "no partition table" : "a partition table of an unusual kind");
        return 0;
}

static void report_ids(struct finish *f, enum seed_place place) {
        static const char *const names[] = { [SEED_NOWHERE] = "none",
                                             [SEED_BOOT] = "boot",
                                             [SEED_ROOT] = "root",
                                             [SEED_PARTITION] = "partition" };
        json_t *data = job_data(f->job);

        json_put_text(data, "seed", names[place]);
        json_put_bool(data, "cloud_init", f->system.has_cloud_init || f->system.has_seed_on_boot);
        json_put_bool(data, "new_disk_id", f->n_renames > 0);
}

static int finish(struct finish *f, const struct disk_table *image, bool is_moved, struct error *reterr) {
        int r = open_volumes(f, false, reterr);
        if (r < 0)
                return r;
        bool is_ubuntu_core = f->system.is_ubuntu_core, is_left = f->order->unchanged || is_ubuntu_core;
        bool may = !is_left && f->order->new_disk_id && may_renew(f);
        enum seed_place place = seed_place(&f->system, order_has_seed(f->order));
        r = volumes_close(&f->volumes, reterr);
        if (r < 0)
                return r;
        if (is_left) {
                job_note(f->job,
                         is_ubuntu_core
                                 ? "Ubuntu Core lies on the disk unchanged: it makes itself at home at "
                                   "its first start"
                                 : "the image lies on the disk unchanged, as was asked for");
                return 0;
        }
        r = change_table(f, place, reterr);
        if (r == 0)
                r = plan_ids(f, image, is_moved, may, reterr);
        if (r == 0)
                r = open_volumes(f, true, reterr);
        if (r == 0)
                r = change_volumes(f, place, reterr);
        if (r == 0)
                r = volumes_close(&f->volumes, reterr);
        if (r == 0 && may)
                r = finish_write_table(f->disk, &f->renewed, reterr);
        if (r == 0)
                report_ids(f, place);
        return r;
}

int finish_system(struct job *job, const struct deploy_order *order, const struct disk_place *disk,
                  uint32_t sector_size, const struct disk_table *image, const struct disk_table *joined,
                  struct error *reterr) {
        CLEANUP(free_at) struct finish *f = calloc(1, sizeof(*f));
        CLEANUP(free_at) struct disk_table *own = calloc(1, sizeof(*own));
        int r;

        if (!f || !own)
                return no_memory(reterr);
        f->job = job;
        f->order = order;
        f->disk = disk;
        job_say(job, "finish", 0, 0, NULL);
        if (joined) {
                f->table = *joined;
                r = finish_write_table(disk, joined, reterr);
        } else {
                r = finish_read_table(disk, sector_size, own, reterr);
                if (r > 0)
                        return finish_without_table(f, r, reterr);
                f->table = *own;
                image = own;
                if (r == 0)
                        r = block_reread(disk->block) < 0
                                    ? error_set(reterr, -EBUSY,
                                                "disk %s is in use: the kernel does not look at it anew",
                                                disk->name)
                                    : 0;
        }
        if (r == 0)
                r = finish(f, image, joined != NULL, reterr);
        volumes_free(&f->volumes);
        return r;
}
