/* Conversion to boot by the EEPROM; see convert.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/convert.h"
#include "app/bramble-agent/deploy/blob.h"
#include "app/bramble-agent/deploy/finish.h"
#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/deploy/volumes.h"
#include "app/bramble-agent/disks.h"
#include "app/bramble-agent/inventory/pi.h"
#include "app/bramble-agent/io/block.h"
#include "app/bramble-agent/io/clock.h"
#include "app/bramble-agent/io/http.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/sha256.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"
#include "base/text.h"
#include "format/bootconf.h"
#include "format/eeprom.h"

enum { RECOVERY_MAX = 1 << 20 };

/* What is written, and where. */
struct convert {
        struct job *job;
        struct order_blob eeprom, recovery;
        struct http_reply image, program;
        struct config_txt_board board;
        uint32_t order;
        struct disk disk;
};

static void convert_end(struct convert *c) {
        http_reply_clear(&c->image);
        http_reply_clear(&c->program);
}

/* What it would not take, or would not need. */
static int check(struct convert *c, struct error *reterr) {
        const struct tree *tree = &job_world(c->job)->tree;
        const json_t *order = job_order(c->job);

        if (strcmp(json_text_of(order, "to"), "eeprom") != 0 ||
            !order_blob_parse(json_object_get(order, "eeprom"), EEPROM_SIZE_2712, &c->eeprom) ||
            !order_blob_parse(json_object_get(order, "recovery"), RECOVERY_MAX, &c->recovery))
                return error_set(reterr, -EBADMSG,
                                 "the task to convert does not say to what, and by which EEPROM");
        if (!pi_is_one(tree))
                return error_set(reterr, -ENOTSUP,
                                 "this is no Raspberry Pi: it has no EEPROM that it could boot by");
        if (!pi_family_has_eeprom(tree))
                return error_set(reterr, -ENOTSUP,
                                 "only a Raspberry Pi 4 or later has an EEPROM that it could boot by");
        if (pi_is_signed(tree))
                return error_set(reterr, -EPERM,
                                 "its EEPROM takes signed updates only: sign one with BOOT_ORDER=0xf12 and "
                                 "your key, and bring it there by hand");
        c->board = pi_board(tree);
        return 0;
}

/* The configuration that it has, or else that of the image, with the network first. */
static int put_config(struct convert *c, struct error *reterr) {
        CLEANUP(text_free) struct text config = {};
        char own[PI_CONFIG_SIZE];
        const char *text = own;
        struct eeprom_file file;

        int r = eeprom_find(c->image.body, c->image.len, "bootconf.txt", &file);
        if (r < 0)
                return error_set(reterr, r, "what the task calls an EEPROM is none");
        size_t len = file.len;
        if (pi_config(&job_world(c->job)->tree, own))
                len = strlen(own);
        else
                text = c->image.body + file.at;
        c->order = boot_order_network_first(bootconf_boot_order(text, len, &c->board));
        r = bootconf_set_boot_order(text, len, &c->board, c->order, &config);
        if (r == 0)
                r = eeprom_put(c->image.body, c->image.len, "bootconf.txt", config.octets, config.len);
        return r < 0 ? error_set(reterr, r,
                                 "the configuration of its EEPROM has no room for another BOOT_ORDER")
                     : 0;
}

/* The card that it starts from; where that is not told, the first one that it could start from. */
static bool choose_card(struct convert *c) {
        const struct job_world *world = job_world(c->job);
        struct disk disks[DISKS_MAX];
        unsigned n = disks_wait(c->job, disks);
        int card = -1;

        for (unsigned i = 0; i < n; i++) {
                const struct firmware f = firmware_look(world, &disks[i]);
                if (f.reason && !f.is_unread) {
                        c->disk = disks[i];
                        return true;
                }
                if (card < 0 && (disks[i].bus == DISK_SD || disks[i].bus == DISK_EMMC))
                        card = (int)i;
        }
        if (card >= 0)
                c->disk = disks[card];
        return card >= 0;
}

/* Text that the updater compares the image with. */
static void describe_update(const struct convert *c, char *buf, size_t size) {
        uint8_t digest[SHA256_SIZE];
        char hex[2 * SHA256_SIZE + 1];

        sha256_of(c->image.body, c->image.len, digest);
        (void)snprintf(buf, size, "%s\nts: %lld\n", text_hex(digest, sizeof(digest), hex),
                       (long long)clock_unix_s());
}

/* recovery.bin comes last: a board that loses its power before finds no update rather than half of one. */
static int write_files(const struct convert *c, const struct volume *v, struct error *reterr) {
        char sig[128];

        describe_update(c, sig, sizeof(sig));
        int r = volume_write_octets(v, "pieeprom.upd", c->image.body, c->image.len, reterr);
        if (r == 0)
                r = volume_write_octets(v, "pieeprom.sig", sig, strlen(sig), reterr);
        return r < 0 ? r : volume_write_octets(v, "recovery.bin", c->program.body, c->program.len, reterr);
}

static int write_to_first_fat(const struct convert *c, const struct volumes *v, struct error *reterr) {
        for (size_t i = 0; i < v->n; i++)
                if (v->items[i].kind == FS_FAT && v->items[i].volume)
                        return write_files(c, v->items[i].volume, reterr);
        return error_set(reterr, -ENOENT,
                         "disk %s has no FAT partition that an update of the EEPROM could be put on",
                         c->disk.name);
}

static int write_card(const struct convert *c, struct error *reterr) {
        const struct job_world *world = job_world(c->job);
        char path[TREE_PATH_MAX];
        CLEANUP(block_close_at) struct block *block = NULL;
        CLEANUP(free_at) struct disk_table *table = calloc(1, sizeof(*table));
        CLEANUP(free_at) struct volumes *volumes = calloc(1, sizeof(*volumes));

        if (!table || !volumes)
                return error_set(reterr, -ENOMEM, "out of memory");
        int r = block_open(tree_name(path, "%s/dev/%s", world->root, c->disk.name), c->disk.name, true,
                           &block, reterr);
        if (r < 0)
                return r;
        const struct disk_place place = { .path = path, .name = c->disk.name, .block = block };
        r = finish_read_table(&place, c->disk.sector_size, table, reterr);
        if (r >= 0 && r != DISK_TABLE_FOUND)
                r = error_set(reterr, -ENOENT, "disk %s has no partition table", c->disk.name);
        if (r >= 0)
                r = volumes_open(&place, table, true, volumes, reterr);
        if (r >= 0)
                r = write_to_first_fat(c, volumes, reterr);
        if (r < 0) {
                volumes_free(volumes);
                return r;
        }
        return volumes_close(volumes, reterr);
}

static int convert(struct convert *c, struct error *reterr) {
        uint32_t order;
        char text[16];

        int r = check(c, reterr);
        if (r < 0)
                return r;
        if (pi_boot_order(&job_world(c->job)->tree, &order) &&
            boot_order_kind_of(order) == BOOT_ORDER_NETWORK_FIRST)
                return 0;
        r = blob_fetch(c->job, &c->eeprom, "the EEPROM's image", &c->image, reterr);
        if (r == 0)
                r = blob_fetch(c->job, &c->recovery, "the program that writes the EEPROM", &c->program,
                               reterr);
        if (r == 0)
                r = put_config(c, reterr);
        if (r == 0 && !choose_card(c))
                r = error_set(reterr, -ENODEV, "it has no card that an update of its EEPROM could be put on");
        if (r == 0)
                r = write_card(c, reterr);
        if (r < 0)
                return r;
        (void)snprintf(text, sizeof(text), "0x%x", c->order);
        json_put_text(job_data(c->job), "disk", c->disk.name);
        json_put_text(job_data(c->job), "boot_order", text);
        log_line("an update of the EEPROM with BOOT_ORDER=%s lies on disk %s", text, c->disk.name);
        job_set_then(c->job, JOB_THEN_REBOOT);
        return 0;
}

int convert_run(struct job *j, struct error *reterr) {
        struct convert c = { .job = j };
        int r = convert(&c, reterr);

        convert_end(&c);
        return r;
}
