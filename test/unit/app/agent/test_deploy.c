/* What is decided when an image is installed: which disk, what may not be overwritten, where things go. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-agent/deploy/aside.h"
#include "app/bramble-agent/deploy/begun.h"
#include "app/bramble-agent/deploy/first_boot.h"
#include "app/bramble-agent/deploy/frames.h"
#include "app/bramble-agent/deploy/fs.h"
#include "app/bramble-agent/deploy/medium.h"
#include "app/bramble-agent/deploy/order.h"
#include "app/bramble-agent/deploy/system.h"
#include "app/bramble-agent/deploy/target.h"
#include "app/bramble-agent/json.h"

#define GB 1000000000ull

/* ---- target ---- */

static const struct disk sd = {
        .name = "mmcblk0", .serial = "0x1234", .bus = DISK_SD, .size = 32 * GB, .sector_size = 512
};
static const struct disk nvme = {
        .name = "nvme0n1", .serial = "S466", .bus = DISK_NVME, .size = 500 * GB, .sector_size = 512
};
static const struct disk usb = {
        .name = "sda", .bus = DISK_USB, .size = 64 * GB, .sector_size = 512, .is_removable = true
};
static const struct disk small = { .name = "sdb", .bus = DISK_SATA, .size = 2 * GB, .sector_size = 512 };
static const struct disk locked = {
        .name = "sdc", .bus = DISK_SATA, .size = 64 * GB, .sector_size = 512, .is_read_only = true
};
static const struct disk large_sectors = {
        .name = "nvme1n1", .bus = DISK_NVME, .size = 64 * GB, .sector_size = 4096
};

static const char card[] = "the boot ROM starts bootcode.bin from it";

static const struct {
        const char *remark, *hint;
        struct target_disk disks[4];
        size_t n;
        bool overwrite, keep;
        const char *chosen, *says; /* one of them */
} targets[] = {
        { "the fastest bus",
          "",
          { { &sd, NULL, false }, { &nvme, NULL, false }, { &usb, NULL, false } },
          3,
          false,
          false,
          "nvme0n1",
          NULL },
        { "a card before what is plugged into USB",
          "",
          { { &usb, NULL, false }, { &sd, NULL, false } },
          2,
          false,
          false,
          "mmcblk0",
          NULL },
        { "the hint before any rule",
          "/dev/sda",
          { { &nvme, NULL, false }, { &usb, NULL, false } },
          2,
          false,
          false,
          "sda",
          NULL },
        { "a serial number as a hint",
          "s466",
          { { &usb, NULL, false }, { &nvme, NULL, false } },
          2,
          false,
          false,
          "nvme0n1",
          NULL },
        { "a hint that fits nothing",
          "/dev/vda",
          { { &nvme, NULL, false } },
          1,
          false,
          false,
          NULL,
          "there is no disk \"/dev/vda\"" },
        { "too small, another is there",
          "",
          { { &small, NULL, false }, { &usb, NULL, false } },
          2,
          false,
          false,
          "sda",
          NULL },
        { "too small, and nothing else",
          "",
          { { &small, NULL, false } },
          1,
          false,
          false,
          NULL,
          "2.0 GB, and the image needs 4.0 GB" },
        { "too small, and meant",
          "sdb",
          { { &small, NULL, false }, { &usb, NULL, false } },
          2,
          false,
          false,
          NULL,
          "image needs 4.0 GB" },
        { "locked", "sdc", { { &locked, NULL, false } }, 1, false, false, NULL, "read-only" },
        { "other sectors",
          "nvme1n1",
          { { &large_sectors, NULL, false } },
          1,
          false,
          false,
          NULL,
          "sectors of 4096" },
        { "none at all", "", { { NULL, NULL, false } }, 0, false, false, NULL, "no disk" },
        { "never the firmware's card",
          "",
          { { &sd, card, false } },
          1,
          false,
          false,
          NULL,
          "--keep-firmware" },
        { "two ways on", "", { { &sd, card, false } }, 1, false, false, NULL, "--overwrite-boot-medium" },
        { "not by a hint either",
          "mmcblk0",
          { { &sd, card, false } },
          1,
          false,
          false,
          NULL,
          "bootcode.bin" },
        { "another disk instead",
          "",
          { { &sd, card, false }, { &usb, NULL, false } },
          2,
          false,
          false,
          "sda",
          NULL },
        { "data that were kept", "", { { &usb, NULL, true } }, 1, false, false, NULL, "--disk sda" },
        { "another disk than theirs",
          "",
          { { &usb, NULL, true }, { &small, NULL, false } },
          2,
          false,
          false,
          NULL,
          "--disk sda" },
        { "data that were named", "sda", { { &usb, NULL, true } }, 1, false, false, "sda", NULL },
        { "told to", "", { { &sd, card, false } }, 1, true, false, "mmcblk0", NULL },
        { "behind it", "", { { &sd, card, false } }, 1, false, true, "mmcblk0", NULL },
};

static void chooses_a_disk(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
                const struct target_wish wish = { .hint = targets[i].hint,
                                                  .size = 4 * GB,
                                                  .sector_size = 512,
                                                  .overwrite_boot_medium = targets[i].overwrite,
                                                  .keep_firmware = targets[i].keep };
                struct error error = { 0 };
                int r = target_choose(targets[i].disks, targets[i].n, &wish, &error);
                if (targets[i].chosen) {
                        if (r < 0)
                                fail_msg("%s: %s", targets[i].remark, error.text);
                        assert_string_equal(targets[i].disks[r].disk->name, targets[i].chosen);
                } else if (r >= 0 || !strstr(error.text, targets[i].says))
                        fail_msg("%s: \"%s\" does not say \"%s\"", targets[i].remark, error.text,
                                 targets[i].says);
        }
}

/* After a power cut, whatever the rule or a device's name would say now. */
static void goes_on_where_it_began(void **state) {
        (void)state;
        const struct target_disk disks[] = { { &nvme, NULL, false },
                                             { &usb, NULL, false },
                                             { &sd, card, false } };
        struct target_wish wish = {
                .hint = "", .size = 4 * GB, .sector_size = 512, .n_begun = 1, .begun = 1
        };
        struct error error = { 0 };

        assert_int_equal(target_choose(disks, 3, &wish, &error), 1);
        wish.hint = "/dev/nvme0n1";
        assert_int_equal(target_choose(disks, 3, &wish, &error), 1);
        wish.begun = 2;
        assert_int_equal(target_choose(disks, 3, &wish, &error), -EPERM);
        wish.n_begun = 2;
        assert_int_equal(target_choose(disks, 3, &wish, &error), -EEXIST);
        assert_non_null(strstr(error.text, "on 2 disks"));
}

static void knows_its_own_mark_only(void **state) {
        (void)state;
        struct deploy_order order = { .seed = { "instance-id: pi-1\n", "", "", "" }, .map.sha256 = { 7 } };
        struct deploy_order other = order;
        uint8_t mark[BEGUN_MARK_SIZE], zeros[BEGUN_MARK_SIZE] = { 0 };

        begun_mark_write(&order, mark);
        assert_true(begun_mark_is(&order, mark));
        assert_false(begun_mark_is(&order, zeros));
        other.seed[0] = "instance-id: pi-2\n";
        assert_false(begun_mark_is(&other, mark));
        other = order;
        other.map.sha256[0] = 8;
        assert_false(begun_mark_is(&other, mark));
}

/* A board that has an EEPROM has one more way on, and is told of it. */
static void names_the_way_by_the_eeprom(void **state) {
        (void)state;
        const struct target_disk disk = { .disk = &sd, .firmware_reason = card };
        struct target_wish wish = { .hint = "", .size = 4 * GB, .sector_size = 512 };
        struct error error = { 0 };

        assert_int_equal(target_choose(&disk, 1, &wish, &error), -EPERM);
        assert_null(strstr(error.text, "convert"));
        wish.can_convert = true;
        assert_int_equal(target_choose(&disk, 1, &wish, &error), -EPERM);
        assert_non_null(strstr(
                error.text, "--keep-firmware, free all of it with bramble machine convert --to eeprom, or"));
}

/* ---- the medium of an assertion ---- */

static const struct disk stick = { .name = "sde",
                                   .serial = "USB1",
                                   .bus = DISK_USB,
                                   .size = 1 * GB,
                                   .sector_size = 512,
                                   .is_removable = true };
static const struct disk tiny = { .name = "sdf", .bus = DISK_USB, .size = 1 << 20, .is_removable = true };

static const struct {
        const char *remark, *hint;
        struct aside_disk disks[3];
        size_t n;
        const char *chosen, *says; /* one of them */
} asides[] = {
        { "an empty stick",
          "",
          { { &nvme, .is_target = true }, { &stick, .is_empty = true } },
          2,
          "sde",
          NULL },
        { "an empty disk, where there is no stick",
          "",
          { { &nvme, .is_target = true }, { &small, .is_empty = true } },
          2,
          "sdb",
          NULL },
        { "what can be unplugged first",
          "",
          { { &small, .is_empty = true }, { &nvme, .is_target = true }, { &stick, .is_empty = true } },
          3,
          "sde",
          NULL },
        { "the one that had the last",
          "",
          { { &stick, .is_empty = true }, { &usb, .has_one = true }, { &nvme, .is_target = true } },
          3,
          "sda",
          NULL },
        { "never what is somebody's",
          "",
          { { &nvme, .is_target = true }, { .disk = &stick } },
          2,
          NULL,
          "--assertion-disk" },
        { "but by a hint", "usb1", { { &nvme, .is_target = true }, { .disk = &stick } }, 2, "sde", NULL },
        { "never the system's disk",
          "",
          { { &nvme, .is_target = true, .is_empty = true } },
          1,
          NULL,
          "plug in" },
        { "not by a hint either",
          "/dev/nvme0n1",
          { { &nvme, .is_target = true } },
          1,
          NULL,
          "a medium of its own" },
        { "locked", "sdc", { { &locked, .is_empty = true } }, 1, NULL, "read-only" },
        { "locked, and nothing else", "", { { &locked, .is_empty = true } }, 1, NULL, "plug in" },
        { "smaller than the volume", "sdf", { { &tiny, .is_empty = true } }, 1, NULL, "smaller than 4 MiB" },
        { "what it boots from",
          "mmcblk0",
          { { .disk = &sd, .firmware_reason = card } },
          1,
          NULL,
          "bootcode.bin" },
        { "data that were kept", "sde", { { &stick, .has_data = true } }, 1, NULL, "kept there" },
        { "a hint that fits nothing", "sdz", { { &stick, .is_empty = true } }, 1, NULL, "no disk \"sdz\"" },
};

static void chooses_a_medium_for_an_assertion(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(asides); i++) {
                struct error error = { 0 };
                int r = aside_choose(asides[i].disks, asides[i].n, asides[i].hint, &error);
                if (asides[i].chosen) {
                        if (r < 0)
                                fail_msg("%s: %s", asides[i].remark, error.text);
                        assert_string_equal(asides[i].disks[r].disk->name, asides[i].chosen);
                } else if (r >= 0 || !strstr(error.text, asides[i].says))
                        fail_msg("%s: \"%s\" does not say \"%s\"", asides[i].remark, error.text,
                                 asides[i].says);
        }
}

/* ---- firmware on a disk ---- */

static const struct {
        const char *remark;
        struct medium_machine machine;
        const char *names[3];
        size_t magic_at;
        const char *magic, *says; /* NULL: free */
} media[] = {
        { "a PC has its own chip", { .is_uefi = true }, { "u-boot.bin" }, 0, NULL, NULL },
        { "a Pi 4 was started by its EEPROM",
          { .is_pi = true, .has_eeprom = true, .is_arm = true },
          { "bootcode.bin", "start4.elf" },
          0,
          NULL,
          NULL },
        { "a Pi 3 starts from its card",
          { .is_pi = true, .is_arm = true },
          { "BOOTCODE.BIN" },
          0,
          NULL,
          "bootcode.bin" },
        { "a Pi 3 without anything to start on it",
          { .is_pi = true, .is_arm = true },
          { "notes.txt" },
          0,
          NULL,
          NULL },
        { "UEFI on a Pi 4's card",
          { .is_pi = true, .has_eeprom = true, .is_uefi = true, .is_arm = true },
          { "RPI_EFI.fd" },
          0,
          NULL,
          "UEFI for Raspberry Pi" },
        { "UEFI on a card, told by ACPI only",
          { .is_uefi = true, .is_arm = true },
          { "RPI_EFI.fd" },
          0,
          NULL,
          "UEFI" },
        { "an ARM server", { .is_uefi = true, .is_arm = true }, { "EFI" }, 0, NULL, NULL },
        { "Rockchip", { .is_arm = true }, { NULL }, 32 * 1024, "RKNS", "Rockchip" },
        { "Allwinner", { .is_arm = true }, { NULL }, 8 * 1024 + 4, "eGON.BT0", "Allwinner" },
        { "U-Boot anywhere", { .is_arm = true }, { NULL }, 69 * 1024 + 17, "U-Boot SPL 2023.01", "U-Boot" },
        { "TI", { .is_arm = true }, { "MLO" }, 0, NULL, "TI boot loader" },
        { "bootcode.bin means nothing to others", { .is_arm = true }, { "bootcode.bin" }, 0, NULL, NULL },
};

static void knows_what_a_board_boots_from(void **state) {
        (void)state;
        static uint8_t begin[128 * 1024];

        for (size_t i = 0; i < ARRAY_LEN(media); i++) {
                memset(begin, 0, sizeof(begin));
                if (media[i].magic)
                        memcpy(begin + media[i].magic_at, media[i].magic, strlen(media[i].magic));
                const struct medium_disk disk = { .begin = begin,
                                                  .begin_len = sizeof(begin),
                                                  .names = media[i].names };
                bool is_file;
                const char *reason = medium_firmware(&media[i].machine, &disk, &is_file);
                if (!reason != !media[i].says || (reason && !strstr(reason, media[i].says)))
                        fail_msg("%s: %s", media[i].remark, reason ? reason : "free");
        }
}

/* ---- file systems ---- */

static void knows_file_systems(void **state) {
        (void)state;
        static const struct {
                size_t at;
                const char *magic;
                enum fs_kind kind;
        } rows[] = {
                { 1080, "\x53\xef", FS_EXT },    { 0, "XFSB", FS_XFS },
                { 65600, "_BHRfS_M", FS_BTRFS }, { 82, "FAT32   ", FS_FAT },
                { 54, "FAT16   ", FS_FAT },      { 0, "hsqs", FS_SQUASHFS },
                { 4086, "SWAPSPACE2", FS_SWAP }, { 0, "LUKS\xba\xbe", FS_LUKS },
                { 536, "LVM2 001", FS_LVM },     { 1024, "\x10\x20\xf5\xf2", FS_F2FS },
                { 7, "?", FS_UNKNOWN },
        };
        static uint8_t begin[FS_PROBE_SIZE];

        assert_int_equal(fs_probe(begin, sizeof(begin)), FS_EMPTY);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                memset(begin, 0, sizeof(begin));
                memcpy(begin + rows[i].at, rows[i].magic, strlen(rows[i].magic));
                assert_int_equal(fs_probe(begin, sizeof(begin)), rows[i].kind);
                assert_int_equal(fs_probe(begin, rows[i].at), FS_EMPTY); /* cut off before */
        }
        assert_string_equal(fs_mount_type(FS_EXT), "ext4");
        assert_null(fs_mount_type(FS_SQUASHFS));
}

/* ---- frames ---- */

static void frames_go_where_the_window_says(void **state) {
        (void)state;
        static const struct {
                uint64_t offset;
                uint32_t len;
                struct frames_window window;
                struct frames_place place;
        } rows[] = {
                { 0, 100, { 0, 1000, 0 }, { 0, 0, 100 } },
                { 200, 100, { 0, 1000, 50 }, { 250, 0, 100 } },
                { 200, 100, { 250, 1000, 50 }, { 300, 50, 50 } }, /* what is before the first partition stays
                                                                     away */
                { 200, 100, { 0, 250, 0 }, { 200, 0, 50 } },
                { 200, 100, { 300, 1000, 0 }, { 0, 0, 0 } },
                { 200, 100, { 0, 200, 0 }, { 0, 0, 0 } },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct blockmap_frame frame = { .offset = rows[i].offset, .len = rows[i].len };
                struct frames_place place = frames_place(&frame, &rows[i].window);
                assert_int_equal(place.at, rows[i].place.at);
                assert_int_equal(place.from, rows[i].place.from);
                assert_int_equal(place.len, rows[i].place.len);
        }
}

/* ---- the seed ---- */

static void data_goes_where_it_is_read(void **state) {
        (void)state;
        const struct volume *some = (const struct volume *)"";
        static const struct {
                const char *remark;
                bool root, cloud_init, seed_on_boot, core, has_seed;
                enum seed_place place;
        } rows[] = {
                { "Debian's cloud image", true, true, false, false, true, SEED_ROOT },
                { "Raspberry Pi OS and Ubuntu for Pis", true, true, true, false, true, SEED_BOOT },
                { "a root that cannot be read", false, false, false, false, true, SEED_PARTITION },
                { "a root without cloud-init", true, false, false, false, true, SEED_NOWHERE },
                { "Ubuntu Core", false, false, false, true, true, SEED_NOWHERE },
                { "nothing to tell", true, true, false, false, false, SEED_NOWHERE },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct system_facts facts = { .root = rows[i].root ? some : NULL,
                                                    .has_cloud_init = rows[i].cloud_init,
                                                    .has_seed_on_boot = rows[i].seed_on_boot,
                                                    .is_ubuntu_core = rows[i].core };
                if (seed_place(&facts, rows[i].has_seed) != rows[i].place)
                        fail_msg("%s", rows[i].remark);
        }
}

/* ---- the order ---- */

#define SHA "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define BLOBS \
        "\"map\":{\"path\":\"blob/" SHA "\",\"size\":96,\"sha256\":\"" SHA \
        "\"},\"frames\":{\"path\":\"blob/1\",\"size\":9}"

static int parse(const char *text, struct deploy_order *ret, json_t **task, struct error *error) {
        *task = json_loads(text, 0, NULL);
        assert_non_null(*task);
        return deploy_order_parse(*task, ret, error);
}

static void reads_an_order(void **state) {
        (void)state;
        CLEANUP(json_decref_at) json_t *task = NULL;
        struct deploy_order o;
        struct error error;

        assert_int_equal(parse("{" BLOBS ",\"disk\":{\"hint\":\"/dev/"
                               "vda\",\"keep_firmware\":true},\"seed\":{\"user-data\":\"u\"},"
                               "\"new_disk_id\":true,\"hostname\":\"vm-1.lab\",\"authorized_keys\":[\"ssh-"
                               "ed25519 A\"],"
                               "\"cmdline_extra\":\"a b\",\"then\":\"reboot\"}",
                               &o, &task, &error),
                         0);
        assert_string_equal(o.hint, "/dev/vda");
        assert_true(o.keep_firmware && o.new_disk_id && o.reboots && !o.overwrite_boot_medium);
        assert_int_equal(o.map.size, 96);
        assert_int_equal(o.map.sha256[1], 0x11);
        assert_string_equal(o.seed[0], "");
        assert_string_equal(o.seed[1], "u");
        assert_true(order_has_seed(&o));
        assert_int_equal(o.n_keys, 1);
}

static void refuses_orders_that_are_none(void **state) {
        (void)state;
        static const struct {
                const char *text, *says;
        } rows[] = {
                { "{}", "no map" },
                { "{\"map\":{\"path\":\"../x\",\"size\":1}}", "no map" },
                { "{\"map\":{\"path\":\"blob/1 HTTP\",\"size\":1}}", "no map" },
                { "{\"map\":{\"path\":\"blob/1\",\"size\":1,\"sha256\":\"00\"}}", "no map" },
                { "{\"map\":{\"path\":\"blob/1\",\"size\":1}}", "no frames" },
                { "{" BLOBS ",\"hostname\":\"a b\"}", "host name" },
                { "{" BLOBS ",\"hostname\":\"a\\nb\"}", "host name" },
                { "{" BLOBS ",\"cmdline_extra\":\"a\\nb\"}", "several lines" },
                { "{" BLOBS ",\"authorized_keys\":[\"a\\nb\"]}", "keys" },
                { "{" BLOBS ",\"authorized_keys\":[1]}", "keys" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(json_decref_at) json_t *task = NULL;
                struct deploy_order o;
                struct error error = { 0 };
                assert_int_equal(parse(rows[i].text, &o, &task, &error), -EBADMSG);
                if (!strstr(error.text, rows[i].says))
                        fail_msg("%s: %s", rows[i].text, error.text);
        }
}

static void the_first_start_tells_whom_it_should(void **state) {
        (void)state;
        CLEANUP(free_at) char *told = first_boot_script("http://10.77.0.1:5248/seed/T/phone-home");
        CLEANUP(free_at) char *plain = first_boot_script("http://10.77.0.1");
        CLEANUP(free_at) char *nobody = first_boot_script("");
        const char *const keys[] = { "ssh-ed25519 A", "ssh-rsa B" };
        CLEANUP(free_at) char *list = first_boot_keys(keys, 2);

        assert_non_null(strstr(told, "address='10.77.0.1' port='5248' path='/seed/T/phone-home'\n"));
        assert_non_null(strstr(plain, "address='10.77.0.1' port='80' path='/'\n"));
        assert_null(strstr(nobody, "/dev/tcp"));
        assert_string_equal(list, "ssh-ed25519 A\nssh-rsa B\n");
}

static void a_start_asks_whether_it_is_wanted(void **state) {
        (void)state;
        CLEANUP(free_at) char *told = wanted_script("http://10.77.0.1:5248/seed/T/wanted", 0x001a);
        CLEANUP(free_at) char *nobody = wanted_script("", 3);

        assert_non_null(strstr(told, "address='10.77.0.1' port='5248' path='/seed/T/wanted'\n"));
        assert_non_null(strstr(told, "entry='001a' global='8be4df61-93ca-11d2-aa0d-00e098032b8c'\n"));
        assert_true(strstr(nobody, "exit 0\n") < strstr(nobody, "/dev/tcp"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(chooses_a_disk),
                cmocka_unit_test(goes_on_where_it_began),
                cmocka_unit_test(knows_its_own_mark_only),
                cmocka_unit_test(names_the_way_by_the_eeprom),
                cmocka_unit_test(chooses_a_medium_for_an_assertion),
                cmocka_unit_test(knows_what_a_board_boots_from),
                cmocka_unit_test(knows_file_systems),
                cmocka_unit_test(frames_go_where_the_window_says),
                cmocka_unit_test(data_goes_where_it_is_read),
                cmocka_unit_test(reads_an_order),
                cmocka_unit_test(refuses_orders_that_are_none),
                cmocka_unit_test(the_first_start_tells_whom_it_should),
                cmocka_unit_test(a_start_asks_whether_it_is_wanted),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
