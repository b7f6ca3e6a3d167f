/* Two machines laid out as folders, and what an inventory says of them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-agent/disk.h"
#include "app/bramble-agent/identity.h"
#include "app/bramble-agent/inventory/boot_order.h"
#include "app/bramble-agent/inventory/cpuinfo.h"
#include "app/bramble-agent/inventory/efi_vars.h"
#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/inventory/pi.h"
#include "app/bramble-agent/io/nic.h"
#include "app/bramble-agent/json.h"
#include "test/fake/machine_tree.h"

/* "network.cards.0.ports.0.link_speed" */
static json_t *at(json_t *o, const char *path) {
        char part[64];

        for (const char *end; o && *path; path = *end ? end + 1 : end) {
                end = path + strcspn(path, ".");
                memcpy(part, path, (size_t)(end - path));
                part[end - path] = '\0';
                o = json_is_array(o) ? json_array_get(o, strtoul(part, NULL, 10)) : json_object_get(o, part);
        }
        return o;
}

struct want {
        const char *path, *text;
};

/* A number as its digits; "-" is not there. */
static void check(json_t *o, const struct want *rows) {
        for (; rows->path; rows++) {
                json_t *value = at(o, rows->path);
                CLEANUP(free_at)
                char *dumped =
                        value ? json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6)) : strdup("-");
                const char *said = json_is_string(value) ? json_string_value(value) : dumped;
                if (strcmp(said, rows->text) != 0)
                        fail_msg("%s is %s, not %s", rows->path, said, rows->text);
        }
}

static void describes_a_pi(void **state) {
        (void)state;
        static const struct want wanted[] = {
                { "cpu.total", "2" },
                { "cpu.sockets.0.vendor", "ARM" },
                { "cpu.sockets.0.name", "Cortex-A72" },
                { "cpu.sockets.0.frequency_turbo", "1500000" },
                { "cpu.sockets.0.cores.1.threads.0.id", "1" },
                { "cpu.sockets.1", "-" },
                { "memory.total", "3977662464" },
                { "memory.used", "102400000" },
                { "network.total", "1" },
                { "network.cards.0.driver", "bcmgenet" },
                { "network.cards.0.ports.0.id", "eth0" },
                { "network.cards.0.ports.0.address", "dc:a6:32:0a:0b:0c" },
                { "network.cards.0.ports.0.link_speed", "1000" },
                { "network.cards.0.ports.0.link_duplex", "full" },
                { "storage.total", "2" },
                { "storage.disks.0.id", "mmcblk0" },
                { "storage.disks.0.type", "sd" },
                { "storage.disks.0.model", "SC32G" },
                { "storage.disks.0.serial", "0x1ac5f4e2" },
                { "storage.disks.0.size", "31914983424" },
                { "storage.disks.0.discard", "true" },
                { "storage.disks.0.partitions.0.id", "mmcblk0p1" },
                { "storage.disks.0.partitions.0.size", "536870912" },
                { "storage.disks.1.id", "sda" },
                { "storage.disks.1.type", "usb" },
                { "storage.disks.1.model", "Tech" },
                { "storage.disks.1.serial", "0123456789ABC" }, /* that of the USB device */
                { "storage.disks.1.usb_address", "2:3" },
                { "storage.disks.1.pci_address", "0000:01:00.0" },
                { "usb.total", "1" },
                { "usb.devices.0.vendor_id", "152d" },
                { "usb.devices.0.product", "USB 3.0 ? Device" },
                { "usb.devices.0.interfaces.0.class_id", "8" },
                { "usb.devices.0.interfaces.0.driver", "usb-storage" },
                { "system.product", "Raspberry Pi 4 Model B Rev 1.2" },
                { "system.serial", "10000000e5ef6e9d" },
                { "board.model", "Raspberry Pi 4 Model B Rev 1.2" },
                { "board.compatible.1", "brcm,bcm2711" },
                { "board.firmware", "raspberry-pi" },
                { "board.secure_boot", "-" },
                { "board.pi.revision", "c03112" },
                { "board.pi.serial", "10000000e5ef6e9d" },
                { "board.pi.boot_mode", "2" },
                { "board.pi.throttled", "0x50005" },
                { "board.pi.eeprom.version", "9d8dc0c2b9fe8a2ad6cdf8e6bafc9e1c2d25ca66" },
                { "board.pi.eeprom.build_timestamp", "1704984576" },
                { "board.pi.eeprom.config", "[all]\nBOOT_UART=0\nBOOT_ORDER=0xf12" },
                { "board.pi.eeprom.boot_order", "0xf12" },
                { "board.boot_first", "network-first" },
                { "board.temperatures.0.name", "cpu-thermal" },
                { "board.temperatures.0.celsius", "48.199" },
                { "board.kernel", "6.6.51+rpt-rpi-v8" },
                { NULL, NULL },
        };
        struct machine_tree m;
        machine_tree_make(&m, machine_pi4);
        CLEANUP(json_decref_at) json_t *o = json_object();

        inventory_read(&m.tree, o);
        check(o, wanted);
        CLEANUP(free_at) char *dumped = json_dumps(o, 0);
        assert_null(strstr(dumped, "/a/0")); /* the token on the command line is nobody's business */
        machine_tree_remove(&m);
}

static void describes_a_server(void **state) {
        (void)state;
        static const struct want wanted[] = {
                { "cpu.architecture", NULL },
                { "cpu.total", "2" },
                { "cpu.sockets.0.name", "Intel(R) Xeon(R) E-2224 CPU" },
                { "cpu.sockets.0.cache.0.size", "32768" },
                { "cpu.sockets.0.cores.0.threads.1.id", "1" },
                { "cpu.sockets.0.cores.0.threads.1.online", "false" },
                { "memory.nodes.0.used", "1024000000" },
                { "memory.hugepages_total", "8388608" },
                { "memory.hugepages_used", "6291456" },
                { "network.cards.0.vendor_id", "8086" },
                { "network.cards.0.product_id", "1533" },
                { "network.cards.0.pci_address", "0000:02:00.0" },
                { "network.cards.0.ports.0.link_detected", "false" },
                { "network.cards.0.ports.0.link_speed", "-" },
                { "storage.total", "2" },
                { "storage.disks.0.id", "nvme0n1" },
                { "storage.disks.0.model", "Samsung SSD 970 EVO 500GB" },
                { "storage.disks.0.serial", "S466NX0K" },
                { "storage.disks.0.wwn", "eui.0025385581b1c9a8" },
                { "storage.disks.0.firmware_version", "2B2QEXE7" },
                { "storage.disks.0.size", "500107862016" },
                { "storage.disks.0.sector_size", "4096" },
                { "storage.disks.1.type", "sata" },
                { "storage.disks.1.serial", "WD-WCC6Y5ABCDEF" },
                { "storage.disks.1.rotational", "true" },
                { "storage.disks.1.read_only", "true" },
                { "pci.devices.0.product_id", "1533" },
                { "system.vendor", "Example Inc." },
                { "system.uuid", "4c4c4544-0042-3510-8053-b4c04f4e3132" },
                { "system.firmware.version", "1.2.3" },
                { "board.firmware", "uefi" },
                { "board.secure_boot", "true" },
                { "board.setup_mode", "false" },
                { "board.boot_order.0.number", "0003" },
                { "board.boot_order.0.description", "PXE ?" },
                { "board.boot_order.0.active", "true" },
                { "board.boot_order.0.kind", "network" },
                { "board.boot_order.1.kind", "disk" },
                { "board.boot_first", "network-first" },
                { "board.boot_order.1.description", "disk" },
                { "board.boot_order.1.active", "false" },
                { "board.pi", "-" },
                { NULL, NULL },
        };
        struct machine_tree m;
        machine_tree_make(&m, machine_x86);
        CLEANUP(json_decref_at) json_t *o = json_object();

        inventory_read(&m.tree, o);
        check(o, wanted + 1);
        assert_true(json_is_string(at(o, wanted[0].path)));
        machine_tree_remove(&m);
}

static void an_empty_machine_is_described_as_well(void **state) {
        (void)state;
        static const struct machine_file nothing[] = { { "empty", NULL, 0 }, { NULL, NULL, 0 } };
        struct machine_tree m;
        machine_tree_make(&m, nothing);
        CLEANUP(json_decref_at) json_t *o = json_object();

        inventory_read(&m.tree, o);
        assert_int_equal(json_integer_value(at(o, "cpu.total")), 0);
        assert_int_equal(json_integer_value(at(o, "storage.total")), 0);
        machine_tree_remove(&m);
}

static void knows_who_it_is(void **state) {
        (void)state;
        struct machine_tree m;
        struct identity id;
        struct nic nic;

        machine_tree_make(&m, machine_pi4);
        assert_true(nic_first(&m.tree, &nic));
        assert_string_equal(nic.name, "eth0");
        identity_read(&m.tree, nic.name, &id);
        assert_string_equal(id.mac, "dc:a6:32:0a:0b:0c");
        assert_string_equal(id.serial, "10000000e5ef6e9d");
        assert_string_equal(id.boot_id, "11111111-2222-3333-4444-555555555555");
        assert_int_equal(id.uptime_s, 12);
        machine_tree_remove(&m);

        machine_tree_make(&m, machine_x86);
        identity_read(&m.tree, "", &id);
        assert_string_equal(id.mac, "");
        assert_string_equal(id.serial, "BSN12345678"); /* not "To be filled by O.E.M." */
        machine_tree_remove(&m);
}

static void finds_the_disk_that_is_meant(void **state) {
        (void)state;
        struct disk disks[DISKS_MAX];
        struct machine_tree m;
        char name[DISK_NAME_SIZE];

        machine_tree_make(&m, machine_x86);
        assert_int_equal(disk_list(&m.tree, disks), 2);
        assert_true(disk_is_meant(&disks[0], "/dev/nvme0n1"));
        assert_true(disk_is_meant(&disks[0], "nvme0n1"));
        assert_true(disk_is_meant(&disks[0], "s466nx0k"));
        assert_true(disk_is_meant(&disks[0], "eui.0025385581b1c9a8"));
        assert_false(disk_is_meant(&disks[0], "/dev/sda"));
        assert_false(disk_is_meant(&disks[0], ""));
        machine_tree_remove(&m);

        disk_partition_name("sda", 2, name, sizeof(name));
        assert_string_equal(name, "sda2");
        disk_partition_name("nvme0n1", 2, name, sizeof(name));
        assert_string_equal(name, "nvme0n1p2");
        disk_partition_name("mmcblk0", 12, name, sizeof(name));
        assert_string_equal(name, "mmcblk0p12");
}

static void hears_of_a_weak_supply(void **state) {
        (void)state;
        struct machine_tree m;
        uint32_t flags;

        machine_tree_make(&m, machine_x86);
        assert_false(pi_is_one(&m.tree));
        assert_false(pi_throttled(&m.tree, &flags));
        machine_tree_put(&m, "sys/class/hwmon/hwmon1/name", "rpi_volt\n"); /* as under Debian's kernel */
        machine_tree_put(&m, "sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n");
        assert_true(pi_throttled(&m.tree, &flags));
        assert_int_equal(flags, PI_UNDER_VOLTAGE << PI_SINCE_POWER_ON_SHIFT);
        machine_tree_remove(&m);

        machine_tree_make(&m, machine_pi4);
        assert_true(pi_throttled(&m.tree, &flags));
        assert_int_equal(flags, 0x50005);
        assert_true(pi_has_eeprom(&m.tree));
        machine_tree_remove(&m);
}

static void reads_uefi_variables(void **state) {
        (void)state;
        static const uint8_t order[] = { 7, 0, 0, 0, 3, 0, 0x0a, 0x10 };
        static const uint8_t unended[] = { 7, 0, 0, 0, 1, 0, 0, 0, 4, 0, 'a', 0 };
        uint16_t numbers[EFI_BOOT_ENTRIES_MAX];
        struct efi_boot_entry entry;

        assert_int_equal(efi_boot_order_parse(order, sizeof(order), numbers), 2);
        assert_int_equal(numbers[1], 0x100a);
        assert_int_equal(efi_boot_order_parse(order, 4, numbers), 0);
        assert_int_equal(efi_boot_order_parse(order, 3, numbers), -EBADMSG);
        assert_int_equal(efi_boot_order_parse(order, 7, numbers), -EBADMSG);
        assert_int_equal(efi_boot_entry_parse(unended, sizeof(unended), &entry), -EBADMSG);
        assert_false(efi_flag_parse(order, 4));
}

/* What an entry starts from, by the nodes of its device path. */
static void tells_network_entries_from_disks(void **state) {
        (void)state;
        static const uint8_t head[] = { 7, 0, 0, 0, 1, 0, 0, 0, 24, 0, 'a', 0, 0, 0 };
        static const struct {
                uint8_t path[24];
                enum efi_boot_kind kind;
        } rows[] = {
                { { 1, 1, 6, 0, 0, 0, 3, 11, 6, 0, 0, 0, 0x7f, 0xff, 4, 0 }, EFI_BOOT_NETWORK },
                { { 3, 18, 10, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0xff, 4, 0 }, EFI_BOOT_DISK },
                { { 1, 1, 6, 0, 0, 0, 0x7f, 0xff, 4, 0 }, EFI_BOOT_DISK }, /* virtio under EDK2 */
                { { 4, 7, 4, 0, 4, 6, 4, 0, 0x7f, 0xff, 4, 0 }, EFI_BOOT_OTHER },
                { { 5, 1, 8, 0, 0x80, 0, 0, 0, 0x7f, 0xff, 4, 0 }, EFI_BOOT_NETWORK },
                { { 5, 1, 8, 0, 2, 0, 0, 0, 0x7f, 0xff, 4, 0 }, EFI_BOOT_DISK },
                { { 0x7f, 0xff, 4, 0, 3, 11, 4, 0 }, EFI_BOOT_OTHER }, /* what stands behind its end */
                { { 3, 11, 200, 0 }, EFI_BOOT_OTHER },                 /* a node that is cut short */
                { { 3, 11, 2, 0, 3, 11, 4, 0 }, EFI_BOOT_OTHER },      /* shorter than its own head */
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                uint8_t data[sizeof(head) + sizeof(rows[i].path)];
                struct efi_boot_entry entry;
                memcpy(data, head, sizeof(head));
                memcpy(data + sizeof(head), rows[i].path, sizeof(rows[i].path));
                assert_int_equal(efi_boot_entry_parse(data, sizeof(data), &entry), 0);
                assert_int_equal(entry.kind, rows[i].kind);
        }
}

static void tells_which_disk_it_started_from(void **state) {
        (void)state;
        static const uint8_t head[] = { 7, 0, 0, 0, 1, 0, 0, 0, 70, 0, 'a', 0, 0, 0 };
        static const struct {
                uint8_t path[70];
                bool is_disk, is_usb;
                enum efi_disk_kind kind;
        } rows[] = {
                { { 3, 11, 6, 0, 0, 0, 0x7f, 0xff, 4, 0 }, false, false, EFI_DISK_ANY },
                { { 3, 5, 6, 0, 1, 0, 3, 11, 6, 0, 0, 0, 0x7f, 0xff, 4, 0 }, false, false, EFI_DISK_ANY },
                { { 3, 5, 6, 0, 1, 0, 0x7f, 0xff, 4, 0 }, true, true, EFI_DISK_ANY },
        };
        static uint8_t gpt[70] = { 4, 1, 42, 0, 1, 0, 0, 0, 0, 8 };
        struct efi_boot_disk d;
        uint8_t data[sizeof(head) + 70];

        memcpy(data, head, sizeof(head));
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                memcpy(data + sizeof(head), rows[i].path, 70);
                assert_int_equal(efi_boot_disk_parse(data, sizeof(data), &d), rows[i].is_disk);
                if (!rows[i].is_disk)
                        continue;
                assert_int_equal(d.is_usb, rows[i].is_usb);
                assert_int_equal(d.kind, rows[i].kind);
        }
        gpt[24] = 'I'; /* the partition's id */
        gpt[40] = gpt[41] = 2;
        memcpy(gpt + 42, "\x7f\xff\4", 4);
        memcpy(data + sizeof(head), gpt, sizeof(gpt));
        assert_true(efi_boot_disk_parse(data, sizeof(data), &d));
        assert_int_equal(d.kind, EFI_DISK_GPT);
        assert_int_equal(d.first, 2048);
        assert_int_equal(d.id[0], 'I');
        assert_false(efi_boot_disk_parse(data, 9, &d));
}

static void tells_what_is_booted_first(void **state) {
        (void)state;
        static const struct {
                const char *config, *first;
        } rows[] = {
                { "BOOT_ORDER=0xf21\n", "disk-first" },
                { "BOOT_ORDER=0xf12\n", "network-first" },
                { "BOOT_ORDER=0xf41\n", "disk-only" },
                { "[pi5]\nBOOT_ORDER=0xf12\n",
                  "disk-only" }, /* of another board: what is so from the factory */
                { "BOOT_ORDER=0xf\n", "" },
        };
        struct machine_tree m;

        machine_tree_make(&m, machine_pi4);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                machine_tree_put(&m, "sys/devices/platform/soc/rmem0/nvmem", rows[i].config);
                assert_string_equal(boot_order_first(&m.tree), rows[i].first);
        }
        machine_tree_remove(&m);
        machine_tree_make(&m, machine_x86);
        assert_string_equal(boot_order_first(&m.tree), "network-first"); /* its disk's entry is not active */
        machine_tree_remove(&m);
}

static void puts_the_network_first(void **state) {
        (void)state;
        static const char disk_first[] = "\7\0\0\0\1\0\3\0";
        static const uint8_t network_first[] = { 7, 0, 0, 0, 3, 0, 1, 0 };
        uint8_t order[16];
        struct error error = {};
        struct machine_tree m;

        machine_tree_make(&m, machine_x86);
        assert_int_equal(tree_put(&m.tree, disk_first, sizeof(disk_first) - 1,
                                  "sys/firmware/efi/efivars/BootOrder-" EFI_GLOBAL),
                         0);
        assert_int_equal(boot_order_set_network_first(&m.tree, NULL), 0);
        assert_int_equal(
                tree_read(&m.tree, order, sizeof(order), "sys/firmware/efi/efivars/BootOrder-" EFI_GLOBAL),
                sizeof(network_first));
        assert_memory_equal(order, network_first, sizeof(network_first));
        machine_tree_remove(&m);

        machine_tree_make(&m, machine_pi4);
        assert_int_equal(boot_order_set_network_first(&m.tree, &error), -ENOTSUP);
        assert_non_null(strstr(error.text, "EEPROM"));
        machine_tree_remove(&m);
}

static void reads_cpuinfo_of_every_kind(void **state) {
        (void)state;
        static const struct {
                const char *text, *vendor, *name, *revision;
        } rows[] = {
                { "vendor_id : AuthenticAMD\nmodel name : AMD EPYC\nmodel : 1\n", "AuthenticAMD", "AMD EPYC",
                  "" },
                { "model name\t: ARMv7 Processor rev 4 (v7l)\nCPU implementer\t: 0x41\nCPU part\t: "
                  "0xd03\nRevision : a02082\n",
                  "ARM", "Cortex-A53", "a02082" },
                { "CPU implementer : 0x99\nCPU part : 0x123\n", "0x99", "0x123", "" },
                { "vendor_id : first\n\nvendor_id : second", "first", "", "" },
                { "vendor_id", "", "", "" },
                { "", "", "", "" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct cpuinfo info;
                cpuinfo_parse(rows[i].text, strlen(rows[i].text), &info);
                assert_string_equal(info.vendor, rows[i].vendor);
                assert_string_equal(info.name, rows[i].name);
                assert_string_equal(info.revision, rows[i].revision);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(describes_a_pi),
                cmocka_unit_test(describes_a_server),
                cmocka_unit_test(an_empty_machine_is_described_as_well),
                cmocka_unit_test(knows_who_it_is),
                cmocka_unit_test(finds_the_disk_that_is_meant),
                cmocka_unit_test(hears_of_a_weak_supply),
                cmocka_unit_test(reads_uefi_variables),
                cmocka_unit_test(tells_which_disk_it_started_from),
                cmocka_unit_test(tells_network_entries_from_disks),
                cmocka_unit_test(tells_what_is_booted_first),
                cmocka_unit_test(puts_the_network_first),
                cmocka_unit_test(reads_cpuinfo_of_every_kind),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
